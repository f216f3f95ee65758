//! Reading recordings, every checksum checked.

use std::fs;
use std::path::Path;

use mcap::sans_io::linear_reader::{LinearReadEvent, LinearReader, LinearReaderOptions};
use truehinge_core::{Notification, Recording, SensorRole, SessionInfo, SourceFile};

use super::RecordingError;
use super::assemble::{Assembler, Stored};
use super::layout::RECORD_LIMIT;
use crate::atomic::sha256;

/// Reads a finished recording.
///
/// # Errors
/// [`RecordingError::NotARecording`] or [`RecordingError::Foreign`] for other files, [`RecordingError::Unfinished`] for one
/// that was never finished, [`RecordingError::Damaged`] if a checksum or a record is wrong.
pub fn read(path: &Path) -> Result<Recording, RecordingError> {
    let bytes = fs::read(path).map_err(|source| RecordingError::Io { path: path.to_owned(), source })?;
    let assembler = assemble(path, &bytes, Assembler::default())?;
    let foreign = || RecordingError::Foreign { path: path.to_owned(), found: "there is no session record".to_owned() };
    assembler.recording(file_of(path, &bytes)).ok_or_else(foreign)
}

/// The notifications of a recording as they arrived, in order: from them a better decoder makes better samples.
///
/// # Errors
/// As [`read`].
pub fn raw_notifications(path: &Path) -> Result<Vec<(SensorRole, Notification)>, RecordingError> {
    let bytes = fs::read(path).map_err(|source| RecordingError::Io { path: path.to_owned(), source })?;
    let assembler = Assembler::keeping_raw();
    Ok(assemble(path, &bytes, assembler)?.raw)
}

/// Whose session, and everything that was stored in it, in order: what a replay through the live path feeds on.
///
/// # Errors
/// As [`read`].
pub fn story(path: &Path) -> Result<(SessionInfo, Vec<Stored>), RecordingError> {
    let bytes = fs::read(path).map_err(|source| RecordingError::Io { path: path.to_owned(), source })?;
    let assembler = assemble(path, &bytes, Assembler::keeping_story())?;
    let found = "there is no session record".to_owned();
    let session = assembler.session.ok_or(RecordingError::Foreign { path: path.to_owned(), found })?;
    Ok((session, assembler.story))
}

/// Who and when, without reading the samples.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordingHead {
    /// Who, when, which leg.
    pub session: SessionInfo,
}

/// Reads only the beginning of a recording, finished or not: enough to list it.
///
/// # Errors
/// As [`read`], but unfinished recordings are fine.
pub fn read_head(path: &Path) -> Result<RecordingHead, RecordingError> {
    use std::io::Read;
    let failed = |source| RecordingError::Io { path: path.to_owned(), source };
    // The session record is the second record of the file: well within 64 KiB.
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(failed)?.take(1 << 16).read_to_end(&mut bytes).map_err(failed)?;
    check_magic(path, &bytes)?;
    let mut assembler = Assembler::default();
    let mut reader = LinearReader::new_with_options(options());
    let mut rest = bytes.as_slice();
    while assembler.session.is_none() {
        // An error this early means the record is not there either.
        let Ok(true) = next(&mut reader, &mut rest, &mut assembler) else { break };
    }
    let found = "there is no session record at its beginning".to_owned();
    let session = assembler.session.ok_or(RecordingError::Foreign { path: path.to_owned(), found })?;
    Ok(RecordingHead { session })
}

fn options() -> LinearReaderOptions {
    LinearReaderOptions::default().with_prevalidate_chunk_crcs(true).with_record_length_limit(RECORD_LIMIT)
}

/// The file that a recording is read from.
pub(super) fn file_of(path: &Path, bytes: &[u8]) -> SourceFile {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    SourceFile { name, bytes: bytes.len() as u64, sha256: sha256(bytes) }
}

pub(super) fn check_magic(path: &Path, bytes: &[u8]) -> Result<(), RecordingError> {
    if bytes.starts_with(mcap::MAGIC) {
        return Ok(());
    }
    Err(RecordingError::NotARecording { path: path.to_owned() })
}

fn assemble(path: &Path, bytes: &[u8], mut assembler: Assembler) -> Result<Assembler, RecordingError> {
    check_magic(path, bytes)?;
    let mut reader = LinearReader::new_with_options(options());
    let mut rest = bytes;
    loop {
        match next(&mut reader, &mut rest, &mut assembler) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) if !assembler.finished && is_cut(bytes) => {
                return Err(RecordingError::Unfinished { path: path.to_owned() });
            }
            Err(found) => {
                let offset = (bytes.len() - rest.len()) as u64;
                return Err(RecordingError::Damaged { path: path.to_owned(), offset, found });
            }
        }
    }
    if !assembler.finished {
        return Err(RecordingError::Unfinished { path: path.to_owned() });
    }
    Ok(assembler)
}

/// The magic that ends a finished file is missing.
fn is_cut(bytes: &[u8]) -> bool {
    !bytes.ends_with(mcap::MAGIC)
}

/// Lets the reader take one step. `Ok(false)` at the end.
fn next(reader: &mut LinearReader, rest: &mut &[u8], assembler: &mut Assembler) -> Result<bool, String> {
    match reader.next_event() {
        None => Ok(false),
        Some(Err(error)) => Err(error.to_string()),
        Some(Ok(LinearReadEvent::ReadRequest(need))) => {
            // Telling the reader that nothing was read is how it learns of the end.
            let give = need.min(rest.len());
            let (now, later) = rest.split_at(give);
            reader.insert(need)[..give].copy_from_slice(now);
            reader.notify_read(give);
            *rest = later;
            Ok(true)
        }
        Some(Ok(LinearReadEvent::Record { opcode, data })) => {
            let record = mcap::parse_record(opcode, data).map_err(|error| error.to_string())?;
            assembler.take(&record)?;
            Ok(true)
        }
    }
}
