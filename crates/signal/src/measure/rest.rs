//! The rest before and after a movement: as much of it as the person stays where she is.
//!
//! In: the aligned motion of a set and its movements. Out: two stretches of the grid per movement. Double integration is told by
//! them that the body neither went anywhere nor was tilted: the longer the rest, the more exactly. People sway by as much as
//! they move in a small repetition, so rest is not stillness: it is what lies within two degrees of the posture beside the
//! movement, up to the next movement, and not longer than the caller wants.

use std::ops::Range;

use crate::body::motion::SetMotion;
use crate::grid::PoseGrid;
use crate::math::stats::mean;
use crate::repetitions::Candidate;

/// From a movement's 5 % points outwards, s: its first and last tenth of a second lie there, and no rest yet.
const LEAD_S: f64 = 0.25;
/// Shortest rest, s.
const SHORTEST_S: f64 = 0.3;
/// Of the rest after a movement only this part is used: what was said when it began must still be true at its end.
const SOONER: usize = 2;
/// How far shank and pelvis may lean from where they are beside the movement, rad.
const STAYS: f64 = 2.0 * std::f64::consts::PI / 180.0;

/// Rest on both sides of a movement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rest {
    /// Before it.
    pub before: Range<usize>,
    /// After it.
    pub after: Range<usize>,
}

impl Rest {
    /// The least of it: what is taken for rest whatever the person does.
    pub fn least(grid: &PoseGrid, candidate: &Candidate) -> Self {
        let (lead, length) = (grid.points(LEAD_S), grid.points(SHORTEST_S));
        let start = candidate.range.start.saturating_sub(lead + length).min(candidate.stance.start);
        let end = (candidate.range.end + lead + length).min(grid.len());
        Self { before: start..start + length, after: end - length..end }
    }

    /// All of it, within the pauses to the movements on either side: up to `longest` points before it, half as many after it.
    pub fn around(set: &SetMotion<'_>, candidate: &Candidate, pauses: Range<usize>, longest: usize) -> Self {
        let Self { before, after } = Self::least(set.grid, candidate);
        let (first, last) = (Posture::of(set, &before), Posture::of(set, &after));
        let (early, late) = (pauses.start..before.end, after.start..pauses.end);
        Self {
            before: grown(before, &early, longest, |i| first.holds(set, i)),
            after: grown(after, &late, longest / SOONER, |i| last.holds(set, i)),
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

/// How shank and pelvis lean, rad.
struct Posture {
    shank: f64,
    pelvis: f64,
}

impl Posture {
    fn of(set: &SetMotion<'_>, range: &Range<usize>) -> Self {
        Self { shank: mean(&set.shank.sagittal[range.clone()]), pelvis: mean(&set.pelvis.sagittal[range.clone()]) }
    }

    /// Whether the person is in it at a point, as far as there are data.
    fn holds(&self, set: &SetMotion<'_>, i: usize) -> bool {
        let near = |lean: f64, here: f64| (lean - here).abs() < STAYS;
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
