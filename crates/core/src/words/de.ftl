# Deutsch. Zu jedem Code: was der Fall ist, und als Hinweis (hint), was zu tun ist.

## Wie Sätze zusammengesetzt werden

remark = { $sensor }: { $sentence }
with-hint = { $found }: { $hint }
between = zwischen { $from } und { $to } s

## Namen

side = { $side ->
    [left] links
   *[right] rechts
}
sensor = { $role ->
    [hip] Hüftsensor
    [shank] Unterschenkelsensor
    [thigh] Oberschenkelsensor
   *[trunk] Rumpfsensor
}
description = { $of ->
    [session] Sitzung
    [sensor] Sensoren
   *[markers] Sätze
}
verdict = { $verdict ->
    [true_hinge] saubere Hüftbeuge
    [knee_forward_drift] Knie nach vorn geschoben
    [insufficient_hip_travel] Hüfte zu wenig zurück
   *[indeterminate] nicht sicher
}

## Was man über die Daten wissen muss

finding-loss = { $lost } von { $of } Messwerten fehlen ({ $share } %), die längste Lücke dauert { $gap } s
    .hint = näher am Empfänger aufzeichnen
finding-clock = seine Zeit ist nur auf { $sigma } ms bekannt: der Zeitabgleich der Sensoren ist schlecht
finding-clock_assumed = keine Ankunftszeiten: dass die Sensoren zugleich begannen, ist eine Annahme
finding-clock_not_shared = die Sensoren haben vor der Aufzeichnung ihre Uhren nacheinander gestellt, aber die Ankunftszeiten widersprechen dem; jede Uhr wurde für sich angepasst
    .hint = die Sensoren aus- und einschalten, bevor sie ihre Uhren wieder stellen
compared = Uhrenvergleich bei { $at } s: { $knocks } Schläge, Hüfte { $difference } ms gegen Unterschenkel, { $sigma } ms sind zu erwarten
finding-clocks_agree = { compared }: die Uhren stimmen überein
finding-clocks_differ = { compared }: die Pakete eines Sensors kommen alle zu spät
    .hint = ihn näher bringen, andere Funkgeräte ausschalten, neu aufzeichnen
finding-clocks_not_compared = Uhrenvergleich bei { $at } s: { $why ->
    [no_sensor] es gibt keinen { $sensor }, der Schläge spürt
    [clock_not_fitted] die Uhr des Sensors ({ $sensor }) ließ sich nicht anpassen
    [clock_assumed] die Pakete des Sensors ({ $sensor }) haben keine Ankunftszeiten; seine Uhr ist eine Annahme, die Schläge nicht prüfen können
   *[too_few] { $found } Schläge haben beide Sensoren gespürt, { $needed } sind nötig
}
    .hint = { $why ->
        [too_few] die Sensoren dreimal kräftiger aneinander schlagen
       *[other] -
    }
finding-axis_uncertain = Satz { $set }: die Vorderseite des Sensors ist nur auf { $sigma } Grad bekannt
    .hint = vor dem Satz zweimal leicht in die Knie gehen und sich zweimal verbeugen, oder angeben, wo der Sensor sitzt
finding-side_unknown = Satz { $set }: das Standbein ist nicht bekannt, das Absinken des Beckens wird nicht beurteilt
    .hint = das Bein angeben
finding-no_repetitions = { $movements ->
    [0] kein Satz gefunden, weil sich nichts bewegte
    [1] kein Satz gefunden; von der einzigen Bewegung heißt es: { $reason }
   *[other] kein Satz gefunden; von den meisten der { $movements } Bewegungen heißt es: { $reason }
}
    .hint = { $movements ->
        [0] prüfen, ob die Sensoren getragen wurden, und neu aufzeichnen
       *[other] -
    }
finding-clipped = { $samples } Messwerte liegen am Ende des Messbereichs
finding-not_finite = { $samples } Messwerte sind keine Zahlen
finding-uneven = die Messwerte kamen ungleichmäßig und wurden auf ihre mittlere Rate umgerechnet
finding-orientation_only = die Datei enthält nur die Lagen, die der Hersteller berechnet hat: der Hüftweg ist weniger sicher
finding-accelerometer_corrected = sein Beschleunigungsmesser zeigt in Ruhe { $gravity } m/s2 statt 9,81: eine Abweichung von { $bias } m/s2, auf { $sigma } bekannt, wurde herausgerechnet
    .hint = diesen Sensor kalibrieren
finding-accelerometer_wrong = sein Beschleunigungsmesser zeigt in Ruhe { $gravity } m/s2 statt 9,81, und keine Abweichung erklärt es
    .hint = Einheit und Messbereich prüfen, oder diesen Sensor kalibrieren
finding-sensors_swapped = beim Gehen schwingt der Hüftsensor wie ein Unterschenkel und der Unterschenkelsensor wie eine Hüfte: wahrscheinlich sind sie vertauscht
    .hint = ihre Plätze tauschen
finding-body_unmeasured = { $known ->
    [shank] die Körpergröße ist nicht bekannt: Oberschenkellänge und Ort des Hüftgelenks sind die eines durchschnittlichen Erwachsenen, der Hüftweg ist weniger sicher
    [height] die Unterschenkellänge ist nicht bekannt: sie wird aus der Körpergröße geschätzt, der Knieweg bleibt um { $sigma } % seiner selbst unsicher
   *[nothing] weder Körpergröße noch Unterschenkellänge sind bekannt: die eines durchschnittlichen Erwachsenen werden angenommen, der Knieweg bleibt um { $sigma } % seiner selbst unsicher, der Hüftweg auch
}
    .hint = { $known ->
        [height] vom Kniegelenkspalt bis zum Außenknöchel messen
       *[other] die Körpergröße im Stehen messen
    }
finding-faces_back = das Knie hätte sich nach hinten gebeugt, oder das Becken weit nach hinten geneigt: ein Sensor sitzt anders herum als gesagt, vielleicht am anderen Bein; kein Urteil
finding-other_leg = wer auf einem Bein steht, neigt sich zu dessen Seite, und { $movements } Bewegungen neigen sich davon weg (Standbein { $side }): kein Urteil
    .hint = das Bein angeben, das den Körper trug, und den Unterschenkelsensor daran tragen
finding-put_on_anew = er und ein anderer Sensor wurden neu angelegt{ $when } (dieser um { $turn } Grad gedreht), vielleicht am anderen Bein: was folgt, wurde neu ausgerichtet, und es gibt kein Urteil
    .hint = jedes Bein für sich aufzeichnen, oder die Sätze markieren
finding-slipped = er drehte sich um { $turn } Grad auf der Haut{ $when }: Bewegungen dazwischen wurden nicht beurteilt, was folgt, wurde neu ausgerichtet
    .hint = ihn fester anlegen
finding-loose = Satz { $set }: nach { $unsettled } von { $of } Wiederholungen kam er nicht an seinen Platz zurück (um höchstens { $most } Grad); sein Band ist wahrscheinlich locker, und in diesem Satz gibt es kein Urteil
    .hint = ihn fester anlegen und den Satz wiederholen
finding-unworn = Satz { $set }: er bewegte sich nicht, während die Person sich bewegte; er wird also nicht getragen, und in diesem Satz gibt es kein Urteil
    .hint = ihn anlegen und den Satz wiederholen
finding-turned = Satz { $set }: er sitzt anders als in Satz { $before } (um { $turn } Grad gedreht) und wurde neu ausgerichtet
    .hint = die Kalibrierbewegungen machen, dann wird es genauer
finding-outside_sets = { $moved } s Bewegung{ $when } gehören zu keinem Satz und wurden nicht beurteilt
    .hint = die Sätze neu markieren, wenn es Wiederholungen waren
finding-correction_unfit = die Korrektur von Hand an Wiederholung { $rep } in Satz { $set } passt nicht mehr: dort ist keine Wiederholung mehr{ $when }
    .hint = den Satz noch einmal ansehen, dann korrigieren, was jetzt dort ist, oder die Korrektur zurücknehmen

## Was an einer gespeicherten Aufzeichnung nicht stimmt

finding-not_ended = die Aufzeichnung wurde nicht beendet (Absturz oder Stromausfall): an ihrem Ende fehlt bis zu einer Sekunde
finding-part_lost = ein Teil der Aufzeichnung ist beschädigt ({ $bytes } Bytes){ $when }: was darin stand, ist verloren, und Wiederholungen können fehlen
finding-samples_lost = { $samples } Messwerte, die aufgezeichnet wurden{ $when }, fehlen in der Datei
finding-copy_used = eine Beschreibung in der Aufzeichnung ({ $description }) war beschädigt: eine ganze Kopie davon wurde verwendet
finding-sensor_undescribed = seine Beschreibung ist beschädigt: Modell, Messbereiche und Platz sind nicht bekannt; wo er getragen wurde, sagt der Name seines Kanals
finding-session_undescribed = die Beschreibung der Sitzung ist beschädigt: Person, Bein und Körpermaße sind die, die beim Wiederherstellen genannt wurden
finding-bit_repaired = ein Bit der Aufzeichnung hatte sich geändert und wurde mit ihrer Prüfsumme berichtigt
finding-unchecked = die Prüfsumme der Aufzeichnung ist falsch, und ihre Beschreibungen haben keine eigene: Person, Bein, Körpermaße und Sensoren können andere sein als aufgezeichnet
    .hint = sie vergleichen
finding-unknown = an der Aufzeichnung stimmt etwas nicht, das nur eine spätere Version benennen kann
    .hint = das Programm erneuern

## Warum eine Wiederholung ihr Urteil bekam

cause-hinge_sure = Das Knie blieb stehen und die Hüfte ging zurück.
cause-knee_forward_sure = Das Knie wanderte nach vorn: { $value } { $unit } bei einer Grenze von { $limit } { $unit }, Fehler ±{ $sigma } { $unit }.
cause-knee_forward_seen = Das Knie wanderte mindestens so weit nach vorn (ein Teil der Wiederholung fehlt): { $value } { $unit } bei einer Grenze von { $limit } { $unit }, Fehler ±{ $sigma } { $unit }.
cause-hip_travel_short = Die Hüfte ging zu wenig zurück: { $value } { $unit } bei einer Grenze von { $limit } { $unit }, Fehler ±{ $sigma } { $unit }.
cause-grey_zone = Grenzfall: zwischen den beiden Grenzen. Wird nicht gegen Sie gewertet.
cause-too_uncertain = Zu nah an der Grenze für ein Urteil, bei diesem Messfehler. Wird nicht gegen Sie gewertet.
cause-not_measured = Der Weg von Knie oder Hüfte war nicht messbar.
cause-sensor_loose = Ein Sensor saß in diesem Satz locker: das Band festziehen und den Satz wiederholen.
cause-sensor_unworn = Ein Sensor bewegte sich in diesem Satz gar nicht: anlegen und den Satz wiederholen.
cause-other_leg = Vielleicht nicht das genannte Bein, oder ein Sensor sitzt anders herum: angeben, wie es war.
cause-perhaps_broken_off = Kleiner und kürzer als die anderen: abgebrochen? Dann zählt sie nicht.
cause-perhaps_part = Sie endeten in einer anderen Haltung, als Sie begannen: nur ein Teil einer Wiederholung?
cause-alone = Eine Bewegung allein ist kein Satz.

flag = { $flag ->
    [early_drift] Knie nach vorn auf dem Weg hinunter
    [late_drift] Knie nach vorn auf dem Weg hinauf
    [knee_bend] Kniebeugung
    [pelvis_drop] Absinken des Beckens
    [pelvis_rotation] Drehung des Beckens
    [balance_loss] Gleichgewicht beinahe verloren
    [foot_moved] Ferse abgehoben oder Fuß aufgesetzt
    [spine_flexion] runder Rücken
    [too_fast] zu schnell
   *[other] { $flag }
}
flags = Außerdem: { $flags }.

by-hand-excluded = Ausgeschlossen von { $author }: { $why }.
by-hand-verdict = Korrigiert von { $author }: { $why }. Berechnet war: { verdict }.

## Warum eine Bewegung nicht gezählt wurde

rejection-too_small = zu klein: { $excursion } Grad bewegt, eine Wiederholung braucht { $limit } Grad
rejection-cut_off = die Daten beginnen oder enden darin
rejection-stepping = die Füße bewegten sich: ein Schritt, oder ums Gleichgewicht
rejection-no_quiet_stance = kein ruhiger Stand davor
rejection-data_gap = darin fehlen { $seconds } s Daten
rejection-no_return = kam nicht in den Stand zurück: endete bei { $share } % der Bewegung
rejection-duration = dauerte { $seconds } s: zu kurz oder zu lang für eine Wiederholung
rejection-outside_set = bevor der Satz begann oder nachdem er endete
rejection-twist = gedreht statt gebeugt: { $share } % der Drehung waren eine Beugung
rejection-foot_moved = der Fuß blieb nicht an seinem Platz: { $unexplained } m/s² der Beschleunigung am Unterschenkel
rejection-two_legs = auf beiden Beinen: der Unterschenkel neigt sich nur um { $lean } Grad nach außen
rejection-one_leg_unseen = vielleicht auf beiden Beinen: der Wechsel auf eines war nicht zu sehen
    .hint = mit zwei Sekunden auf beiden Beinen beginnen, den Satz markieren, oder sagen, auf welchem Bein alles ist
rejection-sat = hingesetzt oder in die Hocke gegangen: die Hüfte sank um { $drop } mm

several-size = { $movements } Bewegungen von anderer Größe oder Dauer als eine Wiederholung
several-stepping = { $movements } Bewegungen während sich die Füße bewegten
several-outside_set = { $movements } Bewegungen bevor der Satz begann oder nachdem er endete
several-twist = { $movements } Bewegungen mit Drehen statt Beugen
several-foot_moved = { $movements } Bewegungen während der Fuß nicht an seinem Platz blieb
several-two_legs = { $movements } Bewegungen auf beiden Beinen
several-one_leg_unseen = { $movements } Bewegungen vielleicht auf beiden Beinen

## Was einer Kalibrierung fehlt

place = { $role ->
    [hip] Hüfte
    [shank] Unterschenkel
    [thigh] Oberschenkel
   *[trunk] Rumpf
}
movements = { $role ->
    [shank] leichte Kniebeugen
    [thigh] leichte Kniebeugen
   *[other] Verbeugungen
}
aim = { $role ->
    [shank] Knie über den Zehen
    [thigh] Knie über den Zehen
   *[other] gerade nach vorn
}
lack-stillness = 3 s still stehen (bisher höchstens { $longest } s)
lack-movements = { place }: drei { movements } machen, { aim } (bisher { $found } groß genug)
lack-crooked = { place }: die { movements } langsamer wiederholen (der Sensor drehte sich nur { $ratio }-mal mehr um eine Achse als um die anderen, { $least } sind nötig)
lack-unrepeatable = { place }: das Band prüfen, dann die { movements } wiederholen (der Sensor drehte sich jedes Mal um eine andere Achse: auf { $error } Grad bekannt, { $most } sind nötig)
