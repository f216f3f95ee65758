//! Tab-separated tables as BIDS has them: no quotes, `n/a` for what is missing.

use crate::table::guarded;

/// What stands for nothing.
pub(super) const NONE: &str = "n/a";

/// A table that grows line by line.
pub(super) struct Tsv {
    text: String,
}

impl Tsv {
    /// With a line of names.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut tsv = Self::nameless();
        tsv.push(names);
        tsv
    }

    /// Without one.
    pub const fn nameless() -> Self {
        Self { text: String::new() }
    }

    /// Adds a line. An empty cell is a missing one.
    pub fn push<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        for (place, cell) in cells.into_iter().enumerate() {
            if place > 0 {
                self.text.push('\t');
            }
            let cell = cell.as_ref();
            self.text.push_str(if cell.is_empty() { NONE } else { cell });
        }
        self.text.push('\n');
    }

    pub fn into_text(self) -> String {
        self.text
    }
}

/// Somebody's words as one cell, which no spreadsheet runs.
pub(super) fn words(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    guarded(line.into()).into_owned()
}

/// A number, exactly; nothing for one that is none.
pub(super) fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}
