//! Which grid point each stamp belongs to.
//!
//! Between two stamps lie `m >= 1` periods; `m > 1` means lost samples. Jitter of a quarter of a period makes the nearest
//! `m` wrong every twentieth time, and the error shows only in the following stamps. So a few hypotheses are carried along,
//! each with its own idea of phase and period (a least-squares line that grows with the data), and the cheapest one wins:
//!
//! ```text
//! cost = sum (x - m)² / (2 jitter²) + loss [m > 1],   x = (stamp - phase) / period
//! ```
//!
//! (the M-algorithm of sequence detection with per-survivor estimates, \[Raheli1995\]). With exact stamps one hypothesis
//! remains and this is plain rounding.

use crate::method::GridTracker;

/// Periods between each stamp and the one before; the first entry is 0. `times` must not decrease.
pub(super) fn steps(times: &[f64], rough_period: f64, max_gap: f64, method: &GridTracker) -> Vec<u32> {
    let Some((&first, rest)) = times.split_first() else { return Vec::new() };
    let mut beam = vec![Hypothesis::new(first, rough_period, method)];
    let mut history: Vec<Link> = Vec::with_capacity(times.len());
    let mut branches = Vec::new();
    for &time in rest {
        branches.clear();
        for hypothesis in &beam {
            hypothesis.branch(time, (max_gap, method), &mut branches);
        }
        survivors(&mut branches, method);
        beam.clear();
        for &(mut hypothesis, link) in &branches {
            hypothesis.link = history.len();
            history.push(link);
            beam.push(hypothesis);
        }
    }
    trace_back(&history, beam.first().map_or(NONE, |best| best.link), times.len())
}

/// Mathematics: no link, which the first stamp has.
const NONE: usize = usize::MAX;

/// One decision: how many periods, after which earlier decision.
#[derive(Clone, Copy)]
struct Link {
    before: usize,
    periods: u32,
}

/// One reading of the stamps so far.
#[derive(Clone, Copy)]
struct Hypothesis {
    cost: f64,
    /// Estimated grid time of the last stamp, s.
    phase: f64,
    period: f64,
    /// Samples the line rests on.
    weight: f64,
    /// Grid point of the last stamp.
    index: u64,
    link: usize,
}

impl Hypothesis {
    fn new(first: f64, period: f64, method: &GridTracker) -> Self {
        Self { cost: 0.0, phase: first, period, weight: method.prior_points, index: 0, link: NONE }
    }

    /// The readings that the next stamp allows.
    fn branch(&self, time: f64, limits: (f64, &GridTracker), branches: &mut Vec<(Self, Link)>) {
        let (max_gap, method) = limits;
        let x = (time - self.phase) / self.period;
        let nearest = x.round().max(1.0);
        branches.push(self.after(time, x, nearest, limits));
        // After a long gap the phase starts anew and the number of lost samples is only counted.
        if x * self.period > max_gap {
            return;
        }
        // A late stamp looks like a loss: the reading without one must stay alive.
        if nearest > 1.0 {
            branches.push(self.after(time, x, nearest - 1.0, limits));
        }
        if x - nearest > method.clear_periods {
            branches.push(self.after(time, x, nearest + 1.0, limits));
        }
    }

    fn after(&self, time: f64, x: f64, m: f64, (max_gap, method): (f64, &GridTracker)) -> (Self, Link) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "m >= 1; the cast saturates")]
        let periods = m as u32;
        let link = Link { before: self.link, periods };
        let index = self.index + u64::from(periods);
        let mut next = Self { index, ..*self };
        if x * self.period > max_gap {
            next.phase = time;
            return (next, link);
        }
        let error = x - m;
        // A growing line's gains for its end and its slope, then those of a fading memory.
        let n = self.weight + 1.0;
        // number: least squares of a line through n points
        let (end, slope) = (2.0 * (2.0 * n - 1.0) / (n * (n + 1.0)), 6.0 / (n * (n + 1.0)));
        let jitter = method.jitter_periods;
        next.cost += error * error / (2.0 * jitter * jitter) + if m > 1.0 { method.loss_nats } else { 0.0 };
        next.phase += (m + end * error) * self.period;
        next.period += slope * error / m * self.period;
        next.weight = n.min(method.memory_points);
        (next, link)
    }
}

/// Keeps the cheapest reading of each grid point, and of those the cheapest few, best first.
fn survivors(branches: &mut Vec<(Hypothesis, Link)>, method: &GridTracker) {
    if branches.len() == 1 {
        return;
    }
    // Stable order: equal costs keep the order of their parents, so that the result is reproducible.
    branches.sort_by(|a, b| a.0.cost.total_cmp(&b.0.cost));
    let limit = branches.first().map_or(0.0, |best| best.0.cost) + method.hopeless_nats;
    let mut kept = 0;
    for i in 0..branches.len() {
        let Hypothesis { index, cost, .. } = branches[i].0;
        if kept < method.survivors_count && cost <= limit && branches[..kept].iter().all(|other| other.0.index != index)
        {
            branches.swap(kept, i);
            kept += 1;
        }
    }
    branches.truncate(kept);
}

fn trace_back(history: &[Link], last: usize, count: usize) -> Vec<u32> {
    let mut steps = vec![0; count];
    let mut at = last;
    for step in steps.iter_mut().skip(1).rev() {
        let Some(link) = history.get(at) else { break };
        *step = link.periods;
        at = link.before;
    }
    steps
}
