//! Vectors and rotations that know their frames.
//!
//! Frames are right-handed. Segment frames follow ISB: x anterior, y proximal, z to the person's right \[WuCavanagh1995\].
//! [`Earth`] has z up and a free heading: two magnetometer-free sensors do **not** share a heading, so comparing horizontal
//! components of two sensors' Earth vectors is meaningless until their headings have been matched.
//!
//! What the types protect: adding a pelvis vector to a shank vector, applying a rotation to a vector of another frame,
//! reading an anatomical component off a sensor-frame vector. What they do not protect: the claim made at
//! [`Rotation::assert_maps`], and the heading of Earth.
//!
//! ```compile_fail
//! use truehinge_core::{frame::*, SpecificForce};
//! let pelvis = SpecificForce::<Pelvis>::new(0.0, 9.8, 0.0);
//! let shank = SpecificForce::<Shank>::new(0.0, 9.8, 0.0);
//! let nonsense = pelvis + shank; // different frames
//! ```

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Add, AddAssign, Mul, Neg, Sub};

use nalgebra::{Quaternion, UnitQuaternion, Vector3};

use crate::body::SensorRole;
use crate::quantity::{AccelerationUnit, AngularRateUnit, Metres, One, Quantity, SpecificForceUnit};

/// Marks the axes a vector is resolved in.
pub trait Frame: Copy + PartialEq + fmt::Debug {
    /// Name used in `Debug` output.
    const NAME: &'static str;
}

/// A frame fixed to a bone, with ISB axes: x anterior, y proximal, z right.
pub trait Segment: Frame {
    /// The sensor that is worn on it.
    const ROLE: SensorRole;
}

/// The axes printed on the sensor's case.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Sensor {}
/// z up along gravity, heading free.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Earth {}
/// The pelvis, ISB axes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Pelvis {}
/// The shank of the supporting leg, ISB axes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Shank {}
/// The thigh of the supporting leg, ISB axes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Thigh {}
/// The trunk, ISB axes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Trunk {}

impl Frame for Sensor {
    const NAME: &'static str = "Sensor";
}
impl Frame for Earth {
    const NAME: &'static str = "Earth";
}
impl Frame for Pelvis {
    const NAME: &'static str = "Pelvis";
}
impl Frame for Shank {
    const NAME: &'static str = "Shank";
}
impl Frame for Thigh {
    const NAME: &'static str = "Thigh";
}
impl Frame for Trunk {
    const NAME: &'static str = "Trunk";
}
impl Segment for Pelvis {
    const ROLE: SensorRole = SensorRole::Hip;
}
impl Segment for Shank {
    const ROLE: SensorRole = SensorRole::Shank;
}
impl Segment for Thigh {
    const ROLE: SensorRole = SensorRole::Thigh;
}
impl Segment for Trunk {
    const ROLE: SensorRole = SensorRole::Trunk;
}

/// A vector of quantity `Q` (SI) resolved in frame `F`. As small and fast as three `f64`.
#[derive(Clone, Copy, PartialEq)]
pub struct Vec3<Q: Quantity, F: Frame> {
    components: Vector3<f64>,
    marker: PhantomData<(Q, F)>,
}

/// What an accelerometer measures, m/s²: +g on the axis that points up at rest.
pub type SpecificForce<F> = Vec3<SpecificForceUnit, F>;
/// What a gyroscope measures, rad/s.
pub type AngularRate<F> = Vec3<AngularRateUnit, F>;
/// Specific force with gravity removed, m/s².
pub type FreeAcceleration<F> = Vec3<AccelerationUnit, F>;
/// A displacement or lever arm, m.
pub type Displacement<F> = Vec3<Metres, F>;
/// A direction (not necessarily of unit length).
pub type Direction<F> = Vec3<One, F>;

impl<Q: Quantity, F: Frame> Vec3<Q, F> {
    /// From components along the frame's x, y and z axes, in SI units.
    pub const fn new(x: f64, y: f64, z: f64) -> Self {
        Self::from_vector(Vector3::new(x, y, z))
    }

    /// From an nalgebra vector in SI units; the caller vouches for the frame.
    pub const fn from_vector(components: Vector3<f64>) -> Self {
        Self { components, marker: PhantomData }
    }

    /// The bare components in SI units, for formulas.
    pub const fn vector(self) -> Vector3<f64> {
        self.components
    }

    /// Components along the frame's x, y and z axes.
    pub fn to_array(self) -> [f64; 3] {
        self.components.into()
    }

    /// Euclidean length, SI.
    pub fn norm(self) -> f64 {
        self.components.norm()
    }

    /// No component is NaN or infinite.
    pub fn is_finite(self) -> bool {
        self.components.iter().all(|c| c.is_finite())
    }
}

impl<Q: Quantity> Vec3<Q, Earth> {
    /// Component along the upward vertical.
    pub fn up(self) -> f64 {
        self.components.z
    }
}

impl<Q: Quantity, S: Segment> Vec3<Q, S> {
    /// Component along the segment's forward axis (ISB x).
    pub fn anterior(self) -> f64 {
        self.components.x
    }
    /// Component along the segment's long axis towards the trunk (ISB y).
    pub fn proximal(self) -> f64 {
        self.components.y
    }
    /// Component towards the person's right (ISB z).
    pub fn right(self) -> f64 {
        self.components.z
    }
}

impl<Q: Quantity, F: Frame> Add for Vec3<Q, F> {
    type Output = Self;
    fn add(self, rhs: Self) -> Self {
        Self::from_vector(self.components + rhs.components)
    }
}
impl<Q: Quantity, F: Frame> Sub for Vec3<Q, F> {
    type Output = Self;
    fn sub(self, rhs: Self) -> Self {
        Self::from_vector(self.components - rhs.components)
    }
}
impl<Q: Quantity, F: Frame> AddAssign for Vec3<Q, F> {
    fn add_assign(&mut self, rhs: Self) {
        self.components += rhs.components;
    }
}
impl<Q: Quantity, F: Frame> Neg for Vec3<Q, F> {
    type Output = Self;
    fn neg(self) -> Self {
        Self::from_vector(-self.components)
    }
}
impl<Q: Quantity, F: Frame> Mul<f64> for Vec3<Q, F> {
    type Output = Self;
    fn mul(self, rhs: f64) -> Self {
        Self::from_vector(self.components * rhs)
    }
}
impl<Q: Quantity, F: Frame> fmt::Debug for Vec3<Q, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [x, y, z] = self.to_array();
        write!(f, "{}[{x}, {y}, {z}] {}", F::NAME, Q::SI_UNIT)
    }
}

/// A rotation that maps coordinates in `From` to coordinates in `To`.
///
/// Quaternion order is never visible outside this type: [`Rotation::from_wxyz`] and [`Rotation::to_wxyz`] say theirs.
#[derive(Clone, Copy, PartialEq)]
pub struct Rotation<From: Frame, To: Frame> {
    quaternion: UnitQuaternion<f64>,
    marker: PhantomData<(From, To)>,
}

impl<From: Frame, To: Frame> Rotation<From, To> {
    /// The one constructor from a bare quaternion. Each call says in a `// CLAIM:` comment why the quaternion maps
    /// `From` coordinates to `To` coordinates.
    pub const fn assert_maps(quaternion: UnitQuaternion<f64>) -> Self {
        Self { quaternion, marker: PhantomData }
    }

    /// From the components w, x, y, z of a quaternion that maps `From` to `To`; normalises, `None` if it has no length
    /// or is not finite. The same claim as [`Rotation::assert_maps`].
    pub fn from_wxyz([w, x, y, z]: [f64; 4]) -> Option<Self> {
        let q = Quaternion::new(w, x, y, z);
        let norm = q.norm();
        (norm.is_finite() && norm > 1e-9).then(|| Self::assert_maps(UnitQuaternion::new_unchecked(q / norm)))
    }

    /// Components w, x, y, z.
    pub fn to_wxyz(self) -> [f64; 4] {
        let q = self.quaternion.quaternion();
        [q.w, q.i, q.j, q.k]
    }

    /// The bare quaternion, for formulas.
    pub const fn quaternion(self) -> UnitQuaternion<f64> {
        self.quaternion
    }

    /// The same vector, resolved in `To`.
    pub fn apply<Q: Quantity>(self, vector: Vec3<Q, From>) -> Vec3<Q, To> {
        Vec3::from_vector(self.quaternion * vector.components)
    }

    /// The rotation back.
    #[must_use]
    pub fn inverse(self) -> Rotation<To, From> {
        Rotation { quaternion: self.quaternion.inverse(), marker: PhantomData }
    }

    /// First this, then `next`; reads left to right.
    #[must_use]
    pub fn then<Next: Frame>(self, next: Rotation<To, Next>) -> Rotation<From, Next> {
        Rotation { quaternion: next.quaternion * self.quaternion, marker: PhantomData }
    }
}

impl<From: Frame, To: Frame> fmt::Debug for Rotation<From, To> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}->{} wxyz {:?}", From::NAME, To::NAME, self.to_wxyz())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_cost_nothing() {
        assert_eq!(size_of::<SpecificForce<Sensor>>(), 3 * size_of::<f64>());
        assert_eq!(size_of::<Rotation<Sensor, Earth>>(), 4 * size_of::<f64>());
    }

    #[test]
    fn rotation_maps_from_to_and_back() {
        // CLAIM: a test rotation; a quarter turn about x takes the sensor's y axis to Earth's z axis.
        let r = Rotation::<Sensor, Earth>::assert_maps(UnitQuaternion::from_axis_angle(
            &Vector3::x_axis(),
            std::f64::consts::FRAC_PI_2,
        ));
        let v = SpecificForce::<Sensor>::new(0.0, 9.8, 0.0);
        assert!((r.apply(v).up() - 9.8).abs() < 1e-12);
        assert!((r.inverse().apply(r.apply(v)) - v).norm() < 1e-12);
        assert!((r.then(r.inverse()).apply(v) - v).norm() < 1e-12);
    }

    #[test]
    fn quaternions_without_length_are_refused() {
        assert!(Rotation::<Sensor, Earth>::from_wxyz([0.0; 4]).is_none());
        assert!(Rotation::<Sensor, Earth>::from_wxyz([f64::NAN, 0.0, 0.0, 1.0]).is_none());
        let q = Rotation::<Sensor, Earth>::from_wxyz([2.0, 0.0, 0.0, 0.0]).expect("has length");
        assert_eq!(q.to_wxyz(), [1.0, 0.0, 0.0, 0.0]);
    }
}
