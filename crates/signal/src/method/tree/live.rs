//! Sessions that go on.

use serde::{Deserialize, Serialize};

/// When the data so far are looked at, and what of it is told ([`crate::live`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Live {
    pub restless_s: f64,
    pub again_s: f64,
    pub back_s: f64,
    pub slow_share: f64,
    pub home_deg: f64,
    pub away_deg: f64,
    pub away_s: f64,
    pub ended_s: f64,
    pub brief_s: f64,
    pub revised_sigmas: f64,
    pub window_s: f64,
    pub kept_s: f64,
    pub done_s: f64,
    pub cue: Cue,
}

/// The knee's travel while it goes forward.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cue {
    pub lean_sigma_deg: f64,
    pub rate_samples_count: usize,
    pub bridged_count: usize,
}
