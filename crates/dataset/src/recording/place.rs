//! Where a running recording is: its folder by a handle, so that moving or renaming the folder does not end the session.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::{EXTENSION, RecordingError, UNFINISHED_SUFFIX};
use crate::atomic::sync_folder;

/// The folder of a running recording, and its two names in it.
pub struct Place {
    folder: PathBuf,
    name: String,
    #[cfg(unix)]
    handle: File,
}

impl Place {
    /// Makes the unfinished file in the folder, for its owner alone unless the folder is shared.
    pub fn create(folder: &Path, name: &str) -> Result<(Self, File), RecordingError> {
        let finished = folder.join(format!("{name}.{EXTENSION}"));
        let unfinished = folder.join(format!("{name}{UNFINISHED_SUFFIX}"));
        if finished.exists() {
            return Err(RecordingError::Exists { path: finished });
        }
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => RecordingError::Exists { path: unfinished.clone() },
            _ => RecordingError::Io { path: unfinished.clone(), source },
        };
        fs::create_dir_all(folder).map_err(failed)?;
        let mut options = OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, crate::files::private_mode(folder));
        let file = options.write(true).create_new(true).open(&unfinished).map_err(failed)?;
        // Others see by it that the recording is running. Where a disk knows no locks they do not.
        #[cfg(unix)]
        let _ = file.try_lock();
        let place = Self {
            folder: folder.to_owned(),
            name: name.to_owned(),
            #[cfg(unix)]
            handle: File::open(folder).map_err(failed)?,
        };
        Ok((place, file))
    }

    /// What the file is called while it is recorded, as far as is known.
    pub fn unfinished(&self) -> PathBuf {
        self.folder.join(format!("{}{UNFINISHED_SUFFIX}", self.name))
    }

    /// Makes the file's name survive a power loss.
    pub fn sync(&self) -> io::Result<()> {
        sync_folder(&self.folder)
    }

    /// Gives the file its final name; never another file's.
    #[cfg(unix)]
    pub fn finish(self, file: &File) -> Result<PathBuf, RecordingError> {
        use rustix::fs::{RenameFlags, renameat, renameat_with};
        let (from, to) = (format!("{}{UNFINISHED_SUFFIX}", self.name), format!("{}.{EXTENSION}", self.name));
        let folder = place_of(&self.handle).unwrap_or_else(|| self.folder.clone());
        let target = folder.join(&to);
        let renamed = match renameat_with(&self.handle, &from, &self.handle, &to, RenameFlags::NOREPLACE) {
            // Some file systems cannot rename without replacing.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) if !target.exists() => {
                renameat(&self.handle, &from, &self.handle, &to)
            }
            other => other,
        };
        match renamed.map_err(io::Error::from) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(RecordingError::Exists { path: target });
            }
            // Somebody gave it another name: there it is, and it is whole.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let lost = RecordingError::Io { path: folder.join(&from), source: error };
                return place_of(file).filter(|path| path.exists()).ok_or(lost);
            }
            Err(source) => return Err(RecordingError::Io { path: folder.join(&from), source }),
        }
        sync_folder(&folder).map_err(|source| RecordingError::Io { path: target.clone(), source })?;
        Ok(target)
    }

    /// Gives the file its final name; never another file's.
    #[cfg(not(unix))]
    pub fn finish(self, _: &File) -> Result<PathBuf, RecordingError> {
        let (from, target) = (self.unfinished(), self.folder.join(format!("{}.{EXTENSION}", self.name)));
        if target.exists() {
            return Err(RecordingError::Exists { path: target });
        }
        fs::rename(&from, &target).map_err(|source| RecordingError::Io { path: from, source })?;
        Ok(target)
    }
}

/// Whether somebody is writing this recording right now: nobody can say it of one on a disk without locks, or on a system where they keep
/// others from reading.
pub fn is_running(path: &Path) -> bool {
    let locked = |file: File| matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock));
    // Anything else, such as a pipe, could wait for ever to be opened.
    path.to_string_lossy().ends_with(UNFINISHED_SUFFIX) && path.is_file() && File::open(path).is_ok_and(locked)
}

/// Where an open file or folder is by now, if the system says so.
#[cfg(target_os = "linux")]
fn place_of(file: &File) -> Option<PathBuf> {
    use std::os::fd::AsRawFd;
    fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()
}

/// Where an open file or folder is by now, if the system says so.
#[cfg(all(unix, not(target_os = "linux")))]
fn place_of(_: &File) -> Option<PathBuf> {
    None
}
