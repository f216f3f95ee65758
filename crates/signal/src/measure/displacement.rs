//! Where the hip joint went in each repetition of a set: strapdown of the pelvis sensor between stances, with the errors of
//! the sensor estimated over the whole set, tied to the supporting leg and to balance.
//!
//! In: angular rate and specific force of the pelvis sensor over a window per repetition that begins and ends in rest, and a
//! few postures of the repetition. Out: displacement of the hip joint along three axes at every point, with its covariance.
//!
//! Within a window the attitude comes from the gyroscope alone, levelled by the mean specific force of the two rests: an
//! orientation filter would mix the accelerometer's own errors into it. What remains wrong is, per axis, a start velocity
//! `v`, a constant and a growing error of the acceleration `e, c` (imperfect level, gyroscope bias), a jump of the velocity
//! where samples are missing, and, shared by all repetitions, the accelerometer's bias `b`, the gyroscope's gain error `s`
//! and the error `l` of the lever arm from hip joint to sensor:
//!
//! ```text
//! x(t) = I2[a](t) - ( v t + e t^2/2 + c t^3/6 + I2[(R - R0) b](t) + I2[s phi x g](t) ) - (P(t) - P0) (lever + l)
//! ```
//!
//! (`R` sensor to level, `R0` its mean over the rests, where levelling hides the bias; `phi` the rotation since the start,
//! `P` pelvis to level, `I2` the double integral.) Soft knowledge makes this solvable by least squares: in both rests the
//! velocity is near zero on average and hardly changes (sway, less in height), the position returns nearly to where it was
//! (closure), each error is small, the hip moves on the supporting leg and the body stays in balance ([`crate::body::leg`], at a few
//! moments of each repetition), all with standard deviations. A bias shows because tilting turns it: the velocity then does
//! not come back to zero. The leg's relations are not linear: a few Gauss-Newton steps, with weights that let a repetition
//! leave them which does not obey. The posterior covariance, scaled by how well the priors fit this wearer (`unit_variance`),
//! is the stated uncertainty. Levelling at both ends follows the zero-velocity practice of pedestrian strapdown
//! \[Sabatini2005\]; the whole is estimator E4 of SCIENCE §4 (decision 0004).

use std::f64::consts::SQRT_2;
use std::ops::Range;

use nalgebra::{DMatrix, DVector, Matrix3, SMatrix, SVector, UnitQuaternion, Vector3};
use serde::Serialize;
use truehinge_core::STANDARD_GRAVITY;

use crate::body::leg::{Leg, Posture, StanceLean};

/// How well stances and sensor are known. Standard deviations, SI.
#[derive(Clone, Debug, Serialize)]
pub struct DisplacementParams {
    /// Velocity of the pelvis at any moment of a rest, m/s (sway on one leg, between repetitions).
    pub stance_speed: f64,
    /// How far the pelvis is in a rest from where it was in another moment of rest, m.
    pub closure: f64,
    /// The two along the vertical, as a share: who sways on a straight leg hardly goes up or down.
    pub vertical_sway: f64,
    /// Most of a rest that is used, s: more of it brings more of the gyroscope's bias than it takes away of sway.
    pub longest_rest_s: f64,
    /// Constant error of the acceleration after levelling, m/s²: nothing is known but what the rests say.
    pub level_error: f64,
    /// Growth of that error, m/s³: gravity times what is left of the gyroscope's bias, 0.09 deg/s.
    pub level_drift: f64,
    /// Accelerometer bias, m/s², each axis.
    pub accelerometer_bias: f64,
    /// Gain error of the gyroscope, as a share.
    pub gyroscope_gain: f64,
    /// Slide of the sensor on the skin per radian of pelvic tilt, m/rad (soft tissue; 0.1 mm per degree).
    pub slide_per_tilt: f64,
    /// Each component of the lever arm from hip joint to sensor, m.
    pub lever: f64,
    /// How far the hip joint is from where a leg of two rigid bars in one plane has it, m.
    pub chain: f64,
    /// How far the centre of mass moves fore or aft, m: from repetition to repetition, and in all repetitions of a person.
    pub balance: (f64, f64),
    /// Lean of the shank in a one-legged stance, rad: mean and standard deviation.
    pub shank_lean: (f64, f64),
    /// The same of the thigh.
    pub thigh_lean: (f64, f64),
    /// Degrees of freedom that say these are right for the wearer, against what the residuals show.
    pub doubt: f64,
}

impl DisplacementParams {
    /// Velocity averaged over a rest of this length: nobody goes further in it than people sway.
    fn mean_speed(&self, seconds: f64) -> f64 {
        self.stance_speed.recip().hypot(seconds / self.closure).recip()
    }
}

impl Default for DisplacementParams {
    fn default() -> Self {
        Self::from(&crate::method::Method::default())
    }
}

/// One repetition's data: from a stance, through the movement, to a stance.
#[derive(Clone, Debug)]
pub struct Window {
    /// Bias removed, sensor axes, rad/s.
    pub angular_rate: Vec<Vector3<f64>>,
    /// Sensor axes, m/s².
    pub specific_force: Vec<Vector3<f64>>,
    /// Rest before the movement, from the first point on.
    pub before: Range<usize>,
    /// Rest after it, to the last point.
    pub after: Range<usize>,
    /// Seconds between points.
    pub dt: f64,
    /// Points of the posture that displacements are measured from.
    pub base: Range<usize>,
    /// Missing samples.
    pub gap: Option<Gap>,
    /// Moments of the movement at which the leg's relations hold.
    pub postures: Vec<(usize, Posture)>,
    /// Where on the grid the window begins.
    pub from: usize,
}

/// Missing samples: the middle of the longest stretch of them, and what interpolation over all may hide (standard deviations).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gap {
    /// Point of the window.
    pub middle: usize,
    /// Change of velocity, m/s.
    pub speed: f64,
    /// Turn, rad.
    pub turn: f64,
}

/// What is the same for all windows of a set.
#[derive(Clone, Debug)]
pub struct Wearer {
    /// Sensor to pelvis.
    pub to_pelvis: UnitQuaternion<f64>,
    /// From the hip joint to the sensor, pelvis axes, m.
    pub lever: Vector3<f64>,
    /// The supporting leg.
    pub leg: Leg,
}

/// Displacement over one window, in a level frame with z up and the heading of the window's first point.
#[derive(Clone, Debug)]
pub struct Path {
    /// Where on the grid it begins.
    pub from: usize,
    /// Pelvis to level frame.
    pub pelvis: Vec<UnitQuaternion<f64>>,
    /// Where the pelvis faced in the base posture, horizontal and of unit length.
    pub forward: Vector3<f64>,
    /// Displacement of the sensor from the base posture, m.
    pub sensor: Vec<Vector3<f64>>,
    /// Displacement of the hip joint from the base posture, m.
    pub joint: Vec<Vector3<f64>>,
    /// Covariance of the hip joint's displacement, m².
    pub covariance: Vec<Matrix3<f64>>,
}

/// Most repetitions solved together: shared errors wander over minutes, and the cost grows with the cube.
const TOGETHER: usize = 12;

/// The paths of all windows of one set.
pub fn paths(windows: &[Window], wearer: &Wearer, params: &DisplacementParams) -> Vec<Path> {
    let strapped: Vec<Strapdown> = windows.iter().map(|window| Strapdown::new(window, wearer)).collect();
    strapped.chunks(TOGETHER).flat_map(|chunk| solve(chunk, &wearer.leg, params)).collect()
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

/// Shared unknowns: accelerometer bias, gyroscope gain, lever arm, lean of shank and thigh in the stance, the trunk's moment,
/// and how the person habitually shifts the centre of mass.
const SHARED: usize = 11;
const GAIN: usize = 3;
const LEVER: usize = 4;
const SHANK_LEAN: usize = 7;
const THIGH_LEAN: usize = 8;
const TRUNK: usize = 9;
const SHIFT: usize = 10;
/// The shared unknowns that are errors of the sensor and integrate.
const INTEGRATED: usize = 4;
/// Errors of one repetition on one axis: start velocity, constant and growing acceleration, and what missing samples hid: a
/// change of velocity, and a turn, which lets gravity in from then on.
const PER_AXIS: usize = 5;
const OWN: usize = 3 * PER_AXIS;
/// The axis that points up.
const VERTICAL: usize = 2;

/// One window integrated without any correction, with the effect of each unknown.
struct Strapdown {
    /// Pelvis to level.
    pelvis: Vec<UnitQuaternion<f64>>,
    forward: Vector3<f64>,
    measured: Integrated,
    shared: [Integrated; INTEGRATED],
    before: Range<usize>,
    after: Range<usize>,
    from: usize,
    base: Range<usize>,
    postures: Vec<(usize, Posture)>,
    lever: Vector3<f64>,
    dt: f64,
    gap: Option<Gap>,
}

impl Strapdown {
    fn new(window: &Window, wearer: &Wearer) -> Self {
        let (before, after) = (window.before.clone(), window.after.clone());
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
        let from_pelvis = wearer.to_pelvis.inverse();
        let pelvis: Vec<UnitQuaternion<f64>> = attitude.iter().map(|q| q * from_pelvis).collect();
        let facing = window.base.clone().map(|i| pelvis[i] * Vector3::x()).sum::<Vector3<f64>>();
        let forward = Vector3::new(facing.x, facing.y, 0.0).try_normalize(1e-9).unwrap_or_else(Vector3::x);
        Self {
            pelvis,
            forward,
            measured,
            shared,
            before,
            after,
            from: window.from,
            base: window.base.clone(),
            postures: window.postures.clone(),
            lever: wearer.lever,
            dt: window.dt,
            gap: window.gap,
        }
    }

    fn time(&self, i: usize) -> f64 {
        i as f64 * self.dt
    }

    /// Effect of a repetition's own errors of one axis on position (`order` 0) or velocity (`order` 1) at a point.
    fn own(&self, i: usize, order: usize) -> [f64; PER_AXIS] {
        let t = self.time(i);
        let since = self.gap.map_or(0.0, |gap| (t - self.time(gap.middle)).max(0.0));
        if order == 0 {
            [t, t * t / 2.0, t * t * t / 6.0, since, since * since / 2.0]
        } else {
            [1.0, t, t * t / 2.0, f64::from(u8::from(since > 0.0)), since]
        }
    }

    /// Observations less unknowns without a prior that says much: two velocities and their changes and a return, on three axes,
    /// less the start velocity and the level; and the leg's relations, each worth one over all postures.
    fn freedom(&self) -> f64 {
        let relations = self.postures.first().map_or(0.0, |(_, p)| if p.thigh_change.is_some() { 3.0 } else { 2.0 });
        15.0 - 6.0 + relations
    }

    fn pelvis_matrix(&self, i: usize) -> Matrix3<f64> {
        self.pelvis[i].to_rotation_matrix().into_inner()
    }

    /// Effect of the unknowns on the hip joint's position at a point: the shared ones, then this window's own.
    fn effect(&self, i: usize) -> Effect {
        let mut effect = Effect::zeros();
        for (k, shared) in self.shared.iter().enumerate() {
            effect.set_column(k, &shared.twice[i]);
        }
        effect.fixed_view_mut::<3, 3>(0, LEVER).copy_from(&self.pelvis_matrix(i));
        for axis in 0..3 {
            for (k, value) in self.own(i, 0).into_iter().enumerate() {
                effect[(axis, SHARED + PER_AXIS * axis + k)] = value;
            }
        }
        effect
    }

    fn base_mean<T: std::iter::Sum<T> + std::ops::Div<f64, Output = T>>(&self, of: impl Fn(usize) -> T) -> T {
        self.base.clone().map(of).sum::<T>() / self.base.len() as f64
    }
}

/// What each shared unknown and each of a window's own does to a position.
type Effect = SMatrix<f64, 3, { SHARED + OWN }>;

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

/// The normal equations of a least-squares problem whose rows are already divided by their standard deviations.
#[derive(Clone)]
struct System {
    normal: DMatrix<f64>,
    right: DVector<f64>,
    /// Sum of the squares of what was observed.
    squares: f64,
}

impl System {
    fn new(unknowns: usize) -> Self {
        Self { normal: DMatrix::zeros(unknowns, unknowns), right: DVector::zeros(unknowns), squares: 0.0 }
    }

    fn prior(&mut self, unknown: usize, mean: f64, sigma: f64) {
        self.observe_some([(unknown, sigma.recip())], mean / sigma);
    }

    /// One row, given by its columns that are not zero.
    fn observe_some(&mut self, row: impl IntoIterator<Item = (usize, f64)>, observed: f64) {
        let row: Vec<(usize, f64)> = row.into_iter().filter(|(_, value)| *value != 0.0).collect();
        for &(i, a) in &row {
            for &(j, b) in &row {
                self.normal[(i, j)] += a * b;
            }
            self.right[i] += a * observed;
        }
        self.squares += observed * observed;
    }

    /// Sum of the squared residuals that a solution leaves.
    fn misfit(&self, solution: &DVector<f64>) -> f64 {
        let explained = 2.0 * solution.dot(&self.right) - (&self.normal * solution).dot(solution);
        (self.squares - explained).max(0.0)
    }
}

/// Gauss-Newton steps: the leg's relations bend little over the errors of the first solution.
const STEPS: usize = 4;

fn solve(chunk: &[Strapdown], leg: &Leg, params: &DisplacementParams) -> Vec<Path> {
    let unknowns = SHARED + OWN * chunk.len();
    let linear = linear_rows(chunk, leg, unknowns, params);
    let traced: Vec<Traced> = chunk.iter().map(Traced::new).collect();
    let mut solution = DVector::zeros(unknowns);
    solution[SHANK_LEAN] = params.shank_lean.0;
    solution[THIGH_LEAN] = params.thigh_lean.0;
    solution[TRUNK] = leg.trunk.0;
    let mut covariance = DMatrix::zeros(unknowns, unknowns);
    for step in 0..=STEPS {
        let mut system = linear.clone();
        // The first step is the linear problem alone: the leg's relations need a sensible place to start from.
        if step > 0 {
            for (r, traced) in traced.iter().enumerate() {
                lean_on_leg(&mut system, traced, r, leg, &solution, params);
            }
        }
        // Every unknown has a prior or two velocity rows, so the matrix is positive definite.
        let Some(cholesky) = system.normal.clone().cholesky() else { break };
        solution = cholesky.solve(&system.right);
        if step == STEPS {
            covariance = cholesky.inverse() * unit_variance(system.misfit(&solution), chunk, params.doubt);
        }
    }
    traced.iter().enumerate().map(|(r, traced)| traced.path(&own_part(r, &solution, &covariance))).collect()
}

/// How the wearer's errors compare with the priors', as a variance: the a-posteriori variance of unit weight of least squares
/// \[Koch1999\]. Some people stand stiller than others, and the residuals show it. Drawn towards 1 by [`DisplacementParams::doubt`].
fn unit_variance(misfit: f64, chunk: &[Strapdown], doubt: f64) -> f64 {
    let freedom: f64 = chunk.iter().map(Strapdown::freedom).sum();
    (misfit + doubt) / (freedom + doubt)
}

fn linear_rows(chunk: &[Strapdown], leg: &Leg, unknowns: usize, params: &DisplacementParams) -> System {
    let mut system = System::new(unknowns);
    for axis in 0..3 {
        system.prior(axis, 0.0, params.accelerometer_bias);
        system.prior(LEVER + axis, 0.0, params.lever);
    }
    system.prior(GAIN, 0.0, params.gyroscope_gain);
    system.prior(SHANK_LEAN, params.shank_lean.0, params.shank_lean.1);
    system.prior(THIGH_LEAN, params.thigh_lean.0, params.thigh_lean.1);
    system.prior(TRUNK, leg.trunk.0, leg.trunk.1);
    system.prior(SHIFT, 0.0, params.balance.1);
    for (r, strapdown) in chunk.iter().enumerate() {
        for axis in 0..3 {
            let first = SHARED + OWN * r + PER_AXIS * axis;
            system.prior(first + 1, 0.0, params.level_error);
            system.prior(first + 2, 0.0, params.level_drift);
            // Where nothing is missing nothing is hidden; any prior keeps the unknown at zero.
            let (speed, turn) = strapdown.gap.map_or((1.0, 1.0), |gap| (gap.speed, gap.turn));
            system.prior(first + 3, 0.0, speed);
            system.prior(first + 4, 0.0, STANDARD_GRAVITY * turn);
            observe(&mut system, strapdown, axis, first, params);
        }
    }
    system
}

/// Solution and covariance of what enters one window's path: the shared unknowns and its own.
fn own_part(r: usize, solution: &DVector<f64>, covariance: &DMatrix<f64>) -> (Part, PartCovariance) {
    let at = |k: usize| if k < SHARED { k } else { OWN * r + k };
    (Part::from_fn(|i, _| solution[at(i)]), PartCovariance::from_fn(|i, j| covariance[(at(i), at(j))]))
}

type Part = SVector<f64, { SHARED + OWN }>;
type PartCovariance = SMatrix<f64, { SHARED + OWN }, { SHARED + OWN }>;

/// Points between two at which the covariance is computed: it changes slowly.
const POINTS_PER_KNOT: usize = 8;

/// A window with everything measured from its base posture.
struct Traced<'a> {
    strapdown: &'a Strapdown,
    effect: Effect,
    sensor: Vector3<f64>,
    arm: Vector3<f64>,
}

impl<'a> Traced<'a> {
    fn new(strapdown: &'a Strapdown) -> Self {
        Self {
            strapdown,
            effect: strapdown.base_mean(|i| strapdown.effect(i)),
            sensor: strapdown.base_mean(|i| strapdown.measured.twice[i]),
            arm: strapdown.base_mean(|i| strapdown.pelvis[i] * strapdown.lever),
        }
    }

    /// Effect of the unknowns on the displacement of the joint.
    fn effect(&self, i: usize) -> Effect {
        self.strapdown.effect(i) - self.effect
    }

    /// Displacement of the joint with all unknowns zero.
    fn uncorrected(&self, i: usize) -> Vector3<f64> {
        let arm = self.strapdown.pelvis[i] * self.strapdown.lever - self.arm;
        self.strapdown.measured.twice[i] - self.sensor - arm
    }

    fn path(&self, (part, covariance): &(Part, PartCovariance)) -> Path {
        let strapdown = self.strapdown;
        let points = 0..strapdown.pelvis.len();
        let mut path = Path {
            from: strapdown.from,
            pelvis: strapdown.pelvis.clone(),
            forward: strapdown.forward,
            sensor: Vec::with_capacity(points.len()),
            joint: Vec::with_capacity(points.len()),
            covariance: Vec::with_capacity(points.len()),
        };
        let lever = strapdown.lever + part.fixed_rows::<3>(LEVER);
        let arm = strapdown.base_mean(|i| strapdown.pelvis[i] * lever);
        for i in points {
            let effect = self.effect(i);
            let joint = self.uncorrected(i) - effect * part;
            path.joint.push(joint);
            path.sensor.push(joint + strapdown.pelvis[i] * lever - arm);
        }
        path.covariance = self.spread(covariance);
        path
    }

    /// Covariance of the joint's displacement at every point: computed at some, in a line between them.
    fn spread(&self, covariance: &PartCovariance) -> Vec<Matrix3<f64>> {
        let last = self.strapdown.pelvis.len() - 1;
        let knot = |i: usize| {
            let effect = self.effect(i.min(last));
            effect * covariance * effect.transpose()
        };
        let mut spread = Vec::with_capacity(last + 1);
        let mut before = knot(0);
        for start in (0..=last).step_by(POINTS_PER_KNOT) {
            let after = knot(start + POINTS_PER_KNOT);
            let share = |k: usize| k as f64 / POINTS_PER_KNOT as f64;
            spread.extend((0..POINTS_PER_KNOT).map(|k| before * (1.0 - share(k)) + after * share(k)));
            before = after;
        }
        spread.truncate(last + 1);
        spread
    }
}

/// Adds the leg's two relations at each posture of a window, linearised about the present solution.
fn lean_on_leg(
    system: &mut System,
    traced: &Traced<'_>,
    r: usize,
    leg: &Leg,
    solution: &DVector<f64>,
    params: &DisplacementParams,
) {
    let at = |k: usize| if k < SHARED { k } else { OWN * r + k };
    let part = Part::from_fn(|k, _| solution[at(k)]);
    // What the relations leave out lasts through a repetition: all its postures together are worth one.
    let share = (traced.strapdown.postures.len() as f64).sqrt();
    for &(i, posture) in &traced.strapdown.postures {
        let effect = traced.effect(i);
        let joint = traced.uncorrected(i) - effect * part;
        let (back, rise) = (-traced.strapdown.forward.dot(&joint), joint.z);
        let back_row = traced.strapdown.forward.transpose() * effect;
        let rise_row = -effect.row(2);
        let lean = StanceLean { shank: part[SHANK_LEAN], thigh: part[THIGH_LEAN] };
        let chain = |back: f64, lean: StanceLean| leg.rise(back, lean, posture);
        let mass = |back: f64, lean: StanceLean| leg.mass_forward(back, part[TRUNK], lean, posture);
        let relation = |of: &dyn Fn(f64, StanceLean) -> f64| {
            let h = 1e-5;
            let slope = |a: f64, b: f64| (a - b) / (2.0 * h);
            let shank = |d: f64| StanceLean { shank: lean.shank + d, ..lean };
            let thigh = |d: f64| StanceLean { thigh: lean.thigh + d, ..lean };
            let mut row = back_row * slope(of(back + h, lean), of(back - h, lean));
            row[SHANK_LEAN] += slope(of(back, shank(h)), of(back, shank(-h)));
            row[THIGH_LEAN] += slope(of(back, thigh(h)), of(back, thigh(-h)));
            row
        };
        let mut mass_row = relation(&mass);
        mass_row[TRUNK] += posture.pelvis.sin() - posture.pelvis_before.sin();
        mass_row[SHIFT] -= 1.0;
        let mut rows = vec![
            (rise_row - relation(&chain), rise - chain(back, lean), params.chain * share),
            (mass_row, mass(back, lean) - part[SHIFT], params.balance.0 * share),
        ];
        if let Some(change) = posture.thigh_change {
            let by_thigh = |back: f64, lean: StanceLean| back - leg.back_by_thigh(change, lean, posture).0;
            let (_, sigma) = leg.back_by_thigh(change, lean, posture);
            // The leg is no more of two rigid bars in one plane lengthwise than it is in height.
            rows.push((relation(&by_thigh), by_thigh(back, lean), sigma.hypot(params.chain) * share));
        }
        for (row, value, sigma) in rows {
            // A repetition that does not obey is let go: the weight of a heavy-tailed (Cauchy) error.
            let weight = (1.0 + (value / (2.0 * sigma)).powi(2)).sqrt().recip() / sigma;
            let observed = (row * part)[0] - value;
            system.observe_some((0..SHARED + OWN).map(|k| (at(k), row[k] * weight)), observed * weight);
        }
    }
}

/// What is known about one axis of one repetition: before and after it the person sways about one place, and it is the same.
fn observe(system: &mut System, strapdown: &Strapdown, axis: usize, first: usize, params: &DisplacementParams) {
    let mut push = |order: usize, value: &dyn Fn(AtPoint<'_>) -> f64, sigma: f64| {
        let pick = |integrated: &Integrated, i: usize| {
            if order == 0 { integrated.twice[i][axis] } else { integrated.once[i][axis] }
        };
        let shared = strapdown.shared.iter().enumerate().map(|(k, shared)| (k, value(&|i| pick(shared, i)) / sigma));
        let own = (0..PER_AXIS).map(|k| (first + k, value(&|i| strapdown.own(i, order)[k]) / sigma));
        system.observe_some(shared.chain(own), value(&|i| pick(&strapdown.measured, i)) / sigma);
    };
    let share = if axis == VERTICAL { params.vertical_sway } else { 1.0 };
    let (before, after) = (&strapdown.before, &strapdown.after);
    for rest in [before, after] {
        let mean_speed = params.mean_speed(rest.len() as f64 * strapdown.dt);
        push(1, &|f| mean(rest, f), share * mean_speed);
        // What the level is told by: a mean acceleration that is not zero is a change of velocity.
        push(1, &|f| f(rest.end - 1) - f(rest.start), share * SQRT_2 * params.stance_speed);
    }
    push(0, &|f| mean(after, f) - mean(before, f), share * params.closure);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;
    use truehinge_core::{Anthropometry, Stance};

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
            let window = Window {
                angular_rate: rates,
                specific_force: forces,
                before: 0..self.stance,
                after: points - self.stance..points,
                dt: Self::DT,
                base: 0..self.stance,
                gap: None,
                postures: Vec::new(),
                from: 0,
            };
            (window, truth)
        }
    }

    fn worst(path: &Path, truth: &[f64]) -> f64 {
        path.sensor.iter().zip(truth).map(|(p, t)| (p.x - t).abs()).fold(0.0, f64::max)
    }

    /// A sensor in the hip joint, with the axes of the pelvis.
    fn wearer() -> Wearer {
        let leg = Leg::new(&Anthropometry::default(), Stance::OneLeg);
        Wearer { to_pelvis: UnitQuaternion::identity(), lever: Vector3::zeros(), leg }
    }

    fn hinge(moving: usize) -> Bell {
        Bell { size: -0.06, tilt: 0.6, stance: 30, moving }
    }

    #[test]
    fn a_clean_movement_is_recovered() {
        let (window, truth) = hinge(250).window(Vector3::zeros(), 0.0);
        let paths = paths(&[window], &wearer(), &DisplacementParams::default());
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
        let corrected = paths(&[window.clone(), window.clone()], &wearer(), &statue);
        let blind = DisplacementParams { accelerometer_bias: 1e-9, ..DisplacementParams::default() };
        let uncorrected = paths(&[window.clone(), window], &wearer(), &blind);
        assert!(worst(&uncorrected[0], &truth) > 0.02, "{}", worst(&uncorrected[0], &truth));
        assert!(worst(&corrected[0], &truth) < 0.008, "{}", worst(&corrected[0], &truth));
    }

    #[test]
    fn what_a_gap_hid_is_found_again_at_the_end() {
        // Samples are missing while the hip brakes on its way back: a line through the gap loses a third of a second of it.
        let bell = hinge(250);
        let (mut window, truth) = bell.window(Vector3::zeros(), 0.0);
        let complete = window.clone();
        let gap = bell.stance + 60..bell.stance + 85;
        let (first, last) = (window.specific_force[gap.start], window.specific_force[gap.end]);
        let (turning, turned) = (window.angular_rate[gap.start], window.angular_rate[gap.end]);
        for i in gap.clone() {
            let share = (i - gap.start) as f64 / gap.len() as f64;
            window.specific_force[i] = first.lerp(&last, share);
            window.angular_rate[i] = turning.lerp(&turned, share);
        }
        let known = Gap { middle: gap.start + gap.len() / 2, speed: 0.12, turn: 0.02 };
        let told = Window { gap: Some(known), ..window.clone() };
        let params = DisplacementParams::default();
        let path = |window: Window| paths(&[window], &wearer(), &params).remove(0);
        let (blind, told, complete) = (&path(window), &path(told), &path(complete));
        assert!(worst(told, &truth) < 0.7 * worst(blind, &truth), "{} {}", worst(told, &truth), worst(blind, &truth));
        let middle = bell.stance + bell.moving / 2;
        assert!(told.covariance[middle][(0, 0)] > complete.covariance[middle][(0, 0)]);
    }

    #[test]
    fn a_wearer_who_does_not_come_to_rest_is_less_certain() {
        let bell = hinge(250);
        let window = bell.window(Vector3::zeros(), 0.0).0;
        let drifting = |speed: f64| {
            let mut window = window.clone();
            // Pushed in the middle, and still moving at the end.
            for force in &mut window.specific_force[bell.stance + 100..bell.stance + 120] {
                force.y += speed / 0.2;
            }
            window
        };
        let sigma = |speed: f64| {
            let windows = [0.0, 1.0, -1.0].map(|sign| drifting(sign * speed));
            let path = &paths(&windows, &wearer(), &DisplacementParams::default())[0];
            path.covariance[bell.stance + bell.moving / 2][(0, 0)].sqrt()
        };
        // Twenty times as fast as people sway.
        let fast = 20.0 * DisplacementParams::default().stance_speed;
        assert!(sigma(fast) > 1.5 * sigma(0.0), "{} {}", sigma(fast), sigma(0.0));
    }

    #[test]
    fn longer_rests_are_more_certain() {
        let sigma = |stance: usize| {
            let bell = Bell { stance, ..hinge(400) };
            let (window, _) = bell.window(Vector3::zeros(), 0.0);
            paths(&[window], &wearer(), &DisplacementParams::default())[0].covariance[stance + 200][(0, 0)].sqrt()
        };
        assert!(sigma(200) < 0.8 * sigma(30), "{} {}", sigma(200), sigma(30));
    }

    #[test]
    fn longer_movements_are_less_certain() {
        let sigma = |moving: usize| {
            let (window, _) = hinge(moving).window(Vector3::zeros(), 0.0);
            paths(&[window], &wearer(), &DisplacementParams::default())[0].covariance[30 + moving / 2][(0, 0)].sqrt()
        };
        assert!(sigma(500) > sigma(250) && sigma(250) > sigma(150));
        assert!(sigma(250) > 1e-3 && sigma(250) < 0.05, "{}", sigma(250));
    }

    /// The hinge's window with what its leg did: a still shank, and a pelvis that leaned as balance wants or not.
    fn on_a_leg(bell: &Bell, obeys: bool) -> (Window, Vec<f64>) {
        let (mut window, truth) = bell.window(Vector3::zeros(), 0.0);
        let leg = wearer().leg;
        let base = StanceLean { shank: 0.0, thigh: 0.0 };
        window.postures = [3, 5, 7]
            .iter()
            .map(|share| {
                let i = bell.stance + share * bell.moving / 10;
                // The lean at which the centre of mass stays where it was, found by halving.
                let (mut low, mut high) = (0.0, 1.2);
                for _ in 0..50 {
                    let pelvis = 0.5 * (low + high);
                    let posture = Posture { shank_change: 0.0, thigh_change: None, pelvis_before: 0.0, pelvis };
                    if leg.mass_forward(-truth[i], leg.trunk.0, base, posture) < 0.0 {
                        low = pelvis;
                    } else {
                        high = pelvis;
                    }
                }
                (
                    i,
                    Posture {
                        shank_change: 0.0,
                        thigh_change: None,
                        pelvis_before: 0.0,
                        pelvis: if obeys { low } else { -low },
                    },
                )
            })
            .collect();
        (window, truth)
    }

    #[test]
    fn a_leg_and_balance_make_the_hip_more_certain_and_keep_it_right() {
        // No vertical in this movement, so the chain is left out.
        let params = DisplacementParams { chain: 10.0, ..DisplacementParams::default() };
        let bell = hinge(400);
        let (window, truth) = on_a_leg(&bell, true);
        let alone = Window { postures: Vec::new(), ..window.clone() };
        let middle = bell.stance + bell.moving / 2;
        let sigma = |path: &Path| path.covariance[middle][(0, 0)].sqrt();
        let (with, without) = (&paths(&[window], &wearer(), &params)[0], &paths(&[alone], &wearer(), &params)[0]);
        assert!(sigma(with) < 0.85 * sigma(without), "{} {}", sigma(with), sigma(without));
        let error = (with.joint[middle].x - truth[middle]).abs();
        assert!(error < 0.002, "{error}");
    }

    #[test]
    fn a_body_out_of_balance_pulls_less_than_its_prior_says() {
        let bell = hinge(250);
        let (window, truth) = on_a_leg(&bell, false);
        let middle = bell.stance + bell.moving / 2;
        let path =
            &paths(&[window], &wearer(), &DisplacementParams { chain: 10.0, ..DisplacementParams::default() })[0];
        // Balance would have the hip 12 cm further forward; by the priors' plain weights it would come more than half-way.
        let error = (path.joint[middle].x - truth[middle]).abs();
        assert!(error < 0.04, "{error}");
    }
}
