//! A recording as it happened: what reached the host, one thing after the other. A live session is told the same while it goes on.

use crate::recording::{ClockKind, DeviceInfo, InertialSample, Marker, Recording, Track, TrackSamples};
use crate::{DeviceTime, HostTime, SensorRole};

/// One thing that happened while recording.
#[derive(Clone, PartialEq, Debug)]
pub enum Stored {
    /// A sensor, before its first sample.
    Sensor(SensorRole, DeviceInfo, ClockKind),
    /// A sample.
    Sample(SensorRole, InertialSample),
    /// So many samples are missing before the next one.
    Gap(SensorRole, u64),
    /// Something happened.
    Marker(Marker),
}

/// All of a recording in the order in which it reached the host, each with the host's time; sensors come first. What came at one time
/// stays in the order of the recording.
///
/// A track without arrival times is told as if each sample had arrived at once, from the beginning of the recording on, which is
/// what the timeline of such a recording assumes as well. Samples that have none in a track where others do were never live and are
/// left out.
pub fn story(recording: &Recording) -> Vec<(HostTime, Stored)> {
    let declared = recording.tracks.iter().map(|track| Stored::Sensor(track.role, track.device.clone(), track.clock));
    let mut story: Vec<(HostTime, Stored)> = declared.map(|sensor| (HostTime::from_nanos(i64::MIN), sensor)).collect();
    story.extend(recording.markers.iter().map(|marker| (marker.at, Stored::Marker(marker.clone()))));
    let shared = recording.tracks.iter().filter(|track| track.clock == ClockKind::Shared);
    let shared_zero = shared.filter_map(first).min();
    for track in &recording.tracks {
        let zero = if track.clock == ClockKind::Shared { shared_zero } else { first(track) };
        tell(track, zero.unwrap_or(DeviceTime::ZERO), &mut story);
    }
    story.sort_by_key(|(at, _)| *at);
    story
}

/// The first sample's device time.
fn first(track: &Track) -> Option<DeviceTime> {
    match &track.samples {
        TrackSamples::Inertial(samples) => samples.first().map(|sample| sample.device_time),
        TrackSamples::Orientation(_) => None,
    }
}

/// A track, which began at `zero` of its own clock if nobody knows when it arrived.
fn tell(track: &Track, zero: DeviceTime, story: &mut Vec<(HostTime, Stored)>) {
    let TrackSamples::Inertial(samples) = &track.samples else { return };
    let was_live = samples.iter().any(|sample| sample.arrival.is_some());
    let mut gaps = track.sequence_gaps.iter().peekable();
    for (i, sample) in samples.iter().enumerate() {
        let at_once = || (!was_live).then(|| HostTime::ZERO + (sample.device_time - zero));
        let Some(at) = sample.arrival.or_else(at_once) else { continue };
        while let Some(gap) = gaps.next_if(|gap| gap.before_sample <= i) {
            story.push((at, Stored::Gap(track.role, gap.lost)));
        }
        story.push((at, Stored::Sample(track.role, InertialSample { arrival: Some(at), ..*sample })));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AngularRate, MarkerKind, MountSite, Samples, SequenceGap, SpecificForce};

    /// A sensor that sent every 100 ms of its own clock from `from_s` on, and arrived so long after it was due, if that is known.
    fn track(role: SensorRole, clock: ClockKind, from_s: f64, late_s: Option<f64>) -> Track {
        let sample = |i: u32| InertialSample {
            device_time: DeviceTime::from_seconds(from_s + f64::from(i) * 0.1),
            arrival: late_s.map(|late| HostTime::from_seconds(f64::from(i) * 0.1 + late)),
            specific_force: SpecificForce::new(f64::from(i), 0.0, 9.81),
            angular_rate: AngularRate::new(0.0, 0.0, 0.0),
        };
        let samples = TrackSamples::Inertial((0..3).map(sample).collect());
        let sequence_gaps = vec![SequenceGap { before_sample: 2, lost: 7 }];
        Track { role, device: DeviceInfo::default(), clock, samples, sequence_gaps }
    }

    /// What is told, in short: when in ms, of what, and the number of the sample or how many are missing.
    fn told(tracks: Vec<Track>, markers: Vec<Marker>) -> Vec<String> {
        let still = [[0.0, 0.0, 9.81, 0.0, 0.0, 0.0]; 2];
        let any = Recording::builder().sensor(SensorRole::Hip, MountSite::Sacrum, Samples::at_rate(100.0, &still));
        let recording = Recording { tracks, markers, ..any.build().expect("possible") };
        let short = |(at, stored): (HostTime, Stored)| {
            let ms = (at.seconds() * 1e3).round();
            match stored {
                Stored::Sensor(role, ..) => role.name().to_owned(),
                Stored::Sample(role, sample) => format!("{ms} {role} {}", sample.specific_force.to_array()[0]),
                Stored::Gap(role, lost) => format!("{ms} {role} -{lost}"),
                Stored::Marker(_) => format!("{ms} marker"),
            }
        };
        story(&recording).into_iter().map(short).collect()
    }

    #[test]
    fn it_is_told_in_the_order_of_arrival_whichever_sensor_stands_first() {
        let tracks = vec![
            track(SensorRole::Hip, ClockKind::Device, 5.0, Some(0.05)),
            track(SensorRole::Shank, ClockKind::Device, 900.0, Some(0.02)),
        ];
        let marker = Marker { at: HostTime::from_seconds(0.11), kind: MarkerKind::SetEnd };
        assert_eq!(
            told(tracks, vec![marker]),
            [
                "hip",
                "shank",
                "20 shank 0",
                "50 hip 0",
                "110 marker",
                "120 shank 1",
                "150 hip 1",
                "220 shank -7",
                "220 shank 2",
                "250 hip -7",
                "250 hip 2",
            ]
        );
    }

    #[test]
    fn without_arrivals_each_sensor_begins_at_zero_and_those_of_one_clock_together() {
        let own = |role, from_s| track(role, ClockKind::Device, from_s, None);
        let shared = |role, from_s| track(role, ClockKind::Shared, from_s, None);
        assert_eq!(
            told(vec![own(SensorRole::Hip, 5.0), own(SensorRole::Shank, 900.0)], Vec::new())[2..4],
            ["0 hip 0", "0 shank 0"]
        );
        assert_eq!(
            told(vec![shared(SensorRole::Hip, 5.0), shared(SensorRole::Shank, 4.95)], Vec::new())[2..5],
            ["0 shank 0", "50 hip 0", "100 shank 1"]
        );
    }
}
