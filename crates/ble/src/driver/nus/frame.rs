//! Small binary frames, as own firmware should send them.

use serde::Deserialize;
use truehinge_core::STANDARD_GRAVITY;

use crate::driver::{Counter, DecodeError, Packet, RawSample, Scale, Tick, Ticks};

pub(super) const MAGIC: [u8; 2] = [0xa5, 0x5a];
const VERSION: u8 = 1;
const HEADER: usize = 12;
const SAMPLE: usize = 12;

/// What the beginning of a buffer holds.
pub(super) enum Found {
    /// Nothing complete yet.
    Incomplete,
    /// A packet, an error or nothing of interest, in this many bytes.
    Bytes(usize, Option<Result<Packet, DecodeError>>),
    /// A byte that begins nothing.
    Stray,
}

/// Scale of frames until the device announces its own.
pub(super) const DEFAULT_FRAME_SCALE: FrameScale = FrameScale { acc_lsb_per_g: 4096.0, gyro_lsb_per_dps: 16.4 };

/// The announcement's numbers.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
pub struct FrameScale {
    /// Counts per standard gravity.
    pub acc_lsb_per_g: f64,
    /// Counts per degree per second.
    pub gyro_lsb_per_dps: f64,
}

impl FrameScale {
    /// Counts to SI.
    pub fn scale(self) -> Scale {
        Scale {
            accelerometer: STANDARD_GRAVITY / self.acc_lsb_per_g,
            gyroscope: self.gyro_lsb_per_dps.recip().to_radians(),
        }
    }
}

/// The frame at the beginning of a buffer.
pub(super) fn frame(buffer: &[u8], scale: Scale) -> Found {
    let Some(header) = buffer.first_chunk::<HEADER>() else {
        // The second byte tells as soon as it is there.
        return if buffer.get(1).is_some_and(|&byte| byte != MAGIC[1]) { Found::Stray } else { Found::Incomplete };
    };
    let &[_, second, version, count, s0, s1, t0, t1, t2, t3, d0, d1] = header;
    if second != MAGIC[1] {
        return Found::Stray;
    }
    if version != VERSION {
        return Found::Bytes(MAGIC.len(), Some(Err(DecodeError::Version { found: version, known: VERSION })));
    }
    if count == 0 {
        let error = DecodeError::Length { expected: HEADER + SAMPLE + 1, found: HEADER + 1 };
        return Found::Bytes(MAGIC.len(), Some(Err(error)));
    }
    let body = usize::from(count).saturating_mul(SAMPLE).saturating_add(HEADER);
    let (Some(content), Some(&found)) = (buffer.get(..body), buffer.get(body)) else { return Found::Incomplete };
    let expected = crc8(content);
    if expected != found {
        return Found::Bytes(MAGIC.len(), Some(Err(DecodeError::Checksum { expected, found })));
    }
    let (words, _) = content.get(HEADER..).unwrap_or_default().as_chunks::<SAMPLE>();
    let packet = Packet {
        sequence: Some(Counter { value: u64::from(u16::from_le_bytes([s0, s1])), bits: 16 }),
        ticks: Some(Ticks {
            first: Counter { value: u64::from(u32::from_le_bytes([t0, t1, t2, t3])), bits: 32 },
            tick: Tick::MICROSECOND,
            step_nanos: Tick::MICROSECOND.nanos(i64::from(u16::from_le_bytes([d0, d1]))),
        }),
        scale,
        samples: words.iter().map(sample).collect(),
    };
    Found::Bytes(body.saturating_add(1), Some(Ok(packet)))
}

fn sample(bytes: &[u8; SAMPLE]) -> RawSample {
    let &[a, b, c, d, e, f, g, h, i, j, k, l] = bytes;
    let word = |low, high| f64::from(i16::from_le_bytes([low, high]));
    RawSample { accelerometer: [word(a, b), word(c, d), word(e, f)], gyroscope: [word(g, h), word(i, j), word(k, l)] }
}

/// CRC-8, polynomial 0x07, start value 0.
pub(super) fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 != 0 { (crc << 1) ^ 0x07 } else { crc << 1 })
    })
}

/// A frame as a device sends it: counts of accelerometer and gyroscope, oldest sample first.
pub fn encode_frame(sequence: u16, first_us: u32, step_us: u16, samples: &[[i16; 6]]) -> Vec<u8> {
    let samples = samples.get(..samples.len().min(usize::from(u8::MAX))).unwrap_or_default();
    let mut bytes = MAGIC.to_vec();
    bytes.push(VERSION);
    bytes.push(u8::try_from(samples.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(&sequence.to_le_bytes());
    bytes.extend_from_slice(&first_us.to_le_bytes());
    bytes.extend_from_slice(&step_us.to_le_bytes());
    for word in samples.iter().flatten() {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    bytes.push(crc8(&bytes));
    bytes
}
