//! What is wrong with a profile.

use super::column::Column;

/// A profile that cannot be used.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// Not TOML, or a key or value that is not known.
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    /// Lines and packets at once.
    #[error("there are `columns` and a table [binary]: a device sends lines or packets, leave one of them out")]
    Both,
    /// A counter that cannot count.
    #[error("\"{}\" of a packet counts: give it as u8, u16, u24, u32 or u64", .0.name())]
    NotACounter(Column),
    /// No notification holds it.
    #[error("a packet of [binary] has {length} bytes, a notification holds {longest} at most: leave out fields")]
    PacketLength {
        /// What the fields come to, bytes.
        length: usize,
        /// What there may be, bytes.
        longest: usize,
    },
    /// A vector is incomplete.
    #[error("there is no \"{}\": all of ax, ay, az, gx, gy, gz are needed", .0.name())]
    Missing(Column),
    /// A column that can be there once only.
    #[error("there is \"{}\" twice: call the one that is not wanted \"skip\"", .0.name())]
    Twice(Column),
    /// Neither time nor rate.
    #[error("there is no \"time\": give `rate_hz`, the samples per second, so that samples can be counted instead")]
    NoTime,
    /// It could be part of a number.
    #[error("`separator` is {0:?}, which may stand in a number or end a line: give the character between two columns")]
    Separator(char),
    /// Too narrow to unwrap, or wider than any counter.
    #[error("`time_wrap_bits` is {0}: give 8 to 64, such as 32 for millis() and micros()")]
    WrapBits(u32),
    /// A measure that is none.
    #[error("`{key}` is {value}: give a number above zero, or leave it out")]
    NotPositive {
        /// Which.
        key: &'static str,
        /// As given.
        value: f64,
    },
}
