//! The OpenSim bench's parts on the page: dev, on which the product was made, and wide, which it has not seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use truehinge_core::{LocalStart, Zone};
use truehinge_dataset::table;
use truehinge_signal::scoring::{Score, TrueRep};

use crate::bench::{Kind, Part, Session, total};
use crate::left_out::LeftOut;
use crate::page;
use crate::scorer::{BenchScorer, Scorer};
use truehinge_session::Judge;

/// A part of the bench, analysed and scored.
pub struct Scored<'a> {
    /// All its sessions.
    pub sessions: Vec<Session<'a>>,
    /// Those with hinges together.
    pub hinges: Score,
    /// The bench's own scorer, if it ran.
    pub scorer: Option<BenchScorer>,
}

impl<'a> Scored<'a> {
    /// Analyses and scores a part, and lets the scorer that lies beside it do the same on tables in a folder.
    pub fn new(part: &'a Part, judge: &Judge, python: &Path, predictions: &Path) -> anyhow::Result<Self> {
        let sessions = part.analyse(judge);
        for session in &sessions {
            if let Some(analysis) = &session.analysis {
                table::write_session(predictions, analysis).with_context(|| session.of.name.clone())?;
            }
        }
        let scorer = BenchScorer::run(python, part, predictions)
            .inspect_err(|error| eprintln!("the bench's scorer did not run, its column stays empty: {error:#}"))
            .ok();
        let hinges = total(sessions.iter().filter(|session| session.of.kind == Kind::Hinge));
        Ok(Self { sessions, hinges, scorer })
    }

    /// Sessions of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Session<'a>> {
        self.sessions.iter().filter(move |session| session.of.kind == kind)
    }

    /// How many people hinge in it.
    pub fn people(&self) -> usize {
        let analyses = self.of_kind(Kind::Hinge).filter_map(|session| session.analysis.as_ref());
        analyses.map(|analysis| &analysis.info.athlete).collect::<BTreeSet<_>>().len()
    }

    /// What could not be used of the part.
    pub fn left_out(&self, part: &Part) -> Vec<LeftOut> {
        let refused = self.sessions.iter().filter_map(|session| {
            let reason = session.refused.as_ref()?.lines().next().unwrap_or_default().to_owned();
            Some(LeftOut { name: session.of.name.clone(), reason })
        });
        part.left_out.iter().cloned().chain(refused).collect()
    }

    /// Attempts that were given up: counted ones, and all.
    fn broken_off(&self) -> (usize, usize) {
        let (mut counted, mut all) = (0, 0);
        for session in self.of_kind(Kind::Hinge) {
            // The same matching with only these required: what is found of them was counted.
            let truth = session.of.truth.iter().zip(&session.of.broken_off);
            let truth: Vec<TrueRep> =
                truth.map(|(rep, broken_off)| TrueRep { optional: !broken_off, ..rep.clone() }).collect();
            let mut score = Score::default();
            score.add(&session.reps(), &truth);
            counted += score.found;
            all += score.found + score.missed;
        }
        (counted, all)
    }
}

/// The section on the dev part.
pub fn dev(part: &Scored<'_>) -> String {
    let score = &part.hinges;
    let mut text = format!(
        "## OpenSim single-leg-hinge bench, dev part ({} sessions, {} repetitions)\n\n",
        score.sessions,
        score.found + score.missed
    );
    text.push_str(&dates(part));
    let scorer = part.scorer.as_ref().and_then(BenchScorer::hinges);
    let (counts, metrics) = (page::counts(score, scorer.as_ref(), true), page::metrics(score, scorer.as_ref(), true));
    let _ = write!(text, "{counts}\n{metrics}\n{}\n", conditions(part));
    text.push_str(
        "Scorer: the bench's own program on the same predictions. Naive and goal columns: the project's study of simple estimators on the same sessions, and its targets. \
         The sessions are the development part; limits and priors of the analysis come from sensor data sheets and the \
         product's rules, the displacement's sway priors were widened once on these sessions (decision 0004).\n\n",
    );
    text
}

/// The section on the wide part.
pub fn wide(part: &Scored<'_>) -> String {
    let score = &part.hinges;
    let required = score.found + score.missed;
    let mut text = format!(
        "## OpenSim bench, wide part ({} sessions with hinges, {required} repetitions)\n\n\
         Other people and other seeds than the dev part, and what people really do: fast and slow repetitions, knees that go forward only \
         on the way down or only on the way up, hitches, bounces, attempts that are given up, repetitions without a pause. Attempts \
         that were given up, and movements that neither sensor can see, are neither required nor punished. The sessions in which \
         nobody hinges are under everyday movement.\n\n",
        score.sessions
    );
    text.push_str(&dates(part));
    let scorer = part.scorer.as_ref().and_then(BenchScorer::hinges);
    text.push_str(&page::counts(score, scorer.as_ref(), false));
    let theirs = |of: fn(&Scorer) -> String| scorer.as_ref().map_or_else(|| "-".to_owned(), of);
    let (counted, given_up) = part.broken_off();
    let _ = writeln!(
        text,
        "| repetitions missed, of {required} | {} | {} |",
        score.missed,
        theirs(|s| format!("{}", s.r#fn))
    );
    let _ = writeln!(
        text,
        "| repetitions that did not happen | {} | {} |",
        score.invented,
        theirs(|s| format!("{}", s.fp))
    );
    let _ = writeln!(
        text,
        "| attempts given up that were counted, of {given_up} | {counted} | {} |",
        theirs(|s| s.aborted_counted_as_rep.split('/').next().unwrap_or("-").to_owned())
    );
    let _ = write!(text, "\n{}\n{}\n", page::metrics(score, scorer.as_ref(), false), conditions(part));
    for session in &part.sessions {
        if let Some(reason) = &session.refused {
            let _ = writeln!(text, "* {} is refused: {}", session.of.name, reason.lines().next().unwrap_or_default());
        }
    }
    text.push('\n');
    text
}

fn dates(part: &Scored<'_>) -> String {
    let dates = part.sessions.iter().filter_map(|session| session.analysis.as_ref()?.info.start_utc_ns);
    let (first, last) = (dates.clone().min(), dates.max());
    let both = first.zip(last);
    let date = |utc_ns| LocalStart::of(utc_ns, Zone::Unknown).map_or_else(String::new, |start| start.date());
    both.map_or_else(String::new, |(first, last)| format!("Data of {} to {}.\n\n", date(first), date(last)))
}

fn conditions(part: &Scored<'_>) -> String {
    let mut by_tag = BTreeMap::<&str, Score>::new();
    for session in part.of_kind(Kind::Hinge) {
        by_tag.entry(&session.of.tag).or_default().add(&session.reps(), &session.of.truth);
    }
    page::conditions(by_tag.iter().map(|(name, score)| (*name, score)))
}
