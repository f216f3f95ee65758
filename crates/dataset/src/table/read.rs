//! Tables read back to typed rows, from CSV or Parquet, whoever wrote the file: columns are found by name, others are ignored.

use std::fs::File;
use std::path::Path;

use polars::prelude::{AnyValue, Column as PolarsColumn, DataFrame, PolarsResult, TimeUnit};
use polars_io::SerReader;
use polars_io::csv::read::{CsvParseOptions, CsvReadOptions};
use polars_io::parquet::read::ParquetReader;

use super::TableError;
use super::column::{Column, CsvLocale, Field, Kind, Row, SCHEMA_VERSION, VERSION_COLUMN, Value};
use super::moment::{Clock, Day, Instant};
use super::rows::{CurveRow, EventRow, EvidenceRow, QualityRow, RepRow, SessionRow, SetRow, SideRow};
use crate::files::{open_regular, read_beginning};

/// The oldest version whose tables can be read: columns that came later are missing in them.
const OLDEST_VERSION: i64 = 2;

/// The rows of a table, from a file that ends in `.csv` or `.parquet`. Numbers come back as they were stored, rounded to
/// their column's decimals.
///
/// # Errors
/// [`TableError::Format`] for another file ending, [`TableError::Unreadable`] if the file cannot be read as such,
/// [`TableError::MissingColumn`], [`TableError::Version`], and [`TableError::Cell`] for a value that does not fit its column.
pub fn read_table<R: Row>(path: &Path) -> Result<Vec<R>, TableError> {
    let (frame, locale) = load(path)?;
    let version = find(path, &frame, &VERSION_COLUMN)?;
    let is_earlier =
        (0..frame.height()).any(|row| version_of(version, row).is_some_and(|found| found < SCHEMA_VERSION));
    // A table of an earlier version has fewer columns.
    let source = |column: &Column| match find(path, &frame, column) {
        Err(TableError::MissingColumn { .. }) if is_earlier => Ok(before(&frame, column)),
        found => found.map(Some),
    };
    let sources: Vec<Option<&PolarsColumn>> = R::COLUMNS.iter().map(source).collect::<Result<_, _>>()?;
    (0..frame.height())
        .map(|row| {
            check_version(path, version, row)?;
            let cell = |index: usize| match (R::COLUMNS.get(index), sources.get(index)) {
                (Some(column), Some(Some(source))) => value(column, locale, source, row),
                _ => Ok(Value::Missing),
            };
            R::from_cells(cell).map_err(|(index, need)| {
                bad_cell(path, R::COLUMNS.get(index), sources.get(index).copied().flatten(), row, need)
            })
        })
        .collect()
}

/// As [`read_table`], for `sessions`.
pub fn read_sessions(path: &Path) -> Result<Vec<SessionRow>, TableError> {
    read_table(path)
}

/// As [`read_table`], for `sides`.
pub fn read_sides(path: &Path) -> Result<Vec<SideRow>, TableError> {
    read_table(path)
}

/// As [`read_table`], for `sets`.
pub fn read_sets(path: &Path) -> Result<Vec<SetRow>, TableError> {
    read_table(path)
}

/// As [`read_table`], for `reps`.
pub fn read_reps(path: &Path) -> Result<Vec<RepRow>, TableError> {
    read_table(path)
}

/// As [`read_table`], for `evidence`.
pub fn read_evidence(path: &Path) -> Result<Vec<EvidenceRow>, TableError> {
    read_table(path)
}

/// As [`read_table`], for `curves`. The rows of 500 sessions take about half a gigabyte: read a session's own table where
/// one session is meant.
pub fn read_curves(path: &Path) -> Result<Vec<CurveRow>, TableError> {
    read_table(path)
}

/// As [`read_table`], for `events`.
pub fn read_events(path: &Path) -> Result<Vec<EventRow>, TableError> {
    read_table(path)
}

/// As [`read_table`], for `quality`.
pub fn read_quality(path: &Path) -> Result<Vec<QualityRow>, TableError> {
    read_table(path)
}

/// What columns were called before version 4, in whichever table.
const BEFORE: [(&str, &str); 3] = [("session", "session_id"), ("reason_code", "cause"), ("reason_code", "reason")];

/// The column of an earlier version that says the same, if there was one.
fn before<'f>(frame: &'f DataFrame, column: &Column) -> Option<&'f PolarsColumn> {
    BEFORE.iter().filter(|(name, _)| *name == column.name).find_map(|(_, before)| frame.column(before).ok())
}

fn load(path: &Path) -> Result<(DataFrame, CsvLocale), TableError> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let is_csv = match extension.to_ascii_lowercase().as_str() {
        "csv" => true,
        "parquet" => false,
        _ => return Err(TableError::Format { path: path.to_owned() }),
    };
    let io = |source| TableError::Io { path: path.to_owned(), source };
    let (file, _) = open_regular(path).map_err(io)?;
    let read = if is_csv {
        let beginning = read_beginning(path, LONGEST_HEADER).map_err(io)?;
        let locale = CsvLocale::of_header(beginning.split(|byte| *byte == b'\n').next().unwrap_or_default());
        read_csv(file, locale).map(|frame| (frame, locale))
    } else {
        ParquetReader::new(file).finish().map(|frame| (frame, CsvLocale::English))
    };
    read.map_err(|source| TableError::Unreadable { path: path.to_owned(), reason: source.to_string() })
}

/// Bytes that the names of the columns surely fit in.
const LONGEST_HEADER: usize = 1 << 16;

/// Every column as text: types are the declaration's, not what the first rows look like.
fn read_csv(file: File, locale: CsvLocale) -> PolarsResult<DataFrame> {
    CsvReadOptions::default()
        .with_parse_options(CsvParseOptions::default().with_separator(locale.separator()))
        .with_infer_schema_length(Some(0))
        .with_n_threads(Some(1))
        .into_reader_with_file_handle(file)
        .finish()
}

fn find<'f>(path: &Path, frame: &'f DataFrame, column: &Column) -> Result<&'f PolarsColumn, TableError> {
    frame.column(column.name).map_err(|_| TableError::MissingColumn { path: path.to_owned(), column: column.name })
}

fn check_version(path: &Path, source: &PolarsColumn, row: usize) -> Result<(), TableError> {
    match version_of(source, row) {
        Some(OLDEST_VERSION..=SCHEMA_VERSION) => Ok(()),
        Some(found) => Err(TableError::Version { path: path.to_owned(), found, need: SCHEMA_VERSION }),
        None => Err(bad_cell(path, Some(&VERSION_COLUMN), Some(source), row, i64::NEED)),
    }
}

fn version_of(source: &PolarsColumn, row: usize) -> Option<i64> {
    value(&VERSION_COLUMN, CsvLocale::English, source, row).ok().and_then(i64::from_value)
}

fn value<'f>(
    column: &Column,
    locale: CsvLocale,
    source: &'f PolarsColumn,
    row: usize,
) -> Result<Value<'f>, &'static str> {
    match source.get(row).unwrap_or(AnyValue::Null) {
        AnyValue::Null => Ok(Value::Missing),
        AnyValue::String(text) if locale == CsvLocale::German && column.kind == Kind::Float => {
            column.parse(&text.replace(',', ".")).map(Value::into_owned)
        }
        AnyValue::String(text) => column.parse(text),
        AnyValue::Datetime(count, unit, zone) => moment(count, unit, zone.is_some()),
        // A column of one value.
        AnyValue::DatetimeOwned(count, unit, zone) => moment(count, unit, zone.is_some()),
        AnyValue::Date(days) => Day::from_days(days).map(Value::Date).ok_or(Day::NEED),
        // A column of one value.
        AnyValue::StringOwned(text) => column.parse(&text).map(Value::into_owned),
        AnyValue::Boolean(yes) => Ok(Value::Bool(yes)),
        AnyValue::Float64(number) => Ok(Value::Float(number)),
        AnyValue::Float32(number) => Ok(Value::Float(f64::from(number))),
        whole => match whole.extract::<i64>() {
            Some(number) => Ok(Value::Integer(number)),
            None => Err("a text, a number, true or false"),
        },
    }
}

/// So many of a unit after the beginning of 1970.
fn moment(count: i64, unit: TimeUnit, in_utc: bool) -> Result<Value<'static>, &'static str> {
    let ms = count.div_euclid(match unit {
        TimeUnit::Nanoseconds => 1_000_000,
        TimeUnit::Microseconds => 1_000,
        TimeUnit::Milliseconds => 1,
    });
    if in_utc {
        Instant::from_ms(ms).map(Value::Instant).ok_or(Instant::NEED)
    } else {
        Clock::from_ms(ms).map(Value::Clock).ok_or(Clock::NEED)
    }
}

fn bad_cell(
    path: &Path,
    column: Option<&Column>,
    source: Option<&PolarsColumn>,
    row: usize,
    need: &'static str,
) -> TableError {
    let found = source.and_then(|source| source.get(row).ok()).map_or_else(String::new, |value| match value {
        AnyValue::Null => "nothing".to_owned(),
        // Words for it need tables of all time zones.
        AnyValue::Datetime(count, ..) | AnyValue::DatetimeOwned(count, ..) => format!("the time {count}"),
        other => match other.get_str() {
            Some(text) => format!("\"{text}\""),
            None => other.to_string(),
        },
    });
    TableError::Cell { path: path.to_owned(), row: row + 1, column: column.map_or("", |c| c.name), found, need }
}
