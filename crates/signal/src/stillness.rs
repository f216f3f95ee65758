//! How still the person stands, and when the feet move.
//!
//! In: a [`PoseGrid`]. Out: per grid point, whether the feet were moving (walking, stepping) and how active the sensors were;
//! and the spans of quiet stance. Thresholds are physical and wide of both sides: a slow hinge turns the shank at less than
//! 60 deg/s and a brisk squat at less than 200; the swing of a walking step exceeds 300.

use std::ops::Range;

use serde::Serialize;
use truehinge_core::{STANDARD_GRAVITY, SensorRole};

use crate::grid::{PoseGrid, PoseTrack};
use crate::math::stats::{median, moving_rms};

/// What counts as quiet and what as stepping.
#[derive(Clone, Debug, Serialize)]
pub struct StanceParams {
    /// Window of the activity, s. Longer is steadier and blurs short pauses.
    pub window_s: f64,
    /// Root-mean-square angular rate below which a sensor is quiet, rad/s. Two-leg sway is below 1.5 deg/s, sway on one leg
    /// 2-5 deg/s (simulated sets); the slowest repetition turns the pelvis at 10.
    pub quiet_rate: f64,
    /// Shortest quiet stance worth naming, s.
    pub quiet_min_s: f64,
    /// Angular rate of the shank, over a tenth of a second, from which the foot is taken to move, rad/s.
    pub step_rate: f64,
    /// Departure of the shank's specific force from its usual norm from which the foot is taken to move, m/s².
    pub step_force: f64,
    /// Time around a step that belongs to it, s.
    pub step_margin_s: f64,
}

impl Default for StanceParams {
    fn default() -> Self {
        Self::from(&crate::method::Method::default())
    }
}

/// Stillness and stepping over a grid.
#[derive(Clone, Debug)]
pub struct Stance {
    /// Largest root-mean-square angular rate of the sensors, rad/s, per grid point; infinite where data are missing.
    pub activity: Vec<f64>,
    /// Feet moving, per grid point.
    pub stepping: Vec<bool>,
    /// Some sensor has no data, per grid point.
    pub missing: Vec<bool>,
    /// Quiet stances, in order.
    pub quiet: Vec<Range<usize>>,
    /// The stillest stretch: the posture everything is aligned to.
    pub reference: Range<usize>,
}

/// Finds stillness and steps. `None` if there is not a second of data from all sensors.
pub fn observe(grid: &PoseGrid, params: &StanceParams) -> Option<Stance> {
    let missing: Vec<bool> = (0..grid.len()).map(|i| grid.tracks.iter().any(|track| !track.valid[i])).collect();
    let window = grid.points(params.window_s);
    let mut activity = vec![0.0_f64; grid.len()];
    for track in &grid.tracks {
        let rates: Vec<f64> = track.angular_rate.iter().map(|rate| rate.norm()).collect();
        for (worst, rms) in activity.iter_mut().zip(moving_rms(&rates, window)) {
            *worst = worst.max(rms);
        }
    }
    for (value, missing) in activity.iter_mut().zip(&missing) {
        if *missing {
            *value = f64::INFINITY;
        }
    }
    let stepping =
        grid.track(SensorRole::Shank).map_or_else(|| vec![false; grid.len()], |shank| steps(grid, shank, params));
    let reference = stillest(&activity, grid.points(1.5)).or_else(|| stillest(&activity, grid.points(0.8)))?;
    let quiet = runs(&activity, params.quiet_rate)
        .into_iter()
        .filter(|run| run.len() >= grid.points(params.quiet_min_s))
        .collect();
    Some(Stance { activity, stepping, missing, quiet, reference })
}

/// Shorter than the swing of a foot, s.
const SWING_S: f64 = 0.1;

fn steps(grid: &PoseGrid, shank: &PoseTrack, params: &StanceParams) -> Vec<bool> {
    let margin = grid.points(params.step_margin_s);
    let mut stepping = vec![false; grid.len()];
    // The usual norm, not 9.81: a biased accelerometer must not look like a walk.
    let norms: Vec<f64> = shank.specific_force.iter().map(|force| force.norm()).collect();
    let usual = median(&norms).unwrap_or(STANDARD_GRAVITY);
    // Over a while: a knee that locks snaps the shank for a moment, a foot that swings turns it for longer.
    let rates: Vec<f64> = shank.angular_rate.iter().map(|rate| rate.norm()).collect();
    let rates = moving_rms(&rates, grid.points(SWING_S));
    let mut marked_to = 0;
    for i in 0..grid.len() {
        let force = (shank.specific_force[i].norm() - usual).abs();
        if shank.valid[i] && (rates[i] > params.step_rate || force > params.step_force) {
            let to = (i + margin + 1).min(grid.len());
            stepping[marked_to.max(i.saturating_sub(margin))..to].fill(true);
            marked_to = to;
        }
    }
    stepping
}

/// The window of `length` points with the least mean activity.
fn stillest(activity: &[f64], length: usize) -> Option<Range<usize>> {
    let mut best: Option<(f64, usize)> = None;
    let stride = (length / 15).max(1);
    for from in (0..=activity.len().checked_sub(length)?).step_by(stride) {
        let mean = activity[from..from + length].iter().sum::<f64>();
        if mean.is_finite() && best.is_none_or(|(least, _)| mean < least) {
            best = Some((mean, from));
        }
    }
    best.map(|(_, from)| from..from + length)
}

/// Maximal index ranges where `values` stay below `limit`.
fn runs(values: &[f64], limit: f64) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (i, value) in values.iter().enumerate() {
        match (*value < limit, start) {
            (true, None) => start = Some(i),
            (false, Some(from)) => {
                found.push(from..i);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        found.push(from..values.len());
    }
    found
}
