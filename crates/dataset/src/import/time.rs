//! Counters that start again, and times that must not go back.

use std::path::Path;

use truehinge_core::SequenceGap;

use super::ImportError;

/// Span of a counter of 32 bits.
pub const WRAP_32: i64 = 1 << 32;

/// Makes the times of a counter continuous: adds `wrap` (ns) whenever the counter started again. Returns how often it did.
///
/// # Errors
/// Time goes back by less than half the wrap, or there is no wrap.
pub fn unwrap(path: &Path, times: &mut [i64], lines: &[usize], wrap: Option<i64>) -> Result<u32, ImportError> {
    let mut turns = 0;
    let mut ahead = 0_i64;
    let mut before = i64::MIN;
    for (row, time) in times.iter_mut().enumerate() {
        let mut now = time.saturating_add(ahead);
        if now < before {
            let Some(wrap) = wrap.filter(|wrap| before.saturating_sub(now) > wrap / 2) else {
                let line = lines.get(row).copied().unwrap_or(0);
                let (before, after) = (before as f64 * 1e-9, now as f64 * 1e-9);
                return Err(ImportError::TimeGoesBack { path: path.to_owned(), line, before, after });
            };
            turns += 1;
            ahead = ahead.saturating_add(wrap);
            now = now.saturating_add(wrap);
        }
        *time = now;
        before = now;
    }
    Ok(turns)
}

/// What a row counter says.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Counted {
    /// Losses, in order.
    pub gaps: Vec<SequenceGap>,
    /// The counter, continuous, from 0 at the first row.
    pub steps: Vec<i64>,
    /// Rows whose counter did not go on, by repeating or going back.
    pub stuck: usize,
}

/// Losses from a counter that starts again after `modulus`. A step of half the modulus or more is read as a step back.
pub fn counted(counter: &[f64], modulus: i64) -> Counted {
    let mut counted = Counted::default();
    let mut previous: Option<i64> = None;
    let mut total = 0_i64;
    for (row, &value) in counter.iter().enumerate() {
        #[allow(clippy::cast_possible_truncation, reason = "float to int casts saturate; counters are small")]
        let now = value as i64;
        if let Some(previous) = previous {
            let ahead = now.saturating_sub(previous).rem_euclid(modulus);
            if !value.is_finite() || ahead == 0 || ahead >= modulus / 2 {
                counted.stuck += 1;
                counted.steps.push(total);
                continue;
            }
            total += ahead;
            if let Ok(lost @ 1..) = u64::try_from(ahead - 1) {
                counted.gaps.push(SequenceGap { before_sample: row, lost });
            }
        }
        previous = value.is_finite().then_some(now);
        counted.steps.push(total);
    }
    counted
}

/// Steps between times.
pub fn steps(times: &[i64]) -> impl Iterator<Item = i64> {
    times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]))
}

/// Rows per second by the median of the steps in ns that go forward; `None` if none does.
pub fn usual_rate(steps: impl Iterator<Item = i64>) -> Option<f64> {
    let mut steps: Vec<i64> = steps.filter(|&step| step > 0).collect();
    let middle = steps.len() / 2;
    (!steps.is_empty()).then(|| 1e9 / *steps.select_nth_unstable(middle).1 as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_counter_goes_on_and_a_step_back_is_named() {
        let wrap = WRAP_32 * 1000;
        let path = Path::new("a.csv");
        let mut times = vec![wrap - 2_000, wrap - 1_000, 500, 1_500];
        assert_eq!(unwrap(path, &mut times, &[], Some(wrap)).expect("unwraps"), 1);
        assert_eq!(times, [wrap - 2_000, wrap - 1_000, wrap + 500, wrap + 1_500]);
        let error = unwrap(path, &mut [0, 10, 5], &[7, 8, 9], Some(wrap)).expect_err("goes back");
        assert!(matches!(error, ImportError::TimeGoesBack { line: 9, .. }), "{error}");
        assert!(unwrap(path, &mut [i64::MAX, i64::MIN], &[1, 2], None).is_err());
    }

    #[test]
    fn a_counter_shows_losses_across_its_wrap_and_repeats() {
        let counted = counted(&[65_534.0, 65_535.0, 1.0, 1.0, 2.0, 0.0, 5.0, f64::NAN, 6.0], 65_536);
        let gaps: Vec<_> = counted.gaps.iter().map(|gap| (gap.before_sample, gap.lost)).collect();
        assert_eq!(gaps, [(2, 1), (6, 2)]);
        assert_eq!(counted.stuck, 3);
        assert_eq!(counted.steps, [0, 1, 3, 3, 4, 4, 7, 7, 8]);
    }

    #[test]
    fn the_usual_rate_is_not_moved_by_gaps() {
        assert_eq!(usual_rate(steps(&[0, 10_000_000, 20_000_000, 500_000_000, 510_000_000])), Some(100.0));
        assert_eq!(usual_rate(steps(&[5, 5])), None);
    }
}
