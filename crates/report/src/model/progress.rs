//! Over sessions, between legs, within sets: in words.

use serde::Serialize;
use truehinge_core::Metric;
use truehinge_core::summary::Worse;
use truehinge_core::trend::{Change, FormLoss, Symmetry, Trend};

use super::labels::letter;
use super::{Against, Say};

/// How a leg's number went over the sessions.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TrendRow {
    /// Which leg.
    pub leg: String,
    /// Which number.
    pub title: String,
    /// Median of the first session, and of the last.
    pub first: String,
    /// Median of the last one.
    pub last: String,
    /// Mean of the baseline and what it is made of.
    pub baseline: String,
    /// Smallest change that is beyond the error.
    pub mdc: String,
    /// What became of it.
    pub change: String,
    /// How it went over real dates, a week, with its 95 % interval.
    pub slope: String,
}

/// Left against right.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SymmetryRow {
    /// Which number.
    pub title: String,
    /// Left leg.
    pub left: String,
    /// Right leg.
    pub right: String,
    /// Left less right.
    pub difference: String,
    /// Smallest difference that is beyond the error.
    pub mdc: String,
    /// Whether it is.
    pub verdict: String,
    /// Limb symmetry index.
    pub index: String,
}

/// One session in the table of the last eight.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PastRow {
    /// When.
    pub date: String,
    /// Its name.
    pub session: String,
    /// Which leg.
    pub leg: String,
    /// Repetitions.
    pub n: usize,
    /// Medians of knee and hips, and of the knee at the bottom, with the 95 % interval.
    pub values: [String; 3],
}

/// Most sessions in the table; the figure has them all.
const ROWS: usize = 8;

pub fn trend_rows(trends: &[Trend], say: Say) -> Vec<TrendRow> {
    let several = trends.iter().filter(|trend| trend.points.len() > 1);
    several.filter_map(|trend| row(trend, say)).collect()
}

fn row(trend: &Trend, say: Say) -> Option<TrendRow> {
    let metric = trend.metric;
    let unit = |value| say.with_unit(value, metric);
    let dash = || "-".to_owned();
    let baseline = |baseline: truehinge_core::trend::Baseline| {
        let args = say.args().text("mean", unit(baseline.mean)).count("sessions", baseline.sessions as u64);
        say.say("baseline", &args.text("error", unit(baseline.typical_error)))
    };
    Some(TrendRow {
        leg: say.leg(trend.side),
        title: say.metric(metric),
        first: unit(trend.points.first()?.spread.median),
        last: unit(trend.points.last()?.spread.median),
        baseline: trend.baseline.map_or_else(dash, baseline),
        mdc: trend.baseline.map_or_else(dash, |baseline| unit(baseline.mdc95)),
        change: changed(trend, say),
        slope: slope(trend, say),
    })
}

fn slope(trend: &Trend, say: Say) -> String {
    let found = trend.slope.and_then(|slope| Some((slope.value, slope.interval?)));
    let Some((value, (low, high))) = found else { return "-".to_owned() };
    let number = |value| say.number(value, trend.metric);
    let range = say.say("range", &say.args().text("low", number(low)).text("high", number(high)));
    format!("{} ({range})", say.change(value, trend.metric))
}

fn changed(trend: &Trend, say: Say) -> String {
    let args = |by: f64| say.args().text("by", say.change(by, trend.metric));
    match trend.change {
        Change::Unknown { earlier } => say.say("change-unknown", &say.args().count("earlier", earlier as u64)),
        Change::Unclear { by } => say.say("change-unclear", &args(by)),
        Change::Changed { by } => {
            let way = match trend.metric.worse() {
                Some(Worse::More) => {
                    if by > 0.0 {
                        "worse"
                    } else {
                        "better"
                    }
                }
                Some(Worse::Less) => {
                    if by < 0.0 {
                        "worse"
                    } else {
                        "better"
                    }
                }
                None => "other",
            };
            say.say("change-changed", &args(by).text("way", way))
        }
    }
}

/// A sentence a leg for the first page, about the knee and the hips: what changed, or that nothing did, or that it is not known.
pub fn changes(trends: &[Trend], against: Against, say: Say) -> Vec<String> {
    let mut sides: Vec<_> = trends.iter().map(|trend| trend.side).collect();
    sides.dedup();
    let leg = |side| {
        let of = |metric| trends.iter().find(|trend| trend.side == side && trend.metric == metric);
        let followed: Vec<&Trend> = [Metric::KneeForward, Metric::HipBack].into_iter().filter_map(of).collect();
        let args = || say.args().text("leg", say.leg(side));
        match against {
            Against::Baseline => against_baseline(&followed, args(), say),
            Against::First | Against::Last => {
                let lines: Vec<String> = followed.iter().filter_map(|trend| against_one(trend, against, say)).collect();
                (!lines.is_empty()).then(|| say.say("leg", &args().text("parts", lines.join("; "))))
            }
        }
    };
    sides.into_iter().filter_map(leg).collect()
}

fn against_baseline(followed: &[&Trend], args: truehinge_core::words::Args, say: Say) -> Option<String> {
    let first = followed.first()?;
    if let Change::Unknown { earlier } = first.change {
        return Some(say.say("since-unknown", &args.count("earlier", earlier as u64)));
    }
    let changed: Vec<String> = followed
        .iter()
        .filter(|trend| matches!(trend.change, Change::Changed { .. }))
        .map(|trend| format!("{}: {}", say.metric(trend.metric), changed(trend, say)))
        .collect();
    let key = if changed.is_empty() { "since-none" } else { "leg" };
    Some(say.say(key, &args.text("parts", changed.join("; "))))
}

/// `Knee-forward travel 2.9 -> 1.6 cm, more than the error (0.9 cm)`.
fn against_one(trend: &Trend, against: Against, say: Say) -> Option<String> {
    let (last, earlier) = trend.points.split_last()?;
    let then = if against == Against::First { earlier.first()? } else { earlier.last()? };
    let by = last.spread.median - then.spread.median;
    // Both sessions are as uncertain as sessions of this person are.
    let mdc = trend.baseline.map(|baseline| {
        let k = baseline.sessions as f64;
        baseline.mdc95 * (2.0 / (1.0 + 1.0 / k)).sqrt()
    });
    let args = say
        .args()
        .text("title", say.metric(trend.metric))
        .text("then", say.number(then.spread.median, trend.metric))
        .text("now", say.with_unit(last.spread.median, trend.metric))
        .text("date", then.start.map_or_else(|| then.session.to_string(), |start| start.date()))
        .text("mdc", mdc.map_or_else(String::new, |mdc| say.with_unit(mdc, trend.metric)))
        .text("how", mdc.map_or("unknown", |mdc| if by.abs() > mdc { "more" } else { "less" }));
    Some(say.say("compared", &args))
}

pub fn symmetry_rows(symmetry: &[Symmetry], say: Say) -> Vec<SymmetryRow> {
    let row = |of: &Symmetry| {
        let reading = |reading| say.reading(reading, of.metric) + &say.unit(of.metric);
        let beyond = of.difference.value.abs() > of.mdc95;
        SymmetryRow {
            title: say.metric(of.metric),
            left: reading(of.left),
            right: reading(of.right),
            difference: say.change(of.difference.value, of.metric),
            mdc: say.with_unit(of.mdc95, of.metric),
            verdict: say.label(if beyond { "legs-differ" } else { "legs-alike" }),
            index: of.index.map_or_else(|| "-".to_owned(), |index| say.rounded(index, 0) + " %"),
        }
    };
    symmetry.iter().map(row).collect()
}

/// What was lost within sets; one line where nothing was, none where no set is long enough.
pub fn form_lines(form: &[Vec<FormLoss>], say: Say) -> Vec<String> {
    let all: Vec<(String, &FormLoss)> = form
        .iter()
        .enumerate()
        .flat_map(|(index, losses)| losses.iter().map(move |loss| (letter(index, form.len()), loss)))
        .collect();
    let line = |(name, loss): &(String, &FormLoss)| {
        let args = say
            .args()
            .text("set", format!("{name}{}", loss.set))
            .text("title", say.metric(loss.metric))
            .text("by", say.change(loss.slope.value, loss.metric))
            .count("n", loss.n as u64);
        say.say("form-lost", &args)
    };
    let lost: Vec<String> = all.iter().filter(|(_, loss)| loss.lost).map(line).collect();
    match (lost.is_empty(), all.is_empty()) {
        (false, _) => lost,
        (true, false) => vec![say.label("form-kept")],
        (true, true) => vec![say.label("form-unknown")],
    }
}

/// The last sessions of each leg, the latest first.
pub fn past_rows(trends: &[Trend], say: Say) -> Vec<PastRow> {
    let knee = trends.iter().filter(|trend| trend.metric == Metric::KneeForward && trend.points.len() > 1);
    let of_leg = |knee: &Trend| -> Vec<PastRow> {
        let value = |metric: Metric, session| {
            let trend = trends.iter().find(|trend| trend.side == knee.side && trend.metric == metric)?;
            let point = trend.points.iter().find(|point| point.session == session)?;
            let (low, high) = point.interval;
            Some(format!(
                "{} ({})",
                say.number(point.spread.median, metric),
                say.say(
                    "range",
                    &say.args().text("low", say.number(low, metric)).text("high", say.number(high, metric))
                )
            ))
        };
        let row = |point: &truehinge_core::trend::TrendPoint| {
            let values = [Metric::KneeForward, Metric::KneeForwardTurn, Metric::HipBack];
            PastRow {
                date: point.start.map_or_else(|| say.label("undated"), |start| start.words()),
                session: point.session.to_string(),
                leg: say.leg_letter(knee.side),
                n: point.spread.n,
                values: values.map(|metric| value(metric, point.session.clone()).unwrap_or_else(|| "-".to_owned())),
            }
        };
        knee.points.iter().rev().take(ROWS).map(row).collect()
    };
    knee.flat_map(of_leg).collect()
}
