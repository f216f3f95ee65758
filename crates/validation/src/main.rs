//! The makers' study: recomputes every published accuracy figure from the data sets. `cargo xtask validate` runs it.

// A panic would cost the page; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod agreement;
mod args;
mod bench;
mod broad;
mod budget;
mod damaged;
mod everyday;
mod flag;
mod gestures;
mod left_out;
mod limits;
mod live;
mod misnamed;
mod opensim;
mod page;
mod reliability;
mod scorer;
mod shares;
mod simulated;
mod squat_optics;
mod squats;
mod study;
mod summary;
mod uncertainty;
mod variants;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use truehinge_core::Explained;
use truehinge_dataset::atomic::write_atomically;
use truehinge_signal::MethodError;
use truehinge_signal::scoring::{Score, rms};

use args::Args;
use left_out::LeftOut;
use study::{DEV, Inputs, SECTIONS, Section, Study};
use variants::Variant;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// All figures are there.
    Done,
    /// Some data were left out, or a gate was missed.
    SomeFailed,
    /// The data are not there.
    NothingFound,
}

impl From<Outcome> for ExitCode {
    /// As of the program.
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::SomeFailed => 3,
            Outcome::NothingFound => 4,
        })
    }
}

/// Something was asked for that there is not.
#[derive(Debug)]
struct WrongUsage(anyhow::Error);

impl std::fmt::Display for WrongUsage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.0)?;
        match self.0.downcast_ref::<MethodError>().and_then(Explained::hint) {
            Some(hint) => write!(f, ": {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for WrongUsage {}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            eprintln!("{error:#}");
            if error.is::<WrongUsage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

/// The whole study, or only the section or the rows that were asked for.
fn run(args: &Args) -> anyhow::Result<Outcome> {
    let variants = match (&args.sweep, args.ablate.as_deref()) {
        (Some(sweep), _) => Some(variants::sweep(sweep).map_err(WrongUsage)?),
        (None, Some(asked @ [_, ..])) => Some(variants::ablation(asked).map_err(WrongUsage)?),
        (None, _) => None,
    };
    let section = args.section.as_deref().map(study::section).transpose().map_err(WrongUsage)?;
    let bench = args.data.join(DEV);
    if !bench.is_dir() {
        eprintln!("{}: the validation data are not there: give their folder with --data", bench.display());
        return Ok(Outcome::NothingFound);
    }
    match (variants, section) {
        (Some(variants), _) => vary(&variants, args),
        (None, Some(section)) => one(section, args),
        (None, None) => whole(args),
    }
}

/// The whole study.
fn whole(args: &Args) -> anyhow::Result<Outcome> {
    let scratch = tempfile::tempdir()?;
    let inputs = Inputs::new(args);
    let study = Study::new(&inputs, args.predictions.as_deref().unwrap_or(scratch.path()));
    let sections = SECTIONS.iter().map(|(_, section)| section(&study)).collect::<anyhow::Result<Vec<_>>>()?;
    let text = INTRODUCTION.to_owned() + &sections.concat();
    print!("{text}");
    write(study.page(), &text)?;
    let missed = missed_gates(&study.dev()?.hinges);
    for gate in &missed {
        eprintln!("gate missed: {gate}");
    }
    let all_used = said(&study.left_out()) == Outcome::Done;
    Ok(if missed.is_empty() && all_used { Outcome::Done } else { Outcome::SomeFailed })
}

/// Names what could not be used, and how the program ends for it.
fn said(left_out: &[LeftOut]) -> Outcome {
    for LeftOut { name, reason } in left_out {
        eprintln!("{name} is left out: {reason}");
    }
    if left_out.is_empty() { Outcome::Done } else { Outcome::SomeFailed }
}

/// One section of the study, for who works on it; to a file only where one is given.
fn one(section: Section, args: &Args) -> anyhow::Result<Outcome> {
    let scratch = tempfile::tempdir()?;
    let inputs = Inputs::new(args);
    let study = Study::new(&inputs, args.predictions.as_deref().unwrap_or(scratch.path()));
    let text = section(&study)?;
    print!("{text}");
    args.out.as_deref().map_or(Ok(()), |out| write(out, &text))?;
    Ok(said(&study.left_out()))
}

fn write(out: &Path, text: &str) -> anyhow::Result<()> {
    write_atomically(out, |file| file.write_all(text.as_bytes()))
        .with_context(|| format!("{} cannot be written", out.display()))
}

/// Only the rows that were asked for; to a file only where one is given.
fn vary(variants: &[Variant], args: &Args) -> anyhow::Result<Outcome> {
    let text = variants::tables(variants, &Inputs::new(args).varied()?);
    print!("{text}");
    args.out.as_deref().map_or(Ok(()), |out| write(out, &text))?;
    Ok(Outcome::Done)
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

const INTRODUCTION: &str = "# Validation\n\n\
    Written by `cargo xtask validate`; do not edit. Every figure is computed by the product itself on data with known truth.\n\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_ablation_or_section_of_what_is_not_there_is_wrong_usage() {
        for (args, part) in [
            (["--sweep", "repetitions.leaves_deg=3.6,400"], "repetitions.leaves_deg is 400"),
            (["--sweep", "repetitions.leaves_deg"], "give PATH=VALUE,VALUE,VALUE"),
            (["--ablate", "repetitions.leave_deg"], "did you mean repetitions.leaves_deg?"),
            (["--ablate", "repetitions.leaves_deg"], "give repetitions.leaves_deg=VALUE"),
            (["--section", "budgets"], "there is no section budgets: summary, dev, "),
        ] {
            let args = Args::parse_from(["validate", "--data", "no-such-folder"].iter().chain(&args));
            let error = run(&args).expect_err(part);
            assert!(error.is::<WrongUsage>() && error.to_string().contains(part), "{part} in {error}");
        }
    }

    #[test]
    fn without_data_nothing_is_found() {
        let args = Args::parse_from(["validate", "--data", "no-such-folder"]);
        assert_eq!(run(&args).expect("ends"), Outcome::NothingFound);
    }
}
