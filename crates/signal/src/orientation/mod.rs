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
pub mod maker;
pub mod offline;
mod online;

pub use online::OnlineOrientation;

use nalgebra::{Quaternion, Vector3};
use truehinge_core::{AngularRate, Earth, Interval, Rotation, SampleRate, Sensor, SensorRole, SessionTime};
use vqf_rs::VQF;

#[cfg(doc)]
use crate::method::Ends;
use crate::method::Method;
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
/// A rate below 4 Hz.
pub fn estimate(track: &UniformTrack<ImuSample>, method: &Method) -> Result<OrientationTrack, RateError> {
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

/// The sensor is too slow for the filter.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
#[error("the sample rate is {hertz} Hz, orientation needs at least {least}: set the sensor to a higher rate")]
pub struct RateError {
    /// The rate, Hz.
    pub hertz: f64,
    /// Least rate, Hz.
    pub least: f64,
}

/// Mathematics: the longest time between samples, s. The cut-off of the filter's own low-pass for rest detection, whose time constant is
/// half a second, must lie well below half the sample rate.
const LONGEST_PERIOD: f64 = 0.25;

/// A filter at rest for samples of this rate.
fn filter(method: &Method, rate: SampleRate) -> Result<VQF, RateError> {
    if rate.period_seconds() > LONGEST_PERIOD {
        return Err(RateError { hertz: rate.hertz(), least: LONGEST_PERIOD.recip() });
    }
    let (vqf, rest) = (&method.orientation.vqf, &method.stillness.filter_at_rest);
    // What concerns magnetometers is not used.
    let params = vqf_rs::Params {
        tau_acc: vqf.tau_acc_s,
        bias_sigma_init: vqf.bias_sigma_init_deg_per_s,
        bias_forgetting_time: vqf.bias_forgetting_s,
        bias_clip: vqf.bias_clip_deg_per_s,
        bias_sigma_motion: vqf.bias_sigma_motion_deg_per_s,
        bias_vertical_forgetting_factor: vqf.bias_vertical_forgetting_share,
        bias_sigma_rest: vqf.bias_sigma_rest_deg_per_s,
        rest_min_t: rest.least_s,
        rest_filter_tau: rest.filter_tau_s,
        rest_th_gyr: rest.rate_deg_per_s,
        rest_th_acc: rest.force_m_per_s2,
        ..vqf_rs::Params::default()
    };
    Ok(VQF::new(rate.period_seconds(), None, None, Some(params)))
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

/// Starts a filter with the inclination that the first specific force shows.
///
/// As published the filter starts with the sensor's z axis up and its first correction may be half a turn, which has no
/// shortest way. Measured on BROAD the two starts do not differ by 0.0001 degrees.
fn start_level(filter: &mut VQF, first: &ImuSample) {
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
