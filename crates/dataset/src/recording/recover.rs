//! Bringing back what an unfinished or damaged recording still holds.
//!
//! Works on the bytes: records are walked one by one; a chunk counts only if its checksum is right. Where a record's frame is
//! broken, the next intact chunk or description is searched. The original is never touched; every message that was found becomes, as it is and in
//! its order, a message of a new recording beside it: raw notifications can be decoded anew, and a replay says the same again. What
//! is missing stands in the new recording as faults, which every analysis of it shows.

use std::path::{Path, PathBuf};

use mcap::records::op;
use serde_json::Value;
use truehinge_core::{
    Anthropometry, AthleteId, Description, Fault, FaultKind, HostTime, Protocol, Recording, SensorRole, SessionInfo,
    Side, Source, SourceFile, Zone,
};

use super::assemble::{Assembler, Keep};
use super::container::{self, Record, Unpacker, record_at};
use super::descriptions::{Found, Strictness};
use super::layout::{Described, Refused, file_of};
use super::pieces::{Piece, scan};
use super::rewrite::{Restored, rewrite};
use super::writer::store_new;
use super::{EXTENSION, RecordingError, UNFINISHED_SUFFIX, is_running, repair};
use crate::files::read_whole;
use crate::import::session_named;

/// What came back.
#[derive(Clone, PartialEq, Debug)]
pub struct Recovered {
    /// The new recording.
    pub path: PathBuf,
    /// Samples per sensor.
    pub samples: Vec<(SensorRole, usize)>,
    /// Arrival of the newest data; `None` where arrivals were not recorded.
    pub until: Option<HostTime>,
    /// What is missing or was set right; empty if nothing is known to be.
    pub faults: Vec<Fault>,
}

/// What somebody says of a recording that does not say itself whose it is.
#[derive(Clone, PartialEq, Debug)]
pub struct Named {
    /// The athlete.
    pub athlete: AthleteId,
    /// The supporting leg.
    pub side: Option<Side>,
    /// Body measures.
    pub body: Anthropometry,
}

/// Brings back every whole chunk, before and behind damage, into a new file beside the old one.
///
/// # Errors
/// The file is no recording, holds no session record, or the new file cannot be written (its name may be taken).
pub fn recover(path: &Path) -> Result<Recovered, RecordingError> {
    recover_into(path, path.parent().unwrap_or(Path::new("")), None)
}

/// The same into another folder, for disks that are full or cannot be written; `named` for a recording whose session record is lost.
///
/// # Errors
/// As [`recover`].
pub fn recover_into(path: &Path, folder: &Path, named: Option<&Named>) -> Result<Recovered, RecordingError> {
    if is_running(path) {
        return Err(RecordingError::Running { path: path.to_owned() });
    }
    let bytes = read_whole(path).map_err(|source| RecordingError::Io { path: path.to_owned(), source })?;
    if !begins_like_a_recording(&bytes) {
        return Err(RecordingError::NotARecording { path: path.to_owned() });
    }
    let file = file_of(path, &bytes);
    let new = folder.join(recovered_name(path));
    let (salvaged, rewritten) = Salvaged::of(path, bytes)?.rewritten(path, file, named)?;
    store_new(&new, &rewritten)?;
    let Came { samples, until, faults } = salvaged;
    Ok(Recovered { path: new, samples, until, faults })
}

/// A finished file in which everything is whole and no bit explains that the checksum of all is wrong: somebody wrote a description anew and
/// not the checksum, or more than a bit of it changed. It is read, and says so.
pub(super) fn unchecked(path: &Path, bytes: &[u8]) -> Option<Recording> {
    let salvaged = Salvaged::of(path, bytes.to_vec()).ok()?;
    if salvaged.faults != [Fault::of_recording(FaultKind::Unchecked)] {
        return None;
    }
    let mut assembler = salvaged.assembler();
    salvaged.walk(&mut assembler, &mut |_, _| Ok(())).ok()?;
    let mut recording = assembler.recording(file_of(path, bytes))?;
    recording.info.source.faults.extend(salvaged.faults);
    Some(recording)
}

/// The bytes with the bit set right that the checksum of the data up to `end` points at, if everything is whole then.
fn repaired(bytes: &[u8], end: usize, stated: u32) -> Option<Vec<u8>> {
    let (byte, bit) = repair::one_bit(&bytes[..end], stated)?;
    let mut repaired = bytes.to_vec();
    repaired[byte] ^= bit;
    is_whole(&scan(&repaired).0).then_some(repaired)
}

fn is_whole(pieces: &[Piece]) -> bool {
    pieces.iter().all(|piece| matches!(piece, Piece::Chunk { .. } | Piece::Record { .. }))
}

/// By its magic, or by its first record where the magic is damaged.
fn begins_like_a_recording(bytes: &[u8]) -> bool {
    bytes.starts_with(mcap::MAGIC)
        || record_at(bytes, mcap::MAGIC.len()).is_some_and(|first| first.opcode == op::HEADER)
}

fn recovered_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.strip_suffix(UNFINISHED_SUFFIX).or_else(|| name.strip_suffix(".mcap")).unwrap_or(&name);
    format!("{stem}.recovered.{EXTENSION}")
}

/// The file's bytes, and what of them can be used.
struct Salvaged {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
    faults: Vec<Fault>,
    ended: bool,
}

impl Salvaged {
    fn of(path: &Path, mut bytes: Vec<u8>) -> Result<Self, RecordingError> {
        let (mut pieces, mut end) = scan(&bytes);
        let mut faults = Vec::new();
        let stated = end.and_then(|at| container::data_end(&record_at(&bytes, at)?).map(|crc| (at, crc)));
        if let Some((at, stated)) = stated
            && stated != 0
            && stated != crc32fast::hash(&bytes[..at])
        {
            if let Some(repaired) = repaired(&bytes, at, stated) {
                faults.push(Fault::of_recording(FaultKind::BitRepaired));
                bytes = repaired;
                (pieces, end) = scan(&bytes);
            } else if is_whole(&pieces) {
                faults.push(Fault::of_recording(FaultKind::Unchecked));
            }
        }
        let salvaged = Self { bytes, pieces, faults, ended: end.is_some() };
        // What this version does not understand it does not rewrite either.
        if let (_, Some(Refused::Newer(version))) = salvaged.descriptions() {
            return Err(RecordingError::Newer { path: path.to_owned(), version: version.to_string() });
        }
        Ok(salvaged)
    }

    fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.pieces.iter().filter_map(|piece| match *piece {
            Piece::Record { at } => record_at(&self.bytes, at),
            _ => None,
        })
    }

    fn descriptions(&self) -> (Found, Option<Refused>) {
        let mut found = Found::default();
        for record in self.records().filter(|record| record.opcode == op::METADATA) {
            found.take(record.content);
        }
        let refused = found.refused.take();
        (found, refused)
    }

    /// An assembler that knows everything that is described anywhere in the file.
    fn assembler(&self) -> Assembler {
        let (found, _) = self.descriptions();
        let descriptions = found.agree(Strictness::WhatCanBe).unwrap_or_default();
        let mut assembler = Assembler::new(descriptions, Keep::Nothing);
        // The summary repeats the channels.
        for channel in self.records().filter(|record| record.opcode == op::CHANNEL) {
            container::channel(channel.content).into_iter().for_each(|channel| assembler.channel(channel));
        }
        assembler
    }

    /// Walks all messages that can be used, and all damage, in the order of the file.
    fn walk(&self, assembler: &mut Assembler, each: &mut Visitor<'_>) -> Result<(), RecordingError> {
        let mut unpacker = Unpacker::of(self.bytes.len());
        for piece in &self.pieces {
            match *piece {
                Piece::Record { .. } | Piece::Spoiled => {}
                Piece::Damage { bytes } => each(assembler, Step::Damage(bytes))?,
                Piece::Chunk { at } => {
                    let chunk = record_at(&self.bytes, at).map(|record| unpacker.unpack(record.content));
                    if let Some(Ok(chunk)) = chunk {
                        walk_chunk(chunk, assembler, each)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What came back, and the file of it.
    fn rewritten(
        mut self,
        path: &Path,
        file: SourceFile,
        named: Option<&Named>,
    ) -> Result<(Came, Vec<u8>), RecordingError> {
        let mut first = self.assembler();
        let lost = self.losses(&mut first)?;
        let session = self.session(path, &first, named)?;
        let missing = first.missing_markers();
        self.complete(&first, lost, &missing);
        let session = described_anew(&session, file, &self.faults).map_err(|error| io_error(path, error))?;
        let restored = Restored { session: session.json, sensors: first.sensors(), markers: all_markers(&first) };
        let rewritten = rewrite(path, &restored, &missing, |sink| {
            self.walk(&mut self.assembler(), &mut |assembler, step| match step {
                Step::Damage(_) => Ok(()),
                Step::Taken(record) => {
                    sink.copy(assembler, record).map_err(|source| RecordingError::Io { path: path.to_owned(), source })
                }
            })
        })?;
        Ok((Came { samples: first.counts(), until: first.latest, faults: self.faults }, rewritten))
    }

    /// Where something is lost: between the last arrival before and the first one after.
    fn losses(&self, assembler: &mut Assembler) -> Result<Vec<Fault>, RecordingError> {
        let mut lost: Vec<Fault> = Vec::new();
        let (mut latest, mut open) = (None, 0);
        self.walk(assembler, &mut |assembler, step| {
            match step {
                Step::Damage(bytes) => {
                    let kind = FaultKind::PartLost { bytes: bytes as u64 };
                    lost.push(Fault::of_recording(kind).between(assembler.latest, None));
                }
                Step::Taken(_) if open < lost.len() && assembler.latest > latest => {
                    lost[open..].iter_mut().for_each(|fault| fault.to = assembler.latest);
                    open = lost.len();
                }
                Step::Taken(_) => {}
            }
            latest = assembler.latest;
            Ok(())
        })?;
        Ok(lost)
    }

    /// Whose session it is.
    fn session(
        &mut self,
        path: &Path,
        assembler: &Assembler,
        named: Option<&Named>,
    ) -> Result<Described<SessionInfo>, RecordingError> {
        if let Some(session) = &assembler.session {
            return Ok(session.clone());
        }
        let named = named.ok_or_else(|| RecordingError::Nobody { path: path.to_owned() })?;
        self.faults.push(Fault::of_recording(FaultKind::SessionUndescribed));
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut source = Source::default();
        let session = session_named(name.split('.').next().unwrap_or_default(), &mut source.notes);
        let info = SessionInfo {
            session,
            athlete: named.athlete.clone(),
            start_utc_ns: None,
            stance_side: named.side,
            protocol: Protocol::default().name,
            body: named.body.clone(),
            source,
            zone: Zone::Unknown,
        };
        Described::new(info).map_err(|error| io_error(path, error))
    }

    /// All faults that the messages do not show by themselves.
    fn complete(&mut self, assembler: &Assembler, lost: Vec<Fault>, missing: &[Value]) {
        // The numbers of the samples show those that are missing, each time the recording is read.
        let shown = |fault: &&Fault| !matches!(fault.kind, FaultKind::SamplesLost { .. });
        self.faults.extend(assembler.faults.iter().filter(shown));
        let (mut lost, mut tail) = (lost, None);
        if !self.ended {
            // What was being written when it stopped is no damage of its own.
            if matches!(self.pieces.last(), Some(Piece::Damage { .. })) {
                tail = lost.pop();
            }
            let from = tail.map_or(assembler.latest, |tail| tail.from);
            self.faults.push(Fault::of_recording(FaultKind::NotEnded).between(from, None));
        }
        self.faults.append(&mut lost);
        if !missing.is_empty() {
            self.faults.push(Fault::of_recording(FaultKind::CopyUsed { of: Description::Markers }));
        }
    }
}

/// What came back, apart from where it is.
struct Came {
    samples: Vec<(SensorRole, usize)>,
    until: Option<HostTime>,
    faults: Vec<Fault>,
}

/// What is done with each step of a walk.
type Visitor<'a> = dyn FnMut(&Assembler, Step<'_>) -> Result<(), RecordingError> + 'a;

fn walk_chunk(chunk: &[u8], assembler: &mut Assembler, each: &mut Visitor<'_>) -> Result<(), RecordingError> {
    let mut unusable = 0;
    for record in container::records(chunk) {
        let Ok(record) = record else { break };
        match assembler.take(&record) {
            Ok(()) => each(assembler, Step::Taken(&record))?,
            Err(_) => unusable += record.end - record.at,
        }
    }
    if unusable > 0 { each(assembler, Step::Damage(unusable)) } else { Ok(()) }
}

/// What a walk meets.
enum Step<'a> {
    /// Bytes that cannot be used.
    Damage(usize),
    /// A record that was taken.
    Taken(&'a Record<'a>),
}

fn io_error(path: &Path, error: serde_json::Error) -> RecordingError {
    RecordingError::Io { path: path.to_owned(), source: error.into() }
}

/// The session with what recovering adds to it.
fn described_anew(
    session: &Described<SessionInfo>,
    file: SourceFile,
    faults: &[Fault],
) -> serde_json::Result<Described<SessionInfo>> {
    let mut info = session.value.clone();
    info.source = info.source.made_anew(file);
    info.source.notes.push("recovered from an unfinished or damaged recording".to_owned());
    info.source.faults.extend_from_slice(faults);
    session.with(info)
}

/// Every marker that is known, as they are stored.
fn all_markers(assembler: &Assembler) -> Vec<Value> {
    let mut all = assembler.stored_markers().to_vec();
    all.extend(assembler.missing_markers());
    all.sort_by_key(|marker| marker.get("at").and_then(Value::as_i64));
    all
}

#[cfg(test)]
#[path = "damage_tests.rs"]
mod tests;
