//! MbientLab MetaMotion R, RL, C and S: the MetaWear command protocol.
//!
//! Verified on documents (the maker's software kit and its unit tests), not on hardware: docs/sensors/metamotion.md.
//!
//! Raw streams carry neither counter nor clock. So a chain of processors on the board puts the latest angular rate beside each
//! specific force and a tick before both:
//!
//! ```text
//! 09 03 id   tick:u32 (48/32768 s)   acc i16 x3 (8 g full scale)   gyro i16 x3 (2000 deg/s)      little endian
//! ```
//!
//! Where the board does not do that, `metamotion-packed` takes three samples a packet from both streams and pairs them in order:
//!
//! ```text
//! 03 reg   acc i16 x3 x3          13 reg   gyro i16 x3 x3
//! ```

use std::collections::VecDeque;

use truehinge_core::{ClockKind, STANDARD_GRAVITY};

use super::wire::{i16x3, u32_at};
use super::{
    Charge, Counter, DecodeError, DriverSession, Event, Manual, Model, ModelDriver, Packet, Ranges, RawSample, Request,
    Scale, Signs, Tick, Ticks,
};
use crate::gatt::{Uuid, uuid};

/// The MetaWear service.
pub const SERVICE: Uuid = uuid!("326a9000-85cb-9195-d9dd-464cfbbae75a");
/// Host to device.
pub const COMMAND: Uuid = uuid!("326a9001-85cb-9195-d9dd-464cfbbae75a");
/// Device to host.
pub const NOTIFICATION: Uuid = uuid!("326a9006-85cb-9195-d9dd-464cfbbae75a");

const LSB_PER_G: f64 = 4096.0;
const LSB_PER_DPS: f64 = 16.4;

const ACCELEROMETER: u8 = 0x03;
const GYROSCOPE: u8 = 0x13;
const PROCESSOR: u8 = 0x09;
const SETTINGS: u8 = 0x11;
/// Asks a module what it is; also marks the answer.
const INFORMATION: u8 = 0x80;
const CREATED: u8 = 0x02;
const PROCESSED: u8 = 0x03;
const BATTERY: u8 = 0x8c;

/// How its data come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Streaming {
    /// Paired and stamped on the board.
    Stamped,
    /// Three samples a packet of either sensor, without stamps.
    Packed,
}

/// Data that are paired and stamped on the board.
pub const STAMPED: ModelDriver = ModelDriver {
    model: Model {
        name: "metamotion",
        full_name: "MbientLab MetaMotion",
        signs: Signs { names: &["MetaWear"], services: &[SERVICE], ..Signs::NONE },
        charge: Charge::Command { answer: NOTIFICATION, to: COMMAND, bytes: &[SETTINGS, BATTERY] },
        manual: Manual {
            models: "MbientLab MetaMotion R, RL, C, S",
            time_stamps: "1.46 ms ticks made on the board",
            needs: Some("firmware that can fuse"),
            page: "metamotion",
        },
    },
    // Those from 20 up that both chips have. A notification per sample comes no faster than at 100.
    rates: &[25, 50, 100],
    rate: 100,
    ranges: Ranges { accelerometer_g: 8.0, gyroscope_dps: 2000.0 },
    clock: ClockKind::Device,
    session: |setup| Box::new(Session::new(Streaming::Stamped, setup.rate)),
};

/// Three samples a packet of either sensor, without stamps: the same board, so nothing shows that it is wanted.
pub const PACKED: ModelDriver = ModelDriver {
    model: Model {
        name: "metamotion-packed",
        full_name: "MbientLab MetaMotion, packed",
        signs: Signs::NONE,
        manual: Manual { models: "the same, without stamps", time_stamps: "none", needs: None, ..STAMPED.model.manual },
        ..STAMPED.model
    },
    rates: &[25, 50, 100, 200],
    clock: ClockKind::SampleIndex,
    session: |setup| Box::new(Session::new(Streaming::Packed, setup.rate)),
    ..STAMPED
};

/// The chip behind a module: their registers differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Chip {
    /// MetaMotion R, RL, C.
    Bmi160,
    /// MetaMotion S.
    Bmi270,
}

impl Chip {
    const fn of_accelerometer(implementation: u8) -> Option<Self> {
        match implementation {
            1 => Some(Self::Bmi160),
            4 => Some(Self::Bmi270),
            _ => None,
        }
    }

    const fn of_gyroscope(implementation: u8) -> Option<Self> {
        match implementation {
            0 => Some(Self::Bmi160),
            1 => Some(Self::Bmi270),
            _ => None,
        }
    }

    /// Rate (Hz) and range of the accelerometer: 8 g.
    const fn accelerometer_settings(self, rate: u16) -> [u8; 2] {
        match self {
            Self::Bmi160 => [0x20 | rate_number(rate), 0x08],
            Self::Bmi270 => [0xa0 | rate_number(rate), 0x02],
        }
    }

    const fn packed_accelerometer(self) -> u8 {
        match self {
            Self::Bmi160 => 0x1c,
            Self::Bmi270 => 0x05,
        }
    }

    const fn gyroscope_data(self) -> u8 {
        match self {
            Self::Bmi160 => 0x05,
            Self::Bmi270 => 0x04,
        }
    }

    const fn packed_gyroscope(self) -> u8 {
        match self {
            Self::Bmi160 => 0x07,
            Self::Bmi270 => 0x05,
        }
    }
}

/// The chips' number for a rate, Hz: the same in both.
const fn rate_number(rate: u16) -> u8 {
    match rate {
        25 => 6,
        50 => 7,
        200 => 9,
        _ => 8,
    }
}

/// How far the chain of processors is built: each reply brings the id that the next one needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Chain {
    /// Not asked for.
    Unknown,
    /// The board can build it.
    Possible,
    /// Waiting for the id of the buffer that keeps the latest angular rate.
    Buffer,
    /// Waiting for the id of the fuser.
    Fuser,
    /// Waiting for the id of the accounter, which puts the tick before.
    Accounter,
    /// Running, with this id.
    Running(u8),
}

struct Session {
    /// Samples per second.
    rate: u16,
    streaming: Streaming,
    accelerometer: Option<Chip>,
    gyroscope: Option<Chip>,
    chain: Chain,
    /// Packets that wait for those of the other sensor.
    forces: VecDeque<Three>,
    rates: VecDeque<Three>,
    /// Packets paired so far, or given up.
    paired: u64,
    /// Pairs in a row after which a packet was left waiting.
    waited: u32,
}

/// The vectors of a packed packet.
type Three = [[f64; 3]; 3];

fn write(bytes: &[u8]) -> Request {
    Request::Write { characteristic: COMMAND, payload: bytes.to_vec(), confirmed: false }
}

const STOP: [&[u8]; 4] = [
    &[ACCELEROMETER, 0x01, 0x00],
    &[GYROSCOPE, 0x01, 0x00],
    &[ACCELEROMETER, 0x02, 0x00, 0x01],
    &[GYROSCOPE, 0x02, 0x00, 0x01],
];
/// What an earlier program may have left on the board: processors, events, loggers survive a lost link.
const CLEAR: [&[u8]; 3] = [&[PROCESSOR, 0x08], &[0x0a, 0x05], &[0x0b, 0x0a]];
const QUESTIONS: [&[u8]; 4] =
    [&[SETTINGS, BATTERY], &[PROCESSOR, INFORMATION], &[GYROSCOPE, INFORMATION], &[ACCELEROMETER, INFORMATION]];

impl DriverSession for Session {
    fn start(&mut self) -> Vec<Request> {
        let commands = STOP.into_iter().chain(CLEAR).chain(QUESTIONS).map(write);
        std::iter::once(Request::Subscribe(NOTIFICATION)).chain(commands).collect()
    }

    fn push(&mut self, characteristic: Uuid, payload: &[u8], emit: &mut dyn FnMut(Event)) {
        if characteristic != NOTIFICATION {
            return;
        }
        let Some((&[module, register], content)) = payload.split_first_chunk::<2>() else {
            return emit(Event::Undecodable(DecodeError::Length { expected: 2, found: payload.len() }));
        };
        match (module, register) {
            (SETTINGS, BATTERY) => content.first().into_iter().for_each(|&c| emit(Event::Battery(c.min(100)))),
            (PROCESSOR, INFORMATION) => self.chain = processor(content),
            (GYROSCOPE, INFORMATION) => self.gyroscope = content.first().and_then(|&i| Chip::of_gyroscope(i)),
            (ACCELEROMETER, INFORMATION) => {
                self.accelerometer = content.first().and_then(|&i| Chip::of_accelerometer(i));
                self.configure(emit);
            }
            (PROCESSOR, CREATED) => self.created(content, emit),
            (PROCESSOR, PROCESSED) => self.stamped(content, emit),
            _ => self.packed(module, register, content, emit),
        }
    }

    fn stop(&mut self) -> Vec<Request> {
        STOP.into_iter().chain(CLEAR).map(write).collect()
    }
}

fn processor(content: &[u8]) -> Chain {
    // Absent without content; fusing came with the first revision.
    if content.get(1).is_some_and(|&revision| revision >= 1) { Chain::Possible } else { Chain::Unknown }
}

fn refuse(what: &'static str, remedy: &'static str, emit: &mut dyn FnMut(Event)) {
    emit(Event::Undecodable(DecodeError::Refused { what, code: 0, remedy }));
}

impl Session {
    fn new(streaming: Streaming, rate: u16) -> Self {
        Self {
            rate,
            streaming,
            accelerometer: None,
            gyroscope: None,
            chain: Chain::Unknown,
            forces: VecDeque::new(),
            rates: VecDeque::new(),
            paired: 0,
            waited: 0,
        }
    }

    fn configure(&mut self, emit: &mut dyn FnMut(Event)) {
        let Some((accelerometer, gyroscope)) = self.accelerometer.zip(self.gyroscope) else {
            return refuse("name its sensors", "use a MetaMotion R, RL, C or S", emit);
        };
        let [rate, range] = accelerometer.accelerometer_settings(self.rate);
        emit(Event::Request(write(&[ACCELEROMETER, 0x03, rate, range])));
        emit(Event::Request(write(&[GYROSCOPE, 0x03, 0x20 | rate_number(self.rate), 0x00])));
        match self.streaming {
            Streaming::Packed => {
                emit(Event::Request(write(&[ACCELEROMETER, accelerometer.packed_accelerometer(), 0x01])));
                emit(Event::Request(write(&[GYROSCOPE, gyroscope.packed_gyroscope(), 0x01])));
                run(emit);
            }
            Streaming::Stamped if self.chain == Chain::Possible => {
                self.chain = Chain::Buffer;
                emit(Event::Request(write(&[
                    PROCESSOR,
                    CREATED,
                    GYROSCOPE,
                    gyroscope.gyroscope_data(),
                    0xff,
                    0xa0,
                    0x0f,
                    0x05,
                ])));
            }
            Streaming::Stamped => {
                refuse("stamp its measurements", "update its firmware, or record it as model metamotion-packed", emit);
            }
        }
    }

    /// A processor was made: the next one is built on it.
    fn created(&mut self, content: &[u8], emit: &mut dyn FnMut(Event)) {
        let Some(&id) = content.first() else { return };
        self.chain = match self.chain {
            Chain::Buffer => {
                let fuser = [PROCESSOR, CREATED, ACCELEROMETER, 0x04, 0xff, 0xa0, 0x1b, 0x01, id];
                emit(Event::Request(write(&[&fuser[..], &[0; 11]].concat())));
                Chain::Fuser
            }
            Chain::Fuser => {
                emit(Event::Request(write(&[PROCESSOR, CREATED, PROCESSOR, PROCESSED, id, 0x60, 0x11, 0x31, 0x03])));
                Chain::Accounter
            }
            Chain::Accounter => {
                emit(Event::Request(write(&[PROCESSOR, 0x07, id, 0x01])));
                emit(Event::Request(write(&[PROCESSOR, PROCESSED, 0x01])));
                run(emit);
                Chain::Running(id)
            }
            other => other,
        };
    }

    fn stamped(&self, content: &[u8], emit: &mut dyn FnMut(Event)) {
        let fields = || Some((u32_at(content, 1)?, i16x3(content, 5)?, i16x3(content, 11)?));
        match (self.chain, content.first(), fields()) {
            (Chain::Running(id), Some(&from), Some((tick, accelerometer, gyroscope))) if from == id => {
                let first = Counter { value: u64::from(tick), bits: 32 };
                emit(Event::Packet(Packet {
                    sequence: None,
                    ticks: Some(Ticks { first, tick: Tick::WATCH_CRYSTAL_48, step_nanos: 0 }),
                    scale: scale(),
                    samples: vec![RawSample { accelerometer, gyroscope }],
                }));
            }
            (Chain::Running(id), Some(&from), None) if from == id => {
                emit(Event::Undecodable(DecodeError::Length { expected: 17, found: content.len() }));
            }
            _ => emit(Event::Undecodable(DecodeError::Kind { kind: PROCESSED })),
        }
    }

    fn packed(&mut self, module: u8, register: u8, content: &[u8], emit: &mut dyn FnMut(Event)) {
        let registers = self.accelerometer.zip(self.gyroscope).filter(|_| self.streaming == Streaming::Packed);
        let queue = match registers {
            Some((a, _)) if (module, register) == (ACCELEROMETER, a.packed_accelerometer()) => &mut self.forces,
            Some((_, g)) if (module, register) == (GYROSCOPE, g.packed_gyroscope()) => &mut self.rates,
            _ => return emit(Event::Undecodable(DecodeError::Kind { kind: module })),
        };
        let vector = |at| i16x3(content, at);
        let (Some(first), Some(second), Some(third)) = (vector(0), vector(6), vector(12)) else {
            return emit(Event::Undecodable(DecodeError::Length { expected: 18, found: content.len() }));
        };
        queue.push_back([first, second, third]);
        self.pair(emit);
    }

    /// Pairs what both sensors have sent, in order.
    fn pair(&mut self, emit: &mut dyn FnMut(Event)) {
        while let (Some(&accelerometers), Some(&gyroscopes)) = (self.forces.front(), self.rates.front()) {
            self.forces.pop_front();
            self.rates.pop_front();
            let both = accelerometers.into_iter().zip(gyroscopes);
            let samples = both.map(|(accelerometer, gyroscope)| RawSample { accelerometer, gyroscope }).collect();
            let sequence = Some(Counter { value: self.paired, bits: 64 });
            emit(Event::Packet(Packet { sequence, ticks: None, scale: scale(), samples }));
            self.paired = self.paired.wrapping_add(1);
            let waits = !self.forces.is_empty() || !self.rates.is_empty();
            self.waited = if waits { self.waited.saturating_add(1) } else { 0 };
        }
        self.catch_up();
    }

    /// The two streams alternate. One that stays ahead shows that a packet of the other was lost, and that the pairs since then
    /// are not of the same instant: its oldest packet is given up, as a loss.
    fn catch_up(&mut self) {
        if self.waited > PATIENCE || self.forces.len().max(self.rates.len()) > FAR_AHEAD {
            self.waited = 0;
            self.forces.pop_front();
            self.rates.pop_front();
            self.paired = self.paired.wrapping_add(1);
        }
    }
}

/// Pairs in a row after which a packet is left waiting: phases and jitter of the streams explain one or two.
const PATIENCE: u32 = 3;
/// Packets of one sensor while none of the other comes.
const FAR_AHEAD: usize = 3;

fn scale() -> Scale {
    Scale { accelerometer: STANDARD_GRAVITY / LSB_PER_G, gyroscope: LSB_PER_DPS.recip().to_radians() }
}

/// Switches both sensors on, the one that triggers last.
fn run(emit: &mut dyn FnMut(Event)) {
    let commands: [&[u8]; 4] = [
        &[ACCELEROMETER, 0x02, 0x01, 0x00],
        &[GYROSCOPE, 0x02, 0x01, 0x00],
        &[GYROSCOPE, 0x01, 0x01],
        &[ACCELEROMETER, 0x01, 0x01],
    ];
    commands.into_iter().for_each(|command| emit(Event::Request(write(command))));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::ImuDriver;
    use crate::driver::tests::{events, hex, packets};

    fn written(events: &[Event]) -> Vec<Vec<u8>> {
        let payload = |event: &Event| match event {
            Event::Request(Request::Write { payload, .. }) => Some(payload.clone()),
            _ => None,
        };
        events.iter().filter_map(payload).collect()
    }

    /// A session of a board with these chips, and what it was told to do.
    fn met(driver: ModelDriver, accelerometer: &str, gyroscope: &str) -> (Box<dyn DriverSession>, Vec<Vec<u8>>) {
        let mut session = driver.session(23);
        session.start();
        let mut told = Vec::new();
        for reply in ["0980 0001", gyroscope, accelerometer] {
            told.extend(written(&events(&mut *session, NOTIFICATION, &hex(reply))));
        }
        (session, told)
    }

    #[test]
    fn packed_streams_are_set_up_as_in_the_makers_tests() {
        let (_, told) = met(PACKED, "0380 0101", "1380 0001");
        let want = ["03032808", "13032800", "031c01", "130701", "03020100", "13020100", "130101", "030101"];
        assert_eq!(told, want.map(hex));
        let (_, told) = met(PACKED, "0380 0400", "1380 0100");
        assert_eq!(told[..4], ["0303a802", "13032800", "030501", "130501"].map(hex));
    }

    #[test]
    fn other_rates_are_set_with_the_numbers_of_the_notes() {
        for (rate, r, s, gyroscope) in [
            (25, "03032608", "0303a602", "13032600"),
            (50, "03032708", "0303a702", "13032700"),
            (200, "03032908", "0303a902", "13032900"),
        ] {
            let driver = ModelDriver { rate, ..PACKED };
            let (_, told) = met(driver, "0380 0101", "1380 0001");
            assert_eq!(told[..2], [r, gyroscope].map(hex), "{rate} Hz");
            let (_, told) = met(driver, "0380 0400", "1380 0100");
            assert_eq!(told[..2], [s, gyroscope].map(hex), "{rate} Hz");
        }
    }

    #[test]
    fn packed_samples_are_those_of_the_makers_tests() {
        for (board, registers) in
            [(["0380 0101", "1380 0001"], ["031c", "1307"]), (["0380 0400", "1380 0100"], ["0305", "1305"])]
        {
            let (mut session, _) = met(PACKED, board[0], board[1]);
            let packet = |register: &str, content: &str| [hex(register), hex(content)].concat();
            let forces = packet(registers[0], "62b7530de9fd 16d04d0e5702 8affa1050a01");
            assert!(events(&mut *session, NOTIFICATION, &forces).is_empty());
            let rates = packet(registers[1], "0915ad2608de 8a1a0d2665e4 8d20ac2773ec");
            let found = &packets(&mut *session, NOTIFICATION, &rates)[0].samples;
            let g = found.iter().flat_map(|sample| sample.accelerometer).map(|count| count / LSB_PER_G);
            let published = [-4.539, 0.833, -0.131, -2.995, 0.894, 0.146, -0.029, 0.352, 0.065];
            assert!(g.zip(published).all(|(a, b)| (a - b).abs() < 6e-4), "{found:?}");
            // The maker's test has 32.8 counts per degree per second.
            let dps = found.iter().flat_map(|sample| sample.gyroscope).map(|count| count / 32.8);
            let published = [164.177, 301.860, -265.122, 207.134, 296.982, -215.457, 254.055, 309.634, -152.591];
            assert!(dps.zip(published).all(|(a, b)| (a - b).abs() < 6e-4), "{found:?}");
        }
    }

    #[test]
    fn the_chain_is_built_reply_by_reply() {
        let (mut session, told) = met(STAMPED, "0380 0101", "1380 0001");
        assert_eq!(told.last(), Some(&hex("0902 1305 ffa00f05")));
        let fuser = written(&events(&mut *session, NOTIFICATION, &hex("0902 00")));
        assert_eq!(fuser, [hex("0902 0304 ffa01b01 00 0000000000000000000000")]);
        let accounter = written(&events(&mut *session, NOTIFICATION, &hex("0902 01")));
        assert_eq!(accounter, [hex("0902 0903 01 60 113103")]);
        let run = written(&events(&mut *session, NOTIFICATION, &hex("0902 02")));
        assert_eq!(run[..2], ["09070201", "090301"].map(hex));
        assert_eq!(run.last(), Some(&hex("030101")));
        // The maker's fused example, with our chain's id: 2 g and 2000 deg/s ranges there.
        let packet = hex("0903 02 1e020000 f40d 3c39 9911 0180 d691 d367");
        let found = &packets(&mut *session, NOTIFICATION, &packet)[0];
        assert_eq!(found.ticks.expect("stamped").first.value, 542);
        assert_eq!(Tick::WATCH_CRYSTAL_48.nanos(542), 793_945_312);
        let dps = found.samples[0].gyroscope.map(|w| w / LSB_PER_DPS);
        assert!(dps.iter().zip([-1998.0, -1719.6, 1620.7]).all(|(a, b)| (a - b).abs() < 0.06), "{dps:?}");
    }

    #[test]
    fn counts_and_ticks_are_those_of_the_makers_tests() {
        // Counts per unit are those of the ranges in the maker's tests: 4 g, 500 deg/s, 2 g, 2 g, 2000 deg/s.
        for (packet, at, counts, published) in [
            ("0304 16c4 94a2 2ad0", 2, 8192.0, [-1.872_f64, -2.919, -1.495]),
            ("1305 3e43 ff7f 0080", 2, 65.6, [262.409, 499.497, -499.512]),
            ("0903 00 a6330d00 c100 b124 19cd", 7, 16_384.0, [0.0118, 0.5733, -0.7953]),
            ("0903 04 1e020000 f40d 3c39 9911 0180 d691 d367", 7, 16_384.0, [0.2180, 0.8943, 0.2750]),
            ("0903 04 1e020000 f40d 3c39 9911 0180 d691 d367", 13, 16.4, [-1998.0, -1719.6, 1620.7]),
        ] {
            let found = i16x3(&hex(packet), at).expect("long enough").map(|count| count / counts);
            let largest = published.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
            let near = found.iter().zip(published).all(|(a, b)| (a - b).abs() <= 4e-4 * largest.max(1.0));
            assert!(near, "{packet}: {found:?} instead of {published:?}");
        }
        let tick = u32_at(&hex("0903 00 a6330d00"), 3).expect("long enough");
        let seconds = Tick::WATCH_CRYSTAL_48.nanos(i64::from(tick)) as f64 * 1e-9;
        assert!((seconds - 1267.368).abs() < 5e-4, "{tick} ticks are {seconds} s");
    }

    #[test]
    fn a_board_that_cannot_stamp_is_said_to_be_one() {
        let mut session = STAMPED.session(23);
        events(&mut *session, NOTIFICATION, &hex("0980"));
        events(&mut *session, NOTIFICATION, &hex("1380 0001"));
        let said = events(&mut *session, NOTIFICATION, &hex("0380 0101"));
        assert!(matches!(said.last(), Some(Event::Undecodable(DecodeError::Refused { .. }))), "{said:?}");
    }

    #[test]
    fn a_lost_packet_of_one_sensor_is_noticed_and_the_pairs_are_of_one_instant_again() {
        let (mut session, _) = met(PACKED, "0380 0101", "1380 0001");
        // Every vector shows the number of its packet.
        let packet = |head: &str, number: i16| [hex(head), [number; 9].map(i16::to_le_bytes).concat()].concat();
        let mut found = Vec::new();
        for number in 0..20 {
            found.extend(packets(&mut *session, NOTIFICATION, &packet("031c", number)));
            if number != 7 {
                found.extend(packets(&mut *session, NOTIFICATION, &packet("1307", number)));
            }
        }
        let numbers = |p: &Packet| (p.samples[0].accelerometer[0], p.samples[0].gyroscope[0]);
        let apart: Vec<f64> = found.iter().map(numbers).map(|(force, rate)| rate - force).collect();
        assert_eq!(apart, [[0.0; 7].as_slice(), &[1.0; 4], &[0.0; 8]].concat());
        let counters: Vec<u64> = found.iter().filter_map(|p| p.sequence).map(|counter| counter.value).collect();
        assert_eq!(counters, (0..11).chain(12..20).collect::<Vec<u64>>(), "one packet is counted as lost");
    }

    #[test]
    fn a_sensor_that_falls_silent_leaves_no_old_packets_waiting() {
        let (mut session, _) = met(PACKED, "0380 0101", "1380 0001");
        let packet = |head: &str, number: i16| [hex(head), [number; 9].map(i16::to_le_bytes).concat()].concat();
        for number in 0..1000 {
            assert!(events(&mut *session, NOTIFICATION, &packet("031c", number)).is_empty());
        }
        let found = packets(&mut *session, NOTIFICATION, &packet("1307", 999));
        assert!(found[0].samples[0].accelerometer[0] >= 997.0, "{found:?}");
    }

    #[test]
    fn the_battery_is_read() {
        let found = events(&mut *STAMPED.session(23), NOTIFICATION, &hex("118c 63 3410"));
        assert_eq!(found, [Event::Battery(99)]);
    }
}
