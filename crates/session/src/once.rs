//! Each recording once: which inputs hold the same, which could not be used, and what is said of it.

use std::fmt;
use std::path::{Path, PathBuf};

use truehinge_core::SessionAnalysis;
use truehinge_dataset::open::is_recording;
use truehinge_dataset::same::{Fingerprint, Hash, Origins, distinct};

use crate::Error;
use crate::corrections::{self, Corrections};
use crate::results::Stored;

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
    /// Hashes of its files.
    pub files: Vec<Hash>,
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

impl Session {
    /// Of what was stored, with what people corrected.
    pub(crate) fn of(stored: Stored, source: &str, corrections: &Corrections) -> Result<Self, Error> {
        let Stored { mut analysis, warnings, .. } = stored;
        corrections::apply(&mut analysis, corrections)?;
        let warnings = warnings.iter().map(|warning| warning_of(source, warning)).collect();
        Ok(Self { source: source.to_owned(), copies: Vec::new(), analysis, warnings })
    }
}

/// What an input is called below a folder.
pub fn source(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let source = if below.as_os_str().is_empty() { path.file_name().map_or(path, Path::new) } else { below };
    source.display().to_string()
}

/// Which recordings stay, each with those that are the same, and what is to be said of it.
pub(crate) struct Once {
    /// Indices, in order.
    pub kept: Vec<(usize, Vec<usize>)>,
    /// Of recordings that do not stay.
    pub notices: Vec<Notice>,
    /// Of each input that could not be used: the recording that counts instead.
    pub of_unused: Vec<Option<Notice>>,
}

/// Each recording once, also where the same is another person's now: one that was put right says whose it is. What could not be used is
/// no failure if a recording was made from it.
pub(crate) fn once(found: &[&Fingerprint], unused: &[(&Path, &[Hash])]) -> Once {
    let kept = distinct(found);
    let copies = kept.iter().flat_map(|(index, same)| same.iter().map(|copy| of_copy(found[*copy], found[*index])));
    let notices = copies.collect();
    let origins = Origins::of(found, unused.iter().map(|(_, files)| *files));
    let of_unused = unused.iter().map(|(path, files)| of_source(path, files, &origins)).collect();
    Once { kept, notices, of_unused }
}

/// An input that is the same as the one that counts.
pub(crate) fn of_copy(copy: &Fingerprint, kept: &Fingerprint) -> Notice {
    let paths = (copy.path().to_owned(), kept.path().to_owned());
    if kept.is_made_from(copy) { Notice::MadeFrom(paths.0, paths.1) } else { Notice::Same(paths.0, paths.1) }
}

/// What cannot be read as it is, if it was imported into one of the recordings, or made anew as one.
pub(crate) fn of_source(path: &Path, files: &[Hash], origins: &Origins<'_>) -> Option<Notice> {
    let recording = origins.made_of(path, files)?.to_owned();
    let path = path.to_owned();
    Some(if is_recording(&path) { Notice::MadeFrom(path, recording) } else { Notice::Imported(path, recording) })
}

/// A warning of an import, with the source in front.
pub(crate) fn warning_of(source: &str, warning: &str) -> String {
    format!("{source}: warning: {warning}")
}
