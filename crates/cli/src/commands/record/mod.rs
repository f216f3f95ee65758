//! `record`: a session over Bluetooth.

#[path = "../../../../session/src/recording/device_sync.rs"]
mod clocks;
#[path = "../../../../session/src/recording/start.rs"]
mod start;
mod voice;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use truehinge_ble::radio::{HostClock, Radio, RadioLink};
use truehinge_ble::recorder::RecorderEvent;
use truehinge_ble::{Markers, SensorLink, SensorTally, record};
use truehinge_core::id::recording_name;
use truehinge_core::{
    Anthropometry, DeviceInfo, HostTime, Marker, MarkerKind, Protocol, SampleRate, SensorRole, SessionInfo, Side,
    Source, Stored,
};
use truehinge_dataset::recording::{RecordingError, RecordingWriter, UNFINISHED_SUFFIX};
use truehinge_session::Judge;

use crate::args::{Cli, RecordArgs};
use crate::coach::{Beside, Coach, Told, stored};
use crate::naming::Names;
use crate::reading::{judge_by_method, named_protocol};
use crate::screen::{Screen, SensorLine, State, change};
use crate::sensors::{Sensors, Worn, identify};
use crate::{Outcome, hints, output, radio_runtime, unusable};
use start::Start;
use voice::Voice;

pub use voice::speak;

/// Runs the command.
pub fn run(args: &RecordArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let protocol = named_protocol(&args.protocol)?;
    let judge = judge_by_method(&args.method)?;
    radio_runtime()?.block_on(session(args, &protocol, &judge, cli))
}

async fn session(
    args: &RecordArgs,
    protocol: &(Protocol, String),
    judge: &Judge,
    cli: &Cli,
) -> anyhow::Result<Outcome> {
    let remembered = Sensors::of(&args.out)?;
    let wanted = remembered.wanted(&args.worn)?;
    if wanted.is_empty() {
        eprintln!("no sensor was given: find them with `truehinge scan`, then give --hip ADDRESS and --shank ADDRESS");
        return Ok(Outcome::NothingFound);
    }
    let stop = stop_signal()?;
    let radio = Radio::new(args.radio.adapter.clone());
    let worn = tokio::select! {
        worn = identify(&radio, &wanted, args.worn.rate) => worn?,
        () = stop.cancelled() => return Ok(Outcome::Interrupted),
    };
    let worn = if args.device_sync {
        tokio::select! {
            worn = clocks::set(worn, args.worn.rate, &radio, cli.json) => worn?,
            () = stop.cancelled() => return Ok(Outcome::Interrupted),
        }
    } else {
        worn
    };
    let clock = HostClock::start();
    let info = session_info(args, protocol, Start::now());
    let mut writer = create(args, &info)?;
    let mut names = Names::default();
    names.athlete(&info.athlete);
    let mut remembered = remembered;
    remembered.0.extend(worn.iter().map(|sensor| (sensor.role, sensor.remembered())));
    remembered.0.retain(|role, _| wanted.contains_key(role));
    remembered.store(&args.out)?;

    let name = name(&info);
    let path = recording_path(&args.out, &name);
    offer_recovery(&args.out, &name, cli);
    let (asked, markers) = tokio::sync::mpsc::channel(KEYS);
    let mut front = if args.headless || cli.json || !std::io::stdout().is_terminal() {
        let mut voice = Voice::new(cli.json);
        voice.begins(&path, &worn);
        Front::Lines(voice)
    } else {
        Front::Screen(Screen::open(first_picture(&path, args.side, &worn), clock, asked.clone(), stop.clone()))
    };
    let coach = Beside::start(Coach::new(&info, judge)?, front.coach(cli.json));
    for sensor in &worn {
        let device = DeviceInfo { serial: sensor.address.clone(), ..sensor.driver.device() };
        coach.hear(Stored::Sensor(sensor.role, device, sensor.driver.clock()));
    }
    let links = worn.iter().map(|sensor| SensorLink {
        role: sensor.role,
        link: Box::new(RadioLink::new(radio.clone(), &sensor.address, clock)),
        driver: sensor.driver.clone(),
    });
    let links = links.collect();
    stop_after(args.duration, &stop);
    let planned = [Marker { at: HostTime::ZERO, kind: MarkerKind::SetStart { side: args.side } }];
    let mut observer = |event: &RecorderEvent<'_>| {
        front.hears(event);
        stored(event).into_iter().for_each(|stored| coach.hear(stored));
    };
    let markers = Markers { planned: &planned, asked: Some(markers) };
    let recorded = record(links, &mut writer, markers, stop, &mut observer).await;
    let mut voice = front.close(cli.json);
    let tallies = recorded.map_err(|error| ended_early(&error, &args.out, &name))?;
    let path = writer.finish().map_err(|error| ended_early(&error, &args.out, &name))?;
    last_word(coach, &path, judge, cli);
    voice.ends(&path, &tallies);
    Ok(outcome(&tallies))
}

/// The storage failed. What was stored before stays, and can be brought back.
fn ended_early(cause: &dyn std::error::Error, folder: &Path, name: &str) -> anyhow::Error {
    let kept = folder.join(format!("{name}{UNFINISHED_SUFFIX}"));
    let kept = kept.display();
    unusable(anyhow::anyhow!(
        "{cause}; what was stored until then is kept: `truehinge recover {kept} --out ANOTHER-FOLDER` brings it back"
    ))
}

/// What a crash or a full disk left behind is still whole up to its last second.
fn offer_recovery(folder: &Path, own: &str, cli: &Cli) {
    // A folder that cannot be listed could not have been recorded into either.
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut left: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            name.ends_with(UNFINISHED_SUFFIX) && !name.starts_with(own)
        })
        .collect();
    left.sort();
    for path in left {
        let line = serde_json::json!({ "event": "unfinished", "recording": path });
        speak(cli.json, &line, || {
            let path = path.display();
            format!(
                "{path} was not ended; `truehinge recover {path}` brings it back (if no other program is writing it)"
            )
        });
    }
}

/// Keys that may wait for the recorder.
const KEYS: usize = 16;

/// Where what happens is shown.
enum Front {
    /// A line for everything.
    Lines(Voice),
    /// The terminal as a screen.
    Screen(Screen),
}

impl Front {
    /// How the coach speaks here.
    fn coach(&self, json: bool) -> Box<dyn FnMut(Told) + Send> {
        match self {
            Self::Lines(_) => Box::new(move |told| speak(json, &told.json(), || told.words())),
            Self::Screen(screen) => {
                let state = screen.state();
                Box::new(move |told| change(&state, |state| state.told(&told)))
            }
        }
    }

    fn hears(&mut self, event: &RecorderEvent<'_>) {
        match self {
            Self::Lines(voice) => voice.hears(event),
            Self::Screen(screen) => change(&screen.state(), |state| state.hears(event)),
        }
    }

    /// Gives the terminal back; what is left to say is said in lines.
    fn close(self, json: bool) -> Voice {
        match self {
            Self::Lines(voice) => voice,
            Self::Screen(screen) => {
                screen.close();
                Voice::new(json)
            }
        }
    }
}

fn first_picture(path: &Path, side: Side, worn: &[Worn]) -> State {
    let line = |sensor: &Worn| SensorLine {
        name: format!("{} {}", sensor.driver.model(), sensor.address),
        nominal: sensor.driver.device().nominal_rate.map(SampleRate::hertz),
        ..SensorLine::default()
    };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    State::new(name, side, worn.iter().map(|sensor| (sensor.role, line(sensor))))
}

/// What the analysis of the stored recording says, and what of it was told otherwise during the session.
fn last_word(coach: Beside, path: &Path, judge: &Judge, cli: &Cli) {
    let analysed = truehinge_dataset::recording::read(path)
        .map_err(Into::into)
        .and_then(|r| judge.analyse_recording(&r).map_err(hints::of_session));
    match (analysed, coach.end()) {
        (Ok(analysis), Some(mut coach)) => {
            coach.settle(&analysis, &mut |told| speak(cli.json, &told.json(), || told.words()));
            let line = serde_json::json!({
                "event": "analysis", "repetitions": analysis.reps().count(), "findings": analysis.findings
            });
            speak(cli.json, &line, || format!("\n{}\n{}", output::repetitions(&analysis), output::findings(&analysis)));
        }
        (Ok(_), None) => eprintln!("the live analysis failed; the recording is whole: see `truehinge analyze`"),
        (Err(error), _) => {
            let cause = crate::told(&error);
            let line = serde_json::json!({ "event": "analysis", "failed": cause });
            speak(cli.json, &line, || format!("not analysed: {cause}"));
        }
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

fn recording_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.mcap"))
}

/// `ATHLETE_20260131-174205`, by the clock on the wall.
fn name(info: &SessionInfo) -> String {
    recording_name(&info.athlete, &info.session)
}

fn session_info(args: &RecordArgs, (protocol, file): &(Protocol, String), start: Start) -> SessionInfo {
    SessionInfo {
        session: start.session(),
        athlete: args.athlete.clone(),
        start_utc_ns: start.utc_ns(),
        zone: start.zone(),
        stance_side: Some(args.side),
        protocol: protocol.name.clone(),
        body: args.height.map_or_else(Anthropometry::default, Anthropometry::standing),
        source: Source { format: "truehinge-mcap".to_owned(), protocol_file: Some(file.clone()), ..Source::default() },
    }
}

fn create(args: &RecordArgs, info: &SessionInfo) -> anyhow::Result<RecordingWriter> {
    RecordingWriter::create(&args.out, &name(info), info).map_err(|error| match error {
        error @ (RecordingError::Exists { .. } | RecordingError::Io { .. }) => unusable(error),
        other => other.into(),
    })
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

fn stop_after(seconds: Option<f64>, stop: &CancellationToken) {
    if let Some(seconds) = seconds {
        let stop = stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
            stop.cancel();
        });
    }
}
