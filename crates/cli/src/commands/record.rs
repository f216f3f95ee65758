//! `record`: a session over Bluetooth.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use truehinge_ble::SensorTally;
use truehinge_core::{Anthropometry, Facts, SensorRole};
use truehinge_dataset::cards::Cards;
use truehinge_session::Judge;
use truehinge_session::radio::{Radio, runtime};
use truehinge_session::recording::{Event, Marking, Plan, share_clocks};
use truehinge_session::sensors::{Sensors, Worn, identify};
use truehinge_web::Showing;

use crate::args::{Cli, RecordArgs};
use crate::failure::{Failure, nothing, of_coach, of_creating, of_device_sync, of_sensors, unusable};
use crate::front::Front;
use crate::front::page::Served;
use crate::naming::Names;
use crate::reading::{judge_by_method, named_protocol};
use crate::{Outcome, lines, now};

/// Runs the command.
pub fn run(args: &RecordArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let judge = judge_by_method(&args.method)?;
    let known = known(args, cli)?;
    let stature = args.height.map(|height| Anthropometry::standing(height).stature);
    let protocol = named_protocol(&args.protocol)?;
    let dose = protocol.0.dose;
    let plan = Plan {
        folder: args.out.clone(),
        athlete: args.athlete.clone(),
        side: args.side,
        body: Anthropometry { stature: stature.unwrap_or(known.body().stature), ..known.body() },
        protocol,
        marking: if args.auto_sets {
            Marking::Finder { asked: args.reps.unwrap_or(dose), end_on_form_loss: args.end_on_form_loss }
        } else {
            Marking::People
        },
    };
    // The recording keeps its protocol as it is; limits of the person's own are on the card.
    let protocol = plan.protocol.0.with_limits(&known.limits).map_err(unusable)?;
    runtime()?.block_on(session(args, &plan, judge.by(Some(protocol)), cli))
}

/// What the athlete's card says today; whoever has none is asked once.
fn known(args: &RecordArgs, cli: &Cli) -> anyhow::Result<Facts> {
    let cards = cli.library.as_deref().map(Cards::of_library);
    let cards = cards.or_else(|| Cards::near(&args.out.join("any")));
    let card = cards.map_or(Ok(None), |cards| cards.read(&args.athlete)).map_err(unusable)?;
    // The pages say so as well; programs that record are not told.
    if card.is_none() && args.height.is_none() && std::io::stderr().is_terminal() {
        eprintln!(
            "{} has no card: `truehinge athlete add {}` keeps height and more for every session",
            args.athlete, args.athlete
        );
    }
    Ok(card.map_or_else(Facts::default, |card| card.facts_on(now::today())))
}

async fn session(args: &RecordArgs, plan: &Plan, judge: Judge, cli: &Cli) -> anyhow::Result<Outcome> {
    let stop = stop_signal()?;
    let radio = Radio::new(args.radio.adapter.clone());
    let worn = match worn(args, &radio, &stop, cli).await? {
        Ok(worn) => worn,
        Err(outcome) => return Ok(outcome),
    };
    // Before the recording: a port that is taken costs nothing then.
    let front = Front::new(Showing::Session, !args.headless, cli.json);
    let (front, served) = front.with(&args.front).map_err(|error| Failure::of(Outcome::Failed, &error))?;
    let created = plan.create().map_err(of_creating)?;
    let mut names = Names::default();
    names.athlete(&plan.athlete);
    Sensors::worn(&worn).store(&args.out).map_err(of_sensors)?;

    let running = created.begin(&worn, judge, stop.clone(), front.listener()).map_err(|error| of_coach(&error))?;
    let control = running.control();
    if let Some(seconds) = args.duration {
        control.stop_after(Duration::from_secs_f64(seconds));
    }
    let screen = front.open(stop, Some(control));
    let links = running.links(&radio);
    let recorded = running.run(links).await;
    front.close(screen);
    let recorded = recorded.map_err(|error| Failure::of(Outcome::SomeFailed, &error).of_recording(&error.kept))?;
    let outcome = outcome(&recorded.tallies);
    recorded.settle();
    front.fall_silent();
    served.into_iter().for_each(Served::close);
    Ok(outcome)
}

/// The sensors, with their clocks set if that is asked for; or why there is nothing to record.
async fn worn(
    args: &RecordArgs,
    radio: &Arc<Radio>,
    stop: &CancellationToken,
    cli: &Cli,
) -> anyhow::Result<Result<Vec<Worn>, Outcome>> {
    let remembered = Sensors::of(&args.out).map_err(of_sensors)?;
    let wanted = remembered.wanted(&args.worn.given()).map_err(of_sensors)?;
    if wanted.is_empty() {
        let failure = nothing("no_sensor_given", "no sensor was given");
        return Err(failure.hint("find them (`truehinge scan`), then give --hip ADDRESS and --shank ADDRESS").into());
    }
    let worn = tokio::select! {
        worn = identify(radio, &wanted, args.worn.rate) => worn.map_err(of_sensors)?,
        () = stop.cancelled() => return Ok(Err(Outcome::Interrupted)),
    };
    if !args.device_sync {
        return Ok(Ok(worn));
    }
    let mut tell = |event: &Event| lines::say(event, cli.json);
    tokio::select! {
        worn = share_clocks(worn, args.worn.rate, radio, &mut tell) => Ok(Ok(worn.map_err(of_device_sync)?)),
        () = stop.cancelled() => Ok(Err(Outcome::Interrupted)),
    }
}

/// A sensor that sent nothing is some input that could not be used.
fn outcome(tallies: &BTreeMap<SensorRole, SensorTally>) -> Outcome {
    let silent = tallies.values().filter(|tally| tally.received == 0).count();
    match silent {
        0 => Outcome::Done,
        n if n == tallies.len() => Outcome::NothingFound,
        _ => Outcome::SomeFailed,
    }
}

/// Fires at Ctrl-C, when the terminal is closed, and when the system asks the program to end.
pub fn stop_signal() -> anyhow::Result<CancellationToken> {
    let token = CancellationToken::new();
    let fire = token.clone();
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    #[cfg(not(unix))]
    let mut terminate = tokio::signal::windows::ctrl_close()?;
    // Registered before the first line is printed: who reads it may stop the program at once.
    #[cfg(unix)]
    let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    #[cfg(not(unix))]
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    // The terminal was closed, or the link to it lost: the session is over, and its recording whole.
    #[cfg(unix)]
    let mut hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
    #[cfg(not(unix))]
    let mut hangup = tokio::signal::windows::ctrl_shutdown()?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
        fire.cancel();
    });
    Ok(token)
}
