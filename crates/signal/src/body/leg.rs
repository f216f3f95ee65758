//! What the supporting leg and the body's balance say about where the hip joint is.
//!
//! Two relations in the sagittal plane, both between quiet stance and a moment of the repetition. With `s` the shank's and
//! `t` the thigh's forward lean, `Ls, Lt` their lengths, the ankle fixed, and `back, up` the hip joint's displacement:
//!
//! ```text
//! chain    Lt (sin t - sin t0) = -back - Ls (sin s - sin s0)
//!          up = Ls (cos s - cos s0) + Lt (cos t - cos t0)
//! balance  -carried * back + knee * Ls (sin s - sin s0) + trunk * H (sin p - sin p0)  ~  0
//! ```
//!
//! The chain ties the hip's height to its travel: a hip that went back must have come down. Balance keeps the body's centre of
//! mass over the foot: leaning the trunk by `p` moves mass forward, which the hips must make up for by going back. Both are
//! soft: the leg is no planar linkage of two rigid bars, the free leg and the spine move, and people sway.
//!
//! Masses and centres of mass of the segments: \[Winter2009\]. The free leg may hang or follow the trunk's line; the trunk
//! coefficient of the single-leg stance lies between the two.

use truehinge_core::{Anthropometry, Budget, Stance};

use crate::method::HipPath;

/// Physics: mass of head, arms and trunk, as a share of the body's \[Winter2009\].
const HEAD_ARMS_TRUNK: f64 = 0.678;
/// Physics: mass of a whole leg, as a share of the body's \[Winter2009\].
const LEG: f64 = 0.161;
/// Physics: mass of a thigh, as a share of the body's \[Winter2009\].
const THIGH: f64 = 0.100;
/// Physics: mass of a shank, as a share of the body's \[Winter2009\].
const SHANK: f64 = 0.0465;
/// Physics: centre of mass of thigh and shank from their upper end, as a share of their length \[Winter2009\].
const FROM_PROXIMAL: f64 = 0.433;
/// Physics: height of the centre of mass of head, arms and trunk above the hip joint, as a share of stature \[Winter2009\].
const TRUNK_HEIGHT: f64 = 0.626 * 0.288;
/// Physics: distance of a leg's centre of mass from the hip joint, as a share of stature \[Winter2009\].
const LEG_HEIGHT: f64 = 0.447 * 0.53;

/// Geometry and mass of the supporting leg or legs.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    shank: f64,
    thigh: f64,
    /// Mass that moves with the hip, share of body mass.
    carried: f64,
    /// Mass that moves with the knee.
    knee: f64,
    /// Forward moment of a leaning trunk, m per unit of sine, with its standard uncertainty.
    pub trunk: (f64, f64),
    /// Largest sine of the thigh's lean at which the hip's height says something of its travel.
    steepest: f64,
}

/// Angles of a moment, rad: change of the shank's lean since the stance, and the pelvis' lean then and now.
#[derive(Clone, Copy, Debug)]
pub struct Posture {
    /// Change of the shank's forward lean.
    pub shank_change: f64,
    /// Change of the thigh's, from a sensor on it, with what it is uncertain by.
    pub thigh_change: Option<(f64, Budget)>,
    /// Forward lean of the pelvis in the stance.
    pub pelvis_before: f64,
    /// Forward lean of the pelvis now.
    pub pelvis: f64,
}

/// Lean of shank and thigh in the stance, rad.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct StanceLean {
    /// Shank.
    pub shank: f64,
    /// Thigh.
    pub thigh: f64,
}

impl Leg {
    /// The leg of a person.
    pub fn new(body: &Anthropometry, stance: Stance, method: &HipPath) -> Self {
        let moment = &method.trunk;
        let stature = body.stature().value.metres();
        let legs = if stance == Stance::TwoLegs { 2.0 } else { 1.0 };
        let trunk = HEAD_ARMS_TRUNK * TRUNK_HEIGHT * stature;
        // A free leg in line with the trunk swings back by as much as the trunk leans.
        let swing = LEG * LEG_HEIGHT * stature;
        let trunk = match stance {
            Stance::OneLeg => (trunk - moment.free_leg_share * swing, moment.free_leg_sigma_share * swing),
            // A hand that holds may carry any moment.
            Stance::OneLegSupported => (trunk, moment.held_sigma_share * stature),
            Stance::TwoLegs => (trunk, moment.two_legs_sigma_share * trunk),
        };
        let free = if stance == Stance::TwoLegs { 0.0 } else { LEG };
        Self {
            shank: body.shank().value.metres(),
            thigh: body.thigh().value.metres(),
            carried: HEAD_ARMS_TRUNK + free + legs * THIGH * (1.0 - FROM_PROXIMAL),
            knee: legs * (THIGH * FROM_PROXIMAL + SHANK * (1.0 - FROM_PROXIMAL)),
            trunk,
            steepest: method.leg.steepest_thigh_ratio,
        }
    }

    fn knee_forward(&self, lean: StanceLean, posture: Posture) -> f64 {
        self.shank * ((lean.shank + posture.shank_change).sin() - lean.shank.sin())
    }

    /// How far the hip joint comes up (m, down negative) when it has gone back by `back`.
    pub fn rise(&self, back: f64, lean: StanceLean, posture: Posture) -> f64 {
        let sine = lean.thigh.sin() - (back + self.knee_forward(lean, posture)) / self.thigh;
        // Beyond a horizontal thigh the relation has no answer; close to it, it is too steep to be of use.
        let sine = sine.clamp(-self.steepest, self.steepest);
        let shank = (lean.shank + posture.shank_change).cos() - lean.shank.cos();
        self.shank * shank + self.thigh * ((1.0 - sine * sine).sqrt() - lean.thigh.cos())
    }

    /// How far the hip joint has gone back, m, when the thigh's lean changed by `change`.
    pub fn back_by_thigh(&self, change: f64, lean: StanceLean, posture: Posture) -> f64 {
        let travel = self.thigh * ((lean.thigh + change).sin() - lean.thigh.sin());
        -self.knee_forward(lean, posture) - travel
    }

    /// What [`Leg::back_by_thigh`] is uncertain by, m, when the change is by so much.
    pub fn back_by_thigh_budget(&self, change: Budget) -> Budget {
        change * self.thigh
    }

    /// How far the body's centre of mass moves forward, m, when the hip joint has gone back by `back` and the trunk's moment
    /// is `trunk`.
    pub fn mass_forward(&self, back: f64, trunk: f64, lean: StanceLean, posture: Posture) -> f64 {
        -self.carried * back
            + self.knee * self.knee_forward(lean, posture)
            + trunk * (posture.pelvis.sin() - posture.pelvis_before.sin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::ErrorSource;

    const UPRIGHT: StanceLean = StanceLean { shank: 0.0, thigh: 0.0 };

    fn leg() -> Leg {
        on(Stance::OneLeg)
    }

    fn on(stance: Stance) -> Leg {
        Leg::new(&Anthropometry::default(), stance, &crate::method::Method::default().measure.hip_path)
    }

    fn posture(shank: f64, pelvis: f64) -> Posture {
        Posture { shank_change: shank, thigh_change: None, pelvis_before: 0.0, pelvis }
    }

    #[test]
    fn over_a_still_shank_the_hip_moves_on_a_circle_about_the_knee() {
        let leg = leg();
        for angle in [0.1_f64, 0.3, 0.5] {
            let rise = leg.rise(leg.thigh * angle.sin(), UPRIGHT, posture(0.0, 0.0));
            assert!((rise - leg.thigh * (angle.cos() - 1.0)).abs() < 1e-12);
        }
    }

    #[test]
    fn a_squat_straight_down_lowers_the_hip_by_both_segments() {
        let leg = leg();
        let shank = 0.4_f64;
        let sine = leg.shank * shank.sin() / leg.thigh;
        let expected = leg.shank * (shank.cos() - 1.0) + leg.thigh * ((1.0 - sine * sine).sqrt() - 1.0);
        assert!((leg.rise(0.0, UPRIGHT, posture(shank, 0.0)) - expected).abs() < 1e-12);
    }

    #[test]
    fn a_bow_over_a_still_leg_needs_the_hips_to_go_back() {
        let leg = leg();
        let bow = posture(0.0, 30.0_f64.to_radians());
        let back = leg.trunk.0 * bow.pelvis.sin() / leg.carried;
        assert!(leg.mass_forward(back, leg.trunk.0, UPRIGHT, bow).abs() < 1e-12);
        // About as far as coaches see it: 8 to 12 cm at 30 degrees.
        assert!((0.08..0.12).contains(&back), "{back}");
    }

    #[test]
    fn the_chain_holds_from_a_stance_that_leans() {
        let leg = leg();
        let (lean, moved) = (StanceLean { shank: 0.1, thigh: -0.05 }, posture(0.07, 0.0));
        let knee = leg.shank * (0.17_f64.sin() - 0.1_f64.sin());
        let thigh = -0.4_f64;
        let back = -knee - leg.thigh * (thigh.sin() - lean.thigh.sin());
        let rise = leg.shank * (0.17_f64.cos() - 0.1_f64.cos()) + leg.thigh * (thigh.cos() - lean.thigh.cos());
        assert!((leg.rise(back, lean, moved) - rise).abs() < 1e-12);
        assert!((leg.back_by_thigh(thigh - lean.thigh, lean, moved) - back).abs() < 1e-12);
        let budget = leg.back_by_thigh_budget(Budget::of(ErrorSource::Wobble, 0.01));
        assert!((budget.sigma_of(ErrorSource::Wobble) - 0.01 * leg.thigh).abs() < 1e-15);
    }

    #[test]
    fn a_hip_beyond_the_thigh_comes_down_no_further_than_the_steepest_thigh() {
        let leg = leg();
        let lowest = leg.thigh * ((1.0_f64 - 0.81).sqrt() - 1.0);
        for back in [1.0, -1.0] {
            assert!((leg.rise(back, UPRIGHT, posture(0.0, 0.0)) - lowest).abs() < 1e-12);
        }
    }

    #[test]
    fn masses_and_moments_are_those_of_the_stance() {
        let stature = Anthropometry::default().stature().value.metres();
        // Head, arms and trunk at 0.626 of the trunk's length, which is 0.288 of stature.
        let trunk = 0.678 * 0.626 * 0.288 * stature;
        let swing = 0.161 * 0.447 * 0.53 * stature;
        let near = |(a, b): (f64, f64), (c, d): (f64, f64)| (a - c).abs() < 1e-12 && (b - d).abs() < 1e-12;
        let (one, held, two) = (on(Stance::OneLeg), on(Stance::OneLegSupported), on(Stance::TwoLegs));
        assert!(near(one.trunk, (trunk - 0.5 * swing, 0.5 * swing)));
        assert!(near(held.trunk, (trunk, stature)));
        assert!(near(two.trunk, (trunk, 0.15 * trunk)));
        let (thigh, shank) = (0.100 * 0.567, 0.100 * 0.433 + 0.0465 * 0.567);
        assert!(near((one.carried, one.knee), (0.678 + 0.161 + thigh, shank)));
        assert!(near((held.carried, held.knee), (one.carried, one.knee)));
        assert!(near((two.carried, two.knee), (0.678 + 2.0 * thigh, 2.0 * shank)));
    }

    #[test]
    fn a_knee_that_goes_forward_and_a_trunk_that_leans_move_the_mass_forward() {
        let leg = leg();
        let knee = leg.mass_forward(0.0, leg.trunk.0, UPRIGHT, posture(0.2, 0.0));
        assert!((knee - leg.knee * leg.shank * 0.2_f64.sin()).abs() < 1e-12);
        let leaning = Posture { pelvis_before: 0.1, ..posture(0.0, 0.4) };
        let trunk = leg.mass_forward(0.05, 0.2, UPRIGHT, leaning);
        assert!((trunk - (0.2 * (0.4_f64.sin() - 0.1_f64.sin()) - leg.carried * 0.05)).abs() < 1e-12);
    }
}
