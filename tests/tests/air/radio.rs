//! The program on an emulated BlueZ, with everything that goes wrong on the air. Counts, order and states; never latency.

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::Ordering::SeqCst;
use std::thread::sleep;
use std::time::Duration;

use truehinge_ble::driver::nus::{TX, encode_frame};
use truehinge_ble::driver::{ImuDriver, recognise};
use truehinge_ble::gatt::{Uuid, assigned};
use truehinge_sim::device::{self, VirtualDevice};
use truehinge_tests::bluez::{Hosted, NusSensor, PrivateBus, Sensor};
use truehinge_tests::recording::{Ended, HIP, Live, SHANK, connections, on_the_air, stored, two_sensors, with_sensors};
use truehinge_tests::{program, run, words};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("temporary folder")
}

/// Of the standard battery service.
const BATTERY_LEVEL: Uuid = assigned(0x2a19);

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn on(bus: &PrivateBus, args: &[&str]) -> Output {
    Command::new(program()).args(args).env("DBUS_SYSTEM_BUS_ADDRESS", bus.address()).output().expect("starts")
}

/// Within each connection no frame is missing, doubled or out of order, and every one was decoded and stored.
fn assert_whole(ended: &Ended, role: &str) -> Vec<Vec<u16>> {
    let stored = stored(&ended.recording());
    let connections = connections(&stored, role);
    for frames in &connections {
        assert!(frames.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)), "{role}: {frames:?}");
    }
    let frames: usize = connections.iter().map(Vec::len).sum();
    assert_eq!(stored.get(&format!("/{role}/imu")).map_or(0, Vec::len), frames, "{role}");
    assert_eq!(ended.count(role, "received"), frames as u64, "{role}");
    for what in ["lost", "duplicates", "late"] {
        assert_eq!(ended.count(role, what), 0, "{role} {what}");
    }
    connections
}

fn assert_quiet(ended: &Ended) {
    assert!(ended.status.success(), "{}: {:#?}\n{}", ended.status, ended.said, ended.complaints);
    assert_eq!(ended.complaints, "", "standard error stays clean");
}

fn stream(time: Duration) {
    let (bus, bluez) = two_sensors();
    let out = folder();
    let live = Live::record(&bus, out.path(), &["--duration", &time.as_secs_f64().to_string()]);
    let ended = live.end();
    assert_quiet(&ended);
    for (index, role) in ["hip", "shank"].into_iter().enumerate() {
        let connections = assert_whole(&ended, role);
        assert_eq!(connections.len(), 1);
        let sent = bluez.sent(index).notifications;
        // The battery's reading is kept like a notification, and the service tells of it once more; neither was sent as one.
        let received = ended.count(role, "notifications") - 2;
        // What was sent while the program was already ending is not its loss.
        assert!(received <= sent && sent - received < 60, "{role}: {received} of {sent}");
        // How long the start takes is the machine's, and its disk's.
        assert!(received as f64 > 120.0 * (time.as_secs_f64() - 3.0), "{role}: {received}");
    }
    let analysed = run(&["analyze", &ended.recording().to_string_lossy(), "--json"]);
    assert!(analysed.status.success(), "{}", words(&analysed));
    assert!(words(&analysed).contains("P-014"), "{}", words(&analysed));
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn two_sensors_of_120_hz_lose_nothing_and_are_analysed() {
    stream(seconds(5));
}

#[test]
#[ignore = "takes a minute"]
fn two_sensors_of_120_hz_lose_nothing_in_a_minute() {
    stream(seconds(60));
}

/// Records these devices, each with its driver's rate, in the four places a sensor may be.
fn record_models(devices: Vec<Box<dyn VirtualDevice>>) {
    let drivers: Vec<Box<dyn ImuDriver>> =
        devices.iter().map(|device| recognise(&device.advertisement()).expect("known")).collect();
    let rates: Vec<f64> = drivers.iter().map(|driver| driver.device().nominal_rate.expect("has one").hertz()).collect();
    let addresses = [HIP, SHANK, "C2:11:22:33:44:55", "C3:11:22:33:44:55"];
    let hosted = devices.into_iter().zip(&rates).map(|(device, rate)| Box::new(Hosted::still(device, *rate)));
    let sensors = addresses.into_iter().zip(hosted).map(|(address, hosted)| (address, hosted as Box<dyn Sensor>));
    let (bus, _bluez) = on_the_air(sensors.collect());
    let scanned = on(&bus, &["scan", "--seconds", "1", "--json"]);
    for driver in &drivers {
        let named = format!("\"model\":\"{}\"", driver.model());
        assert!(words(&scanned).contains(&named), "{named} in {}", words(&scanned));
    }
    let out = folder();
    let time = 6.0;
    let more = ["--thigh", addresses[2], "--trunk", addresses[3], "--duration", &time.to_string()];
    let ended = Live::record(&bus, out.path(), &more).end();
    assert_quiet(&ended);
    for ((role, rate), driver) in ["hip", "shank", "thigh", "trunk"].into_iter().zip(rates).zip(drivers) {
        let (model, tally) = (driver.model(), ended.tally(role));
        let received = ended.count(role, "received");
        // The start takes a second or two, on a busy disk more, and the last batch may not be full.
        assert!(received as f64 > rate * (time - 5.0), "{model}: {tally}");
        assert_eq!(tally["undecodable"].as_object().map(serde_json::Map::len), Some(0), "{model}: {tally}");
        assert_eq!((ended.count(role, "lost"), ended.count(role, "link_losses")), (0, 0), "{model}: {tally}");
    }
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn every_model_is_found_started_and_recorded() {
    record_models(vec![
        Box::new(device::Dot::default()),
        Box::new(device::MetaMotion::new(device::Board::R)),
        Box::new(device::Movesense::default()),
        Box::new(device::Polar::default()),
    ]);
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn older_and_simpler_models_are_recorded_as_well() {
    record_models(vec![
        Box::new(device::Dot::without_mode_26(device::UnknownMode::Refused)),
        Box::new(device::MetaMotion::new(device::Board::S)),
        Box::new(device::Thingy::default()),
        Box::new(device::Wit::default()),
    ]);
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn sensors_are_recorded_at_the_rate_that_is_asked_for() {
    // Both could do more, and come with 10 Hz.
    let hosted = |device: Box<dyn VirtualDevice>| Box::new(Hosted::still(device, 200.0)) as Box<dyn Sensor>;
    let (hip, shank) = (Box::new(device::Thingy::default()), Box::new(device::Wit::default()));
    let (bus, _bluez) = on_the_air(vec![(HIP, hosted(hip)), (SHANK, hosted(shank))]);
    let out = folder();
    let ended = Live::record(&bus, out.path(), &["--rate", "20", "--duration", "8"]).end();
    assert_quiet(&ended);
    let bytes = fs::read(ended.recording()).expect("reads");
    // Of each sensor, in its description and in the summary's copy at the end.
    let described = bytes.windows(19).filter(|part| part == b"\"nominal_rate\":20.0").count();
    assert!(described >= 2, "{described}");
    for role in ["hip", "shank"] {
        let received = ended.count(role, "received");
        // The start takes a second or two. Left as they come they would send 80 at most.
        assert!((85..=165).contains(&received), "{role}: {received} in 8 s");
    }
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn a_lost_link_comes_back_and_the_other_sensor_loses_nothing() {
    let (bus, bluez) = two_sensors();
    let out = folder();
    let mut live = Live::record(&bus, out.path(), &[]);
    live.wait_for_samples(60);
    let shank = bluez.device(1);
    shank.in_range.store(false, SeqCst);
    shank.refusals.store(1, SeqCst);
    bluez.drop_link(1);
    live.wait_for("lost", "shank");
    sleep(seconds(1));
    shank.in_range.store(true, SeqCst);
    live.wait_for("connected", "shank");
    live.wait_until(|line| line["event"] == "samples");
    sleep(seconds(1));
    live.signal("-INT");
    let ended = live.end();
    assert_quiet(&ended);
    assert_eq!(assert_whole(&ended, "hip").len(), 1);
    let connections = assert_whole(&ended, "shank");
    assert_eq!(connections.len(), 2, "a connection is a segment");
    let (before, after) = (&connections[0], &connections[1]);
    assert!(after[0] - before[before.len() - 1] > 100, "a second is missing");
    assert_eq!(ended.count("shank", "link_losses"), 1);
    // Device time runs on, so the gap stands where it was: the analysis sees it.
    let analysed = run(&["analyze", &ended.recording().to_string_lossy(), "--json"]);
    assert!(analysed.status.success(), "{}", words(&analysed));
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn a_sensor_that_is_absent_at_the_start_joins_later() {
    let (bus, bluez) = two_sensors();
    let out = folder();
    let short = Live::record(&bus, out.path(), &["--duration", "2"]).end();
    assert!(short.status.success(), "{}", short.complaints);
    // Known from that recording, it may be missing now.
    bluez.device(1).in_range.store(false, SeqCst);
    let mut live = Live::record(&bus, out.path(), &[]);
    live.wait_until(|line| line["samples"]["hip"].as_u64().is_some_and(|n| n > 120));
    bluez.device(1).in_range.store(true, SeqCst);
    live.wait_for("connected", "shank");
    live.wait_for_samples(60);
    live.signal("-INT");
    let ended = live.end();
    assert_quiet(&ended);
    assert_whole(&ended, "hip");
    assert_whole(&ended, "shank");
    assert_eq!(ended.count("shank", "link_losses"), 0);
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn a_sensor_nobody_has_heard_of_is_named_with_what_to_do() {
    let (bus, bluez) = two_sensors();
    bluez.device(1).in_range.store(false, SeqCst);
    let out = folder();
    let ended = Live::record(&bus, out.path(), &[]).end();
    assert_eq!(ended.status.code(), Some(3));
    let said = &ended.complaints;
    assert!(said.contains("shank") && said.contains(SHANK) && said.contains("truehinge scan"), "{said}");
    assert_eq!(fs::read_dir(out.path()).expect("lists").count(), 0, "nothing was begun");
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn refused_connections_are_tried_again() {
    let (bus, bluez) = two_sensors();
    bluez.device(0).refusals.store(3, SeqCst);
    let out = folder();
    let mut live = Live::record(&bus, out.path(), &[]);
    let trouble = live.wait_for("trouble", "hip");
    assert!(trouble["cause"].as_str().is_some_and(|cause| cause.contains("refused")), "{trouble}");
    live.wait_for_samples(60);
    live.signal("-INT");
    let ended = live.end();
    assert_quiet(&ended);
    assert_whole(&ended, "hip");
    assert_eq!(ended.events("hip").iter().filter(|event| **event == "trouble").count(), 1, "told once");
    assert!(bluez.device(0).connects() >= 4);
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn while_the_system_is_still_connecting_the_program_waits_with_it() {
    let (bus, bluez) = two_sensors();
    let out = folder();
    let mut live = Live::record(&bus, out.path(), &[]);
    live.wait_for_samples(60);
    let before = bluez.device(1).connects();
    bluez.device(1).in_range.store(false, SeqCst);
    bluez.drop_link(1);
    // The program's own limit runs out first; the emulated system goes on for 41 s as the real one does.
    let trouble = live.wait_for("trouble", "shank");
    assert!(trouble["cause"].as_str().is_some_and(|cause| cause.contains("still trying")), "{trouble}");
    sleep(seconds(3));
    assert!(bluez.device(1).connects() >= before + 2, "it met InProgress");
    bluez.device(1).in_range.store(true, SeqCst);
    live.wait_for("connected", "shank");
    live.wait_until(|line| line["event"] == "samples");
    live.signal("-INT");
    let ended = live.end();
    assert_quiet(&ended);
    assert_whole(&ended, "hip");
    assert_eq!(assert_whole(&ended, "shank").len(), 2);
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn the_adapter_may_be_switched_off_and_on() {
    let (bus, bluez) = two_sensors();
    let out = folder();
    let mut live = Live::record(&bus, out.path(), &[]);
    live.wait_for_samples(60);
    bluez.set_powered(false);
    live.wait_for("lost", "");
    live.wait_until(|line| line["cause"].as_str().is_some_and(|cause| cause.contains("switched off")));
    sleep(seconds(1));
    bluez.set_powered(true);
    for _ in 0..2 {
        live.wait_for("connected", "");
    }
    live.wait_for("samples", "");
    live.signal("-INT");
    let ended = live.end();
    assert_quiet(&ended);
    for role in ["hip", "shank"] {
        assert_eq!(assert_whole(&ended, role).len(), 2, "{role}");
    }
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn the_bluetooth_service_may_crash_and_be_restarted() {
    let (bus, mut bluez) = two_sensors();
    let out = folder();
    let mut live = Live::record(&bus, out.path(), &[]);
    live.wait_for_samples(60);
    bluez.daemon_dies();
    // Nothing announces this: the data stop, and asking shows why.
    live.wait_until(|line| line["cause"].as_str().is_some_and(|cause| cause.contains("systemctl start bluetooth")));
    sleep(seconds(1));
    bluez.daemon_starts();
    for _ in 0..2 {
        live.wait_for("connected", "");
    }
    live.wait_for("samples", "");
    live.signal("-INT");
    let ended = live.end();
    assert_quiet(&ended);
    for role in ["hip", "shank"] {
        assert_eq!(assert_whole(&ended, role).len(), 2, "{role}");
    }
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn the_bus_may_crash_and_be_restarted() {
    let (mut bus, mut bluez) = two_sensors();
    let out = folder();
    let mut live = Live::record(&bus, out.path(), &[]);
    live.wait_for_samples(60);
    bus.kill();
    bluez.daemon_dies();
    for _ in 0..2 {
        live.wait_for("lost", "");
    }
    live.wait_until(|line| line["cause"].as_str().is_some_and(|cause| cause.contains("system bus")));
    bus.restart();
    bluez.daemon_starts();
    for _ in 0..2 {
        live.wait_for("connected", "");
    }
    live.wait_for("samples", "");
    live.signal("-INT");
    let ended = live.end();
    assert_quiet(&ended);
    for role in ["hip", "shank"] {
        assert_eq!(assert_whole(&ended, role).len(), 2, "{role}");
    }
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn bytes_that_are_no_packet_are_counted_and_kept() {
    let (bus, bluez) = two_sensors();
    let out = folder();
    let mut live = Live::record(&bus, out.path(), &[]);
    live.wait_for_samples(60);
    let mut damaged = encode_frame(9, 0, 0, &[[1; 6]]);
    damaged[14] ^= 1;
    for payload in [damaged.as_slice(), &[0xff, 0xfe], &[], &[0; 240], &encode_frame(9, 0, 0, &[[1; 6]])[..20]] {
        bluez.inject(0, TX, payload);
        sleep(Duration::from_millis(20));
    }
    live.wait_for("undecodable", "hip");
    sleep(seconds(1));
    live.signal("-INT");
    let ended = live.end();
    assert_quiet(&ended);
    assert!(ended.tally("hip")["undecodable"]["checksum"].as_u64().is_some_and(|n| n >= 1), "{}", ended.tally("hip"));
    // A half frame may cost the frame it runs into, not more.
    assert!(ended.count("hip", "lost") <= 2, "{}", ended.tally("hip"));
    assert_whole(&ended, "shank");
    let stored = stored(&ended.recording());
    assert!(stored["/hip/raw"].iter().any(|data| data.ends_with(&damaged)), "raw bytes stay for a better decoder");
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn a_stalled_sensor_is_an_alarm_and_is_connected_anew() {
    let (bus, bluez) = two_sensors();
    let out = folder();
    let mut live = Live::record(&bus, out.path(), &[]);
    live.wait_for_samples(60);
    bluez.device(0).stalled.store(true, SeqCst);
    live.wait_for("silent", "hip");
    live.wait_for("lost", "hip");
    // It goes on when it is connected anew: on the old connection what it did not send would be missing.
    live.wait_for("connected", "hip");
    live.wait_for("samples", "");
    live.signal("-INT");
    let ended = live.end();
    assert_quiet(&ended);
    assert_eq!(assert_whole(&ended, "hip").len(), 2);
    assert_eq!(assert_whole(&ended, "shank").len(), 1);
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn a_sensor_whose_battery_is_empty_is_told_and_the_other_goes_on() {
    let hip = NusSensor::new("HIP", 120.0).battery(2);
    let (bus, bluez) = with_sensors(hip, NusSensor::new("SHIN", 120.0));
    let out = folder();
    let mut live = Live::record(&bus, out.path(), &[]);
    assert_eq!(live.wait_for("battery", "hip")["battery_pct"], 2);
    live.wait_for_samples(60);
    bluez.inject(0, BATTERY_LEVEL, &[1]);
    live.wait_until(|line| line["event"] == "battery" && line["sensor"] == "hip" && line["battery_pct"] == 1);
    // It switches itself off, for good.
    bluez.device(0).in_range.store(false, SeqCst);
    bluez.drop_link(0);
    let lost = live.wait_for("lost", "hip");
    assert!(lost["cause"].as_str().is_some_and(|cause| cause.contains("battery")), "{lost}");
    let so_far = live.wait_for("samples", "")["samples"]["shank"].as_u64().unwrap_or_default();
    live.wait_until(|line| line["samples"]["shank"].as_u64().is_some_and(|n| n > so_far + 240));
    live.signal("-INT");
    let ended = live.end();
    assert_quiet(&ended);
    assert_eq!(assert_whole(&ended, "hip").len(), 1);
    assert_eq!(assert_whole(&ended, "shank").len(), 1);
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn ten_recordings_in_a_row_all_start() {
    let hip = Box::new(Hosted::still(Box::<device::Dot>::default(), 60.0));
    let shank = Box::new(Hosted::still(Box::new(device::MetaMotion::new(device::Board::S)), 100.0));
    let (bus, _bluez) = on_the_air(vec![(HIP, hip), (SHANK, shank)]);
    let out = folder();
    for number in 1..=10 {
        let mut live = Live::record(&bus, out.path(), &[]);
        live.wait_for_samples(30);
        live.signal("-INT");
        let ended = live.end();
        assert_quiet(&ended);
        for role in ["hip", "shank"] {
            let tally = ended.tally(role);
            assert_eq!(
                (tally["lost"].as_u64(), tally["link_losses"].as_u64()),
                (Some(0), Some(0)),
                "{number}: {tally}"
            );
        }
    }
    let names = fs::read_dir(out.path()).expect("lists").flatten().map(|entry| entry.file_name());
    let names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("P-014_")).count(), 10, "{names:?}");
    assert!(!names.iter().any(|name| name.contains("unfinished")), "{names:?}");
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn a_device_with_an_unknown_flag_is_trouble_and_the_other_is_recorded() {
    let hip = NusSensor::new("HIP", 120.0).unknown_flag("teleport");
    let (bus, _bluez) = with_sensors(hip, NusSensor::new("SHIN", 120.0));
    let out = folder();
    let mut live = Live::record(&bus, out.path(), &[]);
    let trouble = live.wait_for("trouble", "hip");
    assert!(trouble["cause"].as_str().is_some_and(|cause| cause.contains("teleport")), "{trouble}");
    live.wait_until(|line| line["samples"]["shank"].as_u64().is_some_and(|n| n > 60));
    live.signal("-TERM");
    let ended = live.end();
    assert_eq!(ended.status.code(), Some(3), "half of what was asked for");
    assert_eq!(ended.complaints, "");
    assert_whole(&ended, "shank");
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn scan_lists_sensors_nearest_first() {
    let (bus, bluez) = two_sensors();
    bluez.device(0).signal.store(-70, SeqCst);
    let output = on(&bus, &["scan", "--seconds", "1", "--json"]);
    assert!(output.status.success(), "{}", words(&output));
    let lines: Vec<serde_json::Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let seen: Vec<_> = lines.iter().map(|line| (line["address"].as_str(), line["signal_dbm"].as_i64())).collect();
    assert_eq!(seen, [(Some(SHANK), Some(-50)), (Some(HIP), Some(-70))]);
    assert!(lines.iter().all(|line| line["model"] == "nus"));
    assert!(!bluez.last_scan_was_filtered(), "a filter would hide sensors that do not advertise their services");
    assert!(!bluez.is_scanning(), "stopped again");
    for index in 0..2 {
        bluez.device(index).in_range.store(false, SeqCst);
    }
    let empty = PrivateBus::start();
    let output = on(&empty, &["scan", "--seconds", "1"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(words(&output).contains("systemctl start bluetooth"), "{}", words(&output));
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn doctor_measures_both_sensors_at_once() {
    let (bus, _bluez) = two_sensors();
    let out = folder();
    let path = out.path().to_string_lossy();
    let output = on(&bus, &["doctor", "--seconds", "2", "--json", "--out", &path]);
    let checks: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(output.status.success(), "{checks:#}");
    let of =
        |name: &str| checks["checks"].as_array().into_iter().flatten().find(|check| check["check"] == name).cloned();
    for role in ["hip", "shank"] {
        let check = of(&format!("{role} sensor, streaming")).expect("measured");
        let found = check["found"].as_str().unwrap_or_default();
        assert!(check["grade"] == "ok" && found.contains("0.00 % lost"), "{check}");
        let clock = of(&format!("{role} sensor, clock")).expect("measured");
        assert!(clock["found"].as_str().is_some_and(|found| found.contains("ppm")), "{clock}");
    }
    assert!(fs::read_dir(out.path()).expect("lists").next().is_none(), "it leaves nothing behind");
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn doctor_says_what_to_do_about_a_bluetooth_that_is_off() {
    let (bus, bluez) = two_sensors();
    bluez.set_powered(false);
    let out = folder();
    let output = on(&bus, &["doctor", "--out", &out.path().to_string_lossy()]);
    assert_eq!(output.status.code(), Some(3), "{}", words(&output));
    assert!(words(&output).contains("switch it on"), "{}", words(&output));
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn doctor_ended_by_somebody_lets_its_sensors_go() {
    let (bus, bluez) = two_sensors();
    let out = folder();
    let child = Command::new(program())
        .args(["doctor", "--seconds", "60", "--json", "--out", &out.path().to_string_lossy()])
        .env("DBUS_SYSTEM_BUS_ADDRESS", bus.address())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let both = || (0..2).all(|index| bluez.sent(index).notifications > 60);
    for _ in 0..400 {
        if both() {
            break;
        }
        sleep(Duration::from_millis(100));
    }
    assert!(both(), "both stream within 40 s");
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("signals");
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(130), "{}", words(&output));
    assert!(!bluez.device(0).is_connected() && !bluez.device(1).is_connected());
}

/// Types into the program on a terminal of its own: whether it ended well, and what it showed.
fn on_a_terminal(bus: &PrivateBus, arguments: &str, typed: &[(u64, &str)]) -> (bool, String) {
    let line = format!("stty rows 30 cols 110; exec {} {arguments}", program().display());
    let mut command = Command::new("script");
    command
        .args(["-qfec", &line, "/dev/null"])
        .env("DBUS_SYSTEM_BUS_ADDRESS", bus.address())
        .env("TERM", "xterm-256color");
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.expect("`script` makes a terminal");
    let mut keys = child.stdin.take().expect("piped");
    for (wait, key) in typed {
        sleep(seconds(*wait));
        keys.write_all(key.as_bytes()).expect("it listens");
    }
    let output = child.wait_with_output().expect("ends");
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
#[cfg_attr(not(all(has_dbus_daemon, has_terminal)), ignore = "needs dbus-daemon and `script`")]
fn the_screen_shows_the_sensors_and_its_keys_make_markers() {
    let (bus, _bluez) = two_sensors();
    let out = folder();
    let arguments =
        format!("record --athlete P-014 --side left --hip {HIP} --shank {SHANK} --out {}", out.path().display());
    let typed = [(6, "k"), (1, "c"), (1, "c"), (1, "s"), (1, "r"), (1, "q")];
    let (ended_well, shown) = on_a_terminal(&bus, &arguments, &typed);
    assert!(ended_well, "{shown}");
    // A terminal is sent what changes, so only single words are whole.
    for words in ["battery", "dBm", HIP, "calibration", "right", "recording"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let recording = fs::read_dir(out.path()).expect("lists").flatten().map(|entry| entry.path());
    let recording = recording.into_iter().find(|path| path.extension().is_some_and(|e| e == "mcap")).expect("recorded");
    let stored = stored(&recording);
    let markers: Vec<String> = stored["/events"]
        .iter()
        .filter_map(|event| {
            serde_json::from_slice::<serde_json::Value>(event).ok()?["kind"].as_str().map(str::to_owned)
        })
        .collect();
    let want = [
        "set_start",
        "clock_check",
        "calibration_start",
        "calibration_end",
        "set_end",
        "set_start",
        "set_void",
        "set_void",
        "set_start",
    ];
    // Nothing was done in the second set: the one before it is made void as well.
    assert_eq!(markers, want);
}
