//! Repetitions without a stance between them: peaks along the direction in which the set moves most.

use super::candidate::{Candidate, Hump, Levels};
use super::peaks::{Peak, peaks};
use super::plane::Plane;
use super::reject::first_rejection;

/// One candidate a peak.
pub(super) fn candidates(plane: &Plane<'_>) -> Vec<Candidate> {
    let Some(along) = along_main_direction(plane) else { return Vec::new() };
    let share = plane.method.repetitions.back_to_back.prominent_share;
    peaks(&along, plane.leaves, share).iter().map(|peak| candidate(plane, &along, peak)).collect()
}

/// The motion along its main direction, larger towards the bottom of the movements.
fn along_main_direction(plane: &Plane<'_>) -> Option<Vec<f64>> {
    let direction = plane.main_direction()?;
    let mut along: Vec<f64> = plane.points.iter().map(|point| point.dot(&direction)).collect();
    // The body is pushed up at the bottom of a movement and let go at its top, whichever way the sensors are worn.
    if plane.lift_along(&along) < 0.0 {
        along.iter_mut().for_each(|value| *value = -*value);
    }
    Some(along)
}

fn candidate(plane: &Plane<'_>, along: &[f64], peak: &Peak) -> Candidate {
    let edge_share = plane.method.repetitions.edges.edge_share;
    let top = along[peak.at];
    let hump = Hump {
        within: peak.range.start..=peak.range.end,
        peak: peak.at,
        levels: Levels { before: along[peak.range.start], after: along[peak.range.end], top },
        bottom_from: top - edge_share * peak.prominence,
    };
    let (range, bottom) = hump.edges(edge_share, |i| along[i]);
    // Its size is measured from the higher of its valleys, so it has always come back.
    Candidate {
        stance: range.start..range.start,
        lead_in: range.start..range.start,
        excursion: peak.prominence,
        stance_lean: 0.0,
        apart_share: 0.0,
        rejection: first_rejection(plane, &range, peak.prominence),
        range,
        bottom,
    }
}
