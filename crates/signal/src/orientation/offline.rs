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

use std::array::from_fn;
use std::iter::Peekable;
use std::ops::Range;

use nalgebra::{UnitQuaternion, Vector3};
use truehinge_core::{AngularRate, SampleRate, Sensor};

use super::pair::{Pair, Vectors, both, choose, mask, vectors};
use super::vqf::{Bias, Vqf};
use super::{OrientationEstimate, RateError, advanced, coarse, filter, level, usable};
use crate::math::symmetric::Symmetric3;
use crate::method::{Ends, Method};
use crate::timebase::ImuSample;

/// Orientation of one run. A sample that is not a number is replaced by the one before.
///
/// # Errors
/// A rate below 4 Hz.
pub fn estimate(
    samples: &[ImuSample],
    rate: SampleRate,
    method: &Method,
) -> Result<Vec<OrientationEstimate>, RateError> {
    let runs = estimate_runs(&[PausedRun { samples, pause_s: 0.0 }], rate, method)?;
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
    method: &Method,
) -> Result<Vec<Vec<OrientationEstimate>>, RateError> {
    let raw: Vec<&[ImuSample]> = runs.iter().map(|run| run.samples).collect();
    let offset = coarse::bias(&raw, rate, method);
    let mut together = Runs { samples: Vec::with_capacity(raw.iter().map(|run| run.len()).sum()), each: Vec::new() };
    for run in runs {
        let from = together.samples.len();
        repair(run.samples, offset, &mut together.samples);
        together.each.push((from..together.samples.len(), run.pause_s / rate.period_seconds()));
    }
    let biases = biases(&together, filter(method, rate)?, method.orientation.ends);
    let of =
        |range: &Range<usize>| oriented(&together.samples[range.clone()], &biases[range.clone()], offset, rate, method);
    Ok(together.each.iter().map(|(range, _)| of(range)).collect())
}

/// The samples of all runs, one after another.
struct Runs {
    samples: Vec<ImuSample>,
    /// Of each run its samples, and the pause before it in sample periods.
    each: Vec<(Range<usize>, f64)>,
}

/// Steps 2 and 3 of one run.
fn oriented(
    samples: &[ImuSample],
    biases: &[BiasEstimate],
    offset: AngularRate<Sensor>,
    rate: SampleRate,
    method: &Method,
) -> Vec<OrientationEstimate> {
    let strapdown = integrate(samples, biases, rate.period_seconds());
    let force: Vec<_> = samples.iter().zip(&strapdown).map(|(s, q)| q * s.specific_force.vector()).collect();
    let at_rest = biases.iter().map(|bias| bias.at_rest);
    let gravity = level::gravity(force, at_rest, rate.period_seconds(), &method.orientation);
    let rotations = level::level(&strapdown, &gravity);
    biases
        .iter()
        .zip(rotations)
        .map(|(b, rotation)| OrientationEstimate {
            rotation,
            bias: AngularRate::from_vector(b.bias) + offset,
            bias_sigma: b.sigma,
            at_rest: b.at_rest,
        })
        .collect()
}

/// Adds samples without `offset` of their rate; an unusable one is replaced by the usable one before, or, at the start, by the first
/// usable one. Nothing without a usable one.
fn repair(samples: &[ImuSample], offset: AngularRate<Sensor>, repaired: &mut Vec<ImuSample>) {
    let Some(mut last) = samples.iter().copied().find(usable) else { return };
    repaired.extend(samples.iter().map(|sample| {
        if usable(sample) {
            last = *sample;
        }
        ImuSample { angular_rate: last.angular_rate - offset, ..last }
    }));
}

/// The bias at one sample from both passes.
#[derive(Clone, Copy)]
struct BiasEstimate {
    bias: Vector3<f64>,
    sigma: f64,
    at_rest: bool,
}

/// Both passes' estimates after their first sample, their second and so on: forwards and backwards. In lists of their own, for a copy of
/// all in one would wait for each of its parts.
struct Passes {
    means: Vec<Vectors>,
    covariances: Vec<Symmetric3<Pair>>,
    at_rest: Vec<u32>,
}

impl Passes {
    fn with_capacity(length: usize) -> Self {
        let (means, covariances) = (Vec::with_capacity(length), Vec::with_capacity(length));
        Self { means, covariances, at_rest: Vec::with_capacity(length) }
    }

    fn push(&mut self, vqf: &Vqf) {
        self.means.push(vqf.bias.mean);
        self.covariances.push(vqf.bias.covariance);
        self.at_rest.push(vqf.at_rest.to_bitmask());
    }

    /// What the pass `which` said after `a` of its samples, beside what it said after `b`.
    fn beside(&self, a: usize, b: usize, which: usize) -> Bias {
        Bias {
            mean: self.means[a].zip_map(&self.means[b], |a, b| Pair::transpose([a, b])[which]),
            covariance: Symmetric3(from_fn(|i| {
                Pair::transpose([self.covariances[a].0[i], self.covariances[b].0[i]])[which]
            })),
        }
    }
}

/// Where runs begin on a pass: before which of its samples, and the pause before that.
type Begins = Peekable<std::vec::IntoIter<(usize, f64)>>;

/// Bias from both passes over all runs, which go at once: one from the first sample on, the other back from the last.
fn biases(runs: &Runs, mut vqf: Vqf, ends: Ends) -> Vec<BiasEstimate> {
    let (samples, mut begins) = (&runs.samples, runs.begins());
    let mut passes = Passes::with_capacity(samples.len());
    for (ahead, behind) in samples.iter().zip(samples.iter().rev()) {
        let pair = |of: fn(&ImuSample) -> Vector3<f64>| vectors(&of(ahead), &of(behind));
        let force = pair(|sample| sample.specific_force.vector());
        for (which, begins) in begins.iter_mut().enumerate() {
            // Of a run that begins only the bias goes on, and has become uncertain in the pause.
            while let Some((_, pause)) = begins.next_if(|(at, _)| *at == passes.at_rest.len()) {
                let mask = mask([which == 0, which == 1]);
                vqf.resume(mask, pause);
                if ends == Ends::Anchored {
                    vqf.start_level(mask, &force);
                }
            }
        }
        // Backwards everything turns the other way.
        let rate = pair(|sample| sample.angular_rate.vector()) * Pair::new([1.0, -1.0]);
        vqf.update((rate, force));
        passes.push(&vqf);
    }
    combined(&passes, &vqf)
}

impl Runs {
    /// Where runs begin forwards and backwards. Backwards the pause that a run begins after is the one behind it.
    fn begins(&self) -> [Begins; 2] {
        let forward: Vec<(usize, f64)> = self.each.iter().map(|(range, pause)| (range.start, *pause)).collect();
        let after = self.each.iter().skip(1).map(|(_, pause)| *pause).chain([0.0]);
        let last = self.each.iter().map(|(range, _)| self.samples.len() - range.end);
        let mut backward: Vec<(usize, f64)> = last.zip(after).collect();
        backward.reverse();
        [forward, backward].map(|begins| begins.into_iter().peekable())
    }
}

/// The two passes' estimates of all samples, combined. The passes met in the middle: what one of them said of the first sample is the
/// first of its estimates and the last of the other's.
fn combined(passes: &Passes, vqf: &Vqf) -> Vec<BiasEstimate> {
    let nothing = BiasEstimate { bias: Vector3::zeros(), sigma: 0.0, at_rest: false };
    let length = passes.at_rest.len();
    let mut combined = vec![nothing; length];
    for (early, late) in (0..length.div_ceil(2)).zip((0..length).rev()) {
        let (forward, backward) = (passes.beside(early, late, 0), passes.beside(late, early, 1));
        let bias = combine(&forward, &backward);
        let sigma = vqf.bias_sigma(&bias.covariance).to_array();
        let [first, second] = [early, late].map(|at| passes.at_rest[at]);
        let at_rest = [first & 1 | second & 2, second & 1 | first & 2].map(|bits| bits != 0);
        for (i, at) in [early, late].into_iter().enumerate() {
            let mean = bias.mean.map(|pair| pair.to_array()[i]);
            combined[at] = BiasEstimate { bias: mean, sigma: sigma[i], at_rest: at_rest[i] };
        }
    }
    combined
}

/// Weighs the two passes by their covariances; the backward pass sees the bias with the other sign.
///
/// With `S = P1 + P2` the weighted mean above is `b1 - P1 S⁻¹ (b1 + b2)`, with covariance `P1 S⁻¹ P2`: one inversion.
fn combine(forward: &Bias, backward: &Bias) -> Bias {
    let (p1, p2) = (forward.covariance, backward.covariance);
    let (b1, b2) = (forward.mean, backward.mean);
    // Both are positive definite, and so is their sum.
    let inverse = (p1 + p2).inverse(|determinant| {
        let recip = both(1.0) / determinant;
        choose(recip.is_finite(), recip, both(0.0))
    });
    Bias { mean: b1 - p1.times(&inverse.times(&(b1 + b2))), covariance: p1.product(&inverse, &p2) }
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
