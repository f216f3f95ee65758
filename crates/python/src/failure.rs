//! What goes wrong, as Python tells it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use truehinge_core::Explained;

create_exception!(
    truehinge,
    Error,
    PyException,
    "An input that cannot be used.\n\n\
     The message says what was found and what to do. Apart: `code` (stays the same from version to version), `found`, `hint` (or None) and\n\
     `source` (the file or name it is about, or None)."
);
create_exception!(
    truehinge,
    Defect,
    Error,
    "A defect of truehinge itself, met on one input: report it, with the input if you may. Other inputs are not touched by it."
);

/// Why there is no result, in the words of the errors of the other crates.
#[derive(Clone, Debug)]
pub struct Unusable {
    /// Stays the same.
    pub code: &'static str,
    found: String,
    hint: Option<String>,
    source: Option<String>,
}

impl Unusable {
    /// Of any error that explains itself.
    pub fn of(error: &impl Explained) -> Self {
        let hint = error.hint().map(std::borrow::Cow::into_owned);
        Self { code: error.code(), found: error.found(), hint, source: None }
    }

    /// The same about an input.
    pub fn about(self, source: &str) -> Self {
        Self { source: Some(source.to_owned()), ..self }
    }

    /// What was found and what to do, in one line.
    pub fn in_full(&self) -> String {
        self.hint.as_ref().map_or_else(|| self.found.clone(), |hint| format!("{}: {hint}", self.found))
    }
}

impl From<Unusable> for PyErr {
    fn from(unusable: Unusable) -> Self {
        let words = unusable.in_full();
        let defect = unusable.code == truehinge_session::Error::Defect.code();
        let error = if defect { Defect::new_err(words) } else { Error::new_err(words) };
        Python::attach(|py| {
            let value = error.value(py);
            value.setattr("code", unusable.code)?;
            value.setattr("found", &unusable.found)?;
            value.setattr("hint", &unusable.hint)?;
            value.setattr("source", &unusable.source)
        })
        .map_or_else(|unset| unset, |()| error)
    }
}

/// Does it, and makes an error of a panic: neither the interpreter nor the other inputs may suffer for it.
pub fn guarded<T>(work: impl FnOnce() -> Result<T, Unusable>) -> Result<T, Unusable> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Unusable::of(&truehinge_session::Error::Defect)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_of_its_own() {
        let caught = guarded::<()>(|| panic!("on one input")).expect_err("it panicked");
        assert_eq!(caught.code, "defect");
        assert_eq!(guarded(|| Ok(1)).expect("worked"), 1);
    }
}
