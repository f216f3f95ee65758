//! The sheet of a squad: a row an athlete, who needs attention first.

use std::collections::BTreeMap;

use serde::Serialize;
use truehinge_core::trend::{Retest, Trend};
use truehinge_core::{AthleteId, Icc, Metric, SessionAnalysis, Side, SideSummary};

use crate::font::draws;
use crate::model::{Clinic, Say};

/// One person's day, and what led to it.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// Who.
    pub athlete: &'a AthleteId,
    /// The sessions of the day, in order of time.
    pub sessions: &'a [SessionAnalysis],
    /// Over all sessions up to these.
    pub trends: &'a [Trend],
    /// The first thing to work on.
    pub attention: String,
}

/// The sheet.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SquadModel {
    /// Head of the page.
    pub title: String,
    /// Who hands it out.
    pub clinic: String,
    /// A row an athlete, who needs attention first.
    pub rows: Vec<SquadRow>,
    /// How far two sessions of the same people agree; empty for fewer than three people with two sessions.
    pub retest: Vec<RetestRow>,
    /// Line at the foot of every page.
    pub footer: String,
    /// Language of the page.
    pub language: &'static str,
    /// Words without values.
    pub labels: BTreeMap<String, String>,
    /// What the running head shows.
    pub athlete: String,
    /// The same.
    pub athlete_shown: String,
    /// The exercise.
    pub exercise: String,
    /// The last day that is on it.
    pub date: String,
    /// The same as a date.
    pub date_parts: Option<(i64, u8, u8)>,
    /// Knee-forward travel that is a fault, mm.
    #[serde(skip)]
    pub knee_limit_mm: f64,
}

/// One athlete.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SquadRow {
    /// Pseudonym as the page shows it.
    pub athlete: String,
    /// The day.
    pub date: String,
    /// True hinges of counted, left and right.
    pub scores: [String; 2],
    /// Farthest knee, left and right.
    pub worst: [String; 2],
    /// Name of the sparkline's picture; nothing for one session.
    pub spark: Option<String>,
    /// The same in words.
    pub spark_words: String,
    /// What to look at.
    pub attention: String,
    /// Medians of the last sessions of each leg, mm.
    #[serde(skip)]
    pub sparks: Vec<(Option<Side>, Vec<f64>)>,
}

/// How far two sessions agree in one number.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RetestRow {
    /// Which number.
    pub title: String,
    /// How many people.
    pub people: usize,
    /// ICC(2,1) and ICC(3,1), each with its 95 % interval.
    pub iccs: [String; 2],
    /// Standard error of measurement.
    pub sem: String,
    /// Smallest real change of one session against another.
    pub mdc: String,
}

/// Most sessions of a sparkline.
const SPARK: usize = 12;

/// How much somebody needs attention: share of faults, then the farthest knee; who has no repetition comes last.
fn need(sides: &[SideSummary]) -> (f64, f64) {
    let counts = sides
        .iter()
        .map(|side| side.counts)
        .fold(truehinge_core::SetSummary::default(), truehinge_core::SetSummary::and);
    let faults = counts.knee_forward_drift + counts.insufficient_hip_travel;
    let knee = sides.iter().filter_map(|side| side.spread(Metric::KneeForward)).map(|spread| spread.highest);
    let share = if counts.reps == 0 { -1.0 } else { faults as f64 / counts.reps as f64 };
    (share, knee.fold(f64::NEG_INFINITY, f64::max))
}

impl SquadModel {
    /// The sheet of several people. The order in which they come leaves no trace in it.
    pub fn build(members: &[Member<'_>], retest: &[Retest], clinic: &Clinic, say: Say) -> Self {
        let mut rows: Vec<((f64, f64), SquadRow)> = members.iter().map(|member| row(member, say)).collect();
        rows.sort_by(|(a, left), (b, right)| {
            b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)).then_with(|| left.athlete.cmp(&right.athlete))
        });
        let mut rows: Vec<SquadRow> = rows.into_iter().map(|(_, row)| row).collect();
        for (index, row) in rows.iter_mut().enumerate() {
            row.spark = (!row.sparks.is_empty()).then(|| format!("spark-{index}"));
        }
        let latest = members.iter().filter_map(|member| member.sessions.last()).max_by_key(|s| s.info.start_utc_ns);
        let start = latest.and_then(|session| session.info.local_start());
        let date = start.map_or_else(|| say.label("undated"), |start| start.date());
        let count = say.say("squad-title", &say.args().count("count", members.len() as u64));
        let title = format!("{}, {count}, {date}", say.label("squad"));
        Self {
            clinic: clinic.name.clone(),
            rows,
            retest: retest.iter().map(|retest| retest_row(retest, say)).collect(),
            footer: latest.map_or_else(String::new, |session| {
                let p = &session.provenance;
                let hash: String = p.config_sha256.chars().take(12).collect();
                format!("truehinge {} · {} · {hash}", p.version, p.protocol.name)
            }),
            language: say.language.code(),
            labels: say.language.labels(),
            athlete: say.label("squad"),
            athlete_shown: title.clone(),
            title,
            exercise: latest.map_or_else(String::new, |session| session.provenance.protocol.title.clone()),
            date,
            date_parts: start.map(|start| start.year_month_day()),
            knee_limit_mm: latest
                .map_or(0.0, |session| session.provenance.protocol.criteria.knee_forward.fault.millimetres()),
        }
    }
}

fn retest_row(Retest { metric, found }: &Retest, say: Say) -> RetestRow {
    let icc = |icc: Icc| {
        // What varies in no way between people has no such share.
        if !icc.value.is_finite() {
            return "-".to_owned();
        }
        let number = |value| say.rounded(value, 2);
        let range = say.say("range", &say.args().text("low", number(icc.low)).text("high", number(icc.high)));
        format!("{} ({range})", number(icc.value))
    };
    RetestRow {
        title: say.metric(*metric),
        people: found.targets,
        iccs: [icc(found.agreement), icc(found.consistency)],
        sem: say.with_unit(found.sem, *metric),
        mdc: say.with_unit(found.mdc95, *metric),
    }
}

fn row(member: &Member<'_>, say: Say) -> ((f64, f64), SquadRow) {
    // A leg of two recordings of the day is one.
    let sides = SideSummary::of_all(member.sessions);
    let of = |side| sides.iter().filter(move |of: &&SideSummary| of.side == Some(side));
    let dash = || "-".to_owned();
    let score = |side| {
        let counts: Vec<_> = of(side).map(|of| of.counts).collect();
        let total = counts.iter().fold(truehinge_core::SetSummary::default(), |a, b| a.and(*b));
        if total.reps == 0 { dash() } else { format!("{}/{}", total.true_hinge, total.reps) }
    };
    let worst = |side| {
        let knees = of(side).filter_map(|of| of.spread(Metric::KneeForward)).map(|spread| spread.highest);
        knees.reduce(f64::max).map_or_else(dash, |knee| say.with_unit(knee, Metric::KneeForward))
    };
    let course = |trend: &Trend| {
        let points = &trend.points[trend.points.len().saturating_sub(SPARK)..];
        (trend.side, points.iter().map(|point| point.spread.median).collect::<Vec<_>>())
    };
    let followed = member.trends.iter().filter(|t| t.metric == Metric::KneeForwardTurn && t.points.len() > 1);
    let sparks: Vec<(Option<Side>, Vec<f64>)> = followed.map(course).collect();
    let words = |(side, medians): &(Option<Side>, Vec<f64>)| {
        let values: Vec<String> = medians.iter().map(|mm| say.number(*mm, Metric::KneeForward)).collect();
        format!("{} {}", say.leg_letter(*side), values.join(", "))
    };
    let name = member.athlete.as_str();
    let start = member.sessions.last().and_then(|session| session.info.local_start());
    let row = SquadRow {
        athlete: if draws(name) { name.to_owned() } else { member.athlete.file_name() },
        date: start.map_or_else(|| say.label("undated"), |start| start.date()),
        scores: [Side::Left, Side::Right].map(score),
        worst: [Side::Left, Side::Right].map(worst),
        spark: None,
        spark_words: sparks.iter().map(words).collect::<Vec<_>>().join("; "),
        attention: if member.attention.is_empty() { say.label("squad-nothing") } else { member.attention.clone() },
        sparks,
    };
    (need(&sides), row)
}
