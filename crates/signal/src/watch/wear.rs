//! How the sensors are worn, as far as the data tell: not at all, exchanged, slipped, loose, put on the other way round.
//!
//! In: poses of a block, and the analysed sets. Out: findings that name the sensor and when. The same for a recording
//! and for a session that runs. Any way of wearing a sensor is measured (it is aligned anew in every block), so that one that is upside
//! down costs nothing; what is told is that it is not as before.

use truehinge_core::{Rep, SensorRole, Signal};

use crate::grid::PoseGrid;
use crate::math::stats::moving_rms;
use crate::method::{Method, Wear};

/// Whether the sensor called hip moves like a shin and the other like a hip: in walking the shin swings again and again, stride by stride,
/// and several times faster than the pelvis turns. Says nothing about recordings without some steps.
pub fn looks_swapped(grid: &PoseGrid, method: &Method) -> bool {
    let limits = &method.watch.wear;
    let (walks, swings) = (limits.walks_deg_per_s.to_radians(), limits.swings_deg_per_s.to_radians());
    let (Some(hip), Some(shank)) = (grid.track(SensorRole::Hip), grid.track(SensorRole::Shank)) else { return false };
    let rates = [hip, shank].map(|track| track.angular_rate.iter().map(|rate| rate.norm()).collect::<Vec<f64>>());
    let lately = rates.each_ref().map(|rates| moving_rms(rates, grid.points(limits.stride_s)));
    let walking = |i: &usize| lately.iter().all(|rms| rms[*i] > walks) && hip.valid[*i] && shank.valid[*i];
    let walking: Vec<usize> = (0..grid.len()).filter(walking).collect();
    let fastest = |rates: &[f64]| {
        let mut rates: Vec<f64> = walking.iter().map(|&i| rates[i]).collect();
        rates.sort_by(f64::total_cmp);
        // The fastest moment may be a knock against the sensor.
        rates.len().checked_sub(1 + grid.points(limits.knock_s)).map(|index| rates[index])
    };
    match rates.each_ref().map(|rates| fastest(rates)) {
        [Some(hip), Some(shank)] if hip > swings && shank < limits.slower_share * hip => {
            let swinging = walking.iter().copied().filter(|&i| rates[0][i] > swings);
            swings_in_a_row(swinging, grid, limits) >= limits.swings_least_count
        }
        _ => false,
    }
}

/// The most swings of which each begins a stride after the one before, of the points that swing. What begins sooner belongs to the same
/// swing.
fn swings_in_a_row(swinging: impl Iterator<Item = usize>, grid: &PoseGrid, limits: &Wear) -> usize {
    let (least, most) = (grid.points(limits.stride_least_s), grid.points(limits.stride_most_s));
    let (mut row, mut longest) = (0, 0);
    let (mut began, mut last) = (None, None);
    for at in swinging {
        let goes_on = last.replace(at).is_some_and(|last| at == last + 1);
        let since = began.map_or(usize::MAX, |began| at - began);
        if goes_on || since < least {
            continue;
        }
        row = if since <= most { row + 1 } else { 1 };
        began = Some(at);
        longest = longest.max(row);
    }
    longest
}

/// The sensors that did not move in any repetition of a set: they lie somewhere. Whoever stands on a leg sways.
pub fn unworn(reps: &[Rep], method: &Wear) -> Vec<SensorRole> {
    let range = |values: &[f64]| {
        let ends = (f64::INFINITY, f64::NEG_INFINITY);
        let (least, most) = values.iter().fold(ends, |(least, most), &value| (least.min(value), most.max(value)));
        most - least
    };
    let is_unworn = |signal: Signal| {
        let curves = || reps.iter().flat_map(|rep| &rep.curves).filter(|curve| curve.signal == signal);
        curves().next().is_some() && curves().all(|curve| range(&curve.values) < method.unworn_deg)
    };
    let by_signal = [(SensorRole::Hip, Signal::PelvisTilt), (SensorRole::Shank, Signal::ShankTilt)];
    by_signal.into_iter().filter(|(_, signal)| is_unworn(*signal)).map(|(role, _)| role).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{Curve, Phases, Protocol, RepMetrics};

    use crate::drawn::sensors::{GRIDS, Moment, STILL, grid};
    use crate::judge::judge;

    /// A repetition in which pelvis and shank lean by so much, degrees; none where the data are missing.
    fn leaning(pelvis: Option<f64>, shank: f64) -> Rep {
        let span = truehinge_core::Span::from_seconds(0.0, 1.0);
        let curve = |(signal, size): (Signal, f64)| Curve { signal, values: vec![0.0, size, 0.5 * size] };
        let given = pelvis.map(|size| (Signal::PelvisTilt, size)).into_iter().chain([(Signal::ShankTilt, shank)]);
        Rep {
            number: 1,
            span,
            turn: span.start,
            phases: Phases { quiet_stance: span, descent: span, bottom: span, ascent: span },
            metrics: RepMetrics::default(),
            budgets: std::collections::BTreeMap::new(),
            by_hand: None,
            judgement: judge(&RepMetrics::default(), 1.0, &Protocol::default().criteria),
            curves: given.map(curve).collect(),
        }
    }

    #[test]
    fn a_sensor_that_leans_in_no_repetition_of_a_set_is_not_worn() {
        let found = |reps: &[Rep]| unworn(reps, &Method::default().watch.wear);
        assert_eq!(found(&[leaning(Some(0.05), 8.0), leaning(Some(-0.19), 0.1)]), [SensorRole::Hip]);
        assert_eq!(found(&[leaning(Some(30.0), 0.05), leaning(None, -0.1)]), [SensorRole::Shank]);
        // Once is enough, and what was not seen says nothing.
        assert_eq!(found(&[leaning(Some(0.05), 8.0), leaning(Some(0.21), 8.0)]), []);
        assert_eq!(found(&[leaning(None, 8.0)]), []);
        assert_eq!(found(&[]), []);
    }

    const BOTH: [SensorRole; 2] = [SensorRole::Hip, SensorRole::Shank];

    /// Whether they look exchanged in four seconds of walking, with the usual and the largest rate of each, deg/s. The largest
    /// lasts for `peak_s` every second.
    fn swapped(on: (f64, f64), hip: (f64, f64), shank: (f64, f64), peak_s: f64) -> bool {
        let drawn = grid(on, 4.0, &BOTH, |role, t| {
            let (usual, largest) = if role == SensorRole::Hip { hip } else { shank };
            Moment { rate: if t.fract() < peak_s { largest } else { usual }, ..STILL }
        });
        looks_swapped(&drawn, &Method::default())
    }

    #[test]
    fn a_hip_sensor_that_swings_much_faster_than_the_shank_sensor_is_a_shin() {
        for on in GRIDS {
            assert!(swapped(on, (40.0, 300.0), (40.0, 100.0), 0.3), "{on:?}");
            assert!(!swapped(on, (40.0, 100.0), (40.0, 300.0), 0.3), "{on:?}");
            // The ratio is 0.6.
            assert!(swapped(on, (40.0, 300.0), (40.0, 179.0), 0.3) && !swapped(on, (40.0, 300.0), (40.0, 181.0), 0.3));
        }
    }

    #[test]
    fn a_pelvis_bows_more_slowly_than_a_shin_swings() {
        for on in GRIDS {
            assert!(swapped(on, (40.0, 181.0), (40.0, 60.0), 0.3) && !swapped(on, (40.0, 179.0), (40.0, 60.0), 0.3));
        }
    }

    #[test]
    fn somebody_walks_only_while_both_sensors_move() {
        for on in GRIDS {
            assert!(swapped(on, (40.0, 300.0), (10.1, 10.1), 0.3) && !swapped(on, (40.0, 300.0), (9.9, 9.9), 0.3));
        }
    }

    #[test]
    fn who_walks_does_so_over_a_whole_stride() {
        for on in GRIDS {
            // A fifth of every second: 8.9 deg/s, root mean square over a second, or 11.2.
            let swapped = |shank: f64| {
                let drawn = grid(on, 4.0, &BOTH, |role, t| {
                    let fast = (0.4..0.6).contains(&t.fract());
                    let (usual, largest) = if role == SensorRole::Hip { (40.0, 300.0) } else { (0.0, shank) };
                    Moment { rate: if fast { largest } else { usual }, ..STILL }
                });
                looks_swapped(&drawn, &Method::default())
            };
            assert!(!swapped(20.0) && swapped(25.0), "{on:?}");
        }
    }

    #[test]
    fn a_knock_is_no_swing() {
        for on in GRIDS {
            let drawn = |length: f64| {
                grid(on, 4.0, &BOTH, |role, t| {
                    let swings = role == SensorRole::Hip && t.fract() < 0.3;
                    let knocked = role == SensorRole::Shank && t >= 2.0 && t < 2.0 + length;
                    Moment { rate: if swings || knocked { 400.0 } else { 50.0 }, ..STILL }
                })
            };
            let swapped = |length| looks_swapped(&drawn(length), &Method::default());
            assert!(swapped(0.09) && !swapped(0.15), "{on:?}");
        }
    }

    /// Whether they look exchanged where the hip's sensor swings for a quarter of a second at each of these times.
    fn swinging(on: (f64, f64), at: &[f64]) -> bool {
        let drawn = grid(on, 8.0, &BOTH, |role, t| {
            let swings = role == SensorRole::Hip && at.iter().any(|at| (*at..at + 0.25).contains(&t));
            Moment { rate: if swings { 300.0 } else { 40.0 }, ..STILL }
        });
        looks_swapped(&drawn, &Method::default())
    }

    #[test]
    fn who_bends_or_sits_down_swings_the_pelvis_and_does_not_walk() {
        for on in GRIDS {
            assert!(!swinging(on, &[1.0]) && !swinging(on, &[1.0, 2.0]));
            assert!(swinging(on, &[1.0, 2.0, 3.0]), "{on:?}");
            // No stride is so long, and what follows at once is the same swing.
            assert!(!swinging(on, &[1.0, 2.0, 3.7]) && swinging(on, &[1.0, 2.0, 3.4]));
            assert!(!swinging(on, &[1.0, 2.0, 2.35]) && swinging(on, &[1.0, 2.0, 2.65]));
        }
    }

    #[test]
    fn without_both_sensors_or_data_nothing_is_said() {
        let walk = Moment { rate: 300.0, ..STILL };
        let seen = |roles: &[SensorRole], valid| {
            let draw = |role, t: f64| {
                let rate = if role == SensorRole::Hip && t.fract() < 0.3 { 300.0 } else { 50.0 };
                Moment { rate, valid: valid || role == SensorRole::Hip, ..walk }
            };
            looks_swapped(&grid(GRIDS[0], 4.0, roles, draw), &Method::default())
        };
        assert!(seen(&BOTH, true));
        assert!(!seen(&BOTH, false) && !seen(&BOTH[..1], true) && !seen(&BOTH[1..], true));
        assert!(!looks_swapped(&grid(GRIDS[0], 0.0, &BOTH, |_, _| walk), &Method::default()));
    }
}
