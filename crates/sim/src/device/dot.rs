//! Movella DOT.

use truehinge_ble::driver::Advertisement;
use truehinge_ble::driver::dot::message::{Ask, Reply};
use truehinge_ble::driver::dot::{BASE, BATTERY, COMPANY, CONTROL, DEVICE_CONTROL, LONG, MEDIUM};
use truehinge_ble::driver::dot::{MESSAGE_ACKNOWLEDGE, MESSAGE_CONTROL, MESSAGE_NOTIFICATION};
use truehinge_ble::gatt::{Uuid, numbered};

use super::gatt::{CHARGE, Link, Pace, in_dps, low32, singles, ticks};
use super::{Characteristic, Outgoing, Refused, Service, VirtualDevice};
use crate::virtual_sensor::VirtualSample;

const CONFIGURATION_SERVICE: Uuid = numbered(BASE, 0x1000);
const MEASUREMENT_SERVICE: Uuid = numbered(BASE, 0x2000);
const BATTERY_SERVICE: Uuid = numbered(BASE, 0x3000);
const MESSAGE_SERVICE: Uuid = numbered(BASE, 0x7000);
const RATE_AT: usize = 24;
const VISIT_RATE: u8 = 0x10;
/// Rates at which it streams, Hz; it has 120 only for its own memory.
const RATES: [u16; 8] = [1, 4, 10, 12, 15, 20, 30, 60];

/// What its firmware does about a start in a mode that it does not have. Not known of real ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnknownMode {
    /// Nothing.
    Ignored,
    /// The write is answered with an error.
    Refused,
}

/// How far its clock is set to the others'.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sync {
    /// It runs free.
    Free,
    /// It was told to, and begins when its connection is ended.
    Asked,
    /// Tried, with this result: 0 is success.
    Done(u8),
}

/// What a start of the synchronisation answers that was not one.
const NOT_STARTED: u8 = 9;

/// See the module.
pub struct Dot {
    /// Modes that its firmware has.
    modes: Vec<u8>,
    unknown_mode: UnknownMode,
    settings: Vec<u8>,
    running: Option<u8>,
    pace: Pace,
    link: Link,
    /// Added to its clock, microseconds.
    ahead: u64,
    sync: Sync,
    /// What its synchronisation will come to.
    sync_result: u8,
}

impl Default for Dot {
    fn default() -> Self {
        let mut settings = vec![0; 32];
        // As it comes out of the box of somebody else: 20 Hz.
        settings[RATE_AT] = 20;
        // Its clock wraps a few seconds after a session begins.
        let ahead = (1 << 32) - 20_000_000;
        let unknown_mode = UnknownMode::Ignored;
        let (running, pace, link) = (None, Pace::default(), Link::default());
        Self {
            modes: vec![21, 26],
            unknown_mode,
            settings,
            running,
            pace,
            link,
            ahead,
            sync: Sync::Free,
            sync_result: 0,
        }
    }
}

impl Dot {
    /// One with firmware from before mode 26.
    pub fn without_mode_26(unknown_mode: UnknownMode) -> Self {
        Self { modes: vec![21], unknown_mode, ..Self::default() }
    }

    /// One whose clock cannot be set, for this reason.
    pub fn that_fails_to_sync(code: u8) -> Self {
        Self { sync_result: code, ..Self::default() }
    }

    fn message(&mut self, message: &[u8]) -> Result<(), Refused> {
        let reply = match Ask::parse(message).ok_or(Refused)? {
            Ask::StartSync { .. } => {
                // Not while it measures, and not twice.
                if self.running.is_some() || self.sync == Sync::Done(0) {
                    return Err(Refused);
                }
                self.sync = Sync::Asked;
                return Ok(());
            }
            Ask::StopSync => {
                self.sync = Sync::Free;
                Reply::Stopped(0)
            }
            Ask::SyncStatus => Reply::Synced(self.sync == Sync::Done(0)),
        };
        self.link.notify(MESSAGE_NOTIFICATION, reply.bytes(), 0);
        Ok(())
    }

    /// Microseconds on its own clock, or on the common one: then true time, which is as good as any root's.
    fn stamp(&self, sample: &VirtualSample) -> u32 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a session has no negative times")]
        if self.sync == Sync::Done(0) {
            return low32((sample.true_time.nanos() / 1000) as u64);
        }
        low32(ticks(sample, 1000.0, self.ahead))
    }

    fn control(&mut self, payload: &[u8]) -> Result<(), Refused> {
        let &[1, run, mode] = payload else { return Err(Refused) };
        let characteristic = if mode == 26 { LONG } else { MEDIUM };
        if !self.modes.contains(&mode) && self.unknown_mode == UnknownMode::Refused {
            return Err(Refused);
        }
        if run == 0 {
            self.running = None;
        } else if self.modes.contains(&mode) && self.link.is_subscribed(characteristic) {
            // Without notifications asked for before, nothing ever comes.
            self.running = Some(mode);
        }
        Ok(())
    }

    fn set(&mut self, payload: &[u8]) -> Result<(), Refused> {
        let (Some(visit), Some(rate)) = (payload.first(), payload.get(RATE_AT..RATE_AT + 2)) else {
            return Err(Refused);
        };
        // Refused while it measures, and once its clock is set.
        if visit & VISIT_RATE != 0 && self.running.is_none() && self.sync != Sync::Done(0) {
            self.settings[RATE_AT..RATE_AT + 2].copy_from_slice(rate);
        }
        Ok(())
    }
}

impl VirtualDevice for Dot {
    fn advertisement(&self) -> Advertisement {
        let name = Some("Movella DOT".to_owned());
        Advertisement { name, services: Vec::new(), companies: vec![COMPANY] }
    }

    fn services(&self) -> Vec<Service> {
        let of = |uuid, flags| Characteristic { uuid, flags };
        let measurement =
            vec![of(CONTROL, &["read", "write"][..]), of(LONG, &["notify"][..]), of(MEDIUM, &["notify"][..])];
        let messages = vec![
            of(MESSAGE_CONTROL, &["write"][..]),
            of(MESSAGE_ACKNOWLEDGE, &["read"][..]),
            of(MESSAGE_NOTIFICATION, &["notify"][..]),
        ];
        vec![
            Service { uuid: CONFIGURATION_SERVICE, characteristics: vec![of(DEVICE_CONTROL, &["read", "write"][..])] },
            Service { uuid: MEASUREMENT_SERVICE, characteristics: measurement },
            Service { uuid: BATTERY_SERVICE, characteristics: vec![of(BATTERY, &["read", "notify"][..])] },
            Service { uuid: MESSAGE_SERVICE, characteristics: messages },
        ]
    }

    fn connected(&mut self, mtu: u16) {
        self.link.connected(mtu);
    }

    /// It goes on measuring.
    fn disconnected(&mut self) {
        if self.sync == Sync::Asked {
            self.sync = Sync::Done(self.sync_result);
        }
        self.link.disconnected();
    }

    fn subscribe(&mut self, characteristic: Uuid, on: bool) -> Result<(), Refused> {
        if ![LONG, MEDIUM, BATTERY, MESSAGE_NOTIFICATION].contains(&characteristic) {
            return Err(Refused);
        }
        self.link.subscribe(characteristic, on);
        Ok(())
    }

    fn write(&mut self, characteristic: Uuid, payload: &[u8]) -> Result<(), Refused> {
        match characteristic {
            CONTROL => self.control(payload),
            DEVICE_CONTROL => self.set(payload),
            MESSAGE_CONTROL => self.message(payload),
            _ => Err(Refused),
        }
    }

    fn read(&self, characteristic: Uuid) -> Result<Vec<u8>, Refused> {
        match characteristic {
            BATTERY => Ok(vec![CHARGE, 0]),
            DEVICE_CONTROL => Ok(self.settings.clone()),
            MESSAGE_ACKNOWLEDGE => Ok(Reply::Started(match self.sync {
                Sync::Done(code) => code,
                Sync::Free | Sync::Asked => NOT_STARTED,
            })
            .bytes()),
            CONTROL => Ok(vec![1, u8::from(self.running.is_some()), self.running.unwrap_or(0)]),
            _ => Err(Refused),
        }
    }

    fn measure(&mut self, sample: &VirtualSample) {
        let rate = u16::from_le_bytes([self.settings[RATE_AT], self.settings[RATE_AT + 1]]);
        let streams = RATES.contains(&rate) && self.running.is_some() && self.pace.gives(sample, rate);
        let Some(mode) = self.running.filter(|_| streams) else { return };
        let stamp = self.stamp(sample).to_le_bytes();
        let measured = [singles(sample.specific_force.to_array()), singles(in_dps(sample.angular_rate))].concat();
        let upright = [1.0_f32, 0.0, 0.0, 0.0].map(f32::to_le_bytes).concat();
        // Values have a fixed length; the rest is zero.
        let (characteristic, mut payload, length) = match mode {
            26 => (LONG, [&stamp[..], &upright, &measured].concat(), 63),
            _ => (MEDIUM, [&stamp[..], &measured].concat(), 40),
        };
        payload.resize(length, 0);
        self.link.notify(characteristic, payload, 1);
    }

    fn outgoing(&mut self) -> Vec<Outgoing> {
        self.link.outgoing()
    }
}
