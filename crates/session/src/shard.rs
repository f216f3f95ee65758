//! A study in parts, for as many computers: each reads its own share of the inputs.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use truehinge_core::Explained;
use truehinge_dataset::Survey;
use truehinge_dataset::atomic::sha256;

use crate::workplace::WorkplaceError;

/// One of several parts, counted from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Shard {
    pub(crate) number: u32,
    pub(crate) of: u32,
}

impl Shard {
    /// Such as 3 of 8; `None` if there is no such part.
    pub fn new(number: u32, of: u32) -> Option<Self> {
        (1..=of).contains(&number).then_some(Self { number, of })
    }

    /// What belongs to a part is called so.
    pub fn name(self) -> String {
        format!("{}-of-{}", self.number, self.of)
    }

    /// Which inputs are this part's: by a hash of their names, so that nothing depends on what else is there.
    pub fn of_survey(self, found: Survey, root: &Path) -> Survey {
        let is_own = |path: &Path| {
            let hash = sha256(portable(root, path).as_bytes());
            let start = hash.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default();
            start % u64::from(self.of) == u64::from(self.number - 1)
        };
        let Survey { mut sources, mut unread } = found;
        sources.retain(|path| is_own(path));
        unread.retain(|unread| is_own(&unread.path));
        Survey { sources, unread }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// Why parts cannot be put together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShardError {
    /// There is none in a folder.
    #[error("{}: no finished part of a study is there", folder.display())]
    None {
        /// Which.
        folder: PathBuf,
    },
    /// It cannot be read or written.
    #[error(transparent)]
    Place(#[from] WorkplaceError),
    /// It is not as it was written.
    #[error("{}: line {line}: {found}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        found: String,
    },
    /// Two were not made alike.
    #[error("{}: does not belong to {}: {what}", path.display(), first.display())]
    Differs {
        /// Which file.
        path: PathBuf,
        /// The first one.
        first: PathBuf,
        /// In what.
        what: &'static str,
    },
    /// One is given twice.
    #[error("{}: part {shard} is there already, in {}", path.display(), first.display())]
    Twice {
        /// Which file.
        path: PathBuf,
        /// Which part.
        shard: Shard,
        /// Where it was seen first.
        first: PathBuf,
    },
    /// Some are missing.
    #[error("of {of} parts {} are missing: {}", missing.len(), listed(missing))]
    Missing {
        /// How many there are.
        of: u32,
        /// Which.
        missing: Vec<u32>,
    },
    /// Not all inputs are in the parts.
    #[error("{found} of {need} inputs are in the parts")]
    Incomplete {
        /// Inputs in the parts.
        found: usize,
        /// Inputs that were found.
        need: usize,
    },
}

/// The first of them.
fn listed(numbers: &[u32]) -> String {
    let mut words: Vec<String> = numbers.iter().take(20).map(ToString::to_string).collect();
    words.extend((numbers.len() > words.len()).then(|| "...".to_owned()));
    words.join(", ")
}

impl Explained for ShardError {
    fn code(&self) -> &'static str {
        match self {
            Self::None { .. } => "shard_none",
            Self::Place(error) => error.code(),
            Self::Damaged { .. } => "shard_damaged",
            Self::Differs { .. } => "shard_differs",
            Self::Twice { .. } => "shard_twice",
            Self::Missing { .. } => "shard_missing",
            Self::Incomplete { .. } => "shard_incomplete",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::None { .. } => "run the part until it is finished".into(),
            Self::Place(error) => return error.hint(),
            Self::Damaged { .. } | Self::Incomplete { .. } => {
                "run the part again: only what is missing is analysed".into()
            }
            Self::Differs { .. } => "run all parts on the same inputs, with one version and the same options".into(),
            Self::Twice { .. } => "give each part once".into(),
            Self::Missing { .. } => "run these parts, or give their folders".into(),
        })
    }
}

/// The name of an input, the same on every system.
pub(crate) fn portable(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path).display().to_string();
    if std::path::MAIN_SEPARATOR == '/' { below } else { below.replace(std::path::MAIN_SEPARATOR, "/") }
}
