//! Not moving ([`crate::stillness`]): presets that all stages refer to.

use serde::{Deserialize, Serialize};

/// The presets, from one sensor to a person and a session.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stillness {
    pub sensor_at_rest: SensorAtRest,
    pub filter_at_rest: FilterAtRest,
    pub bias_window: BiasWindow,
    pub maker_at_rest: MakerAtRest,
    pub quiet_stance: QuietStance,
    pub standing: Standing,
    pub dwelling: Dwelling,
    pub between_movements: BetweenMovements,
    pub after_movement: AfterMovement,
    pub live_rest: LiveRest,
    pub calibration: CalibrationStance,
}

/// One sensor that lies still or is worn by somebody who does: gravity and the gyroscope's bias are read from it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorAtRest {
    pub window_s: f64,
    pub least_windows_count: usize,
    pub rate_scatter_rad_per_s: f64,
    pub force_scatter_m_per_s2: f64,
    pub mean_rate_rad_per_s: f64,
    pub rate_step_rad_per_s: f64,
    pub sway_rad: f64,
}

/// Rest as the orientation filter sees it \[Laidig2023\].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterAtRest {
    pub least_s: f64,
    pub rate_deg_per_s: f64,
    pub force_m_per_s2: f64,
    pub filter_tau_s: f64,
}

/// Windows from which a large bias of the gyroscope is read.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BiasWindow {
    pub window_s: f64,
    pub hop_s: f64,
    pub rate_deg_per_s: f64,
    pub clear_rate_deg_per_s: f64,
    pub force_m_per_s2: f64,
    pub stillest_part_count: usize,
}

/// Rest by the rate computed back from a maker's orientations.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MakerAtRest {
    pub least_s: f64,
    pub rate_rad_per_s: f64,
}

/// A person who stands quietly: all sensors.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietStance {
    pub window_s: f64,
    pub rate_deg_per_s: f64,
    pub least_s: f64,
    pub reference_s: f64,
    pub short_reference_s: f64,
    pub reference_steps_count: usize,
}

/// A person who stands, sway on one leg included: postures are compared in it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    pub rate_deg_per_s: f64,
    pub least_s: f64,
    pub spread_s: f64,
}

/// How much a point of the angles' plane counts as stance.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dwelling {
    pub half_weight_rate_deg_per_s: f64,
    pub reach_points: usize,
}

/// A person who stays where she is beside a movement: velocity and level are read from it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BetweenMovements {
    pub lead_s: f64,
    pub least_s: f64,
    pub posture_deg: f64,
    pub part_after_count: usize,
}

/// A person who is back in the stance after a movement: whether a strap settled is read from it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AfterMovement {
    pub within_s: f64,
    pub window_s: f64,
    pub steps_count: usize,
    pub sway_deg: f64,
}

/// Sensors at rest while samples arrive: a look at the data is worth it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiveRest {
    pub rate_deg_per_s: f64,
    pub window_s: f64,
    pub silent_s: f64,
    pub least_s: f64,
    pub first_s: f64,
    pub bias_s: f64,
    pub bias_turn_deg: f64,
    pub bias_most_deg_per_s: f64,
}

/// The stance that a guided calibration asks for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationStance {
    pub least_s: f64,
}
