//! Where the pelvis sensor went in each repetition of a set: strapdown between stances, with the errors of the sensor
//! estimated over the whole set.
//!
//! In: angular rate and specific force of the pelvis sensor over a window per repetition that begins and ends in the stance.
//! Out: displacement along three axes at every point, with its standard uncertainty.
//!
//! Within a window the attitude comes from the gyroscope alone, levelled by the mean specific force of the two stances: an
//! orientation filter would mix the accelerometer's own errors into it. What remains wrong is, per axis, a start velocity
//! `v`, a constant and a growing error of the acceleration `e, c` (imperfect level, gyroscope bias), and, shared by all
//! repetitions, the accelerometer's bias `b` and the gyroscope's gain error `s`:
//!
//! ```text
//! x(t) = I2[a](t) - ( v t + e t^2/2 + c t^3/6 + I2[(R - R0) b](t) + I2[s phi x g](t) )
//! ```
//!
//! (`R` sensor to level, `R0` its mean over the stances, where levelling hides the bias; `phi` the rotation since the start,
//! `I2` the double integral.) Soft knowledge makes this solvable by linear least squares: the velocity is near zero in both
//! stances (sway), the position returns nearly to where it was (closure), and each error is small, all with standard
//! deviations. A bias shows because tilting turns it: the velocity then does not come back to zero. The posterior covariance
//! is the stated uncertainty. Levelling at both ends follows the zero-velocity practice of pedestrian strapdown
//! \[Sabatini2005\]; estimating shared errors over repetitions is estimator E4 of the project's study without the leg chain
//! (decision 0004).

use std::ops::Range;

use nalgebra::{DMatrix, DVector, Matrix3, UnitQuaternion, Vector3};
use serde::Serialize;

/// How well stances and sensor are known. Standard deviations, SI.
#[derive(Clone, Debug, Serialize)]
pub struct DisplacementParams {
    /// Velocity of the pelvis averaged over a quiet stance, m/s (sway on one leg, between repetitions).
    pub stance_speed: f64,
    /// How exactly the pelvis returns to where it was, m.
    pub closure: f64,
    /// Constant error of the acceleration after levelling, m/s² (sway during the stances used).
    pub level_error: f64,
    /// Growth of that error, m/s³ (gyroscope bias times gravity).
    pub level_drift: f64,
    /// Accelerometer bias, m/s², each axis.
    pub accelerometer_bias: f64,
    /// Gain error of the gyroscope, as a share.
    pub gyroscope_gain: f64,
    /// Time of stance used before and after the movement, s.
    pub stance_s: f64,
    /// Slide of the sensor on the skin per radian of pelvic tilt, m/rad (soft tissue; 0.1 mm per degree).
    pub slide_per_tilt: f64,
}

impl Default for DisplacementParams {
    fn default() -> Self {
        Self {
            stance_speed: 0.025,
            closure: 0.02,
            level_error: 0.08,
            level_drift: 0.05,
            accelerometer_bias: 0.25,
            gyroscope_gain: 0.006,
            stance_s: 0.3,
            slide_per_tilt: 0.006,
        }
    }
}

/// One repetition's data: from a stance, through the movement, to a stance.
#[derive(Clone, Debug)]
pub struct Window {
    /// Bias removed, sensor axes, rad/s.
    pub angular_rate: Vec<Vector3<f64>>,
    /// Sensor axes, m/s².
    pub specific_force: Vec<Vector3<f64>>,
    /// Points of stance at the start and at the end.
    pub stance: usize,
    /// Seconds between points.
    pub dt: f64,
}

/// Displacement of the sensor over one window, in a level frame with z up and the heading of the window's first point.
#[derive(Clone, Debug)]
pub struct Path {
    /// Sensor to level frame.
    pub attitude: Vec<UnitQuaternion<f64>>,
    /// Displacement from the first stance, m.
    pub position: Vec<Vector3<f64>>,
    /// Its covariance, m².
    pub covariance: Vec<Matrix3<f64>>,
}

/// Most repetitions solved together: shared errors wander over minutes, and the cost grows with the cube.
const TOGETHER: usize = 12;

/// The paths of all windows of one set.
pub fn paths(windows: &[Window], params: &DisplacementParams) -> Vec<Path> {
    let strapped: Vec<Strapdown> = windows.iter().map(Strapdown::new).collect();
    strapped.chunks(TOGETHER).flat_map(|chunk| solve(chunk, params)).collect()
}

/// A quantity integrated once and twice over time.
struct Integrated {
    once: Vec<Vector3<f64>>,
    twice: Vec<Vector3<f64>>,
}

impl Integrated {
    fn new(signal: impl Iterator<Item = Vector3<f64>>, dt: f64) -> Self {
        let (mut once, mut twice) = (Vec::new(), Vec::new());
        let (mut previous, mut velocity, mut position): (Option<Vector3<f64>>, _, _) =
            (None, Vector3::zeros(), Vector3::zeros());
        for value in signal {
            if let Some(last) = previous.replace(value) {
                let next = velocity + 0.5 * dt * (last + value);
                position += 0.5 * dt * (velocity + next);
                velocity = next;
            }
            once.push(velocity);
            twice.push(position);
        }
        Self { once, twice }
    }
}

/// Shared errors: three of accelerometer bias, one of gyroscope gain.
const SHARED: usize = 4;
/// Errors of one repetition: start velocity, constant and growing acceleration, each on three axes.
const OWN: usize = 9;

/// One window integrated without any correction, with the effect of each shared error.
struct Strapdown {
    attitude: Vec<UnitQuaternion<f64>>,
    measured: Integrated,
    shared: [Integrated; SHARED],
    before: Range<usize>,
    after: Range<usize>,
    dt: f64,
}

impl Strapdown {
    fn new(window: &Window) -> Self {
        let n = window.specific_force.len();
        let stance = window.stance.clamp(1, n / 2);
        let (before, after) = (0..stance, n - stance..n);
        let relative = integrate_rate(&window.angular_rate, window.dt);
        let force = |i: usize| relative[i] * window.specific_force[i];
        let mean_force = |range: &Range<usize>| range.clone().map(force).sum::<Vector3<f64>>() / range.len() as f64;
        let (first, last) = (mean_force(&before), mean_force(&after));
        let up = 0.5 * (first + last);
        let gravity = up.norm();
        let level = UnitQuaternion::rotation_between(&up, &Vector3::z()).unwrap_or_else(UnitQuaternion::identity);
        let attitude: Vec<UnitQuaternion<f64>> = relative.iter().map(|q| level * q).collect();
        let weight = Vector3::new(0.0, 0.0, gravity);
        let measured = Integrated::new(
            attitude.iter().zip(&window.specific_force).map(|(q, force)| q * force - weight),
            window.dt,
        );
        let rest = stance_mean(&attitude, &before, &after);
        let bias = |axis: usize| {
            let columns =
                attitude.iter().map(|q| (q.to_rotation_matrix().into_inner() - rest).column(axis).into_owned());
            Integrated::new(columns, window.dt)
        };
        let start = attitude[0].inverse();
        let gain = Integrated::new(attitude.iter().map(|q| (q * start).scaled_axis().cross(&weight)), window.dt);
        let shared = [bias(0), bias(1), bias(2), gain];
        Self { attitude, measured, shared, before, after, dt: window.dt }
    }

    fn time(&self, i: usize) -> f64 {
        i as f64 * self.dt
    }

    /// Effect of a repetition's own errors of one axis on position (`order` 0) or velocity (`order` 1) at a point.
    fn own(&self, i: usize, order: usize) -> [f64; 3] {
        let t = self.time(i);
        if order == 0 { [t, t * t / 2.0, t * t * t / 6.0] } else { [1.0, t, t * t / 2.0] }
    }
}

fn mean(range: &Range<usize>, f: impl Fn(usize) -> f64) -> f64 {
    range.clone().map(f).sum::<f64>() / range.len() as f64
}

/// A value at each point of a window.
type AtPoint<'a> = &'a dyn Fn(usize) -> f64;

fn integrate_rate(rate: &[Vector3<f64>], dt: f64) -> Vec<UnitQuaternion<f64>> {
    let mut attitude = UnitQuaternion::identity();
    let mut all = Vec::with_capacity(rate.len());
    for (i, now) in rate.iter().enumerate() {
        if i > 0 {
            attitude *= UnitQuaternion::from_scaled_axis((rate[i - 1] + now) * (0.5 * dt));
        }
        all.push(attitude);
    }
    all
}

fn stance_mean(attitude: &[UnitQuaternion<f64>], before: &Range<usize>, after: &Range<usize>) -> Matrix3<f64> {
    let sum: Matrix3<f64> =
        before.clone().chain(after.clone()).map(|i| attitude[i].to_rotation_matrix().into_inner()).sum();
    sum / (before.len() + after.len()) as f64
}

/// Rows of the least-squares problem, each already divided by its standard deviation.
struct Rows {
    unknowns: usize,
    rows: Vec<(DVector<f64>, f64)>,
}

impl Rows {
    fn prior(&mut self, unknown: usize, sigma: f64) {
        let mut row = DVector::zeros(self.unknowns);
        row[unknown] = sigma.recip();
        self.rows.push((row, 0.0));
    }
}

fn solve(chunk: &[Strapdown], params: &DisplacementParams) -> Vec<Path> {
    let unknowns = SHARED + OWN * chunk.len();
    let mut rows = Rows { unknowns, rows: Vec::new() };
    for axis in 0..3 {
        rows.prior(axis, params.accelerometer_bias);
    }
    rows.prior(3, params.gyroscope_gain);
    for (r, strapdown) in chunk.iter().enumerate() {
        for axis in 0..3 {
            let first = SHARED + OWN * r + 3 * axis;
            rows.prior(first + 1, params.level_error);
            rows.prior(first + 2, params.level_drift);
            observe(&mut rows, strapdown, axis, first, params);
        }
    }
    let design = DMatrix::from_fn(rows.rows.len(), unknowns, |i, j| rows.rows[i].0[j]);
    let observed = DVector::from_fn(rows.rows.len(), |i, _| rows.rows[i].1);
    let normal = design.transpose() * &design;
    // Every unknown has a prior or two velocity rows, so the matrix is positive definite.
    let covariance = normal.cholesky().map_or_else(|| DMatrix::zeros(unknowns, unknowns), |c| c.inverse());
    let solution = &covariance * design.transpose() * observed;
    chunk.iter().enumerate().map(|(r, strapdown)| corrected(strapdown, r, &solution, &covariance)).collect()
}

/// The three things known about one axis of one repetition: still before, still after, back where it was.
fn observe(rows: &mut Rows, strapdown: &Strapdown, axis: usize, first: usize, params: &DisplacementParams) {
    let mut push = |order: usize, value: &dyn Fn(AtPoint<'_>) -> f64, sigma: f64| {
        let pick = |integrated: &Integrated, i: usize| {
            if order == 0 { integrated.twice[i][axis] } else { integrated.once[i][axis] }
        };
        let mut row = DVector::zeros(rows.unknowns);
        for (k, shared) in strapdown.shared.iter().enumerate() {
            row[k] = value(&|i| pick(shared, i)) / sigma;
        }
        for k in 0..3 {
            row[first + k] = value(&|i| strapdown.own(i, order)[k]) / sigma;
        }
        rows.rows.push((row, value(&|i| pick(&strapdown.measured, i)) / sigma));
    };
    let (before, after) = (&strapdown.before, &strapdown.after);
    push(1, &|f| mean(before, f), params.stance_speed);
    push(1, &|f| mean(after, f), params.stance_speed);
    push(0, &|f| mean(after, f) - mean(before, f), params.closure);
}

fn corrected(strapdown: &Strapdown, r: usize, solution: &DVector<f64>, covariance: &DMatrix<f64>) -> Path {
    let n = strapdown.attitude.len();
    // Only the shared errors and this repetition's own enter its path.
    let used: Vec<usize> = (0..SHARED).chain(SHARED + OWN * r..SHARED + OWN * (r + 1)).collect();
    let own_covariance = DMatrix::from_fn(used.len(), used.len(), |i, j| covariance[(used[i], used[j])]);
    let own_solution = DVector::from_fn(used.len(), |i, _| solution[used[i]]);
    let effect = |i: usize| {
        let mut row = DMatrix::zeros(3, used.len());
        for axis in 0..3 {
            for (k, shared) in strapdown.shared.iter().enumerate() {
                row[(axis, k)] = shared.twice[i][axis];
            }
            for (k, value) in strapdown.own(i, 0).into_iter().enumerate() {
                row[(axis, SHARED + 3 * axis + k)] = value;
            }
        }
        row
    };
    let stance_effect = strapdown.before.clone().map(&effect).sum::<DMatrix<f64>>() / strapdown.before.len() as f64;
    let raw_origin = strapdown.before.clone().map(|i| strapdown.measured.twice[i]).sum::<Vector3<f64>>()
        / strapdown.before.len() as f64;
    let (mut position, mut covariances) = (Vec::with_capacity(n), Vec::with_capacity(n));
    for i in 0..n {
        let row = effect(i) - &stance_effect;
        let correction = &row * &own_solution;
        position.push(strapdown.measured.twice[i] - raw_origin - Vector3::from_iterator(correction.iter().copied()));
        let spread = &row * &own_covariance * row.transpose();
        covariances.push(Matrix3::from_iterator(spread.iter().copied()));
    }
    Path { attitude: strapdown.attitude.clone(), position, covariance: covariances }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    const G: f64 = 9.81;

    /// A hinge in the x-z plane: the sensor tilts about y by up to `tilt` and moves along x by up to `size`, there and back.
    struct Bell {
        size: f64,
        tilt: f64,
        stance: usize,
        moving: usize,
    }

    impl Bell {
        const DT: f64 = 0.01;

        fn shape(&self, i: usize) -> (f64, f64, f64) {
            let period = self.moving as f64 * Self::DT;
            let phase = (i as f64 - self.stance as f64) / self.moving as f64;
            if !(0.0..=1.0).contains(&phase) {
                return (0.0, 0.0, 0.0);
            }
            // s(u) = (1 - cos 2 pi u)^2 / 4 is smooth enough at both ends for its acceleration to start at zero.
            let (c, s) = ((TAU * phase).cos(), (TAU * phase).sin());
            let w = TAU / period;
            (0.25 * (1.0 - c).powi(2), 0.5 * (1.0 - c) * s * w, 0.5 * w * w * (s * s + (1.0 - c) * c))
        }

        fn window(&self, bias: Vector3<f64>, gain: f64) -> (Window, Vec<f64>) {
            let points = self.moving + 2 * self.stance;
            let (mut rates, mut forces, mut truth) = (Vec::new(), Vec::new(), Vec::new());
            for i in 0..points {
                let (shape, speed, acceleration) = self.shape(i);
                let attitude = UnitQuaternion::from_axis_angle(&Vector3::y_axis(), self.tilt * shape);
                rates.push(Vector3::new(0.0, (1.0 + gain) * self.tilt * speed, 0.0));
                forces.push(attitude.inverse() * Vector3::new(self.size * acceleration, 0.0, G) + bias);
                truth.push(self.size * shape);
            }
            let window = Window { angular_rate: rates, specific_force: forces, stance: self.stance, dt: Self::DT };
            (window, truth)
        }
    }

    fn worst(path: &Path, truth: &[f64]) -> f64 {
        path.position.iter().zip(truth).map(|(p, t)| (p.x - t).abs()).fold(0.0, f64::max)
    }

    fn hinge(moving: usize) -> Bell {
        Bell { size: -0.06, tilt: 0.6, stance: 30, moving }
    }

    #[test]
    fn a_clean_movement_is_recovered() {
        let (window, truth) = hinge(250).window(Vector3::zeros(), 0.0);
        let paths = paths(&[window], &DisplacementParams::default());
        // Trapezoidal integration of the rate at 100 Hz is what remains.
        assert!(worst(&paths[0], &truth) < 1e-3, "{}", worst(&paths[0], &truth));
    }

    #[test]
    fn an_accelerometer_bias_is_found_because_tilting_turns_it() {
        let bias = Vector3::new(0.2, 0.0, -0.3);
        let (window, truth) = hinge(250).window(bias, 0.0);
        // A person who stands like a statue: the stances leave no other explanation than the bias.
        let statue = DisplacementParams {
            stance_speed: 0.003,
            closure: 0.003,
            level_error: 0.003,
            level_drift: 0.002,
            ..DisplacementParams::default()
        };
        let corrected = paths(&[window.clone(), window.clone()], &statue);
        let blind = DisplacementParams { accelerometer_bias: 1e-9, ..DisplacementParams::default() };
        let uncorrected = paths(&[window.clone(), window], &blind);
        assert!(worst(&uncorrected[0], &truth) > 0.02, "{}", worst(&uncorrected[0], &truth));
        assert!(worst(&corrected[0], &truth) < 0.008, "{}", worst(&corrected[0], &truth));
    }

    #[test]
    fn longer_movements_are_less_certain() {
        let sigma = |moving: usize| {
            let (window, _) = hinge(moving).window(Vector3::zeros(), 0.0);
            paths(&[window], &DisplacementParams::default())[0].covariance[30 + moving / 2][(0, 0)].sqrt()
        };
        assert!(sigma(500) > sigma(250) && sigma(250) > sigma(150));
        assert!(sigma(250) > 1e-3 && sigma(250) < 0.05, "{}", sigma(250));
    }
}
