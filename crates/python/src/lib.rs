//! # truehinge for Python
//!
//! The same calls as the program's, with results as Arrow: [`source`] is what can be analysed and [`how`] what is said of it, [`analysis`] one
//! recording's results, [`study`] those of many as a stream, [`recording`] samples and simulated people. [`rows`] makes Arrow of the
//! declared tables, [`capsule`] hands it over without a copy. Nothing here computes a number.
//!
//! No panic reaches the interpreter (`failure::guarded`), and no work is done while its lock is held.

mod analysis;
mod capsule;
mod failure;
mod how;
mod recording;
mod rows;
mod source;
mod study;

use pyo3::prelude::*;

/// What the Python part of the package takes its names from.
#[pymodule]
mod _truehinge {
    #[pymodule_export]
    use crate::analysis::{Analysis, analyze};
    #[pymodule_export]
    use crate::capsule::{Schema, Table};
    #[pymodule_export]
    use crate::failure::{Defect, Error};
    #[pymodule_export]
    use crate::recording::{Recording, read_recording, simulate};
    #[pymodule_export]
    use crate::rows::{data_dictionary, schema};
    #[pymodule_export]
    use crate::study::{Stream, analyze_files, find};
    use crate::{recording, rows};
    use pyo3::prelude::*;
    use pyo3::types::PyTuple;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("TABLES", PyTuple::new(py, rows::TABLES.iter().map(|table| table.name))?)?;
        module.add("SCENARIOS", PyTuple::new(py, recording::scenarios(0).iter().map(|scenario| scenario.name))?)?;
        module.add("PROTOCOLS", PyTuple::new(py, truehinge_core::Protocol::BUILT_IN.iter().map(|(name, _)| *name))?)
    }
}
