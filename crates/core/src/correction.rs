//! What a person says of a repetition after having seen it: it does not count, or it was something else. The computed verdict stays
//! beside it, and everything that is shown says that a hand was in it.

use serde::{Deserialize, Serialize};

use crate::start::iso_utc;
use crate::verdict::Verdict;

/// A correction by hand that is in force.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Correction {
    /// What it is now.
    #[serde(flatten)]
    pub change: CorrectedTo,
    /// Why, in the words of whoever corrected it.
    pub reason: String,
    /// Who that was: a name or initials, as they gave it.
    pub author: String,
    /// When it was corrected, nanoseconds after the Unix epoch.
    pub at_utc_ns: i64,
}

/// What a correction makes of a repetition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum CorrectedTo {
    /// It does not count: not in scores, medians or trends.
    Excluded,
    /// It has another verdict.
    Verdict {
        /// Which.
        verdict: Verdict,
    },
}

impl Correction {
    /// When it was corrected, ISO 8601 in UTC; empty beyond the years that calendars have.
    pub fn at(&self) -> String {
        iso_utc(self.at_utc_ns).unwrap_or_default()
    }
}
