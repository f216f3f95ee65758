//! One file per command.

pub mod about;
pub mod analyze;
pub mod athlete;
pub mod batch;
pub mod correct;
pub mod decode;
pub mod demo;
pub mod doctor;
pub mod edit;
pub mod explain;
pub mod export;
pub mod gather;
pub mod import;
pub mod inspect;
pub mod method;
pub mod methods;
pub mod record;
pub mod recover;
pub mod replay;
pub mod report;
pub mod scan;
pub mod tables;
pub mod validate;
pub mod verify;
