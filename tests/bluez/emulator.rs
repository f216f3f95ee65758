//! The daemon, and the handle with which tests break it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use futures::StreamExt;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use truehinge_ble::gatt::Uuid;
use zbus::{Connection, fdo};

use super::adapter::Adapter1;
use super::device::Device;
use super::sensor::Sensor;
use super::{ADAPTER, changed, gatt};

/// What adapter and devices share.
pub(super) struct Shared {
    pub devices: Vec<Arc<Device>>,
    pub powered: AtomicBool,
    /// Switched off so that no program can switch it on.
    pub blocked: AtomicBool,
    pub discovering: AtomicBool,
    /// Whether the last scan asked for services only.
    pub filtered: AtomicBool,
    epoch: Instant,
}

impl Shared {
    pub fn now(&self) -> Duration {
        self.epoch.elapsed()
    }
}

/// Notifications that went out to a subscribed client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sent {
    /// How many.
    pub notifications: u64,
}

/// The emulated daemon with its sensors. Has its own threads: tests stay ordinary functions.
pub struct Bluez {
    shared: Arc<Shared>,
    runtime: Runtime,
    address: String,
    connection: Option<Connection>,
    streams: Vec<JoinHandle<()>>,
}

/// Time between looks at what sensors want to send.
const PACE: Duration = Duration::from_millis(2);

impl Bluez {
    /// Starts on a bus, with sensors by address (`C0:11:22:33:44:55`).
    ///
    /// # Panics
    /// The bus does not let it.
    pub fn start(bus: &str, sensors: Vec<(&str, Box<dyn Sensor>)>) -> Self {
        let devices = sensors.into_iter().map(|(address, sensor)| Arc::new(Device::new(address, sensor))).collect();
        let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => panic!("no runtime: {error}"),
        };
        let epoch = runtime.block_on(async { Instant::now() });
        let shared = Arc::new(Shared {
            devices,
            powered: true.into(),
            blocked: false.into(),
            discovering: false.into(),
            filtered: false.into(),
            epoch,
        });
        let mut bluez = Self { shared, runtime, address: bus.to_owned(), connection: None, streams: Vec::new() };
        bluez.daemon_starts();
        bluez
    }

    /// A device by its place in the list it was started with.
    pub fn device(&self, index: usize) -> &Device {
        &self.shared.devices[index]
    }

    /// What a device has sent.
    pub fn sent(&self, index: usize) -> Sent {
        Sent { notifications: self.device(index).sent.load(SeqCst) }
    }

    /// Whether the last scan asked for certain services only.
    pub fn last_scan_was_filtered(&self) -> bool {
        self.shared.filtered.load(SeqCst)
    }

    /// Whether somebody is scanning.
    pub fn is_scanning(&self) -> bool {
        self.shared.discovering.load(SeqCst)
    }

    /// Cuts the radio link of a device.
    pub fn drop_link(&self, index: usize) {
        if let Some(connection) = &self.connection {
            // Without a bus nobody is left to be told.
            let _ = self.runtime.block_on(self.device(index).lose_link(connection));
        }
    }

    /// Sends these bytes as a notification now.
    ///
    /// # Panics
    /// The device has no such characteristic, or nobody is subscribed.
    pub fn inject(&self, index: usize, characteristic: Uuid, payload: &[u8]) {
        let device = self.device(index);
        assert!(device.is_notifying(characteristic), "nobody listens");
        if let Some(connection) = &self.connection {
            self.runtime.block_on(notify(connection, device, characteristic, payload.to_vec()));
        }
    }

    /// Switches the adapter off or on. Off stays off, whatever programs ask for.
    pub fn set_powered(&self, on: bool) {
        self.shared.blocked.store(!on, SeqCst);
        self.shared.powered.store(on, SeqCst);
        self.shared.discovering.store(false, SeqCst);
        let Some(connection) = &self.connection else { return };
        self.runtime.block_on(async {
            if !on {
                for device in &self.shared.devices {
                    let _ = device.lose_link(connection).await;
                }
            }
            let _ = changed(connection, ADAPTER, "org.bluez.Adapter1", vec![("Powered", on.into())]).await;
        });
    }

    /// Pulls the adapter out.
    pub fn unplug_adapter(&self) {
        let Some(connection) = &self.connection else { return };
        // It may have been pulled out before.
        let _ = self.runtime.block_on(connection.object_server().remove::<Adapter1, _>(ADAPTER));
    }

    /// The daemon dies without a word; links and everything it knew are gone.
    pub fn daemon_dies(&mut self) {
        for stream in self.streams.drain(..) {
            stream.abort();
        }
        self.shared.discovering.store(false, SeqCst);
        if let Some(connection) = self.connection.take() {
            // Closing fails if the bus is gone already, which is just as well.
            let _ = self.runtime.block_on(connection.close());
        }
        for device in &self.shared.devices {
            device.forget();
        }
    }

    /// It is started again.
    ///
    /// # Panics
    /// The bus does not let it.
    pub fn daemon_starts(&mut self) {
        let adapter = Adapter1(Arc::clone(&self.shared));
        let builder = zbus::connection::Builder::address(self.address.as_str())
            .serve_at("/", fdo::ObjectManager)
            .serve_at(ADAPTER, adapter)
            .name("org.bluez");
        let connection = match self.runtime.block_on(builder.build()) {
            Ok(connection) => connection,
            Err(error) => panic!("no emulated daemon on {}: {error}", self.address),
        };
        for device in &self.shared.devices {
            let stream = stream(Arc::clone(&self.shared), Arc::clone(device), connection.clone());
            self.streams.push(self.runtime.spawn(stream));
        }
        self.streams.push(self.runtime.spawn(clients(Arc::clone(&self.shared), connection.clone())));
        self.connection = Some(connection);
    }
}

impl Drop for Bluez {
    fn drop(&mut self) {
        self.daemon_dies();
    }
}

/// Sends what a sensor wants to send, as long as the daemon lives.
async fn stream(shared: Arc<Shared>, device: Arc<Device>, connection: Connection) {
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        let due = device.sensor().due(shared.now());
        for (characteristic, payload) in due {
            let heard = device.resolved.load(SeqCst) && !device.stalled.load(SeqCst);
            if heard && device.is_notifying(characteristic) {
                notify(&connection, &device, characteristic, payload).await;
            }
        }
    }
}

/// Ends what clients wanted when they leave the bus.
async fn clients(shared: Arc<Shared>, connection: Connection) {
    let Ok(bus) = fdo::DBusProxy::new(&connection).await else { return };
    let Ok(mut changes) = bus.receive_name_owner_changed().await else { return };
    while let Some(change) = changes.next().await {
        let Ok(change) = change.args() else { continue };
        if change.new_owner().is_some() {
            continue;
        }
        for device in &shared.devices {
            // Without a bus nobody is left to be told.
            let _ = device.client_left(&connection, change.name()).await;
        }
    }
}

async fn notify(connection: &Connection, device: &Device, characteristic: Uuid, payload: Vec<u8>) {
    let Some(path) = gatt::path_of(device, characteristic) else { return };
    if changed(connection, &path, gatt::CHARACTERISTIC, vec![("Value", payload.into())]).await.is_ok() {
        device.sent.fetch_add(1, SeqCst);
    }
}
