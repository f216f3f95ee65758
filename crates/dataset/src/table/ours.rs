//! Whether tables that lie in a folder already are of this program and version: others are not replaced.

use std::path::Path;

#[cfg(feature = "polars")]
use polars::prelude::{AnyValue, DataFrame};
#[cfg(feature = "polars")]
use polars_io::SerReader;
#[cfg(feature = "polars")]
use polars_io::parquet::read::ParquetReader;

use super::column::{CsvLocale, Row, SCHEMA_VERSION, VERSION_COLUMN};
use super::rows::{DictionaryRow, Failure};
use super::{TABLES, TableError};
#[cfg(feature = "polars")]
use crate::files::open_regular;
use crate::files::read_beginning;

/// The column that says which program made a row.
const PROGRAM: &str = "software_version";
/// Bytes that the header and the first row surely fit in.
const TWO_LINES: usize = 1 << 20;

/// Refuses a folder in which a table was written by another version, or something else has the name of one.
///
/// # Errors
/// [`TableError::OtherVersion`], [`TableError::Foreign`], [`TableError::Io`].
pub fn check_ours(folder: &Path, version: &str) -> Result<(), TableError> {
    let files =
        |table: &str| [format!("{table}.csv"), format!("{table}.parquet"), format!("{table}/part-00001.parquet")];
    let names = TABLES.iter().chain(&[Failure::TABLE, DictionaryRow::TABLE]).flat_map(|table| files(table));
    names.map(|name| folder.join(name)).filter(|path| path.exists()).try_for_each(|path| check(&path, version))
}

/// Every table has the version of the tables in each row, that of sessions the program's as well.
fn check(path: &Path, version: &str) -> Result<(), TableError> {
    let is_csv = path.extension().is_some_and(|extension| extension == "csv");
    #[cfg(feature = "polars")]
    let beginning = if is_csv { of_csv(path) } else { of_parquet(path) };
    // What cannot be looked into is not replaced.
    #[cfg(not(feature = "polars"))]
    let beginning = if is_csv { of_csv(path) } else { Err(TableError::Foreign { path: path.to_owned() }) };
    let (columns, first) = beginning?;
    let place = |name: &str| columns.iter().position(|column| column == name);
    let Some(schema) = place(VERSION_COLUMN.name) else { return Err(TableError::Foreign { path: path.to_owned() }) };
    let Some(first) = first else { return Ok(()) };
    let found = |column: usize| first.get(column).cloned().unwrap_or_default();
    let program = place(PROGRAM).map_or_else(|| version.to_owned(), found);
    if program == version && found(schema) == SCHEMA_VERSION.to_string() {
        return Ok(());
    }
    let found = format!("{program} (tables {})", found(schema));
    Err(TableError::OtherVersion { path: path.to_owned(), found, own: format!("{version} (tables {SCHEMA_VERSION})") })
}

/// Names of the columns, and the first row.
type Beginning = (Vec<String>, Option<Vec<String>>);

fn of_csv(path: &Path) -> Result<Beginning, TableError> {
    let bytes = read_beginning(path, TWO_LINES).map_err(|source| TableError::Io { path: path.to_owned(), source })?;
    let separator = CsvLocale::of_header(bytes.split(|byte| *byte == b'\n').next().unwrap_or_default()).separator();
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(bytes.as_slice());
    let foreign = |_| TableError::Foreign { path: path.to_owned() };
    let words =
        |record: &csv::ByteRecord| record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
    let header = words(reader.byte_headers().map_err(foreign)?);
    Ok((header, reader.byte_records().next().transpose().map_err(foreign)?.as_ref().map(words)))
}

#[cfg(feature = "polars")]
fn of_parquet(path: &Path) -> Result<Beginning, TableError> {
    let io = |source| TableError::Io { path: path.to_owned(), source };
    let foreign = || TableError::Foreign { path: path.to_owned() };
    let frame: DataFrame = ParquetReader::new(open_regular(path).map_err(io)?.0)
        .with_slice(Some((0, 1)))
        .finish()
        .map_err(|_| foreign())?;
    // Words and whole numbers are all that is asked for; the words for a time need tables of all time zones.
    let word = |value: AnyValue<'_>| match value.get_str() {
        Some(text) => text.to_owned(),
        None => value.extract::<i64>().map(|number| number.to_string()).unwrap_or_default(),
    };
    let first = frame.columns().iter().map(|column| column.get(0).map(word)).collect::<Result<Vec<_>, _>>().ok();
    let names = frame.get_column_names().into_iter().map(ToString::to_string).collect();
    Ok((names, first.filter(|_| frame.height() > 0)))
}
