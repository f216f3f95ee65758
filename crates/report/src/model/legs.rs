//! What each leg did: a sentence, a tile a repetition, and a line for each number that the verdict rests on.

use serde::Serialize;
use truehinge_core::trend::Trend;
use truehinge_core::{HingeCriteria, Metric, SessionAnalysis, Side, Spread, Verdict};

use super::labels::{Placed, by_leg, letter};
use super::{Against, Say};
use crate::theme::{hex, mark};

/// One leg on the page.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Leg {
    /// "Left leg".
    pub title: String,
    /// "L", "R" or nothing.
    pub letter: String,
    /// What it did, in a sentence.
    pub sentence: String,
    /// True hinges of the repetitions that count.
    pub score: String,
    /// The repetitions of each set.
    pub strips: Vec<Strip>,
    /// Its numbers.
    pub headlines: Vec<Headline>,
}

/// One set's repetitions as tiles.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Strip {
    /// Which set.
    pub label: String,
    /// In order of time.
    pub tiles: Vec<Tile>,
}

/// One repetition as a tile.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Tile {
    /// Its number.
    pub number: u32,
    /// Letter of the verdict.
    pub letter: &'static str,
    /// Shape of the verdict.
    pub shape: &'static str,
    /// Colour of the verdict.
    pub colour: String,
    /// Somebody corrected it.
    pub by_hand: bool,
}

/// One number of a leg.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Headline {
    /// What.
    pub title: String,
    /// The worst repetition; a dash where no way is worse.
    pub worst: String,
    /// The middle one of the repetitions.
    pub median: String,
    /// The lowest to the highest.
    pub range: String,
    /// What is good; a dash without a target.
    pub target: String,
    /// How many repetitions are so, of how many; a dash without a target.
    pub met: String,
    /// Name of its bar's picture; nothing where there is none.
    pub bar: Option<String>,
    /// The same as numbers, for the bar.
    #[serde(skip)]
    pub bullet: Option<Bullet>,
}

/// A number of a leg as a bar shows it, in millimetres or degrees.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bullet {
    /// Which number.
    pub metric: Metric,
    /// Its repetitions.
    pub spread: Spread,
    /// Edge of what is good, and of what is a fault.
    pub limits: Option<(f64, f64)>,
    /// Median of the session it is compared with.
    pub before: Option<f64>,
}

/// The numbers of the first page.
const HEADLINES: [Metric; 4] = [Metric::HipBack, Metric::KneeForward, Metric::KneeForwardTurn, Metric::PelvisTilt];

pub fn legs(
    sessions: &[SessionAnalysis],
    reps: &[Placed<'_>],
    trends: &[Trend],
    against: Against,
    say: Say,
) -> Vec<Leg> {
    let Some(latest) = sessions.last() else { return Vec::new() };
    let criteria = &latest.provenance.protocol.criteria;
    by_leg(reps)
        .into_iter()
        .map(|(side, reps)| Leg {
            title: say.leg(side),
            letter: say.leg_letter(side),
            sentence: sentence(side, &reps, say),
            score: score(&reps, say),
            strips: strips(sessions, side, say),
            headlines: headlines(side, &reps, criteria, trends, against, say),
        })
        .collect()
}

fn counted<'a, 'b>(reps: &'b [Placed<'a>]) -> impl Iterator<Item = &'b Placed<'a>> {
    reps.iter().filter(|placed| placed.rep.counts())
}

fn hinges(reps: &[Placed<'_>]) -> (u64, u64) {
    let true_hinges = counted(reps).filter(|placed| placed.rep.verdict() == Verdict::TrueHinge);
    (true_hinges.count() as u64, counted(reps).count() as u64)
}

fn score(reps: &[Placed<'_>], say: Say) -> String {
    let (count, of) = hinges(reps);
    say.say("of", &say.args().count("count", count).count("of", of))
}

/// `Left leg: 3 of 5 were true hinges, 1 knee-forward drift (rep 1.4), 1 not sure (rep 1.5), not held against you.`
fn sentence(side: Option<Side>, reps: &[Placed<'_>], say: Say) -> String {
    let (count, of) = hinges(reps);
    let mut parts = vec![say.say("hinges", &say.args().count("count", count).count("of", of))];
    let mut part = |kind: &str, numbers: Vec<String>| {
        if !numbers.is_empty() {
            let args = say.args().count("count", numbers.len() as u64).text("reps", say.named(&numbers));
            parts.push(say.say("part", &args.text("kind", kind)));
        }
    };
    for verdict in [Verdict::KneeForwardDrift, Verdict::InsufficientHipTravel, Verdict::Indeterminate] {
        let of = counted(reps).filter(|placed| placed.rep.verdict() == verdict);
        part(verdict.name(), of.map(Placed::name).collect());
    }
    part("excluded", reps.iter().filter(|placed| !placed.rep.counts()).map(Placed::name).collect());
    say.say("leg", &say.args().text("leg", say.leg(side)).text("parts", parts.join(", ")))
}

fn strips(sessions: &[SessionAnalysis], side: Option<Side>, say: Say) -> Vec<Strip> {
    let tile = |rep: &truehinge_core::Rep| {
        let mark = mark(rep.verdict());
        let (letter, shape) = if rep.counts() { (mark.letter, mark.shape.name()) } else { ("×", "cross") };
        let colour = hex(mark.colour);
        Tile { number: rep.number, letter, shape, colour, by_hand: rep.by_hand.is_some() }
    };
    let set = |(index, analysis): (usize, &SessionAnalysis)| -> Vec<Strip> {
        let name = letter(index, sessions.len());
        let sets = analysis.sets.iter().filter(|set| set.side == side && !set.reps.is_empty());
        sets.map(|set| Strip {
            label: say.say("set", &say.args().text("set", format!("{name}{}", set.number))),
            tiles: set.reps.iter().map(tile).collect(),
        })
        .collect()
    };
    sessions.iter().enumerate().flat_map(set).collect()
}

fn headlines(
    side: Option<Side>,
    reps: &[Placed<'_>],
    criteria: &HingeCriteria,
    trends: &[Trend],
    against: Against,
    say: Say,
) -> Vec<Headline> {
    let row = |metric| {
        let readings = || reps.iter().filter(|p| p.rep.is_whole()).filter_map(|p| p.rep.metrics.reading(metric));
        let bullet = Spread::of(readings()).map(|spread| Bullet {
            metric,
            spread,
            limits: limits(metric, criteria),
            before: before(side, metric, trends, against),
        });
        let values: Vec<f64> = readings().map(|reading| reading.value).collect();
        headline(metric, bullet, &values, say)
    };
    HEADLINES.into_iter().map(row).collect()
}

/// Median of the session that the last one is compared with: the one before it, or the first.
fn before(side: Option<Side>, metric: Metric, trends: &[Trend], against: Against) -> Option<f64> {
    let trend = trends.iter().find(|trend| trend.side == side && trend.metric == metric)?;
    let (_, earlier) = trend.points.split_last()?;
    let point = if against == Against::First { earlier.first() } else { earlier.last() };
    point.map(|point| point.spread.median)
}

/// Edges of good and fault of a number that is judged, in its unit.
pub fn limits(metric: Metric, criteria: &HingeCriteria) -> Option<(f64, f64)> {
    match metric {
        Metric::KneeForward => {
            Some((criteria.knee_forward.good.millimetres(), criteria.knee_forward.fault.millimetres()))
        }
        Metric::HipBack => Some((criteria.hip_back.good.millimetres(), criteria.hip_back.fault.millimetres())),
        _ => None,
    }
}

fn headline(metric: Metric, bullet: Option<Bullet>, values: &[f64], say: Say) -> Headline {
    let dash = || "-".to_owned();
    let unit = |value: f64| say.with_unit(value, metric);
    let spread = bullet.map(|bullet| bullet.spread);
    let limits = bullet.and_then(|bullet| bullet.limits);
    let (target, met) = limits.map_or_else(
        || (dash(), dash()),
        |(good, fault)| {
            let less = good < fault;
            let is_good = |value: &&f64| if less { **value <= good } else { **value >= good };
            let (met, of) = (values.iter().filter(is_good).count() as u64, values.len() as u64);
            let target = say.args().text("value", unit(good)).text("way", if less { "most" } else { "least" });
            (say.say("target", &target), say.say("of", &say.args().count("count", met).count("of", of)))
        },
    );
    let range = |spread: Spread| {
        let args = say.args().text("low", say.number(spread.lowest, metric)).text("high", unit(spread.highest));
        if spread.n > 1 { say.say("range", &args) } else { dash() }
    };
    Headline {
        title: say.metric(metric),
        worst: spread.and_then(|spread| spread.worst(metric)).map_or_else(dash, unit),
        median: spread.map_or_else(|| say.label("not-measured"), |spread| unit(spread.median)),
        range: spread.map_or_else(dash, range),
        target,
        met,
        bar: None,
        bullet,
    }
}
