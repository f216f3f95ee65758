//! Movesense with its GATT sensor-data protocol.

use truehinge_ble::driver::Advertisement;
use truehinge_ble::driver::movesense::{COMMAND, DATA, PATH, SERVICE};
use truehinge_ble::gatt::Uuid;

use super::gatt::{BATTERY_LEVEL, CHARGE, Link, Pace, battery_service, in_dps, low32, singles, ticks};
use super::{Characteristic, Outgoing, Refused, Service, VirtualDevice};
use crate::virtual_sensor::VirtualSample;

/// Rates whose batches its sample firmware can send, Hz, and how many samples a batch holds.
const BATCHES: [(u16, usize); 4] = [(13, 1), (26, 2), (52, 4), (104, 8)];
/// Bytes of a first part; the rest follows in a second.
const FIRST_PART: usize = 150;

/// See the module.
pub struct Movesense {
    subscription: Option<Subscription>,
    pace: Pace,
    waiting: Vec<VirtualSample>,
    link: Link,
    /// Added to its clock, ms.
    ahead: u64,
}

/// What somebody has subscribed to.
#[derive(Clone, Copy)]
struct Subscription {
    /// The subscriber's name for it.
    reference: u8,
    /// Samples per second.
    rate: u16,
    /// Samples in a notification.
    batch: usize,
}

impl Subscription {
    /// To both sensors at a rate that can be sent.
    fn parse(reference: u8, path: &[u8]) -> Option<Self> {
        let hertz: u16 = std::str::from_utf8(path).ok()?.strip_prefix(PATH)?.parse().ok()?;
        let (rate, batch) = BATCHES.into_iter().find(|(rate, _)| *rate == hertz)?;
        Some(Self { reference, rate, batch })
    }
}

impl Default for Movesense {
    fn default() -> Self {
        let ahead = (1 << 32) - 20_000;
        Self { subscription: None, pace: Pace::default(), waiting: Vec::new(), link: Link::default(), ahead }
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
        self.subscription = None;
        self.waiting.clear();
    }

    fn subscribe(&mut self, characteristic: Uuid, on: bool) -> Result<(), Refused> {
        if characteristic != DATA && characteristic != BATTERY_LEVEL {
            return Err(Refused);
        }
        self.link.subscribe(characteristic, on);
        Ok(())
    }

    fn write(&mut self, characteristic: Uuid, payload: &[u8]) -> Result<(), Refused> {
        match (characteristic, payload) {
            (COMMAND, [1, reference, path @ ..]) => match Subscription::parse(*reference, path) {
                // The maker's sample says nothing when all is well.
                Some(subscription) => self.subscription = Some(subscription),
                // Not implemented.
                None => self.link.notify(DATA, vec![1, *reference, 0xf5, 0x01], 0),
            },
            (COMMAND, [2, reference]) if self.subscription.is_some_and(|s| s.reference == *reference) => {
                self.subscription = None;
            }
            (COMMAND, _) => {}
            _ => return Err(Refused),
        }
        Ok(())
    }

    fn read(&self, characteristic: Uuid) -> Result<Vec<u8>, Refused> {
        if characteristic == BATTERY_LEVEL { Ok(vec![CHARGE]) } else { Err(Refused) }
    }

    fn measure(&mut self, sample: &VirtualSample) {
        let Some(Subscription { reference, rate, batch }) = self.subscription else { return };
        if !self.pace.gives(sample, rate) {
            return;
        }
        self.waiting.push(*sample);
        if self.waiting.len() < batch {
            return;
        }
        let samples = std::mem::take(&mut self.waiting);
        let stamp = samples.first().map_or(0, |first| low32(ticks(first, 1e6, self.ahead)));
        let forces = samples.iter().flat_map(|s| singles(s.specific_force.to_array()));
        let rates = samples.iter().flat_map(|s| singles(in_dps(s.angular_rate)));
        let content: Vec<u8> = stamp.to_le_bytes().into_iter().chain(forces).chain(rates).collect();
        for (kind, part) in (2..).zip(content.chunks(FIRST_PART)) {
            // A batch is lost with its first part.
            let samples = if kind == 2 { batch } else { 0 };
            self.link.notify(DATA, [&[kind, reference], part].concat(), samples);
        }
    }

    fn outgoing(&mut self) -> Vec<Outgoing> {
        self.link.outgoing()
    }
}
