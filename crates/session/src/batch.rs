//! All recordings below folders to analyses, each recording once. One broken input never stops the others, nor does a defect on one.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use truehinge_core::{AthleteId, Recording};
use truehinge_dataset::same::{Fingerprint, Hash, hashes_of};
use truehinge_dataset::{ImportOptions, ImportReport, Survey, open, survey};
use truehinge_signal::content_hash;

use crate::corrections::Corrections;
use crate::facts::Settled;
pub use crate::once::{Failed, Notice, Session};
use crate::once::{Once, once, source, warning_of};
use crate::results::{Input, Key, Store, Stored};
use crate::{Error, Judge};

/// How inputs are read and judged.
#[derive(Clone, Copy)]
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
    pub done: &'a (dyn Fn(Step) + Sync),
    /// Set when the work is to stop.
    pub stop: &'a AtomicBool,
}

/// What became of an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// It was analysed.
    Analysed,
    /// Its result was there.
    FromResults,
    /// It could not be used.
    Failed,
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

/// Every recording below the inputs, each once, in order, with what looks like one and is not read.
///
/// # Errors
/// [`Error::NotThere`]; a folder cannot be searched.
pub fn find(inputs: &[PathBuf], options: &ImportOptions) -> Result<Survey, Error> {
    let mut found = Survey::default();
    let mut named = Named::default();
    for input in inputs {
        if !input.exists() {
            return Err(Error::NotThere { path: input.clone() });
        }
        let Survey { sources, unread } = survey(input, options)?;
        found.sources.extend(sources.into_iter().filter(|source| source != input || named.is_new(source, options)));
        found.unread.extend(unread);
    }
    found.sources.sort();
    found.sources.dedup();
    found.unread.sort();
    found.unread.dedup();
    Ok(found)
}

/// Files that were named one by one: one of several that belong together opens them all, and the others are no copies of it.
#[derive(Default)]
struct Named {
    opened: BTreeSet<PathBuf>,
}

impl Named {
    fn is_new(&mut self, source: &Path, options: &ImportOptions) -> bool {
        // A file without a folder is found by its neighbours as one of this folder.
        let plain = |path: &Path| path.strip_prefix(".").unwrap_or(path).to_owned();
        let is_new = !self.opened.contains(&plain(source));
        // What cannot be looked at is named when it is opened.
        if is_new && source.is_file() {
            let files = open::files(source, options).unwrap_or_default();
            self.opened.extend(files.iter().map(|file| plain(file)));
        }
        is_new
    }
}

/// What an import warned of, with the source in front.
pub fn warnings(source: &str, report: Option<&ImportReport>) -> Vec<String> {
    report.iter().flat_map(|report| &report.warnings).map(|warning| warning_of(source, warning)).collect()
}

/// What tells an input from others, and what is wanted of it.
struct Read {
    source: String,
    fingerprint: Fingerprint,
    session: Option<Session>,
}

impl Watch<'_> {
    /// Whether the work is to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

impl Batch<'_> {
    /// Reads and analyses all that was found, in parallel, and holds it in memory, 50 kB for a session.
    ///
    /// # Errors
    /// [`Error::Threads`]. What could not be used is listed in the outcome.
    pub fn run(&self, found: Survey, watch: &Watch<'_>) -> Result<Judged, Error> {
        let (all, failed) = self.each(found, watch, |_, path| self.read(path))?;
        Ok(Judged { interrupted: watch.is_stopped(), ..each_once(all, failed) })
    }

    /// All inputs by a way to read one, which is told their numbers, in their order; those that could not be used apart.
    pub(crate) fn each<T: Send>(
        &self,
        found: Survey,
        watch: &Watch<'_>,
        one: impl Fn(usize, &Path) -> Result<(Option<Step>, T), Error> + Sync,
    ) -> Result<(Vec<T>, Vec<Failed>), Error> {
        let pool = rayon::ThreadPoolBuilder::new();
        // A browser has no threads to give: whoever asks does the work.
        let pool = if cfg!(target_family = "wasm") {
            pool.num_threads(1).use_current_thread()
        } else {
            pool.num_threads(self.threads.unwrap_or(0))
        };
        let pool = pool.build().map_err(|error| Error::Threads { reason: error.to_string() })?;
        // A defect of the program on one recording must not cost the others.
        let guarded = |number: usize, path: &Path| {
            catch_unwind(AssertUnwindSafe(|| one(number, path)))
                .unwrap_or(Err(Error::Defect))
                .map_err(|error| Box::new(self.failed(path, error)))
        };
        let each = |(number, path): (usize, PathBuf)| {
            let result = (!watch.is_stopped()).then(|| guarded(number, &path))?;
            match &result {
                Ok((step, _)) => step.iter().for_each(|step| (watch.done)(*step)),
                Err(_) => (watch.done)(Step::Failed),
            }
            Some(result.map(|(_, read)| read))
        };
        // A failure in a box: of a hundred thousand inputs that have none, the room for it would be megabytes.
        let results: Vec<Option<Result<T, Box<Failed>>>> =
            pool.install(|| found.sources.into_par_iter().enumerate().map(each).collect());
        let mut failed = Vec::new();
        // Collected in the place of the results: of a hundred thousand a second list would be tens of megabytes.
        let read = |result: Option<Result<T, Box<Failed>>>| match result? {
            Ok(read) => Some(read),
            Err(failure) => {
                failed.push(*failure);
                None
            }
        };
        let all = results.into_iter().filter_map(read).collect();
        failed.extend(found.unread.into_iter().map(|unread| self.failed(&unread.path.clone(), unread.into())));
        Ok((all, failed))
    }

    fn failed(&self, path: &Path, error: Error) -> Failed {
        Failed {
            source: source(self.root, path),
            path: path.to_owned(),
            error: Box::new(error),
            files: hashes_of(path),
        }
    }

    fn read(&self, path: &Path) -> Result<(Option<Step>, Read), Error> {
        let input = self.store.map(|_| Input::of(path, self.options, self.judge));
        let key = input.as_ref().and_then(|input| input.key.as_ref());
        if let Some(stored) = self.store.and_then(|store| self.stored(store, key, path).transpose()) {
            return Ok((Some(Step::FromResults), self.of_result(path, stored?)?));
        }
        let opened = input.as_ref().map_or_else(|| open(path, self.options), |input| input.open(self.options));
        let (mut recording, report) = opened?;
        if !self.wants(&recording.info.athlete) {
            let fingerprint = Fingerprint::new(path, &recording, &content_hash(&recording));
            return Ok((None, Read { source: source(self.root, path), fingerprint, session: None }));
        }
        let stored = self.analysed(path, &mut recording, report)?;
        if let Some((store, key)) = self.store.zip(key)
            && let Err(error) = store.put(key, &stored)
        {
            store.note(&error);
        }
        Ok((Some(Step::Analysed), self.of_result(path, stored)?))
    }

    /// What is stored of an input, if it rests on what is known of the person now: cards may have changed since.
    pub(crate) fn stored(&self, store: &Store, key: Option<&Key>, path: &Path) -> Result<Option<Stored>, Error> {
        let Some(stored) = key.and_then(|key| store.get(key, path)) else { return Ok(None) };
        let mut info = stored.read.clone();
        let Settled { protocol, facts } = self.judge.settle(path, &mut info)?;
        let of = &stored.analysis;
        let holds = info == of.info && protocol == of.provenance.protocol && facts == of.provenance.facts;
        Ok(holds.then_some(stored))
    }

    pub(crate) fn analysed(
        &self,
        path: &Path,
        recording: &mut Recording,
        report: Option<ImportReport>,
    ) -> Result<Stored, Error> {
        let read = recording.info.clone();
        let analysis = self.judge.analyse_uncorrected(path, recording)?;
        let fingerprint = Fingerprint::new(path, recording, &analysis.provenance.content_sha256);
        let warnings = report.map(|report| report.warnings).unwrap_or_default();
        Ok(Stored { analysis, read, fingerprint, warnings })
    }

    fn wants(&self, athlete: &AthleteId) -> bool {
        self.athlete.is_none_or(|wanted| wanted == athlete)
    }

    fn of_result(&self, path: &Path, stored: Stored) -> Result<Read, Error> {
        let fingerprint = stored.fingerprint.clone();
        let source = source(self.root, path);
        let wanted = self.wants(&stored.analysis.info.athlete);
        let session = || Session::of(stored, &source, &Corrections::beside(path)?);
        let session = wanted.then(session).transpose()?;
        Ok(Read { source, fingerprint, session })
    }
}

fn each_once(all: Vec<Read>, failed: Vec<Failed>) -> Judged {
    let found: Vec<&Fingerprint> = all.iter().map(|read| &read.fingerprint).collect();
    let unused: Vec<(&Path, &[Hash])> = failed.iter().map(|one| (one.path.as_path(), one.files.as_slice())).collect();
    let Once { kept, notices, of_unused } = once(&found, &unused);
    let sources: Vec<String> = all.iter().map(|read| read.source.clone()).collect();
    let mut judged = Judged { copies: found.len() - kept.len(), notices, ..Judged::default() };
    let mut kept: BTreeMap<usize, Vec<usize>> = kept.into_iter().collect();
    for (index, read) in all.into_iter().enumerate() {
        let Some(same) = kept.remove(&index) else { continue };
        let copies = same.iter().map(|copy| sources[*copy].clone()).collect();
        judged.sessions.extend(read.session.map(|session| Session { copies, ..session }));
    }
    for (failure, notice) in failed.into_iter().zip(of_unused) {
        match notice {
            Some(notice) => judged.notices.push(notice),
            None => judged.failures.push(failure),
        }
    }
    judged.failures.sort_by(|a, b| a.source.cmp(&b.source));
    judged
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::AtomicUsize;

    use truehinge_core::{Explained, SessionAnalysis};
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
        let done = |_| {
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
        assert!(store.put(&key, &stored).expect("writes"));
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
