//! The container: the bytes of an MCAP file to its records.
//!
//! Nothing is believed before it is checked. A record lies within the file or is none; what a chunk says it unpacks to meets a limit
//! before memory is taken for it, and it is used only when its checksum is right. Records borrow the file's bytes: no length in the
//! file makes anything grow.

use std::collections::BTreeMap;
use std::io;

use mcap::records::{MessageHeader, op};
use zstd::bulk::Decompressor;

/// Opcode and length before each record.
const FRAME: usize = 9;
/// What the chunks of a file may unpack to, bytes: a second of data is a fiftieth of it.
const CHUNK_LIMIT: usize = 32 << 20;
/// Recorded samples pack to a fifth, samples of a sensor that lies still to a thirtieth.
const PACKED: usize = 64;

/// Why something in a file cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unusable {
    #[error("a record goes beyond the end")]
    Cut,
    #[error("a checksum is wrong")]
    Checksum,
    #[error("a chunk claims to unpack to more than recorded samples do")]
    TooLarge,
    #[error("a chunk is packed in a way that is not known")]
    Packing,
    #[error("a record is not one of its kind")]
    Malformed,
}

/// A record within the bytes of a file or of an unpacked chunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record<'a> {
    pub opcode: u8,
    pub content: &'a [u8],
    /// First byte of its frame, and the byte behind its last one.
    pub at: usize,
    pub end: usize,
}

/// The record at `at`, if there is a whole one.
pub fn record_at(bytes: &[u8], at: usize) -> Option<Record<'_>> {
    let (&opcode, rest) = bytes.get(at..)?.split_first()?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let content = rest.get(..length)?;
    Some(Record { opcode, content, at, end: at + FRAME + length })
}

/// The records of an unpacked chunk.
pub fn records(chunk: &[u8]) -> impl Iterator<Item = Result<Record<'_>, Unusable>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= chunk.len() {
            return None;
        }
        let record = record_at(chunk, at).ok_or(Unusable::Cut);
        at = record.map_or(chunk.len(), |record| record.end);
        Some(record)
    })
}

/// Unpacks the chunks of a file one by one, each into the place of the one before.
pub struct Unpacker {
    /// How much may still be unpacked. A small file that unpacks to very much was made to do harm.
    left: usize,
    context: Option<Decompressor<'static>>,
    unpacked: Vec<u8>,
}

impl Unpacker {
    /// For a file of this size.
    pub const fn of(file: usize) -> Self {
        let left = file.saturating_mul(PACKED).saturating_add(CHUNK_LIMIT);
        Self { left, context: None, unpacked: Vec::new() }
    }

    /// The bytes of a chunk whose checksum is right.
    pub fn unpack<'a>(&'a mut self, content: &'a [u8]) -> Result<&'a [u8], Unusable> {
        let head = ChunkHead::of(content).ok_or(Unusable::Malformed)?;
        if head.unpacked > CHUNK_LIMIT {
            return Err(Unusable::TooLarge);
        }
        self.spend(head.unpacked.max(head.packed.len()))?;
        let unpacked = match head.compression {
            b"" => head.packed,
            b"zstd" => self.decompress(head.packed, head.unpacked).map_err(|_| Unusable::Checksum)?,
            _ => return Err(Unusable::Packing),
        };
        let right = head.crc == 0 || crc32fast::hash(unpacked) == head.crc;
        if unpacked.len() != head.unpacked || !right {
            return Err(Unusable::Checksum);
        }
        Ok(unpacked)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Unusable> {
        self.left = self.left.checked_sub(bytes).ok_or(Unusable::TooLarge)?;
        Ok(())
    }

    /// Room for as much as was said, or for the largest so far, and an error instead of more.
    fn decompress(&mut self, packed: &[u8], length: usize) -> io::Result<&[u8]> {
        let context = match &mut self.context {
            Some(context) => context,
            none => none.insert(Decompressor::new()?),
        };
        self.unpacked.clear();
        self.unpacked.reserve(length);
        context.decompress_to_buffer(packed, &mut self.unpacked)?;
        Ok(&self.unpacked)
    }
}

/// Whether the content of a record looks like a chunk: for the search behind damage.
pub fn looks_like_chunk(content: &[u8]) -> bool {
    ChunkHead::of(content).is_some_and(|head| matches!(head.compression, b"" | b"zstd"))
}

struct ChunkHead<'a> {
    unpacked: usize,
    crc: u32,
    compression: &'a [u8],
    packed: &'a [u8],
}

impl<'a> ChunkHead<'a> {
    fn of(content: &'a [u8]) -> Option<Self> {
        let mut fields = Fields(content);
        let _times = (fields.u64()?, fields.u64()?);
        let unpacked = usize::try_from(fields.u64()?).ok()?;
        let crc = fields.u32()?;
        let compression = fields.bytes()?;
        let packed = usize::try_from(fields.u64()?).ok()?;
        (fields.0.len() == packed).then_some(Self { unpacked, crc, compression, packed: fields.0 })
    }
}

/// A channel: its number and what it is called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Channel {
    pub id: u16,
    pub schema: u16,
    pub topic: String,
    pub encoding: String,
    pub metadata: BTreeMap<String, String>,
}

/// A schema: its number and what channels refer to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schema {
    pub id: u16,
    pub name: String,
    pub encoding: String,
    pub data: Vec<u8>,
}

pub fn channel(content: &[u8]) -> Option<Channel> {
    let mut fields = Fields(content);
    let (id, schema) = (fields.u16()?, fields.u16()?);
    let (topic, encoding) = (fields.text()?, fields.text()?);
    Some(Channel { id, schema, topic, encoding, metadata: fields.map()? })
}

pub fn schema(content: &[u8]) -> Option<Schema> {
    let mut fields = Fields(content);
    let (id, name, encoding) = (fields.u16()?, fields.text()?, fields.text()?);
    Some(Schema { id, name, encoding, data: fields.bytes()?.to_vec() })
}

/// Name and entries of a metadata record.
pub fn metadata(content: &[u8]) -> Option<(String, BTreeMap<String, String>)> {
    let mut fields = Fields(content);
    Some((fields.text()?, fields.map()?))
}

pub fn message(content: &[u8]) -> Option<(MessageHeader, &[u8])> {
    let mut fields = Fields(content);
    let (channel_id, sequence) = (fields.u16()?, fields.u32()?);
    let (log_time, publish_time) = (fields.u64()?, fields.u64()?);
    Some((MessageHeader { channel_id, sequence, log_time, publish_time }, fields.0))
}

/// The checksum in the record that ends the data.
pub fn data_end(record: &Record<'_>) -> Option<u32> {
    if record.opcode == op::DATA_END { Fields(record.content).u32() } else { None }
}

/// The checksum in the footer, and the bytes of it that the checksum covers.
pub fn footer<'a>(bytes: &'a [u8], record: &Record<'_>) -> Option<(u32, &'a [u8])> {
    let crc = Fields(record.content.get(16..)?).u32()?;
    Some((crc, bytes.get(record.at..record.at + FRAME + 16)?))
}

/// Whether a record's fields fill it exactly: one whose length has changed takes in what follows, or leaves some of itself.
pub fn is_exact(record: &Record<'_>) -> bool {
    let mut fields = Fields(record.content);
    let filled = match record.opcode {
        op::HEADER => fields.text().and_then(|_| fields.text()).is_some(),
        op::SCHEMA => {
            fields.u16().and_then(|_| fields.text()).and_then(|_| fields.text()).and_then(|_| fields.bytes()).is_some()
        }
        op::CHANNEL => {
            let numbers = fields.u32();
            numbers.and_then(|_| fields.text()).and_then(|_| fields.text()).and_then(|_| fields.map()).is_some()
        }
        op::MESSAGE_INDEX => fields.u16().and_then(|_| fields.bytes()).is_some(),
        op::METADATA => fields.text().and_then(|_| fields.map()).is_some(),
        op::DATA_END => fields.u32().is_some(),
        op::FOOTER => fields.u64().and_then(|_| fields.u64()).and_then(|_| fields.u32()).is_some(),
        _ => return true,
    };
    filled && fields.0.is_empty()
}

/// Fields one after another, little endian.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        let (field, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(field)
    }

    fn text(&mut self) -> Option<String> {
        self.bytes().and_then(|bytes| std::str::from_utf8(bytes).ok()).map(str::to_owned)
    }

    fn map(&mut self) -> Option<BTreeMap<String, String>> {
        let mut entries = Fields(self.bytes()?);
        let mut map = BTreeMap::new();
        while !entries.0.is_empty() {
            map.insert(entries.text()?, entries.text()?);
        }
        Some(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chunk's record content.
    fn chunk(unpacked: u64, crc: u32, packed: &[u8]) -> Vec<u8> {
        let mut content = [[0; 8], [0; 8], unpacked.to_le_bytes()].concat();
        content.extend(crc.to_le_bytes());
        content.extend(4_u32.to_le_bytes());
        content.extend(b"zstd");
        content.extend((packed.len() as u64).to_le_bytes());
        content.extend(packed);
        content
    }

    #[test]
    fn a_chunk_unpacks_to_what_it_says_and_to_nothing_else() {
        let data = vec![7; 4000];
        let (packed, crc) = (zstd::bulk::compress(&data, 1).expect("packs"), crc32fast::hash(&data));
        let mut unpacker = Unpacker::of(0);
        assert_eq!(unpacker.unpack(&chunk(4000, crc, &packed)).expect("unpacks"), data);
        for (unpacked, crc) in [(3999, crc), (4001, crc), (4000, crc ^ 1)] {
            assert_eq!(unpacker.unpack(&chunk(unpacked, crc, &packed)), Err(Unusable::Checksum), "{unpacked}");
        }
    }

    #[test]
    fn what_claims_to_unpack_to_too_much_is_not_unpacked() {
        let packed = zstd::bulk::compress(&vec![0; 20 << 20], 1).expect("packs");
        let mut unpacker = Unpacker::of(packed.len());
        let bomb = |size: usize| chunk(size as u64, 0, &packed);
        assert_eq!(unpacker.unpack(&bomb(CHUNK_LIMIT + 1)), Err(Unusable::TooLarge));
        assert!(unpacker.unpack(&bomb(20 << 20)).is_ok());
        assert_eq!(unpacker.unpack(&bomb(20 << 20)), Err(Unusable::TooLarge), "twice is too much for so small a file");
        assert_eq!(unpacker.unpack(&chunk(u64::MAX, 0, &packed)), Err(Unusable::TooLarge));
    }

    #[test]
    fn lengths_beyond_the_record_are_no_lengths() {
        for length in [5_u32, 1 << 31, u32::MAX] {
            let mut content = length.to_le_bytes().to_vec();
            content.extend(b"name");
            assert_eq!(metadata(&content), None);
        }
        let mut endless = vec![op::METADATA];
        endless.extend(u64::MAX.to_le_bytes());
        assert_eq!(record_at(&endless, 0), None);
    }
}
