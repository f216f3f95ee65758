//! Rows to Apache Parquet.

use std::io::{self, Write};
use std::marker::PhantomData;
use std::mem;

use polars::prelude::{
    BooleanChunked, Column as PolarsColumn, DataFrame, DataType, Field as PolarsField, Float64Chunked, Int64Chunked,
    IntoColumn, NewChunkedArray, PlSmallStr, PolarsResult, Schema, StringChunked, TimeUnit, TimeZone,
};
use polars_io::parquet::write::{BatchedWriter, KeyValueMetadata, ParquetCompression, ParquetWriter};

use super::column::{Column, Kind, Row, SCHEMA_VERSION, Value};
use super::sheet::{Sheet, columns};

/// Rows of a Parquet row group: small enough for memory, large enough to compress well.
const ROW_GROUP: usize = 1 << 15;

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
