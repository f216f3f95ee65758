//! `record`: a session over Bluetooth.

mod voice;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use truehinge_ble::radio::{HostClock, Radio, RadioLink};
use truehinge_ble::recorder::RecorderEvent;
use truehinge_ble::{SensorLink, SensorTally, record};
use truehinge_core::{Anthropometry, HostTime, Length, Marker, MarkerKind, Measured, SensorRole, SessionInfo, Source};
use truehinge_dataset::recording::{RecordingError, RecordingWriter};

use crate::args::{Cli, RecordArgs};
use crate::reading::unusable;
use crate::sensors::{Sensors, identify};
use crate::{Outcome, radio_runtime};
use voice::Voice;

/// Runs the command.
pub fn run(args: &RecordArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    crate::analysis::built_in(&args.protocol).transpose()?.ok_or_else(|| {
        unusable(anyhow::anyhow!(
            "there is no protocol {}: see `truehinge analyze --help` for their names",
            args.protocol
        ))
    })?;
    radio_runtime()?.block_on(session(args, cli))
}

async fn session(args: &RecordArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let remembered = Sensors::of(&args.out)?;
    let wanted = remembered.wanted(&args.worn);
    if wanted.is_empty() {
        eprintln!("no sensor was given: find them with `truehinge scan`, then give --hip ADDRESS and --shank ADDRESS");
        return Ok(Outcome::NothingFound);
    }
    let stop = stop_signal()?;
    let radio = Radio::new(args.radio.adapter.clone());
    let worn = tokio::select! {
        worn = identify(&radio, &wanted, &remembered) => worn?,
        () = stop.cancelled() => return Ok(Outcome::Interrupted),
    };
    let clock = HostClock::start();
    let start = now_utc();
    let mut writer = create(args, start)?;
    let mut remembered = remembered;
    remembered.0.extend(worn.iter().map(|sensor| (sensor.role, sensor.remembered())));
    remembered.0.retain(|role, _| wanted.contains_key(role));
    remembered.store(&args.out)?;

    let mut voice = Voice::new(cli.json);
    voice.begins(&recording_path(&args.out, &name(args, start)), &worn);
    let links = worn.iter().map(|sensor| SensorLink {
        role: sensor.role,
        link: Box::new(RadioLink::new(radio.clone(), &sensor.address, clock)),
        driver: sensor.driver.clone(),
    });
    let links = links.collect();
    stop_after(args.duration, &stop);
    let markers = [Marker { at: HostTime::ZERO, kind: MarkerKind::SetStart { side: args.side } }];
    let mut observer = |event: &RecorderEvent<'_>| voice.hears(event);
    let recorded = record(links, &mut writer, &markers, stop, &mut observer).await;
    // What was stored before an error stays, as an unfinished recording that can be recovered.
    let tallies = recorded.map_err(unusable)?;
    let path = writer.finish()?;
    voice.ends(&path, &tallies);
    Ok(outcome(&tallies))
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

/// `ATHLETE_20260131-174205`, UTC.
fn name(args: &RecordArgs, start: jiff::Timestamp) -> String {
    format!("{}_{}", args.athlete, session_name(start))
}

fn session_name(start: jiff::Timestamp) -> String {
    start.strftime("%Y%m%d-%H%M%S").to_string()
}

/// Standard deviation of a stature somebody wrote down, mm, as for imported files.
const STATURE_SIGMA_MM: f64 = 5.0;

fn create(args: &RecordArgs, start: jiff::Timestamp) -> anyhow::Result<RecordingWriter> {
    let stature = args.height.map(|height| Measured::new(height, Length::from_millimetres(STATURE_SIGMA_MM)));
    let session = SessionInfo {
        session: session_name(start),
        athlete: args.athlete.clone(),
        start_utc_ns: i64::try_from(start.as_nanosecond()).ok(),
        stance_side: Some(args.side),
        protocol: args.protocol.clone(),
        body: Anthropometry { stature, ..Anthropometry::default() },
        source: Source { format: "truehinge-mcap".to_owned(), ..Source::default() },
    };
    RecordingWriter::create(&args.out, &name(args, start), &session).map_err(|error| match error {
        error @ (RecordingError::Exists { .. } | RecordingError::Io { .. }) => unusable(error),
        other => other.into(),
    })
}

#[allow(clippy::disallowed_methods, reason = "the date of the session; nothing is computed with it")]
fn now_utc() -> jiff::Timestamp {
    jiff::Timestamp::try_from(std::time::SystemTime::now()).unwrap_or_default()
}

/// Fires at Ctrl-C and when the system asks the program to end.
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
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
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
