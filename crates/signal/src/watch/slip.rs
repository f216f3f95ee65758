//! A sensor that slipped on the skin: what it was aligned with no longer holds.
//!
//! In: poses and stillness. Out: when a sensor's standing posture changed for good while the other sensor's did not. Sitting down
//! turns both sensors. Standing on one leg turns the shank, but by less than its least slip. Each part between slips is aligned on
//! its own. It does not see a slip about the vertical, which turns no sensor against gravity, nor two sensors that slip at once.

use nalgebra::Vector3;
use truehinge_core::{Angle, SensorRole};

use crate::grid::{PoseGrid, PoseTrack};
use crate::math::stats::median;
use crate::method::{Method, Slipping};
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

/// Finds slips, in order of time.
pub fn slips(grid: &PoseGrid, stance: &Stance, method: &Method) -> Vec<Slip> {
    let search = Search::new(grid, stance, method);
    let again = grid.points(search.limits.search.again_s);
    let mut found: Vec<Slip> = Vec::new();
    let mut from = 0;
    while let Some(slip) = search.next(from) {
        from = search.standing.partition_point(|&i| i < slip.at + again);
        found.push(slip);
    }
    found
}

/// A grid with the points at which somebody stands in it.
struct Search<'a> {
    grid: &'a PoseGrid,
    standing: Vec<usize>,
    limits: &'a Slipping,
    /// How many points of standing there must be on either side, ...
    least: f64,
    /// ... and over how many points of the grid.
    spread: usize,
}

impl<'a> Search<'a> {
    fn new(grid: &'a PoseGrid, stance: &Stance, method: &'a Method) -> Self {
        let (limits, preset) = (&method.watch.slip, &method.stillness.standing);
        let rate = preset.rate_deg_per_s.to_radians();
        let stands = |&i: &usize| stance.activity[i] < rate && !stance.stepping[i] && !stance.missing[i];
        let standing = (0..grid.len()).step_by(grid.points(limits.search.step_s)).filter(stands).collect();
        let least = (preset.least_s / limits.search.step_s).round();
        Self { grid, standing, limits, least, spread: grid.points(preset.spread_s) }
    }

    /// The first stretch of boundaries across which one sensor alone turned; in it the one with the largest turn.
    fn next(&self, from: usize) -> Option<Slip> {
        let interruption = self.grid.points(self.limits.search.interruption_s);
        let mut best: Option<Slip> = None;
        for k in from.max(1)..self.standing.len() {
            let (last, at) = (self.standing[k - 1], self.standing[k]);
            // Nothing moves within a stance: a slip lies between two of them.
            if at - last <= interruption {
                continue;
            }
            match (self.slip_before(k, from), best) {
                (Some((role, turn)), _) if best.is_none_or(|b| turn > b.turn) => {
                    best = Some(Slip { from: last, at, role, turn });
                }
                (None, Some(found)) => return Some(found),
                _ => {}
            }
        }
        best
    }

    /// The sensor that turned between the standing before point `k` of it, `from` on, and the standing after.
    fn slip_before(&self, k: usize, from: usize) -> Option<(SensorRole, Angle)> {
        let (at, reach) = (self.standing[k], self.grid.points(self.limits.search.reach_s));
        let first = self.standing.partition_point(|&i| i + reach < at).max(from);
        let last = self.standing.partition_point(|&i| i < at + reach);
        let (before, after) = (&self.standing[first..k], &self.standing[k..last]);
        if self.is_enough(before) && self.is_enough(after) { self.turned_alone(before, after) } else { None }
    }

    fn is_enough(&self, part: &[usize]) -> bool {
        let spread = part.last().zip(part.first()).map_or(0, |(last, first)| last - first);
        part.len() as f64 >= self.least && spread >= self.spread
    }

    /// The sensor that turned against gravity between two stances while the others did not.
    fn turned_alone(&self, before: &[usize], after: &[usize]) -> Option<(SensorRole, Angle)> {
        let limits = self.limits;
        let turn = |track: &PoseTrack| up(track, before).angle(&up(track, after));
        let mut turns: Vec<(SensorRole, f64)> =
            self.grid.tracks.iter().map(|track| (track.role, turn(track))).collect();
        turns.sort_by(|a, b| b.1.total_cmp(&a.1));
        let (role, largest) = *turns.first()?;
        let second = turns.get(1).map_or(0.0, |(_, turn)| *turn);
        let least = if role == SensorRole::Shank { limits.shank_turn_deg } else { limits.other_turn_deg };
        if largest < least.to_radians() || second > limits.others_deg.to_radians() {
            return None;
        }
        let track = self.grid.track(role)?;
        let (was, is) = (up(track, before), up(track, after));
        let near = limits.posture_deg.to_radians();
        let share = |points: &[usize], posture| share_near(track, points, posture, near);
        let stayed = share(after, &was) < limits.returned_share && share(before, &is) < limits.returned_share;
        let is_usual = share(before, &was) > limits.own_share && share(after, &is) > limits.own_share;
        (stayed && is_usual).then(|| (role, Angle::from_radians(largest)))
    }
}

/// Share of points at which the sensor stands as in another posture, to within `near`, rad.
fn share_near(track: &PoseTrack, points: &[usize], posture: &Vector3<f64>, near: f64) -> f64 {
    let is_near = |&&i: &&usize| (track.poses[i].quaternion().inverse() * Vector3::z()).angle(posture) < near;
    points.iter().filter(is_near).count() as f64 / points.len().max(1) as f64
}

/// The usual upward vertical in a sensor's axes.
fn up(track: &PoseTrack, points: &[usize]) -> Vector3<f64> {
    let ups: Vec<Vector3<f64>> = points.iter().map(|&i| track.poses[i].quaternion().inverse() * Vector3::z()).collect();
    Vector3::from_fn(|axis, _| median(&ups.iter().map(|up| up[axis]).collect::<Vec<_>>()).unwrap_or(0.0))
}
