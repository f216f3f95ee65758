//! Messages to a recording: shared by reading, recovering and editing.

use std::collections::{BTreeMap, BTreeSet};

use mcap::records::{MessageHeader, op};
use serde_json::Value;
use truehinge_core::{
    ClockKind, Description, DeviceInfo, DeviceTime, Fault, FaultKind, HostTime, InertialSample, Marker, MarkerKind,
    Notification, OrientationSample, Recording, SensorRole, SequenceGap, SessionInfo, SourceFile, Stored, Track,
    TrackSamples,
};

use super::container::{self, Channel, Record, Schema};
use super::descriptions::{Descriptions, sensor_of};
use super::imu;
use super::layout::{Content, Described, EVENTS_TOPIC, Event, FORMAT, SensorRecord, Version};

/// More markers and losses than any session has: a file with more was made to do harm.
const MOST_EVENTS: usize = 50_000;
const MOST_MARKERS: usize = 2_000;
/// Longest time between two samples of a sensor, ns: a hundred days.
const LONGEST: i64 = 100 * 86_400 * 1_000_000_000;

/// One sensor's records so far.
struct SensorParts {
    record: SensorRecord,
    /// Nothing whole described it.
    undescribed: bool,
    inertial: Vec<InertialSample>,
    orientation: Vec<OrientationSample>,
    /// The samples' places in the track as it was recorded: where something was damaged, some are missing.
    places: Vec<u32>,
    gaps: Vec<SequenceGap>,
    /// Arrival of the newest sample.
    latest: Option<HostTime>,
    /// Device time and arrival of the first sample, ns.
    first: Option<[i64; 2]>,
}

/// Collects records in the order of the file.
pub struct Assembler {
    pub session: Option<Described<SessionInfo>>,
    described: Vec<Described<SensorRecord>>,
    version: Version,
    sensors: Vec<SensorParts>,
    /// The channels, each with what its topic says of it.
    pub channels: BTreeMap<u16, (Channel, Carries)>,
    pub schemas: BTreeMap<u16, Schema>,
    markers: Vec<Value>,
    events: usize,
    /// The markers of the copies that are in no message.
    restored: Vec<Value>,
    keep: Keep,
    pub raw: Vec<(SensorRole, Notification)>,
    /// Everything in the order in which it was stored, where that is asked for.
    pub story: Vec<Stored>,
    /// What is wrong with the file.
    pub faults: Vec<Fault>,
    notes: BTreeSet<String>,
    /// Arrival of the newest notification or sample.
    pub latest: Option<HostTime>,
    /// Notifications of a radio are in it: what it holds came as it is stored.
    pub is_live: bool,
}

/// What an assembler keeps beside the samples.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Keep {
    /// Nothing.
    #[default]
    Nothing,
    /// The notifications.
    Raw,
    /// The order of everything.
    Story,
}

/// What a channel carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carries {
    /// Notifications of a sensor.
    Raw(SensorRole),
    /// Samples of a sensor.
    Samples(SensorRole),
    /// Markers and losses.
    Events,
    /// What this version does not know.
    Other,
}

impl Carries {
    fn of_topic(topic: &str) -> Self {
        match sensor_of(topic) {
            Some((role, true)) => Self::Samples(role),
            Some((role, false)) => Self::Raw(role),
            None if topic == EVENTS_TOPIC => Self::Events,
            None => Self::Other,
        }
    }
}

impl Assembler {
    /// For a file that describes itself so.
    pub fn new(descriptions: Descriptions, keep: Keep) -> Self {
        let Descriptions { session, sensors, markers, faults, notes, version } = descriptions;
        let mut new = Self {
            session,
            described: Vec::new(),
            version,
            sensors: Vec::new(),
            channels: BTreeMap::new(),
            schemas: BTreeMap::new(),
            markers: Vec::new(),
            events: 0,
            restored: markers,
            keep,
            raw: Vec::new(),
            story: Vec::new(),
            faults,
            notes: notes.into_iter().collect(),
            latest: None,
            is_live: false,
        };
        sensors.iter().for_each(|sensor| new.declare(sensor.value.clone(), false));
        new.described = sensors;
        new
    }

    /// The sensors' descriptions, in the order of the file.
    pub fn sensors(&self) -> Vec<Described<SensorRecord>> {
        let described = |parts: &SensorParts| {
            let found = self.described.iter().find(|sensor| sensor.value.role == parts.record.role);
            // Plain values to JSON cannot fail.
            found.cloned().or_else(|| Described::new(parts.record.clone()).ok())
        };
        self.sensors.iter().filter_map(described).collect()
    }

    fn tell(&mut self, stored: impl FnOnce() -> Stored) {
        if self.keep == Keep::Story {
            self.story.push(stored());
        }
    }

    /// Takes a record of a chunk. The error says what is wrong with it.
    pub fn take(&mut self, record: &Record<'_>) -> Result<(), String> {
        match record.opcode {
            op::SCHEMA => {
                let schema = container::schema(record.content).ok_or("a schema that is not one")?;
                self.schemas.insert(schema.id, schema);
            }
            op::CHANNEL => self.channel(container::channel(record.content).ok_or("a channel that is not one")?),
            op::MESSAGE => {
                let (header, data) = container::message(record.content).ok_or("a message that is not one")?;
                return self.message(&header, data);
            }
            _ => {}
        }
        Ok(())
    }

    /// Learns what a channel is called.
    pub fn channel(&mut self, channel: Channel) {
        let carries = Carries::of_topic(&channel.topic);
        self.channels.insert(channel.id, (channel, carries));
    }

    fn declare(&mut self, record: SensorRecord, undescribed: bool) {
        self.tell(|| Stored::Sensor(record.role, record.device.clone(), record.clock));
        let (inertial, orientation, places, gaps) = Default::default();
        self.sensors.push(SensorParts {
            record,
            undescribed,
            inertial,
            orientation,
            places,
            gaps,
            latest: None,
            first: None,
        });
    }

    /// Whether the times of a sensor's messages are arrivals.
    pub fn has_arrivals(&self, role: SensorRole) -> bool {
        self.sensors.iter().any(|sensor| sensor.record.role == role && sensor.record.arrivals)
    }

    /// What the messages of a channel are: its topic says it, and where that is lost, the sensors' descriptions.
    pub fn carries(&self, channel: u16) -> Carries {
        if let Some((_, carries)) = self.channels.get(&channel) {
            return *carries;
        }
        let of = |sensor: &SensorParts| match channel {
            c if c == sensor.record.imu_channel => Some(Carries::Samples(sensor.record.role)),
            c if c == sensor.record.raw_channel => Some(Carries::Raw(sensor.record.role)),
            _ => None,
        };
        self.sensors.iter().find_map(of).unwrap_or(Carries::Events)
    }

    fn message(&mut self, header: &MessageHeader, data: &[u8]) -> Result<(), String> {
        match self.carries(header.channel_id) {
            Carries::Other => {
                let topic = self.channels.get(&header.channel_id).map_or("", |(channel, _)| &channel.topic);
                self.notes.insert(format!("channel {topic} is not known and was left out"));
                Ok(())
            }
            Carries::Events => self.event(data),
            Carries::Raw(role) => self.raw(role, header, data),
            Carries::Samples(role) => self.sample(role, header, data),
        }
    }

    /// A sensor's parts; one that nothing describes is known by its channel's name.
    fn parts(&mut self, role: SensorRole, header: &MessageHeader) -> Option<&mut SensorParts> {
        if self.sensors.iter().all(|sensor| sensor.record.role != role) {
            let arrivals = header.log_time != header.publish_time;
            let channels =
                |topic: &str| self.channels.values().find(|(c, _)| c.topic == topic).map_or(u16::MAX, |(c, _)| c.id);
            let (raw_channel, imu_channel) =
                (channels(&super::layout::raw_topic(role)), channels(&super::layout::imu_topic(role)));
            let (content, device, clock) = (Content::Inertial, DeviceInfo::default(), ClockKind::Device);
            self.declare(SensorRecord { role, clock, device, content, arrivals, raw_channel, imu_channel }, true);
            self.faults.push(Fault::of_sensor(role, FaultKind::SensorUndescribed));
        }
        self.sensors.iter_mut().find(|sensor| sensor.record.role == role)
    }

    fn raw(&mut self, role: SensorRole, header: &MessageHeader, data: &[u8]) -> Result<(), String> {
        let received_at = HostTime::from_nanos(signed(header.log_time));
        let (uuid, payload) = data.split_first_chunk::<16>().ok_or("a notification without characteristic")?;
        self.is_live = true;
        self.arrived(received_at);
        if self.keep == Keep::Raw {
            let characteristic = u128::from_be_bytes(*uuid);
            self.raw.push((role, Notification { characteristic, received_at, payload: payload.to_vec() }));
        }
        Ok(())
    }

    fn arrived(&mut self, at: HostTime) {
        self.latest = self.latest.max(Some(at));
    }

    fn sample(&mut self, role: SensorRole, header: &MessageHeader, data: &[u8]) -> Result<(), String> {
        const BAD: &str = "a sample that is not one";
        let parts = self.parts(role, header).ok_or(BAD)?;
        let log_time = HostTime::from_nanos(signed(header.log_time));
        let device_time = DeviceTime::from_nanos(signed(header.publish_time));
        let arrival = parts.record.arrivals.then_some(log_time);
        if parts.undescribed && parts.places.is_empty() && imu::decode_inertial(data, device_time, arrival).is_none() {
            parts.record.content = Content::Orientation;
        }
        let times = [device_time.nanos(), log_time.nanos()];
        let first = *parts.first.get_or_insert(times);
        if times.iter().zip(first).any(|(at, first)| at.saturating_sub(first).saturating_abs() > LONGEST) {
            return Err("a sample is a hundred days from the first".to_owned());
        }
        let lost = parts.place(header.sequence)?;
        let from = std::mem::replace(&mut parts.latest, arrival);
        match parts.record.content {
            Content::Inertial => {
                let sample = imu::decode_inertial(data, device_time, arrival).ok_or(BAD)?;
                parts.inertial.push(sample);
                self.tell(|| Stored::Sample(role, sample));
            }
            Content::Orientation => {
                parts.orientation.push(imu::decode_orientation(data, device_time, arrival).ok_or(BAD)?);
            }
        }
        if lost > 0 {
            let kind = FaultKind::SamplesLost { samples: u64::from(lost) };
            self.faults.push(Fault::of_sensor(role, kind).between(from, arrival));
        }
        arrival.into_iter().for_each(|at| self.arrived(at));
        Ok(())
    }

    fn event(&mut self, data: &[u8]) -> Result<(), String> {
        self.events += 1;
        if self.events > MOST_EVENTS || self.markers.len() >= MOST_MARKERS {
            return Err("more events than a session has".to_owned());
        }
        let unreadable = |error: serde_json::Error| format!("an event that cannot be read: {error}");
        let json: Value = serde_json::from_slice(data).map_err(unreadable)?;
        let event = match <Event as serde::Deserialize>::deserialize(&json) {
            Ok(event) => event,
            Err(_) if self.version > super::layout::VERSION => Event::Unknown,
            Err(error) => return Err(unreadable(error)),
        };
        match event {
            Event::Marker { marker } => {
                self.tell(|| Stored::Marker(marker.clone()));
                self.markers.push(without_tag(json));
            }
            Event::Gap { role, before_sample, lost } => {
                self.tell(|| Stored::Gap(role, lost));
                if let Some(sensor) = self.sensors.iter_mut().find(|sensor| sensor.record.role == role) {
                    sensor.gaps.push(SequenceGap { before_sample, lost });
                }
            }
            Event::Unknown => drop(self.notes.insert("events that are not known were left out".to_owned())),
        }
        Ok(())
    }

    /// Samples per sensor so far.
    pub fn counts(&self) -> Vec<(SensorRole, usize)> {
        self.sensors.iter().map(|s| (s.record.role, s.inertial.len() + s.orientation.len())).collect()
    }

    /// Times of the first and the last sample as messages have them, ns: arrivals, or device times where there are none.
    pub fn extent(&self) -> (i64, i64) {
        let time = |arrival: Option<HostTime>, device: DeviceTime| arrival.map_or(device.nanos(), HostTime::nanos);
        let times = self.sensors.iter().flat_map(|sensor| {
            let inertial = sensor.inertial.iter().map(move |sample| time(sample.arrival, sample.device_time));
            inertial.chain(sensor.orientation.iter().map(move |sample| time(sample.arrival, sample.device_time)))
        });
        times.fold((i64::MAX, i64::MIN), |(first, last), at| (first.min(at), last.max(at)))
    }

    /// Markers of the messages so far, as they are stored.
    pub fn stored_markers(&self) -> &[Value] {
        &self.markers
    }

    /// Markers of the copies that are in no message: what was lost with the second that held them.
    pub fn missing_markers(&self) -> Vec<Value> {
        let mut held = self.markers.clone();
        let lost = |marker: &&Value| match held.iter().position(|other| other == *marker) {
            Some(index) => {
                held.swap_remove(index);
                false
            }
            None => true,
        };
        self.restored.iter().filter(lost).cloned().collect()
    }

    /// All markers: in the order of the copies, then those that were set after the last of them.
    fn all_markers(&mut self) -> Vec<Marker> {
        let missing = self.missing_markers();
        let mut stored = std::mem::take(&mut self.markers);
        if !missing.is_empty() {
            self.faults.push(Fault::of_recording(FaultKind::CopyUsed { of: Description::Markers }));
            let mut all = std::mem::take(&mut self.restored);
            stored.retain(|marker| !all.contains(marker));
            all.append(&mut stored);
            stored = all;
        }
        let mut markers = Vec::with_capacity(stored.len());
        for marker in stored {
            match serde_json::from_value::<Marker>(marker) {
                Ok(Marker { kind: MarkerKind::Unknown, .. }) | Err(_) => {
                    self.notes.insert("markers that are not known were left out".to_owned());
                }
                Ok(marker) => markers.push(marker),
            }
        }
        markers
    }

    /// The recording, read from a file; `None` without a session record.
    pub fn recording(mut self, file: SourceFile) -> Option<Recording> {
        let mut info = self.session.take()?.value;
        let markers = self.all_markers();
        info.source = info.source.kept_in(FORMAT, file);
        info.source.notes.extend(self.notes);
        info.source.faults.extend(self.faults);
        let mut tracks: Vec<Track> = self.sensors.into_iter().map(SensorParts::track).collect();
        tracks.sort_by_key(|track| track.role);
        Some(Recording { info, tracks, markers })
    }
}

/// A marker as it stands in a copy.
pub fn without_tag(mut event: Value) -> Value {
    if let Value::Object(fields) = &mut event {
        fields.remove("event");
    }
    event
}

impl SensorParts {
    /// Notes the place of the next sample; how many are missing before it. Files of other programs number nothing.
    fn place(&mut self, place: u32) -> Result<u32, String> {
        let unnumbered = place == 0 && self.places.last().is_none_or(|&last| last == 0);
        let next = self.places.last().map_or(0, |last| last.wrapping_add(1));
        let lost = if unnumbered { Some(0) } else { place.checked_sub(next) };
        let lost = lost.ok_or_else(|| {
            format!("sample {place} of the {} sensor stands twice or out of its order", self.record.role)
        })?;
        self.places.push(place);
        Ok(lost)
    }

    fn track(self) -> Track {
        // Losses were noted by places in the whole track.
        let numbered = self.places.iter().any(|&place| place > 0);
        let now_at = |place: usize| {
            if numbered { self.places.partition_point(|&kept| (kept as usize) < place) } else { place }
        };
        let gap = |gap: &SequenceGap| SequenceGap { before_sample: now_at(gap.before_sample), ..*gap };
        let sequence_gaps = self.gaps.iter().map(gap).collect();
        let samples = match self.record.content {
            Content::Inertial => TrackSamples::Inertial(self.inertial),
            Content::Orientation => TrackSamples::Orientation(self.orientation),
        };
        Track { role: self.record.role, device: self.record.device, clock: self.record.clock, samples, sequence_gaps }
    }
}

fn signed(nanos: u64) -> i64 {
    i64::from_ne_bytes(nanos.to_ne_bytes())
}
