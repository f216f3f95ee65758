//! What cannot be right is refused or warned of, and what is right passes without a word.

use truehinge_core::SensorRole::{Hip, Shank};
use truehinge_dataset::import::{ImportReport, import};

use crate::person::{MAPPING, Row, table};
use crate::{Folder, inertial, lost, message, with_mapping};

/// Imports the person's table, changed; the report, or the message.
fn changed(change: impl FnMut(usize, &mut Row)) -> Result<ImportReport, String> {
    mapped(MAPPING, change)
}

fn mapped(mapping: &str, change: impl FnMut(usize, &mut Row)) -> Result<ImportReport, String> {
    let folder = Folder::new();
    let path = folder.file("log.csv", table(change));
    import(&path, &with_mapping(mapping)).map(|(_, report)| report).map_err(|error| message(&error, &folder))
}

#[test]
fn what_is_right_passes_without_a_warning() {
    let report = changed(|_, _| {}).expect("imports");
    assert_eq!(report.warnings, Vec::<String>::new());
}

#[test]
fn axes_that_contradict_each_other_are_refused_and_named() {
    let contradicts = |said: Result<ImportReport, String>, axes: &str| {
        let said = said.expect_err("refused");
        assert!(said.contains("gyroscope and accelerometer contradict each other"), "{said}");
        assert!(said.contains(axes), "{said}");
    };
    // The three columns in the order of a file that writes z, y, x: a left-handed sensor.
    let mirrored = |_: usize, (_, hip, shank): &mut Row| {
        for sensor in [hip, shank] {
            sensor.swap(0, 2);
            sensor.swap(3, 5);
        }
    };
    contradicts(changed(mirrored), "log.csv: the hip sensor's");
    // The person bows about y: its sign and its place are seen, of either channel.
    contradicts(changed(|_, (_, hip, _)| hip[4] = -hip[4]), "taken as x, -y, z");
    contradicts(changed(|_, (_, hip, _)| hip.swap(4, 5)), "they would agree with the gyroscope's axes taken as");
    contradicts(changed(|_, (_, hip, _)| hip[2] = -hip[2]), "taken as x, -y, z");
    contradicts(changed(|_, (_, hip, _)| hip.swap(0, 2)), "they would agree with the gyroscope's axes taken as");
    contradicts(changed(|_, (_, _, shank)| shank[4] = -shank[4]), "the shank sensor's");
}

#[test]
fn a_gyroscope_that_tells_nothing_or_too_much_is_refused() {
    let dead = changed(|_, (_, hip, _)| hip[4] = 0.0).expect_err("refused");
    assert!(dead.contains("gravity turns and the gyroscope does not tell of it"), "{dead}");
    let degrees = changed(|_, (_, hip, _)| hip[3..].iter_mut().for_each(|x| *x = x.to_degrees())).expect_err("refused");
    assert!(degrees.contains("deg/s read as rad/s"), "{degrees}");
    // A shank that hardly turns, in counts.
    let counts = changed(|_, (_, _, shank)| shank[3..].iter_mut().for_each(|x| *x *= 65.5)).expect_err("refused");
    assert!(counts.contains("the shank sensor's gyroscope and accelerometer contradict each other"), "{counts}");
    let small =
        changed(|_, (_, _, shank)| shank[3..].iter_mut().for_each(|x| *x = x.to_radians())).expect_err("refused");
    assert!(small.contains("the gyroscope does not tell of it"), "{small}");
}

#[test]
fn a_factor_of_two_is_warned_of() {
    for factor in [0.5, 2.0] {
        let report = changed(|_, (_, hip, _)| hip[3..].iter_mut().for_each(|x| *x *= factor)).expect("imports");
        let said = format!("hip: the gyroscope turns {factor:.2} times as fast as gravity");
        assert!(report.warnings.iter().any(|warning| warning.starts_with(&said)), "{report}");
    }
    // Of one axis alone: that of the bow.
    let report = changed(|_, (_, hip, _)| hip[4] *= 2.0).expect("imports");
    assert!(report.warnings.iter().any(|warning| warning.starts_with("hip: the gyroscope")), "{report}");
    // An ordinary error of scale is none.
    let report = changed(|_, (_, hip, _)| hip[3..].iter_mut().for_each(|x| *x *= 1.1)).expect("imports");
    assert_eq!(report.warnings, Vec::<String>::new());
    // The rate, and the time that is ten times too fast: no word of degrees.
    let rate = MAPPING.replace("column = \"millis\", unit = \"ms\"", "rate_hz = 50.0");
    let report = mapped(&rate, |_, _| {}).expect("imports");
    assert!(report.warnings.iter().any(|w| w.starts_with("hip: the gyroscope turns 0.50 times")), "{report}");
    let fast = changed(|_, (time, ..)| *time /= 10).expect_err("refused");
    assert!(fast.contains("turns 0.098 times as fast") && fast.contains("the unit of time, the rate"), "{fast}");
}

#[test]
fn times_that_no_recording_has_are_refused_with_the_unit_that_fits() {
    let micro = mapped(&MAPPING.replace("\"ms\"", "\"us\""), |_, _| {}).expect_err("refused");
    assert_eq!(
        micro,
        "log.csv: the hip sensor's times cannot be right: 425 samples over 0.02 s, 25000.0 a second: check the unit of time \
         (ms gives 25.0 Hz)"
    );
    let seconds = mapped(&MAPPING.replace("\"ms\"", "\"s\""), |_, _| {}).expect_err("refused");
    assert!(seconds.ends_with("check the unit of time (ms gives 25.0 Hz)"), "{seconds}");
    let same = changed(|_, (time, ..)| *time = 1).expect_err("refused");
    assert!(
        same.contains(
            "all stamps of its 425 samples are the same: export again and do not save the file in a spreadsheet"
        ),
        "{same}"
    );
}

#[test]
fn sensors_that_are_exchanged_or_taken_twice_are_named() {
    let swapped = changed(|_, (_, hip, shank)| std::mem::swap(hip, shank)).expect_err("refused");
    assert!(swapped.contains("the shank sensor leans by 64 degrees and the hip sensor by 16"), "{swapped}");
    assert!(swapped.ends_with("swap their roles: hip and shank are probably swapped"), "{swapped}");
    let twice = changed(|_, (_, hip, shank)| *shank = *hip).expect_err("refused");
    assert!(twice.contains("the hip and the shank sensor have the same values"), "{twice}");
}

#[test]
fn values_that_do_not_change_are_missing_not_still() {
    let mut held = [0.0; 6];
    let frozen = move |index: usize, (_, _, shank): &mut Row| match index {
        ..=100 => held = *shank,
        101..=150 => *shank = held,
        _ => {}
    };
    let folder = Folder::new();
    let path = folder.file("log.csv", table(frozen));
    let (recording, report) = import(&path, &with_mapping(MAPPING)).expect("imports");
    assert_eq!(inertial(&recording, Shank).len(), 425 - 50);
    assert_eq!((lost(&recording, Shank), lost(&recording, Hip)), ((50, 1), (0, 0)));
    assert_eq!(recording.tracks[1].sequence_gaps[0].before_sample, 101);
    assert!(
        report.warnings.contains(&"shank: the same values for 2.0 s from 4.0 s on: missing, not still".to_owned()),
        "{report}"
    );
}

#[test]
fn zeros_and_packets_that_came_twice_are_missing() {
    let folder = Folder::new();
    let mut before = Vec::new();
    let text = table(|index, (_, hip, shank)| {
        if (200..203).contains(&index) {
            *shank = [0.0; 6];
        }
        // A packet of four rows arrives again in place of the next.
        if (120..124).contains(&index) {
            before.push(*hip);
        }
        if (124..128).contains(&index) {
            *hip = before[index - 124];
        }
    });
    let path = folder.file("log.csv", text);
    let (recording, report) = import(&path, &with_mapping(MAPPING)).expect("imports");
    assert_eq!((lost(&recording, Hip), lost(&recording, Shank)), ((4, 1), (3, 1)));
    let said = |text: &str| report.warnings.iter().any(|warning| warning.contains(text));
    assert!(said("shank: 3 rows hold nothing but zeros, the first at 8.0 s: missing"), "{report}");
    assert!(said("hip: 4 rows of packets came twice"), "{report}");
}

#[test]
fn rows_filled_up_by_repeating_are_left_out() {
    let rows = crate::person::rows();
    let filled = move |index: usize, row: &mut Row| (row.1, row.2) = (rows[index / 2 * 2].1, rows[index / 2 * 2].2);
    let report = changed(filled).expect("imports");
    assert!(report.warnings.iter().any(|w| w.starts_with("hip: 212 rows repeat the row before")), "{report}");
    assert!((report.sensors[0].samples, report.sensors[0].lost) == (213, 212), "{report}");
}

#[test]
fn an_axis_that_freezes_while_the_sensor_moves_is_missing_there() {
    let mut held = 0.0;
    let frozen = move |index: usize, (_, hip, _): &mut Row| match index {
        // Gravity comes to the z axis by then.
        ..=113 => held = hip[0],
        114..=200 => hip[0] = held,
        _ => {}
    };
    // The lateral axis hardly moves in a bow, so this person also sways.
    let mut frozen = frozen;
    let swaying = move |index: usize, row: &mut Row| {
        row.1[1] += 2.0 * (index as f64 * 0.1).sin();
        frozen(index, row);
    };
    let report = changed(swaying).expect("imports");
    let said =
        "hip: the accelerometer's x does not change for 3.5 s from 4.5 s on, while the sensor moves: missing there";
    assert!(report.warnings.iter().any(|warning| warning == said), "{report}");
}

#[test]
fn an_axis_with_one_value_from_beginning_to_end_is_named() {
    let report = changed(|_, (_, hip, _)| hip[5] = 0.0).expect("imports");
    let said = "hip: the gyroscope's z has one value from beginning to end: check the columns and the sensor";
    assert!(report.warnings.contains(&said.to_owned()), "{report}");
}
