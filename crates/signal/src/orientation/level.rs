//! Gravity in the strapdown frame, and the tilt that makes it point up: the last step of the estimate with the future.

use nalgebra::{UnitQuaternion, Vector3, Vector4};
use truehinge_core::{Earth, Rotation, Sensor};

use super::low_pass::{LowPassCoeffs, LowPassState, StartingLowPass};
use super::pair::{Pair, both, first};
use super::{near_unit, shortest_way_up};
use crate::method::{Ends, Orientation};

/// The vertical at each sample of a run: its force in the strapdown frame, low-passed forwards and backwards.
pub(super) fn gravity(
    force: Vec<Vector3<f64>>,
    at_rest: impl Iterator<Item = bool>,
    period: f64,
    method: &Orientation,
) -> Vec<Vector3<f64>> {
    match method.ends {
        Ends::Published => low_pass(force, period, method.vqf.tau_acc_s),
        Ends::Anchored => weighted_mean(&force, at_rest, period, method),
    }
}

/// Zero-phase low-pass with the published treatment of the ends.
fn low_pass(signal: Vec<Vector3<f64>>, period: f64, tau: f64) -> Vec<Vector3<f64>> {
    let coeffs = LowPassCoeffs::new(period, tau);
    let mut forward = StartingLowPass::<3>::new();
    let mut signal: Vec<[Pair; 3]> =
        signal.into_iter().map(|value| forward.step(value.data.0[0].map(both), &coeffs)).collect();
    let Some(&last) = signal.last() else { return Vec::new() };
    let mut backward = LowPassState::settled(last, &coeffs);
    for value in signal.iter_mut().rev() {
        *value = backward.step(*value, &coeffs);
    }
    signal.into_iter().map(|value| first(&Vector3::from(value))).collect()
}

/// Weighted moving mean with a kernel that is positive everywhere: two first-order low-passes with half of `tau`, forwards
/// and backwards, of the weighted values and of the weights, divided by each other. Cut off at an end it stays a mean of
/// what is there.
///
/// Only rest changes the weights. Weighing within a movement by its vigour looks attractive and is wrong: accelerations of a
/// movement cancel only if all of its phases count alike (tried: up to 2 degrees on BROAD).
fn weighted_mean(
    force: &[Vector3<f64>],
    at_rest: impl Iterator<Item = bool>,
    period: f64,
    method: &Orientation,
) -> Vec<Vector3<f64>> {
    let tau = method.vqf.tau_acc_s;
    let weighted = |(force, at_rest): (&Vector3<f64>, bool)| {
        let weight = if at_rest { method.rest_weight_ratio } else { 1.0 };
        (*force * weight).push(weight)
    };
    let mut sums: Vec<Vector4<f64>> = force.iter().zip(at_rest).map(weighted).collect();
    let gain = -(-2.0 * period / tau).exp_m1();
    for _ in 0..2 {
        smooth(sums.iter_mut(), gain);
        smooth(sums.iter_mut().rev(), gain);
    }
    sums.into_iter().map(|sum| sum.xyz() / sum.w).collect()
}

/// One first-order low-pass in place, from nothing.
fn smooth<'a>(values: impl Iterator<Item = &'a mut Vector4<f64>>, gain: f64) {
    let mut state = Vector4::zeros();
    for value in values {
        state += (*value - state) * gain;
        *value = state;
    }
}

/// Tilts the strapdown frame, sample by sample and each time by the shortest way, so that `gravity` points up.
pub(super) fn level(strapdown: &[UnitQuaternion<f64>], gravity: &[Vector3<f64>]) -> Vec<Rotation<Sensor, Earth>> {
    let mut tilt = UnitQuaternion::identity();
    strapdown
        .iter()
        .zip(gravity)
        .map(|(attitude, force)| {
            // Its length is that of the turned force, and need not wait for the tilt before.
            if let Some(up) = force.try_normalize(1e-9) {
                tilt = near_unit(shortest_way_up(&(tilt * up)) * tilt.quaternion());
            }
            // CLAIM: strapdown maps the sensor to the drifting frame, tilt that frame to one whose z is up.
            Rotation::assert_maps(tilt * attitude)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Method;

    fn method(ends: Ends) -> Orientation {
        let mut method = Method::default().orientation;
        method.ends = ends;
        method
    }

    #[test]
    fn a_steady_force_is_gravity_to_both_ends_however_it_is_weighed() {
        let steady = vec![Vector3::new(1.0, -2.0, 9.0); 500];
        for ends in [Ends::Published, Ends::Anchored] {
            let found = gravity(steady.clone(), (0..500).map(|i| i > 300), 0.01, &method(ends));
            assert!(found.iter().all(|up| (up - steady[0]).norm() < 1e-9), "{ends:?}");
        }
    }

    #[test]
    fn a_slow_swing_is_passed_by_both_and_comes_neither_early_nor_late() {
        // A triangle of 200 s about its middle: symmetric in time.
        let force: Vec<Vector3<f64>> =
            (0..=20_000).map(|i| Vector3::new(1.0 - (f64::from(i) / 10_000.0 - 1.0).abs(), 0.0, 9.8)).collect();
        for ends in [Ends::Published, Ends::Anchored] {
            let found = gravity(force.clone(), std::iter::repeat(false), 0.01, &method(ends));
            let (before, after) = (found[8_000].x, found[12_000].x);
            assert!((before - after).abs() < 1e-6 && (before - 0.8).abs() < 1e-3, "{ends:?}: {before} {after}");
        }
    }

    #[test]
    fn rest_counts_four_times_as_much_as_movement() {
        // Rest and movement in turn, much faster than the time constant: the mean is weighed 4 to 1.
        let force: Vec<Vector3<f64>> =
            (0..6000).map(|i| Vector3::new(if i % 2 == 0 { 1.0 } else { 0.0 }, 0.0, 9.8)).collect();
        let found = gravity(force.clone(), (0..6000).map(|i| i % 2 == 0), 0.01, &method(Ends::Anchored));
        assert!((found[3000].x - 0.8).abs() < 2e-3, "{}", found[3000].x);
        let even = gravity(force, std::iter::repeat(false), 0.01, &method(Ends::Anchored));
        assert!((even[3000].x - 0.5).abs() < 2e-3, "{}", even[3000].x);
    }

    #[test]
    fn the_frame_is_tilted_until_gravity_points_up() {
        let attitudes: Vec<UnitQuaternion<f64>> =
            (0..20).map(|i| UnitQuaternion::from_euler_angles(0.1 * f64::from(i), 0.3, -0.2)).collect();
        let gravity: Vec<Vector3<f64>> = (0..20).map(|i| Vector3::new(-2.0, 0.2 * f64::from(i), 9.0)).collect();
        for ((rotation, attitude), force) in level(&attitudes, &gravity).iter().zip(&attitudes).zip(&gravity) {
            // What the sensor feels as gravity points up in Earth.
            let up = rotation.quaternion() * (attitude.inverse() * force);
            assert!((up - Vector3::z() * force.norm()).norm() < 1e-9, "{up}");
        }
    }
}
