//! How sensors are worn, steps of the foot, and what a reader must know.

use serde::{Deserialize, Serialize};

/// What is watched beside the repetitions ([`crate::watch`], `findings`).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    pub steps: Steps,
    pub slip: Slipping,
    pub settling: Settled,
    pub wear: Wear,
    pub calibration: Calibration,
    pub quality: Quality,
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

/// When a sensor turned on the skin ([`crate::watch::slip`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slipping {
    pub shank_turn_deg: f64,
    pub other_turn_deg: f64,
    pub others_deg: f64,
    pub posture_deg: f64,
    pub returned_share: f64,
    pub own_share: f64,
    pub search: SlipSearch,
}

/// Which stances are compared to find a slip.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlipSearch {
    pub reach_s: f64,
    pub step_s: f64,
    pub interruption_s: f64,
    pub again_s: f64,
}

/// When a strap is loose ([`crate::watch::settling`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    pub shank_returns_deg: f64,
    pub pelvis_returns_deg: f64,
    pub bow_ratio: f64,
    pub stands_s: f64,
    pub steps_count: usize,
    pub deep_deg: f64,
    pub loose_least_count: usize,
    pub loose_share: f64,
}

/// When sensors are exchanged or put on another way ([`crate::watch::wear`], `findings`).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wear {
    pub walks_deg_per_s: f64,
    pub stride_s: f64,
    pub swings_deg_per_s: f64,
    pub swings_least_count: usize,
    pub stride_least_s: f64,
    pub stride_most_s: f64,
    pub slower_share: f64,
    pub knock_s: f64,
    pub turned_deg: f64,
    pub unworn_deg: f64,
}

/// What a guided calibration is asked for ([`crate::watch::calibration`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    pub movements_count: usize,
    pub axis_ratio: f64,
    pub axis_error_deg: f64,
}

/// Limits beyond which a reader must know of the data (`findings`).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    pub loss_share: f64,
    pub poor_loss_share: f64,
    pub clock_sigma_ms: f64,
    pub axis_sigma_deg: f64,
}
