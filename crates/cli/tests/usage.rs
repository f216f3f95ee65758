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
    let bad = truehinge(&["report", "two\nlines"]);
    assert_eq!(bad.status.code(), Some(2));
    assert!(stderr(&bad).contains("one line of characters that can be seen"), "{}", stderr(&bad));
}

#[test]
fn a_missing_input_is_named_and_exit_code_three() {
    let output = truehinge(&["analyze", "no-such-file.csv"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(stderr(&output), "error: no-such-file.csv: there is no such file or folder\nhint: check the path\n");
    assert!(output.stdout.is_empty());
}

/// What a failing run with `--json` prints.
fn told(args: &[&str]) -> (Option<i32>, serde_json::Value) {
    let output = truehinge(&[args, &["--json"]].concat());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(text.lines().count(), 1, "{text}");
    (output.status.code(), serde_json::from_str(&text).expect("JSON"))
}

#[test]
fn with_json_an_error_is_an_object() {
    let (code, line) = told(&["analyze", "no-such-file.csv"]);
    let expected = serde_json::json!({ "schema": "truehinge/error/1", "error": {
        "code": "input_not_there",
        "found": "no-such-file.csv: there is no such file or folder",
        "hints": ["check the path"],
        "exit": 3
    }});
    assert_eq!((code, line), (Some(3), expected));
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(path("a.mcap"), b"nothing of ours").expect("writes");
    let of = |args: &[&str]| {
        let (code, line) = told(args);
        assert_eq!(line["error"]["exit"].as_i64(), code.map(i64::from), "{line}");
        (code, line["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let a = path("a.mcap");
    assert_eq!(of(&["analyze", &a]), (Some(3), "recording_not_one".to_owned()));
    assert_eq!(of(&["import", &a]), (Some(3), "recording_not_one".to_owned()));
    assert_eq!(of(&["explain", &a]), (Some(3), "recording_not_one".to_owned()));
    assert_eq!(of(&["recover", &path("none.mcap")]), (Some(3), "recording_io".to_owned()));
    assert_eq!(of(&["analyze", &a, "--protocol", "none"]), (Some(3), "protocol_neither".to_owned()));
    assert_eq!(of(&["analyze", &a, "--method", &a]), (Some(2), "method_not_toml".to_owned()));
    assert_eq!(of(&["method", "none"]), (Some(2), "method_no_such_prefix".to_owned()));
    assert_eq!(of(&["analyze"]), (Some(2), "wrong_usage".to_owned()));
    std::fs::create_dir(path("empty")).expect("creates");
    assert_eq!(of(&["batch", &path("empty"), "-o", &path("out")]), (Some(4), "no_recording".to_owned()));
}

#[test]
fn what_was_found_and_what_to_do_are_lines_for_each_input() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    for name in ["a.mcap", "b.mcap"] {
        std::fs::write(path(name), b"nothing of ours").expect("writes");
    }
    let said = stderr(&truehinge(&["analyze", &path("a.mcap"), &path("b.mcap")]));
    let begins: Vec<&str> = said.lines().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!(begins, ["error", "hint", "error", "hint"], "{said}");
}

#[test]
fn help_documents_the_exit_codes() {
    let output = truehinge(&["--help"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("Exit codes") && text.contains("130 interrupted"), "{text}");
}

/// Asks for a recording at this rate by sensors whose models are said, in a folder that does not exist; it must stay so.
fn recorded_at(rate: &str, hip: &str, shank: &str) -> Output {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("recordings");
    let path = out.to_string_lossy().into_owned();
    let (hip, shank) = (format!("C0:11:22:33:44:55={hip}"), format!("C1:11:22:33:44:55={shank}"));
    let what = ["record", "--headless", "--athlete", "P-014", "--side", "left", "--out", &path, "--rate", rate];
    let output = truehinge(&[&what[..], &["--hip", &hip, "--shank", &shank]].concat());
    assert!(!out.exists(), "nothing was begun");
    output
}

#[test]
fn a_rate_that_a_sensor_does_not_have_is_refused_before_any_radio_is_touched() {
    let output = recorded_at("75", "movella-dot", "witmotion");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for part in [
        "hip sensor C0:11:22:33:44:55 (movella-dot) measures at 20, 30 or 60 Hz, not at 75 Hz",
        "shank sensor C1:11:22:33:44:55 (witmotion) measures at 20, 50, 100 or 200 Hz, not at 75 Hz",
        "hint: choose one that all of these sensors have (20 Hz), or the default rate of each (--rate)",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let apart = recorded_at("52", "movesense", "metamotion");
    assert_eq!(apart.status.code(), Some(2), "{}", stderr(&apart));
    assert!(stderr(&apart).contains("these sensors have none in common"), "{}", stderr(&apart));
}

#[test]
fn a_rate_that_is_no_number_above_zero_is_wrong_usage() {
    for rate in ["fast", "0", "-50", "inf"] {
        let output = recorded_at(rate, "movella-dot", "movella-dot");
        assert_eq!(output.status.code(), Some(2), "{rate}: {}", stderr(&output));
    }
    let fast = recorded_at("fast", "movella-dot", "movella-dot");
    assert!(stderr(&fast).contains("samples per second, such as 50"), "{}", stderr(&fast));
}

#[cfg(unix)]
#[test]
fn devices_and_pipes_are_refused_by_every_command_that_reads() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipe = folder.path().join("pipe.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()));
    let (pipe, out) = (pipe.to_string_lossy(), folder.path().join("out").to_string_lossy().into_owned());
    let out = out.as_str();
    for path in ["/dev/zero", &pipe] {
        for args in [
            &["analyze", path][..],
            &["report", "P-1", "--from", path, "--out", out],
            &["batch", path, "--out", out],
            &["export", path, "--out", out],
            &["explain", path],
            &["replay", path],
            &["recover", path, "--out", out],
            &["edit", path, "--height", "170", "--out", out],
            &["decode", path, "--out", out],
            &["import", path, "--out", out],
            &["analyze", path, "--mapping", path],
            &["analyze", path, "--protocol", path],
        ] {
            let output = truehinge(args);
            // Without a recording there is nobody to report on.
            let code = if args[0] == "report" { 4 } else { 3 };
            assert_eq!(output.status.code(), Some(code), "{args:?}: {}", stderr(&output));
            // What a table of failures holds is part of what is said of it.
            let said = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
            assert_eq!(said.matches("a device or a pipe, which has no end").count(), 1, "{args:?}: {said}");
        }
    }
}
