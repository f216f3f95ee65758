//! WitMotion WT901BLE.

use truehinge_ble::driver::Advertisement;
use truehinge_ble::driver::witmotion::{COMMAND, DATA, SERVICE};
use truehinge_ble::gatt::Uuid;

use super::gatt::{Link, Pace, counts, in_dps, in_g};
use super::{Characteristic, Outgoing, Refused, Service, VirtualDevice};
use crate::virtual_sensor::VirtualSample;

/// 3.90 V.
const CENTIVOLTS: u16 = 390;

/// See the module. It streams to whoever listens, at 10 Hz until it is told otherwise.
pub struct Wit {
    unlocked: bool,
    /// Samples per second.
    rate: u16,
    pace: Pace,
    link: Link,
}

impl Default for Wit {
    fn default() -> Self {
        Self { unlocked: false, rate: 10, pace: Pace::default(), link: Link::default() }
    }
}

/// Samples per second by the maker's number, from 1 up.
const fn rate(number: u8) -> Option<u16> {
    match number {
        0x03 => Some(1),
        0x04 => Some(2),
        0x05 => Some(5),
        0x06 => Some(10),
        0x07 => Some(20),
        0x08 => Some(50),
        0x09 => Some(100),
        0x0b => Some(200),
        _ => None,
    }
}

impl VirtualDevice for Wit {
    fn advertisement(&self) -> Advertisement {
        Advertisement { name: Some("WT901BLE67".to_owned()), ..Advertisement::default() }
    }

    fn services(&self) -> Vec<Service> {
        let characteristics = vec![
            Characteristic { uuid: DATA, flags: &["notify"] },
            Characteristic { uuid: COMMAND, flags: &["write", "write-without-response"] },
        ];
        vec![Service { uuid: SERVICE, characteristics }]
    }

    fn connected(&mut self, mtu: u16) {
        self.link.connected(mtu);
    }

    fn disconnected(&mut self) {
        self.link.disconnected();
        self.unlocked = false;
    }

    fn subscribe(&mut self, characteristic: Uuid, on: bool) -> Result<(), Refused> {
        if characteristic != DATA {
            return Err(Refused);
        }
        self.link.subscribe(characteristic, on);
        Ok(())
    }

    fn write(&mut self, characteristic: Uuid, payload: &[u8]) -> Result<(), Refused> {
        if characteristic != COMMAND {
            return Err(Refused);
        }
        match payload {
            [0xff, 0xaa, 0x69, 0x88, 0xb5] => self.unlocked = true,
            // Registers stay as they are while it is locked.
            [0xff, 0xaa, 0x03, number, 0x00] if self.unlocked => self.rate = rate(*number).unwrap_or(self.rate),
            [0xff, 0xaa, 0x27, 0x64, 0x00] => {
                let [low, high] = CENTIVOLTS.to_le_bytes();
                let reply = [&[0x55, 0x71, 0x64, 0x00, low, high][..], &[0; 14]].concat();
                self.link.notify(DATA, reply, 0);
            }
            _ => {}
        }
        Ok(())
    }

    fn read(&self, _: Uuid) -> Result<Vec<u8>, Refused> {
        Err(Refused)
    }

    fn measure(&mut self, sample: &VirtualSample) {
        if !self.pace.gives(sample, self.rate) {
            return;
        }
        let force = counts(in_g(sample.specific_force), 32_768.0 / 16.0);
        let rate = counts(in_dps(sample.angular_rate), 32_768.0 / 2000.0);
        self.link.notify(DATA, [&[0x55, 0x61][..], &force, &rate, &[0; 6]].concat(), 1);
    }

    fn outgoing(&mut self) -> Vec<Outgoing> {
        self.link.outgoing()
    }
}
