//! The method otherwise: everything again with other numbers, one row each. Sweeps go through values of one number, ablations
//! leave ingredients out.

use std::fmt::Write;

use anyhow::{Context, ensure};
use truehinge_signal::Method;
use truehinge_signal::scoring::Score;

use crate::bench::{Kind, Part, total};
use crate::page::{error_cell, mean_abs_ms};
use crate::simulated::Crowd;
use truehinge_session::Judge;

/// Ingredients of more than one number, left out together: name and paths.
const TOGETHER: [(&str, &[&str]); 2] = [
    ("balance", &["measure.hip_path.leg.balance_m", "measure.hip_path.leg.habit_m"]),
    (
        "leg and balance",
        &["measure.hip_path.leg.chain_m", "measure.hip_path.leg.balance_m", "measure.hip_path.leg.habit_m"],
    ),
];

/// A method that differs from the built-in one, and how.
pub struct Variant {
    name: String,
    method: Method,
}

impl Variant {
    fn built_in() -> Self {
        Self { name: "as built in".to_owned(), method: Method::default() }
    }
}

/// One variant a value: `repetitions.leaves_deg=3.0,3.6,4.2`.
///
/// # Errors
/// The path is unknown, or a value is not allowed.
pub fn sweep(asked: &str) -> anyhow::Result<Vec<Variant>> {
    let (path, values) =
        asked.split_once('=').with_context(|| format!("{asked}: give PATH=VALUE,VALUE,VALUE to sweep"))?;
    let of = |value: &str| {
        let method = Method::default().with(path, value.trim())?;
        Ok(Variant { name: format!("`{path}` = {}", value.trim()), method })
    };
    let mut variants = vec![Variant::built_in()];
    variants.extend(values.split(',').map(of).collect::<anyhow::Result<Vec<_>>>()?);
    Ok(variants)
}

/// One variant for each path, with the value given or the one that leaves its ingredient out.
///
/// # Errors
/// A path is unknown, a value is not allowed, or none is given for a number that cannot be left out.
pub fn ablation(asked: &[String]) -> anyhow::Result<Vec<Variant>> {
    let method = Method::default();
    let entries = method.entries();
    let of = |asked: &String| {
        let (path, value) = asked.split_once('=').map_or((asked.as_str(), None), |(path, value)| (path, Some(value)));
        let off = || entries.iter().find(|entry| entry.path == path).and_then(|entry| entry.off.as_deref());
        // A path that is unknown is better said so than without a value.
        let value = value.or_else(off).unwrap_or_default();
        let method = method.with(path, value);
        ensure!(
            !value.is_empty() || !matches!(method, Err(truehinge_signal::MethodError::Kind { .. })),
            "{path} has no value that leaves it out: give {path}=VALUE"
        );
        Ok(Variant { name: format!("`{path}` = {value}"), method: method? })
    };
    let mut variants = vec![Variant::built_in()];
    variants.extend(asked.iter().map(of).collect::<anyhow::Result<Vec<_>>>()?);
    Ok(variants)
}

/// The built-in method without each ingredient that can be left out, and without some of them together.
pub fn every_ablation() -> anyhow::Result<Vec<Variant>> {
    let entries = Method::default().entries();
    let off: Vec<_> = entries.iter().filter_map(|entry| Some((entry, entry.off.as_deref()?))).collect();
    let single = off.iter().filter(|(entry, off)| entry.value != *off).map(|(entry, _)| entry.path.clone());
    let mut variants = ablation(&single.collect::<Vec<_>>())?;
    for (name, paths) in TOGETHER {
        let without = |method: Method, path: &&str| {
            let (_, off) = off.iter().find(|(entry, _)| entry.path == *path).with_context(|| (*path).to_owned())?;
            anyhow::Ok(method.with(path, off)?)
        };
        let method = paths.iter().try_fold(Method::default(), without)?;
        variants.push(Variant { name: format!("without {name}"), method });
    }
    Ok(variants)
}

/// What variants are scored on.
pub struct Data<'a> {
    /// Part dev of the bench.
    pub dev: &'a Part,
    /// Part wide, where it is there.
    pub wide: Option<&'a Part>,
    /// Simulated people under [`CONDITIONS`].
    pub people: &'a Crowd,
}

/// Conditions of the simulated people: typical sensors, and cheap ones.
pub const CONDITIONS: [&str; 2] = ["typical", "cheap-chips"];

/// Columns of each table.
const HEADER: &str = "| | F1 | exact | start, ms | end, ms | hip back, mm | knee forward, mm | shin, deg | pelvis, deg | \
    knee flexion, deg | drift sensitivity | drift specificity |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n";

/// A table for each kind of data, one row a variant.
pub fn tables(variants: &[Variant], data: &Data<'_>) -> String {
    let mut tables: Vec<(String, String)> = Vec::new();
    for variant in variants {
        for (place, (name, score)) in scores(variant, data).into_iter().enumerate() {
            if place == tables.len() {
                tables.push((name, HEADER.to_owned()));
            }
            let _ = writeln!(tables[place].1, "| {} | {} |", variant.name, cells(&score).join(" | "));
        }
    }
    tables.iter().fold(String::new(), |page, (name, table)| page + "### " + name + "\n\n" + table + "\n")
}

/// How a variant does on each kind of data.
fn scores(variant: &Variant, data: &Data<'_>) -> Vec<(String, Score)> {
    let judge = Judge::default().with_method(variant.method.clone());
    let mut scores = vec![("Bench, dev part".to_owned(), total(&data.dev.analyse(&judge)))];
    if let Some(wide) = data.wide {
        let sessions = wide.analyse(&judge);
        let of = |kind| total(sessions.iter().filter(|session| session.of.kind == kind));
        scores.push(("Bench, wide part, sessions with hinges".to_owned(), of(Kind::Hinge)));
    }
    let people = data.people.analyse(&judge);
    scores.extend(CONDITIONS.map(|wanted| (format!("Simulated, {wanted}"), people.score(|name| name == wanted))));
    scores
}

fn cells(score: &Score) -> Vec<String> {
    // Digits as the sizes need them, in the order of the columns.
    let errors = [(1, 1), (0, 1), (2, 2), (3, 2), (4, 1)];
    let mut cells = vec![
        format!("{:.3}", score.f1()),
        format!("{:.2}", score.exact_share()),
        format!("{:.0}", mean_abs_ms(&score.start)),
        format!("{:.0}", mean_abs_ms(&score.end)),
    ];
    cells.extend(errors.map(|(metric, digits)| error_cell(&score.errors[metric], digits)));
    cells.push(format!("{:.3}", score.drift_sensitivity(false)));
    cells.push(format!("{:.3}", score.drift_specificity()));
    cells
}

/// The section of the page.
pub fn section(data: &Data<'_>) -> anyhow::Result<String> {
    let tables = tables(&every_ablation()?, data);
    Ok(format!(
        "## What each ingredient buys\n\n\
         Everything again without it: each number of the method that has a value which leaves its ingredient out, with that value. \
         Root mean square errors; beside each, the RMS of error over stated sigma and the share of 95 % intervals that hold the truth. \
         Drifts among those decided.\n\n{tables}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(variants: &[Variant]) -> Vec<&str> {
        variants.iter().map(|variant| variant.name.as_str()).collect()
    }

    #[test]
    fn a_sweep_goes_through_its_values_beside_the_built_in_one() {
        let variants = sweep("repetitions.leaves_deg=3.0, 4.2").expect("allowed");
        assert_eq!(
            names(&variants),
            ["as built in", "`repetitions.leaves_deg` = 3.0", "`repetitions.leaves_deg` = 4.2"]
        );
        assert_eq!(variants[0].method, Method::default());
        assert_eq!(variants[2].method.repetitions.leaves_deg, 4.2);
        assert_eq!(variants[2].method.repetitions.returns_deg, Method::default().repetitions.returns_deg);
        let words = sweep("orientation.ends=published,anchored").expect("words too");
        assert_eq!(words.len(), 3);
        for wrong in ["repetitions.leaves_deg", "repetitions.leaves_deg=3.6,400", "repetitions.leave_deg=3", "x=1"] {
            assert!(sweep(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_ingredient_is_left_out_by_its_off_value_or_by_the_one_given() {
        let asked = ["measure.hip_path.rest.longest_rest_s", "measure.smoothing_hz=5"].map(str::to_owned);
        let variants = ablation(&asked).expect("allowed");
        assert_eq!(variants[1].method.measure.hip_path.rest.longest_rest_s, 0.3);
        assert_eq!(variants[2].method.measure.smoothing_hz, 5.0);
        let error =
            |asked: &str| ablation(&[asked.to_owned()]).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error("measure.smoothing_hz").contains("give measure.smoothing_hz=VALUE"));
        assert!(error("measure.smoothing_mhz").contains("there is no measure.smoothing_mhz"));
    }

    #[test]
    fn every_ingredient_that_can_be_left_out_has_a_row_that_differs() {
        let variants = every_ablation().expect("allowed");
        let with_off = Method::default().entries().iter().filter(|entry| entry.off.is_some()).count();
        assert_eq!(variants.len(), 1 + with_off + TOGETHER.len());
        for variant in &variants[1..] {
            assert_ne!(variant.method, Method::default(), "{}", variant.name);
        }
        let last = &variants[variants.len() - 1].method.measure.hip_path.leg;
        assert_eq!([last.chain_m, last.balance_m, last.habit_m], [1e3; 3]);
    }
}
