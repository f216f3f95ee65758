//! What stated uncertainties are made of: each source's share of the variance.

use std::collections::BTreeMap;
use std::fmt::Write;

use truehinge_core::{Budget, ErrorSource, Metric, Rep};

/// Shares below this are not named.
const NAMED: f64 = 0.05;

/// The section of the page: repetitions of several data, and their names.
pub fn section(data: &[(&str, Vec<Rep>)]) -> String {
    let names: Vec<&str> = data.iter().map(|(name, _)| *name).collect();
    let mut text = format!(
        "## What the stated uncertainties are made of\n\n\
         Share of the variance that each source makes in percent, mean of all counted repetitions, largest first; sources below \
         {:.0} % are left out. Where one source makes most of it, little is won by improving another.\n\n| number | {} |\n|---|{}\n",
        100.0 * NAMED,
        names.join(" | "),
        "---|".repeat(names.len())
    );
    for metric in Metric::ALL {
        let cells: Vec<String> = data.iter().map(|(_, reps)| words(&shares(reps, metric))).collect();
        if cells.iter().any(|cell| cell != "-") {
            let _ = writeln!(text, "| {} | {} |", metric.title(), cells.join(" | "));
        }
    }
    text.push('\n');
    text
}

/// Mean share of each source that contributes; empty where the number was not measured.
fn shares(reps: &[Rep], metric: Metric) -> BTreeMap<ErrorSource, f64> {
    let budgets: Vec<&Budget> = reps.iter().filter_map(|rep| rep.budgets.get(&metric)).collect();
    let mean = |source| budgets.iter().map(|budget| budget.share(source)).sum::<f64>() / budgets.len() as f64;
    ErrorSource::ALL.into_iter().map(|source| (source, mean(source))).filter(|(_, share)| *share > 0.0).collect()
}

/// `soft tissue 61, sensor axis 20`, or a dash.
fn words(shares: &BTreeMap<ErrorSource, f64>) -> String {
    let mut named: Vec<_> = shares.iter().filter(|(_, share)| **share >= NAMED).collect();
    named.sort_by(|a, b| b.1.total_cmp(a.1));
    let words: Vec<String> =
        named.into_iter().map(|(source, share)| format!("{} {:.0}", source.title(), 100.0 * share)).collect();
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_named_largest_first_and_small_ones_are_not() {
        use ErrorSource::{Axis, Gap, Noise, SoftTissue};
        let shares = BTreeMap::from([(SoftTissue, 0.3), (Axis, 0.6), (Gap, 0.051), (Noise, 0.049)]);
        assert_eq!(words(&shares), "sensor axis 60, soft tissue 30, missing data 5");
        assert_eq!(words(&BTreeMap::new()), "-");
    }
}
