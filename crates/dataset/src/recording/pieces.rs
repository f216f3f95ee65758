//! A damaged file's bytes to the pieces of it that can be used, and those that cannot.

use mcap::records::op;

use super::container::{self, Record, Unpacker, record_at};
use super::descriptions::Found;

/// A stretch of the file, from byte to byte.
#[derive(Clone, Copy)]
pub enum Piece {
    /// A chunk whose checksum is right.
    Chunk { at: usize },
    /// Another record that is what it says.
    Record { at: usize },
    /// A description that is damaged, and nothing but it.
    Spoiled,
    /// Bytes that cannot be used.
    Damage { bytes: usize },
}

/// The pieces of a file, and where its data end.
pub fn scan(bytes: &[u8]) -> (Vec<Piece>, Option<usize>) {
    let (mut pieces, mut end) = (Vec::new(), None);
    let mut unpacker = Unpacker::of(bytes.len());
    let mut at = mcap::MAGIC.len();
    while at < bytes.len() {
        let record = record_at(bytes, at);
        if let Some((record, piece)) = record.and_then(|record| Some((record, whole(&record, &mut unpacker)?))) {
            if record.opcode == op::DATA_END {
                end = Some(at);
            }
            pieces.push(piece);
            at = record.end;
            continue;
        }
        // Behind the data nothing is lost.
        if end.is_some() {
            break;
        }
        let next = next_whole(bytes, at + 1, &mut unpacker);
        let spoiled = record.is_some_and(|record| record.opcode == op::METADATA && record.end == next);
        pieces.push(if spoiled { Piece::Spoiled } else { Piece::Damage { bytes: next - at } });
        at = next;
    }
    (pieces, end)
}

/// What a record is, if it is what it says. One that unpacks as a chunk is one, whatever its opcode has become.
fn whole(record: &Record<'_>, unpacker: &mut Unpacker) -> Option<Piece> {
    let at = record.at;
    if container::looks_like_chunk(record.content) {
        let unpacked = unpacker.unpack(record.content);
        return unpacked.is_ok_and(|chunk| !chunk.is_empty()).then_some(Piece::Chunk { at });
    }
    let is_whole = match record.opcode {
        op::METADATA => is_ours(record) || !names_ours(record),
        // Indexes, and records of other programs: nothing in them is used.
        op::HEADER..=op::DATA_END | 0x80.. => true,
        _ => false,
    };
    let is_whole = is_whole && container::is_exact(record);
    is_whole.then_some(Piece::Record { at })
}

/// A description that can be used.
fn is_ours(record: &Record<'_>) -> bool {
    Found::default().take(record.content)
}

/// Whether a metadata record is one of ours or was: those of others are none of our business.
fn names_ours(record: &Record<'_>) -> bool {
    const NAME: &[u8] = b"truehinge.";
    record.content.get(4..4 + NAME.len()) == Some(NAME) || container::metadata(record.content).is_none()
}

/// The next place from which on a whole chunk, a description or the end of the data stands; otherwise the end of the file.
fn next_whole(bytes: &[u8], from: usize, unpacker: &mut Unpacker) -> usize {
    let found = (from..bytes.len()).find(|&at| match (bytes[at], record_at(bytes, at)) {
        (op::CHUNK, Some(record)) => whole(&record, unpacker).is_some_and(|piece| matches!(piece, Piece::Chunk { .. })),
        (op::METADATA, Some(record)) => container::is_exact(&record) && is_ours(&record),
        (op::DATA_END, Some(record)) => container::is_exact(&record) && is_summary(bytes, record.end),
        _ => false,
    });
    found.unwrap_or(bytes.len())
}

/// Whether what follows the data stands here: records up to the footer.
fn is_summary(bytes: &[u8], mut at: usize) -> bool {
    while let Some(record) = record_at(bytes, at) {
        match record.opcode {
            op::FOOTER => return true,
            op::SCHEMA..=op::SUMMARY_OFFSET => at = record.end,
            _ => return false,
        }
    }
    false
}
