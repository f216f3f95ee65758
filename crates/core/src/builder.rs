//! A recording from arrays: the way in for data that are in memory already.
//!
//! ```
//! use truehinge_core::{Length, MountSite, Recording, Samples, SensorRole, Side};
//!
//! // Specific force (m/s²) and angular rate (rad/s) in the sensor's axes, a row a sample.
//! let still = [[0.0, 0.0, 9.81, 0.0, 0.0, 0.0]; 500];
//! let recording = Recording::builder()
//!     .sensor(SensorRole::Hip, MountSite::Sacrum, Samples::at_rate(100.0, &still))
//!     .sensor(SensorRole::Shank, MountSite::TibiaAnteromedial, Samples::at_rate(100.0, &still))
//!     .standing_on(Side::Left)
//!     .stature(Length::from_metres(1.74))
//!     .build()?;
//! assert_eq!(recording.tracks.len(), 2);
//! # Ok::<(), truehinge_core::BuildError>(())
//! ```

use std::borrow::Cow;

use crate::body::{Anthropometry, MountSite, SensorRole, Side};
use crate::explained::Explained;
use crate::frame::{AngularRate, SpecificForce};
use crate::id::{AthleteId, InvalidId, SessionId};
use crate::possible::{Impossible, number};
use crate::quantity::Length;
use crate::recording::{
    ClockKind, DeviceInfo, InertialSample, Marker, MarkerKind, Recording, SessionInfo, Source, Track, TrackSamples,
};
use crate::start::Zone;
use crate::time::{DeviceTime, HostTime, SampleRate};

/// Specific force x, y, z in m/s², then angular rate x, y, z in rad/s, in the sensor's axes. NaN where there is no value.
pub type SampleRow = [f64; 6];

/// The samples of one sensor, on a clock that all sensors share.
#[derive(Clone, Debug)]
pub struct Samples<'a> {
    rows: &'a [SampleRow],
    times: Times<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Times<'a> {
    Rate(f64),
    Stamps(&'a [f64]),
}

impl<'a> Samples<'a> {
    /// One row every `1 / hertz` seconds, the first at time zero.
    pub fn at_rate(hertz: f64, rows: &'a [SampleRow]) -> Self {
        Self { rows, times: Times::Rate(hertz) }
    }

    /// One row at each of these times, s, in order.
    pub fn at_times(seconds: &'a [f64], rows: &'a [SampleRow]) -> Self {
        Self { rows, times: Times::Stamps(seconds) }
    }
}

/// Input that no sensor and no person can have given.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error("{field} is {value}")]
pub struct BuildError {
    /// Which part of the input, such as `hip.rate`.
    pub field: String,
    /// What it is.
    pub value: String,
    /// What would be right.
    pub need: &'static str,
}

impl Explained for BuildError {
    fn code(&self) -> &'static str {
        "invalid_input"
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(self.need.into())
    }
}

impl BuildError {
    fn new(field: impl Into<String>, value: impl Into<String>, need: &'static str) -> Self {
        Self { field: field.into(), value: value.into(), need }
    }
}

/// Puts a [`Recording`] together. Nothing is checked before [`RecordingBuilder::build`].
#[derive(Clone, Debug)]
pub struct RecordingBuilder<'a> {
    session: String,
    athlete: String,
    side: Option<Side>,
    stature: Option<Length>,
    sensors: Vec<(SensorRole, MountSite, Samples<'a>)>,
}

impl Recording {
    /// A recording from arrays.
    pub fn builder<'a>() -> RecordingBuilder<'a> {
        RecordingBuilder {
            session: "session".to_owned(),
            athlete: "anonymous".to_owned(),
            side: None,
            stature: None,
            sensors: Vec::new(),
        }
    }
}

/// Norm of the specific force, in the middle of all samples, of a sensor that is worn, m/s².
const WORN_FORCE: std::ops::RangeInclusive<f64> = 5.0..=15.0;
/// Faster than any gyroscope for the body measures, rad/s.
const FASTEST: f64 = 80.0;

impl<'a> RecordingBuilder<'a> {
    /// A sensor: what it measures, where it sits ([`MountSite::Unknown`] if nobody knows), and what it said.
    #[must_use]
    pub fn sensor(mut self, role: SensorRole, mount: MountSite, samples: Samples<'a>) -> Self {
        self.sensors.push((role, mount, samples));
        self
    }

    /// The supporting leg: the whole recording is a set on it. Without it the pelvis' drop is not judged, and only a change from two
    /// legs to one shows that there is a set.
    #[must_use]
    pub fn standing_on(self, side: Side) -> Self {
        Self { side: Some(side), ..self }
    }

    /// Standing height, from which segment lengths are taken. Without it an average person's, with wider uncertainty.
    #[must_use]
    pub fn stature(self, stature: Length) -> Self {
        Self { stature: Some(stature), ..self }
    }

    /// Name of the session.
    #[must_use]
    pub fn session(self, name: impl Into<String>) -> Self {
        Self { session: name.into(), ..self }
    }

    /// Pseudonym of the person.
    #[must_use]
    pub fn athlete(self, pseudonym: impl Into<String>) -> Self {
        Self { athlete: pseudonym.into(), ..self }
    }

    /// Checks the input and makes the recording.
    ///
    /// # Errors
    /// The first input that cannot be, by its field's name.
    pub fn build(self) -> Result<Recording, BuildError> {
        let refused = |field| move |InvalidId { found, need }| BuildError::new(field, format!("{found:?}"), need);
        let athlete = AthleteId::new(&*self.athlete).map_err(refused("athlete"))?;
        let session = SessionId::new(&*self.session).map_err(refused("session"))?;
        let body = checked_body(self.stature)?;
        let mut tracks: Vec<Track> = Vec::new();
        for (role, mount, samples) in &self.sensors {
            if tracks.iter().any(|track| track.role == *role) {
                return Err(BuildError::new(role.name(), "given twice", "give each sensor once"));
            }
            tracks.push(track(*role, *mount, samples)?);
        }
        if tracks.is_empty() {
            return Err(BuildError::new("sensors", "none", "give at least one"));
        }
        tracks.sort_by_key(|track| track.role);
        let info = SessionInfo {
            session,
            athlete,
            start_utc_ns: None,
            zone: Zone::Unknown,
            stance_side: self.side,
            protocol: crate::Protocol::default().name,
            body,
            source: Source { format: "arrays".to_owned(), ..Source::default() },
        };
        let set = |side| Marker { at: HostTime::ZERO, kind: MarkerKind::SetStart { side } };
        Ok(Recording { info, tracks, markers: self.side.map(set).into_iter().collect() })
    }
}

fn checked_body(stature: Option<Length>) -> Result<Anthropometry, BuildError> {
    let body = stature.map_or_else(Anthropometry::default, Anthropometry::standing);
    match body.check() {
        Ok(()) => Ok(body),
        Err(Impossible { field, value, .. }) => Err(BuildError::new(
            field,
            format!("{} m", number(value)),
            "people stand 0.8 to 2.6 m tall: measure it again, or leave it out",
        )),
    }
}

fn track(role: SensorRole, mount: MountSite, samples: &Samples<'_>) -> Result<Track, BuildError> {
    let error = |field: &str, value: String, need| BuildError::new(format!("{role}.{field}"), value, need);
    if samples.rows.is_empty() {
        return Err(error("samples", "empty".to_owned(), "give a row a sample"));
    }
    let (times, nominal_rate) = match samples.times {
        Times::Rate(hertz) => {
            let rate = SampleRate::from_hertz(hertz)
                .ok_or_else(|| error("rate", format!("{hertz} Hz"), "give a number above zero"))?;
            let times = (0..samples.rows.len()).map(|i| i as f64 * rate.period_seconds()).collect();
            (times, Some(rate))
        }
        Times::Stamps(seconds) => (checked_stamps(role, seconds, samples.rows.len())?, None),
    };
    check_units(samples.rows).map_err(|(field, value, need)| error(field, value, need))?;
    let sample = |(row, at): (&SampleRow, f64)| {
        let [fx, fy, fz, wx, wy, wz] = *row;
        InertialSample {
            device_time: DeviceTime::from_seconds(at),
            arrival: None,
            specific_force: SpecificForce::new(fx, fy, fz),
            angular_rate: AngularRate::new(wx, wy, wz),
        }
    };
    Ok(Track {
        role,
        device: DeviceInfo { nominal_rate, mount: Some(mount), ..DeviceInfo::default() },
        clock: ClockKind::Shared,
        samples: TrackSamples::Inertial(samples.rows.iter().zip(times).map(sample).collect()),
        sequence_gaps: Vec::new(),
    })
}

fn checked_stamps(role: SensorRole, seconds: &[f64], rows: usize) -> Result<Vec<f64>, BuildError> {
    if seconds.len() != rows {
        let counts = format!("{} times for {rows} rows", seconds.len());
        return Err(BuildError::new(format!("{role}.times"), counts, "give one time a row"));
    }
    let later = |pair: &[f64]| pair[1] > pair[0] && pair[1].is_finite();
    let wrong = seconds.first().is_some_and(|first| !first.is_finite()).then_some(0);
    if let Some(i) = wrong.or_else(|| seconds.windows(2).position(|pair| !later(pair)).map(|i| i + 1)) {
        let field = format!("{role}.times[{i}]");
        return Err(BuildError::new(
            field,
            format!("{} s", seconds[i]),
            "give finite times, each after the one before",
        ));
    }
    Ok(seconds.to_vec())
}

/// Numbers that are in another unit than asked for: field, value, need.
fn check_units(rows: &[SampleRow]) -> Result<(), (&'static str, String, &'static str)> {
    let norm = |part: &[f64]| part.iter().map(|value| value * value).sum::<f64>().sqrt();
    let mut forces: Vec<f64> = rows.iter().map(|row| norm(&row[..3])).filter(|force| force.is_finite()).collect();
    forces.sort_by(f64::total_cmp);
    let Some(middle) = forces.get(forces.len() / 2) else {
        return Err(("specific_force", "never a number".to_owned(), "give m/s²"));
    };
    if !WORN_FORCE.contains(middle) {
        let value = format!("{middle:.2} in the middle of all samples");
        return Err(("specific_force", value, "a worn sensor feels about 9.81: give m/s², not g, with gravity in it"));
    }
    let fastest = rows.iter().map(|row| norm(&row[3..])).filter(|rate| rate.is_finite()).fold(0.0, f64::max);
    if fastest > FASTEST {
        return Err(("angular_rate", format!("up to {fastest:.0}"), "no sensor turns so fast: give rad/s, not deg/s"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STILL: [SampleRow; 50] = [[0.0, 0.0, 9.81, 0.0, 0.0, 0.0]; 50];

    fn refused(builder: RecordingBuilder<'_>) -> String {
        builder.build().expect_err("impossible").in_full()
    }

    fn hip(samples: Samples<'_>) -> RecordingBuilder<'_> {
        Recording::builder().sensor(SensorRole::Hip, MountSite::Sacrum, samples)
    }

    #[test]
    fn what_cannot_be_is_refused_by_its_name() {
        let good = || Samples::at_rate(100.0, &STILL);
        assert_eq!(refused(Recording::builder()), "sensors is none: give at least one");
        assert!(refused(hip(Samples::at_rate(0.0, &STILL))).starts_with("hip.rate is 0 Hz"));
        assert!(refused(hip(Samples::at_rate(f64::NAN, &STILL))).starts_with("hip.rate is NaN Hz"));
        assert!(refused(hip(Samples::at_rate(100.0, &[]))).starts_with("hip.samples is empty"));
        assert!(
            refused(hip(good()).sensor(SensorRole::Hip, MountSite::Sacrum, good())).starts_with("hip is given twice")
        );
        assert!(refused(hip(good()).stature(Length::from_metres(174.0))).starts_with("stature is 174 m"));
        assert!(refused(hip(good()).stature(Length::from_metres(f64::NAN))).starts_with("stature is NaN m"));
        assert!(refused(hip(good()).athlete("Jane\nDoe")).starts_with("athlete is \"Jane\\nDoe\""));
    }

    #[test]
    fn other_units_and_broken_times_are_seen() {
        let in_g = [[0.0, 0.0, 1.0, 0.0, 0.0, 0.0]; 50];
        assert!(refused(hip(Samples::at_rate(100.0, &in_g))).contains("not g"));
        let no_number = [[f64::NAN; 6]; 50];
        assert!(refused(hip(Samples::at_rate(100.0, &no_number))).starts_with("hip.specific_force is never"));
        let mut in_degrees = STILL;
        in_degrees[7][4] = 90.0;
        assert!(refused(hip(Samples::at_rate(100.0, &in_degrees))).contains("not deg/s"));
        let mut times: Vec<f64> = (0..50).map(f64::from).collect();
        times[20] = 19.0;
        assert!(refused(hip(Samples::at_times(&times, &STILL))).starts_with("hip.times[20] is 19 s"));
        times[0] = f64::INFINITY;
        assert!(refused(hip(Samples::at_times(&times, &STILL))).starts_with("hip.times[0] is inf s"));
        assert!(refused(hip(Samples::at_times(&times[1..], &STILL))).starts_with("hip.times is 49 times for 50"));
    }

    #[test]
    fn tracks_are_in_the_order_of_roles_and_keep_every_sample() {
        let mut rows = STILL;
        rows[3] = [1.0, 2.0, 9.0, 0.1, 0.2, 0.3];
        rows[4] = [f64::NAN; 6];
        let shank = Samples::at_times(&[0.0, 0.5], &STILL[..2]);
        let recording = Recording::builder()
            .sensor(SensorRole::Shank, MountSite::Unknown, shank)
            .sensor(SensorRole::Hip, MountSite::Sacrum, Samples::at_rate(50.0, &rows))
            .build()
            .expect("possible");
        assert_eq!(recording.tracks.iter().map(|t| t.role).collect::<Vec<_>>(), [SensorRole::Hip, SensorRole::Shank]);
        let TrackSamples::Inertial(hip) = &recording.tracks[0].samples else { panic!("inertial") };
        assert_eq!(hip.len(), 50);
        assert_eq!(hip[3].device_time, DeviceTime::from_seconds(0.06));
        assert_eq!(hip[3].specific_force, SpecificForce::new(1.0, 2.0, 9.0));
        assert_eq!(hip[3].angular_rate, AngularRate::new(0.1, 0.2, 0.3));
        assert!(hip[4].specific_force.norm().is_nan());
    }
}
