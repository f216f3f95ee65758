//! What an unknown table may hold: columns by their names, units by gravity and by its turning; and a mapping file made of
//! it, ready to be corrected. What cannot be told stays a commented line, so that nothing is taken over unseen.

mod draft;
mod sensor;
mod time;

use std::fmt;
use std::path::Path;

use serde::Serialize;
use truehinge_core::STANDARD_GRAVITY;

use self::draft::Draft;
use self::sensor::{norms, turning};
use super::ImportError;
use super::cells::number;
use super::columns::sensors;
use super::mapped::device_column;
use super::mapping::Mapping;
use super::report::rest_norm;
use super::sheet::{Layout, Sheet};
use super::text::Text;

/// How sure a guess is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Could not be told: left out of the mapping.
    Open,
    /// Plausible.
    Weak,
    /// The values say so.
    Likely,
    /// The file says so, and the values agree.
    Certain,
}

/// One guess.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Guess {
    /// What was guessed, such as `hip: unit of the accelerometer`.
    pub what: String,
    /// The answer; empty if open.
    pub value: String,
    /// The reason.
    pub why: String,
    /// How sure.
    pub confidence: Confidence,
}

impl fmt::Display for Guess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, value, why, confidence } = self;
        match confidence {
            Confidence::Open => write!(f, "{what}: NOT GUESSED: {why}"),
            Confidence::Weak => write!(f, "{what}: {value}, {why}: check it"),
            Confidence::Likely | Confidence::Certain => write!(f, "{what}: {value}, {why}"),
        }
    }
}

/// A mapping made from names and values.
#[derive(Clone, PartialEq, Debug)]
pub struct Guessed {
    /// The mapping, if everything it needs could be guessed.
    pub mapping: Option<Mapping>,
    /// The guesses, in the order of the file.
    pub guesses: Vec<Guess>,
    /// The mapping file, with the guesses as comments.
    pub toml: String,
}

/// The mapping file of [`guess`], with the mapping it makes if it is complete.
///
/// # Errors
/// As [`guess`].
pub fn guess_mapping(path: &Path) -> Result<(Option<Mapping>, String), ImportError> {
    let Guessed { mapping, toml, .. } = guess(path)?;
    Ok((mapping, toml))
}

/// Makes a mapping from the column names and values of a table.
///
/// # Errors
/// [`ImportError::Unknown`] if there are no accelerometer and gyroscope columns with names; whatever reading can find wrong.
pub fn guess(path: &Path) -> Result<Guessed, ImportError> {
    let text = Text::read(path)?;
    let unknown = |found: String| ImportError::Unknown { path: path.to_owned(), found };
    let layout = find_table(&text).ok_or_else(|| unknown(text.summary()))?;
    let sheet = Sheet::new(&text, layout)?;
    let found = sensors(sheet.names());
    if layout.header_rows == 0 || found.is_empty() {
        return Err(unknown(format!("no accelerometer and gyroscope among the columns {}", sheet.available())));
    }
    let mut draft = Draft::default();
    let devices = if found.len() == 1 { device_column(&sheet) } else { None };
    draft.file(layout, devices.as_ref());
    let rows = draft.read_all(&sheet, &found)?;
    let times = draft.time(&sheet, rows.len());
    draft.session(&found);
    draft.damaged(&rows);
    let alone = found.len() == 1;
    let values = || found.iter().zip(rows.numbers.chunks_exact(6));
    // One program wrote the table: what is seen of one gyroscope is the unit of all.
    draft.seen = values().find_map(|(sensor, values)| {
        let factor = turning(values, times.as_deref()?, STANDARD_GRAVITY / rest_norm(&norms(&values[..3]), None))?;
        Some((sensor.label.clone(), factor))
    });
    for (sensor, values) in values() {
        draft.sensor(&sheet, sensor, values, times.as_deref(), alone);
    }
    let toml = draft.toml();
    let mapping = toml::from_str::<Mapping>(&toml).ok().filter(|mapping| mapping.check().is_ok());
    Ok(Guessed { mapping, guesses: draft.guesses, toml })
}

/// Whether a table has the columns of an inertial sensor, by its beginning.
pub(crate) fn looks_inertial(text: &Text) -> bool {
    find_table(text)
        .and_then(|layout| Sheet::new(text, layout).ok().map(|sheet| (layout, sheet)))
        .is_some_and(|(layout, sheet)| layout.header_rows > 0 && !sensors(sheet.names()).is_empty())
}

/// A sensor has at least this many numbers in a row.
const FEWEST_NUMBERS: usize = 6;
/// The first row of data stands within these lines.
const DATA_WITHIN: usize = 60;

/// Delimiter, decimal sign, and where the header stands: above the first line of mostly numbers.
fn find_table(text: &Text) -> Option<Layout> {
    let lines: Vec<&[u8]> = text.lines().take(DATA_WITHIN).collect();
    let mut best: Option<(usize, Layout)> = None;
    for (delimiter, decimal) in [(b',', b'.'), (b';', b'.'), (b'\t', b'.'), (b';', b','), (b'\t', b',')] {
        let cells = |line: &[u8]| line.split(|&byte| byte == delimiter).count();
        let numbers = |line: &[u8]| {
            let is_number = |cell: &&[u8]| number(cell, decimal).is_some_and(f64::is_finite);
            line.split(|&byte| byte == delimiter).filter(is_number).count()
        };
        let is_data = |line: &&[u8]| numbers(line) >= FEWEST_NUMBERS && 2 * numbers(line) > cells(line);
        let Some(data) = lines.iter().position(is_data) else { continue };
        let width = cells(lines[data]);
        let is_header = |line: &&&[u8]| cells(line).abs_diff(width) <= 1 && numbers(line) == 0;
        let header_rows = lines[..data].iter().rev().take(4).take_while(is_header).count();
        let count = numbers(lines[data]);
        if best.as_ref().is_none_or(|(most, _)| count > *most) {
            let layout = Layout { skip: data - header_rows, header_rows, delimiter, comment: None, decimal };
            best = Some((count, layout));
        }
    }
    best.map(|(_, layout)| layout)
}
