//! Corrections by hand, end to end.

use std::path::Path;
use std::process::Command;

use truehinge_dataset::recording::write_recording;
use truehinge_sim::Scenario;

/// Runs it and expects an exit code; what it printed on both.
fn run(args: &[&str], code: i32) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_truehinge")).args(args).arg("--no-progress").output().expect("starts");
    let words = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {words}");
    words
}

fn analysis(recording: &str) -> serde_json::Value {
    let printed = run(&["analyze", recording, "--json"], 0);
    serde_json::from_str(printed.lines().next().expect("a line")).expect("JSON")
}

#[test]
fn a_correction_is_seen_wherever_the_recording_is_read_and_can_be_taken_back() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("P-014_S1.mcap");
    write_recording(&path, &Scenario::typical(1).run().expect("a session").recording()).expect("writes");
    let recording = path.to_string_lossy().into_owned();
    let bytes = std::fs::read(&path).expect("reads");
    let before = analysis(&recording);
    let who = ["--author", "MK", "--reason", "talked, looked up"];
    let correct =
        |rep: &str, what: &[&str], code| run(&[&["correct", &recording, "--rep", rep], what, &who].concat(), code);

    let said = correct("1.1", &["--exclude"], 0);
    assert!(said.contains("1.1 (") && said.contains("excluded: talked, looked up (MK)"), "{said}");
    correct("1.2", &["--verdict", "insufficient_hip_travel"], 0);
    let none = correct("1.99", &["--exclude"], 4);
    assert!(none.contains("hint: give one of 1.1, 1.2"), "{none}");
    correct("1.1", &["--verdict", "indeterminate"], 2);
    assert_eq!(std::fs::read(&path).expect("reads"), bytes, "the recording is never touched");

    let shown = run(&["analyze", &recording], 0).replace('\n', " ");
    assert!(shown.contains("corrected by"), "{shown}");
    let explained = run(&["explain", &recording, "--rep", "1"], 0);
    assert!(explained.contains("corrected by hand: excluded (talked, looked up, MK, 20"), "{explained}");
    // By its set and its number in it, as pages name it, it is the same.
    assert_eq!(run(&["explain", &recording, "--rep", "1.1"], 0), explained);
    let absent = run(&["explain", &recording, "--rep", "9.1"], 4);
    assert!(absent.contains("there is no repetition 9.1"), "{absent}");
    let corrected = analysis(&recording);
    let rep = |analysis: &serde_json::Value, index: usize| analysis["sets"][0]["reps"][index].clone();
    assert_eq!(rep(&corrected, 0)["by_hand"]["change"], "excluded");
    assert_eq!(rep(&corrected, 1)["by_hand"]["verdict"], "insufficient_hip_travel");
    assert_eq!(rep(&corrected, 1)["judgement"], rep(&before, 1)["judgement"]);
    // A folder that is read as a whole has them as well, and their file is no recording.
    let tables = folder.path().join("tables").to_string_lossy().into_owned();
    let out = run(&["batch", &folder.path().to_string_lossy(), "--out", &tables], 0);
    assert!(out.contains("1 session written"), "{out}");

    // A recording that is made from it has them, too, unless its samples are others.
    let edited = folder.path().join("edited.mcap").to_string_lossy().into_owned();
    let taken = run(&["edit", &recording, "--height", "180", "--out", &edited], 0);
    assert!(taken.contains("corrections by hand were taken along"), "{taken}");
    assert_eq!(rep(&analysis(&edited), 0)["by_hand"]["change"], "excluded");
    let cut = folder.path().join("cut.mcap").to_string_lossy().into_owned();
    let left = run(&["edit", &recording, "--cut", "0-20", "--out", &cut], 0);
    assert!(left.contains("2 corrections by hand were not taken along"), "{left}");
    let list = run(&["correct", &recording, "--list"], 0);
    assert!(list.contains("2 in force"), "{list}");
    correct("1.1", &["--undo"], 0);
    correct("1.2", &["--undo"], 0);
    assert_eq!(analysis(&recording), before);
    let again = correct("1.2", &["--undo"], 4);
    assert!(again.contains("nothing is said of repetition 1.2"), "{again}");
    let list = run(&["correct", &recording, "--list", "--json"], 0);
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    assert_eq!(list["said"].as_array().map(Vec::len), Some(4));
    assert_eq!(list["in_force"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_file_of_corrections_that_was_changed_or_is_of_another_recording_stops_its_recording_only() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = |name: &str| folder.path().join(name);
    for seed in [1, 2] {
        let recording = Scenario::typical(seed).run().expect("a session").recording();
        write_recording(&path(&format!("{seed}.mcap")), &recording).expect("writes");
    }
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let one = text(&path("1.mcap"));
    run(&["correct", &one, "--rep", "1.1", "--exclude", "--reason", "x", "--author", "y"], 0);
    std::fs::copy(path("1.mcap.corrections.json"), path("2.mcap.corrections.json")).expect("copies");
    let refused = run(&["analyze", &one, &text(&path("2.mcap"))], 3);
    assert!(refused.contains("2.mcap.corrections.json: line 1 corrects another recording"), "{refused}");
    assert!(refused.contains("corrected by"), "the other one is there: {refused}");
    let changed = std::fs::read_to_string(path("1.mcap.corrections.json")).expect("reads").replace("\"y\"", "\"z\"");
    std::fs::write(path("1.mcap.corrections.json"), changed).expect("writes");
    let refused = run(&["correct", &one, "--list"], 3);
    assert!(refused.contains("line 1: was changed after it was written"), "{refused}");
}
