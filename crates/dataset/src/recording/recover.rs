//! Bringing back what an unfinished or damaged recording still holds.
//!
//! Works on the bytes: records are walked one by one; a chunk counts only if its checksum is right. Where a record's frame is
//! broken, the next intact chunk is searched. The original is never touched; every message that was found becomes, as it is and in
//! its order, a message of a new recording beside it: raw notifications can be decoded anew, and a replay says the same again.

use std::fs;
use std::path::{Path, PathBuf};

use mcap::records::{Record, op};
use mcap::sans_io::linear_reader::{LinearReadEvent, LinearReader, LinearReaderOptions};
use truehinge_core::{HostTime, SensorRole};

use super::assemble::Assembler;
use super::layout::{FORMAT, RECORD_LIMIT};
use super::reader::{check_magic, file_of};
use super::writer::write_messages;
use super::{EXTENSION, RecordingError, UNFINISHED_SUFFIX};

/// What came back.
#[derive(Clone, PartialEq, Debug)]
pub struct Recovered {
    /// The new recording.
    pub path: PathBuf,
    /// Samples per sensor.
    pub samples: Vec<(SensorRole, usize)>,
    /// Arrival of the newest data; `None` where arrivals were not recorded.
    pub until: Option<HostTime>,
    /// What is missing, in words; empty if nothing is known to be.
    pub lost: Vec<String>,
}

/// Opcode and length before each record.
const FRAME: usize = 9;

/// Brings back everything up to the last whole chunk, and whole chunks after damage, into a new file beside the old one.
///
/// # Errors
/// The file is no recording, holds no session record, or the new file cannot be written (its name may be taken).
pub fn recover(path: &Path) -> Result<Recovered, RecordingError> {
    recover_into(path, path.parent().unwrap_or(Path::new("")))
}

/// The same into another folder, for disks that are full or cannot be written.
///
/// # Errors
/// As [`recover`].
pub fn recover_into(path: &Path, folder: &Path) -> Result<Recovered, RecordingError> {
    let bytes = fs::read(path).map_err(|source| RecordingError::Io { path: path.to_owned(), source })?;
    check_magic(path, &bytes)?;
    let (assembler, lost) = salvage(&bytes);
    let found = "nothing of it could be brought back: its beginning is damaged".to_owned();
    let mut session = assembler.session.clone().ok_or(RecordingError::Foreign { path: path.to_owned(), found })?;
    session.source = session.source.kept_in(FORMAT, file_of(path, &bytes));
    session.source.notes.push("recovered from an unfinished or damaged recording".to_owned());
    session.source.notes.extend(lost.iter().cloned());
    let new = folder.join(recovered_name(path));
    let sensors: Vec<_> = assembler.sensors().cloned().collect();
    write_messages(&new, &session, &sensors, &assembler.messages)?;
    Ok(Recovered { path: new, samples: assembler.counts(), until: assembler.latest, lost })
}

fn recovered_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.strip_suffix(UNFINISHED_SUFFIX).or_else(|| name.strip_suffix(".mcap")).unwrap_or(&name);
    format!("{stem}.recovered.{EXTENSION}")
}

/// Bytes that could not be used.
struct Damage {
    /// What was wrong with them.
    found: String,
    /// Arrival of the newest data before and, once there are any, of the oldest after them.
    from: Option<HostTime>,
    to: Option<HostTime>,
}

impl Damage {
    fn words(&self) -> String {
        match (self.from, self.to) {
            (Some(from), Some(to)) => {
                format!("between {:.1} s and {:.1} s: {}", from.seconds(), to.seconds(), self.found)
            }
            (Some(from), None) => format!("after {:.1} s: {}", from.seconds(), self.found),
            (None, Some(to)) => format!("before {:.1} s: {}", to.seconds(), self.found),
            (None, None) => self.found.clone(),
        }
    }
}

fn salvage(bytes: &[u8]) -> (Assembler, Vec<String>) {
    let mut assembler = Assembler::keeping_messages();
    let mut damages: Vec<Damage> = Vec::new();
    let mut ended = false;
    let mut at = mcap::MAGIC.len();
    while at < bytes.len() && !ended {
        let from = assembler.latest;
        assembler.earliest_since = None;
        let found = match frame(bytes, at) {
            Some((opcode, end)) => {
                let taken = take(&mut assembler, opcode, bytes, at, end);
                let found = taken.err().map(|reason| format!("{} bytes at {at}: {reason}", end - at));
                at = end;
                ended = opcode == op::DATA_END;
                found
            }
            None => Some(skip(bytes, &mut at)),
        };
        damages.iter_mut().filter(|damage| damage.to.is_none()).for_each(|damage| damage.to = assembler.earliest_since);
        damages.extend(found.map(|found| Damage { found, from, to: None }));
    }
    let mut lost: Vec<String> = damages.iter().map(Damage::words).collect();
    if !ended && damages.is_empty() {
        let found = "the recording was not ended; at most a second had not been stored yet".to_owned();
        lost.push(Damage { found, from: assembler.latest, to: None }.words());
    }
    (assembler, lost)
}

/// Goes on to the next whole chunk, or to the end; says what was passed over.
fn skip(bytes: &[u8], at: &mut usize) -> String {
    let from = *at;
    match next_chunk(bytes, from + 1) {
        Some(next) => {
            *at = next;
            format!("{} bytes at {from} are damaged", next - from)
        }
        None => {
            *at = bytes.len();
            format!("the last {} bytes, from {from}, are incomplete", bytes.len() - from)
        }
    }
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
