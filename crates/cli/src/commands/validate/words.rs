//! The comparison as a page in Markdown.

use std::fmt::Write;

use truehinge_core::Icc;
use truehinge_core::Verdict;
use truehinge_session::comparison::{Agreement, Comparison, Labels, Share};
use truehinge_session::statistics::Figure;

/// All of it.
pub fn page(comparison: &Comparison) -> String {
    let people: std::collections::BTreeSet<&str> = comparison.pairs.iter().map(|pair| pair.athlete.as_str()).collect();
    let mut text = format!(
        "# Against your reference\n\nCompared: {}, {}. Rows that name no repetition: {}. Counted repetitions of these sessions without a row: {}.\n\n",
        counted(comparison.pairs.len(), "repetition", "repetitions"),
        counted(people.len(), "person", "people"),
        comparison.unmatched.len(),
        comparison.unnamed
    );
    text += "Intervals are 95 %. Those by people leave one person out at a time (jackknife): repetitions of one person are alike, so that \
             intervals by repetitions are too narrow. Without three people there are none.\n\n";
    if let Some(labels) = &comparison.labels {
        of_labels(&mut text, labels);
    }
    if !comparison.metrics.is_empty() {
        of_metrics(&mut text, &comparison.metrics);
    }
    text
}

fn of_labels(text: &mut String, labels: &Labels) {
    let across: Vec<&str> = Verdict::ALL.iter().map(|verdict| verdict.title()).chain(["not counted"]).collect();
    let _ = writeln!(
        text,
        "## Labels against verdicts\n\n| label | {} |\n|---|{}",
        across.join(" | "),
        "---|".repeat(across.len())
    );
    for (label, row) in Verdict::ALL.iter().zip(&labels.table) {
        let counts: Vec<String> = row.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "| {} | {} |", label.title(), counts.join(" | "));
    }
    text.push_str("\nWhat is not sure or was not counted is not recognised.\n\n| label | sensitivity | specificity | precision |\n|---|---|---|---|\n");
    for class in &labels.classes {
        let [a, b, c] = [&class.sensitivity, &class.specificity, &class.precision].map(share);
        let _ = writeln!(text, "| {} | {a} | {b} | {c} |", class.label.title());
    }
    let of = |of: &Option<Figure>| of.as_ref().map_or_else(|| "not known".to_owned(), |f| figure(f, 2));
    let _ = writeln!(
        text,
        "\nWhere label and verdict are both an opinion they agree in {}; beyond chance (Cohen's kappa) {}.\n",
        of(&labels.agreement),
        of(&labels.kappa)
    );
}

fn of_metrics(text: &mut String, metrics: &[Agreement]) {
    text.push_str(
        "## Reference values against measured ones\n\nDifferences are measured minus reference. Limits of agreement hold 95 % of the \
         differences of any repetition of any person.\n\n\
         | metric | pairs, people | bias | lower limit | upper limit | RMSE | slope of the difference |\n|---|---|---|---|---|---|---|\n",
    );
    for m in metrics {
        let limit = |of: Option<Figure>| of.map_or_else(|| "-".to_owned(), |limit| figure(&limit, 1));
        let (low, high) = m.limits.unzip();
        let slope = m.slope.map_or_else(|| "-".to_owned(), |slope| figure(&slope, 2));
        let _ = writeln!(
            text,
            "| {} ({}) | {}, {} | {} | {} | {} | {} | {slope} |",
            m.metric.title(),
            m.metric.unit(),
            m.pairs,
            m.people,
            figure(&m.bias, 1),
            limit(low),
            limit(high),
            figure(&m.rmse, 1),
        );
    }
    text.push_str(
        "\n| metric | ICC(2,1), by repetitions | ICC(3,1), by repetitions | SEM | MDC95 | error / stated uncertainty | in our 95 % interval |\n|---|---|---|---|---|---|---|\n",
    );
    for m in metrics {
        let reliability = m.reliability.map_or_else(
            || "- | - | - | -".to_owned(),
            |r| format!("{} | {} | {:.1} | {:.1}", icc(r.agreement), icc(r.consistency), r.sem, r.mdc95),
        );
        let _ = writeln!(
            text,
            "| {} | {reliability} | {} | {} |",
            m.metric.title(),
            figure(&m.error_per_sigma, 2),
            figure(&m.coverage, 2),
        );
    }
    text.push('\n');
}

fn icc(icc: Icc) -> String {
    format!("{:.2} ({:.2} .. {:.2})", icc.value, icc.low, icc.high)
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The value, its interval by people, and what it is with one person left out.
fn figure(figure: &Figure, decimals: usize) -> String {
    let mut text = format!("{:.decimals$}", figure.value);
    if let Some((low, high)) = figure.interval {
        let _ = write!(text, " ({low:.decimals$} .. {high:.decimals$})");
    }
    if let Some((least, most)) = figure.left_out {
        let _ = write!(text, ", one left out {least:.decimals$} .. {most:.decimals$}");
    }
    text
}

fn share(share: &Share) -> String {
    let Some((low, high)) = share.wilson else { return "-".to_owned() };
    let mut text = format!(
        "{:.2}, {} of {}, by repetitions {low:.2} .. {high:.2}",
        share.part as f64 / share.whole as f64,
        share.part,
        share.whole
    );
    if let Some((low, high)) = share.people.and_then(|people| people.interval) {
        let _ = write!(text, ", by people {low:.2} .. {high:.2}");
    }
    if let Some((least, most)) = share.people.and_then(|people| people.left_out) {
        let _ = write!(text, ", one left out {least:.2} .. {most:.2}");
    }
    text
}
