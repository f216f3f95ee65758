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

use tokio_util::sync::CancellationToken;
use truehinge_ble::driver::nus::NusDriver;
use truehinge_ble::radio::{HostClock, Radio, RadioLink};
use truehinge_ble::{Markers, SensorLink, record};
use truehinge_core::{ClockKind, DeviceInfo, InertialSample, Marker, Notification, RecordSink, SensorRole};
use truehinge_tests::endless::memory_of_an_hour;
use truehinge_tests::recording::{HIP, SHANK, two_sensors};

/// Keeps nothing but how late notifications came.
struct Lateness {
    clock: HostClock,
    millis: Vec<f64>,
}

impl RecordSink for Lateness {
    fn sensor(&mut self, _: SensorRole, _: &DeviceInfo, _: ClockKind) -> io::Result<()> {
        Ok(())
    }
    fn notification(&mut self, _: SensorRole, notification: &Notification) -> io::Result<()> {
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
    let (bus, _bluez) = two_sensors();
    let own = std::env::current_exe().expect("runs");
    let status = Command::new(own).arg(LATENESS).env("DBUS_SYSTEM_BUS_ADDRESS", bus.address()).status();
    assert!(status.is_ok_and(|status| status.success()), "recording failed");
}

/// Names the part that runs in a process of its own.
const LATENESS: &str = "lateness";

fn measure_lateness() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("runtime");
    let clock = HostClock::start();
    let mut sink = Lateness { clock, millis: Vec::new() };
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
    let (bus, _bluez) = two_sensors();
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

fn memory() {
    let at_minute = memory_of_an_hour();
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
