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
