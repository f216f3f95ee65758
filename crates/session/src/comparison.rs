//! Repetitions against what somebody else says of them: verdicts against labels, numbers against reference values.
//!
//! Repetitions of one person are alike, so that pooling them flatters every figure: intervals are by people (leaving one out at a time), and
//! limits of agreement hold the differences between people and between repetitions \[BlandAltman2007\].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};
use truehinge_core::{Metric, Reliability, Rep, SetAnalysis, Verdict};

use crate::batch::Session;
use crate::reference::{At, Reference, ReferenceRow};
use crate::statistics::{Figure, Z, figure, kappa, reliability, spread, wilson};

/// Fewest pairs that say something of a metric.
const LEAST_PAIRS: usize = 3;

/// All that was compared.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comparison {
    /// Rows with their repetitions, in the order of the table.
    pub pairs: Vec<Pair>,
    /// Rows that name none, and why.
    pub unmatched: Vec<Unmatched>,
    /// Counted repetitions that no row names, of sessions that rows name.
    pub unnamed: usize,
    /// Labels against verdicts, if there are labels.
    pub labels: Option<Labels>,
    /// Reference values against ours, per metric.
    pub metrics: Vec<Agreement>,
}

/// A row and its repetition.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pair {
    /// Line of the table.
    pub line: u64,
    /// Whose.
    #[serde(rename = "athlete_id")]
    pub athlete: String,
    /// Of which session.
    pub session: String,
    /// Number of the set.
    pub set: u32,
    /// Number in the set.
    pub rep: u32,
    /// What the row says that it was.
    #[serde(rename = "reference_label")]
    pub label: Option<Verdict>,
    /// What we say.
    #[serde(rename = "label")]
    pub verdict: Verdict,
    /// With what probability.
    pub probability: f64,
    /// Values, where both have one.
    pub values: Vec<PairOfValues>,
}

/// A reference value and ours, in the metric's unit.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PairOfValues {
    /// Of what.
    #[serde(flatten, serialize_with = "with_unit")]
    #[cfg_attr(feature = "schema", schemars(with = "Measure"))]
    pub metric: Metric,
    /// What the row says.
    pub reference: f64,
    /// What we say.
    pub measured: f64,
    /// Its standard uncertainty.
    pub sigma: f64,
}

/// A row that names no repetition.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unmatched {
    /// Line of the table.
    pub line: u64,
    /// The label there.
    #[serde(rename = "reference_label")]
    pub label: Option<Verdict>,
    /// Whose it would be, as far as known.
    #[serde(rename = "athlete_id")]
    pub athlete: Option<String>,
    /// Why, and what to do.
    pub reason: String,
    /// The session is there, and nothing was counted there: a repetition that was missed.
    pub missed: bool,
}

/// Labels against verdicts.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Labels {
    /// How often each label (down) got each verdict (across), both in the order `true_hinge`,
    /// `knee_forward_drift`, `insufficient_hip_travel`, `indeterminate` ([`Verdict::ALL`]), and in the last place none.
    pub table: Vec<Vec<usize>>,
    /// Per label that is an opinion.
    pub classes: Vec<Class>,
    /// Share of rows whose label is our verdict, of those where both have an opinion.
    pub agreement: Option<Figure>,
    /// The same beyond chance.
    pub kappa: Option<Figure>,
}

/// How well a label is recognised.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Class {
    /// Which.
    #[serde(rename = "reference_label")]
    pub label: Verdict,
    /// Of the rows with this label: those with this verdict. What was missed or is not sure is not recognised.
    pub sensitivity: Share,
    /// Of the rows with another opinion: those without this verdict.
    pub specificity: Share,
    /// Of the verdicts on rows whose label is an opinion: those with this label.
    pub precision: Share,
}

/// A share with its 95 % interval by Wilson as if repetitions were independent, and by people.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Share {
    /// How many.
    #[serde(rename = "n")]
    pub part: usize,
    /// Of how many.
    #[serde(rename = "of")]
    pub whole: usize,
    /// Wilson's interval; `None` of nothing.
    #[serde(flatten, serialize_with = "ends")]
    #[cfg_attr(feature = "schema", schemars(with = "Interval"))]
    pub wilson: Option<(f64, f64)>,
    /// By people.
    #[serde(rename = "by_people")]
    pub people: Option<Figure>,
}

/// Reference values against ours. Differences are ours minus the reference.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Agreement {
    /// Of what.
    #[serde(flatten, serialize_with = "with_unit")]
    #[cfg_attr(feature = "schema", schemars(with = "Measure"))]
    pub metric: Metric,
    /// How many pairs.
    #[serde(rename = "n_pairs")]
    pub pairs: usize,
    /// Of how many people.
    #[serde(rename = "n_people")]
    pub people: usize,
    /// Mean difference.
    pub bias: Figure,
    /// Limits of agreement.
    #[serde(flatten, serialize_with = "limits")]
    #[cfg_attr(feature = "schema", schemars(with = "LimitsOfAgreement"))]
    pub limits: Option<(Figure, Figure)>,
    /// Root mean square of the difference.
    pub rmse: Figure,
    /// Change of the difference with the size of what is measured.
    pub slope: Option<Figure>,
    /// ICC, SEM and MDC of the two ways of measuring.
    pub reliability: Option<Reliability>,
    /// Root mean square of difference over stated uncertainty: 1 if that is right and the reference has no error.
    pub error_per_sigma: Figure,
    /// Share of our 95 % intervals that hold the reference.
    pub coverage: Figure,
}

/// A metric with its unit in JSON.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Measure {
    /// Name of the number, as in the columns of table reps.
    metric: Metric,
    /// Unit of it and of what is said of it: mm, deg, % or m/s2. Slopes, ICC, error_per_sigma and coverage have none.
    unit: &'static str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde hands over is a reference, however small")]
fn with_unit<S: Serializer>(metric: &Metric, serializer: S) -> Result<S::Ok, S::Error> {
    Measure { metric: *metric, unit: metric.unit() }.serialize(serializer)
}

/// Wilson's interval in JSON, from 0 to 1; null of nothing.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Interval {
    /// Lower end.
    low: Option<f64>,
    /// Upper end.
    high: Option<f64>,
}

#[expect(clippy::ref_option, reason = "what serde hands over is a reference")]
fn ends<S: Serializer>(interval: &Option<(f64, f64)>, serializer: S) -> Result<S::Ok, S::Error> {
    let (low, high) = interval.unzip();
    Interval { low, high }.serialize(serializer)
}

/// Limits of agreement in JSON; null where there are too few values.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct LimitsOfAgreement {
    /// Lower one.
    limit_low: Option<Figure>,
    /// Upper one.
    limit_high: Option<Figure>,
}

#[expect(clippy::ref_option, reason = "what serde hands over is a reference")]
fn limits<S: Serializer>(limits: &Option<(Figure, Figure)>, serializer: S) -> Result<S::Ok, S::Error> {
    let (limit_low, limit_high) = limits.unzip();
    LimitsOfAgreement { limit_low, limit_high }.serialize(serializer)
}

/// Compares sessions with a table.
pub fn compare(sessions: &[Session], reference: &Reference) -> Comparison {
    let mut matcher = Matcher { sessions, taken: BTreeMap::new() };
    let (mut pairs, mut unmatched) = (Vec::new(), Vec::new());
    for row in &reference.rows {
        match matcher.rep_of(row) {
            Ok(found) => pairs.push(pair(row, &found, &reference.metrics)),
            Err(reason) => unmatched.push(reason),
        }
    }
    let named: BTreeSet<usize> = matcher.taken.keys().map(|(session, _)| *session).collect();
    let counted: usize = named.iter().map(|index| sessions[*index].analysis.reps().count()).sum();
    Comparison {
        unnamed: counted - matcher.taken.len(),
        labels: labels(&pairs, &unmatched),
        metrics: reference.metrics.iter().filter_map(|metric| agreement(*metric, &pairs)).collect(),
        pairs,
        unmatched,
    }
}

/// A repetition and where it is.
struct Place<'a> {
    session: &'a Session,
    set: &'a SetAnalysis,
    rep: &'a Rep,
}

/// Finds the repetitions of rows, each once.
struct Matcher<'a> {
    sessions: &'a [Session],
    /// Repetitions by session and place in it, and the line that named them.
    taken: BTreeMap<(usize, usize), u64>,
}

impl<'a> Matcher<'a> {
    fn rep_of(&mut self, row: &ReferenceRow) -> Result<Place<'a>, Unmatched> {
        let missing =
            |reason: String| Unmatched { line: row.line, label: row.label, athlete: None, reason, missed: false };
        let index = self.session_of(row).map_err(missing)?;
        let session = &self.sessions[index];
        let reps: Vec<(&SetAnalysis, &Rep)> = session.analysis.reps().collect();
        let athlete = Some(session.analysis.info.athlete.to_string());
        let missed = |reason: String| Unmatched { athlete: athlete.clone(), missed: true, ..missing(reason) };
        let place = match row.at {
            At::Number { set, rep } => {
                let is_it = |(through, (of, found)): (u32, &(&SetAnalysis, &Rep))| match set {
                    Some(set) => of.number == set && found.number == rep,
                    None => through == rep,
                };
                let found = (1..).zip(&reps).position(is_it);
                found.ok_or_else(|| {
                    missed(format!("{}: there is no such repetition: {}", session.source, held(&reps)))
                })?
            }
            At::Time { start_s, end_s } => {
                let shared = |rep: &Rep| rep.span.end.seconds().min(end_s) - rep.span.start.seconds().max(start_s);
                let best = reps.iter().enumerate().max_by(|(_, (_, a)), (_, (_, b))| shared(a).total_cmp(&shared(b)));
                let found = best.filter(|(_, (_, rep))| shared(rep) > 0.0).map(|(place, _)| place);
                let nothing = || {
                    missed(format!(
                        "{}: nothing was counted from {start_s} to {end_s} s: look at what was not counted there, or the times are of another clock",
                        session.source
                    ))
                };
                found.ok_or_else(nothing)?
            }
        };
        if let Some(line) = self.taken.get(&(index, place)) {
            let reason = format!("{}: names the same repetition as line {line}: leave one out", session.source);
            return Err(Unmatched { athlete, ..missing(reason) });
        }
        self.taken.insert((index, place), row.line);
        let (set, rep) = reps[place];
        Ok(Place { session, set, rep })
    }

    /// The session of a row.
    fn session_of(&self, row: &ReferenceRow) -> Result<usize, String> {
        let is_whose = |session: &Session| {
            row.athlete.as_ref().is_none_or(|athlete| session.analysis.info.athlete.as_str() == athlete)
        };
        let is_named = |session: &Session| row.session.as_ref().is_none_or(|name| names(session).contains(name));
        let found: Vec<usize> =
            (0..self.sessions.len()).filter(|i| is_whose(&self.sessions[*i]) && is_named(&self.sessions[*i])).collect();
        match (found.as_slice(), &row.session) {
            ([one], _) => Ok(*one),
            ([], Some(name)) => Err(format!("no session is called {name}: give its name, its file or its path")),
            ([], None) => Err(row.athlete.as_ref().map_or_else(
                || "there is no session that could be read".to_owned(),
                |athlete| format!("there is no session of {athlete}: give the athlete's pseudonym"),
            )),
            (_, Some(name)) => Err(format!("{} sessions are called {name}: add a column athlete", found.len())),
            (_, None) => Err(format!("there are {} sessions: add a column session", found.len())),
        }
    }
}

/// What a session may be called in a table.
fn names(session: &Session) -> Vec<String> {
    let path = std::path::Path::new(&session.source);
    let part = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
    let of_file = [part(path.file_name()), part(path.file_stem())].into_iter().flatten();
    [session.analysis.info.session.to_string(), session.source.clone()].into_iter().chain(of_file).collect()
}

/// How many repetitions there are, in words.
fn held(reps: &[(&SetAnalysis, &Rep)]) -> String {
    match reps.len() {
        0 => "none was counted".to_owned(),
        1 => "one was counted".to_owned(),
        n => format!("{n} were counted"),
    }
}

fn pair(row: &ReferenceRow, place: &Place<'_>, metrics: &[Metric]) -> Pair {
    let Place { session, set, rep } = place;
    let of = |(metric, reference): (&Metric, &Option<f64>)| {
        let reading = rep.metrics.reading(*metric)?;
        Some(PairOfValues { metric: *metric, reference: (*reference)?, measured: reading.value, sigma: reading.sigma })
    };
    let info = &session.analysis.info;
    Pair {
        line: row.line,
        athlete: info.athlete.to_string(),
        session: info.session.to_string(),
        set: set.number,
        rep: rep.number,
        label: row.label,
        verdict: rep.judgement.verdict,
        probability: rep.judgement.probability,
        values: metrics.iter().zip(&row.values).filter_map(of).collect(),
    }
}

/// Values by person, in the order of their names.
fn by_person<T>(values: impl Iterator<Item = (String, T)>) -> Vec<Vec<T>> {
    let mut people: BTreeMap<String, Vec<T>> = BTreeMap::new();
    values.for_each(|(person, value)| people.entry(person).or_default().push(value));
    people.into_values().collect()
}

/// A label and the verdict that it got, if any.
type Named = (Verdict, Option<Verdict>);

fn labels(pairs: &[Pair], unmatched: &[Unmatched]) -> Option<Labels> {
    let found = pairs.iter().filter_map(|pair| Some((pair.athlete.clone(), (pair.label?, Some(pair.verdict)))));
    let missed = unmatched.iter().filter(|row| row.missed);
    let missed = missed.filter_map(|row| Some((row.athlete.clone()?, (row.label?, None))));
    let people: Vec<Vec<Named>> = by_person(found.chain(missed));
    let all: Vec<Named> = people.iter().flatten().copied().collect();
    if all.is_empty() {
        return None;
    }
    let count = |label, verdict| all.iter().filter(|named| **named == (label, verdict)).count();
    let across = || Verdict::ALL.into_iter().map(Some).chain([None]);
    let table = Verdict::ALL.map(|label| across().map(|verdict| count(label, verdict)).collect()).to_vec();
    let is_opinion = |verdict: &Verdict| *verdict != Verdict::Indeterminate;
    let decided = move |people: &[Vec<Named>]| -> Vec<(Verdict, Verdict)> {
        let both = people.iter().flatten().filter_map(|(label, verdict)| Some((*label, (*verdict)?)));
        both.filter(|(label, verdict)| is_opinion(label) && is_opinion(verdict)).collect()
    };
    let agreement = |people: &[Vec<Named>]| {
        let decided = decided(people);
        let same = decided.iter().filter(|(label, verdict)| label == verdict).count();
        (!decided.is_empty()).then(|| same as f64 / decided.len() as f64)
    };
    let beyond_chance = |people: &[Vec<Named>]| {
        let decided = decided(people);
        let opinions = || Verdict::ALL.into_iter().filter(is_opinion);
        let row = |label| {
            opinions().map(|verdict| decided.iter().filter(|named| **named == (label, verdict)).count()).collect()
        };
        kappa(&opinions().map(row).collect::<Vec<Vec<usize>>>())
    };
    let classes = Verdict::ALL.into_iter().filter(is_opinion).map(|label| Class {
        label,
        sensitivity: share(&people, |named| named.0 == label, |named| named.1 == Some(label)),
        specificity: share(&people, |named| named.0 != label && is_opinion(&named.0), |named| named.1 != Some(label)),
        precision: share(&people, |named| named.1 == Some(label) && is_opinion(&named.0), |named| named.0 == label),
    });
    Some(Labels {
        table,
        classes: classes.collect(),
        agreement: figure(&people, agreement).map(of_share),
        kappa: figure(&people, beyond_chance),
    })
}

/// Of those that are one thing, the share that is another.
fn share(people: &[Vec<Named>], whole: impl Fn(&Named) -> bool, part: impl Fn(&Named) -> bool) -> Share {
    let count = |people: &[Vec<Named>]| {
        let of: Vec<&Named> = people.iter().flatten().filter(|named| whole(named)).collect();
        (of.iter().filter(|named| part(named)).count(), of.len())
    };
    let (parts, wholes) = count(people);
    let value = |people: &[Vec<Named>]| {
        let (part, whole) = count(people);
        (whole > 0).then(|| part as f64 / whole as f64)
    };
    // Who has none of them says nothing of it.
    let concerned: Vec<Vec<Named>> = people.iter().filter(|person| person.iter().any(&whole)).cloned().collect();
    let interval = (wholes > 0).then(|| wilson(parts, wholes)).map(|(_, low, high)| (low, high));
    Share { part: parts, whole: wholes, wilson: interval, people: figure(&concerned, value).map(of_share) }
}

/// An interval of a share ends with nothing and everything. Where nobody differs, people say nothing of how sure it is.
fn of_share(figure: Figure) -> Figure {
    let within = |(low, high): (f64, f64)| (low.max(0.0), high.min(1.0));
    let differs = figure.value > 0.0 && figure.value < 1.0;
    Figure { interval: figure.interval.filter(|_| differs).map(within), ..figure }
}

fn agreement(metric: Metric, pairs: &[Pair]) -> Option<Agreement> {
    let of = |pair: &Pair| {
        let value = pair.values.iter().find(|values| values.metric == metric)?;
        Some((pair.athlete.clone(), *value))
    };
    let people: Vec<Vec<PairOfValues>> = by_person(pairs.iter().filter_map(of));
    let rows: Vec<[f64; 2]> = people.iter().flatten().map(|v| [v.reference, v.measured]).collect();
    if rows.len() < LEAST_PAIRS {
        return None;
    }
    let limit = |sign: f64| {
        figure(&people, |people| Some(mean(people, difference)? + sign * Z * spread(&differences(people))?))
    };
    let square = |of: fn(&PairOfValues) -> f64| {
        move |people: &[Vec<PairOfValues>]| mean(people, |value| of(value).powi(2)).map(f64::sqrt)
    };
    let holds = |value: &PairOfValues| f64::from(difference(value).abs() <= Z * value.sigma);
    Some(Agreement {
        metric,
        pairs: rows.len(),
        people: people.len(),
        bias: figure(&people, |people| mean(people, difference))?,
        limits: limit(-1.0).zip(limit(1.0)),
        rmse: figure(&people, square(difference))?,
        slope: figure(&people, slope),
        reliability: reliability(&rows),
        error_per_sigma: figure(&people, square(|value| difference(value) / value.sigma))?,
        coverage: figure(&people, |people| mean(people, holds)).map(of_share)?,
    })
}

fn difference(value: &PairOfValues) -> f64 {
    value.measured - value.reference
}

fn differences(people: &[Vec<PairOfValues>]) -> Vec<Vec<f64>> {
    people.iter().map(|person| person.iter().map(difference).collect()).collect()
}

fn mean(people: &[Vec<PairOfValues>], of: impl Fn(&PairOfValues) -> f64) -> Option<f64> {
    let values: Vec<f64> = people.iter().flatten().map(of).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Of the difference over the mean of both, by least squares; `None` where that does not change.
fn slope(people: &[Vec<PairOfValues>]) -> Option<f64> {
    let size = |value: &PairOfValues| f64::midpoint(value.measured, value.reference);
    let (middle, bias) = (mean(people, size)?, mean(people, difference)?);
    let spread = mean(people, |value| (size(value) - middle).powi(2))?;
    let common = mean(people, |value| (size(value) - middle) * (difference(value) - bias))?;
    (spread > 0.0).then(|| common / spread)
}

#[cfg(test)]
mod tests {
    use truehinge_core::AthleteId;
    use truehinge_sim::Scenario;

    use super::*;
    use crate::Judge;

    /// Three people's sessions.
    fn sessions() -> Vec<Session> {
        let session = |seed: u64| {
            let mut recording = Scenario::typical(seed).run().expect("a session").recording();
            recording.info.athlete = AthleteId::new(format!("P-{seed}")).expect("a pseudonym");
            let analysis = Judge::default().analyse_recording(&recording).expect("analysed");
            Session { source: format!("study/p{seed}.mcap"), copies: vec![], analysis, warnings: vec![] }
        };
        (1..=3).map(session).collect()
    }

    /// A row per repetition that says what we say, but for an offset of the knee by person, mm.
    fn rows(sessions: &[Session], offset: impl Fn(usize) -> f64) -> Vec<ReferenceRow> {
        let mut rows = Vec::new();
        for (person, session) in sessions.iter().enumerate() {
            for (number, (_, rep)) in (1..).zip(session.analysis.reps()) {
                let knee = rep.metrics.reading(Metric::KneeForward).map(|reading| reading.value - offset(person));
                rows.push(ReferenceRow {
                    line: rows.len() as u64 + 2,
                    session: Some(format!("p{}", person + 1)),
                    athlete: None,
                    at: At::Number { set: None, rep: number },
                    label: Some(rep.judgement.verdict),
                    values: vec![knee],
                });
            }
        }
        rows
    }

    fn compared(sessions: &[Session], rows: Vec<ReferenceRow>) -> Comparison {
        compare(sessions, &Reference { metrics: vec![Metric::KneeForward], rows, ignored: vec![] })
    }

    #[test]
    fn who_says_what_we_say_agrees_but_for_what_people_differ_by() {
        let sessions = sessions();
        let rows = rows(&sessions, |person| person as f64);
        let count = rows.len();
        let found = compared(&sessions, rows);
        assert_eq!((found.pairs.len(), found.unmatched.len(), found.unnamed), (count, 0, 0));
        let labels = found.labels.expect("labels");
        assert_eq!(labels.table.iter().map(|row| row[Verdict::ALL.len()]).sum::<usize>(), 0);
        for class in labels.classes.iter().filter(|class| class.sensitivity.whole > 0) {
            assert_eq!(class.sensitivity.part, class.sensitivity.whole, "{class:?}");
            assert_eq!(class.specificity.part, class.specificity.whole, "{class:?}");
        }
        assert!(labels.agreement.is_some_and(|figure| (figure.value - 1.0).abs() < 1e-12));
        let [knee] = &found.metrics[..] else { panic!("{:?}", found.metrics) };
        // Offsets of 0, 1 and 2 mm: nobody differs from themselves.
        assert!(knee.people == 3 && (0.9..1.1).contains(&knee.bias.value), "{:?}", knee.bias);
        let (low, high) = knee.limits.expect("limits");
        assert!(((high.value - low.value) / 2.0 - Z).abs() < 0.15, "{low:?} {high:?}");
        let (least, most) = knee.bias.left_out.expect("three people");
        assert!((0.4..0.6).contains(&least) && (1.4..1.6).contains(&most), "{least} {most}");
        assert!(knee.reliability.is_some_and(|found| found.agreement.value > 0.99));
    }

    #[test]
    fn another_opinion_is_counted_where_it_belongs_and_a_missed_repetition_is_not_recognised() {
        let sessions = sessions();
        let mut rows = rows(&sessions, |_| 0.0);
        let of = |verdict| rows.iter().filter(|row| row.label == Some(verdict)).count();
        let (drifts, hinges) = (of(Verdict::KneeForwardDrift), of(Verdict::TrueHinge));
        let first = rows.iter().position(|row| row.label == Some(Verdict::KneeForwardDrift)).expect("a drift");
        rows[first].label = Some(Verdict::TrueHinge);
        let missed = ReferenceRow { at: At::Number { set: None, rep: 99 }, ..rows[first].clone() };
        rows.push(missed);
        let found = compared(&sessions, rows);
        let labels = found.labels.expect("labels");
        let class = |label| labels.classes.iter().find(|class| class.label == label).expect("a class");
        let hinge = class(Verdict::TrueHinge);
        assert_eq!((hinge.sensitivity.part, hinge.sensitivity.whole), (hinges, hinges + 2));
        let drift = class(Verdict::KneeForwardDrift);
        assert_eq!((drift.sensitivity.part, drift.sensitivity.whole), (drifts - 1, drifts - 1));
        assert_eq!((drift.precision.part, drift.precision.whole), (drifts - 1, drifts));
        assert!(found.unmatched[0].reason.contains("there is no such repetition"), "{:?}", found.unmatched);
    }

    #[test]
    fn a_row_that_names_none_says_why_and_what_to_do() {
        let mut sessions = sessions();
        sessions[1].source = "other/p1.mcap".to_owned();
        let span = sessions[2].analysis.reps().next().expect("a repetition").1.span;
        let row = |session: Option<&str>, at| ReferenceRow {
            line: 2,
            session: session.map(str::to_owned),
            athlete: None,
            at,
            label: None,
            values: vec![None],
        };
        let time = |start: f64, end: f64| At::Time { start_s: start, end_s: end };
        let number = At::Number { set: None, rep: 1 };
        let (start, end) = (span.start.seconds(), span.end.seconds());
        let rows = vec![
            row(Some("p9"), number),
            row(Some("p1"), number),
            row(None, number),
            row(Some("p3"), time(start + 0.1, end + 0.5)),
            row(Some("p3"), number),
            row(Some("study/p3.mcap"), time(-9.0, -8.0)),
        ];
        let found = compared(&sessions, rows);
        let reasons: Vec<&str> = found.unmatched.iter().map(|row| row.reason.as_str()).collect();
        let expected = [
            "no session is called p9",
            "2 sessions are called p1: add a column athlete",
            "there are 3 sessions: add a column session",
            "names the same repetition as line 2",
            "nothing was counted from -9 to -8 s",
        ];
        assert_eq!(reasons.len(), expected.len(), "{reasons:?}");
        for (reason, expected) in reasons.iter().zip(expected) {
            assert!(reason.contains(expected), "{reason}");
        }
        assert_eq!((found.pairs.len(), found.pairs[0].rep), (1, 1));
        assert!(found.labels.is_none() && found.metrics.is_empty());
    }
}
