//! What everyday movement is told from a set's repetitions by.

use serde::{Deserialize, Serialize};

/// Why a movement is none of a set's, beside its shape ([`crate::everyday`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Everyday {
    pub planted_foot: PlantedFoot,
    pub twist: Twist,
    pub body: Body,
}

/// The shank turns about a point of the ground.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlantedFoot {
    pub smoothing_hz: f64,
    pub around_s: f64,
    pub unexplained_m_per_s2: f64,
    pub explained_share: f64,
    pub most_lag_s: f64,
    pub lag_step_s: f64,
}

/// Turning about, not bending.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Twist {
    pub horizontal_share: f64,
}

/// What a body can do.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    pub hip_mm: f64,
    pub knee_mm: f64,
    pub pelvis_deg: f64,
    pub one_leg_drop_mm: f64,
}
