//! What is known of a person from one day on: measures of the body, an injured side, how ready they are, limits of their own, squads.
//!
//! A card is what was learnt, and when it began to hold: a session is judged by the card as it stood on its day, so that a person who grew
//! is no reason to judge last year's sessions otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::body::{Anthropometry, Side};
use crate::explained::Explained;
use crate::id::AthleteId;
use crate::possible::Impossible;
use crate::protocol::{Edges, Limit, Protocol};
use crate::quantity::{Length, Measured};
use crate::start::Day;

/// What is known of a person.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AthleteCard {
    /// Pseudonym of the person, every letter of it.
    pub athlete: AthleteId,
    /// What was learnt, each with the day from which it holds.
    #[serde(default, rename = "facts")]
    pub entries: Vec<Entry>,
}

/// What was learnt at one time.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "EntryFile", into = "EntryFile")]
pub struct Entry {
    /// The first day on which it holds, by the calendar of the place; `None` for what always held.
    pub from: Option<Day>,
    /// What it is.
    pub facts: Facts,
}

/// Facts about a person, each only if it is known.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Facts {
    /// Standing height.
    pub stature: Option<Length>,
    /// Knee joint line to outer ankle.
    pub shank_length: Option<Length>,
    /// Greater trochanter to knee joint line.
    pub thigh_length: Option<Length>,
    /// Distance between the hip joints.
    pub hip_width: Option<Length>,
    /// Body mass, kg.
    pub mass_kg: Option<f64>,
    /// Which side is injured.
    pub injured_side: Option<Injured>,
    /// How ready the person is, in words.
    pub readiness: Option<String>,
    /// Limits of their own, in place of those of the protocol.
    pub limits: BTreeMap<Limit, Edges>,
    /// Squads the person is in.
    pub squads: Option<BTreeSet<String>>,
}

/// Which side is injured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Injured {
    /// The left one.
    Left,
    /// The right one.
    Right,
    /// Both.
    Both,
    /// Neither: what was injured before is not any more.
    None,
}

impl Injured {
    /// `left`, `right`, `both` or `none`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Left => Side::Left.name(),
            Self::Right => Side::Right.name(),
            Self::Both => "both",
            Self::None => "none",
        }
    }
}

/// An entry as it stands in files: the unit is in the key. Lengths may be given in centimetres, too.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
struct EntryFile {
    /// The first day on which it holds, by the calendar of the place; absent for what always held.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Day>,
    /// Standing height, mm.
    #[serde(skip_serializing_if = "Option::is_none")]
    stature_mm: Option<f64>,
    /// Standing height, cm; read, never written.
    #[serde(skip_serializing)]
    stature_cm: Option<f64>,
    /// Knee joint line to outer ankle, mm.
    #[serde(skip_serializing_if = "Option::is_none")]
    shank_length_mm: Option<f64>,
    /// The same, cm; read, never written.
    #[serde(skip_serializing)]
    shank_length_cm: Option<f64>,
    /// Greater trochanter to knee joint line, mm.
    #[serde(skip_serializing_if = "Option::is_none")]
    thigh_length_mm: Option<f64>,
    /// The same, cm; read, never written.
    #[serde(skip_serializing)]
    thigh_length_cm: Option<f64>,
    /// Distance between the hip joints, mm.
    #[serde(skip_serializing_if = "Option::is_none")]
    hip_width_mm: Option<f64>,
    /// The same, cm; read, never written.
    #[serde(skip_serializing)]
    hip_width_cm: Option<f64>,
    /// Body mass, kg.
    #[serde(skip_serializing_if = "Option::is_none")]
    mass_kg: Option<f64>,
    /// Which side is injured.
    #[serde(skip_serializing_if = "Option::is_none")]
    injured_side: Option<Injured>,
    /// How ready the person is, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    readiness: Option<String>,
    /// Squads the person is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    squads: Option<BTreeSet<String>>,
    /// Limits of their own, by their names in protocol files, in place of those of the protocol.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    limits: BTreeMap<Limit, Edges>,
}

/// A length in millimetres or in centimetres.
fn length(key: &str, mm: Option<f64>, cm: Option<f64>) -> Result<Option<Length>, String> {
    match (mm, cm) {
        (Some(_), Some(_)) => Err(format!("{key}_mm and {key}_cm are both given: leave one out")),
        (mm, cm) => Ok(mm.or(cm.map(|cm| 10.0 * cm)).map(Length::from_millimetres)),
    }
}

impl TryFrom<EntryFile> for Entry {
    type Error = String;

    fn try_from(file: EntryFile) -> Result<Self, String> {
        let facts = Facts {
            stature: length("stature", file.stature_mm, file.stature_cm)?,
            shank_length: length("shank_length", file.shank_length_mm, file.shank_length_cm)?,
            thigh_length: length("thigh_length", file.thigh_length_mm, file.thigh_length_cm)?,
            hip_width: length("hip_width", file.hip_width_mm, file.hip_width_cm)?,
            mass_kg: file.mass_kg,
            injured_side: file.injured_side,
            readiness: file.readiness,
            limits: file.limits,
            squads: file.squads,
        };
        facts.check().map_err(|error| error.in_full())?;
        Ok(Self { from: file.from, facts })
    }
}

impl From<Entry> for EntryFile {
    fn from(Entry { from, facts }: Entry) -> Self {
        let mm = |length: Option<Length>| length.map(|length| crate::json::tidy(length.millimetres()));
        Self {
            from,
            stature_mm: mm(facts.stature),
            shank_length_mm: mm(facts.shank_length),
            thigh_length_mm: mm(facts.thigh_length),
            hip_width_mm: mm(facts.hip_width),
            mass_kg: facts.mass_kg,
            injured_side: facts.injured_side,
            readiness: facts.readiness,
            squads: facts.squads,
            limits: facts.limits,
            ..Self::default()
        }
    }
}

/// Standard uncertainty of a length that somebody measured on the body.
const MEASURED_SIGMA: Length = Length::from_millimetres(5.0);

impl Facts {
    /// Refuses what no person has, and limits that contradict themselves.
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self) -> Result<(), Impossible> {
        self.body().check()?;
        Protocol::default().with_limits(&self.limits).map(|_| ())
    }

    /// The measures of the body.
    pub fn body(&self) -> Anthropometry {
        let measured = |length: Option<Length>| length.map(|length| Measured::new(length, MEASURED_SIGMA));
        Anthropometry {
            stature: measured(self.stature),
            shank_length: measured(self.shank_length),
            thigh_length: measured(self.thigh_length),
            hip_width: measured(self.hip_width),
            mass_kg: self.mass_kg,
        }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes over what a later one says.
    fn learn(&mut self, later: &Self) {
        self.stature = later.stature.or(self.stature);
        self.shank_length = later.shank_length.or(self.shank_length);
        self.thigh_length = later.thigh_length.or(self.thigh_length);
        self.hip_width = later.hip_width.or(self.hip_width);
        self.mass_kg = later.mass_kg.or(self.mass_kg);
        self.injured_side = later.injured_side.or(self.injured_side);
        self.readiness = later.readiness.clone().or_else(|| self.readiness.take());
        self.squads = later.squads.clone().or_else(|| self.squads.take());
        self.limits.extend(&later.limits);
    }

    /// Forgets what another one says otherwise.
    fn forget(&mut self, other: &Self) {
        let length = |own: &mut Option<Length>, other: Option<Length>| *own = own.filter(|_| other.is_none());
        length(&mut self.stature, other.stature);
        length(&mut self.shank_length, other.shank_length);
        length(&mut self.thigh_length, other.thigh_length);
        length(&mut self.hip_width, other.hip_width);
        self.mass_kg = self.mass_kg.filter(|_| other.mass_kg.is_none());
        self.injured_side = self.injured_side.filter(|_| other.injured_side.is_none());
        self.readiness = self.readiness.take().filter(|_| other.readiness.is_none());
        self.squads = self.squads.take().filter(|_| other.squads.is_none());
        self.limits.retain(|limit, _| !other.limits.contains_key(limit));
    }
}

impl AthleteCard {
    /// The card as it stood on a day: of each fact the last that held then. Of a session without a date only what always held.
    pub fn facts_on(&self, day: Option<Day>) -> Facts {
        let mut facts = Facts::default();
        self.until(day).for_each(|entry| facts.learn(&entry.facts));
        facts
    }

    /// All that is known now: of each fact the last.
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        self.in_order().iter().for_each(|entry| facts.learn(&entry.facts));
        facts
    }

    /// The day from which a fact held that stood on the card on a day; `None` for what always held.
    pub fn since(&self, day: Option<Day>, is_said: impl Fn(&Facts) -> bool) -> Option<Day> {
        self.until(day).filter(|entry| is_said(&entry.facts)).last().and_then(|entry| entry.from)
    }

    /// Learns what holds from a day on, or put right for all time: then it is nowhere otherwise.
    pub fn learn(&mut self, from: Option<Day>, facts: &Facts) {
        if from.is_none() {
            self.entries.iter_mut().for_each(|entry| entry.facts.forget(facts));
        }
        match self.entries.iter_mut().find(|entry| entry.from == from) {
            Some(entry) => entry.facts.learn(facts),
            None => self.entries.push(Entry { from, facts: facts.clone() }),
        }
        self.entries.retain(|entry| !entry.facts.is_empty());
        self.entries.sort_by_key(|entry| entry.from);
    }

    fn in_order(&self) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by_key(|entry| entry.from);
        entries
    }

    fn until(&self, day: Option<Day>) -> impl Iterator<Item = &Entry> {
        // Nothing is earlier than any day.
        self.in_order().into_iter().filter(move |entry| entry.from <= day)
    }
}

/// A number that an analysis rests on and that somebody said: what the body measures, and limits of a person's own.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct UsedFact {
    /// Which, with its unit, such as `stature_mm` or `limit_knee_forward_good_mm`.
    pub fact: String,
    /// Its value, in that unit.
    pub value: f64,
    /// Unit of the value: mm, kg, deg or m/s2.
    pub unit: String,
    /// Who said it.
    pub from: FactSource,
    /// The day from which it holds on the card; null for what always held, and for what is not from the card.
    pub since: Option<Day>,
}

impl fmt::Display for UsedFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({}", self.fact, self.value, self.from.name())?;
        self.since.map_or(Ok(()), |since| write!(f, " since {since}"))?;
        f.write_str(")")
    }
}

/// Who said something of a person. The first of them holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub enum FactSource {
    /// Whoever asked for the analysis.
    Option,
    /// Whoever edited the recording.
    Edited,
    /// The athlete's card, as it stood on the day of the session.
    Card,
    /// The recording, as it was made or imported.
    Recording,
}

impl FactSource {
    /// Name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::Edited => "edited",
            Self::Card => "card",
            Self::Recording => "recording",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a date")
    }

    fn tall(mm: f64) -> Facts {
        Facts { stature: Some(Length::from_millimetres(mm)), ..Facts::default() }
    }

    fn card() -> AthleteCard {
        AthleteCard { athlete: AthleteId::new("P-014").expect("an id"), entries: Vec::new() }
    }

    #[test]
    fn a_session_is_judged_by_the_card_as_it_stood_on_its_day() {
        let mut card = card();
        card.learn(None, &Facts { mass_kg: Some(70.0), ..tall(1780.0) });
        card.learn(Some(day("2026-03-01")), &tall(1790.0));
        card.learn(Some(day("2026-09-01")), &Facts { injured_side: Some(Injured::Left), ..Facts::default() });
        let stature = |day| card.facts_on(day).stature.map(Length::millimetres);
        assert_eq!(stature(Some(day("2026-02-28"))), Some(1780.0));
        assert_eq!(stature(Some(day("2026-03-01"))), Some(1790.0));
        assert_eq!(stature(None), Some(1780.0), "without a date only what always held");
        assert_eq!(card.facts().injured_side, Some(Injured::Left));
        assert_eq!(card.facts_on(Some(day("2026-10-01"))).mass_kg, Some(70.0));
        let said = |facts: &Facts| facts.stature.is_some();
        assert_eq!(card.since(Some(day("2026-10-01")), said), Some(day("2026-03-01")));
        assert_eq!(card.since(Some(day("2026-01-01")), said), None);
    }

    #[test]
    fn what_is_put_right_for_all_time_is_nowhere_otherwise() {
        let mut card = card();
        card.learn(None, &tall(1780.0));
        card.learn(Some(day("2026-03-01")), &tall(1970.0));
        card.learn(Some(day("2026-04-01")), &Facts { mass_kg: Some(71.0), ..tall(1971.0) });
        card.learn(None, &tall(1790.0));
        assert_eq!(card.facts_on(Some(day("2026-12-01"))).stature.map(Length::millimetres), Some(1790.0));
        assert_eq!(card.facts_on(Some(day("2026-12-01"))).mass_kg, Some(71.0));
        assert_eq!(card.entries.len(), 2, "an entry that says nothing any more is gone");
    }

    #[test]
    fn impossible_facts_are_refused_by_their_names() {
        for (json, named) in [
            (r#"{"stature_mm": 178}"#, "stature is 0.178 m"),
            (r#"{"shank_length_cm": 430}"#, "shank_length is 4.3 m"),
            (r#"{"stature_mm": 1780, "stature_cm": 178}"#, "stature_mm and stature_cm are both given"),
            (r#"{"mass_kg": 1}"#, "mass_kg is 1 kg"),
            (r#"{"limits": {"knee_forward_mm": {"good": 30, "fault": 20}}}"#, "knee_forward_mm.fault is 20 mm"),
            (r#"{"height": 178}"#, "unknown field `height`"),
        ] {
            let error = serde_json::from_str::<Entry>(json).expect_err(json).to_string();
            assert!(error.contains(named), "{error}");
        }
        assert!("2026-02-30".parse::<Day>().is_err() && "1.3.2026".parse::<Day>().is_err());
    }
}
