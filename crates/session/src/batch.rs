//! All recordings below folders to analyses, each recording once. One broken input never stops the others, nor does a defect on one.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use truehinge_core::{AthleteId, SessionAnalysis};
use truehinge_dataset::open::is_recording;
use truehinge_dataset::same::{Fingerprint, distinct, made_of};
use truehinge_dataset::{ImportOptions, ImportReport, Survey, open, survey};
use truehinge_signal::content_hash;

use crate::corrections::{self, Corrections};
use crate::facts::Settled;
use crate::results::{Key, Store, Stored};
use crate::{Error, Judge};

/// How inputs are read and judged.
pub struct Batch<'a> {
    /// Inputs are named by their paths below this folder.
    pub root: &'a Path,
    /// How they are read.
    pub options: &'a ImportOptions,
    /// How they are judged.
    pub judge: &'a Judge,
    /// Number of threads; all processors if not given. The result does not depend on it.
    pub threads: Option<usize>,
    /// Whose recordings are wanted; everybody's if not given.
    pub athlete: Option<&'a AthleteId>,
    /// Where results are kept: what is there is not analysed again.
    pub store: Option<&'a Store>,
}

/// Whoever looks on while it is done.
pub struct Watch<'a> {
    /// Called after each input.
    pub done: &'a (dyn Fn() + Sync),
    /// Set when the work is to stop.
    pub stop: &'a AtomicBool,
}

/// What inputs hold, each recording once.
#[derive(Debug, Default)]
pub struct Judged {
    /// What is wanted of it, in the order of the inputs.
    pub sessions: Vec<Session>,
    /// What could not be used, in the order of their names.
    pub failures: Vec<Failed>,
    /// Inputs that are the same as another one, or were made into it.
    pub notices: Vec<Notice>,
    /// How many inputs are the same as another one.
    pub copies: usize,
    /// The work was stopped: not all of it is here.
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

/// An input that could not be used.
#[derive(Debug)]
pub struct Failed {
    /// The input, as it is named.
    pub source: String,
    /// Where it is.
    pub path: PathBuf,
    /// Why.
    pub error: Box<Error>,
}

/// An input that does not count, and the one that counts instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// The same recording.
    Same(PathBuf, PathBuf),
    /// The one that counts was made from it.
    MadeFrom(PathBuf, PathBuf),
    /// It cannot be read as it is, but was imported into the one that counts.
    Imported(PathBuf, PathBuf),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(path, kept) => {
                write!(f, "{}: the same recording as {}: counted once", path.display(), kept.display())
            }
            Self::MadeFrom(path, kept) => {
                write!(f, "{}: {} was made from it, and counts instead", path.display(), kept.display())
            }
            Self::Imported(path, kept) => {
                write!(f, "{}: was imported into {}: counted once", path.display(), kept.display())
            }
        }
    }
}

/// Every recording below the inputs, each once, in order, with what looks like one and is not read.
///
/// # Errors
/// [`Error::NotThere`]; a folder cannot be searched.
pub fn find(inputs: &[PathBuf], options: &ImportOptions) -> Result<Survey, Error> {
    let mut found = Survey::default();
    for input in inputs {
        if !input.exists() {
            return Err(Error::NotThere { path: input.clone() });
        }
        let Survey { sources, unread } = survey(input, options)?;
        found.sources.extend(sources);
        found.unread.extend(unread);
    }
    found.sources.sort();
    found.sources.dedup();
    found.unread.sort();
    found.unread.dedup();
    Ok(found)
}

/// What an import warned of, with the source in front.
pub fn warnings(source: &str, report: Option<&ImportReport>) -> Vec<String> {
    report.iter().flat_map(|report| &report.warnings).map(|warning| warning_of(source, warning)).collect()
}

fn warning_of(source: &str, warning: &str) -> String {
    format!("{source}: warning: {warning}")
}

/// What tells an input from others, and what is wanted of it.
struct Read {
    source: String,
    fingerprint: Fingerprint,
    session: Option<Session>,
}

impl Watch<'_> {
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

impl Batch<'_> {
    /// Reads and analyses all that was found, in parallel.
    ///
    /// # Errors
    /// [`Error::Threads`]. What could not be used is listed in the outcome.
    pub fn run(&self, found: Survey, watch: &Watch<'_>) -> Result<Judged, Error> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads.unwrap_or(0)).build();
        let pool = pool.map_err(|error| Error::Threads { reason: error.to_string() })?;
        let results: Vec<Option<Result<Read, Failed>>> = pool.install(|| {
            let one = |path: &PathBuf| {
                let result = (!watch.is_stopped()).then(|| self.one(path));
                (watch.done)();
                result
            };
            found.sources.par_iter().map(one).collect()
        });
        let (mut all, mut failed) = (Vec::new(), Vec::new());
        for result in results.into_iter().flatten() {
            match result {
                Ok(read) => all.push(read),
                Err(failure) => failed.push(failure),
            }
        }
        failed.extend(found.unread.into_iter().map(|unread| self.failed(&unread.path.clone(), unread.into())));
        Ok(Judged { interrupted: watch.is_stopped(), ..each_once(all, failed) })
    }

    fn source(&self, path: &Path) -> String {
        let below = path.strip_prefix(self.root).unwrap_or(path);
        let source = if below.as_os_str().is_empty() { path.file_name().map_or(path, Path::new) } else { below };
        source.display().to_string()
    }

    fn failed(&self, path: &Path, error: Error) -> Failed {
        Failed { source: self.source(path), path: path.to_owned(), error: Box::new(error) }
    }

    /// A defect of the program on one recording must not cost the others.
    fn one(&self, path: &Path) -> Result<Read, Failed> {
        catch_unwind(AssertUnwindSafe(|| self.read(path)))
            .unwrap_or(Err(Error::Defect))
            .map_err(|error| self.failed(path, error))
    }

    fn read(&self, path: &Path) -> Result<Read, Error> {
        let place = self.store.and_then(|store| Some((store, Key::of(path, self.options, self.judge)?)));
        if let Some(stored) = place.as_ref().and_then(|(store, key)| store.get(key, path))
            && self.still_holds(path, &stored)?
        {
            return self.of_result(path, stored);
        }
        let (mut recording, report) = open(path, self.options)?;
        if !self.wants(&recording.info.athlete) {
            let fingerprint = Fingerprint::new(path, &recording, content_hash(&recording));
            return Ok(Read { source: self.source(path), fingerprint, session: None });
        }
        let read = recording.info.clone();
        let analysis = self.judge.analyse_uncorrected(path, &mut recording)?;
        let fingerprint = Fingerprint::new(path, &recording, analysis.provenance.content_sha256.clone());
        let warnings = report.map(|report| report.warnings).unwrap_or_default();
        let stored = Stored { analysis, read, fingerprint, warnings };
        if let Some((store, key)) = &place {
            store.put(key, &stored);
        }
        self.of_result(path, stored)
    }

    /// Whether a stored result rests on what is known of the person now: cards may have changed since.
    fn still_holds(&self, path: &Path, stored: &Stored) -> Result<bool, Error> {
        let mut info = stored.read.clone();
        let Settled { protocol, facts } = self.judge.settle(path, &mut info)?;
        let of = &stored.analysis;
        Ok(info == of.info && protocol == of.provenance.protocol && facts == of.provenance.facts)
    }

    fn wants(&self, athlete: &AthleteId) -> bool {
        self.athlete.is_none_or(|wanted| wanted == athlete)
    }

    fn of_result(&self, path: &Path, result: Stored) -> Result<Read, Error> {
        let Stored { mut analysis, fingerprint, warnings, .. } = result;
        let source = self.source(path);
        let wanted = self.wants(&analysis.info.athlete);
        if wanted {
            corrections::apply(&mut analysis, &Corrections::beside(path)?)?;
        }
        let session = wanted.then(|| Session {
            source: source.clone(),
            copies: Vec::new(),
            analysis,
            warnings: warnings.iter().map(|warning| warning_of(&source, warning)).collect(),
        });
        Ok(Read { source, fingerprint, session })
    }
}

/// Each recording once, also where the same is another person's now: one that was put right says whose it is. What could not be used is
/// no failure if a recording was made from it.
fn each_once(all: Vec<Read>, failed: Vec<Failed>) -> Judged {
    let found: Vec<Fingerprint> = all.iter().map(|read| read.fingerprint.clone()).collect();
    let sources: Vec<String> = all.iter().map(|read| read.source.clone()).collect();
    let mut kept: BTreeMap<usize, Vec<usize>> = distinct(&found).into_iter().collect();
    let mut judged = Judged { copies: found.len() - kept.len(), ..Judged::default() };
    for (index, read) in all.into_iter().enumerate() {
        let Some(same) = kept.remove(&index) else { continue };
        judged.notices.extend(same.iter().map(|copy| of_copy(&found[*copy], &found[index])));
        let copies = same.iter().map(|copy| sources[*copy].clone()).collect();
        judged.sessions.extend(read.session.map(|session| Session { copies, ..session }));
    }
    for failure in failed {
        match of_source(&failure.path, &found) {
            Some(notice) => judged.notices.push(notice),
            None => judged.failures.push(failure),
        }
    }
    judged.failures.sort_by(|a, b| a.source.cmp(&b.source));
    judged
}

/// An input that is the same as the one that counts.
fn of_copy(copy: &Fingerprint, kept: &Fingerprint) -> Notice {
    let paths = (copy.path().to_owned(), kept.path().to_owned());
    if kept.is_made_from(copy) { Notice::MadeFrom(paths.0, paths.1) } else { Notice::Same(paths.0, paths.1) }
}

/// What cannot be read as it is, if it was imported into one of the recordings, or made anew as one.
fn of_source(path: &Path, found: &[Fingerprint]) -> Option<Notice> {
    let recording = made_of(path, found)?.to_owned();
    let path = path.to_owned();
    Some(if is_recording(&path) { Notice::MadeFrom(path, recording) } else { Notice::Imported(path, recording) })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::AtomicUsize;

    use truehinge_core::{Explained, Recording};
    use truehinge_dataset::recording::write_recording;
    use truehinge_sim::Scenario;

    use super::*;

    fn recording(seed: u64) -> Recording {
        Scenario::typical(seed).run().expect("a session").recording()
    }

    fn run(root: &Path, athlete: Option<&AthleteId>, stopped: bool) -> (Judged, usize) {
        run_with(root, athlete, stopped, None)
    }

    fn run_with(root: &Path, athlete: Option<&AthleteId>, stopped: bool, store: Option<&Store>) -> (Judged, usize) {
        let (options, judge) = (ImportOptions::default(), Judge::default());
        let (stop, count) = (AtomicBool::new(stopped), AtomicUsize::new(0));
        let done = || {
            count.fetch_add(1, Ordering::SeqCst);
        };
        let batch = Batch { root, options: &options, judge: &judge, threads: Some(2), athlete, store };
        let watch = Watch { done: &done, stop: &stop };
        let found = find(&[root.to_owned()], &options).expect("a folder");
        (batch.run(found, &watch).expect("runs"), count.into_inner())
    }

    #[test]
    fn every_recording_counts_once_and_what_is_broken_is_named() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = |name: &str| folder.path().join(name);
        for (name, seed) in [("a.mcap", 1), ("copy-of-a.mcap", 1), ("b.mcap", 2)] {
            write_recording(&path(name), &recording(seed)).expect("writes");
        }
        fs::write(path("c.mcap"), b"no recording").expect("writes");
        let (judged, done) = run(folder.path(), None, false);
        let sources: Vec<&str> = judged.sessions.iter().map(|session| session.source.as_str()).collect();
        assert_eq!((sources, done, judged.copies), (vec!["a.mcap", "b.mcap"], 4, 1));
        assert_eq!(judged.sessions[0].copies, ["copy-of-a.mcap"]);
        assert_eq!(judged.notices, [Notice::Same(path("copy-of-a.mcap"), path("a.mcap"))]);
        let [Failed { source, error, .. }] = &judged.failures[..] else { panic!("{:?}", judged.failures) };
        assert!(source == "c.mcap" && error.code() == "recording_not_one", "{source}: {error}");
        // One path alone gives the same.
        let alone = Judge::default().analyse(&path("a.mcap")).expect("reads");
        let counted = |analysis: &SessionAnalysis| analysis.reps().count();
        assert!(counted(&alone) > 0 && counted(&alone) == counted(&judged.sessions[0].analysis));
    }

    #[test]
    fn only_who_is_wanted_is_analysed_and_what_is_stopped_is_not_done() {
        let folder = tempfile::tempdir().expect("temporary folder");
        write_recording(&folder.path().join("a.mcap"), &recording(1)).expect("writes");
        let nobody = AthleteId::new("nobody").expect("a pseudonym");
        let (judged, _) = run(folder.path(), Some(&nobody), false);
        assert!(judged.sessions.is_empty() && judged.failures.is_empty() && !judged.interrupted);
        let (judged, _) = run(folder.path(), None, true);
        assert!(judged.sessions.is_empty() && judged.interrupted);
    }

    #[test]
    fn what_is_stored_is_not_analysed_again() {
        let folder = tempfile::tempdir().expect("temporary folder");
        for (name, seed) in [("a.mcap", 1), ("copy-of-a.mcap", 1), ("b.mcap", 2)] {
            write_recording(&folder.path().join(name), &recording(seed)).expect("writes");
        }
        let results = folder.path().join("results");
        let (first, _) = run_with(folder.path(), None, false, Some(&Store::at(&results)));
        let (second, _) = run_with(folder.path(), None, false, Some(&Store::at(&results)));
        assert_eq!(format!("{first:?}"), format!("{second:?}"));
        assert_eq!((second.sessions.len(), second.copies), (2, 1));
        // Something that no analysis would say.
        let (options, judge, path) = (ImportOptions::default(), Judge::default(), folder.path().join("b.mcap"));
        let (store, key) = (Store::at(&results), Key::of(&path, &options, &judge).expect("a key"));
        let mut stored = store.get(&key, &path).expect("is there");
        stored.analysis.sensors[0].model = "from the store".to_owned();
        store.put(&key, &stored);
        let (third, _) = run_with(folder.path(), None, false, Some(&Store::at(&results)));
        assert_eq!(third.sessions[1].analysis.sensors[0].model, "from the store");
        let nobody = AthleteId::new("nobody").expect("a pseudonym");
        let (none, _) = run_with(folder.path(), Some(&nobody), false, Some(&Store::at(&results)));
        assert!(none.sessions.is_empty() && none.copies == 1, "whose it is counts for what is stored, too");
    }

    #[test]
    fn what_is_not_there_is_named() {
        let error = find(&["no-such-folder".into()], &ImportOptions::default()).expect_err("is not there");
        assert_eq!(error.in_full(), "no-such-folder: there is no such file or folder: check the path");
    }
}
