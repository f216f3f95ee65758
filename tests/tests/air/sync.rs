//! Sensors that set their clocks to one another's before the recording.

use serde_json::Value;
use truehinge_sim::device::{Dot, VirtualDevice};
use truehinge_tests::bluez::{Bluez, Hosted, PrivateBus, Sensor};
use truehinge_tests::recording::{Ended, HIP, Live, SHANK, on_the_air, two_sensors};
use truehinge_tests::{run, words};

/// As fast as a DOT streams, Hz.
const RATE: f64 = 60.0;

fn two_dots(shank: Dot) -> (PrivateBus, Bluez) {
    let sensor = |device: Dot| {
        let device: Box<dyn VirtualDevice> = Box::new(device);
        Box::new(Hosted::still(device, RATE)) as Box<dyn Sensor>
    };
    on_the_air(vec![(HIP, sensor(Dot::default())), (SHANK, sensor(shank))])
}

fn recorded(bus: &PrivateBus) -> Ended {
    recorded_with(bus, &[])
}

fn recorded_with(bus: &PrivateBus, more: &[&str]) -> Ended {
    let out = tempfile::tempdir().expect("temporary folder").keep();
    Live::record(bus, &out, &[&["--device-sync", "--duration", "12"], more].concat()).end()
}

fn steps(ended: &Ended) -> Vec<&str> {
    ended.said.iter().filter(|line| line["event"] == "device_sync").filter_map(|line| line["step"].as_str()).collect()
}

/// What the analysis of the recording says of the sensors' clocks: rate against the host's and uncertainty, and its findings.
fn analysed(ended: &Ended) -> (Vec<(f64, f64)>, String) {
    let output = run(&["analyze", &ended.recording().to_string_lossy(), "--json"]);
    assert!(output.status.success(), "{}", words(&output));
    let analysis: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let number = |sensor: &Value, name: &str| sensor[name].as_f64().expect("a number");
    let clock = |sensor| (number(sensor, "clock_skew_ppm"), number(sensor, "clock_sigma_ms"));
    let sensors = analysis["sensors"].as_array().expect("sensors");
    (sensors.iter().map(clock).collect(), analysis["findings"].to_string())
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn dots_set_their_clocks_and_the_recording_says_so() {
    let (bus, _bluez) = two_dots(Dot::default());
    let ended = recorded(&bus);
    assert!(ended.status.success(), "{:#?} {}", ended.said, ended.complaints);
    assert_eq!(steps(&ended), ["preparing", "preparing", "alone", "asking", "asking", "done"]);
    let (clocks, findings) = analysed(&ended);
    assert!(clocks[0] == clocks[1] && clocks[0].1 < 0.5, "one line for both: {clocks:?}");
    assert!(!findings.contains("clock_not_shared"), "{findings}");
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn dots_that_set_their_clocks_are_recorded_at_the_rate_that_is_asked_for() {
    let (bus, _bluez) = two_dots(Dot::default());
    let ended = recorded_with(&bus, &["--rate", "30"]);
    assert_eq!(steps(&ended).last(), Some(&"done"), "{:#?} {}", ended.said, ended.complaints);
    for role in ["hip", "shank"] {
        let received = ended.count(role, "received");
        assert!((270..=365).contains(&received), "{role}: {received} in 12 s");
        assert_eq!(ended.count(role, "lost"), 0, "{role}");
    }
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn where_it_fails_it_is_said_and_everything_is_recorded_all_the_same() {
    let (bus, _bluez) = two_dots(Dot::that_fails_to_sync(5));
    let ended = recorded(&bus);
    assert!(ended.status.success(), "{:#?} {}", ended.said, ended.complaints);
    let failed = ended.said.iter().find(|line| line["step"] == "failed").expect("is said");
    assert!(failed["cause"].as_str().is_some_and(|cause| cause.contains("side by side")), "{failed}");
    let (clocks, findings) = analysed(&ended);
    assert!(clocks[0] != clocks[1], "a line for each: {clocks:?}");
    assert!(!findings.contains("clock_not_shared"), "nobody said that they are: {findings}");
    for role in ["hip", "shank"] {
        assert!(ended.count(role, "received") > 500, "{role}");
        assert_eq!(ended.count(role, "lost"), 0, "{role}");
    }
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn other_sensors_cannot_and_are_told_so_before_anything_begins() {
    let (bus, _bluez) = two_sensors();
    let ended = recorded(&bus);
    assert_eq!(ended.status.code(), Some(3), "{}", ended.complaints);
    assert!(ended.complaints.contains("leave out --device-sync"), "{}", ended.complaints);
}
