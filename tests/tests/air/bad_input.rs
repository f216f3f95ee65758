//! What cannot work is said with its cause and what to do about it, and by the exit code.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use truehinge_tests::bluez::{Bluez, NusSensor, PrivateBus, Sensor};
use truehinge_tests::recording::{HIP, Live, SHANK, on_the_air, two_sensors};
use truehinge_tests::{program, words};

fn on(bus: &PrivateBus, args: &[&str]) -> Output {
    Command::new(program()).args(args).env("DBUS_SYSTEM_BUS_ADDRESS", bus.address()).output().expect("starts")
}

/// Asks for this in a folder that does not exist yet; it must stay so.
fn recorded(bus: &PrivateBus, sensors: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("recordings");
    let path = out.to_string_lossy().into_owned();
    let args = [&["record", "--headless", "--athlete", "P-014", "--side", "left", "--out", &path], sensors].concat();
    let output = on(bus, &args);
    assert!(!out.exists(), "nothing was begun");
    output
}

/// It ended with this code, and says all of this.
fn assert_said(output: &Output, code: i32, said: &[&str]) {
    let text = words(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    // Tables break their lines.
    let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in said {
        assert!(flat.contains(part), "{part} in {text}");
    }
}

fn checks(bus: &PrivateBus) -> (Option<i32>, Vec<Value>) {
    let out = tempfile::tempdir().expect("temporary folder");
    let output = on(bus, &["doctor", "--seconds", "1", "--json", "--out", &out.path().to_string_lossy()]);
    let checks: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    (output.status.code(), checks["checks"].as_array().expect("a list").clone())
}

/// The last check is the one that failed, with this name; those before it are good.
fn assert_stops_at(checks: &[Value], name: &str) {
    let (last, before) = checks.split_last().expect("some");
    assert_eq!((last["check"].as_str(), last["grade"].as_str()), (Some(name), Some("fail")), "{checks:?}");
    assert!(last["next"].as_str().is_some_and(|next| next.len() > 10), "{last}");
    assert!(before.iter().all(|check| check["grade"] == "ok"), "{checks:?}");
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn without_permission_the_program_says_how_to_get_it() {
    let bus = PrivateBus::start_forbidding_bluetooth();
    let _bluez = Bluez::start(&bus.address(), Vec::new());
    let said = ["not permitted", "group `bluetooth`"];
    assert_said(&on(&bus, &["scan", "--seconds", "1"]), 3, &said);
    assert_said(&recorded(&bus, &["--hip", HIP, "--shank", SHANK]), 3, &said);
    let (code, checks) = checks(&bus);
    assert_eq!(code, Some(3));
    assert_stops_at(&checks, "permission to use it");
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn without_an_adapter_the_program_says_that_there_is_none() {
    let (bus, bluez) = two_sensors();
    assert_said(&on(&bus, &["scan", "--seconds", "1", "--adapter", "hci7"]), 3, &["no Bluetooth adapter hci7", "hci0"]);
    bluez.unplug_adapter();
    let said = ["there is no Bluetooth adapter", "plug one in"];
    assert_said(&on(&bus, &["scan", "--seconds", "1"]), 3, &said);
    assert_said(&recorded(&bus, &["--hip", HIP, "--shank", SHANK]), 3, &said);
    let (code, checks) = checks(&bus);
    assert_eq!(code, Some(3));
    assert_stops_at(&checks, "adapter and its driver");
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn sensors_that_cannot_be_are_refused_before_anything_begins() {
    let (bus, _bluez) = two_sensors();
    assert_said(&recorded(&bus, &["--hip", "the red one"]), 2, &["\"the red one\" is no address", "truehinge scan"]);
    let twice = recorded(&bus, &["--hip", HIP, "--shank", &HIP.to_lowercase()]);
    assert_said(&twice, 3, &["given for hip and for shank", "the other one's address"]);
    let model = format!("{HIP}=xsens");
    assert_said(&recorded(&bus, &["--hip", &model]), 3, &["unknown sensor model xsens", "movella-dot"]);
    let missing = format!("{HIP}=missing.toml");
    assert_said(&recorded(&bus, &["--hip", &missing]), 3, &["missing.toml", "No such file"]);
    assert_said(&recorded(&bus, &[]), 4, &["no sensor was given", "truehinge scan"]);
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn a_rate_that_the_sensors_do_not_have_is_refused_before_anything_is_connected() {
    let (bus, bluez) = two_sensors();
    // What they are is only known from the air.
    let said = [
        HIP,
        SHANK,
        "(nus) measures at a rate that only its firmware knows, not at 50 Hz",
        "leave each at its default rate",
    ];
    assert_said(&recorded(&bus, &["--hip", HIP, "--shank", SHANK, "--rate", "50"]), 2, &said);
    assert_eq!((bluez.sent(0).notifications, bluez.sent(1).notifications), (0, 0), "nothing was asked of them");
    let out = tempfile::tempdir().expect("temporary folder");
    let doctor = on(&bus, &["doctor", "--rate", "50", "--out", &out.path().to_string_lossy()]);
    assert_said(&doctor, 2, &said);
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn a_sensor_that_does_not_say_what_it_is_is_listed_and_recorded_as_what_it_is_said_to_be() {
    let hidden = NusSensor::new("Zephyr", 120.0).unrecognised();
    let (bus, _bluez) = on_the_air(vec![(SHANK, Box::new(hidden) as Box<dyn Sensor>)]);
    assert_said(&on(&bus, &["scan", "--seconds", "1"]), 4, &["no sensor that this program knows", "Zephyr", SHANK]);
    assert_said(&recorded(&bus, &["--shank", SHANK]), 3, &["a device Zephyr answers", "truehinge scan"]);
    let out = tempfile::tempdir().expect("temporary folder");
    let sensor = format!("{SHANK}=nus");
    let path = out.path().to_string_lossy();
    let args = ["record", "--headless", "--json", "--athlete", "P-014", "--side", "left", "--duration", "3"];
    let output = on(&bus, &[&args[..], &["--shank", &sensor, "--out", &path]].concat());
    assert_said(&output, 0, &["\"event\":\"end\""]);
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn scan_asks_for_the_charge_of_sensors_that_nobody_uses() {
    let (hip, shank) = (NusSensor::new("HIP", 120.0), NusSensor::new("SHIN", 120.0).battery(9));
    let sensors: Vec<(&str, Box<dyn Sensor>)> = vec![(HIP, Box::new(hip)), (SHANK, Box::new(shank))];
    let (bus, bluez) = on_the_air(sensors);
    let output = on(&bus, &["scan", "--seconds", "1", "--battery", "--json"]);
    let lines: Vec<Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |address: &str| lines.iter().find(|line| line["address"] == address).cloned().unwrap_or_default();
    assert_eq!((of(HIP)["battery_pct"].as_u64(), of(SHANK)["battery_pct"].as_u64()), (Some(87), Some(9)));
    assert!(!bluez.device(0).is_connected() && !bluez.device(1).is_connected(), "let go again");
    assert_said(&on(&bus, &["scan", "--seconds", "1", "--battery"]), 0, &["battery", "9 %"]);
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn a_recording_is_never_overwritten_and_a_name_that_is_none_is_refused() {
    let (bus, _bluez) = two_sensors();
    let name = on(&bus, &["record", "--athlete", "Jane\nDoe", "--side", "left", "--hip", HIP]);
    assert_said(&name, 2, &["Jane\\nDoe", "one line of characters"]);
    let out = tempfile::tempdir().expect("temporary folder");
    let first = Live::record(&bus, out.path(), &["--duration", "2"]).end();
    let (path, bytes) = (first.recording(), fs::read(first.recording()).expect("reads"));
    let second = Live::record(&bus, out.path(), &["--duration", "2"]).end();
    assert_ne!(second.recording(), path);
    assert_eq!(fs::read(&path).expect("reads"), bytes);
}
