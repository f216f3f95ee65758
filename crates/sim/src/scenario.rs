//! Complete sessions by name: who does what, wearing which sensors.

use nalgebra::{UnitQuaternion, Vector3};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use truehinge_core::{
    Anthropometry, AthleteId, ClockKind, HostTime, InertialSample, InvalidId, Length, Marker, MarkerKind, Measured,
    MountSite, Recording, STANDARD_GRAVITY, SampleRate, SensorRole, SequenceGap, SessionInfo, Side, Source, Track,
    TrackSamples,
};

use crate::imu::{Chip, DeviceClock, Imu, Mounting, nominal_rotation};
use crate::movement::{Coordinate, Excursion, FIVE_PERCENT, Plan};
use crate::skeleton::Leg;
use crate::truth::{RepKind, TrueRep, Truth, measure, span};
use crate::virtual_sensor::{VirtualSample, VirtualTrack};

/// A named, seeded session.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// Name of the session.
    pub name: &'static str,
    /// Seed of everything random in it.
    pub seed: u64,
    /// Standing height, m.
    pub stature: f64,
    /// Legs in order, each with its repetitions.
    pub blocks: Vec<(Side, Vec<RepKind>)>,
    /// The sensors' chip.
    pub chip: Chip,
    /// Root mean square of the mounting error, rad.
    pub mounting_error: f64,
    /// Strength of soft tissue; 1 is a firm strap.
    pub soft_tissue: f64,
    /// Root mean square of the hip's sway on one leg, m.
    pub sway: f64,
    /// How freely people keep their balance; 1 is ordinary: the free leg anywhere between hanging and in line with the trunk,
    /// the centre of mass 20 mm fore or aft. 0 is one way only.
    pub balance_spread: f64,
    /// Bodies differ from the average: 1 is ordinary, 3 % in the length of the segments, 12 mm in where on them sensors sit.
    pub body_spread: f64,
    /// Also wear a thigh sensor.
    pub thigh: bool,
    /// How long repetitions last; 1 is two to three seconds.
    pub tempo: f64,
    /// Shortest and longest pause between repetitions, s.
    pub pause: (f64, f64),
    /// Quiet standing before the repetitions, s.
    pub quiet: f64,
    /// Whether things happen between the repetitions: touch-downs of the free foot, steps, shifts of weight.
    pub distractions: bool,
    /// How far a sensor slips on the skin in the middle of the repetitions, rad: the hip's for even seeds, the shank's for odd.
    pub slip: f64,
    /// Whether the guided calibration movements are made.
    pub calibration: bool,
    /// Quarter turns of the sensors' cases on the skin, about their outward axis.
    pub quarter_turns: u8,
    /// Sample rate the sensors are set to.
    pub rate: SampleRate,
    /// How much faster they truly sample, as a share.
    pub rate_error: f64,
    /// What the radio loses.
    pub loss: Loss,
}

/// Samples lost for good on the radio, in bursts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Loss {
    /// Share of all samples.
    pub share: f64,
    /// Mean length of a burst, s.
    pub burst: f64,
}

impl Loss {
    /// Nothing is lost.
    pub const NONE: Self = Self { share: 0.0, burst: 0.0 };
}

fn hertz(hertz: f64) -> SampleRate {
    SampleRate::from_hertz(hertz).unwrap_or_else(|| unreachable!("a constant above zero"))
}

impl Scenario {
    /// The session of `truehinge demo`: five repetitions a leg, among them a knee-forward drift, one with too little hip travel
    /// and one broken off.
    pub fn demo() -> Self {
        use RepKind::{Aborted, Hinge, KneeDrift, TooSmall};
        Self {
            name: "demo",
            seed: 20_261,
            stature: 1.74,
            blocks: vec![
                (Side::Left, vec![Hinge, Hinge, KneeDrift, Hinge, TooSmall]),
                (Side::Right, vec![Hinge, Aborted, Hinge, Hinge, KneeDrift, Hinge]),
            ],
            chip: Chip::calibrated(),
            mounting_error: 6.0_f64.to_radians(),
            soft_tissue: 1.0,
            sway: 0.003,
            balance_spread: 1.0,
            ..Self::clean()
        }
    }

    /// One leg, perfect sensors, no sway: what remains is the analysis' own error.
    pub fn clean() -> Self {
        use RepKind::{Grey, Hinge, KneeDrift, TooSmall};
        Self {
            name: "clean",
            seed: 1,
            stature: 1.80,
            blocks: vec![(Side::Right, vec![Hinge, KneeDrift, Hinge, TooSmall, Grey])],
            chip: Chip::perfect(),
            mounting_error: 0.0,
            soft_tissue: 0.0,
            sway: 1e-5,
            balance_spread: 0.0,
            body_spread: 0.0,
            thigh: false,
            tempo: 1.0,
            pause: (1.2, 1.9),
            quiet: 3.0,
            distractions: false,
            slip: 0.0,
            calibration: true,
            quarter_turns: 0,
            rate: hertz(120.0),
            rate_error: 0.0,
            loss: Loss::NONE,
        }
    }

    /// One person with one leg in front of good sensors on firm straps. Person, leg and kinds of repetition follow the seed.
    pub fn typical(seed: u64) -> Self {
        use RepKind::{Aborted, Grey, Hinge, KneeDrift, TooSmall};
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x5eed);
        let mut kinds = vec![Hinge, KneeDrift, Hinge, TooSmall, Grey, Hinge, Aborted];
        // A shuffle; the first repetition is one that counts, whichever it is.
        for i in (1..kinds.len()).rev() {
            kinds.swap(i, rng.random_range(0..=i));
        }
        let side = if rng.random::<bool>() { Side::Left } else { Side::Right };
        Self {
            name: "typical",
            seed,
            stature: rng.random_range(1.55..=1.95),
            blocks: vec![(side, kinds)],
            chip: Chip::calibrated(),
            mounting_error: 6.0_f64.to_radians(),
            soft_tissue: 1.0,
            sway: 0.003,
            balance_spread: 1.0,
            body_spread: 1.0,
            ..Self::clean()
        }
    }

    /// All conditions that are validated, by name. `seed` is the person.
    pub fn conditions(seed: u64) -> Vec<Self> {
        let typical = Self::typical(seed);
        let of = |name: &'static str, change: &dyn Fn(&mut Self)| {
            let mut scenario = Self { name, ..typical.clone() };
            change(&mut scenario);
            scenario
        };
        vec![
            typical.clone(),
            of("slow", &|s| s.tempo = 2.0),
            of("fast", &|s| s.tempo = 0.65),
            of("no-pause", &|s| s.pause = (0.25, 0.5)),
            of("swaying", &|s| s.sway = 0.008),
            of("loose-straps", &|s| s.soft_tissue = 2.5),
            of("cheap-chips", &|s| s.chip = Chip::cheap()),
            of("gyro-bias", &|s| s.chip.rate_bias = 3.0_f64.to_radians()),
            of("clipping", &|s| s.chip.range = (2.0 * STANDARD_GRAVITY, 250.0_f64.to_radians())),
            of("askew", &|s| s.mounting_error = 15.0_f64.to_radians()),
            of("turned", &|s| s.quarter_turns = 1 + u8::try_from(seed % 3).unwrap_or(0)),
            of("uncalibrated", &|s| s.calibration = false),
            of("hardly-quiet", &|s| (s.quiet, s.calibration) = (1.0, false)),
            of("distracted", &|s| s.distractions = true),
            of("slipping", &|s| s.slip = 15.0_f64.to_radians()),
            of("26-hz", &|s| s.rate = hertz(26.0)),
            of("rate-off", &|s| s.rate_error = 0.02),
            of("burst-loss", &|s| s.loss = Loss { share: 0.05, burst: 0.12 }),
            of("thigh-sensor", &|s| s.thigh = true),
        ]
    }

    /// Runs it.
    ///
    /// # Errors
    /// The scenario's name cannot be an athlete's pseudonym.
    pub fn run(&self) -> Result<SimulatedSession, InvalidId> {
        Session::new(self).finish()
    }
}

/// A simulated session: what the sensors measured, and what truly happened.
#[derive(Clone, PartialEq, Debug)]
pub struct SimulatedSession {
    /// What the radio loses.
    pub loss: Loss,
    /// Seed of the losses.
    pub seed: u64,
    /// Who, when.
    pub info: SessionInfo,
    /// One per sensor.
    pub tracks: Vec<VirtualTrack>,
    /// Set starts and ends.
    pub markers: Vec<Marker>,
    /// What truly happened.
    pub truth: Truth,
    /// Length, s.
    pub duration: f64,
}

/// Error of a tape measure on a body, m.
const TAPE_SIGMA: f64 = 0.005;
/// Latency of the ideal radio of [`SimulatedSession::recording`], s.
const IDEAL_LATENCY: f64 = 0.005;

impl SimulatedSession {
    /// The recording a radio with constant latency would have made, with the scenario's losses.
    pub fn recording(&self) -> Recording {
        let tracks = (0..)
            .zip(&self.tracks)
            .map(|(index, track)| {
                let mut rng = ChaCha8Rng::seed_from_u64(self.seed.wrapping_mul(31).wrapping_add(index));
                let (samples, sequence_gaps) = self.loss.apply(track, &mut rng);
                Track {
                    role: track.role,
                    device: track.device.clone(),
                    clock: ClockKind::Device,
                    samples: TrackSamples::Inertial(samples.into_iter().map(received).collect()),
                    sequence_gaps,
                }
            })
            .collect();
        Recording { info: self.info.clone(), tracks, markers: self.markers.clone() }
    }
}

fn received(sample: &VirtualSample) -> InertialSample {
    InertialSample {
        device_time: sample.device_time,
        arrival: Some(HostTime::from_seconds(sample.true_time.seconds() + IDEAL_LATENCY)),
        specific_force: sample.specific_force,
        angular_rate: sample.angular_rate,
    }
}

impl Loss {
    /// The samples that arrive, and where the others are missing.
    fn apply<'a>(&self, track: &'a VirtualTrack, rng: &mut ChaCha8Rng) -> (Vec<&'a VirtualSample>, Vec<SequenceGap>) {
        let hertz = track.device.nominal_rate.map_or(100.0, SampleRate::hertz);
        // A two-state chain: bursts end with one rate and begin with the one that loses the right share.
        let end = (self.burst * hertz).max(1.0).recip();
        let begin = end * self.share / (1.0 - self.share);
        let (mut arrived, mut gaps, mut lost, mut losing) = (Vec::new(), Vec::new(), 0, false);
        for sample in &track.samples {
            losing = rng.random::<f64>() < if losing { 1.0 - end } else { begin };
            if losing {
                lost += 1;
                continue;
            }
            if lost > 0 {
                gaps.push(SequenceGap { before_sample: arrived.len(), lost });
                lost = 0;
            }
            arrived.push(sample);
        }
        (arrived, gaps)
    }
}

/// Builds a session along its time line.
struct Session<'a> {
    scenario: &'a Scenario,
    rng: ChaCha8Rng,
    plan: Plan,
    now: f64,
    markers: Vec<Marker>,
    planned: Vec<Planned>,
    legs: Vec<(f64, Leg)>,
    /// How much of the trunk's lean the free leg follows: 0 hangs, 1 stays in line.
    free_leg: f64,
    /// When the sensors slip, if they do.
    slipped_at: f64,
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
    fn new(scenario: &'a Scenario) -> Self {
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
        }
    }

    fn finish(mut self) -> Result<SimulatedSession, InvalidId> {
        let scenario = self.scenario;
        for (block, (side, kinds)) in (1..).zip(&scenario.blocks) {
            self.block(block, *side, kinds);
        }
        let duration = self.now + 1.0;
        let mut truth = Truth::default();
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
                metrics: measure(&planned.leg, &self.plan, planned.onset, planned.span),
            });
        }
        let sensors = self.sensors();
        let tracks = (1..)
            .zip(&sensors)
            .map(|(k, imu)| imu.measure(&self.plan, duration, scenario.seed.wrapping_mul(31).wrapping_add(k)))
            .collect();
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
            session: self.scenario.name.to_owned(),
            athlete: AthleteId::new(format!("virtual-{}", self.scenario.name))?,
            // A fixed date: the same scenario gives the same bytes.
            start_utc_ns: Some(1_767_225_600_000_000_000),
            stance_side: self.scenario.blocks.first().map(|(side, _)| *side),
            protocol: "single-leg-hip-hinge".to_owned(),
            body,
            source: Source { format: "simulation".to_owned(), files: Vec::new(), notes: Vec::new() },
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

    fn normal(&mut self, sigma: f64) -> f64 {
        sigma * self.rng.sample::<f64, _>(StandardNormal)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.rng.random_range(low..=high)
    }

    /// Adds a movement of several coordinates at once and moves on to its end. The joints do not start together.
    fn excursion(&mut self, sizes: &[(Coordinate, f64)], (out, hold, back): (f64, f64, f64), spread: f64) {
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

    fn rest(&mut self, seconds: f64) {
        self.now += seconds;
    }

    /// Walk-in, two-leg stance, guided calibration, one-leg stance, repetitions, back on two legs.
    fn block(&mut self, block: u32, side: Side, kinds: &[RepKind]) {
        let leg = self.personal(self.leg(side));
        self.legs.push((self.now, leg));
        self.markers.push(Marker { at: HostTime::from_seconds(self.now), kind: MarkerKind::SetStart { side } });
        self.rest(0.5);
        self.steps(4);
        self.rest(0.5 + self.scenario.quiet);
        if self.scenario.calibration {
            self.calibrate();
        }
        // Onto one leg: it leans outward until the end of the set.
        let onto = self.now;
        self.now += 1.0;
        self.rest(self.scenario.quiet);
        for (index, &kind) in kinds.iter().enumerate() {
            if index == kinds.len() / 2 {
                self.slipped_at = self.now - 0.2;
            }
            self.repetition(block, leg, kind);
            let pause = self.between(self.scenario.pause.0, self.scenario.pause.1);
            self.rest(pause);
            if self.scenario.distractions {
                self.distraction(index);
            }
        }
        let hold = self.now - onto - 1.0;
        let lean = Excursion {
            coordinate: Coordinate::LegOutward,
            amplitude: 0.105,
            start: onto,
            out: 1.0,
            hold,
            back: 1.0,
            residue: 0.0,
        };
        self.plan.add(lean);
        self.rest(3.5);
        self.markers.push(Marker { at: HostTime::from_seconds(self.now), kind: MarkerKind::SetEnd });
        // The sensors are moved to the other leg.
        self.rest(2.0);
    }

    /// Something that is no repetition, and a moment to stand still again.
    fn distraction(&mut self, index: usize) {
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

    /// Two small knee bends and two bows.
    fn calibrate(&mut self) {
        for _ in 0..2 {
            // The shank leans 20 degrees, the pelvis stays level and goes down.
            self.excursion(&[(Coordinate::Shank, 0.35), (Coordinate::HipForward, -0.02)], (1.0, 0.2, 1.0), 0.0);
            self.rest(0.8);
        }
        for _ in 0..2 {
            self.excursion(&[(Coordinate::PelvisTilt, 0.6), (Coordinate::HipForward, -0.05)], (1.1, 0.2, 1.1), 0.0);
            self.rest(0.8);
        }
    }

    fn steps(&mut self, count: usize) {
        for _ in 0..count {
            let start = self.now;
            let step = [(Coordinate::Shank, -0.55), (Coordinate::AnkleUp, 0.08), (Coordinate::HipForward, 0.0)];
            self.excursion(&step, (0.28, 0.0, 0.28), 0.0);
            self.now = start + 0.9;
        }
    }

    fn sizes(&mut self, kind: RepKind) -> Sizes {
        let (shank, tilt, tempo) = match kind {
            RepKind::Hinge => (self.between(-0.035, -0.01), self.between(0.25, 0.55), self.between(1.1, 1.4)),
            RepKind::KneeDrift => (self.between(0.13, 0.18), self.between(0.12, 0.22), self.between(1.0, 1.3)),
            RepKind::TooSmall => (0.0, self.between(0.09, 0.12), self.between(0.9, 1.1)),
            RepKind::Grey => (0.052, 0.30, 1.2),
            RepKind::Aborted => (-0.005, 0.14, 0.55),
        };
        let balanced = self.balanced(shank, tilt);
        let hip_back = match kind {
            // What the kind promises: hips that went back, or a bow without them, with the weight coming forward.
            RepKind::Hinge => balanced.max(0.030),
            RepKind::TooSmall => self.between(0.002, 0.008),
            RepKind::Aborted => 0.5 * balanced,
            RepKind::KneeDrift | RepKind::Grey => balanced,
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
        let hold = if kind == RepKind::Aborted { 0.0 } else { self.between(0.2, 0.4) };
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
        self.excursion(&moves, (out, hold, back), 0.06);
        let turned = start + out + hold;
        self.planned.push(Planned {
            block,
            leg,
            kind,
            onset: start,
            span: (start + FIVE_PERCENT * out, turned + (1.0 - FIVE_PERCENT) * back),
            bottom: (start + (1.0 - FIVE_PERCENT) * out, turned + FIVE_PERCENT * back),
        });
    }

    /// The sensors, each strapped on anew for every leg.
    fn sensors(&mut self) -> Vec<Imu> {
        let scenario = self.scenario;
        let mut roles = vec![(SensorRole::Hip, MountSite::Sacrum), (SensorRole::Shank, MountSite::TibiaAnteromedial)];
        if scenario.thigh {
            roles.push((SensorRole::Thigh, MountSite::ThighLateral));
        }
        let legs = self.legs.clone();
        roles
            .into_iter()
            .map(|(role, site)| {
                let worn = legs.iter().map(|(from, leg)| (*from, *leg, self.mounting(role, site, leg))).collect();
                let (offset, skew, rate_error) = (self.between(10.0, 3000.0), self.normal(30.0), self.normal(1e-3));
                Imu {
                    worn,
                    chip: scenario.chip,
                    clock: DeviceClock { offset_s: offset, skew_ppm: skew, resolution_ns: 1000 },
                    nominal: scenario.rate,
                    rate_error: scenario.rate_error + rate_error,
                    model: "truehinge virtual IMU".to_owned(),
                }
            })
            .collect()
    }

    fn mounting(&mut self, role: SensorRole, site: MountSite, leg: &Leg) -> Mounting {
        let lateral = leg.side.lateral_sign();
        let position = match role {
            SensorRole::Hip | SensorRole::Trunk => Vector3::new(-0.12, 0.08, -lateral * leg.half_hip_width),
            SensorRole::Shank => Vector3::new(0.04, 0.6 * leg.shank, -lateral * 0.02),
            SensorRole::Thigh => Vector3::new(0.0, 0.5 * leg.thigh, lateral * 0.08),
        };
        let spread = 0.012 * self.scenario.body_spread;
        let position = position + Vector3::from_fn(|_, _| spread * self.rng.sample::<f64, _>(StandardNormal));
        let turned = f64::from(self.scenario.quarter_turns) * std::f64::consts::FRAC_PI_2;
        let turned = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), turned);
        let error = scenario_error(self.scenario.mounting_error, &mut self.rng);
        let slipping = if self.scenario.seed.is_multiple_of(2) { SensorRole::Hip } else { SensorRole::Shank };
        Mounting {
            role,
            site,
            position,
            rotation: error * nominal_rotation(site, lateral) * turned,
            tissue_share: 0.03 * self.scenario.soft_tissue * self.rng.sample::<f64, _>(StandardNormal),
            wobble: 0.25_f64.to_radians() * self.scenario.soft_tissue,
            slip: (self.scenario.slip > 0.0 && role == slipping).then_some((self.slipped_at, self.scenario.slip)),
        }
    }
}

/// A random small rotation.
fn scenario_error(sigma: f64, rng: &mut ChaCha8Rng) -> UnitQuaternion<f64> {
    UnitQuaternion::from_scaled_axis(Vector3::from_fn(|_, _| sigma * rng.sample::<f64, _>(StandardNormal)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{Protocol, Verdict};

    #[test]
    fn the_demo_holds_what_it_promises() {
        let session = Scenario::demo().run().expect("runs");
        let limits = Protocol::default().criteria;
        let expected: Vec<Option<Verdict>> = session.truth.reps.iter().map(|rep| rep.expected(&limits)).collect();
        use Verdict::{InsufficientHipTravel as Small, KneeForwardDrift as Drift, TrueHinge as Hinge};
        let want = [Hinge, Hinge, Drift, Hinge, Small, Hinge, Hinge, Hinge, Drift, Hinge].map(Some);
        assert_eq!(expected, want);
        assert_eq!(session.truth.aborted.len(), 1);
        assert_eq!(session.markers.len(), 4);
        assert_eq!(session.tracks.len(), 2);
    }

    #[test]
    fn every_kind_lands_on_its_side_of_the_limits_for_many_seeds() {
        let limits = Protocol::default().criteria;
        for seed in 0..12 {
            for rep in Scenario::typical(seed).run().expect("runs").truth.reps {
                let expected = rep.expected(&limits);
                let right = match rep.kind {
                    RepKind::Hinge => expected == Some(Verdict::TrueHinge),
                    RepKind::KneeDrift => expected == Some(Verdict::KneeForwardDrift),
                    RepKind::TooSmall => expected == Some(Verdict::InsufficientHipTravel),
                    RepKind::Grey => expected.is_none(),
                    RepKind::Aborted => false,
                };
                assert!(right, "seed {seed}: {rep:?}");
            }
        }
    }

    #[test]
    fn the_same_scenario_gives_the_same_session() {
        assert_eq!(Scenario::demo().run(), Scenario::demo().run());
        assert_ne!(Scenario::typical(1).run().expect("runs").tracks, Scenario::typical(2).run().expect("runs").tracks);
    }
}
