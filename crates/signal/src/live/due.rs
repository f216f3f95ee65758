//! When a look at the data is worth it: when somebody has come home from a movement, and once more if that was not over yet.
//!
//! A look costs as much as the analysis of all that is kept, so there is none while nothing can have ended: during a movement, in a hold
//! at its bottom, in quiet standing that was looked at before. "Home" is how hip and shank sensor hung when the last look found nothing
//! unfinished.

use std::collections::BTreeMap;

use nalgebra::Vector3;
use truehinge_core::{HostTime, InertialSample, SensorRole};

use super::activity::Activity;
use crate::method::{Live, Method};

/// One sensor.
struct Worn {
    activity: Activity,
    /// Upward in its frame, in the stance.
    home: Option<Vector3<f64>>,
    /// The same where it rested last, while the stance is not known.
    rested: Option<Vector3<f64>>,
    /// How far it hangs from there, rad.
    off: f64,
}

/// The last look.
#[derive(Clone, Copy)]
struct Looked {
    at: HostTime,
    seen: Seen,
}

/// What a look has seen of the last movement.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Seen {
    /// It is over, there was none, or nothing could be seen.
    Over,
    /// It had begun and not ended.
    Unfinished,
    /// It is a repetition that had ended only just now: it can be told in so long, s.
    Ending(f64),
}

/// What the sensors do, and what the last look has seen.
pub(super) struct Due {
    method: Method,
    sensors: BTreeMap<SensorRole, Worn>,
    now: HostTime,
    /// The first sample.
    began: Option<HostTime>,
    looked: Option<Looked>,
    /// Since when somebody has moved, after the last look.
    moved_since: Option<HostTime>,
    /// Somebody wants to know.
    asked: bool,
    /// Somebody has left the stance since the last look.
    away: bool,
    /// Since when they are back.
    back_since: Option<HostTime>,
    /// How far they were away since the last look, rad, and how near they have come since they were farthest.
    farthest: f64,
    nearest: f64,
    /// Fastest that a sensor turned since the last look, rad/s.
    fastest: f64,
    /// Since when all are slow beside that.
    slow_since: Option<HostTime>,
}

impl Due {
    pub(super) fn new(method: &Method) -> Self {
        Self {
            method: method.clone(),
            sensors: BTreeMap::new(),
            now: HostTime::ZERO,
            began: None,
            looked: None,
            moved_since: None,
            asked: false,
            away: false,
            back_since: None,
            farthest: 0.0,
            nearest: 0.0,
            fastest: 0.0,
            slow_since: None,
        }
    }

    pub(super) fn sensor(&mut self, role: SensorRole) {
        let activity = Activity::new(&self.method.stillness.live_rest);
        self.sensors.insert(role, Worn { activity, home: None, rested: None, off: 0.0 });
    }

    /// Takes a sample; one of an unknown sensor is ignored.
    pub(super) fn push(&mut self, role: SensorRole, at: HostTime, sample: &InertialSample) {
        let Some(sensor) = self.sensors.get_mut(&role) else { return };
        self.now = self.now.max(at);
        self.began.get_or_insert(at);
        sensor.activity.push(at, sample);
        if sensor.activity.is_moving() {
            self.moved_since.get_or_insert(at);
        }
        if let Some(place) = sensor.home.or(sensor.rested) {
            sensor.off = sensor.activity.upward().angle(&place);
            self.follow();
        }
        self.rest();
        self.slow();
    }

    /// Before the first repetition: where somebody rests may be where they come back to.
    fn rest(&mut self) {
        if !self.knows_home() && self.at_rest_s() >= self.method.stillness.live_rest.least_s {
            for sensor in self.sensors.values_mut() {
                (sensor.rested, sensor.off) = (Some(sensor.activity.upward()), 0.0);
            }
            (self.away, self.back_since, self.farthest, self.nearest) = (false, None, 0.0, 0.0);
        }
    }

    /// Whether all sensors turn slowly, beside the fastest turn since the last look.
    fn slow(&mut self) {
        let rate = self.sensors.values().map(|sensor| sensor.activity.rate()).fold(0.0, f64::max);
        self.fastest = self.fastest.max(rate);
        if rate > self.fastest * self.numbers().slow_share {
            self.slow_since = None;
        } else {
            self.slow_since.get_or_insert(self.now);
        }
    }

    /// Whether somebody is away from the stance, or has come back.
    fn follow(&mut self) {
        let off = self.off();
        if off > self.farthest {
            (self.farthest, self.nearest) = (off, off);
        }
        self.nearest = self.nearest.min(off);
        if off > self.numbers().away_deg.to_radians() {
            if !self.away {
                self.moved_since.get_or_insert(self.now);
            }
            (self.away, self.back_since) = (true, None);
        } else if off > self.numbers().home_deg.to_radians() {
            self.back_since = None;
        } else if self.away {
            self.back_since.get_or_insert(self.now);
        }
    }

    fn numbers(&self) -> &Live {
        &self.method.live
    }

    /// The farther of the sensors from its stance, rad; 0 while that is not known.
    fn off(&self) -> f64 {
        self.sensors.values().map(|sensor| sensor.off).fold(0.0, f64::max)
    }

    /// How long all sensors have been at rest, s; negative infinity while one of them is not.
    pub(super) fn at_rest_s(&self) -> f64 {
        self.sensors.values().map(|sensor| sensor.activity.at_rest_s(self.now)).fold(f64::INFINITY, f64::min)
    }

    /// Whether a look now may show something new.
    pub(super) fn is_due(&self) -> bool {
        if ![SensorRole::Hip, SensorRole::Shank].iter().all(|role| self.sensors.contains_key(role)) {
            return false;
        }
        let numbers = self.numbers();
        self.asked
            || match self.looked {
                None => self.is_first_due(),
                // Half the usual wait, should it end later than it seemed.
                Some(Looked { at, seen: Seen::Ending(wait) }) => {
                    self.since(Some(at)) >= wait.max(numbers.ended_s / 2.0)
                }
                Some(Looked { at, .. }) if self.since(Some(at)) < numbers.again_s => false,
                Some(looked) => self.has_ended() || looked.seen == Seen::Unfinished && self.may_have_ended(looked.at),
            }
    }

    /// Whether there is enough for a first look: a rest to align the sensors in, or a movement already.
    fn is_first_due(&self) -> bool {
        let enough = self.method.stillness.live_rest.first_s;
        self.at_rest_s() > enough || self.since(self.began) >= enough && self.has_ended()
    }

    /// Whether a movement since the last look seems to have ended, or whoever moves on and on is to be heard.
    fn has_ended(&self) -> bool {
        let (numbers, stillness) = (self.numbers(), &self.method.stillness);
        let (moved, rest) = (self.moved_since.is_some(), self.at_rest_s());
        // Who is known to come home is waited for longer.
        let patience = if self.knows_home() { numbers.away_s } else { numbers.restless_s };
        if self.has_turned_round() || self.since(self.moved_since) > patience {
            return true;
        }
        if self.is_elsewhere() {
            // Whoever rests for long elsewhere may have another stance by now.
            return moved && rest > stillness.quiet_stance.least_s;
        }
        let is_back = self.since(self.slow_since).max(self.since(self.back_since)) >= numbers.back_s;
        moved && (is_back || rest >= stillness.live_rest.least_s)
    }

    /// Whether what had not ended when a look was taken may have since: somebody rests, or is where they began.
    fn may_have_ended(&self, looked: HostTime) -> bool {
        let stillness = &self.method.stillness;
        // Where somebody rested before the first repetition need not be the stance.
        let is_back = self.knows_home()
            || self.is_where_they_rested() && self.since(Some(looked)) >= stillness.quiet_stance.least_s;
        !self.is_elsewhere() && (is_back || self.at_rest_s() >= stillness.live_rest.least_s)
    }

    /// Time since then, s; negative infinity if it has not been.
    fn since(&self, time: Option<HostTime>) -> f64 {
        time.map_or(f64::NEG_INFINITY, |time| (self.now - time).seconds())
    }

    /// Whether somebody is away from a stance that is known, and has not come back by half.
    fn is_elsewhere(&self) -> bool {
        let off = self.off();
        self.knows_home() && off > self.numbers().away_deg.to_radians() && !self.has_come_back_to(off)
    }

    /// Whether somebody has come back by half, and leaves again: there is no rest to wait for.
    fn has_turned_round(&self) -> bool {
        let leaves = self.nearest + self.numbers().home_deg.to_radians();
        self.has_come_back_to(self.nearest) && self.off() > leaves
    }

    /// Whether so far from the stance is at most half as far as somebody was since the last look: half a repetition is not one.
    fn has_come_back_to(&self, off: f64) -> bool {
        let half = self.method.repetitions.back_to_back.prominent_share;
        self.farthest > self.numbers().away_deg.to_radians() && off < self.farthest * (1.0 - half)
    }

    /// Whether somebody hangs as where they rested last, while the stance is not known.
    fn is_where_they_rested(&self) -> bool {
        let rested = self.sensors.values().any(|sensor| sensor.rested.is_some());
        rested && self.off() <= self.numbers().home_deg.to_radians()
    }

    fn knows_home(&self) -> bool {
        self.sensors.values().any(|sensor| sensor.home.is_some())
    }

    /// The next look is due with the next sample: a set is over.
    pub(super) fn ask(&mut self) {
        self.asked = true;
    }

    /// A look was taken.
    pub(super) fn looked(&mut self, seen: Seen) {
        let moves = self.at_rest_s() <= 0.0;
        self.looked = Some(Looked { at: self.now, seen });
        (self.moved_since, self.back_since) = (moves.then_some(self.now), None);
        (self.farthest, self.nearest) = (self.off(), self.off());
        self.away = self.off() > self.numbers().away_deg.to_radians();
        (self.fastest, self.slow_since, self.asked) = (0.0, None, false);
    }

    /// Nothing is under way: where somebody rests is the stance.
    pub(super) fn settle_here(&mut self) -> bool {
        let rests = self.at_rest_s() >= self.method.stillness.live_rest.least_s;
        if rests {
            for sensor in self.sensors.values_mut() {
                (sensor.home, sensor.off) = (Some(sensor.activity.upward()), 0.0);
            }
        }
        rests
    }

    /// A sensor hangs like this in the stance.
    pub(super) fn settle(&mut self, role: SensorRole, upward: Vector3<f64>) {
        if let Some(sensor) = self.sensors.get_mut(&role) {
            (sensor.home, sensor.off) = (Some(upward), sensor.activity.upward().angle(&upward));
        }
    }
}

#[cfg(test)]
mod tests {
    use truehinge_core::{AngularRate, DeviceTime, STANDARD_GRAVITY, SpecificForce};

    use super::*;

    /// Both sensors, sample by sample at 100 Hz.
    struct Drawn {
        due: Due,
        time: f64,
        looks: Vec<f64>,
        /// What each look says.
        seen: Seen,
    }

    impl Drawn {
        fn new() -> Self {
            let mut due = Due::new(&Method::default());
            due.sensor(SensorRole::Hip);
            due.sensor(SensorRole::Shank);
            Self { due, time: 0.0, looks: Vec::new(), seen: Seen::Over }
        }

        /// So many seconds in which the hip leans from one angle to another, with a tremor of so many degrees a second on both sensors.
        fn lean(mut self, seconds: f64, from_deg: f64, to_deg: f64, tremor: f64) -> Self {
            let steps = (seconds * 100.0).round();
            let rate = (to_deg - from_deg) / seconds;
            let mut step = 0.0;
            while step < steps {
                let shaking = if step % 2.0 < 1.0 { tremor } else { -tremor };
                let lean = from_deg + (to_deg - from_deg) * step / steps;
                self.push(SensorRole::Hip, lean, rate + shaking);
                self.push(SensorRole::Shank, 0.0, shaking);
                if self.due.is_due() {
                    self.looks.push((self.time * 100.0).round() / 100.0);
                    self.due.looked(self.seen);
                }
                (step, self.time) = (step + 1.0, self.time + 0.01);
            }
            self
        }

        fn push(&mut self, role: SensorRole, lean_deg: f64, rate_deg_per_s: f64) {
            let (sine, cosine) = lean_deg.to_radians().sin_cos();
            let sample = InertialSample {
                device_time: DeviceTime::ZERO,
                arrival: None,
                specific_force: SpecificForce::new(STANDARD_GRAVITY * sine, 0.0, STANDARD_GRAVITY * cosine),
                angular_rate: AngularRate::new(0.0, rate_deg_per_s.to_radians(), 0.0),
            };
            self.due.push(role, HostTime::from_seconds(self.time), &sample);
        }

        /// The stance is upright.
        fn at_home(mut self) -> Self {
            for role in [SensorRole::Hip, SensorRole::Shank] {
                self.due.settle(role, Vector3::z() * STANDARD_GRAVITY);
            }
            self
        }

        fn hinge(self, hold_s: f64) -> Self {
            self.lean(1.5, 0.0, 40.0, 0.0).lean(hold_s, 40.0, 40.0, 0.0).lean(1.5, 40.0, 0.0, 0.0)
        }
    }

    #[track_caller]
    fn looks(drawn: &Drawn, expected: &[f64]) {
        let near = drawn.looks.len() == expected.len()
            && drawn.looks.iter().zip(expected).all(|(look, expected)| (look - expected).abs() < 0.1);
        assert!(near, "{:?}, not {expected:?}", drawn.looks);
    }

    #[test]
    fn the_first_look_comes_after_two_seconds_of_rest_and_then_one_after_each_movement() {
        let drawn = Drawn::new().lean(10.0, 0.0, 0.0, 3.0).at_home().hinge(0.0).lean(20.0, 0.0, 0.0, 3.0);
        // The movement ends at 13 s; its rates leave the window a quarter of a second later.
        looks(&drawn, &[2.0, 13.25]);
    }

    #[test]
    fn a_hold_at_the_bottom_is_no_end() {
        let held = |hold_s| Drawn::new().lean(3.0, 0.0, 0.0, 3.0).at_home().hinge(hold_s).lean(5.0, 0.0, 0.0, 3.0);
        looks(&held(1.0), &[2.0, 7.35]);
        // A long one is another stance, perhaps.
        looks(&held(2.0), &[2.0, 5.75, 8.25]);
        // Where nobody knows the stance it may be one.
        let drawn = Drawn::new().lean(3.0, 0.0, 0.0, 3.0).hinge(2.0).lean(5.0, 0.0, 0.0, 3.0);
        looks(&drawn, &[2.0, 5.05, 8.55]);
    }

    #[test]
    fn who_comes_back_by_half_and_leaves_again_is_heard_without_a_rest() {
        let pause = |top_deg: f64| {
            let drawn = Drawn::new().lean(3.0, 0.0, 0.0, 3.0).at_home().lean(1.5, 0.0, 40.0, 0.0);
            drawn.lean(1.0, 40.0, top_deg, 0.0).lean(1.5, top_deg, 40.0, 0.0).looks
        };
        let half = pause(15.0);
        assert!(half.len() == 2 && (5.7..6.1).contains(&half[1]), "{half:?}");
        // A bounce at the bottom is none.
        assert_eq!(pause(25.0).len(), 1);
    }

    #[test]
    fn who_rests_away_from_home_is_heard_once_they_have_come_back_by_half() {
        let rest = |at_deg: f64| {
            let drawn = Drawn::new().lean(3.0, 0.0, 0.0, 3.0).at_home().lean(1.5, 0.0, 40.0, 0.0);
            drawn.lean(1.0, 40.0, at_deg, 0.0).lean(1.0, at_deg, at_deg, 3.0).looks.len()
        };
        assert_eq!([rest(15.0), rest(25.0)], [2, 1]);
    }

    #[test]
    fn a_repetition_that_ended_only_just_now_is_looked_at_again_wherever_somebody_is() {
        let mut drawn = Drawn::new().lean(3.0, 0.0, 0.0, 3.0).at_home().hinge(0.0).lean(0.2, 0.0, 0.0, 3.0);
        drawn.seen = Seen::Ending(0.2);
        looks(&drawn.lean(0.2, 0.0, 0.0, 3.0).lean(0.2, 0.0, 12.0, 0.0), &[2.0, 6.25, 6.45]);
    }

    #[test]
    fn before_the_first_repetition_people_come_back_to_where_they_rested() {
        // 0.4 s of rest are not enough for a first look, and the tremor afterwards is no rest.
        let drawn = Drawn::new().lean(0.6, 0.0, 0.0, 3.0).lean(0.8, 0.0, 40.0, 0.0).lean(0.8, 40.0, 0.0, 0.0);
        looks(&drawn.lean(0.5, 0.0, 0.0, 15.0), &[2.55]);
    }

    #[test]
    fn who_comes_home_restless_is_heard_as_soon() {
        let drawn = Drawn::new().lean(3.0, 0.0, 0.0, 3.0).at_home().hinge(0.0).lean(1.0, 0.0, 0.0, 15.0);
        looks(&drawn, &[2.0, 6.3]);
    }

    #[test]
    fn who_never_comes_home_is_heard_in_the_end() {
        let away = |drawn: Drawn| drawn.lean(1.5, 0.0, 40.0, 0.0).lean(20.0, 40.0, 40.0, 15.0).looks;
        let known = away(Drawn::new().lean(3.0, 0.0, 0.0, 3.0).at_home());
        assert!(known.len() == 4 && (known[1] - 9.0).abs() < 0.1, "{known:?}");
    }

    #[test]
    fn what_had_not_ended_is_looked_at_again_while_it_may() {
        let mut drawn = Drawn::new().lean(3.0, 0.0, 0.0, 3.0).at_home().hinge(0.0);
        drawn.seen = Seen::Unfinished;
        let mut drawn = drawn.lean(1.0, 0.0, 0.0, 3.0);
        drawn.seen = Seen::Over;
        let drawn = drawn.lean(5.0, 0.0, 0.0, 3.0);
        looks(&drawn, &[2.0, 6.25, 6.65, 7.05]);
    }

    #[test]
    fn at_the_end_of_a_set_nobody_waits() {
        let mut drawn = Drawn::new().lean(3.0, 0.0, 0.0, 3.0).at_home().lean(1.5, 0.0, 40.0, 0.0);
        drawn.due.ask();
        looks(&drawn.lean(1.0, 40.0, 20.0, 0.0), &[2.0, 4.5]);
    }

    #[test]
    fn without_both_sensors_nothing_is_due() {
        let mut due = Due::new(&Method::default());
        due.sensor(SensorRole::Hip);
        let mut drawn = Drawn { due, ..Drawn::new() };
        drawn = drawn.lean(10.0, 0.0, 0.0, 3.0);
        looks(&drawn, &[]);
    }
}
