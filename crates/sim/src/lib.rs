//! # truehinge-sim: athletes and sensors that do not exist
//!
//! Truth, sensor and noise are three things: [`movement`] and [`skeleton`] say where the bones are, [`imu`] what an ideal and
//! a real sensor on them measures, [`device`] what the
//! device around it says, [`peripheral`] how that reaches the host. [`truth`] is computed from the bones alone.
//! [`scenario`] names complete sessions. Everything is seeded: the same scenario gives the same bytes.

// A panic would cost a recording; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

pub mod device;
pub mod imu;
pub mod jet;
pub mod movement;
pub mod peripheral;
pub mod scenario;
pub mod skeleton;
pub mod truth;
pub mod virtual_sensor;

pub use scenario::{Scenario, SimulatedSession};
pub use truth::{TrueRep, Truth};
pub use virtual_sensor::{VirtualSample, VirtualTrack};
