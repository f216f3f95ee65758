//! Simulated sessions: many people under each condition, with the truth known exactly and nothing fitted to them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use rayon::prelude::*;
use truehinge_core::{Protocol, Recording, Rep, SessionAnalysis, Span, Verdict};
use truehinge_signal::scoring::{SCORED, Score, TrueRep};
use truehinge_sim::{Scenario, SimulatedSession};

use crate::live::Heard;
use crate::page::error_cell;
use truehinge_session::Judge;

/// Simulated sessions, each made once.
pub struct Crowd {
    sessions: Vec<(&'static str, SimulatedSession, Recording)>,
}

impl Crowd {
    /// So many people under the conditions that `wanted` names.
    pub fn simulate(people: u64, wanted: impl Fn(&str) -> bool) -> anyhow::Result<Self> {
        let scenarios: Vec<Scenario> =
            (0..people).flat_map(Scenario::conditions).filter(|scenario| wanted(scenario.name)).collect();
        let made = |scenario: &Scenario| {
            let session = scenario.run()?;
            let recording = session.recording();
            Ok((scenario.name, session, recording))
        };
        Ok(Self { sessions: scenarios.par_iter().map(made).collect::<anyhow::Result<_>>()? })
    }

    /// Analyses all of them, in parallel.
    pub fn analyse(&self, judge: &Judge) -> People<'_> {
        let analysed = |(condition, session, recording): &'_ (&'static str, SimulatedSession, Recording)| {
            let analysis = judge.analyse_recording(recording);
            if let Err(error) = &analysis {
                eprintln!("simulated {condition}, {}: {error:#}", session.info.athlete);
            }
            analysis.ok()
        };
        let analyses: Vec<_> = self.sessions.par_iter().map(analysed).collect();
        let both = self.sessions.iter().zip(analyses);
        let sessions = both.map(|((condition, session, recording), analysis)| Simulated {
            condition,
            session,
            recording,
            analysis,
        });
        People { sessions: sessions.collect() }
    }
}

/// Simulated sessions and what the analysis says of them.
pub struct People<'a> {
    sessions: Vec<Simulated<'a>>,
}

struct Simulated<'a> {
    condition: &'static str,
    session: &'a SimulatedSession,
    recording: &'a Recording,
    analysis: Option<SessionAnalysis>,
}

impl People<'_> {
    /// Everything of the conditions that `wanted` names, in one score.
    pub fn score(&self, wanted: impl Fn(&str) -> bool) -> Score {
        let mut found = Found::default();
        self.sessions.iter().filter(|simulated| wanted(simulated.condition)).for_each(|simulated| found.add(simulated));
        found.score
    }

    /// Recordings of the conditions that `wanted` names, and what they say.
    pub fn played(&self, wanted: impl Fn(&str) -> bool) -> Vec<Heard<'_>> {
        let of = self.sessions.iter().filter(|simulated| wanted(simulated.condition));
        of.filter_map(|s| Some((Cow::Borrowed(s.recording), Cow::Borrowed(s.analysis.as_ref()?)))).collect()
    }

    fn by_condition(&self) -> BTreeMap<&'static str, Found> {
        let mut found = BTreeMap::<&str, Found>::new();
        for simulated in &self.sessions {
            found.entry(simulated.condition).or_default().add(simulated);
        }
        found
    }
}

/// The section of the page.
pub fn section(found: &People<'_>, people: u64) -> String {
    let order: Vec<&str> = Scenario::conditions(0).iter().map(|scenario| scenario.name).collect();
    let scores = found.by_condition();
    let mut text = format!(
        "## Simulated sessions: {people} people under each condition\n\n\
         Skeletons, sensors, soft tissue and radio of `truehinge-sim`; no estimator was fitted to them. Errors are root mean \
         squares; beside each, the RMS of error over stated sigma and the share of 95 % intervals that hold the truth.\n\n\
         | condition | F1 | exact | aborted counted | {} | decided | wrong |\n|---|---|---|---|{}---|---|\n",
        SCORED.map(|metric| format!("{}, {}", metric.title(), metric.unit())).join(" | "),
        "---|".repeat(SCORED.len())
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
struct Found {
    score: Score,
    aborted_counted: usize,
    aborted: usize,
}

impl Found {
    fn add(&mut self, Simulated { session, analysis, .. }: &Simulated<'_>) {
        let limits = Protocol::default().criteria;
        let truth = session.truth.reps.iter();
        let truth: Vec<TrueRep> =
            truth.map(|rep| TrueRep::from_metrics(rep.span, rep.bottom, &rep.metrics, &limits)).collect();
        let reps: Vec<_> = analysis.iter().flat_map(SessionAnalysis::reps).map(|(_, rep)| rep).collect();
        // An attempt that was broken off counts or not: nobody can tell it from a small repetition.
        let attempt = |rep: &&Rep| session.truth.aborted.iter().any(|span| span.overlaps(rep.span));
        let whole: Vec<_> = reps.iter().copied().filter(|rep| !attempt(rep)).collect();
        self.score.add(&whole, &truth);
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
        cells.extend(score.errors.iter().map(|errors| error_cell(errors, 1)));
        let wrong = |(found, truth): &&(Option<Verdict>, Verdict)| {
            found.is_some_and(|found| found != Verdict::Indeterminate && found != *truth)
        };
        cells.push(format!("{:.2}", score.decided()));
        cells.push(score.verdicts.iter().filter(wrong).count().to_string());
        cells
    }
}
