//! What is said of an input beside what is in it: the keywords that all functions share.

use std::path::{Path, PathBuf};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyMapping};
use truehinge_core::{AthleteId, Length, Side};
use truehinge_dataset::ImportOptions;
use truehinge_dataset::import::Mapping;
use truehinge_session::{Judge, method_file, protocol};
use truehinge_signal::Method;

use crate::failure::Unusable;

/// Largest input that is read unless somebody allows more, bytes: two days of two sensors.
pub const MOST_BYTES: u64 = 512 << 20;

/// How inputs are read and judged.
#[derive(Clone, Default)]
pub struct How {
    /// How they are read.
    pub options: ImportOptions,
    /// By what they are judged.
    pub judge: Judge,
    most_bytes: Option<u64>,
}

impl How {
    /// Of the keywords of a call.
    ///
    /// # Errors
    /// `TypeError` or `ValueError` for a keyword that there is not or a value that it cannot have; [`Unusable`] for a file that it names.
    pub fn of(keywords: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut how = Self::default();
        for (keyword, value) in keywords.into_iter().flatten() {
            if !value.is_none() {
                how.take(keyword.extract::<&str>()?, &value)?;
            }
        }
        Ok(how)
    }

    /// Largest input that is read, bytes.
    pub fn most_bytes(&self) -> u64 {
        self.most_bytes.unwrap_or(MOST_BYTES)
    }

    fn take(&mut self, keyword: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let judge = std::mem::take(&mut self.judge);
        self.judge = match keyword {
            "protocol" => {
                let name: PathBuf = value.extract()?;
                let (protocol, _) = protocol::named_or_read(&name.to_string_lossy()).map_err(told)?;
                judge.by(Some(protocol))
            }
            "method" => judge.with_method(method(value)?),
            "library" => judge.with_library(Some(value.extract()?)),
            _ => {
                self.take_of_reading(keyword, value)?;
                judge
            }
        };
        Ok(())
    }

    fn take_of_reading(&mut self, keyword: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match keyword {
            "side" => self.options.side = Some(side(value.extract()?)?),
            "athlete" => self.options.athlete = Some(AthleteId::new(value.extract::<String>()?).map_err(told)?),
            "height_cm" => self.options.height = Some(Length::from_metres(value.extract::<f64>()? / 100.0)),
            "mapping" => self.options.mapping = Some(Mapping::read(&value.extract::<PathBuf>()?).map_err(told)?),
            "max_bytes" => self.most_bytes = Some(value.extract()?),
            unknown => {
                return Err(PyTypeError::new_err(format!(
                    "there is no keyword {unknown:?}: there are protocol, method, library, side, athlete, height_cm, mapping, max_bytes"
                )));
            }
        }
        Ok(())
    }
}

fn told(error: impl truehinge_core::Explained) -> PyErr {
    Unusable::of(&error).into()
}

fn side(word: &str) -> PyResult<Side> {
    [Side::Left, Side::Right]
        .into_iter()
        .find(|side| side.name() == word)
        .ok_or_else(|| PyValueError::new_err(format!("side is {word:?}: it can be 'left' or 'right'")))
}

/// A method file, or its numbers as a mapping.
fn method(value: &Bound<'_, PyAny>) -> PyResult<Method> {
    let Ok(numbers) = value.cast::<PyMapping>() else {
        return method_file::read(Path::new(&value.extract::<PathBuf>()?)).map_err(told);
    };
    let mut method = Method::default();
    for item in numbers.items()? {
        let (name, number): (String, Bound<'_, PyAny>) = item.extract()?;
        method = method.with(&name, &toml(&number)?).map_err(told)?;
    }
    Ok(method)
}

/// A number as a method file writes it.
fn toml(value: &Bound<'_, PyAny>) -> PyResult<String> {
    if value.is_instance_of::<PyBool>() {
        return Ok(value.extract::<bool>()?.to_string());
    }
    match value.extract::<i64>() {
        Ok(whole) => Ok(whole.to_string()),
        Err(_) => Ok(format!("{:?}", value.extract::<f64>()?)),
    }
}
