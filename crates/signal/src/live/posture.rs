//! How a sensor hangs, sample by sample, without its axes: how far it leans from where it rested, and has turned about the vertical since.
//!
//! Up is carried along by the gyroscope and drawn to the accelerometer while that shows about what it shows at rest:
//!
//! ```text
//! d up / dt = up x (w - bias)      lean = angle(up, up at rest)      turned = integral of (w - bias) . up
//! ```
//!
//! Over the seconds of a gesture this is good to a few degrees; [`crate::orientation`] is for everything that is measured.

use nalgebra::{UnitVector3, Vector3};
use truehinge_core::{DeviceTime, InertialSample, STANDARD_GRAVITY};

use crate::method;

/// How a sensor hangs: where up is in its frame, and how far it has turned since it rested.
#[derive(Clone, Debug)]
pub(super) struct Posture {
    last: Option<DeviceTime>,
    /// rad/s.
    rate: Vector3<f64>,
    /// What the gyroscope shows at rest, rad/s.
    bias: Vector3<f64>,
    up: Vector3<f64>,
    /// Specific force, m/s².
    force: f64,
    /// Specific force at rest, m/s²: gravity, and what the accelerometer adds to it.
    weight: f64,
    /// Up at rest.
    home: UnitVector3<f64>,
    /// About the vertical since it rested, rad; positive counter-clockwise from above.
    turned: f64,
    /// How long it has hardly turned, s.
    quiet: f64,
}

impl Default for Posture {
    fn default() -> Self {
        let zero = Vector3::zeros();
        let home = Vector3::z_axis();
        let (up, weight) = (home.into_inner(), STANDARD_GRAVITY);
        Self { last: None, rate: zero, bias: zero, up, force: weight, weight, home, turned: 0.0, quiet: 0.0 }
    }
}

impl Posture {
    /// Takes a sample: how long after the one before it was measured, s; `None` where one does not follow from the other.
    pub(super) fn push(&mut self, sample: &InertialSample, n: &method::Gesture) -> Option<f64> {
        let (rate, force) = (sample.angular_rate.vector(), sample.specific_force.vector());
        if !rate.iter().chain(&force).all(|value| value.is_finite()) {
            return self.last.map(|_| 0.0);
        }
        let step = self.last.map(|last| (sample.device_time - last).seconds());
        if step.is_some_and(|step| (-n.gap_s..=0.0).contains(&step)) {
            // Late, or a second time: what came before it has told as much.
            return Some(0.0);
        }
        self.last = Some(sample.device_time);
        let Some(step) = step.filter(|step| (0.0..=n.gap_s).contains(step)) else {
            let Self { last, bias, weight, .. } = *self;
            *self = Self { last, bias, weight, up: force.try_normalize(0.0)?, ..Self::default() };
            return None;
        };
        let rate = rate - self.bias;
        let mean = (rate + self.rate) / 2.0;
        self.rate = rate;
        // What is fixed in the world turns the other way in the sensor.
        self.up += self.up.cross(&mean) * step;
        let norm = force.norm();
        if (norm - self.weight).abs() < n.level_force_m_per_s2 {
            self.up += (force / norm - self.up) * (step / n.level_s).min(1.0);
        }
        self.up = self.up.try_normalize(0.0).unwrap_or(self.home.into_inner());
        self.turned += mean.dot(&self.up) * step;
        self.force = norm;
        self.quiet = if rate.norm() < n.rest_deg_per_s.to_radians() { self.quiet + step } else { 0.0 };
        Some(step)
    }

    /// How far it leans from where it rested, rad.
    pub(super) fn lean(&self) -> f64 {
        self.up.angle(&self.home)
    }

    /// How far it has turned about the vertical since it rested, rad; positive counter-clockwise from above.
    pub(super) const fn turned(&self) -> f64 {
        self.turned
    }

    /// How long it has hardly turned, s.
    pub(super) const fn quiet_s(&self) -> f64 {
        self.quiet
    }

    /// Specific force at rest, m/s².
    pub(super) const fn weight(&self) -> f64 {
        self.weight
    }

    /// Where it points now is where it points at rest.
    pub(super) const fn face_here(&mut self) {
        self.turned = 0.0;
    }

    /// Here it rests.
    pub(super) fn settle_here(&mut self) {
        self.home = UnitVector3::new_normalize(self.up);
        self.turned = 0.0;
    }

    /// It rests more or less here.
    pub(super) fn settle(&mut self, step: f64, n: &method::Gesture) {
        let share = (step / n.settle_s).min(1.0);
        let home = self.home.into_inner();
        self.home = UnitVector3::new_normalize(home + (self.up - home) * share);
        self.turned -= self.turned * share;
        if self.quiet > n.rest_s {
            self.weight += (self.force - self.weight) * share;
            let bias = self.bias + self.rate * (step / n.bias_s).min(1.0);
            self.bias = bias.cap_magnitude(n.bias_most_deg_per_s.to_radians());
        }
    }
}
