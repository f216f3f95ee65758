//! Orientation against the VQF authors' own package, on stored vectors (`tests/data/vqf_reference.py` made them).
//!
//! `vqf_excerpt.f64` is cut and computed from a test recording of the VQF project, copyright 2021 Daniel Laidig, MIT licence.
//! `broad_reference.csv` holds error figures of that package on trials of the BROAD benchmark (CC BY 4.0, D. Laidig, M. Caruso,
//! A. Cereatti, T. Seel, Data 2021, 6, 72); the trials themselves are not stored here.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "counts and indices of simulated samples, small and not negative"
)]

use std::path::{Path, PathBuf};

use truehinge_core::{AngularRate, Earth, Rotation, SampleRate, Sensor, SpecificForce, frame::Direction, run};
use truehinge_signal::orientation::{
    OnlineOrientation, OrientationEstimate, VqfParams,
    offline::{self, Ends, OfflineParams},
};
use truehinge_signal::timebase::ImuSample;

fn imu(gyr: &[f64], acc: &[f64]) -> ImuSample {
    ImuSample {
        specific_force: SpecificForce::new(acc[0], acc[1], acc[2]),
        angular_rate: AngularRate::new(gyr[0], gyr[1], gyr[2]),
    }
}

fn published() -> OfflineParams {
    OfflineParams { ends: Ends::Published, ..OfflineParams::default() }
}

fn online(samples: &[ImuSample], rate: SampleRate) -> Vec<OrientationEstimate> {
    let mut filter = OnlineOrientation::as_published(VqfParams::default(), rate).expect("defaults are allowed");
    run(&mut filter, samples.iter().copied())
}

/// The angle between two rotations, rad.
fn angle(a: Rotation<Sensor, Earth>, wxyz: &[f64]) -> f64 {
    let b = Rotation::<Sensor, Earth>::from_wxyz([wxyz[0], wxyz[1], wxyz[2], wxyz[3]]).expect("a quaternion");
    (a.quaternion().inverse() * b.quaternion()).scaled_axis().norm()
}

struct Excerpt {
    rate: SampleRate,
    keep: usize,
    samples: Vec<ImuSample>,
    expected: Vec<[f64; 17]>,
}

fn excerpt() -> Excerpt {
    let bytes =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/vqf_excerpt.f64")).expect("stored");
    let (words, _) = bytes.as_chunks::<8>();
    let numbers: Vec<f64> = words.iter().map(|w| f64::from_le_bytes(*w)).collect();
    let (count, keep) = (numbers[1] as usize, numbers[2] as usize);
    let (inputs, outputs) = numbers[3..].split_at(6 * count);
    Excerpt {
        rate: SampleRate::from_hertz(numbers[0]).expect("positive"),
        keep,
        samples: inputs.chunks_exact(6).map(|row| imu(&row[..3], &row[3..])).collect(),
        expected: outputs.as_chunks::<17>().0.to_vec(),
    }
}

/// Largest differences in angle (rad) and bias (rad/s) over all kept samples; the rest flags must be equal.
fn compare(estimates: &[OrientationEstimate], excerpt: &Excerpt, column: usize, rest: usize) -> (f64, f64) {
    let kept = estimates.iter().step_by(excerpt.keep);
    assert_eq!(kept.len(), excerpt.expected.len());
    kept.zip(&excerpt.expected).fold((0.0, 0.0), |(turn, bias): (f64, f64), (got, row)| {
        let b = got
            .bias
            .to_array()
            .iter()
            .zip(&row[column + 4..column + 7])
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max);
        assert_eq!(got.at_rest, row[rest] > 0.5);
        (turn.max(angle(got.rotation, &row[column..column + 4])), bias.max(b))
    })
}

// Same algorithm, same double precision, other order of operations: 1e-9 leaves a factor of a thousand for rounding.

#[test]
fn online_equals_the_reference() {
    let excerpt = excerpt();
    let estimates = online(&excerpt.samples, excerpt.rate);
    let (turn, bias) = compare(&estimates, &excerpt, 0, 7);
    println!("online: {turn:.2e} rad, {bias:.2e} rad/s");
    assert!(turn < 1e-9 && bias < 1e-9, "{turn} rad, {bias} rad/s");
    assert!(estimates.iter().any(|e| e.at_rest) && estimates.iter().any(|e| !e.at_rest));
}

#[test]
fn offline_as_published_equals_the_reference() {
    let excerpt = excerpt();
    let estimates = offline::estimate(&excerpt.samples, excerpt.rate, &published()).expect("defaults are allowed");
    let (turn, bias) = compare(&estimates, &excerpt, 8, 16);
    let sigma =
        estimates.iter().step_by(excerpt.keep).zip(&excerpt.expected).map(|(e, row)| (e.bias_sigma - row[15]).abs());
    let sigma = sigma.fold(0.0, f64::max);
    println!("offline: {turn:.2e} rad, {bias:.2e} rad/s, sigma {sigma:.2e} rad/s");
    assert!(turn < 1e-9 && bias < 1e-9 && sigma < 1e-9, "{turn} rad, {bias} rad/s, {sigma} rad/s");
}

/// Converted BROAD trials, if somebody ran `vqf_reference.py broad FOLDER target/broad`.
fn converted() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/broad");
    folder.is_dir().then_some(folder)
}

/// Optical truth, where the cameras saw the sensor.
type Truth = Vec<Option<Rotation<Sensor, Earth>>>;

/// Samples, optical truth and the movement phase of a converted trial.
fn trial(path: &Path) -> (Vec<ImuSample>, Truth, Vec<bool>) {
    let bytes = std::fs::read(path).expect("readable");
    let (words, _) = bytes.as_chunks::<4>();
    let numbers: Vec<f64> = words.iter().map(|w| f64::from(f32::from_le_bytes(*w))).collect();
    let rows = numbers.as_chunks::<11>().0;
    (
        rows.iter().map(|row| imu(&row[..3], &row[3..6])).collect(),
        rows.iter().map(|row| Rotation::from_wxyz([row[6], row[7], row[8], row[9]])).collect(),
        rows.iter().map(|row| row[10] > 0.5).collect(),
    )
}

/// RMS angle between the two verticals over the movement phase, degrees.
fn inclination_rmse(
    estimates: &[OrientationEstimate],
    truth: &[Option<Rotation<Sensor, Earth>>],
    moving: &[bool],
) -> f64 {
    let up = |r: Rotation<Sensor, Earth>| r.inverse().apply(Direction::<Earth>::new(0.0, 0.0, 1.0)).vector();
    let squares: Vec<f64> = estimates
        .iter()
        .zip(truth)
        .zip(moving)
        .filter_map(|((e, t), &m)| t.filter(|_| m).map(|t| (up(e.rotation), up(t))))
        .map(|(a, b)| a.cross(&b).norm().atan2(a.dot(&b)).powi(2))
        .collect();
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt().to_degrees()
}

#[test]
fn inclination_on_broad_is_that_of_the_reference() {
    let Some(folder) = converted() else {
        println!("skipped: no converted BROAD trials (see tests/data/vqf_reference.py)");
        return;
    };
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/broad_reference.csv");
    let mut table = csv::Reader::from_path(reference).expect("stored");
    let rate = SampleRate::from_hertz(2000.0 / 7.0).expect("positive");
    let mut checked = 0;
    for row in table.deserialize::<(String, f64, f64)>() {
        let (name, online_reference, offline_reference) = row.expect("a row of the table");
        let path = folder.join(format!("{name}.f32"));
        if !path.is_file() {
            continue;
        }
        let (samples, truth, moving) = trial(&path);
        let error = |estimates: &[OrientationEstimate]| inclination_rmse(estimates, &truth, &moving);
        let live = error(&online(&samples, rate));
        let as_published = error(&offline::estimate(&samples, rate, &published()).expect("allowed"));
        let default = error(&offline::estimate(&samples, rate, &OfflineParams::default()).expect("allowed"));
        let mut level = OnlineOrientation::new(VqfParams::default(), rate).expect("allowed");
        let started_level = error(&run(&mut level, samples.iter().copied()));
        println!(
            "{name:45} online {live:.4} ({online_reference:.4}) level {started_level:.4} offline {as_published:.4} ({offline_reference:.4}) \
             anchored {default:.4} deg"
        );
        // The table has six decimals.
        assert!((live - online_reference).abs() < 1e-5 && (as_published - offline_reference).abs() < 1e-5, "{name}");
        // The product's gate: within 0.02 degrees of the reference.
        assert!(
            default < offline_reference + 0.02 && started_level < online_reference + 0.02,
            "{name}: {default} {started_level}"
        );
        checked += 1;
    }
    assert!(checked > 0, "the folder holds no trial of the table");
}
