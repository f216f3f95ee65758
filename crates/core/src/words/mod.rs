//! The sentences that people read: the terminal, the pages and the tables all say the same.
//!
//! Each stands once for each language, in `en.ftl` and `de.ftl` (Project Fluent), under the code of what it tells. A sentence says
//! what is the case, with its value; its hint says what to do. Neither names an option of the program, because tables and pages are read
//! without it.

mod args;
mod language;
mod reason;
mod unit;

pub use language::{Args, Language};
pub use unit::LengthUnit;

use crate::body::{SensorRole, Side};
use crate::finding::Finding;
use crate::rep::{Rejection, Verdict};

/// A finding in words, with the sensor it is about in front; in English.
pub fn remark(finding: &Finding) -> String {
    Language::English.remark(finding)
}

/// A finding in words, what to do included; in English. The sensor it is about is "it".
pub fn sentence(finding: &Finding) -> String {
    Language::English.sentence(finding)
}

impl Language {
    /// A finding in words, with the sensor it is about in front.
    pub fn remark(self, finding: &Finding) -> String {
        let sentence = self.sentence(finding);
        match finding.role {
            Some(role) => {
                self.say("remark", &Args::new(self).text("sensor", self.sensor(role)).text("sentence", sentence))
            }
            None => sentence,
        }
    }

    /// A finding in words, what to do included. The sensor it is about is "it".
    pub fn sentence(self, finding: &Finding) -> String {
        self.with_hint(self.found(finding), self.hint(finding))
    }

    /// What a finding says is the case.
    pub fn found(self, finding: &Finding) -> String {
        self.say(&format!("finding-{}", finding.code()), &Args::of_finding(finding, self))
    }

    /// What to do about a finding, if there is anything.
    pub fn hint(self, finding: &Finding) -> Option<String> {
        self.hint_of(&format!("finding-{}", finding.code()), &Args::of_finding(finding, self))
    }

    /// Why a movement was not counted, what to do included.
    pub fn rejection(self, rejection: &Rejection) -> String {
        let (key, args) = (format!("rejection-{}", rejection.name()), Args::of_rejection(rejection, self));
        self.with_hint(self.say(&key, &args), self.hint_of(&key, &args))
    }

    /// Several movements that were not counted for the same everyday reason.
    pub(crate) fn several(self, kind: &str, movements: usize) -> String {
        self.say(&format!("several-{kind}"), &Args::new(self).count("movements", movements as u64))
    }

    /// A verdict, as it stands on pages.
    pub fn verdict(self, verdict: Verdict) -> String {
        self.say("verdict", &Args::new(self).text("verdict", verdict.name()))
    }

    /// A side of the body.
    pub fn side(self, side: Side) -> String {
        self.say("side", &Args::new(self).text("side", side.name()))
    }

    /// A sensor by its role, such as "hip sensor".
    pub fn sensor(self, role: SensorRole) -> String {
        self.say("sensor", &Args::new(self).text("role", role.name()))
    }

    /// The same as athletes call it, such as "shin sensor".
    pub fn worn(self, role: SensorRole) -> String {
        self.say("live-sensor", &Args::new(self).text("role", role.name()))
    }

    fn with_hint(self, found: String, hint: Option<String>) -> String {
        match hint {
            Some(hint) => self.say("with-hint", &Args::new(self).text("found", found).text("hint", hint)),
            None => found,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::finding::{FindingKind, NotCompared, one_of_each};
    use crate::time::HostTime;

    #[test]
    fn every_kind_has_a_sentence_of_its_own_that_needs_no_program() {
        let said: Vec<String> = one_of_each().iter().map(sentence).collect();
        for sentence in &said {
            assert!(!sentence.contains("--"), "an option: {sentence}");
            assert!(!sentence.ends_with('.') && sentence.len() > 20, "{sentence}");
        }
        let distinct: BTreeSet<&String> = said.iter().collect();
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
            "the sensors set their clocks to one another's before",
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
            "the knee would have bent backward, or the pelvis leaned far back: a sensor faces the other way than was said",
            "21 s of movement between 12.3 and 56.8 s belong to no set and were not judged",
            "the correction by hand of repetition 4 of set 1 no longer fits: no repetition is there any more between 12.3 and 56.8 s",
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

    /// Messages of a catalogue: key, parts and the values that they use.
    fn catalogue(language: Language) -> BTreeMap<&'static str, (BTreeSet<&'static str>, BTreeSet<&'static str>)> {
        let mut messages: BTreeMap<_, (BTreeSet<_>, BTreeSet<_>)> = BTreeMap::new();
        let mut current = "";
        for line in language.sources().iter().flat_map(|source| source.lines()).filter(|line| !line.starts_with('#')) {
            if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with([' ', '}'])) {
                current = key;
            }
            let (parts, values) = messages.entry(current).or_default();
            parts.extend(
                line.trim().strip_prefix('.').and_then(|attribute| attribute.split_once(" =")).map(|(name, _)| name),
            );
            values.extend(line.split("{ $").skip(1).filter_map(|rest| rest.split([' ', '}']).next()));
        }
        messages
    }

    #[test]
    fn every_language_says_the_same_with_the_same_values() {
        for language in Language::ALL {
            assert_eq!(catalogue(language), catalogue(Language::English), "{}", language.code());
        }
    }

    #[test]
    fn every_code_has_a_message_in_every_language_and_every_value_is_there() {
        for language in Language::ALL {
            for finding in one_of_each() {
                let (key, args) = (format!("finding-{}", finding.code()), Args::of_finding(&finding, language));
                assert_eq!(language.missing(&key, &args), Vec::<String>::new(), "{}", language.code());
            }
            for rejection in rejections() {
                let (key, args) = (format!("rejection-{}", rejection.name()), Args::of_rejection(&rejection, language));
                assert_eq!(language.missing(&key, &args), Vec::<String>::new(), "{}", language.code());
                let several = rejection.common_kind().map(|kind| {
                    language.missing(&format!("several-{kind}"), &Args::new(language).count("movements", 3))
                });
                assert_eq!(several.unwrap_or_default(), Vec::<String>::new(), "{}", language.code());
            }
        }
        let german = Language::German;
        let loss = &one_of_each()[9];
        assert_eq!(
            german.sentence(loss),
            "100 von 1000 Messwerten fehlen (10 %), die längste Lücke dauert 0,25 s: näher am Empfänger aufzeichnen"
        );
        assert_eq!(
            german.rejection(&Rejection::Duration { seconds: 12.34 }),
            "dauerte 12,3 s: zu kurz oder zu lang für eine Wiederholung"
        );
        assert_eq!(german.verdict(Verdict::Indeterminate), "nicht sicher");
    }

    #[test]
    fn names_are_those_of_the_pages() {
        for verdict in Verdict::ALL {
            assert_eq!(Language::English.verdict(verdict), verdict.title());
        }
        let sensors = [SensorRole::Hip, SensorRole::Shank, SensorRole::Thigh, SensorRole::Trunk];
        assert_eq!(sensors.map(|role| Language::English.sensor(role)), sensors.map(|role| format!("{role} sensor")));
    }

    fn rejections() -> [Rejection; 13] {
        [
            Rejection::TooSmall { excursion_deg: 3.0, limit_deg: 9.0 },
            Rejection::CutOff,
            Rejection::Stepping,
            Rejection::NoQuietStance,
            Rejection::DataGap { seconds: 0.5 },
            Rejection::NoReturn { share: 0.4 },
            Rejection::Duration { seconds: 12.0 },
            Rejection::OutsideSet,
            Rejection::Twist { share: 0.2 },
            Rejection::FootMoved { unexplained_m_per_s2: 2.0 },
            Rejection::TwoLegs { lean_deg: 1.0 },
            Rejection::OneLegUnseen,
            Rejection::Sat { drop_mm: 200.0 },
        ]
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
