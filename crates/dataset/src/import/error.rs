//! What can be wrong with a file of another program.

use std::path::PathBuf;

use truehinge_core::SensorRole;

/// A file cannot be imported. Every message names the file, the place in it, what was found and what to do.
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
    #[error("{}: not a text file but {what}: export the recording as CSV or text", path.display())]
    NotText {
        /// Which file.
        path: PathBuf,
        /// What it is instead, in words.
        what: String,
    },
    /// Larger than any recording.
    #[error("{}: {bytes} bytes are more than a recording has (limit {limit}): split the file", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// A line no table has.
    #[error("{}, line {line}: longer than {limit} bytes, no table has such lines: check that it is a CSV or text export", path.display())]
    LongLine {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// The limit, bytes.
        limit: usize,
    },
    /// There is nothing, or next to nothing, in it.
    #[error("{}: {found} rows of data, a recording needs at least {need}: export it again", path.display())]
    TooFewRows {
        /// Which file.
        path: PathBuf,
        /// Rows found.
        found: usize,
        /// Rows needed.
        need: usize,
    },
    /// None of the known formats.
    #[error("{}: not a known export ({found}): give a mapping file with --mapping (see docs/import-mapping.md)", path.display())]
    Unknown {
        /// Which file.
        path: PathBuf,
        /// What was seen.
        found: String,
    },
    /// A column is not there.
    #[error("{}: there is no column \"{column}\"; there are: {available}: correct the name or export that column too", path.display())]
    MissingColumn {
        /// Which file.
        path: PathBuf,
        /// The one needed.
        column: String,
        /// The ones found.
        available: String,
    },
    /// A name that several columns have.
    #[error("{}: {count} columns are called \"{column}\": give the column's number instead of its name", path.display())]
    AmbiguousColumn {
        /// Which file.
        path: PathBuf,
        /// The name.
        column: String,
        /// How many have it.
        count: usize,
    },
    /// A row with too few or too many cells.
    #[error("{}, line {line}: {found} cells, the header has {expected}: the file is cut off or damaged there: export it again, or delete the line", path.display())]
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
    #[error("{}, line {line}, column \"{column}\": \"{found}\" is not {need}: {hint}", path.display())]
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
    #[error("{}, line {line}: time goes back from {before} s to {after} s: sort the file, or give the counter's wrap_bits in a mapping", path.display())]
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
    #[error("{}: the {role} sensor has no usable value of the {what}: check the columns, or export that sensor again", path.display())]
    NoValues {
        /// Which file.
        path: PathBuf,
        /// Which sensor.
        role: SensorRole,
        /// What is missing.
        what: &'static str,
    },
    /// The unit of the accelerometer cannot be right.
    #[error("{}: the {role} sensor reads {found:.3} m/s2 at rest instead of 9.81: {hint}", path.display())]
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
    #[error("{}: the {role} sensor turns {factor:.3} times as fast as its own gravity direction: {hint}", path.display())]
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
    #[error("{}: the {role} sensor's gyroscope and accelerometer contradict each other: {found}: {hint}", path.display())]
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
    #[error("{}: neither complete time stamps nor an update rate before the header: export with SampleTimeFine, or say the rate", path.display())]
    NoRate {
        /// Which file.
        path: PathBuf,
    },
    /// A rate or a duration that no recording of a person has.
    #[error("{}: the {role} sensor's times cannot be right: {found}: {hint}", path.display())]
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
    #[error("{}: {found}: {hint}", path.display())]
    Roles {
        /// Which file or folder.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What to do.
        hint: String,
    },
    /// A sensor that the exercise needs is not there.
    #[error("{}: there is no {missing} sensor, only {found}: add its file, or name the sensors with --role NAME={missing}", path.display())]
    MissingSensor {
        /// Which file or folder.
        path: PathBuf,
        /// The role nobody has.
        missing: SensorRole,
        /// What is there.
        found: String,
    },
    /// More than one session in a folder.
    #[error("{}: the files of {} sessions ({}): give one file of the session you want", path.display(), sessions.len(), sessions.join(", "))]
    SeveralSessions {
        /// Which folder.
        path: PathBuf,
        /// Their names.
        sessions: Vec<String>,
    },
    /// A mapping or description file is wrong.
    #[error("{}: {reason}", path.display())]
    Description {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}
