//! Many recordings: a stream of their rows, in the order they were given, on any number of threads.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::concat::concat_batches;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use rayon::prelude::*;
use truehinge_dataset::{ImportOptions, Survey};

use crate::capsule::{Schema, Table, stream};
use crate::failure::{Unusable, guarded};
use crate::how::How;
use crate::rows::{TableOf, defect};
use crate::source::Source;

/// Recordings that are in work at once, for each thread: memory stays small, and threads wait for the slowest of so many only.
const AT_ONCE: usize = 8;

/// What many recordings are analysed by.
struct Study {
    sources: Vec<Source>,
    table: TableOf,
    how: How,
    threads: Option<usize>,
}

/// The rows of many recordings, made while they are read. Every reading begins anew.
///
/// polars, pandas, pyarrow and duckdb take it as a stream of Arrow arrays; `for table in stream` gives the same in small tables.
#[pyclass(frozen, module = "truehinge")]
pub struct Stream(Arc<Study>);

/// Analyses many recordings and gives a table of all of them, as a stream of Arrow arrays.
///
/// `sources` are paths, or `(name, bytes)` of recordings, with the OSError in place of bytes that could not be had. Every source is in the result: one that cannot be used, or of which the table has
/// no rows, has one row with `error_code` and `error` and nothing else. Rows come in the order of the sources, whatever
/// `threads` is (all processors if it is not given). Keywords are those of `analyze`.
#[pyfunction]
#[pyo3(
    signature = (sources, *, table = "reps", threads = None, **keywords),
    text_signature = "(sources, *, table='reps', threads=None, protocol=None, method=None, library=None, side=None, athlete=None, height_cm=None, mapping=None, max_bytes=None)"
)]
pub fn analyze_files(
    sources: &Bound<'_, PyAny>,
    table: &str,
    threads: Option<usize>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<Stream> {
    // A single path is meant as one: its letters are not files.
    let sources = match sources.extract::<Source>() {
        Ok(source) => vec![source],
        Err(_) => sources.try_iter()?.map(|source| source?.extract()).collect::<PyResult<_>>()?,
    };
    let study = Study { sources, table: TableOf::called(table)?, how: How::of(keywords)?, threads };
    Ok(Stream(Arc::new(study)))
}

/// Every recording below a folder, in order, as the program would read it; and what looks like one and cannot be used.
#[pyfunction]
pub fn find(py: Python<'_>, folder: PathBuf) -> PyResult<Vec<String>> {
    let found = py.detach(|| {
        guarded(|| {
            let found = truehinge_session::find(&[folder], &ImportOptions::default());
            found.map_err(|error| Unusable::of(&error))
        })
    })?;
    let Survey { mut sources, unread } = found;
    sources.extend(unread.into_iter().map(|unread| unread.path));
    sources.sort();
    sources.dedup();
    Ok(sources.iter().map(|path| path.display().to_string()).collect())
}

#[pymethods]
impl Stream {
    /// The rows as a stream of Arrow arrays (PyCapsule interface); always in their own types.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        stream(py, Box::new(Reading::begin(&self.0)?))
    }

    /// The columns.
    #[getter]
    fn schema(&self) -> Schema {
        Schema(self.0.table.schema(true))
    }

    fn __iter__(&self) -> PyResult<Tables> {
        Ok(Tables(Mutex::new(Reading::begin(&self.0)?)))
    }

    /// All rows at once.
    fn read_all(&self, py: Python<'_>) -> PyResult<Table> {
        let mut reading = Reading::begin(&self.0)?;
        let mut batches = Vec::new();
        while let Some(batch) = py.detach(|| reading.read()) {
            batches.push(batch?);
            py.check_signals()?;
        }
        Ok(Table::new(self.0.table.schema(true), batches))
    }

    fn __repr__(&self) -> String {
        format!("<truehinge.Stream: {} of {} sources>", self.0.table.name, self.0.sources.len())
    }
}

/// The tables of a stream, one after the other.
#[pyclass(frozen)]
struct Tables(Mutex<Reading>);

#[pymethods]
impl Tables {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Table>> {
        py.check_signals()?;
        let read = py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).read());
        Ok(read.transpose()?.map(|batch| Table::new(batch.schema(), vec![batch])))
    }
}

/// How far a reading has come.
struct Reading {
    study: Arc<Study>,
    pool: rayon::ThreadPool,
    next: usize,
}

impl Reading {
    fn begin(study: &Arc<Study>) -> Result<Self, Unusable> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(study.threads.unwrap_or(0)).build();
        let failed = |error: rayon::ThreadPoolBuildError| {
            Unusable::of(&truehinge_session::Error::Threads { reason: error.to_string() })
        };
        Ok(Self { study: Arc::clone(study), pool: pool.map_err(failed)?, next: 0 })
    }

    /// The rows of the next few recordings; none after the last.
    fn read(&mut self) -> Option<Result<RecordBatch, Unusable>> {
        let end = self.study.sources.len().min(self.next + AT_ONCE * self.pool.current_num_threads());
        let sources = self.study.sources.get(self.next..end).filter(|sources| !sources.is_empty())?;
        let study = &self.study;
        let rows: Vec<_> =
            self.pool.install(|| sources.par_iter().map(|source| guarded(|| study.rows(source))).collect());
        self.next = end;
        let together = || {
            let rows = rows.into_iter().collect::<Result<Vec<_>, _>>()?;
            concat_batches(&study.table.schema(true), &rows).map_err(defect)
        };
        Some(guarded(together))
    }
}

impl Study {
    /// The rows of a source; a defect on it is an error row too.
    fn rows(&self, source: &Source) -> Result<RecordBatch, Unusable> {
        let outcome = guarded(|| source.analyse(&self.how));
        let outcome = outcome.as_ref().map(|(analysis, _)| analysis);
        guarded(|| self.table.of_source(&source.name(), outcome))
            .or_else(|defect| self.table.of_source(&source.name(), Err(&defect)))
    }
}

impl Iterator for Reading {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.read()?.map_err(|unusable| ArrowError::ExternalError(unusable.in_full().into())))
    }
}

impl RecordBatchReader for Reading {
    fn schema(&self) -> SchemaRef {
        self.study.table.schema(true)
    }
}
