//! Segment poses to anatomical angles: scalars with anatomical signs, the side resolved here and nowhere else.
//!
//! Physics stays in right-handed frames for both legs; only the resulting scalars are mirrored by [`Side`].
//! Segment axes: \[WuCavanagh1995\], \[Wu2002\]. The sign table is in `docs/CONVENTIONS.md`.

use nalgebra::Vector3;
use truehinge_core::{
    Angle, Earth, Rotation, Side,
    frame::{Direction, Segment},
};

/// The upward vertical, resolved in the segment's frame.
fn up<S: Segment>(pose: Rotation<S, Earth>) -> Direction<S> {
    pose.inverse().apply(Direction::<Earth>::new(0.0, 0.0, 1.0))
}

/// Forward lean of a segment's long axis in its own sagittal plane, from gravity alone.
///
/// With `u` the upward vertical resolved in the segment's frame (ISB axes),
///
/// ```text
/// inclination = atan2(-u_anterior, u_proximal)
/// ```
///
/// For the shank this is the shank inclination (positive: knee ahead of the ankle, dorsiflexion while the foot is flat); for
/// the pelvis it is the pelvic tilt (positive: anterior); for the thigh and the trunk, forward lean. Heading cancels, so drift
/// about the vertical does not enter. Not defined when the segment lies sideways (both components near zero).
///
/// # Units
/// Radians in (-π, π].
///
/// # References
/// Segment axes: \[WuCavanagh1995\].
pub fn sagittal_tilt<S: Segment>(pose: Rotation<S, Earth>) -> Angle {
    leans(pose).0
}

/// Mathematics: up to this sine of an angle the arc's sine keeps all digits.
const SIDEWAYS: f64 = 0.5;

/// Of a unit vector's part the same as the `atan2` of that and the rest, and cheaper.
#[allow(
    clippy::disallowed_methods,
    reason = "it is far from a right angle, where the arc's sine loses digits and ends"
)]
fn arc_sine(part: f64) -> f64 {
    part.asin()
}

/// [`sagittal_tilt`] and [`left_lean`] at once.
pub fn leans<S: Segment>(pose: Rotation<S, Earth>) -> (Angle, Angle) {
    let u = up(pose);
    let forward = (-u.anterior()).atan2(u.proximal());
    let right = u.right();
    let left = if right.abs() < SIDEWAYS { arc_sine(right) } else { right.atan2(u.anterior().hypot(u.proximal())) };
    (Angle::from_radians(forward), Angle::from_radians(left))
}

/// Lean of a segment towards the person's left: how far its right axis points above the horizontal. Independent of how far the
/// segment leans forward at the same time.
///
/// ```text
/// lean = atan2(u_right, sqrt(u_anterior^2 + u_proximal^2))
/// ```
pub fn left_lean<S: Segment>(pose: Rotation<S, Earth>) -> Angle {
    leans(pose).1
}

/// Frontal tilt of the pelvis from its lean to the left, positive when the free (not supporting) side is lower: the sign of
/// Trendelenburg's drop. That lean itself where the supporting side is not known.
pub fn free_side_drop(left_lean: f64, stance: Option<Side>) -> f64 {
    // Standing on the right leg the free side is the left one: left side down is what `left_lean` calls positive.
    left_lean * stance.map_or(1.0, Side::lateral_sign)
}

/// Lean towards the supporting side from a lean to the left; that lean itself where the supporting side is not known.
pub fn outward_lean(left_lean: f64, stance: Option<Side>) -> f64 {
    stance.map_or(1.0, |side| -side.lateral_sign()) * left_lean
}

/// The vector to the person's right, from the one that points to the outer side of the body on `side`.
pub fn rightward(outward: Vector3<f64>, side: Side) -> Vector3<f64> {
    outward * side.lateral_sign()
}

/// A turn from forward towards the middle of the body as a turn counter-clockwise from above: that it is on a right leg.
pub fn counter_clockwise(medial: f64, side: Side) -> f64 {
    medial * side.lateral_sign()
}

/// Heading of the segment about Earth's vertical, counter-clockwise from above; only changes have meaning.
///
/// Read from its right axis, as is usual for the pelvis \[Baker2001\]: that axis stays level however far the segment leans
/// forward, while the anterior axis comes to point at the floor.
pub fn heading<S: Segment>(pose: Rotation<S, Earth>) -> Angle {
    let [x, y, _] = pose.apply(Direction::<S>::new(0.0, 0.0, 1.0)).to_array();
    Angle::from_radians(x.atan2(-y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawn::signals::upright;
    use truehinge_core::{Pelvis, Shank};

    #[test]
    fn forward_lean_is_positive_for_any_heading() {
        for heading in [-2.0, 0.0, 0.7, 3.0] {
            for lean in [-0.5, -0.1, 0.0, 0.3, 1.0] {
                let measured = sagittal_tilt(upright::<Shank>(heading, lean, 0.0));
                assert!((measured.radians() - lean).abs() < 1e-12);
            }
        }
    }

    fn drop(pose: Rotation<Pelvis, Earth>, stance: Side) -> f64 {
        free_side_drop(left_lean(pose).radians(), Some(stance))
    }

    #[test]
    fn pelvis_drop_is_positive_when_the_free_side_is_lower() {
        let right_side_down = upright::<Pelvis>(0.4, 0.0, -0.2);
        assert!((drop(right_side_down, Side::Left) - 0.2).abs() < 1e-9);
        assert!((drop(right_side_down, Side::Right) + 0.2).abs() < 1e-9);
    }

    #[test]
    fn pelvis_drop_is_the_elevation_of_the_right_axis_at_any_tilt() {
        for tilt in [0.0, 0.5, 1.0, 1.4] {
            let tilted = upright::<Pelvis>(0.4, tilt, -0.2);
            let right = tilted.apply(Direction::<Pelvis>::new(0.0, 0.0, 1.0));
            assert!((drop(tilted, Side::Left).sin() + right.up()).abs() < 1e-12, "{tilt}");
        }
    }

    #[test]
    fn heading_is_counter_clockwise_from_minus_half_a_turn_to_half_a_turn() {
        let from = heading(upright::<Pelvis>(3.0, 0.2, 0.0)).radians();
        let to = heading(upright::<Pelvis>(-3.0, 0.2, 0.0)).radians();
        assert!((from - 3.0).abs() < 1e-9 && (to + 3.0).abs() < 1e-9, "{from} {to}");
    }

    #[test]
    fn sides_mirror_scalars_and_nothing_else() {
        // A body that leans to its left by 0.1 rad.
        assert_eq!([outward_lean(0.1, Some(Side::Left)), outward_lean(0.1, Some(Side::Right))], [0.1, -0.1]);
        assert_eq!([free_side_drop(0.1, Some(Side::Left)), free_side_drop(0.1, Some(Side::Right))], [-0.1, 0.1]);
        assert_eq!([outward_lean(0.1, None), free_side_drop(0.1, None)], [0.1, 0.1]);
        // From the outer side of a left leg, which is to the left, and from that of a right leg.
        assert_eq!(rightward(-Vector3::z(), Side::Left), Vector3::z());
        assert_eq!(rightward(Vector3::z(), Side::Right), Vector3::z());
        // The middle of the body is to the left of a right leg: forward turns there counter-clockwise.
        assert_eq!([counter_clockwise(0.3, Side::Right), counter_clockwise(0.3, Side::Left)], [0.3, -0.3]);
    }
}
