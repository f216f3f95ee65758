//! How late the packets came along a session: what a fitted clock leaves, in stretches that a figure can show.

use truehinge_core::{Delays, DeviceTime, Interval, Span, Track};

use super::model::ClockModel;
use super::points;
use crate::math::stats::upper_median;

/// Shortest stretch, s: some packets of the slowest link.
// number: one second is finer than a reader of a figure sees, and every link sends more than one packet in it
const SHORTEST_S: f64 = 1.0;
/// Stretches of a long session, and one more where it begins within one.
// number: as many as a figure a page wide has room for
const MOST: f64 = 240.0;

impl ClockModel {
    /// How much later than the fitted line the packets of its track came, in stretches of a second or more; empty where the clock was
    /// not fitted to arrivals. A stretch without a packet is left out.
    pub fn delays(&self, track: &Track) -> Vec<Delays> {
        let Some(first) = self.report().skew_ppm.and_then(|_| points::stamps(&track.samples).next()) else {
            return Vec::new();
        };
        let late = self.late(track, first.0);
        let length = late.first().zip(late.last()).map_or(0.0, |(first, last)| last.0 - first.0);
        let width = (length / MOST).max(SHORTEST_S);
        let stretch = |arrival: f64| (arrival / width).floor();
        let of_stretch = |packets: &[(f64, f64)]| {
            let start = width * stretch(packets.first()?.0);
            let mut late: Vec<f64> = packets.iter().map(|(_, late)| 1e3 * late).collect();
            let most_ms = late.iter().copied().fold(0.0, f64::max);
            let median_ms = upper_median(&mut late)?.max(0.0);
            Some(Delays { span: Span::from_seconds(start, start + width), median_ms, most_ms })
        };
        late.chunk_by(|a, b| stretch(a.0) == stretch(b.0)).filter_map(of_stretch).collect()
    }

    /// Arrival and lateness of each packet, s, in order of arrival.
    fn late(&self, track: &Track, first: DeviceTime) -> Vec<(f64, f64)> {
        let late = |point: &points::Point| {
            let newest = first + Interval::from_seconds(point.device);
            let sent = self.to_session(point.first_sample, newest)?;
            Some((point.arrival(), point.arrival() - sent.seconds()))
        };
        let mut late: Vec<(f64, f64)> = points::reference(&track.samples, first).iter().filter_map(late).collect();
        late.sort_by(|a, b| a.0.total_cmp(&b.0));
        late
    }
}
