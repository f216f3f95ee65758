//! Lines under clouds of points, and robust slopes. Points are (position, delay), in order of position.

use super::points::Point;

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

/// Median; reorders the values.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// Median of the slopes between points that are `nearest` to `farthest` places apart (Theil-Sen).
pub(super) fn slope_between(points: &[(f64, f64)], nearest: usize, farthest: usize) -> Option<f64> {
    let mut slopes = Vec::new();
    for (i, a) in points.iter().enumerate() {
        let others = points.iter().skip(i + nearest).take(farthest + 1 - nearest);
        slopes.extend(others.filter(|b| b.0 > a.0).map(|b| (b.1 - a.1) / (b.0 - a.0)));
    }
    median(&mut slopes)
}

/// Windows for the coarse slope: 1 s each, or fewer and longer ones.
const MOST_WINDOWS: f64 = 120.0;

/// Theil-Sen slope of the lowest delays of 1 s windows, with its standard uncertainty. `None` for less than 4 s.
pub(super) fn coarse_slope(points: &[Point]) -> Option<(f64, f64)> {
    let length = span(points);
    let window = (length / MOST_WINDOWS).max(1.0);
    let begin = points.first()?.device;
    let place = |p: &Point| ((p.device - begin) / window).floor();
    let minima: Vec<(f64, f64)> = points
        .chunk_by(|a, b| place(a) == place(b))
        .filter_map(|chunk| chunk.iter().min_by(|a, b| a.delay.total_cmp(&b.delay)).map(|p| (p.device, p.delay)))
        .collect();
    if minima.len() < 4 {
        return None;
    }
    let slope = slope_between(&minima, 1, minima.len())?;
    let mut levels: Vec<f64> = minima.iter().map(|(x, z)| z - slope * x).collect();
    let middle = median(&mut levels)?;
    let mut away: Vec<f64> = levels.iter().map(|level| (level - middle).abs()).collect();
    let scatter = 1.4826 * median(&mut away)?;
    // Standard error of a least-squares slope through evenly spaced points.
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

/// Most false points dropped from one fit.
const MOST_FALSE: usize = 8;
/// A false point is alone within this time on both sides, s.
const ALONE: f64 = 0.5;

/// Drops points that carry the line although they lie more than `margin` under the line without them and under everything
/// within a second: a stamp from the future. Returns how many.
pub(super) fn drop_false_early(points: &mut Vec<(f64, f64)>, slopes: (f64, f64), margin: f64) -> usize {
    for dropped in 0..MOST_FALSE {
        let (_, support) = under_without(points, slopes, None);
        let is_false = |&i: &usize| {
            let (line, _) = under_without(points, slopes, Some(i));
            line.value(points[i].0) - points[i].1 > margin && alone(points, i, &line, margin)
        };
        let Some(i) = support.into_iter().find(is_false) else { return dropped };
        points.remove(i);
    }
    MOST_FALSE
}

/// Whether all neighbours of point `i` lie more than `margin` higher, measured along the line's slope.
fn alone(points: &[(f64, f64)], i: usize, line: &Line, margin: f64) -> bool {
    let (x, z) = points[i];
    let from = points.partition_point(|p| p.0 < x - ALONE);
    let to = points.partition_point(|p| p.0 <= x + ALONE);
    let higher = |&(k, p): &(usize, &(f64, f64))| k == i || p.1 - line.slope * (p.0 - x) - z > margin;
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

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place within the vector")]
    pub fn quantile(&self, share: f64) -> f64 {
        let mut delays: Vec<f64> = self.delays.iter().map(|d| d.1).collect();
        let Some(last) = delays.len().checked_sub(1) else { return 0.0 };
        *delays.select_nth_unstable_by((share * last as f64).round() as usize, f64::total_cmp).1
    }

    pub fn within(&self, limit: f64) -> usize {
        self.delays.iter().filter(|d| d.1 <= limit).count()
    }

    /// How far the line may lie from the true floor, s: the usual height of the lowest point of a second above it.
    pub fn envelope(&self) -> f64 {
        let mut lowest: Vec<f64> = self
            .delays
            .chunk_by(|a, b| a.0.floor() == b.0.floor())
            .map(|second| second.iter().map(|d| d.1).fold(f64::INFINITY, f64::min))
            .collect();
        median(&mut lowest).unwrap_or(0.0).abs().max(LEAST_UNCERTAINTY)
    }
}

/// Nothing over a radio link is known better than this, s.
const LEAST_UNCERTAINTY: f64 = 2e-4;
