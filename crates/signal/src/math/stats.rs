//! Means, medians and moving statistics of plain numbers.

/// Root mean square of `signal` over a centred window of `window` samples (shorter at the ends).
pub fn moving_rms(signal: &[f64], window: usize) -> Vec<f64> {
    let mut cumulative = Vec::with_capacity(signal.len() + 1);
    let mut sum = 0.0;
    cumulative.push(sum);
    for value in signal {
        sum += value * value;
        cumulative.push(sum);
    }
    let half = window / 2;
    (0..signal.len())
        .map(|i| {
            let (from, to) = (i.saturating_sub(half), (i + half + 1).min(signal.len()));
            ((cumulative[to] - cumulative[from]).max(0.0) / (to - from) as f64).sqrt()
        })
        .collect()
}

/// Median; `None` if empty. NaN sorts last.
pub fn median(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let mut values = values.to_vec();
    let (middle, even) = (values.len() / 2, values.len().is_multiple_of(2));
    let (lower, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    if !even {
        return Some(upper);
    }
    lower.iter().copied().max_by(f64::total_cmp).map(|lower| f64::midpoint(lower, upper))
}

/// Mean; NaN if empty.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, -2.0]), Some(2.0));
        assert_eq!(median(&[1.0, f64::NAN, 0.0]), Some(1.0));
    }

    #[test]
    fn moving_rms_matches_its_definition() {
        let signal = [1.0, -2.0, 3.0, -4.0];
        let rms = moving_rms(&signal, 3);
        assert!((rms[1] - (14.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!((rms[0] - (5.0_f64 / 2.0).sqrt()).abs() < 1e-12);
    }
}
