//! What came lately, as a recording of its own.

use nalgebra::Vector3;
use truehinge_core::{
    DeviceInfo, HostTime, InertialSample, Interval, Marker, Recording, SensorRole, SequenceGap, SessionInfo,
    SessionTime, Span, Track, TrackSamples, recording::ClockKind,
};

use super::BEFORE_ALL;
use crate::method::Live;

/// The last minutes of a session: memory and work stay bounded however long it goes on.
pub(super) struct Window {
    recording: Recording,
    cut: SessionTime,
    longest: Interval,
    kept: Interval,
}

impl Window {
    pub(super) fn new(info: SessionInfo, method: &Live) -> Self {
        Self {
            recording: Recording { info, tracks: Vec::new(), markers: Vec::new() },
            cut: BEFORE_ALL,
            longest: Interval::from_seconds(method.window_s),
            kept: Interval::from_seconds(method.kept_s),
        }
    }

    pub(super) fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Where the window begins, once something was cut off.
    pub(super) fn cut(&self) -> SessionTime {
        self.cut
    }

    pub(super) fn sensor(&mut self, role: SensorRole, device: &DeviceInfo, clock: ClockKind) {
        self.recording.tracks.push(Track {
            role,
            device: device.clone(),
            clock,
            samples: TrackSamples::Inertial(Vec::new()),
            sequence_gaps: Vec::new(),
        });
        self.recording.tracks.sort_by_key(|track| track.role);
    }

    pub(super) fn marker(&mut self, marker: &Marker) {
        self.recording.markers.push(marker.clone());
    }

    /// Whether the sensor was declared.
    pub(super) fn gap(&mut self, role: SensorRole, lost: u64) -> bool {
        let Some(track) = self.track(role) else { return false };
        track.sequence_gaps.push(SequenceGap { before_sample: track.samples.len(), lost });
        true
    }

    /// Keeps the samples that have an arrival time.
    pub(super) fn samples(&mut self, role: SensorRole, samples: &[InertialSample]) {
        if let Some(track) = self.track(role)
            && let TrackSamples::Inertial(stored) = &mut track.samples
        {
            stored.extend(samples.iter().filter(|sample| sample.arrival.is_some()));
        }
    }

    fn track(&mut self, role: SensorRole) -> Option<&mut Track> {
        self.recording.tracks.iter_mut().find(|track| track.role == role)
    }

    /// Mean specific force of a sensor in a span, m/s² in its frame; `None` without samples there.
    pub(super) fn mean_force(&self, role: SensorRole, span: Span) -> Option<Vector3<f64>> {
        let track = self.recording.tracks.iter().find(|track| track.role == role)?;
        let TrackSamples::Inertial(samples) = &track.samples else { return None };
        let before = |time: SessionTime| {
            samples.partition_point(|sample| sample.arrival.is_some_and(|arrival| arrival.on_session() < time))
        };
        let inside = &samples[before(span.start)..before(span.end)];
        let sum: Vector3<f64> = inside.iter().map(|sample| sample.specific_force.vector()).sum();
        (!inside.is_empty()).then(|| sum / inside.len() as f64)
    }

    /// Forgets what is older than needed, once the window is longer than allowed.
    pub(super) fn trim(&mut self, now: HostTime) {
        let earliest = |track: &Track| match &track.samples {
            TrackSamples::Inertial(samples) => samples.first().and_then(|sample| sample.arrival),
            TrackSamples::Orientation(_) => None,
        };
        let Some(first) = self.recording.tracks.iter().filter_map(earliest).min() else { return };
        if now - first <= self.longest {
            return;
        }
        let cut = now - self.kept;
        self.cut = cut.on_session();
        for track in &mut self.recording.tracks {
            let TrackSamples::Inertial(samples) = &mut track.samples else { continue };
            let old = samples.partition_point(|sample| sample.arrival.is_some_and(|arrival| arrival < cut));
            samples.drain(..old);
            track.sequence_gaps.retain(|gap| gap.before_sample > old);
            track.sequence_gaps.iter_mut().for_each(|gap| gap.before_sample -= old);
        }
    }
}
