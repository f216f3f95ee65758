//! Whether the front of a sensor was taken for its back, as it is when the other leg is named: a site on the outer side of a leg looks right on
//! one leg and left on the other.
//!
//! Nothing in one sensor's data tells front from back. Together they do. A knee bends one way only: with the shank reversed, the hips would have
//! come down by another amount than they did ([`Agreement`]). And nobody stands whose pelvis leans far backward.

use super::Measured;
use crate::body::motion::SetMotion;
use crate::measure::Agreement;
use crate::method::Method;
use crate::repetitions::Candidate;

/// Whether the sets of a stretch, in which the sensors sat as they were put on, say that a sensor faces the other way.
pub(super) fn faces_back(motion: &SetMotion<'_>, sets: &[Measured<'_>], method: &Method) -> bool {
    let numbers = &method.set.facing;
    let legs: Agreement = sets.iter().map(Measured::agreement).sum();
    let counted = sets.iter().flat_map(Measured::counted);
    let leans: Vec<Leans> = counted.map(|movement| Leans::of(motion, movement)).collect();
    let backward = leans.iter().filter(|lean| lean.backward > lean.forward).count();
    let far = leans.iter().any(|lean| lean.backward > numbers.backward_deg.to_radians());
    legs.gain_reversed(method.measure.hip_path.prior_freedom_count) > numbers.gain_ratio
        || (far && 2 * backward > leans.len())
}

/// How far the pelvis leaned in a movement from where it was before, rad.
struct Leans {
    backward: f64,
    forward: f64,
}

impl Leans {
    fn of(motion: &SetMotion<'_>, movement: &Candidate) -> Self {
        let leans = &motion.pelvis.sagittal[movement.range.clone()];
        let before = leans.first().copied().unwrap_or_default();
        let most = |sign: f64| leans.iter().map(|lean| sign * (lean - before)).fold(0.0, f64::max);
        Self { backward: most(-1.0), forward: most(1.0) }
    }
}
