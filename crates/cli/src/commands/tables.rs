//! What `batch`, `gather` and `export` say of the tables that they wrote.

use std::borrow::{Borrow, Cow};
use std::path::Path;

use serde::Serialize;
use truehinge_core::{AthleteId, Explained};
use truehinge_dataset::table::{Failure, Layout as Tables, TableFormats, Written};
use truehinge_session::{Failed, Kept, Shard};

use crate::Outcome;
use crate::args::{Cli, TableLayout, TablesArgs};
use crate::inputs::Tally;
use crate::json::{self, Output, path};
use crate::naming::Names;

/// With more recordings than this, tables are in parts unless somebody asks for whole ones: their Parquet files would take memory by the
/// recording, and no spreadsheet opens the text.
const MOST_IN_WHOLE_TABLES: usize = 10_000;
/// Failures that are named on the terminal.
const NAMED: usize = 10;

/// How tables are written.
pub struct Layout<'a> {
    args: &'a TablesArgs,
    /// Number of threads; all processors if not given.
    pub threads: Option<usize>,
}

impl<'a> Layout<'a> {
    /// As the command line says it.
    pub const fn of(args: &'a TablesArgs, threads: Option<usize>) -> Self {
        Self { args, threads }
    }

    /// For so many recordings.
    pub fn formats(&self, kept: &Kept<'_>) -> TableFormats {
        let layout = match self.args.tables {
            TableLayout::Auto if kept.len() > MOST_IN_WHOLE_TABLES => Tables::Parts,
            TableLayout::Auto | TableLayout::Whole => Tables::Whole,
            TableLayout::Parts => Tables::Parts,
        };
        TableFormats { layout, ..TableFormats::from(&self.args.csv) }
    }
}

/// What came of a folder, or of all that was exported.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Done<'a> {
    /// Sessions in the tables.
    pub n_sessions: usize,
    /// Inputs that are the same as another one, and were left out.
    pub n_copies: usize,
    /// Inputs that were analysed in this run; null where nothing is.
    pub n_analysed: Option<usize>,
    /// Inputs whose results earlier runs had left; null where nothing is analysed.
    pub n_from_results: Option<usize>,
    /// What could not be used, as in the table of failures.
    pub failures: &'a [Failure],
    /// Folder of the tables.
    pub out: Cow<'a, str>,
}

impl Output for Done<'_> {
    const SCHEMA: &'static str = "truehinge/batch/1";
}

/// Says what came of it.
pub fn print(
    done: &Done<'_>,
    written: &Written,
    athletes: impl Iterator<Item = impl Borrow<AthleteId>>,
    cli: &Cli,
) -> Outcome {
    for renamed in &written.renamed {
        eprintln!(
            "{}: two recordings are called {}, one is {} in the tables",
            renamed.athlete_id, renamed.session, renamed.renamed
        );
    }
    let mut names = Names::default();
    athletes.for_each(|athlete| names.count(athlete.borrow()));
    names.ask();
    if cli.json {
        json::print(done);
    } else {
        let sessions = if done.n_sessions == 1 { "session" } else { "sessions" };
        println!("{} {sessions} written to {}", done.n_sessions, done.out);
        tell_reused(done.n_analysed, done.n_from_results);
        tell_failures(done.failures);
    }
    if done.failures.is_empty() { Outcome::Done } else { Outcome::SomeFailed }
}

fn tell_reused(analysed: Option<usize>, from_results: Option<usize>) {
    if let Some((analysed, from_results)) = analysed.zip(from_results).filter(|(_, there)| *there > 0) {
        println!("{analysed} analysed now, {from_results} taken from an earlier run");
    }
}

fn tell_failures(failures: &[Failure]) {
    if failures.is_empty() {
        return;
    }
    println!("{} could not be used, see failures.csv:", failures.len());
    for Failure { source, reason, .. } in failures.iter().take(NAMED) {
        if reason.contains(source.as_str()) { println!("  {reason}") } else { println!("  {source}: {reason}") }
    }
}

/// What came of a part of a study.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ShardDone<'a> {
    /// Which part, such as 3/8.
    pub shard: String,
    /// Inputs of the part that were read.
    pub n_read: usize,
    /// Of these, analysed in this run.
    pub n_analysed: usize,
    /// Of these, results that earlier runs had left.
    pub n_from_results: usize,
    /// What could not be used.
    pub failures: &'a [Failure],
    /// Folder of the part.
    pub out: Cow<'a, str>,
}

impl Output for ShardDone<'_> {
    const SCHEMA: &'static str = "truehinge/shard/1";
}

impl<'a> ShardDone<'a> {
    /// Of a part.
    pub fn new(shard: Shard, n_read: usize, tally: &Tally, failures: &'a [Failure], out: &'a Path) -> Self {
        Self {
            shard: shard.to_string(),
            n_read,
            n_analysed: tally.analysed(),
            n_from_results: tally.reused(),
            failures,
            out: path(out),
        }
    }

    /// Says it, to people or programs.
    pub fn tell(&self, json: bool) {
        if json {
            return json::print(self);
        }
        println!("part {} is done: {} inputs read, results in {}", self.shard, self.n_read, self.out);
        tell_reused(Some(self.n_analysed), Some(self.n_from_results));
        if !self.failures.is_empty() {
            println!("{} could not be used", self.failures.len());
        }
    }
}

/// An input that could not be used, as a row of its table.
pub fn row(failed: &Failed) -> Failure {
    let reason = crate::failure::Failure::of(Outcome::SomeFailed, &*failed.error).of_recording(&failed.path).in_full();
    let (stage, code) = (failed.error.stage().into(), failed.error.code().into());
    Failure { stage, code, source: failed.source.clone(), reason: below_the_root(failed, reason) }
}

/// Words in which files are named as their input is: a table is read on other machines, too.
fn below_the_root(failed: &Failed, words: String) -> String {
    let path = failed.path.display().to_string();
    match path.strip_suffix(&failed.source).filter(|root| !root.is_empty()) {
        Some(root) => words.replace(root, ""),
        None => words,
    }
}
