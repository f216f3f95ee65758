//! The validation page: scores to Markdown.

use std::fmt::Write;

use truehinge_core::Metric;
use truehinge_signal::scoring::{MetricError, SCORED, Score, agreement, honesty, rms};

use crate::scorer::Scorer;

/// Columns of the bench's scorer, in the order of [`SCORED`].
const COLUMNS: [&str; SCORED.len()] = [
    "knee_forward_mm",
    "hip_back_mm",
    "shank_tilt_deg",
    "pelvis_tilt_deg",
    "knee_flexion_deg",
    "knee_forward_turn_mm",
    "knee_per_hip_pct",
];

/// Goals of this product for the bench, per figure: what a naive route gets, the goal.
const RMSE_GOALS: [(&str, &str); SCORED.len()] =
    [("7.6", "4.5"), ("71", "12"), ("1.5", "0.6"), ("4.0", "1.2"), ("5.9", "1.8"), ("-", "-"), ("-", "-")];

/// Mean of the absolute values of times in seconds, in ms.
pub fn mean_abs_ms(v: &[f64]) -> f64 {
    1e3 * v.iter().map(|x| x.abs()).sum::<f64>() / v.len() as f64
}

/// A figure: what it is, what a naive route gets, ours, the scorer's, digits, goal.
type Figure<'a> = (&'a str, &'a str, f64, fn(&Scorer) -> f64, usize, &'a str);

/// The table of repetition and verdict figures, for the dev part with the goals that were set on it.
pub fn counts(score: &Score, scorer: Option<&Scorer>, goals: bool) -> String {
    let figures: [Figure<'_>; 8] = [
        ("repetition F1", "0.914", score.f1(), |s| s.f1, 3, "1.00"),
        ("sessions with the exact count", "0.51", score.exact_share(), |s| s.count_exact, 2, ">= 0.98"),
        ("start, mean absolute error, ms", "178", mean_abs_ms(&score.start), |s| s.start_mae_ms, 0, "<= 30"),
        ("end, mean absolute error, ms", "170", mean_abs_ms(&score.end), |s| s.end_mae_ms, 0, "<= 30"),
        ("drift sensitivity, among decided", "-", score.drift_sensitivity(false), |s| s.flag.sens[0], 3, "1.00"),
        (
            "drift sensitivity, undecided and missed count wrong",
            "0.94",
            score.drift_sensitivity(true),
            |s| s.flag.sens_strict[0],
            3,
            "1.00",
        ),
        ("drift specificity, among decided", "0.99", score.drift_specificity(), |s| s.flag.spec[0], 3, "1.00"),
        (
            "repetitions outside the grey zone that got a verdict",
            "-",
            score.decided(),
            |s| s.flag.coverage,
            2,
            ">= 0.90",
        ),
    ];
    let mut text = String::from(if goals {
        "| figure | naive | measured | scorer | goal |\n|---|---|---|---|---|\n"
    } else {
        "| figure | measured | scorer |\n|---|---|---|\n"
    });
    for (name, naive, measured, theirs, digits, goal) in figures {
        let theirs = scorer.map_or_else(|| "-".to_owned(), |scorer| format!("{:.digits$}", theirs(scorer)));
        let _ = if goals {
            writeln!(text, "| {name} | {naive} | {measured:.digits$} | {theirs} | {goal} |")
        } else {
            writeln!(text, "| {name} | {measured:.digits$} | {theirs} |")
        };
    }
    text
}

/// The table of metric errors and of how honest the stated uncertainties were.
pub fn metrics(score: &Score, scorer: Option<&Scorer>, goals: bool) -> String {
    let (names, line) = if goals { (" naive | goal |", "---|---|") } else { ("", "") };
    let mut text = format!(
        "| metric | n | RMSE | scorer |{names} bias | limits of agreement | RMS of error / stated sigma | 95 % interval covers |\n\
         |---|---|---|---|{line}---|---|---|---|\n",
    );
    for (i, (metric, errors)) in SCORED.iter().zip(&score.errors).enumerate() {
        let (naive, goal) = RMSE_GOALS[i];
        let (bias, low, high) = agreement(errors);
        let (ratio, cover) = honesty(errors);
        let theirs = scorer.and_then(|scorer| scorer.rmse(COLUMNS[i])).map_or("-".to_owned(), |e| format!("{e:.1}"));
        let aims = if goals { format!(" {naive} | {goal} |") } else { String::new() };
        let _ = writeln!(
            text,
            "| {} ({}) | {} | {:.1} | {theirs} |{aims} {bias:+.1} | {low:.1} .. {high:.1} | {ratio:.2} | {:.0} % |",
            Metric::title(*metric),
            metric.unit(),
            errors.len(),
            rms(errors.iter().map(|e| e.error)),
            100.0 * cover
        );
    }
    text
}

/// Root mean square error with its honesty and the share of 95 % intervals that hold the truth: `15.1 (0.95, 96 %)`.
pub fn error_cell(errors: &[MetricError], digits: usize) -> String {
    let (ratio, cover) = honesty(errors);
    format!("{:.digits$} ({ratio:.2}, {:.0} %)", rms(errors.iter().map(|e| e.error)), 100.0 * cover)
}

/// One line per kind of trouble.
pub fn conditions<'a>(scores: impl IntoIterator<Item = (&'a str, &'a Score)>) -> String {
    let mut text = String::from(
        "| condition | sessions | F1 | exact | knee forward RMSE, mm | hip back RMSE, mm | shin lean RMSE, deg | pelvis tilt RMSE, deg | decided |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for (name, score) in scores {
        let of = |i: usize| rms(score.errors[i].iter().map(|e| e.error));
        let _ = writeln!(
            text,
            "| {name} | {} | {:.3} | {:.2} | {:.1} | {:.1} | {:.2} | {:.2} | {:.2} |",
            score.sessions,
            score.f1(),
            score.exact_share(),
            of(0),
            of(1),
            of(2),
            of(3),
            score.decided()
        );
    }
    text
}
