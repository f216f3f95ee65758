//! Writing recordings, live and from importers.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Cursor, Seek, Write};
use std::path::{Path, PathBuf};

use mcap::records::MessageHeader;
use mcap::{Compression, WriteOptions, Writer};
use truehinge_core::{
    ClockKind, DeviceInfo, DeviceTime, HostTime, InertialSample, Marker, Notification, RecordSink, Recording,
    SensorRole, SessionInfo, Track, TrackSamples,
};

use super::assemble::{StoredChannel, StoredMessage};
use super::layout::{
    Content, EVENT_SCHEMA, EVENTS_TOPIC, Event, LIBRARY, NOTIFICATION_SCHEMA, PROFILE, SENSOR_RECORD, SESSION_RECORD,
    SensorRecord, metadata,
};
use super::{RecordingError, UNFINISHED_SUFFIX, imu};
use crate::atomic::{sync_folder, write_new};

/// Writes a recording while it happens. What was synced survives a crash.
pub struct RecordingWriter {
    file: McapRecording<File>,
    finished: PathBuf,
    unfinished: PathBuf,
}

impl RecordingWriter {
    /// Starts the recording `folder/name.mcap`, called `name.unfinished.mcap` until it is finished.
    ///
    /// # Errors
    /// [`RecordingError::Exists`] if either name is taken; any failure of the file system.
    pub fn create(folder: &Path, name: &str, session: &SessionInfo) -> Result<Self, RecordingError> {
        let finished = folder.join(format!("{name}.{}", super::EXTENSION));
        let unfinished = folder.join(format!("{name}{UNFINISHED_SUFFIX}"));
        if finished.exists() {
            return Err(RecordingError::Exists { path: finished });
        }
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => RecordingError::Exists { path: unfinished.clone() },
            _ => RecordingError::Io { path: unfinished.clone(), source },
        };
        fs::create_dir_all(folder).map_err(failed)?;
        let file = OpenOptions::new().write(true).create_new(true).open(&unfinished).map_err(failed)?;
        let file = McapRecording::new(file, session).map_err(failed)?;
        // A second of data is worth nothing under a name that a power loss takes away.
        sync_folder(folder).map_err(failed)?;
        Ok(Self { file, finished, unfinished })
    }

    /// Writes the summary and gives the recording its final name.
    ///
    /// # Errors
    /// Any failure of the file system; the unfinished file stays and can be recovered.
    pub fn finish(mut self) -> Result<PathBuf, RecordingError> {
        let failed = |source: io::Error| RecordingError::Io { path: self.unfinished.clone(), source };
        self.file.finish().map_err(failed)?;
        self.file.writer.into_inner().sync_all().map_err(failed)?;
        if self.finished.exists() {
            return Err(RecordingError::Exists { path: self.finished });
        }
        fs::rename(&self.unfinished, &self.finished).map_err(failed)?;
        self.finished.parent().map_or(Ok(()), sync_folder).map_err(failed)?;
        Ok(self.finished)
    }
}

impl RecordSink for RecordingWriter {
    fn sensor(&mut self, role: SensorRole, device: &DeviceInfo, clock: ClockKind) -> io::Result<()> {
        self.file.sensor(role, device, clock, Content::Inertial, true)
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
        self.file.event(marker.at, &Event::Marker { marker: marker.clone() })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.writer.flush().map_err(to_io)?;
        // `into_inner` would end the writer: a second handle to the same file syncs it just as well.
        OpenOptions::new().write(true).open(&self.unfinished)?.sync_data()
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
    let mut file = McapRecording::new(bytes, &recording.info)?;
    for track in &recording.tracks {
        let content = match track.samples {
            TrackSamples::Inertial(_) => Content::Inertial,
            TrackSamples::Orientation(_) => Content::Orientation,
        };
        file.sensor(track.role, &track.device, track.clock, content, first_arrival(track).is_some())?;
    }
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
    for marker in &recording.markers {
        file.event(marker.at, &Event::Marker { marker: marker.clone() })?;
    }
    file.finish()
}

/// Stores messages of another recording as they are, in their order.
///
/// # Errors
/// As [`write_recording`].
pub(super) fn write_messages(
    path: &Path,
    session: &SessionInfo,
    sensors: &[SensorRecord],
    messages: &[StoredMessage],
) -> Result<(), RecordingError> {
    let failed = |source: io::Error| RecordingError::Io { path: path.to_owned(), source };
    let mut bytes = Cursor::new(Vec::new());
    let mut file = McapRecording::new(&mut bytes, session).map_err(failed)?;
    for sensor in sensors {
        file.sensor(sensor.role, &sensor.device, sensor.clock, sensor.content, sensor.arrivals).map_err(failed)?;
    }
    messages.iter().try_for_each(|message| file.copy(message)).and_then(|()| file.finish()).map_err(failed)?;
    drop(file);
    store_new(path, bytes.get_ref())
}

/// A whole file, where none is yet.
fn store_new(path: &Path, bytes: &[u8]) -> Result<(), RecordingError> {
    write_new(path, |file| file.write_all(bytes)).map_err(|source| match source.kind() {
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
        let found = "some samples have an arrival time and some have not: give it for all or for none";
        return Err(RecordingError::Unstorable { role: track.role, found });
    }
    Ok(())
}

/// Channel numbers and counts of a declared sensor.
struct Declared {
    raw_channel: u16,
    imu_channel: u16,
    sequence: u32,
    samples: usize,
}

/// The MCAP side of writing, over any sink.
struct McapRecording<W: Write + Seek> {
    writer: Writer<W>,
    sensors: BTreeMap<SensorRole, Declared>,
    events_channel: u16,
    raw_schema: u16,
    imu_schema: u16,
    events: u32,
}

impl<W: Write + Seek> McapRecording<W> {
    fn new(sink: W, session: &SessionInfo) -> io::Result<Self> {
        let mut writer = WriteOptions::new()
            .profile(PROFILE)
            .library(LIBRARY)
            .compression(Some(Compression::Zstd))
            .compression_threads(0)
            .chunk_size(Some(4 << 20))
            .disable_seeking(true)
            .create(sink)
            .map_err(to_io)?;
        let record = metadata(SESSION_RECORD, session)?;
        writer.write_metadata(&record).map_err(to_io)?;
        let mut schema = |(name, encoding, data): (&str, &str, &[u8])| writer.add_schema(name, encoding, data);
        let raw_schema = schema(NOTIFICATION_SCHEMA).map_err(to_io)?;
        let (name, encoding, definition) = imu::SCHEMA;
        let imu_schema = schema((name, encoding, definition.as_bytes())).map_err(to_io)?;
        let event_schema = schema(EVENT_SCHEMA).map_err(to_io)?;
        let events_channel = writer.add_channel(event_schema, EVENTS_TOPIC, "json", &BTreeMap::new()).map_err(to_io)?;
        Ok(Self { writer, sensors: BTreeMap::new(), events_channel, raw_schema, imu_schema, events: 0 })
    }

    fn sensor(
        &mut self,
        role: SensorRole,
        device: &DeviceInfo,
        clock: ClockKind,
        content: Content,
        arrivals: bool,
    ) -> io::Result<()> {
        let none = BTreeMap::new();
        let raw_channel =
            self.writer.add_channel(self.raw_schema, &format!("/{role}/raw"), "truehinge", &none).map_err(to_io)?;
        let imu_channel =
            self.writer.add_channel(self.imu_schema, &format!("/{role}/imu"), imu::ENCODING, &none).map_err(to_io)?;
        let record = SensorRecord { role, clock, device: device.clone(), content, arrivals, raw_channel, imu_channel };
        self.writer.write_metadata(&metadata(SENSOR_RECORD, &record)?).map_err(to_io)?;
        self.sensors.insert(role, Declared { raw_channel, imu_channel, sequence: 0, samples: 0 });
        Ok(())
    }

    fn declared(&mut self, role: SensorRole) -> io::Result<&mut Declared> {
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

    fn sample(
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

    fn gap(&mut self, role: SensorRole, before_sample: Option<usize>, lost: u64) -> io::Result<()> {
        let before_sample = before_sample.unwrap_or(self.declared(role)?.samples);
        self.event(HostTime::ZERO, &Event::Gap { role, before_sample, lost })
    }

    fn event(&mut self, at: HostTime, event: &Event) -> io::Result<()> {
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

    /// A message of another recording, under this one's channel numbers.
    fn copy(&mut self, message: &StoredMessage) -> io::Result<()> {
        let channel_id = match message.channel {
            StoredChannel::Raw(role) => self.declared(role)?.raw_channel,
            StoredChannel::Samples(role) => self.declared(role)?.imu_channel,
            StoredChannel::Events => self.events_channel,
        };
        self.message(MessageHeader { channel_id, ..message.header }, &message.data)
    }

    fn message(&mut self, header: MessageHeader, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_to_known_channel(&header, bytes).map_err(to_io)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.writer.finish().map(|_| ()).map_err(to_io)
    }
}

/// Signed nanoseconds as the file's unsigned ones; negative times keep their bits.
fn bits(nanos: i64) -> u64 {
    u64::from_ne_bytes(nanos.to_ne_bytes())
}

fn to_io(error: mcap::McapError) -> io::Error {
    match error {
        mcap::McapError::Io(error) => error,
        other => io::Error::other(other),
    }
}
