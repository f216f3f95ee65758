//! Who is who: ids in every script, people whom nobody named, the same recording twice, and names of files that never collide.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn truehinge(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truehinge"));
    command.args(args).arg("--no-progress").output().expect("the program starts")
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs it and expects an exit code.
fn run(args: &[&str], code: i32) -> String {
    let output = truehinge(args);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {}", words(&output));
    words(&output)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A folder to work in, with real recordings of another maker.
struct Bench(tempfile::TempDir);

impl Bench {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("temporary folder"))
    }

    fn at(&self, name: &str) -> String {
        text(&self.0.path().join(name))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A recording of its own: the sample without its last `cut` rows.
    fn recording(&self, folder: &str, cut: usize) -> String {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/samples/xsens-dot");
        fs::create_dir_all(self.path(folder)).expect("creates");
        for entry in fs::read_dir(sample).expect("the sample") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "csv") {
                let whole = fs::read_to_string(&path).expect("reads");
                let lines: Vec<&str> = whole.lines().collect();
                let kept = lines[..lines.len() - cut].join("\n") + "\n";
                fs::write(self.path(folder).join(path.file_name().expect("a name")), kept).expect("writes");
            }
        }
        self.at(folder)
    }

    /// Imports a recording of its own as somebody's.
    fn import(&self, cut: usize, athlete: &str, out: &str) -> String {
        let source = self.recording(&format!("source-{cut}"), cut);
        run(&["import", &source, &format!("--athlete={athlete}"), "--side", "left", "--out", &self.at(out)], 0)
    }

    fn names(&self, folder: &str) -> BTreeSet<String> {
        let entries = fs::read_dir(self.path(folder)).expect("lists");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    /// A column of the sessions that a batch finds.
    fn column(&self, tables: &str, column: &str) -> Vec<String> {
        let table = fs::read_to_string(self.path(tables).join("sessions.csv")).expect("a table");
        let mut lines = table.lines().map(cells);
        let header = lines.next().expect("a header");
        let index = header.iter().position(|name| name == column).expect("the column");
        lines.map(|row| row[index].clone()).collect()
    }
}

/// The cells of a line of a CSV file without line breaks in its cells.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().expect("one at least").push(c),
        }
    }
    cells
}

#[test]
fn hostile_pairs_of_ids_stay_two_people_in_files_tables_and_reports() {
    let long = "z".repeat(64);
    let ids = [
        "選手-山田",
        "選手-鈴木",
        "P/14",
        "P 14",
        "CON",
        "dot.",
        &format!("{long}a"),
        &format!("{long}b"),
        "-----",
        "p14",
        "P14",
    ];
    let bench = Bench::new();
    for (cut, id) in ids.iter().enumerate() {
        let said = bench.import(cut, id, "recordings");
        let is_plain = ["-----", "p14", "P14"].contains(id);
        assert_eq!(said.contains(&format!("athlete \"{id}\" is written as")), !is_plain, "{said}");
    }
    let files = bench.names("recordings");
    assert_eq!(files.len(), ids.len(), "{files:?}");
    let folded: BTreeSet<String> = files.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(folded.len(), ids.len(), "some disks take names in other letters for the same: {files:?}");
    assert!(files.iter().all(|name| name.is_ascii() && !name.starts_with("CON_") && name.len() < 150), "{files:?}");
    assert!(files.contains("P14_20210820_202113.mcap") || files.contains("p14_20210820_202113.mcap"), "{files:?}");

    run(&["batch", &bench.at("recordings"), "--out", &bench.at("tables")], 0);
    let found: BTreeSet<String> = bench.column("tables", "athlete_id").into_iter().collect();
    let guarded = |id: &str| if id.starts_with('-') { format!("'{id}") } else { id.to_owned() };
    assert_eq!(found, ids.iter().map(|id| guarded(id)).collect());

    let said = run(&["report", "--all", "--from", &bench.at("recordings"), "--out", &bench.at("reports")], 0);
    assert!(said.contains("athlete \"選手-山田\" is written as athlete-"), "{said}");
    let reports: BTreeSet<String> = bench
        .names("reports")
        .into_iter()
        .filter(|name| name.ends_with("_report.pdf"))
        .map(|name| name.to_lowercase())
        .collect();
    assert_eq!(reports.len(), ids.len(), "{reports:?}");
    let one = run(&["report", "-----", "--from", &bench.at("recordings"), "--out", &bench.at("one")], 0);
    assert!(one.contains("-----: "), "{one}");
    assert_eq!(bench.names("one").iter().filter(|name| name.ends_with("_report.pdf")).count(), 1);
    let none = run(&["report", "--al", "--from", &bench.at("recordings"), "--out", &bench.at("one")], 4);
    assert!(none.contains("there is no option --al, if it was meant as one"), "{none}");
}

#[test]
fn people_whom_nobody_named_are_not_one_person() {
    let bench = Bench::new();
    fs::create_dir_all(bench.path("data")).expect("creates");
    bench.recording("data/one", 0);
    bench.recording("data/two", 1);
    let said = run(&["batch", &bench.at("data"), "--side", "left", "--out", &bench.at("tables")], 0);
    assert!(said.contains("nothing says whose recordings 2 of these are") && said.contains("--athlete CODE"), "{said}");
    let people = bench.column("tables", "athlete_id");
    assert!(
        people.len() == 2 && people[0] != people[1] && people.iter().all(|id| id.starts_with("unnamed-")),
        "{people:?}"
    );
    let said =
        run(&["report", "--all", "--from", &bench.at("data"), "--side", "left", "--out", &bench.at("reports")], 0);
    assert_eq!(bench.names("reports").iter().filter(|name| name.ends_with("_report.pdf")).count(), 2, "{said}");
    // Under the same name they are one person's.
    let named = ["--side", "left", "--athlete", "P1", "--out"];
    run(&[&["batch", &bench.at("data")][..], &named, &[&bench.at("named")]].concat(), 0);
    assert_eq!(bench.column("named", "athlete_id"), ["P1", "P1"]);
}

#[test]
fn a_source_and_its_import_and_a_copy_count_once_and_are_named() {
    let bench = Bench::new();
    let source = bench.recording("dup/S000", 0);
    bench.recording("dup/other", 3);
    run(&["import", &source, "--athlete", "P7", "--side", "left", "--out", &bench.at("dup/recordings")], 0);
    let stored = bench.names("dup/recordings").into_iter().next().expect("a recording");
    fs::copy(bench.path("dup/recordings").join(&stored), bench.path("dup/recordings/x (1).mcap")).expect("copies");
    let jobs = |jobs: &str, out: &str| {
        let said = run(&["batch", &bench.at("dup"), "--jobs", jobs, "--out", &bench.at(out)], 0);
        let table = fs::read_to_string(bench.path(out).join("sessions.csv")).expect("a table");
        (said.replace(out, ""), table)
    };
    let (said, table) = jobs("1", "one");
    assert_eq!((said.clone(), table), jobs("3", "two"), "whichever thread comes first");
    assert_eq!(said.matches("the same recording as").count(), 2, "{said}");
    assert!(said.contains("S000: the same recording as") && said.contains("2 sessions"), "{said}");
    let people = bench.column("one", "athlete_id");
    assert!(people.contains(&"P7".to_owned()), "the recording knows whose it is: {people:?}");
    let copies = bench.column("one", "copies");
    assert!(copies.iter().any(|cell| cell.contains("S000") && cell.contains(';')), "{copies:?}");

    let said = run(&["analyze", &bench.at("dup"), "--out", &bench.at("analyzed")], 0);
    assert_eq!(said.matches("counted once").count(), 2, "{said}");
    assert_eq!(bench.names("analyzed").len(), 2);
    let said = run(&["report", "--all", "--from", &bench.at("dup"), "--out", &bench.at("reports")], 0);
    assert_eq!(said.matches("counted once").count(), 2, "{said}");
    assert_eq!(bench.names("reports").iter().filter(|name| name.ends_with("_report.pdf")).count(), 2, "{said}");
    // Results that were written below the folder are no data that nobody read.
    let below = bench.at("dup/results");
    run(&["report", "--all", "--from", &bench.at("dup"), "--out", &below], 0);
    run(&["batch", &bench.at("dup"), "--out", &below], 0);
    run(&["batch", &bench.at("dup"), "--out", &below], 0);
    // Importing it again changes nothing and says so; another height is not slipped in.
    let again = ["import", &source, "--athlete", "P7", "--side", "left", "--out", &bench.at("dup/recordings")];
    assert!(run(&again, 0).contains("stored already"));
    assert!(run(&[&again[..], &["--height", "180"]].concat(), 3).contains("never overwritten"));
}

#[test]
fn a_source_that_only_its_import_could_read_is_no_failure() {
    let bench = Bench::new();
    let source = bench.recording("data/raw", 0);
    for (plain, name) in [("Pelvis", "one"), ("LTibia", "two"), ("LFemur", "three")] {
        for file in bench.names("data/raw").iter().filter(|file| file.starts_with(plain)) {
            fs::rename(bench.path("data/raw").join(file), bench.path("data/raw").join(format!("{name}.csv")))
                .expect("renames");
        }
    }
    let batch = |out: &str, code| run(&["batch", &bench.at("data"), "--out", &bench.at(out)], code);
    let roles = ["--role", "one=hip", "--role", "two=shank", "--role", "three=thigh"];
    let import = ["import", &source, "--side", "left", "--athlete", "P1", "--out", &bench.at("data/recordings")];
    assert_ne!(truehinge(&["batch", &bench.at("data"), "--out", &bench.at("before")]).status.code(), Some(0));
    run(&[&import[..], &roles].concat(), 0);
    let said = batch("after", 0);
    assert!(said.contains("was imported into") && said.contains("1 session written"), "{said}");
    let said = run(&["report", "P1", "--from", &bench.at("data"), "--out", &bench.at("reports")], 0);
    assert!(said.contains("was imported into"), "{said}");
}

#[test]
fn folders_and_reports_of_one_name_are_never_overwritten_unsaid() {
    let bench = Bench::new();
    for (cut, who) in [(0, "A"), (1, "B"), (2, "A")] {
        bench.import(cut, who, &format!("from-{cut}"));
    }
    let inputs = [bench.at("from-0"), bench.at("from-1"), bench.at("from-2")];
    let analyze = |inputs: &[String]| {
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        run(&[&["analyze", "--out", &bench.at("out")][..], &inputs].concat(), 0)
    };
    let said = analyze(&inputs);
    assert_eq!(said.matches("holds the tables of another recording").count(), 2, "{said}");
    let folders = bench.names("out");
    assert!(folders.len() == 3 && folders.contains("20210820_202113"), "{folders:?}");
    analyze(&inputs);
    assert_eq!(bench.names("out"), folders, "the same again goes where it was");
    analyze(&inputs[..1]);
    assert_eq!(bench.names("out"), folders);
    // Two recordings of one person under one name, in one folder.
    fs::create_dir_all(bench.path("both")).expect("creates");
    let said = run(&["import", &inputs[0], &inputs[2], "--out", &bench.at("both")], 0);
    assert_eq!(bench.names("both").len(), 2, "{said}");
    assert!(said.contains("holds another recording"), "{said}");
    let report = ["report", "A", "--from", &bench.at("from-0"), "--out", &bench.at("reports")];
    let pages = |of: &[&str]| {
        run(of, 0);
        bench.names("reports").into_iter().filter(|name| name.ends_with("_report.pdf")).collect::<Vec<_>>()
    };
    assert_eq!(pages(&report), ["A_20210820_202113_report.pdf"]);
    assert_eq!(pages(&report).len(), 1, "the same again is the same");
    let other = ["report", "A", "--from", &bench.at("from-2"), "--out", &bench.at("reports")];
    assert_eq!(pages(&other), ["A_20210820_202113-2_report.pdf", "A_20210820_202113_report.pdf"]);
}

#[test]
fn dates_are_those_of_the_wall_clock() {
    let bench = Bench::new();
    let said = bench.import(0, "P1", "recordings");
    assert!(!said.contains("time zone is not stated"), "the file states GMT+8: {said}");
    run(&["batch", &bench.at("recordings"), "--out", &bench.at("tables")], 0);
    assert_eq!(bench.column("tables", "start_local"), ["2021-08-20T20:21:13.804"]);
    assert_eq!(bench.column("tables", "utc_offset_min"), ["480"]);
    assert!(bench.column("tables", "start_utc")[0].starts_with("2021-08-20T12:21:13.804"));
    let said = run(&["report", "P1", "--from", &bench.at("recordings"), "--out", &bench.at("reports")], 0);
    assert!(said.contains("P1_20210820_202113_report.pdf"), "{said}");
    let shown = run(&["analyze", &bench.at("recordings")], 0);
    assert!(shown.contains("2021-08-20 20:21 (UTC+8)"), "{shown}");
}

#[test]
fn names_that_nobody_sees_are_refused_where_somebody_types_them() {
    for (id, code) in [("a\u{202e}b", 2), ("a\nb", 2), ("", 2), ("Ångström", 4), ("../etc", 4)] {
        let empty = tempfile::tempdir().expect("temporary folder");
        fs::write(empty.path().join("broken.mcap"), "no recording").expect("written");
        let said = run(&["report", id, "--from", &text(empty.path()), "--out", &text(&empty.path().join("out"))], code);
        assert!(code == 4 || said.contains("give"), "{said}");
    }
}
