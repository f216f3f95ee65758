//! Tables are written aside first and put in place together, so that a run that ends in the middle leaves those that were there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{TABLES, TableError};
use crate::atomic::sync_folder;

/// A folder beside the tables, in which they are written until all of them are there. It is removed when it is dropped.
pub struct Stage {
    aside: tempfile::TempDir,
    target: PathBuf,
}

impl Stage {
    /// For the tables of a folder, which is made, written aside in another folder of the same disk.
    pub fn new(target: &Path, aside: &Path) -> Result<Self, TableError> {
        fs::create_dir_all(target).map_err(|source| at(target, source))?;
        fs::create_dir_all(aside).map_err(|source| at(aside, source))?;
        let builder = || tempfile::Builder::new().prefix(".truehinge-").suffix(".part").tempdir_in(aside);
        Ok(Self { aside: builder().map_err(|source| at(aside, source))?, target: target.to_owned() })
    }

    /// Where files are written now.
    pub fn folder(&self) -> &Path {
        self.aside.path()
    }

    /// Where they will be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Puts all files in place, instead of those of earlier runs, and removes tables that this run did not write: they would be
    /// of other sessions.
    pub fn commit(self) -> Result<(), TableError> {
        let staged = list(self.folder())?;
        for path in &staged {
            let Some(name) = path.file_name() else { continue };
            let place = self.target.join(name);
            if path.is_dir() {
                remove_parts(&place)?;
            }
            fs::rename(path, &place).map_err(|source| at(&place, source))?;
        }
        for table in TABLES {
            for extension in ["csv", "parquet"] {
                let path = self.target.join(format!("{table}.{extension}"));
                let is_new = staged.contains(&self.folder().join(format!("{table}.{extension}")));
                if !is_new && path.is_file() {
                    fs::remove_file(&path).map_err(|source| at(&path, source))?;
                }
            }
            if !staged.contains(&self.folder().join(table)) {
                remove_parts(&self.target.join(table))?;
            }
        }
        sync_folder(&self.target).map_err(|source| at(&self.target, source))
    }
}

/// Removes the parts of a table; a folder in which somebody keeps other files stays.
fn remove_parts(folder: &Path) -> Result<(), TableError> {
    if !folder.is_dir() {
        return Ok(());
    }
    let is_part = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("part-") && name.ends_with(".parquet")
    };
    let (parts, others): (Vec<PathBuf>, Vec<PathBuf>) = list(folder)?.into_iter().partition(is_part);
    parts.iter().try_for_each(|part| fs::remove_file(part).map_err(|source| at(part, source)))?;
    if others.is_empty() { fs::remove_dir(folder).map_err(|source| at(folder, source)) } else { Ok(()) }
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, TableError> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut paths: Vec<PathBuf> =
        entries.map_err(|source| at(folder, source))?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    Ok(paths)
}

fn at(path: &Path, source: io::Error) -> TableError {
    TableError::Io { path: path.to_owned(), source }
}
