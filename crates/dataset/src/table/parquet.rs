//! Rows to Apache Parquet.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::marker::PhantomData;
use std::mem;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use polars::prelude::{
    BooleanChunkedBuilder, ChunkedBuilder, Column as PolarsColumn, DataFrame, DataType, Field as PolarsField,
    Float64Type, Int64Type, IntoColumn, IntoSeries, PlSmallStr, PolarsError, PolarsResult, PrimitiveChunkedBuilder,
    Schema, StringChunkedBuilder, TimeUnit, TimeZone,
};
use polars_io::parquet::write::{BatchedWriter, KeyValueMetadata, ParquetCompression, ParquetWriter};

use super::column::{Column, Kind, Row, SCHEMA_VERSION, Value};
use super::sheet::{Sheet, columns};

/// Cells of a Parquet row group: few enough for the memory of all tables that are written at once, enough to compress well. Rows
/// would not do: some tables have eight columns, some ninety.
const ROW_GROUP_CELLS: usize = 1 << 17;

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
pub struct ParquetSheet<R> {
    writer: BatchedWriter<Noting>,
    file: File,
    refused: Arc<OnceLock<io::ErrorKind>>,
    columns: Vec<Buffer>,
    held: usize,
    rows: PhantomData<R>,
}

/// Values of one column that are not written yet.
enum Buffer {
    Text(StringChunkedBuilder),
    Float(PrimitiveChunkedBuilder<Float64Type>),
    Integer(PrimitiveChunkedBuilder<Int64Type>),
    Bool(BooleanChunkedBuilder),
    /// Moments as numbers, of that type.
    Moment(PrimitiveChunkedBuilder<Int64Type>, Kind),
}

impl Buffer {
    fn new(column: &Column) -> Self {
        let name = PlSmallStr::from_static(column.name);
        match column.kind {
            Kind::Text => Self::Text(StringChunkedBuilder::new(name, 0)),
            Kind::Float => Self::Float(PrimitiveChunkedBuilder::new(name, 0)),
            Kind::Integer => Self::Integer(PrimitiveChunkedBuilder::new(name, 0)),
            Kind::Bool => Self::Bool(BooleanChunkedBuilder::new(name, 0)),
            Kind::Instant | Kind::Clock | Kind::Date => {
                Self::Moment(PrimitiveChunkedBuilder::new(name, 0), column.kind)
            }
        }
    }

    /// A value of another type than the column's is missing; the declaration makes sure there is none.
    fn push(&mut self, value: Value<'_>) {
        match (self, value) {
            (Self::Text(values), Value::Text(text)) => values.append_value(text),
            (Self::Text(values), _) => values.append_null(),
            (Self::Float(values), Value::Float(number)) => values.append_value(number),
            (Self::Float(values), _) => values.append_null(),
            (Self::Integer(values), Value::Integer(number)) => values.append_value(number),
            (Self::Integer(values), _) => values.append_null(),
            (Self::Bool(values), Value::Bool(yes)) => values.append_value(yes),
            (Self::Bool(values), _) => values.append_null(),
            (Self::Moment(values, _), value) => values.append_option(number_of(&value)),
        }
    }

    fn finish(self) -> PolarsResult<PolarsColumn> {
        Ok(match self {
            Self::Text(values) => values.finish().into_series().into_column(),
            Self::Float(values) => values.finish().into_series().into_column(),
            Self::Integer(values) => values.finish().into_series().into_column(),
            Self::Bool(values) => values.finish().into_series().into_column(),
            Self::Moment(values, kind) => {
                let numbers = values.finish().into_series().into_column();
                // Days are 32-bit numbers.
                let numbers = if kind == Kind::Date { numbers.cast(&DataType::Int32)? } else { numbers };
                numbers.cast(&polars_type(kind))?
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

impl<R: Row> ParquetSheet<R> {
    /// Begins the file.
    pub fn new(path: &Path) -> io::Result<Self> {
        let field = |column: &Column| PolarsField::new(PlSmallStr::from_static(column.name), polars_type(column.kind));
        let schema: Schema = columns::<R>().map(field).collect();
        let file = File::create(path)?;
        let refused = Arc::new(OnceLock::new());
        let noting = Noting { file: BufWriter::new(file.try_clone()?), refused: Arc::clone(&refused) };
        let writer = ParquetWriter::new(noting)
            .with_compression(ParquetCompression::Zstd(None))
            .set_parallel(false)
            .with_key_value_metadata(Some(KeyValueMetadata::from_static(described::<R>())))
            .batched(&schema)
            .map_err(|error| told(&refused, error))?;
        let columns = columns::<R>().map(Buffer::new).collect();
        Ok(Self { writer, file, refused, columns, held: 0, rows: PhantomData })
    }

    fn write_held(&mut self) -> io::Result<()> {
        if self.held == 0 {
            return Ok(());
        }
        let fresh = columns::<R>().map(Buffer::new).collect();
        let full = mem::replace(&mut self.columns, fresh).into_iter().map(Buffer::finish);
        let frame = full.collect::<PolarsResult<_>>().and_then(|columns| DataFrame::new(self.held, columns));
        self.held = 0;
        frame.and_then(|frame| self.writer.write_batch(&frame)).map_err(|error| told(&self.refused, error))
    }
}

/// A file that remembers why it could not be written: of that, polars passes on the words only.
struct Noting {
    file: BufWriter<File>,
    refused: Arc<OnceLock<io::ErrorKind>>,
}

impl Noting {
    fn note<T>(&self, outcome: io::Result<T>) -> io::Result<T> {
        outcome.inspect_err(|error| {
            let _ = self.refused.set(error.kind());
        })
    }
}

impl Write for Noting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let outcome = self.file.write(bytes);
        self.note(outcome)
    }

    fn flush(&mut self) -> io::Result<()> {
        let outcome = self.file.flush();
        self.note(outcome)
    }
}

/// What polars said, as the kind of error that the file system gave, where it did.
fn told(refused: &OnceLock<io::ErrorKind>, error: PolarsError) -> io::Error {
    match refused.get() {
        Some(kind) => io::Error::new(*kind, error.to_string()),
        None => io::Error::other(error),
    }
}

impl<R: Row> Sheet<R> for ParquetSheet<R> {
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
        if self.held * self.columns.len() >= ROW_GROUP_CELLS { self.write_held() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.write_held()?;
        self.writer.finish().map_err(|error| told(&self.refused, error))?;
        self.file.sync_data()
    }
}
