//! From samples to reference points, cut where the device's clock did not run on.

use std::ops::Range;

use truehinge_core::{DeviceTime, HostTime, TrackSamples};

use super::hull;

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

/// Time over which the floor of the delays is compared on both sides of a jump, s.
const FLOOR_WINDOW: f64 = 5.0;
/// Shorter than this, s and points, between two jumps: bogus stamps rather than a clock.
const SHORT_TIME: f64 = 1.0;
const SHORT_COUNT: usize = 5;

/// Cuts where device time was reset or jumped. A stalled host makes a jump as well, but the delay comes down again when the
/// queue has drained: only a lasting change of the floor cuts.
pub(super) fn between_resets(points: &[Point], reset: f64) -> Vec<Piece> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    for block in points.chunk_by(|a, b| (a.delay - b.delay).abs() <= reset) {
        let range = from..from + block.len();
        from = range.end;
        let runs_on =
            |piece: &Range<usize>| (floor_at_end(&points[piece.clone()]) - floor_at_start(block)).abs() <= reset / 2.0;
        match pieces.last_mut() {
            Some(last) if runs_on(last) => last.end = range.end,
            Some(_) if is_short(block) => {}
            // What came before was bogus.
            Some(last) if is_short(&points[last.clone()]) => *last = range,
            _ => pieces.push(range),
        }
    }
    let whole =
        |range: Range<usize>| Piece { points: range.clone(), group: range, inserted_before: 0, inserted_time: 0.0 };
    pieces.into_iter().map(whole).collect()
}

fn is_short(block: &[Point]) -> bool {
    let seconds = block.last().map_or(0.0, Point::arrival) - block.first().map_or(0.0, Point::arrival);
    block.len() < SHORT_COUNT || seconds < SHORT_TIME
}

fn floor_at_start(block: &[Point]) -> f64 {
    let until = block.first().map_or(0.0, Point::arrival) + FLOOR_WINDOW;
    block.iter().take_while(|p| p.arrival() <= until).map(|p| p.delay).fold(f64::INFINITY, f64::min)
}

fn floor_at_end(block: &[Point]) -> f64 {
    let since = block.last().map_or(0.0, Point::arrival) - FLOOR_WINDOW;
    block.iter().rev().take_while(|p| p.arrival() >= since).map(|p| p.delay).fold(f64::INFINITY, f64::min)
}

/// Windows of 1 s on both sides of a suspected loss.
const SIDE: usize = 3;
/// A rise must exceed this many times the usual scatter of the floor.
const CLEARLY: f64 = 5.0;

/// For a clock that counts samples: cuts where the floor of the delays rises for good by whole sample periods, and moves the
/// points behind by the samples lost, so that one line fits all.
pub(super) fn between_losses(points: &mut [Point], pieces: Vec<Piece>, period: f64) -> Vec<Piece> {
    let mut cut = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let losses = losses(&points[piece.points.clone()], period);
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
fn losses(points: &[Point], period: f64) -> Vec<(usize, u64)> {
    let Some(floor) = Floor::new(points) else { return Vec::new() };
    let mut found: Vec<(usize, u64)> = Vec::new();
    let mut k = SIDE;
    while k + SIDE <= floor.level.len() {
        // The rise shows in several windows in a row; it happened before the first of them.
        let here = k..(k + SIDE).min(floor.level.len() - SIDE + 1);
        let highest = here.clone().map(|i| floor.rise(i)).fold(0.0, f64::max);
        let lost = (highest / period).round();
        if floor.rise(k) > 0.5 * highest && highest > CLEARLY * floor.scatter && lost >= 1.0 {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "at least 1; the cast saturates"
            )]
            found.push((floor.place(points, k, highest), lost as u64));
            k += SIDE;
        } else {
            k += 1;
        }
    }
    found
}

/// The floor of the delays, second by second, without its slope.
struct Floor {
    level: Vec<f64>,
    /// First point of each second.
    start: Vec<usize>,
    slope: f64,
    scatter: f64,
}

impl Floor {
    fn new(points: &[Point]) -> Option<Self> {
        let begin = points.first()?.arrival();
        let mut start = Vec::new();
        let mut minima: Vec<(f64, f64)> = Vec::new();
        let mut from = 0;
        for second in points.chunk_by(|a, b| (a.arrival() - begin).floor() == (b.arrival() - begin).floor()) {
            start.push(from);
            from += second.len();
            let lowest = second.iter().min_by(|a, b| a.delay.total_cmp(&b.delay))?;
            minima.push((lowest.device, lowest.delay));
        }
        let slope = hull::slope_between(&minima, 1, 2 * SIDE)?;
        let level: Vec<f64> = minima.iter().map(|(x, z)| z - slope * x).collect();
        let mut floor = Self { level, start, slope, scatter: 0.0 };
        let last = floor.level.len().checked_sub(SIDE)?;
        let mut rises: Vec<f64> = (SIDE..=last).map(|k| floor.rise(k).abs()).collect();
        // Median absolute value to standard deviation of a normal distribution; 1 ms is the stack's own noise.
        floor.scatter = (1.4826 * hull::median(&mut rises)?).max(1e-3);
        Some(floor)
    }

    /// How much higher the floor is in the windows from `k` on than in those before.
    fn rise(&self, k: usize) -> f64 {
        let lowest = |range: Range<usize>| self.level[range].iter().copied().fold(f64::INFINITY, f64::min);
        lowest(k..k + SIDE) - lowest(k - SIDE..k)
    }

    /// The first point behind a rise at window `k`.
    fn place(&self, points: &[Point], k: usize, rise: f64) -> usize {
        let low = self.level[k - SIDE..k].iter().copied().fold(f64::INFINITY, f64::min);
        let near = self.start[k - 1]..self.start.get(k + 1).copied().unwrap_or(points.len());
        let still_low = |p: &Point| p.delay - self.slope * p.device < low + rise / 2.0;
        near.clone().rev().find(|&i| still_low(&points[i])).map_or(near.start, |i| i + 1)
    }
}
