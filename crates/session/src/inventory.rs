//! What inputs hold, without what came of them: each recording with the place of its result, some hundred bytes. Tables are made of it by
//! reading one result after another.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use truehinge_core::{AthleteId, SessionId};
use truehinge_dataset::same::{Fingerprint, Hash};
use truehinge_dataset::table::{Failure, SessionTables, Sessions, Stage, TableFormats, Written, write_sessions};

use crate::corrections::{Corrections, Said, path_of};
use crate::once::{Failed, Notice, Once, Session, once};
use crate::results::{Key, Store, Stored};
use crate::workplace::Workplace;
use crate::{Error, corrections};

/// A recording, and where its result is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Item {
    /// The input, by its path below the folder that was searched.
    pub source: String,
    athlete: AthleteId,
    session: SessionId,
    result: Hash,
    fingerprint: Fingerprint,
    /// What people said of its repetitions when it was read.
    #[serde(default, skip_serializing_if = "<[Said]>::is_empty")]
    corrections: Box<[Said]>,
    /// Its import warned of something.
    warned: bool,
    /// Which of the stores its result is in.
    #[serde(skip)]
    store: u32,
}

/// An input that could not be used, as tables say it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Unused {
    /// The input, by its path below the folder that was searched.
    pub source: String,
    /// What could not be done with it.
    pub stage: String,
    /// What is wrong, as a code that stays.
    pub code: String,
    /// What is wrong, and what to do.
    pub reason: String,
    /// Hashes of its files.
    files: Vec<Hash>,
}

/// What inputs hold.
#[derive(Debug)]
pub struct Inventory {
    /// What was read, in the order of the inputs.
    pub items: Vec<Item>,
    /// What could not be used.
    pub failures: Vec<Failed>,
    /// The work was stopped: not all of it is here.
    pub interrupted: bool,
}

impl Item {
    /// Of a result that is stored. That people's corrections cannot be used is seen here, before any table is written.
    pub(crate) fn new(source: String, key: &Key, stored: Stored, corrections: &Corrections) -> Result<Self, Error> {
        let Stored { mut analysis, fingerprint, warnings, .. } = stored;
        corrections::apply(&mut analysis, corrections)?;
        let (athlete, session) = (analysis.info.athlete, analysis.info.session);
        let (result, warned) = (key.id(), !warnings.is_empty());
        let corrections = corrections.history().into();
        Ok(Self { source, athlete, session, result, fingerprint, corrections, warned, store: 0 })
    }

    /// The same, of another store, at its place below a folder.
    pub(crate) fn of_store(self, store: u32, root: &Path) -> Self {
        let fingerprint = self.fingerprint.at(&root.join(&self.source));
        Self { fingerprint, store, ..self }
    }
}

impl Unused {
    /// An input that could not be used, in the words of a table.
    pub fn new(failed: &Failed, row: Failure) -> Self {
        let Failure { stage, code, source, reason } = row;
        Self { source, stage: stage.into_owned(), code: code.into_owned(), reason, files: failed.files.clone() }
    }

    /// As a row of its table.
    pub fn row(self) -> Failure {
        Failure { stage: self.stage.into(), code: self.code.into(), source: self.source, reason: self.reason }
    }
}

/// What inputs hold, each recording once; what tables are made of.
pub struct Kept<'a> {
    items: Vec<Item>,
    /// Which of them stay, each with those that are the same.
    stay: Vec<(usize, Vec<usize>)>,
    stores: &'a [Store],
    stop: &'a AtomicBool,
    /// What could not be used, in the order of their names.
    pub failures: Vec<Failure>,
    /// Inputs that are the same as another one, or were made into it.
    pub notices: Vec<Notice>,
    /// How many inputs are the same as another one.
    pub copies: usize,
}

impl<'a> Kept<'a> {
    /// Of what was found below a folder, with results in these stores.
    pub fn new(
        mut items: Vec<Item>,
        unused: Vec<Unused>,
        root: &Path,
        stores: &'a [Store],
        stop: &'a AtomicBool,
    ) -> Self {
        // No two have the same path. Another way to sort would need half the list once more.
        items.sort_unstable_by(|a, b| a.fingerprint.path().cmp(b.fingerprint.path()));
        let found: Vec<&Fingerprint> = items.iter().map(|item| &item.fingerprint).collect();
        let paths: Vec<PathBuf> = unused.iter().map(|one| root.join(&one.source)).collect();
        let named: Vec<(&Path, &[Hash])> =
            paths.iter().zip(&unused).map(|(path, one)| (path.as_path(), one.files.as_slice())).collect();
        let Once { kept: stay, mut notices, of_unused } = once(&found, &named);
        let copies = items.len() - stay.len();
        let mut failures = Vec::new();
        for (one, notice) in unused.into_iter().zip(of_unused) {
            match notice {
                Some(notice) => notices.push(notice),
                None => failures.push(one.row()),
            }
        }
        failures.sort_by(|a, b| a.source.cmp(&b.source));
        Self { items, stay, stores, stop, failures, notices, copies }
    }

    /// How many recordings stay.
    pub fn len(&self) -> usize {
        self.stay.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.stay.is_empty()
    }

    /// Writes all tables into the folder of a run, with so many threads, or one for each processor.
    ///
    /// # Errors
    /// [`Error::Threads`], [`Error::Tables`], [`Error::ResultGone`], [`Error::Stopped`]: what was there stays then.
    pub fn write(&self, place: &Workplace, formats: TableFormats, threads: Option<usize>) -> Result<Written, Error> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build();
        let pool = pool.map_err(|error| Error::Threads { reason: error.to_string() })?;
        let stage = Stage::new(place.folder(), place.aside())?;
        pool.install(|| write_sessions(self, &self.failures, stage, formats))
    }

    /// Everybody who has a session in it, once for each session.
    pub fn athletes(&self) -> impl Iterator<Item = &AthleteId> {
        self.stay.iter().map(|(index, _)| &self.items[*index].athlete)
    }

    /// What imports warned of, in the order of the inputs: results are read again for it, so that it need not be held.
    ///
    /// # Errors
    /// [`Error::ResultGone`].
    pub fn warnings(&self) -> impl Iterator<Item = Result<Vec<String>, Error>> {
        let warned = self.stay.iter().map(|(index, _)| &self.items[*index]).filter(|item| item.warned);
        warned.map(|item| Ok(self.load(item)?.warnings))
    }

    fn load(&self, item: &Item) -> Result<Session, Error> {
        if self.stop.load(Ordering::SeqCst) {
            return Err(Error::Stopped);
        }
        let store = usize::try_from(item.store).ok().and_then(|number| self.stores.get(number));
        let stored = store.and_then(|store| store.load(item.result, &item.athlete));
        let path = item.fingerprint.path();
        let stored = stored.ok_or_else(|| Error::ResultGone { path: path.to_owned() })?;
        Session::of(stored, &item.source, &Corrections::of(path_of(path), item.corrections.to_vec()))
    }
}

impl Sessions for Kept<'_> {
    type Error = Error;

    fn count(&self) -> usize {
        self.stay.len()
    }

    fn who(&self, index: usize) -> (&AthleteId, &SessionId) {
        let item = &self.items[self.stay[index].0];
        (&item.athlete, &item.session)
    }

    fn session(&self, index: usize) -> Result<SessionTables<'_>, Error> {
        let (index, copies) = &self.stay[index];
        let session = self.load(&self.items[*index])?;
        let copies = copies.iter().map(|copy| self.items[*copy].source.clone()).collect();
        Ok(SessionTables::new(session.analysis, &session.source, copies))
    }
}
