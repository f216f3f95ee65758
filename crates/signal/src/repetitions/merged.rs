//! Movements that follow each other so soon that they are one stretch away from the stance.

use std::ops::Range;

use crate::method::Merged;

/// A stretch away from the stance that holds one movement.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Stretch {
    pub run: Range<usize>,
    /// Another movement of the same run ends where this one begins.
    pub follows: bool,
    /// Another movement begins where this one ends.
    pub leads: bool,
}

/// Where movements that follow each other are told apart.
pub(super) struct Cuts<'a> {
    /// Excursion at each point, rad.
    pub excursion: &'a [f64],
    /// Whether the person stands at a point, wherever that is.
    pub stands: &'a dyn Fn(usize) -> bool,
    /// Shares of the lower of two peaks: below the first of them they are two movements, below the second if somebody stands there.
    pub numbers: &'a Merged,
}

impl Cuts<'_> {
    /// Cuts a run wherever it comes back far enough, the nearest return first. Nothing of it is left out.
    pub fn of(&self, run: Range<usize>) -> Vec<Stretch> {
        let mut found = Vec::new();
        let mut waiting = vec![Stretch { run, follows: false, leads: false }];
        while let Some(stretch) = waiting.pop() {
            match self.valley(&stretch.run) {
                Some(at) => {
                    let Range { start, end } = stretch.run;
                    waiting.push(Stretch { run: at..end, follows: true, leads: stretch.leads });
                    waiting.push(Stretch { run: start..at, follows: stretch.follows, leads: true });
                }
                None => found.push(stretch),
            }
        }
        found
    }

    /// The point that is lowest against the lower of the highest points before and after it, if it is low enough.
    fn valley(&self, run: &Range<usize>) -> Option<usize> {
        let excursion = &self.excursion[run.clone()];
        let highest = |highest: &mut f64, e: &f64| {
            *highest = highest.max(*e);
            Some(*highest)
        };
        let before: Vec<f64> = excursion.iter().scan(0.0, highest).collect();
        let mut after: Vec<f64> = excursion.iter().rev().scan(0.0, highest).collect();
        after.reverse();
        let depth = |i: usize| excursion[i] / before[i].min(after[i]);
        let lowest = |points: &mut dyn Iterator<Item = usize>, share: f64| {
            points.min_by(|&a, &b| depth(a).total_cmp(&depth(b))).filter(|&i| depth(i) < share)
        };
        let inner = 1..excursion.len();
        let mut low = inner.clone().filter(|&i| depth(i) < self.numbers.stood_share);
        let returned = lowest(&mut inner.clone(), self.numbers.returned_share);
        let stood = || lowest(&mut low.by_ref().filter(|&i| (self.stands)(run.start + i)), self.numbers.stood_share);
        returned.or_else(stood).map(|at| run.start + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Method;

    fn cut(excursion: &[f64], standing: &[usize]) -> Vec<Stretch> {
        let numbers = Method::default().repetitions.merged;
        Cuts { excursion, stands: &|i| standing.contains(&i), numbers: &numbers }.of(0..excursion.len())
    }

    fn cuts(excursion: &[f64], standing: &[usize]) -> Vec<(usize, usize)> {
        cut(excursion, standing).into_iter().map(|stretch| (stretch.run.start, stretch.run.end)).collect()
    }

    #[test]
    fn a_run_is_cut_where_it_nearly_returns_and_nothing_of_it_is_lost() {
        assert_eq!(cuts(&[2.0, 20.0, 3.9, 20.0, 2.0], &[]), [(0, 2), (2, 5)]);
        assert_eq!(cuts(&[2.0, 20.0, 4.1, 20.0, 2.0], &[]), [(0, 5)]);
        // Against the lower of the two peaks.
        assert_eq!(cuts(&[2.0, 40.0, 3.9, 10.0, 2.0], &[]), [(0, 5)]);
        assert_eq!(cuts(&[2.0, 30.0, 2.0, 20.0, 3.0, 25.0, 2.0], &[]), [(0, 2), (2, 4), (4, 7)]);
        assert_eq!(cuts(&[5.0], &[0]), [(0, 1)]);
    }

    #[test]
    fn who_stands_half_way_between_two_movements_has_ended_one() {
        assert_eq!(cuts(&[2.0, 20.0, 9.0, 20.0, 2.0], &[2]), [(0, 2), (2, 5)]);
        // Not at the bottom of one that is held.
        assert_eq!(cuts(&[2.0, 20.0, 11.0, 20.0, 2.0], &[2]), [(0, 5)]);
    }

    #[test]
    fn pieces_know_which_of_their_ends_are_cuts() {
        let all = cut(&[2.0, 30.0, 2.0, 20.0, 3.0, 25.0, 2.0], &[]);
        let ends: Vec<_> = all.iter().map(|stretch| (stretch.follows, stretch.leads)).collect();
        assert_eq!(ends, [(false, true), (true, true), (true, false)]);
    }
}
