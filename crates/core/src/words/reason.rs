//! Why a repetition got its verdict, in a sentence or two.

use super::{Args, Language, LengthUnit};
use crate::correction::CorrectedTo;
use crate::rep::{Cause, Criterion, Flag, Judgement, Reading, Rep};

impl Language {
    /// Why a repetition got the verdict that holds: what, how much over which limit, how sure, and what else was seen. Where a
    /// person corrected it: who and why. Its code is [`Cause::name`].
    pub fn reason(self, rep: &Rep) -> String {
        self.reason_in(rep, LengthUnit::Millimetres)
    }

    /// [`Language::reason`] with lengths in another unit.
    pub fn reason_in(self, rep: &Rep, unit: LengthUnit) -> String {
        let judgement = &rep.judgement;
        let computed =
            || self.say(&format!("cause-{}", judgement.cause.name()), &Args::of_cause(judgement, self, unit));
        // What the limits say counts no more where a person says something else.
        let mut text = self.correction(rep).unwrap_or_else(computed);
        if !judgement.flags.is_empty() {
            text.push(' ');
            text.push_str(
                &self.say("flags", &Args::new(self).text("flags", self.flags_in(judgement, unit).join(", "))),
            );
        }
        text
    }

    /// What was seen beside a verdict, each with its value: `knee forward on the way up (34 ± 3 mm)`.
    pub fn flags(self, judgement: &Judgement) -> Vec<String> {
        self.flags_in(judgement, LengthUnit::Millimetres)
    }

    fn flags_in(self, judgement: &Judgement, unit: LengthUnit) -> Vec<String> {
        let value = |flag: Flag| {
            let criterion = flag.criterion()?;
            let evidence = judgement.evidence.iter().find(|evidence| evidence.criterion == criterion)?;
            let Reading { value, sigma } = evidence.reading;
            let words = if criterion.metric().unit() == "mm" {
                let [value, sigma] = [value, sigma].map(|mm| format!("{:.*}", unit.digits(), unit.of_mm(mm)));
                format!("{value} ± {sigma} {}", unit.symbol())
            } else {
                evidence.reading.words_with_unit(criterion.metric())
            };
            Some(format!(" ({})", self.with_decimals(&words)))
        };
        judgement.flags.iter().map(|flag| self.flag(*flag) + &value(*flag).unwrap_or_default()).collect()
    }

    /// Something worth knowing beside a verdict.
    pub fn flag(self, flag: Flag) -> String {
        self.say("flag", &Args::new(self).text("flag", flag.name()))
    }

    /// Who corrected a repetition, and why; `None` if nobody did.
    fn correction(self, rep: &Rep) -> Option<String> {
        let correction = rep.by_hand.as_ref()?;
        let key = match correction.change {
            CorrectedTo::Excluded => "by-hand-excluded",
            CorrectedTo::Verdict { .. } => "by-hand-verdict",
        };
        let args = Args::new(self)
            .text("author", correction.author.as_str())
            .text("why", correction.reason.as_str())
            .text("verdict", rep.judgement.verdict.name());
        Some(self.say(key, &args))
    }

    /// A number's text with the decimal sign of the language.
    fn with_decimals(self, text: &str) -> String {
        text.replace('.', &self.decimal().to_string())
    }
}

impl Args {
    /// Value, limit and error of the test that a cause rests on; nothing of a cause that rests on none.
    pub(super) fn of_cause(judgement: &Judgement, language: Language, unit: LengthUnit) -> Self {
        let criterion = match judgement.cause {
            Cause::KneeForwardSure => Criterion::KneeForwardFault,
            Cause::KneeForwardSeen => Criterion::KneeForwardSeenFault,
            Cause::HipTravelShort => Criterion::HipBackFault,
            _ => return Self::new(language),
        };
        let tested = judgement.evidence.iter().find(|evidence| evidence.criterion == criterion);
        let number = |value: Option<f64>| {
            value.map_or_else(
                || "?".to_owned(),
                |mm| language.with_decimals(&format!("{:.*}", unit.digits(), unit.of_mm(mm))),
            )
        };
        Self::new(language)
            .text("value", number(tested.map(|evidence| evidence.reading.value)))
            .text("limit", number(tested.map(|evidence| evidence.limit)))
            .text("sigma", number(tested.map(|evidence| evidence.reading.sigma)))
            .text("unit", unit.symbol())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::correction::Correction;
    use crate::rep::{Evidence, Phases, RepMetrics, Verdict};
    use crate::time::{SessionTime, Span};

    const CAUSES: [Cause; 13] = [
        Cause::HingeSure,
        Cause::KneeForwardSure,
        Cause::KneeForwardSeen,
        Cause::HipTravelShort,
        Cause::GreyZone,
        Cause::TooUncertain,
        Cause::NotMeasured,
        Cause::SensorLoose,
        Cause::SensorUnworn,
        Cause::OtherLeg,
        Cause::PerhapsBrokenOff,
        Cause::PerhapsPart,
        Cause::Alone,
    ];

    fn rep(cause: Cause) -> Rep {
        let span = Span::from_seconds(0.0, 1.0);
        let evidence = |criterion, value| Evidence {
            criterion,
            reading: Reading { value, sigma: 3.4 },
            limit: 30.0,
            margin: value - 30.0,
            probability: 0.99,
        };
        let judgement = Judgement {
            verdict: Verdict::KneeForwardDrift,
            cause,
            probability: 0.99,
            evidence: vec![
                evidence(Criterion::KneeForwardFault, 41.2),
                evidence(Criterion::KneeForwardSeenFault, 38.0),
                evidence(Criterion::HipBackFault, 4.0),
                evidence(Criterion::PelvisDropFault, 12.34),
            ],
            flags: vec![],
        };
        Rep {
            number: 1,
            span,
            turn: SessionTime::from_seconds(0.5),
            phases: Phases { quiet_stance: span, descent: span, bottom: span, ascent: span },
            metrics: RepMetrics::default(),
            budgets: BTreeMap::new(),
            judgement,
            by_hand: None,
            curves: vec![],
        }
    }

    #[test]
    fn every_cause_and_flag_has_words_in_every_language() {
        for language in Language::ALL {
            for cause in CAUSES {
                let (rep, key) = (rep(cause), format!("cause-{}", cause.name()));
                assert_eq!(
                    language.missing(&key, &Args::of_cause(&rep.judgement, language, LengthUnit::Millimetres)),
                    Vec::<String>::new()
                );
                assert!(!language.reason(&rep).contains("cause-"), "{}", language.reason(&rep));
            }
            let flags = [Flag::EarlyDrift, Flag::LateDrift, Flag::KneeBend, Flag::PelvisDrop, Flag::PelvisRotation];
            for flag in flags.into_iter().chain([Flag::BalanceLoss, Flag::FootMoved, Flag::SpineFlexion, Flag::TooFast])
            {
                assert!(!language.flag(flag).contains('_'), "{}", language.flag(flag));
                assert!(language != Language::English || language.flag(flag) == flag.title());
            }
        }
    }

    #[test]
    fn a_reason_says_what_how_much_and_what_else() {
        let mut drift = rep(Cause::KneeForwardSure);
        drift.judgement.flags = vec![Flag::PelvisDrop, Flag::TooFast];
        assert_eq!(
            Language::English.reason(&drift),
            "The knee travelled forward: 41 mm against a limit of 30 mm, error ±3 mm. \
             Also: pelvic drop (12.3 ± 3.4°), too fast."
        );
        assert_eq!(
            Language::German.reason(&drift),
            "Das Knie wanderte nach vorn: 41 mm bei einer Grenze von 30 mm, Fehler ±3 mm. \
             Außerdem: Absinken des Beckens (12,3 ± 3,4°), zu schnell."
        );
        drift.judgement.evidence.clear();
        let unmeasured = Language::English.reason(&drift);
        assert!(unmeasured.contains("? mm against a limit of ? mm"), "{unmeasured}");
    }

    #[test]
    fn what_a_person_says_of_it_comes_first() {
        let mut rep = rep(Cause::KneeForwardSure);
        let (reason, author) = ("the belt slipped".to_owned(), "KM".to_owned());
        rep.by_hand = Some(Correction { change: CorrectedTo::Excluded, reason, author, at_utc_ns: 0 });
        assert_eq!(Language::English.reason(&rep), "Excluded by KM: the belt slipped.");
        let change = CorrectedTo::Verdict { verdict: Verdict::TrueHinge };
        rep.by_hand = rep.by_hand.map(|correction| Correction { change, ..correction });
        let computed = "Corrected by KM: the belt slipped. Computed was: knee-forward drift.";
        assert_eq!(Language::English.reason(&rep), computed);
        let verdict = Language::German.verdict(Verdict::KneeForwardDrift);
        let computed = format!("Korrigiert von KM: the belt slipped. Berechnet war: {verdict}.");
        assert_eq!(Language::German.reason(&rep), computed);
    }
}
