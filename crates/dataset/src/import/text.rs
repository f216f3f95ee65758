//! Bounded reading: a file is looked at piece by piece and refused as soon as it cannot be a text table.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::ImportError;
use crate::files::open_regular;

/// More than any recording: four hours of eight sensors at 100 Hz are 0.4 GB.
const SIZE_LIMIT: u64 = 512 << 20;
/// Read and looked at at a time.
const PIECE: usize = 1 << 20;
/// Longest line of a table, and how much of a file is read to recognise it.
pub const LINE_LIMIT: usize = 1 << 16;

/// A text file's bytes, checked to be text. Need not be UTF-8: makers write degree signs and names in old code pages, and
/// only cells that are read must be numbers.
#[derive(Debug)]
pub struct Text {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Text {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, is not text, has a line beyond [`LINE_LIMIT`], or is larger than any recording. A file that is no
    /// text is refused within its first megabyte, whatever its size.
    pub fn read(path: &Path) -> Result<Self, ImportError> {
        let failed = |source| ImportError::Io { path: path.to_owned(), source };
        let (mut file, _) = open_regular(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let mut bytes = Vec::with_capacity(usize::try_from(size.min(PIECE as u64)).unwrap_or(PIECE));
        let mut line_start = 0;
        loop {
            let start = bytes.len();
            let read = file.by_ref().take(PIECE as u64).read_to_end(&mut bytes).map_err(failed)?;
            check_text(path, &bytes, start)?;
            // A JSON or XML text may stand in one line.
            if !bytes.starts_with(b"{") && !bytes.starts_with(b"<") {
                line_start = check_lines(path, &bytes, line_start)?;
            }
            if bytes.len() as u64 > SIZE_LIMIT || size > SIZE_LIMIT {
                let bytes = size.max(bytes.len() as u64);
                return Err(ImportError::TooLarge { path: path.to_owned(), bytes, limit: SIZE_LIMIT });
            }
            if read == 0 {
                return Ok(Self { path: path.to_owned(), bytes });
            }
        }
    }

    /// Reads only the beginning of a file, whole lines: enough to recognise it.
    ///
    /// # Errors
    /// As [`Text::read`].
    pub fn beginning(path: &Path) -> Result<Self, ImportError> {
        let failed = |source| ImportError::Io { path: path.to_owned(), source };
        let mut bytes = Vec::new();
        open_regular(path).map_err(failed)?.0.take(LINE_LIMIT as u64).read_to_end(&mut bytes).map_err(failed)?;
        check_text(path, &bytes, 0)?;
        if bytes.len() == LINE_LIMIT && !bytes.starts_with(b"{") && !bytes.starts_with(b"<") {
            let Some(last) = bytes.iter().rposition(|&byte| byte == b'\n') else {
                return Err(ImportError::LongLine { path: path.to_owned(), line: 1, limit: LINE_LIMIT });
            };
            bytes.truncate(last + 1);
        }
        Ok(Self { path: path.to_owned(), bytes })
    }

    /// The bytes, as they are in the file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes without a byte-order mark.
    pub fn content(&self) -> &[u8] {
        self.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.bytes)
    }

    /// Where it came from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.content().trim_ascii().is_empty()
    }

    /// Lines without their ends, from the first.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.content().split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// The first `count` lines as words.
    pub fn head(&self, count: usize) -> Vec<String> {
        self.lines().take(count).map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    }

    /// How it begins, for messages.
    pub fn summary(&self) -> String {
        let first = self.head(1).into_iter().next().unwrap_or_default();
        let shown: String = first.chars().filter(|c| !c.is_control()).take(80).collect();
        format!("it begins \"{shown}\"")
    }
}

/// File types that are renamed or mixed up most often, by their first bytes.
const KNOWN_BINARY: [(&[u8], &str); 8] = [
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xff\xfe", "UTF-16 text (save it as UTF-8)"),
    (b"\xfe\xff", "UTF-16 text (save it as UTF-8)"),
    (b"\x89MCAP", "an MCAP recording with another name"),
];

fn check_text(path: &Path, bytes: &[u8], start: usize) -> Result<(), ImportError> {
    let not_text = |what: String| Err(ImportError::NotText { path: path.to_owned(), what });
    if start == 0 {
        if let Some((_, what)) = KNOWN_BINARY.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            return not_text((*what).to_owned());
        }
        let control = |byte: u8| (1..9).contains(&byte) || (14..32).contains(&byte);
        if let Some(at) = bytes.iter().take(LINE_LIMIT).position(|&byte| control(byte)) {
            return not_text(format!("binary (byte {at} is {:#04x})", bytes[at]));
        }
    }
    let new = &bytes[start..];
    // `contains` is a memchr; the position is looked for only when there is one.
    if new.contains(&0) {
        let at = start + new.iter().position(|&byte| byte == 0).unwrap_or(0);
        return not_text(format!("binary (byte {at} is 0x00)"));
    }
    Ok(())
}

/// Looks for lines beyond the limit from `line_start` on; returns the start of the last line seen.
fn check_lines(path: &Path, bytes: &[u8], mut line_start: usize) -> Result<usize, ImportError> {
    while bytes.len() - line_start > LINE_LIMIT {
        let window = &bytes[line_start..=line_start + LINE_LIMIT];
        let Some(last) = window.iter().rposition(|&byte| byte == b'\n') else {
            let line = bytes[..line_start].split(|&byte| byte == b'\n').count();
            return Err(ImportError::LongLine { path: path.to_owned(), line, limit: LINE_LIMIT });
        };
        line_start += last + 1;
    }
    Ok(line_start)
}
