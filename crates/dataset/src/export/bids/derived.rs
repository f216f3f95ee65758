//! The results of one session, as events of a data set derived from the raw one.

use serde_json::{Map, Value, json};
use truehinge_core::{Metric, Rejection, Rep, SessionAnalysis, SetAnalysis, Span};

use super::super::tsv::{Tsv, number};
use super::super::{ExportError, Folder, seconds};
use super::samples::OWN;
use super::session::task;
use super::{DERIVED, Labels, meaning, pretty};

/// Columns before the numbers.
const COLUMNS: [(&str, &str); 13] = [
    ("onset", "when it begins, seconds after the start of the recording, as latency in the samples"),
    ("duration", "how long it lasts, seconds"),
    ("trial_type", "the verdict that holds, or not_counted"),
    ("set", "number of the set in the session"),
    ("rep", "number of the repetition in its set"),
    ("side", "supporting leg"),
    ("turn", "deepest point, seconds after the start of the recording"),
    ("verdict_computed", "the verdict as it was computed"),
    ("verdict_probability", "probability of the verdict as it was computed"),
    ("by_hand", "whether somebody corrected the verdict"),
    ("counts", "whether it counts: nobody excluded it"),
    ("reason", "why a movement was not counted"),
    ("rep_id", "key of the repetition, the same on every computer"),
];

/// Writes it.
pub(super) fn write(folder: &mut Folder, labels: &Labels, analysis: &SessionAnalysis) -> Result<(), ExportError> {
    let task = task(&analysis.info.protocol);
    let stem = format!("{DERIVED}/{}/motion/{}_task-{task}_events", labels.folder(), labels.stem());
    folder.write(&format!("{stem}.tsv"), events(analysis))?;
    folder.write(&format!("{stem}.json"), described(analysis))
}

fn events(analysis: &SessionAnalysis) -> String {
    let sigmas: Vec<[String; 2]> = Metric::ALL.into_iter().map(columns).collect();
    let names = COLUMNS.iter().map(|(name, _)| *name);
    let mut table = Tsv::named(names.chain(sigmas.iter().flatten().map(String::as_str)));
    let mut rows: Vec<(Span, Vec<String>)> = Vec::new();
    for set in &analysis.sets {
        rows.extend(set.reps.iter().map(|rep| (rep.span, counted(analysis, set, rep))));
        let rejected = set.rejected.iter();
        rows.extend(
            rejected.map(|candidate| (candidate.span, rejected_row(set, candidate.span, &candidate.rejection))),
        );
    }
    rows.sort_by_key(|(span, _)| (span.start, span.end));
    rows.into_iter().for_each(|(_, row)| table.push(row));
    table.into_text()
}

/// The columns of a number and of its uncertainty.
fn columns(metric: Metric) -> [String; 2] {
    let column = metric.column();
    let sigma = match column.strip_prefix(metric.name()) {
        Some(unit) => format!("{}_sigma{unit}", metric.name()),
        None => format!("{column}_sigma"),
    };
    [column, sigma]
}

fn begin(set: &SetAnalysis, span: Span, kind: &str) -> Vec<String> {
    vec![seconds(span.start.nanos()), seconds(span.length().nanos()), kind.to_owned(), set.number.to_string()]
}

fn side(set: &SetAnalysis) -> String {
    set.side.map(|side| side.name().to_owned()).unwrap_or_default()
}

fn counted(analysis: &SessionAnalysis, set: &SetAnalysis, rep: &Rep) -> Vec<String> {
    let mut row = begin(set, rep.span, rep.verdict().name());
    row.extend([
        rep.number.to_string(),
        side(set),
        seconds(rep.turn.nanos()),
        rep.judgement.verdict.name().to_owned(),
        number(rep.judgement.probability),
        rep.by_hand.is_some().to_string(),
        rep.counts().to_string(),
        String::new(),
        analysis.rep_key(rep),
    ]);
    for metric in Metric::ALL {
        let reading = rep.metrics.reading(metric);
        row.push(reading.map(|reading| number(rounded(reading.value))).unwrap_or_default());
        row.push(reading.map(|reading| number(rounded(reading.sigma))).unwrap_or_default());
    }
    row
}

/// Thousandths of a millimetre or a degree say nothing any more.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

fn rejected_row(set: &SetAnalysis, span: Span, rejection: &Rejection) -> Vec<String> {
    let mut row = begin(set, span, "not_counted");
    let none = String::new;
    row.extend([none(), side(set), none(), none(), none(), "false".into(), "false".into()]);
    row.extend([rejection.name().to_owned(), none()]);
    row.resize(COLUMNS.len() + 2 * Metric::ALL.len(), none());
    row
}

fn described(analysis: &SessionAnalysis) -> String {
    let mut all: Map<String, Value> =
        COLUMNS.iter().map(|(name, what)| ((*name).to_owned(), meaning(name, what))).collect();
    for metric in Metric::ALL {
        let [value, sigma] = columns(metric);
        let units = if metric.unit() == "m/s2" { "m/s^2" } else { metric.unit() };
        all.insert(value, json!({ "Description": metric.title(), "Units": units }));
        let words = format!("{}: standard uncertainty", metric.title());
        all.insert(sigma, json!({ "Description": words, "Units": units }));
    }
    all.insert("Description".to_owned(), json!("Repetitions of hip hinges, and movements that were not counted"));
    all.insert(OWN.to_owned(), serde_json::to_value(&analysis.provenance).unwrap_or_default());
    pretty(&Value::Object(all))
}
