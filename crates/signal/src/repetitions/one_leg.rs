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
    let lean = |range: &Range<usize>| median(&motion.shank_left_lean[range.clone()]);
    motion.stance.quiet.iter().filter_map(lean).map(|lean| outward_lean(lean, motion.side)).collect()
}

/// Whether the shank's front was taken for its back. Whoever stands on one leg leans outward: the front is wrong if every movement
/// with planted feet, those of a guided calibration left out, was made leaning inward.
pub fn is_turned(candidates: &[Candidate], motion: &Motion<'_>, method: &Method) -> bool {
    let numbers = &method.repetitions.one_leg;
    let planted = |c: &&Candidate| {
        matches!(c.rejection, None | Some(Rejection::OutsideSet | Rejection::TwoLegs { .. } | Rejection::OneLegUnseen))
            && !motion.calibrates_in(&c.range)
    };
    let inward = |c: &&Candidate| !c.counts() && c.stance_lean < -numbers.lean_deg.to_radians();
    let all = candidates.iter().filter(planted).count();
    all >= numbers.turned_least_count && candidates.iter().filter(planted).filter(inward).count() == all
}
