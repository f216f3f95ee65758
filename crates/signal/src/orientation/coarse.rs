//! A gyroscope's bias that is too large for the filter to find.

use nalgebra::Vector3;
use truehinge_core::{AngularRate, SampleRate, Sensor};

use crate::math::points::points;
use crate::math::stats::{mean_and_spread, median};
use crate::method::{BiasWindow, Method};
use crate::timebase::ImuSample;

/// A bias too large for the filter, which clips its own at `orientation.vqf.bias_clip_deg_per_s` and takes a sensor that turns faster for moving: the
/// middle of the mean rates of the stillest windows of all runs. Zero unless it is beyond a share of that limit, so that ordinary
/// sensors are left to the filter alone.
pub(super) fn bias(runs: &[&[ImuSample]], rate: SampleRate, method: &Method) -> AngularRate<Sensor> {
    let (coarse, window) = (&method.orientation.coarse_bias, &method.stillness.bias_window);
    let (length, hop) = (points(window.window_s, rate), points(window.hop_s, rate));
    let windows = runs.iter().flat_map(|run| run.windows(length).step_by(hop));
    let mut still: Vec<(f64, Vector3<f64>)> = windows.filter_map(|samples| still_rate(samples, window)).collect();
    still.sort_by(|a, b| a.0.total_cmp(&b.0));
    let clear = still.partition_point(|(spread, _)| *spread < window.clear_rate_deg_per_s.to_radians());
    // If hardly any window is clearly still, the stillest part of them is mostly standing; more of them may be slow movements.
    still.truncate(clear.max(still.len() / window.stillest_part_count));
    if still.len() < coarse.least_windows_count {
        return AngularRate::from_vector(Vector3::zeros());
    }
    // Larger than any bias: somebody is turning.
    let largest = coarse.largest_deg_per_s.to_radians();
    let means: Vec<Vector3<f64>> = still.into_iter().map(|(_, mean)| mean).filter(|m| m.norm() < largest).collect();
    let middle = |axis: usize| median(&means.iter().map(|mean| mean[axis]).collect::<Vec<_>>()).unwrap_or(0.0);
    let offset = Vector3::from_fn(|axis, _| middle(axis));
    let least = coarse.beyond_clip_share * method.orientation.vqf.bias_clip_deg_per_s.to_radians();
    AngularRate::from_vector(if offset.norm() > least { offset } else { Vector3::zeros() })
}

/// How much the rate of a window leaves its mean (root mean square), and that mean, if the sensor hardly moves in it.
fn still_rate(samples: &[ImuSample], window: &BiasWindow) -> Option<(f64, Vector3<f64>)> {
    let (_, force) = mean_and_spread(samples.iter().map(|sample| sample.specific_force.vector()));
    let (mean, rate) = mean_and_spread(samples.iter().map(|sample| sample.angular_rate.vector()));
    let still = force < window.force_m_per_s2 && rate < window.rate_deg_per_s.to_radians();
    still.then_some((rate, mean))
}
