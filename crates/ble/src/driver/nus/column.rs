//! What a number of a line or packet is.

use serde::Deserialize;

use crate::driver::RawSample;

/// A column of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// Line counter, 16 bits.
    Seq,
    /// Device time.
    Time,
    /// Accelerometer x.
    Ax,
    /// Accelerometer y.
    Ay,
    /// Accelerometer z.
    Az,
    /// Gyroscope x.
    Gx,
    /// Gyroscope y.
    Gy,
    /// Gyroscope z.
    Gz,
    /// Not used.
    Skip,
}

impl Column {
    /// Every one.
    pub(super) const ALL: [Self; 9] =
        [Self::Seq, Self::Time, Self::Ax, Self::Ay, Self::Az, Self::Gx, Self::Gy, Self::Gz, Self::Skip];

    /// Those that a line must have.
    pub(super) const VALUES: [Self; 6] = [Self::Ax, Self::Ay, Self::Az, Self::Gx, Self::Gy, Self::Gz];

    /// Puts a number where it belongs in a sample; counters and the like belong nowhere.
    pub(super) fn put(self, value: f64, sample: &mut RawSample) {
        let [ax, ay, az] = &mut sample.accelerometer;
        let [gx, gy, gz] = &mut sample.gyroscope;
        match self {
            Self::Ax => *ax = value,
            Self::Ay => *ay = value,
            Self::Az => *az = value,
            Self::Gx => *gx = value,
            Self::Gy => *gy = value,
            Self::Gz => *gz = value,
            Self::Seq | Self::Time | Self::Skip => {}
        }
    }

    /// As profiles call it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Seq => "seq",
            Self::Time => "time",
            Self::Ax => "ax",
            Self::Ay => "ay",
            Self::Az => "az",
            Self::Gx => "gx",
            Self::Gy => "gy",
            Self::Gz => "gz",
            Self::Skip => "skip",
        }
    }
}
