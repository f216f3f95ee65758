//! Device time to session time: two free-running clocks onto one timeline, from nothing but arrivals.
//!
//! Enters: a track whose samples carry the sensor's own time and the host's arrival time. Leaves: a [`ClockModel`] that maps
//! every sample to [`truehinge_core::SessionTime`], with residuals and a standard uncertainty. With `d` the device time and `a` the arrival,
//!
//! ```text
//! true = skew · d + offset,     a = true + wait + stack,     wait >= 0
//! ```
//!
//! Packets can be late, never early: so the line is laid **under** the cloud of arrivals, as the edge of its lower convex hull
//! that spans the mean device time \[Moon1999\], \[Zhang2002\]. A least-squares line would take over the mean delay of a bad
//! link, tens of milliseconds when a quarter of its events is lost; the hull stays within 3 ms there (`tests/clock.rs`).
//!
//! Before the fit the track is cut where the device's clock was reset, and, for clocks that only count samples, where the
//! floor of the delays rises for good by whole samples: there samples were lost uncounted. Single points that undercut the
//! hull are dropped. Recordings beyond ten minutes get a bent line, because crystals drift with temperature.
//!
//! Sensors that have set their clocks to one another's are on one line, fitted to the arrivals of all, if the lines fitted to each
//! agree with that; else each keeps its own.
//!
//! Tracks without arrivals cannot be fitted; [`ClockBasis`] says which assumption replaces the fit.
//!
//! The common minimum delay of a link is not observable and stays in the offset (2 to 4 ms typically); between two sensors on
//! like links it cancels.

mod delays;
mod fit;
mod hull;
mod interval;
pub mod knocks;
mod model;
mod points;
mod shared;

use std::borrow::Cow;

use truehinge_core::{ClockKind, DeviceTime, Explained, Recording, SensorRole, Track};

pub use model::{ClockBasis, ClockModel, ClockReport, ClockSegment};

use crate::math::stats::upper_median;
use crate::method;
use points::{Piece, Point};

/// The timeline of a track cannot be found.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClockFitError {
    /// Stamps and arrivals do not run at the same rate.
    #[error(
        "{role}: the sensor's clock runs {percent:.2} % off the arrivals, at most {limit_percent:.2} % is \
         credible"
    )]
    Skew {
        /// Which sensor.
        role: SensorRole,
        /// Rate error, per cent.
        percent: f64,
        /// Largest credible, per cent.
        limit_percent: f64,
    },
    /// The device's clock was reset and nothing says for how long.
    #[error(
        "{role}: device time jumps back by {seconds:.3} s at sample {sample} and there are no arrival times to bridge it"
    )]
    Backwards {
        /// Which sensor.
        role: SensorRole,
        /// First sample after the jump.
        sample: usize,
        /// Size of the jump, s.
        seconds: f64,
    },
}

impl Explained for ClockFitError {
    fn code(&self) -> &'static str {
        match self {
            Self::Skew { .. } => "clock_skew",
            Self::Backwards { .. } => "clock_backwards",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Skew { .. } => {
                "check the unit of the time column, or drop the arrival times if they were written at download".into()
            }
            Self::Backwards { .. } => "split the recording there".into(),
        })
    }
}

/// Fits the clocks of all tracks of a recording, in the order of its tracks.
///
/// # Errors
/// A clock that cannot be that of a sensor; see [`ClockFitError`].
pub fn fit(recording: &Recording, method: &method::Clock) -> Result<Vec<ClockModel>, ClockFitError> {
    let first = |track: &Track| points::stamps(&track.samples).next().map(|stamp| stamp.0);
    let shared = |track: &&Track| track.clock == ClockKind::Shared;
    let shared_zero = recording.tracks.iter().filter(shared).filter_map(first).min();
    let fitted = recording.tracks.iter().map(|track| fit_track(track, shared_zero, method));
    let mut models = fitted.collect::<Result<Vec<_>, _>>()?;
    shared::share(&recording.tracks, &mut models, method);
    Ok(models)
}

/// Fits one track on its own. `shared_zero` is the device time that becomes session zero if the track's clock is a shared one
/// without arrivals (the first sample of the earliest such track).
///
/// # Errors
/// As [`fit`].
pub fn fit_track(
    track: &Track,
    shared_zero: Option<DeviceTime>,
    method: &method::Clock,
) -> Result<ClockModel, ClockFitError> {
    let first = points::stamps(&track.samples).next().map_or(DeviceTime::ZERO, |stamp| stamp.0);
    let count = track.samples.len();
    let points = points::reference(&track.samples, first);
    if points.len() < method.fewest_points_count {
        forward_only(track, method)?;
        return Ok(if track.clock == ClockKind::Shared {
            ClockModel::as_it_is(count, shared_zero.unwrap_or(first), ClockBasis::Shared)
        } else {
            ClockModel::as_it_is(count, first, ClockBasis::OwnStart)
        });
    }
    fit_arrivals(track, points, first, method)
}

/// Without arrivals a lasting jump backwards cannot be bridged.
fn forward_only(track: &Track, method: &method::Clock) -> Result<(), ClockFitError> {
    let times: Vec<DeviceTime> = points::stamps(&track.samples).map(|stamp| stamp.0).collect();
    for (i, pair) in times.windows(2).enumerate() {
        let back = (pair[0] - pair[1]).seconds();
        // One wrong stamp before the jump is no reset.
        let lasting = i > 0 && (times[i - 1] - pair[1]).seconds() > method.reset.jump_s;
        if back > method.reset.jump_s && lasting {
            return Err(ClockFitError::Backwards { role: track.role, sample: i + 1, seconds: back });
        }
    }
    Ok(())
}

fn fit_arrivals(
    track: &Track,
    mut points: Vec<Point>,
    origin: DeviceTime,
    method: &method::Clock,
) -> Result<ClockModel, ClockFitError> {
    let mut pieces = points::between_resets(&points, &method.reset);
    let counted = track.clock == ClockKind::SampleIndex;
    if counted && let Some(period) = sample_period(track) {
        pieces = points::between_losses(&mut points, pieces, period, method);
    }
    let bound = skew_bound(track, &points, &pieces, counted, method)?;
    let fits = fit::hull_lines(&points, &pieces, bound, method);
    Ok(fit::assemble(&points, &pieces, &fits, (origin, track.samples.len()), method))
}

/// One sample's period on the device's clock, s.
fn sample_period(track: &Track) -> Option<f64> {
    let nominal = track.device.nominal_rate.map(truehinge_core::SampleRate::period_seconds);
    nominal.or_else(|| {
        let times: Vec<DeviceTime> = points::stamps(&track.samples).map(|stamp| stamp.0).collect();
        let mut steps: Vec<f64> = times.windows(2).map(|pair| (pair[1] - pair[0]).seconds()).collect();
        upper_median(&mut steps).filter(|&step| step > 0.0)
    })
}

/// How far from 1 the rate may be.
fn skew_bound(
    track: &Track,
    points: &[Point],
    pieces: &[Piece],
    counted: bool,
    method: &method::Clock,
) -> Result<f64, ClockFitError> {
    let (stamped, widest) = (method.stamped_skew_ppm * 1e-6, method.counted_skew_ppm * 1e-6);
    let longest =
        pieces.iter().max_by_key(|piece| piece.group.len()).map_or(&[][..], |piece| &points[piece.group.clone()]);
    let Some((coarse, sigma)) = hull::coarse_slope(longest, &method.floor) else {
        return Ok(if counted { widest } else { stamped });
    };
    let certain = (coarse.abs() - method.certain_sigmas * sigma).max(0.0);
    if certain > widest {
        let (percent, limit_percent) = (coarse * 100.0, widest * 100.0);
        return Err(ClockFitError::Skew { role: track.role, percent, limit_percent });
    }
    // Stamps that count nominal periods carry the tolerance of the sampling rate, whatever the file calls them.
    Ok(if counted || certain > stamped { widest } else { stamped })
}
