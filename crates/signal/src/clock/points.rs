//! From samples to reference points, cut where the device's clock did not run on.

use std::ops::Range;

use truehinge_core::{DeviceTime, HostTime, TrackSamples};

use crate::math::points::nearest;
use crate::math::stats::{DEVIATION_PER_MEDIAN, median_slope, upper_median};
use crate::method::{Clock, ClockReset};

/// One arrival and the newest sample it brought.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    /// Device time of the newest sample, s since the track's first sample.
    pub device: f64,
    /// Arrival minus device time, s.
    pub delay: f64,
    /// First sample of the arrival, by its place in the track.
    pub first_sample: usize,
}

impl Point {
    /// Arrival on the host's clock, s.
    pub fn arrival(&self) -> f64 {
        self.device + self.delay
    }
}

/// Consecutive points on a clock that ran on.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Its points.
    pub points: Range<usize>,
    /// The points of all pieces that share one line with it.
    pub group: Range<usize>,
    /// Samples lost uncounted just before it.
    pub inserted_before: u64,
    /// Device time its points were moved by, s, because of all the losses before it.
    pub inserted_time: f64,
}

/// Device time and arrival of all samples.
pub(super) fn stamps(samples: &TrackSamples) -> Box<dyn Iterator<Item = (DeviceTime, Option<HostTime>)> + '_> {
    match samples {
        TrackSamples::Inertial(samples) => Box::new(samples.iter().map(|s| (s.device_time, s.arrival))),
        TrackSamples::Orientation(samples) => Box::new(samples.iter().map(|s| (s.device_time, s.arrival))),
    }
}

/// The points of a track. Samples that arrived together waited differently long; only the newest says something.
pub(super) fn reference(samples: &TrackSamples, origin: DeviceTime) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut last_arrival = None;
    for (i, (device, arrival)) in stamps(samples).enumerate() {
        let Some(arrival) = arrival else { continue };
        let device = (device - origin).seconds();
        let delay = arrival.seconds() - device;
        match points.last_mut() {
            Some(point) if last_arrival == Some(arrival) => {
                if device > point.device {
                    (point.device, point.delay) = (device, delay);
                }
            }
            _ => points.push(Point { device, delay, first_sample: i }),
        }
        last_arrival = Some(arrival);
    }
    points
}

/// Cuts where device time was reset or jumped. A stalled host makes a jump as well, but the delay comes down again when the
/// queue has drained: only a lasting change of the floor cuts.
pub(super) fn between_resets(points: &[Point], method: &ClockReset) -> Vec<Piece> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    for block in points.chunk_by(|a, b| (a.delay - b.delay).abs() <= method.jump_s) {
        let range = from..from + block.len();
        from = range.end;
        let runs_on = |piece: &Range<usize>| {
            let change = floor_at_end(&points[piece.clone()], method) - floor_at_start(block, method);
            change.abs() <= method.floor_share * method.jump_s
        };
        match pieces.last_mut() {
            Some(last) if runs_on(last) => last.end = range.end,
            Some(_) if is_short(block, method) => {}
            // What came before was bogus.
            Some(last) if is_short(&points[last.clone()], method) => *last = range,
            _ => pieces.push(range),
        }
    }
    let whole =
        |range: Range<usize>| Piece { points: range.clone(), group: range, inserted_before: 0, inserted_time: 0.0 };
    pieces.into_iter().map(whole).collect()
}

/// Too short for a clock: bogus stamps between two jumps.
fn is_short(block: &[Point], method: &ClockReset) -> bool {
    let seconds = block.last().map_or(0.0, Point::arrival) - block.first().map_or(0.0, Point::arrival);
    block.len() < method.short_count || seconds < method.short_s
}

fn floor_at_start(block: &[Point], method: &ClockReset) -> f64 {
    let until = block.first().map_or(0.0, Point::arrival) + method.floor_s;
    block.iter().take_while(|p| p.arrival() <= until).map(|p| p.delay).fold(f64::INFINITY, f64::min)
}

fn floor_at_end(block: &[Point], method: &ClockReset) -> f64 {
    let since = block.last().map_or(0.0, Point::arrival) - method.floor_s;
    block.iter().rev().take_while(|p| p.arrival() >= since).map(|p| p.delay).fold(f64::INFINITY, f64::min)
}

/// For a clock that counts samples: cuts where the floor of the delays rises for good by whole sample periods, and moves the
/// points behind by the samples lost, so that one line fits all.
pub(super) fn between_losses(points: &mut [Point], pieces: Vec<Piece>, period: f64, method: &Clock) -> Vec<Piece> {
    let mut cut = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let losses = losses(&points[piece.points.clone()], period, method);
        let (mut from, mut before, mut moved) = (piece.points.start, 0, 0.0);
        for (offset, lost) in losses.into_iter().chain([(piece.points.len(), 0)]) {
            let to = piece.points.start + offset;
            for point in &mut points[from..to] {
                point.device += moved;
                point.delay -= moved;
            }
            cut.push(Piece {
                points: from..to,
                group: piece.group.clone(),
                inserted_before: before,
                inserted_time: moved,
            });
            from = to;
            before = lost;
            moved += lost as f64 * period;
        }
    }
    cut
}

/// Where (index into `points`) and how many samples were lost uncounted.
fn losses(points: &[Point], period: f64, method: &Clock) -> Vec<(usize, u64)> {
    let side = method.loss.side_count;
    let Some(floor) = Floor::new(points, method) else { return Vec::new() };
    let mut found: Vec<(usize, u64)> = Vec::new();
    let mut k = side;
    while k + side <= floor.level.len() {
        // The rise shows in several windows in a row; it happened before the first of them.
        let here = k..(k + side).min(floor.level.len() - side + 1);
        let highest = here.clone().map(|i| floor.rise(i)).fold(0.0, f64::max);
        let lost = (highest / period).round();
        let begins = floor.rise(k) > method.loss.begins_share * highest;
        if begins && highest > method.loss.clear_sigmas * floor.scatter && lost >= 1.0 {
            found.push((floor.place(points, k, highest), nearest(lost) as u64));
            k += side;
        } else {
            k += 1;
        }
    }
    found
}

/// The floor of the delays, window by window, without its slope.
struct Floor {
    level: Vec<f64>,
    /// First point of each window.
    start: Vec<usize>,
    slope: f64,
    scatter: f64,
    /// Windows compared on either side.
    side: usize,
}

impl Floor {
    fn new(points: &[Point], method: &Clock) -> Option<Self> {
        let (window, side) = (method.floor.window_s, method.loss.side_count);
        let begin = points.first()?.arrival();
        let mut start = Vec::new();
        let mut minima: Vec<(f64, f64)> = Vec::new();
        let mut from = 0;
        let place = |point: &Point| ((point.arrival() - begin) / window).floor();
        for together in points.chunk_by(|a, b| place(a) == place(b)) {
            start.push(from);
            from += together.len();
            let lowest = together.iter().min_by(|a, b| a.delay.total_cmp(&b.delay))?;
            minima.push((lowest.device, lowest.delay));
        }
        let slope = median_slope(&minima, 1..=2 * side)?;
        let level: Vec<f64> = minima.iter().map(|(x, z)| z - slope * x).collect();
        let mut floor = Self { level, start, slope, scatter: 0.0, side };
        let last = floor.level.len().checked_sub(side)?;
        let mut rises: Vec<f64> = (side..=last).map(|k| floor.rise(k).abs()).collect();
        floor.scatter = (DEVIATION_PER_MEDIAN * upper_median(&mut rises)?).max(method.loss.stack_noise_s);
        Some(floor)
    }

    /// How much higher the floor is in the windows from `k` on than in those before.
    fn rise(&self, k: usize) -> f64 {
        let lowest = |range: Range<usize>| self.level[range].iter().copied().fold(f64::INFINITY, f64::min);
        lowest(k..k + self.side) - lowest(k - self.side..k)
    }

    /// The first point behind a rise at window `k`.
    fn place(&self, points: &[Point], k: usize, rise: f64) -> usize {
        let low = self.level[k - self.side..k].iter().copied().fold(f64::INFINITY, f64::min);
        let near = self.start[k - 1]..self.start.get(k + 1).copied().unwrap_or(points.len());
        let still_low = |p: &Point| p.delay - self.slope * p.device < low + rise / 2.0;
        near.clone().rev().find(|&i| still_low(&points[i])).map_or(near.start, |i| i + 1)
    }
}
