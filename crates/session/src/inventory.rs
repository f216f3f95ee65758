//! What inputs hold, without what came of them: each recording with the place of its result, in a register on disk. Tables are made of it by
//! reading one result after another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use truehinge_core::AthleteId;
use truehinge_dataset::same::{Fingerprint, Hash, Origins, alike, distinct};
use truehinge_dataset::table::{Failure, SessionTables, Sessions, Stage, TableFormats, Written, write_sessions};

use crate::Error;
use crate::corrections::{Corrections, path_of};
pub use crate::item::Unused;
use crate::once::{Failed, Notice, Session, of_copy, of_source};
pub use crate::register::Register;
use crate::results::Store;
use crate::workplace::{Workplace, WorkplaceError};

/// What inputs hold.
#[derive(Debug)]
pub struct Inventory {
    /// What was read, in the order of the inputs.
    pub register: Register,
    /// What could not be used.
    pub failures: Vec<Failed>,
    /// The work was stopped: not all of it is here.
    pub interrupted: bool,
}

/// Places that others are the same as: which.
type Copies = BTreeMap<usize, Vec<usize>>;

/// What inputs hold, each recording once; what tables are made of.
pub struct Kept<'a> {
    register: Register,
    root: PathBuf,
    /// Places of those that stay.
    stay: Vec<usize>,
    copies_of: Copies,
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
    ///
    /// # Errors
    /// [`Error::Workplace`]: the register cannot be read back.
    pub fn new(
        register: Register,
        unused: Vec<Unused>,
        root: &Path,
        stores: &'a [Store],
        stop: &'a AtomicBool,
    ) -> Result<Self, Error> {
        let (copies_of, mut notices) = copies_in(&register, root)?;
        let copied: BTreeSet<usize> = copies_of.values().flatten().copied().collect();
        let stay = (0..register.len()).filter(|place| !copied.contains(place)).collect();
        let mut failures = Vec::new();
        for (notice, one) in in_use(&register, &unused, root)?.into_iter().zip(unused) {
            match notice {
                Some(notice) => notices.push(notice),
                None => failures.push(one.row()),
            }
        }
        failures.sort_by(|a, b| a.source.cmp(&b.source));
        let (copies, root) = (copied.len(), root.to_owned());
        Ok(Self { register, root, stay, copies_of, stores, stop, failures, notices, copies })
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
    pub fn athletes(&self) -> impl Iterator<Item = AthleteId> {
        self.stay.iter().map(|place| AthleteId::from(self.register.who(*place).0.to_owned()))
    }

    /// What imports warned of, in the order of the inputs: results are read again for it, so that it need not be held.
    ///
    /// # Errors
    /// [`Error::ResultGone`].
    pub fn warnings(&self) -> impl Iterator<Item = Result<Vec<String>, Error>> {
        let warned = self.stay.iter().filter(|place| self.register.is_warned(**place));
        warned.map(|place| Ok(self.load(*place)?.warnings))
    }

    fn load(&self, place: usize) -> Result<Session, Error> {
        if self.stop.load(Ordering::SeqCst) {
            return Err(Error::Stopped);
        }
        let item = self.register.item(place, &self.root)?;
        let store = usize::try_from(self.register.store(place)).ok().and_then(|number| self.stores.get(number));
        let stored = store.and_then(|store| store.load(item.result, &item.athlete));
        let path = item.fingerprint.path();
        let stored = stored.ok_or_else(|| Error::ResultGone { path: path.to_owned() })?;
        Session::of(stored, &item.source, &Corrections::of(path_of(path), item.corrections.to_vec()))
    }
}

/// Of the places to which others are the same: which; and what is said of these. Only what may be the same is read.
fn copies_in(register: &Register, root: &Path) -> Result<(Copies, Vec<Notice>), Error> {
    let mut copies_of = Copies::new();
    let mut notices = BTreeMap::new();
    for group in alike(register.keys()) {
        let found = group.iter().map(|place| register.fingerprint(*place, root)).collect::<Result<Vec<_>, _>>()?;
        let found: Vec<&Fingerprint> = found.iter().collect();
        for (kept, same) in distinct(&found).into_iter().filter(|(_, same)| !same.is_empty()) {
            let said: Vec<Notice> = same.iter().map(|copy| of_copy(found[*copy], found[kept])).collect();
            notices.insert(group[kept], said);
            copies_of.insert(group[kept], same.into_iter().map(|copy| group[copy]).collect());
        }
    }
    Ok((copies_of, notices.into_values().flatten().collect()))
}

/// Of each input that could not be used: what counts instead.
fn in_use(register: &Register, unused: &[Unused], root: &Path) -> Result<Vec<Option<Notice>>, Error> {
    let asked: BTreeSet<Hash> = unused.iter().filter_map(|one| one.files.first().copied()).collect();
    let mut made = Vec::new();
    // Most studies have no such input, and need not be read through.
    for place in (0..register.len()).filter(|_| !asked.is_empty()) {
        made.extend(Some(register.fingerprint(place, root)?).filter(|one| one.is_of_any(&asked)));
    }
    let made: Vec<&Fingerprint> = made.iter().collect();
    let origins = Origins::of(&made, unused.iter().map(|one| one.files.as_slice()));
    Ok(unused.iter().map(|one| of_source(&root.join(&one.source), &one.files, &origins)).collect())
}

impl Sessions for Kept<'_> {
    type Error = Error;

    fn count(&self) -> usize {
        self.stay.len()
    }

    fn who(&self, index: usize) -> (&str, &str) {
        self.register.who(self.stay[index])
    }

    fn session(&self, index: usize) -> Result<SessionTables<'_>, Error> {
        let place = self.stay[index];
        let session = self.load(place)?;
        let copies = self.copies_of.get(&place).into_iter().flatten();
        let copies = copies.map(|copy| Ok(self.register.item(*copy, &self.root)?.source));
        let copies = copies.collect::<Result<_, WorkplaceError>>()?;
        Ok(SessionTables::new(session.analysis, &session.source, copies))
    }
}
