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
    mark_brief(candidates, motion, method);
    mark_aborted(candidates, &method.repetitions.aborted);
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

/// What takes about a second is a touch-down of the free foot, unless this person's repetitions all take about a second.
fn mark_brief(candidates: &mut [Candidate], motion: &Motion<'_>, method: &Method) {
    let numbers = &method.repetitions.duration;
    let seconds = |c: &Candidate| motion.seconds(c.range.len());
    let mut lengths: Vec<f64> = candidates.iter().filter(|c| c.counts()).map(seconds).collect();
    lengths.sort_by(f64::total_cmp);
    // The longer half: touch-downs between repetitions must not pull down what is usual.
    let usual = median(&lengths[lengths.len() / 2..]).filter(|_| lengths.len() >= numbers.least_count);
    let limit = usual.map_or(numbers.unhurried_s, |usual| numbers.unhurried_s.min(numbers.brief_share * usual));
    for candidate in candidates.iter_mut().filter(|c| c.counts() && seconds(c) < limit) {
        candidate.rejection = Some(Rejection::Duration { seconds: seconds(candidate) });
    }
}

/// An attempt that was both smaller and much shorter than the set's usual repetition was broken off: people who turn back
/// early also come back early, while a small repetition takes nearly its usual time (on the bench 0.66 of it and more).
fn mark_aborted(candidates: &mut [Candidate], numbers: &Aborted) {
    let counted: Vec<&Candidate> = candidates.iter().filter(|c| c.counts()).collect();
    if counted.len() < numbers.least_count {
        return;
    }
    let size = median(&counted.iter().map(|c| c.excursion).collect::<Vec<_>>()).unwrap_or(0.0);
    let length = median(&counted.iter().map(|c| c.range.len() as f64).collect::<Vec<_>>()).unwrap_or(0.0);
    for candidate in candidates.iter_mut().filter(|c| c.counts()) {
        let (share, time) = (candidate.excursion / size, candidate.range.len() as f64 / length);
        let early = share < numbers.smaller_share && time < numbers.early_share;
        let faint = share.max(time) < numbers.both_share && share * time < numbers.product_share;
        if early || faint {
            candidate.rejection = Some(Rejection::Aborted { share });
        }
    }
}
