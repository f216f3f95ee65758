//! `edit` and `decode` by the program: new files, the old one as it was, and numbers that follow from what was changed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use truehinge_core::{MarkerKind, Recording, SensorRole, Side, Track, TrackSamples};
use truehinge_dataset::recording::{raw_notifications, read};

fn truehinge(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_truehinge")).args(args).output().expect("the program starts")
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/formats/v1/both-legs.mcap")
}

/// What the sensors of the recording with both legs are, as `--sensor` takes it; the profile is written into this folder.
fn virtual_sensors(folder: &Path) -> [String; 2] {
    let profile = folder.join("virtual.toml");
    let text = "model = \"truehinge virtual IMU\"\naccelerometer_range_g = 8.0\ngyroscope_range_dps = 1000.0\nrate_hz = 25.0\n";
    std::fs::write(&profile, text).expect("writes");
    ["hip", "shank"].map(|role| format!("{role}={}", profile.display()))
}

/// Runs it on the recording with both legs; what came out, and what was said.
fn made(command: &str, args: &[&str]) -> (Recording, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (old, new) = (fixture(), folder.path().join("new.mcap"));
    let before = std::fs::read(&old).expect("reads");
    let (old, new) = (old.to_string_lossy().into_owned(), new.to_string_lossy().into_owned());
    let output = truehinge(&[&[command, &old, "-o", &new], args].concat());
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(std::fs::read(&old).expect("reads"), before, "the old one is never changed");
    let again = truehinge(&[&[command, &old, "-o", &new], args].concat());
    assert_eq!(again.status.code(), Some(3), "nothing is overwritten");
    (read(Path::new(&new)).expect("reads"), said, folder)
}

fn track(recording: &Recording, role: SensorRole) -> &Track {
    recording.track(role).expect("worn")
}

#[test]
fn sensors_are_exchanged_with_all_that_they_said() {
    let old = read(&fixture()).expect("reads");
    let (new, said, folder) = made("edit", &["--exchange", "hip,shank"]);
    assert!(said.contains("hip -> shank, shank -> hip"), "{said}");
    for (a, b) in [(SensorRole::Hip, SensorRole::Shank), (SensorRole::Shank, SensorRole::Hip)] {
        assert_eq!(track(&new, a).samples, track(&old, b).samples);
        assert_eq!(track(&new, a).device, track(&old, b).device);
    }
    let raw = |path: &Path| raw_notifications(path).expect("reads").into_iter().map(|(_, raw)| raw).collect::<Vec<_>>();
    assert_eq!(raw(&folder.path().join("new.mcap")), raw(&fixture()), "as they arrived");
    assert_eq!(new.markers, old.markers);
    assert_eq!(new.info.source.faults, []);
}

#[test]
fn who_and_how_long_is_put_right_and_the_note_says_from_what() {
    let old = read(&fixture()).expect("reads");
    let args = [
        "--height",
        "181",
        "--shank-length",
        "41.5",
        "--athlete",
        "P-077",
        "--protocol",
        "two-leg-hip-hinge",
        "--side",
        "right",
    ];
    let (new, _, _folder) = made("edit", &args);
    let millimetres = |measured: Option<truehinge_core::Measured<_>>| {
        measured.map(|m: truehinge_core::Measured<truehinge_core::quantity::Metres>| m.value.millimetres().round())
    };
    assert_eq!(millimetres(new.info.body.stature), Some(1810.0));
    assert_eq!(millimetres(new.info.body.shank_length), Some(415.0));
    assert_eq!(new.info.body.thigh_length, old.info.body.thigh_length, "nobody spoke of it");
    assert_eq!((new.info.athlete.as_str(), new.info.protocol.as_str()), ("P-077", "two-leg-hip-hinge"));
    assert!(new.info.source.protocol_file.is_some_and(|file| file.contains("two-leg-hip-hinge")));
    assert_eq!(new.info.stance_side, Some(Side::Right));
    assert_eq!(new.markers, old.markers, "sets on both legs know better");
    assert_eq!(new.tracks, old.tracks);
    let notes = new.info.source.notes.join("\n");
    for note in [
        "standing height: 1740.0 mm -> 1810.0 mm",
        "shank length: 428.0 mm -> 415.0 mm",
        "athlete: virtual-demo -> P-077",
    ] {
        assert!(notes.contains(note) && notes.contains("both-legs.mcap"), "{notes}");
    }
}

#[test]
fn a_cut_keeps_what_is_within_and_the_set_that_runs_there() {
    let old = read(&fixture()).expect("reads");
    let (new, _, folder) = made("edit", &["--cut", "5-25"]);
    let within = |track: &Track| {
        let TrackSamples::Inertial(samples) = &track.samples else { panic!("orientations") };
        let arrived = |seconds: f64| (5.0..25.0).contains(&seconds);
        samples.iter().filter(|s| s.arrival.is_some_and(|at| arrived(at.seconds()))).copied().collect::<Vec<_>>()
    };
    for role in [SensorRole::Hip, SensorRole::Shank] {
        assert_eq!(track(&new, role).samples, TrackSamples::Inertial(within(track(&old, role))));
    }
    assert_eq!(new.info.source.faults, [], "what was cut off is not lost");
    let kinds: Vec<(i64, &MarkerKind)> = new.markers.iter().map(|marker| (marker.at.nanos(), &marker.kind)).collect();
    let set = |side| MarkerKind::SetStart { side };
    let expected =
        [(5_000_000_000, &set(Side::Left)), (17_289_986_475, &MarkerKind::SetEnd), (19_289_986_475, &set(Side::Right))];
    assert_eq!(kinds, expected);
    let raw = |path: &Path| raw_notifications(path).expect("reads");
    assert_eq!(raw(&folder.path().join("new.mcap")), raw(&fixture()), "bytes as they arrived stay all");

    // Decoded from all bytes, what was cut off stays off; a cut of a cut keeps what is in both.
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let [hip, shank] = virtual_sensors(folder.path());
    let decode = |from: &str, to: &str| {
        let output = truehinge(&["decode", &path(from), "-o", &path(to), "--sensor", &hip, "--sensor", &shank]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    decode("new.mcap", "decoded.mcap");
    let decoded = read(&folder.path().join("decoded.mcap")).expect("reads");
    assert_eq!(decoded.tracks, new.tracks);
    edited(folder.path(), "decoded.mcap", "again.mcap", &["--cut", "0-12"]);
    decode("again.mcap", "both.mcap");
    let both = read(&folder.path().join("both.mcap")).expect("reads");
    assert_eq!(both.tracks, read(&folder.path().join("again.mcap")).expect("reads").tracks);
    let TrackSamples::Inertial(samples) = &track(&both, SensorRole::Hip).samples else { panic!("orientations") };
    let arrivals: Vec<f64> = samples.iter().filter_map(|s| Some(s.arrival?.seconds())).collect();
    // Seven seconds at 25 Hz.
    assert!(arrivals.iter().all(|at| (5.0..12.0).contains(at)) && arrivals.len() > 160, "{}", arrivals.len());
}

#[test]
fn what_cannot_be_is_refused() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (old, new) = (fixture(), folder.path().join("new.mcap"));
    let (old, new) = (old.to_string_lossy().into_owned(), new.to_string_lossy().into_owned());
    for (args, code, reason) in [
        (&[][..], 2, "required"),
        (&["--exchange", "hip,thigh"], 3, "no thigh sensor"),
        (&["--shank-length", "4.15"], 3, "shank_length is 0.0415 m"),
        (&["--cut", "400-500"], 3, "no sample is between"),
        (&["--cut", "9-3"], 2, "12.5-60"),
    ] {
        let output = truehinge(&[&["edit", &old, "-o", &new], args].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(code) && said.contains(reason), "{args:?}: {said}");
    }
    assert!(!Path::new(&new).exists());
}

#[test]
fn samples_made_anew_by_the_same_driver_are_the_same_bit_for_bit() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let sensors = virtual_sensors(folder.path());
    let (new, said, _folder) = made("decode", &["--sensor", &sensors[0], "--sensor", &sensors[1]]);
    let old = read(&fixture()).expect("reads");
    assert!(said.contains("hip: 1000 samples, 1000 before, 1000 of them the same"), "{said}");
    assert_eq!((&new.tracks, &new.markers), (&old.tracks, &old.markers));
    assert!(new.info.source.notes.iter().any(|note| note.starts_with("decoded anew from both-legs.mcap")));
}

#[test]
fn roles_that_are_said_hold_for_recordings() {
    let old = fixture().to_string_lossy().into_owned();
    let run = |args: &[&str]| truehinge(&[&["analyze", &old], args].concat());
    let plain = run(&[]).stdout;
    let swapped = run(&["--role", "virtual-hip=shank", "--role", "shank=hip"]);
    assert!(swapped.status.code().is_some() && swapped.stdout != plain);
    let folder = tempfile::tempdir().expect("temporary folder");
    let new = folder.path().join("new.mcap").to_string_lossy().into_owned();
    assert!(truehinge(&["edit", &old, "-o", &new, "--exchange", "hip,shank"]).status.success());
    let exchanged = truehinge(&["analyze", &new]);
    assert_eq!(swapped.stdout, exchanged.stdout, "said or written, it is the same");
    let refused = run(&["--role", "nobody=hip"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("0 sensors are called nobody"));
}

/// Columns of the sessions that a batch of the folder counts.
fn counted(folder: &Path, columns: &[&str]) -> (Vec<Vec<String>>, String) {
    let out = tempfile::tempdir().expect("temporary folder");
    let output = truehinge(&["--no-progress", "batch", &folder.to_string_lossy(), "-o", &out.path().to_string_lossy()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let table = std::fs::read_to_string(out.path().join("sessions.csv")).expect("reads");
    let mut lines = table.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let at = |name: &&str| header.iter().position(|column| column == name).unwrap_or_else(|| panic!("{name}"));
    let mut rows: Vec<Vec<String>> =
        lines.map(|row| columns.iter().map(|name| row[at(name)].clone()).collect()).collect();
    rows.sort();
    (rows, said)
}

/// Makes `name` from `from` in the folder.
fn edited(folder: &Path, from: &str, name: &str, changes: &[&str]) {
    let [from, to] = [from, name].map(|name| folder.join(name).to_string_lossy().into_owned());
    let output = truehinge(&[&["edit", &from, "-o", &to], changes].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_was_put_right_counts_instead_of_what_it_was_made_from() {
    let folder = tempfile::tempdir().expect("temporary folder");
    std::fs::copy(fixture(), folder.path().join("a.mcap")).expect("copies");
    edited(folder.path(), "a.mcap", "with-height.mcap", &["--height", "160"]);
    let (rows, said) = counted(folder.path(), &["stature_mm"]);
    assert_eq!(rows, [["1600.00"]], "{said}");
    assert!(said.contains("a.mcap") && said.contains("with-height.mcap was made from it"), "{said}");
    // Put right once more: the last one counts, and whose it is says the last one.
    edited(folder.path(), "with-height.mcap", "and-athlete.mcap", &["--athlete", "P-7", "--exchange", "hip,shank"]);
    edited(folder.path(), "and-athlete.mcap", "and-back.mcap", &["--exchange", "hip,shank"]);
    assert_eq!(counted(folder.path(), &["stature_mm", "athlete_id"]).0, [["1600.00", "P-7"]]);
    let from = folder.path().to_string_lossy().into_owned();
    let out = folder.path().join("reports").to_string_lossy().into_owned();
    let before = read(&fixture()).expect("reads").info.athlete;
    let report = |who: &str| truehinge(&["--no-progress", "report", who, "--from", &from, "--out", &out]).status.code();
    assert_eq!((report("P-7"), report(before.as_str())), (Some(0), Some(4)));
}

#[test]
fn parts_of_a_recording_that_share_no_time_all_count() {
    let folder = tempfile::tempdir().expect("temporary folder");
    std::fs::copy(fixture(), folder.path().join("a.mcap")).expect("copies");
    let last = truehinge_core::HostTime::seconds;
    let end = read(&fixture()).expect("reads").markers.last().map_or(0.0, |marker| last(marker.at));
    let half = format!("{:.3}", end / 2.0);
    edited(folder.path(), "a.mcap", "left.mcap", &["--cut", &format!("0-{half}")]);
    edited(folder.path(), "a.mcap", "right.mcap", &["--cut", &format!("{half}-1000")]);
    let (rows, said) = counted(folder.path(), &["source_files", "session"]);
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["left.mcap", "right.mcap"], "{said}");
    assert_ne!(rows[0][1], rows[1][1], "each has a name of its own");
}
