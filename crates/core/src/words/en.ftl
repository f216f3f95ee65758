# English. A message for each code: what is the case, and as its hint what to do about it. No sentence names an option of the program,
# for tables and pages are read without it. Numbers come written out, in the unit that stands behind them.

## How sentences are put together

remark = { $sensor }: { $sentence }
with-hint = { $found }: { $hint }
between = between { $from } and { $to } s

## Names

side = { $side ->
    [left] left
   *[right] right
}
sensor = { $role ->
    [hip] hip sensor
    [shank] shank sensor
    [thigh] thigh sensor
   *[trunk] trunk sensor
}
description = { $of ->
    [session] session
    [sensor] sensors
   *[markers] sets
}
verdict = { $verdict ->
    [true_hinge] true hinge
    [knee_forward_drift] knee-forward drift
    [insufficient_hip_travel] too little hip travel
   *[indeterminate] not sure
}

## What a reader must know about the data

finding-loss = { $lost } of { $of } samples are missing ({ $share } %), the longest gap is { $gap } s
    .hint = record closer to the receiver
finding-clock = its timeline is known to { $sigma } ms only: timing between the sensors is poor
finding-clock_assumed = no arrival times: that the sensors started together is an assumption
finding-clock_not_shared = the sensors set their clocks to one another's before the recording, but the arrivals say otherwise, so each clock was fitted on its own
    .hint = switch the sensors off and on before they set their clocks again
compared = clock check at { $at } s: { $knocks } knocks, hip { $difference } ms against shank, { $sigma } ms expected
finding-clocks_agree = { compared }: the clocks agree
finding-clocks_differ = { compared }: one sensor's packets all come late
    .hint = bring it nearer, switch off other radios, record anew
finding-clocks_not_compared = clock check at { $at } s: { $why ->
    [no_sensor] there is no { $sensor } that feels knocks
    [clock_not_fitted] the { $sensor }'s clock could not be fitted
    [clock_assumed] the { $sensor }'s packets have no arrival times, so its clock is an assumption that knocks cannot check
   *[too_few] { $found } knocks were felt by both sensors, { $needed } are needed
}
    .hint = { $why ->
        [too_few] knock them against each other, harder, three times
       *[other] -
    }
finding-axis_uncertain = set { $set }: the sensor's front is known to { $sigma } degrees only
    .hint = do two small knee bends and two bows before the set, or name where the sensor sits
finding-side_unknown = set { $set }: the supporting leg is not known, so pelvic drop is not judged
    .hint = name the leg
finding-no_repetitions = { $movements ->
    [0] no set was found, because nothing moved
    [1] no set was found, because of the only movement it was said: { $reason }
   *[other] no set was found, because of most of { $movements } movements it was said: { $reason }
}
    .hint = { $movements ->
        [0] check that the sensors were worn, and record again
       *[other] -
    }
finding-clipped = { $samples } samples are at the end of the range
finding-not_finite = { $samples } samples are not numbers
finding-uneven = it sampled unevenly: interpolated onto its mean rate
finding-orientation_only = the file holds the maker's orientations only: hip travel is less certain
finding-accelerometer_corrected = its accelerometer reads { $gravity } m/s2 at rest instead of 9.81: a bias of { $bias } m/s2, known to { $sigma }, was taken out
    .hint = calibrate this sensor
finding-accelerometer_wrong = its accelerometer reads { $gravity } m/s2 at rest instead of 9.81 and no bias explains it
    .hint = check the unit and the range, or calibrate this sensor
finding-sensors_swapped = in walking the hip sensor swings like a shin and the shank sensor like a hip, so they are probably swapped
    .hint = swap their roles
finding-body_unmeasured = { $known ->
    [shank] the body height is not known: the thigh's length and the place of the hip joint are an average adult's, which makes hip travel less certain
    [height] the shank length is not known: it is taken from the body height, which leaves the knee's travel uncertain by { $sigma } % of itself
   *[nothing] neither body height nor shank length is known: an average adult's are taken, which leaves the knee's travel uncertain by { $sigma } % of itself, and hip travel too
}
    .hint = { $known ->
        [height] measure it from the knee's joint line to the outer ankle
       *[other] measure the standing height
    }
finding-faces_back = the knee would have bent backward, or the pelvis leaned far back: a sensor faces the other way than was said, perhaps on the other leg; no verdict is given
finding-other_leg = whoever stands on one leg leans to its side, and { $movements } movements lean away from the { $side } leg: no verdict is given
    .hint = name the leg that carried the body, and wear the shank sensor on it
finding-put_on_anew = it and another sensor were put on anew{ $when } (this one turned by { $turn } degrees), perhaps on the other leg: what follows was aligned anew, and no verdict is given
    .hint = record each leg on its own, or mark the sets
finding-slipped = it turned by { $turn } degrees on the skin{ $when }: movements in between were not judged, what follows was aligned anew
    .hint = fasten it
finding-loose = set { $set }: it did not come back to its place after { $unsettled } of { $of } repetitions (by { $most } degrees at most), its strap is probably loose, and no verdict is given in this set
    .hint = fasten it and repeat the set
finding-unworn = set { $set }: it did not move at all while the person moved, so it is not worn, and no verdict is given in this set
    .hint = put it on and repeat the set
finding-turned = set { $set }: it is worn another way than in set { $before } (turned by { $turn } degrees) and was aligned anew
    .hint = do the calibration movements, which make that better
finding-outside_sets = { $moved } s of movement{ $when } belong to no set and were not judged
    .hint = mark the sets anew if they were repetitions
finding-correction_unfit = the correction by hand of repetition { $rep } of set { $set } no longer fits: no repetition is there any more{ $when }
    .hint = look at the set again, then correct what is there now, or take the correction back

## What is wrong with a recording as it is stored

finding-not_ended = the recording was not ended (a crash or a power loss): up to a second at its end is missing
finding-part_lost = a part of the recording is damaged ({ $bytes } bytes){ $when }: what was stored in it is lost, and repetitions may be missing
finding-samples_lost = { $samples } samples that were recorded{ $when } are lost from the file
finding-copy_used = the recording's description of its { $description } was damaged: a whole copy of it was used
finding-sensor_undescribed = its description is damaged: model, ranges and site are not known; where it was worn is known by the name of its channel
finding-session_undescribed = the recording's description of its session is damaged: athlete, leg and body are those that were named when it was recovered
finding-bit_repaired = one bit of the recording had changed and was set right by its checksum
finding-unchecked = the recording's checksum is wrong and its descriptions have none of their own: athlete, leg, body measures and sensors may be others than were recorded
    .hint = compare them
finding-unknown = something is wrong with the recording that only a later version can name
    .hint = update the program

## Why a repetition got its verdict

cause-hinge_sure = The knee stayed and the hips went back.
cause-knee_forward_sure = The knee travelled forward: { $value } { $unit } against a limit of { $limit } { $unit }, error ±{ $sigma } { $unit }.
cause-knee_forward_seen = The knee travelled forward by at least this much (part of the repetition is missing): { $value } { $unit } against a limit of { $limit } { $unit }, error ±{ $sigma } { $unit }.
cause-hip_travel_short = The hips moved back too little: { $value } { $unit } against a limit of { $limit } { $unit }, error ±{ $sigma } { $unit }.
cause-grey_zone = Borderline: between the two limits. Not held against you.
cause-too_uncertain = Too close to the limit to call, given the measurement error. Not held against you.
cause-not_measured = Knee or hip travel could not be measured.
cause-sensor_loose = A sensor was loose in this set: fasten its strap and repeat it.
cause-sensor_unworn = A sensor did not move at all in this set: put it on and repeat it.
cause-other_leg = Perhaps not the leg that was named, or a sensor faces the other way: say how it was.
cause-perhaps_broken_off = Smaller and shorter than your others: broken off? Then it does not count.
cause-perhaps_part = You ended in another posture than you began in: only a part of a repetition?
cause-alone = One movement alone is no set.

flag = { $flag ->
    [early_drift] knee forward on the way down
    [late_drift] knee forward on the way up
    [knee_bend] knee bend
    [pelvis_drop] pelvic drop
    [pelvis_rotation] pelvic rotation
    [balance_loss] balance nearly lost
    [foot_moved] heel lifted or foot touched down
    [spine_flexion] rounded back
    [too_fast] too fast
   *[other] { $flag }
}
flags = Also: { $flags }.

by-hand-excluded = Excluded by { $author }: { $why }.
by-hand-verdict = Corrected by { $author }: { $why }. Computed was: { verdict }.

## Why a movement was not counted

rejection-too_small = too small: moved { $excursion } deg, a repetition needs { $limit } deg
rejection-cut_off = the data begin or end inside it
rejection-stepping = the feet moved: stepping or re-balancing
rejection-no_quiet_stance = no quiet stance before it
rejection-data_gap = { $seconds } s of data are missing inside
rejection-no_return = did not return to standing: ended at { $share } % of its movement
rejection-duration = lasted { $seconds } s: too short or too long for a repetition
rejection-outside_set = before the set began or after it ended
rejection-twist = turned about instead of bending: { $share } % of its turning was a bend
rejection-foot_moved = the foot did not stay in its place: { $unexplained } m/s² of the shank's acceleration
rejection-two_legs = on both legs: the shank leans outward by { $lean } deg only
rejection-one_leg_unseen = perhaps on both legs, because nobody was seen to change to one
    .hint = begin with two seconds on both, mark the set, or say which leg all of it is on
rejection-sat = sat or squatted down: the hip sank by { $drop } mm

several-size = { $movements } movements too small or too long to be a repetition
several-stepping = { $movements } movements while the feet moved
several-outside_set = { $movements } movements before the set began or after it ended
several-twist = { $movements } movements turning about instead of bending
several-foot_moved = { $movements } movements while the foot did not stay in its place
several-two_legs = { $movements } movements on both legs
several-one_leg_unseen = { $movements } movements perhaps on both legs

## What a calibration lacks

place = { $role ->
    [hip] hip
    [shank] shin
    [thigh] thigh
   *[trunk] trunk
}
movements = { $role ->
    [shank] small knee bends
    [thigh] small knee bends
   *[other] bows
}
aim = { $role ->
    [shank] knee over toes
    [thigh] knee over toes
   *[other] straight ahead
}
lack-stillness = stand still for 3 s (longest so far: { $longest } s)
lack-movements = { place } sensor: do three { movements }, { aim } ({ $found } large enough so far)
lack-crooked = { place } sensor: do the { movements } again, slower (it turned only { $ratio } times more about one axis than about the others, { $least } are asked for)
lack-unrepeatable = { place } sensor: check its strap, then do the { movements } again (it turned about another axis each time: known to { $error } degrees, { $most } are asked for)
