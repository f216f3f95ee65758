//! One track onto its own true, uniform time base: when each sample was really taken, and which ones are missing.
//!
//! Enters: a recorded [`Track`] and its [`ClockModel`]. Leaves: contiguous [`Run`]s on a uniform grid, every grid point with
//! a [`SampleQuality`]. A sensor samples far more evenly than it stamps: stamps jitter by up to a quarter of a period, are
//! rounded to milliseconds, or count nominal periods while the true rate is two per cent off. So stamps decide only **which**
//! grid point a sample belongs to (`tracker`); the times of the grid come from a straight line through all of them.
//!
//! Gaps up to `timebase.bridged_gap_s` are filled by linear interpolation and marked; longer ones end the run. If no
//! uniform grid explains the stamps (a device that really samples unevenly), they are taken at their word and the samples
//! are interpolated onto a grid of the mean period: [`TimebaseReport::resampled`] says so. Sensors whose accelerometer and
//! gyroscope run at different rates keep the faster one's grid; the slower channel is interpolated and marked.
//!
//! It does not filter, and it does not put two sensors on a common grid.

mod clip;
mod period;
mod rows;
mod runs;
mod tracker;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use truehinge_core::{
    AngularRate, Earth, Explained, FreeAcceleration, InertialSample, Interval, OrientationSample, Rotation, SampleRate,
    Sensor, SensorRole, SessionTime, SpecificForce, Track, TrackSamples, Vec3, frame::Frame, quantity::Quantity,
};

use crate::clock::{ClockModel, ClockReport};
use crate::method::Timebase;
pub use clip::ClipLimits;

/// One inertial sample on the grid, in the sensor's axes; always finite.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ImuSample {
    /// m/s².
    pub specific_force: SpecificForce<Sensor>,
    /// rad/s.
    pub angular_rate: AngularRate<Sensor>,
}

/// One orientation from the maker's filter on the grid.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MakerSample {
    /// Sensor to Earth.
    pub rotation: Rotation<Sensor, Earth>,
    /// m/s², if the file has it.
    pub free_acceleration: Option<FreeAcceleration<Earth>>,
}

/// Where the values of a grid point come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleQuality {
    /// Measured, as it is.
    Measured,
    /// At least one channel lies at the end of its range: the true value is larger.
    Clipped,
    /// The sample was lost, or one channel has a lower rate: interpolated.
    Interpolated,
    /// The sensor sent something that is not a number: interpolated.
    NotFinite,
}

impl SampleQuality {
    /// The values were measured and are inside the range.
    pub const fn is_measured(self) -> bool {
        matches!(self, Self::Measured)
    }
}

/// Contiguous samples on a uniform grid.
#[derive(Clone, PartialEq, Debug)]
pub struct Run<S> {
    /// Time of the first sample.
    pub start: SessionTime,
    /// Time between samples, s.
    pub period_s: f64,
    /// The samples.
    pub samples: Vec<S>,
    /// One per sample.
    pub quality: Vec<SampleQuality>,
}

impl<S> Run<S> {
    /// Time of a sample (`index` may lie between samples).
    pub fn time(&self, index: f64) -> SessionTime {
        self.start + Interval::from_seconds(index * self.period_s)
    }

    /// Time of the last sample.
    pub fn last(&self) -> SessionTime {
        self.time(self.samples.len().saturating_sub(1) as f64)
    }
}

/// What happened to the samples on the way to the grid.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct TimebaseReport {
    /// Samples received, duplicates left out.
    pub samples: usize,
    /// Samples that came twice: dropped.
    pub duplicates: usize,
    /// Samples with a stamp that fits nowhere: dropped.
    pub bad_stamps: usize,
    /// Grid points without a sample, between the first and the last.
    pub lost: u64,
    /// Longest time between two neighbouring samples with a loss between them, s; 0 without a loss.
    pub longest_gap_s: f64,
    /// Grid points with a channel at the end of its range.
    pub clipped: u64,
    /// Samples that were not numbers.
    pub not_finite: u64,
    /// Grid points filled by interpolation.
    pub interpolated: u64,
    /// RMS distance of the stamps from the grid, s.
    pub stamp_jitter_s: f64,
    /// The device samples unevenly: its stamps were believed and the samples interpolated onto a grid of the mean period.
    pub resampled: bool,
    /// Accelerometer and gyroscope run at different rates: the slower one was interpolated.
    pub merged_rates: bool,
}

/// One sensor's samples on their own uniform time base.
#[derive(Clone, PartialEq, Debug)]
pub struct UniformTrack<S> {
    /// What it measures.
    pub role: SensorRole,
    /// Samples per second, measured on the session's timeline.
    pub rate: SampleRate,
    /// In order of time, without overlap.
    pub runs: Vec<Run<S>>,
    /// What happened on the way.
    pub report: TimebaseReport,
    /// How the timeline was found.
    pub clock: ClockReport,
}

/// Samples of either kind on the grid.
#[derive(Clone, PartialEq, Debug)]
pub enum Uniform {
    /// Specific force and angular rate.
    Inertial(UniformTrack<ImuSample>),
    /// The maker's orientations.
    Maker(UniformTrack<MakerSample>),
}

/// A track cannot be put on a time base.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimebaseError {
    /// Hardly any sample.
    #[error("{role}: {got} usable samples, a time base needs {need}")]
    TooFewSamples {
        /// Which sensor.
        role: SensorRole,
        /// Samples with a time and a value.
        got: usize,
        /// Samples needed.
        need: usize,
    },
    /// The step between stamps is not one of a motion sensor.
    #[error("{role}: the usual step between samples is {period_s} s, a motion sensor's is {least_s} to {most_s}")]
    Period {
        /// Which sensor.
        role: SensorRole,
        /// The step found, s.
        period_s: f64,
        /// Shortest credible one, s.
        least_s: f64,
        /// Longest credible one, s.
        most_s: f64,
    },
    /// The stamps ask for far more grid points than there are samples.
    #[error("{role}: the stamps ask for {grid} grid points from {samples} samples")]
    AbsurdClock {
        /// Which sensor.
        role: SensorRole,
        /// Samples received.
        samples: usize,
        /// Grid points needed.
        grid: u64,
    },
}

impl Explained for TimebaseError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooFewSamples { .. } => "time_too_few_samples",
            Self::Period { .. } => "time_period",
            Self::AbsurdClock { .. } => "time_absurd_clock",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::TooFewSamples { .. } => "record longer, or leave this sensor out".into(),
            Self::Period { .. } => "check the unit of the time column".into(),
            Self::AbsurdClock { .. } => "check the time column".into(),
        })
    }
}

/// Puts a track on its own uniform time base.
///
/// # Errors
/// Too few samples, a step that no motion sensor has, or a clock that asks for far more grid points than there are samples.
pub fn uniform(track: &Track, clock: &ClockModel, method: &Timebase) -> Result<Uniform, TimebaseError> {
    match &track.samples {
        TrackSamples::Inertial(samples) => inertial(track, samples, clock, method).map(Uniform::Inertial),
        TrackSamples::Orientation(samples) => maker(track, samples, clock, method).map(Uniform::Maker),
    }
}

fn inertial(
    track: &Track,
    samples: &[InertialSample],
    clock: &ClockModel,
    method: &Timebase,
) -> Result<UniformTrack<ImuSample>, TimebaseError> {
    let limits = ClipLimits::new(&track.device, samples, &method.clip);
    let times = clock.session_seconds(samples.iter().map(|s| s.device_time));
    let mut report = TimebaseReport::default();
    let rows = rows::ordered(&times, samples, &mut report, (rows::same_inertial, &method.rows));
    let rows = rows::imu_rows(&rows, &limits, method, &mut report);
    build(track, &rows, clock, method, report)
}

fn maker(
    track: &Track,
    samples: &[OrientationSample],
    clock: &ClockModel,
    method: &Timebase,
) -> Result<UniformTrack<MakerSample>, TimebaseError> {
    let times = clock.session_seconds(samples.iter().map(|s| s.device_time));
    let mut report = TimebaseReport::default();
    let rows = rows::ordered(&times, samples, &mut report, (rows::same_orientation, &method.rows));
    let rows = rows::maker_rows(&rows);
    build(track, &rows, clock, method, report)
}

/// The common part: grid, runs, filling.
fn build<S: Blend>(
    track: &Track,
    rows: &[rows::Row<S>],
    clock: &ClockModel,
    method: &Timebase,
    mut report: TimebaseReport,
) -> Result<UniformTrack<S>, TimebaseError> {
    let role = track.role;
    let usable = rows.iter().filter(|row| row.value.is_some()).count();
    let need = method.fewest_samples_count;
    if usable < need {
        return Err(TimebaseError::TooFewSamples { role, got: usable, need });
    }
    report.not_finite = (rows.len() - usable) as u64;
    let times: Vec<f64> = rows.iter().map(|row| row.time).collect();
    let rough = period::rough(&times, track.device.nominal_rate, &method.period);
    let (least_s, most_s) = (method.period.least_s, method.period.most_s);
    let no_sensor = |period_s| TimebaseError::Period { role, period_s, least_s, most_s };
    if !(least_s..=most_s).contains(&rough) {
        return Err(no_sensor(rough));
    }
    let steps = tracker::steps(&times, rough, method.bridged_gap_s, &method.tracker);
    let grid = runs::fit(&times, &steps, rough, method);
    let points = runs::grid_points(&grid, &times);
    if points > (method.most_points_ratio * rows.len()) as u64 {
        return Err(TimebaseError::AbsurdClock { role, samples: rows.len(), grid: points });
    }
    let runs = runs::fill(rows, &times, &grid, method);
    runs::count(&runs, &steps, &grid, &mut report);
    let rate = SampleRate::from_hertz(grid.period.recip()).ok_or_else(|| no_sensor(grid.period))?;
    Ok(UniformTrack { role, rate, runs, report, clock: clock.report() })
}

/// Values that can be interpolated.
trait Blend: Copy {
    /// The value `share` (0 to 1) of the way to `other`.
    fn towards(&self, other: &Self, share: f64) -> Self;
}

/// Linear interpolation of a vector.
fn blend<Q: Quantity, F: Frame>(from: Vec3<Q, F>, to: Vec3<Q, F>, share: f64) -> Vec3<Q, F> {
    from * (1.0 - share) + to * share
}

impl ImuSample {
    /// The sample `share` (0 to 1) of the way to `other`, both channels linear.
    #[must_use]
    pub fn towards(&self, other: &Self, share: f64) -> Self {
        Self {
            specific_force: blend(self.specific_force, other.specific_force, share),
            angular_rate: blend(self.angular_rate, other.angular_rate, share),
        }
    }
}

impl Blend for ImuSample {
    fn towards(&self, other: &Self, share: f64) -> Self {
        Self::towards(self, other, share)
    }
}

impl Blend for MakerSample {
    fn towards(&self, other: &Self, share: f64) -> Self {
        let (from, to) = (self.rotation.quaternion(), other.rotation.quaternion());
        // Slerp fails only for a half turn between neighbours; then the nearer end is as good as anything.
        let nearer = if share < 0.5 { from } else { to };
        let between = from.try_slerp(&to, share, 1e-9).unwrap_or(nearer);
        Self {
            // CLAIM: lies between two rotations from sensor to Earth.
            rotation: Rotation::assert_maps(between),
            free_acceleration: self.free_acceleration.zip(other.free_acceleration).map(|(a, b)| blend(a, b, share)),
        }
    }
}
