//! Reading recordings: every checksum is right, or it is said that the one of the whole is not, or nothing is read.

use std::path::Path;

use mcap::records::op;
use truehinge_core::{Notification, Recording, SensorRole, SessionInfo, SourceFile, Stored};

use super::assemble::{Assembler, Keep};
use super::container::{self, Record, Unpacker, Unusable, record_at};
use super::descriptions::{Descriptions, Found, Strictness};
use super::layout::{Refused, file_of, file_of_hash};
use super::recover::unchecked;
use super::{RecordingError, is_running};
use crate::atomic::Hashed;
use crate::files::{read_beginning, read_whole};

/// Reads a finished recording.
///
/// # Errors
/// [`RecordingError::NotARecording`] or [`RecordingError::Foreign`] for other files, [`RecordingError::Newer`] for one of a later major
/// version, [`RecordingError::Unfinished`] for one that was never finished, [`RecordingError::Damaged`] if a checksum or a record is wrong.
pub fn read(path: &Path) -> Result<Recording, RecordingError> {
    let bytes = load(path)?;
    whole(path, &bytes, || file_of(path, &bytes))
}

/// Reads a finished recording that is in memory already, such as one from a store of objects. `name` is what it is called there: its file in
/// what is said of its origin, and its place in errors.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(name: &Path, bytes: &[u8]) -> Result<Recording, RecordingError> {
    check_magic(name, bytes)?;
    whole(name, bytes, || file_of(name, bytes))
}

/// As [`read_bytes`], of a file that was hashed.
///
/// # Errors
/// As [`read`].
pub fn read_hashed(name: &Path, file: &Hashed) -> Result<Recording, RecordingError> {
    check_magic(name, file.bytes())?;
    whole(name, file.bytes(), || file_of_hash(name, file.bytes(), file.sha256().to_owned()))
}

fn whole(path: &Path, bytes: &[u8], file: impl FnOnce() -> SourceFile) -> Result<Recording, RecordingError> {
    match assemble(path, bytes, Keep::Nothing) {
        Ok(assembler) => assembler.recording(file()).ok_or_else(|| foreign(path)),
        Err(damaged @ RecordingError::Damaged { .. }) => unchecked(path, bytes).ok_or(damaged),
        Err(error) => Err(error),
    }
}

/// The notifications of a recording as they arrived, in order: from them a better decoder makes better samples.
///
/// # Errors
/// As [`read`].
pub fn raw_notifications(path: &Path) -> Result<Vec<(SensorRole, Notification)>, RecordingError> {
    Ok(assemble(path, &load(path)?, Keep::Raw)?.raw)
}

/// Whose session, and everything that was stored in it, in order: what a replay through the live path feeds on. What came over the air
/// is told as it was stored; the rest, which stands sensor by sensor, as [`truehinge_core::story()`] has it.
///
/// # Errors
/// As [`read`].
pub fn story(path: &Path) -> Result<(SessionInfo, Vec<Stored>), RecordingError> {
    let bytes = load(path)?;
    let assembler = assemble(path, &bytes, Keep::Story)?;
    if !assembler.is_live {
        let recording = assembler.recording(file_of(path, &bytes)).ok_or_else(|| foreign(path))?;
        let story = truehinge_core::story(&recording).into_iter().map(|(_, stored)| stored).collect();
        return Ok((recording.info, story));
    }
    let session = assembler.session.ok_or_else(|| foreign(path))?.value;
    Ok((session, assembler.story))
}

/// Who and when, without reading the samples.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordingHead {
    /// Who, when, which leg.
    pub session: SessionInfo,
}

/// Where descriptions are looked for, bytes: the session record is the second record of the file.
const HEAD: usize = 1 << 16;

/// Reads only the beginning of a recording, finished or not: enough to list it.
///
/// # Errors
/// As [`read`], but unfinished recordings are fine.
pub fn read_head(path: &Path) -> Result<RecordingHead, RecordingError> {
    let bytes = read_beginning(path, HEAD).map_err(|source| RecordingError::Io { path: path.to_owned(), source })?;
    check_magic(path, &bytes)?;
    let (mut found, mut at) = (Found::default(), mcap::MAGIC.len());
    while let Some(record) = record_at(&bytes, at) {
        if record.opcode == op::METADATA {
            found.take(record.content);
        }
        at = record.end;
    }
    let descriptions = agreed(path, found)?;
    let session = descriptions.session.ok_or_else(|| foreign(path))?.value;
    Ok(RecordingHead { session })
}

/// The whole file, if it begins as recordings do.
pub(super) fn load(path: &Path) -> Result<Vec<u8>, RecordingError> {
    let bytes = read_whole(path).map_err(|source| RecordingError::Io { path: path.to_owned(), source })?;
    check_magic(path, &bytes)?;
    Ok(bytes)
}

pub(super) fn foreign(path: &Path) -> RecordingError {
    RecordingError::Foreign { path: path.to_owned(), found: "there is no session record".to_owned() }
}

fn check_magic(path: &Path, bytes: &[u8]) -> Result<(), RecordingError> {
    if bytes.starts_with(mcap::MAGIC) {
        return Ok(());
    }
    Err(RecordingError::NotARecording { path: path.to_owned() })
}

/// What the descriptions say together, or why nothing can be read by them.
fn agreed(path: &Path, found: Found) -> Result<Descriptions, RecordingError> {
    let path = path.to_owned();
    match found.refused {
        Some(Refused::Newer(version)) => Err(RecordingError::Newer { path, version: version.to_string() }),
        Some(Refused::Damaged(found)) => Err(RecordingError::Damaged { path, offset: 0, found }),
        None => found.agree(Strictness::All).map_err(|found| RecordingError::Damaged { path, offset: 0, found }),
    }
}

/// Everything of a finished file in which everything is right.
pub(super) fn assemble(path: &Path, bytes: &[u8], keep: Keep) -> Result<Assembler, RecordingError> {
    let mut assembler = described(path, bytes, keep)?;
    let mut unpacker = Unpacker::of(bytes.len());
    for record in &data_of(path, bytes)? {
        take(&mut assembler, record, &mut unpacker).map_err(|found| RecordingError::Damaged {
            path: path.to_owned(),
            offset: record.at as u64,
            found,
        })?;
    }
    Ok(assembler)
}

/// What a finished file says of itself, before its messages.
pub(super) fn described(path: &Path, bytes: &[u8], keep: Keep) -> Result<Assembler, RecordingError> {
    let mut found = Found::default();
    for record in data_of(path, bytes)?.iter().filter(|record| record.opcode == op::METADATA) {
        found.take(record.content);
    }
    Ok(Assembler::new(agreed(path, found)?, keep))
}

/// The records of a finished file's data section.
pub(super) fn data_of<'a>(path: &Path, bytes: &'a [u8]) -> Result<Vec<Record<'a>>, RecordingError> {
    let path = path.to_owned();
    match check(bytes) {
        Ok(data) => Ok(data),
        // The magic that ends a finished file is missing.
        Err(_) if is_running(&path) => Err(RecordingError::Running { path }),
        Err(_) if !bytes.ends_with(mcap::MAGIC) => Err(RecordingError::Unfinished { path }),
        Err((offset, found)) => Err(RecordingError::Damaged { path, offset: offset as u64, found: found.to_string() }),
    }
}

/// Takes what a record of the data section holds.
pub(super) fn take(assembler: &mut Assembler, record: &Record<'_>, unpacker: &mut Unpacker) -> Result<(), String> {
    if record.opcode != op::CHUNK {
        return assembler.take(record);
    }
    let chunk = unpacker.unpack(record.content).map_err(|error| error.to_string())?;
    container::records(chunk).try_for_each(|record| assembler.take(&record.map_err(|error| error.to_string())?))
}

/// The records of the data section of a finished file, once its checksums are right.
fn check(bytes: &[u8]) -> Result<Vec<Record<'_>>, (usize, Unusable)> {
    let mut data = Vec::new();
    let mut at = mcap::MAGIC.len();
    let next = |at: usize| record_at(bytes, at).ok_or((at, Unusable::Cut));
    let end = loop {
        let record = next(at)?;
        at = record.end;
        if record.opcode == op::DATA_END {
            break record;
        }
        data.push(record);
    };
    let stated = container::data_end(&end).ok_or((end.at, Unusable::Malformed))?;
    if stated != 0 && stated != crc32fast::hash(&bytes[..end.at]) {
        return Err((end.at, Unusable::Checksum));
    }
    let summary = at;
    let footer = loop {
        let record = next(at)?;
        at = record.end;
        if record.opcode == op::FOOTER {
            break record;
        }
    };
    let (stated, covered) = container::footer(bytes, &footer).ok_or((footer.at, Unusable::Malformed))?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bytes[summary..footer.at]);
    hasher.update(covered);
    if stated != 0 && stated != hasher.finalize() {
        return Err((summary, Unusable::Checksum));
    }
    if bytes.get(at..) != Some(mcap::MAGIC) {
        return Err((at, Unusable::Cut));
    }
    Ok(data)
}
