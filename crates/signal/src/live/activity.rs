//! Whether a sensor is at rest, sample by sample, on the host's clock: only to know when a look at the data is worth it.

use std::collections::VecDeque;

use truehinge_core::HostTime;

use crate::method::LiveRest;

/// How much a sensor moves.
#[derive(Clone, Debug)]
pub(super) struct Activity {
    /// Root-mean-square rate up to which it is at rest, rad/s.
    limit: f64,
    window_s: f64,
    silent_s: f64,
    /// Arrival and squared angular rate of the last samples.
    recent: VecDeque<(HostTime, f64)>,
    at_rest_since: Option<HostTime>,
}

impl Activity {
    pub(super) fn new(preset: &LiveRest) -> Self {
        let limit = preset.rate_deg_per_s.to_radians();
        let (window_s, silent_s) = (preset.window_s, preset.silent_s);
        Self { limit, window_s, silent_s, recent: VecDeque::new(), at_rest_since: None }
    }

    /// Takes the angular rate (rad/s) of a sample. What is no number is ignored.
    pub(super) fn push(&mut self, at: HostTime, rate: f64) {
        if !rate.is_finite() {
            return;
        }
        self.recent.push_back((at, rate * rate));
        while self.recent.front().is_some_and(|(first, _)| (at - *first).seconds() > self.window_s) {
            self.recent.pop_front();
        }
        let mean = self.recent.iter().map(|(_, square)| square).sum::<f64>() / self.recent.len() as f64;
        if mean > self.limit * self.limit {
            self.at_rest_since = None;
        } else if self.at_rest_since.is_none() {
            self.at_rest_since = Some(at);
        }
    }

    /// Whether the last sample belonged to a movement.
    pub(super) fn is_moving(&self) -> bool {
        self.at_rest_since.is_none()
    }

    /// How long the sensor has been at rest, s; negative infinity if it moves or is silent.
    pub(super) fn at_rest_s(&self, now: HostTime) -> f64 {
        let silent = self.recent.back().is_none_or(|(last, _)| (now - *last).seconds() > self.silent_s);
        match self.at_rest_since {
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
        assert!((activity.at_rest_s(at(2.0)) - 0.75).abs() < 0.03, "{}", activity.at_rest_s(at(2.0)));
        activity.push(at(2.0), 1.0);
        assert!(activity.is_moving());
    }

    #[test]
    fn silence_is_no_rest_and_what_is_no_number_says_nothing() {
        let mut activity = Activity::default();
        assert!(activity.at_rest_s(at(0.0)) < 0.0);
        activity.push(at(0.0), 0.01);
        activity.push(at(0.5), f64::NAN);
        assert!((activity.at_rest_s(at(0.9)) - 0.9).abs() < 1e-9);
        assert!(activity.at_rest_s(at(1.1)) < 0.0);
    }
}
