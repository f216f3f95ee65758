//! Orientation of a stored run, using the future as well as the past: for everything that is reported.
//!
//! Enters: one contiguous, uniform run of samples. Leaves: one [`OrientationEstimate`] per sample. In three steps:
//!
//! 1. VQF runs forwards and backwards and each pass estimates the gyroscope's bias; the two estimates are combined by
//!    their covariances (backwards the bias has the other sign):
//!    `b = (P1⁻¹ + P2⁻¹)⁻¹ (P1⁻¹ b1 - P2⁻¹ b2)`.
//! 2. The rate minus that bias is integrated once (strapdown), which turns the specific force into an almost inertial frame.
//! 3. There the force is low-passed forwards and backwards with VQF's filter, without any lag, and the frame is tilted sample
//!    by sample so that the result points up.
//!
//! This is the authors' offline variant \[Laidig2023\] with one deviation, [`Ends`]: the published filter starts from the mean
//! of the first `tau_acc` seconds, so a recording that begins or ends in movement is tilted by several degrees there.
//!
//! It does not correct the accelerometer ([`crate::inertial`] does) and knows nothing of the heading.

use nalgebra::{Matrix3, Quaternion, UnitQuaternion, Vector3};
use serde::{Deserialize, Serialize};
use truehinge_core::{AngularRate, Earth, Rotation, SampleRate, Sensor};
use vqf_rs::VQF;

use super::{OrientationEstimate, ParamError, VqfParams, filter, usable};
use crate::timebase::ImuSample;

/// What a person may tune.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OfflineParams {
    /// The filter's parameters.
    pub vqf: VqfParams,
    /// How the ends of a run are treated.
    pub ends: Ends,
}

/// How the low-pass treats the ends of a run, where half of its window is missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// As published: starts from the mean of the first `tau_acc` seconds.
    Published,
    /// Rests count more than movement, at the ends and everywhere. The default.
    #[default]
    Anchored,
}

/// Orientation of one run. A sample that is not a number is replaced by the one before.
///
/// # Errors
/// A parameter outside its range, or a rate below 4 Hz.
pub fn estimate(
    samples: &[ImuSample],
    rate: SampleRate,
    params: &OfflineParams,
) -> Result<Vec<OrientationEstimate>, ParamError> {
    let samples = repaired(samples);
    let biases = biases(&samples, filter(&params.vqf, rate)?);
    let strapdown = integrate(&samples, &biases, rate.period_seconds());
    let force: Vec<_> = samples.iter().zip(&strapdown).map(|(s, q)| q * s.specific_force.vector()).collect();
    let gravity = low_pass(force, rate.period_seconds(), params.vqf.tau_acc);
    let rotations = level(&strapdown, &gravity);
    Ok(biases
        .into_iter()
        .zip(rotations)
        .map(|(b, rotation)| OrientationEstimate {
            rotation,
            bias: AngularRate::from_vector(b.bias),
            bias_sigma: b.sigma,
            at_rest: b.at_rest,
        })
        .collect())
}

/// Unusable samples replaced by the usable one before, or, at the start, by the first usable one.
fn repaired(samples: &[ImuSample]) -> Vec<ImuSample> {
    let Some(mut last) = samples.iter().copied().find(usable) else { return Vec::new() };
    samples
        .iter()
        .map(|sample| {
            if usable(sample) {
                last = *sample;
            }
            last
        })
        .collect()
}

/// The bias at one sample, as information (inverse covariance) until both passes are combined.
struct BiasEstimate {
    bias: Vector3<f64>,
    sigma: f64,
    at_rest: bool,
}

/// One pass' view: inverse covariance, and that times the bias, in the filter's units (0.01 deg/s) and rad/s.
struct BiasInformation {
    inverse: Matrix3<f64>,
    weighted: Vector3<f64>,
    at_rest: bool,
}

fn information(vqf: &VQF) -> BiasInformation {
    let covariance = Matrix3::from(vqf.state().bias_p.0).transpose();
    let inverse = covariance.try_inverse().unwrap_or_else(Matrix3::zeros);
    BiasInformation { inverse, weighted: inverse * Vector3::from(vqf.state().bias), at_rest: vqf.rest_detected() }
}

/// Bias from both passes.
fn biases(samples: &[ImuSample], mut vqf: VQF) -> Vec<BiasEstimate> {
    let forward: Vec<_> = samples
        .iter()
        .map(|s| {
            vqf.update(s.angular_rate.to_array(), s.specific_force.to_array(), None);
            information(&vqf)
        })
        .collect();
    vqf.reset_state();
    let mut combined: Vec<_> = samples
        .iter()
        .zip(&forward)
        .rev()
        .map(|(s, before)| {
            vqf.update((-s.angular_rate).to_array(), s.specific_force.to_array(), None);
            combine(before, &information(&vqf), vqf.coeffs().bias_p0)
        })
        .collect();
    combined.reverse();
    combined
}

/// Weighs the two passes; the backward pass sees the bias with the other sign.
fn combine(forward: &BiasInformation, backward: &BiasInformation, widest: f64) -> BiasEstimate {
    let covariance = (forward.inverse + backward.inverse).try_inverse().unwrap_or_else(Matrix3::zeros);
    // The largest row sum bounds the largest eigenvalue (Gershgorin).
    let worst = covariance.row_iter().map(|row| row.abs().sum()).fold(0.0, f64::max).min(widest);
    BiasEstimate {
        bias: covariance * (forward.weighted - backward.weighted),
        sigma: worst.sqrt() * (0.01_f64).to_radians(),
        at_rest: forward.at_rest || backward.at_rest,
    }
}

/// Strapdown integration: sensor to the frame in which the sensor was before the first sample.
fn integrate(samples: &[ImuSample], biases: &[BiasEstimate], period: f64) -> Vec<UnitQuaternion<f64>> {
    let mut attitude = UnitQuaternion::identity();
    samples
        .iter()
        .zip(biases)
        .map(|(sample, b)| {
            attitude = advanced(&attitude, &((sample.angular_rate.vector() - b.bias) * period));
            attitude
        })
        .collect()
}

/// The attitude after turning by `turn` (rad) in the sensor's axes, renormalised.
fn advanced(attitude: &UnitQuaternion<f64>, turn: &Vector3<f64>) -> UnitQuaternion<f64> {
    let angle = turn.norm();
    if angle < f64::MIN_POSITIVE {
        return *attitude;
    }
    let (sin, cos) = (angle / 2.0).sin_cos();
    let step = Quaternion::from_parts(cos, turn * (sin / angle));
    UnitQuaternion::new_normalize(attitude.quaternion() * step)
}

/// VQF's second-order Butterworth low-pass with time constant `tau`, as coefficients b0 b1 b2 and a1 a2.
struct LowPassCoeffs {
    b: [f64; 3],
    a: [f64; 2],
}

impl LowPassCoeffs {
    fn new(period: f64, tau: f64) -> Self {
        // Cut-off at sqrt(2) / (2 pi tau), bilinear transform with pre-warping.
        let c = (std::f64::consts::FRAC_1_SQRT_2 * period / tau).tan();
        let (squared, root2) = (c * c, std::f64::consts::SQRT_2 * c);
        let scale = (squared + root2 + 1.0).recip();
        let b0 = squared * scale;
        Self { b: [b0, 2.0 * b0, b0], a: [2.0 * (squared - 1.0) * scale, (1.0 - root2 + squared) * scale] }
    }
}

/// Transposed direct form II for three components at once.
struct LowPassState([Vector3<f64>; 2]);

impl LowPassState {
    /// The state in which a constant input `value` gives that same output.
    fn settled(value: Vector3<f64>, c: &LowPassCoeffs) -> Self {
        Self([value * (1.0 - c.b[0]), value * (c.b[2] - c.a[1])])
    }

    fn step(&mut self, x: Vector3<f64>, c: &LowPassCoeffs) -> Vector3<f64> {
        let [s0, s1] = self.0;
        let y = x * c.b[0] + s0;
        self.0 = [x * c.b[1] - y * c.a[0] + s1, x * c.b[2] - y * c.a[1]];
        y
    }
}

/// Zero-phase low-pass with the published treatment of the ends.
fn low_pass(mut signal: Vec<Vector3<f64>>, period: f64, tau: f64) -> Vec<Vector3<f64>> {
    let coeffs = LowPassCoeffs::new(period, tau);
    let mut sum = Vector3::zeros();
    let mut state = None;
    for (i, value) in signal.iter_mut().enumerate() {
        if let Some(state) = &mut state {
            *value = LowPassState::step(state, *value, &coeffs);
            continue;
        }
        // Until tau has passed, the running mean.
        let count = (i + 1) as f64;
        sum += *value;
        *value = sum / count;
        if count * period >= tau {
            state = Some(LowPassState::settled(*value, &coeffs));
        }
    }
    let Some(&last) = signal.last() else { return signal };
    let mut state = LowPassState::settled(last, &coeffs);
    for value in signal.iter_mut().rev() {
        *value = state.step(*value, &coeffs);
    }
    signal
}

/// Tilts the strapdown frame, sample by sample and each time by the shortest way, so that `gravity` points up.
fn level(strapdown: &[UnitQuaternion<f64>], gravity: &[Vector3<f64>]) -> Vec<Rotation<Sensor, Earth>> {
    let mut tilt = UnitQuaternion::identity();
    strapdown
        .iter()
        .zip(gravity)
        .map(|(attitude, force)| {
            if let Some(up) = (tilt * force).try_normalize(1e-9) {
                tilt = UnitQuaternion::new_normalize(shortest_way_up(&up) * tilt.quaternion());
            }
            // CLAIM: strapdown maps the sensor to the drifting frame, tilt that frame to one whose z is up.
            Rotation::assert_maps(tilt * attitude)
        })
        .collect()
}

/// The rotation about a horizontal axis that takes the unit vector `up` to +z.
fn shortest_way_up(up: &Vector3<f64>) -> Quaternion<f64> {
    let w = ((up.z + 1.0) / 2.0).max(0.0).sqrt();
    // Upside down every horizontal axis is as good; take x.
    if w > 1e-6 { Quaternion::new(w, 0.5 * up.y / w, -0.5 * up.x / w, 0.0) } else { Quaternion::new(0.0, 1.0, 0.0, 0.0) }
}
