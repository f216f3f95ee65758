//! The result of analysing a recording: all that reports and tables need.

use serde::Serialize;

use crate::body::{SensorRole, Side};
use crate::card::UsedFact;
use crate::finding::{Finding, QualityGrade};
use crate::frame::{Rotation, Segment, Sensor};
use crate::id::{long_hash, session_key};
use crate::protocol::Protocol;
use crate::quantity::Angle;
use crate::recording::SessionInfo;
use crate::rep::{RejectedCandidate, Rep, Verdict};
use crate::time::{SessionTime, Span};
use crate::words::Language;

/// Everything the analysis found in one recording.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionAnalysis {
    /// Who, when, from where.
    #[serde(serialize_with = "crate::json::info")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::json::Info<'static>"))]
    pub info: SessionInfo,
    /// Last instant of the data, s: the length of the recording.
    #[serde(rename = "duration_s", serialize_with = "crate::json::seconds")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub end: SessionTime,
    /// One entry per sensor worn.
    pub sensors: Vec<SensorQuality>,
    /// The sets, in order.
    pub sets: Vec<SetAnalysis>,
    /// What a reader must know about the data.
    pub findings: Vec<Finding>,
    /// The limits within which the data need no remark.
    pub limits: QualityLimits,
    /// How it was computed.
    pub provenance: Provenance,
}

/// One set on one leg.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SetAnalysis {
    /// 1-based number within the session.
    #[serde(rename = "set")]
    pub number: u32,
    /// Supporting leg, if known.
    pub side: Option<Side>,
    /// From the first to the last movement looked at.
    pub span: Span,
    /// Quiet stances found.
    pub quiet_stances: Vec<Span>,
    /// How the sensors were aligned with the body, one entry per sensor.
    pub alignment: Vec<AlignmentReport>,
    /// Counted repetitions, in order.
    pub reps: Vec<Rep>,
    /// Movements looked at and not counted, in order.
    pub rejected: Vec<RejectedCandidate>,
}

impl SetAnalysis {
    /// What was not counted, for readers: neighbours of one kind (fidgets, walking, what came before or after the set) in one
    /// line. All of them, one by one, are in [`SetAnalysis::rejected`].
    pub fn rejected_lines(&self) -> Vec<(Span, String)> {
        self.rejected_lines_in(Language::English)
    }

    /// [`SetAnalysis::rejected_lines`] in a language.
    pub fn rejected_lines_in(&self, language: Language) -> Vec<(Span, String)> {
        let alike = |a: &RejectedCandidate, b: &RejectedCandidate| {
            let kind = a.rejection.common_kind();
            kind.is_some() && kind == b.rejection.common_kind()
        };
        let line = |group: &[RejectedCandidate]| {
            let (first, last) = (group.first()?, group.last()?);
            let words = match first.rejection.common_kind() {
                Some(kind) if group.len() > 1 => language.several(kind, group.len()),
                _ => language.rejection(&first.rejection),
            };
            Some((Span::new(first.span.start, last.span.end.max(first.span.end)), words))
        };
        self.rejected.chunk_by(alike).filter_map(line).collect()
    }

    /// Counts by verdict: of the repetitions that count, by the verdict that holds.
    pub fn summary(&self) -> SetSummary {
        let count = |verdict| self.reps.iter().filter(|rep| rep.counts() && rep.verdict() == verdict).count();
        SetSummary {
            reps: self.reps.iter().filter(|rep| rep.counts()).count(),
            true_hinge: count(Verdict::TrueHinge),
            knee_forward_drift: count(Verdict::KneeForwardDrift),
            insufficient_hip_travel: count(Verdict::InsufficientHipTravel),
            indeterminate: count(Verdict::Indeterminate),
        }
    }
}

/// Counts of one set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct SetSummary {
    /// Counted repetitions.
    pub reps: usize,
    /// Of these: true hinges.
    pub true_hinge: usize,
    /// Of these: knee-forward drifts.
    pub knee_forward_drift: usize,
    /// Of these: too little hip travel.
    pub insufficient_hip_travel: usize,
    /// Of these: not sure.
    pub indeterminate: usize,
}

/// How a sensor's axes were matched with its segment's.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlignmentReport {
    /// Which sensor.
    #[serde(rename = "sensor")]
    pub role: SensorRole,
    /// From what.
    pub method: AlignmentMethod,
    /// Standard uncertainty of the medio-lateral axis' direction about the vertical, degrees.
    #[serde(rename = "axis_sigma_deg", serialize_with = "crate::json::degrees")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub axis_sigma: Angle,
    /// The movements the axis was read from; `None` if it came from the mounting site alone.
    pub functional: Option<FunctionalAxis>,
    /// Rotation from the sensor's axes to the segment's (ISB: anterior, proximal, right), as a unit quaternion w, x, y, z.
    pub sensor_to_segment: [f64; 4],
    /// Whether it stayed in its place; `None` where that was not looked at (thigh and trunk).
    pub settling: Option<Settling>,
}

impl AlignmentReport {
    /// [`AlignmentReport::sensor_to_segment`] with its frames; `None` if the sensor is not worn on that segment, or if the
    /// components are no rotation.
    pub fn rotation<S: Segment>(&self) -> Option<Rotation<Sensor, S>> {
        // CLAIM: whoever fills a report takes the components from a rotation of the sensor's axes to those of the segment that
        // it is worn on, and `S` is that segment.
        (S::ROLE == self.role).then(|| Rotation::from_wxyz(self.sensor_to_segment)).flatten()
    }
}

/// Whether a sensor came back to its place after the repetitions of a set. Under a loose strap it does not.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Settling {
    /// Repetitions after which it leaned otherwise than people do who stand as before.
    pub unsettled: usize,
    /// The most that was left, degrees.
    #[serde(rename = "most_deg", serialize_with = "crate::json::degrees")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub most: Angle,
    /// Whether its strap is taken to be loose.
    pub loose: bool,
}

/// How well movements agree on one axis.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FunctionalAxis {
    /// Movements that turned the sensor enough to show an axis of their own.
    pub movements: usize,
    /// Rotation about the axis over rotation across it (ratio of singular values): a hinge joint turns about one axis only. Null in JSON
    /// where nothing turned across it.
    #[cfg_attr(feature = "schema", schemars(with = "Option<f64>"))]
    pub ratio: f64,
    /// Root mean square difference between the axes of single movements and their common one, degrees.
    #[serde(rename = "repeatability_deg", serialize_with = "crate::json::degrees")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub repeatability: Angle,
}

/// Where the medio-lateral axis came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlignmentMethod {
    /// From the rotation in movements (functional axis).
    Functional,
    /// Functional axis and mounting site together.
    FunctionalAndMount,
    /// From the mounting site alone.
    Mount,
    /// Nothing known: largest rotation of any kind.
    Weak,
}

/// How good one sensor's data are.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SensorQuality {
    /// Which sensor.
    #[serde(rename = "sensor")]
    pub role: SensorRole,
    /// Maker and model.
    pub model: String,
    /// Samples received.
    pub samples: usize,
    /// Measured rate, Hz. Null in JSON where too few samples show none.
    #[cfg_attr(feature = "schema", schemars(with = "Option<f64>"))]
    pub rate_hz: f64,
    /// Samples missing on the true time base.
    pub lost: u64,
    /// Longest gap, s.
    pub longest_gap_s: f64,
    /// Stretches of the session with data, in order of time; what is missing for so short a time that it was interpolated is within.
    pub covered: Vec<Span>,
    /// Rate of the sensor's clock against the host's, parts per million; `None` without arrival times.
    pub clock_skew_ppm: Option<f64>,
    /// Standard uncertainty of its timeline, ms; `None` when its offset to the others is an assumption.
    pub clock_sigma_ms: Option<f64>,
    /// 95 % of its packets came at most so much later than the earliest could have, ms: the residual of the fit of its clock.
    /// `None` without arrival times.
    pub clock_delay_p95_ms: Option<f64>,
    /// How late its packets came along the session; empty without arrival times.
    pub delays: Vec<Delays>,
    /// Norm of the specific force at rest, m/s², before any correction; `None` without a rest.
    #[serde(rename = "gravity_m_s2")]
    pub gravity: Option<f64>,
    /// Whether the accelerometer was corrected with the recording's own rests.
    pub accelerometer_corrected: bool,
    /// Samples at the end of the range.
    pub clipped: u64,
    /// Samples that were not numbers.
    pub not_finite: u64,
}

/// How much later than the earliest could have the packets of a stretch of the session came: what the fit of the sensor's clock leaves.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delays {
    /// Beginning and end of the stretch.
    #[serde(flatten)]
    pub span: Span,
    /// Half of its packets came at most so much later, ms.
    pub median_ms: f64,
    /// The latest of them, ms.
    pub most_ms: f64,
}

impl SensorQuality {
    /// Share of samples lost, 0 to 1.
    pub fn loss(&self) -> f64 {
        let expected = self.samples as f64 + self.lost as f64;
        if expected > 0.0 { self.lost as f64 / expected } else { 0.0 }
    }
}

/// What the data may be like without a remark; each limit itself is still good.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QualityLimits {
    /// Share of a sensor's samples that is lost, 0 to 1; in JSON percent.
    #[serde(rename = "loss_pct", serialize_with = "crate::json::percent")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub loss: f64,
    /// Longest gap that numbers are given across, s.
    pub longest_gap_s: f64,
    /// Standard uncertainty of a timeline, ms.
    pub clock_sigma_ms: f64,
    /// Standard uncertainty of a sensor's axis about the vertical, degrees.
    pub axis_sigma_deg: f64,
}

impl SessionAnalysis {
    /// The worst grade of all findings.
    pub fn grade(&self) -> QualityGrade {
        self.findings.iter().map(Finding::grade).max().unwrap_or(QualityGrade::Good)
    }

    /// Standard uncertainty of the hip sensor's timeline against the shank sensor's, ms; `None` when one of them is an
    /// assumption, or is not there.
    pub fn clock_pair_sigma_ms(&self) -> Option<f64> {
        let sigma = |role| self.sensors.iter().find(|sensor| sensor.role == role)?.clock_sigma_ms;
        Some(sigma(SensorRole::Hip)?.hypot(sigma(SensorRole::Shank)?))
    }

    /// Key of the session, made of its samples alone: the same wherever it lies and whatever it is called. A letter is in front, so
    /// that no spreadsheet takes it for a number.
    pub fn session_key(&self) -> String {
        session_key(&self.provenance.content_sha256)
    }

    /// Key of one of its sets: of the samples and of when it was.
    pub fn set_key(&self, set: &SetAnalysis) -> String {
        self.key('t', set.span)
    }

    /// Key of one of its repetitions: of the samples and of when it was.
    pub fn rep_key(&self, rep: &Rep) -> String {
        self.key('r', rep.span)
    }

    fn key(&self, kind: char, span: Span) -> String {
        let times = format!("{} {}", span.start.nanos(), span.end.nanos());
        format!("{kind}{}", long_hash([self.provenance.content_sha256.as_str(), &times]))
    }

    /// All counted repetitions of all sets, with their set.
    pub fn reps(&self) -> impl Iterator<Item = (&SetAnalysis, &Rep)> {
        self.sets.iter().flat_map(|set| set.reps.iter().map(move |rep| (set, rep)))
    }
}

/// How a result was computed: enough to compute it again.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Provenance {
    /// Version of the program.
    #[serde(rename = "software_version")]
    pub version: String,
    /// The protocol with all its limits.
    pub protocol: Protocol,
    /// The measures of the body it rests on, and limits of the person's own, each with who said it.
    pub facts: Vec<UsedFact>,
    /// SHA-256 of the configuration (protocol and parameters), lower-case hexadecimal.
    pub config_sha256: String,
    /// SHA-256 over the input files' hashes, lower-case hexadecimal.
    pub input_sha256: String,
    /// SHA-256 over roles and samples, lower-case hexadecimal: the same for a file and what was imported from it, whatever they are called.
    pub content_sha256: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Pelvis, Shank};

    #[test]
    fn an_alignment_is_that_of_its_own_segment_only() {
        let half = std::f64::consts::FRAC_1_SQRT_2;
        let report = AlignmentReport {
            role: SensorRole::Shank,
            method: AlignmentMethod::Mount,
            axis_sigma: Angle::from_degrees(12.0),
            functional: None,
            sensor_to_segment: [half, 0.0, 0.0, half],
            settling: None,
        };
        let rotation = report.rotation::<Shank>().expect("a rotation");
        // A quarter turn about z takes the sensor's x axis to the segment's y axis.
        let turned = rotation.quaternion() * nalgebra::Vector3::x();
        assert!((turned - nalgebra::Vector3::y()).norm() < 1e-12);
        assert_eq!(report.rotation::<Pelvis>(), None);
        assert_eq!(AlignmentReport { sensor_to_segment: [0.0; 4], ..report }.rotation::<Shank>(), None);
    }
}
