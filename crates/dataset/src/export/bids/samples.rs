//! One sensor as a tracking system: its samples, its channels, and what is known of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use truehinge_core::{
    ClockKind, DeviceInfo, DeviceTime, HostTime, MountSite, SensorQuality, SensorRole, SessionInfo, SessionTime, Side,
    Track, TrackSamples,
};

use super::super::seconds;
use super::super::tsv::{NONE, Tsv, number};

/// What is written of a sensor.
pub(super) struct System {
    pub samples: String,
    pub channels: String,
    /// What the axes of its channels are.
    pub frames: Value,
    pub about: Map<String, Value>,
}

/// What a sidecar says beyond the standard, so that the same recording can be read back.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Own {
    pub role: SensorRole,
    pub clock: ClockKind,
    pub device: DeviceInfo,
    /// The protocol file that the session was recorded under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol_file: Option<String>,
}

/// The key of [`Own`].
pub(crate) const OWN: &str = "Truehinge";

/// A channel: name, component, type, unit, and the frame of its axes.
type Channel = (&'static str, &'static str, &'static str, &'static str, &'static str);

const LATENCY: Channel = ("latency", NONE, "LATENCY", "s", NONE);
const INERTIAL: [Channel; 6] = [
    ("acc_x", "x", "ACCEL", "m/s^2", SENSOR),
    ("acc_y", "y", "ACCEL", "m/s^2", SENSOR),
    ("acc_z", "z", "ACCEL", "m/s^2", SENSOR),
    ("gyr_x", "x", "GYRO", "rad/s", SENSOR),
    ("gyr_y", "y", "GYRO", "rad/s", SENSOR),
    ("gyr_z", "z", "GYRO", "rad/s", SENSOR),
];
const ORIENTATION: [Channel; 4] = [
    ("quat_w", "quat_w", "ORNT", NONE, EARTH),
    ("quat_x", "quat_x", "ORNT", NONE, EARTH),
    ("quat_y", "quat_y", "ORNT", NONE, EARTH),
    ("quat_z", "quat_z", "ORNT", NONE, EARTH),
];
const FREE: [Channel; 3] = [
    ("free_acc_x", "x", "ACCEL", "m/s^2", EARTH),
    ("free_acc_y", "y", "ACCEL", "m/s^2", EARTH),
    ("free_acc_z", "z", "ACCEL", "m/s^2", EARTH),
];
/// The sensor's own stamp.
pub(crate) const DEVICE_TIME: &str = "device_time";
/// When a sample's packet reached the host.
pub(crate) const ARRIVAL: &str = "arrival";
/// Samples that a counter shows to be lost before this one.
pub(crate) const LOST_BEFORE: &str = "lost_before";
const RAW: [Channel; 3] = [
    (DEVICE_TIME, NONE, "MISC", "s", NONE),
    (ARRIVAL, NONE, "MISC", "s", NONE),
    (LOST_BEFORE, NONE, "MISC", NONE, NONE),
];

const SENSOR: &str = "sensor";
const EARTH: &str = "earth";

/// A sensor with its samples. `times` are theirs on the session's timeline.
pub(super) fn tracking_system(
    info: &SessionInfo,
    track: &Track,
    times: &[Option<SessionTime>],
    quality: Option<&SensorQuality>,
) -> System {
    let measured: Vec<Channel> = match &track.samples {
        TrackSamples::Inertial(_) => INERTIAL.to_vec(),
        TrackSamples::Orientation(_) => ORIENTATION.into_iter().chain(FREE).collect(),
    };
    let all: Vec<Channel> = [LATENCY].into_iter().chain(measured).chain(RAW).collect();
    System {
        samples: samples(track, times),
        channels: channels(&all, track, info.stance_side),
        frames: frames(&all),
        about: about(&all, info, track, quality.map_or_else(|| rate(times), |quality| quality.rate_hz)),
    }
}

fn samples(track: &Track, times: &[Option<SessionTime>]) -> String {
    let mut table = Tsv::nameless();
    let mut lost = track.sequence_gaps.iter().peekable();
    let mut row = |index: usize, values: Vec<f64>, stamp: DeviceTime, arrival: Option<HostTime>| {
        let before = lost.next_if(|gap| gap.before_sample == index).map_or(0, |gap| gap.lost);
        let time = times.get(index).copied().flatten().map(|time| seconds(time.nanos()));
        let values = values.into_iter().map(number);
        let raw = [
            seconds(stamp.nanos()),
            arrival.map(|arrival| seconds(arrival.nanos())).unwrap_or_default(),
            before.to_string(),
        ];
        table.push([time.unwrap_or_default()].into_iter().chain(values).chain(raw));
    };
    match &track.samples {
        TrackSamples::Inertial(samples) => {
            for (index, sample) in samples.iter().enumerate() {
                let values = [sample.specific_force.to_array(), sample.angular_rate.to_array()].concat();
                row(index, values, sample.device_time, sample.arrival);
            }
        }
        TrackSamples::Orientation(samples) => {
            for (index, sample) in samples.iter().enumerate() {
                let free = sample.free_acceleration.map_or([f64::NAN; 3], truehinge_core::Vec3::to_array);
                let values = sample.rotation.to_wxyz().into_iter().chain(free).collect();
                row(index, values, sample.device_time, sample.arrival);
            }
        }
    }
    table.into_text()
}

fn channels(all: &[Channel], track: &Track, side: Option<Side>) -> String {
    let point = point(track.role, side);
    let rate = track.device.nominal_rate.map(|rate| number(rate.hertz())).unwrap_or_default();
    let columns = ["name", "component", "type", "tracked_point", "units", "placement", "reference_frame"];
    let mut table = Tsv::named(columns.into_iter().chain(["description", "sampling_frequency"]));
    for (name, component, kind, units, frame) in all {
        let what = what(name);
        table.push([name, component, kind, point.as_str(), units, placement(track), frame, what, rate.as_str()]);
    }
    table.into_text()
}

/// The point of the body, in words that say the side where it is known.
fn point(role: SensorRole, side: Option<Side>) -> String {
    match (role, side) {
        (SensorRole::Hip, _) => "pelvis".to_owned(),
        (SensorRole::Shank | SensorRole::Thigh, Some(side)) => format!("{side}_{role}"),
        _ => role.name().to_owned(),
    }
}

fn placement(track: &Track) -> &'static str {
    match track.device.mount {
        Some(MountSite::Sacrum) => "back of the pelvis",
        Some(MountSite::LateralHip) => "side of the pelvis over the iliac crest of the supporting side",
        Some(MountSite::TibiaAnteromedial) => "flat inner front of the shin bone",
        Some(MountSite::ShankLateral) => "outer side of the shank",
        Some(MountSite::ThighLateral) => "outer side of the thigh",
        Some(MountSite::Unknown) | None => NONE,
    }
}

fn what(channel: &str) -> &'static str {
    match channel {
        "latency" => "time since the start of the recording, by the fit of the sensor's clock",
        DEVICE_TIME => "the sensor's own stamp, from anywhere",
        ARRIVAL => "when the packet reached the computer, since the start of the recording",
        LOST_BEFORE => "samples that a counter shows to be lost before this one",
        name if name.starts_with("acc") => "specific force: +9.81 on the axis that points up at rest",
        name if name.starts_with("gyr") => "angular rate",
        name if name.starts_with("free") => "acceleration without gravity, as the sensor gives it",
        _ => "rotation from the sensor to Earth, as the sensor gives it",
    }
}

fn frames(all: &[Channel]) -> Value {
    let frame = |name: &str| {
        let (axes, words) = match name {
            SENSOR => (NONE, "axes printed on the sensor's case"),
            _ => (NONE, "z up, heading as the sensor's maker defines it"),
        };
        json!({ "RotationRule": "right-hand", "RotationOrder": NONE, "SpatialAxes": axes, "Description": words })
    };
    let used = [SENSOR, EARTH].into_iter().filter(|frame| all.iter().any(|channel| channel.4 == *frame));
    let levels: Map<String, Value> = used.map(|name| (name.to_owned(), frame(name))).collect();
    json!({ "reference_frame": { "Description": "axes of the channel", "Levels": levels } })
}

/// Samples a second between the first and the last, Hz.
fn rate(times: &[Option<SessionTime>]) -> f64 {
    let known: Vec<SessionTime> = times.iter().flatten().copied().collect();
    let [first, .., last] = known[..] else { return f64::NAN };
    (known.len() - 1) as f64 / (last.nanos() - first.nanos()) as f64 * 1e9
}

fn about(all: &[Channel], info: &SessionInfo, track: &Track, hertz: f64) -> Map<String, Value> {
    let count = |kind: &str| all.iter().filter(|channel| channel.2 == kind).count();
    let measured = ["ACCEL", "GYRO", "ORNT"].map(count).iter().sum::<usize>();
    let effective = Some(hertz).filter(|rate| rate.is_finite());
    let nominal = track.device.nominal_rate.map(truehinge_core::SampleRate::hertz).or(effective);
    let said = |text: &str| if text.is_empty() { json!(NONE) } else { json!(text) };
    let own = Own {
        role: track.role,
        clock: track.clock,
        device: track.device.clone(),
        protocol_file: info.source.protocol_file.clone(),
    };
    let all = json!({
        "SamplingFrequency": nominal.unwrap_or_default(),
        "SamplingFrequencyEffective": effective.map_or(json!(NONE), |rate| json!((rate * 1e4).round() / 1e4)),
        "TrackingSystemName": format!("inertial sensor, {}", track.role),
        "Manufacturer": NONE,
        "ManufacturersModelName": said(&track.device.model),
        "DeviceSerialNumber": said(&track.device.serial),
        "SoftwareVersions": NONE,
        "MissingValues": NONE,
        "SubjectArtefactDescription": NONE,
        "TrackedPointsCount": 1,
        "MotionChannelCount": measured,
        "ACCELChannelCount": count("ACCEL"),
        "ANGACCELChannelCount": 0,
        "GYROChannelCount": count("GYRO"),
        "JNTANGChannelCount": 0,
        "LATENCYChannelCount": count("LATENCY"),
        "MAGNChannelCount": 0,
        "MiscChannelCount": count("MISC"),
        "ORNTChannelCount": count("ORNT"),
        "POSChannelCount": 0,
        "VELChannelCount": 0,
        OWN: own,
    });
    match all {
        Value::Object(all) => all,
        _ => Map::new(),
    }
}
