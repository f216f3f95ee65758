//! The same recording under two names, as a file and as what was imported from it, or as it was and as it was put right: counts once.
//!
//! Two are the same when all their samples are, or when the same sensors of the same files were read over the same time: perhaps by another
//! version, or from a recording that was written anew. Two parts of a recording that share no time are two.
//! Which one stays does not depend on the order they come in: one that was made from another before that one, then the one with most
//! samples, then a recording of ours, which knows what was said at its import, then the shorter name: copies of files have longer ones.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use truehinge_core::{DeviceTime, Recording, SensorRole, SourceFile, Track, TrackSamples};

use crate::atomic::{hex, sha256_file};
use crate::import::{is_table, list};
use crate::open::is_recording;

/// A SHA-256. Studies have a hundred thousand recordings, each with a few of these: as text they would take twice the memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct Hash([u8; 32]);

/// Of its digits; of any other text its own hash.
impl From<&str> for Hash {
    fn from(text: &str) -> Self {
        let digit = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let mut bytes = [0; 32];
        let known = bytes.iter_mut().enumerate().all(|(at, byte)| digit(2 * at).map(|found| *byte = found).is_some());
        if known && text.len() == 64 { Self(bytes) } else { Self(Sha256::digest(text).into()) }
    }
}

impl From<String> for Hash {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl Hash {
    /// Its beginning.
    fn short(&self) -> u64 {
        self.0.first_chunk().copied().map_or(0, u64::from_be_bytes)
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hex(&hash.0)
    }
}

/// What tells a recording from others, whatever it is called.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct Fingerprint {
    #[serde(skip)]
    #[cfg_attr(feature = "store", bitcode(skip))]
    path: PathBuf,
    /// Hash of roles and samples.
    content: Hash,
    /// Hashes of the files it first stood in.
    origin: Box<[Hash]>,
    /// Hashes of the recordings that it was made from.
    made_from: Box<[Hash]>,
    /// Hash of its own file, of one of ours.
    own: Option<Hash>,
    sensors: Box<[Sensor]>,
    samples: usize,
}

/// What a sensor was, and from when to when it sent, on its own clock.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
struct Sensor {
    role: SensorRole,
    serial: String,
    /// Nanoseconds.
    sent: Option<(i64, i64)>,
}

impl Sensor {
    fn of(track: &Track) -> Self {
        let ends = |mut times: Box<dyn Iterator<Item = DeviceTime> + '_>| {
            let first = times.next()?;
            let (from, to) = times.fold((first, first), |(from, to), at| (from.min(at), to.max(at)));
            Some((from.nanos(), to.nanos()))
        };
        let sent = match &track.samples {
            TrackSamples::Inertial(samples) => ends(Box::new(samples.iter().map(|sample| sample.device_time))),
            TrackSamples::Orientation(samples) => ends(Box::new(samples.iter().map(|sample| sample.device_time))),
        };
        Self { role: track.role, serial: track.device.serial.clone(), sent }
    }

    /// Whether this is the other one, perhaps under another role, and sent at a time at which the other did.
    fn shares_time_with(&self, other: &Self) -> bool {
        let is_other = self.serial == other.serial && (self.role == other.role || !self.serial.is_empty());
        let shares = self
            .sent
            .zip(other.sent)
            .is_some_and(|((from, to), (other_from, other_to))| from.max(other_from) <= to.min(other_to));
        is_other && shares
    }
}

impl Fingerprint {
    /// Of a recording that was opened from a path, with the hash of its samples.
    pub fn new(path: &Path, recording: &Recording, content_sha256: &str) -> Self {
        let hashes = |files: &[SourceFile]| files.iter().map(|file| Hash::from(file.sha256.as_str())).collect();
        let source = &recording.info.source;
        let mut origin: Box<[Hash]> = hashes(source.origin());
        origin.sort_unstable();
        let own = source.files.first().filter(|_| is_recording(path)).map(|file| Hash::from(file.sha256.as_str()));
        let samples = recording.tracks.iter().map(|track| track.samples.len()).sum();
        let sensors = recording.tracks.iter().map(Sensor::of).collect();
        let (path, made_from) = (path.to_owned(), hashes(&source.made_from));
        Self { path, content: content_sha256.into(), origin, made_from, own, sensors, samples }
    }

    /// The same recording, opened from another path.
    #[must_use]
    pub fn at(self, path: &Path) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    /// Where it was opened from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is enough to see that it is like no other.
    pub fn keys(&self) -> Keys {
        let origin = self.origin.iter().fold(0, |key: u64, file| key.rotate_left(1) ^ file.short());
        Keys { content: self.content.short(), origin: if self.origin.is_empty() { NO_ORIGIN } else { origin.max(1) } }
    }

    /// Whether it was made from one of these files.
    pub fn is_of_any(&self, files: &BTreeSet<Hash>) -> bool {
        self.origin.iter().chain(&self.made_from).any(|file| files.contains(file))
    }

    /// Whether it was written anew from the other one.
    pub fn is_made_from(&self, other: &Self) -> bool {
        other.own.as_ref().is_some_and(|own| self.made_from.contains(own))
    }

    /// Whether both are of the same sensors, some of which sent in both at the same time.
    fn has_the_sensors_of(&self, other: &Self) -> bool {
        let serials = |one: &Self| {
            let mut serials: Vec<String> = one.sensors.iter().map(|sensor| sensor.serial.clone()).collect();
            serials.sort();
            serials
        };
        let shares_time = |sensor: &Sensor| other.sensors.iter().any(|other| sensor.shares_time_with(other));
        serials(self) == serials(other) && self.sensors.iter().any(shares_time)
    }

    /// Nothing of it is copied: there may be a hundred thousand.
    fn rank(&self) -> impl Ord {
        let path = self.path.to_string_lossy();
        let name = self.path.file_name().map_or(0, OsStr::len);
        (Reverse(self.made_from.len()), Reverse(self.samples), !is_recording(&self.path), name, path.len(), path)
    }
}

/// What is enough to see that a recording is like no other: of a hundred thousand these fit in memory, fingerprints do not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keys {
    content: u64,
    origin: u64,
}

/// The key of no files.
const NO_ORIGIN: u64 = 0;

/// Groups of two or more, in order, each in order, within which recordings may be the same: [`distinct`] on each of them gives what it would
/// give on all, and what is in none of them is like no other.
pub fn alike(keys: impl Iterator<Item = Keys> + Clone) -> Vec<Vec<usize>> {
    let mut linked = Linked::default();
    linked.link(keys.clone().map(|of| of.content).enumerate());
    linked.link(keys.map(|of| of.origin).enumerate().filter(|(_, key)| *key != NO_ORIGIN));
    linked.groups()
}

/// Indices that belong together, each with one before it; those that belong to nothing are not here.
#[derive(Default)]
struct Linked(BTreeMap<usize, usize>);

impl Linked {
    /// Those of one key belong together.
    fn link(&mut self, of_key: impl Iterator<Item = (usize, u64)>) {
        let mut by_key: Vec<(u64, usize)> = of_key.map(|(index, key)| (key, index)).collect();
        by_key.sort_unstable();
        for several in by_key.chunk_by(|a, b| a.0 == b.0).filter(|several| several.len() > 1) {
            several.iter().for_each(|(_, index)| self.join(several[0].1, *index));
        }
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        self.0.insert(one.max(other), one.min(other));
        self.0.entry(one.min(other)).or_insert(one.min(other));
    }

    /// The first of those that it belongs to.
    fn first(&mut self, index: usize) -> usize {
        let mut first = index;
        while let Some(before) = self.0.get(&first).copied().filter(|before| *before != first) {
            first = before;
        }
        // So that the way is short the next time.
        if first != index {
            self.0.insert(index, first);
        }
        first
    }

    fn groups(mut self) -> Vec<Vec<usize>> {
        let all: Vec<usize> = self.0.keys().copied().collect();
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for index in all {
            groups.entry(self.first(index)).or_default().push(index);
        }
        groups.into_values().collect()
    }
}

/// Indices of the recordings that stay, in their order, each with those that are the same.
pub fn distinct(found: &[&Fingerprint]) -> Vec<(usize, Vec<usize>)> {
    let mut best: Vec<usize> = (0..found.len()).collect();
    best.sort_by(|a, b| found[*a].rank().cmp(&found[*b].rank()));
    // In the order of their ranks, so that what is the same as two of them goes to the same one in any order.
    let mut groups = Groups { found, all: Vec::new(), by_content: BTreeMap::new(), by_origin: BTreeMap::new() };
    best.into_iter().for_each(|index| groups.add(index));
    let mut kept = groups.all;
    kept.sort_unstable();
    kept.iter_mut().for_each(|(_, others)| others.sort_unstable());
    kept
}

/// Recordings that are the same, found by what makes them so: comparing each with each would take a day for a large study.
struct Groups<'a> {
    found: &'a [&'a Fingerprint],
    /// The first of each, and the others.
    all: Vec<(usize, Vec<usize>)>,
    /// The first group with these samples.
    by_content: BTreeMap<&'a Hash, usize>,
    /// Recordings from these files, with their groups.
    by_origin: BTreeMap<&'a [Hash], Vec<(usize, usize)>>,
}

impl Groups<'_> {
    /// To the first group that has one which is the same, or to a new one.
    fn add(&mut self, index: usize) {
        let one = self.found[index];
        let by_content = self.by_content.get(&one.content).copied();
        let siblings = self.by_origin.get(&*one.origin).into_iter().flatten();
        let by_origin =
            siblings.filter(|(other, _)| one.has_the_sensors_of(self.found[*other])).map(|(_, group)| *group).min();
        let group = match by_content.into_iter().chain(by_origin).min() {
            Some(group) => {
                self.all[group].1.push(index);
                group
            }
            None => {
                self.all.push((index, Vec::new()));
                self.all.len() - 1
            }
        };
        let first = self.by_content.entry(&one.content).or_insert(group);
        *first = group.min(*first);
        if !one.origin.is_empty() {
            // Nearly all of them have one.
            self.by_origin.entry(&one.origin).or_insert_with(|| Vec::with_capacity(1)).push((index, group));
        }
    }
}

/// The hashes of the files of an input that cannot be read as it is, of a folder those of all its tables; none if one of them has no hash.
pub fn hashes_of(path: &Path) -> Vec<Hash> {
    let files: Option<Vec<PathBuf>> = if path.is_dir() {
        list(path).ok().map(|files| files.into_iter().filter(|file| file.is_file() && is_table(file)).collect())
    } else {
        Some(vec![path.to_owned()])
    };
    let hash = |file: &PathBuf| sha256_file(file).ok().map(Hash::from);
    files.and_then(|files| files.iter().map(hash).collect()).unwrap_or_default()
}

/// What recordings were made from.
pub struct Origins<'a> {
    found: &'a [&'a Fingerprint],
    /// Those that were made from a file that is asked for, in order.
    made_from: BTreeMap<Hash, Vec<usize>>,
}

impl<'a> Origins<'a> {
    /// Of recordings, for inputs with these files.
    pub fn of<'f>(found: &'a [&'a Fingerprint], asked: impl Iterator<Item = &'f [Hash]>) -> Self {
        let first = asked.filter_map(<[Hash]>::first);
        let mut made_from: BTreeMap<Hash, Vec<usize>> = first.map(|file| (*file, Vec::new())).collect();
        for (index, one) in found.iter().enumerate() {
            for file in one.origin.iter().chain(&one.made_from) {
                made_from.entry(*file).and_modify(|of| of.push(index));
            }
        }
        Self { found, made_from }
    }

    /// The recording that was made from all files of an input, by importing or by recovering it: what cannot be read without being told how
    /// may have been imported with it.
    pub fn made_of(&self, path: &Path, files: &[Hash]) -> Option<&'a Path> {
        let holds = |one: &&Fingerprint| {
            one.path() != path && files.iter().all(|file| one.origin.contains(file) || one.made_from.contains(file))
        };
        let candidates = self.made_from.get(files.first()?)?;
        candidates.iter().map(|index| self.found[*index]).find(holds).map(Fingerprint::path)
    }
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
        Fingerprint::new(Path::new(path), &recording, content)
    }

    /// Paths that stay, in order, with their copies.
    fn kept(found: &[Fingerprint]) -> Vec<String> {
        let found: Vec<&Fingerprint> = found.iter().collect();
        let name = |index: &usize| found[*index].path.display().to_string();
        let line = |(first, others): &(usize, Vec<usize>)| {
            let mut names: Vec<String> = others.iter().map(name).collect();
            names.sort();
            format!("{}={}", name(first), names.join("+"))
        };
        let mut lines: Vec<String> = distinct(&found).iter().map(line).collect();
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
    fn groups_that_may_be_the_same_hold_all_that_is() {
        let mut random = 1_u64;
        let mut next = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        let mut copies = 0;
        for _ in 0..200 {
            let one = |index: usize| {
                let (content, rows) = (format!("content {}", next(12)), 20 + next(3));
                let files: Vec<String> = (0..next(3)).map(|_| format!("file {}", next(8))).collect();
                let files: Vec<&str> = files.iter().map(String::as_str).collect();
                fingerprint(&format!("{index}.mcap"), usize::try_from(rows).expect("few"), &content, &files)
            };
            let found: Vec<Fingerprint> = (0..12).map(one).collect();
            let all: Vec<&Fingerprint> = found.iter().collect();
            let mut by_group: Vec<(usize, Vec<usize>)> = Vec::new();
            let groups = alike(found.iter().map(Fingerprint::keys));
            for group in &groups {
                assert!(group.len() > 1 && group.is_sorted());
                let of_group: Vec<&Fingerprint> = group.iter().map(|index| all[*index]).collect();
                let whole = |of: &usize| group[*of];
                by_group.extend(
                    distinct(&of_group).iter().map(|(kept, same)| (whole(kept), same.iter().map(whole).collect())),
                );
            }
            let grouped: BTreeSet<usize> = groups.into_iter().flatten().collect();
            by_group.extend((0..all.len()).filter(|index| !grouped.contains(index)).map(|index| (index, Vec::new())));
            by_group.sort_unstable();
            assert_eq!(by_group, distinct(&all));
            copies += all.len() - by_group.len();
        }
        assert!(copies > 200, "{copies}: the test is about nothing");
    }

    #[test]
    fn a_file_that_is_not_read_is_known_by_what_was_imported_from_it() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (one, two) = (folder.path().join("one.csv"), folder.path().join("two.csv"));
        std::fs::write(&one, "1").expect("written");
        std::fs::write(&two, "2").expect("written");
        let hash = |path: &Path| sha256_file(path).expect("reads");
        let found = [fingerprint("x.mcap", 50, "x", &["a"]), fingerprint("y.mcap", 50, "y", &[&hash(&one)])];
        let made_of = |path: &Path, found: &[Fingerprint]| {
            let found: Vec<&Fingerprint> = found.iter().collect();
            let files = hashes_of(path);
            let origins = Origins::of(&found, std::iter::once(files.as_slice()));
            origins.made_of(path, &files).map(Path::to_owned)
        };
        assert_eq!(made_of(&one, &found), Some("y.mcap".into()));
        assert_eq!(made_of(&two, &found), None);
        assert_eq!(made_of(folder.path(), &found), None, "one of its tables is not");
        let both = [fingerprint("z.mcap", 50, "z", &[&hash(&one), &hash(&two)])];
        assert_eq!(made_of(folder.path(), &both), Some("z.mcap".into()));
        assert_eq!(made_of(&folder.path().join("none"), &both), None);
    }

    #[test]
    fn other_sensors_of_the_same_file_and_recordings_without_files_are_not_the_same() {
        let mut left = fingerprint("left.mcap", 50, "left", &["a"]);
        let right = fingerprint("right.mcap", 50, "right", &["a"]);
        left.sensors[0].serial = "L".to_owned();
        assert_eq!(kept(&[left, right]).len(), 2);
        let (one, two) = (fingerprint("one", 50, "x", &[]), fingerprint("two", 50, "y", &[]));
        assert_eq!(kept(&[one, two]).len(), 2);
    }

    /// What was made from `demo.mcap`, from a second to another.
    fn made(path: &str, content: &str, (from, to): (f64, f64)) -> Fingerprint {
        let mut made = fingerprint(path, 50, content, &["demo"]);
        made.made_from = Box::new([Hash::from("demo")]);
        made.own = Some(path.into());
        made.sensors[0].sent = Some((DeviceTime::from_seconds(from).nanos(), DeviceTime::from_seconds(to).nanos()));
        made
    }

    fn demo() -> Fingerprint {
        let mut demo = fingerprint("demo.mcap", 100, "demo", &["demo"]);
        demo.own = Some("demo".into());
        demo.sensors[0].sent = Some((0, DeviceTime::from_seconds(100.0).nanos()));
        demo
    }

    #[test]
    fn what_was_put_right_stays_instead_of_what_it_was_made_from() {
        let mut fixed = made("demo-put-right.mcap", "demo", (0.0, 100.0));
        assert_eq!(kept(&[demo(), fixed.clone()]), ["demo-put-right.mcap=demo.mcap"]);
        assert!(fixed.is_made_from(&demo()) && !demo().is_made_from(&fixed));
        // Sensors that were taken for one another have other roles now.
        fixed.content = "exchanged".into();
        (fixed.sensors[0].role, fixed.sensors[0].serial) = (SensorRole::Shank, "H".to_owned());
        let mut before = demo();
        before.sensors[0].serial = "H".to_owned();
        assert_eq!(kept(&[before, fixed]), ["demo-put-right.mcap=demo.mcap"]);
    }

    #[test]
    fn two_parts_of_a_recording_that_share_no_time_are_two() {
        let (left, right) = (made("left.mcap", "left", (0.0, 49.9)), made("right.mcap", "right", (50.0, 100.0)));
        assert_eq!(kept(&[left.clone(), right.clone()]), ["left.mcap=", "right.mcap="]);
        assert_eq!(kept(&[right.clone(), demo(), left.clone()]), ["left.mcap=demo.mcap", "right.mcap="]);
        let overlapping = made("right.mcap", "right", (49.0, 100.0));
        assert_eq!(kept(&[left, overlapping]), ["left.mcap=right.mcap"]);
    }
}
