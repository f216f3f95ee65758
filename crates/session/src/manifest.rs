//! What a part of a study leaves beside its results, and the parts put together as one run would have done it.
//!
//! A manifest is a line of JSON for each input, the first says what made it, the last is a SHA-256 of all before.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use truehinge_dataset::atomic::{replace_private, sha256};
use truehinge_dataset::files::read_whole;
use truehinge_dataset::same::Hash;
use truehinge_dataset::{ImportOptions, Survey};

use crate::Judge;
use crate::inventory::{Item, Unused};
use crate::results::{Store, program};
use crate::shard::{Shard, ShardError, portable};
use crate::workplace::{RESULTS, WorkplaceError};

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

/// A line behind the first.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    Item(Cow<'a, Item>),
    Unused(Cow<'a, Unused>),
}

/// Leaves what a part holds in its folder.
///
/// # Errors
/// [`ShardError::Place`].
pub fn write(folder: &Path, made: Made, items: &[Item], unused: &[Unused]) -> Result<(), ShardError> {
    let path = folder.join(RESULTS).join(format!("{}{}{}", NAME.0, made.shard.name(), NAME.1));
    let made = Made { lines: items.len() + unused.len(), ..made };
    let lines = || -> serde_json::Result<String> {
        let mut text = serde_json::to_string(&made)? + "\n";
        let items = items.iter().map(|item| Line::Item(Cow::Borrowed(item)));
        for line in items.chain(unused.iter().map(|one| Line::Unused(Cow::Borrowed(one)))) {
            text += &serde_json::to_string(&line)?;
            text.push('\n');
        }
        Ok(text)
    };
    let text = lines().map_err(|error| WorkplaceError::io(&path, error.into()))?;
    let end = format!("{{\"sha256\":\"{}\"}}\n", sha256(text.as_bytes()));
    replace_private(&path, |file| file.write_all(text.as_bytes()).and_then(|()| file.write_all(end.as_bytes())))
        .map_err(|source| WorkplaceError::io(&path, source).into())
}

/// What the parts of a study hold together.
pub struct Gathered {
    /// The folder that was searched, as the first part calls it.
    pub root: PathBuf,
    /// What was read.
    pub items: Vec<Item>,
    /// What could not be used.
    pub unused: Vec<Unused>,
    /// Where their results are.
    pub stores: Vec<Store>,
}

/// Puts all parts that are in some folders together.
///
/// # Errors
/// [`ShardError`]: some are missing, damaged, or of different studies.
pub fn gather(folders: &[PathBuf]) -> Result<Gathered, ShardError> {
    let mut parts: BTreeMap<Shard, PathBuf> = BTreeMap::new();
    let mut first: Option<(Made, PathBuf)> = None;
    let mut all = Gathered { root: PathBuf::new(), items: Vec::new(), unused: Vec::new(), stores: Vec::new() };
    for (folder, number) in folders.iter().zip(0_u32..) {
        for path in manifests(folder)? {
            let (made, items, unused) = read(&path)?;
            let (study, from) = first.get_or_insert_with(|| (made.clone(), path.clone()));
            if let Some(what) = made.differs(study) {
                return Err(ShardError::Differs { path, first: from.clone(), what });
            }
            let shard = made.shard;
            if let Some(first) = parts.insert(shard, path.clone()) {
                return Err(ShardError::Twice { path, shard, first });
            }
            let root = study.root.clone();
            all.items.extend(items.into_iter().map(|item| item.of_store(number, &root)));
            all.unused.extend(unused);
        }
        all.stores.push(Store::of_ids(&folder.join(RESULTS)));
    }
    let Some((study, _)) = first else { return Ok(all) };
    let missing: Vec<u32> =
        (1..=study.shard.of).filter(|number| !parts.keys().any(|shard| shard.number == *number)).collect();
    if !missing.is_empty() {
        return Err(ShardError::Missing { of: study.shard.of, missing });
    }
    let found = all.items.len() + all.unused.len();
    if found != study.inputs {
        return Err(ShardError::Incomplete { found, need: study.inputs });
    }
    Ok(Gathered { root: study.root, ..all })
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

fn read(path: &Path) -> Result<(Made, Vec<Item>, Vec<Unused>), ShardError> {
    let bytes = read_whole(path).map_err(|source| WorkplaceError::io(path, source))?;
    let damaged = |line: usize, found: &str| ShardError::Damaged {
        path: path.to_owned(),
        line: line + 1,
        found: found.to_owned(),
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| damaged(0, "it is no text"))?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let Some((end, before)) = lines.split_last() else { return Err(damaged(0, "it is empty")) };
    let length = text.len() - end.len();
    let is_whole = *end == format!("{{\"sha256\":\"{}\"}}\n", sha256(&bytes[..length]));
    let made: Made = before
        .first()
        .and_then(|line| serde_json::from_str(line).ok())
        .ok_or_else(|| damaged(0, "it is no part of a study, or of another version"))?;
    if !is_whole || made.lines + 1 != before.len() || made.schema != SCHEMA {
        return Err(damaged(lines.len() - 1, "it is not whole, or was changed"));
    }
    let (mut items, mut unused) = (Vec::new(), Vec::new());
    for (number, line) in before.iter().enumerate().skip(1) {
        match serde_json::from_str(line).map_err(|error| damaged(number, &error.to_string()))? {
            Line::Item(item) => items.push(item.into_owned()),
            Line::Unused(one) => unused.push(one.into_owned()),
        }
    }
    Ok((made, items, unused))
}
