//! The movements of a stretch, counted or rejected, and the sets they make.

use std::ops::Range;

use truehinge_core::{RejectedCandidate, Rejection, Span};

use super::{Aligned, Worn};
use crate::body::alignment::Movement;
use crate::body::motion::SetMotion;
use crate::everyday::Everyday;
use crate::grid::PoseGrid;
use crate::repetitions::{Candidate, is_turned, leaning_away, segment};

/// A stretch with its movements.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    aligned: Aligned<'a>,
    candidates: Vec<Candidate>,
}

impl<'a> Found<'a> {
    /// Finds the movements of an aligned stretch.
    pub fn of(aligned: Aligned<'a>) -> Self {
        Self::again(aligned, &[])
    }

    /// The same where movements were found by another alignment before. What tells everyday movement does not depend on the alignment: of
    /// the same points it is asked once.
    pub(super) fn again(aligned: Aligned<'a>, before: &[Candidate]) -> Self {
        let worn = aligned.worn();
        let mut candidates = segment(&aligned.view(), worn.method);
        let everyday = Everyday::new(worn.hip, worn.shank, worn.grid.rate, &worn.method.everyday);
        for candidate in candidates.iter_mut().filter(|candidate| candidate.rejection.is_none()) {
            let known = before.iter().find(|known| known.range == candidate.range && known.rejection.is_none());
            candidate.rejection = if known.is_some() { None } else { everyday.rejection(&candidate.range) };
        }
        Self { aligned, candidates }
    }

    /// The alignment they were found by.
    pub fn aligned(&self) -> &Aligned<'a> {
        &self.aligned
    }

    /// Found anew with the shank's front where its back was.
    pub(super) fn with_shank_turned_round(self) -> Self {
        Self::again(self.aligned.with_shank_turned_round(), &self.candidates)
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

    /// How many movements lean away from the leg that was named, if that is not the one that carried the body.
    pub fn leaning_away(&self) -> Option<usize> {
        leaning_away(&self.candidates, &self.aligned.view(), self.worn().method)
    }

    /// Movements good for a functional axis: real excursions with both feet planted, counted or not.
    pub(super) fn movements(&self) -> Vec<Movement> {
        let is_real = |candidate: &&Candidate| {
            matches!(
                candidate.rejection,
                None | Some(
                    Rejection::OutsideSet
                        | Rejection::TwoLegs { .. }
                        | Rejection::OneLegUnseen
                        | Rejection::TooSmall { .. }
                )
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

    /// Groups the movements into sets: a long pause between two counted repetitions ends a set, and so does a border. Rejected ones go
    /// with the set they follow. At least one group, even without a movement.
    pub fn sets(&self) -> Vec<&[Candidate]> {
        let worn = self.worn();
        let pause = worn.grid.points(worn.method.set.pause_s);
        let part = |range: &Range<usize>| {
            worn.context.borders.iter().filter(|border| **border <= worn.grid.time(range.start)).count()
        };
        let mut borders = vec![0];
        let mut previous: Option<&Range<usize>> = None;
        for (i, candidate) in self.candidates.iter().enumerate().filter(|(_, c)| c.rejection.is_none()) {
            let ends = |range: &Range<usize>| {
                candidate.range.start.saturating_sub(range.end) > pause || part(range) != part(&candidate.range)
            };
            if previous.is_some_and(ends) {
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

#[cfg(test)]
mod tests {
    use truehinge_core::{Anthropometry, Protocol, SensorRole};

    use super::*;
    use crate::drawn::sensors::{GRIDS, STILL, grid, seconds};
    use crate::method::Method;
    use crate::set::SetContext;

    /// A movement between two points.
    fn movement(range: Range<usize>, counts: bool) -> Candidate {
        Candidate {
            bottom: range.clone(),
            stance: 0..1,
            lead_in: 0..1,
            excursion: 0.5,
            stance_lean: 0.0,
            apart_share: 0.0,
            rejection: (!counts).then_some(Rejection::Stepping),
            range,
        }
    }

    /// How many movements there are in each set, on a grid of 60 s.
    fn sizes(grid: &PoseGrid, candidates: Vec<Candidate>) -> Vec<usize> {
        let (body, protocol, method) = (Anthropometry::default(), Protocol::default(), Method::default());
        let context = SetContext::marked(&body, &protocol);
        let worn = Worn::new(grid, &context, &method).expect("nobody moves");
        let found = Found { aligned: Aligned::first(&worn), candidates };
        found.sets().into_iter().map(<[_]>::len).collect()
    }

    #[test]
    fn a_pause_beyond_eight_seconds_between_counted_repetitions_ends_a_set() {
        for on in GRIDS {
            let grid = grid(on, 60.0, &[SensorRole::Hip, SensorRole::Shank], |_, _| STILL);
            let at = |seconds| grid.points(seconds);
            let after = |end: usize| {
                let first = movement(at(10.0)..at(12.0), true);
                sizes(&grid, vec![first, movement(end..at(30.0), true), movement(at(31.0)..at(33.0), true)])
            };
            assert_eq!([after(at(20.0)), after(at(20.0) + 1)], [vec![3], vec![1, 2]], "{on:?}");
        }
    }

    #[test]
    fn a_border_ends_a_set_however_short_the_pause() {
        for on in GRIDS {
            let grid = grid(on, 60.0, &[SensorRole::Hip, SensorRole::Shank], |_, _| STILL);
            let from = |start: f64| movement(grid.points(start)..grid.points(start + 2.0), true);
            let (body, protocol, method) = (Anthropometry::default(), Protocol::default(), Method::default());
            let borders = [17.0, 16.5, 50.0].map(|seconds| grid.time(grid.points(seconds)));
            let context = SetContext { marked: false, borders: &borders, ..SetContext::marked(&body, &protocol) };
            let worn = Worn::new(&grid, &context, &method).expect("nobody moves");
            let candidates = [10.0, 14.0, 17.0, 20.0, 40.0].map(from).to_vec();
            let found = Found { aligned: Aligned::first(&worn), candidates };
            assert_eq!(found.sets().into_iter().map(<[_]>::len).collect::<Vec<_>>(), [2, 2, 1], "{on:?}");
        }
    }

    #[test]
    fn what_is_not_counted_neither_ends_a_set_nor_bridges_a_pause_and_goes_with_the_set_it_follows() {
        for on in GRIDS {
            let grid = grid(on, 60.0, &[SensorRole::Hip, SensorRole::Shank], |_, _| STILL);
            let from = |start: f64, counts| movement(grid.points(start)..grid.points(start + 2.0), counts);
            let of =
                |starts: &[(f64, bool)]| sizes(&grid, starts.iter().map(|(t, counts)| from(*t, *counts)).collect());
            assert_eq!(of(&[]), [0]);
            assert_eq!(of(&[(1.0, false), (20.0, false), (40.0, false)]), [3]);
            assert_eq!(of(&[(1.0, false), (20.0, true), (40.0, false)]), [3]);
            assert_eq!(of(&[(5.0, true), (10.0, false), (14.0, false), (17.0, true), (20.0, true)]), [3, 2]);
            assert_eq!(of(&[(5.0, true), (20.0, true), (35.0, true), (50.0, false)]), [1, 1, 2]);
        }
    }

    #[test]
    fn a_set_lasts_from_its_first_movement_to_its_last_and_without_one_all_the_time() {
        for on in GRIDS {
            let grid = grid(on, 60.0, &[SensorRole::Hip, SensorRole::Shank], |_, _| STILL);
            let at = |seconds| grid.points(seconds);
            assert_eq!(seconds(&grid, span_of(&grid, &[])), (0.0, 60.0), "{on:?}");
            let group = [movement(at(3.0)..at(4.0), false), movement(at(9.0)..at(11.0), true)];
            assert_eq!(seconds(&grid, span_of(&grid, &group)), (3.0, 11.0), "{on:?}");
        }
    }
}
