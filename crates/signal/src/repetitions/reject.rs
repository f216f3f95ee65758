//! Why a movement is not counted: by itself, and against the other movements of its set.

use std::ops::Range;

use truehinge_core::Rejection;

use super::candidate::{Candidate, Levels};
use super::motion::Motion;
use super::plane::Plane;
use crate::math::runs::longest_run;
use crate::math::stats::median;
use crate::method::{Aborted, Method};

/// The first reason not to count a movement that lies in the movement itself.
pub(super) fn first_rejection(plane: &Plane<'_>, range: &Range<usize>, levels: &Levels) -> Option<Rejection> {
    let (motion, numbers) = (plane.motion, &plane.method.repetitions);
    let gap = motion.seconds(longest_run(&motion.stance.missing[range.clone()], |missing| *missing));
    if gap > numbers.gap_s {
        return Some(Rejection::DataGap { seconds: gap });
    }
    let (from, to) = (range.start.saturating_sub(1), (range.end + 1).min(plane.len()));
    if (from..to).any(|i| plane.blocked(i)) {
        return Some(Rejection::Stepping);
    }
    let Levels { before, after, top } = *levels;
    if top < plane.leaves {
        return Some(Rejection::TooSmall { excursion_deg: top.to_degrees(), limit_deg: plane.leaves.to_degrees() });
    }
    let seconds = motion.seconds(range.len());
    let bob = numbers.bob.smaller_deg;
    if seconds < numbers.bob.briefer_s && top < bob.to_radians() {
        return Some(Rejection::TooSmall { excursion_deg: top.to_degrees(), limit_deg: bob });
    }
    if seconds < numbers.duration.least_s || seconds > numbers.duration.most_s {
        return Some(Rejection::Duration { seconds });
    }
    let unreturned = (after - before).abs() / (top - before.min(after)).max(1e-9);
    (unreturned > numbers.unreturned_share).then_some(Rejection::NoReturn { share: unreturned })
}

/// Rejects, one rule after the other, what is none of the set's repetitions.
pub(super) fn compare(candidates: &mut [Candidate], motion: &Motion<'_>, method: &Method) {
    mark_calibration(candidates, motion);
    mark_two_leg_stance(candidates, motion, method);
}

fn mark_calibration(candidates: &mut [Candidate], motion: &Motion<'_>) {
    for candidate in candidates.iter_mut().filter(|c| c.counts() && motion.calibrates_in(&c.range)) {
        candidate.rejection = Some(Rejection::OutsideSet);
    }
}

/// On one leg the shank leans towards the supporting side, against the two-leg posture. Where that shows, movements made on
/// two legs (bending down before or after the set, calibration) are outside the set.
fn mark_two_leg_stance(candidates: &mut [Candidate], motion: &Motion<'_>, method: &Method) {
    if !motion.single_leg || motion.side.is_none() {
        return;
    }
    let numbers = &method.repetitions.one_leg;
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

/// Whether the shank's front was taken for its back. Whoever stands on one leg leans outward: the front is wrong if every movement
/// with planted feet, those of a guided calibration left out, was made leaning inward.
pub fn is_turned(candidates: &[Candidate], motion: &Motion<'_>, method: &Method) -> bool {
    let numbers = &method.repetitions.one_leg;
    let planted =
        |c: &&Candidate| matches!(c.rejection, None | Some(Rejection::OutsideSet)) && !motion.calibrates_in(&c.range);
    let inward = |c: &&Candidate| !c.counts() && c.stance_lean < -numbers.lean_deg.to_radians();
    let all = candidates.iter().filter(planted).count();
    all >= numbers.turned_least_count && candidates.iter().filter(planted).filter(inward).count() == all
}

/// Whether each counted movement may be one that was broken off: both smaller and shorter than the set's usual repetition, as
/// people who turn back early also come back early. It cannot be told from a small repetition by its form, so it counts.
pub fn perhaps_broken_off(counted: &[&Candidate], numbers: &Aborted) -> Vec<bool> {
    let usual = |of: fn(&Candidate) -> f64| median(&counted.iter().map(|c| of(c)).collect::<Vec<_>>()).unwrap_or(0.0);
    let (size, length) = (usual(|c| c.excursion), usual(|c| c.range.len() as f64));
    let enough = counted.len() >= numbers.least_count;
    let broken_off = |c: &&Candidate| {
        let (share, time) = (c.excursion / size, c.range.len() as f64 / length);
        enough && share < numbers.smaller_share && time < numbers.early_share
    };
    counted.iter().map(broken_off).collect()
}
