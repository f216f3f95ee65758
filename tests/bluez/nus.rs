//! A sensor that lies still and speaks frames over the Nordic UART service, one sample each.

use std::collections::VecDeque;
use std::time::Duration;

use truehinge_ble::driver::nus::{RX, SERVICE, TX, encode_frame};
use truehinge_ble::gatt::{Uuid, assigned};

use super::sensor::{Advert, Characteristic, Refused, Sensor, Service};

/// Battery service and level.
const BATTERY_SERVICE: Uuid = assigned(0x180f);
const BATTERY_LEVEL: Uuid = assigned(0x2a19);

/// See the module.
pub struct NusSensor {
    name: String,
    rate: f64,
    battery: u8,
    /// Extra flag of the data characteristic, for hosts to stumble over.
    flag: Option<String>,
    /// Whether it says what it is before it is connected.
    advertises: bool,
    replies: VecDeque<Vec<u8>>,
    streaming: bool,
    /// Samples measured since it was switched on; goes on through lost links, as a sensor's clock does.
    measured: u64,
}

impl NusSensor {
    /// One that measures `rate` times a second.
    pub fn new(name: &str, rate: f64) -> Self {
        let name = name.to_owned();
        let (flag, replies) = Default::default();
        Self { name, rate, battery: 87, flag, advertises: true, replies, streaming: false, measured: 0 }
    }

    /// With this battery level, %.
    #[must_use]
    pub fn battery(self, battery: u8) -> Self {
        Self { battery, ..self }
    }

    /// With a flag that nobody knows.
    #[must_use]
    pub fn unknown_flag(self, flag: &str) -> Self {
        Self { flag: Some(flag.to_owned()), ..self }
    }

    /// Without its service in what it shouts: nothing shows that it is a sensor.
    #[must_use]
    pub fn unrecognised(self) -> Self {
        Self { advertises: false, ..self }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "wraps as the sensor's counters do")]
    fn frame(&self) -> Vec<u8> {
        let micros = (self.measured as f64 / self.rate * 1e6) as u64;
        // The count in the gyroscope makes every frame different.
        let count = (self.measured % 100) as i16;
        encode_frame(self.measured as u16, micros as u32, 0, &[[0, 0, 4096, count, 0, 0]])
    }
}

impl Sensor for NusSensor {
    fn advert(&self) -> Advert {
        let services = if self.advertises { vec![SERVICE] } else { Vec::new() };
        Advert { name: self.name.clone(), services, manufacturer: None }
    }

    fn services(&self) -> Vec<Service> {
        let characteristic = |uuid, flags: &[&str]| Characteristic {
            uuid,
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        };
        let mut data = characteristic(TX, &["notify"]);
        data.flags.extend(self.flag.clone());
        vec![
            Service {
                uuid: SERVICE,
                characteristics: vec![characteristic(RX, &["write", "write-without-response"]), data],
            },
            Service {
                uuid: BATTERY_SERVICE,
                characteristics: vec![characteristic(BATTERY_LEVEL, &["read", "notify"])],
            },
        ]
    }

    fn connected(&mut self, _: Duration) {
        self.streaming = false;
    }

    fn disconnected(&mut self) {
        self.streaming = false;
        self.replies.clear();
    }

    fn write(&mut self, characteristic: Uuid, payload: &[u8], _: Duration) -> Result<(), Refused> {
        match (characteristic, payload) {
            (RX, b"start\n") => self.streaming = true,
            (RX, b"stop\n") => self.streaming = false,
            (RX, b"?\n") => self.replies.push_back(
                format!(
                    "{{\"truehinge\":1,\"acc_lsb_per_g\":4096,\"gyro_lsb_per_dps\":32.8,\"rate\":{}}}\n",
                    self.rate
                )
                .into_bytes(),
            ),
            (RX, _) => {}
            _ => return Err(Refused),
        }
        Ok(())
    }

    fn read(&mut self, characteristic: Uuid) -> Result<Vec<u8>, Refused> {
        if characteristic == BATTERY_LEVEL { Ok(vec![self.battery]) } else { Err(Refused) }
    }

    fn due(&mut self, now: Duration) -> Vec<(Uuid, Vec<u8>)> {
        let mut packets: Vec<_> = self.replies.drain(..).map(|line| (TX, line)).collect();
        while self.measured as f64 / self.rate <= now.as_secs_f64() {
            if self.streaming {
                packets.push((TX, self.frame()));
            }
            self.measured += 1;
        }
        packets
    }
}
