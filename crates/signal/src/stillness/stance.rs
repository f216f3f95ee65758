//! How still a person stands, over a grid.
//!
//! In: a [`PoseGrid`]. Out: per grid point, how active the sensors were and whether a foot stepped; the quiet stances, and the
//! stillest stretch of all.

use std::ops::Range;

use truehinge_core::SensorRole;

use super::{Still, steps::steps};
use crate::grid::{PoseGrid, PoseTrack};
use crate::method::{Method, QuietStance};

/// Stillness and stepping over a grid.
#[derive(Clone, Debug)]
pub struct Stance {
    /// Largest root-mean-square angular rate of the sensors, rad/s, per grid point; infinite where data are missing.
    pub activity: Vec<f64>,
    /// A foot steps, per grid point.
    pub stepping: Vec<bool>,
    /// Some sensor has no data, per grid point.
    pub missing: Vec<bool>,
    /// Quiet stances, in order.
    pub quiet: Vec<Range<usize>>,
    /// The stillest stretch: the posture everything is aligned to.
    pub reference: Range<usize>,
}

/// Finds quiet stances and steps. `None` where no stretch with data from all sensors is long enough for a reference posture.
pub fn observe(grid: &PoseGrid, method: &Method) -> Option<Stance> {
    let preset = &method.stillness.quiet_stance;
    let still = Still::from(preset);
    let missing: Vec<bool> = (0..grid.len()).map(|i| grid.tracks.iter().any(|track| !track.valid[i])).collect();
    let activity = activity(grid, &missing, still);
    let stepping = match grid.track(SensorRole::Shank) {
        Some(shank) => steps(grid, shank, &method.watch.steps),
        None => vec![false; grid.len()],
    };
    let reference = reference(grid, &activity, preset)?;
    let quiet = still.find(&activity, grid.rate.period_seconds());
    Some(Stance { activity, stepping, missing, quiet, reference })
}

/// Activity of the sensor that moves most, rad/s; infinite where data are missing.
fn activity(grid: &PoseGrid, missing: &[bool], still: Still) -> Vec<f64> {
    let of = |track: &PoseTrack| {
        let rates = track.angular_rate.iter().map(|rate| rate.norm()).collect();
        still.activity(rates, grid.rate.period_seconds())
    };
    let mut most = vec![0.0_f64; grid.len()];
    for track in &grid.tracks {
        for (most, activity) in most.iter_mut().zip(of(track)) {
            *most = most.max(activity);
        }
    }
    for (most, missing) in most.iter_mut().zip(missing) {
        if *missing {
            *most = f64::INFINITY;
        }
    }
    most
}

/// The stillest stretch; a shorter one where none is long enough.
fn reference(grid: &PoseGrid, activity: &[f64], preset: &QuietStance) -> Option<Range<usize>> {
    let stillest = |seconds| stillest(activity, grid.points(seconds), preset.reference_steps_count);
    stillest(preset.reference_s).or_else(|| stillest(preset.short_reference_s))
}

/// The window of `length` points with the least mean activity, looked for at `steps` places within that length.
fn stillest(activity: &[f64], length: usize, steps: usize) -> Option<Range<usize>> {
    let mut best: Option<(f64, usize)> = None;
    let stride = (length / steps).max(1);
    for from in (0..=activity.len().checked_sub(length)?).step_by(stride) {
        let sum = activity[from..from + length].iter().sum::<f64>();
        if sum.is_finite() && best.is_none_or(|(least, _)| sum < least) {
            best = Some((sum, from));
        }
    }
    best.map(|(_, from)| from..from + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawn::sensors::{GRIDS, Moment, STILL, agree, grid, seconds};

    const BOTH: [SensorRole; 2] = [SensorRole::Hip, SensorRole::Shank];

    fn seen(grid: &PoseGrid) -> Stance {
        observe(grid, &Method::default()).expect("a reference posture")
    }

    fn turning(rate: f64) -> Moment {
        Moment { rate, ..STILL }
    }

    /// The quiet stances, in seconds since the grid began.
    fn quiet(grid: &PoseGrid) -> Vec<(f64, f64)> {
        seen(grid).quiet.into_iter().map(|range| seconds(grid, grid.span(range))).collect()
    }

    #[test]
    fn the_activity_is_the_rate_of_the_sensor_that_turns_most() {
        for on in GRIDS {
            for (hip, shank) in [(1.0, 3.0), (3.0, 1.0)] {
                let drawn = grid(on, 4.0, &BOTH, |role, _| turning(if role == SensorRole::Hip { hip } else { shank }));
                let activity = seen(&drawn).activity;
                assert!(activity.iter().all(|rate| (rate.to_degrees() - 3.0).abs() < 1e-9), "{on:?}");
            }
        }
    }

    #[test]
    fn a_quiet_stance_lies_half_a_window_inside_of_what_moves_beside_it() {
        for on in GRIDS {
            let drawn = grid(on, 10.0, &BOTH, |role, t| {
                turning(if role == SensorRole::Hip && (4.0..6.0).contains(&t) { 60.0 } else { 1.0 })
            });
            let quiet = quiet(&drawn);
            let [(a, b), (c, d)] = quiet[..] else { panic!("{on:?}: {quiet:?}") };
            for (found, drawn_at) in [(a, 0.0), (b, 3.75), (c, 6.25), (d, 10.0)] {
                assert!(agree(&drawn, found, drawn_at), "{on:?}: {found} for {drawn_at}");
            }
        }
    }

    #[test]
    fn a_sensor_is_quiet_below_its_limit_only() {
        for on in GRIDS {
            let count = |rate| quiet(&grid(on, 4.0, &BOTH, |_, _| turning(rate))).len();
            assert_eq!((count(4.99), count(5.01)), (1, 0));
        }
    }

    #[test]
    fn a_quiet_stance_lasts_a_second() {
        for on in GRIDS {
            // Half a window on both sides belongs to the movement; a tenth of a second more or less than a second is left.
            let count = |pause: f64| {
                let moves = |t: f64| t < 3.0 || t > 3.0 + pause;
                let drawn = grid(on, 8.0, &BOTH, |_, t| turning(if moves(t) { 60.0 } else { 0.0 }));
                quiet(&drawn).len()
            };
            assert_eq!((count(1.4), count(1.6)), (0, 1), "{on:?}");
        }
    }

    #[test]
    fn the_reference_is_the_stillest_stretch() {
        for on in GRIDS {
            let drawn = grid(on, 12.0, &BOTH, |_, t| turning(if (5.0..7.5).contains(&t) { 1.0 } else { 3.0 }));
            let (start, end) = seconds(&drawn, drawn.span(seen(&drawn).reference));
            assert!((end - start - 1.5).abs() < 1e-9);
            // Looked for in steps of a tenth of a second, with half a window on both sides.
            assert!(start >= 5.15 && end <= 7.35, "{on:?}: {start} to {end}");
        }
    }

    #[test]
    fn a_short_reference_is_better_than_none_and_a_shorter_one_is_not() {
        for on in GRIDS {
            let reference = |length: f64| {
                let has = |t: f64| t >= 1.0 && t < 1.0 + length - 1e-6;
                let drawn =
                    grid(on, 4.0, &BOTH, |role, t| Moment { valid: role == SensorRole::Hip || has(t), ..STILL });
                observe(&drawn, &Method::default()).map(|s| seconds(&drawn, drawn.span(s.reference)))
            };
            let (start, end) = reference(0.9).expect("0.8 s are enough");
            assert!((end - start - 0.8).abs() < 1e-9 && start >= 1.0 && end < 1.91, "{start} to {end}");
            let (start, end) = reference(1.6).expect("1.5 s are enough");
            assert!((end - start - 1.5).abs() < 1e-9, "{start} to {end}");
            assert_eq!(reference(0.7), None);
        }
        assert!(observe(&grid((100.0, 0.0), 0.0, &BOTH, |_, _| STILL), &Method::default()).is_none());
        assert!(observe(&grid((100.0, 0.0), 0.01, &BOTH, |_, _| STILL), &Method::default()).is_none());
    }

    #[test]
    fn where_one_sensor_has_no_data_nobody_is_quiet() {
        for on in GRIDS {
            let drawn = grid(on, 10.0, &BOTH, |role, t| Moment {
                valid: role == SensorRole::Shank || !(4.0..4.5).contains(&t),
                ..STILL
            });
            let stance = seen(&drawn);
            for (i, missing) in stance.missing.iter().enumerate() {
                let t = i as f64 / drawn.rate.hertz();
                assert_eq!(*missing, (4.0..4.5).contains(&t), "{on:?}: {t}");
                assert_eq!(stance.activity[i].is_infinite(), *missing);
            }
            let found: Vec<_> = stance.quiet.iter().map(|r| seconds(&drawn, drawn.span(r.clone()))).collect();
            assert_eq!(found, [(0.0, 4.0), (4.5, 10.0)]);
        }
    }
}
