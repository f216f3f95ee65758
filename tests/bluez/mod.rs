//! BlueZ without Bluetooth: a private D-Bus bus on which an emulated `org.bluez` serves sensors that do not exist.
//!
//! The program under test runs as it is, with `DBUS_SYSTEM_BUS_ADDRESS` pointing here. What the emulator does on success and
//! on failure was seen on a real bluetoothd 5.66, to whose order of signals it is held (decision 0007): a lost link is one signal
//! with both properties, notify sessions outlive it, a pending `Connect` blocks every other one with `InProgress`.

// The methods of a D-Bus interface are what BlueZ made them.
#![allow(clippy::unused_self, clippy::unused_async, clippy::used_underscore_binding)]

mod adapter;
mod bus;
mod device;
mod emulator;
mod gatt;
mod hosted;
mod nus;
mod order;
mod sensor;

pub use bus::PrivateBus;
pub use device::Device;
pub use emulator::{Bluez, Sent};
pub use hosted::Hosted;
pub use nus::NusSensor;
pub use order::order;
pub use sensor::{Advert, Characteristic, Refused, Sensor, Service};

use std::collections::HashMap;

use zbus::names::InterfaceName;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, Variant, fdo};

/// Where the adapter is on the bus.
const ADAPTER: &str = "/org/bluez/hci0";

/// Errors named like BlueZ's.
#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.bluez.Error")]
enum BluezError {
    #[zbus(error)]
    ZBus(zbus::Error),
    Failed(String),
    NotReady(String),
    InProgress(String),
    NotSupported(String),
}

impl BluezError {
    fn in_progress() -> Self {
        Self::InProgress("Operation already in progress".to_owned())
    }

    fn not_connected() -> Self {
        Self::Failed("Not connected".to_owned())
    }

    fn aborted() -> Self {
        Self::Failed("le-connection-abort-by-local".to_owned())
    }
}

/// Options of a D-Bus call.
type Options = HashMap<String, zbus::OwnedVariant>;

/// Tells the bus that properties have changed.
async fn changed(
    connection: &Connection,
    path: &str,
    interface: &'static str,
    properties: Vec<(&str, Variant<'_>)>,
) -> zbus::Result<()> {
    let emitter = SignalEmitter::new(connection, path.to_owned())?;
    let interface = InterfaceName::from_static_str(interface)?;
    fdo::Properties::properties_changed(&emitter, interface, properties.into_iter().collect(), (&[][..]).into()).await
}
