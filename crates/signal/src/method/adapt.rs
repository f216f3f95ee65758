//! The stages' own parameters from the method, until each stage takes its table itself.

use super::Method;
use crate::clock::ClockParams;
use crate::inertial::InertialParams;
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
