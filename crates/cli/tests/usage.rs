//! Usage errors and exit codes of the program.

use std::process::{Command, Output};

fn truehinge(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_truehinge")).args(args).output().expect("the program starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn wrong_usage_is_exit_code_two() {
    assert_eq!(truehinge(&["nonsense"]).status.code(), Some(2));
    assert_eq!(truehinge(&["analyze"]).status.code(), Some(2));
    let bad = truehinge(&["report", "../etc"]);
    assert_eq!(bad.status.code(), Some(2));
    assert!(stderr(&bad).contains("A-Z a-z 0-9"), "{}", stderr(&bad));
}

#[test]
fn a_missing_input_is_named_and_exit_code_three() {
    let output = truehinge(&["analyze", "no-such-file.csv"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("no-such-file.csv"), "{}", stderr(&output));
}

#[test]
fn help_documents_the_exit_codes() {
    let output = truehinge(&["--help"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("Exit codes") && text.contains("130 interrupted"), "{text}");
}
