//! What a device's lines or packets look like, from a TOML file.

use serde::Deserialize;
use truehinge_core::{MountSite, STANDARD_GRAVITY};

use super::binary::{Binary, Units};
use super::column::Column;
use super::error::ProfileError;
use crate::driver::{Scale, Tick};

/// What a device's lines or packets look like; read from a TOML file, so that a new device needs no Rust.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// Name for the recording.
    pub model: String,
    /// Columns of a line, in order.
    pub columns: Vec<Column>,
    /// Between columns; a space means any run of white space.
    pub separator: char,
    /// Layout of its packets, if it sends packets instead of lines.
    pub binary: Option<Binary>,
    /// Unit of the accelerometer columns.
    pub acc_unit: AccelerometerUnit,
    /// What a device sends for one of that unit; 1 where it sends the unit itself.
    pub acc_counts_per_unit: f64,
    /// Unit of the gyroscope columns.
    pub gyro_unit: GyroscopeUnit,
    /// The same for the gyroscope.
    pub gyro_counts_per_unit: f64,
    /// Unit of the time column.
    pub time_unit: TimeUnit,
    /// Width after which the time starts again.
    pub time_wrap_bits: u32,
    /// Sent to make it stream.
    pub start_command: String,
    /// Sent to make it stop.
    pub stop_command: String,
    /// Rate it is set to, Hz.
    pub rate_hz: Option<f64>,
    /// Full scale of the accelerometer, g.
    pub accelerometer_range_g: Option<f64>,
    /// Full scale of the gyroscope, degrees per second.
    pub gyroscope_range_dps: Option<f64>,
    /// Where on the segment it sits.
    pub mount: Option<MountSite>,
}

/// Unit of accelerometer columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub enum AccelerometerUnit {
    /// Standard gravity.
    #[serde(rename = "g")]
    Gravity,
    /// Thousandth of it.
    #[serde(rename = "mg")]
    Milligravity,
    /// m/s².
    #[serde(rename = "m/s2")]
    Si,
}

/// Unit of gyroscope columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub enum GyroscopeUnit {
    /// Degrees per second.
    #[serde(rename = "deg/s")]
    Degrees,
    /// Radians per second.
    #[serde(rename = "rad/s")]
    Si,
}

/// Unit of the time column.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub enum TimeUnit {
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Microseconds.
    #[serde(rename = "us")]
    Microseconds,
}

impl Default for Profile {
    /// The reference format: `seq,t_us,ax,ay,az,gx,gy,gz` in g and degrees per second.
    fn default() -> Self {
        use Column::{Ax, Ay, Az, Gx, Gy, Gz, Seq, Time};
        Self {
            model: super::MODEL.full_name.to_owned(),
            columns: vec![Seq, Time, Ax, Ay, Az, Gx, Gy, Gz],
            separator: ',',
            binary: None,
            acc_unit: AccelerometerUnit::Gravity,
            acc_counts_per_unit: 1.0,
            gyro_unit: GyroscopeUnit::Degrees,
            gyro_counts_per_unit: 1.0,
            time_unit: TimeUnit::Microseconds,
            time_wrap_bits: 32,
            start_command: "start\n".to_owned(),
            stop_command: "stop\n".to_owned(),
            rate_hz: None,
            accelerometer_range_g: None,
            gyroscope_range_dps: None,
            mount: None,
        }
    }
}

impl Profile {
    /// Reads a profile from TOML.
    ///
    /// # Errors
    /// The text is no profile, or one that no line could be read by; the error names the key.
    pub fn from_toml(text: &str) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text)?;
        profile.check()?;
        Ok(profile)
    }

    /// What a line or a packet holds, in order.
    pub fn contents(&self) -> Vec<Column> {
        self.binary.as_ref().map_or_else(|| self.columns.clone(), Binary::columns)
    }

    fn check(&self) -> Result<(), ProfileError> {
        if let Some(binary) = &self.binary {
            if self.columns != Self::default().columns {
                return Err(ProfileError::Both);
            }
            binary.check()?;
        }
        let contents = self.contents();
        let times = |column: Column| contents.iter().filter(|&&other| other == column).count();
        if let Some(&column) = Column::VALUES.iter().find(|&&column| times(column) == 0) {
            return Err(ProfileError::Missing(column));
        }
        if let Some(&column) = contents.iter().find(|&&column| column != Column::Skip && times(column) > 1) {
            return Err(ProfileError::Twice(column));
        }
        if times(Column::Time) == 0 && self.rate_hz.is_none() {
            return Err(ProfileError::NoTime);
        }
        if self.separator.is_alphanumeric() || ".+-\r\n".contains(self.separator) {
            return Err(ProfileError::Separator(self.separator));
        }
        if !(8..=64).contains(&self.time_wrap_bits) {
            return Err(ProfileError::WrapBits(self.time_wrap_bits));
        }
        self.check_numbers()
    }

    fn check_numbers(&self) -> Result<(), ProfileError> {
        let numbers = [
            ("acc_counts_per_unit", Some(self.acc_counts_per_unit)),
            ("gyro_counts_per_unit", Some(self.gyro_counts_per_unit)),
            ("rate_hz", self.rate_hz),
            ("accelerometer_range_g", self.accelerometer_range_g),
            ("gyroscope_range_dps", self.gyroscope_range_dps),
        ];
        let wrong = |(key, value): (_, Option<f64>)| value.filter(|v| !v.is_finite() || *v <= 0.0).map(|v| (key, v));
        match numbers.into_iter().find_map(wrong) {
            Some((key, value)) => Err(ProfileError::NotPositive { key, value }),
            None => Ok(()),
        }
    }

    /// What the counts of its packets stand for.
    pub(super) fn units(&self) -> Units {
        Units { tick: self.tick(), scale: self.scale() }
    }

    pub(super) fn scale(&self) -> Scale {
        let accelerometer = match self.acc_unit {
            AccelerometerUnit::Gravity => STANDARD_GRAVITY,
            AccelerometerUnit::Milligravity => STANDARD_GRAVITY * 1e-3,
            AccelerometerUnit::Si => 1.0,
        };
        let gyroscope = match self.gyro_unit {
            GyroscopeUnit::Degrees => 1_f64.to_radians(),
            GyroscopeUnit::Si => 1.0,
        };
        Scale {
            accelerometer: accelerometer / self.acc_counts_per_unit,
            gyroscope: gyroscope / self.gyro_counts_per_unit,
        }
    }

    pub(super) fn tick(&self) -> Tick {
        match self.time_unit {
            TimeUnit::Milliseconds => Tick::MILLISECOND,
            TimeUnit::Microseconds => Tick::MICROSECOND,
        }
    }
}

#[cfg(test)]
mod tests {
    use truehinge_core::Explained;

    use super::*;

    #[test]
    fn profiles_that_no_line_could_be_read_by_are_refused_with_what_to_do() {
        let six = "\"ax\", \"ay\", \"az\", \"gx\", \"gy\", \"gz\"";
        for (text, said) in [
            ("columns = [\"time\", \"ax\", \"ay\", \"az\", \"gx\", \"gy\"]".to_owned(), "no \"gz\""),
            (format!("columns = [\"time\", {six}, \"ay\"]"), "\"ay\" twice"),
            (format!("columns = [{six}]"), "`rate_hz`"),
            ("separator = \".\"".to_owned(), "`separator` is '.'"),
            ("separator = \", \"".to_owned(), "separator"),
            ("time_wrap_bits = 4".to_owned(), "`time_wrap_bits` is 4"),
            ("rate_hz = -1.0".to_owned(), "`rate_hz` is -1"),
            ("gyroscope_range_dps = nan".to_owned(), "`gyroscope_range_dps` is NaN"),
            ("acc_unit = \"ft/s2\"".to_owned(), "m/s2"),
            ("colums = []".to_owned(), "colums"),
        ] {
            let error = Profile::from_toml(&text).expect_err(&text).in_full();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(Profile::from_toml("").is_ok_and(|profile| profile == Profile::default()));
    }
}
