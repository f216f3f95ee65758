//! Errors in two parts: what was found, and what to do about it.
//!
//! An error's `Display` says only what was found: the file, the place in it, the value. [`Explained::hint`] says what to do, in plain
//! words that name no option of any program: a terminal, a page and another language each show the two parts in their own way, and put
//! their own options beside them. [`Explained::code`] is what programs tell errors apart by, and what a translation is looked up by.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

/// Code of a disk that is full, wherever something was to be written: it has one remedy.
pub const DISK_FULL: &str = "disk_full";

/// An error that says what was found, and apart from that what to do.
///
/// ```
/// use std::borrow::Cow;
/// use truehinge_core::Explained;
///
/// #[derive(Debug, thiserror::Error)]
/// #[error("a.csv: 2 rows of data, a recording needs at least 10")]
/// struct TooShort;
///
/// impl Explained for TooShort {
///     fn code(&self) -> &'static str {
///         "too_short"
///     }
///     fn hint(&self) -> Option<Cow<'static, str>> {
///         Some("export it again".into())
///     }
/// }
///
/// assert_eq!(TooShort.in_full(), "a.csv: 2 rows of data, a recording needs at least 10: export it again");
/// ```
pub trait Explained: Error {
    /// A name in lower case with underscores that no other kind of error has, and that stays the same from version to version.
    fn code(&self) -> &'static str;

    /// What to do about it, where there is something to do.
    fn hint(&self) -> Option<Cow<'static, str>>;

    /// What was found, with its causes. A cause that the words before it name already is not named again.
    fn found(&self) -> String {
        let mut text = self.to_string().trim_end().to_owned();
        let mut next = self.source();
        while let Some(cause) = next {
            let words = cause.to_string();
            if !text.contains(words.trim_end()) {
                text = format!("{text}: {}", words.trim_end());
            }
            next = cause.source();
        }
        text
    }

    /// Both parts in one line, for tables and logs.
    fn in_full(&self) -> String {
        match self.hint() {
            Some(hint) => format!("{}: {hint}", self.found()),
            None => self.found(),
        }
    }
}

/// An error that several places hold.
impl<E: Explained + ?Sized> Explained for Arc<E> {
    fn code(&self) -> &'static str {
        (**self).code()
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        (**self).hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{words}")]
    struct Said {
        words: &'static str,
        source: Option<Box<Said>>,
    }

    impl Explained for Said {
        fn code(&self) -> &'static str {
            "said"
        }

        fn hint(&self) -> Option<Cow<'static, str>> {
            None
        }
    }

    fn said(words: &'static str, source: Option<Said>) -> Said {
        Said { words, source: source.map(Box::new) }
    }

    #[test]
    fn a_cause_is_named_once() {
        let error = said("a.csv: no space", Some(said("no space", Some(said("quota\n", None)))));
        assert_eq!(error.found(), "a.csv: no space: quota");
        assert_eq!(error.in_full(), error.found());
    }
}
