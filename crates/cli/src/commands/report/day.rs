//! The day that a person's pages are about.

use std::collections::{BTreeMap, BTreeSet};

use truehinge_core::card::Injured;
use truehinge_core::trend::Trend;
use truehinge_core::{AthleteId, SessionAnalysis, Side, SideSummary};
use truehinge_dataset::cards::Cards;
use truehinge_report::model::Person;
use truehinge_report::{Content, ReportModel};
use truehinge_session::days::{self, Which};
use truehinge_session::trend;

use super::Style;
use crate::failure::unusable;

/// The sessions of each athlete in order of time.
pub fn by_athlete(sessions: impl Iterator<Item = SessionAnalysis>) -> BTreeMap<AthleteId, Vec<SessionAnalysis>> {
    let mut athletes: BTreeMap<AthleteId, Vec<SessionAnalysis>> = BTreeMap::new();
    for session in sessions {
        athletes.entry(session.info.athlete.clone()).or_default().push(session);
    }
    athletes.values_mut().for_each(|sessions| days::in_order(sessions));
    athletes
}

/// What the pages of a person are made from: a day, and what led to it.
pub struct Day<'a> {
    /// Whose it is.
    pub athlete: &'a AthleteId,
    person: Person,
    /// Its sessions, in order of time.
    pub shown: Vec<SessionAnalysis>,
    /// Earlier ones that the trends rest on.
    earlier: Vec<&'a SessionAnalysis>,
    /// Over all sessions up to these.
    pub trends: Vec<Trend>,
    /// Squads of the person on that day.
    pub squads: BTreeSet<String>,
    /// Sessions of the same date that cannot stand on the same page.
    pub left_out: Vec<String>,
    /// Earlier sessions that no trend takes, because the exercise or what it is judged by differs.
    not_compared: usize,
}

impl<'a> Day<'a> {
    /// The wanted day among all sessions of a person in order of time.
    pub fn of(athlete: &'a AthleteId, all: &'a [SessionAnalysis], which: &Which) -> Option<Self> {
        let indices = days::day(all, which)?;
        let last = *indices.last()?;
        let left_out = match which {
            Which::Session(_) => Vec::new(),
            Which::Last | Which::Date(_) => {
                days::left_out(all, &indices).iter().map(|session| session.info.session.to_string()).collect()
            }
        };
        let shown: Vec<SessionAnalysis> = indices.iter().map(|index| all[*index].clone()).collect();
        let mut trends = trend::trends(&all[..=last]);
        // A leg that is not on the page is not told about.
        let legs = SideSummary::of_all(&shown);
        trends.retain(|trend| legs.iter().any(|leg| leg.side == trend.side));
        let before = |index: &usize| !indices.contains(index) && trend::comparable(&all[*index], &all[last]);
        let earlier = (0..last).filter(before).map(|index| &all[index]).collect();
        let not_compared = all[..last].iter().filter(|session| !trend::comparable(session, &all[last])).count();
        let (person, squads) = (Person::default(), BTreeSet::new());
        Some(Self { athlete, person, shown, earlier, trends, squads, left_out, not_compared })
    }

    /// What the card says of the person, as it stood on that day.
    pub fn ask(&mut self, cards: Option<&Cards>) -> anyhow::Result<()> {
        let card = cards.map_or(Ok(None), |cards| cards.read(self.athlete)).map_err(unusable)?;
        let start = self.shown.last().and_then(|session| session.info.local_start());
        let Some(card) = card else { return Ok(()) };
        let facts = card.facts_on(start.map(|start| start.day()));
        let injured = match facts.injured_side {
            Some(Injured::Left) => Some(Side::Left),
            Some(Injured::Right) => Some(Side::Right),
            Some(Injured::Both | Injured::None) | None => None,
        };
        self.person = Person { injured, note: facts.readiness };
        self.squads = facts.squads.unwrap_or_default();
        Ok(())
    }

    /// One session of somebody of whom nothing else is known.
    pub fn alone(session: &'a SessionAnalysis) -> Self {
        let shown = vec![session.clone()];
        let (athlete, trends) = (&session.info.athlete, trend::trends(&shown));
        let (person, squads) = (Person::default(), BTreeSet::new());
        let (earlier, left_out) = (Vec::new(), Vec::new());
        Self { athlete, person, shown, earlier, trends, squads, left_out, not_compared: 0 }
    }

    /// What its pages show.
    pub fn model(&self, style: &Style) -> ReportModel {
        let sides = SideSummary::of_all(&self.shown);
        let symmetry = trend::symmetry(&sides, self.person.injured);
        let form: Vec<_> = self.shown.iter().map(trend::form_loss).collect();
        ReportModel::build(&Content {
            athlete: self.athlete,
            person: self.person.clone(),
            sessions: &self.shown,
            earlier: &self.earlier,
            trends: &self.trends,
            against: style.against,
            symmetry: &symmetry,
            form: &form,
            not_compared: self.not_compared,
            clinic: style.clinic.clone(),
            say: style.say,
        })
    }
}
