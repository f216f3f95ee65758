//! One sensor from its recorded samples to its attitude.

use std::borrow::Cow;

use truehinge_core::{Explained, SensorQuality, Span, Track};

use crate::clock::ClockModel;
use crate::inertial::{self, InertialReport};
use crate::method::Method;
use crate::orientation::{self, OrientationTrack, RateError, maker};
use crate::timebase::{self, Run, TimebaseError, TimebaseReport, Uniform, UniformTrack};

/// A sensor's samples cannot be oriented.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The track has no usable time base.
    #[error(transparent)]
    Timebase(#[from] TimebaseError),
    /// It is too slow for the orientation filter.
    #[error(transparent)]
    Rate(#[from] RateError),
}

impl Explained for PrepareError {
    fn code(&self) -> &'static str {
        match self {
            Self::Timebase(error) => error.code(),
            Self::Rate(error) => error.code(),
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Timebase(error) => error.hint(),
            Self::Rate(error) => error.hint(),
        }
    }
}

/// One sensor, oriented, with what is known about its data.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Its attitude, on its own time base.
    pub oriented: OrientationTrack,
    /// What a reader of the results sees of it.
    pub quality: SensorQuality,
    /// What happened to its samples.
    pub report: TimebaseReport,
    /// What was found in them; `None` for a maker's orientations.
    pub inertial: Option<InertialReport>,
}

/// One sensor from its recorded samples to its attitude: time base, check and correction, orientation.
///
/// # Errors
/// The track has no usable time base, or is too slow for the orientation filter.
pub fn prepare(track: &Track, clock: &ClockModel, method: &Method) -> Result<Prepared, PrepareError> {
    match timebase::uniform(track, clock, &method.timebase)? {
        Uniform::Inertial(mut uniform) => {
            let inertial = inertial::correct(&mut uniform, method);
            let quality = SensorQuality {
                gravity: inertial.gravity,
                accelerometer_corrected: inertial.corrected(),
                ..sensor_quality(track, clock, &uniform)
            };
            let report = uniform.report;
            let oriented = orientation::estimate(uniform, method)?;
            Ok(Prepared { oriented, quality, report, inertial: Some(inertial) })
        }
        Uniform::Maker(uniform) => {
            let quality = sensor_quality(track, clock, &uniform);
            Ok(Prepared {
                oriented: maker::estimate(&uniform, method),
                quality,
                report: uniform.report,
                inertial: None,
            })
        }
    }
}

fn sensor_quality<S>(track: &Track, model: &ClockModel, uniform: &UniformTrack<S>) -> SensorQuality {
    let UniformTrack { rate, runs, report, clock, .. } = uniform;
    let covered = |run: &Run<S>| Span { start: run.start, end: run.time(run.samples.len() as f64) };
    SensorQuality {
        role: track.role,
        model: track.device.model.clone(),
        samples: report.samples,
        rate_hz: rate.hertz(),
        lost: report.lost,
        longest_gap_s: report.longest_gap_s,
        covered: runs.iter().map(covered).collect(),
        clock_skew_ppm: clock.skew_ppm,
        clock_sigma_ms: clock.sigma_ms,
        clock_delay_p95_ms: clock.skew_ppm.map(|_| clock.residual_p95_ms),
        delays: model.delays(track),
        gravity: None,
        accelerometer_corrected: false,
        clipped: report.clipped,
        not_finite: report.not_finite,
    }
}
