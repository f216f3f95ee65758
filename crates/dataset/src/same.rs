//! The same recording under two names, or as a file and as what was imported from it: counts once.
//!
//! Two are the same when all their samples are, or when the same sensors of the same files were read, perhaps by another version.
//! Which one stays does not depend on the order they come in: the one with most samples, before others a recording of ours, which
//! knows what was said at its import, then the shorter name: copies of files have longer ones.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use truehinge_core::{Recording, SensorRole};

use crate::atomic::sha256_file;
use crate::import::{is_table, list};
use crate::open::is_recording;

/// What tells a recording from others, whatever it is called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fingerprint {
    path: PathBuf,
    /// Hash of roles and samples.
    content: String,
    /// Hashes of the files it first stood in, and the sensors read from them.
    origin: (Vec<String>, Vec<(SensorRole, String)>),
    samples: usize,
}

impl Fingerprint {
    /// Of a recording that was opened from a path, with the hash of its samples.
    pub fn new(path: &Path, recording: &Recording, content_sha256: String) -> Self {
        let mut files: Vec<String> = recording.info.source.origin().iter().map(|file| file.sha256.clone()).collect();
        files.sort();
        let sensors = recording.tracks.iter().map(|track| (track.role, track.device.serial.clone())).collect();
        let samples = recording.tracks.iter().map(|track| track.samples.len()).sum();
        Self { path: path.to_owned(), content: content_sha256, origin: (files, sensors), samples }
    }

    /// Where it was opened from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn is_same(&self, other: &Self) -> bool {
        let (files, _) = &self.origin;
        self.content == other.content || !files.is_empty() && self.origin == other.origin
    }

    fn rank(&self) -> impl Ord {
        let path = self.path.to_string_lossy().into_owned();
        let name = self.path.file_name().map_or(0, OsStr::len);
        (Reverse(self.samples), !is_recording(&self.path), name, path.len(), path)
    }
}

/// Indices of the recordings that stay, in their order, each with those that are the same.
pub fn distinct(found: &[Fingerprint]) -> Vec<(usize, Vec<usize>)> {
    let mut best: Vec<usize> = (0..found.len()).collect();
    best.sort_by_key(|&index| found[index].rank());
    let mut kept: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in best {
        let same = kept.iter_mut().find(|(first, others)| {
            std::iter::once(*first).chain(others.iter()).any(|other| found[*other].is_same(&found[index]))
        });
        match same {
            Some((_, others)) => others.push(index),
            None => {
                kept.insert(index, Vec::new());
            }
        }
    }
    for others in kept.values_mut() {
        others.sort_unstable();
    }
    kept.into_iter().collect()
}

/// The recording that was imported from a file, or from all tables of a folder: what cannot be read without being told how may have been
/// imported with it.
pub fn imported_as<'a>(path: &Path, found: &'a [Fingerprint]) -> Option<&'a Path> {
    let files: Vec<PathBuf> = if path.is_dir() {
        list(path).ok()?.into_iter().filter(|file| file.is_file() && is_table(file)).collect()
    } else {
        vec![path.to_owned()]
    };
    let hashes = files.iter().map(|file| Some(sha256_file(file).ok()?.1)).collect::<Option<Vec<String>>>()?;
    let holds = |one: &&Fingerprint| one.path() != path && hashes.iter().all(|hash| one.origin.0.contains(hash));
    found.iter().find(holds).filter(|_| !hashes.is_empty()).map(Fingerprint::path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{MountSite, Samples, SourceFile};

    fn fingerprint(path: &str, rows: usize, content: &str, files: &[&str]) -> Fingerprint {
        let still = vec![[0.0, 0.0, 9.81, 0.0, 0.0, 0.0]; rows];
        let samples = Samples::at_rate(100.0, &still);
        let mut recording =
            Recording::builder().sensor(SensorRole::Hip, MountSite::Sacrum, samples).build().expect("possible");
        let file = |sha: &&str| SourceFile { name: String::new(), bytes: 1, sha256: (*sha).to_owned() };
        recording.info.source.files = files.iter().map(file).collect();
        Fingerprint::new(Path::new(path), &recording, content.to_owned())
    }

    /// Paths that stay, in order, with their copies.
    fn kept(found: &[Fingerprint]) -> Vec<String> {
        let name = |index: &usize| found[*index].path.display().to_string();
        let line = |(first, others): &(usize, Vec<usize>)| {
            let mut names: Vec<String> = others.iter().map(name).collect();
            names.sort();
            format!("{}={}", name(first), names.join("+"))
        };
        let mut lines: Vec<String> = distinct(found).iter().map(line).collect();
        lines.sort();
        lines
    }

    #[test]
    fn the_same_counts_once_in_any_order_and_the_fullest_of_ours_stays() {
        let found = [
            fingerprint("S000", 50, "samples", &["a"]),
            fingerprint("recordings/A_S000.mcap", 50, "samples", &["b"]),
            fingerprint("copy/A_S000 (1).mcap", 50, "samples", &["b"]),
            fingerprint("older.mcap", 40, "fewer", &["a"]),
            fingerprint("other", 60, "other", &["c"]),
        ];
        let expected = ["other=", "recordings/A_S000.mcap=S000+copy/A_S000 (1).mcap+older.mcap"];
        let mut expected: Vec<String> = expected.map(str::to_owned).to_vec();
        expected.sort();
        assert_eq!(kept(&found), expected);
        let mut turned = found.to_vec();
        turned.reverse();
        turned.swap(0, 2);
        assert_eq!(kept(&turned), expected);
    }

    #[test]
    fn a_file_that_is_not_read_is_known_by_what_was_imported_from_it() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (one, two) = (folder.path().join("one.csv"), folder.path().join("two.csv"));
        std::fs::write(&one, "1").expect("written");
        std::fs::write(&two, "2").expect("written");
        let hash = |path: &Path| sha256_file(path).expect("reads").1;
        let found = [fingerprint("x.mcap", 50, "x", &["a"]), fingerprint("y.mcap", 50, "y", &[&hash(&one)])];
        assert_eq!(imported_as(&one, &found), Some(Path::new("y.mcap")));
        assert_eq!(imported_as(&two, &found), None);
        assert_eq!(imported_as(folder.path(), &found), None, "one of its tables is not");
        let both = [fingerprint("z.mcap", 50, "z", &[&hash(&one), &hash(&two)])];
        assert_eq!(imported_as(folder.path(), &both), Some(Path::new("z.mcap")));
        assert_eq!(imported_as(&folder.path().join("none"), &both), None);
    }

    #[test]
    fn other_sensors_of_the_same_file_and_recordings_without_files_are_not_the_same() {
        let mut left = fingerprint("left.mcap", 50, "left", &["a"]);
        let right = fingerprint("right.mcap", 50, "right", &["a"]);
        left.origin.1 = vec![(SensorRole::Shank, "L".to_owned())];
        assert_eq!(kept(&[left, right]).len(), 2);
        let (one, two) = (fingerprint("one", 50, "x", &[]), fingerprint("two", 50, "y", &[]));
        assert_eq!(kept(&[one, two]).len(), 2);
    }
}
