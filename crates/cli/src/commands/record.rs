//! `record`: a session over Bluetooth.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use truehinge_ble::SensorTally;
use truehinge_core::{Anthropometry, AthleteCard, AthleteId, Facts, Protocol, SensorRole};
use truehinge_dataset::cards::Cards;
use truehinge_dataset::squad::read_squad;
use truehinge_session::Judge;
use truehinge_session::radio::{Radio, runtime};
use truehinge_session::recording::{Connected, Event, Plan, Squad, share_clocks};
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
    let protocol = named_protocol(&args.protocol)?;
    let people = People::of(args, cli)?;
    // What is wrong with a card is said before anybody puts sensors on.
    people.cards.keys().try_for_each(|athlete| people.plan(athlete, None, args, &protocol, &judge).map(drop))?;
    runtime()?.block_on(session(args, &people, &protocol, &judge, cli))
}

/// Who is recorded, and what is known of them today.
struct People {
    squad: Option<Squad>,
    cards: BTreeMap<AthleteId, Facts>,
}

impl People {
    fn of(args: &RecordArgs, cli: &Cli) -> anyhow::Result<Self> {
        let cards = cli.library.as_deref().map(Cards::of_library);
        let cards = cards.or_else(|| Cards::near(&args.out.join("any")));
        let (athletes, rows) = match (&args.squad, &args.athlete) {
            (Some(squad), _) => members(squad, cards.as_ref())?,
            (None, athlete) => (athlete.iter().cloned().collect(), BTreeMap::new()),
        };
        let mut known = BTreeMap::new();
        for athlete in &athletes {
            let card = cards.as_ref().map_or(Ok(None), |cards| cards.read(athlete)).map_err(unusable)?;
            let card = card.or_else(|| rows.get(athlete).cloned());
            // The pages say so as well; programs that record are not told.
            if card.is_none() && args.height.is_none() && std::io::stderr().is_terminal() {
                eprintln!(
                    "{athlete} has no card: `truehinge athlete add {athlete}` keeps height and more for every session"
                );
            }
            known.insert(athlete.clone(), card.map_or_else(Facts::default, |card| card.facts_on(now::today())));
        }
        let squad = args.squad.as_ref().and_then(|_| Squad::new(athletes));
        Ok(Self { squad, cards: known })
    }

    /// What is to be recorded of an athlete, and how it is judged.
    fn plan(
        &self,
        athlete: &AthleteId,
        squad: Option<Arc<Squad>>,
        args: &RecordArgs,
        protocol: &(Protocol, String),
        judge: &Judge,
    ) -> anyhow::Result<(Plan, Judge)> {
        let known = self.cards.get(athlete).cloned().unwrap_or_default();
        let stature = args.height.map(|height| Anthropometry::standing(height).stature);
        let plan = Plan {
            folder: args.out.clone(),
            athlete: athlete.clone(),
            side: args.side,
            body: Anthropometry { stature: stature.unwrap_or(known.body().stature), ..known.body() },
            protocol: protocol.clone(),
            marking: args.sets.marking(protocol.0.dose),
            hands_free: args.sets.hands_free,
            squad,
        };
        // The recording keeps its protocol as it is; limits of the person's own are on the card.
        let protocol = protocol.0.with_limits(&known.limits).map_err(unusable)?;
        Ok((plan, judge.clone().by(Some(protocol))))
    }
}

/// The athletes of a squad in order, and what a table says of those in it.
fn members(squad: &str, cards: Option<&Cards>) -> anyhow::Result<(Vec<AthleteId>, BTreeMap<AthleteId, AthleteCard>)> {
    let table = Path::new(squad);
    if table.is_file() {
        let rows = read_squad(table).map_err(unusable)?;
        if rows.is_empty() {
            let failure = nothing("squad_table_empty", format!("{squad}: the table names no athlete"));
            return Err(failure.hint("give a row for each, as `truehinge athlete import` takes them").into());
        }
        let athletes = rows.iter().map(|card| card.athlete.clone()).collect();
        return Ok((athletes, rows.into_iter().map(|card| (card.athlete.clone(), card)).collect()));
    }
    let all = cards.map_or_else(|| Ok(Vec::new()), Cards::all).map_err(unusable)?;
    let is_in = |card: &AthleteCard| card.facts_on(now::today()).squads.is_some_and(|squads| squads.contains(squad));
    let athletes: Vec<AthleteId> = all.into_iter().filter(is_in).map(|card| card.athlete).collect();
    if athletes.is_empty() {
        let failure =
            nothing("squad_without_athletes", format!("no card names a squad {squad}, and no file has that name"));
        return Err(failure
            .hint("give a table, or make cards (`truehinge athlete import`, `truehinge athlete edit --squad`)")
            .into());
    }
    Ok((athletes, BTreeMap::new()))
}

async fn session(
    args: &RecordArgs,
    people: &People,
    protocol: &(Protocol, String),
    judge: &Judge,
    cli: &Cli,
) -> anyhow::Result<Outcome> {
    let stop = stop_signal()?;
    let radio = Radio::new(args.radio.adapter.clone());
    let worn = match worn(args, &radio, &stop, cli).await? {
        Ok(worn) => worn,
        Err(outcome) => return Ok(outcome),
    };
    // Before the recording: a port that is taken costs nothing then.
    let front = Front::new(Showing::Session, !args.headless, cli.json);
    let (front, served) = front.with(&args.front).map_err(|error| Failure::of(Outcome::Failed, &error))?;
    let connected = people.squad.as_ref().map(|_| Connected::new(&worn, &radio));
    let session = Session { args, radio, worn, connected, front, stop };
    let mut squad = people.squad.clone();
    let mut whole = Outcome::Done;
    loop {
        let athlete = squad.as_ref().map(Squad::athlete).or(args.athlete.as_ref()).cloned();
        let Some(athlete) = athlete else { break };
        let (plan, judge) = people.plan(&athlete, squad.clone().map(Arc::new), args, protocol, judge)?;
        let (outcome, next) = session.turn(&plan, judge).await?;
        whole = if whole == Outcome::Done { outcome } else { whole };
        let Some(next) = next.filter(|_| !session.stop.is_cancelled()) else { break };
        squad = squad.map(|squad| squad.turn_of(next));
        session.front.renew();
    }
    if let Some(connected) = session.connected {
        connected.close().await;
    }
    session.front.fall_silent();
    served.into_iter().for_each(Served::close);
    Ok(whole)
}

/// What stays the same from one athlete's turn to the next.
struct Session<'a> {
    args: &'a RecordArgs,
    radio: Arc<Radio>,
    worn: Vec<Worn>,
    /// The sensors, where they stay connected.
    connected: Option<Connected>,
    front: Front,
    stop: CancellationToken,
}

impl Session<'_> {
    /// One recording; how it went, and whose turn is next.
    async fn turn(&self, plan: &Plan, judge: Judge) -> anyhow::Result<(Outcome, Option<usize>)> {
        let created = plan.create().map_err(of_creating)?;
        let mut names = Names::default();
        names.athlete(&plan.athlete);
        Sensors::worn(&self.worn).store(&self.args.out).map_err(of_sensors)?;

        let stop = self.stop.child_token();
        let running =
            created.begin(&self.worn, judge, stop.clone(), self.front.listener()).map_err(|error| of_coach(&error))?;
        let control = running.control();
        if let Some(seconds) = self.args.duration {
            control.stop_after(Duration::from_secs_f64(seconds));
        }
        let screen = self.front.open(stop, Some(control.clone()));
        let links = match &self.connected {
            Some(connected) => running.links_of(connected),
            None => running.links(&self.radio),
        };
        let recorded = running.run(links).await;
        self.front.close(screen);
        let recorded = recorded.map_err(|error| Failure::of(Outcome::SomeFailed, &error).of_recording(&error.kept))?;
        let outcome = outcome(&recorded.tallies);
        recorded.settle();
        Ok((outcome, control.next_athlete()))
    }
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
    if args.sets.hands_free {
        understands(&worn)?;
    }
    if !args.device_sync {
        return Ok(Ok(worn));
    }
    let mut tell = |event: &Event| lines::say(event, cli.json);
    tokio::select! {
        worn = share_clocks(worn, args.worn.rate, radio, &mut tell) => Ok(Ok(worn.map_err(of_device_sync)?)),
        () = stop.cancelled() => Ok(Err(Outcome::Interrupted)),
    }
}

/// Gestures are signs of the shin while the hips stay: both sensors must be there.
fn understands(worn: &[Worn]) -> Result<(), Failure> {
    let lacking = [SensorRole::Hip, SensorRole::Shank].into_iter().find(|role| !worn.iter().any(|of| of.role == *role));
    let Some(role) = lacking else { return Ok(()) };
    let failure = Failure::new(
        Outcome::WrongUsage,
        "hands_free_sensors",
        format!("gestures need a hip and a shin sensor, there is no {role} sensor"),
    );
    Err(failure.hint("give it (--hip ADDRESS, --shank ADDRESS), or leave out --hands-free"))
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
