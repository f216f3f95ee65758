//! What an import found: the sensors, their rates and losses; what of it can be right is for `plausible`.
//!
//! Two measures catch a wrong unit even in short recordings. Gravity: at rest the specific force has the norm 9.81 m/s².
//! Turning: while a sensor turns slowly, gravity's direction in its axes must turn with it. With `u` the direction of the
//! specific force and `w` the angular rate, both in sensor axes,
//!
//! ```text
//! du/dt = u x w,     factor = sum |u x w|² / sum (u x w) . du/dt
//! ```
//!
//! over short windows with a norm near that at rest. A factor of 57 or 1/57 is degrees taken for radians or the reverse.

use std::fmt;

use nalgebra::Vector3;
use serde::Serialize;
use truehinge_core::{InertialSample, Recording, SensorRole, Track, TrackSamples};

use super::time::usual_rate;

/// What an importer recognised, guessed and left out.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportReport {
    /// The format in words.
    pub recognised: String,
    /// One entry per sensor.
    pub sensors: Vec<TrackSummary>,
    /// Guesses and everything left out.
    pub notes: Vec<String>,
    /// What should be looked at.
    pub warnings: Vec<String>,
}

/// What a sensor's data look like.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrackSummary {
    /// Where it was worn.
    #[serde(rename = "sensor")]
    pub role: SensorRole,
    /// File, device or columns it was read from.
    pub name: String,
    /// Samples read.
    pub samples: usize,
    /// Orientations from the maker's filter instead of inertial samples.
    pub orientation_only: bool,
    /// From the first to the last sample, s.
    #[serde(rename = "duration_s")]
    pub seconds: f64,
    /// Rate it was set to, Hz.
    pub nominal_hz: Option<f64>,
    /// Rate by the median step of the samples that hold a value of the accelerometer (of any sample, for orientations), Hz.
    pub seen_hz: Option<f64>,
    /// The same for the gyroscope, where it differs.
    pub gyroscope_hz: Option<f64>,
    /// Samples lost by the sequence counter.
    pub lost: u64,
    /// In how many gaps.
    pub gaps: usize,
    /// Longest step between two samples, s.
    pub longest_step_s: f64,
    /// Norm of the specific force in the quietest second, m/s².
    #[serde(rename = "gravity_m_s2")]
    pub gravity: Option<f64>,
    /// Samples without a value of the accelerometer or the gyroscope.
    pub incomplete: usize,
}

impl ImportReport {
    /// The same of a recording of ours: what its sensors' data look like. Nothing of it is refused.
    pub fn of(recording: &Recording) -> Self {
        let source = &recording.info.source;
        let mut report = Self { recognised: "recording".to_owned(), notes: source.notes.clone(), ..Self::default() };
        if !source.faults.is_empty() {
            report.warnings.push(format!("{} faults of the file: the analysis names them", source.faults.len()));
        }
        for track in &recording.tracks {
            let mut summary = summarise(track);
            if let TrackSamples::Inertial(samples) = &track.samples {
                summary.gravity = gravity(samples, summary.seen_hz);
            }
            warn(&summary, &mut report);
            report.sensors.push(summary);
        }
        report
    }
}

impl TrackSummary {
    /// Samples that were lost, of those that were sent.
    pub fn lost_share(&self) -> f64 {
        let sent = self.lost as f64 + self.samples as f64;
        if sent > 0.0 { self.lost as f64 / sent } else { 0.0 }
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "recognised: {}", self.recognised)?;
        for sensor in &self.sensors {
            writeln!(f, "  sensor: {sensor}")?;
        }
        for (title, lines) in [("note", &self.notes), ("warning", &self.warnings)] {
            for line in lines {
                writeln!(f, "  {title}: {line}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for TrackSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.orientation_only { "orientations" } else { "samples" };
        write!(f, "{} = {}: {} {kind} over {:.1} s", self.role, self.name, self.samples, self.seconds)?;
        match (self.seen_hz, self.nominal_hz) {
            (Some(seen), Some(set)) => write!(f, ", {seen:.1} Hz (set to {set:.1})")?,
            (Some(seen), None) => write!(f, ", {seen:.1} Hz")?,
            (None, _) => write!(f, ", rate unknown")?,
        }
        if let Some(gyroscope) = self.gyroscope_hz {
            write!(f, ", gyroscope {gyroscope:.1} Hz")?;
        }
        if self.lost > 0 {
            write!(f, ", {} lost in {} gaps ({:.1} %)", self.lost, self.gaps, 100.0 * self.lost_share())?;
        }
        if let Some(gravity) = self.gravity {
            write!(f, ", gravity {gravity:.2} m/s2")?;
        }
        Ok(())
    }
}

/// What a track's data look like.
pub(crate) fn summarise(track: &Track) -> TrackSummary {
    let (times, force_rate, gyroscope_rate, incomplete) = match &track.samples {
        TrackSamples::Inertial(samples) => {
            let at = |keep: fn(&InertialSample) -> bool| -> Vec<(usize, i64)> {
                let kept = samples.iter().enumerate().filter(|(_, s)| keep(s));
                kept.map(|(index, s)| (index, s.device_time.nanos())).collect()
            };
            let force = seen_rate(&at(|s| s.specific_force.is_finite()), track);
            let rate = seen_rate(&at(|s| s.angular_rate.is_finite()), track);
            let whole = samples.iter().filter(|s| s.specific_force.is_finite() && s.angular_rate.is_finite()).count();
            (at(|_| true), force, rate, samples.len() - whole)
        }
        TrackSamples::Orientation(samples) => {
            let times: Vec<_> = samples.iter().enumerate().map(|(i, s)| (i, s.device_time.nanos())).collect();
            let rate = seen_rate(&times, track);
            (times, rate, None, 0)
        }
    };
    let seconds = |a: i64, b: i64| b.saturating_sub(a) as f64 * 1e-9;
    let span = times.first().zip(times.last()).map_or(0.0, |(a, b)| seconds(a.1, b.1));
    let differs = |rate: &f64| force_rate.is_none_or(|force| (rate / force - 1.0).abs() > 0.05);
    TrackSummary {
        role: track.role,
        name: if track.device.serial.is_empty() { track.device.model.clone() } else { track.device.serial.clone() },
        samples: times.len(),
        orientation_only: matches!(track.samples, TrackSamples::Orientation(_)),
        seconds: span,
        nominal_hz: track.device.nominal_rate.map(truehinge_core::SampleRate::hertz),
        seen_hz: force_rate,
        gyroscope_hz: gyroscope_rate.filter(differs),
        lost: track.sequence_gaps.iter().map(|gap| gap.lost).sum(),
        gaps: track.sequence_gaps.len(),
        longest_step_s: times.windows(2).map(|pair| seconds(pair[0].1, pair[1].1)).fold(0.0, f64::max),
        gravity: None,
        incomplete,
    }
}

/// Rate by the median step, steps over known losses left out.
fn seen_rate(times: &[(usize, i64)], track: &Track) -> Option<f64> {
    let gaps: Vec<usize> = track.sequence_gaps.iter().map(|gap| gap.before_sample).collect();
    let whole = |pair: &&[(usize, i64)]| gaps.binary_search(&pair[1].0).is_err();
    let step = |pair: &[(usize, i64)]| pair[1].1.saturating_sub(pair[0].1);
    usual_rate(times.windows(2).filter(whole).map(step)).or_else(|| usual_rate(times.windows(2).map(step)))
}

/// A rate further off than this is not the one the sensor was set to.
const RATE_TOLERANCE: f64 = 0.1;
/// A loss beyond this share is worth a warning. Both are what the file shows before any analysis, whose limits are its method's.
const MUCH_LOST: f64 = 0.05;
/// Nobody did anything in less, s.
const SHORT_S: f64 = 1.0;
/// A longer gap is worth a warning.
const LONG_GAP_S: f64 = 0.3;

/// What of a summary should be looked at.
pub(crate) fn warn(summary: &TrackSummary, report: &mut ImportReport) {
    let role = summary.role;
    // With two rates the faster one is the nominal one.
    let fastest = summary.seen_hz.into_iter().chain(summary.gyroscope_hz).reduce(f64::max);
    if let (Some(seen), Some(set)) = (fastest, summary.nominal_hz)
        && (seen / set - 1.0).abs() > RATE_TOLERANCE
    {
        report
            .warnings
            .push(format!("{role}: samples come at {seen:.1} Hz, the file says {set:.1} Hz: check the time unit"));
    }
    let share = summary.lost_share();
    if share > MUCH_LOST {
        report.warnings.push(format!(
            "{role}: {:.0} % of the samples were lost: numbers get less certain, and repetitions over long gaps are not judged",
            100.0 * share
        ));
    }
    if summary.seconds < SHORT_S {
        report.warnings.push(format!("{role}: {:.2} s are no recording of an exercise", summary.seconds));
    }
    if summary.longest_step_s > LONG_GAP_S {
        report.warnings.push(format!("{role}: the longest gap is {:.2} s", summary.longest_step_s));
    }
    // Where the two come in rows of their own, every row lacks one.
    if (1..summary.samples).contains(&summary.incomplete) && summary.gyroscope_hz.is_none() {
        report
            .notes
            .push(format!("{role}: {} samples lack a value of the accelerometer or the gyroscope", summary.incomplete));
    }
}

/// What an accelerometer reads at rest, m/s²; `None` if it holds no value at all.
pub(crate) fn gravity(samples: &[InertialSample], hz: Option<f64>) -> Option<f64> {
    let norms: Vec<f64> = samples.iter().map(|s| s.specific_force.norm()).filter(|f| f.is_finite()).collect();
    (!norms.is_empty()).then(|| rest_norm(&norms, hz))
}

/// Median norm over the steadiest second (the steadiest hundred samples if the rate is not known).
pub(crate) fn rest_norm(norms: &[f64], hz: Option<f64>) -> f64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let window = hz.map_or(100, |hz| hz.clamp(5.0, 5000.0) as usize).min(norms.len()).max(1);
    let spread = |w: &[f64]| {
        let mean = w.iter().sum::<f64>() / w.len() as f64;
        w.iter().map(|x| (x - mean).powi(2)).sum::<f64>()
    };
    let steadiest = norms
        .windows(window)
        .step_by(window.div_ceil(4))
        .min_by(|a, b| spread(a).total_cmp(&spread(b)))
        .unwrap_or(norms);
    let mut sorted = steadiest.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Length of a window of the turning check, s: long against noise, short against a movement.
const TURN_WINDOW_S: f64 = 0.25;
/// Gravity must have turned by this much in all, rad (root of the sum of squares): else noise is what turns.
const ENOUGH_TURNING: f64 = 0.35;
/// Correlation of the two turnings: over dozens of windows chance does not reach it, and squats with a bad accelerometer do.
const ENOUGH_AGREEMENT: f64 = 0.5;

/// The angular rate over the turning of gravity's direction: 1 when the units agree, 57.3 for degrees read as radians.
/// `None` when the sensor hardly turned or the two do not go together.
pub(crate) fn turning_factor(samples: &[InertialSample], gravity: f64) -> Option<f64> {
    let whole: Vec<&InertialSample> =
        samples.iter().filter(|s| s.specific_force.is_finite() && s.angular_rate.is_finite()).collect();
    let (mut gyro_gyro, mut gyro_turn, mut turn_turn) = (0.0, 0.0, 0.0);
    let mut start = 0;
    while let Some(first) = whole.get(start) {
        let length =
            whole[start..].iter().take_while(|s| (s.device_time - first.device_time).seconds() < TURN_WINDOW_S).count();
        let window = &whole[start..(start + length + 1).min(whole.len())];
        start += length.max(1);
        if let Some((by_gyro, by_gravity)) = turned(window, gravity) {
            gyro_gyro += by_gyro.norm_squared();
            gyro_turn += by_gyro.dot(&by_gravity);
            turn_turn += by_gravity.norm_squared();
        }
    }
    let agreement = gyro_turn / (gyro_gyro * turn_turn).sqrt();
    (turn_turn.sqrt() > ENOUGH_TURNING && agreement > ENOUGH_AGREEMENT).then(|| gyro_gyro / gyro_turn)
}

/// How far gravity's direction turned in a window: by the gyroscope, and as seen. `None` in fast movement or over a gap.
fn turned(window: &[&InertialSample], gravity: f64) -> Option<(Vector3<f64>, Vector3<f64>)> {
    let [first, .., last] = window else { return None };
    if (last.device_time - first.device_time).seconds() > 2.0 * TURN_WINDOW_S {
        return None;
    }
    let steady = |s: &InertialSample| (s.specific_force.norm() / gravity - 1.0).abs() < 0.15;
    if !window.iter().all(|s| steady(s)) {
        return None;
    }
    let by_gyro: Vector3<f64> = window
        .windows(2)
        .map(|pair| {
            let u = pair[0].specific_force.vector() / gravity;
            u.cross(&pair[0].angular_rate.vector()) * (pair[1].device_time - pair[0].device_time).seconds()
        })
        .sum();
    Some((by_gyro, (last.specific_force.vector() - first.specific_force.vector()) / gravity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{AngularRate, DeviceTime, SpecificForce};

    /// A sensor that swings about its y axis like a pendulum pointer, at rest for the first second.
    fn swing(rate_scale: f64) -> Vec<InertialSample> {
        (0..1000)
            .map(|i| {
                let t = f64::from(i) / 100.0;
                let s = (t - 1.0).max(0.0);
                let (angle, rate) = (0.5 * (1.5 * s).sin(), 0.75 * (1.5 * s).cos() * f64::from(u8::from(t >= 1.0)));
                InertialSample {
                    device_time: DeviceTime::from_seconds(t),
                    arrival: None,
                    specific_force: SpecificForce::new(-9.81 * angle.sin(), 0.0, 9.81 * angle.cos()),
                    angular_rate: AngularRate::new(0.0, rate * rate_scale, 0.0),
                }
            })
            .collect()
    }

    #[test]
    fn gravity_and_gyroscope_agree_on_turning() {
        // Sampling at the window's beginning costs about half a sample of 0.25 s.
        let factor = turning_factor(&swing(1.0), 9.81).expect("turns enough");
        assert!((factor - 1.0).abs() < 0.05, "{factor}");
        let degrees = turning_factor(&swing(57.3), 9.81).expect("turns enough");
        assert!((degrees / 57.3 - 1.0).abs() < 0.05, "{degrees}");
        assert_eq!(turning_factor(&swing(1.0)[..100], 9.81), None, "no turning, no answer");
        assert_eq!(turning_factor(&swing(-1.0), 9.81), None, "against gravity, no answer");
    }

    #[test]
    fn the_quietest_second_gives_gravity() {
        let norms: Vec<f64> =
            (0..500).map(|i| if (200..320).contains(&i) { 9.79 } else { 9.0 + f64::from(i % 7) }).collect();
        assert_eq!(rest_norm(&norms, Some(100.0)), 9.79);
        assert_eq!(rest_norm(&[9.8], None), 9.8);
    }
}
