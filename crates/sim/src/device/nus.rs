//! A sensor that speaks over the Nordic UART service: our own frames, or packets of its own.

use truehinge_ble::driver::Advertisement;
use truehinge_ble::driver::nus::{FrameScale, RX, SERVICE, TX, encode_frame};
use truehinge_ble::gatt::Uuid;

use super::gatt::{BATTERY_LEVEL, CHARGE, Link, battery_service, count, in_dps, in_g};
use super::{Characteristic, Outgoing, Refused, Service, VirtualDevice};
use crate::virtual_sensor::VirtualSample;

/// Counts of the frames: enough for ±8 g and ±1000 deg/s in 16 bits.
pub const FRAME_SCALE: FrameScale = FrameScale { acc_lsb_per_g: 4096.0, gyro_lsb_per_dps: 32.8 };

/// What the driver must be told of [`Nus::packets`].
pub const PACKETS_PROFILE: &str = r#"
model = "Own packets"
rate_hz = 100.0
accelerometer_range_g = 8.0
gyroscope_range_dps = 998.0
acc_counts_per_unit = 4096.0
gyro_counts_per_unit = 32.8

[binary]
header = [0xaa, 0x55]
fields = ["skip:u8", "seq:u8", "time:u32", "gx:i16", "gy:i16", "gz:i16", "ax:i16", "ay:i16", "az:i16"]
byte_order = "big"
checksum = "sum"
"#;

/// What it sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    /// Our own frames, so many samples each.
    Frames(usize),
    /// Packets of [`PACKETS_PROFILE`].
    Packets,
}

/// See the module.
pub struct Nus {
    name: String,
    rate: f64,
    format: Format,
    link: Link,
    streaming: bool,
    sequence: u16,
    waiting: Vec<VirtualSample>,
}

impl Nus {
    /// One that announces this rate and packs so many samples into a frame.
    pub fn new(name: &str, rate: f64, batch: usize) -> Self {
        Self::speaking(name, rate, Format::Frames(batch.max(1)))
    }

    /// One with packets of its own, as [`PACKETS_PROFILE`] describes them.
    pub fn packets(name: &str, rate: f64) -> Self {
        Self::speaking(name, rate, Format::Packets)
    }

    fn speaking(name: &str, rate: f64, format: Format) -> Self {
        let (name, link, waiting) = (name.to_owned(), Link::default(), Vec::new());
        Self { name, rate, format, link, streaming: false, sequence: 0, waiting }
    }

    fn announcement(&self) -> Vec<u8> {
        let FrameScale { acc_lsb_per_g, gyro_lsb_per_dps } = FRAME_SCALE;
        let rate = self.rate;
        format!("{{\"truehinge\":1,\"acc_lsb_per_g\":{acc_lsb_per_g},\"gyro_lsb_per_dps\":{gyro_lsb_per_dps},\"rate\":{rate}}}\n")
            .into_bytes()
    }

    /// In pieces, as a serial line's bytes go over the air: a frame is lost with its first one.
    fn send(&mut self, bytes: &[u8], samples: usize) {
        for (place, piece) in (0..).zip(bytes.chunks(self.link.room().max(1))) {
            self.link.notify(TX, piece.to_vec(), if place == 0 { samples } else { 0 });
        }
    }
}

impl VirtualDevice for Nus {
    fn advertisement(&self) -> Advertisement {
        Advertisement { name: Some(self.name.clone()), services: vec![SERVICE], companies: Vec::new() }
    }

    fn services(&self) -> Vec<Service> {
        let characteristics = vec![
            Characteristic { uuid: RX, flags: &["write", "write-without-response"] },
            Characteristic { uuid: TX, flags: &["notify"] },
        ];
        vec![Service { uuid: SERVICE, characteristics }, battery_service()]
    }

    fn connected(&mut self, mtu: u16) {
        self.link.connected(mtu);
    }

    fn disconnected(&mut self) {
        self.link.disconnected();
        self.streaming = false;
        self.waiting.clear();
    }

    fn subscribe(&mut self, characteristic: Uuid, on: bool) -> Result<(), Refused> {
        if characteristic != TX && characteristic != BATTERY_LEVEL {
            return Err(Refused);
        }
        self.link.subscribe(characteristic, on);
        Ok(())
    }

    fn write(&mut self, characteristic: Uuid, payload: &[u8]) -> Result<(), Refused> {
        match (characteristic, payload) {
            (RX, b"start\n") => self.streaming = true,
            (RX, b"stop\n") => self.streaming = false,
            (RX, b"?\n") if self.format != Format::Packets => self.send(&self.announcement(), 0),
            (RX, _) => {}
            _ => return Err(Refused),
        }
        Ok(())
    }

    fn read(&self, characteristic: Uuid) -> Result<Vec<u8>, Refused> {
        if characteristic == BATTERY_LEVEL { Ok(vec![CHARGE]) } else { Err(Refused) }
    }

    fn measure(&mut self, sample: &VirtualSample) {
        self.waiting.push(*sample);
        let batch = if let Format::Frames(batch) = self.format { batch } else { 1 };
        if self.waiting.len() < batch {
            return;
        }
        let samples = std::mem::take(&mut self.waiting);
        let bytes = match self.format {
            Format::Frames(_) => encode(self.sequence, &samples),
            Format::Packets => packet(self.sequence, sample),
        };
        // They are counted whether or not anybody hears them.
        self.sequence = self.sequence.wrapping_add(1);
        if self.streaming {
            self.send(&bytes, batch);
        }
    }

    fn outgoing(&mut self) -> Vec<Outgoing> {
        self.link.outgoing()
    }
}

fn encode(sequence: u16, samples: &[VirtualSample]) -> Vec<u8> {
    let micros = |sample: &VirtualSample| sample.device_time.nanos().div_euclid(1000);
    let first = samples.first().map_or(0, micros);
    let last = samples.last().map_or(0, micros);
    let steps = i64::try_from(samples.len()).unwrap_or(1).saturating_sub(1).max(1);
    // The device's clock wraps after 32 bits, its step is the mean over the packet.
    let wrapped = u32::try_from(first.rem_euclid(1 << 32)).unwrap_or(0);
    let step = u16::try_from((last - first) / steps).unwrap_or(u16::MAX);
    let counts: Vec<[i16; 6]> = samples.iter().map(raw).collect();
    encode_frame(sequence, wrapped, step, &counts)
}

/// Status, counter, microseconds, rates before forces, the most significant byte first; at the end the sum of all bytes.
fn packet(sequence: u16, sample: &VirtualSample) -> Vec<u8> {
    let [ax, ay, az, gx, gy, gz] = raw(sample);
    let micros = u32::try_from(sample.device_time.nanos().div_euclid(1000).rem_euclid(1 << 32)).unwrap_or(0);
    let [_, counter] = sequence.to_be_bytes();
    let mut bytes = vec![0xaa, 0x55, 0x01, counter];
    bytes.extend(micros.to_be_bytes());
    bytes.extend([gx, gy, gz, ax, ay, az].into_iter().flat_map(i16::to_be_bytes));
    bytes.push(bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte)));
    bytes
}

fn raw(sample: &VirtualSample) -> [i16; 6] {
    let [ax, ay, az] = in_g(sample.specific_force).map(|g| count(g * FRAME_SCALE.acc_lsb_per_g));
    let [gx, gy, gz] = in_dps(sample.angular_rate).map(|dps| count(dps * FRAME_SCALE.gyro_lsb_per_dps));
    [ax, ay, az, gx, gy, gz]
}
