//! What looks like sensor data and is not read: named, so that nobody takes what was read for everything there is.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use truehinge_core::Explained;

use crate::import::text::Text;
use crate::import::{file_name, is_json, is_table};
use crate::recording::RecordingError;

/// A folder or file that looks like sensor data and from which nothing was read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unread {
    /// The folder or file.
    pub path: PathBuf,
    /// Why.
    pub why: Why,
}

/// Why nothing was read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Why {
    /// No importer knows the files of a folder.
    Unknown {
        /// The names of the first ones.
        files: String,
        /// What to do about them.
        next: String,
        /// None of them is a text: a mapping is of no help.
        packed: bool,
    },
    /// A recording that is being made.
    Running,
    /// A recording that was not finished.
    Unfinished,
}

impl Unread {
    /// The same of a recording that is read by itself.
    fn as_recording(&self) -> Option<RecordingError> {
        let path = self.path.clone();
        match self.why {
            Why::Unknown { .. } => None,
            Why::Running => Some(RecordingError::Running { path }),
            Why::Unfinished => Some(RecordingError::Unfinished { path }),
        }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.why, self.as_recording()) {
            (_, Some(error)) => error.fmt(f),
            (Why::Unknown { files, packed, .. }, None) => {
                let looks = if *packed { "may hold" } else { "looks like" };
                write!(f, "{}: {looks} sensor data and was not read ({files})", self.path.display())
            }
            (_, None) => self.path.display().fmt(f),
        }
    }
}

impl std::error::Error for Unread {}

impl Explained for Unread {
    fn code(&self) -> &'static str {
        match (&self.why, self.as_recording()) {
            (_, Some(error)) => error.code(),
            (Why::Unknown { packed: true, .. }, None) => "import_other_form",
            (_, None) => "import_unread",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        match &self.why {
            Why::Unknown { next, .. } => Some(next.clone().into()),
            Why::Running | Why::Unfinished => self.as_recording()?.hint(),
        }
    }
}

/// What the file of corrections by hand beside a recording is called, behind the recording's name.
pub const CORRECTIONS_SUFFIX: &str = ".corrections.json";

/// What marks and results of a Motion-BIDS data set are called.
const BIDS_EVENTS: &str = "_events.tsv";

/// Fewest rows of a recording: lists of people and results are shorter.
const FEWEST_ROWS: usize = 100;
/// The same where the first number is a time.
const FEWEST_WITH_TIME: usize = 10;
/// Fewest numbers in a row: a time, which may be a date, and three axes.
const FEWEST_NUMBERS: usize = 3;
/// Shorter JSON texts describe something, bytes.
const SHORTEST_LOG: usize = 1000;
/// Files that hold sensor data in forms that are no text, with what to do.
const OTHER_FORMS: [(&str, &str); 13] = [
    ("mtb", "export it as text with MT Manager"),
    ("xlsx", "save it as CSV"),
    ("xls", "save it as CSV"),
    ("ods", "save it as CSV"),
    ("parquet", "save it as CSV"),
    ("mat", "save it as CSV"),
    ("h5", "save it as CSV"),
    ("hdf5", "save it as CSV"),
    ("zip", "unpack it: recordings may be in it"),
    ("gz", "unpack it: recordings may be in it"),
    ("7z", "unpack it: recordings may be in it"),
    ("rar", "unpack it: recordings may be in it"),
    ("tar", "unpack it: recordings may be in it"),
];

/// What of the files of a folder, from which nothing was read, looks like sensor data.
pub(crate) fn in_folder(folder: &Path, files: &[PathBuf], mapped: bool) -> Option<Unread> {
    let seen: Vec<(String, &str)> =
        files.iter().filter_map(|file| Some((file_name(file), what_to_do(file, mapped)?))).collect();
    seen.first()?;
    let mut advice: Vec<&str> = Vec::new();
    for (_, what) in &seen {
        if !advice.contains(what) {
            advice.push(what);
        }
    }
    let packed = advice.iter().all(|what| OTHER_FORMS.iter().any(|(_, form)| form == what));
    let names: Vec<&str> = seen.iter().take(3).map(|(name, _)| name.as_str()).collect();
    let more = if seen.len() > names.len() { format!(" and {} more", seen.len() - names.len()) } else { String::new() };
    let files = format!("{}{more}", names.join(", "));
    Some(Unread { path: folder.to_owned(), why: Why::Unknown { files, next: advice.join("; "), packed } })
}

/// What to do about a file that looks like sensor data; `None` for others.
fn what_to_do(file: &Path, mapped: bool) -> Option<&'static str> {
    let extension = file.extension()?.to_str()?.to_ascii_lowercase();
    if is_result(file) {
        return None;
    }
    if is_json(file) {
        return is_log(file).then_some("export the recording as CSV: the JSON log is not a known one");
    }
    if let Some((_, what)) = OTHER_FORMS.iter().find(|(form, _)| *form == extension) {
        return Some(what);
    }
    let looks = is_table(file) && is_long_table(file);
    let what = if mapped {
        "correct the mapping, or give its own: it lacks columns of the mapping"
    } else {
        "export it with the names and units of its columns, or describe it in a mapping file: no importer knows it"
    };
    looks.then_some(what)
}

/// Corrections by hand, events of a data set, tables and figures that this program wrote: beside tables lies their dictionary, beside figures their picture.
fn is_result(file: &Path) -> bool {
    let dictionary = file.with_file_name("data_dictionary.csv");
    file.to_string_lossy().ends_with(CORRECTIONS_SUFFIX)
        || file.to_string_lossy().ends_with(BIDS_EVENTS)
        || file.with_extension("svg").is_file()
        || Text::beginning(&dictionary).is_ok_and(|text| is_own(&text))
}

fn is_own(table: &Text) -> bool {
    table.head(1).first().is_some_and(|header| header.contains("schema_version"))
}

/// A JSON text that speaks of accelerometers or gyroscopes.
fn is_log(file: &Path) -> bool {
    Text::beginning(file).is_ok_and(|text| {
        let words = String::from_utf8_lossy(text.bytes()).to_ascii_lowercase();
        text.bytes().len() > SHORTEST_LOG && ["acc", "gyr", "imu"].iter().any(|word| words.contains(word))
    })
}

/// A table of many rows of numbers, or of some beside a time, that is not one of our own.
fn is_long_table(file: &Path) -> bool {
    let Ok(text) = Text::beginning(file) else { return false };
    if is_own(&text) {
        return false;
    }
    let rows: Vec<Vec<f64>> = text.lines().filter_map(numbers).take(FEWEST_ROWS).collect();
    rows.len() >= FEWEST_ROWS || rows.len() >= FEWEST_WITH_TIME && begins_with_time(&rows)
}

/// The numbers of a line, if it has enough of them.
fn numbers(line: &[u8]) -> Option<Vec<f64>> {
    let number = |cell: &[u8]| String::from_utf8_lossy(cell.trim_ascii()).replace(',', ".").parse::<f64>().ok();
    [b',', b';', b'\t', b' '].into_iter().find_map(|delimiter| {
        let numbers: Vec<f64> = line.split(|&byte| byte == delimiter).filter_map(number).collect();
        (numbers.len() >= FEWEST_NUMBERS).then_some(numbers)
    })
}

/// Whether the first number always rises, and not by one as numbers of people and trials do.
fn begins_with_time(rows: &[Vec<f64>]) -> bool {
    let steps: Vec<f64> = rows.windows(2).map(|pair| pair[1][0] - pair[0][0]).collect();
    steps.iter().all(|step| *step > 0.0) && steps.iter().any(|step| *step != 1.0)
}
