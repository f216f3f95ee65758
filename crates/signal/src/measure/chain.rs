//! The thigh, from its sensor or from where knee and hip are; and with it the flexion of knee and hip.

use truehinge_core::Budget;

use super::curves::{Window, largest};
use super::hip_path::HipTravel;
use super::thigh::ThighPath;
use super::{Estimate, Repetition};
use crate::body::motion::SetMotion;

/// Change of the thigh's forward lean over a repetition, rad.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub thigh_tilt: Vec<f64>,
    sensor: Option<ThighPath>,
}

impl Chain {
    /// From its sensor, or from the travel of hip and knee (`knee_forward`, m).
    pub fn new(set: &SetMotion<'_>, window: &Window, hip: &HipTravel<'_>, knee_forward: &[f64]) -> Self {
        let sensor = ThighPath::of(set, window);
        let length = set.body.thigh().value.metres();
        let thigh_tilt = match &sensor {
            Some(thigh) => thigh.tilt.clone(),
            None => hip.back.iter().zip(knee_forward).map(|(back, knee)| lean_of((-back - knee) / length)).collect(),
        };
        Self { thigh_tilt, sensor }
    }
}

impl Repetition<'_> {
    /// What the thigh's lean is uncertain by at a point because of its sensor or, without one, of the hip's travel, rad.
    fn thigh_budget(&self, at: usize) -> Budget {
        match &self.chain.sensor {
            Some(thigh) => thigh.budget(at, self.method),
            None => self.hip.back_budget(at) / self.set.body.thigh().value.metres(),
        }
    }

    pub(super) fn knee_flexion(&self) -> Estimate {
        let peak = largest(&self.knee_flexion);
        let shank = self.shank_budget(self.base.shank, peak.at);
        // Without a thigh sensor the shank enters twice, with the same sign: by itself and by the knee that carries the thigh.
        let shank = if self.chain.sensor.is_some() { shank } else { shank * 2.0 };
        Estimate { value: peak.value, budget: shank.and(self.thigh_budget(peak.at)) }
    }

    pub(super) fn hip_flexion(&self) -> Estimate {
        let flexion: Vec<f64> =
            self.angles.pelvis_tilt.iter().zip(&self.chain.thigh_tilt).map(|(p, t)| p - t).collect();
        let peak = largest(&flexion);
        Estimate { value: peak.value, budget: self.pelvis_budget(peak.at).and(self.thigh_budget(peak.at)) }
    }
}

/// Angle whose sine is `sine`, saturating beyond a quarter turn: an impossible displacement gives the largest possible lean.
fn lean_of(sine: f64) -> f64 {
    let sine = sine.clamp(-1.0, 1.0);
    sine.atan2((1.0 - sine * sine).sqrt())
}
