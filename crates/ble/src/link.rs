//! A connected device, whatever the radio: no vendor knowledge.

use async_trait::async_trait;
use truehinge_core::{HostTime, Notification};

/// A write to a characteristic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GattWrite {
    /// UUID of the characteristic.
    pub characteristic: u128,
    /// The bytes.
    pub payload: Vec<u8>,
}

/// What a link tells.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LinkEvent {
    /// A packet, stamped on arrival.
    Notification(Notification),
    /// The connection was lost; the link tries to get it back.
    Lost {
        /// When it was noticed.
        at: HostTime,
    },
    /// The connection is back.
    Restored {
        /// Since when.
        at: HostTime,
    },
}

impl LinkEvent {
    /// When it happened, on the host's clock.
    pub fn at(&self) -> HostTime {
        match self {
            Self::Notification(notification) => notification.received_at,
            Self::Lost { at } | Self::Restored { at } => *at,
        }
    }
}

/// How the events of a link relate to the time in which the program runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timing {
    /// Events happen while the program waits for them.
    Live,
    /// Events carry simulated times and come as fast as they are asked for: several such links are merged by their times, so
    /// that a simulation gives the same recording every time.
    Simulated,
}

/// A link failed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// There is no such characteristic.
    #[error("the device has no characteristic {characteristic:032x}: check that this driver is for this device")]
    NoCharacteristic {
        /// The one asked for.
        characteristic: u128,
    },
    /// The device is not connected.
    #[error("{device} is not connected: bring it into reach and switch it on")]
    NotConnected {
        /// Its name or address.
        device: String,
    },
}

/// A connected sensor.
#[async_trait]
pub trait ImuLink: Send {
    /// Name or address, for messages.
    fn name(&self) -> String;

    /// How its events relate to real time.
    fn timing(&self) -> Timing {
        Timing::Live
    }

    /// Writes to a characteristic.
    async fn write(&mut self, write: &GattWrite) -> Result<(), LinkError>;

    /// Waits for the next event; `None` when the link has ended for good.
    async fn next(&mut self) -> Option<LinkEvent>;
}
