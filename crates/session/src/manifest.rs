//! What a part of a study leaves beside its results, and the parts put together as one run would have done it.
//!
//! A manifest is a line of JSON for each input, the first says what made it, the last is a SHA-256 of all before.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use truehinge_dataset::atomic::{hex, replace_private, sha256, sync_below};
use truehinge_dataset::files::open_regular;
use truehinge_dataset::same::Hash;
use truehinge_dataset::{ImportOptions, Survey};

use crate::Judge;
use crate::item::{Line, Unused};
use crate::register::{Register, Registrar};
use crate::results::{Store, program};
use crate::shard::{Shard, ShardError, portable};
use crate::workplace::{RESULTS, Workplace, WorkplaceError};

/// Name and version of what a manifest is.
const SCHEMA: &str = "truehinge/manifest/1";
/// What the files of manifests are called.
const NAME: (&str, &str) = ("shard-", ".manifest");

/// What made a part: parts of one study agree in all of it but the number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Made {
    schema: String,
    /// The program, with its sources.
    program: String,
    /// Hash of how inputs are read and judged.
    rules: Hash,
    /// Of how many inputs in all it is a part.
    inputs: usize,
    /// Hash of their names.
    names: Hash,
    shard: Shard,
    /// The folder that was searched.
    root: PathBuf,
    /// How many lines follow.
    lines: usize,
}

impl Made {
    /// Of a part of what was found.
    pub fn new(shard: Shard, root: &Path, found: &Survey, options: &ImportOptions, judge: &Judge) -> Self {
        let paths = found.sources.iter().chain(found.unread.iter().map(|unread| &unread.path));
        let names: Vec<String> = paths.map(|path| portable(root, path)).collect();
        Self {
            schema: SCHEMA.to_owned(),
            program: program(),
            rules: sha256(format!("{options:?}\n{:?}", judge.rules()).as_bytes()).as_str().into(),
            inputs: names.len(),
            names: sha256(names.join("\n").as_bytes()).as_str().into(),
            shard,
            root: root.to_owned(),
            lines: 0,
        }
    }

    /// What differs between two parts of one study, if anything does that must not.
    fn differs(&self, other: &Self) -> Option<&'static str> {
        [
            (self.program != other.program, "the program is another version"),
            (self.rules != other.rules, "the options, the protocol or the method are others"),
            (self.shard.of != other.shard.of, "the study is in another number of parts"),
            (self.names != other.names, "other inputs were found"),
        ]
        .into_iter()
        .find_map(|(differs, what)| differs.then_some(what))
    }
}

/// The last line of a manifest, of all before.
fn end(hash: Sha256) -> String {
    format!("{{\"sha256\":\"{}\"}}\n", hex(&hash.finalize()))
}

/// Hashes what goes through it.
struct Hashing<'a> {
    file: &'a mut dyn Write,
    hash: Sha256,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Leaves what a part holds in its folder. The results that it names are on the disk before it is.
///
/// # Errors
/// [`ShardError::Place`].
pub fn write(folder: &Path, made: Made, register: &Register, unused: &[Unused]) -> Result<(), ShardError> {
    let results = folder.join(RESULTS);
    sync_below(&results).map_err(|source| WorkplaceError::io(&results, source))?;
    let path = results.join(format!("{}{}{}", NAME.0, made.shard.name(), NAME.1));
    let made = Made { lines: register.len() + unused.len(), ..made };
    let lines = |file: &mut dyn Write| -> io::Result<()> {
        let mut hashing = Hashing { file, hash: Sha256::new() };
        writeln!(hashing, "{}", serde_json::to_string(&made)?)?;
        register.copy(&mut hashing)?;
        for one in unused {
            writeln!(hashing, "{}", serde_json::to_string(&Line::Unused(Cow::Borrowed(one)))?)?;
        }
        let Hashing { file, hash } = hashing;
        file.write_all(end(hash).as_bytes())
    };
    replace_private(&path, lines).map_err(|source| WorkplaceError::io(&path, source).into())
}

/// All parts of a study: whole, and of one study.
pub struct Gathered {
    /// The folder that was searched, as the first part calls it.
    pub root: PathBuf,
    /// Where their results are.
    pub stores: Vec<Store>,
    /// Each with the number of its store.
    manifests: Vec<(PathBuf, u32)>,
    inputs: usize,
}

/// Looks at all parts that are in some folders.
///
/// # Errors
/// [`ShardError`]: some are missing, damaged, or of different studies.
pub fn gather(folders: &[PathBuf]) -> Result<Gathered, ShardError> {
    let mut parts: BTreeMap<Shard, PathBuf> = BTreeMap::new();
    let mut first: Option<(Made, PathBuf)> = None;
    let mut all = Gathered { root: PathBuf::new(), stores: Vec::new(), manifests: Vec::new(), inputs: 0 };
    for (folder, number) in folders.iter().zip(0_u32..) {
        for path in manifests(folder)? {
            let made = read(&path, |_, _| Ok(()))?;
            let (study, from) = first.get_or_insert_with(|| (made.clone(), path.clone()));
            if let Some(what) = made.differs(study) {
                return Err(ShardError::Differs { path, first: from.clone(), what });
            }
            let shard = made.shard;
            if let Some(first) = parts.insert(shard, path.clone()) {
                return Err(ShardError::Twice { path, shard, first });
            }
            all.inputs += made.lines;
            all.manifests.push((path, number));
        }
        all.stores.push(Store::of_ids(&folder.join(RESULTS)));
    }
    let Some((study, _)) = first else { return Ok(all) };
    let missing: Vec<u32> =
        (1..=study.shard.of).filter(|number| !parts.keys().any(|shard| shard.number == *number)).collect();
    if !missing.is_empty() {
        return Err(ShardError::Missing { of: study.shard.of, missing });
    }
    if all.inputs != study.inputs {
        return Err(ShardError::Incomplete { found: all.inputs, need: study.inputs });
    }
    Ok(Gathered { root: study.root, ..all })
}

impl Gathered {
    /// What the parts hold, in the order of the paths, as one run would have found it; and what could not be used.
    ///
    /// # Errors
    /// [`ShardError::Damaged`], [`ShardError::Place`].
    pub fn read(&self, place: &Workplace) -> Result<(Register, Vec<Unused>), ShardError> {
        let registrar = Registrar::new(place.aside(), self.inputs)?;
        let (mut paths, mut unused) = (Vec::new(), Vec::new());
        for (path, store) in &self.manifests {
            read(path, |number, text| {
                let line = serde_json::from_str(text).map_err(|error| damaged(path, number, &error.to_string()))?;
                match line {
                    Line::Item(item) => {
                        let item = item.into_owned().below(&self.root);
                        registrar.add_line(paths.len(), *store, &item, text)?;
                        paths.push(item.fingerprint.path().to_owned());
                    }
                    Line::Unused(one) => unused.push(one.into_owned()),
                }
                Ok(())
            })?;
        }
        Ok((registrar.finish()?.in_order_of(&paths), unused))
    }
}

fn manifests(folder: &Path) -> Result<Vec<PathBuf>, ShardError> {
    let results = folder.join(RESULTS);
    let entries = results.read_dir().map(|entries| entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>());
    let is_manifest = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with(NAME.0) && name.ends_with(NAME.1) && path.is_file()
    };
    let mut found: Vec<PathBuf> = entries.unwrap_or_default().into_iter().filter(is_manifest).collect();
    found.sort();
    if found.is_empty() { Err(ShardError::None { folder: folder.to_owned() }) } else { Ok(found) }
}

fn damaged(path: &Path, line: usize, found: &str) -> ShardError {
    ShardError::Damaged { path: path.to_owned(), line: line + 1, found: found.to_owned() }
}

/// What made a part. Each line behind the first is given away, with its number from 1; that all of them are as they were written is known at the
/// end only.
fn read(path: &Path, mut each: impl FnMut(usize, &str) -> Result<(), ShardError>) -> Result<Made, ShardError> {
    let io = |source| ShardError::from(WorkplaceError::io(path, source));
    let (file, _) = open_regular(path).map_err(io)?;
    let mut reader = BufReader::new(file);
    let mut next = || -> Result<String, ShardError> {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).map_err(io)?;
        String::from_utf8(line).map_err(|_| damaged(path, 0, "it is no text"))
    };
    let mut line = next()?;
    let made: Made =
        serde_json::from_str(&line).map_err(|_| damaged(path, 0, "it is no part of a study, or of another version"))?;
    let (mut hash, mut number) = (Sha256::new(), 0);
    loop {
        let behind = next()?;
        if behind.is_empty() {
            break;
        }
        hash.update(&line);
        if number > 0 {
            each(number, &line)?;
        }
        (line, number) = (behind, number + 1);
    }
    let is_whole = line == end(hash) && made.lines + 1 == number && made.schema == SCHEMA;
    if is_whole { Ok(made) } else { Err(damaged(path, number, "it is not whole, or was changed")) }
}
