//! Sessions that could not be used: the study goes on without them, and the page names each with its reason.

use std::fmt::Write;

/// A session that could not be used.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LeftOut {
    /// The session.
    pub name: String,
    /// Why, in a line.
    pub reason: String,
}

impl LeftOut {
    /// A session with the error that it gave.
    pub fn new(name: impl Into<String>, error: &anyhow::Error) -> Self {
        let (name, reason) = (name.into(), format!("{error:#}"));
        // The page is the same wherever the data lie: what is before the session's own name goes.
        let line = reason.lines().next().unwrap_or_default();
        let place = |at: usize| line[..at].rfind(char::is_whitespace).map_or(0, |blank| blank + 1)..at;
        let folders = line.find(&name).map(place).filter(|place| line[place.clone()].ends_with(['/', '\\']));
        let reason =
            folders.map_or_else(|| line.to_owned(), |place| [&line[..place.start], &line[place.end..]].concat());
        Self { name, reason }
    }
}

/// What could be used, and what could not.
pub fn sorted<T>(tried: impl IntoIterator<Item = (String, anyhow::Result<T>)>) -> (Vec<T>, Vec<LeftOut>) {
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    for (name, result) in tried {
        match result {
            Ok(value) => kept.push(value),
            Err(error) => left_out.push(LeftOut::new(name, &error)),
        }
    }
    (kept, left_out)
}

/// One line each.
pub fn lines(left_out: &[LeftOut]) -> String {
    let mut text = String::new();
    for LeftOut { name, reason } in left_out {
        let _ = writeln!(text, "* {name}: {reason}");
    }
    text
}

/// The section of the page; empty where everything could be used.
pub fn section(left_out: &[LeftOut]) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    format!("## Sessions that could not be used\n\nThe figures above are without them.\n\n{}\n", lines(left_out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_session_is_named_with_its_reason_and_the_rest_goes_on() {
        let bad = || Err(anyhow::anyhow!("no samples\nof any kind").context("b.csv cannot be read"));
        let tried = [("a".to_owned(), Ok(1)), ("b".to_owned(), bad()), ("c".to_owned(), Ok(3))];
        let (kept, left_out) = sorted(tried);
        assert_eq!(kept, [1, 3]);
        assert_eq!(lines(&left_out), "* b: b.csv cannot be read: no samples\n");
        assert!(section(&left_out).ends_with("* b: b.csv cannot be read: no samples\n\n"));
        assert_eq!(section(&[]), "");
    }

    #[test]
    fn a_reason_does_not_say_where_the_data_lay() {
        let of = |text: &str| LeftOut::new("W_01", &anyhow::anyhow!("{text}")).reason;
        assert_eq!(of("/tmp/x1/csv/W_01.csv: no columns"), "W_01.csv: no columns");
        assert_eq!(of("read /tmp/x1/csv/W_01.csv: no columns\nmore"), "read W_01.csv: no columns");
        assert_eq!(of("no columns"), "no columns");
        assert_eq!(of("XW_01.csv: no columns"), "XW_01.csv: no columns");
    }
}
