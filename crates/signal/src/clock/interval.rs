//! The link's connection interval, and how much of it the packets leave unseen.
//!
//! A packet waits for the next connection event. If the sample period and the interval have a large common divisor, packets
//! are ready at only a few phases of the interval, and the least wait is a constant that no estimator can see.

use wide::f64x2;

use super::hull::ResidualStats;
use super::points::Point;
use crate::method::LinkInterval;

/// What the arrivals show of the link.
pub(super) struct Link {
    /// Connection interval, s, if the arrivals keep to one.
    pub interval: Option<f64>,
    /// Largest part of the interval in which no packet was ready, s.
    pub phase_gap: f64,
}

/// Physics: unit of Bluetooth connection intervals, s (Core Specification, volume 6, part B, 4.5.1).
const UNIT: f64 = 1.25e-3;
/// Physics: the shortest connection interval in such units, 7.5 ms (the same place).
const LEAST_UNITS: usize = 6;

pub(super) fn link(points: &[Point], stats: &ResidualStats, method: &LinkInterval) -> Link {
    let interval = interval(points, method);
    let phase_gap = interval.map_or(0.0, |interval| phase_gap(stats, interval, method));
    Link { interval, phase_gap }
}

fn interval(points: &[Point], method: &LinkInterval) -> Option<f64> {
    let (count, length) = (method.blocks_count, method.block_points);
    if points.len() < length {
        return None;
    }
    let stride = (points.len() - length) / count;
    let blocks: Vec<&[Point]> = (0..count).map(|b| &points[b * stride..b * stride + length]).collect();
    let scored = (LEAST_UNITS..=method.most_units_count).filter_map(|units| {
        let interval = units as f64 * UNIT;
        let mut sum = 0.0;
        for (done, block) in (1..).zip(&blocks) {
            sum += concentration(block, interval);
            // Even if all others were at one phase.
            if sum + (count - done) as f64 <= method.clear_share * count as f64 {
                return None;
            }
        }
        Some((sum / count as f64, interval))
    });
    // The longest of equals: a divisor of the true interval scores nearly as well.
    scored.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|best| best.0 > method.clear_share).map(|best| best.1)
}

/// Length of the mean of unit vectors at the arrivals' phases: 1 if all arrive at one phase, near 0 if at any. Two arrivals at once: the
/// last of an odd number beside one that counts for nothing.
fn concentration(block: &[Point], interval: f64) -> f64 {
    let phase = |point: &Point| std::f64::consts::TAU * (point.arrival() / interval).fract();
    let (mut sum_sin, mut sum_cos) = (f64x2::ZERO, f64x2::ZERO);
    for two in block.chunks(2) {
        let counts = f64x2::new([1.0, if two.len() == 2 { 1.0 } else { 0.0 }]);
        let (sin, cos) = f64x2::new([phase(&two[0]), two.get(1).map_or(0.0, phase)]).sin_cos();
        (sum_sin, sum_cos) = (sum_sin + sin * counts, sum_cos + cos * counts);
    }
    f64::hypot(sum_sin.reduce_add(), sum_cos.reduce_add()) / block.len() as f64
}

fn phase_gap(stats: &ResidualStats, interval: f64, method: &LinkInterval) -> f64 {
    let stride = stats.len().div_ceil(method.most_phases_count).max(1);
    let mut phases: Vec<f64> = stats.times().step_by(stride).map(|t| t.rem_euclid(interval)).collect();
    phases.sort_by(f64::total_cmp);
    let (Some(first), Some(last)) = (phases.first(), phases.last()) else { return 0.0 };
    let around = first + interval - last;
    phases.windows(2).map(|pair| pair[1] - pair[0]).fold(around, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Method;

    /// A packet every 40 ms, which waits for the link's next event and then a little.
    fn arrivals(interval: f64, waits_s: impl Fn(usize) -> f64) -> Vec<Point> {
        let point = |i: usize| {
            let device = 0.04 * i as f64;
            let event = ((device + 0.003) / interval).ceil() * interval;
            Point { device, delay: event + waits_s(i) - device, first_sample: i }
        };
        (0..600).map(point).collect()
    }

    /// A little in turn, ms: 0, 0.7, 0.3, 1.0, 0.6 and so on.
    fn little(i: usize) -> f64 {
        (i * 7 % 11) as f64 * 1e-4
    }

    #[test]
    fn the_interval_is_the_longest_that_all_arrivals_keep_to() {
        let mut method = Method::default().clock.link;
        for wanted in [0.0075, 0.015, 0.04875] {
            let points = arrivals(wanted, little);
            for odd in [0, 1] {
                method.block_points -= odd;
                let found = interval(&points, &method).unwrap();
                assert!((found - wanted).abs() < 1e-9, "{wanted}: {found}");
            }
        }
    }

    #[test]
    fn arrivals_at_any_time_show_no_interval_and_few_show_nothing() {
        let method = Method::default().clock.link;
        let points = arrivals(0.015, |i| (i * 7919 % 1009) as f64 / 1009.0 * 0.1);
        assert_eq!(interval(&points, &method), None);
        assert_eq!(interval(&arrivals(0.015, little)[..method.block_points - 1], &method), None);
    }

    #[test]
    fn concentration_is_the_length_of_the_mean_of_unit_vectors() {
        let at = |shares: &[f64]| -> f64 {
            let points: Vec<Point> =
                shares.iter().map(|&share| Point { device: 0.0, delay: 0.02 * share, first_sample: 0 }).collect();
            concentration(&points, 0.02)
        };
        assert!((at(&[0.3, 1.3, 5.3]) - 1.0).abs() < 1e-12);
        assert!(at(&[0.0, 0.5]) < 1e-12 && at(&[0.0, 1.0 / 3.0, 2.0 / 3.0]) < 1e-12);
        // Two at right angles, and one of three that counts alone.
        assert!((at(&[0.0, 0.25]) - 0.5_f64.sqrt()).abs() < 1e-12);
        assert!((at(&[0.1, 0.35, 0.85]) - 1.0 / 3.0).abs() < 1e-12);
    }
}
