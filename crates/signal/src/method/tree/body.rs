//! Sensors on the body, and movements.

use serde::{Deserialize, Serialize};

/// Sensor-to-segment alignment ([`crate::body::alignment`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alignment {
    pub mount_sigma_deg: f64,
    pub stray_rotation_deg: f64,
    pub systematic_sigma_deg: f64,
}

/// When a movement is a repetition ([`crate::repetitions`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repetitions {
    pub smoothing_hz: f64,
    pub shank_weight_ratio: f64,
    pub leaves_deg: f64,
    pub returns_deg: f64,
    pub noticed_deg: f64,
    pub least_s: f64,
    pub unhurried_s: f64,
    pub brief_share: f64,
    pub most_s: f64,
    pub gap_s: f64,
    pub kernel_deg: f64,
    pub wander_s: f64,
    pub aborted: Aborted,
}

/// Attempts that were broken off.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aborted {
    pub early_share: f64,
    pub both_share: f64,
    pub product_share: f64,
}
