//! What programs write into the names of their files: when it began, and the sensor.

/// The name without the start time, such as `Pelvis` of `Pelvis_20210820_202113_836`.
pub(crate) fn without_start(stem: &str) -> String {
    let Some((before, after)) = start_text(stem).and_then(|text| stem.split_once(&text)) else {
        return stem.to_owned();
    };
    let separators = ['_', '-', ' '];
    // Milliseconds of the start.
    let after = after.trim_start_matches(separators).trim_start_matches(|c: char| c.is_ascii_digit());
    let parts = [before, after].map(|part| part.trim_matches(separators));
    let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    if name.is_empty() { stem.to_owned() } else { name }
}

/// A date and time in a file name: `20210820_202113`, `2019-01-15T20.09.06`.
pub(crate) fn start_text(stem: &str) -> Option<String> {
    let bytes = stem.as_bytes();
    (0..bytes.len()).find_map(|from| {
        let starts = bytes[from].is_ascii_digit() && (from == 0 || !bytes[from - 1].is_ascii_digit());
        if !starts {
            return None;
        }
        let mut digits = 0;
        for (i, byte) in bytes.iter().enumerate().skip(from).take(20) {
            match byte {
                b'0'..=b'9' => digits += 1,
                b'_' | b'-' | b'T' | b'.' | b':' => {}
                _ => return None,
            }
            if digits == 14 {
                let text = stem.get(from..=i)?.to_owned();
                return seconds(&text).is_some().then_some(text);
            }
        }
        None
    })
}

/// Such a date and time, s after 1970 in its own time zone.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i8>().ok();
    let year = digits.get(0..4)?.parse::<i16>().ok()?;
    let (month, day, hour, minute, second) = (part(4..6)?, part(6..8)?, part(8..10)?, part(10..12)?, part(12..14)?);
    let date = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_names_are_starts() {
        for (stem, start) in [
            ("A-squat_heavy_MetaWear_2019-01-15T20.09.06.903_C42732BE255C_Accelerometer", Some(1_547_582_946)),
            ("Pelvis_20210820_202113_836", Some(1_629_490_873)),
            ("MT_012005D6_009-001_00B421E6", None),
            ("shank", None),
        ] {
            assert_eq!(start_text(stem).and_then(|text| seconds(&text)), start, "{stem}");
        }
    }
}
