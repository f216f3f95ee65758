//! Any path to a recording, and every recording below a folder.

use std::fs;
use std::path::{Path, PathBuf};

use truehinge_core::Recording;

use crate::import::sheet::Text;
use crate::import::{self, ImportError, ImportOptions, ImportReport, vendor};
use crate::recording::{self, RecordingError, UNFINISHED_SUFFIX};

/// A path cannot be opened as a recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// One of our own recordings.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// A file of another program.
    #[error(transparent)]
    Import(#[from] ImportError),
}

/// Opens a recording of ours, or imports anything else. The report is there for imports.
///
/// # Errors
/// See [`DatasetError`].
pub fn open(path: &Path, options: &ImportOptions) -> Result<(Recording, Option<ImportReport>), DatasetError> {
    if is_recording(path) {
        let mut recording = recording::read(path)?;
        // What a person says beats what the file says.
        if let Some(athlete) = &options.athlete {
            recording.info.athlete = athlete.clone();
        }
        recording.info.stance_side = options.side.or(recording.info.stance_side);
        return Ok((recording, None));
    }
    let (recording, report) = import::import(path, options)?;
    Ok((recording, Some(report)))
}

/// Whether the name is that of one of our recordings.
fn is_recording(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(recording::EXTENSION))
}

/// Every recording below a folder, in order of path: what [`open`] can be tried on. Files that are plainly something else
/// (documents, tables of results, pictures) are left out; a damaged recording is kept, so that opening it gives the reason.
///
/// # Errors
/// A folder cannot be listed.
pub fn discover(folder: &Path, options: &ImportOptions) -> Result<Vec<PathBuf>, ImportError> {
    let mut found = Vec::new();
    if folder.is_file() {
        found.push(folder.to_owned());
    } else {
        walk(folder, options, &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn walk(folder: &Path, options: &ImportOptions, found: &mut Vec<PathBuf>) -> Result<(), ImportError> {
    let failed = |source| ImportError::Io { path: folder.to_owned(), source };
    if options.mapping.is_none() {
        let is_bench = folder.join("meta.json").is_file();
        if is_bench || !vendor::ximu3_folders(folder).is_empty() {
            found.push(folder.to_owned());
            return Ok(());
        }
    }
    let mut entries = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>())
        .map_err(failed)?;
    entries.sort();
    let mut sensor_files = Vec::new();
    for path in entries {
        if path.is_dir() {
            walk(&path, options, found)?;
        } else if options.mapping.is_some() {
            if has_extension(&path, &["csv", "txt", "tsv"]) {
                found.push(path);
            }
        } else if is_recording(&path) {
            // What is being recorded right now is not finished; `recover` is for what was left behind.
            if !path.to_string_lossy().ends_with(UNFINISHED_SUFFIX) {
                found.push(path);
            }
        } else if has_extension(&path, &["sto"]) {
            found.push(path);
        } else if has_extension(&path, &["csv", "txt"]) {
            sensor_files.push(path);
        }
    }
    // Several files with a known header in one folder are the sensors of one session.
    let known = sensor_files
        .iter()
        .filter(|path| Text::read(path).is_ok_and(|text| vendor::recognise(&text).is_some()))
        .count();
    if known > 0 {
        found.push(folder.to_owned());
    }
    Ok(())
}

fn has_extension(path: &Path, wanted: &[&str]) -> bool {
    path.extension().and_then(|e| e.to_str()).is_some_and(|e| wanted.iter().any(|w| e.eq_ignore_ascii_case(w)))
}
