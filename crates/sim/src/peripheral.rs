//! A virtual device on the radio: what it notifies is delivered late, in bursts, or not at all.
//!
//! Delays follow the usual model of one-sided waits: a packet waits for the next connection event, each lost event costs one
//! more interval, the host's stack adds a little, and sometimes the host is busy. Some packets are lost for good, which the
//! frame counter shows.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use truehinge_ble::driver::nus::Profile;
use truehinge_ble::gatt::Uuid;
use truehinge_ble::link::{ImuLink, LinkError, LinkEvent, Timing};
use truehinge_core::{DeviceInfo, HostTime, Notification, STANDARD_GRAVITY};

use crate::device::{Nus, Refused, VirtualDevice};
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
    /// Samples per packet, of devices that leave the choice.
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

/// A virtual device in reach.
pub struct VirtualPeripheral {
    name: String,
    device: Box<dyn VirtualDevice>,
    samples: std::vec::IntoIter<VirtualSample>,
    queue: VecDeque<LinkEvent>,
    air: Air,
    connected: bool,
    /// True time of the last sample.
    now: HostTime,
    lost: Arc<AtomicU64>,
}

impl VirtualPeripheral {
    /// A sensor that speaks frames over the Nordic UART service.
    pub fn new(track: &VirtualTrack, radio: &RadioModel) -> Self {
        let rate = track.device.nominal_rate.map_or(0.0, truehinge_core::SampleRate::hertz);
        Self::of(Box::new(Nus::new(&track.device.serial, rate, radio.batch)), track, radio)
    }

    /// Any device, whose sensor measures this.
    pub fn of(device: Box<dyn VirtualDevice>, track: &VirtualTrack, radio: &RadioModel) -> Self {
        Self {
            name: track.device.serial.clone(),
            device,
            samples: track.samples.clone().into_iter(),
            queue: VecDeque::new(),
            air: Air { radio: *radio, rng: ChaCha8Rng::seed_from_u64(radio.seed), latest: 0.0 },
            connected: false,
            now: HostTime::from_seconds(track.samples.first().map_or(0.0, |first| first.true_time.seconds())),
            lost: Arc::default(),
        }
    }

    /// Samples that were lost for good, counted while it is being recorded: what the recorder should count.
    pub fn lost_samples(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.lost)
    }

    fn is_out_of_reach(&self) -> bool {
        let now = self.now.seconds();
        self.air.radio.outage.is_some_and(|(from, to)| (from..to).contains(&now))
    }

    /// Connects and disconnects as the radio allows.
    fn follow_the_radio(&mut self) {
        match (self.connected, self.is_out_of_reach()) {
            (true, true) => {
                self.connected = false;
                self.device.disconnected();
                self.queue.push_back(LinkEvent::Lost { at: self.air.not_before(self.now), cause: LinkError::Dropped });
            }
            (false, false) => {
                self.connected = true;
                self.device.connected(MTU);
                self.queue.push_back(LinkEvent::Connected { at: self.air.not_before(self.now), mtu: MTU });
            }
            _ => {}
        }
    }

    /// Answers come at once; measurements as the radio brings them.
    fn send(&mut self) {
        for outgoing in self.device.outgoing() {
            let arrival =
                if outgoing.samples == 0 { Some(self.air.not_before(self.now)) } else { self.air.deliver(self.now) };
            match arrival {
                Some(at) => self.queue.push_back(notification(at, outgoing.characteristic, outgoing.payload)),
                None => self.count_lost(outgoing.samples),
            }
        }
    }

    fn count_lost(&self, samples: usize) {
        self.lost.fetch_add(samples as u64, Ordering::Relaxed);
    }
}

fn notification(received_at: HostTime, characteristic: Uuid, payload: Vec<u8>) -> LinkEvent {
    let characteristic = characteristic.as_u128();
    LinkEvent::Notification(Notification { characteristic, received_at, payload })
}

/// The radio between sensor and host.
struct Air {
    radio: RadioModel,
    rng: ChaCha8Rng,
    /// Arrival of the last packet, s.
    latest: f64,
}

impl Air {
    fn chance(&mut self, probability: f64) -> bool {
        self.rng.random::<f64>() < probability
    }

    /// The radio keeps the order of what happens.
    fn not_before(&mut self, time: HostTime) -> HostTime {
        self.latest = self.latest.max(time.seconds());
        HostTime::from_seconds(self.latest)
    }

    /// When a packet sent now arrives, if it does.
    fn deliver(&mut self, sent: HostTime) -> Option<HostTime> {
        if self.chance(self.radio.packet_loss) {
            return None;
        }
        let mut event = (sent.seconds() / self.radio.interval).ceil() * self.radio.interval;
        while self.chance(self.radio.event_loss) {
            event += self.radio.interval;
        }
        let mut arrival = event - self.radio.stack * (1.0 - self.rng.random::<f64>()).ln();
        if self.chance(self.radio.stall) {
            arrival += self.rng.random_range(0.02..0.2);
        }
        Some(self.not_before(HostTime::from_seconds(arrival)))
    }
}

#[async_trait]
impl ImuLink for VirtualPeripheral {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn timing(&self) -> Timing {
        Timing::Simulated
    }

    async fn subscribe(&mut self, characteristic: Uuid) -> Result<(), LinkError> {
        self.device.subscribe(characteristic, true).map_err(|Refused| LinkError::NoCharacteristic { characteristic })
    }

    async fn write(&mut self, characteristic: Uuid, payload: &[u8], _: bool) -> Result<(), LinkError> {
        self.device.write(characteristic, payload).map_err(|Refused| LinkError::NoCharacteristic { characteristic })
    }

    async fn read(&mut self, characteristic: Uuid) -> Result<(), LinkError> {
        let reply =
            self.device.read(characteristic).map_err(|Refused| LinkError::NoCharacteristic { characteristic })?;
        let at = self.air.not_before(self.now);
        self.queue.push_back(notification(at, characteristic, reply));
        Ok(())
    }

    async fn next(&mut self) -> Option<LinkEvent> {
        loop {
            self.follow_the_radio();
            self.send();
            if let Some(event) = self.queue.pop_front() {
                return Some(event);
            }
            let sample = self.samples.next()?;
            self.now = HostTime::from_seconds(sample.true_time.seconds());
            if self.connected && !self.is_out_of_reach() {
                self.device.measure(&sample);
            } else {
                self.count_lost(1);
            }
        }
    }
}
