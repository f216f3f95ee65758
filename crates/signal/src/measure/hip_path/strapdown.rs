//! The pelvis sensor integrated over one stretch without any correction, with the effect that each unknown has.

use std::ops::Range;

use nalgebra::{Matrix3, SMatrix, UnitQuaternion, Vector3};

use super::unknowns::{Effect, INTEGRATED, LEVER, PER_AXIS, SHARED};
use crate::body::leg::{Leg, Posture};
use crate::measure::gaps::Hidden;

/// One repetition's data: from a rest, through the movement, to a rest.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
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
    pub gap: Option<Hidden>,
    /// Moments of the movement at which the leg's relations hold.
    pub postures: Vec<(usize, Posture)>,
    /// Where on the grid the stretch begins.
    pub from: usize,
}

/// What is the same for all stretches of a set.
#[derive(Clone, Debug)]
pub(super) struct Wearer {
    /// Sensor to pelvis.
    pub to_pelvis: UnitQuaternion<f64>,
    /// From the hip joint to the sensor, pelvis axes, m.
    pub lever: Vector3<f64>,
    /// The supporting leg.
    pub leg: Leg,
}

/// A quantity integrated once and twice over time.
pub(super) struct Integrated {
    pub once: Vec<Vector3<f64>>,
    pub twice: Vec<Vector3<f64>>,
}

impl Integrated {
    /// Trapezoidal.
    fn new(signal: impl ExactSizeIterator<Item = Vector3<f64>>, dt: f64) -> Self {
        let (mut once, mut twice) = (Vec::with_capacity(signal.len()), Vec::with_capacity(signal.len()));
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

/// One stretch integrated without any correction, with the effect of each unknown.
pub(super) struct Strapdown {
    /// Pelvis to level.
    pub pelvis: Vec<UnitQuaternion<f64>>,
    pub forward: Vector3<f64>,
    pub measured: Integrated,
    pub shared: [Integrated; INTEGRATED],
    pub before: Range<usize>,
    pub after: Range<usize>,
    pub from: usize,
    base: Range<usize>,
    pub postures: Vec<(usize, Posture)>,
    pub lever: Vector3<f64>,
    pub dt: f64,
    pub gap: Option<Hidden>,
}

impl Strapdown {
    pub fn new(stretch: &Stretch, wearer: &Wearer) -> Self {
        let (before, after) = (stretch.before.clone(), stretch.after.clone());
        let (attitude, gravity) = levelled(stretch);
        let weight = Vector3::new(0.0, 0.0, gravity);
        let measured = Integrated::new(
            attitude.iter().zip(&stretch.specific_force).map(|(q, force)| q * force - weight),
            stretch.dt,
        );
        let rest = mean_rotation(&attitude, &before, &after);
        let turned: Vec<Matrix3<f64>> = attitude.iter().map(|q| q.to_rotation_matrix().into_inner() - rest).collect();
        let bias = |axis: usize| Integrated::new(turned.iter().map(|r| r.column(axis).into_owned()), stretch.dt);
        let start = attitude[0].inverse();
        let gain = Integrated::new(attitude.iter().map(|q| (q * start).scaled_axis().cross(&weight)), stretch.dt);
        let shared = [bias(0), bias(1), bias(2), gain];
        let from_pelvis = wearer.to_pelvis.inverse();
        let pelvis: Vec<UnitQuaternion<f64>> = attitude.iter().map(|q| q * from_pelvis).collect();
        let facing = stretch.base.clone().map(|i| pelvis[i] * Vector3::x()).sum::<Vector3<f64>>();
        let forward = Vector3::new(facing.x, facing.y, 0.0).try_normalize(1e-9).unwrap_or_else(Vector3::x);
        Self {
            pelvis,
            forward,
            measured,
            shared,
            before,
            after,
            from: stretch.from,
            base: stretch.base.clone(),
            postures: stretch.postures.clone(),
            lever: wearer.lever,
            dt: stretch.dt,
            gap: stretch.gap,
        }
    }

    fn time(&self, i: usize) -> f64 {
        i as f64 * self.dt
    }

    /// Effect of a repetition's own errors of one axis on position (`order` 0) or velocity (`order` 1) at a point.
    pub fn own(&self, i: usize, order: usize) -> [f64; PER_AXIS] {
        let t = self.time(i);
        let since = self.gap.map_or(0.0, |gap| (t - self.time(gap.middle)).max(0.0));
        if order == 0 {
            // number: integrals of 1 and t
            [t, t * t / 2.0, t * t * t / 6.0, since, since * since / 2.0]
        } else {
            [1.0, t, t * t / 2.0, f64::from(u8::from(since > 0.0)), since]
        }
    }

    /// Degrees of freedom: informative observations (two velocities and their changes and a return, on three axes; the leg's
    /// relations, each worth one over all postures) minus the unknowns with a weak prior (start velocity and level).
    pub fn freedom(&self) -> f64 {
        // number: chain and balance, and the thigh where it has a sensor
        let relations = self.postures.first().map_or(0.0, |(_, p)| if p.thigh_change.is_some() { 3.0 } else { 2.0 });
        // number: five observations and two weakly known unknowns on each of three axes
        15.0 - 6.0 + relations
    }

    pub fn pelvis_matrix(&self, i: usize) -> Matrix3<f64> {
        self.pelvis[i].to_rotation_matrix().into_inner()
    }

    /// Effect of the unknowns on the hip joint's position at a point: the shared ones, then this stretch's own.
    pub fn effect(&self, i: usize) -> Effect {
        let mut effect: Effect = SMatrix::zeros();
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

    /// Mean over the posture that displacements are measured from.
    pub fn base_mean<T: std::iter::Sum<T> + std::ops::Div<f64, Output = T>>(&self, of: impl Fn(usize) -> T) -> T {
        self.base.clone().map(of).sum::<T>() / self.base.len() as f64
    }
}

/// Attitude (sensor to level) by the gyroscope alone, levelled by the mean specific force of the two rests; and its size there.
fn levelled(stretch: &Stretch) -> (Vec<UnitQuaternion<f64>>, f64) {
    let relative = integrate_rate(&stretch.angular_rate, stretch.dt);
    let force = |i: usize| relative[i] * stretch.specific_force[i];
    let mean_force = |range: &Range<usize>| range.clone().map(force).sum::<Vector3<f64>>() / range.len() as f64;
    let (first, last) = (mean_force(&stretch.before), mean_force(&stretch.after));
    let up = 0.5 * (first + last);
    let level = UnitQuaternion::rotation_between(&up, &Vector3::z()).unwrap_or_else(UnitQuaternion::identity);
    (relative.iter().map(|q| level * q).collect(), up.norm())
}

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

fn mean_rotation(attitude: &[UnitQuaternion<f64>], before: &Range<usize>, after: &Range<usize>) -> Matrix3<f64> {
    let sum: Matrix3<f64> =
        before.clone().chain(after.clone()).map(|i| attitude[i].to_rotation_matrix().into_inner()).sum();
    sum / (before.len() + after.len()) as f64
}
