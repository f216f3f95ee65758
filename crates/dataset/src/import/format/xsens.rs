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

use nalgebra::{Matrix3, Quaternion, UnitQuaternion};
use truehinge_core::{
    ClockKind, Earth, FreeAcceleration, Rotation, STANDARD_GRAVITY, SampleRate, Sensor, SensorRole, SpecificForce,
    Track, TrackSamples, Zone,
};

use super::{About, Beginning, Holds, Named, OneSensor, PerSensor, begins, unknown};
use crate::import::files::file_name;
use crate::import::names::without_start;
use crate::import::sheet::{Layout, Rows, Sheet, Wanted};
use crate::import::started::{Start, ahead};
use crate::import::time::{WRAP_32, counted, steps, unwrap, usual_rate};
use crate::import::tracks::{Scales, inertial, measured, oriented, track};
use crate::import::{ImportError, Imported};

/// The DOT app, and the DOT program for PCs.
pub(super) struct Dot;
/// MT Manager.
pub(super) struct Mtw;

impl PerSensor for Dot {
    fn about(&self) -> About {
        About {
            format: "movella-dot-csv",
            words: "Xsens/Movella DOT app CSV",
            written_by: "Xsens/Movella DOT app, DOT PC program",
            files: "one CSV per sensor; inertial, delta quantities or orientations",
        }
    }

    fn recognise(&self, file: &Beginning<'_>) -> Option<Holds> {
        header(file, Writer::Dot).map(|_| Holds::Sensor)
    }

    fn read(&self, sensor: &OneSensor<'_>, session: &mut Imported) -> Result<(Track, Option<Start>), ImportError> {
        read(sensor, Writer::Dot, session)
    }
}

impl PerSensor for Mtw {
    fn about(&self) -> About {
        About {
            format: "xsens-mtw-txt",
            words: "Xsens MT Manager / MTw text export",
            written_by: "Xsens MT Manager, MTw",
            files: "one text file per sensor",
        }
    }

    fn recognise(&self, file: &Beginning<'_>) -> Option<Holds> {
        header(file, Writer::Mtw).map(|_| Holds::Sensor)
    }

    /// `MT_<master>_<trial>_<device>`
    fn named(&self, stem: &str) -> Named {
        match stem.rsplit_once('_') {
            Some((session, device)) if stem.starts_with("MT_") => {
                Named { session: session.to_owned(), sensor: device.to_owned() }
            }
            _ => Named { session: String::new(), sensor: without_start(stem) },
        }
    }

    fn read(&self, sensor: &OneSensor<'_>, session: &mut Imported) -> Result<(Track, Option<Start>), ImportError> {
        read(sensor, Writer::Mtw, session)
    }
}

/// Which program wrote a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writer {
    Dot,
    Mtw,
}

/// The table, if this program wrote it: the app writes commas after lines of its own, MT Manager tabs (or what was chosen)
/// after lines that begin with `//`.
fn header(file: &Beginning<'_>, wanted: Writer) -> Option<Layout> {
    let layout = file.header(|line| begins(line, "PacketCounter") || begins(line, "SampleTimeFine"))?;
    let slashes = file.head.first().is_some_and(|line| line.starts_with("//"));
    let writer = if slashes || layout.delimiter == b'\t' { Writer::Mtw } else { Writer::Dot };
    (writer == wanted).then_some(layout)
}

/// Width of the packet counter that starts again soonest.
const COUNTER_SPAN: i64 = 1 << 16;

const MICROSECOND: i64 = 1_000;
/// A tenth of a millisecond.
const TENTH: i64 = 100_000;
/// Rates of DOT and MTw, Hz.
const RATES: std::ops::Range<f64> = 3.0..1000.0;

/// Reads one sensor's file, with its start, where the file says it.
fn read(
    sensor: &OneSensor<'_>,
    writer: Writer,
    imported: &mut Imported,
) -> Result<(Track, Option<Start>), ImportError> {
    let &OneSensor { file: text, role, options, .. } = sensor;
    let layout = header(&Beginning::of(text), writer).ok_or_else(|| unknown(text))?;
    let preamble = text.head(layout.skip);
    let sheet = Sheet::new(text, layout)?;
    let said = preamble.iter().find(|l| l.contains("OutputRate") || l.contains("Update Rate")).and_then(|l| digits(l));
    let hertz = options.rate.map(SampleRate::hertz).or(said).filter(|hertz| *hertz > 0.0);
    let plan = plan(&sheet)?;
    // Without lines before the header nothing says which of the programs wrote it.
    let bare = layout.skip == 0;
    let (times, rows) = read_rows(&sheet, writer, hertz, &plan.columns)?;
    rows.warn(&file_name(text.path()), &mut imported.warnings);
    let in_degrees = writer == Writer::Dot && !(bare && times.tenths);
    if bare && matches!(plan.what, What::Inertial) {
        let unit = if in_degrees { "deg/s" } else { "rad/s, because the stamps count tenths of milliseconds" };
        imported.open_rate_unit = true;
        imported.notes.push(format!("{role}: nothing says the unit of the gyroscope: taken for {unit}"));
    }
    let samples = plan.samples(&sheet, &times, &rows, (role, in_degrees), &mut imported.notes)?;
    let synchronised =
        |line: &String| line.starts_with("SyncStatus") && !line.contains("Not") && line.contains("Synced");
    let clock =
        if writer == Writer::Mtw || preamble.iter().any(synchronised) { ClockKind::Shared } else { ClockKind::Device };
    let model = if writer == Writer::Dot { "Movella DOT" } else { "Xsens MTw" };
    let mut track = track(role, model, hertz, clock, samples);
    let counted = counted(&times.counter, COUNTER_SPAN);
    if counted.stuck > 0 {
        let rows = counted.stuck;
        imported.notes.push(format!("{role}: the packet counter repeats or goes back in {rows} rows, all kept"));
    }
    track.sequence_gaps = counted.gaps;
    Ok((track, preamble.iter().find_map(|line| start(line))))
}

struct Times {
    nanos: Vec<i64>,
    counter: Vec<f64>,
    /// They count tenths of milliseconds.
    tenths: bool,
}

/// Times and values: by the fine time stamps where every row has one, else by the packet counter and the rate.
fn read_rows(
    sheet: &Sheet<'_>,
    writer: Writer,
    hertz: Option<f64>,
    values: &[usize],
) -> Result<(Times, Rows), ImportError> {
    let counter_column = sheet.find("PacketCounter");
    let numbers: Vec<usize> = values.iter().copied().chain(counter_column).collect();
    let split = |mut rows: Rows| {
        let counter = counter_column.and_then(|_| rows.numbers.pop()).unwrap_or_default();
        (counter, rows)
    };
    if let Some(fine) = sheet.find("SampleTimeFine") {
        let first = sheet.read(Wanted { numbers: &[fine], ..Wanted::default() })?;
        if first.numbers[0].iter().all(|time| time.is_finite()) {
            let unit = unit_of_fine_time(writer, &first.numbers[0], hertz);
            let rows = sheet.read(Wanted { numbers: &numbers, times: &[(fine, unit)], ..Wanted::default() })?;
            let (counter, mut rows) = split(rows);
            let mut nanos = rows.times.pop().unwrap_or_default();
            unwrap(sheet.text().path(), &mut nanos, &rows.lines, Some(WRAP_32 * unit))?;
            return Ok((Times { nanos, counter, tenths: unit == TENTH }, rows));
        }
    }
    let Some(rate) = hertz else {
        return Err(ImportError::NoRate { path: sheet.text().path().to_owned() });
    };
    sheet.index("PacketCounter")?;
    let (counter, rows) = split(sheet.read(Wanted { numbers: &numbers, ..Wanted::default() })?);
    let counted = counted(&counter, COUNTER_SPAN);
    // The counter is common to all sensors of a master: its first value is the offset between them.
    let first = counter.first().copied().filter(|first| first.is_finite()).unwrap_or(0.0);
    #[allow(clippy::cast_possible_truncation, reason = "float to int casts saturate")]
    let nanos = counted.steps.iter().map(|&step| ((first + step as f64) * 1e9 / rate).round() as i64).collect();
    Ok((Times { nanos, counter, tenths: false }, rows))
}

/// Unit of `SampleTimeFine`, ns: what makes the rate that the file says; else the program's own, unless that makes a rate that
/// none of its sensors has.
fn unit_of_fine_time(writer: Writer, times: &[f64], hertz: Option<f64>) -> i64 {
    let own = if writer == Writer::Dot { MICROSECOND } else { TENTH };
    #[allow(clippy::cast_possible_truncation, reason = "counters are whole; the cast saturates")]
    let ticks: Vec<i64> = times.iter().map(|time| *time as i64).collect();
    // The rate if a tick were a nanosecond.
    let Some(ticks_per_second) = usual_rate(steps(&ticks)) else { return own };
    let rate = |unit: i64| ticks_per_second / unit as f64;
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

/// `StartTime: ,2021-08-20_20:21:13_829 GMT+8`, or without the zone.
fn start(line: &str) -> Option<Start> {
    let said = line.strip_prefix("StartTime")?.split_once([',', ';', '\t'])?.1.trim();
    let (date, zone) = match said.split_once(" GMT") {
        Some((date, zone)) => (date, ahead(zone)?),
        None => (said, Zone::Unstated),
    };
    let mut parts = date.split('_');
    let (day, clock, millis) = (parts.next()?, parts.next()?, parts.next()?.trim().parse::<i64>().ok()?);
    let local: jiff::civil::DateTime = format!("{day}T{clock}").parse().ok()?;
    let offset = if let Zone::Ahead(seconds) = zone { i64::from(seconds) } else { 0 };
    let utc = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second().checked_sub(offset)?;
    Some(Start { utc_ns: utc.checked_mul(1000)?.checked_add(millis)?.checked_mul(1_000_000)?, zone })
}

/// What a file holds, and in which columns.
struct Plan {
    columns: Vec<usize>,
    what: What,
}

enum What {
    Inertial,
    /// Turn and change of velocity since the row before.
    Deltas,
    Oriented(Form, Acceleration),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Acceleration {
    Free,
    Specific,
    None,
}

fn plan(sheet: &Sheet<'_>) -> Result<Plan, ImportError> {
    let all = |names: &[&[&str]]| names.iter().find_map(|names| sheet.find_all(names));
    let force = all(&[&["Acc_X", "Acc_Y", "Acc_Z"], &["accelX", "accelY", "accelZ"]]);
    let rate = all(&[&["Gyr_X", "Gyr_Y", "Gyr_Z"], &["gyroX", "gyroY", "gyroZ"]]);
    if let (Some(force), Some(rate)) = (&force, &rate) {
        return Ok(Plan { columns: [force.as_slice(), rate].concat(), what: What::Inertial });
    }
    let turn = all(&[&["dq_W", "dq_X", "dq_Y", "dq_Z"]]);
    let change = all(&[&["dv[1]", "dv[2]", "dv[3]"], &["dv_X", "dv_Y", "dv_Z"]]);
    if let (Some(turn), Some(change)) = (turn, change) {
        return Ok(Plan { columns: [turn, change].concat(), what: What::Deltas });
    }
    let Some((form, orientation)) = orientation_columns(sheet) else {
        let found = format!("no gyroscope and no orientation among the columns {}", sheet.available());
        return Err(ImportError::Unknown { path: sheet.text().path().to_owned(), found });
    };
    let free = sheet.find_all(&["FreeAcc_X", "FreeAcc_Y", "FreeAcc_Z"]);
    let (kind, acceleration) = match (free, force) {
        (Some(free), _) => (Acceleration::Free, free),
        (None, Some(force)) => (Acceleration::Specific, force),
        (None, None) => (Acceleration::None, Vec::new()),
    };
    Ok(Plan { columns: [orientation, acceleration].concat(), what: What::Oriented(form, kind) })
}

impl Plan {
    fn samples(
        &self,
        sheet: &Sheet<'_>,
        times: &Times,
        rows: &Rows,
        (role, in_degrees): (SensorRole, bool),
        notes: &mut Vec<String>,
    ) -> Result<TrackSamples, ImportError> {
        match self.what {
            What::Inertial => {
                let columns = <&[Vec<f64>; 6]>::try_from(rows.numbers.as_slice());
                let empty = Default::default();
                let rate = if in_degrees { 1_f64.to_radians() } else { 1.0 };
                Ok(inertial(&times.nanos, columns.unwrap_or(&empty), Scales { force: 1.0, rate }))
            }
            What::Deltas => {
                notes.push(format!("{role}: rates and accelerations are made of the delta quantities"));
                Ok(from_deltas(times, rows))
            }
            What::Oriented(form, acceleration) => {
                let unused = if sheet.find("gyroX").or_else(|| sheet.find("Gyr_X")).is_some() {
                    "no accelerometer in the file, so its gyroscope is not used"
                } else {
                    "no gyroscope in the file"
                };
                notes.push(format!("{role}: {unused}: the maker's own orientation is used"));
                oriented_samples(sheet, times, rows, (form, acceleration, self.columns[0]))
            }
        }
    }
}

fn oriented_samples(
    sheet: &Sheet<'_>,
    times: &Times,
    rows: &Rows,
    (form, acceleration, column): (Form, Acceleration, usize),
) -> Result<TrackSamples, ImportError> {
    let width = if acceleration == Acceleration::None { rows.numbers.len() } else { rows.numbers.len() - 3 };
    oriented(&times.nanos, |i| {
        let rotation = form
            .rotation(rows, i)
            .ok_or_else(|| sheet.bad_cell(rows.line(i), column, b"no rotation", "an orientation"))?;
        let values: Vec<f64> = rows.numbers.iter().skip(width).map(|column| measured(column[i])).collect();
        let acceleration = match values[..] {
            [x, y, z] if acceleration == Acceleration::Free => Some(FreeAcceleration::new(x, y, z)),
            [x, y, z] => {
                let force = rotation.apply(SpecificForce::<Sensor>::new(x, y, z)).vector();
                Some(FreeAcceleration::from_vector(force - STANDARD_GRAVITY * nalgebra::Vector3::z()))
            }
            _ => None,
        };
        Ok((rotation, acceleration))
    })
}

/// The turn and the change of velocity over a step, by its length: the mean rate and force of the step.
fn from_deltas(times: &Times, rows: &Rows) -> TrackSamples {
    let step = usual_rate(steps(&times.nanos)).unwrap_or(1.0);
    let count = times.nanos.len();
    let mut columns: [Vec<f64>; 6] = std::array::from_fn(|_| Vec::with_capacity(count));
    for i in 0..count {
        let value = |column: usize| rows.numbers[column][i];
        // The step before this row is longer where packets were lost; the quantity then covers only its own period.
        let turn = UnitQuaternion::from_quaternion(Quaternion::new(value(0), value(1), value(2), value(3)));
        let rate = turn.scaled_axis() * step;
        for (axis, column) in columns.iter_mut().enumerate() {
            column.push(if axis < 3 { value(4 + axis) * step } else { rate[axis - 3] });
        }
    }
    inertial(&times.nanos, &columns, Scales { force: 1.0, rate: 1.0 })
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
        for (zone, utc_ns, expected) in [
            (" GMT+8", 1_629_462_073_829_000_000, Zone::Ahead(8 * 3600)),
            (" GMT-3:30", 1_629_503_473_829_000_000, Zone::Ahead(-12_600)),
            ("", 1_629_490_873_829_000_000, Zone::Unstated),
        ] {
            let line = format!("StartTime: ,2021-08-20_20:21:13_829{zone}");
            assert_eq!(start(&line), Some(Start { utc_ns, zone: expected }), "{line}");
        }
        for bad in ["StartTime: ,Unknown", "StartTime", "StartTime: ,2021-13-20_20:21:13_829 GMT+8", "DeviceTag:,x"] {
            assert_eq!(start(bad), None, "{bad}");
        }
    }
}
