//! Where the error comes from, and whether it is stated right: one source at a time on people and sensors that are perfect
//! otherwise, against what the budgets of people with all sources say of this one.

use std::borrow::Cow;
use std::fmt::Write;

use rayon::prelude::*;
use truehinge_core::ErrorSource::{
    self, Axis, BodyModel, Drift, Gap, LeverArm, Noise, Onset, Orientation, Scale, SegmentLength, SoftTissue, Wobble,
    Zero,
};
use truehinge_core::{Budget, Metric, Protocol, Rep};
use truehinge_signal::scoring::{SCORED, TrueRep, matched, rms};
use truehinge_sim::Scenario;
use truehinge_sim::imu::Chip;
use truehinge_sim::scenario::Loss;

use truehinge_session::Judge;

/// A source of error in a simulation, and the names that its part has in a budget.
struct Source {
    name: &'static str,
    switch_on: fn(&mut Scenario, &Scenario),
    stated: &'static [ErrorSource],
}

const fn source(name: &'static str, stated: &'static [ErrorSource], switch_on: fn(&mut Scenario, &Scenario)) -> Source {
    Source { name, switch_on, stated }
}

/// Packets lost in bursts: one in twenty.
const LOSS: Loss = Loss { share: 0.05, burst: 0.12 };

/// What a chip does wrong.
const OF_CHIP: &[ErrorSource] = &[Orientation, Drift, Scale, Noise];

/// All that can be switched on by itself. What a simulation or a budget cannot keep apart stands together. Soft tissue also
/// misleads the search for the axis, so these two are there once more, together. A slipped sensor is not here: the movement in
/// which it slips is not judged.
const SOURCES: [Source; 9] = [
    source("sway on one leg", &[Zero, Onset], |s, typical| s.sway = typical.sway),
    source("soft tissue and strap", &[SoftTissue, Wobble], |s, typical| s.soft_tissue = typical.soft_tissue),
    source("a calibrated chip", OF_CHIP, |s, typical| s.chip = typical.chip),
    source("a cheap chip", OF_CHIP, |s, _| s.chip = Chip::cheap()),
    source("sensors askew", &[Axis], |s, typical| s.mounting_error = typical.mounting_error),
    source("soft tissue, and sensors askew", &[SoftTissue, Wobble, Axis], |s, typical| {
        (s.soft_tissue, s.mounting_error) = (typical.soft_tissue, typical.mounting_error);
    }),
    source("unknown segment lengths and sensor places", &[SegmentLength, LeverArm], |s, typical| {
        s.body_spread = typical.body_spread;
    }),
    source("balance unlike the average", &[BodyModel], |s, typical| s.balance_spread = typical.balance_spread),
    source("packets lost in bursts", &[Gap], |s, _| s.loss = LOSS),
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

/// How to read the table.
const READING: &str = "Each cell: the error that the source makes / the sigma that is stated for it, both root mean square, and their \
    ratio: 1 is stated right, more is boastful, less is cautious. The error is what the source alone adds to people and sensors that are \
    perfect otherwise. The sigma is its part in the budgets of typical people (with that chip, with these losses). First row: the \
    error of the method with perfect data. Last row: the whole error and the whole sigma of typical people. Soft tissue, bodies and \
    chips are drawn once a person: a ratio that is off by less than a quarter may be chance.";

/// The section of the page.
pub fn section(judge: &Judge, people: u64) -> anyhow::Result<String> {
    let names = SCORED.map(|metric| format!("{}, {}", metric.title(), metric.unit())).join(" | ");
    let mut text = format!(
        "## Error budget: {people} simulated people, one source of error at a time\n\n{READING}\n\n\
         | source | in a budget | {names} |\n|---|---|{}\n",
        "---|".repeat(SCORED.len())
    );
    let measured = |change: &(dyn Fn(&Scenario) -> Scenario + Sync)| measured(judge, people, change);
    let nothing = measured(&perfect)?;
    let everything = measured(&Scenario::clone)?;
    let mut row = |name: &str, stated: &str, cells: [String; SCORED.len()]| {
        let _ = writeln!(text, "| {name} | {stated} | {} |", cells.join(" | "));
    };
    row("none: the method itself", "-", each(|k| format!("{:.*}", digits(SCORED[k]), rms(errors(&nothing, k)))));
    for Source { name, switch_on, stated } in SOURCES {
        let on = |mut scenario: Scenario, typical: &Scenario| {
            switch_on(&mut scenario, typical);
            scenario
        };
        let alone = measured(&|typical| on(perfect(typical), typical))?;
        let typical = Scenario::typical(0);
        let among_all = if on(typical.clone(), &typical) == typical {
            Cow::Borrowed(&everything)
        } else {
            Cow::Owned(measured(&|typical| on(typical.clone(), typical))?)
        };
        let cells = each(|k| cell(added(&alone, &nothing, k), parts(&among_all, stated, k), digits(SCORED[k])));
        row(name, &stated.iter().map(|source| source.title()).collect::<Vec<_>>().join(", "), cells);
    }
    let whole = |k| cell(rms(errors(&everything, k)), parts(&everything, &ErrorSource::ALL, k), digits(SCORED[k]));
    row("all of a typical person", "everything", each(whole));
    text.push('\n');
    Ok(text)
}

fn each(cell: impl Fn(usize) -> String) -> [String; SCORED.len()] {
    std::array::from_fn(cell)
}

/// Digits after the point that sizes of a part of an error need.
fn digits(metric: Metric) -> usize {
    if metric.unit() == "mm" { 1 } else { 2 }
}

/// Error, stated sigma, ratio: `2.3 / 2.5, 0.92`.
fn cell(made: f64, stated: f64, digits: usize) -> String {
    let ratio = made / stated;
    if stated > 0.0 {
        format!("{made:.digits$} / {stated:.digits$}, {ratio:.2}")
    } else {
        format!("{made:.digits$} / -")
    }
}

/// A number of a repetition whose truth is known, in the metric's unit.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Number {
    error: f64,
    budget: Budget,
}

/// The scored numbers of one true repetition; `None` where it was not found or a number is not there.
type Found = [Option<Number>; SCORED.len()];

/// Every true repetition of so many people, in order.
fn measured(judge: &Judge, people: u64, change: &(dyn Fn(&Scenario) -> Scenario + Sync)) -> anyhow::Result<Vec<Found>> {
    let of_person = |seed| {
        let session = change(&Scenario::typical(seed)).run()?;
        let analysis = judge.analyse_recording(&session.recording())?;
        let limits = Protocol::default().criteria;
        let truth = session.truth.reps.iter();
        let truth: Vec<TrueRep> =
            truth.map(|rep| TrueRep::from_metrics(rep.span, rep.bottom, &rep.metrics, &limits)).collect();
        let reps: Vec<&Rep> = analysis.reps().map(|(_, rep)| rep).collect();
        let mut found = vec![Found::default(); truth.len()];
        for (reported, known) in matched(&reps, &truth) {
            found[known] = std::array::from_fn(|k| number(reps[reported], SCORED[k], truth[known].values[k]));
        }
        Ok(found)
    };
    let people: Vec<Vec<Found>> = (0..people).into_par_iter().map(of_person).collect::<anyhow::Result<_>>()?;
    Ok(people.concat())
}

fn number(rep: &Rep, metric: Metric, truth: f64) -> Option<Number> {
    let (reading, budget) = (rep.metrics.reading(metric)?, rep.budgets.get(&metric)?);
    Some(Number { error: reading.value - truth, budget: *budget * metric.in_unit(1.0) })
}

fn errors(all: &[Found], metric: usize) -> impl Iterator<Item = f64> {
    all.iter().filter_map(move |found| Some(found[metric]?.error))
}

/// Root mean square of what a source adds to the errors without any.
fn added(alone: &[Found], nothing: &[Found], metric: usize) -> f64 {
    let both = alone.iter().zip(nothing).filter_map(|(on, off)| on[metric].zip(off[metric]));
    rms(both.map(|(on, off)| on.error - off.error))
}

/// Root mean square of the sigma that is stated for some sources together.
fn parts(all: &[Found], sources: &[ErrorSource], metric: usize) -> f64 {
    let together = |budget: Budget| sources.iter().map(|source| budget.sigma_of(*source).powi(2)).sum::<f64>().sqrt();
    rms(all.iter().filter_map(|found| Some(together(found[metric]?.budget))))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn found(error: f64, budget: Budget) -> Found {
        let mut found = Found::default();
        found[1] = Some(Number { error, budget });
        found
    }

    #[test]
    fn a_source_is_charged_with_what_it_adds_and_held_against_its_own_part() {
        let budget = Budget::of(Axis, 3.0).and(Budget::of(Gap, 4.0)).and(Budget::of(Zero, 12.0));
        let nothing = [found(1.0, budget), Found::default(), found(-1.0, budget), found(5.0, budget)];
        let alone = [found(4.0, budget), found(100.0, budget), found(-5.0, budget), Found::default()];
        // 3 and -4: what is missing in one of them says nothing.
        assert!((added(&alone, &nothing, 1) - 12.5_f64.sqrt()).abs() < 1e-12);
        assert!((parts(&alone, &[Axis, Gap], 1) - 5.0).abs() < 1e-12);
        assert!((parts(&alone, &ErrorSource::ALL, 1) - 13.0).abs() < 1e-12);
        assert_eq!(parts(&alone, &[Noise], 1), 0.0);
        assert_eq!(cell(2.0, 4.0, 1), "2.0 / 4.0, 0.50");
        assert_eq!(cell(2.0, 0.0, 2), "2.00 / -");
    }

    #[test]
    fn every_source_changes_the_simulation_and_every_part_of_a_budget_but_slips_is_held_against_one() {
        let typical = Scenario::typical(1);
        let mut seen = BTreeSet::from([ErrorSource::Slip]);
        for source in SOURCES {
            let mut on = perfect(&typical);
            (source.switch_on)(&mut on, &typical);
            assert_ne!(on, perfect(&typical), "{} changes nothing", source.name);
            seen.extend(source.stated);
        }
        assert_eq!(seen, BTreeSet::from(ErrorSource::ALL));
    }
}
