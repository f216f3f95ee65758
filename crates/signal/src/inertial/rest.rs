//! Rests: stretches in which a body-worn sensor hardly moves.

use nalgebra::Vector3;

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

/// Length of the windows looked at, s; they follow each other without overlap.
const WINDOW: f64 = 0.5;
/// Shortest rest, in windows.
const FEWEST: usize = 2;
/// In a still window the rate scatters less than this, rad/s (2 deg/s: quiet standing), ...
const RATE_SCATTER: f64 = 0.035;
/// ... the force less than this, m/s² (quiet standing on one leg), ...
const FORCE_SCATTER: f64 = 0.25;
/// ... and the mean rate is no faster than a bias can be, rad/s (6 deg/s).
const MOST_RATE: f64 = 0.105;
/// The mean rates of neighbouring still windows agree to this, rad/s: slow turning is no rest.
const RATE_STEP: f64 = 0.035;

struct Window {
    force: Vector3<f64>,
    rate: Vector3<f64>,
    still: bool,
}

impl Window {
    fn new(samples: &[ImuSample]) -> Self {
        let count = samples.len() as f64;
        let force = samples.iter().map(|s| s.specific_force.vector()).sum::<Vector3<f64>>() / count;
        let rate = samples.iter().map(|s| s.angular_rate.vector()).sum::<Vector3<f64>>() / count;
        let scatter = |distance: f64| (distance / count).sqrt();
        let forces = scatter(samples.iter().map(|s| (s.specific_force.vector() - force).norm_squared()).sum());
        let rates = scatter(samples.iter().map(|s| (s.angular_rate.vector() - rate).norm_squared()).sum());
        let still = rates < RATE_SCATTER && forces < FORCE_SCATTER && rate.norm() < MOST_RATE;
        Self { force, rate, still }
    }

    fn goes_on(&self, next: &Self) -> bool {
        self.still == next.still && (!self.still || (self.rate - next.rate).norm() < RATE_STEP)
    }
}

/// The rests of a run.
pub(super) fn rests(samples: &[ImuSample], period: f64) -> Vec<Rest> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of samples")]
    let length = ((WINDOW / period).round() as usize).max(2);
    let windows: Vec<Window> = samples.chunks_exact(length).map(Window::new).collect();
    windows
        .chunk_by(Window::goes_on)
        .filter(|stretch| stretch.len() >= FEWEST && stretch[0].still)
        .map(|stretch| {
            let count = stretch.len() as f64;
            Rest {
                seconds: count * length as f64 * period,
                force: stretch.iter().map(|w| w.force).sum::<Vector3<f64>>() / count,
                rate: stretch.iter().map(|w| w.rate).sum::<Vector3<f64>>() / count,
            }
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

/// A resting body turns by about this much between the two ends of a rest, rad (1 degree).
const SWAY: f64 = 0.017;

/// Bias of the gyroscope, rad/s, and its standard uncertainty per axis.
pub(super) fn gyroscope_bias(rests: &[Rest]) -> Option<(Vector3<f64>, f64)> {
    // Each rest shows the bias to SWAY / seconds: weights are the inverse squares.
    let total: f64 = rests.iter().map(|rest| rest.seconds.powi(2)).sum();
    let sum: Vector3<f64> = rests.iter().map(|rest| rest.rate * rest.seconds.powi(2)).sum();
    (total > 0.0).then(|| (sum / total, SWAY / total.sqrt()))
}
