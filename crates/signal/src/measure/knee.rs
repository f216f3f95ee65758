//! The knee's travel over the planted foot, and jolts at the shank.

use truehinge_core::{Budget, ErrorSource, STANDARD_GRAVITY};

use super::curves::{Window, largest, largest_seen};
use super::gaps::seen;
use super::{Estimate, Repetition};
use crate::body::motion::SetMotion;
use crate::math::stats::{mean, median};

/// How far the knee went forward over a repetition, m: shank length times the change of the sine of its lean.
#[derive(Clone, Debug)]
pub(super) struct KneeTravel {
    pub forward: Vec<f64>,
    /// Lean of the shank in the stance, rad.
    start: f64,
}

impl KneeTravel {
    /// `shank_tilt`: change of the shank's lean, rad.
    pub fn new(set: &SetMotion<'_>, window: &Window, shank_tilt: &[f64]) -> Self {
        let length = set.body.shank().value.metres();
        let start = mean(&set.shank.sagittal[window.baseline.clone()]);
        let forward = shank_tilt.iter().map(|change| length * ((start + change).sin() - start.sin())).collect();
        Self { forward, start }
    }
}

impl Repetition<'_> {
    /// What the knee's travel is uncertain by at a point, m. `base`: of the shank's lean, however small the movement.
    fn knee_budget(&self, base: Budget, at: usize) -> Budget {
        let length = self.set.body.shank();
        let lean = (self.knee.start + self.angles.shank_tilt[at]).cos();
        let share = length.sigma / length.value;
        let shank = self.shank_budget(base, at) * (length.value.metres() * lean);
        shank.and(Budget::of(ErrorSource::SegmentLength, share * self.knee.forward[at]))
    }

    pub(super) fn knee_forward(&self) -> Estimate {
        let peak = largest(&self.knee.forward);
        Estimate { value: peak.value, budget: self.knee_budget(self.base.shank, peak.at) }
    }

    /// The largest travel to the deepest point.
    pub(super) fn knee_forward_descent(&self) -> Estimate {
        let peak = largest(&self.knee.forward[..=self.turn()]);
        Estimate { value: peak.value, budget: self.knee_budget(self.base.shank, peak.at) }
    }

    /// The travel at the deepest point.
    pub(super) fn knee_forward_turn(&self) -> Estimate {
        let at = self.turn();
        Estimate { value: self.knee.forward[at], budget: self.knee_budget(self.base.shank, at) }
    }

    /// The largest travel from the deepest point on.
    pub(super) fn knee_forward_ascent(&self) -> Estimate {
        let turn = self.turn();
        let peak = largest(&self.knee.forward[turn..]);
        Estimate { value: peak.value, budget: self.knee_budget(self.base.shank, turn + peak.at) }
    }

    /// Travel of the knee for travel of the hips at the deepest point, where the hips surely went back: if they may not have moved, the
    /// ratio could be anything.
    pub(super) fn knee_per_hip(&self) -> Option<Estimate> {
        let (at, knee) = (self.turn(), self.knee_forward_turn());
        let hip = Estimate { value: self.hip.back[at], budget: self.hip.back_budget(at) };
        if hip.value <= self.method.ratio.least_sigmas * hip.budget.sigma() {
            return None;
        }
        let value = knee.value / hip.value;
        Some(Estimate { value, budget: (knee.budget / hip.value).and(hip.budget * (value / hip.value)) })
    }

    /// The largest travel that was seen beside a gap.
    pub(super) fn knee_forward_seen(&self) -> Option<Estimate> {
        let peak = largest_seen(&self.knee.forward, &seen(self.set, self.candidate, &self.method.gaps))?;
        Some(Estimate { value: peak.value, budget: self.knee_budget(self.base.shank_without_gaps, peak.at) })
    }

    /// The largest departure of the shank's specific force from its usual norm, m/s².
    pub(super) fn foot_knock(&self) -> Estimate {
        let force = &self.set.shank_force[self.window.range.clone()];
        let usual = median(force).unwrap_or(STANDARD_GRAVITY);
        let value = force.iter().map(|norm| (norm - usual).abs()).fold(0.0, f64::max);
        let noise = Budget::of(ErrorSource::Noise, self.method.knock.noise_m_per_s2);
        let strap = Budget::of(ErrorSource::SoftTissue, self.method.knock.strap_share * value);
        Estimate { value, budget: noise.and(strap) }
    }
}
