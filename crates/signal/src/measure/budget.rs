//! What a lean of any size is uncertain by: the part of every budget that does not grow with the movement.

use truehinge_core::{Budget, ErrorSource, SensorRole};

use super::gaps::hidden;
use crate::body::motion::SetMotion;
use crate::method::{AngleErrors, Measure};
use crate::repetitions::Candidate;
use crate::watch::settling::Remainder;

/// Change of a stance's angles over the uncertainty of the onset's time: the slower a movement, the longer that is. Of the whole
/// set, because one stance is too short to tell; root mean square, rad.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Unrest {
    shank: f64,
    pelvis: f64,
}

impl Unrest {
    /// Of the stances before these movements.
    pub fn of(set: &SetMotion<'_>, counted: &[&Candidate]) -> Self {
        let of = |angle: &[f64]| {
            let wandered = |c: &&Candidate| {
                // The first instant may lie anywhere in the lead: half of it is what it is wrong by.
                let lag = c.lead_in.len().saturating_sub(c.stance.len()) / 2;
                let (earlier, later) = (c.lead_in.start..c.lead_in.end - lag, c.lead_in.start + lag..c.lead_in.end);
                let changes =
                    angle[later].iter().zip(&angle[earlier]).map(|(later, earlier)| (later - earlier).powi(2));
                changes.sum::<f64>() / (c.lead_in.len() - lag).max(1) as f64
            };
            (counted.iter().map(wandered).sum::<f64>() / counted.len().max(1) as f64).sqrt()
        };
        Self { shank: of(&set.shank.sagittal), pelvis: of(&set.pelvis.sagittal) }
    }

    /// With a sensor that may have slid in a repetition. The slip happened either before or after the peak, so the peak may be
    /// wrong by the whole remainder. We state the whole remainder as sigma, on purpose wider than the two-point standard
    /// deviation (half of it).
    fn and(self, slid: &Remainder) -> (Budget, Budget) {
        let both = |onset, slid| Budget::of(ErrorSource::Onset, onset).and(Budget::of(ErrorSource::Slip, slid));
        (both(self.shank, slid.shank), both(self.pelvis, slid.pelvis))
    }
}

/// What a change of any of a segment's inclinations in a repetition is uncertain by, however small the movement, rad.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Base {
    pub shank: Budget,
    /// Of the shank where no gap lies between rest and movement.
    pub shank_without_gaps: Budget,
    pub pelvis: Budget,
}

impl Base {
    pub fn new(
        set: &SetMotion<'_>,
        candidate: &Candidate,
        unrest: &Unrest,
        slid: &Remainder,
        method: &Measure,
    ) -> Self {
        let (shank, pelvis) = unrest.and(slid);
        Self {
            shank: of_sensor(set, SensorRole::Shank, candidate, method).and(shank),
            shank_without_gaps: without_gaps(SensorRole::Shank, &method.angles).and(shank),
            pelvis: of_sensor(set, SensorRole::Hip, candidate, method).and(pelvis),
        }
    }
}

/// What a sensor's inclinations are uncertain by, gaps in its data included.
pub(super) fn of_sensor(set: &SetMotion<'_>, role: SensorRole, candidate: &Candidate, method: &Measure) -> Budget {
    let range = candidate.stance.start..candidate.range.end;
    // Bridged gaps are of no matter here: gravity tells how a sensor leans after them.
    let gap = set.grid.track(role).and_then(|track| hidden(&track.valid[range], set.grid.rate, &method.gaps));
    without_gaps(role, &method.angles).and(Budget::of(ErrorSource::Gap, gap.map_or(0.0, |gap| gap.turn)))
}

/// As [`of_sensor`], where no gap lies between rest and movement.
pub(super) fn without_gaps(role: SensorRole, method: &AngleErrors) -> Budget {
    let wobble = if role == SensorRole::Shank { method.shank_wobble_sigma_deg } else { method.wobble_sigma_deg };
    Budget::of(ErrorSource::Orientation, method.orientation_sigma_deg.to_radians())
        .and(Budget::of(ErrorSource::Wobble, wobble.to_radians()))
}
