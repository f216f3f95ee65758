//! What the screen shows, and how it changes. Pure: no terminal, no clock but that of the events.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use truehinge_core::{Explained, Finding, HostTime, InertialSample, SampleRate, SensorRole, Side, Verdict};
use truehinge_session::coach::words::lack;
use truehinge_session::coach::{Message, Subject};
use truehinge_session::recording::{Asked, Command, Event, StartedSensor};
use truehinge_signal::live::{LiveEvent, LiveRep};
use truehinge_signal::watch::calibration::Lack;

use crate::output;

/// One sensor's line.
#[derive(Clone, Debug, Default)]
pub struct SensorLine {
    /// Model and address.
    pub name: String,
    /// Rate it is set to, Hz.
    pub nominal: Option<f64>,
    /// Samples that came, and that are missing by its own count.
    pub received: u64,
    pub lost: u64,
    /// Charge, %.
    pub battery: Option<u8>,
    /// How strongly it is heard, dBm.
    pub signal: Option<i16>,
    /// What is wrong with the link, or nothing.
    pub trouble: Option<String>,
    /// Arrivals within the last seconds.
    pub arrivals: VecDeque<HostTime>,
}

/// Rates are counted over so long, s.
const RATE_OVER: f64 = 2.0;

impl SensorLine {
    /// Samples per second lately.
    pub fn rate(&self, now: HostTime) -> f64 {
        self.arrivals.iter().filter(|at| (now - **at).seconds() <= RATE_OVER).count() as f64 / RATE_OVER
    }

    /// Share of the samples that came, of those that were sent, %.
    pub fn share(&self) -> f64 {
        let sent = self.received + self.lost;
        if sent == 0 { 0.0 } else { 100.0 * self.received as f64 / sent as f64 }
    }
}

/// A repetition's tile.
#[derive(Clone, PartialEq, Debug)]
pub struct Tile {
    /// Number in its set, supporting leg.
    pub number: u32,
    pub side: Option<Side>,
    pub verdict: Verdict,
    pub probability: f64,
    /// The number that matters and why.
    pub words: String,
    /// Where it lies in the session, s.
    start: f64,
    end: f64,
}

/// Everything on the screen.
pub struct State {
    /// Where it is recorded to.
    pub recording: String,
    /// When the last thing happened.
    pub now: HostTime,
    pub sensors: BTreeMap<SensorRole, SensorLine>,
    pub side: Side,
    pub set: u32,
    pub tiles: Vec<Tile>,
    /// What to do now, in large letters.
    pub cue: String,
    /// What the calibration lacks; nothing said yet while `None`.
    pub calibration: Option<Vec<Lack>>,
    /// A calibration was ended, and nothing was done since.
    pub(super) calibrated: bool,
    /// What is wrong with how the sensors are worn in this set.
    pub worn: Vec<Finding>,
}

impl Default for State {
    /// Before anything has begun.
    fn default() -> Self {
        Self {
            recording: String::new(),
            now: HostTime::ZERO,
            sensors: BTreeMap::new(),
            side: Side::Left,
            set: 1,
            tiles: Vec::new(),
            cue: "Waiting for the sensors".to_owned(),
            calibration: None,
            calibrated: false,
            worn: Vec::new(),
        }
    }
}

impl State {
    /// Something happened in the session.
    pub fn hears(&mut self, event: &Event) {
        match event {
            Event::Begin { recording, side, sensors } => self.begins(recording, *side, sensors),
            Event::Packet { role, samples } => {
                self.samples(*role, samples);
                if self.cue.starts_with("Waiting") && self.sensors.values().all(|line| line.received > 0) {
                    self.cue = "Stand still, then begin; c: guided calibration".to_owned();
                }
            }
            Event::Gap { role, lost } => self.line(*role).lost += lost,
            Event::Battery { role, percent } => self.line(*role).battery = Some(*percent),
            Event::Signal { at, role, dbm } => self.at(*at).line(*role).signal = Some(*dbm),
            Event::Connected { at, role, .. } => self.at(*at).line(*role).trouble = None,
            Event::Silent { at, role, seconds } => {
                self.at(*at).line(*role).trouble = Some(format!("no data for {seconds:.0} s"));
            }
            Event::Lost { at, role, cause } | Event::Trouble { at, role, cause } => {
                self.at(*at).line(*role).trouble = Some(cause.in_full());
            }
            Event::Undecodable { role, cause } => self.line(*role).trouble = Some(cause.in_full()),
            Event::Coach(message) => self.told(message),
            Event::Asked(asked) => self.asked(asked),
            Event::Tapped { role } => self.tapped(*role),
            _ => {}
        }
    }

    fn begins(&mut self, recording: &Path, side: Side, sensors: &[StartedSensor]) {
        let line = |sensor: &StartedSensor| SensorLine {
            name: format!("{} {}", sensor.model, sensor.address),
            nominal: sensor.rate.map(SampleRate::hertz),
            ..SensorLine::default()
        };
        self.recording = recording.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.side = side;
        self.sensors = sensors.iter().map(|sensor| (sensor.role, line(sensor))).collect();
    }

    /// Something happened so late.
    fn at(&mut self, now: HostTime) -> &mut Self {
        self.now = self.now.max(now);
        self
    }

    fn line(&mut self, role: SensorRole) -> &mut SensorLine {
        self.sensors.entry(role).or_default()
    }

    fn samples(&mut self, role: SensorRole, samples: &[InertialSample]) {
        let arrived: Vec<HostTime> = samples.iter().filter_map(|sample| sample.arrival).collect();
        arrived.iter().for_each(|at| self.now = self.now.max(*at));
        let now = self.now;
        let line = self.line(role);
        line.received += samples.len() as u64;
        line.trouble = None;
        line.arrivals.extend(arrived);
        while line.arrivals.front().is_some_and(|at| (now - *at).seconds() > RATE_OVER) {
            line.arrivals.pop_front();
        }
    }

    /// The coach has something to say.
    fn told(&mut self, message: &Message) {
        match &message.subject {
            Subject::Movement(movement) => self.movement(movement),
            Subject::Calibration(lacks) => {
                self.calibration = Some(lacks.clone());
                if self.calibrated {
                    self.judge_calibration();
                }
            }
        }
    }

    fn movement(&mut self, movement: &LiveEvent) {
        match movement {
            LiveEvent::KneeForward(_) => self.cue = "KNEE FORWARD: push the hips back".to_owned(),
            LiveEvent::KneeBack(_) => self.cue = "Knee back in place".to_owned(),
            LiveEvent::Repetition(told) => {
                self.calibrated = false;
                let tile = tile(told);
                self.cue = advice(tile.verdict).to_owned();
                self.put(tile);
            }
            LiveEvent::Revised(told) => self.put(tile(told)),
            LiveEvent::Withdrawn(span) => {
                let (start, end) = (span.start.seconds(), span.end.seconds());
                self.tiles.retain(|tile| tile.end <= start || end <= tile.start);
            }
            LiveEvent::Worn(finding) => self.worn.push(*finding),
            LiveEvent::WornWell(finding) => self.worn.retain(|told| !told.is_same(finding)),
            _ => {}
        }
    }

    /// In place of what it corrects.
    fn put(&mut self, new: Tile) {
        self.tiles.retain(|tile| tile.end <= new.start || new.end <= tile.start);
        self.tiles.push(new);
        self.tiles.sort_by(|a, b| a.start.total_cmp(&b.start));
    }

    /// Somebody asked for something: what to do now.
    fn asked(&mut self, asked: &Asked) {
        (self.set, self.side) = (asked.set, asked.side);
        match asked.command {
            Command::NewSet => {
                self.begin();
                self.cue = format!("Set {}", self.set);
            }
            Command::OtherLeg => {
                self.begin();
                self.cue = format!("Shin sensor on the {} leg, then stand still", self.side);
            }
            Command::RedoSet => {
                self.tiles.retain(|tile| asked.void_from_s.is_none_or(|from| tile.start < from));
                self.begin();
                self.cue = format!("Set {} does not count: do it again, {} leg", self.set, self.side);
            }
            Command::Calibration => {
                self.calibrated = !asked.calibrating;
                if asked.calibrating {
                    self.cue = "Stand still 3 s; two small knee bends; two bows; press c".to_owned();
                } else {
                    self.judge_calibration();
                }
            }
            Command::TapCheck => self.cue = "Tap the sensor on the shin now".to_owned(),
            Command::ClockCheck => {
                self.cue = "Knock the two sensors against each other three times, a second apart".to_owned();
            }
            _ => {}
        }
    }

    /// Accepted, or what to do again first. The analysis of its last movement may come a moment after its end.
    fn judge_calibration(&mut self) {
        self.cue = match self.calibration.as_ref().map(|lacks| lacks.first()) {
            None => "Stand on one leg, hold still, then begin".to_owned(),
            Some(None) => "Calibration accepted: stand on one leg, hold still, then begin".to_owned(),
            Some(Some(lacked)) => format!("Calibration not accepted: {}; press c and do it again", lack(lacked)),
        };
    }

    fn begin(&mut self) {
        (self.calibrated, self.calibration) = (false, None);
        self.worn.clear();
    }

    fn tapped(&mut self, role: SensorRole) {
        self.cue = if role == SensorRole::Shank {
            "Correct: that was the shin sensor".to_owned()
        } else {
            format!("The {role} sensor felt that: end with q, swap --hip and --shank, begin again")
        };
    }
}

fn tile(LiveRep { side, rep }: &LiveRep) -> Tile {
    Tile {
        number: rep.number,
        side: *side,
        verdict: rep.judgement.verdict,
        probability: rep.judgement.probability,
        words: output::reason(&rep.judgement),
        start: rep.span.start.seconds(),
        end: rep.span.end.seconds(),
    }
}

/// What to change, or to keep.
const fn advice(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::TrueHinge => "True hinge",
        Verdict::KneeForwardDrift => "Knee drifted: hips back first, shin stays upright",
        Verdict::InsufficientHipTravel => "Hips hardly moved: push them back to the wall",
        Verdict::Indeterminate => "Not sure: stand still before and after",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{AngularRate, DeviceTime, SpecificForce};

    fn state() -> State {
        let sensor = |role| {
            let rate = SampleRate::from_hertz(100.0);
            StartedSensor { role, address: "AA".to_owned(), model: "nus", rate }
        };
        let mut state = State::default();
        let sensors = vec![sensor(SensorRole::Hip), sensor(SensorRole::Shank)];
        state.hears(&Event::Begin { recording: "recordings/r.mcap".into(), side: Side::Left, sensors });
        state
    }

    fn packet(role: SensorRole, from: f64, count: u32) -> Event {
        let samples = (0..count)
            .map(|i| InertialSample {
                device_time: DeviceTime::from_nanos(0),
                arrival: Some(HostTime::from_seconds(from + f64::from(i) * 0.01)),
                specific_force: SpecificForce::new(0.0, 0.0, 9.8),
                angular_rate: AngularRate::new(0.0, 0.0, 0.0),
            })
            .collect();
        Event::Packet { role, samples }
    }

    #[test]
    fn rates_and_losses_are_those_of_the_last_seconds_and_of_all() {
        let mut state = state();
        state.hears(&packet(SensorRole::Hip, 0.0, 500));
        state.hears(&Event::Gap { role: SensorRole::Hip, lost: 500 });
        let line = &state.sensors[&SensorRole::Hip];
        assert!((line.rate(state.now) - 100.0).abs() <= 1.0, "{}", line.rate(state.now));
        assert_eq!(line.share(), 50.0);
        assert!(state.cue.starts_with("Waiting"), "for the other one");
        state.hears(&packet(SensorRole::Shank, 5.0, 1));
        assert!(state.cue.starts_with("Stand still"));
        state.hears(&packet(SensorRole::Shank, 9.0, 1));
        assert_eq!(state.sensors[&SensorRole::Hip].rate(state.now), 0.0, "nothing lately");
    }

    /// A repetition that began and ended then.
    fn repetition(from: f64, to: f64) -> Tile {
        let (verdict, words) = (Verdict::TrueHinge, String::new());
        Tile { number: 1, side: Some(Side::Left), verdict, probability: 1.0, words, start: from, end: to }
    }

    fn asked(state: &mut State, command: Command, calibrating: bool, void_from_s: Option<f64>) {
        let asked = Asked { command, set: state.set, side: state.side, calibrating, void_from_s };
        state.hears(&Event::Asked(asked));
    }

    #[test]
    fn a_calibration_is_accepted_or_says_what_to_do_again() {
        let told = |lacks: &[Lack]| {
            Event::Coach(Message { at: HostTime::ZERO, subject: Subject::Calibration(lacks.to_vec()) })
        };
        let calibrate = |state: &mut State, on| asked(state, Command::Calibration, on, None);
        let mut state = state();
        calibrate(&mut state, true);
        state.hears(&told(&[Lack::Movements { role: SensorRole::Hip, found: 0 }]));
        assert!(state.cue.starts_with("Stand still 3 s"), "it goes on: {}", state.cue);
        calibrate(&mut state, false);
        assert!(state.cue.contains("not accepted") && state.cue.contains("three bows"), "{}", state.cue);
        assert!(state.cue.contains("press c"), "{}", state.cue);
        // Done again; what is said of it comes a moment after its end.
        calibrate(&mut state, true);
        calibrate(&mut state, false);
        state.hears(&told(&[]));
        assert!(state.cue.starts_with("Calibration accepted"), "{}", state.cue);
    }

    #[test]
    fn the_tiles_of_a_void_set_go() {
        let mut state = state();
        state.put(repetition(1.0, 4.0));
        state.put(repetition(15.0, 18.0));
        asked(&mut state, Command::RedoSet, false, Some(14.0));
        assert_eq!(state.tiles, [repetition(1.0, 4.0)]);
        assert_eq!(state.cue, "Set 1 does not count: do it again, left leg");
        asked(&mut state, Command::RedoSet, false, Some(0.0));
        assert!(state.tiles.is_empty());
    }

    #[test]
    fn a_tap_tells_which_sensor_is_on_the_shin() {
        let mut state = state();
        asked(&mut state, Command::TapCheck, false, None);
        assert!(state.cue.starts_with("Tap the sensor"), "{}", state.cue);
        state.hears(&Event::Tapped { role: SensorRole::Hip });
        assert!(state.cue.contains("swap"), "{}", state.cue);
        state.hears(&Event::Tapped { role: SensorRole::Shank });
        assert!(state.cue.starts_with("Correct"), "{}", state.cue);
    }
}
