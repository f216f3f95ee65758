//! What was told and still holds, against what an analysis says now.

use truehinge_core::{Finding, Metric, Rep, SessionAnalysis, SessionTime, SetAnalysis, Span, Verdict};

use super::{AFTER_ALL, BEFORE_ALL, LiveEvent, LiveRep};
use crate::method::Method;

/// A repetition that a listener knows of.
struct Known {
    /// As it was told.
    told: LiveRep,
    /// As the last look at it has it: no news beside what was told.
    latest: LiveRep,
    /// What the last look said against it.
    against: Option<Against>,
}

/// What a look says against what was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Against {
    /// It is no repetition.
    Gone,
    /// Its verdict is another one.
    Verdict(Verdict),
}

impl Known {
    fn new(told: LiveRep) -> Self {
        Self { latest: told.clone(), told, against: None }
    }

    /// Notes what a look says against it. True if that is to be told: when two looks in a row say so. Data that end too early for an
    /// analysis to see all of a set let it waver: most of what one look alone takes back comes again with the next.
    fn note(&mut self, against: Against, is_whole: bool) -> bool {
        let again = self.against.replace(against) == Some(against);
        again || is_whole
    }

    /// Notes what a look sees otherwise. True if that is to be told: numbers at once, another verdict as [`Known::note`] says.
    fn note_other(&mut self, new: &Rep, is_whole: bool) -> bool {
        let verdict = new.judgement.verdict;
        verdict == self.told.rep.judgement.verdict || self.note(Against::Verdict(verdict), is_whole)
    }

    fn is_doubted(&self) -> bool {
        self.against == Some(Against::Gone)
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
    /// The set it sees last is over, and nothing will be added to it.
    pub is_whole: bool,
}

impl Knowledge {
    /// All there is to know of a session.
    pub(super) const ALL: Self = Self { from: BEFORE_ALL, by: AFTER_ALL, under_way: false, is_whole: true };
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
    /// way, since half a movement shifts what the stance seems to be, and with it everything that is measured from there; and a
    /// repetition, or a verdict, only when two looks in a row agree.
    pub(super) fn repetitions(
        &mut self,
        analysis: &SessionAnalysis,
        known: Knowledge,
        emit: &mut dyn FnMut(LiveEvent),
    ) {
        let ended: Vec<Span> = ended(analysis, known.by).map(|(_, rep)| rep.span).collect();
        let is_gone = |told: &Span| told.start >= known.from && !ended.iter().any(|span| span.overlaps(*told));
        if known.under_way && self.reps.iter().any(|rep| is_gone(&rep.told.rep.span)) {
            return;
        }
        self.reps.retain_mut(|rep| {
            let span = rep.told.rep.span;
            if !is_gone(&span) {
                rep.against = rep.against.filter(|against| *against != Against::Gone);
                return true;
            }
            let withdrawn = rep.note(Against::Gone, known.is_whole);
            if withdrawn {
                emit(LiveEvent::Withdrawn(span));
            }
            !withdrawn
        });
        for new in self.found(analysis, known.from, known.by) {
            match self.reps.iter_mut().find(|told| told.told.rep.span.overlaps(new.rep.span)) {
                None => {
                    self.reps.push(Known::new(new.clone()));
                    emit(LiveEvent::Repetition(new));
                }
                Some(told) if is_news(&told.told.rep, &new.rep, self.revised_sigmas) => {
                    if !known.under_way && told.note_other(&new.rep, known.is_whole) {
                        *told = Known::new(new.clone());
                        emit(LiveEvent::Revised(new));
                    }
                }
                Some(told) => (told.latest, told.against) = (new, None),
            }
        }
        self.reps.sort_by_key(|known| known.told.rep.span.start);
    }

    /// The repetitions of an analysis that have ended, numbered on from what was before `cut`, and past what is doubted but not taken back.
    fn found(&self, analysis: &SessionAnalysis, cut: SessionTime, by: SessionTime) -> Vec<LiveRep> {
        let told = || self.reps.iter().map(|known| &known.told.rep);
        let doubted: Vec<Span> =
            self.reps.iter().filter(|known| known.is_doubted()).map(|known| known.told.rep.span).collect();
        let number = |set: &SetAnalysis, rep: &Rep| {
            let first = set.reps.first().unwrap_or(rep).span.start;
            let is_near = |span: &Span| (first - span.end).seconds() <= self.pause_s;
            let before = told().rfind(|told| told.span.start < cut).filter(|told| is_near(&told.span));
            let between =
                doubted.iter().filter(|span| is_near(span) && span.start >= cut && span.end <= rep.span.start);
            rep.number + before.map_or(0, |told| told.number) + u32::try_from(between.count()).unwrap_or(0)
        };
        let numbered = |(set, rep): (&SetAnalysis, &Rep)| LiveRep {
            side: set.side,
            rep: Rep { number: number(set, rep), ..rep.clone() },
        };
        ended(analysis, by).map(numbered).collect()
    }
}

/// The repetitions of an analysis that have ended by a time, each with its set.
fn ended(analysis: &SessionAnalysis, by: SessionTime) -> impl Iterator<Item = (&SetAnalysis, &Rep)> {
    analysis.reps().filter(move |(_, rep)| rep.span.end <= by)
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
        hear(telling, analysis, Knowledge { from, by, under_way: false, is_whole: true })
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

    /// What is heard of looks at a set that goes on.
    fn going_on(telling: &mut Telling, sets: Vec<Vec<Rep>>) -> Vec<String> {
        hear(telling, &analysis(sets), Knowledge { is_whole: false, ..Knowledge::ALL })
    }

    #[test]
    fn one_look_alone_takes_nothing_back_and_numbers_go_on_past_what_it_does_not_find() {
        let mut telling = telling();
        let mut say = |reps: Vec<Rep>| going_on(&mut telling, vec![reps]);
        let (first, second) = (rep(1, 10.0, 5.0), rep(2, 14.0, 5.0));
        assert_eq!(say(vec![first.clone(), second.clone()]), ["new 1", "new 2"]);
        // The first is not found: the second stays the second, and a third is told.
        let without = vec![rep(1, 14.0, 5.0), rep(2, 18.0, 5.0)];
        assert_eq!(say(without.clone()), ["new 3"]);
        // It is found again, and then not: still one look.
        assert_eq!(say(vec![first, second, rep(3, 18.0, 5.0)]), [""; 0]);
        assert_eq!(say(without.clone()), [""; 0]);
        assert_eq!(say(without), ["withdrawn 10", "revised 1", "revised 2"]);
        // Eight seconds later is another set, whose numbers begin anew whatever is doubted in this one.
        assert_eq!(going_on(&mut telling, vec![vec![rep(1, 18.0, 5.0)], vec![rep(1, 40.0, 5.0)]]), ["new 1"]);
    }

    #[test]
    fn another_verdict_is_told_when_two_looks_agree_on_it_and_another_number_at_once() {
        let with = |verdict: Verdict, knee: f64| {
            let mut rep = rep(1, 10.0, knee);
            rep.judgement.verdict = verdict;
            vec![vec![rep]]
        };
        let (hinge, drift, unsure) = (Verdict::TrueHinge, Verdict::KneeForwardDrift, Verdict::Indeterminate);
        let mut telling = telling();
        assert_eq!(going_on(&mut telling, with(hinge, 5.0)), ["new 1"]);
        assert_eq!(going_on(&mut telling, with(hinge, 9.0)), ["revised 1"]);
        assert_eq!(going_on(&mut telling, with(unsure, 9.0)), [""; 0]);
        // Two looks that say different things do not agree.
        assert_eq!(going_on(&mut telling, with(drift, 9.0)), [""; 0]);
        assert_eq!(going_on(&mut telling, with(hinge, 9.0)), [""; 0]);
        assert_eq!(going_on(&mut telling, with(drift, 9.0)), [""; 0]);
        assert_eq!(telling.reps().next().map(|told| told.rep.judgement.verdict), Some(hinge));
        assert_eq!(going_on(&mut telling, with(drift, 9.0)), ["revised 1"]);
        // What nothing will be added to is believed at once.
        assert_eq!(hear(&mut telling, &analysis(with(unsure, 9.0)), Knowledge::ALL), ["revised 1"]);
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
