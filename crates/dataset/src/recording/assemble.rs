//! Records to a recording: shared by reading and recovering.

use std::collections::BTreeMap;

use mcap::records::{MessageHeader, Record};
use truehinge_core::{
    ClockKind, DeviceInfo, DeviceTime, HostTime, InertialSample, Marker, Notification, OrientationSample, Recording,
    SensorRole, SequenceGap, SessionInfo, SourceFile, Track, TrackSamples,
};

use super::imu;
use super::layout::{Content, Event, FORMAT, SENSOR_RECORD, SESSION_RECORD, SensorRecord, sensor_of, session_of};

/// One sensor's records so far.
struct SensorParts {
    record: SensorRecord,
    inertial: Vec<InertialSample>,
    orientation: Vec<OrientationSample>,
    /// The samples' places in the track as it was recorded: where something was damaged, some are missing.
    places: Vec<u32>,
    gaps: Vec<SequenceGap>,
}

/// Collects records in the order of the file.
#[derive(Default)]
pub struct Assembler {
    pub session: Option<SessionInfo>,
    sensors: Vec<SensorParts>,
    by_channel: BTreeMap<u16, (usize, Role)>,
    markers: Vec<Marker>,
    /// What is kept beside the samples.
    keep: Keep,
    pub raw: Vec<(SensorRole, Notification)>,
    /// Everything in the order in which it was stored, where that is asked for.
    pub story: Vec<Stored>,
    /// Every message as it was stored, where that is asked for.
    pub messages: Vec<StoredMessage>,
    /// Arrival of the newest notification or sample.
    pub latest: Option<HostTime>,
    /// Arrival of the oldest one since this was last emptied.
    pub earliest_since: Option<HostTime>,
    /// The summary was reached.
    pub finished: bool,
}

/// One thing that was stored while recording.
#[derive(Clone, PartialEq, Debug)]
pub enum Stored {
    /// A sensor, before its first sample.
    Sensor(SensorRole, DeviceInfo, ClockKind),
    /// A sample.
    Sample(SensorRole, InertialSample),
    /// So many samples are missing before the next one.
    Gap(SensorRole, u64),
    /// Something happened.
    Marker(Marker),
}

/// What an assembler keeps beside the samples.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Keep {
    #[default]
    Nothing,
    Raw,
    Story,
    Messages,
}

/// A message as it stands in the file, its channel by meaning.
pub struct StoredMessage {
    pub channel: StoredChannel,
    pub header: MessageHeader,
    pub data: Vec<u8>,
}

/// What a channel carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StoredChannel {
    /// Notifications of a sensor.
    Raw(SensorRole),
    /// Samples of a sensor.
    Samples(SensorRole),
    /// Markers and losses.
    Events,
}

#[derive(Clone, Copy)]
enum Role {
    Raw,
    Samples,
}

impl Assembler {
    /// One that keeps the raw notifications too.
    pub fn keeping_raw() -> Self {
        Self { keep: Keep::Raw, ..Self::default() }
    }

    /// One that keeps the order of everything.
    pub fn keeping_story() -> Self {
        Self { keep: Keep::Story, ..Self::default() }
    }

    /// One that keeps every message as it is.
    pub fn keeping_messages() -> Self {
        Self { keep: Keep::Messages, ..Self::default() }
    }

    /// The sensors' descriptions, in the order of the file.
    pub fn sensors(&self) -> impl Iterator<Item = &SensorRecord> {
        self.sensors.iter().map(|sensor| &sensor.record)
    }

    fn tell(&mut self, stored: impl FnOnce() -> Stored) {
        if self.keep == Keep::Story {
            self.story.push(stored());
        }
    }

    /// Takes one record. The error says what is wrong with it.
    pub fn take(&mut self, record: &Record<'_>) -> Result<(), String> {
        match record {
            Record::Metadata(metadata) if metadata.name == SESSION_RECORD => self.session = Some(session_of(metadata)?),
            Record::Metadata(metadata) if metadata.name == SENSOR_RECORD => self.declare(sensor_of(metadata)?),
            Record::Message { header, data } => return self.message(header, data),
            Record::Footer(_) => self.finished = true,
            _ => {}
        }
        Ok(())
    }

    fn declare(&mut self, record: SensorRecord) {
        self.tell(|| Stored::Sensor(record.role, record.device.clone(), record.clock));
        let index = self.sensors.len();
        self.by_channel.insert(record.raw_channel, (index, Role::Raw));
        self.by_channel.insert(record.imu_channel, (index, Role::Samples));
        let (inertial, orientation, places, gaps) = Default::default();
        self.sensors.push(SensorParts { record, inertial, orientation, places, gaps });
    }

    fn message(&mut self, header: &MessageHeader, data: &[u8]) -> Result<(), String> {
        let channel = match self.by_channel.get(&header.channel_id) {
            None => {
                self.event(data)?;
                StoredChannel::Events
            }
            Some(&(index, role)) => self.of_sensor(index, role, header, data)?,
        };
        if self.keep == Keep::Messages {
            self.messages.push(StoredMessage { channel, header: *header, data: data.to_vec() });
        }
        Ok(())
    }

    fn of_sensor(
        &mut self,
        index: usize,
        role: Role,
        header: &MessageHeader,
        data: &[u8],
    ) -> Result<StoredChannel, String> {
        let Some(sensor) = self.sensors.get_mut(index) else { return Err("a sensor that is not described".to_owned()) };
        let log_time = HostTime::from_nanos(signed(header.log_time));
        let worn = sensor.record.role;
        match role {
            Role::Raw if self.keep == Keep::Raw => {
                let (uuid, payload) = data.split_first_chunk::<16>().ok_or("a notification without characteristic")?;
                let notification = Notification {
                    characteristic: u128::from_be_bytes(*uuid),
                    received_at: log_time,
                    payload: payload.to_vec(),
                };
                self.raw.push((worn, notification));
            }
            Role::Raw => {}
            Role::Samples => {
                let device_time = DeviceTime::from_nanos(signed(header.publish_time));
                let arrival = sensor.record.arrivals.then_some(log_time);
                let bad = "a sample that is not one";
                match sensor.record.content {
                    Content::Inertial => {
                        let sample = imu::decode_inertial(data, device_time, arrival).ok_or(bad)?;
                        sensor.inertial.push(sample);
                        sensor.places.push(header.sequence);
                        self.tell(|| Stored::Sample(worn, sample));
                    }
                    Content::Orientation => {
                        sensor.orientation.push(imu::decode_orientation(data, device_time, arrival).ok_or(bad)?);
                        sensor.places.push(header.sequence);
                    }
                }
            }
        }
        if self.sensors.get(index).is_some_and(|sensor| sensor.record.arrivals) {
            self.latest = self.latest.max(Some(log_time));
            self.earliest_since = Some(self.earliest_since.map_or(log_time, |since| since.min(log_time)));
        }
        Ok(match role {
            Role::Raw => StoredChannel::Raw(worn),
            Role::Samples => StoredChannel::Samples(worn),
        })
    }

    fn event(&mut self, data: &[u8]) -> Result<(), String> {
        match serde_json::from_slice(data).map_err(|error| format!("an event that cannot be read: {error}"))? {
            Event::Marker { marker } => {
                self.tell(|| Stored::Marker(marker.clone()));
                self.markers.push(marker);
            }
            Event::Gap { role, before_sample, lost } => {
                self.tell(|| Stored::Gap(role, lost));
                if let Some(sensor) = self.sensors.iter_mut().find(|sensor| sensor.record.role == role) {
                    sensor.gaps.push(SequenceGap { before_sample, lost });
                }
            }
        }
        Ok(())
    }

    /// Samples per sensor so far.
    pub fn counts(&self) -> Vec<(SensorRole, usize)> {
        self.sensors.iter().map(|s| (s.record.role, s.inertial.len() + s.orientation.len())).collect()
    }

    /// The recording, read from a file; `None` without a session record.
    pub fn recording(self, file: SourceFile) -> Option<Recording> {
        let mut info = self.session?;
        info.source = info.source.kept_in(FORMAT, file);
        let mut tracks: Vec<Track> = self.sensors.into_iter().map(SensorParts::track).collect();
        tracks.sort_by_key(|track| track.role);
        Some(Recording { info, tracks, markers: self.markers })
    }
}

impl SensorParts {
    fn track(self) -> Track {
        // Losses were noted by places in the whole track.
        let now_at = |place: usize| self.places.partition_point(|&kept| (kept as usize) < place);
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
