//! A method file: numbers of the method that are to be otherwise.

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use truehinge_core::Explained;
use truehinge_dataset::files::open_regular;
use truehinge_signal::Method;

/// Largest file that is read: the whole method with its comments is a twentieth of it.
const MOST_BYTES: u64 = 1 << 20;

/// Why a file cannot be used as a method.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MethodFileError {
    /// The file system said no.
    #[error("the method file {} cannot be read: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// No method is as large.
    #[error("{} is no method file: it is larger than {} kB", path.display(), MOST_BYTES / 1024)]
    TooLarge {
        /// Which file.
        path: PathBuf,
    },
    /// It is not text.
    #[error("{} is not a text file: {source}", path.display())]
    NotText {
        /// Which file.
        path: PathBuf,
        /// Where it is not.
        source: std::string::FromUtf8Error,
    },
    /// It names a number that there is not, or gives one what it may not be.
    #[error("{}: {source}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// The number, with what it may be.
        source: Box<truehinge_signal::MethodError>,
    },
}

impl Explained for MethodFileError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "method_file_io",
            Self::TooLarge { .. } => "method_file_too_large",
            Self::NotText { .. } => "method_file_not_text",
            Self::Unusable { source, .. } => source.code(),
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Io { .. } => return None,
            Self::TooLarge { .. } | Self::NotText { .. } => "give a text file with the numbers that differ".into(),
            Self::Unusable { source, .. } => return source.hint(),
        })
    }
}

/// The built-in method with the changes of a file.
///
/// # Errors
/// The file cannot be read or is no method; the message names it, and the number with what it may be.
pub fn read(path: &Path) -> Result<Method, MethodFileError> {
    let failed = |source| MethodFileError::Io { path: path.to_owned(), source };
    let (file, _) = open_regular(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(MethodFileError::TooLarge { path: path.to_owned() });
    }
    let not_text = |source| MethodFileError::NotText { path: path.to_owned(), source };
    let text = String::from_utf8(bytes).map_err(not_text)?;
    // A byte order mark is what some editors begin a text with.
    Method::from_toml(text.trim_start_matches('\u{feff}'))
        .map_err(|source| MethodFileError::Unusable { path: path.to_owned(), source: Box::new(source) })
}
