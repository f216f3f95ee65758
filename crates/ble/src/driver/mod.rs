//! Devices: data and pure functions, no I/O. The task that owns the link performs the writes; a new model is one file and one line.

mod battery;
pub mod dot;
pub mod metamotion;
mod model;
pub mod movesense;
pub mod nus;
pub mod polar;
pub mod rate;
pub mod thingy;
mod wire;
pub mod witmotion;

use std::borrow::Cow;
use std::time::Duration;

use truehinge_core::{ClockKind, DeviceInfo, Explained, SampleRate};

use crate::gatt::Uuid;
pub use model::{Charge, Manual, Model, ModelDriver, Ranges, Setup, Signs};
pub use rate::UnsupportedRate;

/// What a device says about itself before it is connected.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Advertisement {
    /// Local name.
    pub name: Option<String>,
    /// Advertised services.
    pub services: Vec<Uuid>,
    /// Companies of its manufacturer data, by their Bluetooth numbers.
    pub companies: Vec<u16>,
}

impl Advertisement {
    /// Whether the local name begins so.
    fn is_named(&self, beginning: &str) -> bool {
        self.name.as_ref().is_some_and(|name| name.starts_with(beginning))
    }
}

/// One sample as the device counts it, before any scale.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RawSample {
    /// Accelerometer, device units.
    pub accelerometer: [f64; 3],
    /// Gyroscope, device units.
    pub gyroscope: [f64; 3],
}

/// A counter of limited width.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counter {
    /// What it shows.
    pub value: u64,
    /// After how many bits it starts again.
    pub bits: u32,
}

/// The device's stamp of a packet's first sample.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ticks {
    /// The stamp.
    pub first: Counter,
    /// Length of a tick.
    pub tick: Tick,
    /// Time from one sample to the next, ns; zero for a single sample.
    pub step_nanos: i64,
}

/// Length of a device's tick, ns, as a fraction: it need not be a whole number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tick {
    nanos: i64,
    per: i64,
}

impl Tick {
    /// A nanosecond.
    pub const NANOSECOND: Self = Self { nanos: 1, per: 1 };
    /// A microsecond.
    pub const MICROSECOND: Self = Self { nanos: 1_000, per: 1 };
    /// A millisecond.
    pub const MILLISECOND: Self = Self { nanos: 1_000_000, per: 1 };
    /// 48 periods of a watch crystal, 1.46484375 ms.
    pub const WATCH_CRYSTAL_48: Self = Self { nanos: 5_859_375, per: 4 };

    /// So many of them, ns.
    pub fn nanos(self, ticks: i64) -> i64 {
        let nanos = i128::from(ticks) * i128::from(self.nanos) / i128::from(self.per);
        i64::try_from(nanos).unwrap_or(if ticks < 0 { i64::MIN } else { i64::MAX })
    }
}

/// Several samples with one counter and one stamp.
#[derive(Clone, PartialEq, Debug)]
pub struct Packet {
    /// Packet counter, if the device has one.
    pub sequence: Option<Counter>,
    /// Device clock, if it has one.
    pub ticks: Option<Ticks>,
    /// Scale in force.
    pub scale: Scale,
    /// In order of time.
    pub samples: Vec<RawSample>,
}

/// Device units to SI.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Scale {
    /// m/s² per unit of the accelerometer.
    pub accelerometer: f64,
    /// rad/s per unit of the gyroscope.
    pub gyroscope: f64,
}

/// Bytes that are not a packet, or a device's refusal. The stream goes on after it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Bytes between packets that belong to none.
    #[error("{skipped} bytes belong to no packet")]
    OutOfStep {
        /// How many.
        skipped: usize,
    },
    /// The checksum is wrong.
    #[error("checksum is {found:#04x}, the packet's bytes give {expected:#04x}")]
    Checksum {
        /// What the bytes give.
        expected: u8,
        /// What was sent.
        found: u8,
    },
    /// A later version of the format.
    #[error("format version {found}, this driver knows {known}")]
    Version {
        /// What was sent.
        found: u8,
        /// The newest known.
        known: u8,
    },
    /// A line without end.
    #[error("a line is longer than {limit} bytes")]
    LineTooLong {
        /// The limit.
        limit: usize,
    },
    /// A line with the wrong number of columns.
    #[error("a line has {found} columns, the profile says {expected}")]
    Columns {
        /// As the profile says.
        expected: usize,
        /// What came.
        found: usize,
    },
    /// A column that is no number.
    #[error("column {column} is not a number (time and seq: not a whole one)")]
    NotANumber {
        /// Counted from 1.
        column: usize,
    },
    /// A packet of another length than its kind has.
    #[error("a packet has {found} bytes, its kind has {expected}")]
    Length {
        /// What its kind has, at least.
        expected: usize,
        /// What came.
        found: usize,
    },
    /// A packet of a kind that this driver does not read.
    #[error("a packet of kind {kind:#04x}, which this driver does not read")]
    Kind {
        /// As the device numbers them.
        kind: u8,
    },
    /// The device said no.
    #[error("the sensor refused to {what} (code {code})")]
    Refused {
        /// What it was asked for.
        what: &'static str,
        /// Its reason, as it numbers them.
        code: u16,
        /// What to do about it.
        remedy: &'static str,
    },
}

impl Explained for DecodeError {
    fn code(&self) -> &'static str {
        match self {
            Self::OutOfStep { .. } => "packet_out_of_step",
            Self::Checksum { .. } => "packet_checksum",
            Self::Version { .. } => "packet_version",
            Self::LineTooLong { .. } => "packet_line_too_long",
            Self::Columns { .. } => "packet_columns",
            Self::NotANumber { .. } => "packet_not_a_number",
            Self::Length { .. } => "packet_length",
            Self::Kind { .. } => "packet_kind",
            Self::Refused { .. } => "sensor_refused",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::OutOfStep { .. } => "check that the device speaks this driver's format".into(),
            Self::Checksum { .. } => return None,
            Self::Version { .. } => "update the program or the device".into(),
            Self::LineTooLong { .. } => "check the device's line ends".into(),
            Self::Columns { .. } | Self::NotANumber { .. } => "correct the profile's columns".into(),
            Self::Length { .. } => "check that it is the model that was chosen".into(),
            Self::Kind { .. } => "reset the sensor to its factory settings".into(),
            Self::Refused { remedy, .. } => (*remedy).into(),
        })
    }
}

impl DecodeError {
    /// Name to count by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OutOfStep { .. } => "out_of_step",
            Self::Checksum { .. } => "checksum",
            Self::Version { .. } => "version",
            Self::LineTooLong { .. } => "line_too_long",
            Self::Columns { .. } => "columns",
            Self::NotANumber { .. } => "not_a_number",
            Self::Length { .. } => "length",
            Self::Kind { .. } => "kind",
            Self::Refused { .. } => "refused",
        }
    }
}

/// One thing to do on a connected device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// Ask a characteristic to notify.
    Subscribe(Uuid),
    /// Write to a characteristic.
    Write {
        /// Its UUID.
        characteristic: Uuid,
        /// The bytes.
        payload: Vec<u8>,
        /// Whether to wait for the device's answer.
        confirmed: bool,
    },
    /// Read a characteristic; the reply is pushed like a notification of it.
    Read(Uuid),
    /// Let the device work.
    Wait(Duration),
}

/// What a session makes of one notification or read reply.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// Samples.
    Packet(Packet),
    /// Bytes that are no packet.
    Undecodable(DecodeError),
    /// Something to do next.
    Request(Request),
    /// Charge, per cent.
    Battery(u8),
}

/// A driver: what a device is, and the sessions in which it is spoken to. Those that are data are a [`ModelDriver`].
pub trait ImuDriver: Send + Sync {
    /// Its model.
    fn about(&self) -> &Model;
    /// What is known of the device beforehand, the rate it is set to included; its serial is filled in by the link.
    fn device(&self) -> DeviceInfo;
    /// Rates that it can be set to, from slow to fast; none where only its firmware knows.
    fn rates(&self) -> Vec<SampleRate>;
    /// The same, set to one of [`rates`](Self::rates).
    ///
    /// # Errors
    /// It is none of them.
    fn at(&self, rate: SampleRate) -> Result<Box<dyn ImuDriver>, UnsupportedRate>;
    /// Where its device times come from.
    fn clock(&self) -> ClockKind;
    /// The state machine of one connection.
    fn session(&self, mtu: u16) -> Box<dyn DriverSession>;

    /// Stable short name, such as `nus`.
    fn model(&self) -> &'static str {
        self.about().name
    }
    /// Whether an advertisement is from such a device.
    fn recognises(&self, advertisement: &Advertisement) -> bool {
        self.about().signs.are_in(advertisement)
    }
    /// What makes it tell its charge, without measuring.
    fn ask_battery(&self) -> Vec<Request> {
        self.about().charge.ask()
    }
}

/// One connection: no I/O, no clock, and no bytes make it panic. Packets may be spread over notifications.
pub trait DriverSession: Send {
    /// What makes the device stream.
    fn start(&mut self) -> Vec<Request>;
    /// Takes one payload and emits what it completes.
    fn push(&mut self, characteristic: Uuid, payload: &[u8], emit: &mut dyn FnMut(Event));
    /// A request failed: what to do instead. `None` where only a new connection may help.
    ///
    /// Devices without a battery service, or that tell it only when asked, are recorded all the same.
    fn failed(&mut self, request: &Request) -> Option<Vec<Request>> {
        battery::follow().contains(request).then(Vec::new)
    }
    /// What makes it stop.
    fn stop(&mut self) -> Vec<Request>;
}

/// Every driver, at its usual rate. The first one that recognises an advertisement has it.
pub fn all() -> Vec<Box<dyn ImuDriver>> {
    vec![
        Box::new(dot::DRIVER),
        Box::new(metamotion::STAMPED),
        Box::new(metamotion::PACKED),
        Box::new(movesense::DRIVER),
        Box::new(polar::DRIVER),
        Box::new(thingy::DRIVER),
        Box::new(witmotion::DRIVER),
        // Last: a service that many devices have.
        Box::new(nus::NusDriver::default()),
    ]
}

/// The driver of an advertised device, if there is one.
pub fn recognise(advertisement: &Advertisement) -> Option<Box<dyn ImuDriver>> {
    all().into_iter().find(|driver| driver.recognises(advertisement))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bytes from hexadecimal digits; spaces do not matter.
    pub fn hex(digits: &str) -> Vec<u8> {
        let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte =
            |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ascii"), 16).expect("hexadecimal");
        digits.chunks(2).map(byte).collect()
    }

    /// Everything that a session makes of one payload.
    pub fn events(session: &mut dyn DriverSession, characteristic: Uuid, payload: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        session.push(characteristic, payload, &mut |event| events.push(event));
        events
    }

    /// The packets among them.
    pub fn packets(session: &mut dyn DriverSession, characteristic: Uuid, payload: &[u8]) -> Vec<Packet> {
        let packet = |event| match event {
            Event::Packet(packet) => Some(packet),
            _ => None,
        };
        events(session, characteristic, payload).into_iter().filter_map(packet).collect()
    }

    fn bytes() -> impl Strategy<Value = Vec<Vec<u8>>> {
        proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..260), 0..20)
    }

    /// All that a driver's session ever asks for or subscribes to.
    fn characteristics(requests: &[Request]) -> Vec<Uuid> {
        requests
            .iter()
            .filter_map(|request| match request {
                Request::Subscribe(c) | Request::Read(c) | Request::Write { characteristic: c, .. } => Some(*c),
                Request::Wait(_) => None,
            })
            .collect()
    }

    proptest! {
        #[test]
        fn no_bytes_make_any_driver_panic(payloads in bytes(), mtu in 0_u16..600) {
            for driver in all() {
                let mut session = driver.session(mtu);
                let known = characteristics(&session.start());
                for (payload, &characteristic) in payloads.iter().zip(known.iter().cycle()) {
                    session.push(characteristic, payload, &mut |_| {});
                }
                session.stop();
            }
        }

        #[test]
        fn ticks_of_any_count_are_times(ticks: i64) {
            let nanos = Tick::WATCH_CRYSTAL_48.nanos(ticks);
            prop_assert_eq!(nanos.signum(), ticks.signum());
        }
    }

    #[test]
    fn every_model_has_a_name_of_its_own() {
        let mut names: Vec<&str> = all().iter().map(|driver| driver.model()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().len());
    }
}
