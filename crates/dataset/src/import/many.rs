//! Folders with thousands of files: what belongs together in them is found once, not again for each file that is opened.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::ImportError;
use super::files::list;
use super::group::{Group, groups};
use super::mapping::Mapping;

/// Folders with fewer files are searched anew: that is quick, and nothing has to be remembered.
const MANY_FILES: usize = 200;
/// So many folders are remembered: workers are in neighbouring ones.
const FOLDERS: usize = 4;

/// What was found in the last folders with many files, as long as nothing is added to them or taken away. Copies share it.
#[derive(Clone, Default)]
pub struct ManyFiles(Arc<Mutex<Found>>);

#[derive(Default)]
struct Found {
    groups: Vec<(Folder, Arc<Vec<Group>>)>,
    trials: Vec<(Folder, Arc<Vec<Vec<PathBuf>>>)>,
}

/// A folder as it was, and the mapping that it was searched with.
#[derive(Clone, PartialEq)]
struct Folder {
    path: PathBuf,
    changed: SystemTime,
    mapping: String,
}

/// Says nothing: it changes nothing about how a file is read, and results are kept under what the options say.
impl fmt::Debug for ManyFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ManyFiles")
    }
}

impl ManyFiles {
    /// The sessions in the files of a folder; `None` where they are few.
    pub(crate) fn groups(&self, folder: &Path) -> Result<Option<Arc<Vec<Group>>>, ImportError> {
        self.find(folder, None, |found| &mut found.groups, || groups(folder))
    }

    /// The trials in the tables of a folder, as `search` finds them; `None` where its files are few.
    pub(crate) fn trials(
        &self,
        folder: &Path,
        mapping: &Mapping,
        search: impl FnOnce() -> Result<Vec<Vec<PathBuf>>, ImportError>,
    ) -> Result<Option<Arc<Vec<Vec<PathBuf>>>>, ImportError> {
        self.find(folder, Some(mapping), |found| &mut found.trials, search)
    }

    fn find<T>(
        &self,
        folder: &Path,
        mapping: Option<&Mapping>,
        kind: impl Fn(&mut Found) -> &mut Vec<(Folder, Arc<T>)>,
        search: impl FnOnce() -> Result<T, ImportError>,
    ) -> Result<Option<Arc<T>>, ImportError> {
        // A folder whose time of change cannot be told is searched each time.
        let Ok(changed) = std::fs::metadata(folder).and_then(|metadata| metadata.modified()) else { return Ok(None) };
        let mapping = mapping.map(|mapping| format!("{mapping:?}")).unwrap_or_default();
        let key = Folder { path: folder.to_owned(), changed, mapping };
        let known =
            |found: &mut Found| kind(found).iter().find(|(known, _)| *known == key).map(|(_, of)| Arc::clone(of));
        if let Some(known) = known(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(Some(known));
        }
        if list(folder)?.len() < MANY_FILES {
            return Ok(None);
        }
        // Whoever comes meanwhile waits: searching twice takes longer.
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known(&mut found) {
            return Ok(Some(known));
        }
        let of = Arc::new(search()?);
        let kept = kind(&mut found);
        kept.truncate(FOLDERS - 1);
        kept.insert(0, (key, Arc::clone(&of)));
        Ok(Some(of))
    }
}
