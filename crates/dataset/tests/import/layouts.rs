//! The person's hinges in the layouts that people have: each gives the same two sensors.

use std::fmt::Write as _;
use std::path::Path;

use truehinge_core::{Explained, Side, TrackSamples};
use truehinge_dataset::import::guess::guess;
use truehinge_dataset::import::{ImportReport, import};
use truehinge_dataset::{ImportOptions, discover, survey};

use crate::person::{self, MAPPING, Row, table};
use crate::{Folder, inertial, message, read_side, with_mapping, with_roles};

use truehinge_core::SensorRole::{Hip, Shank};

/// The columns of one sensor.
pub type Of = fn(&Row) -> [f64; 6];
pub const SENSORS: [(&str, Of); 2] = [("hip", |row| row.1), ("shank", |row| row.2)];

/// A file of one sensor: a line for each row.
fn file(head: &str, of: Of, line: impl Fn(usize, u32, [f64; 6]) -> String) -> String {
    let mut text = head.to_owned();
    for (index, row) in person::rows().iter().enumerate() {
        let _ = writeln!(text, "{}", line(index, row.0, of(row)));
    }
    text
}

pub fn numbers(values: &[f64], delimiter: &str) -> String {
    values.iter().map(|value| format!("{value:.4}")).collect::<Vec<_>>().join(delimiter)
}

fn in_degrees([ax, ay, az, gx, gy, gz]: [f64; 6]) -> [f64; 6] {
    [ax, ay, az, gx.to_degrees(), gy.to_degrees(), gz.to_degrees()]
}

fn in_g(row: [f64; 6]) -> [f64; 6] {
    let [ax, ay, az, gx, gy, gz] = in_degrees(row);
    [ax / 9.80665, ay / 9.80665, az / 9.80665, gx, gy, gz]
}

/// Whether a recording is the person's: rows, times and values of both sensors, to the digits that were written.
pub fn is_the_person(path: &Path, options: &ImportOptions) -> ImportReport {
    let options = ImportOptions { side: Some(Side::Left), ..options.clone() };
    let (recording, report) = import(path, &options).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(recording.tracks.len(), 2, "{report}");
    let rows = person::rows();
    for (role, of) in [(Hip, SENSORS[0].1), (Shank, SENSORS[1].1)] {
        let samples = inertial(&recording, role);
        let first = samples[0].device_time;
        for row in &rows {
            let near = |time: f64| (time - f64::from(row.0) * 1e-3).abs() < 0.02;
            let at = |channel: fn(&truehinge_core::InertialSample) -> bool| {
                samples.iter().find(|s| channel(s) && near((s.device_time - first).seconds()))
            };
            let force = at(|s| s.specific_force.is_finite()).unwrap_or_else(|| panic!("{role} at {}: {report}", row.0));
            let rate = at(|s| s.angular_rate.is_finite()).unwrap_or_else(|| panic!("{role} at {}: {report}", row.0));
            let read = [force.specific_force.to_array(), rate.angular_rate.to_array()].concat();
            let apart = read.iter().zip(of(row)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(apart < 0.02, "{role} at {} ms: {read:?}", row.0);
        }
    }
    report
}

const DOT_HEAD: &str = "DeviceTag:,x\nSyncStatus:,Synced\nOutputRate:,25Hz\n\n\
                        PacketCounter,SampleTimeFine,Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z\n";

fn dot(of: Of) -> String {
    file(DOT_HEAD, of, |i, ms, row| {
        format!("{i},{},{}", 7_000_000 + u64::from(ms) * 1000, numbers(&in_degrees(row), ","))
    })
}

#[test]
fn a_dot_export_is_read_also_when_a_spreadsheet_saved_it() {
    let folder = Folder::new();
    for (name, of) in SENSORS {
        folder.file(&format!("plain/{name}.csv"), dot(of));
        folder.file(&format!("sheet/{name}.csv"), dot(of).replace(',', ";").replace('.', ","));
    }
    for part in ["plain", "sheet"] {
        let report = is_the_person(&folder.path().join(part), &ImportOptions::default());
        assert_eq!(report.warnings, Vec::<String>::new(), "{part}");
    }
}

#[test]
fn tenths_of_milliseconds_and_radians_of_a_bare_table_are_seen() {
    let folder = Folder::new();
    let head = "PacketCounter,SampleTimeFine,Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z\n";
    for (name, of) in SENSORS {
        let tenths = file(head, of, |i, ms, row| format!("{},{},{}", 27_626 + i, 50_000 + ms * 10, numbers(&row, ",")));
        folder.file(&format!("mtw/S03-Hinge-{name}.csv"), tenths);
        // The same without a word on degrees, which gravity tells.
        let micro = file(head, of, |i, ms, row| format!("{i},{},{}", u64::from(ms) * 1000, numbers(&row, ",")));
        folder.file(&format!("micro/{name}.csv"), micro);
    }
    let report = is_the_person(&folder.path().join("mtw"), &ImportOptions::default());
    assert!(report.notes.iter().any(|note| note.contains("taken for rad/s")), "{report}");
    let report = is_the_person(&folder.path().join("micro"), &ImportOptions::default());
    assert!(report.notes.iter().any(|note| note.starts_with("the gyroscopes are in rad/s")), "{report}");
}

#[test]
fn delta_quantities_become_rates_and_accelerations() {
    let folder = Folder::new();
    let head = DOT_HEAD.replace("Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z", "dq_W,dq_X,dq_Y,dq_Z,dv[1],dv[2],dv[3]");
    for (name, of) in SENSORS {
        let text = file(&head, of, |i, ms, [ax, ay, az, gx, gy, gz]| {
            let turn = nalgebra::UnitQuaternion::from_scaled_axis(nalgebra::Vector3::new(gx, gy, gz) / 25.0);
            let dq = [turn.w, turn.i, turn.j, turn.k].map(|x| format!("{x:.7}")).join(",");
            let dv = [ax, ay, az].map(|x| format!("{:.6}", x / 25.0)).join(",");
            format!("{i},{},{dq},{dv}", ms * 1000)
        });
        folder.file(&format!("{name}.csv"), text);
    }
    is_the_person(folder.path(), &ImportOptions::default());
}

#[test]
fn sensors_that_say_when_they_began_are_put_together() {
    let folder = Folder::new();
    for (name, of, skip, start) in [("hip", SENSORS[0].1, 0, "00_120"), ("shank", SENSORS[1].1, 38, "01_640")] {
        let head = DOT_HEAD.replace("Synced", "Not Synced");
        let head = head.replace("\n\n", &format!("\nStartTime:,2026-11-02_10:00:{start} GMT+1\n\n"));
        let text = file(&head, of, |i, ms, row| format!("{i},{},{}", ms * 1000, numbers(&in_degrees(row), ",")));
        let lines: Vec<&str> = text.lines().collect();
        folder.file(&format!("{name}.csv"), [&lines[..6], &lines[6 + skip..]].concat().join("\n"));
    }
    let (recording, report) = read_side(folder.path(), Side::Left).expect("imports");
    assert!(report.warnings.iter().any(|w| w.contains("they began 1.52 s apart")), "{report}");
    let (hip, shank) = (inertial(&recording, Hip), inertial(&recording, Shank));
    assert_eq!((hip.len(), shank.len()), (425 - 38, 425 - 38));
    let row = &person::rows()[38];
    assert!((hip[0].specific_force.to_array()[0] - row.1[0]).abs() < 1e-3);
    assert!((shank[0].specific_force.to_array()[0] - row.2[0]).abs() < 1e-3);
}

#[test]
fn a_rounded_epoch_gives_way_to_the_seconds_beside_it() {
    let folder = Folder::new();
    for (name, of) in SENSORS {
        for (quantity, unit, from) in [("Accelerometer", "g", 0), ("Gyroscope", "deg/s", 3)] {
            let head = format!("epoch (ms),elapsed (s),x-axis ({unit}),y-axis ({unit}),z-axis ({unit})\n");
            let text = file(&head, of, |_, ms, row| {
                format!("1.79361E+12,{:.2},{}", f64::from(ms) * 1e-3, numbers(&in_g(row)[from..from + 3], ","))
            });
            folder.file(&format!("Hinge_{name}_2026-11-02T10.00.00.000_C1_{quantity}_25.000Hz_1.7.2.csv"), text);
        }
    }
    let report = is_the_person(folder.path(), &ImportOptions::default());
    assert!(report.warnings.iter().any(|w| w.contains("the epoch was rounded, probably by a spreadsheet")), "{report}");
}

#[test]
fn accelerometer_and_gyroscope_in_a_file_each_are_one_sensor() {
    let folder = Folder::new();
    for (name, of) in SENSORS {
        for (file_name, unit, from) in [("Accelerometer", "m/s^2", 0), ("Gyroscope", "rad/s", 3)] {
            let head = format!("\"Time (s)\",\"X ({unit})\",\"Y ({unit})\",\"Z ({unit})\"\n");
            let text = file(&head, of, |_, ms, row| {
                format!("{:.3},{}", f64::from(ms) * 1e-3, numbers(&row[from..from + 3], ","))
            });
            folder.file(&format!("phyphox/{name}/{file_name}.csv"), text);
        }
        for (file_name, from) in [("TotalAcceleration", 0), ("Accelerometer", 9), ("Gyroscope", 3)] {
            let text = file("time,seconds_elapsed,z,y,x\n", of, |_, ms, row| {
                // Without gravity beside the whole, as the app writes it.
                let [x, y, z] = if from == 9 { [0.1, 0.2, 0.3] } else { [row[from], row[from + 1], row[from + 2]] };
                format!(
                    "{},{:.4},{}",
                    1_793_613_600_000_000_000_u64 + u64::from(ms) * 1_000_000,
                    f64::from(ms) * 1e-3,
                    numbers(&[z, y, x], ",")
                )
            });
            folder.file(&format!("logger/{name}-2026-11-02/{file_name}.csv"), text);
        }
        for (file_name, unit, from) in [("ACC", "mg", 0), ("GYRO", "dps", 3)] {
            let head = format!("Phone timestamp;sensor timestamp [ns];X [{unit}];Y [{unit}];Z [{unit}]\n");
            let text = file(&head, of, |_, ms, row| {
                let [x, y, z] = [0, 1, 2].map(|axis| in_g(row)[from + axis] * if from == 0 { 1000.0 } else { 1.0 });
                format!(
                    "2026-11-02T10:00:00.000;{};{}",
                    599_616_050_000_000_000_u64 + u64::from(ms) * 1_000_000,
                    numbers(&[x, y, z], ";")
                )
            });
            folder.file(&format!("polar/Polar_Sense_{name}_20261102_100000_{file_name}.txt"), text);
        }
    }
    for part in ["phyphox", "logger", "polar"] {
        is_the_person(&folder.path().join(part), &ImportOptions::default());
    }
}

#[test]
fn a_folder_for_every_sensor_is_one_session() {
    let folder = Folder::new();
    let head = "Time (s),Gyroscope X (deg/s),Gyroscope Y (deg/s),Gyroscope Z (deg/s),Accelerometer X (g),\
                Accelerometer Y (g),Accelerometer Z (g)\n";
    for (place, (_, of)) in ["Pelvis", "Left Shank"].iter().zip(SENSORS) {
        let text = file(head, of, |_, ms, row| {
            let [ax, ay, az, gx, gy, gz] = in_g(row);
            format!("{:.3},{}", 21.2 + f64::from(ms) * 1e-3, numbers(&[gx, gy, gz, ax, ay, az], ","))
        });
        folder.file(&format!("session/{place}/sensors.csv"), text);
    }
    let sources = discover(folder.path(), &ImportOptions::default()).expect("lists");
    assert_eq!(sources, [folder.path().join("session")]);
    is_the_person(&sources[0], &ImportOptions::default());
}

#[test]
fn shimmer_tables_are_read_by_their_line_of_units() {
    let names = ["Timestamp_Unix", "Accel_LN_X", "Accel_LN_Y", "Accel_LN_Z", "Gyro_X", "Gyro_Y", "Gyro_Z"];
    for (delimiter, quote) in [("\t", "\""), (";", "")] {
        let folder = Folder::new();
        for (id, (_, of)) in ["1A2B", "3C4D"].iter().zip(SENSORS) {
            let header = names.map(|name| format!("Shimmer_{id}_{name}_CAL{delimiter}")).concat();
            let units = ["ms", "m/(s^2)", "m/(s^2)", "m/(s^2)", "deg/s", "deg/s", "deg/s", ""].join(delimiter);
            let head = format!("{quote}sep={delimiter}{quote}\n{header}\n{units}\n");
            let text = file(&head, of, |_, ms, row| {
                format!(
                    "{}{delimiter}{}{delimiter}",
                    1_793_613_600_000_u64 + u64::from(ms),
                    numbers(&in_degrees(row), delimiter)
                )
            });
            folder.file(&format!("Hinge_Session1_Shimmer_{id}_Calibrated_SD.csv"), text);
        }
        let report = is_the_person(folder.path(), &with_roles(&[("1A2B", Hip), ("3C4D", Shank)]));
        assert_eq!(report.warnings, Vec::<String>::new());
    }
}

#[test]
fn several_devices_in_one_table_are_told_apart_over_midnight() {
    let names = [
        "time\tDeviceName\tAccX(g)\tAccY(g)\tAccZ(g)\tAsX(°/s)\tAsY(°/s)\tAsZ(°/s)",
        "时间\t设备名称\t加速度X(g)\t加速度Y(g)\t加速度Z(g)\t角速度X(°/s)\t角速度Y(°/s)\t角速度Z(°/s)",
    ];
    for header in names {
        let mut text = format!("{header}\n");
        for row in person::rows() {
            let ms = u64::from(row.0) + (86_400 - 8) * 1000;
            let clock = |ms: u64| {
                let ms = ms % 86_400_000;
                format!("{:02}:{:02}:{:02}.{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
            };
            let _ = writeln!(text, "{}\thip(66)\t{}", clock(ms), numbers(&in_g(row.1), "\t"));
            let _ = writeln!(text, "{}\tshank(77)\t{}", clock(ms + 4), numbers(&in_g(row.2), "\t"));
        }
        let folder = Folder::new();
        let path = folder.file("20261102.txt", &text);
        is_the_person(&path, &ImportOptions::default());
        assert_eq!(discover(folder.path(), &ImportOptions::default()).expect("lists"), std::slice::from_ref(&path));
        // A mapping that takes the rows of both for one sensor is refused.
        let names: Vec<&str> = header.split('\t').collect();
        let mixed = format!(
            "file = {{ delimiter = \"\\t\" }}\ntime = {{ rate_hz = 50.0 }}\nsensor = [{{ acc = {:?}, acc_unit = \"g\", gyr = {:?}, \
             gyr_unit = \"deg/s\" }}]",
            &names[2..5],
            &names[5..8]
        );
        if header.starts_with("time") {
            let options = ImportOptions { mapping: with_mapping(&mixed).mapping, ..with_roles(&[("2026", Hip)]) };
            let error = message(&import(&path, &options).expect_err("mixed"), &folder);
            assert!(error.contains("\"DeviceName\" says hip(66), shank(77) in turn"), "{error}");
        }
    }
}

#[test]
fn every_channel_may_have_its_own_time() {
    let mut text = "Label: Hinge\nTrial: 1\nPelvis (81001),,,,,,,,,,,,Shank L (81002),,,,,,,,,,,\nmode,,,,,,,,,,,,mode,,,,,,,,,,,\n".to_owned();
    let channel = |name: &str, unit: &str| {
        ["X", "Y", "Z"].map(|axis| format!("{name} {axis} Time Series (s),{name} {axis} ({unit})")).join(",")
    };
    let sensor = format!("{},{}", channel("ACC", "G"), channel("GYRO", "deg/s"));
    let _ = writeln!(text, "{sensor},{sensor}");
    let rows = person::rows();
    for (i, row) in rows.iter().enumerate() {
        // The gyroscope at half the rate: its values end in the middle of the table.
        let slow = rows.get(2 * i);
        let mut cells = Vec::new();
        for (_, of) in SENSORS {
            cells.extend(in_g(of(row))[..3].iter().map(|x| format!("{:.2},{x:.4}", f64::from(row.0) * 1e-3)));
            match slow {
                Some(slow) => {
                    cells.extend(in_g(of(slow))[3..].iter().map(|x| format!("{:.2},{x:.2}", f64::from(slow.0) * 1e-3)));
                }
                None => cells.push(",,,,,".to_owned()),
            }
        }
        let _ = writeln!(text, "{}", cells.join(","));
    }
    let folder = Folder::new();
    let path = folder.file("Trial_1.csv", text);
    let (recording, report) = read_side(&path, Side::Left).unwrap_or_else(|error| panic!("{error}"));
    let sensor = &report.sensors[0];
    assert!(sensor.seen_hz.is_some_and(|hz| (hz - 25.0).abs() < 0.1), "{report}");
    assert!(sensor.gyroscope_hz.is_some_and(|hz| (hz - 12.5).abs() < 0.1), "{report}");
    let bow = rows.iter().position(|row| row.1[4] < -1.0).expect("bows") / 2 * 2;
    let at = f64::from(rows[bow].0) * 1e-3;
    let read = inertial(&recording, Hip)
        .iter()
        .find(|s| s.angular_rate.is_finite() && (s.device_time.seconds() - at).abs() < 1e-6);
    assert!((read.expect("is there").angular_rate.to_array()[1] - rows[bow].1[4]).abs() < 1e-3);
}

#[test]
fn movesense_blocks_are_spread_over_their_time() {
    let folder = Folder::new();
    for (name, of) in SENSORS {
        let rows = person::rows();
        let blocks: Vec<String> = rows
            .chunks(5)
            .map(|block| {
                let axes = |from: usize| {
                    let one = |row: &Row| {
                        let row = in_degrees(of(row));
                        format!("{{\"x\":{:.4},\"y\":{:.4},\"z\":{:.4}}}", row[from], row[from + 1], row[from + 2])
                    };
                    block.iter().map(one).collect::<Vec<_>>().join(",")
                };
                format!("{{\"Timestamp\":{},\"ArrayAcc\":[{}],\"ArrayGyro\":[{}]}}", block[0].0, axes(0), axes(3))
            })
            .collect();
        folder
            .file(&format!("{name}_MovesenseLog_1.json"), format!("{{\"Meas\":{{\"IMU6\":[{}]}}}}", blocks.join(",")));
    }
    is_the_person(folder.path(), &ImportOptions::default());
    folder.file("hip_MovesenseLog_1.json", "{\"Meas\":{\"IMU6\":[{\"Timestamp\":0,");
    let error = message(&read_side(folder.path(), Side::Left).expect_err("cut"), &folder);
    assert!(error.starts_with("hip_MovesenseLog_1.json: not a whole Movesense log: EOF"), "{error}");
}

#[test]
fn trials_in_one_folder_are_told_apart_by_name() {
    let folder = Folder::new();
    for trial in ["T1", "T2"] {
        for (name, of) in SENSORS {
            folder.file(&format!("dot/P01_{trial}_{name}.csv"), dot(of));
            let text = file("t;ax;ay;az;gx;gy;gz\n", of, |_, ms, row| {
                format!("{:.2};{}", f64::from(ms) * 1e-3, numbers(&row, ";"))
            });
            folder.file(&format!("mapped/P01_{trial}_{name}.csv"), text);
        }
    }
    let mapping = "file = { delimiter = \";\" }\ntime = { column = \"t\", unit = \"s\" }\nsensor = [{ acc = [\"ax\", \"ay\", \"az\"], \
                   acc_unit = \"m/s2\", gyr = [\"gx\", \"gy\", \"gz\"], gyr_unit = \"rad/s\" }]";
    for (part, options) in [("dot", ImportOptions::default()), ("mapped", with_mapping(mapping))] {
        let sources = discover(&folder.path().join(part), &options).expect("lists");
        assert_eq!(sources.len(), 2, "{sources:?}");
        for source in &sources {
            is_the_person(source, &options);
        }
    }
}

#[test]
fn a_file_that_was_saved_twice_is_taken_once() {
    let folder = Folder::new();
    folder.file("Pelvis_1.csv", dot(SENSORS[0].1));
    folder.file("Pelvis_1 (1).csv", dot(SENSORS[0].1));
    folder.file("LTibia_1.csv", dot(SENSORS[1].1));
    let report = is_the_person(folder.path(), &ImportOptions::default());
    let said = "Pelvis_1 (1).csv is the same file as Pelvis_1.csv: taken once";
    assert!(report.notes.contains(&said.to_owned()), "{report}");
}

#[test]
fn a_rate_is_asked_for_where_nothing_says_it() {
    let folder = Folder::new();
    for (id, (_, of)) in ["00B40001", "00B40002"].iter().zip(SENSORS) {
        let head = "// General information:\nPacketCounter\tSampleTimeFine\tAcc_X\tAcc_Y\tAcc_Z\tGyr_X\tGyr_Y\tGyr_Z\n";
        let text = file(head, of, |i, _, row| format!("{}\t\t{}", 11_000 + i, numbers(&row, "\t")));
        folder.file(&format!("MT_0120_000_{id}.txt"), text);
    }
    let options = with_roles(&[("40001", Hip), ("40002", Shank)]);
    let error = import(folder.path(), &options).expect_err("no rate").in_full();
    assert!(error.ends_with("export with SampleTimeFine, or say the rate"), "{error}");
    let rate = truehinge_core::SampleRate::from_hertz(25.0);
    is_the_person(folder.path(), &ImportOptions { rate, ..options });
}

#[test]
fn dates_signs_and_repeated_headers_of_a_table_are_understood() {
    let folder = Folder::new();
    let dated = table(|_, _| {}).lines().enumerate().fold(String::new(), |text, (i, line)| {
        let (time, rest) = line.split_once(',').expect("cells");
        let ms = 598_500 + time.parse::<u32>().unwrap_or(0);
        let stamp = format!("2026-11-02 09:{:02}:{:02}.{:03}", 40 + ms / 60_000, ms / 1000 % 60, ms % 1000);
        format!("{text}{},{rest}\n", if i == 0 { "timestamp" } else { &stamp })
    });
    let path = folder.file("dated.csv", &dated);
    let mapping = MAPPING.replace("column = \"millis\", unit = \"ms\"", "column = \"timestamp\", format = \"iso\"");
    is_the_person(&path, &with_mapping(&mapping));
    // The guess proposes the column by itself.
    assert!(guess(&path).expect("guesses").toml.contains("column = \"timestamp\"\nformat = \"iso\""));
    // A sensor that is mounted the other way round, said by its signs.
    let turned = table(|_, (_, hip, _)| [0, 2, 3, 5].into_iter().for_each(|axis| hip[axis] = -hip[axis]));
    let signs = ["hip_ax", "hip_az", "hip_gx", "hip_gz"]
        .iter()
        .fold(MAPPING.to_owned(), |text, name| text.replace(&format!("\"{name}\""), &format!("\"-{name}\"")));
    is_the_person(&folder.file("turned.csv", turned), &with_mapping(&signs));
    // The header again in the middle costs its own line, also for the guess.
    let plain = table(|_, _| {});
    let header = plain.lines().next().expect("a header").to_owned();
    let at = plain.match_indices('\n').nth(150).map_or(0, |(at, _)| at + 1);
    let path = folder.file("again.csv", format!("{}{header}\n{}", &plain[..at], &plain[at..]));
    let report = is_the_person(&path, &with_mapping(MAPPING));
    assert!(
        report.warnings.contains(&"again.csv: line 152 (the header again) is damaged and was left out".to_owned()),
        "{report}"
    );
    assert!(guess(&path).expect("guesses").toml.contains("line 152 (the header again)"));
}

#[test]
fn a_still_sensor_has_the_unit_of_its_table() {
    let counts = table(|_, (_, hip, shank)| {
        for sensor in [hip, shank] {
            sensor[..3].iter_mut().for_each(|x| *x *= 8192.0 / 9.80665);
            sensor[3..].iter_mut().for_each(|x| *x *= 65.5_f64.to_degrees());
        }
    });
    let folder = Folder::new();
    let path = folder.file("log.csv", counts);
    let guessed = guess(&path).expect("guesses");
    let shank = guessed.guesses.iter().find(|g| g.what == "shank: unit of the gyroscope").expect("a guess");
    assert_eq!(shank.value, "raw, 65.5 counts per deg/s");
    assert!(shank.why.starts_with("as that of hip: one table has one unit"), "{shank}");
    is_the_person(&path, &ImportOptions { mapping: guessed.mapping, ..ImportOptions::default() });
}

#[test]
fn orientations_under_other_names_are_read_and_say_what_is_not_used() {
    let folder = Folder::new();
    let head = "PacketCounter,SampleTimeFine,roll,pitch,yaw,freeAccX,freeAccY,freeAccZ,gyroX,gyroY,gyroZ\n";
    for (name, of) in SENSORS {
        let text = file(head, of, |i, ms, row| {
            format!("{i},{},0.1,{},0.2,0.3,0.4,0.5,{}", ms * 1000, i % 60, numbers(&row[3..], ","))
        });
        folder.file(&format!("with/{name}.csv"), text);
        let bare = file("SampleTimeFine,Euler_X,Euler_Y,Euler_Z,FreeAcc_X,FreeAcc_Y,FreeAcc_Z\n", of, |i, ms, _| {
            format!("{},0.1,{},0.2,0.3,0.4,0.5", 341_207 + ms * 10, i % 60)
        });
        folder.file(&format!("bare/logfile_{name}_D4-22.csv"), bare);
    }
    for part in ["with", "bare"] {
        let (recording, report) = read_side(&folder.path().join(part), Side::Left).unwrap_or_else(|e| panic!("{e}"));
        let TrackSamples::Orientation(samples) = &recording.tracks[0].samples else { panic!("{report}") };
        assert!((samples.len(), samples[1].free_acceleration.is_some()) == (425, true), "{report}");
        assert!((report.sensors[0].seconds - 16.96).abs() < 1e-9, "{report}");
        assert_eq!(part == "with", report.notes.iter().any(|n| n.contains("its gyroscope is not used")), "{report}");
    }
}

#[test]
fn folders_that_look_like_data_and_are_not_read_are_named() {
    let folder = Folder::new();
    for (name, of) in SENSORS {
        folder.file(&format!("P01/{name}.csv"), dot(of));
    }
    let bare = table(|_, _| {}).lines().skip(1).take(24).collect::<Vec<_>>().join("\n");
    folder.file("P02/log.csv", bare);
    folder.file("P03/recording.mtb", "MTB");
    folder.file("P04/session.zip", "PK");
    folder.file("P04/table.xlsx", "PK");
    folder.file("P04/log.json", format!("{{\"acc\": [{}]}}", "1.0,".repeat(1000)));
    // No sensor data: lists, texts, settings, our own tables.
    let people: Vec<String> = (1..40).map(|i| format!("{i},{},1.7,70", 20 + i)).collect();
    folder.file("P07/session.zip", "PK");
    folder.file("P07/table.xlsx", "PK");
    folder.file("people.csv", format!("id,age,height,mass\n{}\n", people.join("\n")));
    folder.file("P05/README.md", "Nothing here");
    folder.file("P06/settings.json", "{\"rate\": 25}");
    folder.file("tables/reps.csv", "a,schema_version\n".to_owned() + &"1,2,3,4\n".repeat(200));
    folder.file("tables/reps.parquet", "PAR1");
    folder.file("tables/data_dictionary.csv", "table,column,schema_version\n");
    folder.file("figures/curves.csv", "t,a,b\n".to_owned() + &"0.1,2,3\n".repeat(200));
    folder.file("figures/curves.svg", "<svg>");
    let found = survey(folder.path(), &ImportOptions::default()).expect("lists");
    assert_eq!(found.sources, [folder.path().join("P01")]);
    let named: Vec<String> = found
        .unread
        .iter()
        .map(|unread| unread.in_full().replace(&format!("{}/", folder.path().display()), ""))
        .collect();
    let expected = [
        "P02: looks like sensor data and was not read (log.csv): export it with the names and units",
        "P03: may hold sensor data and was not read (recording.mtb): export",
        "P04: looks like sensor data and was not read (log.json, session.zip, table.xlsx): export the recording as CSV",
        "P07: may hold sensor data and was not read (session.zip, table.xlsx): unpack it: recordings may be in it; save it as CSV",
    ];
    assert_eq!(named.len(), expected.len(), "{named:?}");
    for (named, expected) in named.iter().zip(expected) {
        assert!(named.starts_with(expected), "{named}");
    }
}

#[cfg(unix)]
#[test]
fn links_to_folders_are_followed_and_loops_are_known() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    for (name, of) in SENSORS {
        elsewhere.file(&format!("{name}.csv"), dot(of));
    }
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("P01")).expect("links");
    std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).expect("links");
    let sources = discover(folder.path(), &ImportOptions::default()).expect("lists");
    assert_eq!(sources, [folder.path().join("P01")]);
}

#[test]
fn a_folder_with_many_files_is_searched_once_and_again_when_it_changes() {
    let folder = Folder::new();
    let texts = SENSORS.map(|(_, of)| dot(of));
    for trial in 0..150 {
        for (place, text) in ["pelvis", "left_shank"].into_iter().zip(&texts) {
            folder.file(&format!("P01_T{trial:03}_{place}.csv"), text.as_str());
        }
    }
    let options = ImportOptions::default();
    let found = survey(folder.path(), &options).expect("is searched");
    assert_eq!(found.sources.len(), 150);
    let names = |options: &ImportOptions| {
        let (recording, _) = import(&folder.path().join("P01_T007_pelvis.csv"), options).expect("is imported");
        recording.info.source.files.iter().map(|file| file.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&options), ["P01_T007_pelvis.csv", "P01_T007_left_shank.csv"]);
    // A file that comes later is seen: it is the trial's third sensor.
    std::thread::sleep(std::time::Duration::from_millis(20));
    folder.file("P01_T007_left_thigh.csv", dot(|row| row.1.map(|value| value + 0.1)));
    assert_eq!(names(&options), names(&ImportOptions::default()));
    assert_eq!(names(&options).len(), 3);
}
