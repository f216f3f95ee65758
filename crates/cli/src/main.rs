//! The program: parses, calls, prints. No arithmetic here.

// A panic would cost a recording; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

// First: its macros are for all modules behind it.
#[macro_use]
mod pipe;

mod args;
mod commands;
mod hints;
mod inputs;
mod json;
mod lines;
mod naming;
mod output;
mod progress;
mod reading;
#[cfg(test)]
mod schema;
mod screen;
mod words;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

/// How the program ended; the numbers are documented in `--help` and the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything asked for was done.
    Done,
    /// Some input could not be used; the rest was done.
    SomeFailed,
    /// There was nothing to work on.
    NothingFound,
    /// Ctrl-C: whole files only were left.
    Interrupted,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::SomeFailed => 3,
            Outcome::NothingFound => 4,
            Outcome::Interrupted => 130,
        })
    }
}

/// An input that could not be used at all, as opposed to a fault of the program.
#[derive(Debug)]
pub struct UnusableInput(pub anyhow::Error);

impl std::fmt::Display for UnusableInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&told(&*self.0))
    }
}

impl std::error::Error for UnusableInput {}

/// Marks an error as one of the input, not of the program.
pub fn unusable(error: impl Into<anyhow::Error>) -> anyhow::Error {
    UnusableInput(error.into()).into()
}

/// Something was asked for that cannot be, as opposed to an input that is not good: what the parser could not know.
#[derive(Debug)]
pub struct WrongUsage(pub anyhow::Error);

impl std::fmt::Display for WrongUsage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&told(&*self.0))
    }
}

impl std::error::Error for WrongUsage {}

/// An error with its causes; one that the sentence before it says already is not said again.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = String::new();
    let chain = std::iter::successors(Some(error), |error| error.source());
    for cause in chain.map(ToString::to_string) {
        if !text.contains(&cause) {
            text = if text.is_empty() { cause } else { format!("{text}: {cause}") };
        }
    }
    text
}

/// The exit code of an error.
fn code(error: &anyhow::Error) -> ExitCode {
    if error.is::<WrongUsage>() {
        ExitCode::from(2)
    } else if error.is::<UnusableInput>() {
        ExitCode::from(3)
    } else {
        ExitCode::FAILURE
    }
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let cli = Cli::parse();
    let code = match run(&cli) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            eprintln!("{}", told(&*error));
            code(&error)
        }
    };
    match pipe::finish() {
        None => code,
        Some(error) => {
            eprintln!("standard output: {error}: not everything that was to be printed is there");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<Outcome> {
    match &cli.command {
        Command::Demo(args) => commands::demo::run(args, cli),
        Command::Doctor(args) => commands::doctor::run(args, cli),
        Command::Scan(args) => commands::scan::run(args, cli),
        Command::Record(args) => commands::record::run(args, cli),
        Command::Replay(args) => commands::replay::run(args, cli),
        Command::Import(args) => commands::import::run(args, cli),
        Command::Analyze(args) => commands::analyze::run(args, cli),
        Command::Explain(args) => commands::explain::run(args, cli),
        Command::Batch(args) => commands::batch::run(args, cli),
        Command::Report(args) => commands::report::run(args, cli),
        Command::Export(args) => commands::export::run(args, cli),
        Command::Recover(args) => commands::recover::run(args, cli),
        Command::Edit(args) => commands::edit::run(args, cli),
        Command::Decode(args) => commands::decode::run(args, cli),
        Command::Method(args) => commands::method::run(args, cli),
        Command::Validate(args) => commands::validate::run(args, cli),
    }
}
