//! # truehinge-session: from sensors and paths to judged sessions
//!
//! What the program does with recordings, as plain calls: a web page, another language, a test or an example has the same.
//!
//! ```no_run
//! use truehinge_session::{Error, Judge};
//!
//! fn main() -> Result<(), Error> {
//!     let session = Judge::default().analyse("P-014.mcap".as_ref())?;
//!     for (set, rep) in session.reps() {
//!         println!("set {}, {}: {}", set.number, rep.number, rep.judgement.verdict.title());
//!     }
//!     Ok(())
//! }
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`judge`] | [`Judge`]: one recording, file or folder to its analysis |
//! | [`batch`] | [`Batch`]: all recordings below folders, each once, in parallel |
//! | [`inspect`] | what inputs hold before anything is made of it: formats, sensors, rates, gaps |
//! | [`inventory`], [`workplace`] | what inputs hold without what came of them, for studies of any size; the folder that a run writes into |
//! | [`shard`], [`manifest`] | a study in parts, and put together |
//! | [`mod@reference`], [`comparison`] | repetitions against what somebody else says of them |
//! | [`statistics`] | intervals, reliability, agreement, by people |
//! | [`corrections`] | what people say of repetitions afterwards, in a side file that only grows |
//! | [`facts`] | what is known of a person, and who said it: option, edit, card, recording |
//! | [`protocol`] | protocol files, and the built-in ones by their names |
//! | [`outgoing`] | recordings with their results, as they go out in the formats of other programs |
//! | [`pseudonyms`] | results under names that only a key leads back from |
//! | [`methods`] | the paragraph on methods of a paper, from results |
//! | [`method_file`] | numbers of the method that are to be otherwise |
//! | [`coach`] | what an athlete is told during a session, and of a recorded one |
//!
//! With the feature `radio`:
//!
//! | module | what |
//! |---|---|
//! | `sensors` | which sensor is worn where, and what it is |
//! | `recording` | a session as it is recorded, or told again: every event from one source, what is shown and said of it, and a control for whoever does something |
//! | `radio` | what Bluetooth runs on, and who can be heard |
//! | `doctor` | what stands in the way of a recording |
//! | `decode` | samples anew from the bytes as they arrived |
//!
//! Errors say what was found and what to do, and name no option of a program.

// A panic would cost a recording; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

pub mod batch;
mod begun;
pub mod coach;
pub mod comparison;
pub mod corrections;
pub mod days;
#[cfg(feature = "radio")]
pub mod decode;
#[cfg(feature = "radio")]
pub mod doctor;
mod error;
pub mod facts;
pub mod inspect;
pub mod inventory;
mod item;
pub mod judge;
mod listing;
pub mod manifest;
pub mod method_file;
pub mod methods;
mod once;
pub mod outgoing;
pub mod protocol;
pub mod pseudonyms;
#[cfg(feature = "radio")]
pub mod radio;
#[cfg(feature = "radio")]
pub mod recording;
pub mod reference;
mod register;
pub mod results;
#[cfg(feature = "radio")]
pub mod sensors;
pub mod shard;
pub mod statistics;
pub mod trend;
pub mod workplace;

pub use batch::{Batch, Failed, Judged, Notice, Session, Step, Watch, find};
pub use begun::Alone;
pub use comparison::{Comparison, compare};
pub use error::Error;
pub use inventory::{Inventory, Kept, Unused};
pub use judge::Judge;
pub use listing::Care;
pub use manifest::gather;
pub use reference::Reference;
pub use results::Store;
pub use shard::Shard;
pub use workplace::Workplace;
