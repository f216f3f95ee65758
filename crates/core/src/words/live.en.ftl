# English. What a running session shows and says. Numbers come written out.

## What to do now

leg = { $side ->
    [left] left leg
   *[right] right leg
}
prompt-waiting = Waiting for the sensors
prompt-begin = Stand still, then begin
prompt-knee-forward = KNEE FORWARD: push the hips back
prompt-knee-back = Knee back in place
prompt-judged = { $verdict ->
    [true_hinge] True hinge
    [knee_forward_drift] Knee drifted: hips back first, shin stays upright
    [insufficient_hip_travel] Hips hardly moved: push them back to the wall
   *[indeterminate] { $cause ->
        [grey_zone] Borderline: it is not held against you
        [too_uncertain] Not sure: too close to the limit to call
        [sensor_loose] Not sure: a sensor is loose, fasten its strap
        [sensor_unworn] Not sure: a sensor did not move at all, put it on
        [other_leg] Not sure: perhaps not the leg that was named
        [perhaps_broken_off] Not sure: perhaps broken off
        [perhaps_part] Not sure: end as you began
       *[other] Not sure: stand still before and after
    }
}
prompt-set = Set { $set }, { leg }
prompt-put-on = Put the sensors on, stand still, then calibrate
prompt-begin-search = Stand still on both feet, then begin on one leg
prompt-begin-by-gesture = Stand still, then bring the heel up behind, twice: the set begins
prompt-gesture = { $answer ->
    [started] Set { $set } has begun, { leg }: stand still on both feet, then begin
    [ended] Set { $set } has ended: rest, then begin the next one
    [undone] The last set does not count: begin it again
    [none_runs] No set runs that could end
    [none_to_undo] There is no set that could be undone
    [by_themselves] Sets begin by themselves: stand still on both feet, then begin on one leg
   *[not_understood] Gesture not understood: stand still, then make both signs again
}
prompt-stance-unseen = Nothing counts yet: stand still on both feet, then go on on one leg
prompt-set-over = Set { $set } is over, { $repetitions ->
    [one] one repetition
   *[other] { $repetitions } repetitions
}: rest, then begin the next one
prompt-form-lost = Rest now: { $metric ->
    [knee_forward] the knee goes further forward with every repetition
   *[other] the hips go less far back with every repetition
}
prompt-other-leg = Shin sensor on the { leg }, then stand still
prompt-again = Set { $set } does not count: do it again, { leg }
prompt-calibrate = Stand still for 3 s, then three small knee bends, then three bows
prompt-calibrated = Stand on one leg, hold still, then begin
prompt-calibration-accepted = Calibration accepted: stand on one leg, hold still, then begin
prompt-calibration-lacks = Calibration not accepted: { $lack }
prompt-tap = Tap the sensor on the shin now
prompt-tapped-shank = Correct: that was the shin sensor
prompt-tapped-other = The { $sensor } felt that: the sensors are swapped
prompt-knock = Knock the two sensors against each other three times, a second apart
prompt-ended = { $repetitions ->
    [one] Done: 1 repetition
   *[other] Done: { $repetitions } repetitions
}

prompt-not-analysed = Ended: the recording is whole, but it could not be analysed
prompt-ended-early = Ended: it could not be stored any further; what came before is kept

trouble-silent = no data for { $seconds } s
trouble-lost = connection lost, being connected anew
trouble-unconnected = no connection
trouble-undecodable = sends what cannot be read

## What is said aloud

say-repetition = { $verdict ->
    [indeterminate] { $number }, not sure
   *[other] { $number }
}{ $last ->
    [yes] . That is all for this set.
   *[no] {""}
}
say-knee = { $cues ->
    [sensation] Feel the wall behind you
   *[action] Push the hips back
}
say-lost = The { $sensor } is not heard
say-set = { $side ->
    [unknown] Set { $set }
   *[other] Set { $set }, { leg }
}
say-gesture = { $answer ->
    [started] Set { $set } started, { leg }
    [ended] Set { $set } ended
    [undone] Set undone
    [none_runs] No set runs
    [none_to_undo] There is no set to undo
    [by_themselves] Sets begin by themselves
   *[not_understood] Gesture not understood
}
say-stance-unseen = Nothing counts yet. Stand still on both feet, then go on on one leg.
say-set-over = Set { $set } is over. { $repetitions ->
    [one] One repetition.
   *[other] { $repetitions } repetitions.
}
say-form-lost = { $metric ->
    [knee_forward] Rest now. The knee goes further forward with every repetition.
   *[other] Rest now. The hips go less far back with every repetition.
}
say-calibrate = Stand still. Then three small knee bends. Then three bows.
say-calibration = { $result ->
    [accepted] Calibration accepted
   *[lacks] Calibration not accepted
}
say-tempo = { $phase ->
    [down] Down
    [hold] Hold
   *[up] Up
}
say-not-analysed = Ended. It is recorded, but could not be analysed.
say-ended-early = Stop. It could not be stored any further.
say-ended = { $repetitions ->
    [one] Done. 1 repetition.
   *[other] Done. { $repetitions } repetitions.
}

## On the page

live-title = Live session
live-set = Set { $set }
live-count = { $done } of { $most }
live-result = { $way ->
    [back] { $knee } ± { $sigma } cm back
   *[forward] { $knee } ± { $sigma } cm forward
}
live-limit = limit { $limit } cm
live-sure = { $share } % sure
live-sensor = { place } sensor
live-signal = { $dbm } dBm
live-rate = { $rate } Hz
live-share = { $share } % received

live-label-replay = Replay
live-label-live = Live
live-label-ended = Ended
live-label-knee = Knee forward, by the lean of the shin
live-label-knee-unknown = not known yet: stand still on one leg
live-label-sets = Sets so far
live-label-sensors = Sensors
live-label-battery = battery
live-label-no-signal = no signal value
live-label-ok = ok
live-label-none-yet = The repetitions appear here.
live-label-squad = Turns
live-label-gestures = Gestures, with the leg that wears the shin sensor
live-label-gesture-start = Heel up behind, twice: a set begins
live-label-gesture-end = Toes out and back, twice: the set ends
live-label-gesture-undo = Heel up behind, then toes out and back: the last set does not count
live-label-turn-now = now
live-label-turn-next = next
live-label-turn-done = done
live-label-turn-waits = waits
live-label-new-set = New set
live-label-other-leg = Other leg
live-label-redo-set = Undo last set
live-label-redo-sure = Press again: the last set will not count
live-label-calibrate = Calibrate
live-label-calibrate-end = End calibration
live-label-tap = Which is the shin?
live-label-stop = End session
live-label-stop-sure = Press again to end
live-label-start = Start
live-label-start-help = One tap lets this page speak and keeps the screen on.
live-label-watching = This page watches. The operator's link can change the session.
live-label-voice = Voice
live-label-voice-off = off
live-label-voice-count = counts
live-label-voice-cue = counts and cues
live-label-voice-tempo = tempo
live-label-cues = Cue words
live-label-cues-action = what to do
live-label-cues-sensation = what to feel
live-label-every = Cue every time, not only when it comes again
live-label-tempo = Down, hold, up
live-label-theme = Dark or light
live-label-language = Deutsch
live-label-place = Where the sensors go
live-label-place-hip = Hip: at the back, on the middle of the pelvis
live-label-place-shank = Shin: on the flat front of the shin of the standing leg, a hand below the knee
live-label-step-still = Stand still for 3 s
live-label-step-knee = Three small knee bends, knee over toes
live-label-step-bow = Three bows, straight ahead
live-label-step-done = done
live-label-step-open = to do
live-label-no-speech = This browser cannot speak.
live-label-no-awake = This screen cannot be kept on by the page: set it in the device.
live-label-lost = Connection to the program lost: what is shown may be old. Trying again.
live-label-over = The program has ended. What is shown here is its last state.
live-label-locked = This page needs the whole link that the program printed.
live-label-full = Too many pages are open. Close one and load this again.
live-label-refused = The program did not take that.
live-label-close = Close
