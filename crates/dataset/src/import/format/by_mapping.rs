//! Formats that a mapping can describe, so that nobody has to write the mapping: it is made of the file's header.

use std::path::Path;

use super::{About, Beginning, Place, Whole, unknown};
use crate::import::mapping::{
    Column, FileLayout, ForceUnit, Mapping, RateUnit, SensorColumns, Session, Time, TimeUnit,
};
use crate::import::text::Text;
use crate::import::{ImportError, ImportOptions, Imported, mapped};

/// A table with all sensors of a session.
pub(super) struct Described {
    pub about: About,
    /// The mapping of the table whose header stands on a line, if it does.
    pub table: fn(&[String], usize) -> Option<Mapping>,
}

/// The header stands within the first lines.
const HEADER_WITHIN: usize = 12;

impl Described {
    fn mapping(&self, file: &Beginning<'_>) -> Option<Mapping> {
        (0..file.head.len().min(HEADER_WITHIN)).find_map(|skip| (self.table)(&file.head, skip))
    }
}

impl Whole for Described {
    fn about(&self) -> About {
        self.about
    }

    fn recognise(&self, place: Place<'_>) -> bool {
        matches!(place, Place::File(file) if self.mapping(file).is_some())
    }

    fn seen(&self, _: &Path) -> Result<Vec<String>, ImportError> {
        Ok(vec![self.about.words.to_owned()])
    }

    fn read(&self, path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
        let text = Text::beginning(path)?;
        let mapping = self.mapping(&Beginning::of(&text)).ok_or_else(|| unknown(&text))?;
        mapped::read_as(self.about.name(), path, &mapping, options)
    }
}

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
