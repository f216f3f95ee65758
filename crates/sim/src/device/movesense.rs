//! Movesense with its GATT sensor-data protocol.

use truehinge_ble::driver::Advertisement;
use truehinge_ble::driver::movesense::{COMMAND, DATA, PATH, SERVICE};

use super::gatt::{BATTERY_LEVEL, CHARGE, Link, battery_service, in_dps, low32, singles, ticks};
use super::{Characteristic, Outgoing, Refused, Service, VirtualDevice};
use crate::virtual_sensor::VirtualSample;

/// Samples in a notification at 52 Hz.
const BATCH: usize = 4;
/// Bytes of a first part; the rest follows in a second.
const FIRST_PART: usize = 150;

/// See the module.
pub struct Movesense {
    /// Our subscriber's name for its subscription.
    reference: Option<u8>,
    waiting: Vec<VirtualSample>,
    link: Link,
    /// Added to its clock, ms.
    ahead: u64,
}

impl Default for Movesense {
    fn default() -> Self {
        let ahead = (1 << 32) - 20_000;
        Self { reference: None, waiting: Vec::new(), link: Link::default(), ahead }
    }
}

impl VirtualDevice for Movesense {
    fn advertisement(&self) -> Advertisement {
        Advertisement { name: Some("Movesense 174630000192".to_owned()), ..Advertisement::default() }
    }

    fn services(&self) -> Vec<Service> {
        let characteristics = vec![
            Characteristic { uuid: COMMAND, flags: &["write"] },
            Characteristic { uuid: DATA, flags: &["notify"] },
        ];
        vec![Service { uuid: SERVICE, characteristics }, battery_service()]
    }

    fn connected(&mut self, mtu: u16) {
        self.link.connected(mtu);
    }

    /// Subscriptions end with the connection.
    fn disconnected(&mut self) {
        self.link.disconnected();
        self.reference = None;
        self.waiting.clear();
    }

    fn subscribe(&mut self, characteristic: u128, on: bool) -> Result<(), Refused> {
        if characteristic != DATA && characteristic != BATTERY_LEVEL {
            return Err(Refused);
        }
        self.link.subscribe(characteristic, on);
        Ok(())
    }

    fn write(&mut self, characteristic: u128, payload: &[u8]) -> Result<(), Refused> {
        match (characteristic, payload) {
            // The maker's sample says nothing when all is well.
            (COMMAND, [1, reference, path @ ..]) if path == PATH.as_bytes() => self.reference = Some(*reference),
            // Not implemented.
            (COMMAND, [1, reference, ..]) => self.link.notify(DATA, vec![1, *reference, 0xf5, 0x01], 0),
            (COMMAND, [2, reference]) if self.reference == Some(*reference) => self.reference = None,
            (COMMAND, _) => {}
            _ => return Err(Refused),
        }
        Ok(())
    }

    fn read(&self, characteristic: u128) -> Result<Vec<u8>, Refused> {
        if characteristic == BATTERY_LEVEL { Ok(vec![CHARGE]) } else { Err(Refused) }
    }

    fn measure(&mut self, sample: &VirtualSample) {
        let Some(reference) = self.reference else { return };
        self.waiting.push(*sample);
        if self.waiting.len() < BATCH {
            return;
        }
        let samples = std::mem::take(&mut self.waiting);
        let stamp = samples.first().map_or(0, |first| low32(ticks(first, 1e6, self.ahead)));
        let forces = samples.iter().flat_map(|s| singles(s.specific_force.to_array()));
        let rates = samples.iter().flat_map(|s| singles(in_dps(s.angular_rate)));
        let content: Vec<u8> = stamp.to_le_bytes().into_iter().chain(forces).chain(rates).collect();
        for (kind, part) in (2..).zip(content.chunks(FIRST_PART)) {
            self.link.notify(DATA, [&[kind, reference], part].concat(), BATCH);
        }
    }

    fn outgoing(&mut self) -> Vec<Outgoing> {
        self.link.outgoing()
    }
}
