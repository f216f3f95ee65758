//! The rest before and after a movement: as much of it as the person stays where she is.
//!
//! In: the aligned motion of a set and its movements. Out: two stretches of the grid per movement. They give double integration
//! its zero-velocity and level constraints: the longer the rest, the more exact. People sway by as much as they move in a small
//! repetition, so rest is not stillness: it is what lies near the posture beside the movement, up to the next movement, and not
//! longer than the caller wants.

use std::ops::Range;

use crate::body::motion::SetMotion;
use crate::grid::PoseGrid;
use crate::math::stats::mean;
use crate::method::BetweenMovements;
use crate::repetitions::Candidate;

/// Rest on both sides of a movement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Rest {
    /// Before it.
    pub before: Range<usize>,
    /// After it.
    pub after: Range<usize>,
}

impl Rest {
    /// The least of it: what is taken for rest whatever the person does.
    pub fn least(grid: &PoseGrid, candidate: &Candidate, method: &BetweenMovements) -> Self {
        let (lead, length) = (grid.points(method.lead_s), grid.points(method.least_s));
        let start = candidate.range.start.saturating_sub(lead + length).min(candidate.stance.start);
        let end = (candidate.range.end + lead + length).min(grid.len());
        Self { before: start..start + length, after: end - length..end }
    }

    /// All of it, within the pauses to the movements on either side: up to `longest` points before it. After it only a part of
    /// that is used, so that a verdict given live early in the rest seldom changes.
    pub fn around(
        set: &SetMotion<'_>,
        candidate: &Candidate,
        pauses: Range<usize>,
        longest: usize,
        method: &BetweenMovements,
    ) -> Self {
        let Self { before, after } = Self::least(set.grid, candidate, method);
        let stays = method.posture_deg.to_radians();
        let (first, last) = (Beside::of(set, &before), Beside::of(set, &after));
        let (early, late) = (pauses.start..before.end, after.start..pauses.end);
        Self {
            before: grown(before, &early, longest, |i| first.holds(set, i, stays)),
            after: grown(after, &late, longest / method.part_after_count, |i| last.holds(set, i, stays)),
        }
    }

    /// From the first point to the last.
    pub fn span(&self) -> Range<usize> {
        self.before.start..self.after.end
    }
}

/// A stretch made longer on both sides, up to `longest` points within `limits`, as long as the person stays.
fn grown(rest: Range<usize>, limits: &Range<usize>, longest: usize, stays: impl Fn(usize) -> bool) -> Range<usize> {
    let Range { mut start, mut end } = rest;
    while start > limits.start && end - start < longest && stays(start - 1) {
        start -= 1;
    }
    while end < limits.end && end - start < longest && stays(end) {
        end += 1;
    }
    start..end
}

/// How shank and pelvis lean beside a movement, rad.
struct Beside {
    shank: f64,
    pelvis: f64,
}

impl Beside {
    fn of(set: &SetMotion<'_>, range: &Range<usize>) -> Self {
        Self { shank: mean(&set.shank.sagittal[range.clone()]), pelvis: mean(&set.pelvis.sagittal[range.clone()]) }
    }

    /// Whether the person is in it at a point, as far as there are data: both lean by less than `stays` (rad) otherwise.
    fn holds(&self, set: &SetMotion<'_>, i: usize, stays: f64) -> bool {
        let near = |lean: f64, here: f64| (lean - here).abs() < stays;
        set.hip.valid[i] && near(set.shank.sagittal[i], self.shank) && near(set.pelvis.sagittal[i], self.pelvis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_ends_where_somebody_moves_where_the_pause_ends_and_when_it_is_long_enough() {
        let moves_before_40 = |i: usize| i >= 40;
        assert_eq!(grown(100..130, &(0..130), 200, moves_before_40), 40..130);
        assert_eq!(grown(100..130, &(70..130), 200, moves_before_40), 70..130);
        assert_eq!(grown(100..130, &(0..130), 50, moves_before_40), 80..130);
        assert_eq!(grown(100..130, &(100..180), 200, |i| i != 150), 100..150);
        // The least of it stays, even where the next movement begins in it.
        assert_eq!(grown(100..130, &(110..120), 200, |_| true), 100..130);
    }
}
