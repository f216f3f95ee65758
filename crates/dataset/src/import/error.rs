//! What can be wrong with a file of another program.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use truehinge_core::{Explained, SensorRole};

/// A file cannot be imported. Every message names the file, the place in it and what was found; the hint says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// Not a text file.
    #[error("{}: not a text file but {what}", path.display())]
    NotText {
        /// Which file.
        path: PathBuf,
        /// What it is instead, in words.
        what: String,
    },
    /// Larger than any recording.
    #[error("{}: {bytes} bytes are more than a recording has (limit {limit})", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// A line no table has.
    #[error("{}, line {line}: longer than {limit} bytes, no table has such lines", path.display())]
    LongLine {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// The limit, bytes.
        limit: usize,
    },
    /// There is nothing, or next to nothing, in it.
    #[error("{}: {found} rows of data, a recording needs at least {need}", path.display())]
    TooFewRows {
        /// Which file.
        path: PathBuf,
        /// Rows found.
        found: usize,
        /// Rows needed.
        need: usize,
    },
    /// None of the known formats.
    #[error("{}: not a known export ({found})", path.display())]
    Unknown {
        /// Which file.
        path: PathBuf,
        /// What was seen.
        found: String,
    },
    /// A column is not there.
    #[error("{}: there is no column \"{column}\"; there are: {available}", path.display())]
    MissingColumn {
        /// Which file.
        path: PathBuf,
        /// The one needed.
        column: String,
        /// The ones found.
        available: String,
    },
    /// A name that several columns have.
    #[error("{}: {count} columns are called \"{column}\"", path.display())]
    AmbiguousColumn {
        /// Which file.
        path: PathBuf,
        /// The name.
        column: String,
        /// How many have it.
        count: usize,
    },
    /// A row with too few or too many cells.
    #[error("{}, line {line}: {found} cells, the header has {expected}", path.display())]
    Ragged {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Cells found.
        found: usize,
        /// Cells expected.
        expected: usize,
    },
    /// A cell that is no number.
    #[error("{}, line {line}, column \"{column}\": \"{found}\" is not {need}", path.display())]
    BadCell {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Which column.
        column: String,
        /// What was found.
        found: String,
        /// What belongs there.
        need: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// Time goes back.
    #[error("{}, line {line}: time goes back from {before} s to {after} s", path.display())]
    TimeGoesBack {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Time of the row before, s.
        before: f64,
        /// Time of this row, s.
        after: f64,
    },
    /// All values of a sensor are missing.
    #[error("{}: the {role} sensor has no usable value of the {what}", path.display())]
    NoValues {
        /// Which file.
        path: PathBuf,
        /// Which sensor.
        role: SensorRole,
        /// What is missing.
        what: &'static str,
    },
    /// The unit of the accelerometer cannot be right.
    #[error("{}: the {role} sensor reads {found:.3} m/s2 at rest instead of 9.81", path.display())]
    ForceUnit {
        /// Which file.
        path: PathBuf,
        /// Which sensor.
        role: SensorRole,
        /// Norm of the specific force at rest, m/s².
        found: f64,
        /// What it may be.
        hint: String,
    },
    /// The unit of the gyroscope cannot be right.
    #[error("{}: the {role} sensor turns {factor:.3} times as fast as its own gravity direction", path.display())]
    RateUnit {
        /// Which file.
        path: PathBuf,
        /// Which sensor.
        role: SensorRole,
        /// Angular rate over the turning of gravity.
        factor: f64,
        /// What it may be.
        hint: &'static str,
    },
    /// Gyroscope and accelerometer of one box cannot both be right.
    #[error("{}: the {role} sensor's gyroscope and accelerometer contradict each other: {found}", path.display())]
    Contradiction {
        /// Which file.
        path: PathBuf,
        /// Which sensor.
        role: SensorRole,
        /// What was seen.
        found: String,
        /// What to do.
        hint: &'static str,
    },
    /// Nothing says how fast a sensor measured.
    #[error("{}: neither complete time stamps nor an update rate before the header", path.display())]
    NoRate {
        /// Which file.
        path: PathBuf,
    },
    /// A rate or a duration that no recording of a person has.
    #[error("{}: the {role} sensor's times cannot be right: {found}", path.display())]
    Time {
        /// Which file.
        path: PathBuf,
        /// Which sensor.
        role: SensorRole,
        /// Samples, duration and rate.
        found: String,
        /// What to do.
        hint: String,
    },
    /// Which sensor is which cannot be told.
    #[error("{}: {found}", path.display())]
    Roles {
        /// Which file or folder.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What to do.
        hint: String,
    },
    /// Sensors of both legs are there, and nobody said which one supports.
    #[error("{}: sensors of both legs are there", path.display())]
    BothLegs {
        /// Which file or folder.
        path: PathBuf,
    },
    /// A sensor that the exercise needs is not there.
    #[error("{}: there is no {missing} sensor, only {found}", path.display())]
    MissingSensor {
        /// Which file or folder.
        path: PathBuf,
        /// The role nobody has.
        missing: SensorRole,
        /// What is there.
        found: String,
    },
    /// More than one session in a folder.
    #[error("{}: the files of {} sessions ({})", path.display(), sessions.len(), sessions.join(", "))]
    SeveralSessions {
        /// Which folder.
        path: PathBuf,
        /// Their names.
        sessions: Vec<String>,
    },
    /// A mapping or description file is wrong.
    #[error("{}: {found}", path.display())]
    Description {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        found: String,
        /// What to do.
        hint: String,
    },
}

impl Explained for ImportError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "import_io",
            Self::NotText { .. } => "import_not_text",
            Self::TooLarge { .. } => "import_too_large",
            Self::LongLine { .. } => "import_long_line",
            Self::TooFewRows { .. } => "import_too_few_rows",
            Self::Unknown { .. } => "import_unknown_format",
            Self::MissingColumn { .. } => "import_missing_column",
            Self::AmbiguousColumn { .. } => "import_ambiguous_column",
            Self::Ragged { .. } => "import_ragged_line",
            Self::BadCell { .. } => "import_bad_cell",
            Self::TimeGoesBack { .. } => "import_time_goes_back",
            Self::NoValues { .. } => "import_no_values",
            Self::ForceUnit { .. } => "import_force_unit",
            Self::RateUnit { .. } => "import_rate_unit",
            Self::Contradiction { .. } => "import_contradiction",
            Self::NoRate { .. } => "import_no_rate",
            Self::Time { .. } => "import_time",
            Self::Roles { .. } => "import_roles",
            Self::BothLegs { .. } => "import_both_legs",
            Self::MissingSensor { .. } => "import_missing_sensor",
            Self::SeveralSessions { .. } => "import_several_sessions",
            Self::Description { .. } => "import_description",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Io { .. } => return None,
            Self::NotText { .. } => "export the recording as CSV or text".into(),
            Self::TooLarge { .. } => "split the file".into(),
            Self::LongLine { .. } => "check that it is a CSV or text export".into(),
            Self::TooFewRows { .. } => "export it again".into(),
            Self::Unknown { .. } => "describe its columns in a mapping file, as docs/import-mapping.md says".into(),
            Self::MissingColumn { .. } => "correct the name, or export that column too".into(),
            Self::AmbiguousColumn { .. } => "give the column's number instead of its name".into(),
            Self::Ragged { .. } => "export it again, or delete the line: the file is cut off or damaged there".into(),
            Self::BadCell { hint, .. } | Self::RateUnit { hint, .. } | Self::Contradiction { hint, .. } => {
                (*hint).into()
            }
            Self::TimeGoesBack { .. } => {
                "if the file holds several recordings, cut it apart there; if its rows are out of order, sort them; \
                                          if a counter starts again, give its wrap_bits in a mapping"
                    .into()
            }
            Self::NoValues { .. } => "check the columns, or export that sensor again".into(),
            Self::NoRate { .. } => "export with SampleTimeFine, or say the rate".into(),
            Self::ForceUnit { hint, .. }
            | Self::Time { hint, .. }
            | Self::Roles { hint, .. }
            | Self::Description { hint, .. } => hint.clone().into(),
            Self::BothLegs { .. } => "say which one supports".into(),
            Self::MissingSensor { missing, .. } => {
                format!("add its file, or say which sensor is the {missing} sensor").into()
            }
            Self::SeveralSessions { .. } => "give one file of the session you want".into(),
        })
    }
}

/// What is wrong with a description, and what to do: the file's name is the caller's to add.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Complaint {
    pub found: String,
    pub hint: String,
}

impl Complaint {
    pub fn new(found: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { found: found.into(), hint: hint.into() }
    }

    /// About a mapping or description.
    pub fn of(self, path: &Path) -> ImportError {
        ImportError::Description { path: path.to_owned(), found: self.found, hint: self.hint }
    }

    /// About which sensor is which.
    pub fn of_roles(self, path: &Path) -> ImportError {
        ImportError::Roles { path: path.to_owned(), found: self.found, hint: self.hint }
    }
}
