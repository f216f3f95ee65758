//! Files of earlier versions are read for ever, value for value. `tests/formats/v1` was written by version 0.1.0 before the format
//! got its first successor; what the files hold was written down then, by that version's own reader.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use truehinge_core::{Fault, FaultKind, Metric, Protocol, SessionInfo, SourceFile, Track, TrackSamples, Vec3, Zone};
use truehinge_dataset::atomic::sha256;
use truehinge_dataset::import::{ImportOptions, Mapping};
use truehinge_dataset::recording::{RecordingError, raw_notifications, read, recover_into, write_recording};
use truehinge_dataset::{open, table};

fn v1(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/formats/v1").join(name)
}

/// One line for each sample: sensor, device time, arrival, values; exact.
fn rows(track: &Track) -> Vec<String> {
    let arrival = |at: Option<truehinge_core::HostTime>| at.map_or("-".to_owned(), |at| at.nanos().to_string());
    match &track.samples {
        TrackSamples::Inertial(samples) => samples
            .iter()
            .map(|s| {
                let ([a, b, c], [d, e, f]) = (s.specific_force.to_array(), s.angular_rate.to_array());
                let (time, arrival) = (s.device_time.nanos(), arrival(s.arrival));
                format!("{} {time} {arrival} {a:?} {b:?} {c:?} {d:?} {e:?} {f:?}", track.role)
            })
            .collect(),
        TrackSamples::Orientation(samples) => samples
            .iter()
            .map(|s| {
                let [w, x, y, z] = s.rotation.to_wxyz();
                let free = s.free_acceleration.map(Vec3::to_array);
                let (time, arrival) = (s.device_time.nanos(), arrival(s.arrival));
                format!("{} {time} {arrival} {w:?} {x:?} {y:?} {z:?} {free:?}", track.role)
            })
            .collect(),
    }
}

/// Everything that was written down is there; what later versions add may stand beside it.
fn holds(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            expected.iter().all(|(key, value)| found.get(key).is_some_and(|found| holds(found, value)))
        }
        _ => found == expected,
    }
}

fn assert_holds(found: &impl serde::Serialize, expected: &str) {
    let found = serde_json::to_value(found).expect("serialises");
    let expected: Value = serde_json::from_str(expected).expect("JSON");
    assert!(holds(&found, &expected), "{found}\nexpected {expected}");
}

/// Compares a recording with the values that were written down; how many lines of them there were.
fn compare(name: &str) -> usize {
    let path = v1(&format!("{name}.mcap"));
    let back = read(&path).unwrap_or_else(|error| panic!("{error}"));
    let written = fs::read_to_string(v1(&format!("{name}.values.txt"))).expect("reads");
    let (mut markers, mut gaps, mut tracks) = (back.markers.iter(), Vec::new(), back.tracks.iter());
    for line in written.lines() {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        match words.as_slice() {
            ["session", ..] => assert_holds(&back.info, line.strip_prefix("session ").expect("it begins so")),
            ["marker", ..] => {
                let marker = markers.next().expect("another marker");
                assert_holds(marker, line.strip_prefix("marker ").expect("it begins so"));
            }
            ["track", role, clock, device] => {
                let track = tracks.next().expect("another track");
                assert_eq!(track.role.name(), *role);
                assert_holds(&track.clock, clock);
                assert_holds(&track.device, device);
                gaps = track.sequence_gaps.clone();
            }
            ["gap", _, before, lost] => {
                let gap = gaps.remove(0);
                assert_eq!((gap.before_sample.to_string(), gap.lost.to_string()), ((*before).into(), (*lost).into()));
            }
            ["raw", count, sum] => {
                let raw = raw_notifications(&path).expect("reads");
                assert_eq!(raw.len().to_string(), *count);
                let checksum = raw.iter().fold(0_u64, |sum, (role, notification)| {
                    let bytes: u64 = notification.payload.iter().map(|byte| u64::from(*byte)).sum();
                    let at = notification.received_at.nanos().cast_unsigned();
                    sum.wrapping_mul(31).wrapping_add(bytes + at + *role as u64)
                });
                assert_eq!(checksum.to_string(), *sum);
            }
            ["all", role, count, sha] => {
                let track = back.tracks.iter().find(|track| track.role.name() == *role).expect("the track");
                let all = rows(track).join("\n") + "\n";
                assert_eq!((track.samples.len().to_string(), sha256(all.as_bytes())), ((*count).into(), (*sha).into()));
            }
            [index, role, ..] => {
                let track = back.tracks.iter().find(|track| track.role.name() == *role).expect("the track");
                let row = &rows(track)[index.parse::<usize>().expect("a number")];
                assert_eq!(format!("{index} {row}"), line);
            }
            _ => panic!("{line}"),
        }
    }
    assert!(markers.next().is_none() && tracks.next().is_none() && gaps.is_empty(), "{name}: more than was written");
    written.lines().count()
}

#[test]
fn recordings_of_the_first_version_are_read_value_for_value() {
    let lines = ["both-legs", "crashed.recovered", "imported", "orientations"].map(compare);
    assert_eq!(lines, [92, 23, 22, 15], "lines compared");
}

#[test]
fn an_unfinished_recording_of_the_first_version_is_recovered_like_then() {
    let path = v1("crashed.unfinished.mcap");
    assert!(matches!(read(&path), Err(RecordingError::Unfinished { .. })));
    let folder = tempfile::tempdir().expect("temporary folder");
    let recovered = recover_into(&path, folder.path(), None).expect("recovers");
    let (now, then) = (read(&recovered.path).expect("reads"), read(&v1("crashed.recovered.mcap")).expect("reads"));
    assert_eq!(now.markers, then.markers);
    for (now, then) in now.tracks.iter().zip(&then.tracks) {
        assert_eq!(rows(now), rows(then));
        assert_eq!((&now.device, now.clock), (&then.device, then.clock));
    }
    let raw = |path: &Path| raw_notifications(path).expect("reads");
    assert_eq!(raw(&recovered.path), raw(&v1("crashed.recovered.mcap")));
}

#[test]
fn a_mapping_of_the_first_version_reads_its_table_as_then() {
    let mapping = Some(Mapping::read(&v1("mapping.toml")).expect("reads"));
    let options = ImportOptions { mapping, ..ImportOptions::default() };
    let (now, _) = open(&v1("table.csv"), &options).expect("opens");
    let then = read(&v1("imported.mcap")).expect("reads");
    for (now, then) in now.tracks.iter().zip(&then.tracks) {
        assert_eq!((rows(now), &now.sequence_gaps), (rows(then), &then.sequence_gaps));
    }
}

#[test]
fn a_protocol_file_of_the_first_version_is_read() {
    let text = fs::read_to_string(v1("protocol.toml")).expect("reads");
    let protocol: Protocol = toml::from_str(&text).expect("a protocol");
    let name = "clinic-hinge".to_owned();
    assert_eq!(protocol, Protocol { name, title: "Hinge of the clinic".to_owned(), ..Protocol::default() });
}

#[test]
fn tables_of_the_first_version_are_read() {
    for extension in ["csv", "parquet"] {
        let path = |name: &str| v1(&format!("tables/{name}.{extension}"));
        let reps = table::read_reps(&path("reps")).expect("reads");
        let verdicts: Vec<_> = reps.iter().map(|rep| rep.label.name()).collect();
        assert_eq!(verdicts, ["true_hinge", "knee_forward_drift"], "{extension}");
        assert_eq!(table::read_sessions(&path("sessions")).expect("reads").len(), 1);
        assert_eq!(table::read_sets(&path("sets")).expect("reads").len(), 2);
        let knees = reps.iter().filter_map(|rep| rep.reading(Metric::KneeForward)).map(|knee| knee.value);
        let knees: Vec<String> = knees.map(|knee| format!("{knee:.2}")).collect();
        assert_eq!(knees, ["-1.54", "83.94"], "{extension}");
        assert_eq!(table::read_quality(&path("quality")).expect("reads").len(), 27);
        assert!(!table::read_events(&path("events")).expect("reads").is_empty());
        assert!(!table::read_evidence(&path("evidence")).expect("reads").is_empty());
    }
}

/// The rows of the first table of docs/format.md behind a line that begins like this.
fn documented(behind: &str) -> Vec<Vec<String>> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/format.md")).expect("reads");
    let lines = page.lines().skip_while(|line| !line.starts_with(behind)).skip_while(|line| !line.starts_with('|'));
    let rows = lines.skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The words in backticks of a cell.
fn ticked(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_page_on_the_format_says_what_is_written() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("new.mcap");
    let mut recording = read(&v1("both-legs.mcap")).expect("reads");
    // What is not written where it is empty.
    let SessionInfo { zone, source, .. } = &mut recording.info;
    let file = || vec![SourceFile { name: "old".to_owned(), bytes: 1, sha256: "ab".to_owned() }];
    (*zone, source.imported_from, source.made_from) = (Zone::Ahead(3600), file(), file());
    source.faults = vec![Fault::of_recording(FaultKind::NotEnded)];
    write_recording(&path, &recording).expect("writes");
    let bytes = fs::read(&path).expect("reads");
    let mut topics = std::collections::BTreeSet::new();
    for message in mcap::MessageStream::new(&bytes).expect("reads") {
        let channel = message.expect("a message").channel;
        let schema = channel.schema.clone().expect("has one");
        let topic = channel.topic.replace("/hip/", "/ROLE/").replace("/shank/", "/ROLE/");
        topics.insert([topic, format!("{} ({})", schema.name, schema.encoding), channel.message_encoding.clone()]);
    }
    let channels = documented("## Channels");
    assert_eq!(channels.len(), 3);
    for [topic, schema, encoding] in &topics {
        let row = channels.iter().find(|row| ticked(&row[0]) == [topic]).unwrap_or_else(|| panic!("{topic}"));
        assert_eq!((row[1].replace('`', ""), ticked(&row[2])), (schema.clone(), vec![encoding.as_str()]), "{topic}");
    }
    assert!(
        topics.iter().any(|[topic, ..]| topic == "/ROLE/imu") && topics.iter().any(|[topic, ..]| topic == "/events")
    );
    let summary = mcap::Summary::read(&bytes).expect("whole").expect("there");
    let (keys, sessions, sensors) = (documented("## Descriptions"), documented("Session:"), documented("Sensor:"));
    let mut seen = std::collections::BTreeSet::new();
    for index in summary.metadata_indexes {
        let at = usize::try_from(index.offset).expect("small");
        let content = &bytes[at + 9..at + usize::try_from(index.length).expect("small")];
        let Ok(mcap::records::Record::Metadata(record)) = mcap::parse_record(mcap::records::op::METADATA, content)
        else {
            panic!("{index:?}")
        };
        let said: Vec<&str> = keys
            .iter()
            .filter(|row| row[0] == "all" || ticked(&row[0]) == [&record.name])
            .flat_map(|row| ticked(&row[1]))
            .collect();
        assert!(record.metadata.keys().eq(said.iter().copied().collect::<std::collections::BTreeSet<_>>()), "{said:?}");
        let fields = match record.name.as_str() {
            "truehinge.session" => &sessions,
            "truehinge.sensor" => &sensors,
            _ => continue,
        };
        let json: Value = serde_json::from_str(&record.metadata["json"]).expect("JSON");
        let named: Vec<&str> = fields.iter().flat_map(|row| ticked(&row[0])).collect();
        for (key, value) in json.as_object().expect("an object") {
            let whole = named.contains(&key.as_str());
            let is_named = |part: &String| named.contains(&format!("{key}.{part}").as_str());
            let known = whole || value.as_object().is_some_and(|parts| parts.keys().all(is_named));
            assert!(known, "{}: {key}", record.name);
        }
        seen.insert(record.name.clone());
    }
    assert_eq!(seen.len(), 2, "{seen:?}");
}

#[test]
fn the_page_on_the_format_names_every_kind_of_marker() {
    use truehinge_core::{MarkerKind, SensorRole, Side};
    let (side, role, text) = (Side::Left, SensorRole::Hip, String::new());
    let kinds = [
        MarkerKind::SetStart { side },
        MarkerKind::SetEnd,
        MarkerKind::SetVoid,
        MarkerKind::SearchStart { side, least: 3, most: 5 },
        MarkerKind::SetFound,
        MarkerKind::CalibrationStart,
        MarkerKind::CalibrationEnd,
        MarkerKind::ClockCheck,
        MarkerKind::LinkLost { role },
        MarkerKind::LinkRestored { role },
        MarkerKind::Note { text },
    ];
    let rows = documented("Kinds of markers:");
    let named: Vec<&str> = rows.iter().flat_map(|row| ticked(&row[0])).collect();
    let written =
        kinds.iter().map(|kind| serde_json::to_value(kind).expect("JSON")["kind"].as_str().expect("text").to_owned());
    assert!(written.eq(named.iter().map(|name| (*name).to_owned())), "{named:?}");
}
