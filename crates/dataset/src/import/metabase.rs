//! MbientLab MetaBase: two CSV files per sensor, one for the accelerometer (g) and one for the gyroscope (deg/s), often at
//! different rates.
//!
//! Nothing is resampled. Both files become one track in order of time: a row holds the channel it came from and NaN in the
//! other; rows of both channels with the same stamp become one sample. The exact times of both are kept, and the analysis
//! fills in between. Stamps are milliseconds after 1970 on the phone's clock, so all sensors share it.

use std::path::PathBuf;

use truehinge_core::{ClockKind, STANDARD_GRAVITY, SensorRole, Track, TrackSamples};

use super::group::{file_name, stem};
use super::kind::{Kind, recognise};
use super::sheet::{Sheet, Wanted};
use super::started::{Start, ahead};
use super::text::Text;
use super::time::unwrap;
use super::tracks::{Channel, measured, merge, track};
use super::{ImportError, Imported};

const MILLISECOND: i64 = 1_000_000;

/// Reads one sensor's pair; the second value is the first stamp.
pub(crate) fn read(
    texts: &[Text],
    role: SensorRole,
    imported: &mut Imported,
) -> Result<(Track, Option<Start>), ImportError> {
    let halves = [Kind::MetaAccelerometer, Kind::MetaGyroscope].map(|half| {
        texts.iter().filter(move |text| recognise(text).is_some_and(|(kind, _)| kind == half)).collect::<Vec<_>>()
    });
    let (forces, rates) = match [&halves[0][..], &halves[1][..]] {
        [[forces], [rates]] => (*forces, *rates),
        [[], [one, ..]] => return Err(wrong_pair(one, "the accelerometer file that belongs to it is missing")),
        [[one, ..], []] => return Err(wrong_pair(one, "the gyroscope file that belongs to it is missing")),
        [[one, ..], _] => return Err(wrong_pair(one, "the sensor has more than one file of a channel")),
        [[], []] => return Err(ImportError::Unknown { path: PathBuf::new(), found: "no MetaBase file".to_owned() }),
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
    ImportError::Roles {
        path: text.path().to_owned(),
        found: found.to_owned(),
        hint: "put the two files of a sensor into one folder, with the names the app gave them".to_owned(),
    }
}

fn read_channel(text: &Text, imported: &mut Imported) -> Result<Channel, ImportError> {
    let unknown = || ImportError::Unknown { path: text.path().to_owned(), found: text.summary() };
    let (kind, layout) = recognise(text).ok_or_else(unknown)?;
    let sheet = Sheet::new(text, layout)?;
    // The time beside the epoch is that of the phone, and its header says how far that is ahead: `time (01:00)`.
    let zone = sheet.names().iter().find_map(|name| ahead(name.strip_prefix("time")?.trim().trim_matches(['(', ')'])));
    imported.zone = zone.unwrap_or(imported.zone);
    let unit = if kind == Kind::MetaAccelerometer { "(g)" } else { "(deg/s)" };
    let mut numbers = Vec::new();
    for axis in ["x", "y", "z"] {
        numbers.push(sheet.index(&format!("{axis}-axis {unit}"))?);
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
    let scale = if kind == Kind::MetaAccelerometer { STANDARD_GRAVITY } else { 1_f64.to_radians() };
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
