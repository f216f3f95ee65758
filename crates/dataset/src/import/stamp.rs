//! Dates and clock times as text: `2026-11-02 09:59:58.500`, `2026-11-02T09:59:58,5Z`, `09:59:58:500`, `02.11.2026 09:59:58,5`,
//! `9:59:58.5 AM`, or a format that a person says.
//!
//! Of `11/02/2026` nothing says which number is the day: only the time of day is taken.

use std::borrow::Cow;

use truehinge_core::Zone;

use super::started::ahead;

/// A time that was read: ns, and whether it is a time of day, which starts again at midnight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stamp {
    pub nanos: i64,
    pub of_day: bool,
    /// What it says of its clock.
    pub zone: Zone,
}

/// A day and an hour, ns.
const DAY: i64 = 24 * HOUR;
const HOUR: i64 = 3_600_000_000_000;

/// Reads a date with time or a time of day; `None` for anything else.
pub(crate) fn read(cell: &[u8], format: Option<&str>) -> Option<Stamp> {
    let text = std::str::from_utf8(cell).ok()?.trim();
    // Plain numbers are no dates, and most cells are plain numbers.
    if !text.bytes().any(|byte| byte == b':') && format.is_none_or(|format| format == ISO) {
        return None;
    }
    match format {
        Some(format) if format != ISO => by_format(text, format),
        _ => usual(text),
    }
}

/// The name of the usual format in a mapping.
pub(crate) const ISO: &str = "iso";

fn by_format(text: &str, format: &str) -> Option<Stamp> {
    let parsed = jiff::fmt::strtime::parse(format, text).ok()?;
    match parsed.to_datetime() {
        Ok(date) => Some(Stamp { nanos: since_1970(date)?, of_day: false, zone: Zone::Unstated }),
        Err(_) => Some(Stamp { nanos: of_day(parsed.to_time().ok()?), of_day: true, zone: Zone::Unknown }),
    }
}

fn usual(text: &str) -> Option<Stamp> {
    let (text, half) = half_of_day(text);
    let text = year_first(text);
    let stamp = iso(&text)?;
    let Some(half) = half else { return Some(stamp) };
    let hour = stamp.nanos.rem_euclid(DAY) / HOUR;
    // Twelve comes before one.
    (1..=12)
        .contains(&hour)
        .then(|| Stamp { nanos: stamp.nanos + HOUR * (half - if hour == 12 { 12 } else { 0 }), ..stamp })
}

/// The text without AM or PM, and the hours that these add to the first half of the day.
fn half_of_day(text: &str) -> (&str, Option<i64>) {
    let halves = [("am", 0), ("a.m.", 0), ("pm", 12), ("p.m.", 12)];
    let cut = |(word, hours): (&str, i64)| {
        let at = text.len().checked_sub(word.len())?;
        let (time, end) = text.split_at_checked(at)?;
        end.eq_ignore_ascii_case(word).then(|| (time.trim_end(), Some(hours)))
    };
    halves.into_iter().find_map(cut).unwrap_or((text, None))
}

/// Dates whose year stands last, as ISO 8601 has them: points have the day first. With strokes it may be the month, so that the
/// date is left out.
fn year_first(text: &str) -> Cow<'_, str> {
    let Some((date, time)) = text.split_once([' ', 'T']) else { return text.into() };
    let mark = if date.contains('/') { '/' } else { '.' };
    let parts: Vec<&str> = date.split(mark).collect();
    let is_number = |part: &&str| !part.is_empty() && part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    match parts[..] {
        [day, month, year] if year.len() == 4 && [day, month].iter().all(is_number) => match mark {
            '/' => time.trim_start().into(),
            _ => format!("{year}-{month:0>2}-{day:0>2}T{}", time.trim_start()).into(),
        },
        _ => text.into(),
    }
}

fn iso(text: &str) -> Option<Stamp> {
    let is_utc = text.ends_with('Z');
    let mut text = text.trim_end_matches('Z').replace(',', ".");
    // `9:59:58` is `09:59:58`.
    let digit = |at: usize, back: usize| at.checked_sub(back).is_some_and(|at| text.as_bytes()[at].is_ascii_digit());
    if let Some(colon) = text.find(':').filter(|at| digit(*at, 1) && !digit(*at, 2)) {
        text.insert(colon - 1, '0');
    }
    // The fraction behind a third colon, as WitMotion writes it.
    let has_zone = text.contains('+') || text.rfind('-').is_some_and(|at| at > 10);
    if text.matches(':').count() == 3
        && !has_zone
        && let Some(last) = text.rfind(':')
    {
        text.replace_range(last..=last, ".");
    }
    if !text.contains(['-', '/']) {
        let time = text.parse::<jiff::civil::Time>().ok()?;
        return Some(Stamp { nanos: of_day(time), of_day: true, zone: Zone::Unknown });
    }
    let text = text.replace('/', "-").replacen(' ', "T", 1);
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        let offset = text.rfind(['+', '-']).filter(|at| *at > 10).and_then(|at| ahead(text.get(at..)?));
        let zone = offset.unwrap_or_default();
        return Some(Stamp { nanos: i64::try_from(stamp.as_nanosecond()).ok()?, of_day: false, zone });
    }
    let zone = if is_utc { Zone::Unknown } else { Zone::Unstated };
    Some(Stamp { nanos: since_1970(text.parse().ok()?)?, of_day: false, zone })
}

fn of_day(time: jiff::civil::Time) -> i64 {
    let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * 1_000_000_000 + i64::from(time.subsec_nanosecond())
}

fn since_1970(date: jiff::civil::DateTime) -> Option<i64> {
    let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    i64::try_from(zoned.timestamp().as_nanosecond()).ok()
}

/// Carries times of day on over midnight: a fall by more than half a day is one.
pub(crate) fn over_midnight(times: &mut [i64]) {
    let (mut days, mut before) = (0, i64::MIN);
    for time in times {
        if before.saturating_sub(time.saturating_add(days)) > DAY / 2 {
            days += DAY;
        }
        *time = time.saturating_add(days);
        before = *time;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_of_day_are_read_to_the_nanosecond() {
        let nanos = |text: &str| read(text.as_bytes(), None).map(|stamp| stamp.nanos);
        let whole = Some(1_793_613_598_500_000_000);
        for text in [
            "2026-11-02 09:59:58.500",
            "2026-11-02T09:59:58,5",
            "2026-11-02 09:59:58:500",
            "2026/11/02 09:59:58.5",
            "2026-11-02T09:59:58.500Z",
            "2026-11-02T10:59:58.500+01:00",
        ] {
            assert_eq!(nanos(text), whole, "{text}");
        }
        assert_eq!(
            read(b"09:59:58.904", None),
            Some(Stamp { nanos: 35_998_904_000_000, of_day: true, zone: Zone::Unknown })
        );
        let zone = |text: &str| read(text.as_bytes(), None).map(|stamp| stamp.zone);
        for (text, expected) in [
            ("2026-11-02 09:59:58.500", Zone::Unstated),
            ("2026-11-02T09:59:58Z", Zone::Unknown),
            ("2026-11-02T10:59:58.500+01:00", Zone::Ahead(3600)),
            ("2026-11-02T05:59:58-0400", Zone::Ahead(-4 * 3600)),
            ("09:59:58", Zone::Unknown),
        ] {
            assert_eq!(zone(text), Some(expected), "{text}");
        }
        for none in
            ["12.5", "", "a:b", "2026-13-02 09:59:58", "25:00:00", "1:2", "13:00:00 PM", "0:30:00 am", ":", "é:00:00"]
        {
            assert_eq!(nanos(none), None, "{none}");
        }
        let said = read(b"02.11.2026 09:59:58.500", Some("%d.%m.%Y %H:%M:%S%.f"));
        assert_eq!(said.map(|stamp| stamp.nanos), whole);
    }

    #[test]
    fn dates_of_spreadsheets_are_read_as_far_as_they_are_clear() {
        let stamp = |text: &str| read(text.as_bytes(), None).map(|stamp| (stamp.nanos, stamp.of_day));
        let date = Some((1_793_613_598_500_000_000, false));
        for text in ["02.11.2026 09:59:58,500", "2.11.2026 9:59:58.5", "2026-11-02 9:59:58.500 AM"] {
            assert_eq!(stamp(text), date, "{text}");
        }
        let of_day = |hours: i64| Some((HOUR * hours - 1_500_000_000, true));
        for (text, hours) in [
            ("11/02/2026 9:59:58.500 AM", 10),
            ("11/02/2026 09:59:58.500 PM", 22),
            ("9:59:58.500 a.m.", 10),
            ("12:59:58.500 PM", 13),
            ("12:59:58.500 AM", 1),
            ("9:59:58:500", 10),
        ] {
            assert_eq!(stamp(text), of_day(hours), "{text}");
        }
    }

    #[test]
    fn a_clock_goes_on_over_midnight() {
        let mut times = [DAY - 20, DAY - 10, 0, 10];
        over_midnight(&mut times);
        assert_eq!(times, [DAY - 20, DAY - 10, DAY, DAY + 10]);
    }
}
