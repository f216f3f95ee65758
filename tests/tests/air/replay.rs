//! What is said during a recording, what its replay says, and what the analysis says afterwards.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use truehinge_tests::recording::{Live, session_on_two_models};
use truehinge_tests::{program, run, words};

/// What a coach says: everything else is about sensors.
const TOLD: [&str; 6] = ["knee_forward", "knee_back", "repetition", "revised", "withdrawn", "calibration"];

fn told(lines: &[Value]) -> Vec<Value> {
    lines.iter().filter(|line| line["event"].as_str().is_some_and(|event| TOLD.contains(&event))).cloned().collect()
}

/// What somebody believes who heard every line.
fn believed(lines: &[Value]) -> Vec<Value> {
    let mut known: Vec<Value> = Vec::new();
    let overlaps = |a: &Value, b: &Value| {
        let of = |line: &Value, name: &str| line[name].as_f64().expect("a time");
        of(a, "start_s") < of(b, "end_s") && of(b, "start_s") < of(a, "end_s")
    };
    for line in lines {
        match line["event"].as_str().expect("named") {
            "repetition" => known.push(line.clone()),
            "revised" | "withdrawn" => {
                known.retain(|old| !overlaps(old, line));
                if line["event"] == "revised" {
                    known.push(line.clone());
                }
            }
            _ => {}
        }
    }
    known.sort_by(|a, b| a["start_s"].as_f64().total_cmp(&b["start_s"].as_f64()));
    known
}

/// `Option<f64>` in order; every line has its time.
trait InOrder {
    fn total_cmp(&self, other: &Self) -> std::cmp::Ordering;
}

impl InOrder for Option<f64> {
    fn total_cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.unwrap_or(f64::NAN).total_cmp(&other.unwrap_or(f64::NAN))
    }
}

fn lines_of(stdout: &[u8]) -> Vec<Value> {
    let text = String::from_utf8_lossy(stdout);
    text.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect()
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn what_was_said_is_what_the_replay_says_and_in_the_end_what_the_analysis_says() {
    // Built before the session begins on the air.
    program();
    let (bus, _bluez, time) = session_on_two_models(Duration::from_secs(4));
    let out = tempfile::tempdir().expect("temporary folder");
    let ended = Live::record(&bus, out.path(), &["--duration", &time]).end();
    assert!(ended.status.success(), "{}", ended.complaints);
    let said = told(&ended.said);

    let recording = ended.recording();
    let replay = |speed: &str| {
        let mut command = Command::new(program());
        command.args(["replay", "--json", "--speed", speed]).arg(&recording);
        let output = command.output().expect("starts");
        assert!(output.status.success(), "{}", words(&output));
        output.stdout
    };
    let fast = replay("inf");
    assert_eq!(fast, replay("20"), "the speed changes nothing");
    // What the end adds, the analysis of the whole, is not part of the session.
    let replayed = told(&lines_of(&fast));
    assert_eq!(said[..replayed.len()], replayed[..], "said {} lines, replayed {}", said.len(), replayed.len());

    let analysed = run(&["analyze", &recording.to_string_lossy(), "--json"]);
    let analysis: Value = serde_json::from_slice(&analysed.stdout).expect("JSON");
    let reps: Vec<&Value> =
        analysis["sets"].as_array().expect("sets").iter().flat_map(|s| s["reps"].as_array().expect("reps")).collect();
    let known = believed(&said);
    assert_eq!(known.len(), reps.len(), "{known:#?}");
    assert_eq!(reps.len(), 3, "{known:#?}");
    for (heard, rep) in known.iter().zip(reps) {
        assert_eq!(heard["label"], rep["judgement"]["label"]);
        assert_eq!(heard["rep"], rep["rep"]);
    }
    let labels: Vec<&Value> = known.iter().map(|line| &line["label"]).collect();
    assert_eq!(labels[1], "knee_forward_drift", "{labels:?}");
    assert!(said.iter().any(|line| line["event"] == "knee_forward"), "the cue during the drift");
}
