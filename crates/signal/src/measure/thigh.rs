//! The thigh from its own sensor, where one is worn.

use truehinge_core::{Angle, Budget, ErrorSource};

use super::curves::Window;
use crate::body::motion::SetMotion;
use crate::method::Measure;

/// The thigh over a repetition, from its own sensor: changes of lean, rad.
#[derive(Clone, Debug)]
pub(super) struct ThighPath {
    pub tilt: Vec<f64>,
    left_lean: Vec<f64>,
    axis_sigma: Angle,
}

impl ThighPath {
    pub fn of(set: &SetMotion<'_>, window: &Window) -> Option<Self> {
        let thigh = set.thigh.as_ref()?;
        let (tilt, left_lean) = (window.change(&thigh.sagittal), window.change(&thigh.left_lean));
        Some(Self { tilt, left_lean, axis_sigma: thigh.axis_sigma })
    }

    /// What the tilt is uncertain by at a point, rad.
    pub fn budget(&self, at: usize, method: &Measure) -> Budget {
        let angles = &method.angles;
        Budget::sum(&[
            Budget::of(ErrorSource::Orientation, angles.orientation_sigma_deg.to_radians()),
            Budget::of(ErrorSource::Wobble, angles.wobble_sigma_deg.to_radians()),
            Budget::of(ErrorSource::SoftTissue, method.tissue.thigh_share * self.tilt[at]),
            Budget::of(ErrorSource::Axis, self.axis_sigma.radians() * self.left_lean[at]),
        ])
    }
}
