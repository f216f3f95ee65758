//! Sets, and the first look at one.

use serde::{Deserialize, Serialize};

/// What belongs to one set ([`crate::set`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    pub pause_s: f64,
    pub first_look: FirstLook,
    pub facing: Facing,
}

/// A sensor whose front was taken for its back.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facing {
    pub gain_ratio: f64,
    pub backward_deg: f64,
}

/// Axes before any movement is known.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstLook {
    pub change_s: f64,
    pub hop_s: f64,
}
