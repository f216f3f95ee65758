//! Nobody presses anything: sets that are found while they are recorded, and athletes who take turns with the same sensors.

use std::fs;
use std::time::Duration;

use serde_json::Value;
use truehinge_core::{MarkerKind, Side};
use truehinge_tests::recording::{Live, session_on_two_models, two_sensors};
use truehinge_tests::{program, run};

use crate::web::{ask, page, watch};

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn a_set_that_nobody_marks_is_found_told_and_stored() {
    program();
    let (bus, _bluez, time) = session_on_two_models(Duration::from_secs(4));
    let out = tempfile::tempdir().expect("temporary folder");
    // Somebody stands for a while when all is done.
    let time = (time.parse::<f64>().expect("seconds") + 8.0).to_string();
    let ended = Live::record(&bus, out.path(), &["--duration", &time, "--auto-sets", "--reps", "3"]).end();
    assert!(ended.status.success(), "{}", ended.complaints);
    assert_eq!(ended.complaints, "", "standard error stays clean");
    let count = |name: &str| ended.said.iter().filter(|line| line["event"] == name).count();
    assert_eq!(count("set_over"), 1, "{:#?}", ended.said);

    let recording = ended.recording();
    let markers = truehinge_dataset::recording::read(&recording).expect("whole").markers;
    let kinds: Vec<MarkerKind> = markers.into_iter().map(|marker| marker.kind).collect();
    assert_eq!(kinds, [MarkerKind::SearchStart { side: Side::Left, least: 3, most: 3 }, MarkerKind::SetFound]);
    let analysed = run(&["analyze", &recording.to_string_lossy(), "--json"]);
    let analysis: Value = serde_json::from_slice(&analysed.stdout).expect("JSON");
    let sets = analysis["sets"].as_array().expect("sets");
    let sizes: Vec<usize> = sets.iter().map(|set| set["reps"].as_array().expect("reps").len()).collect();
    assert_eq!(sizes, [3]);
    let inspected = run(&["inspect", &recording.to_string_lossy(), "--json"]);
    assert!(String::from_utf8_lossy(&inspected.stdout).contains("\"n_sets\":1"), "{:?}", inspected.stdout);
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn athletes_take_turns_and_the_sensors_stay_connected() {
    program();
    let (bus, bluez) = two_sensors();
    let out = tempfile::tempdir().expect("temporary folder");
    let squad = out.path().join("squad.csv");
    fs::write(&squad, "id,height_cm\nP-021,170\nP-022,182\n").expect("writes");
    let who = ["--squad", squad.to_str().expect("UTF-8")];
    let mut live = Live::record_of(&bus, out.path(), &who, &["--web=0"]);
    let (host, key) = page(&mut live);
    live.wait_for_samples(100);
    let connects = || [0, 1].map(|index| bluez.device(index).connects());
    let before = connects();
    let viewer = watch(&host, &key);
    assert!(ask(&host, &key, "{\"athlete\":9}").starts_with("HTTP/1.1 204"), "nobody is there: nothing happens");
    assert!(ask(&host, &key, "{\"athlete\":1}").starts_with("HTTP/1.1 204"));
    live.wait_until(|line| line["event"] == "begin" && line["athlete_id"] == "P-022");
    live.wait_for_samples(100);
    assert!(ask(&host, &key, "\"stop\"").starts_with("HTTP/1.1 204"));
    let ended = live.end();
    let (state, _) = viewer.join().expect("watches");
    let turns = |place: usize, name: &str| state["head"]["squad"][place][name].clone();
    assert_eq!((turns(0, "athlete"), turns(0, "turn"), turns(0, "turns")), ("P-021".into(), "next".into(), 1.into()));
    assert_eq!((turns(1, "athlete"), turns(1, "turn")), ("P-022".into(), "now".into()));

    let ends: Vec<&Value> = ended.said.iter().filter(|line| line["event"] == "end").collect();
    assert_eq!(ends.len(), 2, "{:#?}", ended.said);
    for (end, (athlete, metres)) in ends.iter().zip([("P-021", 1.70), ("P-022", 1.82)]) {
        let path = std::path::Path::new(end["recording"].as_str().expect("a path"));
        assert!(path.is_file() && path.file_name().expect("a name").to_string_lossy().starts_with(athlete));
        for role in ["hip", "shank"] {
            let tally = &end["sensors"][role];
            assert!(tally["received"].as_u64().is_some_and(|n| n >= 100), "{athlete} {role}: {tally}");
            assert_eq!((&tally["lost"], &tally["link_losses"]), (&0.into(), &0.into()), "{athlete} {role}: {tally}");
        }
        let recording = truehinge_dataset::recording::read(path).expect("whole");
        assert_eq!(recording.info.athlete.as_str(), athlete);
        let stature = recording.info.body.stature.expect("of the table").value.metres();
        assert!((stature - metres).abs() < 1e-9, "{stature}");
        let early = recording.tracks.iter().all(|track| match &track.samples {
            truehinge_core::TrackSamples::Inertial(samples) => {
                samples.iter().all(|sample| sample.arrival.is_none_or(|at| at.seconds() >= 0.0))
            }
            truehinge_core::TrackSamples::Orientation(_) => true,
        });
        assert!(early, "{athlete}: times count from the recording's own beginning");
    }
    assert_eq!(connects(), before, "connected once for both");
}
