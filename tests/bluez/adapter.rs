//! `org.bluez.Adapter1`.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use zbus::{Connection, OwnedObjectPath, fdo, interface};

use super::device::{Device, Device1};
use super::emulator::Shared;
use super::{ADAPTER, BluezError, Options, changed};

/// Served on the bus.
pub struct Adapter1(pub Arc<Shared>);

/// Time between advertising reports.
const REPORTS: Duration = Duration::from_millis(50);

/// Puts the devices that are heard on the bus, as long as somebody listens.
async fn discover(shared: Arc<Shared>, connection: Connection) {
    while shared.discovering.load(SeqCst) && shared.powered.load(SeqCst) {
        for device in shared.devices.iter().filter(|device| device.is_heard()) {
            // The bus may have been taken away meanwhile; the loop then ends with the next look at the flag.
            let _ = report(&shared, &connection, device).await;
        }
        tokio::time::sleep(REPORTS).await;
    }
    for device in &shared.devices {
        device.heard.store(false, SeqCst);
    }
}

async fn report(shared: &Arc<Shared>, connection: &Connection, device: &Arc<Device>) -> zbus::Result<()> {
    device.heard.store(true, SeqCst);
    if device.exported.swap(true, SeqCst) {
        let signal = device.signal.load(SeqCst);
        return changed(connection, &device.path, "org.bluez.Device1", vec![("RSSI", signal.into())]).await;
    }
    let served = Device1 { shared: Arc::clone(shared), device: Arc::clone(device) };
    connection.object_server().at(device.path.as_str(), served).await.map(|_| ())
}

#[interface(name = "org.bluez.Adapter1", introspection_docs = false)]
impl Adapter1 {
    async fn start_discovery(&self, #[zbus(connection)] connection: &Connection) -> Result<(), BluezError> {
        if !self.0.powered.load(SeqCst) {
            return Err(BluezError::NotReady("Resource Not Ready".to_owned()));
        }
        if self.0.discovering.swap(true, SeqCst) {
            return Err(BluezError::in_progress());
        }
        changed(connection, ADAPTER, "org.bluez.Adapter1", vec![("Discovering", true.into())]).await?;
        tokio::spawn(discover(Arc::clone(&self.0), connection.clone()));
        Ok(())
    }

    async fn stop_discovery(&self, #[zbus(connection)] connection: &Connection) -> Result<(), BluezError> {
        if !self.0.discovering.swap(false, SeqCst) {
            return Err(BluezError::Failed("No discovery started".to_owned()));
        }
        changed(connection, ADAPTER, "org.bluez.Adapter1", vec![("Discovering", false.into())]).await?;
        Ok(())
    }

    async fn set_discovery_filter(&self, filter: Options) -> Result<(), BluezError> {
        self.0.filtered.store(filter.contains_key("UUIDs"), SeqCst);
        Ok(())
    }

    async fn get_discovery_filters(&self) -> Vec<String> {
        ["UUIDs", "RSSI", "Transport", "DuplicateData"].map(str::to_owned).to_vec()
    }

    async fn remove_device(
        &self,
        device: OwnedObjectPath,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), BluezError> {
        if let Some(known) = self.0.devices.iter().find(|known| known.path == device.as_str()) {
            known.exported.store(false, SeqCst);
            connection.object_server().remove::<Device1, _>(device.as_str()).await?;
        }
        Ok(())
    }

    #[zbus(property)]
    fn address(&self) -> String {
        "00:AA:01:00:00:42".to_owned()
    }
    #[zbus(property)]
    fn address_type(&self) -> String {
        "public".to_owned()
    }
    #[zbus(property)]
    fn name(&self) -> String {
        "emulated".to_owned()
    }
    #[zbus(property)]
    fn alias(&self) -> String {
        "emulated".to_owned()
    }
    #[zbus(property)]
    fn class(&self) -> u32 {
        0
    }
    #[zbus(property)]
    fn powered(&self) -> bool {
        self.0.powered.load(SeqCst)
    }
    #[zbus(property)]
    async fn set_powered(&self, on: bool) -> fdo::Result<()> {
        if on && self.0.blocked.load(SeqCst) {
            return Err(fdo::Error::Failed("Blocked through rfkill".to_owned()));
        }
        self.0.powered.store(on, SeqCst);
        Ok(())
    }
    #[zbus(property)]
    fn discoverable(&self) -> bool {
        false
    }
    #[zbus(property)]
    fn pairable(&self) -> bool {
        false
    }
    #[zbus(property)]
    fn discovering(&self) -> bool {
        self.0.discovering.load(SeqCst)
    }
    #[zbus(property, name = "UUIDs")]
    fn uuids(&self) -> Vec<String> {
        Vec::new()
    }
    #[zbus(property)]
    fn modalias(&self) -> String {
        "usb:v1D6Bp0246d0542".to_owned()
    }
}
