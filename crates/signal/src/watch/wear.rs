//! How the sensors are worn, as far as the data tell: exchanged, slipped, loose, put on the other way round.
//!
//! In: poses of a block, and the analysed sets. Out: findings that name the sensor and when. The same for a recording
//! and for a session that runs. Any way of wearing a sensor is measured (it is aligned anew in every block), so that one that is upside
//! down costs nothing; what is told is that it is not as before.

use truehinge_core::SensorRole;

use crate::grid::PoseGrid;
use crate::math::stats::moving_rms;

/// A walking pelvis turns at least so fast, rad/s, over so long, s: one sensor in the hand beside another that rests is no step.
const WALKS: f64 = 10.0 * std::f64::consts::PI / 180.0;
const STRIDE_S: f64 = 1.0;
/// A shin that swings turns at least so fast, rad/s; a pelvis bows more slowly.
const SWINGS: f64 = 180.0 * std::f64::consts::PI / 180.0;

/// Whether the sensor called hip moves like a shin and the other like a hip: in walking the shin swings several times faster
/// than the pelvis turns. Says nothing about recordings without a step.
pub fn looks_swapped(grid: &PoseGrid) -> bool {
    let (Some(hip), Some(shank)) = (grid.track(SensorRole::Hip), grid.track(SensorRole::Shank)) else { return false };
    let rates = [hip, shank].map(|track| track.angular_rate.iter().map(|rate| rate.norm()).collect::<Vec<f64>>());
    let lately = rates.each_ref().map(|rates| moving_rms(rates, grid.points(STRIDE_S)));
    let walking = |i: &usize| lately.iter().all(|rms| rms[*i] > WALKS) && hip.valid[*i] && shank.valid[*i];
    let walking: Vec<usize> = (0..grid.len()).filter(walking).collect();
    let fastest = |rates: &[f64]| {
        let mut rates: Vec<f64> = walking.iter().map(|&i| rates[i]).collect();
        rates.sort_by(f64::total_cmp);
        // The fastest tenth of a second may be a knock against the sensor.
        rates.len().checked_sub(1 + grid.points(0.1)).map(|index| rates[index])
    };
    match rates.each_ref().map(|rates| fastest(rates)) {
        [Some(hip), Some(shank)] => hip > SWINGS && shank < 0.6 * hip,
        _ => false,
    }
}
