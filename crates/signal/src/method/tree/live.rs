//! Sessions that go on.

use serde::{Deserialize, Serialize};

/// When the data so far are looked at, and what of it is told ([`crate::live`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Live {
    pub restless_s: f64,
    pub settled_s: f64,
    pub window_s: f64,
    pub kept_s: f64,
}
