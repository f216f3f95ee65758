//! Everything of a person below a library: found, listed, erased, and written down.
//!
//! A [`Plan`] touches nothing. [`Plan::carry_out`] writes its receipt before the first file is touched and again when all is done, so that a crash
//! in between leaves what was meant to be erased in writing; erasing again finds what is left. A file that holds other people as well is
//! never deleted: rows of the person are taken out of tables, and what cannot be split is listed as not reached.

pub mod receipt;
mod search;

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use truehinge_core::AthleteId;

use crate::atomic::{replace_private, sha256_file, sync_folder};
use crate::table::without_rows;

pub use receipt::{Receipt, Stamp};
pub use search::find;

/// Folder of the receipts, in that of the cards.
pub const RECEIPTS: &str = "erased";

/// What is to be erased, and what cannot be reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Whose.
    pub athlete: AthleteId,
    /// Below which folder.
    pub library: PathBuf,
    /// The files, in order of their paths.
    pub items: Vec<Item>,
    /// What is the person's, or may be, and stays.
    pub not_reached: Vec<NotReached>,
}

/// A file of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub what: What,
    /// What becomes of it.
    pub action: Action,
    /// Size, bytes.
    pub bytes: u64,
    /// SHA-256 of the content before.
    pub sha256: String,
}

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A recording of ours, finished or not.
    Recording,
    /// A file of another maker's that is the person's, or that one of the recordings was imported from.
    SourceFile,
    /// Corrections by hand.
    Corrections,
    /// The card.
    Card,
    /// A table of results, or what lies beside such tables.
    Table,
    /// A table of people.
    SquadList,
    /// A report, a figure, or another file of the person's name.
    Report,
    /// A stored result.
    Result,
}

/// What becomes of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// It is deleted.
    Delete,
    /// It is written anew without rows.
    RemoveRows {
        /// How many.
        rows: usize,
    },
}

/// Something that stays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotReached {
    /// Where it is.
    pub path: PathBuf,
    /// Why it stays.
    pub why: &'static str,
}

/// What no search below a folder can find.
pub const ELSEWHERE: [&str; 4] = [
    "copies and backups of the library, and deleted files that a disk, a snapshot or a cloud still holds",
    "files outside the library: exports, tables and reports that were sent, printed or saved elsewhere",
    "other computers and telephones, and the memory of sensors",
    "names of the person in files that are not read as text",
];

impl Plan {
    /// Whether there is nothing to erase.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Erases everything, each file on its own: what fails is in the receipt, and the others go on.
    ///
    /// # Errors
    /// The receipt cannot be written; nothing was touched if that is so at the beginning.
    pub fn carry_out(&self, stamp: &Stamp) -> io::Result<Receipt> {
        let mut receipt = Receipt::planned(self, stamp);
        receipt.write()?;
        for (index, item) in self.items.iter().enumerate() {
            receipt.note(index, self.erase(item));
        }
        remove_empty_folders(&self.library, &self.items);
        receipt.complete();
        receipt.write()?;
        Ok(receipt)
    }

    fn erase(&self, item: &Item) -> io::Result<()> {
        // Nobody wrote it anew since it was looked at.
        if sha256_file(&item.path)? != item.sha256 {
            return Err(io::Error::other("it has changed since it was looked at"));
        }
        let folder = item.path.parent().unwrap_or(Path::new("."));
        match item.action {
            Action::Delete => std::fs::remove_file(&item.path)?,
            Action::RemoveRows { rows } => {
                let (bytes, removed) = without_rows(&item.path, self.athlete.as_str())?;
                if removed != rows {
                    return Err(io::Error::other("it has other rows than when it was looked at"));
                }
                replace_private(&item.path, |file| file.write_all(&bytes))?;
            }
        }
        sync_folder(folder)
    }
}

/// Folders that held nothing but what is gone.
fn remove_empty_folders(library: &Path, items: &[Item]) {
    let mut folders: Vec<&Path> = items.iter().flat_map(|item| item.path.ancestors().skip(1)).collect();
    folders.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
    folders.dedup();
    for folder in folders {
        let is_part = ["athletes", "recordings", "reports", "results"].iter().any(|part| library.join(part) == folder);
        if folder.starts_with(library) && folder != library && !is_part {
            // One that is not empty stays.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::receipt::State;
    use super::*;

    const STAMP: Stamp = Stamp { at_utc_ns: 1_790_892_135_500_000_000, salt: [7; 16] };

    /// A library with two reports of P-01 and one of P-014.
    fn library() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("temporary folder");
        let card = "athlete = 'P-014'\n";
        fs::create_dir_all(folder.path().join("athletes")).expect("creates");
        fs::write(folder.path().join("athletes/P-014.toml"), card).expect("writes");
        for name in ["P-01_a_report.txt", "P-01_b_report.txt", "P-014_a_report.txt"] {
            fs::write(folder.path().join(name), name).expect("writes");
        }
        folder
    }

    fn plan(folder: &tempfile::TempDir) -> Plan {
        find(folder.path(), &AthleteId::new("P-01").expect("an id"))
    }

    fn stored(receipt: &Receipt) -> serde_json::Value {
        serde_json::from_slice(&fs::read(&receipt.path).expect("reads")).expect("JSON")
    }

    #[test]
    fn what_changed_since_it_was_looked_at_stays_and_the_others_go() {
        let folder = library();
        let plan = plan(&folder);
        assert_eq!(plan.items.len(), 2, "{plan:?}");
        fs::write(&plan.items[0].path, "somebody writes on").expect("writes");
        let receipt = plan.carry_out(&STAMP).expect("a receipt");
        assert_eq!(receipt.state, State::DoneInPart);
        assert!(plan.items[0].path.exists() && !plan.items[1].path.exists());
        let stored = stored(&receipt);
        assert_eq!((&stored["items"][0]["done"], &stored["items"][1]["done"]), (&false.into(), &true.into()));
        assert_eq!(stored["items"][1]["path"], "ATHLETE_b_report.txt");
        assert!(folder.path().join("P-014_a_report.txt").exists());
    }

    #[test]
    fn without_a_receipt_nothing_is_touched_and_after_a_crash_the_plan_is_in_writing() {
        let folder = library();
        let plan = plan(&folder);
        // The receipt cannot be written: a file is where its folder should be.
        fs::write(folder.path().join("athletes/erased"), "").expect("writes");
        assert!(plan.carry_out(&STAMP).is_err());
        assert!(plan.items.iter().all(|item| item.path.exists()));
        fs::remove_file(folder.path().join("athletes/erased")).expect("removes");
        let planned = Receipt::planned(&plan, &STAMP);
        planned.write().expect("writes");
        assert_eq!(stored(&planned)["state"], "planned");
        // Erasing again finds what is left.
        let receipt = plan.carry_out(&STAMP).expect("a receipt");
        assert_eq!(stored(&receipt)["state"], "done");
    }
}
