//! Rests: stretches in which a body-worn sensor hardly moves.

use nalgebra::Vector3;

use crate::math::points::nearest;
use crate::math::stats::{mean_and_spread, mean_vector};
use crate::method::SensorAtRest;
use crate::timebase::ImuSample;

/// A stretch without movement.
pub(super) struct Rest {
    /// Its length, s.
    seconds: f64,
    /// Mean specific force, m/s².
    force: Vector3<f64>,
    /// Mean measured rate, rad/s.
    rate: Vector3<f64>,
}

struct Window {
    force: Vector3<f64>,
    rate: Vector3<f64>,
    still: bool,
}

impl Window {
    fn new(samples: &[ImuSample], method: &SensorAtRest) -> Self {
        let (force, forces) = mean_and_spread(samples.iter().map(|s| s.specific_force.vector()));
        let (rate, rates) = mean_and_spread(samples.iter().map(|s| s.angular_rate.vector()));
        let still = rates < method.rate_scatter_rad_per_s
            && forces < method.force_scatter_m_per_s2
            && rate.norm() < method.mean_rate_rad_per_s;
        Self { force, rate, still }
    }

    fn goes_on(&self, next: &Self, method: &SensorAtRest) -> bool {
        self.still == next.still && (!self.still || (self.rate - next.rate).norm() < method.rate_step_rad_per_s)
    }
}

/// The rests of a run.
pub(super) fn rests(samples: &[ImuSample], period: f64, method: &SensorAtRest) -> Vec<Rest> {
    // Mathematics: one sample does not scatter.
    let length = nearest(method.window_s / period).max(2);
    let windows: Vec<Window> = samples.chunks_exact(length).map(|samples| Window::new(samples, method)).collect();
    windows
        .chunk_by(|window, next| window.goes_on(next, method))
        .filter(|stretch| stretch.len() >= method.least_windows_count && stretch[0].still)
        .map(|stretch| Rest {
            seconds: stretch.len() as f64 * length as f64 * period,
            force: mean_vector(stretch.iter().map(|w| w.force)),
            rate: mean_vector(stretch.iter().map(|w| w.rate)),
        })
        .collect()
}

/// Norm of the specific force at rest, m/s², longer rests counting more.
pub(super) fn gravity(rests: &[Rest]) -> Option<f64> {
    gravity_without(rests, Vector3::zeros())
}

/// The same after subtracting a bias.
pub(super) fn gravity_without(rests: &[Rest], bias: Vector3<f64>) -> Option<f64> {
    let total: f64 = rests.iter().map(|rest| rest.seconds).sum();
    let weighted: f64 = rests.iter().map(|rest| rest.seconds * (rest.force - bias).norm()).sum();
    (total > 0.0).then(|| weighted / total)
}

/// Bias of the gyroscope, rad/s, and its standard uncertainty per axis.
pub(super) fn gyroscope_bias(rests: &[Rest], method: &SensorAtRest) -> Option<(Vector3<f64>, f64)> {
    // Each rest shows the bias to sway / seconds: weights are the inverse squares.
    let total: f64 = rests.iter().map(|rest| rest.seconds.powi(2)).sum();
    let sum: Vector3<f64> = rests.iter().map(|rest| rest.rate * rest.seconds.powi(2)).sum();
    (total > 0.0).then(|| (sum / total, method.sway_rad / total.sqrt()))
}
