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
use crate::grid::PoseGrid;
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
        Around {
            grid: set.grid,
            shank: &set.shank.sagittal,
            pelvis: &set.pelvis.sagittal,
            stance: candidate.stance.clone(),
            movement: candidate.range.clone(),
        }
        .remainder(until, method)
    }
}

/// The leans of both segments around one movement, rad.
struct Around<'a> {
    grid: &'a PoseGrid,
    shank: &'a [f64],
    pelvis: &'a [f64],
    /// The stance before it.
    stance: Range<usize>,
    movement: Range<usize>,
}

impl Around<'_> {
    fn remainder(&self, until: usize, method: &Method) -> Remainder {
        let limits = &method.watch.settling;
        let stances = self.quiet_after(until, &method.stillness.after_movement);
        let left = |lean: &[f64]| {
            let before = mean(&lean[self.stance.clone()]);
            let left = stances.iter().map(|stance| (mean(&lean[stance.clone()]) - before).abs());
            left.min_by(f64::total_cmp).unwrap_or(0.0)
        };
        let beyond = |left: f64, returns: f64| (left * left - returns * returns).max(0.0).sqrt();
        let shank = left(self.shank).max(self.stood_askew(limits));
        Remainder {
            shank: beyond(shank, radians(limits.shank_returns_deg)),
            pelvis: beyond(left(self.pelvis), radians(limits.pelvis_returns_deg)),
        }
    }

    /// Quiet stances after the movement. Without one nothing is concluded about the strap.
    fn quiet_after(&self, until: usize, preset: &AfterMovement) -> Vec<Range<usize>> {
        let (length, step) = (self.grid.points(preset.window_s), self.step(preset.window_s, preset.steps_count));
        let sway = preset.sway_deg.to_radians();
        let last = (self.movement.end + self.grid.points(preset.within_s)).min(until);
        let whole = |part: &Range<usize>| self.grid.tracks.iter().all(|t| !t.valid[part.clone()].contains(&false));
        let quiet = |lean: &[f64], part: &Range<usize>| {
            let lean = &lean[part.clone()];
            let (least, most) = lean.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v)));
            most - least < sway
        };
        (self.movement.end..last.saturating_sub(length))
            .step_by(step)
            .map(|from| from..from + length)
            .filter(|part| whole(part) && quiet(self.shank, part) && quiet(self.pelvis, part))
            .collect()
    }

    /// Points between the starts of windows of this length.
    fn step(&self, window_s: f64, steps_count: usize) -> usize {
        self.grid.points(window_s / steps_count as f64)
    }

    /// Largest change of the shank's lean while the pelvis is upright between two bows of the movement: a slip can merge two
    /// repetitions. The same slip of the pelvis' sensor cannot be told from a hinge that is held.
    fn stood_askew(&self, limits: &Settled) -> f64 {
        let change = |lean: &[f64]| -> Vec<f64> {
            let before = mean(&lean[self.stance.clone()]);
            lean[self.movement.clone()].iter().map(|lean| lean - before).collect()
        };
        let (shank, pelvis) = (change(self.shank), change(self.pelvis));
        let returns = radians(limits.pelvis_returns_deg);
        let (bow, deep) = (limits.bow_ratio * returns, limits.deep_deg.to_radians());
        let bowed = |part: &[f64]| part.iter().any(|tilt| *tilt > bow);
        let (length, step) = (self.grid.points(limits.stands_s), self.step(limits.stands_s, limits.steps_count));
        let starts = (0..shank.len().saturating_sub(length)).step_by(step);
        let stands = starts.map(|from| from..from + length).filter(|part| {
            let upright = mean(&pelvis[part.clone()]).abs() < returns;
            upright && bowed(&pelvis[..part.start]) && bowed(&pelvis[part.end..])
        });
        stands.map(|part| mean(&shank[part]).abs()).filter(|lean| *lean < deep).fold(0.0, f64::max)
    }
}

/// Degrees to radians, in the order of operations with which remainders have always been computed: `to_radians` differs in the
/// last bit, which a remainder shows.
fn radians(degrees: f64) -> f64 {
    degrees * std::f64::consts::PI / 180.0
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
    use truehinge_core::SensorRole;

    use super::*;
    use crate::drawn::sensors::{GRIDS, Moment, STILL, grid};

    /// What is left in degrees, shank and pelvis, after a movement from 2 to 4 s whose leans are drawn in degrees over 8 s.
    fn left(on: (f64, f64), until_s: f64, shank: impl Fn(f64) -> f64, pelvis: impl Fn(f64) -> f64) -> (f64, f64) {
        left_with(on, until_s, shank, pelvis, |_| true)
    }

    fn left_with(
        on: (f64, f64),
        until_s: f64,
        shank: impl Fn(f64) -> f64,
        pelvis: impl Fn(f64) -> f64,
        valid: impl Fn(f64) -> bool,
    ) -> (f64, f64) {
        let drawn = grid(on, 8.0, &[SensorRole::Hip], |_, t| Moment { valid: valid(t), ..STILL });
        let lean = |of: &dyn Fn(f64) -> f64| -> Vec<f64> {
            (0..drawn.len()).map(|i| of(i as f64 / drawn.rate.hertz()).to_radians()).collect()
        };
        let (shank, pelvis) = (lean(&shank), lean(&pelvis));
        let at = |seconds| drawn.points(seconds);
        let around = Around {
            grid: &drawn,
            shank: &shank,
            pelvis: &pelvis,
            stance: at(1.7)..at(2.0),
            movement: at(2.0)..at(4.0),
        };
        let left = around.remainder(at(until_s), &Method::default());
        (left.shank.to_degrees(), left.pelvis.to_degrees())
    }

    /// A lean from the stance to another one, with a movement between.
    fn from_to(before: f64, after: f64) -> impl Fn(f64) -> f64 {
        move |t| {
            if t < 2.0 {
                before
            } else if t < 4.0 {
                40.0
            } else {
                after
            }
        }
    }

    fn beyond(left: f64, returns: f64) -> f64 {
        (left * left - returns * returns).sqrt()
    }

    fn is(found: (f64, f64), expected: (f64, f64)) -> bool {
        (found.0 - expected.0).abs() < 1e-9 && (found.1 - expected.1).abs() < 1e-9
    }

    #[test]
    fn what_is_left_is_what_people_do_not_leave_on_either_side() {
        for on in GRIDS {
            for sign in [1.0, -1.0] {
                let shank = left(on, 8.0, from_to(3.0, 3.0 + sign * 5.0), from_to(-1.0, -1.0));
                assert!(is(shank, (beyond(5.0, 2.0), 0.0)), "{on:?}: {shank:?}");
                let pelvis = left(on, 8.0, from_to(3.0, 3.0), from_to(-1.0, -1.0 + sign * 5.0));
                assert!(is(pelvis, (0.0, beyond(5.0, 3.0))), "{on:?}: {pelvis:?}");
                let little = left(on, 8.0, from_to(0.0, sign * 1.99), from_to(0.0, sign * 2.99));
                assert_eq!(little, (0.0, 0.0));
                let more = left(on, 8.0, from_to(0.0, sign * 2.01), from_to(0.0, sign * 3.01));
                assert!(is(more, (beyond(2.01, 2.0), beyond(3.01, 3.0))), "{more:?}");
            }
        }
    }

    #[test]
    fn the_least_that_was_left_in_any_quiet_moment_counts() {
        for on in GRIDS {
            let found = left(
                on,
                8.0,
                |t| {
                    if t < 4.0 {
                        0.0
                    } else if t < 4.6 {
                        9.0
                    } else {
                        4.0
                    }
                },
                |_| 0.0,
            );
            assert!(is(found, (beyond(4.0, 2.0), 0.0)), "{on:?}: {found:?}");
        }
    }

    #[test]
    fn who_sways_or_goes_on_at_once_says_nothing_of_the_strap() {
        for on in GRIDS {
            // Back and forth four times a second.
            let swaying = |range: f64| {
                move |t: f64| {
                    if t < 4.0 { 0.0 } else { 8.0 + 0.5 * range * (t * 8.0 * std::f64::consts::PI).sin() }
                }
            };
            assert!(left(on, 8.0, swaying(0.95), |_| 0.0).0 > 7.0);
            assert_eq!(left(on, 8.0, swaying(1.1), |_| 0.0).0, 0.0);
            assert_eq!(left(on, 8.0, |t| if t < 4.0 { 0.0 } else { 8.0 }, swaying(1.1)), (0.0, 0.0));
            // The next movement begins 0.45 or 0.35 s after this one.
            let askew = |t: f64| if t < 4.0 { 0.0 } else { 8.0 };
            assert!(left(on, 4.45, askew, |_| 0.0).0 > 7.0, "{on:?}");
            assert_eq!(left(on, 4.35, askew, |_| 0.0).0, 0.0, "{on:?}");
            // Quiet from 1.6 s after the movement on is too late, from 1.0 s on is not.
            let quiet_from = |at: f64| {
                move |t: f64| {
                    if t < 4.0 {
                        0.0
                    } else if t < at {
                        8.0 + (t * 100.0).sin() * 3.0
                    } else {
                        8.0
                    }
                }
            };
            assert!(left(on, 8.0, quiet_from(5.0), |_| 0.0).0 > 7.0, "{on:?}");
            assert_eq!(left(on, 8.0, quiet_from(5.6), |_| 0.0).0, 0.0, "{on:?}");
        }
    }

    #[test]
    fn a_stance_with_a_gap_says_nothing_of_the_strap() {
        let askew = |t: f64| if t < 4.0 { 0.0 } else { 8.0 };
        assert_eq!(left_with(GRIDS[0], 8.0, askew, |_| 0.0, |t| !(4.0..6.0).contains(&t)).0, 0.0);
        assert!(left_with(GRIDS[0], 8.0, askew, |_| 0.0, |t| !(4.5..6.0).contains(&t)).0 > 7.0);
    }

    #[test]
    fn a_shank_that_leans_otherwise_between_two_bows_slipped_between_them() {
        for on in GRIDS {
            let bows = |bow: f64, upright: f64, pause: f64| {
                move |t: f64| {
                    let within = (t - 3.0).abs() < 0.5 * pause;
                    if (2.0..4.0).contains(&t) { if within { upright } else { bow } } else { 0.0 }
                }
            };
            let lean = |lean: f64| move |t: f64| if (2.3..3.7).contains(&t) { lean } else { 0.0 };
            for sign in [1.0, -1.0] {
                let found = left(on, 8.0, lean(sign * 7.0), bows(30.0, 0.0, 0.8));
                assert!(is(found, (beyond(7.0, 2.0), 0.0)), "{on:?}: {found:?}");
                assert_eq!(left(on, 8.0, lean(sign * 20.1), bows(30.0, 0.0, 0.8)).0, 0.0, "a deep squat");
                assert!(left(on, 8.0, lean(sign * 19.9), bows(30.0, 0.0, 0.8)).0 > 0.0);
                assert!(left(on, 8.0, lean(7.0), bows(30.0, sign * 2.9, 0.8)).0 > 0.0);
            }
            assert_eq!(left(on, 8.0, lean(7.0), bows(30.0, 3.1, 0.8)).0, 0.0, "not upright");
            assert_eq!(left(on, 8.0, lean(7.0), bows(5.9, 0.0, 0.8)).0, 0.0, "no bow");
            assert_eq!(left(on, 8.0, lean(7.0), bows(-30.0, 0.0, 0.8)).0, 0.0, "no bow");
            assert!(left(on, 8.0, lean(7.0), bows(6.1, 0.0, 0.8)).0 > 0.0);
            let one_bow = |first: bool| {
                move |t: f64| {
                    if (2.0..4.0).contains(&t) && (t < 3.0) == first { 30.0 } else { 0.0 }
                }
            };
            assert_eq!(left(on, 8.0, lean(7.0), one_bow(true)).0, 0.0, "one bow");
            assert_eq!(left(on, 8.0, lean(7.0), one_bow(false)).0, 0.0, "one bow");
            // Where the pelvis leans as far back as it bowed, the shank leans otherwise only amid that.
            let amid = |t: f64| if (t - 3.0).abs() < 0.1 { 7.0 } else { 0.0 };
            assert_eq!(left(on, 8.0, amid, bows(30.0, -30.0, 0.8)).0, 0.0, "not upright");
            assert!(left(on, 8.0, amid, bows(30.0, 0.0, 0.8)).0 > 0.0, "upright");
            // A passage through the upright is no stance.
            assert_eq!(left(on, 8.0, lean(7.0), bows(30.0, 0.0, 0.4)).0, 0.0, "{on:?}");
        }
    }

    #[test]
    fn a_strap_is_loose_from_two_repetitions_and_a_quarter_on() {
        let limits = Method::default().watch.settling;
        let loose = |unsettled: usize, of: usize| {
            let left: Vec<Remainder> =
                (0..of).map(|i| Remainder { shank: 0.0, pelvis: if i < unsettled { 0.1 } else { 0.0 } }).collect();
            let found = settling(left.iter().map(|left| left.pelvis), &limits);
            assert_eq!((found.unsettled, found.loose), (unsettled, is_loose(&left, &limits)));
            let turned: Vec<Remainder> = left.iter().map(|l| Remainder { shank: l.pelvis, pelvis: l.shank }).collect();
            assert_eq!(is_loose(&turned, &limits), found.loose);
            found.loose
        };
        assert!(loose(2, 8) && !loose(2, 9) && loose(3, 12) && !loose(1, 2) && loose(2, 2) && !loose(0, 8));
        let most = settling([0.0, 0.2, 0.1].into_iter(), &limits).most;
        assert!((most.radians() - 0.2).abs() < 1e-12);
    }

    #[test]
    fn one_repetition_is_doubted_alone_and_a_loose_strap_throughout() {
        let limits = Method::default().watch.settling;
        let left = |shanks: &[f64]| -> Vec<Remainder> {
            shanks.iter().map(|&shank| Remainder { shank, pelvis: 0.0 }).collect()
        };
        let once = left(&[0.0, 0.1, 0.0, 0.0]);
        assert_eq!(doubts(&once, &limits), once);
        let doubted = doubts(&left(&[0.0, 0.1, 0.0, 0.02]), &limits);
        let rms = (0.0104_f64 / 4.0).sqrt();
        assert!((doubted[0].shank - rms).abs() < 1e-12 && (doubted[3].shank - rms).abs() < 1e-12);
        assert_eq!((doubted[1].shank, doubted[0].pelvis), (0.1, 0.0));
        assert_eq!(doubts(&[], &limits), []);
    }
}
