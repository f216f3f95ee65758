//! Results to tidy tables: the only place in the workspace that names polars.
//!
//! One row is one observation, one column one variable, the unit is in the column's name, times are seconds on the session's
//! clock, a missing value is empty. Every table comes as CSV and as Parquet with the same values. `data_dictionary.csv`
//! describes every column and is made from the same declarations.
//!
//! | table | one row is |
//! |---|---|
//! | `sessions` | a recording |
//! | `sets` | a set |
//! | `reps` | a counted repetition |
//! | `reps_long` | a number of a repetition |
//! | `evidence` | a test behind a verdict |
//! | `curves` | a percent of a repetition |
//! | `events` | something that happened at a time |
//! | `quality` | a check of a sensor's data |

mod column;
mod definitions;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use polars::prelude::{Column as Series, DataFrame, NamedFrom, PolarsError, Series as PolarsSeries};
use polars_io::SerWriter;
use polars_io::csv::write::CsvWriter;
use polars_io::parquet::write::{ParquetCompression, ParquetWriter};
use truehinge_core::SessionAnalysis;

use crate::atomic::write_atomically;
use column::Frame;
pub use column::{Cell, Describe};
pub use definitions::SCHEMA_VERSION;

/// The notebook that reads these tables.
const NOTEBOOK: &str = include_str!("../../../../notebooks-export/hinge_sessions.ipynb");
/// Its name beside the tables.
pub const NOTEBOOK_NAME: &str = "hinge_sessions.ipynb";

/// Names of the tables, in the order they are written.
pub const TABLES: [&str; 8] = ["sessions", "sets", "reps", "reps_long", "evidence", "curves", "events", "quality"];

/// A table cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: std::path::PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The values do not make a table; a fault of this program.
    #[error("table {table}: {source}")]
    Frame {
        /// Which table.
        table: &'static str,
        /// What polars said.
        source: PolarsError,
    },
}

/// An input that could not be used.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Failure {
    /// Which file or folder.
    pub source: String,
    /// What is wrong, where, and what to do.
    pub reason: String,
}

/// The tables of one session, ready to be joined with others.
pub struct SessionTables {
    key: (String, String, String),
    frames: Vec<DataFrame>,
}

impl SessionTables {
    /// Makes the tables of one analysis. `source` tells recordings of equal names apart.
    ///
    /// # Errors
    /// [`TableError::Frame`], a fault of this program.
    pub fn new(analysis: &SessionAnalysis, source: &str) -> Result<Self, TableError> {
        let frames = TABLES
            .into_iter()
            .map(|table| data_frame(table, &definitions::frame(table, analysis)))
            .collect::<Result<_, _>>()?;
        let key = (analysis.info.athlete.to_string(), analysis.info.session.clone(), source.to_owned());
        Ok(Self { key, frames })
    }
}

/// Tables of many sessions; the order of pushing does not matter.
#[derive(Default)]
pub struct TableSet {
    sessions: BTreeMap<(String, String, String), Vec<DataFrame>>,
}

impl TableSet {
    /// Adds a session.
    pub fn push(&mut self, tables: SessionTables) {
        self.sessions.insert(tables.key, tables.frames);
    }

    /// Number of sessions.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether there is no session.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Writes all tables, `failures.csv` and `data_dictionary.csv` into a folder, each file whole or not at all.
    ///
    /// # Errors
    /// The file system said no, or [`TableError::Frame`].
    pub fn write(&self, folder: &Path, failures: &[Failure]) -> Result<(), TableError> {
        for (index, table) in TABLES.into_iter().enumerate() {
            let mut joined = data_frame(table, &definitions::empty(table))?;
            for frames in self.sessions.values() {
                if let Some(frame) = frames.get(index) {
                    joined.vstack_mut(frame).map_err(|source| TableError::Frame { table, source })?;
                }
            }
            write_frame(folder, table, &mut joined)?;
        }
        write_csv(folder, "failures", &mut failures_frame(failures)?)?;
        write_csv(folder, "data_dictionary", &mut dictionary()?)
    }
}

/// Writes the tables of one session into its own folder below `folder`.
///
/// # Errors
/// As [`TableSet::write`].
pub fn write_session(folder: &Path, analysis: &SessionAnalysis) -> Result<(), TableError> {
    let mut set = TableSet::default();
    set.push(SessionTables::new(analysis, "")?);
    set.write(&folder.join(&analysis.info.session), &[])
}

/// Writes the notebook that reads the tables beside them.
///
/// # Errors
/// The file system said no.
pub fn write_notebook(folder: &Path) -> Result<(), TableError> {
    let path = folder.join(NOTEBOOK_NAME);
    write_atomically(&path, |file| file.write_all(NOTEBOOK.as_bytes()))
        .map_err(|source| TableError::Io { path, source })
}

fn data_frame(table: &'static str, frame: &Frame) -> Result<DataFrame, TableError> {
    frame.to_polars().map_err(|source| TableError::Frame { table, source })
}

fn failures_frame(failures: &[Failure]) -> Result<DataFrame, TableError> {
    let mut sorted = failures.to_vec();
    sorted.sort();
    text_frame(
        "failures",
        &[
            ("source", sorted.iter().map(|f| f.source.clone()).collect()),
            ("reason", sorted.iter().map(|f| f.reason.clone()).collect()),
        ],
    )
}

fn dictionary() -> Result<DataFrame, TableError> {
    let described: Vec<Describe> = TABLES.iter().flat_map(|table| definitions::empty(table).describe(table)).collect();
    let column = |get: fn(&Describe) -> &str| described.iter().map(|d| get(d).to_owned()).collect::<Vec<_>>();
    text_frame(
        "data_dictionary",
        &[
            ("table", column(|d| d.table)),
            ("column", column(|d| &d.column)),
            ("unit", column(|d| d.unit)),
            ("type", column(|d| d.kind)),
            ("description", column(|d| &d.description)),
        ],
    )
}

fn text_frame(table: &'static str, columns: &[(&str, Vec<String>)]) -> Result<DataFrame, TableError> {
    let guarded = |values: &[String]| values.iter().map(|v| column::guarded(v)).collect::<Vec<_>>();
    let series: Vec<Series> =
        columns.iter().map(|(name, values)| PolarsSeries::new((*name).into(), guarded(values)).into()).collect();
    DataFrame::new_infer_height(series).map_err(|source| TableError::Frame { table, source })
}

fn write_frame(folder: &Path, table: &'static str, frame: &mut DataFrame) -> Result<(), TableError> {
    write_csv(folder, table, frame)?;
    let path = folder.join(format!("{table}.parquet"));
    write_atomically(&path, |file| {
        ParquetWriter::new(file)
            .with_compression(ParquetCompression::Zstd(None))
            .set_parallel(false)
            .finish(frame)
            .map(|_| ())
            .map_err(io::Error::other)
    })
    .map_err(|source| TableError::Io { path, source })
}

fn write_csv(folder: &Path, table: &'static str, frame: &mut DataFrame) -> Result<(), TableError> {
    let path = folder.join(format!("{table}.csv"));
    write_atomically(&path, |file| CsvWriter::new(file).n_threads(1).finish(frame).map_err(io::Error::other))
        .map_err(|source| TableError::Io { path, source })
}
