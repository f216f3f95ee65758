//! Names of files that are not taken, neither by the same name nor, where a disk does not tell them apart, by one in other letters.

use std::path::Path;

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
    fn names_in_other_letters_are_seen_and_the_same_name_is_not_one() {
        let folder = tempfile::tempdir().expect("temporary folder");
        std::fs::write(folder.path().join("P14_S1.mcap"), "").expect("written");
        assert!(other_case(folder.path(), "p14_S1.mcap"));
        assert!(!other_case(folder.path(), "P14_S1.mcap") && !other_case(folder.path(), "P15_S1.mcap"));
        assert!(!other_case(&folder.path().join("none"), "P14_S1.mcap"));
    }
}
