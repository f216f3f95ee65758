//! The program: parses, calls, prints. No arithmetic here.

// A panic would cost a recording; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

// First: its macros are for all modules behind it.
#[macro_use]
mod pipe;

mod alone;
mod args;
mod commands;
mod failure;
mod front;
mod hints;
mod inputs;
mod json;
mod lines;
mod naming;
mod now;
mod output;
mod progress;
mod reading;
#[cfg(test)]
mod schema;
mod screen;
mod words;

use std::process::ExitCode;

use args::{Cli, Command};
use failure::Failure;

/// How the program ended; the numbers are documented in `--help` and the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything asked for was done.
    Done,
    /// An unexpected error.
    Failed,
    /// Something was asked for that cannot be.
    WrongUsage,
    /// Some input could not be used; the rest was done.
    SomeFailed,
    /// There was nothing to work on.
    NothingFound,
    /// Ctrl-C: whole files only were left.
    Interrupted,
}

impl Outcome {
    /// The exit code.
    pub const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::WrongUsage => 2,
            Self::SomeFailed => 3,
            Self::NothingFound => 4,
            Self::Interrupted => 130,
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::read().unwrap_or_else(|error| refused(&error));
    listen(&cli);
    let code = match run(&cli) {
        Ok(outcome) => outcome.number(),
        Err(error) => {
            let failure = Failure::of_any(&error);
            failure.tell(cli.json);
            failure.exit
        }
    };
    finish(code)
}

/// What is told beside results, and how much of it.
fn listen(cli: &Cli) {
    if cli.quiet {
        pipe::be_quiet();
    }
    let level = match cli.verbose {
        0 => tracing_subscriber::EnvFilter::from_default_env(),
        1 => tracing_subscriber::EnvFilter::new("info"),
        2 => tracing_subscriber::EnvFilter::new("debug"),
        _ => tracing_subscriber::EnvFilter::new("trace"),
    };
    tracing_subscriber::fmt().with_env_filter(level).with_writer(std::io::stderr).init();
}

/// The command line is not one, or asks for help: the parser prints what it has to say, and the program ends.
fn refused(error: &clap::Error) -> ! {
    if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
        let words = error.render().to_string();
        let found = words.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let failure = Failure::new(Outcome::WrongUsage, "wrong_usage", found).hint("see `truehinge --help`");
        json::print(&failure::Line { error: &failure });
        pipe::finish();
    }
    error.exit()
}

/// The last of the output; the exit code if all of it could be printed.
fn finish(code: u8) -> ExitCode {
    let Some(error) = pipe::finish() else { return code.into() };
    let found = format!("not everything could be printed: standard output: {error}");
    let failure =
        Failure::new(Outcome::Failed, "output_not_printed", found).hint("free some space, or print elsewhere");
    failure.tell(false);
    failure.exit.into()
}

fn run(cli: &Cli) -> anyhow::Result<Outcome> {
    match &cli.command {
        Command::Demo(args) => commands::demo::run(args, cli),
        Command::Doctor(args) => commands::doctor::run(args, cli),
        Command::Scan(args) => commands::scan::run(args, cli),
        Command::Record(args) => commands::record::run(args, cli),
        Command::Replay(args) => commands::replay::run(args, cli),
        Command::Inspect(args) => commands::inspect::run(args, cli),
        Command::Import(args) => commands::import::run(args, cli),
        Command::Analyze(args) => commands::analyze::run(args, cli),
        Command::Explain(args) => commands::explain::run(args, cli),
        Command::Batch(args) => commands::batch::run(args, cli),
        Command::Gather(args) => commands::gather::run(args, cli),
        Command::Report(args) => commands::report::run(args, cli),
        Command::Verify(args) => commands::verify::run(args, cli),
        Command::Export(args) => commands::export::run(args, cli),
        Command::Recover(args) => commands::recover::run(args, cli),
        Command::Edit(args) => commands::edit::run(args, cli),
        Command::Athlete(args) => commands::athlete::run(args, cli),
        Command::Correct(args) => commands::correct::run(args, cli),
        Command::Decode(args) => commands::decode::run(args, cli),
        Command::Method(args) => commands::method::run(args, cli),
        Command::Methods(args) => commands::methods::run(args, cli),
        Command::Validate(args) => commands::validate::run(args, cli),
        Command::Completions(args) => Ok(commands::about::completions(args)),
        Command::Man(args) => commands::about::man(args),
        Command::Licenses(args) => Ok(commands::about::licenses(args)),
        Command::Schema(args) => commands::about::schema(args),
    }
}
