//! The method: every number that somebody chose, in one tree.
//!
//! `method/default.toml` is its readable form and the only place of the numbers: each stands there with its meaning, its unit
//! (the end of its name), the range it may be in and where it comes from. [`Method`] is the same tree as a value, one struct a
//! table; each stage is handed the part that it needs. A number is named by its path, such as `repetitions.leaves_deg`: in files
//! that change some of them ([`Method::from_toml`]), in sweeps and ablations ([`Method::with`]) and in lists
//! ([`Method::entries`]). The whole tree is hashed into the provenance.
//!
//! Not in here: mathematics (the coefficients of a minimum-jerk movement), physics (gravity, units) and limits of the exercise,
//! which are the protocol's.

mod allowed;
mod catalogue;
mod error;
mod tree;

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

pub use allowed::{Allowed, Bound};
pub use catalogue::Entry;
pub use error::MethodError;
pub use tree::*;

use catalogue::Catalogue;

/// The readable form of the method, with the meaning and the source of every number.
pub const DEFAULT_TOML: &str = include_str!("../../method/default.toml");

/// The orientation filter as its authors published it, for comparisons; for [`Method::from_toml`].
pub const PUBLISHED_VQF_TOML: &str = include_str!("../../method/published-vqf.toml");

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::read(DEFAULT_TOML))
}

impl Default for Method {
    fn default() -> Self {
        static DEFAULT: OnceLock<Method> = OnceLock::new();
        DEFAULT.get_or_init(|| catalogue().built_in()).clone()
    }
}

impl Method {
    /// The built-in method, changed by a file that holds only what is otherwise.
    ///
    /// # Errors
    /// The text is not TOML, or a number in it is unknown, of another kind, not finite or out of its range.
    pub fn from_toml(text: &str) -> Result<Self, MethodError> {
        catalogue().apply(&Self::default(), text)
    }

    /// Every number, one table a stage; [`Method::from_toml`] reads it back.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// Every number with its meaning, its range and its source: the built-in file with this method's values.
    pub fn to_commented_toml(&self) -> String {
        catalogue::commented(DEFAULT_TOML, self)
    }

    /// The same with one number changed, both as text: `("repetitions.leaves_deg", "4.2")`.
    ///
    /// # Errors
    /// As [`Method::from_toml`].
    pub fn with(&self, path: &str, value: &str) -> Result<Self, MethodError> {
        catalogue().change(self, path, value)
    }

    /// Every number with its present and its built-in value, in the order of the file.
    pub fn entries(&self) -> Vec<Entry> {
        catalogue().entries(self)
    }

    /// Checks every number against its range, for methods that were changed in code; [`crate::analyse`] does it.
    ///
    /// # Errors
    /// A number is not finite or out of its range.
    pub fn check(&self) -> Result<(), MethodError> {
        // Most methods are the built-in one, whose numbers a test has checked.
        if *self == Self::default() { Ok(()) } else { catalogue().check(self) }
    }
}

/// The method of one version: all its tables.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Device time to session time.
    pub clock: Clock,
    /// Samples onto their own uniform grid.
    pub timebase: Timebase,
    /// Accelerometer and gyroscope: check and correction.
    pub inertial: Inertial,
    /// Attitude of a sensor.
    pub orientation: Orientation,
    /// The common grid.
    pub grid: Grid,
    /// Not moving: a few presets that everybody refers to.
    pub stillness: Stillness,
    /// Sensor-to-segment alignment.
    pub alignment: Alignment,
    /// When a movement is a repetition.
    pub repetitions: Repetitions,
    /// Numbers of a repetition and their uncertainty.
    pub measure: Measure,
    /// What everyday movement is told from repetitions by.
    pub everyday: Everyday,
    /// How sensors are worn, and what a reader must know of them.
    pub watch: Watch,
    /// Sets.
    pub set: Set,
    /// Sessions that go on.
    pub live: Live,
}
