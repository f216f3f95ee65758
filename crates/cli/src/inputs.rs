//! Inputs to analyses, each recording once. One broken input never stops the others, nor does a defect on one; Ctrl-C stops all.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use truehinge_core::{AthleteId, SessionAnalysis};
use truehinge_dataset::open::is_recording;
use truehinge_dataset::same::{Fingerprint, distinct, made_of};
use truehinge_dataset::table::Failure;
use truehinge_dataset::{ImportOptions, Survey, Unread};
use truehinge_signal::content_hash;

use crate::Outcome;
use crate::analysis::Config;
use crate::args::Cli;
use crate::progress;
use crate::reading::{read, warnings};

/// How inputs are read and judged.
pub struct Job<'a> {
    /// Inputs are named by their paths below this folder.
    pub root: &'a Path,
    /// How they are read.
    pub options: &'a ImportOptions,
    /// How they are judged.
    pub config: &'a Config,
    /// Number of threads; all processors if not given. The result does not depend on it.
    pub threads: Option<usize>,
    /// Whose recordings are wanted; everybody's if not given.
    pub athlete: Option<&'a AthleteId>,
}

/// What inputs hold, each recording once.
#[derive(Debug, Default)]
pub struct Inputs {
    /// What is wanted of it, in the order of the inputs.
    pub sessions: Vec<Session>,
    /// What could not be used, in the order of their names.
    pub failures: Vec<Failure>,
    /// How many inputs are the same as another one.
    pub copies: usize,
    /// Ctrl-C was pressed: not all of it is here.
    pub interrupted: bool,
}

/// One recording.
#[derive(Debug)]
pub struct Session {
    /// The input.
    pub source: String,
    /// Inputs that hold the same.
    pub copies: Vec<String>,
    /// What came of it.
    pub analysis: SessionAnalysis,
    /// What its import warned of, with the source in front: no verdict rests on it unsaid.
    pub warnings: Vec<String>,
}

/// What tells an input from others, and what is wanted of it.
struct Read {
    source: String,
    fingerprint: Fingerprint,
    session: Option<Session>,
}

/// A failure, and where.
type Failed = (PathBuf, Failure);

impl Inputs {
    /// Names what could not be used; what that means for the whole.
    pub fn name_failures(&self) -> Outcome {
        self.failures.iter().for_each(|failure| eprintln!("{}", told(failure)));
        if self.failures.is_empty() { Outcome::Done } else { Outcome::SomeFailed }
    }
}

impl Job<'_> {
    /// Reads and analyses all that was found, in parallel; says which inputs are the same as another one.
    pub fn run(&self, found: Survey, cli: &Cli) -> anyhow::Result<Inputs> {
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        // A second handler cannot be set when one process runs several commands, as tests do; the first one serves them all.
        let _ = ctrlc::set_handler(move || flag.store(true, Ordering::SeqCst));
        let bar = progress::bar(cli, found.sources.len() as u64, "sessions");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads.unwrap_or(0)).build()?;
        let results: Vec<Option<Result<Read, Failed>>> = pool.install(|| {
            let one = |path: &PathBuf| {
                let result = (!stop.load(Ordering::SeqCst)).then(|| self.one(path));
                bar.inc(1);
                result
            };
            found.sources.par_iter().map(one).collect()
        });
        bar.finish_and_clear();
        let (mut all, mut failed) = (Vec::new(), Vec::new());
        for result in results.into_iter().flatten() {
            match result {
                Ok(read) => all.push(read),
                Err(failure) => failed.push(failure),
            }
        }
        failed.extend(found.unread.into_iter().map(|Unread { path, reason }| self.failed(&path, reason)));
        Ok(Inputs { interrupted: stop.load(Ordering::SeqCst), ..each_once(all, failed) })
    }

    fn source(&self, path: &Path) -> String {
        let below = path.strip_prefix(self.root).unwrap_or(path);
        let source = if below.as_os_str().is_empty() { path.file_name().map_or(path, Path::new) } else { below };
        source.display().to_string()
    }

    fn failed(&self, path: &Path, reason: String) -> Failed {
        (path.to_owned(), Failure { source: self.source(path), reason })
    }

    /// A defect of the program on one recording must not cost the others.
    fn one(&self, path: &Path) -> Result<Read, Failed> {
        catch_unwind(AssertUnwindSafe(|| self.read(path)))
            .unwrap_or_else(|_| Err(anyhow::anyhow!("a defect of the program, please report it")))
            .map_err(|error| self.failed(path, format!("{error:#}")))
    }

    fn read(&self, path: &Path) -> anyhow::Result<Read> {
        let (recording, report) = read(path, self.options)?;
        let source = self.source(path);
        if self.athlete.is_some_and(|wanted| *wanted != recording.info.athlete) {
            let fingerprint = Fingerprint::new(path, &recording, content_hash(&recording));
            return Ok(Read { source, fingerprint, session: None });
        }
        let analysis = self.config.analyse(&recording)?;
        let fingerprint = Fingerprint::new(path, &recording, analysis.provenance.content_sha256.clone());
        let warnings = warnings(&source, report.as_ref());
        let session = Session { source: source.clone(), copies: Vec::new(), analysis, warnings };
        Ok(Read { source, fingerprint, session: Some(session) })
    }
}

/// Each recording once, also where the same is another person's now: one that was put right says whose it is. What could not be used is
/// no failure if a recording was made from it.
fn each_once(all: Vec<Read>, mut failed: Vec<Failed>) -> Inputs {
    let found: Vec<Fingerprint> = all.iter().map(|read| read.fingerprint.clone()).collect();
    let sources: Vec<String> = all.iter().map(|read| read.source.clone()).collect();
    let mut kept: BTreeMap<usize, Vec<usize>> = distinct(&found).into_iter().collect();
    let copies = found.len() - kept.len();
    let mut sessions = Vec::new();
    for (index, read) in all.into_iter().enumerate() {
        let Some(same) = kept.remove(&index) else { continue };
        same.iter().for_each(|copy| name_copy(&found[*copy], &found[index]));
        let copies = same.iter().map(|copy| sources[*copy].clone()).collect();
        sessions.extend(read.session.map(|session| Session { copies, ..session }));
    }
    failed.retain(|(path, _)| !is_imported(path, &found));
    let mut failures: Vec<Failure> = failed.into_iter().map(|(_, failure)| failure).collect();
    failures.sort_by(|a, b| a.source.cmp(&b.source));
    Inputs { sessions, failures, copies, interrupted: false }
}

/// Says that an input is the same as the one that counts.
fn name_copy(copy: &Fingerprint, kept: &Fingerprint) {
    let (copied, stays) = (copy.path().display(), kept.path().display());
    if kept.is_made_from(copy) {
        eprintln!("{copied}: {stays} was made from it, and counts instead");
    } else {
        eprintln!("{copied}: the same recording as {stays}: counted once");
    }
}

/// Says it if what cannot be read as it is was imported into one of the recordings, or made anew as one.
fn is_imported(path: &Path, found: &[Fingerprint]) -> bool {
    let recording = made_of(path, found);
    if let Some(recording) = recording {
        let anew = is_recording(path);
        let (path, recording) = (path.display(), recording.display());
        if anew {
            eprintln!("{path}: {recording} was made from it, and counts instead");
        } else {
            eprintln!("{path}: was imported into {recording}: counted once");
        }
    }
    recording.is_some()
}

/// What could not be used, in one sentence: what could not be read is named with its whole path already.
pub fn told(failure: &Failure) -> String {
    let Failure { source, reason } = failure;
    if reason.contains(source.as_str()) { reason.clone() } else { format!("{source}: {reason}") }
}
