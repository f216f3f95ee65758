//! Tables through mapping files: layouts, units, clocks, and one sensor per file.

use std::fmt::Write as _;
use std::path::PathBuf;

use truehinge_core::{ClockKind, Explained, STANDARD_GRAVITY, SensorRole, Side};
use truehinge_dataset::import::{Mapping, formats, import};
use truehinge_dataset::{ImportOptions, discover};

use crate::{Folder, inertial, lost, message, root, swing, with_mapping, with_roles};

use SensorRole::{Hip, Shank};

#[test]
fn the_mappings_that_ship_are_valid() {
    for name in ["squat3imu.toml", "cmu_exercise.toml"] {
        let mapping = Mapping::read(&root().join("datasets/mappings").join(name)).expect(name);
        assert_eq!(mapping.sensor.len(), 3, "{name}");
        // Written out and read again it says the same.
        let again: Mapping = toml::from_str(&toml::to_string(&mapping).expect("writes")).expect("reads");
        assert_eq!(again, mapping, "{name}");
    }
}

#[test]
fn the_manual_s_example_is_valid() {
    let manual = std::fs::read_to_string(root().join("docs/import-mapping.md")).expect("reads");
    let examples: Vec<&str> = manual.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!examples.is_empty());
    for example in examples {
        let folder = Folder::new();
        let path = folder.file("example.toml", example);
        Mapping::read(&path).unwrap_or_else(|error| panic!("{error}\n{example}"));
    }
}

const BEGIN: &str = "<!-- formats: written from the importers, not by hand -->\n";
const END: &str =
    "<!-- /formats: cargo test -p truehinge-dataset --test import the_list_of_formats_is_written -- --ignored -->\n";

fn manual() -> PathBuf {
    root().join("docs/import-mapping.md")
}

/// What stands in the manual before, between and after the two marks.
fn parts_of_the_manual() -> [String; 3] {
    let text = std::fs::read_to_string(manual()).expect("reads");
    let (before, rest) = text.split_once(BEGIN).expect("the list's begin is marked");
    let (between, after) = rest.split_once(END).expect("the list's end is marked");
    [before, between, after].map(str::to_owned)
}

fn list_of_formats() -> String {
    let rows = formats().map(|about| format!("| {} | {} |\n", about.written_by, about.files));
    ["| recognised without a mapping | what it is |\n|---|---|\n".to_owned()].into_iter().chain(rows).collect()
}

#[test]
fn the_manual_lists_every_format() {
    let ([_, written, _], list) = (parts_of_the_manual(), list_of_formats());
    assert!(
        written == list,
        "docs/import-mapping.md lists other formats; its last mark says how it is written anew\n{list}"
    );
}

#[test]
#[ignore = "writes the list"]
fn the_list_of_formats_is_written() {
    let [before, _, after] = parts_of_the_manual();
    std::fs::write(manual(), [&before, BEGIN, &list_of_formats(), END, &after].concat()).expect("writes");
}

/// What the program takes under a key, as its own complaint about a wrong one lists it.
fn allowed(wrong: &str) -> Vec<String> {
    let error = toml::from_str::<Mapping>(wrong).expect_err("a wrong word").to_string();
    let (_, list) = error.split_once("expected one of ").or_else(|| error.split_once("expected ")).expect("a list");
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_manual_names_every_key_and_every_word() {
    let manual = std::fs::read_to_string(root().join("docs/import-mapping.md")).expect("reads");
    let example = manual.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let rest = "[time]\nrate_hz = 1.0\n[[sensor]]\nacc = [1, 2, 3]\ngyr = [4, 5, 6]\n";
    let keys = |table: &str| allowed(&format!("{table}\nnothing = 1\n"));
    for table in ["[file]", "[time]", "[arrival]", "[sequence]", "[session]", "[[sensor]]"] {
        let (_, part) = example.split_once(table).expect("is shown");
        let part = part.split("\n[").next().unwrap_or(part);
        let allowed = keys(table);
        assert!(!allowed.is_empty(), "{table}");
        for key in &allowed {
            let shown = part.lines().any(|line| line.trim_start_matches(['#', ' ']).starts_with(&format!("{key} =")));
            assert!(shown, "{table} {key} is missing in docs/import-mapping.md");
        }
        for line in part.lines().filter(|line| line.contains(" = ")) {
            let key = line.trim_start_matches(['#', ' ']).split(" = ").next().unwrap_or(line);
            assert!(allowed.iter().any(|known| known == key), "{table} {key} is not a key");
        }
    }
    for (key, unit) in
        [("acc_unit", "gyr_unit = \"rad/s\"\nacc_unit = \"x\""), ("gyr_unit", "acc_unit = \"g\"\ngyr_unit = \"x\"")]
    {
        for word in allowed(&format!("{rest}{unit}\n")) {
            let line = example.lines().find(|line| line.starts_with(key)).expect("is shown");
            assert!(line.split(['#', ',']).any(|shown| shown.trim() == word), "{key} = {word} is missing");
        }
    }
    for word in allowed("[time]\nunit = \"x\"\n") {
        assert!(example.contains(&format!(", {word}")) || example.contains(&format!("# {word},")), "unit = {word}");
    }
}

#[test]
fn a_strange_layout_is_read_as_said() {
    // Two lines before two header rows, semicolons, decimal commas, comments between rows, counts, a 16-bit clock.
    let mut text = "made by hand\n\nt;hip;hip;hip;hip;hip;hip;note\nms;ax;ay;az;gx;gy;gz;\n".to_owned();
    for (i, [ax, ay, az, gx, gy, gz]) in swing(400).into_iter().enumerate() {
        let [ax, ay, az] = [ax, ay, az].map(|x| (x / 9.81 * 4096.0).round());
        let [gx, gy, gz] = [gx, gy, gz].map(|x| (x.to_degrees() * 10.0).round() / 10.0);
        let row = format!("{};{ax};{ay};{az};{gx};{gy};{gz};fine\n", (65_000 + i * 10) % 65_536);
        text.push_str(&row.replace('.', ","));
        if i % 100 == 50 {
            text.push_str("# a pause\n");
        }
    }
    let folder = Folder::new();
    let path = folder.file("kim_03.csv", text);
    let mapping = r##"
        file = { delimiter = ";", decimal = ",", comment = "#", skip_lines = 2, header_rows = 2 }
        time = { column = "t/ms", unit = "ms", wrap_bits = 16 }
        session = { athlete_until = "_", protocol = "two-leg-hip-hinge", side = "left", stature_m = 1.8 }
        sensor = [{ role = "hip", acc = ["hip/ax", "hip/ay", 4], acc_unit = "raw", acc_scale = 0.002394, gyr = ["hip/gx", "hip/gy", "hip/gz"], gyr_unit = "deg/s" }]
    "##;
    let (recording, report) = import(&path, &with_mapping(mapping)).unwrap_or_else(|error| panic!("{error}"));
    let hip = inertial(&recording, Hip);
    assert_eq!(
        (hip.len(), hip[0].device_time.nanos(), hip[399].device_time.nanos()),
        (400, 65_000_000_000, 68_990_000_000)
    );
    // Rounded to counts of a quarter of a hundredth of g.
    assert!((hip[0].specific_force.norm() - 9.81).abs() < 0.01);
    assert!((hip[150].angular_rate.to_array()[1] - swing(400)[150][4]).abs() < 1e-3);
    let info = &recording.info;
    assert_eq!(
        (info.athlete.as_str(), info.session.as_str(), info.protocol.as_str()),
        ("kim", "kim_03", "two-leg-hip-hinge")
    );
    assert_eq!((info.stance_side, info.body.stature.map(|s| s.value.metres())), (Some(Side::Left), Some(1.8)));
    assert!(report.notes.contains(&"kim_03: 1 of 8 columns were not asked for".to_owned()), "{report}");
    assert_eq!(recording.tracks[0].clock, ClockKind::Shared);
}

#[test]
fn a_table_without_header_or_time_counts_rows_and_lost_rows() {
    let mut text = String::new();
    for (i, [ax, ay, az, gx, gy, gz]) in swing(400).into_iter().enumerate() {
        // Ten rows were lost after the hundredth.
        let counter = if i < 100 { i } else { i + 10 };
        let _ = writeln!(text, "{},{ax},{ay},{az},{gx},{gy},{gz}", counter % 256);
    }
    let folder = Folder::new();
    let path = folder.file("x.csv", text);
    let mapping = r#"
        file = { header_rows = 0 }
        time = { rate_hz = 100.0 }
        sequence = { column = 1, wrap_bits = 8 }
        sensor = [{ role = "hip", acc = [2, 3, 4], acc_unit = "m/s2", gyr = [5, 6, 7], gyr_unit = "rad/s" }]
    "#;
    let (recording, _) = import(&path, &with_mapping(mapping)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(lost(&recording, Hip), (10, 1));
    assert_eq!(recording.tracks[0].sequence_gaps[0].before_sample, 100);
    let times: Vec<i64> = inertial(&recording, Hip).iter().map(|s| s.device_time.nanos() / 10_000_000).collect();
    assert_eq!((times[99], times[100], times[399]), (99, 110, 409));
}

/// One sensor's file with its own clock, in g and deg/s, with arrival times.
fn one_sensor(start_us: usize) -> String {
    let mut text = "us,arrived,accX,accY,accZ,gyroX,gyroY,gyroZ\n".to_owned();
    for (i, row) in swing(400).into_iter().enumerate() {
        let [ax, ay, az] = [row[0], row[1], row[2]].map(|x| x / STANDARD_GRAVITY);
        let [gx, gy, gz] = [row[3], row[4], row[5]].map(f64::to_degrees);
        let _ =
            writeln!(text, "{},{:.3},{ax},{ay},{az},{gx},{gy},{gz}", start_us + i * 10_000, i as f64 / 100.0 + 0.02);
    }
    text
}

const ONE_PER_FILE: &str = r#"
    time = { column = "us", unit = "us" }
    arrival = { column = "arrived", unit = "s" }
    sensor = [{ acc = ["accX", "accY", "accZ"], acc_unit = "g", gyr = ["gyroX", "gyroY", "gyroZ"], gyr_unit = "deg/s" }]
"#;

#[test]
fn one_sensor_per_file_takes_its_role_from_the_name() {
    let folder = Folder::new();
    let other_offset = (-0.002_f64).to_degrees().to_string();
    folder.file("S1/left_shank.csv", one_sensor(77_000).replace(&other_offset, "-0.1"));
    folder.file("S1/pelvis.csv", one_sensor(5_000_000));
    folder.file("S1/notes.csv", "who,what\nkim,tired\n");
    let options = with_mapping(ONE_PER_FILE);
    let sources = discover(folder.path(), &options).expect("lists");
    assert_eq!(sources, [folder.path().join("S1")]);
    let (recording, _) = import(&sources[0], &options).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        recording.tracks.iter().map(|t| (t.role, t.clock)).collect::<Vec<_>>(),
        [(Hip, ClockKind::Device), (Shank, ClockKind::Device)]
    );
    assert_eq!(recording.info.stance_side, Some(Side::Left));
    let hip = inertial(&recording, Hip)[1];
    assert_eq!(
        (hip.device_time.nanos(), hip.arrival.map(truehinge_core::time::Time::nanos)),
        (5_010_000_000, Some(30_000_000))
    );
    // A file alone, its role given.
    let alone = ImportOptions { mapping: options.mapping.clone(), ..with_roles(&[("pelvis", Hip)]) };
    let (recording, _) = import(&folder.path().join("S1/pelvis.csv"), &alone).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(recording.tracks.len(), 1);
    let error = import(&folder.path().join("S1/pelvis.csv"), &options).expect_err("no shank");
    assert!(message(&error, &folder).contains("there is no shank sensor, only pelvis"), "{error}");
}

#[test]
fn a_folder_needs_a_mapping_of_one_sensor_per_file() {
    let folder = Folder::new();
    folder.file("x.csv", one_sensor(0));
    let mapping = ONE_PER_FILE.replace("[{ acc", "[{ role = \"hip\", acc");
    let error = import(folder.path(), &with_mapping(&mapping)).expect_err("a folder");
    assert!(error.in_full().contains("leave the role out of the mapping"), "{error}");
}
