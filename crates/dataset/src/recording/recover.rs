//! Bringing back what an unfinished or damaged recording still holds.
//!
//! Works on the bytes: records are walked one by one; a chunk counts only if its checksum is right. Where a record's frame is
//! broken, the next intact chunk is searched. The original is never touched; what was found becomes a new recording beside it.

use std::fs;
use std::path::{Path, PathBuf};

use mcap::records::{Record, op};
use mcap::sans_io::linear_reader::{LinearReadEvent, LinearReader, LinearReaderOptions};
use truehinge_core::SensorRole;

use super::assemble::Assembler;
use super::layout::RECORD_LIMIT;
use super::reader::{check_magic, source_of};
use super::{EXTENSION, RecordingError, UNFINISHED_SUFFIX, write_recording};

/// What came back.
#[derive(Clone, PartialEq, Debug)]
pub struct Recovered {
    /// The new recording.
    pub path: PathBuf,
    /// Samples per sensor.
    pub samples: Vec<(SensorRole, usize)>,
    /// What is missing, in words; empty if nothing is known to be.
    pub lost: Vec<String>,
}

/// Opcode and length before each record.
const FRAME: usize = 9;

/// Brings back everything up to the last whole chunk, and whole chunks after damage.
///
/// # Errors
/// The file is no recording, holds no session record, or the new file cannot be written (its name may be taken).
pub fn recover(path: &Path) -> Result<Recovered, RecordingError> {
    let bytes = fs::read(path).map_err(|source| RecordingError::Io { path: path.to_owned(), source })?;
    check_magic(path, &bytes)?;
    let (assembler, lost) = salvage(&bytes);
    let samples = assembler.counts();
    let mut source = source_of(path, &bytes);
    source.notes.push("recovered from an unfinished or damaged recording".to_owned());
    source.notes.extend(lost.iter().cloned());
    let found = "nothing of it could be brought back: its beginning is damaged".to_owned();
    let recording = assembler.recording(source).ok_or(RecordingError::Foreign { path: path.to_owned(), found })?;
    let new = recovered_path(path);
    write_recording(&new, &recording)?;
    Ok(Recovered { path: new, samples, lost })
}

fn recovered_path(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.strip_suffix(UNFINISHED_SUFFIX).or_else(|| name.strip_suffix(".mcap")).unwrap_or(&name);
    path.with_file_name(format!("{stem}.recovered.{EXTENSION}"))
}

fn salvage(bytes: &[u8]) -> (Assembler, Vec<String>) {
    let mut assembler = Assembler::default();
    let mut lost = Vec::new();
    let mut at = mcap::MAGIC.len();
    while at < bytes.len() {
        match frame(bytes, at) {
            Some((opcode, end)) => {
                if let Err(reason) = take(&mut assembler, opcode, bytes, at, end) {
                    lost.push(format!("{} bytes at {at}: {reason}", end - at));
                }
                at = end;
                if opcode == op::DATA_END {
                    break;
                }
            }
            None => match next_chunk(bytes, at + 1) {
                Some(next) => {
                    lost.push(format!("{} bytes at {at} are damaged", next - at));
                    at = next;
                }
                None => {
                    lost.push(format!("the last {} bytes, from {at}, are incomplete", bytes.len() - at));
                    break;
                }
            },
        }
    }
    (assembler, lost)
}

/// Opcode and end of the record at `at`, if it is of a known kind and whole.
fn frame(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let head = bytes.get(at..at + FRAME)?;
    let (&opcode, length) = head.split_first()?;
    let length = usize::try_from(u64::from_le_bytes(*length.first_chunk()?)).ok()?;
    let end = at.checked_add(FRAME)?.checked_add(length)?;
    let known = (op::HEADER..=op::DATA_END).contains(&opcode);
    (known && length <= RECORD_LIMIT && end <= bytes.len()).then_some((opcode, end))
}

/// The next place that looks like a whole chunk.
fn next_chunk(bytes: &[u8], from: usize) -> Option<usize> {
    (from..bytes.len()).find(|&at| {
        bytes[at] == op::CHUNK
            && frame(bytes, at).is_some_and(|(_, end)| read_chunk(&bytes[at..end], |_| Ok(())).is_ok())
    })
}

fn take(assembler: &mut Assembler, opcode: u8, bytes: &[u8], at: usize, end: usize) -> Result<(), String> {
    if opcode == op::CHUNK {
        // Nothing of a chunk is used before its checksum is known to be right.
        return read_chunk(&bytes[at..end], |record| assembler.take(record));
    }
    let record = mcap::parse_record(opcode, &bytes[at + FRAME..end]).map_err(|error| error.to_string())?;
    assembler.take(&record)
}

fn read_chunk(chunk: &[u8], mut take: impl FnMut(&Record<'_>) -> Result<(), String>) -> Result<(), String> {
    let options = LinearReaderOptions::default()
        .with_skip_start_magic(true)
        .with_skip_end_magic(true)
        .with_prevalidate_chunk_crcs(true)
        .with_record_length_limit(RECORD_LIMIT);
    let mut reader = LinearReader::new_with_options(options);
    let mut rest = chunk;
    let mut taken = false;
    loop {
        match reader.next_event() {
            // A chunk alone has no footer: running dry after its records is its end.
            None => break,
            Some(Ok(LinearReadEvent::ReadRequest(_))) if rest.is_empty() => break,
            Some(Ok(LinearReadEvent::ReadRequest(need))) => {
                let give = need.min(rest.len());
                reader.insert(need)[..give].copy_from_slice(&rest[..give]);
                reader.notify_read(give);
                rest = &rest[give..];
            }
            Some(Ok(LinearReadEvent::Record { opcode, data })) => {
                taken = true;
                take(&mcap::parse_record(opcode, data).map_err(|error| error.to_string())?)?;
            }
            Some(Err(error)) => return Err(error.to_string()),
        }
    }
    if taken { Ok(()) } else { Err("the chunk is empty".to_owned()) }
}
