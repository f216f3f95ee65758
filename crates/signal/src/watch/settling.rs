//! Whether a sensor came back to its place after a repetition: one under a loose strap does not.
//!
//! In: a segment's lean around a repetition. Out: how much of it was left when the person stood again. Whoever rests after a
//! repetition comes back to within two degrees with the shank and three with the pelvis (nearly always, in simulated
//! sessions and those of the bench). More than that may be a sensor that slid, and nobody knows when in the repetition it did:
//! the peak holds the whole of it or nothing. A few such repetitions in a set are a loose strap. It does not see a turn about
//! the vertical.

use std::ops::Range;

use truehinge_core::{Angle, Settling};

use crate::body::motion::SetMotion;
use crate::math::stats::mean;
use crate::repetitions::Candidate;

/// Largest remainder of a person who is back where she was, rad.
const SHANK_RETURNS: f64 = 2.0 * std::f64::consts::PI / 180.0;
const PELVIS_RETURNS: f64 = 3.0 * std::f64::consts::PI / 180.0;
/// How long a rest is looked for after a repetition, how long it is at least, s, and what people sway by in it, rad. Who goes on
/// at once, or never quite stands, says nothing of straps.
const AFTER_S: f64 = 1.5;
const REST_S: f64 = 0.4;
const SWAY: f64 = 1.0 * std::f64::consts::PI / 180.0;
/// How long somebody stands who stands within a movement, s; and a pelvic tilt that is a bow, rad.
const STANDS_S: f64 = 0.5;
const BOW: f64 = 2.0 * PELVIS_RETURNS;
/// A shank that leans so far is no slip, rad: at the bottom of a deep squat the pelvis is upright between two bows as well.
const DEEP: f64 = 20.0 * std::f64::consts::PI / 180.0;
/// A strap is loose when the sensor did not come back from this many repetitions and this share of them.
const LOOSE_LEAST: usize = 2;
const LOOSE_SHARE: f64 = 0.25;

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
    pub fn after(set: &SetMotion<'_>, candidate: &Candidate, until: usize) -> Self {
        let rests = rests_after(set, candidate, until);
        let left = |lean: &[f64]| {
            let before = mean(&lean[candidate.stance.clone()]);
            let left = rests.iter().map(|rest| (mean(&lean[rest.clone()]) - before).abs());
            left.min_by(f64::total_cmp).unwrap_or(0.0)
        };
        let beyond = |left: f64, returns: f64| (left * left - returns * returns).max(0.0).sqrt();
        let shank = left(&set.shank.sagittal).max(stood_askew(set, candidate));
        let pelvis = left(&set.pelvis.sagittal);
        Self { shank: beyond(shank, SHANK_RETURNS), pelvis: beyond(pelvis, PELVIS_RETURNS) }
    }
}

/// Stretches after a movement in which nothing moves.
fn rests_after(set: &SetMotion<'_>, candidate: &Candidate, until: usize) -> Vec<Range<usize>> {
    let (length, step) = (set.grid.points(REST_S), set.grid.points(REST_S / 4.0).max(1));
    let last = (candidate.range.end + set.grid.points(AFTER_S)).min(until);
    let whole = |part: &Range<usize>| set.grid.tracks.iter().all(|track| !track.valid[part.clone()].contains(&false));
    let still = |lean: &[f64], part: &Range<usize>| {
        let lean = &lean[part.clone()];
        let (least, most) = lean.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v)));
        most - least < SWAY
    };
    (candidate.range.end..last.saturating_sub(length))
        .step_by(step)
        .map(|from| from..from + length)
        .filter(|part| whole(part) && still(&set.shank.sagittal, part) && still(&set.pelvis.sagittal, part))
        .collect()
}

/// The most by which the shank leaned otherwise while somebody stood upright between two bows of one movement: two repetitions
/// that a slip made one. The same slip of the pelvis' sensor cannot be told from a hinge that is held.
fn stood_askew(set: &SetMotion<'_>, candidate: &Candidate) -> f64 {
    let change = |lean: &[f64]| -> Vec<f64> {
        let before = mean(&lean[candidate.stance.clone()]);
        lean[candidate.range.clone()].iter().map(|lean| lean - before).collect()
    };
    let (shank, pelvis) = (change(&set.shank.sagittal), change(&set.pelvis.sagittal));
    let bowed = |part: &[f64]| part.iter().any(|tilt| *tilt > BOW);
    let (length, step) = (set.grid.points(STANDS_S), set.grid.points(STANDS_S / 8.0).max(1));
    let starts = (0..shank.len().saturating_sub(length)).step_by(step);
    let stands = starts.map(|from| from..from + length).filter(|part| {
        let upright = mean(&pelvis[part.clone()]).abs() < PELVIS_RETURNS;
        upright && bowed(&pelvis[..part.start]) && bowed(&pelvis[part.end..])
    });
    stands.map(|part| mean(&shank[part]).abs()).filter(|lean| *lean < DEEP).fold(0.0, f64::max)
}

/// What may be wrong with each repetition of a set: under a loose strap also with those after which the sensor happened to be
/// back in its place, by as much as with the others on average (root mean square).
pub fn doubts(left: &[Remainder]) -> Vec<Remainder> {
    let least = |of: fn(&Remainder) -> f64| {
        let squares: f64 = left.iter().map(|left| of(left).powi(2)).sum();
        if settling(left.iter().map(of)).loose { (squares / left.len() as f64).sqrt() } else { 0.0 }
    };
    let (shank, pelvis) = (least(|left| left.shank), least(|left| left.pelvis));
    left.iter().map(|left| Remainder { shank: left.shank.max(shank), pelvis: left.pelvis.max(pelvis) }).collect()
}

/// Whether a sensor is loose in these repetitions. Its slips look like movements, and movements like slips: where repetitions begin
/// and end is then as doubtful as what either sensor says of them.
pub fn is_loose(left: &[Remainder]) -> bool {
    settling(left.iter().map(|left| left.shank)).loose || settling(left.iter().map(|left| left.pelvis)).loose
}

/// How a sensor settled after the repetitions of a set.
pub fn settling(remainders: impl ExactSizeIterator<Item = f64> + Clone) -> Settling {
    let unsettled = remainders.clone().filter(|remainder| *remainder > 0.0).count();
    let loose = unsettled >= LOOSE_LEAST && unsettled as f64 >= LOOSE_SHARE * remainders.len() as f64;
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
