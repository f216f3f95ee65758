//! Tables of ours without the rows of a person: every other row stays as it is, in CSV byte for byte.

use std::fs::File;
use std::io;
use std::path::Path;

use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray, PlSmallStr};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::{KeyValueMetadata, ParquetCompression, ParquetWriter};

use super::column::{VERSION_COLUMN, unguarded};
use crate::files::{open_regular, read_whole};

/// The column that says whose a row is.
const WHOSE: &str = "athlete_id";
/// What Arrow keeps its own description under; it is written anew.
const ARROW: &str = "ARROW:schema";

/// Whose the rows of a table are.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RowsOf {
    /// Rows of the person.
    pub theirs: usize,
    /// People of the other rows.
    pub others: Vec<String>,
    /// Other rows.
    pub other_rows: usize,
}

impl RowsOf {
    fn count<'a>(athlete: &str, cells: impl Iterator<Item = &'a str>) -> Self {
        let mut rows = Self::default();
        for cell in cells.map(unguarded) {
            if cell == athlete {
                rows.theirs += 1;
            } else {
                rows.other_rows += 1;
                rows.others.push(cell.to_owned());
            }
        }
        rows.others.sort();
        rows.others.dedup();
        rows
    }
}

/// Whose the rows of a table of ours are; `None` for any other file, and for tables that say nothing of people.
pub fn rows_of(path: &Path, athlete: &str) -> Option<RowsOf> {
    if is_parquet(path) {
        let frame = read_parquet(path).ok()?.0;
        frame.column(VERSION_COLUMN.name).ok()?;
        let whose = frame.column(WHOSE).ok()?.str().ok()?.clone();
        return Some(RowsOf::count(athlete, whose.iter().map(Option::unwrap_or_default)));
    }
    let bytes =
        path.extension().is_some_and(|extension| extension == "csv").then(|| read_whole(path).ok()).flatten()?;
    let table = CsvTable::read(&bytes, WHOSE, Some(VERSION_COLUMN.name))?;
    Some(RowsOf::count(athlete, table.rows.iter().map(|row| row.cell.as_str())))
}

/// How many rows of a table of people, with a column `id`, are the person's; `None` for any other file.
pub fn rows_of_list(path: &Path, athlete: &str) -> Option<usize> {
    let bytes =
        path.extension().is_some_and(|extension| extension == "csv").then(|| read_whole(path).ok()).flatten()?;
    let table = CsvTable::read(&bytes, "id", None)?;
    Some(table.rows.iter().filter(|row| row.cell == athlete).count())
}

/// The bytes of a table of ours, or of a list of people, without the person's rows, and how many those were.
///
/// # Errors
/// It cannot be read any more.
pub fn without_rows(path: &Path, athlete: &str) -> io::Result<(Vec<u8>, usize)> {
    if is_parquet(path) {
        return parquet_without(path, athlete);
    }
    let bytes = read_whole(path)?;
    let table = CsvTable::read(&bytes, WHOSE, Some(VERSION_COLUMN.name)).or_else(|| CsvTable::read(&bytes, "id", None));
    let table = table.ok_or_else(|| io::Error::other("it is no table of people any more"))?;
    let mut kept = bytes[..table.header].to_vec();
    let mut removed = 0;
    for row in &table.rows {
        if unguarded(&row.cell) == athlete {
            removed += 1;
        } else {
            kept.extend_from_slice(&bytes[row.from..row.to]);
        }
    }
    Ok((kept, removed))
}

/// Where the rows of a CSV file are, and whose.
struct CsvTable {
    /// Bytes of the header.
    header: usize,
    rows: Vec<CsvRow>,
}

struct CsvRow {
    cell: String,
    from: usize,
    to: usize,
}

impl CsvTable {
    /// `None` if it has no such columns, or is no table.
    fn read(bytes: &[u8], whose: &str, also: Option<&str>) -> Option<Self> {
        let first = String::from_utf8_lossy(bytes.split(|byte| *byte == b'\n').next()?);
        let count = |delimiter: u8| first.matches(char::from(delimiter)).count();
        let delimiter =
            [b',', b';', b'\t'].into_iter().max_by_key(|delimiter| (count(*delimiter), *delimiter == b','))?;
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(bytes);
        let header: Vec<String> =
            reader.headers().ok()?.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect();
        let column = header.iter().position(|name| name == whose)?;
        also.map_or(Some(0), |also| header.iter().position(|name| name == also))?;
        let at = |position: &csv::Position| usize::try_from(position.byte()).ok();
        let begin = at(reader.position())?;
        let mut rows: Vec<CsvRow> = Vec::new();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).ok()? {
            let (from, to) = (at(record.position()?)?, at(reader.position())?);
            rows.push(CsvRow { cell: record.get(column)?.trim().to_owned(), from, to });
        }
        Some(Self { header: rows.first().map_or(begin, |row| row.from), rows })
    }
}

fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "parquet")
}

/// The table, and what is said of it beside.
fn read_parquet(path: &Path) -> io::Result<(DataFrame, Vec<(String, String)>)> {
    let open = || open_regular(path).map(|(file, _)| file);
    let mut reader: ParquetReader<File> = ParquetReader::new(open()?);
    let said = reader.get_metadata().map_err(io::Error::other)?.key_value_metadata().clone().unwrap_or_default();
    let said = said.into_iter().filter(|entry| entry.key != ARROW);
    let said = said.filter_map(|entry| Some((entry.key, entry.value?))).collect();
    Ok((ParquetReader::new(open()?).finish().map_err(io::Error::other)?, said))
}

fn parquet_without(path: &Path, athlete: &str) -> io::Result<(Vec<u8>, usize)> {
    let (frame, said) = read_parquet(path)?;
    let whose = frame.column(WHOSE).and_then(|column| column.str().cloned()).map_err(io::Error::other)?;
    let stays = whose.iter().map(|cell| Some(cell.map(unguarded) != Some(athlete)));
    let stays = BooleanChunked::from_iter_options(PlSmallStr::from_static("stays"), stays);
    let mut kept = frame.filter(&stays).map_err(io::Error::other)?;
    let removed = frame.height() - kept.height();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .with_key_value_metadata((!said.is_empty()).then(|| KeyValueMetadata::from_static(said)))
        .set_parallel(false)
        .finish(&mut kept)
        .map_err(io::Error::other)?;
    Ok((bytes, removed))
}
