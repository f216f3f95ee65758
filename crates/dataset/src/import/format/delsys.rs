//! Delsys Trigno Discover: `ACC X Time Series (s)`; a time column and a rate for every channel.

use super::About;
use super::by_mapping::{Described, cells, layout, mapping, sensor, time};
use crate::import::mapping::{Column, ForceUnit, Mapping, RateUnit, SensorColumns, TimeUnit};
use crate::import::places::named;

/// See the module.
pub(super) static DELSYS: Described = Described {
    about: About {
        format: "delsys-csv",
        words: "Delsys Trigno table, a time for every channel",
        written_by: "Delsys Trigno Discover",
        files: "one table, a time for every channel",
    },
    table,
};

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
