//! A session that has been run, and the recording a radio would have made of it.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use truehinge_core::{
    ClockKind, HostTime, InertialSample, Marker, Recording, SampleRate, SequenceGap, SessionInfo, Track, TrackSamples,
};

use super::Loss;
use crate::truth::Truth;
use crate::virtual_sensor::{VirtualSample, VirtualTrack};

/// A simulated session: what the sensors measured, and what truly happened.
#[derive(Clone, PartialEq, Debug)]
pub struct SimulatedSession {
    /// What the radio loses.
    pub loss: Loss,
    /// Seed of the losses.
    pub seed: u64,
    /// Who, when.
    pub info: SessionInfo,
    /// One per sensor.
    pub tracks: Vec<VirtualTrack>,
    /// Set starts and ends.
    pub markers: Vec<Marker>,
    /// What truly happened.
    pub truth: Truth,
    /// Length, s.
    pub duration: f64,
}

/// Latency of the ideal radio of [`SimulatedSession::recording`], s.
const IDEAL_LATENCY: f64 = 0.005;

impl SimulatedSession {
    /// The recording a radio with constant latency would have made, with the scenario's losses.
    pub fn recording(&self) -> Recording {
        let tracks = (0..)
            .zip(&self.tracks)
            .map(|(index, track)| {
                let mut rng = ChaCha8Rng::seed_from_u64(self.seed.wrapping_mul(31).wrapping_add(index));
                let (samples, sequence_gaps) = self.loss.apply(track, &mut rng);
                Track {
                    role: track.role,
                    device: track.device.clone(),
                    clock: ClockKind::Device,
                    samples: TrackSamples::Inertial(samples.into_iter().map(received).collect()),
                    sequence_gaps,
                }
            })
            .collect();
        Recording { info: self.info.clone(), tracks, markers: self.markers.clone() }
    }
}

fn received(sample: &VirtualSample) -> InertialSample {
    InertialSample {
        device_time: sample.device_time,
        arrival: Some(HostTime::from_seconds(sample.true_time.seconds() + IDEAL_LATENCY)),
        specific_force: sample.specific_force,
        angular_rate: sample.angular_rate,
    }
}

impl Loss {
    /// The samples that arrive, and where the others are missing.
    fn apply<'a>(&self, track: &'a VirtualTrack, rng: &mut ChaCha8Rng) -> (Vec<&'a VirtualSample>, Vec<SequenceGap>) {
        let hertz = track.device.nominal_rate.map_or(100.0, SampleRate::hertz);
        // A two-state chain: bursts end with one rate and begin with the one that loses the right share.
        let end = (self.burst * hertz).max(1.0).recip();
        let begin = end * self.share / (1.0 - self.share);
        let (mut arrived, mut gaps, mut lost, mut losing) = (Vec::new(), Vec::new(), 0, false);
        for sample in &track.samples {
            losing = rng.random::<f64>() < if losing { 1.0 - end } else { begin };
            if losing {
                lost += 1;
                continue;
            }
            if lost > 0 {
                gaps.push(SequenceGap { before_sample: arrived.len(), lost });
                lost = 0;
            }
            arrived.push(sample);
        }
        (arrived, gaps)
    }
}
