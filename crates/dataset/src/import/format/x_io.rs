//! x-io Technologies CSV: the `Inertial.csv` of x-IMU3 logs (one folder per sensor), and single files of the same columns.
//!
//! Gyroscope in deg/s, accelerometer in g, time in µs or s by the header. The other files of a log (magnetometer, quaternion,
//! battery ...) are not read. The network can synchronise the sensors: stamps that begin within half a second of each other,
//! long after the sensors were switched on, are taken for one clock, and the report says so.

use truehinge_core::{ClockKind, STANDARD_GRAVITY, Track, TrackSamples};

use super::{About, Beginning, Holds, OneSensor, PerSensor, begins, unknown};
use crate::import::files::file_name;
use crate::import::sheet::{Layout, Sheet, Wanted};
use crate::import::started::Start;
use crate::import::time::unwrap;
use crate::import::tracks::{Scales, inertial, track};
use crate::import::{ImportError, Imported};

/// Clocks that free-run since they were switched on never agree this well, s.
const SAME_CLOCK_S: f64 = 0.5;
/// Stamps that begin below this may count from the start of each recording: their agreement says nothing. s.
const SINCE_START_S: f64 = 10.0;

/// A log of x-IMU3: a folder for each sensor.
pub(super) struct XImu3Log;
/// A file for each sensor.
pub(super) struct XIoCsv;

impl PerSensor for XImu3Log {
    fn about(&self) -> About {
        About {
            format: "x-imu3-log",
            words: "x-IMU3 log (one folder per sensor)",
            written_by: "x-IMU3 log, NGIMU session",
            files: "a folder per sensor",
        }
    }

    /// Its files are known by their folders; alone, one is like any other file of the maker.
    fn recognise(&self, _: &Beginning<'_>) -> Option<Holds> {
        None
    }

    fn file_in_folder(&self) -> Option<&'static str> {
        Some("Inertial.csv")
    }

    fn read(&self, sensor: &OneSensor<'_>, session: &mut Imported) -> Result<(Track, Option<Start>), ImportError> {
        read(sensor, session)
    }

    fn together(&self, session: &mut Imported, _: &[Option<Start>]) {
        share_clock(&mut session.tracks, &mut session.notes);
    }
}

impl PerSensor for XIoCsv {
    fn about(&self) -> About {
        About {
            format: "x-io-csv",
            words: "x-io Technologies inertial CSV",
            written_by: "other x-io CSV",
            files: "one CSV per sensor",
        }
    }

    fn recognise(&self, file: &Beginning<'_>) -> Option<Holds> {
        header(file).map(|_| Holds::Sensor)
    }

    fn read(&self, sensor: &OneSensor<'_>, session: &mut Imported) -> Result<(Track, Option<Start>), ImportError> {
        read(sensor, session)
    }

    fn together(&self, session: &mut Imported, _: &[Option<Start>]) {
        share_clock(&mut session.tracks, &mut session.notes);
    }
}

fn header(file: &Beginning<'_>) -> Option<Layout> {
    let is_header = |line: &str| {
        begins(line, "Time") && line.contains("Gyroscope X (deg/s)") && line.contains("Accelerometer X (g)")
    };
    file.header(is_header)
}

/// Reads one sensor's file.
fn read(sensor: &OneSensor<'_>, imported: &mut Imported) -> Result<(Track, Option<Start>), ImportError> {
    let &OneSensor { file: text, role, .. } = sensor;
    let layout = header(&Beginning::of(text)).ok_or_else(|| unknown(text))?;
    let sheet = Sheet::new(text, layout)?;
    let names = [
        "Accelerometer X (g)",
        "Accelerometer Y (g)",
        "Accelerometer Z (g)",
        "Gyroscope X (deg/s)",
        "Gyroscope Y (deg/s)",
        "Gyroscope Z (deg/s)",
    ];
    let numbers = names.iter().map(|name| sheet.index(name)).collect::<Result<Vec<_>, _>>()?;
    let microseconds = sheet.names().first().is_some_and(|name| name.contains("(us)"));
    let unit = if microseconds { 1_000 } else { 1_000_000_000 };
    let mut rows = sheet.read(Wanted { numbers: &numbers, times: &[(0, unit)], ..Wanted::default() })?;
    rows.warn(&file_name(text.path()), &mut imported.warnings);
    let mut times = rows.times.pop().unwrap_or_default();
    unwrap(text.path(), &mut times, &rows.lines, None)?;
    let columns: [Vec<f64>; 6] = rows.numbers.try_into().unwrap_or_default();
    let samples = inertial(&times, &columns, Scales { force: STANDARD_GRAVITY, rate: 1_f64.to_radians() });
    let model = if microseconds { "x-io x-IMU3" } else { "x-io" };
    Ok((track(role, model, None, ClockKind::Device, samples), None))
}

/// Marks tracks whose stamps begin together as being on one clock.
fn share_clock(tracks: &mut [Track], notes: &mut Vec<String>) {
    let first = |track: &Track| match &track.samples {
        TrackSamples::Inertial(samples) => samples.first().map(|s| s.device_time),
        TrackSamples::Orientation(samples) => samples.first().map(|s| s.device_time),
    };
    let starts: Vec<_> = tracks.iter().filter_map(first).collect();
    let (Some(&earliest), Some(&latest)) = (starts.iter().min(), starts.iter().max()) else { return };
    let apart = (latest - earliest).seconds();
    if tracks.len() > 1 && apart < SAME_CLOCK_S && earliest.seconds() > SINCE_START_S {
        notes.push(format!(
            "the sensors' stamps begin within {:.0} ms of each other: taken for one clock, synchronised by the network",
            apart * 1e3
        ));
        tracks.iter_mut().for_each(|track| track.clock = ClockKind::Shared);
    } else {
        notes.push("no arrival times and no common clock: the sensors are taken to have started together".to_owned());
    }
}
