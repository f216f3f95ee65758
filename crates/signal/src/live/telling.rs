//! What was told and still holds, against what an analysis says now.

use truehinge_core::{Finding, Metric, Rep, SessionAnalysis, SessionTime};

use super::{AFTER_ALL, BEFORE_ALL, LiveEvent, LiveRep};
use crate::method::Method;

/// A repetition that a listener knows of.
struct Known {
    /// As it was told.
    told: LiveRep,
    /// As the last look at it has it: no news beside what was told.
    latest: LiveRep,
}

impl Known {
    fn new(told: LiveRep) -> Self {
        Self { latest: told.clone(), told }
    }
}

/// What an analysis can know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Knowledge {
    /// Of what was before, it knows nothing: that stays as it was told.
    pub from: SessionTime,
    /// What had not ended by then may be told later.
    pub by: SessionTime,
    /// Its data end in the middle of a movement.
    pub under_way: bool,
}

impl Knowledge {
    /// All there is to know of a session.
    pub(super) const ALL: Self = Self { from: BEFORE_ALL, by: AFTER_ALL, under_way: false };
}

/// Repetitions and ways of wearing that a listener believes.
pub(super) struct Telling {
    reps: Vec<Known>,
    worn: Vec<Finding>,
    /// Longest pause within a set, s.
    pause_s: f64,
    /// A number that moved by more than so many sigmas is news.
    revised_sigmas: f64,
}

impl Telling {
    pub(super) fn new(method: &Method) -> Self {
        let (pause_s, revised_sigmas) = (method.set.pause_s, method.live.revised_sigmas);
        Self { reps: Vec::new(), worn: Vec::new(), pause_s, revised_sigmas }
    }

    /// What has been told and still holds, in order, as it was last seen.
    pub(super) fn reps(&self) -> impl Iterator<Item = &LiveRep> {
        self.reps.iter().map(|known| &known.latest)
    }

    /// Takes the repetitions of an analysis as they are, without a word.
    pub(super) fn adopt(&mut self, analysis: &SessionAnalysis) {
        let reps = analysis.reps().map(|(set, rep)| LiveRep { side: set.side, rep: rep.clone() });
        self.reps = reps.map(Known::new).collect();
    }

    /// Tells what is wrong with how the sensors are worn since a time, each once, and takes back what does not hold.
    pub(super) fn wearing(&mut self, analysis: &SessionAnalysis, since: SessionTime, emit: &mut dyn FnMut(LiveEvent)) {
        let is_since = |finding: &Finding| finding.span.is_some_and(|span| span.end > since);
        let found: Vec<Finding> = analysis
            .findings
            .iter()
            .filter(|finding| finding.is_about_wearing() && is_since(finding))
            .copied()
            .collect();
        self.worn.retain(|told| {
            let holds = !is_since(told) || found.iter().any(|finding| finding.is_same(told));
            if !holds {
                emit(LiveEvent::WornWell(*told));
            }
            holds
        });
        for finding in found {
            if !self.worn.iter().any(|told| finding.is_same(told)) {
                self.worn.push(finding);
                emit(LiveEvent::Worn(finding));
            }
        }
    }

    /// Tells the repetitions that are known and were not told so yet. What was told is taken back or corrected only when nothing is under
    /// way: half a movement shifts what the stance seems to be, and with it everything that is measured from there.
    pub(super) fn repetitions(
        &mut self,
        analysis: &SessionAnalysis,
        known: Knowledge,
        emit: &mut dyn FnMut(LiveEvent),
    ) {
        let found = self.found(analysis, known.from, known.by);
        let is_gone = |told: &LiveRep| {
            let is_there = found.iter().any(|new| new.rep.span.overlaps(told.rep.span));
            told.rep.span.start >= known.from && !is_there
        };
        if known.under_way && self.reps.iter().any(|rep| is_gone(&rep.told)) {
            return;
        }
        self.reps.retain(|Known { told, .. }| {
            let gone = is_gone(told);
            if gone {
                emit(LiveEvent::Withdrawn(told.rep.span));
            }
            !gone
        });
        for new in found {
            match self.reps.iter_mut().find(|told| told.told.rep.span.overlaps(new.rep.span)) {
                None => {
                    self.reps.push(Known::new(new.clone()));
                    emit(LiveEvent::Repetition(new));
                }
                Some(told) if is_news(&told.told.rep, &new.rep, self.revised_sigmas) => {
                    if !known.under_way {
                        *told = Known::new(new.clone());
                        emit(LiveEvent::Revised(new));
                    }
                }
                Some(told) => told.latest = new,
            }
        }
        self.reps.sort_by_key(|known| known.told.rep.span.start);
    }

    /// The repetitions of an analysis that have ended, numbered on from what was before `cut`.
    fn found(&self, analysis: &SessionAnalysis, cut: SessionTime, by: SessionTime) -> Vec<LiveRep> {
        let mut found = Vec::new();
        for set in &analysis.sets {
            let Some(first) = set.reps.first() else { continue };
            let before = self.reps.iter().map(|known| &known.told).rfind(|told| told.rep.span.start < cut);
            let offset = before
                .filter(|told| (first.span.start - told.rep.span.end).seconds() <= self.pause_s)
                .map_or(0, |told| told.rep.number);
            let ended = set.reps.iter().filter(|rep| rep.span.end <= by);
            found.extend(
                ended.map(|rep| LiveRep { side: set.side, rep: Rep { number: rep.number + offset, ..rep.clone() } }),
            );
        }
        found
    }
}

/// Whether a listener should hear of the new form of a repetition.
fn is_news(told: &Rep, new: &Rep, sigmas: f64) -> bool {
    let moved = |metric: &Metric| match (told.metrics.reading(*metric), new.metrics.reading(*metric)) {
        (Some(a), Some(b)) => (a.value - b.value).abs() > sigmas * b.sigma,
        (a, b) => a.is_some() != b.is_some(),
    };
    told.judgement.verdict != new.judgement.verdict
        || told.judgement.flags != new.judgement.flags
        || told.number != new.number
        || [Metric::KneeForward, Metric::HipBack].iter().any(moved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{Angle, FindingKind, SensorRole, Span, Verdict};

    use super::super::{AFTER_ALL, BEFORE_ALL};
    use crate::drawn::told::{analysis, rep};

    fn at(seconds: f64) -> SessionTime {
        SessionTime::from_seconds(seconds)
    }

    /// What is told of an analysis, in short.
    fn heard(telling: &mut Telling, analysis: &SessionAnalysis, from: SessionTime, by: SessionTime) -> Vec<String> {
        hear(telling, analysis, Knowledge { from, by, under_way: false })
    }

    fn hear(telling: &mut Telling, analysis: &SessionAnalysis, known: Knowledge) -> Vec<String> {
        let mut heard = Vec::new();
        telling.repetitions(analysis, known, &mut |event| {
            heard.push(match event {
                LiveEvent::Repetition(new) => format!("new {}", new.rep.number),
                LiveEvent::Revised(new) => format!("revised {}", new.rep.number),
                LiveEvent::Withdrawn(span) => format!("withdrawn {}", span.start.seconds()),
                other => format!("{other:?}"),
            });
        });
        heard
    }

    fn telling() -> Telling {
        Telling::new(&Method::default())
    }

    #[test]
    fn while_a_movement_is_under_way_nothing_is_taken_back_or_corrected() {
        let mut telling = telling();
        let mut say = |reps: Vec<Rep>, under_way| {
            let known = Knowledge { under_way, ..Knowledge::ALL };
            hear(&mut telling, &analysis(vec![reps]), known)
        };
        assert_eq!(say(vec![rep(1, 10.0, 5.0)], true), ["new 1"]);
        // One that is there no more: what else was found may be as wrong.
        assert_eq!(say(vec![rep(1, 20.0, 5.0)], true), [""; 0]);
        assert_eq!(say(vec![rep(1, 10.0, 9.0), rep(2, 20.0, 5.0)], true), ["new 2"]);
        assert_eq!(say(vec![rep(1, 10.0, 9.0), rep(2, 20.0, 5.0)], false), ["revised 1"]);
        assert_eq!(say(vec![rep(1, 20.0, 5.0)], false), ["withdrawn 10", "revised 1"]);
    }

    #[test]
    fn a_repetition_is_told_once_it_has_ended_and_again_when_it_changed() {
        let mut telling = telling();
        let mut say = |reps: Vec<Rep>, by| heard(&mut telling, &analysis(vec![reps]), BEFORE_ALL, at(by));
        assert_eq!(say(vec![rep(1, 10.0, 5.0)], 11.9), [""; 0]);
        assert_eq!(say(vec![rep(1, 10.0, 5.0)], 12.0), ["new 1"]);
        // Sigma is 2 mm: half of it is no news.
        assert_eq!(say(vec![rep(1, 10.1, 5.9)], 20.0), [""; 0]);
        assert_eq!(say(vec![rep(1, 10.1, 6.1)], 20.0), ["revised 1"]);
        assert_eq!(say(vec![rep(1, 10.1, 5.0)], 20.0), ["revised 1"]);
        assert_eq!(say(vec![rep(1, 6.0, 1.0), rep(2, 10.0, 5.0)], 20.0), ["new 1", "revised 2"]);
        assert_eq!(say(vec![rep(1, 6.0, 1.0)], 20.0), ["withdrawn 10"]);
        let mut other = rep(1, 6.0, 1.0);
        other.judgement.verdict = Verdict::Indeterminate;
        assert_eq!(say(vec![other], 20.0), ["revised 1"]);
    }

    #[test]
    fn what_was_before_the_window_stays_and_the_set_is_numbered_on() {
        let mut telling = telling();
        assert_eq!(heard(&mut telling, &analysis(vec![vec![rep(1, 10.0, 5.0)]]), BEFORE_ALL, AFTER_ALL), ["new 1"]);
        // The window now begins at 15 s: 7.9 s after the last repetition its set goes on, 8.1 s after it another one begins.
        let later = |start| analysis(vec![vec![rep(1, start, 5.0)]]);
        assert_eq!(heard(&mut telling, &later(19.9), at(15.0), AFTER_ALL), ["new 2"]);
        assert_eq!(heard(&mut telling, &later(20.2), at(15.0), AFTER_ALL), ["revised 1"]);
        assert_eq!(telling.reps().count(), 2);
    }

    #[test]
    fn the_whole_recording_numbers_its_own_sets() {
        let mut telling = telling();
        let whole = analysis(vec![vec![rep(1, 10.0, 5.0), rep(2, 14.0, 5.0)]]);
        assert_eq!(heard(&mut telling, &whole, BEFORE_ALL, AFTER_ALL), ["new 1", "new 2"]);
        assert_eq!(heard(&mut telling, &whole, BEFORE_ALL, AFTER_ALL), [""; 0]);
        telling.adopt(&analysis(vec![vec![rep(1, 10.0, 5.5)]]));
        assert_eq!(telling.reps().map(|told| &told.rep).collect::<Vec<_>>(), [&rep(1, 10.0, 5.5)]);
    }

    #[test]
    fn how_a_sensor_is_worn_is_told_once_and_taken_back() {
        let slip = |role, from: f64| {
            let kind = FindingKind::Slipped { turn: Angle::from_degrees(15.0) };
            Finding::of_sensor(role, kind).during(Span::from_seconds(from, from + 5.0))
        };
        let mut telling = telling();
        let mut say = |findings: &[Finding], since: f64| {
            let mut heard = Vec::new();
            let analysis = SessionAnalysis { findings: findings.to_vec(), ..analysis(Vec::new()) };
            telling.wearing(&analysis, at(since), &mut |event| heard.push(event));
            heard
        };
        let slipped = slip(SensorRole::Hip, 10.0);
        let clipped = Finding::of_sensor(SensorRole::Hip, FindingKind::Clipped { samples: 1 });
        let clipped = clipped.during(Span::from_seconds(10.0, 15.0));
        assert_eq!(say(&[slipped, clipped], 0.0), [LiveEvent::Worn(slipped)]);
        assert_eq!(say(&[slip(SensorRole::Hip, 12.0)], 0.0), []);
        let other = slip(SensorRole::Shank, 10.0);
        assert_eq!(say(&[slipped, other], 0.0), [LiveEvent::Worn(other)]);
        assert_eq!(say(&[other], 0.0), [LiveEvent::WornWell(slipped)]);
        // What ended before the set began is over: nothing is said of it any more, and it is not taken back either.
        assert_eq!(say(&[], 15.0), []);
        assert_eq!(say(&[], 14.9), [LiveEvent::WornWell(other)]);
    }
}
