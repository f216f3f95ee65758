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
//! sigma^2 = 1 / sum_i (amplitude_i / stray)^2 + systematic^2
//! ```
//!
//! Rotations instead of angular rates, because soft-tissue wobble is fast and small: it dominates rates, not angles.
//! It does not use heading, gravity during movement, or any magnetometer. A true hinge hardly turns the shank, so its axis
//! needs knee bends, drifting repetitions, or the mounting site (decision 0004).

use std::ops::Range;

use nalgebra::{Matrix2, Matrix3, Rotation3, SymmetricEigen, UnitQuaternion, Vector2, Vector3};
use serde::Serialize;
use truehinge_core::{
    AlignmentMethod, Angle, Earth, FunctionalAxis, MountSite, Rotation, Sensor, Side, frame::Segment,
};

use crate::grid::PoseTrack;

/// What the two sources of the medio-lateral axis are worth.
#[derive(Clone, Debug, Serialize)]
pub struct AlignmentParams {
    /// Standard uncertainty of the axis from a named mounting site, rad: hand placement, 8-20 degrees off at worst.
    pub mount_sigma: f64,
    /// Rotation about other axes in one movement, rad: what a person's pelvis or shank does beside the sagittal plane.
    pub stray_rotation: f64,
    /// Part of the functional axis' uncertainty that more movements do not remove, rad.
    pub systematic_sigma: f64,
}

impl Default for AlignmentParams {
    fn default() -> Self {
        Self::from(&crate::method::Method::default())
    }
}

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

/// Mean upward vertical in sensor axes over a standing posture.
fn standing_up(track: &PoseTrack, standing: &Range<usize>) -> Vector3<f64> {
    let sum: Vector3<f64> =
        track.poses[standing.clone()].iter().map(|pose| pose.quaternion().inverse() * Vector3::z()).sum();
    sum.try_normalize(1e-9).unwrap_or_else(Vector3::z)
}

/// The segment's right axis from the mounting site, horizontal and of unit length; `None` for an unknown site or a sensor
/// whose outward axis (case z) points up or down.
fn right_from_mount(mount: MountSite, side: Option<Side>, up: Vector3<f64>) -> Option<Vector3<f64>> {
    let outward = Vector3::z();
    let outward = (outward - up * up.dot(&outward)).try_normalize(0.3)?;
    let anterior_to_right = |anterior: Vector3<f64>| anterior.cross(&up);
    match mount {
        MountSite::Unknown => None,
        MountSite::Sacrum => Some(anterior_to_right(-outward)),
        MountSite::LateralHip | MountSite::ShankLateral | MountSite::ThighLateral => {
            Some(outward * side?.lateral_sign())
        }
        MountSite::TibiaAnteromedial => {
            // The outward normal is 37 degrees medial of forward: on a right leg that is counter-clockwise from above.
            let medial = 37.0_f64.to_radians() * side?.lateral_sign();
            let back = UnitQuaternion::from_scaled_axis(up * -medial);
            Some(anterior_to_right(back * outward))
        }
    }
}

/// A functional axis: angle about the vertical from `reference`, modulo a half turn, with its uncertainty.
struct FoundAxis {
    angle: f64,
    sigma: f64,
    quality: FunctionalAxis,
}

/// Sum of the outer products of a movement's horizontal rotations, and its largest rotation, rad.
fn scatter(
    track: &PoseTrack,
    movement: &Movement,
    (right, anterior): (Vector3<f64>, Vector3<f64>),
) -> (Matrix2<f64>, f64) {
    let base = track.poses[movement.base].quaternion().inverse();
    let (mut scatter, mut amplitude) = (Matrix2::zeros(), 0.0_f64);
    for i in movement.points.clone().filter(|&i| track.valid[i]).step_by(4) {
        let turn = (base * track.poses[i].quaternion()).scaled_axis();
        let horizontal = Vector2::new(turn.dot(&right), turn.dot(&anterior));
        scatter += horizontal * horizontal.transpose();
        amplitude = amplitude.max(horizontal.norm());
    }
    (scatter, amplitude)
}

/// Direction of the largest rotation about the vertical, and the ratio of the smaller to the larger singular value.
fn principal(scatter: Matrix2<f64>) -> (f64, f64) {
    let eigen = SymmetricEigen::new(scatter);
    let largest = usize::from(eigen.eigenvalues[1] > eigen.eigenvalues[0]);
    let axis = eigen.eigenvectors.column(largest);
    let spread = (eigen.eigenvalues[1 - largest] / eigen.eigenvalues[largest]).max(0.0).sqrt();
    (axis[1].atan2(axis[0]), spread)
}

/// A movement this many times larger than stray rotation shows an axis of its own.
const SHOWS_AXIS: f64 = 3.0;

fn functional_axis(
    track: &PoseTrack,
    movements: &[Movement],
    horizontal: (Vector3<f64>, Vector3<f64>),
    params: &AlignmentParams,
) -> Option<FoundAxis> {
    let each: Vec<(Matrix2<f64>, f64)> = movements.iter().map(|m| scatter(track, m, horizontal)).collect();
    let information: f64 = each.iter().map(|(_, amplitude)| (amplitude / params.stray_rotation).powi(2)).sum();
    // Below one stray rotation in total there is no axis to find.
    if information < 4.0 {
        return None;
    }
    let (angle, spread) = principal(each.iter().map(|(scatter, _)| scatter).sum());
    let random = information.sqrt().recip();
    // The seen spread counts when it is larger than what was assumed: a movement that is not about one axis.
    let sigma = random.max(spread / (movements.len() as f64).sqrt()).hypot(params.systematic_sigma);
    let clear = each.iter().filter(|(_, amplitude)| *amplitude > SHOWS_AXIS * params.stray_rotation);
    let apart: Vec<f64> = clear.map(|(scatter, _)| half_turn_nearest_zero(principal(*scatter).0 - angle)).collect();
    let repeatability = (apart.iter().map(|a| a * a).sum::<f64>() / apart.len().max(1) as f64).sqrt();
    let quality = FunctionalAxis {
        movements: apart.len(),
        ratio: spread.max(1e-3).recip(),
        repeatability: Angle::from_radians(repeatability),
    };
    Some(FoundAxis { angle, sigma, quality })
}

/// Aligns a sensor with its segment.
///
/// `standing` is a quiet posture with the segment's long axis taken as vertical; `movements` turned the segment about its
/// medio-lateral axis. Without a mounting site the axis is functional and its sense is that the largest turns lean the
/// segment forward: right for bows and knee bends, a guess for anything else, and marked as [`AlignmentMethod::Weak`] unless
/// `sense_is_forward`.
pub fn align<S: Segment>(
    track: &PoseTrack,
    standing: &Range<usize>,
    movements: &[Movement],
    mount: Option<MountSite>,
    side: Option<Side>,
    params: &AlignmentParams,
) -> SensorToSegment<S> {
    let up = standing_up(track, standing);
    let prior = mount.and_then(|mount| right_from_mount(mount, side, up));
    let reference = prior.unwrap_or_else(|| any_horizontal(up));
    let anterior = up.cross(&reference);
    let functional = functional_axis(track, movements, (reference, anterior), params);
    let quality = functional.as_ref().map(|axis| axis.quality);
    let (angle, sigma, method) = match (&prior, functional) {
        (Some(_), Some(axis)) => {
            let angle = half_turn_nearest_zero(axis.angle);
            let (a, b) = (axis.sigma.powi(-2), params.mount_sigma.powi(-2));
            (angle * a / (a + b), (a + b).sqrt().recip(), AlignmentMethod::FunctionalAndMount)
        }
        (Some(_), None) => (0.0, params.mount_sigma, AlignmentMethod::Mount),
        (None, Some(axis)) => (axis.angle, axis.sigma, AlignmentMethod::Functional),
        (None, None) => (0.0, std::f64::consts::FRAC_PI_2, AlignmentMethod::Weak),
    };
    let right = reference * angle.cos() + anterior * angle.sin();
    let aligned = SensorToSegment {
        rotation: from_axes(up, right),
        axis_sigma: Angle::from_radians(sigma),
        method,
        functional: quality,
    };
    if prior.is_some() { aligned } else { face_forward(aligned, track, movements) }
}

fn any_horizontal(up: Vector3<f64>) -> Vector3<f64> {
    let helper = if up.x.abs() < 0.9 { Vector3::x() } else { Vector3::y() };
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

/// Turns an alignment without a known front so that the largest turns of the movements lean the segment forward.
fn face_forward<S: Segment>(
    aligned: SensorToSegment<S>,
    track: &PoseTrack,
    movements: &[Movement],
) -> SensorToSegment<S> {
    let right = aligned.right();
    let (mut forward, mut backward) = (0.0, 0.0);
    for movement in movements {
        let base = track.poses[movement.base].quaternion().inverse();
        for i in movement.points.clone().filter(|&i| track.valid[i]).step_by(4) {
            // Leaning forward turns about the left axis: negative about right.
            let lean = -(base * track.poses[i].quaternion()).scaled_axis().dot(&right);
            if lean > 0.0 { forward += lean.powi(3) } else { backward -= lean.powi(3) }
        }
    }
    if backward > forward { aligned.reversed() } else { aligned }
}
