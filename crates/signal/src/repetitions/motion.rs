//! What repetitions are looked for in.

use std::ops::Range;

use truehinge_core::{SampleRate, Side};

use crate::stillness::Stance;

/// The motion of one set, all on one grid; all slices are of the same length.
#[derive(Clone, Debug)]
pub struct Motion<'a> {
    /// Grid rate.
    pub rate: SampleRate,
    /// Pelvic tilt, rad.
    pub pelvis: &'a [f64],
    /// Whether forward is told by where the hip's sensor sits, and not by the movements themselves.
    pub pelvis_front_known: bool,
    /// Shank inclination, rad.
    pub shank: &'a [f64],
    /// Lean of the shank to the person's left, rad, from the reference posture: tells one leg from two.
    pub shank_left_lean: &'a [f64],
    /// Specific force of the pelvis sensor along the vertical, m/s²: largest where a movement turns upwards.
    pub lift: &'a [f64],
    /// Supporting leg.
    pub side: Option<Side>,
    /// Stillness and steps.
    pub stance: &'a Stance,
    /// Whether the protocol is done on one leg, so that movements on two legs are outside the set.
    pub single_leg: bool,
    /// Whether somebody marked this stretch as a set, on the leg that the protocol asks for.
    pub marked: bool,
    /// When the guided calibration was made: its movements are no repetitions.
    pub calibrations: Vec<Range<usize>>,
}

impl Motion<'_> {
    /// The nearest whole number of points to a time.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds, not negative")]
    pub(super) fn points(&self, seconds: f64) -> usize {
        (seconds * self.rate.hertz()).round() as usize
    }

    /// Time that so many points take.
    pub(super) fn seconds(&self, points: usize) -> f64 {
        points as f64 * self.rate.period_seconds()
    }

    /// Whether a range meets one of the guided calibrations.
    pub(super) fn calibrates_in(&self, range: &Range<usize>) -> bool {
        self.calibrations.iter().any(|made| made.start < range.end && range.start < made.end)
    }
}
