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
    use crate::method::Method;

    fn at(seconds: f64) -> HostTime {
        HostTime::from_seconds(seconds)
    }

    /// Samples of a drawn rate (deg/s), from a start on, at so many a second.
    fn pushed((hertz, start): (f64, f64), seconds: f64, rate: impl Fn(f64) -> f64) -> Activity {
        let mut activity = Activity::new(&Method::default().stillness.live_rest);
        let mut i = 0.0;
        while i / hertz < seconds {
            activity.push(at(start + i / hertz), rate(i / hertz).to_radians());
            i += 1.0;
        }
        activity
    }

    /// Rates (Hz) and starts (s): the answers may not depend on them.
    const FEEDS: [(f64, f64); 4] = [(100.0, 0.0), (100.0, 5000.0), (50.0, 1.0), (200.0, 0.0)];

    #[test]
    fn a_sensor_is_at_rest_up_to_its_limit() {
        for feed in FEEDS {
            let (below, above) = (pushed(feed, 2.0, |_| 7.99), pushed(feed, 2.0, |_| 8.01));
            let now = at(feed.1 + 2.0);
            assert!((below.at_rest_s(now) - 2.0).abs() < 1e-6 && !below.is_moving());
            assert!(above.at_rest_s(now).is_infinite() && above.at_rest_s(now) < 0.0 && above.is_moving());
        }
    }

    #[test]
    fn rest_begins_when_the_movement_has_left_the_window_and_ends_at_once() {
        for feed in FEEDS {
            // A second of movement, then sway.
            let mut activity = pushed(feed, 2.0, |t| if t < 1.0 { 60.0 } else { 3.0 });
            let rest = activity.at_rest_s(at(feed.1 + 2.0));
            // The last fast sample is a sample before the second ends; half of one is rounding.
            assert!(rest >= 0.75 - 0.5 / feed.0 && rest <= 0.75 + 1.5 / feed.0, "{feed:?}: {rest}");
            activity.push(at(feed.1 + 2.0), 1.0);
            assert!(activity.is_moving());
        }
    }

    #[test]
    fn silence_is_no_rest_and_what_is_no_number_says_nothing() {
        let mut activity = Activity::new(&Method::default().stillness.live_rest);
        assert!(activity.at_rest_s(at(0.0)) < 0.0);
        activity.push(at(0.0), 0.01);
        activity.push(at(0.5), f64::NAN);
        assert!((activity.at_rest_s(at(0.9)) - 0.9).abs() < 1e-9);
        assert!((activity.at_rest_s(at(1.0)) - 1.0).abs() < 1e-9);
        assert!(activity.at_rest_s(at(1.01)) < 0.0);
    }
}
