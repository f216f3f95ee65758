//! Session folders of the OpenSim bench: `meta.json` and one CSV per sensor with its own clock and arrival times.

use std::path::Path;

use serde::Deserialize;
use truehinge_core::{
    AngularRate, Anthropometry, ClockKind, DeviceInfo, DeviceTime, HostTime, InertialSample, Length, Measured,
    MountSite, STANDARD_GRAVITY, SampleRate, SensorRole, SessionInfo, Side, Source, SpecificForce, Track, TrackSamples,
};

use super::sheet::{Layout, Sheet, Text};
use super::{ImportError, Imported, known_athlete, safe_name, source_file};

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

pub(crate) fn read(folder: &Path) -> Result<Imported, ImportError> {
    let path = folder.join("meta.json");
    let text = Text::read(&path)?;
    let meta: Meta = serde_json::from_slice(text.bytes()).map_err(|error| ImportError::Description {
        path: path.clone(),
        reason: format!("not the description of a bench session: {error}"),
    })?;
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
            let reason = format!("the {role} sensor's file \"{}\" lies outside the session's folder", sensor.file);
            return Err(ImportError::Description { path, reason });
        }
        read_sensor(&folder.join(&sensor.file), role, sensor, &mut imported)?;
    }
    imported.info = Some(session(&meta));
    Ok(imported)
}

fn session(meta: &Meta) -> SessionInfo {
    let tape = |mm: f64| Measured::new(Length::from_millimetres(mm), Length::from_millimetres(TAPE_SIGMA_MM));
    SessionInfo {
        session: safe_name(&meta.session),
        athlete: known_athlete(&meta.athlete),
        start_utc_ns: meta.host_t0_ns,
        stance_side: Some(meta.leg),
        protocol: "single-leg-hip-hinge".to_owned(),
        body: Anthropometry {
            stature: meta.height_m.map(|m| Measured::new(Length::from_metres(m), Length::from_millimetres(5.0))),
            shank_length: meta.measured_mm.shank_length.map(tape),
            thigh_length: meta.measured_mm.thigh_length.map(tape),
            hip_width: meta.measured_mm.hip_width.map(tape),
            mass_kg: meta.mass_kg,
        },
        source: Source::default(),
    }
}

/// The stamps are 32 bits of microseconds.
const WRAP_US: f64 = 4_294_967_296.0;

fn read_sensor(path: &Path, role: SensorRole, meta: &SensorMeta, imported: &mut Imported) -> Result<(), ImportError> {
    let text = Text::read(path)?;
    let sheet = Sheet::new(&text, Layout { skip: 0, header_rows: 1, delimiter: b',' })?;
    let indices = ["sensor_us", "host_ns", "ax", "ay", "az", "gx", "gy", "gz"]
        .map(|name| sheet.index(name))
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    let columns = sheet.columns(&indices)?;
    let mut wraps = 0.0;
    let mut previous = f64::NAN;
    let mut samples = Vec::with_capacity(columns[0].len());
    for (row, &stamp) in columns[0].iter().enumerate() {
        // Late packets step back by little, a wrap by nearly everything.
        if previous - stamp > 0.5 * WRAP_US {
            wraps += 1.0;
        } else if stamp - previous > 0.5 * WRAP_US && wraps > 0.0 {
            wraps -= 1.0;
        }
        previous = stamp;
        let at = |column: usize| columns[column][row];
        samples.push(InertialSample {
            device_time: DeviceTime::from_seconds((stamp + wraps * WRAP_US) * 1e-6),
            arrival: Some(HostTime::from_seconds(at(1) * 1e-9)),
            specific_force: SpecificForce::new(at(2), at(3), at(4)),
            angular_rate: AngularRate::new(at(5), at(6), at(7)),
        });
    }
    let received = samples.len();
    let sorted = samples.is_sorted_by_key(|sample| sample.device_time);
    samples.sort_by_key(|sample| sample.device_time);
    samples.dedup_by(|b, a| {
        a.device_time == b.device_time && a.specific_force == b.specific_force && a.angular_rate == b.angular_rate
    });
    if !sorted {
        imported.notes.push(format!("{role}: rows came out of order and were sorted by the sensor's clock"));
    }
    if samples.len() < received {
        imported.notes.push(format!("{role}: {} rows came twice and are kept once", received - samples.len()));
    }
    imported.tracks.push(Track {
        role,
        device: DeviceInfo {
            model: "OpenSim bench IMU".to_owned(),
            serial: String::new(),
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
