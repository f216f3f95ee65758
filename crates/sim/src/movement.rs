//! What the athlete does: smooth coordinates of the skeleton over time.
//!
//! A [`Plan`] is a list of smooth excursions added to a standing posture with sway. Excursions rise and fall with minimum-jerk
//! ramps, so acceleration is continuous and the specific force exact.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::jet::Jet;

/// A coordinate of the skeleton.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Coordinate {
    /// Forward lean of the shank, rad.
    Shank,
    /// Lean of the leg towards the supporting side, rad.
    LegOutward,
    /// Hip joint, fore-aft, m (backward negative).
    HipForward,
    /// Anterior tilt of the pelvis, rad.
    PelvisTilt,
    /// Free side of the pelvis down, rad.
    PelvisDrop,
    /// Pelvis about the vertical, rad, counter-clockwise from above.
    PelvisHeading,
    /// Trunk forward over the pelvis, rad.
    SpineFlexion,
    /// Ankle, fore-aft, m: zero while the foot is planted.
    AnkleForward,
    /// Ankle, height, m: zero while the foot is planted.
    AnkleUp,
    /// Heel up behind, the knee where it is, rad that the shank leans farther forward.
    HeelUp,
    /// Leg about its own length below the hip, rad, counter-clockwise from above.
    LegTurn,
}

impl Coordinate {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Shank,
        Self::LegOutward,
        Self::HipForward,
        Self::PelvisTilt,
        Self::PelvisDrop,
        Self::PelvisHeading,
        Self::SpineFlexion,
        Self::AnkleForward,
        Self::AnkleUp,
        Self::HeelUp,
        Self::LegTurn,
    ];

    fn index(self) -> usize {
        Self::ALL.iter().position(|c| *c == self).unwrap_or(0)
    }
}

/// There, hold, and back (or most of the way back).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Excursion {
    /// Which coordinate.
    pub coordinate: Coordinate,
    /// How far.
    pub amplitude: f64,
    /// Start of the way out, s.
    pub start: f64,
    /// Length of the way out, s.
    pub out: f64,
    /// Time at the far end, s; infinite for a lasting change.
    pub hold: f64,
    /// Length of the way back, s.
    pub back: f64,
    /// What remains afterwards, as a share of the amplitude.
    pub residue: f64,
}

/// Minimum-jerk ramp from 0 to 1 over the unit interval \[FlashHogan1985\].
pub(crate) fn ramp(u: Jet) -> Jet {
    if u.value <= 0.0 {
        return Jet::default();
    }
    if u.value >= 1.0 {
        return Jet::constant(1.0);
    }
    u * u * u * (Jet::constant(10.0) + u * -15.0 + u * u * 6.0)
}

/// Where the minimum-jerk ramp passes 5 % of the way, as a share of its length.
pub const FIVE_PERCENT: f64 = 0.189_255_377_7;

impl Excursion {
    fn at(&self, t: Jet) -> Jet {
        let rise = ramp((t - Jet::constant(self.start)) * self.out.recip());
        if !self.hold.is_finite() {
            return rise * self.amplitude;
        }
        let fall = ramp((t - Jet::constant(self.start + self.out + self.hold)) * self.back.recip());
        (rise - fall * (1.0 - self.residue)) * self.amplitude
    }

    /// When it is over, s.
    pub fn end(&self) -> f64 {
        self.start + self.out + if self.hold.is_finite() { self.hold + self.back } else { 0.0 }
    }
}

/// A slow sinusoid: one component of sway.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Wave {
    coordinate: Coordinate,
    amplitude: f64,
    frequency: f64,
    phase: f64,
}

/// Everything the athlete does.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Plan {
    posture: [f64; Coordinate::ALL.len()],
    excursions: Vec<Excursion>,
    waves: Vec<Wave>,
}

/// Components per swaying coordinate.
const WAVES: usize = 5;

impl Plan {
    /// A standing posture: knees slightly unlocked.
    pub fn standing() -> Self {
        let mut plan = Self::default();
        plan.posture[Coordinate::Shank.index()] = 0.05;
        plan
    }

    /// Adds a movement.
    pub fn add(&mut self, excursion: Excursion) {
        self.excursions.push(excursion);
    }

    /// Adds sway: band-limited (0.1-0.9 Hz) random waves with this root mean square per coordinate.
    pub fn sway(&mut self, rms: &[(Coordinate, f64)], rng: &mut ChaCha8Rng) {
        for &(coordinate, rms) in rms {
            for k in 0..WAVES {
                let band = 0.8 / WAVES as f64;
                self.waves.push(Wave {
                    coordinate,
                    amplitude: rms * (2.0 / WAVES as f64).sqrt(),
                    frequency: 0.1 + band * (k as f64 + rng.random::<f64>()),
                    phase: rng.random::<f64>() * std::f64::consts::TAU,
                });
            }
        }
    }

    /// All coordinates at a time.
    pub fn coordinates(&self, seconds: f64) -> Coordinates {
        let t = Jet::time(seconds);
        let mut values = self.posture.map(Jet::constant);
        for excursion in self.excursions.iter().filter(|e| e.start < seconds) {
            let value = &mut values[excursion.coordinate.index()];
            *value = *value + excursion.at(t);
        }
        for wave in &self.waves {
            let value = &mut values[wave.coordinate.index()];
            let argument = t * (std::f64::consts::TAU * wave.frequency) + Jet::constant(wave.phase);
            *value = *value + argument.sin() * wave.amplitude;
        }
        Coordinates(values)
    }
}

/// Values of all coordinates at one instant.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Coordinates([Jet; Coordinate::ALL.len()]);

impl Coordinates {
    /// One of them.
    pub fn of(&self, coordinate: Coordinate) -> Jet {
        self.0[coordinate.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn five_percent_is_where_the_ramp_passes_it() {
        assert!((ramp(Jet::constant(FIVE_PERCENT)).value - 0.05).abs() < 1e-9);
    }

    #[test]
    fn excursions_begin_and_end_smoothly() {
        let excursion = Excursion {
            coordinate: Coordinate::Shank,
            amplitude: 0.2,
            start: 1.0,
            out: 1.0,
            hold: 0.5,
            back: 0.8,
            residue: 0.1,
        };
        assert!((excursion.end() - 3.3).abs() < 1e-12);
        for (t, value) in [(0.5, 0.0), (2.2, 0.2), (4.0, 0.02)] {
            let jet = excursion.at(Jet::time(t));
            assert!((jet.value - value).abs() < 1e-12 && jet.rate.abs() < 1e-12 && jet.acceleration.abs() < 1e-12);
        }
        // Acceleration is continuous at every joint of the profile.
        for joint in [1.0, 2.0, 2.5, 3.3] {
            let at = |t: f64| excursion.at(Jet::time(t)).acceleration;
            assert!((at(joint - 1e-6) - at(joint + 1e-6)).abs() < 1e-3, "at {joint}");
        }
    }

    #[test]
    fn sway_has_the_asked_size() {
        let mut plan = Plan::default();
        plan.sway(&[(Coordinate::HipForward, 0.005)], &mut ChaCha8Rng::seed_from_u64(1));
        let values: Vec<f64> =
            (0..20_000).map(|i| plan.coordinates(f64::from(i) * 0.02).of(Coordinate::HipForward).value).collect();
        let rms = (values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64).sqrt();
        // 400 s average out all but the slowest wave.
        assert!((rms - 0.005).abs() < 2e-4, "{rms}");
    }
}
