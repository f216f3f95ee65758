//! Drawn motion with exact answers. Bells are raised cosines: they pass 5 % of their size 0.0718 of their length after they begin
//! and before they end, and 95 % at 0.4282 and 0.5718.

use truehinge_core::{Rejection, Side};

use super::*;
use crate::drawn::signals::Signals;

const LOW: f64 = 0.071_783;
const HIGH: f64 = 0.428_217;

fn found(signals: &Signals) -> Vec<Candidate> {
    segment(&signals.motion(), &Method::default())
}

/// The reasons in order; `None` is counted.
fn reasons(signals: &Signals) -> Vec<Option<Rejection>> {
    found(signals).into_iter().map(|candidate| candidate.rejection).collect()
}

fn counted(signals: &Signals) -> usize {
    reasons(signals).iter().filter(|reason| reason.is_none()).count()
}

/// Grid point of a time, at 100 Hz.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "tests draw a few seconds")]
fn point(seconds: f64) -> usize {
    (seconds * 100.0).round() as usize
}

#[track_caller]
fn near(found: usize, seconds: f64, points: usize) {
    assert!(found.abs_diff(point(seconds)) <= points, "{found} is not at {}", point(seconds));
}

/// Five seconds of standing around each of `count` bells.
fn set(count: usize, pelvis_deg: f64, seconds: f64) -> Signals {
    (0..count).fold(Signals::new().still(5.0), |set, _| set.bell(pelvis_deg, 0.0, seconds).still(5.0))
}

#[test]
fn nothing_is_found_where_nobody_moves_and_where_there_is_nothing() {
    assert!(found(&Signals::new().still(20.0)).is_empty());
    assert!(found(&Signals::new().still(0.01)).is_empty());
    assert!(found(&Signals::new()).is_empty());
    // Sway is no movement.
    assert!(found(&Signals::new().sway(1.5, 30.0)).is_empty());
}

#[test]
fn a_bell_is_one_repetition_with_its_edges_where_it_passes_5_and_95_percent() {
    for (pelvis, shank) in [(30.0, 0.0), (-30.0, 0.0), (0.0, 20.0), (0.0, -20.0), (20.0, 10.0)] {
        let all = found(&Signals::new().still(5.0).bell(pelvis, shank, 4.0).still(5.0));
        assert_eq!(all.len(), 1);
        let bell = &all[0];
        assert!(bell.rejection.is_none(), "{:?}", bell.rejection);
        near(bell.range.start, 5.0 + 4.0 * LOW, 1);
        near(bell.range.end, 9.0 - 4.0 * LOW, 1);
        near(bell.bottom.start, 5.0 + 4.0 * HIGH, 1);
        near(bell.bottom.end, 9.0 - 4.0 * HIGH, 1);
        assert!((bell.turn() - 700.0).abs() <= 1.0);
        // The shank counts 1.3 times; the low-pass takes 0.02 % off a bell of 4 s.
        let size = f64::hypot(pelvis, 1.3 * shank);
        assert!((bell.excursion.to_degrees() - size).abs() < 0.01 * size, "{}", bell.excursion.to_degrees());
    }
}

#[test]
fn changes_are_measured_from_a_quarter_of_a_second_before_the_first_instant() {
    let all = found(&set(2, 30.0, 4.0));
    for bell in &all {
        let whole = bell.whole();
        assert_eq!(bell.stance, whole.start - 25..whole.start);
        // The onset may be wrong by as much as it lies after the first instant.
        let lead = bell.range.start - whole.start;
        assert_eq!(bell.lead_in, bell.stance.start - lead.max(25)..whole.start);
    }
    // 0.304 of the way from 5 to 95 %: 0.43 s before the onset for this bell.
    near(all[0].whole().start, 5.0 + 4.0 * (LOW - 0.304 * (HIGH - LOW)), 2);
}

#[test]
fn the_stance_between_two_close_movements_lies_in_the_middle_of_their_pause() {
    let all = found(&Signals::new().still(5.0).bell(30.0, 0.0, 3.0).still(0.3).bell(30.0, 0.0, 3.0).still(5.0));
    assert_eq!(all.len(), 2);
    assert!(all.iter().all(|bell| bell.rejection.is_none()));
    let (first, second) = (&all[0], &all[1]);
    near(first.range.end, 8.0 - 3.0 * LOW, 2);
    near(second.range.start, 8.3 + 3.0 * LOW, 2);
    assert_eq!(second.stance.len(), 25);
    let middle = f64::midpoint(second.stance.start as f64, second.stance.end as f64);
    assert!((middle - 815.0).abs() <= 2.0, "{middle}");
    assert!(second.lead_in.start >= first.range.end);
}

#[test]
fn movement_at_the_very_beginning_has_a_stance_all_the_same() {
    let all = found(&Signals::new().still(0.02).bell(30.0, 0.0, 3.0).still(8.0));
    assert_eq!(all.len(), 1);
    assert!(!all[0].stance.is_empty() && all[0].stance.end <= all[0].range.start.max(1));
}

/// The built-in method with some numbers changed.
fn method(changes: &[(&str, &str)]) -> Method {
    let change = |method: Method, (path, value): &(&str, &str)| method.with(path, value).expect("a known number");
    changes.iter().fold(Method::default(), change)
}

/// A bell among circles of sway: small sway and large limits, so that the bell is too far from the stance to pull at it.
fn swaying(sway_deg: f64, bell_deg: f64) -> Signals {
    Signals::new().sway(sway_deg, 12.0).still(2.0).bell(bell_deg, 0.0, 3.0).still(2.0).sway(sway_deg, 12.0)
}

#[test]
fn what_is_smaller_than_a_repetition_is_listed_with_its_size_and_the_limit() {
    let method = method(&[("repetitions.leaves_deg", "20"), ("repetitions.leaves_sways_ratio", "1000")]);
    let reasons = |bell_deg: f64| -> Vec<_> {
        segment(&swaying(0.5, bell_deg).motion(), &method).iter().map(|bell| bell.rejection).collect()
    };
    let [Some(Rejection::TooSmall { excursion_deg, limit_deg })] = reasons(18.0)[..] else {
        panic!("{:?}", reasons(18.0))
    };
    assert!((limit_deg - 20.0).abs() < 1e-9);
    assert!((excursion_deg - 18.0).abs() < 0.1, "{excursion_deg}");
    assert_eq!(reasons(21.0), [None]);
    // Below 2.7 degrees nobody hears of it.
    assert!(reasons(2.6).is_empty());
    assert_eq!(reasons(5.0).len(), 1);
}

#[test]
fn the_sway_of_moving_feet_is_not_looked_at() {
    let method = method(&[("repetitions.leaves_deg", "20"), ("repetitions.leaves_sways_ratio", "10")]);
    // Most of the time the feet move; in what remains the sway asks for 12 degrees.
    let walking = swaying(1.2, 10.8).stepping(0.0, 9.0).stepping(23.0, 31.0);
    let all = segment(&walking.motion(), &method);
    assert!(matches!(all[..], [Candidate { rejection: Some(Rejection::TooSmall { .. }), .. }]), "{all:?}");
}

#[test]
fn shaking_moves_no_edge() {
    let all = found(&Signals::new().still(5.0).bell(20.0, 15.0, 4.0).still(5.0).shaking(2.0, 11.0));
    assert_eq!(all.len(), 1);
    near(all[0].range.start, 5.0 + 4.0 * LOW, 2);
    near(all[0].range.end, 9.0 - 4.0 * LOW, 2);
}

#[test]
fn a_movement_is_seen_from_the_stance_just_before_it() {
    // A new posture, too new for the stance to have followed.
    let all = found(
        &Signals::new().still(8.0).step(1.5, 0.4).still(0.8).bell(30.0, 0.0, 4.0).still(0.8).step(-1.5, 0.4).still(8.0),
    );
    assert_eq!(all.len(), 1);
    near(all[0].range.start, 9.2 + 4.0 * LOW, 3);
    near(all[0].range.end, 13.2 - 4.0 * LOW, 3);
}

#[test]
fn somebody_who_stands_stiller_may_move_less() {
    let method = method(&[("repetitions.leaves_deg", "20"), ("repetitions.leaves_sways_ratio", "10")]);
    let reason = |sway_deg: f64, bell_deg: f64| {
        let all = segment(&swaying(sway_deg, bell_deg).motion(), &method);
        assert_eq!(all.len(), 1);
        all[0].rejection
    };
    // The median distance from the stance is the radius of the sway.
    for sway_deg in [0.8, 1.2] {
        let Some(Rejection::TooSmall { limit_deg, .. }) = reason(sway_deg, 9.0 * sway_deg) else { panic!("too small") };
        assert!((limit_deg - 10.0 * sway_deg).abs() < 0.3, "{limit_deg}");
        assert_eq!(reason(sway_deg, 11.0 * sway_deg), None);
    }
    // However still: not below 2.7 degrees.
    assert!(found(&set(1, 2.5, 2.0)).is_empty());
    assert_eq!(counted(&set(1, 4.0, 2.0)), 1);
}

#[test]
fn a_change_of_posture_is_no_repetition() {
    let [Some(Rejection::NoReturn { share })] = reasons(&Signals::new().still(5.0).step(20.0, 2.0).still(5.0))[..]
    else {
        panic!("one that does not return")
    };
    assert!((share - 1.0).abs() < 0.01, "{share}");
}

/// Back to a share of the way, where the stance after it is still known to be another: a quarter is within sway, three are not.
#[test]
fn most_of_the_way_must_be_undone() {
    let back = |undone: f64| {
        let up = Signals::new().still(5.0).step(20.0, 1.5);
        reasons(&up.step(-20.0 * undone, 1.5).still(5.0))
    };
    assert_eq!(back(1.0), [None]);
    let [Some(Rejection::NoReturn { share })] = back(0.25)[..] else { panic!("{:?}", back(0.25)) };
    assert!((share - 0.75).abs() < 0.02, "{share}");
    assert_eq!(back(0.5), [None]);
    // Farther on the other side than where it began is no return either: the share is one of the whole way.
    let beyond = reasons(&Signals::new().still(5.0).step(10.0, 1.5).step(-60.0, 1.0).still(5.0));
    assert_eq!(beyond.len(), 2);
    for reason in beyond {
        let Some(Rejection::NoReturn { share }) = reason else { panic!("{reason:?}") };
        assert!(share > 0.6 && share < 1.01, "{share}");
    }
}

#[test]
fn a_movement_across_a_long_gap_is_not_known_to_be_one() {
    let with_gap = |seconds: f64| reasons(&set(1, 30.0, 6.0).gap(8.0 - seconds / 2.0, 8.0 + seconds / 2.0));
    assert_eq!(with_gap(0.9), [None]);
    let [Some(Rejection::DataGap { seconds })] = with_gap(1.5)[..] else { panic!("{:?}", with_gap(1.5)) };
    assert!((seconds - 1.5).abs() < 1e-9);
    // Two gaps are no longer than the longer of them.
    assert_eq!(reasons(&set(1, 30.0, 6.0).gap(6.5, 7.3).gap(8.5, 9.3)), [None]);
    // A gap beside the movement is none in it.
    assert_eq!(reasons(&set(1, 30.0, 6.0).gap(1.0, 4.0)), [None]);
}

#[test]
fn moving_feet_make_no_repetition() {
    let all = reasons(&set(1, 30.0, 4.0).stepping(6.9, 7.1));
    assert!(!all.is_empty() && all.iter().all(|reason| *reason == Some(Rejection::Stepping)), "{all:?}");
    assert_eq!(reasons(&set(1, 30.0, 4.0).stepping(2.0, 3.0)), [None]);
    // Who walks makes no attempts.
    assert!(found(&set(1, 30.0, 4.0).stepping(4.9, 9.1)).is_empty());
}

#[test]
fn a_step_beside_the_movement_is_seen() {
    let range = found(&set(1, 30.0, 4.0))[0].range.clone();
    let (start, end) = (range.start as f64 / 100.0, range.end as f64 / 100.0);
    assert_eq!(reasons(&set(1, 30.0, 4.0).stepping(end, end + 0.1)), [Some(Rejection::Stepping)]);
    assert_eq!(reasons(&set(1, 30.0, 4.0).stepping(end + 0.01, end + 0.1)), [None]);
    assert_eq!(reasons(&set(1, 30.0, 4.0).stepping(start - 0.11, start)), [Some(Rejection::Stepping)]);
    assert_eq!(reasons(&set(1, 30.0, 4.0).stepping(start - 0.13, start - 0.02)), [None]);
}

#[test]
fn what_is_shorter_or_longer_than_a_repetition_is_listed_with_its_length() {
    let length = |signals: &Signals| match reasons(signals)[..] {
        [Some(Rejection::Duration { seconds })] => Some(seconds),
        [None] => None,
        ref other => panic!("{other:?}"),
    };
    // 0.86 of a bell lies between its 5 % points, a little more after the low-pass; a lone one is not known to be of somebody who
    // hurries.
    let (lone, brisk) = (length(&set(1, 30.0, 1.35)), length(&set(1, 30.0, 1.6)));
    assert!((lone.expect("too short") - 1.35 * (1.0 - 2.0 * LOW)).abs() < 0.06, "{lone:?}");
    assert_eq!(brisk, None);
    // Between the stance's limit of 1.8 degrees it lasts less than 15 s, between its 5 % points more.
    let held = |hold: f64| Signals::new().still(6.0).held(20.0, 2.0, hold).still(6.0);
    let long = length(&held(11.65)).expect("too long");
    assert!(long > 15.0 && long < 15.2, "{long}");
    assert_eq!(length(&held(11.3)), None);
    // One that is longer than any repetition altogether.
    assert!(length(&held(18.0)).expect("too long") > 20.0);
}

#[test]
fn people_who_hurry_may_be_brief_and_others_may_not() {
    // 1.1 s each: too short for a touch-down's sake unless all are so.
    assert_eq!(counted(&set(5, 30.0, 1.28)), 5);
    assert_eq!(counted(&set(2, 30.0, 1.28)), 0);
    // Nobody is faster than 0.9 s.
    assert_eq!(counted(&set(5, 30.0, 0.95)), 0);
    let mixed = (0..4).fold(set(3, 30.0, 1.28), |set, _| set.bell(30.0, 0.0, 4.0).still(5.0));
    let brief = reasons(&mixed);
    assert!(brief[..3].iter().all(|reason| matches!(reason, Some(Rejection::Duration { .. }))), "{brief:?}");
    assert!(brief[3..].iter().all(Option::is_none), "{brief:?}");
}

#[test]
fn attempts_that_turn_back_early_are_broken_off() {
    let among = |bells: usize, size: f64, seconds: f64| {
        let last = reasons(&set(bells, 30.0, 4.0).bell(size, 0.0, seconds).still(5.0));
        assert!(last[..bells].iter().all(Option::is_none), "{last:?}");
        last[bells]
    };
    // Half the size in half the time.
    let Some(Rejection::Aborted { share }) = among(4, 15.0, 2.0) else { panic!("{:?}", among(4, 15.0, 2.0)) };
    assert!((share - 0.5).abs() < 0.01, "{share}");
    // A small repetition that takes its time, a fast one that is of full size, and one that is hardly smaller.
    assert_eq!([among(4, 15.0, 3.0), among(4, 30.0, 2.0), among(4, 27.0, 2.0)], [None; 3]);
    // Faint: a fifth of the size in less than two thirds of the time.
    let Some(Rejection::Aborted { share }) = among(4, 6.0, 2.5) else { panic!("{:?}", among(4, 6.0, 2.5)) };
    assert!((share - 0.2).abs() < 0.01, "{share}");
    assert_eq!(among(4, 9.0, 2.55), None);
    assert_eq!(among(4, 6.0, 2.95), None);
    // Two movements say nothing of what is usual; three do.
    assert_eq!(among(1, 10.0, 1.5), None);
    assert!(matches!(among(2, 15.0, 1.9), Some(Rejection::Aborted { .. })));
}

/// Two bends on two legs before the set, then four repetitions on one, leaning outward by so much.
fn bends_and_repetitions(side: Option<Side>, outward_deg: f64) -> Signals {
    let bends = Signals::new().on(side).still(5.0).bell(40.0, 0.0, 4.0).still(5.0).bell(40.0, 0.0, 4.0).still(3.0);
    (0..4).fold(bends.leaning(outward_deg).still(3.0), |set, _| set.bell(30.0, 0.0, 4.0).still(5.0))
}

#[test]
fn movements_on_two_legs_are_outside_a_set_on_one() {
    let outside = Some(Rejection::OutsideSet);
    for side in [Side::Left, Side::Right] {
        let all = bends_and_repetitions(Some(side), 6.0);
        assert_eq!(reasons(&all), [outside, outside, None, None, None, None], "{side}");
        for (candidate, lean) in found(&all).iter().zip([0.0, 0.0, 6.0, 6.0, 6.0, 6.0_f64]) {
            assert!((candidate.stance_lean.to_degrees() - lean).abs() < 1e-9);
        }
        // Where the lean does not tell one leg from two, nothing is outside.
        assert_eq!(counted(&bends_and_repetitions(Some(side), 2.9)), 6);
        assert_eq!(counted(&bends_and_repetitions(Some(side), -2.9)), 6);
        // The reference posture is on one leg: what leans inward of it is on two.
        assert_eq!(reasons(&bends_and_repetitions(Some(side), -6.0)), [None, None, outside, outside, outside, outside]);
    }
    assert_eq!(counted(&bends_and_repetitions(None, 6.0)), 6);
    assert_eq!(counted(&bends_and_repetitions(Some(Side::Left), 6.0).two_legged()), 6);
}

#[test]
fn the_stance_of_a_movement_is_the_one_of_the_two_beside_it_that_leans_more() {
    let lean = |before: f64, after: f64| {
        let out = Signals::new().leaning(before).still(5.0).step(30.0, 2.0);
        let set = out.leaning(after).step(-30.0, 2.0).still(5.0);
        found(&set)[0].stance_lean.to_degrees()
    };
    assert!((lean(0.0, 6.0) - 6.0).abs() < 1e-9);
    assert!((lean(6.0, 0.0) - 6.0).abs() < 1e-9);
    assert!((lean(-6.0, -2.0) + 2.0).abs() < 1e-9);
}

#[test]
fn the_limit_between_one_leg_and_two_lies_nearer_to_two() {
    let then = |lean: f64| {
        let more = bends_and_repetitions(Some(Side::Right), 6.0).leaning(lean).still(5.0);
        reasons(&more.bell(30.0, 0.0, 4.0).still(5.0))[6]
    };
    // 0.45 of 6 degrees is 2.7.
    assert_eq!(then(2.8), None);
    assert_eq!(then(2.6), Some(Rejection::OutsideSet));
}

#[test]
fn the_movements_of_a_calibration_are_no_repetitions() {
    let outside = Some(Rejection::OutsideSet);
    assert_eq!(reasons(&set(3, 30.0, 4.0).calibrating(4.0, 10.0)), [outside, None, None]);
    // Spans are half-open: one that ends where a movement begins does not meet it.
    let range = &found(&set(3, 30.0, 4.0))[1].range;
    let at = |points: usize| points as f64 / 100.0;
    assert_eq!(counted(&set(3, 30.0, 4.0).calibrating(at(range.start) - 1.0, at(range.start))), 3);
    assert_eq!(counted(&set(3, 30.0, 4.0).calibrating(at(range.start) - 1.0, at(range.start + 1))), 2);
    assert_eq!(counted(&set(3, 30.0, 4.0).calibrating(at(range.end), at(range.end) + 1.0)), 3);
    assert_eq!(counted(&set(3, 30.0, 4.0).calibrating(at(range.end - 1), at(range.end) + 1.0)), 2);
}

/// Bells of 2 s without a pause between them.
fn without_pause(sizes: &[f64]) -> Signals {
    sizes.iter().fold(Signals::new().still(1.0), |set, size| set.bell(*size, 0.0, 2.0)).still(1.0)
}

#[test]
fn repetitions_without_a_pause_are_counted_by_their_peaks() {
    for pelvis in [60.0, -60.0] {
        let all = found(&without_pause(&[pelvis; 20]));
        assert_eq!(all.len(), 20);
        for (number, bell) in all.iter().enumerate() {
            let begins = 1.0 + 2.0 * number as f64;
            assert!(bell.rejection.is_none(), "{:?}", bell.rejection);
            near(bell.range.start, begins + 2.0 * LOW, 2);
            near(bell.range.end, begins + 2.0 * (1.0 - LOW), 2);
            near(bell.bottom.start, begins + 2.0 * HIGH, 1);
            near(bell.bottom.end, begins + 2.0 * (1.0 - HIGH), 1);
            // The low-pass takes 0.1 degrees off the top and swings 0.3 degrees below the stance at both ends.
            assert!((bell.excursion.to_degrees() - 60.0).abs() < 0.3, "{}", bell.excursion.to_degrees());
        }
    }
}

#[test]
fn half_a_repetition_between_whole_ones_is_none() {
    let with = |size: f64| {
        let mut sizes = [60.0; 21];
        sizes[10] = size;
        counted(&without_pause(&sizes))
    };
    assert_eq!([with(32.0), with(28.0)], [21, 20]);
    // Nothing is a repetition that would not be one after a pause.
    assert!(found(&without_pause(&[2.0; 20])).is_empty());
}

#[test]
fn who_stays_bent_between_repetitions_is_counted_by_peaks_too() {
    // Away from the stance for 19 s, more than a repetition can take, though there was standing enough before and after.
    let bent = Signals::new().still(10.0).step(10.0, 1.0);
    let bent = (0..8).fold(bent, |set, _| set.bell(40.0, 0.0, 2.2)).step(-10.0, 1.0).still(10.0);
    assert_eq!(reasons(&bent), [None; 8]);
}

#[test]
fn who_stands_for_a_fifth_of_the_time_is_seen_from_the_stance() {
    // Bells of 60 degrees are away from the stance for 0.89 of their time. The lean of the stance is read only where there is one.
    let lean = |pause: f64| {
        let set = Signals::new().leaning(6.0).still(1.0);
        let all = found(&(0..8).fold(set, |set, _| set.bell(60.0, 0.0, 3.0).still(pause)).still(1.0));
        assert_eq!(all.iter().filter(|bell| bell.rejection.is_none()).count(), 8);
        all[3].stance_lean.to_degrees()
    };
    assert!(lean(0.0).abs() < 1e-9);
    assert!((lean(0.3) - 6.0).abs() < 1e-9);
}

#[test]
fn the_stance_is_followed_as_it_wanders() {
    // Two degrees in 20 s, with bells on the way: the limit of 1.8 degrees would never be left if the stance stood still.
    let mut wandering = Signals::new().still(3.0);
    for _ in 0..6 {
        wandering = wandering.step(1.0, 2.0).still(4.0).bell(30.0, 0.0, 4.0).still(4.0);
    }
    let all = found(&wandering);
    assert_eq!(all.len(), 6);
    for (number, bell) in all.iter().enumerate() {
        assert!(bell.rejection.is_none());
        near(bell.range.start, 9.0 + 14.0 * number as f64 + 4.0 * LOW, 3);
    }
}

#[test]
fn the_stance_is_where_people_stand_and_not_where_they_squat() {
    // Longer at the bottom than upright.
    let squats = (0..5).fold(Signals::new().still(3.0), |set, _| set.held(40.0, 1.0, 4.0).still(2.0));
    let all = found(&squats);
    assert_eq!(all.len(), 5);
    assert!(all.iter().all(|squat| squat.rejection.is_none()), "{all:?}");
    assert!((all[0].turn() - 600.0).abs() <= 2.0);
}

fn name(reason: Rejection) -> &'static str {
    reason.name()
}

#[test]
fn side_direction_and_time_change_no_count() {
    let drawn = |start: Signals, sign: f64| {
        let set = start.leaning(6.0).still(4.0);
        (0..4)
            .fold(set, |set, _| set.bell(sign * 25.0, sign * 4.0, 3.0).still(3.0))
            .bell(sign * 12.0, 0.0, 1.5)
            .still(4.0)
    };
    let reference = found(&drawn(Signals::new(), 1.0));
    let told = |all: &[Candidate]| -> Vec<_> {
        all.iter().map(|c| (c.range.clone(), c.bottom.clone(), c.rejection.map(name))).collect()
    };
    assert_eq!(reference.len(), 5);
    assert_eq!(reference[4].rejection.map(name), Some("aborted"));
    assert_eq!(told(&found(&drawn(Signals::new().on(Some(Side::Right)), 1.0))), told(&reference));
    assert_eq!(told(&found(&drawn(Signals::new(), -1.0))), told(&reference));
    for hertz in [50.0, 200.0] {
        let names = |all: &[Candidate]| -> Vec<_> { all.iter().map(|c| c.rejection.map(name)).collect() };
        assert_eq!(names(&found(&drawn(Signals::at(hertz), 1.0))), names(&reference), "{hertz} Hz");
    }
    let later = found(&drawn(Signals::new().still(7.77), 1.0));
    assert_eq!(later.len(), reference.len());
    for (late, early) in later.iter().zip(&reference) {
        assert!(late.range.start.abs_diff(early.range.start + 777) <= 1);
        assert_eq!(late.rejection.map(name), early.rejection.map(name));
    }
}

fn leaning(degrees: f64, rejection: Option<Rejection>) -> Candidate {
    Candidate {
        range: 10..20,
        bottom: 14..16,
        stance: 5..10,
        lead_in: 0..10,
        excursion: 0.3,
        stance_lean: degrees.to_radians(),
        rejection,
    }
}

#[test]
fn a_shank_is_turned_when_everybody_leans_inward_on_one_leg() {
    let turned = |leans: &[f64], signals: &Signals| {
        let outside = |lean: &f64| leaning(*lean, (*lean < 0.0).then_some(Rejection::OutsideSet));
        let candidates: Vec<Candidate> = leans.iter().map(outside).collect();
        is_turned(&candidates, &signals.motion(), &Method::default())
    };
    let free = Signals::new();
    assert!(turned(&[-6.0, -5.0, -7.0], &free));
    // A repetition that was made leaning outward, too little to tell, or a calibration on two legs.
    assert!(!turned(&[-6.0, -5.0, 0.5], &free));
    assert!(!turned(&[-6.0], &free) && !turned(&[-2.0, -2.5], &free));
    assert!(!turned(&[-6.0, -5.0], &free.clone().calibrating(0.0, 1.0)));
    // What the feet's movement spoilt says nothing.
    let stepped = [leaning(-6.0, Some(Rejection::OutsideSet)), leaning(-6.0, Some(Rejection::Stepping))];
    assert!(!is_turned(&stepped, &free.motion(), &Method::default()));
}
