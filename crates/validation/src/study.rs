//! The sections of the study, in the order of the page, and what they look at: read and analysed when first asked for, once.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use truehinge_core::Rep;
use truehinge_signal::scoring::Score;

use crate::args::Args;
use crate::bench::{Kind, Part, Session, played, played_marked};
use crate::everyday::Counted;
use crate::left_out::{self, LeftOut};
use crate::live::Heard;
use crate::opensim::Scored;
use crate::simulated::{Crowd, People};
use crate::variants::{self, Data};
use crate::{
    agreement, broad, budget, damaged, everyday, flag, gestures, limits, live, misnamed, opensim, reliability, shares,
    simulated, squat_optics, squats, summary, uncertainty,
};
use truehinge_session::Judge;

/// A section of the page.
pub type Section = fn(&Study<'_>) -> anyhow::Result<String>;

/// A score and what it is of.
type Named<'a> = (&'static str, &'a Score);

/// All, by name, in the order of the page.
pub const SECTIONS: [(&str, Section); 23] = [
    ("summary", summary),
    ("dev", |study| Ok(opensim::dev(study.dev()?))),
    ("wide", |study| Ok(study.wide()?.map(opensim::wide).unwrap_or_default())),
    ("everyday", everyday),
    ("drift-flag", drift_flag),
    ("flags", flags),
    ("agreement", agreement),
    ("uncertainty", uncertainty),
    ("simulated", |study| Ok(simulated::section(study.people()?, PEOPLE))),
    ("shares", shares),
    ("budget", |study| budget::section(&study.judge, MORE_PEOPLE)),
    ("reliability", |study| reliability::section(&study.judge, MORE_PEOPLE)),
    ("live", played_live),
    ("warnings", warnings),
    ("misnamed", misnamed),
    ("gestures", gestures),
    ("squats", |study| Ok(study.without(squats::section(&study.data("squat3imu"), &study.judge)?))),
    ("squats-optics", |study| Ok(study.without(squat_optics::section(&study.data("cmu_exercise"), &study.judge)?))),
    ("broad", |study| Ok(broad::section(&study.inputs.args.python, &study.data("broad"))?.unwrap_or_default())),
    ("damaged", damaged),
    ("ablation", ablation),
    ("left-out", |study| Ok(left_out::section(&study.left_out()))),
    ("limits", |_| Ok(limits::SECTION.to_owned())),
];

/// The section of this name.
///
/// # Errors
/// There is none.
pub fn section(name: &str) -> anyhow::Result<Section> {
    let section = SECTIONS.iter().find(|(known, _)| *known == name).map(|(_, section)| *section);
    section.with_context(|| format!("there is no section {name}: {}", SECTIONS.map(|(name, _)| name).join(", ")))
}

/// Where the dev part of the bench is.
pub const DEV: &str = "bench/opensim-hinge";
/// Where the wide part of the bench is.
const WIDE: &str = "bench/opensim-wide";

/// Simulated people under each condition.
const PEOPLE: u64 = 12;
/// Simulated people who put the sensors on twice, or whose sources of error are switched on one by one.
const MORE_PEOPLE: u64 = 30;

/// The condition in which nothing is out of the ordinary.
const TYPICAL: &str = "typical";

/// Conditions in which a sensor is not worn as it should be.
const BADLY_WORN: [&str; 3] = ["slipping", "unsettled", "turned-over"];

/// The value of a cell, made when first asked for.
fn once<T>(cell: &OnceCell<T>, make: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<&T> {
    match cell.get() {
        Some(value) => Ok(value),
        None => make().map(|value| cell.get_or_init(|| value)),
    }
}

/// What is analysed.
pub struct Inputs<'a> {
    args: &'a Args,
    dev: OnceCell<Part>,
    wide: OnceCell<Option<Part>>,
    crowd: OnceCell<Crowd>,
    varied: OnceCell<Crowd>,
}

impl<'a> Inputs<'a> {
    /// Of the command line.
    pub fn new(args: &'a Args) -> Self {
        Self { args, dev: OnceCell::new(), wide: OnceCell::new(), crowd: OnceCell::new(), varied: OnceCell::new() }
    }

    fn dev(&self) -> anyhow::Result<&Part> {
        once(&self.dev, || Part::read(&self.args.data.join(DEV), "dev"))
    }

    /// Where it is there.
    fn wide(&self) -> anyhow::Result<Option<&Part>> {
        let bench = self.args.data.join(WIDE);
        let read = || bench.is_dir().then(|| Part::read(&bench, "wide")).transpose();
        Ok(once(&self.wide, read)?.as_ref())
    }

    fn crowd(&self) -> anyhow::Result<&Crowd> {
        once(&self.crowd, || Crowd::simulate(PEOPLE, |_| true))
    }

    /// What variants of the method are scored on.
    pub fn varied(&self) -> anyhow::Result<Data<'_>> {
        let people = || Crowd::simulate(PEOPLE, |name| variants::CONDITIONS.contains(&name));
        Ok(Data { dev: self.dev()?, wide: self.wide()?, people: once(&self.varied, people)? })
    }
}

/// Everything that is looked at from several sides.
pub struct Study<'a> {
    inputs: &'a Inputs<'a>,
    judge: Judge,
    predictions: &'a Path,
    dev: OnceCell<Scored<'a>>,
    wide: OnceCell<Option<Scored<'a>>>,
    people: OnceCell<People<'a>>,
    typical: OnceCell<Score>,
    everyone: OnceCell<Score>,
    everyday: OnceCell<Vec<Counted>>,
    left_out: RefCell<BTreeSet<LeftOut>>,
}

impl<'a> Study<'a> {
    /// Of the built-in method; the tables of every session of the bench go to a folder.
    pub fn new(inputs: &'a Inputs<'a>, predictions: &'a Path) -> Self {
        Self {
            inputs,
            judge: Judge::default(),
            predictions,
            dev: OnceCell::new(),
            wide: OnceCell::new(),
            people: OnceCell::new(),
            typical: OnceCell::new(),
            everyone: OnceCell::new(),
            everyday: OnceCell::new(),
            left_out: RefCell::default(),
        }
    }

    fn scored(&self, part: &'a Part) -> anyhow::Result<Scored<'a>> {
        let scored = Scored::new(part, &self.judge, &self.inputs.args.python, self.predictions)?;
        self.left_out.borrow_mut().extend(scored.left_out(part));
        Ok(scored)
    }

    /// The sessions with known truth that could not be used so far, in order of name. Everyday movement names its own.
    pub fn left_out(&self) -> Vec<LeftOut> {
        self.left_out.borrow().iter().cloned().collect()
    }

    /// A section's text; what it could not use is kept.
    fn without(&self, (text, left_out): (String, Vec<LeftOut>)) -> String {
        self.left_out.borrow_mut().extend(left_out);
        text
    }

    /// The dev part of the bench.
    pub fn dev(&self) -> anyhow::Result<&Scored<'a>> {
        once(&self.dev, || self.scored(self.inputs.dev()?))
    }

    fn wide(&self) -> anyhow::Result<Option<&Scored<'a>>> {
        let scored = || self.inputs.wide()?.map(|part| self.scored(part)).transpose();
        Ok(once(&self.wide, scored)?.as_ref())
    }

    fn people(&self) -> anyhow::Result<&People<'a>> {
        once(&self.people, || Ok(self.inputs.crowd()?.analyse(&self.judge)))
    }

    /// What is counted where nobody hinges.
    fn everyday(&self) -> anyhow::Result<&[Counted]> {
        let counted = || {
            let bench = self.wide()?.map(|wide| everyday::of_bench(&wide.sessions, wide.scorer.as_ref()));
            let args = &self.inputs.args;
            let others = everyday::of_data(&args.data.join("data"), &args.python, &self.judge);
            Ok(bench.into_iter().chain(others).collect())
        };
        Ok(once(&self.everyday, counted)?)
    }

    /// A folder of other people's data.
    fn data(&self, name: &str) -> PathBuf {
        self.inputs.args.data.join("data").join(name)
    }

    /// Where the page is written.
    pub fn page(&self) -> &'a Path {
        self.inputs.args.out.as_deref().unwrap_or(Path::new("docs/VALIDATION.md"))
    }

    /// Scores of the bench's parts.
    fn bench(&self) -> anyhow::Result<Vec<Named<'_>>> {
        let wide = self.wide()?.map(|wide| ("bench, wide", &wide.hinges));
        Ok([("bench", &self.dev()?.hinges)].into_iter().chain(wide).collect())
    }

    /// The score of typical simulated people.
    fn typical(&self) -> anyhow::Result<Named<'_>> {
        let score = once(&self.typical, || Ok(self.people()?.score(|name| name == TYPICAL)))?;
        Ok(("simulated, typical", score))
    }

    /// The score of simulated people under all conditions.
    fn everyone(&self) -> anyhow::Result<Named<'_>> {
        Ok(("simulated, all conditions", once(&self.everyone, || Ok(self.people()?.score(|_| true)))?))
    }
}

fn drift_flag(study: &Study<'_>) -> anyhow::Result<String> {
    Ok(flag::section(&[study.bench()?, vec![study.typical()?, study.everyone()?]].concat()))
}

fn flags(study: &Study<'_>) -> anyhow::Result<String> {
    Ok(flag::beside(&[study.bench()?, vec![study.typical()?]].concat()))
}

fn uncertainty(study: &Study<'_>) -> anyhow::Result<String> {
    Ok(uncertainty::section(&[study.bench()?, vec![study.everyone()?]].concat()))
}

/// Its figures go beside the page.
fn agreement(study: &Study<'_>) -> anyhow::Result<String> {
    let figures = study.page().parent().unwrap_or(Path::new("")).join("img");
    agreement::section(&figures, &[("bench", &study.dev()?.hinges), ("simulated", study.typical()?.1)])
}

/// What a reader must know first: of the wide part, or of the dev part where that is all there is.
fn summary(study: &Study<'_>) -> anyhow::Result<String> {
    let (part, scored) = match study.wide()? {
        Some(wide) => ("bench, wide", wide),
        None => ("bench", study.dev()?),
    };
    let (score, everyday) = (&scored.hinges, study.everyday()?);
    let scores = [study.bench()?, vec![study.typical()?, study.everyone()?]].concat();
    Ok(summary::in_plain_words(part, scored.people(), score, everyday)
        + &summary::side_by_side(&scores, everyday)
        + &summary::published(part, score))
}

fn everyday(study: &Study<'_>) -> anyhow::Result<String> {
    Ok(everyday::section(study.everyday()?))
}

fn shares(study: &Study<'_>) -> anyhow::Result<String> {
    let of = |part: &Scored<'_>| part.of_kind(Kind::Hinge).flat_map(Session::reps).cloned().collect::<Vec<Rep>>();
    let people = study.people()?.played(|name| name == TYPICAL);
    let simulated = people.iter().flat_map(|(_, analysis)| analysis.reps()).map(|(_, rep)| rep.clone()).collect();
    let mut data: Vec<(&str, Vec<Rep>)> = vec![("simulated, typical", simulated), ("bench", of(study.dev()?))];
    data.extend(study.wide()?.map(|wide| ("bench, wide", of(wide))));
    Ok(shares::section(&data))
}

/// What is played through the live session.
fn played_live(study: &Study<'_>) -> anyhow::Result<String> {
    let mut heard = vec![("bench", played(&study.dev()?.sessions))];
    if let Some(wide) = study.wide()? {
        heard.push(("bench, wide", played(wide.of_kind(Kind::Hinge))));
        heard.push(("bench, wide, a key pressed for each set", played_marked(wide.of_kind(Kind::Hinge), &study.judge)));
        heard.push(("bench, wide, nobody hinges", played(wide.of_kind(Kind::NoHinge))));
    }
    let people = study.people()?;
    heard.push(("simulated, guided calibration", people.played(|name| name == "guided")));
    heard.push(("simulated, calibration not marked", people.played(|name| name == TYPICAL)));
    Ok(live::section(&study.judge, &heard))
}

fn misnamed(study: &Study<'_>) -> anyhow::Result<String> {
    let wide = study.inputs.wide()?;
    Ok(wide.map(|part| misnamed::section("wide", part, &study.judge)).unwrap_or_default())
}

fn gestures(study: &Study<'_>) -> anyhow::Result<String> {
    let args = &study.inputs.args;
    gestures::section(&args.data, &args.python)
}

/// Simulated people by how they wear their sensors.
fn warnings(study: &Study<'_>) -> anyhow::Result<String> {
    let people = study.people()?;
    let of = |condition: &str| people.played(|name| name == condition);
    let worn = [
        ("worn well, all conditions", people.played(|name| !BADLY_WORN.contains(&name))),
        ("exchanged", of(TYPICAL).into_iter().map(exchanged).collect()),
        ("one slips by 15 degrees", of(BADLY_WORN[0])),
        ("one settles anew in each repetition, 6 degrees RMS", of(BADLY_WORN[1])),
        ("one upside down in every other set", of(BADLY_WORN[2])),
    ];
    Ok(live::warnings(&study.judge, &worn))
}

/// Only where it is asked for: it takes long.
/// Two thousand imports take minutes: with the ablation, or when asked for.
fn damaged(study: &Study<'_>) -> anyhow::Result<String> {
    let Args { ablate, section, .. } = study.inputs.args;
    if ablate.is_none() && section.is_none() {
        return Ok(String::new());
    }
    damaged::section(&study.inputs.args.data.join(DEV).join("dataset/dev"), &study.judge)
}

fn ablation(study: &Study<'_>) -> anyhow::Result<String> {
    let Args { ablate, section, .. } = study.inputs.args;
    if ablate.is_none() && section.is_none() {
        return Ok(String::new());
    }
    variants::section(&study.inputs.varied()?)
}

/// The same with the sensors' roles exchanged.
fn exchanged((recording, analysis): Heard<'_>) -> Heard<'_> {
    let mut recording = recording.into_owned();
    misnamed::exchanged(&mut recording);
    (Cow::Owned(recording), analysis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_have_names_of_their_own() {
        let names: BTreeSet<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), SECTIONS.len());
    }

    #[test]
    fn what_is_made_once_is_not_made_again_and_an_error_is_not_kept() {
        let cell = OnceCell::new();
        assert!(once(&cell, || anyhow::bail!("not yet")).is_err());
        assert_eq!(once(&cell, || Ok(1)).ok(), Some(&1));
        assert_eq!(once(&cell, || Ok(2)).ok(), Some(&1));
    }
}
