//! `replay`: a recording through the live path, at any speed.

use truehinge_session::Error;
use truehinge_session::coach::{Message, Replay};

use crate::args::{Cli, ReplayArgs};
use crate::failure::{self, nothing, unusable};
use crate::lines::{of_coach, speak};
use crate::reading::judge;
use crate::{Outcome, pipe};

/// Runs the command.
pub fn run(args: &ReplayArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let judge = judge(&args.protocol, cli)?;
    let replay = Replay::of(&args.recording, &judge);
    let replay = match replay {
        Err(Error::Reading(error)) => return Err(unusable(error)),
        other => other.map_err(|error| failure::of_coach(&error).about(&args.recording.display().to_string()))?,
    };
    let mut told = 0_usize;
    replay.run(args.speed, &|| !pipe::is_closed(), &mut |message: Message| {
        told += 1;
        speak(cli.json, &message, || of_coach(&message));
    });
    if told == 0 {
        let found = format!("{}: no movement in it would trigger feedback", args.recording.display());
        return Err(nothing("replay_silent", found).into());
    }
    Ok(Outcome::Done)
}
