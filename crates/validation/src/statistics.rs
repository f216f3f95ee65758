//! Intervals of shares, and the reliability of repeated measurements.

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

/// Quantile of the standard normal distribution for 95 % intervals.
const Z: f64 = 1.959_964;

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

/// An intraclass correlation with its 95 % interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Icc {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// Reliability of `k` measurements of each of `n` targets.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reliability {
    pub targets: usize,
    /// ICC(2,1): a single measurement, absolute agreement.
    pub agreement: Icc,
    /// ICC(3,1): a single measurement, consistency.
    pub consistency: Icc,
    /// Standard error of measurement, in the measurements' unit.
    pub sem: f64,
    /// Smallest change that is beyond the error of two measurements with 95 % certainty.
    pub mdc95: f64,
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
