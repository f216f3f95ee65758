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

//!
//! Two filters run side by side, each with its own samples: see [`super::pair`].

use std::array::from_fn;

use nalgebra::Vector3;

use super::low_pass::{LowPassCoeffs, StartingLowPass};
use super::pair::{Pair, Turns, Vectors, both, choose, dot};
use crate::math::symmetric::Symmetric3;
use crate::method::Method;

/// What does not change from sample to sample; angles in rad.
#[derive(Clone, Debug)]
struct Settings {
    period: Pair,
    /// Samples per second.
    rate: Pair,
    gravity: LowPassCoeffs,
    rest: LowPassCoeffs,
    /// At rest the squared distances from the usual rate and force are less, for at least a time, s.
    rest_rate: Pair,
    rest_force: Pair,
    rest_s: Pair,
    bias_clip: Pair,
    /// Variance of the bias before anything is known, and what it grows by in a sample, (rad/s)².
    widest: Pair,
    forgotten: Pair,
    /// Variances of what a sample shows of the bias.
    rest_variance: Pair,
    motion_variance: Pair,
    vertical_variance: Pair,
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
            period: both(period),
            rate: both(period.recip()),
            gravity: LowPassCoeffs::new(period, vqf.tau_acc_s),
            rest: LowPassCoeffs::new(period, at_rest.filter_tau_s),
            rest_rate: both(squared(at_rest.rate_deg_per_s)),
            rest_force: both(at_rest.force_m_per_s2.powi(2)),
            rest_s: both(at_rest.least_s),
            bias_clip: both(vqf.bias_clip_deg_per_s.to_radians()),
            widest: both(squared(vqf.bias_sigma_init_deg_per_s)),
            forgotten: both(forgotten),
            rest_variance: both(converging(vqf.bias_sigma_rest_deg_per_s)),
            motion_variance: both(motion),
            vertical_variance: both(vertical),
        }
    }
}

/// What the filters know of the gyroscope's bias.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bias {
    /// rad/s.
    pub mean: Vectors,
    /// (rad/s)².
    pub covariance: Symmetric3<Pair>,
}

/// A sample of each filter: rad/s and m/s².
pub(super) type RateAndForce = (Vectors, Vectors);

/// What a sample shows of the bias: along three rows how far it is off, and the variances of that.
struct Shown {
    rows: [Vectors; 3],
    error: Vectors,
    variances: [Pair; 3],
}

/// Two filters.
#[derive(Clone, Debug)]
pub(super) struct Vqf {
    settings: Settings,
    /// Sensor to the strapdown's frame, and from there to Earth.
    strapdown: Turns,
    tilt: Turns,
    pub bias: Bias,
    rest_s: Pair,
    /// A mask.
    pub at_rest: Pair,
    /// Rate, then force.
    usual: StartingLowPass<6>,
    gravity: StartingLowPass<3>,
    /// `R` by its rows, then the horizontal part of `R b`.
    attitude: StartingLowPass<11>,
}

impl Vqf {
    /// For samples this far apart, s.
    pub fn new(period: f64, method: &Method) -> Self {
        let settings = Settings::new(period, method);
        let covariance = Symmetric3::scalar(settings.widest, both(0.0));
        Self {
            strapdown: Turns::none(),
            tilt: Turns::none(),
            bias: Bias { mean: Vectors::repeat(both(0.0)), covariance },
            rest_s: both(0.0),
            at_rest: both(0.0),
            usual: StartingLowPass::new(),
            gravity: StartingLowPass::new(),
            attitude: StartingLowPass::new(),
            settings,
        }
    }

    /// Where the mask says so: forgets everything but the bias, which has become uncertain in a pause of so many samples.
    pub fn resume(&mut self, mask: Pair, pause: f64) {
        let Settings { forgotten, widest, .. } = self.settings;
        for axis in 0..3 {
            let variance = self.bias.covariance.diagonal_mut(axis);
            *variance = choose(mask, (*variance + forgotten * both(pause)).fast_min(widest), *variance);
        }
        self.strapdown = Turns::none().or(mask, &self.strapdown);
        self.tilt = Turns::none().or(mask, &self.tilt);
        self.rest_s = choose(mask, both(0.0), self.rest_s);
        self.at_rest = choose(mask, both(0.0), self.at_rest);
        self.usual.restart(mask);
        self.gravity.restart(mask);
        self.attitude.restart(mask);
    }

    /// Where the mask says so: starts with the inclination that a first specific force shows.
    ///
    /// As published the filter starts with the sensor's z axis up and its first correction may be half a turn, which has no
    /// shortest way. Measured on BROAD the two starts do not differ by 0.0001 degrees.
    pub fn start_level(&mut self, mask: Pair, force: &Vectors) {
        let (up, tells) = direction(force);
        self.tilt = Turns::up(&up).or(mask & tells, &self.tilt);
    }

    /// Sensor to Earth.
    pub fn attitude(&self) -> Turns {
        self.tilt.after(&self.strapdown)
    }

    /// Largest standard uncertainty of the bias in its worst direction, rad/s.
    pub fn bias_sigma(&self, covariance: &Symmetric3<Pair>) -> Pair {
        let [xx, xy, xz, yy, yz, zz] = covariance.0.map(Pair::abs);
        let worst = (xx + xy + xz).fast_max(xy + yy + yz).fast_max(xz + yz + zz);
        worst.fast_min(self.settings.widest).sqrt()
    }

    /// Takes a sample of each.
    pub fn update(&mut self, (rate, force): RateAndForce) {
        let usual_rate = self.watch_rest(&rate, &force);
        self.strapdown = self.strapdown.advanced(&((rate - self.bias.mean) * self.settings.period));
        let gravity = self.gravity.step(self.strapdown.turned(&force).into(), &self.settings.gravity);
        let (gravity, tells) = direction(&gravity.into());
        // Forces that cancel show nothing.
        if tells.all() {
            let up = self.tilt.turned(&gravity);
            self.tilt = Turns::up(&up).times(&self.tilt);
            let shown = self.shown(&usual_rate, &up);
            self.correct(&shown);
        }
    }

    /// Whether rate and force have stayed near their low-passed values for long enough. Gives the low-passed rate.
    fn watch_rest(&mut self, rate: &Vectors, force: &Vectors) -> Vectors {
        let Settings { rest, rest_rate, rest_force, rest_s, bias_clip, period, .. } = &self.settings;
        let [a, b, c, d, e, f] = self.usual.step([rate.x, rate.y, rate.z, force.x, force.y, force.z], rest);
        let (usual_rate, usual_force) = (Vector3::new(a, b, c), Vector3::new(d, e, f));
        let (off_rate, off_force) = (rate - usual_rate, force - usual_force);
        let fastest = a.abs().fast_max(b.abs()).fast_max(c.abs());
        let turns = dot(&off_rate, &off_rate).simd_ge(*rest_rate) | fastest.simd_gt(*bias_clip);
        let shakes = dot(&off_force, &off_force).simd_ge(*rest_force);
        let moves = turns | shakes;
        self.rest_s = choose(moves, both(0.0), self.rest_s) + choose(shakes, both(0.0), *period);
        self.at_rest = choose(moves, both(0.0), self.at_rest) | choose(shakes, both(0.0), self.rest_s.simd_ge(*rest_s));
        usual_rate
    }

    /// What the sample shows of the bias: `up` is where the vertical was seen before the tilting.
    fn shown(&mut self, usual_rate: &Vectors, up: &Vectors) -> Shown {
        let Settings { gravity, rate, rest_variance, motion_variance, vertical_variance, .. } = &self.settings;
        let before = self.bias.mean;
        let [x, y, z] = self.attitude().rows();
        let turned = [dot(&x, &before), dot(&y, &before)];
        let seen = [x.x, x.y, x.z, y.x, y.y, y.z, z.x, z.y, z.z, turned[0], turned[1]];
        let seen = self.attitude.step(seen, gravity);
        let [a, b, c, d, e, f, g, h, i, turned @ ..] = seen;
        let rows = [Vector3::new(a, b, c), Vector3::new(d, e, f), Vector3::new(g, h, i)];
        let tilting = [turned[0] - up.y * *rate, turned[1] + up.x * *rate, both(0.0)];
        let at = |axis: usize, row: usize| both(if axis == row { 1.0 } else { 0.0 });
        let chosen = |at_rest: Pair, moving: Pair| choose(self.at_rest, at_rest, moving);
        Shown {
            error: Vector3::from_fn(|row, _| {
                chosen(usual_rate[row] - before[row], tilting[row] - dot(&rows[row], &before))
            }),
            rows: from_fn(|row| Vector3::from_fn(|axis, _| chosen(at(axis, row), rows[row][axis]))),
            variances: [motion_variance, motion_variance, vertical_variance]
                .map(|moving| chosen(*rest_variance, *moving)),
        }
    }

    /// The Kalman filters' step.
    fn correct(&mut self, Shown { rows, error, variances }: &Shown) {
        let Settings { bias_clip, widest, forgotten, .. } = self.settings;
        let Bias { mean, covariance } = &mut self.bias;
        for axis in 0..3 {
            let variance = covariance.diagonal_mut(axis);
            *variance += choose(variance.simd_lt(widest), forgotten, both(0.0));
        }
        let clipped = |component: Pair| component.fast_clamp(-bias_clip, bias_clip);
        let mut learnt = Vectors::repeat(both(0.0));
        for (axis, row) in rows.iter().enumerate() {
            let shared = covariance.times(row);
            let weight = both(1.0) / (variances[axis] + dot(row, &shared));
            // Limits the harm of the first tilting as well.
            let missing = clipped(error[axis]) - dot(row, &learnt);
            learnt += shared * (weight * missing);
            covariance.subtract_square(&shared, weight);
        }
        *mean = (*mean + learnt).map(clipped);
    }
}

/// The directions of two vectors, and the mask of those that have one.
#[inline]
fn direction(of: &Vectors) -> (Vectors, Pair) {
    let norm = dot(of, of).sqrt();
    (of * (both(1.0) / norm), norm.simd_gt(both(1e-9)))
}
