//! `truehinge method` and `--method FILE`.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn truehinge(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_truehinge")).args(args).output().expect("the program starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn listed(args: &[&str]) -> String {
    let output = truehinge(&[&["method"], args].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

/// A method file in a folder of its own.
fn file(content: impl AsRef<[u8]>) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("mine.toml");
    fs::write(&path, content).expect("written");
    let path = path.to_string_lossy().into_owned();
    (folder, path)
}

#[test]
fn every_number_is_listed_with_value_unit_range_and_source_in_lines_of_100() {
    let table = listed(&[]);
    for line in table.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    let listed: Value = serde_json::from_str(&listed(&["--json"])).expect("an object");
    let objects = listed["numbers"].as_array().expect("a list");
    assert!(objects.len() > 100);
    for object in objects {
        let path = object["path"].as_str().expect("a path");
        let line = table.lines().find(|line| line.split_whitespace().next() == Some(path));
        assert!(line.is_some(), "{path} is not in the table");
        assert_eq!(object["value"], object["default"]);
        assert!(!object["source"].as_str().expect("a source").is_empty(), "{path}");
    }
    let leaves = table.lines().find(|line| line.starts_with("repetitions.leaves_deg ")).expect("is listed");
    let words: Vec<&str> = leaves.split_whitespace().take(4).collect();
    let object = objects.iter().find(|object| object["path"] == "repetitions.leaves_deg").expect("is listed");
    assert_eq!(words, ["repetitions.leaves_deg", &object["value"].to_string(), "deg", "noticed_deg..30"]);
    assert_eq!(object["unit"], "deg");
    assert_eq!(object["allowed"]["most"], 30.0);
}

#[test]
fn a_prefix_narrows_the_list_and_one_that_fits_nothing_is_wrong_usage() {
    let table = listed(&["measure.hip_path"]);
    assert!(table.lines().skip(1).all(|line| line.starts_with("measure.hip_path.") || line.starts_with("    ")));
    assert!(table.contains("measure.hip_path.leg.chain_m"));
    let nothing = truehinge(&["method", "nonsense"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(stderr(&nothing).contains("nonsense"), "{}", stderr(&nothing));
    assert_eq!(truehinge(&["method", "--toml", "--json"]).status.code(), Some(2));
}

#[test]
fn the_printed_file_is_the_method_and_a_changed_number_is_shown_with_what_is_built_in() {
    let whole = listed(&["--toml"]);
    let (_folder, path) = file(&whole);
    assert_eq!(listed(&["--method", &path]), listed(&[]), "the printed file changes nothing");
    let (_folder, path) = file("[repetitions]\nleaves_deg = 4\n");
    let table = listed(&["repetitions.leaves", "--method", &path]);
    assert!(table.contains(" 4.0 ") && table.contains("built in as 3.6"), "{table}");
    let changed = listed(&["--toml", "--method", &path]);
    let differing: Vec<&str> =
        changed.lines().zip(whole.lines()).filter(|(a, b)| a != b).map(|(line, _)| line).collect();
    assert_eq!(differing, ["leaves_deg = 4.0"]);
}

/// What is said of a bad method file, by every command that takes one: exit code 2, one message that names the file.
fn refused(path: &str) -> String {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("out").to_string_lossy().into_owned();
    let commands: [&[&str]; 9] = [
        &["method"],
        &["analyze", "no-such-recording.mcap"],
        &["explain", "no-such-recording.mcap"],
        &["replay", "no-such-recording.mcap"],
        &["batch", "no-such-folder", "--out", &out],
        &["report", "--all", "--from", "no-such-folder", "--out", &out],
        &["export", "no-such-recording.mcap", "--out", &out],
        &["demo", "--out", &out],
        &["record", "--headless", "--athlete", "P-014", "--side", "left", "--out", &out],
    ];
    let mut said = Vec::new();
    for command in commands {
        let output = truehinge(&[command, &["--method", path]].concat());
        assert_eq!(output.status.code(), Some(2), "{command:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{command:?}: {}", stdout(&output));
        assert!(!Path::new(&out).exists(), "{command:?} has begun its work");
        said.push(stderr(&output));
    }
    said.dedup();
    assert_eq!(said.len(), 1, "all commands say the same: {said:?}");
    assert!(said[0].contains(path), "{} in {}", path, said[0]);
    said.remove(0)
}

#[test]
fn a_number_that_cannot_be_is_refused_with_file_path_value_and_range() {
    for (content, parts) in [
        (
            "[repetitions]\nleaves_deg = 400",
            ["repetitions.leaves_deg is 400", "from repetitions.noticed_deg to 30 deg"],
        ),
        (
            "[repetitions]\nleaves_deg = nan",
            ["repetitions.leaves_deg is nan", "from repetitions.noticed_deg to 30 deg"],
        ),
        (
            "[repetitions]\nleaves_deg = inf",
            ["repetitions.leaves_deg is inf", "from repetitions.noticed_deg to 30 deg"],
        ),
        ("[repetitions]\nleaves_deg = \"4 deg\"", ["is the text \"4 deg\"", "from repetitions.noticed_deg to 30 deg"]),
        ("[repetitions]\nleaves_deg = []", ["repetitions.leaves_deg is []", "from repetitions.noticed_deg to 30 deg"]),
        (
            "[repetitions]\nleaves_rad = 0.06",
            ["there is no repetitions.leaves_rad", "in deg, as repetitions.leaves_deg"],
        ),
        ("[repetitions]\nleave_deg = 4", ["there is no repetitions.leave_deg", "did you mean repetitions.leaves_deg?"]),
        ("[orientation]\nends = \"loose\"", ["orientation.ends is loose", "published or anchored"]),
        ("[orientation]\nends = 3", ["orientation.ends is 3", "published or anchored"]),
        ("[repetitions", ["this is not TOML", "line 1"]),
    ] {
        let (_folder, path) = file(content);
        let said = refused(&path);
        for part in parts {
            assert!(said.contains(part), "{part} in {said}");
        }
    }
}

#[test]
fn what_is_no_method_file_at_all_is_refused_by_name() {
    let (folder, path) = file([0xff, 0xfe, b'[']);
    assert!(refused(&path).contains("is not a text file"));
    let missing = folder.path().join("missing.toml");
    assert!(refused(&missing.to_string_lossy()).contains("cannot be read"));
    assert!(refused(&folder.path().to_string_lossy()).contains("cannot be read"));
    let (_folder, path) = file("");
    let mut huge = fs::File::create(&path).expect("created");
    huge.write_all(b"[repetitions]\n").expect("written");
    huge.set_len(100 << 20).expect("grown");
    assert!(refused(&path).contains("larger than 1024 kB"));
}

#[test]
fn an_empty_file_is_the_built_in_method() {
    for content in ["", "\n# nothing is otherwise\n", "\u{feff}[repetitions]\n"] {
        let (_folder, path) = file(content);
        assert_eq!(listed(&["--method", &path]), listed(&[]));
    }
}

/// What the demo finds, and the hash of how it was found.
fn demo(method: &[&str]) -> (usize, String) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("demo").to_string_lossy().into_owned();
    let made = truehinge(&[&["demo", "--json", "--no-progress", "--out", &out], method].concat());
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let recording = folder.path().join("demo/demo.mcap").to_string_lossy().into_owned();
    let analysed = truehinge(&[&["analyze", "--json", &recording], method].concat());
    let [made, analysed]: [Value; 2] =
        [&made, &analysed].map(|output| serde_json::from_slice(&output.stdout).expect("an analysis"));
    assert_eq!(made, analysed, "demo and analyze measure by the same method");
    let sets = analysed["sets"].as_array().expect("sets");
    let reps = sets.iter().map(|set| set["reps"].as_array().map_or(0, Vec::len)).sum();
    (reps, analysed["provenance"]["config_sha256"].as_str().expect("a hash").to_owned())
}

#[test]
fn the_method_of_the_file_is_what_is_measured_by() {
    let (found, hash) = demo(&[]);
    let (_folder, whole) = file(listed(&["--toml"]));
    assert_eq!(demo(&["--method", &whole]), (found, hash.clone()), "written to a file and read back");
    // Nobody takes so long: nothing is a repetition any more.
    let (_folder, path) = file("[repetitions.duration]\nleast_s = 5.0\n");
    let (fewer, other) = demo(&["--method", &path]);
    assert!(fewer < found, "{fewer} instead of {found}");
    assert_ne!(other, hash);
}
