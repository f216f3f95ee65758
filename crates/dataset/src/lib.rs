//! # truehinge-dataset: recordings, importers, folders and tables
//!
//! Everything that touches files, and nothing that computes: recordings on disk ([`recording`]), other programs' files
//! ([`import`]), any path to a [`truehinge_core::Recording`] ([`mod@open`]), and results to tidy tables ([`table`]).

pub mod atomic;
pub mod import;
pub mod open;
pub mod recording;
pub mod table;

pub use import::{ImportOptions, ImportReport};
pub use open::{DatasetError, discover, open};
