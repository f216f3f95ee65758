//! What can go wrong between a path and an analysis.

use std::path::PathBuf;

use truehinge_core::Impossible;
use truehinge_dataset::DatasetError;
use truehinge_dataset::import::ImportError;
use truehinge_signal::SignalError;

use crate::method_file::MethodFileError;
use crate::protocol::ProtocolError;

/// Why there is no analysis. Each says what was found and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input cannot be read as a recording.
    #[error(transparent)]
    Reading(#[from] DatasetError),
    /// It cannot be analysed.
    #[error(transparent)]
    Analysis(#[from] SignalError),
    /// There is no protocol to judge by.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The numbers to measure by cannot be used.
    #[error(transparent)]
    Method(#[from] MethodFileError),
    /// Nobody has such a body.
    #[error(transparent)]
    Body(#[from] Impossible),
    /// A folder cannot be searched.
    #[error(transparent)]
    Survey(#[from] ImportError),
    /// There is nothing at the path.
    #[error("{}: there is no such file or folder", path.display())]
    NotThere {
        /// Which.
        path: PathBuf,
    },
    /// The threads could not be started.
    #[error("the threads cannot be started: {reason}")]
    Threads {
        /// What the system said.
        reason: String,
    },
    /// A panic: it must not cost the other recordings.
    #[error("a defect of the program, please report it")]
    Defect,
}
