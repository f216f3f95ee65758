//! What is wrong with a method file.

use std::borrow::Cow;

use truehinge_core::Explained;

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
    #[error("there is no {path}")]
    Unknown {
        /// As given.
        path: String,
        /// The path that is most like it, if one is.
        nearest: Option<String>,
    },
    /// The number is there, in another unit.
    #[error("there is no {path}")]
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

impl Explained for MethodError {
    fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "method_not_toml",
            Self::Unknown { .. } => "method_unknown_number",
            Self::Unit { .. } => "method_unit",
            Self::Kind { .. } => "method_kind",
            Self::Range { .. } => "method_range",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Syntax { .. } | Self::Kind { .. } | Self::Range { .. } => return None,
            Self::Unknown { nearest, .. } => {
                return nearest.as_ref().map(|near| format!("did you mean {near}?").into());
            }
            Self::Unit { unit, known, .. } => format!("give it in {unit}, as {known}").into(),
        })
    }
}
