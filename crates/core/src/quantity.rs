//! Scalars that know their unit, and estimates that know their uncertainty.
//!
//! SI inside; constructors and getters are the unit (`Angle::from_degrees(12.0)`, `length.millimetres()`), so that a bare
//! `f64` with a unit in somebody's head never crosses a function boundary.

use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Standard acceleration of gravity, m/s² (CGPM 1901).
pub const STANDARD_GRAVITY: f64 = 9.806_65;

/// Marks what a number measures.
pub trait Quantity: Copy + PartialEq + fmt::Debug {
    /// Symbol of the SI unit the number is stored in.
    const SI_UNIT: &'static str;
}

/// Plane angle, stored in radians.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub enum PlaneAngle {}
/// Length, stored in metres.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub enum Metres {}
/// Duration as a measured quantity, stored in seconds (time stamps are [`crate::time`]'s).
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub enum Duration {}
/// Specific force, m/s²: what an accelerometer measures; +g on the axis that points up at rest.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub enum SpecificForceUnit {}
/// Angular rate, rad/s: what a gyroscope measures.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub enum AngularRateUnit {}
/// Acceleration with gravity removed, m/s².
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub enum AccelerationUnit {}
/// A pure number, such as a component of a direction.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub enum One {}

impl Quantity for PlaneAngle {
    const SI_UNIT: &'static str = "rad";
}
impl Quantity for Metres {
    const SI_UNIT: &'static str = "m";
}
impl Quantity for Duration {
    const SI_UNIT: &'static str = "s";
}
impl Quantity for SpecificForceUnit {
    const SI_UNIT: &'static str = "m/s2";
}
impl Quantity for AngularRateUnit {
    const SI_UNIT: &'static str = "rad/s";
}
impl Quantity for AccelerationUnit {
    const SI_UNIT: &'static str = "m/s2";
}
impl Quantity for One {
    const SI_UNIT: &'static str = "1";
}

/// A number of quantity `Q`, SI inside.
#[derive(Clone, Copy, PartialEq)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct Scalar<Q: Quantity> {
    si: f64,
    quantity: PhantomData<Q>,
}

/// Plane angle.
pub type Angle = Scalar<PlaneAngle>;
/// Length.
pub type Length = Scalar<Metres>;
/// Duration as a measured number.
pub type Seconds = Scalar<Duration>;

impl<Q: Quantity> Scalar<Q> {
    /// Nothing of it.
    pub const ZERO: Self = Self::from_si(0.0);

    /// From a number in the SI unit of the quantity.
    pub const fn from_si(si: f64) -> Self {
        Self { si, quantity: PhantomData }
    }

    /// The number in the SI unit of the quantity.
    pub const fn si(self) -> f64 {
        self.si
    }

    /// Magnitude.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self::from_si(self.si.abs())
    }

    /// Larger of the two (the number, if the other is NaN).
    #[must_use]
    pub const fn max(self, other: Self) -> Self {
        Self::from_si(self.si.max(other.si))
    }

    /// Smaller of the two (the number, if the other is NaN).
    #[must_use]
    pub const fn min(self, other: Self) -> Self {
        Self::from_si(self.si.min(other.si))
    }

    /// Neither NaN nor infinite.
    pub const fn is_finite(self) -> bool {
        self.si.is_finite()
    }
}

impl Angle {
    /// From radians.
    pub const fn from_radians(radians: f64) -> Self {
        Self::from_si(radians)
    }
    /// From degrees.
    pub const fn from_degrees(degrees: f64) -> Self {
        Self::from_si(degrees.to_radians())
    }
    /// In radians.
    pub const fn radians(self) -> f64 {
        self.si
    }
    /// In degrees.
    pub const fn degrees(self) -> f64 {
        self.si.to_degrees()
    }
    /// Sine.
    pub fn sin(self) -> f64 {
        self.si.sin()
    }
    /// Cosine.
    pub fn cos(self) -> f64 {
        self.si.cos()
    }
}

impl Length {
    /// From metres.
    pub const fn from_metres(metres: f64) -> Self {
        Self::from_si(metres)
    }
    /// From millimetres.
    pub const fn from_millimetres(millimetres: f64) -> Self {
        Self::from_si(millimetres * 1e-3)
    }
    /// In metres.
    pub const fn metres(self) -> f64 {
        self.si
    }
    /// In millimetres.
    pub const fn millimetres(self) -> f64 {
        self.si * 1e3
    }
}

impl Seconds {
    /// From seconds.
    pub const fn from_seconds(seconds: f64) -> Self {
        Self::from_si(seconds)
    }
    /// In seconds.
    pub const fn seconds(self) -> f64 {
        self.si
    }
}

impl Scalar<One> {
    /// In per cent.
    pub const fn percent(self) -> f64 {
        self.si * 1e2
    }
}

impl<Q: Quantity> Add for Scalar<Q> {
    type Output = Self;
    fn add(self, rhs: Self) -> Self {
        Self::from_si(self.si + rhs.si)
    }
}
impl<Q: Quantity> Sub for Scalar<Q> {
    type Output = Self;
    fn sub(self, rhs: Self) -> Self {
        Self::from_si(self.si - rhs.si)
    }
}
impl<Q: Quantity> AddAssign for Scalar<Q> {
    fn add_assign(&mut self, rhs: Self) {
        self.si += rhs.si;
    }
}
impl<Q: Quantity> SubAssign for Scalar<Q> {
    fn sub_assign(&mut self, rhs: Self) {
        self.si -= rhs.si;
    }
}
impl<Q: Quantity> Neg for Scalar<Q> {
    type Output = Self;
    fn neg(self) -> Self {
        Self::from_si(-self.si)
    }
}
impl<Q: Quantity> Mul<f64> for Scalar<Q> {
    type Output = Self;
    fn mul(self, rhs: f64) -> Self {
        Self::from_si(self.si * rhs)
    }
}
impl<Q: Quantity> Div<f64> for Scalar<Q> {
    type Output = Self;
    fn div(self, rhs: f64) -> Self {
        Self::from_si(self.si / rhs)
    }
}
impl<Q: Quantity> Div for Scalar<Q> {
    type Output = f64;
    fn div(self, rhs: Self) -> f64 {
        self.si / rhs.si
    }
}
impl<Q: Quantity> PartialOrd for Scalar<Q> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.si.partial_cmp(&other.si)
    }
}
impl<Q: Quantity> fmt::Debug for Scalar<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.si, Q::SI_UNIT)
    }
}
impl<Q: Quantity> Serialize for Scalar<Q> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.si)
    }
}
impl<'de, Q: Quantity> Deserialize<'de> for Scalar<Q> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::from_si)
    }
}

/// An estimate with its standard uncertainty (1 sigma, same unit).
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[serde(bound = "")]
pub struct Measured<Q: Quantity> {
    /// Best estimate.
    pub value: Scalar<Q>,
    /// Standard uncertainty, not negative.
    pub sigma: Scalar<Q>,
}

impl<Q: Quantity> Measured<Q> {
    /// An estimate and its standard uncertainty (its sign is dropped).
    pub const fn new(value: Scalar<Q>, sigma: Scalar<Q>) -> Self {
        Self { value, sigma: sigma.abs() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_constructors_and_getters() {
        assert!((Angle::from_degrees(180.0).radians() - std::f64::consts::PI).abs() < 1e-15);
        assert!((Length::from_millimetres(25.0).metres() - 0.025).abs() < 1e-15);
        assert_eq!(format!("{:?}", Length::from_metres(1.5)), "1.5 m");
    }

    #[test]
    fn sigma_is_never_negative() {
        let measured = Measured::new(Length::from_metres(1.0), Length::from_metres(-0.1));
        assert!(measured.sigma > Length::ZERO);
    }
}
