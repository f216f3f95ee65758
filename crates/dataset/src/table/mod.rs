//! Results to tidy tables and back: the only place in the workspace that names polars.
//!
//! One row is one observation, one column one variable, the unit is in the column's name. Every table comes as CSV and as
//! Parquet with the same values: rounded to what the measurement means, missing where nothing is known, text that a
//! spreadsheet would run as a formula disarmed with an apostrophe (reading takes it off again). The row types are the
//! tables' only declaration; `data_dictionary.csv` is made from it.
//!
//! | table | row type | one row is |
//! |---|---|---|
//! | `sessions` | [`SessionRow`] | a recording, with devices, body measures, limits and provenance |
//! | `sides` | [`SideRow`] | a leg in a session: what scores and trends are made of |
//! | `athletes` | [`AthleteRow`] | a person |
//! | `sets` | [`SetRow`] | a set on one leg |
//! | `reps` | [`RepRow`] | a counted repetition |
//! | `reps_long` | [`RepMetricRow`] | a number of a repetition |
//! | `budgets` | [`BudgetRow`] | a source of uncertainty of a number |
//! | `evidence` | [`EvidenceRow`] | a test behind a verdict |
//! | `curves` | [`CurveRow`] | a point of a signal over a repetition |
//! | `events` | [`EventRow`] | something that happened at a time |
//! | `quality` | [`QualityRow`] | a check of the data, or an issue |
//! | `failures` | [`Failure`] | an input that could not be used |
//!
//! Without the feature `polars` tables are made and written as CSV, but neither read nor written as Parquet.
//!
//! Not here: statistics over the tables; what a trend or a validation needs is computed from the typed rows.

mod column;
mod folder;
mod moment;
#[cfg(feature = "polars")]
mod parquet;
#[cfg(feature = "polars")]
mod read;
mod rows;
mod set;
mod sheet;
mod tabulate;
#[cfg(feature = "polars")]
mod without;

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use truehinge_core::{Explained, SessionAnalysis};

use crate::atomic::{write_atomically, write_new};
pub use column::{
    Column, CsvLocale, Field, Kind, Row, SCHEMA_VERSION, Unit, VERSION_COLUMN, Value, Word, guarded, unguarded,
};
pub use moment::{Clock, Day, Instant};
#[cfg(feature = "polars")]
pub use parquet::COLUMNS_KEY;
#[cfg(feature = "polars")]
use parquet::ParquetSheet;
#[cfg(feature = "polars")]
pub use read::{
    read_curves, read_events, read_evidence, read_quality, read_reps, read_sessions, read_sets, read_sides, read_table,
};
pub use rows::{
    AthleteRow, BudgetRow, CurveRow, DictionaryRow, Event, EventRow, EvidenceRow, Failure, QualityRow, RepMetricRow,
    RepRow, SessionRow, SetRow, SideRow,
};
pub use set::{Renamed, SessionTables, TableSet, Written};
pub use sheet::columns;
use sheet::{CsvSheet, Sheet};
use tabulate::athletes;
pub use tabulate::{Named, Tabulate};
#[cfg(feature = "polars")]
pub use without::{RowsOf, rows_of, rows_of_list, without_rows};

/// The notebook that reads these tables.
const NOTEBOOK: &str = include_str!("../../../../notebooks-export/hinge_sessions.ipynb");
/// Its name beside the tables.
pub const NOTEBOOK_NAME: &str = "hinge_sessions.ipynb";

/// Names of the tables that are made from analyses, in the order they are written.
pub const TABLES: [&str; 11] = [
    AthleteRow::TABLE,
    SessionRow::TABLE,
    SideRow::TABLE,
    SetRow::TABLE,
    RepRow::TABLE,
    RepMetricRow::TABLE,
    BudgetRow::TABLE,
    EvidenceRow::TABLE,
    CurveRow::TABLE,
    EventRow::TABLE,
    QualityRow::TABLE,
];

/// A table cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Neither CSV nor Parquet by its name.
    #[error("{}: neither a .csv nor a .parquet file", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
    },
    /// Not a table at all.
    #[error("{}: no table can be read from it ({reason})", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A column is not there.
    #[error("{}: there is no column {column}", path.display())]
    MissingColumn {
        /// Which file.
        path: PathBuf,
        /// Which column.
        column: &'static str,
    },
    /// Written by a program with other columns.
    #[error("{}: the columns have version {found}, this program reads {need}", path.display())]
    Version {
        /// Which file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version that can be read.
        need: i64,
    },
    /// A value does not fit its column.
    #[error("{}: row {row}, column {column} holds {found}, must be {need}", path.display())]
    Cell {
        /// Which file.
        path: PathBuf,
        /// 1-based, without the header.
        row: usize,
        /// Which column.
        column: &'static str,
        /// What it holds.
        found: String,
        /// What it must be.
        need: &'static str,
    },
}

impl Explained for TableError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "table_io",
            Self::Format { .. } => "table_format",
            Self::Unreadable { .. } => "table_unreadable",
            Self::MissingColumn { .. } => "table_missing_column",
            Self::Version { .. } => "table_version",
            Self::Cell { .. } => "table_bad_cell",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Io { .. } => return None,
            Self::Format { .. } => "give one of these".into(),
            Self::Unreadable { .. } | Self::Version { .. } | Self::Cell { .. } => "make the table again".into(),
            Self::MissingColumn { .. } => "give the table of this name as truehinge wrote it".into(),
        })
    }
}

/// Which files are written for each table. The dictionary and the failures are always CSV.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TableFormats {
    /// Text: opens anywhere, but is large for the curves.
    pub csv: bool,
    /// Apache Parquet: small, typed, fast to load.
    #[cfg(feature = "polars")]
    pub parquet: bool,
    /// How the text separates fields and decimals.
    pub locale: CsvLocale,
}

impl TableFormats {
    /// All there are.
    pub const ALL: Self = Self {
        csv: true,
        #[cfg(feature = "polars")]
        parquet: true,
        locale: CsvLocale::English,
    };
}

impl Default for TableFormats {
    fn default() -> Self {
        Self::ALL
    }
}

/// Writes the tables of one session, in all formats, and their dictionary into a folder below `folder`, of the session's own name
/// where that is a plain one and not another recording's. Returns that folder.
///
/// # Errors
/// [`TableError::Io`].
pub fn write_session(folder: &Path, analysis: &SessionAnalysis) -> Result<PathBuf, TableError> {
    let folder = folder::of(folder, analysis);
    write_tables(&folder, TableFormats::ALL, &[Named::plainly(analysis)])?;
    Ok(folder)
}

/// What [`write_notebook`] did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotebookExport {
    /// The notebook is there, as it ships.
    Written(PathBuf),
    /// Another notebook of that name was there and was left alone.
    Kept(PathBuf),
}

/// Puts the notebook that reads the tables beside them. A notebook that is there already is never overwritten: people edit
/// them.
///
/// # Errors
/// [`TableError::Io`]: the file system said no.
pub fn write_notebook(folder: &Path) -> Result<NotebookExport, TableError> {
    let path = folder.join(NOTEBOOK_NAME);
    match write_new(&path, |file| file.write_all(NOTEBOOK.as_bytes())) {
        Ok(()) => Ok(NotebookExport::Written(path)),
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
            let same = std::fs::read(&path).is_ok_and(|found| found == NOTEBOOK.as_bytes());
            Ok(if same { NotebookExport::Written(path) } else { NotebookExport::Kept(path) })
        }
        Err(source) => Err(TableError::Io { path, source }),
    }
}

fn write_tables(folder: &Path, formats: TableFormats, sessions: &[Named<'_>]) -> Result<(), TableError> {
    write_rows(folder, formats, || athletes(sessions).into_iter())?;
    write_table::<SessionRow>(folder, formats, sessions)?;
    write_table::<SideRow>(folder, formats, sessions)?;
    write_table::<SetRow>(folder, formats, sessions)?;
    write_table::<RepRow>(folder, formats, sessions)?;
    write_table::<RepMetricRow>(folder, formats, sessions)?;
    write_table::<BudgetRow>(folder, formats, sessions)?;
    write_table::<EvidenceRow>(folder, formats, sessions)?;
    write_table::<CurveRow>(folder, formats, sessions)?;
    write_table::<EventRow>(folder, formats, sessions)?;
    write_table::<QualityRow>(folder, formats, sessions)?;
    write_csv(folder, formats.locale, data_dictionary())
}

fn write_table<R: Tabulate>(folder: &Path, formats: TableFormats, sessions: &[Named<'_>]) -> Result<(), TableError> {
    // Rows of one session at a time: a table of all sessions need not fit in memory.
    write_rows(folder, formats, || sessions.iter().flat_map(R::rows))
}

fn write_rows<R: Row, I: Iterator<Item = R>>(
    folder: &Path,
    formats: TableFormats,
    rows: impl Fn() -> I,
) -> Result<(), TableError> {
    if formats.csv {
        write_csv(folder, formats.locale, rows())?;
    }
    #[cfg(feature = "polars")]
    if formats.parquet {
        write_file(folder, R::TABLE, "parquet", |file| fill(ParquetSheet::new(file)?, rows()))?;
    }
    Ok(())
}

fn write_csv<R: Row>(folder: &Path, locale: CsvLocale, rows: impl IntoIterator<Item = R>) -> Result<(), TableError> {
    write_file(folder, R::TABLE, "csv", |file| fill(CsvSheet::new(file, locale)?, rows))
}

fn fill<R: Row>(mut sheet: impl Sheet<R>, rows: impl IntoIterator<Item = R>) -> io::Result<()> {
    rows.into_iter().try_for_each(|row| sheet.push(&row))?;
    sheet.finish()
}

fn write_file(
    folder: &Path,
    table: &str,
    extension: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), TableError> {
    let path = folder.join(format!("{table}.{extension}"));
    write_atomically(&path, write).map_err(|source| TableError::Io { path, source })
}

/// Every column of every table, as `data_dictionary.csv` lists them.
pub fn data_dictionary() -> Vec<DictionaryRow> {
    [
        describe::<AthleteRow>(),
        describe::<SessionRow>(),
        describe::<SideRow>(),
        describe::<SetRow>(),
        describe::<RepRow>(),
        describe::<RepMetricRow>(),
        describe::<BudgetRow>(),
        describe::<EvidenceRow>(),
        describe::<CurveRow>(),
        describe::<EventRow>(),
        describe::<QualityRow>(),
        describe::<Failure>(),
        describe::<DictionaryRow>(),
    ]
    .concat()
}

fn describe<R: Row>() -> Vec<DictionaryRow> {
    let line = |column: &Column| DictionaryRow {
        table: Cow::Borrowed(R::TABLE),
        column: Cow::Borrowed(column.name),
        unit: Some(column.unit.symbol).filter(|symbol| !symbol.is_empty()).map(Cow::Borrowed),
        data_type: Cow::Borrowed(column.kind.name()),
        decimals: (column.kind == Kind::Float).then_some(u32::from(column.unit.decimals)),
        description: Cow::Borrowed(column.description),
    };
    columns::<R>().map(line).collect()
}
