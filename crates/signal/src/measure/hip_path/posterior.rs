//! What the least squares know: covariance of the unknowns, and the rows that it comes from.

use nalgebra::{DMatrix, DVector};
use truehinge_core::Budget;

use super::unknowns::{ENTERING, Part, PartCovariance, place};

/// A row that is already divided by its standard deviation: its columns that are not zero, and what that deviation is.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub columns: Vec<(usize, f64)>,
    pub noise: Budget,
}

/// Covariance of all unknowns, scaled by the unit variance, and the rows that it comes from.
#[derive(Debug)]
pub(super) struct Posterior {
    pub covariance: DMatrix<f64>,
    pub unit_variance: f64,
    pub rows: Vec<Row>,
}

impl Posterior {
    /// What each row brings to the variance of a linear function of the unknowns of repetition `r`.
    pub fn parts(&self, r: usize, function: &Part) -> Vec<(f64, Budget)> {
        let spread = DVector::from_fn(self.covariance.nrows(), |i, _| {
            (0..ENTERING).map(|k| self.covariance[(i, place(r, k))] * function[k]).sum::<f64>()
        });
        let brings = |row: &Row| row.columns.iter().map(|&(k, value)| value * spread[k]).sum::<f64>().powi(2);
        self.rows.iter().map(|row| (brings(row) / self.unit_variance, row.noise)).collect()
    }

    /// Covariance of the unknowns that enter repetition `r`.
    pub fn of_part(&self, r: usize) -> PartCovariance {
        PartCovariance::from_fn(|i, j| self.covariance[(place(r, i), place(r, j))])
    }
}
