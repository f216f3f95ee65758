//! # truehinge-dataset: recordings, importers, folders and tables
//!
//! Everything that touches files, and nothing that computes: recordings on disk ([`recording`]), other programs' files
//! ([`import`]), cards of athletes ([`cards`]), any path to a [`truehinge_core::Recording`] ([`mod@open`]), results to tidy tables ([`table`]), and
//! both to the formats of other programs ([`mod@export`]).

// A panic would cost a recording; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

pub mod atomic;
pub mod cards;
#[cfg(feature = "polars")]
pub mod erase;
pub mod export;
pub mod files;
pub mod import;
mod leg;
pub mod names;
pub mod open;
pub mod recording;
pub mod same;
pub mod squad;
pub mod table;
mod unread;

pub use import::{ImportOptions, ImportReport};
pub use open::{DatasetError, Survey, discover, open, open_bytes, survey};
pub use unread::{CORRECTIONS_SUFFIX, Unread, Why};
