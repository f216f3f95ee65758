//! What a fit leaves: the map from one track's device times to the session's timeline, and how well it is known.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use truehinge_core::{DeviceTime, SessionTime};

use super::hull::Line;

/// What the timeline rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockBasis {
    /// Fitted to the host's arrival times; session zero is the host's zero.
    Arrivals,
    /// All tracks are on one clock already: session zero is the first sample of the earliest of them.
    Shared,
    /// The sensors have set their clocks to one another's, which the arrivals confirm: one line is fitted to the arrivals of all.
    Synchronised,
    /// Nothing known: **assumes** that this track began at session zero, and that its clock is right. Its offset to other
    /// tracks has no stated uncertainty, because it could be anything.
    #[default]
    OwnStart,
}

/// How well the timeline is known.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct ClockReport {
    /// What it rests on.
    pub basis: ClockBasis,
    /// How much slower the device's clock runs than the host's, parts per million of the longest segment; `None` without
    /// arrivals.
    pub skew_ppm: Option<f64>,
    /// Standard uncertainty, ms; 0 for shared clocks, `None` where the offset is an assumption.
    pub sigma_ms: Option<f64>,
    /// Median delay above the line, ms.
    pub residual_median_ms: f64,
    /// 95th percentile of the delays, ms.
    pub residual_p95_ms: f64,
    /// Largest delay, ms.
    pub residual_max_ms: f64,
    /// Arrivals that carried information.
    pub points: usize,
    /// Of these: close to the line (`clock.floor.near_s`).
    pub floor_points: usize,
    /// False points dropped.
    pub false_early: usize,
    /// Connection interval of the link, ms, where the arrivals show one.
    pub connection_interval_ms: Option<f64>,
    /// Largest part of the connection interval in which no packet was ever ready, ms: the least wait is unknown within it.
    pub phase_gap_ms: f64,
    /// Number of segments, each with its own offset: 1 + resets + uncounted losses.
    pub segments: usize,
    /// Samples lost uncounted, found from the rise of the delays.
    pub inserted: u64,
}

/// Maps one track's device times to the session's timeline.
#[derive(Clone, PartialEq, Debug)]
pub struct ClockModel {
    pub(super) segments: Vec<ClockSegment>,
    pub(super) report: ClockReport,
}

/// A part of a track during which the device's clock ran on.
#[derive(Clone, PartialEq, Debug)]
pub struct ClockSegment {
    /// The samples it holds, by their place in the track.
    pub samples: Range<usize>,
    /// Samples lost uncounted since the segment before.
    pub inserted_before: u64,
    /// Device time of the timeline's zero.
    pub(super) origin: DeviceTime,
    /// Session seconds minus device seconds, over device seconds since `origin`.
    pub(super) delay: BentLine,
}

/// Straight between knots, and straight on beyond the outer ones.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct BentLine {
    /// Position and value, in order; never empty.
    pub knots: Vec<(f64, f64)>,
    pub first_slope: f64,
    pub last_slope: f64,
}

impl BentLine {
    pub fn straight(line: Line) -> Self {
        Self { knots: vec![(line.at, line.value)], first_slope: line.slope, last_slope: line.slope }
    }

    pub fn value(&self, x: f64) -> f64 {
        let after = self.knots.partition_point(|knot| knot.0 <= x);
        match (after.checked_sub(1).and_then(|i| self.knots.get(i)), self.knots.get(after)) {
            (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0),
            (Some(a), None) => a.1 + self.last_slope * (x - a.0),
            (None, Some(b)) => b.1 + self.first_slope * (x - b.0),
            (None, None) => 0.0,
        }
    }

    pub fn raise(&mut self, by: f64) {
        for knot in &mut self.knots {
            knot.1 += by;
        }
    }
}

impl ClockSegment {
    /// Session time of a device time of this segment.
    pub fn to_session(&self, at: DeviceTime) -> SessionTime {
        SessionTime::from_seconds(self.seconds(at))
    }

    /// Session time minus device time at the segment's first sample, s.
    pub fn offset_s(&self) -> f64 {
        self.delay.value(0.0) - self.origin.seconds()
    }

    pub(super) fn seconds(&self, at: DeviceTime) -> f64 {
        let x = (at - self.origin).seconds();
        x + self.delay.value(x)
    }
}

impl ClockModel {
    /// The parts of the track, in order.
    pub fn segments(&self) -> &[ClockSegment] {
        &self.segments
    }

    /// How well the timeline is known.
    pub fn report(&self) -> ClockReport {
        self.report
    }

    /// Session time of the track's sample number `sample`, stamped `at`; `None` where the clock was not usable.
    pub fn to_session(&self, sample: usize, at: DeviceTime) -> Option<SessionTime> {
        let place = self.segments.partition_point(|segment| segment.samples.end <= sample);
        self.segments.get(place).filter(|segment| segment.samples.contains(&sample)).map(|s| s.to_session(at))
    }

    /// Session seconds of all samples of the track, in order.
    pub(crate) fn session_seconds(&self, times: impl Iterator<Item = DeviceTime>) -> Vec<Option<f64>> {
        let mut segments = self.segments.iter().peekable();
        times
            .enumerate()
            .map(|(i, at)| {
                while segments.next_if(|segment| segment.samples.end <= i).is_some() {}
                segments.peek().filter(|segment| segment.samples.contains(&i)).map(|segment| segment.seconds(at))
            })
            .collect()
    }

    /// A clock taken as it is: `zero` becomes session zero.
    pub(super) fn as_it_is(samples: usize, zero: DeviceTime, basis: ClockBasis) -> Self {
        let delay = BentLine::straight(Line { at: 0.0, value: 0.0, slope: 0.0 });
        let segment = ClockSegment { samples: 0..samples, inserted_before: 0, origin: zero, delay };
        let sigma_ms = (basis == ClockBasis::Shared).then_some(0.0);
        let report = ClockReport { basis, sigma_ms, segments: 1, ..ClockReport::default() };
        Self { segments: vec![segment], report }
    }
}
