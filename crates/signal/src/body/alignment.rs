//! Sensor-to-segment alignment: the constant rotation between the axes on the sensor's case and those of the bone.
//!
//! In: poses while standing still, poses during movements, and where the sensor sits. Out: [`SensorToSegment`] with the
//! uncertainty of its medio-lateral axis. The long axis is the vertical of quiet standing; the medio-lateral axis is the
//! horizontal axis about which the sensor turned in the movements (functional axis), joined with what the mounting site
//! says by inverse-variance weighting of the angle about the vertical:
//!
//! ```text
//! M      = sum over movements, points:  d d^T,   d = horizontal part of log(q_base^-1 q)   (sensor axes)
//! axis   = principal eigenvector of M
//! sigma^2 = max(1 / sum_i (amplitude_i / stray)^2, spread^2 / n) + systematic^2
//! ```
//!
//! Rotations instead of angular rates, because soft-tissue wobble is fast and small: it dominates rates, not angles.
//! It does not use heading, gravity during movement, or any magnetometer. A true hinge hardly turns the shank, so its axis
//! needs knee bends, drifting repetitions, or the mounting site (decision 0004).

use std::ops::Range;

use nalgebra::{Matrix2, Matrix3, Rotation3, SymmetricEigen, UnitQuaternion, Vector2, Vector3};
use truehinge_core::{
    AlignmentMethod, Angle, Earth, FunctionalAxis, MountSite, Rotation, Sensor, Side, frame::Segment,
};

use crate::body::kinematics::{counter_clockwise, rightward};
use crate::grid::PoseTrack;
use crate::method::Alignment;

/// A movement that turned the sensor: the posture before it, and the points of the movement.
#[derive(Clone, Debug)]
pub struct Movement {
    /// Grid point of the stance before.
    pub base: usize,
    /// Grid points of the movement.
    pub points: Range<usize>,
}

/// The constant rotation from the sensor's axes to its segment's.
#[derive(Clone, Copy, Debug)]
pub struct SensorToSegment<S: Segment> {
    rotation: Rotation<Sensor, S>,
    /// Standard uncertainty of the medio-lateral axis about the vertical.
    pub axis_sigma: Angle,
    /// Where that axis came from.
    pub method: AlignmentMethod,
    /// How well the movements agreed on it.
    pub functional: Option<FunctionalAxis>,
}

impl<S: Segment> SensorToSegment<S> {
    /// The segment's pose from its sensor's.
    pub fn apply(&self, pose: Rotation<Sensor, Earth>) -> Rotation<S, Earth> {
        self.rotation.inverse().then(pose)
    }

    /// The rotation itself.
    pub fn rotation(&self) -> Rotation<Sensor, S> {
        self.rotation
    }

    /// The segment's right axis in sensor coordinates.
    fn right(&self) -> Vector3<f64> {
        self.rotation.quaternion().inverse() * Vector3::z()
    }

    /// The same alignment with anterior and posterior exchanged.
    #[must_use]
    pub fn reversed(self) -> Self {
        let half_turn = UnitQuaternion::from_axis_angle(&Vector3::y_axis(), std::f64::consts::PI);
        // CLAIM: a half turn about the segment's long axis keeps `proximal` and reverses `anterior` and `right`.
        Self { rotation: Rotation::assert_maps(half_turn * self.rotation.quaternion()), ..self }
    }
}

/// A functional axis: angle about the vertical from `reference`, modulo a half turn, with its uncertainty.
struct FoundAxis {
    angle: f64,
    sigma: f64,
    quality: FunctionalAxis,
}

/// A sensor on its segment: what is known of it before anybody moves.
#[derive(Clone, Copy, Debug)]
pub struct Mounted<'a> {
    /// Its poses.
    pub track: &'a PoseTrack,
    /// Grid points of a quiet posture with the segment's long axis taken as vertical.
    pub standing: &'a Range<usize>,
    /// Where it sits, if known.
    pub mount: Option<MountSite>,
    /// Supporting leg, which is the one that leg sensors are worn on.
    pub side: Option<Side>,
}

impl Mounted<'_> {
    /// Aligns the sensor with its segment. `movements` turned the segment about its medio-lateral axis.
    ///
    /// Site and movements are joined by inverse variance. Without a site the axis is functional, and its sense is that the
    /// largest turns lean the segment forward: right for bows and knee bends, a guess for anything else. With neither it is
    /// any horizontal axis, marked as [`AlignmentMethod::Weak`].
    pub fn align<S: Segment>(&self, movements: &[Movement], method: &Alignment) -> SensorToSegment<S> {
        let up = self.up();
        let prior = self.right_by_site(up, method);
        let reference = prior.unwrap_or_else(|| any_horizontal(up));
        let anterior = up.cross(&reference);
        let turns = Turns { track: self.track, movements, method };
        let functional = turns.axis(reference, anterior);
        let quality = functional.as_ref().map(|axis| axis.quality);
        let mount_sigma = method.mount_sigma_deg.to_radians();
        let (angle, sigma, source) = match (&prior, functional) {
            (Some(_), Some(axis)) => {
                let angle = half_turn_nearest_zero(axis.angle);
                let (a, b) = (axis.sigma.powi(-2), mount_sigma.powi(-2));
                (angle * a / (a + b), (a + b).sqrt().recip(), AlignmentMethod::FunctionalAndMount)
            }
            (Some(_), None) => (0.0, mount_sigma, AlignmentMethod::Mount),
            (None, Some(axis)) => (axis.angle, axis.sigma, AlignmentMethod::Functional),
            (None, None) => (0.0, std::f64::consts::FRAC_PI_2, AlignmentMethod::Weak),
        };
        let right = reference * angle.cos() + anterior * angle.sin();
        let aligned = SensorToSegment {
            rotation: from_axes(up, right),
            axis_sigma: Angle::from_radians(sigma),
            method: source,
            functional: quality,
        };
        if prior.is_none() && turns.lean_backward(aligned.right()) { aligned.reversed() } else { aligned }
    }

    /// Mean upward vertical in sensor axes over the standing posture.
    fn up(&self) -> Vector3<f64> {
        let poses = &self.track.poses[self.standing.clone()];
        let sum: Vector3<f64> = poses.iter().map(|pose| pose.quaternion().inverse() * Vector3::z()).sum();
        sum.try_normalize(1e-9).unwrap_or_else(Vector3::z)
    }

    /// The segment's right axis from the mounting site, horizontal and of unit length; `None` for an unknown site or a sensor
    /// whose outward axis (case z) points up or down.
    fn right_by_site(&self, up: Vector3<f64>, method: &Alignment) -> Option<Vector3<f64>> {
        let outward = Vector3::z();
        let outward = (outward - up * up.dot(&outward)).try_normalize(method.least_outward_share)?;
        let anterior_to_right = |anterior: Vector3<f64>| anterior.cross(&up);
        match self.mount? {
            MountSite::Unknown => None,
            MountSite::Sacrum => Some(anterior_to_right(-outward)),
            MountSite::LateralHip | MountSite::ShankLateral | MountSite::ThighLateral => {
                Some(rightward(outward, self.side?))
            }
            MountSite::TibiaAnteromedial => {
                // The outward normal is so far medial of forward: turned back by it, it points forward.
                let medial = counter_clockwise(method.tibia_medial_deg.to_radians(), self.side?);
                let back = UnitQuaternion::from_scaled_axis(up * -medial);
                Some(anterior_to_right(back * outward))
            }
        }
    }
}

/// Mathematics: the flattest scatter that is told from a line; only keeps its ratio finite.
const FLATTEST: f64 = 1e-3;

/// How a sensor turned in movements.
struct Turns<'a> {
    track: &'a PoseTrack,
    movements: &'a [Movement],
    method: &'a Alignment,
}

impl Turns<'_> {
    /// Rotation vectors from a movement's base to its points, in the sensor's axes at the base, rad.
    fn during<'a>(&'a self, movement: &'a Movement) -> impl Iterator<Item = Vector3<f64>> + 'a {
        let base = self.track.poses[movement.base].quaternion().inverse();
        movement
            .points
            .clone()
            .filter(|&i| self.track.valid[i])
            .step_by(self.method.functional.step_points)
            .map(move |i| (base * self.track.poses[i].quaternion()).scaled_axis())
    }

    /// The axis about which the sensor turned in all movements, from `reference` towards `anterior`; `None` if they were too
    /// small to show one.
    fn axis(&self, reference: Vector3<f64>, anterior: Vector3<f64>) -> Option<FoundAxis> {
        let stray = self.method.stray_rotation_deg.to_radians();
        let numbers = &self.method.functional;
        let scatters = self.movements.iter().map(|movement| self.scatter(movement, reference, anterior));
        let each: Vec<(Matrix2<f64>, f64)> = scatters.collect();
        let information: f64 = each.iter().map(|(_, amplitude)| (amplitude / stray).powi(2)).sum();
        if information < numbers.least_total_ratio * numbers.least_total_ratio {
            return None;
        }
        let (angle, spread) = principal(each.iter().map(|(scatter, _)| scatter).sum());
        let random = information.sqrt().recip();
        // The seen spread counts when it is larger than what was assumed: a movement that is not about one axis.
        let sigma =
            random.max(spread / (each.len() as f64).sqrt()).hypot(self.method.systematic_sigma_deg.to_radians());
        let clear = each.iter().filter(|(_, amplitude)| *amplitude > numbers.clear_ratio * stray);
        let apart: Vec<f64> = clear.map(|(scatter, _)| half_turn_nearest_zero(principal(*scatter).0 - angle)).collect();
        let repeatability = (apart.iter().map(|a| a * a).sum::<f64>() / apart.len().max(1) as f64).sqrt();
        let quality = FunctionalAxis {
            movements: apart.len(),
            ratio: spread.max(FLATTEST).recip(),
            repeatability: Angle::from_radians(repeatability),
        };
        Some(FoundAxis { angle, sigma, quality })
    }

    /// Sum of the outer products of a movement's horizontal rotations, and its largest rotation, rad.
    fn scatter(&self, movement: &Movement, right: Vector3<f64>, anterior: Vector3<f64>) -> (Matrix2<f64>, f64) {
        let (mut scatter, mut amplitude) = (Matrix2::zeros(), 0.0_f64);
        for turn in self.during(movement) {
            let horizontal = Vector2::new(turn.dot(&right), turn.dot(&anterior));
            scatter += horizontal * horizontal.transpose();
            amplitude = amplitude.max(horizontal.norm());
        }
        (scatter, amplitude)
    }

    /// Whether the largest turns lean the segment backward, with this right axis. The cube counts them far above the small ones.
    fn lean_backward(&self, right: Vector3<f64>) -> bool {
        let (mut forward, mut backward) = (0.0, 0.0);
        for turn in self.movements.iter().flat_map(|movement| self.during(movement)) {
            // Leaning forward turns about the left axis: negative about right.
            let lean = -turn.dot(&right);
            if lean > 0.0 { forward += lean.powi(3) } else { backward -= lean.powi(3) }
        }
        backward > forward
    }
}

/// Direction of the largest rotation about the vertical, and the ratio of the smaller to the larger singular value.
fn principal(scatter: Matrix2<f64>) -> (f64, f64) {
    let eigen = SymmetricEigen::new(scatter);
    let largest = usize::from(eigen.eigenvalues[1] > eigen.eigenvalues[0]);
    let axis = eigen.eigenvectors.column(largest);
    let spread = (eigen.eigenvalues[1 - largest] / eigen.eigenvalues[largest]).max(0.0).sqrt();
    (axis[1].atan2(axis[0]), spread)
}

/// Mathematics: a unit vector whose x is no larger than this is far enough from the x axis to be made perpendicular to it.
const FAR_FROM_X: f64 = 0.9;

fn any_horizontal(up: Vector3<f64>) -> Vector3<f64> {
    let helper = if up.x.abs() < FAR_FROM_X { Vector3::x() } else { Vector3::y() };
    (helper - up * up.dot(&helper)).try_normalize(1e-9).unwrap_or_else(Vector3::y)
}

/// The same axis direction, given as the turn of at most a quarter circle.
fn half_turn_nearest_zero(angle: f64) -> f64 {
    let wrapped = angle.rem_euclid(std::f64::consts::PI);
    if wrapped > std::f64::consts::FRAC_PI_2 { wrapped - std::f64::consts::PI } else { wrapped }
}

fn from_axes<S: Segment>(up: Vector3<f64>, right: Vector3<f64>) -> Rotation<Sensor, S> {
    let anterior = up.cross(&right);
    let rows = Matrix3::from_rows(&[anterior.transpose(), up.transpose(), right.transpose()]);
    // CLAIM: the rows are the segment's anterior, proximal and right axes in sensor coordinates, so the matrix maps sensor
    // coordinates to segment coordinates.
    Rotation::assert_maps(UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(rows)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawn::signals::{track, upright};
    use crate::method::Method;
    use approx::assert_relative_eq;
    use truehinge_core::{Pelvis, SensorRole, Shank};

    const SITES: [MountSite; 5] = [
        MountSite::Sacrum,
        MountSite::LateralHip,
        MountSite::TibiaAnteromedial,
        MountSite::ShankLateral,
        MountSite::ThighLateral,
    ];

    fn method() -> Alignment {
        Method::default().alignment
    }

    /// A sensor whose case points outward along this direction of its segment, turned by `twist` about it: with no twist the
    /// case's x axis points up.
    fn facing<S: Segment>(outward: Vector3<f64>, twist: f64) -> Rotation<Sensor, S> {
        let (x, z) = (Vector3::y(), outward);
        // Columns: where the case's axes point in the segment.
        let columns = Rotation3::from_matrix_unchecked(Matrix3::from_columns(&[x, z.cross(&x), z]));
        let twisted = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), twist);
        // CLAIM: the columns are the case's axes in segment coordinates, and the twist is about one of them.
        Rotation::assert_maps(UnitQuaternion::from_rotation_matrix(&columns) * twisted)
    }

    /// Where the sites face, from their descriptions in `core`: written down, not computed from `Side`.
    fn site<S: Segment>(mount: MountSite, side: Side, twist: f64) -> Rotation<Sensor, S> {
        let (sin, cos) = 37.0_f64.to_radians().sin_cos();
        let outward = match (mount, side) {
            (MountSite::Sacrum, _) => Vector3::new(-1.0, 0.0, 0.0),
            (MountSite::TibiaAnteromedial, Side::Right) => Vector3::new(cos, 0.0, -sin),
            (MountSite::TibiaAnteromedial, Side::Left) => Vector3::new(cos, 0.0, sin),
            (_, Side::Right) => Vector3::new(0.0, 0.0, 1.0),
            (_, Side::Left) => Vector3::new(0.0, 0.0, -1.0),
        };
        facing(outward, twist)
    }

    /// The rotation about the segment's long axis by an angle counter-clockwise from above.
    fn about_long_axis<S: Segment>(mounting: Rotation<Sensor, S>, angle: f64) -> Rotation<Sensor, S> {
        // CLAIM: the sensor turned with what it sits on, about the segment's long axis.
        Rotation::assert_maps(UnitQuaternion::from_axis_angle(&Vector3::y_axis(), angle) * mounting.quaternion())
    }

    /// Ten points of standing, then a bow of `points` points for each size (rad), with ten points of standing after each. A bow
    /// turns about an axis that lies `off` from the segment's right axis, counter-clockwise from above.
    fn bows<S: Segment>(mounting: Rotation<Sensor, S>, bows: &[(f64, f64)]) -> (PoseTrack, Vec<Movement>) {
        let standing = || std::iter::repeat_n(upright::<S>(0.7, 0.0, 0.0), 10);
        let mut poses: Vec<Rotation<S, Earth>> = standing().collect();
        let mut movements = Vec::new();
        for (forward, off) in bows {
            let base = poses.len() - 1;
            let share = |i: u8| (std::f64::consts::PI * f64::from(i) / 80.0).sin();
            poses.extend((0..81).map(|i| bow::<S>(forward * share(i), *off)));
            movements.push(Movement { base, points: base + 1..poses.len() });
            poses.extend(standing());
        }
        (track(SensorRole::Shank, mounting, poses), movements)
    }

    /// A bow of this size about an axis that lies `off` from the segment's right axis, counter-clockwise from above.
    fn bow<S: Segment>(forward: f64, off: f64) -> Rotation<S, Earth> {
        let turned = upright::<S>(0.7 + off, forward, 0.0).quaternion();
        // CLAIM: the segment turned about its long axis, bowed, and turned back about that axis.
        Rotation::assert_maps(turned * UnitQuaternion::from_axis_angle(&Vector3::y_axis(), -off))
    }

    fn mounted(track: &PoseTrack, mount: Option<MountSite>, side: Option<Side>) -> Mounted<'_> {
        Mounted { track, standing: &(0..10), mount, side }
    }

    /// Angle between two alignments, rad.
    fn apart<S: Segment>(found: Rotation<Sensor, S>, truth: Rotation<Sensor, S>) -> f64 {
        found.quaternion().angle_to(&truth.quaternion())
    }

    #[test]
    fn every_site_gives_its_rotation_back_on_both_sides_however_the_strap_is_twisted() {
        for side in [Side::Left, Side::Right] {
            for mount in SITES {
                for twist in [-1.0, 0.0, 0.4, 2.5] {
                    let truth = site::<Shank>(mount, side, twist);
                    let (track, _) = bows(truth, &[]);
                    let aligned: SensorToSegment<Shank> =
                        mounted(&track, Some(mount), Some(side)).align(&[], &method());
                    assert!(apart(aligned.rotation(), truth) < 1e-6, "{mount:?} {side} {twist}");
                    assert_eq!(aligned.method, AlignmentMethod::Mount);
                    assert_relative_eq!(aligned.axis_sigma.degrees(), 12.0, epsilon = 1e-9);
                    assert!(aligned.functional.is_none());
                    // The segment it gives stands as the segment stood.
                    let pose = aligned.apply(track.poses[0]);
                    assert!(pose.quaternion().angle_to(&upright::<Shank>(0.7, 0.0, 0.0).quaternion()) < 1e-6);
                }
            }
        }
    }

    #[test]
    fn a_sensor_that_is_tilted_on_its_segment_is_set_upright() {
        let truth = site::<Pelvis>(MountSite::Sacrum, Side::Left, 0.3);
        // Twenty degrees forward on the segment: the outward axis points up a little, and still backwards.
        let tilt = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), -0.35);
        // CLAIM: the sensor turned with a tilt about the segment's right axis.
        let truth = Rotation::<Sensor, Pelvis>::assert_maps(tilt * truth.quaternion());
        let (track, _) = bows(truth, &[]);
        let aligned: SensorToSegment<Pelvis> =
            mounted(&track, Some(MountSite::Sacrum), Some(Side::Left)).align(&[], &method());
        assert!(apart(aligned.rotation(), truth) < 1e-6);
    }

    #[test]
    fn where_the_case_faces_up_or_the_side_is_unknown_a_site_says_nothing() {
        let weak = |outward: Vector3<f64>, mount: MountSite, side: Option<Side>| {
            // CLAIM: any rotation will do.
            let up = UnitQuaternion::rotation_between(&Vector3::z(), &outward).expect("not opposite");
            let (track, _) = bows(Rotation::<Sensor, Shank>::assert_maps(up), &[]);
            let aligned: SensorToSegment<Shank> = mounted(&track, Some(mount), side).align(&[], &method());
            aligned.method == AlignmentMethod::Weak && aligned.axis_sigma.degrees() > 89.9
        };
        // The horizontal part of the outward axis: 0.29 and 0.31.
        let facing_up = |horizontal: f64| Vector3::new(horizontal, (1.0 - horizontal * horizontal).sqrt(), 0.0);
        assert!(weak(facing_up(0.29), MountSite::Sacrum, Some(Side::Left)));
        assert!(!weak(facing_up(0.31), MountSite::Sacrum, Some(Side::Left)));
        let level = Vector3::x();
        assert!(weak(level, MountSite::Unknown, Some(Side::Left)));
        for mount in [MountSite::LateralHip, MountSite::TibiaAnteromedial, MountSite::ShankLateral] {
            assert!(weak(level, mount, None), "{mount:?}");
        }
        assert!(!weak(level, MountSite::Sacrum, None));
    }

    #[test]
    fn without_a_site_bows_give_the_rotation_back_with_the_front_where_they_lean() {
        for twist in [-2.0, 0.0, 1.2] {
            for mount in SITES {
                let truth = site::<Shank>(mount, Side::Right, twist);
                let align = |sizes: &[(f64, f64)]| -> SensorToSegment<Shank> {
                    let (track, movements) = bows(truth, sizes);
                    mounted(&track, None, None).align(&movements, &method())
                };
                let forward = align(&[(0.5, 0.0)]);
                assert!(apart(forward.rotation(), truth) < 1e-6, "{mount:?} {twist}");
                assert_eq!(forward.method, AlignmentMethod::Functional);
                // Leaning back only, its front is taken for its back; `reversed` mends that.
                let backward = align(&[(-0.5, 0.0)]);
                assert!((apart(backward.rotation(), truth) - std::f64::consts::PI).abs() < 1e-6);
                assert!(apart(backward.reversed().rotation(), truth) < 1e-6);
                // One large bow tells more than three small ones.
                let mixed = align(&[(-0.2, 0.0), (-0.2, 0.0), (-0.2, 0.0), (0.4, 0.0)]);
                assert!(apart(mixed.rotation(), truth) < 1e-6);
            }
        }
    }

    #[test]
    fn a_reversed_alignment_keeps_the_long_axis_and_exchanges_front_and_back() {
        let (track, _) = bows(site::<Shank>(MountSite::ShankLateral, Side::Left, 0.2), &[]);
        let aligned: SensorToSegment<Shank> =
            mounted(&track, Some(MountSite::ShankLateral), Some(Side::Left)).align(&[], &method());
        let axis = |a: &SensorToSegment<Shank>, axis: Vector3<f64>| a.rotation().quaternion().inverse() * axis;
        let reversed = aligned.reversed();
        for (of, sign) in [(Vector3::x(), -1.0), (Vector3::y(), 1.0), (Vector3::z(), -1.0)] {
            assert_relative_eq!(axis(&reversed, of), axis(&aligned, of) * sign, epsilon = 1e-12);
        }
        assert_relative_eq!(reversed.right(), -aligned.right(), epsilon = 1e-12);
        assert_eq!((reversed.method, reversed.axis_sigma), (aligned.method, aligned.axis_sigma));
    }

    /// The sensor sits 10 degrees off its site, one way and the other. Bows of exactly one axis are as uncertain as stray rotation and
    /// the systematic part make them; 1 / variance weighs them against the site.
    #[test]
    fn site_and_bows_are_joined_by_inverse_variance() {
        for side in [Side::Left, Side::Right] {
            for off in [10.0_f64, -10.0] {
                for sizes in [&[(0.5, 0.0)][..], &[(0.1, 0.0), (-0.1, 0.0)], &[(0.4, 0.0), (0.3, 0.0), (0.2, 0.0)]] {
                    let nominal = site::<Shank>(MountSite::TibiaAnteromedial, side, 0.3);
                    let truth = about_long_axis(nominal, off.to_radians());
                    let (track, movements) = bows(truth, sizes);
                    let aligned: SensorToSegment<Shank> =
                        mounted(&track, Some(MountSite::TibiaAnteromedial), Some(side)).align(&movements, &method());
                    let information: f64 = sizes.iter().map(|(size, _)| (size / 2.5_f64.to_radians()).powi(2)).sum();
                    let bows = 1.0 / (1.0 / information + 4.0_f64.to_radians().powi(2));
                    let hands = 12.0_f64.to_radians().powi(-2);
                    // By the site alone the alignment would be wrong by all of it, by the bows alone by nothing.
                    let wrong = off.to_radians() * hands / (bows + hands);
                    assert_relative_eq!(apart(aligned.rotation(), truth), wrong.abs(), epsilon = 1e-6);
                    assert!(apart(aligned.rotation(), about_long_axis(truth, -wrong)) < 1e-6);
                    assert_relative_eq!(aligned.axis_sigma.radians(), (bows + hands).sqrt().recip(), epsilon = 1e-9);
                    assert_eq!(aligned.method, AlignmentMethod::FunctionalAndMount);
                }
            }
        }
    }

    #[test]
    fn an_axis_has_no_sense_of_its_own_where_the_site_is_known() {
        for (off, nearest) in [(100.0_f64, -80.0_f64), (-100.0, 80.0), (170.0, -10.0)] {
            let nominal = site::<Shank>(MountSite::ShankLateral, Side::Left, 0.0);
            let (track, movements) = bows(about_long_axis(nominal, off.to_radians()), &[(0.5, 0.0)]);
            let aligned: SensorToSegment<Shank> =
                mounted(&track, Some(MountSite::ShankLateral), Some(Side::Left)).align(&movements, &method());
            let bows = 1.0 / ((2.5_f64.to_radians() / 0.5).powi(2) + 4.0_f64.to_radians().powi(2));
            let hands = 12.0_f64.to_radians().powi(-2);
            let joined = about_long_axis(nominal, nearest.to_radians() * bows / (bows + hands));
            assert!(apart(aligned.rotation(), joined) < 1e-6, "{off}");
        }
    }

    #[test]
    fn small_movements_show_no_axis_and_large_ones_show_how_well_they_agree() {
        let truth = site::<Pelvis>(MountSite::Sacrum, Side::Left, 0.0);
        let align = |sizes: &[(f64, f64)]| -> SensorToSegment<Pelvis> {
            let (track, movements) = bows(truth, sizes);
            mounted(&track, Some(MountSite::Sacrum), Some(Side::Left)).align(&movements, &method())
        };
        let stray = 2.5_f64.to_radians();
        // Two stray rotations together: one of that size, or four of half of it.
        assert_eq!(align(&[(1.99 * stray, 0.0)]).method, AlignmentMethod::Mount);
        assert_eq!(align(&[(2.01 * stray, 0.0)]).method, AlignmentMethod::FunctionalAndMount);
        assert_eq!(align(&[(0.99 * stray, 0.0); 4]).method, AlignmentMethod::Mount);
        assert_eq!(align(&[(1.01 * stray, 0.0); 4]).method, AlignmentMethod::FunctionalAndMount);
        // Three for an axis of its own.
        let clear = |size: f64| align(&[(size * stray, 0.0), (0.5, 0.0)]).functional.map(|axis| axis.movements);
        assert_eq!([clear(2.99), clear(3.01)], [Some(1), Some(2)]);
        // Two axes at 8 degrees on either side of the right axis: what they agree on lies between them.
        let eight = 8.0_f64.to_radians();
        let both = align(&[(0.5, eight), (0.5, -eight)]);
        let quality = both.functional.expect("an axis");
        assert!(apart(both.rotation(), truth) < 1e-6);
        assert_relative_eq!(quality.repeatability.degrees(), 8.0, epsilon = 1e-6);
        assert_relative_eq!(quality.ratio, eight.tan().recip(), epsilon = 1e-6);
        // The seen spread over the root of two counts, where it is larger than stray rotation would be.
        let bows = 1.0 / (eight.tan().powi(2) / 2.0 + 4.0_f64.to_radians().powi(2));
        let hands = 12.0_f64.to_radians().powi(-2);
        assert_relative_eq!(both.axis_sigma.radians(), (bows + hands).sqrt().recip(), epsilon = 1e-9);
    }

    #[test]
    fn points_without_data_are_not_looked_at() {
        let truth = site::<Pelvis>(MountSite::Sacrum, Side::Left, 0.0);
        let (mut track, movements) = bows(truth, &[(0.5, 0.6)]);
        track.valid[movements[0].points.clone()].fill(false);
        let aligned: SensorToSegment<Pelvis> =
            mounted(&track, Some(MountSite::Sacrum), Some(Side::Left)).align(&movements, &method());
        assert_eq!(aligned.method, AlignmentMethod::Mount);
    }
}
