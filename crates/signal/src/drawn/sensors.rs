//! Drawn signals for tests: sensors whose pose, rate and force are given as functions of time, so that every answer is known.

use nalgebra::{UnitQuaternion, Vector3};
use truehinge_core::{
    AngularRate, Rotation, STANDARD_GRAVITY, SampleRate, SensorRole, SessionTime, Span, SpecificForce, time::Interval,
};

use crate::grid::{PoseGrid, PoseTrack};

/// A sensor at one moment. The numbers need not fit together: a test draws only what it is about.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    /// Turn against gravity, degrees.
    pub lean: f64,
    /// Norm of the angular rate, deg/s.
    pub rate: f64,
    /// Norm of the specific force, m/s².
    pub force: f64,
    /// Whether there are data.
    pub valid: bool,
}

/// Nothing moves.
pub(crate) const STILL: Moment = Moment { lean: 0.0, rate: 0.0, force: STANDARD_GRAVITY, valid: true };

/// Grids on which the same drawing must give the same answer: rates (Hz) and starts (s).
pub(crate) const GRIDS: [(f64, f64); 4] = [(100.0, 0.0), (100.0, -1234.5), (50.0, 7.0), (200.0, 0.0)];

/// A grid of so many seconds. `draw` is given the role and the time since the grid began, s.
pub(crate) fn grid(
    (rate, start): (f64, f64),
    seconds: f64,
    roles: &[SensorRole],
    draw: impl Fn(SensorRole, f64) -> Moment,
) -> PoseGrid {
    let rate = SampleRate::from_hertz(rate).expect("a positive rate");
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand points")]
    let points = (seconds * rate.hertz()).round() as usize;
    let times: Vec<f64> = (0..points).map(|i| i as f64 / rate.hertz()).collect();
    let tracks = roles.iter().map(|&role| track(role, &times.iter().map(|&t| draw(role, t)).collect::<Vec<_>>()));
    PoseGrid { start: SessionTime::from_seconds(start), rate, tracks: tracks.collect() }
}

fn track(role: SensorRole, moments: &[Moment]) -> PoseTrack {
    // However it is put on and whatever its heading: neither may matter.
    let (heading, mounting) =
        (UnitQuaternion::from_euler_angles(0.0, 0.0, 1.1), UnitQuaternion::from_euler_angles(0.4, -0.9, 2.0));
    let pose = |lean: f64| {
        let turned = UnitQuaternion::from_axis_angle(&Vector3::x_axis(), lean.to_radians());
        // CLAIM: a test pose.
        Rotation::assert_maps(heading * turned * mounting)
    };
    let along = Vector3::new(0.6, 0.0, -0.8);
    PoseTrack {
        role,
        poses: moments.iter().map(|m| pose(m.lean)).collect(),
        angular_rate: moments.iter().map(|m| AngularRate::from_vector(along * m.rate.to_radians())).collect(),
        specific_force: moments.iter().map(|m| SpecificForce::from_vector(along * m.force)).collect(),
        valid: moments.iter().map(|m| m.valid).collect(),
        measured: moments.iter().map(|m| m.valid).collect(),
    }
}

/// A span in seconds since the grid began.
pub(crate) fn seconds(grid: &PoseGrid, span: Span) -> (f64, f64) {
    ((span.start - grid.start).seconds(), (span.end - grid.start).seconds())
}

/// Whether two times agree to within a grid point.
pub(crate) fn agree(grid: &PoseGrid, a: f64, b: f64) -> bool {
    Interval::from_seconds((a - b).abs()) <= grid.rate.period()
}
