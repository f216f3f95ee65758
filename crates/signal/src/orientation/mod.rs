//! Orientation of each sensor against gravity: samples in, one [`OrientationEstimate`] per sample out.
//!
//! Enters: runs of uniform samples ([`crate::timebase`]), corrected by [`crate::inertial`]. Leaves: a
//! [`Rotation`] from the sensor to its own Earth frame (z up, heading free and drifting), the gyroscope's bias, and whether
//! the sensor was at rest. Magnetometers are never used, so headings of two sensors have nothing in common.
//!
//! | | uses the future | accuracy, inclination RMSE | for |
//! |---|---|---|---|
//! | [`OnlineOrientation`] | no | as the authors' VQF (to 1e-9 rad when started as published) | live coaching |
//! | [`offline::estimate`] | yes | as the authors' offline variant (to 1e-9 rad with [`offline::Ends::Published`]), better near the ends | everything stored |
//! | [`maker::estimate`] | the maker knows | the maker's | files that hold orientations only |
//!
//! The method is VQF \[Laidig2023\]: strapdown integration of the bias-corrected rate gives a frame that turns only by the
//! integration's drift; in that frame gravity is nearly constant, so a slow low-pass of the specific force finds it without
//! blurring the movement; the bias is estimated at rest from the rate and in motion from the inclination corrections.

pub mod maker;
pub mod offline;
mod online;

pub use online::OnlineOrientation;

use nalgebra::{Quaternion, Vector3};
use serde::{Deserialize, Serialize};
use truehinge_core::{AngularRate, Earth, Interval, Rotation, SampleRate, Sensor, SensorRole, SessionTime};

use crate::timebase::{ImuSample, Run, SampleQuality, UniformTrack};

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
/// A parameter outside its range, or a rate below 4 Hz.
pub fn estimate(
    track: &UniformTrack<ImuSample>,
    params: &offline::OfflineParams,
) -> Result<OrientationTrack, ParamError> {
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
    let estimates = offline::estimate_runs(&paused, track.rate, params)?;
    let oriented = |(run, estimates): (&Run<ImuSample>, Vec<OrientationEstimate>)| OrientationRun {
        start: run.start,
        period_s: run.period_s,
        samples: run.samples.clone(),
        estimates,
        quality: run.quality.clone(),
    };
    let runs = track.runs.iter().zip(estimates).map(oriented).collect();
    Ok(OrientationTrack { role: track.role, rate: track.rate, runs, derived: false })
}

/// What a person may tune in VQF; the same at every sample rate. Defaults are the authors' \[Laidig2023\].
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VqfParams {
    /// tau_acc, s: how long the specific force is averaged. Small trusts the accelerometer, large the gyroscope. Default 3.
    pub tau_acc: f64,
    /// Uncertainty of the bias before anything is known, rad/s. Default 0.5 deg/s.
    pub bias_sigma_init: f64,
    /// Time in which a perfectly known bias becomes uncertain by 0.1 deg/s, s. Default 100.
    pub bias_forgetting_time: f64,
    /// Largest bias believed, rad/s; faster constant turning is movement. Default 2 deg/s.
    pub bias_clip: f64,
    /// Rest lasts at least this long, s. Default 1.5.
    pub rest_min_time: f64,
    /// At rest the rate stays this close to its own mean, rad/s. Default 2 deg/s.
    pub rest_rate: f64,
    /// At rest the specific force stays this close to its own mean, m/s². Default 0.5.
    pub rest_force: f64,
}

impl Default for VqfParams {
    fn default() -> Self {
        offline::OfflineParams::default().vqf
    }
}

/// A parameter is outside what the method can work with.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
#[error("{field} is {value}, allowed is {allowed}: correct it in the parameters")]
pub struct ParamError {
    /// Which parameter.
    pub field: &'static str,
    /// What it is.
    pub value: f64,
    /// What it may be.
    pub allowed: &'static str,
}

impl VqfParams {
    /// Checks the parameters and translates them into the filter's units (degrees per second).
    fn filter(&self) -> Result<vqf_rs::Params, ParamError> {
        let positive = |field, value: f64| {
            if value.is_finite() && value > 0.0 {
                Ok(value)
            } else {
                Err(ParamError { field, value, allowed: "a number above zero" })
            }
        };
        Ok(vqf_rs::Params {
            tau_acc: positive("tau_acc", self.tau_acc)?,
            bias_sigma_init: positive("bias_sigma_init", self.bias_sigma_init)?.to_degrees(),
            bias_forgetting_time: positive("bias_forgetting_time", self.bias_forgetting_time)?,
            bias_clip: positive("bias_clip", self.bias_clip)?.to_degrees(),
            rest_min_t: positive("rest_min_time", self.rest_min_time)?,
            rest_th_gyr: positive("rest_rate", self.rest_rate)?.to_degrees(),
            rest_th_acc: positive("rest_force", self.rest_force)?,
            ..vqf_rs::Params::default()
        })
    }
}

/// A filter at rest for samples of this rate.
fn filter(params: &VqfParams, rate: SampleRate) -> Result<vqf_rs::VQF, ParamError> {
    // The filter's own low-passes must lie well below half the sample rate; 0.5 s is its rest filter's fixed time constant.
    if rate.period_seconds() > 0.25 {
        return Err(ParamError { field: "sample rate (Hz)", value: rate.hertz(), allowed: "at least 4" });
    }
    Ok(vqf_rs::VQF::new(rate.period_seconds(), None, None, Some(params.filter()?)))
}

/// Beyond these no sensor measures; the filter's arithmetic must not meet them.
const ABSURD_FORCE: f64 = 1e5;
const ABSURD_RATE: f64 = 1e4;

/// Whether the filter may see this sample.
fn usable(sample: &ImuSample) -> bool {
    // `<` is false for NaN as well.
    let force = sample.specific_force.norm();
    force > 1e-6 && force < ABSURD_FORCE && sample.angular_rate.norm() < ABSURD_RATE
}

/// Starts a filter with the inclination that the first specific force shows.
///
/// As published the filter starts with the sensor's z axis up and its first correction may be half a turn, which has no
/// shortest way. Measured on BROAD the two starts do not differ by 0.0001 degrees.
fn start_level(filter: &mut vqf_rs::VQF, first: &ImuSample) {
    if let Some(up) = first.specific_force.vector().try_normalize(1e-9) {
        let tilt = shortest_way_up(&up);
        filter.state_mut().acc_quat = [tilt.w, tilt.i, tilt.j, tilt.k].into();
    }
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
