//! The program as people use it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
#[cfg(unix)]
use std::{
    process::{Command, Stdio},
    time::Duration,
};

use truehinge_tests::study::{Length, Study};
use truehinge_tests::{root, run, shared, words};

/// Every file below a folder with its bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("lists") {
        let path = entry.expect("entry").path();
        let name = path.file_name().expect("named").to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(contents(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, fs::read(&path).expect("reads"));
        }
    }
    found
}

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let header = reader.headers().expect("a header").clone();
    reader
        .records()
        .map(|row| header.iter().map(str::to_owned).zip(row.expect("a row").iter().map(str::to_owned)).collect())
        .collect()
}

#[test]
fn the_demo_judges_right_and_gives_the_same_bytes_twice() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = |name: &str| folder.path().join(name);
    for name in ["one", "two"] {
        let output = run(&["demo", "--no-progress", "--out", &out(name).to_string_lossy()]);
        assert!(output.status.success(), "{}", words(&output));
    }
    let (one, two) = (contents(&out("one")), contents(&out("two")));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(bytes == &two[name], "{name} differs");
    }
    assert!(one.contains_key("demo.mcap"));
    assert!(one["virtual-demo_2026-01-01_demo_report.pdf"].starts_with(b"%PDF"));

    let reps = rows(&out("one").join("demo/reps.csv"));
    // One was broken off, and who cannot tell counts it without a verdict.
    let whole = reps.iter().filter(|row| row["reason_code"] != "perhaps_broken_off");
    let labels: Vec<&str> = whole.map(|row| row["label"].as_str()).collect();
    assert_eq!(reps.len(), 11);
    assert_eq!(labels.len(), 10, "{labels:?}");
    // What truly happened: a verdict may be withheld, but none may be wrong.
    let truth = ["true_hinge", "true_hinge", "knee_forward_drift", "true_hinge", "insufficient_hip_travel"]
        .into_iter()
        .chain(["true_hinge", "true_hinge", "true_hinge", "knee_forward_drift", "true_hinge"]);
    for (found, truth) in labels.iter().zip(truth) {
        assert!(*found == truth || *found == "indeterminate", "{labels:?}");
    }
    assert!(labels.iter().filter(|label| **label == "indeterminate").count() <= 2, "{labels:?}");
    assert_eq!(labels.iter().filter(|label| **label == "knee_forward_drift").count(), 2);
}

#[test]
fn the_demo_leaves_other_peoples_files_alone() {
    let folder = tempfile::tempdir().expect("temporary folder");
    fs::write(folder.path().join("thesis.txt"), "mine").expect("writes");
    let output = run(&["demo", "--no-progress", "--out", &folder.path().to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    assert!(words(&output).contains("thesis.txt, which no demo wrote"), "{}", words(&output));
    assert_eq!(fs::read(folder.path().join("thesis.txt")).expect("there"), b"mine");
}

#[test]
fn what_was_put_beside_a_demo_is_not_swept_away() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let demo = || run(&["demo", "--no-progress", "--out", &folder.path().to_string_lossy()]);
    assert_eq!(demo().status.code(), Some(0));
    assert_eq!(demo().status.code(), Some(0), "its own files are replaced");
    let corrections = folder.path().join("demo.mcap.corrections.json");
    fs::write(&corrections, "by hand").expect("writes");
    let output = demo();
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    assert!(words(&output).contains("demo.mcap.corrections.json"), "{}", words(&output));
    assert_eq!(fs::read(corrections).expect("there"), b"by hand");
    assert!(folder.path().join("demo.mcap").is_file(), "nothing else is removed either");
}

#[test]
fn one_broken_file_never_stops_a_batch_and_threads_change_nothing() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let demo = folder.path().join("demo");
    assert!(run(&["demo", "--no-progress", "--out", &demo.to_string_lossy()]).status.success());
    let data = folder.path().join("data");
    fs::create_dir_all(data.join("deep")).expect("creates");
    fs::copy(demo.join("demo.mcap"), data.join("deep/good.mcap")).expect("copies");
    let whole = fs::read(demo.join("demo.mcap")).expect("reads");
    fs::write(data.join("cut.mcap"), &whole[..whole.len() / 2]).expect("writes");
    fs::write(data.join("empty.mcap"), b"").expect("writes");
    fs::write(data.join("notes.md"), b"not a recording").expect("writes");
    let batch = |jobs: &str, name: &str| {
        let out = folder.path().join(name);
        let output =
            run(&["batch", &data.to_string_lossy(), "-o", &out.to_string_lossy(), "-j", jobs, "--no-progress"]);
        assert_eq!(output.status.code(), Some(3), "{}", words(&output));
        contents(&out)
    };
    let (one, two) = (batch("1", "out1"), batch("2", "out2"));
    assert!(one == two, "tables depend on the number of threads");
    for table in [
        "athletes",
        "sides",
        "sessions",
        "sets",
        "reps",
        "reps_long",
        "budgets",
        "evidence",
        "curves",
        "events",
        "quality",
    ] {
        // As text the curves are fifty times as large: only who asks for them gets them.
        assert_eq!(one.contains_key(&format!("{table}.csv")), table != "curves", "{table}");
        assert!(one.contains_key(&format!("{table}.parquet")), "{table}");
    }
    assert!(one.contains_key("data_dictionary.csv"));
    let failures = rows(&folder.path().join("out1/failures.csv"));
    assert_eq!(failures.len(), 2, "{failures:?}");
    assert!(failures[0]["source"].contains("cut.mcap") && failures[0]["reason"].contains("truehinge recover"));
    assert!(failures[1]["source"].contains("empty.mcap") && failures[1]["reason"].contains("not a recording"));
    assert_eq!(rows(&folder.path().join("out1/reps.csv")).len(), 11);
}

/// Interrupts a batch at different moments: there are either all tables or none, and none is half written.
#[cfg(unix)]
#[test]
fn an_interrupted_batch_leaves_whole_files_only() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let demo = folder.path().join("demo");
    assert!(run(&["demo", "--no-progress", "--out", &demo.to_string_lossy()]).status.success());
    let data = folder.path().join("data");
    fs::create_dir_all(&data).expect("creates");
    for number in 0..40 {
        fs::copy(demo.join("demo.mcap"), data.join(format!("{number}.mcap"))).expect("copies");
    }
    let mut codes = Vec::new();
    for milliseconds in [100, 400, 60_000] {
        let out = folder.path().join(format!("out{milliseconds}"));
        let arguments = ["batch", &data.to_string_lossy(), "-o", &out.to_string_lossy(), "--no-progress"];
        let mut batch = truehinge_tests::start(&arguments);
        for _ in 0..milliseconds / 5 {
            if batch.try_wait().expect("waits").is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = Command::new("kill").args(["-INT", &batch.id().to_string()]).stderr(Stdio::null()).status();
        codes.push(batch.wait().expect("ends").code());
        let files = if out.exists() { contents(&out) } else { BTreeMap::new() };
        match codes.last() {
            Some(Some(0)) => assert!(files.contains_key("reps.parquet"), "{:?}", files.keys()),
            // Before the handler is set, the signal itself ends the program.
            // Results stay for the next run, each of them whole, and the folder says that it is not finished.
            Some(code @ (Some(130) | None)) => {
                let is_result = |name: &String| name.starts_with(".results/") && name.ends_with(".result");
                let is_mark = |name: &String| name == "UNFINISHED.txt";
                // Killed, it could not tidy up.
                let is_left = |name: &String| code.is_none() && name.starts_with(".results/.");
                let is_known = |name: &String| is_result(name) || is_mark(name) || is_left(name);
                assert!(files.keys().all(is_known), "{:?}", files.keys());
            }
            other => panic!("ended with {other:?}"),
        }
        for (name, bytes) in &files {
            match Path::new(name).extension().and_then(|extension| extension.to_str()) {
                Some("parquet") => assert!(bytes.ends_with(b"PAR1"), "{name} is cut"),
                Some("csv") => assert!(bytes.ends_with(b"\n"), "{name} is cut"),
                other => assert_ne!(other, Some("part"), "{name} was left"),
            }
        }
    }
    assert!(codes.contains(&Some(130)), "never interrupted: {codes:?}");
    assert_eq!(codes.last(), Some(&Some(0)), "an undisturbed batch ends well");
}

#[test]
fn recover_brings_back_a_cut_recording() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let demo = folder.path().join("demo");
    assert!(run(&["demo", "--no-progress", "--out", &demo.to_string_lossy()]).status.success());
    let whole = fs::read(demo.join("demo.mcap")).expect("reads");
    let cut = folder.path().join("cut.unfinished.mcap");
    fs::write(&cut, &whole[..whole.len() * 9 / 10]).expect("writes");
    let output = run(&["recover", &cut.to_string_lossy()]);
    assert!(output.status.success(), "{}", words(&output));
    let recovered = folder.path().join("cut.recovered.mcap");
    let output = run(&["explain", &recovered.to_string_lossy()]);
    assert!(output.status.success() && words(&output).contains("true hinge"), "{}", words(&output));
}

#[test]
fn a_table_nobody_knows_gets_a_mapping_that_works_once_checked() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut text = String::from(
        "time,hip_ax,hip_ay,hip_az,hip_gx,hip_gy,hip_gz,shin_ax,shin_ay,shin_az,shin_gx,shin_gy,shin_gz,mood\n",
    );
    for i in 0..600 {
        let t = f64::from(i) * 0.01;
        let wave = (t * 3.0).sin() * 30.0;
        text.push_str(&format!(
            "{t:.2},0.01,1.0,0.02,{wave:.2},0.1,0.2,0.02,0.99,0.01,{:.2},0.1,0.2,fine\n",
            wave / 3.0
        ));
    }
    let table = folder.path().join("unknown.csv");
    fs::write(&table, text).expect("writes");
    let out = folder.path().join("out");
    let output = run(&["import", &table.to_string_lossy(), "-o", &out.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(3), "{}", words(&output));
    let mapping = out.join("unknown.mapping.toml");
    let toml = fs::read_to_string(&mapping).expect("a mapping was written");
    assert!(toml.contains("acc_unit = \"g\"") && toml.contains("gyr_unit = \"deg/s\""), "{toml}");
    assert!(toml.contains("role = \"hip\"") && toml.contains("role = \"shank\""), "{toml}");
    let output = run(&[
        "import",
        &table.to_string_lossy(),
        "-o",
        &out.to_string_lossy(),
        "--mapping",
        &mapping.to_string_lossy(),
    ]);
    assert!(output.status.success(), "{}", words(&output));
    assert!(words(&output).contains("gravity 9.8"), "{}", words(&output));
    // At the top of the study it holds for all its tables: nobody gives it.
    fs::copy(&mapping, folder.path().join("truehinge-mapping.toml")).expect("copies");
    for command in [&["inspect"][..], &["import", "--dry-run", "-o", "other"]] {
        let output = run(&[command, &[&table.to_string_lossy()]].concat());
        assert!(output.status.success(), "{}", words(&output));
        assert!(words(&output).contains("100"), "{}", words(&output));
    }
}

#[test]
fn bad_files_are_refused_with_their_name_and_what_to_do() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let good = "epoch (ms),time (01:00),elapsed (s),x-axis (g),y-axis (g),z-axis (g)\n";
    let xio = "Timestamp (us),Gyroscope X (deg/s),Gyroscope Y (deg/s),Gyroscope Z (deg/s),Accelerometer X (g),Accelerometer Y (g),Accelerometer Z (g)\n";
    let nan = format!("{xio}{}", "1,,,,,,\n2,,,,,,\n3,,,,,,\n");
    let back = format!("{xio}10,0,0,0,0,0,1\n20,0,0,0,0,0,1\n15,0,0,0,0,0,1\n");
    let word = format!("{xio}10,0,0,0,0,0,1\n20,0,zero,0,0,0,1\n");
    let ragged = format!("{xio}10,0,0,0,0,0,1\n20,0,0\n");
    let mut units = xio.to_owned();
    (0..300).for_each(|i| units.push_str(&format!("{},0,0,0,0,0,9.81{}\n", i * 10_000, i * i % 97)));
    let still =
        format!("{xio}{}", (0..300).map(|i| format!("{},0,0,0,0,0,1\n", i * 10_000)).collect::<Vec<_>>().concat());
    for (name, content, needle) in [
        ("empty.csv", "", "rows of data"),
        ("picture.csv", "\u{89}PNG\r\n\u{1a}\n\0\0", "not a text file"),
        ("header.csv", xio, "rows of data"),
        ("one.csv", &format!("{xio}1,0,0,0,0,0,1\n"), "rows of data"),
        ("nan.csv", &nan, "no usable value"),
        ("back.csv", &back, "line 4"),
        ("word.csv", &word, "line 3"),
        ("ragged.csv", &ragged, "cut off"),
        ("units.csv", &units, "correct the unit"),
        ("still.csv", &still, "says the same in all its 300 rows"),
        ("pair_Accelerometer.csv", good, "belongs to it is missing"),
        ("strange.csv", "a,b,c\n1,2,3\n", "mapping"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("writes");
        let output = run(&[
            "import",
            "--dry-run",
            "--role",
            &format!("{}=hip", name.trim_end_matches(".csv")),
            &path.to_string_lossy(),
        ]);
        let said = words(&output);
        assert_eq!(output.status.code(), Some(3), "{name}: {said}");
        assert!(said.contains(name) && said.contains(needle), "{name}: {said}");
        assert!(!said.contains("panicked"), "{name}: {said}");
    }
    let huge = folder.path().join("zeros.csv");
    fs::File::create(&huge).expect("creates").set_len(2_000_000_000).expect("sparse");
    let said = words(&run(&["import", &huge.to_string_lossy()]));
    assert!(said.contains("zeros.csv") && said.contains("not a text file"), "{said}");
}

#[test]
fn one_sensor_alone_is_named_as_missing() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut text = String::from(
        "Time (s),Gyroscope X (deg/s),Gyroscope Y (deg/s),Gyroscope Z (deg/s),Accelerometer X (g),Accelerometer Y (g),Accelerometer Z (g)\n",
    );
    (0..500).for_each(|i| text.push_str(&format!("{:.2},0,0,0,0,0,1\n", f64::from(i) * 0.01)));
    let path = folder.path().join("pelvis.csv");
    fs::write(&path, text).expect("writes");
    let output = run(&["analyze", &path.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(3));
    assert!(words(&output).contains("there is no shank sensor"), "{}", words(&output));
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn a_bench_session_is_analysed_into_the_scorers_columns() {
    let session = shared("bench/opensim-hinge/dataset/dev/S004");
    let folder = tempfile::tempdir().expect("temporary folder");
    let output = run(&["analyze", &session.to_string_lossy(), "-o", &folder.path().to_string_lossy()]);
    assert!(output.status.success(), "{}", words(&output));
    let reps = rows(&folder.path().join("S004/reps.csv"));
    assert_eq!(reps.len(), 5);
    for column in [
        "start_s",
        "turn_s",
        "end_s",
        "knee_forward_mm",
        "hip_back_mm",
        "shank_tilt_deg",
        "pelvis_tilt_deg",
        "knee_flexion_deg",
    ] {
        assert!(reps.iter().all(|row| row[column].parse::<f64>().is_ok()), "{column}");
    }
    assert!(reps.iter().all(|row| !row["label"].is_empty()));
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn real_exports_of_other_makers_come_in() {
    let data = shared("data/vendor");
    let dry = |path: &str, more: &[&str]| {
        let path = data.join(path);
        let mut args = vec!["import", "--dry-run"];
        args.extend_from_slice(more);
        let text = path.to_string_lossy().into_owned();
        args.push(&text);
        let output = run(&args);
        assert!(output.status.success(), "{text}: {}", words(&output));
        words(&output)
    };
    let dot = dry("xsens_dot_allwillcome/Original_XsensDot_Data_Realtime", &["--side", "left"]);
    assert!(dot.contains("thigh") && dot.contains("157 lost in 138 gaps"), "{dot}");
    let ximu3 = dry("ximu3_lower_body/logged_lower_body", &["--side", "right"]);
    assert!(ximu3.contains("x-IMU3") && ximu3.contains("hip") && ximu3.contains("shank"), "{ximu3}");
    let metabase = dry("metamotion", &["--role", "E-rest=hip", "--role", "A-squat=shank"]);
    assert!(metabase.contains("two rates"), "{metabase}");
    let mtw = dry("opensense/mtw", &["--role", "00B421EF=hip", "--role", "00B421E6=shank"]);
    assert!(mtw.contains("MTw") && mtw.contains("orientation"), "{mtw}");
    let sto = dry("opensense/sto/imuOrientations.sto", &["--side", "right"]);
    assert!(sto.contains("OpenSim storage"), "{sto}");
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn the_mappings_we_ship_read_the_files_they_are_for() {
    let data = shared("data");
    for (mapping, file, sensors) in [
        ("squat3imu.toml", "squat3imu/class0/subject1_set1.csv", 3),
        ("cmu_exercise.toml", "cmu_exercise/imu/DeclineSq/DeclineSq_01_rep2.csv", 3),
    ] {
        let mapping = root().join("datasets/mappings").join(mapping);
        let file = data.join(file);
        let output = run(&["import", "--dry-run", "--mapping", &mapping.to_string_lossy(), &file.to_string_lossy()]);
        assert!(output.status.success(), "{}", words(&output));
        assert_eq!(words(&output).matches("sensor:").count(), sensors, "{}", words(&output));
    }
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn swapped_sensors_are_noticed() {
    let session = shared("bench/opensim-hinge/dataset/dev/S011");
    let folder = tempfile::tempdir().expect("temporary folder");
    for (from, to) in [("meta.json", "meta.json"), ("hip.csv", "shank.csv"), ("shank.csv", "hip.csv")] {
        fs::copy(session.join(from), folder.path().join(to)).expect("copies");
    }
    let swapped = run(&["analyze", &folder.path().to_string_lossy()]);
    assert!(words(&swapped).contains("probably swapped"), "{}", words(&swapped));
    let right = run(&["analyze", &session.to_string_lossy()]);
    assert!(!words(&right).contains("swapped"), "{}", words(&right));
}

/// A disk of its own, so small that it fills.
#[cfg(target_os = "linux")]
struct Disk(tempfile::TempDir);

#[cfg(target_os = "linux")]
impl Disk {
    fn of(size: &str) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", size, "tmpfs"]).arg(folder.path()).status().expect("runs");
        assert!(mounted.success(), "cannot be mounted");
        Self(folder)
    }
}

#[cfg(target_os = "linux")]
impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

/// Wherever a disk is full, results or tables, the run says so with a code of its own, keeps what is done, and goes on when there is space.
#[cfg(target_os = "linux")]
#[test]
#[cfg_attr(not(has_mounts), ignore = "needs the right to mount")]
fn a_full_disk_keeps_what_is_done_and_the_next_run_does_the_rest() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (data, study) = (folder.path().join("data"), Study::new(8, Length::Usual));
    for number in 0..8 {
        study.write(&data, number).expect("writes");
    }
    let batch = |out: &Path| {
        let args = ["batch", &data.to_string_lossy(), "-o", &out.to_string_lossy(), "--no-progress", "--json"];
        let output = run(&args);
        let printed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("an object");
        (output.status.code(), printed)
    };
    let whole = folder.path().join("whole");
    assert_eq!(batch(&whole).0, Some(0));
    // Room for some results; for all of them and some tables.
    for (size, fewest) in [("size=100k", 1), ("size=340k", 8)] {
        let disk = Disk::of(size);
        let out = disk.0.path().join("out");
        let (code, printed) = batch(&out);
        assert_eq!((code, printed["error"]["code"].as_str()), (Some(3), Some("disk_full")), "{size}: {printed}");
        let names = contents(&out);
        assert!(names.contains_key("UNFINISHED.txt") && !names.contains_key("sessions.csv"), "{size}");
        let kept = names.keys().filter(|name| Path::new(name).extension().is_some_and(|it| it == "result")).count();
        assert!(kept >= fewest, "{size}: {kept}");
        let larger = Command::new("mount").args(["-o", "remount,size=64m"]).arg(disk.0.path()).status();
        assert!(larger.expect("runs").success());
        let (code, printed) = batch(&out);
        assert_eq!((code, printed["n_from_results"].as_u64()), (Some(0), Some(kept as u64)), "{size}");
        assert!(contents(&whole).iter().all(|(name, bytes)| contents(&out)[name] == *bytes), "{size}");
    }
}

#[test]
fn files_that_belong_together_are_named_one_by_one_and_are_no_copies() {
    let sample = |name: &str| root().join("datasets/samples/xsens-dot").join(name).to_string_lossy().into_owned();
    let (pelvis, tibia) = (sample("Pelvis_20210820_202113_836.csv"), sample("LTibia_20210820_202113_811.csv"));
    let output = run(&["inspect", "--json", "--no-progress", &pelvis, &tibia]);
    let said = String::from_utf8(output.stdout).expect("is UTF-8");
    let last = said.lines().last().unwrap_or_default();
    assert!(last.contains(r#""n_recordings":1,"#) && last.contains(r#""n_copies":0,"#), "{said}");
}
