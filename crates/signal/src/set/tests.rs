use truehinge_core::{Cause, Metric, Pelvis, Rotation, SampleRate, Segment, Sensor, SessionTime, Shank};

use super::*;
use crate::clock;
use crate::drawn::session::{BOWS, DRIFTING, Drawing, HINGES, KNEE_BENDS, MOVEMENT_S, SHANK_M};
use crate::drawn::signals::{track, upright};
use crate::prepare;
use crate::synchronise::{common_span, synchronise};

fn rate() -> SampleRate {
    SampleRate::from_hertz(100.0).expect("positive")
}

/// The drawn session on a grid.
fn drawn(drawing: &Drawing) -> PoseGrid {
    let (recording, method) = (drawing.recording(), Method::default());
    let models = clock::fit(&recording, &method.clock).expect("clocks");
    let prepared = recording.tracks.iter().zip(&models).map(|(track, model)| prepare(track, model, &method));
    let oriented: Vec<_> = prepared.map(|sensor| sensor.expect("a usable sensor").oriented).collect();
    let oriented: Vec<_> = oriented.iter().collect();
    synchronise(&oriented, common_span(&oriented).expect("overlap"), rate())
}

/// Asks a stretch that was worn so.
fn worn<T>(grid: &PoseGrid, side: Side, mounts: &[(SensorRole, Option<MountSite>)], ask: impl Fn(&Worn<'_>) -> T) -> T {
    let (protocol, method) = (Protocol::default(), Method::default());
    let body = Drawing::default().recording().info.body;
    let calibration = [Span::from_seconds(KNEE_BENDS[0] - 0.5, BOWS[1] + MOVEMENT_S + 0.5)];
    // Who knows where the sensors sit has drawn a whole session.
    let calibrations = if mounts.is_empty() { &[][..] } else { &calibration[..] };
    let context = SetContext {
        side: Some(side),
        marked: true,
        put_on_anew: false,
        body: &body,
        mounts,
        protocol: &protocol,
        calibrations,
        borders: &[],
    };
    ask(&Worn::new(grid, &context, &method).expect("somebody stands"))
}

const SITES: [(SensorRole, Option<MountSite>); 2] =
    [(SensorRole::Hip, Some(MountSite::Sacrum)), (SensorRole::Shank, Some(MountSite::ShankLateral))];

#[test]
fn the_numbers_of_a_set_are_those_of_its_counted_movements() {
    for side in [Side::Left, Side::Right] {
        let grid = drawn(&Drawing { side, ..Drawing::default() });
        worn(&grid, side, &SITES, |worn| {
            let found = worn.found();
            let [group] = found.sets()[..] else { panic!("one set") };
            let measured = Measured::of(&found, group);
            let rows: Vec<_> = measured.measurements().collect();
            assert_eq!(rows.len(), HINGES.len());
            for (i, ((candidate, measurement), start)) in rows.into_iter().zip(HINGES).enumerate() {
                assert!(candidate.rejection.is_none());
                let value = |metric| measurement.metrics.reading(metric).expect("measured").value;
                let (before, middle) = (start - 0.1, start + MOVEMENT_S / 2.0);
                let lean = |role, t| Drawing::leans(role, t).0;
                let pelvis = (lean(SensorRole::Hip, middle) - lean(SensorRole::Hip, before)).to_degrees();
                let knee = lean(SensorRole::Shank, middle).sin() - lean(SensorRole::Shank, before).sin();
                assert!((value(Metric::PelvisTilt) - pelvis).abs() < 0.5, "{side:?} {i}");
                if i == DRIFTING {
                    assert!((value(Metric::KneeForward) - 1e3 * SHANK_M * knee).abs() < 2.0, "{side:?} {i}");
                }
                assert!((value(Metric::HipBack) - 100.0).abs() < 10.0, "{side:?} {i}: {}", value(Metric::HipBack));
            }
        });
    }
}

#[test]
fn a_judged_set_has_its_number_its_repetitions_from_one_on_and_all_that_was_not_counted() {
    let grid = drawn(&Drawing::default());
    let (set, rejected) = worn(&grid, Side::Left, &SITES, |worn| {
        let found = worn.found();
        let rejected = found.candidates().iter().filter(|candidate| candidate.rejection.is_some()).count();
        (Measured::of(&found, found.candidates()).judged(7, false), rejected)
    });
    assert_eq!((set.number, set.side), (7, Some(Side::Left)));
    assert_eq!(set.reps.iter().map(|rep| rep.number).collect::<Vec<_>>(), [1, 2, 3]);
    for (rep, start) in set.reps.iter().zip(HINGES) {
        assert!((rep.turn.seconds() - start - MOVEMENT_S / 2.0).abs() < 0.1, "{:?}", rep.turn);
    }
    assert!(rejected >= 5);
    assert_eq!(set.rejected.len(), rejected);
}

/// A grid of somebody who stands on two legs, then on one, and then makes three movements that tilt the pelvis by 30 degrees and
/// lean the shank by so many, degrees.
fn movements(side: Side, shank_deg: f64) -> PoseGrid {
    let outward = match side {
        Side::Left => 1.0,
        Side::Right => -1.0,
    };
    let posture = |i: usize| {
        let t = i as f64 / 100.0;
        let on_one_leg = (t - 5.0).clamp(0.0, 1.0);
        let since = (t - 9.0).rem_euclid(6.0) / 2.4;
        let moves = (9.0..27.0).contains(&t) && since < 1.0;
        let part = if moves { 0.5 * (1.0 - (std::f64::consts::TAU * since).cos()) } else { 0.0 };
        (30.0 * part, shank_deg * part, outward * 6.0 * on_one_leg)
    };
    fn sensor<S: Segment>(role: SensorRole, leans: impl Iterator<Item = (f64, f64)>) -> PoseTrack {
        let turned = nalgebra::UnitQuaternion::from_euler_angles(0.4, -0.9, 2.0);
        // CLAIM: any way to sit on a segment.
        let mounting: Rotation<Sensor, S> = Rotation::assert_maps(turned);
        track(role, mounting, leans.map(|(forward, left)| upright(0.3, forward.to_radians(), left.to_radians())))
    }
    let tracks = vec![
        sensor::<Pelvis>(SensorRole::Hip, (0..2900).map(|i| (posture(i).0, 0.0))),
        sensor::<Shank>(SensorRole::Shank, (0..2900).map(|i| (posture(i).1, posture(i).2))),
    ];
    PoseGrid { start: SessionTime::from_seconds(0.0), rate: rate(), tracks }
}

#[test]
fn a_shank_that_only_leans_backward_is_turned_round_where_its_front_is_not_known() {
    for side in [Side::Left, Side::Right] {
        for shank_deg in [8.0, -8.0] {
            let (counted, lean) = worn(&movements(side, shank_deg), side, &[], |worn| {
                let found = worn.found();
                let counted = found.candidates().iter().filter(|candidate| candidate.rejection.is_none()).count();
                (counted, found.motion().shank.sagittal[1020].to_degrees())
            });
            assert_eq!(counted, 3, "{side:?}, {shank_deg}");
            assert!((lean - shank_deg).abs() < 0.5, "{side:?}, {shank_deg}: {lean}");
        }
    }
}

#[test]
fn without_both_sensors_or_a_posture_there_is_no_set() {
    let (body, protocol, method) = (Anthropometry::default(), Protocol::default(), Method::default());
    let context = SetContext {
        side: None,
        marked: true,
        put_on_anew: false,
        body: &body,
        mounts: &[],
        protocol: &protocol,
        calibrations: &[],
        borders: &[],
    };
    let whole = movements(Side::Left, 8.0);
    let sets = |grid: &PoseGrid| {
        Worn::new(grid, &context, &method).map(|worn| analyse(&worn, 4).sets.first().map(|set| set.number))
    };
    assert_eq!(sets(&whole), Some(Some(4)));
    for kept in [0, 1] {
        let one = PoseGrid { tracks: vec![whole.tracks[kept].clone()], ..whole.clone() };
        assert_eq!(sets(&one), None);
    }
    let mut gone = whole;
    gone.tracks[0].valid.fill(false);
    assert_eq!(sets(&gone), None);
}

#[test]
fn after_sensors_were_put_on_anew_no_verdict_is_given() {
    let (body, protocol, method) = (Anthropometry::default(), Protocol::default(), Method::default());
    let grid = movements(Side::Left, 8.0);
    let causes = |put_on_anew| {
        let context = SetContext { put_on_anew, ..SetContext::marked(&body, &protocol) };
        let sets = analyse(&Worn::new(&grid, &context, &method).expect("somebody stands"), 1).sets;
        sets.iter().flat_map(|set| &set.reps).map(|rep| rep.judgement.cause).collect::<Vec<Cause>>()
    };
    assert!(!causes(false).contains(&Cause::OtherLeg));
    assert_eq!(causes(true), [Cause::OtherLeg; 3]);
}
