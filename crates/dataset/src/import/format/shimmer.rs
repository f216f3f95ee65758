//! Shimmer ConsensysPRO: a `sep=` line, names with the device's id, a line of units; one file per sensor.

use truehinge_core::Track;

use super::by_mapping::{cells, layout, mapping, sensor, time};
use super::{About, Beginning, Holds, OneSensor, PerSensor, unknown};
use crate::import::mapping::{FileLayout, ForceUnit, Mapping, RateUnit, TimeUnit};
use crate::import::started::Start;
use crate::import::{ImportError, Imported, mapped, tracks};

/// See the module.
pub(super) struct Shimmer;

impl PerSensor for Shimmer {
    fn about(&self) -> About {
        About {
            format: "shimmer-csv",
            words: "Shimmer ConsensysPRO table",
            written_by: "Shimmer ConsensysPRO",
            files: "one file per sensor with a line of units",
        }
    }

    fn recognise(&self, file: &Beginning<'_>) -> Option<Holds> {
        header(&file.head).map(|_| Holds::Sensor)
    }

    fn read(&self, sensor: &OneSensor<'_>, session: &mut Imported) -> Result<(Track, Option<Start>), ImportError> {
        let text = sensor.file;
        let mapping = description(&Beginning::of(text).head).ok_or_else(|| unknown(text))?;
        let track = mapped::read_known(text.path(), &mapping, sensor.role, session)?;
        let start = tracks::start_after_2000(&track, session.zone);
        Ok((track, start))
    }
}

/// The header of a Shimmer file: the line it stands on, and its delimiter.
fn header(head: &[String]) -> Option<(usize, u8)> {
    let skip = usize::from(head.first()?.trim_matches('"').starts_with("sep="));
    let names = head.get(skip)?;
    let delimiter = ['\t', ';', ','].into_iter().find(|delimiter| names.contains(*delimiter))?;
    let is_shimmer = names.contains("_CAL") && names.contains("Gyro_X") && names.to_lowercase().contains("timestamp");
    is_shimmer.then_some((skip, u8::try_from(delimiter).unwrap_or(b',')))
}

/// The mapping of a Shimmer file, with the units of the line below its header.
fn description(head: &[String]) -> Option<Mapping> {
    let (skip, delimiter) = header(head)?;
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
