//! One stretch away from the stance as a candidate: onset, bottom and return along its own direction.

use std::ops::Range;

use nalgebra::Vector2;

use super::candidate::{Candidate, Hump, Levels};
use super::plane::Plane;
use super::reject::first_rejection;
use crate::body::kinematics::outward_lean;
use crate::math::stats::median;

/// The candidate of a stretch in which the excursion is larger than in the stance; `None` if it went nowhere.
pub(super) fn candidate(plane: &Plane<'_>, run: Range<usize>) -> Option<Candidate> {
    let excursion = &plane.excursion;
    let peak = run.clone().max_by(|&a, &b| excursion[a].total_cmp(&excursion[b]))?;
    let direction = plane.away(peak).try_normalize(1e-9)?;
    let leaving = Leaving { plane, run, direction };
    let levels = leaving.levels();
    let numbers = &plane.method.repetitions.edges;
    let reach = plane.motion.points(numbers.search_s);
    let first = leaving.run.start.saturating_sub(reach);
    let last = (leaving.run.end + reach).min(plane.len() - 1);
    let bottom_from = (1.0 - numbers.edge_share) * levels.top;
    let hump = Hump { within: first..=last, peak, levels, bottom_from };
    let (range, bottom) = hump.edges(numbers.edge_share, |i| leaving.along(i));
    Some(Candidate {
        stance: range.start..range.start,
        lead_in: range.start..range.start,
        excursion: levels.top,
        stance_lean: leaving.stance_lean(),
        rejection: first_rejection(plane, &range, &levels),
        range,
        bottom,
    })
}

/// A stretch away from the stance, seen along the direction of its farthest point.
struct Leaving<'a> {
    plane: &'a Plane<'a>,
    run: Range<usize>,
    direction: Vector2<f64>,
}

impl Leaving<'_> {
    fn along(&self, i: usize) -> f64 {
        self.plane.away(i).dot(&self.direction)
    }

    /// The stance just before the stretch.
    fn before(&self) -> Range<usize> {
        self.run.start.saturating_sub(self.level_points())..self.run.start.max(1)
    }

    /// The stance just after it.
    fn after(&self) -> Range<usize> {
        let length = self.plane.len();
        self.run.end.min(length - 1)..(self.run.end + self.level_points()).min(length)
    }

    fn level_points(&self) -> usize {
        self.plane.motion.points(self.plane.method.repetitions.edges.level_s)
    }

    fn levels(&self) -> Levels {
        let level = |range: Range<usize>| median(&range.map(|i| self.along(i)).collect::<Vec<_>>()).unwrap_or(0.0);
        Levels {
            before: level(self.before()),
            after: level(self.after()),
            top: self.run.clone().map(|i| self.along(i)).fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// How far the shank leans to the supporting side, in the one of the two stances where it leans more, rad.
    fn stance_lean(&self) -> f64 {
        let motion = self.plane.motion;
        let lean =
            |range: Range<usize>| outward_lean(median(&motion.shank_left_lean[range]).unwrap_or(0.0), motion.side);
        lean(self.before()).max(lean(self.after()))
    }
}
