//! Orientations from the maker's own filter, for files that hold nothing else.
//!
//! The rotation is the maker's. The angular rate is computed back by central differences of the rotation, the specific force
//! from the free acceleration plus gravity, where the file has it; without it the force is that of a sensor at rest. Both are
//! good for finding repetitions and axes, not for integration: a maker's filter corrects its heading and inclination in small
//! steps that look like rate.

use nalgebra::Vector3;
use truehinge_core::{AngularRate, Earth, FreeAcceleration, Rotation, STANDARD_GRAVITY, Sensor, SpecificForce};

use super::{OrientationEstimate, OrientationRun, OrientationTrack};
use crate::method::Method;
use crate::stillness::Still;
use crate::timebase::{ImuSample, MakerSample, Run, UniformTrack};

/// Orientation, rate and specific force from a maker's orientations.
pub fn estimate(track: &UniformTrack<MakerSample>, method: &Method) -> OrientationTrack {
    let runs = track.runs.iter().map(|samples| run(samples, method)).collect();
    OrientationTrack { role: track.role, rate: track.rate, runs, derived: true }
}

fn run(run: &Run<MakerSample>, method: &Method) -> OrientationRun {
    let rates = angular_rates(&run.samples, run.period_s);
    let at_rest = rests(&rates, run.period_s, Still::from(&method.stillness.maker_at_rest));
    let samples = run
        .samples
        .iter()
        .zip(&rates)
        .map(|(sample, &angular_rate)| ImuSample { specific_force: specific_force(sample), angular_rate });
    let estimates = run.samples.iter().zip(at_rest).map(|(sample, at_rest)| OrientationEstimate {
        rotation: sample.rotation,
        bias: AngularRate::new(0.0, 0.0, 0.0),
        bias_sigma: method.orientation.maker_bias_sigma_rad_per_s,
        at_rest,
    });
    OrientationRun {
        start: run.start,
        period_s: run.period_s,
        samples: samples.collect(),
        estimates: estimates.collect(),
        quality: run.quality.clone(),
    }
}

/// What the accelerometer would have shown: free acceleration plus gravity, seen from the sensor.
fn specific_force(sample: &MakerSample) -> SpecificForce<Sensor> {
    let free = sample.free_acceleration.unwrap_or(FreeAcceleration::new(0.0, 0.0, 0.0)).vector();
    let force = SpecificForce::<Earth>::from_vector(free + Vector3::z() * STANDARD_GRAVITY);
    sample.rotation.inverse().apply(force)
}

/// The turn from one orientation to another, in the sensor's axes, rad.
fn turn(from: Rotation<Sensor, Earth>, to: Rotation<Sensor, Earth>) -> Vector3<f64> {
    (from.quaternion().inverse() * to.quaternion()).scaled_axis()
}

/// Central differences; one-sided at the ends.
fn angular_rates(samples: &[MakerSample], period: f64) -> Vec<AngularRate<Sensor>> {
    let last = samples.len().saturating_sub(1);
    (0..samples.len())
        .map(|i| {
            let (before, after) = (i.saturating_sub(1), (i + 1).min(last));
            let seconds = (after - before).max(1) as f64 * period;
            AngularRate::from_vector(turn(samples[before].rotation, samples[after].rotation) / seconds)
        })
        .collect()
}

/// Samples that belong to a stretch of slow rates long enough for a rest.
fn rests(rates: &[AngularRate<Sensor>], period: f64, still: Still) -> Vec<bool> {
    let mut at_rest = vec![false; rates.len()];
    let rates = still.activity(rates.iter().map(|rate| rate.norm()).collect(), period);
    for rest in still.find(&rates, period) {
        at_rest[rest].fill(true);
    }
    at_rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::UnitQuaternion;
    use truehinge_core::SensorRole;
    use truehinge_core::{SampleRate, SessionTime};

    use crate::clock::ClockReport;
    use crate::timebase::{SampleQuality, TimebaseReport};

    /// Rest for two seconds, then a steady turn of 0.5 rad/s about the sensor's own axis (0.6, 0, 0.8), at 50 Hz.
    fn track() -> UniformTrack<MakerSample> {
        let tilted = UnitQuaternion::from_euler_angles(0.3, -0.2, 1.0);
        let axis = nalgebra::Unit::new_unchecked(Vector3::new(0.6, 0.0, 0.8));
        let samples: Vec<MakerSample> = (0..200)
            .map(|i| {
                let angle = 0.5 * (f64::from(i) / 50.0 - 2.0).max(0.0);
                MakerSample {
                    // CLAIM: a test orientation.
                    rotation: Rotation::assert_maps(tilted * UnitQuaternion::from_axis_angle(&axis, angle)),
                    free_acceleration: Some(FreeAcceleration::new(0.1, 0.0, -0.2)),
                }
            })
            .collect();
        let quality = vec![SampleQuality::Measured; samples.len()];
        UniformTrack {
            role: SensorRole::Hip,
            rate: SampleRate::from_hertz(50.0).expect("positive"),
            runs: vec![Run { start: SessionTime::ZERO, period_s: 0.02, samples, quality }],
            report: TimebaseReport::default(),
            clock: ClockReport::default(),
        }
    }

    #[test]
    fn rate_and_force_are_those_of_the_movement() {
        let estimated = estimate(&track(), &Method::default());
        assert!(estimated.derived);
        let run = &estimated.runs[0];
        assert!(run.samples[50].angular_rate.norm() < 1e-12);
        let turning = run.samples[150].angular_rate.vector();
        // Central differences of a steady turn are exact.
        assert!((turning - Vector3::new(0.3, 0.0, 0.4)).norm() < 1e-9, "{turning}");
        let back = run.estimates[150].rotation.apply(run.samples[150].specific_force).vector();
        assert!((back - Vector3::new(0.1, 0.0, STANDARD_GRAVITY - 0.2)).norm() < 1e-12);
        assert!(run.estimates[50].at_rest && !run.estimates[150].at_rest);
    }

    /// A steady turn of `rate` rad/s about the sensor's y axis at `hertz`, for so many samples; the case turned on the body by `case`.
    fn turning(rate: f64, hertz: f64, count: u32, case: UnitQuaternion<f64>) -> UniformTrack<MakerSample> {
        let samples: Vec<MakerSample> = (0..count)
            .map(|i| {
                let turned = UnitQuaternion::from_axis_angle(&Vector3::y_axis(), rate * f64::from(i) / hertz);
                // CLAIM: a test orientation.
                MakerSample { rotation: Rotation::assert_maps(turned * case.inverse()), free_acceleration: None }
            })
            .collect();
        let quality = vec![SampleQuality::Measured; samples.len()];
        let start = SessionTime::from_seconds(3.0);
        UniformTrack {
            rate: SampleRate::from_hertz(hertz).expect("positive"),
            runs: vec![Run { start, period_s: hertz.recip(), samples, quality }],
            ..track()
        }
    }

    fn only_run(track: &UniformTrack<MakerSample>) -> OrientationRun {
        estimate(track, &Method::default()).runs.into_iter().next().expect("one run")
    }

    #[test]
    fn the_rate_has_the_turns_sign_at_every_rate_of_sampling_and_up_to_both_ends() {
        for hertz in [50.0, 100.0, 200.0] {
            for rate in [0.8, -0.8] {
                let run = only_run(&turning(rate, hertz, 100, UnitQuaternion::identity()));
                assert_eq!((run.start, run.samples.len()), (SessionTime::from_seconds(3.0), 100));
                for sample in &run.samples {
                    assert!((sample.angular_rate.vector() - Vector3::new(0.0, rate, 0.0)).norm() < 1e-9, "{sample:?}");
                }
            }
        }
    }

    #[test]
    fn a_case_that_is_turned_on_the_body_turns_rate_and_force_with_it() {
        let case = UnitQuaternion::from_euler_angles(1.0, -0.5, 2.0);
        let straight = only_run(&turning(0.8, 100.0, 100, UnitQuaternion::identity()));
        let turned = only_run(&turning(0.8, 100.0, 100, case));
        for (a, b) in straight.samples.iter().zip(&turned.samples) {
            assert!((case * a.angular_rate.vector() - b.angular_rate.vector()).norm() < 1e-9);
            assert!((case * a.specific_force.vector() - b.specific_force.vector()).norm() < 1e-9);
            // Without a free acceleration the force is gravity alone.
            assert!((b.specific_force.norm() - STANDARD_GRAVITY).abs() < 1e-9);
        }
    }

    #[test]
    fn rest_is_slow_enough_and_long_enough() {
        let rests = |rate: f64, hertz: f64, count: u32| {
            let run = only_run(&turning(rate, hertz, count, UnitQuaternion::identity()));
            run.estimates.iter().filter(|estimate| estimate.at_rest).count()
        };
        for sign in [1.0, -1.0] {
            assert_eq!([rests(sign * 0.034, 100.0, 200), rests(sign * 0.036, 100.0, 200)], [200, 0]);
        }
        for (hertz, least) in [(50.0, 75), (100.0, 150), (200.0, 300)] {
            assert_eq!([rests(0.0, hertz, least), rests(0.0, hertz, least - 1)], [least as usize, 0], "{hertz} Hz");
        }
        let estimate = only_run(&turning(0.0, 50.0, 10, UnitQuaternion::identity())).estimates[0];
        assert_eq!((estimate.bias_sigma, estimate.bias.norm()), (9e-4, 0.0));
    }
}
