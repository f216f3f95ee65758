//! Whether movements were made on one leg: bringing the pelvis over one foot leans the shank to the supporting side.
//!
//! Only a change shows it: the posture that leans are measured from, the stillest of the recording, may itself be on one leg or on two.

use std::ops::Range;

use truehinge_core::Rejection;

use super::candidate::Candidate;
use super::motion::Motion;
use crate::body::kinematics::outward_lean;
use crate::math::stats::median;
use crate::method::{Method, OneLeg};

/// Rejects what was made on two legs. Where nobody was seen to change from two legs to one, nothing says that a movement was made on
/// one: squats and sitting down are as much like each other as hinges are.
pub(super) fn mark(candidates: &mut [Candidate], motion: &Motion<'_>, numbers: &OneLeg) {
    if !motion.single_leg {
        return;
    }
    if motion.side.is_some() {
        mark_less_than_others(candidates, numbers);
    }
    if !motion.marked {
        mark_without_change(candidates, motion, numbers);
    }
}

/// Where movements on one leg and on two are seen, those on two are outside the set: bending down before or after it, calibration.
fn mark_less_than_others(candidates: &mut [Candidate], numbers: &OneLeg) {
    let least = numbers.lean_deg.to_radians();
    let leans: Vec<f64> = candidates.iter().filter(|c| c.counts()).map(|c| c.stance_lean).collect();
    let clear = |sign: f64| {
        let beyond: Vec<f64> = leans.iter().copied().filter(|lean| lean * sign > least).collect();
        // The reference posture (lean zero) may itself be on one leg or on two, so it stands for the one that is not seen.
        median(&beyond).unwrap_or(0.0)
    };
    let (two_legs, one_leg) = (clear(-1.0), clear(1.0));
    if one_leg - two_legs < least {
        return;
    }
    let limit = two_legs + numbers.limit_share * (one_leg - two_legs);
    for candidate in candidates.iter_mut().filter(|c| c.counts() && c.stance_lean < limit) {
        candidate.rejection = Some(Rejection::OutsideSet);
    }
}

/// Rejects movements in a stance that leans no further than the one on two legs.
fn mark_without_change(candidates: &mut [Candidate], motion: &Motion<'_>, numbers: &OneLeg) {
    let (change, most) = (numbers.change_deg.to_radians(), numbers.most_deg.to_radians());
    let stands: Vec<f64> = quiet_leans(motion).into_iter().filter(|lean| lean.abs() <= most).collect();
    // The stance that leans least is on two legs, if it leans clearly less than the one that leans are measured from.
    let two_legs = stands.iter().copied().filter(|lean| *lean < -change).fold(0.0, f64::min);
    let on_one = |lean: f64| (change..=most).contains(&(lean - two_legs));
    let lean_of = |c: &Candidate| if motion.side.is_some() { c.stance_lean } else { c.stance_lean.abs() };
    let counted = candidates.iter().filter(|c| c.counts());
    let changed = counted.map(lean_of).chain(stands.iter().copied()).any(on_one);
    for candidate in candidates.iter_mut().filter(|c| c.counts() && !on_one(lean_of(c))) {
        let lean_deg = (lean_of(candidate) - two_legs).to_degrees();
        candidate.rejection = Some(if changed { Rejection::TwoLegs { lean_deg } } else { Rejection::OneLegUnseen });
    }
}

/// Of the quiet stances, rad, towards the supporting side.
fn quiet_leans(motion: &Motion<'_>) -> Vec<f64> {
    motion.stance.quiet.iter().filter_map(|stance| stood(motion, stance)).collect()
}

/// Of one stance, rad, towards the supporting side.
fn stood(motion: &Motion<'_>, stance: &Range<usize>) -> Option<f64> {
    median(&motion.shank_left_lean[stance.clone()]).map(|lean| outward_lean(lean, motion.side))
}

/// How many movements lean away from the leg that was named, against the stance on both: nobody leans away from the leg that carries the
/// body, so where some do and none leans to it, another leg does, or wears the sensor. Not known, and so none, where nobody named a leg
/// or no stance on both is known.
pub fn leaning_away(candidates: &[Candidate], motion: &Motion<'_>, method: &Method) -> Option<usize> {
    let numbers = &method.repetitions.one_leg;
    let least = numbers.lean_deg.to_radians();
    if motion.side.is_none() || !motion.single_leg {
        return None;
    }
    let planted = |calibrating: bool| {
        let of = move |c: &&Candidate| is_planted(c) && motion.calibrates_in(&c.range) == calibrating;
        candidates.iter().filter(of).map(|c| c.stance_lean).collect::<Vec<f64>>()
    };
    let both = median(&planted(true)).or_else(|| begun_and_ended(candidates, motion, least))?;
    let leans = planted(false);
    let away = leans.iter().filter(|lean| **lean - both < -least).count();
    let towards = leans.iter().any(|lean| lean - both > least);
    (away >= numbers.turned_least_count && !towards).then_some(away)
}

/// The lean in which somebody stood before the first movement and after the last, rad: on both legs. `None` where the two differ.
fn begun_and_ended(candidates: &[Candidate], motion: &Motion<'_>, least: f64) -> Option<f64> {
    let quiet = &motion.stance.quiet;
    let (first, last) = (candidates.first()?.range.start, candidates.last()?.range.end);
    let begun = stood(motion, quiet.first().filter(|stance| stance.end <= first)?)?;
    let ended = stood(motion, quiet.last().filter(|stance| stance.start >= last)?)?;
    ((begun - ended).abs() <= least).then_some(begun)
}

/// A movement on one or both legs, with the feet in their places.
const fn is_planted(candidate: &Candidate) -> bool {
    matches!(
        candidate.rejection,
        None | Some(Rejection::OutsideSet | Rejection::TwoLegs { .. } | Rejection::OneLegUnseen)
    )
}

/// Whether the shank's front was taken for its back. Whoever stands on one leg leans outward: the front is wrong if every movement
/// with planted feet, those of a guided calibration left out, was made leaning inward.
pub fn is_turned(candidates: &[Candidate], motion: &Motion<'_>, method: &Method) -> bool {
    let numbers = &method.repetitions.one_leg;
    let planted = |c: &&Candidate| is_planted(c) && !motion.calibrates_in(&c.range);
    let inward = |c: &&Candidate| !c.counts() && c.stance_lean < -numbers.lean_deg.to_radians();
    let all = candidates.iter().filter(planted).count();
    all >= numbers.turned_least_count && candidates.iter().filter(planted).filter(inward).count() == all
}

#[cfg(test)]
mod tests {
    use truehinge_core::{SampleRate, Side};

    use super::*;
    use crate::stillness::Stance;

    /// How many of the movements with these leans (deg, to the left) lean away from the named leg, by somebody who stands still with the
    /// leans of `stands`; the first so many of them are a guided calibration.
    fn away(side: Option<Side>, stands: [f64; 3], leans: &[f64], calibrating: usize) -> Option<usize> {
        let left_lean: Vec<f64> = stands.iter().flat_map(|lean| [lean.to_radians(); 100]).collect();
        let stance = Stance {
            activity: vec![0.0; 300],
            stepping: vec![false; 300],
            missing: vec![false; 300],
            quiet: vec![0..10, 100..110, 200..210],
            reference: 0..10,
        };
        let motion = Motion {
            rate: SampleRate::from_hertz(100.0).expect("positive"),
            pelvis: &left_lean,
            pelvis_front_known: true,
            shank: &left_lean,
            shank_left_lean: &left_lean,
            lift: &left_lean,
            side,
            stance: &stance,
            single_leg: true,
            marked: true,
            calibrations: (calibrating > 0).then_some(20..20 + 10 * calibrating).into_iter().collect(),
        };
        let candidate = |(number, lean): (usize, &f64)| Candidate {
            range: 20 + 10 * number..25 + 10 * number,
            bottom: 20 + 10 * number..25 + 10 * number,
            stance: 0..1,
            lead_in: 0..1,
            excursion: 0.3,
            stance_lean: outward_lean(lean.to_radians(), side),
            apart_share: 0.0,
            rejection: None,
        };
        let candidates: Vec<Candidate> = leans.iter().enumerate().map(candidate).collect();
        leaning_away(&candidates, &motion, &Method::default())
    }

    #[test]
    fn who_leans_to_the_other_side_than_was_named_stands_on_the_other_leg() {
        let (left, right) = (Some(Side::Left), Some(Side::Right));
        assert_eq!(away(left, [0.0, 6.0, 0.0], &[6.0, 6.0, 6.0], 0), None);
        assert_eq!(away(right, [0.0, 6.0, 0.0], &[6.0, 6.0, 6.0], 0), Some(3));
        assert_eq!(away(right, [0.0, -6.0, 0.0], &[-6.0, -6.0], 0), None);
        assert_eq!(away(left, [0.0, -6.0, 0.0], &[-6.0, -6.0], 0), Some(2));
        assert_eq!(away(None, [0.0, -6.0, 0.0], &[-6.0, -6.0], 0), None, "nobody named a leg");
        // The posture that leans are measured from may be the one on one leg.
        assert_eq!(away(left, [-6.0, 0.0, -6.0], &[-6.0, 0.0, 0.0], 0), None);
        assert_eq!(away(left, [6.0, 0.0, 6.0], &[6.0, 0.0, 0.0], 0), Some(2));
    }

    #[test]
    fn one_movement_or_one_to_the_named_side_says_nothing() {
        let left = Some(Side::Left);
        assert_eq!(away(left, [0.0; 3], &[-6.0, 0.0], 0), None);
        assert_eq!(away(left, [0.0; 3], &[-6.0, -6.0, 6.0], 0), None);
        assert_eq!(away(left, [0.0; 3], &[-2.9, -2.9], 0), None);
        assert_eq!(away(left, [0.0; 3], &[-3.1, -3.1], 0), Some(2));
    }

    #[test]
    fn the_stance_on_both_legs_is_the_calibration_s_or_that_of_beginning_and_end() {
        let left = Some(Side::Left);
        assert_eq!(away(left, [0.0, 0.0, 3.1], &[-6.0, -6.0], 0), None, "they differ");
        // Who moves from the first moment to the last was never seen to stand on both: 20 movements go beyond the last stance.
        assert_eq!(away(left, [0.0, 0.0, 0.0], &[-6.0; 20], 0), None);
        assert_eq!(away(left, [0.0, 0.0, 3.1], &[0.0, 0.0, -6.0, -6.0], 2), Some(2));
        assert_eq!(away(left, [0.0, 0.0, 0.0], &[-6.0, -6.0, 0.0, 0.0], 2), None);
    }
}
