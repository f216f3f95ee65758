//! Writing recordings, live and at once.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Cursor, Seek, Write};
use std::path::{Path, PathBuf};

use mcap::records::MessageHeader;
use mcap::{Compression, WriteOptions, Writer};
use serde_json::Value;
use truehinge_core::{
    ClockKind, DeviceInfo, DeviceTime, HostTime, InertialSample, Marker, Notification, RecordSink, Recording,
    SensorRole, SessionInfo, Track, TrackSamples,
};

use super::layout::{
    COPY_RECORD, Content, Described, EVENT_SCHEMA, EVENTS_TOPIC, Event, LIBRARY, NOTIFICATION_SCHEMA, PROFILE,
    SENSOR_RECORD, SESSION_RECORD, SensorRecord, imu_topic, key, metadata, raw_topic, with_protocol,
};
use super::place::Place;
use super::{RecordingError, imu};
use crate::atomic::write_private;

/// Writes a recording while it happens. What was synced survives a crash.
pub struct RecordingWriter {
    file: McapRecording<File>,
    /// The same file, to sync it by: what it is called by now does not matter.
    handle: File,
    place: Place,
    copies: Copies,
}

/// When the descriptions are written once more.
struct Copies {
    /// At this many of the next syncs.
    due: u32,
    /// Syncs since the last one.
    since: u32,
}

impl Copies {
    /// A marker or a sensor is lost with the second that holds it only if the copies after this second and the next are lost too.
    const AFTER_CHANGE: u32 = 2;
    /// Syncs between copies where nothing changes.
    const EVERY: u32 = 10;

    fn are_due(&mut self) -> bool {
        self.since += 1;
        if self.due == 0 && self.since < Self::EVERY {
            return false;
        }
        (self.due, self.since) = (self.due.saturating_sub(1), 0);
        true
    }
}

impl RecordingWriter {
    /// Starts the recording `folder/name.mcap`, called `name.unfinished.mcap` until it is finished.
    ///
    /// # Errors
    /// [`RecordingError::Exists`] if either name is taken; any failure of the file system.
    pub fn create(folder: &Path, name: &str, session: &SessionInfo) -> Result<Self, RecordingError> {
        let (place, file) = Place::create(folder, name)?;
        let failed = |source: io::Error| RecordingError::Io { path: place.unfinished(), source };
        let handle = file.try_clone().map_err(failed)?;
        let session = serde_json::to_value(with_protocol(session)).map_err(|error| failed(error.into()))?;
        let file = McapRecording::new(file, session).map_err(failed)?;
        // A second of data is worth nothing under a name that a power loss takes away.
        place.sync().map_err(failed)?;
        Ok(Self { file, handle, place, copies: Copies { due: Copies::AFTER_CHANGE, since: 0 } })
    }

    /// Writes the summary and gives the recording its final name, wherever its folder is by now; where it is.
    ///
    /// # Errors
    /// Any failure of the file system; the unfinished file stays and can be recovered.
    pub fn finish(mut self) -> Result<PathBuf, RecordingError> {
        let failed = |source: io::Error| RecordingError::Io { path: self.place.unfinished(), source };
        self.file.copy_descriptions().and_then(|()| self.file.finish()).map_err(failed)?;
        self.handle.sync_all().map_err(failed)?;
        self.place.finish(&self.handle)
    }
}

impl RecordSink for RecordingWriter {
    fn sensor(&mut self, role: SensorRole, device: &DeviceInfo, clock: ClockKind) -> io::Result<()> {
        self.copies.due = Copies::AFTER_CHANGE;
        self.file.declare(role, device, clock, Content::Inertial, true)
    }

    fn notification(&mut self, role: SensorRole, notification: &Notification) -> io::Result<()> {
        self.file.notification(role, notification)
    }

    fn samples(&mut self, role: SensorRole, samples: &[InertialSample]) -> io::Result<()> {
        samples.iter().try_for_each(|sample| {
            let bytes = imu::encode_inertial(sample, role.name());
            self.file.sample(role, sample.device_time, sample.arrival, &bytes)
        })
    }

    fn gap(&mut self, role: SensorRole, lost: u64) -> io::Result<()> {
        self.file.gap(role, None, lost)
    }

    fn marker(&mut self, marker: &Marker) -> io::Result<()> {
        self.copies.due = Copies::AFTER_CHANGE;
        self.file.marker(marker)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.writer.flush().map_err(to_io)?;
        if self.copies.are_due() {
            self.file.copy_descriptions()?;
            self.file.writer.flush().map_err(to_io)?;
        }
        self.handle.sync_data()
    }
}

/// Stores a whole recording at once, as importers do. Equal recordings give equal bytes.
///
/// # Errors
/// [`RecordingError::Exists`] if the path is taken, [`RecordingError::Unstorable`] if only some samples of a track have
/// arrival times, any failure of the file system.
pub fn write_recording(path: &Path, recording: &Recording) -> Result<(), RecordingError> {
    for track in &recording.tracks {
        uniform_arrivals(track)?;
    }
    let mut bytes = Cursor::new(Vec::new());
    write_all(&mut bytes, recording).map_err(|source| RecordingError::Io { path: path.to_owned(), source })?;
    store_new(path, bytes.get_ref())
}

fn write_all(bytes: &mut Cursor<Vec<u8>>, recording: &Recording) -> io::Result<()> {
    let mut file = McapRecording::new(bytes, serde_json::to_value(with_protocol(&recording.info))?)?;
    for track in &recording.tracks {
        let content = match track.samples {
            TrackSamples::Inertial(_) => Content::Inertial,
            TrackSamples::Orientation(_) => Content::Orientation,
        };
        file.declare(track.role, &track.device, track.clock, content, first_arrival(track).is_some())?;
    }
    file.markers = recording.markers.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    // Before and behind the samples.
    file.copy_descriptions()?;
    for track in &recording.tracks {
        for gap in &track.sequence_gaps {
            file.gap(track.role, Some(gap.before_sample), gap.lost)?;
        }
        match &track.samples {
            TrackSamples::Inertial(samples) => samples.iter().try_for_each(|sample| {
                let bytes = imu::encode_inertial(sample, track.role.name());
                file.sample(track.role, sample.device_time, sample.arrival, &bytes)
            })?,
            TrackSamples::Orientation(samples) => samples.iter().try_for_each(|sample| {
                let bytes = imu::encode_orientation(sample, track.role.name());
                file.sample(track.role, sample.device_time, sample.arrival, &bytes)
            })?,
        }
    }
    let markers = std::mem::take(&mut file.markers);
    markers.iter().try_for_each(|marker| file.stored_marker(marker))?;
    file.markers = markers;
    file.copy_descriptions()?;
    file.finish()
}

/// A whole file, where none is yet.
pub(super) fn store_new(path: &Path, bytes: &[u8]) -> Result<(), RecordingError> {
    write_private(path, |file| file.write_all(bytes)).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => RecordingError::Exists { path: path.to_owned() },
        _ => RecordingError::Io { path: path.to_owned(), source },
    })
}

fn arrivals(track: &Track) -> Box<dyn Iterator<Item = Option<HostTime>> + '_> {
    match &track.samples {
        TrackSamples::Inertial(samples) => Box::new(samples.iter().map(|sample| sample.arrival)),
        TrackSamples::Orientation(samples) => Box::new(samples.iter().map(|sample| sample.arrival)),
    }
}

fn first_arrival(track: &Track) -> Option<HostTime> {
    arrivals(track).next().flatten()
}

fn uniform_arrivals(track: &Track) -> Result<(), RecordingError> {
    let expected = first_arrival(track).is_some();
    if arrivals(track).any(|arrival| arrival.is_some() != expected) {
        let found = "some samples have an arrival time and some have not";
        return Err(RecordingError::Unstorable { role: track.role, found });
    }
    Ok(())
}

/// Channel numbers and counts of a declared sensor.
pub(super) struct Declared {
    pub raw_channel: u16,
    pub imu_channel: u16,
    sequence: u32,
    samples: usize,
}

/// The MCAP side of writing, over any sink.
pub(super) struct McapRecording<W: Write + Seek> {
    pub writer: Writer<W>,
    sensors: BTreeMap<SensorRole, Declared>,
    pub events_channel: u16,
    raw_schema: u16,
    imu_schema: u16,
    events: u32,
    /// The descriptions, for the copies of them.
    session: Value,
    described: Vec<Value>,
    pub markers: Vec<Value>,
}

/// Bytes after which a chunk ends by itself: where one is lost, as little as that goes with it.
const CHUNK: u64 = 256 << 10;

impl<W: Write + Seek> McapRecording<W> {
    pub fn new(sink: W, session: Value) -> io::Result<Self> {
        let mut writer = WriteOptions::new()
            .profile(PROFILE)
            .library(LIBRARY)
            .compression(Some(Compression::Zstd))
            .compression_threads(0)
            .chunk_size(Some(CHUNK))
            .disable_seeking(true)
            .create(sink)
            .map_err(to_io)?;
        writer.write_metadata(&metadata(SESSION_RECORD, &[(key::JSON, session.to_string())])).map_err(to_io)?;
        let mut schema = |(name, encoding, data): (&str, &str, &[u8])| writer.add_schema(name, encoding, data);
        let raw_schema = schema(NOTIFICATION_SCHEMA).map_err(to_io)?;
        let (name, encoding, definition) = imu::SCHEMA;
        let imu_schema = schema((name, encoding, definition.as_bytes())).map_err(to_io)?;
        let event_schema = schema(EVENT_SCHEMA).map_err(to_io)?;
        let events_channel = writer.add_channel(event_schema, EVENTS_TOPIC, "json", &BTreeMap::new()).map_err(to_io)?;
        let (sensors, events, described, markers) = Default::default();
        Ok(Self { writer, sensors, events_channel, raw_schema, imu_schema, events, session, described, markers })
    }

    fn declare(
        &mut self,
        role: SensorRole,
        device: &DeviceInfo,
        clock: ClockKind,
        content: Content,
        arrivals: bool,
    ) -> io::Result<()> {
        let (device, raw_channel, imu_channel) = (device.clone(), 0, 0);
        let record = SensorRecord { role, clock, device, content, arrivals, raw_channel, imu_channel };
        self.declare_as(&Described::new(record)?)
    }

    /// Declares a sensor as it is described, under this file's channel numbers.
    pub fn declare_as(&mut self, sensor: &Described<SensorRecord>) -> io::Result<()> {
        let (none, role) = (BTreeMap::new(), sensor.value.role);
        let raw_channel =
            self.writer.add_channel(self.raw_schema, &raw_topic(role), "truehinge", &none).map_err(to_io)?;
        let imu_channel =
            self.writer.add_channel(self.imu_schema, &imu_topic(role), imu::ENCODING, &none).map_err(to_io)?;
        let sensor = sensor.with(SensorRecord { raw_channel, imu_channel, ..sensor.value.clone() })?;
        self.writer.write_metadata(&metadata(SENSOR_RECORD, &[(key::JSON, sensor.json.to_string())])).map_err(to_io)?;
        self.described.push(sensor.json);
        self.sensors.insert(role, Declared { raw_channel, imu_channel, sequence: 0, samples: 0 });
        Ok(())
    }

    /// Writes all descriptions once more.
    pub fn copy_descriptions(&mut self) -> io::Result<()> {
        let entries = [
            (key::SESSION, self.session.to_string()),
            (key::SENSORS, serde_json::to_string(&self.described)?),
            (key::MARKERS, serde_json::to_string(&self.markers)?),
        ];
        self.writer.write_metadata(&metadata(COPY_RECORD, &entries)).map_err(to_io)
    }

    pub fn declared(&mut self, role: SensorRole) -> io::Result<&mut Declared> {
        self.sensors.get_mut(&role).ok_or_else(|| io::Error::other(format!("the {role} sensor was not declared first")))
    }

    fn notification(&mut self, role: SensorRole, notification: &Notification) -> io::Result<()> {
        let sensor = self.declared(role)?;
        let (channel_id, sequence) = (sensor.raw_channel, sensor.sequence);
        sensor.sequence = sequence.wrapping_add(1);
        let mut bytes = Vec::with_capacity(16 + notification.payload.len());
        bytes.extend_from_slice(&notification.characteristic.to_be_bytes());
        bytes.extend_from_slice(&notification.payload);
        let time = bits(notification.received_at.nanos());
        self.message(MessageHeader { channel_id, sequence, log_time: time, publish_time: time }, &bytes)
    }

    pub fn sample(
        &mut self,
        role: SensorRole,
        device_time: DeviceTime,
        arrival: Option<HostTime>,
        bytes: &[u8],
    ) -> io::Result<()> {
        let sensor = self.declared(role)?;
        let channel_id = sensor.imu_channel;
        let sequence = u32::try_from(sensor.samples & 0xffff_ffff).unwrap_or(0);
        sensor.samples += 1;
        let publish_time = bits(device_time.nanos());
        let log_time = arrival.map_or(publish_time, |arrival| bits(arrival.nanos()));
        self.message(MessageHeader { channel_id, sequence, log_time, publish_time }, bytes)
    }

    pub fn gap(&mut self, role: SensorRole, before_sample: Option<usize>, lost: u64) -> io::Result<()> {
        let before_sample = before_sample.unwrap_or(self.declared(role)?.samples);
        self.event(HostTime::ZERO, &Event::Gap { role, before_sample, lost })
    }

    fn marker(&mut self, marker: &Marker) -> io::Result<()> {
        self.markers.push(serde_json::to_value(marker)?);
        self.event(marker.at, &Event::Marker { marker: marker.clone() })
    }

    /// A marker as it stands in a copy of the descriptions.
    pub fn stored_marker(&mut self, marker: &Value) -> io::Result<()> {
        let mut event = marker.clone();
        if let Value::Object(fields) = &mut event {
            fields.insert("event".to_owned(), Value::from("marker"));
        }
        let at = marker.get("at").and_then(Value::as_i64).unwrap_or(0);
        self.event(HostTime::from_nanos(at), &event)
    }

    fn event(&mut self, at: HostTime, event: &impl serde::Serialize) -> io::Result<()> {
        let bytes = serde_json::to_vec(event)?;
        let time = bits(at.nanos());
        let header = MessageHeader {
            channel_id: self.events_channel,
            sequence: self.events,
            log_time: time,
            publish_time: time,
        };
        self.events = self.events.wrapping_add(1);
        self.message(header, &bytes)
    }

    pub fn message(&mut self, header: MessageHeader, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_to_known_channel(&header, bytes).map_err(to_io)
    }

    pub fn finish(&mut self) -> io::Result<()> {
        self.writer.finish().map(|_| ()).map_err(to_io)
    }
}

/// Signed nanoseconds as the file's unsigned ones; negative times keep their bits.
fn bits(nanos: i64) -> u64 {
    u64::from_ne_bytes(nanos.to_ne_bytes())
}

pub(super) fn to_io(error: mcap::McapError) -> io::Error {
    match error {
        mcap::McapError::Io(error) => error,
        other => io::Error::other(other),
    }
}
