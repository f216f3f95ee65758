//! What a value of the method may be.

use std::fmt;

/// What a value may be.
#[derive(Clone, PartialEq, Debug)]
pub enum Allowed {
    /// Between two numbers, both included.
    Range {
        /// Least.
        least: Bound,
        /// Most.
        most: Bound,
        /// Whole numbers only.
        whole: bool,
        /// Unit of both.
        unit: &'static str,
    },
    /// One of these words.
    Words(Vec<String>),
}

/// An end of a range.
#[derive(Clone, PartialEq, Debug)]
pub enum Bound {
    /// Fixed.
    Number(f64),
    /// As large as another number is.
    Path(String),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Debug writes very large and small ones with an exponent.
            Self::Number(number) => f.write_str(format!("{number:?}").trim_end_matches(".0")),
            Self::Path(path) => f.write_str(path),
        }
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range { least, most, whole, unit } => {
                write!(f, "{} from {least} to {most}", if *whole { "a whole number" } else { "a number" })?;
                if *unit == "1" { Ok(()) } else { write!(f, " {unit}") }
            }
            Self::Words(words) => f.write_str(&words.join(" or ")),
        }
    }
}
