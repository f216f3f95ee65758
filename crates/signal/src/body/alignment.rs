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
