//! MbientLab MetaBase: two CSV files per sensor, one for the accelerometer (g) and one for the gyroscope (deg/s), often at
//! different rates.
//!
//! Nothing is resampled. Both files become one track in order of time: a row holds the channel it came from and NaN in the
//! other; rows of both channels with the same stamp become one sample. The exact times of both are kept, and the analysis
//! fills in between. Stamps are milliseconds after 1970 on the phone's clock, so all sensors share it.

use truehinge_core::{ClockKind, STANDARD_GRAVITY, Track, TrackSamples};

use super::{About, Beginning, Holds, Named, OneSensor, PerSensor, begins, unknown};
use crate::import::files::{file_name, stem};
use crate::import::sheet::{Layout, Sheet, Wanted};
use crate::import::started::{Start, ahead};
use crate::import::text::Text;
use crate::import::time::unwrap;
use crate::import::tracks::{Channel, measured, merge, track};
use crate::import::{Complaint, ImportError, Imported};

const MILLISECOND: i64 = 1_000_000;

/// See the module.
pub(super) struct MetaBase;

impl PerSensor for MetaBase {
    fn about(&self) -> About {
        About {
            format: "mbientlab-csv",
            words: "MbientLab MetaBase CSV pairs (two rates)",
            written_by: "MbientLab MetaBase",
            files: "accelerometer and gyroscope CSV per sensor",
        }
    }

    fn recognise(&self, file: &Beginning<'_>) -> Option<Holds> {
        header(file).map(|_| Holds::Part)
    }

    fn named(&self, stem: &str) -> Named {
        named(stem)
    }

    fn read(&self, sensor: &OneSensor<'_>, session: &mut Imported) -> Result<(Track, Option<Start>), ImportError> {
        read(sensor, session)
    }
}

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Force,
    Rate,
}

impl Quantity {
    const fn unit(self) -> &'static str {
        match self {
            Self::Force => "(g)",
            Self::Rate => "(deg/s)",
        }
    }
}

/// What a file holds, and where its table stands. Older versions of the app write "epoc".
fn header(file: &Beginning<'_>) -> Option<(Quantity, Layout)> {
    [Quantity::Force, Quantity::Rate].into_iter().find_map(|quantity| {
        let axis = format!("x-axis {}", quantity.unit());
        Some((quantity, file.header(|line| begins(line, "epoc") && line.contains(&axis))?))
    })
}

/// `<session>_<device>_<start>_<address>_<Accelerometer or Gyroscope>_<rate>_<version>`.
fn named(stem: &str) -> Named {
    let parts: Vec<&str> = stem.split('_').collect();
    let channel = parts.iter().rposition(|part| matches!(*part, "Accelerometer" | "Gyroscope"));
    match channel {
        Some(at) if at >= 4 => {
            let sensor = format!("{} {}", parts[at - 3], parts[at - 1]);
            Named { session: parts[..at - 3].join("_"), sensor }
        }
        Some(at) => Named { session: String::new(), sensor: parts[..at].join("_") },
        None => Named { session: String::new(), sensor: stem.to_owned() },
    }
}

/// Reads one sensor's pair; the second value is the first stamp.
fn read(sensor: &OneSensor<'_>, imported: &mut Imported) -> Result<(Track, Option<Start>), ImportError> {
    let role = sensor.role;
    let halves = [Quantity::Force, Quantity::Rate].map(|half| {
        let is = |text: &&Text| header(&Beginning::of(text)).is_some_and(|(quantity, _)| quantity == half);
        sensor.files().filter(is).collect::<Vec<_>>()
    });
    let (forces, rates) = match [&halves[0][..], &halves[1][..]] {
        [[forces], [rates]] => (*forces, *rates),
        [[], [one, ..]] => return Err(wrong_pair(one, "the accelerometer file that belongs to it is missing")),
        [[one, ..], []] => return Err(wrong_pair(one, "the gyroscope file that belongs to it is missing")),
        [[one, ..], _] => return Err(wrong_pair(one, "the sensor has more than one file of a channel")),
        [[], []] => return Err(unknown(sensor.file)),
    };
    let set = |text: &Text| stem(text.path()).split('_').find_map(|part| part.strip_suffix("Hz")?.parse().ok());
    let hertz: Option<f64> = set(forces).into_iter().chain(set(rates)).reduce(f64::max);
    let (forces, rates) = (read_channel(forces, imported)?, read_channel(rates, imported)?);
    imported.notes.push(format!(
        "{role}: two rates: {} accelerometer and {} gyroscope rows in order of time, none resampled",
        forces.len(),
        rates.len()
    ));
    let samples = merge(&forces, &rates);
    let start = samples.first().map(|sample| Start { utc_ns: sample.device_time.nanos(), zone: imported.zone });
    Ok((track(role, "MbientLab MetaMotion", hertz, ClockKind::Shared, TrackSamples::Inertial(samples)), start))
}

fn wrong_pair(text: &Text, found: &str) -> ImportError {
    let hint = "put the two files of a sensor into one folder, with the names the app gave them";
    Complaint::new(found, hint).of(text.path())
}

fn read_channel(text: &Text, imported: &mut Imported) -> Result<Channel, ImportError> {
    let (quantity, layout) = header(&Beginning::of(text)).ok_or_else(|| unknown(text))?;
    let sheet = Sheet::new(text, layout)?;
    // The time beside the epoch is that of the phone, and its header says how far that is ahead: `time (01:00)`.
    let zone = sheet.names().iter().find_map(|name| ahead(name.strip_prefix("time")?.trim().trim_matches(['(', ')'])));
    imported.zone = zone.unwrap_or(imported.zone);
    let mut numbers = Vec::new();
    for axis in ["x", "y", "z"] {
        numbers.push(sheet.index(&format!("{axis}-axis {}", quantity.unit()))?);
    }
    let mut rows = sheet.read(Wanted { numbers: &numbers, times: &[(0, MILLISECOND)], ..Wanted::default() })?;
    rows.warn(&file_name(text.path()), &mut imported.warnings);
    let mut times = rows.times.pop().unwrap_or_default();
    if let Some(elapsed) = elapsed(&sheet, &times)? {
        let said = "the epoch was rounded, probably by a spreadsheet: the elapsed seconds beside it are used";
        imported.warnings.push(format!("{}: {said}", file_name(text.path())));
        times = elapsed;
    }
    unwrap(text.path(), &mut times, &rows.lines, None)?;
    let [x, y, z]: [Vec<f64>; 3] = rows.numbers.try_into().unwrap_or_default();
    let scale = if quantity == Quantity::Force { STANDARD_GRAVITY } else { 1_f64.to_radians() };
    let values = x.into_iter().zip(y).zip(z).map(|((x, y), z)| [x, y, z].map(|value| measured(value * scale)));
    Ok(times.into_iter().zip(values).collect())
}

/// The elapsed seconds, put behind the first stamp, where the stamps hardly change and these do.
fn elapsed(sheet: &Sheet<'_>, stamps: &[i64]) -> Result<Option<Vec<i64>>, ImportError> {
    let different = stamps.windows(2).filter(|pair| pair[0] != pair[1]).count();
    let Some(column) = sheet.find("elapsed (s)").filter(|_| 4 * different < stamps.len()) else { return Ok(None) };
    let rows = sheet.read(Wanted { times: &[(column, 1000 * MILLISECOND)], ..Wanted::default() })?;
    let first = stamps.first().copied().unwrap_or_default();
    let times = rows.times.into_iter().next().unwrap_or_default();
    let alike = times.len() == stamps.len();
    Ok(alike.then(|| times.into_iter().map(|time| first.saturating_add(time)).collect()))
}
