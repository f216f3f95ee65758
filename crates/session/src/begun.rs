//! What a run is at, noted on disk, so that an input which ends the program itself (out of memory, a stack overflow: no panic, no error) costs the
//! others one run and not all of them (decision 0020).
//!
//! A note is a file with the start of an input's key as its name, so it names nobody, and is another one for another file, version or option. It
//! stands there while the input is analysed: what a run that died left is what it was at. Such an input is analysed last, by a process of its own. What
//! ends that one too, or run after run, is a failure, until somebody asks to have it tried again.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::results::Key;
use crate::workplace::{Workplace, WorkplaceError};

/// So many runs may die with an input: one that did not know of it, and two that had left it to a process of its own. Where memory is out, some systems
/// end all processes of a job together.
const MOST_DEATHS: u32 = 3;
/// How the note of an input that is not tried any more begins.
const ENDED: &str = "ended ";

/// How a process ended that had one input to analyse.
#[derive(Debug)]
pub enum Alone {
    /// By itself: its result is in the store, or the input cannot be used.
    Lived,
    /// Not by itself; how.
    Died(String),
    /// There was none; why.
    NotStarted(io::Error),
}

/// What is known of an input from runs before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Known {
    /// So many runs died while they were at it.
    Deaths(u32),
    /// It ended a process of its own, or run after run; how.
    Ended(String),
}

impl Known {
    /// What is not whole was written when a run died.
    fn read(text: &str) -> Self {
        match text.strip_prefix(ENDED) {
            Some(how) => Self::Ended(how.to_owned()),
            None => Self::Deaths(text.trim().parse().unwrap_or(1)),
        }
    }

    /// How many runs died of it, as far as is known.
    pub fn deaths(&self) -> u32 {
        match self {
            Self::Deaths(deaths) => *deaths,
            Self::Ended(_) => MOST_DEATHS,
        }
    }

    /// How it ended the program, if it is not to be tried any more.
    pub fn given_up(&self) -> Option<String> {
        match self {
            Self::Deaths(deaths) if *deaths < MOST_DEATHS => None,
            Self::Deaths(deaths) => Some(format!("{deaths} runs ended while they were at it")),
            Self::Ended(how) => Some(how.clone()),
        }
    }
}

/// The notes of a folder.
#[derive(Debug)]
pub(crate) struct Notes {
    folder: PathBuf,
    /// Of runs before, by names.
    known: BTreeMap<String, Known>,
}

/// A note that stands until it is dropped.
#[derive(Debug)]
pub(crate) struct Note {
    path: PathBuf,
    stays: bool,
}

impl Notes {
    /// Of the folder of a run; if somebody asks for it, what was given up is tried again.
    pub fn of(place: &Workplace, retry: bool) -> Result<Self, WorkplaceError> {
        let folder = place.notes().to_owned();
        fs::create_dir_all(&folder).map_err(|source| WorkplaceError::io(&folder, source))?;
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let note = |entry: fs::DirEntry| {
            let known = Known::read(&fs::read_to_string(entry.path()).unwrap_or_default());
            let known = if retry && known.given_up().is_some() { Known::Deaths(1) } else { known };
            Some((entry.file_name().into_string().ok()?, known))
        };
        let known = entries.filter_map(note).collect();
        Ok(Self { folder, known })
    }

    /// What runs before left of an input.
    pub fn known(&self, key: &Key) -> Option<&Known> {
        self.known.get(&key.name())
    }

    /// An input is begun, which so many runs have died of.
    pub fn begin(&self, key: &Key, deaths: u32) -> Result<Note, WorkplaceError> {
        let note = Note { path: self.folder.join(key.name()), stays: false };
        // Empty for one death: this is done for every input.
        let text = if deaths == 0 { String::new() } else { (deaths + 1).to_string() };
        fs::write(&note.path, text).map_err(|source| WorkplaceError::io(&note.path, source))?;
        Ok(note)
    }
}

impl Note {
    /// It stays: the input is not tried any more.
    pub fn ended(self, how: &str) -> Result<(), WorkplaceError> {
        self.stay(format!("{ENDED}{how}"))
    }

    /// It stays as it was, with so many deaths: nothing was tried.
    pub fn leave(self, deaths: u32) -> Result<(), WorkplaceError> {
        self.stay(deaths.to_string())
    }

    fn stay(mut self, text: String) -> Result<(), WorkplaceError> {
        self.stays = true;
        fs::write(&self.path, text).map_err(|source| WorkplaceError::io(&self.path, source))
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        if !self.stays {
            // One that cannot be removed costs care where none is needed.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use truehinge_dataset::ImportOptions;

    use super::*;
    use crate::Judge;

    #[test]
    fn a_note_stands_while_an_input_is_analysed_and_stays_where_the_program_ended() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let input = folder.path().join("a.mcap");
        fs::write(&input, "x").expect("writes");
        let key = Key::of(&input, &ImportOptions::default(), &Judge::default()).expect("a key");
        let place = Workplace::claim(&folder.path().join("out"), "").expect("is free");
        let notes = |retry| Notes::of(&place, retry).expect("reads");
        let known = |retry| notes(retry).known(&key).cloned();
        let note = notes(false).begin(&key, 0).expect("writes");
        assert_eq!(known(false), Some(Known::Deaths(1)));
        drop(note);
        assert_eq!(known(false), None, "it is done");
        for deaths in 1..MOST_DEATHS {
            std::mem::forget(notes(false).begin(&key, deaths).expect("writes"));
            let expected = Known::Deaths(deaths + 1);
            assert_eq!(expected.given_up().is_some(), deaths + 1 == MOST_DEATHS);
            assert_eq!(known(false), Some(expected));
        }
        notes(false).begin(&key, 1).expect("writes").ended("signal: 9").expect("writes");
        assert_eq!(known(false).and_then(|known| known.given_up()), Some("signal: 9".to_owned()));
        assert_eq!(known(true), Some(Known::Deaths(1)), "somebody asked");
        notes(false).begin(&key, 2).expect("writes").leave(2).expect("writes");
        assert_eq!(known(false), Some(Known::Deaths(2)), "no process could be started");
        // A run that dies while it writes a note leaves half of one.
        fs::write(place.notes().join(key.name()), "").expect("writes");
        assert_eq!(known(false), Some(Known::Deaths(1)));
    }
}
