//! The least-squares adjustment of all repetitions of a set: soft knowledge in, the unknowns and their covariance out.
//!
//! Every row of the problem is divided by its standard deviation and says which [`ErrorSource`]s that deviation comes from. The
//! solution is linear in the rows, so its variance is the sum of what each row brings to it (law of propagation of uncertainty):
//!
//! ```text
//! x = C sum a_r y_r,   C = (sum a_r a_r^T)^-1,   var(h x) = h C h^T = sum (a_r C h^T)^2
//! ```
//!
//! [`Posterior::parts`] gives that sum row by row, which is how a hip's travel comes to know what it is uncertain by.

use std::f64::consts::SQRT_2;
use std::sync::Arc;

use nalgebra::{DMatrix, DVector, RowVector3};
use truehinge_core::{Budget, ErrorSource, STANDARD_GRAVITY};

use super::arrow::Arrow;
use super::posterior::{Posterior, Row};
use super::rests::{Reading, RestReadings};
use super::strapdown::Strapdown;
use super::traced::Traced;
use super::unknowns::{
    ENTERING, GAIN, INTEGRATED, LEVER, OWN, PER_AXIS, Part, SHANK_LEAN, SHARED, SHIFT, THIGH_LEAN, TRUNK, VERTICAL,
    place,
};
use super::{Agreement, Path};
use crate::body::leg::{Leg, Posture, StanceLean};
use crate::method::{HipPath, HipRest};

/// The normal equations of a least-squares problem, and the rows they are made of.
struct System {
    /// Only its lower triangle: the matrix is symmetric.
    normal: DMatrix<f64>,
    right: DVector<f64>,
    /// Sum of the squares of what was observed.
    squares: f64,
    /// Where rows are kept; `None` if nobody will ask for them.
    rows: Option<Vec<Row>>,
    /// Columns of the row at hand.
    columns: Vec<(usize, f64)>,
}

impl System {
    fn new(unknowns: usize) -> Self {
        Self {
            normal: DMatrix::zeros(unknowns, unknowns),
            right: DVector::zeros(unknowns),
            squares: 0.0,
            rows: Some(Vec::new()),
            columns: Vec::new(),
        }
    }

    /// The same equations, its rows left to the one that has them; new ones are kept only if somebody will ask for them.
    fn continued(&self, keeps_rows: bool) -> Self {
        let (normal, right) = (self.normal.clone(), self.right.clone());
        Self { normal, right, squares: self.squares, rows: keeps_rows.then(Vec::new), columns: Vec::new() }
    }

    fn prior(&mut self, unknown: usize, mean: f64, sigma: f64, source: ErrorSource) {
        self.observe([(unknown, sigma.recip())], mean / sigma, Budget::of(source, sigma));
    }

    /// One row, given by its columns that are not zero.
    fn observe(&mut self, row: impl IntoIterator<Item = (usize, f64)>, observed: f64, noise: Budget) {
        self.columns.clear();
        self.columns.extend(row.into_iter().filter(|(_, value)| *value != 0.0));
        for (n, &(i, a)) in self.columns.iter().enumerate() {
            for &(j, b) in &self.columns[n..] {
                self.normal[(i.max(j), i.min(j))] += a * b;
            }
            self.right[i] += a * observed;
        }
        self.squares += observed * observed;
        if let Some(rows) = &mut self.rows {
            rows.push(Row { columns: self.columns.clone(), noise });
        }
    }

    /// Sum of the squared residuals that a solution leaves.
    fn misfit(&mut self, solution: &DVector<f64>) -> f64 {
        self.normal.fill_upper_triangle_with_lower_triangle();
        let explained = 2.0 * solution.dot(&self.right) - (&self.normal * solution).dot(solution);
        (self.squares - explained).max(0.0)
    }
}

/// Which way the shank leans.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sense {
    /// As its sensor was aligned.
    Aligned,
    /// The other way: its front was taken for its back.
    Reversed,
}

/// The problem of repetitions that are solved together.
struct Problem<'a> {
    linear: System,
    traced: Vec<Traced<'a>>,
    leg: &'a Leg,
    method: &'a HipPath,
    unknowns: usize,
}

/// The paths of repetitions that are solved together, and how well everything that is known agrees in them.
pub(super) fn solve(chunk: &[Strapdown], leg: &Leg, method: &HipPath) -> (Vec<Path>, Agreement) {
    let unknowns = SHARED + OWN * chunk.len();
    let mut problem = Problem {
        linear: linear_rows(chunk, leg, unknowns, method),
        traced: chunk.iter().map(|strapdown| Traced::new(strapdown, method.covariance_points)).collect(),
        leg,
        method,
        unknowns,
    };
    let (solution, last) = problem.solved(Sense::Aligned);
    let misfit = problem.misfit(&solution, Sense::Aligned);
    let (reversed, _) = problem.solved(Sense::Reversed);
    let freedom: f64 = chunk.iter().map(Strapdown::freedom).sum();
    let agreement = Agreement { misfit, reversed: problem.misfit(&reversed, Sense::Reversed), freedom };
    let mut posterior =
        Posterior { covariance: DMatrix::zeros(unknowns, unknowns), unit_variance: 1.0, rows: Vec::new() };
    if let Some((mut system, arrow)) = last {
        let unit_variance = unit_variance(system.misfit(&solution), freedom, method.prior_freedom_count);
        let mut rows = problem.linear.rows.take().unwrap_or_default();
        rows.extend(system.rows.take().unwrap_or_default());
        posterior = Posterior { covariance: arrow.inverse() * unit_variance, unit_variance, rows };
    }
    let posterior = Arc::new(posterior);
    let path = |(r, traced): (usize, &Traced<'_>)| {
        traced.path(r, &own_part(r, &solution), &posterior.of_part(r), Arc::clone(&posterior))
    };
    (problem.traced.iter().enumerate().map(path).collect(), agreement)
}

impl Problem<'_> {
    /// The solution, with the equations of the last step and their factors; without these where they have no solution.
    fn solved(&self, sense: Sense) -> (DVector<f64>, Option<(System, Arrow)>) {
        let mut solution = DVector::zeros(self.unknowns);
        solution[SHANK_LEAN] = self.method.leg.shank_lean_deg.to_radians();
        solution[THIGH_LEAN] = self.method.leg.thigh_lean_deg.to_radians();
        solution[TRUNK] = self.leg.trunk.0;
        let mut last = None;
        for step in 0..=self.method.steps_count {
            let mut system = self.linear.continued(step == self.method.steps_count && sense == Sense::Aligned);
            // The first step is the linear problem alone: the leg's relations need a sensible place to start from.
            if step > 0 {
                self.observe_leg(&mut system, &solution, sense);
            }
            // Every unknown has a prior or two velocity rows, so the matrix is positive definite.
            let Some(arrow) = Arrow::new(&system.normal) else { return (solution, None) };
            solution = arrow.solve(&system.right);
            last = Some((system, arrow));
        }
        (solution, last)
    }

    /// Adds the leg's relations at each posture of each repetition, linearised about the present solution.
    fn observe_leg(&self, system: &mut System, solution: &DVector<f64>, sense: Sense) {
        for (r, moment, share) in self.moments(solution, sense) {
            for (row, value, noise) in moment.relations(self.method) {
                let noise = noise * share;
                // An outlier is downweighted: the weight of a heavy-tailed (Cauchy) error.
                let sigma = noise.sigma();
                let weight = (1.0 + (value / (self.method.outlier_sigmas * sigma)).powi(2)).sqrt().recip() / sigma;
                let observed = (row * moment.part)[0] - value;
                system.observe((0..ENTERING).map(|k| (place(r, k), row[k] * weight)), observed * weight, noise);
            }
        }
    }

    /// What a solution leaves unexplained of all that is known: twice a negative log likelihood. Squares of what is linear, and of the leg's
    /// relations what the heavy-tailed (Cauchy) error makes of them that their weights stand for.
    fn misfit(&mut self, solution: &DVector<f64>, sense: Sense) -> f64 {
        let linear = self.linear.misfit(solution);
        let limit = self.method.outlier_sigmas;
        let of_leg = self.moments(solution, sense).flat_map(|(_, moment, share)| {
            let relations = moment.relations(self.method).into_iter();
            relations.map(move |(_, value, noise)| (value / (limit * (noise * share).sigma())).powi(2).ln_1p())
        });
        linear + limit * limit * of_leg.sum::<f64>()
    }

    /// The leg at each posture of each repetition, with the repetition's number and what its noise grows by: what the relations leave out
    /// lasts through a repetition, so all its postures together are worth one.
    fn moments<'s>(
        &'s self,
        solution: &'s DVector<f64>,
        sense: Sense,
    ) -> impl Iterator<Item = (usize, Moment<'s>, f64)> {
        self.traced.iter().enumerate().flat_map(move |(r, traced)| {
            let (part, postures) = (own_part(r, solution), &traced.strapdown.postures);
            let share = (postures.len() as f64).sqrt();
            postures.iter().map(move |&(i, posture)| {
                let change = if sense == Sense::Reversed { -posture.shank_change } else { posture.shank_change };
                let posture = Posture { shank_change: change, ..posture };
                (r, Moment::new(traced, i, posture, self.leg, part), share)
            })
        })
    }
}

/// How the wearer's errors compare with the priors', as a variance: the a-posteriori variance of unit weight of least squares
/// \[Koch1999\]. Some people stand stiller than others, and the residuals show it. Shrunk towards 1 by `prior` degrees of freedom.
pub(super) fn unit_variance(misfit: f64, freedom: f64, prior: f64) -> f64 {
    (misfit + prior) / (freedom + prior)
}

/// What enters one repetition's path of a solution.
fn own_part(r: usize, solution: &DVector<f64>) -> Part {
    Part::from_fn(|k, _| solution[place(r, k)])
}

/// All that is known beside the leg's relations: priors, and the rests.
fn linear_rows(chunk: &[Strapdown], leg: &Leg, unknowns: usize, method: &HipPath) -> System {
    use ErrorSource::{BodyModel, Drift, Gap, LeverArm, Scale};
    let (sensor, body) = (&method.sensor, &method.leg);
    let mut system = System::new(unknowns);
    for axis in 0..3 {
        system.prior(axis, 0.0, sensor.accelerometer_bias_m_per_s2, Drift);
        system.prior(LEVER + axis, 0.0, sensor.lever_m, LeverArm);
    }
    system.prior(GAIN, 0.0, sensor.gyroscope_gain_share, Scale);
    let lean = (body.shank_lean_deg.to_radians(), body.shank_lean_sigma_deg.to_radians());
    system.prior(SHANK_LEAN, lean.0, lean.1, BodyModel);
    let lean = (body.thigh_lean_deg.to_radians(), body.thigh_lean_sigma_deg.to_radians());
    system.prior(THIGH_LEAN, lean.0, lean.1, BodyModel);
    system.prior(TRUNK, leg.trunk.0, leg.trunk.1, BodyModel);
    system.prior(SHIFT, 0.0, body.habit_m, BodyModel);
    for (r, strapdown) in chunk.iter().enumerate() {
        let rests = RestReadings::of(strapdown);
        for axis in 0..3 {
            let first = SHARED + OWN * r + PER_AXIS * axis;
            system.prior(first + 1, 0.0, sensor.level_error_m_per_s2, Drift);
            system.prior(first + 2, 0.0, sensor.level_drift_m_per_s3, Drift);
            // Where nothing is missing nothing is hidden; any prior keeps the unknown at zero.
            let (speed, turn) = strapdown.gap.map_or((1.0, 1.0), |gap| (gap.speed, gap.turn));
            system.prior(first + 3, 0.0, speed, Gap);
            system.prior(first + 4, 0.0, STANDARD_GRAVITY * turn, Gap);
            observe_rests(&mut system, &rests, axis, first, &method.rest);
        }
    }
    system
}

/// What is known about one axis of one repetition: before and after it the person sways about one place, and it is the same.
fn observe_rests(system: &mut System, rests: &RestReadings, axis: usize, first: usize, method: &HipRest) {
    let mut push = |reading: &Reading, sigma: f64| {
        let shared = (0..INTEGRATED).map(|k| (k, reading.shared(k, axis) / sigma));
        let own = (0..PER_AXIS).map(|k| (first + k, reading.own(k) / sigma));
        system.observe(shared.chain(own), reading.measured(axis) / sigma, Budget::of(ErrorSource::Zero, sigma));
    };
    let share = if axis == VERTICAL { method.vertical_sway_share } else { 1.0 };
    for rest in &rests.both {
        push(&rest.speed, share * mean_speed(rest.seconds, method));
        // What the level is told by: a mean acceleration that is not zero is a change of velocity.
        push(&rest.gained, share * SQRT_2 * method.stance_speed_m_per_s);
    }
    push(&rests.moved, share * method.closure_m);
}

/// Velocity averaged over a rest of this length, m/s: nobody goes further in it than people sway.
fn mean_speed(seconds: f64, method: &HipRest) -> f64 {
    method.stance_speed_m_per_s.recip().hypot(seconds / method.closure_m).recip()
}

/// Mathematics: step of the central differences, m and rad: small against what the leg's relations bend over, large against
/// rounding.
const STEP: f64 = 1e-5;

/// How an unknown of one repetition enters a relation.
type RelationRow = nalgebra::RowSVector<f64, ENTERING>;

/// The leg at one posture of a repetition, by the present solution.
struct Moment<'a> {
    leg: &'a Leg,
    posture: Posture,
    part: Part,
    lean: StanceLean,
    /// How far the hip went back and up, m.
    back: f64,
    rise: f64,
    back_row: RelationRow,
    rise_row: RelationRow,
}

impl<'a> Moment<'a> {
    fn new(traced: &Traced<'_>, i: usize, posture: Posture, leg: &'a Leg, part: Part) -> Self {
        let effect = traced.effect(i);
        let joint = traced.uncorrected(i) - effect * part;
        let forward: RowVector3<f64> = traced.strapdown.forward.transpose();
        Self {
            leg,
            posture,
            part,
            lean: StanceLean { shank: part[SHANK_LEAN], thigh: part[THIGH_LEAN] },
            back: -traced.strapdown.forward.dot(&joint),
            rise: joint.z,
            back_row: forward * effect,
            rise_row: -effect.row(2),
        }
    }

    /// Slopes of a function of the hip's travel and the stance's lean.
    fn slopes(&self, of: &dyn Fn(f64, StanceLean) -> f64) -> RelationRow {
        let (back, lean) = (self.back, self.lean);
        let slope = |a: f64, b: f64| (a - b) / (2.0 * STEP);
        let shank = |d: f64| StanceLean { shank: lean.shank + d, ..lean };
        let thigh = |d: f64| StanceLean { thigh: lean.thigh + d, ..lean };
        let mut row = self.back_row * slope(of(back + STEP, lean), of(back - STEP, lean));
        row[SHANK_LEAN] += slope(of(back, shank(STEP)), of(back, shank(-STEP)));
        row[THIGH_LEAN] += slope(of(back, thigh(STEP)), of(back, thigh(-STEP)));
        row
    }

    /// Each relation: its row, by how much it is missed, and what it holds to.
    fn relations(&self, method: &HipPath) -> Vec<(RelationRow, f64, Budget)> {
        let Self { leg, posture, part, lean, back, .. } = *self;
        let model = |sigma: f64| Budget::of(ErrorSource::BodyModel, sigma);
        let chain = |back: f64, lean: StanceLean| leg.rise(back, lean, posture);
        let mass = |back: f64, lean: StanceLean| leg.mass_forward(back, part[TRUNK], lean, posture);
        let mut mass_row = self.slopes(&mass);
        mass_row[TRUNK] += posture.pelvis.sin() - posture.pelvis_before.sin();
        mass_row[SHIFT] -= 1.0;
        let mut rows = vec![
            (self.rise_row - self.slopes(&chain), self.rise - chain(back, lean), model(method.leg.chain_m)),
            (mass_row, mass(back, lean) - part[SHIFT], model(method.leg.balance_m)),
        ];
        if let Some((change, budget)) = posture.thigh_change {
            let by_thigh = |back: f64, lean: StanceLean| back - leg.back_by_thigh(change, lean, posture);
            // The leg is no more of two rigid bars in one plane lengthwise than it is in height.
            let noise = leg.back_by_thigh_budget(budget).and(model(method.leg.chain_m));
            rows.push((self.slopes(&by_thigh), by_thigh(back, lean), noise));
        }
        rows
    }
}
