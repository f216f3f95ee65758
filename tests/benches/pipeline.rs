//! Speed of the whole analysis, recording to verdicts (60 s of two sensors on one core: at most 12 ms, the goal is 8), and of a live
//! session (goal: 10 us a sample, the looks at repetitions that have just ended included).

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use truehinge_core::{InertialSample, Protocol, Recording, SensorRole, TrackSamples};
use truehinge_signal::live::LiveSession;
use truehinge_signal::{Method, analyse};
use truehinge_sim::Scenario;

fn whole_analysis(c: &mut Criterion) {
    let session = Scenario::typical(1).run().expect("runs");
    let recording = session.recording();
    let protocol = Protocol::default();
    let params = Method::default();
    let name = format!("analyse {:.0} s x 2 sensors x 120 Hz", session.duration);
    c.bench_function(&name, |b| {
        b.iter(|| analyse(black_box(&recording), &params, &protocol));
    });
}

/// A live session over the first seconds of a recording: `seconds` of it, sample by sample.
fn live_samples(recording: &Recording, seconds: f64) -> Vec<(SensorRole, InertialSample)> {
    let mut samples = Vec::new();
    for track in &recording.tracks {
        let TrackSamples::Inertial(inertial) = &track.samples else { continue };
        samples.extend(inertial.iter().map(|sample| (track.role, *sample)));
    }
    samples.retain(|(_, sample)| sample.arrival.is_some_and(|at| at.seconds() < seconds));
    samples.sort_by_key(|(_, sample)| sample.arrival);
    samples
}

fn live(c: &mut Criterion) {
    let session = Scenario::typical(1).run().expect("runs");
    let recording = session.recording();
    let protocol = Protocol::default();
    let mut play = |name: &str, seconds: f64| {
        let samples = live_samples(&recording, seconds);
        let mut group = c.benchmark_group("live");
        group.throughput(Throughput::Elements(samples.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut live = LiveSession::new(recording.info.clone(), Method::default(), protocol.clone());
                for track in &recording.tracks {
                    live.sensor(track.role, &track.device, track.clock);
                }
                let mut told = 0;
                for (role, sample) in &samples {
                    live.samples(*role, std::slice::from_ref(sample), &mut |_| told += 1);
                }
                told
            });
        });
        group.finish();
    };
    // Nothing rests for two seconds before the walk-in has ended: no look at the data, only the work of each sample.
    play("samples alone", 2.0);
    play("a whole set, every look at it included", f64::INFINITY);
}

criterion_group!(benches, whole_analysis, live);
criterion_main!(benches);
