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
    // If hardly any window is clearly still, the stillest part of them is mostly standing; the others may be slow movements.
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
    let (mean, rate) = mean_and_spread(samples.iter().map(|sample| sample.angular_rate.vector()));
    let force = || mean_and_spread(samples.iter().map(|sample| sample.specific_force.vector())).1;
    let still = rate < window.rate_deg_per_s.to_radians() && force() < window.force_m_per_s2;
    still.then_some((rate, mean))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::SpecificForce;

    fn rate(hertz: f64) -> SampleRate {
        SampleRate::from_hertz(hertz).expect("positive")
    }

    /// A stretch in which the rate about the second axis is `mean` and leaves it by `spread`, root mean square, deg/s.
    fn turning(hertz: f64, seconds: f64, mean: f64, spread: f64) -> Vec<ImuSample> {
        (0..points(seconds, rate(hertz)))
            .map(|i| {
                let side = if i % 2 == 0 { spread } else { -spread };
                ImuSample {
                    specific_force: SpecificForce::new(0.0, 0.0, 9.8),
                    angular_rate: AngularRate::new(0.0, (mean + side).to_radians(), 0.0),
                }
            })
            .collect()
    }

    /// The bias about the second axis, deg/s.
    fn found(runs: &[&[ImuSample]], hertz: f64) -> f64 {
        let [x, y, z] = bias(runs, rate(hertz), &Method::default()).to_array();
        assert!(x.abs() + z.abs() < 1e-12);
        y.to_degrees()
    }

    #[test]
    fn a_bias_beyond_half_the_filters_own_limit_is_found_at_every_rate_of_sampling() {
        for hertz in [50.0, 100.0, 200.0] {
            for mean in [1.1, -1.1, 8.0, -19.0] {
                assert!((found(&[&turning(hertz, 3.0, mean, 0.5)], hertz) - mean).abs() < 1e-9, "{hertz} {mean}");
            }
            for left_to_the_filter in [0.0, 0.9, -0.9] {
                assert_eq!(found(&[&turning(hertz, 3.0, left_to_the_filter, 0.5)], hertz), 0.0);
            }
        }
    }

    #[test]
    fn who_turns_shakes_or_was_seen_too_shortly_shows_no_bias() {
        let at = |seconds, mean, spread| found(&[&turning(100.0, seconds, mean, spread)], 100.0);
        assert_eq!([at(3.0, 21.0, 0.5), at(3.0, 8.0, 5.1)], [0.0, 0.0]);
        // Windows of a second, a quarter of one apart: the fourth ends after 1.75 s.
        assert!(at(1.74, 8.0, 0.5) == 0.0 && (at(1.75, 8.0, 0.5) - 8.0).abs() < 1e-9);
        let mut jolted = turning(100.0, 3.0, 8.0, 0.5);
        for (i, sample) in jolted.iter_mut().enumerate() {
            sample.specific_force = SpecificForce::new(0.0, if i % 2 == 0 { 0.51 } else { -0.51 }, 9.8);
        }
        assert_eq!(found(&[&jolted], 100.0), 0.0);
    }

    #[test]
    fn all_windows_that_are_clearly_still_count_and_at_least_the_stillest_quarter() {
        let of_two = |still: (f64, f64, f64), other: (f64, f64, f64)| {
            let [a, b] = [still, other].map(|(seconds, mean, spread)| turning(100.0, seconds, mean, spread));
            found(&[&a, &b], 100.0)
        };
        // Both clearly still, then only the shorter one; a middle lies in the longer one.
        assert!((of_two((8.0, 6.0, 0.2), (12.0, 4.0, 0.95)) - 4.0).abs() < 1e-9);
        assert!((of_two((8.0, 6.0, 0.2), (12.0, 4.0, 1.05)) - 6.0).abs() < 1e-9);
        // Nobody stands clearly still: of 12 and of 3 s of sway among 36 s, the stillest quarter is mostly the one or the other.
        assert!((of_two((12.0, 4.0, 2.0), (24.0, 12.0, 4.0)) - 4.0).abs() < 1e-9);
        assert!((of_two((3.0, 4.0, 2.0), (33.0, 12.0, 4.0)) - 12.0).abs() < 1e-9);
    }
}
