//! A mapping that a folder has for its tables.

use truehinge_core::Explained;
use truehinge_dataset::import::by_folder::{FILE, settled};
use truehinge_dataset::import::import;
use truehinge_dataset::{ImportOptions, survey};

use crate::layouts::is_the_person;
use crate::person::{MAPPING, table};
use crate::{Folder, message, samples_folder, with_mapping};

fn study() -> Folder {
    let folder = Folder::new();
    folder.file(FILE, MAPPING);
    folder
}

#[test]
fn the_nearest_folder_above_says_what_columns_mean_and_the_report_says_so() {
    let folder = study();
    let path = folder.file("site-1/P-001/monday.csv", table(|_, _| ()));
    let report = is_the_person(&path, &ImportOptions::default());
    let said = |note: &String| note.starts_with("columns as truehinge-mapping.toml of its folder says (SHA-256 ");
    assert!(report.notes.iter().any(said), "{report}");
    // A nearer one counts: here it is for other columns, so that nobody knows the table.
    folder.file(&format!("site-1/{FILE}"), MAPPING.replace("millis", "ticks"));
    assert_eq!(import(&path, &ImportOptions::default()).expect_err("unknown").code(), "import_unknown_format");
}

#[test]
fn what_a_person_gives_takes_its_place() {
    let folder = study();
    let path = folder.file("monday.csv", table(|_, _| ()).replacen("millis", "ticks", 1));
    assert!(import(&path, &ImportOptions::default()).is_err());
    is_the_person(&path, &with_mapping(&MAPPING.replace("millis", "ticks")));
}

#[test]
fn a_study_is_found_whole_known_formats_beside_described_tables() {
    let folder = study();
    let described = folder.file("site-1/monday.csv", table(|_, _| ()));
    let dot = folder.path().join("site-1/dot");
    for file in std::fs::read_dir(samples_folder().join("xsens-dot")).expect("lists") {
        let file = file.expect("an entry").path();
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        folder.file(&format!("site-1/dot/{name}"), std::fs::read(&file).expect("reads"));
    }
    let known = survey(&dot, &ImportOptions::default()).expect("lists");
    let found = survey(folder.path(), &ImportOptions::default()).expect("lists");
    // The folder has no table of the mapping: its sensors are found as ever.
    let expected: Vec<_> = known.sources.iter().cloned().chain([described]).collect();
    assert_eq!((found.sources, known.sources.is_empty()), (expected, false));
    assert_eq!(found.unread, []);
}

#[test]
fn sensors_in_files_of_their_own_are_one_recording() {
    let folder = Folder::new();
    let one = MAPPING.split("[[sensor]]").take(2).collect::<Vec<_>>().join("[[sensor]]");
    folder.file(FILE, one.replace("role = \"hip\"", "").replace("hip_", ""));
    for (name, from) in [("hip", 1), ("shank", 7)] {
        let rows = table(|_, _| ());
        let lines = rows.lines().skip(1).map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            format!("{},{}\n", cells[0], cells[from..from + 6].join(","))
        });
        let text: String = std::iter::once("millis,ax,ay,az,gx,gy,gz\n".to_owned()).chain(lines).collect();
        folder.file(&format!("P-001/{name}.csv"), text);
    }
    let found = survey(folder.path(), &ImportOptions::default()).expect("lists");
    assert_eq!(found.sources, [folder.path().join("P-001")]);
    is_the_person(&found.sources[0], &ImportOptions::default());
}

#[test]
fn a_file_that_is_no_mapping_is_named_with_its_line() {
    let folder = Folder::new();
    folder.file(FILE, "time = 3\n");
    let path = folder.file("monday.csv", table(|_, _| ()));
    let error = settled(&path, &ImportOptions::default()).expect_err("no mapping");
    let words = message(&error, &folder);
    assert!(words.starts_with("truehinge-mapping.toml: not a mapping: TOML parse error at line 1"), "{words}");
    // A survey of the study ends with the same.
    assert_eq!(survey(folder.path(), &ImportOptions::default()).expect_err("no mapping").code(), error.code());
}
