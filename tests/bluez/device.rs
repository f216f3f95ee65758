//! `org.bluez.Device1` and the sensor behind it.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicI16, AtomicU32, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use truehinge_ble::gatt::Uuid;
use zbus::{Connection, OwnedObjectPath, OwnedVariant, fdo, interface};

use super::emulator::Shared;
use super::sensor::{Advert, Sensor, Service};
use super::{ADAPTER, BluezError, changed, gatt};

/// A sensor on the air, and what is wrong with it. The fields are for tests to set while the program runs.
pub struct Device {
    /// Whether its radio reaches the adapter.
    pub in_range: AtomicBool,
    /// How many more connections it refuses.
    pub refusals: AtomicU32,
    /// After how many milliseconds a pending connect is given up (a real one: 41 000).
    pub patience_ms: AtomicU64,
    /// Connected, but silent, until this connection ends.
    pub stalled: AtomicBool,
    /// Signal strength, dBm.
    pub signal: AtomicI16,
    pub(super) connected: AtomicBool,
    pub(super) resolved: AtomicBool,
    pub(super) exported: AtomicBool,
    pub(super) heard: AtomicBool,
    pub(super) path: String,
    pub(super) services: Vec<Service>,
    pub(super) sent: AtomicU64,
    connecting: AtomicBool,
    connects: AtomicU32,
    address: String,
    advert: Advert,
    sensor: Mutex<Box<dyn Sensor>>,
    /// Notify sessions: characteristic and the client that wants it.
    notifying: Mutex<BTreeMap<Uuid, String>>,
}

/// Until services are known after a connection, as on a quiet link.
const DISCOVERY: Duration = Duration::from_millis(20);

impl Device {
    pub(super) fn new(address: &str, sensor: Box<dyn Sensor>) -> Self {
        Self {
            in_range: true.into(),
            refusals: 0.into(),
            patience_ms: 41_000.into(),
            stalled: false.into(),
            signal: (-50).into(),
            connected: false.into(),
            resolved: false.into(),
            exported: false.into(),
            heard: false.into(),
            path: format!("{ADAPTER}/dev_{}", address.replace(':', "_")),
            services: sensor.services(),
            sent: 0.into(),
            connecting: false.into(),
            connects: 0.into(),
            address: address.to_owned(),
            advert: sensor.advert(),
            sensor: Mutex::new(sensor),
            notifying: Mutex::default(),
        }
    }

    /// Whether a client is connected.
    pub fn is_connected(&self) -> bool {
        self.connected.load(SeqCst)
    }

    /// How often `Connect` was asked for.
    pub fn connects(&self) -> u32 {
        self.connects.load(SeqCst)
    }

    pub(super) fn is_heard(&self) -> bool {
        self.in_range.load(SeqCst) && !self.is_connected()
    }

    pub(super) fn sensor(&self) -> MutexGuard<'_, Box<dyn Sensor>> {
        self.sensor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sessions(&self) -> MutexGuard<'_, BTreeMap<Uuid, String>> {
        self.notifying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_notifying(&self, characteristic: Uuid) -> bool {
        self.sessions().contains_key(&characteristic)
    }

    /// Begins a client's notify session. Whether that changed anything.
    pub(super) fn start_notifying(&self, characteristic: Uuid, client: String) -> bool {
        let changed = self.sessions().insert(characteristic, client).is_none();
        self.sensor().subscribed(characteristic, true);
        changed
    }

    /// Ends a notify session. Whether there was one.
    pub(super) fn stop_notifying(&self, characteristic: Uuid) -> bool {
        let changed = self.sessions().remove(&characteristic).is_some();
        self.sensor().subscribed(characteristic, false);
        changed
    }

    /// A client has left the bus: its notify sessions end, links stay.
    pub(super) async fn client_left(&self, connection: &Connection, client: &str) -> zbus::Result<()> {
        let its: Vec<Uuid> = self.sessions().iter().filter(|(_, by)| *by == client).map(|(of, _)| *of).collect();
        for characteristic in its {
            self.stop_notifying(characteristic);
            let Some(path) = gatt::path_of(self, characteristic) else { continue };
            changed(connection, &path, gatt::CHARACTERISTIC, vec![("Notifying", false.into())]).await?;
        }
        Ok(())
    }

    /// The radio link is gone: one signal with both properties; objects and notify sessions stay.
    pub(super) async fn lose_link(&self, connection: &Connection) -> zbus::Result<()> {
        if !self.connected.swap(false, SeqCst) {
            return Ok(());
        }
        self.resolved.store(false, SeqCst);
        self.sensor().disconnected();
        let gone = vec![("ServicesResolved", false.into()), ("Connected", false.into())];
        changed(connection, &self.path, "org.bluez.Device1", gone).await
    }

    /// The daemon has forgotten everything about it.
    pub(super) fn forget(&self) {
        if self.connected.swap(false, SeqCst) {
            self.sensor().disconnected();
        }
        self.resolved.store(false, SeqCst);
        self.exported.store(false, SeqCst);
        self.heard.store(false, SeqCst);
        self.connecting.store(false, SeqCst);
        self.sessions().clear();
    }
}

/// Served on the bus.
pub(super) struct Device1 {
    pub shared: Arc<Shared>,
    pub device: Arc<Device>,
}

/// Ends a pending connect, however it ends.
struct Connecting<'a>(&'a Device);

impl Drop for Connecting<'_> {
    fn drop(&mut self) {
        self.0.connecting.store(false, SeqCst);
    }
}

impl Device1 {
    /// Waits until the sensor can be reached, as long as BlueZ would.
    async fn reach(&self) -> Result<(), BluezError> {
        let device = &self.device;
        let patience = Duration::from_millis(device.patience_ms.load(SeqCst));
        let until = self.shared.now() + patience;
        while !device.in_range.load(SeqCst) {
            if !self.shared.powered.load(SeqCst) || self.shared.now() >= until {
                return Err(BluezError::aborted());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let refuse = |left: u32| left.checked_sub(1);
        if device.refusals.fetch_update(SeqCst, SeqCst, refuse).is_ok() {
            return Err(BluezError::aborted());
        }
        Ok(())
    }
}

#[interface(name = "org.bluez.Device1", introspection_docs = false)]
impl Device1 {
    async fn connect(&self, #[zbus(connection)] connection: &Connection) -> Result<(), BluezError> {
        let device = &self.device;
        device.connects.fetch_add(1, SeqCst);
        if !self.shared.powered.load(SeqCst) {
            return Err(BluezError::NotReady("Resource Not Ready".to_owned()));
        }
        if device.is_connected() {
            return Ok(());
        }
        if device.connecting.swap(true, SeqCst) {
            return Err(BluezError::in_progress());
        }
        let _pending = Connecting(device);
        self.reach().await?;
        device.connected.store(true, SeqCst);
        device.sensor().connected(self.shared.now());
        // BlueZ subscribes again by itself to what was subscribed when the link was lost.
        let again: Vec<Uuid> = device.sessions().keys().copied().collect();
        again.into_iter().for_each(|characteristic| device.sensor().subscribed(characteristic, true));
        changed(connection, &device.path, "org.bluez.Device1", vec![("Connected", true.into())]).await?;
        let (shared, device, connection) = (Arc::clone(&self.shared), Arc::clone(device), connection.clone());
        // Services become known after Connect has returned.
        tokio::spawn(async move {
            tokio::time::sleep(DISCOVERY).await;
            let exported = gatt::export(&connection, &shared, &device).await;
            if exported.is_ok() && device.is_connected() {
                device.resolved.store(true, SeqCst);
                let resolved = vec![("ServicesResolved", true.into())];
                // Nobody is left to be told if the bus is gone.
                let _ = changed(&connection, &device.path, "org.bluez.Device1", resolved).await;
            }
        });
        Ok(())
    }

    async fn disconnect(&self, #[zbus(connection)] connection: &Connection) -> Result<(), BluezError> {
        let device = &self.device;
        if device.connected.swap(false, SeqCst) {
            // Asked for by the client: two signals. Notify sessions end when it leaves the bus.
            device.resolved.store(false, SeqCst);
            device.stalled.store(false, SeqCst);
            device.sensor().disconnected();
            for property in ["ServicesResolved", "Connected"] {
                changed(connection, &device.path, "org.bluez.Device1", vec![(property, false.into())]).await?;
            }
        }
        Ok(())
    }

    #[zbus(property)]
    fn address(&self) -> String {
        self.device.address.clone()
    }
    #[zbus(property)]
    fn address_type(&self) -> String {
        "random".to_owned()
    }
    #[zbus(property)]
    fn name(&self) -> String {
        self.device.advert.name.clone()
    }
    #[zbus(property)]
    fn alias(&self) -> String {
        self.device.advert.name.clone()
    }
    #[zbus(property)]
    fn paired(&self) -> bool {
        false
    }
    #[zbus(property)]
    fn bonded(&self) -> bool {
        false
    }
    #[zbus(property)]
    fn trusted(&self) -> bool {
        false
    }
    #[zbus(property)]
    fn blocked(&self) -> bool {
        false
    }
    #[zbus(property)]
    fn legacy_pairing(&self) -> bool {
        false
    }
    /// Only there while a scan has heard it.
    #[zbus(property, name = "RSSI")]
    fn rssi(&self) -> fdo::Result<i16> {
        let heard = self.device.heard.load(SeqCst);
        heard.then(|| self.device.signal.load(SeqCst)).ok_or(fdo::Error::UnknownProperty("RSSI".to_owned()))
    }
    #[zbus(property)]
    fn connected(&self) -> bool {
        self.device.is_connected()
    }
    #[zbus(property)]
    fn services_resolved(&self) -> bool {
        self.device.resolved.load(SeqCst)
    }
    #[zbus(property, name = "UUIDs")]
    fn uuids(&self) -> Vec<String> {
        self.device.advert.services.iter().map(Uuid::to_string).collect()
    }
    #[zbus(property)]
    fn manufacturer_data(&self) -> HashMap<u16, OwnedVariant> {
        let value = |(company, bytes): &(u16, Vec<u8>)| {
            let bytes = OwnedVariant::try_from(zbus::Variant::from(bytes.clone())).ok()?;
            Some((*company, bytes))
        };
        self.device.advert.manufacturer.iter().filter_map(value).collect()
    }
    #[zbus(property)]
    fn adapter(&self) -> OwnedObjectPath {
        OwnedObjectPath::try_from(ADAPTER).unwrap_or_default()
    }
}
