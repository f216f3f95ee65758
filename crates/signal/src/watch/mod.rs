//! How sensors are worn and whether a calibration was good enough.

pub mod calibration;
pub(crate) mod outside;
pub mod settling;
pub mod slip;
pub mod wear;
