//! Messages to a DOT and from it, as far as they are about setting the sensors' clocks to one another's.
//!
//! ```text
//! MID  LEN  DATA...  CHK      LEN counts DATA, the sum of all bytes is 0 modulo 256
//! ```

/// Bluetooth address, most significant byte first, as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Address(pub [u8; 6]);

impl Address {
    /// Of `D4:CA:6E:F1:69:3D`. Some systems show other names instead of addresses.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: Option<Vec<u8>> = text.split(':').map(|byte| u8::from_str_radix(byte, 16).ok()).collect();
        bytes?.try_into().ok().map(Self)
    }

    /// At the beginning of the device's information. The document does not say in which order; as in the message here.
    pub fn of_information(information: &[u8]) -> Option<Self> {
        let mut bytes: [u8; 6] = information.get(..6)?.try_into().ok()?;
        bytes.reverse();
        Some(Self(bytes))
    }
}

/// What a sensor is told or asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ask {
    /// Set your clock to the root's, once the connection is ended. The root is told so, too.
    StartSync {
        /// Whose clock is the common one.
        root: Address,
    },
    /// Forget that.
    StopSync,
    /// Is your clock set?
    SyncStatus,
}

impl Ask {
    /// The message.
    pub fn bytes(self) -> Vec<u8> {
        let data = match self {
            Self::StartSync { root: Address(mut root) } => {
                root.reverse();
                [&[1][..], &root].concat()
            }
            Self::StopSync => vec![2],
            Self::SyncStatus => vec![8],
        };
        framed(2, &data)
    }

    /// What a message asks; `None` for any other.
    pub fn parse(message: &[u8]) -> Option<Self> {
        match *data(message)? {
            [1, ref root @ ..] => {
                let mut root: [u8; 6] = root.try_into().ok()?;
                root.reverse();
                Some(Self::StartSync { root: Address(root) })
            }
            [2] => Some(Self::StopSync),
            [8] => Some(Self::SyncStatus),
            _ => None,
        }
    }
}

/// What a sensor answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reply {
    /// To a start, once it is connected again: 0 is success.
    Started(u8),
    /// To a stop: 0 is success.
    Stopped(u8),
    /// Whether its clock is set.
    Synced(bool),
}

const SYNCED: u8 = 4;
const NOT_SYNCED: u8 = 9;

impl Reply {
    /// What a message says; `None` for any other.
    pub fn parse(message: &[u8]) -> Option<Self> {
        match *data(message)? {
            [3, code] => Some(Self::Started(code)),
            [0x50, code] => Some(Self::Stopped(code)),
            [0x51, SYNCED] => Some(Self::Synced(true)),
            [0x51, NOT_SYNCED] => Some(Self::Synced(false)),
            _ => None,
        }
    }

    /// The message.
    pub fn bytes(self) -> Vec<u8> {
        match self {
            Self::Started(code) => framed(2, &[3, code]),
            Self::Stopped(code) => framed(2, &[0x50, code]),
            Self::Synced(synced) => framed(2, &[0x51, if synced { SYNCED } else { NOT_SYNCED }]),
        }
    }
}

/// The reason of a sensor that heard too little of the others.
pub const UNHEARD: u8 = 5;

/// Why a start failed.
pub fn failure(code: u8) -> &'static str {
    match code {
        UNHEARD => "it heard too little of the others",
        7 => "its clock is too far off the others'",
        8 => "it began at another time than the others",
        9 => "it did not begin",
        _ => "it gives no reason that is known",
    }
}

fn framed(id: u8, data: &[u8]) -> Vec<u8> {
    #[allow(clippy::cast_possible_truncation, reason = "at most 7 bytes")]
    let mut message = [&[id, data.len() as u8][..], data].concat();
    let sum = message.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    message.push(sum.wrapping_neg());
    message
}

/// The data of a message to or from the synchronisation. Values have a fixed length: the rest after the message is zero.
fn data(message: &[u8]) -> Option<&[u8]> {
    let [2, length, rest @ ..] = message else { return None };
    let (data, check) = rest.split_at_checked(usize::from(*length))?;
    let sum = data.iter().chain(check.first()).fold(2_u8.wrapping_add(*length), |sum, byte| sum.wrapping_add(*byte));
    (sum == 0 && !check.is_empty()).then_some(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::tests::hex;

    #[test]
    fn the_messages_of_the_notes() {
        let root = Address::parse("D4:CA:6E:F1:69:3D").expect("an address");
        for (ask, bytes) in [
            (Ask::StartSync { root }, "02 07 01 3d 69 f1 6e ca d4 53"),
            (Ask::StopSync, "02 01 02 fb"),
            (Ask::SyncStatus, "02 01 08 f5"),
        ] {
            assert_eq!((ask.bytes(), Ask::parse(&hex(bytes))), (hex(bytes), Some(ask)));
        }
        for (reply, bytes) in [
            (Reply::Stopped(0), "02 02 50 00 ac"),
            (Reply::Synced(true), "02 02 51 04 a7"),
            (Reply::Synced(false), "02 02 51 09 a2"),
            (Reply::Started(0), "02 02 03 00 f9"),
        ] {
            assert_eq!((reply.bytes(), Reply::parse(&hex(bytes))), (hex(bytes), Some(reply)));
            assert_eq!(Reply::parse(&[hex(bytes), vec![0; 15]].concat()), Some(reply), "values have a fixed length");
        }
    }

    #[test]
    fn whatever_comes_is_no_reply_unless_it_is_one() {
        for bytes in ["", "02", "02 02", "02 02 03 00", "02 02 03 00 f8", "02 ff 03 00 f9", "03 02 03 00 f8"] {
            assert_eq!(Reply::parse(&hex(bytes)), None, "{bytes}");
        }
        assert_eq!(Address::parse("8F2E7A10-1B2C"), None);
    }
}
