//! Symmetric 3 x 3 matrices: covariances.

use std::ops::{Add, Mul, Sub};

use nalgebra::{Scalar, Vector3};

/// A number, or several side by side.
pub trait Entry: Scalar + Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {}

impl<T: Scalar + Copy + Add<Output = T> + Sub<Output = T> + Mul<Output = T>> Entry for T {}

/// A symmetric matrix by its entries on and above the diagonal, row by row: xx, xy, xz, yy, yz, zz.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Symmetric3<T>(pub [T; 6]);

/// Mathematics: where the entries of the diagonal stand.
const DIAGONAL: [usize; 3] = [0, 3, 5];

impl<T: Entry> Symmetric3<T> {
    /// The same value on the whole diagonal, `zero` beside it.
    pub const fn scalar(value: T, zero: T) -> Self {
        Self([value, zero, zero, value, zero, value])
    }

    /// An entry of the diagonal.
    pub fn diagonal_mut(&mut self, axis: usize) -> &mut T {
        &mut self.0[DIAGONAL[axis]]
    }

    /// The matrix times a column.
    #[inline]
    pub fn times(&self, v: &Vector3<T>) -> Vector3<T> {
        let [xx, xy, xz, yy, yz, zz] = self.0;
        Vector3::new(xx * v.x + xy * v.y + xz * v.z, xy * v.x + yy * v.y + yz * v.z, xz * v.x + yz * v.y + zz * v.z)
    }

    /// Takes a column times its transpose times a factor away.
    #[inline]
    pub fn subtract_square(&mut self, v: &Vector3<T>, factor: T) {
        let scaled = [v.x * factor, v.y * factor, v.z * factor];
        let square =
            [scaled[0] * v.x, scaled[0] * v.y, scaled[0] * v.z, scaled[1] * v.y, scaled[1] * v.z, scaled[2] * v.z];
        self.0 = std::array::from_fn(|i| self.0[i] - square[i]);
    }

    /// The inverse, given how a determinant is turned into its reciprocal.
    #[inline]
    #[must_use]
    pub fn inverse(&self, recip: impl Fn(T) -> T) -> Self {
        let [xx, xy, xz, yy, yz, zz] = self.0;
        let (first, second, third) = (yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy);
        let determinant = xx * first + xy * second + xz * third;
        let cofactors = [first, second, third, xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy];
        let scale = recip(determinant);
        Self(cofactors.map(|cofactor| cofactor * scale))
    }

    /// The product with two others, which must be symmetric as a whole.
    #[inline]
    #[must_use]
    pub fn product(&self, middle: &Self, other: &Self) -> Self {
        let [xx, xy, xz, yy, yz, zz] = other.0;
        let columns = [Vector3::new(xx, xy, xz), Vector3::new(xy, yy, yz), Vector3::new(xz, yz, zz)];
        let [x, y, z] = columns.map(|column| self.times(&middle.times(&column)));
        Self([x.x, y.x, z.x, y.y, z.y, z.z])
    }
}

impl<T: Entry> Add for Symmetric3<T> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Matrix3;

    const A: Symmetric3<f64> = Symmetric3([4.0, 1.0, -0.5, 3.0, 0.25, 2.0]);
    const B: Symmetric3<f64> = Symmetric3([2.0, -1.0, 0.5, 5.0, 0.75, 3.0]);

    fn full(of: &Symmetric3<f64>) -> Matrix3<f64> {
        let [xx, xy, xz, yy, yz, zz] = of.0;
        Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz)
    }

    #[test]
    fn it_reckons_as_the_full_matrix_does() {
        let v = Vector3::new(0.3, -2.0, 1.5);
        assert!((A.times(&v) - full(&A) * v).norm() < 1e-12);
        assert_eq!(full(&(A + B)), full(&A) + full(&B));
        let inverse = A.inverse(f64::recip);
        assert!((full(&inverse) * full(&A) - Matrix3::identity()).norm() < 1e-12);
        let mut less = A;
        less.subtract_square(&v, 0.1);
        assert!((full(&less) - (full(&A) - v * v.transpose() * 0.1)).norm() < 1e-12);
        *less.diagonal_mut(1) += 2.0;
        assert!((full(&less)[(1, 1)] - 4.6).abs() < 1e-12);
    }

    #[test]
    fn what_two_covariances_leave_together_is_symmetric() {
        let between = (A + B).inverse(f64::recip);
        let expected = full(&A) * full(&between) * full(&B);
        assert!((full(&A.product(&between, &B)) - expected).norm() < 1e-12);
    }

    #[test]
    fn the_caller_says_what_the_inverse_of_a_flat_matrix_is() {
        let nothing = Symmetric3::scalar(0.0, 0.0);
        assert_eq!(nothing.inverse(|_| 0.0), nothing);
        assert_eq!(Symmetric3::scalar(4.0, 0.0).inverse(f64::recip), Symmetric3::scalar(0.25, 0.0));
    }
}
