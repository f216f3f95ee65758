//! The stages' own parameters from the method, until each stage takes its table itself.

use super::Method;
use crate::clock::ClockParams;
use crate::inertial::InertialParams;
use crate::measure::MetricParams;
use crate::measure::displacement::DisplacementParams;
use crate::orientation::VqfParams;
use crate::orientation::offline::OfflineParams;
use crate::timebase::TimebaseParams;

impl From<&Method> for ClockParams {
    fn from(method: &Method) -> Self {
        let m = &method.clock;
        Self {
            stamped_skew_ppm: m.stamped_skew_ppm,
            counted_skew_ppm: m.counted_skew_ppm,
            false_early_s: m.false_early_s,
            reset_s: m.reset_s,
            bend_after_s: m.bend_after_s,
            piece_s: m.piece_s,
        }
    }
}

impl From<&Method> for TimebaseParams {
    fn from(method: &Method) -> Self {
        Self { max_gap_s: method.timebase.bridged_gap_s, max_jitter: method.timebase.jitter_periods }
    }
}

impl From<&Method> for InertialParams {
    fn from(method: &Method) -> Self {
        let m = &method.inertial;
        Self {
            tolerance: m.tolerance_share,
            expected_bias: m.expected_bias_m_per_s2,
            gyroscope_limit: m.gyroscope_limit_deg_per_s.to_radians(),
        }
    }
}

impl From<&Method> for OfflineParams {
    fn from(method: &Method) -> Self {
        let (vqf, rest) = (&method.orientation.vqf, &method.stillness.filter_at_rest);
        let vqf = VqfParams {
            tau_acc: vqf.tau_acc_s,
            bias_sigma_init: vqf.bias_sigma_init_deg_per_s.to_radians(),
            bias_forgetting_time: vqf.bias_forgetting_s,
            bias_clip: vqf.bias_clip_deg_per_s.to_radians(),
            rest_min_time: rest.least_s,
            rest_rate: rest.rate_deg_per_s.to_radians(),
            rest_force: rest.force_m_per_s2,
        };
        Self { vqf, ends: method.orientation.ends }
    }
}

impl From<&Method> for MetricParams {
    fn from(method: &Method) -> Self {
        let m = &method.measure;
        Self {
            smoothing_hz: m.smoothing_hz,
            orientation_sigma: m.orientation_sigma_deg.to_radians(),
            shank_tissue_share: m.shank_tissue_share,
            pelvis_tissue_share: m.pelvis_tissue_share,
            thigh_tissue_share: m.thigh_tissue_share,
            trunk_tissue_share: m.trunk_tissue_share,
            shank_wobble_sigma: m.shank_wobble_sigma_deg.to_radians(),
            wobble_sigma: m.wobble_sigma_deg.to_radians(),
            heading_drift: m.heading_drift_deg_per_s.to_radians(),
            max_gap_s: method.timebase.bridged_gap_s,
            displacement: DisplacementParams::from(method),
        }
    }
}

impl From<&Method> for DisplacementParams {
    fn from(method: &Method) -> Self {
        let m = &method.measure.hip_path;
        Self {
            stance_speed: m.stance_speed_m_per_s,
            closure: m.closure_m,
            vertical_sway: m.vertical_sway_share,
            longest_rest_s: m.longest_rest_s,
            level_error: m.level_error_m_per_s2,
            level_drift: m.level_drift_m_per_s3,
            accelerometer_bias: m.accelerometer_bias_m_per_s2,
            gyroscope_gain: m.gyroscope_gain_share,
            slide_per_tilt: m.slide_per_tilt_m_per_rad,
            lever: m.lever_m,
            chain: m.chain_m,
            balance: (m.balance_m, m.habit_m),
            shank_lean: (m.shank_lean_deg.to_radians(), m.shank_lean_sigma_deg.to_radians()),
            thigh_lean: (m.thigh_lean_deg.to_radians(), m.thigh_lean_sigma_deg.to_radians()),
            doubt: m.prior_freedom_count,
        }
    }
}
