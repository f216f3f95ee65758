//! From the solution to the hip joint's path: displacements from the base posture, and what they are uncertain by.

use std::sync::Arc;

use nalgebra::{Matrix3, UnitQuaternion, Vector3};
use truehinge_core::Budget;

use super::posterior::Posterior;
use super::strapdown::Strapdown;
use super::unknowns::{Effect, LEVER, PER_AXIS, Part, PartCovariance, SHARED};

/// Displacement over one stretch, in a level frame with z up and the heading of the stretch's first point.
#[derive(Clone, Debug)]
pub(in crate::measure) struct Path {
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
    knots: Knots,
}

/// Where the covariance was computed: it is in a line between these points.
#[derive(Clone, Debug)]
struct Knots {
    /// Points from one to the next.
    apart: usize,
    /// Effect of the unknowns on the joint's displacement at each.
    effects: Vec<Effect>,
    repetition: usize,
    posterior: Arc<Posterior>,
}

impl Path {
    /// Variance of the joint's displacement along an axis at a point, m².
    pub fn variance(&self, i: usize, axis: Vector3<f64>) -> f64 {
        (axis.transpose() * self.covariance[i] * axis)[0]
    }

    /// What the joint's displacement along an axis is uncertain by at a point, m: its posterior standard deviation, divided by
    /// what each observation and each prior brings to it.
    pub fn budget(&self, i: usize, axis: Vector3<f64>) -> Budget {
        Budget::divided(self.variance(i, axis).max(0.0).sqrt(), self.parts(i, axis))
    }

    /// What each observation and each prior brings to [`Path::variance`], with what that one is uncertain by.
    pub(super) fn parts(&self, i: usize, axis: Vector3<f64>) -> Vec<(f64, Budget)> {
        let Knots { apart, effects, repetition, posterior } = &self.knots;
        let (knot, share) = (i / apart, (i % apart) as f64 / *apart as f64);
        let weighted = |knot: usize, weight: f64| {
            let function: Part = effects[knot].transpose() * axis;
            posterior.parts(*repetition, &function).into_iter().map(move |(part, noise)| (weight * part, noise))
        };
        weighted(knot, 1.0 - share).chain(weighted(knot + 1, share)).collect()
    }
}

/// A stretch with everything measured from its base posture.
pub(super) struct Traced<'a> {
    pub strapdown: &'a Strapdown,
    effect: Effect,
    sensor: Vector3<f64>,
    arm: Vector3<f64>,
    apart: usize,
}

impl<'a> Traced<'a> {
    /// `apart`: points from one at which the covariance is computed to the next.
    pub fn new(strapdown: &'a Strapdown, apart: usize) -> Self {
        Self {
            strapdown,
            effect: strapdown.base_mean(|i| strapdown.effect(i)),
            sensor: strapdown.base_mean(|i| strapdown.measured.twice[i]),
            arm: strapdown.base_mean(|i| strapdown.pelvis[i] * strapdown.lever),
            apart,
        }
    }

    /// Effect of the unknowns on the displacement of the joint.
    pub fn effect(&self, i: usize) -> Effect {
        self.strapdown.effect(i) - self.effect
    }

    /// Displacement of the joint with all unknowns zero.
    pub fn uncorrected(&self, i: usize) -> Vector3<f64> {
        let arm = self.strapdown.pelvis[i] * self.strapdown.lever - self.arm;
        self.strapdown.measured.twice[i] - self.sensor - arm
    }

    /// Displacement of the joint by a solution: [`Traced::effect`] times `part` taken off, without the effect's zeros.
    fn corrected(&self, i: usize, part: &Part) -> Vector3<f64> {
        let strapdown = self.strapdown;
        let (pelvis, own) = (strapdown.pelvis_matrix(i), strapdown.own(i, 0));
        let wrong = |axis: usize| {
            let mut sum = 0.0;
            let mut add = |k: usize, effect: f64| sum += (effect - self.effect[(axis, k)]) * part[k];
            strapdown.shared.iter().enumerate().for_each(|(k, shared)| add(k, shared.twice[i][axis]));
            (0..3).for_each(|k| add(LEVER + k, pelvis[(axis, k)]));
            own.iter().enumerate().for_each(|(k, value)| add(SHARED + PER_AXIS * axis + k, *value));
            sum
        };
        self.uncorrected(i) - Vector3::from_fn(|axis, _| wrong(axis))
    }

    /// The path of repetition `r`, by its part of the solution.
    pub fn path(&self, r: usize, part: &Part, covariance: &PartCovariance, posterior: Arc<Posterior>) -> Path {
        let strapdown = self.strapdown;
        let points = 0..strapdown.pelvis.len();
        let lever = strapdown.lever + part.fixed_rows::<3>(LEVER);
        let arm = strapdown.base_mean(|i| strapdown.pelvis[i] * lever);
        let (mut sensor, mut joint) = (Vec::with_capacity(points.len()), Vec::with_capacity(points.len()));
        for i in points {
            let moved = self.corrected(i, part);
            joint.push(moved);
            sensor.push(moved + strapdown.pelvis[i] * lever - arm);
        }
        let effects = self.knots();
        Path {
            from: strapdown.from,
            pelvis: strapdown.pelvis.clone(),
            forward: strapdown.forward,
            sensor,
            joint,
            covariance: self.spread(&effects, covariance),
            knots: Knots { apart: self.apart, effects, repetition: r, posterior },
        }
    }

    /// Effects at the first point, at every `apart`-th, and at the last one or beyond it.
    fn knots(&self) -> Vec<Effect> {
        let last = self.strapdown.pelvis.len() - 1;
        (0..=last / self.apart + 1).map(|knot| self.effect((knot * self.apart).min(last))).collect()
    }

    /// Covariance of the joint's displacement at every point: computed at the knots, in a line between them.
    fn spread(&self, knots: &[Effect], covariance: &PartCovariance) -> Vec<Matrix3<f64>> {
        let points = self.strapdown.pelvis.len();
        let share = |k: usize| k as f64 / self.apart as f64;
        let at_knots: Vec<Matrix3<f64>> = knots.iter().map(|effect| effect * covariance * effect.transpose()).collect();
        let between = |pair: &[Matrix3<f64>]| -> Vec<Matrix3<f64>> {
            (0..self.apart).map(|k| pair[0] * (1.0 - share(k)) + pair[1] * share(k)).collect()
        };
        at_knots.windows(2).flat_map(between).take(points).collect()
    }
}
