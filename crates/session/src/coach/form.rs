//! Whether the form of the running set is lost, so that it is time to rest: by the same measure as on the pages.

use truehinge_core::{HostTime, Marker, MarkerKind, Metric, Rep, Span, Verdict};
use truehinge_signal::live::LiveRep;

use crate::trend;

/// The form of a set is lost.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FormLost {
    /// Which number became worse: [`Metric::KneeForward`] or [`Metric::HipBack`].
    pub metric: Metric,
    /// By how much with every repetition, mm; negative where less is worse.
    pub slope_mm: f64,
}

/// What is known of the running set.
pub(super) struct Form {
    /// A set that is looked for is over then.
    pub ends: bool,
    /// When the running set began, as far as somebody, or the set finder, marked it.
    began: HostTime,
    /// It was told, of which set by its first repetition.
    told: Option<Span>,
}

impl Form {
    pub(super) const fn new() -> Self {
        Self { ends: false, began: HostTime::ZERO, told: None }
    }

    /// Another set begins.
    pub(super) fn marker(&mut self, marker: &Marker) {
        let is_border = matches!(
            marker.kind,
            MarkerKind::SetStart { .. } | MarkerKind::SearchStart { .. } | MarkerKind::SetFound | MarkerKind::SetVoid
        );
        if is_border {
            self.began = self.began.max(marker.at);
        }
    }

    /// Whether the form is lost by what was told until now, and this was not told yet.
    pub(super) fn lost(&mut self, told: &[&LiveRep]) -> Option<FormLost> {
        let here = told.iter().rposition(|told| told.rep.number == 1).map_or(&[][..], |first| &told[first..]);
        let first = here.first().map(|told| told.rep.span).filter(|first| first.start.on_host() >= self.began)?;
        // Its edges move a little with every look.
        if self.told.is_some_and(|told| told.overlaps(first)) {
            return None;
        }
        let reps: Vec<&Rep> = here.iter().map(|told| &told.rep).collect();
        let lost = lost(&reps)?;
        self.told = Some(first);
        Some(lost)
    }
}

/// The form is lost if a number became worse beyond chance, as the pages say it, and the last repetition has the fault that belongs to
/// it. Neither alone is a reason to rest: who becomes a little worse within what is good goes on, and one fault is corrected by a cue.
fn lost(reps: &[&Rep]) -> Option<FormLost> {
    let metric = match reps.last()?.verdict() {
        Verdict::KneeForwardDrift => Metric::KneeForward,
        Verdict::InsufficientHipTravel => Metric::HipBack,
        Verdict::TrueHinge | Verdict::Indeterminate => return None,
    };
    let (_, slope, lost) = trend::within_set(reps.iter().copied(), metric)?;
    lost.then_some(FormLost { metric, slope_mm: slope.value })
}

#[cfg(test)]
mod tests {
    use truehinge_core::{Side, story};
    use truehinge_sim::scenario::Calibration;
    use truehinge_sim::{Scenario, truth::RepKind};

    use super::super::{Coach, Message, Subject};
    use super::*;
    use crate::Judge;

    /// What is told of the form of a set of these repetitions, and after how many of them.
    fn told(kinds: &[RepKind], seed: u64) -> Vec<(usize, FormLost)> {
        let scenario = Scenario {
            blocks: vec![(Side::Left, kinds.to_vec())],
            calibration: Calibration::None,
            ..Scenario::typical(seed)
        };
        let recording = scenario.run().expect("a session").recording();
        let mut coach = Coach::new(&recording.info, &Judge::default()).expect("such a session can be");
        let (mut reps, mut lost) = (0, Vec::new());
        for (_, stored) in story(&recording) {
            coach.hear(&stored, &mut |Message { subject, .. }| match subject {
                Subject::FormLost(loss) => lost.push((reps, loss)),
                Subject::Movement(event) => {
                    reps += usize::from(matches!(*event, super::super::LiveEvent::Repetition(_)));
                }
                _ => {}
            });
        }
        lost
    }

    #[test]
    fn who_tires_is_told_to_rest_once_and_not_before_five() {
        use RepKind::{Hinge, KneeDrift};
        let tiring = [Hinge, Hinge, Hinge, Hinge, KneeDrift, KneeDrift, KneeDrift, KneeDrift];
        let all: Vec<_> = (0..8).map(|seed| told(&tiring, seed)).collect();
        assert!(all.iter().all(|told| told.len() <= 1), "{all:?}");
        let said: Vec<&(usize, FormLost)> = all.iter().flatten().collect();
        // A step in the middle of eight is no clear order, so that this is as much as the measure can see.
        assert!(said.len() >= 4, "{all:?}");
        assert!(
            said.iter().all(|(reps, lost)| *reps >= 5 && lost.metric == Metric::KneeForward && lost.slope_mm > 0.0)
        );
    }

    #[test]
    fn who_does_not_tire_is_left_in_peace() {
        use RepKind::{Hinge, KneeDrift};
        // Faults that come and go, faults from the beginning, and none.
        let sets: [&[RepKind]; 3] =
            [&[KneeDrift, Hinge, Hinge, KneeDrift, Hinge, Hinge, KneeDrift, Hinge], &[KneeDrift; 7], &[Hinge; 8]];
        let all: Vec<_> = sets.iter().flat_map(|kinds| (0..8).map(move |seed| told(kinds, seed))).collect();
        let said = all.iter().flatten().count();
        assert!(said <= 1, "{said} of {} sets: {all:?}", all.len());
    }
}
