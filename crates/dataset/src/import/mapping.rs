//! Any CSV through a TOML mapping file: which columns mean what, in which units. See `docs/import-mapping.md`.

use std::path::Path;

use serde::{Deserialize, Serialize};
use truehinge_core::{
    AngularRate, ClockKind, DeviceInfo, DeviceTime, InertialSample, STANDARD_GRAVITY, SampleRate, SensorRole,
    SequenceGap, Side, SpecificForce, Track, TrackSamples,
};

use super::sheet::{Layout, Sheet, Text};
use super::vendor::unwrapped;
use super::{ImportError, Imported, known_athlete, safe_name, source_file};

/// What the columns of a file mean.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Layout of the file.
    #[serde(default)]
    pub file: FileLayout,
    /// Where time comes from.
    pub time: Time,
    /// Counter that shows lost rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<Sequence>,
    /// Who and what.
    #[serde(default)]
    pub session: Session,
    /// The sensors.
    pub sensor: Vec<SensorColumns>,
}

/// Layout of a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileLayout {
    /// Between cells.
    pub delimiter: char,
    /// Lines before the header.
    pub skip_lines: usize,
    /// Header rows; names of several rows are joined by `/`. With none, columns are called `1`, `2`, ...
    pub header_rows: usize,
}

impl Default for FileLayout {
    fn default() -> Self {
        Self { delimiter: ',', skip_lines: 0, header_rows: 1 }
    }
}

/// Where time comes from: a column, or a rate.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// Column with the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Unit of that column: `s`, `ms`, `us` or `ns`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Width after which the column starts again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrap_bits: Option<u32>,
    /// Rows per second, if there is no time column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_hz: Option<f64>,
}

/// A row counter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// Column with the counter.
    pub column: String,
}

/// Who and what.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Session {
    /// Pseudonym of all recordings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub athlete: Option<String>,
    /// The pseudonym is the file name up to this mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub athlete_until: Option<String>,
    /// How many last parts of the path make the session's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_parts: Option<usize>,
    /// Exercise protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Supporting leg.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
}

/// The columns of one sensor.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorColumns {
    /// What it measures: hip, shank, thigh or trunk.
    pub role: SensorRole,
    /// Columns of the accelerometer, x y z.
    pub acc: [String; 3],
    /// `m/s2`, `g` or `mg`.
    pub acc_unit: String,
    /// Columns of the gyroscope, x y z.
    pub gyr: [String; 3],
    /// `rad/s` or `deg/s`.
    pub gyr_unit: String,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// The file cannot be read or is no mapping; the message names the key.
    pub fn read(path: &Path) -> Result<Self, ImportError> {
        let text = Text::read(path)?;
        let wrong = |reason: String| ImportError::Description { path: path.to_owned(), reason };
        let words = std::str::from_utf8(text.bytes()).map_err(|_| wrong("not UTF-8 text".to_owned()))?;
        let mapping: Self = toml::from_str(words).map_err(|error| wrong(format!("not a mapping: {error}")))?;
        mapping.check().map_err(wrong)?;
        Ok(mapping)
    }

    fn check(&self) -> Result<(), String> {
        if self.sensor.is_empty() {
            return Err("there is no [[sensor]]".to_owned());
        }
        if !self.file.delimiter.is_ascii() {
            return Err(format!("delimiter \"{}\" is not an ASCII character", self.file.delimiter));
        }
        match (&self.time.column, self.time.rate_hz) {
            (Some(_), _) => drop(tick(self.time.unit.as_deref().unwrap_or("s"))?),
            (None, Some(rate)) if rate.is_finite() && rate > 0.0 => {}
            _ => return Err("[time] needs a column with its unit, or a rate_hz above zero".to_owned()),
        }
        for sensor in &self.sensor {
            force_scale(&sensor.acc_unit)?;
            rate_scale(&sensor.gyr_unit)?;
        }
        Ok(())
    }

    fn layout(&self) -> Layout {
        Layout {
            skip: self.file.skip_lines,
            header_rows: self.file.header_rows,
            delimiter: u8::try_from(self.file.delimiter).unwrap_or(b','),
        }
    }
}

fn tick(unit: &str) -> Result<f64, String> {
    match unit {
        "s" => Ok(1.0),
        "ms" => Ok(1e-3),
        "us" => Ok(1e-6),
        "ns" => Ok(1e-9),
        other => Err(format!("time unit \"{other}\" is not known: give s, ms, us or ns")),
    }
}

fn force_scale(unit: &str) -> Result<f64, String> {
    match unit {
        "m/s2" => Ok(1.0),
        "g" => Ok(STANDARD_GRAVITY),
        "mg" => Ok(STANDARD_GRAVITY * 1e-3),
        other => Err(format!("acc_unit \"{other}\" is not known: give m/s2, g or mg")),
    }
}

fn rate_scale(unit: &str) -> Result<f64, String> {
    match unit {
        "rad/s" => Ok(1.0),
        "deg/s" => Ok(1_f64.to_radians()),
        other => Err(format!("gyr_unit \"{other}\" is not known: give rad/s or deg/s")),
    }
}

pub(crate) fn read(path: &Path, mapping: &Mapping) -> Result<Imported, ImportError> {
    let wrong = |reason: String| ImportError::Description { path: path.to_owned(), reason };
    mapping.check().map_err(wrong)?;
    let text = Text::read(path)?;
    let sheet = Sheet::new(&text, mapping.layout())?;
    let mut indices = Vec::new();
    for sensor in &mapping.sensor {
        for name in sensor.acc.iter().chain(&sensor.gyr) {
            indices.push(sheet.index(name)?);
        }
    }
    let values = sheet.columns(&indices)?;
    let seconds = times(&sheet, &text, mapping, values.first().map_or(0, Vec::len))?;
    let gaps = gaps(&sheet, mapping)?;
    let rate = mapping.time.rate_hz.or_else(|| usual_rate(&seconds)).and_then(SampleRate::from_hertz);
    let mut tracks = Vec::new();
    for (sensor, columns) in mapping.sensor.iter().zip(values.chunks(6)) {
        let force = force_scale(&sensor.acc_unit).map_err(wrong)?;
        let turn = rate_scale(&sensor.gyr_unit).map_err(wrong)?;
        let sample = |i: usize| InertialSample {
            device_time: DeviceTime::from_seconds(seconds[i]),
            arrival: None,
            specific_force: SpecificForce::new(columns[0][i] * force, columns[1][i] * force, columns[2][i] * force),
            angular_rate: AngularRate::new(columns[3][i] * turn, columns[4][i] * turn, columns[5][i] * turn),
        };
        tracks.push(Track {
            role: sensor.role,
            device: DeviceInfo { model: "imported by mapping".to_owned(), nominal_rate: rate, ..DeviceInfo::default() },
            clock: ClockKind::Shared,
            samples: TrackSamples::Inertial((0..seconds.len()).map(sample).collect()),
            sequence_gaps: gaps.clone(),
        });
    }
    let unused = sheet.names().len().saturating_sub(indices.len());
    Ok(Imported {
        format: "csv-mapping",
        recognised: "CSV through a mapping file".to_owned(),
        tracks,
        info: Some(session(path, &mapping.session)),
        files: vec![source_file(path, text.bytes())],
        notes: vec![format!("{unused} of {} columns are not sensor values", sheet.names().len())],
    })
}

fn times(sheet: &Sheet<'_>, text: &Text, mapping: &Mapping, rows: usize) -> Result<Vec<f64>, ImportError> {
    let Some(column) = &mapping.time.column else {
        let rate = mapping.time.rate_hz.unwrap_or(1.0);
        return Ok((0..rows).map(|i| i as f64 / rate).collect());
    };
    let stamps = sheet.columns(&[sheet.index(column)?])?.remove(0);
    if let Some(row) = stamps.iter().position(|t| !t.is_finite()) {
        return Err(ImportError::NotANumber {
            path: text.path().to_owned(),
            line: sheet.line_of(row),
            column: column.clone(),
            found: "an empty or infinite time".to_owned(),
        });
    }
    let wrap = mapping.time.wrap_bits.map(|bits| 2_f64.powi(i32::try_from(bits).unwrap_or(64)));
    let scale = tick(mapping.time.unit.as_deref().unwrap_or("s")).unwrap_or(1.0);
    Ok(unwrapped(sheet, text.path(), &stamps, wrap)?.iter().map(|t| t * scale).collect())
}

fn gaps(sheet: &Sheet<'_>, mapping: &Mapping) -> Result<Vec<SequenceGap>, ImportError> {
    let Some(sequence) = &mapping.sequence else { return Ok(Vec::new()) };
    let counter = sheet.columns(&[sheet.index(&sequence.column)?])?.remove(0);
    let gap = |(pair, before_sample): (&[f64], usize)| {
        let ahead = pair[1] - pair[0];
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
        let lost = (ahead - 1.0) as u64;
        (ahead > 1.0 && ahead < 1e6).then_some(SequenceGap { before_sample, lost })
    };
    Ok(counter.windows(2).zip(1..).filter_map(gap).collect())
}

/// Rows per second by the median step.
fn usual_rate(seconds: &[f64]) -> Option<f64> {
    let mut steps: Vec<f64> = seconds.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f64::total_cmp);
    steps.get(steps.len() / 2).map(|step| step.recip())
}

fn session(path: &Path, session: &Session) -> truehinge_core::SessionInfo {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let mut info = super::anonymous(path);
    if let Some(parts) = session.name_parts {
        let mut names: Vec<String> =
            path.with_extension("").iter().rev().take(parts.max(1)).map(|p| p.to_string_lossy().into_owned()).collect();
        names.reverse();
        info.session = safe_name(&names.join("-"));
    }
    if let Some(mark) = &session.athlete_until {
        info.athlete = known_athlete(stem.split(mark.as_str()).next().unwrap_or(&stem));
    }
    if let Some(athlete) = &session.athlete {
        info.athlete = known_athlete(athlete);
    }
    if let Some(protocol) = &session.protocol {
        info.protocol.clone_from(protocol);
    }
    info.stance_side = session.side;
    info
}
