//! Polar Verity Sense.

use truehinge_ble::driver::Advertisement;
use truehinge_ble::driver::polar::{CONTROL, DATA, SERVICE};
use truehinge_ble::gatt::Uuid;

use super::gatt::{BATTERY_LEVEL, CHARGE, Link, Pace, battery_service, count, in_dps, in_g, ticks};
use super::{Characteristic, Outgoing, Refused, Service, VirtualDevice};
use crate::virtual_sensor::VirtualSample;

const ACCELEROMETER: u8 = 2;
const GYROSCOPE: u8 = 5;
/// Not a measurement: a mode in which it has all rates.
const SDK_MODE: u8 = 9;
/// Rates it has, Hz: without that mode and with it.
const RATES: [&[u16]; 2] = [&[52], &[26, 52, 104, 208, 416]];
/// Counts to g and to degrees per second.
const FACTORS: [f32; 2] = [2.44e-4, 0.07];
/// Samples in a frame, at most: the gyroscope's are shorter, so that the two do not end together.
const FRAMES: [usize; 2] = [20, 17];
/// What it wants a notification to hold before it starts, bytes: an estimate, no maker says it.
const LEAST_ROOM: usize = 67;
/// The clock of one that was never set: years after 2000, ns.
const AHEAD: u64 = 599_616_000_000_000_000;

/// See the module.
#[derive(Default)]
pub struct Polar {
    /// Accelerometer and gyroscope: whether they measure, and what waits for its frame.
    streams: [Stream; 2],
    sdk_mode: bool,
    link: Link,
}

#[derive(Default)]
struct Stream {
    /// Samples per second, while it measures.
    rate: Option<u16>,
    pace: Pace,
    waiting: Vec<[i16; 3]>,
    stamp: u64,
}

/// The rate, Hz, that a start asks for; `None` if anything else is not as it must be.
fn asked_rate(kind: u8, settings: &[u8]) -> Option<u16> {
    let range = if kind == ACCELEROMETER { [8, 0] } else { 2000_u16.to_le_bytes() };
    let &[0, 1, slow, fast, 1, 1, 16, 0, 2, 1, low, high, 4, 1, 3] = settings else { return None };
    ([low, high] == range).then_some(u16::from_le_bytes([slow, fast]))
}

fn index(kind: u8) -> Option<usize> {
    [ACCELEROMETER, GYROSCOPE].iter().position(|&known| known == kind)
}

impl Polar {
    fn command(&mut self, payload: &[u8]) -> Result<(), Refused> {
        let &[command, kind, ref parameters @ ..] = payload else { return Err(Refused) };
        if kind == SDK_MODE {
            let status = self.set_mode(command == 2);
            self.link.notify(CONTROL, vec![0xf0, command, kind, status, 0], 0);
            return Ok(());
        }
        let Some(which) = index(kind) else {
            self.link.notify(CONTROL, vec![0xf0, command, kind, 2, 0], 0);
            return Ok(());
        };
        let stream = &mut self.streams[which];
        let (status, factor) = match (command, asked_rate(kind, parameters)) {
            (2, _) if stream.rate.is_some() => (6, None),
            (2, None) => (5, None),
            (2, Some(rate)) if !RATES[usize::from(self.sdk_mode)].contains(&rate) => (8, None),
            (2, _) if self.link.room() < LEAST_ROOM => (10, None),
            (2, rate) => {
                *stream = Stream { rate, ..Stream::default() };
                (0, Some(FACTORS[which]))
            }
            (3, _) => {
                stream.rate = None;
                (0, None)
            }
            _ => (1, None),
        };
        let mut answer = vec![0xf0, command, kind, status, 0];
        if let Some(factor) = factor {
            answer.extend([5, 1]);
            answer.extend(factor.to_le_bytes());
        }
        self.link.notify(CONTROL, answer, 0);
        Ok(())
    }
}

impl Polar {
    /// The status that answers it: not while something measures.
    fn set_mode(&mut self, on: bool) -> u8 {
        if self.streams.iter().any(|stream| stream.rate.is_some()) {
            return 12;
        }
        let already = self.sdk_mode == on;
        self.sdk_mode = on;
        if already { 6 } else { 0 }
    }
}

impl VirtualDevice for Polar {
    fn advertisement(&self) -> Advertisement {
        Advertisement { name: Some("Polar Sense B3A1C02F".to_owned()), services: Vec::new(), companies: vec![0x006b] }
    }

    fn services(&self) -> Vec<Service> {
        let characteristics = vec![
            Characteristic { uuid: CONTROL, flags: &["read", "write", "indicate"] },
            Characteristic { uuid: DATA, flags: &["notify"] },
        ];
        vec![Service { uuid: SERVICE, characteristics }, battery_service()]
    }

    fn connected(&mut self, mtu: u16) {
        self.link.connected(mtu);
    }

    /// It goes on measuring.
    fn disconnected(&mut self) {
        self.link.disconnected();
    }

    fn subscribe(&mut self, characteristic: Uuid, on: bool) -> Result<(), Refused> {
        if ![CONTROL, DATA, BATTERY_LEVEL].contains(&characteristic) {
            return Err(Refused);
        }
        self.link.subscribe(characteristic, on);
        Ok(())
    }

    fn write(&mut self, characteristic: Uuid, payload: &[u8]) -> Result<(), Refused> {
        if characteristic == CONTROL { self.command(payload) } else { Err(Refused) }
    }

    fn read(&self, characteristic: Uuid) -> Result<Vec<u8>, Refused> {
        match characteristic {
            BATTERY_LEVEL => Ok(vec![CHARGE]),
            CONTROL => Ok(vec![0x0f, 0x24, 0x00]),
            _ => Err(Refused),
        }
    }

    fn measure(&mut self, sample: &VirtualSample) {
        let stamp = ticks(sample, 1.0, AHEAD);
        let values = [in_g(sample.specific_force), in_dps(sample.angular_rate)];
        for (which, kind) in [ACCELEROMETER, GYROSCOPE].into_iter().enumerate() {
            let stream = &mut self.streams[which];
            let Some(rate) = stream.rate else { continue };
            if !stream.pace.gives(sample, rate) {
                continue;
            }
            stream.waiting.push(values[which].map(|value| count(value / f64::from(FACTORS[which]))));
            stream.stamp = stamp;
            if stream.waiting.len() == FRAMES[which] {
                let samples = std::mem::take(&mut stream.waiting);
                let frame = [&[kind][..], &stream.stamp.to_le_bytes(), &[0x80], &compressed(&samples)].concat();
                self.link.notify(DATA, frame, samples.len());
            }
        }
    }

    fn outgoing(&mut self) -> Vec<Outgoing> {
        self.link.outgoing()
    }
}

/// Reference and one block of differences, as narrow as they allow.
fn compressed(samples: &[[i16; 3]]) -> Vec<u8> {
    let differences: Vec<i32> =
        samples.windows(2).flat_map(|pair| (0..3).map(|i| i32::from(pair[1][i]) - i32::from(pair[0][i]))).collect();
    let width = differences.iter().map(|&d| 33 - (if d < 0 { !d } else { d }).leading_zeros()).max().unwrap_or(1);
    let mut bytes: Vec<u8> = samples.first().into_iter().flatten().flat_map(|count| count.to_le_bytes()).collect();
    bytes.push(u8::try_from(width).unwrap_or(u8::MAX));
    bytes.push(u8::try_from(samples.len().saturating_sub(1)).unwrap_or(u8::MAX));
    let (mut held, mut bits) = (0_u64, 0);
    for difference in differences {
        held |= u64::from(difference.cast_unsigned() & u32::MAX.wrapping_shr(32 - width)) << bits;
        bits += width;
        while bits >= 8 {
            bytes.push(held.to_le_bytes()[0]);
            held >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        bytes.push(held.to_le_bytes()[0]);
    }
    bytes
}
