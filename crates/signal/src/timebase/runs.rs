//! The grid through the stamps, and the samples on it.

use truehinge_core::SessionTime;

use super::rows::Row;
use super::{Blend, Run, SampleQuality, TimebaseParams, TimebaseReport};

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

/// Least squares: one period for all stretches, one phase for each.
pub(super) fn fit(times: &[f64], steps: &[u32], rough: f64, params: &TimebaseParams) -> Grid {
    let longest = params.max_gap_s / rough + 0.5;
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
    Grid { period, jitter, index, stretches, uneven: jitter > params.max_jitter * period }
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

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; the cast saturates")]
fn uneven_length(seconds: f64, period: f64) -> u64 {
    (seconds / period + 1e-9).floor() as u64 + 1
}

/// Samples onto the grid, gaps filled and counted.
pub(super) fn fill<S: Blend>(
    rows: Vec<Row<S>>,
    grid: &Grid,
    params: &TimebaseParams,
    report: &mut TimebaseReport,
) -> Vec<Run<S>> {
    report.stamp_jitter_s = grid.jitter;
    report.resampled = grid.uneven;
    let mut runs = Vec::new();
    for stretch in &grid.stretches {
        let points = if grid.uneven { uneven_points(&rows, stretch) } else { even_points(&rows, grid, stretch) };
        for part in split(&points, params.max_gap_s / grid.period) {
            runs.push(part.run(stretch.start_of(grid, &rows), grid.period));
        }
    }
    count(&runs, report);
    runs
}

impl Stretch {
    /// Time of position 0.
    fn start_of<S>(&self, grid: &Grid, rows: &[Row<S>]) -> f64 {
        if grid.uneven { rows[self.from].time } else { self.start }
    }
}
