//! Both hands full: sets begin, end and are undone by signs of the leg that wears the shin sensor.

use std::time::Duration;

use serde_json::Value;
use truehinge_core::{MarkerKind, Side};
use truehinge_tests::player::signed_session;
use truehinge_tests::recording::{HIP, Live, on_two_models};
use truehinge_tests::{program, run, words};

use crate::web::{page, watch};

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn a_gesture_begins_a_set_another_ends_it_and_a_third_undoes_it() {
    program();
    let (bus, _bluez, time) = on_two_models(Duration::from_secs(4), signed_session);
    let out = tempfile::tempdir().expect("temporary folder");
    let mut live = Live::record(&bus, out.path(), &["--duration", &time, "--hands-free", "--web=0"]);
    let (host, key) = page(&mut live);
    let viewer = watch(&host, &key);
    let ended = live.end();
    assert!(ended.status.success(), "{}", ended.complaints);
    assert_eq!(ended.complaints, "", "standard error stays clean");

    let named = |name: &str| ended.said.iter().filter(|line| line["event"] == name).collect::<Vec<_>>();
    let gestures: Vec<(&Value, &Value)> =
        named("gesture").into_iter().map(|line| (&line["gesture"], &line["done"])).collect();
    let done = &Value::Bool(true);
    assert_eq!(gestures, [(&"start".into(), done), (&"end".into(), done), (&"undo".into(), done)], "{:#?}", ended.said);
    // Two were counted, until the set was undone.
    assert_eq!((named("repetition").len(), named("withdrawn").len()), (2, 2), "{:#?}", ended.said);

    let recording = ended.recording();
    let markers = truehinge_dataset::recording::read(&recording).expect("whole").markers;
    let kinds: Vec<&MarkerKind> = markers.iter().map(|marker| &marker.kind).collect();
    let start = MarkerKind::SetStart { side: Side::Left };
    assert_eq!(kinds, [&MarkerKind::SetVoid, &start, &MarkerKind::SetEnd, &MarkerKind::SetVoid]);
    // It ended where the leg began to move, some seconds before that was understood.
    let end = named("gesture")[1]["began_s"].as_f64().expect("seconds");
    assert!((markers[2].at.seconds() - end).abs() < 1e-6, "{end} {:?}", markers[2]);
    let analysed = run(&["analyze", &recording.to_string_lossy(), "--json"]);
    let analysis: Value = serde_json::from_slice(&analysed.stdout).expect("JSON");
    assert_eq!(analysis["sets"].as_array().map(Vec::len), Some(0), "{}", words(&analysed));

    let (state, said) = viewer.join().expect("watches");
    assert_eq!(state["head"]["hands_free"], true);
    for sentence in ["Set 1 started, left leg", "Set 1 ended", "Set undone"] {
        assert_eq!(said.iter().filter(|words| *words == sentence).count(), 1, "{sentence}: {said:?}");
    }
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn without_a_shin_sensor_nobody_can_make_a_gesture() {
    let (bus, _bluez, _) = on_two_models(Duration::from_secs(4), signed_session);
    let out = tempfile::tempdir().expect("temporary folder");
    let args = ["record", "--headless", "--athlete", "P-1", "--side", "left", "--hip", HIP, "--hands-free", "--out"];
    let refused = std::process::Command::new(program())
        .args(args)
        .arg(out.path())
        .env("DBUS_SYSTEM_BUS_ADDRESS", bus.address())
        .output()
        .expect("starts");
    assert_eq!(refused.status.code(), Some(2), "{}", words(&refused));
    assert_eq!(
        String::from_utf8_lossy(&refused.stderr),
        "error: gestures need a hip and a shin sensor, there is no shank sensor\n\
         hint: give it (--hip ADDRESS, --shank ADDRESS), or leave out --hands-free\n"
    );
}
