//! One file per command.

pub mod analyze;
pub mod batch;
pub mod demo;
pub mod explain;
pub mod export;
pub mod import;
pub mod recover;
pub mod report;
pub mod validate;
