//! A repetition: when it happened, what was measured, and how it was judged.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::correction::{CorrectedTo, Correction};
use crate::quantity::{Measured, Metres, One, PlaneAngle, Quantity, Scalar, SpecificForceUnit};
use crate::time::{SessionTime, Span};
pub use crate::verdict::Verdict;
use crate::words::Language;

/// One counted repetition.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rep {
    /// 1-based number within its set.
    #[serde(rename = "rep")]
    pub number: u32,
    /// Onset to return, half-open.
    pub span: Span,
    /// Deepest point: the middle of the bottom, s.
    #[serde(rename = "turn_s", serialize_with = "crate::json::seconds")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub turn: SessionTime,
    /// Its parts.
    pub phases: Phases,
    /// Numbers without opinion.
    pub metrics: RepMetrics,
    /// What each of them is uncertain by, in its SI unit; in JSON by source, in the unit of the key above.
    #[serde(serialize_with = "crate::json::budgets")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::json::Budgets"))]
    pub budgets: BTreeMap<Metric, Budget>,
    /// Opinion with its reasons, as it was computed; [`Rep::verdict`] is what holds.
    pub judgement: Judgement,
    /// What a person made of it since; null if nobody did.
    #[cfg_attr(feature = "store", bitcode(skip))]
    pub by_hand: Option<Correction>,
    /// Signals over normalised time, 0 to 100 % of the span.
    pub curves: Vec<Curve>,
}

impl Rep {
    /// The verdict that holds: a person's, if somebody corrected it, else the computed one.
    pub fn verdict(&self) -> Verdict {
        match self.by_hand.as_ref().map(|correction| correction.change) {
            Some(CorrectedTo::Verdict { verdict }) => verdict,
            Some(CorrectedTo::Excluded) | None => self.judgement.verdict,
        }
    }

    /// Whether it counts: nobody excluded it.
    pub fn counts(&self) -> bool {
        !self.by_hand.as_ref().is_some_and(|correction| correction.change == CorrectedTo::Excluded)
    }
}

/// Parts of a repetition, half-open and touching: quiet stance, descent, bottom, ascent.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Phases {
    /// The stance the changes are measured from.
    pub quiet_stance: Span,
    /// From the onset to the bottom.
    pub descent: Span,
    /// The turn, as long as it lasts.
    pub bottom: Span,
    /// From the bottom to the return.
    pub ascent: Span,
}

/// Numbers of one repetition: changes from the quiet stance before it to the peak, in anatomical signs.
/// `None` where the sensors worn cannot say it.
#[derive(Clone, PartialEq, Debug, Default)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct RepMetrics {
    /// Knee joint centre, forward positive: shank length times the change of the sine of shank inclination.
    pub knee_forward: Option<Measured<Metres>>,
    /// The part of `knee_forward` that was seen beside a gap in the shank sensor's data, where the whole is not known: the knee
    /// went at least this far.
    pub knee_forward_seen: Option<Measured<Metres>>,
    /// `knee_forward` on the way down, to the deepest point.
    pub knee_forward_descent: Option<Measured<Metres>>,
    /// `knee_forward` at the deepest point, [`Rep::turn`]. Where the knee stays, the peak lies at the edges of the repetition and says
    /// little; this is where the movement is largest.
    pub knee_forward_turn: Option<Measured<Metres>>,
    /// `knee_forward` on the way up, from the deepest point.
    pub knee_forward_ascent: Option<Measured<Metres>>,
    /// Travel of the knee for travel of the hips, both at the deepest point: forward positive. Only where the hips surely went back.
    pub knee_per_hip: Option<Measured<One>>,
    /// Hip joint centre, backward positive.
    pub hip_back: Option<Measured<Metres>>,
    /// Hip joint centre, downward positive.
    pub hip_drop: Option<Measured<Metres>>,
    /// Shank, forward positive (largest forward lean).
    pub shank_tilt: Option<Measured<PlaneAngle>>,
    /// Pelvis in the sagittal plane, anterior positive.
    pub pelvis_tilt: Option<Measured<PlaneAngle>>,
    /// Knee, flexion positive.
    pub knee_flexion: Option<Measured<PlaneAngle>>,
    /// Hip, flexion positive.
    pub hip_flexion: Option<Measured<PlaneAngle>>,
    /// Pelvis in the frontal plane, free side down positive.
    pub pelvis_drop: Option<Measured<PlaneAngle>>,
    /// Pelvis about the vertical, largest turn either way, not negative.
    pub pelvis_rotation: Option<Measured<PlaneAngle>>,
    /// Root mean square of the side-to-side movement of the pelvis sensor during the repetition.
    pub sway: Option<Measured<Metres>>,
    /// How far the shank moved from side to side: the range of its frontal lean during the repetition, not negative.
    pub shank_sway: Option<Measured<PlaneAngle>>,
    /// Largest jolt at the shank: departure of its specific force from the usual norm. A planted foot gives none.
    pub foot_knock: Option<Measured<SpecificForceUnit>>,
    /// Trunk against pelvis in the sagittal plane, flexion (rounding) positive; needs a trunk sensor.
    pub spine_flexion: Option<Measured<PlaneAngle>>,
}

/// A number of [`RepMetrics`], by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Knee-forward travel: [`RepMetrics::knee_forward`].
    KneeForward,
    /// Knee-forward travel, at least: [`RepMetrics::knee_forward_seen`].
    KneeForwardSeen,
    /// Knee forward on the way down: [`RepMetrics::knee_forward_descent`].
    KneeForwardDescent,
    /// Knee forward at the bottom: [`RepMetrics::knee_forward_turn`].
    KneeForwardTurn,
    /// Knee forward on the way up: [`RepMetrics::knee_forward_ascent`].
    KneeForwardAscent,
    /// Knee travel for hip travel: [`RepMetrics::knee_per_hip`].
    KneePerHip,
    /// Hip-back travel: [`RepMetrics::hip_back`].
    HipBack,
    /// Hip drop: [`RepMetrics::hip_drop`].
    HipDrop,
    /// Shin lean change: [`RepMetrics::shank_tilt`].
    ShankTilt,
    /// Pelvis tilt change: [`RepMetrics::pelvis_tilt`].
    PelvisTilt,
    /// Knee flexion change: [`RepMetrics::knee_flexion`].
    KneeFlexion,
    /// Hip flexion change: [`RepMetrics::hip_flexion`].
    HipFlexion,
    /// Pelvic drop: [`RepMetrics::pelvis_drop`].
    PelvisDrop,
    /// Pelvic rotation: [`RepMetrics::pelvis_rotation`].
    PelvisRotation,
    /// Side-to-side sway: [`RepMetrics::sway`].
    Sway,
    /// Side-to-side lean of the shin: [`RepMetrics::shank_sway`].
    ShankSway,
    /// Jolt at the shin: [`RepMetrics::foot_knock`].
    FootKnock,
    /// Spine flexion change: [`RepMetrics::spine_flexion`].
    SpineFlexion,
}

/// A value in the unit people read (mm, degrees, m/s² or per cent) with its 1-sigma uncertainty.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reading {
    /// Best estimate.
    pub value: f64,
    /// Standard uncertainty.
    pub sigma: f64,
}

impl Reading {
    /// `12 ± 3` for lengths, `12.3 ± 0.4` for angles, without the unit.
    pub fn words(self, metric: Metric) -> String {
        let digits = metric.digits();
        format!("{} ± {:.digits$}", rounded(self.value, digits), self.sigma)
    }

    /// `12 ± 4 mm`, `12.3 ± 0.4°` or `1.2 ± 0.3 m/s²`.
    pub fn words_with_unit(self, metric: Metric) -> String {
        let unit = match metric.unit() {
            "deg" => "°",
            "m/s2" => " m/s²",
            "%" => " %",
            _ => " mm",
        };
        self.words(metric) + unit
    }

    /// The value alone, rounded for reading.
    pub fn value_words(self, metric: Metric) -> String {
        rounded(self.value, metric.digits())
    }
}

/// A rounded number that is never "-0".
fn rounded(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.strip_prefix('-') {
        Some(size) if size.chars().all(|c| matches!(c, '0' | '.')) => size.to_owned(),
        _ => text,
    }
}

impl Metric {
    /// Digits after the point that people need.
    const fn digits(self) -> usize {
        match self.unit().as_bytes() {
            b"mm" | b"%" => 0,
            _ => 1,
        }
    }

    /// All, in table order.
    pub const ALL: [Self; 18] = [
        Self::KneeForward,
        Self::KneeForwardSeen,
        Self::KneeForwardDescent,
        Self::KneeForwardTurn,
        Self::KneeForwardAscent,
        Self::KneePerHip,
        Self::HipBack,
        Self::HipDrop,
        Self::ShankTilt,
        Self::PelvisTilt,
        Self::KneeFlexion,
        Self::HipFlexion,
        Self::PelvisDrop,
        Self::PelvisRotation,
        Self::Sway,
        Self::ShankSway,
        Self::FootKnock,
        Self::SpineFlexion,
    ];

    /// Name in tables, without unit.
    pub const fn name(self) -> &'static str {
        match self {
            Self::KneeForward => "knee_forward",
            Self::KneeForwardSeen => "knee_forward_seen",
            Self::KneeForwardDescent => "knee_forward_descent",
            Self::KneeForwardTurn => "knee_forward_turn",
            Self::KneeForwardAscent => "knee_forward_ascent",
            Self::KneePerHip => "knee_per_hip",
            Self::HipBack => "hip_back",
            Self::HipDrop => "hip_drop",
            Self::ShankTilt => "shank_tilt",
            Self::PelvisTilt => "pelvis_tilt",
            Self::KneeFlexion => "knee_flexion",
            Self::HipFlexion => "hip_flexion",
            Self::PelvisDrop => "pelvis_drop",
            Self::PelvisRotation => "pelvis_rotation",
            Self::Sway => "sway",
            Self::ShankSway => "shank_sway",
            Self::FootKnock => "foot_knock",
            Self::SpineFlexion => "spine_flexion",
        }
    }

    /// Name on the page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::KneeForward => "Knee-forward travel",
            Self::KneeForwardSeen => "Knee-forward travel, at least",
            Self::KneeForwardDescent => "Knee forward on the way down",
            Self::KneeForwardTurn => "Knee forward at the bottom",
            Self::KneeForwardAscent => "Knee forward on the way up",
            Self::KneePerHip => "Knee travel for hip travel",
            Self::HipBack => "Hip-back travel",
            Self::HipDrop => "Hip drop",
            Self::ShankTilt => "Shin lean change",
            Self::PelvisTilt => "Pelvis tilt change",
            Self::KneeFlexion => "Knee flexion change",
            Self::HipFlexion => "Hip flexion change",
            Self::PelvisDrop => "Pelvic drop",
            Self::PelvisRotation => "Pelvic rotation",
            Self::Sway => "Side-to-side sway",
            Self::ShankSway => "Side-to-side lean of the shin",
            Self::FootKnock => "Jolt at the shin",
            Self::SpineFlexion => "Spine flexion change",
        }
    }

    /// Name in tables and in JSON, with the unit at its end: `knee_forward_mm`.
    pub fn column(self) -> String {
        let name = self.name();
        match self.unit() {
            "m/s2" => format!("{name}_m_s2"),
            "%" => format!("{name}_pct"),
            unit => format!("{name}_{unit}"),
        }
    }

    /// Unit of [`Reading`]s of this metric: `mm`, `deg`, `%` or `m/s2`.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::KneeForward
            | Self::KneeForwardSeen
            | Self::KneeForwardDescent
            | Self::KneeForwardTurn
            | Self::KneeForwardAscent
            | Self::HipBack
            | Self::HipDrop
            | Self::Sway => "mm",
            Self::KneePerHip => "%",
            Self::FootKnock => "m/s2",
            _ => "deg",
        }
    }

    /// A number of this metric in [`Metric::unit`], from the SI unit.
    pub fn in_unit(self, si: f64) -> f64 {
        match self.unit().as_bytes() {
            b"mm" => Scalar::from_metres(si).millimetres(),
            b"deg" => Scalar::from_radians(si).degrees(),
            b"%" => Scalar::<One>::from_si(si).percent(),
            _ => si,
        }
    }
}

impl RepMetrics {
    /// The number of a metric in the unit people read.
    pub fn reading(&self, metric: Metric) -> Option<Reading> {
        fn reading<Q: Quantity>(measured: Option<Measured<Q>>, unit: fn(Scalar<Q>) -> f64) -> Option<Reading> {
            measured.map(|m| Reading { value: unit(m.value), sigma: unit(m.sigma) })
        }
        let mm = |m: Option<Measured<Metres>>| reading(m, Scalar::millimetres);
        let deg = |m: Option<Measured<PlaneAngle>>| reading(m, Scalar::degrees);
        match metric {
            Metric::KneeForward => mm(self.knee_forward),
            Metric::KneeForwardSeen => mm(self.knee_forward_seen),
            Metric::KneeForwardDescent => mm(self.knee_forward_descent),
            Metric::KneeForwardTurn => mm(self.knee_forward_turn),
            Metric::KneeForwardAscent => mm(self.knee_forward_ascent),
            Metric::KneePerHip => reading(self.knee_per_hip, Scalar::percent),
            Metric::HipBack => mm(self.hip_back),
            Metric::HipDrop => mm(self.hip_drop),
            Metric::ShankTilt => deg(self.shank_tilt),
            Metric::PelvisTilt => deg(self.pelvis_tilt),
            Metric::KneeFlexion => deg(self.knee_flexion),
            Metric::HipFlexion => deg(self.hip_flexion),
            Metric::PelvisDrop => deg(self.pelvis_drop),
            Metric::PelvisRotation => deg(self.pelvis_rotation),
            Metric::Sway => mm(self.sway),
            Metric::ShankSway => deg(self.shank_sway),
            Metric::FootKnock => reading(self.foot_knock, Scalar::si),
            Metric::SpineFlexion => deg(self.spine_flexion),
        }
    }
}

/// What a piece of evidence tests.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Knee-forward travel beyond its fault limit.
    KneeForwardFault,
    /// Knee-forward travel within its good limit.
    KneeForwardGood,
    /// Knee-forward travel seen beside a gap in the data beyond the fault limit.
    KneeForwardSeenFault,
    /// Knee-forward travel on the way down beyond the fault limit.
    KneeForwardDescentFault,
    /// Knee-forward travel on the way up beyond the fault limit.
    KneeForwardAscentFault,
    /// Hip-back travel below its fault limit.
    HipBackFault,
    /// Hip-back travel at least its good limit.
    HipBackGood,
    /// Knee flexion beyond its fault limit.
    KneeFlexionFault,
    /// Pelvic drop beyond its fault limit.
    PelvisDropFault,
    /// Pelvic rotation beyond its fault limit.
    PelvisRotationFault,
    /// Side-to-side lean of the shank beyond its fault limit.
    ShankSwayFault,
    /// A jolt at the shank beyond its fault limit.
    FootKnockFault,
    /// Spine flexion beyond its fault limit.
    SpineFlexionFault,
}

impl Criterion {
    /// The metric it tests.
    pub const fn metric(self) -> Metric {
        match self {
            Self::KneeForwardFault | Self::KneeForwardGood => Metric::KneeForward,
            Self::KneeForwardSeenFault => Metric::KneeForwardSeen,
            Self::KneeForwardDescentFault => Metric::KneeForwardDescent,
            Self::KneeForwardAscentFault => Metric::KneeForwardAscent,
            Self::HipBackFault | Self::HipBackGood => Metric::HipBack,
            Self::KneeFlexionFault => Metric::KneeFlexion,
            Self::PelvisDropFault => Metric::PelvisDrop,
            Self::PelvisRotationFault => Metric::PelvisRotation,
            Self::ShankSwayFault => Metric::ShankSway,
            Self::FootKnockFault => Metric::FootKnock,
            Self::SpineFlexionFault => Metric::SpineFlexion,
        }
    }

    /// Name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::KneeForwardFault => "knee_forward_fault",
            Self::KneeForwardGood => "knee_forward_good",
            Self::KneeForwardSeenFault => "knee_forward_seen_fault",
            Self::KneeForwardDescentFault => "knee_forward_descent_fault",
            Self::KneeForwardAscentFault => "knee_forward_ascent_fault",
            Self::HipBackFault => "hip_back_fault",
            Self::HipBackGood => "hip_back_good",
            Self::KneeFlexionFault => "knee_flexion_fault",
            Self::PelvisDropFault => "pelvis_drop_fault",
            Self::PelvisRotationFault => "pelvis_rotation_fault",
            Self::ShankSwayFault => "shank_sway_fault",
            Self::FootKnockFault => "foot_knock_fault",
            Self::SpineFlexionFault => "spine_flexion_fault",
        }
    }
}

/// One test behind a verdict, in the unit of its metric (mm or degrees).
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct Evidence {
    /// What was tested.
    pub criterion: Criterion,
    /// The measured value and its uncertainty.
    pub reading: Reading,
    /// The limit it was held against.
    pub limit: f64,
    /// How far the value is on the criterion's side of the limit; negative when the criterion does not hold.
    pub margin: f64,
    /// Probability that the criterion holds, given the uncertainty.
    pub probability: f64,
}

/// Something worth knowing beside the verdict.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Flag {
    /// The knee went forward on the way down, beyond the fault limit, and was back at the bottom.
    EarlyDrift,
    /// The knee stayed to the bottom and went forward on the way up, beyond the fault limit.
    LateDrift,
    /// The supporting knee bent too much.
    KneeBend,
    /// The free side of the pelvis dropped.
    PelvisDrop,
    /// The pelvis turned about the vertical.
    PelvisRotation,
    /// The shank leaned from side to side: balance was nearly lost.
    BalanceLoss,
    /// A jolt went through the shank: the heel came down, or the free foot touched.
    FootMoved,
    /// The back rounded.
    SpineFlexion,
    /// Faster than the protocol asks for.
    TooFast,
}

impl Flag {
    /// Name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EarlyDrift => "early_drift",
            Self::LateDrift => "late_drift",
            Self::KneeBend => "knee_bend",
            Self::PelvisDrop => "pelvis_drop",
            Self::PelvisRotation => "pelvis_rotation",
            Self::BalanceLoss => "balance_loss",
            Self::FootMoved => "foot_moved",
            Self::SpineFlexion => "spine_flexion",
            Self::TooFast => "too_fast",
        }
    }

    /// Name on the page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::EarlyDrift => "knee forward on the way down",
            Self::LateDrift => "knee forward on the way up",
            Self::KneeBend => "knee bend",
            Self::PelvisDrop => "pelvic drop",
            Self::PelvisRotation => "pelvic rotation",
            Self::BalanceLoss => "balance nearly lost",
            Self::FootMoved => "heel lifted or foot touched down",
            Self::SpineFlexion => "rounded back",
            Self::TooFast => "too fast",
        }
    }
}

impl Flag {
    /// The test that names it; how long a descent lasted is no test with an uncertainty.
    pub const fn criterion(self) -> Option<Criterion> {
        match self {
            Self::EarlyDrift => Some(Criterion::KneeForwardDescentFault),
            Self::LateDrift => Some(Criterion::KneeForwardAscentFault),
            Self::KneeBend => Some(Criterion::KneeFlexionFault),
            Self::PelvisDrop => Some(Criterion::PelvisDropFault),
            Self::PelvisRotation => Some(Criterion::PelvisRotationFault),
            Self::BalanceLoss => Some(Criterion::ShankSwayFault),
            Self::FootMoved => Some(Criterion::FootKnockFault),
            Self::SpineFlexion => Some(Criterion::SpineFlexionFault),
            Self::TooFast => None,
        }
    }
}

/// Why a repetition got its verdict.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// Knee stayed and hips went back, surely enough.
    HingeSure,
    /// The knee went beyond the fault limit, surely enough.
    KneeForwardSure,
    /// The knee was beyond the fault limit, surely enough, in the part that was seen beside a gap in the data.
    KneeForwardSeen,
    /// The hips stayed short of the fault limit, surely enough.
    HipTravelShort,
    /// The best estimate lies in the grey zone between good and fault.
    GreyZone,
    /// The best estimate is on one side, but its uncertainty reaches over the limit.
    TooUncertain,
    /// A number the verdict needs could not be measured.
    NotMeasured,
    /// A sensor does not come back to its place after the repetitions of this set: neither they nor their numbers can be trusted.
    SensorLoose,
    /// A sensor did not move in any repetition of this set: it is not worn.
    SensorUnworn,
    /// The leg that was named is perhaps not the one that carries the body and the sensor: the movements lean away from it, or the sensors
    /// were put on anew since, or one faces the other way.
    OtherLeg,
    /// Smaller and shorter than the usual repetition of its set: it may have been broken off.
    PerhapsBrokenOff,
    /// It ended in another posture than it began in: it may be a part of a larger movement, measured from within it.
    PerhapsPart,
    /// One movement alone is no set, and nobody marked one.
    Alone,
}

impl Cause {
    /// Code in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HingeSure => "hinge_sure",
            Self::KneeForwardSure => "knee_forward_sure",
            Self::KneeForwardSeen => "knee_forward_seen",
            Self::HipTravelShort => "hip_travel_short",
            Self::GreyZone => "grey_zone",
            Self::TooUncertain => "too_uncertain",
            Self::NotMeasured => "not_measured",
            Self::SensorLoose => "sensor_loose",
            Self::SensorUnworn => "sensor_unworn",
            Self::OtherLeg => "other_leg",
            Self::PerhapsBrokenOff => "perhaps_broken_off",
            Self::PerhapsPart => "perhaps_part",
            Self::Alone => "alone",
        }
    }
}

/// A verdict with its reasons.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Judgement {
    /// What the repetition was.
    #[serde(rename = "label")]
    pub verdict: Verdict,
    /// Why.
    pub cause: Cause,
    /// Probability that the verdict is not on the wrong side of the grey zone: for a fault, that the true value is not good;
    /// for a hinge, that neither is a fault (for `indeterminate`: of the likeliest verdict).
    pub probability: f64,
    /// The tests behind it.
    pub evidence: Vec<Evidence>,
    /// What else was seen.
    pub flags: Vec<Flag>,
}

impl Judgement {
    /// What was seen beside the verdict, each with its value: `knee forward on the way up (34 ± 3 mm)`.
    pub fn flags_in_words(&self) -> Vec<String> {
        let tested = |flag: Flag| self.evidence.iter().find(|evidence| Some(evidence.criterion) == flag.criterion());
        let value = |evidence: &Evidence| {
            let metric = evidence.criterion.metric();
            format!(" ({})", evidence.reading.words_with_unit(metric))
        };
        self.flags.iter().map(|flag| flag.title().to_owned() + &tested(*flag).map_or_else(String::new, value)).collect()
    }

    /// The same evidence without a verdict and without flags, for this cause.
    #[must_use]
    pub fn withheld(self, cause: Cause) -> Self {
        Self { verdict: Verdict::Indeterminate, cause, flags: Vec::new(), ..self }
    }
}

/// Why a movement was not counted.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rejection {
    /// Too small to be an attempt. `excursion_deg`: largest inclination change of any sensor; `limit_deg`: what an attempt needs.
    TooSmall {
        /// Largest inclination change, degrees.
        excursion_deg: f64,
        /// Least that counts, degrees.
        limit_deg: f64,
    },
    /// The data begin or end inside it: at the start or end of the recording, of a marked set, or at a slip of a sensor.
    CutOff,
    /// The feet moved: walking, stepping, re-balancing.
    Stepping,
    /// No quiet stance before it.
    NoQuietStance,
    /// Data missing for longer than allowed.
    DataGap {
        /// Length of the gap, s.
        #[serde(rename = "length_s")]
        seconds: f64,
    },
    /// It did not come back: a change of posture, not a repetition.
    NoReturn {
        /// Where it ended, as a share of its excursion.
        share: f64,
    },
    /// Shorter or longer than a repetition can be.
    Duration {
        /// Its length, s.
        #[serde(rename = "length_s")]
        seconds: f64,
    },
    /// Before the set began or after it ended, as marked or as inferred from the stance.
    OutsideSet,
    /// It turned about the vertical and did not bend. `share`: of its turning that was about horizontal axes.
    Twist {
        /// Share of the squared angular rate, 0 to 1.
        share: f64,
    },
    /// The foot did not stay where it was: the shank did not turn about one point.
    FootMoved {
        /// Root mean square of the acceleration that no such point explains, m/s².
        #[serde(rename = "unexplained_m_s2")]
        unexplained_m_per_s2: f64,
    },
    /// Made on both legs, as the shank's lean shows.
    TwoLegs {
        /// Lean to the supporting side against the stance on both legs, degrees.
        lean_deg: f64,
    },
    /// Nobody was seen to change from two legs to one, and no set was marked.
    OneLegUnseen,
    /// The person sat or squatted down.
    Sat {
        /// By which the hip sank, mm.
        drop_mm: f64,
    },
}

impl Rejection {
    /// Code in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooSmall { .. } => "too_small",
            Self::CutOff => "cut_off",
            Self::Stepping => "stepping",
            Self::NoQuietStance => "no_quiet_stance",
            Self::DataGap { .. } => "data_gap",
            Self::NoReturn { .. } => "no_return",
            Self::Duration { .. } => "duration",
            Self::OutsideSet => "outside_set",
            Self::Twist { .. } => "twist",
            Self::FootMoved { .. } => "foot_moved",
            Self::TwoLegs { .. } => "two_legs",
            Self::OneLegUnseen => "one_leg_unseen",
            Self::Sat { .. } => "sat",
        }
    }

    /// Code of several of the same everyday kind; `None` for what deserves its own line.
    pub(crate) const fn common_kind(self) -> Option<&'static str> {
        match self {
            Self::TooSmall { .. } | Self::Duration { .. } => Some("size"),
            Self::Stepping => Some("stepping"),
            Self::OutsideSet => Some("outside_set"),
            Self::Twist { .. } => Some("twist"),
            Self::FootMoved { .. } => Some("foot_moved"),
            Self::TwoLegs { .. } => Some("two_legs"),
            Self::OneLegUnseen => Some("one_leg_unseen"),
            Self::CutOff | Self::NoQuietStance | Self::DataGap { .. } | Self::NoReturn { .. } | Self::Sat { .. } => {
                None
            }
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Language::English.rejection(self))
    }
}

/// A movement that was looked at and not counted.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RejectedCandidate {
    /// When.
    pub span: Span,
    /// Why.
    pub rejection: Rejection,
}

/// A signal drawn over the repetition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Shank inclination change, degrees, forward positive.
    ShankTilt,
    /// Pelvic tilt change, degrees, anterior positive.
    PelvisTilt,
    /// Knee-forward travel, mm.
    KneeForward,
    /// Hip-back travel, mm.
    HipBack,
    /// Knee flexion change, degrees.
    KneeFlexion,
    /// Pelvic drop, degrees, free side down positive.
    PelvisDrop,
}

impl Signal {
    /// All, in page order.
    pub const ALL: [Self; 6] =
        [Self::ShankTilt, Self::PelvisTilt, Self::KneeForward, Self::HipBack, Self::KneeFlexion, Self::PelvisDrop];

    /// Name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ShankTilt => "shank_tilt",
            Self::PelvisTilt => "pelvis_tilt",
            Self::KneeForward => "knee_forward",
            Self::HipBack => "hip_back",
            Self::KneeFlexion => "knee_flexion",
            Self::PelvisDrop => "pelvis_drop",
        }
    }

    /// Unit of the values: `mm` or `deg`.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::KneeForward | Self::HipBack => "mm",
            _ => "deg",
        }
    }

    /// The metric whose peak this signal shows.
    pub const fn metric(self) -> Metric {
        match self {
            Self::ShankTilt => Metric::ShankTilt,
            Self::PelvisTilt => Metric::PelvisTilt,
            Self::KneeForward => Metric::KneeForward,
            Self::HipBack => Metric::HipBack,
            Self::KneeFlexion => Metric::KneeFlexion,
            Self::PelvisDrop => Metric::PelvisDrop,
        }
    }
}

/// A signal at 0, 1, ..., 100 % of the repetition, in its unit.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct Curve {
    /// Which signal.
    pub signal: Signal,
    /// 101 values.
    pub values: Vec<f64>,
}

impl Curve {
    /// Number of points of a curve: 0 to 100 %.
    pub const POINTS: usize = 101;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_are_rounded_as_people_read_them() {
        let words = |value, metric| Reading { value, sigma: 2.26 }.words(metric);
        assert_eq!(words(-0.4, Metric::KneeForward), "0 ± 2");
        assert_eq!(words(-0.6, Metric::KneeForward), "-1 ± 2");
        assert_eq!(words(-0.04, Metric::PelvisTilt), "0.0 ± 2.3");
        assert_eq!(words(12.34, Metric::PelvisTilt), "12.3 ± 2.3");
    }
}
