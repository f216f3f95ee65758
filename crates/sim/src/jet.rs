//! Numbers that carry their first and second time derivative, so that velocities and accelerations of the skeleton are exact.
//!
//! ```text
//! (f g)'  = f' g + f g'          (f g)'' = f'' g + 2 f' g' + f g''
//! h(f)'   = h'(f) f'             h(f)''  = h''(f) f'^2 + h'(f) f''
//! ```

use std::ops::{Add, Mul, Neg, Sub};

/// A value with its first and second derivative by time.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Jet {
    /// Value.
    pub value: f64,
    /// First derivative, per second.
    pub rate: f64,
    /// Second derivative, per second squared.
    pub acceleration: f64,
}

impl Jet {
    /// A constant.
    pub const fn constant(value: f64) -> Self {
        Self { value, rate: 0.0, acceleration: 0.0 }
    }

    /// Time itself.
    pub const fn time(seconds: f64) -> Self {
        Self { value: seconds, rate: 1.0, acceleration: 0.0 }
    }

    /// `h(self)` from `h`, `h'` and `h''` at the value.
    const fn chain(self, h: f64, h1: f64, h2: f64) -> Self {
        Self { value: h, rate: h1 * self.rate, acceleration: h2 * self.rate * self.rate + h1 * self.acceleration }
    }

    /// Sine.
    #[must_use]
    pub fn sin(self) -> Self {
        let (s, c) = self.value.sin_cos();
        self.chain(s, c, -s)
    }

    /// Cosine.
    #[must_use]
    pub fn cos(self) -> Self {
        let (s, c) = self.value.sin_cos();
        self.chain(c, -s, -c)
    }

    /// Square root of a positive value.
    #[must_use]
    pub fn sqrt(self) -> Self {
        let r = self.value.sqrt();
        self.chain(r, 0.5 / r, -0.25 / (r * self.value))
    }

    /// One over it.
    #[must_use]
    pub fn recip(self) -> Self {
        let r = self.value.recip();
        self.chain(r, -r * r, 2.0 * r * r * r)
    }
}

impl Add for Jet {
    type Output = Self;
    fn add(self, b: Self) -> Self {
        Self { value: self.value + b.value, rate: self.rate + b.rate, acceleration: self.acceleration + b.acceleration }
    }
}

impl Sub for Jet {
    type Output = Self;
    fn sub(self, b: Self) -> Self {
        self + -b
    }
}

impl Neg for Jet {
    type Output = Self;
    fn neg(self) -> Self {
        self * -1.0
    }
}

impl Mul for Jet {
    type Output = Self;
    fn mul(self, b: Self) -> Self {
        Self {
            value: self.value * b.value,
            rate: self.rate * b.value + self.value * b.rate,
            acceleration: self.acceleration * b.value + 2.0 * self.rate * b.rate + self.value * b.acceleration,
        }
    }
}

impl Mul<f64> for Jet {
    type Output = Self;
    fn mul(self, b: f64) -> Self {
        Self { value: self.value * b, rate: self.rate * b, acceleration: self.acceleration * b }
    }
}

/// A vector of jets in the world: x forward (the long axis of the supporting foot), y left, z up.
pub type Vector = [Jet; 3];

/// A rotation matrix of jets, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Matrix(pub [[Jet; 3]; 3]);

impl Matrix {
    /// Turn about the world's y axis: positive leans the vertical forward.
    pub fn forward(angle: Jet) -> Self {
        let (s, c, o, l) = (angle.sin(), angle.cos(), Jet::default(), Jet::constant(1.0));
        Self([[c, o, s], [o, l, o], [-s, o, c]])
    }

    /// Turn about the world's x axis: positive leans the vertical to the right.
    pub fn rightward(angle: Jet) -> Self {
        let (s, c, o, l) = (angle.sin(), angle.cos(), Jet::default(), Jet::constant(1.0));
        Self([[l, o, o], [o, c, -s], [o, s, c]])
    }

    /// Turn about the vertical, counter-clockwise from above.
    pub fn heading(angle: Jet) -> Self {
        let (s, c, o, l) = (angle.sin(), angle.cos(), Jet::default(), Jet::constant(1.0));
        Self([[c, -s, o], [s, c, o], [o, o, l]])
    }

    /// Turn of a segment about its own proximal axis, in its ISB axes: counter-clockwise from its proximal end.
    pub fn about_proximal(angle: Jet) -> Self {
        // The second axis of a segment is the proximal one, as the second one of the world is y.
        Self::forward(angle)
    }

    /// An upright segment facing forward: ISB axes (anterior, proximal, right) to world axes.
    pub fn upright() -> Self {
        let (o, l) = (Jet::default(), Jet::constant(1.0));
        Self([[l, o, o], [o, o, -l], [o, l, o]])
    }

    /// First `other`, then this.
    #[must_use]
    pub fn after(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        let cell = |i: usize, j: usize| a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
        Self([0, 1, 2].map(|i| [0, 1, 2].map(|j| cell(i, j))))
    }

    /// Applied to a vector.
    pub fn apply(self, v: Vector) -> Vector {
        self.0.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
    }

    /// Values alone.
    pub fn values(self) -> nalgebra::Matrix3<f64> {
        nalgebra::Matrix3::from_fn(|i, j| self.0[i][j].value)
    }

    /// Angular rate in the rotated body's own axes: the vector of `R^T dR/dt`.
    pub fn body_rate(self) -> nalgebra::Vector3<f64> {
        let derivative = nalgebra::Matrix3::from_fn(|i, j| self.0[i][j].rate);
        let skew = self.values().transpose() * derivative;
        nalgebra::Vector3::new(skew[(2, 1)], skew[(0, 2)], skew[(1, 0)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn f(t: Jet) -> Jet {
        (t * 2.0).sin() * (t + Jet::constant(3.0)).sqrt() + (t * t + Jet::constant(1.0)).recip() * t.cos()
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let h = 1e-4;
        for t in [0.0, 0.3, 1.7] {
            let value = |t: f64| f(Jet::time(t)).value;
            let jet = f(Jet::time(t));
            // Central differences are good to h^2 and eps / h^2.
            assert!((jet.rate - (value(t + h) - value(t - h)) / (2.0 * h)).abs() < 1e-6);
            assert!((jet.acceleration - (value(t + h) - 2.0 * value(t) + value(t - h)) / (h * h)).abs() < 1e-5);
        }
    }

    #[test]
    fn a_constant_turn_has_a_constant_rate() {
        let turning = Matrix::heading(Jet::time(0.4) * 2.0).after(Matrix::upright());
        // Turning about the vertical is turning about an upright segment's long axis.
        let rate = turning.body_rate();
        assert!((rate - nalgebra::Vector3::new(0.0, 2.0, 0.0)).norm() < 1e-12);
    }
}
