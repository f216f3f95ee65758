//! Studies: in one run and in parts, stopped anywhere and gone on with, with the real program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::{Child, Stdio};
use std::process::{Command, Output};
#[cfg(unix)]
use std::time::Duration;

use serde_json::Value;
use truehinge_dataset::recording::write_recording;
use truehinge_dataset::table::TABLES;
use truehinge_sim::Scenario;

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truehinge"));
    command.args(args).arg("--no-progress");
    command
}

fn run(args: &[&str]) -> Output {
    command(args).output().expect("the program starts")
}

/// What a run prints; fails unless it ends with this code.
fn json(args: &[&str], code: i32) -> Value {
    let output = run(&[args, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(code), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one object")
}

/// Recordings of three people, two of one name, one twice, and two files that are none.
fn data(folder: &Path, recordings: u64) -> PathBuf {
    let data = folder.join("data");
    fs::create_dir_all(data.join("deep/選手")).expect("creates");
    for seed in 0..recordings {
        let mut recording = Scenario::typical(seed).run().expect("a session").recording();
        recording.info.athlete = format!("P-{}", seed % 3).into();
        recording.info.session = format!("S{}", seed / 6).into();
        write_recording(&data.join(format!("deep/{seed}.mcap")), &recording).expect("writes");
    }
    fs::copy(data.join("deep/1.mcap"), data.join("deep/選手/copy of 1.mcap")).expect("copies");
    fs::write(data.join("none.mcap"), b"no recording").expect("writes");
    fs::write(data.join("empty.mcap"), b"").expect("writes");
    data
}

/// Every file of a folder but those of programs, with its bytes.
fn tables(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if entry.path().is_dir() {
            found.extend(tables(&entry.path()).into_iter().map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else {
            found.insert(name, fs::read(entry.path()).expect("reads"));
        }
    }
    found
}

/// Which files two folders have, and which of these differ.
fn same(one: &Path, other: &Path) {
    let (one, other) = (tables(one), tables(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    let differ: Vec<&String> = one.keys().filter(|name| one[*name] != other[*name]).collect();
    assert!(differ.is_empty() && !one.is_empty(), "{differ:?}");
}

#[test]
fn parts_on_any_number_of_computers_and_threads_are_gathered_to_the_bytes_of_one_run() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (data, whole) = (data(folder.path(), 8), folder.path().join("whole"));
    let done = json(&["batch", &text(&data), "-o", &text(&whole)], 3);
    assert_eq!((done["n_sessions"].as_u64(), done["n_copies"].as_u64()), (Some(8), Some(1)));
    let renamed = fs::read_to_string(whole.join("sessions.csv")).expect("reads");
    assert!(renamed.contains("S0-"), "two of one name: {renamed}");
    let parts = folder.path().join("whole-in-parts");
    json(&["batch", &text(&data), "-o", &text(&parts), "--tables", "parts"], 3);
    assert!(parts.join("reps/part-00001.parquet").exists() && !parts.join("reps.csv").exists());
    for (of, threads, shared) in [(1, "1", false), (2, "2", false), (5, "1", false), (5, "2", true)] {
        let place = |number: u32| folder.path().join(format!("{of}-{threads}/{}", if shared { 0 } else { number }));
        let mut folders = Vec::new();
        for number in (1..=of).rev() {
            let shard = format!("{number}/{of}");
            let output =
                run(&["batch", &text(&data), "-o", &text(&place(number)), "--shard", &shard, "--jobs", threads]);
            assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
            folders.push(text(&place(number)));
        }
        folders.dedup();
        let gathered = folder.path().join(format!("gathered-{of}-{threads}-{shared}"));
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        json(&[&["gather"], folders.as_slice(), &["-o", &text(&gathered), "--jobs", threads]].concat(), 3);
        same(&whole, &gathered);
        let in_parts = folder.path().join(format!("gathered-in-parts-{of}-{threads}-{shared}"));
        let more = ["-o", &*text(&in_parts), "--jobs", threads, "--tables", "parts"];
        json(&[&["gather"], folders.as_slice(), &more].concat(), 3);
        same(&parts, &in_parts);
    }
}

#[test]
fn parts_that_do_not_belong_together_are_named() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (data, out) = (data(folder.path(), 3), folder.path().join("out"));
    let part = |name: &str, shard: &str, more: &[&str]| {
        let place = folder.path().join(name);
        let output = run(&[&["batch", &text(&data), "-o", &text(&place), "--shard", shard], more].concat());
        assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
        text(&place)
    };
    let (one, two) = (part("one", "1/2", &[]), part("two", "2/2", &[]));
    let code = |folders: &[&str]| {
        let error = json(&[&["gather"], folders, &["-o", &text(&out)]].concat(), 3);
        error["error"]["code"].as_str().expect("a code").to_owned()
    };
    assert_eq!(code(&[&one]), "shard_missing");
    assert_eq!(code(&[&one, &one]), "shard_twice");
    assert_eq!(code(&[&one, &two, &text(&data)]), "shard_none");
    assert_eq!(code(&[&one, &part("third", "3/3", &[])]), "shard_differs");
    assert_eq!(code(&[&one, &part("other-rules", "2/2", &["--height", "180"])]), "shard_differs");
    fs::write(data.join("late.mcap"), b"").expect("writes");
    assert_eq!(code(&[&one, &part("late", "2/2", &[])]), "shard_differs");
    // Cut anywhere, or with one character changed.
    let manifest = Path::new(&two).join(".results/shard-2-of-2.manifest");
    let bytes = fs::read(&manifest).expect("reads");
    for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&manifest, &bytes[..length]).expect("writes");
        assert_eq!(code(&[&one, &two]), "shard_damaged", "{length} bytes");
    }
    let mut changed = bytes.clone();
    let digit = bytes.iter().rposition(|byte| *byte == b'S').expect("a session");
    changed[digit] = b'T';
    fs::write(&manifest, &changed).expect("writes");
    assert_eq!(code(&[&one, &two]), "shard_damaged");
    assert!(!out.exists(), "nothing was written");
    // A result that is gone is named, and no table is written.
    fs::write(&manifest, &bytes).expect("writes");
    let results =
        fs::read_dir(Path::new(&two).join(".results")).expect("lists").map(|entry| entry.expect("one").path());
    results.filter(|path| path.is_dir()).for_each(|path| fs::remove_dir_all(path).expect("removes"));
    let error = json(&["gather", &one, &two, "-o", &text(&out)], 1);
    assert_eq!(error["error"]["code"], "result_gone");
    assert!(tables(&out).keys().eq(["UNFINISHED.txt"]));
}

#[cfg(unix)]
/// Results that are whole in the store of a folder.
fn stored(out: &Path) -> usize {
    let list = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_own = |path: &PathBuf| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.'));
    let athletes = list(&out.join(".results")).filter(is_own);
    athletes.flat_map(|athlete| list(&athlete).collect::<Vec<_>>()).count()
}

#[cfg(unix)]
/// Waits until so many results are there.
fn wait_for(out: &Path, results: usize, batch: &mut Child) {
    while stored(out) < results {
        assert!(batch.try_wait().expect("waits").is_none(), "it ended before");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(unix)]
#[test]
fn whatever_ends_a_run_keeps_what_is_done_and_the_next_does_the_rest_to_the_same_bytes() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (data, whole) = (data(folder.path(), 14), folder.path().join("whole"));
    json(&["batch", &text(&data), "-o", &text(&whole)], 3);
    for signal in ["-KILL", "-TERM", "-INT"] {
        let out = folder.path().join(format!("killed{signal}"));
        let args = ["batch", &text(&data), "-o", &text(&out), "--jobs", "2"];
        let mut batch = command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        wait_for(&out, 4, &mut batch);
        // One folder, two runs: the second is refused and changes nothing.
        let refused = json(&args, 3);
        assert_eq!(refused["error"]["code"], "folder_busy");
        let killed = Command::new("kill").args([signal, &batch.id().to_string()]).status();
        assert!(killed.expect("kill is there").success());
        let code = batch.wait().expect("ends").code();
        assert_eq!(code, if signal == "-KILL" { None } else { Some(130) });
        assert!(tables(&out).keys().eq(["UNFINISHED.txt"]), "{:?}", tables(&out).keys());
        let there = stored(&out);
        let done = json(&args, 3);
        let (analysed, taken) = (done["n_analysed"].as_u64(), done["n_from_results"].as_u64());
        // A copy has the key of another name: each input is one of fifteen.
        assert_eq!((analysed, taken), (Some(15 - there as u64), Some(there as u64)), "{signal}");
        same(&whole, &out);
        assert!(!out.join(".results/.run").exists() && !out.join(".results/.lock").exists());
    }
    let again = json(&["batch", &text(&data), "-o", &text(&whole)], 3);
    assert_eq!((again["n_analysed"].as_u64(), again["n_from_results"].as_u64()), (Some(0), Some(15)));
}

#[test]
fn tables_in_parts_hold_the_same_rows_and_none_of_another_layout_stays() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (data, out) = (data(folder.path(), 2), folder.path().join("out"));
    let batch = |more: &[&str]| json(&[&["batch", &text(&data), "-o", &text(&out)], more].concat(), 3);
    batch(&["--curves-csv"]);
    let whole = tables(&out);
    assert!(whole.contains_key("curves.csv") && whole.contains_key("reps.parquet"));
    batch(&["--tables", "parts"]);
    let parts = tables(&out);
    let names: Vec<&String> = parts.keys().collect();
    assert!(parts.contains_key("reps/part-00001.parquet") && parts.contains_key("athletes.csv"), "{names:?}");
    assert!(!parts.contains_key("reps.csv") && !parts.contains_key("reps.parquet"), "{names:?}");
    assert_eq!(parts["reps/part-00001.parquet"], whole["reps.parquet"]);
    batch(&[]);
    let again = tables(&out);
    assert!(!out.join("reps").exists() && !again.contains_key("curves.csv"));
    assert!(again.iter().all(|(name, bytes)| whole[name] == *bytes));
}

#[test]
fn tables_of_another_version_and_files_that_are_none_are_not_replaced() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (data, out) = (data(folder.path(), 2), folder.path().join("out"));
    let args = ["batch", &text(&data), "-o", &text(&out)];
    json(&args, 3);
    let table = out.join("sessions.csv");
    let ours = fs::read_to_string(&table).expect("reads");
    let version = env!("CARGO_PKG_VERSION");
    let theirs = ours.replace(&format!(",{version},"), ",0.0.1,");
    assert_ne!(ours, theirs);
    for (text, code) in [(theirs.as_str(), "table_other_version"), ("name,age\nA,3\n", "table_foreign")] {
        fs::write(&table, text).expect("writes");
        let before = tables(&out);
        assert_eq!(json(&args, 3)["error"]["code"], code);
        assert!(tables(&out) == before);
    }
    fs::write(&table, &ours).expect("writes");
    json(&args, 3);
}

#[test]
fn no_file_that_only_has_the_name_of_a_table_is_replaced() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (study, out) = (data(folder.path(), 2), folder.path().join("out"));
    let batch = ["batch", &*text(&study), "-o", &*text(&out)];
    fs::create_dir_all(&out).expect("a folder");
    for name in TABLES.iter().chain(&["failures", "data_dictionary"]) {
        let theirs = out.join(format!("{name}.csv"));
        fs::write(&theirs, "name,age\nA,3\n").expect("writes");
        let said = json(&batch, 3);
        assert_eq!(said["error"]["code"], "table_foreign", "{name}: {said}");
        assert_eq!(fs::read_to_string(&theirs).expect("reads"), "name,age\nA,3\n");
        fs::remove_file(&theirs).expect("removes");
    }
    // Our own are; one of the inputs is broken.
    for _ in 0..2 {
        assert!(json(&batch, 3)["n_sessions"].as_u64() > Some(0));
    }
}

#[test]
fn a_study_is_shown_before_anything_is_made_of_it() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let data = data(folder.path(), 2);
    let table = folder.path().join("study.csv");
    let output = run(&["inspect", &text(&data), "--csv", &text(&table), "--json"]);
    assert_eq!(output.status.code(), Some(3), "two files are none: {}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .expect("text")
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    let of = |schema: &str| lines.iter().filter(|line| line["schema"] == schema).collect::<Vec<_>>();
    let (inputs, overview) = (of("truehinge/inspect/1"), of("truehinge/overview/1")[0]);
    assert_eq!(inputs.len(), 3);
    assert_eq!((&overview["n_recordings"], &overview["n_copies"]), (&Value::from(2), &Value::from(1)), "{overview}");
    assert_eq!((&overview["n_failed"], &overview["n_athletes"]), (&Value::from(2), &Value::from(2)), "{overview}");
    let copies: Vec<_> = inputs.iter().filter(|input| !input["same_as"].is_null()).collect();
    assert_eq!(copies.len(), 1);
    assert_eq!(
        (&copies[0]["input"], &copies[0]["same_as"]),
        (&"deep/選手/copy of 1.mcap".into(), &"deep/1.mcap".into())
    );
    for input in &inputs {
        let sensors = input["sensors"].as_array().expect("sensors");
        assert_eq!(sensors.len(), 2, "{input}");
        for sensor in sensors {
            let (hz, gravity) = (&sensor["seen_hz"], &sensor["gravity_m_s2"]);
            assert!((hz.as_f64().expect("a rate") - 120.0).abs() < 1.0, "{sensor}");
            assert!((gravity.as_f64().expect("gravity") - 9.81).abs() < 0.3, "{sensor}");
        }
    }
    // Two sensors of three inputs, and two files that are none.
    let rows = fs::read_to_string(&table).expect("a table");
    assert_eq!(rows.lines().count(), 1 + 6 + 2, "{rows}");
    assert!(rows.lines().filter(|line| line.starts_with("none.mcap,") || line.starts_with("empty.mcap,")).count() == 2);
    // What is there is not replaced, and a folder of results is no study.
    let output = run(&["inspect", &text(&data), "--csv", &text(&table)]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(&table).expect("the table"), rows);
}
