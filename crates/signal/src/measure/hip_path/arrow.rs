//! Normal equations that are arrows: every unknown is shared by all repetitions or belongs to one of them.
//!
//! With `A` of the shared unknowns, `B_r` of a repetition's own and `C_r` between them, the own unknowns are eliminated one repetition
//! after the other (Schur complement), so that the work grows with the number of repetitions and not with its cube:
//!
//! ```text
//! S = A - sum C_r^T B_r^-1 C_r,     inverse:  S^-1,   -G_r S^-1,   G_r S^-1 G_q^T  (+ B_r^-1 where r = q),     G_r = B_r^-1 C_r
//! ```

use nalgebra::{Cholesky, Const, DMatrix, DVector, SMatrix};

use super::unknowns::{OWN, SHARED};

type Own = SMatrix<f64, OWN, OWN>;
type Between = SMatrix<f64, OWN, SHARED>;

/// An arrow, factorised.
pub(super) struct Arrow {
    shared: Cholesky<f64, Const<SHARED>>,
    repetitions: Vec<(Cholesky<f64, Const<OWN>>, Between)>,
}

impl Arrow {
    /// Reads the lower triangle; `None` if the matrix is not positive definite.
    pub fn new(normal: &DMatrix<f64>) -> Option<Self> {
        let mut shared: SMatrix<f64, SHARED, SHARED> = normal.fixed_view::<SHARED, SHARED>(0, 0).into_owned();
        let mut repetitions = Vec::new();
        for first in starts(normal.nrows()) {
            let own: Own = normal.fixed_view::<OWN, OWN>(first, first).into_owned();
            let between: Between = normal.fixed_view::<OWN, SHARED>(first, 0).into_owned();
            let own = own.cholesky()?;
            let gain = own.solve(&between);
            shared -= between.transpose() * gain;
            repetitions.push((own, gain));
        }
        Some(Self { shared: shared.cholesky()?, repetitions })
    }

    /// The unknowns for this right side.
    pub fn solve(&self, right: &DVector<f64>) -> DVector<f64> {
        let mut solution = right.clone();
        let mut shared = right.fixed_rows::<SHARED>(0).into_owned();
        for (first, (_, gain)) in starts(right.len()).zip(&self.repetitions) {
            shared -= gain.transpose() * right.fixed_rows::<OWN>(first);
        }
        let shared = self.shared.solve(&shared);
        solution.fixed_rows_mut::<SHARED>(0).copy_from(&shared);
        for (first, (own, gain)) in starts(right.len()).zip(&self.repetitions) {
            let alone = own.solve(&right.fixed_rows::<OWN>(first).into_owned());
            solution.fixed_rows_mut::<OWN>(first).copy_from(&(alone - gain * shared));
        }
        solution
    }

    /// The inverse of the whole matrix.
    pub fn inverse(&self) -> DMatrix<f64> {
        let length = SHARED + OWN * self.repetitions.len();
        let mut inverse = DMatrix::zeros(length, length);
        let shared = self.shared.inverse();
        inverse.fixed_view_mut::<SHARED, SHARED>(0, 0).copy_from(&shared);
        for (row, (own, gain)) in starts(length).zip(&self.repetitions) {
            let between = gain * shared;
            inverse.fixed_view_mut::<OWN, SHARED>(row, 0).copy_from(&-between);
            inverse.fixed_view_mut::<SHARED, OWN>(0, row).copy_from(&-between.transpose());
            for (column, (_, other)) in starts(length).zip(&self.repetitions) {
                inverse.fixed_view_mut::<OWN, OWN>(row, column).copy_from(&(between * other.transpose()));
            }
            let mut block = inverse.fixed_view_mut::<OWN, OWN>(row, row);
            block += own.inverse();
        }
        inverse
    }
}

/// Where each repetition's own unknowns begin, of so many unknowns.
fn starts(unknowns: usize) -> impl Iterator<Item = usize> {
    (SHARED..unknowns).step_by(OWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The normal matrix of rows of which each sees the shared unknowns and one repetition's own.
    fn normal(repetitions: usize) -> DMatrix<f64> {
        let length = SHARED + OWN * repetitions;
        let mut normal = DMatrix::identity(length, length) * 0.5;
        for i in 0..60 * repetitions {
            let first = SHARED + OWN * (i % repetitions);
            let sees = |k: usize| k < SHARED || (first..first + OWN).contains(&k);
            let value = |k: usize| if sees(k) { (1.3 * i as f64 + 0.7 * (k * k) as f64).sin() } else { 0.0 };
            let row = DVector::from_fn(length, |k, _| value(k));
            normal += &row * row.transpose();
        }
        normal
    }

    #[test]
    fn it_solves_and_inverts_as_the_dense_matrix_does() {
        for repetitions in [1, 2, 5] {
            let normal = normal(repetitions);
            let right = DVector::from_fn(normal.nrows(), |i, _| (0.9 * i as f64).cos());
            let (arrow, dense) = (Arrow::new(&normal).expect("positive"), normal.cholesky().expect("positive"));
            assert!((arrow.solve(&right) - dense.solve(&right)).amax() < 1e-12);
            assert!((arrow.inverse() - dense.inverse()).amax() < 1e-12);
        }
    }

    #[test]
    fn what_is_not_positive_definite_is_refused() {
        let mut flat = normal(2);
        flat[(0, 0)] = -1.0;
        assert!(Arrow::new(&flat).is_none());
        let mut flat = normal(2);
        let last = flat.nrows() - 1;
        flat[(last, last)] = 0.0;
        assert!(Arrow::new(&flat).is_none());
    }
}
