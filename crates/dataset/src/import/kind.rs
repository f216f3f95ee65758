//! Known formats of one table, told by its header.

use super::sheet::Layout;
use super::text::Text;

/// A format with one file (or a pair) per sensor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    /// Xsens/Movella DOT app CSV.
    Dot,
    /// Xsens MT Manager or MTw text.
    Mtw,
    /// MbientLab accelerometer file.
    MetaAccelerometer,
    /// MbientLab gyroscope file.
    MetaGyroscope,
    /// x-io Technologies inertial CSV: x-IMU3 logs, Fusion examples.
    XIo,
}

impl Kind {
    /// One half of a pair of files.
    pub const fn is_half(self) -> bool {
        matches!(self, Self::MetaAccelerometer | Self::MetaGyroscope)
    }

    /// Kinds that stand together in one session have the same.
    pub const fn family(self) -> u8 {
        match self {
            Self::Dot => 0,
            Self::Mtw => 1,
            Self::MetaAccelerometer | Self::MetaGyroscope => 2,
            Self::XIo => 3,
        }
    }
}

/// Headers stand within the first lines.
const HEADER_WITHIN: usize = 40;

/// What kind of file it is, and where its header stands.
pub(crate) fn recognise(text: &Text) -> Option<(Kind, Layout)> {
    let head = text.head(HEADER_WITHIN);
    let slashes = head.first().is_some_and(|line| line.starts_with("//"));
    head.iter().enumerate().find_map(|(skip, line)| {
        if let Some(rest) = line.strip_prefix("PacketCounter") {
            let delimiter = *rest.as_bytes().first()?;
            // The app writes commas after lines of its own; MT Manager writes tabs (or another choice) after `//` lines.
            let kind = if slashes || delimiter == b'\t' { Kind::Mtw } else { Kind::Dot };
            return matches!(delimiter, b',' | b';' | b'\t').then(|| (kind, Layout::new(skip, delimiter)));
        }
        let layout = Layout::new(skip, b',');
        // Older app versions write "epoc".
        if line.starts_with("epoc") && line.contains("x-axis (g)") {
            Some((Kind::MetaAccelerometer, layout))
        } else if line.starts_with("epoc") && line.contains("x-axis (deg/s)") {
            Some((Kind::MetaGyroscope, layout))
        } else if line.starts_with("Time")
            && line.contains("Gyroscope X (deg/s)")
            && line.contains("Accelerometer X (g)")
        {
            Some((Kind::XIo, layout))
        } else {
            None
        }
    })
}
