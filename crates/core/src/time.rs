//! Three clocks, three types, and no conversion between them but through a fitted clock model and [`HostTime::on_session`].
//!
//! All times are integer nanoseconds: a 64-bit float of seconds loses them after a few months, a 32-bit one after seconds.
//! The zero of [`SessionTime`] and [`HostTime`] is the start of the recording; that of [`DeviceTime`] is whatever the sensor chose.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Add, AddAssign, Neg, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Marks which clock a [`Time`] was read from.
pub trait Clock: Copy + Ord + fmt::Debug {
    /// Name used in `Debug` output.
    const NAME: &'static str;
}

/// The sensor's own clock, ticks unwrapped and scaled to nanoseconds; arbitrary zero, free-running rate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub enum Device {}

impl Clock for Device {
    const NAME: &'static str = "Device";
}

/// The host's monotonic clock at the arrival of a packet; zero at the start of the recording.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub enum Host {}

impl Clock for Host {
    const NAME: &'static str = "Host";
}

/// The common timeline of a session, made from device times by a clock model; zero at the start of the recording.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub enum Session {}

impl Clock for Session {
    const NAME: &'static str = "Session";
}

/// An instant on clock `C`, in nanoseconds since that clock's zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct Time<C: Clock> {
    nanos: i64,
    clock: PhantomData<C>,
}

/// Time on the sensor's own clock.
pub type DeviceTime = Time<Device>;
/// Arrival time on the host's monotonic clock.
pub type HostTime = Time<Host>;
/// Time on the session's common timeline.
pub type SessionTime = Time<Session>;

/// A signed length of time in nanoseconds, on no particular clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Interval(i64);

const NANOS_PER_SECOND: f64 = 1e9;

#[allow(clippy::cast_possible_truncation, reason = "float to int casts saturate; 292 years of nanoseconds fit")]
fn nanos_from_seconds(seconds: f64) -> i64 {
    let nanos = seconds * NANOS_PER_SECOND;
    // As `round` does, which is a call of a library on processors that lack it.
    let whole = nanos as i64;
    let rest = nanos - whole as f64;
    whole.saturating_add(i64::from(rest >= 0.5) - i64::from(rest <= -0.5))
}

impl<C: Clock> Time<C> {
    /// The clock's zero.
    pub const ZERO: Self = Self::from_nanos(0);

    /// An instant from nanoseconds since the clock's zero.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self { nanos, clock: PhantomData }
    }

    /// An instant from seconds since the clock's zero, rounded to the nanosecond (saturating; NaN gives zero).
    pub fn from_seconds(seconds: f64) -> Self {
        Self::from_nanos(nanos_from_seconds(seconds))
    }

    /// Nanoseconds since the clock's zero.
    pub const fn nanos(self) -> i64 {
        self.nanos
    }

    /// Seconds since the clock's zero.
    pub fn seconds(self) -> f64 {
        self.nanos as f64 / NANOS_PER_SECOND
    }
}

impl HostTime {
    /// The same instant on the session's timeline, which has the host's zero and rate: the one door between the two.
    ///
    /// CLAIM: a clock model that is fitted to arrivals maps device times to the host's. A recording without arrivals begins at
    /// its first sample; its only host times are those of markers, and that sample is taken to be at the host's zero.
    #[must_use]
    pub const fn on_session(self) -> SessionTime {
        SessionTime::from_nanos(self.nanos)
    }
}

impl SessionTime {
    /// The same instant on the host's clock: the other way round of [`HostTime::on_session`].
    #[must_use]
    pub const fn on_host(self) -> HostTime {
        HostTime::from_nanos(self.nanos)
    }
}

impl Interval {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// An interval from nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// An interval from seconds, rounded to the nanosecond (saturating; NaN gives zero).
    pub fn from_seconds(seconds: f64) -> Self {
        Self(nanos_from_seconds(seconds))
    }

    /// Nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND
    }

    /// Milliseconds.
    pub fn milliseconds(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl<C: Clock> Sub for Time<C> {
    type Output = Interval;
    fn sub(self, rhs: Self) -> Interval {
        Interval(self.nanos.saturating_sub(rhs.nanos))
    }
}

impl<C: Clock> Add<Interval> for Time<C> {
    type Output = Self;
    fn add(self, rhs: Interval) -> Self {
        Self::from_nanos(self.nanos.saturating_add(rhs.0))
    }
}

impl<C: Clock> Sub<Interval> for Time<C> {
    type Output = Self;
    fn sub(self, rhs: Interval) -> Self {
        Self::from_nanos(self.nanos.saturating_sub(rhs.0))
    }
}

impl<C: Clock> AddAssign<Interval> for Time<C> {
    fn add_assign(&mut self, rhs: Interval) {
        *self = *self + rhs;
    }
}

impl Add for Interval {
    type Output = Self;
    fn add(self, rhs: Self) -> Self {
        Self(self.0.saturating_add(rhs.0))
    }
}

impl Sub for Interval {
    type Output = Self;
    fn sub(self, rhs: Self) -> Self {
        Self(self.0.saturating_sub(rhs.0))
    }
}

impl Neg for Interval {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl<C: Clock> fmt::Debug for Time<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({} s)", C::NAME, self.seconds())
    }
}

impl<C: Clock> Serialize for Time<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.nanos)
    }
}

impl<'de, C: Clock> Deserialize<'de> for Time<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self::from_nanos)
    }
}

/// A half-open interval `[start, end)` of the session's timeline.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Span {
    /// First instant inside, s.
    #[serde(rename = "start_s", serialize_with = "crate::json::seconds")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub start: SessionTime,
    /// First instant after, s.
    #[serde(rename = "end_s", serialize_with = "crate::json::seconds")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub end: SessionTime,
}

impl Span {
    /// A span; `end` before `start` gives an empty span at `start`.
    pub fn new(start: SessionTime, end: SessionTime) -> Self {
        Self { start, end: end.max(start) }
    }

    /// A span from seconds of session time.
    pub fn from_seconds(start: f64, end: f64) -> Self {
        Self::new(SessionTime::from_seconds(start), SessionTime::from_seconds(end))
    }

    /// Whether `at` lies inside.
    pub fn contains(self, at: SessionTime) -> bool {
        self.start <= at && at < self.end
    }

    /// Whether the two spans share an instant.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Length of the span.
    pub fn length(self) -> Interval {
        self.end - self.start
    }
}

/// Samples per second, finite and positive.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SampleRate(f64);

impl SampleRate {
    /// A rate in hertz; `None` unless finite and above zero.
    pub fn from_hertz(hertz: f64) -> Option<Self> {
        (hertz.is_finite() && hertz > 0.0).then_some(Self(hertz))
    }

    /// Samples per second.
    pub const fn hertz(self) -> f64 {
        self.0
    }

    /// Seconds between samples.
    pub fn period_seconds(self) -> f64 {
        self.0.recip()
    }

    /// Time between samples, rounded to the nanosecond.
    pub fn period(self) -> Interval {
        Interval::from_seconds(self.period_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_half_open() {
        let span = Span::from_seconds(1.0, 2.0);
        assert!(span.contains(SessionTime::from_seconds(1.0)));
        assert!(!span.contains(SessionTime::from_seconds(2.0)));
        assert!(!span.overlaps(Span::from_seconds(2.0, 3.0)));
        assert!(span.overlaps(Span::from_seconds(1.999, 3.0)));
        assert_eq!(Span::from_seconds(2.0, 1.0).length(), Interval::ZERO);
    }

    #[test]
    fn seconds_round_trip_to_the_nanosecond() {
        for nanos in [0_i64, 1, -1, 71 * 60 * 1_000_000_000, 123_456_789_012_345] {
            assert_eq!(DeviceTime::from_seconds(DeviceTime::from_nanos(nanos).seconds()).nanos(), nanos);
        }
        assert_eq!(HostTime::from_seconds(f64::NAN).nanos(), 0);
        assert_eq!(HostTime::from_seconds(f64::INFINITY).nanos(), i64::MAX);
    }

    #[test]
    fn rates_are_positive_and_finite() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(SampleRate::from_hertz(bad), None);
        }
    }
}
