//! What recording costs: `cargo bench -p truehinge-tests --bench recording`. Prints a table; needs `dbus-daemon`.
//!
//! * from the stamp at the socket to the recorder's storage, through the real btleplug and an emulated BlueZ, two sensors of 120 Hz;
//! * processor time of the program while it records them, live analysis included;
//! * memory of recorder and live session over an hour of two sensors, as fast as it goes.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts that wrap as a sensor's do, indices"
)]

use std::fs;
use std::io;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use truehinge_ble::driver::nus::{NusDriver, Profile, TX, encode_frame};
use truehinge_ble::link::Timing;
use truehinge_ble::radio::{HostClock, Radio, RadioLink};
use truehinge_ble::recorder::RecorderEvent;
use truehinge_ble::{ImuLink, LinkError, LinkEvent, Markers, SensorLink, record};
use truehinge_core::{
    Anthropometry, AthleteId, ClockKind, DeviceInfo, HostTime, InertialSample, Marker, MarkerKind, Notification,
    Protocol, Provenance, RecordSink, SensorRole, SessionInfo, Side, Source,
};
use truehinge_signal::PipelineParams;
use truehinge_signal::live::LiveSession;
use truehinge_tests::recording::{HIP, SHANK, two_sensors};

/// Keeps nothing but how late notifications came.
struct Lateness {
    clock: HostClock,
    millis: Vec<f64>,
    /// Keeps nothing at all.
    off: bool,
}

impl RecordSink for Lateness {
    fn sensor(&mut self, _: SensorRole, _: &DeviceInfo, _: ClockKind) -> io::Result<()> {
        Ok(())
    }
    fn notification(&mut self, _: SensorRole, notification: &Notification) -> io::Result<()> {
        if self.off {
            return Ok(());
        }
        self.millis.push((self.clock.now() - notification.received_at).seconds() * 1e3);
        Ok(())
    }
    fn samples(&mut self, _: SensorRole, _: &[InertialSample]) -> io::Result<()> {
        Ok(())
    }
    fn gap(&mut self, _: SensorRole, _: u64) -> io::Result<()> {
        Ok(())
    }
    fn marker(&mut self, _: &Marker) -> io::Result<()> {
        Ok(())
    }
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// In a process of its own: the bus is given by its environment.
fn lateness() {
    let Some((bus, _bluez)) = two_sensors() else { return };
    let own = std::env::current_exe().expect("runs");
    let status = Command::new(own).arg(LATENESS).env("DBUS_SYSTEM_BUS_ADDRESS", bus.address()).status();
    assert!(status.is_ok_and(|status| status.success()), "recording failed");
}

/// Names the part that runs in a process of its own.
const LATENESS: &str = "lateness";

fn measure_lateness() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("runtime");
    let clock = HostClock::start();
    let mut sink = Lateness { clock, millis: Vec::new(), off: false };
    runtime.block_on(async {
        let (radio, stop) = (Radio::new(None), CancellationToken::new());
        let link = |(role, address): (SensorRole, &str)| SensorLink {
            role,
            link: Box::new(RadioLink::new(radio.clone(), address, clock)),
            driver: Arc::new(NusDriver::default()),
        };
        let sensors = [(SensorRole::Hip, HIP), (SensorRole::Shank, SHANK)].map(link).into();
        let end = stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(20)).await;
            end.cancel();
        });
        record(sensors, &mut sink, Markers::default(), stop, &mut |_| {}).await.expect("records");
    });
    sink.millis.sort_by(f64::total_cmp);
    let at = |share: f64| sink.millis[(share * (sink.millis.len() - 1) as f64) as usize];
    println!(
        "| socket to storage, ms (median, 99 %, largest of {}) | {:.3} | {:.3} | {:.3} |",
        sink.millis.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

/// Processor time of a process so far, s: user and system, in the kernel's hundredths.
fn processor_time(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    [11, 12].iter().filter_map(|&i| fields.get(i)?.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn processor() {
    let Some((bus, _bluez)) = two_sensors() else { return };
    let released = truehinge_tests::root().join("target/release/truehinge");
    let program = if released.exists() { released } else { truehinge_tests::program() };
    let out = tempfile::tempdir().expect("temporary folder");
    let mut child = Command::new(&program)
        .args([
            "record",
            "--headless",
            "--json",
            "--athlete",
            "P-1",
            "--side",
            "left",
            "--hip",
            HIP,
            "--shank",
            SHANK,
            "--out",
        ])
        .arg(out.path())
        .env("DBUS_SYSTEM_BUS_ADDRESS", bus.address())
        .stdout(Stdio::null())
        .spawn()
        .expect("starts");
    let seconds = 20;
    std::thread::sleep(Duration::from_secs(5));
    let before = processor_time(child.id());
    std::thread::sleep(Duration::from_secs(seconds));
    let share = 100.0 * (processor_time(child.id()) - before) / seconds as f64;
    // It has done what it was started for.
    let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    let _ = child.wait();
    let kind = if program.to_string_lossy().contains("release") { "release" } else { "dev build" };
    println!("| processor while recording two sensors of 120 Hz, % of a core ({kind}) | {share:.1} | | |");
}

/// Frames of a sensor that lies still, made when they are asked for.
struct Endless {
    sent: u64,
    frames: u64,
    begun: bool,
}

const FRAME_S: f64 = 4.0 / 120.0;

#[async_trait]
impl ImuLink for Endless {
    fn name(&self) -> String {
        "endless".to_owned()
    }
    fn timing(&self) -> Timing {
        Timing::Simulated
    }
    async fn subscribe(&mut self, _: u128) -> Result<(), LinkError> {
        Ok(())
    }
    async fn write(&mut self, _: u128, _: &[u8], _: bool) -> Result<(), LinkError> {
        Ok(())
    }
    async fn read(&mut self, _: u128) -> Result<(), LinkError> {
        Ok(())
    }
    async fn next(&mut self) -> Option<LinkEvent> {
        let at = HostTime::from_seconds(self.sent as f64 * FRAME_S);
        if !std::mem::replace(&mut self.begun, true) {
            return Some(LinkEvent::Connected { at, mtu: 247 });
        }
        if self.sent == self.frames {
            return None;
        }
        let micros = (self.sent as f64 * FRAME_S * 1e6) as u64;
        let turn = (self.sent % 7) as i16;
        let payload = encode_frame(self.sent as u16, micros as u32, 8333, &[[turn, 0, 4096, turn, 0, 0]; 4]);
        self.sent += 1;
        Some(LinkEvent::Notification(Notification { characteristic: TX, received_at: at, payload }))
    }
}

fn resident_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

fn session() -> SessionInfo {
    SessionInfo {
        session: "hour".to_owned(),
        athlete: AthleteId::new("P-1".to_owned()).expect("a pseudonym"),
        start_utc_ns: None,
        stance_side: Some(Side::Left),
        protocol: "single-leg-hip-hinge".to_owned(),
        body: Anthropometry::default(),
        source: Source::default(),
    }
}

fn memory() {
    let profile = Profile { rate_hz: Some(120.0), ..Profile::default() };
    let driver = Arc::new(NusDriver { profile });
    let link = |role| SensorLink {
        role,
        link: Box::new(Endless { sent: 0, frames: (3600.0 / FRAME_S) as u64, begun: false }),
        driver: driver.clone(),
    };
    let provenance = Provenance {
        version: String::new(),
        protocol: Protocol::default(),
        config_sha256: String::new(),
        input_sha256: String::new(),
    };
    let mut live = LiveSession::new(session(), Protocol::default(), PipelineParams::default(), provenance);
    for role in [SensorRole::Hip, SensorRole::Shank] {
        live.sensor(role, &truehinge_ble::ImuDriver::device(&*driver), ClockKind::Device);
    }
    live.marker(&Marker { at: HostTime::ZERO, kind: MarkerKind::SetStart { side: Side::Left } });
    let mut at_minute: Vec<f64> = Vec::new();
    let mut sink = Lateness { clock: HostClock::start(), millis: Vec::new(), off: true };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    let mut observer = |event: &RecorderEvent<'_>| {
        if let RecorderEvent::Samples(role, samples) = event {
            live.samples(*role, samples, &mut |_| {});
            let now = samples.last().and_then(|sample| sample.arrival).map_or(0.0, HostTime::seconds);
            if now >= 60.0 * (at_minute.len() + 1) as f64 {
                at_minute.push(resident_mb());
            }
        }
    };
    let sensors = vec![link(SensorRole::Hip), link(SensorRole::Shank)];
    runtime
        .block_on(record(sensors, &mut sink, Markers::default(), CancellationToken::new(), &mut observer))
        .expect("records");
    let minute = |n: usize| at_minute.get(n - 1).copied().unwrap_or(f64::NAN);
    println!(
        "| memory after 10, 30 and 59 minutes of two sensors, MB | {:.0} | {:.0} | {:.0} |",
        minute(10),
        minute(30),
        minute(59)
    );
}

fn main() {
    if std::env::args().any(|argument| argument == LATENESS) {
        return measure_lateness();
    }
    println!("| figure | | | |\n|---|---|---|---|");
    memory();
    processor();
    lateness();
}
