//! Results of earlier runs and what the tables say of failures, with the real program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a run says on standard error; fails unless it ends with this code.
fn run(args: &[&str], code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_truehinge")).args(args).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    said
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A folder with two recordings and a file that is none.
fn data(folder: &Path) -> PathBuf {
    run(&["demo", "--out", &text(&folder.join("demo")), "--no-progress"], 0);
    let data = folder.join("data");
    fs::create_dir_all(data.join("deep")).expect("creates");
    let recording = folder.join("demo/demo.mcap");
    fs::copy(&recording, data.join("a.mcap")).expect("copies");
    run(&["edit", &text(&recording), "--athlete", "P-2", "--out", &text(&data.join("b.mcap"))], 0);
    fs::write(data.join("deep/c.mcap"), b"no recording").expect("writes");
    data
}

/// The tables of a folder with their bytes.
fn tables(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let paths = fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry").path());
    let named = |path: &PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
    paths.filter(|path| path.is_file()).map(|path| (named(&path), fs::read(&path).expect("reads"))).collect()
}

fn results(folder: &Path) -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.expect("an entry").path()).collect()
    };
    list(folder).iter().flat_map(|athlete| list(athlete)).collect()
}

#[test]
fn a_second_run_says_the_same_and_a_broken_store_costs_a_line() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (data, out) = (data(folder.path()), folder.path().join("out"));
    let batch =
        |more: &[&str]| run(&[&["batch", &text(&data), "--out", &text(&out), "--no-progress"], more].concat(), 3);
    let said = batch(&["--no-cache"]);
    let (fresh, store) = (tables(&out), out.join(".results"));
    assert!(!store.exists());
    assert_eq!(batch(&[]), said);
    let kept = results(&store);
    assert!(!kept.is_empty() && tables(&out) == fresh);
    let written = |path: &PathBuf| fs::metadata(path).and_then(|file| file.modified()).expect("is there");
    let before: Vec<_> = kept.iter().map(written).collect();
    assert_eq!(batch(&["--jobs", "1"]), said);
    assert!(tables(&out) == fresh && kept.iter().map(written).collect::<Vec<_>>() == before, "nothing was made anew");
    fs::write(&kept[0], b"something else").expect("writes");
    let damaged = batch(&[]);
    assert!(damaged.contains("warning: ") && damaged.contains("damaged: analysed anew"), "{damaged}");
    assert!(tables(&out) == fresh);
    assert_eq!(batch(&[]), said, "and it is whole again");
    fs::remove_dir_all(&store).expect("removes");
    fs::write(&store, b"a file in its place").expect("writes");
    let unwritable = batch(&[]);
    assert!(unwritable.contains("error: ") && unwritable.contains(".results: "), "{unwritable}");
    assert!(tables(&out).iter().filter(|(name, _)| *name != ".results").eq(fresh.iter()), "the tables stay");
}

#[test]
fn a_failure_is_told_by_code_and_without_the_folders_of_this_machine() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (data, out) = (data(folder.path()), folder.path().join("out"));
    run(&["batch", &text(&data), "--out", &text(&out), "--no-progress", "--csv-locale", "de"], 3);
    let failures = fs::read_to_string(out.join("failures.csv")).expect("reads");
    let (header, row) = failures.trim_end().split_once('\n').expect("one failure");
    assert_eq!(header, "stage;code;source;reason;schema_version");
    assert!(row.starts_with("read;recording_not_one;deep/c.mcap;"), "{row}");
    assert!(row.contains("deep/c.mcap: ") && !row.contains(&text(folder.path())), "{row}");
    let sides = fs::read_to_string(out.join("sides.csv")).expect("reads");
    assert!(sides.lines().count() > 1 && sides.contains(','), "decimal commas: {sides}");
}
