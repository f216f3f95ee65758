//! How still a person stands, over a grid.
//!
//! In: a [`PoseGrid`]. Out: per grid point, how active the sensors were and whether a foot stepped; the quiet stances, and the
//! stillest stretch of all.

use std::ops::Range;

use truehinge_core::SensorRole;

use super::{Still, steps::steps};
use crate::grid::{PoseGrid, PoseTrack};
use crate::method::{Method, QuietStance};

/// Stillness and stepping over a grid.
#[derive(Clone, Debug)]
pub struct Stance {
    /// Largest root-mean-square angular rate of the sensors, rad/s, per grid point; infinite where data are missing.
    pub activity: Vec<f64>,
    /// A foot steps, per grid point.
    pub stepping: Vec<bool>,
    /// Some sensor has no data, per grid point.
    pub missing: Vec<bool>,
    /// Quiet stances, in order.
    pub quiet: Vec<Range<usize>>,
    /// The stillest stretch: the posture everything is aligned to.
    pub reference: Range<usize>,
}

/// Finds quiet stances and steps. `None` where no stretch with data from all sensors is long enough for a reference posture.
pub fn observe(grid: &PoseGrid, method: &Method) -> Option<Stance> {
    let preset = &method.stillness.quiet_stance;
    let still = Still::from(preset);
    let missing: Vec<bool> = (0..grid.len()).map(|i| grid.tracks.iter().any(|track| !track.valid[i])).collect();
    let activity = activity(grid, &missing, still);
    let stepping = match grid.track(SensorRole::Shank) {
        Some(shank) => steps(grid, shank, &method.watch.steps),
        None => vec![false; grid.len()],
    };
    let reference = reference(grid, &activity, preset)?;
    let quiet = still.find(&activity, grid.rate.period_seconds());
    Some(Stance { activity, stepping, missing, quiet, reference })
}

/// Activity of the sensor that moves most, rad/s; infinite where data are missing.
fn activity(grid: &PoseGrid, missing: &[bool], still: Still) -> Vec<f64> {
    let of = |track: &PoseTrack| {
        let rates = track.angular_rate.iter().map(|rate| rate.norm()).collect();
        still.activity(rates, grid.rate.period_seconds())
    };
    let mut most = vec![0.0_f64; grid.len()];
    for track in &grid.tracks {
        for (most, activity) in most.iter_mut().zip(of(track)) {
            *most = most.max(activity);
        }
    }
    for (most, missing) in most.iter_mut().zip(missing) {
        if *missing {
            *most = f64::INFINITY;
        }
    }
    most
}

/// The stillest stretch; a shorter one where none is long enough.
fn reference(grid: &PoseGrid, activity: &[f64], preset: &QuietStance) -> Option<Range<usize>> {
    let stillest = |seconds| stillest(activity, grid.points(seconds), preset.reference_steps_count);
    stillest(preset.reference_s).or_else(|| stillest(preset.short_reference_s))
}

/// The window of `length` points with the least mean activity, looked for at `steps` places within that length.
fn stillest(activity: &[f64], length: usize, steps: usize) -> Option<Range<usize>> {
    let mut best: Option<(f64, usize)> = None;
    let stride = (length / steps).max(1);
    for from in (0..=activity.len().checked_sub(length)?).step_by(stride) {
        let sum = activity[from..from + length].iter().sum::<f64>();
        if sum.is_finite() && best.is_none_or(|(least, _)| sum < least) {
            best = Some((sum, from));
        }
    }
    best.map(|(_, from)| from..from + length)
}
