//! Pages that were made before, and say otherwise of a repetition: old results are never scored anew without a word.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use truehinge_core::AthleteId;
use truehinge_report::attached_to;
use truehinge_report::provenance::{MadeOf, Provenance};

use crate::json;

/// Larger files are no pages of ours.
const MOST_BYTES: u64 = 16 << 20;

/// A page that says otherwise of repetitions of a session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rescored {
    /// The page.
    page: String,
    /// Version of the program that made it.
    made_by: String,
    /// Whether other limits or parameters were used.
    other_configuration: bool,
    /// Name of the session.
    session: String,
    /// Repetitions, each with what the page says and what it is now.
    reps: Vec<String>,
}

impl Rescored {
    /// In words.
    pub fn words(&self) -> String {
        let by = if self.other_configuration { "by other limits or parameters" } else { "by another analysis" };
        let Self { page, made_by, session, reps, .. } = self;
        format!("{page} (version {made_by}, {by}) says otherwise of session {session}: {}", reps.join("; "))
    }
}

/// Which pages of a person in a folder say otherwise than what is shown now; of each session and configuration the first one by name.
pub fn rescored(out: &Path, athlete: &AthleteId, now: &Provenance) -> Vec<Rescored> {
    let mut found: Vec<(Rescored, &MadeOf, String)> = Vec::new();
    for path in pages_of(out, athlete) {
        let Some(before) = provenance(&path).filter(|page| page.athlete_id == now.athlete_id) else { continue };
        for (before_session, session) in same_sessions(&before, now) {
            let reps = differing(before_session, session);
            let known = |(other, of, config): &(Rescored, &MadeOf, String)| {
                *of == session && *config == before_session.config_sha256 && other.made_by == before.software_version
            };
            if reps.is_empty() || found.iter().any(known) {
                continue;
            }
            let rescored = Rescored {
                page: json::path(&path).into_owned(),
                made_by: before.software_version.clone(),
                other_configuration: before_session.config_sha256 != session.config_sha256,
                session: session.session.clone(),
                reps,
            };
            found.push((rescored, session, before_session.config_sha256.clone()));
        }
    }
    found.into_iter().map(|(rescored, ..)| rescored).collect()
}

/// What may be pages of a person, in order of their names.
fn pages_of(out: &Path, athlete: &AthleteId) -> Vec<PathBuf> {
    let stem = athlete.file_name();
    let is_page = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let small = || fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= MOST_BYTES);
        name.starts_with(&*stem) && name.ends_with(".pdf") && small()
    };
    let entries = fs::read_dir(out).into_iter().flatten().flatten();
    let mut pages: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_page).collect();
    pages.sort();
    pages
}

/// Other people's files, and those of other programs, have none.
fn provenance(path: &Path) -> Option<Provenance> {
    attached_to(fs::read(path).ok()?).ok()
}

/// Sessions of both, as each has them.
fn same_sessions<'b, 'n>(before: &'b Provenance, now: &'n Provenance) -> Vec<(&'b MadeOf, &'n MadeOf)> {
    let again = |session: &MadeOf| sessions(now).find(|now| now.content_sha256 == session.content_sha256);
    sessions(before).filter_map(|session| Some((session, again(session)?))).collect()
}

fn sessions(page: &Provenance) -> impl Iterator<Item = &MadeOf> {
    page.shown.iter().chain(&page.earlier)
}

/// Repetitions whose verdict is another one now, or that are on one side alone. What a person corrected is no scoring.
fn differing(before: &MadeOf, now: &MadeOf) -> Vec<String> {
    let verdict = |of: &MadeOf, (set, rep): (u32, u32)| {
        let found = of.reps.iter().find(|one| (one.set, one.rep) == (set, rep))?;
        Some((Cow::from(found.verdict.clone()), found.by_hand.is_some()))
    };
    let mut names: Vec<(u32, u32)> = before.reps.iter().chain(&now.reps).map(|rep| (rep.set, rep.rep)).collect();
    names.sort_unstable();
    names.dedup();
    let differs = |name: (u32, u32)| {
        let (was, is) = (verdict(before, name), verdict(now, name));
        let by_hand = [&was, &is].into_iter().flatten().any(|(_, by_hand)| *by_hand);
        let words = |of: &Option<(Cow<'_, str>, bool)>| match of {
            Some((verdict, _)) => verdict.clone().into_owned(),
            None => "not counted".to_owned(),
        };
        let (was, is) = (words(&was), words(&is));
        (!by_hand && was != is).then(|| format!("{}.{} {was}, now {is}", name.0, name.1))
    };
    names.into_iter().filter_map(differs).collect()
}
