//! When a session was: an instant, and the clock on the wall where it was.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is known of the clock on the wall where a recording was made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// Nothing: the start is an instant, in UTC.
    #[default]
    Unknown,
    /// The file states a clock time and no zone: the start is that clock time, taken for UTC.
    Unstated,
    /// The clock on the wall is so many seconds ahead of UTC.
    Ahead(i32),
}

/// The start of a session as the clock on the wall showed it; in UTC where that is all that is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LocalStart {
    clock: DateTime,
    zone: Zone,
}

impl LocalStart {
    /// An instant (ns after the Unix epoch) on the clock of a zone; `None` beyond the years that calendars have.
    pub fn of(utc_ns: i64, zone: Zone) -> Option<Self> {
        let instant = jiff::Timestamp::from_nanosecond(i128::from(utc_ns)).ok()?;
        let ahead = match zone {
            Zone::Ahead(seconds) => Offset::from_seconds(seconds).ok(),
            Zone::Unknown | Zone::Unstated => None,
        };
        // No clock is further ahead than jiff has it: such an offset is not known.
        let zone = if ahead.is_none() && matches!(zone, Zone::Ahead(_)) { Zone::Unknown } else { zone };
        Some(Self { clock: ahead.unwrap_or(Offset::UTC).to_datetime(instant), zone })
    }

    /// `2026-01-31`.
    pub fn date(&self) -> String {
        self.clock.date().to_string()
    }

    /// The day.
    pub fn day(&self) -> Day {
        Day::of(self.clock.date())
    }

    /// Year, month and day.
    pub fn year_month_day(&self) -> (i64, u8, u8) {
        let part = |value: i8| u8::try_from(value).unwrap_or(1);
        (i64::from(self.clock.year()), part(self.clock.month()), part(self.clock.day()))
    }

    /// `2026-01-31 17:42`, with the zone where it matters: `(UTC+1)`, `UTC` where nothing else is known, nothing where no zone is stated.
    pub fn words(&self) -> String {
        let clock = self.clock.strftime("%Y-%m-%d %H:%M");
        match self.zone {
            Zone::Unknown => format!("{clock} UTC"),
            Zone::Unstated => clock.to_string(),
            Zone::Ahead(seconds) => format!("{clock} ({})", offset_words(seconds)),
        }
    }

    /// `20260131-174205`: a name for what was recorded then.
    pub fn stamp(&self) -> String {
        self.clock.strftime("%Y%m%d-%H%M%S").to_string()
    }

    /// The clock on the wall, ISO 8601 without a zone; `None` where only UTC is known.
    pub fn iso_local(&self) -> Option<String> {
        (self.zone != Zone::Unknown).then(|| self.clock.to_string())
    }

    /// `2026-01-31T17:42:05.250000+01:00` (RFC 3339): with `Z` where only UTC is known, and nothing behind where no zone is stated.
    pub fn iso(&self) -> String {
        let clock = self.clock.strftime("%Y-%m-%dT%H:%M:%S%.6f");
        match self.zone {
            Zone::Unknown => format!("{clock}Z"),
            Zone::Unstated => clock.to_string(),
            Zone::Ahead(seconds) => {
                let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs() / 60);
                format!("{clock}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }

    /// How far the clock on the wall is ahead of UTC, minutes.
    pub fn offset_minutes(&self) -> Option<f64> {
        match self.zone {
            Zone::Ahead(seconds) => Some(f64::from(seconds / 60)),
            Zone::Unknown | Zone::Unstated => None,
        }
    }
}

/// A day on the calendar of the place: the date of a session, or from which a fact holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct Day {
    year: i16,
    month: i8,
    of_month: i8,
}

impl Day {
    fn of(date: Date) -> Self {
        Self { year: date.year(), month: date.month(), of_month: date.day() }
    }

    /// What is read from a damaged file may be no date; it is the first of all days then.
    fn date(self) -> Date {
        Date::new(self.year, self.month, self.of_month).unwrap_or_default()
    }

    /// So many days later; `None` beyond the years that calendars have.
    #[must_use]
    pub fn moved(self, days: i64) -> Option<Self> {
        let span = jiff::Span::new().try_days(days).ok()?;
        self.date().checked_add(span).ok().map(Self::of)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.trim().parse().map(Self::of).map_err(|_| format!("{text:?} is no date such as 2026-03-01"))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// From `"2026-03-01"`, and from a date as TOML writes it, without quotes.
impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl<'de> Visitor<'de> for Written {
            type Value = Day;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date such as 2026-03-01")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Day, E> {
                text.parse().map_err(E::custom)
            }

            // The toml crate hands a date over as a map with one text.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Day, A::Error> {
                let entry: Option<(String, String)> = map.next_entry()?;
                entry.map_or_else(|| Err(de::Error::custom("is no date")), |(_, text)| self.visit_str(&text))
            }
        }
        deserializer.deserialize_any(Written)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Day {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Day".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date" })
    }
}

/// An instant (ns after the Unix epoch) as `2026-01-31T16:42:05Z`, ISO 8601; `None` beyond the years that calendars have.
pub fn iso_utc(utc_ns: i64) -> Option<String> {
    jiff::Timestamp::from_nanosecond(i128::from(utc_ns)).ok().map(|start| start.to_string())
}

/// `UTC+5:30`.
fn offset_words(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 October 2026, 22:02:15.5 UTC.
    const EVENING: i64 = 1_790_892_135_500_000_000;

    #[test]
    fn the_date_is_that_of_the_place() {
        let auckland = LocalStart::of(EVENING, Zone::Ahead(13 * 3600)).expect("a date");
        assert_eq!((auckland.date().as_str(), auckland.words().as_str()), ("2026-10-02", "2026-10-02 11:02 (UTC+13)"));
        assert_eq!(auckland.stamp(), "20261002-110215");
        assert_eq!(auckland.iso_local().as_deref(), Some("2026-10-02T11:02:15.5"));
        assert_eq!((auckland.offset_minutes(), auckland.year_month_day()), (Some(780.0), (2026, 10, 2)));
        let words = |zone| LocalStart::of(EVENING, zone).expect("a date").words();
        assert_eq!(words(Zone::Ahead(-(3 * 3600 + 1800))), "2026-10-01 18:32 (UTC-3:30)");
        assert_eq!(words(Zone::Ahead(0)), "2026-10-01 22:02 (UTC)");
    }

    #[test]
    fn what_is_not_known_of_the_clock_is_not_said() {
        let utc = LocalStart::of(EVENING, Zone::Unknown).expect("a date");
        assert_eq!((utc.words().as_str(), utc.iso_local(), utc.offset_minutes()), ("2026-10-01 22:02 UTC", None, None));
        let clock = LocalStart::of(EVENING, Zone::Unstated).expect("a date");
        assert_eq!(clock.words(), "2026-10-01 22:02");
        assert_eq!((clock.iso_local().as_deref(), clock.offset_minutes()), (Some("2026-10-01T22:02:15.5"), None));
        assert_eq!(LocalStart::of(EVENING, Zone::Ahead(i32::MAX)), Some(utc), "no clock is so far ahead");
        assert!(
            LocalStart::of(i64::MIN, Zone::Ahead(-86_400)).is_some()
                && LocalStart::of(i64::MAX, Zone::Unknown).is_some()
        );
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, date) in
            [(0, "1970-01-01"), (951_782_400, "2000-02-29"), (1_767_225_600, "2026-01-01"), (-86_400, "1969-12-31")]
        {
            assert_eq!(LocalStart::of(seconds * 1_000_000_000, Zone::Unknown).expect("a date").date(), date);
        }
    }

    #[test]
    fn a_zone_is_stored_in_words() {
        for (zone, json) in [
            (Zone::Unknown, "\"unknown\""),
            (Zone::Unstated, "\"unstated\""),
            (Zone::Ahead(-12_600), "{\"ahead\":-12600}"),
        ] {
            assert_eq!(serde_json::to_string(&zone).expect("JSON"), json);
            assert_eq!(serde_json::from_str::<Zone>(json).expect("reads"), zone);
        }
    }
}
