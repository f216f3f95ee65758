//! How the axes of a gyroscope must be scaled, and its values moved in time, to carry gravity along: by least squares over
//! all slow windows, with standard errors.
//!
//! As in [`super::agreement`], `m_k` is the mean of the specific force over second k of a window, turned back by the gyroscope:
//! the same for all k if the gyroscope is right. A scale `s_a` of axis a and a delay `d` change it, to first order, by
//!
//! ```text
//! dm_k / ds_a = mean over second k of (theta_a x R f),   theta_a = integral of R e_a w_a dt
//! dm_k / dd   = mean over second k of (theta_d x R f),   theta_d = integral of R diag(s) w' dt
//! dm_k / do_a = mean over second k of (phi_a x R f),     phi_a   = integral of R e_a dt
//! ```
//!
//! with `o_a` an offset of the gyroscope, which would look like a scale where little turns. Gauss-Newton steps solve for the seven. The
//! standard errors are those of the windows' scores (a sandwich estimate), twice the
//! variance because windows overlap by half: what movements add to gravity is mostly alike within a window and not between them; what
//! is alike in all of them is added.

use nalgebra::{SMatrix, SVector, UnitQuaternion, Vector3};

/// Grid that the samples are averaged onto, s: enough for the turning of a person.
pub(super) const STEP_S: f64 = 0.04;
/// Steps of a block whose mean must keep its direction: a second, in which the accelerations of a movement cancel.
pub(super) const BLOCK: usize = 25;
/// Blocks of a window.
pub(super) const BLOCKS: usize = 4;

/// A step of the grid: the specific force over gravity, and the angular rate, rad/s.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub force: Vector3<f64>,
    pub rate: Vector3<f64>,
}

/// Three scales, the delay, three offsets.
const UNKNOWNS: usize = 7;
const DELAY: usize = 3;
const OFFSET: usize = 4;
const ROWS: usize = 3 * BLOCKS;
type Unknowns = SVector<f64, UNKNOWNS>;
type Square = SMatrix<f64, UNKNOWNS, UNKNOWNS>;
type Design = SMatrix<f64, ROWS, UNKNOWNS>;
type Left = SVector<f64, ROWS>;

/// Steps of the solution; they end where nothing changes any more.
const STEPS: usize = 8;
/// Longest step of a scale, and of the delay, s.
const LONGEST: f64 = 0.5;
const LONGEST_DELAY_S: f64 = 0.1;
/// A delay beyond this is no delay, s.
const MOST_DELAY_S: f64 = 0.5;
/// Share of the trace that keeps what nothing turned about where it is.
const RIDGE: f64 = 1e-6;
/// What the accelerations of a movement add to gravity alike in all windows, rad: no number of windows averages it out. With it one of 143
/// sensors of the wide bench is accused, the one with the worst accelerometer, and none of 83 others; without it five are.
const ALIKE: f64 = 0.002;
/// Changes below this are none.
const SETTLED: f64 = 1e-4;

/// A number with its standard error.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Estimate {
    pub value: f64,
    pub error: f64,
}

/// What makes a gyroscope carry gravity along.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Reading {
    /// Times what each axis says.
    pub scales: [Estimate; 3],
    /// By how much it is behind the accelerometer, s.
    pub delay: Estimate,
}

/// The first step looks at so many windows, those in which most turns.
const SCREEN: usize = 20;
/// So near to what it should be a first step leaves nothing to find: a scale, and a delay, s.
const NEAR: f64 = 0.15;
const NEAR_DELAY_S: f64 = 0.03;

/// Solves for the reading of windows of `BLOCK * BLOCKS` steps; nothing for none, nor where the first step already shows that
/// there is nothing to remark: most gyroscopes cost no more than that.
pub(super) fn reading<'a>(windows: impl Iterator<Item = &'a [Step]> + Clone) -> Option<Reading> {
    let mut at = Unknowns::from_fn(|unknown, _| if unknown < DELAY { 1.0 } else { 0.0 });
    let near =
        |at: &Unknowns| at.iter().take(DELAY).all(|scale| (scale - 1.0).abs() < NEAR) && at[DELAY].abs() < NEAR_DELAY_S;
    if near(&stepped(&at, windows.clone().take(SCREEN))?) {
        return None;
    }
    for _ in 0..STEPS {
        let before = at;
        at = stepped(&at, windows.clone())?;
        if (at - before).amax() < SETTLED {
            break;
        }
    }
    let (mut square, mut scores) = (Square::zeros(), Square::zeros());
    let mut blocks = 0.0;
    for window in windows {
        blocks += BLOCKS as f64;
        let (left, design) = linear(window, &at);
        square += design.transpose() * design;
        let score = design.transpose() * left;
        scores += score * score.transpose();
    }
    let inverse = with_ridge(&square).try_inverse()?;
    let variance = inverse * (2.0 * scores) * inverse;
    let estimate = |i: usize, alike: f64| Estimate { value: at[i], error: (variance[(i, i)].max(0.0) + alike).sqrt() };
    // What turns gravity hardly at all is known hardly at all.
    let alike = |i: usize| ALIKE * ALIKE * blocks / square[(i, i)].max(f64::MIN_POSITIVE);
    Some(Reading { scales: [0, 1, 2].map(|axis| estimate(axis, alike(axis))), delay: estimate(DELAY, 0.0) })
}

/// The unknowns after a step of the solution.
fn stepped<'a>(at: &Unknowns, windows: impl Iterator<Item = &'a [Step]>) -> Option<Unknowns> {
    let (mut square, mut toward) = (Square::zeros(), Unknowns::zeros());
    for window in windows {
        let (left, design) = linear(window, at);
        square += design.transpose() * design;
        toward -= design.transpose() * left;
    }
    let mut at = at + solved(&square, &toward)?;
    at[DELAY] = at[DELAY].clamp(-MOST_DELAY_S, MOST_DELAY_S);
    Some(at)
}

fn with_ridge(square: &Square) -> Square {
    square + Square::identity() * (RIDGE * square.trace()).max(f64::MIN_POSITIVE)
}

fn solved(square: &Square, toward: &Unknowns) -> Option<Unknowns> {
    let mut step = with_ridge(square).cholesky()?.solve(toward);
    step.iter_mut().for_each(|value| *value = value.clamp(-LONGEST, LONGEST));
    step[DELAY] = step[DELAY].clamp(-LONGEST_DELAY_S, LONGEST_DELAY_S);
    step.iter().all(|value| value.is_finite()).then_some(step)
}

/// What is left of a window, and how it changes with the unknowns.
fn linear(window: &[Step], at: &Unknowns) -> (Left, Design) {
    let scales = Vector3::new(at[0], at[1], at[2]);
    let offset = Vector3::new(at[OFFSET], at[OFFSET + 1], at[OFFSET + 2]);
    let rate = |index: usize| delayed(window, index, at[DELAY]);
    let mut turned = UnitQuaternion::identity();
    let mut angles = [Vector3::zeros(); UNKNOWNS];
    let mut means = [Vector3::zeros(); BLOCKS];
    let mut changes = [[Vector3::zeros(); UNKNOWNS]; BLOCKS];
    for (index, step) in window.iter().enumerate() {
        let now = rate(index);
        let slope = (rate((index + 1).min(window.len() - 1)) - rate(index.saturating_sub(1))) * 0.5;
        let half = UnitQuaternion::from_scaled_axis((now.component_mul(&scales) + offset) * (0.5 * STEP_S));
        turned *= half;
        let matrix = turned.to_rotation_matrix();
        let turns = |unknown: usize| match unknown {
            DELAY => matrix * slope.component_mul(&scales),
            OFFSET.. => matrix.matrix().column(unknown - OFFSET) * STEP_S,
            axis => matrix.matrix().column(axis) * (now[axis] * STEP_S),
        };
        let force = turned * step.force;
        let block = (index / BLOCK).min(BLOCKS - 1);
        means[block] += force / BLOCK as f64;
        for unknown in 0..UNKNOWNS {
            let turn = turns(unknown);
            let angle = angles[unknown] + 0.5 * turn;
            angles[unknown] += turn;
            changes[block][unknown] += angle.cross(&force) / BLOCK as f64;
        }
        turned *= half;
    }
    (
        stacked(&means),
        Design::from_columns(&std::array::from_fn::<_, UNKNOWNS, _>(|unknown| stacked(&changes.map(|of| of[unknown])))),
    )
}

/// The vectors of the blocks without their mean, one below the other.
fn stacked(blocks: &[Vector3<f64>; BLOCKS]) -> Left {
    let mean = blocks.iter().sum::<Vector3<f64>>() / BLOCKS as f64;
    Left::from_fn(|row, _| blocks[row / 3][row % 3] - mean[row % 3])
}

/// The rate at a step if it came so much later than it was measured: between two steps by the share, at the ends the last one.
fn delayed(window: &[Step], index: usize, delay: f64) -> Vector3<f64> {
    let place = (index as f64 + delay / STEP_S).clamp(0.0, (window.len() - 1) as f64);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the window")]
    let before = place.floor() as usize;
    let after = (before + 1).min(window.len() - 1);
    window[before].rate.lerp(&window[after].rate, place - before as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows of bows about y while leaning about x, told by a gyroscope whose axes are scaled so and that is so late, s.
    fn told(scales: [f64; 3], delay: f64) -> Vec<Vec<Step>> {
        let angles = |t: f64| [0.35 * (1.3 * t).sin(), 0.6 * (1.1 * t + 0.4).sin(), 0.3 * (0.9 * t + 1.0).sin()];
        let attitude = |t: f64| {
            let [x, y, z] = angles(t);
            UnitQuaternion::from_euler_angles(x, y, z)
        };
        let rate = |t: f64| (attitude(t - 1e-4).inverse() * attitude(t + 1e-4)).scaled_axis() / 2e-4;
        let step = |t: f64| Step {
            force: attitude(t).inverse() * Vector3::z(),
            rate: rate(t - delay).component_mul(&Vector3::from(scales)),
        };
        let window = |w: usize| (0..BLOCK * BLOCKS).map(|i| step(2.0 * w as f64 + STEP_S * i as f64)).collect();
        (0..12).map(window).collect()
    }

    fn read(windows: &[Vec<Step>]) -> Reading {
        reading(windows.iter().map(Vec::as_slice)).expect("solves")
    }

    #[test]
    fn scales_and_delay_are_found_with_their_errors() {
        assert_eq!(reading(told([1.0; 3], 0.0).iter().map(Vec::as_slice)), None, "nothing to remark");
        for (scales, delay) in [([1.0, 2.0, 1.0], 0.0), ([0.5, 1.0, 1.0], 0.0), ([1.0; 3], 0.12)] {
            let read = read(&told(scales, delay));
            for (found, scale) in read.scales.iter().zip(scales) {
                let off = found.value * scale - 1.0;
                assert!(off.abs() < 0.05 && found.error < 0.3, "{scales:?} {delay}: {read:?}");
            }
            assert!((read.delay.value - delay).abs() < 0.02, "{scales:?} {delay}: {read:?}");
        }
    }

    #[test]
    fn an_axis_about_which_nothing_turned_has_no_scale() {
        let mut still = told([1.0; 3], 0.0);
        for (index, step) in still.iter_mut().flatten().enumerate() {
            let angle = 0.4 * (0.04 * index as f64).sin();
            *step = Step {
                force: Vector3::new(-angle.sin(), 0.0, angle.cos()),
                rate: Vector3::new(0.001, 1.5 * 0.4 * (0.04 * index as f64).cos(), 0.0),
            };
        }
        let read = read(&still);
        assert!((read.scales[1].value * 1.5 - 1.0).abs() < 0.05, "{read:?}");
        assert!(read.scales[0].error > 1.0 && read.scales[2].error > 1.0, "{read:?}");
    }
}
