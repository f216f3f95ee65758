//! Is everything ready to record, and what to do if not: disk, Bluetooth, sensors in reach, how they stream, their clocks.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio_util::sync::CancellationToken;
use truehinge_ble::driver::recognise;
use truehinge_ble::radio::{AdapterFacts, Found, HostClock, Radio, RadioLink};
use truehinge_ble::recorder::RecorderEvent;
use truehinge_ble::{ImuDriver, LinkError, Markers, SensorLink, SensorTally, record};
use truehinge_core::{Explained, HostTime, InertialSample, Nowhere, SampleRate, SensorRole, Track, TrackSamples};
use truehinge_signal::Method;
use truehinge_signal::clock::fit_track;

use crate::sensors::{Sensors, SensorsError, Wanted, Worn, identify};

/// How a check came out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// As it should be.
    Ok,
    /// A recording can be made, and may be worse for it.
    Warn,
    /// No recording can be made, or not of this sensor.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Check {
    /// What.
    #[serde(rename = "check")]
    pub what: String,
    /// How it came out.
    pub grade: Grade,
    /// What was found, in words.
    pub found: String,
    /// What to do about it; nothing if it is empty.
    pub next: Cow<'static, str>,
    /// What it is, for whoever has more to say about it: the code of an error that was met.
    #[serde(skip)]
    pub code: Option<&'static str>,
}

/// Code of a folder that nothing can be written to.
pub const NO_FOLDER: &str = "doctor_no_folder";
/// Code of a measurement that was too short to be sure of a rate.
pub const TOO_SHORT: &str = "doctor_too_short";

impl Check {
    fn new(
        what: impl Into<String>,
        grade: Grade,
        found: impl Into<String>,
        next: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { what: what.into(), grade, found: found.into(), next: next.into(), code: None }
    }

    fn ok(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(what, Grade::Ok, found, "")
    }

    /// An error: what was found and what to do are its two parts.
    fn failed(what: impl Into<String>, error: &impl Explained) -> Self {
        let next = error.hint().unwrap_or("try again".into());
        Self::new(what, Grade::Fail, error.found(), next).of(error.code())
    }

    fn of(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }
}

/// What is to be looked at.
#[derive(Clone, Debug)]
pub struct Doctor {
    /// Folder for recordings.
    pub folder: PathBuf,
    /// The sensors; for places that are not given those of the last recording, or the first two that are heard.
    pub given: Vec<(SensorRole, Wanted)>,
    /// The rate of all sensors; the usual one of each if not given.
    pub rate: Option<SampleRate>,
    /// How long they are measured, s.
    pub seconds: f64,
}

impl Doctor {
    /// Looks at everything, until `stop` fires.
    ///
    /// # Errors
    /// A sensor is given for two places; the sensors do not have the rate.
    pub async fn examine(&self, radio: &Arc<Radio>, stop: &CancellationToken) -> Result<Vec<Check>, SensorsError> {
        let mut checks = vec![disk(&self.folder)];
        let remembered = Sensors::of(&self.folder).unwrap_or_else(|error| {
            let check = Check::failed("sensors of the last recording", &error);
            checks.push(Check { grade: Grade::Warn, ..check });
            Sensors::default()
        });
        let wanted = remembered.wanted(&self.given)?;
        let worn = tokio::select! {
            worn = present(radio, wanted, self.rate, &mut checks) => worn?,
            () = stop.cancelled() => return Ok(checks),
        };
        if !worn.is_empty() {
            // Not cut off like the rest: sensors that were started are stopped and let go first.
            checks.extend(measure(radio, worn, self.seconds, stop).await);
        }
        Ok(checks)
    }
}

/// An hour of four sensors takes about this much.
const ENOUGH_SPACE: u64 = 1 << 30;
const LITTLE_SPACE: u64 = 100 << 20;

fn disk(folder: &Path) -> Check {
    let name = format!("disk, {}", folder.display());
    let tried = std::fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder).map(|_| ()));
    if let Err(error) = tried {
        let next = "choose another folder, or correct its permissions";
        return Check::new(name, Grade::Fail, format!("nothing can be written there: {error}"), next).of(NO_FOLDER);
    }
    match fs4::available_space(folder) {
        Err(error) => Check::new(name, Grade::Warn, format!("free space unknown: {error}"), "look for yourself"),
        Ok(free) => {
            let found = format!("{:.1} GB free", free as f64 / 1e9);
            match free {
                ENOUGH_SPACE.. => Check::ok(name, found),
                LITTLE_SPACE.. => Check::new(name, Grade::Warn, found, "free some space"),
                _ => Check::new(name, Grade::Fail, found, "free some space: a recording would end early"),
            }
        }
    }
}

/// Listening time, s.
const LISTEN: Duration = Duration::from_secs(5);

/// The sensors to measure, once everything before them is in order.
///
/// # Errors
/// They do not have the rate.
async fn present(
    radio: &Arc<Radio>,
    wanted: BTreeMap<SensorRole, Wanted>,
    rate: Option<SampleRate>,
    checks: &mut Vec<Check>,
) -> Result<Vec<Worn>, SensorsError> {
    let system = bluetooth(radio.adapter().await);
    let ready = system.iter().all(|check| check.grade == Grade::Ok);
    checks.extend(system);
    if !ready {
        return Ok(Vec::new());
    }
    let heard = match radio.scan(LISTEN, |_| false).await {
        Ok(heard) => heard,
        Err(error) => {
            checks.push(Check::failed("listening", &error));
            return Ok(Vec::new());
        }
    };
    checks.extend(reach(&heard, &wanted));
    let chosen = chosen(radio, &heard, wanted, rate).await;
    chosen.or_else(|error| match error {
        error @ SensorsError::Rate { .. } => Err(error),
        error => {
            checks.push(Check::failed("sensors", &error));
            Ok(Vec::new())
        }
    })
}

/// What stands between this program and the air, outermost first, up to what is missing.
fn bluetooth(adapter: Result<AdapterFacts, LinkError>) -> Vec<Check> {
    const SERVICE: &str = "Bluetooth service";
    const PERMISSION: &str = "permission to use it";
    const ADAPTER: &str = "adapter and its driver";
    let answers = Check::ok(SERVICE, "answers");
    let permitted = Check::ok(PERMISSION, "given");
    match adapter {
        Ok(AdapterFacts { name, powered: true }) => {
            vec![answers, permitted, Check::ok(ADAPTER, name)]
        }
        Ok(AdapterFacts { name, powered: false }) => {
            let next = "switch it on (Linux: `rfkill unblock bluetooth`, `bluetoothctl power on`)";
            vec![answers, permitted, Check::new(ADAPTER, Grade::Fail, format!("{name} is off"), next)]
        }
        Err(error @ LinkError::NotPermitted) => vec![answers, Check::failed(PERMISSION, &error)],
        Err(error @ (LinkError::NoAdapter | LinkError::NoSuchAdapter { .. })) => {
            vec![answers, permitted, Check::failed(ADAPTER, &error)]
        }
        Err(error) => vec![Check::failed(SERVICE, &error)],
    }
}

/// Weaker than this, packets get lost when a body is in between, dBm.
const WEAK: i16 = -80;

/// Who can be heard.
fn reach(heard: &[Found], wanted: &BTreeMap<SensorRole, Wanted>) -> Vec<Check> {
    let mut checks = Vec::new();
    for (role, Wanted { address, .. }) in wanted.iter().filter(|(_, w)| !heard.iter().any(|d| is(d, &w.address))) {
        let found = format!("{address} not heard in {} s", LISTEN.as_secs());
        let next = "switch it on, bring it near";
        checks.push(Check::new(format!("{role} sensor"), Grade::Fail, found, next));
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
        let next = "two are needed: switch them on and bring them near";
        checks.push(Check::new("sensors", Grade::Fail, found, next));
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
) -> Result<Vec<Worn>, SensorsError> {
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
    trouble: Option<LinkError>,
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
        Err(error) => vec![Check::failed("streaming", &error)],
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
                measured.entry(*role).or_default().trouble = Some(cause.clone());
            }
        }
        _ => {}
    }
}

/// Largest credible difference between the rate measured here and the one the sensor was set to.
const RATE_TOLERANCE: f64 = 0.05;
/// Measuring so long shows the rate of any sensor.
const MEASURE_LONGER: &str = "measure for 30 s; connect fewer devices to this computer";
/// Largest share of lost samples that leaves the numbers as good as they are.
const LOSS_TOLERANCE: f64 = 0.01;
/// Charge below which a sensor may not last a session, per cent.
const LOW: u8 = 20;

fn streamed(role: SensorRole, nominal: Option<SampleRate>, seen: &Measured, tally: &SensorTally) -> Vec<Check> {
    let check = format!("{role} sensor, streaming");
    let time = seen.first.zip(seen.last).map(|(first, last)| (last - first).seconds()).filter(|time| *time > 0.0);
    let Some(time) = time else {
        let no_data = || Check::new(&*check, Grade::Fail, "no data", "try again");
        return vec![seen.trouble.as_ref().map_or_else(no_data, |trouble| Check::failed(&*check, trouble))];
    };
    let rate = seen.samples as f64 / time;
    let loss = tally.lost as f64 / (tally.received + tally.lost).max(1) as f64;
    let off = nominal.is_some_and(|nominal| (rate / nominal.hertz() - 1.0).abs() > RATE_TOLERANCE);
    let found =
        format!("{rate:.1} samples per second, {:.2} % lost, link lost {} times", 100.0 * loss, tally.link_losses);
    let short = off && tally.link_losses == 0;
    let (grade, next) = match (off, loss > LOSS_TOLERANCE, tally.link_losses) {
        (_, _, 1..) => (Grade::Fail, "bring it nearer, charge it"),
        (true, ..) => (Grade::Warn, MEASURE_LONGER),
        (_, true, _) => (Grade::Warn, "bring it nearer; switch off other radios"),
        _ => (Grade::Ok, ""),
    };
    let streaming = Check::new(check, grade, found, next);
    let mut checks = vec![if short { streaming.of(TOO_SHORT) } else { streaming }];
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_call_is_what_was_found_and_what_to_do() {
        let said = "Failed to connect to socket /run/dbus/system_bus_socket: No such file or directory".to_owned();
        let check = Check::failed("Bluetooth service", &LinkError::NoBus { said });
        assert!(check.found.ends_with("No such file or directory)"), "{check:?}");
        assert_eq!(check.next, "check that the system bus and Bluetooth are running");
        assert_eq!(check.code, Some("bluetooth_no_bus"));
        let unknown = LinkError::System { call: "scan", said: "nobody knows".to_owned() };
        assert_eq!(Check::failed("listening", &unknown).next, "try again");
        let off = bluetooth(Err(LinkError::NoAdapter));
        let grades: Vec<Grade> = off.iter().map(|check| check.grade).collect();
        assert_eq!(grades, [Grade::Ok, Grade::Ok, Grade::Fail]);
    }

    #[test]
    fn a_check_is_one_object_in_words() {
        let next = "choose another folder, or correct its permissions";
        let check = Check::new("disk", Grade::Fail, "nothing can be written there", next).of(NO_FOLDER);
        assert_eq!(
            serde_json::to_string(&check).expect("JSON"),
            r#"{"check":"disk","grade":"fail","found":"nothing can be written there","next":"choose another folder, or correct its permissions"}"#
        );
    }

    #[test]
    fn a_folder_that_is_a_file_is_no_place_for_recordings() {
        let folder = tempfile::tempdir().expect("temporary folder");
        assert_ne!(disk(folder.path()).grade, Grade::Fail);
        let file = folder.path().join("a");
        std::fs::write(&file, b"").expect("writes");
        let check = disk(&file);
        assert!(check.grade == Grade::Fail && check.code == Some(NO_FOLDER), "{check:?}");
    }

    #[test]
    fn sensors_that_are_wanted_and_not_heard_are_named() {
        let wanted = BTreeMap::from([(SensorRole::Hip, Wanted { address: "AA".to_owned(), model: None })]);
        let checks = reach(&[], &wanted);
        let found: Vec<&str> = checks.iter().map(|check| check.found.as_str()).collect();
        assert_eq!(found, ["AA not heard in 5 s", "0 sensors heard, 0 devices in all"]);
    }
}
