//! Recordings come back as they were written, or say why not.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use truehinge_core::{
    AngularRate, Anthropometry, AthleteId, ClockKind, DeviceInfo, DeviceTime, Explained, Fault, FaultKind,
    FreeAcceleration, HostTime, InertialSample, Marker, MarkerKind, Notification, OrientationSample, RecordSink,
    Recording, Rotation, SensorRole, SequenceGap, SessionInfo, Side, Source, SpecificForce, Stored, Track,
    TrackSamples,
};
use truehinge_dataset::recording::{
    RecordingError, RecordingWriter, raw_notifications, read, read_head, recover, recover_into, story, write_recording,
};
use truehinge_dataset::{ImportOptions, survey};

fn info() -> SessionInfo {
    SessionInfo {
        session: truehinge_core::SessionId::from("S1".to_owned()),
        athlete: AthleteId::new("P-014").expect("valid"),
        start_utc_ns: Some(1_790_216_011_168_995_425),
        zone: truehinge_core::Zone::Unknown,
        stance_side: Some(Side::Left),
        protocol: "single-leg-hip-hinge".to_owned(),
        body: Anthropometry::default(),
        source: Source::default(),
    }
}

fn sample(i: i64, value: f64, arrival: bool) -> InertialSample {
    InertialSample {
        device_time: DeviceTime::from_nanos(-5_000 + i * 8_333_333),
        arrival: arrival.then(|| HostTime::from_nanos(1_000 + i * 8_333_333)),
        specific_force: SpecificForce::new(value, -value, 9.81),
        angular_rate: AngularRate::new(0.1 * value, f64::NAN, 0.0),
    }
}

fn inertial(role: SensorRole, count: i64, arrival: bool) -> Track {
    Track {
        role,
        device: DeviceInfo { model: "virtual".to_owned(), ..DeviceInfo::default() },
        clock: ClockKind::Device,
        samples: TrackSamples::Inertial((0..count).map(|i| sample(i, (i as f64).sin(), arrival)).collect()),
        sequence_gaps: vec![SequenceGap { before_sample: 3, lost: 2 }],
    }
}

fn recording(count: i64) -> Recording {
    let orientation = OrientationSample {
        device_time: DeviceTime::from_nanos(7),
        arrival: None,
        rotation: Rotation::from_wxyz([0.5, 0.5, -0.5, 0.5]).expect("has length"),
        free_acceleration: Some(FreeAcceleration::new(0.1, 0.2, 0.3)),
    };
    let thigh = Track {
        role: SensorRole::Thigh,
        device: DeviceInfo::default(),
        clock: ClockKind::Shared,
        samples: TrackSamples::Orientation(vec![
            orientation,
            OrientationSample { free_acceleration: None, ..orientation },
        ]),
        sequence_gaps: vec![],
    };
    let marker = Marker { at: HostTime::from_nanos(5), kind: MarkerKind::SetStart { side: Side::Left } };
    Recording {
        info: info(),
        tracks: vec![inertial(SensorRole::Hip, count, true), inertial(SensorRole::Shank, count, true), thigh],
        markers: vec![marker],
    }
}

/// Bit patterns, so that NaN equals NaN.
fn bits(track: &Track) -> Vec<u64> {
    let number = |x: f64| x.to_bits();
    match &track.samples {
        TrackSamples::Inertial(samples) => samples
            .iter()
            .flat_map(|s| {
                let [a, b, c] = s.specific_force.to_array();
                let [d, e, f] = s.angular_rate.to_array();
                let time = s.device_time.nanos().cast_unsigned();
                let arrival = s.arrival.map_or(u64::MAX, |t| t.nanos().cast_unsigned());
                [time, arrival, number(a), number(b), number(c), number(d), number(e), number(f)]
            })
            .collect(),
        TrackSamples::Orientation(samples) => samples
            .iter()
            .flat_map(|s| {
                let [w, x, y, z] = s.rotation.to_wxyz();
                let free = s.free_acceleration.map_or([f64::INFINITY; 3], truehinge_core::Vec3::to_array);
                let time = s.device_time.nanos().cast_unsigned();
                [time, number(w), number(x), number(y), number(z), number(free[0]), number(free[1]), number(free[2])]
            })
            .collect(),
    }
}

fn assert_same(a: &Recording, b: &Recording) {
    assert_eq!(a.markers, b.markers);
    assert_eq!(a.tracks.len(), b.tracks.len());
    for (x, y) in a.tracks.iter().zip(&b.tracks) {
        assert_eq!((x.role, &x.device, x.clock, &x.sequence_gaps), (y.role, &y.device, y.clock, &y.sequence_gaps));
        assert_eq!(bits(x), bits(y));
    }
}

#[test]
fn a_recording_comes_back_bit_for_bit() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("S1.mcap");
    let written = recording(500);
    write_recording(&path, &written).expect("writes");
    let back = read(&path).expect("reads");
    assert_same(&written, &back);
    assert_eq!(back.info.source.format, "truehinge-mcap");
    assert_eq!(back.info.source.files[0].bytes, fs::metadata(&path).expect("exists").len());
    assert_eq!(read_head(&path).expect("reads").session.athlete, written.info.athlete);
    let again = folder.path().join("S2.mcap");
    write_recording(&again, &written).expect("writes");
    assert_eq!(fs::read(&path).expect("reads"), fs::read(&again).expect("reads"), "equal input, equal bytes");
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("S1.mcap");
    write_recording(&path, &recording(3)).expect("writes");
    assert!(matches!(write_recording(&path, &recording(4)), Err(RecordingError::Exists { .. })));
    assert!(matches!(RecordingWriter::create(folder.path(), "S1", &info()), Err(RecordingError::Exists { .. })));
    let _open = RecordingWriter::create(folder.path(), "S2", &info()).expect("creates");
    assert!(matches!(RecordingWriter::create(folder.path(), "S2", &info()), Err(RecordingError::Exists { .. })));
}

#[test]
fn mixed_arrivals_are_refused() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut mixed = recording(3);
    if let TrackSamples::Inertial(samples) = &mut mixed.tracks[0].samples {
        samples[1].arrival = None;
    }
    let refused = write_recording(&folder.path().join("x.mcap"), &mixed).expect_err("refuses");
    assert!(refused.to_string().contains("arrival"), "{refused}");
    assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 0, "nothing half-written");
}

/// Records `seconds` seconds as the recorder does, one sync per second.
fn record_live(folder: &Path, seconds: i64) -> RecordingWriter {
    let mut writer = RecordingWriter::create(folder, "live", &info()).expect("creates");
    for role in [SensorRole::Hip, SensorRole::Shank] {
        writer.sensor(role, &DeviceInfo::default(), ClockKind::Device).expect("declares");
    }
    for second in 0..seconds {
        for i in 0..120 {
            let at = second * 120 + i;
            for role in [SensorRole::Hip, SensorRole::Shank] {
                let received_at = HostTime::from_nanos(at * 8_333_333);
                let payload = at.to_le_bytes().to_vec();
                writer.notification(role, &Notification { characteristic: 42, received_at, payload }).expect("stores");
                writer.samples(role, &[sample(at, at as f64, true)]).expect("stores");
            }
        }
        writer.sync().expect("syncs");
    }
    writer
}

#[test]
fn a_live_recording_holds_raw_and_decoded() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = record_live(folder.path(), 3).finish().expect("finishes");
    assert_eq!(path, folder.path().join("live.mcap"));
    let back = read(&path).expect("reads");
    assert_eq!(back.track(SensorRole::Hip).expect("there").samples.len(), 360);
    let raw = raw_notifications(&path).expect("reads");
    assert_eq!(raw.len(), 720);
    assert_eq!(raw[719].1.payload, 359_i64.to_le_bytes());
    assert_eq!((raw[0].0, raw[1].0), (SensorRole::Hip, SensorRole::Shank), "in the order of arrival");
    assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 1);
}

#[cfg(unix)]
#[test]
fn a_folder_that_moves_or_is_renamed_does_not_end_a_recording() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (before, after) = (folder.path().join("before"), folder.path().join("after"));
    let mut writer = record_live(&before, 2);
    fs::rename(&before, &after).expect("renames");
    writer.samples(SensorRole::Hip, &[sample(240, 240.0, true)]).expect("stores");
    writer.sync().expect("syncs");
    let path = writer.finish().expect("finishes");
    assert!(!before.exists(), "no second folder under the old name");
    let names: Vec<_> = fs::read_dir(&after).expect("lists").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["live.mcap"]);
    let back = read(&after.join("live.mcap")).expect("reads");
    assert_eq!(back.track(SensorRole::Hip).expect("worn").samples.len(), 241);
    #[cfg(target_os = "linux")]
    assert_eq!(path, fs::canonicalize(&after).expect("there").join("live.mcap"));
    #[cfg(not(target_os = "linux"))]
    let _ = path;
}

#[cfg(unix)]
#[test]
fn recordings_are_for_their_owner_unless_the_folder_is_shared() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let folder = tempfile::tempdir().expect("temporary folder");
    let own = folder.path().join("own");
    let live = record_live(&own, 1);
    assert_eq!(mode(&own.join("live.unfinished.mcap")), 0o600);
    assert_eq!(mode(&live.finish().expect("finishes")), 0o600);
    write_recording(&own.join("import.mcap"), &recording(3)).expect("writes");
    assert_eq!(mode(&own.join("import.mcap")), 0o600);
    let shared = folder.path().join("shared");
    fs::create_dir(&shared).expect("makes");
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o2775)).expect("shares");
    write_recording(&shared.join("import.mcap"), &recording(3)).expect("writes");
    assert_eq!(mode(&shared.join("import.mcap")) & 0o640, 0o640, "the group reads it");
}

#[test]
fn a_crash_costs_at_most_what_was_not_synced() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let writer = record_live(folder.path(), 4);
    let unfinished = folder.path().join("live.unfinished.mcap");
    // What the file system holds when the power goes: the writer never gets to its end.
    let held = fs::read(&unfinished).expect("exists");
    drop(writer);
    let crashed = folder.path().join("crashed.unfinished.mcap");
    fs::write(&crashed, &held).expect("writes");
    let refused = read(&crashed).expect_err("unfinished");
    assert!(matches!(refused, RecordingError::Unfinished { .. }), "{refused}");
    assert_eq!(refused.hint().as_deref(), Some("recover what it holds"));
    let recovered = recover(&crashed).expect("recovers");
    assert_eq!(recovered.path, folder.path().join("crashed.recovered.mcap"));
    assert_eq!(recovered.samples, vec![(SensorRole::Hip, 480), (SensorRole::Shank, 480)]);
    let back = read(&recovered.path).expect("reads");
    assert_eq!(back.tracks[0].samples.len(), 480);
    assert!(back.info.source.notes.iter().any(|note| note.contains("recovered")));
    assert_eq!(fs::read(&crashed).expect("exists"), held, "the original is not touched");
}

/// Where the chunks of a recording's seconds are: first byte and length of their content. Those before them describe sensors.
fn chunks(bytes: &[u8], seconds: usize) -> Vec<(usize, usize)> {
    let (mut found, mut at) = (Vec::new(), mcap::MAGIC.len());
    while let Some(head) = bytes.get(at..at + 9) {
        let length = u64::from_le_bytes(head[1..].try_into().expect("eight bytes"));
        let length = usize::try_from(length).expect("small");
        if head[0] == mcap::records::op::CHUNK {
            found.push((at + 9, length));
        }
        at += 9 + length;
    }
    found.split_off(found.len() - seconds)
}

#[test]
fn what_is_brought_back_can_be_decoded_anew_and_replayed_like_the_original() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let whole = record_live(folder.path(), 4).finish().expect("finishes");
    let bytes = fs::read(&whole).expect("reads");
    // The last chunk is incomplete, as after a power loss.
    let (last, _) = chunks(&bytes, 4)[3];
    let cut = folder.path().join("cut.unfinished.mcap");
    fs::write(&cut, &bytes[..last + 100]).expect("writes");
    let recovered = recover(&cut).expect("recovers");
    let raw = raw_notifications(&recovered.path).expect("reads");
    assert_eq!(raw.len(), 720);
    assert_eq!(raw, raw_notifications(&whole).expect("reads")[..720]);
    let ((_, again), (_, original)) = (story(&recovered.path).expect("reads"), story(&whole).expect("reads"));
    // The first sample's rate is NaN, which equals nothing: compared as it is written.
    assert_eq!(format!("{again:?}"), format!("{:?}", &original[..again.len()]));
    assert_eq!(again.len(), 2 + 720, "two sensors, three seconds of both");
    assert!(recovered.until.is_some_and(|until| (until.seconds() - 359.0 / 120.0).abs() < 1e-6), "{recovered:?}");
    let [Fault { kind: FaultKind::NotEnded, from: Some(from), to: None, .. }] = recovered.faults.as_slice() else {
        panic!("{recovered:?}")
    };
    assert!((from.seconds() - 359.0 / 120.0).abs() < 1e-6, "{recovered:?}");
}

#[test]
fn what_was_imported_stands_sensor_by_sensor_and_is_told_by_arrival() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("S1.mcap");
    write_recording(&path, &recording(5)).expect("writes");
    let (_, told) = story(&path).expect("reads");
    let of = |stored: &Stored| match stored {
        Stored::Sample(role, _) => role.name(),
        Stored::Gap(..) => "gap",
        Stored::Marker(_) => "marker",
        Stored::Sensor(..) => "sensor",
    };
    let pair = ["hip", "shank"];
    let first = ["sensor", "sensor", "sensor", "marker"];
    assert_eq!(
        told.iter().map(of).collect::<Vec<_>>(),
        [&first[..], &pair, &pair, &pair, &["gap", "hip", "gap", "shank"], &pair].concat()
    );
}

#[test]
fn a_damaged_second_is_named_and_later_losses_stay_where_they_were() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut writer = RecordingWriter::create(folder.path(), "live", &info()).expect("creates");
    writer.sensor(SensorRole::Hip, &DeviceInfo::default(), ClockKind::Device).expect("declares");
    for second in 0..4 {
        for i in 0..120 {
            let at = second * 120 + i;
            if at == 300 {
                writer.gap(SensorRole::Hip, 7).expect("stores");
            }
            writer.samples(SensorRole::Hip, &[sample(at, at as f64, true)]).expect("stores");
        }
        writer.sync().expect("syncs");
    }
    let path = writer.finish().expect("finishes");
    let mut bytes = fs::read(&path).expect("reads");
    let (second, length) = chunks(&bytes, 4)[1];
    // One bit alone would be set right by the checksum of the whole.
    bytes[second + length / 2] ^= 4;
    bytes[second + length / 3] ^= 1;
    fs::write(&path, &bytes).expect("writes");
    assert!(matches!(read(&path), Err(RecordingError::Damaged { .. })));
    let elsewhere = folder.path().join("elsewhere");
    let recovered = recover_into(&path, &elsewhere, None).expect("recovers");
    assert_eq!(recovered.path, elsewhere.join("live.recovered.mcap"));
    assert_eq!(recovered.samples, vec![(SensorRole::Hip, 360)]);
    let [lost @ Fault { kind: FaultKind::PartLost { .. }, .. }] = recovered.faults.as_slice() else {
        panic!("{recovered:?}")
    };
    let between = [lost.from, lost.to].map(|at| format!("{:.1}", at.expect("known").seconds()));
    assert_eq!(between, ["1.0", "2.0"]);
    let back = read(&recovered.path).expect("reads");
    let kinds: Vec<_> = back.info.source.faults.iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [lost.kind, FaultKind::SamplesLost { samples: 120 }], "both are said each time it is read");
    // Sample 300 is the 180th of those that are left.
    assert_eq!(back.tracks[0].sequence_gaps, [SequenceGap { before_sample: 180, lost: 7 }]);
    assert_eq!(bits(&back.tracks[0])[180 * 8 + 2], 300_f64.to_bits());
}

#[test]
fn cut_anywhere_it_gives_a_prefix_and_never_panics() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let whole = fs::read(record_live(folder.path(), 5).finish().expect("finishes")).expect("reads");
    let full = read(&folder.path().join("live.mcap")).expect("reads");
    let mut best = 0;
    for cut in (0..whole.len()).step_by(whole.len() / 150) {
        let path = folder.path().join("cut.mcap");
        fs::write(&path, &whole[..cut]).expect("writes");
        assert!(read(&path).is_err(), "cut at {cut} of {}", whole.len());
        let Ok(recovered) = recover(&path) else { continue };
        let back = read(&recovered.path).expect("recovered recordings are whole");
        for (got, want) in back.tracks.iter().zip(&full.tracks) {
            let (got, want) = (bits(got), bits(want));
            assert_eq!(got[..], want[..got.len()], "cut at {cut}");
            assert!(got.len() >= best, "a later cut never loses more");
        }
        best = back.tracks.first().map_or(0, |track| bits(track).len());
        fs::remove_file(&recovered.path).expect("removes");
    }
    assert!(best >= 4 * 120 * 8, "at most the last second is lost");
}

#[test]
fn a_flipped_bit_never_gives_other_data() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let original = folder.path().join("a.mcap");
    write_recording(&original, &recording(200)).expect("writes");
    let bytes = fs::read(&original).expect("reads");
    let truth = read(&original).expect("reads");
    for at in (8..bytes.len()).step_by(37) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        let path = folder.path().join("b.mcap");
        fs::write(&path, &flipped).expect("writes");
        if let Ok(back) = read(&path) {
            for (got, want) in back.tracks.iter().zip(&truth.tracks) {
                assert_eq!(bits(got), bits(want), "byte {at}");
            }
        }
        if let Ok(recovered) = recover(&path) {
            fs::remove_file(recovered.path).expect("removes");
        }
    }
}

#[test]
fn other_files_are_refused_with_words() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, content) in [("empty.mcap", &b""[..]), ("text.mcap", b"ax,ay,az\n1,2,3\n"), ("zeros.mcap", &[0; 5000])] {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("writes");
        for message in [
            read(&path).expect_err("refuses").in_full(),
            recover(&path).expect_err("refuses").in_full(),
            read_head(&path).expect_err("refuses").in_full(),
        ] {
            assert!(message.contains(name) && message.contains("not a recording"), "{message}");
        }
    }
    let missing = read(&folder.path().join("missing.mcap")).expect_err("refuses").in_full();
    assert!(missing.contains("missing.mcap"), "{missing}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_after_the_magic_never_panic(tail in proptest::collection::vec(any::<u8>(), 0..600)) {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("x.mcap");
        let mut bytes = b"\x89MCAP0\r\n".to_vec();
        bytes.extend(tail);
        fs::write(&path, bytes).expect("writes");
        prop_assert!(read(&path).is_err());
        let _ = recover(&path);
    }
}

#[cfg(unix)]
#[test]
fn a_recording_that_is_being_made_is_told_from_one_that_was_left() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let info = info();
    let mut writer = RecordingWriter::create(folder.path(), "now", &info).expect("creates");
    writer.sync().expect("syncs");
    let path = folder.path().join("now.unfinished.mcap");
    let unread = || survey(folder.path(), &ImportOptions::default()).expect("lists").unread;
    assert!(matches!(read(&path), Err(RecordingError::Running { .. })));
    assert!(matches!(recover(&path), Err(RecordingError::Running { .. })));
    assert!(unread()[0].to_string().contains("being made right now"), "{:?}", unread());
    // A crash leaves the bytes as they are; a writer that is dropped ends the file.
    let bytes = fs::read(&path).expect("reads");
    drop(writer);
    fs::write(&path, bytes).expect("writes");
    assert!(matches!(read(&path), Err(RecordingError::Unfinished { .. })));
    assert!(unread()[0].to_string().contains("was not finished"), "{:?}", unread());
    assert!(recover(&path).is_ok());
}
