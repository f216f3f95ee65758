//! Who is who, and when, in recordings off the air.

use std::fs;
use std::io::{pipe, read_to_string};
use std::process::{Command, Stdio};

use serde_json::Value;
use truehinge_core::AthleteId;
use truehinge_tests::recording::{HIP, SHANK, two_sensors};
use truehinge_tests::{program, run, words};

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn a_recording_keeps_every_letter_and_the_clock_on_the_wall_and_goes_on_when_nobody_reads() {
    let (bus, _bluez) = two_sensors();
    let folder = tempfile::tempdir().expect("temporary folder");
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    let mut child = Command::new(program())
        .args(["record", "--headless", "--athlete", "選手/14", "--side", "left", "--duration", "4"])
        .args(["--hip", HIP, "--shank", SHANK, "--out"])
        .arg(folder.path())
        // Nepal's clocks are ahead by hours and minutes; a zone of its own needs no files of zones.
        .env("TZ", "<+0545>-5:45")
        .env("DBUS_SYSTEM_BUS_ADDRESS", bus.address())
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let said = child.stderr.take().map(|stderr| read_to_string(stderr).expect("words")).unwrap_or_default();
    assert_eq!(child.wait().expect("ends").code(), Some(0), "{said}");
    assert!(said.contains("athlete \"選手/14\" is written as 14-") && !said.contains("panicked"), "{said}");

    let paths = fs::read_dir(folder.path()).expect("lists").flatten().map(|entry| entry.path());
    let path = paths.into_iter().find(|path| path.extension().is_some_and(|end| end == "mcap")).expect("a recording");
    let output = run(&["analyze", "--json", &path.to_string_lossy()]);
    let analysis: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", words(&output)));
    let info = &analysis["info"];
    assert_eq!(
        (info["athlete_id"].as_str(), info["utc_offset_min"].as_f64()),
        (Some("選手/14"), Some(345.0)),
        "{info}"
    );
    let sensors = analysis["sensors"].as_array().expect("sensors");
    assert!(sensors.len() == 2 && sensors.iter().all(|s| s["samples"].as_u64() > Some(200)), "it went on: {sensors:?}");
    // The session is called after the clock on the wall: 2026-10-02T03:47:15.9 is 20261002-034715.
    let local = info["start_local"].as_str().expect("a local time").split('.').next().unwrap_or_default();
    let session = local.replace(['-', ':'], "").replace('T', "-");
    assert_eq!(info["session"].as_str(), Some(session.as_str()));
    let athlete = AthleteId::new("選手/14").expect("an id").file_name();
    assert_eq!(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()), Some(format!("{athlete}_{session}")));
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn what_a_card_says_is_used_by_a_recording_off_the_air() {
    let (bus, _bluez) = two_sensors();
    let library = tempfile::tempdir().expect("temporary folder");
    let named = library.path().to_string_lossy().into_owned();
    let added = run(&["--library", &named, "athlete", "add", "P-014", "--height", "178"]);
    assert_eq!(added.status.code(), Some(0), "{}", words(&added));
    // Nobody says how tall the athlete is, nor where recordings go: the library knows both.
    let recorded = Command::new(program())
        .args(["--library", &named, "record", "--headless", "--athlete", "P-014", "--side", "left", "--duration", "4"])
        .args(["--hip", HIP, "--shank", SHANK])
        .env("DBUS_SYSTEM_BUS_ADDRESS", bus.address())
        .output()
        .expect("the program starts");
    assert_eq!(recorded.status.code(), Some(0), "{}", words(&recorded));
    let paths = fs::read_dir(library.path().join("recordings")).expect("lists").flatten().map(|entry| entry.path());
    let path = paths.into_iter().find(|path| path.extension().is_some_and(|end| end == "mcap")).expect("a recording");
    let output = run(&["analyze", "--json", &path.to_string_lossy()]);
    let analysis: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", words(&output)));
    let facts = analysis["provenance"]["facts"].as_array().expect("facts");
    let stature = facts.iter().find(|fact| fact["fact"] == "stature_mm").expect("is known");
    assert!(stature["value"] == 1780.0 && stature["from"] == "card", "{stature}");
}
