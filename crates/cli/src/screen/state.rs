//! What the screen shows, and how it changes. Pure: no terminal, no clock but that of the events.

use std::collections::{BTreeMap, VecDeque};

use truehinge_ble::LinkEvent;
use truehinge_ble::recorder::RecorderEvent;
use truehinge_core::{Finding, HostTime, InertialSample, MarkerKind, SensorRole, Side, Verdict};
use truehinge_signal::live::{LiveEvent, LiveRep};

use super::tap::TapFinder;
use crate::coach::{Told, What};
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

/// What somebody may ask for with a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    /// A new set on the same leg.
    NewSet,
    /// The other leg from now on.
    SwitchSide,
    /// The last set does not count.
    Redo,
    /// Begin or end the guided calibration.
    Calibrate,
    /// The shin sensor is about to be tapped.
    Tap,
    /// The sensors are about to be knocked against each other.
    Knock,
    /// End.
    Quit,
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
    /// When the running set began, s.
    set_began: f64,
    /// Leg and beginning of the set before, s, as long as it can be made void.
    before: Option<(Side, f64)>,
    pub tiles: Vec<Tile>,
    /// What to do now, in large letters.
    pub cue: String,
    /// What the calibration lacks; nothing said yet while `None`.
    pub calibration: Option<Vec<String>>,
    pub calibrating: bool,
    /// A calibration was ended, and nothing was done since.
    calibrated: bool,
    /// What is wrong with how the sensors are worn in this set.
    pub worn: Vec<Finding>,
    tap: Option<TapFinder>,
}

impl State {
    /// A session that begins.
    pub fn new(recording: String, side: Side, sensors: impl IntoIterator<Item = (SensorRole, SensorLine)>) -> Self {
        Self {
            recording,
            now: HostTime::ZERO,
            sensors: sensors.into_iter().collect(),
            side,
            set: 1,
            set_began: 0.0,
            before: None,
            tiles: Vec::new(),
            cue: "Waiting for the sensors".to_owned(),
            calibration: None,
            calibrating: false,
            calibrated: false,
            worn: Vec::new(),
            tap: None,
        }
    }

    /// Something was recorded or happened to a link.
    pub fn hears(&mut self, event: &RecorderEvent<'_>) {
        match event {
            RecorderEvent::Samples(role, samples) => {
                self.samples(*role, samples);
                if self.cue.starts_with("Waiting") && self.sensors.values().all(|line| line.received > 0) {
                    self.cue = "Stand still, then begin; c: guided calibration".to_owned();
                }
            }
            RecorderEvent::Gap(role, lost) => self.sensors.entry(*role).or_default().lost += lost,
            RecorderEvent::Battery(role, charge) => self.sensors.entry(*role).or_default().battery = Some(*charge),
            RecorderEvent::Link(role, event) => self.link(*role, event),
            RecorderEvent::Undecodable(role, error) => {
                self.sensors.entry(*role).or_default().trouble = Some(error.to_string());
            }
            RecorderEvent::Marker(_) => {}
        }
    }

    fn samples(&mut self, role: SensorRole, samples: &[InertialSample]) {
        let arrived: Vec<(HostTime, f64)> =
            samples.iter().filter_map(|sample| Some((sample.arrival?, sample.specific_force.norm()))).collect();
        for &(at, force) in &arrived {
            self.now = self.now.max(at);
            if let Some(found) = self.tap.as_mut().and_then(|tap| tap.push(role, at, force)) {
                self.tapped(found);
            }
        }
        let now = self.now;
        let line = self.sensors.entry(role).or_default();
        line.received += samples.len() as u64;
        line.trouble = None;
        line.arrivals.extend(arrived.iter().map(|(at, _)| *at));
        while line.arrivals.front().is_some_and(|at| (now - *at).seconds() > RATE_OVER) {
            line.arrivals.pop_front();
        }
    }

    fn link(&mut self, role: SensorRole, event: &LinkEvent) {
        self.now = self.now.max(event.at());
        let line = self.sensors.entry(role).or_default();
        line.trouble = match event {
            LinkEvent::Connected { .. } => None,
            LinkEvent::Signal { dbm, .. } => {
                line.signal = Some(*dbm);
                return;
            }
            LinkEvent::Silent { since, .. } => Some(format!("no data for {:.0} s", since.as_secs_f64())),
            LinkEvent::Lost { cause, .. } | LinkEvent::Trouble { cause, .. } => Some(cause.to_string()),
            _ => return,
        };
    }

    /// The coach has something to say.
    pub fn told(&mut self, told: &Told) {
        match &told.what {
            What::Movement(movement) => self.movement(movement),
            What::Calibration(lacks) => {
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

    /// What a key means for the recording: markers to store.
    pub fn key(&mut self, key: Key) -> Vec<MarkerKind> {
        match key {
            Key::NewSet => self.new_set(self.side),
            Key::SwitchSide => {
                let markers = self.new_set(self.side.other());
                self.cue = format!("Shin sensor on the {} leg, then stand still", self.side);
                markers
            }
            Key::Redo => self.redo(),
            Key::Calibrate => {
                self.calibrating = !self.calibrating;
                self.calibrated = !self.calibrating;
                if self.calibrating {
                    self.cue = "Stand still 3 s; two small knee bends; two bows; press c".to_owned();
                    return vec![MarkerKind::CalibrationStart];
                }
                self.judge_calibration();
                vec![MarkerKind::CalibrationEnd]
            }
            Key::Tap => {
                self.tap = Some(TapFinder::default());
                self.cue = "Tap the sensor on the shin now".to_owned();
                Vec::new()
            }
            Key::Knock => {
                self.cue = "Knock the two sensors against each other three times, a second apart".to_owned();
                vec![MarkerKind::ClockCheck]
            }
            Key::Quit => Vec::new(),
        }
    }

    fn new_set(&mut self, side: Side) -> Vec<MarkerKind> {
        self.before = Some((self.side, self.set_began));
        self.side = side;
        self.set += 1;
        self.begin();
        self.cue = format!("Set {}", self.set);
        vec![MarkerKind::SetEnd, MarkerKind::SetStart { side }]
    }

    /// Accepted, or what to do again first. The analysis of its last movement may come a moment after its end.
    fn judge_calibration(&mut self) {
        self.cue = match self.calibration.as_ref().map(|lacks| lacks.first()) {
            None => "Stand on one leg, hold still, then begin".to_owned(),
            Some(None) => "Calibration accepted: stand on one leg, hold still, then begin".to_owned(),
            Some(Some(lack)) => format!("Calibration not accepted: {lack}; press c and do it again"),
        };
    }

    fn begin(&mut self) {
        self.set_began = self.now.seconds();
        (self.calibrating, self.calibrated, self.calibration) = (false, false, None);
        self.worn.clear();
    }

    /// The last set does not count: the running one, or the one before while nothing was done in the running one.
    fn redo(&mut self) -> Vec<MarkerKind> {
        let mut markers = vec![MarkerKind::SetVoid];
        let mut began = self.set_began;
        let is_empty = self.tiles.iter().all(|tile| tile.start < began);
        if let Some((side, before)) = self.before.take().filter(|_| is_empty) {
            markers.push(MarkerKind::SetVoid);
            (self.side, began) = (side, before);
            self.set -= 1;
        }
        self.tiles.retain(|tile| tile.start < began);
        self.begin();
        self.cue = format!("Set {} does not count: do it again, {} leg", self.set, self.side);
        markers.push(MarkerKind::SetStart { side: self.side });
        markers
    }

    fn tapped(&mut self, role: SensorRole) {
        self.tap = None;
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
        let line = || SensorLine { nominal: Some(100.0), ..SensorLine::default() };
        State::new("r.mcap".to_owned(), Side::Left, [(SensorRole::Hip, line()), (SensorRole::Shank, line())])
    }

    fn samples(from: f64, count: u32, force: f64) -> Vec<InertialSample> {
        (0..count)
            .map(|i| InertialSample {
                device_time: DeviceTime::from_nanos(0),
                arrival: Some(HostTime::from_seconds(from + f64::from(i) * 0.01)),
                specific_force: SpecificForce::new(0.0, 0.0, force),
                angular_rate: AngularRate::new(0.0, 0.0, 0.0),
            })
            .collect()
    }

    #[test]
    fn rates_and_losses_are_those_of_the_last_seconds_and_of_all() {
        let mut state = state();
        state.hears(&RecorderEvent::Samples(SensorRole::Hip, &samples(0.0, 500, 9.8)));
        state.hears(&RecorderEvent::Gap(SensorRole::Hip, 500));
        let line = &state.sensors[&SensorRole::Hip];
        assert!((line.rate(state.now) - 100.0).abs() <= 1.0, "{}", line.rate(state.now));
        assert_eq!(line.share(), 50.0);
        assert!(state.cue.starts_with("Waiting"), "for the other one");
        state.hears(&RecorderEvent::Samples(SensorRole::Shank, &samples(5.0, 1, 9.8)));
        assert!(state.cue.starts_with("Stand still"));
        state.hears(&RecorderEvent::Samples(SensorRole::Shank, &samples(9.0, 1, 9.8)));
        assert_eq!(state.sensors[&SensorRole::Hip].rate(state.now), 0.0, "nothing lately");
    }

    #[test]
    fn keys_become_markers() {
        let mut state = state();
        assert_eq!(state.key(Key::SwitchSide), [MarkerKind::SetEnd, MarkerKind::SetStart { side: Side::Right }]);
        state.put(repetition(0.0, 1.0));
        assert_eq!(state.key(Key::Redo), [MarkerKind::SetVoid, MarkerKind::SetStart { side: Side::Right }]);
        assert_eq!(state.key(Key::Calibrate), [MarkerKind::CalibrationStart]);
        assert_eq!(state.key(Key::Calibrate), [MarkerKind::CalibrationEnd]);
        assert_eq!(state.key(Key::Knock), [MarkerKind::ClockCheck]);
        assert_eq!((state.set, state.key(Key::Quit)), (2, vec![]));
    }

    /// A repetition that began and ended then.
    fn repetition(from: f64, to: f64) -> Tile {
        let (verdict, words) = (Verdict::TrueHinge, String::new());
        Tile { number: 1, side: Some(Side::Left), verdict, probability: 1.0, words, start: from, end: to }
    }

    #[test]
    fn a_calibration_is_accepted_or_says_what_to_do_again() {
        let told = |lacks: &[&str]| Told {
            at: HostTime::ZERO,
            what: What::Calibration(lacks.iter().map(|lack| (*lack).to_owned()).collect()),
        };
        let mut state = state();
        state.key(Key::Calibrate);
        state.told(&told(&["0 movements turned the hip sensor enough: do three bows, straight ahead"]));
        assert!(state.cue.starts_with("Stand still 3 s"), "it goes on: {}", state.cue);
        state.key(Key::Calibrate);
        assert!(state.cue.contains("not accepted") && state.cue.contains("three bows"), "{}", state.cue);
        assert!(state.cue.contains("press c"), "{}", state.cue);
        // Done again; what is said of it comes a moment after its end.
        state.key(Key::Calibrate);
        state.key(Key::Calibrate);
        state.told(&told(&[]));
        assert!(state.cue.starts_with("Calibration accepted"), "{}", state.cue);
    }

    #[test]
    fn the_last_set_is_the_one_before_until_something_is_done() {
        let mut state = state();
        let at = |state: &mut State, seconds| {
            state.hears(&RecorderEvent::Samples(SensorRole::Hip, &samples(seconds, 1, 9.8)));
        };
        at(&mut state, 5.0);
        state.put(repetition(1.0, 4.0));
        state.key(Key::SwitchSide);
        at(&mut state, 9.0);
        // Nothing was done on the other leg yet: the set before does not count, on its own leg.
        let again = MarkerKind::SetStart { side: Side::Left };
        assert_eq!(state.key(Key::Redo), [MarkerKind::SetVoid, MarkerKind::SetVoid, again.clone()]);
        assert_eq!((state.set, state.side, state.tiles.len()), (1, Side::Left, 0));
        // Pressed twice, it does no more.
        assert_eq!(state.key(Key::Redo), [MarkerKind::SetVoid, again.clone()]);
        state.put(repetition(10.0, 13.0));
        at(&mut state, 14.0);
        state.key(Key::NewSet);
        state.put(repetition(15.0, 18.0));
        at(&mut state, 19.0);
        assert_eq!(state.key(Key::Redo), [MarkerKind::SetVoid, again]);
        assert_eq!((state.set, state.tiles.len()), (2, 1), "the first set counts");
    }

    #[test]
    fn a_tap_tells_which_sensor_is_on_the_shin() {
        let mut state = state();
        state.key(Key::Tap);
        for role in [SensorRole::Hip, SensorRole::Shank] {
            state.hears(&RecorderEvent::Samples(role, &samples(0.0, 100, 9.8)));
        }
        state.hears(&RecorderEvent::Samples(SensorRole::Hip, &samples(1.0, 3, 45.0)));
        for role in [SensorRole::Hip, SensorRole::Shank] {
            state.hears(&RecorderEvent::Samples(role, &samples(1.1, 60, 9.8)));
        }
        assert!(state.cue.contains("swap"), "{}", state.cue);
    }
}
