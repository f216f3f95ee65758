//! Session folders with sensor clocks and arrival times, made here with every fault their rows can have.

use std::fmt::Write as _;

use truehinge_core::{ClockKind, MountSite, SensorRole, Side};
use truehinge_dataset::import::import;

use crate::{Folder, inertial, message, read, swing, with_roles};

use SensorRole::{Hip, Shank, Thigh};

const META: &str = r#"{
    "session": "S 1", "athlete": "A/00", "height_m": 1.51, "mass_kg": 65.6, "leg": "left",
    "measured_mm": { "thigh_length": 317.0, "shank_length": 335.0, "ankle_height": 64.0 },
    "host_t0_ns": 1790892135814328196, "host_column": "nanoseconds after host_t0_ns",
    "sensors": {
        "hip": { "file": "hip.csv", "placement": "lateral_hip", "nominal_rate_hz": 100.0, "accel_range_g": 8.0, "gyro_range_dps": 1000.0 },
        "shank": { "file": "shank.csv", "placement": "tibia_antmed", "nominal_rate_hz": 100.0 }
    }
}"#;

/// Stamps in µs to a sensor's file; arrivals are the row number in ms.
fn csv(stamps: &[u64]) -> String {
    let mut text = "sensor_us,host_ns,ax,ay,az,gx,gy,gz\n".to_owned();
    for (row, (stamp, [ax, ay, az, gx, gy, gz])) in stamps.iter().zip(swing(stamps.len())).enumerate() {
        let _ = writeln!(text, "{stamp},{},{ax},{ay},{az},{gx},{gy},{gz}", row * 1_000_000);
    }
    text
}

fn regular(from: u64, rows: u64) -> Vec<u64> {
    (0..rows).map(|row| from + row * 10_000).collect()
}

/// The shank sensor has another offset than the hip's: two sensors never say the same.
fn session(hip: &str, shank: &str) -> Folder {
    let folder = Folder::new();
    folder.file("meta.json", META);
    folder.file("hip.csv", hip);
    folder.file("shank.csv", shank.replace(",-0.002\n", ",-0.003\n"));
    folder
}

#[test]
fn a_session_is_read_with_its_person_clock_and_places() {
    let folder = session(&csv(&regular(75_660_131, 300)), &csv(&regular(5, 301)));
    let (recording, report) = read(folder.path()).expect("imports");
    let info = &recording.info;
    assert_eq!((info.session.as_str(), info.athlete.as_str()), ("S 1", "A/00"), "every letter of it");
    assert_eq!((info.stance_side, info.start_utc_ns), (Some(Side::Left), Some(1_790_892_135_814_328_196)));
    let millimetres = |m: Option<truehinge_core::Measured<_>>| {
        m.map(|m| (m.value.millimetres().round(), m.sigma.millimetres().round()))
    };
    assert_eq!(millimetres(info.body.shank_length), Some((335.0, 8.0)));
    assert_eq!(millimetres(info.body.stature), Some((1510.0, 5.0)));
    assert_eq!((info.body.hip_width, info.body.mass_kg), (None, Some(65.6)));
    let [hip, shank] = &recording.tracks[..] else { panic!("two tracks") };
    assert_eq!((hip.role, shank.role, hip.clock), (Hip, Shank, ClockKind::Device));
    assert_eq!(
        (hip.device.mount, shank.device.mount),
        (Some(MountSite::LateralHip), Some(MountSite::TibiaAnteromedial))
    );
    assert!(hip.device.accelerometer_range.is_some_and(|range| (range - 8.0 * 9.80665).abs() < 1e-9));
    assert_eq!(shank.device.gyroscope_range, None);
    let second = inertial(&recording, Hip)[1];
    assert_eq!(
        (second.device_time.nanos(), second.arrival.map(truehinge_core::time::Time::nanos)),
        (75_670_131_000, Some(1_000_000))
    );
    assert_eq!(second.angular_rate.to_array(), [0.001, 0.0, -0.002]);
    assert_eq!(inertial(&recording, Shank).len(), 301);
    // Three seconds are too short to hold the gyroscope against gravity.
    assert_eq!(report.warnings.iter().filter(|said| said.ends_with("is not known")).count(), 2, "{report}");
    assert_eq!(report.notes.len(), 1, "that nothing says the time on the wall clock: {report}");
    assert_eq!(info.source.format, "opensim-bench");
    assert_eq!(
        info.source.files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(),
        ["meta.json", "hip.csv", "shank.csv"]
    );
}

#[test]
fn late_repeated_and_wrapped_rows_are_put_right_and_counted() {
    // A clock that wraps after 100 rows, one row late, and one that came twice.
    let mut stamps: Vec<u64> = regular((1 << 32) - 1_000_000, 300).iter().map(|us| us % (1 << 32)).collect();
    stamps.swap(150, 151);
    let mut lines: Vec<String> = csv(&stamps).lines().map(str::to_owned).collect();
    lines.insert(61, lines[59].clone());
    let folder = session(&lines.join("\n"), &csv(&regular(0, 300)));
    let (recording, report) = read(folder.path()).expect("imports");
    let hip = inertial(&recording, Hip);
    let times: Vec<i64> = hip.iter().map(|s| s.device_time.nanos() / 1000).collect();
    let expected: Vec<i64> = (0..300).map(|row| (1_i64 << 32) - 1_000_000 + row * 10_000).collect();
    assert_eq!(times, expected);
    // The late row keeps its own arrival: the same number of rows after the start as it stood in the file.
    assert_eq!(
        (
            hip[150].arrival.map(truehinge_core::time::Time::nanos),
            hip[151].arrival.map(truehinge_core::time::Time::nanos)
        ),
        (Some(151_000_000), Some(150_000_000))
    );
    assert_eq!(
        report.notes,
        [
            "hip: 2 rows came late and were put in order of the sensor's clock",
            "hip: 1 rows came twice and are kept once",
            "hip: 1 times the sensor's 32-bit clock started again: continued",
            "it began at 2026-10-01 22:02 UTC; the time on the wall clock there is not stated",
        ]
    );
    assert_eq!(recording.info.source.notes, [report.notes, report.warnings].concat());
}

#[test]
fn equal_stamps_with_other_values_are_both_kept() {
    let mut stamps = regular(0, 300);
    stamps[100] = stamps[99];
    let folder = session(&csv(&stamps), &csv(&regular(0, 300)));
    assert_eq!(inertial(&read(folder.path()).expect("imports").0, Hip).len(), 300);
}

#[test]
fn damaged_sessions_name_the_file_at_fault() {
    let good = csv(&regular(0, 300));
    let folder = session(&good, &good);
    let error = |folder: &Folder| message(&read(folder.path()).expect_err("refused"), folder);
    folder.file("meta.json", META.replace("\"left\"", "\"both\""));
    assert!(
        error(&folder).starts_with("meta.json: not the description of a bench session: unknown variant `both`"),
        "{}",
        error(&folder)
    );
    folder.file("meta.json", &META[..200]);
    assert!(error(&folder).contains("EOF while parsing"), "{}", error(&folder));
    folder.file("meta.json", META.replace("hip.csv", "../hip.csv"));
    assert!(error(&folder).contains("the hip sensor's file \"../hip.csv\" lies outside the session's folder"));
    folder.file("meta.json", META.replace("hip.csv", "gone.csv"));
    assert!(error(&folder).starts_with("gone.csv: "));
    folder.file("meta.json", META.replace("\"shank\":", "\"thigh\":"));
    assert!(error(&folder).contains("there is no shank sensor, only hip, thigh"), "{}", error(&folder));
    let asked = import(folder.path(), &with_roles(&[("hip", Hip)])).expect("asked for what there is").0;
    assert_eq!(asked.tracks.iter().map(|t| t.role).collect::<Vec<_>>(), [Hip, Thigh]);
    folder.file("meta.json", META);
    let other = good.replace(",-0.002\n", ",-0.003\n");
    folder.file("shank.csv", &other[..other.len() - 20]);
    let cut = read(folder.path()).expect("costs its last line").1;
    assert!(cut.warnings.iter().any(|w| w.starts_with("shank.csv: line 301 (")), "{cut}");
    folder.file("shank.csv", good.replace("host_ns", "host"));
    assert!(error(&folder).starts_with("shank.csv: there is no column \"host_ns\""));
}
