//! The clock of this computer: the libraries are told the time.

use std::time::SystemTime;

use truehinge_core::Day;

/// Nanoseconds after the Unix epoch.
#[allow(clippy::disallowed_methods, reason = "when somebody said something; nothing is computed with it")]
pub fn utc_ns() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_nanos()).unwrap_or(i64::MAX)
}

/// Today, on the calendar of this computer.
pub fn today() -> Option<Day> {
    truehinge_session::recording::today()
}
