//! Checks of the inertial sensor against gravity.
use serde::{Deserialize, Serialize};
use truehinge_core::{DeviceInfo, InertialSample, QualityGrade};
use crate::timebase::{ImuSample, UniformTrack};

/// What a person may tune.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InertialParams {}

/// What was found.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct InertialReport {
    /// Norm of the specific force at rest, m/s², before any correction; `None` without a rest.
    pub gravity: Option<f64>,
}

impl InertialReport {
    /// Whether corrected.
    pub fn corrected(&self) -> bool {
        false
    }
    /// What a reader must know.
    pub fn issue(&self) -> Option<(QualityGrade, &'static str, String)> {
        None
    }
}

/// Corrects.
pub fn correct(_track: &mut UniformTrack<ImuSample>, _params: &InertialParams) -> InertialReport {
    InertialReport { gravity: None }
}

/// Readings at the end of a sensor's range.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ClipLimits {
    force: f64,
    rate: f64,
}

impl ClipLimits {
    /// Limits.
    pub fn new(device: &DeviceInfo, _samples: &[InertialSample]) -> Self {
        let limit = |range: Option<f64>| range.map_or(f64::INFINITY, |range| 0.995 * range);
        Self { force: limit(device.accelerometer_range), rate: limit(device.gyroscope_range) }
    }

    /// Whether clipped.
    pub fn clipped(&self, sample: &InertialSample) -> bool {
        let beyond = |v: [f64; 3], limit: f64| v.iter().any(|c| c.abs() >= limit);
        beyond(sample.specific_force.to_array(), self.force) || beyond(sample.angular_rate.to_array(), self.rate)
    }
}
