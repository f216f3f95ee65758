//! Virtual devices: the inverse of the drivers, each a GATT table and the state machine behind it.
//!
//! A device is written to, read from and subscribed to like the real one, and answers as its maker's documents say. It is given
//! what its sensor measures, and says what it would notify: nothing before the right commands have come. Who hosts it (the
//! simulated radio of [`crate::peripheral`], an emulated Bluetooth service) decides when that arrives, if at all.

mod dot;
mod gatt;
mod metamotion;
mod movesense;
mod nus;
mod polar;
mod thingy;
mod witmotion;

pub use dot::{Dot, UnknownMode};
pub use gatt::{Characteristic, Outgoing, Refused, Service};
pub use metamotion::{Board, MetaMotion};
pub use movesense::Movesense;
pub use nus::{FRAME_SCALE, Nus, PACKETS_PROFILE};
pub use polar::Polar;
pub use thingy::Thingy;
pub use witmotion::Wit;

use truehinge_ble::driver::Advertisement;
use truehinge_ble::gatt::Uuid;

use crate::virtual_sensor::VirtualSample;

/// A device that does not exist.
pub trait VirtualDevice: Send {
    /// What it shouts while nobody is connected.
    fn advertisement(&self) -> Advertisement;
    /// Its GATT table.
    fn services(&self) -> Vec<Service>;
    /// Somebody has connected; so many bytes fit into a packet, its header included.
    fn connected(&mut self, mtu: u16);
    /// The connection is gone.
    fn disconnected(&mut self);
    /// Notifications of a characteristic are wanted, or not any more.
    ///
    /// # Errors
    /// It has no such characteristic.
    fn subscribe(&mut self, characteristic: Uuid, on: bool) -> Result<(), Refused>;
    /// A write.
    ///
    /// # Errors
    /// It does not take this.
    fn write(&mut self, characteristic: Uuid, payload: &[u8]) -> Result<(), Refused>;
    /// A read.
    ///
    /// # Errors
    /// It has no such characteristic.
    fn read(&self, characteristic: Uuid) -> Result<Vec<u8>, Refused>;
    /// Its sensor has measured.
    fn measure(&mut self, sample: &VirtualSample);
    /// What it notifies now.
    fn outgoing(&mut self) -> Vec<Outgoing>;
}

/// One device of every model, as good as new, with clocks that are about to wrap.
pub fn all() -> Vec<Box<dyn VirtualDevice>> {
    vec![
        Box::new(Dot::default()),
        Box::new(MetaMotion::new(Board::R)),
        Box::new(MetaMotion::new(Board::S)),
        Box::new(Movesense::default()),
        Box::new(Polar::default()),
        Box::new(Thingy::default()),
        Box::new(Wit::default()),
    ]
}
