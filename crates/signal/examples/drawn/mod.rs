// What two sensors would measure: a drawn set of hinges, for programs that have no recording at hand.
//
// A leg of two bars on a fixed ankle, in one plane, without noise. Each hinge takes the hips back by 8 cm and tilts the pelvis
// by 25 degrees; where the knee drifts, the shank leans forward by 8 degrees as well.

use nalgebra::{Rotation2, Vector2};

/// Specific force (m/s²) and angular rate (rad/s) in the sensor's axes.
pub type Row = [f64; 6];

/// Samples per second.
pub const RATE_HZ: f64 = 100.0;

const STAND_S: f64 = 3.0;
const HINGE_S: f64 = 2.5;
/// From the hip joint to a sensor over the sacrum: forward and up, m.
const LEVER_M: [f64; 2] = [-0.12, 0.08];
/// From the ankle to a sensor on the shin, up, m.
const UP_THE_SHIN_M: f64 = 0.25;

/// Samples of the hip sensor (over the sacrum) and the shank sensor (outer side of the left shank), with a hinge per entry of
/// `drifts`, in which the knee goes forward or not.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
pub fn hinges(drifts: &[bool]) -> (Vec<Row>, Vec<Row>) {
    let seconds = STAND_S + drifts.len() as f64 * (HINGE_S + STAND_S);
    let times: Vec<f64> = (0..(seconds * RATE_HZ) as u32).map(|i| f64::from(i) / RATE_HZ).collect();
    let pose = |t: f64| Pose::at(t, drifts);
    // Both sensors have case y up at rest. Over the sacrum case z points backward, on the outer left shank to the left.
    let hip = samples(
        &times,
        |t| (pose(t).hip_sensor(), pose(t).pelvis),
        |[forward, up], left| ([0.0, up, -forward], [-left, 0.0, 0.0]),
    );
    let shank = samples(
        &times,
        |t| (pose(t).shank_sensor(), pose(t).shank),
        |[forward, up], left| ([-forward, up, 0.0], [0.0, 0.0, left]),
    );
    (hip, shank)
}

/// Where the body is at one moment: forward and up, m; forward leans, rad.
struct Pose {
    hip: Vector2<f64>,
    pelvis: f64,
    shank: f64,
}

impl Pose {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
    fn at(t: f64, drifts: &[bool]) -> Self {
        let (number, since) = ((t / (HINGE_S + STAND_S)).floor(), t % (HINGE_S + STAND_S));
        let part = bell((since - STAND_S) / HINGE_S);
        let drifting = drifts.get(number as usize).is_some_and(|drifts| *drifts);
        let (back, down) = (0.08 * part, 0.02 * part);
        Self {
            hip: Vector2::new(-back, 0.80 - down),
            pelvis: 25_f64.to_radians() * part,
            shank: if drifting { 8_f64.to_radians() * part } else { 0.0 },
        }
    }

    fn hip_sensor(&self) -> Vector2<f64> {
        self.hip + Rotation2::new(-self.pelvis) * Vector2::from(LEVER_M)
    }

    fn shank_sensor(&self) -> Vector2<f64> {
        Rotation2::new(-self.shank) * Vector2::new(0.0, UP_THE_SHIN_M)
    }
}

/// From 0 to 1 and back over 0 to 1, without a jump in the acceleration.
fn bell(u: f64) -> f64 {
    if (0.0..=1.0).contains(&u) { 0.25 * (1.0 - (std::f64::consts::TAU * u).cos()).powi(2) } else { 0.0 }
}

/// What a sensor measures that moves and leans like this; `axes` puts forward and up into the case's axes, and the rate about the
/// body's left axis.
fn samples(
    times: &[f64],
    motion: impl Fn(f64) -> (Vector2<f64>, f64),
    axes: impl Fn([f64; 2], f64) -> ([f64; 3], [f64; 3]),
) -> Vec<Row> {
    let h = 1e-3;
    times
        .iter()
        .map(|&t| {
            let ((before, lean_before), (now, lean), (after, lean_after)) = (motion(t - h), motion(t), motion(t + h));
            let acceleration = (after - 2.0 * now + before) / (h * h);
            let felt = Rotation2::new(lean) * (acceleration + Vector2::new(0.0, 9.806_65));
            let ([fx, fy, fz], [wx, wy, wz]) = axes([felt.x, felt.y], (lean_after - lean_before) / (2.0 * h));
            [fx, fy, fz, wx, wy, wz]
        })
        .collect()
}
