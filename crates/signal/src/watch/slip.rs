//! A sensor that slipped on the skin: what it was aligned with no longer holds.
//!
//! In: poses and stillness. Out: when a sensor's standing posture changed for good while the other sensor's did not. Sitting down
//! turns both sensors. Standing on one leg turns the shank, but by less than its least slip. Each part between slips is aligned on
//! its own. It does not see a slip about the vertical, which turns no sensor against gravity. Sensors that turn together, for good, were
//! put on anew: perhaps on the other leg.

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

/// Finds slips of one sensor, in order of time.
pub fn slips(grid: &PoseGrid, stance: &Stance, method: &Method) -> Vec<Slip> {
    found(&Search::new(grid, stance, method, How::Alone))
}

/// Finds where hip and shank sensor both turned for good, in order of time: of the one that turned further. Somebody who sits down for
/// long turns both as well, so it says something only of recordings that nobody cut at their sets.
pub fn put_on_anew(grid: &PoseGrid, stance: &Stance, method: &Method) -> Vec<Slip> {
    found(&Search::new(grid, stance, method, How::Together))
}

fn found(search: &Search<'_>) -> Vec<Slip> {
    let grid = search.grid;
    let again = grid.points(search.limits.search.again_s);
    let mut found: Vec<Slip> = Vec::new();
    let mut from = 0;
    while let Some(slip) = search.next(from) {
        from = search.standing.partition_point(|&i| i < slip.at + again);
        found.push(slip);
    }
    found
}

/// How sensors turn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// One of them.
    Alone,
    /// The hip's and the shank's.
    Together,
}

/// A grid with the points at which somebody stands in it.
struct Search<'a> {
    grid: &'a PoseGrid,
    standing: Vec<usize>,
    limits: &'a Slipping,
    how: How,
    /// How many points of standing there must be on either side, ...
    least: f64,
    /// ... and over how many points of the grid.
    spread: usize,
}

impl<'a> Search<'a> {
    fn new(grid: &'a PoseGrid, stance: &Stance, method: &'a Method, how: How) -> Self {
        let (limits, preset) = (&method.watch.slip, &method.stillness.standing);
        let rate = preset.rate_deg_per_s.to_radians();
        let stands = |&i: &usize| stance.activity[i] < rate && !stance.stepping[i] && !stance.missing[i];
        let standing = (0..grid.len()).step_by(grid.points(limits.search.step_s)).filter(stands).collect();
        let least = (preset.least_s / limits.search.step_s).round();
        Self { grid, standing, limits, how, least, spread: grid.points(preset.spread_s) }
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
        if !self.is_enough(before) || !self.is_enough(after) {
            return None;
        }
        match self.how {
            How::Alone => self.turned_alone(before, after),
            How::Together if self.turn(SensorRole::Hip, before, after)? < self.limits.other_turn_deg.to_radians() => {
                None
            }
            // Sensors that were put on anew stay so to the end; somebody who sits, or stands otherwise, gets up again.
            How::Together => self.turned_together(&self.standing[..k], &self.standing[k..]),
        }
    }

    fn turn(&self, role: SensorRole, before: &[usize], after: &[usize]) -> Option<f64> {
        let track = self.grid.track(role)?;
        Some(up(track, before).angle(&up(track, after)))
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
        let (track, near) = (self.grid.track(role)?, limits.posture_deg.to_radians());
        let (was, is) = (up(track, before), up(track, after));
        let share = |points: &[usize], posture| share_near(track, points, posture, near);
        let stayed = share(after, &was) < limits.returned_share && share(before, &is) < limits.returned_share;
        let is_usual = share(before, &was) > limits.own_share && share(after, &is) > limits.own_share;
        (stayed && is_usual).then(|| (role, Angle::from_radians(largest)))
    }

    /// Of hip and shank sensor the one that turned further, if each turned by its least slip. One leg and two are two postures of the shank:
    /// what counts is which of the two stances a posture is nearer to.
    fn turned_together(&self, before: &[usize], after: &[usize]) -> Option<(SensorRole, Angle)> {
        let of = |role, least: f64| {
            let track = self.grid.track(role)?;
            let (was, is) = (up(track, before), up(track, after));
            let turn = was.angle(&is);
            let share = |points: &[usize], posture| share_near(track, points, posture, turn / 2.0);
            let is_usual = share(before, &was).min(share(after, &is)) > self.limits.own_share;
            let stayed = share(before, &is).max(share(after, &was)) < self.limits.returned_share;
            (stayed && is_usual && turn >= least.to_radians()).then(|| (role, Angle::from_radians(turn)))
        };
        let hip = of(SensorRole::Hip, self.limits.other_turn_deg)?;
        let shank = of(SensorRole::Shank, self.limits.shank_turn_deg)?;
        Some(if hip.1 > shank.1 { hip } else { shank })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawn::sensors::{GRIDS, Moment, STILL, agree, grid};
    use crate::stillness::observe;

    const BOTH: [SensorRole; 2] = [SensorRole::Hip, SensorRole::Shank];

    /// Slips of a session of 40 s in which somebody moves for half a second around each of some moments and stands otherwise,
    /// leaning as drawn (degrees, by role and time).
    fn found(on: (f64, f64), moves: &[f64], lean: impl Fn(SensorRole, f64) -> f64) -> (PoseGrid, Vec<Slip>) {
        let drawn = grid(on, 40.0, &BOTH, |role, t| {
            let is_moving = moves.iter().any(|at| (t - at).abs() < 0.25);
            Moment { rate: if is_moving { 60.0 } else { 2.0 }, lean: lean(role, t), ..STILL }
        });
        let method = Method::default();
        let slips = slips(&drawn, &observe(&drawn, &method).expect("a stance"), &method);
        (drawn, slips)
    }

    /// The turns that are slips when the hip's sensor turns by one angle and the shank's by another, at 20 s for good.
    fn turned(hip: f64, shank: f64) -> Vec<(SensorRole, f64)> {
        let of = |role| if role == SensorRole::Hip { hip } else { shank };
        let (_, slips) = found(GRIDS[0], &[20.0], |role, t| if t < 20.0 { 3.0 } else { 3.0 + of(role) });
        slips.iter().map(|slip| (slip.role, slip.turn.degrees())).collect()
    }

    #[test]
    fn a_sensor_that_turns_for_good_while_the_other_stays_slipped() {
        for on in GRIDS {
            for (role, turn) in [(SensorRole::Shank, 15.0), (SensorRole::Shank, -15.0), (SensorRole::Hip, -10.0)] {
                let (drawn, slips) = found(on, &[20.0], |of, t| if of == role && t >= 20.0 { 5.0 + turn } else { 5.0 });
                let [slip] = slips[..] else { panic!("{on:?}: {slips:?}") };
                assert_eq!(slip.role, role);
                assert!((slip.turn.degrees() - turn.abs()).abs() < 1e-9, "{}", slip.turn.degrees());
                // Standing is looked at every tenth of a second, and begins half a window after the movement.
                let (from, at) = (slip.from as f64 / drawn.rate.hertz(), slip.at as f64 / drawn.rate.hertz());
                assert!(agree(&drawn, from, 19.5) && agree(&drawn, at, 20.5), "{on:?}: {from} to {at}");
            }
        }
    }

    #[test]
    fn each_sensor_has_its_own_least_slip() {
        assert_eq!((turned(8.9, 0.0).len(), turned(9.1, 0.0).len()), (0, 1));
        assert_eq!((turned(0.0, 13.9).len(), turned(0.0, 14.1).len()), (0, 1));
        assert_eq!((turned(0.0, -13.9).len(), turned(0.0, -14.1).len()), (0, 1));
    }

    #[test]
    fn a_person_who_stands_otherwise_turns_both_sensors() {
        assert_eq!(turned(15.0, 15.0), []);
        assert_eq!((turned(20.0, 4.1).len(), turned(20.0, -3.9).len()), (0, 1));
        assert_eq!((turned(4.1, 20.0).len(), turned(-3.9, 20.0).len()), (0, 1));
    }

    #[test]
    fn a_sensor_that_comes_back_did_not_slip() {
        // Held for eight seconds, as long as a new stance must last.
        let bow = |role, t| if role == SensorRole::Hip && (16.0..24.0).contains(&t) { 30.0 } else { 0.0 };
        assert_eq!(found(GRIDS[0], &[16.0, 24.0], bow).1, []);
    }

    #[test]
    fn a_sensor_that_stands_in_several_postures_did_not_slip_into_one() {
        // In this share of every second it stands in a third posture.
        let count = |share: f64, before: bool| {
            let lean = |role, t: f64| match role {
                SensorRole::Hip if (t < 20.0) == before && t.fract() < share => 30.0,
                SensorRole::Hip if t >= 20.0 => 12.0,
                _ => 0.0,
            };
            found(GRIDS[0], &[20.0], lean).1.len()
        };
        assert_eq!((count(0.15, false), count(0.35, false)), (1, 0));
        assert_eq!((count(0.15, true), count(0.35, true)), (1, 0));
    }

    #[test]
    fn a_stance_must_be_there_on_both_sides_for_long_enough() {
        let slipped = |role, t| if role == SensorRole::Hip && t >= 20.0 { 12.0 } else { 0.0 };
        // Busy from so long after the slip on, and until so long before it.
        let count = |after: f64, before: f64| {
            let busy: Vec<f64> =
                (0..200).map(|k| f64::from(k) * 0.2).filter(|t| *t > 20.0 + after || *t < 20.0 - before).collect();
            found(GRIDS[0], &[&busy[..], &[20.0]].concat(), slipped).1.len()
        };
        // A second of it is lost beside the movements.
        assert_eq!((count(7.6, 20.0), count(6.4, 20.0)), (1, 0));
        assert_eq!((count(20.0, 7.6), count(20.0, 6.4)), (1, 0));
    }

    #[test]
    fn sway_on_one_leg_is_a_stance_and_more_is_none() {
        let count = |sway: f64| {
            let drawn = grid(GRIDS[0], 40.0, &BOTH, |role, t| Moment {
                rate: if (t - 20.0).abs() < 0.25 { 60.0 } else { sway },
                lean: if role == SensorRole::Hip && t >= 20.0 { 12.0 } else { 0.0 },
                ..STILL
            });
            let method = Method::default();
            slips(&drawn, &observe(&drawn, &method).expect("a stance"), &method).len()
        };
        assert_eq!((count(7.9), count(8.1)), (1, 0));
    }

    #[test]
    fn two_slips_with_a_movement_between_are_found_in_order_of_time() {
        for on in GRIDS {
            let lean = |role, t| match role {
                SensorRole::Hip if t >= 12.0 => 12.0,
                SensorRole::Shank if t >= 28.0 => -16.0,
                _ => 0.0,
            };
            let (_, slips) = found(on, &[12.0, 20.0, 28.0], lean);
            let slips: Vec<_> = slips.iter().map(|slip| (slip.role, slip.turn.degrees().round())).collect();
            assert_eq!(slips, [(SensorRole::Hip, 12.0), (SensorRole::Shank, 16.0)], "{on:?}");
        }
    }

    /// Turns of both sensors at 20 s that last to `until`, by role and size.
    fn put_on(hip: f64, shank: f64, until: f64) -> Vec<(SensorRole, f64)> {
        GRIDS
            .map(|on| {
                let drawn = grid(on, 40.0, &BOTH, |role, t| {
                    let moves = [20.0, until].iter().any(|at| (t - at).abs() < 0.25);
                    let turn = if role == SensorRole::Hip { hip } else { shank };
                    let lean = if (20.0..until).contains(&t) { turn } else { 0.0 };
                    Moment { rate: if moves { 60.0 } else { 2.0 }, lean, ..STILL }
                });
                let method = Method::default();
                let anew = put_on_anew(&drawn, &observe(&drawn, &method).expect("a stance"), &method);
                anew.iter().map(|slip| (slip.role, slip.turn.degrees().round())).collect()
            })
            .into_iter()
            .reduce(|one: Vec<_>, other| if one == other { one } else { panic!("{one:?} {other:?}") })
            .expect("grids")
    }

    #[test]
    fn sensors_that_both_turn_to_the_end_were_put_on_anew() {
        assert_eq!(put_on(13.0, -27.0, 99.0), [(SensorRole::Shank, 27.0)]);
        assert_eq!(put_on(30.0, 15.0, 99.0), [(SensorRole::Hip, 30.0)]);
        // Each by its least slip; one alone slipped.
        assert_eq!((put_on(8.9, 20.0, 99.0).len(), put_on(9.1, 20.0, 99.0).len()), (0, 1));
        assert_eq!((put_on(20.0, 13.9, 99.0).len(), put_on(20.0, 14.1, 99.0).len()), (0, 1));
        assert_eq!(put_on(0.0, 27.0, 99.0), []);
    }

    #[test]
    fn somebody_who_sits_down_and_gets_up_again_put_nothing_on() {
        assert_eq!(put_on(30.0, 20.0, 31.0), []);
    }
}
