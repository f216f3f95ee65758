//! Motion-BIDS: channels by their description, the rate from a sidecar further up, the start from the list of scans.

use std::path::{Path, PathBuf};

use truehinge_core::{Side, Zone};
use truehinge_dataset::{ImportOptions, discover};

use crate::layouts::{SENSORS, is_the_person, numbers};
use crate::{Folder, message, person, read_side};

const STEM: &str = "sub-07/ses-a/motion/sub-07_ses-a_task-hinge_tracksys-imu_run-1";

/// One row for each channel: two sensors in SI units, with the rate in deg/s of the second.
fn channels() -> String {
    let mut text = "name\tcomponent\ttype\ttracked_point\tunits\tplacement\n".to_owned();
    for (point, rate) in [("LowerBack", "rad/s"), ("left_shank", "deg/s")] {
        for (kind, units) in [("ACCEL", "m/s^2"), ("GYRO", rate)] {
            for axis in ["x", "y", "z"] {
                text += &format!("{point}_{kind}_{axis}\t{axis}\t{kind}\t{point}\t{units}\tn/a\n");
            }
        }
    }
    text
}

fn table() -> String {
    let row = |row: &person::Row| {
        let (hip, mut shank) = (SENSORS[0].1(row), SENSORS[1].1(row));
        shank[3..].iter_mut().for_each(|rate| *rate = rate.to_degrees());
        format!("{}\t{}\n", numbers(&hip, "\t"), numbers(&shank, "\t"))
    };
    person::rows().iter().map(row).collect()
}

/// The person as a data set; the table's path.
fn data_set(folder: &Folder, table: &str, channels: &str) -> PathBuf {
    folder.file("task-hinge_tracksys-imu_motion.json", "{\"TaskName\": \"hinge\", \"SamplingFrequency\": 25}");
    folder.file(
        "sub-07/ses-a/sub-07_ses-a_scans.tsv",
        format!("filename\tacq_time\nmotion/{}_motion.tsv\t2026-11-02T10:00:00\n", name()),
    );
    folder.file(&format!("{STEM}_channels.tsv"), channels);
    folder.file(&format!("{STEM}_motion.tsv"), table)
}

fn name() -> String {
    Path::new(STEM).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[test]
fn a_data_set_is_the_person() {
    let folder = Folder::new();
    let path = data_set(&folder, &table(), &channels());
    is_the_person(&path, &ImportOptions::default());
    let (recording, report) = read_side(&path, Side::Left).expect("imports");
    let info = &recording.info;
    assert_eq!(
        (info.athlete.as_str(), info.start_utc_ns, info.zone),
        ("sub-07", Some(1_793_613_600_000_000_000), Zone::Unstated)
    );
    assert_eq!(report.recognised, "Motion-BIDS table");
    assert_eq!(recording.tracks[0].device.serial, "LowerBack");
    assert_eq!(discover(folder.path(), &ImportOptions::default()).expect("lists"), [path]);
}

#[test]
fn tables_that_differ_in_their_tracking_system_only_are_one_session() {
    let folder = Folder::new();
    let split = |text: &str, first: bool| {
        let cells = |line: &str| {
            let cells: Vec<&str> = line.split('\t').collect();
            if first { cells[..6].join("\t") } else { cells[6..].join("\t") }
        };
        text.lines().map(|line| cells(line) + "\n").collect::<String>()
    };
    let of = |point: &str| {
        let lines = channels();
        let kept: Vec<&str> = lines
            .lines()
            .enumerate()
            .filter(|(row, line)| *row == 0 || line.contains(point))
            .map(|(_, line)| line)
            .collect();
        kept.join("\n") + "\n"
    };
    let stem = |system: &str| STEM.replace("tracksys-imu", &format!("tracksys-{system}"));
    folder.file("task-hinge_motion.json", "{\"TaskName\": \"hinge\", \"SamplingFrequency\": 25}");
    for (system, point, first) in [("back", "LowerBack", true), ("leg", "left_shank", false)] {
        folder.file(&format!("{}_channels.tsv", stem(system)), of(point));
        folder.file(&format!("{}_motion.tsv", stem(system)), split(&table(), first));
    }
    // A camera's table is of the same recording and holds no sensor.
    folder.file(
        &format!("{}_channels.tsv", stem("camera")),
        of("LowerBack").replace("ACCEL", "POS").replace("GYRO", "POS"),
    );
    folder.file(&format!("{}_motion.tsv", stem("camera")), split(&table(), true));
    let found = discover(folder.path(), &ImportOptions::default()).expect("lists");
    let back = folder.path().join(format!("{}_motion.tsv", stem("back")));
    assert!(
        found.contains(&back) && !found.iter().any(|path| path.ends_with(format!("{}_motion.tsv", stem("leg")))),
        "{found:?}"
    );
    for system in ["back", "leg"] {
        let path = folder.path().join(format!("{}_motion.tsv", stem(system)));
        is_the_person(&path, &ImportOptions::default());
    }
}

#[test]
fn times_of_a_latency_channel_are_used_and_missing_values_are_gaps() {
    let rows = person::rows();
    let table = table();
    let with_times = table.lines().zip(&rows).map(|(line, row)| format!("{line}\t{}\n", f64::from(row.0) * 1e-3));
    let mut with_times: Vec<String> = with_times.collect();
    // A sensor was away for a while: BIDS writes n/a.
    for line in &mut with_times[60..64] {
        let cells: Vec<&str> = line.trim_end().split('\t').collect();
        *line = format!("{}\t{}\n", cells[..6].join("\t"), [&["n/a"; 6], &cells[12..]].concat().join("\t"));
    }
    let folder = Folder::new();
    let channels = channels() + "latency\tn/a\tLATENCY\tn/a\ts\tn/a\n";
    let path = data_set(&folder, &with_times.concat(), &channels);
    std::fs::remove_file(folder.path().join("task-hinge_tracksys-imu_motion.json")).expect("is there");
    let (recording, _) = read_side(&path, Side::Left).expect("imports");
    let hip = crate::inertial(&recording, truehinge_core::SensorRole::Hip);
    let seconds = (hip[100].device_time - hip[0].device_time).seconds();
    assert!((seconds - f64::from(rows[100].0 - rows[0].0) * 1e-3).abs() < 1e-9, "{seconds}");
    let shank = crate::inertial(&recording, truehinge_core::SensorRole::Shank);
    let away = |time: f64| {
        (f64::from(rows[60].0)..=f64::from(rows[63].0)).contains(&((time * 1e3).round() + f64::from(rows[0].0)))
    };
    let values = |sample: &truehinge_core::InertialSample| sample.specific_force.is_finite();
    let first = hip[0].device_time;
    assert!(!shank.iter().any(|sample| away((sample.device_time - first).seconds()) && values(sample)));
    assert_eq!(shank.iter().filter(|sample| values(sample)).count() + 4, rows.len());
}

#[test]
fn what_a_data_set_lacks_is_named() {
    for (channels, json, part) in [
        (channels().replace("rad/s", "n/a"), true, "GYRO of LowerBack is in \"n/a\": say rad/s or deg/s"),
        (
            channels().replace("LowerBack_GYRO_z\tz\tGYRO", "LowerBack_GYRO_z\tz\tMAGN"),
            true,
            "LowerBack has no channel GYRO z",
        ),
        (channels(), false, "no _motion.json says its SamplingFrequency"),
        (channels().replace("ACCEL", "POS"), true, "the names do not say which sensor is which"),
    ] {
        let folder = Folder::new();
        let path = data_set(&folder, &table(), &channels);
        if !json {
            std::fs::remove_file(folder.path().join("task-hinge_tracksys-imu_motion.json")).expect("is there");
        }
        let said = message(&read_side(&path, Side::Left).expect_err(part), &folder);
        assert!(said.contains(part), "{said}");
    }
}
