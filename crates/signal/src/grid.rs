//! Poses of all sensors on one declared grid: what everything after the orientation step works on.
//!
//! The grid is made by [`crate::synchronise`], the only place that resamples. Headings are **not** common: each sensor's
//! Earth frame has its own free heading.

use truehinge_core::{
    AngularRate, Earth, Rotation, SampleRate, Sensor, SensorRole, SessionTime, Span, SpecificForce, time::Interval,
};

use crate::math::points::{at_or_below, points};

/// All sensors of a recording (or of one set of it) on a common, uniform grid.
#[derive(Clone, Debug)]
pub struct PoseGrid {
    /// Time of the first grid point.
    pub start: SessionTime,
    /// Grid points per second.
    pub rate: SampleRate,
    /// One per sensor, all of the same length.
    pub tracks: Vec<PoseTrack>,
}

/// One sensor on the grid.
#[derive(Clone, Debug)]
pub struct PoseTrack {
    /// What it measures.
    pub role: SensorRole,
    /// Sensor to Earth (own heading).
    pub poses: Vec<Rotation<Sensor, Earth>>,
    /// Angular rate, bias removed, rad/s.
    pub angular_rate: Vec<AngularRate<Sensor>>,
    /// Specific force, corrected, m/s².
    pub specific_force: Vec<SpecificForce<Sensor>>,
    /// False where the sensor has no data (a gap longer than may be bridged, before its start, after its end).
    pub valid: Vec<bool>,
    /// False where it has none at that moment, be it bridged or not.
    pub measured: Vec<bool>,
}

impl PoseGrid {
    /// Number of grid points.
    pub fn len(&self) -> usize {
        self.tracks.first().map_or(0, |track| track.poses.len())
    }

    /// Whether there is no grid point.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sensor of a role.
    pub fn track(&self, role: SensorRole) -> Option<&PoseTrack> {
        self.tracks.iter().find(|track| track.role == role)
    }

    /// Time of a grid point.
    pub fn time(&self, index: usize) -> SessionTime {
        self.start + Interval::from_seconds(index as f64 * self.rate.period_seconds())
    }

    /// Time between grid points (`index` may be fractional).
    pub fn time_at(&self, index: f64) -> SessionTime {
        self.start + Interval::from_seconds(index * self.rate.period_seconds())
    }

    /// Nearest grid point at or before `at`, clamped to the grid.
    pub fn index(&self, at: SessionTime) -> usize {
        // Mathematics: times are rounded to nanoseconds; a grid point's own time must not fall before it.
        let position = (at - self.start).seconds() * self.rate.hertz() + 1e-6;
        at_or_below(position).min(self.len().saturating_sub(1))
    }

    /// Number of grid points in `seconds`, at least one.
    pub fn points(&self, seconds: f64) -> usize {
        points(seconds, self.rate)
    }

    /// The time span of a half-open index range.
    pub fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.time(range.start), self.time(range.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(hertz: f64, length: usize) -> PoseGrid {
        // CLAIM: a test rotation.
        let pose = Rotation::assert_maps(nalgebra::UnitQuaternion::identity());
        let track = PoseTrack {
            role: SensorRole::Hip,
            poses: vec![pose; length],
            angular_rate: vec![AngularRate::new(0.0, 0.0, 0.0); length],
            specific_force: vec![SpecificForce::new(0.0, 0.0, 9.8); length],
            valid: vec![true; length],
            measured: vec![true; length],
        };
        let rate = SampleRate::from_hertz(hertz).expect("positive");
        PoseGrid { start: SessionTime::from_seconds(12.345), rate, tracks: vec![track] }
    }

    #[test]
    fn every_point_is_found_by_its_own_time_and_what_lies_behind_it_by_the_point_before() {
        for hertz in [50.0, 60.0, 100.0, 200.0] {
            let grid = grid(hertz, 400);
            for i in 0..400 {
                assert_eq!((grid.index(grid.time(i)), grid.index(grid.time_at(i as f64 + 0.9))), (i, i), "{hertz} Hz");
            }
            assert_eq!(grid.index(SessionTime::from_seconds(0.0)), 0);
            assert_eq!(grid.index(SessionTime::from_seconds(1e4)), 399);
        }
    }

    #[test]
    fn a_span_is_half_open_and_as_long_as_its_points() {
        let span = grid(100.0, 400).span(100..150);
        assert_eq!(span, Span::from_seconds(13.345, 13.845));
        assert_eq!([0.5, 0.504, 0.0].map(|seconds| grid(100.0, 1).points(seconds)), [50, 50, 1]);
    }
}
