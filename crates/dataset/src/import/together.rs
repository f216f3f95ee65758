//! What the sensors of a session have in common: when they began, and the unit of their gyroscopes.

use truehinge_core::{AngularRate, ClockKind, DeviceTime, Track, TrackSamples, Zone};

use super::Imported;
use super::report::{gravity, turning_factor};
use super::started::Start;

/// Starts further apart are warned of, s.
const START_NOTED_S: f64 = 0.05;

/// Cuts sensors that were not synchronised, but say when they began, to the time they have in common: the analysis takes
/// them to start together.
pub(crate) fn start_together(imported: &mut Imported, starts: &[Option<Start>]) {
    let own = imported.tracks.iter().all(|track| track.clock == ClockKind::Device);
    // A clock time without a zone says nothing beside one with it.
    let stated = |start: &Start| start.zone != Zone::Unstated;
    let comparable = |starts: &Vec<Start>| starts.iter().all(stated) || !starts.iter().any(stated);
    let starts: Option<Vec<Start>> = starts.iter().copied().collect();
    let Some(starts) = starts.filter(|starts| own && starts.len() > 1 && comparable(starts)) else {
        if imported.tracks.iter().any(|track| track.clock == ClockKind::Device) {
            imported.notes.push(
                "the sensors were not synchronised and have no arrival times: taken to have started together"
                    .to_owned(),
            );
        }
        return;
    };
    let starts: Vec<i64> = starts.into_iter().map(|start| start.utc_ns).collect();
    let latest = starts.iter().copied().max().unwrap_or_default();
    let earliest = starts.iter().copied().min().unwrap_or_default();
    let apart = (latest - earliest) as f64 * 1e-9;
    let said = format!(
        "the sensors were not synchronised; by the start times in the files, good to some tenths of a second, they began \
         {apart:.2} s apart: synchronise them before recording"
    );
    if apart > START_NOTED_S {
        imported.warnings.push(said);
    } else {
        imported.notes.push(said);
    }
    for (track, start) in imported.tracks.iter_mut().zip(starts) {
        let cut = cut_start(track, latest - start);
        if cut > 0 {
            let role = track.role;
            imported.notes.push(format!("{role}: {cut} samples before the last sensor began are left out"));
        }
    }
}

/// Leaves the samples of the first `nanos` out; says how many.
fn cut_start(track: &mut Track, nanos: i64) -> usize {
    fn cut<T>(samples: &mut Vec<T>, time: impl Fn(&T) -> DeviceTime, nanos: i64) -> usize {
        let Some(first) = samples.first().map(&time) else { return 0 };
        let cut = samples.partition_point(|sample| (time(sample) - first).nanos() < nanos);
        samples.drain(..cut);
        cut
    }
    let cut = match &mut track.samples {
        TrackSamples::Inertial(samples) => cut(samples, |sample| sample.device_time, nanos),
        TrackSamples::Orientation(samples) => cut(samples, |sample| sample.device_time, nanos),
    };
    track.sequence_gaps.retain_mut(|gap| {
        let inside = gap.before_sample > cut;
        gap.before_sample = gap.before_sample.saturating_sub(cut);
        inside
    });
    cut
}

/// Where no lines before the header say which program wrote a file, its gyroscope's unit is that of the kind, unless gravity
/// says the other one of any sensor.
pub(crate) fn one_unit(imported: &mut Imported) {
    if !imported.open_rate_unit {
        return;
    }
    let factor = |track: &Track| match &track.samples {
        TrackSamples::Inertial(samples) => turning_factor(samples, gravity(samples, None)?),
        TrackSamples::Orientation(_) => None,
    };
    let Some(factor) = imported.tracks.iter().find_map(factor) else { return };
    let near = |value: f64| (0.5..2.0).contains(&(factor / value));
    let (scale, unit) = if near(1_f64.to_degrees()) {
        (1_f64.to_radians(), "deg/s")
    } else if near(1_f64.to_radians()) {
        (1_f64.to_degrees(), "rad/s")
    } else {
        return;
    };
    for track in &mut imported.tracks {
        if let TrackSamples::Inertial(samples) = &mut track.samples {
            samples.iter_mut().for_each(|sample| {
                sample.angular_rate = AngularRate::from_vector(sample.angular_rate.vector() * scale);
            });
        }
    }
    imported.notes.push(format!("the gyroscopes are in {unit}: so they turn as fast as gravity does"));
}
