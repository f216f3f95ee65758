//! What was told and still holds, against what an analysis says now.

use truehinge_core::{Metric, QualityIssue, Rep, SessionAnalysis, SessionTime};

use super::{LiveEvent, LiveRep};
use crate::findings;
use crate::method::Method;

/// Repetitions and ways of wearing that a listener believes.
pub(super) struct Telling {
    reps: Vec<LiveRep>,
    worn: Vec<QualityIssue>,
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

    /// What has been told and still holds, in order.
    pub(super) fn reps(&self) -> &[LiveRep] {
        &self.reps
    }

    /// Takes the repetitions of an analysis as they are, without a word.
    pub(super) fn adopt(&mut self, analysis: &SessionAnalysis) {
        self.reps = analysis.reps().map(|(set, rep)| LiveRep { side: set.side, rep: rep.clone() }).collect();
    }

    /// Tells what is wrong with how the sensors are worn since a time, each once, and takes back what does not hold.
    pub(super) fn wearing(&mut self, analysis: &SessionAnalysis, since: SessionTime, emit: &mut dyn FnMut(LiveEvent)) {
        let is_since = |issue: &QualityIssue| issue.span.is_some_and(|span| span.end > since);
        let found: Vec<&QualityIssue> =
            analysis.issues.iter().filter(|issue| findings::is_about_wearing(issue) && is_since(issue)).collect();
        self.worn.retain(|told| {
            let holds = !is_since(told) || found.iter().any(|issue| is_same(issue, told));
            if !holds {
                emit(LiveEvent::WornWell(told.clone()));
            }
            holds
        });
        for issue in found {
            if !self.worn.iter().any(|told| is_same(issue, told)) {
                self.worn.push(issue.clone());
                emit(LiveEvent::Worn(issue.clone()));
            }
        }
    }

    /// Tells the repetitions that have ended by some time and were not told so yet. The analysis knows nothing of what was
    /// before `from`: that stays as it was told.
    pub(super) fn repetitions(
        &mut self,
        analysis: &SessionAnalysis,
        from: SessionTime,
        by: SessionTime,
        emit: &mut dyn FnMut(LiveEvent),
    ) {
        let found = self.found(analysis, from, by);
        self.reps.retain(|told| {
            let is_there = found.iter().any(|new| new.rep.span.overlaps(told.rep.span));
            let gone = told.rep.span.start >= from && !is_there;
            if gone {
                emit(LiveEvent::Withdrawn(told.rep.span));
            }
            !gone
        });
        for new in found {
            match self.reps.iter_mut().find(|told| told.rep.span.overlaps(new.rep.span)) {
                None => {
                    self.reps.push(new.clone());
                    emit(LiveEvent::Repetition(new));
                }
                Some(told) if is_news(&told.rep, &new.rep, self.revised_sigmas) => {
                    *told = new.clone();
                    emit(LiveEvent::Revised(new));
                }
                Some(_) => {}
            }
        }
        self.reps.sort_by_key(|told| told.rep.span.start);
    }

    /// The repetitions of an analysis that have ended, numbered on from what was before `cut`.
    fn found(&self, analysis: &SessionAnalysis, cut: SessionTime, by: SessionTime) -> Vec<LiveRep> {
        let mut found = Vec::new();
        for set in &analysis.sets {
            let Some(first) = set.reps.first() else { continue };
            let before = self.reps.iter().rfind(|told| told.rep.span.start < cut);
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

/// Whether two issues are one thing, seen earlier and later: the spans grow with the recording.
fn is_same(a: &QualityIssue, b: &QualityIssue) -> bool {
    let overlap = a.span.zip(b.span).is_none_or(|(a, b)| a.overlaps(b));
    a.code == b.code && a.role == b.role && overlap
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
