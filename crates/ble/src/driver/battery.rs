//! The battery service that most devices share (Bluetooth assigned number 0x180F).

use super::{Event, Request};

/// Level, per cent.
pub const LEVEL: u128 = 0x0000_2a19_0000_1000_8000_0080_5f9b_34fb;

/// Asks for the level.
pub const fn ask() -> Request {
    Request::Read(LEVEL)
}

/// Asks for the level, now and whenever it changes.
pub const fn follow() -> [Request; 2] {
    [ask(), Request::Subscribe(LEVEL)]
}

/// What the reply means.
pub fn event(payload: &[u8]) -> Option<Event> {
    payload.first().map(|&level| Event::Battery(level.min(100)))
}
