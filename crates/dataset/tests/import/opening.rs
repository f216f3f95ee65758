//! Folders of everything: what is found, in which order, and that opening a damaged one gives the reason.

use std::fs;
use std::path::PathBuf;

use truehinge_core::{
    Anthropometry, AthleteId, Explained, HostTime, Length, Marker, MarkerKind, Measured, Recording, Side,
};
use truehinge_dataset::recording::write_recording;
use truehinge_dataset::{DatasetError, ImportOptions, discover, open};

use crate::{Folder, read_side, samples_folder};

fn copy(from: &str, folder: &Folder, to: &str) {
    folder.file(to, fs::read(samples_folder().join(from)).expect("reads"));
}

fn names(folder: &Folder, found: Vec<PathBuf>) -> Vec<String> {
    found.into_iter().map(|path| path.strip_prefix(folder.path()).expect("lies below").display().to_string()).collect()
}

#[test]
fn a_mixed_folder_gives_its_recordings_and_nothing_else() {
    let folder = Folder::new();
    for sensor in ["Pelvis_20210820_202113_836", "LTibia_20210820_202113_811"] {
        copy(&format!("xsens-dot/{sensor}.csv"), &folder, &format!("dot/{sensor}.csv"));
    }
    copy("x-imu3/pelvis 64F0EDBF (UDP)/Inertial.csv", &folder, "ximu/pelvis/Inertial.csv");
    copy("opensense/imuOrientations.sto", &folder, "imu.sto");
    // Two sessions of the same sensors in one folder.
    for time in ["202113", "203000"] {
        copy("xsens-dot/Pelvis_20210820_202113_836.csv", &folder, &format!("two/Pelvis_20210820_{time}_1.csv"));
        copy("xsens-dot/LTibia_20210820_202113_811.csv", &folder, &format!("two/LTibia_20210820_{time}_1.csv"));
    }
    for (name, content) in [
        ("README.md", "# notes"),
        ("truth.csv", "t_s,shank_tilt_deg,knee_forward_mm\n0,1,2\n0.1,1,2\n"),
        ("reps.json", "[]"),
        ("results.sto", "results\nversion=1\nendheader\ntime\tforce\n0\t1\n"),
        (".git/x.csv", ""),
        ("a.unfinished.mcap", "half"),
        ("damaged.mcap", "no recording"),
        ("empty.csv", ""),
        ("picture.csv", "\u{89}PNG\r\n\0"),
    ] {
        folder.file(name, content);
    }
    let unread = truehinge_dataset::survey(folder.path(), &ImportOptions::default()).expect("lists").unread;
    let left: Vec<_> = unread.iter().filter(|unread| unread.path.ends_with("a.unfinished.mcap")).collect();
    assert!(left.len() == 1 && left[0].hint().is_some_and(|hint| hint.contains("recover")), "{unread:?}");
    let found = discover(folder.path(), &ImportOptions::default()).expect("lists");
    let expected = [
        "damaged.mcap",
        "dot",
        "empty.csv",
        "imu.sto",
        "picture.csv",
        "two/LTibia_20210820_202113_1.csv",
        "two/LTibia_20210820_203000_1.csv",
        "ximu",
    ];
    assert_eq!(names(&folder, found.clone()), expected);
    let options = ImportOptions { side: Some(Side::Left), ..ImportOptions::default() };
    let opened: Vec<Result<usize, String>> = found
        .iter()
        .map(|path| open(path, &options).map(|(r, _)| r.tracks.len()).map_err(|error| error.in_full()))
        .collect();
    let good = [None, Some(2), None, Some(4), None, Some(2), Some(2), None];
    assert_eq!(opened.iter().map(|o| o.as_ref().ok().copied()).collect::<Vec<_>>(), good, "{opened:?}");
    for (index, reason) in [
        (0, "not a recording"),
        (2, "0 rows of data"),
        (4, "not a text file"),
        (7, "there is no shank sensor, only pelvis"),
    ] {
        assert!(opened[index].as_ref().is_err_and(|error| error.contains(reason)), "{opened:?}");
    }
}

#[test]
fn a_file_alone_is_what_it_is() {
    let folder = Folder::new();
    let path = folder.file("notes.txt", "hello");
    assert_eq!(discover(&path, &ImportOptions::default()).expect("is kept"), [path]);
    let gone = folder.path().join("gone");
    assert!(matches!(open(&gone, &ImportOptions::default()), Err(DatasetError::Import(_))));
}

#[test]
fn an_import_survives_our_own_format_and_the_person_s_word_wins() {
    let (imported, _) = read_side(&samples_folder().join("x-imu3"), Side::Right).expect("imports");
    let folder = Folder::new();
    let path = folder.path().join("session.mcap");
    write_recording(&path, &imported).expect("writes");
    let athlete = AthleteId::new("P-7").expect("is allowed");
    let options = ImportOptions { athlete: Some(athlete.clone()), side: Some(Side::Left), ..ImportOptions::default() };
    let (opened, report) = open(&path, &options).expect("opens");
    assert_eq!(report, None);
    assert_eq!((&opened.info.athlete, opened.info.stance_side), (&athlete, Some(Side::Left)));
    assert_eq!(opened.tracks, imported.tracks);
    assert_eq!(sets(&opened), [Side::Left], "the set that was said at import is on the other leg now");
}

/// The legs of the marked sets.
fn sets(recording: &Recording) -> Vec<Side> {
    let side = |marker: &Marker| match marker.kind {
        MarkerKind::SetStart { side } => Some(side),
        _ => None,
    };
    recording.markers.iter().filter_map(side).collect()
}

#[test]
fn a_leg_that_is_said_marks_a_recording_without_sets_and_leaves_sets_on_both_legs_alone() {
    let (mut recording, _) = read_side(&samples_folder().join("x-imu3"), Side::Right).expect("imports");
    let folder = Folder::new();
    let left = ImportOptions { side: Some(Side::Left), ..ImportOptions::default() };
    let mut opened = |name: &str, marked: &[Side], options: &ImportOptions| {
        let start = |(at, side): (f64, &Side)| Marker {
            at: HostTime::from_seconds(at),
            kind: MarkerKind::SetStart { side: *side },
        };
        recording.markers = [1.0, 20.0].into_iter().zip(marked).map(start).collect();
        let path = folder.path().join(name);
        write_recording(&path, &recording).expect("writes");
        sets(&open(&path, options).expect("opens").0)
    };
    assert_eq!(opened("none.mcap", &[], &left), [Side::Left]);
    assert_eq!(opened("unsaid.mcap", &[], &ImportOptions::default()), []);
    assert_eq!(opened("one.mcap", &[Side::Right; 2], &left), [Side::Left; 2]);
    assert_eq!(opened("both.mcap", &[Side::Right, Side::Left], &left), [Side::Right, Side::Left]);
}

#[test]
fn a_body_that_nobody_has_is_refused_and_a_height_takes_its_place() {
    let (imported, _) = read_side(&samples_folder().join("x-imu3"), Side::Right).expect("imports");
    let folder = Folder::new();
    for (number, metres) in [0.0, -0.428, 5.0, 1e308].into_iter().enumerate() {
        let mut recording = imported.clone();
        let sigma = Length::from_metres(0.004);
        recording.info.body.shank_length = Some(Measured::new(Length::from_metres(metres), sigma));
        recording.info.body.mass_kg = Some(70.0);
        let path = folder.path().join(format!("{number}.mcap"));
        write_recording(&path, &recording).expect("writes");
        let Err(DatasetError::Body { path: named, body }) = open(&path, &ImportOptions::default()) else {
            panic!("{metres} m is no shank");
        };
        assert_eq!(
            (named, body.field.as_str(), body.value.to_bits()),
            (path.clone(), "shank_length", metres.to_bits())
        );
        let height = Length::from_metres(1.74);
        let options = ImportOptions { height: Some(height), ..ImportOptions::default() };
        let info = open(&path, &options).expect("the height is known").0.info;
        assert_eq!(info.body, Anthropometry { mass_kg: Some(70.0), ..Anthropometry::standing(height) });
        assert!(info.source.notes.iter().any(|note| note.contains("shank_length")), "{:?}", info.source.notes);
    }
}
