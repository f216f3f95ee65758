//! Bounded reading of text tables: preamble, header, numbers; every complaint names the line.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::ImportError;

/// More than any recording: 10 h of 8 sensors at 100 Hz.
const SIZE_LIMIT: u64 = 2_000_000_000;
/// Read and looked at piece by piece, so that a huge binary file is refused at once.
const PIECE: usize = 1 << 20;

/// A text file's bytes, checked to be text.
#[derive(Debug)]
pub struct Text {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Text {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, is not text, or is larger than any recording.
    pub fn read(path: &Path) -> Result<Self, ImportError> {
        let failed = |source| ImportError::Io { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let mut bytes = Vec::new();
        loop {
            let start = bytes.len();
            let read = file.by_ref().take(PIECE as u64).read_to_end(&mut bytes).map_err(failed)?;
            if let Some(at) = bytes[start..].iter().position(|&byte| byte == 0) {
                let offset = (start + at) as u64;
                return Err(ImportError::Binary { path: path.to_owned(), offset, byte: 0 });
            }
            if bytes.len() as u64 > SIZE_LIMIT {
                return Err(ImportError::TooLarge { path: path.to_owned(), bytes: size, limit: SIZE_LIMIT });
            }
            if read == 0 {
                break;
            }
        }
        let control = |byte: u8| byte < 9 || (14..32).contains(&byte) && byte != 27;
        if let Some(offset) = bytes.iter().take(PIECE).position(|&byte| control(byte)) {
            let byte = bytes[offset];
            return Err(ImportError::Binary { path: path.to_owned(), offset: offset as u64, byte });
        }
        Ok(Self { path: path.to_owned(), bytes })
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where it came from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lines without their ends, from the first; a byte-order mark is left out.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let content = self.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.bytes);
        content.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// The first `count` lines as words.
    pub fn head(&self, count: usize) -> Vec<String> {
        self.lines().take(count).map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    }
}

/// Where the table begins in a text, and how its cells are separated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Lines before the header.
    pub skip: usize,
    /// Header rows; none means that columns are called by number from 1.
    pub header_rows: usize,
    /// Between cells.
    pub delimiter: u8,
}

/// A table: names and, on request, columns of numbers.
#[derive(Debug)]
pub struct Sheet<'a> {
    text: &'a Text,
    layout: Layout,
    names: Vec<String>,
}

fn cells(line: &[u8], delimiter: u8) -> impl Iterator<Item = &[u8]> {
    line.split(move |&byte| byte == delimiter).map(|cell| {
        let cell = cell.trim_ascii();
        cell.strip_prefix(b"\"").and_then(|c| c.strip_suffix(b"\"")).unwrap_or(cell)
    })
}

impl<'a> Sheet<'a> {
    /// Reads the header. Names of several header rows are joined by `/`.
    ///
    /// # Errors
    /// There is no header.
    pub fn new(text: &'a Text, layout: Layout) -> Result<Self, ImportError> {
        let rows: Vec<Vec<String>> = text
            .lines()
            .skip(layout.skip)
            .take(layout.header_rows.max(1))
            .map(|line| cells(line, layout.delimiter).map(|c| String::from_utf8_lossy(c).into_owned()).collect())
            .collect();
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        if width == 0 || rows.len() < layout.header_rows {
            return Err(ImportError::TooFewRows { path: text.path.clone(), found: 0, need: MIN_ROWS });
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
        Ok(Self { text, layout, names })
    }

    /// Column names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Index of a column; of several equal names, the first that is not before `after`.
    ///
    /// # Errors
    /// There is none.
    pub fn index(&self, name: &str) -> Result<usize, ImportError> {
        self.names.iter().position(|n| n.eq_ignore_ascii_case(name)).ok_or_else(|| {
            let mut available = self.names.join(", ");
            if available.len() > 400 {
                available.truncate(available.char_indices().take_while(|(i, _)| *i < 400).last().map_or(0, |(i, _)| i));
                available.push_str(", ...");
            }
            ImportError::MissingColumn { path: self.text.path.clone(), column: name.to_owned(), available }
        })
    }

    /// Line number of a row of data, from 1.
    pub fn line_of(&self, row: usize) -> usize {
        self.layout.skip + self.layout.header_rows + row + 1
    }

    /// Columns of numbers; an empty cell is NaN.
    ///
    /// # Errors
    /// A row of another width, a cell that is no number, or fewer than two rows.
    pub fn columns(&self, indices: &[usize]) -> Result<Vec<Vec<f64>>, ImportError> {
        let mut columns = vec![Vec::new(); indices.len()];
        // For each cell of a row: where its number goes.
        let mut targets = vec![Vec::new(); self.names.len()];
        for (slot, &index) in indices.iter().enumerate() {
            targets[index].push(slot);
        }
        let lines: Vec<&[u8]> = self.text.lines().skip(self.layout.skip + self.layout.header_rows).collect();
        let used = lines.iter().rposition(|line| !line.trim_ascii().is_empty()).map_or(0, |last| last + 1);
        for (row, line) in lines[..used].iter().enumerate() {
            self.row(row, line, &targets, &mut columns)?;
        }
        if used < MIN_ROWS {
            return Err(ImportError::TooFewRows { path: self.text.path.clone(), found: used, need: MIN_ROWS });
        }
        Ok(columns)
    }

    fn row(
        &self,
        row: usize,
        line: &[u8],
        targets: &[Vec<usize>],
        columns: &mut [Vec<f64>],
    ) -> Result<(), ImportError> {
        let mut found = 0;
        for (index, cell) in cells(line, self.layout.delimiter).enumerate() {
            found = index + 1;
            for &slot in targets.get(index).into_iter().flatten() {
                let value = number(cell, self.layout.delimiter).ok_or_else(|| ImportError::NotANumber {
                    path: self.text.path.clone(),
                    line: self.line_of(row),
                    column: self.names[index].clone(),
                    found: String::from_utf8_lossy(&cell[..cell.len().min(40)]).into_owned(),
                })?;
                columns[slot].push(value);
            }
        }
        // A trailing separator is no column.
        let expected = self.names.len();
        if found != expected && found != expected + 1 || targets.iter().skip(found).any(|t| !t.is_empty()) {
            return Err(ImportError::Ragged { path: self.text.path.clone(), line: self.line_of(row), found, expected });
        }
        Ok(())
    }
}

/// Fewest rows that can be a recording.
const MIN_ROWS: usize = 2;

fn number(cell: &[u8], delimiter: u8) -> Option<f64> {
    if cell.is_empty() {
        return Some(f64::NAN);
    }
    let text = std::str::from_utf8(cell).ok()?;
    match text.parse() {
        Ok(value) => Some(value),
        // European files write 9,81 and separate by semicolons or tabs.
        Err(_) if delimiter != b',' => text.replace(',', ".").parse().ok(),
        Err(_) => None,
    }
}
