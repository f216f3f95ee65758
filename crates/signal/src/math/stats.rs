//! Means, medians, quantiles and moving statistics of plain numbers and vectors.

use nalgebra::Vector3;

use super::points::nearest;

/// Mathematics: the median absolute deviation of a normal distribution times this is its standard deviation.
pub const DEVIATION_PER_MEDIAN: f64 = 1.4826;

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

/// Median that is always one of the values: of the two in the middle the larger. Reorders the values; `None` if empty. For times and
/// steps between samples, of which a value between two may have occurred nowhere.
pub fn upper_median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// The value that `share` (0 to 1) of the others lie below, the nearest of those that are there. Reorders the values; `None` if empty.
pub fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    Some(*values.select_nth_unstable_by(nearest(share * last as f64).min(last), f64::total_cmp).1)
}

/// Median of the slopes between points (position, value) that are `reach` places apart (Theil-Sen). Points at one position have
/// none; `None` without a slope.
pub fn median_slope(points: &[(f64, f64)], reach: std::ops::RangeInclusive<usize>) -> Option<f64> {
    let (nearest, farthest) = reach.into_inner();
    let mut slopes = Vec::new();
    for (i, a) in points.iter().enumerate() {
        let others = points.iter().skip(i + nearest).take(farthest + 1 - nearest);
        slopes.extend(others.filter(|b| b.0 > a.0).map(|b| (b.1 - a.1) / (b.0 - a.0)));
    }
    upper_median(&mut slopes)
}

/// Mean of vectors and their root mean square distance from it; NaN if empty.
pub fn mean_and_spread(vectors: impl Iterator<Item = Vector3<f64>> + Clone) -> (Vector3<f64>, f64) {
    let mean = mean_vector(vectors.clone());
    let (count, squares) = vectors.fold((0_usize, 0.0), |(count, sum), v| (count + 1, sum + (v - mean).norm_squared()));
    (mean, (squares / count as f64).sqrt())
}

/// Mean of vectors; NaN if empty.
pub fn mean_vector(vectors: impl Iterator<Item = Vector3<f64>>) -> Vector3<f64> {
    let (count, sum) = vectors.fold((0_usize, Vector3::zeros()), |(count, sum), v| (count + 1, sum + v));
    sum / count as f64
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
    fn the_upper_median_is_one_of_the_values() {
        assert_eq!(upper_median(&mut []), None);
        assert_eq!(upper_median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(upper_median(&mut [4.0, 1.0, 3.0, -2.0]), Some(3.0));
    }

    #[test]
    fn quantiles_are_the_nearest_of_the_values() {
        let mut values = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!(quantile(&mut [], 0.5), None);
        assert_eq!(
            [0.0, 0.25, 0.6, 0.95, 1.0].map(|share| quantile(&mut values, share)),
            [1.0, 2.0, 3.0, 5.0, 5.0].map(Some)
        );
    }

    #[test]
    fn the_median_slope_ignores_a_point_that_is_off() {
        let mut points: Vec<(f64, f64)> = (0..10).map(|i| (f64::from(i), 3.0 - 0.25 * f64::from(i))).collect();
        points[4].1 = 100.0;
        assert_eq!(median_slope(&points, 1..=10), Some(-0.25));
        assert_eq!(median_slope(&[(1.0, 0.0), (1.0, 5.0)], 1..=1), None);
        // Two places apart only.
        let steps = [(0.0, 0.0), (1.0, 7.0), (2.0, 4.0)];
        assert_eq!(median_slope(&steps, 2..=2), Some(2.0));
    }

    #[test]
    fn vectors_have_a_mean_and_a_spread_in_all_directions() {
        let vectors = [Vector3::new(1.0, 0.0, 0.0), Vector3::new(-1.0, 0.0, 4.0), Vector3::new(0.0, 3.0, 2.0)];
        let (mean, spread) = mean_and_spread(vectors.into_iter());
        assert_eq!(mean, Vector3::new(0.0, 1.0, 2.0));
        // Squared distances 6, 6 and 4.
        assert!((spread - (16.0_f64 / 3.0).sqrt()).abs() < 1e-12, "{spread}");
    }

    #[test]
    fn moving_rms_matches_its_definition() {
        let signal = [1.0, -2.0, 3.0, -4.0];
        let rms = moving_rms(&signal, 3);
        assert!((rms[1] - (14.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!((rms[0] - (5.0_f64 / 2.0).sqrt()).abs() < 1e-12);
    }
}
