//! What a recording says while it runs: one line for everything that happens, for people or as JSON.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use truehinge_ble::recorder::RecorderEvent;
use truehinge_ble::{LinkEvent, SensorTally};
use truehinge_core::{HostTime, SensorRole};

use crate::sensors::Worn;

/// Host time between lines about the samples, s.
const EVERY: f64 = 1.0;
/// Charge below which a sensor may not last, per cent.
const LOW: u8 = 20;

/// Speaks on standard output.
pub struct Voice {
    json: bool,
    samples: BTreeMap<SensorRole, u64>,
    spoken: f64,
}

impl Voice {
    /// For people, or for programs.
    pub fn new(json: bool) -> Self {
        Self { json, samples: BTreeMap::new(), spoken: 0.0 }
    }

    /// The recording begins.
    pub fn begins(&mut self, recording: &Path, worn: &[Worn]) {
        self.samples = worn.iter().map(|sensor| (sensor.role, 0)).collect();
        let sensors: Vec<Value> = worn
            .iter()
            .map(|sensor| json!({ "role": sensor.role, "address": sensor.address, "model": sensor.driver.model() }))
            .collect();
        self.say(&json!({ "event": "begin", "recording": recording, "sensors": sensors }), || {
            format!("recording to {}; Ctrl-C ends it", recording.display())
        });
    }

    /// Something happened.
    pub fn hears(&mut self, event: &RecorderEvent<'_>) {
        match event {
            RecorderEvent::Samples(role, samples) => {
                *self.samples.entry(*role).or_default() += samples.len() as u64;
                if let Some(arrival) = samples.last().and_then(|sample| sample.arrival) {
                    self.count(arrival);
                }
            }
            RecorderEvent::Link(role, event) => self.link(*role, event),
            RecorderEvent::Battery(role, charge) => {
                self.say(&json!({ "event": "battery", "role": role, "percent": charge }), || {
                    let advice = if *charge < LOW { ": charge it before the next session" } else { "" };
                    format!("{role}: battery {charge} %{advice}")
                });
            }
            RecorderEvent::Undecodable(role, error) => {
                self.say(&json!({ "event": "undecodable", "role": role, "cause": error.name() }), || {
                    format!("{role}: {error}")
                });
            }
            RecorderEvent::Marker(_) | RecorderEvent::Gap(..) => {}
        }
    }

    /// The recording is complete.
    pub fn ends(&mut self, recording: &Path, tallies: &BTreeMap<SensorRole, SensorTally>) {
        let sensors: BTreeMap<&str, Value> =
            tallies.iter().map(|(role, tally)| (role.name(), tally_json(tally))).collect();
        self.say(&json!({ "event": "end", "recording": recording, "sensors": sensors }), || {
            let lines: Vec<String> = tallies
                .iter()
                .map(|(role, t)| {
                    format!(
                        "{role}: {} samples, {} lost on the air, link lost {} times\n",
                        t.received, t.lost, t.link_losses
                    )
                })
                .collect();
            format!("{}recording  {}", lines.concat(), recording.display())
        });
    }

    fn link(&self, role: SensorRole, event: &LinkEvent) {
        let at = event.at().seconds();
        let (name, more, words) = match event {
            LinkEvent::Connected { mtu, .. } => ("connected", json!({ "mtu": mtu }), "connected".to_owned()),
            LinkEvent::Signal { dbm, .. } => ("signal", json!({ "dbm": dbm }), format!("heard with {dbm} dBm")),
            LinkEvent::Silent { since, .. } => {
                let seconds = since.as_secs_f64();
                ("silent", json!({ "seconds": seconds }), format!("connected, but no data for {seconds:.1} s"))
            }
            LinkEvent::Lost { cause, .. } => ("lost", json!({ "cause": cause.to_string() }), format!("lost: {cause}")),
            LinkEvent::Trouble { cause, .. } => ("trouble", json!({ "cause": cause.to_string() }), cause.to_string()),
            _ => return,
        };
        let mut line = json!({ "event": name, "t": at, "role": role });
        if let (Value::Object(line), Value::Object(more)) = (&mut line, more) {
            line.extend(more);
        }
        self.say(&line, || format!("{at:7.1} s  {role}: {words}"));
    }

    /// How many samples there are, about every second.
    fn count(&mut self, now: HostTime) {
        let t = now.seconds();
        if t - self.spoken < EVERY {
            return;
        }
        self.spoken = t;
        let samples: BTreeMap<&str, u64> = self.samples.iter().map(|(role, n)| (role.name(), *n)).collect();
        self.say(&json!({ "event": "samples", "t": t, "samples": samples }), || {
            let counts: Vec<String> = samples.iter().map(|(role, n)| format!("{role} {n}")).collect();
            format!("{t:7.1} s  {} samples", counts.join(", "))
        });
    }

    fn say(&self, line: &Value, words: impl FnOnce() -> String) {
        speak(self.json, line, words);
    }
}

/// Says a line for programs or for people.
pub fn speak(json: bool, line: &Value, words: impl FnOnce() -> String) {
    // Who listened may have gone; the recording goes on.
    println!("{}", if json { line.to_string() } else { words() });
}

fn tally_json(tally: &SensorTally) -> Value {
    json!({
        "notifications": tally.notifications,
        "received": tally.received,
        "lost": tally.lost,
        "duplicates": tally.duplicates,
        "late": tally.late,
        "undecodable": tally.undecodable,
        "link_losses": tally.link_losses,
    })
}
