//! What each ingredient of the estimators buys: everything again without it.

use std::fmt::Write;
use std::path::Path;

use truehinge_signal::Method;
use truehinge_signal::method::Ends;
use truehinge_signal::scoring::{Score, honesty, rms};

use super::{bench_sessions, simulated};
use crate::analysis::Config;

/// So uncertain that it says nothing, in m or m/s² or as a share.
const NOTHING: f64 = 1e3;
/// So certain that nothing is estimated.
const FIXED: f64 = 1e-9;

type Change = fn(&mut Method);

/// Ingredients, and how to leave each out.
const INGREDIENTS: [(&str, Change); 13] = [
    ("everything", |_| {}),
    ("without the leg's geometry", |p| p.measure.hip_path.leg.chain_m = NOTHING),
    ("without balance", |p| (p.measure.hip_path.leg.balance_m, p.measure.hip_path.leg.habit_m) = (NOTHING, NOTHING)),
    ("without leg and balance", |p| {
        p.measure.hip_path.leg.chain_m = NOTHING;
        (p.measure.hip_path.leg.balance_m, p.measure.hip_path.leg.habit_m) = (NOTHING, NOTHING);
    }),
    ("rests of 0.3 s, however long they are", |p| p.measure.hip_path.rest.longest_rest_s = 0.3),
    ("as much sway in height as along", |p| p.measure.hip_path.rest.vertical_sway_share = 1.0),
    ("without the return to the start", |p| p.measure.hip_path.rest.closure_m = NOTHING),
    ("without the accelerometer's bias", |p| p.measure.hip_path.sensor.accelerometer_bias_m_per_s2 = FIXED),
    ("without the gyroscope's gain", |p| p.measure.hip_path.sensor.gyroscope_gain_share = FIXED),
    // The estimates stay; their uncertainty is what the priors say.
    ("without the residuals' say", |p| p.measure.hip_path.prior_freedom_count = f64::MAX.sqrt()),
    ("axis by the mounting site alone", |p| p.alignment.stray_rotation_deg = NOTHING.to_degrees()),
    ("axis by movements alone", |p| p.alignment.mount_sigma_deg = NOTHING.to_degrees()),
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
        change(&mut config.method);
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
