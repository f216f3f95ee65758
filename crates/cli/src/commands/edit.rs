//! `edit`: a new recording from an old one, with something put right.

use std::borrow::Cow;

use serde::Serialize;
use truehinge_core::HostTime;
use truehinge_dataset::recording::{Change, Measure, edit};
use truehinge_session::corrections::{Taken, take_along};

use crate::args::{Changes, Cli, EditArgs};
use crate::failure::unusable;
use crate::json::{Output, path};
use crate::reading::named_protocol;
use crate::{Outcome, json};

/// Runs the command.
pub fn run(args: &EditArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let changes = changes(&args.changes)?;
    let notes = edit(&args.recording, &args.out, &changes).map_err(unusable)?;
    match take_along(&args.recording, &args.out).map_err(unusable)? {
        Taken::None => {}
        Taken::All => eprintln!("corrections by hand were taken along"),
        Taken::LeftBehind(number) => eprintln!(
            "{number} corrections by hand were not taken along, because the samples are others: correct the new recording anew"
        ),
    }
    if cli.json {
        json::print(&Edited { recording: path(&args.out), changed: &notes });
        return Ok(Outcome::Done);
    }
    println!("written to {}", args.out.display());
    notes.iter().for_each(|note| println!("  {note}"));
    Ok(Outcome::Done)
}

/// A new recording.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Edited<'a> {
    /// Where it is.
    recording: Cow<'a, str>,
    /// What was changed, in words, each from what to what.
    changed: &'a [String],
}

impl Output for Edited<'_> {
    const SCHEMA: &'static str = "truehinge/edit/1";
}

/// What was asked for; sensors are exchanged first and seconds cut last.
fn changes(given: &Changes) -> anyhow::Result<Vec<Change>> {
    let protocol = given.protocol.as_deref().map(named_protocol).transpose()?;
    let lengths = [
        (Measure::Stature, given.height),
        (Measure::Shank, given.shank_length),
        (Measure::Thigh, given.thigh_length),
        (Measure::HipWidth, given.hip_width),
    ];
    let mut changes: Vec<Change> = given.exchange.map(|(a, b)| Change::Exchange(a, b)).into_iter().collect();
    changes.extend(lengths.into_iter().filter_map(|(measure, length)| Some(Change::Body(measure, length?))));
    changes.extend(given.side.map(Change::Side));
    changes.extend(given.athlete.clone().map(Change::Athlete));
    changes.extend(protocol.map(|(protocol, file)| Change::Protocol(Box::new(protocol), file)));
    let seconds = HostTime::from_seconds;
    changes.extend(given.cut.map(|(from, to)| Change::Cut(seconds(from), seconds(to))));
    Ok(changes)
}
