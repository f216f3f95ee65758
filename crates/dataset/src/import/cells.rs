//! Cells of a table: numbers, and times that are exact to the nanosecond.

/// Cells that say that there is no value.
const NO_VALUE: [&str; 5] = ["null", "na", "n/a", "none", "nil"];

/// A number, NaN for an empty cell, `None` for anything else.
pub fn number(cell: &[u8], decimal: u8) -> Option<f64> {
    let cell = cell.trim_ascii();
    if cell.is_empty() {
        return Some(f64::NAN);
    }
    let text = std::str::from_utf8(cell).ok()?;
    if decimal == b'.' {
        return text.parse().ok().or_else(|| no_value(text));
    }
    if text.contains('.') {
        return None;
    }
    text.replacen(char::from(decimal), ".", 1).parse().ok().or_else(|| no_value(text))
}

fn no_value(text: &str) -> Option<f64> {
    NO_VALUE.iter().any(|word| text.eq_ignore_ascii_case(word)).then_some(f64::NAN)
}

/// A time in nanoseconds, exact for decimal numbers of any length; `None` for anything else, and beyond 292 years.
pub fn nanoseconds(cell: &[u8], unit: i64, decimal: u8) -> Option<i64> {
    let cell = cell.trim_ascii();
    let (negative, digits) = match cell {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let (whole, fraction) = match digits.iter().position(|&byte| byte == decimal) {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, &[][..]),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    if !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return scientific(cell, unit, decimal);
    }
    let digit = |byte: &u8| i128::from(byte - b'0');
    // 20 digits of the largest unit stay far below 2^127.
    let whole: i128 = if whole.len() > 20 { return None } else { whole.iter().fold(0, |n, b| n * 10 + digit(b)) };
    let fraction = &fraction[..fraction.len().min(18)];
    let power = 10_i128.pow(u32::try_from(fraction.len()).unwrap_or(0));
    let part: i128 = fraction.iter().fold(0, |n, b| n * 10 + digit(b));
    let unit = i128::from(unit);
    let nanos = whole * unit + (part * unit + power / 2) / power;
    i64::try_from(if negative { -nanos } else { nanos }).ok()
}

/// `1.5e3` and the like: as exact as a float is.
fn scientific(cell: &[u8], unit: i64, decimal: u8) -> Option<i64> {
    let nanos = number(cell, decimal)? * unit as f64;
    #[allow(clippy::cast_possible_truncation, reason = "checked to be in range")]
    (nanos.abs() < 9e18).then_some(nanos.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact_to_the_nanosecond() {
        let time = |text: &str, unit| nanoseconds(text.as_bytes(), unit, b'.');
        assert_eq!(time("1547579347371", 1_000_000), Some(1_547_579_347_371_000_000));
        assert_eq!(time("1790892135.814328196", 1_000_000_000), Some(1_790_892_135_814_328_196));
        assert_eq!(time("-0.5", 1000), Some(-500));
        assert_eq!(time(" +7. ", 1), Some(7));
        assert_eq!(time(".25", 1000), Some(250));
        assert_eq!(time("1.5e3", 1_000), Some(1_500_000));
        for bad in [
            "",
            "-",
            ".",
            "x",
            "1.2.3",
            "nan",
            "inf",
            "1e30",
            "99999999999999999999",
            "999999999999999999999",
            "2025-10-11",
        ] {
            assert_eq!(time(bad, 1_000_000_000), None, "{bad}");
        }
        assert_eq!(nanoseconds(b"0,125", 1_000_000_000, b','), Some(125_000_000));
    }

    #[test]
    fn a_decimal_comma_is_read_only_when_it_was_said() {
        assert_eq!(number(b"9,81", b','), Some(9.81));
        assert_eq!(number(b"9,81", b'.'), None);
        assert_eq!(number(b"1.234,5", b','), None);
        assert_eq!(number(b"-1e-3", b'.'), Some(-1e-3));
        assert!(number(b" ", b'.').is_some_and(f64::is_nan));
        assert_eq!(number(b"9.81 g", b'.'), None);
        assert_eq!(number(b"\xff", b'.'), None);
    }
}
