//! What a study's inputs hold, on disk, a line of JSON for each; in memory is only what finds a line and puts them in order, some sixty bytes.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use truehinge_dataset::files::scratch;
use truehinge_dataset::same::{Fingerprint, Keys};

use crate::item::{Item, Line};
use crate::workplace::WorkplaceError;

/// Where a line is, and what is asked of it most.
#[derive(Debug)]
struct Entry {
    /// The number of its input: what puts them in order.
    number: u32,
    /// Which of the stores its result is in.
    store: u32,
    /// From where to where it stands in the file.
    at: u64,
    length: u32,
    /// Its athlete and its session stand one behind the other among the names.
    names: u64,
    athlete: u32,
    session: u32,
    keys: Keys,
    /// Its import warned of something.
    warned: bool,
}

/// A hundred thousand are to be six megabytes.
const _: () = assert!(size_of::<Entry>() <= 64);

/// A register that is being written, by many threads.
#[derive(Debug)]
pub struct Registrar {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: BufWriter<File>,
    length: u64,
    entries: Vec<Entry>,
    names: String,
}

/// What inputs hold, in their order.
#[derive(Debug)]
pub struct Register {
    folder: PathBuf,
    file: Mutex<File>,
    entries: Vec<Entry>,
    names: String,
}

impl Registrar {
    /// For so many inputs, on the disk of a folder.
    pub(crate) fn new(folder: &Path, inputs: usize) -> Result<Self, WorkplaceError> {
        let file = scratch(folder).map_err(|source| WorkplaceError::io(folder, source))?;
        let (entries, names) = (Vec::with_capacity(inputs), String::new());
        let state = State { file: BufWriter::new(file), length: 0, entries, names };
        Ok(Self { folder: folder.to_owned(), state: Mutex::new(state) })
    }

    /// Adds what the input of a number holds.
    pub(crate) fn add(&self, number: usize, item: &Item) -> Result<(), WorkplaceError> {
        let line = Line::of(item).map_err(|error| self.at(error.into()))?;
        self.add_line(number, 0, item, &line)
    }

    /// The same, where its line is there already; its result is in that store.
    pub(crate) fn add_line(&self, number: usize, store: u32, item: &Item, line: &str) -> Result<(), WorkplaceError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.add(number, store, item, line).map_err(|error| self.at(error))
    }

    /// All that was added, in the order of the numbers.
    pub(crate) fn finish(self) -> Result<Register, WorkplaceError> {
        let State { file, mut entries, names, .. } = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let file = file.into_inner().map_err(|error| WorkplaceError::io(&self.folder, error.into_error()))?;
        entries.sort_unstable_by_key(|entry| entry.number);
        Ok(Register { folder: self.folder, file: Mutex::new(file), entries, names })
    }

    fn at(&self, source: io::Error) -> WorkplaceError {
        WorkplaceError::io(&self.folder, source)
    }
}

impl State {
    fn add(&mut self, number: usize, store: u32, item: &Item, line: &str) -> io::Result<()> {
        let small = |size: usize| u32::try_from(size).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge));
        let (athlete, session) = (item.athlete.as_str(), item.session.as_str());
        let entry = Entry {
            number: small(number)?,
            store,
            at: self.length,
            length: small(line.len())?,
            names: self.names.len() as u64,
            athlete: small(athlete.len())?,
            session: small(session.len())?,
            keys: item.fingerprint.keys(),
            warned: item.warned,
        };
        self.file.write_all(line.as_bytes())?;
        self.length += line.len() as u64;
        self.names.extend([athlete, session]);
        self.entries.push(entry);
        Ok(())
    }
}

impl Register {
    /// How many inputs are in it.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The same, in the order of the paths of their numbers.
    pub(crate) fn in_order_of(mut self, paths: &[PathBuf]) -> Self {
        let path = |entry: &Entry| usize::try_from(entry.number).ok().and_then(|number| paths.get(number));
        self.entries.sort_unstable_by(|a, b| path(a).cmp(&path(b)));
        self
    }

    /// What tells each from others.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Keys> + Clone {
        self.entries.iter().map(|entry| entry.keys)
    }

    /// Whose the one at a place is, and what it is called.
    pub(crate) fn who(&self, place: usize) -> (&str, &str) {
        let entry = &self.entries[place];
        let names = usize::try_from(entry.names).ok().and_then(|start| self.names.get(start..)).unwrap_or_default();
        let (athlete, behind) = names.split_at(entry.athlete as usize);
        (athlete, behind.get(..entry.session as usize).unwrap_or_default())
    }

    /// Whether the import of the one at a place warned of something.
    pub(crate) fn is_warned(&self, place: usize) -> bool {
        self.entries[place].warned
    }

    /// Which of the stores the result of the one at a place is in.
    pub(crate) fn store(&self, place: usize) -> u32 {
        self.entries[place].store
    }

    /// The one at a place, with its path below the folder that was searched.
    pub(crate) fn item(&self, place: usize, root: &Path) -> Result<Item, WorkplaceError> {
        let mut line = vec![0; self.entries[place].length as usize];
        let mut read = || -> io::Result<Item> {
            let mut file = self.file();
            file.seek(SeekFrom::Start(self.entries[place].at))?;
            file.read_exact(&mut line)?;
            drop(file);
            match serde_json::from_slice(&line)? {
                Line::Item(item) => Ok(item.into_owned().below(root)),
                Line::Unused(_) => Err(io::ErrorKind::InvalidData.into()),
            }
        };
        read().map_err(|source| WorkplaceError::io(&self.folder, source))
    }

    /// What tells the one at a place from others.
    pub(crate) fn fingerprint(&self, place: usize, root: &Path) -> Result<Fingerprint, WorkplaceError> {
        Ok(self.item(place, root)?.fingerprint)
    }

    /// All lines, one after the other.
    pub(crate) fn copy(&self, into: &mut dyn Write) -> io::Result<()> {
        let mut file = self.file();
        let mut line = Vec::new();
        for entry in &self.entries {
            line.resize(entry.length as usize, 0);
            file.seek(SeekFrom::Start(entry.at))?;
            file.read_exact(&mut line)?;
            into.write_all(&line)?;
        }
        Ok(())
    }

    fn file(&self) -> MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
