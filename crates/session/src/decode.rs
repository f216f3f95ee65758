//! `decode`: samples made anew from the bytes as they arrived.

use std::collections::BTreeMap;
use std::sync::Arc;

use truehinge_ble::ImuDriver;
use truehinge_ble::ingest::{Ingest, Ingested};
use truehinge_core::{InertialSample, Notification, SensorRole, SequenceGap, Stage, Track, TrackSamples};
use truehinge_dataset::recording::{raw_notifications, read, redecode};

use crate::args::{Cli, DecodeArgs};
use crate::sensors::{all_models, driver_named};
use crate::{Outcome, unusable};

/// Runs the command.
pub fn run(args: &DecodeArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let old = read(&args.recording).map_err(unusable)?;
    let mut raw: BTreeMap<SensorRole, Vec<Notification>> = BTreeMap::new();
    for (role, notification) in raw_notifications(&args.recording).map_err(unusable)? {
        raw.entry(role).or_default().push(notification);
    }
    if raw.is_empty() {
        eprintln!("{}: it holds no bytes as they arrived: it was imported", args.recording.display());
        return Ok(Outcome::NothingFound);
    }
    let mut tracks = Vec::new();
    for (role, notifications) in raw {
        let was = old.track(role);
        let driver = driver(role, was, args)?;
        let track = decoded(role, driver, was, notifications);
        report(was, &track, cli);
        tracks.push(track);
    }
    redecode(&args.recording, &args.out, &tracks).map_err(unusable)?;
    if !cli.json {
        println!("written to {}", args.out.display());
    }
    Ok(Outcome::Done)
}

/// What understands a sensor's bytes: what is said, or the model that the recording names, at the rate it was set to.
fn driver(role: SensorRole, was: Option<&Track>, args: &DecodeArgs) -> anyhow::Result<Arc<dyn ImuDriver>> {
    let said = args.sensor.iter().find(|(of, _)| *of == role);
    let driver = match said {
        Some((_, model)) => driver_named(model)?,
        None => {
            let model = was.map_or("", |track| track.device.model.as_str());
            let known = all_models().into_iter().find(|driver| driver.device().model == model);
            known.ok_or_else(|| {
                unusable(anyhow::anyhow!(
                    "the {role} sensor is \"{model}\", which no driver is called: say what it is with --sensor {role}=MODEL or \
                     {role}=PROFILE.toml"
                ))
            })?
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
fn report(was: Option<&Track>, now: &Track, cli: &Cli) {
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
    let (role, before, after) = (now.role, before.len(), after.len());
    if cli.json {
        println!("{}", serde_json::json!({ "role": role, "before": before, "after": after, "same": same }));
    } else {
        println!("{role}: {after} samples, {before} before, {same} of them the same");
    }
}
