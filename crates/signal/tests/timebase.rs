//! Time bases from stamps as real sensors write them. Each sample carries its true number in the rate's x component.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "counts and indices of simulated samples, small and not negative"
)]

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};
use truehinge_core::{
    AngularRate, ClockKind, DeviceInfo, DeviceTime, InertialSample, SampleRate, SensorRole, SpecificForce, Track,
    TrackSamples,
};
use truehinge_signal::Method;
use truehinge_signal::clock::fit_track;
use truehinge_signal::timebase::{ImuSample, Run, SampleQuality, TimebaseError, Uniform, UniformTrack, uniform};

fn sample(seconds: f64, number: f64) -> InertialSample {
    InertialSample {
        device_time: DeviceTime::from_seconds(seconds),
        arrival: None,
        specific_force: SpecificForce::new(0.0, 0.0, 9.81),
        angular_rate: AngularRate::new(number, 0.0, 0.0),
    }
}

fn track(samples: Vec<InertialSample>) -> Track {
    Track {
        role: SensorRole::Shank,
        device: DeviceInfo::default(),
        clock: ClockKind::Shared,
        samples: TrackSamples::Inertial(samples),
        sequence_gaps: vec![],
    }
}

fn try_uniform(track: &Track) -> Result<UniformTrack<ImuSample>, TimebaseError> {
    let clock = fit_track(track, None, &Method::default().clock).expect("no arrivals to fit");
    match uniform(track, &clock, &Method::default().timebase)? {
        Uniform::Inertial(track) => Ok(track),
        Uniform::Maker(_) => unreachable!("inertial samples went in"),
    }
}

fn uniform_of(samples: Vec<InertialSample>) -> UniformTrack<ImuSample> {
    try_uniform(&track(samples)).expect("a time base")
}

/// How many measured samples sit on another grid point than their number says, relative to the run's first measured sample.
fn misplaced(run: &Run<ImuSample>) -> usize {
    let number = |i: usize| run.samples[i].angular_rate.to_array()[0];
    let measured: Vec<usize> = (0..run.samples.len()).filter(|&i| run.quality[i].is_measured()).collect();
    // The most common shift is the run's own; the run's very first stamps may be the misplaced ones.
    let mut shifts: Vec<i64> = measured.iter().map(|&i| number(i).round() as i64 - i as i64).collect();
    shifts.sort_unstable();
    let own = shifts[shifts.len() / 2];
    shifts.iter().filter(|&&shift| shift != own).count()
}

/// 60 s of a grid; bursts of losses, stamps with Gaussian jitter, in order.
fn jittered(seed: u64, rate: f64, jitter: f64, loss: f64) -> (Vec<InertialSample>, u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let noise = Normal::new(0.0, jitter / rate).expect("finite");
    let mut samples = Vec::new();
    let (mut burst, mut lost, mut pending) = (0_u32, 0_u64, 0_u64);
    for k in 0..(60.0 * rate) as u32 {
        if burst == 0 && rng.random::<f64>() < loss / 4.0 {
            burst = rng.random_range(1..=7);
        }
        if burst > 0 && k > 0 {
            burst -= 1;
            pending += 1;
            continue;
        }
        lost += std::mem::take(&mut pending);
        samples.push(sample(f64::from(k) / rate + noise.sample(&mut rng), f64::from(k)));
    }
    samples.sort_by_key(|s| s.device_time);
    (samples, lost)
}

#[test]
fn exact_stamps_give_the_exact_grid() {
    let (samples, lost) = jittered(1, 104.0, 0.0, 0.05);
    let kept = samples.len();
    let track = uniform_of(samples);
    assert_eq!((track.report.samples, track.report.lost), (kept, lost));
    assert!((track.rate.hertz() - 104.0).abs() < 1e-4, "{:?}", track.rate);
    assert_eq!(track.runs.len(), 1);
    assert_eq!(misplaced(&track.runs[0]), 0);
    // Interpolation of a signal that is linear in time is exact.
    for (i, sample) in track.runs[0].samples.iter().enumerate() {
        assert!((sample.angular_rate.to_array()[0] - i as f64).abs() < 1e-9);
    }
    let filled = track.runs[0].quality.iter().filter(|&&q| q == SampleQuality::Interpolated).count();
    assert_eq!(filled as u64, lost);
}

#[test]
fn jitter_of_a_quarter_period_hardly_misplaces() {
    let (mut wrong, mut total, mut miscounted) = (0, 0, 0);
    for seed in 0..20 {
        let (samples, lost) = jittered(seed, 120.0, 0.25, 0.05);
        total += samples.len();
        let track = uniform_of(samples);
        assert!((track.rate.hertz() - 120.0).abs() < 0.01, "seed {seed}: {:?}", track.rate);
        assert!(!track.report.resampled);
        wrong += track.runs.iter().map(misplaced).sum::<usize>();
        miscounted += track.report.lost.abs_diff(lost);
    }
    println!("{wrong} of {total} misplaced, loss miscounted by {miscounted}");
    // Rounding each stamp to the nearest grid point would misplace 4.6 %. Neighbours whose stamps swap order are lost to
    // anyone: one pair in 420 at this jitter, two samples each, 0.48 %.
    assert!((wrong as f64) < 0.006 * total as f64, "{wrong} of {total}");
    assert!(miscounted <= 20, "{miscounted}");
}

#[test]
fn millisecond_stamps_and_a_wrong_nominal_rate_do_no_harm() {
    // A true rate of 110.3 Hz, declared as 100, stamped in whole milliseconds.
    let samples = (0..6000).map(|k| sample((f64::from(k) / 0.1103).round() / 1e3, f64::from(k))).collect();
    let mut track = track(samples);
    track.device.nominal_rate = SampleRate::from_hertz(100.0);
    let uniform = try_uniform(&track).expect("a time base");
    assert!((uniform.rate.hertz() - 110.3).abs() < 1e-3, "{:?}", uniform.rate);
    assert_eq!((uniform.report.lost, uniform.runs.len()), (0, 1));
    assert_eq!(misplaced(&uniform.runs[0]), 0);
    // Rounding to 1 ms has a standard deviation of 0.29 ms.
    assert!((uniform.report.stamp_jitter_s - 0.29e-3).abs() < 0.02e-3, "{:?}", uniform.report);
}

#[test]
fn nearly_half_the_samples_may_be_missing() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let samples: Vec<_> =
        (0..352).filter(|_| rng.random::<f64>() > 0.45).map(|k| sample(f64::from(k) / 60.0, f64::from(k))).collect();
    let (kept, last) = (samples.len() as u64, samples[samples.len() - 1].angular_rate.to_array()[0]);
    let first = samples[0].angular_rate.to_array()[0];
    let track = uniform_of(samples);
    assert!((track.rate.hertz() - 60.0).abs() < 1e-3);
    assert_eq!(track.report.lost, (last - first) as u64 + 1 - kept);
}

#[test]
fn gaps_are_filled_up_to_the_limit_and_split_beyond() {
    let keep = |k: &i32| !(300..325).contains(k) && !(600..700).contains(k);
    let track = uniform_of((0..1000).filter(keep).map(|k| sample(f64::from(k) / 100.0, f64::from(k))).collect());
    assert_eq!(track.runs.len(), 2);
    assert_eq!(track.runs[0].samples.len(), 600);
    assert_eq!(track.report.lost, 125);
    assert!((track.report.longest_gap_s - 1.01).abs() < 1e-9);
    assert_eq!(track.report.interpolated, 25);
    assert_eq!(track.runs[0].quality[299], SampleQuality::Measured);
    assert_eq!(track.runs[0].quality[300], SampleQuality::Interpolated);
    assert!((track.runs[1].start.seconds() - 7.0).abs() < 1e-6);
}

#[test]
fn duplicates_and_stray_stamps_are_dropped_and_counted() {
    let mut samples: Vec<_> = (0..500).map(|k| sample(f64::from(k) / 100.0, f64::from(k))).collect();
    samples.insert(101, samples[100]);
    samples.insert(300, samples[299]);
    samples[400].device_time = DeviceTime::from_seconds(4e6);
    let track = uniform_of(samples);
    assert_eq!((track.report.duplicates, track.report.bad_stamps, track.report.lost), (2, 1, 1));
    assert_eq!((track.runs.len(), misplaced(&track.runs[0])), (1, 0));
}

#[test]
fn values_that_are_not_numbers_are_marked() {
    let mut samples: Vec<_> = (0..500).map(|k| sample(f64::from(k) / 100.0, f64::from(k))).collect();
    samples[200].specific_force = SpecificForce::new(f64::NAN, 0.0, 0.0);
    samples[201].angular_rate = AngularRate::new(0.0, f64::INFINITY, 0.0);
    let track = uniform_of(samples);
    assert_eq!((track.report.not_finite, track.report.lost), (2, 0));
    let run = &track.runs[0];
    assert_eq!(run.quality[200], SampleQuality::NotFinite);
    assert_eq!(run.quality[201], SampleQuality::NotFinite);
    assert!((run.samples[201].angular_rate.to_array()[0] - 201.0).abs() < 1e-9);
}

#[test]
fn readings_at_the_end_of_the_range_are_marked() {
    let mut samples: Vec<_> = (0..500).map(|k| sample(f64::from(k) / 100.0, 0.0)).collect();
    for sample in &mut samples[200..205] {
        sample.specific_force = SpecificForce::new(0.0, -78.4532, 9.81);
    }
    let mut track = track(samples);
    track.device.accelerometer_range = Some(8.0 * 9.80665);
    let uniform = try_uniform(&track).expect("a time base");
    assert_eq!(uniform.report.clipped, 5);
    assert_eq!(uniform.runs[0].quality[204], SampleQuality::Clipped);
}

#[test]
fn honest_uneven_sampling_is_believed() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut now = 0.0;
    let mut samples = Vec::new();
    for _ in 0..5000 {
        // The step itself varies, so that the time drifts away from any grid.
        now += 0.01 * rng.random_range(0.75..1.25);
        samples.push(sample(now, 100.0 * now));
    }
    let track = uniform_of(samples);
    assert!(track.report.resampled);
    let run = &track.runs[0];
    for (i, sample) in run.samples.iter().enumerate() {
        let expected = 100.0 * run.time(i as f64).seconds();
        // The first sample becomes session zero, 0.01 s at most after the simulation's.
        assert!((sample.angular_rate.to_array()[0] - expected).abs() < 1.3, "{i}");
    }
    let rate = (run.samples[2000].angular_rate - run.samples[1000].angular_rate).to_array()[0] / 1000.0;
    assert!((rate - 100.0 * run.period_s).abs() < 1e-9);
}

#[test]
fn two_rates_are_merged_onto_the_faster() {
    let mut samples = Vec::new();
    for k in 0..500 {
        let t = f64::from(k) / 25.0;
        let mut gyroscope = sample(t, f64::from(k));
        gyroscope.specific_force = SpecificForce::new(f64::NAN, f64::NAN, f64::NAN);
        samples.push(gyroscope);
        if k % 2 == 0 {
            let mut accelerometer = sample(t + 0.013, 0.0);
            accelerometer.specific_force = SpecificForce::new(0.0, t + 0.013, 9.81);
            accelerometer.angular_rate = AngularRate::new(f64::NAN, f64::NAN, f64::NAN);
            samples.push(accelerometer);
        }
    }
    let track = uniform_of(samples);
    assert!(track.report.merged_rates && !track.report.resampled);
    assert!((track.rate.hertz() - 25.0).abs() < 1e-6);
    assert_eq!(track.report.not_finite, 0);
    let run = &track.runs[0];
    for (i, sample) in run.samples.iter().enumerate() {
        let force = sample.specific_force.to_array()[1];
        assert!((force - run.time(i as f64).seconds()).abs() < 1e-6, "{i}: {force}");
        assert_eq!(run.quality[i], SampleQuality::Interpolated);
    }
}

#[test]
fn absurd_clocks_are_refused_before_they_cost_memory() {
    let pairs = (0..200).flat_map(|k| [f64::from(k) * 0.2, f64::from(k) * 0.2 + 2e-4]);
    let error = try_uniform(&track(pairs.map(|t| sample(t, t)).collect())).expect_err("absurd");
    assert!(matches!(error, TimebaseError::AbsurdClock { .. }), "{error}");
    let error = try_uniform(&track((0..20).map(|k| sample(f64::from(k) * 1e-6, 0.0)).collect())).expect_err("too fast");
    assert!(matches!(error, TimebaseError::Period { .. }), "{error}");
    let error = try_uniform(&track((0..3).map(|k| sample(f64::from(k), 0.0)).collect())).expect_err("too few");
    assert!(matches!(error, TimebaseError::TooFewSamples { got: 3, .. }), "{error}");
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

    /// Whatever the stamps: no panic, no more than four grid points per sample, everything finite, one quality per sample.
    #[test]
    fn any_stamps_are_survived(steps in proptest::collection::vec((-2_000_000_i64..300_000_000, 0.0..1.0_f64), 1..200)) {
        let mut nanos = 0_i64;
        let samples: Vec<_> = steps.iter().map(|&(step, value)| {
            nanos += step;
            let mut s = sample(0.0, if value < 0.05 { f64::NAN } else { value });
            s.device_time = DeviceTime::from_nanos(nanos);
            s
        }).collect();
        let count = samples.len();
        if let Ok(uniform) = try_uniform(&track(samples)) {
            let points: usize = uniform.runs.iter().map(|run| run.samples.len()).sum();
            proptest::prop_assert!(points <= 4 * count);
            for run in &uniform.runs {
                proptest::prop_assert_eq!(run.samples.len(), run.quality.len());
                proptest::prop_assert!(!run.samples.is_empty());
                proptest::prop_assert!(run.samples.iter().all(|s| s.angular_rate.is_finite()));
            }
            for pair in uniform.runs.windows(2) {
                proptest::prop_assert!(pair[0].last() < pair[1].start);
            }
        }
    }
}
