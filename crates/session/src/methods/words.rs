//! The sentences. Each is there only if the results say it.

use std::collections::{BTreeMap, BTreeSet};

use truehinge_core::{QualityGrade, Verdict};
use truehinge_dataset::table::SessionRow;
use truehinge_signal::Method;

use super::references::Cited;
use super::{Results, Settings};

/// Digits of a hash that tell configurations apart.
const DIGITS: usize = 12;

pub(super) fn paragraphs(results: &Results, cited: &mut Cited) -> Vec<String> {
    if results.sessions.is_empty() {
        return vec!["There are no results: nothing can be said of methods.".to_owned()];
    }
    let all = [
        participants(results),
        processing(results, cited),
        measures(results, cited),
        verdicts(results),
        counts(results),
    ];
    all.into_iter().map(|sentences| sentences.join(" ")).filter(|paragraph| !paragraph.is_empty()).collect()
}

/// `1 recording`, `2 recordings`.
fn number(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `60 to 120`, or one number where both are the same.
fn between(values: impl Iterator<Item = f64>, digits: usize) -> Option<String> {
    let finite: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    let least = finite.iter().copied().reduce(f64::min)?;
    let most = finite.iter().copied().reduce(f64::max)?;
    let (least, most) = (format!("{least:.digits$}"), format!("{most:.digits$}"));
    Some(if least == most { least } else { format!("{least} to {most}") })
}

/// `a, b and c`.
fn list(words: impl IntoIterator<Item = String>) -> String {
    let words: Vec<String> = words.into_iter().collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// A number without zeros that say nothing.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Plain letters: names of sensors are whatever their makers write.
fn ascii(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii() && !c.is_control() { c } else { '?' }).collect()
}

/// How many recordings something holds of; nothing for none of them.
fn of_sessions(results: &Results, holds: impl Fn(&SessionRow) -> bool) -> Option<String> {
    let count = results.sessions.iter().filter(|session| holds(session)).count();
    match count {
        0 => None,
        all if all == results.sessions.len() => Some("all recordings".to_owned()),
        some => Some(format!("{some} of {} recordings", results.sessions.len())),
    }
}

fn has(session: &SessionRow, issue: &str) -> bool {
    session.issues.split(';').any(|code| code.trim() == issue)
}

fn participants(results: &Results) -> Vec<String> {
    let sessions = &results.sessions;
    let days: BTreeSet<_> = sessions.iter().filter_map(|session| session.date_local).collect();
    let when = match (days.first(), days.last()) {
        (Some(first), Some(last)) if first == last => format!(" on {first}"),
        (Some(first), Some(last)) => format!(" between {first} and {last}"),
        _ => String::new(),
    };
    let mut said = vec![format!(
        "{} of {} {} made{when}, each with an inertial sensor on the pelvis and one on the shank of the supporting leg.",
        number(sessions.len(), "recording"),
        number(results.people().len(), "person").replace("persons", "people"),
        if sessions.len() == 1 { "was" } else { "were" }
    )];
    for (worn, place) in [
        (of_sessions(results, |s| s.device_thigh.is_some()), "thigh"),
        (of_sessions(results, |s| s.device_trunk.is_some()), "trunk"),
    ] {
        said.extend(worn.map(|worn| format!("In {worn} a sensor on the {place} was worn as well.")));
    }
    let devices = sessions.iter().flat_map(|s| [&s.device_hip, &s.device_shank, &s.device_thigh, &s.device_trunk]);
    let models: BTreeSet<String> =
        devices.flatten().filter(|model| !model.is_empty()).map(|model| ascii(model)).collect();
    if !models.is_empty() {
        said.push(format!("Sensors were {}.", list(models)));
    }
    if let Some(rates) = between(sessions.iter().filter_map(|session| session.rate_hz), 0) {
        said.push(format!("They measured {rates} samples a second (the slowest sensor of each recording)."));
    }
    if let Some(most) = sessions.iter().filter_map(|session| session.loss_pct).reduce(f64::max) {
        said.push(format!("At most {} % of a sensor's samples were lost.", short((most * 10.0).round() / 10.0)));
    }
    said
}

/// A version with a configuration, and how many recordings were analysed by it.
type Combinations<'a> = BTreeMap<(&'a str, &'a str), usize>;

fn combinations(results: &Results) -> Combinations<'_> {
    let mut found = Combinations::new();
    for session in &results.sessions {
        *found.entry((&session.software_version, &session.config_sha256)).or_default() += 1;
    }
    found
}

fn settings_words(results: &Results, version: &str, hash: &str) -> String {
    match results.settings.get(hash).filter(|_| version == env!("CARGO_PKG_VERSION")) {
        Some(Settings::BuiltIn) => "all numbers of its method are the built-in ones".to_owned(),
        Some(Settings::Changed(changed)) => format!("numbers other than the built-in ones: {}", changed.join(", ")),
        None => "its numbers of the method or its protocol are not the built-in ones of this version".to_owned(),
    }
}

fn processing(results: &Results, cited: &mut Cited) -> Vec<String> {
    let found = combinations(results);
    let named = |((version, hash), count): (&(&str, &str), &usize)| {
        let hash_words = hash.get(..DIGITS).unwrap_or(hash);
        let settings = settings_words(results, version, hash);
        (format!("truehinge {version} (configuration {hash_words}; {settings})"), *count)
    };
    let all: Vec<(String, usize)> = found.iter().map(named).collect();
    let mut said = match &all[..] {
        [(one, _)] => vec![format!("All of them were analysed with {one}.")],
        several => vec![format!(
            "They were analysed by {} combinations of version and configuration, whose numbers are not to be pooled unseen: {}.",
            several.len(),
            list(several.iter().map(|(words, count)| format!("{} with {words}", number(*count, "recording"))))
        )],
    };
    // A common clock has no uncertainty, and none was fitted.
    let is_fitted = |session: &SessionRow| session.clock_sigma_ms.is_some_and(|sigma| sigma > 0.0);
    if let Some(shared) = of_sessions(results, |session| session.clock_sigma_ms == Some(0.0)) {
        said.push(format!("In {shared} the sensors' samples are of one clock already."));
    }
    if let Some(fitted) = of_sessions(results, is_fitted) {
        let most = results.sessions.iter().filter_map(|session| session.clock_sigma_ms).fold(0.0, f64::max);
        let cites = cited.cite(&["Moon1999", "Zhang2002"]);
        said.push(format!(
            "In {fitted} the clock of each sensor was laid on a common timeline by the lower hull of the arrivals of its packets {cites}, \
             with a standard uncertainty of at most {} ms.",
            short((most * 10.0).round() / 10.0)
        ));
    }
    if let Some(assumed) = of_sessions(results, |session| has(session, "clock_assumed")) {
        said.push(format!(
            "In {assumed} there were no arrival times, and the sensors are assumed to have started together."
        ));
    }
    let derived = of_sessions(results, |session| has(session, "orientation_only"));
    if let Some(filtered) = of_sessions(results, |session| !has(session, "orientation_only")) {
        let cites = cited.cite(&["Laidig2023"]);
        said.push(format!(
            "In {filtered} orientations were estimated from angular rate and specific force with VQF, forwards and backwards, without a \
             magnetometer {cites}."
        ));
    }
    if let Some(derived) = derived {
        said.push(format!(
            "In {derived} orientations are those of the sensors' own filters, and there is no hip travel."
        ));
    }
    if results.sessions.iter().all(|session| built_in(results, session)) {
        let method = Method::default();
        said.push(format!(
            "Orientations were put on a common grid of {} Hz; angles were low-pass filtered at {} Hz (second-order Butterworth, forwards and backwards).",
            short(method.grid.rate_hz),
            short(method.measure.smoothing_hz)
        ));
    }
    said.extend(alignment(results, cited));
    said
}

/// Whether the numbers of the method are those that this program has.
fn built_in(results: &Results, session: &SessionRow) -> bool {
    session.software_version == env!("CARGO_PKG_VERSION")
        && results.settings.get(&session.config_sha256) == Some(&Settings::BuiltIn)
}

fn alignment(results: &Results, cited: &mut Cited) -> Vec<String> {
    let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
    for set in &results.sets {
        [&set.hip_alignment, &set.shank_alignment]
            .into_iter()
            .flatten()
            .for_each(|way| *ways.entry(way).or_default() += 1);
    }
    let words = |way: &str| match way {
        "functional" => "the axis of movements",
        "functional_and_mount" => "the axis of movements together with the mounting site",
        "mount" => "the mounting site alone",
        _ => "neither movements nor mounting site for sure",
    };
    let ways: Vec<String> =
        ways.iter().map(|(way, count)| format!("{} ({count} of the sensors of sets)", words(way))).collect();
    if ways.is_empty() {
        return Vec::new();
    }
    let cites = cited.cite(&["WuCavanagh1995", "Wu2002"]);
    let mut said = vec![format!(
        "Sensors were aligned with axes of pelvis and shank after the ISB {cites} by quiet standing and, for the front, by {}.",
        list(ways)
    )];
    let sigmas = results.sets.iter().flat_map(|set| [set.hip_axis_sigma_deg, set.shank_axis_sigma_deg]).flatten();
    said.extend(
        between(sigmas, 1).map(|sigmas| format!("The front of a sensor is known within {sigmas} degrees (1 sigma).")),
    );
    said
}

fn measures(results: &Results, cited: &mut Cited) -> Vec<String> {
    if results.reps.is_empty() {
        return Vec::new();
    }
    let mut said = vec![
        "Every number of a repetition is the change from the quiet stance before it to the peak.".to_owned(),
        "Knee-forward travel is the length of the shank times the change of the sine of its forward lean.".to_owned(),
    ];
    if results.reps.iter().any(|rep| rep.hip_back_mm.is_some()) {
        let cites = cited.cite(&["Sabatini2005", "Winter2009"]);
        said.push(format!(
            "Hip-back travel is the displacement of the hip joint by integration of the pelvis sensor between two stances, adjusted by least \
             squares to rests, to the geometry of the supporting leg and to balance {cites}."
        ));
    }
    if results.reps.iter().any(|rep| rep.pelvis_rotation_deg.is_some()) {
        said.push(format!("Rotation of the pelvis is read from its mediolateral axis {}.", cited.cite(&["Baker2001"])));
    }
    let measured = of_sessions(results, |session| session.shank_length_measured);
    let from_stature = of_sessions(results, |session| !session.shank_length_measured && session.stature_mm.is_some());
    let unknown = of_sessions(results, |session| !session.shank_length_measured && session.stature_mm.is_none());
    said.extend(measured.map(|sessions| format!("The length of the shank was measured for {sessions}.")));
    if let Some(sessions) = from_stature {
        said.push(format!("For {sessions} it was taken from standing height {}.", cited.cite(&["DrillisContini1964"])));
    }
    said.extend(unknown.map(|sessions| {
        format!("For {sessions} nobody measured the body: it is that of an average adult, with the spread of adults.")
    }));
    said.push(
        "Each number has a standard uncertainty, the root of the sum of squares of named contributions (orientation, soft tissue, axes, \
         segment lengths, lever arm, drift and others), listed for each repetition."
            .to_owned(),
    );
    said
}

/// The limits of a session, in words.
fn limits(session: &SessionRow) -> String {
    format!(
        "{}: knee-forward travel is good up to {} mm and a fault beyond {} mm, hip-back travel is good from {} mm and too little below {} mm; \
         a verdict is named from a probability of {}",
        ascii(&session.protocol),
        short(session.limit_knee_forward_good_mm),
        short(session.limit_knee_forward_fault_mm),
        short(session.limit_hip_back_good_mm),
        short(session.limit_hip_back_fault_mm),
        short(session.limit_confidence)
    )
}

fn verdicts(results: &Results) -> Vec<String> {
    let mut by_limits: BTreeMap<String, usize> = BTreeMap::new();
    results.sessions.iter().for_each(|session| *by_limits.entry(limits(session)).or_default() += 1);
    let mut said = match by_limits.len() {
        1 => by_limits
            .keys()
            .map(|words| format!("Repetitions were judged by the limits of the protocol {words}."))
            .collect(),
        _ => by_limits
            .iter()
            .map(|(words, count)| format!("{} were judged by the protocol {words}.", number(*count, "recording")))
            .collect::<Vec<_>>(),
    };
    said.push(
        "A fault is named where the value lies beyond its limit and is not within the good one with that probability, a hinge where both lie \
         within the good limits and neither is a fault with it; all others are called not sure."
            .to_owned(),
    );
    let own = of_sessions(results, |session| session.facts.contains("limit_"));
    said.extend(own.map(|sessions| format!("In {sessions} limits of the person's own were used.")));
    said
}

fn counts(results: &Results) -> Vec<String> {
    let (reps, sets) = (number(results.reps.len(), "repetition"), number(results.sets.len(), "set"));
    let mut said = vec![format!("Found: {reps} in {sets}.")];
    let excluded = results.reps.iter().filter(|rep| rep.excluded == Some(true)).count();
    let corrected = results.reps.iter().filter(|rep| rep.corrected_by.is_some()).count();
    let verdict = |verdict: Verdict| {
        let count = results.reps.iter().filter(|rep| rep.label == verdict && rep.excluded != Some(true)).count();
        (count > 0).then(|| format!("{count} {}", verdict.title()))
    };
    let verdicts: Vec<String> = Verdict::ALL.into_iter().filter_map(verdict).collect();
    if !verdicts.is_empty() {
        said.push(format!("Of those that count, by verdict: {}.", list(verdicts)));
    }
    if corrected > 0 {
        said.push(format!(
            "{} by hand, {excluded} of them excluded.",
            if corrected == 1 { "1 was corrected".to_owned() } else { format!("{corrected} were corrected") }
        ));
    }
    if !results.rejected.is_empty() {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        results.rejected.iter().for_each(|reason| *reasons.entry(reason).or_default() += 1);
        let reasons = reasons.iter().map(|(reason, count)| format!("{} ({count})", reason.replace('_', " ")));
        let (count, reasons) = (number(results.rejected.len(), "movement"), list(reasons));
        said.push(format!("Beside them, not counted after a look: {count}, by reason: {reasons}."));
    }
    let grade = |grade: QualityGrade| {
        let count = results.sessions.iter().filter(|session| session.quality_grade == grade).count();
        (count > 0).then(|| format!("{} for {}", format!("{grade:?}").to_lowercase(), number(count, "recording")))
    };
    let grades = list([QualityGrade::Good, QualityGrade::Fair, QualityGrade::Poor].into_iter().filter_map(grade));
    said.push(format!("The quality of the data is graded {grades}."));
    if results.failures > 0 {
        said.push(format!("{} could not be used.", number(results.failures, "input")));
    }
    said
}
