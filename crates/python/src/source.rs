//! What can be analysed: a file or folder, the bytes of a recording, a recording that was read or simulated.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pyo3::exceptions::{PyOSError, PyTypeError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyMemoryView, PyTuple};
use truehinge_core::{Explained, SessionAnalysis};
use truehinge_dataset::import::ImportError;
use truehinge_dataset::{ImportOptions, open, open_bytes};
use truehinge_session::Error;

use crate::failure::Unusable;
use crate::how::How;
use crate::recording::Recording;

/// What bytes are called that nobody named.
const NAMELESS: &str = "recording.mcap";

/// An input.
#[derive(Clone)]
pub enum Source {
    /// A file or folder.
    Path(PathBuf),
    /// A recording's bytes, and what it is called where they come from.
    Bytes(String, Arc<PyBackedBytes>),
    /// Bytes that could not be had, and why.
    Missing(String, String),
    /// A recording that is read.
    Read(Arc<truehinge_core::Recording>),
}

/// An input is larger than what was allowed.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {bytes} bytes, at most {most} are read")]
struct TooLarge {
    name: String,
    bytes: u64,
    most: u64,
}

impl Explained for TooLarge {
    fn code(&self) -> &'static str {
        "input_too_large"
    }

    fn hint(&self) -> Option<std::borrow::Cow<'static, str>> {
        Some("allow more with max_bytes, if it is a recording".into())
    }
}

/// Whoever was to read an input could not.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {reason}")]
struct Unreadable {
    name: String,
    reason: String,
}

impl Explained for Unreadable {
    fn code(&self) -> &'static str {
        "input_unreadable"
    }

    fn hint(&self) -> Option<std::borrow::Cow<'static, str>> {
        Some("check that it can be read from here".into())
    }
}

impl<'py> FromPyObject<'_, 'py> for Source {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(recording) = value.cast::<Recording>() {
            return Ok(Self::Read(Arc::clone(&recording.get().inner)));
        }
        if value.is_instance_of::<PyMemoryView>() {
            let copy = value.py().get_type::<PyBytes>().call1((value,))?;
            return Ok(Self::Bytes(NAMELESS.to_owned(), Arc::new(copy.extract()?)));
        }
        if let Ok(bytes) = value.extract::<PyBackedBytes>() {
            return Ok(Self::Bytes(NAMELESS.to_owned(), Arc::new(bytes)));
        }
        if let Ok(named) = value.cast::<PyTuple>() {
            let (name, content): (String, Bound<'py, PyAny>) = named.extract()?;
            if content.is_instance_of::<PyOSError>() {
                return Ok(Self::Missing(name, content.str()?.to_string()));
            }
            return Ok(Self::Bytes(name, Arc::new(content.extract()?)));
        }
        let path = value.extract::<PathBuf>().map_err(|_| {
            let kind = value.get_type();
            PyTypeError::new_err(format!(
                "{kind} cannot be analysed: give a path, the bytes of a recording, a Recording, or (name, bytes)"
            ))
        })?;
        Ok(Self::Path(path))
    }
}

impl Source {
    /// The same under a name, if one is given and its own is none.
    pub fn named(self, name: Option<String>) -> Self {
        match (self, name) {
            (Self::Bytes(_, bytes), Some(name)) => Self::Bytes(name, bytes),
            (source, _) => source,
        }
    }

    /// What it is called.
    pub fn name(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Bytes(name, _) | Self::Missing(name, _) => name.clone(),
            Self::Read(recording) => recording.info.session.to_string(),
        }
    }

    /// Reads it; with what its import warned of.
    ///
    /// # Errors
    /// It cannot be used.
    pub fn open(&self, how: &How) -> Result<(truehinge_core::Recording, Vec<String>), Unusable> {
        self.check_size(how.most_bytes())?;
        match self {
            Self::Path(path) if !path.exists() => Err(self.told(&Error::NotThere { path: path.clone() })),
            Self::Path(path) => {
                let (recording, report) = open(path, &how.options).map_err(|error| self.told(&error))?;
                Ok((recording, report.map(|report| report.warnings).unwrap_or_default()))
            }
            Self::Bytes(name, bytes) => {
                let read = open_bytes(Path::new(name), bytes, &how.options);
                read.map(|recording| (recording, Vec::new())).map_err(|error| self.told(&error))
            }
            Self::Missing(name, reason) => Err(self.told(&Unreadable { name: name.clone(), reason: reason.clone() })),
            Self::Read(recording) => {
                let recording = truehinge_core::Recording::clone(recording);
                let told = open::as_told(Path::new(&self.name()), recording, &how.options);
                told.map(|recording| (recording, Vec::new())).map_err(|error| self.told(&error))
            }
        }
    }

    /// Reads and judges it, as the program does; with what its import warned of.
    ///
    /// # Errors
    /// It cannot be used.
    pub fn analyse(&self, how: &How) -> Result<(SessionAnalysis, Vec<String>), Unusable> {
        let (mut recording, warnings) = self.open(how)?;
        let analysis = match self {
            Self::Path(path) => how.judge.analyse_opened(path, &mut recording),
            Self::Bytes(..) | Self::Missing(..) | Self::Read(_) => how.judge.analyse_in_memory(&mut recording),
        };
        Ok((analysis.map_err(|error| self.told(&error))?, warnings))
    }

    /// An error about it.
    pub fn told(&self, error: &impl Explained) -> Unusable {
        Unusable::of(error).about(&self.name())
    }

    fn check_size(&self, most: u64) -> Result<(), Unusable> {
        let bytes = match self {
            // What cannot be listed is refused with its reason when it is opened.
            Self::Path(path) => size(path).unwrap_or(0),
            Self::Bytes(_, bytes) => bytes.len() as u64,
            Self::Missing(..) | Self::Read(_) => 0,
        };
        let too_large = TooLarge { name: self.name(), bytes, most };
        if bytes > most { Err(self.told(&too_large)) } else { Ok(()) }
    }
}

/// Bytes of the files that opening a path reads.
fn size(path: &Path) -> Result<u64, ImportError> {
    let files = open::files(path, &ImportOptions::default())?;
    Ok(files.iter().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum())
}
