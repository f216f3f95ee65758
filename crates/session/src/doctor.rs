//! `doctor`: is everything ready to record, and what to do if not.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio_util::sync::CancellationToken;
use truehinge_ble::driver::recognise;
use truehinge_ble::radio::{AdapterFacts, Found, HostClock, Radio, RadioLink};
use truehinge_ble::recorder::RecorderEvent;
use truehinge_ble::{ImuDriver, LinkError, Markers, SensorLink, SensorTally, record};
use truehinge_core::{HostTime, InertialSample, Nowhere, SampleRate, SensorRole, Track, TrackSamples};
use truehinge_signal::Method;
use truehinge_signal::clock::fit_track;

use super::record::stop_signal;
use crate::args::{Cli, DoctorArgs};
use crate::sensors::{Sensors, Wanted, Worn, identify};
use crate::{Outcome, WrongUsage, output, radio_runtime};

/// How a check came out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Grade {
    Ok,
    Warn,
    Fail,
}

/// One line of the result.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Check {
    #[serde(rename = "check")]
    what: String,
    grade: Grade,
    found: String,
    /// What to do; empty if nothing.
    next: String,
}

impl Check {
    fn new(what: impl Into<String>, grade: Grade, found: impl Into<String>, next: &str) -> Self {
        Self { what: what.into(), grade, found: found.into(), next: next.to_owned() }
    }
}

/// Runs the command.
pub fn run(args: &DoctorArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let mut checks = vec![disk(&args.out)];
    let remembered = Sensors::of(&args.out).unwrap_or_else(|error| {
        checks.push(Check::new("sensors of the last recording", Grade::Warn, format!("{error:#}"), "delete the file"));
        Sensors::default()
    });
    let wanted = remembered.wanted(&args.worn)?;
    let whole = radio_runtime()?.block_on(async {
        let stop = stop_signal()?;
        radio_checks(args, wanted, &mut checks, &stop).await?;
        anyhow::Ok(!stop.is_cancelled())
    })?;
    if cli.json {
        println!("{}", serde_json::to_string(&checks)?);
    } else {
        println!("{}", table(&checks));
    }
    Ok(match checks.iter().map(|check| check.grade).max() {
        _ if !whole => Outcome::Interrupted,
        Some(Grade::Fail) => Outcome::SomeFailed,
        _ => Outcome::Done,
    })
}

fn table(checks: &[Check]) -> comfy_table::Table {
    let mut table = output::table(&["", "check", "found", "what to do"]);
    for check in checks {
        let grade = match check.grade {
            Grade::Ok => "ok",
            Grade::Warn => "warn",
            Grade::Fail => "fail",
        };
        table.add_row([grade, &check.what, &check.found, &check.next]);
    }
    table
}

/// An hour of four sensors takes about this much.
const ENOUGH_SPACE: u64 = 1 << 30;
const LITTLE_SPACE: u64 = 100 << 20;

fn disk(folder: &Path) -> Check {
    let name = format!("disk, {}", folder.display());
    let next = "choose another folder with --out, or correct its permissions";
    let tried = std::fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder).map(|_| ()));
    if let Err(error) = tried {
        return Check::new(name, Grade::Fail, format!("nothing can be written there: {error}"), next);
    }
    match fs4::available_space(folder) {
        Err(error) => Check::new(name, Grade::Warn, format!("free space unknown: {error}"), "look for yourself"),
        Ok(free) => {
            let found = format!("{:.1} GB free", free as f64 / 1e9);
            match free {
                ENOUGH_SPACE.. => Check::new(name, Grade::Ok, found, ""),
                LITTLE_SPACE.. => Check::new(name, Grade::Warn, found, "free some space"),
                _ => Check::new(name, Grade::Fail, found, "free some space: a recording would end early"),
            }
        }
    }
}

/// Listening time, s.
const LISTEN: Duration = Duration::from_secs(5);

async fn radio_checks(
    args: &DoctorArgs,
    wanted: BTreeMap<SensorRole, Wanted>,
    checks: &mut Vec<Check>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let radio = Radio::new(args.radio.adapter.clone());
    let worn = tokio::select! {
        worn = present(&radio, wanted, args.worn.rate, checks) => worn?,
        () = stop.cancelled() => return Ok(()),
    };
    if !worn.is_empty() {
        // Not cut off like the rest: sensors that were started are stopped and let go first.
        checks.extend(measure(&radio, worn, args.seconds, stop).await);
    }
    Ok(())
}

/// The sensors to measure, once everything before them is in order.
///
/// # Errors
/// They do not have the rate.
async fn present(
    radio: &Arc<Radio>,
    wanted: BTreeMap<SensorRole, Wanted>,
    rate: Option<SampleRate>,
    checks: &mut Vec<Check>,
) -> anyhow::Result<Vec<Worn>> {
    let system = bluetooth(radio.adapter().await);
    let ready = system.iter().all(|check| check.grade == Grade::Ok);
    checks.extend(system);
    if !ready {
        return Ok(Vec::new());
    }
    let heard = match radio.scan(LISTEN, |_| false).await {
        Ok(heard) => heard,
        Err(error) => {
            checks.push(failed("listening", &error.to_string()));
            return Ok(Vec::new());
        }
    };
    checks.extend(reach(&heard, &wanted));
    let chosen = chosen(radio, &heard, wanted, rate).await;
    chosen.or_else(|error| match error {
        error if error.is::<WrongUsage>() => Err(error),
        error => {
            checks.push(failed("sensors", &error.to_string()));
            Ok(Vec::new())
        }
    })
}

/// What stands between this program and the air, outermost first, up to what is missing.
fn bluetooth(adapter: Result<AdapterFacts, LinkError>) -> Vec<Check> {
    const SERVICE: &str = "Bluetooth service";
    const PERMISSION: &str = "permission to use it";
    const ADAPTER: &str = "adapter and its driver";
    let answers = Check::new(SERVICE, Grade::Ok, "answers", "");
    let permitted = Check::new(PERMISSION, Grade::Ok, "given", "");
    match adapter {
        Ok(AdapterFacts { name, powered: true }) => {
            vec![answers, permitted, Check::new(ADAPTER, Grade::Ok, name, "")]
        }
        Ok(AdapterFacts { name, powered: false }) => {
            let next = "switch it on (Linux: `rfkill unblock bluetooth`, `bluetoothctl power on`)";
            vec![answers, permitted, Check::new(ADAPTER, Grade::Fail, format!("{name} is off"), next)]
        }
        Err(error @ LinkError::NotPermitted) => vec![answers, failed(PERMISSION, &error.to_string())],
        Err(error @ (LinkError::NoAdapter | LinkError::NoSuchAdapter { .. })) => {
            vec![answers, permitted, failed(ADAPTER, &error.to_string())]
        }
        Err(error) => vec![failed(SERVICE, &error.to_string())],
    }
}

/// The message of a failed call holds what to do after its last colon.
fn failed(check: &str, message: &str) -> Check {
    let (found, next) = message.split_once(": ").unwrap_or((message, "try again"));
    Check::new(check, Grade::Fail, found, next)
}

/// Weaker than this, packets get lost when a body is in between, dBm.
const WEAK: i16 = -80;

/// Who can be heard.
fn reach(heard: &[Found], wanted: &BTreeMap<SensorRole, Wanted>) -> Vec<Check> {
    let mut checks = Vec::new();
    for (role, Wanted { address, .. }) in wanted.iter().filter(|(_, w)| !heard.iter().any(|d| is(d, &w.address))) {
        let found = format!("{address} not heard in {} s", LISTEN.as_secs());
        checks.push(Check::new(format!("{role} sensor"), Grade::Fail, found, "switch it on, bring it near"));
    }
    let sensors: Vec<(&Found, &str)> = heard
        .iter()
        .filter_map(|device| recognise(&device.advertisement).map(|driver| (device, driver.model())))
        .collect();
    for (device, model) in &sensors {
        let name = device.advertisement.name.as_deref().unwrap_or("");
        let signal = device.signal.map_or_else(|| "in use".to_owned(), |dbm| format!("{dbm} dBm"));
        let weak = device.signal.is_some_and(|dbm| dbm < WEAK);
        let (grade, next) = if weak { (Grade::Warn, "bring it nearer") } else { (Grade::Ok, "") };
        let found = format!("{model} {name} {signal}");
        checks.push(Check::new(format!("in reach: {}", device.address), grade, found, next));
    }
    if sensors.len() < 2 {
        let found = format!("{} sensors heard, {} devices in all", sensors.len(), heard.len());
        checks.push(Check::new("sensors", Grade::Fail, found, "two are needed: switch them on and bring them near"));
    }
    checks
}

fn is(device: &Found, address: &str) -> bool {
    device.address.eq_ignore_ascii_case(address)
}

/// The sensors to measure, at this rate if one is given: those wanted that can be heard, or any two.
async fn chosen(
    radio: &Radio,
    heard: &[Found],
    wanted: BTreeMap<SensorRole, Wanted>,
    rate: Option<SampleRate>,
) -> anyhow::Result<Vec<Worn>> {
    let mut chosen = wanted;
    if chosen.is_empty() {
        let known = heard.iter().filter(|device| recognise(&device.advertisement).is_some());
        let any = |device: &Found| Wanted { address: device.address.clone(), model: None };
        chosen = [SensorRole::Hip, SensorRole::Shank].into_iter().zip(known.map(any)).collect();
    }
    chosen.retain(|_, wanted| heard.iter().any(|device| is(device, &wanted.address)));
    identify(radio, &chosen, rate).await
}

/// What a sensor showed while all of them were streaming.
#[derive(Default)]
struct Measured {
    first: Option<HostTime>,
    last: Option<HostTime>,
    samples: u64,
    battery: Option<u8>,
    trouble: Option<String>,
    kept: Vec<InertialSample>,
}

/// All sensors at once, as in a recording; nothing is kept.
async fn measure(radio: &Arc<Radio>, worn: Vec<Worn>, seconds: f64, stop: &CancellationToken) -> Vec<Check> {
    let clock = HostClock::start();
    let drivers: BTreeMap<SensorRole, Arc<dyn ImuDriver>> =
        worn.iter().map(|sensor| (sensor.role, Arc::clone(&sensor.driver))).collect();
    let links = worn
        .into_iter()
        .map(|sensor| SensorLink {
            role: sensor.role,
            link: Box::new(RadioLink::new(Arc::clone(radio), &sensor.address, clock)),
            driver: sensor.driver,
        })
        .collect();
    let stop = stop.child_token();
    let timer = stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(CONNECTING + Duration::from_secs_f64(seconds)).await;
        timer.cancel();
    });
    let mut measured: BTreeMap<SensorRole, Measured> = BTreeMap::new();
    let mut observer = |event: &RecorderEvent<'_>| observe(&mut measured, event);
    let recorded = record(links, &mut Nowhere, Markers::default(), stop, &mut observer).await;
    match recorded {
        Ok(tallies) => drivers
            .into_iter()
            .flat_map(|(role, driver)| {
                let seen = measured.remove(&role).unwrap_or_default();
                let nominal = driver.device().nominal_rate;
                let mut checks =
                    tallies.get(&role).map_or_else(Vec::new, |tally| streamed(role, nominal, &seen, tally));
                checks.extend(clock_check(role, &*driver, seen.kept));
                checks
            })
            .collect(),
        Err(error) => vec![failed("streaming", &error.to_string())],
    }
}

/// Time for connecting before the measurement, s.
const CONNECTING: Duration = Duration::from_secs(3);

fn observe(measured: &mut BTreeMap<SensorRole, Measured>, event: &RecorderEvent<'_>) {
    match event {
        RecorderEvent::Samples(role, samples) => {
            let of = measured.entry(*role).or_default();
            let arrival = samples.last().and_then(|sample| sample.arrival);
            match of.first {
                // What came with the first packet was measured before it.
                None => of.first = arrival,
                Some(_) => of.samples += samples.len() as u64,
            }
            of.last = arrival;
            of.kept.extend_from_slice(samples);
        }
        RecorderEvent::Battery(role, charge) => measured.entry(*role).or_default().battery = Some(*charge),
        RecorderEvent::Link(role, event) => {
            use truehinge_ble::LinkEvent::{Lost, Trouble};
            if let Lost { cause, .. } | Trouble { cause, .. } = event {
                measured.entry(*role).or_default().trouble = Some(cause.to_string());
            }
        }
        _ => {}
    }
}

/// Largest credible difference between the rate measured here and the one the sensor was set to.
const RATE_TOLERANCE: f64 = 0.05;
/// Largest share of lost samples that leaves the numbers as good as they are.
const LOSS_TOLERANCE: f64 = 0.01;
/// Charge below which a sensor may not last a session, per cent.
const LOW: u8 = 20;

fn streamed(role: SensorRole, nominal: Option<SampleRate>, seen: &Measured, tally: &SensorTally) -> Vec<Check> {
    let check = format!("{role} sensor, streaming");
    let time = seen.first.zip(seen.last).map(|(first, last)| (last - first).seconds()).filter(|time| *time > 0.0);
    let Some(time) = time else {
        let found = seen.trouble.clone().unwrap_or_else(|| "no data".to_owned());
        return vec![failed(&check, &found)];
    };
    let rate = seen.samples as f64 / time;
    let loss = tally.lost as f64 / (tally.received + tally.lost).max(1) as f64;
    let off = nominal.is_some_and(|nominal| (rate / nominal.hertz() - 1.0).abs() > RATE_TOLERANCE);
    let found =
        format!("{rate:.1} samples per second, {:.2} % lost, link lost {} times", 100.0 * loss, tally.link_losses);
    let (grade, next) = match (off, loss > LOSS_TOLERANCE, tally.link_losses) {
        (_, _, 1..) => (Grade::Fail, "bring it nearer, charge it"),
        (true, ..) => (Grade::Warn, "measure longer with --seconds 30; connect fewer devices to this computer"),
        (_, true, _) => (Grade::Warn, "bring it nearer; switch off other radios"),
        _ => (Grade::Ok, ""),
    };
    let mut checks = vec![Check::new(check, grade, found, next)];
    if let Some(charge) = seen.battery {
        let (grade, next) = if charge < LOW { (Grade::Warn, "charge it") } else { (Grade::Ok, "") };
        checks.push(Check::new(format!("{role} sensor, battery"), grade, format!("{charge} %"), next));
    }
    checks
}

/// Uncertainty of a sensor's clock against this computer's that costs nothing, ms: half a sample of a fast sensor.
const CLOCK_TOLERANCE_MS: f64 = 4.0;

/// How well the sensor's clock can be told from its packets; `None` where nothing came.
fn clock_check(role: SensorRole, driver: &dyn ImuDriver, samples: Vec<InertialSample>) -> Option<Check> {
    let (device, clock) = (driver.device(), driver.clock());
    let track = Track { role, device, clock, samples: TrackSamples::Inertial(samples), sequence_gaps: Vec::new() };
    let check = format!("{role} sensor, clock");
    let report = match fit_track(&track, None, &Method::default().clock) {
        Ok(model) => model.report(),
        Err(error) => return Some(Check::new(check, Grade::Fail, error.to_string(), "switch it off and on")),
    };
    let (sigma, skew) = (report.sigma_ms?, report.skew_ppm?);
    let found = format!("{skew:+.0} ppm against this computer, known to {sigma:.1} ms");
    let next = "bring it nearer, switch off other radios; sensors with their own time stamps are better";
    let (grade, next) = if sigma > CLOCK_TOLERANCE_MS { (Grade::Warn, next) } else { (Grade::Ok, "") };
    Some(Check::new(check, grade, found, next))
}
