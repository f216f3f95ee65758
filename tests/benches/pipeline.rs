//! Speed of the whole analysis, recording to verdicts, and of the pages. Budget: 60 s of two sensors in under 50 ms on one core.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use truehinge_core::{Protocol, Provenance};
use truehinge_signal::{PipelineParams, analyse};
use truehinge_sim::Scenario;

fn whole_analysis(c: &mut Criterion) {
    let session = Scenario::typical(1).run().expect("runs");
    let recording = session.recording();
    let protocol = Protocol::default();
    let params = PipelineParams::default();
    let provenance = Provenance {
        version: String::new(),
        protocol: protocol.clone(),
        config_sha256: String::new(),
        input_sha256: String::new(),
    };
    let name = format!("analyse {:.0} s x 2 sensors x 120 Hz", session.duration);
    c.bench_function(&name, |b| {
        b.iter(|| analyse(black_box(&recording), &protocol, &params, provenance.clone()));
    });
}

criterion_group!(benches, whole_analysis);
criterion_main!(benches);
