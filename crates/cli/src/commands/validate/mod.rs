//! `validate`: recomputes every published accuracy figure from the data sets.

mod agreement;
mod bench;
mod broad;
mod budget;
mod everyday;
mod flag;
mod limits;
mod live;
mod opensim;
mod page;
mod reliability;
mod scorer;
mod simulated;
mod squat_optics;
mod squats;
mod statistics;
mod uncertainty;
mod variants;

use std::borrow::Cow;
use std::path::Path;

use anyhow::Context;
use truehinge_core::SensorRole;
use truehinge_dataset::atomic::write_atomically;
use truehinge_signal::scoring::{Score, rms};

use crate::analysis::Config;
use crate::args::{Cli, ValidateArgs};
use crate::{Outcome, WrongUsage};
use bench::{Kind, Part, played};
use everyday::Counted;
use live::{Heard, Played};
use opensim::Scored;
use simulated::{Crowd, People};
use variants::{Data, Variant};

/// Runs the command: the whole study, or only the rows that were asked for.
pub fn run(args: &ValidateArgs, _cli: &Cli) -> anyhow::Result<Outcome> {
    let variants = match (&args.sweep, args.ablate.as_deref()) {
        (Some(sweep), _) => Some(variants::sweep(sweep).map_err(WrongUsage)?),
        (None, Some(asked @ [_, ..])) => Some(variants::ablation(asked).map_err(WrongUsage)?),
        (None, _) => None,
    };
    let bench = args.data.join(DEV);
    if !bench.is_dir() {
        eprintln!("{}: the validation data are not there: give their folder with --data", bench.display());
        return Ok(Outcome::NothingFound);
    }
    match variants {
        Some(variants) => vary(&variants, args),
        None => whole(args),
    }
}

/// The whole study.
fn whole(args: &ValidateArgs) -> anyhow::Result<Outcome> {
    let config = Config::default();
    let (dev, wide, crowd) = (dev(args)?, wide(args)?, Crowd::simulate(PEOPLE, |_| true)?);
    let scratch = tempfile::tempdir()?;
    let predictions = args.predictions.as_deref().unwrap_or(scratch.path());
    let scored = |part| Scored::new(part, &config, &args.python, predictions);
    let study = Study {
        config: &config,
        args,
        dev: scored(&dev)?,
        wide: wide.as_ref().map(scored).transpose()?,
        people: crowd.analyse(&config),
    };
    let ablation = match args.ablate {
        Some(_) => variants::section(&Data { dev: &dev, wide: wide.as_ref(), people: &varied()? })?,
        None => String::new(),
    };
    let out = args.out.as_deref().unwrap_or(Path::new(PAGE));
    let figures = out.parent().unwrap_or(Path::new("")).join("img");
    let text = [
        INTRODUCTION.to_owned(),
        study.accuracy(&figures)?,
        study.conduct()?,
        study.others()?,
        ablation,
        limits::SECTION.to_owned(),
    ]
    .concat();
    print!("{text}");
    write(out, &text)?;
    let missed = missed_gates(&study.dev.hinges);
    for gate in &missed {
        eprintln!("gate missed: {gate}");
    }
    Ok(if missed.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

/// Everything that is analysed once and looked at from several sides.
struct Study<'a> {
    config: &'a Config,
    args: &'a ValidateArgs,
    dev: Scored<'a>,
    wide: Option<Scored<'a>>,
    people: People<'a>,
}

impl Study<'_> {
    /// What is found and how right it is.
    fn accuracy(&self, figures: &Path) -> anyhow::Result<String> {
        let dev = &self.dev.hinges;
        let (typical, everyone) = (self.people.score(|name| name == "typical"), self.people.score(|_| true));
        let bench: Vec<(&str, &Score)> =
            [("bench", dev)].into_iter().chain(self.wide.iter().map(|wide| ("bench, wide", &wide.hinges))).collect();
        let beside = |simulated: &[(&'static str, _)]| [bench.as_slice(), simulated].concat();
        let (some, all) = (("simulated, typical", &typical), ("simulated, all conditions", &everyone));
        Ok([
            opensim::dev(&self.dev),
            self.wide.as_ref().map(opensim::wide).unwrap_or_default(),
            everyday::section(&self.everyday()),
            flag::section(&beside(&[some, all])),
            flag::beside(&beside(&[some])),
            agreement::section(figures, &[("bench", dev), ("simulated", &typical)])?,
            uncertainty::section(&beside(&[all])),
        ]
        .concat())
    }

    /// What is counted where nobody hinges.
    fn everyday(&self) -> Vec<Counted> {
        let bench = self.wide.iter().map(|wide| everyday::of_bench(&wide.sessions, wide.scorer.as_ref()));
        bench.chain(everyday::of_data(&self.args.data.join("data"), &self.args.python, self.config)).collect()
    }

    /// Simulated people, and what is told during a session.
    fn conduct(&self) -> anyhow::Result<String> {
        Ok([
            simulated::section(&self.people, PEOPLE),
            budget::section(self.config, PEOPLE)?,
            reliability::section(self.config, RETESTED)?,
            live::section(self.config, &self.heard()),
            live::warnings(self.config, &self.worn()),
        ]
        .concat())
    }

    /// What is played through the live session.
    fn heard(&self) -> Vec<Played<'_>> {
        let mut heard = vec![("bench", played(&self.dev.sessions))];
        if let Some(wide) = &self.wide {
            heard.push(("bench, wide", played(wide.of_kind(Kind::Hinge))));
            heard.push(("bench, wide, nobody hinges", played(wide.of_kind(Kind::NoHinge))));
        }
        heard.push(("simulated, guided calibration", self.people.played(|name| name == "guided")));
        heard.push(("simulated, calibration not marked", self.people.played(|name| name == "typical")));
        heard
    }

    /// Simulated people by how they wear their sensors.
    fn worn(&self) -> Vec<Played<'_>> {
        let of = |condition: &str| self.people.played(|name| name == condition);
        vec![
            ("worn well, all conditions", self.people.played(|name| !BADLY_WORN.contains(&name))),
            ("exchanged", of("typical").into_iter().map(exchanged).collect()),
            ("one slips by 15 degrees", of(BADLY_WORN[0])),
            ("one settles anew in each repetition, 6 degrees RMS", of(BADLY_WORN[1])),
            ("one upside down in every other set", of(BADLY_WORN[2])),
        ]
    }

    /// Other people's data, as far as they are there.
    fn others(&self) -> anyhow::Result<String> {
        let data = self.args.data.join("data");
        let sections = [
            squats::section(&data.join("squat3imu"), self.config)?,
            squat_optics::section(&data.join("cmu_exercise"), self.config)?,
            broad::section(&self.args.python, &data.join("broad"))?,
        ];
        Ok(sections.into_iter().flatten().collect())
    }
}

/// Where the dev part of the bench is.
const DEV: &str = "bench/opensim-hinge";
/// Where the wide part of the bench is.
const WIDE: &str = "bench/opensim-wide";
/// The page of the whole study, where no other file is given.
const PAGE: &str = "docs/VALIDATION.md";

fn write(out: &Path, text: &str) -> anyhow::Result<()> {
    write_atomically(out, |file| file.write_all(text.as_bytes()))
        .with_context(|| format!("{} cannot be written", out.display()))
}

/// Only the rows that were asked for; to a file only where one is given.
fn vary(variants: &[Variant], args: &ValidateArgs) -> anyhow::Result<Outcome> {
    let dev = dev(args)?;
    let text = variants::tables(variants, &Data { dev: &dev, wide: wide(args)?.as_ref(), people: &varied()? });
    print!("{text}");
    args.out.as_deref().map_or(Ok(()), |out| write(out, &text))?;
    Ok(Outcome::Done)
}

/// The dev part of the bench.
fn dev(args: &ValidateArgs) -> anyhow::Result<Part> {
    Part::read(&args.data.join(DEV), "dev")
}

/// The wide part of the bench, where it is there.
fn wide(args: &ValidateArgs) -> anyhow::Result<Option<Part>> {
    let bench = args.data.join(WIDE);
    bench.is_dir().then(|| Part::read(&bench, "wide")).transpose()
}

/// The people that variants of the method are scored on.
fn varied() -> anyhow::Result<Crowd> {
    Crowd::simulate(PEOPLE, |name| variants::CONDITIONS.contains(&name))
}

/// The product's gates for the bench that this version keeps; a change that loses one is a regression.
fn missed_gates(score: &Score) -> Vec<String> {
    let rmse = |metric: usize| rms(score.errors[metric].iter().map(|e| e.error));
    [
        ("repetition F1 at least 0.985", score.f1(), 0.985, true),
        ("exact count in at least 0.92 of the sessions", score.exact_share(), 0.92, true),
        ("knee-forward RMSE at most 6 mm", rmse(0), 6.0, false),
        ("hip-back RMSE at most 22 mm", rmse(1), 22.0, false),
        ("knee flexion RMSE at most 3.5 deg", rmse(4), 3.5, false),
        ("shin lean RMSE at most 0.9 deg", rmse(2), 0.9, false),
        ("pelvis tilt RMSE at most 1.5 deg", rmse(3), 1.5, false),
        ("drift specificity at least 0.985", score.drift_specificity(), 0.985, true),
    ]
    .into_iter()
    .filter(|(_, value, limit, at_least)| !(if *at_least { value >= limit } else { value <= limit }))
    .map(|(name, value, ..)| format!("{name}, measured {value:.3}"))
    .collect()
}

/// Simulated people under each condition.
const PEOPLE: u64 = 12;
/// Simulated people who put the sensors on twice.
const RETESTED: u64 = 30;

const INTRODUCTION: &str = "# Validation\n\n\
    Written by `truehinge validate`; do not edit. Every figure is computed by the product itself on data with known truth.\n\n";

/// Conditions in which a sensor is not worn as it should be.
const BADLY_WORN: [&str; 3] = ["slipping", "unsettled", "turned-over"];

/// The same with the sensors' roles exchanged.
fn exchanged((recording, analysis): Heard<'_>) -> Heard<'_> {
    let mut recording = recording.into_owned();
    for track in &mut recording.tracks {
        track.role = match track.role {
            SensorRole::Hip => SensorRole::Shank,
            SensorRole::Shank => SensorRole::Hip,
            other => other,
        };
    }
    recording.tracks.sort_by_key(|track| track.role);
    (Cow::Owned(recording), analysis)
}
