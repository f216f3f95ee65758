//! Results that were computed before, kept in a folder, so that a page or a table needs no new analysis (decision 0018).
//!
//! A result is found by what made it: the bytes and the names of the input, how it is read and judged, and by which program. What is
//! read back is what was stored, bit for bit. A file that is not whole, or not ours, is no result: the input is analysed anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use truehinge_core::{SessionAnalysis, SessionInfo};
use truehinge_dataset::ImportOptions;
use truehinge_dataset::atomic::{replace_private, sha256, sha256_file};
use truehinge_dataset::files::open_regular;
use truehinge_dataset::open::{files, is_recording};
use truehinge_dataset::same::Fingerprint;

use crate::Judge;

/// Goes up when the form of the files changes.
const FORMAT: u32 = 3;
/// How each of them begins.
const MAGIC: &[u8; 8] = b"THresult";
/// Digits of a SHA-256.
const HASH: usize = 64;
/// Magic, format, key, length of what follows.
const HEAD: usize = MAGIC.len() + 4 + HASH + 8;
/// Larger ones are neither written nor read: a repetition takes 8 kB, and decoded it may be many times as large.
const MOST_BYTES: u64 = 16 << 20;
/// Digits of the key in file names.
const NAME_DIGITS: usize = 32;
/// What the names end in.
const EXTENSION: &str = "result";

/// What made a result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    hash: String,
    /// Hashes of the input's files.
    files: Vec<String>,
}

/// A result, and what tells its recording from others.
#[derive(Clone, PartialEq, Debug, bitcode::Encode, bitcode::Decode)]
pub struct Stored {
    /// What came of it, without corrections by hand.
    pub analysis: SessionAnalysis,
    /// What the input itself says of its session, before cards of people were asked.
    pub read: SessionInfo,
    /// Which recording it is.
    pub fingerprint: Fingerprint,
    /// What its import warned of.
    pub warnings: Vec<String>,
}

/// Results in a folder, by athlete.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    /// Where they are, by the names of their files.
    places: BTreeMap<String, PathBuf>,
    damaged: AtomicUsize,
    unwritten: Mutex<Option<String>>,
}

impl Key {
    /// Of an input that is to be read and judged so; `None` where its files cannot be read, or are not known: opening it gives the reason.
    pub fn of(path: &Path, options: &ImportOptions, judge: &Judge) -> Option<Self> {
        let mut text = format!("{FORMAT} {} {}\n", env!("CARGO_PKG_VERSION"), env!("TRUEHINGE_SOURCES"));
        // What the files of other programs are called, and the folders they are in, says whose they are and what they hold.
        let name = if is_recording(path) { path.file_name().map(Path::new)? } else { path };
        let mut hashes = Vec::new();
        for file in files(path, options).ok()?.iter().filter(|file| file.is_file()) {
            let hash = sha256_file(file).ok()?;
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{hash} {:?}", file.file_name());
            hashes.push(hash);
        }
        let name = name.as_os_str().as_encoded_bytes();
        // All of them derive this form, so that nothing that is said or chosen is left out.
        let _ = write!(text, "{name:?}\n{options:?}\n{:?}", judge.rules());
        (!hashes.is_empty()).then(|| Self { hash: sha256(text.as_bytes()), files: hashes })
    }

    fn file_name(&self) -> String {
        format!("{}.{EXTENSION}", &self.hash[..NAME_DIGITS])
    }

    /// Whether a result was computed from these files. They may have changed since they were hashed.
    fn made(&self, analysis: &SessionAnalysis) -> bool {
        analysis.info.source.files.iter().all(|file| self.files.contains(&file.sha256))
    }
}

impl Store {
    /// The results in a folder, which need not be there yet.
    pub fn at(folder: &Path) -> Self {
        let list = |folder: &Path| {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
            paths.sort();
            paths
        };
        let is_result = |path: &PathBuf| path.extension().is_some_and(|extension| extension == EXTENSION);
        let results = list(folder).into_iter().flat_map(|athlete| list(&athlete)).filter(is_result);
        let named = |path: PathBuf| Some((path.file_name()?.to_str()?.to_owned(), path));
        let places = results.filter_map(named).collect();
        Self { folder: folder.to_owned(), places, damaged: AtomicUsize::new(0), unwritten: Mutex::new(None) }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What was stored under a key; its recording is taken to be at `path` now.
    pub fn get(&self, key: &Key, path: &Path) -> Option<Stored> {
        let place = self.places.get(&key.file_name())?;
        let found = read(place).and_then(|bytes| decoded(&bytes, key));
        if found.is_none() {
            self.damaged.fetch_add(1, Ordering::Relaxed);
        }
        found.map(|stored| Stored { fingerprint: stored.fingerprint.at(path), ..stored })
    }

    /// Stores a result, if it is of the files that the key is of. That it cannot be written is no failure: see [`Store::trouble`].
    pub fn put(&self, key: &Key, stored: &Stored) {
        let bytes = encoded(stored, key);
        if !key.made(&stored.analysis) || bytes.len() as u64 > MOST_BYTES {
            return;
        }
        let path = self.folder.join(stored.analysis.info.athlete.file_name()).join(key.file_name());
        if let Err(error) = replace_private(&path, |file| file.write_all(&bytes)) {
            let mut unwritten = self.unwritten.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            unwritten.get_or_insert_with(|| error.to_string());
        }
    }

    /// What was wrong with the store, if anything was, in one line: it costs time and nothing else.
    pub fn trouble(&self) -> Option<String> {
        let unwritten = self.unwritten.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let damaged = match self.damaged.load(Ordering::Relaxed) {
            0 => None,
            1 => Some("a stored result is damaged: analysed anew".to_owned()),
            more => Some(format!("{more} stored results are damaged: analysed anew")),
        };
        let unwritten =
            unwritten.map(|error| format!("results cannot be stored, the next run analyses again: {error}"));
        let told: Vec<String> = damaged.into_iter().chain(unwritten).collect();
        (!told.is_empty()).then(|| format!("{}: {}", self.folder.display(), told.join("; ")))
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let whole = || -> io::Result<Option<Vec<u8>>> {
        let (file, metadata) = open_regular(path)?;
        if metadata.len() > MOST_BYTES {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        file.take(MOST_BYTES).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    };
    whole().ok().flatten()
}

/// Head, content, and the SHA-256 of both.
fn encoded(stored: &Stored, key: &Key) -> Vec<u8> {
    let content = bitcode::encode(stored);
    let length = (content.len() as u64).to_le_bytes();
    let mut bytes = [MAGIC.as_slice(), &FORMAT.to_le_bytes(), key.hash.as_bytes(), &length, &content].concat();
    bytes.extend(sha256(&bytes).as_bytes());
    bytes
}

fn decoded(bytes: &[u8], key: &Key) -> Option<Stored> {
    let (whole, checksum) = bytes.split_at_checked(bytes.len().checked_sub(HASH)?)?;
    let (head, content) = whole.split_at_checked(HEAD)?;
    let length = (content.len() as u64).to_le_bytes();
    let expected = [MAGIC.as_slice(), &FORMAT.to_le_bytes(), key.hash.as_bytes(), &length].concat();
    if head != expected || sha256(whole).as_bytes() != checksum {
        return None;
    }
    bitcode::decode(content).ok()
}

#[cfg(test)]
mod tests {
    use truehinge_core::Length;
    use truehinge_core::correction::{CorrectedTo, Correction};
    use truehinge_dataset::recording::write_recording;
    use truehinge_sim::Scenario;

    use super::*;

    fn recorded(folder: &Path, name: &str, seed: u64) -> PathBuf {
        let recording = Scenario::typical(seed).run().expect("a session").recording();
        let path = folder.join(name);
        write_recording(&path, &recording).expect("writes");
        path
    }

    fn result_of(path: &Path) -> (Key, Stored) {
        let (options, judge) = (ImportOptions::default(), Judge::default());
        let key = Key::of(path, &options, &judge).expect("reads");
        let (recording, _) = truehinge_dataset::open(path, &options).expect("opens");
        let analysis = judge.analyse_recording(&recording).expect("analyses");
        let fingerprint = Fingerprint::new(path, &recording, analysis.provenance.content_sha256.clone());
        (key, Stored { read: analysis.info.clone(), analysis, fingerprint, warnings: vec!["beware".to_owned()] })
    }

    #[test]
    fn what_is_read_back_is_what_was_stored_bit_for_bit_and_without_corrections() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = recorded(folder.path(), "a.mcap", 1);
        let (key, mut stored) = result_of(&path);
        let odd = [f64::NAN, f64::from_bits(0x7ff4_0000_dead_beef), -0.0, f64::INFINITY, f64::MIN_POSITIVE / 3.0];
        let rep = &mut stored.analysis.sets[0].reps[0];
        rep.curves[0].values[..odd.len()].copy_from_slice(&odd);
        let (reason, author) = ("slipped".to_owned(), "KM".to_owned());
        rep.by_hand = Some(Correction { change: CorrectedTo::Excluded, reason, author, at_utc_ns: 1 });
        let results = folder.path().join("results");
        Store::at(&results).put(&key, &stored);
        let moved = folder.path().join("elsewhere.mcap");
        let store = Store::at(&results);
        let back = store.get(&key, &moved).expect("is there");
        assert_eq!((back.fingerprint.path(), store.trouble()), (moved.as_path(), None));
        let bits: Vec<u64> =
            back.analysis.sets[0].reps[0].curves[0].values.iter().map(|value| value.to_bits()).collect();
        assert_eq!(bits[..odd.len()], odd.map(f64::to_bits));
        assert_eq!(back.analysis.sets[0].reps[0].by_hand, None);
        // Whole and with its bits: what is encoded again has the same bytes.
        assert_eq!(bitcode::encode(&back), bitcode::encode(&stored));
        stored.analysis.sets[0].reps[0].by_hand = None;
        // But for a number that is none, and so not even itself.
        stored.analysis.sets[0].reps[0].curves.clear();
        let mut back = back;
        back.analysis.sets[0].reps[0].curves.clear();
        assert_eq!(back.analysis, stored.analysis);
    }

    #[test]
    fn whatever_makes_another_result_makes_another_key() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = recorded(folder.path(), "a.mcap", 1);
        let (options, judge) = (ImportOptions::default(), Judge::default());
        let key = |path: &Path, options: &ImportOptions, judge: &Judge| Key::of(path, options, judge).expect("a key");
        let first = key(&path, &options, &judge);
        assert_eq!(first, key(&path, &options, &judge));
        let elsewhere = folder.path().join("deep");
        fs::create_dir(&elsewhere).expect("creates");
        fs::copy(&path, elsewhere.join("a.mcap")).expect("copies");
        assert_eq!(first, key(&elsewhere.join("a.mcap"), &options, &judge), "a recording says all about itself");
        let named = ImportOptions { height: Some(Length::from_metres(1.8)), ..ImportOptions::default() };
        let method = judge.method().with("repetitions.leaves_deg", "3.7").expect("allowed");
        fs::copy(&path, folder.path().join("b.mcap")).expect("copies");
        let others = [
            key(&recorded(folder.path(), "c.mcap", 2), &options, &judge),
            key(&folder.path().join("b.mcap"), &options, &judge),
            key(&path, &named, &judge),
            key(&path, &options, &judge.clone().with_method(method)),
            key(&path, &options, &Judge::new(truehinge_core::Protocol::default())),
        ];
        assert!(others.iter().all(|other| other.hash != first.hash), "{others:?}");
        assert_eq!(Key::of(&folder.path().join("not-there.mcap"), &options, &judge), None);
    }

    #[test]
    fn a_file_that_is_not_whole_or_not_ours_is_no_result() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = recorded(folder.path(), "a.mcap", 1);
        let (key, stored) = result_of(&path);
        let bytes = encoded(&stored, &key);
        assert!(decoded(&bytes, &key).is_some());
        // Every byte of the head and of the checksum, and many of the content.
        let places = (0..HEAD).chain((HEAD..bytes.len() - HASH).step_by(997)).chain(bytes.len() - HASH..bytes.len());
        for place in places {
            for flipped in [0x01, 0x80] {
                let mut damaged = bytes.clone();
                damaged[place] ^= flipped;
                assert_eq!(decoded(&damaged, &key), None, "byte {place}");
            }
        }
        for length in (0..bytes.len()).step_by(499) {
            assert_eq!(decoded(&bytes[..length], &key), None, "{length} bytes");
        }
        assert_eq!(decoded(&[bytes.as_slice(), b"more"].concat(), &key), None);
        let other = Key { hash: sha256(b"other"), files: Vec::new() };
        assert_eq!(decoded(&bytes, &other), None, "a result of something else");
        // A checksum that fits does not make any bytes a result.
        let mut forged = encoded(&stored, &key);
        forged.truncate(forged.len() - HASH);
        forged[HEAD..].fill(0xff);
        forged.extend(sha256(&forged).as_bytes());
        assert_eq!(decoded(&forged, &key), None);
    }

    #[test]
    fn damaged_and_unwritable_stores_cost_a_line_and_no_run() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = recorded(folder.path(), "a.mcap", 1);
        let (key, stored) = result_of(&path);
        let results = folder.path().join("results");
        Store::at(&results).put(&key, &stored);
        let place = Store::at(&results).places.into_values().next().expect("is there");
        assert_eq!(place.parent(), Some(results.join(stored.analysis.info.athlete.file_name()).as_path()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&place).expect("is there").permissions().mode() & 0o077, 0, "for its owner alone");
        }
        fs::write(&place, b"something else").expect("writes");
        let store = Store::at(&results);
        assert_eq!(store.get(&key, &path), None);
        store.put(&key, &stored);
        assert!(store.trouble().expect("trouble").ends_with("a stored result is damaged: analysed anew"));
        assert!(Store::at(&results).get(&key, &path).is_some(), "written anew");
        // A file where the folder would be.
        fs::write(folder.path().join("taken"), b"").expect("writes");
        let store = Store::at(&folder.path().join("taken"));
        assert_eq!(store.get(&key, &path), None);
        store.put(&key, &stored);
        assert!(store.trouble().expect("trouble").contains("cannot be stored"));
        // What was computed from other bytes than the key is of is not kept.
        let other = Key { files: vec![sha256(b"before")], ..key };
        let fresh = folder.path().join("fresh");
        Store::at(&fresh).put(&other, &stored);
        assert!(!fresh.exists());
    }
}
