//! Any bytes on any characteristic of any model, over several connections: nothing panics, and what comes of them makes sense.
//!
//! ```text
//! model u8   { characteristic u8   length u8   payload }
//! ```
#![no_main]

mod checks;

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use truehinge_ble::driver::{ImuDriver, Request, all};
use truehinge_ble::gatt::Uuid;
use truehinge_ble::ingest::connection;
use truehinge_core::{HostTime, Notification};

/// In place of a characteristic: the link is lost and comes back.
const RECONNECT: u8 = 0xff;

/// What a session talks to, as far as it says.
fn characteristics(driver: &dyn ImuDriver) -> Vec<Uuid> {
    let mut session = driver.session(247);
    let of = |request: Request| match request {
        Request::Subscribe(c) | Request::Read(c) | Request::Write { characteristic: c, .. } => Some(c),
        Request::Wait(_) => None,
    };
    session.start().into_iter().filter_map(of).chain(hidden(driver.model())).collect()
}

/// Characteristics that are talked to only after an answer.
fn hidden(model: &str) -> Vec<Uuid> {
    use truehinge_ble::driver::{dot, thingy};
    match model {
        "movella-dot" => vec![dot::CONTROL, dot::MEDIUM, dot::LONG],
        "thingy52" => vec![thingy::RAW],
        _ => Vec::new(),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&[model], mut rest)) = data.split_first_chunk::<1>() else { return };
    let mut models = all();
    let driver: Arc<dyn ImuDriver> = Arc::from(models.swap_remove(usize::from(model) % models.len()));
    let known = characteristics(&*driver);
    let mut stored = vec![connection(HostTime::ZERO, 247)];
    while let Some((&[characteristic, length], after)) = rest.split_first_chunk::<2>() {
        let (payload, after) = after.split_at(after.len().min(usize::from(length)));
        rest = after;
        if characteristic == RECONNECT {
            let mtu = u16::from(length) + 23;
            stored.push(connection(HostTime::ZERO, mtu));
            continue;
        }
        let characteristic = known[usize::from(characteristic) % known.len()].as_u128();
        stored.push(Notification { characteristic, received_at: HostTime::ZERO, payload: payload.to_vec() });
    }
    checks::replay(driver, stored);
});
