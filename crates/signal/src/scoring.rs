//! Repetitions found against repetitions known: the arithmetic of every published accuracy figure.
//!
//! In: what the analysis reported and what truly happened. Out: counts, boundary errors, metric errors, verdict rates, and how
//! honest the stated uncertainties were. Repetitions are matched by the overlap of their spans (intersection over union at
//! least 0.3, best pairs first). True repetitions that were broken off, or that move neither pelvis nor leg enough for two
//! sensors to see, are optional: neither required nor punished. The same rules as the OpenSim bench's own scorer, written
//! independently; `cargo xtask validate` prints both.

pub use crate::math::stats::median;

use std::collections::BTreeMap;

use truehinge_core::quantity::Metres;
use truehinge_core::{Flag, HingeCriteria, Measured, Metric, Rep, RepMetrics, Span, Verdict};

/// The metrics that are scored, in table order.
pub const SCORED: [Metric; 7] = [
    Metric::KneeForward,
    Metric::HipBack,
    Metric::ShankTilt,
    Metric::PelvisTilt,
    Metric::KneeFlexion,
    Metric::KneeForwardTurn,
    Metric::KneePerHip,
];

/// A repetition as it truly happened.
#[derive(Clone, Debug)]
pub struct TrueRep {
    /// 5 % of the way out to 5 % of the way back.
    pub span: Span,
    /// Where it is at least 95 % of the way.
    pub bottom: Span,
    /// True peak changes of [`SCORED`], in mm and degrees; NaN where unknown.
    pub values: [f64; SCORED.len()],
    /// True verdict; `None` in the grey zone.
    pub verdict: Option<Verdict>,
    /// Flags whose truth is known.
    pub flags: Vec<(Flag, bool)>,
    /// Broken off, or invisible to a hip and a shank sensor.
    pub optional: bool,
}

impl TrueRep {
    /// From exact metrics.
    pub fn from_metrics(span: Span, bottom: Span, metrics: &RepMetrics, limits: &HingeCriteria) -> Self {
        let verdict = metrics.knee_forward.zip(metrics.hip_back);
        Self {
            span,
            bottom,
            values: SCORED.map(|metric| metrics.reading(metric).map_or(f64::NAN, |r| r.value)),
            verdict: verdict.and_then(|(knee, hip)| limits.of_truth(knee.value, hip.value)),
            flags: true_flags(metrics, limits),
            optional: false,
        }
    }
}

/// Flags of exact metrics: beyond the fault limit or not.
fn true_flags(metrics: &RepMetrics, limits: &HingeCriteria) -> Vec<(Flag, bool)> {
    let knee = |part: Option<Measured<Metres>>| {
        let turn = metrics.knee_forward_turn?.value;
        Some(limits.is_drift_on_the_way(part?.value, turn))
    };
    [
        (Flag::EarlyDrift, knee(metrics.knee_forward_descent)),
        (Flag::LateDrift, knee(metrics.knee_forward_ascent)),
        (Flag::KneeBend, metrics.knee_flexion.map(|m| m.value > limits.knee_flexion.fault)),
        (Flag::PelvisDrop, metrics.pelvis_drop.map(|m| m.value > limits.pelvis_drop.fault)),
        (Flag::PelvisRotation, metrics.pelvis_rotation.map(|m| m.value > limits.pelvis_rotation.fault)),
        (Flag::BalanceLoss, metrics.shank_sway.map(|m| m.value > limits.shank_sway.fault)),
        (Flag::SpineFlexion, metrics.spine_flexion.map(|m| m.value > limits.spine_flexion.fault)),
    ]
    .into_iter()
    .filter_map(|(flag, known)| Some((flag, known?)))
    .collect()
}

/// How often a flag was right.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FlagCounts {
    /// True and reported.
    pub hit: usize,
    /// True and not reported.
    pub missed: usize,
    /// Reported and not true.
    pub false_alarm: usize,
    /// Neither.
    pub clear: usize,
}

impl FlagCounts {
    fn add(&mut self, known: bool, reported: bool) {
        let count = match (known, reported) {
            (true, true) => &mut self.hit,
            (true, false) => &mut self.missed,
            (false, true) => &mut self.false_alarm,
            (false, false) => &mut self.clear,
        };
        *count += 1;
    }
}

/// Errors and counts over any number of sessions.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// Sessions seen.
    pub sessions: usize,
    /// Sessions whose count was exactly right.
    pub exact: usize,
    /// Required repetitions that were found.
    pub found: usize,
    /// Repetitions reported that did not happen.
    pub invented: usize,
    /// Required repetitions that were not found.
    pub missed: usize,
    /// Reported minus true start, s.
    pub start: Vec<f64>,
    /// Reported turn's distance from the middle of the true bottom, s.
    pub turn: Vec<f64>,
    /// Reported minus true end, s.
    pub end: Vec<f64>,
    /// Per scored metric: error and stated standard uncertainty, in mm or degrees.
    pub errors: [Vec<MetricError>; SCORED.len()],
    /// Pairs of reported verdict (`None` if missed) and true verdict outside the grey zone.
    pub verdicts: Vec<(Option<Verdict>, Verdict)>,
    /// Flags beside the verdict, of repetitions that were found.
    pub flags: BTreeMap<Flag, FlagCounts>,
}

/// Error of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricError {
    /// Reported minus true.
    pub error: f64,
    /// Stated standard uncertainty.
    pub sigma: f64,
    /// True value.
    pub truth: f64,
}

/// Mathematics: of the bench's scorer, not of the method: reported and true repetition are a pair from this overlap (intersection over union) on.
const MIN_OVERLAP: f64 = 0.3;

fn overlap(a: Span, b: Span) -> f64 {
    let shared = a.end.min(b.end) - a.start.max(b.start);
    let all = a.end.max(b.end) - a.start.min(b.start);
    (shared.seconds() / all.seconds()).max(0.0)
}

/// Pairs of indices (reported, true), best overlap first; each is in one pair at most.
pub fn matched(reported: &[&Rep], truth: &[TrueRep]) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(f64, usize, usize)> = reported
        .iter()
        .enumerate()
        .flat_map(|(i, rep)| truth.iter().enumerate().map(move |(j, t)| (overlap(rep.span, t.span), i, j)))
        .filter(|(overlap, ..)| *overlap >= MIN_OVERLAP)
        .collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut used, mut taken) = (vec![false; reported.len()], vec![false; truth.len()]);
    pairs.retain(|&(_, i, j)| {
        let free = !used[i] && !taken[j];
        if free {
            (used[i], taken[j]) = (true, true);
        }
        free
    });
    pairs.into_iter().map(|(_, i, j)| (i, j)).collect()
}

impl Score {
    /// Adds one session.
    pub fn add(&mut self, reported: &[&Rep], truth: &[TrueRep]) {
        let pairs = matched(reported, truth);
        let required = truth.iter().filter(|t| !t.optional).count();
        let found = pairs.iter().filter(|&&(_, j)| !truth[j].optional).count();
        let invented = reported.len() - pairs.len();
        self.sessions += 1;
        self.exact += usize::from(invented == 0 && found == required);
        self.found += found;
        self.invented += invented;
        self.missed += required - found;
        for &(i, j) in pairs.iter().filter(|&&(_, j)| !truth[j].optional) {
            self.add_pair(reported[i], &truth[j]);
        }
        for (j, t) in truth.iter().enumerate().filter(|(_, t)| !t.optional) {
            if let (Some(verdict), false) = (t.verdict, pairs.iter().any(|&(_, k)| k == j)) {
                self.verdicts.push((None, verdict));
            }
        }
    }

    fn add_pair(&mut self, rep: &Rep, truth: &TrueRep) {
        self.start.push((rep.span.start - truth.span.start).seconds());
        self.end.push((rep.span.end - truth.span.end).seconds());
        let middle = truth.bottom.start + truncated_half(truth.bottom);
        self.turn.push((rep.turn - middle).seconds());
        for ((metric, errors), value) in SCORED.iter().zip(&mut self.errors).zip(truth.values) {
            if let (Some(reading), true) = (rep.metrics.reading(*metric), value.is_finite()) {
                errors.push(MetricError { error: reading.value - value, sigma: reading.sigma, truth: value });
            }
        }
        if let Some(verdict) = truth.verdict {
            self.verdicts.push((Some(rep.judgement.verdict), verdict));
        }
        for &(flag, known) in &truth.flags {
            self.flags.entry(flag).or_default().add(known, rep.judgement.flags.contains(&flag));
        }
    }

    /// Precision, recall and their harmonic mean of the repetitions found.
    pub fn f1(&self) -> f64 {
        ratio(2 * self.found, 2 * self.found + self.invented + self.missed)
    }

    /// Share of sessions with the exact count.
    pub fn exact_share(&self) -> f64 {
        ratio(self.exact, self.sessions)
    }

    /// Of the true drifts, the share named so; not named and missed count as wrong when `strict`.
    pub fn drift_sensitivity(&self, strict: bool) -> f64 {
        let drifts = self.flagged(strict).filter(|(_, truth)| *truth == Verdict::KneeForwardDrift);
        let (named, all) = drifts.fold((0, 0), |(named, all), (reported, _)| {
            (named + usize::from(reported == Some(Verdict::KneeForwardDrift)), all + 1)
        });
        ratio(named, all)
    }

    /// Of the true other repetitions, the share not named a drift, among those decided.
    pub fn drift_specificity(&self) -> f64 {
        let others = self.flagged(false).filter(|(_, truth)| *truth != Verdict::KneeForwardDrift);
        let (clear, all) = others.fold((0, 0), |(clear, all), (reported, _)| {
            (clear + usize::from(reported != Some(Verdict::KneeForwardDrift)), all + 1)
        });
        ratio(clear, all)
    }

    /// Share of the repetitions outside the grey zone that got a verdict.
    pub fn decided(&self) -> f64 {
        ratio(self.flagged(false).count(), self.verdicts.len())
    }

    fn flagged(&self, all: bool) -> impl Iterator<Item = (Option<Verdict>, Verdict)> {
        let decided = |reported: Option<Verdict>| reported.is_some_and(|v| v != Verdict::Indeterminate);
        self.verdicts.iter().copied().filter(move |(reported, _)| all || decided(*reported))
    }
}

fn truncated_half(span: Span) -> truehinge_core::time::Interval {
    truehinge_core::time::Interval::from_nanos(span.length().nanos() / 2)
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { f64::NAN } else { part as f64 / whole as f64 }
}

/// Root mean square; NaN if empty.
pub fn rms(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, n) = values.into_iter().fold((0.0, 0_usize), |(sum, n), value| (sum + value * value, n + 1));
    (sum / n as f64).sqrt()
}

/// Bias and 95 % limits of agreement of errors \[`BlandAltman1986`\]: mean, mean - 1.96 sd, mean + 1.96 sd.
pub fn agreement(errors: &[MetricError]) -> (f64, f64, f64) {
    let n = errors.len() as f64;
    let bias = errors.iter().map(|e| e.error).sum::<f64>() / n;
    let variance = errors.iter().map(|e| (e.error - bias).powi(2)).sum::<f64>() / (n - 1.0);
    // number: 95 % of a normal distribution
    let half = 1.96 * variance.sqrt();
    (bias, bias - half, bias + half)
}

/// How honest the stated uncertainties were: root mean square of error over sigma (1 is honest, more is boastful), and the
/// share of errors within 1.96 sigma (0.95 is honest).
pub fn honesty(errors: &[MetricError]) -> (f64, f64) {
    // number: 95 % of a normal distribution
    let covered = errors.iter().filter(|e| e.error.abs() <= 1.96 * e.sigma).count();
    (rms(errors.iter().map(|e| e.error / e.sigma)), ratio(covered, errors.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{Cause, Judgement, Phases, RepMetrics, SessionTime};

    fn rep(start: f64, end: f64, verdict: Verdict) -> Rep {
        let span = Span::from_seconds(start, end);
        Rep {
            number: 1,
            span,
            turn: SessionTime::from_seconds(f64::midpoint(start, end)),
            phases: Phases { quiet_stance: span, descent: span, bottom: span, ascent: span },
            metrics: RepMetrics::default(),
            budgets: BTreeMap::new(),
            by_hand: None,
            judgement: Judgement {
                verdict,
                cause: Cause::HingeSure,
                probability: 1.0,
                evidence: vec![],
                flags: vec![],
            },
            curves: vec![],
        }
    }

    fn truth(start: f64, end: f64, verdict: Option<Verdict>, optional: bool) -> TrueRep {
        let span = Span::from_seconds(start, end);
        TrueRep { span, bottom: span, values: [f64::NAN; SCORED.len()], verdict, flags: vec![], optional }
    }

    #[test]
    fn counts_follow_the_matching_rules() {
        let reported = [
            rep(1.0, 3.0, Verdict::KneeForwardDrift),
            rep(5.1, 7.1, Verdict::TrueHinge),
            rep(9.0, 11.0, Verdict::TrueHinge),
            rep(20.0, 22.0, Verdict::TrueHinge),
        ];
        let known = [
            truth(1.0, 3.0, Some(Verdict::KneeForwardDrift), false),
            truth(5.0, 7.0, Some(Verdict::KneeForwardDrift), false),
            truth(9.0, 11.0, None, true),
            truth(13.0, 15.0, Some(Verdict::KneeForwardDrift), false),
            truth(16.0, 18.0, None, true),
        ];
        let mut score = Score::default();
        score.add(&reported.iter().collect::<Vec<_>>(), &known);
        assert_eq!((score.found, score.invented, score.missed, score.exact), (2, 1, 1, 0));
        assert!((score.f1() - 4.0 / 6.0).abs() < 1e-12);
        assert!((score.drift_sensitivity(false) - 0.5).abs() < 1e-12);
        assert!((score.drift_sensitivity(true) - 1.0 / 3.0).abs() < 1e-12);
        assert!((score.start[0].abs() - 0.0).abs() < 1e-12 || (score.start[0] - 0.1).abs() < 1e-9);
    }

    #[test]
    fn one_report_cannot_match_two_truths() {
        let reported = [rep(1.0, 5.0, Verdict::TrueHinge)];
        let known = [truth(1.0, 3.0, None, false), truth(3.0, 5.0, None, false)];
        let mut score = Score::default();
        score.add(&[&reported[0]], &known);
        assert_eq!((score.found, score.missed, score.invented), (1, 1, 0));
    }

    #[test]
    fn honest_uncertainty_scores_one() {
        let errors: Vec<MetricError> =
            [1.0, -1.0, 1.0, -1.0].map(|error| MetricError { error, sigma: 1.0, truth: 0.0 }).into();
        assert_eq!(honesty(&errors), (1.0, 1.0));
        assert_eq!(agreement(&errors).0, 0.0);
    }
}
