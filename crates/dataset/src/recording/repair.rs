//! One changed bit of a finished file: the checksum of its data says which one it was.

/// Bytes up to which it is looked for: every bit costs a step.
const LIMIT: usize = 256 << 20;
/// The polynomial of CRC-32, in the order in which its register shifts.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// The one bit of `data` by which its checksum is not the stated one: its byte, and the bit in it.
///
/// A bit that changes adds to the checksum what a register with that bit alone holds after as many steps as bits follow, and no two
/// places of a file add the same. Where more has changed than a bit, one in some hundreds of files has a bit that would explain it all the
/// same: whoever sets it right must look at what comes of it.
pub fn one_bit(data: &[u8], stated: u32) -> Option<(usize, u8)> {
    let added = crc32fast::hash(data) ^ stated;
    if added == 0 || data.len() > LIMIT {
        return None;
    }
    let mut register = 1_u32;
    let step = |register: u32| (register >> 1) ^ if register & 1 == 1 { POLYNOMIAL } else { 0 };
    for byte in (0..data.len()).rev() {
        for bit in (0..8).rev() {
            register = step(register);
            if register == added {
                return Some((byte, 1 << bit));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_one_bit_is_found_and_two_are_left_alone() {
        let original: Vec<u8> = (0..997_u32).map(|i| (i * i % 251) as u8).collect();
        let stated = crc32fast::hash(&original);
        for at in (0..original.len() * 8).step_by(13) {
            let mut changed = original.clone();
            changed[at / 8] ^= 1 << (at % 8);
            let (byte, bit) = one_bit(&changed, stated).unwrap_or_else(|| panic!("bit {at}"));
            changed[byte] ^= bit;
            assert_eq!(changed, original, "bit {at}");
        }
        let mut twice = original.clone();
        twice[3] ^= 1;
        twice[700] ^= 64;
        assert_eq!(one_bit(&twice, stated), None);
        assert_eq!(one_bit(&original, stated), None, "nothing to set right");
    }
}
