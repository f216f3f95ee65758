//! The stages' own parameters from the method, until each stage takes its table itself.

use super::Method;
use crate::body::alignment::AlignmentParams;
use crate::measure::MetricParams;
use crate::measure::displacement::DisplacementParams;
use crate::repetitions::SegmentationParams;
use crate::stillness::StanceParams;

impl From<&Method> for StanceParams {
    fn from(method: &Method) -> Self {
        let (quiet, steps) = (&method.stillness.quiet_stance, &method.watch.steps);
        Self {
            window_s: quiet.window_s,
            quiet_rate: quiet.rate_deg_per_s.to_radians(),
            quiet_min_s: quiet.least_s,
            step_rate: steps.rate_deg_per_s.to_radians(),
            step_force: steps.force_m_per_s2,
            step_margin_s: steps.margin_s,
        }
    }
}

impl From<&Method> for AlignmentParams {
    fn from(method: &Method) -> Self {
        let m = &method.alignment;
        Self {
            mount_sigma: m.mount_sigma_deg.to_radians(),
            stray_rotation: m.stray_rotation_deg.to_radians(),
            systematic_sigma: m.systematic_sigma_deg.to_radians(),
        }
    }
}

impl From<&Method> for SegmentationParams {
    fn from(method: &Method) -> Self {
        let m = &method.repetitions;
        Self {
            smoothing_hz: m.smoothing_hz,
            shank_weight: m.shank_weight_ratio,
            on: m.leaves_deg.to_radians(),
            off: m.returns_deg.to_radians(),
            notice: m.noticed_deg.to_radians(),
            min_s: m.least_s,
            unhurried_s: m.unhurried_s,
            brief_share: m.brief_share,
            max_s: m.most_s,
            max_gap_s: m.gap_s,
            kernel: m.kernel_deg.to_radians(),
            wander_s: m.wander_s,
            aborted_early: m.aborted.early_share,
            aborted_share: m.aborted.both_share,
            aborted_both: m.aborted.product_share,
        }
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
