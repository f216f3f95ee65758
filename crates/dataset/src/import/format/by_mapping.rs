//! What formats that a mapping can describe are written with, so that nobody has to write the mapping.

use crate::import::mapping::{
    Column, FileLayout, ForceUnit, Mapping, RateUnit, SensorColumns, Session, Time, TimeUnit,
};

pub(super) fn cells(line: &str, delimiter: char) -> Vec<String> {
    line.split(delimiter).map(|cell| cell.trim().trim_matches('"').to_owned()).collect()
}

pub(super) fn layout(delimiter: char, skip_lines: usize, header_rows: usize) -> FileLayout {
    FileLayout { delimiter, skip_lines, header_rows, ..FileLayout::default() }
}

pub(super) fn time(column: Option<usize>, unit: Option<TimeUnit>, format: Option<&str>) -> Time {
    let (column, format) = (column.map(Column::Number), format.map(str::to_owned));
    Time { column, unit, format, wrap_bits: None, rate_hz: None }
}

/// Units of makers: gravity and degrees, or SI.
pub(super) fn sensor(acc: [usize; 3], acc_unit: ForceUnit, gyr: [usize; 3], gyr_unit: RateUnit) -> SensorColumns {
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

pub(super) fn mapping(file: FileLayout, time: Time, sensor: Vec<SensorColumns>) -> Mapping {
    Mapping { file, time, arrival: None, sequence: None, session: Session::default(), sensor }
}
