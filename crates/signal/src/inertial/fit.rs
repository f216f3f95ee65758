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

use crate::math::points::nearest;
use crate::math::stats::{mean_vector, upper_median};
use crate::method::{BiasFitting, Inertial};
use crate::timebase::{ImuSample, UniformTrack};

/// A bias, m/s², with its standard uncertainty per axis.
pub(super) struct BiasFit {
    pub bias: Vector3<f64>,
    pub sigma: Vector3<f64>,
}

/// Mathematics: a step of the fit (m/s² and m) and a relative change of the scatter that no longer matter.
const CONVERGED: (f64, f64) = (1e-6, 1e-3);

/// One block: the turned force, and how bias and arm enter it.
struct Block {
    force: Vector3<f64>,
    entry: Matrix3x6<f64>,
}

/// Fits the bias; `None` without a stretch long enough. `drift` is the gyroscope's bias, rad/s.
pub(super) fn bias(track: &UniformTrack<ImuSample>, drift: Vector3<f64>, method: &Inertial) -> Option<BiasFit> {
    let fitting = &method.fit;
    let prior = prior(method);
    let mut stretches: Vec<Vec<Block>> = Vec::new();
    for run in &track.runs {
        let length = samples_in(fitting.stretch_s, run.period_s);
        stretches.extend(run.samples.chunks(length).map(|samples| blocks(samples, run.period_s, drift, fitting)));
    }
    stretches.retain(|stretch| stretch.len() >= fitting.fewest_blocks_count);
    if stretches.is_empty() {
        return None;
    }
    let mut state = Vector6::zeros();
    let mut scatter = 1.0;
    for _ in 0..fitting.iterations_count {
        let (mut information, mut gradient) =
            turning_equations(&stretches, &state, &prior, certainty(scatter, fitting));
        for (slope, missing) in norm_equations(&stretches, &state, fitting) {
            information += slope * slope.transpose();
            gradient += slope * missing;
        }
        let step = information.try_inverse()? * gradient;
        state += step;
        let new_scatter = usual_residual(&stretches, &state).max(fitting.least_scatter_m_per_s2);
        if step.norm() < CONVERGED.0 && (new_scatter / scatter - 1.0_f64).abs() < CONVERGED.1 {
            break;
        }
        scatter = new_scatter;
    }
    let sigma = uncertainty(&stretches, &state, (&prior, certainty(scatter, fitting)), fitting)?;
    let fit = BiasFit { bias: state.fixed_rows::<3>(0).into(), sigma };
    fit.bias.iter().chain(&fit.sigma).all(|b| b.is_finite()).then_some(fit)
}

/// Information of the prior on bias and arm.
fn prior(method: &Inertial) -> Matrix6<f64> {
    let (bias, arm) = (method.expected_bias_m_per_s2.powi(-2), method.fit.arm_sigma_m.powi(-2));
    Matrix6::from_diagonal(&Vector6::new(bias, bias, bias, arm, arm, arm))
}

/// Information of one block. Accelerations of a movement are correlated: so many blocks count as one.
fn certainty(scatter: f64, fitting: &BiasFitting) -> f64 {
    (scatter * scatter * fitting.correlated_blocks_count).recip()
}

fn samples_in(seconds: f64, period: f64) -> usize {
    nearest(seconds / period).max(1)
}

fn blocks(samples: &[ImuSample], period: f64, drift: Vector3<f64>, fitting: &BiasFitting) -> Vec<Block> {
    let length = samples_in(fitting.block_s, period);
    let chunks: Vec<&[ImuSample]> = samples.chunks_exact(length).collect();
    let rates: Vec<Vector3<f64>> =
        chunks.iter().map(|chunk| mean_vector(chunk.iter().map(|s| s.angular_rate.vector())) - drift).collect();
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
    (entry, mean_vector(stretch.iter().map(|b| b.force)))
}

/// Information matrix and gradient, at `state` (bias, arm), of the prior and of the force that turns with the sensor.
fn turning_equations(
    stretches: &[Vec<Block>],
    state: &Vector6<f64>,
    prior: &Matrix6<f64>,
    certainty: f64,
) -> (Matrix6<f64>, Vector6<f64>) {
    let mut information = *prior;
    let mut gradient = -prior * state;
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
fn norm_equations(stretches: &[Vec<Block>], state: &Vector6<f64>, fitting: &BiasFitting) -> Vec<(Vector6<f64>, f64)> {
    let sigma = fitting.norm_sigma_m_per_s2;
    let equation = |stretch: &Vec<Block>| {
        let (entry, force) = centre(stretch);
        let gravity = force - entry * state;
        // Mathematics: nothing has no direction.
        let up = gravity.try_normalize(1e-6)?;
        Some((entry.transpose() * -up / sigma, (STANDARD_GRAVITY - gravity.norm()) / sigma))
    };
    stretches.iter().filter_map(equation).collect()
}

/// Standard uncertainty of the bias per axis.
///
/// The length of gravity fixes a bias only up to its mirror image: along the axis of a planar movement gravity may lean to
/// either side. Where the turning leaves both sides open, the length says nothing and must not narrow the uncertainty.
fn uncertainty(
    stretches: &[Vec<Block>],
    state: &Vector6<f64>,
    (prior, certainty): (&Matrix6<f64>, f64),
    fitting: &BiasFitting,
) -> Option<Vector3<f64>> {
    let (mut information, _) = turning_equations(stretches, state, prior, certainty);
    let turning = information.try_inverse()?.fixed_view::<3, 3>(0, 0).into_owned().symmetric_eigen();
    for (mut slope, _) in norm_equations(stretches, state, fitting) {
        for (axis, variance) in turning.eigenvectors.column_iter().zip(turning.eigenvalues.iter()) {
            let along = slope.fixed_rows::<3>(0).dot(&axis);
            // The slope is a direction over the norm's sigma: times g it is gravity along this axis.
            let gravity_along = along.abs() * fitting.norm_sigma_m_per_s2 * STANDARD_GRAVITY;
            if gravity_along < fitting.open_sigmas * variance.max(0.0).sqrt() {
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
    upper_median(&mut residuals).unwrap_or(0.0)
}
