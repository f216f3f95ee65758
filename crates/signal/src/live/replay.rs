//! A recording through a live session, in the order in which it reached the host.

use truehinge_core::{HostTime, Marker, MarkerKind, Protocol, Recording, Stored, story};

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

/// The same for a recording whose sets nobody marked, with what a session that looks for them marks: the recording with its markers.
pub fn replay_searching(
    recording: &Recording,
    method: Method,
    protocol: Protocol,
    emit: &mut dyn FnMut(HostTime, LiveEvent),
) -> (LiveSession, Recording) {
    let mut live = LiveSession::new(recording.info.clone(), method, protocol);
    let mut marked = recording.clone();
    for (at, stored) in story(recording) {
        let mut over = None;
        live.hear(&stored, &mut |event| {
            if let LiveEvent::SetOver(since) = event {
                over = Some(since);
            }
            emit(at, event);
        });
        if let Some(at) = over {
            let found = Marker { at, kind: MarkerKind::SetFound };
            live.hear(&Stored::Marker(found.clone()), &mut |event| emit(at, event));
            marked.markers.push(found);
        }
    }
    (live, marked)
}
