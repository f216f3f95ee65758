//! Builds a session along its time line.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use truehinge_core::{
    Anthropometry, AthleteId, HostTime, InvalidId, Length, Marker, MarkerKind, Measured, SessionId, SessionInfo, Side,
    Source, Zone,
};

use super::{Calibration, Scenario, SimulatedSession, Sites, When};
use crate::movement::{Coordinate, Excursion, FIVE_PERCENT, Plan};
use crate::skeleton::Leg;
use crate::truth::{RepKind, TrueRep, TrueSigns, Truth, measure, span};

/// Error of a tape measure on a body, m.
const TAPE_SIGMA: f64 = 0.005;

/// Outward lean of the leg that carries the body alone, rad.
const ON_ONE_LEG: f64 = 0.105;

/// A session in the making.
pub(super) struct Session<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) rng: ChaCha8Rng,
    pub(super) plan: Plan,
    pub(super) now: f64,
    markers: Vec<Marker>,
    planned: Vec<Planned>,
    pub(super) legs: Vec<(f64, Leg)>,
    /// How much of the trunk's lean the free leg follows: 0 hangs, 1 stays in line.
    free_leg: f64,
    /// When the sensors slip, if they do.
    pub(super) slipped_at: f64,
    signs: Vec<TrueSigns>,
    /// When each movement turns back.
    pub(super) turned_at: Vec<f64>,
}

/// A repetition on the time line.
struct Planned {
    block: u32,
    leg: Leg,
    kind: RepKind,
    /// First instant of the movement; its 5 % point is where the span begins.
    onset: f64,
    span: (f64, f64),
    bottom: (f64, f64),
}

/// Sizes of one repetition's movements, in m and rad.
struct Sizes {
    hip_back: f64,
    shank: f64,
    tilt: f64,
    tempo: f64,
}

impl<'a> Session<'a> {
    pub(super) fn new(scenario: &'a Scenario) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(scenario.seed);
        let mut plan = Plan::standing();
        let sway = scenario.sway;
        plan.sway(
            &[
                (Coordinate::HipForward, sway),
                (Coordinate::Shank, sway / 0.9),
                (Coordinate::PelvisTilt, 1.5 * sway),
                (Coordinate::LegOutward, 1.2 * sway),
                (Coordinate::PelvisDrop, 1.5 * sway),
                (Coordinate::PelvisHeading, 2.0 * sway),
            ],
            &mut rng,
        );
        let free_leg = 0.5 + scenario.balance_spread * rng.random_range(-0.5..=0.5);
        Self {
            scenario,
            rng,
            plan,
            now: 0.0,
            markers: Vec::new(),
            planned: Vec::new(),
            legs: Vec::new(),
            free_leg,
            slipped_at: 0.0,
            signs: Vec::new(),
            turned_at: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> Result<SimulatedSession, InvalidId> {
        let scenario = self.scenario;
        for (block, (side, kinds)) in (1..).zip(&scenario.blocks) {
            self.block(block, *side, kinds);
        }
        let duration = self.now + 1.0;
        let mut truth = Truth { signs: std::mem::take(&mut self.signs), ..Truth::default() };
        for planned in &self.planned {
            if planned.kind == RepKind::Aborted {
                truth.aborted.push(span(planned.span));
                continue;
            }
            truth.reps.push(TrueRep {
                block: planned.block,
                side: planned.leg.side,
                kind: planned.kind,
                span: span(planned.span),
                bottom: span(planned.bottom),
                metrics: measure(
                    &planned.leg,
                    &self.plan,
                    planned.onset,
                    planned.span,
                    f64::midpoint(planned.bottom.0, planned.bottom.1),
                ),
            });
        }
        if scenario.wearing > 0 {
            self.rng = ChaCha8Rng::seed_from_u64(scenario.seed ^ scenario.wearing.wrapping_mul(0x9e37_79b9));
        }
        let noise = scenario.seed.wrapping_mul(31).wrapping_add(scenario.wearing.wrapping_mul(0x1_0000));
        let sensors = self.sensors();
        let mut tracks: Vec<_> =
            (1..).zip(&sensors).map(|(k, imu)| imu.measure(&self.plan, duration, noise.wrapping_add(k))).collect();
        if scenario.sites == Sites::Unnamed {
            tracks.iter_mut().for_each(|track| track.device.mount = None);
        }
        Ok(SimulatedSession {
            loss: scenario.loss,
            seed: scenario.seed,
            info: self.info()?,
            tracks,
            markers: self.markers,
            truth,
            duration,
        })
    }

    fn info(&mut self) -> Result<SessionInfo, InvalidId> {
        let leg = self.legs.first().map_or_else(|| self.leg(Side::Right), |(_, leg)| *leg);
        let scenario = self.scenario;
        let mut tape = |metres: f64| {
            let read = metres + scenario.body_spread * self.normal(TAPE_SIGMA);
            Some(Measured::new(Length::from_metres(read), Length::from_metres(TAPE_SIGMA)))
        };
        let body = Anthropometry {
            stature: tape(scenario.stature),
            shank_length: tape(leg.shank),
            thigh_length: tape(leg.thigh),
            hip_width: tape(2.0 * leg.half_hip_width),
            mass_kg: None,
        };
        Ok(SessionInfo {
            session: SessionId::new(self.scenario.name)?,
            athlete: AthleteId::new(format!("virtual-{}", self.scenario.name))?,
            // A fixed date: the same scenario gives the same bytes.
            start_utc_ns: Some(1_767_225_600_000_000_000),
            zone: Zone::Ahead(0),
            stance_side: self.scenario.blocks.first().map(|(side, _)| *side),
            protocol: "single-leg-hip-hinge".to_owned(),
            body,
            source: Source { format: "simulation".to_owned(), ..Source::default() },
        })
    }

    fn leg(&self, side: Side) -> Leg {
        let h = self.scenario.stature;
        Leg { side, shank: 0.246 * h, thigh: 0.245 * h, half_hip_width: 0.049 * h }
    }

    /// The leg of this person instead of the average one.
    fn personal(&mut self, leg: Leg) -> Leg {
        let mut of =
            |length: f64| length * (1.0 + self.scenario.body_spread * 0.03 * self.rng.sample::<f64, _>(StandardNormal));
        Leg { shank: of(leg.shank), thigh: of(leg.thigh), half_hip_width: of(leg.half_hip_width), ..leg }
    }

    pub(super) fn normal(&mut self, sigma: f64) -> f64 {
        sigma * self.rng.sample::<f64, _>(StandardNormal)
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        self.rng.random_range(low..=high)
    }

    /// Adds a movement of several coordinates at once and moves on to its end. The joints do not start together.
    pub(super) fn excursion(&mut self, sizes: &[(Coordinate, f64)], (out, hold, back): (f64, f64, f64), spread: f64) {
        let mut end = self.now;
        for &(coordinate, amplitude) in sizes {
            let start = self.now + self.between(0.0, spread);
            let residue = self.normal(0.02);
            let excursion = Excursion { coordinate, amplitude, start, out, hold, back, residue };
            end = f64::max(end, excursion.end());
            self.plan.add(excursion);
        }
        self.now = end;
    }

    pub(super) fn rest(&mut self, seconds: f64) {
        self.now += seconds;
    }

    /// Walk-in, two-leg stance, guided calibration, one-leg stance, repetitions, back on two legs.
    fn block(&mut self, block: u32, side: Side, kinds: &[RepKind]) {
        let leg = self.personal(self.leg(side));
        self.legs.push((self.now, leg));
        let place = block as usize - 1;
        self.signs(place, When::Before, side);
        self.mark(MarkerKind::SetStart { side });
        self.rest(0.5);
        self.steps(4);
        self.rest(0.5 + self.scenario.quiet);
        if self.scenario.calibration != Calibration::None {
            self.calibrate();
        }
        self.onto_the_leg();
        for (index, &kind) in kinds.iter().enumerate() {
            if index == kinds.len() / 2 {
                self.interrupt(&leg);
                self.slipped_at = self.now - 0.2;
            }
            self.repetition(block, leg, kind);
            let pause = self.between(self.scenario.pause.0, self.scenario.pause.1);
            self.rest(pause);
            if self.scenario.distractions {
                self.distraction(index);
            }
        }
        self.off_the_leg();
        self.rest(2.5);
        self.signs(place, When::Within, side);
        self.mark(MarkerKind::SetEnd);
        self.signs(place, When::After, side);
        // The sensors are moved to the other leg.
        self.rest(2.0);
    }

    /// Onto one leg, which leans outward from then on, and a moment of quiet.
    pub(super) fn onto_the_leg(&mut self) {
        self.shift(Coordinate::LegOutward, ON_ONE_LEG, 1.0);
        self.rest(1.0 + self.scenario.quiet);
    }

    /// Back on both.
    pub(super) fn off_the_leg(&mut self) {
        self.shift(Coordinate::LegOutward, -ON_ONE_LEG, 1.0);
        self.rest(1.0);
    }

    /// A lasting change of one coordinate, from now on; time does not move on.
    pub(super) fn shift(&mut self, coordinate: Coordinate, amplitude: f64, out: f64) {
        let start = self.now;
        self.plan.add(Excursion { coordinate, amplitude, start, out, hold: f64::INFINITY, back: 1.0, residue: 0.0 });
    }

    pub(super) fn truth_of_signs(&mut self, signs: TrueSigns) {
        self.signs.push(signs);
    }

    fn mark(&mut self, kind: MarkerKind) {
        self.markers.push(Marker { at: HostTime::from_seconds(self.now), kind });
    }

    /// Two small knee bends and two bows.
    fn calibrate(&mut self) {
        if self.scenario.calibration == Calibration::Guided {
            self.mark(MarkerKind::CalibrationStart);
        }
        for _ in 0..2 {
            // The shank leans 20 degrees, the pelvis stays level and goes down.
            self.excursion(&[(Coordinate::Shank, 0.35), (Coordinate::HipForward, -0.02)], (1.0, 0.2, 1.0), 0.0);
            self.rest(0.8);
        }
        for _ in 0..2 {
            self.excursion(&[(Coordinate::PelvisTilt, 0.6), (Coordinate::HipForward, -0.05)], (1.1, 0.2, 1.1), 0.0);
            self.rest(0.8);
        }
        if self.scenario.calibration == Calibration::Guided {
            self.mark(MarkerKind::CalibrationEnd);
        }
    }

    fn sizes(&mut self, kind: RepKind) -> Sizes {
        let (shank, tilt, tempo) = match kind {
            RepKind::Hinge => (self.between(-0.035, -0.01), self.between(0.25, 0.55), self.between(1.1, 1.4)),
            RepKind::KneeDrift => (self.between(0.13, 0.18), self.between(0.12, 0.22), self.between(1.0, 1.3)),
            RepKind::TooSmall => (0.0, self.between(0.09, 0.12), self.between(0.9, 1.1)),
            RepKind::Grey => (0.052, 0.30, 1.2),
            // A hinge that is given up on the way.
            RepKind::Aborted => {
                let share = self.between(0.25, 0.5);
                (share * self.between(-0.035, -0.01), share * self.between(0.25, 0.55), self.between(0.45, 0.7))
            }
        };
        let balanced = self.balanced(shank, tilt);
        let hip_back = match kind {
            // What the kind promises: hips that went back, or a bow without them, with the weight coming forward.
            RepKind::Hinge => balanced.max(0.030),
            RepKind::TooSmall => self.between(0.002, 0.008),
            RepKind::KneeDrift | RepKind::Grey | RepKind::Aborted => balanced,
        };
        Sizes { hip_back, shank, tilt, tempo }
    }

    /// How far the hips go back so that the body stays over the foot. Masses and centres of mass: \[Winter2009\].
    fn balanced(&mut self, shank: f64, tilt: f64) -> f64 {
        let leg = self.leg(Side::Right);
        let stature = self.scenario.stature;
        let trunk = 0.678 * 0.180 * stature * tilt.sin();
        let free_leg = 0.161 * 0.237 * stature * (self.free_leg * tilt).sin();
        let knee = (0.100 * 0.433 + 0.0465 * 0.567) * leg.shank * shank.sin();
        let shift = self.normal(0.02) * self.scenario.balance_spread;
        // Head, arms and trunk, the free leg and most of the supporting thigh move with the hip.
        (trunk - free_leg + knee - shift) / (0.678 + 0.161 + 0.100 * 0.567)
    }

    fn repetition(&mut self, block: u32, leg: Leg, kind: RepKind) {
        let sizes = self.sizes(kind);
        let (shortest, longest) = self.scenario.hold;
        let hold = if kind == RepKind::Aborted { 0.0 } else { self.between(shortest, longest) };
        let out = sizes.tempo * self.scenario.tempo;
        let back = 0.9 * out;
        let start = self.now;
        let (drop, turn) = (self.normal(0.02), self.normal(0.02));
        let moves = [
            (Coordinate::HipForward, -sizes.hip_back),
            (Coordinate::Shank, sizes.shank),
            (Coordinate::PelvisTilt, sizes.tilt),
            (Coordinate::PelvisDrop, drop),
            (Coordinate::PelvisHeading, turn),
        ];
        // Drawn only where it matters, so that everybody else moves as before.
        let rounds = (self.scenario.rounding > 0.0).then(|| self.between(0.0, self.scenario.rounding));
        let moves: Vec<_> = moves.into_iter().chain(rounds.map(|by| (Coordinate::SpineFlexion, by))).collect();
        self.excursion(&moves, (out, hold, back), 0.06);
        let turned = start + out + hold;
        self.turned_at.push(turned);
        self.planned.push(Planned {
            block,
            leg,
            kind,
            onset: start,
            span: (start + FIVE_PERCENT * out, turned + (1.0 - FIVE_PERCENT) * back),
            bottom: (start + (1.0 - FIVE_PERCENT) * out, turned + FIVE_PERCENT * back),
        });
    }
}
