//! What was erased, in writing: without the person's id, which would keep what is to be forgotten.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use truehinge_core::start::iso_utc;

use super::{Action, ELSEWHERE, Plan, RECEIPTS, What};
use crate::atomic::{hex, replace_private, sha256};
use crate::cards::FOLDER;

/// When it was erased, and a number that nobody can guess.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// Nanoseconds after the Unix epoch.
    pub at_utc_ns: i64,
    /// What the hash of the id is salted with, from the system's source of chance.
    pub salt: [u8; 16],
}

/// What was erased.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// Where it is.
    #[serde(skip)]
    pub path: PathBuf,
    /// Whether all of it was done: `planned` before, `done` after, `done_in_part` if something could not be erased.
    pub state: State,
    /// When, UTC, ISO 8601.
    pub at_utc: String,
    /// What the id was salted with, hexadecimal.
    pub salt: String,
    /// SHA-256 of the salt and the id, hexadecimal: who knows the id can tell that it was this person.
    pub athlete_sha256: String,
    /// The files.
    pub items: Vec<Erased>,
    /// Files below the library that are the person's, or may be, and stayed, with the reason.
    pub not_reached: Vec<Kept>,
    /// What no search below the library can find.
    pub elsewhere: Vec<&'static str>,
}

/// How far it went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing was touched yet, or the program ended before it was done: erase again.
    Planned,
    /// All of it was done.
    Done,
    /// Something could not be erased.
    DoneInPart,
}

/// A file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Erased {
    /// Below the library; where the person's id was in it stands `ATHLETE`.
    pub path: String,
    /// What it was.
    pub what: What,
    /// What became of it.
    #[serde(flatten)]
    pub action: Action,
    /// Size before, bytes.
    pub bytes: u64,
    /// SHA-256 of the content before.
    pub sha256: String,
    /// Whether it was done.
    pub done: bool,
    /// Why it was not.
    pub error: Option<String>,
}

/// A file that stayed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Kept {
    /// Below the library; where the person's id was in it stands `ATHLETE`.
    pub path: String,
    /// Why.
    pub why: &'static str,
}

impl Receipt {
    pub(super) fn planned(plan: &Plan, stamp: &Stamp) -> Self {
        let salt = hex(&stamp.salt);
        let athlete_sha256 = sha256(format!("{salt}{}", plan.athlete).as_bytes());
        let at_utc = iso_utc(stamp.at_utc_ns).unwrap_or_default();
        let day: String = at_utc.chars().filter(char::is_ascii_alphanumeric).take(15).collect();
        let name = format!("{day}-{}.json", &athlete_sha256[..8]);
        let unnamed = |path: &Path| unnamed(plan, path);
        let item = |item: &super::Item| Erased {
            path: unnamed(&item.path),
            what: item.what,
            action: item.action,
            bytes: item.bytes,
            sha256: item.sha256.clone(),
            done: false,
            error: None,
        };
        Self {
            path: plan.library.join(FOLDER).join(RECEIPTS).join(name),
            state: State::Planned,
            at_utc,
            salt,
            athlete_sha256,
            items: plan.items.iter().map(item).collect(),
            not_reached: plan
                .not_reached
                .iter()
                .map(|kept| Kept { path: unnamed(&kept.path), why: kept.why })
                .collect(),
            elsewhere: ELSEWHERE.to_vec(),
        }
    }

    pub(super) fn note(&mut self, index: usize, outcome: io::Result<()>) {
        if let Some(item) = self.items.get_mut(index) {
            item.done = outcome.is_ok();
            item.error = outcome.err().map(|error| error.to_string());
        }
    }

    pub(super) fn complete(&mut self) {
        self.state = if self.items.iter().all(|item| item.done) { State::Done } else { State::DoneInPart };
    }

    pub(super) fn write(&self) -> io::Result<()> {
        let json = serde_json::to_vec_pretty(self)?;
        replace_private(&self.path, |file| file.write_all(&json))
    }
}

/// A path below the library in which the person is not named.
fn unnamed(plan: &Plan, path: &Path) -> String {
    let below = path.strip_prefix(&plan.library).unwrap_or(path).to_string_lossy().replace('\\', "/");
    below.replace(plan.athlete.as_str(), "ATHLETE").replace(&plan.athlete.file_name(), "ATHLETE")
}
