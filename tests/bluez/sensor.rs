//! What the emulator asks of a sensor.

use std::time::Duration;

/// What a sensor shouts.
#[derive(Clone, Debug, Default)]
pub struct Advert {
    /// Local name.
    pub name: String,
    /// Advertised services.
    pub services: Vec<u128>,
    /// Manufacturer data: company, bytes.
    pub manufacturer: Option<(u16, Vec<u8>)>,
}

/// A GATT service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its UUID.
    pub uuid: u128,
    /// Its characteristics.
    pub characteristics: Vec<Characteristic>,
}

/// A GATT characteristic.
#[derive(Clone, Debug)]
pub struct Characteristic {
    /// Its UUID.
    pub uuid: u128,
    /// Flags as BlueZ spells them: `notify`, `read`, `write`, `write-without-response`.
    pub flags: Vec<String>,
}

/// The sensor does not take this.
#[derive(Clone, Copy, Debug)]
pub struct Refused;

/// A sensor on the emulated air. Times run from the start of the emulator.
pub trait Sensor: Send {
    /// What it shouts while nobody is connected.
    fn advert(&self) -> Advert;
    /// Its GATT table.
    fn services(&self) -> Vec<Service>;
    /// Somebody has connected.
    fn connected(&mut self, now: Duration);
    /// The connection is gone.
    fn disconnected(&mut self);
    /// Its notifications are wanted, or not any more.
    fn subscribed(&mut self, _characteristic: u128, _on: bool) {}
    /// A write.
    fn write(&mut self, characteristic: u128, payload: &[u8], now: Duration) -> Result<(), Refused>;
    /// A read.
    fn read(&mut self, characteristic: u128) -> Result<Vec<u8>, Refused>;
    /// Notifications it wants to send by now, in order: characteristic, bytes.
    fn due(&mut self, now: Duration) -> Vec<(u128, Vec<u8>)>;
}
