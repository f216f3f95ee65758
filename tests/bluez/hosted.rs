//! Any virtual device on the emulated air: its sensor lies still, and a count in its angular rate makes every sample different.

use std::time::Duration;

use truehinge_core::{AngularRate, DeviceTime, STANDARD_GRAVITY, SessionTime, SpecificForce};
use truehinge_sim::VirtualSample;
use truehinge_sim::device::VirtualDevice;

use super::sensor::{Advert, Characteristic, Refused, Sensor, Service};

/// What the emulated adapter negotiates, bytes.
const MTU: u16 = 247;

/// See the module.
pub struct Hosted {
    device: Box<dyn VirtualDevice>,
    rate: f64,
    /// Samples measured since it was switched on.
    measured: u64,
}

impl Hosted {
    /// A device whose sensor measures `rate` times a second.
    pub fn new(device: Box<dyn VirtualDevice>, rate: f64) -> Self {
        Self { device, rate, measured: 0 }
    }

    fn sample(&self) -> VirtualSample {
        let seconds = self.measured as f64 / self.rate;
        let turn = (self.measured % 100) as f64 * 1e-2;
        VirtualSample {
            true_time: SessionTime::from_seconds(seconds),
            device_time: DeviceTime::from_seconds(100.0 + seconds),
            specific_force: SpecificForce::new(0.0, 0.0, STANDARD_GRAVITY),
            angular_rate: AngularRate::new(turn, 0.0, 0.0),
        }
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

    fn subscribed(&mut self, characteristic: u128, on: bool) {
        // Where there is no such thing, BlueZ has refused already.
        let _ = self.device.subscribe(characteristic, on);
    }

    fn write(&mut self, characteristic: u128, payload: &[u8], _: Duration) -> Result<(), Refused> {
        self.device.write(characteristic, payload).map_err(|_| Refused)
    }

    fn read(&mut self, characteristic: u128) -> Result<Vec<u8>, Refused> {
        self.device.read(characteristic).map_err(|_| Refused)
    }

    fn due(&mut self, now: Duration) -> Vec<(u128, Vec<u8>)> {
        while self.measured as f64 / self.rate <= now.as_secs_f64() {
            let sample = self.sample();
            self.device.measure(&sample);
            self.measured += 1;
        }
        self.device.outgoing().into_iter().map(|outgoing| (outgoing.characteristic, outgoing.payload)).collect()
    }
}
