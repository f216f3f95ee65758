//! Following the stance: a local mode of the points in the plane, with still samples counting more.
//!
//! ```text
//! weight(i)  = 1 / (1 + (speed(i) / half_weight_rate)^2)                 0 where the feet move or data are missing
//! start      = the sample of largest  density * kernel(distance to the reference posture)
//! stance(t)  = mean-shift from there, weights times kernel(time from t)
//! ```

use std::ops::Range;

use nalgebra::Vector2;

use super::motion::Motion;
use crate::math::fading::Fading;
use crate::method::{Method, Repetitions};

/// The stance at every point of the grid.
pub(super) fn follow(points: &[Vector2<f64>], motion: &Motion<'_>, method: &Method) -> Vec<Vector2<f64>> {
    let standing = method.repetitions.stance.standing_deg;
    stance(points, 0..points.len(), standing, motion, method)
}

/// The stance in a stretch of its own, as far from the reference posture as it may be.
pub(super) fn within(
    points: &[Vector2<f64>],
    stretch: Range<usize>,
    motion: &Motion<'_>,
    method: &Method,
) -> Vec<Vector2<f64>> {
    stance(points, stretch, method.repetitions.stance.elsewhere_deg, motion, method)
}

fn stance(
    points: &[Vector2<f64>],
    stretch: Range<usize>,
    standing_deg: f64,
    motion: &Motion<'_>,
    method: &Method,
) -> Vec<Vector2<f64>> {
    let length = stretch.len();
    let dwelling = Dwelling::new(points, stretch, motion, method);
    let reference = &motion.stance.reference;
    let origin = points[reference.clone()].iter().sum::<Vector2<f64>>() / reference.len().max(1) as f64;
    let Some(global) = dwelling.densest(origin, standing_deg) else {
        return vec![origin; length];
    };
    let near = dwelling.nearness();
    let heights = dwelling.heights(global);
    let knot_points = method.repetitions.stance.knot_points;
    let knots: Vec<Vector2<f64>> = (0..dwelling.samples.len())
        .step_by(knot_points)
        .map(|k| dwelling.climb(global, &dwelling.around(k, &near, &heights)))
        .collect();
    interpolate(&knots, dwelling.stride * knot_points, length)
}

/// A point with its weight.
type Weighted = (Vector2<f64>, f64);

/// A point that is climbed on: itself, its weight, and the height of the kernel there that stands where the climb starts.
type Step = (Vector2<f64>, f64, f64);

/// Where in the plane somebody dwells: samples of the motion, each with how much it counts as stance.
struct Dwelling<'a> {
    /// Points of the grid from one sample to the next.
    stride: usize,
    samples: Vec<Weighted>,
    numbers: &'a Repetitions,
    fading: Fading,
}

impl<'a> Dwelling<'a> {
    fn new(points: &[Vector2<f64>], stretch: Range<usize>, motion: &Motion<'_>, method: &'a Method) -> Self {
        let numbers = &method.repetitions;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive ratio")]
        let stride = (motion.rate.hertz() / numbers.stance.points_hz).round().max(1.0) as usize;
        let unusable = |i: usize| motion.stance.stepping[i] || motion.stance.missing[i];
        let still = |i: usize| stillness(points, i, motion, method);
        let weighted = |i: usize| (points[i], if unusable(i) { 0.0 } else { still(i) });
        Self::of(stride, stretch.step_by(stride).map(weighted).collect(), numbers)
    }

    fn of(stride: usize, samples: Vec<Weighted>, numbers: &'a Repetitions) -> Self {
        Self { stride, samples, numbers, fading: Fading::new(cut(numbers)) }
    }

    fn kernel(&self, width: f64) -> Kernel<'_> {
        Kernel { per_squared: 0.5 / (width * width), cut: cut(self.numbers), fading: &self.fading }
    }

    /// The sample in the densest place, standing postures preferred.
    fn densest(&self, origin: Vector2<f64>, standing_deg: f64) -> Option<Vector2<f64>> {
        let place = self.kernel(self.numbers.stance.kernel_deg.to_radians());
        let standing = self.kernel(standing_deg.to_radians());
        let thin = self.samples.len().div_ceil(self.numbers.stance_search.among_points).max(1);
        let among: Vec<Weighted> =
            self.samples.iter().step_by(thin).filter(|(_, weight)| *weight != 0.0).copied().collect();
        let mut densities: Vec<f64> = Vec::with_capacity(among.len());
        for &(here, weight) in &among {
            let mut density = 0.0;
            // Two points are as near to each other as the other way round.
            for (&(point, w), other) in among.iter().zip(&mut densities) {
                let height = place.at((point - here).norm_squared());
                density += w * height;
                *other += weight * height;
            }
            densities.push(density + weight);
        }
        let mut best: Option<(f64, Vector2<f64>)> = None;
        for (&(here, _), density) in among.iter().zip(densities) {
            let score = density * standing.at((here - origin).norm_squared());
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, here));
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

    /// The height of a kernel at a place at every sample.
    fn heights(&self, place: Vector2<f64>) -> Vec<f64> {
        let kernel = self.kernel(self.numbers.stance.kernel_deg.to_radians());
        self.samples.iter().map(|(point, _)| kernel.at((point - place).norm_squared())).collect()
    }

    /// The samples around sample `k`, with weights that fade as `near` does; `heights` as seen from where the climb starts.
    fn around(&self, k: usize, near: &[f64], heights: &[f64]) -> Vec<Step> {
        let window = k.saturating_sub(near.len() - 1)..(k + near.len()).min(self.samples.len());
        window
            .map(|j| (self.samples[j].0, self.samples[j].1 * near[j.abs_diff(k)], heights[j]))
            .filter(|(_, weight, _)| *weight > self.numbers.stance_search.point_weight_ratio)
            .collect()
    }

    /// Mean-shift from a start to the mode of these points that it leads to.
    fn climb(&self, start: Vector2<f64>, points: &[Step]) -> Vector2<f64> {
        let place = self.kernel(self.numbers.stance.kernel_deg.to_radians());
        let search = &self.numbers.stance_search;
        let mut mode = start;
        for step in 0..search.steps_count {
            let (mut sum, mut total) = (Vector2::zeros(), 0.0);
            for (point, weight, at_start) in points {
                // All climbs start at one place: their first step is the dearest and the same for all.
                let height = if step == 0 { *at_start } else { place.at((point - mode).norm_squared()) };
                let w = weight * height;
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
struct Kernel<'a> {
    /// The exponent for a squared distance.
    per_squared: f64,
    /// Largest exponent.
    cut: f64,
    fading: &'a Fading,
}

impl Kernel<'_> {
    #[inline]
    fn at(&self, squared_distance: f64) -> f64 {
        let exponent = self.per_squared * squared_distance;
        if exponent > self.cut { 0.0 } else { self.fading.at(exponent) }
    }
}

/// The largest exponent of a kernel.
fn cut(numbers: &Repetitions) -> f64 {
    let reach = numbers.stance.kernel_reach_sigmas;
    0.5 * reach * reach
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawn::signals::Signals;

    /// Points on the pelvis' axis, degrees.
    fn points(degrees: impl IntoIterator<Item = f64>) -> Vec<Vector2<f64>> {
        degrees.into_iter().map(|pelvis| Vector2::new(pelvis.to_radians(), 0.0)).collect()
    }

    #[track_caller]
    fn at(place: Vector2<f64>, pelvis_deg: f64, within_deg: f64) {
        let [pelvis, shank] = [place.x.to_degrees(), place.y.to_degrees()];
        assert!((pelvis - pelvis_deg).abs() < within_deg && shank.abs() < within_deg, "{pelvis} {shank}");
    }

    #[test]
    fn a_sample_counts_half_at_four_degrees_a_second() {
        let method = Method::default();
        for (hertz, speed, weight) in [(100.0, 0.0, 1.0), (100.0, 4.0, 0.5), (50.0, -4.0, 0.5), (100.0, 8.0, 0.2)] {
            let signals = Signals::at(hertz).still(1.0);
            let moving = points((0..100).map(|i| speed * f64::from(i) / hertz));
            for i in [0, 5, 50, 99] {
                assert!((stillness(&moving, i, &signals.motion(), &method) - weight).abs() < 1e-12);
            }
        }
        // It is read from 10 points before to 10 points after: movement farther away does not count.
        let still_then = points((0..100).map(|i| if i <= 60 { 0.0 } else { 30.0 }));
        let signals = Signals::new().still(1.0);
        assert!((stillness(&still_then, 50, &signals.motion(), &method) - 1.0).abs() < 1e-12);
        assert!(stillness(&still_then, 51, &signals.motion(), &method) < 0.1);
    }

    #[test]
    fn kernels_are_bells_of_height_one_that_end_at_five_widths() {
        let numbers = Method::default().repetitions;
        let dwelling = Dwelling::of(10, vec![], &numbers);
        let kernel = dwelling.kernel(2.0);
        let height = |distance: f64| kernel.at(distance * distance);
        assert!((height(0.0) - 1.0).abs() < 1e-12 && (height(2.0) - (-0.5_f64).exp()).abs() < 1e-12);
        assert!(height(9.99) > 3e-6 && height(10.01) <= 0.0);
        // In time: 4 s wide, 10 s far, ten samples a second.
        let near = dwelling.nearness();
        assert_eq!(near.len(), 101);
        assert!((near[0] - 1.0).abs() < 1e-12 && (near[40] - (-0.5_f64).exp()).abs() < 1e-12);
    }

    #[test]
    fn the_densest_place_is_taken_near_the_reference_posture() {
        let numbers = Method::default().repetitions;
        let samples = |weight: f64| -> Vec<Weighted> {
            let standing = points([0.0; 10]).into_iter().map(|point| (point, 1.0));
            standing.chain(points([40.0; 15]).into_iter().map(|point| (point, weight))).collect()
        };
        let densest =
            |weight: f64, origin: f64| Dwelling::of(10, samples(weight), &numbers).densest(points([origin])[0], 12.0);
        // More samples at 40 degrees, but far from how people stand; unless that is how they stand, or nobody dwells there.
        at(densest(1.0, 0.0).expect("a place"), 0.0, 1e-9);
        at(densest(1.0, 20.0).expect("a place"), 40.0, 1e-9);
        at(densest(0.1, 20.0).expect("a place"), 0.0, 1e-9);
        let nobody = Dwelling::of(10, vec![(points([0.0])[0], 0.0)], &numbers);
        assert!(nobody.densest(points([0.0])[0], 12.0).is_none());
    }

    #[test]
    fn a_climb_ends_on_the_mode_that_its_start_belongs_to() {
        let numbers = Method::default().repetitions;
        let two: Vec<Weighted> = points([-1.0, 1.0, 19.0, 20.0, 21.0]).into_iter().map(|point| (point, 1.0)).collect();
        let two = Dwelling::of(10, two, &numbers);
        let climb = |from: f64| {
            let start = points([from])[0];
            two.climb(start, &two.around(2, &[1.0; 3], &two.heights(start)))
        };
        at(climb(3.0), 0.0, 0.01);
        at(climb(17.0), 20.0, 0.01);
        // Nothing to climb to: it stays.
        at(climb(60.0), 60.0, 1e-9);
        at(two.climb(points([3.0])[0], &[]), 3.0, 1e-9);
    }

    #[test]
    fn steps_and_gaps_are_no_stance() {
        let signals = Signals::new().still(10.0).stepping(2.0, 4.0).gap(6.0, 7.0);
        let method = Method::default();
        let dwelling = Dwelling::new(&points([0.0; 1000]), 0..1000, &signals.motion(), &method);
        let left_out = dwelling.samples.iter().filter(|(_, weight)| *weight <= 0.0).count();
        assert_eq!((dwelling.samples.len(), left_out), (100, 30));
    }

    #[test]
    fn between_two_knots_the_stance_goes_straight() {
        let knots = points([0.0, 8.0]);
        let line = interpolate(&knots, 4, 7);
        for (place, expected) in line.iter().zip([0.0, 2.0, 4.0, 6.0, 8.0, 8.0, 8.0]) {
            at(*place, expected, 1e-9);
        }
    }

    #[test]
    fn the_stance_follows_a_slow_change_and_lets_a_quick_one_go() {
        let mode = |signals: &Signals| {
            let motion = signals.motion();
            let points: Vec<_> = motion.pelvis.iter().map(|pelvis| Vector2::new(*pelvis, 0.0)).collect();
            follow(&points, &motion, &Method::default())
        };
        let slow = mode(&Signals::new().still(20.0).step(3.0, 20.0).still(20.0));
        at(slow[0], 0.0, 0.05);
        at(slow[3000], 1.5, 0.02);
        at(slow[5999], 3.0, 0.05);
        // A bell is gone before the stance knows.
        let quick = mode(&Signals::new().still(10.0).bell(30.0, 0.0, 4.0).still(10.0));
        quick.iter().for_each(|place| at(*place, 0.0, 0.2));
    }
}
