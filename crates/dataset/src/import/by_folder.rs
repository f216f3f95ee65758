//! The mapping that a folder has for its tables, and for those of the folders below it.
//!
//! A study's files are alike: what their columns mean is said once, in [`FILE`] at the top of the study. The nearest one counts. It is for
//! the tables that have its columns; everything else is recognised as ever. A mapping that a person gives takes the place of all of them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::files::{is_json, is_table, list};
use super::mapping::Mapping;
use super::{ImportError, ImportOptions};
use crate::atomic::sha256_file;

/// What the file is called.
pub const FILE: &str = "truehinge-mapping.toml";

/// The options with the mapping of the folder that a path is in, where it has one that fits.
///
/// # Errors
/// The mapping file cannot be used, or the folder cannot be listed.
pub fn settled<'o>(path: &Path, options: &'o ImportOptions) -> Result<Cow<'o, ImportOptions>, ImportError> {
    let as_said = Cow::Borrowed(options);
    if options.mapping.is_some() || (!path.is_dir() && !could_be_mapped(path)) {
        return Ok(as_said);
    }
    let Some(mapping) = of(folder_of(path))? else { return Ok(as_said) };
    let fits = if path.is_dir() {
        // A folder is one recording by a mapping where each file is a sensor.
        mapping.one_sensor_per_file() && !fitting(&list(path)?, &mapping).is_empty()
    } else {
        mapping.fits(path).unwrap_or(false)
    };
    Ok(if fits { Cow::Owned(ImportOptions { mapping: Some(mapping), ..options.clone() }) } else { as_said })
}

/// What the nearest mapping file of a folder and those above it says.
///
/// # Errors
/// It cannot be used.
pub(crate) fn of(folder: &Path) -> Result<Option<Mapping>, ImportError> {
    nearest(folder).map(|file| Mapping::read(&file)).transpose()
}

/// The nearest mapping file of a folder and those above it.
fn nearest(folder: &Path) -> Option<PathBuf> {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    whole.ancestors().map(|folder| folder.join(FILE)).find(|file| file.is_file())
}

/// The folder that a path is in, or is.
fn folder_of(path: &Path) -> &Path {
    if path.is_dir() { path } else { path.parent().unwrap_or(path) }
}

/// Those of some files that are tables with the columns of a mapping. What cannot be read is none of them.
pub(crate) fn fitting(files: &[PathBuf], mapping: &Mapping) -> Vec<PathBuf> {
    let fits = |path: &&PathBuf| could_be_mapped(path) && mapping.fits(path).unwrap_or(false);
    files.iter().filter(fits).cloned().collect()
}

/// What is said of a recording that was read so: which file, and what it held.
///
/// # Errors
/// It cannot be read.
pub(super) fn note(path: &Path) -> Result<String, ImportError> {
    let Some(file) = nearest(folder_of(path)) else { return Ok(String::new()) };
    let hash = sha256_file(&file).map_err(|source| ImportError::Io { path: file, source })?;
    Ok(format!("columns as {FILE} of its folder says (SHA-256 {})", &hash[..12]))
}

fn could_be_mapped(path: &Path) -> bool {
    is_table(path) && !is_json(path)
}
