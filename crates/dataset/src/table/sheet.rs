//! Rows to bytes: one sheet per file format, fed row by row so that a table never has to fit in memory.

use std::io::{self, Write};
use std::marker::PhantomData;
use std::mem;

use polars::prelude::{
    BooleanChunked, Column as PolarsColumn, DataFrame, DataType, Field as PolarsField, Float64Chunked, Int64Chunked,
    IntoColumn, NewChunkedArray, PlSmallStr, PolarsResult, Schema, StringChunked, TimeUnit, TimeZone,
};
use polars_io::parquet::write::{BatchedWriter, KeyValueMetadata, ParquetCompression, ParquetWriter};

use super::column::{Column, CsvLocale, Kind, Row, SCHEMA_VERSION, VERSION_COLUMN, Value};

/// Rows of a Parquet row group: small enough for memory, large enough to compress well.
const ROW_GROUP: usize = 1 << 15;

/// All columns of a table in order, with the version.
pub fn columns<R: Row>() -> impl Iterator<Item = &'static Column> {
    R::COLUMNS.iter().chain([&VERSION_COLUMN])
}

/// Name of the file's metadata that describe its columns.
pub const COLUMNS_KEY: &str = "truehinge.columns";

/// Unit and meaning of each column, as JSON under one key of the file: the writer has no place for those of a column.
fn described<R: Row>() -> Vec<(String, String)> {
    let of = |column: &Column| {
        let unit = Some(column.unit.symbol).filter(|symbol| !symbol.is_empty());
        (column.name.to_owned(), serde_json::json!({ "unit": unit, "description": column.description }))
    };
    let all: serde_json::Map<String, serde_json::Value> = columns::<R>().map(of).collect();
    vec![(COLUMNS_KEY.to_owned(), serde_json::Value::Object(all).to_string())]
}

/// A file that rows are put into.
pub trait Sheet<R: Row> {
    /// Adds a row.
    fn push(&mut self, row: &R) -> io::Result<()>;
    /// Writes what is still held back.
    fn finish(self) -> io::Result<()>;
}

/// UTF-8, LF; quotes only where needed; every number with its column's decimals.
pub struct CsvSheet<'w, R> {
    writer: csv::Writer<&'w mut dyn Write>,
    locale: CsvLocale,
    field: String,
    rows: PhantomData<R>,
}

impl<'w, R: Row> CsvSheet<'w, R> {
    /// Writes the header.
    pub fn new(file: &'w mut dyn Write, locale: CsvLocale) -> io::Result<Self> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::Any(b'\n'))
            .delimiter(locale.separator())
            .from_writer(file);
        writer.write_record(columns::<R>().map(|column| column.name))?;
        Ok(Self { writer, locale, field: String::new(), rows: PhantomData })
    }
}

impl<R: Row> Sheet<R> for CsvSheet<'_, R> {
    fn push(&mut self, row: &R) -> io::Result<()> {
        let mut columns = columns::<R>();
        let mut outcome = Ok(());
        let mut write = |value: Value<'_>| {
            if let (Some(column), Ok(())) = (columns.next(), &outcome) {
                self.field.clear();
                let value = column.stored(value);
                column.format(&value, &mut self.field);
                if self.locale == CsvLocale::German && matches!(value, Value::Float(_)) {
                    self.field = self.field.replace('.', ",");
                }
                outcome = self.writer.write_field(&self.field);
            }
        };
        row.values(&mut write);
        write(Value::Integer(SCHEMA_VERSION));
        outcome?;
        // An empty record ends the line of fields written one by one.
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    fn finish(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Apache Parquet, zstd. One thread and fixed row groups: the same rows give the same bytes.
pub struct ParquetSheet<'w, R> {
    writer: BatchedWriter<&'w mut dyn Write>,
    columns: Vec<Buffer>,
    held: usize,
    rows: PhantomData<R>,
}

/// Values of one column that are not written yet.
enum Buffer {
    Text(Vec<Option<String>>),
    Float(Vec<Option<f64>>),
    Integer(Vec<Option<i64>>),
    Bool(Vec<Option<bool>>),
    /// Moments as numbers, of that type.
    Moment(Vec<Option<i64>>, Kind),
}

impl Buffer {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(Vec::new()),
            Kind::Float => Self::Float(Vec::new()),
            Kind::Integer => Self::Integer(Vec::new()),
            Kind::Bool => Self::Bool(Vec::new()),
            Kind::Instant | Kind::Clock | Kind::Date => Self::Moment(Vec::new(), kind),
        }
    }

    /// A value of another type than the column's is missing; the declaration makes sure there is none.
    fn push(&mut self, value: Value<'_>) {
        match (self, value) {
            (Self::Text(values), Value::Text(text)) => values.push(Some(text.into_owned())),
            (Self::Text(values), _) => values.push(None),
            (Self::Float(values), Value::Float(number)) => values.push(Some(number)),
            (Self::Float(values), _) => values.push(None),
            (Self::Integer(values), Value::Integer(number)) => values.push(Some(number)),
            (Self::Integer(values), _) => values.push(None),
            (Self::Bool(values), Value::Bool(yes)) => values.push(Some(yes)),
            (Self::Bool(values), _) => values.push(None),
            (Self::Moment(values, _), value) => values.push(number_of(&value)),
        }
    }

    fn take(&mut self, name: &'static str) -> PolarsResult<PolarsColumn> {
        let name = PlSmallStr::from_static(name);
        Ok(match self {
            Self::Text(values) => StringChunked::from_iter_options(name, mem::take(values).into_iter()).into_column(),
            Self::Float(values) => Float64Chunked::from_iter_options(name, mem::take(values).into_iter()).into_column(),
            Self::Integer(values) => Int64Chunked::from_iter_options(name, mem::take(values).into_iter()).into_column(),
            Self::Bool(values) => BooleanChunked::from_iter_options(name, mem::take(values).into_iter()).into_column(),
            Self::Moment(values, kind) => {
                let numbers = Int64Chunked::from_iter_options(name, mem::take(values).into_iter()).into_column();
                // Days are 32-bit numbers.
                let numbers = if *kind == Kind::Date { numbers.cast(&DataType::Int32)? } else { numbers };
                numbers.cast(&polars_type(*kind))?
            }
        })
    }
}

/// A moment as Parquet counts it: microseconds or days.
fn number_of(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Instant(instant) => instant.ms().checked_mul(1_000),
        Value::Clock(clock) => clock.ms().checked_mul(1_000),
        Value::Date(day) => Some(i64::from(day.days())),
        _ => None,
    }
}

fn polars_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::String,
        Kind::Float => DataType::Float64,
        Kind::Integer => DataType::Int64,
        Kind::Bool => DataType::Boolean,
        Kind::Instant => DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)),
        Kind::Clock => DataType::Datetime(TimeUnit::Microseconds, None),
        Kind::Date => DataType::Date,
    }
}

impl<'w, R: Row> ParquetSheet<'w, R> {
    /// Begins the file.
    pub fn new(file: &'w mut dyn Write) -> io::Result<Self> {
        let field = |column: &Column| PolarsField::new(PlSmallStr::from_static(column.name), polars_type(column.kind));
        let schema: Schema = columns::<R>().map(field).collect();
        let writer = ParquetWriter::new(file)
            .with_compression(ParquetCompression::Zstd(None))
            .set_parallel(false)
            .with_key_value_metadata(Some(KeyValueMetadata::from_static(described::<R>())))
            .batched(&schema)
            .map_err(io::Error::other)?;
        let columns = columns::<R>().map(|column| Buffer::new(column.kind)).collect();
        Ok(Self { writer, columns, held: 0, rows: PhantomData })
    }

    fn write_held(&mut self) -> io::Result<()> {
        if self.held == 0 {
            return Ok(());
        }
        let columns = self.columns.iter_mut().zip(columns::<R>()).map(|(buffer, column)| buffer.take(column.name));
        let columns = columns.collect::<PolarsResult<_>>().map_err(io::Error::other)?;
        let frame = DataFrame::new(self.held, columns).map_err(io::Error::other)?;
        self.held = 0;
        self.writer.write_batch(&frame).map_err(io::Error::other)
    }
}

impl<R: Row> Sheet<R> for ParquetSheet<'_, R> {
    fn push(&mut self, row: &R) -> io::Result<()> {
        let mut places = self.columns.iter_mut().zip(columns::<R>());
        let mut put = |value: Value<'_>| {
            if let Some((buffer, column)) = places.next() {
                buffer.push(column.stored(value));
            }
        };
        row.values(&mut put);
        put(Value::Integer(SCHEMA_VERSION));
        self.held += 1;
        if self.held == ROW_GROUP { self.write_held() } else { Ok(()) }
    }

    fn finish(mut self) -> io::Result<()> {
        self.write_held()?;
        self.writer.finish().map(|_| ()).map_err(io::Error::other)
    }
}
