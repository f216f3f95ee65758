//! The list of all numbers, read from `default.toml`: what each means, may be, and comes from.
//!
//! Above every value stands its meaning and one line for machines:
//!
//! ```text
//! # Excursion that a repetition reaches. Larger misses small repetitions, smaller counts sway.
//! #: 0.5..30 | reasoned: sway on one leg stays below about 3 degrees | off 0.5
//! leaves_deg = 3.6
//! ```
//!
//! First what it may be: a range, words, or `true, false`. A bound may be the path of another number. Then the source: `cited` with a
//! key of `docs/references.bib`, `measured` with where, `reasoned` with why, or `by hand`. Last, where leaving the ingredient
//! out makes sense, the value that does. The unit is the end of the name.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::allowed::{Allowed, Bound};
use super::{Method, MethodError};

/// One number of the method.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// Tables and name, joined by dots; the members of a list are numbered from 0.
    pub path: String,
    /// What it is now.
    pub value: String,
    /// What it is built in as.
    pub default: String,
    /// Unit, from the end of its name; `1` for shares, ratios and words.
    pub unit: &'static str,
    /// What it is for.
    pub meaning: String,
    /// What it may be.
    pub allowed: Allowed,
    /// Where it comes from.
    pub source: String,
    /// The value that leaves its ingredient out, where that makes sense.
    pub off: Option<String>,
}

/// Longer paths than this are no typing errors: nothing is proposed for them, and only their beginning is said.
const LONGEST_PATH: usize = 100;

/// The beginning of what somebody gave, in one line.
fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST_PATH).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST_PATH).is_some() {
        shown.push_str("...");
    }
    shown
}

/// Ends of names and the units they stand for; the longest that fits counts.
const UNITS: [(&str, &str); 23] = [
    ("_deg_per_s", "deg/s"),
    ("_rad_per_s", "rad/s"),
    ("_m_per_s3", "m/s³"),
    ("_m_per_s2", "m/s²"),
    ("_m_per_rad", "m/rad"),
    ("_m_per_s", "m/s"),
    ("_deg", "deg"),
    ("_rad", "rad"),
    ("_mm", "mm"),
    ("_ms", "ms"),
    ("_us", "us"),
    ("_m", "m"),
    ("_g", "g"),
    ("_hz", "Hz"),
    ("_ppm", "ppm"),
    ("_s", "s"),
    ("_count", "count"),
    ("_points", "points"),
    ("_periods", "periods"),
    ("_sigmas", "sigma"),
    ("_nats", "nat"),
    ("_share", "1"),
    ("_ratio", "1"),
];

/// The unit that a name ends with and the name without it; `None` for words.
fn unit_of(name: &str) -> Option<(&'static str, &str)> {
    UNITS.iter().find_map(|(end, unit)| Some((*unit, name.strip_suffix(end)?)))
}

/// A value's place in the file, with what its comments say.
#[derive(Clone, Debug)]
struct Described {
    path: String,
    unit: &'static str,
    meaning: String,
    allowed: Allowed,
    source: String,
    off: Option<String>,
}

/// All values in the order of the file.
pub(super) struct Catalogue {
    described: Vec<Described>,
    defaults: BTreeMap<String, Value>,
}

impl Catalogue {
    /// Reads the built-in file. What is wrong with it is found by this module's tests, not by users: a line that does not parse
    /// is left out here and missed there.
    pub(super) fn read(text: &str) -> Self {
        let defaults = text.parse::<Table>().map(|table| leaves(&table)).unwrap_or_default();
        let (mut table, mut meaning, mut facts) = (String::new(), Vec::new(), None);
        let mut described = Vec::new();
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                table = name.to_owned();
                meaning.clear();
            } else if let Some(line) = line.strip_prefix("#:") {
                facts = Some(line.trim().to_owned());
            } else if let Some(line) = line.strip_prefix('#') {
                meaning.push(line.trim().to_owned());
            } else if let Some((name, _)) = line.split_once('=') {
                let path = format!("{table}.{}", name.trim());
                let (meaning, facts) = (std::mem::take(&mut meaning).join(" "), facts.take().unwrap_or_default());
                described.extend(describe(&path, &meaning, &facts, &defaults));
            } else {
                meaning.clear();
            }
        }
        Self { described, defaults }
    }

    pub(super) fn built_in(&self) -> Method {
        match nested(&self.defaults).try_into() {
            Ok(method) => method,
            // The tests of this module read the same text: this cannot be reached in a build that passed them.
            Err(error) => unreachable!("the built-in method does not fit its own tree: {error}"),
        }
    }

    pub(super) fn entries(&self, method: &Method) -> Vec<Entry> {
        let now = values(method);
        let text = |from: &BTreeMap<String, Value>, path: &str| from.get(path).map_or_else(String::new, plain);
        self.described
            .iter()
            .map(|d| Entry {
                path: d.path.clone(),
                value: text(&now, &d.path),
                default: text(&self.defaults, &d.path),
                unit: d.unit,
                meaning: d.meaning.clone(),
                allowed: d.allowed.clone(),
                source: d.source.clone(),
                off: d.off.clone(),
            })
            .collect()
    }

    pub(super) fn apply(&self, base: &Method, text: &str) -> Result<Method, MethodError> {
        let syntax = |error: toml::de::Error| MethodError::Syntax { message: error.to_string().trim_end().to_owned() };
        let changed = leaves(&text.parse::<Table>().map_err(syntax)?);
        self.changed(base, changed)
    }

    pub(super) fn change(&self, base: &Method, path: &str, value: &str) -> Result<Method, MethodError> {
        let parsed = format!("value = {value}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
        let parsed = parsed.unwrap_or_else(|| Value::String(value.to_owned()));
        self.changed(base, BTreeMap::from([(path.to_owned(), parsed)]))
    }

    fn changed(&self, base: &Method, changed: BTreeMap<String, Value>) -> Result<Method, MethodError> {
        let mut all = values(base);
        for (path, value) in changed {
            let described = self.find(&path)?;
            all.insert(path, described.fitting(value)?);
        }
        self.check_values(&all)?;
        nested(&all).try_into().map_err(|error: toml::de::Error| MethodError::Syntax { message: error.to_string() })
    }

    pub(super) fn check(&self, method: &Method) -> Result<(), MethodError> {
        self.check_values(&values(method))
    }

    fn check_values(&self, all: &BTreeMap<String, Value>) -> Result<(), MethodError> {
        self.described.iter().try_for_each(|described| match all.get(&described.path) {
            Some(value) => described.check(value, all),
            None => Err(MethodError::Unknown { path: described.path.clone(), nearest: None }),
        })
    }

    fn find(&self, path: &str) -> Result<&Described, MethodError> {
        if let Some(found) = self.described.iter().find(|d| d.path == path) {
            return Ok(found);
        }
        let other_unit = unit_of(path).and_then(|(_, stem)| {
            self.described.iter().find(|d| unit_of(&d.path).is_some_and(|(_, known)| known == stem))
        });
        if let Some(known) = other_unit {
            return Err(MethodError::Unit { path: path.to_owned(), known: known.path.clone(), unit: known.unit });
        }
        Err(MethodError::Unknown { path: shortened(path), nearest: self.nearest(path) })
    }

    /// The known path that differs least from this one, if it is at all like it.
    fn nearest(&self, path: &str) -> Option<String> {
        if path.len() > LONGEST_PATH {
            return None;
        }
        let distance = |d: &&Described| strsim::damerau_levenshtein(&d.path, path);
        let nearest = self.described.iter().min_by_key(distance)?;
        (distance(&nearest) <= path.len() / 2).then(|| nearest.path.clone())
    }
}

impl Described {
    /// The value in the kind that the tree wants: a whole number may stand for any number.
    fn fitting(&self, value: Value) -> Result<Value, MethodError> {
        let fits = match (&self.allowed, &value) {
            (Allowed::Range { whole: false, .. }, Value::Integer(number)) => {
                return Ok(Value::Float(*number as f64));
            }
            (Allowed::Range { whole, .. }, Value::Float(_)) => !whole,
            (Allowed::Range { .. }, Value::Integer(_)) | (Allowed::Words(_), Value::String(_) | Value::Boolean(_)) => {
                true
            }
            _ => false,
        };
        if fits {
            return Ok(value);
        }
        let found = match &value {
            Value::String(text) => format!("the text \"{}\"", shortened(text)),
            Value::Table(_) => "a table".to_owned(),
            other => shortened(&other.to_string()),
        };
        Err(MethodError::Kind { path: self.path.clone(), found, allowed: self.allowed.clone() })
    }

    fn check(&self, value: &Value, all: &BTreeMap<String, Value>) -> Result<(), MethodError> {
        let inside = match &self.allowed {
            Allowed::Range { least, most, .. } => {
                let at = |bound: &Bound| match bound {
                    Bound::Number(number) => *number,
                    Bound::Path(path) => all.get(path).map_or(f64::NAN, number),
                };
                // NaN is in no range.
                (at(least)..=at(most)).contains(&number(value))
            }
            Allowed::Words(words) => words.contains(&plain(value)),
        };
        if inside {
            return Ok(());
        }
        Err(MethodError::Range { path: self.path.clone(), value: plain(value), allowed: self.allowed.clone() })
    }
}

/// What the comments above a value say of it: one entry, or one for each member of a list.
fn describe(path: &str, meaning: &str, facts: &str, defaults: &BTreeMap<String, Value>) -> Vec<Described> {
    let mut parts = facts.split('|').map(str::trim);
    let (allowed, source) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let off = parts.next().and_then(|off| off.strip_prefix("off ")).map(str::to_owned);
    let unit = unit_of(path).map_or("1", |(unit, _)| unit);
    let members = defaults.keys().filter(|key| *key == path || is_member(key, path));
    let mut members: Vec<&String> = members.collect();
    members.sort_by_key(|key| (key.len(), (*key).clone()));
    members
        .into_iter()
        .filter_map(|key| {
            let whole = matches!(defaults.get(key), Some(Value::Integer(_)));
            Some(Described {
                path: key.clone(),
                unit,
                meaning: meaning.to_owned(),
                allowed: allowed_by(allowed, whole, unit)?,
                source: source.to_owned(),
                off: off.clone(),
            })
        })
        .collect()
}

fn is_member(key: &str, list: &str) -> bool {
    key.strip_prefix(list).and_then(|rest| rest.strip_prefix('.')).is_some_and(|rest| rest.parse::<usize>().is_ok())
}

fn allowed_by(text: &str, whole: bool, unit: &'static str) -> Option<Allowed> {
    if let Some((least, most)) = text.split_once("..") {
        let bound = |text: &str| -> Option<Bound> {
            let text = text.trim();
            (!text.is_empty()).then(|| text.parse().map_or_else(|_| Bound::Path(text.to_owned()), Bound::Number))
        };
        return Some(Allowed::Range { least: bound(least)?, most: bound(most)?, whole, unit });
    }
    let words: Vec<String> =
        text.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then_some(Allowed::Words(words))
}

/// The built-in file with the values of a method; lines that are as they were stay as they are written.
pub(super) fn commented(text: &str, method: &Method) -> String {
    let (now, built_in) = (Table::try_from(method).unwrap_or_default(), text.parse::<Table>().unwrap_or_default());
    let mut table = String::new();
    let mut lines = String::new();
    for line in text.lines() {
        if let Some(name) = line.trim().strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut table);
        }
        let changed = line.split_once('=').filter(|_| !line.trim_start().starts_with('#')).and_then(|(name, _)| {
            let path = format!("{table}.{}", name.trim());
            let (value, before) = (at(&now, &path)?, at(&built_in, &path));
            (before != Some(value)).then(|| format!("{} = {value}", name.trim()))
        });
        lines.push_str(changed.as_deref().unwrap_or(line));
        lines.push('\n');
    }
    lines
}

/// What stands at a path of a tree.
fn at<'a>(table: &'a Table, path: &str) -> Option<&'a Value> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    match (table.get(first)?, rest) {
        (value, None) => Some(value),
        (Value::Table(inner), Some(rest)) => at(inner, rest),
        _ => None,
    }
}

/// All values of a method by path.
fn values(method: &Method) -> BTreeMap<String, Value> {
    Table::try_from(method).map(|table| leaves(&table)).unwrap_or_default()
}

/// The values of a tree by path; the members of a list are numbered.
fn leaves(table: &Table) -> BTreeMap<String, Value> {
    fn walk(path: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Value::Table(table) => table.iter().for_each(|(name, value)| walk(&below(name), value, into)),
            Value::Array(list) if !list.is_empty() => {
                list.iter().enumerate().for_each(|(i, value)| walk(&below(&i.to_string()), value, into));
            }
            leaf => {
                into.insert(path.to_owned(), leaf.clone());
            }
        }
    }
    let mut into = BTreeMap::new();
    table.iter().for_each(|(name, value)| walk(name, value, &mut into));
    into
}

/// The tree of values given by path: names that are numbers make a list.
fn nested(values: &BTreeMap<String, Value>) -> Table {
    let mut root = Table::new();
    // Members of a list come in the order of their numbers.
    let mut paths: Vec<&String> = values.keys().collect();
    paths.sort_by_key(|path| (path.len(), (*path).clone()));
    for path in paths {
        insert(&mut root, path, values[path].clone());
    }
    root
}

fn insert(table: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            table.insert(path.to_owned(), value);
        }
        Some((name, index)) if index.parse::<usize>().is_ok() => {
            let list = table.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.push(value);
            }
        }
        Some((name, rest)) => {
            if let Value::Table(inner) = table.entry(name).or_insert_with(|| Value::Table(Table::new())) {
                insert(inner, rest, value);
            }
        }
    }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Float(number) => *number,
        Value::Integer(number) => *number as f64,
        _ => f64::NAN,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use truehinge_core::Explained;

    use super::*;
    use crate::method::DEFAULT_TOML;

    fn error(text: &str) -> String {
        Method::from_toml(text).expect_err(text).in_full()
    }

    #[test]
    fn every_number_of_the_tree_is_described_once_with_unit_range_and_source() {
        let method = Method::default();
        let described: Vec<String> = method.entries().into_iter().map(|entry| entry.path).collect();
        let mut sorted = described.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), described.len(), "a number is described twice");
        assert_eq!(sorted, values(&method).into_keys().collect::<Vec<_>>());
        for entry in method.entries() {
            let path = &entry.path;
            assert!(entry.meaning.len() > 10, "{path} has no meaning");
            let known = ["cited ", "measured", "reasoned", "by hand"];
            assert!(known.iter().any(|start| entry.source.starts_with(start)), "{path}: source \"{}\"", entry.source);
            let is_word = matches!(entry.allowed, Allowed::Words(_));
            let name = path.trim_end_matches(|c: char| c == '.' || c.is_ascii_digit());
            assert!(is_word || unit_of(path).is_some() || unit_of(name).is_some(), "{path} has no unit in its name");
            assert_eq!(entry.value, entry.default);
            if let Some(off) = &entry.off {
                method.with(path, off).expect("what leaves an ingredient out is allowed");
            }
        }
    }

    #[test]
    fn the_built_in_numbers_are_within_their_own_ranges_and_survive_being_written() {
        let method = Method::default();
        crate::method::catalogue().check(&method).expect("in range");
        assert_eq!(Method::from_toml(&method.to_toml()), Ok(method.clone()));
        assert_eq!(Method::from_toml(DEFAULT_TOML), Ok(method));
    }

    #[test]
    fn the_commented_file_is_the_built_in_one_but_for_the_values_that_differ() {
        let method = Method::default();
        assert_eq!(method.to_commented_toml(), DEFAULT_TOML);
        let changed =
            method.with("repetitions.leaves_deg", "4.25").and_then(|m| m.with("orientation.ends", "published"));
        let changed = changed.expect("allowed");
        let text = changed.to_commented_toml();
        assert_eq!(Method::from_toml(&text), Ok(changed));
        let differing: Vec<&str> =
            text.lines().zip(DEFAULT_TOML.lines()).filter(|(a, b)| a != b).map(|(line, _)| line).collect();
        assert_eq!(differing, ["ends = \"published\"", "leaves_deg = 4.25"]);
    }

    #[test]
    fn every_number_can_be_changed_by_its_path_and_changes_the_method() {
        let method = Method::default();
        for entry in method.entries() {
            let candidates = match &entry.allowed {
                Allowed::Words(words) => words.clone(),
                Allowed::Range { least, most, .. } => {
                    let at = |bound: &Bound| match bound {
                        Bound::Number(number) => number.to_string(),
                        Bound::Path(path) => plain(&values(&method)[path]),
                    };
                    vec![at(least), at(most)]
                }
            };
            let changed = candidates.iter().filter(|value| **value != entry.value).filter_map(|value| {
                let changed = method.with(&entry.path, value).ok()?;
                (changed != method).then_some(())
            });
            assert!(changed.count() > 0, "{} cannot be changed to any of {candidates:?}", entry.path);
        }
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_path_value_and_range() {
        assert!(error("[repetitions]\nleaves_deg = 400").contains("repetitions.leaves_deg is 400"));
        assert!(
            error("[repetitions]\nleaves_deg = nan")
                .contains("repetitions.leaves_deg is nan, allowed is a number from")
        );
        assert!(
            error("[repetitions]\nleaves_deg = \"3.6 deg\"")
                .contains("is the text \"3.6 deg\", allowed is a number from")
        );
        assert!(error("[repetitions]\nleaves_mm = 3").contains("give it in deg, as repetitions.leaves_deg"));
        assert!(error("[repetitions]\nleave_deg = 3").contains("did you mean repetitions.leaves_deg?"));
        assert!(error("[repetitions").contains("not TOML"));
        assert!(error("[repetitions]\nleaves_deg = []").contains("repetitions.leaves_deg is []"));
        let long = error(&format!("{} = 1", "x".repeat(500_000)));
        assert!(long.len() < 200, "{long}");
        assert!(error("[repetitions.leaves_deg]\nx = 1").contains("there is no repetitions.leaves_deg.x"));
    }
}
