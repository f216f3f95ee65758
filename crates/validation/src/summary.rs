//! The study in plain words, its data side by side, and what others published.

use std::fmt::Write;

use truehinge_core::{Metric, Verdict};
use truehinge_signal::scoring::{SCORED, Score, honesty, rms};

use crate::everyday::Counted;
use crate::page::mean_abs_ms;
use truehinge_session::statistics::share;

/// Verdicts outside the grey zone.
pub struct Verdicts {
    /// Given ones.
    pub given: usize,
    /// Wrong ones among them.
    pub wrong: usize,
    /// All repetitions that were found there.
    pub found: usize,
}

impl Verdicts {
    /// Of a score.
    pub fn of(score: &Score) -> Self {
        let found: Vec<(Verdict, Verdict)> =
            score.verdicts.iter().filter_map(|(said, truth)| Some(((*said)?, *truth))).collect();
        let given = found.iter().filter(|(said, _)| *said != Verdict::Indeterminate);
        let wrong = given.clone().filter(|(said, truth)| said != truth).count();
        Self { given: given.count(), wrong, found: found.len() }
    }
}

/// Root mean square error and coverage of the 95 % interval of a scored metric.
fn error(score: &Score, metric: Metric) -> (f64, f64) {
    let errors = SCORED.iter().zip(&score.errors).find(|(scored, _)| **scored == metric).map(|(_, errors)| errors);
    let errors = errors.map(Vec::as_slice).unwrap_or_default();
    (rms(errors.iter().map(|e| e.error)), 100.0 * honesty(errors).1)
}

/// The opening of the page: what a reader who is no engineer must know. `bodies`: simulated people in the part that is summed up.
pub fn in_plain_words(part: &str, bodies: usize, score: &Score, everyday: &[Counted]) -> String {
    let verdicts = Verdicts::of(score);
    let ((knee, knee_holds), (hip, hip_holds)) = (error(score, Metric::KneeForward), error(score, Metric::HipBack));
    let mut text = format!(
        "## In plain words\n\n\
         **On whom.** Nobody's hip hinge on one leg has been measured with this program yet. Counts, verdicts and millimetres are tested on \
         simulated people: a published model of the whole body is moved as people move, well and badly, and carries simulated sensors with the \
         faults of real ones. No part of this program is in that simulation. Real people are in three tests only: squats on two legs, which \
         are counted; one person's squats beside cameras; and everyday movement, in which nothing may be counted.\n\n\
         **What was found.** Of {} repetitions of {bodies} simulated people ({part}) {} were counted, in {} of {} sessions exactly as many \
         as there were, and {} were counted that did not happen. Of the {} that were found outside the grey zone between good and fault, {} \
         got a verdict, and {} of these verdicts were wrong; the others got \"not sure\", which is held against nobody. The knee's travel was \
         off by {knee:.0} mm and the hips' by {hip:.0} mm (root mean square); the 95 % interval that is printed with each number held the true \
         one in {knee_holds:.0} and {hip_holds:.0} of 100.",
        score.found + score.missed,
        score.found,
        score.exact,
        score.sessions,
        score.invented,
        verdicts.found,
        verdicts.given,
        verdicts.wrong,
    );
    if !everyday.is_empty() {
        let sum = |of: fn(&Counted) -> f64| everyday.iter().map(of).sum::<f64>();
        let _ = write!(
            text,
            " In {:.0} minutes of everyday movement without any hinge {} repetitions were counted, {} of them with a verdict.",
            sum(Counted::minutes),
            sum(|counted| counted.counted() as f64),
            sum(|counted| counted.judged() as f64),
        );
    }
    text.push_str(
        "\n\n**What is not known.** How firmly a strap sits on a real leg, how patients hinge, and how well the numbers agree with cameras on \
         them. Until that has been measured these are the figures of an instrument on its test bench and not of a clinical study. They do not \
         say either that training by them helps anybody.\n\n",
    );
    text
}

/// The data side by side.
pub fn side_by_side(scores: &[(&str, &Score)], everyday: &[Counted]) -> String {
    let mut text = String::from("### Side by side\n\n| figure |");
    for (name, _) in scores {
        let _ = write!(text, " {name} |");
    }
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(scores.len()));
    let mut row = |name: &str, cell: &dyn Fn(&Score) -> String| {
        let cells: Vec<String> = scores.iter().map(|(_, score)| cell(score)).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    };
    row("repetition F1", &|s| format!("{:.3}", s.f1()));
    row("sessions with the exact count", &|s| share(s.exact, s.sessions));
    row("missed; counted that did not happen", &|s| format!("{} of {}; {}", s.missed, s.found + s.missed, s.invented));
    row("verdicts on the wrong side", &|s| {
        let verdicts = Verdicts::of(s);
        share(verdicts.wrong, verdicts.given)
    });
    row("found outside the grey zone and given a verdict", &|s| {
        let verdicts = Verdicts::of(s);
        share(verdicts.given, verdicts.found)
    });
    row("drift sensitivity, undecided and missed count wrong", &|s| format!("{:.3}", s.drift_sensitivity(true)));
    row("start, end, mean absolute error, ms", &|s| {
        format!("{:.0}, {:.0}", mean_abs_ms(&s.start), mean_abs_ms(&s.end))
    });
    for metric in SCORED {
        row(&format!("{}, RMSE (95 % interval holds the truth)", metric.title()), &|s| {
            let (rmse, holds) = error(s, metric);
            format!("{rmse:.1} {} ({holds:.0} %)", metric.unit())
        });
    }
    for counted in everyday {
        let _ = writeln!(
            text,
            "\n{}: {} counted in {:.1} minutes, {} with a verdict.",
            counted.name(),
            counted.counted(),
            counted.minutes(),
            counted.judged()
        );
    }
    text.push('\n');
    text
}

/// Figures of others beside ours, on the part that is summed up.
pub fn published(part: &str, score: &Score) -> String {
    let verdicts = Verdicts::of(score);
    let (flexion, _) = error(score, Metric::KneeFlexion);
    let ((knee, _), (hip, _)) = (error(score, Metric::KneeForward), error(score, Metric::HipBack));
    format!(
        "### Beside what others published\n\n\
         Other exercises, other people and another truth than ours (labels of a physiotherapist, cameras): the columns show what has been \
         reached elsewhere, and do not say who is better.\n\n\
         | figure | published | here, {part} |\n|---|---|---|\n\
         | right verdict on technique | single-leg squat against a physiotherapist's label: 92 % with a sensor on the back, 19 people \
         [Whelan2015]; 77 % with three sensors and 76 % with the shin's alone, 83 people [Whelan2017]; 95.7 % in two classes with three \
         sensors [Kianifar2017]. Raters among themselves: 0.58, kappa or ICC of 31 studies [Ressman2019] | {} of the verdicts given are \
         right; {} got none |\n\
         | count | within one repetition in 93 % [Morris2014] and 91 % [Soro2019] of the sets | exact in {} of the sessions |\n\
         | start, end | lifting: off by 100 ± 210 and 360 ± 270 ms [Hlucny2020] | {:.0} and {:.0} ms, mean absolute error |\n\
         | knee flexion without a thigh sensor | squat on two legs: less than 4 deg [Bonnet2012]; five exercises: 3.2 deg [Bonnet2016] | \
         {flexion:.1} deg |\n\
         | knee-forward and hip-back travel with two sensors | none found | {knee:.1} and {hip:.0} mm |\n\
         | stated uncertainty of each number | none found | below, by size and condition |\n\n",
        share(verdicts.given - verdicts.wrong, verdicts.given),
        share(verdicts.found - verdicts.given, verdicts.found),
        share(score.exact, score.sessions),
        mean_abs_ms(&score.start),
        mean_abs_ms(&score.end),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Indeterminate, KneeForwardDrift as Drift, TrueHinge as Hinge};

    #[test]
    fn a_verdict_is_wrong_only_where_it_was_given() {
        let said = [(Some(Drift), Drift), (Some(Hinge), Drift), (Some(Indeterminate), Hinge), (None, Hinge)];
        let verdicts = Verdicts::of(&Score { verdicts: said.to_vec(), ..Score::default() });
        assert_eq!((verdicts.given, verdicts.wrong, verdicts.found), (2, 1, 3));
    }

    #[test]
    fn the_words_carry_the_figures_of_the_score() {
        let score = Score { sessions: 4, exact: 3, found: 19, missed: 1, invented: 2, ..Score::default() };
        let text = in_plain_words("made up", 5, &score, &[]);
        for part in
            ["Of 20 repetitions of 5 simulated people", "19 were counted", "3 of 4 sessions", "and 2 were counted"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("everyday movement without"));
    }
}
