//! The mapping file while it is being written: table, session, and how keys and guesses are noted.

use std::fmt::Write as _;

use truehinge_core::{SensorRole, Side};

use super::{Confidence, Guess};
use crate::import::ImportError;
use crate::import::columns::SensorNames;
use crate::import::places::named;
use crate::import::sheet::{Layout, Rows, Sheet, Wanted};

/// The mapping file while it is being written.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) guesses: Vec<Guess>,
    body: String,
    /// The sensor whose gyroscope could be held against gravity, and how many times as fast it turns.
    pub(super) seen: Option<(String, f64)>,
    /// Of a table with the rows of several sensors, those of this one are looked at.
    pub(super) only: Option<(usize, String)>,
}

impl Draft {
    /// What is looked at in every row.
    pub(super) fn rows(&self) -> Wanted<'_> {
        Wanted { only: self.only.as_ref().map(|(column, word)| (*column, word.as_str())), ..Wanted::default() }
    }

    pub(super) fn read_all(&self, sheet: &Sheet<'_>, found: &[SensorNames]) -> Result<Rows, ImportError> {
        let numbers: Vec<usize> = found.iter().flat_map(|sensor| sensor.acc.into_iter().chain(sensor.gyr)).collect();
        sheet.read(Wanted { numbers: &numbers, ..self.rows() })
    }

    pub(super) fn note(&mut self, what: &str, value: &str, confidence: Confidence, why: String) {
        let (what, value) = (what.to_owned(), value.to_owned());
        self.guesses.push(Guess { what, value, why, confidence });
    }

    /// Lines that were left out.
    pub(super) fn damaged(&mut self, rows: &Rows) {
        let mut said = Vec::new();
        rows.warn("the table", &mut said);
        for said in said {
            self.note("damaged lines", "left out", Confidence::Likely, said);
        }
    }

    pub(super) fn line(&mut self, line: &str) {
        self.body.push_str(line);
        self.body.push('\n');
    }

    /// A key with its guess, or a commented key.
    pub(super) fn key(&mut self, key: &str, value: Option<&str>, example: &str) {
        match value {
            Some(value) => self.line(&format!("{key} = {value}")),
            None => self.line(&format!("# NOT GUESSED, fill in: {key} = {example}")),
        }
    }

    pub(super) fn toml(&self) -> String {
        let mut text =
            "# Guessed from column names and values: check every line, then give this file as the mapping.\n"
                .to_owned();
        for guess in &self.guesses {
            let _ = writeln!(text, "# * {}", guess.to_string().replace(['\n', '\r'], " "));
        }
        text + &self.body
    }

    pub(super) fn file(&mut self, layout: Layout, devices: Option<&(usize, &str, Vec<String>)>) {
        let delimiter = char::from(layout.delimiter).escape_default().to_string();
        let decimal = char::from(layout.decimal);
        let what = format!("{} header rows after {} lines", layout.header_rows, layout.skip);
        self.note(
            "table",
            &what,
            Confidence::Likely,
            format!("cells separated by \"{delimiter}\", decimals by \"{decimal}\""),
        );
        self.line("\n[file]");
        self.line(&format!("delimiter = \"{delimiter}\"\ndecimal = \"{decimal}\""));
        self.line(&format!("skip_lines = {}\nheader_rows = {}", layout.skip, layout.header_rows));
        if let Some((column, name, words)) = devices {
            self.key("device", Some(&quoted(name)), "");
            let why = format!("it says {} in turn; units were looked at in the rows of the first", words.join(", "));
            self.note("whose each row is", &format!("column \"{name}\""), Confidence::Likely, why);
            self.only = words.first().map(|word| (*column, word.clone()));
        }
    }

    pub(super) fn session(&mut self, found: &[SensorNames]) {
        self.line("\n[session]");
        self.line("# protocol = \"single-leg-hip-hinge\"");
        let mut sides: Vec<Side> = found.iter().filter_map(|sensor| leg_side(&sensor.label)).collect();
        sides.sort_unstable();
        sides.dedup();
        match sides[..] {
            [side] => {
                self.key("side", Some(&format!("\"{side}\"")), "");
                self.note("supporting leg", side.name(), Confidence::Weak, "the only leg with a sensor".to_owned());
            }
            [] => self.line("# side = \"right\""),
            _ => {
                self.line("# side = \"right\"");
                let why = "both legs have sensors: keep those of the supporting leg".to_owned();
                self.note("supporting leg", "", Confidence::Open, why);
            }
        }
    }
}

pub(super) fn quoted(name: &str) -> String {
    toml::Value::String(name.to_owned()).to_string()
}

fn leg_side(label: &str) -> Option<Side> {
    match named(label) {
        (Some(SensorRole::Shank | SensorRole::Thigh), side) => side,
        _ => None,
    }
}
