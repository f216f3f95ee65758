//! Recordings on disk: crash-safe MCAP files. docs/format.md describes them.
//!
//! While a session is recorded the file is called `NAME.unfinished.mcap`; [`RecordingWriter::finish`] writes its summary and
//! renames it to `NAME.mcap`. A chunk is completed and synced with every [`RecordSink::sync`], about once per second, so a
//! crash costs at most that much; [`recover`] brings the rest back. Nothing recorded is ever overwritten.
//!
//! | module | what |
//! |---|---|
//! | `container` | bytes to records, within limits |
//! | `layout` | names, versions, checksums |
//! | `descriptions` | what the copies of session, sensors and markers say together |
//! | `assemble` | messages to a recording |
//! | `reader`, `recover`, `repair` | whole files; damaged ones; one changed bit |
//! | `pieces` | what of a damaged file can be used |
//! | `rewrite` | a new file with another one's messages |
//! | `writer`, `place` | live and at once; the file's name and permissions |
//! | `edit` | a new recording from an old one |
//!
//! [`RecordSink::sync`]: truehinge_core::RecordSink::sync

mod assemble;
mod container;
mod descriptions;
mod edit;
mod imu;
mod layout;
mod pieces;
mod place;
mod reader;
mod recover;
mod repair;
mod rewrite;
mod writer;

pub(crate) use layout::with_protocol;

pub use edit::{Change, EditError, Measure, edit, redecode};
pub use place::is_running;
pub use reader::{RecordingHead, raw_notifications, read, read_bytes, read_hashed, read_head, story};
pub use recover::{Named, Recovered, recover, recover_into};
pub use writer::{RecordingWriter, write_recording};

use std::borrow::Cow;
use std::path::PathBuf;

use truehinge_core::Explained;

/// File name extension of recordings.
pub const EXTENSION: &str = "mcap";
/// What an unfinished recording's name ends with.
pub const UNFINISHED_SUFFIX: &str = ".unfinished.mcap";

/// A recording cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// The name is taken.
    #[error("{}: a recording with this name exists and is never overwritten", path.display())]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// Not an MCAP file at all.
    #[error("{}: not a recording: it does not begin as an MCAP file does", path.display())]
    NotARecording {
        /// Which file.
        path: PathBuf,
    },
    /// An MCAP file of another program.
    #[error("{}: an MCAP file, but not a recording of this program: {found}", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// What was found.
        found: String,
    },
    /// A recording of a later major version.
    #[error(
        "{}: written in format {version} by a later version of this program, which reads up to format {}",
        path.display(),
        layout::VERSION
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// The format's version.
        version: String,
    },
    /// Nothing whole says whose recording it is.
    #[error("{}: its description of the session is damaged, and there is no copy of it", path.display())]
    Nobody {
        /// Which file.
        path: PathBuf,
    },
    /// The recording was not finished.
    #[error("{}: the recording was not finished (a crash or power loss)", path.display())]
    Unfinished {
        /// Which file.
        path: PathBuf,
    },
    /// The recording is being made by another program.
    #[error("{}: the recording is being made right now", path.display())]
    Running {
        /// Which file.
        path: PathBuf,
    },
    /// Bytes changed after they were written.
    #[error("{}: damaged near byte {offset}: {found}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// What was found.
        found: String,
    },
    /// The recording in memory cannot be stored.
    #[error("{role} track: {found}")]
    Unstorable {
        /// Which sensor.
        role: truehinge_core::SensorRole,
        /// What is wrong.
        found: &'static str,
    },
}

impl Explained for RecordingError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "recording_io",
            Self::Exists { .. } => "recording_exists",
            Self::NotARecording { .. } => "recording_not_one",
            Self::Foreign { .. } => "recording_foreign",
            Self::Newer { .. } => "recording_newer",
            Self::Nobody { .. } => "recording_nobody",
            Self::Unfinished { .. } => "recording_unfinished",
            Self::Running { .. } => "recording_running",
            Self::Damaged { .. } => "recording_damaged",
            Self::Unstorable { .. } => "recording_unstorable",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Io { .. } => return None,
            Self::Exists { .. } => "choose another name or folder".into(),
            Self::NotARecording { .. } => "restore it from a copy, or import it if another program wrote it".into(),
            Self::Foreign { .. } => "give a recording of this program".into(),
            Self::Newer { .. } => "update this program".into(),
            Self::Nobody { .. } => "name the athlete".into(),
            Self::Unfinished { .. } | Self::Damaged { .. } => "recover what it holds".into(),
            Self::Running { .. } => "end it first".into(),
            Self::Unstorable { .. } => "give an arrival time to all samples of a sensor or to none".into(),
        })
    }
}
