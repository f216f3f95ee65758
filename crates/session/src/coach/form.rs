//! Whether the form of the running set is lost, so that it is time to rest: by the same measure as on the pages.

use truehinge_core::{HostTime, Marker, MarkerKind, Metric, Rep, Verdict};
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
    /// It was told, of which set by the beginning of its first repetition.
    told: Option<HostTime>,
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
        let first = here.first().map(|told| told.rep.span.start.on_host()).filter(|first| *first >= self.began)?;
        if self.told == Some(first) {
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
