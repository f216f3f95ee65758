//! A recording through a live session, in the order in which it reached the host.

use truehinge_core::{HostTime, Protocol, Recording, story};

use super::{LiveEvent, LiveSession};
use crate::method::Method;

/// Plays a recording through a new live session and tells what it told, with the host's time of each event ([`story()`]).
pub fn replay(
    recording: &Recording,
    method: Method,
    protocol: Protocol,
    emit: &mut dyn FnMut(HostTime, LiveEvent),
) -> LiveSession {
    let mut live = LiveSession::new(recording.info.clone(), method, protocol);
    for (at, stored) in story(recording) {
        live.hear(&stored, &mut |event| emit(at, event));
    }
    live
}
