//! WitMotion WT901BLE and WT9011DCL: packets of 20 bytes without counter or clock.
//!
//! Verified on documents (the maker's software kit and data sheets), not on hardware: docs/sensors/witmotion.md.
//!
//! ```text
//! 55 61   acc i16 x3 (16 g full scale)   gyro i16 x3 (2000 deg/s)   angles i16 x3 (ignored)      little endian
//! 55 71   register:u16   registers u16 x8                                                         reply to a read
//! ```
//!
//! Several packets may share a notification, and one may be spread over two.

use std::time::Duration;

use truehinge_core::{ClockKind, STANDARD_GRAVITY};

use super::wire::{i16x3, u16_at};
use super::{
    Charge, DecodeError, DriverSession, Event, Manual, Model, ModelDriver, Packet, Ranges, RawSample, Request, Scale,
    Signs,
};
use crate::gatt::{Uuid, uuid};

/// The maker's service; not on the usual Bluetooth base.
pub const SERVICE: Uuid = uuid!("0000ffe5-0000-1000-8000-00805f9a34fb");
/// Device to host.
pub const DATA: Uuid = uuid!("0000ffe4-0000-1000-8000-00805f9a34fb");
/// Host to device.
pub const COMMAND: Uuid = uuid!("0000ffe9-0000-1000-8000-00805f9a34fb");

const LENGTH: usize = 20;
const START: u8 = 0x55;
const MEASUREMENT: u8 = 0x61;
const REGISTERS: u8 = 0x71;
const BATTERY: u16 = 0x64;
const ACCELEROMETER_RANGE_G: f64 = 16.0;
const GYROSCOPE_RANGE_DPS: f64 = 2000.0;
const FULL_SCALE: f64 = 32_768.0;

const UNLOCK: [u8; 5] = [0xff, 0xaa, 0x69, 0x88, 0xb5];
const SIX_AXES: [u8; 5] = [0xff, 0xaa, 0x24, 0x01, 0x00];
const SAVE: [u8; 5] = [0xff, 0xaa, 0x00, 0x00, 0x00];
const READ_BATTERY: [u8; 5] = [0xff, 0xaa, 0x27, 0x64, 0x00];
/// Sets the rate, Hz, by the maker's number for it.
const fn set_rate(rate: u16) -> [u8; 5] {
    let number = match rate {
        20 => 0x07,
        100 => 0x09,
        200 => 0x0b,
        _ => 0x08,
    };
    [0xff, 0xaa, 0x03, number, 0x00]
}

/// The device takes a command every tenth of a second.
const BETWEEN_COMMANDS: Duration = Duration::from_millis(100);

/// See the module.
pub const DRIVER: ModelDriver = ModelDriver {
    model: Model {
        name: "witmotion",
        full_name: "WitMotion WT901BLE/WT9011DCL",
        signs: Signs { names: &["WT"], services: &[SERVICE], ..Signs::NONE },
        charge: Charge::Command { answer: DATA, to: COMMAND, bytes: &READ_BATTERY },
        manual: Manual { models: "WitMotion WT901BLE, WT9011DCL", time_stamps: "none", needs: None, page: "witmotion" },
    },
    // Those from 20 up that it has.
    rates: &[20, 50, 100, 200],
    // What every model of the family keeps up with.
    rate: 50,
    ranges: Ranges { accelerometer_g: ACCELEROMETER_RANGE_G, gyroscope_dps: GYROSCOPE_RANGE_DPS },
    clock: ClockKind::SampleIndex,
    session: |setup| Box::new(Session { buffer: Vec::new(), rate: setup.rate }),
};

fn command(bytes: [u8; 5]) -> Request {
    Request::Write { characteristic: COMMAND, payload: bytes.to_vec(), confirmed: false }
}

struct Session {
    /// What has come of the next packet.
    buffer: Vec<u8>,
    /// Samples per second.
    rate: u16,
}

impl DriverSession for Session {
    fn start(&mut self) -> Vec<Request> {
        let commands = [UNLOCK, set_rate(self.rate), SIX_AXES, SAVE, READ_BATTERY];
        let spaced = commands.into_iter().flat_map(|bytes| [command(bytes), Request::Wait(BETWEEN_COMMANDS)]);
        std::iter::once(Request::Subscribe(DATA)).chain(spaced).collect()
    }

    fn push(&mut self, characteristic: Uuid, payload: &[u8], emit: &mut dyn FnMut(Event)) {
        if characteristic != DATA {
            return;
        }
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.extend_from_slice(payload);
        let mut rest = bytes.as_slice();
        let mut skipped = 0;
        while let Some((first, after)) = rest.split_first() {
            if *first != START {
                skipped += 1;
                rest = after;
                continue;
            }
            let Some((packet, after)) = rest.split_at_checked(LENGTH) else { break };
            report(&mut skipped, emit);
            emit(decode(packet));
            // A kind nobody knows may have another length: the next start is searched for.
            rest = if is_known(packet) { after } else { rest.get(1..).unwrap_or_default() };
        }
        report(&mut skipped, emit);
        self.buffer = rest.to_vec();
    }

    /// It streams for as long as somebody is connected.
    fn stop(&mut self) -> Vec<Request> {
        Vec::new()
    }
}

fn report(skipped: &mut usize, emit: &mut dyn FnMut(Event)) {
    if *skipped > 0 {
        emit(Event::Undecodable(DecodeError::OutOfStep { skipped: std::mem::take(skipped) }));
    }
}

fn is_known(packet: &[u8]) -> bool {
    matches!(packet.get(1), Some(&(MEASUREMENT | REGISTERS)))
}

fn decode(packet: &[u8]) -> Event {
    match packet.get(1) {
        Some(&MEASUREMENT) => measurement(packet),
        Some(&REGISTERS) => registers(packet),
        kind => Event::Undecodable(DecodeError::Kind { kind: kind.copied().unwrap_or_default() }),
    }
}

fn measurement(packet: &[u8]) -> Event {
    let Some((accelerometer, gyroscope)) = i16x3(packet, 2).zip(i16x3(packet, 8)) else {
        return Event::Undecodable(DecodeError::Length { expected: LENGTH, found: packet.len() });
    };
    let scale = Scale {
        accelerometer: ACCELEROMETER_RANGE_G * STANDARD_GRAVITY / FULL_SCALE,
        gyroscope: (GYROSCOPE_RANGE_DPS / FULL_SCALE).to_radians(),
    };
    Event::Packet(Packet { sequence: None, ticks: None, scale, samples: vec![RawSample { accelerometer, gyroscope }] })
}

fn registers(packet: &[u8]) -> Event {
    match (u16_at(packet, 2), u16_at(packet, 4)) {
        (Some(BATTERY), Some(centivolts)) => Event::Battery(charge(centivolts)),
        _ => Event::Undecodable(DecodeError::Kind { kind: REGISTERS }),
    }
}

/// The maker's table from voltage to charge.
fn charge(centivolts: u16) -> u8 {
    const BANDS: [(u16, u8); 11] = [
        (396, 100),
        (393, 90),
        (387, 75),
        (382, 60),
        (379, 50),
        (377, 40),
        (373, 30),
        (370, 20),
        (368, 15),
        (350, 10),
        (340, 5),
    ];
    BANDS.into_iter().find(|(above, _)| centivolts > *above).map_or(0, |(_, charge)| charge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::ImuDriver;
    use crate::driver::tests::{events, hex, packets};

    const PACKET: &str = "5561 2900 29f8 3301 1900 b4fe 0c00 30c6 fd02 ab0a";

    #[test]
    fn the_example_of_the_notes_comes_out() {
        let found = packets(&mut *DRIVER.session(23), DATA, &hex(PACKET));
        assert_eq!(found[0].samples[0].accelerometer, [41.0, -2007.0, 307.0]);
        assert_eq!(found[0].samples[0].gyroscope, [25.0, -332.0, 12.0]);
        let rate = found[0].scale.gyroscope * -332.0;
        assert!((rate.to_degrees() + 20.264).abs() < 1e-3, "{rate}");
        assert!((found[0].scale.accelerometer * 41.0 / STANDARD_GRAVITY - 0.0200).abs() < 1e-4);
    }

    #[test]
    fn packets_may_be_joined_and_cut_anywhere() {
        let two = [hex(PACKET), hex(PACKET)].concat();
        for cut in 0..two.len() {
            let mut session = DRIVER.session(23);
            let (first, second) = two.split_at(cut);
            let found = packets(&mut *session, DATA, first).len() + packets(&mut *session, DATA, second).len();
            assert_eq!(found, 2, "cut at {cut}");
        }
    }

    #[test]
    fn rubbish_is_counted_and_the_stream_goes_on() {
        let bytes = [vec![1, 2, 3], hex(PACKET)].concat();
        let found = events(&mut *DRIVER.session(23), DATA, &bytes);
        assert_eq!(found[0], Event::Undecodable(DecodeError::OutOfStep { skipped: 3 }));
        assert!(matches!(found[1], Event::Packet(_)), "{found:?}");
    }

    #[test]
    fn it_is_started_with_the_bytes_of_the_notes() {
        for (rate, bytes) in [(20, "ffaa030700"), (50, "ffaa030800"), (100, "ffaa030900"), (200, "ffaa030b00")] {
            let start = ModelDriver { rate, ..DRIVER }.session(23).start();
            let written = |request| if let Request::Write { payload, .. } = request { Some(payload) } else { None };
            let written: Vec<Vec<u8>> = start.into_iter().filter_map(written).collect();
            assert_eq!(written, ["ffaa6988b5", bytes, "ffaa240100", "ffaa000000", "ffaa276400"].map(hex));
        }
    }

    #[test]
    fn the_battery_is_read() {
        let bytes = [hex("5571 6400 8601"), vec![0; 14]].concat();
        assert_eq!(events(&mut *DRIVER.session(23), DATA, &bytes), [Event::Battery(75)]);
    }
}
