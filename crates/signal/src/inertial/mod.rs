//! Is the inertial sensor what it claims to be? Gravity at rest and the gyroscope's bias; and a repair.
//!
//! Enters: a sensor's uniform samples. Leaves: the same samples, corrected where that is safe, and an [`InertialReport`].
//! The model, with `m` the measured and `f` the true specific force, is
//!
//! ```text
//! f = m - bias
//! ```
//!
//! * **Gravity.** At rest `|m|` must be 9.81 m/s². If it is off by more than `inertial.tolerance_share` a bias is fitted.
//!   The norm alone shows it along gravity only; but the rotation between samples is known from the gyroscope, and the true
//!   force must turn with it while a bias turns with the sensor (`fit`). The bias is used only if it brings
//!   gravity back within the tolerance; otherwise the data are marked and left as they are.
//! * **Gyroscope.** A body at rest sways by a degree or so, however long it rests: a rest of `T` seconds shows the bias to
//!   within about a degree over `T`. A bias beyond the range in which the orientation filter looks for it is taken out here.
//!
//! It does not fit scale factors or axis misalignment: a recording of one exercise does not show them apart from the bias.

mod fit;
mod rest;

use nalgebra::Vector3;
use serde::Serialize;
use truehinge_core::{AngularRate, FindingKind, STANDARD_GRAVITY, Sensor, SpecificForce};

use crate::math::stats::upper_median;
use crate::method::{Inertial, Method};
use crate::timebase::{ImuSample, UniformTrack};
use fit::BiasFit;
use rest::Rest;

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
pub fn correct(track: &mut UniformTrack<ImuSample>, method: &Method) -> InertialReport {
    let (at_rest, method) = (&method.stillness.sensor_at_rest, &method.inertial);
    let rests: Vec<Rest> = track.runs.iter().flat_map(|run| rest::rests(&run.samples, run.period_s, at_rest)).collect();
    let gravity = rest::gravity(&rests);
    let usual_norm = usual_norm(track, Vector3::zeros());
    let gyroscope = rest::gyroscope_bias(&rests, at_rest);
    let drift = gyroscope.map_or_else(Vector3::zeros, |found| found.0);
    let accelerometer = check_gravity(track, &rests, drift, method);
    let limit = |sigma: f64| method.gyroscope_limit_deg_per_s.to_radians().max(method.gyroscope_certain_sigmas * sigma);
    let beyond = gyroscope.is_some_and(|(bias, sigma)| bias.amax() > limit(sigma));
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
    method: &Inertial,
) -> Accelerometer {
    let off = |norm: f64| (norm / STANDARD_GRAVITY - 1.0).abs();
    // Movement raises the usual norm a little; without a rest the limit is wider.
    let norm_without = |bias| match rest::gravity_without(rests, bias) {
        Some(norm) => (norm, method.tolerance_share),
        None => (usual_norm(track, bias), method.restless_ratio * method.tolerance_share),
    };
    let (before, limit) = norm_without(Vector3::zeros());
    if off(before) <= limit {
        return Accelerometer::Fine;
    }
    let Some(BiasFit { bias, sigma }) = fit::bias(track, drift, method) else {
        return Accelerometer::Marked;
    };
    let (after, limit) = norm_without(bias);
    if off(after) > limit || bias.norm() > method.most_bias_m_per_s2 {
        return Accelerometer::Marked;
    }
    Accelerometer::Corrected { bias: bias.into(), sigma: sigma.into(), gravity: after }
}

/// Median norm of the specific force without a bias, m/s².
fn usual_norm(track: &UniformTrack<ImuSample>, bias: Vector3<f64>) -> f64 {
    let samples = track.runs.iter().flat_map(|run| &run.samples);
    let mut norms: Vec<f64> = samples.map(|s| (s.specific_force.vector() - bias).norm()).collect();
    upper_median(&mut norms).unwrap_or(0.0)
}

#[cfg(test)]
mod tests;
