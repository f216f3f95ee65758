//! One stretch away from the stance as a candidate: onset, bottom and return along its own direction.

use std::ops::{Range, RangeInclusive};

use nalgebra::Vector2;
use truehinge_core::Rejection;

use super::candidate::{Candidate, Hump, Levels};
use super::merged::Stretch;
use super::plane::Plane;
use super::reject::first_rejection;
use crate::body::kinematics::outward_lean;
use crate::math::stats::median;

/// The candidate of a stretch in which the excursion is larger than in the stance; `None` if it went nowhere.
pub(super) fn candidate(plane: &Plane<'_>, stretch: Stretch) -> Option<Candidate> {
    let excursion = &plane.excursion;
    let peak = stretch.run.clone().max_by(|&a, &b| excursion[a].total_cmp(&excursion[b]))?;
    let direction = plane.away(peak).try_normalize(1e-9)?;
    let leaving = Leaving { plane, stretch, peak, direction };
    let levels = leaving.levels(&direction);
    let edge_share = plane.method.repetitions.edges.edge_share;
    let bottom_from = (1.0 - edge_share) * levels.top;
    let hump = Hump { within: leaving.reach(), peak, levels, bottom_from };
    let (range, bottom) = hump.edges(edge_share, |i| leaving.along(i, &direction));
    let range = range.start.min(leaving.start().unwrap_or(peak))..range.end.max(leaving.end().unwrap_or(peak));
    let range = leaving.to_the_ends_of_the_data(range);
    Some(Candidate {
        stance: range.start..range.start,
        lead_in: range.start..range.start,
        excursion: levels.top,
        stance_lean: leaving.stance_lean(),
        apart_share: leaving.apart() / levels.top,
        rejection: leaving
            .cut_off()
            .or_else(|| first_rejection(plane, &range, levels.top))
            .or_else(|| leaving.changed_posture(levels.top)),
        range,
        bottom,
    })
}

/// A stretch away from the stance, its farthest point and the direction of that.
struct Leaving<'a> {
    plane: &'a Plane<'a>,
    stretch: Stretch,
    peak: usize,
    direction: Vector2<f64>,
}

impl Leaving<'_> {
    fn along(&self, i: usize, direction: &Vector2<f64>) -> f64 {
        self.plane.away(i).dot(direction)
    }

    /// Where onset and return are looked for: some way around the stretch, but not beyond another movement.
    fn reach(&self) -> RangeInclusive<usize> {
        let run = &self.stretch.run;
        let reach = self.points(self.plane.method.repetitions.edges.search_s);
        let first = if self.stretch.follows { run.start } else { run.start.saturating_sub(reach) };
        let last = if self.stretch.leads { run.end } else { run.end + reach };
        first..=last.min(self.plane.len() - 1)
    }

    /// The stance just before the stretch.
    fn before(&self) -> Range<usize> {
        let start = self.stretch.run.start;
        if self.stretch.follows { start..start + 1 } else { start.saturating_sub(self.level_points())..start.max(1) }
    }

    /// The stance just after it.
    fn after(&self) -> Range<usize> {
        let (end, length) = (self.stretch.run.end, self.plane.len());
        let from = end.min(length - 1);
        if self.stretch.leads { from..from + 1 } else { from..(end + self.level_points()).min(length) }
    }

    fn points(&self, seconds: f64) -> usize {
        self.plane.motion.points(seconds)
    }

    fn level_points(&self) -> usize {
        self.points(self.plane.method.repetitions.edges.level_s)
    }

    fn level(&self, range: Range<usize>, direction: &Vector2<f64>) -> f64 {
        self.standing(range, |i| self.along(i, direction))
    }

    /// The median of a value in the stance: not in the movement before or after, unless there is nothing else.
    fn standing(&self, range: Range<usize>, value: impl Fn(usize) -> f64) -> f64 {
        let standing: Vec<f64> = range.clone().filter(|&i| self.plane.is_back(i)).map(&value).collect();
        median(&standing).or_else(|| median(&range.map(&value).collect::<Vec<_>>())).unwrap_or(0.0)
    }

    fn levels(&self, direction: &Vector2<f64>) -> Levels {
        Levels {
            before: self.level(self.before(), direction),
            after: self.level(self.after(), direction),
            top: self.stretch.run.clone().map(|i| self.along(i, direction)).fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// Onset along the direction in which the movement set out, where that is another one than the farthest point's: a knee that
    /// goes forward first and is back at the bottom belongs to the movement.
    fn start(&self) -> Option<usize> {
        let out = self.stretch.run.start..self.peak + 1;
        let away = out.clone().find(|&i| self.is_away(i))?;
        let direction = self.other_direction(away)?;
        let low = self.low(self.level(self.before(), &direction), out, &direction);
        let first = *self.reach().start();
        Some((first..=away).rev().find(|&i| self.along(i, &direction) <= low).unwrap_or(first))
    }

    /// Return along the direction from which the movement came home, likewise.
    fn end(&self) -> Option<usize> {
        let back = self.peak..self.stretch.run.end;
        let away = back.clone().rev().find(|&i| self.is_away(i))?;
        let direction = self.other_direction(away)?;
        let low = self.low(self.level(self.after(), &direction), back, &direction);
        let last = *self.reach().end();
        Some((away..=last).find(|&i| self.along(i, &direction) <= low).unwrap_or(last))
    }

    fn is_away(&self, i: usize) -> bool {
        let share = self.plane.method.repetitions.edges.departure_share;
        self.plane.excursion[i] >= share * self.plane.excursion[self.peak]
    }

    /// The direction of a point, if it is not that of the farthest one.
    fn other_direction(&self, i: usize) -> Option<Vector2<f64>> {
        let direction = self.plane.away(i).try_normalize(1e-9)?;
        let apart = direction.perp(&self.direction).abs().atan2(direction.dot(&self.direction));
        (apart > self.plane.method.repetitions.edges.departure_deg.to_radians()).then_some(direction)
    }

    /// The value at an edge of what starts from a level.
    fn low(&self, level: f64, part: Range<usize>, direction: &Vector2<f64>) -> f64 {
        let top = part.map(|i| self.along(i, direction)).fold(level, f64::max);
        level + self.plane.method.repetitions.edges.edge_share * (top - level)
    }

    /// What is under way when the data begin or end is so from there or up to there: a hold at the bottom, too.
    fn to_the_ends_of_the_data(&self, range: Range<usize>) -> Range<usize> {
        let (run, length) = (&self.stretch.run, self.plane.len());
        let start = if run.start == 0 { 0 } else { range.start };
        start..if run.end == length { length - 1 } else { range.end }
    }

    /// What is under way when the data begin or end was not seen whole.
    fn cut_off(&self) -> Option<Rejection> {
        let run = &self.stretch.run;
        (run.start == 0 || run.end == self.plane.len()).then_some(Rejection::CutOff)
    }

    /// How far the posture or the lean to the side in the stance after the stretch is from that before, rad.
    fn apart(&self) -> f64 {
        let posture = (self.posture(self.after()) - self.posture(self.before())).norm();
        posture.max((self.lean(self.after()) - self.lean(self.before())).abs())
    }

    /// Whoever comes back to another posture, or to another lean to the side, has changed it: the stance itself moved on.
    fn changed_posture(&self, top: f64) -> Option<Rejection> {
        let (numbers, apart) = (&self.plane.method.repetitions, self.apart());
        let limit = (numbers.unreturned_share * top).max(numbers.unreturned_deg.to_radians());
        (apart > limit).then_some(Rejection::NoReturn { share: apart / top })
    }

    fn posture(&self, range: Range<usize>) -> Vector2<f64> {
        let along = |axis: usize| self.standing(range.clone(), |i| self.plane.points[i][axis]);
        Vector2::new(along(0), along(1))
    }

    /// How far the shank leans to the supporting side, in the one of the two stances where it leans more, rad.
    fn stance_lean(&self) -> f64 {
        self.lean(self.before()).max(self.lean(self.after()))
    }

    fn lean(&self, range: Range<usize>) -> f64 {
        let motion = self.plane.motion;
        outward_lean(self.standing(range, |i| motion.shank_left_lean[i]), motion.side)
    }
}
