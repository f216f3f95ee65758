#![doc = include_str!("../README.md")]
// A panic would cost a recording; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod blocks;
pub mod body;
pub mod clock;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod drawn;
pub mod everyday;
mod findings;
pub mod grid;
pub mod inertial;
pub mod judge;
pub mod leg_motion;
pub mod live;
mod math;
pub mod measure;
pub mod method;
pub mod orientation;
mod prepared;
mod provenance;
pub mod repetitions;
pub mod scoring;
mod session;
pub mod set;
pub mod stillness;
pub mod synchronise;
pub mod timebase;
pub mod watch;

pub use leg_motion::leg_motion;
pub use method::{Method, MethodError};
pub use prepared::{PrepareError, Prepared, prepare};
pub use provenance::{configuration_hash, content_hash};
pub use session::{SignalError, analyse};
