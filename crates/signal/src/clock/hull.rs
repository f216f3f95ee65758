//! Lines under clouds of points. Points are (position, delay), in order of position.

use super::points::Point;
use crate::math::runs::together;
use crate::math::stats::{DEVIATION_PER_MEDIAN, median_slope, quantile, upper_median};
use crate::method::{ClockFloor, FalseEarly};

/// A straight line through (`at`, `value`).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Line {
    pub at: f64,
    pub value: f64,
    pub slope: f64,
}

impl Line {
    pub fn value(&self, x: f64) -> f64 {
        self.value + self.slope * (x - self.at)
    }

    /// The same line, described by another of its points.
    pub fn moved_to(self, at: f64) -> Self {
        Self { at, value: self.value(at), slope: self.slope }
    }
}

/// Time from the first to the last point, s.
pub(super) fn span(points: &[Point]) -> f64 {
    points.last().map_or(0.0, |p| p.device) - points.first().map_or(0.0, |p| p.device)
}

/// Theil-Sen slope of the floor of the delays, with its standard uncertainty. `None` for too few windows.
pub(super) fn coarse_slope(points: &[Point], floor: &ClockFloor) -> Option<(f64, f64)> {
    let length = span(points);
    // A long recording has fewer and longer windows.
    let window = (length / floor.most_windows_count as f64).max(floor.window_s);
    let begin = points.first()?.device;
    let place = |p: &Point| ((p.device - begin) / window).floor();
    let minima: Vec<(f64, f64)> = together(points, place)
        .filter_map(|chunk| chunk.iter().min_by(|a, b| a.delay.total_cmp(&b.delay)).map(|p| (p.device, p.delay)))
        .collect();
    if minima.len() < floor.fewest_windows_count {
        return None;
    }
    let slope = median_slope(&minima, 1..=minima.len())?;
    let mut levels: Vec<f64> = minima.iter().map(|(x, z)| z - slope * x).collect();
    let middle = upper_median(&mut levels)?;
    let mut away: Vec<f64> = levels.iter().map(|level| (level - middle).abs()).collect();
    let scatter = DEVIATION_PER_MEDIAN * upper_median(&mut away)?;
    // Standard error of a least-squares slope through evenly spaced points.
    // number: the variance of a uniform distribution of width one is a twelfth
    Some((slope, scatter * (12.0 / minima.len() as f64).sqrt() / length))
}

/// The highest line under all points with a slope between the two given ones: the edge of the lower convex hull that spans
/// the mean position. `skip` leaves one point out.
fn under_without(points: &[(f64, f64)], (lowest, highest): (f64, f64), skip: Option<usize>) -> (Line, [usize; 2]) {
    let mut hull: Vec<usize> = Vec::new();
    let mut sum = 0.0;
    for i in (0..points.len()).filter(|&i| Some(i) != skip) {
        sum += points[i].0;
        // Of points at one position only the lowest, which comes first, counts.
        if hull.last().is_some_and(|&last| points[last].0 >= points[i].0) {
            continue;
        }
        while let [.., a, b] = hull[..]
            && !turns_left(points[a], points[b], points[i])
        {
            hull.pop();
        }
        hull.push(i);
    }
    let count = points.len() - usize::from(skip.is_some());
    let mean = sum / count.max(1) as f64;
    let after = hull.partition_point(|&i| points[i].0 < mean).clamp(1, hull.len().saturating_sub(1).max(1));
    let Some((&a, &b)) = hull.get(after - 1).zip(hull.get(after)) else {
        let only = hull.first().copied().unwrap_or(0);
        let (at, value) = points.get(only).copied().unwrap_or((0.0, 0.0));
        return (Line { at, value, slope: 0.0_f64.clamp(lowest, highest) }, [only; 2]);
    };
    let slope = (points[b].1 - points[a].1) / (points[b].0 - points[a].0);
    if (lowest..=highest).contains(&slope) {
        return (Line { at: points[a].0, value: points[a].1, slope }, [a, b]);
    }
    let slope = slope.clamp(lowest, highest);
    let height = |&i: &usize| points[i].1 - slope * points[i].0;
    let touching = hull.iter().copied().min_by(|a, b| height(a).total_cmp(&height(b))).unwrap_or(a);
    (Line { at: points[touching].0, value: points[touching].1, slope }, [touching; 2])
}

fn turns_left(a: (f64, f64), b: (f64, f64), c: (f64, f64)) -> bool {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0) > 0.0
}

/// The highest line under all points with a slope between the two given ones.
pub(super) fn under(points: &[(f64, f64)], slopes: (f64, f64)) -> Line {
    under_without(points, slopes, None).0
}

/// The highest line under all points without those that carry it although they lie more than the margin under the line without them
/// and under everything near them: a stamp from the future. These are dropped; also says how many.
pub(super) fn under_true(points: &mut Vec<(f64, f64)>, slopes: (f64, f64), method: &FalseEarly) -> (Line, usize) {
    let mut dropped = 0;
    loop {
        let (line, support) = under_without(points, slopes, None);
        let is_false = |&i: &usize| {
            // Along the line without it its neighbours are no higher than along the kinder of the outermost slopes.
            if !alone(points, i, &[slopes.0, slopes.1], method) {
                return false;
            }
            let (line, _) = under_without(points, slopes, Some(i));
            line.value(points[i].0) - points[i].1 > method.margin_s && alone(points, i, &[line.slope], method)
        };
        let found = if dropped < method.most_count { support.into_iter().find(is_false) } else { None };
        let Some(i) = found else { return (line, dropped) };
        points.remove(i);
        dropped += 1;
    }
}

/// Whether all neighbours of point `i` lie more than the margin higher, each measured along one of the slopes.
fn alone(points: &[(f64, f64)], i: usize, slopes: &[f64], method: &FalseEarly) -> bool {
    let (x, z) = points[i];
    let from = points.partition_point(|p| p.0 < x - method.alone_s);
    let to = points.partition_point(|p| p.0 <= x + method.alone_s);
    let higher = |&(k, p): &(usize, &(f64, f64))| {
        k == i || slopes.iter().any(|slope| p.1 - slope * (p.0 - x) - z > method.margin_s)
    };
    points.iter().enumerate().take(to).skip(from).all(|k| higher(&k))
}

/// Delays above the fitted line.
#[derive(Default)]
pub(super) struct ResidualStats {
    /// Mapped device time and delay above the line, s.
    delays: Vec<(f64, f64)>,
}

impl ResidualStats {
    pub fn push(&mut self, point: &Point, delay: f64) {
        self.delays.push((point.arrival() - delay, delay));
    }

    pub fn len(&self) -> usize {
        self.delays.len()
    }

    /// Times on the session's timeline at which the newest samples were taken, s.
    pub fn times(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.delays.iter().map(|d| d.0)
    }

    pub fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        let mut delays: Vec<f64> = self.delays.iter().map(|d| d.1).collect();
        shares.map(|share| quantile(&mut delays, share).unwrap_or(0.0))
    }

    pub fn within(&self, limit: f64) -> usize {
        self.delays.iter().filter(|d| d.1 <= limit).count()
    }

    /// How far the line may lie from the true floor, s: the usual height of the lowest point of a window above it.
    pub fn envelope(&self, floor: &ClockFloor) -> f64 {
        let mut lowest: Vec<f64> = together(&self.delays, |at| (at.0 / floor.window_s).floor())
            .map(|window| window.iter().map(|d| d.1).fold(f64::INFINITY, f64::min))
            .collect();
        upper_median(&mut lowest).unwrap_or(0.0).abs().max(floor.least_sigma_s)
    }
}
