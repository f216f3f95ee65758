//! Whose recording it is and what it is called, from whatever files say.

use std::path::Path;

use truehinge_core::{Anthropometry, AthleteId, SessionId, SessionInfo, Source, SourceFile, Zone};

use super::group::{file_name, stem};

/// Protocol of recordings that say none.
pub(crate) const DEFAULT_PROTOCOL: &str = "single-leg-hip-hinge";
/// What early versions called everybody whom nobody named.
const ONCE_UNNAMED: &str = "unknown";

/// A session nobody said anything about: named after its file or folder. Whose it is, [`nobody`] says once all files are read.
pub(crate) fn anonymous(path: &Path, notes: &mut Vec<String>) -> SessionInfo {
    let name = if path.is_dir() { file_name(path) } else { stem(path) };
    SessionInfo {
        session: session(&name, notes),
        athlete: nobody(&[]),
        start_utc_ns: None,
        zone: Zone::Unknown,
        stance_side: None,
        protocol: DEFAULT_PROTOCOL.to_owned(),
        body: Anthropometry::default(),
        source: Source::default(),
    }
}

/// The session that words name.
pub(crate) fn session(words: &str, notes: &mut Vec<String>) -> SessionId {
    let Some((id, changed)) = SessionId::of_file(words) else { return SessionId::from("session".to_owned()) };
    if changed {
        notes.push(left_out("session", id.as_str()));
    }
    id
}

/// The person whom words name, if they do.
pub(crate) fn person(words: &str, notes: &mut Vec<String>) -> Option<AthleteId> {
    let (id, changed) = AthleteId::of_file(words)?;
    if changed {
        notes.push(left_out("athlete", id.as_str()));
    }
    Some(id)
}

fn left_out(whom: &str, id: &str) -> String {
    format!("characters that cannot be seen are left out of the {whom}'s name: it is \"{id}\"")
}

/// Somebody whom nobody named, known by these files.
pub(crate) fn nobody(files: &[SourceFile]) -> AthleteId {
    let mut hashes: Vec<&str> = files.iter().map(|file| file.sha256.as_str()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    AthleteId::unnamed(hashes)
}

/// Early versions called all people whom nobody named the same: they are told apart by what their recordings were imported from.
pub(crate) fn tell_apart(info: &mut SessionInfo) {
    if info.athlete.as_str() == ONCE_UNNAMED && !info.source.origin().is_empty() {
        info.athlete = nobody(info.source.origin());
    }
}
