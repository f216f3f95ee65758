//! Numbers of a repetition and what they are uncertain by.

use serde::{Deserialize, Serialize};

/// Numbers of a repetition ([`crate::measure`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    pub smoothing_hz: f64,
    pub orientation_sigma_deg: f64,
    pub shank_tissue_share: f64,
    pub pelvis_tissue_share: f64,
    pub thigh_tissue_share: f64,
    pub trunk_tissue_share: f64,
    pub shank_wobble_sigma_deg: f64,
    pub wobble_sigma_deg: f64,
    pub heading_drift_deg_per_s: f64,
    pub hip_path: HipPath,
}

/// Where the hip joint went ([`crate::measure::displacement`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HipPath {
    pub stance_speed_m_per_s: f64,
    pub closure_m: f64,
    pub vertical_sway_share: f64,
    pub longest_rest_s: f64,
    pub level_error_m_per_s2: f64,
    pub level_drift_m_per_s3: f64,
    pub accelerometer_bias_m_per_s2: f64,
    pub gyroscope_gain_share: f64,
    pub slide_per_tilt_m_per_rad: f64,
    pub lever_m: f64,
    pub chain_m: f64,
    pub balance_m: f64,
    pub habit_m: f64,
    pub shank_lean_deg: f64,
    pub shank_lean_sigma_deg: f64,
    pub thigh_lean_deg: f64,
    pub thigh_lean_sigma_deg: f64,
    pub prior_freedom_count: f64,
}
