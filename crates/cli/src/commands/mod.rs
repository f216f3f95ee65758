//! One file per command.

pub mod analyze;
pub mod batch;
#[path = "../../../session/src/decode.rs"]
pub mod decode;
pub mod demo;
#[path = "../../../session/src/doctor.rs"]
pub mod doctor;
pub mod edit;
pub mod explain;
pub mod export;
pub mod import;
pub mod method;
pub mod record;
pub mod recover;
pub mod replay;
pub mod report;
pub mod scan;
pub mod validate;
