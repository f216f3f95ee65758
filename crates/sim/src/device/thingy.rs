//! Nordic Thingy:52.

use truehinge_ble::driver::Advertisement;
use truehinge_ble::driver::thingy::{BASE, CONFIGURATION_SERVICE, MOTION_CONFIGURATION, RAW};
use truehinge_ble::gatt::{Uuid, numbered};

use super::gatt::{BATTERY_LEVEL, CHARGE, Link, Pace, battery_service, counts, in_dps, in_g};
use super::{Characteristic, Outgoing, Refused, Service, VirtualDevice};
use crate::virtual_sensor::VirtualSample;

const MOTION_SERVICE: Uuid = numbered(BASE, 0x0400);
const CONFIGURATION_NAME: Uuid = numbered(BASE, 0x0101);

/// See the module. It comes at 10 Hz and keeps what it is told.
pub struct Thingy {
    configuration: Vec<u8>,
    pace: Pace,
    link: Link,
}

impl Default for Thingy {
    fn default() -> Self {
        let factory = vec![0xe8, 0x03, 0xf4, 0x01, 0xf4, 0x01, 10, 0, 1];
        Self { configuration: factory, pace: Pace::default(), link: Link::default() }
    }
}

impl VirtualDevice for Thingy {
    fn advertisement(&self) -> Advertisement {
        let (name, services) = (Some("Thingy".to_owned()), vec![CONFIGURATION_SERVICE]);
        Advertisement { name, services, companies: vec![0x0059] }
    }

    fn services(&self) -> Vec<Service> {
        let of = |uuid, flags| Characteristic { uuid, flags };
        let motion = vec![of(MOTION_CONFIGURATION, &["read", "write"][..]), of(RAW, &["notify"][..])];
        vec![
            Service {
                uuid: CONFIGURATION_SERVICE,
                characteristics: vec![of(CONFIGURATION_NAME, &["read", "write"][..])],
            },
            Service { uuid: MOTION_SERVICE, characteristics: motion },
            battery_service(),
        ]
    }

    fn connected(&mut self, mtu: u16) {
        self.link.connected(mtu);
    }

    fn disconnected(&mut self) {
        self.link.disconnected();
    }

    fn subscribe(&mut self, characteristic: Uuid, on: bool) -> Result<(), Refused> {
        if characteristic != RAW && characteristic != BATTERY_LEVEL {
            return Err(Refused);
        }
        self.link.subscribe(characteristic, on);
        Ok(())
    }

    fn write(&mut self, characteristic: Uuid, payload: &[u8]) -> Result<(), Refused> {
        if characteristic != MOTION_CONFIGURATION || payload.len() != 9 {
            return Err(Refused);
        }
        self.configuration = payload.to_vec();
        Ok(())
    }

    fn read(&self, characteristic: Uuid) -> Result<Vec<u8>, Refused> {
        match characteristic {
            BATTERY_LEVEL => Ok(vec![CHARGE]),
            MOTION_CONFIGURATION => Ok(self.configuration.clone()),
            CONFIGURATION_NAME => Ok(b"Thingy".to_vec()),
            _ => Err(Refused),
        }
    }

    fn measure(&mut self, sample: &VirtualSample) {
        let rate = u16::from_le_bytes([self.configuration[6], self.configuration[7]]);
        if (5..=200).contains(&rate) && self.pace.gives(sample, rate) {
            let (force, rate) =
                (counts(in_g(sample.specific_force), 1024.0), counts(in_dps(sample.angular_rate), 32.0));
            self.link.notify(RAW, [&force[..], &rate, &[0; 6]].concat(), 1);
        }
    }

    fn outgoing(&mut self) -> Vec<Outgoing> {
        self.link.outgoing()
    }
}
