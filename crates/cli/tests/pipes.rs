//! Readers that go away: the program ends quietly, and work whose result are files is done all the same.

use std::fs::{self, File};
use std::io::pipe;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truehinge"));
    command.args(args).env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    command
}

/// Runs it with nobody who reads what it prints.
fn unread(args: &[&str]) -> Output {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    command(args).stdout(writer).stderr(Stdio::piped()).output().expect("the program starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Ends with this code and without a word about the pipe.
fn ends_quietly(args: &[&str], code: i32) {
    let output = unread(args);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    for word in ["panicked", "ipe", "os error 32"] {
        assert!(!said.contains(word), "{args:?}: {said}");
    }
}

/// Ends with this code where nobody reads its errors either.
fn unheard(args: &[&str], code: i32) {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    let errors = writer.try_clone().expect("a second end");
    let status = command(args).stdout(writer).stderr(errors).status().expect("the program starts");
    assert_eq!(status.code(), Some(code), "{args:?}");
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[test]
fn every_command_ends_quietly_when_nobody_reads_it() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let at = |name: &str| text(&folder.path().join(name));
    ends_quietly(&["demo", "--no-progress", "--out", &at("demo")], 0);
    let recording = at("data/demo.mcap");
    fs::create_dir_all(folder.path().join("data")).expect("creates");
    fs::copy(folder.path().join("demo/demo.mcap"), &recording).expect("the demo did its work");
    assert!(
        Path::new(&recording).exists() && folder.path().join("demo/demo/reps.csv").exists(),
        "the demo did its work"
    );

    for args in [
        &["--help"][..],
        &["--version"],
        &["report", "--help"],
        &["method"],
        &["method", "--toml"],
        &["method", "--json"],
    ] {
        ends_quietly(args, 0);
    }
    for (args, code) in [
        (&["analyze", "no-such-file.csv"][..], 3),
        (&["analyze", "no-such-file.csv", "--json"], 3),
        (&["import", "no-such-file.csv", "--json"], 3),
        (&["method", "nonsense", "--json"], 2),
        (&["analyze", "--json"], 2),
        (&["nonsense"], 2),
    ] {
        ends_quietly(args, code);
        unheard(args, code);
    }
    for args in [
        &["analyze", &recording][..],
        &["analyze", "--json", &recording],
        &["explain", &recording],
        &["explain", "--json", &recording],
        &["explain", "--rep", "1", &recording],
        &["replay", "--speed", "inf", &recording],
        &["replay", "--json", "--speed", "inf", &recording],
        &["import", "--dry-run", &recording],
        &["import", "--json", "--out", &at("imported"), &recording],
        &["batch", &at("data"), "--out", &at("tables"), "--no-progress"],
        &["export", &recording, "--out", &at("exported"), "--notebooks", "--no-progress"],
        &["report", "--all", "--from", &at("data"), "--out", &at("reports"), "--no-progress"],
        &["report", "--json", "virtual-demo", "--from", &at("data"), "--out", &at("more"), "--no-progress"],
        &["analyze", &recording, "--out", &at("analyzed")],
        &["recover", &recording],
        &["recover", "--json", &recording, "--out", &at("recovered")],
    ] {
        ends_quietly(args, 0);
    }
    for made in [
        "imported/virtual-demo_demo.mcap",
        "tables/reps.parquet",
        "exported/hinge_sessions.ipynb",
        "analyzed/demo/reps.csv",
    ] {
        assert!(folder.path().join(made).exists(), "{made}");
    }
    let reports = fs::read_dir(folder.path().join("reports")).expect("lists");
    assert_eq!(reports.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some())).count(), 3);
}

#[test]
fn an_exit_code_that_says_something_is_kept() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let broken = folder.path().join("broken.mcap");
    fs::write(&broken, "no recording").expect("written");
    ends_quietly(&["analyze", &text(&broken)], 3);
    ends_quietly(&["batch", &text(folder.path()), "--out", &text(&folder.path().join("out"))], 3);
    // There is no Bluetooth where the bus is not.
    let doctor = unread(&["doctor", "--seconds", "1", "--out", &text(folder.path())]);
    assert!(!said(&doctor).contains("panicked"), "{}", said(&doctor));
    let scan = unread(&["scan", "--seconds", "1"]);
    assert!(!said(&scan).contains("panicked"), "{}", said(&scan));
}

#[test]
fn what_nobody_can_be_told_is_no_panic() {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    let status = command(&["analyze", "no-such-file.mcap"]).stderr(writer).stdout(Stdio::null()).status();
    assert_eq!(status.expect("the program starts").code(), Some(3));
}

/// A disk without space is another matter than a reader who has seen enough.
#[cfg(target_os = "linux")]
#[test]
fn output_that_is_lost_is_an_error() {
    let full = File::options().write(true).open("/dev/full").expect("a full disk");
    let output = command(&["method"]).stdout(full).stderr(Stdio::piped()).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("standard output") && !said(&output).contains("panicked"), "{}", said(&output));
}
