//! Any virtual device on the emulated air, with what its sensor measures.

use std::time::Duration;

use truehinge_ble::gatt::Uuid;
use truehinge_sim::VirtualTrack;
use truehinge_sim::device::VirtualDevice;

use super::sensor::{Advert, Characteristic, Refused, Sensor, Service};
use crate::player::Player;

/// What the emulated adapter negotiates, bytes.
const MTU: u16 = 247;

/// See the module.
pub struct Hosted {
    device: Box<dyn VirtualDevice>,
    player: Player,
}

impl Hosted {
    /// A device that lies still and measures `rate` times a second.
    pub fn still(device: Box<dyn VirtualDevice>, rate: f64) -> Self {
        Self { device, player: Player::still(rate) }
    }

    /// A device that measures a simulated session, which begins so long after the emulator.
    pub fn playing(device: Box<dyn VirtualDevice>, track: VirtualTrack, after: Duration) -> Self {
        let mut player = Player::new(track);
        player.begin(after);
        Self { device, player }
    }
}

impl Sensor for Hosted {
    fn advert(&self) -> Advert {
        let advertisement = self.device.advertisement();
        Advert {
            name: advertisement.name.unwrap_or_default(),
            services: advertisement.services,
            manufacturer: advertisement.companies.first().map(|&company| (company, vec![0])),
        }
    }

    fn services(&self) -> Vec<Service> {
        let flags = |flags: &[&str]| flags.iter().map(|flag| (*flag).to_owned()).collect();
        let of = |service: truehinge_sim::device::Service| Service {
            uuid: service.uuid,
            characteristics: service
                .characteristics
                .iter()
                .map(|c| Characteristic { uuid: c.uuid, flags: flags(c.flags) })
                .collect(),
        };
        self.device.services().into_iter().map(of).collect()
    }

    fn connected(&mut self, _: Duration) {
        self.device.connected(MTU);
    }

    fn disconnected(&mut self) {
        self.device.disconnected();
    }

    fn subscribed(&mut self, characteristic: Uuid, on: bool) {
        // Where there is no such thing, BlueZ has refused already.
        let _ = self.device.subscribe(characteristic, on);
    }

    fn write(&mut self, characteristic: Uuid, payload: &[u8], _: Duration) -> Result<(), Refused> {
        self.device.write(characteristic, payload).map_err(|_| Refused)
    }

    fn read(&mut self, characteristic: Uuid) -> Result<Vec<u8>, Refused> {
        self.device.read(characteristic).map_err(|_| Refused)
    }

    fn due(&mut self, now: Duration) -> Vec<(Uuid, Vec<u8>)> {
        while let Some(sample) = self.player.next(now) {
            self.device.measure(&sample);
        }
        self.device.outgoing().into_iter().map(|outgoing| (outgoing.characteristic, outgoing.payload)).collect()
    }
}
