//! Names and metadata of the file: what writer and reader must agree on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truehinge_core::{ClockKind, DeviceInfo, Marker, SensorRole, SessionInfo};

pub const SCHEMA_VERSION: &str = "1";
pub const PROFILE: &str = "truehinge";
/// What sources call recordings of ours.
pub const FORMAT: &str = "truehinge-mcap";
pub const LIBRARY: &str = "truehinge-dataset";
pub const SESSION_RECORD: &str = "truehinge.session";
pub const SENSOR_RECORD: &str = "truehinge.sensor";
pub const EVENTS_TOPIC: &str = "/events";

pub const NOTIFICATION_SCHEMA: (&str, &str, &[u8]) = (
    "truehinge/Notification",
    "text",
    b"16 bytes: UUID of the characteristic, big endian; then the payload as it arrived",
);
pub const EVENT_SCHEMA: (&str, &str, &[u8]) =
    ("truehinge/Event", "jsonschema", br#"{"type":"object","required":["event"]}"#);

/// Largest record that is believed, bytes: a chunk holds a second of data, a notification less than 600 bytes.
pub const RECORD_LIMIT: usize = 64 << 20;

/// A sensor as described in its metadata record.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SensorRecord {
    pub role: SensorRole,
    pub clock: ClockKind,
    pub device: DeviceInfo,
    pub content: Content,
    /// Whether log times of its samples are arrivals.
    pub arrivals: bool,
    pub raw_channel: u16,
    pub imu_channel: u16,
}

/// What the samples of a sensor are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Specific force and angular rate.
    Inertial,
    /// The maker's orientation, with free acceleration where known.
    Orientation,
}

/// An entry of the events channel.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Something happened.
    Marker {
        /// What and when.
        #[serde(flatten)]
        marker: Marker,
    },
    /// Samples were lost before the sample with this index.
    Gap { role: SensorRole, before_sample: usize, lost: u64 },
}

/// One JSON document under the key `json`, with the schema's version.
pub fn metadata<T: Serialize>(name: &str, value: &T) -> serde_json::Result<mcap::records::Metadata> {
    let content = BTreeMap::from([
        ("schema_version".to_owned(), SCHEMA_VERSION.to_owned()),
        ("json".to_owned(), serde_json::to_string(value)?),
    ]);
    Ok(mcap::records::Metadata { name: name.to_owned(), metadata: content })
}

/// The session, or why the record does not hold one.
pub fn session_of(metadata: &mcap::records::Metadata) -> Result<SessionInfo, String> {
    parse(metadata)
}

/// The sensor, or why the record does not hold one.
pub fn sensor_of(metadata: &mcap::records::Metadata) -> Result<SensorRecord, String> {
    parse(metadata)
}

fn parse<T: for<'de> Deserialize<'de>>(metadata: &mcap::records::Metadata) -> Result<T, String> {
    let version = metadata.metadata.get("schema_version").map_or("none", String::as_str);
    if version != SCHEMA_VERSION {
        return Err(format!("{} has schema version {version}", metadata.name));
    }
    let json = metadata.metadata.get("json").ok_or_else(|| format!("{} holds no JSON", metadata.name))?;
    serde_json::from_str(json).map_err(|error| format!("{}: {error}", metadata.name))
}
