//! A recording that ends the program itself, with the real program: everything else is done all the same.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use truehinge_core::Side;
use truehinge_dataset::recording::write_recording;
use truehinge_sim::{Scenario, truth::RepKind};

/// Looked so often, two milliseconds apart: longer than any of this takes, on a machine that does much else.
const LOOKS: usize = 60_000;

/// Two recordings that are soon analysed, and between them one that takes long.
fn data(folder: &Path) -> PathBuf {
    let data = folder.join("data");
    fs::create_dir_all(&data).expect("creates");
    for (name, seed, reps) in [("a", 1, 2), ("long", 2, 150), ("z", 3, 2)] {
        let blocks = vec![(Side::Left, vec![RepKind::Hinge; reps])];
        let scenario = Scenario { blocks, ..Scenario::typical(seed) };
        let recording = scenario.run().expect("a session").recording();
        write_recording(&data.join(format!("{name}.mcap")), &recording).expect("writes");
    }
    data
}

fn batch(data: &Path, out: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truehinge"));
    command.arg("batch").arg(data).arg("-o").arg(out).args(["--jobs", "1", "--json", "--no-progress"]).args(more);
    // A group of its own, which can be ended as a whole: as a system does that is out of memory.
    command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a run prints; fails unless it ends with this code.
fn said(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one object")
}

fn ended(data: &Path, out: &Path, more: &[&str], code: i32) -> Value {
    said(&batch(data, out, more).output().expect("the program starts"), code)
}

/// Waits until something is so.
fn wait_until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..LOOKS {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("it never came to that");
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    entries.filter(|path| path.is_file()).map(|path| (name(&path), fs::read(&path).unwrap_or_default())).collect()
}

/// The keys of all results.
fn results(out: &Path) -> Vec<String> {
    let folders = fs::read_dir(out.join(".results")).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    let names = folders.filter(|path| path.is_dir()).flat_map(|folder| files(&folder).into_keys());
    names.filter_map(|name| Some(name.strip_suffix(".result")?.to_owned())).collect()
}

/// What is noted of inputs that have no result.
fn notes(out: &Path) -> Vec<String> {
    let (notes, done) = (files(&out.join(".results/.begun")), results(out));
    let open = notes.into_iter().filter(|(key, _)| !done.contains(key));
    open.map(|(_, text)| String::from_utf8(text).expect("text")).collect()
}

/// The processes that a process has started, with what it was told to do.
fn children(of: &Child) -> Vec<String> {
    let output = Command::new("ps").args(["-o", "pid=", "--ppid", &of.id().to_string()]).output().expect("ps is there");
    String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect()
}

fn kill(whom: &str) {
    assert!(Command::new("kill").args(["-KILL", "--", whom]).status().expect("kill is there").success());
}

/// A run that is ended, with all that it started, while it is at the long recording for the `deaths`-th time.
fn die(data: &Path, out: &Path, deaths: usize) {
    let mut run = batch(data, out, &[]).spawn().expect("starts");
    let (done, note) = if deaths == 1 { (1, String::new()) } else { (2, deaths.to_string()) };
    wait_until(|| {
        assert!(run.try_wait().expect("waits").is_none(), "it ended before");
        let is_alone = deaths == 1 || !children(&run).is_empty();
        results(out).len() == done && notes(out) == [note.clone()] && is_alone
    });
    kill(&format!("-{}", run.id()));
    assert_eq!(run.wait().expect("ends").signal(), Some(9));
    assert_eq!((results(out).len(), notes(out)), (done, vec![note]), "it was killed too late");
}

#[test]
fn what_kills_run_after_run_is_left_to_the_end_then_alone_then_out_and_tried_again_when_asked() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (data, out, whole) = (data(folder.path()), folder.path().join("out"), folder.path().join("whole"));
    assert_eq!(ended(&data, &whole, &[], 0)["n_sessions"], 3);
    assert!(!whole.join(".results/.begun").exists(), "nothing is noted of what ended well");
    // The first run has done what comes before it; the second one the rest, too.
    (1..=3).for_each(|deaths| die(&data, &out, deaths));
    let done = ended(&data, &out, &[], 3);
    assert_eq!((&done["n_sessions"], &done["n_from_results"]), (&Value::from(2), &Value::from(2)), "{done}");
    let [failure] = &done["failures"].as_array().expect("failures")[..] else { panic!("{done}") };
    assert_eq!((&failure["code"], &failure["source"]), (&"ended_program".into(), &"long.mcap".into()));
    let reason = failure["reason"].as_str().expect("a reason");
    assert!(reason.contains("3 runs ended") && reason.contains("(--retry)"), "{reason}");
    assert!(!out.join("UNFINISHED.txt").exists());
    // It is not tried again by itself, and the tables have the same bytes.
    let before = files(&out);
    ended(&data, &out, &[], 3);
    assert_eq!(before, files(&out));
    let done = ended(&data, &out, &["--retry"], 0);
    assert_eq!((&done["n_sessions"], &done["n_analysed"]), (&Value::from(3), &Value::from(1)), "{done}");
    assert!(files(&out) == files(&whole), "the tables of a run that nothing happened to");
    assert!(!out.join(".results/.begun").exists());
}

#[test]
fn a_process_that_ends_with_one_recording_costs_the_run_that_recording() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (data, out) = (data(folder.path()), folder.path().join("out"));
    die(&data, &out, 1);
    let mut run = batch(&data, &out, &[]).spawn().expect("starts");
    let mut alone = Vec::new();
    wait_until(|| {
        assert!(run.try_wait().expect("waits").is_none(), "it ended before");
        alone = children(&run);
        !alone.is_empty()
    });
    assert_eq!(results(&out).len(), 2, "everything else is done first");
    kill(&alone[0]);
    let done = said(&run.wait_with_output().expect("ends"), 3);
    assert_eq!(done["n_sessions"], 2);
    let reason = done["failures"][0]["reason"].as_str().expect("a reason");
    assert!(reason.contains("analysing it ended the program: signal: 9"), "{reason}");
    // What only had bad luck once is analysed, and so is what is changed.
    fs::copy(data.join("a.mcap"), data.join("long.mcap")).expect("replaces");
    let done = ended(&data, &out, &[], 0);
    assert_eq!((&done["n_sessions"], &done["n_copies"]), (&Value::from(2), &Value::from(1)), "{done}");
}

#[test]
fn what_only_was_there_when_a_run_was_killed_is_analysed_as_ever() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (data, out, whole) = (data(folder.path()), folder.path().join("out"), folder.path().join("whole"));
    ended(&data, &whole, &[], 0);
    die(&data, &out, 1);
    let done = ended(&data, &out, &[], 0);
    assert_eq!((&done["n_analysed"], &done["n_from_results"]), (&Value::from(2), &Value::from(1)), "{done}");
    assert!(files(&out) == files(&whole));
}
