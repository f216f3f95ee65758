//! Lines under the points of each continuous clock, and the model that they make.

use std::ops::Range;

use truehinge_core::DeviceTime;

use super::hull::{self, Line, ResidualStats};
use super::interval;
use super::model::{BentLine, ClockBasis, ClockModel, ClockReport, ClockSegment};
use super::points::{Piece, Point};
use crate::method::Clock;

/// The part of a fit that stays while its offset is moved: points of one continuous clock.
pub(super) struct Fit {
    pub line: BentLine,
    pub skew: f64,
    false_early: usize,
}

/// A line for each group of pieces that share one continuous clock.
pub(super) fn hull_lines(points: &[Point], pieces: &[Piece], bound: f64, method: &Clock) -> Vec<(Range<usize>, Fit)> {
    let mut groups: Vec<Range<usize>> = pieces.iter().map(|piece| piece.group.clone()).collect();
    groups.dedup();
    let span = |group: &Range<usize>| hull::span(&points[group.clone()]);
    let longest = groups.iter().cloned().max_by(|a, b| span(a).total_cmp(&span(b))).unwrap_or(0..0);
    let is_short = |group: &Range<usize>| span(group) < method.own_rate_s;
    // Short groups go at the rate of the longest one.
    let rate = if span(&longest) < method.any_rate_s || !groups.iter().any(is_short) {
        0.0
    } else {
        fit_between(&points[longest], (-bound, bound), method).skew
    };
    groups
        .into_iter()
        .map(|group| {
            let own = if is_short(&group) { (rate, rate) } else { (-bound, bound) };
            let fit = fit_between(&points[group.clone()], own, method);
            (group, fit)
        })
        .collect()
}

/// The line under points, with a slope between the two given ones; bent if they last long.
pub(super) fn fit_between(points: &[Point], slopes: (f64, f64), method: &Clock) -> Fit {
    let mut sorted: Vec<(f64, f64)> = points.iter().map(|p| (p.device, p.delay)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (whole, false_early) = hull::under_true(&mut sorted, slopes, &method.false_early);
    let length = sorted.last().map_or(0.0, |p| p.0) - sorted.first().map_or(0.0, |p| p.0);
    let line = if length > method.bend_after_s { bent(&sorted, slopes, method) } else { BentLine::straight(whole) };
    Fit { line, skew: whole.slope, false_early }
}

/// Lines under overlapping pieces, joined at the pieces' middles.
fn bent(sorted: &[(f64, f64)], slopes: (f64, f64), method: &Clock) -> BentLine {
    let piece = method.piece_s;
    let (first, last) = (sorted[0].0, sorted[sorted.len() - 1].0);
    let mut lines: Vec<Line> = Vec::new();
    let mut from = first;
    while from < last {
        // The last piece is a whole one.
        let start = from.min(last - piece);
        let low = sorted.partition_point(|p| p.0 < start);
        let high = sorted.partition_point(|p| p.0 < start + piece);
        if high - low >= method.fewest_points_count {
            let line = hull::under(&sorted[low..high], slopes);
            lines.push(line.moved_to(start + piece / 2.0));
        }
        if start < from || start + piece >= last {
            break;
        }
        from += piece / 2.0;
    }
    let Some((&head, &tail)) = lines.first().zip(lines.last()) else {
        return BentLine::straight(hull::under(sorted, slopes));
    };
    let mut knots: Vec<(f64, f64)> = lines.iter().map(|line| (line.at, line.value)).collect();
    knots.dedup_by(|b, a| b.0 <= a.0);
    BentLine { knots, first_slope: head.slope, last_slope: tail.slope }
}

/// Segments and report from the fitted lines, of a track with this first device time and so many samples.
pub(super) fn assemble(
    points: &[Point],
    pieces: &[Piece],
    fits: &[(Range<usize>, Fit)],
    (origin, samples): (DeviceTime, usize),
    method: &Clock,
) -> ClockModel {
    let mut segments: Vec<ClockSegment> = Vec::with_capacity(pieces.len());
    let mut stats = ResidualStats::default();
    for (i, piece) in pieces.iter().enumerate() {
        let Some((_, fit)) = fits.iter().find(|(group, _)| *group == piece.group) else { continue };
        for point in &points[piece.points.clone()] {
            stats.push(point, point.delay - fit.line.value(point.device));
        }
        // Points of counting clocks were moved by the samples inserted; the samples themselves are not.
        let mut delay = fit.line.clone();
        let moved = piece.inserted_time;
        delay.raise(moved);
        for knot in &mut delay.knots {
            knot.0 -= moved;
        }
        let start = if i == 0 { 0 } else { points[piece.points.start].first_sample };
        let end = pieces.get(i + 1).map_or(samples, |next| points[next.points.start].first_sample);
        let inserted_before = piece.inserted_before;
        segments.push(ClockSegment { samples: start..end, inserted_before, origin, delay });
    }
    let report = report(points, pieces, fits, &stats, (segments.len(), method));
    ClockModel { segments, report }
}

/// How well the timeline is known, in so many segments.
fn report(
    points: &[Point],
    pieces: &[Piece],
    fits: &[(Range<usize>, Fit)],
    stats: &ResidualStats,
    (segments, method): (usize, &Clock),
) -> ClockReport {
    let longest = fits.iter().max_by_key(|(group, _)| group.len());
    let link = interval::link(points, stats, &method.link);
    // number: the percentiles that the names say
    let [median, p95, most] = stats.quantiles([0.5, 0.95, 1.0]);
    ClockReport {
        basis: ClockBasis::Arrivals,
        skew_ppm: longest.map(|(_, fit)| fit.skew * 1e6),
        // number: the variance of a uniform distribution of width one is a twelfth
        sigma_ms: Some(1e3 * stats.envelope(&method.floor).hypot(link.phase_gap / 12.0_f64.sqrt())),
        residual_median_ms: 1e3 * median,
        residual_p95_ms: 1e3 * p95,
        residual_max_ms: 1e3 * most,
        points: stats.len(),
        floor_points: stats.within(method.floor.near_s),
        false_early: fits.iter().map(|(_, fit)| fit.false_early).sum(),
        connection_interval_ms: link.interval.map(|seconds| seconds * 1e3),
        phase_gap_ms: link.phase_gap * 1e3,
        segments,
        inserted: pieces.iter().map(|piece| piece.inserted_before).sum(),
    }
}
