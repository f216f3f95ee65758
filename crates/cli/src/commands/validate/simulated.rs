//! Simulated sessions: many people under each condition, with the truth known exactly and nothing fitted to them.

use std::collections::BTreeMap;
use std::fmt::Write;

use rayon::prelude::*;
use truehinge_core::{Protocol, Recording, SessionAnalysis, Span, Verdict};
use truehinge_signal::scoring::{SCORED, Score, TrueRep, honesty, rms};
use truehinge_sim::{Scenario, SimulatedSession};

use crate::analysis::Config;

/// Simulated sessions and what the analysis says of them.
pub struct People {
    sessions: Vec<Simulated>,
}

struct Simulated {
    condition: &'static str,
    session: SimulatedSession,
    analysis: Option<SessionAnalysis>,
}

impl People {
    /// Everything of the conditions that `wanted` names, in one score.
    pub fn score(&self, wanted: impl Fn(&str) -> bool) -> Score {
        let mut found = Found::default();
        self.sessions.iter().filter(|simulated| wanted(simulated.condition)).for_each(|simulated| found.add(simulated));
        found.score
    }

    /// Recordings of the conditions that `wanted` names, and what they say.
    pub fn played(&self, wanted: impl Fn(&str) -> bool) -> Vec<(Recording, SessionAnalysis)> {
        let of = self.sessions.iter().filter(|simulated| wanted(simulated.condition));
        of.filter_map(|simulated| Some((simulated.session.recording(), simulated.analysis.clone()?))).collect()
    }

    fn by_condition(&self) -> BTreeMap<&'static str, Found> {
        let mut found = BTreeMap::<&str, Found>::new();
        for simulated in &self.sessions {
            found.entry(simulated.condition).or_default().add(simulated);
        }
        found
    }
}

/// All people under all conditions.
pub fn run(config: &Config, people: u64) -> anyhow::Result<People> {
    some(config, people, |_| true)
}

/// The section of the page.
pub fn section(found: &People, people: u64) -> String {
    let order: Vec<&str> = Scenario::conditions(0).iter().map(|scenario| scenario.name).collect();
    let scores = found.by_condition();
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
        "\nDecided: repetitions outside the grey zone that got a verdict. Wrong: verdicts on the other side of a limit. Outages lose \
         stretches of seconds: what they hide is rejected, and missing from the count. Slipping: the movement in which a sensor slips \
         is not judged.\n\n",
    );
    text
}

/// Scores of all people under one condition.
#[derive(Default)]
pub struct Found {
    score: Score,
    aborted_counted: usize,
    aborted: usize,
}

impl Found {
    fn add(&mut self, Simulated { session, analysis, .. }: &Simulated) {
        let limits = Protocol::default().criteria;
        let truth = session.truth.reps.iter();
        let truth: Vec<TrueRep> =
            truth.map(|rep| TrueRep::from_metrics(rep.span, rep.bottom, &rep.metrics, &limits)).collect();
        let reps: Vec<_> = analysis.iter().flat_map(SessionAnalysis::reps).map(|(_, rep)| rep).collect();
        self.score.add(&reps, &truth);
        self.aborted += session.truth.aborted.len();
        let counted = |span: &&Span| reps.iter().any(|rep| rep.span.overlaps(**span));
        self.aborted_counted += session.truth.aborted.iter().filter(counted).count();
    }

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

/// Scores by condition of those that `wanted` names.
pub fn scores(
    config: &Config,
    people: u64,
    wanted: impl Fn(&str) -> bool + Sync,
) -> anyhow::Result<BTreeMap<&'static str, Found>> {
    Ok(some(config, people, wanted)?.by_condition())
}

fn some(config: &Config, people: u64, wanted: impl Fn(&str) -> bool + Sync) -> anyhow::Result<People> {
    let scenarios: Vec<Scenario> =
        (0..people).flat_map(Scenario::conditions).filter(|scenario| wanted(scenario.name)).collect();
    let sessions = scenarios
        .par_iter()
        .map(|scenario| {
            let session = scenario.run()?;
            let analysis = config.analyse(&session.recording());
            if let Err(error) = &analysis {
                eprintln!("simulated {} of person {}: {error:#}", scenario.name, scenario.seed);
            }
            Ok(Simulated { condition: scenario.name, session, analysis: analysis.ok() })
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(People { sessions })
}
