//! Whose a recording is, what it is called, when it was, and that what was imported is known to be the same as its source.

use truehinge_core::{AthleteId, Side, Zone};
use truehinge_dataset::recording::{read, recover, write_recording};
use truehinge_dataset::{ImportOptions, import, open};

use crate::person::{MAPPING, table};
use crate::{Folder, read_side, samples_folder, with_mapping};

/// The person's table with one number changed, so that it is another recording.
fn other(change: f64) -> String {
    table(|_, (_, hip, _)| hip[0] += change)
}

#[test]
fn nobody_is_not_everybody() {
    let folder = Folder::new();
    let options = with_mapping(MAPPING);
    let of = |name: &str, content: &str| {
        let path = folder.file(name, content);
        import::import(&path, &options).expect("imports").0.info
    };
    let (one, two) = (of("a.csv", &other(0.0)), of("b.csv", &other(0.01)));
    assert!(one.athlete.is_unnamed() && two.athlete.is_unnamed() && one.athlete != two.athlete);
    assert_eq!(of("again.csv", &other(0.0)).athlete, one.athlete, "the same content is the same person");
    let named = ImportOptions { athlete: Some(AthleteId::new("選手-山田").expect("an id")), ..options.clone() };
    let path = folder.file("named.csv", other(0.0));
    assert_eq!(import::import(&path, &named).expect("imports").0.info.athlete.as_str(), "選手-山田");
}

/// A text as TOML has it: what cannot be seen by its number.
fn toml_text(text: &str) -> String {
    let plain =
        |c: char| if c.is_ascii_graphic() || c == ' ' { c.to_string() } else { format!("\\u{:04X}", u32::from(c)) };
    format!("\"{}\"", text.chars().map(plain).collect::<String>())
}

#[test]
fn ids_of_files_and_mappings_keep_every_letter_and_what_nobody_sees_is_left_out_with_a_word() {
    let folder = Folder::new();
    let read = |name: &str, athlete: &str| {
        let side = "side = \"left\"";
        assert!(MAPPING.contains(side));
        let mapping = MAPPING.replace(side, &format!("{side}, athlete = {}", toml_text(athlete)));
        let path = folder.file(name, other(0.0));
        import::import(&path, &with_mapping(&mapping)).expect("imports")
    };
    let (recording, report) = read("訓練 1.csv", "P/14");
    assert_eq!((recording.info.athlete.as_str(), recording.info.session.as_str()), ("P/14", "訓練 1"));
    assert!(!report.notes.iter().any(|note| note.contains("left out of")), "{report}");
    let (hidden, report) = read("訓練 1.csv", "P\u{202e}14");
    assert!(hidden.info.athlete.as_str().starts_with("P14-"), "{}", hidden.info.athlete);
    assert!(
        report.notes.iter().any(|note| note.contains("cannot be seen are left out of the athlete's name")),
        "{report}"
    );
    assert!(read("x.csv", "  ").0.info.athlete.is_unnamed(), "blanks name nobody");
}

#[test]
fn dates_without_a_zone_are_said_to_be_so_and_stated_zones_are_kept() {
    let folder = Folder::new();
    let iso = MAPPING.replace("column = \"millis\", unit = \"ms\"", "column = \"timestamp\", format = \"iso\"");
    let dated = |zone: &str| {
        let text = table(|_, _| {}).lines().enumerate().fold(String::new(), |text, (i, line)| {
            let (time, rest) = line.split_once(',').expect("cells");
            let ms = time.parse::<u32>().unwrap_or(0);
            let stamp = format!("2026-11-02 23:59:{:02}.{:03}{zone}", ms / 1000 % 60, ms % 1000);
            format!("{text}{},{rest}\n", if i == 0 { "timestamp" } else { &stamp })
        });
        let path = folder.file("dated.csv", text);
        let (recording, report) = import::import(&path, &with_mapping(&iso)).expect("imports");
        let words = recording.info.local_start().expect("a start").words();
        (recording.info.zone, words, report.notes.join("\n"))
    };
    let (zone, words, notes) = dated("");
    assert_eq!((zone, words.as_str()), (Zone::Unstated, "2026-11-02 23:59"));
    assert!(notes.contains("the time zone is not stated: taken for the time on the wall clock"), "{notes}");
    let (zone, words, notes) = dated("+05:30");
    assert_eq!((zone, words.as_str()), (Zone::Ahead(19_800), "2026-11-02 23:59 (UTC+5:30)"));
    assert!(!notes.contains("stated"), "{notes}");
    let (zone, words, notes) = dated("Z");
    assert_eq!((zone, words.as_str()), (Zone::Unknown, "2026-11-02 23:59 UTC"));
    assert!(notes.contains("the time on the wall clock there is not stated"), "{notes}");
}

#[test]
fn a_start_in_file_names_is_a_time_on_the_wall_clock() {
    let sample = samples_folder().join("xsens-dot");
    let folder = Folder::new();
    for entry in std::fs::read_dir(&sample).expect("the sample").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().extension().is_some_and(|end| end == "csv") {
            let text = std::fs::read_to_string(entry.path()).expect("reads");
            let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("StartTime")).collect();
            folder.file(&name, lines.join("\n"));
        }
    }
    let (recording, report) = read_side(folder.path(), Side::Left).expect("imports");
    let start = recording.info.local_start().expect("a start");
    assert_eq!((recording.info.zone, start.words().as_str()), (Zone::Unstated, "2021-08-20 20:21"));
    assert!(report.notes.iter().any(|note| note.contains("the time zone is not stated")), "{report}");
    let (stated, _) = read_side(&sample, Side::Left).expect("imports");
    let start = stated.info.local_start().expect("a start");
    assert_eq!((stated.info.zone, start.words().as_str()), (Zone::Ahead(8 * 3600), "2021-08-20 20:21 (UTC+8)"));
}

#[test]
fn a_recording_knows_what_it_was_imported_from_through_reading_and_recovering() {
    let folder = Folder::new();
    let (imported, _) = read_side(&samples_folder().join("xsens-dot"), Side::Left).expect("imports");
    let path = folder.path().join("session.mcap");
    write_recording(&path, &imported).expect("writes");
    let back = read(&path).expect("reads");
    assert_eq!(back.info.source.imported_from, imported.info.source.files);
    assert_eq!(back.info.source.origin(), imported.info.source.origin());
    assert_eq!(back.info.source.files.len(), 1);
    assert_eq!((back.info.zone, &back.info.athlete), (imported.info.zone, &imported.info.athlete));
    // Stored again, as `import` does with a recording of ours.
    let again = folder.path().join("again.mcap");
    write_recording(&again, &back).expect("writes");
    assert_eq!(read(&again).expect("reads").info.source.imported_from, imported.info.source.files);
    let recovered = recover(&path).expect("recovers").path;
    assert_eq!(read(&recovered).expect("reads").info.source.imported_from, imported.info.source.files);
}

#[test]
fn early_recordings_of_people_without_a_name_are_told_apart() {
    let folder = Folder::new();
    let stored = |name: &str, change: f64| {
        let path = folder.file(&format!("{name}.csv"), other(change));
        let (mut imported, _) = import::import(&path, &with_mapping(MAPPING)).expect("imports");
        let now = imported.info.athlete.clone();
        imported.info.athlete = AthleteId::new("unknown").expect("an id");
        let path = folder.path().join(format!("{name}.mcap"));
        write_recording(&path, &imported).expect("writes");
        let (opened, _) = open(&path, &ImportOptions::default()).expect("opens");
        assert_eq!(opened.info.athlete, now, "as it is called today");
        opened.info.athlete
    };
    assert_ne!(stored("one", 0.0), stored("two", 0.01));
}
