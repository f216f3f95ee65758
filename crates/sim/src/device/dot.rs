//! Movella DOT.

use truehinge_ble::driver::Advertisement;
use truehinge_ble::driver::dot::{BATTERY, COMPANY, CONTROL, DEVICE_CONTROL, LONG, MEDIUM, RATE};

use super::gatt::{CHARGE, Link, in_dps, low32, singles, ticks};
use super::{Characteristic, Outgoing, Refused, Service, VirtualDevice};
use crate::virtual_sensor::VirtualSample;

const CONFIGURATION_SERVICE: u128 = 0x1517_1000_4947_11e9_8646_d663_bd87_3d93;
const MEASUREMENT_SERVICE: u128 = 0x1517_2000_4947_11e9_8646_d663_bd87_3d93;
const BATTERY_SERVICE: u128 = 0x1517_3000_4947_11e9_8646_d663_bd87_3d93;
const RATE_AT: usize = 24;
const VISIT_RATE: u8 = 0x10;

/// What its firmware does about a start in a mode that it does not have. Not known of real ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnknownMode {
    /// Nothing.
    Ignored,
    /// The write is answered with an error.
    Refused,
}

/// See the module.
pub struct Dot {
    /// Modes that its firmware has.
    modes: Vec<u8>,
    unknown_mode: UnknownMode,
    settings: Vec<u8>,
    running: Option<u8>,
    link: Link,
    /// Added to its clock, microseconds.
    ahead: u64,
}

impl Default for Dot {
    fn default() -> Self {
        let mut settings = vec![0; 32];
        // As it comes out of the box of somebody else: 20 Hz.
        settings[RATE_AT] = 20;
        // Its clock wraps a few seconds after a session begins.
        let ahead = (1 << 32) - 20_000_000;
        let unknown_mode = UnknownMode::Ignored;
        Self { modes: vec![21, 26], unknown_mode, settings, running: None, link: Link::default(), ahead }
    }
}

impl Dot {
    /// One with firmware from before mode 26.
    pub fn without_mode_26(unknown_mode: UnknownMode) -> Self {
        Self { modes: vec![21], unknown_mode, ..Self::default() }
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
        // Refused while it measures.
        if visit & VISIT_RATE != 0 && self.running.is_none() {
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
        vec![
            Service { uuid: CONFIGURATION_SERVICE, characteristics: vec![of(DEVICE_CONTROL, &["read", "write"][..])] },
            Service { uuid: MEASUREMENT_SERVICE, characteristics: measurement },
            Service { uuid: BATTERY_SERVICE, characteristics: vec![of(BATTERY, &["read", "notify"][..])] },
        ]
    }

    fn connected(&mut self, mtu: u16) {
        self.link.connected(mtu);
    }

    /// It goes on measuring.
    fn disconnected(&mut self) {
        self.link.disconnected();
    }

    fn subscribe(&mut self, characteristic: u128, on: bool) -> Result<(), Refused> {
        if ![LONG, MEDIUM, BATTERY].contains(&characteristic) {
            return Err(Refused);
        }
        self.link.subscribe(characteristic, on);
        Ok(())
    }

    fn write(&mut self, characteristic: u128, payload: &[u8]) -> Result<(), Refused> {
        match characteristic {
            CONTROL => self.control(payload),
            DEVICE_CONTROL => self.set(payload),
            _ => Err(Refused),
        }
    }

    fn read(&self, characteristic: u128) -> Result<Vec<u8>, Refused> {
        match characteristic {
            BATTERY => Ok(vec![CHARGE, 0]),
            DEVICE_CONTROL => Ok(self.settings.clone()),
            CONTROL => Ok(vec![1, u8::from(self.running.is_some()), self.running.unwrap_or(0)]),
            _ => Err(Refused),
        }
    }

    fn measure(&mut self, sample: &VirtualSample) {
        let at_rate = self.settings.get(RATE_AT..RATE_AT + 2) == Some(&RATE.to_le_bytes()[..]);
        let Some(mode) = self.running.filter(|_| at_rate) else { return };
        let stamp = low32(ticks(sample, 1000.0, self.ahead)).to_le_bytes();
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
