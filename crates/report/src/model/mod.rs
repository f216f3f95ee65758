//! Everything the pages show, in its final words and digits. No drawing here, no arithmetic elsewhere.
//!
//! | module | what |
//! |---|---|
//! | [`input`] | what a report is made from |
//! | [`say`] | words and digits of one language and unit |
//! | `labels` | how repetitions are called |
//! | `legs`, `reps`, `advice`, `progress`, `quality` | the parts of the pages |
//! | `drawn` | numbers for the figures |

mod advice;
mod drawn;
pub mod input;
mod labels;
mod legs;
mod progress;
mod quality;
mod reps;
pub mod say;

use std::collections::BTreeMap;

use serde::Serialize;
use truehinge_core::{AthleteId, SessionAnalysis, Verdict};

pub use advice::Advice;
pub use drawn::{FigureData, FigureRep, Lane, Timeline};
pub use input::{Against, Clinic, Content, Logo, Person};
pub use legs::{Bullet, Headline, Leg, Strip, Tile};
pub use progress::{PastRow, SymmetryRow, TrendRow};
pub use quality::Quality;
pub use reps::RepRow;
pub use say::{LengthUnit, Say};

use crate::font::draws;
use crate::provenance::Provenance;
use crate::theme::mark;

/// A report of one athlete: all sessions of a day in full, and what became of the numbers since the earlier ones.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ReportModel {
    /// Beginning of file names: code, date and session.
    pub file_stem: String,
    /// Pseudonym, every letter of it.
    pub athlete: String,
    /// The same as the pages show it: where they have no shape for a letter, as it is written in file names.
    pub athlete_shown: String,
    /// What a reader must know of the names that are shown; mostly empty.
    pub names: String,
    /// Injured leg and note of readiness, as far as the card has them.
    pub person: String,
    /// Who hands it out.
    pub clinic: String,
    /// Ending of the logo's file; empty without one.
    pub logo: String,
    /// Date of the sessions on the clock on the wall, with the time where it is one, or "undated".
    pub date: String,
    /// Year, month, day of it.
    pub date_parts: Option<(i64, u8, u8)>,
    /// Name of each session that is shown, with its letter and time where there are several.
    pub sessions: Vec<String>,
    /// Name of the exercise.
    pub exercise: String,
    /// What each leg did.
    pub legs: Vec<Leg>,
    /// What stands in place of legs where no repetition was found.
    pub nothing: String,
    /// Repetitions that somebody corrected, in a sentence; empty without any.
    pub corrected: String,
    /// What to work on.
    pub advice: Vec<Advice>,
    /// Sets that were too short or too long.
    pub doses: Vec<String>,
    /// What changed, a sentence a leg.
    pub changes: Vec<String>,
    /// Every repetition.
    pub reps: Vec<RepRow>,
    /// Movements not counted: set, time and reason.
    pub rejected: Vec<[String; 3]>,
    /// Left against right.
    pub symmetry: Vec<SymmetryRow>,
    /// Within the sets.
    pub form: Vec<String>,
    /// Over sessions.
    pub trends: Vec<TrendRow>,
    /// The last sessions, the latest first.
    pub past: Vec<PastRow>,
    /// How good the data are.
    pub quality: Quality,
    /// How much of the exercise is asked for at home.
    pub home_dose: String,
    /// Line at the foot of every page.
    pub footer: String,
    /// Language of the pages, ISO 639-1.
    pub language: &'static str,
    /// Unit of lengths.
    pub length_unit: &'static str,
    /// Letter and name of each verdict.
    pub verdicts: Vec<[String; 2]>,
    /// Words of the pages without values.
    pub labels: BTreeMap<String, String>,
    /// What it is made from.
    #[serde(skip)]
    pub provenance: Provenance,
    /// Numbers for the figures.
    #[serde(skip)]
    pub figures: FigureData,
    /// The logo.
    #[serde(skip)]
    pub logo_file: Option<Logo>,
    /// How it is said.
    #[serde(skip)]
    pub say: Say,
}

impl ReportModel {
    /// Builds the report of an athlete. Without any session the report says so.
    pub fn build(content: &Content<'_>) -> Self {
        let (say, sessions) = (content.say, content.sessions);
        let placed = labels::all(sessions);
        let mut legs = legs::legs(sessions, &placed, content.trends, content.against, say);
        name_bars(&mut legs);
        let latest = sessions.last();
        let person = person(&content.person, say);
        Self {
            file_stem: file_stem(content.athlete, sessions),
            athlete: content.athlete.to_string(),
            athlete_shown: shown_name(content.athlete.as_str(), content.athlete.file_name()),
            names: names(content, say),
            provenance: Provenance::of(content, &person),
            person,
            clinic: content.clinic.name.clone(),
            logo: content.clinic.logo.as_ref().map_or_else(String::new, |logo| logo.extension.clone()),
            date: date(sessions, say),
            date_parts: latest.and_then(|s| s.info.local_start()).map(|start| start.year_month_day()),
            sessions: session_lines(sessions, say),
            exercise: latest.map_or_else(String::new, |session| exercise(session, say)),
            nothing: nothing(sessions, say),
            corrected: corrected(&placed, say),
            advice: advice::advice(sessions, &placed, say),
            doses: advice::doses(sessions, say),
            changes: changes(content, say),
            reps: placed.iter().map(|placed| reps::rep_row(placed, say)).collect(),
            rejected: reps::rejected(sessions, say),
            symmetry: progress::symmetry_rows(content.symmetry, say),
            form: if placed.is_empty() { Vec::new() } else { progress::form_lines(content.form, say) },
            trends: progress::trend_rows(content.trends, say),
            past: progress::past_rows(content.trends, say),
            quality: quality::quality(sessions, say),
            home_dose: home_dose(latest, say),
            footer: latest.map_or_else(String::new, |session| footer(session, say)),
            language: say.language.code(),
            length_unit: say.unit.symbol(),
            verdicts: verdicts(say),
            labels: say.language.labels(),
            figures: drawn::figures(content, &placed, &legs),
            logo_file: content.clinic.logo.clone(),
            say,
            legs,
        }
    }
}

/// The legend of the tiles.
fn verdicts(say: Say) -> Vec<[String; 2]> {
    let name = |verdict| {
        let name = say.verdict(verdict);
        let held = say.label("not-held");
        let name = if verdict == Verdict::Indeterminate { format!("{name}, {held}") } else { name };
        [mark(verdict).letter.to_owned(), name]
    };
    Verdict::ALL.into_iter().map(name).chain([["×".to_owned(), say.label("verdict-excluded")]]).collect()
}

/// What changed, and which sessions are not compared.
fn changes(content: &Content<'_>, say: Say) -> Vec<String> {
    let left_out = (content.not_compared > 0)
        .then(|| say.say("not-compared", &say.args().count("count", content.not_compared as u64)));
    progress::changes(content.trends, content.against, say).into_iter().chain(left_out).collect()
}

/// Each bar is a picture of its own.
fn name_bars(legs: &mut [Leg]) {
    for (index, leg) in legs.iter_mut().enumerate() {
        for (row, headline) in leg.headlines.iter_mut().enumerate() {
            headline.bar = headline.bullet.map(|_| format!("bar-{index}-{row}"));
        }
    }
}

/// Date and time on the clock on the wall, as far as it is known; of several sessions the day alone.
fn date(sessions: &[SessionAnalysis], say: Say) -> String {
    let start = sessions.last().and_then(|session| session.info.local_start());
    let words = |start: truehinge_core::LocalStart| if sessions.len() > 1 { start.date() } else { start.words() };
    start.map_or_else(|| say.label("undated"), words)
}

fn session_lines(sessions: &[SessionAnalysis], say: Say) -> Vec<String> {
    let line = |(index, session): (usize, &SessionAnalysis)| {
        let name = shown_name(session.info.session.as_str(), session.info.session.file_name());
        let letter = labels::letter(index, sessions.len());
        if letter.is_empty() {
            return name;
        }
        let at = session.info.local_start().map_or_else(|| say.label("undated"), |start| start.words());
        format!("{letter}: {name}, {at}")
    };
    sessions.iter().enumerate().map(line).collect()
}

/// The exercise by its name in the language where it is a built-in one.
fn exercise(session: &SessionAnalysis, say: Say) -> String {
    let protocol = &session.provenance.protocol;
    let label = |say: Say| say.label(&format!("exercise-{}", protocol.name));
    // A protocol of somebody's own has the title that they gave it.
    if protocol.title == label(Say::default()) { label(say) } else { protocol.title.clone() }
}

/// A name as the pages show it.
fn shown_name(id: &str, file_name: String) -> String {
    if draws(id) { id.to_owned() } else { file_name }
}

/// Which names are not shown letter by letter.
fn names(content: &Content<'_>, say: Say) -> String {
    let sessions = content.sessions.iter().any(|session| !draws(session.info.session.as_str()));
    let which = match (draws(content.athlete.as_str()), sessions) {
        (true, false) => return String::new(),
        (false, false) => "athlete",
        (true, true) => "session",
        (false, true) => "both",
    };
    say.say("names", &say.args().text("which", which))
}

fn person(person: &Person, say: Say) -> String {
    let injured =
        person.injured.map(|side| say.say("injured", &say.args().text("leg", say.leg(Some(side)).to_lowercase())));
    injured.into_iter().chain(person.note.clone()).collect::<Vec<_>>().join(" ")
}

fn nothing(sessions: &[SessionAnalysis], say: Say) -> String {
    if sessions.is_empty() {
        return say.label("no-session");
    }
    if sessions.iter().any(|session| session.reps().next().is_some()) {
        return String::new();
    }
    let looked: usize = sessions.iter().flat_map(|s| &s.sets).map(|set| set.rejected.len()).sum();
    say.say("no-repetition", &say.args().count("movements", looked as u64))
}

/// As many repetitions as the protocol asks for, in three sets: what physiotherapists give for control before load.
fn home_dose(latest: Option<&SessionAnalysis>, say: Say) -> String {
    let Some(session) = latest else { return String::new() };
    let dose = session.provenance.protocol.dose;
    let (from, to) = (u64::from(dose.min_repetitions), u64::from(dose.max_repetitions));
    say.say("home-dose", &say.args().count("from", from).count("to", to).count("sets", 3))
}

fn corrected(placed: &[labels::Placed<'_>], say: Say) -> String {
    let count = placed.iter().filter(|placed| placed.rep.by_hand.is_some()).count() as u64;
    if count == 0 { String::new() } else { say.say("corrected", &say.args().count("count", count)) }
}

/// Code, date and session: the reports of the morning and of the evening are two files.
fn file_stem(athlete: &AthleteId, sessions: &[SessionAnalysis]) -> String {
    let athlete = athlete.file_name();
    let Some(latest) = sessions.last() else { return athlete };
    let session = latest.info.session.file_name();
    match latest.info.local_start().map(|start| start.date()) {
        // Sessions that were recorded here are called after their time.
        Some(date) if !session.starts_with(&date.replace('-', "")) => format!("{athlete}_{date}_{session}"),
        _ => format!("{athlete}_{session}"),
    }
}

fn footer(session: &SessionAnalysis, say: Say) -> String {
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let p = &session.provenance;
    let args = say
        .args()
        .text("version", p.version.as_str())
        .text("protocol", p.protocol.name.as_str())
        .text("configuration", short(&p.config_sha256))
        .text("input", short(&p.input_sha256));
    say.say("footer", &args)
}

impl ReportModel {
    /// Three sentences for the notes: what was seen, what changed or what to work on, and how good the data are.
    pub fn text(&self) -> Vec<String> {
        let seen = if self.legs.is_empty() {
            self.nothing.clone()
        } else {
            self.legs.iter().map(|leg| leg.sentence.as_str()).collect::<Vec<_>>().join(" ")
        };
        let advice = self.advice.first().map(|advice| advice.found.clone());
        let next: Vec<String> = advice.into_iter().chain(self.changes.iter().cloned()).collect();
        let head = format!("{}, {} ({}):", self.athlete_shown, self.exercise, self.date);
        [format!("{head} {seen}"), next.join(" "), self.quality.sentence.clone()]
            .into_iter()
            .filter(|sentence| !sentence.is_empty())
            .collect()
    }
}
