//! Exercise protocols: the limits a repetition is judged by. Every one can be edited in a protocol file, is printed on the
//! report and hashed into the provenance.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::json::tidy;
use crate::possible::{Impossible, within};
use crate::quantity::{Angle, Length, Quantity, Scalar};
use crate::rep::Verdict;

/// An exercise and the limits it is judged by. In files, lengths are millimetres and angles degrees.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "ProtocolFile", into = "ProtocolFile")]
pub struct Protocol {
    /// Short name, as in file names: `single-leg-hip-hinge`.
    pub name: String,
    /// Name on the page.
    pub title: String,
    /// On one leg or on two.
    pub stance: Stance,
    /// Limits of the verdict.
    pub criteria: HingeCriteria,
    /// How much of it is asked for.
    pub dose: Dose,
}

/// What the person stands on during the exercise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// One leg carries the body.
    OneLeg,
    /// One leg does, with a hand on something: balance says nothing about the hips.
    OneLegSupported,
    /// Both legs do.
    TwoLegs,
}

/// A two-sided limit: up to `good` is good, beyond `fault` is a fault, between is the grey zone.
/// For quantities where more is better `fault` is the smaller number.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct Limits<Q: Quantity> {
    /// Edge of what counts as good.
    pub good: Scalar<Q>,
    /// Edge of what counts as a fault.
    pub fault: Scalar<Q>,
}

/// Limits of the verdict; all values are changes from the quiet stance just before the repetition to its peak.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct HingeCriteria {
    /// Forward travel of the knee joint centre.
    pub knee_forward: Limits<crate::quantity::Metres>,
    /// Backward travel of the hip joint centre (more is better).
    pub hip_back: Limits<crate::quantity::Metres>,
    /// Increase of knee flexion.
    pub knee_flexion: Limits<crate::quantity::PlaneAngle>,
    /// Drop of the pelvis on the free side.
    pub pelvis_drop: Limits<crate::quantity::PlaneAngle>,
    /// Rotation of the pelvis about the vertical, either way.
    pub pelvis_rotation: Limits<crate::quantity::PlaneAngle>,
    /// Range of the shank's lean from side to side.
    pub shank_sway: Limits<crate::quantity::PlaneAngle>,
    /// Largest jolt at the shank.
    pub foot_knock: Limits<crate::quantity::SpecificForceUnit>,
    /// Increase of spine flexion (trunk against pelvis); judged only with a trunk sensor.
    pub spine_flexion: Limits<crate::quantity::PlaneAngle>,
    /// Shortest time from onset to the bottom that still counts as controlled, s.
    pub min_descent_s: f64,
    /// Probability from which a fault or a hinge is named.
    pub confidence: f64,
}

impl HingeCriteria {
    /// Whether a knee went beyond the fault limit only on the way to the deepest point or back from it: `peak` there, `turn` at the deepest
    /// point, where there is no fault yet. By the width of the grey zone at least, so that a hair is no difference.
    pub fn is_drift_on_the_way(&self, peak: Length, turn: Length) -> bool {
        let Limits { good, fault } = self.knee_forward;
        peak > fault && turn <= fault && peak - turn >= fault - good
    }

    /// The verdict that exact numbers have by these limits; `None` in the grey zone. Measured numbers are judged by probability.
    pub fn of_truth(&self, knee_forward: Length, hip_back: Length) -> Option<Verdict> {
        if knee_forward > self.knee_forward.fault {
            Some(Verdict::KneeForwardDrift)
        } else if hip_back < self.hip_back.fault {
            Some(Verdict::InsufficientHipTravel)
        } else if knee_forward <= self.knee_forward.good && hip_back >= self.hip_back.good {
            Some(Verdict::TrueHinge)
        } else {
            None
        }
    }
}

/// How many repetitions a set should have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dose {
    /// Fewest.
    pub min_repetitions: u32,
    /// Most.
    pub max_repetitions: u32,
}

/// Hips cannot go back farther than a leg is long, nor knees forward farther than the foot reaches; the same as what a measured
/// repetition is believed up to.
const HIP_BACK_MM: RangeInclusive<f64> = 0.0..=600.0;
const KNEE_FORWARD_MM: RangeInclusive<f64> = 0.0..=350.0;
/// A knee bends until calf and thigh meet.
const KNEE_FLEXION_DEG: RangeInclusive<f64> = 0.0..=160.0;
/// Of pelvis, spine and shank, beyond which nobody stands.
const ANGLE_DEG: RangeInclusive<f64> = 0.0..=90.0;
/// Ten times the weight is a jump.
const KNOCK_M_S2: RangeInclusive<f64> = 0.0..=100.0;
/// The longest way down of a repetition, s.
const DESCENT_S: RangeInclusive<f64> = 0.0..=10.0;
/// Below an even chance a verdict would be named that is probably wrong.
const CONFIDENCE: RangeInclusive<f64> = 0.5..=1.0;
/// Repetitions of a set.
const REPETITIONS: RangeInclusive<f64> = 1.0..=1000.0;
const CORRECT: &str = "correct it in the protocol";

impl Default for Protocol {
    /// `single-leg-hip-hinge`: the limits of the exercise's description.
    fn default() -> Self {
        let mm = Length::from_millimetres;
        let deg = Angle::from_degrees;
        Self {
            name: "single-leg-hip-hinge".to_owned(),
            title: "Single-leg hip hinge".to_owned(),
            stance: Stance::OneLeg,
            criteria: HingeCriteria {
                knee_forward: Limits { good: mm(15.0), fault: mm(30.0) },
                hip_back: Limits { good: mm(25.0), fault: mm(15.0) },
                knee_flexion: Limits { good: deg(12.0), fault: deg(20.0) },
                pelvis_drop: Limits { good: deg(5.0), fault: deg(8.0) },
                pelvis_rotation: Limits { good: deg(8.0), fault: deg(12.0) },
                shank_sway: Limits { good: deg(3.0), fault: deg(4.0) },
                foot_knock: Limits { good: Scalar::from_si(1.0), fault: Scalar::from_si(2.0) },
                spine_flexion: Limits { good: deg(10.0), fault: deg(20.0) },
                min_descent_s: 0.5,
                confidence: 0.9,
            },
            dose: Dose { min_repetitions: 3, max_repetitions: 5 },
        }
    }
}

impl Protocol {
    /// The protocols that come with the program: name and file.
    pub const BUILT_IN: [(&'static str, &'static str); 4] = [
        ("single-leg-hip-hinge", include_str!("../protocols/single-leg-hip-hinge.toml")),
        ("supported-single-leg-hip-hinge", include_str!("../protocols/supported-single-leg-hip-hinge.toml")),
        ("two-leg-hip-hinge", include_str!("../protocols/two-leg-hip-hinge.toml")),
        ("romanian-deadlift", include_str!("../protocols/romanian-deadlift.toml")),
    ];

    /// Whether the exercise is done standing on one leg, so that movements on two legs are not repetitions of it.
    pub fn is_single_leg(&self) -> bool {
        self.stance != Stance::TwoLegs
    }
}

impl Protocol {
    /// Refuses limits that no body can meet, and limits that contradict one another.
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self) -> Result<(), Impossible> {
        self.criteria.check()?;
        let [fewest, most] = [self.dose.min_repetitions, self.dose.max_repetitions].map(f64::from);
        within("dose.min_repetitions", fewest, "", &REPETITIONS, CORRECT)?;
        within("dose.max_repetitions", most, "", &(fewest..=*REPETITIONS.end()), CORRECT)
    }
}

impl Protocol {
    /// The same with other limits in place of some.
    ///
    /// # Errors
    /// They ask for what no body does, or contradict one another.
    pub fn with_limits(&self, limits: &BTreeMap<Limit, Edges>) -> Result<Self, Impossible> {
        let mut file = ProtocolFile::from(self.clone());
        for (limit, edges) in limits {
            *file.criteria.edges(*limit) = *edges;
        }
        file.try_into()
    }
}

impl CriteriaFile {
    fn edges(&mut self, limit: Limit) -> &mut Edges {
        match limit {
            Limit::KneeForward => &mut self.knee_forward_mm,
            Limit::HipBack => &mut self.hip_back_mm,
            Limit::KneeFlexion => &mut self.knee_flexion_deg,
            Limit::PelvisDrop => &mut self.pelvis_drop_deg,
            Limit::PelvisRotation => &mut self.pelvis_rotation_deg,
            Limit::ShankSway => &mut self.shank_sway_deg,
            Limit::FootKnock => &mut self.foot_knock_m_s2,
            Limit::SpineFlexion => &mut self.spine_flexion_deg,
        }
    }
}

impl HingeCriteria {
    fn check(&self) -> Result<(), Impossible> {
        let (mm, deg) = (Length::millimetres, Angle::degrees);
        less_is_better("knee_forward_mm", self.knee_forward, mm, " mm", &KNEE_FORWARD_MM)?;
        less_is_better("knee_flexion_deg", self.knee_flexion, deg, " deg", &KNEE_FLEXION_DEG)?;
        less_is_better("pelvis_drop_deg", self.pelvis_drop, deg, " deg", &ANGLE_DEG)?;
        less_is_better("pelvis_rotation_deg", self.pelvis_rotation, deg, " deg", &ANGLE_DEG)?;
        less_is_better("shank_sway_deg", self.shank_sway, deg, " deg", &ANGLE_DEG)?;
        less_is_better("spine_flexion_deg", self.spine_flexion, deg, " deg", &ANGLE_DEG)?;
        less_is_better("foot_knock_m_s2", self.foot_knock, Scalar::si, " m/s2", &KNOCK_M_S2)?;
        let [good, fault] = [self.hip_back.good, self.hip_back.fault].map(Length::millimetres);
        within("hip_back_mm.fault", fault, " mm", &HIP_BACK_MM, CORRECT)?;
        within("hip_back_mm.good", good, " mm", &(fault..=*HIP_BACK_MM.end()), CORRECT)?;
        within("min_descent_s", self.min_descent_s, " s", &DESCENT_S, CORRECT)?;
        within("confidence", self.confidence, "", &CONFIDENCE, CORRECT)
    }
}

/// A fault cannot begin before what is good ends.
fn less_is_better<Q: Quantity>(
    name: &str,
    limits: Limits<Q>,
    unit: impl Fn(Scalar<Q>) -> f64,
    unit_name: &'static str,
    range: &RangeInclusive<f64>,
) -> Result<(), Impossible> {
    let (good, fault) = (unit(limits.good), unit(limits.fault));
    within(&format!("{name}.good"), good, unit_name, range, CORRECT)?;
    within(&format!("{name}.fault"), fault, unit_name, &(good..=*range.end()), CORRECT)
}

/// An exercise and the limits it is judged by, in the units people think in.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct ProtocolFile {
    /// Short name, as in file names.
    name: String,
    /// Name on the page.
    title: String,
    /// On one leg or on two.
    stance: Stance,
    /// Limits of the verdict.
    criteria: CriteriaFile,
    /// How much of it is asked for.
    dose: Dose,
}

/// Limits of the verdict, in the unit that each name ends in.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct CriteriaFile {
    /// Forward travel of the knee joint centre, mm.
    knee_forward_mm: Edges,
    /// Backward travel of the hip joint centre, mm: more is better.
    hip_back_mm: Edges,
    /// Increase of knee flexion, degrees.
    knee_flexion_deg: Edges,
    /// Drop of the pelvis on the free side, degrees.
    // The names until November 2026: people's own files keep working.
    #[serde(alias = "pelvic_drop_deg")]
    pelvis_drop_deg: Edges,
    /// Rotation of the pelvis about the vertical, either way, degrees.
    #[serde(alias = "pelvic_rotation_deg")]
    pelvis_rotation_deg: Edges,
    /// Range of the shank's lean from side to side, degrees.
    shank_sway_deg: Edges,
    /// Largest jolt at the shank, m/s².
    foot_knock_m_s2: Edges,
    /// Increase of spine flexion, degrees; judged only with a trunk sensor.
    spine_flexion_deg: Edges,
    /// Shortest time from onset to the bottom that still counts as controlled, s.
    min_descent_s: f64,
    /// Probability from which a fault or a hinge is named.
    confidence: f64,
}

/// A two-sided limit, in the unit of the key above it; between the edges is the grey zone.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Edges {
    /// Edge of what counts as good.
    pub good: f64,
    /// Edge of what counts as a fault.
    pub fault: f64,
}

/// A limit by its name in files, with its unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Limit {
    /// Forward travel of the knee joint centre, mm.
    #[serde(rename = "knee_forward_mm")]
    KneeForward,
    /// Backward travel of the hip joint centre, mm: more is better.
    #[serde(rename = "hip_back_mm")]
    HipBack,
    /// Increase of knee flexion, degrees.
    #[serde(rename = "knee_flexion_deg")]
    KneeFlexion,
    /// Drop of the pelvis on the free side, degrees.
    #[serde(rename = "pelvis_drop_deg")]
    PelvisDrop,
    /// Rotation of the pelvis about the vertical, either way, degrees.
    #[serde(rename = "pelvis_rotation_deg")]
    PelvisRotation,
    /// Range of the shank's lean from side to side, degrees.
    #[serde(rename = "shank_sway_deg")]
    ShankSway,
    /// Largest jolt at the shank, m/s².
    #[serde(rename = "foot_knock_m_s2")]
    FootKnock,
    /// Increase of spine flexion, degrees.
    #[serde(rename = "spine_flexion_deg")]
    SpineFlexion,
}

impl Limit {
    /// All, in the order of protocol files.
    pub const ALL: [Self; 8] = [
        Self::KneeForward,
        Self::HipBack,
        Self::KneeFlexion,
        Self::PelvisDrop,
        Self::PelvisRotation,
        Self::ShankSway,
        Self::FootKnock,
        Self::SpineFlexion,
    ];

    /// What it limits, and its unit: `knee_forward`, `mm`.
    pub const fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::KneeForward => ("knee_forward", "mm"),
            Self::HipBack => ("hip_back", "mm"),
            Self::KneeFlexion => ("knee_flexion", "deg"),
            Self::PelvisDrop => ("pelvis_drop", "deg"),
            Self::PelvisRotation => ("pelvis_rotation", "deg"),
            Self::ShankSway => ("shank_sway", "deg"),
            Self::FootKnock => ("foot_knock", "m_s2"),
            Self::SpineFlexion => ("spine_flexion", "deg"),
        }
    }

    /// Its name in files: `knee_forward_mm`.
    pub fn name(self) -> String {
        let (of, unit) = self.parts();
        format!("{of}_{unit}")
    }
}

impl Edges {
    fn into_limits<Q: Quantity>(self, unit: impl Fn(f64) -> Scalar<Q>) -> Limits<Q> {
        Limits { good: unit(self.good), fault: unit(self.fault) }
    }

    fn from_limits<Q: Quantity>(limits: Limits<Q>, unit: impl Fn(Scalar<Q>) -> f64) -> Self {
        // A round trip through a file is exact.
        Self { good: tidy(unit(limits.good)), fault: tidy(unit(limits.fault)) }
    }
}

impl TryFrom<ProtocolFile> for Protocol {
    type Error = Impossible;

    fn try_from(file: ProtocolFile) -> Result<Self, Impossible> {
        let c = file.criteria;
        let protocol = Self {
            name: file.name,
            title: file.title,
            stance: file.stance,
            criteria: HingeCriteria {
                knee_forward: c.knee_forward_mm.into_limits(Length::from_millimetres),
                hip_back: c.hip_back_mm.into_limits(Length::from_millimetres),
                knee_flexion: c.knee_flexion_deg.into_limits(Angle::from_degrees),
                pelvis_drop: c.pelvis_drop_deg.into_limits(Angle::from_degrees),
                pelvis_rotation: c.pelvis_rotation_deg.into_limits(Angle::from_degrees),
                shank_sway: c.shank_sway_deg.into_limits(Angle::from_degrees),
                foot_knock: c.foot_knock_m_s2.into_limits(Scalar::from_si),
                spine_flexion: c.spine_flexion_deg.into_limits(Angle::from_degrees),
                min_descent_s: c.min_descent_s,
                confidence: c.confidence,
            },
            dose: file.dose,
        };
        protocol.check()?;
        Ok(protocol)
    }
}

impl From<Protocol> for ProtocolFile {
    fn from(protocol: Protocol) -> Self {
        let c = protocol.criteria;
        Self {
            name: protocol.name,
            title: protocol.title,
            stance: protocol.stance,
            criteria: CriteriaFile {
                knee_forward_mm: Edges::from_limits(c.knee_forward, Length::millimetres),
                hip_back_mm: Edges::from_limits(c.hip_back, Length::millimetres),
                knee_flexion_deg: Edges::from_limits(c.knee_flexion, Angle::degrees),
                pelvis_drop_deg: Edges::from_limits(c.pelvis_drop, Angle::degrees),
                pelvis_rotation_deg: Edges::from_limits(c.pelvis_rotation, Angle::degrees),
                shank_sway_deg: Edges::from_limits(c.shank_sway, Angle::degrees),
                foot_knock_m_s2: Edges::from_limits(c.foot_knock, Scalar::si),
                spine_flexion_deg: Edges::from_limits(c.spine_flexion, Angle::degrees),
                min_descent_s: c.min_descent_s,
                confidence: c.confidence,
            },
            dose: protocol.dose,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_cannot_ask_for_what_no_body_does_nor_contradict_itself() {
        type Set = fn(&mut Protocol);
        let wrong: [(&str, Set); 12] = [
            ("hip_back_mm.good", |p| p.criteria.hip_back.good = Length::from_millimetres(900.0)),
            ("hip_back_mm.good", |p| p.criteria.hip_back.good = Length::from_millimetres(10.0)),
            ("hip_back_mm.fault", |p| p.criteria.hip_back.fault = Length::from_millimetres(-1.0)),
            ("knee_forward_mm.good", |p| p.criteria.knee_forward.good = Length::from_millimetres(f64::NAN)),
            ("knee_forward_mm.fault", |p| p.criteria.knee_forward.fault = Length::from_millimetres(1e308)),
            ("knee_forward_mm.fault", |p| p.criteria.knee_forward.fault = Length::from_millimetres(14.0)),
            ("pelvis_drop_deg.fault", |p| p.criteria.pelvis_drop.fault = Angle::from_degrees(400.0)),
            ("foot_knock_m_s2.good", |p| p.criteria.foot_knock.good = Scalar::from_si(-1.0)),
            ("min_descent_s", |p| p.criteria.min_descent_s = -0.5),
            ("confidence", |p| p.criteria.confidence = 1.5),
            ("dose.min_repetitions", |p| p.dose.min_repetitions = 0),
            ("dose.max_repetitions", |p| p.dose.max_repetitions = 2),
        ];
        for (field, set) in wrong {
            let mut protocol = Protocol::default();
            set(&mut protocol);
            assert_eq!(protocol.check().expect_err(field).field, field);
        }
        assert_eq!(Protocol::default().check(), Ok(()));
    }

    #[test]
    fn limits_of_a_person_take_the_place_of_those_of_the_same_name_only() {
        let protocol = Protocol::default();
        for limit in Limit::ALL {
            assert_eq!(serde_json::to_value(limit).expect("JSON"), limit.name());
            let name = limit.name();
            let before = serde_json::to_value(&protocol).expect("JSON");
            let edges = Edges { good: 24.0, fault: if limit == Limit::HipBack { 10.0 } else { 26.0 } };
            let after = protocol.with_limits(&BTreeMap::from([(limit, edges)])).expect("possible");
            let mut after = serde_json::to_value(after).expect("JSON");
            assert_eq!(after["criteria"][&name]["good"], 24.0);
            after["criteria"][&name] = before["criteria"][&name].clone();
            assert_eq!(after, before);
        }
    }
}
