//! How the sensors are worn, as far as the data tell: exchanged, slipped, loose, put on the other way round.
//!
//! In: poses of a block, and the analysed sets. Out: issues that name the sensor, when, and what to do. The same for a recording
//! and for a session that runs. Any way of wearing a sensor is measured (it is aligned anew in every block), so that one that is upside
//! down costs nothing; what is told is that it is not as before.

use truehinge_core::SensorRole;

use crate::grid::PoseGrid;
use crate::math::stats::moving_rms;
use crate::method::Method;

/// Whether the sensor called hip moves like a shin and the other like a hip: in walking the shin swings several times faster
/// than the pelvis turns. Says nothing about recordings without a step.
pub fn looks_swapped(grid: &PoseGrid, method: &Method) -> bool {
    let limits = &method.watch.wear;
    let (walks, swings) = (limits.walks_deg_per_s.to_radians(), limits.swings_deg_per_s.to_radians());
    let (Some(hip), Some(shank)) = (grid.track(SensorRole::Hip), grid.track(SensorRole::Shank)) else { return false };
    let rates = [hip, shank].map(|track| track.angular_rate.iter().map(|rate| rate.norm()).collect::<Vec<f64>>());
    let lately = rates.each_ref().map(|rates| moving_rms(rates, grid.points(limits.stride_s)));
    let walking = |i: &usize| lately.iter().all(|rms| rms[*i] > walks) && hip.valid[*i] && shank.valid[*i];
    let walking: Vec<usize> = (0..grid.len()).filter(walking).collect();
    let fastest = |rates: &[f64]| {
        let mut rates: Vec<f64> = walking.iter().map(|&i| rates[i]).collect();
        rates.sort_by(f64::total_cmp);
        // The fastest moment may be a knock against the sensor.
        rates.len().checked_sub(1 + grid.points(limits.knock_s)).map(|index| rates[index])
    };
    match rates.each_ref().map(|rates| fastest(rates)) {
        [Some(hip), Some(shank)] => hip > swings && shank < limits.slower_share * hip,
        _ => false,
    }
}
