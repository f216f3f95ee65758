//! What a reader must know about the data and about how the sensors were worn, as values. The sentences are in
//! [`words`](crate::words).

use serde::Serialize;

use crate::body::{SensorRole, Side};
use crate::quantity::Angle;
use crate::recording::{Fault, FaultKind};
use crate::rep::Rejection;
use crate::time::{HostTime, Span};

/// Something a reader must know about the data.
///
/// In JSON one flat object: `code`, `grade`, `role`, `span`, the values of its kind by name, and `message`, the sentence.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct Finding {
    /// What it is, with its values.
    pub kind: FindingKind,
    /// Which sensor, if one.
    pub role: Option<SensorRole>,
    /// When, if it is a matter of some part of the session.
    pub span: Option<Span>,
}

impl Finding {
    /// Of the whole recording.
    pub const fn of_recording(kind: FindingKind) -> Self {
        Self { kind, role: None, span: None }
    }

    /// Of one sensor.
    pub const fn of_sensor(role: SensorRole, kind: FindingKind) -> Self {
        Self { kind, role: Some(role), span: None }
    }

    /// Of a fault of the recording as it is stored.
    pub fn of_fault(fault: &Fault) -> Self {
        let ends = fault.from.or(fault.to).zip(fault.to.or(fault.from));
        let span = ends.map(|(from, to)| Span::new(from.on_session(), to.max(from).on_session()));
        Self { kind: FindingKind::Stored(fault.kind), role: fault.role, span }
    }

    /// The same, within a part of the session.
    #[must_use]
    pub const fn during(self, span: Span) -> Self {
        Self { span: Some(span), ..self }
    }

    /// How much it matters.
    pub const fn grade(&self) -> QualityGrade {
        self.kind.grade()
    }

    /// Code in tables.
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// Whether it is about how a sensor is worn: that is told while a session runs.
    pub const fn is_about_wearing(&self) -> bool {
        self.kind.is_about_wearing()
    }

    /// Whether two findings are one thing, seen earlier and later: values and spans grow with the recording.
    pub fn is_same(&self, other: &Self) -> bool {
        let overlap = self.span.zip(other.span).is_none_or(|(a, b)| a.overlaps(b));
        self.kind.is_same_kind(&other.kind) && self.role == other.role && overlap
    }
}

/// Overall grade of data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum QualityGrade {
    /// Nothing to remark.
    Good,
    /// Usable, with remarks.
    Fair,
    /// Numbers may be wrong; see the findings.
    Poor,
}

impl QualityGrade {
    /// Name in tables and on the page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Poor => "poor",
        }
    }
}

/// What a finding is, with the values behind it.
///
/// Whether a value is worth a finding is decided where it is measured; the finding carries what was decided.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Samples are missing.
    Loss {
        /// How many.
        lost: u64,
        /// Of so many that the sensor took.
        of: u64,
        /// Longest gap, s.
        longest_gap_s: f64,
        /// Whether so many are missing that the numbers may be wrong.
        severe: bool,
    },
    /// The sensor's timeline is poorly known.
    #[serde(rename = "clock")]
    ClockUncertain {
        /// Standard uncertainty, ms.
        sigma_ms: f64,
    },
    /// There are no arrival times: that the sensors started together is an assumption.
    ClockAssumed,
    /// The sensors set their clocks to one another's, and the arrivals contradict it.
    ClockNotShared,
    /// The sensors were knocked against each other, and their timelines agree.
    ClocksAgree {
        /// When somebody began to knock, s.
        #[serde(rename = "at_s", serialize_with = "crate::json::seconds")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        at: HostTime,
        /// Knocks that both sensors felt.
        knocks: usize,
        /// Median of the hip sensor's times minus the shank sensor's, ms.
        difference_ms: f64,
        /// Standard uncertainty of that, ms.
        sigma_ms: f64,
    },
    /// The sensors were knocked against each other, and their timelines differ by more than clocks and sampling explain.
    ClocksDiffer {
        /// When somebody began to knock, s.
        #[serde(rename = "at_s", serialize_with = "crate::json::seconds")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        at: HostTime,
        /// Knocks that both sensors felt.
        knocks: usize,
        /// Median of the hip sensor's times minus the shank sensor's, ms.
        difference_ms: f64,
        /// Standard uncertainty of that, ms.
        sigma_ms: f64,
    },
    /// The sensors were to be knocked against each other, and it says nothing about their timelines.
    ClocksNotCompared {
        /// When somebody began to knock, s.
        #[serde(rename = "at_s", serialize_with = "crate::json::seconds")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        at: HostTime,
        /// Why it says nothing.
        why: NotCompared,
    },
    /// The sensor's medio-lateral axis is poorly known.
    AxisUncertain {
        /// In which set.
        set: u32,
        /// Standard uncertainty of the axis' direction about the vertical, degrees.
        #[serde(rename = "sigma_deg", serialize_with = "crate::json::degrees")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        sigma: Angle,
    },
    /// The supporting leg is not known.
    SideUnknown {
        /// In which set.
        set: u32,
    },
    /// Not a single repetition was counted.
    NoRepetitions {
        /// How many movements were looked at.
        movements: usize,
        /// What was said of most of them; `None` where there is none.
        mostly: Option<Rejection>,
    },
    /// Samples are at the end of the sensor's range.
    Clipped {
        /// How many.
        samples: u64,
    },
    /// Samples are not numbers.
    NotFinite {
        /// How many.
        samples: u64,
    },
    /// The sensor sampled unevenly: its samples were interpolated onto its mean rate.
    Uneven,
    /// The file holds the maker's orientations and no samples.
    OrientationOnly,
    /// The accelerometer had a bias that was taken out.
    AccelerometerCorrected {
        /// Norm of the specific force at rest before, m/s²; without a rest, its usual norm.
        gravity_m_s2: f64,
        /// Size of the bias, m/s².
        bias_m_s2: f64,
        /// Standard uncertainty of the bias along its worst axis, m/s².
        sigma_m_s2: f64,
    },
    /// The accelerometer reads a wrong gravity that no bias explains.
    AccelerometerWrong {
        /// Norm of the specific force at rest, m/s²; without a rest, its usual norm.
        gravity_m_s2: f64,
    },
    /// Nobody measured the body, or not all of it: lengths are taken from what is known, or are an average adult's.
    BodyUnmeasured {
        /// Whether the standing height is known.
        stature_known: bool,
        /// Whether the shank length is.
        shank_length_known: bool,
        /// Standard uncertainty of the shank length, and so of the knee's travel, %.
        shank_length_sigma_pct: f64,
    },
    /// Movements leaned away from the leg that was named: the body was carried by the other one, or the shank sensor sits there.
    OtherLeg {
        /// The leg that was named.
        side: Side,
        /// So many movements.
        movements: usize,
    },
    /// A sensor's front was taken for its back, as it is when the other leg is named: the knee would have bent backward, or the pelvis leaned so.
    FacesBack,
    /// This sensor and another were put on anew, within the finding's span: perhaps on the other leg.
    PutOnAnew {
        /// By how much this one is turned against gravity, degrees.
        #[serde(rename = "turn_deg", serialize_with = "crate::json::degrees")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        turn: Angle,
    },
    /// In walking the hip sensor moves like a shin and the shank sensor like a hip.
    SensorsSwapped,
    /// The sensor turned on the skin, within the finding's span.
    Slipped {
        /// By how much, degrees.
        #[serde(rename = "turn_deg", serialize_with = "crate::json::degrees")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        turn: Angle,
    },
    /// The sensor does not come back to its place after repetitions.
    Loose {
        /// In which set.
        set: u32,
        /// After how many repetitions it did not.
        unsettled: usize,
        /// Of so many.
        of: usize,
        /// The most that was left, degrees.
        #[serde(rename = "most_deg", serialize_with = "crate::json::degrees")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        most: Angle,
    },
    /// The sensor did not move in any repetition of a set.
    Unworn {
        /// In which set.
        set: u32,
    },
    /// The sensor is worn another way than in an earlier set.
    Turned {
        /// In which set.
        set: u32,
        /// Than in which set.
        before: u32,
        /// Turned by how much, against gravity, degrees.
        #[serde(rename = "turn_deg", serialize_with = "crate::json::degrees")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        turn: Angle,
    },
    /// Something moved for a while within the finding's span, and no set says what for.
    OutsideSets {
        /// For how long, s.
        moved_s: f64,
    },
    /// Somebody corrected a repetition within the finding's span, and the analysis finds none there any more.
    CorrectionUnfit {
        /// In which set it was then.
        set: u32,
        /// Which repetition of the set it was then.
        rep: u32,
    },
    /// Something is wrong with the recording as it is stored.
    #[serde(untagged)]
    Stored(FaultKind),
}

impl FindingKind {
    /// How much it matters: the session's grade is the worst of these.
    pub const fn grade(&self) -> QualityGrade {
        match self {
            Self::Stored(fault) => of_stored(*fault),
            Self::ClocksAgree { .. }
            | Self::ClocksNotCompared { .. }
            | Self::OutsideSets { .. }
            | Self::BodyUnmeasured { stature_known: true, .. }
            | Self::BodyUnmeasured { shank_length_known: true, .. } => QualityGrade::Good,
            Self::Loss { severe: true, .. }
            | Self::AccelerometerWrong { .. }
            | Self::OtherLeg { .. }
            | Self::PutOnAnew { .. }
            | Self::Unworn { .. }
            | Self::FacesBack
            | Self::SensorsSwapped => QualityGrade::Poor,
            Self::Loss { severe: false, .. }
            | Self::ClockUncertain { .. }
            | Self::ClockAssumed
            | Self::ClockNotShared
            | Self::ClocksDiffer { .. }
            | Self::AxisUncertain { .. }
            | Self::SideUnknown { .. }
            | Self::BodyUnmeasured { .. }
            | Self::NoRepetitions { .. }
            | Self::Clipped { .. }
            | Self::NotFinite { .. }
            | Self::Uneven
            | Self::OrientationOnly
            | Self::AccelerometerCorrected { .. }
            | Self::Slipped { .. }
            | Self::Loose { .. }
            | Self::Turned { .. }
            | Self::CorrectionUnfit { .. } => QualityGrade::Fair,
        }
    }

    /// Code in tables and JSON, snake case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Loss { .. } => "loss",
            Self::ClockUncertain { .. } => "clock",
            Self::ClockAssumed => "clock_assumed",
            Self::ClockNotShared => "clock_not_shared",
            Self::ClocksAgree { .. } => "clocks_agree",
            Self::ClocksDiffer { .. } => "clocks_differ",
            Self::ClocksNotCompared { .. } => "clocks_not_compared",
            Self::AxisUncertain { .. } => "axis_uncertain",
            Self::SideUnknown { .. } => "side_unknown",
            Self::NoRepetitions { .. } => "no_repetitions",
            Self::Clipped { .. } => "clipped",
            Self::NotFinite { .. } => "not_finite",
            Self::Uneven => "uneven",
            Self::OrientationOnly => "orientation_only",
            Self::AccelerometerCorrected { .. } => "accelerometer_corrected",
            Self::AccelerometerWrong { .. } => "accelerometer_wrong",
            Self::BodyUnmeasured { .. } => "body_unmeasured",
            Self::OtherLeg { .. } => "other_leg",
            Self::PutOnAnew { .. } => "put_on_anew",
            Self::FacesBack => "faces_back",
            Self::SensorsSwapped => "sensors_swapped",
            Self::Slipped { .. } => "slipped",
            Self::Loose { .. } => "loose",
            Self::Unworn { .. } => "unworn",
            Self::Turned { .. } => "turned",
            Self::OutsideSets { .. } => "outside_sets",
            Self::CorrectionUnfit { .. } => "correction_unfit",
            Self::Stored(fault) => match fault {
                FaultKind::NotEnded => "not_ended",
                FaultKind::PartLost { .. } => "part_lost",
                FaultKind::SamplesLost { .. } => "samples_lost",
                FaultKind::CopyUsed { .. } => "copy_used",
                FaultKind::SensorUndescribed => "sensor_undescribed",
                FaultKind::SessionUndescribed => "session_undescribed",
                FaultKind::BitRepaired => "bit_repaired",
                FaultKind::Unchecked => "unchecked",
                FaultKind::Unknown => "unknown",
            },
        }
    }

    /// Whether it is about how a sensor is worn.
    pub const fn is_about_wearing(&self) -> bool {
        matches!(
            self,
            Self::SensorsSwapped
                | Self::Slipped { .. }
                | Self::Loose { .. }
                | Self::Unworn { .. }
                | Self::Turned { .. }
        )
    }

    /// Whether two findings are of one kind, whatever their values.
    pub fn is_same_kind(&self, other: &Self) -> bool {
        self.code() == other.code()
    }
}

/// How much a fault of the stored recording matters.
const fn of_stored(fault: FaultKind) -> QualityGrade {
    match fault {
        FaultKind::CopyUsed { .. } | FaultKind::BitRepaired => QualityGrade::Good,
        FaultKind::NotEnded
        | FaultKind::PartLost { .. }
        | FaultKind::SamplesLost { .. }
        | FaultKind::SensorUndescribed
        | FaultKind::SessionUndescribed
        | FaultKind::Unknown => QualityGrade::Fair,
        FaultKind::Unchecked => QualityGrade::Poor,
    }
}

/// Why knocks of the sensors against each other say nothing about their timelines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum NotCompared {
    /// A sensor is missing, or sends no specific force.
    NoSensor {
        /// Which one.
        #[serde(rename = "sensor")]
        role: SensorRole,
    },
    /// A sensor's clock could not be fitted.
    ClockNotFitted {
        /// Which sensor's.
        #[serde(rename = "sensor")]
        role: SensorRole,
    },
    /// The offset of a sensor's clock is an assumption.
    ClockAssumed {
        /// Which sensor's.
        #[serde(rename = "sensor")]
        role: SensorRole,
    },
    /// Both sensors felt too few knocks.
    TooFew {
        /// How many.
        found: usize,
        /// How many there must be.
        needed: usize,
    },
}

/// One finding of every kind, with both forms of a kind whose grade depends on its values.
#[cfg(test)]
pub(crate) fn one_of_each() -> Vec<Finding> {
    use crate::recording::Description;
    use FindingKind as Kind;
    let at = HostTime::from_seconds(19.0);
    let (knocks, difference_ms, sigma_ms) = (3, 4.2, 5.1);
    let angle = Angle::from_degrees;
    let of_recording = [
        Kind::ClocksAgree { at, knocks, difference_ms, sigma_ms },
        Kind::ClocksDiffer { at, knocks, difference_ms: -60.4, sigma_ms },
        Kind::ClocksNotCompared { at, why: NotCompared::TooFew { found: 1, needed: 2 } },
        Kind::SideUnknown { set: 1 },
        Kind::BodyUnmeasured { stature_known: false, shank_length_known: false, shank_length_sigma_pct: 6.8 },
        Kind::BodyUnmeasured { stature_known: true, shank_length_known: false, shank_length_sigma_pct: 3.5 },
        Kind::BodyUnmeasured { stature_known: false, shank_length_known: true, shank_length_sigma_pct: 0.9 },
        Kind::OtherLeg { side: Side::Left, movements: 5 },
        Kind::NoRepetitions { movements: 12, mostly: Some(Rejection::OneLegUnseen) },
    ];
    let of_sensor = [
        Kind::Loss { lost: 100, of: 1000, longest_gap_s: 0.25, severe: false },
        Kind::Loss { lost: 300, of: 1000, longest_gap_s: 2.5, severe: true },
        Kind::ClockUncertain { sigma_ms: 31.4 },
        Kind::ClockAssumed,
        Kind::ClockNotShared,
        Kind::AxisUncertain { set: 2, sigma: angle(24.6) },
        Kind::Clipped { samples: 17 },
        Kind::NotFinite { samples: 5 },
        Kind::Uneven,
        Kind::OrientationOnly,
        Kind::AccelerometerCorrected { gravity_m_s2: 11.234, bias_m_s2: 1.46, sigma_m_s2: 0.21 },
        Kind::AccelerometerWrong { gravity_m_s2: 19.613 },
    ];
    let in_a_part = [
        Kind::Slipped { turn: angle(16.2) },
        Kind::PutOnAnew { turn: angle(27.4) },
        Kind::Loose { set: 1, unsettled: 3, of: 5, most: angle(7.4) },
        Kind::Turned { set: 2, before: 1, turn: angle(171.0) },
        Kind::Unworn { set: 1 },
    ];
    let span = Span::from_seconds(12.34, 56.78);
    let mut all: Vec<Finding> = of_recording.map(Finding::of_recording).to_vec();
    all.extend(of_sensor.map(|kind| Finding::of_sensor(SensorRole::Hip, kind)));
    all.extend(in_a_part.map(|kind| Finding::of_sensor(SensorRole::Shank, kind).during(span)));
    all.push(Finding::of_recording(Kind::SensorsSwapped).during(span));
    all.push(Finding::of_recording(Kind::FacesBack).during(span));
    all.push(Finding::of_recording(Kind::OutsideSets { moved_s: 21.4 }).during(span));
    all.push(Finding::of_recording(Kind::CorrectionUnfit { set: 1, rep: 4 }).during(span));
    let of_file = [
        FaultKind::NotEnded,
        FaultKind::PartLost { bytes: 18_211 },
        FaultKind::CopyUsed { of: Description::Session },
        FaultKind::SessionUndescribed,
        FaultKind::BitRepaired,
        FaultKind::Unchecked,
        FaultKind::Unknown,
    ];
    all.extend(of_file.map(|fault| Finding::of_recording(Kind::Stored(fault))));
    let of_its_sensor = [FaultKind::SamplesLost { samples: 120 }, FaultKind::SensorUndescribed];
    all.extend(of_its_sensor.map(|fault| Finding::of_sensor(SensorRole::Hip, Kind::Stored(fault))));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// The codes as they stand in tables of earlier versions, with their grades. Nobody may change one.
    const CODES: [(&str, &str); 39] = [
        ("clocks_agree", "good"),
        ("clocks_differ", "fair"),
        ("clocks_not_compared", "good"),
        ("side_unknown", "fair"),
        ("body_unmeasured", "fair"),
        ("body_unmeasured", "good"),
        ("body_unmeasured", "good"),
        ("other_leg", "poor"),
        ("no_repetitions", "fair"),
        ("loss", "fair"),
        ("loss", "poor"),
        ("clock", "fair"),
        ("clock_assumed", "fair"),
        ("clock_not_shared", "fair"),
        ("axis_uncertain", "fair"),
        ("clipped", "fair"),
        ("not_finite", "fair"),
        ("uneven", "fair"),
        ("orientation_only", "fair"),
        ("accelerometer_corrected", "fair"),
        ("accelerometer_wrong", "poor"),
        ("slipped", "fair"),
        ("put_on_anew", "poor"),
        ("loose", "fair"),
        ("turned", "fair"),
        ("unworn", "poor"),
        ("sensors_swapped", "poor"),
        ("faces_back", "poor"),
        ("outside_sets", "good"),
        ("correction_unfit", "fair"),
        ("not_ended", "fair"),
        ("part_lost", "fair"),
        ("copy_used", "good"),
        ("session_undescribed", "fair"),
        ("bit_repaired", "good"),
        ("unchecked", "poor"),
        ("unknown", "fair"),
        ("samples_lost", "fair"),
        ("sensor_undescribed", "fair"),
    ];

    /// Place of a kind in the order of the enum, without a wildcard: a new variant must be added here and in [`one_of_each`].
    const fn place(kind: &FindingKind) -> usize {
        match kind {
            FindingKind::Loss { .. } => 0,
            FindingKind::ClockUncertain { .. } => 1,
            FindingKind::ClockAssumed => 2,
            FindingKind::ClockNotShared => 3,
            FindingKind::ClocksAgree { .. } => 4,
            FindingKind::ClocksDiffer { .. } => 5,
            FindingKind::ClocksNotCompared { .. } => 6,
            FindingKind::AxisUncertain { .. } => 7,
            FindingKind::SideUnknown { .. } => 8,
            FindingKind::NoRepetitions { .. } => 9,
            FindingKind::Clipped { .. } => 10,
            FindingKind::NotFinite { .. } => 11,
            FindingKind::Uneven => 12,
            FindingKind::OrientationOnly => 13,
            FindingKind::AccelerometerCorrected { .. } => 14,
            FindingKind::AccelerometerWrong { .. } => 15,
            FindingKind::SensorsSwapped => 16,
            FindingKind::Slipped { .. } => 17,
            FindingKind::Loose { .. } => 18,
            FindingKind::Turned { .. } => 19,
            FindingKind::OtherLeg { .. } => 20,
            FindingKind::PutOnAnew { .. } => 21,
            FindingKind::BodyUnmeasured { .. } => 22,
            FindingKind::OutsideSets { .. } => 23,
            FindingKind::Stored(FaultKind::NotEnded) => 24,
            FindingKind::Stored(FaultKind::PartLost { .. }) => 25,
            FindingKind::Stored(FaultKind::SamplesLost { .. }) => 26,
            FindingKind::Stored(FaultKind::CopyUsed { .. }) => 27,
            FindingKind::Stored(FaultKind::SensorUndescribed) => 28,
            FindingKind::Stored(FaultKind::SessionUndescribed) => 29,
            FindingKind::Stored(FaultKind::BitRepaired) => 30,
            FindingKind::Stored(FaultKind::Unchecked) => 31,
            FindingKind::Stored(FaultKind::Unknown) => 32,
            FindingKind::Unworn { .. } => 33,
            FindingKind::CorrectionUnfit { .. } => 34,
            FindingKind::FacesBack => 35,
        }
    }

    #[test]
    fn every_kind_has_a_code_of_its_own_and_its_grade() {
        let all = one_of_each();
        let told: Vec<(&str, &str)> = all.iter().map(|finding| (finding.code(), finding.grade().name())).collect();
        assert_eq!(told, CODES);
        let codes: BTreeMap<usize, &str> = all.iter().map(|found| (place(&found.kind), found.code())).collect();
        assert!(codes.keys().copied().eq(0..36), "one of each kind: {codes:?}");
        let distinct: std::collections::BTreeSet<&str> = codes.values().copied().collect();
        assert_eq!(distinct.len(), codes.len());
    }

    #[test]
    fn what_is_told_while_a_session_runs_is_how_sensors_are_worn() {
        let worn = one_of_each().into_iter().filter(Finding::is_about_wearing).map(|finding| finding.code());
        assert_eq!(worn.collect::<Vec<_>>(), ["slipped", "loose", "turned", "unworn", "sensors_swapped"]);
    }

    #[test]
    fn json_holds_code_grade_values_and_the_sentence_side_by_side() {
        for finding in one_of_each() {
            let json = serde_json::to_value(finding).expect("JSON");
            assert_eq!(json["code"], finding.code());
            assert_eq!(json["grade"], finding.grade().name());
            assert_eq!(json["message"], crate::words::sentence(&finding));
            assert_eq!(json["sensor"].as_str(), finding.role.map(SensorRole::name));
            assert_eq!(json["span"].is_null(), finding.span.is_none());
        }
        let slip = Finding::of_sensor(SensorRole::Hip, FindingKind::Slipped { turn: Angle::from_degrees(15.0) })
            .during(Span::from_seconds(1.0, 2.0));
        let json = serde_json::to_value(slip).expect("JSON");
        let turn = json["turn_deg"].as_f64().expect("an angle");
        assert!((turn - 15.0).abs() < 1e-12 && json["span"]["end_s"].as_f64() == Some(2.0), "{json}");
        let loss = FindingKind::Loss { lost: 7, of: 100, longest_gap_s: 0.5, severe: false };
        let json = serde_json::to_value(Finding::of_recording(loss)).expect("JSON");
        let numbers = ["lost", "of", "longest_gap_s"].map(|name| json[name].as_f64());
        assert_eq!(numbers, [Some(7.0), Some(100.0), Some(0.5)]);
        let why = NotCompared::NoSensor { role: SensorRole::Shank };
        let check = Finding::of_recording(FindingKind::ClocksNotCompared { at: HostTime::from_seconds(19.0), why });
        let json = serde_json::to_value(check).expect("JSON");
        assert_eq!(
            (json["why"]["reason"].as_str(), json["why"]["sensor"].as_str()),
            (Some("no_sensor"), Some("shank"))
        );
        assert_eq!(json["at_s"].as_f64(), Some(19.0));
    }

    #[test]
    fn a_finding_stays_the_same_while_its_values_and_its_span_grow() {
        let loose = |unsettled, from, to| {
            let kind = FindingKind::Loose { set: 1, unsettled, of: 8, most: Angle::from_degrees(5.0) };
            Finding::of_sensor(SensorRole::Hip, kind).during(Span::from_seconds(from, to))
        };
        let before = loose(2, 10.0, 30.0);
        assert!(before.is_same(&loose(4, 10.0, 50.0)));
        assert!(!before.is_same(&loose(2, 40.0, 50.0)), "another set");
        assert!(!before.is_same(&Finding { role: Some(SensorRole::Shank), ..before }), "another sensor");
        let turned = FindingKind::Turned { set: 1, before: 1, turn: Angle::from_degrees(5.0) };
        assert!(!before.is_same(&Finding { kind: turned, ..before }), "another kind");
        assert!(before.is_same(&Finding { span: None, ..before }), "of the whole session");
    }
}
