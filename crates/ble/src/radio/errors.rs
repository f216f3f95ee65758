//! What the system says, in our words.

use btleplug::Error;

use crate::link::LinkError;

/// The system's error as ours.
pub fn said(call: &'static str, error: &Error) -> LinkError {
    match error {
        Error::PermissionDenied => LinkError::NotPermitted,
        Error::NoAdapterAvailable => LinkError::NoAdapter,
        Error::NotConnected => LinkError::NotConnected,
        Error::DeviceNotFound => LinkError::Forgotten,
        Error::TimedOut(limit) => LinkError::NoAnswer { call, seconds: limit.as_secs() },
        other => named(call, other).unwrap_or_else(|| LinkError::System { call, said: other.to_string() }),
    }
}

/// By the name of the D-Bus error.
#[cfg(target_os = "linux")]
fn named(call: &'static str, error: &Error) -> Option<LinkError> {
    use bluez_async::BluetoothError;
    let Error::Other(inner) = error else { return None };
    let BluetoothError::DbusError(dbus) = inner.downcast_ref::<BluetoothError>()? else { return None };
    let said = || dbus.message().unwrap_or("no reason given").to_owned();
    Some(match dbus.name()? {
        "org.bluez.Error.InProgress" => LinkError::Connecting,
        "org.bluez.Error.NotReady" => LinkError::AdapterOff,
        "org.bluez.Error.NotConnected" => LinkError::NotConnected,
        "org.bluez.Error.Failed" if call == super::CONNECT_CALL => LinkError::Refused { said: said() },
        "org.bluez.Error.Failed" if dbus.message() == Some("Not connected") => LinkError::NotConnected,
        "org.bluez.Error.NotAuthorized"
        | "org.bluez.Error.NotPermitted"
        | "org.freedesktop.DBus.Error.AccessDenied" => LinkError::NotPermitted,
        "org.freedesktop.DBus.Error.ServiceUnknown" | "org.freedesktop.DBus.Error.NameHasNoOwner" => {
            LinkError::NoService
        }
        "org.freedesktop.DBus.Error.NoServer"
        | "org.freedesktop.DBus.Error.FileNotFound"
        | "org.freedesktop.DBus.Error.Disconnected" => LinkError::NoBus { said: said() },
        "org.freedesktop.DBus.Error.UnknownObject" if call == super::ADAPTER_CALL => LinkError::NoAdapter,
        // The daemon has been restarted, or has forgotten the device meanwhile.
        "org.freedesktop.DBus.Error.UnknownObject" | "org.freedesktop.DBus.Error.UnknownMethod" => LinkError::Forgotten,
        _ => return None,
    })
}

#[cfg(not(target_os = "linux"))]
fn named(_: &'static str, _: &Error) -> Option<LinkError> {
    None
}
