//! How sensors are worn, steps of the foot, and what a reader must know.

use serde::{Deserialize, Serialize};

/// What is watched beside the repetitions ([`crate::watch`], [`crate::findings`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    pub steps: Steps,
}

/// When a foot moves ([`crate::stillness`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    pub rate_deg_per_s: f64,
    pub force_m_per_s2: f64,
    pub margin_s: f64,
    pub swing_s: f64,
}
