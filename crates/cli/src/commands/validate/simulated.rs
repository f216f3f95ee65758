//! Simulated sessions: many people under each condition, with the truth known exactly and nothing fitted to them.

use std::collections::BTreeMap;
use std::fmt::Write;

use rayon::prelude::*;
use truehinge_core::{SessionAnalysis, Verdict};
use truehinge_signal::scoring::{SCORED, Score, TrueRep, honesty, rms};
use truehinge_sim::{Scenario, SimulatedSession};

use crate::analysis::Config;

/// The section of the page.
pub fn section(config: &Config, people: u64) -> anyhow::Result<String> {
    let order: Vec<&str> = Scenario::conditions(0).iter().map(|scenario| scenario.name).collect();
    let scores = scores(config, people, |_| true)?;
    let mut text = format!(
        "## Simulated sessions: {people} people under each condition\n\n\
         Skeletons, sensors, soft tissue and radio of `truehinge-sim`; no estimator was fitted to them. Errors are root mean \
         squares; beside each, the RMS of error over stated sigma and the share of 95 % intervals that hold the truth.\n\n\
         | condition | F1 | exact | aborted counted | knee forward, mm | hip back, mm | shin, deg | pelvis, deg | knee flexion, deg | decided | wrong |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n"
    );
    for name in order {
        let Some(found) = scores.get(name) else { continue };
        let _ = writeln!(text, "| {name} | {} |", found.cells().join(" | "));
    }
    text.push_str(
        "\nDecided: repetitions outside the grey zone that got a verdict. Wrong: verdicts on the other side of a limit.\n\n",
    );
    Ok(text)
}

/// Scores of all people under one condition.
#[derive(Default)]
pub struct Found {
    pub score: Score,
    aborted_counted: usize,
    aborted: usize,
}

impl Found {
    fn cells(&self) -> Vec<String> {
        let score = &self.score;
        let mut cells = vec![
            format!("{:.3}", score.f1()),
            format!("{:.2}", score.exact_share()),
            format!("{} of {}", self.aborted_counted, self.aborted),
        ];
        cells.extend((0..SCORED.len()).map(|metric| self.error(metric)));
        let wrong = |(found, truth): &&(Option<Verdict>, Verdict)| {
            found.is_some_and(|found| found != Verdict::Indeterminate && found != *truth)
        };
        cells.push(format!("{:.2}", score.decided()));
        cells.push(score.verdicts.iter().filter(wrong).count().to_string());
        cells
    }

    /// Error, honesty and coverage of a metric.
    pub fn error(&self, metric: usize) -> String {
        let errors = &self.score.errors[metric];
        let (ratio, cover) = honesty(errors);
        format!("{:.1} ({ratio:.2}, {:.0} %)", rms(errors.iter().map(|e| e.error)), 100.0 * cover)
    }
}

/// Runs the conditions that `wanted` names, every person in parallel.
pub fn scores(
    config: &Config,
    people: u64,
    wanted: impl Fn(&str) -> bool + Sync,
) -> anyhow::Result<BTreeMap<&'static str, Found>> {
    let sessions: Vec<Scenario> =
        (0..people).flat_map(Scenario::conditions).filter(|scenario| wanted(scenario.name)).collect();
    let analysed: Vec<(&'static str, SimulatedSession, Option<SessionAnalysis>)> = sessions
        .par_iter()
        .map(|scenario| {
            let session = scenario.run()?;
            let analysis = config.analyse(&session.recording());
            if let Err(error) = &analysis {
                eprintln!("simulated {} of person {}: {error:#}", scenario.name, scenario.seed);
            }
            Ok((scenario.name, session, analysis.ok()))
        })
        .collect::<anyhow::Result<_>>()?;
    let limits = truehinge_core::Protocol::default().criteria;
    let mut found = BTreeMap::<&str, Found>::new();
    for (name, session, analysis) in &analysed {
        let truth = session.truth.reps.iter();
        let truth: Vec<TrueRep> =
            truth.map(|rep| TrueRep::from_metrics(rep.span, rep.bottom, &rep.metrics, &limits)).collect();
        let reps: Vec<_> = analysis.iter().flat_map(SessionAnalysis::reps).map(|(_, rep)| rep).collect();
        let entry = found.entry(name).or_default();
        entry.score.add(&reps, &truth);
        entry.aborted += session.truth.aborted.len();
        let inside = |span: &&truehinge_core::Span| {
            reps.iter().any(|rep| rep.span.start < span.end && span.start < rep.span.end)
        };
        entry.aborted_counted += session.truth.aborted.iter().filter(inside).count();
    }
    Ok(found)
}
