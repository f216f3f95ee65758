//! Not moving: what it means, and who means what.
//!
//! Three words, each of one thing: a **sensor** is *at rest*, a **person** stands in a *quiet stance*, a **strap** has *settled*. The
//! numbers are the presets of `[stillness]` in the method. Two of them are one definition with other limits, [`Still`]: an angular
//! rate stays below a limit for long enough. Above each of the other tables stands why it is something else.
//!
//! | preset | used by | over | of | how |
//! |---|---|---|---|---|
//! | `quiet_stance` | [`observe`] | 0.5 s | all sensors, the fastest counts | [`Still::find`] |
//! | `maker_at_rest` | [`crate::orientation::maker`] | a sample | one sensor, the maker's own filter | [`Still::find`] |
//! | `standing` | [`crate::watch::slip`] | 0.5 s (as `quiet_stance`) | all sensors | points below a limit, counted |
//! | `calibration` | [`crate::watch::calibration`] | - | quiet stances | the longest of them |
//! | `live_rest` | [`crate::live`] | 0.25 s up to now | each sensor, its bias left out | rate below a limit, sample by sample |
//! | `sensor_at_rest` | [`crate::inertial`] | 0.5 s, twice | one sensor, bias included | scatter about the mean |
//! | `bias_window` | [`crate::orientation::offline`] | 1 s | one sensor, bias included | scatter about the mean, ranked |
//! | `filter_at_rest` | [`crate::orientation`] | 1.5 s | one sensor, bias included | inside the published filter |
//! | `dwelling` | [`crate::repetitions`] | 0.2 s | shank and pelvis | a weight that falls with speed |
//! | `between_movements` | [`crate::measure`] | 0.3 s and longer | shank and pelvis | posture stays within a limit |
//! | `after_movement` | [`crate::watch::settling`] | 0.4 s | shank and pelvis | range of the leans |
//!
//! Whether a foot steps is another matter (`steps`).

mod stance;
mod steps;

use std::ops::Range;

pub use stance::{Stance, observe};

use crate::math::stats::moving_rms;
use crate::method::{MakerAtRest, QuietStance};

/// A definition of not moving: an angular rate stays below a limit for long enough.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Still {
    /// The limit, rad/s.
    pub rate: f64,
    /// Window over which the root mean square of the rate is taken, s; `None` takes every value as it is.
    pub window_s: Option<f64>,
    /// Shortest stretch, s.
    pub least_s: f64,
}

impl From<&QuietStance> for Still {
    fn from(preset: &QuietStance) -> Self {
        Self { rate: preset.rate_deg_per_s.to_radians(), window_s: Some(preset.window_s), least_s: preset.least_s }
    }
}

impl From<&MakerAtRest> for Still {
    fn from(preset: &MakerAtRest) -> Self {
        Self { rate: preset.rate_rad_per_s, window_s: None, least_s: preset.least_s }
    }
}

impl Still {
    /// How fast a sensor turns, averaged as the definition says, from its angular rates at points `period_s` apart; all rad/s.
    pub fn activity(&self, rates: Vec<f64>, period_s: f64) -> Vec<f64> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number of points")]
        let points = |seconds: f64| (seconds / period_s).round().max(1.0) as usize;
        match self.window_s {
            Some(seconds) => moving_rms(&rates, points(seconds)),
            None => rates,
        }
    }

    /// The stretches in which an activity (rad/s, at points `period_s` apart) stays below the limit for long enough.
    pub fn find(&self, activity: &[f64], period_s: f64) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut from = 0;
        for stretch in activity.chunk_by(|a, b| (*a < self.rate) == (*b < self.rate)) {
            let to = from + stretch.len();
            if stretch[0] < self.rate && stretch.len() as f64 * period_s >= self.least_s {
                found.push(from..to);
            }
            from = to;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOVES: f64 = 1.0;

    #[test]
    fn a_stretch_is_still_below_the_limit_and_from_the_least_length_on() {
        let still = Still { rate: 0.5, window_s: None, least_s: 0.3 };
        let signal = [0.5, 0.5, 0.5, MOVES, 0.4, 0.4, MOVES, 0.4, 0.4, 0.4, 0.5, 0.4, 0.4, 0.4, 0.4];
        assert_eq!(still.find(&signal, 0.1), [7..10, 11..15]);
        assert!(still.find(&signal, 0.05).is_empty());
        assert_eq!(still.find(&signal[4..6], 0.15), vec![0..2]);
        assert!(still.find(&[], 0.1).is_empty());
        assert_eq!(still.find(&[0.0, 0.0, f64::NAN, 0.0, 0.0, 0.0], 0.1), vec![3..6]);
    }

    #[test]
    fn a_rate_is_averaged_over_the_window_or_taken_as_it_is() {
        let rates = vec![0.0, 0.0, 3.0, 0.0, 0.0, 0.0];
        let still = Still { rate: 0.5, window_s: None, least_s: 0.3 };
        assert_eq!(still.activity(rates.clone(), 0.1), rates);
        let averaged = Still { window_s: Some(0.3), ..still }.activity(rates, 0.1);
        let root = 3.0_f64.sqrt();
        for (value, expected) in averaged.iter().zip([0.0, root, root, root, 0.0, 0.0]) {
            assert!((value - expected).abs() < 1e-12, "{averaged:?}");
        }
    }
}
