//! When a foot moves.
//!
//! In: the shank's angular rate and specific force. Out: per grid point, whether a foot steps or is about to. The limits lie far
//! from both sides: a slow hinge turns the shank at less than 60 deg/s and a brisk squat at less than 200; the swing of a walking
//! step exceeds 300.

use truehinge_core::STANDARD_GRAVITY;

use crate::grid::{PoseGrid, PoseTrack};
use crate::math::stats::{median, moving_rms};
use crate::method::Steps;

/// Points at which a foot steps, with a margin on both sides.
pub(super) fn steps(grid: &PoseGrid, shank: &PoseTrack, method: &Steps) -> Vec<bool> {
    let (margin, limit) = (grid.points(method.margin_s), method.rate_deg_per_s.to_radians());
    // The usual norm, not 9.81: a biased accelerometer must not look like a walk.
    let norms: Vec<f64> = shank.specific_force.iter().map(|force| force.norm()).collect();
    let usual = median(&norms).unwrap_or(STANDARD_GRAVITY);
    // Over a while: a knee that locks snaps the shank for a moment, a foot that swings turns it for longer.
    let rates: Vec<f64> = shank.angular_rate.iter().map(|rate| rate.norm()).collect();
    let rates = moving_rms(&rates, grid.points(method.swing_s));
    let mut stepping = vec![false; grid.len()];
    let mut marked_to = 0;
    for i in 0..grid.len() {
        let force = (norms[i] - usual).abs();
        if shank.valid[i] && (rates[i] > limit || force > method.force_m_per_s2) {
            let to = (i + margin + 1).min(grid.len());
            stepping[marked_to.max(i.saturating_sub(margin))..to].fill(true);
            marked_to = to;
        }
    }
    stepping
}
