//! The comparison as tables, one row a repetition, a label or a metric.

use truehinge_core::Verdict;
use truehinge_dataset::table::guarded;
use truehinge_session::comparison::{Agreement, Labels, Pair, Share};
use truehinge_session::statistics::Figure;

type Bytes = anyhow::Result<Vec<u8>>;

/// A row per repetition and metric that a row of the reference names.
pub fn pairs(pairs: &[Pair]) -> Bytes {
    let header = [
        "line",
        "athlete_id",
        "session",
        "set",
        "rep",
        "reference_label",
        "label",
        "probability",
        "metric",
        "reference",
        "measured",
        "sigma",
    ];
    let mut rows = Vec::new();
    for pair in pairs {
        let of_rep = [
            pair.line.to_string(),
            guarded(pair.athlete.as_str().into()).into_owned(),
            guarded(pair.session.as_str().into()).into_owned(),
            pair.set.to_string(),
            pair.rep.to_string(),
            pair.label.map_or("", Verdict::name).to_owned(),
            pair.verdict.name().to_owned(),
            format!("{:.4}", pair.probability),
        ];
        if pair.values.is_empty() {
            rows.push([&of_rep[..], &vec![String::new(); 4]].concat());
        }
        for v in &pair.values {
            let values = [v.metric.column(), number(v.reference), number(v.measured), number(v.sigma)];
            rows.push([&of_rep[..], &values].concat());
        }
    }
    table(&header, rows)
}

/// A row per label.
pub fn labels(labels: Option<&Labels>) -> Bytes {
    let verdicts = Verdict::ALL.map(|verdict| format!("n_{}", verdict.name()));
    let shares = ["sensitivity", "specificity", "precision"].map(share_columns);
    let header: Vec<String> = ["reference_label".to_owned()]
        .into_iter()
        .chain(verdicts)
        .chain(["n_not_counted".to_owned()])
        .chain(shares.into_iter().flatten())
        .collect();
    let mut rows = Vec::new();
    for (label, counts) in labels.iter().flat_map(|labels| Verdict::ALL.iter().zip(&labels.table)) {
        let class = labels.and_then(|labels| labels.classes.iter().find(|class| class.label == *label));
        let shares = class.map(|class| [&class.sensitivity, &class.specificity, &class.precision].map(share_cells));
        let shares = shares.map_or_else(|| vec![String::new(); 21], |shares| shares.into_iter().flatten().collect());
        let counts = counts.iter().map(ToString::to_string);
        rows.push([label.name().to_owned()].into_iter().chain(counts).chain(shares).collect());
    }
    table(&header, rows)
}

/// A row per metric.
pub fn agreement(metrics: &[Agreement]) -> Bytes {
    let figures = ["bias", "limit_low", "limit_high", "rmse", "slope", "error_per_sigma", "coverage"];
    let header: Vec<String> = ["metric", "n_pairs", "n_people"]
        .map(str::to_owned)
        .into_iter()
        .chain(figures.into_iter().flat_map(figure_columns))
        .chain(
            ["icc21", "icc21_low", "icc21_high", "icc31", "icc31_low", "icc31_high", "sem", "mdc95"].map(str::to_owned),
        )
        .collect();
    let rows = metrics.iter().map(|m| {
        let (low, high) = m.limits.unzip();
        let figures = [Some(m.bias), low, high, Some(m.rmse), m.slope, Some(m.error_per_sigma), Some(m.coverage)];
        let reliability = m.reliability.map_or_else(
            || vec![String::new(); 8],
            |r| {
                let icc = [r.agreement, r.consistency].into_iter().flat_map(|icc| [icc.value, icc.low, icc.high]);
                icc.chain([r.sem, r.mdc95]).map(number).collect()
            },
        );
        [m.metric.column(), m.pairs.to_string(), m.people.to_string()]
            .into_iter()
            .chain(figures.into_iter().flat_map(figure_cells))
            .chain(reliability)
            .collect()
    });
    table(&header, rows.collect())
}

fn figure_columns(name: &str) -> [String; 5] {
    ["", "_low", "_high", "_left_out_least", "_left_out_most"].map(|end| format!("{name}{end}"))
}

fn figure_cells(figure: Option<Figure>) -> [String; 5] {
    let ends = |ends: Option<(f64, f64)>| ends.map_or([None, None], |(low, high)| [Some(low), Some(high)]);
    let [low, high] = ends(figure.and_then(|figure| figure.interval));
    let [least, most] = ends(figure.and_then(|figure| figure.left_out));
    [figure.map(|figure| figure.value), low, high, least, most].map(|value| value.map_or_else(String::new, number))
}

fn share_columns(name: &str) -> [String; 7] {
    ["_n", "_of", "_low", "_high", "_low_by_people", "_high_by_people", ""].map(|end| format!("{name}{end}"))
}

fn share_cells(share: &Share) -> Vec<String> {
    let ends = |ends: Option<(f64, f64)>| {
        ends.map_or([String::new(), String::new()], |(low, high)| [number(low), number(high)])
    };
    let value = (share.whole > 0).then(|| share.part as f64 / share.whole as f64);
    [share.part.to_string(), share.whole.to_string()]
        .into_iter()
        .chain(ends(share.wilson))
        .chain(ends(share.people.and_then(|people| people.interval)))
        .chain([value.map_or_else(String::new, number)])
        .collect()
}

fn number(value: f64) -> String {
    if value.is_finite() { format!("{value:.4}") } else { String::new() }
}

fn table<H: AsRef<[u8]>>(header: &[H], rows: Vec<Vec<String>>) -> Bytes {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(writer.into_inner()?)
}
