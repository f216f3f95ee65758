//! Everything that happens in a session, as values and as JSON objects, one after the other.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Serialize, Serializer};
use truehinge_ble::device_sync::SyncError;
use truehinge_ble::{DecodeError, LinkError, SensorTally};
use truehinge_core::{
    AthleteId, Explained, Finding, HostTime, InertialSample, Marker, Protocol, SampleRate, SensorRole, SessionAnalysis,
    Side,
};
use truehinge_signal::live::Gesture;

use super::sets::Asked;
use super::squad::Squad;
use crate::Error;
use crate::coach::{Message, Subject};
use crate::sensors::Worn;

/// Something that happened. In JSON one flat object; times are seconds of the host's clock since the beginning.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The sensors are setting their clocks to one another's, before the recording.
    DeviceSync(SyncStage),
    /// A recording beside this one that a crash or a full disk has left, or that another program is writing.
    Unfinished {
        /// Which.
        #[serde(serialize_with = "path")]
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        recording: PathBuf,
    },
    /// The recording begins.
    Begin {
        /// What it will be called.
        #[serde(serialize_with = "path")]
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        recording: PathBuf,
        /// Who is recorded.
        #[serde(rename = "athlete_id")]
        athlete: AthleteId,
        /// Who takes turns, if somebody does.
        #[serde(skip)]
        squad: Option<Arc<Squad>>,
        /// The supporting leg of the first set, if it is known.
        #[serde(skip)]
        side: Option<Side>,
        /// With which sensors.
        sensors: Vec<StartedSensor>,
        /// Sets are begun, ended and undone by gestures.
        #[serde(skip)]
        hands_free: bool,
        /// What is asked for and judged by.
        #[serde(skip)]
        protocol: Arc<Protocol>,
    },
    /// A sensor is connected, for the first time or again.
    Connected {
        /// When, s.
        #[serde(rename = "t_s", serialize_with = "in_seconds")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        at: HostTime,
        /// Which.
        #[serde(rename = "sensor")]
        role: SensorRole,
        /// Bytes of a packet, its header included.
        mtu: u16,
    },
    /// How strongly a sensor is heard.
    Signal {
        /// When, s.
        #[serde(rename = "t_s", serialize_with = "in_seconds")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        at: HostTime,
        /// Which.
        #[serde(rename = "sensor")]
        role: SensorRole,
        /// dBm.
        #[serde(rename = "signal_dbm")]
        dbm: i16,
    },
    /// A sensor is connected and sends nothing.
    Silent {
        /// When it was noticed, s.
        #[serde(rename = "t_s", serialize_with = "in_seconds")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        at: HostTime,
        /// Which.
        #[serde(rename = "sensor")]
        role: SensorRole,
        /// For so long, s.
        #[serde(rename = "silent_s")]
        seconds: f64,
    },
    /// A connection was lost.
    Lost {
        /// When it was noticed, s.
        #[serde(rename = "t_s", serialize_with = "in_seconds")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        at: HostTime,
        /// Whose.
        #[serde(rename = "sensor")]
        role: SensorRole,
        /// Why, as far as known.
        #[serde(serialize_with = "words")]
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        cause: LinkError,
    },
    /// What stands in the way of a connection.
    Trouble {
        /// When it was noticed, s.
        #[serde(rename = "t_s", serialize_with = "in_seconds")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        at: HostTime,
        /// Whose.
        #[serde(rename = "sensor")]
        role: SensorRole,
        /// What it is.
        #[serde(serialize_with = "words")]
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        cause: LinkError,
    },
    /// How full a sensor's battery is.
    Battery {
        /// Whose.
        #[serde(rename = "sensor")]
        role: SensorRole,
        /// Per cent.
        #[serde(rename = "battery_pct")]
        percent: u8,
    },
    /// Bytes that are no packet.
    Undecodable {
        /// Whose.
        #[serde(rename = "sensor")]
        role: SensorRole,
        /// Why not; its name in JSON.
        #[serde(serialize_with = "name")]
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        cause: DecodeError,
    },
    /// How many samples have come of each sensor, about every second.
    Samples {
        /// Until when, s.
        #[serde(rename = "t_s", serialize_with = "in_seconds")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        at: HostTime,
        /// Samples by sensor.
        samples: BTreeMap<SensorRole, u64>,
    },
    /// What a packet held. In JSON how many samples.
    #[cfg_attr(feature = "schema", schemars(skip))]
    Packet {
        /// Whose.
        #[serde(rename = "sensor")]
        role: SensorRole,
        /// The samples.
        #[serde(serialize_with = "count")]
        samples: Arc<[InertialSample]>,
    },
    /// Samples are missing before the next ones, by the sensor's own count.
    #[cfg_attr(feature = "schema", schemars(skip))]
    Gap {
        /// Whose.
        #[serde(rename = "sensor")]
        role: SensorRole,
        /// How many.
        lost: u64,
    },
    /// A marker was stored.
    #[cfg_attr(feature = "schema", schemars(skip))]
    Marker(Marker),
    /// Somebody asked for something, and this holds now.
    #[cfg_attr(feature = "schema", schemars(skip))]
    Asked(Asked),
    /// A sensor was tapped, and no other felt it.
    #[cfg_attr(feature = "schema", schemars(skip))]
    Tapped {
        /// Which.
        #[serde(rename = "sensor")]
        role: SensorRole,
    },
    /// Somebody made signs with the leg that wears the shin sensor.
    Gesture {
        /// When they were over, s.
        #[serde(rename = "t_s", serialize_with = "in_seconds")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        at: HostTime,
        /// When the leg began to move, s.
        #[serde(rename = "began_s", serialize_with = "in_seconds")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        began: HostTime,
        /// What they mean: `start`, `end` or `undo`; `null` if they were not understood.
        #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
        gesture: Option<Gesture>,
        /// What was asked for by it. In JSON whether that was done: there may be no set to end, or to undo.
        #[serde(rename = "done", serialize_with = "done")]
        #[cfg_attr(feature = "schema", schemars(with = "bool"))]
        asked: Option<Asked>,
    },
    /// The analysis of the stored recording. In JSON the number of repetitions, and the findings.
    #[serde(rename = "analysis", serialize_with = "summary")]
    #[cfg_attr(feature = "schema", schemars(with = "Summary<'static>"))]
    Analysed(Arc<SessionAnalysis>),
    /// The stored recording cannot be analysed.
    #[serde(rename = "analysis")]
    NotAnalysed {
        /// Why.
        #[serde(rename = "failed", serialize_with = "words")]
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        error: Arc<Error>,
    },
    /// The live analysis had failed; the recording is whole.
    CoachFailed,
    /// The storage failed: what was stored before is kept. Who began the session has the reason as an error.
    #[cfg_attr(feature = "schema", schemars(skip))]
    EndedEarly,
    /// The recording is complete.
    End {
        /// Where it is.
        #[serde(serialize_with = "path")]
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        recording: PathBuf,
        /// What came from each sensor.
        sensors: BTreeMap<SensorRole, SensorTally>,
    },
    /// The coach tells the athlete.
    #[serde(untagged)]
    Coach(Message),
}

impl Event {
    /// Whether it is only for who draws what happens: hundreds a second, the echo of what somebody did, or an error that is told elsewhere. A
    /// log leaves it out, so that it has no schema.
    pub fn is_detail(&self) -> bool {
        let knee = matches!(self, Self::Coach(Message { subject: Subject::Knee(_), .. }));
        knee || matches!(
            self,
            Self::Packet { .. }
                | Self::EndedEarly
                | Self::Gap { .. }
                | Self::Marker(_)
                | Self::Asked(_)
                | Self::Tapped { .. }
        )
    }
}

/// A sensor that is recorded.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StartedSensor {
    /// Where it is worn.
    #[serde(rename = "sensor")]
    pub role: SensorRole,
    /// Its address.
    pub address: String,
    /// Its driver's name.
    pub model: Cow<'static, str>,
    /// The rate it is set to, if it has one.
    #[serde(skip)]
    pub rate: Option<SampleRate>,
}

impl StartedSensor {
    pub(super) fn of(sensor: &Worn) -> Self {
        Self {
            role: sensor.role,
            address: sensor.address.clone(),
            model: sensor.driver.model().into(),
            rate: sensor.driver.device().nominal_rate,
        }
    }
}

/// Where the sensors' clocks are being set.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum SyncStage {
    /// A sensor is connected and made ready.
    Preparing {
        /// Which.
        #[serde(rename = "sensor")]
        role: SensorRole,
    },
    /// The sensors are left alone with each other.
    Alone {
        /// For so long, s.
        #[serde(rename = "wait_s")]
        seconds: u64,
    },
    /// A sensor is asked how it went.
    Asking {
        /// Which.
        #[serde(rename = "sensor")]
        role: SensorRole,
    },
    /// They are set.
    Done,
    /// They are not: the clocks are fitted to the arrivals.
    Failed {
        /// Why.
        #[serde(serialize_with = "words")]
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        cause: SyncError,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde hands over is a reference, however small")]
fn in_seconds<S: Serializer>(at: &HostTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(at.seconds())
}

/// A path that is no text is written as well as can be.
fn path<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

fn words<S: Serializer>(error: &impl Explained, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&error.in_full())
}

#[expect(clippy::ref_option, reason = "what serde hands over is a reference")]
fn done<S: Serializer>(asked: &Option<Asked>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(asked.is_some_and(|asked| asked.done))
}

fn name<S: Serializer>(error: &DecodeError, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(error.name())
}

fn count<S: Serializer>(samples: &[InertialSample], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(samples.len() as u64)
}

fn summary<S: Serializer>(analysis: &SessionAnalysis, serializer: S) -> Result<S::Ok, S::Error> {
    Summary { n_reps: analysis.reps().count(), findings: &analysis.findings }.serialize(serializer)
}

/// What the analysis of the stored recording found.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Summary<'a> {
    /// Repetitions counted.
    n_reps: usize,
    /// What a reader must know about the data.
    findings: &'a [Finding],
}
