//! The same movements measured twice, with the sensors put on anew.

use std::fmt::Write;

use rayon::prelude::*;
use truehinge_core::{Rep, SessionAnalysis};
use truehinge_signal::scoring::SCORED;
use truehinge_sim::{Scenario, SimulatedSession};

use truehinge_core::{Icc, Reliability};
use truehinge_session::Judge;
use truehinge_session::statistics::reliability;

/// Values of all scored metrics in two wearings.
type Pair = [[f64; 2]; SCORED.len()];

/// One person: pairs of values per repetition found both times.
fn person(judge: &Judge, seed: u64) -> anyhow::Result<Vec<Pair>> {
    let first = Scenario::typical(seed);
    let wearings = [first.clone(), first.worn_again()];
    let [one, two] = wearings.each_ref().map(|scenario| -> anyhow::Result<_> {
        let session = scenario.run()?;
        let analysis = judge.analyse_recording(&session.recording())?;
        Ok((session, analysis))
    });
    let ((session, one), (_, two)) = (one?, two?);
    Ok(pairs(&session, &one, &two))
}

fn pairs(session: &SimulatedSession, one: &SessionAnalysis, two: &SessionAnalysis) -> Vec<Pair> {
    let spans = session.truth.reps.iter().map(|rep| rep.span);
    let of = |analysis: &SessionAnalysis, span| -> Option<Rep> {
        analysis.reps().map(|(_, rep)| rep).find(|rep| rep.span.overlaps(span)).cloned()
    };
    spans
        .filter_map(|span| {
            let (a, b) = (of(one, span)?, of(two, span)?);
            let value = |rep: &Rep, metric| rep.metrics.reading(metric).map_or(f64::NAN, |reading| reading.value);
            Some(SCORED.map(|metric| [value(&a, metric), value(&b, metric)]))
        })
        .collect()
}

/// Mean over the repetitions of one person.
fn mean(reps: &[Pair]) -> Option<Pair> {
    if reps.is_empty() {
        return None;
    }
    let mut sums = Pair::default();
    for rep in reps {
        for (sum, value) in sums.iter_mut().flatten().zip(rep.iter().flatten()) {
            *sum += value / reps.len() as f64;
        }
    }
    Some(sums)
}

/// The section of the page.
pub fn section(judge: &Judge, people: u64) -> anyhow::Result<String> {
    let persons: Vec<Vec<Pair>> =
        (0..people).into_par_iter().map(|seed| person(judge, seed)).collect::<anyhow::Result<_>>()?;
    let reps: Vec<Pair> = persons.iter().flatten().copied().collect();
    let means: Vec<Pair> = persons.iter().filter_map(|reps| mean(reps)).collect();
    let mut text = format!(
        "## Reliability: {people} simulated people, sensors put on twice\n\n\
         The same movements measured again by other chips, mounted and strapped anew, on a body that is measured anew: the error of the \
         instrument alone, without people's own variation from day to day, which only a study with people can tell. ICC(2,1) absolute \
         agreement, ICC(3,1) consistency, with 95 % intervals [ShroutFleiss1979, McGrawWong1996]; SEM: standard error of measurement; \
         MDC: smallest change beyond it with 95 % certainty. Repetitions of different kinds differ much, which flatters the ICC; SEM and \
         MDC do not depend on that.\n\n\
         | metric | of | n | ICC(2,1) | ICC(3,1) | SEM | MDC95 |\n|---|---|---|---|---|---|---|\n"
    );
    for (index, metric) in SCORED.iter().enumerate() {
        for (name, targets) in [("a repetition", &reps), ("a set's mean", &means)] {
            let rows: Vec<[f64; 2]> =
                targets.iter().map(|t| t[index]).filter(|row| row.iter().all(|v| v.is_finite())).collect();
            if let Some(found) = reliability(&rows) {
                let _ = writeln!(text, "| {} ({}) | {name} | {} |", metric.title(), metric.unit(), cells(&found));
            }
        }
    }
    text.push('\n');
    Ok(text)
}

fn cells(found: &Reliability) -> String {
    let icc = |icc: Icc| format!("{:.3} ({:.2} .. {:.2})", icc.value, icc.low, icc.high);
    format!(
        "{} | {} | {} | {:.1} | {:.1}",
        found.targets,
        icc(found.agreement),
        icc(found.consistency),
        found.sem,
        found.mdc95
    )
}
