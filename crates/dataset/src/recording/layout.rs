//! Names and descriptions in the file: what writer and reader must agree on. docs/format.md says the same in words.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use mcap::records::Metadata;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use truehinge_core::{ClockKind, DeviceInfo, Marker, Protocol, SensorRole, SessionInfo, SourceFile};

use crate::atomic::sha256;

pub const PROFILE: &str = "truehinge";
/// What sources call recordings of ours.
pub const FORMAT: &str = "truehinge-mcap";
pub const LIBRARY: &str = "truehinge-dataset";
pub const SESSION_RECORD: &str = "truehinge.session";
pub const SENSOR_RECORD: &str = "truehinge.sensor";
/// All descriptions once more.
pub const COPY_RECORD: &str = "truehinge.copy";
pub const EVENTS_TOPIC: &str = "/events";

/// Keys of our metadata records.
pub mod key {
    pub const MAJOR: &str = "schema_version";
    pub const MINOR: &str = "schema_minor";
    pub const CHECKSUM: &str = "crc32";
    /// The description itself.
    pub const JSON: &str = "json";
    /// In a copy: of the session, all sensors, all markers so far.
    pub const SESSION: &str = "session";
    pub const SENSORS: &str = "sensors";
    pub const MARKERS: &str = "markers";
}

pub const NOTIFICATION_SCHEMA: (&str, &str, &[u8]) = (
    "truehinge/Notification",
    "text",
    b"16 bytes: UUID of the characteristic, big endian; then the payload as it arrived",
);
pub const EVENT_SCHEMA: (&str, &str, &[u8]) =
    ("truehinge/Event", "jsonschema", br#"{"type":"object","required":["event"]}"#);

/// Version of the format. Of one major version every reader reads every file, and leaves out what it does not know.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
}

/// What is written.
pub const VERSION: Version = Version { major: 1, minor: 2 };
/// From this minor version on every description has a checksum.
const CHECKSUMS_SINCE: u32 = 1;

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

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
    /// Something that a later version knows.
    #[serde(other)]
    Unknown,
}

/// What the samples and notifications of a sensor are found under.
pub fn raw_topic(role: SensorRole) -> String {
    format!("/{role}/raw")
}

pub fn imu_topic(role: SensorRole) -> String {
    format!("/{role}/imu")
}

/// A metadata record of ours: entries with the version, and a checksum over all of it.
pub fn metadata(name: &str, entries: &[(&str, String)]) -> Metadata {
    let mut content: BTreeMap<String, String> =
        entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    content.insert(key::MAJOR.to_owned(), VERSION.major.to_string());
    content.insert(key::MINOR.to_owned(), VERSION.minor.to_string());
    content.insert(key::CHECKSUM.to_owned(), checksum(name, &content));
    Metadata { name: name.to_owned(), metadata: content }
}

/// CRC-32 of the name and of all keys and values in the order of the keys, each with its length in front; eight hexadecimal digits.
fn checksum(name: &str, content: &BTreeMap<String, String>) -> String {
    let mut hasher = crc32fast::Hasher::new();
    let mut put = |text: &str| {
        hasher.update(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    put(name);
    for (key, value) in content.iter().filter(|(key, _)| *key != key::CHECKSUM) {
        put(key);
        put(value);
    }
    format!("{:08x}", hasher.finalize())
}

/// Why a metadata record of ours cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    /// Its content is not what was written.
    Damaged(String),
    /// A later major version wrote it.
    Newer(Version),
}

/// The version of a metadata record of ours whose checksum is right, where it must have one.
pub fn version_of(name: &str, content: &BTreeMap<String, String>) -> Result<Version, Refused> {
    let damaged = |found: &str| Refused::Damaged(format!("{name}: {found}"));
    let stated = content.get(key::CHECKSUM);
    if stated.is_some_and(|stated| *stated != checksum(name, content)) {
        return Err(damaged("its checksum is wrong"));
    }
    let number = |key: &str| content.get(key).map(|text| text.parse::<u32>().map_err(|_| damaged("it has no version")));
    let major = number(key::MAJOR).ok_or_else(|| damaged("it has no version"))??;
    let minor = number(key::MINOR).transpose()?.unwrap_or(0);
    let version = Version { major, minor };
    if major != VERSION.major {
        return Err(Refused::Newer(version));
    }
    if minor >= CHECKSUMS_SINCE && stated.is_none() {
        return Err(damaged("its checksum is missing"));
    }
    Ok(version)
}

/// A description, and all that was written in it: fields that this version does not know are kept when it is written again.
#[derive(Clone, PartialEq, Debug)]
pub struct Described<T> {
    pub value: T,
    pub json: Value,
}

impl<T: DeserializeOwned> Described<T> {
    pub fn of(json: Value) -> Result<Self, String> {
        let value = T::deserialize(&json).map_err(|error| error.to_string())?;
        Ok(Self { value, json })
    }
}

impl<T: Serialize> Described<T> {
    /// The same with these values; what is not known stays beside them.
    pub fn with(&self, value: T) -> serde_json::Result<Self> {
        let mut json = self.json.clone();
        merge(&mut json, serde_json::to_value(&value)?);
        Ok(Self { value, json })
    }

    pub fn new(value: T) -> serde_json::Result<Self> {
        let json = serde_json::to_value(&value)?;
        Ok(Self { value, json })
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            from.into_iter().for_each(|(key, value)| merge(into.entry(key).or_insert(Value::Null), value));
        }
        (into, from) => *into = from,
    }
}

/// The session as it is stored: with the protocol's file, so that a recording can be judged by what it was recorded under.
pub fn with_protocol(session: &SessionInfo) -> SessionInfo {
    let mut session = session.clone();
    if session.source.protocol_file.is_none() {
        let built_in = Protocol::BUILT_IN.iter().find(|(name, _)| *name == session.protocol);
        session.source.protocol_file = built_in.map(|(_, file)| (*file).to_owned());
    }
    session
}

/// The file that a recording is read from.
pub fn file_of(path: &Path, bytes: &[u8]) -> SourceFile {
    file_of_hash(path, bytes, sha256(bytes))
}

/// The same, where its hash is known.
pub fn file_of_hash(path: &Path, bytes: &[u8], sha256: String) -> SourceFile {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    SourceFile { name, bytes: bytes.len() as u64, sha256 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_of_a_description_is_noticed() {
        let record = metadata(SESSION_RECORD, &[(key::JSON, r#"{"side":"left"}"#.to_owned())]);
        assert_eq!(version_of(&record.name, &record.metadata), Ok(VERSION));
        let changed = |change: &dyn Fn(&mut BTreeMap<String, String>)| {
            let mut content = record.metadata.clone();
            change(&mut content);
            version_of(&record.name, &content)
        };
        for result in [
            changed(&|content| drop(content.insert(key::JSON.to_owned(), r#"{"side":"lefu"}"#.to_owned()))),
            changed(&|content| drop(content.remove(key::CHECKSUM))),
            changed(&|content| drop(content.remove(key::MINOR))),
            changed(&|content| drop(content.insert(key::MAJOR.to_owned(), "3".to_owned()))),
            version_of("truehinge.sessiom", &record.metadata),
        ] {
            assert!(matches!(result, Err(Refused::Damaged(_))), "{result:?}");
        }
    }

    #[test]
    fn another_minor_version_is_read_and_another_major_one_named() {
        let as_version = |major: &str, minor: &str| {
            let mut content = BTreeMap::from([
                (key::MAJOR.to_owned(), major.to_owned()),
                (key::MINOR.to_owned(), minor.to_owned()),
                ("added later".to_owned(), "something".to_owned()),
            ]);
            content.insert(key::CHECKSUM.to_owned(), checksum(SESSION_RECORD, &content));
            version_of(SESSION_RECORD, &content)
        };
        assert_eq!(as_version("1", "7"), Ok(Version { major: 1, minor: 7 }));
        assert_eq!(as_version("2", "0"), Err(Refused::Newer(Version { major: 2, minor: 0 })));
        let first = BTreeMap::from([(key::MAJOR.to_owned(), "1".to_owned())]);
        assert_eq!(version_of(SESSION_RECORD, &first), Ok(Version { major: 1, minor: 0 }), "it had no checksum yet");
    }

    #[test]
    fn unknown_fields_stay_when_a_description_is_changed() {
        let json = serde_json::json!({ "at": 5, "kind": "set_end", "added": { "later": 1 } });
        let marker = Described::<Marker>::of(json).expect("a marker");
        let moved = marker.with(Marker { at: truehinge_core::HostTime::from_nanos(9), ..marker.value.clone() });
        assert_eq!(
            moved.expect("JSON").json,
            serde_json::json!({ "at": 9, "kind": "set_end", "added": { "later": 1 } })
        );
    }
}
