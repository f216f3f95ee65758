//! `verify`: a report against the recordings that it says it was made from.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use truehinge_core::{AthleteId, SessionId, Zone};
use truehinge_dataset::recording::write_recording;
use truehinge_sim::Scenario;

const DAY_NS: i64 = 86_400_000_000_000;

fn run(folder: &Path, args: &[&str], code: i32) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truehinge"));
    command.current_dir(folder).env_remove("TRUEHINGE_LIBRARY").args(args).arg("--no-progress");
    let output = command.stdin(Stdio::null()).output().expect("starts");
    let words = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {words}");
    words
}

/// A library with two sessions of one person, a day apart, and pages of a look of its own.
fn library() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    fs::create_dir_all(folder.path().join("recordings")).expect("a folder");
    fs::create_dir_all(folder.path().join("athletes")).expect("a folder");
    fs::write(folder.path().join("pages.toml"), "clinic = \"Praxis Süd\"\nlanguage = \"de\"\n").expect("writes");
    for (index, session) in (0_i64..).zip(["S1", "S2"]) {
        let mut recording = Scenario::typical(index.unsigned_abs() + 1).run().expect("a session").recording();
        recording.info.athlete = AthleteId::new("P-014").expect("an id");
        recording.info.session = SessionId::new(session).expect("an id");
        recording.info.start_utc_ns = Some(1_790_892_135_500_000_000 + DAY_NS * index);
        recording.info.zone = Zone::Ahead(0);
        write_recording(&folder.path().join(format!("recordings/{session}.mcap")), &recording).expect("writes");
    }
    folder
}

/// The one PDF whose name ends so.
fn page(folder: &Path, end: &str) -> PathBuf {
    let mut all = fs::read_dir(folder.join("reports")).expect("reports").map(|entry| entry.expect("an entry").path());
    all.find(|path| path.to_string_lossy().ends_with(end)).expect("a page")
}

#[test]
fn a_report_is_what_its_recordings_give_until_something_changes() {
    let library = library();
    let folder = library.path();
    let verify = |page: &Path, code| run(folder, &["verify", &page.to_string_lossy(), "--from", "recordings"], code);
    run(folder, &["report", "P-014", "--from", "recordings", "--pages", "summary,report,home"], 0);
    for kind in ["summary", "report", "home"] {
        let said = verify(&page(folder, &format!("_{kind}.pdf")), 0);
        assert!(said.contains("verified: 2 recordings give the same document, byte for byte"), "{said}");
    }
    // What another person's file says does not concern this one.
    fs::write(folder.join("recordings/broken.mcap"), b"no recording").expect("writes");
    verify(&page(folder, "_report.pdf"), 0);
    fs::remove_file(folder.join("recordings/broken.mcap")).expect("removes");
    // Somebody changed the file, but not what is attached to it: one glyph is moved.
    let report = page(folder, "_report.pdf");
    let mut bytes = fs::read(&report).expect("reads");
    let middle = bytes.windows(6).position(|six| six == b"stream").expect("a stream") + 40;
    bytes[middle] ^= 1;
    let changed = folder.join("changed.pdf");
    fs::write(&changed, bytes).expect("writes");
    let said = verify(&changed, 3);
    assert!(said.contains("the file was changed, or another build made it"), "{said}");
    // Somebody corrected a repetition since.
    let who = ["--author", "MK", "--reason", "slipped"];
    run(folder, &[&["correct", "recordings/S2.mcap", "--rep", "1.1", "--exclude"], &who[..]].concat(), 0);
    let said = verify(&report, 3);
    assert!(said.contains("shown S2 reps 1.1: by_hand: null on the page, excluded: slipped (MK, 20"), "{said}");
    run(folder, &[&["correct", "recordings/S2.mcap", "--rep", "1.1", "--undo"], &who[..]].concat(), 0);
    verify(&report, 0);
    // A card says something else than on the day of the page.
    run(folder, &["athlete", "add", "P-014", "--height", "150"], 0);
    let said = run(folder, &["verify", &report.to_string_lossy(), "--from", "recordings", "--json"], 3);
    let said: Value = serde_json::from_str(said.lines().next().expect("a line")).expect("JSON");
    let differences = said["differences"].as_array().expect("differences");
    assert!(said["verified"] == false && differences.iter().any(|of| of["what"] == "shown S2 facts: 1"), "{said}");
    fs::remove_dir_all(folder.join("athletes")).expect("removes");
    // An earlier session is gone, then that of the page.
    fs::rename(folder.join("recordings/S1.mcap"), folder.join("S1.kept")).expect("moves");
    let look = ["--library", "."];
    let said = run(folder, &[&["verify", &report.to_string_lossy(), "--from", "recordings"], &look[..]].concat(), 3);
    assert!(said.contains("earlier S1: is there on the page, not there now"), "{said}");
    assert!(!said.contains("earlier S1 reps"), "that it is gone says it all: {said}");
    fs::rename(folder.join("recordings/S2.mcap"), folder.join("recordings/S2.kept")).expect("moves");
    fs::rename(folder.join("S1.kept"), folder.join("recordings/S1.mcap")).expect("moves");
    let said = verify(&report, 3);
    assert!(said.contains("sessions that it shows: S2 on the page, not there now"), "{said}");
}

#[test]
fn what_is_no_report_is_named() {
    let library = library();
    let folder = library.path();
    run(folder, &["report", "--squad", "--from", "recordings"], 0);
    let squad = page(folder, ".pdf");
    let said = run(folder, &["verify", &squad.to_string_lossy()], 3);
    assert!(said.contains("nothing is attached to it"), "{said}");
    let said = run(folder, &["verify", "recordings/S1.mcap"], 3);
    assert!(said.contains("recordings/S1.mcap: this is no PDF") && said.contains("hint: "), "{said}");
    let said = run(folder, &["verify", "nothing.pdf"], 4);
    assert!(said.contains("nothing.pdf: ") && said.contains("check the path"), "{said}");
}

#[test]
fn a_page_that_says_otherwise_is_named_when_a_new_one_is_made() {
    let library = library();
    let folder = library.path();
    let report = |code| run(folder, &["report", "P-014", "--from", "recordings", "--pages", "summary"], code);
    let quiet = report(0);
    assert!(!quiet.contains("says otherwise"), "{quiet}");
    // The same again says nothing, and neither does what a person corrected: it is on the page.
    let who = ["--author", "MK", "--reason", "slipped"];
    run(
        folder,
        &[&["correct", "recordings/S2.mcap", "--rep", "1.1", "--verdict", "insufficient_hip_travel"], &who[..]]
            .concat(),
        0,
    );
    let quiet = report(0);
    assert!(!quiet.contains("says otherwise"), "{quiet}");
    // Limits that nobody keeps: what was a true hinge is none now.
    run(folder, &["athlete", "add", "P-014"], 0);
    run(folder, &["athlete", "edit", "P-014", "--limit", "knee_forward_mm=1,2", "--always"], 0);
    let said = report(0);
    let line = said.lines().find(|line| line.contains("says otherwise of session S2: ")).expect("named");
    assert!(line.starts_with("P-014: reports/P-014_") && line.contains("by other limits or parameters"), "{line}");
    assert!(line.contains("true hinge, now not sure"), "{line}");
    assert!(!line.contains("1.1 "), "corrected by hand: {line}");
}
