//! Tables of makers that a mapping can describe, so that nobody has to write it.
//!
//! | maker | how it is known | what is special |
//! |---|---|---|
//! | WitMotion WitApp text | `AccX(g)`, `AsX(°/s)` (or in Chinese) beside a device column | rows of all devices in one table |
//! | Shimmer ConsensysPRO | a `sep=` line, names with the device's id, a line of units | one file per sensor |
//! | Delsys Trigno Discover | `ACC X Time Series (s)` | a time column and a rate for every channel |

use super::mapping::{Column, FileLayout, ForceUnit, Mapping, RateUnit, SensorColumns, Session, Time, TimeUnit};
use super::places::named;
use super::text::Text;

/// A table that is known by its header.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Known {
    /// Name of the format in recordings.
    pub format: &'static str,
    /// In words.
    pub words: &'static str,
    pub mapping: Mapping,
}

/// The header stands within the first lines.
const HEADER_WITHIN: usize = 12;

/// A table with several sensors in it.
pub(crate) fn known(text: &Text) -> Option<Known> {
    let head = text.head(HEADER_WITHIN);
    (0..head.len()).find_map(|skip| witmotion(&head, skip).or_else(|| delsys(&head, skip)))
}

fn cells(line: &str, delimiter: char) -> Vec<String> {
    line.split(delimiter).map(|cell| cell.trim().trim_matches('"').to_owned()).collect()
}

fn layout(delimiter: char, skip_lines: usize, header_rows: usize) -> FileLayout {
    FileLayout { delimiter, skip_lines, header_rows, ..FileLayout::default() }
}

fn time(column: Option<usize>, unit: Option<TimeUnit>, format: Option<&str>) -> Time {
    let (column, format) = (column.map(Column::Number), format.map(str::to_owned));
    Time { column, unit, format, wrap_bits: None, rate_hz: None }
}

/// Units of makers: gravity and degrees, or SI.
fn sensor(acc: [usize; 3], acc_unit: ForceUnit, gyr: [usize; 3], gyr_unit: RateUnit) -> SensorColumns {
    SensorColumns {
        role: None,
        acc: acc.map(Column::Number),
        acc_unit,
        acc_scale: None,
        acc_time: None,
        gyr: gyr.map(Column::Number),
        gyr_unit,
        gyr_scale: None,
        gyr_time: None,
    }
}

fn mapping(file: FileLayout, time: Time, sensor: Vec<SensorColumns>) -> Mapping {
    Mapping { file, time, arrival: None, sequence: None, session: Session::default(), sensor }
}

/// Columns from 1, by what their names begin with.
fn three(names: &[String], begins: [&str; 3]) -> Option<[usize; 3]> {
    let find = |begin: &str| names.iter().position(|name| name.starts_with(begin)).map(|index| index + 1);
    let [x, y, z] = begins.map(find);
    Some([x?, y?, z?])
}

fn witmotion(head: &[String], skip: usize) -> Option<Known> {
    let delimiter = if head[skip].contains('\t') { '\t' } else { ',' };
    let names = cells(&head[skip], delimiter);
    let any =
        |words: &[&str]| names.iter().position(|name| words.contains(&name.to_lowercase().as_str())).map(|i| i + 1);
    let device = any(&["devicename", "device name", "设备名称"])?;
    let clock = any(&["time", "chip time", "chiptime", "时间", "片上时间"])?;
    let acc = three(&names, ["AccX", "AccY", "AccZ"]).or_else(|| three(&names, ["加速度X", "加速度Y", "加速度Z"]))?;
    let gyr = three(&names, ["AsX", "AsY", "AsZ"]).or_else(|| three(&names, ["角速度X", "角速度Y", "角速度Z"]))?;
    let file = FileLayout { device: Some(Column::Number(device)), ..layout(delimiter, skip, 1) };
    let sensor = sensor(acc, ForceUnit::G, gyr, RateUnit::Degrees);
    let mapping = mapping(file, time(Some(clock), None, Some("iso")), vec![sensor]);
    Some(Known { format: "witmotion-txt", words: "WitMotion table with several devices", mapping })
}

/// The channels of Delsys stand in groups of a time column and a value; the line of the sensors is two lines above.
fn delsys(head: &[String], skip: usize) -> Option<Known> {
    let names = cells(&head[skip], ',');
    if !names.iter().any(|name| name.starts_with("ACC X Time Series")) {
        return None;
    }
    let places = cells(head.get(skip.checked_sub(2)?)?, ',');
    let starts: Vec<usize> = (0..places.len()).filter(|&index| !places[index].is_empty()).collect();
    let rates_below = head.get(skip + 1).is_some_and(|line| line.contains("Hz"));
    let sensors: Vec<SensorColumns> = starts
        .iter()
        .enumerate()
        .filter_map(|(index, &from)| {
            let to = starts.get(index + 1).copied().unwrap_or(names.len());
            delsys_sensor(&names, from..to, &places[from])
        })
        .collect();
    let file = layout(',', skip, 1 + usize::from(rates_below));
    let mapping = mapping(file, time(None, Some(TimeUnit::S), None), sensors);
    let known = Known { format: "delsys-csv", words: "Delsys Trigno table, a time for every channel", mapping };
    (!known.mapping.sensor.is_empty()).then_some(known)
}

fn delsys_sensor(names: &[String], columns: std::ops::Range<usize>, place: &str) -> Option<SensorColumns> {
    let role = named(place).0?;
    let find = |name: &str| {
        let own =
            columns.clone().find(|&index| names[index].starts_with(name) && !names[index].contains("Time Series"))?;
        (own > 0).then_some(own + 1)
    };
    let [ax, ay, az, gx, gy, gz] = ["ACC X", "ACC Y", "ACC Z", "GYRO X", "GYRO Y", "GYRO Z"].map(find);
    let (acc, gyr) = ([ax?, ay?, az?], [gx?, gy?, gz?]);
    let (acc_time, gyr_time) = (Some(Column::Number(acc[0] - 1)), Some(Column::Number(gyr[0] - 1)));
    Some(SensorColumns { role: Some(role), acc_time, gyr_time, ..sensor(acc, ForceUnit::G, gyr, RateUnit::Degrees) })
}

/// The header of a Shimmer file: the line it stands on, and its delimiter.
pub(crate) fn shimmer_header(head: &[String]) -> Option<(usize, u8)> {
    let skip = usize::from(head.first()?.trim_matches('"').starts_with("sep="));
    let names = head.get(skip)?;
    let delimiter = ['\t', ';', ','].into_iter().find(|delimiter| names.contains(*delimiter))?;
    let is_shimmer = names.contains("_CAL") && names.contains("Gyro_X") && names.to_lowercase().contains("timestamp");
    is_shimmer.then_some((skip, u8::try_from(delimiter).unwrap_or(b',')))
}

/// The mapping of a Shimmer file, with the units of the line below its header.
pub(crate) fn shimmer(head: &[String]) -> Option<Mapping> {
    let (skip, delimiter) = shimmer_header(head)?;
    let names = cells(&head[skip], char::from(delimiter));
    let units = cells(head.get(skip + 1)?, char::from(delimiter));
    let find = |part: &str| names.iter().position(|name| name.contains(part) && name.contains("_CAL")).map(|i| i + 1);
    let of = |begin: &str| {
        let [x, y, z] = ["X", "Y", "Z"].map(|axis| find(&format!("{begin}_{axis}_")));
        Some([x?, y?, z?])
    };
    // The low-noise accelerometer where both are on.
    let acc = of("Accel_LN").or_else(|| of("Accel_WR"))?;
    let gyr = of("Gyro")?;
    let unit = |column: usize| units.get(column - 1).map_or("", String::as_str);
    let clock = find("Timestamp_Unix").or_else(|| find("Timestamp"))?;
    let acc_unit = if unit(acc[0]).starts_with('g') { ForceUnit::G } else { ForceUnit::Si };
    let gyr_unit = if unit(gyr[0]).starts_with("rad") { RateUnit::Si } else { RateUnit::Degrees };
    let time_unit = if unit(clock) == "s" { TimeUnit::S } else { TimeUnit::Ms };
    let decimal = head.get(skip + 2).is_some_and(|row| delimiter != b',' && row.contains(',') && !row.contains('.'));
    let file = FileLayout { decimal: if decimal { ',' } else { '.' }, ..layout(char::from(delimiter), skip, 2) };
    Some(mapping(file, time(Some(clock), Some(time_unit), None), vec![sensor(acc, acc_unit, gyr, gyr_unit)]))
}
