//! # truehinge-ble: radio to timed packets
//!
//! A notification is stamped and stored before anybody tries to understand it; then it is decoded, its counter and clock are
//! unwrapped, and the samples follow it into the recording.
//!
//! | step | module | in | out |
//! |---|---|---|---|
//! | 1 | [`link`], `radio` (a feature of that name) | a sensor on the air | notifications, stamped on arrival |
//! | 2 | [`driver`] | payloads | packets of raw samples |
//! | 3 | [`sequence`] | counters and ticks | losses, duplicates, continuous device time |
//! | 4 | [`ingest`] | notifications | SI samples and gaps: one stage, for recording and replay |
//! | 5 | [`recorder`] | several links | everything into a `RecordSink` |
//!
//! Before a recording, sensors that can may set their clocks to one another's: [`device_sync`]; and any can be asked for its
//! [`charge`].
//!
//! No vendor knowledge outside [`driver`]. Device time is mapped to the session's timeline by the analysis
//! (`truehinge_signal::clock`), because only raw times are stored (decision 0002).

// A panic would cost a recording; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

pub mod charge;
pub mod device_sync;
pub mod driver;
pub mod gatt;
pub mod ingest;
pub mod kept;
pub mod link;
#[cfg(feature = "radio")]
pub mod radio;
pub mod recorder;
pub mod sequence;

pub use driver::{Advertisement, DecodeError, DriverSession, ImuDriver, Packet, Request};
pub use ingest::{Ingest, Ingested};
pub use kept::Kept;
pub use link::{ImuLink, LinkError, LinkEvent};
pub use recorder::{Markers, RecordError, RecorderEvent, SensorLink, SensorTally, record};
