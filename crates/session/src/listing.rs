//! A study of any size, input by input: what is stored is taken, the others are analysed and stored, and what ended a run before is left to the end and
//! to a process of its own.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use truehinge_dataset::Survey;

use crate::Error;
use crate::batch::{Batch, Step, Watch};
use crate::begun::{Alone, Notes};
use crate::corrections::Corrections;
use crate::inventory::Inventory;
use crate::item::Item;
use crate::register::Registrar;
use crate::results::{Input, Key, Store, Stored};
use crate::workplace::{Workplace, WorkplaceError};

/// What is done with an input that ended a run before.
pub struct Care<'a> {
    /// Analyses it by a process of its own, as [`Batch::alone`] does, and waits for it.
    pub alone: &'a (dyn Fn(&Path) -> Alone + Sync),
    /// Tries again what was given up.
    pub retry: bool,
}

/// Inputs on their way into a register.
struct Listing<'a> {
    batch: Batch<'a>,
    store: &'a Store,
    notes: Notes,
    registrar: Registrar,
    /// What ended a run before, with its number.
    later: Mutex<Vec<(usize, PathBuf)>>,
    /// That something cannot be written ends the work: each of the others would be analysed for nothing.
    unwritable: OnceLock<WorkplaceError>,
}

impl Batch<'_> {
    /// Reads and analyses all that was found, in parallel. Each result is in the store, whole, as soon as it is there; in memory is only what tells
    /// the recordings apart.
    ///
    /// # Errors
    /// [`Error::Threads`]; [`Error::Workplace`]: a result cannot be written. What was done until then is in the store.
    pub fn list(
        &self,
        store: &Store,
        place: &Workplace,
        found: Survey,
        care: &Care<'_>,
        watch: &Watch<'_>,
    ) -> Result<Inventory, Error> {
        let listing = Listing {
            batch: *self,
            store,
            notes: Notes::of(place, care.retry)?,
            registrar: Registrar::new(place.aside(), found.sources.len())?,
            later: Mutex::default(),
            unwritable: OnceLock::new(),
        };
        let (_, mut failures) = self.each(found, watch, |number, path| listing.or_end(|| listing.add(number, path)))?;
        failures.extend(listing.add_later(care, watch)?);
        if let Some(error) = listing.unwritable.into_inner() {
            return Err(error.into());
        }
        Ok(Inventory { register: listing.registrar.finish()?, failures, interrupted: watch.is_stopped() })
    }

    /// Analyses one input into a store: what a process does that a run started for it.
    ///
    /// # Errors
    /// It cannot be used, or its result not be kept.
    pub fn alone(&self, store: &Store, path: &Path) -> Result<(), Error> {
        self.analyse_into(store, &Input::of(path, self.options, self.judge), path).map(drop)
    }

    fn analyse_into(&self, store: &Store, input: &Input<'_>, path: &Path) -> Result<Stored, Error> {
        let (mut recording, report) = input.open(self.options)?;
        let stored = self.analysed(path, &mut recording, report)?;
        let is_kept = store.put(input.key.as_ref().ok_or(Error::NotKept)?, &stored);
        if is_kept.map_err(|error| WorkplaceError::io(store.folder(), error))? {
            Ok(stored)
        } else {
            Err(Error::NotKept)
        }
    }
}

impl Listing<'_> {
    /// Does something for an input, unless nothing can be written any more.
    fn or_end(&self, one: impl FnOnce() -> Result<Option<Step>, Error>) -> Result<(Option<Step>, ()), Error> {
        if self.unwritable.get().is_some() {
            return Ok((None, ()));
        }
        match one() {
            Err(Error::Workplace(error)) => {
                let _ = self.unwritable.set(error);
                Ok((None, ()))
            }
            other => other.map(|step| (step, ())),
        }
    }

    /// Adds an input, unless it ended a run before.
    fn add(&self, number: usize, path: &Path) -> Result<Option<Step>, Error> {
        let input = Input::of(path, self.batch.options, self.batch.judge);
        let key = input.key.as_ref();
        if let Some(stored) = self.batch.stored(self.store, key, path)? {
            return self.register(number, key, stored, path, Step::FromResults);
        }
        if key.is_some_and(|key| self.notes.known(key).is_some()) {
            self.later.lock().unwrap_or_else(PoisonError::into_inner).push((number, path.to_owned()));
            return Ok(None);
        }
        let _note = key.map(|key| self.notes.begin(key, 0)).transpose()?;
        let stored = self.batch.analyse_into(self.store, &input, path)?;
        self.register(number, key, stored, path, Step::Analysed)
    }

    fn register(
        &self,
        number: usize,
        key: Option<&Key>,
        stored: Stored,
        path: &Path,
        step: Step,
    ) -> Result<Option<Step>, Error> {
        let item = Item::new(self.batch.root, key.ok_or(Error::NotKept)?, stored, &Corrections::beside(path)?)?;
        self.registrar.add(number, &item)?;
        Ok(Some(step))
    }

    /// Adds what ended a run before, one after the other; what could not be used.
    fn add_later(&self, care: &Care<'_>, watch: &Watch<'_>) -> Result<Vec<crate::Failed>, Error> {
        let mut later = std::mem::take(&mut *self.later.lock().unwrap_or_else(PoisonError::into_inner));
        later.sort_unstable();
        let (numbers, sources): (Vec<usize>, Vec<PathBuf>) = later.into_iter().unzip();
        let found = Survey { sources, unread: Vec::new() };
        let one = |index: usize, path: &Path| self.or_end(|| self.add_with_care(numbers[index], path, care));
        Ok(Batch { threads: Some(1), ..self.batch }.each(found, watch, one)?.1)
    }

    fn add_with_care(&self, number: usize, path: &Path, care: &Care<'_>) -> Result<Option<Step>, Error> {
        let input = Input::of(path, self.batch.options, self.batch.judge);
        let known = input.key.as_ref().and_then(|key| Some((key, self.notes.known(key)?)));
        // Its files are other ones by now.
        let Some((key, known)) = known else { return self.add(number, path) };
        if let Some(how) = known.given_up() {
            return Err(Error::EndedProgram { how });
        }
        let there = || self.batch.stored(&self.store.anew(), Some(key), path);
        // A file of its content and name may have been tried just now.
        if let Some(stored) = there()? {
            return self.register(number, Some(key), stored, path, Step::FromResults);
        }
        let note = self.notes.begin(key, known.deaths())?;
        let ended = (care.alone)(path);
        // Perhaps it ended with its result in place.
        if let Some(stored) = there()? {
            return self.register(number, Some(key), stored, path, Step::Analysed);
        }
        match ended {
            Alone::Died(how) => {
                note.ended(&how)?;
                Err(Error::EndedProgram { how })
            }
            Alone::NotStarted(error) => {
                note.leave(known.deaths())?;
                Err(Error::NotAlone { reason: error.to_string() })
            }
            // It cannot be used, and that is said again.
            Alone::Lived => {
                let stored = self.batch.analyse_into(self.store, &input, path)?;
                self.register(number, Some(key), stored, path, Step::Analysed)
            }
        }
    }
}
