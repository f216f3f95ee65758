//! Samples made anew from the bytes as they arrived: by a better driver, or by another one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use truehinge_ble::ImuDriver;
use truehinge_ble::driver::all;
use truehinge_ble::ingest::{Ingest, Ingested};
use truehinge_core::{Explained, InertialSample, Notification, SensorRole, SequenceGap, Stage, Track, TrackSamples};
use truehinge_dataset::recording::{RecordingError, raw_notifications, read};

use crate::sensors::{SensorsError, driver_named};

/// Why there are no new samples.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodingError {
    /// The recording cannot be read.
    #[error(transparent)]
    Reading(#[from] RecordingError),
    /// What was said of a sensor cannot be used.
    #[error(transparent)]
    Sensors(#[from] SensorsError),
    /// The recording names a sensor as no driver is called.
    #[error("the {role} sensor is \"{model}\", which no driver is called")]
    NoDriver {
        /// Which sensor.
        role: SensorRole,
        /// What the recording calls it.
        model: String,
    },
}

impl Explained for DecodingError {
    fn code(&self) -> &'static str {
        match self {
            Self::Reading(error) => error.code(),
            Self::Sensors(error) => error.code(),
            Self::NoDriver { .. } => "decode_no_driver",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Reading(error) => return error.hint(),
            Self::Sensors(error) => return error.hint(),
            Self::NoDriver { .. } => "say what it is".into(),
        })
    }
}

/// A sensor's samples, against those that the recording holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Decoded {
    /// Which sensor.
    #[serde(rename = "sensor")]
    pub role: SensorRole,
    /// How many samples the recording holds.
    pub before: usize,
    /// How many there are now.
    pub after: usize,
    /// How many of them are the same to the bit, place by place.
    pub same: usize,
}

/// The tracks of a recording anew from its bytes, in the order of their roles; none if it holds no bytes. What understands them is what
/// is said (a model or a profile file, as [`driver_named`] takes it), or the model that the recording names. `tell` hears of each sensor.
///
/// # Errors
/// See [`DecodingError`].
pub fn decode(
    recording: &Path,
    said: &[(SensorRole, String)],
    tell: &mut dyn FnMut(&Decoded),
) -> Result<Vec<Track>, DecodingError> {
    let old = read(recording)?;
    let mut raw: BTreeMap<SensorRole, Vec<Notification>> = BTreeMap::new();
    for (role, notification) in raw_notifications(recording)? {
        raw.entry(role).or_default().push(notification);
    }
    let mut tracks = Vec::new();
    for (role, notifications) in raw {
        let was = old.track(role);
        let said = said.iter().find(|(of, _)| *of == role).map(|(_, model)| model.as_str());
        let track = decoded(role, driver(role, was, said)?, was, notifications);
        tell(&compared(was, &track));
        tracks.push(track);
    }
    Ok(tracks)
}

/// What understands a sensor's bytes: what is said, or the model that the recording names, at the rate it was set to.
fn driver(role: SensorRole, was: Option<&Track>, said: Option<&str>) -> Result<Arc<dyn ImuDriver>, DecodingError> {
    let driver = match said {
        Some(model) => driver_named(model)?,
        None => {
            let model = was.map_or("", |track| track.device.model.as_str());
            let known = all().into_iter().find(|driver| driver.device().model == model);
            known.ok_or_else(|| DecodingError::NoDriver { role, model: model.to_owned() })?
        }
    };
    let driver = match was.and_then(|track| track.device.nominal_rate) {
        Some(rate) if driver.device().nominal_rate != Some(rate) => driver.at(rate).unwrap_or(driver),
        _ => driver,
    };
    Ok(Arc::from(driver))
}

/// A sensor's samples and losses from its bytes.
fn decoded(
    role: SensorRole,
    driver: Arc<dyn ImuDriver>,
    was: Option<&Track>,
    notifications: Vec<Notification>,
) -> Track {
    let (device, clock) = match was {
        Some(track) => (track.device.clone(), track.clock),
        None => (driver.device(), driver.clock()),
    };
    let mut ingest = Ingest::new(driver);
    let (mut samples, mut sequence_gaps): (Vec<InertialSample>, Vec<SequenceGap>) = Default::default();
    for notification in notifications {
        ingest.push(notification, &mut |item| match item {
            Ingested::Samples(new) => samples.extend(new),
            Ingested::Gap { lost } => sequence_gaps.push(SequenceGap { before_sample: samples.len(), lost }),
            _ => {}
        });
    }
    Track { role, device, clock, samples: TrackSamples::Inertial(samples), sequence_gaps }
}

/// How many samples are others than before.
fn compared(was: Option<&Track>, now: &Track) -> Decoded {
    let bits = |sample: &InertialSample| {
        let values = sample.specific_force.to_array().into_iter().chain(sample.angular_rate.to_array());
        (sample.device_time, sample.arrival, values.map(f64::to_bits).collect::<Vec<u64>>())
    };
    let all = |track: &Track| match &track.samples {
        TrackSamples::Inertial(samples) => samples.iter().map(bits).collect(),
        TrackSamples::Orientation(_) => Vec::new(),
    };
    let (before, after) = (was.map_or_else(Vec::new, all), all(now));
    let same = before.iter().zip(&after).filter(|(a, b)| a == b).count();
    Decoded { role: now.role, before: before.len(), after: after.len(), same }
}
