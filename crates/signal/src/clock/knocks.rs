//! An optional check of the clocks: both sensors are knocked against each other, and must say so at the same time.
//!
//! In: a recording, and from when on somebody knocked. Out: how far apart the fitted timelines put the same knocks. It is a check,
//! not a correction: a knock is known to a fraction of a sample only, the fit to the arrivals usually better (SCIENCE §7).
//!
//! The time of a knock is the centre of what goes beyond gravity within 30 ms of its peak. A difference that exceeds three times
//! what clocks and sampling explain,
//!
//! ```text
//! sigma² = sigma_hip² + sigma_shank² + (period_hip² + period_shank²) / 12 / knocks
//! ```
//!
//! means that a link delays all of its packets, which no fit to arrivals can see.

use std::fmt;

use truehinge_core::{
    HostTime, MarkerKind, QualityGrade, QualityIssue, Recording, STANDARD_GRAVITY, SensorRole, Track, TrackSamples,
};

use super::{ClockFitError, ClockParams, fit_track};

/// How far apart two sensors put the same knocks.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Knocks {
    /// Knocks that both sensors felt.
    pub count: usize,
    /// Median of the hip sensor's times minus the shank sensor's, ms.
    pub difference_ms: f64,
    /// Standard uncertainty of that, from clocks and sampling, ms.
    pub sigma_ms: f64,
}

impl Knocks {
    /// Whether the clocks explain the difference.
    pub fn agree(&self) -> bool {
        self.difference_ms.abs() <= 3.0 * self.sigma_ms
    }
}

impl fmt::Display for Knocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, difference_ms, sigma_ms } = self;
        write!(f, "{count} knocks, hip {difference_ms:+.1} ms against shank, {sigma_ms:.1} ms expected: ")?;
        if self.agree() {
            write!(f, "the clocks agree")
        } else {
            write!(f, "one sensor's packets all come late; bring it nearer, switch off other radios, record anew")
        }
    }
}

/// The clocks cannot be compared.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KnockError {
    /// A sensor is missing, or sends no specific force.
    #[error("there is no {0} sensor that feels knocks")]
    NoSensor(SensorRole),
    /// A clock could not be fitted.
    #[error(transparent)]
    Clock(#[from] ClockFitError),
    /// The offset of a clock is an assumption.
    #[error("the {0} sensor's packets have no arrival times: its clock is an assumption that knocks cannot check")]
    Assumed(SensorRole),
    /// Both sensors felt too few.
    #[error(
        "{found} knocks were felt by both sensors, {needed} are needed: knock them against each other, harder, three times"
    )]
    TooFew {
        /// How many.
        found: usize,
        /// How many there must be.
        needed: usize,
    },
}

/// Specific force beyond gravity that is a knock, m/s².
const KNOCK: f64 = 2.0 * STANDARD_GRAVITY;
/// Knocks are at least so far apart, s.
const APART: f64 = 0.2;
/// What is counted to a knock, before and after its peak, s.
const AROUND: f64 = 0.03;
/// The same knock is felt by both within this, s.
const SAME: f64 = 0.08;
/// How long somebody knocks, s.
const WINDOW: f64 = 15.0;
/// Knocks that must be felt by both.
const NEEDED: usize = 2;

/// Compares what hip and shank sensor felt in the 15 s from `from` on.
///
/// # Errors
/// A sensor or its clock is missing, or too few knocks were felt by both.
pub fn compare(recording: &Recording, from: HostTime, params: &ClockParams) -> Result<Knocks, KnockError> {
    let felt = |role| felt(recording, role, from.seconds(), params);
    let (hip, shank) = (felt(SensorRole::Hip)?, felt(SensorRole::Shank)?);
    let mut differences: Vec<f64> =
        hip.knocks.iter().filter_map(|at| Some(at - nearest(&shank.knocks, *at)?)).collect();
    let count = differences.len();
    if count < NEEDED {
        return Err(KnockError::TooFew { found: count, needed: NEEDED });
    }
    differences.sort_by(f64::total_cmp);
    let difference = differences.get(count / 2).copied().unwrap_or_default();
    let sampling = (hip.period.powi(2) + shank.period.powi(2)) / 12.0 / count as f64;
    let sigma_ms = hip.sigma_ms.hypot(shank.sigma_ms).hypot(1e3 * sampling.sqrt());
    Ok(Knocks { count, difference_ms: 1e3 * difference, sigma_ms })
}

/// What every check that somebody made in a recording says.
pub fn issues(recording: &Recording, params: &ClockParams) -> Vec<QualityIssue> {
    let checks = recording.markers.iter().filter(|marker| marker.kind == MarkerKind::ClockCheck);
    checks
        .map(|marker| {
            let (grade, code, found) = match compare(recording, marker.at, params) {
                Ok(knocks) if knocks.agree() => (QualityGrade::Good, "clocks_agree", knocks.to_string()),
                Ok(knocks) => (QualityGrade::Fair, "clocks_differ", knocks.to_string()),
                Err(error) => (QualityGrade::Good, "clocks_not_compared", error.to_string()),
            };
            let message = format!("clock check at {:.0} s: {found}", marker.at.seconds());
            QualityIssue { grade, role: None, code, span: None, message }
        })
        .collect()
}

fn nearest(times: &[f64], to: f64) -> Option<f64> {
    let nearest = times.iter().copied().min_by(|a, b| (a - to).abs().total_cmp(&(b - to).abs()))?;
    ((nearest - to).abs() <= SAME).then_some(nearest)
}

/// What one sensor felt.
struct Felt {
    /// Session times, s.
    knocks: Vec<f64>,
    /// Between samples, s.
    period: f64,
    sigma_ms: f64,
}

fn felt(recording: &Recording, role: SensorRole, from: f64, params: &ClockParams) -> Result<Felt, KnockError> {
    let track = recording.track(role).ok_or(KnockError::NoSensor(role))?;
    let (mut forces, sigma_ms) = beyond_gravity(track, params)?;
    forces.retain(|(at, _)| (from..from + WINDOW).contains(at));
    let span = forces.first().zip(forces.last()).map_or(0.0, |(first, last)| last.0 - first.0);
    let period = span / forces.len().saturating_sub(1).max(1) as f64;
    Ok(Felt { knocks: knocks(&forces), period, sigma_ms })
}

/// Session times, s, and how far the specific force goes beyond gravity, m/s²; how well the times are known, ms.
fn beyond_gravity(track: &Track, params: &ClockParams) -> Result<(Vec<(f64, f64)>, f64), KnockError> {
    let TrackSamples::Inertial(samples) = &track.samples else { return Err(KnockError::NoSensor(track.role)) };
    let model = fit_track(track, None, params)?;
    let sigma_ms = model.report().sigma_ms.ok_or(KnockError::Assumed(track.role))?;
    let times = model.session_seconds(samples.iter().map(|sample| sample.device_time));
    let beyond = samples.iter().map(|sample| (sample.specific_force.norm() - STANDARD_GRAVITY).abs());
    Ok((times.into_iter().zip(beyond).filter_map(|(at, force)| Some((at?, force))).collect(), sigma_ms))
}

/// The centres of knocks, strongest first so that what rings after one is none of its own; in order of time.
fn knocks(forces: &[(f64, f64)]) -> Vec<f64> {
    let mut strong: Vec<(f64, f64)> = forces.iter().copied().filter(|(_, force)| *force > KNOCK).collect();
    strong.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut peaks: Vec<f64> = Vec::new();
    for (at, _) in strong {
        if peaks.iter().all(|peak| (peak - at).abs() > APART) {
            peaks.push(at);
        }
    }
    peaks.sort_by(f64::total_cmp);
    peaks.into_iter().map(|peak| centre(forces, peak)).collect()
}

fn centre(forces: &[(f64, f64)], peak: f64) -> f64 {
    let near = forces.iter().filter(|(at, _)| (at - peak).abs() <= AROUND);
    let (weighted, weight) =
        near.fold((0.0, 0.0), |(sum, weight), (at, force)| (sum + force * (at - peak), weight + force));
    if weight > 0.0 { peak + weighted / weight } else { peak }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            session: "S1".to_owned(),
            athlete: AthleteId::new("P-1").expect("a pseudonym"),
            start_utc_ns: None,
            stance_side: None,
            protocol: "single-leg-hip-hinge".to_owned(),
            body: Anthropometry::default(),
            source: Source::default(),
        };
        Recording { info, tracks: vec![hip, shank], markers: Vec::new() }
    }

    fn compared(recording: &Recording, from: f64) -> Result<Knocks, KnockError> {
        compare(recording, HostTime::from_seconds(from), &ClockParams::default())
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
        assert!(found.to_string().contains("come late"), "{found}");
    }

    #[test]
    fn every_check_is_told_with_what_came_of_it() {
        let mut recording =
            recording(track(SensorRole::Hip, 60.0, 40.0, 0.064), track(SensorRole::Shank, 60.0, -40.0, 0.004));
        let check = |seconds| Marker { at: HostTime::from_seconds(seconds), kind: MarkerKind::ClockCheck };
        recording.markers = vec![check(19.0), check(30.0)];
        let told = issues(&recording, &ClockParams::default());
        let codes: Vec<_> = told.iter().map(|issue| (issue.code, issue.grade)).collect();
        assert_eq!(codes, [("clocks_differ", QualityGrade::Fair), ("clocks_not_compared", QualityGrade::Good)]);
        assert!(told[1].message.starts_with("clock check at 30 s: 0 knocks"), "{}", told[1].message);
    }

    #[test]
    fn what_only_one_felt_or_nobody_is_no_knock() {
        let mut recording =
            recording(track(SensorRole::Hip, 60.0, 40.0, 0.004), track(SensorRole::Shank, 60.0, -40.0, 0.004));
        let too_few = |found| Err(KnockError::TooFew { found, needed: 2 });
        assert_eq!(compared(&recording, 30.0), too_few(0), "after the knocks");
        assert_eq!(compared(&recording, 21.5), too_few(1), "one alone");
        recording.tracks.pop();
        assert_eq!(compared(&recording, 19.0), Err(KnockError::NoSensor(SensorRole::Shank)));
    }
}
