//! One sensor: clock, time base, accelerometer and gyroscope, attitude, the common grid.

use serde::{Deserialize, Serialize};

/// Device time to session time ([`crate::clock`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    pub stamped_skew_ppm: f64,
    pub counted_skew_ppm: f64,
    pub false_early_s: f64,
    pub reset_s: f64,
    pub bend_after_s: f64,
    pub piece_s: f64,
}

/// Samples onto their own uniform grid ([`crate::timebase`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timebase {
    pub bridged_gap_s: f64,
    pub jitter_periods: f64,
}

/// Accelerometer and gyroscope: check and correction ([`crate::inertial`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inertial {
    pub tolerance_share: f64,
    pub expected_bias_m_per_s2: f64,
    pub gyroscope_limit_deg_per_s: f64,
}

/// Attitude of a sensor ([`crate::orientation`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orientation {
    pub ends: Ends,
    pub vqf: Vqf,
}

/// How the low-pass treats the ends of a run, where half of its window is missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// As published: starts from the mean of the first `tau_acc_s` seconds.
    Published,
    /// A mean of what is there, in which rests count more than movement; the passes start level.
    Anchored,
}

/// The filter's own numbers \[Laidig2023\].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vqf {
    pub tau_acc_s: f64,
    pub bias_sigma_init_deg_per_s: f64,
    pub bias_forgetting_s: f64,
    pub bias_clip_deg_per_s: f64,
}

/// The common grid ([`crate::synchronise`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    pub rate_hz: f64,
}
