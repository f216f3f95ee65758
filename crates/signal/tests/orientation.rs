//! Orientation in cases with a known answer, and what must not change it.

use nalgebra::{UnitQuaternion, Vector3};
use truehinge_core::{AngularRate, Earth, Explained, SampleRate, Sensor, SpecificForce, Stage, frame::Direction, run};
use truehinge_signal::Method;
use truehinge_signal::method::{Ends, PUBLISHED_VQF_TOML};
use truehinge_signal::orientation::{OnlineOrientation, OrientationEstimate, offline};
use truehinge_signal::timebase::ImuSample;

const GRAVITY: f64 = 9.806_65;

fn rate() -> SampleRate {
    SampleRate::from_hertz(100.0).expect("positive")
}

fn still(up: Vector3<f64>, bias: [f64; 3], count: usize) -> Vec<ImuSample> {
    let [x, y, z] = bias;
    let force = SpecificForce::from_vector(up * GRAVITY);
    vec![ImuSample { specific_force: force, angular_rate: AngularRate::new(x, y, z) }; count]
}

/// Where the estimate sees the vertical, in the sensor's axes.
fn up(estimate: &OrientationEstimate) -> Vector3<f64> {
    estimate.rotation.inverse().apply(Direction::<Earth>::new(0.0, 0.0, 1.0)).vector()
}

fn online(samples: &[ImuSample]) -> Vec<OrientationEstimate> {
    run(&mut OnlineOrientation::new(&Method::default(), rate()).expect("fast enough"), samples.iter().copied())
}

fn offline_with(samples: &[ImuSample], ends: Ends) -> Vec<OrientationEstimate> {
    let mut method = Method::default();
    method.orientation.ends = ends;
    offline::estimate(samples, rate(), &method).expect("fast enough")
}

/// Rest for five seconds, a nod of 40 degrees in two, and again; with a bias of 0.8 deg/s.
fn nods(count: usize) -> (Vec<ImuSample>, Vec<Vector3<f64>>) {
    let attitude = |i: usize| {
        let phase = i as f64 / 100.0 % 7.0 - 5.0;
        let angle = if phase > 0.0 { 0.35 * (1.0 - (std::f64::consts::PI * phase).cos()) } else { 0.0 };
        UnitQuaternion::from_euler_angles(0.2, 0.1, 0.0) * UnitQuaternion::from_axis_angle(&Vector3::y_axis(), angle)
    };
    let ups: Vec<Vector3<f64>> = (0..count).map(|i| attitude(i).inverse() * Vector3::z()).collect();
    let samples = (0..count)
        .map(|i| {
            let turn = (attitude(i.saturating_sub(1)).inverse() * attitude(i)).scaled_axis() * 100.0;
            ImuSample {
                specific_force: SpecificForce::from_vector(ups[i] * GRAVITY),
                angular_rate: AngularRate::from_vector(turn + Vector3::new(0.01, -0.005, 0.008)),
            }
        })
        .collect();
    (samples, ups)
}

#[test]
fn rest_gives_the_inclination_from_the_first_sample_on() {
    let directions = [
        Vector3::x(),
        Vector3::y(),
        Vector3::z(),
        -Vector3::x(),
        -Vector3::y(),
        -Vector3::z(),
        Vector3::new(0.6, -0.48, 0.64),
    ];
    for expected in directions {
        let samples = still(expected, [0.0; 3], 500);
        let published = offline_with(&samples, Ends::Published);
        let anchored = offline_with(&samples, Ends::Anchored);
        let away =
            |estimates: &[OrientationEstimate]| estimates.iter().map(|e| (up(e) - expected).norm()).fold(0.0, f64::max);
        assert!(away(&online(&samples)) < 1e-7 && away(&anchored) < 1e-7, "{expected}");
        // As published, a part of the first correction of up to half a turn is taken for a bias.
        assert!(away(&published) < 1e-2, "{expected}: {}", away(&published));
    }
}

#[test]
fn a_bias_is_learnt_at_rest() {
    let samples = still(Vector3::z(), [0.01, -0.015, 0.005], 2000);
    let bias = AngularRate::<Sensor>::new(0.01, -0.015, 0.005);
    let last = online(&samples)[1999];
    assert!(last.at_rest && (last.bias - bias).norm() < 1e-4, "{last:?}");
    for estimate in offline_with(&samples, Ends::Anchored) {
        assert!((estimate.bias - bias).norm() < 1e-3 && estimate.bias_sigma < 0.002, "{estimate:?}");
    }
}

#[test]
fn nods_are_followed_within_half_a_degree() {
    let (samples, ups) = nods(3000);
    let worst = |estimates: &[OrientationEstimate], skip: usize| {
        let errors = estimates.iter().zip(&ups).skip(skip).map(|(e, expected)| up(e).cross(expected).norm());
        errors.fold(0.0, f64::max).to_degrees()
    };
    // Forces without any acceleration and a bias of 0.8 deg/s that rests show: what remains is the error of the bias.
    let offline = worst(&offline_with(&samples, Ends::Anchored), 0);
    assert!(offline < 0.5, "{offline} deg");
    let live = worst(&online(&samples), 300);
    assert!(live < 0.8, "{live} deg");
}

#[test]
fn a_turn_of_the_case_changes_nothing_but_the_axes() {
    let (samples, _) = nods(1500);
    let turn = UnitQuaternion::from_euler_angles(2.0, -0.7, 1.1);
    let turned: Vec<ImuSample> = samples
        .iter()
        .map(|s| ImuSample {
            specific_force: SpecificForce::from_vector(turn * s.specific_force.vector()),
            angular_rate: AngularRate::from_vector(turn * s.angular_rate.vector()),
        })
        .collect();
    let pairs = offline_with(&samples, Ends::Anchored).into_iter().zip(offline_with(&turned, Ends::Anchored));
    let worst = pairs.map(|(a, b)| (turn * up(&a) - up(&b)).norm()).fold(0.0, f64::max);
    // Not exact: rest detection looks at single components of the rate, so rests begin a little earlier or later.
    assert!(worst < 2e-3, "{worst}");
}

#[test]
fn values_that_are_not_numbers_are_survived() {
    let (mut samples, ups) = nods(1500);
    samples[0].specific_force = SpecificForce::new(f64::NAN, 0.0, 0.0);
    samples[700].angular_rate = AngularRate::new(f64::INFINITY, 0.0, 0.0);
    samples[701].specific_force = SpecificForce::new(0.0, 0.0, 0.0);
    let live = online(&samples);
    // Nothing can be said before the first usable sample.
    assert_eq!(live.len(), samples.len() - 1);
    let offline = offline_with(&samples, Ends::Anchored);
    assert_eq!(offline.len(), samples.len());
    for (estimate, expected) in offline.iter().zip(&ups).chain(live.iter().zip(&ups[1..])) {
        assert!(up(estimate).cross(expected).norm() < 0.03);
    }
    assert!(offline_with(&[], Ends::Anchored).is_empty());
    let nothing = vec![samples[0]; 10];
    assert!(online(&nothing).is_empty() && offline_with(&nothing, Ends::Published).is_empty());
}

#[test]
fn the_live_filter_can_be_copied_and_goes_on_alike() {
    let (samples, _) = nods(1000);
    let whole = online(&samples);
    let mut first = OnlineOrientation::new(&Method::default(), rate()).expect("fast enough");
    let mut estimates = Vec::new();
    for sample in &samples[..437] {
        first.push(*sample, &mut |e| estimates.push(e));
    }
    let mut second = first.clone();
    for sample in &samples[437..] {
        second.push(*sample, &mut |e| estimates.push(e));
    }
    assert_eq!(estimates, whole);
}

#[test]
fn a_bridged_gap_equals_filling_it_beforehand() {
    let (samples, _) = nods(800);
    let (before, after) = (samples[399], samples[405]);
    let mut filled = samples.clone();
    for (i, sample) in filled[400..405].iter_mut().enumerate() {
        *sample = before.towards(&after, (i as f64 + 1.0) / 6.0);
    }
    let mut filter = OnlineOrientation::new(&Method::default(), rate()).expect("fast enough");
    let mut last = None;
    let mut keep = |e| last = Some(e);
    for sample in &samples[..400] {
        filter.push(*sample, &mut keep);
    }
    filter.push_after_gap(samples[405], 5, &mut keep);
    for sample in &samples[406..] {
        filter.push(*sample, &mut keep);
    }
    assert_eq!(last, online(&filled).last().copied());
}

#[test]
fn a_sensor_that_is_too_slow_for_the_filter_is_refused() {
    let new = |hertz| OnlineOrientation::new(&Method::default(), SampleRate::from_hertz(hertz).expect("positive"));
    assert!(new(4.0).is_ok());
    let error = new(3.9).expect_err("too slow");
    assert_eq!(
        error.in_full(),
        "the sample rate is 3.9 Hz, orientation needs at least 4: set the sensor to a higher rate"
    );
    let slow = SampleRate::from_hertz(1.0).expect("positive");
    assert!(offline::estimate(&still(Vector3::z(), [0.0; 3], 10), slow, &Method::default()).is_err());
}

#[test]
fn numbers_that_no_filter_can_work_with_are_no_method() {
    let numbers = ["tau_acc_s", "bias_sigma_init_deg_per_s", "bias_forgetting_s", "bias_clip_deg_per_s"];
    let paths = numbers.map(|name| format!("orientation.vqf.{name}"));
    let rest = ["least_s", "rate_deg_per_s", "force_m_per_s2"].map(|name| format!("stillness.filter_at_rest.{name}"));
    for path in paths.iter().chain(&rest) {
        for value in ["0.0", "-1.0", "nan"] {
            let error = Method::default().with(path, value).expect_err(path).to_string();
            assert!(error.contains(path), "{error}");
        }
    }
}

#[test]
fn the_published_method_differs_in_its_ends_only() {
    let published = Method::from_toml(PUBLISHED_VQF_TOML).expect("the file reads");
    assert_eq!(published.orientation.ends, Ends::Published);
    assert_ne!(published, Method::default());
    assert_eq!(Ok(published), Method::default().with("orientation.ends", "published"));
}
