//! The way to the sensors: what Bluetooth runs on, and who can be heard.

use std::sync::Arc;
use std::time::Duration;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use tokio_util::sync::CancellationToken;
use truehinge_ble::charge::charge;
use truehinge_ble::driver::recognise;
use truehinge_ble::radio::{Found, HostClock, RadioLink};
use truehinge_ble::{ImuDriver, LinkError};
use truehinge_core::Explained;

pub use truehinge_ble::radio::Radio;

/// What Bluetooth runs on: one thread that only takes in packets, beside the one that stores them. With two every packet wakes
/// threads twice more, which costs a third of the processor time.
///
/// # Errors
/// The system gives no thread.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    truehinge_ble::radio::quieten_known_panic();
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

/// How the air is listened to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Scan {
    /// For how long.
    pub time: Duration,
    /// Also devices that are no sensor this program knows.
    pub all: bool,
    /// Also how full the sensors' batteries are: each is connected for a moment, unless somebody else is using it.
    pub battery: bool,
}

/// A device that was heard, and what there is to say about it. In JSON one flat object.
pub struct Heard {
    /// What was heard.
    pub device: Found,
    /// How to understand it; `None` for what is no sensor this program knows.
    pub driver: Option<Box<dyn ImuDriver>>,
    /// Charge in per cent, or why it is not known; `None` if it was not asked.
    pub charge: Option<Result<u8, LinkError>>,
}

impl Heard {
    /// What it is, by its driver's name.
    pub fn model(&self) -> Option<&'static str> {
        self.driver.as_ref().map(|driver| driver.model())
    }
}

impl Serialize for Heard {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Found { address, advertisement, signal, connected } = &self.device;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("model", &self.model())?;
        map.serialize_entry("name", &advertisement.name)?;
        map.serialize_entry("address", address)?;
        map.serialize_entry("signal_dbm", signal)?;
        map.serialize_entry("connected", connected)?;
        match &self.charge {
            Some(Ok(percent)) => map.serialize_entry("battery_percent", percent)?,
            Some(Err(cause)) => map.serialize_entry("battery_failed", &cause.in_full())?,
            None => {}
        }
        map.end()
    }
}

/// The sensors that can be heard, nearest first: that is the one in the hand. If no device is recognised as one, all devices:
/// a sensor that was given another name is still among them. `None` where somebody ended it first.
///
/// # Errors
/// The air cannot be listened to.
pub async fn scan(radio: &Arc<Radio>, scan: Scan, stop: &CancellationToken) -> Result<Option<Vec<Heard>>, LinkError> {
    let found = tokio::select! {
        found = radio.scan(scan.time, |_| false) => found?,
        () = stop.cancelled() => return Ok(None),
    };
    let recognised = |device: Found| Heard { driver: recognise(&device.advertisement), device, charge: None };
    let mut heard: Vec<Heard> = found.into_iter().map(recognised).collect();
    if !scan.all && heard.iter().any(|heard| heard.driver.is_some()) {
        heard.retain(|heard| heard.driver.is_some());
    }
    heard.sort_by_key(|heard| std::cmp::Reverse(heard.device.signal));
    if scan.battery {
        ask_charges(radio, &mut heard, stop).await;
    }
    Ok((!stop.is_cancelled()).then_some(heard))
}

/// One after the other, and none that somebody else is using.
async fn ask_charges(radio: &Arc<Radio>, heard: &mut [Heard], stop: &CancellationToken) {
    let clock = HostClock::start();
    for Heard { device, driver, charge: known } in heard.iter_mut().filter(|heard| !heard.device.connected) {
        if let Some(driver) = driver.as_ref().filter(|_| !stop.is_cancelled()) {
            let link = RadioLink::new(Arc::clone(radio), &device.address, clock);
            *known = Some(charge(Box::new(link), &**driver, stop).await);
        }
    }
}
