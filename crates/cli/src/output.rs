//! What the person at the terminal sees.

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use truehinge_core::words::sentence;
use truehinge_core::{
    Budget, Cause, CorrectedTo, Criterion, Evidence, Judgement, Metric, Rep, SessionAnalysis, SetAnalysis, Verdict,
    rep::Reading,
};

use crate::hints;

/// A table in the house style.
pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    table
}

/// `12 ± 4 mm`, `12.3 ± 0.4°` or `1.2 ± 0.3 m/s²`, or a dash.
pub fn reading(reading: Option<Reading>, metric: Metric) -> String {
    reading.map_or_else(|| "-".to_owned(), |r| r.words_with_unit(metric))
}

/// Columns of a terminal that everybody has.
const TERMINAL: usize = 80;
/// Between two columns.
const BETWEEN: usize = 2;

/// A line per repetition of a session, and why it got its verdict under it, where that is not said by the verdict; no wider than a small
/// terminal.
pub fn repetitions(analysis: &SessionAnalysis) -> String {
    let head = ["rep", "leg", "time", "verdict", "P", "knee forward", "hips back"].map(str::to_owned);
    let rows: Vec<([String; 7], String)> = analysis.reps().map(|(set, rep)| (row(set, rep), why(rep))).collect();
    if rows.is_empty() {
        return "no repetition was counted\n".to_owned();
    }
    let length = |cell: &String| cell.chars().count();
    let widths: [usize; 7] = std::array::from_fn(|column| {
        rows.iter().map(|(row, _)| length(&row[column])).max().unwrap_or(0).max(length(&head[column]))
    });
    let mut text = line(&head, &widths);
    for (row, why) in &rows {
        text.push_str(&line(row, &widths));
        let indent = widths[0] + BETWEEN;
        let lines = wrapped(why, TERMINAL - indent);
        lines.iter().for_each(|line| text.push_str(&format!("{:indent$}{line}\n", "")));
    }
    text
}

fn row(set: &SetAnalysis, rep: &Rep) -> [String; 7] {
    let of = |metric| reading(rep.metrics.reading(metric), metric);
    // Of what is not sure it would be that of the likeliest other verdict.
    let sure = rep.verdict() != Verdict::Indeterminate && rep.by_hand.is_none();
    [
        format!("{}.{}", set.number, rep.number),
        side(set),
        format!("{:.1}-{:.1} s", rep.span.start.seconds(), rep.span.end.seconds()),
        rep.verdict().title().to_owned(),
        if sure { format!("{:.2}", rep.judgement.probability) } else { "-".to_owned() },
        of(Metric::KneeForward),
        of(Metric::HipBack),
    ]
}

fn why(rep: &Rep) -> String {
    let said = by_hand(rep).unwrap_or_else(|| reason(&rep.judgement));
    let plain = rep.by_hand.is_none() && rep.judgement.cause == Cause::HingeSure && rep.judgement.flags.is_empty();
    if plain { String::new() } else { said }
}

/// Words to the left, numbers to the right.
fn line(row: &[String; 7], widths: &[usize; 7]) -> String {
    let mut text = String::new();
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        let gap = if column == 0 { 0 } else { BETWEEN };
        let width = *width;
        text.push_str(&match column {
            0..=3 => format!("{:gap$}{cell:<width$}", ""),
            _ => format!("{:gap$}{cell:>width$}", ""),
        });
    }
    text.trim_end().to_owned() + "\n"
}

/// Lines of whole words, none longer than `most` characters unless a word is.
fn wrapped(words: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// What a person made of a repetition, and of what; `None` if nobody did.
fn by_hand(rep: &Rep) -> Option<String> {
    let by_hand = rep.by_hand.as_ref()?;
    let now = match by_hand.change {
        CorrectedTo::Excluded => "excluded".to_owned(),
        CorrectedTo::Verdict { verdict } => format!("{verdict} instead of {}", rep.judgement.verdict),
    };
    let (reason, author, at) = (&by_hand.reason, &by_hand.author, by_hand.at());
    let date = at.split('T').next().unwrap_or_default();
    Some(format!("corrected by hand: {now} ({reason}, {author}, {date})"))
}

/// The supporting leg in words.
pub fn side(set: &SetAnalysis) -> String {
    set.side.map_or_else(|| "?".to_owned(), |side| side.to_string())
}

/// Why the repetition got its verdict, with the number that decided.
pub fn reason(judgement: &Judgement) -> String {
    let of = |criterion: Criterion| judgement.evidence.iter().find(|e| e.criterion == criterion);
    let knee = of(Criterion::KneeForwardFault);
    let hip = of(Criterion::HipBackFault);
    let mut text = match judgement.cause {
        Cause::HingeSure => "knee stayed, hips went back".to_owned(),
        Cause::KneeForwardSure => beyond("knee", knee),
        Cause::KneeForwardSeen => beyond("knee at least", of(Criterion::KneeForwardSeenFault)),
        Cause::HipTravelShort => beyond("hip travel", hip),
        Cause::GreyZone => "borderline: between the two limits".to_owned(),
        Cause::TooUncertain => "too close to the limit to call, given the measurement error".to_owned(),
        Cause::NotMeasured => "knee or hip travel could not be measured".to_owned(),
        Cause::Alone => "one movement alone is no set: mark the set where it is one".to_owned(),
        Cause::PerhapsBrokenOff => "smaller and shorter than the set's others: it may have been broken off".to_owned(),
        Cause::PerhapsPart => {
            "ended in another posture than it began in: it may be a part of a larger movement".to_owned()
        }
        Cause::OtherLeg => "perhaps not the leg that was named: name the one that carried the body".to_owned(),
        Cause::SensorUnworn => "a sensor did not move at all: put it on and repeat the set".to_owned(),
        Cause::SensorLoose => "a sensor is loose: fasten its strap and repeat the set".to_owned(),
        _ => judgement.cause.name().to_owned(),
    };
    for flag in judgement.flags_in_words() {
        text.push_str(", ");
        text.push_str(&flag);
    }
    text
}

fn beyond(what: &str, evidence: Option<&Evidence>) -> String {
    evidence.map_or_else(|| what.to_owned(), |e| format!("{what} {:.0} mm, limit {:.0} mm", e.reading.value, e.limit))
}

/// Everything behind one repetition.
pub fn explanation(set: &SetAnalysis, rep: &Rep) -> String {
    let mut text = format!(
        "Set {} ({}), repetition {} at {:.2}-{:.2} s: {} (P {:.3}), because {}\n",
        set.number,
        side(set),
        rep.number,
        rep.span.start.seconds(),
        rep.span.end.seconds(),
        rep.judgement.verdict,
        rep.judgement.probability,
        reason(&rep.judgement)
    );
    if let Some(by_hand) = by_hand(rep) {
        text.push_str(&format!("{by_hand}\n"));
    }
    let mut tests = table(&["test", "value", "limit", "margin", "P that it holds"]);
    for e in &rep.judgement.evidence {
        let metric = e.criterion.metric();
        tests.add_row([
            e.criterion.name().replace('_', " "),
            reading(Some(e.reading), metric),
            format!("{} {}", e.limit.round(), metric.unit()),
            format!("{:+.1} {}", e.margin, metric.unit()),
            format!("{:.3}", e.probability),
        ]);
    }
    text.push_str(&tests.to_string());
    text.push('\n');
    let mut numbers = table(&["number", "value"]);
    for metric in Metric::ALL {
        let mut value = reading(rep.metrics.reading(metric), metric);
        if let Some(budget) = rep.budgets.get(&metric) {
            value.push('\n');
            value.push_str(&sources(budget, metric));
        }
        numbers.add_row([metric.title().to_owned(), value]);
    }
    text.push_str(&numbers.to_string());
    text.push('\n');
    text
}

/// Most sources of uncertainty that are named under a number.
const NAMED: usize = 2;

/// What a number is uncertain by and what most of that comes from: `± 3.1 mm: soft tissue 2.4, sensor axis 1.5`.
fn sources(budget: &Budget, metric: Metric) -> String {
    let largest = budget.largest(NAMED);
    let named = largest.iter().map(|(source, sigma)| format!("{} {:.1}", source.title(), metric.in_unit(*sigma)));
    format!("± {:.1} {}: {}", metric.in_unit(budget.sigma()), metric.unit(), named.collect::<Vec<_>>().join(", "))
}

/// Movements that were not counted, with the reason; `all` of them one by one, or everyday ones together.
pub fn rejected(analysis: &SessionAnalysis, all: bool) -> Option<Table> {
    let mut table = table(&["set", "time", "not counted because"]);
    for set in &analysis.sets {
        let lines = if all {
            set.rejected.iter().map(|candidate| (candidate.span, candidate.rejection.to_string())).collect()
        } else {
            set.rejected_lines()
        };
        for (span, why) in lines {
            let time = format!("{:.1}-{:.1} s", span.start.seconds(), span.end.seconds());
            table.add_row([set.number.to_string(), time, why]);
        }
    }
    (table.row_count() > 0).then_some(table)
}

/// What a reader must know about the data.
pub fn findings(analysis: &SessionAnalysis) -> String {
    let mut text = format!("Data quality: {}\n", analysis.grade().name());
    for finding in &analysis.findings {
        let role = finding.role.map_or_else(String::new, |role| format!(" ({role} sensor)"));
        let sentence = hints::behind(sentence(finding), hints::hint(finding));
        text.push_str(&format!("  {}{role}: {sentence}\n", finding.grade().name()));
    }
    if let Some(sigma) = analysis.clock_pair_sigma_ms() {
        text.push_str(&format!("Clocks of hip and shank: known to {sigma:.1} ms against each other\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::ErrorSource;

    #[test]
    fn a_reading_has_the_unit_of_its_metric() {
        let of = |metric| reading(Some(Reading { value: 1.25, sigma: 0.6 }), metric);
        assert_eq!(of(Metric::KneeForward), "1 ± 1 mm");
        assert_eq!(of(Metric::ShankTilt), "1.2 ± 0.6°");
        assert_eq!(of(Metric::FootKnock), "1.2 ± 0.6 m/s²");
        assert_eq!(reading(None, Metric::FootKnock), "-");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("knee 66 mm, limit 30 mm", 11), ["knee 66 mm,", "limit 30 mm"]);
        assert_eq!(wrapped("", 11), Vec::<String>::new());
        assert_eq!(wrapped("kneebendingverymuch so", 5), ["kneebendingverymuch", "so"]);
    }

    #[test]
    fn the_two_largest_sources_are_named_in_the_unit_that_people_read() {
        let budget = Budget::sum(&[
            Budget::of(ErrorSource::Axis, 0.0015),
            Budget::of(ErrorSource::SoftTissue, 0.0024),
            Budget::of(ErrorSource::Onset, 0.001),
        ]);
        assert_eq!(sources(&budget, Metric::HipBack), "± 3.0 mm: soft tissue 2.4, sensor axis 1.5");
        let angle = Budget::of(ErrorSource::Gap, 1.0_f64.to_radians());
        assert_eq!(sources(&angle, Metric::KneeFlexion), "± 1.0 deg: missing data 1.0");
    }
}
