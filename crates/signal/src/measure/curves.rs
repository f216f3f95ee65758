//! Curves over a repetition: changes from the stance before it, their peaks, and their shape over normalised time.

use std::ops::Range;

use truehinge_core::{Curve, SampleRate, Signal};

use crate::body::motion::SetMotion;
use crate::math::filter::low_pass;
use crate::math::stats::mean;
use crate::method::Measure;
use crate::repetitions::Candidate;

/// A change over the repetition's points, and its value where it is largest.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Peak {
    pub value: f64,
    pub at: usize,
}

/// The first of the largest values.
pub(super) fn largest(values: &[f64]) -> Peak {
    values.iter().enumerate().fold(Peak { value: f64::NEG_INFINITY, at: 0 }, |best, (at, &value)| {
        if value > best.value { Peak { value, at } } else { best }
    })
}

/// The largest of the values that were seen.
pub(super) fn largest_seen(values: &[f64], seen: &[bool]) -> Option<Peak> {
    let seen: Vec<f64> = values.iter().zip(seen).map(|(&v, &seen)| if seen { v } else { f64::NEG_INFINITY }).collect();
    Some(largest(&seen)).filter(|peak| peak.value.is_finite())
}

/// Points of a repetition and of the stance it is measured from.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub range: Range<usize>,
    pub baseline: Range<usize>,
    rate: SampleRate,
    smoothing_hz: f64,
    /// Points on either side in which the filter settles.
    settling: usize,
}

impl Window {
    pub fn new(set: &SetMotion<'_>, candidate: &Candidate, method: &Measure) -> Self {
        Self {
            range: candidate.range.clone(),
            baseline: candidate.stance.clone(),
            rate: set.grid.rate,
            smoothing_hz: method.smoothing_hz,
            settling: set.grid.points(method.settling_s),
        }
    }

    /// Smoothed change of an angle from the baseline, at the points of the repetition.
    pub fn change(&self, angle: &[f64]) -> Vec<f64> {
        let around = self.around(angle.len());
        self.change_within(&angle[around.clone()], around.start)
    }

    /// The repetition with what the filter settles in on either side, of a set of `length` points.
    pub fn around(&self, length: usize) -> Range<usize> {
        self.baseline.start.saturating_sub(self.settling)..(self.range.end + self.settling).min(length)
    }

    /// As [`Window::change`] for an angle that is known from point `from` on.
    pub fn change_within(&self, angle: &[f64], from: usize) -> Vec<f64> {
        let smooth = low_pass(angle, self.rate, self.smoothing_hz);
        let start = mean(&angle[self.baseline.start - from..self.baseline.end - from]);
        smooth[self.range.start - from..self.range.end - from].iter().map(|value| value - start).collect()
    }
}

/// Removes the jumps of a full turn between neighbours.
pub(super) fn unwrapped(angles: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut turns = 0.0;
    let mut previous: Option<f64> = None;
    angles
        .map(|angle| {
            if let Some(previous) = previous {
                turns -= ((angle - previous) / std::f64::consts::TAU).round();
            }
            previous = Some(angle);
            angle + turns * std::f64::consts::TAU
        })
        .collect()
}

/// Values at 0, 1, ..., 100 % of the repetition, linearly interpolated; from the SI unit to the signal's.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index inside the values")]
pub(super) fn curve(signal: Signal, values: &[f64]) -> Curve {
    let last = values.len() - 1;
    let values = (0..Curve::POINTS)
        .map(|percent| {
            let position = percent as f64 / (Curve::POINTS - 1) as f64 * last as f64;
            let low = (position as usize).min(last);
            let share = position - low as f64;
            signal.metric().in_unit(values[low] * (1.0 - share) + values[(low + 1).min(last)] * share)
        })
        .collect();
    Curve { signal, values }
}
