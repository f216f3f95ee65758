//! Orientation of each sensor against gravity: samples in, one [`OrientationEstimate`] per sample out.
//!
//! Enters: runs of uniform samples ([`crate::timebase`]), corrected by [`crate::inertial`]. Leaves: a
//! [`Rotation`] from the sensor to its own Earth frame (z up, heading free and drifting), the gyroscope's bias, and whether
//! the sensor was at rest. Magnetometers are never used, so headings of two sensors have nothing in common.
//!
//! | | uses the future | accuracy, inclination RMSE | for |
//! |---|---|---|---|
//! | [`OnlineOrientation`] | no | as the authors' VQF (to 1e-9 rad with [`Ends::Published`]) | live coaching |
//! | [`offline::estimate`] | yes | as the authors' offline variant (to 1e-9 rad with [`Ends::Published`]), better near the ends | everything stored |
//! | [`maker::estimate`] | the maker knows | the maker's | files that hold orientations only |
//!
//! The method is VQF \[Laidig2023\]: strapdown integration of the bias-corrected rate gives a frame that turns only by the
//! integration's drift; in that frame gravity is nearly constant, so a slow low-pass of the specific force finds it without
//! blurring the movement; the bias is estimated at rest from the rate and in motion from the inclination corrections.

mod coarse;
mod level;
mod low_pass;
pub mod maker;
pub mod offline;
mod online;
mod pair;
mod vqf;

pub use online::OnlineOrientation;

use std::borrow::Cow;

use nalgebra::{Quaternion, UnitQuaternion, Vector3};
use truehinge_core::{AngularRate, Earth, Explained, Interval, Rotation, SampleRate, Sensor, SensorRole, SessionTime};

#[cfg(doc)]
use crate::method::Ends;
use crate::method::Method;
use crate::timebase::{ImuSample, Run, SampleQuality, UniformTrack};
use vqf::Vqf;

/// What is known about a sensor's attitude at one sample.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OrientationEstimate {
    /// Sensor to its own Earth frame: z up, heading free.
    pub rotation: Rotation<Sensor, Earth>,
    /// Bias of the gyroscope: subtract it from the measured rate.
    pub bias: AngularRate<Sensor>,
    /// Standard uncertainty of the bias in its worst direction, rad/s.
    pub bias_sigma: f64,
    /// The sensor did not move, for at least the time that rest detection asks for.
    pub at_rest: bool,
}

/// Contiguous orientations at the sensor's own rate.
#[derive(Clone, PartialEq, Debug)]
pub struct OrientationRun {
    /// Time of the first sample.
    pub start: SessionTime,
    /// Time between samples, s.
    pub period_s: f64,
    /// Inertial samples, as they went into the estimate; the rate still contains the bias.
    pub samples: Vec<ImuSample>,
    /// One per sample.
    pub estimates: Vec<OrientationEstimate>,
    /// One per sample.
    pub quality: Vec<SampleQuality>,
}

impl OrientationRun {
    /// Time of a sample (`index` may lie between samples).
    pub fn time(&self, index: f64) -> SessionTime {
        self.start + Interval::from_seconds(index * self.period_s)
    }

    /// Time of the last sample.
    pub fn last(&self) -> SessionTime {
        self.time(self.samples.len().saturating_sub(1) as f64)
    }

    /// The rate at a sample without the gyroscope's bias.
    pub fn angular_rate(&self, index: usize) -> Option<AngularRate<Sensor>> {
        Some(self.samples.get(index)?.angular_rate - self.estimates.get(index)?.bias)
    }

    /// Where `at` lies on the sample grid: 0 at the first sample, fractional between samples, outside the run as well.
    pub fn position(&self, at: SessionTime) -> f64 {
        (at - self.start).seconds() / self.period_s
    }
}

/// All runs of one sensor. Each run has its own heading.
#[derive(Clone, PartialEq, Debug)]
pub struct OrientationTrack {
    /// What it measures.
    pub role: SensorRole,
    /// Samples per second, measured.
    pub rate: SampleRate,
    /// In order of time.
    pub runs: Vec<OrientationRun>,
    /// Rate and specific force were computed back from the maker's orientations.
    pub derived: bool,
}

/// Orientation of all runs of a sensor, with the future ([`offline::estimate`]). Runs share the bias of the gyroscope.
///
/// # Errors
/// A rate below 4 Hz.
pub fn estimate(track: UniformTrack<ImuSample>, method: &Method) -> Result<OrientationTrack, RateError> {
    let mut end: Option<SessionTime> = None;
    let paused: Vec<offline::PausedRun<'_>> = track
        .runs
        .iter()
        .map(|run| {
            let pause_s = end.map_or(0.0, |end| (run.start - end).seconds().max(0.0));
            end = Some(run.last());
            offline::PausedRun { samples: &run.samples, pause_s }
        })
        .collect();
    let estimates = offline::estimate_runs(&paused, track.rate, method)?;
    let oriented = |(run, estimates): (Run<ImuSample>, Vec<OrientationEstimate>)| OrientationRun {
        start: run.start,
        period_s: run.period_s,
        samples: run.samples,
        estimates,
        quality: run.quality,
    };
    let runs = track.runs.into_iter().zip(estimates).map(oriented).collect();
    Ok(OrientationTrack { role: track.role, rate: track.rate, runs, derived: false })
}

/// The sensor is too slow for the filter.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
#[error("the sample rate is {hertz} Hz, orientation needs at least {least}")]
pub struct RateError {
    /// The rate, Hz.
    pub hertz: f64,
    /// Least rate, Hz.
    pub least: f64,
}

impl Explained for RateError {
    fn code(&self) -> &'static str {
        "rate_too_low"
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some("set the sensor to a higher rate".into())
    }
}

/// Mathematics: the longest time between samples, s. The cut-off of the filter's own low-pass for rest detection, whose time constant is
/// half a second, must lie well below half the sample rate.
const LONGEST_PERIOD: f64 = 0.25;

/// A filter for samples of this rate.
fn filter(method: &Method, rate: SampleRate) -> Result<Vqf, RateError> {
    if rate.period_seconds() > LONGEST_PERIOD {
        return Err(RateError { hertz: rate.hertz(), least: LONGEST_PERIOD.recip() });
    }
    Ok(Vqf::new(rate.period_seconds(), method))
}

/// Physics: no sensor measures ten thousand times gravity, m/s²; the filter's arithmetic must not meet it.
const ABSURD_FORCE: f64 = 1e5;
/// Physics: no sensor measures a thousand turns a second, rad/s; the filter's arithmetic must not meet it.
const ABSURD_RATE: f64 = 1e4;

/// Whether the filter may see this sample.
fn usable(sample: &ImuSample) -> bool {
    // Mathematics: nothing has no direction. `<` is false for NaN as well.
    let force = sample.specific_force.norm();
    force > 1e-6 && force < ABSURD_FORCE && sample.angular_rate.norm() < ABSURD_RATE
}

/// The rotation about a horizontal axis that takes the unit vector `up` to +z.
fn shortest_way_up(up: &Vector3<f64>) -> Quaternion<f64> {
    let w = f64::midpoint(up.z, 1.0).max(0.0).sqrt();
    // Upside down every horizontal axis is as good; take x.
    if w > 1e-6 {
        Quaternion::new(w, 0.5 * up.y / w, -0.5 * up.x / w, 0.0)
    } else {
        Quaternion::new(0.0, 1.0, 0.0, 0.0)
    }
}

/// The attitude after turning by `turn` (rad) in the sensor's axes.
fn advanced(attitude: &UnitQuaternion<f64>, turn: &Vector3<f64>) -> UnitQuaternion<f64> {
    let (cos, half_sinc) = half_turn(turn.norm_squared());
    near_unit(attitude.quaternion() * Quaternion::from_parts(cos, turn * half_sinc))
}

/// Mathematics: the series of `cos` and of `sin(x) / x` in the square of `x`, after 1 and with the signs in turn.
const COS: [f64; 5] = [1.0 / 2.0, 1.0 / 24.0, 1.0 / 720.0, 1.0 / 40_320.0, 1.0 / 3_628_800.0];
/// Mathematics: see [`COS`].
const SINC: [f64; 5] = [1.0 / 6.0, 1.0 / 120.0, 1.0 / 5_040.0, 1.0 / 362_880.0, 1.0 / 39_916_800.0];
/// Mathematics: up to this square of half an angle (0.2 rad from sample to sample) what the series leave out is below 1e-19.
const SMALL: f64 = 0.01;

/// `cos(angle / 2)` and `sin(angle / 2) / angle` of a squared angle, rad².
fn half_turn(squared: f64) -> (f64, f64) {
    let x = 0.5 * 0.5 * squared;
    if x < SMALL {
        let series = |[a, b, c, d, e]: [f64; 5]| 1.0 - x * (a - x * (b - x * (c - x * (d - x * e))));
        return (series(COS), 0.5 * series(SINC));
    }
    let angle = squared.sqrt();
    let (sin, cos) = (angle / 2.0).sin_cos();
    (cos, sin / angle)
}

/// Normalises a product of unit quaternions, of which only rounding makes anything else: one step of Newton's method for `1 / sqrt`.
fn near_unit(q: Quaternion<f64>) -> UnitQuaternion<f64> {
    UnitQuaternion::new_unchecked(q * (1.0 + 0.5 * (1.0 - q.norm_squared())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attitude_turns_by_any_angle_and_stays_a_rotation() {
        let start = UnitQuaternion::from_euler_angles(0.3, -1.2, 2.0);
        for angle in [0.0, 1e-9, 1e-3, 0.199, 0.201, 1.0, 3.0] {
            let turn = Vector3::new(0.36, -0.48, 0.8) * angle;
            let turned = advanced(&start, &turn);
            assert!(turned.angle_to(&(start * UnitQuaternion::from_scaled_axis(turn))) < 1e-12, "{angle}");
            assert!((turned.norm() - 1.0).abs() < 1e-15, "{angle}");
        }
        let many = (0..100_000).fold(start, |attitude, _| advanced(&attitude, &Vector3::new(0.01, 0.02, -0.03)));
        assert!((many.norm() - 1.0).abs() < 1e-15);
    }
}
