//! Where the error comes from: one source at a time on people and sensors that are perfect otherwise.

use std::fmt::Write;

use rayon::prelude::*;
use truehinge_core::{Protocol, SessionAnalysis};
use truehinge_signal::scoring::{SCORED, Score, TrueRep, rms};
use truehinge_sim::{Scenario, imu::Chip};

use crate::analysis::Config;

type Source = fn(&mut Scenario, &Scenario);

/// Sources of error, and how to switch each on: from the typical person.
const SOURCES: [(&str, Source); 9] = [
    ("none: the method itself", |_, _| {}),
    ("sway on one leg", |s, typical| s.sway = typical.sway),
    ("soft tissue and strap", |s, typical| s.soft_tissue = typical.soft_tissue),
    ("a calibrated chip", |s, typical| s.chip = typical.chip),
    ("a cheap chip", |s, _| s.chip = Chip::cheap()),
    ("sensors askew", |s, typical| s.mounting_error = typical.mounting_error),
    ("unknown segment lengths and sensor places", |s, typical| s.body_spread = typical.body_spread),
    ("balance unlike the average", |s, typical| s.balance_spread = typical.balance_spread),
    ("all of a typical person", |s, typical| *s = typical.clone()),
];

fn perfect(typical: &Scenario) -> Scenario {
    Scenario {
        chip: Chip::perfect(),
        mounting_error: 0.0,
        soft_tissue: 0.0,
        sway: 1e-5,
        balance_spread: 0.0,
        body_spread: 0.0,
        ..typical.clone()
    }
}

/// The section of the page.
pub fn section(config: &Config, people: u64) -> anyhow::Result<String> {
    let mut text = format!(
        "## Error budget: {people} simulated people, one source of error at a time\n\nRoot mean square errors.\n\n| source | {} |\n|---|{}\n",
        SCORED.map(|metric| format!("{}, {}", metric.title(), metric.unit())).join(" | "),
        "---|".repeat(SCORED.len())
    );
    for (name, switch_on) in SOURCES {
        let score = score(config, people, switch_on)?;
        let errors = score.errors.each_ref().map(|errors| format!("{:.1}", rms(errors.iter().map(|e| e.error))));
        let _ = writeln!(text, "| {name} | {} |", errors.join(" | "));
    }
    text.push('\n');
    Ok(text)
}

fn score(config: &Config, people: u64, switch_on: Source) -> anyhow::Result<Score> {
    let limits = Protocol::default().criteria;
    let sessions: Vec<_> = (0..people)
        .into_par_iter()
        .map(|seed| {
            let typical = Scenario::typical(seed);
            let mut scenario = perfect(&typical);
            switch_on(&mut scenario, &typical);
            let session = scenario.run()?;
            Ok((config.analyse(&session.recording())?, session.truth))
        })
        .collect::<anyhow::Result<_>>()?;
    let mut score = Score::default();
    for (analysis, truth) in &sessions {
        let analysis: &SessionAnalysis = analysis;
        let truth: Vec<TrueRep> =
            truth.reps.iter().map(|rep| TrueRep::from_metrics(rep.span, rep.bottom, &rep.metrics, &limits)).collect();
        score.add(&analysis.reps().map(|(_, rep)| rep).collect::<Vec<_>>(), &truth);
    }
    Ok(score)
}
