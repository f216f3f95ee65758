//! A recording that runs: the program as a process, its lines as they come, and what it left behind.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;
use truehinge_ble::driver::nus::TX;
use truehinge_ble::gatt::Uuid;
use truehinge_core::SensorRole;
use truehinge_sim::SimulatedSession;
use truehinge_sim::device::{Board, Dot, MetaMotion, VirtualDevice};

use crate::bluez::{Bluez, Hosted, NusSensor, PrivateBus, Sensor};
use crate::player::{short_session, track_of};

/// Address of the first emulated sensor.
pub const HIP: &str = "C0:11:22:33:44:55";
/// Address of the second.
pub const SHANK: &str = "C1:11:22:33:44:55";

/// Two sensors of 120 Hz on a bus of their own.
///
/// # Panics
/// There is no `dbus-daemon`, here and below.
pub fn two_sensors() -> (PrivateBus, Bluez) {
    with_sensors(NusSensor::new("HIP", 120.0), NusSensor::new("SHIN", 120.0))
}

/// The same with these two.
pub fn with_sensors(hip: NusSensor, shank: NusSensor) -> (PrivateBus, Bluez) {
    on_the_air(vec![(HIP, Box::new(hip)), (SHANK, Box::new(shank))])
}

/// Any sensors by their addresses.
pub fn on_the_air(sensors: Vec<(&str, Box<dyn Sensor>)>) -> (PrivateBus, Bluez) {
    let bus = PrivateBus::start();
    let bluez = Bluez::start(&bus.address(), sensors);
    (bus, bluez)
}

/// A session played by two models that measure at their own rates, so that clocks, batches and starts differ; it begins so long after the
/// sensors are heard. With how long to record it, s.
pub fn session_on_two_models(after: Duration) -> (PrivateBus, Bluez, String) {
    on_two_models(after, |rate| short_session(rate, false))
}

/// The same of any session, by the rate of the sensors that measure it.
pub fn on_two_models(after: Duration, session: impl Fn(f64) -> SimulatedSession) -> (PrivateBus, Bluez, String) {
    let models: [(f64, Box<dyn VirtualDevice>); 2] =
        [(60.0, Box::new(Dot::default())), (100.0, Box::new(MetaMotion::new(Board::S)))];
    let worn = [(HIP, SensorRole::Hip), (SHANK, SensorRole::Shank)];
    let sensors = models.into_iter().zip(worn).map(|((rate, device), (address, role))| {
        let hosted = Hosted::playing(device, track_of(&session(rate), role), after);
        (address, Box::new(hosted) as Box<dyn Sensor>)
    });
    let (bus, bluez) = on_the_air(sensors.collect());
    (bus, bluez, (session(60.0).duration + after.as_secs_f64() + 1.0).to_string())
}

/// A running `truehinge record --json`.
pub struct Live {
    child: Child,
    lines: Receiver<Value>,
    /// What it has said so far.
    pub said: Vec<Value>,
}

impl Live {
    /// Starts it, with both sensors and these further arguments.
    ///
    /// # Panics
    /// It does not start.
    pub fn record(bus: &PrivateBus, out: &Path, more: &[&str]) -> Self {
        Self::record_of(bus, out, &["--athlete", "P-014"], more)
    }

    /// The same of other people.
    ///
    /// # Panics
    /// It does not start.
    pub fn record_of(bus: &PrivateBus, out: &Path, who: &[&str], more: &[&str]) -> Self {
        let mut command = Command::new(crate::program());
        command
            .args(["record", "--headless", "--json", "--side", "left"])
            .args(who)
            .args(["--hip", HIP, "--shank", SHANK, "--out"])
            .arg(out)
            .args(more)
            .env("DBUS_SYSTEM_BUS_ADDRESS", bus.address())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => panic!("the program does not start: {error}"),
        };
        let (sender, lines) = channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Self { child, lines, said: Vec::new() }
    }

    /// Waits for an event of a sensor, or of the session if `role` is empty.
    ///
    /// # Panics
    /// It does not come within 40 s.
    pub fn wait_for(&mut self, event: &str, role: &str) -> Value {
        self.wait_until(|line| line["event"] == event && (role.is_empty() || line["sensor"] == role))
    }

    /// Waits until both sensors have sent this many samples in all.
    ///
    /// # Panics
    /// They do not within 40 s.
    pub fn wait_for_samples(&mut self, least: u64) {
        let enough = |line: &Value, role: &str| line["samples"][role].as_u64().is_some_and(|n| n >= least);
        self.wait_until(|line| enough(line, "hip") && enough(line, "shank"));
    }

    /// Waits for a line.
    ///
    /// # Panics
    /// It does not come within 40 s.
    pub fn wait_until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let Ok(line) = self.lines.recv_timeout(Duration::from_secs(40)) else {
                // Its last words are the best explanation.
                let _ = self.child.kill();
                let complaints = self.complaints();
                panic!("it did not come; said: {:#?}; stderr: {complaints}", self.said);
            };
            self.said.push(line.clone());
            if wanted(&line) {
                return line;
            }
        }
    }

    /// Sends a signal, such as `-INT`.
    pub fn signal(&self, signal: &str) {
        // Should there be no `kill`, the wait for the end fails.
        let _ = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
    }

    /// Waits for the end and gives everything it said.
    ///
    /// # Panics
    /// It cannot be waited for.
    pub fn end(mut self) -> Ended {
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(40)) {
            self.said.push(line);
        }
        let complaints = self.complaints();
        match self.child.wait() {
            Ok(status) => Ended { status, said: self.said, complaints },
            Err(error) => panic!("{error}"),
        }
    }

    fn complaints(&mut self) -> String {
        let mut text = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            // What cannot be read was not complained about.
            let _ = std::io::Read::read_to_string(&mut stderr, &mut text);
        }
        text
    }
}

/// A recording that has ended.
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// Everything on standard output.
    pub said: Vec<Value>,
    /// Everything on standard error.
    pub complaints: String,
}

impl Ended {
    /// The last line's numbers of a sensor.
    ///
    /// # Panics
    /// There is no last line.
    pub fn tally(&self, role: &str) -> &Value {
        match self.said.last() {
            Some(last) if last["event"] == "end" => &last["sensors"][role],
            _ => panic!("it did not end well: {:#?} {}", self.said, self.complaints),
        }
    }

    /// A number of a sensor's tally.
    ///
    /// # Panics
    /// It is not there.
    pub fn count(&self, role: &str, name: &str) -> u64 {
        match self.tally(role)[name].as_u64() {
            Some(count) => count,
            None => panic!("no {name} in {:?}", self.said.last()),
        }
    }

    /// The events of a sensor, in order.
    pub fn events(&self, role: &str) -> Vec<&str> {
        self.said.iter().filter(|line| line["sensor"] == role).filter_map(|line| line["event"].as_str()).collect()
    }

    /// Path of the recording.
    ///
    /// # Panics
    /// It named none.
    pub fn recording(&self) -> PathBuf {
        let named = self.said.iter().rev().find_map(|line| line["recording"].as_str());
        match named {
            Some(path) => PathBuf::from(path),
            None => panic!("no recording: {}", self.complaints),
        }
    }
}

/// What a recording holds, read with nothing but the MCAP library: messages by topic, in order.
///
/// # Panics
/// It cannot be read.
pub fn stored(path: &Path) -> BTreeMap<String, Vec<Vec<u8>>> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => panic!("{}: {error}", path.display()),
    };
    let mut topics: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    let messages = match mcap::MessageStream::new(&bytes) {
        Ok(messages) => messages,
        Err(error) => panic!("{}: {error}", path.display()),
    };
    for message in messages {
        match message {
            Ok(message) => topics.entry(message.channel.topic.clone()).or_default().push(message.data.into_owned()),
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }
    topics
}

/// Frame counters of a sensor's stored notifications, one list for each connection.
pub fn connections(stored: &BTreeMap<String, Vec<Vec<u8>>>, role: &str) -> Vec<Vec<u16>> {
    let mut connections: Vec<Vec<u16>> = Vec::new();
    for data in stored.get(&format!("/{role}/raw")).into_iter().flatten() {
        let Some((uuid, payload)) = data.split_first_chunk::<16>() else { continue };
        match (Uuid::from_bytes(*uuid), payload) {
            (uuid, _) if uuid.is_nil() => connections.push(Vec::new()),
            (TX, [0xa5, 0x5a, 1, 1, low, high, ..]) => {
                if let Some(last) = connections.last_mut() {
                    last.push(u16::from_le_bytes([*low, *high]));
                }
            }
            _ => {}
        }
    }
    connections
}
