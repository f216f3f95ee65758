//! Whether the stated uncertainties are honest: for every metric, and for knee-forward travel by its size.

use std::fmt::Write;

use truehinge_core::Metric;
use truehinge_signal::scoring::{MetricError, SCORED, Score, agreement, honesty, rms};

/// Upper ends of the sizes of true knee-forward travel, mm, and their names.
const SIZES: [(f64, &str); 4] = [(5.0, "up to 5"), (30.0, "5 to 30"), (90.0, "30 to 90"), (f64::INFINITY, "over 90")];

/// The section of the page.
pub fn section(scores: &[(&str, &Score)]) -> String {
    let mut text = String::from(
        "## How honest the uncertainties are\n\n\
         Error over stated sigma, root mean square: 1 is honest, more is boastful. Beside it the share of 95 % intervals that hold the \
         truth. Then the same for knee-forward travel by its true size.\n\n",
    );
    let titles = SCORED.map(|metric| Metric::title(metric).to_owned()).join(" | ");
    let _ = writeln!(text, "| data | {titles} |\n|---|{}", "---|".repeat(SCORED.len()));
    for (name, score) in scores {
        let cells = score.errors.each_ref().map(|errors| {
            let (ratio, cover) = honesty(errors);
            format!("{ratio:.2}, {:.0} %", 100.0 * cover)
        });
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    text.push_str("\n| data | true knee-forward travel, mm | n | RMSE, mm | bias, mm | RMS of error / stated sigma | 95 % interval covers |\n|---|---|---|---|---|---|---|\n");
    for (name, score) in scores {
        for (size, errors) in by_size(&score.errors[0]) {
            let (ratio, cover) = honesty(&errors);
            let _ = writeln!(
                text,
                "| {name} | {size} | {} | {:.1} | {:+.1} | {ratio:.2} | {:.0} % |",
                errors.len(),
                rms(errors.iter().map(|e| e.error)),
                agreement(&errors).0,
                100.0 * cover
            );
        }
    }
    text.push('\n');
    text
}

/// Errors by the size of what was measured; sizes that did not occur are left out.
fn by_size(errors: &[MetricError]) -> Vec<(&'static str, Vec<MetricError>)> {
    let of = |truth: f64| SIZES.iter().position(|(end, _)| truth <= *end);
    let sizes = SIZES.iter().enumerate().map(|(place, (_, name))| {
        (*name, errors.iter().filter(|error| of(error.truth) == Some(place)).copied().collect::<Vec<_>>())
    });
    sizes.filter(|(_, errors)| !errors.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_in_the_size_of_its_truth_once() {
        let truths = [-3.0, 5.0, 5.1, 30.0, 89.0, 91.0, 500.0];
        let errors = truths.map(|truth| MetricError { error: 1.0, sigma: 1.0, truth });
        let found: Vec<_> = by_size(&errors)
            .into_iter()
            .map(|(name, e)| (name, e.iter().map(|e| e.truth).collect::<Vec<_>>()))
            .collect();
        assert_eq!(
            found,
            [
                ("up to 5", vec![-3.0, 5.0]),
                ("5 to 30", vec![5.1, 30.0]),
                ("30 to 90", vec![89.0]),
                ("over 90", vec![91.0, 500.0])
            ]
        );
        assert_eq!(by_size(&errors[3..4]).len(), 1);
    }
}
