//! A movement that may be a repetition, and where in its curve it begins, turns and ends.

use std::ops::{Range, RangeInclusive};

use truehinge_core::Rejection;

/// A movement away from the stance and back.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Onset to return.
    pub range: Range<usize>,
    /// 95 % of the way on both sides.
    pub bottom: Range<usize>,
    /// The quiet stance before the movement, from which all changes are measured.
    pub stance: Range<usize>,
    /// The stance window, extended backwards by the uncertainty of the onset.
    pub lead_in: Range<usize>,
    /// Size of the excursion, rad (shank weighted).
    pub excursion: f64,
    /// Lean of the shank towards the supporting side in the stance around it, rad.
    pub stance_lean: f64,
    /// How far the stance after it is from the one before, as a share of the excursion.
    pub apart_share: f64,
    /// Why it is not counted, if so.
    pub rejection: Option<Rejection>,
}

impl Candidate {
    /// Middle of the bottom.
    pub fn turn(&self) -> f64 {
        f64::midpoint(self.bottom.start as f64, self.bottom.end as f64 - 1.0)
    }

    /// From the movement's first instant to its last: its 5 % points lie a few per cent into it.
    pub fn whole(&self) -> Range<usize> {
        let out = self.bottom.start.saturating_sub(self.range.start);
        let back = self.range.end.saturating_sub(self.bottom.end);
        self.range.start.saturating_sub(onset_lead(out))..self.range.end + onset_lead(back)
    }

    /// Whether it counts as a repetition, as far as is known.
    pub(super) fn counts(&self) -> bool {
        self.rejection.is_none()
    }
}

/// Mathematics: between the first instant of a movement and its 5 % point lies this share of the time from 5 to 95 %,
/// 0.189 / 0.622 for the smoothest way from rest to rest \[FlashHogan1985\]. It belongs to an edge of 5 %
/// (`repetitions.edges.edge_share`).
const ONSET_SHARE: f64 = 0.304;

/// How long before its 5 % point a movement begins that takes `points` from there to 95 %.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
fn onset_lead(points: usize) -> usize {
    (ONSET_SHARE * points as f64).round() as usize
}

/// How far a movement went, seen along one direction, rad.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels {
    /// Of the stance before it.
    pub before: f64,
    /// Of the stance after it.
    pub after: f64,
    /// At its farthest.
    pub top: f64,
}

/// A movement as a curve that goes up to a peak and down again.
#[derive(Clone, Debug)]
pub(super) struct Hump {
    /// Where its edges are looked for; they lie at its ends if the curve does not come down that far.
    pub within: RangeInclusive<usize>,
    /// Its highest point.
    pub peak: usize,
    /// Where it comes from, where it goes to, and how high it gets.
    pub levels: Levels,
    /// The bottom of the movement is where the curve is at least this high, rad.
    pub bottom_from: f64,
}

impl Hump {
    /// Onset to return, and bottom, of the curve `along`.
    pub(super) fn edges(&self, edge_share: f64, along: impl Fn(usize) -> f64) -> (Range<usize>, Range<usize>) {
        let Levels { before, after, top } = self.levels;
        let (first, last, peak) = (*self.within.start(), *self.within.end(), self.peak);
        let low = |base: f64| base + edge_share * (top - base);
        let start = (first..=peak).rev().find(|&i| along(i) <= low(before)).unwrap_or(first);
        let end = (peak..=last).find(|&i| along(i) <= low(after)).unwrap_or(last).max(start + 1);
        let high = |i: &usize| along(*i) >= self.bottom_from;
        let bottom_start = (start..end).find(high).unwrap_or(peak);
        let bottom_end = (start..end).rev().find(high).unwrap_or(peak) + 1;
        (start..end, bottom_start..bottom_end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Method;

    #[test]
    fn the_whole_movement_begins_before_its_first_five_percent() {
        let (range, bottom) = (100..300, 200..250);
        let candidate = Candidate {
            range,
            bottom,
            stance: 5..10,
            lead_in: 0..10,
            excursion: 0.3,
            stance_lean: 0.0,
            apart_share: 0.0,
            rejection: None,
        };
        assert_eq!(candidate.whole(), 70..315);
        assert!((candidate.turn() - 224.5).abs() < 1e-12);
    }

    /// The share computed again from the minimum-jerk ramp, for the edge of the built-in method: who changes one sees the other.
    #[test]
    fn the_onset_share_belongs_to_the_edge_of_the_method() {
        let ramp = |t: f64| t.powi(3) * (10.0 - 15.0 * t + 6.0 * t * t);
        let edge = Method::default().repetitions.edges.edge_share;
        let (mut low, mut high) = (0.0, 0.5);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if ramp(middle) < edge { low = middle } else { high = middle }
        }
        assert!((low / (1.0 - 2.0 * low) - ONSET_SHARE).abs() < 1e-3, "{}", low / (1.0 - 2.0 * low));
    }

    #[test]
    fn edges_of_a_triangle_lie_where_its_sides_cross_the_shares() {
        // Up from 0 to 100 in 100 points, down to 40 in 60.
        let along = |i: usize| if i <= 100 { i as f64 } else { 200.0 - i as f64 };
        let levels = Levels { before: 0.0, after: 40.0, top: 100.0 };
        let hump = Hump { within: 0..=160, peak: 100, levels, bottom_from: 95.0 };
        assert_eq!(hump.edges(0.05, along), (5..157, 95..106));
        // A curve that does not come down within reach ends with its reach.
        assert_eq!(Hump { within: 20..=130, ..hump }.edges(0.05, along), (20..130, 95..106));
    }
}
