//! Folders with thousands of files: what belongs together in them is found once, not again for each file that is opened.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::ImportError;
use super::files::list;

/// Folders with fewer files are searched anew: that is quick, and nothing has to be remembered.
const MANY_FILES: usize = 200;
/// So many folders are remembered: workers are in neighbouring ones.
const FOLDERS: usize = 4;

/// What was found in the last folders with many files, as long as nothing is added to them or taken away. Copies share it.
pub(crate) struct Found<T>(Arc<Mutex<Vec<Known<T>>>>);

/// A folder, and what was found in it.
type Known<T> = (Folder, Arc<T>);

/// A folder as it was, and what it was searched for.
#[derive(Clone, PartialEq)]
struct Folder {
    path: PathBuf,
    changed: SystemTime,
    wanted: String,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Found<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Found<T> {
    /// What `search` finds in a folder when it looks for what `wanted` says; `None` where its files are few.
    pub fn find(
        &self,
        folder: &Path,
        wanted: String,
        search: impl FnOnce() -> Result<T, ImportError>,
    ) -> Result<Option<Arc<T>>, ImportError> {
        // A folder whose time of change cannot be told is searched each time.
        let Ok(changed) = std::fs::metadata(folder).and_then(|metadata| metadata.modified()) else { return Ok(None) };
        let key = Folder { path: folder.to_owned(), changed, wanted };
        let known =
            |found: &[Known<T>]| found.iter().find(|(known, _)| *known == key).map(|(_, what)| Arc::clone(what));
        if let Some(known) = known(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(Some(known));
        }
        if list(folder)?.len() < MANY_FILES {
            return Ok(None);
        }
        // Whoever comes meanwhile waits: searching twice takes longer.
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known(&found) {
            return Ok(Some(known));
        }
        let what = Arc::new(search()?);
        found.truncate(FOLDERS - 1);
        found.insert(0, (key, Arc::clone(&what)));
        Ok(Some(what))
    }
}
