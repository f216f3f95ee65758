//! Gestures with the leg that wears the shin sensor, by which somebody who stands with both hands full begins, ends and undoes a set.
//!
//! A gesture is two signs, one after the other, between two rests. The signs are movements of the shin that need no axes of the sensor, only
//! where up is, and that look like nothing else while the hips stay where they are:
//!
//! ```text
//! lift   the heel comes up behind: angle(up, up at rest) >= live.gesture.lift_deg, and back
//! turn   the toes go out on the heel: |integral of w . up| >= live.gesture.turn_deg, up stays where it is, and back
//!
//! lift lift   start        turn turn   end        lift turn   undo
//! ```
//!
//! One sign missed leaves one, one too many makes three: neither is a gesture, and no single mistake turns one gesture into another. Walking,
//! kneeling, lunges, stairs and sitting down lift the shin as well, but carry the hips along; hinges and squats leave the shin
//! nearer to the vertical. What was tried, and what else it was held against: decision 0027.
//!
//! In: samples of the shin and the hip sensor as they arrive. Out: a [`Gestured`] when the shin rests again. Nothing is allocated.

use serde::Serialize;
use truehinge_core::{HostTime, InertialSample, SensorRole};

use super::posture::Posture;
use crate::method::{self, Method};

/// What somebody asks for without hands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gesture {
    /// Heel up behind, twice: a set begins.
    Start,
    /// Toes out, twice: the set ends.
    End,
    /// Heel up behind, then toes out: the last set does not count.
    Undo,
}

/// Somebody made signs with the leg.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gestured {
    /// When the leg began to move.
    pub began: HostTime,
    /// When it had rested for long enough to be sure.
    pub at: HostTime,
    /// What the signs mean; `None` if they mean nothing.
    pub gesture: Option<Gesture>,
}

/// A movement of the shin, there and back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sign {
    Lift,
    /// Counter-clockwise from above, or clockwise.
    Turn {
        left: bool,
    },
}

/// Signs of a gesture.
// number: the code itself, not how well it is heard
const SIGNS: usize = 2;

/// Finds gestures, sample by sample.
#[derive(Clone, Debug)]
pub struct GestureFinder {
    numbers: method::Gesture,
    shin: Posture,
    hip: Posture,
    /// What the hips do while signs are made.
    hips: Hips,
    place: Place,
    made: Made,
    /// When the shin rested last, for long enough.
    rested: Option<HostTime>,
}

/// Where the shin is.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Place {
    /// Nobody knows: it has to rest first.
    Unknown,
    /// As it was at rest.
    Home,
    /// Somewhere else.
    Out(Excursion),
}

/// A movement that has not come back yet.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Excursion {
    /// How long it has lasted, s.
    lasted: f64,
    /// Most that it has leaned, rad.
    lean: f64,
    /// Most that it has turned about the vertical, rad; positive counter-clockwise from above.
    turn: f64,
}

/// The signs since the shin has rested.
#[derive(Clone, Copy, Debug, Default)]
struct Made {
    /// When the first one began.
    began: Option<HostTime>,
    signs: [Option<Sign>; SIGNS],
    count: usize,
    /// Something else was done as well.
    spoiled: bool,
    /// Since the last one came back, s.
    since: f64,
}

impl Made {
    fn add(&mut self, sign: Sign) {
        if let Some(place) = self.signs.get_mut(self.count) {
            *place = Some(sign);
        }
        self.count += 1;
    }

    fn meaning(&self) -> Option<Gesture> {
        let [Some(first), Some(second)] = self.signs else { return None };
        if self.spoiled || self.count != SIGNS {
            return None;
        }
        match (first, second) {
            (Sign::Lift, Sign::Lift) => Some(Gesture::Start),
            (Sign::Turn { left }, Sign::Turn { left: again }) if left == again => Some(Gesture::End),
            (Sign::Lift, Sign::Turn { .. }) => Some(Gesture::Undo),
            (Sign::Turn { .. }, _) => None,
        }
    }
}

impl GestureFinder {
    /// A finder that has seen nothing.
    pub fn new(method: &Method) -> Self {
        Self {
            numbers: method.live.gesture.clone(),
            shin: Posture::default(),
            hip: Posture::default(),
            hips: Hips::default(),
            place: Place::Unknown,
            made: Made::default(),
            rested: None,
        }
    }

    /// Takes a sample. Those without an arrival time are not live and are left out.
    pub fn push(&mut self, role: SensorRole, sample: &InertialSample) -> Option<Gestured> {
        let at = sample.arrival?;
        match role {
            SensorRole::Hip => {
                self.hip(at, sample);
                None
            }
            SensorRole::Shank => self.shin(at, sample),
            _ => None,
        }
    }

    fn hip(&mut self, at: HostTime, sample: &InertialSample) {
        let n = &self.numbers;
        let Some(step) = self.hip.push(sample, n) else { return self.hips.restless = true };
        self.hips.heard = Some(at);
        let beyond = sample.specific_force.norm() - self.hip.weight();
        // A foot that comes down is felt for an instant; who goes somewhere is carried for longer.
        self.hips.carried += (beyond - self.hips.carried) * (step / n.bump_s).min(1.0);
        self.hips.jolt += (self.hips.carried.powi(2) - self.hips.jolt) * (step / n.jolt_s).min(1.0);
        if self.made.began.is_none() {
            // Where the hips are when the leg begins is where they are to stay.
            self.hip.settle(step, n);
            self.hips.restless = false;
        }
        self.hips.restless |= self.hips.jolt > n.hip_jolt_m_per_s2.powi(2)
            || self.hip.lean() > n.hip_lean_deg.to_radians()
            || self.hip.turned().abs() > n.hip_turn_deg.to_radians();
    }

    fn shin(&mut self, at: HostTime, sample: &InertialSample) -> Option<Gestured> {
        let Some(step) = self.shin.push(sample, &self.numbers) else {
            self.forget();
            return None;
        };
        self.made.since += step;
        match self.place {
            Place::Unknown => self.unknown(at),
            Place::Home => return self.home(at, step),
            Place::Out(out) => self.out(out, step),
        }
        None
    }

    fn forget(&mut self) {
        (self.place, self.made, self.rested) = (Place::Unknown, Made::default(), None);
    }

    fn unknown(&mut self, at: HostTime) {
        if self.shin.quiet_s() >= self.numbers.rest_s {
            self.shin.settle_here();
            self.hip.settle_here();
            self.hips.restless = false;
            (self.place, self.rested) = (Place::Home, Some(at));
        }
    }

    fn home(&mut self, at: HostTime, step: f64) -> Option<Gestured> {
        let n = &self.numbers;
        let is_out = self.shin.lean() > n.out_deg.to_radians() || self.shin.turned().abs() > n.turn_deg.to_radians();
        if is_out {
            self.leave(at);
            return None;
        }
        if self.shin.quiet_s() > n.between_s {
            self.shin.settle(step, n);
        }
        let rests = self.shin.quiet_s() >= n.rest_s;
        if rests {
            self.rested = Some(at);
        }
        if self.made.began.is_some() && rests && self.made.since >= n.after_s {
            return self.conclude(at);
        }
        None
    }

    /// The shin leaves its place. The first sign of a gesture comes out of a rest.
    fn leave(&mut self, at: HostTime) {
        let n = &self.numbers;
        if self.made.began.is_none() {
            let rested = self.rested.filter(|rested| (at - *rested).seconds() < n.onset_s);
            let is_heard = self.hips.heard.is_some_and(|heard| (at - heard).seconds().abs() < n.heard_s);
            let spoiled = rested.is_none() || !is_heard;
            self.made = Made { began: rested.or(Some(at)), spoiled, ..Made::default() };
            self.hips.restless |= spoiled;
        }
        self.place = Place::Out(Excursion { lasted: 0.0, lean: self.shin.lean(), turn: self.shin.turned() });
    }

    fn out(&mut self, mut out: Excursion, step: f64) {
        let n = &self.numbers;
        let (lean, turned) = (self.shin.lean(), self.shin.turned());
        out.lasted += step;
        out.lean = out.lean.max(lean);
        if turned.abs() > out.turn.abs() {
            out.turn = turned;
        }
        let leans = out.lean > n.out_deg.to_radians();
        let is_back = lean < n.back_deg.to_radians() && (leans || turned.abs() < n.turn_back_share * out.turn.abs());
        if is_back {
            match out.sign(n) {
                Some(sign) => self.made.add(sign),
                None => self.made.spoiled = true,
            }
            self.made.since = 0.0;
            if leans {
                // A foot that was in the air does not come down as it stood.
                self.shin.face_here();
            }
            self.place = Place::Home;
        } else if out.lasted > n.sign_most_s {
            self.forget();
        } else {
            self.place = Place::Out(out);
        }
    }

    /// The shin rests again: what was done?
    fn conclude(&mut self, at: HostTime) -> Option<Gestured> {
        let made = std::mem::take(&mut self.made);
        let is_heard = self.hips.heard.is_some_and(|heard| (at - heard).seconds().abs() < self.numbers.heard_s);
        let restless = std::mem::take(&mut self.hips.restless) || !is_heard;
        self.hip.settle_here();
        let began = made.began.filter(|_| !restless && (1..=self.numbers.signs_most_count).contains(&made.count))?;
        Some(Gestured { began, at, gesture: made.meaning() })
    }
}

impl Excursion {
    fn sign(&self, n: &method::Gesture) -> Option<Sign> {
        if !(n.sign_least_s..=n.sign_most_s).contains(&self.lasted) {
            return None;
        }
        let lean = self.lean.to_degrees();
        if (n.lift_deg..=n.lift_most_deg).contains(&lean) {
            Some(Sign::Lift)
        } else if lean <= n.out_deg {
            Some(Sign::Turn { left: self.turn > 0.0 })
        } else {
            None
        }
    }
}

/// What the hips do.
#[derive(Clone, Copy, Debug, Default)]
struct Hips {
    heard: Option<HostTime>,
    /// Force beyond gravity without what lasts for an instant, m/s².
    carried: f64,
    /// Its mean square lately, m²/s⁴.
    jolt: f64,
    /// They have moved along since the first sign began.
    restless: bool,
}
