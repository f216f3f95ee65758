//! Accelerometer and gyroscope in a file each: phyphox, Sensor Logger, Polar Sensor Logger.
//!
//! A time and the columns x, y, z, in whatever order; the unit stands in the header, or the file's name says which of the two
//! it is (m/s² and rad/s then). Nothing is resampled: both files become one track in order of time, as those of MetaBase do.
//! Accelerations without gravity (`Linear Accelerometer`, or `Accelerometer` beside `TotalAcceleration`) are not used.

use truehinge_core::{ClockKind, STANDARD_GRAVITY, Track, TrackSamples};

use super::{About, Beginning, Holds, Named, OneSensor, PerSensor, unknown};
use crate::import::files::{file_name, stem};
use crate::import::names::without_start;
use crate::import::places::words;
use crate::import::sheet::{Layout, Sheet, Wanted};
use crate::import::started::Start;
use crate::import::text::Text;
use crate::import::time::{steps, unwrap, usual_rate};
use crate::import::tracks::{Channel, measured, merge, start_after_2000, track};
use crate::import::{Complaint, ImportError, Imported};

/// See the module.
pub(super) struct Halves;

impl PerSensor for Halves {
    fn about(&self) -> About {
        About {
            format: "two-file-csv",
            words: "accelerometer and gyroscope in a file each",
            written_by: "phyphox, Sensor Logger, Polar Sensor Logger",
            files: "accelerometer and gyroscope in a file each; a folder or a name per sensor",
        }
    }

    fn recognise(&self, file: &Beginning<'_>) -> Option<Holds> {
        find(file).map(|_| Holds::Part)
    }

    fn named(&self, stem: &str) -> Named {
        Named { session: String::new(), sensor: without_quantity(&without_start(stem)) }
    }

    fn read(&self, sensor: &OneSensor<'_>, session: &mut Imported) -> Result<(Track, Option<Start>), ImportError> {
        read(sensor, session)
    }
}

/// The name without the quantity, such as `Polar_Sense_AAAA0001` of `Polar_Sense_AAAA0001_ACC`; of nothing else it leaves
/// nothing: the folder then says which sensor it is.
fn without_quantity(name: &str) -> String {
    let quantity = |part: &&str| {
        let part = part.to_lowercase();
        part.starts_with("acc") || part.starts_with("gyr") || part.contains("acceler") || part.contains("gyro")
    };
    name.split(['_', '-', ' ']).filter(|part| !quantity(part)).collect::<Vec<_>>().join("_")
}

/// What a file of one quantity holds.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Half {
    /// Of the time and the three axes.
    columns: [usize; 4],
    /// Nanoseconds of the time's unit; zero if its values say it.
    time_unit: i64,
    /// To m/s² or rad/s.
    scale: f64,
    quantity: Quantity,
}

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Quantity {
    Force,
    Rate,
}

/// A file of one quantity, and where its header stands.
fn find(file: &Beginning<'_>) -> Option<(Half, Layout)> {
    let head = &file.head;
    let stem = stem(file.text.path());
    (0..head.len()).find_map(|skip| {
        let layout = Layout::of_header(head, skip);
        let names: Vec<&str> = head[skip].split(char::from(layout.delimiter)).collect();
        Some((half(&names, &stem)?, layout))
    })
}

/// Reads the header of a file with one quantity.
fn half(names: &[&str], stem: &str) -> Option<Half> {
    let names: Vec<String> = names.iter().map(|name| name.trim().trim_matches('"').to_lowercase()).collect();
    let axis = |axis: &str| {
        let mut found =
            names.iter().enumerate().filter(|(_, name)| words(without_unit(name)).last().is_some_and(|w| w == axis));
        let (index, _) = found.next()?;
        found.next().is_none().then_some(index)
    };
    let [x, y, z] = [axis("x")?, axis("y")?, axis("z")?];
    let named = words(&format!("{stem} {}", names[x]));
    let says = |word: &str| named.iter().any(|name| name.starts_with(word));
    if says("linear") || says("mag") || says("gravity") || says("euler") || says("orient") {
        return None;
    }
    let (quantity, scale) = match unit(&names[x]) {
        "m/s^2" | "m/s2" | "m/s²" => (Quantity::Force, 1.0),
        "g" => (Quantity::Force, STANDARD_GRAVITY),
        "mg" => (Quantity::Force, STANDARD_GRAVITY * 1e-3),
        "rad/s" => (Quantity::Rate, 1.0),
        "dps" | "deg/s" | "°/s" => (Quantity::Rate, 1_f64.to_radians()),
        "" if says("gyro") => (Quantity::Rate, 1.0),
        "" if says("acc") || says("total") => (Quantity::Force, 1.0),
        _ => return None,
    };
    let (time, time_unit) = time(&names)?;
    Some(Half { columns: [time, x, y, z], time_unit, scale, quantity })
}

/// The best column of time: one that says its unit before one that does not.
fn time(names: &[String]) -> Option<(usize, i64)> {
    let is_time = |name: &String| words(name).iter().any(|word| word == "time" || word.ends_with("timestamp"));
    let times = || names.iter().enumerate().filter(|(_, name)| is_time(name));
    let with_unit = times().find_map(|(index, name)| {
        let nanos = match unit(name) {
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "us" | "µs" => 1_000,
            "ns" => 1,
            _ => return None,
        };
        Some((index, nanos))
    });
    let elapsed = || names.iter().position(|name| name == "seconds_elapsed").map(|index| (index, 1_000_000_000));
    with_unit.or_else(elapsed).or_else(|| times().next().map(|(index, _)| (index, 0)))
}

/// `X (m/s^2)` without its unit.
fn without_unit(name: &str) -> &str {
    name.split(['(', '[']).next().unwrap_or(name).trim()
}

/// What stands in brackets.
fn unit(name: &str) -> &str {
    let inside = name.split_once(['(', '[']).map_or("", |(_, rest)| rest);
    inside.split([')', ']']).next().unwrap_or("").trim()
}

/// Reads one sensor's pair; the second value is the start, where the stamps say it.
fn read(sensor: &OneSensor<'_>, imported: &mut Imported) -> Result<(Track, Option<Start>), ImportError> {
    let of = |quantity: Quantity| {
        let is = |text: &&Text| find(&Beginning::of(text)).is_some_and(|(half, _)| half.quantity == quantity);
        let mut files: Vec<&Text> = sensor.files().filter(is).collect();
        // Sensor Logger writes the acceleration without gravity beside the whole one.
        if files.len() > 1 && files.iter().any(|text| is_total(text)) {
            files.retain(|text| is_total(text));
        }
        files
    };
    let (forces, rates) = match [&of(Quantity::Force)[..], &of(Quantity::Rate)[..]] {
        [[forces], [rates]] => (read_channel(forces, imported)?, read_channel(rates, imported)?),
        [forces, rates] => {
            let found = format!("{} accelerometer and {} gyroscope files of one sensor", forces.len(), rates.len());
            let hint = "put one of each into one folder, with the names the app gave them";
            return Err(Complaint::new(found, hint).of(sensor.file.path()));
        }
    };
    let samples = TrackSamples::Inertial(merge(&forces, &rates));
    let track = track(sensor.role, "accelerometer and gyroscope files", None, ClockKind::Device, samples);
    let start = start_after_2000(&track, imported.zone);
    Ok((track, start))
}

fn is_total(text: &Text) -> bool {
    stem(text.path()).to_lowercase().contains("total")
}

fn read_channel(text: &Text, imported: &mut Imported) -> Result<Channel, ImportError> {
    let (half, layout) = find(&Beginning::of(text)).ok_or_else(|| unknown(text))?;
    let Half { columns: [time, axes @ ..], time_unit, scale, .. } = half;
    let sheet = Sheet::new(text, layout)?;
    let unit = if time_unit > 0 { time_unit } else { unit_by_values(&sheet, time)? };
    let mut rows = sheet.read(Wanted { numbers: &axes, times: &[(time, unit)], ..Wanted::default() })?;
    rows.warn(&file_name(text.path()), &mut imported.warnings);
    imported.zone = imported.zone.max(rows.zone);
    let mut times = rows.times.pop().unwrap_or_default();
    unwrap(text.path(), &mut times, &rows.lines, None)?;
    let row = |i: usize| [0, 1, 2].map(|axis| measured(rows.numbers[axis][i] * scale));
    Ok(times.iter().enumerate().map(|(i, &time)| (time, row(i))).collect())
}

/// The unit that makes a rate of 5 to 2000 rows a second, ns; dates need none.
fn unit_by_values(sheet: &Sheet<'_>, column: usize) -> Result<i64, ImportError> {
    let rows = sheet.read(Wanted { times: &[(column, 1)], ..Wanted::default() })?;
    let steps = steps(rows.times.first().map_or(&[], Vec::as_slice));
    // The rate if the unit were nanoseconds, for whole numbers.
    let rate = usual_rate(steps).unwrap_or(1.0);
    let units = [1, 1_000, 1_000_000, 1_000_000_000];
    Ok(units.into_iter().find(|&unit| (5.0..2000.0).contains(&(rate / unit as f64))).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_one_quantity_say_what_it_is() {
        let kind = |header: &str, stem: &str| {
            half(&header.split([',', ';']).collect::<Vec<_>>(), stem).map(|half| (half.quantity, half.columns))
        };
        let phyphox = "\"Time (s)\",\"X (m/s^2)\",\"Y (m/s^2)\",\"Z (m/s^2)\"";
        assert_eq!(kind(phyphox, "Accelerometer"), Some((Quantity::Force, [0, 1, 2, 3])));
        assert_eq!(kind(phyphox, "Linear Accelerometer"), None);
        let logger = "time,seconds_elapsed,z,y,x";
        assert_eq!(kind(logger, "Gyroscope"), Some((Quantity::Rate, [1, 4, 3, 2])));
        assert_eq!(kind(logger, "TotalAcceleration"), Some((Quantity::Force, [1, 4, 3, 2])));
        assert_eq!(kind(logger, "Magnetometer"), None);
        let polar = "Phone timestamp;sensor timestamp [ns];X [dps];Y [dps];Z [dps]";
        assert_eq!(kind(polar, "Polar_Sense_GYRO"), Some((Quantity::Rate, [1, 2, 3, 4])));
        assert_eq!(kind("t,x,y", "acc"), None);
        assert_eq!(kind("time,hip_x,shank_x,y,z", "acc"), None, "two sensors");
    }
}
