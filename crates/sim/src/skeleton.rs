//! Bones: coordinates to poses of shank, thigh and pelvis.
//!
//! World axes: x along the supporting foot, y left, z up. The leg is a chain from the ankle; shank and thigh share one plane
//! that leans to the supporting side by the outward lean. The thigh's lean follows from where the hip joint is fore and aft:
//!
//! ```text
//! sin(thigh) = (hip_x - knee_x) / (thigh_length * cos(outward))
//! ```
//!
//! A foot that is lifted behind swings the shank about a knee that stays, and the shank turns about its own length with the toes.

use truehinge_core::{Pelvis, Rotation, Shank, Side, Thigh};

use crate::jet::{Jet, Matrix, Vector};
use crate::movement::{Coordinate, Coordinates};

/// Lengths of the leg, m.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Leg {
    /// Which leg supports.
    pub side: Side,
    /// Ankle to knee joint centre.
    pub shank: f64,
    /// Knee to hip joint centre.
    pub thigh: f64,
    /// Half the distance of the hip joint centres.
    pub half_hip_width: f64,
}

/// A bone's pose with derivatives: rotation from its ISB axes to the world, and where its joint is.
#[derive(Clone, Copy, Debug)]
pub struct BonePose {
    /// Segment axes to world axes.
    pub rotation: Matrix,
    /// World position of the segment's origin, m: ankle for the shank, knee for the thigh, hip for the pelvis.
    pub origin: Vector,
}

/// All bones at one instant.
#[derive(Clone, Copy, Debug)]
pub struct Skeleton {
    /// Origin: ankle joint centre.
    pub shank: BonePose,
    /// Origin: knee joint centre.
    pub thigh: BonePose,
    /// Origin: hip joint centre of the supporting leg.
    pub pelvis: BonePose,
    /// Origin: the same, as if the spine bent there; where it bends does not matter to inclinations.
    pub trunk: BonePose,
    /// Forward lean of the thigh, rad.
    pub thigh_lean: Jet,
}

fn plus(a: Vector, b: Vector) -> Vector {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

/// Along the segment's long axis.
fn proximal(length: f64) -> Vector {
    [Jet::default(), Jet::constant(length), Jet::default()]
}

impl Skeleton {
    /// The bones for a set of coordinates.
    pub fn new(leg: &Leg, c: &Coordinates) -> Self {
        let lateral = leg.side.lateral_sign();
        let outward = c.of(Coordinate::LegOutward) * lateral;
        let lean = |angle: Jet| Matrix::forward(angle).after(Matrix::rightward(outward)).after(Matrix::upright());
        let ankle = [c.of(Coordinate::AnkleForward), Jet::default(), c.of(Coordinate::AnkleUp)];
        let standing = lean(c.of(Coordinate::Shank)).apply(proximal(leg.shank));
        let knee = plus(ankle, standing);
        let lifted = lean(c.of(Coordinate::Shank) + c.of(Coordinate::HeelUp));
        let hanging = lifted.apply(proximal(leg.shank));
        // The knee stays where it is: the ankle goes where the shank swings it.
        let swung: Vector = std::array::from_fn(|i| standing[i] - hanging[i]);
        let shank = BonePose {
            rotation: lifted.after(Matrix::about_proximal(c.of(Coordinate::LegTurn))),
            origin: plus(ankle, swung),
        };
        let reach = (c.of(Coordinate::HipForward) - knee[0]) * (outward.cos() * leg.thigh).recip();
        // cos of the lean from its sine; the lean itself by integrating nothing: atan2 with the chain rule of asin.
        let cosine = (Jet::constant(1.0) - reach * reach).sqrt();
        let thigh_lean = arc_sine(reach, cosine);
        let thigh = BonePose { rotation: lean(thigh_lean), origin: knee };
        let hip = plus(knee, thigh.rotation.apply(proximal(leg.thigh)));
        let above = |tilt: Jet| BonePose {
            rotation: Matrix::heading(c.of(Coordinate::PelvisHeading))
                .after(Matrix::forward(tilt))
                .after(Matrix::rightward(c.of(Coordinate::PelvisDrop) * -lateral))
                .after(Matrix::upright()),
            origin: hip,
        };
        let tilt = c.of(Coordinate::PelvisTilt);
        let (pelvis, trunk) = (above(tilt), above(tilt + c.of(Coordinate::SpineFlexion)));
        Self { shank, thigh, pelvis, trunk, thigh_lean }
    }

    /// Rotation of the shank as the analysis' type.
    pub fn shank_pose(&self) -> Rotation<Shank, truehinge_core::Earth> {
        pose(&self.shank)
    }

    /// Rotation of the thigh as the analysis' type.
    pub fn thigh_pose(&self) -> Rotation<Thigh, truehinge_core::Earth> {
        pose(&self.thigh)
    }

    /// Rotation of the pelvis as the analysis' type.
    pub fn pelvis_pose(&self) -> Rotation<Pelvis, truehinge_core::Earth> {
        pose(&self.pelvis)
    }
}

/// Angle with this sine and cosine, derivatives by the chain rule: `theta' = sine' / cosine`.
fn arc_sine(sine: Jet, cosine: Jet) -> Jet {
    let c = cosine.value;
    let rate = sine.rate / c;
    Jet { value: sine.value.atan2(c), rate, acceleration: (sine.acceleration + sine.value * rate * rate) / c }
}

fn pose<S: truehinge_core::Segment>(bone: &BonePose) -> Rotation<S, truehinge_core::Earth> {
    let matrix = nalgebra::Rotation3::from_matrix_unchecked(bone.rotation.values());
    // CLAIM: the columns are where the segment's ISB axes point in the world, whose z is up like Earth's.
    Rotation::assert_maps(nalgebra::UnitQuaternion::from_rotation_matrix(&matrix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::movement::{Excursion, Plan};

    fn leg(side: Side) -> Leg {
        Leg { side, shank: 0.43, thigh: 0.42, half_hip_width: 0.085 }
    }

    fn moving() -> Plan {
        let mut plan = Plan::standing();
        for (coordinate, amplitude) in [
            (Coordinate::Shank, 0.2),
            (Coordinate::HipForward, -0.06),
            (Coordinate::PelvisTilt, 0.5),
            (Coordinate::LegOutward, 0.1),
            (Coordinate::PelvisDrop, 0.05),
            (Coordinate::PelvisHeading, 0.1),
        ] {
            plan.add(Excursion { coordinate, amplitude, start: 0.0, out: 1.0, hold: 0.2, back: 1.0, residue: 0.0 });
        }
        plan
    }

    fn point(v: Vector) -> nalgebra::Vector3<f64> {
        nalgebra::Vector3::new(v[0].value, v[1].value, v[2].value)
    }

    #[test]
    fn segments_keep_their_length_and_the_foot_stays() {
        for i in 0..22 {
            let bones = Skeleton::new(&leg(Side::Right), &moving().coordinates(0.1 * f64::from(i)));
            assert!(((point(bones.thigh.origin) - point(bones.shank.origin)).norm() - 0.43).abs() < 1e-12);
            assert!(((point(bones.pelvis.origin) - point(bones.thigh.origin)).norm() - 0.42).abs() < 1e-12);
            assert!(point(bones.shank.origin).norm() < 1e-12);
            let r = bones.pelvis.rotation.values();
            assert!((r.transpose() * r - nalgebra::Matrix3::identity()).norm() < 1e-12);
        }
    }

    #[test]
    fn accelerations_agree_with_differences() {
        let plan = moving();
        let h = 1e-4;
        let hip = |t: f64| point(Skeleton::new(&leg(Side::Left), &plan.coordinates(t)).pelvis.origin);
        for t in [0.3, 0.7, 1.5] {
            let exact = Skeleton::new(&leg(Side::Left), &plan.coordinates(t)).pelvis.origin;
            let numeric = (hip(t + h) - hip(t) * 2.0 + hip(t - h)) / (h * h);
            for (axis, jet) in exact.iter().enumerate() {
                assert!((jet.acceleration - numeric[axis]).abs() < 1e-5, "axis {axis} at {t}");
            }
        }
    }

    #[test]
    fn left_and_right_are_mirror_images() {
        let c = moving().coordinates(0.6);
        let mut mirrored = moving();
        // The heading is a world angle: mirroring turns it round.
        mirrored.add(Excursion {
            coordinate: Coordinate::PelvisHeading,
            amplitude: -0.2,
            start: 0.0,
            out: 1.0,
            hold: 0.2,
            back: 1.0,
            residue: 0.0,
        });
        let (right, left) =
            (Skeleton::new(&leg(Side::Right), &c), Skeleton::new(&leg(Side::Left), &mirrored.coordinates(0.6)));
        let (r, l) = (point(right.pelvis.origin), point(left.pelvis.origin));
        assert!((r.x - l.x).abs() < 1e-12 && (r.y + l.y).abs() < 1e-12 && (r.z - l.z).abs() < 1e-12);
    }
}
