# Die Seiten auf Deutsch; siehe pages.en.ftl.

## Namen

label-left-leg = Linkes Bein
label-right-leg = Rechtes Bein
label-no-leg = Bein nicht genannt
label-left-letter = L
label-right-letter = R
label-left = Links
label-right = Rechts
label-degrees = Grad
label-exercise-single-leg-hip-hinge = Einbeinige Hüftbeuge
label-exercise-supported-single-leg-hip-hinge = Einbeinige Hüftbeuge mit Handstütze
label-exercise-two-leg-hip-hinge = Beidbeinige Hüftbeuge
label-exercise-romanian-deadlift = Rumänisches Kreuzheben
label-metric-knee_forward = Knieweg nach vorn
label-metric-knee_forward_seen = Knieweg nach vorn, mindestens
label-metric-knee_forward_descent = Knie nach vorn beim Absenken
label-metric-knee_forward_turn = Knie am tiefsten Punkt
label-metric-knee_forward_ascent = Knie nach vorn beim Aufrichten
label-metric-knee_per_hip = Knieweg je Hüftweg
label-metric-hip_back = Hüftweg nach hinten
label-metric-hip_drop = Absenken der Hüfte
label-metric-shank_tilt = Neigung des Schienbeins
label-metric-pelvis_tilt = Beckenkippung
label-metric-knee_flexion = Kniebeugung
label-metric-hip_flexion = Hüftbeugung
label-metric-pelvis_drop = Beckenabsinken
label-metric-pelvis_rotation = Beckendrehung
label-metric-sway = Seitliches Schwanken
label-metric-shank_sway = Seitliche Neigung des Schienbeins
label-metric-foot_knock = Bewegung des Fußes
label-metric-spine_flexion = Rundung des Rückens
label-not-held = zählt nicht gegen Sie
label-verdict-excluded = zählt nicht
label-sensor-hip = Hüfte
label-sensor-shank = Schienbein
label-sensor-thigh = Oberschenkel
label-sensor-trunk = Rumpf
label-grade-good = gut
label-grade-fair = mäßig
label-grade-poor = schlecht

## Köpfe und Spalten

label-report = Bericht
label-summary = Zusammenfassung
label-athlete = Person
label-date = Datum
label-session = Sitzung
label-sessions = Sitzungen
label-undated = ohne Datum
label-in-order = Wiederholungen der Reihe nach
label-numbers = Zahlen
label-of-repetitions = Der Wiederholungen
label-leg = Bein
label-score = Saubere Hüftbeugen
label-median = Mittlere
label-range = Kleinste bis größte
label-worst = Schlechteste
label-target = Ziel
label-met = Erreicht
label-work-on = Woran Sie arbeiten können
label-changes = Veränderung
label-notes = Notizen
label-signature = Datum, Unterschrift
label-page = Seite
label-curves = Verläufe
label-repetitions = Wiederholungen
label-rep = Wdh.
label-start-s = Beginn s
label-tempo-s = Tempo s
label-knee-column = Knie nach vorn
label-bottom-column = … am tiefsten Punkt
label-hip-column = Hüfte nach hinten
label-pelvis-column = Beckenkippung
label-flexion-column = Kniebeugung
label-verdict-why = Urteil und Grund
label-table-note = Tempo: Absenken, Halten, Aufrichten. Die Werte sind Änderungen vom ruhigen Stand unmittelbar vor der Wiederholung bis zum Höchstwert, der zweite bis zum tiefsten Punkt, ± ein Standardfehler der Messung.
label-none-counted = Es wurde keine Wiederholung gezählt.
label-not-counted = Nicht gezählte Bewegungen
label-set = Satz
label-time = Zeit
label-why = Grund
label-over-time = Über die Sitzungen
label-first = Erste
label-last = Letzte
label-baseline = Ausgangswert
label-mdc = Kleinste echte Änderung
label-change = Änderung
label-slope = Je Woche
label-last-sessions = Letzte Sitzungen
label-n = n
label-legs = Links und rechts
label-difference = Unterschied
label-mdc-legs = Kleinster echter Unterschied
label-index = Symmetrie
label-legs-differ = die Beine unterscheiden sich
label-legs-alike = kein klarer Unterschied
label-within-sets = Innerhalb der Sätze
label-form-kept = Kein Satz wurde über den Zufall hinaus schlechter.
label-form-unknown = Ob die Ausführung innerhalb eines Satzes nachlässt, lässt sich ab fünf Wiederholungen sagen.
label-data-quality = Datenqualität
label-sensors = Sensoren
label-sensor = Sensor
label-model = Modell
label-rate = Rate
label-lost = Verloren
label-gap = Längste Lücke
label-clock = Uhr
label-gravity = Schwere in Ruhe
label-alignment = Wie die Sensoren sitzen
label-front-known = Sensorrichtung gefunden aus
label-uncertainty = Unsicherheit
label-remarks = Anmerkungen zu den Daten
label-grade = Stufe
label-remark = Anmerkung
label-none = Keine.
label-limits = Verwendete Grenzen
label-quantity = Größe
label-good = Gut
label-fault = Fehler
label-provenance = Wie die Zahlen entstanden
label-what-happened = Was wann geschah
label-where-sensors = Wo die Sensoren sitzen
label-between = Zwischen gut und Fehler liegt die Grauzone. Ein Fehler wird genannt, wenn der Messwert mit mindestens der obigen Sicherheit jenseits seiner Grenze liegt, der Messfehler eingerechnet; eine saubere Hüftbeuge, wenn beide Werte gut und Fehler mit dieser Sicherheit ausgeschlossen sind; alles andere ist „unsicher“.
label-what-it-is = Was dies ist und was nicht
label-what-it-is-text = Zwei Inertialsensoren, einer am Becken und einer am Schienbein, ohne Magnetometer. Der Knieweg folgt aus der Neigung des Schienbeins und seiner Länge; der Hüftweg aus dem Beckensensor zwischen den Ständen vor und nach jeder Wiederholung, der Beinlänge und dem Gleichgewicht; der Fuß gilt als unbewegt. Die Wirbelsäule wird nicht gemessen. Für Training und Forschung; dies ist keine Diagnose und sagt nichts über ein Verletzungsrisiko.
label-trend-note = Eine Sitzung ist ihre mittlere Wiederholung. Je Woche: Median der Steigungen zwischen allen Sitzungen mit seinem 95-%-Bereich, wo es genug davon gibt. Der Ausgangswert ist das Mittel der ersten Sitzungen vor der letzten (drei bis acht); die kleinste echte Änderung ist das, um was sich eine weitere Sitzung in einem von zwanzig Fällen unterscheidet, obwohl sich nichts geändert hat.
label-legs-note = Links minus rechts, der mittleren Wiederholungen. Verhältnisse stehen nur bei Zahlen, die weit von null liegen.
label-not-measured = nicht gemessen
label-no-rest = keine Ruhe
label-corrected = korrigiert
label-assumed = angenommen
label-aligned-movements = den Bewegungen
label-aligned-both = Bewegungen und Anbringung
label-aligned-mount = der Anbringung
label-aligned-guess = geraten
label-lowering-time = Dauer des Absenkens
label-certainty-from = Urteil ab einer Sicherheit von
label-shank-from-height = Schienbeinlänge: aus der Körpergröße.
label-height-average = Körpergröße: die eines durchschnittlichen Erwachsenen.
label-body-average = Körpergröße und Schienbeinlänge: die eines durchschnittlichen Erwachsenen.
label-no-session = Es gibt keine Sitzung, über die zu berichten wäre.

## Was zu tun ist

label-no-fault = Es war kein klarer Fehler zu sehen.
label-cue-none = Tempo langsam und den Fuß ruhig halten.
label-cue-knee = Die Hüfte zur Wand hinter Ihnen schieben, das Schienbein bleibt ruhig.
label-cue-knee-up = Es geschah beim Aufrichten: Gesäß anspannen und die Hüfte nach vorn bringen, nicht das Knie.
label-cue-knee-down = Es geschah beim Absenken: mit der Hüfte beginnen und das Schienbein lassen, wo es ist.
label-cue-hip = Die Hüfte nach hinten schieben, bis Sie einen leichten Zug im Gesäß spüren.

## Bilder

label-fig-map = Hüftbeuge oder Knie nach vorn
label-fig-map-help = Jede Marke ist eine Wiederholung: Hüfte nach hinten nach rechts, Knie nach vorn nach oben. Gute liegen unten rechts in der blauen Zone; die Linien zeigen einen Standardfehler.
label-fig-values = Wiederholung für Wiederholung
label-fig-values-help = Blau: gut, orange: Fehler, weiß: Grauzone; die Linien zeigen das 95-%-Intervall der Messung.
label-fig-curves-help = n: saubere Hüftbeugen + andere. Linie und Band: Mittel und Streuung der echten Hüftbeugen (ab drei). Gestrichelt: Wiederholungen mit Fehler, mit Nummer. Achten Sie auf Schienbein und Knie, die die Nulllinie verlassen.
label-fig-phase = Hüfte gegen Knie
label-fig-phase-help = Der Weg jeder Wiederholung vom Stand (Punkt) und zurück: Hüfte nach hinten nach rechts, Knie nach vorn nach oben. Eine saubere Hüftbeuge verläuft flach; der Rückweg sollte auf dem Hinweg liegen. Höchstens zwanzig, Fehler zuerst.
label-fig-body = Die Bewegung
label-fig-body-help = Aus den gemessenen Winkeln und Längen gezeichnet: Stand (grau) und tiefster Punkt. Die gestrichelte Linie steht über dem Sprunggelenk.
label-fig-strip-help = Dieselbe Wiederholung zu fünf Zeitpunkten.
label-fig-sides-help = Punkte: Median jedes Beins mit 95-%-Intervall.
label-fig-trend-help = Punkte: mittlere Wiederholung jeder Sitzung mit 95-%-Intervall. Band: wo eine Sitzung ohne Änderung läge.
label-fig-timeline-help = Balken: Wiederholungen nach Urteil. Grau: stillgestanden. Darunter: nicht gezählte Bewegungen, Zeiten mit Anmerkung und jeder Sensor: wann er Daten hat (eine Lücke ist ein Verlust, der zu lang zum Auffüllen ist) und darüber, wie spät seine spätesten Pakete kamen.
label-hips-back = Hüfte nach hinten
label-knee-forward = Knie nach vorn
label-percent-of-rep = % der Wiederholung
label-quiet = still
label-rejected = nicht gezählt
label-seconds = s

## Wo die Sensoren sitzen

label-place-front = von vorn
label-place-side = von der Seite
label-place-back = von hinten
label-place-sacrum = Hüftsensor: auf dem Kreuzbein, an festem Gurt
label-place-lateral = oder seitlich auf dem Beckenkamm
label-place-tibia = Schienbeinsensor: flache Innenseite des Schienbeins
label-place-fibula = oder die Außenseite des Unterschenkels
label-place-thigh = Oberschenkelsensor, falls getragen: Außenseite
label-place-trunk = Rumpfsensor, falls getragen: Brustbein
label-attached = Woraus dieses Dokument gemacht wurde, für truehinge verify
label-place-note = An dem Bein, das den Körper trägt; fest, nie auf Muskeln, die sich bewegen. Die Richtung des Sensors findet sich von selbst.

## Übungsblatt

label-home = Übung für zu Hause
label-home-how = So geht es
label-home-1 = Auf einem Bein stehen, der andere Fuß knapp über dem Boden. Das Knie ist leicht gebeugt und bleibt ab jetzt, wo es ist.
label-home-2 = Die Hüfte gerade nach hinten schieben, als wollten Sie eine Tür hinter sich schließen. Das Schienbein bleibt aufrecht, der Rücken lang.
label-home-3 = Nur so weit gehen, wie das Schienbein ruhig bleibt. Gesäß anspannen und auf demselben Weg zurück.
label-home-cue = Ihr Merksatz
label-home-diary = Tagebuch
label-home-day = Tag
label-home-sets = Sätze
label-home-pain = Schmerz dabei, 0 (keiner) bis 10
label-home-stop = Hören Sie auf und fragen Sie Ihre Physiotherapeutin oder Ihren Physiotherapeuten, wenn der Schmerz mehr als leicht ist oder bis zum nächsten Tag bleibt.
label-home-picture-1 = Beginn
label-home-picture-2 = unterwegs
label-home-picture-3 = tiefster Punkt

## Gruppenblatt

label-squad = Gruppe
label-squad-note = Geordnet danach, wer zuerst Aufmerksamkeit braucht: mehr Fehler unter den gezählten Wiederholungen, dann der weitere Knieweg. Kleine Kurve: Knie nach vorn am tiefsten Punkt, die letzten Sitzungen.
label-squad-worst = Weitester Knieweg
label-squad-trend = Sitzungen
label-squad-attention = Ansehen
label-squad-nothing = nichts
label-retest = Wie gut zwei Sitzungen übereinstimmen
label-people = Personen
label-sem = Messfehler
label-retest-note = Die ersten zwei Sitzungen jeder Person, im Mittel beider Beine. ICC: welcher Teil der Unterschiede zwischen Personen liegt, mit dem 95-%-Bereich. (2,1): einzelne Messung, absolute Übereinstimmung; (3,1): Konsistenz. Die kleinste echte Änderung ist die einer Sitzung gegenüber einer anderen.

## Sätze mit Werten

page-of = { $count } von { $of }
page-reps = { $count ->
    [one] Wdh. { $last }
   *[other] Wdh. { $list } und { $last }
}
page-hinges = { $of ->
    [0] keine Wiederholung zählt
   *[other] { $count } von { $of } { $count ->
        [one] war eine saubere Hüftbeuge
       *[other] { $of ->
            [one] war eine saubere Hüftbeuge
           *[other] waren saubere Hüftbeugen
        }
    }
}
page-part = { $kind ->
    [knee_forward_drift] { $count }-mal ging das Knie nach vorn ({ $reps })
    [insufficient_hip_travel] { $count } mit zu wenig Hüftweg ({ $reps })
    [excluded] { $count } von Hand ausgeschlossen ({ $reps })
   *[indeterminate] { $count } unsicher ({ $reps }; zählt nicht gegen Sie)
}
page-leg = { $leg }: { $parts }.
page-set = Satz { $set }
page-target = { $way ->
    [most] höchstens { $value }
   *[least] mindestens { $value }
}
page-range = { $low } bis { $high }
page-names = Die Schrift dieser Seite hat nicht alle Buchstaben { $which ->
    [athlete] des Namens der Person
    [session] des Namens der Sitzung
   *[both] der Namen von Person und Sitzung
}: gezeigt ist, was in Dateinamen steht; die Tabellen haben ihn ganz.
page-injured = Verletzt: { $leg }.
page-no-repetition = In dieser Aufnahme wurde keine Wiederholung gefunden{ $movements ->
    [0] .
   *[other] : der Bericht sagt, warum { $movements } Bewegungen nicht zählten.
}
page-corrected = { $count ->
    [one] 1 Wiederholung wurde von Hand berichtigt.
   *[other] { $count } Wiederholungen wurden von Hand berichtigt.
}
page-footer = truehinge { $version } · { $protocol } · Konfiguration { $configuration } · Eingabe { $input }
page-quality = { $grade ->
    [good] Datenqualität: gut.
    [fair] Datenqualität: mäßig, { $remarks ->
        [one] 1 Anmerkung
       *[other] { $remarks } Anmerkungen
    }, siehe Qualitätsseite.
   *[poor] Datenqualität: schlecht, die Zahlen können falsch sein; siehe Qualitätsseite.
}
page-advice-knee = Das Knie über dem Sprunggelenk lassen: es ging bis zu { $value } nach vorn (Grenze { $limit }).
page-advice-hip = Die Hüfte weiter nach hinten schieben: am wenigsten waren es { $value } (Ziel { $limit } oder mehr).
page-dose = Satz { $set } hatte { $few ->
    [yes] nur { $count }
   *[no] { $count }
} { $count ->
    [one] Wiederholung
   *[other] Wiederholungen
}; Ziel sind { $from } bis { $to }.
page-delay = 95-%-Verzögerung { $delay } ms
page-clocks = Die Uhren von Hüft- und Schienbeinsensor sind gegeneinander auf ±{ $sigma } ms bekannt.
page-up-to = bis { $value }
page-over = über { $value }
page-from = ab { $value }
page-under = unter { $value }
page-baseline = { $mean } ({ $sessions } Sitzungen, ± { $error })
page-change-unknown = erst nach drei Sitzungen bekannt (bisher { $earlier })
page-change-unclear = keine klare Änderung ({ $by })
page-change-changed = { $way ->
    [better] besser um mehr als den Fehler ({ $by })
    [worse] schlechter um mehr als den Fehler ({ $by })
   *[other] geändert um mehr als den Fehler ({ $by })
}
page-since-unknown = { $leg }: ob sich etwas geändert hat, ist erst nach drei früheren Sitzungen bekannt (bisher { $earlier }).
page-since-none = { $leg }: keine klare Änderung gegenüber Ihren früheren Sitzungen.
page-not-compared = { $count ->
    [one] 1 frühere Sitzung wird nicht verglichen: Übung, Grenzen oder Programmversion sind andere.
   *[other] { $count } frühere Sitzungen werden nicht verglichen: Übung, Grenzen oder Programmversion sind andere.
}
page-compared = { $title } { $then } auf { $now } seit { $date }{ $how ->
    [more] , mehr als der Fehler ({ $mdc })
    [less] , innerhalb des Fehlers ({ $mdc })
   *[unknown] ; ob das eine Änderung ist, ist erst nach drei früheren Sitzungen bekannt
}
page-form-lost = Satz { $set }: { $title } wurde von Wiederholung zu Wiederholung um { $by } schlechter ({ $n } Wiederholungen).
page-home-dose = { $from } bis { $to } langsame Wiederholungen je Bein, { $sets } Sätze, jeden zweiten Tag, wenn nichts anderes gesagt wurde.
page-squad-title = { $count ->
    [one] 1 Person
   *[other] { $count } Personen
}
