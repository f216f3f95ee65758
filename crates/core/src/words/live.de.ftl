# Deutsch. Was eine laufende Sitzung zeigt und sagt. Zahlen kommen ausgeschrieben.

## Was jetzt zu tun ist

leg = { $side ->
    [left] linkes Bein
   *[right] rechtes Bein
}
prompt-waiting = Warten auf die Sensoren
prompt-begin = Still stehen, dann beginnen
prompt-knee-forward = KNIE VORN: die Hüfte nach hinten
prompt-knee-back = Knie wieder an seinem Platz
prompt-judged = { $verdict ->
    [true_hinge] Saubere Hüftbeuge
    [knee_forward_drift] Das Knie ging vor: zuerst die Hüfte nach hinten, das Schienbein bleibt aufrecht
    [insufficient_hip_travel] Die Hüfte ging kaum zurück: zur Wand hinter dir schieben
   *[indeterminate] { $cause ->
        [grey_zone] An der Grenze: zählt nicht gegen dich
        [too_uncertain] Nicht sicher: zu nah an der Grenze
        [sensor_loose] Nicht sicher: ein Sensor ist lose, das Band festziehen
        [sensor_unworn] Nicht sicher: ein Sensor bewegte sich nicht, ihn anlegen
        [other_leg] Nicht sicher: vielleicht nicht das genannte Bein
        [perhaps_broken_off] Nicht sicher: vielleicht abgebrochen
        [perhaps_part] Nicht sicher: enden wie begonnen
       *[other] Nicht sicher: davor und danach still stehen
    }
}
prompt-set = Satz { $set }, { leg }
prompt-put-on = Sensoren anlegen, still stehen, dann kalibrieren
prompt-begin-search = Auf beiden Beinen still stehen, dann auf einem beginnen
prompt-begin-by-gesture = Still stehen, dann zweimal die Ferse nach hinten heben: der Satz beginnt
prompt-gesture = { $answer ->
    [started] Satz { $set } hat begonnen, { leg }: auf beiden Beinen still stehen, dann beginnen
    [ended] Satz { $set } ist zu Ende: ausruhen, dann den nächsten beginnen
    [undone] Der letzte Satz zählt nicht: noch einmal beginnen
    [none_runs] Es läuft kein Satz, der enden könnte
    [none_to_undo] Es gibt keinen Satz, der nicht zählen soll
    [by_themselves] Sätze beginnen von selbst: auf beiden Beinen still stehen, dann auf einem beginnen
   *[not_understood] Geste nicht verstanden: still stehen, dann beide Zeichen noch einmal machen
}
prompt-stance-unseen = Noch zählt nichts: auf beiden Beinen still stehen, dann auf einem weitermachen
prompt-set-over = Satz { $set } ist zu Ende, { $repetitions ->
    [one] eine Wiederholung
   *[other] { $repetitions } Wiederholungen
}: ausruhen, dann den nächsten beginnen
prompt-form-lost = Jetzt ausruhen: { $metric ->
    [knee_forward] das Knie kommt mit jeder Wiederholung weiter nach vorn
   *[other] die Hüfte geht mit jeder Wiederholung weniger weit nach hinten
}
prompt-other-leg = Schienbeinsensor umsetzen: { leg }, dann still stehen
prompt-again = Satz { $set } zählt nicht: noch einmal, { leg }
prompt-calibrate = 3 s still stehen, dann drei kleine Kniebeugen, dann drei Verbeugungen
prompt-calibrated = Auf ein Bein stellen, still halten, dann beginnen
prompt-calibration-accepted = Kalibrierung angenommen: auf ein Bein stellen, still halten, dann beginnen
prompt-calibration-lacks = Kalibrierung nicht angenommen: { $lack }
prompt-tap = Jetzt auf den Sensor am Schienbein klopfen
prompt-tapped-shank = Richtig: das war der Schienbeinsensor
prompt-tapped-other = Gespürt hat das: { $sensor }. Die Sensoren sind vertauscht
prompt-knock = Die beiden Sensoren dreimal aneinander klopfen, im Abstand von einer Sekunde
prompt-ended = { $repetitions ->
    [one] Fertig: 1 Wiederholung
   *[other] Fertig: { $repetitions } Wiederholungen
}

prompt-not-analysed = Beendet: die Aufnahme ist vollständig, ließ sich aber nicht auswerten
prompt-ended-early = Beendet: es ließ sich nicht weiter speichern; was bis dahin kam, bleibt

trouble-silent = keine Daten seit { $seconds } s
trouble-lost = Verbindung verloren, wird neu aufgebaut
trouble-unconnected = keine Verbindung
trouble-undecodable = sendet, was nicht zu lesen ist

## Was gesprochen wird

say-repetition = { $verdict ->
    [indeterminate] { $number }, nicht sicher
   *[other] { $number }
}{ $last ->
    [yes] . Das ist alles für diesen Satz.
   *[no] {""}
}
say-knee = { $cues ->
    [sensation] Spür die Wand hinter dir
   *[action] Hüfte nach hinten
}
say-lost = Nicht zu hören: { $sensor }
say-set = { $side ->
    [unknown] Satz { $set }
   *[other] Satz { $set }, { leg }
}
say-gesture = { $answer ->
    [started] Satz { $set } hat begonnen, { leg }
    [ended] Satz { $set } beendet
    [undone] Satz zählt nicht
    [none_runs] Es läuft kein Satz
    [none_to_undo] Es gibt keinen Satz, der nicht zählen soll
    [by_themselves] Sätze beginnen von selbst
   *[not_understood] Geste nicht verstanden
}
say-stance-unseen = Noch zählt nichts. Auf beiden Beinen still stehen, dann auf einem weitermachen.
say-set-over = Satz { $set } ist zu Ende. { $repetitions ->
    [one] Eine Wiederholung.
   *[other] { $repetitions } Wiederholungen.
}
say-form-lost = { $metric ->
    [knee_forward] Jetzt ausruhen. Das Knie kommt mit jeder Wiederholung weiter nach vorn.
   *[other] Jetzt ausruhen. Die Hüfte geht mit jeder Wiederholung weniger weit nach hinten.
}
say-calibrate = Still stehen. Dann drei kleine Kniebeugen. Dann drei Verbeugungen.
say-calibration = { $result ->
    [accepted] Kalibrierung angenommen
   *[lacks] Kalibrierung nicht angenommen
}
say-tempo = { $phase ->
    [down] Ab
    [hold] Halten
   *[up] Auf
}
say-not-analysed = Beendet. Es ist aufgenommen, ließ sich aber nicht auswerten.
say-ended-early = Halt. Es ließ sich nicht weiter speichern.
say-ended = { $repetitions ->
    [one] Fertig. 1 Wiederholung.
   *[other] Fertig. { $repetitions } Wiederholungen.
}

## Auf der Seite

live-title = Laufende Sitzung
live-set = Satz { $set }
live-count = { $done } von { $most }
live-result = { $way ->
    [back] { $knee } ± { $sigma } cm zurück
   *[forward] { $knee } ± { $sigma } cm vor
}
live-limit = Grenze { $limit } cm
live-sure = zu { $share } % sicher
live-sensor = { sensor }
live-signal = { $dbm } dBm
live-rate = { $rate } Hz
live-share = { $share } % empfangen

live-label-replay = Wiedergabe
live-label-live = Live
live-label-ended = Beendet
live-label-knee = Knie nach vorn, aus der Neigung des Schienbeins
live-label-knee-unknown = noch nicht bekannt: auf einem Bein still stehen
live-label-sets = Sätze bisher
live-label-sensors = Sensoren
live-label-battery = Batterie
live-label-no-signal = kein Signalwert
live-label-ok = in Ordnung
live-label-none-yet = Hier erscheinen die Wiederholungen.
live-label-squad = Reihenfolge
live-label-gestures = Gesten, mit dem Bein, das den Schienbeinsensor trägt
live-label-gesture-start = Ferse nach hinten heben, zweimal: ein Satz beginnt
live-label-gesture-end = Fußspitze nach außen und zurück, zweimal: der Satz endet
live-label-gesture-undo = Ferse nach hinten heben, dann Fußspitze nach außen und zurück: der letzte Satz zählt nicht
live-label-turn-now = jetzt
live-label-turn-next = als Nächste
live-label-turn-done = fertig
live-label-turn-waits = wartet
live-label-new-set = Neuer Satz
live-label-other-leg = Anderes Bein
live-label-redo-set = Letzten Satz zurück
live-label-redo-sure = Noch einmal drücken: der letzte Satz zählt dann nicht
live-label-calibrate = Kalibrieren
live-label-calibrate-end = Kalibrierung beenden
live-label-tap = Welcher ist am Schienbein?
live-label-stop = Sitzung beenden
live-label-stop-sure = Noch einmal drücken zum Beenden
live-label-start = Start
live-label-start-help = Ein Druck lässt diese Seite sprechen und den Bildschirm an.
live-label-watching = Diese Seite sieht zu. Mit dem Link für die Bedienung lässt sich die Sitzung ändern.
live-label-voice = Stimme
live-label-voice-off = aus
live-label-voice-count = zählt
live-label-voice-cue = zählt und weist hin
live-label-voice-tempo = Takt
live-label-cues = Hinweise
live-label-cues-action = was zu tun ist
live-label-cues-sensation = was zu spüren ist
live-label-every = Jedes Mal hinweisen, nicht erst beim zweiten
live-label-tempo = Ab, halten, auf
live-label-theme = Dunkel oder hell
live-label-language = English
live-label-place = Wohin die Sensoren gehören
live-label-place-hip = Hüfte: hinten, auf die Mitte des Beckens
live-label-place-shank = Schienbein: vorn auf die flache Fläche am Standbein, eine Handbreit unter dem Knie
live-label-step-still = 3 s still stehen
live-label-step-knee = Drei kleine Kniebeugen, Knie über die Zehen
live-label-step-bow = Drei Verbeugungen, gerade nach vorn
live-label-step-done = erledigt
live-label-step-open = offen
live-label-no-speech = Dieser Browser kann nicht sprechen.
live-label-no-awake = Die Seite kann diesen Bildschirm nicht anlassen: am Gerät einstellen.
live-label-lost = Verbindung zum Programm verloren: was hier steht, kann alt sein. Neuer Versuch.
live-label-over = Das Programm ist beendet. Hier steht sein letzter Stand.
live-label-locked = Diese Seite braucht den ganzen Link, den das Programm gezeigt hat.
live-label-full = Zu viele Seiten sind offen. Eine schließen und neu laden.
live-label-refused = Das Programm hat das nicht angenommen.
live-label-close = Schließen
