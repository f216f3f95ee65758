//! Numbers out of little-endian bytes; `None` where there are too few.

/// A fixed number of bytes at a place.
pub fn bytes<const N: usize>(payload: &[u8], at: usize) -> Option<[u8; N]> {
    payload.get(at..)?.first_chunk().copied()
}

pub fn u16_at(payload: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes(payload, at)?))
}

pub fn u32_at(payload: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes(payload, at)?))
}

pub fn u64_at(payload: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes(payload, at)?))
}

pub fn i16_at(payload: &[u8], at: usize) -> Option<i16> {
    Some(i16::from_le_bytes(bytes(payload, at)?))
}

pub fn f32_at(payload: &[u8], at: usize) -> Option<f32> {
    Some(f32::from_le_bytes(bytes(payload, at)?))
}

/// Three 16-bit counts.
pub fn i16x3(payload: &[u8], at: usize) -> Option<[f64; 3]> {
    let one = |i: usize| Some(f64::from(i16_at(payload, at.checked_add(2 * i)?)?));
    Some([one(0)?, one(1)?, one(2)?])
}

/// Three single-precision numbers.
pub fn f32x3(payload: &[u8], at: usize) -> Option<[f64; 3]> {
    let one = |i: usize| Some(f64::from(f32_at(payload, at.checked_add(4 * i)?)?));
    Some([one(0)?, one(1)?, one(2)?])
}
