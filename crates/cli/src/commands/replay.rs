//! `replay`: a recording through the live path, at any speed: in lines, as the screen of a session, on its page, aloud.

use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use truehinge_session::Error;
use truehinge_session::recording::{Event, Replay};
use truehinge_web::Showing;

use crate::args::{Cli, ReplayArgs};
use crate::failure::{self, Failure, nothing, unusable};
use crate::front::Front;
use crate::front::page::Served;
use crate::inputs;
use crate::reading::judge;
use crate::{Outcome, pipe};

/// How often it is looked whether somebody wants to end.
const LOOK: Duration = Duration::from_millis(50);

/// Runs the command.
pub fn run(args: &ReplayArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let judge = judge(&args.protocol, cli)?;
    let replay = Replay::of(&args.recording, &judge);
    let replay = match replay {
        Err(Error::Reading(error)) => return Err(unusable(error)),
        other => other.map_err(|error| failure::of_coach(&error).about(&args.recording.display().to_string()))?,
    };
    let front = Front::new(Showing::Replay, args.screen, cli.json);
    if args.screen && !front.is_screen() {
        eprintln!("no terminal for a screen: lines instead");
    }
    let (front, served) = front.with(&args.front).map_err(|error| Failure::of(Outcome::Failed, &error))?;
    let is_seen = served.is_some() || front.is_screen();
    let (outcome, told) = play(replay, args.speed, &front, served);
    if told == 0 && !is_seen {
        let found = format!("{}: no movement in it would trigger feedback", args.recording.display());
        return Err(nothing("replay_silent", found).into());
    }
    Ok(outcome)
}

/// Plays it. A page is waited for, and stays with its last state until somebody ends the program, as a screen does. Gives how many messages of
/// the coach there were.
pub fn play(replay: Replay, speed: f64, front: &Front, served: Option<Served>) -> (Outcome, usize) {
    let stop = CancellationToken::new();
    // Lines alone end as any program does.
    let interrupted = served.is_some().then(inputs::stop);
    let is_interrupted = || interrupted.is_some_and(|interrupted| interrupted.load(Ordering::SeqCst));
    let is_wanted = || !(stop.is_cancelled() || is_interrupted() || pipe::is_closed());
    let screen = front.open(stop.clone(), None);
    if let Some(served) = &served {
        served.wait_for_somebody(&is_wanted);
    }
    let (told, is_over) = (Cell::new(0), Cell::new(false));
    let mut hear = front.listener();
    replay.run(speed, &is_wanted, &mut |event| {
        told.set(told.get() + usize::from(matches!(event, Event::Coach(_)) && !event.is_detail()));
        is_over.set(matches!(event, Event::End { .. }));
        hear(event);
    });
    front.fall_silent();
    while (served.is_some() || screen.is_some()) && is_over.get() && is_wanted() {
        sleep(LOOK);
    }
    front.close(screen);
    served.into_iter().for_each(Served::close);
    let outcome = if is_interrupted() && !is_over.get() { Outcome::Interrupted } else { Outcome::Done };
    (outcome, told.get())
}
