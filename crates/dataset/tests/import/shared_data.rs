//! All recordings beside the repository: their readmes' counts are the expected values.

use std::fs;

use truehinge_core::{ClockKind, Explained, OrientationSample, SensorRole, Side};
use truehinge_dataset::import::{Mapping, import, sniff};
use truehinge_dataset::{ImportOptions, discover};

use crate::{inertial, lost, orientations, read, read_side, root, shared, with_roles};

use SensorRole::{Hip, Shank, Thigh};

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn all_dot_sensors_lose_what_their_readme_says() {
    let folder = shared("data/vendor/xsens_dot_allwillcome/Original_XsensDot_Data_Realtime");
    let (left, _) = read_side(&folder, Side::Left).expect("imports");
    assert_eq!((lost(&left, Hip).0, lost(&left, Shank).0, lost(&left, Thigh)), (0, 0, (157, 138)));
    let (right, _) = read_side(&folder, Side::Right).expect("imports");
    assert!([Hip, Shank, Thigh].iter().all(|role| lost(&right, *role).0 == 0));
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn the_dot_author_s_own_conversion_reads_the_same_orientations() {
    let folder = shared("data/vendor/xsens_dot_allwillcome");
    let (original, _) = read_side(&folder.join("Original_XsensDot_Data_Realtime"), Side::Left).expect("imports");
    let (converted, _) = read_side(&folder.join("Transformed_XsensDot_Data_RealTime"), Side::Left).expect("imports");
    let (a, b) = (orientations(&original, Hip), orientations(&converted, Hip));
    assert_eq!(a.len(), b.len());
    // The author turned the axes of both frames, so what can agree is how far the sensor turned since the first sample.
    let turned = |samples: &[OrientationSample], i: usize| {
        samples[0].rotation.quaternion().angle_to(&samples[i].rotation.quaternion())
    };
    let apart = (0..a.len()).map(|i| (turned(a, i) - turned(b, i)).abs()).fold(0.0, f64::max);
    // Their matrices carry six digits.
    assert!(apart < 1e-4, "{apart}");
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn a_sto_file_holds_the_maker_s_own_orientations() {
    let folder = shared("data/vendor/opensense");
    let roles = with_roles(&[("00B42279", Hip), ("00B4227D", Shank)]);
    let (maker, _) = import(&folder.join("mtw"), &roles).expect("imports");
    let (sto, _) = read_side(&folder.join("sto/walking_orientations.sto"), Side::Right).expect("imports");
    for role in [Hip, Shank] {
        let pairs = orientations(&maker, role).iter().zip(orientations(&sto, role));
        let apart = pairs.map(|(a, b)| a.rotation.quaternion().angle_to(&b.rotation.quaternion())).fold(0.0, f64::max);
        // Six digits of a matrix against quaternions made from them.
        assert!(apart < 1e-4, "{role}: {apart}");
    }
    let error = read_side(&folder.join("sto/placement_orientations.sto"), Side::Right).expect_err("one row").in_full();
    assert!(error.ends_with("1 rows of data, a recording needs at least 2: export it again"), "{error}");
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn metabase_pairs_keep_both_rates() {
    let folder = shared("data/vendor/metamotion");
    let options = with_roles(&[("C42732BE255C", Hip)]);
    let sources = discover(&folder, &options).expect("lists");
    assert_eq!(sources.len(), 2, "two sessions in one folder");
    let several = import(&folder, &options).expect_err("two sessions").in_full();
    assert!(several.contains("the files of 2 sessions (A-squat-heavy, E-rest-standing)"), "{several}");
    for (source, (session, forces, rates)) in
        sources.iter().zip([("A-squat-heavy", 256, 518), ("E-rest-standing", 498, 1002)])
    {
        let (recording, report) = import(source, &options).expect("imports");
        let samples = inertial(&recording, Hip);
        let count = |keep: fn(&truehinge_core::InertialSample) -> bool| samples.iter().filter(|s| keep(s)).count();
        assert_eq!(recording.info.session.as_str(), session);
        assert_eq!(count(|s| s.specific_force.is_finite()), forces);
        assert_eq!(count(|s| s.angular_rate.is_finite()), rates);
        assert!(samples.is_sorted_by_key(|s| s.device_time));
        let sensor = &report.sensors[0];
        assert!(sensor.seen_hz.is_some_and(|hz| (hz - 12.5).abs() < 0.01), "{sensor}");
        assert!(sensor.gyroscope_hz.is_some_and(|hz| (hz - 25.0).abs() < 0.01), "{sensor}");
        assert!(recording.info.start_utc_ns.is_some_and(|start| start % 1_000_000 == 0));
    }
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn x_imu3_lower_body_has_unequal_lengths() {
    let folder = shared("data/vendor/ximu3_lower_body/logged_lower_body");
    let (recording, report) = read_side(&folder, Side::Left).expect("imports");
    let lengths = [Hip, Shank, Thigh].map(|role| inertial(&recording, role).len());
    assert_eq!(lengths, [900, 911, 920]);
    assert!(recording.tracks.iter().all(|track| track.clock == ClockKind::Shared), "{report}");
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn a_single_x_io_table_needs_a_role() {
    let file = shared("data/vendor/fusion_sensor_data/Examples/Python/sensor_data.csv");
    let error = read(&file).expect_err("no role").in_full();
    assert!(error.contains("the names do not say which sensor is which (sensor_data)"), "{error}");
    let (recording, report) = import(&file, &with_roles(&[("sensor_data", Hip)])).expect("one sensor, asked for");
    assert!(report.sensors[0].seen_hz.is_some_and(|hz| (hz - 99.2).abs() < 0.5), "{report}");
    assert_eq!(recording.tracks[0].clock, ClockKind::Device);
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn squats_through_their_mapping_have_the_offsets_their_readme_says() {
    let folder = shared("data/squat3imu");
    let mapping = Mapping::read(&root().join("datasets/mappings/squat3imu.toml")).expect("reads");
    let options = ImportOptions { mapping: Some(mapping), ..ImportOptions::default() };
    let sources = discover(&folder, &options).expect("lists");
    assert_eq!(sources.len(), 30);
    let mut gaps = 0;
    for source in &sources {
        let (recording, report) = import(source, &options).unwrap_or_else(|error| panic!("{error}"));
        gaps += lost(&recording, Hip).1;
        assert!(report.sensors.iter().all(|s| s.seen_hz.is_some_and(|hz| (hz - 111.1).abs() < 0.1)), "{report}");
        assert!(report.warnings.iter().any(|w| w.starts_with("shank: gravity reads")), "{report}");
        assert!(recording.info.athlete.as_str().starts_with("subject"));
    }
    assert!(gaps > 0);
    let (first, _) = import(&sources[0], &options).expect("imports");
    assert_eq!((first.info.session.as_str(), first.info.athlete.as_str()), ("class0-subject1_set1", "subject1"));
    assert_eq!(inertial(&first, Hip)[0].device_time.nanos(), 1_056_964_000_000);
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn cmu_exercises_through_their_mapping() {
    let folder = shared("data/cmu_exercise");
    let mapping = Mapping::read(&root().join("datasets/mappings/cmu_exercise.toml")).expect("reads");
    let options = ImportOptions { mapping: Some(mapping), ..ImportOptions::default() };
    let sources = discover(&folder, &options).expect("lists");
    let files = |part: &str| sources.iter().filter(|path| path.to_string_lossy().contains(part)).count();
    assert_eq!((files("/optical/"), files("/imu/")), (0, sources.len()), "optical files have other columns");
    assert!(sources.len() > 8);
    for source in &sources {
        let (recording, report) = import(source, &options).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(recording.info.stance_side, Some(Side::Right));
        assert!(report.sensors.iter().all(|s| s.seen_hz.is_some_and(|hz| (hz - 100.0).abs() < 0.5)), "{report}");
    }
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn every_bench_session_opens() {
    let folder = shared("bench/opensim-hinge/dataset/dev");
    let sources = discover(&folder, &ImportOptions::default()).expect("lists");
    let sessions = fs::read_dir(&folder).expect("lists").count();
    assert_eq!(sources.len(), sessions);
    for source in &sources {
        assert_eq!(sniff(source).expect("is known").format, Some("opensim-bench"));
        let (recording, report) = read(source).unwrap_or_else(|error| panic!("{error}"));
        assert!(recording.tracks.len() >= 2 && recording.info.stance_side.is_some());
        for (track, sensor) in recording.tracks.iter().zip(&report.sensors) {
            assert!(inertial(&recording, track.role).is_sorted_by_key(|s| s.device_time));
            assert!(sensor.gravity.is_some_and(|g| (g - 9.81).abs() < 1.0), "{sensor}");
            let (seen, set) = (sensor.seen_hz.expect("has a rate"), sensor.nominal_hz.expect("says it"));
            assert!((seen / set - 1.0).abs() < 0.05, "{sensor}");
        }
    }
}
