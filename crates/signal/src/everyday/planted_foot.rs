//! Whether the foot stood: the shank's sensor then moves on a circle about one point, the ankle.
//!
//! With the specific force `f`, the upward vertical `u`, the angular rate `w` and its derivative `a`, all in the sensor's frame, and
//! the sensor at `r` from that point (kinematics of a rigid body):
//!
//! ```text
//! f - g u = a x r + w x (w x r) + b
//! ```
//!
//! `r` and the accelerometer's bias `b` are found by least squares. What is left over, and how much of the acceleration was explained, say
//! whether there was such a point. Not every box takes both at the same moment, so the foot is said to have moved only if no lag between
//! them explains it.

use std::ops::Range;

use nalgebra::{Matrix3, Matrix3x6, Matrix6, Vector3, Vector6};
use truehinge_core::{Earth, Rejection, STANDARD_GRAVITY, SampleRate, frame::Direction};

use crate::grid::PoseTrack;
use crate::math::filter::low_pass;
use crate::math::points::points;
use crate::method::PlantedFoot;

/// A shank whose sensor can be asked for the foot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Foot<'a> {
    pub shank: &'a PoseTrack,
    pub rate: SampleRate,
    pub numbers: &'a PlantedFoot,
}

impl Foot<'_> {
    /// The reason to say that the foot moved: at no lag between gyroscope and accelerometer the shank turned about one point. `None`
    /// also where data are missing.
    pub fn moved(&self, movement: &Range<usize>) -> Option<Rejection> {
        let range = self.around(movement)?;
        let numbers = self.numbers;
        let stood = |fit: &Fit| {
            fit.unexplained <= numbers.unexplained_m_per_s2 || fit.explained_share >= numbers.explained_share
        };
        let together = self.fit(&range, 0);
        let lags = || self.lags().any(|lag| stood(&self.fit(&range, lag)));
        (!stood(&together) && !lags()).then_some(Rejection::FootMoved { unexplained_m_per_s2: together.unexplained })
    }

    /// The movement and what lies around it, if there are data.
    fn around(&self, movement: &Range<usize>) -> Option<Range<usize>> {
        let around = points(self.numbers.around_s, self.rate);
        let range = movement.start.saturating_sub(around)..(movement.end + around).min(self.shank.poses.len());
        self.shank.measured[range.clone()].iter().all(|measured| *measured).then_some(range)
    }

    /// Lags of the accelerometer, in points, both ways.
    fn lags(&self) -> impl Iterator<Item = isize> {
        let most = points(self.numbers.most_lag_s, self.rate).cast_signed();
        let step = points(self.numbers.lag_step_s, self.rate);
        (-most..=most).step_by(step)
    }

    fn fit(&self, range: &Range<usize>, lag: isize) -> Fit {
        Fit::of(&self.accelerations(range, lag), &self.turns(range, lag))
    }

    /// What the gyroscope said at a point of the accelerometer's time.
    fn lagged(&self, i: usize, lag: isize) -> usize {
        i.saturating_add_signed(-lag).min(self.shank.poses.len() - 1)
    }

    /// Of the sensor, m/s², low-passed.
    fn accelerations(&self, range: &Range<usize>, lag: isize) -> Vec<Vector3<f64>> {
        let free = range.clone().map(|i| {
            let pose = self.shank.poses[self.lagged(i, lag)];
            let up = pose.inverse().apply(Direction::<Earth>::new(0.0, 0.0, 1.0)).vector();
            self.shank.specific_force[i].vector() - up * STANDARD_GRAVITY
        });
        self.smooth(&free.collect::<Vec<_>>())
    }

    /// What a lever turns into accelerations by, at each point: `a x` and `w x w x` in one matrix.
    fn turns(&self, range: &Range<usize>, lag: isize) -> Vec<Matrix3<f64>> {
        let rate_at = |i: usize| self.shank.angular_rate[self.lagged(i, lag)].vector();
        let rates = self.smooth(&range.clone().map(rate_at).collect::<Vec<_>>());
        let last = rates.len().saturating_sub(1);
        let derivative = |i: usize| {
            let (before, after) = (i.saturating_sub(1), (i + 1).min(last));
            (rates[after] - rates[before]) * (self.rate.hertz() / (after - before).max(1) as f64)
        };
        let turning = |(i, rate): (usize, &Vector3<f64>)| {
            derivative(i).cross_matrix() + rate.cross_matrix() * rate.cross_matrix()
        };
        rates.iter().enumerate().map(turning).collect()
    }

    fn smooth(&self, vectors: &[Vector3<f64>]) -> Vec<Vector3<f64>> {
        let axis = |axis: usize| {
            let component: Vec<f64> = vectors.iter().map(|vector| vector[axis]).collect();
            low_pass(&component, self.rate, self.numbers.smoothing_hz)
        };
        let (x, y, z) = (axis(0), axis(1), axis(2));
        x.into_iter().zip(y).zip(z).map(|((x, y), z)| Vector3::new(x, y, z)).collect()
    }
}

/// How well a turn about one point explains accelerations.
#[derive(Clone, Copy, Debug)]
struct Fit {
    /// Root mean square of what is left over, m/s².
    unexplained: f64,
    /// Of the accelerations' variance.
    explained_share: f64,
}

impl Fit {
    fn of(accelerations: &[Vector3<f64>], turns: &[Matrix3<f64>]) -> Self {
        let mut normal = Matrix6::zeros();
        let mut right = Vector6::zeros();
        for (acceleration, turn) in accelerations.iter().zip(turns) {
            let row = row(turn);
            normal += row.transpose() * row;
            right += row.transpose() * acceleration;
        }
        let count = accelerations.len().max(1) as f64;
        // A hair of a ridge: a shank that does not turn shows no lever.
        let ridge = Matrix6::identity() * (1e-9 * count);
        let unknowns = (normal + ridge).cholesky().map_or_else(Vector6::zeros, |solver| solver.solve(&right));
        let mean = accelerations.iter().sum::<Vector3<f64>>() / count;
        let spread: f64 = accelerations.iter().map(|a| (a - mean).norm_squared()).sum();
        let left: f64 =
            accelerations.iter().zip(turns).map(|(a, turn)| (a - row(turn) * unknowns).norm_squared()).sum();
        let explained_share = if spread > 0.0 { 1.0 - left / spread } else { 1.0 };
        Self { unexplained: (left / count).sqrt(), explained_share }
    }
}

/// What the unknowns, lever and bias, make of an acceleration.
fn row(turn: &Matrix3<f64>) -> Matrix3x6<f64> {
    let mut row = Matrix3x6::zeros();
    row.fixed_columns_mut::<3>(0).copy_from(turn);
    row.fixed_columns_mut::<3>(3).fill_with_identity();
    row
}
