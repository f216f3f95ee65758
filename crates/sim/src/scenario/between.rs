//! What people do between repetitions; none of it counts.

use super::session::Session;
use crate::movement::{Coordinate, Excursion};
use crate::skeleton::Leg;

/// What may happen half-way through the repetitions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interruption {
    /// A rest on both legs: two sets.
    Rest,
    /// Some strides.
    Walk,
    /// Sitting down for a while.
    Sit,
}

/// Rest between two sets, s.
const SET_BREAK: f64 = 12.0;
/// Strides of a walk, the time of one (s), its length (m) and how long its foot is in the air (s) \[Winter2009\].
const STRIDES: usize = 5;
const STRIDE_TIME: f64 = 1.1;
const STRIDE_LENGTH: f64 = 0.9;
const SWING_TIME: f64 = 0.42;
/// How long somebody sits, and how long sitting down takes, s.
const SEATED: f64 = 6.0;
const SITTING_DOWN: f64 = 1.4;

impl Session<'_> {
    /// What the scenario has half-way: off the leg, there, and back on it.
    pub(super) fn interrupt(&mut self, leg: &Leg) {
        let Some(interruption) = self.scenario.interruption else { return };
        self.off_the_leg();
        self.rest(1.0);
        match interruption {
            Interruption::Rest => self.rest(SET_BREAK),
            Interruption::Walk => self.walk(),
            Interruption::Sit => self.sit(leg),
        }
        self.rest(1.0);
        self.onto_the_leg();
    }

    /// The hip goes on steadily, the foot in swings; the shank leans back where the foot lands and forward where it leaves.
    fn walk(&mut self) {
        let from = self.now;
        for stride in 0..STRIDES {
            let begins = from + stride as f64 * STRIDE_TIME;
            // Two overlapping ramps a stride: nearly constant speed.
            for half in [0.0, 0.5] {
                self.now = begins + half * STRIDE_TIME;
                self.shift(Coordinate::HipForward, 0.5 * STRIDE_LENGTH, STRIDE_TIME);
            }
            // When the foot leaves the ground, the hip is ahead of it and the shank leans most; it lands ahead of the hip with the
            // shank leaning back.
            let leaves = begins + 0.5 * STRIDE_TIME;
            self.now = leaves;
            self.shift(Coordinate::AnkleForward, STRIDE_LENGTH, SWING_TIME);
            let lifted =
                [(Coordinate::AnkleUp, 0.10), (Coordinate::PelvisDrop, 0.07), (Coordinate::PelvisHeading, 0.08)];
            self.there_and_back(&lifted, (0.5 * SWING_TIME, 0.5 * SWING_TIME));
            self.now = begins;
            self.there_and_back(&[(Coordinate::Shank, 0.6)], (0.5 * STRIDE_TIME, 0.8 * SWING_TIME));
            self.now = leaves + 0.5 * SWING_TIME;
            self.there_and_back(&[(Coordinate::Shank, -0.25), (Coordinate::PelvisTilt, 0.04)], (0.5 * SWING_TIME, 0.4));
        }
        self.now = from + (STRIDES as f64 + 0.5) * STRIDE_TIME;
    }

    fn there_and_back(&mut self, sizes: &[(Coordinate, f64)], (out, back): (f64, f64)) {
        for &(coordinate, amplitude) in sizes {
            let start = self.now;
            self.plan.add(Excursion { coordinate, amplitude, start, out, hold: 0.0, back, residue: 0.0 });
        }
    }

    /// Down with the trunk forward, upright on the seat, and up again.
    fn sit(&mut self, leg: &Leg) {
        let shank = 0.12;
        // A high seat: the thigh slopes, its hip end lies this far behind the knee.
        let back = 0.8 * leg.thigh - leg.shank * shank;
        let down = [(Coordinate::HipForward, -back), (Coordinate::Shank, shank), (Coordinate::PelvisTilt, -0.25)];
        let start = self.now;
        for (coordinate, amplitude) in down {
            self.plan.add(Excursion {
                coordinate,
                amplitude,
                start,
                out: SITTING_DOWN,
                hold: SEATED,
                back: SITTING_DOWN,
                residue: 0.0,
            });
        }
        for bows_at in [start, start + SITTING_DOWN + SEATED] {
            self.now = bows_at;
            self.there_and_back(&[(Coordinate::PelvisTilt, 0.7)], (0.5 * SITTING_DOWN, 0.5 * SITTING_DOWN));
        }
        self.now = start + 2.0 * SITTING_DOWN + SEATED;
    }

    /// Something that is no repetition, and a moment to stand still again.
    pub(super) fn distraction(&mut self, index: usize) {
        match index % 3 {
            // The free foot touches down: the pelvis drops and turns, the shank gives a little.
            0 => self.excursion(
                &[(Coordinate::PelvisDrop, 0.09), (Coordinate::PelvisHeading, 0.08), (Coordinate::Shank, 0.03)],
                (0.35, 0.1, 0.35),
                0.05,
            ),
            // A shift of weight: the leg leans back to the middle and out again.
            1 => self.excursion(
                &[(Coordinate::LegOutward, -0.05), (Coordinate::PelvisTilt, 0.03)],
                (0.6, 0.3, 0.6),
                0.05,
            ),
            // Off the leg and back on it.
            _ => self.steps(2),
        }
        self.rest(1.5);
    }

    pub(super) fn steps(&mut self, count: usize) {
        for _ in 0..count {
            let start = self.now;
            let step = [(Coordinate::Shank, -0.55), (Coordinate::AnkleUp, 0.08), (Coordinate::HipForward, 0.0)];
            self.excursion(&step, (0.28, 0.0, 0.28), 0.0);
            // The free side drops and comes forward, then the other one: as much as in ordinary walking.
            for (coordinate, amplitude) in [(Coordinate::PelvisDrop, 0.07), (Coordinate::PelvisHeading, 0.14)] {
                let (out, hold, back, residue) = (0.3, 0.0, 0.5, 0.0);
                self.plan.add(Excursion { coordinate, amplitude, start, out, hold, back, residue });
            }
            self.now = start + 0.9;
        }
    }
}
