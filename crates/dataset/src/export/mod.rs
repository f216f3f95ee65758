//! Recordings and results in the formats of other programs: a file each. docs/formats-out.md says which is for what.
//!
//! | format | module | made for |
//! |---|---|---|
//! | Motion-BIDS | [`bids`] | archives, and whoever shares raw samples |
//! | MCAP with transforms | [`view`] | Foxglove, Lichtblick, rerun: a leg that moves |
//! | OpenSim storage | [`opensim`] | OpenSim's tools for IMUs |
//! | a row for each leg and session | [`wide`] | R, SPSS |
//!
//! Nothing is computed here: what goes out was measured ([`Recorded`], [`Moved`]). Files appear whole, and only files that an export
//! wrote, and nobody changed since, are replaced ([`Folder`]).

pub mod bids;
mod each;
mod folder;
pub mod opensim;
mod tsv;
pub mod view;
pub mod wide;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use truehinge_core::{Explained, LegMotion, Recording, SessionAnalysis, SessionTime, explained::DISK_FULL};

pub use each::Each;
pub use folder::{Folder, Whole};

/// What was recorded of a session, as it goes out.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The recording, with the names that it goes out under.
    pub recording: Recording,
    /// What was to be done, in words; empty where nothing says it.
    pub exercise: String,
    /// When each sample of each track was, on the session's timeline; `None` where its clock does not say it.
    pub timelines: Vec<Vec<Option<SessionTime>>>,
}

/// A leg as it moved in a session.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The analysis, with the names that it goes out under.
    pub analysis: SessionAnalysis,
    /// The orientations of each set.
    pub motion: Vec<LegMotion>,
}

/// An export cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A file is there that no export wrote: it is not replaced.
    #[error("{}: there is a file of this name that no export wrote", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
    },
    /// Somebody changed a file since it was exported: it is not replaced.
    #[error("{}: it was changed since it was exported", path.display())]
    Changed {
        /// Which file.
        path: PathBuf,
    },
    /// The folder holds an export of other recordings, of which this one would leave a part.
    #[error("{}: it is of an earlier export and would not be of this one", path.display())]
    Others {
        /// One of its files.
        path: PathBuf,
    },
}

impl Explained for ExportError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => DISK_FULL,
            Self::Io { .. } => "export_io",
            Self::Foreign { .. } => "export_foreign",
            Self::Changed { .. } => "export_changed",
            Self::Others { .. } => "export_others",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "free some space, then do the same again".into()
            }
            Self::Io { .. } => return None,
            Self::Foreign { .. } | Self::Changed { .. } => "write into another folder, or move it away".into(),
            Self::Others { .. } => "give the recordings of both exports at once, or write into another folder".into(),
        })
    }
}

/// Nanoseconds as seconds, exactly: `-0.01`.
fn seconds(nanos: i64) -> String {
    let (sign, size) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs());
    let text = format!("{sign}{}.{:09}", size / 1_000_000_000, size % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What exports of sessions are called, in their order: after person and session, as recordings are. Recordings of one name have a part
/// of their samples' hash behind it.
pub fn names<'a>(sessions: impl Iterator<Item = &'a SessionAnalysis> + Clone) -> Vec<String> {
    let plain =
        |analysis: &SessionAnalysis| truehinge_core::id::recording_name(&analysis.info.athlete, &analysis.info.session);
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    sessions.clone().for_each(|analysis| *all.entry(plain(analysis).to_lowercase()).or_default() += 1);
    let name = |analysis: &SessionAnalysis| {
        let is_shared = all[&plain(analysis).to_lowercase()] > 1;
        let behind = if is_shared { format!("-{}", &analysis.session_key()[1..9]) } else { String::new() };
        plain(analysis) + &behind
    };
    sessions.map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_exact_and_short() {
        let words = [0, 10_000_000, -10_000_000, 1_500_000_001, i64::MIN].map(seconds);
        assert_eq!(words, ["0", "0.01", "-0.01", "1.500000001", "-9223372036.854775808"]);
    }
}
