//! The battery service that most devices share (Bluetooth assigned number 0x180F).

use super::{Event, Request};
use crate::gatt::{Uuid, assigned};

/// Level, per cent.
pub const LEVEL: Uuid = assigned(0x2a19);

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
