//! What is wrong with a method file.

use super::allowed::Allowed;

/// A method cannot be used. The file's name is the caller's to add.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MethodError {
    /// The text is not TOML.
    #[error("this is not TOML: {message}")]
    Syntax {
        /// Line, column and what was expected.
        message: String,
    },
    /// No number has this path.
    #[error("there is no {path}{}", nearest.as_ref().map_or_else(String::new, |near| format!(": did you mean {near}?")))]
    Unknown {
        /// As given.
        path: String,
        /// The path that is most like it, if one is.
        nearest: Option<String>,
    },
    /// The number is there, in another unit.
    #[error("there is no {path}: this number is given in {unit}, as {known}")]
    Unit {
        /// As given.
        path: String,
        /// Its path.
        known: String,
        /// The unit its path ends with.
        unit: &'static str,
    },
    /// A value of another kind.
    #[error("{path} is {found}, allowed is {allowed}")]
    Kind {
        /// Which.
        path: String,
        /// As given.
        found: String,
        /// What it may be.
        allowed: Allowed,
    },
    /// Not a number, infinite, or out of range.
    #[error("{path} is {value}, allowed is {allowed}")]
    Range {
        /// Which.
        path: String,
        /// As given.
        value: String,
        /// What it may be.
        allowed: Allowed,
    },
}
