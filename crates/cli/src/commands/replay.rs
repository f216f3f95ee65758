//! `replay`: a recording through the live path, at any speed.

use std::thread::sleep;
use std::time::Duration;

use anyhow::Context;
use truehinge_core::{HostTime, Stored};
use truehinge_dataset::recording::story;

use crate::args::{Cli, ReplayArgs};
use crate::coach::Coach;
use crate::commands::record::speak;
use crate::pipe;
use crate::reading::judge;
use crate::{Outcome, unusable};

/// Runs the command.
pub fn run(args: &ReplayArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let judge = judge(&args.protocol)?;
    let (info, stored) = story(&args.recording).map_err(unusable)?;
    let mut coach = Coach::new(&info, &judge).with_context(|| args.recording.display().to_string())?;
    let mut pace = Pace { speed: args.speed, last: None };
    let mut told = 0_usize;
    for stored in stored.iter().take_while(|_| !pipe::is_closed()) {
        pace.wait(stored);
        coach.hear(stored, &mut |what| {
            told += 1;
            speak(cli.json, &what.json(), || what.words());
        });
    }
    if told == 0 {
        eprintln!("{}: nothing happens in it that would be told during a session", args.recording.display());
        return Ok(Outcome::NothingFound);
    }
    Ok(Outcome::Done)
}

/// Lets time pass as it did, or faster.
struct Pace {
    /// How much faster; infinite does not wait at all.
    speed: f64,
    last: Option<HostTime>,
}

impl Pace {
    fn wait(&mut self, stored: &Stored) {
        let Stored::Sample(_, sample) = stored else { return };
        let Some(now) = sample.arrival else { return };
        let since = self.last.map_or(0.0, |last| (now - last).seconds());
        if since > 0.0 && self.speed.is_finite() {
            sleep(Duration::from_secs_f64(since / self.speed));
        }
        self.last = Some(self.last.map_or(now, |last| last.max(now)));
    }
}
