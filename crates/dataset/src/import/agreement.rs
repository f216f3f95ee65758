//! Whether the gyroscope and the accelerometer of one box tell of the same turning.
//!
//! A gyroscope that is right carries gravity along: turned back by it, the specific force keeps one direction, and what a
//! movement adds averages out over a second. With `f` the specific force, `w` the angular rate, both in sensor axes, and `M`
//! the axes that the gyroscope is tried with,
//!
//! ```text
//! dR/dt = R [M w]x,   m_k = mean of R f over second k of a window,   spread(M) = root mean square of |m_k - mean m| / g
//! ```
//!
//! over the windows of four seconds in which most turns. `M = 0` is the turning that gravity alone shows. Where `M = 1` leaves
//! little of it, the two agree. Where another order or other signs of the axes leave far less, these name what contradicts.
//! A turn about the vertical is not seen by gravity, and a sensor that hardly turns says nothing: then nothing is said.

use nalgebra::{Matrix3, UnitQuaternion, Vector3};
use truehinge_core::{InertialSample, STANDARD_GRAVITY};

use super::scales::{BLOCK, BLOCKS, STEP_S, Step, reading};

/// The windows that turn most, at most so many: more say no more.
const MOST_WINDOWS: usize = 60;
/// A missing value is held for so many steps.
const HELD: usize = 8;

/// A larger mean rate at rest is no offset of a gyroscope, rad/s.
const MOST_BIAS: f64 = 0.15;
/// Root mean square of the force's norm against gravity, over gravity, in a window that is slow enough.
const MOST_UNREST: f64 = 0.12;

/// The slow windows of a recording in which most turns.
#[derive(Debug)]
struct Turning {
    /// Those that spread enough to be looked at one by one.
    windows: Vec<Vec<Step>>,
    /// Others, of which only all together say something.
    others: Vec<Vec<Step>>,
}

impl Turning {
    /// Looks for windows that spread enough, with the gyroscope or without it.
    fn of(samples: &[InertialSample], gravity: f64) -> Self {
        let mut runs = runs(samples, gravity);
        let bias = bias(&runs);
        runs.iter_mut().flatten().for_each(|step| step.rate -= bias);
        let mut found: Vec<(f64, Vec<Step>)> = Vec::new();
        for run in &runs {
            for window in run.windows(BLOCK * BLOCKS).step_by(BLOCK * BLOCKS / 2) {
                if !is_slow(window) {
                    continue;
                }
                let most = squared(window, &Matrix3::zeros()).max(squared(window, &Matrix3::identity()));
                found.push((most, window.to_vec()));
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.truncate(MOST_WINDOWS);
        let enough = found.partition_point(|(most, _)| *most > LEAST_SPREAD * LEAST_SPREAD);
        let others = found.split_off(enough).into_iter().map(|(_, window)| window).collect();
        Self { windows: found.into_iter().map(|(_, window)| window).collect(), others }
    }

    /// The spread that is left with the gyroscope's axes turned so, rad.
    fn spread(&self, axes: &Matrix3<f64>) -> f64 {
        let sum: f64 = self.windows.iter().map(|window| squared(window, axes)).sum();
        (sum / self.windows.len().max(1) as f64).sqrt()
    }
}

/// The gyroscope's mean over its steadiest second, where that is small enough to be an offset.
fn bias(runs: &[Vec<Step>]) -> Vector3<f64> {
    let mean = |block: &[Step]| block.iter().map(|step| step.rate).sum::<Vector3<f64>>() / block.len() as f64;
    let unrest = |block: &[Step]| {
        let mean = mean(block);
        block.iter().map(|step| (step.rate - mean).norm_squared()).sum::<f64>()
    };
    let blocks = runs.iter().flat_map(|run| run.chunks_exact(BLOCK));
    let steadiest = blocks.min_by(|a, b| unrest(a).total_cmp(&unrest(b)));
    steadiest.map(mean).filter(|bias| bias.norm() < MOST_BIAS).unwrap_or_default()
}

/// In fast movement the accelerations hide gravity.
fn is_slow(window: &[Step]) -> bool {
    let unrest = window.iter().map(|step| (step.force.norm() - 1.0).powi(2)).sum::<f64>() / window.len() as f64;
    unrest.sqrt() < MOST_UNREST
}

/// Squared spread of one window.
fn squared(window: &[Step], axes: &Matrix3<f64>) -> f64 {
    let mut turned = UnitQuaternion::identity();
    let mut means = [Vector3::zeros(); BLOCKS];
    for (index, step) in window.iter().enumerate() {
        let half = UnitQuaternion::from_scaled_axis(axes * step.rate * (0.5 * STEP_S));
        turned *= half;
        means[(index / BLOCK).min(BLOCKS - 1)] += turned * step.force / BLOCK as f64;
        turned *= half;
    }
    let mean = means.iter().sum::<Vector3<f64>>() / BLOCKS as f64;
    means.iter().map(|m| (m - mean).norm_squared()).sum::<f64>() / BLOCKS as f64
}

/// The samples on the grid, cut where either channel is missing for long.
fn runs(samples: &[InertialSample], gravity: f64) -> Vec<Vec<Step>> {
    let mut runs = Vec::new();
    let mut run: Vec<Step> = Vec::new();
    let Some(first) = samples.first() else { return runs };
    let (mut force, mut rate) = (Held::default(), Held::default());
    let mut slot = 0_i64;
    #[allow(clippy::cast_possible_truncation, reason = "float to int casts saturate")]
    let of = |sample: &InertialSample| ((sample.device_time - first.device_time).seconds() / STEP_S) as i64;
    for sample in samples {
        let now = of(sample);
        while slot < now {
            match (force.take(), rate.take()) {
                (Some(force), Some(rate)) => run.push(Step { force, rate }),
                _ if run.is_empty() => {}
                _ => runs.push(std::mem::take(&mut run)),
            }
            // Over a long gap nothing is held: its steps need not be walked through.
            slot = if force.is_empty() && rate.is_empty() { now } else { slot + 1 };
        }
        if sample.specific_force.is_finite() {
            force.add(sample.specific_force.vector() / gravity);
        }
        if sample.angular_rate.is_finite() {
            rate.add(sample.angular_rate.vector());
        }
    }
    runs.push(run);
    runs
}

/// Mean of the values of a step; held over a few steps without one.
#[derive(Default)]
struct Held {
    sum: Vector3<f64>,
    count: usize,
    last: Option<Vector3<f64>>,
    age: usize,
}

impl Held {
    fn add(&mut self, value: Vector3<f64>) {
        self.sum += value;
        self.count += 1;
    }

    fn is_empty(&self) -> bool {
        self.count == 0 && self.last.is_none()
    }

    fn take(&mut self) -> Option<Vector3<f64>> {
        if self.count > 0 {
            self.last = Some(self.sum / self.count as f64);
            (self.sum, self.count, self.age) = (Vector3::zeros(), 0, 0);
        } else {
            self.age += 1;
            if self.age > HELD {
                self.last = None;
            }
        }
        self.last
    }
}

/// What the two say of each other.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Agreement {
    /// Too little turned to say.
    Unknown,
    /// They tell the same.
    Agrees,
    /// The gyroscope turns so many times as fast as gravity.
    Factor(f64),
    /// Axes of the gyroscope turn so many times as fast as gravity.
    AxisFactors(Vec<(char, f64)>),
    /// The gyroscope is so many seconds behind the accelerometer, or ahead of it if negative.
    Late(f64),
    /// They would agree with these axes of the gyroscope.
    Axes(String),
    /// Gravity turns, the gyroscope does not tell of it.
    Silent,
    /// The gyroscope tells of turns that gravity does not make.
    Invents,
}

/// Least spread of a window that is looked at, rad.
const LEAST_SPREAD: f64 = 0.05;
/// An explanation must leave no more than this share of the spread.
const EXPLAINS: f64 = 0.4;
/// With so much left, one window is enough to complain, rad; and with so much, two. Real recordings of slow movement leave
/// 0.17 at most, in squats and with an accelerometer that is off by a third.
const ONE_IS_ENOUGH: f64 = 0.2;
const MUCH_LEFT: f64 = 0.12;
/// Where gravity itself turns by more than that, so much is enough in several windows, rad.
const LITTLE_LEFT: f64 = 0.04;
/// An explanation with more freedom must leave less than this share of what a simpler one leaves.
const CLEARLY_LESS: f64 = 0.75;
/// A factor that is ordinary: scale errors, and what accelerations add to the turning of gravity.
const ORDINARY: std::ops::RangeInclusive<f64> = 0.75..=1.3;
/// A gyroscope is silent if it tells of less than this share of gravity's turning, where that is at least so much, rad ...
const TELLS_NOTHING: f64 = 0.2;
const GRAVITY_TURNS: f64 = 0.08;
/// ... or leaves more than this share of it, where that is at least so much, rad.
const LEAVES_ALL: f64 = 0.85;
const GRAVITY_TURNS_MUCH: f64 = 0.2;
/// It invents turns if it makes so much of gravity's, times, and leaves at least so much, rad.
const MAKES_MORE: f64 = 2.0;
const INVENTED: f64 = 0.25;
/// It agrees if it leaves less than this share of gravity's turning.
const AGREES: f64 = 0.7;

/// An accelerometer with an offset seems to turn so many times as fast, or as slow, as it does.
fn offset(gravity: f64) -> f64 {
    (gravity / STANDARD_GRAVITY).max(STANDARD_GRAVITY / gravity)
}

/// Judges a sensor whose specific force reads `gravity` at rest.
pub(crate) fn agreement(samples: &[InertialSample], gravity: f64) -> Agreement {
    let turning = Turning::of(samples, gravity);
    match turning.by_windows(gravity) {
        judged @ (Agreement::Agrees | Agreement::Unknown) => turning.by_all(gravity).unwrap_or(judged),
        judged => judged,
    }
}

/// So many standard errors beyond what is ordinary are beyond doubt.
const BEYOND: f64 = 3.0;
/// Fewer windows have no standard error.
const FEWEST_WINDOWS: usize = 8;
/// Scales that an axis may have by a wrong unit or range.
const POSSIBLE: std::ops::RangeInclusive<f64> = 0.2..=5.0;
/// What filters and the order of rows may make of a delay, s.
const ORDINARY_DELAY_S: f64 = 0.04;

impl Turning {
    /// What each window for itself shows.
    fn by_windows(&self, gravity: f64) -> Agreement {
        if self.windows.is_empty() {
            return Agreement::Unknown;
        }
        let several = self.windows.len() > 1;
        let by_gravity = self.spread(&Matrix3::zeros());
        let left = self.spread(&Matrix3::identity());
        let enough =
            if several { left > MUCH_LEFT || left.min(by_gravity) > LITTLE_LEFT } else { left > ONE_IS_ENOUGH };
        if enough
            && by_gravity > LEAST_SPREAD
            && let Some(explained) = self.explained(left, gravity)
        {
            return explained;
        }
        let tells_nothing = || by_gravity > GRAVITY_TURNS && self.claimed() < TELLS_NOTHING * by_gravity;
        let leaves_all = by_gravity > GRAVITY_TURNS_MUCH && left > LEAVES_ALL * by_gravity;
        if several && (leaves_all || tells_nothing()) {
            Agreement::Silent
        } else if left > INVENTED && left > MAKES_MORE * by_gravity {
            Agreement::Invents
        } else if left < AGREES * by_gravity {
            Agreement::Agrees
        } else {
            Agreement::Unknown
        }
    }

    fn all(&self) -> impl Iterator<Item = &[Step]> + Clone {
        self.windows.iter().chain(&self.others).map(Vec::as_slice)
    }

    /// What all windows together leave no doubt of: an axis with another scale, or a gyroscope that is late.
    fn by_all(&self, gravity: f64) -> Option<Agreement> {
        if self.all().count() < FEWEST_WINDOWS {
            return None;
        }
        let reading = reading(self.all())?;
        let offset = offset(gravity);
        let off: Vec<(char, f64)> = ['x', 'y', 'z']
            .into_iter()
            .zip(reading.scales)
            .filter(|(_, scale)| {
                let (low, high) = (scale.value - BEYOND * scale.error, scale.value + BEYOND * scale.error);
                high < ORDINARY.start() / offset || low > ORDINARY.end() * offset
            })
            .map(|(axis, scale)| (axis, scale.value.recip()))
            .collect();
        let late = reading.delay;
        if !off.is_empty() {
            Some(Agreement::AxisFactors(off))
        } else if late.value.abs() - BEYOND * late.error > ORDINARY_DELAY_S {
            Some(Agreement::Late(late.value))
        } else {
            None
        }
    }
}

impl Turning {
    /// What explains the spread that is left: other axes, another scale, or another scale of single axes. The first two searches
    /// cost most of an import, and most gyroscopes need none.
    fn explained(&self, left: f64, gravity: f64) -> Option<Agreement> {
        let (factor, by_factor) = self.best_factor();
        let (axes, by_axes) = self.best_axes();
        // An axis that would have to turn the other way is a matter of signs.
        let scales = reading(self.all()).map(|reading| reading.scales.map(|scale| scale.value));
        let scales = scales.filter(|scales| scales.iter().all(|scale| POSSIBLE.contains(scale)));
        let by_scales = scales.map_or(f64::INFINITY, |scales| self.spread(&Matrix3::from_diagonal(&scales.into())));
        if by_axes.min(by_factor).min(by_scales) >= EXPLAINS * left {
            return None;
        }
        let offset = offset(gravity);
        let is_ordinary = ORDINARY.contains(&(factor / offset)) || ORDINARY.contains(&(factor * offset));
        if by_axes < CLEARLY_LESS * by_factor.min(by_scales) {
            Some(Agreement::Axes(name(&axes)))
        } else if by_scales < CLEARLY_LESS * by_factor {
            self.by_all(gravity)
        } else if is_ordinary {
            Some(Agreement::Agrees)
        } else {
            Some(Agreement::Factor(factor))
        }
    }

    /// The spread that the gyroscope alone makes of a constant force: the turning that it tells of, rad.
    fn claimed(&self) -> f64 {
        let windows = self.windows.iter().map(|window| {
            let mean = window.iter().map(|step| step.force).sum::<Vector3<f64>>() / window.len() as f64;
            window.iter().map(|step| Step { force: mean, ..*step }).collect()
        });
        Self { windows: windows.collect(), others: Vec::new() }.spread(&Matrix3::identity())
    }

    /// How many times too fast the gyroscope is, from 1/8 to 8, and the spread that is left without that.
    fn best_factor(&self) -> (f64, f64) {
        let tried = (-24..=24).map(|eighth| {
            let factor = 2_f64.powf(f64::from(eighth) / 8.0);
            (factor, self.spread(&(Matrix3::identity() / factor)))
        });
        tried.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((1.0, f64::INFINITY))
    }

    /// The order and signs of the axes that leave least, and how much; of those that leave about as little, the one that
    /// changes least.
    fn best_axes(&self) -> (Matrix3<f64>, f64) {
        let tried: Vec<_> = orders().into_iter().map(|axes| (axes, self.spread(&axes))).collect();
        let least = tried.iter().map(|(_, left)| *left).fold(f64::INFINITY, f64::min);
        let good = tried.into_iter().find(|(_, left)| *left <= 1.15 * least + 0.005);
        good.unwrap_or((Matrix3::identity(), f64::INFINITY))
    }
}

/// The 48 orders and signs of three axes, those that change least first.
fn orders() -> Vec<Matrix3<f64>> {
    let orders = [[0, 1, 2], [1, 0, 2], [2, 1, 0], [0, 2, 1], [1, 2, 0], [2, 0, 1]];
    let signs = [0_u8, 1, 2, 4, 3, 5, 6, 7];
    let matrix = |order: [usize; 3], signs: u8| {
        Matrix3::from_fn(|row, column| match (order[row] == column, signs >> row & 1) {
            (false, _) => 0.0,
            (true, 0) => 1.0,
            (true, _) => -1.0,
        })
    };
    orders.into_iter().flat_map(|order| signs.map(|signs| matrix(order, signs))).collect()
}

/// `x, -z, y`: what should stand in the place of x, y and z.
fn name(axes: &Matrix3<f64>) -> String {
    let entry = |row: usize| {
        let column = (0..3).find(|&column| axes[(row, column)] != 0.0).unwrap_or(row);
        format!("{}{}", if axes[(row, column)] < 0.0 { "-" } else { "" }, ["x", "y", "z"][column])
    };
    [0, 1, 2].map(entry).join(", ")
}

/// How far the sensor leans from where it stands stillest, in slow movement: the largest lean held for a second, rad, and
/// in how many windows it was half as much.
pub(crate) fn lean(samples: &[InertialSample], gravity: f64) -> (f64, usize) {
    let runs = runs(samples, gravity);
    let mean = |block: &[Step]| block.iter().map(|step| step.force).sum::<Vector3<f64>>() / block.len() as f64;
    let unrest = |block: &[Step]| block.iter().map(|step| (step.force - mean(block)).norm_squared()).sum::<f64>();
    let blocks = || runs.iter().flat_map(|run| run.chunks_exact(BLOCK));
    let Some(upright) = blocks().min_by(|a, b| unrest(a).total_cmp(&unrest(b))).map(mean) else { return (0.0, 0) };
    let windows = runs.iter().flat_map(|run| run.chunks_exact(BLOCK * BLOCKS)).filter(|window| is_slow(window));
    let leans: Vec<f64> =
        windows.map(|window| window.chunks_exact(BLOCK).map(|b| mean(b).angle(&upright)).fold(0.0, f64::max)).collect();
    let most = leans.iter().copied().fold(0.0, f64::max);
    (most, leans.iter().filter(|lean| **lean > 0.5 * most).count())
}
