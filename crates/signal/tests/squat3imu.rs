//! The accelerometers of real sensors that read 13 m/s² at rest: 30 recordings of the same three sensors must give the same
//! biases.

use std::path::Path;

use truehinge_core::{
    AngularRate, ClockKind, DeviceInfo, DeviceTime, InertialSample, SpecificForce, Track, TrackSamples,
};
use truehinge_signal::Method;
use truehinge_signal::clock::fit_track;
use truehinge_signal::inertial::{Accelerometer, InertialReport, correct};
use truehinge_signal::timebase::{Uniform, uniform};

fn recordings() -> Vec<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/squat3imu");
    let mut paths: Vec<_> = (0..5)
        .filter_map(|class| std::fs::read_dir(folder.join(format!("class{class}"))).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "csv"))
        .collect();
    paths.sort();
    paths
}

fn report(path: &Path, sensor: usize, role: &str) -> (f64, InertialReport) {
    let mut table = csv::Reader::from_path(path).expect("readable");
    let samples = table
        .records()
        .map(|row| {
            let row = row.expect("a row");
            let value = |column: usize| row[column].parse::<f64>().unwrap_or(f64::NAN);
            let axis = |i: usize| value(6 + 6 * sensor + i);
            InertialSample {
                device_time: DeviceTime::from_seconds(value(2) / 1e3),
                arrival: None,
                specific_force: SpecificForce::new(axis(0), axis(1), axis(2)),
                angular_rate: AngularRate::new(axis(3), axis(4), axis(5)),
            }
        })
        .collect();
    let track = Track {
        role: role.parse().expect("a role"),
        device: DeviceInfo::default(),
        clock: ClockKind::Shared,
        samples: TrackSamples::Inertial(samples),
        sequence_gaps: vec![],
    };
    let method = Method::default();
    let clock = fit_track(&track, None, &method.clock).expect("no arrivals to fit");
    let Uniform::Inertial(mut track) = uniform(&track, &clock, &method.timebase).expect("a time base") else {
        unreachable!("inertial samples went in")
    };
    (track.rate.hertz(), correct(&mut track, &method))
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn the_same_sensor_has_the_same_bias_in_every_recording() {
    let paths = recordings();
    assert_eq!(paths.len(), 30, "this needs the data beside the repository");
    for (sensor, role) in [(0, "hip"), (1, "thigh"), (2, "shank")] {
        let mut found: Vec<([f64; 3], [f64; 3])> = Vec::new();
        for path in &paths {
            let (rate, report) = report(path, sensor, role);
            assert!((100.0..120.0).contains(&rate), "{rate} Hz");
            if let Accelerometer::Corrected { bias, sigma, .. } = report.accelerometer {
                found.push((bias, sigma));
            }
        }
        // The waist's accelerometer is good. One recording of the thigh stays outside the tolerance and is marked instead.
        let expected = if role == "hip" { 0..=0 } else { 27..=30 };
        assert!(expected.contains(&found.len()), "{role}: {} corrected", found.len());
        let n = found.len() as f64;
        if found.is_empty() {
            continue;
        }
        for axis in 0..3 {
            let mean = found.iter().map(|f| f.0[axis]).sum::<f64>() / n;
            let scatter = (found.iter().map(|f| (f.0[axis] - mean).powi(2)).sum::<f64>() / n).sqrt();
            let stated = (found.iter().map(|f| f.1[axis].powi(2)).sum::<f64>() / n).sqrt();
            println!("{role} axis {axis}: {mean:.2} m/s2, scatter {scatter:.2}, stated {stated:.2}");
            assert!(scatter < 1.0 && scatter < 1.2 * stated && stated < 4.0, "{role} axis {axis}");
        }
    }
}
