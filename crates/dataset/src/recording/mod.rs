//! Recordings on disk: crash-safe MCAP files.
//!
//! While a session is recorded the file is called `NAME.unfinished.mcap`; [`RecordingWriter::finish`] writes its summary and
//! renames it to `NAME.mcap`. A chunk is completed and synced with every [`RecordSink::sync`], about once per second, so a
//! crash costs at most that much; [`recover`] brings the rest back. Nothing recorded is ever overwritten.
//!
//! | record | content |
//! |---|---|
//! | metadata `truehinge.session` | [`SessionInfo`] as JSON, schema version |
//! | metadata `truehinge.sensor`, one per sensor | role, clock, [`DeviceInfo`] as JSON, channel numbers |
//! | channel `/ROLE/raw` | notifications as they arrived: 16 bytes of characteristic UUID, then the payload; log time = arrival |
//! | channel `/ROLE/imu` | decoded samples as ROS 2 `sensor_msgs/msg/Imu`; log time = arrival, publish time = device time (ns) |
//! | channel `/events` | markers and losses as JSON |
//!
//! Sensors are described by metadata records, which stand outside the chunks: a damaged chunk never makes the others
//! unreadable.
//!
//! [`RecordSink`]: truehinge_core::RecordSink
//! [`RecordSink::sync`]: truehinge_core::RecordSink::sync
//! [`SessionInfo`]: truehinge_core::SessionInfo
//! [`DeviceInfo`]: truehinge_core::DeviceInfo

mod assemble;
mod imu;
mod layout;
mod reader;
mod recover;
mod writer;

pub use assemble::Stored;
pub use reader::{RecordingHead, raw_notifications, read, read_head, story};
pub use recover::{Recovered, recover, recover_into};
pub use writer::{RecordingWriter, write_recording};

use std::path::PathBuf;

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
    #[error("{}: a recording with this name exists and is never overwritten: choose another name or folder", path.display())]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// Not an MCAP file at all.
    #[error("{}: not a recording: it does not begin as an MCAP file does: restore it from a copy, or import it if another program wrote it", path.display())]
    NotARecording {
        /// Which file.
        path: PathBuf,
    },
    /// An MCAP file of another program, or of a later version.
    #[error("{}: an MCAP file, but not a truehinge recording of schema {}: {found}", path.display(), layout::SCHEMA_VERSION)]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// What was found.
        found: String,
    },
    /// The recording was not finished.
    #[error("{}: the recording was not finished (a crash or power loss): run `truehinge recover {}`", path.display(), path.display())]
    Unfinished {
        /// Which file.
        path: PathBuf,
    },
    /// Bytes changed after they were written.
    #[error("{}: damaged near byte {offset}: {found}: run `truehinge recover {}`", path.display(), path.display())]
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
