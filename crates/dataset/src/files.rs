//! Files as people have them: only what is a file is read, and what is about a person is for its owner.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// Opens a file that has an end: no device, no pipe, no folder.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for anything else; any failure of the file system.
pub fn open_regular(path: &Path) -> io::Result<(File, Metadata)> {
    // Asked before it is opened: opening a pipe waits for somebody to write into it.
    check_regular(path)?;
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    Ok((file, metadata))
}

/// Whether the path is a file that has an end, or a folder.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for devices, pipes and sockets; nothing is there.
pub fn check_readable(path: &Path) -> io::Result<()> {
    let kind = std::fs::metadata(path)?.file_type();
    if kind.is_file() || kind.is_dir() {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "a device or a pipe, which has no end: copy what it holds to a file and give that",
    ))
}

fn check_regular(path: &Path) -> io::Result<()> {
    check_readable(path)?;
    if std::fs::metadata(path)?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "a folder, not a file: give a file in it"));
    }
    Ok(())
}

/// The whole of a file that has an end.
///
/// # Errors
/// As [`open_regular`].
pub fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let (file, metadata) = open_regular(path)?;
    let length = metadata.len();
    // A file may grow while it is read: what comes later is not its content now.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The whole of a text file that has an end.
///
/// # Errors
/// As [`open_regular`]; [`io::ErrorKind::InvalidData`] for what is no text.
pub fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read_whole(path)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// The first bytes of a file that has an end, at most so many.
///
/// # Errors
/// As [`open_regular`].
pub fn read_beginning(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let (file, _) = open_regular(path)?;
    let mut bytes = Vec::new();
    file.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file for what does not fit in memory, on the disk of a folder: it has no name, and is gone when it is closed or the program dies.
///
/// # Errors
/// Any failure of the file system.
pub fn scratch(folder: &Path) -> io::Result<File> {
    tempfile::tempfile_in(folder)
}

/// Permissions of a file about a person: for its owner alone, unless the folder is shared with a group. The umask of the user
/// takes away from that as always.
#[cfg(unix)]
pub fn private_mode(folder: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    const SHARED: u32 = 0o2020;
    let shared = std::fs::metadata(folder).is_ok_and(|folder| folder.permissions().mode() & SHARED != 0);
    if shared { 0o660 } else { 0o600 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn devices_are_refused_before_they_are_opened() {
        let refused = read_whole(Path::new("/dev/zero")).expect_err("has no end");
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
        assert!(read_beginning(Path::new("/dev/zero"), 8).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_about_a_person_is_for_its_owner_unless_the_folder_is_shared() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("temporary folder");
        let mode = |bits| {
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(bits)).expect("sets");
            private_mode(folder.path())
        };
        assert_eq!([0o755, 0o775, 0o2755].map(mode), [0o600, 0o660, 0o660]);
    }
}
