//! Delsys Trigno Discover: `ACC X Time Series (s)`; a time column and a rate for every channel.

use std::path::Path;

use super::by_mapping::{cells, layout, mapping, sensor, time};
use super::{About, Beginning, Place, Whole, unknown};
use crate::import::mapping::{Column, ForceUnit, Mapping, RateUnit, SensorColumns, TimeUnit};
use crate::import::places::named;
use crate::import::text::Text;
use crate::import::{ImportError, ImportOptions, Imported, mapped};

/// See the module.
pub(super) struct Delsys;

impl Whole for Delsys {
    fn about(&self) -> About {
        About {
            format: "delsys-csv",
            words: "Delsys Trigno table, a time for every channel",
            written_by: "Delsys Trigno Discover",
            files: "one table, a time for every channel",
        }
    }

    fn recognise(&self, place: Place<'_>) -> bool {
        matches!(place, Place::File(file) if description(file).is_some())
    }

    fn seen(&self, _: &Path) -> Result<Vec<String>, ImportError> {
        Ok(vec![self.about().words.to_owned()])
    }

    fn read(&self, path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
        let text = Text::beginning(path)?;
        let mapping = description(&Beginning::of(&text)).ok_or_else(|| unknown(&text))?;
        mapped::read_as(self.about().name(), path, &mapping, options)
    }
}

/// The header stands within the first lines.
const HEADER_WITHIN: usize = 12;

fn description(file: &Beginning<'_>) -> Option<Mapping> {
    (0..file.head.len().min(HEADER_WITHIN)).find_map(|skip| table(&file.head, skip))
}

/// The channels of Delsys stand in groups of a time column and a value; the line of the sensors is two lines above.
fn table(head: &[String], skip: usize) -> Option<Mapping> {
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
            channels(&names, from..to, &places[from])
        })
        .collect();
    let file = layout(',', skip, 1 + usize::from(rates_below));
    (!sensors.is_empty()).then(|| mapping(file, time(None, Some(TimeUnit::S), None), sensors))
}

fn channels(names: &[String], columns: std::ops::Range<usize>, place: &str) -> Option<SensorColumns> {
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
