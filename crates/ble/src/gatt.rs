//! Names of services and characteristics.
//!
//! Drivers write them as the makers' documents do; recordings keep them as 128-bit numbers.

pub use ::uuid::{Uuid, uuid};

/// Base of the numbers that the Bluetooth SIG assigns.
const BLUETOOTH: Uuid = uuid!("00000000-0000-1000-8000-00805f9b34fb");

/// A maker's UUID by its 16-bit number, which takes the place of the third and fourth byte of the maker's base.
///
/// ```
/// use truehinge_ble::gatt::{numbered, uuid};
///
/// let raw = numbered(uuid!("ef680000-9b35-4933-9b10-52ffa9740042"), 0x0406);
/// assert_eq!(raw.to_string(), "ef680406-9b35-4933-9b10-52ffa9740042");
/// ```
pub const fn numbered(base: Uuid, number: u16) -> Uuid {
    let mut bytes = base.into_bytes();
    [bytes[2], bytes[3]] = number.to_be_bytes();
    Uuid::from_bytes(bytes)
}

/// The UUID of a number that the Bluetooth SIG assigned.
pub const fn assigned(number: u16) -> Uuid {
    numbered(BLUETOOTH, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_takes_its_place_on_the_base() {
        assert_eq!(assigned(0x2a19).as_u128(), 0x0000_2a19_0000_1000_8000_0080_5f9b_34fb);
        let dot = uuid!("15170000-4947-11e9-8646-d663bd873d93");
        assert_eq!(numbered(dot, 0x7003), uuid!("15177003-4947-11e9-8646-d663bd873d93"));
    }
}
