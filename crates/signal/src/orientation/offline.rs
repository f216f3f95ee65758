//! Orientation of a stored run, using the future as well as the past: for everything that is reported.
//!
//! Enters: one contiguous, uniform run of samples. Leaves: one [`OrientationEstimate`] per sample. In three steps:
//!
//! 1. VQF runs forwards and backwards and each pass estimates the gyroscope's bias; the two estimates are combined by
//!    their covariances (backwards the bias has the other sign):
//!    `b = (P1⁻¹ + P2⁻¹)⁻¹ (P1⁻¹ b1 - P2⁻¹ b2)`.
//! 2. The rate minus that bias is integrated once (strapdown), which turns the specific force into an almost inertial frame.
//! 3. There the force is low-passed forwards and backwards, without any lag, and the frame is tilted sample by sample so that
//!    the result points up.
//!
//! This is the authors' offline variant \[Laidig2023\] with one deviation, [`Ends`]: the published low-pass starts from the
//! mean of the first `tau_acc` seconds, so a recording that begins in movement is tilted there. The default uses a kernel
//! that stays a mean at the ends and trusts rests more. Measured: on six BROAD trials 0.30 degrees of inclination both ways;
//! on simulated hinge sessions 0.22 instead of 0.27, in their first three seconds 0.32 instead of 0.44.
//!
//! It does not correct the accelerometer ([`crate::inertial`] does) and knows nothing of the heading.

use nalgebra::{Matrix3, Quaternion, UnitQuaternion, Vector3, Vector4};
use truehinge_core::{AngularRate, Earth, Rotation, SampleRate, Sensor};
use vqf_rs::VQF;

use super::{OrientationEstimate, ParamError, VqfParams, filter, shortest_way_up, start_level, usable};
use crate::math::stats::median;
use crate::timebase::ImuSample;

/// What a person may tune.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OfflineParams {
    /// The filter's parameters.
    pub vqf: VqfParams,
    /// How the ends of a run are treated.
    pub ends: Ends,
}

impl Default for OfflineParams {
    fn default() -> Self {
        Self::from(&crate::method::Method::default())
    }
}

pub use crate::method::Ends;

/// Orientation of one run. A sample that is not a number is replaced by the one before.
///
/// # Errors
/// A parameter outside its range, or a rate below 4 Hz.
pub fn estimate(
    samples: &[ImuSample],
    rate: SampleRate,
    params: &OfflineParams,
) -> Result<Vec<OrientationEstimate>, ParamError> {
    let runs = estimate_runs(&[PausedRun { samples, pause_s: 0.0 }], rate, params)?;
    Ok(runs.into_iter().flatten().collect())
}

/// One of a sensor's runs.
pub(super) struct PausedRun<'a> {
    pub samples: &'a [ImuSample],
    /// Since the run before, s.
    pub pause_s: f64,
}

/// [`estimate`] of all runs of a sensor, in order of time. Each has its own attitude; the gyroscope's bias goes on through the
/// pauses, because a run between two gaps is too short to find it.
///
/// # Errors
/// As [`estimate`].
pub(super) fn estimate_runs(
    runs: &[PausedRun<'_>],
    rate: SampleRate,
    params: &OfflineParams,
) -> Result<Vec<Vec<OrientationEstimate>>, ParamError> {
    let raw: Vec<&[ImuSample]> = runs.iter().map(|run| run.samples).collect();
    let offset = coarse_bias(&raw, rate, &params.vqf);
    let repaired: Vec<Vec<ImuSample>> = raw.into_iter().map(|samples| repaired(samples, offset)).collect();
    let pauses: Vec<f64> = runs.iter().map(|run| run.pause_s / rate.period_seconds()).collect();
    let biases = biases(&repaired, &pauses, filter(&params.vqf, rate)?, params.ends);
    Ok(repaired.iter().zip(biases).map(|(samples, biases)| oriented(samples, biases, offset, rate, params)).collect())
}

/// Steps 2 and 3 of one run.
fn oriented(
    samples: &[ImuSample],
    biases: Vec<BiasEstimate>,
    offset: AngularRate<Sensor>,
    rate: SampleRate,
    params: &OfflineParams,
) -> Vec<OrientationEstimate> {
    let strapdown = integrate(samples, &biases, rate.period_seconds());
    let force: Vec<_> = samples.iter().zip(&strapdown).map(|(s, q)| q * s.specific_force.vector()).collect();
    let (period, tau) = (rate.period_seconds(), params.vqf.tau_acc);
    let gravity = match params.ends {
        Ends::Published => low_pass(force, period, tau),
        Ends::Anchored => weighted_mean(&force, &biases, period, tau),
    };
    let rotations = level(&strapdown, &gravity);
    biases
        .into_iter()
        .zip(rotations)
        .map(|(b, rotation)| OrientationEstimate {
            rotation,
            bias: AngularRate::from_vector(b.bias) + offset,
            bias_sigma: b.sigma,
            at_rest: b.at_rest,
        })
        .collect()
}

/// Windows in which a bias can be seen: length and distance, s.
const STILL_WINDOW_S: f64 = 1.0;
const STILL_HOP_S: f64 = 0.25;
/// How much a still sensor's rate (rad/s) and specific force (m/s²) may leave their means, root mean square: sway on one leg
/// is 2 to 5 deg/s, and its mean over many windows nothing.
const STILL_RATE: f64 = 5.0 * std::f64::consts::PI / 180.0;
const STILL_FORCE: f64 = 0.5;
/// Larger than any bias, rad/s: somebody is turning.
const LARGEST_BIAS: f64 = 20.0 * std::f64::consts::PI / 180.0;

/// A bias too large for the filter, which clips its own at `bias_clip` and takes a sensor that turns faster for moving: the
/// middle of the mean rates of the stillest windows of all runs. Zero unless it is beyond half of that limit, so that ordinary
/// sensors are left to the filter alone.
pub(super) fn coarse_bias(runs: &[&[ImuSample]], rate: SampleRate, params: &VqfParams) -> AngularRate<Sensor> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a second of samples")]
    let points = |seconds: f64| ((seconds * rate.hertz()).round() as usize).max(1);
    let windows = runs.iter().flat_map(|run| run.windows(points(STILL_WINDOW_S)).step_by(points(STILL_HOP_S)));
    let mut still: Vec<(f64, Vector3<f64>)> = windows.filter_map(still_rate).collect();
    still.sort_by(|a, b| a.0.total_cmp(&b.0));
    let clear = still.partition_point(|(spread, _)| *spread < CLEARLY_STILL);
    // Where nobody stands that still, a slow movement can look still as well; most of what is stillest is standing.
    still.truncate(clear.max(still.len() / STILLEST));
    if still.len() < ENOUGH {
        return AngularRate::from_vector(Vector3::zeros());
    }
    let means: Vec<Vector3<f64>> =
        still.into_iter().map(|(_, mean)| mean).filter(|m| m.norm() < LARGEST_BIAS).collect();
    let middle = |axis: usize| median(&means.iter().map(|mean| mean[axis]).collect::<Vec<_>>()).unwrap_or(0.0);
    let offset = Vector3::from_fn(|axis, _| middle(axis));
    AngularRate::from_vector(if offset.norm() > 0.5 * params.bias_clip { offset } else { Vector3::zeros() })
}

/// A sensor whose rate leaves its mean by less (root mean square, rad/s) is at rest.
const CLEARLY_STILL: f64 = 1.0 * std::f64::consts::PI / 180.0;
/// Otherwise one window in so many is taken to be standing.
const STILLEST: usize = 4;
/// Fewer windows say nothing.
const ENOUGH: usize = 4;

/// How much the rate of a window leaves its mean (root mean square), and that mean, if the sensor hardly moves in it.
fn still_rate(window: &[ImuSample]) -> Option<(f64, Vector3<f64>)> {
    let n = window.len() as f64;
    let spread = |of: fn(&ImuSample) -> Vector3<f64>| {
        let mean = window.iter().map(of).sum::<Vector3<f64>>() / n;
        let variance = window.iter().map(|sample| (of(sample) - mean).norm_squared()).sum::<f64>() / n;
        (variance.sqrt(), mean)
    };
    let force = spread(|sample| sample.specific_force.vector());
    let rate = spread(|sample| sample.angular_rate.vector());
    (force.0 < STILL_FORCE && rate.0 < STILL_RATE).then_some(rate)
}

/// Unusable samples replaced by the usable one before, or, at the start, by the first usable one; rates without `offset`.
fn repaired(samples: &[ImuSample], offset: AngularRate<Sensor>) -> Vec<ImuSample> {
    let Some(mut last) = samples.iter().copied().find(usable) else { return Vec::new() };
    samples
        .iter()
        .map(|sample| {
            if usable(sample) {
                last = *sample;
            }
            ImuSample { angular_rate: last.angular_rate - offset, ..last }
        })
        .collect()
}

/// The bias at one sample from both passes.
struct BiasEstimate {
    bias: Vector3<f64>,
    sigma: f64,
    at_rest: bool,
}

/// One pass' estimate after a sample.
struct PassEstimate {
    /// rad/s.
    bias: Vector3<f64>,
    /// In the filter's unit, (0.01 deg/s)².
    covariance: Matrix3<f64>,
    at_rest: bool,
}

/// Takes a sample; `direction` is 1 forwards in time and -1 backwards.
fn push(vqf: &mut VQF, sample: &ImuSample, direction: f64) -> PassEstimate {
    vqf.update((sample.angular_rate * direction).to_array(), sample.specific_force.to_array(), None);
    let state = vqf.state();
    // The covariance is symmetric: rows may stand for columns.
    PassEstimate {
        bias: Vector3::from(state.bias),
        covariance: Matrix3::from(state.bias_p.0),
        at_rest: state.rest_detected,
    }
}

/// Bias from both passes over all runs, whose samples are `pauses` sample periods apart.
fn biases(runs: &[Vec<ImuSample>], pauses: &[f64], mut vqf: VQF, ends: Ends) -> Vec<Vec<BiasEstimate>> {
    let forward: Vec<Vec<PassEstimate>> = runs
        .iter()
        .zip(pauses)
        .map(|(run, &pause)| {
            resume(&mut vqf, run.first(), pause, ends);
            run.iter().map(|sample| push(&mut vqf, sample, 1.0)).collect()
        })
        .collect();
    vqf.reset_state();
    let widest = vqf.coeffs().bias_p0;
    // Backwards the pause that a run begins after is the one behind it.
    let after = pauses.iter().skip(1).copied().chain([0.0]);
    let passes = runs.iter().zip(&forward).zip(after.collect::<Vec<_>>());
    let mut combined: Vec<Vec<BiasEstimate>> = passes
        .rev()
        .map(|((run, forward), pause)| {
            resume(&mut vqf, run.last(), pause, ends);
            let both = run.iter().zip(forward).rev();
            let mut biases: Vec<BiasEstimate> =
                both.map(|(sample, forward)| combine(forward, &push(&mut vqf, sample, -1.0), widest)).collect();
            biases.reverse();
            biases
        })
        .collect();
    combined.reverse();
    combined
}

/// Readies the filter for a run that begins with `first`: only the bias goes on, and has become uncertain in the pause.
fn resume(vqf: &mut VQF, first: Option<&ImuSample>, pause: f64, ends: Ends) {
    let (bias, mut covariance) = (vqf.state().bias, vqf.state().bias_p);
    let (forgotten, widest) = (vqf.coeffs().bias_v * pause, vqf.coeffs().bias_p0);
    vqf.reset_state();
    for axis in 0..3 {
        covariance.0[axis][axis] = (covariance.0[axis][axis] + forgotten).min(widest);
    }
    vqf.state_mut().bias = bias;
    vqf.state_mut().bias_p = covariance;
    if let Some(first) = first.filter(|_| ends == Ends::Anchored) {
        start_level(vqf, first);
    }
}

/// Weighs the two passes by their covariances; the backward pass sees the bias with the other sign.
///
/// With `S = P1 + P2` the weighted mean above is `P2 S⁻¹ b1 - P1 S⁻¹ b2`, with covariance `P1 S⁻¹ P2`: one inversion.
fn combine(forward: &PassEstimate, backward: &PassEstimate, widest: f64) -> BiasEstimate {
    let (p1, p2) = (forward.covariance, backward.covariance);
    // Both are positive definite; the identity would be a plain mean.
    let inverse = (p1 + p2).try_inverse().unwrap_or_else(Matrix3::identity);
    let covariance = p1 * inverse * p2;
    // The largest row sum bounds the largest eigenvalue (Gershgorin).
    let worst = covariance.row_iter().map(|row| row.abs().sum()).fold(0.0, f64::max).min(widest);
    BiasEstimate {
        bias: p2 * (inverse * forward.bias) - p1 * (inverse * backward.bias),
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

/// VQF's second-order Butterworth low-pass: b0 b1 b2 and a1 a2.
#[derive(Clone, Copy)]
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
#[derive(Clone, Copy)]
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

/// A low-pass that gives the running mean until its time constant has passed and goes on from there.
struct StartingLowPass {
    coeffs: LowPassCoeffs,
    /// Samples of one time constant.
    start: f64,
    count: f64,
    sum: Vector3<f64>,
    state: Option<LowPassState>,
}

impl StartingLowPass {
    fn new(period: f64, tau: f64) -> Self {
        let coeffs = LowPassCoeffs::new(period, tau);
        Self { coeffs, start: tau / period, count: 0.0, sum: Vector3::zeros(), state: None }
    }

    fn step(&mut self, x: Vector3<f64>) -> Vector3<f64> {
        if let Some(state) = &mut self.state {
            return state.step(x, &self.coeffs);
        }
        self.count += 1.0;
        self.sum += x;
        let mean = self.sum / self.count;
        // A hair below, so that a whole number of samples is not missed by rounding.
        if self.count >= self.start - 1e-9 {
            self.state = Some(LowPassState::settled(mean, &self.coeffs));
        }
        mean
    }
}

/// Zero-phase low-pass with the published treatment of the ends.
fn low_pass(mut signal: Vec<Vector3<f64>>, period: f64, tau: f64) -> Vec<Vector3<f64>> {
    let mut forward = StartingLowPass::new(period, tau);
    for value in &mut signal {
        *value = forward.step(*value);
    }
    let Some(&last) = signal.last() else { return signal };
    let coeffs = LowPassCoeffs::new(period, tau);
    let mut backward = LowPassState::settled(last, &coeffs);
    for value in signal.iter_mut().rev() {
        *value = backward.step(*value, &coeffs);
    }
    signal
}

/// How much more a sample at rest counts than one in movement. Tuned on BROAD and on simulated hinges: 1 to 10 are alike,
/// and larger ones let the integration's drift in.
const REST_WEIGHT: f64 = 4.0;

/// Weighted moving mean with a kernel that is positive everywhere: two first-order low-passes with half of `tau`, forwards
/// and backwards, of the weighted values and of the weights, divided by each other. Cut off at an end it stays a mean of
/// what is there.
///
/// Only rest changes the weights. Weighing within a movement by its vigour looks attractive and is wrong: accelerations of a
/// movement cancel only if all of its phases count alike (tried: up to 2 degrees on BROAD).
fn weighted_mean(force: &[Vector3<f64>], biases: &[BiasEstimate], period: f64, tau: f64) -> Vec<Vector3<f64>> {
    let weighted = |(force, b): (&Vector3<f64>, &BiasEstimate)| {
        let weight = if b.at_rest { REST_WEIGHT } else { 1.0 };
        (*force * weight).push(weight)
    };
    let mut sums: Vec<Vector4<f64>> = force.iter().zip(biases).map(weighted).collect();
    let gain = -(-2.0 * period / tau).exp_m1();
    for _ in 0..2 {
        smooth(sums.iter_mut(), gain);
        smooth(sums.iter_mut().rev(), gain);
    }
    sums.into_iter().map(|sum| sum.xyz() / sum.w).collect()
}

/// One first-order low-pass in place, from nothing.
fn smooth<'a>(values: impl Iterator<Item = &'a mut Vector4<f64>>, gain: f64) {
    let mut state = Vector4::zeros();
    for value in values {
        state += (*value - state) * gain;
        *value = state;
    }
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
