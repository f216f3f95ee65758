//! What one sensor does, sample by sample, on the host's clock: whether it rests, and how it hangs. Only to know when a look at the data
//! is worth it.

use std::collections::VecDeque;

use nalgebra::Vector3;
use truehinge_core::{HostTime, InertialSample};

use crate::method::LiveRest;

/// Angular rate (rad/s) and specific force (m/s²) of a sample.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at: HostTime,
    rate: Vector3<f64>,
    force: Vector3<f64>,
}

/// How much a sensor moves.
#[derive(Clone, Debug)]
pub(super) struct Activity {
    numbers: LiveRest,
    recent: VecDeque<Moment>,
    still: Still,
    /// What the gyroscope shows while nothing turns, rad/s.
    bias: Vector3<f64>,
    /// Root-mean-square angular rate of the last moments, rad/s.
    rate: f64,
    at_rest_since: Option<HostTime>,
}

impl Activity {
    pub(super) fn new(numbers: &LiveRest) -> Self {
        Self {
            numbers: numbers.clone(),
            recent: VecDeque::new(),
            still: Still::default(),
            bias: Vector3::zeros(),
            rate: 0.0,
            at_rest_since: None,
        }
    }

    /// Takes a sample. What is no number is ignored.
    pub(super) fn push(&mut self, at: HostTime, sample: &InertialSample) {
        let moment = Moment { at, rate: sample.angular_rate.vector(), force: sample.specific_force.vector() };
        if !moment.rate.iter().chain(&moment.force).all(|value| value.is_finite()) {
            return;
        }
        if let Some(bias) = self.still.push(&moment, &self.numbers) {
            self.bias = bias;
        }
        self.recent.push_back(moment);
        while self.recent.front().is_some_and(|first| (at - first.at).seconds() > self.numbers.window_s) {
            self.recent.pop_front();
        }
        let squares: f64 = self.recent.iter().map(|moment| (moment.rate - self.bias).norm_squared()).sum();
        self.rate = (squares / self.recent.len() as f64).sqrt();
        if self.rate > self.numbers.rate_deg_per_s.to_radians() {
            self.at_rest_since = None;
        } else if self.at_rest_since.is_none() {
            self.at_rest_since = Some(at);
        }
    }

    /// Root-mean-square angular rate of the last moments beside the bias, rad/s.
    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// Whether the last sample belonged to a movement.
    pub(super) fn is_moving(&self) -> bool {
        self.at_rest_since.is_none()
    }

    /// How long the sensor has been at rest, s; negative infinity if it moves or is silent.
    pub(super) fn at_rest_s(&self, now: HostTime) -> f64 {
        let silent = self.recent.back().is_none_or(|last| (now - last.at).seconds() > self.numbers.silent_s);
        match self.at_rest_since {
            Some(since) if !silent => (now - since).seconds(),
            _ => f64::NEG_INFINITY,
        }
    }

    /// Mean specific force of the last moments, m/s²: upward in the sensor's frame, unless it is jerked.
    pub(super) fn upward(&self) -> Vector3<f64> {
        self.recent.iter().map(|moment| moment.force).sum::<Vector3<f64>>() / self.recent.len().max(1) as f64
    }
}

/// A stretch that may turn out to be still: its rate then is the gyroscope's bias.
#[derive(Clone, Debug, Default)]
struct Still {
    since: Option<HostTime>,
    count: usize,
    rate: Vector3<f64>,
    squares: f64,
    /// Force in the first and in the last part of it.
    first: Vector3<f64>,
    last: Vector3<f64>,
}

impl Still {
    /// Takes a sample; gives the mean rate of a stretch in which the rate hardly changed and gravity did not turn, rad/s.
    fn push(&mut self, moment: &Moment, numbers: &LiveRest) -> Option<Vector3<f64>> {
        let since = *self.since.get_or_insert(moment.at);
        let share = (moment.at - since).seconds() / numbers.bias_s;
        if share > 1.0 {
            let still = std::mem::take(self);
            self.push(moment, numbers);
            return still.bias(numbers);
        }
        self.count += 1;
        self.rate += moment.rate;
        self.squares += moment.rate.norm_squared();
        // number: the parts are quarters: long enough to average shivers out, far enough apart to see a turn
        let part = if share < 0.25 { &mut self.first } else { &mut self.last };
        // number: the last quarter
        if !(0.25..0.75).contains(&share) {
            *part += moment.force;
        }
        None
    }

    fn bias(&self, numbers: &LiveRest) -> Option<Vector3<f64>> {
        let count = self.count.max(1) as f64;
        let mean = self.rate / count;
        let scatter = (self.squares / count - mean.norm_squared()).max(0.0).sqrt();
        let both = self.first.norm_squared() > 0.0 && self.last.norm_squared() > 0.0;
        let turned = self.first.angle(&self.last);
        let is_bias = mean.norm() < numbers.bias_most_deg_per_s.to_radians();
        let is_still = scatter < numbers.rate_deg_per_s.to_radians() && turned < numbers.bias_turn_deg.to_radians();
        (both && is_bias && is_still).then_some(mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Method;
    use truehinge_core::{AngularRate, DeviceTime, STANDARD_GRAVITY, SpecificForce};

    fn at(seconds: f64) -> HostTime {
        HostTime::from_seconds(seconds)
    }

    fn sample(rate_deg_per_s: f64, lean_deg: f64) -> InertialSample {
        let (sine, cosine) = lean_deg.to_radians().sin_cos();
        InertialSample {
            device_time: DeviceTime::ZERO,
            arrival: None,
            specific_force: SpecificForce::new(STANDARD_GRAVITY * sine, 0.0, STANDARD_GRAVITY * cosine),
            angular_rate: AngularRate::new(0.0, rate_deg_per_s.to_radians(), 0.0),
        }
    }

    /// Samples of a drawn rate (deg/s), from a start on, at so many a second; gravity stays where it is.
    fn pushed((hertz, start): (f64, f64), seconds: f64, rate: impl Fn(f64) -> f64) -> Activity {
        let mut activity = Activity::new(&Method::default().stillness.live_rest);
        let mut i = 0.0;
        while i / hertz < seconds {
            activity.push(at(start + i / hertz), &sample(rate(i / hertz), 0.0));
            i += 1.0;
        }
        activity
    }

    /// Rates (Hz) and starts (s): the answers may not depend on them.
    const FEEDS: [(f64, f64); 4] = [(100.0, 0.0), (100.0, 5000.0), (50.0, 1.0), (200.0, 0.0)];

    #[test]
    fn a_sensor_is_at_rest_up_to_its_limit() {
        for feed in FEEDS {
            // To and fro: there is no bias in it.
            let shaking = |rate: f64| move |t: f64| if (t * feed.0).round() % 2.0 < 0.5 { rate } else { -rate };
            let (below, above) = (pushed(feed, 2.0, shaking(7.9)), pushed(feed, 2.0, shaking(8.1)));
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
            activity.push(at(feed.1 + 2.0), &sample(60.0, 0.0));
            assert!(activity.is_moving());
        }
    }

    #[test]
    fn silence_is_no_rest_and_what_is_no_number_says_nothing() {
        let mut activity = Activity::new(&Method::default().stillness.live_rest);
        assert!(activity.at_rest_s(at(0.0)) < 0.0);
        activity.push(at(0.0), &sample(0.5, 0.0));
        activity.push(at(0.5), &sample(f64::NAN, 0.0));
        assert!((activity.at_rest_s(at(0.9)) - 0.9).abs() < 1e-9);
        assert!((activity.at_rest_s(at(1.0)) - 1.0).abs() < 1e-9);
        assert!(activity.at_rest_s(at(1.01)) < 0.0);
    }

    #[test]
    fn a_rate_that_does_not_turn_gravity_is_the_gyroscopes() {
        for feed in FEEDS {
            let mut activity = pushed(feed, 3.0, |_| 12.0);
            let now = at(feed.1 + 3.0);
            assert!(!activity.is_moving() && activity.at_rest_s(now) > 1.8, "{feed:?}: {}", activity.at_rest_s(now));
            // Twice as much is a movement; the same rate with gravity turning all along was one.
            let mut t = 0.0;
            while t < 0.3 {
                activity.push(at(feed.1 + 3.0 + t), &sample(24.0, 0.0));
                t += 1.0 / feed.0;
            }
            assert!(activity.is_moving());
            let mut leaning = Activity::new(&Method::default().stillness.live_rest);
            for i in 0..400 {
                let t = f64::from(i) / 100.0;
                leaning.push(at(t), &sample(12.0, 12.0 * t));
            }
            assert!(leaning.is_moving());
        }
    }

    #[test]
    fn upward_is_the_mean_force_of_the_last_moments() {
        for feed in FEEDS {
            let mut activity = pushed(feed, 1.0, |_| 0.0);
            assert!((activity.upward() - Vector3::new(0.0, 0.0, STANDARD_GRAVITY)).norm() < 1e-9);
            let mut i = 0.0;
            while i / feed.0 < 0.3 {
                activity.push(at(feed.1 + 1.0 + i / feed.0), &sample(0.0, 30.0));
                i += 1.0;
            }
            assert!((activity.upward().angle(&Vector3::z()).to_degrees() - 30.0).abs() < 1e-6);
        }
    }
}
