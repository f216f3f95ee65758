//! The sentences that people read, in English: the terminal, the pages and the tables all say the same.
//!
//! One function for each kind of thing, keyed by its enum. A sentence says what is the case, with its value, and what to do; it
//! names no option of the program, because tables and pages are read without it.

use crate::finding::{Finding, FindingKind, NotCompared};
use crate::recording::{Description, FaultKind};
use crate::time::{HostTime, Span};

/// A finding in words, with the sensor it is about in front.
pub fn remark(finding: &Finding) -> String {
    let sentence = sentence(finding);
    match finding.role {
        Some(role) => format!("{role} sensor: {sentence}"),
        None => sentence,
    }
}

/// A finding in words. The sensor it is about is "it".
// Long because there are so many kinds: a sentence for each.
pub fn sentence(finding: &Finding) -> String {
    match finding.kind {
        FindingKind::Loss { lost, of, longest_gap_s, .. } => format!(
            "{lost} of {of} samples are missing ({:.0} %), the longest gap is {longest_gap_s:.2} s: record closer to the \
             receiver",
            100.0 * lost as f64 / of as f64
        ),
        FindingKind::ClockUncertain { sigma_ms } => {
            format!("its timeline is known to {sigma_ms:.0} ms only: timing between the sensors is poor")
        }
        FindingKind::ClockAssumed => "no arrival times: that the sensors started together is an assumption".to_owned(),
        FindingKind::ClockNotShared => "the sensors set their clocks to one another's before the recording, but the \
                                        arrivals say otherwise: each clock was fitted on its own; switch the sensors \
                                        off and on before they set their clocks again"
            .to_owned(),
        FindingKind::ClocksAgree { at, knocks, difference_ms, sigma_ms } => {
            let compared = compared(at, knocks, difference_ms, sigma_ms);
            format!("{compared}: the clocks agree")
        }
        FindingKind::ClocksDiffer { at, knocks, difference_ms, sigma_ms } => {
            let compared = compared(at, knocks, difference_ms, sigma_ms);
            format!(
                "{compared}: one sensor's packets all come late; bring it nearer, switch off other radios, record anew"
            )
        }
        FindingKind::ClocksNotCompared { at, why } => format!("{}: {}", clock_check(at), not_compared(why)),
        FindingKind::AxisUncertain { set, sigma } => format!(
            "set {set}: the sensor's front is known to {:.0} degrees only: do two small knee bends and two bows before the \
             set, or name where the sensor sits",
            sigma.degrees()
        ),
        FindingKind::SideUnknown { set } => {
            format!("set {set}: the supporting leg is not known: pelvic drop is not judged; name the leg")
        }
        FindingKind::NoRepetitions { mostly: None, .. } => {
            "no set was found, because nothing moved: check that the sensors were worn, and record again".to_owned()
        }
        FindingKind::NoRepetitions { movements, mostly: Some(reason) } => {
            format!("no set was found, because of most of {movements} movements it was said: {reason}")
        }
        FindingKind::Clipped { samples } => format!("{samples} samples are at the end of the range"),
        FindingKind::NotFinite { samples } => format!("{samples} samples are not numbers"),
        FindingKind::Uneven => "it sampled unevenly: interpolated onto its mean rate".to_owned(),
        FindingKind::OrientationOnly => {
            "the file holds the maker's orientations only: hip travel is less certain".to_owned()
        }
        FindingKind::AccelerometerCorrected { gravity_m_s2, bias_m_s2, sigma_m_s2 } => format!(
            "its accelerometer reads {gravity_m_s2:.2} m/s2 at rest instead of 9.81: a bias of {bias_m_s2:.1} m/s2, known to \
             {sigma_m_s2:.1}, was taken out: calibrate this sensor"
        ),
        FindingKind::AccelerometerWrong { gravity_m_s2 } => format!(
            "its accelerometer reads {gravity_m_s2:.2} m/s2 at rest instead of 9.81 and no bias explains it: check the unit \
             and the range, or calibrate this sensor"
        ),
        FindingKind::SensorsSwapped => "in walking the hip sensor swings like a shin and the shank sensor like a hip: \
                                        they are probably swapped; swap their roles"
            .to_owned(),
        FindingKind::BodyUnmeasured { stature_known, shank_length_known, shank_length_sigma_pct } => {
            body_unmeasured(stature_known, shank_length_known, shank_length_sigma_pct)
        }
        FindingKind::OtherLeg { side, movements } => format!(
            "whoever stands on one leg leans to its side, and {movements} movements lean away from the {side} leg: no verdict is \
             given; name the leg that carried the body, and wear the shank sensor on it"
        ),
        FindingKind::PutOnAnew { turn } => format!(
            "it and another sensor were put on anew{} (this one turned by {:.0} degrees), perhaps on the other leg: what follows \
             was aligned anew, and no verdict is given; record each leg on its own, or mark the sets",
            finding.span.map_or_else(String::new, between),
            turn.degrees()
        ),
        FindingKind::Slipped { turn } => format!(
            "it turned by {:.0} degrees on the skin{}: movements in between were not judged, what follows was aligned anew; \
             fasten it",
            turn.degrees(),
            finding.span.map_or_else(String::new, between)
        ),
        FindingKind::Loose { set, unsettled, of, most } => format!(
            "set {set}: it did not come back to its place after {unsettled} of {of} repetitions (by {:.0} degrees at most), \
             its strap is probably loose: no verdict is given in this set; fasten it and repeat the set",
            most.degrees()
        ),
        FindingKind::Unworn { set } => format!(
            "set {set}: it did not move at all while the person moved, so it is not worn: no verdict is given in this set; put it on \
             and repeat the set"
        ),
        FindingKind::Turned { set, before, turn } => format!(
            "set {set}: it is worn another way than in set {before} (turned by {:.0} degrees): it was aligned anew, which the \
             calibration movements make better",
            turn.degrees()
        ),
        FindingKind::OutsideSets { moved_s } => format!(
            "{moved_s:.0} s of movement{} belong to no set and were not judged; mark the sets anew if they were repetitions",
            finding.span.map_or_else(String::new, between)
        ),
        FindingKind::Stored(fault) => stored(fault, finding.span),
    }
}

/// A fault of the recording as it is stored.
fn stored(fault: FaultKind, span: Option<Span>) -> String {
    match fault {
        FaultKind::NotEnded => {
            "the recording was not ended (a crash or a power loss): up to a second at its end is missing".to_owned()
        }
        FaultKind::PartLost { bytes } => format!(
            "a part of the recording is damaged ({bytes} bytes){}: what was stored in it is lost, and repetitions may be missing",
            span.map_or_else(String::new, between)
        ),
        FaultKind::SamplesLost { samples } => format!(
            "{samples} samples that were recorded{} are lost from the file",
            span.map_or_else(String::new, between)
        ),
        FaultKind::CopyUsed { of } => {
            format!("the recording's description of its {} was damaged: a whole copy of it was used", description(of))
        }
        FaultKind::SensorUndescribed => {
            "its description is damaged: model, ranges and site are not known; where it was worn \
                                         is known by the name of its channel"
                .to_owned()
        }
        FaultKind::SessionUndescribed => {
            "the recording's description of its session is damaged: athlete, leg and body are \
                                          those that were named when it was recovered"
                .to_owned()
        }
        FaultKind::BitRepaired => "one bit of the recording had changed and was set right by its checksum".to_owned(),
        FaultKind::Unchecked => {
            "the recording's checksum is wrong and its descriptions have none of their own: athlete, leg, \
                                 body measures and sensors may be others than were recorded; compare them"
                .to_owned()
        }
        FaultKind::Unknown => {
            "something is wrong with the recording that only a later version can name; update".to_owned()
        }
    }
}

const fn description(of: Description) -> &'static str {
    match of {
        Description::Session => "session",
        Description::Sensor => "sensors",
        Description::Markers => "sets",
    }
}

fn body_unmeasured(stature_known: bool, shank_length_known: bool, sigma_pct: f64) -> String {
    match (stature_known, shank_length_known) {
        (false, true) => {
            "the body height is not known: the thigh's length and the place of the hip joint are an average adult's, \
                          which makes hip travel less certain; measure the standing height"
                .to_owned()
        }
        (false, false) => format!(
            "neither body height nor shank length is known: an average adult's are taken, which leaves the knee's travel uncertain \
             by {sigma_pct:.0} % of itself, and hip travel too; measure the standing height"
        ),
        (true, _) => format!(
            "the shank length is not known: it is taken from the body height, which leaves the knee's travel uncertain by \
             {sigma_pct:.1} % of itself; measure it from the knee's joint line to the outer ankle"
        ),
    }
}

fn between(span: Span) -> String {
    format!(" between {:.1} and {:.1} s", span.start.seconds(), span.end.seconds())
}

fn clock_check(at: HostTime) -> String {
    format!("clock check at {:.0} s", at.seconds())
}

fn compared(at: HostTime, knocks: usize, difference_ms: f64, sigma_ms: f64) -> String {
    let check = clock_check(at);
    format!("{check}: {knocks} knocks, hip {difference_ms:+.1} ms against shank, {sigma_ms:.1} ms expected")
}

fn not_compared(why: NotCompared) -> String {
    match why {
        NotCompared::NoSensor { role } => format!("there is no {role} sensor that feels knocks"),
        NotCompared::ClockNotFitted { role } => format!("the {role} sensor's clock could not be fitted"),
        NotCompared::ClockAssumed { role } => {
            format!(
                "the {role} sensor's packets have no arrival times: its clock is an assumption that knocks cannot check"
            )
        }
        NotCompared::TooFew { found, needed } => format!(
            "{found} knocks were felt by both sensors, {needed} are needed: knock them against each other, harder, three \
             times"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::SensorRole;
    use crate::finding::one_of_each;

    #[test]
    fn every_kind_has_a_sentence_of_its_own_that_needs_no_program() {
        let said: Vec<String> = one_of_each().iter().map(sentence).collect();
        for sentence in &said {
            assert!(!sentence.contains("--"), "an option: {sentence}");
            assert!(!sentence.ends_with('.') && sentence.len() > 20, "{sentence}");
        }
        let distinct: std::collections::BTreeSet<&String> = said.iter().collect();
        assert_eq!(distinct.len(), said.len());
    }

    #[test]
    fn values_stand_in_the_sentence_in_the_unit_that_people_read() {
        let expected = [
            "clock check at 19 s: 3 knocks, hip +4.2 ms against shank, 5.1 ms expected: the clocks agree",
            "clock check at 19 s: 3 knocks, hip -60.4 ms against shank, 5.1 ms expected: one sensor's packets",
            "clock check at 19 s: 1 knocks were felt by both sensors, 2 are needed",
            "set 1: the supporting leg is not known",
            "neither body height nor shank length is known: an average adult's are taken, which leaves the knee's travel uncertain by \
             7 % of itself",
            "the shank length is not known: it is taken from the body height, which leaves the knee's travel uncertain by 3.5 %",
            "the body height is not known: the thigh's length",
            "whoever stands on one leg leans to its side, and 5 movements lean away from the left leg",
            "no set was found, because of most of 12 movements it was said: perhaps on both legs",
            "100 of 1000 samples are missing (10 %), the longest gap is 0.25 s",
            "300 of 1000 samples are missing (30 %), the longest gap is 2.50 s",
            "its timeline is known to 31 ms only",
            "no arrival times",
            "the sensors set their clocks to one another's",
            "set 2: the sensor's front is known to 25 degrees only",
            "17 samples are at the end of the range",
            "5 samples are not numbers",
            "it sampled unevenly",
            "the file holds the maker's orientations only",
            "its accelerometer reads 11.23 m/s2 at rest instead of 9.81: a bias of 1.5 m/s2, known to 0.2, was taken out",
            "its accelerometer reads 19.61 m/s2 at rest instead of 9.81 and no bias explains it",
            "it turned by 16 degrees on the skin between 12.3 and 56.8 s: movements in between were not judged",
            "it and another sensor were put on anew between 12.3 and 56.8 s (this one turned by 27 degrees)",
            "set 1: it did not come back to its place after 3 of 5 repetitions (by 7 degrees at most)",
            "set 2: it is worn another way than in set 1 (turned by 171 degrees)",
            "set 1: it did not move at all while the person moved, so it is not worn",
            "in walking the hip sensor swings like a shin",
            "21 s of movement between 12.3 and 56.8 s belong to no set and were not judged",
            "the recording was not ended (a crash or a power loss)",
            "a part of the recording is damaged (18211 bytes): what was stored in it is lost",
            "the recording's description of its session was damaged: a whole copy of it was used",
            "the recording's description of its session is damaged: athlete, leg and body",
            "one bit of the recording had changed and was set right by its checksum",
            "the recording's checksum is wrong and its descriptions have none of their own",
            "something is wrong with the recording that only a later version can name",
            "120 samples that were recorded are lost from the file",
            "its description is damaged: model, ranges and site are not known",
        ];
        let all = one_of_each();
        assert_eq!(all.len(), expected.len());
        for (finding, expected) in all.iter().zip(expected) {
            assert!(sentence(finding).starts_with(expected), "{}\n{expected}", sentence(finding));
        }
    }

    #[test]
    fn a_remark_names_the_sensor_if_there_is_one() {
        let uneven = Finding::of_sensor(SensorRole::Trunk, FindingKind::Uneven);
        assert_eq!(remark(&uneven), format!("trunk sensor: {}", sentence(&uneven)));
        let none = Finding::of_recording(FindingKind::NoRepetitions { movements: 0, mostly: None });
        assert_eq!(remark(&none), sentence(&none));
    }

    #[test]
    fn a_clock_check_that_says_nothing_says_why() {
        let role = SensorRole::Shank;
        for (why, expected) in [
            (NotCompared::NoSensor { role }, "there is no shank sensor that feels knocks"),
            (NotCompared::ClockNotFitted { role }, "the shank sensor's clock could not be fitted"),
            (NotCompared::ClockAssumed { role }, "the shank sensor's packets have no arrival times"),
        ] {
            let kind = FindingKind::ClocksNotCompared { at: HostTime::from_seconds(30.4), why };
            let said = sentence(&Finding::of_recording(kind));
            assert!(said.starts_with(&format!("clock check at 30 s: {expected}")), "{said}");
        }
    }
}
