//! What truly happened: computed from the bones, never from a sensor.

use nalgebra::Vector3;
use truehinge_core::{Angle, HingeCriteria, Length, Measured, RepMetrics, Scalar, SessionTime, Side, Span, Verdict};

use crate::movement::{Coordinate, Plan};
use crate::skeleton::{BonePose, Leg, Skeleton};

/// What kind of repetition the athlete does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RepKind {
    /// Hips back, knee stays.
    Hinge,
    /// Knee travels forward.
    KneeDrift,
    /// The trunk bows but the hips hardly move.
    TooSmall,
    /// Between hinge and drift.
    Grey,
    /// Turned back early; not a repetition.
    Aborted,
}

/// One true repetition.
#[derive(Clone, PartialEq, Debug)]
pub struct TrueRep {
    /// 1-based number of the leg's block.
    pub block: u32,
    /// Supporting leg.
    pub side: Side,
    /// What was done.
    pub kind: RepKind,
    /// 5 % of the way out to 5 % of the way back.
    pub span: Span,
    /// At least 95 % of the way.
    pub bottom: Span,
    /// Exact changes from the quarter second before the span to the peak within it; sigmas are zero.
    pub metrics: RepMetrics,
}

impl TrueRep {
    /// The verdict the limits demand for the true numbers; `None` in the grey zone.
    pub fn expected(&self, limits: &HingeCriteria) -> Option<Verdict> {
        limits.of_truth(self.metrics.knee_forward?.value, self.metrics.hip_back?.value)
    }
}

/// Everything that truly happened in a session.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Truth {
    /// Repetitions, in order.
    pub reps: Vec<TrueRep>,
    /// Attempts that were broken off.
    pub aborted: Vec<Span>,
    /// Signs with the leg.
    pub signs: Vec<TrueSigns>,
}

/// A sign that somebody makes with the leg that wears the shin sensor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// The heel comes up behind, and goes down again.
    HeelUp,
    /// The toes go out on the heel, and back.
    ToesOut,
}

/// Signs that were made one after the other.
#[derive(Clone, PartialEq, Debug)]
pub struct TrueSigns {
    /// Which.
    pub signs: Vec<Sign>,
    /// From the first movement to the end of the last sign.
    pub span: Span,
}

/// Samples of truth per second.
const RATE: f64 = 200.0;
/// Stance the changes are measured from, s.
const BASELINE: f64 = 0.25;

/// Scalars of the bones at one instant, in the order of the metrics they become.
struct Instant {
    knee: f64,
    back: f64,
    drop: f64,
    shank: f64,
    tilt: f64,
    flexion: f64,
    hip_flexion: f64,
    pelvis_drop: f64,
    heading: f64,
    shank_left_lean: f64,
    spine: f64,
    across: f64,
}

/// Where the right axis of a bone points.
fn right(bone: &BonePose) -> Vector3<f64> {
    bone.rotation.values().column(2).into_owned()
}

/// Angle of a direction above the horizontal, rad.
fn elevation(direction: Vector3<f64>) -> f64 {
    direction.z.atan2(direction.xy().norm())
}

fn at(leg: &Leg, plan: &Plan, seconds: f64) -> Instant {
    let c = plan.coordinates(seconds);
    let bones = Skeleton::new(leg, &c);
    let (shank, thigh, tilt) =
        (c.of(Coordinate::Shank).value, bones.thigh_lean.value, c.of(Coordinate::PelvisTilt).value);
    Instant {
        knee: bones.thigh.origin[0].value,
        back: -bones.pelvis.origin[0].value,
        drop: -bones.pelvis.origin[2].value,
        shank,
        tilt,
        flexion: shank - thigh,
        hip_flexion: tilt - thigh,
        // Of the pelvis' right axis, as is usual [Baker2001]: its elevation and its heading.
        pelvis_drop: leg.side.lateral_sign() * elevation(right(&bones.pelvis)),
        heading: right(&bones.pelvis).x.atan2(-right(&bones.pelvis).y),
        shank_left_lean: elevation(right(&bones.shank)),
        spine: c.of(Coordinate::SpineFlexion).value,
        across: bones.pelvis.origin[1].value,
    }
}

/// Samples of truth from one time to another, s.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
fn samples(from: f64, to: f64) -> usize {
    ((to - from) * RATE).round() as usize
}

/// Exact metrics of a repetition over its span, with the deepest point at `turn` (s): changes from the stance before its first instant.
pub fn measure(leg: &Leg, plan: &Plan, onset: f64, (start, end): (f64, f64), turn: f64) -> RepMetrics {
    let sample = |from: f64, to: f64| -> Vec<Instant> {
        (0..=samples(from, to)).map(|i| at(leg, plan, from + i as f64 / RATE)).collect()
    };
    let (before, during) = (sample(onset - BASELINE, onset), sample(start, end));
    let base = |f: &dyn Fn(&Instant) -> f64| before.iter().map(f).sum::<f64>() / before.len() as f64;
    let peak = |f: &dyn Fn(&Instant) -> f64| {
        let base = base(f);
        during.iter().map(|i| f(i) - base).fold(f64::NEG_INFINITY, f64::max)
    };
    let either_way = |f: &dyn Fn(&Instant) -> f64| {
        let base = base(f);
        during.iter().map(|i| (f(i) - base).abs()).fold(0.0, f64::max)
    };
    let centre = during.iter().map(|i| i.across).sum::<f64>() / during.len() as f64;
    let sway = (during.iter().map(|i| (i.across - centre).powi(2)).sum::<f64>() / during.len() as f64).sqrt();
    let deepest = samples(start, turn);
    let (knee, back) = (base(&|i| i.knee), base(&|i| i.back));
    let furthest = |part: &[Instant]| part.iter().map(|i| i.knee - knee).fold(f64::NEG_INFINITY, f64::max);
    let at_turn = (during[deepest].knee - knee, during[deepest].back - back);
    let length = |metres: f64| Some(exact(Length::from_metres(metres)));
    let angle = |radians: f64| Some(exact(Angle::from_radians(radians)));
    RepMetrics {
        knee_forward: length(peak(&|i| i.knee)),
        knee_forward_seen: None,
        knee_forward_descent: length(furthest(&during[..=deepest])),
        knee_forward_turn: length(at_turn.0),
        knee_forward_ascent: length(furthest(&during[deepest..])),
        knee_per_hip: Some(exact(Scalar::from_si(at_turn.0 / at_turn.1))),
        hip_back: length(peak(&|i| i.back)),
        hip_drop: length(peak(&|i| i.drop)),
        shank_tilt: angle(peak(&|i| i.shank)),
        pelvis_tilt: angle(peak(&|i| i.tilt)),
        knee_flexion: angle(peak(&|i| i.flexion)),
        hip_flexion: angle(peak(&|i| i.hip_flexion)),
        pelvis_drop: angle(peak(&|i| i.pelvis_drop)),
        pelvis_rotation: angle(either_way(&|i| i.heading)),
        sway: length(sway),
        shank_sway: angle(peak(&|i| i.shank_left_lean) + peak(&|i| -i.shank_left_lean)),
        foot_knock: None,
        spine_flexion: angle(peak(&|i| i.spine)),
    }
}

fn exact<Q: truehinge_core::quantity::Quantity>(value: Scalar<Q>) -> Measured<Q> {
    Measured::new(value, Scalar::ZERO)
}

/// A span from seconds of true time.
pub fn span((start, end): (f64, f64)) -> Span {
    Span::new(SessionTime::from_seconds(start), SessionTime::from_seconds(end))
}
