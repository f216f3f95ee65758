//! An accelerometer's bias from a movement, by turning the measured force with the gyroscope.
//!
//! Within a stretch of some seconds let `R` be the rotation from the sensor to the frame in which the stretch began, by
//! integration of the rate. With the measured force `m`, averaged over short blocks,
//!
//! ```text
//! R m = gravity + R (bias + L arm) + acceleration,      L = [alpha]x + [omega]x²,      |gravity| = 9.80665
//! ```
//!
//! `arm` is the lever from the joint about which the segment turns; without it the acceleration of a swinging segment, which
//! goes with its angle, would be taken for bias. What is left of the acceleration averages out for a person who stays in
//! place. Gravity is eliminated by centring each stretch: what remains is linear in bias and arm. The norm adds one equation
//! per stretch. Blocks count alike, because accelerations average out only then. A prior keeps directions that nothing
//! shows, such as the axis of a planar movement, at zero with an honest uncertainty.

use nalgebra::{Matrix3, Matrix3x6, Matrix6, UnitQuaternion, Vector3, Vector6};
use truehinge_core::STANDARD_GRAVITY;

use crate::timebase::{ImuSample, UniformTrack};

/// A bias, m/s², with its standard uncertainty per axis.
pub(super) struct BiasFit {
    pub bias: Vector3<f64>,
    pub sigma: Vector3<f64>,
}

/// Length of a stretch, s: longer ones would let the gyroscope drift by more than the bias shows.
const STRETCH: f64 = 8.0;
/// Length of a block, s.
const BLOCK: f64 = 0.1;
/// Fewest blocks of a stretch.
const FEWEST: usize = 20;
/// Mean acceleration left in a stretch, m/s².
const NORM_SIGMA: f64 = 0.1;
/// Accelerations of a movement are alike over about a second: so many blocks count as one.
const ALIKE: f64 = 10.0;
/// Least scatter of a block, m/s²: skin and strap.
const LEAST_SCATTER: f64 = 0.05;
/// Expected length of the lever per axis, m.
const ARM: f64 = 0.2;
/// Most iterations; the fit converges in about five.
const ITERATIONS: usize = 20;

/// One block: the turned force, and how bias and arm enter it.
struct Block {
    force: Vector3<f64>,
    entry: Matrix3x6<f64>,
}

/// Fits the bias; `None` without a stretch long enough. `drift` is the gyroscope's bias, rad/s.
pub(super) fn bias(track: &UniformTrack<ImuSample>, drift: Vector3<f64>, expected: f64) -> Option<BiasFit> {
    let mut stretches: Vec<Vec<Block>> = Vec::new();
    for run in &track.runs {
        let length = samples_in(STRETCH, run.period_s);
        stretches.extend(run.samples.chunks(length).map(|samples| blocks(samples, run.period_s, drift)));
    }
    stretches.retain(|stretch| stretch.len() >= FEWEST);
    if stretches.is_empty() {
        return None;
    }
    let mut state = Vector6::zeros();
    let mut scatter = 1.0;
    for _ in 0..ITERATIONS {
        let (mut information, mut gradient) = turning_equations(&stretches, &state, scatter, expected);
        for (slope, missing) in norm_equations(&stretches, &state) {
            information += slope * slope.transpose();
            gradient += slope * missing;
        }
        let step = information.try_inverse()? * gradient;
        state += step;
        let new_scatter = usual_residual(&stretches, &state);
        if step.norm() < 1e-6 && (new_scatter / scatter - 1.0_f64).abs() < 1e-3 {
            break;
        }
        scatter = new_scatter;
    }
    let sigma = uncertainty(&stretches, &state, scatter, expected)?;
    let fit = BiasFit { bias: state.fixed_rows::<3>(0).into(), sigma };
    fit.bias.iter().chain(&fit.sigma).all(|b| b.is_finite()).then_some(fit)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of samples")]
fn samples_in(seconds: f64, period: f64) -> usize {
    ((seconds / period).round() as usize).max(1)
}

fn blocks(samples: &[ImuSample], period: f64, drift: Vector3<f64>) -> Vec<Block> {
    let length = samples_in(BLOCK, period);
    let chunks: Vec<&[ImuSample]> = samples.chunks_exact(length).collect();
    let rates: Vec<Vector3<f64>> = chunks
        .iter()
        .map(|chunk| chunk.iter().map(|s| s.angular_rate.vector()).sum::<Vector3<f64>>() / length as f64 - drift)
        .collect();
    let mut attitude = UnitQuaternion::identity();
    chunks
        .iter()
        .enumerate()
        .map(|(i, chunk)| {
            let mut rotation = Matrix3::zeros();
            let mut force = Vector3::zeros();
            for sample in *chunk {
                attitude *= UnitQuaternion::from_scaled_axis((sample.angular_rate.vector() - drift) * period);
                rotation += attitude.to_rotation_matrix().matrix();
                force += attitude * sample.specific_force.vector();
            }
            let count = length as f64;
            rotation /= count;
            let (before, after) = (i.saturating_sub(1), (i + 1).min(rates.len() - 1));
            let seconds = (after - before).max(1) as f64 * count * period;
            let lever = lever_matrix(rates[i], (rates[after] - rates[before]) / seconds);
            let mut entry = Matrix3x6::zeros();
            entry.fixed_columns_mut::<3>(0).copy_from(&rotation);
            entry.fixed_columns_mut::<3>(3).copy_from(&(rotation * lever));
            Block { force: force / count, entry }
        })
        .collect()
}

/// What a lever arm adds to the specific force: tangential and centripetal acceleration per metre.
fn lever_matrix(rate: Vector3<f64>, acceleration: Vector3<f64>) -> Matrix3<f64> {
    let cross = rate.cross_matrix();
    acceleration.cross_matrix() + cross * cross
}

fn centre(stretch: &[Block]) -> (Matrix3x6<f64>, Vector3<f64>) {
    let count = stretch.len() as f64;
    let entry = stretch.iter().map(|b| b.entry).sum::<Matrix3x6<f64>>() / count;
    let force = stretch.iter().map(|b| b.force).sum::<Vector3<f64>>() / count;
    (entry, force)
}

/// Information matrix and gradient, at `state` (bias, arm), of the prior and of the force that turns with the sensor.
fn turning_equations(
    stretches: &[Vec<Block>],
    state: &Vector6<f64>,
    scatter: f64,
    expected: f64,
) -> (Matrix6<f64>, Vector6<f64>) {
    let (bias, arm) = (expected.powi(-2), ARM.powi(-2));
    let prior = Matrix6::from_diagonal(&Vector6::new(bias, bias, bias, arm, arm, arm));
    let mut information = prior;
    let mut gradient = -prior * state;
    let certainty = (scatter * scatter * ALIKE).recip();
    for stretch in stretches {
        let (entry, force) = centre(stretch);
        for block in stretch {
            let turned = block.entry - entry;
            let residual = block.force - force - turned * state;
            let weighted = turned.transpose() * certainty;
            information += weighted * turned;
            gradient += weighted * residual;
        }
    }
    (information, gradient)
}

/// One equation per stretch for the length of gravity: its slope and what is missing, both over their uncertainty.
fn norm_equations(stretches: &[Vec<Block>], state: &Vector6<f64>) -> Vec<(Vector6<f64>, f64)> {
    let equation = |stretch: &Vec<Block>| {
        let (entry, force) = centre(stretch);
        let gravity = force - entry * state;
        let up = gravity.try_normalize(1e-6)?;
        Some((entry.transpose() * -up / NORM_SIGMA, (STANDARD_GRAVITY - gravity.norm()) / NORM_SIGMA))
    };
    stretches.iter().filter_map(equation).collect()
}

/// Standard uncertainty of the bias per axis.
///
/// The length of gravity fixes a bias only up to its mirror image: along the axis of a planar movement gravity may lean to
/// either side. Where the turning leaves both sides open, the length says nothing and must not narrow the uncertainty.
fn uncertainty(stretches: &[Vec<Block>], state: &Vector6<f64>, scatter: f64, expected: f64) -> Option<Vector3<f64>> {
    let (mut information, _) = turning_equations(stretches, state, scatter, expected);
    let turning = information.try_inverse()?.fixed_view::<3, 3>(0, 0).into_owned().symmetric_eigen();
    for (mut slope, _) in norm_equations(stretches, state) {
        for (axis, variance) in turning.eigenvectors.column_iter().zip(turning.eigenvalues.iter()) {
            let along = slope.fixed_rows::<3>(0).dot(&axis);
            // The slope is a direction over NORM_SIGMA: times g it is gravity along this axis.
            let gravity_along = along.abs() * NORM_SIGMA * STANDARD_GRAVITY;
            if gravity_along < 2.0 * variance.max(0.0).sqrt() {
                let mut bias_part = slope.fixed_rows_mut::<3>(0);
                bias_part -= axis * along;
            }
        }
        information += slope * slope.transpose();
    }
    let covariance = information.try_inverse()?;
    Some(covariance.diagonal().fixed_rows::<3>(0).map(f64::sqrt))
}

/// Median residual of the blocks, m/s².
fn usual_residual(stretches: &[Vec<Block>], state: &Vector6<f64>) -> f64 {
    let mut residuals: Vec<f64> = Vec::new();
    for stretch in stretches {
        let (entry, force) = centre(stretch);
        residuals.extend(stretch.iter().map(|b| (b.force - force - (b.entry - entry) * state).norm()));
    }
    residuals.sort_by(f64::total_cmp);
    residuals.get(residuals.len() / 2).copied().unwrap_or(0.0).max(LEAST_SCATTER)
}
