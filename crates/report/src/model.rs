//! Everything the pages show, in its final words and digits. No drawing here, no arithmetic elsewhere.

use serde::Serialize;
use truehinge_core::{
    AthleteId, Cause, Criterion, FindingKind, Flag, Limits, Metric, Protocol, QualityGrade, Rep, SensorQuality,
    SensorRole, SessionAnalysis, SetAnalysis, Side, Verdict, quantity::PlaneAngle, rep::Reading, words,
};

use crate::font::draws;
use crate::theme::{hex, mark};

/// A report of one athlete: the latest session in full, earlier ones in a table.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ReportModel {
    /// Beginning of file names: code, date and session.
    pub file_stem: String,
    /// Pseudonym, every letter of it.
    pub athlete: String,
    /// The same as the pages show it: where they have no shape for a letter, as it is written in file names.
    pub athlete_shown: String,
    /// What a reader must know of the names that are shown; mostly empty.
    pub names: String,
    /// Date and time of the latest session on the clock on the wall, or "undated".
    pub date: String,
    /// Year, month, day of it.
    pub date_parts: Option<(i64, u8, u8)>,
    /// Name of the latest session, as the athlete's.
    pub session: String,
    /// Name of the exercise.
    pub exercise: String,
    /// One sentence per leg.
    pub verdict_sentences: Vec<String>,
    /// Data quality in a sentence.
    pub quality_sentence: String,
    /// The repetitions of each set.
    pub strips: Vec<Strip>,
    /// Headline numbers.
    pub headlines: Vec<Headline>,
    /// What to work on: at most two sentences.
    pub advice: Vec<String>,
    /// Every repetition of the latest session.
    pub reps: Vec<RepRow>,
    /// Movements not counted: time and reason.
    pub rejected: Vec<[String; 3]>,
    /// Sensors: role, model, rate, loss, longest gap, clock, gravity.
    pub sensors: Vec<[String; 7]>,
    /// How well the sensors' clocks are known against each other; empty where that is an assumption.
    pub clocks: String,
    /// Alignment: set, sensor, how, uncertainty.
    pub alignment: Vec<[String; 4]>,
    /// What a reader must know about the data.
    pub findings: Vec<[String; 2]>,
    /// Limits of the verdict: quantity, good, fault.
    pub limits: Vec<[String; 3]>,
    /// Earlier sessions: date, session, repetitions, true hinges, knee forward, hip back.
    pub earlier: Vec<[String; 6]>,
    /// Line at the foot of every page.
    pub footer: String,
    /// Numbers for the figures.
    #[serde(skip)]
    pub figures: FigureData,
}

/// One set's repetitions as tiles.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Strip {
    /// Set and leg.
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
}

/// One headline number.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Headline {
    /// What.
    pub title: &'static str,
    /// Leg.
    pub side: String,
    /// The middle one of the repetitions, the lowest and the highest.
    pub value: String,
    /// What is good.
    pub target: String,
    /// How many repetitions are so, of how many; a dash without a target.
    pub met: String,
}

/// One row of the repetition table.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RepRow {
    /// Set, leg and number.
    pub label: String,
    /// Onset.
    pub start: String,
    /// Way out, bottom, way back.
    pub tempo: String,
    /// Knee forward, hip back, shin lean, pelvis tilt, knee flexion.
    pub values: [String; 5],
    /// Letter of the verdict.
    pub letter: &'static str,
    /// Verdict.
    pub verdict: &'static str,
    /// Probability.
    pub probability: String,
    /// Why, with the number that decided.
    pub reason: String,
}

/// Final numbers for the figures.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FigureData {
    /// One per counted repetition of the latest session.
    pub reps: Vec<FigureRep>,
    /// Good and fault limit of knee-forward travel, mm.
    pub knee_limits: (f64, f64),
    /// Good and fault limit of hip-back travel, mm.
    pub hip_limits: (f64, f64),
}

/// One repetition for the figures.
#[derive(Clone, PartialEq, Debug)]
pub struct FigureRep {
    /// Supporting leg.
    pub side: Option<Side>,
    /// Set and number.
    pub set: u32,
    /// Number in the set.
    pub number: u32,
    /// Verdict.
    pub verdict: Verdict,
    /// Knee-forward travel, mm.
    pub knee: Option<Reading>,
    /// Hip-back travel, mm.
    pub hip: Option<Reading>,
    /// Signals over 0..100 %, in the order of `Signal::ALL`.
    pub curves: Vec<Vec<f64>>,
}

impl ReportModel {
    /// Builds the report of an athlete from sessions in order of time. The last one is shown in full.
    ///
    /// Without any session the report says so.
    pub fn build(athlete: &AthleteId, sessions: &[SessionAnalysis]) -> Self {
        let mut model = Self::empty(athlete);
        let Some((latest, earlier)) = sessions.split_last() else { return model };
        model.date_parts = latest.info.local_start().map(|start| start.year_month_day());
        model.date = date(latest);
        model.file_stem = file_stem(athlete, latest);
        model.session = session_shown(latest);
        model.names = names(&[("athlete", athlete.as_str()), ("session", latest.info.session.as_str())]);
        model.exercise.clone_from(&latest.provenance.protocol.title);
        model.verdict_sentences = verdict_sentences(latest);
        model.quality_sentence = quality_sentence(latest);
        model.strips = latest.sets.iter().filter(|set| !set.reps.is_empty()).map(strip).collect();
        model.headlines = headlines(latest);
        model.advice = advice(latest);
        model.reps = latest.reps().map(|(set, rep)| rep_row(set, rep)).collect();
        model.rejected = rejected(latest);
        model.sensors = sensors(latest);
        model.clocks = clocks(latest);
        model.alignment = alignment(latest);
        model.findings = latest.findings.iter().map(|f| [f.grade().name().to_owned(), words::remark(f)]).collect();
        model.limits = limits(latest);
        model.earlier = earlier.iter().map(earlier_row).collect();
        model.footer = footer(latest);
        model.figures = figure_data(latest);
        model
    }

    fn empty(athlete: &AthleteId) -> Self {
        Self {
            file_stem: athlete.file_name(),
            athlete: athlete.to_string(),
            athlete_shown: shown_name(athlete.as_str(), athlete.file_name()),
            names: names(&[("athlete", athlete.as_str())]),
            date: "undated".to_owned(),
            date_parts: None,
            session: String::new(),
            exercise: String::new(),
            verdict_sentences: vec!["There is no session to report.".to_owned()],
            quality_sentence: String::new(),
            strips: vec![],
            headlines: vec![],
            advice: vec![],
            reps: vec![],
            rejected: vec![],
            sensors: vec![],
            clocks: String::new(),
            alignment: vec![],
            findings: vec![],
            limits: vec![],
            earlier: vec![],
            footer: String::new(),
            figures: FigureData::default(),
        }
    }
}

/// Date and time on the clock on the wall, as far as it is known.
fn date(analysis: &SessionAnalysis) -> String {
    analysis.info.local_start().map_or_else(|| "undated".to_owned(), |start| start.words())
}

/// A name as the pages show it.
fn shown_name(id: &str, file_name: String) -> String {
    if draws(id) { id.to_owned() } else { file_name }
}

fn session_shown(analysis: &SessionAnalysis) -> String {
    let session = &analysis.info.session;
    shown_name(session.as_str(), session.file_name())
}

/// Which names are not shown letter by letter.
fn names(all: &[(&str, &str)]) -> String {
    let undrawn: Vec<&str> = all.iter().filter(|(_, id)| !draws(id)).map(|(what, _)| *what).collect();
    if undrawn.is_empty() {
        return String::new();
    }
    format!(
        "The font of this page has not all letters of the {}'s name: it is shown as file names have it; the tables hold it in full.",
        undrawn.join("'s and the ")
    )
}

/// Code, date and session: the reports of the morning and of the evening are two files.
fn file_stem(athlete: &AthleteId, analysis: &SessionAnalysis) -> String {
    let (athlete, session) = (athlete.file_name(), analysis.info.session.file_name());
    match analysis.info.local_start().map(|start| start.date()) {
        // Sessions that were recorded here are called after their time.
        Some(date) if !session.starts_with(&date.replace('-', "")) => format!("{athlete}_{date}_{session}"),
        _ => format!("{athlete}_{session}"),
    }
}

fn leg(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Left) => "Left leg",
        Some(Side::Right) => "Right leg",
        None => "Leg not named",
    }
}

/// A repetition with its set.
type SetRep<'a> = (&'a SetAnalysis, &'a Rep);

/// All repetitions of each leg, left first.
fn by_leg(analysis: &SessionAnalysis) -> Vec<(Option<Side>, Vec<SetRep<'_>>)> {
    [Some(Side::Left), Some(Side::Right), None]
        .into_iter()
        .map(|side| (side, analysis.reps().filter(|(set, _)| set.side == side).collect::<Vec<_>>()))
        .filter(|(_, reps)| !reps.is_empty())
        .collect()
}

/// `1 of 1 was a true hinge`, `3 of 5 were true hinges`.
fn hinges(count: usize, of: usize) -> String {
    let is_one = count == 1 || of == 1;
    if is_one { format!("{count} of {of} was a true hinge") } else { format!("{count} of {of} were true hinges") }
}

/// `rep 1.1`, `reps 1.1, 2.1 and 2.2`.
fn named(numbers: &[String]) -> String {
    match numbers {
        [] => String::new(),
        [one] => format!("rep {one}"),
        [others @ .., last] => format!("reps {} and {last}", others.join(", ")),
    }
}

fn verdict_sentences(analysis: &SessionAnalysis) -> Vec<String> {
    let legs = by_leg(analysis);
    if legs.is_empty() {
        let looked = analysis.sets.iter().map(|set| set.rejected.len()).sum::<usize>();
        return vec![format!(
            "No repetition was found in this recording. Page 3 says why none of {looked} movements counted."
        )];
    }
    legs.iter()
        .map(|(side, reps)| {
            let of = |verdict| -> Vec<String> {
                reps.iter()
                    .filter(|(_, r)| r.judgement.verdict == verdict)
                    .map(|(s, r)| format!("{}.{}", s.number, r.number))
                    .collect()
            };
            let true_hinges = of(Verdict::TrueHinge).len();
            let mut sentence = format!("{}: {}", leg(*side), hinges(true_hinges, reps.len()));
            for (verdict, one, many) in [
                (Verdict::KneeForwardDrift, "knee-forward drift", "knee-forward drifts"),
                (Verdict::InsufficientHipTravel, "with too little hip travel", "with too little hip travel"),
                (Verdict::Indeterminate, "not sure, not held against you", "not sure, not held against you"),
            ] {
                let numbers = of(verdict);
                if !numbers.is_empty() {
                    let words = if numbers.len() == 1 { one } else { many };
                    sentence.push_str(&format!(", {} {words} ({})", numbers.len(), named(&numbers)));
                }
            }
            sentence.push('.');
            sentence
        })
        .collect()
}

/// The grade, and on the first page too what of the body nobody measured: every length on it rests on that.
fn quality_sentence(analysis: &SessionAnalysis) -> String {
    let grade = match analysis.grade() {
        QualityGrade::Good => "Data quality: good.".to_owned(),
        QualityGrade::Fair => {
            let count = analysis.findings.len();
            let remarks = if count == 1 { "1 remark".to_owned() } else { format!("{count} remarks") };
            format!("Data quality: fair, {remarks}, see “Method and data quality”.")
        }
        QualityGrade::Poor => "Data quality: poor, the numbers may be wrong; see “Method and data quality”.".to_owned(),
    };
    let unmeasured = analysis.findings.iter().find_map(|finding| match finding.kind {
        FindingKind::BodyUnmeasured { stature_known: true, .. } => Some("Shank length: taken from the height."),
        FindingKind::BodyUnmeasured { shank_length_known: true, .. } => Some("Body height: an average adult's."),
        FindingKind::BodyUnmeasured { .. } => Some("Body height and shank length: an average adult's."),
        _ => None,
    });
    unmeasured.map_or(grade.clone(), |said| format!("{grade} {said}"))
}

fn strip(set: &SetAnalysis) -> Strip {
    let tile = |rep: &Rep| {
        let mark = mark(rep.judgement.verdict);
        Tile { number: rep.number, letter: mark.letter, shape: mark.shape.name(), colour: hex(mark.colour) }
    };
    Strip {
        label: format!("Set {}, {}", set.number, leg(set.side).to_lowercase()),
        tiles: set.reps.iter().map(tile).collect(),
    }
}

const HEADLINES: [Metric; 4] = [Metric::HipBack, Metric::KneeForward, Metric::KneeForwardTurn, Metric::PelvisTilt];

/// What the repetitions measured, from the lowest to the highest.
fn sorted(reps: &[(&SetAnalysis, &Rep)], metric: Metric) -> Vec<Reading> {
    let mut readings: Vec<Reading> = reps.iter().filter_map(|(_, rep)| rep.metrics.reading(metric)).collect();
    readings.sort_by(|a, b| a.value.total_cmp(&b.value));
    readings
}

/// The middle one of the repetitions, and the lowest and the highest: `2 mm (-2 to 66)`. Hinges and drifts have no mean that anybody made.
fn spread(readings: &[Reading], metric: Metric) -> String {
    let words = |reading: &Reading| reading.value_words(metric);
    let unit = if metric.unit() == "mm" { " mm" } else { "°" };
    match readings {
        [] => "not measured".to_owned(),
        [only] => words(only) + unit,
        [lowest, .., highest] => {
            let (below, above) = (&readings[(readings.len() - 1) / 2], &readings[readings.len() / 2]);
            let middle = Reading { value: f64::midpoint(below.value, above.value), ..*below };
            format!("{}{unit} ({} to {})", words(&middle), words(lowest), words(highest))
        }
    }
}

/// A number in a table whose head names the unit.
fn cell(reading: Option<Reading>, metric: Metric) -> String {
    reading.map_or_else(|| "-".to_owned(), |r| r.words(metric))
}

fn headlines(analysis: &SessionAnalysis) -> Vec<Headline> {
    let criteria = &analysis.provenance.protocol.criteria;
    let mut rows = Vec::new();
    for metric in HEADLINES {
        for (side, reps) in by_leg(analysis) {
            let readings = sorted(&reps, metric);
            let met = |good: &dyn Fn(f64) -> bool| {
                let count = readings.iter().filter(|reading| good(reading.value)).count();
                if readings.is_empty() { "-".to_owned() } else { format!("{count} of {}", readings.len()) }
            };
            let (target, met) = match metric {
                Metric::KneeForward => {
                    let good = criteria.knee_forward.good.millimetres();
                    (format!("at most {good:.0} mm"), met(&|value| value <= good))
                }
                Metric::HipBack => {
                    let good = criteria.hip_back.good.millimetres();
                    (format!("at least {good:.0} mm"), met(&|value| value >= good))
                }
                _ => ("-".to_owned(), "-".to_owned()),
            };
            let side = leg(side).to_owned();
            rows.push(Headline { title: metric.title(), side, value: spread(&readings, metric), target, met });
        }
    }
    rows
}

/// At most two sentences, the most frequent fault first, each with the number that caused it and one cue.
fn advice(analysis: &SessionAnalysis) -> Vec<String> {
    let worst = |verdict: Verdict, metrics: &[Metric], largest: bool| {
        let value = |rep: &Rep| metrics.iter().find_map(|&metric| rep.metrics.reading(metric)).map(|r| r.value);
        let named: Vec<f64> = analysis
            .reps()
            .filter(|(_, rep)| rep.judgement.verdict == verdict)
            .filter_map(|(_, rep)| value(rep))
            .collect();
        let extreme = if largest {
            named.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        } else {
            named.iter().copied().fold(f64::INFINITY, f64::min)
        };
        (named.len(), extreme)
    };
    let criteria = &analysis.provenance.protocol.criteria;
    let drifting = analysis.reps().filter(|(_, rep)| rep.judgement.verdict == Verdict::KneeForwardDrift);
    let cue = drift_cue(drifting.map(|(_, rep)| rep.judgement.flags.as_slice()));
    let (drifts, furthest) = worst(Verdict::KneeForwardDrift, &[Metric::KneeForward, Metric::KneeForwardSeen], true);
    let (small, least) = worst(Verdict::InsufficientHipTravel, &[Metric::HipBack], false);
    let mut found = Vec::new();
    if drifts > 0 {
        found.push((
            drifts,
            format!(
                "Keep the knee over the ankle: it travelled up to {furthest:.0} mm forward (limit {:.0} mm). {cue}",
                criteria.knee_forward.fault.millimetres()
            ),
        ));
    }
    if small > 0 {
        found.push((
            small,
            format!(
                "Push the hips further back: the smallest was {least:.0} mm (aim for {:.0} mm or more). \
                 Reach back until you feel a slight pull in the glutes.",
                criteria.hip_back.good.millimetres()
            ),
        ));
    }
    found.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let mut advice: Vec<String> = found.into_iter().map(|(_, text)| text).take(2).collect();
    if advice.is_empty() && analysis.reps().next().is_some() {
        advice.push("No clear fault was seen. Keep the tempo slow and the foot steady.".to_owned());
    }
    advice.extend(analysis.sets.iter().filter_map(|set| dose(set, &analysis.provenance.protocol)));
    advice
}

/// What to do about knees that went forward: by where in the movement most of them did.
fn drift_cue<'a>(flags: impl Iterator<Item = &'a [Flag]>) -> &'static str {
    let (mut all, mut early, mut late) = (0, 0, 0);
    for flags in flags {
        all += 1;
        early += usize::from(flags.contains(&Flag::EarlyDrift));
        late += usize::from(flags.contains(&Flag::LateDrift));
    }
    if 2 * late > all && late >= early {
        "It did so on the way up: squeeze the glutes and bring the hips forward, not the knee."
    } else if 2 * early > all {
        "It did so on the way down: begin with the hips and leave the shin where it is."
    } else {
        "Push the hips to the wall behind you and keep the shin still."
    }
}

/// A set with fewer or more repetitions than the protocol asks for.
fn dose(set: &SetAnalysis, protocol: &Protocol) -> Option<String> {
    // What may have been broken off is not held against anybody, neither as one too many.
    let whole = set.reps.iter().filter(|rep| rep.judgement.cause != Cause::PerhapsBrokenOff);
    let (count, dose) = (u32::try_from(whole.count()).ok()?, protocol.dose);
    let repetitions = if count == 1 { "repetition" } else { "repetitions" };
    let only = if count < dose.min_repetitions { "only " } else { "" };
    let aim = format!("aim for {} to {}", dose.min_repetitions, dose.max_repetitions);
    // A set without any is no set but a look around.
    (count > 0 && !(dose.min_repetitions..=dose.max_repetitions).contains(&count))
        .then(|| format!("Set {} had {only}{count} {repetitions}; {aim}.", set.number))
}

fn rep_row(set: &SetAnalysis, rep: &Rep) -> RepRow {
    let value = |metric: Metric| match (metric, rep.metrics.reading(Metric::KneeForwardSeen)) {
        (Metric::KneeForward, Some(seen)) => format!("≥ {}", seen.words(metric)),
        _ => cell(rep.metrics.reading(metric), metric),
    };
    let seconds = |span: truehinge_core::Span| span.length().seconds();
    let phases = &rep.phases;
    RepRow {
        label: format!(
            "{}.{} {}",
            set.number,
            rep.number,
            set.side.map_or("", |s| if s == Side::Left { "L" } else { "R" })
        ),
        start: format!("{:.1}", rep.span.start.seconds()),
        tempo: format!("{:.1}/{:.1}/{:.1}", seconds(phases.descent), seconds(phases.bottom), seconds(phases.ascent)),
        values: [
            Metric::KneeForward,
            Metric::KneeForwardTurn,
            Metric::HipBack,
            Metric::PelvisTilt,
            Metric::KneeFlexion,
        ]
        .map(value),
        letter: mark(rep.judgement.verdict).letter,
        verdict: rep.judgement.verdict.title(),
        probability: format!("{:.0} %", 100.0 * rep.judgement.probability),
        reason: reason(rep),
    }
}

/// What, how much over which limit, how sure.
fn reason(rep: &Rep) -> String {
    let judgement = &rep.judgement;
    let of = |criterion: Criterion| judgement.evidence.iter().find(|e| e.criterion == criterion);
    let measured = |criterion| {
        of(criterion).map_or_else(String::new, |e| {
            format!("{:.0} mm against a limit of {:.0} mm, error ±{:.0} mm", e.reading.value, e.limit, e.reading.sigma)
        })
    };
    let mut text = match judgement.cause {
        Cause::HingeSure => "The knee stayed and the hips went back.".to_owned(),
        Cause::KneeForwardSure => format!("The knee travelled forward: {}.", measured(Criterion::KneeForwardFault)),
        Cause::KneeForwardSeen => format!(
            "The knee travelled forward by at least this much (part of the repetition is missing): {}.",
            measured(Criterion::KneeForwardSeenFault)
        ),
        Cause::HipTravelShort => format!("The hips moved back too little: {}.", measured(Criterion::HipBackFault)),
        Cause::GreyZone => "Borderline: between the two limits. Not held against you.".to_owned(),
        Cause::TooUncertain => {
            "Too close to the limit to call, given the measurement error. Not held against you.".to_owned()
        }
        Cause::Alone => "One movement alone is no set.".to_owned(),
        Cause::PerhapsBrokenOff => {
            "Smaller and shorter than your others: broken off? Then it does not count.".to_owned()
        }
        Cause::PerhapsPart => "You ended in another posture than you began in: only a part of a repetition?".to_owned(),
        Cause::OtherLeg => "Perhaps not the leg that was named: name the one that carried you.".to_owned(),
        Cause::SensorUnworn => "A sensor did not move at all in this set: put it on and repeat it.".to_owned(),
        Cause::SensorLoose => "A sensor was loose in this set: fasten its strap and repeat it.".to_owned(),
        _ => "Knee or hip travel could not be measured.".to_owned(),
    };
    if !judgement.flags.is_empty() {
        text.push_str(&format!(" Also: {}.", judgement.flags_in_words().join(", ")));
    }
    text
}

fn rejected(analysis: &SessionAnalysis) -> Vec<[String; 3]> {
    analysis
        .sets
        .iter()
        .flat_map(|set| set.rejected_lines().into_iter().map(move |line| (set, line)))
        .map(|(set, (span, why))| {
            let time = format!("{:.1}-{:.1} s", span.start.seconds(), span.end.seconds());
            [format!("Set {}", set.number), time, why]
        })
        .collect()
}

/// How well a sensor's clock is known, and how late its packets came.
fn clock(sensor: &SensorQuality) -> String {
    let known = sensor.clock_sigma_ms.map_or_else(|| "assumed".to_owned(), |sigma| format!("±{sigma:.1} ms"));
    let late =
        sensor.clock_delay_p95_ms.map_or_else(String::new, |delay| format!(", 95th-percentile delay {delay:.0} ms"));
    format!("{known}{late}")
}

/// How well the two clocks that matter are known against each other.
fn clocks(analysis: &SessionAnalysis) -> String {
    analysis.clock_pair_sigma_ms().map_or_else(String::new, |sigma| {
        format!("The clocks of the hip and the shin sensor are known to ±{sigma:.1} ms against each other.")
    })
}

fn sensors(analysis: &SessionAnalysis) -> Vec<[String; 7]> {
    analysis
        .sensors
        .iter()
        .map(|s| {
            let gravity = s.gravity.map_or_else(|| "no rest".to_owned(), |g| format!("{g:.2} m/s²"));
            [
                s.role.to_string(),
                s.model.clone(),
                format!("{:.1} Hz", s.rate_hz),
                format!("{:.1} %", 100.0 * s.loss()),
                format!("{:.2} s", s.longest_gap_s),
                clock(s),
                if s.accelerometer_corrected { format!("{gravity}, corrected") } else { gravity },
            ]
        })
        .collect()
}

fn alignment(analysis: &SessionAnalysis) -> Vec<[String; 4]> {
    use truehinge_core::AlignmentMethod::{Functional, FunctionalAndMount, Mount, Weak};
    analysis
        .sets
        .iter()
        .flat_map(|set| set.alignment.iter().map(move |a| (set, a)))
        .map(|(set, a)| {
            let method = match a.method {
                Functional => "from the movements",
                FunctionalAndMount => "from movements and mounting site",
                Mount => "from the mounting site",
                Weak => "a guess",
            };
            [
                format!("Set {}", set.number),
                a.role.to_string(),
                method.to_owned(),
                format!("±{:.0}°", a.axis_sigma.degrees()),
            ]
        })
        .collect()
}

fn limits(analysis: &SessionAnalysis) -> Vec<[String; 3]> {
    let c = &analysis.provenance.protocol.criteria;
    let mm = |l: truehinge_core::Length| format!("{:.0} mm", l.millimetres());
    let deg = |a: truehinge_core::Angle| format!("{:.0}°", a.degrees());
    let row = |name: &str, good: String, fault: String| [name.to_owned(), good, fault];
    let at_most = |name: &str, good: String, fault: String| row(name, format!("up to {good}"), format!("over {fault}"));
    let angle = |name: &str, limit: &Limits<PlaneAngle>| at_most(name, deg(limit.good), deg(limit.fault));
    let trunk = analysis.sensors.iter().any(|sensor| sensor.role == SensorRole::Trunk);
    let knock = |limit: truehinge_core::Scalar<_>| format!("{:.0} m/s²", limit.si());
    vec![
        at_most("Knee-forward travel", mm(c.knee_forward.good), mm(c.knee_forward.fault)),
        row("Hip-back travel", format!("from {}", mm(c.hip_back.good)), format!("under {}", mm(c.hip_back.fault))),
        angle("Knee flexion", &c.knee_flexion),
        angle("Pelvic drop", &c.pelvis_drop),
        angle("Pelvic rotation", &c.pelvis_rotation),
        angle("Side-to-side lean of the shin", &c.shank_sway),
        at_most("Jolt at the shin", knock(c.foot_knock.good), knock(c.foot_knock.fault)),
        if trunk {
            angle("Spine flexion", &c.spine_flexion)
        } else {
            row("Spine flexion", "not measured:".to_owned(), "no trunk sensor".to_owned())
        },
        row("Lowering time", "-".to_owned(), format!("under {:.1} s", c.min_descent_s)),
        row("Verdict given from a certainty of", format!("{:.0} %", 100.0 * c.confidence), "-".to_owned()),
    ]
}

fn earlier_row(analysis: &SessionAnalysis) -> [String; 6] {
    let reps: Vec<_> = analysis.reps().collect();
    let hinges = reps.iter().filter(|(_, r)| r.judgement.verdict == Verdict::TrueHinge).count();
    [
        date(analysis),
        session_shown(analysis),
        reps.len().to_string(),
        hinges.to_string(),
        spread(&sorted(&reps, Metric::KneeForward), Metric::KneeForward),
        spread(&sorted(&reps, Metric::HipBack), Metric::HipBack),
    ]
}

fn footer(analysis: &SessionAnalysis) -> String {
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let p = &analysis.provenance;
    format!(
        "truehinge {} · protocol {} · configuration {} · input {} · reference values: none",
        p.version,
        p.protocol.name,
        short(&p.config_sha256),
        short(&p.input_sha256)
    )
}

fn figure_data(analysis: &SessionAnalysis) -> FigureData {
    let c = &analysis.provenance.protocol.criteria;
    let reps = analysis
        .reps()
        .map(|(set, rep)| FigureRep {
            side: set.side,
            set: set.number,
            number: rep.number,
            verdict: rep.judgement.verdict,
            knee: rep.metrics.reading(Metric::KneeForward),
            hip: rep.metrics.reading(Metric::HipBack),
            curves: truehinge_core::Signal::ALL
                .iter()
                .map(|signal| {
                    rep.curves.iter().find(|c| c.signal == *signal).map(|c| c.values.clone()).unwrap_or_default()
                })
                .collect(),
        })
        .collect();
    FigureData {
        reps,
        knee_limits: (c.knee_forward.good.millimetres(), c.knee_forward.fault.millimetres()),
        hip_limits: (c.hip_back.good.millimetres(), c.hip_back.fault.millimetres()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_middle_and_the_ends() {
        let of = |values: &[f64], metric| {
            let readings: Vec<Reading> = values.iter().map(|&value| Reading { value, sigma: 2.0 }).collect();
            spread(&readings, metric)
        };
        assert_eq!(of(&[], Metric::KneeForward), "not measured");
        assert_eq!(of(&[-3.0], Metric::KneeForward), "-3 mm");
        assert_eq!(of(&[-3.0, 2.0, 66.0], Metric::KneeForward), "2 mm (-3 to 66)");
        assert_eq!(of(&[10.0, 20.0, 30.0, 41.0], Metric::PelvisTilt), "25.0° (10.0 to 41.0)");
    }

    #[test]
    fn the_cue_is_about_the_part_of_the_movement_in_which_most_knees_went_forward() {
        let cue = |flags: &[&[Flag]]| drift_cue(flags.iter().copied());
        let (early, late, whole): (&[Flag], &[Flag], &[Flag]) = (&[Flag::EarlyDrift], &[Flag::LateDrift], &[]);
        assert!(cue(&[late, late, early]).contains("on the way up"));
        assert!(cue(&[early, &[Flag::KneeBend, Flag::EarlyDrift], late]).contains("on the way down"));
        for mixed in [&[whole, late][..], &[early, whole, whole], &[]] {
            assert!(cue(mixed).starts_with("Push the hips"), "{mixed:?}");
        }
    }
}
