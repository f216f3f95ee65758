//! Sensors that have set their clocks to one another's: one line for all of them, where the arrivals agree.

use truehinge_core::{ClockKind, DeviceTime, Track};

use super::fit::fit_between;
use super::model::{ClockBasis, ClockModel, ClockReport, ClockSegment};
use super::points::{self, Point};
use crate::method::{Clock, SharedClock};

/// Puts the tracks whose clocks are said to be shared on one line, unless the arrivals contradict. A track that was fitted on its own
/// stays as it is.
pub(super) fn share(tracks: &[Track], models: &mut [ClockModel], method: &Clock) {
    let is_member = |(track, model): (&Track, &ClockModel)| {
        track.clock == ClockKind::Shared && model.report.basis == ClockBasis::Arrivals
    };
    let members: Vec<usize> = (0..tracks.len()).filter(|&i| is_member((&tracks[i], &models[i]))).collect();
    let first = |i: &usize| points::stamps(&tracks[*i].samples).next().map(|stamp| stamp.0);
    let Some(origin) = members.iter().filter_map(first).min() else { return };
    let points: Vec<Vec<Point>> = members.iter().map(|&i| points::reference(&tracks[i].samples, origin)).collect();
    let line = |member: usize| (&models[members[member]], &points[member][..]);
    let same = |other: usize| agree(line(0), line(other), origin, &method.shared);
    let whole = members.iter().all(|&i| models[i].segments.len() == 1);
    if members.len() < 2 || !whole || !(1..members.len()).all(same) {
        return;
    }
    let all = points.concat();
    let bound = method.stamped_skew_ppm * 1e-6;
    let fit = fit_between(&all, (-bound, bound), method);
    let length = all.iter().map(|point| point.device).fold(0.0, f64::max);
    let between = method.shared.offset_sigma_s.hypot(method.shared.rate_sigma_ppm * 1e-6 * length);
    for i in members {
        let samples = 0..tracks[i].samples.len();
        let segment = ClockSegment { samples, inserted_before: 0, origin, delay: fit.line.clone() };
        let report = ClockReport {
            basis: ClockBasis::Synchronised,
            skew_ppm: Some(fit.skew * 1e6),
            sigma_ms: Some(1e3 * between * std::f64::consts::FRAC_1_SQRT_2),
            ..models[i].report
        };
        models[i] = ClockModel { segments: vec![segment], report };
    }
}

/// Whether two lines that were fitted apart give the same session time to the same device times.
fn agree(
    (a, a_points): (&ClockModel, &[Point]),
    (b, b_points): (&ClockModel, &[Point]),
    origin: DeviceTime,
    method: &SharedClock,
) -> bool {
    let ([a], [b]) = (a.segments(), b.segments()) else { return false };
    let ends = |points: &[Point]| Some((points.first()?.device, points.last()?.device));
    let (Some((a_from, a_to)), Some((b_from, b_to))) = (ends(a_points), ends(b_points)) else { return false };
    let apart = |device: f64| {
        let at = origin + truehinge_core::Interval::from_seconds(device);
        (a.seconds(at) - b.seconds(at)).abs()
    };
    // Beyond what both have seen, lines part.
    [a_from.max(b_from), a_to.min(b_to)].into_iter().all(|device| apart(device) < method.agree_s)
}
