//! What each ingredient of the estimators buys: everything again without it.

use std::fmt::Write;
use std::path::Path;

use truehinge_signal::PipelineParams;
use truehinge_signal::orientation::offline::Ends;
use truehinge_signal::scoring::{Score, honesty, rms};

use super::{bench_sessions, simulated};
use crate::analysis::Config;

/// So uncertain that it says nothing, in m or m/s² or as a share.
const NOTHING: f64 = 1e3;
/// So certain that nothing is estimated.
const FIXED: f64 = 1e-9;

type Change = fn(&mut PipelineParams);

/// Ingredients, and how to leave each out.
const INGREDIENTS: [(&str, Change); 13] = [
    ("everything", |_| {}),
    ("without the leg's geometry", |p| p.set.metrics.displacement.chain = NOTHING),
    ("without balance", |p| p.set.metrics.displacement.balance = (NOTHING, NOTHING)),
    ("without leg and balance", |p| {
        p.set.metrics.displacement.chain = NOTHING;
        p.set.metrics.displacement.balance = (NOTHING, NOTHING);
    }),
    ("rests of 0.3 s, however long they are", |p| p.set.metrics.displacement.longest_rest_s = 0.3),
    ("as much sway in height as along", |p| p.set.metrics.displacement.vertical_sway = 1.0),
    ("without the return to the start", |p| p.set.metrics.displacement.closure = NOTHING),
    ("without the accelerometer's bias", |p| p.set.metrics.displacement.accelerometer_bias = FIXED),
    ("without the gyroscope's gain", |p| p.set.metrics.displacement.gyroscope_gain = FIXED),
    // The estimates stay; their uncertainty is what the priors say.
    ("without the residuals' say", |p| p.set.metrics.displacement.doubt = f64::MAX.sqrt()),
    ("axis by the mounting site alone", |p| p.set.alignment.stray_rotation = NOTHING),
    ("axis by movements alone", |p| p.set.alignment.mount_sigma = NOTHING),
    ("filter's ends as published", |p| p.orientation.ends = Ends::Published),
];

/// The section of the page.
pub fn section(bench: &Path, people: u64) -> anyhow::Result<String> {
    let mut text = String::from(
        "## What each ingredient buys\n\n\
         Everything again without it. Root mean square errors on the bench's dev part, beside hip travel the RMS of error over \
         stated sigma; and on simulated people (typical sensors; cheap chips).\n\n\
         | | hip back, mm | knee forward, mm | shin, deg | pelvis, deg | knee flexion, deg | hip back, typical | hip back, cheap chips |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for (name, change) in INGREDIENTS {
        let mut config = Config::default();
        change(&mut config.params);
        let mut score = Score::default();
        for session in bench_sessions(bench, &config)? {
            score.add(&session.reps(), &session.truth);
        }
        let error = |metric: usize| rms(score.errors[metric].iter().map(|e| e.error));
        let simulated = simulated::scores(&config, people, |name| matches!(name, "typical" | "cheap-chips"))?;
        let hip = |condition: &str| simulated.get(condition).map_or_else(String::new, |found| found.error(1));
        let _ = writeln!(
            text,
            "| {name} | {:.1} ({:.2}) | {:.1} | {:.2} | {:.2} | {:.1} | {} | {} |",
            error(1),
            honesty(&score.errors[1]).0,
            error(0),
            error(2),
            error(3),
            error(4),
            hip("typical"),
            hip("cheap-chips")
        );
    }
    text.push('\n');
    Ok(text)
}
