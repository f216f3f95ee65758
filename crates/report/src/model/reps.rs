//! The table of repetitions, and what was not counted.

use serde::Serialize;
use truehinge_core::{Metric, Rep, SessionAnalysis, Verdict};

use super::Say;
use super::labels::{Placed, letter};
use crate::theme::mark;

/// One row of the repetition table.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RepRow {
    /// Session, set, number and leg.
    pub label: String,
    /// Onset.
    pub start: String,
    /// Way out, bottom, way back.
    pub tempo: String,
    /// Knee forward, at the bottom, hip back, pelvis tilt, knee flexion.
    pub values: [String; 5],
    /// Letter of the verdict.
    pub letter: &'static str,
    /// Verdict.
    pub verdict: String,
    /// How sure.
    pub probability: String,
    /// Why, with the number that decided.
    pub reason: String,
}

/// Columns of the table.
pub const COLUMNS: [Metric; 5] =
    [Metric::KneeForward, Metric::KneeForwardTurn, Metric::HipBack, Metric::PelvisTilt, Metric::KneeFlexion];

pub fn rep_row(placed: &Placed<'_>, say: Say) -> RepRow {
    let (set, rep) = (placed.set, placed.rep);
    let value = |metric: Metric| match (metric, rep.metrics.reading(Metric::KneeForwardSeen)) {
        (Metric::KneeForward, Some(seen)) => format!("≥ {}", say.reading(seen, metric)),
        _ => rep.metrics.reading(metric).map_or_else(|| "-".to_owned(), |reading| say.reading(reading, metric)),
    };
    let seconds = |span: truehinge_core::Span| say.rounded(span.length().seconds(), 1);
    let phases = &rep.phases;
    let tempo = [phases.descent, phases.bottom, phases.ascent].map(seconds);
    RepRow {
        label: format!("{} {}", placed.name(), say.leg_letter(set.side)).trim_end().to_owned(),
        start: say.rounded(rep.span.start.seconds(), 1),
        tempo: tempo.join("/"),
        values: COLUMNS.map(value),
        letter: if rep.counts() { mark(rep.verdict()).letter } else { "×" },
        verdict: say.language.verdict(rep.verdict()),
        probability: probability(rep, say),
        reason: say.language.reason_in(rep, say.unit),
    }
}

/// How sure a named verdict is; of "not sure", and of what a person says, there is no such number.
fn probability(rep: &Rep, say: Say) -> String {
    let named = rep.by_hand.is_none() && rep.judgement.verdict != Verdict::Indeterminate;
    if named { say.rounded(100.0 * rep.judgement.probability, 0) + " %" } else { String::new() }
}

/// Movements not counted: set, time and reason.
pub fn rejected(sessions: &[SessionAnalysis], say: Say) -> Vec<[String; 3]> {
    let of = |(index, session): (usize, &SessionAnalysis)| -> Vec<[String; 3]> {
        let name = letter(index, sessions.len());
        let line = |set: &truehinge_core::SetAnalysis| -> Vec<[String; 3]> {
            let label = format!("{name}{}", set.number);
            set.rejected_lines_in(say.language)
                .into_iter()
                .map(|(span, why)| {
                    let time = [span.start.seconds(), span.end.seconds()].map(|at| say.rounded(at, 1));
                    [label.clone(), format!("{} s", time.join("-")), why]
                })
                .collect()
        };
        session.sets.iter().flat_map(line).collect()
    };
    sessions.iter().enumerate().flat_map(of).collect()
}
