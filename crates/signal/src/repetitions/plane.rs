//! The plane of pelvis and shank inclination, and how far from the stance a person is in it.

use std::ops::Range;

use nalgebra::{Matrix2, SymmetricEigen, Vector2};

use super::motion::Motion;
use super::stance;
use crate::math::filter::low_pass;
use crate::math::runs::runs;
use crate::math::stats::median;
use crate::method::Method;

/// The motion as points `(pelvis, weight * shank)`, rad, with the stance followed among them.
pub(super) struct Plane<'a> {
    pub motion: &'a Motion<'a>,
    pub method: &'a Method,
    pub points: Vec<Vector2<f64>>,
    stance: Vec<Vector2<f64>>,
    /// Distance from the stance, rad; 0 where the feet move.
    pub excursion: Vec<f64>,
    /// Excursion that a repetition of this person reaches, rad.
    pub leaves: f64,
}

impl<'a> Plane<'a> {
    pub(super) fn new(motion: &'a Motion<'a>, method: &'a Method) -> Self {
        let numbers = &method.repetitions;
        let pelvis = low_pass(motion.pelvis, motion.rate, numbers.smoothing_hz);
        let shank = low_pass(motion.shank, motion.rate, numbers.smoothing_hz);
        let weight = numbers.shank_weight_ratio;
        let points: Vec<_> = pelvis.iter().zip(&shank).map(|(p, s)| Vector2::new(*p, weight * s)).collect();
        let stance = stance::follow(&points, motion, method);
        let mut plane = Self { motion, method, points, stance, excursion: Vec::new(), leaves: 0.0 };
        plane.measure();
        plane.stand_anew();
        plane.leaves = plane.smallest();
        plane
    }

    fn measure(&mut self) {
        self.excursion = (0..self.len()).map(|i| if self.blocked(i) { 0.0 } else { self.away(i).norm() }).collect();
    }

    /// Whoever is away for longer than any repetition lasts stands elsewhere by now: a sensor slipped, or the feet were set anew.
    fn stand_anew(&mut self) {
        let returns = self.method.repetitions.returns_deg.to_radians();
        let most = self.motion.points(self.method.repetitions.duration.most_s);
        for run in runs(&self.excursion, |e| *e > returns).into_iter().filter(|run| run.len() > most) {
            let anew = stance::within(&self.points, run.clone(), self.motion, self.method);
            self.stance[run].copy_from_slice(&anew);
        }
        self.measure();
    }

    pub(super) fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether the feet move: what is seen then is no posture.
    pub(super) fn blocked(&self, i: usize) -> bool {
        self.motion.stance.stepping[i]
    }

    /// Whether the person stands, in whatever posture.
    pub(super) fn stands(&self, i: usize) -> bool {
        let preset = &self.method.stillness.after_movement;
        let (reach, sway) = (self.motion.points(preset.window_s / 2.0), preset.sway_deg.to_radians());
        let around = &self.points[i.saturating_sub(reach)..(i + reach).min(self.len())];
        let spread = |axis: usize| {
            let values = around.iter().map(|point| point[axis]);
            values.clone().fold(f64::NEG_INFINITY, f64::max) - values.fold(f64::INFINITY, f64::min)
        };
        spread(0) < sway && spread(1) < sway
    }

    /// Whether the person is in the stance.
    pub(super) fn is_back(&self, i: usize) -> bool {
        self.excursion[i] <= self.method.repetitions.returns_deg.to_radians()
    }

    /// From the stance to where the person is.
    pub(super) fn away(&self, i: usize) -> Vector2<f64> {
        self.points[i] - self.stance[i]
    }

    /// Excursion that a repetition of this person must reach: well beyond the sway, where people stand stiller than the usual
    /// limit is made for.
    fn smallest(&self) -> f64 {
        let numbers = &self.method.repetitions;
        let leaves = numbers.leaves_deg.to_radians();
        let standing = |i: &usize| !self.blocked(*i) && self.excursion[*i] < leaves;
        let distances: Vec<f64> = (0..self.len()).filter(standing).map(|i| self.excursion[i]).collect();
        let sway = median(&distances).unwrap_or(leaves);
        (numbers.leaves_sways_ratio * sway).clamp(numbers.noticed_deg.to_radians(), leaves)
    }

    /// Whether the person moves on and on: the stretches away from the stance leave hardly any time in it.
    pub(super) fn never_stands(&self, away: &[Range<usize>]) -> bool {
        self.stands_for_less_than(self.method.repetitions.back_to_back.standing_share, away)
    }

    /// Whether what was taken for the stance is the bottom of the movements: the body is pushed up there, and let go where it is upright;
    /// or the pelvis goes farther back from it than hips extend. From where it goes as far forward, people stand upright.
    pub(super) fn stands_at_the_bottom(&self, away: &[Range<usize>]) -> bool {
        let numbers = &self.method.repetitions.back_to_back;
        let most = numbers.extension_deg.to_radians();
        let usual = self.usual_lean(away).unwrap_or(0.0);
        let seldom = usual < most && self.stands_for_less_than(numbers.bottom_share, away);
        let back = usual < -most;
        if !seldom && !back {
            return false;
        }
        let pushed = self.lift_along(&self.excursion);
        // Whoever wears the sensor the other way round leans back in its eyes, too, but is pushed up where that is farthest.
        seldom && pushed < -numbers.bottom_correlation_ratio || back && pushed < 0.0
    }

    /// How far the pelvis usually goes forward from the stance in the stretches away from it, rad. `None` where nobody knows its front, or of
    /// a single stretch.
    fn usual_lean(&self, away: &[Range<usize>]) -> Option<f64> {
        if !self.motion.pelvis_front_known {
            return None;
        }
        let farthest =
            |run: &Range<usize>| run.clone().max_by(|a, b| self.excursion[*a].total_cmp(&self.excursion[*b]));
        let far = away.iter().filter_map(farthest).filter(|&i| self.excursion[i] > self.leaves);
        let pelvis: Vec<f64> = far.map(|i| self.away(i).x).collect();
        if pelvis.len() > 1 { median(&pelvis) } else { None }
    }

    fn stands_for_less_than(&self, share: f64, away: &[Range<usize>]) -> bool {
        let away: usize = away.iter().map(ExactSizeIterator::len).sum();
        let usable = (0..self.len()).filter(|&i| !self.blocked(i)).count();
        away as f64 > (1.0 - share) * usable as f64
    }

    /// Correlation of a value with how much the body is pushed up, where the feet do not move.
    pub(super) fn lift_along(&self, values: &[f64]) -> f64 {
        let lift = low_pass(self.motion.lift, self.motion.rate, self.method.repetitions.smoothing_hz);
        let pairs: Vec<(f64, f64)> =
            (0..self.len()).filter(|&i| !self.blocked(i)).map(|i| (values[i], lift[i])).collect();
        correlation(&pairs)
    }

    /// The direction in which the points spread most, pointing to where people lean forward.
    pub(super) fn main_direction(&self) -> Option<Vector2<f64>> {
        let usable: Vec<Vector2<f64>> = (0..self.len()).filter(|&i| !self.blocked(i)).map(|i| self.points[i]).collect();
        let mean = usable.iter().sum::<Vector2<f64>>() / usable.len().max(1) as f64;
        let spread: Matrix2<f64> = usable.iter().map(|p| (p - mean) * (p - mean).transpose()).sum();
        let eigen = SymmetricEigen::new(spread);
        let largest = usize::from(eigen.eigenvalues[1] > eigen.eigenvalues[0]);
        let axis = eigen.eigenvectors.column(largest).into_owned().try_normalize(1e-9)?;
        Some(if axis.sum() < 0.0 { -axis } else { axis })
    }
}

/// Of pairs; 0 where one of the two does not change.
fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len().max(1) as f64;
    let (ma, mb) = pairs.iter().fold((0.0, 0.0), |(x, y), (a, b)| (x + a / n, y + b / n));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in pairs.iter().map(|(a, b)| (a - ma, b - mb)) {
        (ab, aa, bb) = (ab + a * b, aa + a * a, bb + b * b);
    }
    if aa * bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}
