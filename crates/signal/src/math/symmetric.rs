//! Symmetric 3 x 3 matrices: covariances.

use std::ops::Add;

use nalgebra::Vector3;

/// A symmetric matrix by its entries on and above the diagonal, row by row: xx, xy, xz, yy, yz, zz.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Symmetric3([f64; 6]);

/// Mathematics: where the entries of the diagonal stand.
const DIAGONAL: [usize; 3] = [0, 3, 5];

impl Symmetric3 {
    /// The same value on the whole diagonal, 0 beside it.
    pub const fn scalar(value: f64) -> Self {
        Self([value, 0.0, 0.0, value, 0.0, value])
    }

    /// An entry of the diagonal.
    pub fn diagonal_mut(&mut self, axis: usize) -> &mut f64 {
        &mut self.0[DIAGONAL[axis]]
    }

    /// The matrix times a column.
    pub fn times(&self, v: &Vector3<f64>) -> Vector3<f64> {
        let [xx, xy, xz, yy, yz, zz] = self.0;
        Vector3::new(xx * v.x + xy * v.y + xz * v.z, xy * v.x + yy * v.y + yz * v.z, xz * v.x + yz * v.y + zz * v.z)
    }

    /// Takes off `column * column^T * factor`.
    pub fn subtract_square(&mut self, column: &Vector3<f64>, factor: f64) {
        let (v, scaled) = (column, column * factor);
        let square = [scaled.x * v.x, scaled.x * v.y, scaled.x * v.z, scaled.y * v.y, scaled.y * v.z, scaled.z * v.z];
        self.0.iter_mut().zip(square).for_each(|(entry, part)| *entry -= part);
    }

    /// The inverse; `None` if there is none.
    #[must_use]
    /// The inverse; `None` if there is none.
    pub fn inverse(&self) -> Option<Self> {
        let [xx, xy, xz, yy, yz, zz] = self.0;
        let (first, second, third) = (yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy);
        let determinant = xx * first + xy * second + xz * third;
        let cofactors = [first, second, third, xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy];
        let scale = determinant.recip();
        (scale.is_finite()).then(|| Self(cofactors.map(|cofactor| cofactor * scale)))
    }

    /// `self * middle * other` of matrices for which that product is symmetric as well.
    #[must_use]
    pub fn product(&self, middle: &Self, other: &Self) -> Self {
        let column = |axis: usize| {
            let [xx, xy, xz, yy, yz, zz] = other.0;
            let columns = [Vector3::new(xx, xy, xz), Vector3::new(xy, yy, yz), Vector3::new(xz, yz, zz)];
            self.times(&middle.times(&columns[axis]))
        };
        let (x, y, z) = (column(0), column(1), column(2));
        Self([x.x, y.x, z.x, y.y, z.y, z.z])
    }

    /// The largest sum of the magnitudes in a row: no eigenvalue is larger (Gershgorin).
    pub fn largest_row(&self) -> f64 {
        let [xx, xy, xz, yy, yz, zz] = self.0.map(f64::abs);
        (xx + xy + xz).max(xy + yy + yz).max(xz + yz + zz)
    }
}

impl Add for Symmetric3 {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Matrix3;

    const A: Symmetric3 = Symmetric3([4.0, 1.0, -0.5, 3.0, 0.25, 2.0]);
    const B: Symmetric3 = Symmetric3([2.0, -1.0, 0.5, 5.0, 0.75, 3.0]);

    fn full(of: &Symmetric3) -> Matrix3<f64> {
        let [xx, xy, xz, yy, yz, zz] = of.0;
        Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz)
    }

    #[test]
    fn it_reckons_as_the_full_matrix_does() {
        let v = Vector3::new(0.3, -2.0, 1.5);
        assert!((A.times(&v) - full(&A) * v).norm() < 1e-12);
        assert_eq!(full(&(A + B)), full(&A) + full(&B));
        let inverse = A.inverse().expect("it has one");
        assert!((full(&inverse) * full(&A) - Matrix3::identity()).norm() < 1e-12);
        let mut less = A;
        less.subtract_square(&v, 0.1);
        assert!((full(&less) - (full(&A) - v * v.transpose() * 0.1)).norm() < 1e-12);
        *less.diagonal_mut(1) += 2.0;
        assert!((full(&less)[(1, 1)] - 4.6).abs() < 1e-12);
        assert_eq!(A.largest_row(), 5.5);
    }

    #[test]
    fn what_two_covariances_leave_together_is_symmetric() {
        let between = (A + B).inverse().expect("it has one");
        let expected = full(&A) * full(&between) * full(&B);
        assert!((full(&A.product(&between, &B)) - expected).norm() < 1e-12);
    }

    #[test]
    fn a_flat_matrix_has_no_inverse() {
        assert_eq!(Symmetric3::scalar(0.0).inverse(), None);
        assert_eq!(Symmetric3([1.0, 1.0, 0.0, 1.0, 0.0, 1.0]).inverse(), None);
        assert_eq!(Symmetric3::scalar(4.0).inverse(), Some(Symmetric3::scalar(0.25)));
    }
}
