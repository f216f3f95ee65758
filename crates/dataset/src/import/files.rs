//! Names and folders.

use std::path::{Path, PathBuf};

use super::ImportError;

/// What could be a table, by its name.
pub(crate) fn is_table(path: &Path) -> bool {
    let known = |e: &str| ["csv", "txt", "tsv", "json"].iter().any(|wanted| e.eq_ignore_ascii_case(wanted));
    path.extension().and_then(|e| e.to_str()).is_some_and(known) && path.is_file()
}

/// What could be a log in JSON, by its name.
pub(crate) fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// Everything directly in a folder, in order of name.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let failed = |source| ImportError::Io { path: folder.to_owned(), source };
    let mut paths = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>())
        .map_err(failed)?;
    paths.sort();
    Ok(paths)
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

pub(crate) fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
