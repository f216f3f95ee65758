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
    pub gesture: Gesture,
}

/// The knee's travel while it goes forward.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cue {
    pub lean_sigma_deg: f64,
    pub rate_samples_count: usize,
    pub bridged_count: usize,
}

/// Signs that are made with the leg.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gesture {
    pub rest_s: f64,
    pub rest_deg_per_s: f64,
    pub between_s: f64,
    pub after_s: f64,
    pub onset_s: f64,
    pub out_deg: f64,
    pub back_deg: f64,
    pub lift_deg: f64,
    pub lift_most_deg: f64,
    pub turn_deg: f64,
    pub turn_back_share: f64,
    pub sign_least_s: f64,
    pub sign_most_s: f64,
    pub signs_most_count: usize,
    pub hip_lean_deg: f64,
    pub hip_turn_deg: f64,
    pub hip_jolt_m_per_s2: f64,
    pub bump_s: f64,
    pub jolt_s: f64,
    pub level_s: f64,
    pub level_force_m_per_s2: f64,
    pub settle_s: f64,
    pub bias_s: f64,
    pub bias_most_deg_per_s: f64,
    pub gap_s: f64,
    pub heard_s: f64,
}
