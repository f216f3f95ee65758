//! Every bit, and every second: nothing becomes another number in silence.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use truehinge_core::{
    AngularRate, ClockKind, DeviceInfo, DeviceTime, InertialSample, Length, Marker, MarkerKind, Measured, Notification,
    RecordSink, Recording, SampleRate, SpecificForce, TrackSamples,
};

use super::*;
use crate::recording::reader::assemble;
use crate::recording::{RecordingWriter, layout};

const SECONDS: i64 = 6;
const RATE: i64 = 10;

/// The file that is read is not looked at here.
fn no_file() -> SourceFile {
    SourceFile { name: String::new(), bytes: 0, sha256: String::new() }
}

fn session() -> SessionInfo {
    let length = |metres| Some(Measured::new(Length::from_metres(metres), Length::from_millimetres(5.0)));
    SessionInfo {
        session: "S1".to_owned().into(),
        athlete: AthleteId::new("P-014").expect("valid"),
        start_utc_ns: Some(1_790_216_011_168_995_425),
        stance_side: Some(Side::Left),
        // Not built in: its file would make the descriptions three times as long.
        protocol: "clinic-hinge".to_owned(),
        body: Anthropometry { stature: length(1.74), shank_length: length(0.428_04), ..Anthropometry::default() },
        source: Source::default(),
        zone: Zone::Unknown,
    }
}

/// A live recording: two sensors, a set on each leg, a second in each chunk.
fn recorded(folder: &Path) -> Vec<u8> {
    let mut writer = RecordingWriter::create(folder, "live", &session()).expect("creates");
    for (role, range) in [(SensorRole::Hip, 78.4532), (SensorRole::Shank, 156.9064)] {
        let nominal_rate = SampleRate::from_hertz(RATE as f64);
        let device = DeviceInfo { nominal_rate, accelerometer_range: Some(range), ..DeviceInfo::default() };
        writer.sensor(role, &device, ClockKind::Device).expect("declares");
    }
    let set = |at: f64, kind| Marker { at: HostTime::from_seconds(at), kind };
    let markers = [
        set(0.25, MarkerKind::SetStart { side: Side::Left }),
        set(2.75, MarkerKind::SetEnd),
        set(3.25, MarkerKind::SetStart { side: Side::Right }),
        set(5.75, MarkerKind::SetEnd),
    ];
    let mut waiting = markers.iter().peekable();
    for i in 0..SECONDS * RATE {
        let received_at = HostTime::from_nanos(i * 1_000_000_000 / RATE);
        while let Some(marker) = waiting.next_if(|marker| marker.at <= received_at) {
            writer.marker(marker).expect("stores");
        }
        for role in [SensorRole::Hip, SensorRole::Shank] {
            let payload = i.to_le_bytes().to_vec();
            writer.notification(role, &Notification { characteristic: 42, received_at, payload }).expect("stores");
            let sample = InertialSample {
                device_time: DeviceTime::from_nanos(5_000 + i * 100_000_000),
                arrival: Some(received_at),
                specific_force: SpecificForce::new((i as f64).sin(), 0.5, 9.81),
                angular_rate: AngularRate::new(0.1, (i as f64).cos(), 0.0),
            };
            writer.samples(role, &[sample]).expect("stores");
        }
        if (i + 1) % RATE == 0 {
            writer.sync().expect("syncs");
        }
    }
    std::fs::read(writer.finish().expect("finishes")).expect("reads")
}

fn opened(bytes: &[u8]) -> Result<Recording, RecordingError> {
    let assembler = assemble(Path::new("x.mcap"), bytes, Keep::Nothing)?;
    Ok(assembler.recording(no_file()).expect("a session"))
}

/// Recovered and read again.
fn brought_back(bytes: &[u8]) -> Result<Recording, RecordingError> {
    let path = Path::new("x.mcap");
    let (came, rewritten) = Salvaged::of(path, bytes.to_vec())?.rewritten(path, no_file(), None)?;
    let back = opened(&rewritten).expect("what is recovered is whole");
    let said = &back.info.source.faults;
    assert!(came.faults.iter().all(|fault| said.contains(fault)), "{:?}\n{said:?}", came.faults);
    Ok(back)
}

/// What recovering makes of it, without writing it anew.
fn described_by(bytes: &[u8]) -> Result<Recording, RecordingError> {
    let salvaged = Salvaged::of(Path::new("x.mcap"), bytes.to_vec())?;
    let mut assembler = salvaged.assembler();
    salvaged.losses(&mut assembler)?;
    Ok(assembler.recording(no_file()).expect("a session"))
}

/// Numbers that a verdict rests on: of people, sensors, samples and markers.
fn differs(found: &Recording, truth: &Recording) -> bool {
    let (a, b) = (&found.info, &truth.info);
    let info = a.athlete == b.athlete && a.session == b.session && a.stance_side == b.stance_side && a.body == b.body;
    let start = a.start_utc_ns == b.start_utc_ns && a.protocol == b.protocol;
    !(info && start && found.markers == truth.markers && found.tracks == truth.tracks)
}

/// Where the records of these kinds are, with those in the summary.
fn ranges(bytes: &[u8], opcodes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let (mut found, mut at) = (Vec::new(), mcap::MAGIC.len());
    while let Some(record) = record_at(bytes, at) {
        if opcodes.contains(&record.opcode) {
            found.push(at..record.end);
        }
        at = record.end;
    }
    found
}

/// Tries all of these changes on two threads; how many were tried.
fn each(count: usize, test: impl Fn(usize) + Sync) -> usize {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    test(index);
                }
            });
        }
    });
    count
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

/// The bits of these bytes, every so many of them.
fn bits(bytes: impl Iterator<Item = usize>, step: usize) -> Vec<usize> {
    bytes.flat_map(|at| 8 * at..8 * at + 8).step_by(step).collect()
}

#[test]
fn every_bit_of_every_description_is_refused_when_read_and_set_right_when_recovered() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let bytes = recorded(folder.path());
    let truth = opened(&bytes).expect("reads");
    assert_eq!(truth.info.source.faults, []);
    // The records themselves and the first copy; channels and schemas as the summary repeats them.
    let mut described: Vec<usize> = ranges(&bytes, &[op::METADATA]).into_iter().take(4).flatten().collect();
    described.extend(ranges(&bytes, &[op::CHANNEL]).into_iter().flatten());
    let bits = bits(described.into_iter(), 1);
    let tried = each(bits.len(), |index| {
        let bit = bits[index];
        let changed = flipped(&bytes, bit);
        assert!(opened(&changed).is_err(), "bit {bit} was read");
        // The checksum of the whole says which bit it was, wherever it is: a sample of them is enough.
        if index % 61 == 0 {
            let back = brought_back(&changed).unwrap_or_else(|error| panic!("bit {bit}: {error}"));
            assert!(!differs(&back, &truth), "bit {bit}");
        }
    });
    assert!(tried > 15_000, "{tried} bits");
}

#[test]
fn in_an_unfinished_recording_the_copies_set_every_bit_of_a_description_right() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut bytes = recorded(folder.path());
    let end = ranges(&bytes, &[op::DATA_END]);
    bytes.truncate(end[0].start);
    let truth = brought_back(&bytes).expect("recovers");
    assert_eq!(truth.tracks[0].samples.len(), 60);
    let described = ranges(&bytes, &[op::METADATA]).into_iter().take(4).flatten();
    let bits = bits(described, 1);
    let tried = each(bits.len(), |index| {
        let bit = bits[index];
        let back = described_by(&flipped(&bytes, bit)).unwrap_or_else(|error| panic!("bit {bit}: {error}"));
        assert!(!differs(&back, &truth), "bit {bit}: {:?}", back.info.source.faults);
    });
    assert!(tried > 12_000, "{tried} bits");
}

#[test]
fn any_other_bit_is_refused_or_changes_nothing_and_what_it_costs_is_said() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let bytes = recorded(folder.path());
    let truth = opened(&bytes).expect("reads");
    let bits = bits(mcap::MAGIC.len()..bytes.len(), 61);
    let tried = each(bits.len(), |index| {
        let changed = flipped(&bytes, bits[index]);
        if let Ok(back) = opened(&changed) {
            assert!(!differs(&back, &truth), "bit {} was read as something else", bits[index]);
        }
        let back = brought_back(&changed).expect("recovers");
        let said = !back.info.source.faults.is_empty();
        assert!(!differs(&back, &truth) || said, "bit {} lost something unsaid", bits[index]);
    });
    assert!(tried > 2_500, "{tried} bits");
}

/// A recording with several bytes of one second's chunk, and of what stands behind it up to the next, overwritten.
fn without(bytes: &[u8], from: usize, to: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[from..to].fill(0xa5);
    changed
}

#[test]
fn every_second_destroyed_leaves_all_others_and_all_markers() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let bytes = recorded(folder.path());
    let truth = opened(&bytes).expect("reads");
    let chunks = ranges(&bytes, &[op::CHUNK]);
    let data_end = ranges(&bytes, &[op::DATA_END])[0].start;
    let seconds = &chunks[chunks.len() - usize::try_from(SECONDS).expect("few")..];
    for (second, chunk) in seconds.iter().enumerate() {
        // All up to the next second: the copies behind it too.
        let to = seconds.get(second + 1).map_or(data_end, |next| next.start);
        for to in [chunk.end, to] {
            let changed = without(&bytes, chunk.start, to);
            assert!(opened(&changed).is_err(), "second {second}");
            let back = brought_back(&changed).expect("recovers");
            assert_eq!(back.info.body, truth.info.body);
            // A marker of the last second stands in that second and in the copy behind it, and nowhere else.
            let known = if to == data_end { truth.markers.len() - 1 } else { truth.markers.len() };
            assert_eq!(back.markers, truth.markers[..known], "second {second}: {:?}", back.info.source.faults);
            for (found, all) in back.tracks.iter().zip(&truth.tracks) {
                let (TrackSamples::Inertial(found), TrackSamples::Inertial(all)) = (&found.samples, &all.samples)
                else {
                    panic!("orientations")
                };
                let rate = usize::try_from(RATE).expect("small");
                let left: Vec<_> =
                    all.iter().enumerate().filter(|(i, _)| i / rate != second).map(|(_, sample)| *sample).collect();
                assert_eq!(*found, left, "second {second}");
            }
            let said = back.info.source.faults.iter().any(|fault| matches!(fault.kind, FaultKind::PartLost { .. }));
            assert!(said, "second {second}: {:?}", back.info.source.faults);
        }
    }
}

#[test]
fn chunks_doubled_swapped_or_removed_are_never_read_in_silence() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let bytes = recorded(folder.path());
    let truth = opened(&bytes).expect("reads");
    let chunks = ranges(&bytes, &[op::CHUNK]);
    let (a, b) = (chunks[chunks.len() - 3].clone(), chunks[chunks.len() - 2].clone());
    let doubled = [&bytes[..a.end], &bytes[a.clone()], &bytes[a.end..]].concat();
    let removed = [&bytes[..a.start], &bytes[a.end..]].concat();
    let swapped =
        [&bytes[..a.start], &bytes[b.clone()], &bytes[a.end..b.start], &bytes[a.clone()], &bytes[b.end..]].concat();
    for (name, changed) in [("doubled", doubled), ("removed", removed), ("swapped", swapped)] {
        // With the checksum of the whole made right: whoever rearranges a file may do that too.
        let end = ranges(&changed, &[op::DATA_END])[0].clone();
        let crc = crc32fast::hash(&changed[..end.start]);
        let mut changed = changed;
        changed[end.end - 4..end.end].copy_from_slice(&crc.to_le_bytes());
        match opened(&changed) {
            Ok(back) => {
                let said =
                    back.info.source.faults.iter().any(|fault| matches!(fault.kind, FaultKind::SamplesLost { .. }));
                assert!(said && name == "removed", "{name}: {:?}", back.info.source.faults);
            }
            Err(error) => assert!(error.to_string().contains("twice"), "{name}: {error}"),
        }
        let back = brought_back(&changed).expect("recovers");
        assert!(!differs(&back, &truth) || !back.info.source.faults.is_empty(), "{name}");
    }
}

/// A file of this program with one more record in front of the first.
fn with_metadata(bytes: &[u8], name: &str, entries: &[(&str, String)]) -> Vec<u8> {
    let mut cursor = std::io::Cursor::new(Vec::new());
    let mut writer = mcap::Writer::new(&mut cursor).expect("writes");
    for record in ranges(bytes, &[op::METADATA]).into_iter().filter_map(|range| record_at(bytes, range.start)) {
        let (name, metadata) = container::metadata(record.content).expect("metadata");
        writer.write_metadata(&mcap::records::Metadata { name, metadata }).expect("writes");
    }
    writer.write_metadata(&layout::metadata(name, entries)).expect("writes");
    for message in mcap::MessageStream::new(bytes).expect("reads") {
        writer.write(&message.expect("a message")).expect("writes");
    }
    // A channel, and a kind of event, of a later version.
    let channel = writer.add_channel(0, "/notes", "json", &std::collections::BTreeMap::default()).expect("adds");
    let header = mcap::records::MessageHeader { channel_id: channel, sequence: 0, log_time: 1, publish_time: 1 };
    writer.write_to_known_channel(&header, b"{}").expect("writes");
    writer.finish().expect("finishes");
    drop(writer);
    cursor.into_inner()
}

#[test]
fn what_a_later_minor_version_adds_is_left_out_with_a_note_and_kept_when_recovered() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let bytes = recorded(folder.path());
    let truth = opened(&bytes).expect("reads");
    let later = with_metadata(&bytes, "truehinge.weather", &[("json", "{}".to_owned())]);
    let back = opened(&later).expect("a record and a channel that nobody knows");
    assert!(!differs(&back, &truth));
    assert_eq!(back.info.source.notes, ["channel /notes is not known and was left out"]);
    let path = Path::new("x.mcap");
    let salvaged = Salvaged::of(path, later).expect("a recording");
    let (_, rewritten) = salvaged.rewritten(path, no_file(), None).expect("recovers");
    let kept = mcap::MessageStream::new(&rewritten).expect("reads").filter_map(Result::ok);
    assert_eq!(kept.filter(|message| message.channel.topic == "/notes").count(), 1);
}

#[test]
fn more_events_than_a_session_has_are_refused() {
    let mut cursor = std::io::Cursor::new(Vec::new());
    let mut writer = mcap::Writer::new(&mut cursor).expect("writes");
    let json = serde_json::to_string(&session()).expect("JSON");
    writer.write_metadata(&layout::metadata(layout::SESSION_RECORD, &[("json", json)])).expect("writes");
    let channel = writer.add_channel(0, layout::EVENTS_TOPIC, "json", &std::collections::BTreeMap::default());
    let header = |sequence| mcap::records::MessageHeader {
        channel_id: *channel.as_ref().expect("adds"),
        sequence,
        log_time: 0,
        publish_time: 0,
    };
    for sequence in 0..2_001 {
        let event = br#"{"event":"marker","at":1,"kind":"set_end"}"#;
        writer.write_to_known_channel(&header(sequence), event).expect("writes");
    }
    writer.finish().expect("finishes");
    drop(writer);
    let bytes = cursor.into_inner();
    let refused = opened(&bytes).expect_err("too many").to_string();
    assert!(refused.contains("more events than a session has"), "{refused}");
    let back = brought_back(&bytes).expect("recovers");
    assert_eq!(back.markers.len(), 2_000);
    assert!(back.info.source.faults.iter().any(|fault| matches!(fault.kind, FaultKind::PartLost { .. })));
}

/// The bytes with another checksum of the data.
fn with_checksum(mut bytes: Vec<u8>, checksum: u32) -> Vec<u8> {
    let end = ranges(&bytes, &[op::DATA_END]).remove(0);
    bytes[end.end - 4..end.end].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

#[test]
fn a_bit_that_would_explain_the_checksum_and_spoil_a_chunk_is_left_alone() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let bytes = recorded(folder.path());
    let truth = opened(&bytes).expect("reads");
    let (chunk, end) = (ranges(&bytes, &[op::CHUNK]).remove(1), ranges(&bytes, &[op::DATA_END]).remove(0).start);
    let mut other = bytes.clone();
    other[chunk.end - 9] ^= 4;
    let bytes = with_checksum(bytes, crc32fast::hash(&other[..end]));
    assert_eq!(repair::one_bit(&bytes[..end], crc32fast::hash(&other[..end])), Some((chunk.end - 9, 4)));
    let salvaged = Salvaged::of(Path::new("x.mcap"), bytes.clone()).expect("a recording");
    assert_eq!(salvaged.faults, [Fault::of_recording(FaultKind::Unchecked)]);
    let read = unchecked(Path::new("x.mcap"), &bytes).expect("everything in it is whole");
    assert!(!differs(&read, &truth));
    assert_eq!(read.info.source.faults, [Fault::of_recording(FaultKind::Unchecked)]);
}

#[test]
fn a_file_that_is_not_whole_is_not_read_without_its_checksum() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let whole = recorded(folder.path());
    let chunk = ranges(&whole, &[op::CHUNK]).remove(1);
    // One whose only fault is a bit is not read either: recovering sets it right.
    let mut bit = whole.clone();
    bit[chunk.end - 9] ^= 4;
    let mut bytes = bit.clone();
    bytes[chunk.end - 40] ^= 1;
    assert!(unchecked(Path::new("x.mcap"), &bytes).is_none());
    assert!(unchecked(Path::new("x.mcap"), &bit).is_none());
}
