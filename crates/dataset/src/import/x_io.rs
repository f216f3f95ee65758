//! x-io Technologies CSV: the `Inertial.csv` of x-IMU3 logs (one folder per sensor), and single files of the same columns.
//!
//! Gyroscope in deg/s, accelerometer in g, time in µs or s by the header. The other files of a log (magnetometer, quaternion,
//! battery ...) are not read. The network can synchronise the sensors: stamps that begin within half a second of each other,
//! long after the sensors were switched on, are taken for one clock, and the report says so.

use truehinge_core::{ClockKind, STANDARD_GRAVITY, SensorRole, Track, TrackSamples};

use super::group::file_name;
use super::sheet::{Layout, Sheet, Wanted};
use super::text::Text;
use super::time::unwrap;
use super::tracks::{Scales, inertial, track};
use super::{ImportError, Imported};

/// Clocks that free-run since they were switched on never agree this well, s.
const SAME_CLOCK_S: f64 = 0.5;
/// Stamps that begin below this may count from the start of each recording: their agreement says nothing. s.
const SINCE_START_S: f64 = 10.0;
/// Reads one sensor's file.
pub(crate) fn read(
    text: &Text,
    layout: Layout,
    role: SensorRole,
    imported: &mut Imported,
) -> Result<Track, ImportError> {
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
    Ok(track(role, model, None, ClockKind::Device, samples))
}

/// Marks tracks whose stamps begin together as being on one clock.
pub(crate) fn share_clock(tracks: &mut [Track], notes: &mut Vec<String>) {
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
