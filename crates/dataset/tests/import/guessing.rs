//! Mappings guessed from unknown tables: right where the table says enough, open where it does not.

use std::fmt::Write as _;

use truehinge_core::SensorRole;
use truehinge_dataset::import::guess::guess;
use truehinge_dataset::import::{Confidence, Guessed, ImportError, Mapping, import, sniff};
use truehinge_dataset::{ImportOptions, discover};

use crate::{Folder, inertial, message, read, shared, swing};

use SensorRole::{Hip, Shank};

/// Two sensors in one table; `force` and `rate` are the file's units per SI unit.
fn table(header: &str, rows: usize, time: impl Fn(usize) -> String, force: f64, rate: f64) -> String {
    let mut text = format!("{header}\n");
    for (i, row) in swing(rows).into_iter().enumerate() {
        let scaled = [row[0] * force, row[1] * force, row[2] * force, row[3] * rate, row[4] * rate, row[5] * rate];
        // The second sensor has another offset: two sensors never say the same.
        let mut second = scaled;
        second[5] *= 2.0;
        let cells: Vec<String> = scaled.iter().chain(&second).map(|x| format!("{x:.6}")).collect();
        let _ = writeln!(text, "{},{}", time(i), cells.join(","));
    }
    text
}

const NAMES: &str = "hip_ax,hip_ay,hip_az,hip_gx,hip_gy,hip_gz,shin_ax,shin_ay,shin_az,shin_gx,shin_gy,shin_gz";

fn guessed(text: &str) -> Guessed {
    let folder = Folder::new();
    let path = folder.file("x.csv", text);
    guess(&path).unwrap_or_else(|error| panic!("{error}"))
}

fn of<'a>(guessed: &'a Guessed, what: &str) -> (&'a str, Confidence) {
    let found = guessed.guesses.iter().find(|guess| guess.what == what);
    let guess = found.unwrap_or_else(|| panic!("nothing on {what}:\n{}", guessed.toml));
    (&guess.value, guess.confidence)
}

#[test]
fn units_are_told_by_gravity_and_by_its_turning() {
    let degrees = 1_f64.to_degrees();
    let counts = |text: &str, confidence| (format!("raw, {text}"), confidence);
    for (force, rate, acc, gyr) in [
        (1.0, 1.0, ("m/s2".to_owned(), Confidence::Likely), ("rad/s".to_owned(), Confidence::Likely)),
        (1.0 / 9.81, degrees, ("g".to_owned(), Confidence::Likely), ("deg/s".to_owned(), Confidence::Likely)),
        (1000.0 / 9.81, degrees, ("mg".to_owned(), Confidence::Likely), ("deg/s".to_owned(), Confidence::Likely)),
        (
            16_384.0 / 9.81,
            131.0 * degrees,
            counts("16384 counts per g", Confidence::Likely),
            counts("131 counts per deg/s", Confidence::Weak),
        ),
        (
            2_048.0 / 9.81,
            16.4 * degrees,
            counts("2048 counts per g", Confidence::Likely),
            counts("16.4 counts per deg/s", Confidence::Weak),
        ),
    ] {
        let text = table(&format!("time_ms,{NAMES}"), 1200, |i| (i * 10).to_string(), force, rate);
        let guessed = guessed(&text);
        assert_eq!(of(&guessed, "hip: unit of the accelerometer"), (acc.0.as_str(), acc.1));
        assert_eq!(of(&guessed, "shin: unit of the gyroscope"), (gyr.0.as_str(), gyr.1));
        // The guess is a mapping that imports the table, in SI.
        let folder = Folder::new();
        let path = folder.file("x.csv", &text);
        let mapping = Mapping::read(&folder.file("x.toml", &guessed.toml)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(Some(&mapping), guessed.mapping.as_ref());
        let options = ImportOptions { mapping: Some(mapping), ..ImportOptions::default() };
        let (recording, report) = import(&path, &options).unwrap_or_else(|error| panic!("{error}"));
        for role in [Hip, Shank] {
            let sample = inertial(&recording, role)[500];
            // Standard gravity against the swing's 9.81: 0.03 %.
            assert!((sample.specific_force.norm() / 9.81 - 1.0).abs() < 1e-3, "{report}");
            assert!((sample.angular_rate.to_array()[1] - swing(501)[500][4]).abs() < 1e-3, "{report}");
        }
    }
}

#[test]
fn time_units_are_told_by_name_and_step() {
    let unit = |name: &str, time: &dyn Fn(usize) -> String| {
        let guessed = guessed(&table(&format!("{name},{NAMES}"), 400, time, 1.0, 1.0));
        of(&guessed, "time").0.to_owned()
    };
    assert_eq!(unit("time", &|i| format!("{:.2}", i as f64 / 100.0)), "column \"time\" in s");
    assert_eq!(unit("millis", &|i| (i * 10).to_string()), "column \"millis\" in ms");
    assert_eq!(unit("timestamp", &|i| (i * 10_000).to_string()), "column \"timestamp\" in us");
    assert_eq!(unit("t_ns", &|i| (i as u64 * 10_000_000).to_string()), "column \"t_ns\" in ns");
}

#[test]
fn what_cannot_be_told_is_left_open_and_named() {
    // Nobody moves, nothing is called time, and the names say no role.
    let still: String = (0..400).map(|_| "0.1,0.2,9.8,0.01,0.02,0.01,0.1,0.2,9.8,0.01,0.02,0.01\n").collect();
    let names = NAMES.replace("hip_", "a1.").replace("shin_", "b2.");
    let guessed = guessed(&format!("{names}\n{still}"));
    assert_eq!(guessed.mapping, None);
    for what in ["time", "a 1: role", "b 2: role", "a 1: unit of the gyroscope"] {
        assert_eq!(of(&guessed, what), ("", Confidence::Open), "{what}");
    }
    assert_eq!(of(&guessed, "a 1: unit of the accelerometer").0, "m/s2");
    assert!(guessed.toml.contains("# NOT GUESSED, fill in: rate_hz = 100.0"), "{}", guessed.toml);
    assert!(guessed.toml.contains("# * b 2: role: NOT GUESSED: its name says none of hip, shank, thigh, trunk"));
    // It is TOML all the same, complete once the commented lines are filled in.
    let filled = guessed.toml.replacen("# NOT GUESSED, fill in: role", "role", 1);
    let filled = filled
        .replace("# NOT GUESSED, fill in: role = \"hip\"", "role = \"shank\"")
        .replace("# NOT GUESSED, fill in: ", "");
    let mapping: Mapping = toml::from_str(&filled).unwrap_or_else(|error| panic!("{error}\n{filled}"));
    assert_eq!(mapping.sensor.iter().map(|s| s.role).collect::<Vec<_>>(), [Some(Hip), Some(Shank)]);
}

#[test]
fn an_unknown_table_is_never_imported_on_a_guess() {
    let folder = Folder::new();
    let path = folder.file("x.csv", table(&format!("time_ms,{NAMES}"), 400, |i| (i * 10).to_string(), 1.0, 1.0));
    let error = read(&path).expect_err("needs a mapping");
    assert!(matches!(error, ImportError::Unknown { .. }), "{error}");
    assert!(
        message(&error, &folder).ends_with("describe its columns in a mapping file, as docs/import-mapping.md says")
    );
    let recognised = sniff(&path).expect("is a table");
    assert_eq!(recognised.format, None);
    assert!(recognised.seen.iter().any(|seen| seen.starts_with("hip: role: hip")), "{:?}", recognised.seen);
    assert_eq!(discover(folder.path(), &ImportOptions::default()).expect("lists"), [path]);
}

#[test]
fn three_header_rows_and_decimal_commas_are_found() {
    let mut text = "exported by somebody\nt;Pelvis;Pelvis;Pelvis;Pelvis;Pelvis;Pelvis\ns;acc;acc;acc;gyro;gyro;gyro\n;X;Y;Z;X;Y;Z\n".to_owned();
    for (i, row) in swing(600).into_iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|x| format!("{x:.4}")).collect();
        let _ = writeln!(text, "{}", format!("{:.2};{}", i as f64 / 100.0, cells.join(";")).replace('.', ","));
    }
    let guessed = guessed(&text);
    let mapping = guessed.mapping.unwrap_or_else(|| panic!("complete:\n{}", guessed.toml));
    assert_eq!((mapping.file.delimiter, mapping.file.decimal), (';', ','));
    assert_eq!((mapping.file.skip_lines, mapping.file.header_rows), (1, 3));
    assert_eq!(mapping.sensor[0].role, Some(Hip));
}

#[test]
fn tables_without_sensors_are_not_guessed_at() {
    let folder = Folder::new();
    for (name, text) in [
        ("words.csv", "a,b\nc,d\n"),
        ("angles.csv", "time,hip,knee,ankle,tilt,list,rotation\n0,1,2,3,4,5,6\n1,1,2,3,4,5,6\n"),
        ("no_header.csv", "0,1,2,3,4,5,6\n1,1,2,3,4,5,6\n"),
    ] {
        let error = guess(&folder.file(name, text)).expect_err(name);
        assert!(matches!(error, ImportError::Unknown { .. }), "{error}");
    }
    assert_eq!(discover(folder.path(), &ImportOptions::default()).expect("lists"), Vec::<std::path::PathBuf>::new());
}

#[test]
#[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
fn real_tables_are_guessed_as_their_mappings_say() {
    let squat = shared("data/squat3imu/class0/subject1_set1.csv");
    let guessed = guess(&squat).unwrap_or_else(|error| panic!("{error}"));
    // The offsets of 5 m/s2 do not hide the unit.
    for sensor in ["s 0", "s 1", "s 2"] {
        assert_eq!(of(&guessed, &format!("{sensor}: unit of the accelerometer")).0, "m/s2");
        assert_eq!(of(&guessed, &format!("{sensor}: role")).1, Confidence::Open);
    }
    assert_eq!(of(&guessed, "s 0: unit of the gyroscope"), ("rad/s", Confidence::Likely));
    assert_eq!(of(&guessed, "time").0, "column \"millis\" in ms");
    assert_eq!(of(&guessed, "counter of rows").0, "column \"seq\"");
}

/// The rows of two sensors in turn, in g and deg/s.
fn in_turn() -> String {
    let mut text = String::from("time,acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z,location\n");
    let both = table("", 600, |i| format!("{:.2}", i as f64 / 100.0), 1.0 / 9.81, 1_f64.to_degrees());
    for line in both.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let _ = writeln!(text, "{},{},lower back", cells[0], cells[1..7].join(","));
        let _ = writeln!(text, "{},{},left shin", cells[0], cells[7..].join(","));
    }
    text
}

#[test]
fn the_column_that_says_whose_each_row_is_is_found() {
    let found = guessed(&in_turn());
    assert_eq!(of(&found, "whose each row is"), ("column \"location\"", Confidence::Likely));
    assert_eq!(of(&found, "the sensor: unit of the gyroscope").0, "deg/s");
    let folder = Folder::new();
    let path = folder.file("x.csv", in_turn());
    let options = ImportOptions { mapping: found.mapping, ..ImportOptions::default() };
    let (recording, _) = import(&path, &options).expect("is imported");
    let lengths: Vec<_> = recording.tracks.iter().map(|track| (track.role, track.samples.len())).collect();
    assert_eq!(lengths, [(Hip, 600), (Shank, 600)]);
}

#[test]
fn a_time_that_falls_is_named_and_no_rate_is_asked_for() {
    let text = table(&format!("time,{NAMES}"), 400, |i| format!("{:.2}", (400 - i) as f64 / 100.0), 1.0, 1.0);
    let found = guessed(&text);
    assert_eq!(found.mapping, None);
    let time = found.guesses.iter().find(|guess| guess.what == "time").expect("of the time");
    assert!(time.why.contains("\"time\" falls from row to row: sort the table by it"), "{time:?}");
}
