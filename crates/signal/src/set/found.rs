//! The movements of a stretch, counted or rejected, and the sets they make.

use std::ops::Range;

use truehinge_core::{RejectedCandidate, Rejection, Span};

use super::{Aligned, Worn};
use crate::body::alignment::Movement;
use crate::body::motion::SetMotion;
use crate::grid::PoseGrid;
use crate::repetitions::{Candidate, is_turned, segment};

/// A stretch with its movements.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    aligned: Aligned<'a>,
    candidates: Vec<Candidate>,
}

impl<'a> Found<'a> {
    /// Finds the movements of an aligned stretch.
    pub fn of(aligned: Aligned<'a>) -> Self {
        let candidates = segment(&aligned.view(), aligned.worn().method);
        Self { aligned, candidates }
    }

    /// The alignment they were found by.
    pub fn aligned(&self) -> &Aligned<'a> {
        &self.aligned
    }

    pub(super) fn into_aligned(self) -> Aligned<'a> {
        self.aligned
    }

    /// All movements in order of time, each counted or with its reason why not.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    pub(super) fn worn(&self) -> &'a Worn<'a> {
        self.aligned.worn()
    }

    pub(super) fn motion(&self) -> &SetMotion<'a> {
        self.aligned.motion()
    }

    /// Whether the shank's front was taken for its back.
    pub(super) fn is_turned(&self) -> bool {
        is_turned(&self.candidates, &self.aligned.view(), self.worn().method)
    }

    /// Movements good for a functional axis: real excursions with both feet planted, counted or not.
    pub(super) fn movements(&self) -> Vec<Movement> {
        let is_real = |candidate: &&Candidate| {
            matches!(
                candidate.rejection,
                None | Some(Rejection::OutsideSet | Rejection::Aborted { .. } | Rejection::TooSmall { .. })
            )
        };
        let missing = &self.worn().stance.missing;
        self.candidates
            .iter()
            .filter(is_real)
            .filter(|candidate| !missing[candidate.range.clone()].contains(&true))
            .map(|candidate| Movement {
                base: candidate.range.start.saturating_sub(1),
                points: candidate.range.clone(),
            })
            .collect()
    }

    /// Groups the movements into sets: a long pause between two counted repetitions ends a set. Rejected ones go with the set
    /// they follow. At least one group, even without a movement.
    pub fn sets(&self) -> Vec<&[Candidate]> {
        let pause = self.worn().grid.points(self.worn().method.set.pause_s);
        let mut borders = vec![0];
        let mut previous: Option<&Range<usize>> = None;
        for (i, candidate) in self.candidates.iter().enumerate().filter(|(_, c)| c.rejection.is_none()) {
            if previous.is_some_and(|range| candidate.range.start.saturating_sub(range.end) > pause) {
                borders.push(i);
            }
            previous = Some(&candidate.range);
        }
        borders.push(self.candidates.len());
        borders.windows(2).map(|pair| &self.candidates[pair[0]..pair[1]]).collect()
    }
}

pub(super) fn rejected(grid: &PoseGrid, candidate: &Candidate) -> Option<RejectedCandidate> {
    let rejection = candidate.rejection?;
    Some(RejectedCandidate { span: grid.span(candidate.range.clone()), rejection })
}

/// From the first movement's beginning to the last one's end; without any, the whole grid.
pub(super) fn span_of(grid: &PoseGrid, group: &[Candidate]) -> Span {
    let start = group.first().map_or(grid.start, |c| grid.time(c.range.start));
    let end = group.last().map_or_else(|| grid.time(grid.len()), |c| grid.time(c.range.end));
    Span::new(start, end)
}
