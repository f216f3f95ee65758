use super::*;
use nalgebra::UnitQuaternion;
use truehinge_core::{SampleRate, SensorRole, SessionTime};

use crate::clock::ClockReport;
use crate::timebase::{Run, SampleQuality, TimebaseReport};

/// A minute at 100 Hz: 4 s rest, then nods of 60 degrees about y and, in their own time, of `roll` about x, with the
/// accelerations of a swinging thigh.
fn moving(bias: [f64; 3], gyroscope: [f64; 3], roll: f64) -> UniformTrack<ImuSample> {
    let attitude = |t: f64| {
        let swing = |speed: f64| if t < 4.0 { 0.0 } else { 0.5 - 0.5 * ((t - 4.0) * speed).cos() };
        UnitQuaternion::from_euler_angles(roll * swing(1.1), 1.05 * swing(1.8), 0.0)
    };
    let at = |t: f64| {
        let (before, now, after) = (attitude(t - 0.005), attitude(t), attitude(t + 0.005));
        let rate = (before.inverse() * after).scaled_axis() / 0.01;
        // A point 0.2 m above the joint.
        let place = |t: f64| attitude(t) * Vector3::new(0.0, 0.0, 0.2);
        let acceleration = (place(t + 0.01) - place(t) * 2.0 + place(t - 0.01)) / 1e-4;
        let force = now.inverse() * (acceleration + Vector3::z() * STANDARD_GRAVITY);
        ImuSample {
            specific_force: SpecificForce::from_vector(force + Vector3::from(bias)),
            angular_rate: AngularRate::from_vector(rate + Vector3::from(gyroscope)),
        }
    };
    let samples: Vec<ImuSample> = (0..6000).map(|k| at(f64::from(k) / 100.0)).collect();
    let quality = vec![SampleQuality::Measured; samples.len()];
    UniformTrack {
        role: SensorRole::Thigh,
        rate: SampleRate::from_hertz(100.0).expect("positive"),
        runs: vec![Run { start: SessionTime::ZERO, period_s: 0.01, samples, quality }],
        report: TimebaseReport::default(),
        clock: ClockReport::default(),
    }
}

fn nodding(bias: [f64; 3], gyroscope: [f64; 3]) -> UniformTrack<ImuSample> {
    moving(bias, gyroscope, 0.5)
}

#[test]
fn a_good_sensor_is_left_alone() {
    let mut track = nodding([0.05, -0.1, 0.15], [0.004, 0.0, -0.002]);
    let before = track.clone();
    let report = correct(&mut track, &Method::default());
    assert_eq!(report.accelerometer, Accelerometer::Fine);
    assert_eq!(report.finding(), None);
    assert_eq!(track, before);
    // The simulated rest is perfectly still.
    let bias = report.gyroscope_bias.expect("a rest");
    assert!((bias[0] - 0.004).abs() < 1e-12 && report.gyroscope_sigma.expect("a rest") < 0.006);
}

#[test]
fn a_large_bias_is_found_and_taken_out() {
    let truth = [-0.4, 4.6, 2.1];
    let mut track = nodding(truth, [0.0; 3]);
    let report = correct(&mut track, &Method::default());
    let Accelerometer::Corrected { bias, sigma, gravity } = report.accelerometer else {
        panic!("not corrected: {report:?}");
    };
    for i in 0..3 {
        // Three times the stated uncertainty, and in any case better than a tenth of the bias.
        let error = (bias[i] - truth[i]).abs();
        assert!(error < 3.0 * sigma[i] && error < 0.5, "{bias:?} {sigma:?}");
    }
    assert!((gravity - STANDARD_GRAVITY).abs() < 0.2);
    assert!((usual_norm(&track, Vector3::zeros()) - STANDARD_GRAVITY).abs() < 0.3);
    let Some(FindingKind::AccelerometerCorrected { gravity_m_s2, bias_m_s2, sigma_m_s2 }) = report.finding() else {
        panic!("not told: {report:?}");
    };
    // At rest the sensor is upright: the norm that it read there is that of gravity and bias together.
    let read = (Vector3::from(truth) + Vector3::z() * STANDARD_GRAVITY).norm();
    assert!(report.corrected() && (gravity_m_s2 - read).abs() < 1e-6, "{gravity_m_s2} for {read}");
    let size = Vector3::from(truth).norm();
    assert!((bias_m_s2 - size).abs() < 0.5 && sigma.contains(&sigma_m_s2), "{bias_m_s2} for {size}");
    assert!(sigma.iter().all(|sigma| *sigma <= sigma_m_s2), "the worst of {sigma:?}: {sigma_m_s2}");
}

#[test]
fn a_planar_movement_leaves_its_axis_uncertain() {
    let truth = [-0.4, 1.5, 4.1];
    let report = correct(&mut moving(truth, [0.0; 3], 0.0), &Method::default());
    let Accelerometer::Corrected { bias, sigma, .. } = report.accelerometer else {
        panic!("not corrected: {report:?}");
    };
    assert!(sigma[1] > 1.0 && sigma[0] < 0.6 && sigma[2] < 0.6, "{sigma:?}");
    for i in 0..3 {
        assert!((bias[i] - truth[i]).abs() < 2.0 * sigma[i], "{bias:?} {sigma:?}");
    }
}

#[test]
fn a_wrong_unit_is_marked_and_not_corrected() {
    let mut track = nodding([0.0; 3], [0.0; 3]);
    for sample in &mut track.runs[0].samples {
        sample.specific_force = sample.specific_force * 2.0;
    }
    let before = track.clone();
    let report = correct(&mut track, &Method::default());
    assert_eq!(report.accelerometer, Accelerometer::Marked);
    assert_eq!(track, before);
    assert!((report.gravity.expect("a rest") - 2.0 * STANDARD_GRAVITY).abs() < 1e-6);
    let gravity_m_s2 = report.gravity.expect("a rest");
    assert_eq!(report.finding(), Some(FindingKind::AccelerometerWrong { gravity_m_s2 }));
}

#[test]
fn a_large_gyroscope_bias_is_taken_out() {
    let mut track = nodding([0.0; 3], [0.05, -0.02, 0.01]);
    let report = correct(&mut track, &Method::default());
    assert!(report.gyroscope_corrected);
    assert!(track.runs[0].samples[100].angular_rate.norm() < 1e-9);
}
