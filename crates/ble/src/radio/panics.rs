//! One known panic in a library must neither frighten nor hide.

use std::panic::PanicHookInfo;
use std::sync::Once;

/// Turns exactly one known panic into a debug message; every other one is reported as before.
///
/// bluez-async 0.9 removes the match rule of a dropped event stream in a task of its own and unwraps the result. Where a
/// signal arrives in between, or the bus is gone, the task panics: nothing else is affected, but the terminal would show it.
pub fn quieten_known_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if known(info) {
                tracing::debug!("bluez-async: {info}");
            } else {
                before(info);
            }
        }));
    });
}

fn known(info: &PanicHookInfo<'_>) -> bool {
    info.location().is_some_and(|place| is_match_removal(place.file()))
}

fn is_match_removal(file: &str) -> bool {
    file.contains("bluez-async-0.9") && file.ends_with("messagestream.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_that_file_is_known() {
        assert!(is_match_removal("/r/src/index/bluez-async-0.9.0/src/messagestream.rs"));
        assert!(!is_match_removal("/r/src/index/bluez-async-0.9.0/src/lib.rs"));
        assert!(!is_match_removal("crates/ble/src/radio/messagestream.rs"));
    }
}
