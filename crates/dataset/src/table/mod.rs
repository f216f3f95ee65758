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
mod ours;
#[cfg(feature = "polars")]
mod parquet;
#[cfg(feature = "polars")]
mod read;
mod rows;
mod set;
mod sheet;
mod sheets;
mod stage;
mod tabulate;
#[cfg(feature = "polars")]
mod without;

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use truehinge_core::{Explained, SessionAnalysis, explained::DISK_FULL};

use crate::atomic::write_new;
pub use column::{
    Column, CsvLocale, Field, Kind, Row, SCHEMA_VERSION, Unit, VERSION_COLUMN, Value, Word, guarded, unguarded,
};
pub use moment::{Clock, Day, Instant};
pub use ours::check_ours;
#[cfg(feature = "polars")]
pub use parquet::COLUMNS_KEY;
#[cfg(feature = "polars")]
pub use read::{
    read_curves, read_events, read_evidence, read_quality, read_reps, read_sessions, read_sets, read_sides, read_table,
};
pub use rows::{
    AthleteRow, BudgetRow, CurveRow, DictionaryRow, Event, EventRow, EvidenceRow, Failure, QualityRow, RepMetricRow,
    RepRow, SessionRow, SetRow, SideRow,
};
pub use set::{Renamed, SessionTables, Sessions, TableSet, Written, write_sessions};
pub use sheet::columns;
use sheet::{CsvSheet, Sheet};
use sheets::Sheets;
pub use stage::Stage;
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
    /// What is to be written is there, by another version: it is not replaced.
    #[error("{}: it was written by version {found}, this is {own}", path.display())]
    OtherVersion {
        /// Which file.
        path: PathBuf,
        /// What wrote it.
        found: String,
        /// What this is.
        own: String,
    },
    /// A file of the name of a table is something else: it is not replaced.
    #[error("{}: a file that is no table of this program has the name of one", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
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
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => DISK_FULL,
            Self::Io { .. } => "table_io",
            Self::Format { .. } => "table_format",
            Self::Unreadable { .. } => "table_unreadable",
            Self::MissingColumn { .. } => "table_missing_column",
            Self::Version { .. } => "table_version",
            Self::OtherVersion { .. } => "table_other_version",
            Self::Foreign { .. } => "table_foreign",
            Self::Cell { .. } => "table_bad_cell",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "free some space, then do the same again: what is done is kept".into()
            }
            Self::Io { .. } => return None,
            Self::OtherVersion { .. } | Self::Foreign { .. } => "write into another folder, or move it away".into(),
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
    /// The table of curves as text, too: it is fifty times as large as in Parquet.
    pub curves_csv: bool,
    /// How the text separates fields and decimals.
    pub locale: CsvLocale,
    /// One file for each table, or many.
    pub layout: Layout,
}

/// How tables of many sessions lie in a folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// A file for each table.
    Whole,
    /// For each table a folder with Parquet files of some hundred sessions; that of people is whole.
    #[cfg(feature = "polars")]
    Parts,
}

impl TableFormats {
    /// All there are.
    pub const ALL: Self = Self {
        csv: true,
        #[cfg(feature = "polars")]
        parquet: true,
        curves_csv: true,
        locale: CsvLocale::English,
        layout: Layout::Whole,
    };

    /// Whether a table is written as text.
    fn has_csv(self, table: &str) -> bool {
        self.csv && (self.curves_csv || table != CurveRow::TABLE)
    }
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
    let stage = Stage::new(&folder, &folder)?;
    let mut sheets = Sheets::new(&stage, TableFormats::ALL)?;
    sheets.add(&[Named::plainly(analysis)])?;
    sheets.finish()?;
    write_beside(&stage, CsvLocale::English, None)?;
    stage.commit()?;
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

/// The dictionary, and what could not be used.
fn write_beside(stage: &Stage, locale: CsvLocale, failures: Option<&[Failure]>) -> Result<(), TableError> {
    write_csv(stage, locale, &data_dictionary())?;
    failures.map_or(Ok(()), |failures| write_csv(stage, locale, failures))
}

fn write_csv<R: Row>(stage: &Stage, locale: CsvLocale, rows: &[R]) -> Result<(), TableError> {
    let name = format!("{}.csv", R::TABLE);
    let write = || {
        let mut sheet = CsvSheet::new(&stage.folder().join(&name), locale)?;
        rows.iter().try_for_each(|row| sheet.push(row))?;
        Box::new(sheet).finish()
    };
    write().map_err(|source| TableError::Io { path: stage.target().join(&name), source })
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
