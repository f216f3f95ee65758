//! Which values the sentences have.

use super::language::{Args, Language};
use crate::finding::{Finding, FindingKind, NotCompared};
use crate::recording::{Description, FaultKind};
use crate::rep::Rejection;
use crate::time::Span;

impl Args {
    // Long because there are so many kinds: the values of each.
    pub(super) fn of_finding(finding: &Finding, language: Language) -> Self {
        let args = Self::new(language);
        match finding.kind {
            FindingKind::Loss { lost, of, longest_gap_s, .. } => args
                .count("lost", lost)
                .count("of", of)
                .number("share", 100.0 * lost as f64 / of as f64, 0)
                .number("gap", longest_gap_s, 2),
            FindingKind::ClockUncertain { sigma_ms } => args.number("sigma", sigma_ms, 0),
            FindingKind::ClocksAgree { at, knocks, difference_ms, sigma_ms }
            | FindingKind::ClocksDiffer { at, knocks, difference_ms, sigma_ms } => args
                .number("at", at.seconds(), 0)
                .count("knocks", knocks as u64)
                .signed("difference", difference_ms, 1)
                .number("sigma", sigma_ms, 1),
            FindingKind::ClocksNotCompared { at, why } => args.number("at", at.seconds(), 0).not_compared(why),
            FindingKind::AxisUncertain { set, sigma } => {
                args.count("set", u64::from(set)).number("sigma", sigma.degrees(), 0)
            }
            FindingKind::SideUnknown { set } | FindingKind::Unworn { set } => args.count("set", u64::from(set)),
            FindingKind::NoRepetitions { movements, mostly } => {
                let movements = if mostly.is_some() { movements } else { 0 };
                let reason = mostly.map_or_else(String::new, |reason| language.rejection(&reason));
                args.count("movements", movements as u64).text("reason", reason)
            }
            FindingKind::Clipped { samples } | FindingKind::NotFinite { samples } => args.count("samples", samples),
            FindingKind::AccelerometerCorrected { gravity_m_s2, bias_m_s2, sigma_m_s2 } => {
                args.number("gravity", gravity_m_s2, 2).number("bias", bias_m_s2, 1).number("sigma", sigma_m_s2, 1)
            }
            FindingKind::AccelerometerWrong { gravity_m_s2 } => args.number("gravity", gravity_m_s2, 2),
            FindingKind::BodyUnmeasured { stature_known, shank_length_known, shank_length_sigma_pct } => {
                let (known, digits) = match (stature_known, shank_length_known) {
                    (false, true) => ("shank", 0),
                    (false, false) => ("nothing", 0),
                    (true, _) => ("height", 1),
                };
                args.text("known", known).number("sigma", shank_length_sigma_pct, digits)
            }
            FindingKind::OtherLeg { side, movements } => {
                args.text("side", language.side(side)).count("movements", movements as u64)
            }
            FindingKind::PutOnAnew { turn } | FindingKind::Slipped { turn } => {
                args.number("turn", turn.degrees(), 0).when(finding.span)
            }
            FindingKind::Loose { set, unsettled, of, most } => args
                .count("set", u64::from(set))
                .count("unsettled", unsettled as u64)
                .count("of", of as u64)
                .number("most", most.degrees(), 0),
            FindingKind::Turned { set, before, turn } => {
                args.count("set", u64::from(set)).count("before", u64::from(before)).number("turn", turn.degrees(), 0)
            }
            FindingKind::OutsideSets { moved_s } => args.number("moved", moved_s, 0).when(finding.span),
            FindingKind::CorrectionUnfit { set, rep } => {
                args.count("set", u64::from(set)).count("rep", u64::from(rep)).when(finding.span)
            }
            FindingKind::Stored(fault) => args.of_fault(fault, finding.span),
            FindingKind::ClockAssumed
            | FindingKind::ClockNotShared
            | FindingKind::Uneven
            | FindingKind::OrientationOnly
            | FindingKind::FacesBack
            | FindingKind::SensorsSwapped => args,
        }
    }

    fn not_compared(self, why: NotCompared) -> Self {
        let language = self.language;
        match why {
            NotCompared::NoSensor { role } => self.text("why", "no_sensor").text("sensor", language.sensor(role)),
            NotCompared::ClockNotFitted { role } => {
                self.text("why", "clock_not_fitted").text("sensor", language.sensor(role))
            }
            NotCompared::ClockAssumed { role } => {
                self.text("why", "clock_assumed").text("sensor", language.sensor(role))
            }
            NotCompared::TooFew { found, needed } => {
                self.text("why", "too_few").count("found", found as u64).count("needed", needed as u64)
            }
        }
    }

    fn of_fault(self, fault: FaultKind, span: Option<Span>) -> Self {
        match fault {
            FaultKind::PartLost { bytes } => self.count("bytes", bytes).when(span),
            FaultKind::SamplesLost { samples } => self.count("samples", samples).when(span),
            FaultKind::CopyUsed { of } => {
                let of = match of {
                    Description::Session => "session",
                    Description::Sensor => "sensor",
                    Description::Markers => "markers",
                };
                let description = self.language.say("description", &Self::new(self.language).text("of", of));
                self.text("description", description)
            }
            FaultKind::NotEnded
            | FaultKind::SensorUndescribed
            | FaultKind::SessionUndescribed
            | FaultKind::BitRepaired
            | FaultKind::Unchecked
            | FaultKind::Unknown => self,
        }
    }

    pub(super) fn of_rejection(rejection: &Rejection, language: Language) -> Self {
        let args = Self::new(language);
        match *rejection {
            Rejection::TooSmall { excursion_deg, limit_deg } => {
                args.number("excursion", excursion_deg, 1).number("limit", limit_deg, 1)
            }
            Rejection::DataGap { seconds } => args.number("seconds", seconds, 2),
            Rejection::NoReturn { share } | Rejection::Twist { share } => args.number("share", share * 100.0, 0),
            Rejection::Duration { seconds } => args.number("seconds", seconds, 1),
            Rejection::FootMoved { unexplained_m_per_s2 } => args.number("unexplained", unexplained_m_per_s2, 1),
            Rejection::TwoLegs { lean_deg } => args.number("lean", lean_deg, 1),
            Rejection::Sat { drop_mm } => args.number("drop", drop_mm, 0),
            Rejection::CutOff
            | Rejection::Stepping
            | Rejection::NoQuietStance
            | Rejection::OutsideSet
            | Rejection::OneLegUnseen => args,
        }
    }
}
