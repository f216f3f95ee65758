//! What to work on: at most two things, each with the number that caused it and one cue.

use serde::Serialize;
use truehinge_core::{Cause, Flag, Metric, Protocol, Rep, SessionAnalysis, SetAnalysis, Verdict};

use super::Say;
use super::labels::{Placed, letter};

/// One thing to work on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Advice {
    /// What was seen, with its number.
    pub found: String,
    /// What to do.
    pub cue: String,
}

/// The most frequent fault first.
pub fn advice(sessions: &[SessionAnalysis], reps: &[Placed<'_>], say: Say) -> Vec<Advice> {
    let Some(latest) = sessions.last() else { return Vec::new() };
    let criteria = &latest.provenance.protocol.criteria;
    let mut found = Vec::new();
    let drifts = of(reps, Verdict::KneeForwardDrift);
    let knee = |rep: &Rep| value(rep, &[Metric::KneeForward, Metric::KneeForwardSeen]);
    if let Some(furthest) = drifts.iter().filter_map(|rep| knee(rep)).reduce(f64::max) {
        let args = say
            .args()
            .text("value", say.with_unit(furthest, Metric::KneeForward))
            .text("limit", say.with_unit(criteria.knee_forward.fault.millimetres(), Metric::KneeForward));
        let cue = say.label(drift_cue(drifts.iter().map(|rep| rep.judgement.flags.as_slice())));
        found.push((drifts.len(), Advice { found: say.say("advice-knee", &args), cue }));
    }
    let short = of(reps, Verdict::InsufficientHipTravel);
    if let Some(least) = short.iter().filter_map(|rep| value(rep, &[Metric::HipBack])).reduce(f64::min) {
        let args = say
            .args()
            .text("value", say.with_unit(least, Metric::HipBack))
            .text("limit", say.with_unit(criteria.hip_back.good.millimetres(), Metric::HipBack));
        found.push((short.len(), Advice { found: say.say("advice-hip", &args), cue: say.label("cue-hip") }));
    }
    found.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let mut advice: Vec<Advice> = found.into_iter().map(|(_, advice)| advice).take(2).collect();
    if advice.is_empty() {
        advice.extend(without_fault(reps, say));
    }
    advice
}

/// What is said where no fault was seen. Where a sensor or a doubt keeps every verdict open, nothing was: then what to do about that.
fn without_fault(reps: &[Placed<'_>], say: Say) -> Option<Advice> {
    let counted = || reps.iter().map(|placed| placed.rep).filter(|rep| rep.counts());
    let first = counted().next()?;
    if counted().any(Rep::is_whole) {
        return Some(Advice { found: say.label("no-fault"), cue: say.label("cue-none") });
    }
    let found = say.language.say(&format!("cause-{}", first.judgement.cause.name()), &say.args());
    Some(Advice { found, cue: String::new() })
}

/// Sets that were shorter or longer than the protocol asks for.
pub fn doses(sessions: &[SessionAnalysis], say: Say) -> Vec<String> {
    let of = |(index, session): (usize, &SessionAnalysis)| -> Vec<String> {
        let name = letter(index, sessions.len());
        session.sets.iter().filter_map(|set| dose(set, &name, &session.provenance.protocol, say)).collect()
    };
    sessions.iter().enumerate().flat_map(of).collect()
}

fn of<'a>(reps: &[Placed<'a>], verdict: Verdict) -> Vec<&'a Rep> {
    reps.iter().map(|placed| placed.rep).filter(|rep| rep.counts() && rep.verdict() == verdict).collect()
}

fn value(rep: &Rep, metrics: &[Metric]) -> Option<f64> {
    metrics.iter().find_map(|&metric| rep.metrics.reading(metric)).map(|reading| reading.value)
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
        "cue-knee-up"
    } else if 2 * early > all {
        "cue-knee-down"
    } else {
        "cue-knee"
    }
}

/// A set with fewer or more repetitions than the protocol asks for.
fn dose(set: &SetAnalysis, name: &str, protocol: &Protocol, say: Say) -> Option<String> {
    // What may have been broken off is not held against anybody, neither as one too many.
    let whole = set.reps.iter().filter(|rep| rep.judgement.cause != Cause::PerhapsBrokenOff);
    let (count, dose) = (u32::try_from(whole.count()).ok()?, protocol.dose);
    let args = say
        .args()
        .text("set", format!("{name}{}", set.number))
        .count("count", u64::from(count))
        .text("few", if count < dose.min_repetitions { "yes" } else { "no" })
        .count("from", u64::from(dose.min_repetitions))
        .count("to", u64::from(dose.max_repetitions));
    // A set without any is no set but a look around.
    (count > 0 && !(dose.min_repetitions..=dose.max_repetitions).contains(&count)).then(|| say.say("dose", &args))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cue_is_about_the_part_of_the_movement_in_which_most_knees_went_forward() {
        let cue = |flags: &[&[Flag]]| drift_cue(flags.iter().copied());
        let (early, late, whole): (&[Flag], &[Flag], &[Flag]) = (&[Flag::EarlyDrift], &[Flag::LateDrift], &[]);
        assert_eq!(cue(&[late, late, early]), "cue-knee-up");
        assert_eq!(cue(&[early, &[Flag::KneeBend, Flag::EarlyDrift], late]), "cue-knee-down");
        for mixed in [&[whole, late][..], &[early, whole, whole], &[]] {
            assert_eq!(cue(mixed), "cue-knee", "{mixed:?}");
        }
    }
}
