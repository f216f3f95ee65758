//! The tree's tables as values: one struct a table of `default.toml`, one field a number, under the same name.
//!
//! What a number means stands beside it in that file, not here a second time.
#![allow(missing_docs, reason = "every field is described in default.toml, beside its value")]

mod body;
mod everyday;
mod live;
mod measure;
mod sensor;
mod set;
mod stillness;
mod watch;

pub use body::*;
pub use everyday::*;
pub use live::*;
pub use measure::*;
pub use sensor::*;
pub use set::*;
pub use stillness::*;
pub use watch::*;
