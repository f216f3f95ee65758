//! Segment poses to anatomical angles: scalars with anatomical signs, the side resolved here and nowhere else.
//!
//! Physics stays in right-handed frames for both legs; only the resulting scalars are mirrored by [`Side`].
//! Segment axes: \[WuCavanagh1995\], \[Wu2002\]. The sign table is in `docs/CONVENTIONS.md`.

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

/// [`sagittal_tilt`] and [`left_lean`] at once.
pub fn leans<S: Segment>(pose: Rotation<S, Earth>) -> (Angle, Angle) {
    let u = up(pose);
    let forward = (-u.anterior()).atan2(u.proximal());
    let left = u.right().atan2(u.anterior().hypot(u.proximal()));
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

/// Frontal tilt of the pelvis, positive when the free (not supporting) side is lower: the sign of Trendelenburg's drop.
pub fn pelvis_drop<S: Segment>(pose: Rotation<S, Earth>, stance: Side) -> Angle {
    // Standing on the right leg the free side is the left one: left side down is what `left_lean` calls positive.
    left_lean(pose) * stance.lateral_sign()
}

/// Heading of the segment about Earth's vertical, counter-clockwise from above; only changes have meaning.
///
/// Read from its right axis, as is usual for the pelvis \[Baker2001\]: that axis stays level however far the segment leans
/// forward, while the anterior axis comes to point at the floor.
pub fn heading<S: Segment>(pose: Rotation<S, Earth>) -> Angle {
    let [x, y, _] = pose.apply(Direction::<S>::new(0.0, 0.0, 1.0)).to_array();
    Angle::from_radians(x.atan2(-y))
}

/// The change from `from` to `to`, wrapped to (-π, π].
pub fn angle_change(from: Angle, to: Angle) -> Angle {
    let change = (to - from).radians();
    Angle::from_radians(change.sin().atan2(change.cos()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{Rotation3, UnitQuaternion, Vector3};
    use truehinge_core::{Pelvis, Shank};

    /// A segment standing upright with this heading, then leaned by `lean` about its own right axis (backwards positive, as
    /// the right-hand rule about z has it) and `roll` about its anterior axis.
    fn pose<S: Segment>(heading: f64, forward: f64, roll_right_down: f64) -> Rotation<S, Earth> {
        // Columns: where anterior, proximal and right point in Earth for an upright segment with zero heading.
        let upright = Rotation3::from_basis_unchecked(&[Vector3::x(), Vector3::z(), -Vector3::y()]);
        let turned = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), heading)
            * UnitQuaternion::from_rotation_matrix(&upright)
            * UnitQuaternion::from_axis_angle(&Vector3::z_axis(), -forward)
            * UnitQuaternion::from_axis_angle(&Vector3::x_axis(), roll_right_down);
        // CLAIM: built from where the segment's axes point in Earth.
        Rotation::assert_maps(turned)
    }

    #[test]
    fn forward_lean_is_positive_for_any_heading() {
        for heading in [-2.0, 0.0, 0.7, 3.0] {
            for lean in [-0.5, -0.1, 0.0, 0.3, 1.0] {
                let measured = sagittal_tilt(pose::<Shank>(heading, lean, 0.0));
                assert!((measured.radians() - lean).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn pelvis_drop_is_positive_when_the_free_side_is_lower() {
        let right_side_down = pose::<Pelvis>(0.4, 0.0, 0.2);
        assert!((pelvis_drop(right_side_down, Side::Left).degrees() - 0.2_f64.to_degrees()).abs() < 1e-9);
        assert!((pelvis_drop(right_side_down, Side::Right).degrees() + 0.2_f64.to_degrees()).abs() < 1e-9);
    }

    #[test]
    fn pelvis_drop_is_the_elevation_of_the_right_axis_at_any_tilt() {
        for tilt in [0.0, 0.5, 1.0, 1.4] {
            let tilted = pose::<Pelvis>(0.4, tilt, 0.2);
            let right = tilted.apply(Direction::<Pelvis>::new(0.0, 0.0, 1.0));
            assert!((pelvis_drop(tilted, Side::Left).sin() + right.up()).abs() < 1e-12, "{tilt}");
        }
    }

    #[test]
    fn heading_turns_counter_clockwise_and_wraps() {
        let from = heading(pose::<Pelvis>(3.0, 0.2, 0.0));
        let to = heading(pose::<Pelvis>(-3.0, 0.2, 0.0));
        let turn = angle_change(from, to).radians();
        assert!((turn - (std::f64::consts::TAU - 6.0)).abs() < 1e-9);
    }
}
