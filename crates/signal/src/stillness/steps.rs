//! When a foot moves.
//!
//! In: the shank's angular rate and specific force. Out: per grid point, whether a foot steps or is about to. The limits lie far
//! from both sides: a slow hinge turns the shank at less than 60 deg/s and a brisk squat at less than 200; the swing of a walking
//! step exceeds 300.

use truehinge_core::STANDARD_GRAVITY;

use crate::grid::{PoseGrid, PoseTrack};
use crate::math::stats::{median, moving_rms};
use crate::method::Steps;

/// Points at which a foot steps, with a margin on both sides.
pub(super) fn steps(grid: &PoseGrid, shank: &PoseTrack, method: &Steps) -> Vec<bool> {
    let (margin, limit) = (grid.points(method.margin_s), method.rate_deg_per_s.to_radians());
    // The usual norm, not 9.81: a biased accelerometer must not look like a walk.
    let norms: Vec<f64> = shank.specific_force.iter().map(|force| force.norm()).collect();
    let usual = median(&norms).unwrap_or(STANDARD_GRAVITY);
    // Over a while: a knee that locks snaps the shank for a moment, a foot that swings turns it for longer.
    let rates: Vec<f64> = shank.angular_rate.iter().map(|rate| rate.norm()).collect();
    let rates = moving_rms(&rates, grid.points(method.swing_s));
    let mut stepping = vec![false; grid.len()];
    let mut marked_to = 0;
    for i in 0..grid.len() {
        let force = (norms[i] - usual).abs();
        if shank.valid[i] && (rates[i] > limit || force > method.force_m_per_s2) {
            let to = (i + margin + 1).min(grid.len());
            stepping[marked_to.max(i.saturating_sub(margin))..to].fill(true);
            marked_to = to;
        }
    }
    stepping
}

#[cfg(test)]
mod tests {
    use truehinge_core::SensorRole;

    use super::*;
    use crate::drawn::sensors::{GRIDS, Moment, STILL, agree, grid};
    use crate::method::Method;

    /// First and last moment of what is a step in a drawn shank, s since the grid began.
    fn stepping(on: (f64, f64), draw: impl Fn(f64) -> Moment) -> Option<(PoseGrid, f64, f64)> {
        let drawn = grid(on, 6.0, &[SensorRole::Shank], |_, t| draw(t));
        let stepping = steps(&drawn, &drawn.tracks[0], &Method::default().watch.steps);
        let (first, last) = (stepping.iter().position(|s| *s)?, stepping.iter().rposition(|s| *s)?);
        assert!(stepping[first..=last].iter().all(|s| *s), "one stretch");
        let (first, last) = (first as f64 / drawn.rate.hertz(), last as f64 / drawn.rate.hertz());
        Some((drawn, first, last))
    }

    fn burst(rate: f64, length: f64) -> impl Fn(f64) -> Moment {
        move |t| Moment { rate: if (3.0..3.0 + length).contains(&t) { rate } else { 0.0 }, ..STILL }
    }

    #[test]
    fn a_foot_steps_where_the_shank_swings_fast_and_a_margin_around() {
        for on in GRIDS {
            assert!(stepping(on, burst(249.0, 0.3)).is_none(), "{on:?}");
            let (drawn, first, last) = stepping(on, burst(251.0, 0.3)).expect("a swing");
            // Half of a tenth of a second inside of the burst, and 0.6 s around that.
            assert!(agree(&drawn, first, 3.05 - 0.6) && agree(&drawn, last, 3.25 + 0.6), "{on:?}: {first} to {last}");
        }
    }

    #[test]
    fn a_knee_that_locks_snaps_the_shank_for_a_shorter_time_than_a_swing() {
        for on in GRIDS {
            assert!(stepping(on, burst(300.0, 0.06)).is_none(), "{on:?}");
            assert!(stepping(on, burst(300.0, 0.1)).is_some(), "{on:?}");
        }
    }

    #[test]
    fn a_foot_steps_where_the_force_leaves_its_usual_norm_whatever_that_is() {
        for on in GRIDS {
            for usual in [25.0, 60.0] {
                let at =
                    |force: f64| stepping(on, move |t| Moment { force: if t == 3.0 { force } else { usual }, ..STILL });
                for beyond in [usual + 20.1, usual - 20.1] {
                    let (drawn, first, last) = at(beyond).expect("a knock");
                    assert!(agree(&drawn, first, 2.4) && agree(&drawn, last, 3.6), "{on:?}: {first} to {last}");
                }
                assert!(at(usual + 19.9).is_none() && at(usual - 19.9).is_none());
            }
        }
    }

    #[test]
    fn without_data_nothing_is_known_of_a_foot() {
        for on in GRIDS {
            assert!(stepping(on, |_| Moment { rate: 400.0, valid: false, ..STILL }).is_none());
        }
    }
}
