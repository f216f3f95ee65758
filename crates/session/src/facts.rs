//! What is known of a person when a session of theirs is judged, and who said it. The first of these holds: whoever asks for the analysis,
//! whoever edited the recording, the athlete's card as it stood on the day of the session, the recording.

use truehinge_core::{
    Anthropometry, AthleteCard, Edges, Fact, FactSource, Facts, Limit, LocalStart, Measured, Protocol, SessionInfo,
    UsedFact,
};

use crate::Error;

/// What a session is judged by.
#[derive(Clone, PartialEq, Debug)]
pub struct Settled {
    /// The protocol, with the limits of the person's own.
    pub protocol: Protocol,
    /// What is known of the person, each with who said it.
    pub facts: Vec<UsedFact>,
}

/// A measure of the body: what it is called, its unit, its value in it, and where it stands on a card.
type Measure = (Fact, &'static str, &'static str, fn(&Anthropometry) -> Option<f64>);

const MEASURES: [Measure; 5] = [
    (Fact::Stature, "stature_mm", "mm", |body| body.stature.map(millimetres)),
    (Fact::ShankLength, "shank_length_mm", "mm", |body| body.shank_length.map(millimetres)),
    (Fact::ThighLength, "thigh_length_mm", "mm", |body| body.thigh_length.map(millimetres)),
    (Fact::HipWidth, "hip_width_mm", "mm", |body| body.hip_width.map(millimetres)),
    (Fact::Mass, "mass_kg", "kg", |body| body.mass_kg),
];

/// To a thousandth, so that 349 mm are not 349.00000000000006.
fn millimetres(length: Measured<truehinge_core::quantity::Metres>) -> f64 {
    (length.value.millimetres() * 1e3).round() / 1e3
}

/// Puts what the card says into the session, where nobody said otherwise, and into the protocol.
///
/// # Errors
/// [`Error::Body`]: nobody is so.
pub fn settle(
    info: &mut SessionInfo,
    card: Option<&AthleteCard>,
    protocol: Protocol,
    is_asked_for: bool,
) -> Result<Settled, Error> {
    let day = info.local_start().as_ref().map(LocalStart::day);
    let known = card.map_or_else(Facts::default, |card| card.facts_on(day));
    let on_card = known.body();
    let is_from_card = |(fact, _, _, of): &&Measure| said(info, *fact).is_none() && of(&on_card).is_some();
    let from_card: Vec<Fact> = MEASURES.iter().filter(is_from_card).map(|(fact, ..)| *fact).collect();
    take(&mut info.body, &on_card, &from_card);
    info.body.check()?;
    let mut facts = stated(info);
    for used in &mut facts {
        let measure = MEASURES.iter().find(|(_, name, ..)| *name == used.fact);
        if let Some((.., of)) = measure.filter(|(fact, ..)| from_card.contains(fact)) {
            used.from = FactSource::Card;
            used.since = card.and_then(|card| card.since(day, |facts| of(&facts.body()).is_some()));
        }
    }
    // A protocol that somebody asked for, or edited into the recording, is meant with its own limits.
    if is_asked_for || info.source.edited.contains(&Fact::Protocol) {
        return Ok(Settled { protocol, facts });
    }
    for (limit, edges) in &known.limits {
        let since = card.and_then(|card| card.since(day, |facts| facts.limits.contains_key(limit)));
        facts.extend(of_limit(*limit, *edges).map(|fact| UsedFact { since, ..fact }));
    }
    Ok(Settled { protocol: protocol.with_limits(&known.limits)?, facts })
}

/// What a session says by itself.
pub fn stated(info: &SessionInfo) -> Vec<UsedFact> {
    let used = |(fact, name, unit, of): &Measure| {
        let from = said(info, *fact).unwrap_or(FactSource::Recording);
        of(&info.body).map(|value| UsedFact {
            fact: (*name).to_owned(),
            value,
            unit: (*unit).to_owned(),
            from,
            since: None,
        })
    };
    MEASURES.iter().filter_map(used).collect()
}

/// Who said something before the card does, if anybody.
fn said(info: &SessionInfo, fact: Fact) -> Option<FactSource> {
    let (told, edited) = (&info.source.told, &info.source.edited);
    if told.contains(&fact) { Some(FactSource::Option) } else { edited.contains(&fact).then_some(FactSource::Edited) }
}

fn take(body: &mut Anthropometry, card: &Anthropometry, facts: &[Fact]) {
    for fact in facts {
        match fact {
            Fact::Stature => body.stature = card.stature,
            Fact::ShankLength => body.shank_length = card.shank_length,
            Fact::ThighLength => body.thigh_length = card.thigh_length,
            Fact::HipWidth => body.hip_width = card.hip_width,
            Fact::Mass => body.mass_kg = card.mass_kg,
            _ => {}
        }
    }
}

/// Both edges of a limit of the person's own.
fn of_limit(limit: Limit, edges: Edges) -> [UsedFact; 2] {
    let (of, unit) = limit.parts();
    [("good", edges.good), ("fault", edges.fault)].map(|(edge, value)| UsedFact {
        fact: format!("limit_{of}_{edge}_{unit}"),
        value,
        unit: if limit == Limit::FootKnock { "m/s2" } else { unit }.to_owned(),
        from: FactSource::Card,
        since: None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use truehinge_core::{AthleteId, Day, Length, Zone};
    use truehinge_sim::Scenario;

    use super::*;

    fn mm(mm: f64) -> Length {
        Length::from_millimetres(mm)
    }

    fn day(text: &str) -> Day {
        text.parse().expect("a date")
    }

    /// 1 October 2026, 22:02 UTC: the 2nd in Auckland.
    fn info() -> SessionInfo {
        let info = Scenario::typical(1).run().expect("a session").recording().info;
        let body = Anthropometry::standing(mm(1800.0));
        SessionInfo { start_utc_ns: Some(1_790_892_135_500_000_000), zone: Zone::Ahead(13 * 3600), body, ..info }
    }

    fn card() -> AthleteCard {
        let mut card = AthleteCard { athlete: AthleteId::new("P-014").expect("an id"), entries: Vec::new() };
        let own = BTreeMap::from([(Limit::KneeForward, Edges { good: 10.0, fault: 18.0 })]);
        card.learn(None, &Facts { stature: Some(mm(1750.0)), limits: own, ..Facts::default() });
        card.learn(
            Some(day("2026-10-02")),
            &Facts { stature: Some(mm(1760.0)), mass_kg: Some(70.0), ..Facts::default() },
        );
        card.learn(Some(day("2026-10-03")), &Facts { stature: Some(mm(1770.0)), ..Facts::default() });
        card
    }

    fn words(settled: &Settled) -> String {
        settled.facts.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn option_then_edit_then_card_of_the_day_then_recording() {
        let settled = |info: &mut SessionInfo, card: Option<&AthleteCard>| {
            settle(info, card, Protocol::default(), false).expect("possible")
        };
        let mut alone = info();
        assert_eq!(words(&settled(&mut alone, None)), "stature_mm 1800 (recording)");
        assert_eq!(alone, info());
        let mut with_card = info();
        let by_card = settled(&mut with_card, Some(&card()));
        assert_eq!(
            words(&by_card),
            "stature_mm 1760 (card since 2026-10-02); mass_kg 70 (card since 2026-10-02); \
             limit_knee_forward_good_mm 10 (card); limit_knee_forward_fault_mm 18 (card)"
        );
        assert_eq!(with_card.body.stature.map(|stature| stature.value), Some(mm(1760.0)));
        assert_eq!(by_card.protocol.criteria.knee_forward.fault, mm(18.0));
        assert_eq!(by_card.protocol.criteria.hip_back, Protocol::default().criteria.hip_back);
        let mut edited = info();
        edited.source.edited = vec![Fact::Stature];
        assert!(words(&settled(&mut edited, Some(&card()))).starts_with("stature_mm 1800 (edited); mass_kg 70 (card"));
        edited.source.told = vec![Fact::Stature];
        assert!(words(&settled(&mut edited, Some(&card()))).starts_with("stature_mm 1800 (option); mass_kg"));
    }

    #[test]
    fn a_protocol_that_somebody_asked_for_or_edited_in_keeps_its_limits() {
        let mut edited = info();
        edited.source.edited = vec![Fact::Protocol];
        for (mut info, is_asked_for) in [(info(), true), (edited, false)] {
            let settled = settle(&mut info, Some(&card()), Protocol::default(), is_asked_for).expect("possible");
            assert_eq!(settled.protocol, Protocol::default());
        }
    }

    #[test]
    fn of_a_session_without_a_date_holds_what_always_held() {
        let mut info = SessionInfo { start_utc_ns: None, ..info() };
        let settled = settle(&mut info, Some(&card()), Protocol::default(), true).expect("possible");
        assert_eq!(words(&settled), "stature_mm 1750 (card)");
    }
}
