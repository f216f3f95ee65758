//! When a recording began, and by which clock: an instant in UTC, a clock time without a zone, or both.

use truehinge_core::{SessionInfo, Zone};

/// When a sensor began to record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Start {
    /// Nanoseconds after 1970, in UTC; of the clock on the wall where no zone is stated.
    pub utc_ns: i64,
    pub zone: Zone,
}

/// Clocks are at most so far from UTC, min.
const FURTHEST: i32 = 15 * 60;

/// `GMT+8`, `-3:30`, `01:00`: how far a clock is ahead of UTC.
pub(crate) fn ahead(text: &str) -> Option<Zone> {
    let text = text.trim().trim_start_matches("GMT").trim_start_matches("UTC");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.trim_start_matches('+')),
    };
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some(parts), _) => parts,
        (None, 4) => (digits.get(..2)?, digits.get(2..)?),
        (None, _) => (digits, "0"),
    };
    let minutes = 60_i32.checked_mul(hours.parse().ok()?)?.checked_add(minutes.parse().ok()?)?;
    (0..=FURTHEST).contains(&minutes).then_some(Zone::Ahead(sign * 60 * minutes))
}

/// Puts the earliest start into the session and says what is known of its clock.
pub(crate) fn settle(info: &mut SessionInfo, earliest: Option<Start>, notes: &mut Vec<String>) {
    if let (None, Some(Start { utc_ns, zone })) = (info.start_utc_ns, earliest) {
        (info.start_utc_ns, info.zone) = (Some(utc_ns), zone);
    }
    let Some(start) = info.local_start() else { return };
    let words = start.words();
    match info.zone {
        Zone::Ahead(_) => {}
        Zone::Unstated => notes.push(format!(
            "it began at {words}; the time zone is not stated: taken for the time on the wall clock, and in UTC for the same"
        )),
        Zone::Unknown => notes.push(format!("it began at {words}; the time on the wall clock there is not stated")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read_as_programs_write_them() {
        for (text, minutes) in
            [("GMT+8", 480), ("+8", 480), ("-3:30", -210), ("01:00", 60), ("-0400", -240), ("+0530", 330), ("0", 0)]
        {
            assert_eq!(ahead(text), Some(Zone::Ahead(60 * minutes)), "{text}");
        }
        for none in ["", "g", "99", "+1:xx", "ms", "--3"] {
            assert_eq!(ahead(none), None, "{none}");
        }
    }
}
