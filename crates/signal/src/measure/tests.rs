//! Every metric from drawn movements with exact answers.

use truehinge_core::{Budget, ErrorSource, Metric, MountSite, SensorRole, Side, Signal, Span};

use super::drawn::{Drawn, END, LENGTH_SIGMA, SHANK, START, THIGH, body, candidate, shape};
use super::*;

/// In the unit that people read.
fn value(measured: &Measurement, metric: Metric) -> f64 {
    measured.metrics.reading(metric).unwrap_or_else(|| panic!("no {metric:?}")).value
}

#[track_caller]
fn near(value: f64, expected: f64, tolerance: f64) {
    assert!((value - expected).abs() <= tolerance, "{value} instead of {expected}");
}

#[test]
fn a_pelvis_that_tilts_by_20_degrees_reads_20_degrees_smoothed_or_not() {
    let mut drawn = Drawn { pelvis_tilt: 20.0, ..Drawn::default() };
    near(value(&drawn.measure(), Metric::PelvisTilt), 20.0, 1e-9);
    drawn.method = Method::default();
    // The low-pass overshoots a second's ramp by less.
    near(value(&drawn.measure(), Metric::PelvisTilt), 20.0, 0.02);
    drawn.pelvis_tilt = -20.0;
    near(value(&drawn.measure(), Metric::PelvisTilt), 0.0, 0.02);
}

#[test]
fn a_knee_travels_by_the_change_of_the_sine_of_its_lean() {
    let measured = Drawn { shank_start: 3.0, shank_tilt: 5.0, ..Drawn::default() }.measure();
    let expected = SHANK * (8.0_f64.to_radians().sin() - 3.0_f64.to_radians().sin());
    near(value(&measured, Metric::KneeForward), expected * 1e3, 1e-9);
    near(value(&measured, Metric::ShankTilt), 5.0, 1e-9);
    let measured = Drawn { shank_start: 3.0, shank_tilt: -5.0, ..Drawn::default() }.measure();
    near(value(&measured, Metric::KneeForward), 0.0, 1e-9);
    let curve = measured.curves.iter().find(|curve| curve.signal == Signal::KneeForward).expect("given");
    let back = SHANK * ((-2.0_f64).to_radians().sin() - 3.0_f64.to_radians().sin());
    near(curve.values[50], back * 1e3, 1e-9);
}

#[test]
fn a_knees_travel_is_told_apart_on_the_way_down_at_the_bottom_and_on_the_way_up() {
    // Forward by 8 degrees on the way down, back by 3 at the bottom, forward by 6 on the way up.
    let lean = |i: usize| match i {
        ..START | END.. => 0.0,
        i if i == START + 60 => 8.0,
        i if i == END - 60 => 6.0,
        i if i.abs_diff(usize::midpoint(START, END)) < 50 => -3.0,
        _ => 1.0,
    };
    let measured = Drawn { hip_back: 0.2, ..Drawn::default() }.measure_changed(|set, _| {
        set.shank.sagittal = (0..set.shank.sagittal.len()).map(|i| f64::to_radians(lean(i))).collect();
    });
    let travel = |degrees: f64| SHANK * degrees.to_radians().sin() * 1e3;
    near(value(&measured, Metric::KneeForward), travel(8.0), 1e-9);
    near(value(&measured, Metric::KneeForwardDescent), travel(8.0), 1e-9);
    near(value(&measured, Metric::KneeForwardTurn), travel(-3.0), 1e-9);
    near(value(&measured, Metric::KneeForwardAscent), travel(6.0), 1e-9);
}

#[test]
fn a_knees_travel_for_the_hips_is_given_where_the_hips_surely_went_back() {
    for (shank_tilt, thigh_tilt) in [(5.0, -25.0), (-4.0, -15.0), (9.0, -40.0)] {
        let measured = hinge(shank_tilt, thigh_tilt).measure();
        let hip = measured.curves.iter().find(|curve| curve.signal == Signal::HipBack).expect("given").values[50];
        let knee = measured.metrics.reading(Metric::KneeForwardTurn).expect("given");
        let ratio = measured.metrics.reading(Metric::KneePerHip).expect("given");
        near(ratio.value, 100.0 * knee.value / hip, 0.2);
        // Both errors, each for what it does to the share: what the knee's leaves is the hips', which grows towards the deepest point.
        let of_hips = (ratio.sigma.powi(2) - (100.0 * knee.sigma / hip).powi(2)).sqrt() * hip / ratio.value.abs();
        let share = of_hips / measured.metrics.reading(Metric::HipBack).expect("given").sigma;
        assert!((0.9..1.6).contains(&share), "{share}");
    }
    let unsure = hinge(5.0, -6.0).measure();
    let hip = unsure.metrics.reading(Metric::HipBack).expect("given");
    assert!(hip.value < 4.0 * hip.sigma);
    assert_eq!(unsure.metrics.reading(Metric::KneePerHip), None);
    assert!(!unsure.budgets.contains_key(&Metric::KneePerHip));
}

#[test]
fn the_free_side_drops_away_from_the_supporting_leg() {
    for (side, left_lean, expected) in
        [(Side::Right, 4.0, 4.0), (Side::Right, -4.0, 0.0), (Side::Left, -4.0, 4.0), (Side::Left, 4.0, 0.0)]
    {
        let measured = Drawn { side: Some(side), pelvic_left_lean: left_lean, ..Drawn::default() }.measure();
        near(value(&measured, Metric::PelvisDrop), expected, 1e-9);
    }
    let nobody_knows = Drawn { side: None, pelvic_left_lean: 4.0, ..Drawn::default() }.measure();
    assert_eq!((nobody_knows.metrics.pelvis_drop, nobody_knows.budgets.get(&Metric::PelvisDrop)), (None, None));
    assert!(nobody_knows.curves.iter().any(|curve| curve.signal == Signal::PelvisDrop));
}

#[test]
fn a_heading_may_wrap_and_either_turn_counts() {
    for (heading_start, turn) in [(0.0, 15.0), (170.0, 15.0), (-170.0, -15.0), (179.0, 15.0), (-179.0, -15.0)] {
        let measured = Drawn { heading_start, turn, pelvis_tilt: 10.0, ..Drawn::default() }.measure();
        near(value(&measured, Metric::PelvisRotation), 15.0, 1e-9);
    }
}

#[test]
fn hips_that_go_back_and_down_are_followed_wherever_the_sensor_sits() {
    for mount in [Some(MountSite::Sacrum), Some(MountSite::LateralHip), None] {
        for side in [Side::Right, Side::Left] {
            let drawn = Drawn {
                mount,
                side: Some(side),
                heading_start: 75.0,
                pelvis_tilt: 26.0,
                hip_back: 0.08,
                // As a thigh of this length comes down over a still shank.
                hip_drop: THIGH - (THIGH * THIGH - 0.08 * 0.08).sqrt(),
                ..Drawn::default()
            };
            let measured = drawn.measure();
            near(value(&measured, Metric::HipBack), 80.0, 3.0);
            near(value(&measured, Metric::HipDrop), drawn.hip_drop * 1e3, 2.0);
            let flexion = 0.08_f64.atan2((THIGH * THIGH - 0.08 * 0.08).sqrt()).to_degrees();
            near(value(&measured, Metric::KneeFlexion), flexion, 0.5);
            near(value(&measured, Metric::HipFlexion), 26.0 + flexion, 0.5);
        }
    }
}

#[test]
fn a_thigh_sensor_gives_the_flexions_without_the_hips_travel() {
    let drawn = Drawn { shank_tilt: 7.0, pelvis_tilt: 20.0, thigh_tilt: Some(-12.0), ..Drawn::default() };
    let measured = drawn.measure();
    near(value(&measured, Metric::KneeFlexion), 19.0, 1e-9);
    near(value(&measured, Metric::HipFlexion), 32.0, 1e-9);
}

#[test]
fn a_spine_rounds_by_what_the_trunk_leans_more_than_the_pelvis() {
    let drawn = Drawn { pelvis_tilt: 20.0, trunk_tilt: Some(31.0), ..Drawn::default() };
    near(value(&drawn.measure(), Metric::SpineFlexion), 11.0, 1e-9);
    assert_eq!(Drawn { trunk_tilt: None, ..drawn }.measure().metrics.spine_flexion, None);
}

#[test]
fn a_shank_sways_by_the_range_of_its_lean_to_both_sides() {
    for lean in [3.0, -3.0] {
        near(value(&Drawn { shank_left_lean: lean, ..Drawn::default() }.measure(), Metric::ShankSway), 3.0, 1e-9);
    }
    let measured = Drawn { shank_left_lean: 3.0, ..Drawn::default() }.measure_changed(|set, _| {
        set.shank.left_lean[START + 150] = (-2.0_f64).to_radians();
    });
    near(value(&measured, Metric::ShankSway), 5.0, 1e-9);
}

#[test]
fn a_jolt_is_the_departure_from_the_usual_force_either_way() {
    for jolt in [5.0, -5.0] {
        near(value(&Drawn { jolt, ..Drawn::default() }.measure(), Metric::FootKnock), 5.0, 1e-9);
    }
}

#[test]
fn sway_is_the_root_mean_square_of_what_goes_to_the_side() {
    let still = Drawn::default().measure();
    near(value(&still, Metric::Sway), 0.0, 0.1);
    near(still.metrics.reading(Metric::Sway).expect("given").sigma, 1.0, 0.05);
    // A pelvis that leans to the side carries its sensor with it: the sine of the lean times its height above the hip, and the
    // way across that the cosine takes.
    let drawn = Drawn { pelvic_left_lean: 10.0, mount: None, ..Drawn::default() };
    let up = drawn.method.measure.lever_arm.unknown_up_m;
    let across: Vec<f64> = (START..END).map(|i| up * (10.0 * shape(i)).to_radians().sin()).collect();
    let centre = across.iter().sum::<f64>() / across.len() as f64;
    let rms = (across.iter().map(|y| (y - centre).powi(2)).sum::<f64>() / across.len() as f64).sqrt();
    near(value(&drawn.measure(), Metric::Sway), rms * 1e3, 0.3);
}

#[test]
fn curves_are_101_values_in_the_unit_of_their_signal() {
    let measured = Drawn { shank_tilt: 5.0, pelvis_tilt: 20.0, ..Drawn::default() }.measure();
    assert_eq!(measured.curves.iter().map(|curve| curve.signal).collect::<Vec<_>>(), Signal::ALL);
    for curve in &measured.curves {
        assert_eq!(curve.values.len(), 101);
    }
    let tilt = &measured.curves[1].values;
    // 299 steps from the first point to the last: 10 % lies at 29.9 of them.
    let at = |step: usize| 20.0 * shape(START + step);
    near(tilt[10], 0.1 * at(29) + 0.9 * at(30), 1e-9);
    near(tilt[0], 0.0, 1e-9);
    near(tilt[100], at(299), 1e-9);
    near(measured.curves[2].values[50], SHANK * 5.0_f64.to_radians().sin() * 1e3, 1e-9);
}

#[test]
fn phases_touch_and_begin_with_the_stance_that_is_measured_from() {
    let phases = Drawn::default().measure().phases;
    assert_eq!(phases.quiet_stance, Span::from_seconds(3.75, 4.0));
    assert_eq!(phases.descent, Span::from_seconds(4.0, 5.0));
    assert_eq!(phases.bottom, Span::from_seconds(5.0, 6.0));
    assert_eq!(phases.ascent, Span::from_seconds(6.0, 7.0));
}

/// The travel of the hips when shank and thigh lean by so many degrees.
fn hinge(shank_tilt: f64, thigh_tilt: f64) -> Drawn {
    let (shank, thigh) = (shank_tilt.to_radians(), thigh_tilt.to_radians());
    let hip_back = -SHANK * shank.sin() - THIGH * thigh.sin();
    let hip_drop = SHANK * (1.0 - shank.cos()) + THIGH * (1.0 - thigh.cos());
    Drawn { shank_tilt, hip_back, hip_drop, ..Drawn::default() }
}

/// All numbers are there but these.
#[track_caller]
fn withheld(gaps: &[(SensorRole, Range<usize>)], missing: &[Metric]) {
    let drawn = Drawn {
        pelvis_tilt: 20.0,
        thigh_tilt: Some(-25.0),
        trunk_tilt: Some(25.0),
        gaps: gaps.to_vec(),
        // Far enough that the hips surely went back.
        ..hinge(5.0, -25.0)
    };
    let measured = drawn.measure();
    for metric in Metric::ALL {
        let is_given = measured.metrics.reading(metric).is_some();
        assert_eq!(is_given, !missing.contains(&metric), "{metric:?} with {gaps:?}");
        assert_eq!(measured.budgets.contains_key(&metric), is_given, "{metric:?} with {gaps:?}");
    }
    for signal in Signal::ALL {
        let is_given = measured.curves.iter().any(|curve| curve.signal == signal);
        assert_eq!(is_given, !missing.contains(&signal.metric()), "{signal:?} with {gaps:?}");
    }
}

#[test]
fn a_gap_withholds_what_its_sensor_says_and_nothing_else() {
    use Metric::{
        FootKnock, HipBack, HipDrop, HipFlexion, KneeFlexion, KneeForward, KneeForwardAscent, KneeForwardDescent,
        KneeForwardSeen, KneeForwardTurn, KneePerHip, PelvisDrop, PelvisRotation, PelvisTilt, ShankSway, ShankTilt,
        SpineFlexion, Sway,
    };
    let middle = START + 120..START + 151;
    withheld(&[], &[KneeForwardSeen]);
    // Thirty points are bridged, one more is not.
    for role in [SensorRole::Hip, SensorRole::Shank, SensorRole::Thigh, SensorRole::Trunk] {
        withheld(&[(role, START + 120..START + 150)], &[KneeForwardSeen]);
    }
    let hip = [
        HipBack,
        HipDrop,
        PelvisTilt,
        PelvisDrop,
        PelvisRotation,
        Sway,
        SpineFlexion,
        KneeFlexion,
        HipFlexion,
        KneeForwardSeen,
        KneePerHip,
    ];
    withheld(&[(SensorRole::Hip, middle.clone())], &hip);
    // In the rest beside the movement as well, because its travel is integrated from there; but not further away.
    withheld(&[(SensorRole::Hip, START - 50..START - 19)], &hip);
    withheld(&[(SensorRole::Hip, END + 20..END + 51)], &hip);
    withheld(&[(SensorRole::Hip, END + 60..END + 160)], &[KneeForwardSeen]);
    let shank = [
        KneeForward,
        KneeForwardDescent,
        KneeForwardTurn,
        KneeForwardAscent,
        KneePerHip,
        ShankTilt,
        ShankSway,
        FootKnock,
        KneeFlexion,
        HipFlexion,
    ];
    withheld(&[(SensorRole::Shank, middle.clone())], &shank);
    withheld(&[(SensorRole::Shank, START - 40..START)], &[KneeForwardSeen]);
    withheld(&[(SensorRole::Thigh, middle.clone())], &[KneeFlexion, HipFlexion, KneeForwardSeen]);
    withheld(&[(SensorRole::Trunk, middle)], &[SpineFlexion, KneeForwardSeen]);
}

#[test]
fn what_was_seen_of_the_knee_is_the_largest_beside_the_gap() {
    let forward = |i: usize| SHANK * (5.0 * shape(i)).to_radians().sin() * 1e3;
    let seen = |gap: Range<usize>| {
        let gaps = vec![(SensorRole::Shank, gap)];
        Drawn { shank_tilt: 5.0, gaps, ..Drawn::default() }.measure().metrics.reading(Metric::KneeForwardSeen)
    };
    let value = |gap| seen(gap).expect("something was seen").value;
    // The low-pass carries what is not known 15 points beyond the gap, on both sides: on the way out it is up to 20 + 35 - 16.
    near(value(START + 40..END - 30), forward(START + 25), 1e-9);
    near(value(START + 30..END - 60), forward(END - 45), 1e-9);
    // What lies between two gaps is tied to no rest.
    let gaps = vec![(SensorRole::Shank, START + 40..START + 75), (SensorRole::Shank, END - 75..END - 40)];
    let between = Drawn { shank_tilt: 5.0, gaps, ..Drawn::default() }.measure();
    near(between.metrics.reading(Metric::KneeForwardSeen).expect("seen").value, forward(START + 25), 1e-9);
    assert_eq!(seen(START..END), None);
    // A second gap in the half second of rest after the repetition leaves no anchor behind the first; a later one does not matter.
    for (second, expected) in [(END + 40, START + 25), (END + 51, END - 45)] {
        let gaps = vec![(SensorRole::Shank, START + 40..END - 60), (SensorRole::Shank, second..second + 5)];
        let measured = Drawn { shank_tilt: 5.0, gaps, ..Drawn::default() }.measure();
        near(measured.metrics.reading(Metric::KneeForwardSeen).expect("seen").value, forward(expected), 1e-9);
    }
}

#[test]
fn what_was_seen_is_not_uncertain_by_the_gap_and_the_whole_is() {
    let gaps = vec![(SensorRole::Shank, START + 120..START + 160)];
    let measured = Drawn { shank_tilt: 5.0, gaps, ..Drawn::default() }.measure();
    near(measured.budgets[&Metric::KneeForwardSeen].sigma_of(ErrorSource::Gap), 0.0, 0.0);
    let bridged = vec![(SensorRole::Shank, START + 120..START + 150)];
    let measured = Drawn { shank_tilt: 5.0, gaps: bridged, ..Drawn::default() }.measure();
    // 3 deg/s over 0.3 s.
    near(measured.budgets[&Metric::ShankTilt].sigma_of(ErrorSource::Gap), 0.9_f64.to_radians(), 1e-12);
}

/// A budget holds exactly these, and its sigma is their root sum square and the metric's sigma.
#[track_caller]
fn holds(measured: &Measurement, metric: Metric, expected: &[(ErrorSource, f64)]) {
    let budget = measured.budgets[&metric];
    let named: Vec<ErrorSource> = budget.terms().map(|(source, _)| source).collect();
    assert_eq!(named, expected.iter().map(|(source, _)| *source).collect::<Vec<_>>(), "{metric:?}");
    for (source, sigma) in expected {
        near(budget.sigma_of(*source), *sigma, 1e-9);
    }
    let root = expected.iter().map(|(_, sigma)| sigma * sigma).sum::<f64>().sqrt();
    assert!((budget.sigma() / root - 1.0).abs() < 1e-6, "{metric:?}: {} {root}", budget.sigma());
    let reading = measured.metrics.reading(metric).expect("given");
    assert_eq!(reading.sigma.to_bits(), metric.in_unit(budget.sigma()).to_bits());
}

const AXIS: f64 = 4.0;

/// A movement in which everything that makes a number uncertain is there.
fn uncertain() -> Drawn {
    Drawn {
        shank_start: 3.0,
        shank_tilt: 5.0,
        shank_left_lean: 2.0,
        pelvis_tilt: 20.0,
        pelvic_left_lean: 4.0,
        turn: 10.0,
        thigh_tilt: Some(-12.0),
        trunk_tilt: Some(31.0),
        jolt: 5.0,
        axis_sigma: AXIS,
        ..Drawn::default()
    }
}

#[test]
fn angles_are_uncertain_by_what_their_formulas_say() {
    use ErrorSource::{Axis, Drift, Orientation, SoftTissue, Wobble};
    let rad = f64::to_radians;
    let measured = uncertain().measure();
    let shank_axis = (rad(AXIS) * rad(2.0)).hypot(0.5 * rad(AXIS) * rad(AXIS) * rad(5.0));
    holds(
        &measured,
        Metric::ShankTilt,
        &[(Orientation, rad(0.1)), (SoftTissue, 0.02 * rad(17.0)), (Wobble, rad(0.1)), (Axis, shank_axis)],
    );
    // The lean that goes with 20 degrees of tilt is not the angle about the pelvis' own axis, so it is read.
    let (grid, body) = (uncertain().grid(), body());
    let motion = uncertain().motion(&grid, &body);
    let (tilt, drop) = (motion.pelvis.sagittal[START + 150], motion.pelvis.left_lean[START + 150]);
    near(tilt.to_degrees(), 20.0, 0.1);
    let base = [(Orientation, rad(0.1)), (SoftTissue, 0.06 * tilt), (Wobble, rad(0.25))];
    let with = |axis: f64| [base[0], base[1], base[2], (Axis, axis)];
    holds(&measured, Metric::PelvisTilt, &with(rad(AXIS) * drop));
    holds(&measured, Metric::PelvisDrop, &with(rad(AXIS) * tilt.sin()));
    let [orientation, tissue, wobble, axis] = with(rad(AXIS) * (1.0 - tilt.cos()));
    // 0.1 deg/s from the onset to the first point of the plateau.
    let [.., rotated] = [&measured.budgets[&Metric::PelvisRotation]];
    let seconds = rotated.sigma_of(Drift) / rad(0.1);
    assert!((0.95..=2.05).contains(&seconds), "{seconds}");
    holds(&measured, Metric::PelvisRotation, &[orientation, tissue, wobble, axis, (Drift, rad(0.1) * seconds)]);
    holds(&measured, Metric::ShankSway, &[(Orientation, rad(0.1)), (Wobble, rad(0.1)), (Axis, rad(AXIS) * rad(5.0))]);
    let flexion = rad(31.0) - tilt;
    holds(
        &measured,
        Metric::SpineFlexion,
        &[
            (Orientation, rad(0.1) * 2.0_f64.sqrt()),
            (SoftTissue, (0.06 * tilt).hypot(0.10 * flexion)),
            (Wobble, rad(0.25) * 2.0_f64.sqrt()),
        ],
    );
}

#[test]
fn a_pelvis_drop_is_as_uncertain_as_the_pelvis_is_where_it_tilts_most() {
    let drawn = Drawn { pelvis_tilt: 20.0, axis_sigma: AXIS, ..Drawn::default() };
    let measured = drawn.measure_changed(|set, _| set.pelvis.left_lean[START + 20] = 6.0_f64.to_radians());
    near(value(&measured, Metric::PelvisDrop), 6.0, 1e-9);
    let axis = AXIS.to_radians() * 20.0_f64.to_radians().sin();
    near(measured.budgets[&Metric::PelvisDrop].sigma_of(ErrorSource::Axis), axis, 1e-9);
}

#[test]
fn knee_and_flexions_are_uncertain_by_what_their_formulas_say() {
    use ErrorSource::{Axis, Noise, Orientation, SegmentLength, SoftTissue, Wobble};
    let rad = f64::to_radians;
    let measured = uncertain().measure();
    let shank_axis = (rad(AXIS) * rad(2.0)).hypot(0.5 * rad(AXIS) * rad(AXIS) * rad(5.0));
    let slope = SHANK * rad(8.0).cos();
    let forward = SHANK * (rad(8.0).sin() - rad(3.0).sin());
    holds(
        &measured,
        Metric::KneeForward,
        &[
            (Orientation, slope * rad(0.1)),
            (SoftTissue, slope * 0.02 * rad(17.0)),
            (Wobble, slope * rad(0.1)),
            (Axis, slope * shank_axis),
            (SegmentLength, LENGTH_SIGMA / SHANK * forward),
        ],
    );
    holds(
        &measured,
        Metric::KneeFlexion,
        &[
            (Orientation, rad(0.1).hypot(rad(0.1))),
            (SoftTissue, (0.02 * rad(17.0)).hypot(0.06 * rad(12.0))),
            (Wobble, rad(0.1).hypot(rad(0.25))),
            (Axis, shank_axis),
        ],
    );
    holds(&measured, Metric::FootKnock, &[(SoftTissue, 0.2 * 5.0), (Noise, 0.1)]);
}

#[test]
fn without_a_thigh_sensor_the_shank_enters_the_knees_flexion_twice() {
    let drawn = Drawn { thigh_tilt: None, ..uncertain() };
    let measured = drawn.measure();
    let (flexion, back) = (measured.budgets[&Metric::KneeFlexion], measured.budgets[&Metric::HipBack]);
    let tilt = value(&measured, Metric::KneeFlexion).to_radians();
    near(flexion.sigma_of(ErrorSource::Orientation), 2.0 * 0.1_f64.to_radians(), 1e-9);
    let slide = 0.006 * 20.0_f64.to_radians().hypot(0.0) / THIGH;
    let tissue = (2.0 * 0.02 * tilt).hypot(slide);
    // The pelvis turns by a little more than it tilts.
    near(flexion.sigma_of(ErrorSource::SoftTissue), tissue, 0.1 * tissue);
    near(flexion.sigma_of(ErrorSource::Zero), back.sigma_of(ErrorSource::Zero) / THIGH, 1e-3);
    assert!(flexion.sigma_of(ErrorSource::Zero) > 1e-3);
}

#[test]
fn a_sensor_that_may_have_slid_makes_its_numbers_as_uncertain_as_it_slid() {
    let doubt = Remainder { shank: 0.02, pelvis: 0.03 };
    let measured = Drawn { doubt, thigh_tilt: None, ..uncertain() }.measure();
    let slip = |metric| measured.budgets[&metric].sigma_of(ErrorSource::Slip);
    near(slip(Metric::ShankTilt), 0.02, 1e-15);
    near(slip(Metric::PelvisTilt), 0.03, 1e-15);
    // The pelvis sensor swings its whole lever arm.
    let lever = [0.12_f64, 0.08, 0.085].iter().map(|x| x * x).sum::<f64>().sqrt();
    near(slip(Metric::HipBack), 0.03 * lever, 1e-12);
    near(slip(Metric::HipDrop), 0.03 * lever, 1e-12);
    near(slip(Metric::KneeFlexion), 0.04_f64.hypot(0.03 * lever / THIGH), 1e-12);
    near(slip(Metric::FootKnock), 0.0, 0.0);
}

#[test]
fn hips_slide_under_their_sensor_by_a_tenth_of_a_millimetre_a_degree() {
    let measured = Drawn { pelvis_tilt: 20.0, hip_back: 0.08, hip_drop: 0.008, ..Drawn::default() }.measure();
    let budget = measured.budgets[&Metric::HipBack];
    near(budget.sigma_of(ErrorSource::SoftTissue), 0.006 * 20.0_f64.to_radians(), 1e-5);
    // Nobody sways up and down as much as fore and aft.
    let (along, down) =
        (budget.sigma_of(ErrorSource::Zero), measured.budgets[&Metric::HipDrop].sigma_of(ErrorSource::Zero));
    assert!(down < 0.8 * along, "{down} {along}");
}

#[test]
fn a_stance_that_drifts_makes_the_onset_count() {
    // 0.01 degrees a point in the lead, whose first instant may lie 25 points from where it was taken.
    let onset = |slope: f64, metric: Metric| {
        let measured = Drawn::default().measure_changed(|set, candidate| {
            for i in candidate.lead_in.clone() {
                let lean = slope * (i as f64 - START as f64).to_radians();
                (set.shank.sagittal[i], set.pelvis.sagittal[i]) = (lean, -2.0 * lean);
            }
        });
        measured.budgets[&metric].sigma_of(ErrorSource::Onset)
    };
    near(onset(0.01, Metric::ShankTilt), 0.25_f64.to_radians(), 1e-12);
    near(onset(0.01, Metric::PelvisTilt), 0.5_f64.to_radians(), 1e-12);
    near(onset(0.0, Metric::PelvisTilt), 0.0, 0.0);
}

#[test]
fn rest_is_what_stays_near_the_posture_beside_the_movement() {
    let (method, body) = (Method::default().stillness.between_movements, body());
    let drawn = Drawn { pelvis_tilt: 20.0, ..Drawn::default() };
    let grid = drawn.grid();
    let mut motion = drawn.motion(&grid, &body);
    let rest = |motion: &SetMotion<'_>| rest::Rest::around(motion, &candidate(), 0..grid.len(), 200, &method);
    // 0.25 s from the 5 % points and 0.3 s long at least; 2 s before and half of it after.
    assert_eq!(rest::Rest::least(&grid, &candidate(), &method).span(), START - 55..END + 55);
    let still = rest(&motion);
    assert_eq!((still.before.len(), still.after.len()), (200, 100));
    assert!(still.before.contains(&(START - 26)) && still.after.contains(&(END + 26)));
    // Whoever leaned by more than two degrees, with either segment, was not in it.
    motion.shank.sagittal[START - 100] = 2.1_f64.to_radians();
    motion.pelvis.sagittal[END + 80] = -2.1_f64.to_radians();
    let leaned = rest(&motion);
    assert_eq!((leaned.before.start, leaned.after.end), (START - 99, END + 80));
    motion.shank.sagittal[START - 100] = 1.9_f64.to_radians();
    assert!(rest(&motion).before.start < START - 100);
    // Nobody knows where she was while data were missing.
    let grid = Drawn { gaps: vec![(SensorRole::Hip, START - 120..START - 115)], ..drawn.clone() }.grid();
    assert_eq!(rest(&drawn.motion(&grid, &body)).before.start, START - 115);
}

#[test]
fn every_budget_adds_up_to_the_sigma_that_is_stated() {
    let doubt = Remainder { shank: 0.01, pelvis: 0.02 };
    let gaps = vec![(SensorRole::Hip, START + 40..START + 60), (SensorRole::Shank, START + 10..START + 30)];
    for thigh_tilt in [None, Some(-12.0)] {
        let drawn = Drawn { doubt, gaps: gaps.clone(), thigh_tilt, hip_back: 0.08, hip_drop: 0.01, ..uncertain() };
        let measured = drawn.measure();
        assert_eq!(measured.budgets.len(), Metric::ALL.len() - 1);
        for (metric, budget) in &measured.budgets {
            let root = Budget::sum(&budget.terms().map(|(s, sigma)| Budget::of(s, sigma)).collect::<Vec<_>>());
            assert!((root.sigma() / budget.sigma() - 1.0).abs() < 1e-9, "{metric:?}");
        }
        let hip = measured.budgets[&Metric::HipBack];
        assert!(hip.sigma_of(ErrorSource::Gap) > 1e-4, "{hip:?}");
    }
}
