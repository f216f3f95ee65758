//! `org.bluez.GattService1`, `GattCharacteristic1`, `GattDescriptor1`.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use truehinge_ble::gatt::Uuid;
use zbus::message::Header;
use zbus::{Connection, OwnedObjectPath, interface};

use super::device::Device;
use super::emulator::Shared;
use super::sensor::Characteristic;
use super::{BluezError, Options, changed};

pub(super) const CHARACTERISTIC: &str = "org.bluez.GattCharacteristic1";

fn object(path: &str) -> OwnedObjectPath {
    OwnedObjectPath::try_from(path.to_owned()).unwrap_or_default()
}

/// Puts a device's table on the bus, once.
pub(super) async fn export(connection: &Connection, shared: &Arc<Shared>, device: &Arc<Device>) -> zbus::Result<()> {
    let server = connection.object_server();
    for (s, service) in device.services.iter().enumerate() {
        let path = service_path(device, s);
        server.at(path.as_str(), Service1 { uuid: service.uuid.to_string(), device: device.path.clone() }).await?;
        for (c, characteristic) in service.characteristics.iter().enumerate() {
            let own = characteristic_path(device, s, c);
            let served = Characteristic1 {
                shared: Arc::clone(shared),
                device: Arc::clone(device),
                content: characteristic.clone(),
                path: own.clone(),
                service: path.clone(),
            };
            server.at(own.as_str(), served).await?;
            if characteristic.flags.iter().any(|flag| flag == "notify" || flag == "indicate") {
                server.at(format!("{own}/desc{:04x}", handle(s, c) + 2), Descriptor1 { characteristic: own }).await?;
            }
        }
    }
    Ok(())
}

fn handle(service: usize, characteristic: usize) -> usize {
    0x11 + service * 0x20 + characteristic * 3
}

fn service_path(device: &Device, service: usize) -> String {
    format!("{}/service{:04x}", device.path, 0x10 + service * 0x20)
}

fn characteristic_path(device: &Device, service: usize, characteristic: usize) -> String {
    format!("{}/char{:04x}", service_path(device, service), handle(service, characteristic))
}

/// Path of a characteristic by its UUID.
pub(super) fn path_of(device: &Device, uuid: Uuid) -> Option<String> {
    device.services.iter().enumerate().find_map(|(s, service)| {
        let c = service.characteristics.iter().position(|characteristic| characteristic.uuid == uuid)?;
        Some(characteristic_path(device, s, c))
    })
}

struct Service1 {
    uuid: String,
    device: String,
}

#[interface(name = "org.bluez.GattService1", introspection_docs = false)]
impl Service1 {
    #[zbus(property, name = "UUID")]
    fn uuid(&self) -> String {
        self.uuid.clone()
    }
    #[zbus(property)]
    fn device(&self) -> OwnedObjectPath {
        object(&self.device)
    }
    #[zbus(property)]
    fn primary(&self) -> bool {
        true
    }
    #[zbus(property)]
    fn includes(&self) -> Vec<OwnedObjectPath> {
        Vec::new()
    }
}

struct Characteristic1 {
    shared: Arc<Shared>,
    device: Arc<Device>,
    content: Characteristic,
    path: String,
    service: String,
}

impl Characteristic1 {
    fn linked(&self) -> Result<(), BluezError> {
        if self.device.connected.load(SeqCst) { Ok(()) } else { Err(BluezError::not_connected()) }
    }
}

#[interface(name = "org.bluez.GattCharacteristic1", introspection_docs = false)]
impl Characteristic1 {
    async fn read_value(
        &self,
        _options: Options,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<u8>, BluezError> {
        self.linked()?;
        let value = self.device.sensor().read(self.content.uuid);
        let value = value.map_err(|_| BluezError::NotSupported("Operation is not supported".to_owned()))?;
        // Everybody on the bus is told what was read.
        changed(connection, &self.path, CHARACTERISTIC, vec![("Value", value.clone().into())]).await?;
        Ok(value)
    }

    async fn write_value(&self, value: Vec<u8>, _options: Options) -> Result<(), BluezError> {
        self.linked()?;
        let written = self.device.sensor().write(self.content.uuid, &value, self.shared.now());
        written.map_err(|_| BluezError::NotSupported("Operation is not supported".to_owned()))
    }

    async fn start_notify(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), BluezError> {
        self.linked()?;
        let client = header.sender().map(ToString::to_string).unwrap_or_default();
        // Accepted again from the same client.
        if self.device.start_notifying(self.content.uuid, client) {
            changed(connection, &self.path, CHARACTERISTIC, vec![("Notifying", true.into())]).await?;
        }
        Ok(())
    }

    async fn stop_notify(&self, #[zbus(connection)] connection: &Connection) -> Result<(), BluezError> {
        if !self.device.stop_notifying(self.content.uuid) {
            return Err(BluezError::Failed("No notify session started".to_owned()));
        }
        changed(connection, &self.path, CHARACTERISTIC, vec![("Notifying", false.into())]).await?;
        Ok(())
    }

    async fn acquire_notify(&self, _options: Options) -> Result<(), BluezError> {
        Err(BluezError::NotSupported("the emulator has no sockets".to_owned()))
    }

    #[zbus(property, name = "UUID")]
    fn uuid(&self) -> String {
        self.content.uuid.to_string()
    }
    #[zbus(property)]
    fn service(&self) -> OwnedObjectPath {
        object(&self.service)
    }
    #[zbus(property)]
    fn value(&self) -> Vec<u8> {
        Vec::new()
    }
    #[zbus(property)]
    fn notifying(&self) -> bool {
        self.device.is_notifying(self.content.uuid)
    }
    #[zbus(property)]
    fn flags(&self) -> Vec<String> {
        self.content.flags.clone()
    }
    #[zbus(property, name = "MTU")]
    fn mtu(&self) -> u16 {
        247
    }
}

struct Descriptor1 {
    characteristic: String,
}

#[interface(name = "org.bluez.GattDescriptor1", introspection_docs = false)]
impl Descriptor1 {
    async fn read_value(&self, _options: Options) -> Result<Vec<u8>, BluezError> {
        Ok(vec![0, 0])
    }
    #[zbus(property, name = "UUID")]
    fn uuid(&self) -> String {
        "00002902-0000-1000-8000-00805f9b34fb".to_owned()
    }
    #[zbus(property)]
    fn characteristic(&self) -> OwnedObjectPath {
        object(&self.characteristic)
    }
}
