//! What a file says of itself: session, sensors and markers stand in it more than once, and the copies that are whole decide.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;
use truehinge_core::{Description, Fault, FaultKind, SensorRole, SessionInfo};

use super::container;
use super::layout::{
    COPY_RECORD, Described, Refused, SENSOR_RECORD, SESSION_RECORD, SensorRecord, VERSION, Version, key, version_of,
};

/// Descriptions as they are found, in the order of the file.
#[derive(Default)]
pub struct Found {
    sessions: Vec<Stated>,
    sensors: Vec<Stated>,
    /// The markers of the longest copy, and how many copies there are.
    markers: Vec<Value>,
    copies: usize,
    /// The newest version that wrote any of them.
    version: Option<Version>,
    /// Why one could not be used, of the first that could not.
    pub refused: Option<Refused>,
}

/// A description as records state it.
#[derive(Clone)]
struct Stated {
    json: Value,
    /// The record itself states it, not only copies.
    original: bool,
    /// How many records do.
    times: usize,
}

/// Adds what a record states to what others do.
fn state(all: &mut Vec<Stated>, json: Value, original: bool) {
    let room = all.len() < MOST_STATEMENTS;
    match all.iter_mut().find(|stated| stated.json == json) {
        Some(stated) => {
            stated.times += 1;
            stated.original |= original;
        }
        None if room => all.push(Stated { json, original, times: 1 }),
        None => {}
    }
}

/// Records of one file agree: different statements come from damage, and a file with more of them was made to do harm.
const MOST_STATEMENTS: usize = 64;

/// What the descriptions say together.
pub struct Descriptions {
    pub session: Option<Described<SessionInfo>>,
    pub sensors: Vec<Described<SensorRecord>>,
    /// All markers up to the last whole copy, as they are stored.
    pub markers: Vec<Value>,
    /// What was not found in its own place.
    pub faults: Vec<Fault>,
    /// What is not known to this version.
    pub notes: Vec<String>,
    pub version: Version,
}

/// Whether a description that cannot be understood refuses the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strictness {
    /// It does.
    All,
    /// It is left out.
    WhatCanBe,
}

impl Default for Descriptions {
    fn default() -> Self {
        let (sensors, markers, faults, notes) = Default::default();
        Self { session: None, sensors, markers, faults, notes, version: VERSION }
    }
}

impl Found {
    /// Takes a metadata record; whether it is one of ours, and whole.
    pub fn take(&mut self, content: &[u8]) -> bool {
        match container::metadata(content) {
            Some((name, entries)) => self.take_entries(&name, &entries),
            None => false,
        }
    }

    fn take_entries(&mut self, name: &str, entries: &BTreeMap<String, String>) -> bool {
        if !matches!(name, SESSION_RECORD | SENSOR_RECORD | COPY_RECORD) {
            return false;
        }
        let taken = version_of(name, entries).and_then(|version| {
            self.stated(name, entries).map_err(|found| Refused::Damaged(format!("{name}: {found}")))?;
            self.version = self.version.max(Some(version));
            Ok(())
        });
        if let Err(refused) = taken {
            self.refused.get_or_insert(refused);
            return false;
        }
        true
    }

    fn stated(&mut self, name: &str, entries: &BTreeMap<String, String>) -> Result<(), String> {
        let original = name != COPY_RECORD;
        let json = |key: &str| match entries.get(key) {
            Some(text) => serde_json::from_str::<Value>(text).map(Some).map_err(|error| error.to_string()),
            None => Ok(None),
        };
        if original {
            let json = json(key::JSON)?.ok_or("it holds no JSON")?;
            let all = if name == SESSION_RECORD { &mut self.sessions } else { &mut self.sensors };
            state(all, json, original);
            return Ok(());
        }
        let (session, sensors, markers) = (json(key::SESSION)?, json(key::SENSORS)?, json(key::MARKERS)?);
        session.into_iter().for_each(|json| state(&mut self.sessions, json, original));
        list(sensors).into_iter().for_each(|json| state(&mut self.sensors, json, original));
        // Only the longest of them counts.
        let markers = list(markers);
        self.copies += 1;
        if markers.len() > self.markers.len() {
            self.markers = markers;
        }
        Ok(())
    }

    /// What they say together. The error says which of them is whole and cannot be understood.
    pub fn agree(self, strictness: Strictness) -> Result<Descriptions, String> {
        let version = self.version.unwrap_or(VERSION);
        let (mut faults, mut notes) = (Vec::new(), Vec::new());
        let copied = self.copies > 0;
        if version > VERSION {
            notes.push(format!(
                "written by a later version (format {version}, this program knows {VERSION}): what it does not know is left out"
            ));
        }
        let lenient = strictness == Strictness::WhatCanBe;
        let session = match most(&self.sessions).map(|stated| Described::of(stated.json.clone())) {
            Some(Ok(session)) => Some(session),
            Some(Err(error)) if !lenient => return Err(format!("{SESSION_RECORD}: {error}")),
            _ => None,
        };
        if copied && !self.sessions.iter().any(|stated| stated.original) {
            faults.push(Fault::of_recording(FaultKind::CopyUsed { of: Description::Session }));
        }
        let mut sensors: Vec<Described<SensorRecord>> = Vec::new();
        for stated in self.by_role() {
            match known::<SensorRecord>(&stated.json, version) {
                Ok(Some(sensor)) => {
                    if !stated.original {
                        faults
                            .push(Fault::of_sensor(sensor.value.role, FaultKind::CopyUsed { of: Description::Sensor }));
                    }
                    sensors.push(sensor);
                }
                Ok(None) => notes.push(format!("a sensor that is not known was left out: {}", stated.json)),
                Err(error) if !lenient => return Err(format!("{SENSOR_RECORD}: {error}")),
                Err(_) => {}
            }
        }
        let markers = self.markers;
        Ok(Descriptions { session, sensors, markers, faults, notes, version })
    }

    /// For each role what most records say of it, in the order in which the roles were named first.
    fn by_role(&self) -> Vec<Stated> {
        let role = |stated: &Stated| stated.json.get("role").map(Value::to_string);
        let mut order: Vec<Option<String>> = Vec::new();
        for stated in &self.sensors {
            if !order.contains(&role(stated)) {
                order.push(role(stated));
            }
        }
        let of = |wanted: &Option<String>| {
            let same = self.sensors.iter().filter(|stated| role(stated) == *wanted);
            let same: Vec<Stated> = same.cloned().collect();
            let original = same.iter().any(|stated| stated.original);
            most(&same).map(|stated| Stated { original, ..stated.clone() })
        };
        order.iter().filter_map(of).collect()
    }
}

/// A description that is whole; `None` where only a later version can understand it.
fn known<T: DeserializeOwned>(json: &Value, version: Version) -> Result<Option<Described<T>>, String> {
    match Described::of(json.clone()) {
        Ok(described) => Ok(Some(described)),
        Err(_) if version > VERSION => Ok(None),
        Err(error) => Err(error),
    }
}

/// What most of them state; of as many the first.
fn most(all: &[Stated]) -> Option<&Stated> {
    all.iter().rev().max_by_key(|stated| stated.times)
}

fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    }
}

/// The role that a topic such as `/hip/imu` names, and whether it carries samples.
pub fn sensor_of(topic: &str) -> Option<(SensorRole, bool)> {
    let (role, kind) = topic.strip_prefix('/')?.split_once('/')?;
    let samples = match kind {
        "imu" => true,
        "raw" => false,
        _ => return None,
    };
    role.parse().ok().map(|role| (role, samples))
}
