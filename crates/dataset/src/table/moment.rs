//! Instants, clock times and days in tables: to the millisecond, as words in CSV and typed in Parquet.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use truehinge_core::LocalStart;

/// An instant, ms after the Unix epoch; within the years that calendars have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Instant(Timestamp);

/// What the clock on a wall showed, to the millisecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Clock(Instant);

/// A day of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(Date);

impl Instant {
    /// So many milliseconds after the Unix epoch; `None` beyond the years that calendars have.
    pub fn from_ms(ms: i64) -> Option<Self> {
        Timestamp::from_millisecond(ms).ok().map(Self)
    }

    /// The millisecond that an instant lies in, ns after the Unix epoch.
    pub fn of_utc_ns(ns: i64) -> Option<Self> {
        Self::from_ms(ns.div_euclid(1_000_000))
    }

    /// Milliseconds after the Unix epoch.
    pub fn ms(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Of ISO 8601 with a zone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().and_then(|instant| Self::from_ms(instant.as_millisecond()))
    }
}

impl Clock {
    /// So many milliseconds after that clock's 1 January 1970.
    pub fn from_ms(ms: i64) -> Option<Self> {
        Instant::from_ms(ms).map(Self)
    }

    /// The start of a session; `None` where only UTC is known.
    pub fn of(start: LocalStart) -> Option<Self> {
        Self::parse(&start.iso_local()?)
    }

    /// Milliseconds after that clock's 1 January 1970.
    pub fn ms(self) -> i64 {
        self.0.ms()
    }

    /// Of ISO 8601 without a zone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let clock: DateTime = text.parse().ok()?;
        Self::from_ms(Offset::UTC.to_timestamp(clock).ok()?.as_millisecond())
    }
}

impl Day {
    /// So many days after 1 January 1970.
    pub fn from_days(days: i32) -> Option<Self> {
        let instant = Timestamp::from_second(i64::from(days) * 86_400).ok()?;
        Some(Self(Offset::UTC.to_datetime(instant).date()))
    }

    /// The day on which a session began.
    pub fn of(start: LocalStart) -> Option<Self> {
        Self::parse(&start.date())
    }

    /// Days after 1 January 1970.
    pub fn days(self) -> i32 {
        self.0.since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days())
    }

    /// Of ISO 8601.
    pub(super) fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", Offset::UTC.to_datetime(self.0.0))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_to_the_millisecond_and_come_back() {
        for (ms, instant, clock) in [
            (0, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000"),
            (1_790_892_135_500, "2026-10-01T22:02:15.500Z", "2026-10-01T22:02:15.500"),
            (-1, "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999"),
        ] {
            let (an_instant, a_clock) = (Instant::from_ms(ms).expect("a year"), Clock::from_ms(ms).expect("a year"));
            assert_eq!((an_instant.to_string().as_str(), a_clock.to_string().as_str()), (instant, clock));
            assert_eq!((Instant::parse(instant), Clock::parse(clock)), (Some(an_instant), Some(a_clock)));
            assert_eq!((an_instant.ms(), a_clock.ms()), (ms, ms));
        }
        assert_eq!(Instant::of_utc_ns(-1).map(Instant::ms), Some(-1), "the millisecond that it lies in");
        assert_eq!((Instant::from_ms(i64::MAX), Clock::from_ms(i64::MIN)), (None, None));
        assert_eq!((Instant::parse("2026-10-01T22:02:15"), Instant::parse("yesterday")), (None, None));
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, text) in [(0, "1970-01-01"), (11_016, "2000-02-29"), (-1, "1969-12-31"), (20_727, "2026-10-01")] {
            let day = Day::from_days(days).expect("a day");
            assert_eq!((day.to_string().as_str(), Day::parse(text), day.days()), (text, Some(day), days));
        }
        assert_eq!((Day::parse("2026-02-30"), Day::from_days(i32::MAX)), (None, None));
    }
}
