//! Whether a recording can be one of a person: plausible, or refused with the reason.
//!
//! Gravity has its size; gyroscope and accelerometer of a box tell of the same turning ([`super::agreement`]); rates and
//! durations are those of motion sensors and people; no two sensors say the same; a shank over a planted foot does not lean
//! further than the pelvis of somebody who bends over. What cannot be checked is a warning: verdicts rest on it.

use std::path::Path;

use truehinge_core::{InertialSample, Recording, STANDARD_GRAVITY, SensorRole, TrackSamples};

use super::ImportError;
use super::agreement::{Agreement, agreement, lean};
use super::mapping::TimeUnit;
use super::missing::dead_axes;
use super::report::{ImportReport, TrackSummary, gravity, summarise, turning_factor, warn};

/// Rates that motion sensors have, Hz.
const RATES: std::ops::RangeInclusive<f64> = 5.0..=2000.0;
/// Off by more than this the unit must be another one; an accelerometer's worst offset is far less.
const WRONG_UNIT: f64 = 2.5;
/// Off by more than this somebody should look.
const SUSPICIOUS: f64 = 0.05;
/// A gyroscope off by more than this measures in another unit; scale errors of a few percent are ordinary.
const WRONG_RATE: f64 = 8.0;
/// A factor further off than this is refused, where the whole turning was looked at; warned before.
const WRONG_FACTOR: f64 = 3.0;

/// Looks at every track of a recording; what cannot be is an error, a doubtful value a warning. `unit` is that of the time
/// column, where a person said it.
pub(crate) fn check(
    path: &Path,
    recording: &Recording,
    unit: Option<TimeUnit>,
    report: &mut ImportReport,
) -> Result<(), ImportError> {
    for track in &recording.tracks {
        let mut summary = summarise(track);
        check_time(path, &summary, unit)?;
        if let TrackSamples::Inertial(samples) = &track.samples {
            let gravity = check_units(path, track.role, samples, summary.seen_hz, report)?;
            summary.gravity = Some(gravity);
        }
        warn(&summary, report);
        report.sensors.push(summary);
    }
    check_together(path, recording)
}

/// Rate and duration of a track; `unit` is that of its time column, where a person said it.
fn check_time(path: &Path, summary: &TrackSummary, unit: Option<TimeUnit>) -> Result<(), ImportError> {
    let seen = summary.seen_hz.into_iter().chain(summary.gyroscope_hz).reduce(f64::max);
    let wrong =
        |found: String, hint: String| ImportError::Time { path: path.to_owned(), role: summary.role, found, hint };
    // Without any value there is no rate either, which is another complaint.
    if seen.is_none() && summary.seconds > 0.0 {
        return Ok(());
    }
    let Some(hertz) = seen else {
        let found = format!("all stamps of its {} samples are the same", summary.samples);
        let hint = "export again and do not save the file in a spreadsheet: one has perhaps rounded them";
        return Err(wrong(found, hint.to_owned()));
    };
    if RATES.contains(&hertz) {
        return Ok(());
    }
    let found = format!("{} samples over {:.2} s, {hertz:.1} a second", summary.samples, summary.seconds);
    Err(wrong(found, unit_of_time(hertz, unit)))
}

/// What to do about a rate that cannot be, with the unit that would make one that can.
fn unit_of_time(hertz: f64, unit: Option<TimeUnit>) -> String {
    let of = |other: TimeUnit, unit: TimeUnit| hertz * unit.nanos() as f64 / other.nanos() as f64;
    let usual = 10.0..=1000.0;
    let named = unit.and_then(|unit| {
        let other = TimeUnit::ALL.into_iter().find(|other| usual.contains(&of(*other, unit)))?;
        Some(format!("check the unit of time ({} gives {:.1} Hz)", other.name(), of(other, unit)))
    });
    named.unwrap_or_else(|| {
        let factor = [1e3, 1e6, 1e9].into_iter().find(|factor| usual.contains(&(hertz / factor)));
        match factor {
            Some(factor) => {
                format!("check the unit of time (one {factor} times as long gives {:.1} Hz)", hertz / factor)
            }
            None => "check the time column and its unit: a motion sensor has 5 to 2000 samples a second".to_owned(),
        }
    })
}

/// Gravity and turning of a track; gives the norm at rest, m/s².
fn check_units(
    path: &Path,
    role: SensorRole,
    samples: &[InertialSample],
    hz: Option<f64>,
    report: &mut ImportReport,
) -> Result<f64, ImportError> {
    let path = || path.to_owned();
    let missing = |what| ImportError::NoValues { path: path(), role, what };
    let gravity = gravity(samples, hz).ok_or_else(|| missing("accelerometer"))?;
    if !samples.iter().any(|s| s.angular_rate.is_finite()) {
        return Err(missing("gyroscope"));
    }
    let ratio = gravity / STANDARD_GRAVITY;
    if !(WRONG_UNIT.recip()..=WRONG_UNIT).contains(&ratio) {
        let hint = force_hint(gravity).to_owned();
        return Err(ImportError::ForceUnit { path: path(), role, found: gravity, hint });
    }
    if (ratio - 1.0).abs() > SUSPICIOUS {
        report.warnings.push(format!(
            "{role}: gravity reads {gravity:.2} m/s2 instead of 9.81: the accelerometer has a large offset; the analysis \
             corrects it where it can"
        ));
    }
    for axis in dead_axes(samples) {
        report
            .warnings
            .push(format!("{role}: {axis} has one value from beginning to end: check the columns and the sensor"));
    }
    if let Some(factor) = turning_factor(samples, gravity)
        && !(WRONG_RATE.recip()..=WRONG_RATE).contains(&factor)
    {
        return Err(ImportError::RateUnit { path: path(), role, factor, hint: factor_hint(factor) });
    }
    check_agreement(&path(), role, agreement(samples, gravity), report)?;
    Ok(gravity)
}

fn check_agreement(
    path: &Path,
    role: SensorRole,
    agreement: Agreement,
    report: &mut ImportReport,
) -> Result<(), ImportError> {
    let contradiction = |found: String, hint: &'static str| {
        Err(ImportError::Contradiction { path: path.to_owned(), role, found, hint })
    };
    match agreement {
        Agreement::Agrees => Ok(()),
        Agreement::Unknown => {
            report.warnings.push(format!(
                "{role}: it hardly turned slowly: whether gyroscope and accelerometer have the same axes and units is not known"
            ));
            Ok(())
        }
        Agreement::Factor(factor) if (WRONG_FACTOR.recip()..=WRONG_FACTOR).contains(&factor) => {
            report.warnings.push(format!(
                "{role}: the gyroscope turns {factor:.2} times as fast as gravity: its range or the rate of the samples is \
                 wrong, and all travel with it"
            ));
            Ok(())
        }
        Agreement::AxisFactors(off) => {
            let axes: Vec<String> = off.iter().map(|(axis, factor)| axis_factor(*axis, *factor)).collect();
            report.warnings.push(format!(
                "{role}: the gyroscope turns {} gravity does: an axis, of it or of the accelerometer, has another scale or sign, \
                 and all travel with it",
                axes.join(" and ")
            ));
            Ok(())
        }
        Agreement::Late(seconds) => {
            let where_to = if seconds > 0.0 { "behind" } else { "ahead of" };
            report.warnings.push(format!(
                "{role}: the gyroscope is {:.2} s {where_to} the accelerometer: check how their columns or files were put \
                 together; all numbers rest on both",
                seconds.abs()
            ));
            Ok(())
        }
        Agreement::Factor(factor) => {
            Err(ImportError::RateUnit { path: path.to_owned(), role, factor, hint: factor_hint(factor) })
        }
        Agreement::Axes(axes) => contradiction(
            format!("they would agree with the gyroscope's axes taken as {axes}"),
            "check the order and the signs of the columns: one of them is mirrored, or axes are swapped or reversed",
        ),
        Agreement::Silent => contradiction(
            "gravity turns and the gyroscope does not tell of it".to_owned(),
            "check the columns, the unit and the times of the gyroscope",
        ),
        Agreement::Invents => contradiction(
            "the gyroscope turns and gravity does not".to_owned(),
            "check the unit, the range and the columns of the gyroscope",
        ),
    }
}

/// `about y 2.0 times as fast as`, followed by what gravity does.
fn axis_factor(axis: char, factor: f64) -> String {
    if (0.2..=5.0).contains(&factor) {
        format!("about {axis} {factor:.1} times as fast as")
    } else {
        format!("about {axis} quite otherwise than")
    }
}

/// What a factor between gyroscope and gravity may be.
fn factor_hint(factor: f64) -> &'static str {
    let near = |value: f64| (0.6..1.7).contains(&(factor / value));
    if near(1_f64.to_degrees()) {
        "correct the unit of the gyroscope: the values look like deg/s read as rad/s"
    } else if near(1_f64.to_radians()) {
        "correct the unit of the gyroscope: the values look like rad/s read as deg/s"
    } else {
        "correct the unit of time, the rate of the samples or the range of the gyroscope: one is wrong"
    }
}

/// What a norm at rest says about the unit it is taken for m/s² by mistake.
fn force_hint(gravity: f64) -> &'static str {
    let near = |value: f64| (gravity / value - 1.0).abs() < 0.3;
    if near(1.0) {
        "correct the unit: the values look like g"
    } else if near(1000.0) || near(9.81e-3) {
        "correct the unit: m/s2 and mg are mixed up"
    } else if near(STANDARD_GRAVITY * STANDARD_GRAVITY) {
        "correct the unit: the values were m/s2 already, not g"
    } else {
        "check the unit and the columns of the accelerometer"
    }
}

/// A shank that leans further than this, rad, while the pelvis leans far less, is not one over a planted foot.
const SHANK_LEANS: f64 = 0.75;
/// Who kneels leans the shank by twice and more of the pelvis; an exchanged pair by four times.
const PELVIS_LEANS: f64 = 0.35;
/// And so often at least.
const LEANS_OFTEN: usize = 2;

/// The sensors against each other.
fn check_together(path: &Path, recording: &Recording) -> Result<(), ImportError> {
    let tracks = || {
        recording.tracks.iter().filter_map(|track| match &track.samples {
            TrackSamples::Inertial(samples) => Some((track.role, samples)),
            TrackSamples::Orientation(_) => None,
        })
    };
    for (role, samples) in tracks() {
        if let Some((other, _)) = tracks().find(|(other, others)| *other > role && same_values(samples, others)) {
            return Err(ImportError::Roles {
                path: path.to_owned(),
                found: format!("the {role} and the {other} sensor have the same values"),
                hint: "give each its own columns or file: one sensor was taken twice".to_owned(),
            });
        }
    }
    let leaning = |wanted| {
        let (_, samples) = tracks().find(|(role, _)| *role == wanted)?;
        Some(lean(samples, gravity(samples, None)?))
    };
    let (Some((hip, _)), Some((shank, often))) = (leaning(SensorRole::Hip), leaning(SensorRole::Shank)) else {
        return Ok(());
    };
    if shank < SHANK_LEANS || often < LEANS_OFTEN || hip > PELVIS_LEANS * shank {
        return Ok(());
    }
    Err(ImportError::Roles {
        path: path.to_owned(),
        found: format!(
            "the shank sensor leans by {:.0} degrees and the hip sensor by {:.0}: over a planted foot no shank does",
            shank.to_degrees(),
            hip.to_degrees()
        ),
        hint: "swap their roles: hip and shank are probably swapped".to_owned(),
    })
}

/// Whether two sensors say the same in nearly all rows.
fn same_values(a: &[InertialSample], b: &[InertialSample]) -> bool {
    let same =
        a.iter().zip(b).filter(|(a, b)| a.specific_force == b.specific_force && a.angular_rate == b.angular_rate);
    2 * same.count() > a.len().max(b.len())
}
