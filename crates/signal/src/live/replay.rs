//! A recording through a live session, in the order in which it reached the host.

use truehinge_core::{HostTime, InertialSample, Protocol, Recording, Track, TrackSamples};

use super::{LiveEvent, LiveSession};
use crate::method::Method;

/// What happens next.
enum Next<'a> {
    Sample(&'a Track, InertialSample),
    Gap(&'a Track, u64),
    Marker(usize),
}

/// Plays a recording through a new live session and tells what it told, with the host's time of each event. Samples without an
/// arrival time are left out: they were never live.
pub fn replay(
    recording: &Recording,
    method: Method,
    protocol: Protocol,
    emit: &mut dyn FnMut(HostTime, LiveEvent),
) -> LiveSession {
    let mut live = LiveSession::new(recording.info.clone(), method, protocol);
    for track in &recording.tracks {
        live.sensor(track.role, &track.device, track.clock);
    }
    for (at, next) in timeline(recording) {
        match next {
            Next::Sample(track, sample) => live.samples(track.role, &[sample], &mut |event| emit(at, event)),
            Next::Gap(track, lost) => live.gap(track.role, lost),
            Next::Marker(index) => live.marker(&recording.markers[index]),
        }
    }
    live
}

fn timeline(recording: &Recording) -> Vec<(HostTime, Next<'_>)> {
    let markers = recording.markers.iter().enumerate();
    let mut events: Vec<(HostTime, Next<'_>)> = markers.map(|(i, marker)| (marker.at, Next::Marker(i))).collect();
    for track in &recording.tracks {
        let TrackSamples::Inertial(samples) = &track.samples else { continue };
        let mut gaps = track.sequence_gaps.iter().peekable();
        for (i, sample) in samples.iter().enumerate() {
            let Some(at) = sample.arrival else { continue };
            while let Some(gap) = gaps.next_if(|gap| gap.before_sample <= i) {
                events.push((at, Next::Gap(track, gap.lost)));
            }
            events.push((at, Next::Sample(track, *sample)));
        }
    }
    // Stable: what arrived together stays in the order of the recording.
    events.sort_by_key(|(at, _)| *at);
    events
}
