//! What all devices share: subscriptions, things to notify, the battery.

use std::collections::BTreeSet;

use truehinge_ble::gatt::{Uuid, assigned};
use truehinge_core::{AngularRate, STANDARD_GRAVITY, Sensor, SpecificForce};

use crate::virtual_sensor::VirtualSample;

/// The device does not take this.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused;

/// A GATT service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// Its UUID.
    pub uuid: Uuid,
    /// Its characteristics.
    pub characteristics: Vec<Characteristic>,
}

/// A GATT characteristic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Characteristic {
    /// Its UUID.
    pub uuid: Uuid,
    /// What may be done with it: `read`, `write`, `write-without-response`, `notify`, `indicate`.
    pub flags: &'static [&'static str],
}

/// One notification on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// Of this characteristic.
    pub characteristic: Uuid,
    /// The bytes.
    pub payload: Vec<u8>,
    /// How many samples are lost with it, if it is.
    pub samples: usize,
}

/// Subscriptions and the queue of notifications.
#[derive(Clone, Default)]
pub struct Link {
    subscribed: BTreeSet<Uuid>,
    queue: Vec<Outgoing>,
    mtu: u16,
}

impl Link {
    pub fn connected(&mut self, mtu: u16) {
        self.mtu = mtu;
    }

    pub fn disconnected(&mut self) {
        *self = Self::default();
    }

    pub fn subscribe(&mut self, characteristic: Uuid, on: bool) {
        if on {
            self.subscribed.insert(characteristic);
        } else {
            self.subscribed.remove(&characteristic);
        }
    }

    pub fn is_subscribed(&self, characteristic: Uuid) -> bool {
        self.subscribed.contains(&characteristic)
    }

    /// Most that a notification can hold, bytes.
    pub fn room(&self) -> usize {
        usize::from(self.mtu.saturating_sub(3))
    }

    /// Notifies, if somebody listens. What does not fit into a packet is cut off, as the radio does.
    pub fn notify(&mut self, characteristic: Uuid, mut payload: Vec<u8>, samples: usize) {
        if self.is_subscribed(characteristic) {
            payload.truncate(self.room());
            self.queue.push(Outgoing { characteristic, payload, samples });
        }
    }

    pub fn outgoing(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.queue)
    }
}

/// Battery service and level.
pub const BATTERY_SERVICE: Uuid = assigned(0x180f);
pub const BATTERY_LEVEL: Uuid = assigned(0x2a19);
/// What all virtual devices have left, %.
pub const CHARGE: u8 = 87;

pub fn battery_service() -> Service {
    let level = Characteristic { uuid: BATTERY_LEVEL, flags: &["read", "notify"] };
    Service { uuid: BATTERY_SERVICE, characteristics: vec![level] }
}

/// What a sensor gives of its measurements at the rate it is set to.
#[derive(Clone, Copy, Default)]
pub struct Pace {
    /// Device time of the last one that was given, s.
    last: Option<f64>,
}

/// Measurements come this much earlier at most than the rate says, in periods: no clock is that wrong.
const EARLY: f64 = 0.05;

impl Pace {
    /// Whether this measurement is given at a rate in Hz. What is measured less often is given as it comes.
    pub fn gives(&mut self, sample: &VirtualSample, rate: u16) -> bool {
        let now = sample.device_time.seconds();
        let too_early = (0.0..(1.0 - EARLY) / f64::from(rate)).contains(&self.last.map_or(-1.0, |last| now - last));
        if !too_early {
            self.last = Some(now);
        }
        !too_early
    }
}

/// Specific force in g.
pub fn in_g(force: SpecificForce<Sensor>) -> [f64; 3] {
    force.to_array().map(|f| f / STANDARD_GRAVITY)
}

/// Angular rate in degrees per second.
pub fn in_dps(rate: AngularRate<Sensor>) -> [f64; 3] {
    rate.to_array().map(f64::to_degrees)
}

/// Rounded to 16 bits, at the ends of the range where it is beyond, as a sensor's converter does.
#[allow(clippy::cast_possible_truncation, reason = "a float to integer cast saturates")]
pub fn count(value: f64) -> i16 {
    value.round() as i16
}

/// Bytes of 16-bit counts.
pub fn counts(values: [f64; 3], per_unit: f64) -> [u8; 6] {
    let [x, y, z] = values.map(|value| count(value * per_unit).to_le_bytes());
    [x[0], x[1], y[0], y[1], z[0], z[1]]
}

/// Bytes of single-precision numbers.
#[allow(clippy::cast_possible_truncation, reason = "single precision is what the device has")]
pub fn singles(values: [f64; 3]) -> Vec<u8> {
    values.into_iter().flat_map(|value| (value as f32).to_le_bytes()).collect()
}

/// The device's own clock in ticks of this length (ns), `ahead` of it so that it wraps soon.
pub fn ticks(sample: &VirtualSample, nanos: f64, ahead: u64) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "hours in ticks, not negative")]
    let own = (sample.device_time.nanos().max(0) as f64 / nanos).floor() as u64;
    own.wrapping_add(ahead)
}

/// The low 32 bits.
pub fn low32(ticks: u64) -> u32 {
    let [a, b, c, d, ..] = ticks.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}
