//! A sensor that slipped on the skin: what it was aligned with no longer holds.
//!
//! In: poses and stillness. Out: when a sensor's standing posture changed for good while the other sensor's did not. A person
//! who sits down or stands on one leg turns both, and turns a shank on one leg by less than a slip. Each part between slips
//! is aligned on its own. It does not see a slip about the vertical, which turns no sensor against gravity, nor two sensors that
//! slip at once.

use nalgebra::Vector3;
use truehinge_core::{Angle, SensorRole};

use crate::grid::{PoseGrid, PoseTrack};
use crate::math::stats::median;
use crate::stillness::Stance;

/// A sensor's posture changed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Slip {
    /// Last grid point that stands in the old posture.
    pub from: usize,
    /// First grid point that stands in the new one. What lies between cannot be measured.
    pub at: usize,
    /// Which sensor.
    pub role: SensorRole,
    /// By how much.
    pub turn: Angle,
}

/// Least turn of a sensor against gravity that is a slip, rad. Going from one leg to two turns the shank by up to 10 degrees.
const SLIP: f64 = 9.0 * std::f64::consts::PI / 180.0;
const SHANK_SLIP: f64 = 14.0 * std::f64::consts::PI / 180.0;
/// Most that the other sensor may have turned, rad: postures vary by that much.
const OTHERS: f64 = 4.0 * std::f64::consts::PI / 180.0;
/// Angular rate below which a posture is a stance, rad/s: sway on one leg included.
const STANDING_RATE: f64 = 8.0 * std::f64::consts::PI / 180.0;
/// Stretch on either side in which the stance is looked for, how much standing there must be, and over how long, s. Longer
/// than a repetition that is held: its bottom is no new stance.
const REACH_S: f64 = 15.0;
const NEEDED_S: f64 = 1.0;
const SPREAD_S: f64 = 6.0;
/// Share of the standing on one side that may be in the posture of the other: a repetition comes back, a slip does not.
const COME_BACK: f64 = 0.05;
/// Share of the standing on one side that must be in its own usual posture.
const SETTLED: f64 = 0.7;
/// Distance between the samples that are compared, s.
const STEP_S: f64 = 0.1;

/// Finds slips, in order of time.
pub fn slips(grid: &PoseGrid, stance: &Stance) -> Vec<Slip> {
    let standing: Vec<usize> = (0..grid.len())
        .step_by(grid.points(STEP_S))
        .filter(|&i| stance.activity[i] < STANDING_RATE && !stance.stepping[i] && !stance.missing[i])
        .collect();
    let (reach, needed) = (grid.points(REACH_S), (NEEDED_S / STEP_S).round());
    let mut found: Vec<Slip> = Vec::new();
    let mut from = 0;
    while let Some(slip) = next_slip(grid, &standing, from, reach, needed) {
        from = standing.partition_point(|&i| i < slip.at + reach / 2);
        found.push(slip);
    }
    found
}

/// The first stretch of boundaries across which one sensor alone turned; in it the one with the largest turn.
fn next_slip(grid: &PoseGrid, standing: &[usize], from: usize, reach: usize, needed: f64) -> Option<Slip> {
    let mut best: Option<Slip> = None;
    for k in from.max(1)..standing.len() {
        let at = standing[k];
        // Nothing moves within a stance: a slip lies between two of them.
        if at - standing[k - 1] <= grid.points(2.0 * STEP_S) {
            continue;
        }
        let first = standing.partition_point(|&i| i + reach < at).max(from);
        let last = standing.partition_point(|&i| i < at + reach);
        let (before, after) = (&standing[first..k], &standing[k..last]);
        let enough = |part: &[usize]| {
            let spread = part.last().zip(part.first()).map_or(0, |(last, first)| last - first);
            part.len() as f64 >= needed && spread >= grid.points(SPREAD_S)
        };
        let slip = if enough(before) && enough(after) { turned_alone(grid, before, after) } else { None };
        match (slip, best) {
            (Some((role, turn)), _) if best.is_none_or(|b| turn > b.turn) => {
                best = Some(Slip { from: standing[k - 1], at, role, turn });
            }
            (None, Some(found)) => return Some(found),
            _ => {}
        }
    }
    best
}

/// The sensor that turned against gravity between two stances while the others did not.
fn turned_alone(grid: &PoseGrid, before: &[usize], after: &[usize]) -> Option<(SensorRole, Angle)> {
    let turn = |track: &PoseTrack| up(track, before).angle(&up(track, after));
    let mut turns: Vec<(SensorRole, f64)> = grid.tracks.iter().map(|track| (track.role, turn(track))).collect();
    turns.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (role, largest) = *turns.first()?;
    let second = turns.get(1).map_or(0.0, |(_, turn)| *turn);
    let track = grid.track(role)?;
    let least = if role == SensorRole::Shank { SHANK_SLIP } else { SLIP };
    if largest < least || second > OTHERS {
        return None;
    }
    let (was, is) = (up(track, before), up(track, after));
    let stayed = share_near(track, after, &was) < COME_BACK && share_near(track, before, &is) < COME_BACK;
    let settled = share_near(track, before, &was) > SETTLED && share_near(track, after, &is) > SETTLED;
    (stayed && settled).then(|| (role, Angle::from_radians(largest)))
}

/// Share of points at which the sensor stands as in another posture.
fn share_near(track: &PoseTrack, points: &[usize], posture: &Vector3<f64>) -> f64 {
    let near = |&&i: &&usize| (track.poses[i].quaternion().inverse() * Vector3::z()).angle(posture) < 0.5 * SLIP;
    points.iter().filter(near).count() as f64 / points.len().max(1) as f64
}

/// The usual upward vertical in a sensor's axes.
fn up(track: &PoseTrack, points: &[usize]) -> Vector3<f64> {
    let ups: Vec<Vector3<f64>> = points.iter().map(|&i| track.poses[i].quaternion().inverse() * Vector3::z()).collect();
    Vector3::from_fn(|axis, _| median(&ups.iter().map(|up| up[axis]).collect::<Vec<_>>()).unwrap_or(0.0))
}
