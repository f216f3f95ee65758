//! Signs that somebody makes with the leg that wears the shin sensor, standing on the other one with both hands full.
//!
//! How far and how fast people do this nobody has measured for us. The ranges are wide on purpose and none was chosen by what finds them.
//! A heel that is brought up behind bends the knee by 75 to 110 degrees (half-way to the buttock is 90, the most without hands about 130),
//! in the time of a step's swing (0.4 s) to twice of it. Toes go out by 30 to 50 degrees from where they stand: hips turn outward by
//! 40 to 60 degrees in healthy adults. Before it, the weight goes to the other leg; the pelvis drops, tilts and turns a little along, as it does
//! in a step, and the thigh swings by some degrees. Between two signs people wait for anything from a step's rhythm to half a second and more.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::When;
use super::session::Session;
use crate::movement::{Coordinate, Excursion};
use crate::truth::{Sign, TrueSigns};
use truehinge_core::{Side, Span};

/// How somebody makes signs.
struct Manner {
    /// How far the heel comes up, and the toes go out, rad.
    lift: f64,
    turn: f64,
    /// How long a sign takes on its way, and at its end, s.
    way: f64,
    hold: f64,
    /// Between two signs, s.
    pause: f64,
}

impl Manner {
    fn of(rng: &mut ChaCha8Rng) -> Self {
        Self {
            lift: rng.random_range(75.0_f64..=110.0).to_radians(),
            turn: rng.random_range(30.0_f64..=50.0).to_radians(),
            way: rng.random_range(0.35..=0.7),
            hold: rng.random_range(0.0..=0.4),
            pause: rng.random_range(0.1..=0.6),
        }
    }
}

/// Standing still before and after signs, s.
const STANDS: (f64, f64) = (2.0, 3.5);

impl Session<'_> {
    /// The signs of a moment, in order, each from a rest.
    pub(super) fn signs(&mut self, block: usize, when: When, side: Side) {
        let scenario = self.scenario;
        for (number, signs) in (0..).zip(&scenario.signs) {
            if (signs.block, signs.when) == (block, when) {
                // Of their own, so that everything else is done as without them.
                let mut rng =
                    ChaCha8Rng::seed_from_u64((scenario.seed ^ 0x51_6e5).wrapping_mul(131).wrapping_add(number));
                self.make(&signs.signs, side, &mut rng);
            }
        }
    }

    fn make(&mut self, signs: &[Sign], side: Side, rng: &mut ChaCha8Rng) {
        let manner = Manner::of(rng);
        self.rest(rng.random_range(STANDS.0..=STANDS.1));
        let start = self.now;
        // The weight goes to the other leg, and comes back at the end.
        let over = rng.random_range(0.4..=0.8);
        let lean = rng.random_range(-0.08..=-0.02);
        self.shift(Coordinate::LegOutward, lean, over);
        self.rest(over * rng.random_range(0.4..=1.0));
        for (index, sign) in signs.iter().enumerate() {
            if index > 0 {
                self.rest(manner.pause * rng.random_range(0.7..=1.4));
            }
            match sign {
                Sign::HeelUp => self.heel_up(&manner, rng),
                Sign::ToesOut => self.toes_out(&manner, side, rng),
            }
        }
        self.truth_of_signs(TrueSigns { signs: signs.to_vec(), span: Span::from_seconds(start, self.now) });
        self.shift(Coordinate::LegOutward, -lean, over);
        self.rest(over);
        self.rest(rng.random_range(STANDS.0..=STANDS.1));
    }

    fn heel_up(&mut self, manner: &Manner, rng: &mut ChaCha8Rng) {
        let lift = manner.lift * rng.random_range(0.9..=1.1);
        let along = [
            (Coordinate::HeelUp, lift),
            // The thigh swings along, and the pelvis drops to the side of the leg that hangs, and tilts.
            (Coordinate::Shank, rng.random_range(-0.12..=0.12)),
            (Coordinate::PelvisDrop, rng.random_range(-0.08..=0.05)),
            (Coordinate::PelvisTilt, rng.random_range(0.0..=0.15)),
            (Coordinate::PelvisHeading, rng.random_range(-0.06..=0.06)),
            // It does not point straight back, and the foot comes down a little askew.
            (Coordinate::LegTurn, rng.random_range(-0.15..=0.15)),
        ];
        self.sign(&along, manner, rng);
        // It comes down with a bump.
        let (start, amplitude) = (self.now - 0.03, rng.random_range(-0.0006..=-0.0002));
        let (out, back) = (0.03, 0.05);
        self.plan.add(Excursion {
            coordinate: Coordinate::AnkleUp,
            amplitude,
            start,
            out,
            hold: 0.0,
            back,
            residue: 0.0,
        });
    }

    fn toes_out(&mut self, manner: &Manner, side: Side, rng: &mut ChaCha8Rng) {
        // Counter-clockwise from above is outward on the left.
        let turn = -side.lateral_sign() * manner.turn * rng.random_range(0.9..=1.1);
        let along = [
            (Coordinate::LegTurn, turn),
            // The knee gives a little, and the leg is not quite upright.
            (Coordinate::Shank, rng.random_range(-0.06..=0.06)),
            (Coordinate::LegOutward, rng.random_range(-0.05..=0.05)),
            (Coordinate::PelvisHeading, turn.signum() * rng.random_range(0.0..=0.12)),
            (Coordinate::PelvisDrop, rng.random_range(-0.04..=0.04)),
        ];
        self.sign(&along, manner, rng);
    }

    fn sign(&mut self, along: &[(Coordinate, f64)], manner: &Manner, rng: &mut ChaCha8Rng) {
        let mut end = self.now;
        let out = manner.way * rng.random_range(0.85..=1.15);
        let back = manner.way * rng.random_range(0.85..=1.25);
        let hold = manner.hold * rng.random_range(0.5..=1.5);
        for &(coordinate, amplitude) in along {
            let start = self.now + rng.random_range(0.0..=0.08);
            let residue = rng.random_range(-0.08..=0.08);
            let excursion = Excursion { coordinate, amplitude, start, out, hold, back, residue };
            end = end.max(excursion.end());
            self.plan.add(excursion);
        }
        self.now = end;
    }
}
