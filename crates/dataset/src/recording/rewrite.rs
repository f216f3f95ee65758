//! A recording written anew from another one: its messages as they are, in their order, under descriptions that may be others.

use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::Path;

use mcap::records::{MessageHeader, op};
use serde_json::Value;
use truehinge_core::{InertialSample, SensorRole, SequenceGap, Track, TrackSamples};

use super::assemble::{Assembler, Carries};
use super::container::{self, Record};
use super::layout::{Described, SensorRecord};
use super::writer::{Declared, McapRecording, to_io};
use super::{RecordingError, imu};

/// What a recording that is written anew from another one says of itself.
pub(super) struct Restored {
    pub session: Value,
    pub sensors: Vec<Described<SensorRecord>>,
    pub markers: Vec<Value>,
}

/// The file of a recording whose messages are those of another one as they are, in their order.
pub(super) fn rewrite(
    path: &Path,
    restored: &Restored,
    missing: &[Value],
    write: impl FnOnce(&mut RestoredSink<'_>) -> Result<(), RecordingError>,
) -> Result<Vec<u8>, RecordingError> {
    let failed = |source: io::Error| RecordingError::Io { path: path.to_owned(), source };
    let mut bytes = Cursor::new(Vec::new());
    let mut file = McapRecording::new(&mut bytes, restored.session.clone()).map_err(failed)?;
    restored.sensors.iter().try_for_each(|sensor| file.declare_as(sensor)).map_err(failed)?;
    file.markers.clone_from(&restored.markers);
    file.copy_descriptions().map_err(failed)?;
    let mut sink = RestoredSink { file, missing: missing.to_vec(), since: 0, renewed: BTreeMap::new() };
    write(&mut sink)?;
    sink.end().map_err(failed)?;
    Ok(bytes.into_inner())
}

/// Takes messages of another recording.
pub(super) struct RestoredSink<'a> {
    file: McapRecording<&'a mut Cursor<Vec<u8>>>,
    /// Markers that stand in no message, in order of time.
    missing: Vec<Value>,
    /// Messages since the last copy of the descriptions.
    since: u32,
    /// Samples that take the place of the other recording's, with how many of them are written.
    renewed: BTreeMap<SensorRole, (Vec<InertialSample>, Vec<SequenceGap>, usize)>,
}

impl RestoredSink<'_> {
    /// Messages between copies of the descriptions: ten seconds of two sensors.
    const EVERY: u32 = 5000;

    /// A message as it stands in the other recording, under this one's channel numbers.
    pub fn copy(&mut self, from: &Assembler, record: &Record<'_>) -> io::Result<()> {
        match container::message(record.content).filter(|_| record.opcode == op::MESSAGE) {
            Some((header, data)) => self.put(from, from.carries(header.channel_id), header, data),
            None => Ok(()),
        }
    }

    /// A message on the channel that carries this.
    pub fn put(&mut self, from: &Assembler, carries: Carries, header: MessageHeader, data: &[u8]) -> io::Result<()> {
        let channel_id = match carries {
            Carries::Raw(role) => self.timed(from, role, &header)?.raw_channel,
            Carries::Samples(role) => self.timed(from, role, &header)?.imu_channel,
            Carries::Events => self.file.events_channel,
            Carries::Other => self.other(from, header.channel_id)?,
        };
        self.since += 1;
        if self.since == Self::EVERY {
            self.since = 0;
            self.file.copy_descriptions()?;
        }
        self.file.message(MessageHeader { channel_id, ..header }, data)
    }

    /// Markers that were lost go in front of the first message that arrived later.
    fn timed(&mut self, from: &Assembler, role: SensorRole, header: &MessageHeader) -> io::Result<&mut Declared> {
        let now = i64::from_ne_bytes(header.log_time.to_ne_bytes());
        let has_come = |marker: &Value| marker.get("at").and_then(Value::as_i64).is_some_and(|at| at <= now);
        while from.has_arrivals(role) && self.missing.first().is_some_and(has_come) {
            let marker = self.missing.remove(0);
            self.file.stored_marker(&marker)?;
        }
        self.file.declared(role)
    }

    /// A channel that is not known, with its schema, as it is there.
    fn other(&mut self, from: &Assembler, channel: u16) -> io::Result<u16> {
        let (channel, _) = from.channels.get(&channel).ok_or_else(|| io::Error::other("a channel without a name"))?;
        let schema = match from.schemas.get(&channel.schema) {
            Some(schema) => self.file.writer.add_schema(&schema.name, &schema.encoding, &schema.data).map_err(to_io)?,
            None => 0,
        };
        self.file.writer.add_channel(schema, &channel.topic, &channel.encoding, &channel.metadata).map_err(to_io)
    }

    /// Samples that will take the place of the other recording's: each behind the notification that it arrived with.
    pub fn renew(&mut self, tracks: &[Track]) {
        for track in tracks {
            if let TrackSamples::Inertial(samples) = &track.samples {
                self.renewed.insert(track.role, (samples.clone(), track.sequence_gaps.clone(), 0));
            }
        }
    }

    /// Writes those that had arrived by now.
    pub fn renewed(&mut self, role: SensorRole, now: i64) -> io::Result<()> {
        let Some((samples, gaps, written)) = self.renewed.get_mut(&role) else { return Ok(()) };
        while let Some(sample) = samples.get(*written).filter(|s| s.arrival.is_none_or(|at| at.nanos() <= now)) {
            for gap in gaps.iter().filter(|gap| gap.before_sample == *written) {
                self.file.gap(role, None, gap.lost)?;
            }
            let bytes = imu::encode_inertial(sample, role.name());
            self.file.sample(role, sample.device_time, sample.arrival, &bytes)?;
            *written += 1;
        }
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        for marker in std::mem::take(&mut self.missing) {
            self.file.stored_marker(&marker)?;
        }
        self.file.copy_descriptions()?;
        self.file.finish()
    }
}
