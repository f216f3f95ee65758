//! Xsens/Movella exports: the DOT app's CSV, and the text files of MT Manager (MTw, MTi).
//!
//! Both begin with lines about the recording and name their columns alike; which columns there are is the exporter's choice.
//! Accelerometer and gyroscope are taken where both are there; else the maker's orientation (quaternion, matrix or Euler
//! angles), with the free acceleration from its own columns or from the accelerometer.
//!
//! | | DOT app | MT Manager |
//! |---|---|---|
//! | gyroscope | deg/s | rad/s |
//! | `SampleTimeFine` | µs, 32 bits | 0.1 ms, 32 bits; often empty: then `PacketCounter` over `Update Rate` |
//! | clock | shared if `SyncStatus` says `Synced`, else the sensor's own | shared: the master's packet counter |
//!
//! Earth is east-north-up in both: z up.

use nalgebra::{Matrix3, UnitQuaternion};
use truehinge_core::{
    ClockKind, Earth, FreeAcceleration, Rotation, STANDARD_GRAVITY, Sensor, SensorRole, SpecificForce, Track,
    TrackSamples,
};

use super::ImportError;
use super::kind::Kind;
use super::sheet::{Layout, Rows, Sheet, Wanted};
use super::text::Text;
use super::time::{WRAP_32, counted, unwrap};
use super::tracks::{Scales, inertial, measured, oriented, track};

/// Width of the packet counter that starts again soonest.
const COUNTER_SPAN: i64 = 1 << 16;

const MICROSECOND: i64 = 1_000;
/// A tenth of a millisecond.
const TENTH: i64 = 100_000;
/// Rates of DOT and MTw, Hz.
const RATES: std::ops::Range<f64> = 3.0..1000.0;

/// Reads one sensor's file; the second value is the start in ns after 1970, where the file says it.
pub(crate) fn read(
    text: &Text,
    kind: Kind,
    layout: Layout,
    role: SensorRole,
    notes: &mut Vec<String>,
) -> Result<(Track, Option<i64>), ImportError> {
    let preamble = text.head(layout.skip);
    let sheet = Sheet::new(text, layout)?;
    let times = read_times(&sheet, kind, &preamble)?;
    let samples = read_samples(&sheet, kind, &times.nanos, role, notes)?;
    let clock = if kind == Kind::Mtw
        || preamble.iter().any(|line| line.starts_with("SyncStatus") && line.contains(",Synced"))
    {
        ClockKind::Shared
    } else {
        notes
            .push(format!("{role}: not synchronised and without arrival times: taken to have started with the others"));
        ClockKind::Device
    };
    let model = if kind == Kind::Dot { "Movella DOT" } else { "Xsens MTw" };
    let mut track = track(role, model, times.hertz, clock, samples);
    let counted = counted(&times.counter, COUNTER_SPAN);
    if counted.stuck > 0 {
        notes.push(format!("{role}: the packet counter repeats or goes back in {} rows, all kept", counted.stuck));
    }
    track.sequence_gaps = counted.gaps;
    Ok((track, preamble.iter().find_map(|line| start_utc(line))))
}

struct Times {
    nanos: Vec<i64>,
    counter: Vec<f64>,
    /// Rate the preamble says.
    hertz: Option<f64>,
}

/// From the fine time stamps where every row has one, else from the packet counter and the preamble's rate.
fn read_times(sheet: &Sheet<'_>, kind: Kind, preamble: &[String]) -> Result<Times, ImportError> {
    let hertz = preamble.iter().find(|l| l.contains("OutputRate") || l.contains("Update Rate")).and_then(|l| digits(l));
    let counter_column = sheet.find("PacketCounter");
    if let Some(fine) = sheet.find("SampleTimeFine") {
        let columns: Vec<usize> = std::iter::once(fine).chain(counter_column).collect();
        let first = sheet.read(Wanted { numbers: &columns, times: &[] })?;
        if first.numbers[0].iter().all(|time| time.is_finite()) {
            let unit = unit_of_fine_time(kind, &first.numbers[0], hertz);
            let mut rows = sheet.read(Wanted { numbers: &columns[1..], times: &[(fine, unit)] })?;
            let mut nanos = rows.times.pop().unwrap_or_default();
            unwrap(sheet.text().path(), &mut nanos, &rows.lines, Some(WRAP_32 * unit))?;
            return Ok(Times { nanos, counter: rows.numbers.pop().unwrap_or_default(), hertz });
        }
    }
    let Some(rate) = hertz.filter(|hertz| *hertz > 0.0) else {
        return Err(ImportError::Description {
            path: sheet.text().path().to_owned(),
            reason: "neither complete time stamps nor an update rate before the header: export with SampleTimeFine"
                .to_owned(),
        });
    };
    let counter_column = sheet.index("PacketCounter")?;
    let mut rows = sheet.read(Wanted { numbers: &[counter_column], times: &[] })?;
    let counter = rows.numbers.pop().unwrap_or_default();
    let counted = counted(&counter, COUNTER_SPAN);
    // The counter is common to all sensors of a master: its first value is the offset between them.
    let first = counter.first().copied().filter(|first| first.is_finite()).unwrap_or(0.0);
    #[allow(clippy::cast_possible_truncation, reason = "float to int casts saturate")]
    let nanos = counted.steps.iter().map(|&step| ((first + step as f64) * 1e9 / rate).round() as i64).collect();
    Ok(Times { nanos, counter, hertz })
}

/// Unit of `SampleTimeFine`, ns: what makes the rate that the file says; else the kind's own, unless that makes a rate that
/// none of its sensors has.
fn unit_of_fine_time(kind: Kind, times: &[f64], hertz: Option<f64>) -> i64 {
    let own = if kind == Kind::Dot { MICROSECOND } else { TENTH };
    let mut steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step > 0.0).collect();
    steps.sort_by(f64::total_cmp);
    let Some(step) = steps.get(steps.len() / 2) else { return own };
    let rate = |unit: i64| 1e9 / (step * unit as f64);
    let units = [own, MICROSECOND, TENTH, 10 * TENTH];
    let as_said = |unit: &&i64| hertz.is_some_and(|hertz| (rate(**unit) / hertz - 1.0).abs() < 0.2);
    // What the file says of its rate may be wrong.
    let possible = |unit: &&i64| RATES.contains(&rate(**unit));
    units.iter().find(as_said).or_else(|| units.iter().find(possible)).copied().unwrap_or(own)
}

fn digits(line: &str) -> Option<f64> {
    let number: String = line.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    number.parse().ok()
}

/// `StartTime: ,2021-08-20_20:21:13_829 GMT+8` as ns after 1970.
fn start_utc(line: &str) -> Option<i64> {
    let (date, zone) = line.strip_prefix("StartTime")?.split_once(',')?.1.trim().split_once(" GMT")?;
    let mut parts = date.split('_');
    let (day, clock, millis) = (parts.next()?, parts.next()?, parts.next()?.parse::<i64>().ok()?);
    let local: jiff::civil::DateTime = format!("{day}T{clock}").parse().ok()?;
    let (hours, minutes) = zone.split_once(':').unwrap_or((zone, "0"));
    let (hours, minutes): (i64, i64) = (hours.trim_start_matches('+').parse().ok()?, minutes.parse().ok()?);
    let offset = hours.checked_mul(3600)?.checked_add(60 * minutes * if hours < 0 { -1 } else { 1 })?;
    let utc = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second().checked_sub(offset)?;
    utc.checked_mul(1000)?.checked_add(millis)?.checked_mul(1_000_000)
}

fn read_samples(
    sheet: &Sheet<'_>,
    kind: Kind,
    times: &[i64],
    role: SensorRole,
    notes: &mut Vec<String>,
) -> Result<TrackSamples, ImportError> {
    let force = sheet.find_all(&["Acc_X", "Acc_Y", "Acc_Z"]);
    let rate = sheet.find_all(&["Gyr_X", "Gyr_Y", "Gyr_Z"]);
    if let (Some(force), Some(rate)) = (&force, &rate) {
        let scale = if kind == Kind::Dot { 1_f64.to_radians() } else { 1.0 };
        let rows = sheet.read(Wanted { numbers: &[force.as_slice(), rate].concat(), times: &[] })?;
        let columns: [Vec<f64>; 6] = rows.numbers.try_into().unwrap_or_default();
        return Ok(inertial(times, &columns, Scales { force: 1.0, rate: scale }));
    }
    let Some((form, orientation)) = orientation_columns(sheet) else {
        let found = format!("no gyroscope and no orientation among the columns {}", sheet.available());
        return Err(ImportError::Unknown { path: sheet.text().path().to_owned(), found });
    };
    notes.push(format!("{role}: no gyroscope in the file: the maker's own orientation is used"));
    let free = sheet.find_all(&["FreeAcc_X", "FreeAcc_Y", "FreeAcc_Z"]);
    let acceleration = free.clone().or(force).unwrap_or_default();
    let rows = sheet.read(Wanted { numbers: &[orientation.as_slice(), &acceleration].concat(), times: &[] })?;
    let width = orientation.len();
    oriented(times, |i| {
        let rotation = form.rotation(&rows, i).ok_or_else(|| {
            let column = orientation.first().copied().unwrap_or(0);
            sheet.bad_cell(rows.line(i), column, b"no rotation", "an orientation")
        })?;
        let values: Vec<f64> = rows.numbers.iter().skip(width).map(|column| measured(column[i])).collect();
        let acceleration = match values[..] {
            [x, y, z] if free.is_some() => Some(FreeAcceleration::new(x, y, z)),
            [x, y, z] => {
                let force = rotation.apply(SpecificForce::<Sensor>::new(x, y, z)).vector();
                Some(FreeAcceleration::from_vector(force - STANDARD_GRAVITY * nalgebra::Vector3::z()))
            }
            _ => None,
        };
        Ok((rotation, acceleration))
    })
}

/// How a row writes an orientation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// w, x, y, z.
    Quaternion,
    /// Column by column.
    Matrix,
    /// Roll, pitch, yaw in degrees, turned yaw first.
    Euler,
}

fn orientation_columns(sheet: &Sheet<'_>) -> Option<(Form, Vec<usize>)> {
    let matrix: Vec<String> = (1..=3).flat_map(|c| (1..=3).map(move |r| format!("Mat[{r}][{c}]"))).collect();
    let matrix: Vec<&str> = matrix.iter().map(String::as_str).collect();
    let forms: [(Form, &[&str]); 5] = [
        (Form::Quaternion, &["Quat_W", "Quat_X", "Quat_Y", "Quat_Z"]),
        (Form::Quaternion, &["Quat_q0", "Quat_q1", "Quat_q2", "Quat_q3"]),
        (Form::Matrix, &matrix),
        (Form::Euler, &["Euler_X", "Euler_Y", "Euler_Z"]),
        (Form::Euler, &["Roll", "Pitch", "Yaw"]),
    ];
    forms.into_iter().find_map(|(form, names)| Some((form, sheet.find_all(names)?)))
}

impl Form {
    fn rotation(self, rows: &Rows, i: usize) -> Option<Rotation<Sensor, Earth>> {
        let value = |column: usize| rows.numbers[column][i];
        match self {
            Self::Quaternion => Rotation::from_wxyz([value(0), value(1), value(2), value(3)]),
            Self::Matrix => {
                let m = Matrix3::from_fn(|row, column| value(3 * column + row));
                // A matrix that is no rotation within the digits written is a damaged row.
                let is_rotation = (m * m.transpose() - Matrix3::identity()).norm() < 1e-2 && m.determinant() > 0.0;
                // CLAIM: the maker's matrix takes sensor to Earth; orthonormality is restored.
                is_rotation.then(|| Rotation::assert_maps(UnitQuaternion::from_matrix(&m)))
            }
            Self::Euler => {
                let [roll, pitch, yaw] = [value(0), value(1), value(2)].map(f64::to_radians);
                let finite = roll.is_finite() && pitch.is_finite() && yaw.is_finite();
                // CLAIM: the maker's angles take sensor to Earth, turned by yaw, then pitch, then roll about moving axes.
                finite.then(|| Rotation::assert_maps(UnitQuaternion::from_euler_angles(roll, pitch, yaw)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_times_are_read_with_their_zone() {
        assert_eq!(start_utc("StartTime: ,2021-08-20_20:21:13_829 GMT+8"), Some(1_629_462_073_829_000_000));
        assert_eq!(start_utc("StartTime: ,2021-08-20_20:21:13_829 GMT-3:30"), Some(1_629_503_473_829_000_000));
        for bad in ["StartTime: ,Unknown", "StartTime", "StartTime: ,2021-13-20_20:21:13_829 GMT+8", "DeviceTag:,x"] {
            assert_eq!(start_utc(bad), None, "{bad}");
        }
    }
}
