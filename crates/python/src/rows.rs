//! Rows to Arrow: names, types, units and meanings are those of the declared columns, values those of every file the program writes.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, SchemaRef, TimeUnit};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use truehinge_core::SessionAnalysis;
use truehinge_dataset::table::{
    BudgetRow, Column, CurveRow, DictionaryRow, EventRow, EvidenceRow, Kind, Named, QualityRow, RepMetricRow, RepRow,
    Row, SCHEMA_VERSION, SessionRow, SetRow, SideRow, Tabulate, Value, columns,
};

use crate::capsule::{Schema, Table};
use crate::failure::Unusable;

/// A table that is made from an analysis.
#[derive(Clone, Copy)]
pub struct TableOf {
    /// Name of the table.
    pub name: &'static str,
    fields: fn() -> Vec<FieldRef>,
    rows: fn(&SessionAnalysis) -> Result<RecordBatch, ArrowError>,
}

/// All of them.
pub const TABLES: [TableOf; 10] = [
    TableOf::of::<SessionRow>(),
    TableOf::of::<SideRow>(),
    TableOf::of::<SetRow>(),
    TableOf::of::<RepRow>(),
    TableOf::of::<RepMetricRow>(),
    TableOf::of::<BudgetRow>(),
    TableOf::of::<EvidenceRow>(),
    TableOf::of::<CurveRow>(),
    TableOf::of::<EventRow>(),
    TableOf::of::<QualityRow>(),
];

/// Columns that the rows of many recordings have beside those of their table.
const SOURCE: (&str, &str) = ("source_file", "File or folder that the row comes from");
const ERROR_CODE: (&str, &str) =
    ("error_code", "Why there are no rows of this source, as a code that stays; missing where there are");
const ERROR: (&str, &str) = ("error", "The same in words, with what to do");
/// The code of a recording that is whole, and of which the table has no rows.
const NO_ROWS: &str = "no_rows";
const NO_ROWS_FOUND: &str = "it was read and judged; this table has no rows of it";

impl TableOf {
    const fn of<R: Tabulate>() -> Self {
        Self { name: R::TABLE, fields: fields::<R>, rows: |analysis| batch(R::rows(&Named::plainly(analysis))) }
    }

    /// By its name.
    ///
    /// # Errors
    /// `ValueError`: there is none.
    pub fn called(name: &str) -> PyResult<Self> {
        TABLES.into_iter().find(|table| table.name == name).ok_or_else(|| {
            let names = TABLES.map(|table| table.name).join(", ");
            PyValueError::new_err(format!("there is no table {name:?}: there are {names}"))
        })
    }

    /// Its columns; with `sources` also those of many recordings.
    pub fn schema(self, sources: bool) -> SchemaRef {
        let mut fields = (self.fields)();
        if sources {
            fields.insert(0, beside(SOURCE));
            fields.extend([beside(ERROR_CODE), beside(ERROR)]);
        }
        let said =
            [("truehinge.table", self.name.to_owned()), ("truehinge.schema_version", SCHEMA_VERSION.to_string())];
        let said: HashMap<_, _> = said.map(|(key, value)| (key.to_owned(), value)).into();
        Arc::new(arrow_schema::Schema::new_with_metadata(fields, said))
    }

    /// Its rows of an analysis.
    ///
    /// # Errors
    /// A defect.
    pub fn of_analysis(self, analysis: &SessionAnalysis) -> Result<RecordBatch, Unusable> {
        let rows = (self.rows)(analysis).map_err(defect)?;
        RecordBatch::try_new(self.schema(false), rows.columns().to_vec()).map_err(defect)
    }

    /// Its rows of one of many recordings: never none, so that every source is found in the result.
    ///
    /// # Errors
    /// A defect.
    pub fn of_source(
        self,
        source: &str,
        outcome: Result<&SessionAnalysis, &Unusable>,
    ) -> Result<RecordBatch, Unusable> {
        let rows = match outcome {
            Ok(analysis) => (self.rows)(analysis).map_err(defect)?,
            Err(_) => RecordBatch::new_empty(self.schema(false)),
        };
        let none = (NO_ROWS, format!("{source}: {NO_ROWS_FOUND}"));
        let error = match outcome {
            Err(error) => Some((error.code, error.in_full())),
            Ok(_) => (rows.num_rows() == 0).then_some(none),
        };
        let count = rows.num_rows().max(1);
        let mut columns: Vec<ArrayRef> = vec![Arc::new(StringArray::from(vec![source; count]))];
        if error.is_some() {
            columns.extend((self.fields)().iter().map(|field| new_null_array(field.data_type(), count)));
        } else {
            columns.extend(rows.columns().iter().cloned());
        }
        let (code, words) = error.map_or((None, None), |(code, words)| (Some(code), Some(words)));
        columns.push(Arc::new(StringArray::from(vec![code; count])));
        columns.push(Arc::new(StringArray::from(vec![words.as_deref(); count])));
        RecordBatch::try_new(self.schema(true), columns).map_err(defect)
    }
}

/// Arrow refuses what only a defect of ours can ask of it.
pub fn defect(_: ArrowError) -> Unusable {
    Unusable::of(&truehinge_session::Error::Defect)
}

fn beside((name, description): (&str, &str)) -> FieldRef {
    described(name, DataType::Utf8, "", description)
}

/// A field with its unit and meaning.
pub fn described(name: &str, kind: DataType, unit: &str, description: &str) -> FieldRef {
    let mut said = HashMap::from([("description".to_owned(), description.to_owned())]);
    if !unit.is_empty() {
        said.insert("unit".to_owned(), unit.to_owned());
    }
    Arc::new(Field::new(name, kind, true).with_metadata(said))
}

fn fields<R: Row>() -> Vec<FieldRef> {
    let field = |column: &Column| described(column.name, type_of(column.kind), column.unit.symbol, column.description);
    columns::<R>().map(field).collect()
}

fn type_of(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Float => DataType::Float64,
        Kind::Integer => DataType::Int64,
        Kind::Bool => DataType::Boolean,
        Kind::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Kind::Clock => DataType::Timestamp(TimeUnit::Microsecond, None),
        Kind::Date => DataType::Date32,
    }
}

fn batch<R: Row>(rows: Vec<R>) -> Result<RecordBatch, ArrowError> {
    let mut cells: Vec<(&Column, Cells)> = columns::<R>().map(|column| (column, Cells::new(column.kind))).collect();
    for row in &rows {
        let mut places = cells.iter_mut();
        let mut put = |value: Value<'_>| {
            if let Some((column, cells)) = places.next() {
                cells.push(&column.stored(value));
            }
        };
        row.values(&mut put);
        put(Value::Integer(SCHEMA_VERSION));
    }
    let arrays = cells.into_iter().map(|(_, cells)| cells.finish()).collect();
    RecordBatch::try_new(Arc::new(arrow_schema::Schema::new(fields::<R>())), arrays)
}

/// The cells of a column so far.
enum Cells {
    Text(StringBuilder),
    Float(Float64Builder),
    Integer(Int64Builder),
    Bool(BooleanBuilder),
    Instant(TimestampMicrosecondBuilder),
    Clock(TimestampMicrosecondBuilder),
    Date(Date32Builder),
}

impl Cells {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Float => Self::Float(Float64Builder::new()),
            Kind::Integer => Self::Integer(Int64Builder::new()),
            Kind::Bool => Self::Bool(BooleanBuilder::new()),
            Kind::Instant => Self::Instant(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            Kind::Clock => Self::Clock(TimestampMicrosecondBuilder::new()),
            Kind::Date => Self::Date(Date32Builder::new()),
        }
    }

    /// A value of another type than the column's is missing; the declaration makes sure there is none.
    fn push(&mut self, value: &Value<'_>) {
        match (self, value) {
            (Self::Text(cells), Value::Text(text)) => cells.append_value(text),
            (Self::Text(cells), _) => cells.append_null(),
            (Self::Float(cells), Value::Float(number)) => cells.append_value(*number),
            (Self::Float(cells), _) => cells.append_null(),
            (Self::Integer(cells), Value::Integer(number)) => cells.append_value(*number),
            (Self::Integer(cells), _) => cells.append_null(),
            (Self::Bool(cells), Value::Bool(yes)) => cells.append_value(*yes),
            (Self::Bool(cells), _) => cells.append_null(),
            (Self::Instant(cells), Value::Instant(instant)) => cells.append_option(instant.ms().checked_mul(1_000)),
            (Self::Clock(cells), Value::Clock(clock)) => cells.append_option(clock.ms().checked_mul(1_000)),
            (Self::Instant(cells) | Self::Clock(cells), _) => cells.append_null(),
            (Self::Date(cells), Value::Date(day)) => cells.append_value(day.days()),
            (Self::Date(cells), _) => cells.append_null(),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut cells) => Arc::new(cells.finish()),
            Self::Float(mut cells) => Arc::new(cells.finish()),
            Self::Integer(mut cells) => Arc::new(cells.finish()),
            Self::Bool(mut cells) => Arc::new(cells.finish()),
            Self::Instant(mut cells) | Self::Clock(mut cells) => Arc::new(cells.finish()),
            Self::Date(mut cells) => Arc::new(cells.finish()),
        }
    }
}

/// The columns of a table: names, Arrow types, and in each field's metadata its unit and what it means.
///
/// With `sources=True` those of `analyze_files`, which has `source_file`, `error_code` and `error` beside them.
#[pyfunction]
#[pyo3(signature = (table = "reps", *, sources = false))]
pub fn schema(table: &str, sources: bool) -> PyResult<Schema> {
    Ok(Schema(TableOf::called(table)?.schema(sources)))
}

/// Every column of every table, with unit, type and meaning: a row for each, as the program writes it to data_dictionary.csv.
#[pyfunction]
pub fn data_dictionary() -> PyResult<Table> {
    let batch = batch::<DictionaryRow>(truehinge_dataset::table::data_dictionary()).map_err(defect)?;
    Ok(Table::new(batch.schema(), vec![batch]))
}
