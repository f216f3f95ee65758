//! Devices: data and pure functions, no I/O. The task that owns the link performs the writes; a new device is one file.

pub mod nus;

use std::time::Duration;

use truehinge_core::{ClockKind, DeviceInfo};

/// What a device says about itself before it is connected.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Advertisement {
    /// Local name.
    pub name: Option<String>,
    /// Advertised services.
    pub services: Vec<u128>,
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
    /// Ticks from one sample to the next; zero for a single sample.
    pub step: u64,
    /// Length of a tick, ns.
    pub nanos_per_tick: u64,
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

/// Bytes that are not a packet. The stream goes on after it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Bytes between packets that belong to none.
    #[error("{skipped} bytes belong to no packet: check that the device speaks this driver's format")]
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
    #[error("format version {found}, this driver knows {known}: update the program or the device")]
    Version {
        /// What was sent.
        found: u8,
        /// The newest known.
        known: u8,
    },
    /// A line without end.
    #[error("a line is longer than {limit} bytes: check the device's line ends")]
    LineTooLong {
        /// The limit.
        limit: usize,
    },
    /// A line with the wrong number of columns.
    #[error("a line has {found} columns, the profile says {expected}: correct the profile's columns")]
    Columns {
        /// As the profile says.
        expected: usize,
        /// What came.
        found: usize,
    },
    /// A column that is no number.
    #[error("column {column} of a line is not a number")]
    NotANumber {
        /// Counted from 1.
        column: usize,
    },
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
        }
    }
}

/// One thing to do on a connected device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// Ask a characteristic to notify.
    Subscribe(u128),
    /// Write to a characteristic.
    Write {
        /// Its UUID.
        characteristic: u128,
        /// The bytes.
        payload: Vec<u8>,
        /// Whether to wait for the device's answer.
        confirmed: bool,
    },
    /// Read a characteristic; the reply is pushed like a notification of it.
    Read(u128),
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

/// A device: how to recognise and to understand it.
pub trait ImuDriver: Send + Sync {
    /// Stable short name, such as `nus`.
    fn model(&self) -> &'static str;
    /// Whether an advertisement is from such a device.
    fn recognises(&self, advertisement: &Advertisement) -> bool;
    /// What is known of the device beforehand; its serial is filled in by the link.
    fn device(&self) -> DeviceInfo;
    /// Where its device times come from.
    fn clock(&self) -> ClockKind;
    /// The state machine of one connection.
    fn session(&self, mtu: u16) -> Box<dyn DriverSession>;
}

/// One connection: no I/O, no clock, and no bytes make it panic. Packets may be spread over notifications.
pub trait DriverSession: Send {
    /// What makes the device stream.
    fn start(&mut self) -> Vec<Request>;
    /// Takes one payload and emits what it completes.
    fn push(&mut self, characteristic: u128, payload: &[u8], emit: &mut dyn FnMut(Event));
    /// What makes it stop.
    fn stop(&mut self) -> Vec<Request>;
}

/// Every built-in driver.
pub fn all() -> Vec<Box<dyn ImuDriver>> {
    vec![Box::new(nus::NusDriver::default())]
}

/// The driver of an advertised device, if there is one.
pub fn recognise(advertisement: &Advertisement) -> Option<Box<dyn ImuDriver>> {
    all().into_iter().find(|driver| driver.recognises(advertisement))
}
