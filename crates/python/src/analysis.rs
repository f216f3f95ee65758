//! One recording's results.

use std::fmt::Write as _;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use truehinge_core::words::Language;
use truehinge_core::{Rep, SessionAnalysis, words};

use crate::capsule::Table;
use crate::failure::guarded;
use crate::how::How;
use crate::rows::TableOf;
use crate::source::Source;

/// What came of a recording: a table for each kind of row, as the program writes them.
#[pyclass(frozen, module = "truehinge")]
pub struct Analysis {
    analysis: SessionAnalysis,
    warnings: Vec<String>,
}

/// Analyses one recording.
///
/// `source` is a path (a recording, or a file or folder of another maker's sensors), the bytes of a recording, or a `Recording`.
/// Numbers, verdicts and tables are those of `truehinge analyze`, bit for bit. Other threads run meanwhile.
///
/// Keywords: `name`, what bytes are called; `protocol`, the name of a built-in one or a file; `method`, a TOML file or a dict of
/// numbers that are to be otherwise; `library`, a folder with cards of athletes; and what may have to be said of other makers' files:
/// `side` ('left' or 'right'), `athlete`, `height_cm`, `mapping` (a file). Inputs beyond `max_bytes` are refused.
///
/// Raises `Error` for an input that cannot be used.
#[pyfunction]
#[pyo3(
    signature = (source, *, name = None, **keywords),
    text_signature = "(source, *, name=None, protocol=None, method=None, library=None, side=None, athlete=None, height_cm=None, mapping=None, max_bytes=None)"
)]
pub fn analyze(
    py: Python<'_>,
    source: Source,
    name: Option<String>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<Analysis> {
    let (how, source) = (How::of(keywords)?, source.named(name));
    let (analysis, warnings) =
        py.detach(|| guarded(|| source.analyse(&how))).map_err(|unusable| unusable.about(&source.name()))?;
    Ok(Analysis { analysis, warnings })
}

#[pymethods]
impl Analysis {
    /// A table by its name: one of `truehinge.TABLES`.
    fn table(&self, py: Python<'_>, name: &str) -> PyResult<Table> {
        let table = TableOf::called(name)?;
        let rows = py.detach(|| guarded(|| table.of_analysis(&self.analysis)))?;
        Ok(Table::new(rows.schema(), vec![rows]))
    }

    /// The counted repetitions: times, verdict, numbers.
    #[getter]
    fn reps(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, "reps")
    }

    /// The same, a row for each number.
    #[getter]
    fn reps_long(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, "reps_long")
    }

    /// The session: one row, with devices, body measures, limits and provenance.
    #[getter]
    fn sessions(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, "sessions")
    }

    /// Each leg in the session.
    #[getter]
    fn sides(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, "sides")
    }

    /// The sets.
    #[getter]
    fn sets(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, "sets")
    }

    /// The sources of each number's uncertainty.
    #[getter]
    fn budgets(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, "budgets")
    }

    /// The tests behind the verdicts.
    #[getter]
    fn evidence(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, "evidence")
    }

    /// The signals over each repetition, from 0 to 100 % of its time.
    #[getter]
    fn curves(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, "curves")
    }

    /// What happened when: sets, stances, repetitions, movements that were not counted and why.
    #[getter]
    fn events(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, "events")
    }

    /// Checks of the data.
    #[getter]
    fn quality(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, "quality")
    }

    /// Pseudonym of the person.
    #[getter]
    fn athlete(&self) -> &str {
        self.analysis.info.athlete.as_str()
    }

    /// Name of the session.
    #[getter]
    fn session(&self) -> &str {
        self.analysis.info.session.as_str()
    }

    /// The verdict that holds of each counted repetition, in order.
    #[getter]
    fn verdicts(&self) -> Vec<&'static str> {
        self.counted().map(|rep| rep.verdict().name()).collect()
    }

    /// What a reader must know about the data, in sentences.
    #[getter]
    fn findings(&self) -> Vec<String> {
        self.analysis.findings.iter().map(words::remark).collect()
    }

    /// What reading another maker's files warned of.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }

    /// Grade of the data: good, fair or poor.
    #[getter]
    fn grade(&self) -> &'static str {
        self.analysis.grade().name()
    }

    fn __repr__(&self) -> String {
        let mut text = format!("{} {}: {} repetitions", self.athlete(), self.session(), self.counted().count());
        for (set, rep) in self.analysis.reps().filter(|(_, rep)| rep.counts()) {
            let side = set.side.map_or("", |side| side.name());
            // Writing to a String cannot fail.
            let _ = write!(text, "\n  {side} {}.{}  {}", set.number, rep.number, Language::English.reason(rep));
        }
        for finding in self.findings() {
            let _ = write!(text, "\n  ! {finding}");
        }
        text
    }
}

impl Analysis {
    fn counted(&self) -> impl Iterator<Item = &Rep> {
        self.analysis.reps().map(|(_, rep)| rep).filter(|rep| rep.counts())
    }
}
