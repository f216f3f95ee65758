//! The drift flag in three readings: what counts as wrong is a matter of opinion, so all are printed.

use std::fmt::Write;

use truehinge_core::Verdict;
use truehinge_signal::scoring::Score;

use truehinge_session::statistics::share;

/// How a repetition without a verdict is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Only repetitions with a verdict.
    Decided,
    /// Repetitions that were not found count as wrong.
    Missed,
    /// Those and the undecided ones count as wrong.
    All,
}

const READINGS: [(Reading, &str); 3] = [
    (Reading::Decided, "with a verdict"),
    (Reading::Missed, "not found counts as wrong"),
    (Reading::All, "not found and undecided count as wrong"),
];

impl Reading {
    fn includes(self, reported: Option<Verdict>) -> bool {
        match reported {
            None => self != Self::Decided,
            Some(Verdict::Indeterminate) => self == Self::All,
            Some(_) => true,
        }
    }
}

/// Right and all: of the true drifts those named so, of the others those found and given another verdict.
fn counts(score: &Score, reading: Reading, drifts: bool) -> (usize, usize) {
    use Verdict::{Indeterminate, KneeForwardDrift};
    let right = |reported: Option<Verdict>| match reported {
        None | Some(Indeterminate) => false,
        Some(verdict) => (verdict == KneeForwardDrift) == drifts,
    };
    let of = score.verdicts.iter().filter(|(_, truth)| (*truth == KneeForwardDrift) == drifts);
    let of = of.filter(|(reported, _)| reading.includes(*reported));
    of.fold((0, 0), |(named, all), (reported, _)| (named + usize::from(right(*reported)), all + 1))
}

/// The section of the page.
pub fn section(scores: &[(&str, &Score)]) -> String {
    let mut text = String::from(
        "## The drift flag\n\n\
         Repetitions outside the grey zone, with the 95 % interval by Wilson's score. Sensitivity: drifts named so. Specificity: other \
         repetitions given another verdict.\n\n\
         | data | reading | sensitivity | specificity |\n|---|---|---|---|\n",
    );
    for (name, score) in scores {
        for (reading, words) in READINGS {
            let ((hit, drifts), (clear, others)) = (counts(score, reading, true), counts(score, reading, false));
            let _ = writeln!(text, "| {name} | {words} | {} | {} |", share(hit, drifts), share(clear, others));
        }
    }
    text.push('\n');
    text
}

/// The flags beside the verdict.
pub fn beside(scores: &[(&str, &Score)]) -> String {
    let mut text = String::from(
        "## The flags beside the verdict\n\n\
         Of repetitions that were found: true by the same limit on the exact value (loss of balance on the bench: by what its script \
         did; drop and rotation of the pelvis there by its own definitions). A flag needs a probability, so a value near its limit \
         may truly be beyond it and stay unnamed.\n\n\
         | data | flag | named, of the true ones | named, of the others |\n|---|---|---|---|\n",
    );
    for (name, score) in scores {
        for (flag, counts) in &score.flags {
            let (hit, others) = (counts.hit + counts.missed, counts.false_alarm + counts.clear);
            let (hits, alarms) = (share(counts.hit, hit), share(counts.false_alarm, others));
            let _ = writeln!(text, "| {name} | {} | {hits} | {alarms} |", flag.title());
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Indeterminate, KneeForwardDrift as Drift, TrueHinge as Hinge};

    #[test]
    fn each_reading_counts_what_it_says() {
        let verdicts = vec![
            (Some(Drift), Drift),
            (Some(Indeterminate), Drift),
            (None, Drift),
            (Some(Hinge), Hinge),
            (Some(Drift), Hinge),
            (None, Hinge),
        ];
        let score = Score { verdicts, ..Score::default() };
        let all = [Reading::Decided, Reading::Missed, Reading::All];
        assert_eq!(all.map(|reading| counts(&score, reading, true)), [(1, 1), (1, 2), (1, 3)]);
        assert_eq!(all.map(|reading| counts(&score, reading, false)), [(1, 2), (1, 3), (1, 3)]);
    }
}
