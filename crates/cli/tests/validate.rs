//! `validate`: recordings against somebody's reference, with the real program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn truehinge(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_truehinge")).args(args).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A recording, and the table of its repetitions as `analyze` writes it.
fn demo(folder: &Path) -> (PathBuf, String) {
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let made = truehinge(&["demo", "--out", &path("demo"), "--no-progress"]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let recording = folder.join("demo/demo.mcap");
    let analysed = truehinge(&["analyze", &path("demo/demo.mcap"), "-o", &path("out")]);
    assert_eq!(analysed.status.code(), Some(0), "{}", text(&analysed.stderr));
    let session = fs::read_dir(folder.join("out")).expect("tables").next().expect("a session").expect("reads").path();
    (recording, fs::read_to_string(session.join("reps.csv")).expect("reads"))
}

#[test]
fn our_own_table_agrees_with_us_and_what_does_not_fit_is_named_by_its_line() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (recording, reps) = demo(folder.path());
    let (recording, table) = (recording.to_string_lossy().into_owned(), folder.path().join("labels.csv"));
    let (table_path, out) = (table.to_string_lossy().into_owned(), folder.path().join("against"));
    let out_path = out.to_string_lossy().into_owned();
    let validate = |text: &str| {
        fs::write(&table, text).expect("writes");
        truehinge(&["validate", &recording, "--reference", &table_path, "--out", &out_path, "--no-progress"])
    };
    let same = validate(&reps);
    assert_eq!(same.status.code(), Some(0), "{}", text(&same.stderr));
    let count = reps.lines().count() - 1;
    let page = text(&same.stdout);
    assert!(
        page.contains(&format!("Compared: {count} repetitions, 1 person. Rows that name no repetition: 0.")),
        "{page}"
    );
    assert_eq!(fs::read_to_string(out.join("validation.md")).expect("reads"), page);
    let agreement = fs::read_to_string(out.join("agreement.csv")).expect("reads");
    let knee = agreement.lines().find(|line| line.starts_with("knee_forward_mm,")).expect("a row");
    // What is stored is rounded to a tenth of a millimetre.
    assert!(
        knee.split(',').nth(3).and_then(|bias| bias.parse::<f64>().ok()).is_some_and(|bias| bias.abs() < 0.1),
        "{knee}"
    );
    assert!(fs::read_to_string(out.join("agreement.svg")).expect("reads").starts_with("<svg"));

    let odd = validate("rep,label,note\n1,true_hinge,\n99,true_hinge,\n1,true_hinge,\n");
    let said = text(&odd.stderr);
    assert_eq!(odd.status.code(), Some(3), "{said}");
    for part in [
        "labels.csv: line 3: ",
        "there is no such repetition",
        "labels.csv: line 4: ",
        "names the same repetition as line 2",
        "these columns mean nothing here: note",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_eq!(validate("session,rep,label\nS9,1,true_hinge\n").status.code(), Some(4));
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    let nothing = truehinge(&["validate", &empty.to_string_lossy(), "--reference", &table_path]);
    assert_eq!((nothing.status.code(), text(&nothing.stdout).as_str()), (Some(4), ""), "{}", text(&nothing.stderr));
    let wrong = validate("rep,label\n1,good\n");
    assert_eq!(wrong.status.code(), Some(3));
    assert!(
        text(&wrong.stderr).contains("line 2: label is \"good\", possible are true_hinge"),
        "{}",
        text(&wrong.stderr)
    );
}
