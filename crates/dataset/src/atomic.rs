//! Files appear whole or not at all: written under a temporary name in the same folder, synced, then renamed, and the folder synced.

use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::files::{open_regular, read_whole};

/// Writes a file atomically, replacing an older one. Creates the folder.
///
/// # Errors
/// Any failure of the file system or of `write`; nothing is left behind then.
pub fn write_atomically(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let temporary = temporary(path, Readers::Everybody, write)?;
    temporary.persist(path).map_err(|error| error.error)?;
    sync_folder(folder_of(path))
}

/// As [`write_atomically`], for what is about a person: only its owner can read it, unless the folder is shared with a group.
///
/// # Errors
/// As [`write_atomically`].
pub fn replace_private(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let temporary = temporary(path, Readers::Owner, write)?;
    temporary.persist(path).map_err(|error| error.error)?;
    sync_folder(folder_of(path))
}

/// As [`replace_private`], for what can be computed again and tells by itself whether it is whole: written in another folder of the
/// same disk first, so that what a run that died left is found there, and without waiting for the disk. A power cut may leave it
/// damaged, or take it.
///
/// # Errors
/// As [`write_atomically`].
pub fn replace_computed(
    aside: &Path,
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let temporary = temporary_in(aside, folder, Readers::Owner, write)?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// As [`replace_private`], but never replaces a file.
///
/// # Errors
/// As [`write_new`].
pub fn write_private(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    store_new(path, Readers::Owner, write)
}

/// As [`write_private`], for its owner alone in a shared folder, too.
///
/// # Errors
/// As [`write_new`].
pub fn write_secret(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    store_new(path, Readers::OwnerAlone, write)
}

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// Everybody whom the umask lets.
    Everybody,
    /// Its owner, and the group of a shared folder.
    Owner,
    /// Its owner, whatever the folder is.
    OwnerAlone,
}

/// As [`write_atomically`], but never replaces a file.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if the path exists; any failure of the file system or of `write`.
pub fn write_new(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    store_new(path, Readers::Everybody, write)
}

fn store_new(path: &Path, readers: Readers, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if path.exists() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists));
    }
    let temporary = temporary(path, readers, write)?;
    temporary.persist_noclobber(path).map_err(|error| error.error)?;
    sync_folder(folder_of(path))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the names in a folder survive a power loss, where the system has a way to: a file's content alone is not enough.
///
/// # Errors
/// The folder cannot be opened or written.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Err(error) = fs::File::open(folder)?.sync_all() {
        // Some network file systems have no such call.
        let has_none = matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported);
        return if has_none { Ok(()) } else { Err(error) };
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Makes all that lies below a folder survive a power loss: for files of which another one is to say that they are there.
///
/// # Errors
/// Something cannot be opened or written.
pub fn sync_below(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            sync_below(&entry.path())?;
        } else if kind.is_file() {
            // Some systems sync only what may be written.
            fs::OpenOptions::new().write(true).open(entry.path())?.sync_data()?;
        }
    }
    sync_folder(folder)
}

fn temporary(
    path: &Path,
    readers: Readers,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<tempfile::NamedTempFile> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let temporary = temporary_in(folder, folder, readers, write)?;
    temporary.as_file().sync_data()?;
    Ok(temporary)
}

/// Written in a folder, for another one.
fn temporary_in(
    aside: &Path,
    folder: &Path,
    readers: Readers,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(match readers {
        Readers::Everybody => 0o666,
        Readers::Owner => crate::files::private_mode(folder),
        Readers::OwnerAlone => 0o600,
    }));
    #[cfg(not(unix))]
    let _ = (readers, folder);
    let temporary = builder.prefix(".truehinge-").suffix(".part").tempfile_in(aside)?;
    let mut buffered = BufWriter::new(temporary.as_file());
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    Ok(temporary)
}

/// SHA-256 (lower-case hexadecimal) of a file that has an end.
///
/// # Errors
/// The file cannot be read; as [`open_regular`].
pub fn sha256_file(path: &Path) -> io::Result<String> {
    let (file, metadata) = open_regular(path)?;
    let mut digest = Sha256::new();
    // A file may grow while it is read: what comes later is not its content now.
    io::copy(&mut file.take(metadata.len()), &mut digest)?;
    Ok(hex(&digest.finalize()))
}

/// A file in memory, with the SHA-256 of just these bytes: what is hashed and then read need not be read and hashed twice.
pub struct Hashed {
    bytes: Vec<u8>,
    sha256: String,
}

impl Hashed {
    /// The whole of a file that has an end.
    ///
    /// # Errors
    /// It is none, or cannot be read.
    pub fn read(path: &Path) -> io::Result<Self> {
        let bytes = read_whole(path)?;
        Ok(Self { sha256: sha256(&bytes), bytes })
    }

    /// What stands in it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Hash of it.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

/// SHA-256 of bytes already in memory.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(digest: &[u8]) -> String {
    use std::fmt::Write;
    digest.iter().fold(String::with_capacity(2 * digest.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_nothing_and_keeps_the_old_file() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("deep/table.csv");
        write_atomically(&path, |w| w.write_all(b"old")).expect("writes");
        let failed = write_atomically(&path, |w| {
            w.write_all(b"half")?;
            Err(io::Error::other("stop"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).expect("still there"), b"old");
        assert_eq!(fs::read_dir(path.parent().expect("has one")).expect("lists").count(), 1);
        let refused = write_new(&path, |w| w.write_all(b"new")).expect_err("exists");
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn hashes_are_those_of_sha256() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("abc");
        fs::write(&path, b"abc").expect("writes");
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_file(&path).expect("reads"), known);
        assert_eq!(sha256(b"abc"), known);
    }
}
