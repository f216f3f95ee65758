//! VQF without a magnetometer, sample by sample \[Laidig2023\]: attitude, bias of the gyroscope and rest.
//!
//! The rate without the bias is integrated (strapdown); in the frame that this gives, the specific force is low-passed, and the frame
//! is tilted so that the result points up. A Kalman filter learns the bias `b` with covariance `P`: at rest from the rate, in
//! movement from the tilting, of which a bias is the lasting part. With `R` the rotation to Earth and `lp` the low-pass,
//!
//! ```text
//! at rest:      e = lp(rate) - b                                        rows: identity    variance: rest
//! in movement:  e = (-up_y, up_x, 0) / period + lp(R b) - lp(R) b       rows: lp(R)       variance: motion, motion, vertical
//! each row r:   s = variance + r P r^T,   k = P r^T / s,   b += k (e - r (b - b before)),   P -= k r P
//! ```
//!
//! (the vertical part of `lp(R b)` is left out: nothing shows it, so it is pulled towards zero). The rows' errors are independent, so
//! that they may be taken in turn: the same estimate as by inverting `W + R P R^T`, for a fifth of the arithmetic. The authors' filter
//! also knows magnetometers; its Rust port gives the same numbers (`tests/vqf.rs`).

use nalgebra::{SVector, UnitQuaternion, Vector3};

use super::low_pass::{LowPassCoeffs, StartingLowPass};
use super::{advanced, near_unit, shortest_way_up};
use crate::math::symmetric::Symmetric3;
use crate::method::{FilterAtRest, Method};

/// What does not change from sample to sample; angles in rad.
#[derive(Clone, Debug)]
struct Settings {
    period: f64,
    gravity: LowPassCoeffs,
    rest: LowPassCoeffs,
    at_rest: FilterAtRest,
    bias_clip: f64,
    /// Variance of the bias before anything is known, and what it grows by in a sample, (rad/s)².
    widest: f64,
    forgotten: f64,
    /// Variances of what a sample shows of the bias.
    rest_variances: Vector3<f64>,
    motion_variances: Vector3<f64>,
}

/// Mathematics: what the bias is known to once it is forgotten, deg/s, by the authors' definition of the time that takes.
const FORGOTTEN_DEG_PER_S: f64 = 0.1;
/// Mathematics: a share of nothing must not divide by zero.
const LEAST_SHARE: f64 = 1e-10;

impl Settings {
    fn new(period: f64, method: &Method) -> Self {
        let (vqf, at_rest) = (&method.orientation.vqf, &method.stillness.filter_at_rest);
        let squared = |degrees: f64| degrees.to_radians().powi(2);
        let forgotten = squared(FORGOTTEN_DEG_PER_S) * period / vqf.bias_forgetting_s;
        // The variance of a sample with which the bias converges to this variance.
        let converging = |sigma: f64| squared(sigma).powi(2) / forgotten + squared(sigma);
        let motion = converging(vqf.bias_sigma_motion_deg_per_s);
        let vertical = motion / vqf.bias_vertical_forgetting_share.max(LEAST_SHARE);
        Self {
            period,
            gravity: LowPassCoeffs::new(period, vqf.tau_acc_s),
            rest: LowPassCoeffs::new(period, at_rest.filter_tau_s),
            at_rest: at_rest.clone(),
            bias_clip: vqf.bias_clip_deg_per_s.to_radians(),
            widest: squared(vqf.bias_sigma_init_deg_per_s),
            forgotten,
            rest_variances: Vector3::repeat(converging(vqf.bias_sigma_rest_deg_per_s)),
            motion_variances: Vector3::new(motion, motion, vertical),
        }
    }
}

/// What the filter knows of the gyroscope's bias.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bias {
    /// rad/s.
    pub mean: Vector3<f64>,
    /// (rad/s)².
    pub covariance: Symmetric3,
}

/// The filter.
#[derive(Clone, Debug)]
pub(super) struct Vqf {
    settings: Settings,
    /// Sensor to the strapdown's frame, and from there to Earth.
    strapdown: UnitQuaternion<f64>,
    tilt: UnitQuaternion<f64>,
    pub bias: Bias,
    rest_s: f64,
    pub at_rest: bool,
    rate: StartingLowPass<3>,
    force: StartingLowPass<3>,
    gravity: StartingLowPass<3>,
    /// `R` by its rows, then the horizontal part of `R b`.
    attitude: StartingLowPass<11>,
}

impl Vqf {
    /// For samples this far apart, s.
    pub fn new(period: f64, method: &Method) -> Self {
        Self::fresh(Settings::new(period, method))
    }

    fn fresh(settings: Settings) -> Self {
        Self {
            strapdown: UnitQuaternion::identity(),
            tilt: UnitQuaternion::identity(),
            bias: Bias { mean: Vector3::zeros(), covariance: Symmetric3::scalar(settings.widest) },
            rest_s: 0.0,
            at_rest: false,
            rate: StartingLowPass::new(),
            force: StartingLowPass::new(),
            gravity: StartingLowPass::new(),
            attitude: StartingLowPass::new(),
            settings,
        }
    }

    /// Forgets everything but the bias, which has become uncertain in a pause of so many samples.
    pub fn resume(&mut self, pause: f64) {
        let mut bias = self.bias;
        for axis in 0..3 {
            let variance = bias.covariance.diagonal_mut(axis);
            *variance = (*variance + self.settings.forgotten * pause).min(self.settings.widest);
        }
        *self = Self { bias, ..Self::fresh(self.settings.clone()) };
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        *self = Self::fresh(self.settings.clone());
    }

    /// Starts with the inclination that a first specific force shows.
    ///
    /// As published the filter starts with the sensor's z axis up and its first correction may be half a turn, which has no
    /// shortest way. Measured on BROAD the two starts do not differ by 0.0001 degrees.
    pub fn start_level(&mut self, force: &Vector3<f64>) {
        if let Some(up) = force.try_normalize(1e-9) {
            self.tilt = UnitQuaternion::new_unchecked(shortest_way_up(&up));
        }
    }

    /// Sensor to Earth.
    pub fn attitude(&self) -> UnitQuaternion<f64> {
        self.tilt * self.strapdown
    }

    /// Largest variance of the bias, (rad/s)².
    pub fn widest(&self) -> f64 {
        self.settings.widest
    }

    /// Takes the sample of a rate, rad/s, and a force, m/s².
    pub fn update(&mut self, rate: Vector3<f64>, force: Vector3<f64>) {
        let usual_rate = self.watch_rest(rate, force);
        self.strapdown = advanced(&self.strapdown, &((rate - self.bias.mean) * self.settings.period));
        let gravity = self.gravity.step(self.strapdown * force, &self.settings.gravity);
        // Forces that cancel show nothing.
        let Some(up) = (self.tilt * gravity).try_normalize(1e-9) else { return };
        self.tilt = near_unit(shortest_way_up(&up) * self.tilt.quaternion());
        self.learn(usual_rate, &up);
    }

    /// Whether rate and force have stayed near their low-passed values for long enough. Gives the low-passed rate.
    fn watch_rest(&mut self, rate: Vector3<f64>, force: Vector3<f64>) -> Vector3<f64> {
        let Settings { rest, at_rest, bias_clip, period, .. } = &self.settings;
        let usual_rate = self.rate.step(rate, rest);
        let usual_force = self.force.step(force, rest);
        let turns = (rate - usual_rate).norm_squared() >= at_rest.rate_deg_per_s.to_radians().powi(2)
            || usual_rate.iter().any(|component| component.abs() > *bias_clip);
        let shakes = (force - usual_force).norm_squared() >= at_rest.force_m_per_s2.powi(2);
        if turns || shakes {
            (self.rest_s, self.at_rest) = (0.0, false);
        }
        if !shakes {
            self.rest_s += period;
            self.at_rest |= self.rest_s >= at_rest.least_s;
        }
        usual_rate
    }

    /// Takes what the sample shows of the bias: `up` is where the vertical was seen before the tilting.
    fn learn(&mut self, usual_rate: Vector3<f64>, up: &Vector3<f64>) {
        let rotation = self.attitude().to_rotation_matrix().into_inner();
        let turned = rotation * self.bias.mean;
        let mut seen = SVector::<f64, 11>::zeros();
        seen.as_mut_slice()[..9].copy_from_slice(rotation.transpose().as_slice());
        seen[9] = turned.x;
        seen[10] = turned.y;
        let seen = self.attitude.step(seen, &self.settings.gravity);
        let before = self.bias.mean;
        if self.at_rest {
            let axes = [Vector3::x(), Vector3::y(), Vector3::z()];
            self.correct(&axes, usual_rate - before, self.settings.rest_variances);
        } else {
            let rows = [0, 3, 6].map(|from| seen.fixed_rows::<3>(from).into_owned());
            let tilting = Vector3::new(-up.y, up.x, 0.0) / self.settings.period;
            let error =
                tilting + Vector3::new(seen[9], seen[10], 0.0) - Vector3::from(rows.map(|row| row.dot(&before)));
            self.correct(&rows, error, self.settings.motion_variances);
        }
    }

    /// The Kalman filter's step.
    fn correct(&mut self, rows: &[Vector3<f64>; 3], error: Vector3<f64>, variances: Vector3<f64>) {
        let Settings { bias_clip, widest, forgotten, .. } = self.settings;
        let Bias { mean, covariance } = &mut self.bias;
        for axis in 0..3 {
            let variance = covariance.diagonal_mut(axis);
            if *variance < widest {
                *variance += forgotten;
            }
        }
        let clipped = |component: f64| component.clamp(-bias_clip, bias_clip);
        // Limits the harm of the first tilting as well.
        let error = error.map(clipped);
        let mut learnt = Vector3::zeros();
        for (axis, row) in rows.iter().enumerate() {
            let shared = covariance.times(row);
            let weight = (variances[axis] + row.dot(&shared)).recip();
            learnt += shared * (weight * (error[axis] - row.dot(&learnt)));
            covariance.subtract_square(&shared, weight);
        }
        *mean = (*mean + learnt).map(clipped);
    }
}

impl Bias {
    /// Standard uncertainty in the worst direction, rad/s, not larger than the root of `widest`.
    pub fn sigma(&self, widest: f64) -> f64 {
        self.covariance.largest_row().min(widest).sqrt()
    }
}
