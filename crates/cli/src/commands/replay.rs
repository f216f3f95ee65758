//! `replay`: a recording through the live path, at any speed.

use anyhow::Context;
use truehinge_session::Error;
use truehinge_session::coach::{Message, Replay};

use crate::args::{Cli, ReplayArgs};
use crate::lines::{of_coach, speak};
use crate::reading::judge;
use crate::{Outcome, hints, pipe, unusable};

/// Runs the command.
pub fn run(args: &ReplayArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let judge = judge(&args.protocol)?;
    let replay = Replay::of(&args.recording, &judge);
    let replay = match replay {
        Err(Error::Reading(error)) => return Err(unusable(error)),
        other => other.map_err(hints::of_coach).with_context(|| args.recording.display().to_string())?,
    };
    let mut told = 0_usize;
    replay.run(args.speed, &|| !pipe::is_closed(), &mut |message: Message| {
        told += 1;
        speak(cli.json, &message, || of_coach(&message));
    });
    if told == 0 {
        eprintln!("{}: nothing happens in it that would be told during a session", args.recording.display());
        return Ok(Outcome::NothingFound);
    }
    Ok(Outcome::Done)
}
