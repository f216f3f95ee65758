//! The validation page: scores to Markdown.

use std::fmt::Write;

use truehinge_core::Metric;
use truehinge_signal::scoring::{SCORED, Score, agreement, honesty, rms};

/// Goals of this product for the bench, per figure: what a naive route gets, the goal.
const RMSE_GOALS: [(&str, &str); 5] = [("7.6", "4.5"), ("71", "12"), ("1.5", "0.6"), ("4.0", "1.2"), ("5.9", "1.8")];

/// The table of repetition and verdict figures.
pub fn counts(score: &Score) -> String {
    let mean_abs_ms = |v: &[f64]| 1e3 * v.iter().map(|x| x.abs()).sum::<f64>() / v.len() as f64;
    let mut text = String::from("| figure | naive | measured | goal |\n|---|---|---|---|\n");
    let mut row = |name: &str, naive: &str, measured: String, goal: &str| {
        let _ = writeln!(text, "| {name} | {naive} | {measured} | {goal} |");
    };
    row("repetition F1", "0.914", format!("{:.3}", score.f1()), "1.00");
    row("sessions with the exact count", "0.51", format!("{:.2}", score.exact_share()), ">= 0.98");
    row("start, mean absolute error, ms", "178", format!("{:.0}", mean_abs_ms(&score.start)), "<= 30");
    row("end, mean absolute error, ms", "170", format!("{:.0}", mean_abs_ms(&score.end)), "<= 30");
    row("drift sensitivity, among decided", "-", format!("{:.3}", score.drift_sensitivity(false)), "1.00");
    row(
        "drift sensitivity, undecided and missed count wrong",
        "0.94",
        format!("{:.3}", score.drift_sensitivity(true)),
        "1.00",
    );
    row("drift specificity, among decided", "0.99", format!("{:.3}", score.drift_specificity()), "1.00");
    row("repetitions outside the grey zone that got a verdict", "-", format!("{:.2}", score.decided()), ">= 0.90");
    text
}

/// The table of metric errors and of how honest the stated uncertainties were.
pub fn metrics(score: &Score) -> String {
    let mut text = String::from(
        "| metric | n | RMSE | naive | goal | bias | limits of agreement | RMS of error / stated sigma | 95 % interval covers |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for ((metric, errors), (naive, goal)) in SCORED.iter().zip(&score.errors).zip(RMSE_GOALS) {
        let (bias, low, high) = agreement(errors);
        let (ratio, cover) = honesty(errors);
        let _ = writeln!(
            text,
            "| {} ({}) | {} | {:.1} | {naive} | {goal} | {bias:+.1} | {low:.1} .. {high:.1} | {ratio:.2} | {:.0} % |",
            Metric::title(*metric),
            metric.unit(),
            errors.len(),
            rms(errors.iter().map(|e| e.error)),
            100.0 * cover
        );
    }
    text
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
