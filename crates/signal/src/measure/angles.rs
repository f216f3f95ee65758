//! Angles of pelvis, shank and trunk.

use truehinge_core::{Budget, ErrorSource, SensorRole};

use super::budget::of_sensor;
use super::curves::{Window, largest, unwrapped};
use super::{Estimate, Repetition};
use crate::body::kinematics::{free_side_drop, heading};
use crate::body::motion::SetMotion;

/// Changes of the angles of pelvis and shank over a repetition, rad.
#[derive(Clone, Debug)]
pub(super) struct Angles {
    /// Forward lean of the shank.
    pub shank_tilt: Vec<f64>,
    /// Lean of the shank to the person's left.
    pub shank_left_lean: Vec<f64>,
    /// Forward lean of the pelvis.
    pub pelvis_tilt: Vec<f64>,
    /// How much lower the free side of the pelvis is; its left side where the leg is not known.
    pub pelvis_drop: Vec<f64>,
    /// Turn of the pelvis about the vertical, either way.
    pub pelvis_rotation: Vec<f64>,
}

impl Angles {
    pub fn of(set: &SetMotion<'_>, window: &Window) -> Self {
        Self {
            shank_tilt: window.change(&set.shank.sagittal),
            shank_left_lean: window.change(&set.shank.left_lean),
            pelvis_tilt: window.change(&set.pelvis.sagittal),
            pelvis_drop: window
                .change(&set.pelvis.left_lean)
                .iter()
                .map(|lean| free_side_drop(*lean, set.side))
                .collect(),
            pelvis_rotation: heading_change(set, window).iter().map(|turn| turn.abs()).collect(),
        }
    }
}

/// Smoothed change of the pelvis' heading.
fn heading_change(set: &SetMotion<'_>, window: &Window) -> Vec<f64> {
    let around = window.around(set.grid.len());
    let headings = set.hip.poses[around.clone()].iter().map(|pose| heading(set.hip_alignment.apply(*pose)).radians());
    window.change_within(&unwrapped(headings), around.start)
}

impl Repetition<'_> {
    /// What the shank's lean is uncertain by at a point, rad. `base`: however small the movement.
    pub(super) fn shank_budget(&self, base: Budget, at: usize) -> Budget {
        let tissue = self.method.tissue.shank_share * largest(&self.knee_flexion).value.abs();
        let axis = self.set.shank.axis_sigma.radians();
        let (tilt, left_lean) = (self.angles.shank_tilt[at], self.angles.shank_left_lean[at]);
        Budget::sum(&[
            base,
            Budget::of(ErrorSource::SoftTissue, tissue),
            Budget::of(ErrorSource::Axis, axis * left_lean),
            // An axis that is off takes the cosine of it from a lean: the second order.
            Budget::of(ErrorSource::Axis, 0.5 * axis * axis * tilt),
        ])
    }

    /// Soft tissue at the pelvis turns its sensor by a share of the tilt, rad.
    fn pelvic_tissue(&self, at: usize) -> Budget {
        Budget::of(ErrorSource::SoftTissue, self.method.tissue.pelvis_share * self.angles.pelvis_tilt[at])
    }

    /// An angle of the pelvis: what it is uncertain by at a point when the axis does so much to it, rad.
    fn pelvis_budget_with(&self, axis: f64, at: usize) -> Budget {
        let axis = Budget::of(ErrorSource::Axis, axis);
        Budget::sum(&[self.base.pelvis, self.pelvic_tissue(at), axis])
    }

    /// What the pelvis' tilt is uncertain by at a point, rad.
    pub(super) fn pelvis_budget(&self, at: usize) -> Budget {
        self.pelvis_budget_with(self.set.pelvis.axis_sigma.radians() * self.angles.pelvis_drop[at], at)
    }

    pub(super) fn shank_tilt(&self) -> Estimate {
        let peak = largest(&self.angles.shank_tilt);
        Estimate { value: peak.value, budget: self.shank_budget(self.base.shank, peak.at) }
    }

    pub(super) fn pelvis_tilt(&self) -> Estimate {
        let peak = largest(&self.angles.pelvis_tilt);
        Estimate { value: peak.value, budget: self.pelvis_budget(peak.at) }
    }

    /// Without a supporting leg no side is the free one. The pelvis' right axis carries its error into its own elevation as the
    /// pelvis tilts. A maximum over a noisy curve: its largest uncertainty, which is where the tilt is largest, counts.
    pub(super) fn pelvis_drop(&self) -> Option<Estimate> {
        self.set.side?;
        let at = largest(&self.angles.pelvis_tilt).at;
        let axis = self.set.pelvis.axis_sigma.radians() * self.angles.pelvis_tilt[at].sin();
        let peak = largest(&self.angles.pelvis_drop);
        Some(Estimate { value: peak.value, budget: self.pelvis_budget_with(axis, at) })
    }

    /// The error of the pelvis' right axis enters its heading less than it enters its elevation; the heading drifts beside.
    pub(super) fn pelvis_rotation(&self) -> Estimate {
        let peak = largest(&self.angles.pelvis_rotation);
        let axis = self.set.pelvis.axis_sigma.radians() * (1.0 - self.angles.pelvis_tilt[peak.at].cos());
        let drift = self.method.angles.heading_drift_deg_per_s.to_radians()
            * peak.at as f64
            * self.set.grid.rate.period_seconds();
        let budget = Budget::sum(&[
            self.base.pelvis,
            self.pelvic_tissue(peak.at),
            Budget::of(ErrorSource::Axis, axis),
            Budget::of(ErrorSource::Drift, drift),
        ]);
        Estimate { value: peak.value, budget }
    }

    /// How far the shank leaned from side to side. Its forward lean enters where the sensor's front is not known.
    pub(super) fn shank_sway(&self) -> Estimate {
        let frontal = &self.angles.shank_left_lean;
        let (least, most) = frontal.iter().fold((0.0_f64, 0.0_f64), |(least, most), &v| (least.min(v), most.max(v)));
        let axis = self.set.shank.axis_sigma.radians() * largest(&self.angles.shank_tilt).value;
        Estimate { value: most - least, budget: self.base.shank.and(Budget::of(ErrorSource::Axis, axis)) }
    }

    /// How far the trunk bent over the pelvis, from the quiet stance.
    pub(super) fn spine_flexion(&self) -> Option<Estimate> {
        let trunk_tilt = self.window.change(&self.set.trunk.as_ref()?.sagittal);
        let flexion: Vec<f64> =
            trunk_tilt.iter().zip(&self.angles.pelvis_tilt).map(|(trunk, pelvis)| trunk - pelvis).collect();
        let peak = largest(&flexion);
        let budget = Budget::sum(&[
            self.base.pelvis,
            of_sensor(self.set, SensorRole::Trunk, self.candidate, self.method),
            self.pelvic_tissue(peak.at),
            Budget::of(ErrorSource::SoftTissue, self.method.tissue.trunk_share * flexion[peak.at]),
        ]);
        Some(Estimate { value: peak.value, budget })
    }
}
