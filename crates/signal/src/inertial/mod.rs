//! Is the inertial sensor what it claims to be? Gravity at rest, the gyroscope's bias, clipping; and a repair.
//!
//! Enters: a sensor's uniform samples. Leaves: the same samples, corrected where that is safe, and an [`InertialReport`].
//! The model, with `m` the measured and `f` the true specific force, is
//!
//! ```text
//! f = m - bias
//! ```
//!
//! * **Gravity.** At rest `|m|` must be 9.81 m/s². If it is off by more than [`InertialParams::tolerance`] a bias is fitted.
//!   The norm alone shows it along gravity only; but the rotation between samples is known from the gyroscope, and the true
//!   force must turn with it while a bias turns with the sensor (`fit`). The bias is used only if it brings
//!   gravity back within the tolerance; otherwise the data are marked and left as they are.
//! * **Gyroscope.** A body at rest sways by a degree or so, however long it rests: a rest of `T` seconds shows the bias to
//!   within about a degree over `T`. A bias beyond the range in which the orientation filter looks for it is taken out here.
//! * **Clipping.** Readings at the end of the range, given or inferred from repeated extremes, are marked.
//!
//! It does not fit scale factors or axis misalignment: a recording of one exercise does not show them apart from the bias.

mod fit;
mod rest;

use nalgebra::Vector3;
use serde::{Deserialize, Serialize};
use truehinge_core::{
    AngularRate, DeviceInfo, FindingKind, InertialSample, STANDARD_GRAVITY, Sensor, SpecificForce, frame::Frame,
    quantity::Quantity,
};

use crate::timebase::{ImuSample, UniformTrack};
use fit::BiasFit;
use rest::Rest;

/// What a person may tune.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InertialParams {
    /// Gravity may be off by this share before a correction is tried. Default 0.05: data sheets allow a bias of 50 mg in each
    /// axis.
    pub tolerance: f64,
    /// Bias expected of a bad accelerometer, m/s² (standard deviation per axis). Default 3; larger ones need strong evidence.
    pub expected_bias: f64,
    /// A gyroscope bias beyond this is taken out before the orientation filter, rad/s. Default 1 deg/s, half of what the
    /// filter itself can find.
    pub gyroscope_limit: f64,
}

impl Default for InertialParams {
    fn default() -> Self {
        Self::from(&crate::method::Method::default())
    }
}

/// What became of the accelerometer.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Accelerometer {
    /// Gravity is right; nothing was changed.
    Fine,
    /// Gravity was wrong; a bias was subtracted from every sample.
    Corrected {
        /// m/s², in the sensor's axes.
        bias: [f64; 3],
        /// Standard uncertainties, m/s².
        sigma: [f64; 3],
        /// Norm at rest (or, without a rest, usual norm) after the correction, m/s².
        gravity: f64,
    },
    /// Gravity is wrong and no bias explains it; nothing was changed.
    Marked,
}

/// What was found in a sensor's data.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct InertialReport {
    /// Norm of the specific force at rest, m/s², before any correction; `None` without a rest.
    pub gravity: Option<f64>,
    /// Median norm of the specific force over all samples, m/s², before any correction.
    pub usual_norm: f64,
    /// What became of the accelerometer.
    pub accelerometer: Accelerometer,
    /// Bias of the gyroscope from the rests, rad/s, sensor's axes.
    pub gyroscope_bias: Option<[f64; 3]>,
    /// Its standard uncertainty per axis, rad/s.
    pub gyroscope_sigma: Option<f64>,
    /// Whether that bias was subtracted from every sample.
    pub gyroscope_corrected: bool,
}

impl InertialReport {
    /// Whether the accelerometer was corrected.
    pub const fn corrected(&self) -> bool {
        matches!(self.accelerometer, Accelerometer::Corrected { .. })
    }

    /// What a reader must know.
    pub fn finding(&self) -> Option<FindingKind> {
        let gravity_m_s2 = self.gravity.unwrap_or(self.usual_norm);
        match self.accelerometer {
            Accelerometer::Fine => None,
            Accelerometer::Corrected { bias, sigma, .. } => Some(FindingKind::AccelerometerCorrected {
                gravity_m_s2,
                bias_m_s2: Vector3::from(bias).norm(),
                sigma_m_s2: sigma.iter().copied().fold(0.0, f64::max),
            }),
            Accelerometer::Marked => Some(FindingKind::AccelerometerWrong { gravity_m_s2 }),
        }
    }
}

/// Checks a sensor's samples and corrects them where that is safe.
pub fn correct(track: &mut UniformTrack<ImuSample>, params: &InertialParams) -> InertialReport {
    let rests: Vec<Rest> = track.runs.iter().flat_map(|run| rest::rests(&run.samples, run.period_s)).collect();
    let gravity = rest::gravity(&rests);
    let usual_norm = usual_norm(track, Vector3::zeros());
    let gyroscope = rest::gyroscope_bias(&rests);
    let drift = gyroscope.map_or_else(Vector3::zeros, |found| found.0);
    let accelerometer = check_gravity(track, &rests, drift, params);
    let beyond = gyroscope.is_some_and(|(bias, sigma)| bias.amax() > params.gyroscope_limit.max(3.0 * sigma));
    for sample in track.runs.iter_mut().flat_map(|run| &mut run.samples) {
        if let Accelerometer::Corrected { bias: [x, y, z], .. } = accelerometer {
            sample.specific_force = sample.specific_force - SpecificForce::new(x, y, z);
        }
        if beyond {
            sample.angular_rate = sample.angular_rate - AngularRate::<Sensor>::from_vector(drift);
        }
    }
    InertialReport {
        gravity,
        usual_norm,
        accelerometer,
        gyroscope_bias: gyroscope.map(|found| found.0.into()),
        gyroscope_sigma: gyroscope.map(|found| found.1),
        gyroscope_corrected: beyond,
    }
}

fn check_gravity(
    track: &UniformTrack<ImuSample>,
    rests: &[Rest],
    drift: Vector3<f64>,
    params: &InertialParams,
) -> Accelerometer {
    let off = |norm: f64| (norm / STANDARD_GRAVITY - 1.0).abs();
    // Movement raises the usual norm a little; without a rest the limit is wider.
    let norm_without = |bias| match rest::gravity_without(rests, bias) {
        Some(norm) => (norm, params.tolerance),
        None => (usual_norm(track, bias), 2.0 * params.tolerance),
    };
    let (before, limit) = norm_without(Vector3::zeros());
    if off(before) <= limit {
        return Accelerometer::Fine;
    }
    let Some(BiasFit { bias, sigma }) = fit::bias(track, drift, params.expected_bias) else {
        return Accelerometer::Marked;
    };
    let (after, limit) = norm_without(bias);
    if off(after) > limit || bias.norm() > MOST_BIAS {
        return Accelerometer::Marked;
    }
    Accelerometer::Corrected { bias: bias.into(), sigma: sigma.into(), gravity: after }
}

/// No accelerometer has a bias of a whole g; a wrong unit looks like one.
const MOST_BIAS: f64 = 9.0;

/// Median norm of the specific force without a bias, m/s².
fn usual_norm(track: &UniformTrack<ImuSample>, bias: Vector3<f64>) -> f64 {
    let samples = track.runs.iter().flat_map(|run| &run.samples);
    let mut norms: Vec<f64> = samples.map(|s| (s.specific_force.vector() - bias).norm()).collect();
    let middle = norms.len() / 2;
    if norms.is_empty() { 0.0 } else { *norms.select_nth_unstable_by(middle, f64::total_cmp).1 }
}

/// Readings this close to the end of the range are clipped: the last count of a converter is just below it.
const NEAR_END: f64 = 0.995;
/// Equal extreme readings in a row on one axis that betray an unknown range.
const REPEATED: usize = 4;

/// Where a sensor's range ends, SI; infinite if unknown.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ClipLimits {
    force: f64,
    rate: f64,
}

impl ClipLimits {
    /// The ranges as given, or else the largest reading, if one axis stayed on exactly that value for several samples.
    pub fn new(device: &DeviceInfo, samples: &[InertialSample]) -> Self {
        let given = |range: Option<f64>| range.filter(|range| *range > 0.0).map(|range| NEAR_END * range);
        let force = given(device.accelerometer_range);
        let rate = given(device.gyroscope_range);
        Self {
            force: force.unwrap_or_else(|| plateau(samples, |s| s.specific_force.to_array(), 2.0 * STANDARD_GRAVITY)),
            rate: rate.unwrap_or_else(|| plateau(samples, |s| s.angular_rate.to_array(), 2.0)),
        }
    }

    /// Whether a component of the sample lies at the end of its range.
    pub fn clipped(&self, sample: &InertialSample) -> bool {
        at_end(sample.specific_force, self.force) || at_end(sample.angular_rate, self.rate)
    }
}

fn at_end<Q: Quantity, F: Frame>(vector: truehinge_core::Vec3<Q, F>, limit: f64) -> bool {
    vector.to_array().iter().any(|component| component.abs() >= limit)
}

/// The largest magnitude, if it is at least `least` and an axis stayed on it for [`REPEATED`] samples.
fn plateau(samples: &[InertialSample], axes: fn(&InertialSample) -> [f64; 3], least: f64) -> f64 {
    let largest = samples.iter().flat_map(axes).map(f64::abs).filter(|v| v.is_finite()).fold(0.0, f64::max);
    if largest < 0.97 * least {
        return f64::INFINITY;
    }
    let stays = |axis: usize| {
        let mut count = 0;
        samples.iter().any(|s| {
            count = if axes(s)[axis].abs() >= largest { count + 1 } else { 0 };
            count >= REPEATED
        })
    };
    if (0..3).any(stays) { largest } else { f64::INFINITY }
}

#[cfg(test)]
mod tests;
