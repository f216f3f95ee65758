//! Budget: clock, time base and offline orientation of 60 s of two sensors at 120 Hz in under 8 ms.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use truehinge_core::{
    AngularRate, ClockKind, DeviceInfo, DeviceTime, HostTime, InertialSample, SampleRate, SensorRole, SpecificForce,
    Track, TrackSamples,
};
use truehinge_signal::Method;
use truehinge_signal::clock::fit_track;
use truehinge_signal::orientation::estimate;
use truehinge_signal::timebase::{ImuSample, Uniform, UniformTrack, uniform};

/// A sensor that nods once in three seconds, over a link with a 15 ms interval; `jitter` in periods.
fn track(role: SensorRole, jitter: f64) -> Track {
    let mut rng = ChaCha8Rng::seed_from_u64(role as u64);
    let samples = (0..7200_u32)
        .map(|k| {
            let t = f64::from(k) / 120.0;
            let (phase, amplitude) = (std::f64::consts::TAU * t / 3.0, 0.5);
            let angle = amplitude * phase.sin();
            let rate = amplitude * phase.cos() * std::f64::consts::TAU / 3.0;
            let mut noise = |size: f64| rng.random_range(-size..size);
            let arrival = (t / 0.015).ceil() * 0.015 + noise(1e-3) + 2e-3;
            InertialSample {
                device_time: DeviceTime::from_seconds(t + noise(1.7 * jitter / 120.0 + 1e-9)),
                arrival: Some(HostTime::from_seconds(arrival)),
                specific_force: SpecificForce::new(9.81 * angle.sin() + noise(0.1), noise(0.1), 9.81 * angle.cos()),
                angular_rate: AngularRate::new(noise(0.01), -rate + noise(0.01), noise(0.01)),
            }
        })
        .collect();
    Track {
        role,
        device: DeviceInfo { nominal_rate: SampleRate::from_hertz(120.0), ..DeviceInfo::default() },
        clock: ClockKind::Device,
        samples: TrackSamples::Inertial(samples),
        sequence_gaps: vec![],
    }
}

fn gridded(track: &Track, method: &Method) -> UniformTrack<ImuSample> {
    let clock = fit_track(track, None, &method.clock).expect("fits");
    match uniform(track, &clock, &method.timebase).expect("a time base") {
        Uniform::Inertial(uniform) => uniform,
        Uniform::Maker(_) => unreachable!("inertial samples went in"),
    }
}

fn prepare(tracks: &[Track], method: &Method) {
    for track in tracks {
        black_box(estimate(gridded(track, method), method).expect("allowed"));
    }
}

fn benches(c: &mut Criterion) {
    let method = Method::default();
    let exact = [track(SensorRole::Hip, 0.0), track(SensorRole::Shank, 0.0)];
    let jittered = [track(SensorRole::Hip, 0.2), track(SensorRole::Shank, 0.2)];
    c.bench_function("two sensors, 60 s, 120 Hz", |b| b.iter(|| prepare(black_box(&exact), &method)));
    c.bench_function("two sensors, 60 s, 120 Hz, jittered stamps", |b| {
        b.iter(|| prepare(black_box(&jittered), &method));
    });
    let uniform: Vec<_> = exact.iter().map(|track| gridded(track, &method)).collect();
    c.bench_function("orientation only", |b| {
        b.iter(|| uniform.iter().map(|t| estimate(t.clone(), &method).expect("allowed")).collect::<Vec<_>>());
    });
    c.bench_function("clock only", |b| {
        b.iter(|| exact.iter().map(|t| fit_track(t, None, &method.clock).expect("fits")).collect::<Vec<_>>());
    });
}

criterion_group!(group, benches);
criterion_main!(group);
