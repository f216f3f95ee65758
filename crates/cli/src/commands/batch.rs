//! `batch`: every recording below a folder to tidy tables. One broken file never stops it; Ctrl-C leaves whole files only.

use std::borrow::Cow;
use std::path::Path;

use serde::Serialize;
use truehinge_core::Explained;
use truehinge_dataset::table::{Failure, SessionTables, TableFormats, TableSet};
use truehinge_session::{Batch, Failed, Judged};

use crate::args::{BatchArgs, Cli};
use crate::failure::{interrupted, no_recording, of_input};
use crate::json::{Output, path};
use crate::naming::Names;
use crate::reading::{find, judge, options, results};
use crate::{Outcome, inputs, json};

/// Results of earlier runs, in the folder of the tables.
pub const RESULTS: &str = ".results";

/// Runs the command.
pub fn run(args: &BatchArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let judge = judge(&args.protocol, cli)?;
    let found = find(std::slice::from_ref(&args.folder), &options)?;
    if found.is_empty() {
        return Err(no_recording());
    }
    let store = results(&args.out.join(RESULTS), &args.results);
    let batch = Batch {
        root: &args.folder,
        options: &options,
        judge: &judge,
        threads: args.jobs,
        athlete: None,
        store: store.as_ref(),
    };
    write(inputs::run(&batch, found, cli)?, &args.out, args.csv_locale.into(), cli)
}

/// What came of a folder, or of all that was exported.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Done<'a> {
    /// Sessions in the tables.
    n_sessions: usize,
    /// Inputs that are the same as another one, and were left out.
    n_copies: usize,
    /// What could not be used, as in the table of failures.
    failures: &'a [Failure],
    /// Folder of the tables.
    out: Cow<'a, str>,
}

impl Output for Done<'_> {
    const SCHEMA: &'static str = "truehinge/batch/1";
}

/// Writes all tables and says what came of it; nothing if the work was interrupted.
pub fn write(judged: Judged, out: &Path, formats: TableFormats, cli: &Cli) -> anyhow::Result<Outcome> {
    if judged.interrupted {
        return Err(interrupted("no table was written"));
    }
    let Judged { sessions, failures, copies, .. } = judged;
    let (mut tables, mut names, mut warnings) = (TableSet::default(), Names::default(), Vec::new());
    for session in sessions {
        names.count(&session.analysis.info);
        tables.push(SessionTables::new(session.analysis, &session.source, session.copies));
        warnings.extend(session.warnings);
    }
    let told: Vec<String> = failures.iter().map(|failed| of_input(failed).in_full()).collect();
    let failures: Vec<Failure> = failures.iter().map(row).collect();
    for renamed in tables.write_as(out, &failures, formats)?.renamed {
        eprintln!(
            "{}: two recordings are called {}, one is {} in the tables",
            renamed.athlete_id, renamed.session, renamed.renamed
        );
    }
    warnings.iter().for_each(|warning| eprintln!("{warning}"));
    names.ask();
    let (done, failed) = (tables.len(), failures.len());
    if cli.json {
        json::print(&Done { n_sessions: done, n_copies: copies, failures: &failures, out: path(out) });
    } else {
        let sessions = if done == 1 { "session" } else { "sessions" };
        println!("{done} {sessions} written to {}", out.display());
        if failed > 0 {
            println!("{failed} could not be used, see failures.csv:");
            told.iter().take(10).for_each(|told| println!("  {told}"));
        }
    }
    Ok(if failed == 0 { Outcome::Done } else { Outcome::SomeFailed })
}

/// An input that could not be used, as a row of its table.
fn row(failed: &Failed) -> Failure {
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
