//! How each stage is asked, and how what it says is put into words of the body and seconds of the session.

pub mod grid;
pub mod sensor;
pub mod set;
pub mod whole;

use truehinge_core::{Rotation, Sensor, SensorRole, SessionTime, Span, Thigh};

use super::Session;
use super::outcome::Within;
use crate::body::kinematics::leans;
use crate::grid::PoseGrid;

/// Times at which continuous results are compared, s of the session: standing, at the turns of movements, and within one.
const MOMENTS: [f64; 11] = [2.0, 6.2, 10.2, 14.2, 18.2, 23.0, 27.2, 31.2, 32.0, 35.2, 40.0];

impl Session {
    /// A time as seconds of the session.
    fn seconds(&self, at: SessionTime) -> f64 {
        at.seconds() - self.drawing.later_s
    }

    fn ends(&self, span: Span) -> [f64; 2] {
        [self.seconds(span.start), self.seconds(span.end)]
    }

    /// The time on the session's timeline of so many seconds of the session.
    fn at(&self, seconds: f64) -> SessionTime {
        SessionTime::from_seconds(seconds + self.drawing.later_s)
    }

    /// Forward and outward lean of a sensor's segment, degrees, by where the sensor really sits.
    fn leans(&self, role: SensorRole, pose: Rotation<Sensor, truehinge_core::Earth>) -> [f64; 2] {
        // The thigh stands for any segment.
        let mounting = self.drawing.mounting::<Thigh>(role);
        let (forward, left) = leans(mounting.inverse().then(pose));
        [forward.degrees(), self.drawing.mirror() * left.degrees()]
    }
}

/// The first points of a grid.
fn first_points(mut grid: PoseGrid, points: usize) -> PoseGrid {
    for track in &mut grid.tracks {
        track.poses.truncate(points);
        track.angular_rate.truncate(points);
        track.specific_force.truncate(points);
        track.valid.truncate(points);
        track.measured.truncate(points);
    }
    grid
}

/// A time that is a point of the grid, from which it may be off by so many points of the coarsest one.
const fn of_points(points: f64, because: &'static str) -> Within {
    let most = points / 50.0 + 1e-6;
    // A point of the usual grid where an angle crosses its limit a little earlier.
    Within { samples: 1e-6, turn: 0.01 + 1e-6, rate: most, grid: most, because }
}
