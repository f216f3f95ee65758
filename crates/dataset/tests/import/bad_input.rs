//! Damaged, foreign and mistaken files: each gives an error that names the file, the place, what was found and what to do.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use truehinge_core::{SensorRole, Side};
use truehinge_dataset::ImportOptions;
use truehinge_dataset::import::{ImportError, import, sniff};

use crate::{Folder, message, read, samples_folder, swing, with_mapping, with_roles};

const DOT: &str = "PacketCounter,SampleTimeFine,Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z\n";
const XIO: &str = "Timestamp (us),Gyroscope X (deg/s),Gyroscope Y (deg/s),Gyroscope Z (deg/s),Accelerometer X (g),\
                   Accelerometer Y (g),Accelerometer Z (g)\n";

/// A DOT file of a swinging sensor: gyroscope in deg/s, time in µs.
fn dot(rows: usize) -> String {
    let mut text = DOT.to_owned();
    for (i, [ax, ay, az, gx, gy, gz]) in swing(rows).into_iter().enumerate() {
        let [gx, gy, gz] = [gx, gy, gz].map(f64::to_degrees);
        let _ = writeln!(text, "{},{},{ax},{ay},{az},{gx},{gy},{gz}", i + 1, i * 10_000);
    }
    text
}

/// Imports one file alone as the hip sensor.
fn hip(folder: &Folder, name: &str, content: impl AsRef<[u8]>) -> Result<(), String> {
    let path = folder.file(name, content);
    let options = with_roles(&[(name, SensorRole::Hip)]);
    import(&path, &options).map(drop).map_err(|error| message(&error, folder))
}

fn refused(name: &str, content: impl AsRef<[u8]>) -> String {
    hip(&Folder::new(), name, content).expect_err("is refused")
}

#[test]
fn a_whole_file_is_accepted_so_that_the_refusals_mean_something() {
    let folder = Folder::new();
    hip(&folder, "good.csv", dot(400)).expect("imports");
    hip(&folder, "crlf.csv", dot(400).replace('\n', "\r\n")).expect("Windows line ends");
    hip(&folder, "bom.csv", format!("\u{feff}{}", dot(400))).expect("byte-order mark");
    hip(&folder, "no_final_newline.csv", dot(400).trim_end()).expect("no line end at the end");
    hip(&folder, "blank_lines_at_end.csv", dot(400) + "\n\r\n\n").expect("blank lines at the end");
    hip(&folder, "trailing.csv", dot(400).replace('\n', ",\n")).expect("a separator at the end of each line");
    let quoted = dot(400).replace("Acc_X", "\"Acc_X\"").replace("\n2,10000,", "\n\"2\",\"10000\",");
    hip(&folder, "quoted.csv", quoted).expect("quoted cells");
    // The preamble is in an old code page: only cells must be numbers.
    let latin = [b"sep=,\n\xa9 Xsens\nDeviceTag:,\xc4rger\n".as_slice(), dot(400).as_bytes()].concat();
    hip(&folder, "latin1.csv", latin).expect("a preamble that is not UTF-8");
}

#[test]
fn files_without_data_say_how_many_rows_they_have() {
    let rows = |found| format!("x.csv: {found} rows of data, a recording needs at least 2: export it again");
    assert_eq!(refused("x.csv", ""), rows(0));
    assert_eq!(refused("x.csv", " \n\n"), rows(0));
    assert_eq!(refused("x.csv", "\u{feff}"), rows(0));
    assert_eq!(refused("x.csv", DOT), rows(0));
    assert_eq!(refused("x.csv", DOT.trim_end()), rows(0));
    assert_eq!(refused("x.csv", dot(1)), rows(1));
    assert_eq!(refused("x.csv", XIO), rows(0));
}

#[test]
fn files_that_are_no_text_are_named_for_what_they_are() {
    let what = |what: &str| format!("x.csv: not a text file but {what}: export the recording as CSV or text");
    assert_eq!(refused("x.csv", b"\x89PNG\r\n\x1a\n\0\0"), what("a PNG picture"));
    assert_eq!(refused("x.csv", b"PK\x03\x04rest"), what("a ZIP archive or an Excel workbook"));
    assert_eq!(refused("x.csv", b"\xff\xfeP\0a\0"), what("UTF-16 text (save it as UTF-8)"));
    assert_eq!(refused("x.csv", b"abc\x01def\n"), what("binary (byte 3 is 0x01)"));
    // Deep inside, beyond what is looked at first.
    let mut late = dot(400).repeat(40).into_bytes();
    let at = late.len() - 10;
    late[at] = 0;
    assert_eq!(refused("x.csv", &late), what(&format!("binary (byte {at} is 0x00)")));
}

#[test]
fn two_gigabytes_are_refused_at_once() {
    let folder = Folder::new();
    let zeros = folder.path().join("zeros.csv");
    File::create(&zeros).expect("creates").set_len(2_000_000_000).expect("a sparse file");
    for result in [read(&zeros).map(drop), sniff(&zeros).map(drop)] {
        let error = message(&result.expect_err("no text"), &folder);
        assert_eq!(
            error,
            "zeros.csv: not a text file but binary (byte 0 is 0x00): export the recording as CSV or text"
        );
    }
    // A text header before them does not help.
    let path = folder.file("header.csv", dot(20_000));
    File::options().append(true).open(&path).expect("opens").set_len(2_000_000_000).expect("a sparse file");
    let error = import(&path, &with_roles(&[("header", SensorRole::Hip)])).expect_err("no text");
    assert!(matches!(error, ImportError::TooLarge { .. }), "{error}");
}

#[test]
fn endless_lines_are_refused() {
    let limit = "longer than 65536 bytes, no table has such lines: check that it is a CSV or text export";
    assert_eq!(refused("x.csv", "1,".repeat(100_000)), format!("x.csv, line 1: {limit}"));
    let late = dot(5000) + &"1,".repeat(100_000);
    assert_eq!(refused("x.csv", late), format!("x.csv, line 5002: {limit}"));
}

/// Imports one file alone as the hip sensor; what it was warned of.
fn warned(content: impl AsRef<[u8]>) -> Vec<String> {
    let path_and_folder = Folder::new();
    let path = path_and_folder.file("x.csv", content);
    let imported = import(&path, &with_roles(&[("x.csv", SensorRole::Hip)]));
    imported.unwrap_or_else(|error| panic!("{error}")).1.warnings
}

#[test]
fn damaged_lines_cost_themselves_and_are_named() {
    let good = dot(400);
    let left_out = |text: String, what: &str| {
        let said = format!("x.csv: line 4 ({what}) is damaged and was left out");
        assert!(warned(&text).contains(&said), "{:?}", warned(&text));
    };
    left_out(good.replacen("\n3,20000,", "\n3,2 s,", 1), "\"2 s\" in column \"SampleTimeFine\"");
    let third = good.lines().nth(3).expect("has rows");
    left_out(good.replacen(third, &third[..15], 1), "4 cells of 8");
    left_out(good.replacen(third, &format!("{third},1"), 1), "9 cells of 8");
    left_out(good.replacen(third, &third.replace("9.81", "high"), 1), "\"high\" in column \"Acc_Z\"");
    left_out(good.replacen(third, DOT.trim_end(), 1), "the header again");
    left_out(good.replacen(third, "connection lost", 1), "1 cells of 8");
    // A cut end, with and without the line before it.
    let cut = warned(good[..good.len() - 30].trim_end_matches(|c| c != ','));
    assert!(
        cut.iter().any(|w| w.starts_with("x.csv: line 401 (") && w.ends_with("is damaged and was left out")),
        "{cut:?}"
    );
    let several = warned(good.clone() + "Session ended\nBattery,3.2\n");
    let said = "x.csv: 2 damaged lines were left out: line 402 (1 cells of 8), line 403 (2 cells of 8)";
    assert!(several.contains(&said.to_owned()), "{several:?}");
    // NULL is no damage but a missing value.
    let null = warned(good.replacen(third, &third.replace("9.81", "NULL"), 1));
    assert!(!null.iter().any(|w| w.contains("damaged")), "{null:?}");
}

#[test]
fn many_damaged_cells_and_rows_are_named_with_line_and_column() {
    let cell = |from: &str, to: &str| refused("x.csv", dot(400).replace(from, to));
    assert_eq!(
        cell("0000,", "0000 s,"),
        "x.csv, line 3, column \"SampleTimeFine\": \"10000 s\" is not a number: correct the cell, or take another column in a mapping"
    );
    let good = dot(400);
    let wide = refused("x.csv", good.replace(",0.1", ",0,0.1"));
    assert!(wide.starts_with("x.csv, line 2: 9 cells, the header has 8: export it again"), "{wide}");
    let word = refused("x.csv", good.replace(",9.", ",high9."));
    assert!(word.contains("line 2, column \"Acc_Z\": \"high9.81\" is not a number: correct the cell"), "{word}");
    let invalid = good.replace(",9.", ",@9.").into_bytes();
    let invalid: Vec<u8> = invalid.into_iter().map(|byte| if byte == b'@' { 0xff } else { byte }).collect();
    assert!(refused("x.csv", &invalid).contains("line 2, column \"Acc_Z\""));
}

#[test]
fn a_spreadsheet_s_semicolons_and_decimal_commas_are_understood() {
    let folder = Folder::new();
    let comma = dot(400).replace(',', ";").replace('.', ",");
    hip(&folder, "x.csv", &comma).expect("imports");
    hip(&folder, "quoted.csv", comma.replace("PacketCounter;", "\"PacketCounter\";")).expect("imports");
    // Points among the commas are damage.
    let (first, rest) = comma.split_at(comma.len() / 2);
    let mixed = refused("y.csv", first.to_owned() + &rest.replace(";9,", ";9."));
    assert!(mixed.contains("column \"Acc_Z\""), "{mixed}");
}

#[test]
fn time_that_goes_back_is_named_with_both_values() {
    let text = dot(400).replacen("\n3,20000,", "\n3,5000,", 1);
    assert_eq!(
        refused("x.csv", text),
        "x.csv, line 4: time goes back from 0.01 s to 0.005 s: if the file holds several recordings, cut it apart there; if its \
         rows are out of order, sort them; if a counter starts again, give its wrap_bits in a mapping"
    );
}

#[test]
fn missing_columns_are_named_with_those_that_are_there() {
    let none = refused("x.csv", dot(400).replace("Gyr_X", "Gyro_1"));
    assert!(
        none.starts_with(
            "x.csv: not a known export (no gyroscope and no orientation among the columns PacketCounter, "
        ),
        "{none}"
    );
    let renamed = refused("x.csv", dot(400).replace("SampleTimeFine", "Zeit"));
    assert!(renamed.contains("neither complete time stamps nor an update rate before the header"), "{renamed}");
}

#[test]
fn values_that_are_not_there_or_in_another_unit_are_refused() {
    let replaced = |columns: std::ops::Range<usize>, change: &dyn Fn(f64) -> String| {
        // With the app's own lines in front nobody doubts the units.
        let mut text = format!("DeviceTag:,x\n{DOT}");
        for line in dot(800).lines().skip(1) {
            let cells = line.split(',').enumerate().map(|(i, cell)| {
                if columns.contains(&i) { change(cell.parse().expect("a number")) } else { cell.to_owned() }
            });
            let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join(","));
        }
        refused("x.csv", text)
    };
    let nothing = |_| "NaN".to_owned();
    let hip = "x.csv: the hip sensor";
    assert_eq!(
        replaced(2..5, &nothing),
        format!("{hip} has no usable value of the accelerometer: check the columns, or export that sensor again")
    );
    assert_eq!(
        replaced(5..8, &|_| String::new()),
        format!("{hip} has no usable value of the gyroscope: check the columns, or export that sensor again")
    );
    assert!(replaced(2..5, &|_| "inf".to_owned()).contains("no usable value of the accelerometer"));
    assert_eq!(
        replaced(2..5, &|x| (x / 9.81).to_string()),
        format!("{hip} reads 1.000 m/s2 at rest instead of 9.81: correct the unit: the values look like g")
    );
    assert!(replaced(2..5, &|x| (x / 9.81 * 1000.0).to_string()).contains("m/s2 and mg are mixed up"));
    // The DOT writes deg/s; these are rad/s, and rad/s converted twice.
    let slow = replaced(5..8, &|x| x.to_radians().to_string());
    assert!(slow.starts_with(&format!("{hip} turns 0.017 times as fast as its own gravity direction: ")), "{slow}");
    assert!(slow.ends_with("correct the unit of the gyroscope: the values look like rad/s read as deg/s"), "{slow}");
    let fast = replaced(5..8, &|x| x.to_degrees().to_string());
    assert!(fast.contains("deg/s read as rad/s"), "{fast}");
}

#[test]
fn a_sensor_that_is_missing_or_there_twice_is_named() {
    let folder = Folder::new();
    let path = folder.file("Pelvis.csv", dot(400));
    let missing = "there is no shank sensor, only Pelvis: add its file, or say which sensor is the shank sensor";
    assert_eq!(message(&read(&path).expect_err("one sensor"), &folder), format!("Pelvis.csv: {missing}"));
    assert_eq!(message(&read(folder.path()).expect_err("one sensor"), &folder), format!("FOLDER: {missing}"));
    folder.file("Waist.csv", dot(400));
    let twice = message(&read(folder.path()).expect_err("two hips"), &folder);
    assert_eq!(twice, "FOLDER: two sensors have the role hip: Pelvis and Waist: give each sensor its own role");
    folder.file("RTibia.csv", dot(400).replace(&(-0.002_f64).to_degrees().to_string(), "-0.1"));
    let (recording, report) = import(folder.path(), &with_roles(&[("Waist", SensorRole::Hip)])).expect("said which");
    assert_eq!((recording.tracks.len(), recording.info.stance_side), (2, Some(Side::Right)));
    assert!(report.notes.contains(&"sensors not used: Pelvis".to_owned()), "{report}");
}

#[test]
fn half_a_metabase_pair_is_told_what_is_missing() {
    let accelerometer =
        "epoch (ms),time (01:00),elapsed (s),x-axis (g),y-axis (g),z-axis (g)\n1,a,0,0,0,1\n2,b,0,0,0,1\n";
    let name = "set_hip_2019-01-15T20.09.06.903_C4_Accelerometer_12.500Hz_1.4.4.csv";
    let error = refused(name, accelerometer);
    let missing = "the gyroscope file that belongs to it is missing: put the two files of a sensor into one folder";
    assert!(error.contains(missing), "{error}");
}

#[test]
fn foreign_tables_and_missing_files_say_what_to_do() {
    let foreign = refused("x.csv", "name,age\nkim,31\n");
    assert_eq!(
        foreign,
        "x.csv: not a known export (it begins \"name,age\"): describe its columns in a mapping file, as docs/import-mapping.md says"
    );
    let folder = Folder::new();
    let gone = message(&read(&folder.path().join("gone.csv")).expect_err("is not there"), &folder);
    assert!(gone.starts_with("gone.csv: "), "{gone}");
    let empty = message(&read(folder.path()).expect_err("empty folder"), &folder);
    assert!(empty.starts_with("FOLDER: not a known export (no file in this folder has a known header)"), "{empty}");
}

#[test]
fn damaged_orientation_files_are_named_with_their_place() {
    let good = std::fs::read_to_string(samples_folder().join("opensense/imuOrientations.sto")).expect("reads");
    let refused = |text: &str| {
        let folder = Folder::new();
        let path = folder.file("x.sto", text);
        let options = ImportOptions { side: Some(Side::Right), ..ImportOptions::default() };
        message(&import(&path, &options).expect_err("is refused"), &folder)
    };
    assert!(refused(&good.replace("endheader", "")).contains("there is no endheader line"));
    assert!(refused(&good.replace("Quaternion", "double")).contains("DataType is not Quaternion"));
    assert!(refused(&good.replace("pelvis_imu", "a").replace("torso_imu", "b")).contains("there is no hip sensor"));
    let length = refused(&good.replacen("0.1207747", "7.1207747", 1));
    assert!(
        length.contains("line 6, column \"pelvis_imu\": \"7.1207747") && length.contains("w,x,y,z of length 1"),
        "{length}"
    );
    let back = refused(&good.replacen("\n0.01\t", "\n-0.01\t", 1));
    assert!(back.contains("x.sto, line 7: time goes back from 0 s to -0.01 s"), "{back}");
    let cut = refused(&good[..good.len() - 300]);
    assert!(cut.contains("x.sto, line 7"), "{cut}");
}

#[test]
fn a_mapping_file_names_its_wrong_key_and_place() {
    let folder = Folder::new();
    let path = folder.file("m.toml", "[time]\ncolum = \"t\"\n");
    let error = message(&truehinge_dataset::import::Mapping::read(&path).expect_err("wrong key"), &folder);
    assert!(error.starts_with("m.toml: not a mapping: "), "{error}");
    assert!(error.contains("line 2") && error.contains("unknown field `colum`, expected one of `column`"), "{error}");
}

#[test]
fn a_mapping_for_other_columns_names_the_one_that_is_missing() {
    let folder = Folder::new();
    let path = folder.file("x.csv", "t,ax,ay,az,gx,gy\n0,1,2,3,4,5\n1,1,2,3,4,5\n");
    let mapping = r#"
        time = { column = "t", unit = "s" }
        sensor = [{ role = "hip", acc = ["ax", "ay", "az"], acc_unit = "g", gyr = ["gx", "gy", "gz"], gyr_unit = "deg/s" }]
    "#;
    let refused =
        |mapping: &str, path: &Path| message(&import(path, &with_mapping(mapping)).expect_err("refused"), &folder);
    assert_eq!(
        refused(mapping, &path),
        "x.csv: there is no column \"gz\"; there are: t, ax, ay, az, gx, gy: correct the name, or export that column too"
    );
    assert!(refused(&mapping.replace("\"gz\"", "9"), &path).contains("no column \"number 9\"; there are: 1 to 6"));
    let twice = folder.file("y.csv", "t,ax,ay,az,gx,gy,gx\n0,1,2,3,4,5,6\n1,1,2,3,4,5,6\n");
    assert!(refused(mapping, &twice).contains("2 columns are called \"gx\": give the column's number"));
}

#[test]
fn a_mapping_file_cannot_name_a_height_that_nobody_has() {
    let folder = Folder::new();
    for (stature, said) in
        [("0", "0"), ("-1.7", "-1.7"), ("5.0", "5"), ("174", "174"), ("nan", "NaN"), ("1e308", "1e308")]
    {
        let mapping = format!(
            "[time]\nrate_hz = 100\n[session]\nstature_m = {stature}\n[[sensor]]\nacc = [1, 2, 3]\nacc_unit = \"g\"\n\
             gyr = [4, 5, 6]\ngyr_unit = \"deg/s\"\n"
        );
        let path = folder.file("m.toml", mapping);
        let error = message(&truehinge_dataset::import::Mapping::read(&path).expect_err("nobody is so tall"), &folder);
        assert_eq!(
            error,
            format!(
                "m.toml: [session] stature_m: stature is {said} m, possible is 0.8 to 2.6 m: measure it again, or leave it out"
            )
        );
    }
}
