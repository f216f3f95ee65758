//! # truehinge-signal: samples to repetitions, metrics and verdicts
//!
//! Pure and deterministic: no I/O, no clock reads, no async, no data frames. [`session::analyse`] runs all of it; each stage
//! is a module of its own, in the order of the data flow:
//!
//! | step | module | in | out |
//! |---|---|---|---|
//! | 1 | [`clock`] | device times, arrivals | one timeline |
//! | 2 | [`timebase`] | a track | its samples on their own uniform grid |
//! | 3 | [`inertial`] | samples | corrected samples, or a mark |
//! | 4 | [`orientation`] | samples | attitude and gyroscope bias per sample |
//! | 5 | [`synchronise`] | all tracks | one [`grid::PoseGrid`] |
//! | 6 | [`stillness`], [`watch::slip`] | the grid | stillness, steps, quiet stances, sensors that slipped |
//! | 7 | [`body::alignment`], [`watch::calibration`] | poses, movements | sensor-to-segment rotation, and whether it is good enough |
//! | 8 | [`body::kinematics`] | segment poses | anatomical angles |
//! | 9 | [`repetitions`] | angles | candidates, counted or rejected |
//! | 10 | [`measure`] | a candidate | numbers with uncertainty |
//! | 11 | [`judge`] | numbers, limits | verdict with evidence |
//!
//! [`live`] runs the same while a session goes on; [`set`] joins 6-11 for one set; [`scoring`] compares results with known truth.

// A panic would cost a recording; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

pub mod body;
pub mod clock;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod drawn;
mod findings;
pub mod grid;
pub mod inertial;
pub mod judge;
pub mod live;
pub mod math;
pub mod measure;
pub mod method;
pub mod orientation;
pub mod repetitions;
pub mod scoring;
pub mod session;
pub mod set;
pub mod stillness;
pub mod synchronise;
pub mod timebase;
pub mod watch;

pub use method::{Method, MethodError};
pub use session::{SignalError, analyse};
