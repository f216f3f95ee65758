//! A recorded session, before any interpretation but decoding: what the sensors said, when it arrived, and what was lost.
//!
//! Recordings come from the radio and from importers alike; the analysis cannot tell the difference. Times are kept as they
//! were read: the device's own clock and, where known, the host's arrival clock. Mapping them to one timeline is the
//! analysis' first step (`truehinge_signal::clock`), so a better mapping can be computed later.

use std::io;

use serde::{Deserialize, Serialize};

use crate::body::{Anthropometry, MountSite, SensorRole, Side};
use crate::frame::{AngularRate, Earth, FreeAcceleration, Rotation, Sensor, SpecificForce};
use crate::id::{AthleteId, SessionId};
use crate::start::{LocalStart, Zone};
use crate::time::{DeviceTime, HostTime, SampleRate};

/// One recorded session of one person.
#[derive(Clone, PartialEq, Debug)]
pub struct Recording {
    /// Who, when, which leg, from where.
    pub info: SessionInfo,
    /// One track per sensor, in the order of [`SensorRole::ALL`].
    pub tracks: Vec<Track>,
    /// What happened during the session, in order of time.
    pub markers: Vec<Marker>,
}

impl Recording {
    /// The track of a role, if that sensor was worn.
    pub fn track(&self, role: SensorRole) -> Option<&Track> {
        self.tracks.iter().find(|track| track.role == role)
    }
}

/// Who, when, which leg, and where the data came from.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct SessionInfo {
    /// Name of the session, unique per athlete.
    pub session: SessionId,
    /// Pseudonym of the person.
    pub athlete: AthleteId,
    /// Start of the recording (zero of [`HostTime`]) in nanoseconds after the Unix epoch, if known.
    pub start_utc_ns: Option<i64>,
    /// What is known of the clock on the wall there.
    #[serde(default)]
    pub zone: Zone,
    /// Supporting leg, unless markers say otherwise per set.
    pub stance_side: Option<Side>,
    /// Name of the exercise protocol, such as `single-leg-hip-hinge`.
    pub protocol: String,
    /// Body measures.
    #[serde(default)]
    pub body: Anthropometry,
    /// Where the data came from.
    #[serde(default)]
    pub source: Source,
}

impl SessionInfo {
    /// When it began, by the clock on the wall where it is known.
    pub fn local_start(&self) -> Option<LocalStart> {
        LocalStart::of(self.start_utc_ns?, self.zone)
    }
}

/// Origin of a recording.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[serde(default)]
pub struct Source {
    /// Format the data were read from, such as `truehinge`, `movella-dot-csv`.
    pub format: String,
    /// The files read.
    pub files: Vec<SourceFile>,
    /// The files that a recording of ours was made from by an import; empty for what came over the air.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub imported_from: Vec<SourceFile>,
    /// The recordings that it was written anew from, by editing, decoding or recovering: the first one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub made_from: Vec<SourceFile>,
    /// What somebody put right in it since, by editing: that holds before what is known of the person otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edited: Vec<Fact>,
    /// What whoever reads it now says of it; never stored.
    #[serde(skip)]
    pub told: Vec<Fact>,
    /// What an importer recognised, guessed or left out, and what was changed since, in plain words.
    pub notes: Vec<String>,
    /// The protocol file that the session was recorded under, as it was then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol_file: Option<String>,
    /// What is known to be wrong with it as it is stored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// The part of the session that somebody cut it to. The bytes as they arrived are there all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
}

/// What can be said of a recording by an option or an edit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub enum Fact {
    /// Standing height.
    Stature,
    /// Knee joint line to outer ankle.
    ShankLength,
    /// Greater trochanter to knee joint line.
    ThighLength,
    /// Distance between the hip joints.
    HipWidth,
    /// Body mass.
    Mass,
    /// The supporting leg.
    Side,
    /// Whose recording it is.
    Athlete,
    /// The exercise with its limits.
    Protocol,
    /// Which sensor was where.
    Sensors,
    /// Something that a later version knows.
    #[serde(other)]
    Unknown,
}

/// A part of a session: what arrived from one time on and before another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct Kept {
    /// The first instant that is in it.
    pub from: HostTime,
    /// The first that is behind it.
    pub to: HostTime,
}

impl Kept {
    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    /// Whether it holds what arrived then; what has no arrival is in no part.
    pub fn holds(self, arrival: Option<HostTime>) -> bool {
        arrival.is_some_and(|at| self.from <= at && at < self.to)
    }
}

/// Something wrong with a recording as it is stored, and when in the session.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct Fault {
    /// What.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// Which sensor, if one.
    #[serde(default)]
    pub role: Option<SensorRole>,
    /// The last that is known from before it.
    #[serde(default)]
    pub from: Option<HostTime>,
    /// The first that is known from after it.
    #[serde(default)]
    pub to: Option<HostTime>,
}

impl Fault {
    /// Of the whole recording.
    pub const fn of_recording(kind: FaultKind) -> Self {
        Self { kind, role: None, from: None, to: None }
    }

    /// Of one sensor.
    pub const fn of_sensor(role: SensorRole, kind: FaultKind) -> Self {
        Self { role: Some(role), ..Self::of_recording(kind) }
    }

    /// The same, between these times as far as they are known.
    #[must_use]
    pub const fn between(self, from: Option<HostTime>, to: Option<HostTime>) -> Self {
        Self { from, to, ..self }
    }
}

/// What is wrong with a stored recording.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// It was not ended: a crash or a power loss, and at most a second had not been stored yet.
    NotEnded,
    /// Bytes that cannot be read, and what was stored in them is lost.
    PartLost {
        /// How many.
        bytes: u64,
    },
    /// Samples that were stored are not there any more.
    SamplesLost {
        /// How many.
        samples: u64,
    },
    /// A description was damaged, and a whole copy of it took its place.
    CopyUsed {
        /// Which one.
        of: Description,
    },
    /// Nothing whole describes the sensor: it is known by the name of its channel.
    SensorUndescribed,
    /// Nothing whole says whose session it is: somebody named the athlete.
    SessionUndescribed,
    /// One bit had changed, and the checksum of the whole said which.
    BitRepaired,
    /// The checksum of the whole is wrong, and the descriptions have none of their own: their numbers may be others.
    Unchecked,
    /// Something that a later version knows.
    #[serde(other)]
    Unknown,
}

/// What describes a recording beside its samples.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Description {
    /// Who, when, which leg, body measures, protocol.
    Session,
    /// A sensor and its settings.
    Sensor,
    /// Where sets begin and end, and what else happened.
    Markers,
}

impl Source {
    /// The same data as they are kept in a recording of ours: what they were imported from stays known.
    #[must_use]
    pub fn kept_in(self, format: &str, file: SourceFile) -> Self {
        let imported_from = if self.imported_from.is_empty() { self.files } else { self.imported_from };
        Self { format: format.to_owned(), files: vec![file], imported_from, ..self }
    }

    /// The same data, written anew from a recording of ours.
    #[must_use]
    pub fn made_anew(mut self, from: SourceFile) -> Self {
        self.made_from.push(from);
        self
    }

    /// The files that the data first stood in.
    pub fn origin(&self) -> &[SourceFile] {
        match (self.imported_from.as_slice(), self.made_from.first()) {
            ([], Some(first)) => std::slice::from_ref(first),
            ([], None) => &self.files,
            (imported, _) => imported,
        }
    }
}

/// One file that was read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceFile {
    /// File name without folders.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the content, lower-case hexadecimal.
    pub sha256: String,
}

/// Everything one sensor said.
#[derive(Clone, PartialEq, Debug)]
pub struct Track {
    /// What it measured.
    pub role: SensorRole,
    /// The sensor and its settings.
    pub device: DeviceInfo,
    /// How its time stamps came about.
    pub clock: ClockKind,
    /// The samples, in order of device time.
    pub samples: TrackSamples,
    /// Losses known from a sequence counter, in order; losses seen only as jumps of the clock are found by the analysis.
    pub sequence_gaps: Vec<SequenceGap>,
}

/// A sensor and its settings.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceInfo {
    /// Maker and model, as far as known.
    pub model: String,
    /// Address or serial number.
    pub serial: String,
    /// Rate the sensor was set to.
    pub nominal_rate: Option<SampleRate>,
    /// Full scale of the accelerometer, m/s²; readings near it are clipped.
    pub accelerometer_range: Option<f64>,
    /// Full scale of the gyroscope, rad/s; readings near it are clipped.
    pub gyroscope_range: Option<f64>,
    /// Where on the segment it sat.
    pub mount: Option<MountSite>,
}

/// How the device times of a track came about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// Stamped by the sensor's own free-running clock.
    Device,
    /// No stamps: sample index times the nominal period, lost samples included where a counter showed them.
    SampleIndex,
    /// Of one clock shared by all tracks that say so: a synchronised export, or sensors that have set their clocks to one another's.
    Shared,
}

/// What a sensor measured: inertial samples, or orientations it computed itself.
#[derive(Clone, PartialEq, Debug)]
pub enum TrackSamples {
    /// Specific force and angular rate.
    Inertial(Vec<InertialSample>),
    /// Orientation from the maker's own filter, where a file holds no angular rate.
    Orientation(Vec<OrientationSample>),
}

impl TrackSamples {
    /// Number of samples.
    pub fn len(&self) -> usize {
        match self {
            Self::Inertial(samples) => samples.len(),
            Self::Orientation(samples) => samples.len(),
        }
    }

    /// Whether there is no sample at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One inertial measurement, in SI units and the sensor's axes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct InertialSample {
    /// Time on the sensor's clock, unwrapped.
    pub device_time: DeviceTime,
    /// When the packet that carried it reached the host, if that was recorded.
    pub arrival: Option<HostTime>,
    /// m/s². NaN where the sensor gave no value.
    pub specific_force: SpecificForce<Sensor>,
    /// rad/s. NaN where the sensor gave no value.
    pub angular_rate: AngularRate<Sensor>,
}

/// One orientation from the maker's own filter.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OrientationSample {
    /// Time on the sensor's clock, unwrapped.
    pub device_time: DeviceTime,
    /// When the packet that carried it reached the host, if that was recorded.
    pub arrival: Option<HostTime>,
    /// Sensor to Earth, heading as the maker defines it.
    pub rotation: Rotation<Sensor, Earth>,
    /// Free acceleration in Earth, if the file has it.
    pub free_acceleration: Option<FreeAcceleration<Earth>>,
}

/// Samples lost on the way, known from a counter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SequenceGap {
    /// Index of the first sample after the gap.
    pub before_sample: usize,
    /// How many samples are missing.
    pub lost: u64,
}

/// Something that happened at an instant of the host's clock.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Marker {
    /// When, on the host's clock.
    pub at: HostTime,
    /// What.
    #[serde(flatten)]
    pub kind: MarkerKind,
}

/// What happened.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum MarkerKind {
    /// A set begins, standing on this leg. The shank sensor is on that leg; alignment starts anew.
    SetStart {
        /// The supporting leg.
        side: Side,
    },
    /// The set ends.
    SetEnd,
    /// The running set, or the last one if none runs, does not count: it is done again.
    SetVoid,
    /// Nobody marks the sets from here on: the set finder of the analysis looks for them, on this leg.
    SearchStart {
        /// The supporting leg.
        side: Side,
        /// Fewest repetitions that each set is asked for.
        least: u32,
        /// Most: with these a set is over as soon as nobody goes on.
        most: u32,
    },
    /// The set finder has seen that a set is over. The next one is looked for from here on.
    SetFound,
    /// The guided calibration begins: movements from here on align the sensors and are no repetitions.
    CalibrationStart,
    /// The guided calibration ends.
    CalibrationEnd,
    /// Somebody knocks the sensors against each other from here on, so that their clocks can be compared.
    ClockCheck,
    /// A sensor's link was lost.
    LinkLost {
        /// Which one.
        role: SensorRole,
    },
    /// A sensor's link is back.
    LinkRestored {
        /// Which one.
        role: SensorRole,
    },
    /// Somebody's remark.
    Note {
        /// The remark.
        text: String,
    },
    /// Something that a later version knows.
    #[serde(other)]
    Unknown,
}

/// One packet as it came from the radio, stamped first thing and stored before it is decoded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notification {
    /// UUID of the GATT characteristic, as a 128-bit number.
    pub characteristic: u128,
    /// Arrival on the host's monotonic clock.
    pub received_at: HostTime,
    /// The bytes.
    pub payload: Vec<u8>,
}

/// Where a recorder puts what it receives. The storage format stays behind this trait.
///
/// # Errors
/// Every method reports a storage failure as [`io::Error`]; losing data is an error, never a silent drop.
pub trait RecordSink {
    /// Declares a sensor before its first packet.
    fn sensor(&mut self, role: SensorRole, device: &DeviceInfo, clock: ClockKind) -> io::Result<()>;
    /// A packet as it arrived, before decoding.
    fn notification(&mut self, role: SensorRole, notification: &Notification) -> io::Result<()>;
    /// Decoded samples of that packet.
    fn samples(&mut self, role: SensorRole, samples: &[InertialSample]) -> io::Result<()>;
    /// Samples known to be lost before the next sample of this role.
    fn gap(&mut self, role: SensorRole, lost: u64) -> io::Result<()>;
    /// Something happened.
    fn marker(&mut self, marker: &Marker) -> io::Result<()>;
    /// Makes everything so far survive a crash.
    fn sync(&mut self) -> io::Result<()>;
}

/// A sink that keeps nothing.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl RecordSink for Nowhere {
    fn sensor(&mut self, _: SensorRole, _: &DeviceInfo, _: ClockKind) -> io::Result<()> {
        Ok(())
    }
    fn notification(&mut self, _: SensorRole, _: &Notification) -> io::Result<()> {
        Ok(())
    }
    fn samples(&mut self, _: SensorRole, _: &[InertialSample]) -> io::Result<()> {
        Ok(())
    }
    fn gap(&mut self, _: SensorRole, _: u64) -> io::Result<()> {
        Ok(())
    }
    fn marker(&mut self, _: &Marker) -> io::Result<()> {
        Ok(())
    }
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}
