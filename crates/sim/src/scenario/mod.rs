//! Complete sessions by name: who does what, wearing which sensors.

mod between;
mod session;
mod signs;
mod simulated;
mod wear;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use truehinge_core::{InvalidId, STANDARD_GRAVITY, SampleRate, Side};

pub use between::Interruption;
pub use simulated::SimulatedSession;

pub use crate::truth::Sign;

use crate::imu::Chip;
use crate::truth::RepKind;
use session::Session;

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
    /// Also wear a trunk sensor.
    pub trunk: bool,
    /// Most that the back rounds in a repetition, rad.
    pub rounding: f64,
    /// How long repetitions last; 1 is two to three seconds.
    pub tempo: f64,
    /// Shortest and longest time at the far end of a repetition, s.
    pub hold: (f64, f64),
    /// Shortest and longest pause between repetitions, s.
    pub pause: (f64, f64),
    /// Quiet standing before the repetitions, s.
    pub quiet: f64,
    /// Whether things happen between the repetitions: touch-downs of the free foot, steps, shifts of weight.
    pub distractions: bool,
    /// What happens half-way through the repetitions, off the leg.
    pub interruption: Option<Interruption>,
    /// Signs that are made with the leg that wears the shin sensor.
    pub signs: Vec<Signs>,
    /// How a sensor is worn: the hip's for even seeds, the shank's for odd; the others are worn well.
    pub strap: Strap,
    /// The calibration movements.
    pub calibration: Calibration,
    /// Quarter turns of the sensors' cases on the skin, about their outward axis.
    pub quarter_turns: u8,
    /// Sample rate the sensors are set to.
    pub rate: SampleRate,
    /// How much faster they truly sample, as a share.
    pub rate_error: f64,
    /// Whether anybody said where the sensors sit.
    pub sites: Sites,
    /// What the radio loses.
    pub loss: Loss,
    /// Which time the sensors are put on: another time the same movements are measured by other chips, mounted and strapped
    /// anew, on a body that is measured anew.
    pub wearing: u64,
}

/// How a sensor is strapped on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Strap {
    /// It stays in its place.
    Firm,
    /// It slips this far in the middle of the repetitions, rad.
    Slips(f64),
    /// It settles anew in each repetition, this far from its place (root mean square, rad).
    Loose(f64),
    /// It is put on upside down for every other block.
    TurnedOver,
}

/// When signs are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// On both legs, before the set is begun.
    Before,
    /// On both legs, after the last repetition, in the set.
    Within,
    /// After the set was ended.
    After,
}

/// Signs that are made one after the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signs {
    /// In which block, from zero.
    pub block: usize,
    /// When.
    pub when: When,
    /// Which.
    pub signs: Vec<Sign>,
}

/// What is said of where sensors sit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sites {
    /// Each sensor's site.
    Named,
    /// Nothing.
    Unnamed,
}

/// Two small knee bends and two bows before the set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Calibration {
    /// Not made.
    None,
    /// Made, and nothing in the recording says when.
    Unmarked,
    /// Made between markers.
    Guided,
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
            calibration: Calibration::Guided,
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
            trunk: false,
            rounding: 0.0,
            tempo: 1.0,
            hold: (0.2, 0.4),
            pause: (1.2, 1.9),
            quiet: 3.0,
            distractions: false,
            interruption: None,
            signs: Vec::new(),
            strap: Strap::Firm,
            calibration: Calibration::Unmarked,
            quarter_turns: 0,
            rate: hertz(120.0),
            rate_error: 0.0,
            sites: Sites::Named,
            loss: Loss::NONE,
            wearing: 0,
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
            // People differ by more than a factor of two in how still they stand on one leg.
            sway: rng.random_range(0.003..=0.007),
            balance_spread: 1.0,
            body_spread: 1.0,
            ..Self::clean()
        }
    }

    /// All conditions that are validated, by name. `seed` is the person.
    pub fn conditions(seed: u64) -> Vec<Self> {
        use RepKind::Aborted;
        let typical = Self::typical(seed);
        let of = |name: &'static str, change: &dyn Fn(&mut Self)| {
            let mut scenario = Self { name, ..typical.clone() };
            change(&mut scenario);
            scenario
        };
        vec![
            typical.clone(),
            of("slow", &|s| s.tempo = 2.0),
            of("very-slow", &|s| s.tempo = 3.0),
            of("fast", &|s| s.tempo = 0.65),
            of("rushed", &|s| s.tempo = 0.45),
            of("held", &|s| s.hold = (1.0, 3.0)),
            of("no-pause", &|s| s.pause = (0.25, 0.5)),
            of("swaying", &|s| s.sway = 0.010),
            of("loose-straps", &|s| s.soft_tissue = 2.0),
            of("cheap-chips", &|s| s.chip = Chip::cheap()),
            of("gyro-bias", &|s| s.chip.rate_bias = 3.0_f64.to_radians()),
            of("clipping", &|s| s.chip.range = (2.0 * STANDARD_GRAVITY, 250.0_f64.to_radians())),
            of("askew", &|s| s.mounting_error = 15.0_f64.to_radians()),
            of("turned", &|s| s.quarter_turns = 1 + u8::try_from(seed % 3).unwrap_or(0)),
            of("anywhere", &|s| s.sites = Sites::Unnamed),
            of("anywhere-with-thigh", &|s| (s.sites, s.thigh) = (Sites::Unnamed, true)),
            of("guided", &|s| s.calibration = Calibration::Guided),
            of("uncalibrated", &|s| s.calibration = Calibration::None),
            of("hardly-quiet", &|s| (s.quiet, s.calibration) = (1.0, Calibration::None)),
            of("distracted", &|s| s.distractions = true),
            of("breaking-off", &|s| {
                for (_, kinds) in &mut s.blocks {
                    *kinds = kinds.iter().flat_map(|kind| [*kind, Aborted]).collect();
                }
            }),
            of("two-sets", &|s| s.interruption = Some(Interruption::Rest)),
            of("walking", &|s| s.interruption = Some(Interruption::Walk)),
            of("sitting", &|s| s.interruption = Some(Interruption::Sit)),
            of("slipping", &|s| s.strap = Strap::Slips(15.0_f64.to_radians())),
            of("unsettled", &|s| s.strap = Strap::Loose(6.0_f64.to_radians())),
            of("turned-over", &|s| {
                s.blocks.extend_from_within(..);
                s.strap = Strap::TurnedOver;
            }),
            of("26-hz", &|s| s.rate = hertz(26.0)),
            of("rate-off", &|s| s.rate_error = 0.02),
            of("burst-loss", &|s| s.loss = Loss { share: 0.05, burst: 0.12 }),
            of("outages", &|s| s.loss = Loss { share: 0.08, burst: 1.5 }),
            of("thigh-sensor", &|s| s.thigh = true),
            of("rounding-back", &|s| (s.trunk, s.rounding) = (true, 40.0_f64.to_radians())),
        ]
    }

    /// The same again with the sensors put on another time.
    #[must_use]
    pub fn worn_again(&self) -> Self {
        Self { wearing: self.wearing + 1, ..self.clone() }
    }

    /// Runs it.
    ///
    /// # Errors
    /// The scenario's name cannot be an athlete's pseudonym.
    pub fn run(&self) -> Result<SimulatedSession, InvalidId> {
        Session::new(self).finish()
    }
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
        // Start and end of the set and of its calibration, per leg.
        assert_eq!(session.markers.len(), 8);
        assert_eq!(session.tracks.len(), 2);
    }

    /// A sway of several millimetres is part of the true movement: it may carry one into the grey zone, never across it.
    #[test]
    fn every_kind_lands_on_its_side_of_the_limits_for_many_seeds() {
        let limits = Protocol::default().criteria;
        let (mut all, mut in_place) = (0, 0);
        for seed in 0..40 {
            for rep in Scenario::typical(seed).run().expect("runs").truth.reps {
                let expected = rep.expected(&limits);
                let meant = match rep.kind {
                    RepKind::Hinge => Some(Verdict::TrueHinge),
                    RepKind::KneeDrift => Some(Verdict::KneeForwardDrift),
                    RepKind::TooSmall => Some(Verdict::InsufficientHipTravel),
                    RepKind::Grey => None,
                    RepKind::Aborted => panic!("seed {seed}: an aborted attempt among the repetitions: {rep:?}"),
                };
                assert!(expected == meant || expected.is_none() || meant.is_none(), "seed {seed}: {rep:?}");
                all += 1;
                in_place += usize::from(expected == meant);
            }
        }
        assert!(in_place * 10 >= all * 9, "{in_place} of {all} where they were meant to be");
    }

    #[test]
    fn nobody_moves_faster_than_people_do() {
        for scenario in (0..3).flat_map(Scenario::conditions) {
            let perfect = Scenario { chip: Chip::perfect(), ..scenario };
            for track in perfect.run().expect("runs").tracks {
                let force = |sample: &crate::VirtualSample| sample.specific_force.norm();
                let hardest = track.samples.iter().map(force).fold(0.0, f64::max);
                assert!(hardest < 60.0, "{} {:?}: {hardest} m/s2", perfect.name, track.role);
                assert!(track.samples.iter().all(|sample| force(sample).is_finite()), "{}", perfect.name);
            }
        }
    }

    #[test]
    fn worn_again_the_movements_are_the_same_and_the_measurements_are_not() {
        let first = Scenario::typical(3);
        let (first, again) = (first.run().expect("runs"), first.worn_again().run().expect("runs"));
        assert_eq!(first.truth, again.truth);
        assert_ne!(first.tracks, again.tracks);
        assert_ne!(first.info.body, again.info.body);
    }

    #[test]
    fn the_same_scenario_gives_the_same_session() {
        assert_eq!(Scenario::demo().run(), Scenario::demo().run());
        assert_ne!(Scenario::typical(1).run().expect("runs").tracks, Scenario::typical(2).run().expect("runs").tracks);
    }
}
