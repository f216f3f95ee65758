//! Known formats of one table, told by its header.

use super::halves::Quantity;
use super::sheet::Layout;
use super::text::Text;
use super::{halves, known, movesense};

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
    /// Accelerometer in a file of its own.
    HalfForce,
    /// Gyroscope in a file of its own.
    HalfRate,
    /// Movesense JSON log.
    Movesense,
    /// Shimmer ConsensysPRO.
    Shimmer,
}

impl Kind {
    /// One half of a pair of files.
    pub const fn is_half(self) -> bool {
        matches!(self, Self::MetaAccelerometer | Self::MetaGyroscope | Self::HalfForce | Self::HalfRate)
    }

    /// Name of the format in recordings.
    pub const fn format(self) -> &'static str {
        match self {
            Self::Dot => "movella-dot-csv",
            Self::Mtw => "xsens-mtw-txt",
            Self::MetaAccelerometer | Self::MetaGyroscope => "mbientlab-csv",
            Self::XIo => "x-io-csv",
            Self::HalfForce | Self::HalfRate => "two-file-csv",
            Self::Movesense => "movesense-json",
            Self::Shimmer => "shimmer-csv",
        }
    }

    /// Kinds that stand together in one session have the same.
    pub const fn family(self) -> u8 {
        match self {
            Self::Dot => 0,
            Self::Mtw => 1,
            Self::MetaAccelerometer | Self::MetaGyroscope => 2,
            Self::XIo => 3,
            Self::HalfForce | Self::HalfRate => 4,
            Self::Movesense => 5,
            Self::Shimmer => 6,
        }
    }
}

/// Headers stand within the first lines.
const HEADER_WITHIN: usize = 40;

/// What kind of file it is, and where its header stands.
pub(crate) fn recognise(text: &Text) -> Option<(Kind, Layout)> {
    if movesense::is_log(text) {
        return Some((Kind::Movesense, Layout::new(0, b',')));
    }
    let head = text.head(HEADER_WITHIN);
    if let Some((skip, delimiter)) = known::shimmer_header(&head) {
        return Some((Kind::Shimmer, Layout::new(skip, delimiter)));
    }
    let slashes = head.first().is_some_and(|line| line.starts_with("//"));
    let by_name = head.iter().enumerate().find_map(|(skip, line)| {
        let layout = Layout::of_header(&head, skip);
        let has = |name: &str| line.contains(name);
        // A spreadsheet may have put names in quotes.
        let begins = |name: &str| line.trim_start_matches('"').starts_with(name);
        if begins("PacketCounter") || begins("SampleTimeFine") {
            // The app writes commas after lines of its own; MT Manager writes tabs (or another choice) after `//` lines.
            let kind = if slashes || layout.delimiter == b'\t' { Kind::Mtw } else { Kind::Dot };
            Some((kind, layout))
        } else if begins("epoc") && has("x-axis (g)") {
            // Older app versions write "epoc".
            Some((Kind::MetaAccelerometer, layout))
        } else if begins("epoc") && has("x-axis (deg/s)") {
            Some((Kind::MetaGyroscope, layout))
        } else if begins("Time") && has("Gyroscope X (deg/s)") && has("Accelerometer X (g)") {
            Some((Kind::XIo, layout))
        } else {
            None
        }
    });
    by_name.or_else(|| {
        let (half, layout) = halves::find(text)?;
        Some((if half.quantity == Quantity::Force { Kind::HalfForce } else { Kind::HalfRate }, layout))
    })
}
