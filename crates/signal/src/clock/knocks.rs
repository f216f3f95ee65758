//! An optional check of the clocks: both sensors are knocked against each other, and must say so at the same time.
//!
//! In: a recording, and from when on somebody knocked. Out: how far apart the fitted timelines put the same knocks. It is a check,
//! not a correction: a knock is known to a fraction of a sample only, the fit to the arrivals usually better (SCIENCE §7).
//!
//! The time of a knock is the centre of what goes beyond gravity near its peak (`clock.knocks.around_s`). A difference that exceeds
//! three times what clocks and sampling explain,
//!
//! ```text
//! sigma² = sigma_hip² + sigma_shank² + (period_hip² + period_shank²) / 12 / knocks
//! ```
//!
//! means that a link delays all of its packets, which no fit to arrivals can see.

use truehinge_core::{
    Finding, FindingKind, HostTime, MarkerKind, NotCompared, Recording, STANDARD_GRAVITY, SensorRole, Track,
    TrackSamples,
};

use super::fit_track;
use crate::math::stats::upper_median;
use crate::method::{Clock, KnockCheck};

/// How far apart two sensors put the same knocks.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Knocks {
    /// Knocks that both sensors felt.
    pub count: usize,
    /// Median of the hip sensor's times minus the shank sensor's, ms.
    pub difference_ms: f64,
    /// Standard uncertainty of that, from clocks and sampling, ms.
    pub sigma_ms: f64,
    /// Difference that clocks and sampling explain, in standard uncertainties.
    pub explained_sigmas: f64,
}

impl Knocks {
    /// Whether the clocks explain the difference.
    pub fn agree(&self) -> bool {
        self.difference_ms.abs() <= self.explained_sigmas * self.sigma_ms
    }
}

/// Compares what hip and shank sensor felt from `from` on, for `clock.knocks.window_s`.
///
/// # Errors
/// A sensor or its clock is missing, or too few knocks were felt by both.
pub fn compare(recording: &Recording, from: HostTime, method: &Clock) -> Result<Knocks, NotCompared> {
    let felt = |role| felt(recording, role, from.on_session().seconds(), method);
    let (hip, shank) = (felt(SensorRole::Hip)?, felt(SensorRole::Shank)?);
    let mut differences: Vec<f64> =
        hip.knocks.iter().filter_map(|at| Some(at - nearest(&shank.knocks, *at, &method.knocks)?)).collect();
    let count = differences.len();
    let needed = method.knocks.needed_count;
    if count < needed {
        return Err(NotCompared::TooFew { found: count, needed });
    }
    let difference = upper_median(&mut differences).unwrap_or_default();
    // number: the variance of a uniform distribution of width one is a twelfth
    let sampling = (hip.period.powi(2) + shank.period.powi(2)) / 12.0 / count as f64;
    let sigma_ms = hip.sigma_ms.hypot(shank.sigma_ms).hypot(1e3 * sampling.sqrt());
    let explained_sigmas = method.knocks.explained_sigmas;
    Ok(Knocks { count, difference_ms: 1e3 * difference, sigma_ms, explained_sigmas })
}

/// What every check that somebody made in a recording says.
pub fn findings(recording: &Recording, method: &Clock) -> Vec<Finding> {
    let checks = recording.markers.iter().filter(|marker| marker.kind == MarkerKind::ClockCheck);
    checks
        .map(|marker| {
            let at = marker.at;
            Finding::of_recording(match compare(recording, at, method) {
                Ok(found) => {
                    let Knocks { count: knocks, difference_ms, sigma_ms, .. } = found;
                    if found.agree() {
                        FindingKind::ClocksAgree { at, knocks, difference_ms, sigma_ms }
                    } else {
                        FindingKind::ClocksDiffer { at, knocks, difference_ms, sigma_ms }
                    }
                }
                Err(why) => FindingKind::ClocksNotCompared { at, why },
            })
        })
        .collect()
}

fn nearest(times: &[f64], to: f64, method: &KnockCheck) -> Option<f64> {
    let nearest = times.iter().copied().min_by(|a, b| (a - to).abs().total_cmp(&(b - to).abs()))?;
    ((nearest - to).abs() <= method.same_s).then_some(nearest)
}

/// What one sensor felt.
struct Felt {
    /// Session times, s.
    knocks: Vec<f64>,
    /// Between samples, s.
    period: f64,
    sigma_ms: f64,
}

fn felt(recording: &Recording, role: SensorRole, from: f64, method: &Clock) -> Result<Felt, NotCompared> {
    let track = recording.track(role).ok_or(NotCompared::NoSensor { role })?;
    let (mut forces, sigma_ms) = beyond_gravity(track, method)?;
    forces.retain(|(at, _)| (from..from + method.knocks.window_s).contains(at));
    let span = forces.first().zip(forces.last()).map_or(0.0, |(first, last)| last.0 - first.0);
    let period = span / forces.len().saturating_sub(1).max(1) as f64;
    Ok(Felt { knocks: knocks(&forces, &method.knocks), period, sigma_ms })
}

/// Session times, s, and how far the specific force goes beyond gravity, m/s²; how well the times are known, ms.
fn beyond_gravity(track: &Track, method: &Clock) -> Result<(Vec<(f64, f64)>, f64), NotCompared> {
    let role = track.role;
    let TrackSamples::Inertial(samples) = &track.samples else { return Err(NotCompared::NoSensor { role }) };
    let model = fit_track(track, None, method).map_err(|_| NotCompared::ClockNotFitted { role })?;
    let sigma_ms = model.report().sigma_ms.ok_or(NotCompared::ClockAssumed { role })?;
    let times = model.session_seconds(samples.iter().map(|sample| sample.device_time));
    let beyond = samples.iter().map(|sample| (sample.specific_force.norm() - STANDARD_GRAVITY).abs());
    Ok((times.into_iter().zip(beyond).filter_map(|(at, force)| Some((at?, force))).collect(), sigma_ms))
}

/// The centres of knocks, strongest first so that what rings after one is none of its own; in order of time.
fn knocks(forces: &[(f64, f64)], method: &KnockCheck) -> Vec<f64> {
    let least = method.force_g * STANDARD_GRAVITY;
    let mut strong: Vec<(f64, f64)> = forces.iter().copied().filter(|(_, force)| *force > least).collect();
    strong.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut peaks: Vec<f64> = Vec::new();
    for (at, _) in strong {
        if peaks.iter().all(|peak| (peak - at).abs() > method.apart_s) {
            peaks.push(at);
        }
    }
    peaks.sort_by(f64::total_cmp);
    peaks.into_iter().map(|peak| centre(forces, peak, method)).collect()
}

fn centre(forces: &[(f64, f64)], peak: f64, method: &KnockCheck) -> f64 {
    let near = forces.iter().filter(|(at, _)| (at - peak).abs() <= method.around_s);
    let (weighted, weight) =
        near.fold((0.0, 0.0), |(sum, weight), (at, force)| (sum + force * (at - peak), weight + force));
    if weight > 0.0 { peak + weighted / weight } else { peak }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Method;
    use truehinge_core::{
        AngularRate, Anthropometry, AthleteId, ClockKind, DeviceInfo, DeviceTime, InertialSample, Marker, SessionInfo,
        Source, SpecificForce,
    };

    /// Knocks at these true times, s.
    const TRUE: [f64; 3] = [20.31, 21.07, 21.9];

    /// A sensor on a link whose packets come `delay` late at least, and up to a connection interval more. The force of a sample is
    /// the mean over its period; a knock lasts 20 ms.
    fn track(role: SensorRole, rate: f64, ppm: f64, delay: f64) -> Track {
        let samples = (0..3000).map(|i| {
            let at = f64::from(i) / rate + 0.003 * ppm.signum();
            let wait = 0.015 * (f64::from(i) * 0.618_034).fract();
            let overlap = |knock: &f64| (at.min(knock + 0.01) - (at - 1.0 / rate).max(knock - 0.01)).max(0.0) * rate;
            let force = STANDARD_GRAVITY * (1.0 + 8.0 * TRUE.iter().map(overlap).sum::<f64>());
            InertialSample {
                device_time: DeviceTime::from_seconds(7.0 + at * (1.0 + ppm * 1e-6)),
                arrival: Some(HostTime::from_seconds(at + delay + wait)),
                specific_force: SpecificForce::new(0.0, force, 0.0),
                angular_rate: AngularRate::new(0.0, 0.0, 0.0),
            }
        });
        let samples = TrackSamples::Inertial(samples.collect());
        Track { role, device: DeviceInfo::default(), clock: ClockKind::Device, samples, sequence_gaps: Vec::new() }
    }

    fn recording(hip: Track, shank: Track) -> Recording {
        let info = SessionInfo {
            session: truehinge_core::SessionId::from("S1".to_owned()),
            athlete: AthleteId::new("P-1").expect("a pseudonym"),
            start_utc_ns: None,
            zone: truehinge_core::Zone::Unknown,
            stance_side: None,
            protocol: "single-leg-hip-hinge".to_owned(),
            body: Anthropometry::default(),
            source: Source::default(),
        };
        Recording { info, tracks: vec![hip, shank], markers: Vec::new() }
    }

    fn compared(recording: &Recording, from: f64) -> Result<Knocks, NotCompared> {
        compare(recording, HostTime::from_seconds(from), &Method::default().clock)
    }

    #[test]
    fn clocks_of_any_rate_that_are_fitted_well_agree() {
        for (hip, shank) in [(60.0, 60.0), (60.0, 100.0), (120.0, 52.0)] {
            let recording =
                recording(track(SensorRole::Hip, hip, 40.0, 0.004), track(SensorRole::Shank, shank, -40.0, 0.004));
            let found = compared(&recording, 19.0).expect("three knocks");
            assert!(found.count == 3 && found.agree(), "{found:?}");
            // A half period each, and a millisecond or two of the fit.
            assert!(found.difference_ms.abs() < 12.0, "{found:?}");
        }
    }

    #[test]
    fn a_link_that_delays_everything_is_found() {
        let recording =
            recording(track(SensorRole::Hip, 60.0, 40.0, 0.064), track(SensorRole::Shank, 60.0, -40.0, 0.004));
        let found = compared(&recording, 19.0).expect("three knocks");
        assert!(!found.agree() && (found.difference_ms - 60.0).abs() < 12.0, "{found:?}");
    }

    #[test]
    fn every_check_is_told_with_what_came_of_it() {
        let check = |seconds| Marker { at: HostTime::from_seconds(seconds), kind: MarkerKind::ClockCheck };
        let recording_with = |delay, checks: &[Marker]| {
            let hip = track(SensorRole::Hip, 60.0, 40.0, delay);
            let markers = checks.to_vec();
            Recording { markers, ..recording(hip, track(SensorRole::Shank, 60.0, -40.0, 0.004)) }
        };
        let recording = recording_with(0.064, &[check(19.0), check(30.0)]);
        let told = findings(&recording, &Method::default().clock);
        let [differ, unknown] = &told[..] else { panic!("two checks: {told:?}") };
        let FindingKind::ClocksDiffer { at, knocks: 3, difference_ms, sigma_ms } = differ.kind else {
            panic!("{differ:?}")
        };
        assert_eq!(at, HostTime::from_seconds(19.0));
        // The hip's packets come 60 ms later.
        assert!((difference_ms - 60.0).abs() < 12.0 && difference_ms > 3.0 * sigma_ms, "{differ:?}");
        let why = NotCompared::TooFew { found: 0, needed: 2 };
        assert_eq!(unknown.kind, FindingKind::ClocksNotCompared { at: HostTime::from_seconds(30.0), why });
        let alike = recording_with(0.004, &[check(19.0)]);
        let told = findings(&alike, &Method::default().clock);
        assert!(matches!(told[..], [Finding { kind: FindingKind::ClocksAgree { knocks: 3, .. }, .. }]), "{told:?}");
    }

    #[test]
    fn what_only_one_felt_or_nobody_is_no_knock() {
        let mut recording =
            recording(track(SensorRole::Hip, 60.0, 40.0, 0.004), track(SensorRole::Shank, 60.0, -40.0, 0.004));
        let too_few = |found| Err(NotCompared::TooFew { found, needed: 2 });
        assert_eq!(compared(&recording, 30.0), too_few(0), "after the knocks");
        assert_eq!(compared(&recording, 21.5), too_few(1), "one alone");
        recording.tracks.pop();
        assert_eq!(compared(&recording, 19.0), Err(NotCompared::NoSensor { role: SensorRole::Shank }));
    }

    /// A hundred samples a second, gravity but for these (number, m/s² beyond it).
    fn forces(beyond: &[(u32, f64)]) -> Vec<(f64, f64)> {
        let force = |i: u32| beyond.iter().find(|(at, _)| *at == i).map_or(0.0, |(_, force)| *force);
        (0..300).map(|i| (f64::from(i) / 100.0, force(i))).collect()
    }

    fn found(beyond: &[(u32, f64)]) -> Vec<f64> {
        knocks(&forces(beyond), &Method::default().clock.knocks)
    }

    fn near(found: &[f64], expected: &[f64]) -> bool {
        found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9)
    }

    #[test]
    fn a_knock_lies_at_the_centre_of_what_is_felt_near_its_peak() {
        assert!(near(&found(&[(99, 25.0), (100, 50.0), (101, 25.0)]), &[1.0]));
        // Two thirds of the way to the later sample, and to the earlier one.
        assert!(near(&found(&[(100, 30.0), (101, 60.0)]), &[1.0 + 0.02 / 3.0]));
        assert!(near(&found(&[(100, 60.0), (101, 30.0)]), &[1.0 + 0.01 / 3.0]));
        // What is more than 30 ms away does not count.
        assert!(near(&found(&[(100, 50.0), (104, 19.0)]), &[1.0]));
    }

    #[test]
    fn a_knock_is_beyond_two_g_and_what_rings_after_it_is_none_of_its_own() {
        let least = 2.0 * STANDARD_GRAVITY;
        assert!(found(&[(100, least - 0.01)]).is_empty());
        assert_eq!(found(&[(100, least + 0.01)]).len(), 1);
        // The stronger one is the knock, whichever comes first; from 0.2 s on they are two.
        assert!(near(&found(&[(100, 40.0), (119, 80.0)]), &[1.19]));
        assert!(near(&found(&[(100, 80.0), (119, 40.0)]), &[1.0]));
        assert!(near(&found(&[(100, 80.0), (121, 40.0)]), &[1.0, 1.21]));
    }

    #[test]
    fn the_nearest_knock_of_the_other_sensor_counts_within_80_ms_on_both_sides() {
        let near = |to| nearest(&[1.0, 2.0], to, &Method::default().clock.knocks);
        assert_eq!([near(1.079), near(1.921), near(0.921)], [Some(1.0), Some(2.0), Some(1.0)]);
        assert_eq!([near(1.081), near(1.919), near(0.919)], [None; 3]);
    }

    #[test]
    fn the_difference_has_the_sign_of_the_late_sensor_whenever_the_recording_began() {
        for (hip, shank, expected) in [(0.064, 0.004, 60.0), (0.004, 0.064, -60.0)] {
            let tracks = [(SensorRole::Hip, 40.0, hip), (SensorRole::Shank, -40.0, shank)];
            let [hip, shank] = tracks.map(|(role, ppm, delay)| track(role, 60.0, ppm, delay));
            let found = compared(&recording(hip.clone(), shank.clone()), 19.0).expect("three knocks");
            assert!((found.difference_ms - expected).abs() < 12.0, "{found:?}");
            // Other zeros of the three clocks.
            let shifted = |mut track: Track, device: f64| {
                let TrackSamples::Inertial(samples) = &mut track.samples else { unreachable!("inertial") };
                for sample in samples {
                    sample.device_time = DeviceTime::from_seconds(sample.device_time.seconds() + device);
                    let arrival = sample.arrival.expect("arrives").seconds();
                    sample.arrival = Some(HostTime::from_seconds(arrival + 512.0));
                }
                track
            };
            let later = recording(shifted(hip, 4096.0), shifted(shank, 0.25));
            let again = compared(&later, 19.0 + 512.0).expect("three knocks");
            assert!((again.difference_ms - found.difference_ms).abs() < 1e-3, "{found:?} {again:?}");
        }
    }

    #[test]
    fn clocks_agree_up_to_three_standard_uncertainties() {
        let found = |difference_ms| Knocks { count: 3, difference_ms, sigma_ms: 2.0, explained_sigmas: 3.0 };
        assert!(found(5.9).agree() && found(-5.9).agree() && !found(6.1).agree() && !found(-6.1).agree());
    }
}
