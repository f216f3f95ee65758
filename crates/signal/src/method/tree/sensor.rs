//! One sensor: clock, time base, accelerometer and gyroscope, attitude, the common grid.

use serde::{Deserialize, Serialize};

/// Device time to session time ([`crate::clock`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    pub stamped_skew_ppm: f64,
    pub counted_skew_ppm: f64,
    pub certain_sigmas: f64,
    pub fewest_points_count: usize,
    pub own_rate_s: f64,
    pub any_rate_s: f64,
    pub bend_after_s: f64,
    pub piece_s: f64,
    pub floor: ClockFloor,
    pub false_early: FalseEarly,
    pub reset: ClockReset,
    pub loss: UncountedLoss,
    pub link: LinkInterval,
    pub shared: SharedClock,
    pub knocks: KnockCheck,
}

/// The floor of the delays: the lowest of each window.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockFloor {
    pub window_s: f64,
    pub most_windows_count: usize,
    pub fewest_windows_count: usize,
    pub least_sigma_s: f64,
    pub near_s: f64,
}

/// Stamps from the future.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FalseEarly {
    pub margin_s: f64,
    pub alone_s: f64,
    pub most_count: usize,
}

/// Where a device's clock was reset or jumped.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockReset {
    pub jump_s: f64,
    pub floor_s: f64,
    pub floor_share: f64,
    pub short_s: f64,
    pub short_count: usize,
}

/// Where samples were lost uncounted by a clock that counts them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UncountedLoss {
    pub side_count: usize,
    pub clear_sigmas: f64,
    pub stack_noise_s: f64,
    pub begins_share: f64,
}

/// The link's connection interval.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkInterval {
    pub most_units_count: usize,
    pub clear_share: f64,
    pub blocks_count: usize,
    pub block_points: usize,
    pub most_phases_count: usize,
}

/// Sensors that have set their clocks to one another's.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedClock {
    pub agree_s: f64,
    pub offset_sigma_s: f64,
    pub rate_sigma_ppm: f64,
}

/// The check of the clocks by knocks ([`crate::clock::knocks`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnockCheck {
    pub force_g: f64,
    pub apart_s: f64,
    pub around_s: f64,
    pub same_s: f64,
    pub window_s: f64,
    pub needed_count: usize,
    pub explained_sigmas: f64,
}

/// Samples onto their own uniform grid ([`crate::timebase`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timebase {
    pub bridged_gap_s: f64,
    pub jitter_periods: f64,
    pub near_periods: f64,
    pub fewest_samples_count: usize,
    pub most_points_ratio: usize,
    pub rows: StampRows,
    pub period: RoughPeriod,
    pub tracker: GridTracker,
    pub clip: Clipping,
}

/// Stamps that fit nowhere, channels of different rates.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StampRows {
    pub stray_s: f64,
    pub stray_reach_count: usize,
    pub sparse_share: f64,
}

/// The usual step between samples.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoughPeriod {
    pub least_s: f64,
    pub most_s: f64,
    pub most_part_count: usize,
    pub better_share: f64,
    pub nominal_share: f64,
    pub fewest_steps_count: usize,
    pub rounds_count: usize,
    pub scored_steps_count: usize,
}

/// Which grid point a stamp belongs to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridTracker {
    pub jitter_periods: f64,
    pub loss_nats: f64,
    pub clear_periods: f64,
    pub hopeless_nats: f64,
    pub survivors_count: usize,
    pub prior_points: f64,
    pub memory_points: f64,
}

/// Where a sensor's range ends.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clipping {
    pub near_end_share: f64,
    pub repeated_count: usize,
    pub least_force_g: f64,
    pub least_rate_rad_per_s: f64,
    pub least_share: f64,
}

/// Accelerometer and gyroscope: check and correction ([`crate::inertial`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inertial {
    pub tolerance_share: f64,
    pub restless_ratio: f64,
    pub expected_bias_m_per_s2: f64,
    pub most_bias_m_per_s2: f64,
    pub gyroscope_limit_deg_per_s: f64,
    pub gyroscope_certain_sigmas: f64,
    pub fit: BiasFitting,
}

/// An accelerometer's bias from a movement.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BiasFitting {
    pub stretch_s: f64,
    pub block_s: f64,
    pub fewest_blocks_count: usize,
    pub norm_sigma_m_per_s2: f64,
    pub correlated_blocks_count: f64,
    pub least_scatter_m_per_s2: f64,
    pub arm_sigma_m: f64,
    pub open_sigmas: f64,
    pub iterations_count: usize,
}

/// Attitude of a sensor ([`crate::orientation`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orientation {
    pub ends: Ends,
    pub rest_weight_ratio: f64,
    pub maker_bias_sigma_rad_per_s: f64,
    pub vqf: Vqf,
    pub coarse_bias: CoarseBias,
}

/// How a run begins and ends, where half of the low-pass' window is missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// As published: the filter starts with the sensor's z axis up, the low-pass from the mean of the first `tau_acc_s` seconds.
    Published,
    /// The filter starts with the inclination of the first sample; the low-pass is a mean of what is there, in which rests count more
    /// than movement.
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
    pub bias_sigma_motion_deg_per_s: f64,
    pub bias_vertical_forgetting_share: f64,
    pub bias_sigma_rest_deg_per_s: f64,
}

/// A gyroscope's bias that is too large for the filter.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoarseBias {
    pub largest_deg_per_s: f64,
    pub least_windows_count: usize,
    pub beyond_clip_share: f64,
}

/// The common grid ([`crate::synchronise`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    pub rate_hz: f64,
}
