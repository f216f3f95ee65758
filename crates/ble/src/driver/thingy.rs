//! Nordic Thingy:52: raw motion of 18 bytes without counter or clock.
//!
//! Verified on documents (the maker's firmware), not on hardware: docs/sensors/thingy52.md.
//!
//! ```text
//! acc i16 x3 (1/1024 g)   gyro i16 x3 (1/32 deg/s)   mag i16 x3 (ignored)      little endian
//! ```

use truehinge_core::{ClockKind, STANDARD_GRAVITY};

use super::wire::i16x3;
use super::{
    DecodeError, DriverSession, Event, Manual, Model, ModelDriver, Packet, Ranges, RawSample, Request, Scale, Signs,
    battery,
};
use crate::gatt::{Uuid, numbered, uuid};

/// Of all its UUIDs.
pub const BASE: Uuid = uuid!("ef680000-9b35-4933-9b10-52ffa9740042");

/// What it advertises.
pub const CONFIGURATION_SERVICE: Uuid = numbered(BASE, 0x0100);
/// Settings of the motion service.
pub const MOTION_CONFIGURATION: Uuid = numbered(BASE, 0x0401);
/// Raw motion.
pub const RAW: Uuid = numbered(BASE, 0x0406);

/// Intervals of step counter and of temperature and magnetometer compensation, ms.
const INTERVALS: [u16; 3] = [1000, 500, 500];
const LENGTH: usize = 18;
/// See the module.
pub const DRIVER: ModelDriver = ModelDriver {
    model: Model {
        name: "thingy52",
        full_name: "Nordic Thingy:52",
        signs: Signs { names: &["Thingy"], services: &[CONFIGURATION_SERVICE], ..Signs::NONE },
        charge: battery::CHARGE,
        manual: Manual { models: "Nordic Thingy:52", time_stamps: "none", needs: None, page: "thingy52" },
    },
    // Of 5 to 200, those from 20 up that divide 200: how others are met is not documented.
    rates: &[20, 25, 40, 50, 100, 200],
    rate: 100,
    // Of its chip, and the largest that fits its numbers.
    ranges: Ranges { accelerometer_g: 16.0, gyroscope_dps: 1024.0 },
    clock: ClockKind::SampleIndex,
    session: |setup| Box::new(Session { rate: setup.rate }),
};

struct Session {
    /// Samples per second.
    rate: u16,
}

/// The settings with this rate, Hz: no wake-up by motion.
fn wanted(rate: u16) -> Vec<u8> {
    let numbers = INTERVALS.into_iter().chain([rate]);
    numbers.flat_map(u16::to_le_bytes).chain([0]).collect()
}

impl DriverSession for Session {
    fn start(&mut self) -> Vec<Request> {
        // The settings are kept in flash: they are written only where they are others.
        battery::follow().into_iter().chain([Request::Read(MOTION_CONFIGURATION)]).collect()
    }

    fn push(&mut self, characteristic: Uuid, payload: &[u8], emit: &mut dyn FnMut(Event)) {
        match characteristic {
            battery::LEVEL => battery::event(payload).into_iter().for_each(emit),
            MOTION_CONFIGURATION => {
                if payload != wanted(self.rate) {
                    let (characteristic, payload) = (MOTION_CONFIGURATION, wanted(self.rate));
                    emit(Event::Request(Request::Write { characteristic, payload, confirmed: true }));
                }
                emit(Event::Request(Request::Subscribe(RAW)));
            }
            RAW => emit(decode(payload)),
            _ => {}
        }
    }

    /// It measures for as long as somebody listens.
    fn stop(&mut self) -> Vec<Request> {
        Vec::new()
    }
}

fn decode(payload: &[u8]) -> Event {
    let sample = i16x3(payload, 0).zip(i16x3(payload, 6)).filter(|_| payload.len() == LENGTH);
    let Some((accelerometer, gyroscope)) = sample else {
        return Event::Undecodable(DecodeError::Length { expected: LENGTH, found: payload.len() });
    };
    let scale = Scale { accelerometer: STANDARD_GRAVITY / 1024.0, gyroscope: 32_f64.recip().to_radians() };
    Event::Packet(Packet { sequence: None, ticks: None, scale, samples: vec![RawSample { accelerometer, gyroscope }] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::ImuDriver;
    use crate::driver::tests::{events, hex, packets};

    #[test]
    fn the_example_of_the_notes_comes_out() {
        let bytes = hex("1400 14fc 9a00 3000 78fd 1800 6801 c0ff 9002");
        let found = packets(&mut *DRIVER.session(23), RAW, &bytes);
        assert_eq!(found[0].samples[0].accelerometer, [20.0, -1004.0, 154.0]);
        let degrees = found[0].samples[0].gyroscope.map(|g| (g * found[0].scale.gyroscope).to_degrees());
        assert!(degrees.iter().zip([1.5, -20.25, 0.75]).all(|(a, b)| (a - b).abs() < 1e-9), "{degrees:?}");
    }

    #[test]
    fn the_settings_of_the_notes_are_written_where_they_are_others() {
        assert_eq!(wanted(100), hex("e803 f401 f401 6400 00"));
        assert_eq!(wanted(50), hex("e803 f401 f401 3200 00"));
        assert_eq!(wanted(200), hex("e803 f401 f401 c800 00"));
        let as_wanted = events(&mut *DRIVER.session(23), MOTION_CONFIGURATION, &wanted(100));
        assert_eq!(as_wanted, [Event::Request(Request::Subscribe(RAW))]);
        assert_eq!(events(&mut *DRIVER.session(23), MOTION_CONFIGURATION, &[0; 9]).len(), 2);
    }

    #[test]
    fn a_cut_packet_is_none() {
        let found = events(&mut *DRIVER.session(23), RAW, &[0; 17]);
        assert_eq!(found, [Event::Undecodable(DecodeError::Length { expected: 18, found: 17 })]);
    }
}
