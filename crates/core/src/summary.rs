//! A leg in a session: how many repetitions, what they were, and what they measured. Scores, the table `sides` and trends rest on this and
//! on nothing else.
//!
//! Hinges and drifts have no mean that anybody made, so that a leg is told by its median, its worst repetition and its range. A
//! repetition that somebody excluded is in none of them.

use serde::Serialize;

use crate::analysis::{SessionAnalysis, SetAnalysis, SetSummary};
use crate::body::Side;
use crate::rep::{Cause, Metric, Reading, Rep};

/// A leg in a session.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SideSummary {
    /// Which leg carried the body; `None` where nobody named it.
    pub side: Option<Side>,
    /// Repetitions that count, by the verdict that holds.
    pub counts: SetSummary,
    /// Repetitions that somebody excluded.
    pub excluded: usize,
    /// Repetitions that somebody corrected, those excluded among them.
    pub corrected: usize,
    /// What they measured, in the order of [`Metric::ALL`]; no entry for what was not measured.
    pub spreads: Vec<(Metric, Spread)>,
}

/// Several repetitions of one number, in the unit of [`Metric::unit`].
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Spread {
    /// How many repetitions.
    pub n: usize,
    /// Their median.
    pub median: f64,
    /// The lowest.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
    /// What repetitions differ by: their standard deviation; `None` for one alone.
    pub sd: Option<f64>,
    /// What the measurement of each is uncertain by: root mean square of the standard uncertainties.
    pub sigma: f64,
}

/// Which way a number is worse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Worse {
    /// More is worse.
    More,
    /// Less is worse.
    Less,
}

impl Metric {
    /// Which way it is worse; `None` where more is another movement but no worse one.
    pub const fn worse(self) -> Option<Worse> {
        match self {
            Self::HipBack => Some(Worse::Less),
            Self::PelvisTilt | Self::HipFlexion | Self::HipDrop => None,
            _ => Some(Worse::More),
        }
    }
}

impl Spread {
    /// Of readings; `None` of none. Those that are no numbers are left out.
    pub fn of(readings: impl IntoIterator<Item = Reading>) -> Option<Self> {
        let finite = |reading: &Reading| reading.value.is_finite() && reading.sigma.is_finite();
        let mut readings: Vec<Reading> = readings.into_iter().filter(finite).collect();
        readings.sort_by(|a, b| a.value.total_cmp(&b.value));
        let (lowest, highest) = (readings.first()?.value, readings.last()?.value);
        let n = readings.len();
        let mean = readings.iter().map(|reading| reading.value).sum::<f64>() / n as f64;
        let squares: f64 = readings.iter().map(|reading| (reading.value - mean).powi(2)).sum();
        let sigmas: f64 = readings.iter().map(|reading| reading.sigma.powi(2)).sum();
        Some(Self {
            n,
            median: f64::midpoint(readings[(n - 1) / 2].value, readings[n / 2].value),
            lowest,
            highest,
            sd: (n > 1).then(|| (squares / (n - 1) as f64).sqrt()),
            sigma: (sigmas / n as f64).sqrt(),
        })
    }

    /// The worst of them; `None` where no way is worse.
    pub fn worst(&self, metric: Metric) -> Option<f64> {
        metric.worse().map(|worse| match worse {
            Worse::More => self.highest,
            Worse::Less => self.lowest,
        })
    }
}

impl SideSummary {
    /// The legs of a session, left first, then right, then without a name; only those with a counted or an excluded repetition.
    pub fn of(analysis: &SessionAnalysis) -> Vec<Self> {
        Self::of_all(std::slice::from_ref(analysis))
    }

    /// The legs of several sessions together, such as those of a day.
    pub fn of_all(sessions: &[SessionAnalysis]) -> Vec<Self> {
        [Some(Side::Left), Some(Side::Right), None]
            .into_iter()
            .filter_map(|side| {
                let sets = || sessions.iter().flat_map(|session| &session.sets).filter(move |set| set.side == side);
                let reps: Vec<&Rep> = sets().flat_map(|set| &set.reps).collect();
                let counts = sets().map(SetAnalysis::summary).fold(SetSummary::default(), SetSummary::and);
                (!reps.is_empty()).then(|| Self::of_reps(side, counts, &reps))
            })
            .collect()
    }

    fn of_reps(side: Option<Side>, counts: SetSummary, reps: &[&Rep]) -> Self {
        let spread = |metric| {
            let readings = reps.iter().filter(|rep| rep.is_whole()).filter_map(|rep| rep.metrics.reading(metric));
            Spread::of(readings).map(|spread| (metric, spread))
        };
        Self {
            side,
            counts,
            excluded: reps.iter().filter(|rep| !rep.counts()).count(),
            corrected: reps.iter().filter(|rep| rep.by_hand.is_some()).count(),
            spreads: Metric::ALL.into_iter().filter_map(spread).collect(),
        }
    }

    /// What a number came to.
    pub fn spread(&self, metric: Metric) -> Option<&Spread> {
        self.spreads.iter().find(|(of, _)| *of == metric).map(|(_, spread)| spread)
    }
}

impl Rep {
    /// Whether its numbers stand for a repetition of this leg: it counts, and nothing but a limit keeps its verdict open. Of one that was
    /// perhaps broken off, or measured by a loose sensor, they do not.
    pub fn is_whole(&self) -> bool {
        let doubted = matches!(
            self.judgement.cause,
            Cause::Alone
                | Cause::PerhapsBrokenOff
                | Cause::PerhapsPart
                | Cause::OtherLeg
                | Cause::SensorUnworn
                | Cause::SensorLoose
        );
        self.counts() && (!doubted || self.by_hand.is_some())
    }
}

impl SetSummary {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            reps: self.reps + other.reps,
            true_hinge: self.true_hinge + other.true_hinge,
            knee_forward_drift: self.knee_forward_drift + other.knee_forward_drift,
            insufficient_hip_travel: self.insufficient_hip_travel + other.insufficient_hip_travel,
            indeterminate: self.indeterminate + other.indeterminate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(values: &[(f64, f64)]) -> Option<Spread> {
        Spread::of(values.iter().map(|&(value, sigma)| Reading { value, sigma }))
    }

    #[test]
    fn a_spread_is_the_middle_the_ends_and_two_kinds_of_uncertainty() {
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[(f64::NAN, 1.0)]), None);
        let one = spread(&[(-3.0, 2.0)]).expect("one");
        assert_eq!((one.n, one.median, one.lowest, one.highest, one.sd, one.sigma), (1, -3.0, -3.0, -3.0, None, 2.0));
        let four = spread(&[(10.0, 3.0), (41.0, 3.0), (f64::NAN, 3.0), (20.0, 3.0), (30.0, 3.0)]).expect("four");
        assert_eq!((four.n, four.median, four.lowest, four.highest, four.sigma), (4, 25.0, 10.0, 41.0, 3.0));
        // Mean 25.25: squares 232.5625 + 27.5625 + 22.5625 + 248.0625 over 3.
        assert!((four.sd.expect("several") - 176.9167_f64.sqrt()).abs() < 1e-3);
    }

    #[test]
    fn the_worst_is_the_farthest_knee_and_the_shortest_hip_travel() {
        let spread = spread(&[(10.0, 1.0), (60.0, 1.0)]).expect("two");
        assert_eq!(spread.worst(Metric::KneeForward), Some(60.0));
        assert_eq!(spread.worst(Metric::HipBack), Some(10.0));
        assert_eq!(spread.worst(Metric::PelvisTilt), None);
    }
}
