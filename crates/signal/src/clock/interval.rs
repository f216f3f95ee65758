//! The link's connection interval, and how much of it the packets leave unseen.
//!
//! A packet waits for the next connection event. If the sample period and the interval have a large common divisor, packets
//! are ready at only a few phases of the interval, and the least wait is a constant that no estimator can see.

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

/// Length of the mean of unit vectors at the arrivals' phases: 1 if all arrive at one phase, near 0 if at any.
fn concentration(block: &[Point], interval: f64) -> f64 {
    let (mut sin, mut cos) = (0.0, 0.0);
    for point in block {
        let phase = std::f64::consts::TAU * (point.arrival() / interval).fract();
        sin += phase.sin();
        cos += phase.cos();
    }
    f64::hypot(sin, cos) / block.len() as f64
}

fn phase_gap(stats: &ResidualStats, interval: f64, method: &LinkInterval) -> f64 {
    let stride = stats.len().div_ceil(method.most_phases_count).max(1);
    let mut phases: Vec<f64> = stats.times().step_by(stride).map(|t| t.rem_euclid(interval)).collect();
    phases.sort_by(f64::total_cmp);
    let (Some(first), Some(last)) = (phases.first(), phases.last()) else { return 0.0 };
    let around = first + interval - last;
    phases.windows(2).map(|pair| pair[1] - pair[0]).fold(around, f64::max)
}
