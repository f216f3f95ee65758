//! A sensor on the air, whatever the radio: no vendor knowledge.
//!
//! A link outlives its connections. It tells when it is connected, lost and connected again; whoever uses it starts the
//! device anew each time.

use std::borrow::Cow;
use std::time::Duration;

use async_trait::async_trait;
use truehinge_core::{Explained, HostTime, Notification};

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
    #[error("the device has no characteristic {characteristic}")]
    NoCharacteristic {
        /// The one asked for.
        characteristic: Uuid,
    },
    /// The device is not connected.
    #[error("the device is not connected")]
    NotConnected,
    /// The device or its radio ended the connection.
    #[error("the connection was lost")]
    Dropped,
    /// Connected, but no data.
    #[error("the device is connected, but sent no data for {seconds} s")]
    Stalled {
        /// For so long.
        seconds: u64,
    },
    /// Nothing heard of it.
    #[error("the device was not heard for {seconds} s")]
    NotHeard {
        /// For so long.
        seconds: u64,
    },
    /// The system does not know the device any more.
    #[error("the system has forgotten the device")]
    Forgotten,
    /// The device or the adapter said no to a connection.
    #[error("the connection was refused ({said})")]
    Refused {
        /// In the system's words.
        said: String,
    },
    /// A connection is being made already, by this or another program.
    #[error("the system is still trying to connect")]
    Connecting,
    /// A call took too long.
    #[error("no answer to \"{call}\" within {seconds} s")]
    NoAnswer {
        /// What was asked.
        call: &'static str,
        /// For so long.
        seconds: u64,
    },
    /// The Bluetooth service is not there.
    #[error("the Bluetooth service is not running")]
    NoService,
    /// There is no way to the Bluetooth service.
    #[error("the Bluetooth service cannot be reached ({said})")]
    NoBus {
        /// In the system's words.
        said: String,
    },
    /// There is no adapter.
    #[error("there is no Bluetooth adapter")]
    NoAdapter,
    /// There is no adapter of that name.
    #[error("there is no Bluetooth adapter {wanted}")]
    NoSuchAdapter {
        /// As asked for.
        wanted: String,
        /// What there is.
        there: String,
    },
    /// The adapter is switched off.
    #[error("Bluetooth is switched off")]
    AdapterOff,
    /// The system does not let this program use Bluetooth.
    #[error("Bluetooth is not permitted")]
    NotPermitted,
    /// Anything else the system said.
    #[error("Bluetooth failed at \"{call}\": {said}")]
    System {
        /// What was asked.
        call: &'static str,
        /// In the system's words.
        said: String,
    },
}

impl Explained for LinkError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoCharacteristic { .. } => "link_no_characteristic",
            Self::NotConnected => "link_not_connected",
            Self::Dropped => "link_dropped",
            Self::Stalled { .. } => "link_stalled",
            Self::NotHeard { .. } => "link_not_heard",
            Self::Forgotten => "link_forgotten",
            Self::Refused { .. } => "link_refused",
            Self::Connecting => "link_connecting",
            Self::NoAnswer { .. } => "link_no_answer",
            Self::NoService => "bluetooth_no_service",
            Self::NoBus { .. } => "bluetooth_no_bus",
            Self::NoAdapter => "bluetooth_no_adapter",
            Self::NoSuchAdapter { .. } => "bluetooth_no_such_adapter",
            Self::AdapterOff => "bluetooth_off",
            Self::NotPermitted => "bluetooth_not_permitted",
            Self::System { .. } => "bluetooth_failed",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::NoCharacteristic { .. } => "check that it is the model that was chosen".into(),
            Self::NotConnected | Self::Connecting => "switch the sensor on and bring it near".into(),
            Self::Dropped => "bring the sensor nearer, check its battery".into(),
            Self::Stalled { .. } => "it is connected again".into(),
            Self::NotHeard { .. } => "switch it on, bring it near, close other programs that use it".into(),
            Self::Forgotten => "it is looked for again".into(),
            Self::Refused { .. } | Self::NoAnswer { .. } => "it is tried again".into(),
            Self::NoService => "start it (Linux: `systemctl start bluetooth`)".into(),
            Self::NoBus { .. } => "check that the system bus and Bluetooth are running".into(),
            Self::NoAdapter => {
                "plug one in (Linux: `rfkill list` and `dmesg` tell why a built-in one is missing)".into()
            }
            Self::NoSuchAdapter { there, .. } => format!("choose one that is there: {there}").into(),
            Self::AdapterOff => "switch it on".into(),
            Self::NotPermitted => {
                "allow it (Linux: add your account to the group `bluetooth`; macOS: Privacy settings)".into()
            }
            Self::System { .. } => return None,
        })
    }
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
