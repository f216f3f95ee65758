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
    let changed = |after: f64| reasons(&Signals::new().still(5.0).step(20.0, 2.0).still(after));
    // As long as it is not known whether it comes back, and once the new posture is a stance.
    assert_eq!(changed(5.0), [Some(Rejection::CutOff)]);
    let [Some(Rejection::NoReturn { share })] = changed(20.0)[..] else { panic!("{:?}", changed(20.0)) };
    assert!(share > 0.9, "{share}");
}

#[test]
fn a_movement_across_a_long_gap_is_not_known_to_be_one() {
    let with_gap = |seconds: f64| reasons(&set(1, 30.0, 10.0).gap(10.0 - seconds / 2.0, 10.0 + seconds / 2.0));
    assert_eq!(with_gap(4.9), [None]);
    let [Some(Rejection::DataGap { seconds })] = with_gap(5.5)[..] else { panic!("{:?}", with_gap(5.5)) };
    assert!((seconds - 5.5).abs() < 1e-9);
    // Two gaps are no longer than the longer of them.
    assert_eq!(reasons(&set(1, 30.0, 10.0).gap(6.5, 9.5).gap(10.5, 13.5)), [None]);
    // A gap beside the movement is none in it.
    assert_eq!(reasons(&set(1, 30.0, 6.0).gap(1.0, 4.0)), [None]);
}

#[test]
fn moving_feet_make_no_repetition() {
    let all = reasons(&set(1, 30.0, 4.0).stepping(6.9, 7.1));
    // Up to the step it did not come back, and what goes on after it began there.
    assert!(matches!(all[..], [Some(Rejection::NoReturn { .. }), Some(Rejection::Stepping)]), "{all:?}");
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
    // 0.86 of a bell lies between its 5 % points, all of one as brief as the low-pass.
    let brief = length(&set(1, 30.0, 0.6)).expect("too short");
    assert!((brief - 0.6).abs() < 0.02, "{brief}");
    assert_eq!([0.8, 1.35, 10.0].map(|seconds| length(&set(1, 30.0, seconds))), [None; 3]);
    // Between the stance's limit of 1.8 degrees it lasts less than 15 s, between its 5 % points more.
    let held = |hold: f64| Signals::new().still(6.0).held(20.0, 2.0, hold).still(6.0);
    let long = length(&held(11.65)).expect("too long");
    assert!(long > 15.0 && long < 15.2, "{long}");
    assert_eq!(length(&held(11.3)), None);
}

#[test]
fn who_is_away_for_longer_than_any_repetition_stands_elsewhere_and_goes_on() {
    // As when a sensor slips by 15 degrees after the second repetition.
    let slipped = (0..2).fold(Signals::new().still(4.0), |set, _| set.bell(30.0, 0.0, 3.0).still(3.0)).step(15.0, 0.2);
    let slipped = (0..5).fold(slipped.still(4.0), |set, _| set.bell(30.0, 0.0, 3.0).still(3.0));
    let counted: Vec<f64> = found(&slipped).iter().filter(|c| c.rejection.is_none()).map(Candidate::turn).collect();
    assert_eq!(counted.len(), 7, "{counted:?}");
}

#[test]
fn small_and_brief_at_once_is_a_bob() {
    let of = |size: f64, seconds: f64| reasons(&set(1, size, seconds))[..].to_vec();
    assert!(matches!(of(5.0, 1.3)[..], [Some(Rejection::TooSmall { limit_deg: 5.6, .. })]), "{:?}", of(5.0, 1.3));
    assert_eq!([of(9.0, 1.3), of(5.0, 3.0)], [[None], [None]]);
}

#[test]
fn what_is_under_way_when_the_data_begin_or_end_is_cut_off() {
    let begun = Signals::new().bent(30.0).step(-30.0, 2.0).still(6.0).bell(30.0, 0.0, 3.0).still(4.0);
    assert_eq!(reasons(&begun), [Some(Rejection::CutOff), None]);
    let ending = Signals::new().still(4.0).bell(30.0, 0.0, 3.0).still(4.0).step(30.0, 2.0);
    assert_eq!(reasons(&ending), [None, Some(Rejection::CutOff)]);
    // However long somebody holds the bottom, the movement goes on.
    let held = Signals::new().still(4.0).bell(30.0, 0.0, 3.0).still(4.0).step(30.0, 2.0).still(5.0);
    let found = found(&held);
    let cut_off = found.iter().find(|of| of.rejection == Some(Rejection::CutOff)).expect("a movement");
    near(cut_off.range.end, 18.0, 2);
}

#[test]
fn how_far_the_stance_after_is_from_that_before_is_a_share_of_the_movement() {
    for (lean, share) in [(6.0, 0.0), (4.0, 0.1), (0.0, 0.3)] {
        let set = Signals::new().leaning(6.0).still(5.0).step(20.0, 1.5).leaning(lean).step(-20.0, 1.5).still(5.0);
        let all = found(&set);
        assert_eq!(all.len(), 1, "{all:?}");
        assert!((all[0].apart_share - share).abs() < 0.02, "{lean}: {}", all[0].apart_share);
    }
}

#[test]
fn who_comes_back_to_another_lean_to_the_side_stands_otherwise() {
    let to = |lean: f64| {
        let set = Signals::new().leaning(6.0).still(5.0).step(20.0, 1.5).leaning(lean).step(-20.0, 1.5).still(5.0);
        reasons(&set)
    };
    assert_eq!(to(6.0), [None]);
    // A third of 20 degrees is allowed.
    assert_eq!(to(0.0), [None]);
    assert!(
        matches!(to(-2.0)[..], [Some(Rejection::NoReturn { share })] if (share - 0.4).abs() < 0.02),
        "{:?}",
        to(-2.0)
    );
}

#[test]
fn attempts_that_turn_back_early_may_be_broken_off() {
    let among = |bells: usize, size: f64, seconds: f64| {
        let all = found(&set(bells, 30.0, 4.0).bell(size, 0.0, seconds).still(5.0));
        let counted: Vec<Candidate> = all.into_iter().filter(|candidate| candidate.rejection.is_none()).collect();
        let broken_off = perhaps_broken_off(&counted, &Method::default().repetitions.aborted);
        assert_eq!(broken_off[..bells], vec![false; bells]);
        broken_off[bells]
    };
    // Half the size in half the time.
    assert!(among(4, 15.0, 2.0));
    // A small repetition that takes its time, a fast one that is of full size, and one that is hardly smaller.
    assert_eq!([among(4, 15.0, 3.0), among(4, 30.0, 2.0), among(4, 27.0, 2.0)], [false; 3]);
    // Two movements say nothing of what is usual; three do.
    assert_eq!([among(1, 10.0, 1.8), among(2, 15.0, 1.9)], [false, true]);
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
fn without_a_mark_a_movement_counts_where_it_leans_more_than_on_two_legs() {
    let (two_legs, unseen) = (|lean_deg| Some(Rejection::TwoLegs { lean_deg }), Some(Rejection::OneLegUnseen));
    let rounded = |signals: &Signals| -> Vec<Option<Rejection>> {
        let round = |reason: Option<Rejection>| match reason {
            Some(Rejection::TwoLegs { lean_deg }) => two_legs(lean_deg.round()),
            other => other,
        };
        reasons(signals).into_iter().map(round).collect()
    };
    for side in [Side::Left, Side::Right] {
        let all = bends_and_repetitions(Some(side), 6.0).unmarked();
        let outside = Some(Rejection::OutsideSet);
        assert_eq!(rounded(&all), [outside, outside, None, None, None, None], "{side}");
        // Nobody was seen to change.
        assert_eq!(rounded(&bends_and_repetitions(Some(side), 2.9).unmarked()), [unseen; 6]);
        // Sitting askew is no stance on one leg.
        assert_eq!(rounded(&bends_and_repetitions(Some(side), 30.0).unmarked())[2], unseen);
    }
    // The first stance was on one leg and the second is on two.
    let began = bends_and_repetitions(Some(Side::Left), -6.0).unmarked().quiet(21.0, 24.0);
    assert_eq!(rounded(&began)[..2], [None, None]);
    // One stance on one leg and movements on two.
    let stood = Signals::new().still(5.0).leaning(6.0).still(4.0).leaning(0.0).still(3.0).bell(30.0, 0.0, 4.0);
    let stood = stood.still(5.0).quiet(5.5, 8.5);
    assert_eq!(rounded(&stood.unmarked()), [two_legs(0.0)]);
    // A protocol on two legs asks nothing.
    assert_eq!(counted(&bends_and_repetitions(None, 2.9).unmarked().two_legged()), 6);
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
fn who_rests_at_the_bottom_only_is_counted_by_the_peaks_too() {
    // Nods of 14 degrees without a pause are at their bottom for 0.23 of the time, and nobody stood upright before: the stance seems to be
    // there. But the body is pushed up there.
    let begun = Signals::new().bent(14.0).still(1.0).step(-14.0, 1.0);
    let nods = (0..12).fold(begun, |set, _| set.bell(14.0, 0.0, 2.0));
    let turns = |method: &Method| -> Vec<f64> {
        let found = segment(&nods.motion(), method);
        found.iter().filter(|c| c.rejection.is_none()).map(|c| c.turn() / 100.0).collect()
    };
    let told = turns(&Method::default());
    assert_eq!(told.len(), 12, "{told:?}");
    assert!(told.iter().zip(0..).all(|(turn, nod)| (turn - 3.0 - 2.0 * f64::from(nod)).abs() < 0.1), "{told:?}");
    let upside_down =
        turns(&Method::default().with("repetitions.back_to_back.bottom_share", "0.0").expect("it is one"));
    assert!(!upside_down.is_empty() && upside_down.iter().all(|turn| turn % 2.0 < 0.5), "{upside_down:?}");
}

#[test]
fn who_stays_bent_between_repetitions_is_counted_by_peaks_too() {
    // Away from the stance for 19 s, more than a repetition can take, though there was standing enough before and after.
    let bent = Signals::new().still(10.0).step(10.0, 1.0);
    let bent = (0..8).fold(bent, |set, _| set.bell(40.0, 0.0, 2.2)).step(-10.0, 1.0).still(10.0);
    assert_eq!(counted(&bent), 8);
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
fn nobody_bends_back_from_the_stance_as_far_as_forward() {
    // Longer at the bottom than upright, and at the bottom from the beginning on.
    let bottoms = |start: Signals| -> Vec<f64> {
        let set = (0..4)
            .fold(start.bent(40.0).still(4.0), |set, _| set.step(-40.0, 1.0).still(1.5).step(40.0, 1.0).still(3.0));
        let counted = found(&set).into_iter().filter(|c| c.rejection.is_none());
        counted.map(|c| set.pelvis[c.bottom.start.midpoint(c.bottom.end)].to_degrees()).collect()
    };
    let known = bottoms(Signals::new());
    assert!(known.len() >= 3 && known.iter().all(|deg| *deg > 39.0), "{known:?}");
    // Where the movements themselves tell what is forward, they cannot say so.
    let unknown = bottoms(Signals::new().front_unknown());
    assert!(unknown.len() == 4 && unknown.iter().all(|deg| *deg < 1.0), "{unknown:?}");
}

#[test]
fn a_poor_accelerometer_does_not_turn_slow_hinges_upside_down() {
    // Who is upright for a quarter of the time and reads 0.4 m/s² less at the bottom seems to be let go there.
    let set = (0..6).fold(Signals::new().still(2.0), |set, _| set.held(40.0, 1.0, 4.5).still(1.5)).still(1.0);
    let bottoms = |set: &Signals| -> Vec<f64> {
        let counted = found(set).into_iter().filter(|c| c.rejection.is_none());
        counted.map(|c| set.pelvis[c.bottom.start.midpoint(c.bottom.end)].to_degrees()).collect()
    };
    let poor = set.reading_less(0.6);
    let known = bottoms(&poor);
    assert!(known.len() == 6 && known.iter().all(|deg| *deg > 39.0), "{known:?}");
    // It does where nobody knows which way the pelvis goes.
    let unknown = bottoms(&poor.front_unknown());
    assert!(!unknown.is_empty() && unknown.iter().all(|deg| *deg < 1.0), "{unknown:?}");
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
    assert_eq!(reference[4].rejection.map(name), None);
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
        apart_share: 0.0,
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
