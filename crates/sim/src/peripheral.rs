//! A virtual sensor on the radio: packs its samples into Nordic-UART frames and delivers them late, in bursts, or not at all.
//!
//! Delays follow the usual model of one-sided waits: a packet waits for the next connection event, each lost event costs one
//! more interval, the host's stack adds a little, and sometimes the host is busy. Some packets are lost for good, which the
//! frame counter shows.

use std::collections::VecDeque;

use async_trait::async_trait;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use truehinge_ble::driver::nus::{FrameScale, Profile, RX, TX, encode_frame};
use truehinge_ble::link::{ImuLink, LinkError, LinkEvent, Timing};
use truehinge_core::{DeviceInfo, HostTime, Notification, STANDARD_GRAVITY};

use crate::virtual_sensor::{VirtualSample, VirtualTrack};

/// How the radio treats packets.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RadioModel {
    /// Time between connection events, s.
    pub interval: f64,
    /// Probability that an event fails and its packets wait for the next one.
    pub event_loss: f64,
    /// Probability that a packet is lost for good.
    pub packet_loss: f64,
    /// Mean of the host stack's delay, s.
    pub stack: f64,
    /// Probability that the host is busy when a packet arrives, for 20 to 200 ms.
    pub stall: f64,
    /// Samples per packet.
    pub batch: usize,
    /// Link is lost in this stretch of true time, s.
    pub outage: Option<(f64, f64)>,
    /// Seed of the above.
    pub seed: u64,
}

impl RadioModel {
    /// A quiet room: 15 ms interval, 3 % of events fail, 0.3 % of packets lost.
    pub fn typical(seed: u64) -> Self {
        Self {
            interval: 0.015,
            event_loss: 0.03,
            packet_loss: 0.003,
            stack: 0.001,
            stall: 0.002,
            batch: 4,
            outage: None,
            seed,
        }
    }
}

/// Counts of the frames: enough for ±8 g and ±1000 deg/s in 16 bits.
pub const FRAME_SCALE: FrameScale = FrameScale { acc_lsb_per_g: 4096.0, gyro_lsb_per_dps: 32.8 };

/// What its connections negotiate, bytes.
const MTU: u16 = 247;

/// The profile a driver of such a sensor needs.
pub fn profile(device: &DeviceInfo) -> Profile {
    Profile {
        model: device.model.clone(),
        rate_hz: device.nominal_rate.map(truehinge_core::SampleRate::hertz),
        accelerometer_range_g: device.accelerometer_range.map(|range| range / STANDARD_GRAVITY),
        gyroscope_range_dps: device.gyroscope_range.map(f64::to_degrees),
        mount: device.mount,
        ..Profile::default()
    }
}

/// A virtual sensor as a connected device.
pub struct VirtualPeripheral {
    name: String,
    events: VecDeque<LinkEvent>,
    streaming: bool,
    /// Samples in packets that were lost for good.
    lost_samples: u64,
}

impl VirtualPeripheral {
    /// Puts a sensor on the radio.
    pub fn new(track: &VirtualTrack, radio: &RadioModel) -> Self {
        let mut air = Air { radio, rng: ChaCha8Rng::seed_from_u64(radio.seed), latest: 0.0, lost_samples: 0 };
        let mut events: Vec<LinkEvent> = (0_u16..=u16::MAX)
            .cycle()
            .zip(track.samples.chunks(radio.batch.max(1)))
            .filter_map(|(sequence, samples)| air.deliver(sequence, samples))
            .collect();
        if let Some((from, to)) = radio.outage {
            events.push(LinkEvent::Lost { at: HostTime::from_seconds(from), cause: LinkError::Dropped });
            events.push(LinkEvent::Connected { at: HostTime::from_seconds(to), mtu: MTU });
        }
        events.sort_by_key(LinkEvent::at);
        let announcement = announcement(track);
        let first = events.first().map_or(HostTime::ZERO, LinkEvent::at);
        let mut queue: VecDeque<LinkEvent> = events.into();
        queue.push_front(LinkEvent::Notification(Notification {
            characteristic: TX,
            received_at: first,
            payload: announcement.into_bytes(),
        }));
        queue.push_front(LinkEvent::Connected { at: first, mtu: MTU });
        let lost_samples = air.lost_samples;
        Self { name: track.device.serial.clone(), events: queue, streaming: false, lost_samples }
    }

    /// Samples in packets that were lost for good: what the recorder should count.
    pub fn lost_samples(&self) -> u64 {
        self.lost_samples
    }
}

fn announcement(track: &VirtualTrack) -> String {
    let rate = track.device.nominal_rate.map_or(0.0, truehinge_core::SampleRate::hertz);
    format!(
        "{{\"truehinge\":1,\"acc_lsb_per_g\":{},\"gyro_lsb_per_dps\":{},\"rate\":{rate}}}\n",
        FRAME_SCALE.acc_lsb_per_g, FRAME_SCALE.gyro_lsb_per_dps
    )
}

/// The radio between sensor and host.
struct Air<'a> {
    radio: &'a RadioModel,
    rng: ChaCha8Rng,
    latest: f64,
    lost_samples: u64,
}

impl Air<'_> {
    fn chance(&mut self, probability: f64) -> bool {
        self.rng.random::<f64>() < probability
    }

    fn deliver(&mut self, sequence: u16, samples: &[VirtualSample]) -> Option<LinkEvent> {
        let sent = samples.last()?.true_time.seconds();
        let out_of_reach = self.radio.outage.is_some_and(|(from, to)| (from..to).contains(&sent));
        if self.chance(self.radio.packet_loss) || out_of_reach {
            self.lost_samples += samples.len() as u64;
            return None;
        }
        let mut event = (sent / self.radio.interval).ceil() * self.radio.interval;
        while self.chance(self.radio.event_loss) {
            event += self.radio.interval;
        }
        let mut arrival = event - self.radio.stack * (1.0 - self.rng.random::<f64>()).ln();
        if self.chance(self.radio.stall) {
            arrival += self.rng.random_range(0.02..0.2);
        }
        // The radio keeps the order of packets.
        self.latest = self.latest.max(arrival);
        let received_at = HostTime::from_seconds(self.latest);
        let payload = encode(sequence, samples);
        Some(LinkEvent::Notification(Notification { characteristic: TX, received_at, payload }))
    }
}

fn encode(sequence: u16, samples: &[VirtualSample]) -> Vec<u8> {
    let micros = |sample: &VirtualSample| sample.device_time.nanos().div_euclid(1000);
    let first = samples.first().map_or(0, micros);
    let last = samples.last().map_or(0, micros);
    let steps = i64::try_from(samples.len()).unwrap_or(1).saturating_sub(1).max(1);
    // The device's clock wraps after 32 bits, its step is the mean over the packet.
    let wrapped = u32::try_from(first.rem_euclid(1 << 32)).unwrap_or(0);
    let step = u16::try_from((last - first) / steps).unwrap_or(u16::MAX);
    let counts: Vec<[i16; 6]> = samples.iter().map(counts).collect();
    encode_frame(sequence, wrapped, step, &counts)
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "a float to integer cast saturates, as the converter of a sensor does"
)]
fn counts(sample: &VirtualSample) -> [i16; 6] {
    let [ax, ay, az] = sample.specific_force.to_array().map(|f| f / STANDARD_GRAVITY * FRAME_SCALE.acc_lsb_per_g);
    let [gx, gy, gz] = sample.angular_rate.to_array().map(|w| w.to_degrees() * FRAME_SCALE.gyro_lsb_per_dps);
    [ax, ay, az, gx, gy, gz].map(|count| count.round() as i16)
}

#[async_trait]
impl ImuLink for VirtualPeripheral {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn timing(&self) -> Timing {
        Timing::Simulated
    }

    async fn subscribe(&mut self, characteristic: u128) -> Result<(), LinkError> {
        if characteristic == TX { Ok(()) } else { Err(LinkError::NoCharacteristic { characteristic }) }
    }

    async fn write(&mut self, characteristic: u128, payload: &[u8], _: bool) -> Result<(), LinkError> {
        if characteristic != RX {
            return Err(LinkError::NoCharacteristic { characteristic });
        }
        match payload {
            b"start\n" => self.streaming = true,
            b"stop\n" => self.streaming = false,
            _ => {}
        }
        Ok(())
    }

    async fn read(&mut self, characteristic: u128) -> Result<(), LinkError> {
        Err(LinkError::NoCharacteristic { characteristic })
    }

    async fn next(&mut self) -> Option<LinkEvent> {
        let connects = matches!(self.events.front(), Some(LinkEvent::Connected { .. }));
        if connects || self.streaming { self.events.pop_front() } else { None }
    }
}
