//! Numbers for the figures, in millimetres and degrees.

use truehinge_core::rep::Reading;
use truehinge_core::trend::{Symmetry, Trend};
use truehinge_core::{Curve, Metric, Rejection, SensorQuality, SensorRole, Side, Signal, Span, Verdict};

use super::input::Content;
use super::labels::{Placed, letter};
use super::legs::{Bullet, Leg};

/// Numbers for the figures.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FigureData {
    /// One per repetition that is shown, in order of time.
    pub reps: Vec<FigureRep>,
    /// Good and fault limit of knee-forward travel, mm.
    pub knee_limits: (f64, f64),
    /// Good and fault limit of hip-back travel, mm.
    pub hip_limits: (f64, f64),
    /// Shank and thigh, mm: the chain that is drawn.
    pub segments: (f64, f64),
    /// Bars of the first page, by name.
    pub bars: Vec<(String, Bullet)>,
    /// Over sessions.
    pub trends: Vec<Trend>,
    /// Left against right.
    pub symmetry: Vec<Symmetry>,
    /// What happened in each session.
    pub timelines: Vec<Timeline>,
}

/// One repetition for the figures.
#[derive(Clone, PartialEq, Debug)]
pub struct FigureRep {
    /// What it is called.
    pub name: String,
    /// Supporting leg.
    pub side: Option<Side>,
    /// Its session, set and number.
    pub place: (usize, u32, u32),
    /// The verdict that holds.
    pub verdict: Verdict,
    /// Whether it counts.
    pub counts: bool,
    /// Knee-forward travel, mm.
    pub knee: Option<Reading>,
    /// Hip-back travel, mm.
    pub hip: Option<Reading>,
    /// Signals over 0..100 %, in the order of `Signal::ALL`.
    pub curves: Vec<Vec<f64>>,
    /// Where in it the deepest point is, % of it.
    pub turn: usize,
}

impl FigureRep {
    /// A signal over 0..100 %, if it was measured at every point.
    pub fn curve(&self, signal: Signal) -> Option<&[f64]> {
        let index = Signal::ALL.iter().position(|of| *of == signal)?;
        self.curves.get(index).map(Vec::as_slice).filter(|values| values.len() == Curve::POINTS)
    }

    /// Whether its movement is that of a true hinge that counts.
    pub fn is_hinge(&self) -> bool {
        self.counts && self.verdict == Verdict::TrueHinge
    }
}

/// What happened when, s.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Timeline {
    /// Letter of the session.
    pub letter: String,
    /// Length of the recording.
    pub length_s: f64,
    /// Quiet stances.
    pub quiet: Vec<(f64, f64)>,
    /// Repetitions, with name and verdict.
    pub reps: Vec<(f64, f64, Verdict)>,
    /// What was not counted.
    pub rejected: Vec<(f64, f64)>,
    /// Findings that have a time.
    pub findings: Vec<(f64, f64)>,
    /// Its sensors.
    pub sensors: Vec<Lane>,
}

/// A sensor along the session.
#[derive(Clone, PartialEq, Debug)]
pub struct Lane {
    /// Which sensor.
    pub role: SensorRole,
    /// Stretches that have data.
    pub covered: Vec<(f64, f64)>,
    /// Stretches with how late the latest of their packets came, ms; none without arrival times.
    pub delays: Vec<(f64, f64, f64)>,
}

pub fn figures(content: &Content<'_>, placed: &[Placed<'_>], legs: &[Leg]) -> FigureData {
    let Some(latest) = content.sessions.last() else { return FigureData::default() };
    let c = &latest.provenance.protocol.criteria;
    let body = &latest.info.body;
    let bar = |headline: &super::Headline| Some((headline.bar.clone()?, headline.bullet?));
    FigureData {
        reps: placed.iter().map(rep).collect(),
        knee_limits: (c.knee_forward.good.millimetres(), c.knee_forward.fault.millimetres()),
        hip_limits: (c.hip_back.good.millimetres(), c.hip_back.fault.millimetres()),
        segments: (body.shank().value.millimetres(), body.thigh().value.millimetres()),
        bars: legs.iter().flat_map(|leg| &leg.headlines).filter_map(bar).collect(),
        trends: content.trends.to_vec(),
        symmetry: content.symmetry.to_vec(),
        timelines: timelines(content),
    }
}

fn rep(placed: &Placed<'_>) -> FigureRep {
    let (set, rep) = (placed.set, placed.rep);
    let curve = |signal: &Signal| {
        let found = rep.curves.iter().find(|curve| curve.signal == *signal).map(|curve| curve.values.clone());
        // A line with a hole in it is none.
        found.filter(|values| values.iter().all(|value| value.is_finite())).unwrap_or_default()
    };
    let share = (rep.turn.seconds() - rep.span.start.seconds()) / rep.span.length().seconds();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..100")]
    let turn = (100.0 * share).round().clamp(0.0, 100.0) as usize;
    let finite =
        |metric| rep.metrics.reading(metric).filter(|reading| reading.value.is_finite() && reading.sigma.is_finite());
    FigureRep {
        name: placed.name(),
        side: set.side,
        place: (placed.session, set.number, rep.number),
        verdict: rep.verdict(),
        counts: rep.counts(),
        knee: finite(Metric::KneeForward),
        hip: finite(Metric::HipBack),
        curves: Signal::ALL.iter().map(curve).collect(),
        turn,
    }
}

fn timelines(content: &Content<'_>) -> Vec<Timeline> {
    let seconds = |span: Span| (span.start.seconds(), span.end.seconds());
    let lane = |sensor: &SensorQuality| Lane {
        role: sensor.role,
        covered: sensor.covered.iter().copied().map(seconds).collect(),
        delays: sensor.delays.iter().map(|d| (d.span.start.seconds(), d.span.end.seconds(), d.most_ms)).collect(),
    };
    let timeline = |(index, session): (usize, &truehinge_core::SessionAnalysis)| {
        let rejected = session.sets.iter().flat_map(|set| &set.rejected);
        Timeline {
            letter: letter(index, content.sessions.len()),
            length_s: session.end.seconds(),
            quiet: session.sets.iter().flat_map(|set| &set.quiet_stances).copied().map(seconds).collect(),
            reps: session
                .reps()
                .map(|(_, rep)| (rep.span.start.seconds(), rep.span.end.seconds(), rep.verdict()))
                .collect(),
            // Fidgets are too small to be seen.
            rejected: rejected
                .filter(|rejected| !matches!(rejected.rejection, Rejection::TooSmall { .. }))
                .map(|rejected| seconds(rejected.span))
                .collect(),
            findings: session.findings.iter().filter_map(|finding| finding.span).map(seconds).collect(),
            sensors: session.sensors.iter().map(lane).collect(),
        }
    };
    content.sessions.iter().enumerate().map(timeline).collect()
}
