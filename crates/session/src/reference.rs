//! What somebody else says of repetitions: a table of labels, of reference values, or both.
//!
//! A row names a repetition by its session (column `session`, or none if there is only one session) and by its number there (`rep`, with
//! `set` the number in the set) or by its time (`start_s` and `end_s`). A column `label` holds verdicts by name, and columns named like those of
//! the tables, such as `knee_forward_mm`, reference values in the same unit. Separators may be commas, semicolons or tabs; with semicolons
//! or tabs decimals may have a comma.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use truehinge_core::{Explained, Metric, Verdict};
use truehinge_dataset::files::read_text;
use truehinge_dataset::table::unguarded;

/// Why a file is no table of references.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// The file system said no, or it is no text.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// It is no table.
    #[error("{}: line {line}: {reason}", path.display())]
    Table {
        /// Which file.
        path: PathBuf,
        /// Where.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A column is missing.
    #[error("{}: there is no {what} (columns: {})", path.display(), found.join(", "))]
    Column {
        /// Which file.
        path: PathBuf,
        /// What is missing.
        what: &'static str,
        /// What to do.
        next: &'static str,
        /// The columns that are there.
        found: Vec<String>,
    },
    /// A value is not what its column needs.
    #[error("{}: line {line}: {column} is {value:?}, {need}", path.display())]
    Cell {
        /// Which file.
        path: PathBuf,
        /// Where.
        line: u64,
        /// Which column.
        column: String,
        /// What stands there.
        value: String,
        /// What may.
        need: String,
    },
}

impl Explained for ReferenceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "reference_io",
            Self::Table { .. } => "reference_not_a_table",
            Self::Column { .. } => "reference_missing_column",
            Self::Cell { .. } => "reference_bad_cell",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Io { .. } => return None,
            Self::Table { .. } | Self::Cell { .. } => "correct that line".into(),
            Self::Column { next, .. } => (*next).into(),
        })
    }
}

/// How a row names a repetition.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum At {
    /// By its number, through the session or in a set, from 1.
    Number {
        /// The set.
        set: Option<u32>,
        /// The repetition.
        rep: u32,
    },
    /// By its time, s.
    Time {
        /// From.
        start_s: f64,
        /// To.
        end_s: f64,
    },
}

/// A row.
#[derive(Clone, PartialEq, Debug)]
pub struct ReferenceRow {
    /// Its line in the file.
    pub line: u64,
    /// The session; `None` if the table names none.
    pub session: Option<String>,
    /// Whose it is, where the table says so.
    pub athlete: Option<String>,
    /// Which repetition of it.
    pub at: At,
    /// What it was, if the table says so.
    pub label: Option<Verdict>,
    /// Values in the unit of the metric, in the order of [`Reference::metrics`].
    pub values: Vec<Option<f64>>,
}

/// A table of references.
#[derive(Clone, PartialEq, Debug)]
pub struct Reference {
    /// The metrics that it has columns for.
    pub metrics: Vec<Metric>,
    /// Its rows.
    pub rows: Vec<ReferenceRow>,
    /// Columns that mean nothing here.
    pub ignored: Vec<String>,
}

/// Columns that say which repetition and what it was.
const KEYS: [&str; 7] = ["session", "athlete", "set", "rep", "start_s", "end_s", "label"];

impl Reference {
    /// Reads a table.
    ///
    /// # Errors
    /// [`ReferenceError`], with the line and what may stand there.
    pub fn read(path: &Path) -> Result<Self, ReferenceError> {
        let text = read_text(path).map_err(|source| ReferenceError::Io { path: path.to_owned(), source })?;
        let text = text.trim_start_matches('\u{feff}');
        let header = text.lines().next().unwrap_or_default();
        let separator = [';', '\t'].into_iter().find(|c| header.contains(*c)).unwrap_or(',');
        let separator_byte = u8::try_from(separator).unwrap_or(b',');
        let mut reader =
            csv::ReaderBuilder::new().delimiter(separator_byte).trim(csv::Trim::All).from_reader(text.as_bytes());
        let broken = |error: csv::Error| ReferenceError::Table {
            path: path.to_owned(),
            line: error.position().map_or(1, csv::Position::line),
            reason: error.to_string(),
        };
        let columns: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_lowercase).collect();
        let table = Columns::new(path, &columns, separator != ',')?;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(broken)?;
            if record.iter().any(|field| !field.is_empty()) {
                rows.push(table.row(&record, line_of(text, &record))?);
            }
        }
        Ok(Self { metrics: table.metrics.iter().map(|(metric, _)| *metric).collect(), rows, ignored: table.ignored })
    }
}

/// Where what stands.
struct Columns<'a> {
    path: &'a Path,
    names: &'a [String],
    metrics: Vec<(Metric, usize)>,
    ignored: Vec<String>,
    decimal_comma: bool,
}

impl<'a> Columns<'a> {
    fn new(path: &'a Path, names: &'a [String], decimal_comma: bool) -> Result<Self, ReferenceError> {
        let place = |name: &str| names.iter().position(|column| column == name);
        let metrics: Vec<(Metric, usize)> =
            Metric::ALL.into_iter().filter_map(|metric| Some((metric, place(&metric.column())?))).collect();
        let is_known =
            |name: &String| KEYS.contains(&key(name)) || metrics.iter().any(|(metric, _)| metric.column() == *name);
        let ignored = names.iter().filter(|name| !is_known(name)).cloned().collect();
        let columns = Self { path, names, metrics, ignored, decimal_comma };
        let missing = |what, next| ReferenceError::Column { path: path.to_owned(), what, next, found: names.to_vec() };
        let times = columns.place("start_s").is_some() && columns.place("end_s").is_some();
        if columns.place("rep").is_none() && !times {
            return Err(missing(
                "column rep, and none of start_s and end_s",
                "name each repetition by its number or its time",
            ));
        }
        if columns.place("label").is_none() && columns.metrics.is_empty() {
            return Err(missing(
                "column label and none of a metric",
                "add what each repetition was, or values in columns such as knee_forward_mm",
            ));
        }
        Ok(columns)
    }

    fn place(&self, wanted: &str) -> Option<usize> {
        let exactly = self.names.iter().position(|name| name == wanted);
        exactly.or_else(|| self.names.iter().position(|name| key(name) == wanted))
    }

    fn row(&self, record: &csv::StringRecord, line: u64) -> Result<ReferenceRow, ReferenceError> {
        let text = |wanted: &str| {
            self.place(wanted).and_then(|place| record.get(place)).filter(|field| !field.is_empty()).map(str::to_owned)
        };
        let bad = |column: &str, value: String, need: String| ReferenceError::Cell {
            path: self.path.to_owned(),
            line,
            column: column.to_owned(),
            value,
            need,
        };
        let number = |column: &str, value: String| {
            let plain = if self.decimal_comma { value.replace(',', ".") } else { value.clone() };
            let parsed = plain.parse::<f64>().ok().filter(|number| number.is_finite());
            parsed.ok_or_else(|| bad(column, value, "which is no number".to_owned()))
        };
        let whole = |column: &str| match text(column) {
            Some(value) => match value.parse::<u32>().ok().filter(|number| *number > 0) {
                Some(number) => Ok(Some(number)),
                None => Err(bad(column, value.clone(), no_number(&value).to_owned())),
            },
            None => Ok(None),
        };
        let time = |column: &str| text(column).map(|value| number(column, value)).transpose();
        let at = match (whole("rep")?, time("start_s")?, time("end_s")?) {
            (Some(rep), ..) => At::Number { set: whole("set")?, rep },
            (None, Some(start_s), Some(end_s)) if start_s < end_s => At::Time { start_s, end_s },
            (None, Some(start_s), Some(end_s)) => {
                return Err(bad("end_s", end_s.to_string(), format!("which is not after start_s, {start_s}")));
            }
            _ => return Err(bad("rep", String::new(), "and so is the time: say which repetition it is".to_owned())),
        };
        let label =
            text("label").map(|value| verdict(&value).ok_or_else(|| bad("label", value, labels()))).transpose()?;
        let values = self.metrics.iter().map(|(metric, place)| {
            let field = record.get(*place).filter(|field| !field.is_empty()).map(str::to_owned);
            field.map(|value| number(&metric.column(), value)).transpose()
        });
        let values = values.collect::<Result<_, _>>()?;
        let id = |column: &str| text(column).map(|id| unguarded(&id).to_owned());
        Ok(ReferenceRow { line, session: id("session"), athlete: id("athlete"), at, label, values })
    }
}

/// What is wrong with the number of a repetition: `1.4` is how pages call it, but a spreadsheet makes the fourth of `1.40`.
fn no_number(value: &str) -> &'static str {
    let named =
        value.split_once('.').is_some_and(|(set, rep)| [set, rep].iter().all(|part| part.parse::<u32>().is_ok()));
    if named {
        "which a spreadsheet may have changed: give the set and the repetition in columns of their own, set and rep"
    } else {
        "which is no number from 1 on"
    }
}

/// The line that a record stands on: its position is before the empty lines above it.
fn line_of(text: &str, record: &csv::StringRecord) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let from = usize::try_from(position.byte()).ok().and_then(|byte| text.as_bytes().get(byte..)).unwrap_or_default();
    let empty = from.iter().take_while(|byte| byte.is_ascii_whitespace()).filter(|byte| **byte == b'\n').count();
    position.line() + empty as u64
}

/// What a column is, whatever the tables call it.
fn key(name: &str) -> &str {
    match name {
        "session_id" | "source" | "file" => "session",
        "athlete_id" => "athlete",
        "set_number" => "set",
        "rep_number" => "rep",
        "verdict" => "label",
        other => other,
    }
}

/// A verdict by its name in tables or on pages.
fn verdict(text: &str) -> Option<Verdict> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-'], " ");
    let is = |verdict: &Verdict| [verdict.name(), verdict.title()].iter().any(|name| plain(name) == plain(text));
    Verdict::ALL.into_iter().find(is)
}

fn labels() -> String {
    format!("possible are {}", Verdict::ALL.map(Verdict::name).join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Reference, String> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("labels.csv");
        std::fs::write(&path, text).expect("writes");
        let named = |error: ReferenceError| error.in_full().replace(&path.display().to_string(), "labels.csv");
        Reference::read(&path).map_err(named)
    }

    #[test]
    fn our_own_tables_are_read_by_the_names_of_their_sessions() {
        let table = read(
            "session_id,athlete_id,session,rep,rep_index,label,label_computed\n\
             s0011223344556677,A,S1,1,9,true_hinge,knee_forward_drift\n",
        )
        .expect("reads");
        let row = &table.rows[0];
        assert_eq!((row.session.as_deref(), row.label), (Some("S1"), Some(Verdict::TrueHinge)));
        assert!(matches!(row.at, At::Number { set: None, rep: 1 }), "{:?}", row.at);
        // An earlier version called the name so.
        let earlier = read("session_id,rep,label\nS1,1,true_hinge\n").expect("reads");
        assert_eq!(earlier.rows[0].session.as_deref(), Some("S1"));
    }

    #[test]
    fn labels_and_values_are_read_however_they_were_saved() {
        let comma =
            read("session,rep,label,knee_forward_mm,rater\nS1,1,true_hinge,3.5,A\n\nS1,2,Knee-forward drift,,A\n");
        let comma = comma.expect("reads");
        assert_eq!(
            (comma.metrics.as_slice(), comma.ignored.as_slice()),
            (&[Metric::KneeForward][..], &["rater".to_owned()][..])
        );
        let rows: Vec<_> = comma.rows.iter().map(|row| (row.line, row.at, row.label, row.values[0])).collect();
        let at = |rep| At::Number { set: None, rep };
        assert_eq!(
            rows,
            [(2, at(1), Some(Verdict::TrueHinge), Some(3.5)), (4, at(2), Some(Verdict::KneeForwardDrift), None)]
        );
        let spreadsheet =
            read("\u{feff}Session_ID;Athlete_ID;start_s;end_s;knee_forward_mm\nS1;P-1;1,5;3,25;4,0\n").expect("reads");
        assert_eq!(spreadsheet.rows[0].at, At::Time { start_s: 1.5, end_s: 3.25 });
        assert_eq!((spreadsheet.rows[0].values[0], spreadsheet.rows[0].athlete.as_deref()), (Some(4.0), Some("P-1")));
        assert_eq!(
            read("rep,set,label\n2,3,true hinge\n").expect("reads").rows[0].at,
            At::Number { set: Some(3), rep: 2 }
        );
    }

    #[test]
    fn what_is_no_table_of_references_is_refused_with_its_line() {
        for (text, said) in [
            ("", "there is no column rep"),
            ("session,label\nS1,true_hinge\n", "there is no column rep, and none of start_s and end_s"),
            ("session,rep\nS1,1\n", "there is no column label and none of a metric"),
            (
                "rep,label\n1,good\n",
                "labels.csv: line 2: label is \"good\", possible are true_hinge, knee_forward_drift",
            ),
            ("rep,label\n0,true_hinge\n", "line 2: rep is \"0\", which is no number from 1 on"),
            (
                "rep,label\n1.1,true_hinge\n",
                "line 2: rep is \"1.1\", which a spreadsheet may have changed: give the set and the repetition in columns of \
                 their own, set and rep",
            ),
            ("rep,label\n,true_hinge\n", "line 2: rep is \"\", and so is the time"),
            ("rep,knee_forward_mm\n1,nan\n", "line 2: knee_forward_mm is \"nan\", which is no number"),
            ("start_s,end_s,label\n3,3,true_hinge\n", "line 2: end_s is \"3\", which is not after start_s, 3"),
            ("rep,label\n1,true_hinge,7\n", "line 2: "),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(said), "{said} in {error}");
        }
    }
}
