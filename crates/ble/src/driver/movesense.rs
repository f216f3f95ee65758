//! Movesense with its GATT sensor-data protocol: single-precision numbers in batches, stamped in milliseconds.
//!
//! Verified on documents (the maker's sample firmware and clients), not on hardware: docs/sensors/movesense.md.
//!
//! ```text
//! 02 ref   t:u32 (ms, first sample)   n x specific force f32 x3 (m/s2)   n x angular rate f32 x3 (deg/s)
//! 03 ref   the rest, where it does not fit one packet
//! 01 ref status:u16                                                        result of a command
//! ```
//!
//! First all accelerations, then all angular rates: they are not interleaved.

use truehinge_core::{ClockKind, SampleRate};

use super::wire::{f32x3, u16_at, u32_at};
use super::{
    Counter, DecodeError, DriverSession, Event, Manual, Model, ModelDriver, Packet, Ranges, RawSample, Request, Scale,
    Setup, Signs, Tick, Ticks, battery,
};
use crate::gatt::{Uuid, uuid};

/// The sensor-data service.
pub const SERVICE: Uuid = uuid!("34802252-7185-4d5d-b431-630e7050e8f0");
/// Host to device.
pub const COMMAND: Uuid = uuid!("34800001-7185-4d5d-b431-630e7050e8f0");
/// Device to host.
pub const DATA: Uuid = uuid!("34800002-7185-4d5d-b431-630e7050e8f0");

/// What is subscribed to, before the rate.
pub const PATH: &str = "/Meas/IMU6/";
/// Our name for the subscription.
pub const REFERENCE: u8 = 99;

const SUBSCRIBE: u8 = 1;
const UNSUBSCRIBE: u8 = 2;
const RESULT: u8 = 1;
const FIRST_PART: u8 = 2;
const SECOND_PART: u8 = 3;
/// Content of a first part that has a second.
const FULL_PART: usize = 150;
/// What the ATT header takes of the MTU.
const ATT_HEADER: usize = 3;
/// Result: all of its subscriptions are taken.
const FULL: u16 = 507;
/// Time stamp before the samples.
const STAMP: usize = 4;
/// Both vectors of a sample.
const SAMPLE: usize = 24;
/// Results that are none: HTTP's numbers.
const FINE: [u16; 3] = [0, 200, 201];

/// See the module.
pub const DRIVER: ModelDriver = ModelDriver {
    model: Model {
        name: "movesense",
        full_name: "Movesense",
        signs: Signs { names: &["Movesense"], services: &[SERVICE], ..Signs::NONE },
        charge: battery::CHARGE,
        manual: Manual {
            models: "Movesense",
            time_stamps: "milliseconds, first sample of a batch",
            needs: Some("firmware with the GATT sensor-data protocol, 2.3.1 or later"),
            page: "movesense",
        },
    },
    // Those from 20 up whose batches fit the sample firmware's two parts.
    rates: &[26, 52, 104],
    rate: 52,
    ranges: Ranges { accelerometer_g: 8.0, gyroscope_dps: 1000.0 },
    clock: ClockKind::Device,
    session: |setup| Box::new(Session::new(setup)),
};

struct Session {
    /// Samples per second.
    rate: u16,
    /// Most that a notification can hold.
    carries: usize,
    /// Whether it was told that its batches are cut.
    cut: bool,
    /// A first part that waits for the second.
    first_part: Option<Vec<u8>>,
}

impl DriverSession for Session {
    fn start(&mut self) -> Vec<Request> {
        let payload = [&[SUBSCRIBE, REFERENCE], PATH.as_bytes(), self.rate.to_string().as_bytes()].concat();
        let own = [Request::Subscribe(DATA), Request::Write { characteristic: COMMAND, payload, confirmed: true }];
        battery::follow().into_iter().chain(own).collect()
    }

    fn push(&mut self, characteristic: Uuid, payload: &[u8], emit: &mut dyn FnMut(Event)) {
        match characteristic {
            battery::LEVEL => battery::event(payload).into_iter().for_each(emit),
            DATA => self.notification(payload, emit),
            _ => {}
        }
    }

    fn stop(&mut self) -> Vec<Request> {
        vec![Request::Write { characteristic: COMMAND, payload: vec![UNSUBSCRIBE, REFERENCE], confirmed: true }]
    }
}

impl Session {
    fn new(Setup { rate, mtu }: Setup) -> Self {
        Self { rate, carries: usize::from(mtu).saturating_sub(ATT_HEADER), cut: false, first_part: None }
    }

    fn notification(&mut self, payload: &[u8], emit: &mut dyn FnMut(Event)) {
        let Some((&[kind, reference], content)) = payload.split_first_chunk::<2>() else {
            return emit(Event::Undecodable(DecodeError::Length { expected: 2, found: payload.len() }));
        };
        match kind {
            RESULT => result(content).into_iter().for_each(emit),
            _ if reference != REFERENCE => emit(Event::Undecodable(DecodeError::Kind { kind: reference })),
            FIRST_PART => {
                self.forget(emit);
                if is_whole(content) {
                    emit(decode(content, self.rate));
                } else if payload.len() == self.carries && content.len() < FULL_PART {
                    self.tell_cut(emit);
                } else {
                    self.first_part = Some(content.to_vec());
                }
            }
            // Of a batch that was cut before.
            SECOND_PART if self.cut => {}
            SECOND_PART => match self.first_part.take() {
                Some(first) => emit(decode(&[&first, content].concat(), self.rate)),
                None => emit(Event::Undecodable(DecodeError::OutOfStep { skipped: payload.len() })),
            },
            kind => emit(Event::Undecodable(DecodeError::Kind { kind })),
        }
    }

    /// The connection carries less than a batch: told once.
    fn tell_cut(&mut self, emit: &mut dyn FnMut(Event)) {
        if !self.cut {
            self.cut = true;
            let remedy = "use another Bluetooth adapter: this connection carries less than a batch at a time";
            let (what, code) = ("send whole batches", 0);
            emit(Event::Undecodable(DecodeError::Refused { what, code, remedy }));
        }
    }

    /// A first part whose second never came.
    fn forget(&mut self, emit: &mut dyn FnMut(Event)) {
        if let Some(lost) = self.first_part.take() {
            emit(Event::Undecodable(DecodeError::OutOfStep { skipped: lost.len() }));
        }
    }
}

fn is_whole(content: &[u8]) -> bool {
    content.len().checked_sub(STAMP).is_some_and(|samples| samples.is_multiple_of(SAMPLE))
}

/// Of a command: nothing where it was done.
fn result(content: &[u8]) -> Option<Event> {
    // The maker's sample sends this one with its bytes turned round.
    let plain = |code: u16| if code == FULL.swap_bytes() { FULL } else { code };
    let code = u16_at(content, 0).map(plain).filter(|code| !FINE.contains(code))?;
    let remedy = "close other programs that use it, switch it off and on, update its firmware to 2.3.1 or later";
    Some(Event::Undecodable(DecodeError::Refused { what: "send its measurements", code, remedy }))
}

/// A whole batch of so many samples a second.
fn decode(content: &[u8], rate: u16) -> Event {
    let count = content.len().saturating_sub(STAMP) / SAMPLE;
    let wrong =
        || Event::Undecodable(DecodeError::Length { expected: STAMP + count.max(1) * SAMPLE, found: content.len() });
    let Some(first) = u32_at(content, 0).filter(|_| is_whole(content) && count > 0) else { return wrong() };
    let sample = |i: usize| {
        let accelerometer = f32x3(content, STAMP + 12 * i)?;
        let gyroscope = f32x3(content, STAMP + 12 * (count + i))?;
        Some(RawSample { accelerometer, gyroscope })
    };
    let Some(samples) = (0..count).map(sample).collect() else { return wrong() };
    let step_nanos = SampleRate::from_hertz(f64::from(rate)).map_or(0, |rate| rate.period().nanos());
    Event::Packet(Packet {
        sequence: None,
        ticks: Some(Ticks {
            first: Counter { value: u64::from(first), bits: 32 },
            tick: Tick::MILLISECOND,
            step_nanos,
        }),
        scale: Scale { accelerometer: 1.0, gyroscope: 1_f64.to_radians() },
        samples,
    })
}

#[cfg(test)]
mod tests {
    use truehinge_core::Explained;

    use super::*;
    use crate::driver::ImuDriver;
    use crate::driver::tests::{events, hex, packets};

    const TWO: &str = "0263 40e20100 cdcccc3d cdcc4cbe c3f51c41 9a99193e 000080be d7a31c41 \
                       0000803f 00000040 00004040 00008040 0000a040 0000c040";

    #[test]
    fn the_example_of_the_notes_comes_out() {
        let found = packets(&mut *DRIVER.session(247), DATA, &hex(TWO));
        assert_eq!(found[0].ticks.expect("stamped").first.value, 123_456);
        assert_eq!(found[0].ticks.expect("stamped").step_nanos, 19_230_769);
        let fast = packets(&mut *ModelDriver { rate: 104, ..DRIVER }.session(247), DATA, &hex(TWO));
        assert_eq!(fast[0].ticks.expect("stamped").step_nanos, 9_615_385);
        assert_eq!(found[0].samples[0].gyroscope, [1.0, 2.0, 3.0]);
        assert_eq!(found[0].samples[1].gyroscope, [4.0, 5.0, 6.0]);
        let second = found[0].samples[1].accelerometer;
        assert!(second.iter().zip([0.15, -0.25, 9.79]).all(|(a, b)| (a - b).abs() < 1e-6), "{second:?}");
    }

    #[test]
    fn two_parts_are_joined_and_a_lost_part_costs_one_batch() {
        let whole = hex(TWO);
        let (first, rest) = whole.split_at(40);
        let second = [&[SECOND_PART, REFERENCE], rest].concat();
        let mut session = DRIVER.session(247);
        assert!(events(&mut *session, DATA, first).is_empty());
        assert_eq!(packets(&mut *session, DATA, &second)[0].samples.len(), 2);
        assert!(events(&mut *session, DATA, first).is_empty());
        let after_loss = events(&mut *session, DATA, &whole);
        assert_eq!(after_loss[0], Event::Undecodable(DecodeError::OutOfStep { skipped: 38 }));
        assert!(matches!(after_loss[1], Event::Packet(_)));
    }

    #[test]
    fn the_subscription_is_that_of_the_notes_and_a_refusal_is_told() {
        for (rate, number) in [(26, "3236"), (52, "3532"), (104, "313034")] {
            let start = ModelDriver { rate, ..DRIVER }.session(247).start();
            let payload = [hex("0163 2f4d6561732f494d55362f"), hex(number)].concat();
            assert!(start.contains(&Request::Write { characteristic: COMMAND, payload, confirmed: true }), "{rate}");
        }
        let refused = events(&mut *DRIVER.session(247), DATA, &hex("0163 f501"));
        assert!(matches!(refused[..], [Event::Undecodable(DecodeError::Refused { code: 501, .. })]), "{refused:?}");
        let full = events(&mut *DRIVER.session(247), DATA, &hex("0163 01fb"));
        assert!(matches!(full[..], [Event::Undecodable(DecodeError::Refused { code: 507, .. })]), "{full:?}");
        assert!(events(&mut *DRIVER.session(247), DATA, &hex("0163 c800")).is_empty());
    }

    #[test]
    fn batches_that_the_connection_cuts_are_told_once() {
        let mut session = DRIVER.session(23);
        let cut = &hex(TWO)[..20];
        let told = events(&mut *session, DATA, cut);
        let [Event::Undecodable(error)] = told[..] else { panic!("{told:?}") };
        assert!(error.in_full().contains("adapter"), "{error}");
        assert!(events(&mut *session, DATA, cut).is_empty());
    }
}
