//! Arrow across the border, by the PyCapsule interface: whoever takes it gets the same memory.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::ffi::FFI_ArrowSchema;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType, UInt32Type};
use arrow_array::{Array, RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{DataType, SchemaRef, TimeUnit};
use pyo3::exceptions::{PyKeyError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

/// Rows that a page shows of a table.
const SHOWN: usize = 10;

/// A stream of record batches as a capsule.
pub fn stream(py: Python<'_>, reader: Box<dyn RecordBatchReader + Send>) -> PyResult<Bound<'_, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), c"arrow_array_stream")
}

fn of_schema<'py>(py: Python<'py>, schema: &SchemaRef) -> PyResult<Bound<'py, PyCapsule>> {
    let schema =
        FFI_ArrowSchema::try_from(schema.as_ref()).map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    PyCapsule::new_with_value(py, schema, c"arrow_schema")
}

/// The columns of a table. `pyarrow.schema(...)`, `polars.Schema(...)` and others take it.
#[pyclass(frozen, module = "truehinge")]
pub struct Schema(pub SchemaRef);

#[pymethods]
impl Schema {
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        of_schema(py, &self.0)
    }

    /// Names of the columns, in order.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.0.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Unit of a column, as in its name; None for words, counts and yes or no.
    fn unit(&self, column: &str) -> PyResult<Option<String>> {
        self.said(column, "unit")
    }

    /// What a column means.
    fn description(&self, column: &str) -> PyResult<Option<String>> {
        self.said(column, "description")
    }

    fn __len__(&self) -> usize {
        self.0.fields().len()
    }

    fn __repr__(&self) -> String {
        let line = |field: &arrow_schema::FieldRef| format!("{}: {}", field.name(), field.data_type());
        self.0.fields().iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

impl Schema {
    fn said(&self, column: &str, what: &str) -> PyResult<Option<String>> {
        let field = self.0.field_with_name(column).map_err(|_| PyKeyError::new_err(column.to_owned()))?;
        Ok(field.metadata().get(what).cloned())
    }
}

/// A table in Arrow's form. polars, pandas, pyarrow and duckdb take it without a copy: `polars.DataFrame(table)`,
/// `pyarrow.table(table)`.
#[pyclass(frozen, module = "truehinge")]
pub struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    /// Of batches that have this schema.
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self { schema, batches }
    }

    fn rows_of(&self, py: Python<'_>, most: usize) -> PyResult<Vec<Py<PyDict>>> {
        let cells = Calendar::of(py)?;
        let places = self.batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)));
        let row = |(batch, row): (&RecordBatch, usize)| {
            let dict = PyDict::new(py);
            for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
                dict.set_item(field.name(), cells.cell(py, column, row)?)?;
            }
            Ok(dict.unbind())
        };
        places.take(most).map(row).collect()
    }
}

#[pymethods]
impl Table {
    /// The table as a stream of Arrow arrays (PyCapsule interface); always in its own types.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let batches = self.batches.clone().into_iter().map(Ok);
        stream(py, Box::new(RecordBatchIterator::new(batches, Arc::clone(&self.schema))))
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        of_schema(py, &self.schema)
    }

    /// The columns.
    #[getter]
    fn schema(&self) -> Schema {
        Schema(Arc::clone(&self.schema))
    }

    /// Names of the columns, in order.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.schema().names()
    }

    /// Number of rows.
    #[getter]
    fn num_rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn __len__(&self) -> usize {
        self.num_rows()
    }

    /// The rows as plain Python values, a dict for each: for small tables, where no data frame library is at hand.
    fn to_pylist(&self, py: Python<'_>) -> PyResult<Vec<Py<PyDict>>> {
        self.rows_of(py, usize::MAX)
    }

    /// As a `polars.DataFrame`; polars must be installed.
    fn to_polars(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        slf.py().import("polars")?.call_method1("DataFrame", (slf,))
    }

    /// As a `pyarrow.Table`; pyarrow must be installed.
    fn to_arrow(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        slf.py().import("pyarrow")?.call_method1("table", (slf,))
    }

    /// As a `pandas.DataFrame`; pandas and pyarrow must be installed.
    fn to_pandas(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        Self::to_arrow(slf)?.call_method0("to_pandas")
    }

    fn __repr__(&self) -> String {
        format!("<truehinge.Table: {} rows, {} columns>", self.num_rows(), self.schema.fields().len())
    }

    fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
        let escape = py.import("html")?.getattr("escape")?;
        let escaped = |text: String| escape.call1((text,))?.extract::<String>();
        let line = |tag: &str, cells: Vec<String>| -> PyResult<String> {
            let cells = cells.into_iter().map(|cell| Ok(format!("<{tag}>{}</{tag}>", escaped(cell)?)));
            Ok(format!("<tr>{}</tr>", cells.collect::<PyResult<String>>()?))
        };
        let text = |value: Bound<'_, PyAny>| -> PyResult<String> {
            if value.is_none() { Ok(String::new()) } else { Ok(value.str()?.to_string()) }
        };
        let rows = self.rows_of(py, SHOWN)?.into_iter().map(|row| {
            let cells = row.bind(py).values().iter().map(text).collect::<PyResult<_>>()?;
            line("td", cells)
        });
        Ok(format!(
            "<table><thead>{}</thead><tbody>{}</tbody></table><small>{} rows</small>",
            line("th", self.column_names())?,
            rows.collect::<PyResult<String>>()?,
            self.num_rows()
        ))
    }
}

/// Python's own types of moments.
struct Calendar<'py> {
    epoch: Bound<'py, PyAny>,
    epoch_utc: Bound<'py, PyAny>,
    day: Bound<'py, PyAny>,
    span: Bound<'py, PyAny>,
}

impl<'py> Calendar<'py> {
    fn of(py: Python<'py>) -> PyResult<Self> {
        let datetime = py.import("datetime")?;
        let moment = datetime.getattr("datetime")?;
        let utc = datetime.getattr("timezone")?.getattr("utc")?;
        Ok(Self {
            epoch: moment.call1((1970, 1, 1))?,
            epoch_utc: moment.call1((1970, 1, 1, 0, 0, 0, 0, utc))?,
            day: datetime.getattr("date")?.call1((1970, 1, 1))?,
            span: datetime.getattr("timedelta")?,
        })
    }

    fn cell(&self, py: Python<'py>, column: &dyn Array, row: usize) -> PyResult<Bound<'py, PyAny>> {
        if column.is_null(row) {
            return Ok(py.None().into_bound(py));
        }
        Ok(match column.data_type() {
            DataType::Utf8 => column.as_string::<i32>().value(row).into_pyobject(py)?.into_any(),
            DataType::Boolean => column.as_boolean().value(row).into_pyobject(py)?.to_owned().into_any(),
            DataType::Float64 => column.as_primitive::<Float64Type>().value(row).into_pyobject(py)?.into_any(),
            DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into_pyobject(py)?.into_any(),
            DataType::UInt32 => column.as_primitive::<UInt32Type>().value(row).into_pyobject(py)?.into_any(),
            DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                let epoch = if zone.is_some() { &self.epoch_utc } else { &self.epoch };
                epoch.add(self.span.call1((0, 0, column.as_primitive::<TimestampMicrosecondType>().value(row)))?)?
            }
            DataType::Date32 => self.day.add(self.span.call1((column.as_primitive::<Date32Type>().value(row),))?)?,
            other => return Err(PyRuntimeError::new_err(format!("no table has a column of {other}"))),
        })
    }
}
