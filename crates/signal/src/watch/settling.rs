//! Whether a strap settled: whether a sensor came back to its place after a repetition. One under a loose strap does not.
//!
//! In: a segment's lean around a repetition. Out: how much of it was left when the person stood again. Whoever stands quietly
//! after a repetition comes back to within two degrees with the shank and three with the pelvis (nearly always, in simulated
//! sessions and those of the bench). More than that may be a sensor that slid, and nobody knows when in the repetition it did:
//! the peak holds the whole of it or nothing. A few such repetitions in a set are a loose strap. It does not see a turn about
//! the vertical.

use std::ops::Range;

use truehinge_core::{Angle, Settling};

use crate::body::motion::SetMotion;
use crate::math::stats::mean;
use crate::method::{AfterMovement, Method, Settled};
use crate::repetitions::Candidate;

/// What was left after one repetition, beyond what people leave, rad.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Remainder {
    /// Of the shank's lean.
    pub shank: f64,
    /// Of the pelvis' tilt.
    pub pelvis: f64,
}

impl Remainder {
    /// After this movement, until something else begins at a point of the grid.
    pub fn after(set: &SetMotion<'_>, candidate: &Candidate, until: usize, method: &Method) -> Self {
        let limits = &method.watch.settling;
        let stances = quiet_after(set, candidate, until, &method.stillness.after_movement);
        let left = |lean: &[f64]| {
            let before = mean(&lean[candidate.stance.clone()]);
            let left = stances.iter().map(|stance| (mean(&lean[stance.clone()]) - before).abs());
            left.min_by(f64::total_cmp).unwrap_or(0.0)
        };
        let beyond = |left: f64, returns: f64| (left * left - returns * returns).max(0.0).sqrt();
        let shank = left(&set.shank.sagittal).max(stood_askew(set, candidate, limits));
        let pelvis = left(&set.pelvis.sagittal);
        Self {
            shank: beyond(shank, limits.shank_returns_deg.to_radians()),
            pelvis: beyond(pelvis, limits.pelvis_returns_deg.to_radians()),
        }
    }
}

/// Quiet stances after a movement. Without one nothing is concluded about the strap.
fn quiet_after(set: &SetMotion<'_>, candidate: &Candidate, until: usize, preset: &AfterMovement) -> Vec<Range<usize>> {
    let (length, step) = (set.grid.points(preset.window_s), step(set, preset.window_s, preset.steps_count));
    let sway = preset.sway_deg.to_radians();
    let last = (candidate.range.end + set.grid.points(preset.within_s)).min(until);
    let whole = |part: &Range<usize>| set.grid.tracks.iter().all(|track| !track.valid[part.clone()].contains(&false));
    let quiet = |lean: &[f64], part: &Range<usize>| {
        let lean = &lean[part.clone()];
        let (least, most) = lean.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v)));
        most - least < sway
    };
    (candidate.range.end..last.saturating_sub(length))
        .step_by(step)
        .map(|from| from..from + length)
        .filter(|part| whole(part) && quiet(&set.shank.sagittal, part) && quiet(&set.pelvis.sagittal, part))
        .collect()
}

/// Points between the starts of windows of this length.
fn step(set: &SetMotion<'_>, window_s: f64, steps_count: usize) -> usize {
    set.grid.points(window_s / steps_count as f64)
}

/// Largest change of the shank's lean while the pelvis is upright between two bows of one movement: a slip can merge two
/// repetitions. The same slip of the pelvis' sensor cannot be told from a hinge that is held.
fn stood_askew(set: &SetMotion<'_>, candidate: &Candidate, limits: &Settled) -> f64 {
    let change = |lean: &[f64]| -> Vec<f64> {
        let before = mean(&lean[candidate.stance.clone()]);
        lean[candidate.range.clone()].iter().map(|lean| lean - before).collect()
    };
    let (shank, pelvis) = (change(&set.shank.sagittal), change(&set.pelvis.sagittal));
    let returns = limits.pelvis_returns_deg.to_radians();
    let (bow, deep) = (limits.bow_ratio * returns, limits.deep_deg.to_radians());
    let bowed = |part: &[f64]| part.iter().any(|tilt| *tilt > bow);
    let (length, step) = (set.grid.points(limits.stands_s), step(set, limits.stands_s, limits.steps_count));
    let starts = (0..shank.len().saturating_sub(length)).step_by(step);
    let stands = starts.map(|from| from..from + length).filter(|part| {
        let upright = mean(&pelvis[part.clone()]).abs() < returns;
        upright && bowed(&pelvis[..part.start]) && bowed(&pelvis[part.end..])
    });
    stands.map(|part| mean(&shank[part]).abs()).filter(|lean| *lean < deep).fold(0.0, f64::max)
}

/// Standard uncertainty of a peak after which so much was left, rad: all of it. The sensor slid either before or after the peak,
/// so the peak may be wrong by the whole remainder. That is on purpose more than the standard deviation of the two cases, half
/// of it, with which some verdicts would still be given.
pub fn sigma(remainder: f64) -> f64 {
    remainder
}

/// What may be wrong with each repetition of a set: under a loose strap also with those after which the sensor happened to be
/// back in its place, by as much as with the others on average (root mean square).
pub fn doubts(left: &[Remainder], limits: &Settled) -> Vec<Remainder> {
    let least = |of: fn(&Remainder) -> f64| {
        let squares: f64 = left.iter().map(|left| of(left).powi(2)).sum();
        if settling(left.iter().map(of), limits).loose { (squares / left.len() as f64).sqrt() } else { 0.0 }
    };
    let (shank, pelvis) = (least(|left| left.shank), least(|left| left.pelvis));
    left.iter().map(|left| Remainder { shank: left.shank.max(shank), pelvis: left.pelvis.max(pelvis) }).collect()
}

/// Whether a sensor is loose in these repetitions. Its slips look like movements, and movements like slips: where repetitions begin
/// and end is then as doubtful as what either sensor says of them.
pub fn is_loose(left: &[Remainder], limits: &Settled) -> bool {
    let loose = |of: fn(&Remainder) -> f64| settling(left.iter().map(of), limits).loose;
    loose(|left| left.shank) || loose(|left| left.pelvis)
}

/// How a sensor settled after the repetitions of a set.
pub fn settling(remainders: impl ExactSizeIterator<Item = f64> + Clone, limits: &Settled) -> Settling {
    let unsettled = remainders.clone().filter(|remainder| *remainder > 0.0).count();
    let enough = unsettled as f64 >= limits.loose_share * remainders.len() as f64;
    let loose = unsettled >= limits.loose_least_count && enough;
    Settling { unsettled, most: Angle::from_radians(remainders.fold(0.0, f64::max)), loose }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_repetition_is_doubted_alone_and_a_loose_strap_throughout() {
        let left = |shanks: &[f64]| -> Vec<Remainder> {
            shanks.iter().map(|&shank| Remainder { shank, pelvis: 0.0 }).collect()
        };
        let once = left(&[0.0, 0.1, 0.0, 0.0]);
        assert_eq!(doubts(&once), once);
        let doubted = doubts(&left(&[0.0, 0.1, 0.0, 0.02]));
        let rms = (0.0104_f64 / 4.0).sqrt();
        assert!((doubted[0].shank - rms).abs() < 1e-12 && (doubted[3].shank - rms).abs() < 1e-12);
        assert_eq!((doubted[1].shank, doubted[0].pelvis), (0.1, 0.0));
        assert_eq!(doubts(&[]), []);
    }
}
