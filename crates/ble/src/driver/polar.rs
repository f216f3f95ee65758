//! Polar Verity Sense: two streams of delta-compressed frames with the same clock.
//!
//! Verified on documents (the maker's software kit and its unit tests), not on hardware: docs/sensors/polar.md.
//!
//! ```text
//! kind   t:u64 (ns, last sample)   type   reference i16 x3   { width  count  count x 3 differences of width bits }
//! ```
//!
//! The control point answers each command: `F0 command kind status more parameters`. The factor from counts to g or deg/s is
//! among the parameters of the answer to a start.
//!
//! Specific force and angular rate come in frames of their own: the angular rate is interpolated to the times of the specific
//! force. OH1 and H10 have no gyroscope.

use std::collections::VecDeque;

use truehinge_core::{ClockKind, STANDARD_GRAVITY};

use super::wire::{f32_at, i16x3, u64_at};
use super::{
    Counter, DecodeError, DriverSession, Event, Manual, Model, ModelDriver, Packet, Ranges, RawSample, Request, Scale,
    Signs, Tick, Ticks, battery,
};
use crate::gatt::{Uuid, uuid};

/// The measurement service.
pub const SERVICE: Uuid = uuid!("fb005c80-02e7-f387-1cad-8acd2d8df0c8");
/// Commands and their answers.
pub const CONTROL: Uuid = uuid!("fb005c81-02e7-f387-1cad-8acd2d8df0c8");
/// Frames.
pub const DATA: Uuid = uuid!("fb005c82-02e7-f387-1cad-8acd2d8df0c8");

/// The rate, Hz, that it has without its mode for other programs.
const USUAL_RATE: u16 = 52;
/// Numbers of the measurements.
const ACCELEROMETER: u8 = 2;
const GYROSCOPE: u8 = 5;
/// Started and stopped like a measurement: the mode that has more rates.
const SDK_MODE: u8 = 9;
const START: u8 = 2;
const STOP: u8 = 3;
const ANSWER: u8 = 0xf0;
/// Not an answer: it has stopped measurements by itself.
const STOPPED: u8 = 1;
/// Status: done, and already so.
const FINE: [u8; 2] = [0, 6];
/// Status: the connection carries too little.
const MTU_TOO_SMALL: u8 = 10;
/// Status: it is being charged.
const CHARGING: u8 = 13;
/// Type of frame: compressed, 16-bit counts.
const COMPRESSED: u8 = 0x80;
/// Parameter: the factor.
const FACTOR: u8 = 5;
/// Factors at 8 g and 2000 deg/s, where the answer does not say.
const FACTORS: (f64, f64) = (2.44e-4, 0.07);
/// Ranges, g and deg/s.
const RANGES: (u16, u16) = (8, 2000);

/// See the module.
pub const DRIVER: ModelDriver = ModelDriver {
    model: Model {
        name: "polar-verity-sense",
        full_name: "Polar Verity Sense",
        signs: Signs { names: &["Polar Sense"], ..Signs::NONE },
        charge: battery::CHARGE,
        manual: Manual {
            models: "Polar Verity Sense",
            time_stamps: "nanoseconds, last sample of a batch",
            needs: Some("sensor mode (blue light)"),
            page: "polar",
        },
    },
    // Of both streams; faster ones may not get through from two sensors, says the maker.
    rates: &[26, USUAL_RATE, 104],
    rate: USUAL_RATE,
    ranges: Ranges { accelerometer_g: 8.0, gyroscope_dps: 2000.0 },
    clock: ClockKind::Device,
    session: |setup| Box::new(Session::new(setup.rate)),
};

/// A measured vector and its device time, ns.
type Timed = (u64, [f64; 3]);

/// One of the two streams.
struct Stream {
    /// Nominal time between samples, ns.
    period: f64,
    /// Stamp of the last frame.
    last: Option<u64>,
    waiting: VecDeque<Timed>,
}

/// More samples than this wait for the other stream only if that has stopped: 10 s at the fastest.
const WAITING: usize = 1040;

impl Stream {
    fn new(period: f64) -> Self {
        Self { period, last: None, waiting: VecDeque::new() }
    }

    /// Spreads a frame's samples over the time since the last one, as the maker does.
    fn add(&mut self, stamp: u64, samples: Vec<[f64; 3]>) {
        let count = samples.len() as f64;
        let since = self.last.and_then(|last| stamp.checked_sub(last)).map(|ns| ns as f64 / count);
        // After a gap, or in the first frame, the step is not known from the stamps.
        let step = since.filter(|step| (step / self.period - 1.0).abs() < 0.1).unwrap_or(self.period);
        self.last = Some(stamp);
        for (i, vector) in (0..).zip(samples) {
            let before = (count - 1.0 - f64::from(i)) * step;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds in ns, not negative")]
            self.waiting.push_back((stamp.saturating_sub(before.round() as u64), vector));
        }
        while self.waiting.len() > WAITING {
            self.waiting.pop_front();
        }
    }

    /// The value at a time, between the two samples around it; what is older is dropped.
    fn at(&mut self, time: u64) -> Value {
        while self.waiting.get(1).is_some_and(|next| next.0 <= time) {
            self.waiting.pop_front();
        }
        match (self.waiting.front(), self.waiting.get(1)) {
            (Some(&(from, _)), _) if from > time => Value::Unknown,
            (Some(&(from, vector)), _) if from == time => Value::Known(vector),
            // Nothing is made up where a frame is lost.
            (Some(&(from, _)), Some(&(to, _))) if (to - from) as f64 > LONGEST_STEP * self.period => Value::Unknown,
            (Some(&(from, before)), Some(&(to, after))) => {
                let share = (time - from) as f64 / (to - from) as f64;
                let [ax, ay, az] = before;
                let [bx, by, bz] = after;
                Value::Known([ax + share * (bx - ax), ay + share * (by - ay), az + share * (bz - az)])
            }
            _ => Value::ToCome,
        }
    }
}

/// The value of a stream at a time.
enum Value {
    /// Measured or interpolated.
    Known([f64; 3]),
    /// It was not measured, or it was lost.
    Unknown,
    /// Later samples will tell.
    ToCome,
}

/// Between samples further apart, in periods, nothing is interpolated.
const LONGEST_STEP: f64 = 1.5;

struct Session {
    /// Samples per second.
    rate: u16,
    /// Counts to g and to deg/s.
    factors: (f64, f64),
    forces: Stream,
    rates: Stream,
}

fn command(bytes: &[u8]) -> Request {
    Request::Write { characteristic: CONTROL, payload: bytes.to_vec(), confirmed: true }
}

/// Starts a measurement: rate in Hz, 16 bits, range in g or deg/s, 3 channels.
fn start(kind: u8, rate: u16, range: u16) -> Request {
    let ([rate, faster], [range, wider]) = (rate.to_le_bytes(), range.to_le_bytes());
    command(&[START, kind, 0, 1, rate, faster, 1, 1, 16, 0, 2, 1, range, wider, 4, 1, 3])
}

impl DriverSession for Session {
    fn start(&mut self) -> Vec<Request> {
        // Measurements go on when a link is lost, with settings that may be others: they are stopped first.
        let own = [
            Request::Subscribe(CONTROL),
            Request::Subscribe(DATA),
            command(&[STOP, ACCELEROMETER]),
            command(&[STOP, GYROSCOPE]),
            if self.needs_mode() { command(&[START, SDK_MODE]) } else { self.start_accelerometer() },
        ];
        battery::follow().into_iter().chain(own).collect()
    }

    fn push(&mut self, characteristic: Uuid, payload: &[u8], emit: &mut dyn FnMut(Event)) {
        match characteristic {
            battery::LEVEL => battery::event(payload).into_iter().for_each(emit),
            CONTROL => self.answer(payload, emit),
            DATA => match frame(payload) {
                Ok((kind, stamp, samples)) => {
                    let stream = if kind == ACCELEROMETER { &mut self.forces } else { &mut self.rates };
                    stream.add(stamp, samples);
                    self.pair(emit);
                }
                Err(error) => emit(Event::Undecodable(error)),
            },
            _ => {}
        }
    }

    fn stop(&mut self) -> Vec<Request> {
        let mode = self.needs_mode().then(|| command(&[STOP, SDK_MODE]));
        [command(&[STOP, ACCELEROMETER]), command(&[STOP, GYROSCOPE])].into_iter().chain(mode).collect()
    }
}

impl Session {
    fn new(rate: u16) -> Self {
        let stream = || Stream::new(1e9 / f64::from(rate));
        Self { rate, factors: FACTORS, forces: stream(), rates: stream() }
    }

    /// Whether the rate is only there in its mode for other programs.
    const fn needs_mode(&self) -> bool {
        self.rate != USUAL_RATE
    }

    fn start_accelerometer(&self) -> Request {
        start(ACCELEROMETER, self.rate, RANGES.0)
    }

    fn answer(&mut self, payload: &[u8], emit: &mut dyn FnMut(Event)) {
        if let Some((&STOPPED, [_, ..])) = payload.split_first() {
            let remedy = "take it out of its charger, charge it if it is empty, switch it on again";
            let (what, code) = ("go on measuring", u16::from(STOPPED));
            return emit(Event::Undecodable(DecodeError::Refused { what, code, remedy }));
        }
        let Some((&[ANSWER, START, kind, status], rest)) = payload.split_first_chunk::<4>() else { return };
        if !FINE.contains(&status) {
            let remedy = match status {
                MTU_TOO_SMALL => "use another Bluetooth adapter: this connection carries too little at a time",
                CHARGING => "take it out of its charger",
                _ if kind == SDK_MODE => "record it at 52 Hz, or update its firmware",
                _ => "put it into sensor mode (blue light), switch it off and on",
            };
            let (what, code) = ("measure", u16::from(status));
            return emit(Event::Undecodable(DecodeError::Refused { what, code, remedy }));
        }
        let factor = factor(rest.get(1..).unwrap_or_default());
        match kind {
            SDK_MODE => emit(Event::Request(self.start_accelerometer())),
            ACCELEROMETER => {
                self.factors.0 = factor.unwrap_or(self.factors.0);
                emit(Event::Request(start(GYROSCOPE, self.rate, RANGES.1)));
            }
            _ => self.factors.1 = factor.unwrap_or(self.factors.1),
        }
    }

    /// Tells the specific forces whose angular rate is known.
    fn pair(&mut self, emit: &mut dyn FnMut(Event)) {
        while let Some(&(time, accelerometer)) = self.forces.waiting.front() {
            let value = self.rates.at(time);
            if matches!(value, Value::ToCome) {
                return;
            }
            self.forces.waiting.pop_front();
            let Value::Known(gyroscope) = value else { continue };
            let first = Counter { value: time, bits: 64 };
            emit(Event::Packet(Packet {
                sequence: None,
                ticks: Some(Ticks { first, tick: Tick::NANOSECOND, step_nanos: 0 }),
                scale: Scale {
                    accelerometer: self.factors.0 * STANDARD_GRAVITY,
                    gyroscope: self.factors.1.to_radians(),
                },
                samples: vec![RawSample { accelerometer, gyroscope }],
            }));
        }
    }
}

/// The factor among the parameters of an answer: each is a type, a count and so many values.
fn factor(mut parameters: &[u8]) -> Option<f64> {
    while let Some((&[kind, count], rest)) = parameters.split_first_chunk::<2>() {
        let width = match kind {
            0..=2 => 2,
            3 | FACTOR => 4,
            4 => 1,
            _ => return None,
        };
        if kind == FACTOR {
            return f32_at(rest, 0).map(f64::from).filter(|factor| factor.is_finite() && *factor > 0.0);
        }
        parameters = rest.get(width * usize::from(count)..)?;
    }
    None
}

const HEADER: usize = 10;

/// Kind, stamp and samples of a frame.
fn frame(payload: &[u8]) -> Result<(u8, u64, Vec<[f64; 3]>), DecodeError> {
    let short = DecodeError::Length { expected: HEADER + 6, found: payload.len() };
    let (Some(&kind), Some(stamp), Some(&form)) = (payload.first(), u64_at(payload, 1), payload.get(HEADER - 1)) else {
        return Err(short);
    };
    let kind = kind & 0x3f;
    if kind != ACCELEROMETER && kind != GYROSCOPE {
        return Err(DecodeError::Kind { kind });
    }
    if form != COMPRESSED {
        return Err(DecodeError::Kind { kind: form });
    }
    let content = payload.get(HEADER..).unwrap_or_default();
    Ok((kind, stamp, deltas(content).ok_or(short)?))
}

/// The reference and everything that is added to it; `None` if the content ends within a block.
fn deltas(content: &[u8]) -> Option<Vec<[f64; 3]>> {
    let mut latest = i16x3(content, 0)?;
    let mut samples = vec![latest];
    let mut rest = content.get(6..)?;
    while let Some((&[width, count], after)) = rest.split_first_chunk::<2>() {
        let (width, values) = (usize::from(width), 3 * usize::from(count));
        if width > 32 {
            return None;
        }
        let (block, after) = after.split_at_checked((width * values).div_ceil(8))?;
        for i in 0..usize::from(count) {
            for (channel, value) in latest.iter_mut().enumerate() {
                *value += signed_bits(block, (3 * i + channel) * width, width) as f64;
            }
            samples.push(latest);
        }
        rest = after;
    }
    Some(samples)
}

/// A two's complement number of `width` bits, the least significant first, from bit `at` on.
fn signed_bits(block: &[u8], at: usize, width: usize) -> i64 {
    let bit = |i: usize| block.get(i / 8).is_some_and(|byte| byte >> (i % 8) & 1 == 1);
    let magnitude = (0..width).filter(|&i| bit(at + i)).fold(0_i64, |sum, i| sum | 1 << i);
    if width > 0 && bit(at + width - 1) { magnitude - (1 << width) } else { magnitude }
}

#[cfg(test)]
mod tests {
    use truehinge_core::Explained;

    use super::*;
    use crate::driver::ImuDriver;
    use crate::driver::tests::{events, hex, packets};

    #[test]
    fn frames_are_those_of_the_makers_tests() {
        assert_eq!(deltas(&hex("eaff 0800 0d00 03 01 df00")), Some(vec![[-22.0, 8.0, 13.0], [-23.0, 11.0, 16.0]]));
        assert_eq!(
            deltas(&hex("f1ff 1400 f003 06 01 7b0f08")),
            Some(vec![[-15.0, 20.0, 1008.0], [-20.0, 17.0, 1008.0]])
        );
        assert_eq!(deltas(&hex("eaff 0800 0d00 03 01 df")), None);
    }

    #[test]
    fn whole_frames_and_settings_of_the_makers_tests() {
        // Uncompressed counts of an H10, which has no gyroscope: the numbers are read the same way.
        let counts = hex("f7ff ffff e703 f8ff feff e503");
        assert_eq!([0, 6].map(|at| i16x3(&counts, at)), [Some([-9.0, -1.0, 999.0]), Some([-8.0, -2.0, 997.0])]);
        // Milligrams of another model: its kind of frame is refused by name, not misread.
        let other = hex("02 6500000000000000 81 f1ff 1400 f003 06 01 7b0f08");
        assert_eq!(frame(&other), Err(DecodeError::Kind { kind: 0x81 }));
        let gyroscope = hex("05 6500000000000000 80 eaff 0800 0d00 03 01 df00");
        let samples = vec![[-22.0, 8.0, 13.0], [-23.0, 11.0, 16.0]];
        assert_eq!(frame(&gyroscope), Ok((GYROSCOPE, 0x65, samples)));
        // The ranges that a sensor offers: a parameter with four values is stepped over.
        let offered = hex("0001 3400 0101 1000 0204 f500 f401 e803 d007 0401 03");
        assert_eq!(factor(&offered), None);
        let with_factor = [offered, hex("0501"), 0.07_f32.to_le_bytes().to_vec()].concat();
        assert!(factor(&with_factor).is_some_and(|factor| (factor - 0.07).abs() < 1e-6));
        // 1 January 2019 in nanoseconds since 2000, of the maker's test of times.
        let stamp = 599_616_023_171_427_290;
        let dated = data(ACCELEROMETER, stamp, "0100 0000 0000");
        assert_eq!(frame(&dated).map(|(_, stamp, _)| stamp), Ok(stamp));
    }

    const LONG_FRAME: &str = "\
        7107f06a9e8d0a38be5cbeba2f96b3ee4be5adfb42b9ebbe4cfeba2f92bfee4be4b1fb12b9ecbd3c3ebb2f8fd3de4be3b5f7d2b8edbd \
        307e7b2f8be3ce8be2baf7a2b8eebc20be7b2f88f3cecbe1bdef52f8efbc18fe3b2f8403bfcbe0c2ef32b8f0bb044ebc2e8113af0be0 \
        c6eff2f7f1b9fc7dbc2e7d279f4bdfcaebc2f7f2b8eccd7c2e7b378f4bdecee392f7f3b8e00dfd2d774b7fcbddd2df6237f5b7d44dbd \
        2d745b6fcbdcd7d73237f6b5c88d7d2d716b4f4bdcdcd3f236f7b4bcddfd2c6f7b3f4bdbe0cfd236f8b2b02dbe2c6c8f1fcbdae3c7a2 \
        76f9";

    #[test]
    fn a_long_frame_of_the_makers_tests_is_read_to_its_end() {
        let found = deltas(&hex(LONG_FRAME)).expect("whole");
        // Reference and a block of 56 samples, 10 bits wide.
        assert_eq!(found.len(), 57);
        assert_eq!(found[..2], [[1905.0, 27376.0, -29282.0], [2095.0, 27271.0, -29367.0]]);
        assert_eq!(found[56], [12274.0, 20173.0, -32449.0]);
        let g = found[0].map(|count| count * FACTORS.0);
        assert!(g.iter().zip([0.4648, 6.6797, -7.1448]).all(|(a, b)| (a - b).abs() < 5e-5), "{g:?}");
    }

    fn data(kind: u8, stamp: u64, content: &str) -> Vec<u8> {
        [&[kind][..], &stamp.to_le_bytes(), &[COMPRESSED], &hex(content)].concat()
    }

    #[test]
    fn the_stamp_is_the_last_samples_and_rates_are_interpolated() {
        let mut session = DRIVER.session(247);
        let second = 1_000_000_000;
        let period = 19_230_769;
        // Two samples each; the gyroscope's lie half a period later.
        let forces = data(ACCELEROMETER, second, "0000 0000 0010 08 01 010203");
        assert!(events(&mut *session, DATA, &forces).is_empty());
        let rates = data(GYROSCOPE, second + period / 2, "0000 0000 0000 08 01 0a141e");
        let found = packets(&mut *session, DATA, &rates);
        // The first force lies before the first rate.
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].ticks.expect("stamped").first.value, second);
        assert_eq!(found[0].samples[0].accelerometer, [1.0, 2.0, 4099.0]);
        let halfway = found[0].samples[0].gyroscope;
        assert!(halfway.iter().zip([5.0, 10.0, 15.0]).all(|(a, b)| (a - b).abs() < 1e-3), "{halfway:?}");
    }

    #[test]
    fn where_a_frame_of_rates_is_lost_nothing_is_made_up() {
        let mut session = DRIVER.session(247);
        let period = 19_230_769;
        let at = |n: u64| 1_000_000_000 + n * period;
        let two = "0000 0000 0000 08 01 000000";
        for n in [1, 3, 5, 7] {
            events(&mut *session, DATA, &data(ACCELEROMETER, at(n), two));
        }
        // Rates of samples 0, 1, then 6, 7: those between were lost.
        let mut found = packets(&mut *session, DATA, &data(GYROSCOPE, at(1), two));
        found.extend(packets(&mut *session, DATA, &data(GYROSCOPE, at(7), two)));
        let times: Vec<u64> = found.iter().map(|packet| packet.ticks.expect("stamped").first.value).collect();
        assert_eq!(times, [0, 1, 6, 7].map(at));
    }

    #[test]
    fn a_sensor_that_stops_by_itself_is_told() {
        let said = events(&mut *DRIVER.session(247), CONTROL, &hex("01 02 05"));
        assert!(matches!(said[..], [Event::Undecodable(DecodeError::Refused { .. })]), "{said:?}");
    }

    #[test]
    fn the_second_stream_is_started_when_the_first_runs_and_factors_are_taken() {
        let mut session = DRIVER.session(247);
        let answer = [hex("f0 02 02 00 00 05 01"), 3.0e-4_f32.to_le_bytes().to_vec()].concat();
        let said = events(&mut *session, CONTROL, &answer);
        assert_eq!(said, [Event::Request(command(&hex("0205 0001 3400 0101 1000 0201 d007 0401 03")))]);
        events(&mut *session, DATA, &data(ACCELEROMETER, 1 << 40, "0100 0000 0000"));
        let found = packets(&mut *session, DATA, &data(GYROSCOPE, 1 << 40, "0100 0000 0000"));
        assert!((found[0].scale.accelerometer / STANDARD_GRAVITY - 3.0e-4).abs() < 1e-9);
        assert!((found[0].scale.gyroscope.to_degrees() - 0.07).abs() < 1e-12);
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let said = events(&mut *DRIVER.session(247), CONTROL, &hex("f0 02 02 0d 00"));
        let [Event::Undecodable(error)] = said[..] else { panic!("{said:?}") };
        assert!(error.in_full().contains("charger"), "{error}");
    }

    #[test]
    fn another_rate_is_asked_for_in_the_mode_that_has_it() {
        let mut session = ModelDriver { rate: 104, ..DRIVER }.session(247);
        let asked = session.start();
        assert_eq!(asked.last(), Some(&command(&hex("0209"))), "first the mode");
        let said = events(&mut *session, CONTROL, &hex("f0 02 09 00 00"));
        assert_eq!(said, [Event::Request(command(&hex("0202 0001 6800 0101 1000 0201 0800 0401 03")))]);
        let said = events(&mut *session, CONTROL, &hex("f0 02 02 00 00"));
        assert_eq!(said, [Event::Request(command(&hex("0205 0001 6800 0101 1000 0201 d007 0401 03")))]);
        assert_eq!(session.stop(), ["0302", "0305", "0309"].map(|bytes| command(&hex(bytes))));
        assert_eq!(DRIVER.session(247).stop(), ["0302", "0305"].map(|bytes| command(&hex(bytes))));
        let refused = events(&mut *session, CONTROL, &hex("f0 02 09 03 00"));
        let [Event::Undecodable(error)] = refused[..] else { panic!("{refused:?}") };
        assert!(error.in_full().contains("52 Hz"), "{error}");
    }

    #[test]
    fn the_first_frame_is_spread_by_the_rate_that_was_asked_for() {
        let mut session = ModelDriver { rate: 26, ..DRIVER }.session(247);
        let two = "0000 0000 0000 08 01 000000";
        events(&mut *session, DATA, &data(ACCELEROMETER, 1_000_000_000, two));
        let found = packets(&mut *session, DATA, &data(GYROSCOPE, 1_000_000_000, two));
        let times: Vec<u64> = found.iter().map(|packet| packet.ticks.expect("stamped").first.value).collect();
        assert_eq!(times, [1_000_000_000 - 38_461_538, 1_000_000_000]);
    }

    #[test]
    fn the_start_is_that_of_the_notes() {
        assert!(DRIVER.session(247).start().contains(&command(&hex("0202 0001 3400 0101 1000 0201 0800 0401 03"))));
    }
}
