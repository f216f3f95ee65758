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
        self.smooth(&free.collect::<Vec<_>>()).into_iter().step_by(self.step()).collect()
    }

    /// Points between those that the fit takes.
    fn step(&self) -> usize {
        // number: four in a swing at the end of the low-pass, twice what sampling needs
        points(0.25 / self.numbers.smoothing_hz, self.rate)
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
        let turning = |i: usize| derivative(i).cross_matrix() + rates[i].cross_matrix() * rates[i].cross_matrix();
        (0..rates.len()).step_by(self.step()).map(turning).collect()
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

#[cfg(test)]
mod tests {
    use nalgebra::UnitQuaternion;
    use truehinge_core::{AngularRate, Rotation, SensorRole, SpecificForce};

    use super::*;
    use crate::method::Method;

    const HERTZ: f64 = 100.0;

    /// A shank that nods once in 2 s by 15 degrees, 0.25 m above its pivot, which moves sideways and back by so much, m; the
    /// accelerometer comes so many points late.
    fn nodding(pivot_m: f64, late: usize) -> PoseTrack {
        let (length, mounting) = (600_usize, UnitQuaternion::from_euler_angles(0.4, -0.9, 2.0));
        let bell = |t: f64| 0.5 * (1.0 - (std::f64::consts::PI * (t - 2.0)).cos());
        let inside = |t: f64| (2.0..4.0).contains(&t);
        let angle = |t: f64| if inside(t) { 15.0_f64.to_radians() * bell(t) } else { 0.0 };
        let shift = |t: f64| if inside(t) { pivot_m * bell(t) } else { 0.0 };
        let pose = |t: f64| UnitQuaternion::from_axis_angle(&Vector3::y_axis(), angle(t)) * mounting;
        let place = |t: f64| {
            let lever = UnitQuaternion::from_axis_angle(&Vector3::y_axis(), angle(t)) * Vector3::new(0.03, 0.0, 0.25);
            lever + Vector3::new(0.0, shift(t), 0.0)
        };
        let step = 1.0 / HERTZ;
        let force = |t: f64| {
            let acceleration = (place(t + step) - 2.0 * place(t) + place(t - step)) / (step * step);
            pose(t).inverse() * (acceleration + Vector3::new(0.0, 0.0, STANDARD_GRAVITY))
        };
        let rate = |t: f64| (pose(t).inverse() * pose(t + step)).scaled_axis() / step;
        let times: Vec<f64> = (0..length).map(|i| i as f64 * step).collect();
        let delay = late as f64 * step;
        PoseTrack {
            role: SensorRole::Shank,
            // CLAIM: a test pose.
            poses: times.iter().map(|&t| Rotation::assert_maps(pose(t))).collect(),
            angular_rate: times.iter().map(|&t| AngularRate::from_vector(rate(t))).collect(),
            specific_force: times.iter().map(|&t| SpecificForce::from_vector(force(t - delay))).collect(),
            valid: vec![true; length],
            measured: vec![true; length],
        }
    }

    fn moved(track: &PoseTrack) -> Option<Rejection> {
        let rate = SampleRate::from_hertz(HERTZ).expect("positive");
        let numbers = Method::default().everyday.planted_foot;
        Foot { shank: track, rate, numbers: &numbers }.moved(&(200..400))
    }

    #[test]
    fn a_foot_that_stays_is_a_point_the_shank_turns_about_and_one_that_goes_is_none() {
        assert_eq!(moved(&nodding(0.0, 0)), None);
        // A shift of 0.2 m in a second takes 1 m/s² (root mean square of the bell's 0.2 * pi²/2 over half the time).
        let Some(Rejection::FootMoved { unexplained_m_per_s2 }) = moved(&nodding(0.3, 0)) else { panic!("it moved") };
        assert!(unexplained_m_per_s2 > 0.4 && unexplained_m_per_s2 < 2.0, "{unexplained_m_per_s2}");
    }

    #[test]
    fn an_accelerometer_that_comes_late_does_not_move_the_foot() {
        for late in [3, 6, 9] {
            assert_eq!(moved(&nodding(0.0, late)), None, "{late}");
            assert!(moved(&nodding(0.3, late)).is_some(), "{late}");
        }
    }

    #[test]
    fn the_lever_is_found_to_a_hair() {
        let track = nodding(0.0, 0);
        let rate = SampleRate::from_hertz(HERTZ).expect("positive");
        let numbers = Method::default().everyday.planted_foot;
        let foot = Foot { shank: &track, rate, numbers: &numbers };
        let fit = foot.fit(&(170..430), 0);
        assert!(fit.unexplained < 0.02 && fit.explained_share > 0.99, "{fit:?}");
    }

    #[test]
    fn where_data_are_missing_nothing_is_said() {
        let mut track = nodding(0.3, 0);
        track.measured[300] = false;
        assert_eq!(moved(&track), None);
    }
}
