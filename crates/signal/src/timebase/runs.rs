//! The grid through the stamps, and the samples on it.

use truehinge_core::SessionTime;

use super::rows::Row;
use super::{Blend, Run, SampleQuality, TimebaseReport};
use crate::math::points::{at_or_above, at_or_below};
use crate::method::Timebase;

/// Stamps that lie on one grid without a long gap.
pub(super) struct Stretch {
    /// First row.
    from: usize,
    /// Row after the last.
    to: usize,
    /// Time of grid point 0, s.
    start: f64,
}

/// The grid of a track.
pub(super) struct Grid {
    /// Time between grid points, s.
    pub period: f64,
    /// RMS distance of the stamps from the grid, s.
    pub jitter: f64,
    /// Grid point of each row within its stretch.
    index: Vec<u64>,
    stretches: Vec<Stretch>,
    /// The grid does not explain the stamps.
    uneven: bool,
}

/// Mathematics: a gap of a whole number of periods that is just not too long must not be lost to rounding, in periods.
const HALF_STEP: f64 = 0.5;

/// Least squares: one period for all stretches, one phase for each.
pub(super) fn fit(times: &[f64], steps: &[u32], rough: f64, method: &Timebase) -> Grid {
    let longest = method.bridged_gap_s / rough + HALF_STEP;
    let mut index = Vec::with_capacity(times.len());
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut at = 0_u64;
    for (row, &step) in steps.iter().enumerate() {
        match stretches.last_mut() {
            Some(stretch) if f64::from(step) <= longest => {
                at += u64::from(step);
                stretch.to = row + 1;
            }
            _ => {
                at = 0;
                stretches.push(Stretch { from: row, to: row + 1, start: 0.0 });
            }
        }
        index.push(at);
    }
    let (mut product, mut square) = (0.0, 0.0);
    for stretch in &stretches {
        let (mean_index, mean_time) = means(times, &index, stretch);
        for row in stretch.from..stretch.to {
            let k = index[row] as f64 - mean_index;
            product += k * (times[row] - mean_time);
            square += k * k;
        }
    }
    let period = if square > 0.0 { product / square } else { rough };
    let mut squared_distance = 0.0;
    for stretch in &mut stretches {
        let (mean_index, mean_time) = means(times, &index, stretch);
        stretch.start = mean_time - mean_index * period;
        for row in stretch.from..stretch.to {
            squared_distance += (times[row] - stretch.start - index[row] as f64 * period).powi(2);
        }
    }
    let jitter = (squared_distance / times.len().max(1) as f64).sqrt();
    Grid { period, jitter, index, stretches, uneven: jitter > method.jitter_periods * period }
}

fn means(times: &[f64], index: &[u64], stretch: &Stretch) -> (f64, f64) {
    let count = (stretch.to - stretch.from) as f64;
    let indices: f64 = index[stretch.from..stretch.to].iter().map(|&k| k as f64).sum();
    // Relative to the first stamp: keeps the sum's rounding errors small.
    let origin = times[stretch.from];
    let seconds: f64 = times[stretch.from..stretch.to].iter().map(|t| t - origin).sum();
    (indices / count, origin + seconds / count)
}

/// Grid points that filling will make.
pub(super) fn grid_points(grid: &Grid, times: &[f64]) -> u64 {
    let of = |stretch: &Stretch| {
        if grid.uneven {
            uneven_length(times[stretch.to - 1] - times[stretch.from], grid.period)
        } else {
            grid.index[stretch.to - 1] + 1
        }
    };
    grid.stretches.iter().map(of).fold(0, u64::saturating_add)
}

fn uneven_length(seconds: f64, period: f64) -> u64 {
    // Mathematics: a whole number of periods must not be missed by rounding.
    at_or_below(seconds / period + 1e-9) as u64 + 1
}

/// Samples onto the grid, gaps filled.
pub(super) fn fill<S: Blend>(rows: &[Row<S>], times: &[f64], grid: &Grid, method: &Timebase) -> Vec<Run<S>> {
    let longest = method.bridged_gap_s / grid.period + HALF_STEP;
    let mut runs = Vec::new();
    for stretch in &grid.stretches {
        let origin = if grid.uneven { times[stretch.from] } else { stretch.start };
        let rows_of_it = stretch.to - stretch.from;
        let (samples, quality) = (Vec::with_capacity(rows_of_it), Vec::with_capacity(rows_of_it));
        let mut builder = Builder { origin, period: grid.period, next: 0, samples, quality };
        let mut last: Option<(f64, usize)> = None;
        for row in stretch.from..stretch.to {
            let Some(value) = rows[row].value else { continue };
            let position = if grid.uneven { (times[row] - origin) / grid.period } else { grid.index[row] as f64 };
            match last {
                Some((before, from)) if position - before <= longest => {
                    let bridge = Bridge { rows, grid, from, to: row, before, position, near: method.near_periods };
                    bridge.fill(&mut builder);
                }
                _ => builder.restart(position, &mut runs),
            }
            if position == position.round() {
                builder.push(value, rows[row].quality);
            }
            last = Some((position, row));
        }
        builder.restart(0.0, &mut runs);
    }
    runs
}

/// A run being filled.
struct Builder<S> {
    origin: f64,
    period: f64,
    /// Grid point of the next sample.
    next: u64,
    samples: Vec<S>,
    quality: Vec<SampleQuality>,
}

impl<S> Builder<S> {
    fn push(&mut self, sample: S, quality: SampleQuality) {
        self.samples.push(sample);
        self.quality.push(quality);
        self.next += 1;
    }

    /// Hands over what there is and goes on at `position`.
    fn restart(&mut self, position: f64, runs: &mut Vec<Run<S>>) {
        if !self.samples.is_empty() {
            let first = self.next - self.samples.len() as u64;
            runs.push(Run {
                start: SessionTime::from_seconds(self.origin + first as f64 * self.period),
                period_s: self.period,
                samples: std::mem::take(&mut self.samples),
                quality: std::mem::take(&mut self.quality),
            });
        }
        self.next = at_or_above(position) as u64;
    }
}

/// The grid points between two rows with values.
struct Bridge<'a, S> {
    rows: &'a [Row<S>],
    grid: &'a Grid,
    from: usize,
    to: usize,
    before: f64,
    position: f64,
    /// Steps up to this long are usual on an uneven grid, in periods.
    near: f64,
}

impl<S: Blend> Bridge<'_, S> {
    fn fill(&self, builder: &mut Builder<S>) {
        let (Some(from), Some(to)) = (self.rows[self.from].value, self.rows[self.to].value) else { return };
        while (builder.next as f64) < self.position {
            let share = (builder.next as f64 - self.before) / (self.position - self.before);
            builder.push(from.towards(&to, share), self.quality(builder.next));
        }
    }

    fn quality(&self, point: u64) -> SampleQuality {
        let between = self.from + 1..self.to;
        if self.grid.uneven {
            // Neighbours on both sides within a usual step: as good as measured.
            let near = self.position - self.before <= self.near && between.is_empty();
            let (a, b) = (self.rows[self.from].quality, self.rows[self.to].quality);
            return if near { if a.is_measured() { b } else { a } } else { SampleQuality::Interpolated };
        }
        // A row without a value at this very point was received, but was not a number.
        let received = self.grid.index.get(between).is_some_and(|indices| indices.contains(&point));
        if received { SampleQuality::NotFinite } else { SampleQuality::Interpolated }
    }
}

/// Counts what happened.
pub(super) fn count<S>(runs: &[Run<S>], steps: &[u32], grid: &Grid, report: &mut TimebaseReport) {
    let with = |quality| runs.iter().flat_map(|run| &run.quality).filter(|&&q| q == quality).count() as u64;
    report.stamp_jitter_s = grid.jitter;
    report.resampled = grid.uneven;
    report.clipped = with(SampleQuality::Clipped);
    report.interpolated = with(SampleQuality::Interpolated) + with(SampleQuality::NotFinite);
    report.lost = steps.iter().map(|&step| u64::from(step.saturating_sub(1))).sum();
    let longest = steps.iter().copied().max().filter(|&step| step > 1).unwrap_or(0);
    report.longest_gap_s = f64::from(longest) * grid.period;
}
