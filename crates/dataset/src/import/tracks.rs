//! Columns of numbers to tracks.

use truehinge_core::{
    AngularRate, ClockKind, DeviceInfo, DeviceTime, Earth, FreeAcceleration, InertialSample, OrientationSample,
    Rotation, SampleRate, Sensor, SensorRole, SpecificForce, Track, TrackSamples, Zone,
};

use super::started::Start;

/// A track of a sensor that has a model, a name, and perhaps a rate it was set to.
pub(crate) fn track(
    role: SensorRole,
    model: &str,
    hertz: Option<f64>,
    clock: ClockKind,
    samples: TrackSamples,
) -> Track {
    Track {
        role,
        device: DeviceInfo {
            model: model.to_owned(),
            nominal_rate: hertz.and_then(SampleRate::from_hertz),
            ..DeviceInfo::default()
        },
        clock,
        samples,
        sequence_gaps: Vec::new(),
    }
}

/// Factors from the file's units to m/s² and rad/s.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Scales {
    pub force: f64,
    pub rate: f64,
}

/// Times in ns and the columns ax ay az gx gy gz.
pub(crate) fn inertial(times: &[i64], c: &[Vec<f64>; 6], scales: Scales) -> TrackSamples {
    let [ax, ay, az, gx, gy, gz] = c;
    let forces = ax.iter().zip(ay).zip(az);
    let rates = gx.iter().zip(gy).zip(gz);
    let samples = times.iter().zip(forces).zip(rates).map(|((&time, ((ax, ay), az)), ((gx, gy), gz))| {
        let [ax, ay, az] = [ax, ay, az].map(|value| measured(value * scales.force));
        let [gx, gy, gz] = [gx, gy, gz].map(|value| measured(value * scales.rate));
        InertialSample {
            device_time: DeviceTime::from_nanos(time),
            arrival: None,
            specific_force: SpecificForce::new(ax, ay, az),
            angular_rate: AngularRate::new(gx, gy, gz),
        }
    });
    TrackSamples::Inertial(samples.collect())
}

/// Stamps before it count from somewhere else than 1970, ns.
const YEAR_2000: i64 = 946_684_800_000_000_000;
/// And in 2100.
const YEAR_2100: i64 = 4_102_444_800_000_000_000;

/// The first stamp, where the stamps count from there.
pub(crate) fn start_after_2000(track: &Track, zone: Zone) -> Option<Start> {
    let first = match &track.samples {
        TrackSamples::Inertial(samples) => samples.first().map(|sample| sample.device_time),
        TrackSamples::Orientation(samples) => samples.first().map(|sample| sample.device_time),
    };
    let utc_ns = first.map(DeviceTime::nanos).filter(|start| (YEAR_2000..YEAR_2100).contains(start))?;
    Some(Start { utc_ns, zone })
}

/// An infinity is no measurement.
pub(crate) fn measured(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

/// Orientations row by row; the error of a row without one is the caller's.
pub(crate) fn oriented<Error>(
    times: &[i64],
    row: impl Fn(usize) -> Result<(Rotation<Sensor, Earth>, Option<FreeAcceleration<Earth>>), Error>,
) -> Result<TrackSamples, Error> {
    let sample = |(i, &time): (usize, &i64)| {
        let (rotation, free_acceleration) = row(i)?;
        Ok(OrientationSample { device_time: DeviceTime::from_nanos(time), arrival: None, rotation, free_acceleration })
    };
    Ok(TrackSamples::Orientation(times.iter().enumerate().map(sample).collect::<Result<_, _>>()?))
}

/// One quantity with its own times in ns.
pub(crate) type Channel = Vec<(i64, [f64; 3])>;

/// Two sorted channels to one sorted track.
pub(crate) fn merge(forces: &Channel, rates: &Channel) -> Vec<InertialSample> {
    let mut samples = Vec::with_capacity(forces.len() + rates.len());
    let (mut forces, mut rates) = (forces.iter().peekable(), rates.iter().peekable());
    loop {
        let next = [forces.peek().map(|row| row.0), rates.peek().map(|row| row.0)].into_iter().flatten().min();
        let Some(time) = next else { return samples };
        let [ax, ay, az] = forces.next_if(|row| row.0 == time).map_or([f64::NAN; 3], |row| row.1);
        let [gx, gy, gz] = rates.next_if(|row| row.0 == time).map_or([f64::NAN; 3], |row| row.1);
        samples.push(InertialSample {
            device_time: DeviceTime::from_nanos(time),
            arrival: None,
            specific_force: SpecificForce::new(ax, ay, az),
            angular_rate: AngularRate::new(gx, gy, gz),
        });
    }
}
