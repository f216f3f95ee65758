//! Sensors on the body, and movements.

use serde::{Deserialize, Serialize};

/// Sensor-to-segment alignment ([`crate::body::alignment`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alignment {
    pub mount_sigma_deg: f64,
    pub stray_rotation_deg: f64,
    pub systematic_sigma_deg: f64,
    pub tibia_medial_deg: f64,
    pub least_outward_share: f64,
    pub functional: Functional,
}

/// Which movements show the medio-lateral axis.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Functional {
    pub step_points: usize,
    pub least_total_ratio: f64,
    pub clear_ratio: f64,
}

/// When a movement is a repetition ([`crate::repetitions`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repetitions {
    pub smoothing_hz: f64,
    pub shank_weight_ratio: f64,
    pub leaves_deg: f64,
    pub leaves_sways_ratio: f64,
    pub returns_deg: f64,
    pub noticed_deg: f64,
    pub unreturned_share: f64,
    pub unreturned_deg: f64,
    pub gap_s: f64,
    pub duration: Duration,
    pub merged: Merged,
    pub bob: Bob,
    pub stance: FollowedStance,
    pub stance_search: StanceSearch,
    pub edges: Edges,
    pub anchor: Anchor,
    pub one_leg: OneLeg,
    pub back_to_back: BackToBack,
    pub aborted: Aborted,
}

/// How long a repetition takes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duration {
    pub least_s: f64,
    pub most_s: f64,
}

/// What is too short and too small at once.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bob {
    pub briefer_s: f64,
    pub smaller_deg: f64,
}

/// Movements that follow each other too soon to be apart by the stance.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merged {
    pub returned_share: f64,
    pub stood_share: f64,
}

/// The stance as it is followed over a set: the mode of where the inclinations dwell.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowedStance {
    pub points_hz: f64,
    pub knot_points: usize,
    pub kernel_deg: f64,
    pub standing_deg: f64,
    pub elsewhere_deg: f64,
    pub wander_s: f64,
    pub wander_reach_sigmas: f64,
    pub kernel_reach_sigmas: f64,
}

/// How exactly that mode is searched.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StanceSearch {
    pub among_points: usize,
    pub steps_count: usize,
    pub arrived_rad: f64,
    pub point_weight_ratio: f64,
    pub total_weight_ratio: f64,
}

/// Onset, bottom and return of a movement.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edges {
    pub edge_share: f64,
    pub search_s: f64,
    pub level_s: f64,
    pub departure_share: f64,
    pub departure_deg: f64,
}

/// The stance that changes are measured from.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    pub stance_s: f64,
}

/// Standing on one leg, told from standing on two.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneLeg {
    pub lean_deg: f64,
    pub limit_share: f64,
    pub turned_least_count: usize,
    pub change_deg: f64,
    pub most_deg: f64,
}

/// Repetitions without a stance between them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackToBack {
    pub standing_share: f64,
    pub bottom_share: f64,
    pub bottom_correlation_ratio: f64,
    pub extension_deg: f64,
    pub prominent_share: f64,
}

/// Attempts that were broken off.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aborted {
    pub smaller_share: f64,
    pub early_share: f64,
    pub least_count: usize,
}
