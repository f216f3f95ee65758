//! The folder that a run writes into: one run at a time, marked until it is finished, and cleared of what a run that died left there.

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use truehinge_core::{Explained, explained::DISK_FULL};

/// Results, and what a run needs while it goes on, in the folder of the tables.
pub const RESULTS: &str = ".results";
/// What marks a folder as unfinished.
pub const UNFINISHED: &str = "UNFINISHED.txt";
/// Files that runs write aside begin and end so.
const ASIDE: (&str, &str) = (".truehinge-", ".part");
/// So much older than the beginning of this run, seconds, is what no other program is writing any more.
const LEFT_SECONDS: u64 = 3600;

/// Why a folder cannot be written into.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkplaceError {
    /// Another run is at it.
    #[error("{}: another run is writing into this folder", folder.display())]
    Busy {
        /// Which.
        folder: PathBuf,
    },
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

impl WorkplaceError {
    /// What the file system said of a path.
    pub fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}

impl Explained for WorkplaceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Busy { .. } => "folder_busy",
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => DISK_FULL,
            Self::Io { .. } => "folder_io",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Busy { .. } => Some("wait until it has ended, or write into another folder".into()),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("free some space, then do the same again: what is done is kept".into())
            }
            Self::Io { .. } => Some("see whether the folder can be written into".into()),
        }
    }
}

/// A folder that this run alone writes into.
#[derive(Debug)]
pub struct Workplace {
    folder: PathBuf,
    /// What is written aside: removed when the run ends, and by the next one if it died.
    aside: PathBuf,
    notes: PathBuf,
    mark: PathBuf,
    lock_path: PathBuf,
    /// Held until the end.
    lock: File,
}

impl Workplace {
    /// Takes a folder, which is made, for a run. Runs of other names may write into it at the same time: parts of one study do.
    ///
    /// # Errors
    /// [`WorkplaceError`].
    pub fn claim(folder: &Path, name: &str) -> Result<Self, WorkplaceError> {
        let results = folder.join(RESULTS);
        let behind = behind(name);
        fs::create_dir_all(&results).map_err(|source| WorkplaceError::io(&results, source))?;
        let lock_path = results.join(format!(".lock{behind}"));
        let lock = match lock(&lock_path) {
            Ok(Some(lock)) => lock,
            Ok(None) => return Err(WorkplaceError::Busy { folder: folder.to_owned() }),
            Err(source) => return Err(WorkplaceError::io(&lock_path, source)),
        };
        let (stem, extension) = UNFINISHED.split_once('.').unwrap_or((UNFINISHED, ""));
        let workplace = Self {
            folder: folder.to_owned(),
            aside: aside(folder, name),
            notes: results.join(format!(".begun{behind}")),
            mark: folder.join(format!("{stem}{behind}.{extension}")),
            lock_path,
            lock,
        };
        workplace.clear()?;
        Ok(workplace)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where files are written until they are whole.
    pub fn aside(&self) -> &Path {
        &self.aside
    }

    /// Where notes for the next run are.
    pub(crate) fn notes(&self) -> &Path {
        &self.notes
    }

    /// Marks the folder as unfinished.
    ///
    /// # Errors
    /// The mark cannot be written.
    pub fn mark(&self, words: &str) -> Result<(), WorkplaceError> {
        let text = format!("This folder is not finished.\n{words}\n");
        // In its place: on a disk that is full by now there is no room for another file.
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().create(true).write(true).truncate(false).open(&self.mark)?;
            file.write_all(text.as_bytes())?;
            file.set_len(text.len() as u64)
        };
        write().map_err(|source| WorkplaceError::io(&self.mark, source))
    }

    /// All is done: the mark goes.
    ///
    /// # Errors
    /// The mark cannot be removed.
    pub fn finish(self) -> Result<(), WorkplaceError> {
        match fs::remove_file(&self.mark) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(WorkplaceError::io(&self.mark, source)),
            _ => Ok(()),
        }
    }

    /// Removes what runs that died left.
    fn clear(&self) -> Result<(), WorkplaceError> {
        let at = |source| WorkplaceError::io(&self.aside, source);
        if self.aside.exists() {
            fs::remove_dir_all(&self.aside).map_err(at)?;
        }
        fs::create_dir_all(&self.aside).map_err(at)?;
        let Some(now) = modified(&self.aside) else { return Ok(()) };
        let results = self.folder.join(RESULTS);
        let athletes = entries(&results).into_iter().filter(|path| path.is_dir());
        for path in athletes.chain([self.folder.clone()]).flat_map(|folder| entries(&folder)) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_left = modified(&path).is_some_and(|then| now.saturating_sub(then) > LEFT_SECONDS);
            if name.starts_with(ASIDE.0) && name.ends_with(ASIDE.1) && is_left {
                // What cannot be removed does no harm.
                let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            }
        }
        Ok(())
    }
}

/// The lock goes last: as long as it is there nobody else is here.
impl Drop for Workplace {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.aside);
        // Only where none is left.
        let _ = fs::remove_dir(&self.notes);
        let _ = fs::remove_file(&self.lock_path);
        let _ = self.lock.unlock();
        // Of a run without results nothing is left.
        let _ = fs::remove_dir(self.folder.join(RESULTS));
    }
}

/// Where a run that took a folder by a name writes files until they are whole.
pub(crate) fn aside(folder: &Path, name: &str) -> PathBuf {
    folder.join(RESULTS).join(format!(".run{}", behind(name)))
}

fn behind(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("-{name}") }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// Seconds after 1970, by the clock of the disk.
fn modified(path: &Path) -> Option<u64> {
    let time = fs::metadata(path).and_then(|of| of.modified()).ok()?;
    time.duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_secs())
}

/// The lock of a folder; `None` if somebody holds it.
fn lock(path: &Path) -> io::Result<Option<File>> {
    loop {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            // Some network file systems have no locks: there nobody can be refused.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => return Ok(Some(file)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Whoever held it may have removed it in between: a lock that nobody else finds is none.
        if is_at(&file, path) {
            return Ok(Some(file));
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let number = |of: io::Result<fs::Metadata>| of.ok().map(|of| (of.dev(), of.ino()));
    number(file.metadata()).is_some() && number(file.metadata()) == number(fs::metadata(path))
}

/// Elsewhere a file that is open is not removed.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_for_one_run_at_a_time_and_what_died_is_cleared() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let out = folder.path().join("out");
        let first = Workplace::claim(&out, "").expect("is free");
        first.mark("0 of 3").expect("writes");
        let busy = Workplace::claim(&out, "").expect_err("is taken");
        assert_eq!(busy.code(), "folder_busy");
        let part = Workplace::claim(&out, "shard-1-of-2").expect("another part of the study");
        drop(part);
        // As a run that was killed leaves it.
        fs::write(first.aside().join("half"), "").expect("writes");
        let (aside, mark) = (first.aside().to_owned(), out.join(UNFINISHED));
        drop(first);
        assert!(mark.exists() && !aside.exists());
        fs::create_dir_all(&aside).expect("creates");
        fs::write(aside.join("half"), "").expect("writes");
        let second = Workplace::claim(&out, "").expect("is free again");
        assert!(!aside.join("half").exists() && aside.exists());
        second.finish().expect("ends");
        assert!(!mark.exists() && !out.join(RESULTS).exists());
    }
}
