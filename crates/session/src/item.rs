//! An input of a study as a line: what was read, with the place of its result, or why it could not be used.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use truehinge_core::{AthleteId, SessionId};
use truehinge_dataset::same::{Fingerprint, Hash};
use truehinge_dataset::table::Failure;

use crate::corrections::{Corrections, Said};
use crate::once::{Failed, source};
use crate::results::{Key, Stored};
use crate::{Error, corrections};

/// A path as it is written: any name, where serde knows how; in the browser's file system all names are UTF-8.
#[cfg(any(unix, windows))]
type Written = std::ffi::OsString;
#[cfg(not(any(unix, windows)))]
type Written = PathBuf;

/// A recording, and where its result is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    /// The input, by its path below the folder that was searched.
    pub source: String,
    /// Its path, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<Written>,
    pub athlete: AthleteId,
    pub session: SessionId,
    pub result: Hash,
    pub fingerprint: Fingerprint,
    /// What people said of its repetitions when it was read.
    #[serde(default, skip_serializing_if = "<[Said]>::is_empty")]
    pub corrections: Box<[Said]>,
    /// Its import warned of something.
    pub warned: bool,
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
    pub(crate) files: Vec<Hash>,
}

/// A line of a register, and of a manifest behind its first.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    Item(Cow<'a, Item>),
    Unused(Cow<'a, Unused>),
}

impl Line<'_> {
    /// An input that was read, with the end of its line.
    pub fn of(item: &Item) -> serde_json::Result<String> {
        Ok(serde_json::to_string(&Line::Item(Cow::Borrowed(item)))? + "\n")
    }
}

impl Item {
    /// Of a result that is stored. That people's corrections cannot be used is seen here, before any table is written.
    pub fn new(root: &Path, key: &Key, stored: Stored, corrections: &Corrections) -> Result<Self, Error> {
        let Stored { mut analysis, fingerprint, warnings, .. } = stored;
        corrections::apply(&mut analysis, corrections)?;
        let (athlete, session) = (analysis.info.athlete, analysis.info.session);
        let (result, warned) = (key.id(), !warnings.is_empty());
        let corrections = corrections.history().into();
        let source = source(root, fingerprint.path());
        let is_below = root.join(&source) == fingerprint.path();
        let path = (!is_below).then(|| Written::from(fingerprint.path()));
        Ok(Self { source, path, athlete, session, result, fingerprint, corrections, warned })
    }

    /// The same, read back, at its place below a folder.
    pub fn below(self, root: &Path) -> Self {
        let path = self.path.as_ref().map_or_else(|| root.join(&self.source), PathBuf::from);
        let fingerprint = self.fingerprint.at(&path);
        Self { fingerprint, ..self }
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
