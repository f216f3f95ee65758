//! A virtual device for a GATT server in another process: what happens to it comes in by lines, what it does goes out by lines.
//!
//! ```text
//! virtual_sensor hip|shank movella-dot|nus        plays the deep run's session      virtual_sensor truth      prints what is true of it
//!
//! in    connected MTU · disconnected · subscribe UUID 0|1 · write UUID HEX · begin
//! out   first its GATT table as JSON; then    value UUID HEX (what a read gives) · notify UUID HEX
//! ```

use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use serde_json::json;
use truehinge_ble::gatt::Uuid;
use truehinge_core::{Protocol, SensorRole, Verdict};
use truehinge_sim::device::{Dot, Nus, VirtualDevice};
use truehinge_tests::player::{Player, short_session, track_of};

/// Rates of the two models.
const DOT_HZ: f64 = 60.0;
const NUS_HZ: f64 = 100.0;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["truth"] => println!("{}", truth()),
        [role, "movella-dot"] => play(role, Box::new(Dot::default()), DOT_HZ),
        [role, "nus"] => play(role, Box::new(Nus::new("Shin", NUS_HZ, 4)), NUS_HZ),
        _ => eprintln!("virtual_sensor hip|shank movella-dot|nus, or truth"),
    }
}

fn truth() -> serde_json::Value {
    let session = short_session(DOT_HZ, true);
    let limits = Protocol::default().criteria;
    let reps: Vec<_> = session
        .truth
        .reps
        .iter()
        .map(|rep| json!({ "start_s": rep.span.start.seconds(), "verdict": rep.expected(&limits).map(Verdict::name) }))
        .collect();
    json!({ "duration_s": session.duration, "reps": reps })
}

fn play(role: &str, device: Box<dyn VirtualDevice>, rate: f64) {
    let role = if role == "hip" { SensorRole::Hip } else { SensorRole::Shank };
    let player = Player::new(track_of(&short_session(rate, true), role));
    let (lines, happened) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                break;
            }
        }
    });
    #[allow(clippy::disallowed_methods, reason = "this process is the outside world, which has real time")]
    let start = Instant::now();
    Process { device, player, start }.run(&happened);
}

struct Process {
    device: Box<dyn VirtualDevice>,
    player: Player,
    start: Instant,
}

/// Between looks at the clock.
const LOOK: Duration = Duration::from_millis(2);

impl Process {
    fn run(mut self, happened: &Receiver<String>) {
        say(&self.table().to_string());
        self.tell_values();
        loop {
            loop {
                match happened.try_recv() {
                    Ok(line) => self.happens(&line),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            while let Some(sample) = self.player.next(self.start.elapsed()) {
                self.device.measure(&sample);
            }
            for outgoing in self.device.outgoing() {
                say(&format!("notify {} {}", outgoing.characteristic.as_simple(), hex(&outgoing.payload)));
            }
            std::thread::sleep(LOOK);
        }
    }

    fn table(&self) -> serde_json::Value {
        let advertisement = self.device.advertisement();
        let uuid = |uuid: Uuid| uuid.as_simple().to_string();
        let services: Vec<_> = self
            .device
            .services()
            .iter()
            .map(|service| {
                let of = |c: &truehinge_sim::device::Characteristic| json!({ "uuid": uuid(c.uuid), "flags": c.flags });
                json!({ "uuid": uuid(service.uuid), "characteristics": service.characteristics.iter().map(of).collect::<Vec<_>>() })
            })
            .collect();
        let advertised: Vec<String> = advertisement.services.into_iter().map(uuid).collect();
        json!({ "name": advertisement.name, "companies": advertisement.companies, "advertised": advertised, "services": services })
    }

    fn happens(&mut self, line: &str) {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["connected", mtu] => self.device.connected(mtu.parse().unwrap_or(23)),
            ["disconnected"] => self.device.disconnected(),
            ["begin"] => self.player.begin(self.start.elapsed()),
            ["subscribe", uuid, on] => {
                // Nobody is told of a refusal: the table says what can be subscribed to.
                let _ = self.device.subscribe(number(uuid), on == "1");
            }
            ["write", uuid, payload] => {
                // The same for writes.
                let _ = self.device.write(number(uuid), &bytes(payload));
                self.tell_values();
            }
            _ => eprintln!("not understood: {line}"),
        }
    }

    fn tell_values(&self) {
        for characteristic in self.device.services().iter().flat_map(|service| &service.characteristics) {
            if let Ok(value) = self.device.read(characteristic.uuid) {
                say(&format!("value {} {}", characteristic.uuid.as_simple(), hex(&value)));
            }
        }
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Who listened has gone, and so shall we with the next line from it.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn number(uuid: &str) -> Uuid {
    Uuid::parse_str(uuid).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
