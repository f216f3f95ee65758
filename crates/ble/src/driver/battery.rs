//! The battery service that most devices share (Bluetooth assigned number 0x180F).

use super::{Charge, Event, Request};
use crate::gatt::{Uuid, assigned};

/// Level, per cent.
pub const LEVEL: Uuid = assigned(0x2a19);

/// How it is asked for, once.
pub const CHARGE: Charge = Charge::Read(LEVEL);

/// Asks for the level, now and whenever it changes.
pub const fn follow() -> [Request; 2] {
    [Request::Read(LEVEL), Request::Subscribe(LEVEL)]
}

/// What the reply means.
pub fn event(payload: &[u8]) -> Option<Event> {
    payload.first().map(|&level| Event::Battery(level.min(100)))
}
