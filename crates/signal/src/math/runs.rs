//! Stretches of a signal in which something holds.

use std::ops::Range;

/// Maximal ranges of indices whose values all fulfil `holds`, in order.
pub fn runs<T>(values: &[T], holds: impl Fn(&T) -> bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for i in 0..=values.len() {
        match (values.get(i).is_some_and(&holds), start) {
            (true, None) => start = Some(i),
            (false, Some(from)) => {
                found.push(from..i);
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// Maximal stretches of values that lie in one place, in order; each place is asked for once or twice. A place that is no number holds
/// one value.
pub fn together<'a, T>(values: &'a [T], place: impl Fn(&T) -> f64 + 'a) -> impl Iterator<Item = &'a [T]> {
    let mut rest = values;
    std::iter::from_fn(move || {
        let (first, others) = rest.split_first()?;
        let here = place(first);
        let length = 1 + others.iter().position(|value| place(value) != here).unwrap_or(others.len());
        let (stretch, after) = rest.split_at(length);
        rest = after;
        Some(stretch)
    })
}

/// Length of the longest of these ranges; 0 if there is none.
pub fn longest_run<T>(values: &[T], holds: impl Fn(&T) -> bool) -> usize {
    runs(values, holds).iter().map(ExactSizeIterator::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_maximal_half_open_and_reach_both_ends() {
        let values = [5, 5, 1, 5, 1, 1, 5];
        assert_eq!(runs(&values, |v| *v > 1), [0..2, 3..4, 6..7]);
        assert_eq!(runs(&values, |v| *v < 5), [2..3, 4..6]);
        assert_eq!(runs(&values, |_| true).len(), 1);
        assert!(runs(&values, |_| false).is_empty() && runs(&[0; 0], |_| true).is_empty());
    }

    #[test]
    fn a_value_that_is_no_number_is_in_no_run() {
        assert_eq!(runs(&[1.0, f64::NAN, 1.0], |v| *v > 0.0), [0..1, 2..3]);
        assert_eq!(runs(&[1.0, f64::NAN, 1.0], |v| *v < 2.0), [0..1, 2..3]);
    }

    #[test]
    fn what_lies_in_one_place_stays_together_and_in_order() {
        let values = [0.1, 0.9, 1.0, 0.2, 2.5, 2.6, f64::NAN, f64::NAN];
        let found: Vec<usize> = together(&values, |v: &f64| v.floor()).map(<[f64]>::len).collect();
        assert_eq!(found, [2, 1, 1, 2, 1, 1]);
        assert_eq!(together(&[0.0; 0], |v: &f64| *v).count(), 0);
    }

    #[test]
    fn the_longest_run_is_counted_in_values() {
        assert_eq!(longest_run(&[true, false, true, true], |v| *v), 2);
        assert_eq!(longest_run(&[false; 3], |v| *v), 0);
    }
}
