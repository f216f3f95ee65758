//! Intervals of shares, the reliability of repeated measurements, and what a figure owes to single people.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, FisherSnedecor, StudentsT};
use truehinge_core::{Icc, Reliability};

/// Quantile of the standard normal distribution for 95 % intervals.
pub const Z: f64 = 1.959_964;

/// A share with its 95 % interval by Wilson's score \[Wilson1927\].
pub fn wilson(part: usize, whole: usize) -> (f64, f64, f64) {
    if whole == 0 {
        return (f64::NAN, f64::NAN, f64::NAN);
    }
    let n = whole as f64;
    let share = part as f64 / n;
    let middle = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    (share, (middle - half).max(0.0), (middle + half).min(1.0))
}

/// A share as `1.000 (0.95 .. 1.00), 78 of 78`.
pub fn share(part: usize, whole: usize) -> String {
    let (share, low, high) = wilson(part, whole);
    if share.is_nan() { "-".to_owned() } else { format!("{share:.3} ({low:.2} .. {high:.2}), {part} of {whole}") }
}

/// Two-way analysis of variance, one row per target \[ShroutFleiss1979, McGrawWong1996\]. `None` without enough rows.
pub fn reliability<const K: usize>(rows: &[[f64; K]]) -> Option<Reliability> {
    if rows.len() < 3 || K < 2 {
        return None;
    }
    let (n, k) = (rows.len() as f64, K as f64);
    let grand = rows.iter().flatten().sum::<f64>() / (n * k);
    let row_mean = |row: &[f64; K]| row.iter().sum::<f64>() / k;
    let column_mean = |j: usize| rows.iter().map(|row| row[j]).sum::<f64>() / n;
    let between = k * rows.iter().map(|row| (row_mean(row) - grand).powi(2)).sum::<f64>();
    let judges = n * (0..K).map(|j| (column_mean(j) - grand).powi(2)).sum::<f64>();
    let total = rows.iter().flatten().map(|x| (x - grand).powi(2)).sum::<f64>();
    let (df_rows, df_error) = (n - 1.0, (n - 1.0) * (k - 1.0));
    let (msr, msc, mse) = (between / df_rows, judges / (k - 1.0), (total - between - judges) / df_error);
    let sem = mse.sqrt();
    Some(Reliability {
        targets: rows.len(),
        agreement: absolute(n, k, msr, msc, mse)?,
        consistency: consistent(k, df_rows, df_error, msr / mse)?,
        sem,
        mdc95: Z * 2.0_f64.sqrt() * sem,
    })
}

/// A figure of several people, and what it owes to single ones.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[serde(into = "Ends")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Figure {
    /// Of all.
    pub value: f64,
    /// 95 % interval by the jackknife over people: repetitions of one person are no independent evidence. `None` for fewer than three people.
    pub interval: Option<(f64, f64)>,
    /// Least and largest value with one person left out; `None` for fewer than two.
    pub left_out: Option<(f64, f64)>,
}

/// A figure under the names of the tables.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Ends {
    /// Of all; null where it is not finite.
    value: Option<f64>,
    /// Lower end of its 95 % interval by people; null for fewer than three people.
    low: Option<f64>,
    /// Upper end.
    high: Option<f64>,
    /// Least value with one person left out; null for fewer than two.
    left_out_least: Option<f64>,
    /// Largest value with one person left out.
    left_out_most: Option<f64>,
}

impl From<Figure> for Ends {
    fn from(Figure { value, interval, left_out }: Figure) -> Self {
        let (low, high) = interval.unzip();
        let (left_out_least, left_out_most) = left_out.unzip();
        Self { value: Some(value), low, high, left_out_least, left_out_most }
    }
}

/// A figure of groups, one a person \[Efron1982\]. `None` if it has no value; where it has none without one of them, no interval is given.
pub fn figure<T: Copy>(people: &[Vec<T>], of: impl Fn(&[Vec<T>]) -> Option<f64>) -> Option<Figure> {
    let value = of(people)?;
    let without = |out: usize| {
        let rest: Vec<Vec<T>> =
            people.iter().enumerate().filter(|(person, _)| *person != out).map(|(_, group)| group.clone()).collect();
        of(&rest)
    };
    let values: Option<Vec<f64>> = if people.len() > 1 { (0..people.len()).map(without).collect() } else { None };
    let extremes = |values: &Vec<f64>| {
        let of = |pick: fn(f64, f64) -> f64| values.iter().copied().reduce(pick);
        of(f64::min).zip(of(f64::max))
    };
    let left_out = values.as_ref().and_then(extremes);
    let interval = values.filter(|values| values.len() > 2).and_then(|values| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = (n - 1.0) / n * values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        let half = StudentsT::new(0.0, 1.0, n - 1.0).ok()?.inverse_cdf(0.975) * variance.sqrt();
        Some((value - half, value + half))
    });
    Some(Figure { value, interval, left_out })
}

/// Standard deviation of a difference between two ways of measuring, of one repetition of any person: what people differ by and what
/// repetitions of a person differ by, together \[BlandAltman2007\]. `None` for fewer than two values.
pub fn spread(people: &[Vec<f64>]) -> Option<f64> {
    let groups: Vec<&Vec<f64>> = people.iter().filter(|group| !group.is_empty()).collect();
    let n: f64 = groups.iter().map(|group| group.len() as f64).sum();
    let count = groups.len() as f64;
    if n < 2.0 {
        return None;
    }
    let mean = |group: &[f64]| group.iter().sum::<f64>() / group.len() as f64;
    let grand = groups.iter().copied().flatten().sum::<f64>() / n;
    let inside: f64 = groups.iter().map(|g| g.iter().map(|x| (x - mean(g)).powi(2)).sum::<f64>()).sum();
    let between: f64 = groups.iter().map(|g| g.len() as f64 * (mean(g) - grand).powi(2)).sum();
    // One person, or one repetition each: nothing to part.
    if groups.len() < 2 || n <= count {
        return Some(((inside + between) / (n - 1.0)).sqrt());
    }
    let (within, among) = (inside / (n - count), between / (count - 1.0));
    let usual = (n - groups.iter().map(|g| (g.len() as f64).powi(2)).sum::<f64>() / n) / (count - 1.0);
    Some((within + ((among - within) / usual).max(0.0)).sqrt())
}

/// Cohen's kappa of a table of counts, one way of naming down and the other across \[Cohen1960\]. `None` where chance explains all or
/// nothing was named.
pub fn kappa(table: &[Vec<usize>]) -> Option<f64> {
    let total: usize = table.iter().flatten().sum();
    let share = |count: usize| count as f64 / total as f64;
    let same: f64 = (0..table.len()).map(|i| share(table[i][i])).sum();
    let row = |i: usize| share(table[i].iter().sum());
    let column = |i: usize| share(table.iter().map(|row| row[i]).sum());
    let chance: f64 = (0..table.len()).map(|i| row(i) * column(i)).sum();
    (total > 0 && chance < 1.0).then(|| (same - chance) / (1.0 - chance))
}

fn quantile(df1: f64, df2: f64) -> Option<f64> {
    Some(FisherSnedecor::new(df1, df2).ok()?.inverse_cdf(0.975))
}

fn consistent(k: f64, df_rows: f64, df_error: f64, f: f64) -> Option<Icc> {
    let of = |f: f64| (f - 1.0) / (f + k - 1.0);
    let (below, above) = (f / quantile(df_rows, df_error)?, f * quantile(df_error, df_rows)?);
    Some(Icc { value: of(f), low: of(below), high: of(above) })
}

fn absolute(n: f64, k: f64, msr: f64, msc: f64, mse: f64) -> Option<Icc> {
    let value = (msr - mse) / (msr + (k - 1.0) * mse + k * (msc - mse) / n);
    let a = k * value / (n * (1.0 - value));
    let b = 1.0 + k * value * (n - 1.0) / (n * (1.0 - value));
    let freedom =
        (a * msc + b * mse).powi(2) / ((a * msc).powi(2) / (k - 1.0) + (b * mse).powi(2) / ((n - 1.0) * (k - 1.0)));
    let (f_low, f_high) = (quantile(n - 1.0, freedom)?, quantile(freedom, n - 1.0)?);
    let rest = k * msc + (k * n - k - n) * mse;
    Some(Icc {
        value,
        low: n * (msr - f_low * mse) / (f_low * rest + n * msr),
        high: n * (f_high * msr - mse) / (rest + n * f_high * msr),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of Shrout and Fleiss: six targets, four judges.
    #[test]
    fn the_published_example_comes_out() {
        let rows = [
            [9.0, 2.0, 5.0, 8.0],
            [6.0, 1.0, 3.0, 2.0],
            [8.0, 4.0, 6.0, 8.0],
            [7.0, 1.0, 2.0, 6.0],
            [10.0, 5.0, 6.0, 9.0],
            [6.0, 2.0, 4.0, 7.0],
        ];
        let found = reliability(&rows).expect("enough");
        let near = |a: f64, b: f64| assert!((a - b).abs() < 0.006, "{a} instead of {b}");
        near(found.agreement.value, 0.29);
        near(found.agreement.low, 0.02);
        near(found.agreement.high, 0.76);
        near(found.consistency.value, 0.71);
        near(found.consistency.low, 0.34);
        near(found.consistency.high, 0.95);
        near(found.sem, 1.02_f64.sqrt());
    }

    #[test]
    fn a_figure_says_what_it_owes_to_single_people() {
        let mean = |people: &[Vec<f64>]| {
            let all: Vec<f64> = people.iter().flatten().copied().collect();
            (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
        };
        // Of a mean with as many values each, the jackknife is the standard error of the people's means: 1/sqrt(3), t of 2 is 4.303.
        let found = figure(&[vec![1.0, 1.0], vec![2.0, 2.0], vec![3.0, 3.0]], mean).expect("a mean");
        let (low, high) = found.interval.expect("three people");
        assert!((found.value - 2.0).abs() < 1e-12 && found.left_out == Some((1.5, 2.5)), "{found:?}");
        let half = 4.302_653 / 3.0_f64.sqrt();
        assert!((low - 2.0 + half).abs() < 1e-5 && (high - 2.0 - half).abs() < 1e-5, "{low} .. {high}");
        let two = figure(&[vec![1.0], vec![2.0]], mean).expect("a mean");
        assert!(two.interval.is_none() && two.left_out == Some((1.0, 2.0)));
        assert!(figure(&[vec![1.0]], mean).expect("a mean").left_out.is_none() && figure(&[], mean).is_none());
    }

    #[test]
    fn the_spread_holds_both_people_and_repetitions() {
        // Within: variance 2. Means 1 and 5: among 2 * 8 = 16, so people's own variance is (16 - 2) / 2 = 7.
        let found = spread(&[vec![0.0, 2.0], vec![4.0, 6.0]]).expect("four values");
        assert!((found - 9.0_f64.sqrt()).abs() < 1e-12, "{found}");
        assert!((spread(&[vec![0.0, 2.0]]).expect("two") - 2.0_f64.sqrt()).abs() < 1e-12);
        assert!((spread(&[vec![0.0], vec![2.0]]).expect("two") - 2.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(spread(&[vec![1.0]]), None);
    }

    #[test]
    fn kappa_is_agreement_beyond_chance() {
        // A textbook table: 20 and 15 alike, 5 and 10 not: observed 0.7, by chance 0.5.
        let found = kappa(&[vec![20, 5], vec![10, 15]]).expect("a table");
        assert!((found - 0.4).abs() < 1e-12, "{found}");
        assert_eq!((kappa(&[vec![0, 0], vec![0, 0]]), kappa(&[vec![3, 0], vec![0, 0]])), (None, None));
    }

    #[test]
    fn a_share_of_everything_is_not_certain() {
        let (share, low, high) = wilson(78, 78);
        assert_eq!(share, 1.0);
        // Newcombe's table: 0.9531 for 78 of 78.
        assert!((low - 0.953).abs() < 5e-4 && high == 1.0, "{low} .. {high}");
        assert!(wilson(0, 0).0.is_nan());
        let (_, low, high) = wilson(81, 263);
        assert!((low - 0.2553).abs() < 1e-4 && (high - 0.3662).abs() < 1e-4, "{low} .. {high}");
    }
}
