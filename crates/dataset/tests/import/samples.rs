//! The recordings that ship: exact counts, exact times, gravity.

use std::fs;

use truehinge_core::{ClockKind, Explained, STANDARD_GRAVITY, SensorRole, Side};
use truehinge_dataset::atomic::sha256_file;
use truehinge_dataset::import::{Confidence, import, sniff};

use crate::{inertial, lost, orientations, read, read_side, samples_folder, with_roles};

use SensorRole::{Hip, Shank, Thigh};

#[test]
fn dot_csv_counts_every_lost_packet_and_keeps_exact_times() {
    let (recording, report) = read(&samples_folder().join("xsens-dot")).expect("imports");
    // Counted by hand from the packet counters.
    assert_eq!(lost(&recording, Thigh), (157, 138));
    assert_eq!(orientations(&recording, Thigh).len(), 195);
    assert_eq!((lost(&recording, Hip), orientations(&recording, Hip).len()), ((0, 0), 382));
    assert_eq!((lost(&recording, Shank), orientations(&recording, Shank).len()), ((0, 0), 381));
    assert_eq!(recording.info.stance_side, Some(Side::Left), "only the left leg has sensors");
    assert_eq!(recording.info.session.as_str(), "20210820_202113");
    // The earliest start: 20:21:13.804 at GMT+8.
    assert_eq!(recording.info.start_utc_ns, Some(1_629_462_073_804_000_000));
    assert!(recording.tracks.iter().all(|track| track.clock == ClockKind::Shared), "SyncStatus says Synced");
    let first = orientations(&recording, Thigh)[0];
    assert_eq!(first.device_time.nanos(), 3_343_444_552_000);
    let free = first.free_acceleration.expect("is in the file").to_array();
    assert_eq!(free, [0.016_456, 0.019_243, -0.046_306]);
    let expected = [0.411_830, -0.431_467, -0.561_427, -0.573_619];
    // Six digits in the file, renormalised.
    assert!(first.rotation.to_wxyz().iter().zip(expected).all(|(a, b)| (a - b).abs() < 2e-6));
    let text = report.to_string();
    assert!(
        text.contains(
            "thigh = LFemur: 195 orientations over 5.9 s, 60.0 Hz (set to 60.0), 157 lost in 138 gaps (44.6 %)"
        ),
        "{text}"
    );
    assert!(text.contains("warning: thigh: 45 % of the samples were lost"), "{text}");
    assert!(text.contains("no gyroscope in the file"), "{text}");
    assert!(recording.info.source.notes.iter().any(|note| note.contains("no gyroscope")));
}

#[test]
fn x_imu3_log_reads_unequal_sensors_on_one_clock() {
    let (recording, report) = read_side(&samples_folder().join("x-imu3"), Side::Right).expect("imports");
    assert_eq!((inertial(&recording, Hip).len(), inertial(&recording, Shank).len()), (900, 920));
    assert_eq!(recording.tracks.len(), 2, "the other leg is left out");
    assert!(report.notes.contains(&"sensors not used: Left Lower Leg 64F61CB3 (UDP)".to_owned()), "{report}");
    assert!(recording.tracks.iter().all(|track| track.clock == ClockKind::Shared));
    let first = inertial(&recording, Hip)[0];
    assert_eq!(first.device_time.nanos(), 917_418_209_000);
    assert!((first.specific_force.to_array()[0] - 0.903_545 * STANDARD_GRAVITY).abs() < 1e-12);
    assert!((first.angular_rate.to_array()[2] - 0.729_441_f64.to_radians()).abs() < 1e-15);
    for sensor in &report.sensors {
        // The data's own readme: 0.999 to 1.003 g at rest, about 50 Hz.
        let gravity = sensor.gravity.expect("inertial") / STANDARD_GRAVITY;
        assert!((0.995..1.007).contains(&gravity), "{sensor}");
        assert!(sensor.seen_hz.is_some_and(|hz| (hz - 50.0).abs() < 1.0), "{sensor}");
    }
    // In these 18 s nothing turns slowly enough to compare gyroscope and accelerometer.
    assert_eq!(report.warnings.len(), 2, "{report}");
    assert!(report.warnings.iter().all(|said| said.contains("hardly turned slowly")), "{report}");
}

#[test]
fn both_legs_need_a_side() {
    let error = read(&samples_folder().join("x-imu3")).expect_err("two shanks").in_full();
    assert!(error.ends_with("sensors of both legs are there: say which one supports"), "{error}");
}

#[test]
fn mtw_text_gives_orientation_and_free_acceleration_from_the_matrix() {
    let file = samples_folder().join("opensense/MT_012005D6_009-001_00B42279.txt");
    let options = with_roles(&[("00B42279", Hip), ("00B4227D", Shank)]);
    let (recording, report) = import(&file, &options).expect("imports, with the file beside it");
    assert_eq!((orientations(&recording, Hip).len(), orientations(&recording, Shank).len()), (800, 800));
    assert_eq!(recording.info.session.as_str(), "MT_012005D6_009-001");
    let hip = orientations(&recording, Hip);
    // Packet 472 at 100 Hz.
    assert_eq!((hip[0].device_time.nanos(), hip[1].device_time.nanos()), (4_720_000_000, 4_730_000_000));
    // The mean of free acceleration over seconds of walking is near zero if, and only if, gravity was taken out upwards.
    let mean: f64 =
        hip.iter().filter_map(|s| s.free_acceleration).map(truehinge_core::Vec3::up).sum::<f64>() / hip.len() as f64;
    assert!(mean.abs() < 0.15, "{mean}");
    assert!(
        report.to_string().contains("hip = 00B42279: 800 orientations over 8.0 s, 100.0 Hz (set to 100.0)"),
        "{report}"
    );
    let error = read(&file).expect_err("the names say nothing").in_full();
    assert!(
        error.contains(
            "the names do not say which sensor is which (00B42279, 00B4227D): say which one is the hip sensor"
        ),
        "{error}"
    );
}

#[test]
fn sto_orientations_are_kept_as_they_are() {
    let file = samples_folder().join("opensense/myComplexTasksTrial_orientations.sto");
    let (recording, _) = read_side(&file, Side::Right).expect("imports");
    assert_eq!(recording.tracks.iter().map(|track| track.role).collect::<Vec<_>>(), [Hip, Shank, Thigh]);
    let hip = orientations(&recording, Hip);
    assert_eq!(hip.iter().map(|s| s.device_time.nanos() / 1_000_000).collect::<Vec<_>>(), [0, 10, 20, 30, 40, 50]);
    let expected =
        [0.506_488_638_633_555_4, 0.491_556_286_413_896_4, -0.535_565_390_634_635_6, 0.463_693_205_230_006_8];
    // Taken with z up: nothing is turned.
    assert!(hip[0].rotation.to_wxyz().iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9));
    assert_eq!(hip[0].free_acceleration, None);
}

#[test]
fn every_sample_is_sniffed_for_what_it_is() {
    let folder = samples_folder();
    for (path, format, seen) in [
        ("xsens-dot", "movella-dot-csv", "LFemur, LTibia, Pelvis"),
        ("xsens-dot/Pelvis_20210820_202113_836.csv", "movella-dot-csv", "LFemur, LTibia, Pelvis"),
        ("opensense", "xsens-mtw-txt", "00B42279, 00B4227D"),
        ("opensense/imuOrientations.sto", "opensim-sto", "imuOrientations.sto"),
        (
            "x-imu3",
            "x-imu3-log",
            "Left Lower Leg 64F61CB3 (UDP), Right Lower Leg 64F61B2A (UDP), pelvis 64F0EDBF (UDP)",
        ),
        ("x-imu3/pelvis 64F0EDBF (UDP)/Inertial.csv", "x-imu3-log", "pelvis 64F0EDBF (UDP)"),
    ] {
        let recognised = sniff(&folder.join(path)).expect(path);
        assert_eq!((recognised.format, recognised.confidence), (Some(format), Confidence::Certain), "{path}");
        assert_eq!(recognised.seen.join(", "), seen, "{path}");
    }
}

#[test]
fn the_same_files_give_the_same_recording() {
    let folder = samples_folder().join("xsens-dot");
    assert_eq!(read(&folder).expect("imports"), read(&folder).expect("imports"));
}

#[test]
fn the_cards_name_every_file_with_its_hash() {
    for set in ["xsens-dot", "x-imu3", "opensense"] {
        let folder = samples_folder().join(set);
        let card = fs::read_to_string(folder.join("README.md")).expect("has a card");
        let rows: Vec<(&str, &str)> = card
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.strip_suffix("` |")?.split_once("` | `"))
            .collect();
        let mut files = Vec::new();
        walk(&folder, &mut files);
        let listed = files.iter().filter(|file| !file.ends_with("README.md") && !file.ends_with("LICENSE"));
        assert_eq!(rows.len(), listed.count(), "{set}: every file is on the card");
        for (file, hash) in rows {
            assert_eq!(sha256_file(&folder.join(file)).expect(file), hash, "{set}/{file}");
        }
    }
}

fn walk(folder: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).expect("lists") {
        let path = entry.expect("reads").path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}
