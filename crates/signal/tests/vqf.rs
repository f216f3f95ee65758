//! Orientation against the VQF authors' own package, on stored vectors (`tests/data/vqf_reference.py` made them), and against its Rust
//! port, sample by sample.
//!
//! `vqf_excerpt.f64` is cut and computed from a test recording of the VQF project, copyright 2021 Daniel Laidig, MIT licence.
//! Against optics, on trials of the BROAD benchmark, `cargo xtask validate` compares both.

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

/// The authors' filter, ported to Rust, with our method's numbers.
fn port(rate: SampleRate) -> vqf_rs::VQF {
    let method = published();
    let (vqf, rest) = (&method.orientation.vqf, &method.stillness.filter_at_rest);
    let params = vqf_rs::Params {
        tau_acc: vqf.tau_acc_s,
        bias_sigma_init: vqf.bias_sigma_init_deg_per_s,
        bias_forgetting_time: vqf.bias_forgetting_s,
        bias_clip: vqf.bias_clip_deg_per_s,
        bias_sigma_motion: vqf.bias_sigma_motion_deg_per_s,
        bias_vertical_forgetting_factor: vqf.bias_vertical_forgetting_share,
        bias_sigma_rest: vqf.bias_sigma_rest_deg_per_s,
        rest_min_t: rest.least_s,
        rest_filter_tau: rest.filter_tau_s,
        rest_th_gyr: rest.rate_deg_per_s,
        rest_th_acc: rest.force_m_per_s2,
        ..vqf_rs::Params::default()
    };
    vqf_rs::VQF::new(rate.period_seconds(), None, None, Some(params))
}

/// Half a minute at this rate: 5 s of rest and 5 s of turning about all axes with accelerations, in turn; with a bias.
fn restless(hertz: f64) -> Vec<ImuSample> {
    let sample = |i: u32| {
        let t = f64::from(i) / hertz;
        let moves = if t % 10.0 < 5.0 { 0.0 } else { (std::f64::consts::TAU * t / 10.0).sin() };
        let swing = |speed: f64| moves * (speed * t).sin();
        let rate = [2.0 * swing(2.1) + 0.011, 1.5 * swing(3.3) - 0.007, swing(1.7) + 0.004];
        let force = [9.0 * swing(0.9) + 1.0, -8.0 * swing(1.3) - 3.0, 9.2 + 3.0 * swing(4.1)];
        imu(&rate, &force)
    };
    (0..(30.0 * hertz) as u32).map(sample).collect()
}

#[test]
fn online_equals_the_port_at_every_sample_at_rest_and_in_movement() {
    for hertz in [50.0, 100.0, 120.0, 208.0] {
        let rate = SampleRate::from_hertz(hertz).expect("positive");
        let (samples, mut port) = (restless(hertz), port(rate));
        let estimates = online(&samples, rate);
        for (i, (sample, estimate)) in samples.iter().zip(&estimates).enumerate() {
            port.update(sample.angular_rate.to_array(), sample.specific_force.to_array(), None);
            let (q, (bias, sigma)) = (port.quat_6d(), port.bias_estimate());
            let turn = angle(estimate.rotation, &[q.0, q.1, q.2, q.3]);
            let off = (estimate.bias - AngularRate::new(bias[0], bias[1], bias[2])).norm();
            let unsure = (estimate.bias_sigma - sigma).abs();
            assert!(turn < 1e-9 && off < 1e-9 && unsure < 1e-9, "{hertz} Hz, {i}: {turn} rad, {off} {unsure} rad/s");
            assert_eq!(estimate.at_rest, port.rest_detected(), "{hertz} Hz, {i}");
        }
        assert!(estimates.iter().any(|e| e.at_rest) && estimates.iter().any(|e| !e.at_rest));
    }
}
