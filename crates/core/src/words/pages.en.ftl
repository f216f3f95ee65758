# The pages, in English: `label-` messages have no values and reach the page templates as they are; `page-` messages have values. Numbers
# come written out, with their unit.

## Names

label-left-leg = Left leg
label-right-leg = Right leg
label-no-leg = Leg not named
label-left-letter = L
label-right-letter = R
label-left = Left
label-right = Right
label-degrees = degrees
label-exercise-single-leg-hip-hinge = Single-leg hip hinge
label-exercise-supported-single-leg-hip-hinge = Supported single-leg hip hinge
label-exercise-two-leg-hip-hinge = Two-leg hip hinge
label-exercise-romanian-deadlift = Romanian deadlift
label-metric-knee_forward = Knee-forward travel
label-metric-knee_forward_seen = Knee-forward travel, at least
label-metric-knee_forward_descent = Knee forward on the way down
label-metric-knee_forward_turn = Knee at the bottom
label-metric-knee_forward_ascent = Knee forward on the way up
label-metric-knee_per_hip = Knee travel for hip travel
label-metric-hip_back = Hip-back travel
label-metric-hip_drop = Hip drop
label-metric-shank_tilt = Shin lean
label-metric-pelvis_tilt = Pelvis tilt
label-metric-knee_flexion = Knee flexion
label-metric-hip_flexion = Hip flexion
label-metric-pelvis_drop = Pelvic drop
label-metric-pelvis_rotation = Pelvic rotation
label-metric-sway = Side-to-side sway
label-metric-shank_sway = Side-to-side lean of the shin
label-metric-foot_knock = Foot movement
label-metric-spine_flexion = Spine flexion
label-not-held = not held against you
label-verdict-excluded = does not count
label-sensor-hip = hip
label-sensor-shank = shin
label-sensor-thigh = thigh
label-sensor-trunk = trunk
label-grade-good = good
label-grade-fair = fair
label-grade-poor = poor

## Heads and columns

label-report = Report
label-summary = Summary
label-athlete = Athlete
label-date = Date
label-session = Session
label-sessions = Sessions
label-undated = undated
label-in-order = Repetitions in order
label-numbers = Numbers
label-of-repetitions = Of the repetitions
label-leg = Leg
label-score = True hinges
label-median = Middle
label-range = Lowest to highest
label-worst = Worst
label-target = Target
label-met = Met by
label-work-on = What to work on
label-changes = Change
label-notes = Notes
label-signature = Date, signature
label-page = page
label-curves = Curves
label-repetitions = Repetitions
label-rep = Rep
label-start-s = Start s
label-tempo-s = Tempo s
label-knee-column = Knee forward
label-bottom-column = … at the bottom
label-hip-column = Hips back
label-pelvis-column = Pelvis tilt
label-flexion-column = Knee flexion
label-verdict-why = Verdict and why
label-table-note = Tempo: way down, hold, way up. Values are changes from the stance just before the repetition to the peak, the second one to the deepest point, ± one standard error of the measurement.
label-none-counted = No repetition was counted.
label-not-counted = Movements not counted
label-set = Set
label-time = Time
label-why = Why
label-over-time = Over the sessions
label-first = First
label-last = Last
label-baseline = Baseline
label-mdc = Smallest real change
label-change = Change
label-slope = A week
label-last-sessions = Last sessions
label-n = n
label-legs = Left and right
label-difference = Difference
label-mdc-legs = Smallest real difference
label-index = Symmetry
label-legs-differ = the legs differ
label-legs-alike = no clear difference
label-within-sets = Within the sets
label-form-kept = No set became worse beyond chance.
label-form-unknown = Whether form is lost within a set is told from five repetitions on.
label-data-quality = Data quality
label-sensors = Sensors
label-sensor = Sensor
label-model = Model
label-rate = Rate
label-lost = Lost
label-gap = Longest gap
label-clock = Clock
label-gravity = Gravity at rest
label-alignment = How the sensors sit
label-front-known = Sensor direction found from
label-uncertainty = Uncertainty
label-remarks = Remarks on the data
label-grade = Grade
label-remark = Remark
label-none = None.
label-limits = Limits used
label-quantity = Quantity
label-good = Good
label-fault = Fault
label-provenance = How the numbers were made
label-what-happened = What happened when
label-where-sensors = Where the sensors sit
label-between = Between good and fault lies the grey zone. A fault is named when the measured value lies beyond its limit with at least the certainty above, given the error of the measurement; a true hinge when both values are good and faults are excluded with that certainty; everything else is "not sure".
label-what-it-is = What this is and what it is not
label-what-it-is-text = Two inertial sensors, one on the pelvis and one on the shin, without magnetometers. Knee-forward travel follows from the lean of the shin and its length; hip-back travel from the pelvis sensor between the stances before and after each repetition, the length of the leg and balance; the foot is assumed to stay where it is. The spine is not measured. For training and research; this is not a diagnosis and says nothing about the risk of injury.
label-trend-note = A session is its middle repetition. A week: median of the slopes between all sessions, with its 95 % interval, where there are enough of them. The baseline is the mean of the first sessions before the last one (three to eight); the smallest real change is what one more session differs by in one of twenty cases although nothing changed.
label-legs-note = Left less right, of the middle repetitions. Ratios are given only for numbers far from zero.
label-not-measured = not measured
label-no-rest = no rest
label-corrected = corrected
label-assumed = assumed
label-aligned-movements = the movements
label-aligned-both = movements and placement
label-aligned-mount = placement
label-aligned-guess = a guess
label-lowering-time = Lowering time
label-certainty-from = Verdict given from a certainty of
label-shank-from-height = Shin length: taken from the height.
label-height-average = Body height: an average adult's.
label-body-average = Body height and shin length: an average adult's.
label-no-session = There is no session to report.

## What to do

label-no-fault = No clear fault was seen.
label-cue-none = Keep the tempo slow and the foot steady.
label-cue-knee = Push the hips to the wall behind you and keep the shin still.
label-cue-knee-up = It happened on the way up: squeeze the glutes and bring the hips forward, not the knee.
label-cue-knee-down = It happened on the way down: begin with the hips and leave the shin where it is.
label-cue-hip = Reach back with the hips until you feel a slight pull in the glutes.

## Figures

label-fig-map = Hinge or drift
label-fig-map-help = Each mark is a repetition: hips back to the right, knee forward upwards. Good repetitions lie in the lower right, blue zone; lines show one standard error.
label-fig-values = Repetition by repetition
label-fig-values-help = Blue: good, orange: fault, white: grey zone; lines show the 95 % interval of the measurement.
label-fig-curves-help = n: true hinges + others. Thin lines and band: mean and spread of the true hinges (from three on). Dashed: repetitions with a fault, by number. Look for shins and knees that leave the zero line.
label-fig-phase = Hips against knee
label-fig-phase-help = The path of each repetition from standing (dot) and back: hips back to the right, knee forward upwards. A true hinge runs flat; the way back should lie on the way out. At most twenty, faults first.
label-fig-body = The movement
label-fig-body-help = Drawn from the measured angles and lengths: standing (grey) and the deepest point. The dashed line stands over the ankle.
label-fig-strip-help = The same repetition at five moments.
label-fig-sides-help = Dots: median of each leg with its 95 % interval.
label-fig-trend-help = Dots: middle repetition of each session with its 95 % interval. Band: where a session without a change would lie.
label-fig-timeline-help = Bars: repetitions by verdict. Grey: standing still. Below: movements not counted, times with a remark, and each sensor: when it has data (a hole is a loss too long to fill) and, above that, how late its latest packets came.
label-hips-back = hips back
label-knee-forward = knee forward
label-percent-of-rep = % of repetition
label-quiet = still
label-rejected = not counted
label-seconds = s

## Where the sensors sit

label-place-front = from the front
label-place-side = from the side
label-place-back = from behind
label-place-sacrum = hip sensor: on the sacrum, on a firm belt
label-place-lateral = or at the side, on the iliac crest
label-place-tibia = shin sensor: flat inner face of the shin bone
label-place-fibula = or the outer side of the shin
label-place-thigh = thigh sensor, if worn: outer side
label-place-trunk = trunk sensor, if worn: breast bone
label-attached = What this document was made from, for truehinge verify
label-place-note = On the leg that carries the body; firm, never on muscle that moves. Any direction of the sensor is found by itself.

## Home sheet

label-home = Exercise for home
label-home-how = How to do it
label-home-1 = Stand on one leg, the other foot just off the floor. Knee a little bent, and from here on it stays where it is.
label-home-2 = Push the hips straight back, as if to close a door behind you. The shin stays upright, the back stays long.
label-home-3 = Go only as far as the shin stays still. Squeeze the glutes and come back up the same way.
label-home-cue = Your cue
label-home-diary = Diary
label-home-day = Day
label-home-sets = Sets done
label-home-pain = Pain during it, 0 (none) to 10
label-home-stop = Stop and ask your physiotherapist when pain is more than slight or stays until the next day.
label-home-picture-1 = start
label-home-picture-2 = on the way
label-home-picture-3 = deepest point

## Squad sheet

label-squad = Squad
label-squad-note = Sorted by who needs attention first: more faults of the repetitions that count, then the farther knee. Sparkline: knee forward at the bottom, the last sessions.
label-squad-worst = Farthest knee
label-squad-trend = Sessions
label-squad-attention = Look at
label-squad-nothing = nothing
label-retest = How far two sessions agree
label-people = People
label-sem = Error of measurement
label-retest-note = The first two sessions of each person, the mean of both legs. ICC: how much of the differences is between people, with its 95 % interval. (2,1): single measurement, absolute agreement; (3,1): consistency. The smallest real change is that of one session against another one.

## Sentences with values

page-of = { $count } of { $of }
page-reps = { $count ->
    [one] rep { $last }
   *[other] reps { $list } and { $last }
}
page-hinges = { $of ->
    [0] no repetition counts
   *[other] { $count ->
        [one] { $count } of { $of } was a true hinge
       *[other] { $of ->
            [one] { $count } of { $of } was a true hinge
           *[other] { $count } of { $of } were true hinges
        }
    }
}
page-part = { $kind ->
    [knee_forward_drift] { $count ->
        [one] 1 knee-forward drift ({ $reps })
       *[other] { $count } knee-forward drifts ({ $reps })
    }
    [insufficient_hip_travel] { $count } with too little hip travel ({ $reps })
    [excluded] { $count } excluded by hand ({ $reps })
   *[indeterminate] { $count } not sure ({ $reps }; not held against you)
}
page-leg = { $leg }: { $parts }.
page-set = Set { $set }
page-target = { $way ->
    [most] at most { $value }
   *[least] at least { $value }
}
page-range = { $low } to { $high }
page-names = The font of this page has not all letters of { $which ->
    [athlete] the athlete's name
    [session] the session's name
   *[both] the athlete's and the session's name
}: it is shown as file names have it; the tables hold it in full.
page-injured = Injured: { $leg }.
page-no-repetition = No repetition was found in this recording{ $movements ->
    [0] .
   *[other] : the report says why { $movements } movements did not count.
}
page-corrected = { $count ->
    [one] 1 repetition was corrected by hand.
   *[other] { $count } repetitions were corrected by hand.
}
page-footer = truehinge { $version } · { $protocol } · configuration { $configuration } · input { $input }
page-quality = { $grade ->
    [good] Data quality: good.
    [fair] Data quality: fair, { $remarks ->
        [one] 1 remark
       *[other] { $remarks } remarks
    }, see the quality page.
   *[poor] Data quality: poor, the numbers may be wrong; see the quality page.
}
page-advice-knee = Keep the knee over the ankle: it travelled up to { $value } forward (limit { $limit }).
page-advice-hip = Push the hips further back: the smallest was { $value } (aim for { $limit } or more).
page-dose = Set { $set } had { $few ->
    [yes] only { $count }
   *[no] { $count }
} { $count ->
    [one] repetition
   *[other] repetitions
}; aim for { $from } to { $to }.
page-delay = 95th-percentile delay { $delay } ms
page-clocks = The clocks of the hip and the shin sensor are known to ±{ $sigma } ms against each other.
page-up-to = up to { $value }
page-over = over { $value }
page-from = from { $value }
page-under = under { $value }
page-baseline = { $mean } ({ $sessions } sessions, ± { $error })
page-change-unknown = not known until three sessions ({ $earlier } so far)
page-change-unclear = no clear change ({ $by })
page-change-changed = { $way ->
    [better] better by more than the error ({ $by })
    [worse] worse by more than the error ({ $by })
   *[other] changed by more than the error ({ $by })
}
page-since-unknown = { $leg }: whether anything changed is not known until there are three earlier sessions ({ $earlier } so far).
page-since-none = { $leg }: no clear change against your earlier sessions.
page-not-compared = { $count ->
    [one] 1 earlier session is not compared: its exercise, its limits or the version of the program differ.
   *[other] { $count } earlier sessions are not compared: their exercise, their limits or the version of the program differ.
}
page-compared = { $title } { $then } to { $now } since { $date }{ $how ->
    [more] , more than the error ({ $mdc })
    [less] , within the error ({ $mdc })
   *[unknown] ; whether that is a change is not known until three earlier sessions
}
page-form-lost = Set { $set }: { $title } became worse by { $by } from repetition to repetition ({ $n } repetitions).
page-home-dose = { $from } to { $to } slow repetitions on each leg, { $sets } sets, every other day, unless you were told otherwise.
page-squad-title = { $count ->
    [one] 1 athlete
   *[other] { $count } athletes
}
