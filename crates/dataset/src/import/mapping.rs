//! The mapping file: a TOML text that says which columns of any CSV mean what, in which units. `docs/import-mapping.md` is
//! its manual; unknown keys are errors that name the allowed ones.

use std::path::Path;

use serde::{Deserialize, Serialize};
use truehinge_core::{Anthropometry, Length, STANDARD_GRAVITY, SensorRole, Side};

use super::sheet::{Layout, Sheet};
use super::text::Text;
use super::{Complaint, ImportError};

/// What the columns of a file mean.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Layout of the file.
    #[serde(default)]
    pub file: FileLayout,
    /// Where time comes from.
    pub time: Time,
    /// When the rows reached the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival: Option<Arrival>,
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
    /// Between the units and the tenths: `.` or `,`.
    pub decimal: char,
    /// Lines that begin with it are no rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<char>,
    /// Lines before the header.
    pub skip_lines: usize,
    /// Column that says which device a row is of, where the rows of several stand in one table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<Column>,
    /// Header rows; names of several rows are joined by `/`. With none, columns are called `1`, `2`, ...
    pub header_rows: usize,
}

impl Default for FileLayout {
    fn default() -> Self {
        Self { delimiter: ',', decimal: '.', comment: None, skip_lines: 0, device: None, header_rows: 1 }
    }
}

/// A column, by its name or by its number from 1. A minus before the name of an axis takes it with the other sign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// Its place, from 1.
    Number(usize),
    /// Its name, upper and lower case alike.
    Name(String),
}

impl Column {
    /// Index and sign of an axis.
    pub(crate) fn find_axis(&self, sheet: &Sheet<'_>) -> Result<(usize, f64), ImportError> {
        match self {
            Self::Name(name) if sheet.find(name).is_none() && name.starts_with('-') => {
                Ok((sheet.index(name[1..].trim_start())?, -1.0))
            }
            _ => Ok((self.find(sheet)?, 1.0)),
        }
    }

    pub(crate) fn find(&self, sheet: &Sheet<'_>) -> Result<usize, ImportError> {
        match self {
            Self::Name(name) => sheet.index(name),
            Self::Number(number) if (1..=sheet.names().len()).contains(number) => Ok(number - 1),
            Self::Number(number) => Err(ImportError::MissingColumn {
                path: sheet.text().path().to_owned(),
                column: format!("number {number}"),
                available: format!("1 to {}", sheet.names().len()),
            }),
        }
    }
}

/// Where time comes from: a column, or a rate.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// Column with the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
    /// Unit of that column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<TimeUnit>,
    /// How dates in it are written: `iso`, or such as `%d.%m.%Y %H:%M:%S%.f`. Then it needs no unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Width in bits after which the column starts again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrap_bits: Option<u32>,
    /// Rows per second: instead of a column, or beside it as the rate the sensor was set to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_hz: Option<f64>,
}

/// When the rows reached the host.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrival {
    /// Column with the host's time, from the start of the recording.
    pub column: Column,
    /// Unit of that column.
    pub unit: TimeUnit,
}

/// Unit of a time column.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// Seconds.
    S,
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
    /// Nanoseconds.
    Ns,
}

impl TimeUnit {
    /// All, the longest first.
    pub const ALL: [Self; 4] = [Self::S, Self::Ms, Self::Us, Self::Ns];

    /// Length in nanoseconds.
    pub const fn nanos(self) -> i64 {
        match self {
            Self::S => 1_000_000_000,
            Self::Ms => 1_000_000,
            Self::Us => 1_000,
            Self::Ns => 1,
        }
    }

    /// As written in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::S => "s",
            Self::Ms => "ms",
            Self::Us => "us",
            Self::Ns => "ns",
        }
    }
}

/// A row counter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// Column with the counter.
    pub column: Column,
    /// Width in bits after which it starts again; default 32.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrap_bits: Option<u32>,
}

/// Who and what.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Session {
    /// Pseudonym of all recordings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub athlete: Option<String>,
    /// The pseudonym is the file name up to this mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub athlete_until: Option<String>,
    /// How many last parts of the path make the session's name; default 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_parts: Option<usize>,
    /// Exercise protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Supporting leg.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// Standing height, m.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stature_m: Option<f64>,
}

impl Session {
    /// What it says of the person's body.
    pub(crate) fn body(&self) -> Anthropometry {
        self.stature_m.map(Length::from_metres).map_or_else(Anthropometry::default, Anthropometry::standing)
    }
}

/// The columns of one sensor.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorColumns {
    /// What it measures. Left out when every file holds one sensor: then the file's name or `--role` says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<SensorRole>,
    /// Columns of the accelerometer, x y z.
    pub acc: [Column; 3],
    /// Unit of the accelerometer.
    pub acc_unit: ForceUnit,
    /// With `acc_unit = "raw"`: m/s² per count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acc_scale: Option<f64>,
    /// Column of its own time, where the quantities have their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acc_time: Option<Column>,
    /// Columns of the gyroscope, x y z.
    pub gyr: [Column; 3],
    /// Unit of the gyroscope.
    pub gyr_unit: RateUnit,
    /// With `gyr_unit = "raw"`: rad/s per count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gyr_scale: Option<f64>,
    /// Column of its own time, where the quantities have their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gyr_time: Option<Column>,
}

/// Unit of an accelerometer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ForceUnit {
    /// m/s².
    #[serde(rename = "m/s2")]
    Si,
    /// Standard gravity.
    #[serde(rename = "g")]
    G,
    /// Thousandths of it.
    #[serde(rename = "mg")]
    MilliG,
    /// Counts, with a scale.
    #[serde(rename = "raw")]
    Raw,
}

/// Unit of a gyroscope.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum RateUnit {
    /// Radians per second.
    #[serde(rename = "rad/s")]
    Si,
    /// Degrees per second.
    #[serde(rename = "deg/s")]
    Degrees,
    /// Counts, with a scale.
    #[serde(rename = "raw")]
    Raw,
}

impl SensorColumns {
    /// Factor to m/s².
    pub(crate) fn force_scale(&self) -> Result<f64, Complaint> {
        match self.acc_unit {
            ForceUnit::Raw => scale("acc", "m/s2", self.acc_scale),
            _ if self.acc_scale.is_some() => {
                Err(Complaint::new("acc_scale goes with acc_unit = \"raw\" only", "leave one out"))
            }
            ForceUnit::Si => Ok(1.0),
            ForceUnit::G => Ok(STANDARD_GRAVITY),
            ForceUnit::MilliG => Ok(STANDARD_GRAVITY * 1e-3),
        }
    }

    /// Factor to rad/s.
    pub(crate) fn rate_scale(&self) -> Result<f64, Complaint> {
        match self.gyr_unit {
            RateUnit::Raw => scale("gyr", "rad/s", self.gyr_scale),
            _ if self.gyr_scale.is_some() => {
                Err(Complaint::new("gyr_scale goes with gyr_unit = \"raw\" only", "leave one out"))
            }
            RateUnit::Si => Ok(1.0),
            RateUnit::Degrees => Ok(1_f64.to_radians()),
        }
    }
}

fn scale(key: &str, unit: &str, value: Option<f64>) -> Result<f64, Complaint> {
    value.filter(|value| value.is_finite() && *value != 0.0).ok_or_else(|| {
        let found = format!("{key}_unit = \"raw\" needs {key}_scale, a number that is not zero");
        Complaint::new(found, format!("give {key}_scale in {unit} per count"))
    })
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// The file cannot be read or is no mapping; the message names the key.
    pub fn read(path: &Path) -> Result<Self, ImportError> {
        let text = Text::read(path)?;
        let wrong = |complaint: Complaint| complaint.of(path);
        let words = std::str::from_utf8(text.content());
        let words = words.map_err(|_| wrong(Complaint::new("not UTF-8 text", "save it as UTF-8")))?;
        let mapping: Self = toml::from_str(words).map_err(|error| {
            let found = format!("not a mapping: {}", error.to_string().trim_end());
            wrong(Complaint::new(found, "correct that line (docs/import-mapping.md)"))
        })?;
        mapping.check().map_err(wrong)?;
        Ok(mapping)
    }

    /// What the types cannot say.
    pub(crate) fn check(&self) -> Result<(), Complaint> {
        self.check_file()?;
        if self.sensor.is_empty() {
            return Err(Complaint::new("there is no [[sensor]]", "describe at least one"));
        }
        for sensor in &self.sensor {
            sensor.force_scale()?;
            sensor.rate_scale()?;
        }
        if self.sensor.len() > 1 && self.sensor.iter().any(|sensor| sensor.role.is_none()) {
            return Err(Complaint::new(
                "a [[sensor]] has no role",
                "give it one: only a single one may leave it to the file's name",
            ));
        }
        for (index, sensor) in self.sensor.iter().enumerate() {
            if let Some(role) = sensor.role
                && self.sensor[..index].iter().any(|other| other.role == Some(role))
            {
                return Err(Complaint::new(format!("two [[sensor]] have the role {role}"), "give each its own"));
            }
        }
        let rate_is_good = self.time.rate_hz.is_none_or(|rate| rate.is_finite() && rate > 0.0);
        match (&self.time.column, self.time.unit) {
            _ if !rate_is_good => Err(Complaint::new("rate_hz is not above zero", "correct it")),
            (Some(_), None) if self.time.format.is_none() => {
                Err(Complaint::new("[time] has a column but no unit", "give s, ms, us or ns"))
            }
            (None, _) if self.time.rate_hz.is_none() && !self.times_of_quantities() => Err(Complaint::new(
                "[time] has neither a column nor a rate",
                "give a column with its unit, or a rate_hz",
            )),
            (None, None) if self.times_of_quantities() => {
                Err(Complaint::new("[time] has no unit of acc_time and gyr_time", "give s, ms, us or ns"))
            }
            _ => {
                self.session
                    .body()
                    .check()
                    .map_err(|body| Complaint::new(format!("[session] stature_m: {body}"), body.next))?;
                self.check_columns()
            }
        }
    }

    /// Every quantity has its own time.
    pub(crate) fn times_of_quantities(&self) -> bool {
        self.sensor.iter().all(|sensor| sensor.acc_time.is_some() && sensor.gyr_time.is_some())
    }

    /// No column is taken twice.
    fn check_columns(&self) -> Result<(), Complaint> {
        let axes: Vec<&Column> = self.sensor.iter().flat_map(|sensor| sensor.acc.iter().chain(&sensor.gyr)).collect();
        for (index, column) in axes.iter().enumerate() {
            if axes[..index].contains(column) {
                let name = match column {
                    Column::Name(name) => format!("\"{name}\""),
                    Column::Number(number) => format!("number {number}"),
                };
                return Err(Complaint::new(format!("the column {name} is taken twice"), "give each axis its own"));
            }
        }
        Ok(())
    }

    fn check_file(&self) -> Result<(), Complaint> {
        let FileLayout { delimiter, decimal, comment, skip_lines, header_rows, .. } = self.file;
        if !delimiter.is_ascii() || delimiter.is_ascii_alphanumeric() {
            return Err(Complaint::new(
                format!("delimiter \"{delimiter}\" cannot separate cells"),
                "give , ; \\t or another sign",
            ));
        }
        if !matches!(decimal, '.' | ',') || decimal == delimiter {
            return Err(Complaint::new(
                format!("decimal \"{decimal}\" cannot be used with delimiter \"{delimiter}\""),
                "give . or ,",
            ));
        }
        if comment.is_some_and(|sign| !sign.is_ascii()) {
            return Err(Complaint::new("comment is no ASCII sign", "give one sign, such as #"));
        }
        if skip_lines > 10_000 || header_rows > 20 {
            return Err(Complaint::new("skip_lines or header_rows is too large", "give up to 10000 and up to 20"));
        }
        let bits = [self.time.wrap_bits, self.sequence.as_ref().and_then(|sequence| sequence.wrap_bits)];
        if bits.into_iter().flatten().any(|bits| !(1..=62).contains(&bits)) {
            return Err(Complaint::new("wrap_bits is out of its range", "give 1 to 62"));
        }
        Ok(())
    }

    pub(crate) fn layout(&self) -> Layout {
        let ascii = |sign: char| u8::try_from(sign).unwrap_or(b',');
        Layout {
            skip: self.file.skip_lines,
            header_rows: self.file.header_rows,
            delimiter: ascii(self.file.delimiter),
            comment: self.file.comment.map(ascii),
            decimal: ascii(self.file.decimal),
        }
    }

    /// Every file holds one sensor, and its name says which.
    pub(crate) fn one_sensor_per_file(&self) -> bool {
        self.file.device.is_none() && self.sensor.iter().all(|sensor| sensor.role.is_none())
    }

    /// All columns the mapping names.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Column> {
        let values = self
            .sensor
            .iter()
            .flat_map(|sensor| sensor.acc.iter().chain(&sensor.gyr).chain(&sensor.acc_time).chain(&sensor.gyr_time));
        let arrival = self.arrival.as_ref().map(|arrival| &arrival.column);
        let sequence = self.sequence.as_ref().map(|sequence| &sequence.column);
        values.chain(&self.time.column).chain(arrival).chain(sequence).chain(&self.file.device)
    }

    /// Whether a file has all the columns; errors are those of files that cannot be read at all.
    pub(crate) fn fits(&self, path: &Path) -> Result<bool, ImportError> {
        let text = Text::beginning(path)?;
        let sheet = Sheet::new(&text, self.layout())?;
        Ok(self.columns().all(|column| column.find_axis(&sheet).is_ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        time = { column = "t", unit = "ms" }
        sensor = [{ role = "hip", acc = [1, 2, 3], acc_unit = "g", gyr = ["x", "y", "z"], gyr_unit = "deg/s" }]
    "#;

    #[test]
    fn unknown_keys_and_units_are_named_with_what_is_allowed() {
        let error = |text: &str| toml::from_str::<Mapping>(text).expect_err("wrong").to_string();
        assert!(toml::from_str::<Mapping>(GOOD).is_ok());
        let key = error(&GOOD.replace("unit = \"ms\"", "units = \"ms\""));
        assert!(
            key.contains("unknown field `units`, expected one of `column`, `unit`, `format`, `wrap_bits`, `rate_hz`"),
            "{key}"
        );
        let unit = error(&GOOD.replace("\"deg/s\"", "\"dps\""));
        assert!(unit.contains("unknown variant `dps`, expected one of `rad/s`, `deg/s`, `raw`"), "{unit}");
        assert!(error("[time]\nrate_hz = 100.0").contains("missing field `sensor`"));
    }

    #[test]
    fn contradictions_are_named() {
        let complaint = |change: &dyn Fn(&mut Mapping)| {
            let mut mapping: Mapping = toml::from_str(GOOD).expect("parses");
            change(&mut mapping);
            let Complaint { found, hint } = mapping.check().expect_err("wrong");
            format!("{found}: {hint}")
        };
        assert!(complaint(&|m| m.time.unit = None).contains("no unit"));
        assert!(complaint(&|m| m.time.column = None).contains("or a rate_hz"));
        assert!(complaint(&|m| m.time.rate_hz = Some(0.0)).contains("above zero"));
        assert!(complaint(&|m| m.sensor[0].gyr[0] = Column::Number(1)).contains("the column number 1 is taken twice"));
        assert!(complaint(&|m| m.sensor.clear()).contains("no [[sensor]]"));
        assert!(complaint(&|m| m.sensor.push(m.sensor[0].clone())).contains("two [[sensor]] have the role hip"));
        assert!(complaint(&|m| m.sensor[0].acc_unit = ForceUnit::Raw).contains("needs acc_scale"));
        assert!(complaint(&|m| m.sensor[0].gyr_scale = Some(0.1)).contains("goes with gyr_unit"));
        assert!(complaint(&|m| m.file.decimal = ',').contains("decimal"));
        assert!(complaint(&|m| m.file.delimiter = 'x').contains("delimiter"));
        assert!(complaint(&|m| m.time.wrap_bits = Some(63)).contains("1 to 62"));
    }
}
