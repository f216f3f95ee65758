//! A text table: header, columns of numbers, columns of exact times; every complaint names the line and the column.

use csv::{ByteRecord, Reader, ReaderBuilder};

use truehinge_core::Zone;

use super::cells::{nanoseconds, number};
use super::text::Text;
use super::{ImportError, stamp};

/// Where the table stands in a text, and how it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Lines before the header.
    pub skip: usize,
    /// Header rows; none means that columns are called by number from 1.
    pub header_rows: usize,
    /// Between cells.
    pub delimiter: u8,
    /// Lines beginning with it are no rows.
    pub comment: Option<u8>,
    /// Between the units and the tenths.
    pub decimal: u8,
}

impl Layout {
    /// One header row after `skip` lines, decimal point, no comments.
    pub const fn new(skip: usize, delimiter: u8) -> Self {
        Self { skip, header_rows: 1, delimiter, comment: None, decimal: b'.' }
    }

    /// One header row, with delimiter and decimal sign by it and the line below: a spreadsheet may have written them anew.
    pub fn of_header(head: &[String], skip: usize) -> Self {
        let line = head.get(skip).map_or("", String::as_str);
        let count = |delimiter: u8| line.bytes().filter(|&byte| byte == delimiter).count();
        let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(|&delimiter| count(delimiter)).unwrap_or(b',');
        let comma = delimiter != b',' && head.get(skip + 1).is_some_and(|row| row.contains(',') && !row.contains('.'));
        Self { decimal: if comma { b',' } else { b'.' }, ..Self::new(skip, delimiter) }
    }
}

/// A table: names, and on request its values.
#[derive(Debug)]
pub struct Sheet<'a> {
    text: &'a Text,
    layout: Layout,
    names: Vec<String>,
    body: &'a [u8],
    /// Line of the first row of data, from 1.
    first_line: usize,
}

/// The columns to read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Columns of numbers; an empty cell is NaN.
    pub numbers: &'a [usize],
    /// Columns of times with their unit in nanoseconds; every cell must be a number, or a date or time of day.
    pub times: &'a [(usize, i64)],
    /// How dates are written, if not as ISO 8601.
    pub format: Option<&'a str>,
    /// Only the rows that have this in a column.
    pub only: Option<(usize, &'a str)>,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Rows {
    /// Numbers, column by column, in the order asked for.
    pub numbers: Vec<Vec<f64>>,
    /// Times in ns, column by column, in the order asked for.
    pub times: Vec<Vec<i64>>,
    /// Line of each row, from 1.
    pub lines: Vec<usize>,
    /// Lines that are no rows.
    pub damaged: Vec<Damaged>,
    /// Which columns of times are times of day.
    pub of_day: Vec<bool>,
    /// What dates that are written out say of their clock.
    pub zone: Zone,
}

/// A line that cannot be a row of the table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Damaged {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl Rows {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Line of a row, from 1.
    pub fn line(&self, row: usize) -> usize {
        self.lines.get(row).copied().unwrap_or(0)
    }

    /// Says which lines of a file were left out.
    pub fn warn(&self, file: &str, warnings: &mut Vec<String>) {
        let named: Vec<String> =
            self.damaged.iter().take(5).map(|Damaged { line, what }| format!("line {line} ({what})")).collect();
        match self.damaged.len() {
            0 => {}
            1 => warnings.push(format!("{file}: {} is damaged and was left out", named[0])),
            count => {
                let more = if count > named.len() { " and others" } else { "" };
                warnings.push(format!("{file}: {count} damaged lines were left out: {}{more}", named.join(", ")));
            }
        }
    }

    /// Takes back what a damaged line has left.
    fn cut(&mut self) {
        let rows = self.lines.len();
        self.numbers.iter_mut().for_each(|column| column.truncate(rows));
        self.times.iter_mut().for_each(|column| column.truncate(rows));
    }
}

/// More damaged lines than this, and than one in so many, are another layout.
const FEW_DAMAGED: usize = 3;
const ONE_DAMAGED_IN: usize = 20;

/// Fewest rows that can be a recording.
pub const MIN_ROWS: usize = 2;

impl<'a> Sheet<'a> {
    /// Reads the header. Names of several header rows are joined by `/`.
    ///
    /// # Errors
    /// There is no header.
    pub fn new(text: &'a Text, layout: Layout) -> Result<Self, ImportError> {
        let content = text.content();
        let start = offset_of_line(content, layout.skip);
        let mut reader = reader(&content[start..], layout);
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut record = ByteRecord::new();
        let mut body = start;
        let mut first_line = layout.skip + 1;
        while rows.len() < layout.header_rows.max(1) && next(&mut reader, &mut record) {
            rows.push(record.iter().map(|cell| String::from_utf8_lossy(cell.trim_ascii()).into_owned()).collect());
            if layout.header_rows > 0 {
                body = start + usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
                first_line = layout.skip + usize::try_from(reader.position().line()).unwrap_or(1);
            }
        }
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        if width == 0 || rows.len() < layout.header_rows {
            return Err(ImportError::TooFewRows { path: text.path().to_owned(), found: 0, need: MIN_ROWS });
        }
        let name = |i: usize| {
            let parts: Vec<&str> = rows.iter().filter_map(|row| row.get(i)).map(String::as_str).collect();
            parts.join("/")
        };
        let names = if layout.header_rows == 0 {
            (1..=width).map(|i| i.to_string()).collect()
        } else {
            (0..width).map(name).collect()
        };
        Ok(Self { text, layout, names, body: content.get(body..).unwrap_or_default(), first_line })
    }

    /// Column names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The text it stands in.
    pub fn text(&self) -> &'a Text {
        self.text
    }

    /// Index of a column by its name, upper and lower case alike, with or without `_` and blanks; `None` if there is none.
    pub fn find(&self, name: &str) -> Option<usize> {
        let plain = |name: &str| name.replace(['_', ' '], "").to_ascii_lowercase();
        let same = self.names.iter().position(|n| n.eq_ignore_ascii_case(name));
        same.or_else(|| self.names.iter().position(|n| plain(n) == plain(name)))
    }

    /// Indices of all columns, or nothing.
    pub fn find_all(&self, names: &[&str]) -> Option<Vec<usize>> {
        names.iter().map(|name| self.find(name)).collect()
    }

    /// Index of a column by its name, upper and lower case alike.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub fn index(&self, name: &str) -> Result<usize, ImportError> {
        let path = || self.text.path().to_owned();
        let mut found = self.names.iter().enumerate().filter(|(_, n)| n.eq_ignore_ascii_case(name));
        let Some((index, _)) = found.next() else {
            return Err(ImportError::MissingColumn {
                path: path(),
                column: name.to_owned(),
                available: self.available(),
            });
        };
        match found.count() {
            0 => Ok(index),
            more => Err(ImportError::AmbiguousColumn { path: path(), column: name.to_owned(), count: more + 1 }),
        }
    }

    /// The column names in one line, shortened.
    pub fn available(&self) -> String {
        let mut words: String = self.names.join(", ").chars().take(400).collect();
        if words.chars().count() == 400 {
            words.push_str(", ...");
        }
        words
    }

    /// The different words in a column, in order of their first row; none if there are more than `most`.
    pub fn words(&self, column: usize, most: usize) -> Option<Vec<String>> {
        let mut reader = reader(self.body, self.layout);
        let mut record = ByteRecord::new();
        let mut words: Vec<String> = Vec::new();
        while next(&mut reader, &mut record) {
            let cell = String::from_utf8_lossy(record.get(column).unwrap_or_default().trim_ascii());
            if !cell.is_empty()
                && !words.iter().any(|word| *word == cell)
                && self.names.get(column).is_some_and(|n| *n != cell)
            {
                words.push(cell.into_owned());
            }
            if words.len() > most {
                return None;
            }
        }
        Some(words)
    }

    /// Reads columns, all in one pass.
    ///
    /// Rows of another width or with a cell that is no number are left out and named, while they are few.
    ///
    /// # Errors
    /// Many such rows, or fewer than [`MIN_ROWS`] others.
    pub fn read(&self, wanted: Wanted<'_>) -> Result<Rows, ImportError> {
        // Rows of sensor data are rarely shorter than this.
        let capacity = self.body.len() / 64;
        let mut rows = Rows {
            numbers: wanted.numbers.iter().map(|_| Vec::with_capacity(capacity)).collect(),
            times: wanted.times.iter().map(|_| Vec::with_capacity(capacity)).collect(),
            lines: Vec::with_capacity(capacity),
            damaged: Vec::new(),
            of_day: vec![false; wanted.times.len()],
            zone: Zone::Unknown,
        };
        let mut reader = reader(self.body, self.layout);
        let mut record = ByteRecord::new();
        let mut first_error = None;
        while next(&mut reader, &mut record) {
            let line = record.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(0)) + self.first_line - 1;
            let has = |(column, wanted): (usize, &str)| {
                record.get(column).is_some_and(|cell| cell.trim_ascii() == wanted.as_bytes())
            };
            if wanted.only.is_some_and(|only| !has(only) && self.check_width(&record, line).is_ok()) {
                continue;
            }
            let taken = self.check_width(&record, line).and_then(|()| self.take(&record, line, wanted, &mut rows));
            if let Err(error) = taken {
                rows.cut();
                rows.damaged.push(Damaged { line, what: self.what_is_wrong(&record, &error) });
                first_error.get_or_insert(error);
            }
        }
        let most = FEW_DAMAGED.max(rows.len() / ONE_DAMAGED_IN);
        if let Some(error) = first_error.filter(|_| rows.damaged.len() > most || rows.len() < MIN_ROWS) {
            return Err(error);
        }
        for column in 0..wanted.times.len() {
            if rows.of_day.get(column).copied().unwrap_or(false) {
                stamp::over_midnight(&mut rows.times[column]);
            }
        }
        if rows.len() < MIN_ROWS {
            return Err(ImportError::TooFewRows {
                path: self.text.path().to_owned(),
                found: rows.len(),
                need: MIN_ROWS,
            });
        }
        Ok(rows)
    }

    /// The damage of a line in a few words.
    fn what_is_wrong(&self, record: &ByteRecord, error: &ImportError) -> String {
        let is_header = |(name, cell): (&String, &[u8])| name.as_bytes() == cell.trim_ascii();
        if record.len() >= self.names.len().min(2) && self.names.iter().zip(record).all(is_header) {
            return "the header again".to_owned();
        }
        match error {
            ImportError::Ragged { found, expected, .. } => format!("{found} cells of {expected}"),
            ImportError::BadCell { column, found, .. } => format!("\"{found}\" in column \"{column}\""),
            other => other.to_string(),
        }
    }

    fn check_width(&self, record: &ByteRecord, line: usize) -> Result<(), ImportError> {
        let (found, expected) = (record.len(), self.names.len());
        // A separator at the end of a line is no column.
        let trailing = found == expected + 1 && record.iter().next_back().is_some_and(<[u8]>::is_empty)
            || found + 1 == expected && self.names.last().is_some_and(String::is_empty);
        if found != expected && !trailing {
            return Err(ImportError::Ragged { path: self.text.path().to_owned(), line, found, expected });
        }
        Ok(())
    }

    fn take(&self, record: &ByteRecord, line: usize, wanted: Wanted<'_>, rows: &mut Rows) -> Result<(), ImportError> {
        for (column, &index) in rows.numbers.iter_mut().zip(wanted.numbers) {
            let cell = record.get(index).unwrap_or_default();
            let value = number(cell, self.layout.decimal);
            column.push(value.ok_or_else(|| self.bad_cell(line, index, cell, "a number"))?);
        }
        for ((column, of_day), &(index, unit)) in rows.times.iter_mut().zip(&mut rows.of_day).zip(wanted.times) {
            let cell = record.get(index).unwrap_or_default();
            let value = nanoseconds(cell, unit, self.layout.decimal).filter(|_| wanted.format.is_none());
            let value = match value {
                Some(value) => value,
                None => {
                    let stamp = stamp::read(cell, wanted.format);
                    let stamp = stamp.ok_or_else(|| self.bad_cell(line, index, cell, "a time in numbers"))?;
                    *of_day |= stamp.of_day;
                    rows.zone = rows.zone.max(stamp.zone);
                    stamp.nanos
                }
            };
            column.push(value);
        }
        rows.lines.push(line);
        Ok(())
    }

    /// The complaint about a cell.
    pub fn bad_cell(&self, line: usize, column: usize, cell: &[u8], need: &'static str) -> ImportError {
        let comma = self.layout.decimal == b'.' && cell.contains(&b',');
        ImportError::BadCell {
            path: self.text.path().to_owned(),
            line,
            column: self.names.get(column).cloned().unwrap_or_default(),
            found: String::from_utf8_lossy(cell.get(..40).unwrap_or(cell)).into_owned(),
            need,
            hint: if comma {
                "say decimal = \",\" in a mapping: the decimals are written with a comma"
            } else {
                "correct the cell, or take another column in a mapping"
            },
        }
    }
}

fn reader(bytes: &[u8], layout: Layout) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(layout.delimiter)
        .comment(layout.comment)
        .buffer_capacity(1 << 16)
        .from_reader(bytes)
}

/// The next row; a slice in memory has no errors of its own.
fn next(reader: &mut Reader<&[u8]>, record: &mut ByteRecord) -> bool {
    reader.read_byte_record(record).unwrap_or(false)
}

fn offset_of_line(content: &[u8], skip: usize) -> usize {
    let mut offset = 0;
    for _ in 0..skip {
        match content[offset..].iter().position(|&byte| byte == b'\n') {
            Some(end) => offset += end + 1,
            None => return content.len(),
        }
    }
    offset
}
