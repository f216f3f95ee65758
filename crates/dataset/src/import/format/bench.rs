//! Session folders of the OpenSim bench: `meta.json` and one CSV per sensor with its own clock and arrival times.
//!
//! `sensor_us` is the sensor's clock in µs, of 32 bits; `host_ns` the arrival. Rows are in order of arrival and are put in
//! order of the sensor's clock here, exact repetitions are removed, and both are counted in the notes. Where the clock was
//! reset (it falls back for good, by more than a late packet can), the parts before and after stay in order of arrival.

use std::path::Path;

use serde::Deserialize;
use truehinge_core::{
    Anthropometry, ClockKind, DeviceInfo, HostTime, InertialSample, Length, Measured, MountSite, STANDARD_GRAVITY,
    SampleRate, SensorRole, SessionInfo, Side, Source, Track, TrackSamples, Zone,
};

use super::{About, Place, Whole};
use crate::import::files::{file_name, list};
use crate::import::sheet::{Layout, Rows, Sheet, Wanted};
use crate::import::started::settle;
use crate::import::text::Text;
use crate::import::time::WRAP_32;
use crate::import::tracks::{Scales, inertial};
use crate::import::whose::{self, DEFAULT_PROTOCOL, nobody};
use crate::import::{Complaint, ImportError, ImportOptions, Imported, source_file};

/// See the module.
pub(super) struct Bench;

impl Whole for Bench {
    fn about(&self) -> About {
        About {
            format: "opensim-bench",
            words: "OpenSim bench session",
            written_by: "OpenSim bench",
            files: "a folder with `meta.json` and one CSV per sensor, with its clock and arrival times",
        }
    }

    fn recognise(&self, place: Place<'_>) -> bool {
        matches!(place, Place::Folder(folder) if is_session(folder))
    }

    fn seen(&self, path: &Path) -> Result<Vec<String>, ImportError> {
        Ok(list(path)?.iter().map(|path| file_name(path)).collect())
    }

    fn read(&self, path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
        read(path, !options.roles.is_empty())
    }
}

#[derive(Deserialize)]
struct Meta {
    session: String,
    athlete: String,
    height_m: Option<f64>,
    mass_kg: Option<f64>,
    leg: Side,
    #[serde(default)]
    measured_mm: Tape,
    host_t0_ns: Option<i64>,
    sensors: Sensors,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tape {
    thigh_length: Option<f64>,
    shank_length: Option<f64>,
    hip_width: Option<f64>,
}

#[derive(Deserialize)]
struct Sensors {
    hip: Option<SensorMeta>,
    shank: Option<SensorMeta>,
    thigh: Option<SensorMeta>,
    trunk: Option<SensorMeta>,
}

#[derive(Deserialize)]
struct SensorMeta {
    file: String,
    placement: Option<String>,
    nominal_rate_hz: Option<f64>,
    accel_range_g: Option<f64>,
    gyro_range_dps: Option<f64>,
}

/// Standard deviation of the bench's tape measurements, mm (its readme: 4 to 12).
const TAPE_SIGMA_MM: f64 = 8.0;
/// Standard deviation of the stature, mm (its readme).
const STATURE_SIGMA_MM: f64 = 5.0;

fn mount(placement: &str) -> MountSite {
    match placement {
        "sacrum" => MountSite::Sacrum,
        "lateral_hip" => MountSite::LateralHip,
        "tibia_antmed" => MountSite::TibiaAnteromedial,
        "shank_lateral" => MountSite::ShankLateral,
        "thigh_lateral" => MountSite::ThighLateral,
        _ => MountSite::Unknown,
    }
}

/// Whether a folder looks like a session of the bench.
fn is_session(folder: &Path) -> bool {
    folder.join("meta.json").is_file()
        && (folder.join("hip.csv").is_file()
            || folder.join("shank.csv").is_file()
            || Text::beginning(&folder.join("meta.json"))
                .is_ok_and(|text| String::from_utf8_lossy(text.bytes()).contains("\"sensors\"")))
}

fn read(folder: &Path, single: bool) -> Result<Imported, ImportError> {
    let path = folder.join("meta.json");
    let text = Text::read(&path)?;
    let wrong = |found: String, hint: &str| Complaint::new(found, hint).of(&path);
    let meta: Meta = serde_json::from_slice(text.content())
        .map_err(|error| wrong(format!("not the description of a bench session: {error}"), "restore the file"))?;
    let mut imported = Imported {
        format: "opensim-bench",
        recognised: "OpenSim bench session (sensor clock and arrival times)".to_owned(),
        files: vec![source_file(&path, text.bytes())],
        ..Imported::default()
    };
    let Sensors { hip, shank, thigh, trunk } = &meta.sensors;
    for (role, sensor) in
        [(SensorRole::Hip, hip), (SensorRole::Shank, shank), (SensorRole::Thigh, thigh), (SensorRole::Trunk, trunk)]
    {
        let Some(sensor) = sensor else { continue };
        if sensor.file.contains(['/', '\\']) {
            let found = format!("the {role} sensor's file \"{}\" lies outside the session's folder", sensor.file);
            return Err(wrong(found, "restore the file"));
        }
        read_sensor(&folder.join(&sensor.file), role, sensor, &mut imported)?;
    }
    for (role, sensor) in [(SensorRole::Hip, hip), (SensorRole::Shank, shank)] {
        if sensor.is_none() && (!single || imported.tracks.is_empty()) {
            let there: Vec<&str> = imported.tracks.iter().map(|track| track.role.name()).collect();
            let found = if there.is_empty() { "sensors of unknown roles".to_owned() } else { there.join(", ") };
            return Err(ImportError::MissingSensor { path, missing: role, found });
        }
    }
    imported.athlete = whose::person(&meta.athlete, &mut imported.notes);
    let mut info = session(&meta, &mut imported.notes);
    settle(&mut info, None, &mut imported.notes);
    imported.info = Some(info);
    Ok(imported)
}

fn session(meta: &Meta, notes: &mut Vec<String>) -> SessionInfo {
    let tape = |mm: f64| Measured::new(Length::from_millimetres(mm), Length::from_millimetres(TAPE_SIGMA_MM));
    let stature = |m: f64| Measured::new(Length::from_metres(m), Length::from_millimetres(STATURE_SIGMA_MM));
    SessionInfo {
        session: whose::session(&meta.session, notes),
        athlete: nobody(&[]),
        start_utc_ns: meta.host_t0_ns,
        zone: Zone::Unknown,
        stance_side: Some(meta.leg),
        protocol: DEFAULT_PROTOCOL.to_owned(),
        body: Anthropometry {
            stature: meta.height_m.map(stature),
            shank_length: meta.measured_mm.shank_length.map(tape),
            thigh_length: meta.measured_mm.thigh_length.map(tape),
            hip_width: meta.measured_mm.hip_width.map(tape),
            mass_kg: meta.mass_kg,
        },
        source: Source::default(),
    }
}

const MICROSECOND: i64 = 1_000;
/// Span of the sensor's clock, ns.
const WRAP: i64 = WRAP_32 * MICROSECOND;

fn read_sensor(path: &Path, role: SensorRole, meta: &SensorMeta, imported: &mut Imported) -> Result<(), ImportError> {
    let text = Text::read(path)?;
    let sheet = Sheet::new(&text, Layout::new(0, b','))?;
    let mut numbers = Vec::with_capacity(6);
    for name in ["ax", "ay", "az", "gx", "gy", "gz"] {
        numbers.push(sheet.index(name)?);
    }
    let times = [(sheet.index("sensor_us")?, MICROSECOND), (sheet.index("host_ns")?, 1)];
    let rows = sheet.read(Wanted { numbers: &numbers, times: &times, ..Wanted::default() })?;
    rows.warn(&file_name(path), &mut imported.warnings);
    let (samples, order) = in_device_order(rows);
    order.note(role, &mut imported.notes);
    imported.tracks.push(Track {
        role,
        device: DeviceInfo {
            model: "OpenSim bench IMU".to_owned(),
            serial: file_name(path),
            nominal_rate: meta.nominal_rate_hz.and_then(SampleRate::from_hertz),
            accelerometer_range: meta.accel_range_g.map(|g| g * STANDARD_GRAVITY),
            gyroscope_range: meta.gyro_range_dps.map(f64::to_radians),
            mount: meta.placement.as_deref().map(mount),
        },
        clock: ClockKind::Device,
        samples: TrackSamples::Inertial(samples),
        sequence_gaps: Vec::new(),
    });
    imported.files.push(source_file(path, text.bytes()));
    Ok(())
}

/// What was done to the order of rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Order {
    late: usize,
    repeated: usize,
    wraps: usize,
    resets: usize,
}

impl Order {
    fn note(self, role: SensorRole, notes: &mut Vec<String>) {
        for (count, what) in [
            (self.late, "rows came late and were put in order of the sensor's clock"),
            (self.repeated, "rows came twice and are kept once"),
            (self.wraps, "times the sensor's 32-bit clock started again: continued"),
            (self.resets, "times the sensor's clock was reset: the parts are in order of arrival"),
        ] {
            if count > 0 {
                notes.push(format!("{role}: {count} {what}"));
            }
        }
    }
}

/// No packet is late by this, ns.
const LATEST: i64 = 2_000_000_000;

fn in_device_order(rows: Rows) -> (Vec<InertialSample>, Order) {
    let mut order = Order::default();
    let [mut times, arrivals]: [Vec<i64>; 2] = rows.times.try_into().unwrap_or_default();
    let resets = continue_clock(&mut times, &mut order);
    let columns: [Vec<f64>; 6] = rows.numbers.try_into().unwrap_or_default();
    let TrackSamples::Inertial(mut samples) = inertial(&times, &columns, Scales { force: 1.0, rate: 1.0 }) else {
        return (Vec::new(), order);
    };
    for (sample, arrival) in samples.iter_mut().zip(arrivals) {
        sample.arrival = Some(HostTime::from_nanos(arrival));
    }
    order.late = times.windows(2).filter(|pair| pair[1] < pair[0]).count().saturating_sub(resets.len());
    order.resets = resets.len();
    let mut kept: Vec<InertialSample> = Vec::with_capacity(samples.len());
    let mut from = 0;
    for end in resets.into_iter().chain([samples.len()]) {
        let part = &mut samples[from..end];
        part.sort_by_key(|sample| sample.device_time);
        let start = kept.len();
        for sample in part.iter() {
            let same_time = kept[start..].iter().rev().take_while(|s| s.device_time == sample.device_time);
            if same_time.into_iter().any(|other| same_row(other, sample)) {
                order.repeated += 1;
            } else {
                kept.push(*sample);
            }
        }
        from = end;
    }
    (kept, order)
}

fn same_row(a: &InertialSample, b: &InertialSample) -> bool {
    let bits =
        |s: &InertialSample| [s.specific_force.to_array(), s.angular_rate.to_array()].map(|v| v.map(f64::to_bits));
    bits(a) == bits(b)
}

/// Makes the clock continuous over its wraps; returns the rows at which it was reset.
fn continue_clock(times: &mut [i64], order: &mut Order) -> Vec<usize> {
    let mut turns = 0_i64;
    let mut resets = Vec::new();
    let mut previous: Option<i64> = None;
    let mut highest = i64::MIN;
    let is_32_bit = times.iter().all(|stamp| (0..WRAP).contains(stamp));
    for row in 0..times.len() {
        let stamp = times[row];
        if let Some(previous) = previous.filter(|_| is_32_bit) {
            // A wrap falls back by nearly everything; a row late across it jumps ahead by as much.
            if previous.saturating_sub(stamp) > WRAP / 2 {
                turns += 1;
                order.wraps += 1;
            } else if stamp.saturating_sub(previous) > WRAP / 2 && turns > 0 {
                turns -= 1;
                order.wraps = order.wraps.saturating_sub(1);
            }
        }
        let stays_back = times
            .get(row + 1)
            .is_none_or(|&next| highest.saturating_sub(next.saturating_add(turns.saturating_mul(WRAP))) > LATEST);
        previous = Some(stamp);
        times[row] = stamp.saturating_add(turns.saturating_mul(WRAP));
        if highest.saturating_sub(times[row]) > LATEST && stays_back {
            resets.push(row);
            highest = times[row];
        }
        highest = highest.max(times[row]);
    }
    resets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stamps_us: &[i64]) -> (Vec<i64>, Order) {
        let value = |row: usize| stamps_us[row] as f64;
        let rows = Rows {
            numbers: vec![(0..stamps_us.len()).map(value).collect(); 6],
            times: vec![stamps_us.iter().map(|us| us * MICROSECOND).collect(), (0..).take(stamps_us.len()).collect()],
            ..Rows::default()
        };
        let (samples, order) = in_device_order(rows);
        (samples.iter().map(|s| s.device_time.nanos() / MICROSECOND).collect(), order)
    }

    #[test]
    fn late_and_repeated_rows_are_put_right_and_counted() {
        let (times, order) = run(&[0, 10_000, 30_000, 20_000, 30_000, 40_000]);
        assert_eq!(times, [0, 10_000, 20_000, 30_000, 40_000]);
        assert_eq!(order, Order { late: 1, repeated: 1, ..Order::default() });
        assert!(run(&[0, 10_000, 20_000]).1 == Order::default());
    }

    #[test]
    fn the_clock_goes_on_over_its_wrap_with_a_row_late_across_it() {
        let (times, order) = run(&[WRAP_32 - 20_000, 0, WRAP_32 - 10_000, 10_000, 20_000]);
        let from = WRAP_32 - 20_000;
        assert_eq!(times, [0, 10_000, 20_000, 30_000, 40_000].map(|t| from + t));
        assert_eq!(order, Order { late: 1, wraps: 1, ..Order::default() });
    }

    #[test]
    fn a_reset_clock_is_not_sorted_into_the_part_before() {
        let (times, order) = run(&[50_000_000, 50_010_000, 0, 20_000, 10_000]);
        assert_eq!(times, [50_000_000, 50_010_000, 0, 10_000, 20_000]);
        assert_eq!(order, Order { late: 1, resets: 1, ..Order::default() });
        // One wild stamp is no reset: it is late, however much.
        let (times, order) = run(&[50_000_000, 50_010_000, 0, 50_020_000, 50_030_000]);
        assert_eq!((times[0], order.resets), (0, 0));
    }
}
