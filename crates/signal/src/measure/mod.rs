//! Numbers without opinion: what one repetition measured, each with its uncertainty.
//!
//! In: the aligned motion of one set and a counted [`Candidate`]. Out: [`RepMetrics`], the curves behind them and the phases.
//! All values are changes from the quarter second before the onset to the peak within the repetition. With `s, t, p` the
//! forward lean of shank, thigh and pelvis, `Ls, Lt` the segment lengths and `d` a change:
//!
//! ```text
//! knee_forward  =  Ls * d(sin s)                 to its peak; on the way down, at the deepest point and on the way up as well
//! hip_back      = -d(hip_x)                     strapdown of the pelvis sensor minus lever arm (`hip_path`)
//! d(sin t)      =  (d(hip_x) - knee_forward) / Lt      or the thigh sensor, if worn; it then enters hip_back as well
//! knee_flexion  =  ds - dt
//! hip_flexion   =  dp - dt
//! knee_per_hip  =  knee_forward / hip_back       at the deepest point
//! ```
//!
//! Each number comes with its [`Budget`]: named contributions of orientation, soft tissue, axis, length, lever arm, drift, ...,
//! added in quadrature (SCIENCE §3, decision 0004; the geometry is that of SCIENCE §2). One repetition is one `Repetition`, each metric one short method of it.

mod angles;
mod budget;
mod chain;
mod curves;
mod gaps;
mod hip_path;
mod knee;
mod rest;
mod thigh;

use std::collections::BTreeMap;
use std::ops::Range;

use truehinge_core::{
    Budget, Curve, ErrorSource, Measured, Metric, Phases, RepMetrics, Scalar, Signal, quantity::Quantity,
};

use self::angles::Angles;
use self::budget::{Base, Unrest};
use self::chain::Chain;
use self::curves::{Window, curve, largest};
use self::gaps::Missing;
pub use self::hip_path::Agreement;
use self::hip_path::{HipTravel, Path, paths_of_set};
use self::knee::KneeTravel;
use crate::body::motion::SetMotion;
use crate::grid::PoseGrid;
use crate::method::{Measure, Method};
use crate::repetitions::Candidate;
use crate::watch::settling::Remainder;

/// Everything measured in one repetition.
#[derive(Clone, Debug)]
pub struct Measurement {
    /// The numbers.
    pub metrics: RepMetrics,
    /// What each is uncertain by.
    pub budgets: BTreeMap<Metric, Budget>,
    /// The curves behind them.
    pub curves: Vec<Curve>,
    /// The parts of the repetition.
    pub phases: Phases,
}

/// Measures the counted repetitions of a set; says how well all that is known of the leg agrees in them.
///
/// `movements` are all of the set's, counted or not: rests end where one begins. `doubts` says of each counted repetition by how
/// much a sensor may have slid in it.
pub fn measure_set(
    set: &SetMotion<'_>,
    counted: &[&Candidate],
    movements: &[Candidate],
    doubts: &[Remainder],
    method: &Method,
) -> (Vec<Measurement>, Agreement) {
    let (paths, agreement) = paths_of_set(set, counted, movements, method);
    let unrest = Unrest::of(set, counted);
    let repetition = |((candidate, path), slid): ((&&Candidate, &Path), &Remainder)| {
        Repetition::new(set, candidate, path, &unrest, slid, method).measure()
    };
    (counted.iter().zip(&paths).zip(doubts).map(repetition).collect(), agreement)
}

/// A number and what it is uncertain by, SI units.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Estimate {
    value: f64,
    budget: Budget,
}

impl Estimate {
    fn measured<Q: Quantity>(&self) -> Measured<Q> {
        Measured::new(Scalar::from_si(self.value), Scalar::from_si(self.budget.sigma()))
    }
}

/// One repetition with the curves that its numbers are read from.
struct Repetition<'a> {
    set: &'a SetMotion<'a>,
    candidate: &'a Candidate,
    method: &'a Measure,
    window: Window,
    missing: Missing,
    base: Base,
    angles: Angles,
    knee: KneeTravel,
    hip: HipTravel<'a>,
    chain: Chain,
    knee_flexion: Vec<f64>,
}

impl<'a> Repetition<'a> {
    fn new(
        set: &'a SetMotion<'a>,
        candidate: &'a Candidate,
        path: &'a Path,
        unrest: &Unrest,
        slid: &Remainder,
        method: &'a Method,
    ) -> Self {
        let missing = Missing::of(set, candidate, method);
        let method = &method.measure;
        let window = Window::new(set, candidate, method);
        let angles = Angles::of(set, &window);
        let knee = KneeTravel::new(set, &window, &angles.shank_tilt);
        let hip = HipTravel::new(set, &window, path, slid.pelvis, method);
        let chain = Chain::new(set, &window, &hip, &knee.forward);
        let knee_flexion = angles.shank_tilt.iter().zip(&chain.thigh_tilt).map(|(s, t)| s - t).collect();
        let base = Base::new(set, candidate, unrest, slid, method);
        Self { set, candidate, method, window, missing, base, angles, knee, hip, chain, knee_flexion }
    }

    fn measure(&self) -> Measurement {
        let estimate = |metric| Some((metric, self.estimate(metric)?));
        let estimates: BTreeMap<Metric, Estimate> = Metric::ALL.into_iter().filter_map(estimate).collect();
        Measurement {
            metrics: metrics(&estimates),
            budgets: estimates.iter().map(|(metric, estimate)| (*metric, estimate.budget)).collect(),
            curves: self.curves(),
            phases: phases(self.set.grid, self.candidate, &self.window.baseline),
        }
    }

    /// A number, where the sensors worn can say it and none of their data are missing.
    fn estimate(&self, metric: Metric) -> Option<Estimate> {
        if self.missing.withholds(metric) {
            return None;
        }
        match metric {
            Metric::KneeForward => Some(self.knee_forward()),
            Metric::KneeForwardSeen => self.knee_forward_seen(),
            Metric::KneeForwardDescent => Some(self.knee_forward_descent()),
            Metric::KneeForwardTurn => Some(self.knee_forward_turn()),
            Metric::KneeForwardAscent => Some(self.knee_forward_ascent()),
            Metric::KneePerHip => self.knee_per_hip(),
            Metric::HipBack => Some(self.hip_back()),
            Metric::HipDrop => Some(self.hip_drop()),
            Metric::ShankTilt => Some(self.shank_tilt()),
            Metric::PelvisTilt => Some(self.pelvis_tilt()),
            Metric::KneeFlexion => Some(self.knee_flexion()),
            Metric::HipFlexion => Some(self.hip_flexion()),
            Metric::PelvisDrop => self.pelvis_drop(),
            Metric::PelvisRotation => Some(self.pelvis_rotation()),
            Metric::Sway => Some(self.sway()),
            Metric::ShankSway => Some(self.shank_sway()),
            Metric::FootKnock => Some(self.foot_knock()),
            Metric::SpineFlexion => self.spine_flexion(),
        }
    }

    /// The deepest point, among the repetition's points.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a point of the repetition")]
    fn turn(&self) -> usize {
        self.candidate.turn() as usize - self.candidate.range.start
    }

    fn hip_back(&self) -> Estimate {
        let peak = largest(&self.hip.back);
        Estimate { value: peak.value, budget: self.hip.back_budget(peak.at) }
    }

    fn hip_drop(&self) -> Estimate {
        let peak = largest(&self.hip.down);
        Estimate { value: peak.value, budget: self.hip.down_budget(peak.at) }
    }

    fn sway(&self) -> Estimate {
        let (value, method) = (self.hip.sway, &self.method.sway);
        Estimate { value, budget: Budget::of(ErrorSource::Drift, value * method.sigma_share + method.least_sigma_m) }
    }

    fn curves(&self) -> Vec<Curve> {
        let values = |signal| match signal {
            Signal::ShankTilt => &self.angles.shank_tilt,
            Signal::PelvisTilt => &self.angles.pelvis_tilt,
            Signal::KneeForward => &self.knee.forward,
            Signal::HipBack => &self.hip.back,
            Signal::KneeFlexion => &self.knee_flexion,
            Signal::PelvisDrop => &self.angles.pelvis_drop,
        };
        let given = Signal::ALL.into_iter().filter(|signal| !self.missing.withholds(signal.metric()));
        given.map(|signal| curve(signal, values(signal))).collect()
    }
}

/// The numbers by their names.
fn metrics(estimates: &BTreeMap<Metric, Estimate>) -> RepMetrics {
    fn of<Q: Quantity>(estimates: &BTreeMap<Metric, Estimate>, metric: Metric) -> Option<Measured<Q>> {
        estimates.get(&metric).map(Estimate::measured)
    }
    RepMetrics {
        knee_forward: of(estimates, Metric::KneeForward),
        knee_forward_seen: of(estimates, Metric::KneeForwardSeen),
        knee_forward_descent: of(estimates, Metric::KneeForwardDescent),
        knee_forward_turn: of(estimates, Metric::KneeForwardTurn),
        knee_forward_ascent: of(estimates, Metric::KneeForwardAscent),
        knee_per_hip: of(estimates, Metric::KneePerHip),
        hip_back: of(estimates, Metric::HipBack),
        hip_drop: of(estimates, Metric::HipDrop),
        shank_tilt: of(estimates, Metric::ShankTilt),
        pelvis_tilt: of(estimates, Metric::PelvisTilt),
        knee_flexion: of(estimates, Metric::KneeFlexion),
        hip_flexion: of(estimates, Metric::HipFlexion),
        pelvis_drop: of(estimates, Metric::PelvisDrop),
        pelvis_rotation: of(estimates, Metric::PelvisRotation),
        sway: of(estimates, Metric::Sway),
        shank_sway: of(estimates, Metric::ShankSway),
        foot_knock: of(estimates, Metric::FootKnock),
        spine_flexion: of(estimates, Metric::SpineFlexion),
    }
}

fn phases(grid: &PoseGrid, candidate: &Candidate, baseline: &Range<usize>) -> Phases {
    Phases {
        quiet_stance: grid.span(baseline.clone()),
        descent: grid.span(candidate.range.start..candidate.bottom.start),
        bottom: grid.span(candidate.bottom.clone()),
        ascent: grid.span(candidate.bottom.end..candidate.range.end),
    }
}

#[cfg(test)]
mod drawn;
#[cfg(test)]
mod tests;
