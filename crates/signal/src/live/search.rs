//! When a set that nobody marks is over: by the analysis, which puts two repetitions into one set unless the pause between them is too long.

use truehinge_core::{HostTime, Interval, Marker, MarkerKind, Rejection, SessionAnalysis, SessionTime};

use super::BEFORE_ALL;
use crate::method::Method;

/// Sets that are looked for.
pub(super) struct Search {
    /// Longest pause within a set, s.
    pause_s: f64,
    /// How long a set that has its repetitions must have gone on no further, s.
    done_s: f64,
    /// Least time between two looks that are asked for, s.
    again_s: f64,
    /// Repetitions that a set is asked for; `None` while nobody looks for one.
    most: Option<usize>,
    /// Where the next set is looked for.
    from: SessionTime,
    running: Option<Run>,
    /// A look was asked for.
    asked: Option<HostTime>,
    /// It was told that the set is over.
    told: bool,
    /// The running set is asked for no further repetition.
    is_enough: bool,
    /// So many movements in a stance that was not seen to be on one leg are a set, and not somebody who bends down.
    unseen_count: usize,
    /// It was told that nothing counts for that.
    told_unseen: bool,
}

/// The repetitions of the running set.
#[derive(Clone, Copy, Debug)]
struct Run {
    count: usize,
    /// When the last one ended.
    end: SessionTime,
    /// How far the data went when it was first seen.
    seen: SessionTime,
}

impl Search {
    pub(super) fn new(method: &Method) -> Self {
        Self {
            pause_s: method.set.pause_s,
            done_s: method.live.done_s,
            again_s: method.live.restless_s,
            most: None,
            from: BEFORE_ALL,
            running: None,
            asked: None,
            told: false,
            is_enough: false,
            unseen_count: method.repetitions.aborted.least_count,
            told_unseen: false,
        }
    }

    /// Something was marked.
    pub(super) fn marker(&mut self, marker: &Marker) {
        match marker.kind {
            MarkerKind::SearchStart { most, .. } => self.most = usize::try_from(most).ok(),
            MarkerKind::SetStart { .. } => self.most = None,
            MarkerKind::SetFound | MarkerKind::SetEnd | MarkerKind::SetVoid => {}
            _ => return,
        }
        (self.from, self.running, self.asked) = (marker.at.on_session(), None, None);
        (self.told, self.is_enough, self.told_unseen) = (false, false, false);
    }

    /// Whether it is time to look whether the running set is over.
    pub(super) fn is_due(&mut self, now: HostTime) -> bool {
        let Some(run) = self.running.filter(|_| !self.told) else { return false };
        let since = (now.on_session() - run.end).seconds();
        let may_ask = self.asked.is_none_or(|asked| (now - asked).seconds() > self.again_s);
        let is_due = may_ask && since > self.wait(run);
        if is_due {
            self.asked = Some(now);
        }
        is_due
    }

    /// What a look has seen. Since when the running set is over: a movement that may still become one of its repetitions is waited for.
    pub(super) fn over(&mut self, analysis: &SessionAnalysis, under_way: Option<SessionTime>) -> Option<SessionTime> {
        self.most?;
        let here = analysis.sets.iter().rev().find(|set| !set.reps.is_empty());
        let mut reps = here.map_or(&[][..], |set| &set.reps).iter().filter(|rep| rep.span.start >= self.from);
        let count = reps.clone().count();
        let before = self.running;
        self.running = reps.next_back().map(|rep| {
            // Its end moves a little with every look.
            let known = before.filter(|known| (known.end - rep.span.end).seconds().abs() < self.again_s / 2.0);
            Run { count, end: rep.span.end, seen: known.map_or(analysis.end, |known| known.seen) }
        });
        let run = self.running.filter(|_| !self.told)?;
        let over = run.end + Interval::from_seconds(self.wait(run));
        // What a single look has seen in hindsight may be gone with the next one.
        let is_believed = (analysis.end - run.seen).seconds() >= self.again_s / 2.0;
        self.told = is_believed && analysis.end > over && under_way.is_none_or(|began| began > over);
        self.told.then_some(over)
    }

    /// The running set is asked for no further repetition.
    pub(super) fn enough(&mut self) {
        self.is_enough = true;
    }

    /// Whether somebody moves as in a set, and nothing counts because no change from two legs to one was seen; once.
    pub(super) fn is_stance_unseen(&mut self, analysis: &SessionAnalysis) -> bool {
        let rejected = analysis.sets.iter().flat_map(|set| &set.rejected);
        let here = rejected.filter(|of| of.rejection == Rejection::OneLegUnseen && of.span.start >= self.from).count();
        let is_news = self.most.is_some() && !self.told_unseen && here >= self.unseen_count;
        self.told_unseen |= is_news;
        is_news
    }

    /// How long after its last repetition a set is over, s.
    fn wait(&self, run: Run) -> f64 {
        if self.is_enough || self.most.is_some_and(|most| run.count >= most) {
            self.done_s.min(self.pause_s)
        } else {
            self.pause_s
        }
    }
}

/// When a movement began that had not ended when the data ended, or had until then.
pub(super) fn under_way(analysis: &SessionAnalysis, lately: SessionTime) -> Option<SessionTime> {
    let rejected = analysis.sets.iter().flat_map(|set| &set.rejected);
    rejected.filter(|of| of.rejection == Rejection::CutOff && of.span.end > lately).map(|of| of.span.start).min()
}

#[cfg(test)]
mod tests {
    use truehinge_core::{Rep, Side};

    use super::*;
    use crate::drawn::told::{analysis, rep};

    fn host(seconds: f64) -> HostTime {
        HostTime::from_seconds(seconds)
    }

    /// A search for sets of so many repetitions, and what it says when the data end then.
    struct Searched {
        search: Search,
        reps: Vec<Rep>,
    }

    impl Searched {
        fn new(most: u32) -> Self {
            let mut search = Search::new(&Method::default());
            let kind = MarkerKind::SearchStart { side: Side::Left, least: 1, most };
            search.marker(&Marker { at: HostTime::ZERO, kind });
            Self { search, reps: Vec::new() }
        }

        /// Repetitions of two seconds that begin then.
        fn does(mut self, starts: &[f64]) -> Self {
            self.reps.extend((1..).zip(starts).map(|(number, start)| rep(number, *start, 5.0)));
            self
        }

        /// Somebody looked when the data ended then.
        fn seen(mut self, end: f64) -> Self {
            assert_eq!(self.over(end, None), None);
            self
        }

        fn over(&mut self, end: f64, under_way: Option<f64>) -> Option<f64> {
            let end = SessionTime::from_seconds(end);
            let analysis = SessionAnalysis { end, ..analysis(vec![self.reps.clone()]) };
            self.search.over(&analysis, under_way.map(SessionTime::from_seconds)).map(SessionTime::seconds)
        }
    }

    #[test]
    fn a_set_is_over_after_a_pause_or_soon_after_the_last_of_those_asked_for() {
        let mut few = Searched::new(5).does(&[10.0, 14.0]).seen(17.0);
        assert_eq!([few.over(24.0, None), few.over(24.1, None)], [None, Some(24.0)]);
        assert_eq!(few.over(30.0, None), None, "it was told");
        let mut all = Searched::new(2).does(&[10.0, 14.0]).seen(17.0);
        assert_eq!([all.over(19.0, None), all.over(19.1, None)], [None, Some(19.0)]);
        let mut enough = Searched::new(5).does(&[10.0, 14.0]).seen(17.0);
        enough.search.enough();
        assert_eq!(enough.over(19.1, None), Some(19.0));
        assert_eq!(Searched::new(5).over(100.0, None), None, "nothing was done");
    }

    #[test]
    fn what_is_seen_in_hindsight_is_believed_when_it_is_still_there_a_moment_later() {
        let mut searched = Searched::new(5).does(&[10.0, 14.0]);
        assert_eq!([searched.over(60.0, None), searched.over(61.0, None)], [None, None]);
        assert_eq!(searched.over(61.5, None), Some(24.0));
        let mut gone = Searched::new(5).does(&[10.0, 14.0]);
        assert_eq!(gone.over(60.0, None), None);
        gone.reps.clear();
        assert_eq!(gone.over(61.5, None), None);
    }

    #[test]
    fn a_movement_that_may_still_be_the_next_repetition_is_waited_for() {
        let mut searched = Searched::new(5).does(&[10.0, 14.0]).seen(17.0);
        assert_eq!(searched.over(26.0, Some(23.9)), None);
        assert_eq!(searched.over(26.0, Some(24.1)), Some(24.0));
    }

    #[test]
    fn a_look_is_asked_for_when_the_pause_has_lasted_and_then_now_and_again() {
        let mut searched = Searched::new(5).does(&[10.0, 14.0]);
        assert!(!searched.search.is_due(host(30.0)), "nothing was seen yet");
        assert_eq!(searched.over(17.0, None), None);
        let due: Vec<bool> = [24.0, 24.1, 25.0, 27.2].map(|at| searched.search.is_due(host(at))).to_vec();
        assert_eq!(due, [false, true, false, true]);
        assert_eq!(searched.over(27.2, None), Some(24.0));
        assert!(!searched.search.is_due(host(40.0)));
    }

    #[test]
    fn what_was_before_a_border_is_no_part_of_the_running_set_and_a_marked_set_is_not_looked_for() {
        let mut searched = Searched::new(5).does(&[10.0, 14.0]);
        searched.search.marker(&Marker { at: host(24.0), kind: MarkerKind::SetFound });
        assert_eq!(searched.over(60.0, None), None);
        let mut searched = searched.does(&[40.0]).seen(43.0);
        assert_eq!(searched.over(60.0, None), Some(50.0));
        searched.search.marker(&Marker { at: host(60.0), kind: MarkerKind::SetStart { side: Side::Left } });
        let mut searched = searched.does(&[70.0]).seen(73.0);
        assert_eq!(searched.over(100.0, None), None);
    }
}
