//! Results that were computed before, kept in a folder, so that a page or a table needs no new analysis (decision 0018).
//!
//! A result is found by what made it: the bytes and the names of the input, how it is read and judged, and by which program. What is
//! read back is what was stored, bit for bit. A file that is not whole, or not ours, is no result: the input is analysed anew.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use truehinge_core::{AthleteId, Recording, SessionAnalysis, SessionInfo};
use truehinge_dataset::atomic::{Hashed, replace_computed, sha256, sha256_file};
use truehinge_dataset::files::open_regular;
use truehinge_dataset::import::by_folder;
use truehinge_dataset::open::{files, is_recording, open_hashed};
use truehinge_dataset::same::{Fingerprint, Hash};
use truehinge_dataset::{DatasetError, ImportOptions, ImportReport, open};

use crate::Judge;
use crate::workplace::{RESULTS, Workplace, aside};

/// Goes up when the form of the files changes.
const FORMAT: u32 = 4;
/// How each of them begins.
const MAGIC: &[u8; 8] = b"THresult";
/// Digits of a SHA-256.
const HASH: usize = 64;
/// Magic, format, key, length of what follows.
const HEAD: usize = MAGIC.len() + 4 + HASH + 8;
/// Larger ones are neither written nor read: a repetition takes 8 kB, and decoded it may be many times as large.
const MOST_BYTES: u64 = 64 << 20;
/// Larger recordings are hashed piece by piece: one that has a result is not read otherwise.
const MOST_AT_ONCE: u64 = 64 << 20;
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
    /// Where files are written until they are whole; beside their place if it is not said.
    aside: Option<PathBuf>,
    /// The folders of athletes.
    athletes: Vec<PathBuf>,
    /// Results that were there, by the start of their keys, each with the folder it is in: numbers, since there may be a hundred thousand.
    places: Vec<(u128, u32)>,
    damaged: AtomicUsize,
    unwritten: Mutex<Option<String>>,
}

/// What computes results: its version, and the sources that they depend on.
pub fn program() -> String {
    format!("{FORMAT} {} {}", env!("CARGO_PKG_VERSION"), env!("TRUEHINGE_SOURCES"))
}

impl Key {
    /// Of an input that is to be read and judged so; `None` where its files cannot be read, or are not known: opening it gives the reason.
    pub fn of(path: &Path, options: &ImportOptions, judge: &Judge) -> Option<Self> {
        Self::by(path, options, judge, |file| sha256_file(file).ok())
    }

    /// The same, by a way to hash a file.
    fn by(
        path: &Path,
        options: &ImportOptions,
        judge: &Judge,
        mut hash: impl FnMut(&Path) -> Option<String>,
    ) -> Option<Self> {
        let mut text = program() + "\n";
        // What the files of other programs are called, and the folders they are in, says whose they are and what they hold.
        let name = if is_recording(path) { path.file_name().map(Path::new)? } else { path };
        let mut hashes = Vec::new();
        // A mapping that the folder has is part of how it is read.
        let options = &*by_folder::settled(path, options).ok()?;
        for file in files(path, options).ok()?.iter().filter(|file| file.is_file()) {
            let hash = hash(file)?;
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{hash} {:?}", file.file_name());
            hashes.push(hash);
        }
        let name = name.as_os_str().as_encoded_bytes();
        // All of them derive this form, so that nothing that is said or chosen is left out.
        let _ = write!(text, "{name:?}\n{options:?}\n{:?}", judge.rules());
        (!hashes.is_empty()).then(|| Self { hash: sha256(text.as_bytes()), files: hashes })
    }

    /// What a result is found by once it is stored.
    pub fn id(&self) -> Hash {
        self.hash.as_str().into()
    }

    /// What files about it are called.
    pub(crate) fn name(&self) -> String {
        self.hash.get(..NAME_DIGITS).unwrap_or(&self.hash).to_owned()
    }

    /// Whether a result was computed from these files. They may have changed since they were hashed.
    fn made(&self, analysis: &SessionAnalysis) -> bool {
        analysis.info.source.files.iter().all(|file| self.files.contains(&file.sha256))
    }
}

/// An input on its way to a result: hashed, and of a recording of ours what was hashed is what is opened.
pub(crate) struct Input<'a> {
    path: &'a Path,
    /// What its result is found by; as [`Key::of`].
    pub key: Option<Key>,
    ours: Option<Hashed>,
}

impl<'a> Input<'a> {
    /// Hashes it.
    pub fn of(path: &'a Path, options: &ImportOptions, judge: &Judge) -> Self {
        let mut ours = None;
        let is_small = |file: &Path| fs::metadata(file).is_ok_and(|of| of.len() <= MOST_AT_ONCE);
        let key = Key::by(path, options, judge, |file| {
            if !is_recording(path) || !is_small(file) {
                return sha256_file(file).ok();
            }
            let read = Hashed::read(file).ok()?;
            let hash = read.sha256().to_owned();
            ours = Some(read);
            Some(hash)
        });
        Self { path, key, ours }
    }

    /// Opens it.
    pub fn open(&self, options: &ImportOptions) -> Result<(Recording, Option<ImportReport>), DatasetError> {
        match &self.ours {
            Some(read) => Ok((open_hashed(self.path, read, options)?, None)),
            None => open(self.path, options),
        }
    }
}

impl Store {
    /// The results in a folder, which need not be there yet.
    pub fn at(folder: &Path) -> Self {
        let list = |folder: &Path| {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.path())
        };
        let mut athletes: Vec<PathBuf> = list(folder).filter(|path| path.is_dir()).collect();
        athletes.sort();
        let mut places = Vec::new();
        for (athlete, number) in athletes.iter().zip(0_u32..) {
            places.extend(list(athlete).filter_map(|path| Some((start_of(&path)?, number))));
        }
        places.sort_unstable();
        Self { athletes, places, ..Self::of_ids(folder) }
    }

    /// As [`Store::at`], where only what is known by its id is asked for: the folder is not looked through.
    pub fn of_ids(folder: &Path) -> Self {
        let (damaged, unwritten) = (AtomicUsize::new(0), Mutex::new(None));
        let (athletes, places) = (Vec::new(), Vec::new());
        Self { folder: folder.to_owned(), aside: None, athletes, places, damaged, unwritten }
    }

    /// In the folder of a run: of this and, if they are to be used, of earlier runs.
    pub fn of_run(place: &Workplace, with_earlier: bool) -> Self {
        Self::at(&folder_of_run(place.folder(), place.aside(), with_earlier)).written_in(place.aside())
    }

    /// The same for a process that only writes into it, while the run has the folder that it took by this name.
    pub fn beside_run(folder: &Path, name: &str, with_earlier: bool) -> Self {
        let aside = aside(folder, name);
        Self::of_ids(&folder_of_run(folder, &aside, with_earlier)).written_in(&aside)
    }

    /// The same, with what was stored since.
    #[must_use]
    pub(crate) fn anew(&self) -> Self {
        Self { aside: self.aside.clone(), ..Self::at(&self.folder) }
    }

    /// The same store; files are written in another folder of the same disk first, which its owner clears.
    #[must_use]
    fn written_in(self, aside: &Path) -> Self {
        Self { aside: Some(aside.to_owned()), ..self }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What was stored under a key before this run; its recording is taken to be at `path` now.
    pub fn get(&self, key: &Key, path: &Path) -> Option<Stored> {
        let name = file_name(&key.hash);
        let start = start_of(Path::new(&name))?;
        let place = self.places.binary_search_by_key(&start, |(start, _)| *start).ok()?;
        let athlete = usize::try_from(self.places[place].1).ok().and_then(|number| self.athletes.get(number))?;
        let found = read(&athlete.join(name)).and_then(|bytes| decoded(&bytes, &key.hash));
        if found.is_none() {
            self.damaged.fetch_add(1, Ordering::Relaxed);
        }
        found.map(|stored| Stored { fingerprint: stored.fingerprint.at(path), ..stored })
    }

    /// A result of an athlete that was stored, in this run or before; `None` if it is not there, or not whole.
    pub fn load(&self, id: Hash, athlete: &AthleteId) -> Option<Stored> {
        let hash = String::from(id);
        let path = self.folder.join(athlete.file_name()).join(file_name(&hash));
        read(&path).and_then(|bytes| decoded(&bytes, &hash))
    }

    /// Stores a result. It is not waited for the disk, which would cost more than the analysis: what a power cut damages is seen when it
    /// is read, and is analysed anew. False if it is not kept: the files are not those that the key is of any more, or it is too large.
    ///
    /// # Errors
    /// The file system said no.
    pub fn put(&self, key: &Key, stored: &Stored) -> io::Result<bool> {
        let bytes = encoded(stored, key);
        if !key.made(&stored.analysis) || bytes.len() as u64 > MOST_BYTES {
            return Ok(false);
        }
        let folder = self.folder.join(stored.analysis.info.athlete.file_name());
        let path = folder.join(file_name(&key.hash));
        replace_computed(self.aside.as_ref().unwrap_or(&folder), &path, |file| file.write_all(&bytes))?;
        Ok(true)
    }

    /// That a result could not be stored costs the next run time and nothing else: see [`Store::trouble`].
    pub fn note(&self, unwritten: &io::Error) {
        let mut first = self.unwritten.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        first.get_or_insert_with(|| unwritten.to_string());
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

fn folder_of_run(folder: &Path, aside: &Path, with_earlier: bool) -> PathBuf {
    if with_earlier { folder.join(RESULTS) } else { aside.join("results") }
}

fn file_name(hash: &str) -> String {
    format!("{}.{EXTENSION}", hash.get(..NAME_DIGITS).unwrap_or(hash))
}

/// The start of the key of a file with a result.
fn start_of(path: &Path) -> Option<u128> {
    let is_result = path.extension().is_some_and(|extension| extension == EXTENSION);
    let digits = path.file_stem()?.to_str()?;
    (is_result && digits.len() == NAME_DIGITS).then(|| u128::from_str_radix(digits, 16).ok())?
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

fn decoded(bytes: &[u8], hash: &str) -> Option<Stored> {
    let (whole, checksum) = bytes.split_at_checked(bytes.len().checked_sub(HASH)?)?;
    let (head, content) = whole.split_at_checked(HEAD)?;
    let length = (content.len() as u64).to_le_bytes();
    let expected = [MAGIC.as_slice(), &FORMAT.to_le_bytes(), hash.as_bytes(), &length].concat();
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
        let (recording, _) = open(path, &options).expect("opens");
        let analysis = judge.analyse_recording(&recording).expect("analyses");
        let fingerprint = Fingerprint::new(path, &recording, &analysis.provenance.content_sha256);
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
        Store::at(&results).put(&key, &stored).expect("writes");
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
        assert!(decoded(&bytes, &key.hash).is_some());
        // Every byte of the head and of the checksum, and many of the content.
        let places = (0..HEAD).chain((HEAD..bytes.len() - HASH).step_by(997)).chain(bytes.len() - HASH..bytes.len());
        for place in places {
            for flipped in [0x01, 0x80] {
                let mut damaged = bytes.clone();
                damaged[place] ^= flipped;
                assert_eq!(decoded(&damaged, &key.hash), None, "byte {place}");
            }
        }
        for length in (0..bytes.len()).step_by(499) {
            assert_eq!(decoded(&bytes[..length], &key.hash), None, "{length} bytes");
        }
        assert_eq!(decoded(&[bytes.as_slice(), b"more"].concat(), &key.hash), None);
        let other = Key { hash: sha256(b"other"), files: Vec::new() };
        assert_eq!(decoded(&bytes, &other.hash), None, "a result of something else");
        // A checksum that fits does not make any bytes a result.
        let mut forged = encoded(&stored, &key);
        forged.truncate(forged.len() - HASH);
        forged[HEAD..].fill(0xff);
        forged.extend(sha256(&forged).as_bytes());
        assert_eq!(decoded(&forged, &key.hash), None);
    }

    #[test]
    fn damaged_and_unwritable_stores_cost_a_line_and_no_run() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = recorded(folder.path(), "a.mcap", 1);
        let (key, stored) = result_of(&path);
        let results = folder.path().join("results");
        Store::at(&results).put(&key, &stored).expect("writes");
        let place = results.join(stored.analysis.info.athlete.file_name()).join(file_name(&key.hash));
        assert!(place.is_file() && Store::at(&results).places.len() == 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&place).expect("is there").permissions().mode() & 0o077, 0, "for its owner alone");
        }
        fs::write(&place, b"something else").expect("writes");
        let store = Store::at(&results);
        assert_eq!(store.get(&key, &path), None);
        store.put(&key, &stored).expect("writes");
        assert!(store.trouble().expect("trouble").ends_with("a stored result is damaged: analysed anew"));
        assert!(Store::at(&results).get(&key, &path).is_some(), "written anew");
        // A file where the folder would be.
        fs::write(folder.path().join("taken"), b"").expect("writes");
        let store = Store::at(&folder.path().join("taken"));
        assert_eq!(store.get(&key, &path), None);
        store.note(&store.put(&key, &stored).expect_err("there is a file in its place"));
        assert!(store.trouble().expect("trouble").contains("cannot be stored"));
        // What was computed from other bytes than the key is of is not kept.
        let other = Key { files: vec![sha256(b"before")], ..key };
        let fresh = folder.path().join("fresh");
        assert!(!Store::at(&fresh).put(&other, &stored).expect("nothing is written"));
        assert!(!fresh.exists());
    }
}
