//! Numbers of a repetition and what they are uncertain by.

use serde::{Deserialize, Serialize};

/// Numbers of a repetition ([`crate::measure`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    pub smoothing_hz: f64,
    pub settling_s: f64,
    pub angles: AngleErrors,
    pub tissue: Tissue,
    pub sway: Sway,
    pub knock: Knock,
    pub ratio: Ratio,
    pub gaps: Gaps,
    pub lever_arm: LeverArm,
    pub hip_path: HipPath,
}

/// What a sensor's lean is uncertain by, however small the movement.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AngleErrors {
    pub orientation_sigma_deg: f64,
    pub shank_wobble_sigma_deg: f64,
    pub wobble_sigma_deg: f64,
    pub heading_drift_deg_per_s: f64,
}

/// Soft tissue between sensor and bone: it moves the sensor the more the larger a movement is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tissue {
    pub shank_share: f64,
    pub pelvis_share: f64,
    pub thigh_share: f64,
    pub trunk_share: f64,
    pub slide_per_tilt_m_per_rad: f64,
}

/// Side-to-side movement of the pelvis.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sway {
    pub sigma_share: f64,
    pub least_sigma_m: f64,
}

/// Jolts at the shank.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knock {
    pub noise_m_per_s2: f64,
    pub strap_share: f64,
}

/// A travel as a share of another.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ratio {
    pub least_sigmas: f64,
}

/// Missing samples. The longest gap across which numbers are given is [`super::Timebase::bridged_gap_s`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gaps {
    pub hidden_acceleration_m_per_s2: f64,
    pub hidden_rate_deg_per_s: f64,
    pub anchor_s: f64,
    pub smeared_s: f64,
}

/// From the hip joint to the pelvis sensor, by where it sits.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeverArm {
    pub sacrum_back_m: f64,
    pub sacrum_up_m: f64,
    pub lateral_back_m: f64,
    pub lateral_up_m: f64,
    pub lateral_out_m: f64,
    pub unknown_back_m: f64,
    pub unknown_up_m: f64,
    pub half_width_m: f64,
}

/// Where the hip joint went ([`crate::measure`], `hip_path`).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HipPath {
    pub together_count: usize,
    pub steps_count: usize,
    pub covariance_points: usize,
    pub outlier_sigmas: f64,
    pub prior_freedom_count: f64,
    pub moments_share: [f64; 5],
    pub rest: HipRest,
    pub sensor: HipSensor,
    pub leg: LegErrors,
    pub trunk: TrunkMoment,
}

/// The rests before and after a movement. Prior standard deviations.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HipRest {
    pub stance_speed_m_per_s: f64,
    pub closure_m: f64,
    pub vertical_sway_share: f64,
    pub longest_rest_s: f64,
}

/// Errors of the pelvis sensor. Prior standard deviations.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HipSensor {
    pub level_error_m_per_s2: f64,
    pub level_drift_m_per_s3: f64,
    pub accelerometer_bias_m_per_s2: f64,
    pub gyroscope_gain_share: f64,
    pub lever_m: f64,
}

/// The supporting leg and balance ([`crate::body::leg`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegErrors {
    pub chain_m: f64,
    pub balance_m: f64,
    pub habit_m: f64,
    pub shank_lean_deg: f64,
    pub shank_lean_sigma_deg: f64,
    pub thigh_lean_deg: f64,
    pub thigh_lean_sigma_deg: f64,
    pub steepest_thigh_ratio: f64,
}

/// Forward moment of a leaning trunk ([`crate::body::leg`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkMoment {
    pub free_leg_share: f64,
    pub free_leg_sigma_share: f64,
    pub held_sigma_share: f64,
    pub two_legs_sigma_share: f64,
}
