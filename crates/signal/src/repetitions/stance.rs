//! Following the stance: a local mode of the points in the plane, with still samples counting more.
//!
//! ```text
//! weight(i)  = 1 / (1 + (speed(i) / half_weight_rate)^2)                 0 where the feet move or data are missing
//! start      = the sample of largest  density * kernel(distance to the reference posture)
//! stance(t)  = mean-shift from there, weights times kernel(time from t)
//! ```

use nalgebra::Vector2;

use super::motion::Motion;
use crate::method::{Method, Repetitions};

/// The stance at every point of the grid.
pub(super) fn follow(points: &[Vector2<f64>], motion: &Motion<'_>, method: &Method) -> Vec<Vector2<f64>> {
    let dwelling = Dwelling::new(points, motion, method);
    let reference = &motion.stance.reference;
    let origin = points[reference.clone()].iter().sum::<Vector2<f64>>() / reference.len().max(1) as f64;
    let Some(global) = dwelling.densest(origin) else {
        return vec![origin; points.len()];
    };
    let near = dwelling.nearness();
    let knot_points = method.repetitions.stance.knot_points;
    let knots: Vec<Vector2<f64>> = (0..dwelling.samples.len())
        .step_by(knot_points)
        .map(|k| dwelling.climb(global, &dwelling.around(k, &near)))
        .collect();
    interpolate(&knots, dwelling.stride * knot_points, points.len())
}

/// A point with its weight.
type Weighted = (Vector2<f64>, f64);

/// Where in the plane somebody dwells: samples of the motion, each with how much it counts as stance.
struct Dwelling<'a> {
    /// Points of the grid from one sample to the next.
    stride: usize,
    samples: Vec<Weighted>,
    numbers: &'a Repetitions,
}

impl<'a> Dwelling<'a> {
    fn new(points: &[Vector2<f64>], motion: &Motion<'_>, method: &'a Method) -> Self {
        let numbers = &method.repetitions;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive ratio")]
        let stride = (motion.rate.hertz() / numbers.stance.points_hz).round().max(1.0) as usize;
        let unusable = |i: usize| motion.stance.stepping[i] || motion.stance.missing[i];
        let still = |i: usize| stillness(points, i, motion, method);
        let weighted = |i: usize| (points[i], if unusable(i) { 0.0 } else { still(i) });
        Self { stride, samples: (0..points.len()).step_by(stride).map(weighted).collect(), numbers }
    }

    fn kernel(&self, width: f64) -> Kernel {
        let reach = self.numbers.stance.kernel_reach_sigmas;
        Kernel { width, cut: 0.5 * reach * reach }
    }

    /// The sample in the densest place, standing postures preferred.
    fn densest(&self, origin: Vector2<f64>) -> Option<Vector2<f64>> {
        let place = self.kernel(self.numbers.stance.kernel_deg.to_radians());
        let standing = self.kernel(self.numbers.stance.standing_deg.to_radians());
        let thin = self.samples.len().div_ceil(self.numbers.stance_search.among_points).max(1);
        let among: Vec<&Weighted> = self.samples.iter().step_by(thin).collect();
        let mut best: Option<(f64, Vector2<f64>)> = None;
        for (here, _) in among.iter().filter(|(_, weight)| *weight != 0.0) {
            let density: f64 = among.iter().map(|(point, w)| w * place.at((point - here).norm_squared())).sum();
            let score = density * standing.at((here - origin).norm_squared());
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, *here));
            }
        }
        best.map(|(_, point)| point)
    }

    /// Weights that fade with the number of samples between two times.
    fn nearness(&self) -> Vec<f64> {
        let numbers = &self.numbers.stance;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
        let reach = (numbers.wander_reach_sigmas * numbers.wander_s * numbers.points_hz) as usize;
        let fading = self.kernel(numbers.wander_s);
        (0..=reach).map(|steps| fading.at((steps as f64 / numbers.points_hz).powi(2))).collect()
    }

    /// The samples around sample `k`, with weights that fade as `near` does.
    fn around(&self, k: usize, near: &[f64]) -> Vec<Weighted> {
        let window = k.saturating_sub(near.len() - 1)..(k + near.len()).min(self.samples.len());
        window
            .map(|j| (self.samples[j].0, self.samples[j].1 * near[j.abs_diff(k)]))
            .filter(|(_, weight)| *weight > self.numbers.stance_search.point_weight_ratio)
            .collect()
    }

    /// Mean-shift from a start to the mode of these points that it leads to.
    fn climb(&self, start: Vector2<f64>, points: &[Weighted]) -> Vector2<f64> {
        let place = self.kernel(self.numbers.stance.kernel_deg.to_radians());
        let search = &self.numbers.stance_search;
        let mut mode = start;
        for _ in 0..search.steps_count {
            let (mut sum, mut total) = (Vector2::zeros(), 0.0);
            for (point, weight) in points {
                let w = weight * place.at((point - mode).norm_squared());
                sum += point * w;
                total += w;
            }
            if total < search.total_weight_ratio {
                break;
            }
            let next = sum / total;
            let moved = (next - mode).norm();
            mode = next;
            if moved < search.arrived_rad {
                break;
            }
        }
        mode
    }
}

/// How much a sample counts as stance: 1 at rest, 1/2 at the rate of `stillness.dwelling`.
fn stillness(points: &[Vector2<f64>], i: usize, motion: &Motion<'_>, method: &Method) -> f64 {
    let numbers = &method.stillness.dwelling;
    let (from, to) = (i.saturating_sub(numbers.reach_points), (i + numbers.reach_points).min(points.len() - 1));
    let speed = (points[to] - points[from]).norm() * motion.rate.hertz() / (to - from).max(1) as f64;
    1.0 / (1.0 + (speed / numbers.half_weight_rate_deg_per_s.to_radians()).powi(2))
}

/// A Gaussian kernel of height 1, cut off where it is next to nothing.
struct Kernel {
    width: f64,
    /// Largest exponent.
    cut: f64,
}

impl Kernel {
    fn at(&self, squared_distance: f64) -> f64 {
        let exponent = 0.5 * squared_distance / (self.width * self.width);
        if exponent > self.cut { 0.0 } else { (-exponent).exp() }
    }
}

fn interpolate(knots: &[Vector2<f64>], stride: usize, length: usize) -> Vec<Vector2<f64>> {
    (0..length)
        .map(|i| {
            let k = i / stride;
            let share = (i % stride) as f64 / stride as f64;
            let next = knots[(k + 1).min(knots.len() - 1)];
            knots[k] * (1.0 - share) + next * share
        })
        .collect()
}
