//! MVNX of Xsens MVN: sensors, orientations, or only the body model; damaged and in one line.

use std::fmt::Write as _;

use truehinge_core::SensorRole::{Hip, Shank, Thigh, Trunk};
use truehinge_core::Side;
use truehinge_dataset::{ImportOptions, discover};

use crate::layouts::{SENSORS, is_the_person, numbers};
use crate::{Folder, message, orientations, person, read_side};

/// A text with these frames, each with its elements; `labels` are those of its sensors and segments.
fn mvnx(labels: &[&str], frames: impl Iterator<Item = String>) -> String {
    let list = |what: &str| {
        let entries: Vec<String> = labels.iter().map(|label| format!("<{what} label=\"{label}\" id=\"1\"/>")).collect();
        entries.concat()
    };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mvnx version=\"4\">\n<mvn version=\"2022.0\" build=\"1\"/>\n<comment/>\n\
         <subject label=\"Suit\" frameRate=\"25\" recDate=\"Mon Nov 2 10:00:00.000 2026\">\n\
         <segments>{}</segments>\n<sensors>{}</sensors>\n<frames>\n\
         <frame time=\"0\" index=\"\" tc=\"\" ms=\"0\" type=\"identity\"><orientation>1 0 0 0</orientation></frame>\n",
        list("segment"),
        list("sensor"),
    );
    for (index, elements) in frames.enumerate() {
        let (time, epoch) = (index * 40, 1_793_613_600_000_u64 + 40 * index as u64);
        let _ = writeln!(
            text,
            "<frame time=\"{time}\" index=\"{index}\" tc=\"\" ms=\"{epoch}\" type=\"normal\">{elements}</frame>"
        );
    }
    text + "</frames></subject></mvnx>\n"
}

#[test]
fn accelerometers_and_gyroscopes_of_a_suit_are_the_person() {
    let rows = person::rows();
    let frames = rows.iter().map(|row| {
        let [hip, shank] = [SENSORS[0].1(row), SENSORS[1].1(row)];
        let both = |range: std::ops::Range<usize>| {
            format!("{} {}", numbers(&hip[range.clone()], " "), numbers(&shank[range], " "))
        };
        format!(
            "<orientation>1 0 0 0 1 0 0 0</orientation>\n<sensorAcceleration>{}</sensorAcceleration>\
             <sensorAngularVelocity>{}</sensorAngularVelocity>",
            both(0..3),
            both(3..6)
        )
    });
    let text = mvnx(&["Pelvis", "LeftLowerLeg"], frames);
    let folder = Folder::new();
    let path = folder.file("P01-001.mvnx", &text);
    let report = is_the_person(&path, &ImportOptions::default());
    assert_eq!(report.recognised, "Xsens MVN recording (MVNX)");
    // Nobody need know that the extension says it, nor that a program has put all into one line.
    let line = folder.file("one-line.mvnx", text.replace('\n', " "));
    is_the_person(&line, &ImportOptions::default());
    let (recording, _) = read_side(&path, Side::Left).expect("imports");
    assert_eq!(recording.info.start_utc_ns, Some(1_793_613_600_000_000_000));
    assert_eq!(discover(folder.path(), &ImportOptions::default()).expect("lists").len(), 2);
}

const SUIT: [&str; 4] = ["Pelvis", "T8", "RightUpperLeg", "RightLowerLeg"];

/// A turn about y, rad, as w x y z.
fn about_y(angle: f64) -> String {
    numbers(&[(0.5 * angle).cos(), 0.0, (0.5 * angle).sin(), 0.0], " ")
}

#[test]
fn orientations_of_sensors_come_with_their_accelerations_and_those_of_segments_without() {
    let angle = |sensor: usize, frame: usize| 0.01 * (1 + sensor) as f64 * frame as f64;
    let of_all = |frame: usize| (0..4).map(|sensor| about_y(angle(sensor, frame))).collect::<Vec<_>>().join(" ");
    let sensors = |frame: usize| {
        format!(
            "<sensorFreeAcceleration>0 0 1 0 0 2 0 0 3 0 0 4</sensorFreeAcceleration>\
             <sensorOrientation>{}</sensorOrientation>",
            of_all(frame)
        )
    };
    let folder = Folder::new();
    let path = folder.file("sensors.mvnx", mvnx(&SUIT, (0..50).map(sensors)));
    let (recording, report) = read_side(&path, Side::Right).expect("imports");
    assert_eq!(recording.tracks.iter().map(|track| track.role).collect::<Vec<_>>(), [Hip, Shank, Thigh, Trunk]);
    assert!(report.to_string().contains("no gyroscope in the file"), "{report}");
    let shank = orientations(&recording, Shank);
    assert_eq!((shank.len(), shank[10].device_time.nanos()), (50, 400_000_000));
    let [w, _, y, _] = shank[10].rotation.to_wxyz();
    let turned = 2.0 * y.atan2(w);
    assert!((turned - angle(3, 10)).abs() < 1e-3, "{turned}");
    let free = |role| orientations(&recording, role)[0].free_acceleration.map(|free| free.to_array()[2]);
    assert_eq!([Hip, Trunk, Thigh, Shank].map(free), [1.0, 2.0, 3.0, 4.0].map(Some));

    let segments = |frame: usize| format!("<orientation>{}</orientation><position>0 0 1</position>", of_all(frame));
    let path = folder.file("segments.mvnx", mvnx(&SUIT, (0..50).map(segments)));
    let (recording, report) = read_side(&path, Side::Right).expect("imports");
    assert!(report.to_string().contains("body model"), "{report}");
    assert_eq!(orientations(&recording, Hip)[0].free_acceleration, None);
}

#[test]
fn damaged_suits_are_refused_by_place() {
    let folder = Folder::new();
    let whole = mvnx(
        &SUIT,
        (0..5).map(|_| format!("<sensorOrientation>{}</sensorOrientation>", vec![about_y(0.1); 4].join(" "))),
    );
    let normal = "type=\"normal\">";
    let last = whole.rfind(normal).expect("is there") + normal.len();
    for (name, text, part) in [
        ("damaged.mvnx", whole.replacen("</sensorOrientation>", "</sensor>", 1), "damaged XML near byte"),
        (
            "short.mvnx",
            whole.replacen("0.9988 0.0000 0.0500 0.0000 ", "", 1),
            "frame 1: sensorOrientation has 12 numbers, 4 sensors need 16",
        ),
        ("word.mvnx", whole.replacen("0.9988", "x", 1), "frame 1: sensorOrientation: \"x\" is not a number"),
        ("zero.mvnx", whole.replacen("0.9988 0.0000 0.0500", "0 0 0", 1), "frame 1: Pelvis has no orientation"),
        ("empty.mvnx", mvnx(&SUIT, std::iter::empty()), "no whole frame"),
        (
            "lacks.mvnx",
            format!("{}></frame></frames></subject></mvnx>", &whole[..last - 1]),
            "frame 5: it lacks sensorOrientation",
        ),
        ("foreign.mvnx", "<html></html>".to_owned(), "no whole frame"),
    ] {
        let path = folder.file(name, text);
        let error = read_side(&path, Side::Right).expect_err(name);
        let said = message(&error, &folder);
        assert!(said.starts_with(name) && said.contains(part), "{said}");
    }
    let path = folder.file("cut.mvnx", &whole[..last + 80]);
    let (recording, report) = read_side(&path, Side::Right).expect("the frames before the cut");
    assert_eq!(orientations(&recording, Shank).len(), 4);
    assert!(report.to_string().contains("it ends in the middle of frame 5"), "{report}");
}
