//! Any text as a profile of a Nordic-UART sensor, and any bytes as what that sensor sends.
//!
//! ```text
//! profile (TOML)   0x00   { length u8   payload }
//! ```
#![no_main]

mod checks;

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use truehinge_ble::driver::nus::{NusDriver, Profile, TX};
use truehinge_ble::ingest::connection;
use truehinge_core::{HostTime, Notification};

fuzz_target!(|data: &[u8]| {
    let end = data.iter().position(|&byte| byte == 0).unwrap_or(data.len());
    let (text, mut rest) = data.split_at(end);
    let Ok(text) = std::str::from_utf8(text) else { return };
    let profile = match Profile::from_toml(text) {
        Ok(profile) => profile,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    rest = rest.get(1..).unwrap_or_default();
    let mut stored = vec![connection(HostTime::ZERO, 247)];
    while let Some((&[length], after)) = rest.split_first_chunk::<1>() {
        let (payload, after) = after.split_at(after.len().min(usize::from(length)));
        rest = after;
        stored.push(Notification {
            characteristic: TX.as_u128(),
            received_at: HostTime::ZERO,
            payload: payload.to_vec(),
        });
    }
    checks::replay(Arc::new(NusDriver { profile }), stored);
});
