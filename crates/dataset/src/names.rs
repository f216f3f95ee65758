//! Names of files that are not taken, neither by the same name nor, where a disk does not tell them apart, by one in other letters.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use truehinge_core::id::{long_hash, short_hash};

/// Longest label that is a name's own letters.
const LONGEST_LABEL: usize = 40;

/// Labels of ASCII letters and digits alone, by the names they are for. A label is what is left of its name; where that is nothing, too
/// long, or what is left of another name as well (upper and lower case alike), a hash of the name is behind it.
pub fn labels<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, String> {
    let names: BTreeSet<&str> = names.into_iter().collect();
    let left =
        |name: &str| name.chars().filter(char::is_ascii_alphanumeric).take(LONGEST_LABEL + 1).collect::<String>();
    let mut shared: BTreeMap<String, usize> = BTreeMap::new();
    names.iter().for_each(|name| *shared.entry(left(name).to_lowercase()).or_default() += 1);
    let is_own =
        |label: &str| (1..=LONGEST_LABEL).contains(&label.len()) && shared.get(&label.to_lowercase()) == Some(&1);
    let label = |name: &&str| {
        let own = left(name);
        let label =
            if is_own(&own) { own } else { own.chars().take(LONGEST_LABEL).collect::<String>() + &short_hash([*name]) };
        ((*name).to_owned(), label)
    };
    let labels: BTreeMap<String, String> = names.iter().map(label).collect();
    let different: BTreeSet<String> = labels.values().map(|label| label.to_lowercase()).collect();
    // A name may be another one's label with its hash.
    if different.len() == labels.len() {
        labels
    } else {
        names.iter().map(|name| ((*name).to_owned(), long_hash([*name]))).collect()
    }
}

/// Whether a folder has an entry whose name differs in upper and lower case only: some disks take both for one.
pub fn other_case(folder: &Path, name: &str) -> bool {
    let Ok(entries) = folder.read_dir() else { return false };
    let lower = name.to_lowercase();
    entries.flatten().any(|entry| {
        let found = entry.file_name();
        let found = found.to_string_lossy();
        found != name && found.to_lowercase() == lower
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_what_is_left_of_names_and_no_two_are_one() {
        let alone = labels(["P-014", "Anna", "20261002-1"]);
        assert_eq!((alone["P-014"].as_str(), alone["20261002-1"].as_str()), ("P014", "202610021"));
        let long = "x".repeat(200);
        let names = ["P-014", "P014", "p014", "Анна", "Иван", "-", &long, &format!("{long}y")];
        let together = labels(names);
        let mut different: Vec<String> = together.values().map(|label| label.to_lowercase()).collect();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), names.len(), "{together:?}");
        let legal =
            |label: &String| !label.is_empty() && label.len() <= 48 && label.chars().all(|c| c.is_ascii_alphanumeric());
        assert!(together.values().all(legal), "{together:?}");
        assert_eq!(together, labels(names.into_iter().rev()), "their order does not matter");
        // A name that is the label of another one.
        let first = labels(["P-1", "P1"])["P-1"].clone();
        let three = labels(["P-1", "P1", first.as_str()]);
        assert_eq!(three.values().collect::<BTreeSet<_>>().len(), 3, "{three:?}");
    }

    #[test]
    fn names_in_other_letters_are_seen_and_the_same_name_is_not_one() {
        let folder = tempfile::tempdir().expect("temporary folder");
        std::fs::write(folder.path().join("P14_S1.mcap"), "").expect("written");
        assert!(other_case(folder.path(), "p14_S1.mcap"));
        assert!(!other_case(folder.path(), "P14_S1.mcap") && !other_case(folder.path(), "P15_S1.mcap"));
        assert!(!other_case(&folder.path().join("none"), "P14_S1.mcap"));
    }
}
