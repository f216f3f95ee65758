//! Repetitions: excursions of pelvis and shank from the stance and back.
//!
//! In: sagittal inclinations of pelvis and shank on the grid, stillness, and the frontal lean of the shank ([`Motion`]). Out:
//! [`Candidate`]s in order, each accepted or carrying the [`truehinge_core::Rejection`] that kept it from being counted.
//!
//! The two inclinations are one point in a plane (`plane`). The stance is where that point dwells: a local mode
//! (kernel-weighted mean-shift, quiet samples counting more) near the standing posture, followed slowly over time (`stance`).
//! A candidate is a stretch in which the point leaves the stance in **any** direction (hinges tilt the pelvis forward, drifts
//! lean the shank, some people tuck the pelvis backward) and comes back (`leaving`):
//!
//! ```text
//! D(t) = | (pelvis, w * shank)(t) - stance(t) |        candidate: D > returns, with max D > leaves
//! ```
//!
//! Onset and return are where the movement along the candidate's own direction crosses 5 % of its size, seen from the
//! stance just before and just after it; the bottom is where it exceeds 95 % (`candidate`). All thresholds are anchored in sway
//! and in the smallest attempt worth judging, none in a particular data set's repetitions. Where the person never stands still
//! between repetitions, peaks take the place of the stance (`back_to_back`, `peaks`). Each movement is measured from a stance
//! before it (`anchor`) and counted or rejected (`reject`). This is the batch form: it looks ahead.

mod anchor;
mod back_to_back;
mod candidate;
mod leaving;
mod merged;
mod motion;
mod one_leg;
mod peaks;
mod plane;
mod reject;
mod stance;
#[cfg(test)]
mod tests;

pub use candidate::Candidate;
pub use motion::Motion;
pub use one_leg::{is_turned, leaning_away};
pub use reject::perhaps_broken_off;

use crate::math::runs::runs;
use crate::method::Method;
use plane::Plane;

/// Finds all candidates and decides which are repetitions.
pub fn segment(motion: &Motion<'_>, method: &Method) -> Vec<Candidate> {
    let plane = Plane::new(motion, method);
    let numbers = &method.repetitions;
    let (returns, noticed) = (numbers.returns_deg.to_radians(), numbers.noticed_deg.to_radians());
    let away = runs(&plane.excursion, |e| *e > returns);
    let mut candidates: Vec<Candidate> = if plane.never_stands(&away) || plane.stands_at_the_bottom(&away) {
        back_to_back::candidates(&plane)
    } else {
        let stands = |i: usize| plane.stands(i);
        let cuts = merged::Cuts { excursion: &plane.excursion, stands: &stands, numbers: &numbers.merged };
        away.into_iter()
            .flat_map(|run| cuts.of(run))
            .filter(|stretch| plane.excursion[stretch.run.clone()].iter().any(|&e| e > noticed))
            .filter_map(|stretch| leaving::candidate(&plane, stretch))
            .collect()
    };
    anchor::anchor(&mut candidates, motion.points(numbers.anchor.stance_s));
    reject::compare(&mut candidates, motion, method);
    candidates
}
