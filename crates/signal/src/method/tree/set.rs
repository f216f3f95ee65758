//! Sets, and the first look at one.

use serde::{Deserialize, Serialize};

/// What belongs to one set ([`crate::set`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    pub pause_s: f64,
    pub first_look: FirstLook,
}

/// Axes before any movement is known.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstLook {
    pub change_s: f64,
    pub hop_s: f64,
}
