//! What `--json` prints: one object a line, and in front of each the name and the version of its schema, which is in docs/schema.
//!
//! The mark is on every line and not on a stream's first alone: a line that was cut out of a log, found by `grep`, or read after the one
//! that came before it was lost says by itself what it is.
//!
//! Keys and units are those of the tables. Within a version no key goes, changes its meaning or its unit; new ones may come.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use serde::Serialize;
use truehinge_core::SessionAnalysis;
use truehinge_session::coach::Message;
use truehinge_session::comparison::Comparison;
use truehinge_session::decode::Decoded;
use truehinge_session::radio::Heard;
use truehinge_session::recording::Event;

use crate::pipe;

/// Something that is printed as an object of JSON.
pub trait Output: Serialize {
    /// Name and version of its schema, as they are printed. The version goes up when a key goes or changes its meaning or its unit.
    const SCHEMA: &'static str;
}

impl Output for SessionAnalysis {
    const SCHEMA: &'static str = "truehinge/analysis/2";
}

impl Output for Decoded {
    const SCHEMA: &'static str = "truehinge/decode/1";
}

impl Output for Event {
    const SCHEMA: &'static str = "truehinge/event/1";
}

impl Output for Message {
    const SCHEMA: &'static str = "truehinge/event/1";
}

impl Output for Heard {
    const SCHEMA: &'static str = "truehinge/scan/1";
}

impl Output for Comparison {
    const SCHEMA: &'static str = "truehinge/validate/2";
}

/// An object with its schema in front.
#[derive(Serialize)]
pub struct Marked<'a, O> {
    schema: &'static str,
    #[serde(flatten)]
    output: &'a O,
}

/// The object as it is printed.
pub fn marked<O: Output>(output: &O) -> Marked<'_, O> {
    Marked { schema: O::SCHEMA, output }
}

/// Prints an object and ends the line.
pub fn print<O: Output>(output: &O) {
    match serde_json::to_string(&marked(output)) {
        Ok(line) => println!("{line}"),
        // All keys are text, so that nothing here cannot be written; if it were otherwise, it must not go unsaid.
        Err(error) => pipe::noted(Err(io::Error::from(error))),
    }
}

/// A path as text; one that is no text is written as well as can be.
pub fn path(path: &Path) -> Cow<'_, str> {
    path.to_string_lossy()
}
