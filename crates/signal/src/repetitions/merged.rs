//! Movements that follow each other so soon that they are one stretch away from the stance.

use std::ops::Range;

/// A stretch away from the stance that holds one movement.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Stretch {
    pub run: Range<usize>,
    /// Another movement of the same run ends where this one begins.
    pub follows: bool,
    /// Another movement begins where this one ends.
    pub leads: bool,
}

/// Cuts a run wherever it comes back below a share of both its peaks, the nearest return first. Nothing of it is left out.
pub(super) fn cut(excursion: &[f64], run: Range<usize>, share: f64) -> Vec<Stretch> {
    let mut found = Vec::new();
    let mut waiting = vec![Stretch { run, follows: false, leads: false }];
    while let Some(stretch) = waiting.pop() {
        match valley(&excursion[stretch.run.clone()], share) {
            Some(at) => {
                let Range { start, end } = stretch.run;
                waiting.push(Stretch { run: start + at..end, follows: true, leads: stretch.leads });
                waiting.push(Stretch { run: start..start + at, follows: stretch.follows, leads: true });
            }
            None => found.push(stretch),
        }
    }
    found
}

/// The point that is lowest against the lower of the highest points before and after it, if it is below a share of that.
fn valley(excursion: &[f64], share: f64) -> Option<usize> {
    let highest = |highest: &mut f64, e: &f64| {
        *highest = highest.max(*e);
        Some(*highest)
    };
    let before: Vec<f64> = excursion.iter().scan(0.0, highest).collect();
    let mut after: Vec<f64> = excursion.iter().rev().scan(0.0, highest).collect();
    after.reverse();
    let depth = |i: usize| excursion[i] / before[i].min(after[i]);
    let lowest = (1..excursion.len()).min_by(|&a, &b| depth(a).total_cmp(&depth(b)))?;
    (depth(lowest) < share).then_some(lowest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts(excursion: &[f64]) -> Vec<Range<usize>> {
        cut(excursion, 0..excursion.len(), 0.2).into_iter().map(|stretch| stretch.run).collect()
    }

    #[test]
    fn a_run_is_cut_where_it_nearly_returns_and_nothing_of_it_is_lost() {
        assert_eq!(cuts(&[2.0, 20.0, 3.9, 20.0, 2.0]), [0..2, 2..5]);
        assert_eq!(cuts(&[2.0, 20.0, 4.1, 20.0, 2.0]), [0..5]);
        // Against the lower of the two peaks.
        assert_eq!(cuts(&[2.0, 40.0, 3.9, 10.0, 2.0]), [0..5]);
        assert_eq!(cuts(&[2.0, 30.0, 2.0, 20.0, 3.0, 25.0, 2.0]), [0..2, 2..4, 4..7]);
        assert_eq!(cuts(&[5.0]), [0..1]);
    }

    #[test]
    fn pieces_know_which_of_their_ends_are_cuts() {
        let all = cut(&[2.0, 30.0, 2.0, 20.0, 3.0, 25.0, 2.0], 0..7, 0.2);
        let ends: Vec<_> = all.iter().map(|stretch| (stretch.follows, stretch.leads)).collect();
        assert_eq!(ends, [(false, true), (true, true), (true, false)]);
    }
}
