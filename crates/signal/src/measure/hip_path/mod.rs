//! Where the hip joint went in each repetition of a set: strapdown of the pelvis sensor between stances, with the errors of
//! the sensor estimated over the whole set, tied to the supporting leg and to balance.
//!
//! In: angular rate and specific force of the pelvis sensor over a stretch per repetition that begins and ends in rest, and a
//! few postures of the repetition. Out: displacement of the hip joint along three axes at every point, with its covariance.
//!
//! Within a stretch the attitude comes from the gyroscope alone, levelled by the mean specific force of the two rests: an
//! orientation filter would mix the accelerometer's own errors into it. What remains wrong is, per axis, a start velocity
//! `v`, a constant and a growing error of the acceleration `e, c` (imperfect level, gyroscope bias), a jump of the velocity
//! where samples are missing, and, shared by all repetitions, the accelerometer's bias `b`, the gyroscope's gain error `s`
//! and the error `l` of the lever arm from hip joint to sensor:
//!
//! ```text
//! x(t) = I2[a](t) - ( v t + e t^2/2 + c t^3/6 + I2[(R - R0) b](t) + I2[s phi x g](t) ) - (P(t) - P0) (lever + l)
//! ```
//!
//! (`R` sensor to level, `R0` its mean over the rests, where levelling hides the bias; `phi` the rotation since the start,
//! `P` pelvis to level, `I2` the double integral.) Soft knowledge makes this solvable by least squares: in both rests the
//! velocity is near zero on average and hardly changes (sway, less in height), the position returns nearly to where it was
//! (closure), each error is small, the hip moves on the supporting leg and the body stays in balance ([`crate::body::leg`],
//! at a few moments of each repetition), all with standard deviations. A bias shows because tilting turns it: the velocity then does
//! not come back to zero. The leg's relations are not linear: a few Gauss-Newton steps, with weights that let go of a
//! repetition that does not obey them. The posterior covariance, scaled by how well the priors fit this wearer (`unit_variance`),
//! is the stated uncertainty. Levelling at both ends follows the zero-velocity practice of pedestrian strapdown
//! \[Sabatini2005\]; the whole is estimator E4 of SCIENCE §4 (decision 0004).

mod adjustment;
mod arrow;
mod posterior;
mod rests;
mod strapdown;
mod traced;
mod unknowns;

use std::iter::Sum;
use std::ops::Range;

use nalgebra::Vector3;
use truehinge_core::{Anthropometry, Budget, ErrorSource, MountSite, Pelvis, SensorRole, Side, frame::Displacement};

use self::strapdown::{Strapdown, Stretch, Wearer};
pub(super) use self::traced::Path;
use super::curves::Window;
use super::gaps::{hidden, is_missing};
use super::rest::Rest;
use super::thigh::ThighPath;
use crate::body::leg::{Leg, Posture};
use crate::body::motion::SetMotion;
use crate::math::stats::mean;
use crate::method::{self, LeverArm, Method};
use crate::repetitions::Candidate;

/// How well all that is known of the leg agrees in some repetitions: as twice a negative log likelihood, which is a sum of squares of errors in
/// their standard deviations wherever these are small.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Agreement {
    /// What is left unexplained.
    pub misfit: f64,
    /// What is left if the shank leans the other way: its front was taken for its back.
    pub reversed: f64,
    /// What would be left of chance alone.
    pub freedom: f64,
}

impl Agreement {
    /// By how much the shank that leans the other way agrees better, in the wearer's own variance: where much is left either way, the leg's
    /// relations do not hold, and a difference says less.
    pub fn gain_reversed(&self, prior: f64) -> f64 {
        let variance = adjustment::unit_variance(self.misfit.min(self.reversed), self.freedom, prior);
        (self.misfit - self.reversed) / variance.max(1.0)
    }
}

impl Sum for Agreement {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |a, b| Self {
            misfit: a.misfit + b.misfit,
            reversed: a.reversed + b.reversed,
            freedom: a.freedom + b.freedom,
        })
    }
}

/// The paths of pelvis sensor and hip joint in all counted repetitions of a set, of all movements in it.
pub(super) fn paths_of_set(
    set: &SetMotion<'_>,
    counted: &[&Candidate],
    movements: &[Candidate],
    method: &Method,
) -> (Vec<Path>, Agreement) {
    let stretches: Vec<Stretch> = counted.iter().map(|candidate| stretch(set, candidate, movements, method)).collect();
    let wearer = Wearer {
        to_pelvis: set.hip_alignment.rotation().quaternion(),
        lever: lever_arm(set.hip_mount, set.side, set.body, &method.measure.lever_arm).vector(),
        leg: Leg::new(set.body, set.stance, &method.measure.hip_path),
    };
    paths(&stretches, &wearer, &method.measure.hip_path)
}

/// The paths of all stretches of one set.
fn paths(stretches: &[Stretch], wearer: &Wearer, method: &method::HipPath) -> (Vec<Path>, Agreement) {
    let strapped: Vec<Strapdown> = stretches.iter().map(|stretch| Strapdown::new(stretch, wearer)).collect();
    let chunks = strapped.chunks(method.together_count).map(|chunk| adjustment::solve(chunk, &wearer.leg, method));
    let (paths, agreements): (Vec<Vec<Path>>, Vec<Agreement>) = chunks.unzip();
    (paths.concat(), agreements.into_iter().sum())
}

/// What the pelvis sensor measured around a repetition, and what is known of the leg in it.
fn stretch(set: &SetMotion<'_>, candidate: &Candidate, movements: &[Candidate], method: &Method) -> Stretch {
    let longest = set.grid.points(method.measure.hip_path.rest.longest_rest_s);
    let pauses = pauses(candidate, movements, set.grid.len());
    let rest = Rest::around(set, candidate, pauses, longest, &method.stillness.between_movements);
    let range = rest.span();
    let from = range.start;
    let within = |part: &Range<usize>| part.start - from..part.end - from;
    let window = Window::new(set, candidate, &method.measure);
    Stretch {
        angular_rate: set.hip.angular_rate[range.clone()].iter().map(|rate| rate.vector()).collect(),
        specific_force: set.hip.specific_force[range.clone()].iter().map(|force| force.vector()).collect(),
        before: within(&rest.before),
        after: within(&rest.after),
        dt: set.grid.rate.period_seconds(),
        base: within(&window.baseline),
        gap: hidden(&set.hip.measured[range], set.grid.rate, &method.measure.gaps),
        // Over a gap in its data the shank says nothing about the leg.
        postures: if is_missing(set, SensorRole::Shank, candidate.range.clone(), &method.timebase) {
            Vec::new()
        } else {
            postures(set, &window, from, method)
        },
        from,
    }
}

/// From the last instant of the movement before a repetition to the first of the one after it.
fn pauses(candidate: &Candidate, movements: &[Candidate], length: usize) -> Range<usize> {
    let before = movements.iter().filter(|other| other.range.end <= candidate.range.start);
    let after = movements.iter().filter(|other| other.range.start >= candidate.range.end);
    before.map(|other| other.whole().end).max().unwrap_or(0)
        ..after.map(|other| other.whole().start).min().unwrap_or(length)
}

/// The leg at a few moments of a repetition, at points of its stretch.
fn postures(set: &SetMotion<'_>, window: &Window, from: usize, method: &Method) -> Vec<(usize, Posture)> {
    let has_gap = is_missing(set, SensorRole::Thigh, window.range.clone(), &method.timebase);
    let thigh = ThighPath::of(set, window).filter(|_| !has_gap);
    let (shank, pelvis) = (window.change(&set.shank.sagittal), window.change(&set.pelvis.sagittal));
    let before = mean(&set.pelvis.sagittal[window.baseline.clone()]);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index inside the range")]
    let at = |share: f64| (share * (shank.len() - 1) as f64).round() as usize;
    let posture = |i: usize| Posture {
        shank_change: shank[i],
        thigh_change: thigh.as_ref().map(|thigh| (thigh.tilt[i], thigh.budget(i, &method.measure))),
        pelvis_before: before,
        pelvis: before + pelvis[i],
    };
    let moments = method.measure.hip_path.moments_share.iter().map(|&share| at(share));
    moments.map(|i| (window.range.start - from + i, posture(i))).collect()
}

/// Lever arm from the hip joint centre of the supporting leg to the pelvis sensor, in the pelvis frame, m.
/// Joint centre relative to the pelvic landmarks by the regressions of \[Harrington2007\] for an average pelvis.
pub(super) fn lever_arm(
    mount: Option<MountSite>,
    side: Option<Side>,
    body: &Anthropometry,
    method: &LeverArm,
) -> Displacement<Pelvis> {
    let half_width = body.hip_width.map_or(method.half_width_m, |width| 0.5 * width.value.metres());
    let lateral = side.map_or(0.0, Side::lateral_sign);
    match mount {
        Some(MountSite::Sacrum) => Displacement::new(-method.sacrum_back_m, method.sacrum_up_m, -lateral * half_width),
        Some(MountSite::LateralHip) => {
            Displacement::new(-method.lateral_back_m, method.lateral_up_m, lateral * method.lateral_out_m)
        }
        _ => Displacement::new(-method.unknown_back_m, method.unknown_up_m, 0.0),
    }
}

/// How far the hip joint travelled over a repetition, from the pelvis sensor.
#[derive(Debug)]
pub(super) struct HipTravel<'a> {
    /// Backward displacement from the baseline, m.
    pub back: Vec<f64>,
    /// Downward displacement from the baseline, m.
    pub down: Vec<f64>,
    /// Root mean square side-to-side displacement of the sensor, m.
    pub sway: f64,
    path: &'a Path,
    /// Where in the path the repetition begins, and the posture it is measured from.
    start: usize,
    base: usize,
    /// What a sensor that may have slid moves its lever arm by, m.
    slid: f64,
    /// Slide of the sensor on the skin, m per radian.
    slide_per_tilt: f64,
}

impl<'a> HipTravel<'a> {
    /// `slid`: turn of a pelvis sensor that may have slid, rad; it swings its lever arm.
    pub fn new(set: &SetMotion<'_>, window: &Window, path: &'a Path, slid: f64, method: &method::Measure) -> Self {
        let inner = window.range.start - path.from..window.range.end - path.from;
        let along = |axis: Vector3<f64>| -> Vec<f64> { inner.clone().map(|i| path.joint[i].dot(&axis)).collect() };
        let left = Vector3::z().cross(&path.forward);
        let across: Vec<f64> = inner.clone().map(|i| path.sensor[i].dot(&left)).collect();
        let centre = mean(&across);
        let lever = lever_arm(set.hip_mount, set.side, set.body, &method.lever_arm);
        Self {
            back: along(-path.forward),
            down: along(-Vector3::z()),
            sway: mean(&across.iter().map(|y| (y - centre).powi(2)).collect::<Vec<_>>()).sqrt(),
            path,
            start: inner.start,
            base: window.baseline.start - path.from,
            slid: lever.vector().norm() * slid,
            slide_per_tilt: method.tissue.slide_per_tilt_m_per_rad,
        }
    }

    /// What [`HipTravel::back`] is uncertain by at a point of the repetition, m.
    pub fn back_budget(&self, at: usize) -> Budget {
        self.budget(at, self.path.forward)
    }

    /// What [`HipTravel::down`] is uncertain by at a point of the repetition, m.
    pub fn down_budget(&self, at: usize) -> Budget {
        self.budget(at, Vector3::z())
    }

    fn budget(&self, at: usize, axis: Vector3<f64>) -> Budget {
        let (path, i) = (self.path, self.start + at);
        let turned = (path.pelvis[i] * path.pelvis[self.base].inverse()).angle();
        Budget::sum(&[
            path.budget(i, axis),
            Budget::of(ErrorSource::SoftTissue, self.slide_per_tilt * turned),
            Budget::of(ErrorSource::Slip, self.slid),
        ])
    }
}

#[cfg(test)]
mod tests;
