//! When a session begins, on the clock of this computer.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use truehinge_core::{Day, LocalStart, SessionId, Zone};

/// An instant, and how far the clock on the wall is ahead of UTC then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Start {
    utc: Timestamp,
    zone: Zone,
}

impl Start {
    /// Now, in the time zone of this computer.
    #[allow(clippy::disallowed_methods, reason = "the date of the session; nothing is computed with it")]
    pub fn now() -> Self {
        let utc = Timestamp::try_from(std::time::SystemTime::now()).unwrap_or_default();
        // Where the system does not say its zone, no local time is invented.
        Self::of(utc, TimeZone::try_system().ok().as_ref())
    }

    fn of(utc: Timestamp, zone: Option<&TimeZone>) -> Self {
        let zone = zone.map_or(Zone::Unknown, |zone| Zone::Ahead(zone.to_offset(utc).seconds()));
        Self { utc, zone }
    }

    /// Nanoseconds after the Unix epoch.
    pub fn utc_ns(self) -> Option<i64> {
        i64::try_from(self.utc.as_nanosecond()).ok()
    }

    /// How far the clock on the wall is ahead.
    pub const fn zone(self) -> Zone {
        self.zone
    }

    /// What a session that begins now is called: its date and time.
    pub fn session(self) -> SessionId {
        let local = self.utc_ns().and_then(|utc_ns| LocalStart::of(utc_ns, self.zone));
        SessionId::from(local.map_or_else(|| "session".to_owned(), |start| start.stamp()))
    }
}

/// Today, on the calendar of this computer.
pub fn today() -> Option<Day> {
    let start = Start::now();
    LocalStart::of(start.utc_ns()?, start.zone()).map(|start| start.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_called_after_the_clock_on_the_wall_in_summer_and_in_winter() {
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone");
        for (utc, name, ahead) in [
            ("2026-07-01T22:30:00Z", "20260702-003000", Zone::Ahead(7200)),
            ("2026-12-31T23:30:05Z", "20270101-003005", Zone::Ahead(3600)),
        ] {
            let start = Start::of(utc.parse().expect("an instant"), Some(&berlin));
            assert_eq!((start.session().as_str(), start.zone()), (name, ahead));
        }
        let nowhere = Start::of("2026-07-01T22:30:00Z".parse().expect("an instant"), None);
        assert_eq!((nowhere.session().as_str(), nowhere.zone()), ("20260701-223000", Zone::Unknown));
    }
}
