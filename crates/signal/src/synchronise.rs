//! All sensors onto one declared grid: the only place that resamples.
//!
//! In: runs of oriented samples, each at its sensor's own rate. Out: a [`PoseGrid`]. Rotations between two
//! samples are their normalised weighted mean (nlerp, see `between`), vectors are interpolated linearly. Grid points outside every run
//! of a sensor are marked invalid and hold the nearest pose, so that nothing downstream sees a NaN; nothing downstream may use them
//! either.

use nalgebra::UnitQuaternion;
use truehinge_core::{Earth, Interval, Rotation, SampleRate, Sensor, SessionTime, Span, Vec3, quantity::Quantity};

use crate::grid::{PoseGrid, PoseTrack};
use crate::math::points::at_or_below;
use crate::orientation::{OrientationRun, OrientationTrack};
use crate::timebase::SampleQuality;

/// The time covered by all sensors: from the latest start to the earliest end. `None` if there is none.
pub fn common_span(tracks: &[&OrientationTrack]) -> Option<Span> {
    let start = tracks.iter().map(|track| track.runs.first().map(|run| run.start)).collect::<Option<Vec<_>>>()?;
    let end = tracks.iter().map(|track| track.runs.last().map(OrientationRun::last)).collect::<Option<Vec<_>>>()?;
    let (start, end) = (start.into_iter().max()?, end.into_iter().min()?);
    (start < end).then_some(Span { start, end })
}

/// Puts all tracks on a grid over `span`.
pub fn synchronise(tracks: &[&OrientationTrack], span: Span, rate: SampleRate) -> PoseGrid {
    let length = at_or_below(span.length().seconds() * rate.hertz()) + 1;
    let tracks = tracks.iter().map(|track| resample(track, span.start, rate, length)).collect();
    PoseGrid { start: span.start, rate, tracks }
}

fn resample(track: &OrientationTrack, start: SessionTime, rate: SampleRate, length: usize) -> PoseTrack {
    let mut resampled = PoseTrack {
        role: track.role,
        poses: Vec::with_capacity(length),
        angular_rate: Vec::with_capacity(length),
        specific_force: Vec::with_capacity(length),
        valid: Vec::with_capacity(length),
        measured: Vec::with_capacity(length),
    };
    let mut current = 0;
    for k in 0..length {
        let at = start + Interval::from_seconds(k as f64 * rate.period_seconds());
        while current + 1 < track.runs.len() && track.runs[current + 1].start <= at {
            current += 1;
        }
        let Some(run) = track.runs.get(current) else { break };
        let (low, high, share, inside) = position(run, at);
        let (before, after) = (&run.estimates[low], &run.estimates[high]);
        resampled.poses.push(between(before.rotation, after.rotation, share));
        let rate = |i: usize| run.samples[i].angular_rate - run.estimates[i].bias;
        resampled.angular_rate.push(lerp(rate(low), rate(high), share));
        resampled.specific_force.push(lerp(run.samples[low].specific_force, run.samples[high].specific_force, share));
        resampled.valid.push(inside);
        let bridged = |i: usize| matches!(run.quality[i], SampleQuality::Interpolated | SampleQuality::NotFinite);
        resampled.measured.push(inside && !bridged(low) && !bridged(high));
    }
    resampled
}

/// The samples around `at`, the share of the way between them, and whether `at` lies inside the run.
fn position(run: &OrientationRun, at: SessionTime) -> (usize, usize, f64, bool) {
    let last = run.samples.len() - 1;
    let exact = run.position(at);
    // Mathematics: rounding of the grid's times to nanoseconds must not cost the first or the last sample.
    let inside = exact > -1e-6 && exact < last as f64 + 1e-6;
    let clamped = exact.clamp(0.0, last as f64);
    let low = at_or_below(clamped);
    (low, (low + 1).min(last), clamped - low as f64, inside)
}

fn lerp<Q: Quantity>(a: Vec3<Q, Sensor>, b: Vec3<Q, Sensor>, share: f64) -> Vec3<Q, Sensor> {
    a * (1.0 - share) + b * share
}

/// The rotation `share` of the way from `a` to `b`: their normalised weighted mean. Neighbours are a few degrees apart at most; there it
/// lies within 1e-5 rad of the point on the great circle (slerp) and costs a tenth.
fn between(a: Rotation<Sensor, Earth>, b: Rotation<Sensor, Earth>, share: f64) -> Rotation<Sensor, Earth> {
    let (a, b) = (a.quaternion(), b.quaternion());
    // Of the two quaternions of a rotation, the one on the same side.
    let b = if a.coords.dot(&b.coords) < 0.0 { UnitQuaternion::new_unchecked(-b.into_inner()) } else { b };
    // CLAIM: lies between two rotations that map sensor to Earth.
    Rotation::assert_maps(a.nlerp(&b, share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orientation::OrientationEstimate;
    use crate::timebase::ImuSample;
    use nalgebra::Vector3;
    use truehinge_core::SensorRole;

    fn turning_run(start_s: f64, samples: usize) -> OrientationRun {
        let pose = |i: usize| UnitQuaternion::from_axis_angle(&Vector3::x_axis(), 0.01 * i as f64);
        let estimate = |i| OrientationEstimate {
            // CLAIM: a test rotation.
            rotation: Rotation::assert_maps(pose(i)),
            bias: Vec3::new(1.0, 0.0, 0.0),
            bias_sigma: 0.0,
            at_rest: false,
        };
        let sample = |i| ImuSample {
            specific_force: Vec3::new(0.0, 0.0, 9.8),
            angular_rate: Vec3::new(f64::from(i) + 1.0, 0.0, 0.0),
        };
        OrientationRun {
            start: SessionTime::from_seconds(start_s),
            period_s: 0.008,
            samples: (0..samples).map(|i| sample(u32::try_from(i).expect("small"))).collect(),
            estimates: (0..samples).map(estimate).collect(),
            quality: vec![SampleQuality::Measured; samples],
        }
    }

    fn track(role: SensorRole, runs: Vec<OrientationRun>) -> OrientationTrack {
        OrientationTrack { role, rate: SampleRate::from_hertz(125.0).expect("positive"), runs, derived: false }
    }

    #[test]
    fn interpolates_between_samples_and_marks_gaps() {
        let hip = track(SensorRole::Hip, vec![turning_run(0.0, 126), turning_run(2.0, 126)]);
        let span = common_span(&[&hip]).expect("has data");
        assert_eq!(span, Span::from_seconds(0.0, 3.0));
        let grid = synchronise(&[&hip], span, SampleRate::from_hertz(100.0).expect("positive"));
        let hip = &grid.tracks[0];
        assert_eq!(grid.len(), 301);
        // 0.5 s is 62.5 samples of 8 ms: half way between two.
        assert!((hip.angular_rate[50].to_array()[0] - 62.5).abs() < 1e-9);
        assert!((hip.poses[50].quaternion().angle() - 0.625).abs() < 1e-9);
        assert!(hip.valid[100] && !hip.valid[101] && !hip.valid[199] && hip.valid[200] && hip.valid[300]);
    }

    #[test]
    fn between_neighbours_is_half_way_whichever_quaternions_they_have() {
        // CLAIM: test rotations.
        let turned = |degrees: f64| UnitQuaternion::from_axis_angle(&Vector3::y_axis(), degrees.to_radians());
        let (a, b) = (turned(10.0), turned(15.0));
        for b in [b, UnitQuaternion::new_unchecked(-b.into_inner())] {
            let middle = between(Rotation::assert_maps(a), Rotation::assert_maps(b), 0.3).quaternion();
            assert!(middle.angle_to(&turned(11.5)) < 1e-5, "{middle}");
        }
    }

    #[test]
    fn sensors_that_never_overlap_have_no_common_span() {
        let early = track(SensorRole::Hip, vec![turning_run(0.0, 10)]);
        let late = track(SensorRole::Shank, vec![turning_run(5.0, 10)]);
        assert_eq!(common_span(&[&early, &late]), None);
        assert_eq!(common_span(&[&early, &track(SensorRole::Shank, vec![])]), None);
    }

    /// Two seconds at `hertz` from `start_s` on, of one movement in session time: the turn about x grows with the square of the time
    /// since 0, with its rate and a force along with it.
    fn moving(role: SensorRole, hertz: f64, start_s: f64) -> OrientationTrack {
        let times: Vec<f64> =
            (0..=(2 * crate::math::points::nearest(hertz))).map(|i| start_s + i as f64 / hertz).collect();
        let estimate = |t: &f64| OrientationEstimate {
            // CLAIM: a test rotation.
            rotation: Rotation::assert_maps(UnitQuaternion::from_axis_angle(&Vector3::x_axis(), angle(*t))),
            bias: Vec3::new(0.0, 0.0, -0.5),
            bias_sigma: 0.0,
            at_rest: false,
        };
        let sample = |t: &f64| ImuSample {
            specific_force: Vec3::new(3.0 * t, 0.0, 9.8),
            angular_rate: Vec3::new(0.4 * t, 0.0, -0.5),
        };
        let run = OrientationRun {
            start: SessionTime::from_seconds(start_s),
            period_s: hertz.recip(),
            samples: times.iter().map(sample).collect(),
            estimates: times.iter().map(estimate).collect(),
            quality: vec![SampleQuality::Measured; times.len()],
        };
        OrientationTrack {
            role,
            rate: SampleRate::from_hertz(hertz).expect("positive"),
            runs: vec![run],
            derived: false,
        }
    }

    fn angle(t: f64) -> f64 {
        0.2 * t * t
    }

    #[test]
    fn sensors_of_any_rate_and_start_meet_at_the_same_moments_on_grids_of_any_rate() {
        let tracks = [moving(SensorRole::Hip, 60.0, 1.003), moving(SensorRole::Shank, 104.0, 1.25)];
        let tracks = tracks.each_ref();
        let span = common_span(&tracks).expect("overlap");
        assert_eq!(span, Span::from_seconds(1.25, 3.003));
        for hertz in [50.0, 100.0, 200.0] {
            let grid = synchronise(&tracks, span, SampleRate::from_hertz(hertz).expect("positive"));
            assert_eq!(grid.len(), at_or_below(1.753 * hertz) + 1);
            for (k, track) in (0..grid.len()).flat_map(|k| grid.tracks.iter().map(move |track| (k, track))) {
                let t = 1.25 + k as f64 / hertz;
                // Between neighbours 1/60 s apart a square leaves its chord by 0.4 / 8 / 60².
                let turned = track.poses[k].quaternion().scaled_axis();
                assert!((turned - Vector3::new(angle(t), 0.0, 0.0)).norm() < 2e-5, "{hertz} Hz, {t} s: {turned}");
                assert!((track.angular_rate[k].vector() - Vector3::new(0.4 * t, 0.0, 0.0)).norm() < 1e-6);
                assert!((track.specific_force[k].vector() - Vector3::new(3.0 * t, 0.0, 9.8)).norm() < 1e-6);
                assert!(track.valid[k] && track.measured[k]);
            }
        }
    }

    #[test]
    fn a_later_session_gives_the_same_grid_later() {
        let grid = |later: i64| {
            let mut track = moving(SensorRole::Hip, 60.0, 1.0);
            track.runs[0].start += Interval::from_nanos(later);
            let span = common_span(&[&track]).expect("has data");
            synchronise(&[&track], span, SampleRate::from_hertz(100.0).expect("positive"))
        };
        let (now, later) = (grid(0), grid(86_400_000_000_123));
        assert_eq!(later.start - now.start, Interval::from_nanos(86_400_000_000_123));
        assert_eq!((now.tracks[0].poses.len(), &now.tracks[0].poses), (201, &later.tracks[0].poses));
        assert_eq!(now.tracks[0].angular_rate, later.tracks[0].angular_rate);
    }

    #[test]
    fn a_point_is_measured_only_between_two_samples_that_are() {
        let mut hip = moving(SensorRole::Hip, 50.0, 0.0);
        hip.runs[0].quality[20] = SampleQuality::Interpolated;
        hip.runs[0].quality[40] = SampleQuality::NotFinite;
        hip.runs[0].quality[60] = SampleQuality::Clipped;
        let span = common_span(&[&hip]).expect("has data");
        let grid = synchronise(&[&hip], span, SampleRate::from_hertz(100.0).expect("positive"));
        let not: Vec<usize> = (0..grid.len()).filter(|&k| !grid.tracks[0].measured[k]).collect();
        // Sample 20 is point 40; the points before 38 and after 41 have other neighbours. A clipped sample was measured.
        assert_eq!(not, [38, 39, 40, 41, 78, 79, 80, 81]);
        assert!(grid.tracks[0].valid.iter().all(|valid| *valid));
    }

    #[test]
    fn beyond_the_ends_the_nearest_pose_is_held_and_not_valid() {
        let hip = moving(SensorRole::Hip, 50.0, 1.0);
        let grid = synchronise(&[&hip], Span::from_seconds(0.5, 3.5), SampleRate::from_hertz(100.0).expect("positive"));
        let track = &grid.tracks[0];
        for (k, held) in [(0, 1.0), (49, 1.0), (251, 3.0), (300, 3.0)] {
            assert!(!track.valid[k] && !track.measured[k], "{k}");
            assert!((track.poses[k].quaternion().angle() - angle(held)).abs() < 1e-9, "{k}");
        }
        assert!(track.valid[50] && track.valid[250]);
    }
}
