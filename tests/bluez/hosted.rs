//! Any virtual device on the emulated air: its sensor lies still, with a count in its angular rate that makes every sample
//! different, or measures a simulated session.

use std::time::Duration;

use truehinge_core::{AngularRate, DeviceTime, STANDARD_GRAVITY, SessionTime, SpecificForce};
use truehinge_sim::device::VirtualDevice;
use truehinge_sim::{VirtualSample, VirtualTrack};

use super::sensor::{Advert, Characteristic, Refused, Sensor, Service};

/// What the emulated adapter negotiates, bytes.
const MTU: u16 = 247;

/// See the module.
pub struct Hosted {
    device: Box<dyn VirtualDevice>,
    rate: f64,
    /// Samples measured since it was switched on.
    measured: u64,
    /// A simulated session, and when it begins.
    played: Option<(Duration, VirtualTrack)>,
}

impl Hosted {
    /// A device whose sensor measures `rate` times a second.
    pub fn new(device: Box<dyn VirtualDevice>, rate: f64) -> Self {
        Self { device, rate, measured: 0, played: None }
    }

    /// A device that measures a simulated session, which begins so long after the emulator.
    pub fn playing(device: Box<dyn VirtualDevice>, track: VirtualTrack, after: Duration) -> Self {
        let rate = track.device.nominal_rate.map_or(100.0, truehinge_core::SampleRate::hertz);
        Self { played: Some((after, track)), ..Self::new(device, rate) }
    }

    /// What is to be measured next, if it is time.
    fn next(&self, now: Duration) -> Option<VirtualSample> {
        let Some((after, track)) = &self.played else {
            return (self.measured as f64 / self.rate <= now.as_secs_f64()).then(|| self.sample());
        };
        let sample = track.samples.get(usize::try_from(self.measured).ok()?)?;
        (sample.true_time.seconds() + after.as_secs_f64() <= now.as_secs_f64()).then_some(*sample)
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
        while let Some(sample) = self.next(now) {
            self.device.measure(&sample);
            self.measured += 1;
        }
        self.device.outgoing().into_iter().map(|outgoing| (outgoing.characteristic, outgoing.payload)).collect()
    }
}
