//! The way to the sensors: what Bluetooth runs on, and who can be heard.

use std::sync::Arc;
use std::time::Duration;

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
        let charge = self.charge.as_ref();
        Line {
            model: self.model(),
            name: advertisement.name.as_deref(),
            address,
            signal_dbm: *signal,
            connected: *connected,
            battery_pct: charge.and_then(|charge| charge.as_ref().ok().copied()),
            battery_failed: charge.and_then(|charge| charge.as_ref().err().map(Explained::in_full)),
        }
        .serialize(serializer)
    }
}

/// A device that was heard.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Line<'a> {
    /// What it is; null for what is no sensor this program knows.
    model: Option<&'a str>,
    /// What it calls itself; null where it does not.
    name: Option<&'a str>,
    /// Its address.
    address: &'a str,
    /// How strongly it is heard, dBm; null where the system does not say it.
    signal_dbm: Option<i16>,
    /// Whether another program is using it.
    connected: bool,
    /// Charge, per cent; null if it was not asked, or not answered.
    battery_pct: Option<u8>,
    /// Why the charge is not known; null if it was not asked, or is known.
    battery_failed: Option<String>,
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Heard {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Heard".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Line::json_schema(generator)
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
