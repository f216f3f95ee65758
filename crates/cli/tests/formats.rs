//! Recordings and results in the formats of other programs, and the words for a paper, with the real program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a run prints and says; fails unless it ends with this code.
fn run(args: &[&str], code: i32) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_truehinge")).args(args).output().expect("the program starts");
    let [printed, said] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    (printed, said)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Every file below a folder, by its path.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn every_format_is_written_again_as_it_was_and_nothing_of_people_is_replaced() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let at = |name: &str| text(&folder.path().join(name));
    run(&["demo", "--out", &at("demo"), "--no-progress"], 0);
    let recording = at("demo/demo.mcap");
    for format in ["bids", "view", "opensim", "wide"] {
        let (option, out) = (format!("--{format}"), at(format));
        let export = |code| run(&["export", &recording, &option, "--out", &out, "--no-progress"], code);
        let (printed, _) = export(0);
        assert_eq!(printed, format!("1 session written to {out}\n"));
        let read = || files(Path::new(&out)).into_iter().map(|path| (path.clone(), fs::read(path).expect("reads")));
        let first: Vec<(PathBuf, Vec<u8>)> = read().collect();
        export(0);
        assert!(first == read().collect::<Vec<_>>(), "{format}: other bytes");
        if format == "wide" {
            says_its_version(Path::new(&out));
        }
        if format != "bids" {
            continue;
        }
        // The list of what was written is a hidden file and the first of all.
        let (path, _) = first.get(1).expect("files beside the list");
        fs::write(path, "mine").expect("writes");
        let (_, said) = export(3);
        assert!(said.contains("it was changed since it was exported") && said.contains("--out FOLDER"), "{said}");
        assert_eq!(fs::read(path).expect("reads"), b"mine");
    }
    // What was made of a recording is no other recording: the samples in the data set are the same, the rest is left out.
    fs::remove_dir_all(at("bids")).expect("removes");
    run(&["export", &recording, "--bids", "--out", &at("bids"), "--no-progress"], 0);
    let (printed, said) = run(&["batch", &text(folder.path()), "--out", &at("tables"), "--no-progress"], 0);
    assert!(printed.starts_with("1 session written"), "{printed}{said}");
    let other = at("other.mcap");
    run(&["edit", &recording, "--athlete", "P-2", "--out", &other], 0);
    let (_, said) = run(&["export", &other, "--bids", "--out", &at("bids"), "--no-progress"], 3);
    assert!(said.contains("is of an earlier export") && said.contains("give the recordings of both"), "{said}");
    run(&["export", &recording, "--bids", "--view"], 2);
    run(&["export", &recording, "--bids", "--notebooks"], 2);
}

/// The wide table says the version of the tables' columns in its last one, and so do its dictionary and the syntax that reads it.
fn says_its_version(out: &Path) {
    let lines = |name: &str| -> Vec<String> {
        fs::read_to_string(out.join(name)).expect("reads").lines().map(str::to_owned).collect()
    };
    let (table, dictionary) = (lines("wide.csv"), lines("wide_dictionary.csv"));
    let version = dictionary[1].rsplit(',').next().expect("cells").to_owned();
    assert!(version.parse::<u32>().is_ok_and(|version| version > 0), "{version}");
    assert!(table[0].ends_with("_r06,schema_version"), "{}", table[0]);
    assert_eq!(table.len(), 3);
    assert!(table[1..].iter().all(|row| row.ends_with(&format!(",{version}"))), "{table:?}");
    let cells = |line: &String| line.matches(',').count();
    assert_eq!((cells(&table[1]), cells(&table[2])), (cells(&table[0]), cells(&table[0])));
    assert_eq!(dictionary.len(), 1 + cells(&table[0]) + 1);
    assert!(dictionary.last().expect("lines").starts_with("wide,schema_version,,integer,,"), "{dictionary:?}");
    assert!(lines("wide.sps").contains(&"  schema_version F8.0".to_owned()));
}

#[test]
fn what_goes_out_under_pseudonyms_names_nobody() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let at = |name: &str| text(&folder.path().join(name));
    run(&["demo", "--out", &at("demo"), "--no-progress"], 0);
    run(&["edit", &at("demo/demo.mcap"), "--athlete", "Mary Key", "--out", &at("mary.mcap")], 0);
    for format in ["--bids", "--view", "--opensim", "--wide"] {
        let out = at(&format[2..]);
        let key = at("key");
        let options = ["--pseudonymise", "--key", &key, "--no-progress", "--out", &out];
        run(&[&["export", &at("mary.mcap"), format][..], &options].concat(), 0);
        for path in files(Path::new(&out)) {
            let bytes = fs::read(&path).expect("reads");
            let all = [text(&path).replace(&at(""), "").into_bytes(), bytes].concat();
            for name in ["Mary", "mary", "virtual-hip", "virtual-demo", "2026-01-01"] {
                let found = all.windows(name.len()).any(|part| part == name.as_bytes());
                assert!(!found, "{name} in {}", path.display());
            }
        }
    }
}

#[test]
fn methods_say_the_same_of_recordings_and_of_their_tables() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let at = |name: &str| text(&folder.path().join(name));
    run(&["demo", "--out", &at("demo"), "--no-progress"], 0);
    run(&["batch", &at("demo"), "--out", &at("tables"), "--no-progress"], 0);
    let (of_recordings, _) = run(&["methods", &at("demo"), "--no-progress"], 0);
    let (of_tables, _) = run(&["methods", &at("tables")], 0);
    assert_eq!(of_recordings, of_tables);
    assert!(of_tables.contains("11 repetitions in 2 sets") && of_tables.contains("\nReferences\n"), "{of_tables}");
    let (bibtex, _) = run(&["methods", &at("tables"), "--bibtex"], 0);
    assert!(bibtex.starts_with("@software{truehinge") && bibtex.lines().all(|line| line.starts_with('@')), "{bibtex}");
    fs::write(at("other.toml"), "measure.smoothing_hz = 5.0\n").expect("writes");
    let (changed, _) = run(&["methods", &at("demo"), "--method", &at("other.toml"), "--no-progress"], 0);
    assert!(changed.contains("measure.smoothing_hz = 5") && !changed.contains("low-pass filtered"), "{changed}");
    let (_, said) = run(&["methods", &at("tables"), &at("demo")], 2);
    assert!(said.contains("give one folder with tables, or recordings"), "{said}");
    run(&["methods", &at("none")], 3);
}

#[test]
fn erasing_a_person_finds_what_went_out() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let at = |name: &str| text(&folder.path().join(name));
    run(&["demo", "--out", &at("demo"), "--no-progress"], 0);
    for (athlete, cut) in [("P-7", "0-50"), ("P-8", "50-102")] {
        let new = at(&format!("lib/recordings/{athlete}.mcap"));
        fs::create_dir_all(at("lib/recordings")).expect("creates");
        run(&["edit", &at("demo/demo.mcap"), "--athlete", athlete, "--cut", cut, "--out", &new], 0);
    }
    for format in ["bids", "view", "opensim"] {
        let out = at(&format!("lib/{format}"));
        run(&["export", &at("lib/recordings"), &format!("--{format}"), "--out", &out, "--no-progress"], 0);
    }
    let before = files(Path::new(&at("lib"))).len();
    run(&["--library", &at("lib"), "athlete", "erase", "P-7", "--yes"], 0);
    let left = files(Path::new(&at("lib")));
    let of = |name: &str| left.iter().filter(|path| text(path).contains(name)).count();
    assert_eq!((of("P-7"), of("sub-P7")), (0, 0), "{left:?}");
    assert!(of("sub-P8") > 10 && of("P-8") >= 3 && left.len() < before - 15, "{left:?}");
}
