//! Whether a sensor moves, sample by sample, on the host's clock: only to know when a look at the data is worth it.

use std::collections::VecDeque;

use truehinge_core::HostTime;

/// Root-mean-square angular rate below which a sensor rests, rad/s: sway on one leg (2-5 deg/s) and a gyroscope's bias included.
const REST_RATE: f64 = 8.0 * std::f64::consts::PI / 180.0;
/// Over how long, s.
const WINDOW_S: f64 = 0.25;
/// A sensor that has been silent for longer does not rest: nobody knows, s.
const SILENT_S: f64 = 1.0;

/// How much a sensor moves.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    /// Arrival and squared angular rate of the last samples.
    recent: VecDeque<(HostTime, f64)>,
    resting_since: Option<HostTime>,
}

impl Activity {
    /// Takes the angular rate (rad/s) of a sample. What is no number is ignored.
    pub(super) fn push(&mut self, at: HostTime, rate: f64) {
        if !rate.is_finite() {
            return;
        }
        self.recent.push_back((at, rate * rate));
        while self.recent.front().is_some_and(|(first, _)| (at - *first).seconds() > WINDOW_S) {
            self.recent.pop_front();
        }
        let mean = self.recent.iter().map(|(_, square)| square).sum::<f64>() / self.recent.len() as f64;
        if mean > REST_RATE * REST_RATE {
            self.resting_since = None;
        } else if self.resting_since.is_none() {
            self.resting_since = Some(at);
        }
    }

    /// Whether the last sample belonged to a movement.
    pub(super) fn is_moving(&self) -> bool {
        self.resting_since.is_none()
    }

    /// How long the sensor has been at rest, s; negative infinity if it moves or is silent.
    pub(super) fn rest_s(&self, now: HostTime) -> f64 {
        let silent = self.recent.back().is_none_or(|(last, _)| (now - *last).seconds() > SILENT_S);
        match self.resting_since {
            Some(since) if !silent => (now - since).seconds(),
            _ => f64::NEG_INFINITY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> HostTime {
        HostTime::from_seconds(seconds)
    }

    #[test]
    fn rest_begins_when_the_movement_has_left_the_window_and_ends_at_once() {
        let mut activity = Activity::default();
        for i in 0..200 {
            // A second of movement at 60 deg/s, then sway.
            activity.push(at(f64::from(i) * 0.01), if i < 100 { 1.0 } else { 0.05 });
        }
        assert!((activity.rest_s(at(2.0)) - 0.75).abs() < 0.03, "{}", activity.rest_s(at(2.0)));
        activity.push(at(2.0), 1.0);
        assert!(activity.is_moving());
    }

    #[test]
    fn silence_is_no_rest_and_what_is_no_number_says_nothing() {
        let mut activity = Activity::default();
        assert!(activity.rest_s(at(0.0)) < 0.0);
        activity.push(at(0.0), 0.01);
        activity.push(at(0.5), f64::NAN);
        assert!((activity.rest_s(at(0.9)) - 0.9).abs() < 1e-9);
        assert!(activity.rest_s(at(1.1)) < 0.0);
    }
}
