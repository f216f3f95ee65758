//! What is wrong with a profile.

use std::borrow::Cow;

use truehinge_core::Explained;

use super::column::Column;

/// A profile that cannot be used.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// Not TOML, or a key or value that is not known.
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    /// Lines and packets at once.
    #[error("there are `columns` and a table [binary]")]
    Both,
    /// A counter that cannot count.
    #[error("\"{}\" of a packet counts, but is no whole number", .0.name())]
    NotACounter(Column),
    /// No notification holds it.
    #[error("a packet of [binary] has {length} bytes, a notification holds {longest} at most")]
    PacketLength {
        /// What the fields come to, bytes.
        length: usize,
        /// What there may be, bytes.
        longest: usize,
    },
    /// A vector is incomplete.
    #[error("there is no \"{}\"", .0.name())]
    Missing(Column),
    /// A column that can be there once only.
    #[error("there is \"{}\" twice", .0.name())]
    Twice(Column),
    /// Neither time nor rate.
    #[error("there is no \"time\"")]
    NoTime,
    /// It could be part of a number.
    #[error("`separator` is {0:?}, which may stand in a number or end a line")]
    Separator(char),
    /// Too narrow to unwrap, or wider than any counter.
    #[error("`time_wrap_bits` is {0}")]
    WrapBits(u32),
    /// A measure that is none.
    #[error("`{key}` is {value}")]
    NotPositive {
        /// Which.
        key: &'static str,
        /// As given.
        value: f64,
    },
}

impl Explained for ProfileError {
    fn code(&self) -> &'static str {
        match self {
            Self::Toml(_) => "profile_not_toml",
            Self::Both => "profile_lines_and_packets",
            Self::NotACounter(_) => "profile_not_a_counter",
            Self::PacketLength { .. } => "profile_packet_length",
            Self::Missing(_) => "profile_missing_column",
            Self::Twice(_) => "profile_column_twice",
            Self::NoTime => "profile_no_time",
            Self::Separator(_) => "profile_separator",
            Self::WrapBits(_) => "profile_wrap_bits",
            Self::NotPositive { .. } => "profile_not_positive",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Toml(_) => return None,
            Self::Both => "leave one of them out: a device sends lines or packets".into(),
            Self::NotACounter(_) => "give it as u8, u16, u24, u32 or u64".into(),
            Self::PacketLength { .. } => "leave out fields".into(),
            Self::Missing(_) => "give all of ax, ay, az, gx, gy, gz".into(),
            Self::Twice(_) => "call the one that is not wanted \"skip\"".into(),
            Self::NoTime => "give `rate_hz`, the samples per second, so that samples can be counted instead".into(),
            Self::Separator(_) => "give the character between two columns".into(),
            Self::WrapBits(_) => "give 8 to 64, such as 32 for millis() and micros()".into(),
            Self::NotPositive { .. } => "give a number above zero, or leave it out".into(),
        })
    }
}
