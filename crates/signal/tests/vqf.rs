//! Orientation against the VQF authors' own package, on stored vectors (`tests/data/vqf_reference.py` made them).
//!
//! `vqf_excerpt.f64` is cut and computed from a test recording of the VQF project, copyright 2021 Daniel Laidig, MIT licence.
//! Against optics, on trials of the BROAD benchmark, `truehinge validate` compares both.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "counts and indices of simulated samples, small and not negative"
)]

use std::path::Path;

use truehinge_core::{AngularRate, Earth, Rotation, SampleRate, Sensor, SpecificForce, run};
use truehinge_signal::Method;
use truehinge_signal::method::PUBLISHED_VQF_TOML;
use truehinge_signal::orientation::{OnlineOrientation, OrientationEstimate, offline};
use truehinge_signal::timebase::ImuSample;

fn imu(gyr: &[f64], acc: &[f64]) -> ImuSample {
    ImuSample {
        specific_force: SpecificForce::new(acc[0], acc[1], acc[2]),
        angular_rate: AngularRate::new(gyr[0], gyr[1], gyr[2]),
    }
}

fn published() -> Method {
    Method::from_toml(PUBLISHED_VQF_TOML).expect("the file reads")
}

fn online(samples: &[ImuSample], rate: SampleRate) -> Vec<OrientationEstimate> {
    let mut filter = OnlineOrientation::new(&published(), rate).expect("fast enough");
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
    let estimates = offline::estimate(&excerpt.samples, excerpt.rate, &published()).expect("fast enough");
    let (turn, bias) = compare(&estimates, &excerpt, 8, 16);
    let sigma =
        estimates.iter().step_by(excerpt.keep).zip(&excerpt.expected).map(|(e, row)| (e.bias_sigma - row[15]).abs());
    let sigma = sigma.fold(0.0, f64::max);
    println!("offline: {turn:.2e} rad, {bias:.2e} rad/s, sigma {sigma:.2e} rad/s");
    assert!(turn < 1e-9 && bias < 1e-9 && sigma < 1e-9, "{turn} rad, {bias} rad/s, {sigma} rad/s");
}
