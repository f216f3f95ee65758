//! What the emulator asks of a sensor.

use std::time::Duration;

use truehinge_ble::gatt::Uuid;

/// What a sensor shouts.
#[derive(Clone, Debug, Default)]
pub struct Advert {
    /// Local name.
    pub name: String,
    /// Advertised services.
    pub services: Vec<Uuid>,
    /// Manufacturer data: company, bytes.
    pub manufacturer: Option<(u16, Vec<u8>)>,
}

/// A GATT service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its UUID.
    pub uuid: Uuid,
    /// Its characteristics.
    pub characteristics: Vec<Characteristic>,
}

/// A GATT characteristic.
#[derive(Clone, Debug)]
pub struct Characteristic {
    /// Its UUID.
    pub uuid: Uuid,
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
    fn subscribed(&mut self, _characteristic: Uuid, _on: bool) {}
    /// A write.
    fn write(&mut self, characteristic: Uuid, payload: &[u8], now: Duration) -> Result<(), Refused>;
    /// A read.
    fn read(&mut self, characteristic: Uuid) -> Result<Vec<u8>, Refused>;
    /// Notifications it wants to send by now, in order: characteristic, bytes.
    fn due(&mut self, now: Duration) -> Vec<(Uuid, Vec<u8>)>;
}
