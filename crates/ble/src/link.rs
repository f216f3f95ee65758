//! A sensor on the air, whatever the radio: no vendor knowledge.
//!
//! A link outlives its connections. It tells when it is connected, lost and connected again; whoever uses it starts the
//! device anew each time.

use std::time::Duration;

use async_trait::async_trait;
use truehinge_core::{HostTime, Notification};

use crate::gatt::Uuid;

/// What a link tells.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LinkEvent {
    /// The device is connected, for the first time or again: it waits to be started.
    Connected {
        /// Since when.
        at: HostTime,
        /// Bytes of a GATT packet, its header included.
        mtu: u16,
    },
    /// A packet, or the reply to a read, stamped on arrival.
    Notification(Notification),
    /// Connected, but nothing has come for a while. The link waits a little before it connects anew.
    Silent {
        /// When it was noticed.
        at: HostTime,
        /// Since the last packet.
        since: Duration,
    },
    /// How strongly the device is heard; told when it changes.
    Signal {
        /// When it was asked.
        at: HostTime,
        /// dBm. Where the system does not measure connected devices (Linux), of its last advertisement.
        dbm: i16,
    },
    /// The connection was lost; the link tries to get it back.
    Lost {
        /// When it was noticed.
        at: HostTime,
        /// Why, as far as known.
        cause: LinkError,
    },
    /// What stands in the way of a connection. Told once, not with every try.
    Trouble {
        /// When it was noticed.
        at: HostTime,
        /// What it is.
        cause: LinkError,
    },
}

impl LinkEvent {
    /// When it happened, on the host's clock.
    pub fn at(&self) -> HostTime {
        match self {
            Self::Notification(notification) => notification.received_at,
            Self::Connected { at, .. }
            | Self::Signal { at, .. }
            | Self::Silent { at, .. }
            | Self::Lost { at, .. }
            | Self::Trouble { at, .. } => *at,
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

/// A link failed. The device is named where the message is shown.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// There is no such characteristic.
    #[error("the device has no characteristic {characteristic}: check that it is the model that was chosen")]
    NoCharacteristic {
        /// The one asked for.
        characteristic: Uuid,
    },
    /// The device is not connected.
    #[error("the device is not connected: switch it on and bring it near")]
    NotConnected,
    /// The device or its radio ended the connection.
    #[error("the connection was lost: bring the sensor nearer, check its battery")]
    Dropped,
    /// Connected, but no data.
    #[error("connected, but no data for {seconds} s: it is connected anew")]
    Stalled {
        /// For so long.
        seconds: u64,
    },
    /// Nothing heard of it.
    #[error("not heard for {seconds} s: switch it on, bring it near, close other programs that use it")]
    NotHeard {
        /// For so long.
        seconds: u64,
    },
    /// The system does not know the device any more.
    #[error("the system has forgotten the device: it is looked for again")]
    Forgotten,
    /// The device or the adapter said no to a connection.
    #[error("the connection was refused ({said}): it is tried again")]
    Refused {
        /// In the system's words.
        said: String,
    },
    /// A connection is being made already, by this or another program.
    #[error("the system is still trying to connect: switch the sensor on and bring it near")]
    Connecting,
    /// A call took too long.
    #[error("no answer to \"{call}\" within {seconds} s: it is tried again")]
    NoAnswer {
        /// What was asked.
        call: &'static str,
        /// For so long.
        seconds: u64,
    },
    /// The Bluetooth service is not there.
    #[error("the Bluetooth service does not run: start it (Linux: `systemctl start bluetooth`)")]
    NoService,
    /// There is no way to the Bluetooth service.
    #[error("the Bluetooth service cannot be reached ({said}): check that the system bus and Bluetooth run")]
    NoBus {
        /// In the system's words.
        said: String,
    },
    /// There is no adapter.
    #[error(
        "there is no Bluetooth adapter: plug one in (Linux: `rfkill list` and `dmesg` tell why a built-in one is missing)"
    )]
    NoAdapter,
    /// There is no adapter of that name.
    #[error("there is no Bluetooth adapter {wanted}: there is {there}")]
    NoSuchAdapter {
        /// As asked for.
        wanted: String,
        /// What there is.
        there: String,
    },
    /// The adapter is switched off.
    #[error("Bluetooth is switched off: switch it on")]
    AdapterOff,
    /// The system does not let this program use Bluetooth.
    #[error(
        "Bluetooth is not permitted: allow it (Linux: add your account to the group `bluetooth`; macOS: Privacy settings)"
    )]
    NotPermitted,
    /// Anything else the system said.
    #[error("Bluetooth said at \"{call}\": {said}")]
    System {
        /// What was asked.
        call: &'static str,
        /// In the system's words.
        said: String,
    },
}

/// A sensor on the air.
#[async_trait]
pub trait ImuLink: Send {
    /// Name or address, for messages.
    fn name(&self) -> String;

    /// How its events relate to real time.
    fn timing(&self) -> Timing {
        Timing::Live
    }

    /// Asks the device to notify.
    async fn subscribe(&mut self, characteristic: Uuid) -> Result<(), LinkError>;

    /// Writes to a characteristic; `confirmed` waits for the device's answer.
    async fn write(&mut self, characteristic: Uuid, payload: &[u8], confirmed: bool) -> Result<(), LinkError>;

    /// Reads a characteristic. The reply comes as a notification of it.
    async fn read(&mut self, characteristic: Uuid) -> Result<(), LinkError>;

    /// Gives up the present connection and makes a new one, because the device could not be started.
    async fn reconnect(&mut self, _cause: LinkError) {}

    /// Waits for the next event; `None` when the link has ended for good. Dropping the future loses nothing.
    async fn next(&mut self) -> Option<LinkEvent>;

    /// Ends the connection.
    async fn close(&mut self) {}
}
