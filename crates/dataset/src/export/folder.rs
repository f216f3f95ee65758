//! A folder that exports are written into: aside first, then all files in place. A list of what was written, with hashes, lies beside
//! them, so that the next export knows its own files from those of people.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ExportError;
use crate::atomic::{sha256, sha256_file, sync_folder, write_atomically};
use crate::files::read_text;

/// What an export is of its folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whole {
    /// All there is of its kind: files of earlier exports that it has not are of other recordings.
    Yes,
    /// Files beside others.
    No,
}

/// Files of an export, written aside until all of them are there.
pub struct Folder {
    target: PathBuf,
    /// Name of the list of what was written.
    list: String,
    whole: Whole,
    aside: tempfile::TempDir,
    /// Hash of each file, by its path below the folder with `/` between its parts.
    files: BTreeMap<String, String>,
}

impl Folder {
    /// An export of a kind, such as `bids`, into a folder, which is made.
    ///
    /// # Errors
    /// [`ExportError::Io`].
    pub fn new(target: &Path, kind: &str, whole: Whole) -> Result<Self, ExportError> {
        fs::create_dir_all(target).map_err(|source| io_at(target, source))?;
        let aside = tempfile::Builder::new().prefix(".truehinge-").suffix(".part").tempdir_in(target);
        let aside = aside.map_err(|source| io_at(target, source))?;
        let list = format!(".truehinge-{kind}.sha256");
        Ok(Self { target: target.to_owned(), list, whole, aside, files: BTreeMap::new() })
    }

    /// Writes a file aside. Its name is a path below the folder with `/` between its parts.
    ///
    /// # Errors
    /// [`ExportError::Io`].
    pub fn write(&mut self, name: &str, bytes: impl AsRef<[u8]>) -> Result<(), ExportError> {
        let path = self.aside.path().join(name);
        let write = || {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(&path, bytes.as_ref())?;
            fs::File::open(&path)?.sync_data()
        };
        write().map_err(|source| io_at(&self.target.join(name), source))?;
        self.files.insert(name.to_owned(), sha256(bytes.as_ref()));
        Ok(())
    }

    /// Puts all files in place; says where they are.
    ///
    /// # Errors
    /// [`ExportError::Foreign`], [`ExportError::Changed`], [`ExportError::Others`]: nothing was put in place. [`ExportError::Io`].
    pub fn commit(self) -> Result<Vec<PathBuf>, ExportError> {
        let before = self.listed()?;
        for (name, hash) in &self.files {
            self.check(name, hash, &before)?;
        }
        let others = before.keys().filter(|name| !self.files.contains_key(*name));
        let mut there = others.map(|name| self.target.join(name)).filter(|path| path.exists());
        if let (Whole::Yes, Some(path)) = (self.whole, there.next()) {
            return Err(ExportError::Others { path });
        }
        // Whatever ends this in the middle, each file is known by its old or its new hash.
        let own = |(name, hash): (&String, &String)| (name.clone(), BTreeSet::from([hash.clone()]));
        let now: Listed = self.files.iter().map(own).collect();
        let mut both = before.clone();
        now.iter().for_each(|(name, hashes)| both.entry(name.clone()).or_default().extend(hashes.iter().cloned()));
        self.write_list(&both)?;
        for name in self.files.keys() {
            self.put(name)?;
        }
        both.extend(now);
        self.write_list(&both)?;
        sync_folder(&self.target).map_err(|source| io_at(&self.target, source))?;
        Ok(self.files.keys().map(|name| self.target.join(name)).collect())
    }

    /// Refuses to replace what is not an export's.
    fn check(&self, name: &str, hash: &str, before: &Listed) -> Result<(), ExportError> {
        let path = self.target.join(name);
        if fs::symlink_metadata(&path).is_err() {
            return Ok(());
        }
        let Ok(found) = sha256_file(&path) else { return Err(ExportError::Foreign { path }) };
        match before.get(name) {
            _ if found == hash => Ok(()),
            Some(known) if known.contains(&found) => Ok(()),
            Some(_) => Err(ExportError::Changed { path }),
            None => Err(ExportError::Foreign { path }),
        }
    }

    fn put(&self, name: &str) -> Result<(), ExportError> {
        let path = self.target.join(name);
        let put = || {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::rename(self.aside.path().join(name), &path)?;
            path.parent().map_or(Ok(()), sync_folder)
        };
        put().map_err(|source| io_at(&path, source))
    }

    /// What earlier exports wrote.
    fn listed(&self) -> Result<Listed, ExportError> {
        let path = self.target.join(&self.list);
        let text = match read_text(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Listed::new()),
            Err(source) => return Err(io_at(&path, source)),
        };
        let mut listed = Listed::new();
        for (hash, name) in text.lines().filter_map(|line| line.split_once("  ")) {
            listed.entry(name.to_owned()).or_default().insert(hash.to_owned());
        }
        Ok(listed)
    }

    /// As `sha256sum --check` reads it.
    fn write_list(&self, listed: &Listed) -> Result<(), ExportError> {
        let path = self.target.join(&self.list);
        let lines = listed.iter().flat_map(|(name, hashes)| hashes.iter().map(move |hash| format!("{hash}  {name}\n")));
        let text: String = lines.collect();
        write_atomically(&path, |file| file.write_all(text.as_bytes())).map_err(|source| io_at(&path, source))
    }
}

/// Hashes by names.
type Listed = BTreeMap<String, BTreeSet<String>>;

fn io_at(path: &Path, source: io::Error) -> ExportError {
    ExportError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export(target: &Path, whole: Whole, files: &[(&str, &str)]) -> Result<Vec<PathBuf>, ExportError> {
        let mut folder = Folder::new(target, "test", whole)?;
        files.iter().try_for_each(|(name, text)| folder.write(name, text))?;
        folder.commit()
    }

    fn read(path: &Path) -> String {
        fs::read_to_string(path).expect("is there")
    }

    #[test]
    fn only_what_an_export_wrote_and_nobody_changed_is_replaced() {
        let place = tempfile::tempdir().expect("temporary folder");
        let target = place.path().join("out");
        export(&target, Whole::Yes, &[("a/b.txt", "one"), ("c.txt", "same")]).expect("writes");
        export(&target, Whole::Yes, &[("a/b.txt", "two"), ("c.txt", "same")]).expect("replaces its own");
        assert_eq!(read(&target.join("a/b.txt")), "two");
        fs::write(target.join("c.txt"), "mine").expect("writes");
        let changed = export(&target, Whole::Yes, &[("a/b.txt", "three"), ("c.txt", "new")]).expect_err("is changed");
        assert!(matches!(changed, ExportError::Changed { path } if path.ends_with("c.txt")));
        assert_eq!(read(&target.join("a/b.txt")), "two", "nothing was put in place");
        fs::write(target.join("d.txt"), "mine").expect("writes");
        let foreign = export(&target, Whole::No, &[("d.txt", "new")]).expect_err("is not ours");
        assert!(matches!(foreign, ExportError::Foreign { .. }));
        let left: Vec<_> = fs::read_dir(&target).expect("lists").flatten().map(|entry| entry.file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".part")), "{left:?}");
    }

    #[test]
    fn a_whole_export_leaves_no_part_of_another_one_and_others_add_files() {
        let place = tempfile::tempdir().expect("temporary folder");
        export(place.path(), Whole::Yes, &[("a.txt", "1"), ("b.txt", "2")]).expect("writes");
        let others = export(place.path(), Whole::Yes, &[("a.txt", "1")]).expect_err("b would stay");
        assert!(matches!(others, ExportError::Others { path } if path.ends_with("b.txt")));
        export(place.path(), Whole::No, &[("c.txt", "3")]).expect("adds");
        export(place.path(), Whole::No, &[("c.txt", "4")]).expect("replaces");
        assert_eq!((read(&place.path().join("a.txt")), read(&place.path().join("c.txt"))), ("1".into(), "4".into()));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_written_through() {
        let place = tempfile::tempdir().expect("temporary folder");
        let outside = place.path().join("outside.txt");
        fs::write(&outside, "mine").expect("writes");
        let target = place.path().join("out");
        fs::create_dir(&target).expect("made");
        std::os::unix::fs::symlink(&outside, target.join("a.txt")).expect("links");
        assert!(matches!(export(&target, Whole::No, &[("a.txt", "new")]), Err(ExportError::Foreign { .. })));
        assert_eq!(read(&outside), "mine");
    }
}
