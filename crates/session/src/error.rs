//! What can go wrong between a path and an analysis.

use std::borrow::Cow;
use std::path::PathBuf;

use truehinge_core::{Explained, Impossible};
use truehinge_dataset::cards::CardError;
use truehinge_dataset::export::ExportError;
use truehinge_dataset::import::ImportError;
use truehinge_dataset::table::TableError;
use truehinge_dataset::{DatasetError, Unread};
use truehinge_signal::SignalError;

use crate::corrections::CorrectionsError;
use crate::method_file::MethodFileError;
use crate::protocol::ProtocolError;
use crate::shard::ShardError;
use crate::workplace::WorkplaceError;

/// Why there is no analysis.
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
    /// The athlete's card cannot be used.
    #[error(transparent)]
    Card(#[from] CardError),
    /// The corrections beside it cannot be used.
    #[error(transparent)]
    Corrections(#[from] CorrectionsError),
    /// A folder cannot be searched.
    #[error(transparent)]
    Survey(#[from] ImportError),
    /// It looks like sensor data, and nothing was read from it.
    #[error(transparent)]
    Unread(#[from] Unread),
    /// The folder that is written into cannot be.
    #[error(transparent)]
    Workplace(#[from] WorkplaceError),
    /// Tables cannot be written.
    #[error(transparent)]
    Tables(#[from] TableError),
    /// Files for other programs cannot be written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// Parts of a study cannot be put together.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// Its result was not kept, and tables are made of what is kept.
    #[error("its result cannot be kept: its files changed while they were read, or it is larger than any session")]
    NotKept,
    /// A result was there and is not any more.
    #[error("{}: its result is gone or damaged", path.display())]
    ResultGone {
        /// The input.
        path: PathBuf,
    },
    /// Somebody stopped the work.
    #[error("the work was stopped")]
    Stopped,
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
    /// Why is not said: the words would say whose it is.
    #[error("it could not be used")]
    Withheld,
    /// No panic and no error: the process that analysed it was ended.
    #[error("analysing it ended the program: {how}")]
    EndedProgram {
        /// How.
        how: String,
    },
    /// It ended the program, and there was no other process for it.
    #[error("analysing it ended the program last time, and no process of its own can be started for it: {reason}")]
    NotAlone {
        /// What the system said.
        reason: String,
    },
    /// A panic: it must not cost the other recordings.
    #[error("the program has a defect")]
    Defect,
}

impl Error {
    /// What could not be done with the input: `read`, `analyse` or `store`.
    pub const fn stage(&self) -> &'static str {
        match self {
            Self::Reading(_)
            | Self::Survey(_)
            | Self::Unread(_)
            | Self::NotThere { .. }
            | Self::Card(_)
            | Self::Corrections(_) => "read",
            Self::Analysis(_)
            | Self::Protocol(_)
            | Self::Method(_)
            | Self::Body(_)
            | Self::Threads { .. }
            | Self::Withheld
            | Self::EndedProgram { .. }
            | Self::NotAlone { .. }
            | Self::Defect => "analyse",
            Self::Workplace(_)
            | Self::Tables(_)
            | Self::Export(_)
            | Self::Shard(_)
            | Self::NotKept
            | Self::ResultGone { .. }
            | Self::Stopped => "store",
        }
    }
}

impl Explained for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Reading(error) => error.code(),
            Self::Analysis(error) => error.code(),
            Self::Protocol(error) => error.code(),
            Self::Method(error) => error.code(),
            Self::Body(error) => error.code(),
            Self::Card(error) => error.code(),
            Self::Corrections(error) => error.code(),
            Self::Survey(error) => error.code(),
            Self::Unread(error) => error.code(),
            Self::Workplace(error) => error.code(),
            Self::Tables(error) => error.code(),
            Self::Export(error) => error.code(),
            Self::Shard(error) => error.code(),
            Self::NotKept => "result_not_kept",
            Self::ResultGone { .. } => "result_gone",
            Self::Stopped => "stopped",
            Self::NotThere { .. } => "input_not_there",
            Self::Threads { .. } => "no_threads",
            Self::Withheld => "withheld",
            Self::EndedProgram { .. } => "ended_program",
            Self::NotAlone { .. } => "no_process",
            Self::Defect => "defect",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Reading(error) => return error.hint(),
            Self::Analysis(error) => return error.hint(),
            Self::Protocol(error) => return error.hint(),
            Self::Method(error) => return error.hint(),
            Self::Body(error) => return error.hint(),
            Self::Card(error) => return error.hint(),
            Self::Corrections(error) => return error.hint(),
            Self::Survey(error) => return error.hint(),
            Self::Unread(error) => return error.hint(),
            Self::Workplace(error) => return error.hint(),
            Self::Tables(error) => return error.hint(),
            Self::Export(error) => return error.hint(),
            Self::Shard(error) => return error.hint(),
            Self::NotKept => "run again when nobody writes to it; cut a recording of many hours".into(),
            Self::ResultGone { .. } => "run again what made it: only what is missing is analysed".into(),
            Self::Stopped => "run again: only what is missing is analysed".into(),
            Self::NotThere { .. } => "check the path".into(),
            Self::Threads { .. } => "close other programs, or ask for fewer threads".into(),
            Self::Withheld => "see why without pseudonyms".into(),
            Self::EndedProgram { .. } => "free memory or cut the recording, then have it tried again".into(),
            Self::NotAlone { .. } => "close other programs, then run again: it is tried once more".into(),
            Self::Defect => "report this, with the input if you may".into(),
        })
    }
}
