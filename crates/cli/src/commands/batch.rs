//! `batch`: every recording below a folder to tidy tables. One broken file never stops it; Ctrl-C leaves whole files only.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use truehinge_core::SessionAnalysis;
use truehinge_dataset::same::Fingerprint;
use truehinge_dataset::table::{Failure, SessionTables, TableSet};
use truehinge_dataset::{ImportOptions, Unread};

use crate::Outcome;
use crate::analysis::Config;
use crate::args::{BatchArgs, Cli};
use crate::naming::Names;
use crate::progress;
use crate::reading::{find, is_imported, name_copies, options, read};

/// Tables of all inputs, and what could not be used.
#[derive(Default)]
pub struct Collected {
    /// The tables.
    pub tables: TableSet,
    /// What could not be used.
    pub failures: Vec<Failure>,
    /// What imports warned of, with the source in front.
    pub warnings: Vec<String>,
    /// Whom nobody named.
    names: Names,
    /// What tells the recordings apart.
    found: Vec<Fingerprint>,
    /// How many are the same as another one.
    copies: usize,
    /// Ctrl-C was pressed.
    pub interrupted: bool,
}

impl Collected {
    /// Names what was not read, by its path below the folder, among what could not be used.
    pub fn leave_out(&mut self, unread: Vec<Unread>, root: &Path) {
        self.failures.extend(unread.into_iter().map(|Unread { path, reason }| {
            let source = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            Failure { source: if source.is_empty() { ".".to_owned() } else { source }, reason }
        }));
        self.failures.sort_by(|a, b| a.source.cmp(&b.source));
    }
}

/// Runs the command.
pub fn run(args: &BatchArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let config = Config::new(&args.protocol)?;
    let found = find(std::slice::from_ref(&args.folder), &options)?;
    if found.sources.is_empty() && found.unread.is_empty() {
        eprintln!("{}: no recording below this folder", args.folder.display());
        return Ok(Outcome::NothingFound);
    }
    let mut collected = collect(&found.sources, &args.folder, &options, &config, args.jobs, cli)?;
    let unread = found.unread.into_iter().filter(|unread| !is_imported(&unread.path, &collected.found)).collect();
    collected.leave_out(unread, &args.folder);
    write(&collected, &args.out, cli)
}

/// Writes all tables and says what came of it; nothing if the work was interrupted.
pub fn write(collected: &Collected, out: &Path, cli: &Cli) -> anyhow::Result<Outcome> {
    if collected.interrupted {
        eprintln!("interrupted: no table was written");
        return Ok(Outcome::Interrupted);
    }
    let written = collected.tables.write(out, &collected.failures)?;
    for renamed in &written.renamed {
        eprintln!(
            "{}: two recordings are called {}, one is {} in the tables",
            renamed.athlete_id, renamed.session, renamed.session_id
        );
    }
    summarise(collected, out, cli);
    Ok(if collected.failures.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

fn summarise(collected: &Collected, out: &Path, cli: &Cli) {
    collected.warnings.iter().for_each(|warning| eprintln!("{warning}"));
    collected.names.ask();
    let (done, failed) = (collected.tables.len(), collected.failures.len());
    if cli.json {
        println!(
            "{}",
            serde_json::json!({ "sessions": done, "copies": collected.copies, "failures": failed, "out": out })
        );
        return;
    }
    println!("{done} sessions to {}", out.display());
    if failed > 0 {
        println!("{failed} could not be used, see failures.csv:");
        for failure in collected.failures.iter().take(10) {
            // What could not be read is named with its whole path already.
            let named = failure.reason.contains(&failure.source);
            let source = if named { String::new() } else { format!("{}: ", failure.source) };
            println!("  {source}{}", failure.reason);
        }
    }
}

/// Analyses all inputs in parallel. The result does not depend on the number of threads.
pub fn collect(
    inputs: &[PathBuf],
    root: &Path,
    options: &ImportOptions,
    config: &Config,
    jobs: Option<usize>,
    cli: &Cli,
) -> anyhow::Result<Collected> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    // A second handler cannot be set when one process runs several commands, as tests do; the first one serves them all.
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::SeqCst));
    let bar = progress::bar(cli, inputs.len() as u64, "sessions");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0)).build()?;
    let results: Vec<Option<Result<Read, (&PathBuf, Failure)>>> = pool.install(|| {
        inputs
            .par_iter()
            .map(|path| {
                if stop.load(Ordering::SeqCst) {
                    return None;
                }
                let source = path.strip_prefix(root).unwrap_or(path).display().to_string();
                // A defect of the program on one recording must not cost the others.
                let result = catch_unwind(AssertUnwindSafe(|| one(path, &source, options, config)))
                    .unwrap_or_else(|_| Err(anyhow::anyhow!("a defect of the program, please report it")))
                    .map_err(|error| (path, Failure { source, reason: format!("{error:#}") }));
                bar.inc(1);
                Some(result)
            })
            .collect()
    });
    bar.finish_and_clear();
    let mut collected = Collected { interrupted: stop.load(Ordering::SeqCst), ..Collected::default() };
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for result in results.into_iter().flatten() {
        match result {
            Ok(read) => found.push(read),
            Err(failure) => failures.push(failure),
        }
    }
    collected.take(found);
    failures.retain(|(path, _)| !is_imported(path, &collected.found));
    collected.failures = failures.into_iter().map(|(_, failure)| failure).collect();
    Ok(collected)
}

impl Collected {
    /// Takes what was read, each recording once.
    fn take(&mut self, found: Vec<Read>) {
        self.found = found.iter().map(|read| read.fingerprint.clone()).collect();
        let distinct = name_copies(&self.found);
        self.copies = found.len() - distinct.len();
        let sources: Vec<String> = found.iter().map(|read| read.source.clone()).collect();
        let mut copies: BTreeMap<usize, Vec<String>> = distinct
            .into_iter()
            .map(|(kept, same)| (kept, same.into_iter().map(|copy| sources[copy].clone()).collect()))
            .collect();
        for (index, read) in found.into_iter().enumerate() {
            let Some(copies) = copies.remove(&index) else { continue };
            self.names.count(&read.analysis.info);
            self.tables.push(SessionTables::new(read.analysis, &read.source, copies));
            self.warnings.extend(read.warnings);
        }
    }
}

/// What one input holds, and what its import warned of.
struct Read {
    source: String,
    fingerprint: Fingerprint,
    analysis: SessionAnalysis,
    warnings: Vec<String>,
}

fn one(path: &Path, source: &str, options: &ImportOptions, config: &Config) -> anyhow::Result<Read> {
    let (recording, report) = read(path, options)?;
    let warnings = report.into_iter().flat_map(|report| report.warnings);
    let warnings = warnings.map(|warning| format!("{source}: warning: {warning}")).collect();
    let analysis = config.analyse(&recording)?;
    let fingerprint = Fingerprint::new(path, &recording, analysis.provenance.content_sha256.clone());
    Ok(Read { source: source.to_owned(), fingerprint, analysis, warnings })
}
