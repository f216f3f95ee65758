//! Why a movement is not counted: by itself, and against the other movements of its set.

use std::ops::Range;

use truehinge_core::Rejection;

use super::candidate::Candidate;
use super::motion::Motion;
use super::one_leg;
use super::plane::Plane;
use crate::math::runs::longest_run;
use crate::math::stats::median;
use crate::method::{Aborted, Method};

/// The first reason not to count a movement that lies in the movement itself.
pub(super) fn first_rejection(plane: &Plane<'_>, range: &Range<usize>, top: f64) -> Option<Rejection> {
    let (motion, numbers) = (plane.motion, &plane.method.repetitions);
    let gap = motion.seconds(longest_run(&motion.stance.missing[range.clone()], |missing| *missing));
    if gap > numbers.gap_s {
        return Some(Rejection::DataGap { seconds: gap });
    }
    let (from, to) = (range.start.saturating_sub(1), (range.end + 1).min(plane.len()));
    if (from..to).any(|i| plane.blocked(i)) {
        return Some(Rejection::Stepping);
    }
    if top < plane.leaves {
        return Some(Rejection::TooSmall { excursion_deg: top.to_degrees(), limit_deg: plane.leaves.to_degrees() });
    }
    let seconds = motion.seconds(range.len());
    let bob = numbers.bob.smaller_deg;
    if seconds < numbers.bob.briefer_s && top < bob.to_radians() {
        return Some(Rejection::TooSmall { excursion_deg: top.to_degrees(), limit_deg: bob });
    }
    let possible = numbers.duration.least_s..=numbers.duration.most_s;
    (!possible.contains(&seconds)).then_some(Rejection::Duration { seconds })
}

/// Rejects, one rule after the other, what is none of the set's repetitions.
pub(super) fn compare(candidates: &mut [Candidate], motion: &Motion<'_>, method: &Method) {
    mark_calibration(candidates, motion);
    one_leg::mark(candidates, motion, &method.repetitions.one_leg);
}

fn mark_calibration(candidates: &mut [Candidate], motion: &Motion<'_>) {
    for candidate in candidates.iter_mut().filter(|c| c.counts() && motion.calibrates_in(&c.range)) {
        candidate.rejection = Some(Rejection::OutsideSet);
    }
}

/// Whether each counted movement may be one that was broken off: both smaller and shorter than the set's usual repetition, as
/// people who turn back early also come back early. It cannot be told from a small repetition by its form, so it counts.
pub fn perhaps_broken_off(counted: &[Candidate], numbers: &Aborted) -> Vec<bool> {
    let usual = |of: fn(&Candidate) -> f64| median(&counted.iter().map(of).collect::<Vec<_>>()).unwrap_or(0.0);
    let (size, length) = (usual(|c| c.excursion), usual(|c| c.range.len() as f64));
    let enough = counted.len() >= numbers.least_count;
    let broken_off = |c: &Candidate| {
        let (share, time) = (c.excursion / size, c.range.len() as f64 / length);
        enough && share < numbers.smaller_share && time < numbers.early_share
    };
    counted.iter().map(broken_off).collect()
}
