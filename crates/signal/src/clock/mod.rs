//! Device time to session time: two free-running clocks onto one timeline, from nothing but arrivals.
//!
//! Enters: a track whose samples carry the sensor's own time and the host's arrival time. Leaves: a [`ClockModel`] that maps
//! every sample to [`SessionTime`], with residuals and a standard uncertainty. With `d` the device time and `a` the arrival,
//!
//! ```text
//! true = skew · d + offset,     a = true + wait + stack,     wait >= 0
//! ```
//!
//! Packets can be late, never early: so the line is laid **under** the cloud of arrivals, as the edge of its lower convex hull
//! that spans the mean device time \[Moon1999\], \[Zhang2002\]. A least-squares line would take over the mean delay of a bad
//! link, tens of milliseconds when a quarter of its events is lost; the hull stays within 3 ms there (`tests/clock.rs`).
//!
//! Before the fit the track is cut where the device's clock was reset, and, for clocks that only count samples, where the
//! floor of the delays rises for good by whole samples: there samples were lost uncounted. Single points that undercut the
//! hull are dropped. Recordings beyond ten minutes get a bent line, because crystals drift with temperature.
//!
//! Sensors that have set their clocks to one another's are on one line, fitted to the arrivals of all, if the lines fitted to each
//! agree with that; else each keeps its own.
//!
//! Tracks without arrivals cannot be fitted; [`ClockBasis`] says which assumption replaces the fit.
//!
//! The common minimum delay of a link is not observable and stays in the offset (2 to 4 ms typically); between two sensors on
//! like links it cancels.

mod hull;
mod interval;
pub mod knocks;
mod points;
mod shared;

use std::ops::Range;

use serde::{Deserialize, Serialize};
use truehinge_core::{ClockKind, DeviceTime, Recording, SensorRole, SessionTime, Track};

use hull::{Line, ResidualStats};
use points::{Piece, Point};

/// What a person may tune.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClockParams {
    /// Largest credible rate error of a clock that stamps, parts per million. Default 1000: RC oscillators reach 500.
    pub stamped_skew_ppm: f64,
    /// The same for clocks that count samples, where the sensor's rate tolerance enters. Default 50 000 (5 %).
    pub counted_skew_ppm: f64,
    /// A point this far under everything near it is false, s. Default 0.005.
    pub false_early_s: f64,
    /// A lasting change of device time against host time beyond this is a reset, s. Default 1.
    pub reset_s: f64,
    /// Beyond this length the line is bent, s. Default 600.
    pub bend_after_s: f64,
    /// Length of the pieces of a bent line, s; they overlap by half. Default 300.
    pub piece_s: f64,
}

impl Default for ClockParams {
    fn default() -> Self {
        Self::from(&crate::method::Method::default())
    }
}

/// What the timeline rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockBasis {
    /// Fitted to the host's arrival times; session zero is the host's zero.
    Arrivals,
    /// All tracks are on one clock already: session zero is the first sample of the earliest of them.
    Shared,
    /// The sensors have set their clocks to one another's, which the arrivals confirm: one line is fitted to the arrivals of all.
    Synchronised,
    /// Nothing known: **assumes** that this track began at session zero, and that its clock is right. Its offset to other
    /// tracks has no stated uncertainty, because it could be anything.
    #[default]
    OwnStart,
}

/// How well the timeline is known.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct ClockReport {
    /// What it rests on.
    pub basis: ClockBasis,
    /// How much slower the device's clock runs than the host's, parts per million of the longest segment; `None` without
    /// arrivals.
    pub skew_ppm: Option<f64>,
    /// Standard uncertainty, ms; 0 for shared clocks, `None` where the offset is an assumption.
    pub sigma_ms: Option<f64>,
    /// Median delay above the line, ms.
    pub residual_median_ms: f64,
    /// 95th percentile of the delays, ms.
    pub residual_p95_ms: f64,
    /// Largest delay, ms.
    pub residual_max_ms: f64,
    /// Arrivals that carried information.
    pub points: usize,
    /// Of these: within 2 ms of the line.
    pub floor_points: usize,
    /// False points dropped.
    pub false_early: usize,
    /// Connection interval of the link, ms, where the arrivals show one.
    pub connection_interval_ms: Option<f64>,
    /// Largest part of the connection interval in which no packet was ever ready, ms: the least wait is unknown within it.
    pub phase_gap_ms: f64,
    /// Parts with their own offset: 1 plus the resets and the uncounted losses.
    pub segments: usize,
    /// Samples lost uncounted, found from the rise of the delays.
    pub inserted: u64,
}

/// Maps one track's device times to the session's timeline.
#[derive(Clone, PartialEq, Debug)]
pub struct ClockModel {
    segments: Vec<ClockSegment>,
    report: ClockReport,
}

/// A part of a track during which the device's clock ran on.
#[derive(Clone, PartialEq, Debug)]
pub struct ClockSegment {
    /// The samples it holds, by their place in the track.
    pub samples: Range<usize>,
    /// Samples lost uncounted since the segment before.
    pub inserted_before: u64,
    /// Device time of the timeline's zero.
    origin: DeviceTime,
    /// Session seconds minus device seconds, over device seconds since `origin`.
    delay: BentLine,
}

/// Straight between knots, and straight on beyond the outer ones.
#[derive(Clone, PartialEq, Debug)]
struct BentLine {
    /// Position and value, in order; never empty.
    knots: Vec<(f64, f64)>,
    first_slope: f64,
    last_slope: f64,
}

impl BentLine {
    fn straight(line: Line) -> Self {
        Self { knots: vec![(line.at, line.value)], first_slope: line.slope, last_slope: line.slope }
    }

    fn value(&self, x: f64) -> f64 {
        let after = self.knots.partition_point(|knot| knot.0 <= x);
        match (after.checked_sub(1).and_then(|i| self.knots.get(i)), self.knots.get(after)) {
            (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0),
            (Some(a), None) => a.1 + self.last_slope * (x - a.0),
            (None, Some(b)) => b.1 + self.first_slope * (x - b.0),
            (None, None) => 0.0,
        }
    }

    fn raise(&mut self, by: f64) {
        for knot in &mut self.knots {
            knot.1 += by;
        }
    }
}

impl ClockSegment {
    /// Session time of a device time of this segment.
    pub fn to_session(&self, at: DeviceTime) -> SessionTime {
        SessionTime::from_seconds(self.seconds(at))
    }

    /// Session time minus device time at the segment's first sample, s.
    pub fn offset_s(&self) -> f64 {
        self.delay.value(0.0) - self.origin.seconds()
    }

    fn seconds(&self, at: DeviceTime) -> f64 {
        let x = (at - self.origin).seconds();
        x + self.delay.value(x)
    }
}

impl ClockModel {
    /// The parts of the track, in order.
    pub fn segments(&self) -> &[ClockSegment] {
        &self.segments
    }

    /// How well the timeline is known.
    pub fn report(&self) -> ClockReport {
        self.report
    }

    /// Session time of the track's sample number `sample`, stamped `at`; `None` where the clock was not usable.
    pub fn to_session(&self, sample: usize, at: DeviceTime) -> Option<SessionTime> {
        let place = self.segments.partition_point(|segment| segment.samples.end <= sample);
        self.segments.get(place).filter(|segment| segment.samples.contains(&sample)).map(|s| s.to_session(at))
    }

    /// Session seconds of all samples of the track, in order.
    pub(crate) fn session_seconds(&self, times: impl Iterator<Item = DeviceTime>) -> Vec<Option<f64>> {
        let mut segments = self.segments.iter().peekable();
        times
            .enumerate()
            .map(|(i, at)| {
                while segments.next_if(|segment| segment.samples.end <= i).is_some() {}
                segments.peek().filter(|segment| segment.samples.contains(&i)).map(|segment| segment.seconds(at))
            })
            .collect()
    }

    /// A clock taken as it is: `zero` becomes session zero.
    fn as_it_is(samples: usize, zero: DeviceTime, basis: ClockBasis) -> Self {
        let delay = BentLine::straight(Line { at: 0.0, value: 0.0, slope: 0.0 });
        let segment = ClockSegment { samples: 0..samples, inserted_before: 0, origin: zero, delay };
        let sigma_ms = (basis == ClockBasis::Shared).then_some(0.0);
        let report = ClockReport { basis, sigma_ms, segments: 1, ..ClockReport::default() };
        Self { segments: vec![segment], report }
    }
}

/// The timeline of a track cannot be found.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClockFitError {
    /// Stamps and arrivals do not run at the same rate.
    #[error(
        "{role}: the sensor's clock runs {percent:.2} % off the arrivals, at most {limit_percent:.2} % is credible: \
         check the unit of the time column, or drop the arrival times if they were written at download"
    )]
    Skew {
        /// Which sensor.
        role: SensorRole,
        /// Rate error, per cent.
        percent: f64,
        /// Largest credible, per cent.
        limit_percent: f64,
    },
    /// The device's clock was reset and nothing says for how long.
    #[error(
        "{role}: device time jumps back by {seconds:.3} s at sample {sample} and there are no arrival times to bridge it: \
         split the recording there"
    )]
    Backwards {
        /// Which sensor.
        role: SensorRole,
        /// First sample after the jump.
        sample: usize,
        /// Size of the jump, s.
        seconds: f64,
    },
}

/// Fits the clocks of all tracks of a recording, in the order of its tracks.
///
/// # Errors
/// A clock that cannot be that of a sensor; see [`ClockFitError`].
pub fn fit(recording: &Recording, params: &ClockParams) -> Result<Vec<ClockModel>, ClockFitError> {
    let first = |track: &Track| points::stamps(&track.samples).next().map(|stamp| stamp.0);
    let shared = |track: &&Track| track.clock == ClockKind::Shared;
    let shared_zero = recording.tracks.iter().filter(shared).filter_map(first).min();
    let fitted = recording.tracks.iter().map(|track| fit_track(track, shared_zero, params));
    let mut models = fitted.collect::<Result<Vec<_>, _>>()?;
    shared::share(&recording.tracks, &mut models, params);
    Ok(models)
}

/// Fits one track on its own. `shared_zero` is the device time that becomes session zero if the track's clock is a shared one
/// without arrivals (the first sample of the earliest such track).
///
/// # Errors
/// As [`fit`].
pub fn fit_track(
    track: &Track,
    shared_zero: Option<DeviceTime>,
    params: &ClockParams,
) -> Result<ClockModel, ClockFitError> {
    let first = points::stamps(&track.samples).next().map_or(DeviceTime::ZERO, |stamp| stamp.0);
    let count = track.samples.len();
    let points = points::reference(&track.samples, first);
    if points.len() < FEWEST_POINTS {
        forward_only(track, params)?;
        return Ok(if track.clock == ClockKind::Shared {
            ClockModel::as_it_is(count, shared_zero.unwrap_or(first), ClockBasis::Shared)
        } else {
            ClockModel::as_it_is(count, first, ClockBasis::OwnStart)
        });
    }
    fit_arrivals(track, points, first, params)
}

/// Fewer arrivals than this say nothing about a clock.
const FEWEST_POINTS: usize = 5;
/// A segment shorter than this takes the rate of the longest one, s.
const OWN_RATE: f64 = 10.0;

/// Without arrivals a lasting jump backwards cannot be bridged.
fn forward_only(track: &Track, params: &ClockParams) -> Result<(), ClockFitError> {
    let times: Vec<DeviceTime> = points::stamps(&track.samples).map(|stamp| stamp.0).collect();
    for (i, pair) in times.windows(2).enumerate() {
        let back = (pair[0] - pair[1]).seconds();
        // One wrong stamp before the jump is no reset.
        let lasting = i > 0 && (times[i - 1] - pair[1]).seconds() > params.reset_s;
        if back > params.reset_s && lasting {
            return Err(ClockFitError::Backwards { role: track.role, sample: i + 1, seconds: back });
        }
    }
    Ok(())
}

fn fit_arrivals(
    track: &Track,
    mut points: Vec<Point>,
    origin: DeviceTime,
    params: &ClockParams,
) -> Result<ClockModel, ClockFitError> {
    let mut pieces = points::between_resets(&points, params.reset_s);
    let counted = track.clock == ClockKind::SampleIndex;
    if counted && let Some(period) = sample_period(track) {
        pieces = points::between_losses(&mut points, pieces, period);
    }
    let bound = skew_bound(track, &points, &pieces, counted, params)?;
    let fits = hull_lines(&points, &pieces, bound, params);
    Ok(assemble(&points, &pieces, &fits, origin, track.samples.len()))
}

/// One sample's period on the device's clock, s.
fn sample_period(track: &Track) -> Option<f64> {
    let nominal = track.device.nominal_rate.map(truehinge_core::SampleRate::period_seconds);
    nominal.or_else(|| {
        let times: Vec<DeviceTime> = points::stamps(&track.samples).map(|stamp| stamp.0).collect();
        let mut steps: Vec<f64> = times.windows(2).map(|pair| (pair[1] - pair[0]).seconds()).collect();
        hull::median(&mut steps).filter(|&step| step > 0.0)
    })
}

/// The part of a fit that stays while its offset is moved: points of one continuous clock.
struct Fit {
    line: BentLine,
    skew: f64,
    false_early: usize,
}

/// How far from 1 the rate may be.
fn skew_bound(
    track: &Track,
    points: &[Point],
    pieces: &[Piece],
    counted: bool,
    params: &ClockParams,
) -> Result<f64, ClockFitError> {
    let (stamped, widest) = (params.stamped_skew_ppm * 1e-6, params.counted_skew_ppm * 1e-6);
    let longest =
        pieces.iter().max_by_key(|piece| piece.group.len()).map_or(&[][..], |piece| &points[piece.group.clone()]);
    let Some((coarse, sigma)) = hull::coarse_slope(longest) else {
        return Ok(if counted { widest } else { stamped });
    };
    let certain = (coarse.abs() - 3.0 * sigma).max(0.0);
    if certain > widest {
        let (percent, limit_percent) = (coarse * 100.0, widest * 100.0);
        return Err(ClockFitError::Skew { role: track.role, percent, limit_percent });
    }
    // Stamps that count nominal periods carry the tolerance of the sampling rate, whatever the file calls them.
    Ok(if counted || certain > stamped { widest } else { stamped })
}

/// A line for each group of pieces that share one continuous clock.
fn hull_lines(points: &[Point], pieces: &[Piece], bound: f64, params: &ClockParams) -> Vec<(Range<usize>, Fit)> {
    let mut groups: Vec<Range<usize>> = pieces.iter().map(|piece| piece.group.clone()).collect();
    groups.dedup();
    let span = |group: &Range<usize>| hull::span(&points[group.clone()]);
    let longest = groups.iter().cloned().max_by(|a, b| span(a).total_cmp(&span(b))).unwrap_or(0..0);
    let rate = if span(&longest) < OWN_RATE / 2.0 { 0.0 } else { fit_group(&points[longest], bound, params).skew };
    groups
        .into_iter()
        .map(|group| {
            let own = if span(&group) < OWN_RATE { (rate, rate) } else { (-bound, bound) };
            let fit = fit_between(&points[group.clone()], own, params);
            (group, fit)
        })
        .collect()
}

fn fit_group(points: &[Point], bound: f64, params: &ClockParams) -> Fit {
    fit_between(points, (-bound, bound), params)
}

fn fit_between(points: &[Point], slopes: (f64, f64), params: &ClockParams) -> Fit {
    let mut sorted: Vec<(f64, f64)> = points.iter().map(|p| (p.device, p.delay)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let false_early = hull::drop_false_early(&mut sorted, slopes, params.false_early_s);
    let whole = hull::under(&sorted, slopes);
    let length = sorted.last().map_or(0.0, |p| p.0) - sorted.first().map_or(0.0, |p| p.0);
    let line =
        if length > params.bend_after_s { bent(&sorted, slopes, params.piece_s) } else { BentLine::straight(whole) };
    Fit { line, skew: whole.slope, false_early }
}

/// Lines under overlapping pieces, joined at the pieces' middles.
fn bent(sorted: &[(f64, f64)], slopes: (f64, f64), piece: f64) -> BentLine {
    let (first, last) = (sorted[0].0, sorted[sorted.len() - 1].0);
    let mut lines: Vec<Line> = Vec::new();
    let mut from = first;
    while from < last {
        // The last piece is a whole one.
        let start = from.min(last - piece);
        let low = sorted.partition_point(|p| p.0 < start);
        let high = sorted.partition_point(|p| p.0 < start + piece);
        if high - low >= FEWEST_POINTS {
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

/// Segments and report from the fitted lines.
fn assemble(
    points: &[Point],
    pieces: &[Piece],
    fits: &[(Range<usize>, Fit)],
    origin: DeviceTime,
    samples: usize,
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
    let longest = fits.iter().max_by_key(|(group, _)| group.len());
    let link = interval::link(points, &stats);
    let report = ClockReport {
        basis: ClockBasis::Arrivals,
        skew_ppm: longest.map(|(_, fit)| fit.skew * 1e6),
        sigma_ms: Some(1e3 * stats.envelope().hypot(link.phase_gap / 12.0_f64.sqrt())),
        residual_median_ms: 1e3 * stats.quantile(0.5),
        residual_p95_ms: 1e3 * stats.quantile(0.95),
        residual_max_ms: 1e3 * stats.quantile(1.0),
        points: stats.len(),
        floor_points: stats.within(2e-3),
        false_early: fits.iter().map(|(_, fit)| fit.false_early).sum(),
        connection_interval_ms: link.interval.map(|seconds| seconds * 1e3),
        phase_gap_ms: link.phase_gap * 1e3,
        segments: segments.len(),
        inserted: pieces.iter().map(|piece| piece.inserted_before).sum(),
    };
    ClockModel { segments, report }
}
