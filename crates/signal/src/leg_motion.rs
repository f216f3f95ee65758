//! The orientations behind an analysis, once more: what moving pictures and programs for skeletons are fed with.
//!
//! In: a recording and its analysis. Out: a [`LegMotion`] for each set. Poses come from the stages that the analysis went through, on
//! its own grid, by the sensor-to-segment rotations that it reports; nothing is measured or judged anew. Without a sensor on the
//! thigh its lean `t` is what the curves of a repetition say, with the changes `ds` of the shank's lean and `dk` of knee flexion:
//!
//! ```text
//! t = ds - dk      from an upright thigh in the stance before
//! ```

use std::ops::Range;

use nalgebra::{UnitQuaternion, Vector3};
use truehinge_core::{
    Angle, Curve, Earth, Interval, LegMoment, LegMotion, Metric, Pelvis, Recording, Rep, Rotation, SampleRate, Segment,
    SensorRole, SessionAnalysis, SessionTime, SetAnalysis, Shank, Signal, Span, Thigh, ThighSource,
};

use crate::body::kinematics::{heading, left_lean};
use crate::clock;
use crate::grid::{PoseGrid, PoseTrack};
use crate::method::Method;
use crate::orientation::OrientationTrack;
use crate::prepared::prepare;
use crate::session::SignalError;
use crate::synchronise::{common_span, synchronise};

/// Shown before the first stance and after the last movement of a set, s.
// number: long enough to see that somebody stands
const BESIDE_S: f64 = 1.0;

/// How pelvis and leg were oriented in each set of an analysis.
///
/// # Errors
/// The recording cannot be analysed, or has other sensors than its analysis says.
pub fn leg_motion(
    recording: &Recording,
    analysis: &SessionAnalysis,
    method: &Method,
) -> Result<Vec<LegMotion>, SignalError> {
    let models = clock::fit(recording, &method.clock)?;
    let prepared: Vec<OrientationTrack> = recording
        .tracks
        .iter()
        .zip(&models)
        .map(|(track, model)| Ok(prepare(track, model, method)?.oriented))
        .collect::<Result<_, SignalError>>()?;
    let tracks: Vec<&OrientationTrack> = prepared.iter().collect();
    let common = common_span(&tracks).ok_or(SignalError::NoCommonTime)?;
    let rate = SampleRate::from_hertz(method.grid.rate_hz).ok_or(SignalError::NoCommonTime)?;
    let motion = |set: &SetAnalysis| {
        let grid = synchronise(&tracks, around(set, common, rate), rate);
        of_set(&grid, set, recording).ok_or_else(|| SignalError::MissingSensor {
            role: SensorRole::Shank,
            found: set.alignment.iter().map(|report| report.role).collect(),
        })
    };
    analysis.sets.iter().map(motion).collect()
}

/// A set with what lies beside it. It begins whole periods before the first stance, so that its grid is the one of the analysis.
fn around(set: &SetAnalysis, common: Span, rate: SampleRate) -> Span {
    let first = set.reps.first().map_or(set.span.start, |rep| rep.phases.quiet_stance.start.min(set.span.start));
    let room = (first - common.start).seconds().clamp(0.0, BESIDE_S);
    // number: a grid point whose time was rounded to nanoseconds is still one
    let steps = (room * rate.hertz() + 1e-6).floor();
    let start = first - Interval::from_seconds(steps * rate.period_seconds());
    let end = (set.span.end + Interval::from_seconds(BESIDE_S)).min(common.end);
    Span::new(start, end.max(start))
}

fn of_set(grid: &PoseGrid, set: &SetAnalysis, recording: &Recording) -> Option<LegMotion> {
    let pelvis = Facing::<Pelvis>::of(grid, set, SensorRole::Hip)?;
    let shank = Facing::<Shank>::of(grid, set, SensorRole::Shank)?;
    let thigh = Facing::<Thigh>::of(grid, set, SensorRole::Thigh);
    let chains: Vec<Chain<'_>> = set.reps.iter().filter_map(|rep| Chain::of(rep, grid.rate)).collect();
    let source = match (&thigh, widest(&chains)) {
        (Some(_), _) => ThighSource::Sensor,
        (None, Some(sigma)) => ThighSource::Chain { sigma },
        (None, None) => ThighSource::Unknown,
    };
    let moment = |index: usize| {
        let (at, shank) = (grid.time(index), shank.pose(index)?);
        let known = match &thigh {
            Some(thigh) => thigh.pose(index),
            None => chains.iter().find_map(|chain| chain.thigh(at, shank)),
        };
        let thigh = known.unwrap_or_else(|| beside(shank, 0.0));
        Some(LegMoment { at, pelvis: pelvis.pose(index)?, thigh, thigh_is_known: known.is_some(), shank })
    };
    let body = &recording.info.body;
    Some(LegMotion {
        set: set.number,
        side: set.side,
        thigh: source,
        shank_length: body.shank().value,
        thigh_length: body.thigh().value,
        moments: (0..grid.len()).filter_map(moment).collect(),
    })
}

/// A segment by its sensor, turned so that it faces forward in the first stance.
struct Facing<'a, S: Segment> {
    track: &'a PoseTrack,
    to_segment: Rotation<truehinge_core::Sensor, S>,
    turn: UnitQuaternion<f64>,
}

impl<'a, S: Segment> Facing<'a, S> {
    fn of(grid: &'a PoseGrid, set: &SetAnalysis, role: SensorRole) -> Option<Self> {
        let track = grid.track(role)?;
        let to_segment = set.alignment.iter().find_map(truehinge_core::AlignmentReport::rotation::<S>)?;
        let facing = Self { track, to_segment, turn: UnitQuaternion::identity() };
        let before = facing.mean_heading(first_stance(grid, set));
        Some(Self { turn: UnitQuaternion::from_axis_angle(&Vector3::z_axis(), -before), ..facing })
    }

    /// Its pose where the sensor has data.
    fn pose(&self, index: usize) -> Option<Rotation<S, Earth>> {
        self.track.valid[index].then(|| self.turned(index))
    }

    fn turned(&self, index: usize) -> Rotation<S, Earth> {
        let pose = self.to_segment.inverse().then(self.track.poses[index]);
        // CLAIM: a turn about the vertical maps Earth to Earth with another heading, which is free.
        Rotation::assert_maps(self.turn * pose.quaternion())
    }

    /// Mean of directions, so that half a turn either way does not matter.
    fn mean_heading(&self, points: Range<usize>) -> f64 {
        let (sine, cosine) = points.fold((0.0, 0.0), |(sine, cosine), index| {
            let heading = heading(self.turned(index)).radians();
            (sine + heading.sin(), cosine + heading.cos())
        });
        sine.atan2(cosine)
    }
}

/// The points of the first quiet stance of a set; without one its first point.
fn first_stance(grid: &PoseGrid, set: &SetAnalysis) -> Range<usize> {
    let of_rep = set.reps.first().map(|rep| rep.phases.quiet_stance);
    let span = of_rep.or_else(|| set.quiet_stances.first().copied());
    let points = span.map_or(0..1, |span| grid.index(span.start)..grid.index(span.end));
    if points.is_empty() { points.start..points.start + 1 } else { points }
}

/// The thigh over a repetition by where hip and knee are.
struct Chain<'a> {
    span: Span,
    shank: &'a Curve,
    knee: &'a Curve,
    sigma: Angle,
}

impl<'a> Chain<'a> {
    fn of(rep: &'a Rep, rate: SampleRate) -> Option<Self> {
        let curve = |signal| rep.curves.iter().find(|curve| curve.signal == signal);
        let sigma = rep.budgets.get(&Metric::KneeFlexion)?.sigma();
        // A curve ends at the last point, a span behind it.
        let span = Span { end: rep.span.end - rate.period(), ..rep.span };
        Some(Self {
            span,
            shank: curve(Signal::ShankTilt)?,
            knee: curve(Signal::KneeFlexion)?,
            sigma: Angle::from_radians(sigma),
        })
    }

    /// The thigh at a moment of the repetition.
    fn thigh(&self, at: SessionTime, shank: Rotation<Shank, Earth>) -> Option<Rotation<Thigh, Earth>> {
        let share = (at - self.span.start).seconds() / self.span.length().seconds();
        let inside = (0.0..=1.0).contains(&share);
        let lean = || (value(self.shank, share) - value(self.knee, share)).to_radians();
        inside.then(|| beside(shank, lean()))
    }
}

/// A thigh that leans forward by so much, rad, in one plane with the shank.
fn beside(shank: Rotation<Shank, Earth>, forward: f64) -> Rotation<Thigh, Earth> {
    leaning(heading(shank).radians(), forward, left_lean(shank).radians())
}

fn widest(chains: &[Chain<'_>]) -> Option<Angle> {
    chains.iter().map(|chain| chain.sigma).reduce(|a, b| if b > a { b } else { a })
}

/// A curve at a share of its repetition.
fn value(curve: &Curve, share: f64) -> f64 {
    let last = curve.values.len() - 1;
    let position = share * last as f64;
    let low = crate::math::points::at_or_below(position).min(last);
    let part = position - low as f64;
    curve.values[low] * (1.0 - part) + curve.values[(low + 1).min(last)] * part
}

/// A segment that faces somewhere and leans forward and to the person's left, rad.
fn leaning<S: Segment>(heading: f64, forward: f64, left: f64) -> Rotation<S, Earth> {
    let about = UnitQuaternion::from_axis_angle;
    let upright = about(&Vector3::x_axis(), std::f64::consts::FRAC_PI_2);
    let lean = about(&Vector3::x_axis(), -left) * about(&Vector3::y_axis(), forward);
    // CLAIM: upright it maps anterior to x, proximal to z and right to -y; then it leans, then it turns about the vertical.
    Rotation::assert_maps(about(&Vector3::z_axis(), heading) * lean * upright)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::kinematics::sagittal_tilt;

    #[test]
    fn what_leans_is_read_as_it_was_made() {
        for (turn, forward, left) in [(0.0, 0.0, 0.0), (0.7, 0.3, -0.1), (-2.0, -0.9, 0.4)] {
            let pose = leaning::<Thigh>(turn, forward, left);
            let read = [heading(pose), sagittal_tilt(pose), left_lean(pose)].map(Angle::radians);
            for (read, made) in read.into_iter().zip([turn, forward, left]) {
                assert!((read - made).abs() < 1e-12, "{read} {made}");
            }
        }
    }

    #[test]
    fn a_curve_is_read_between_its_points_and_at_both_ends() {
        let values = (0..Curve::POINTS).map(|percent| percent as f64).collect();
        let curve = Curve { signal: Signal::ShankTilt, values };
        for share in [0.0, 0.255, 0.999, 1.0] {
            assert!((value(&curve, share) - 100.0 * share).abs() < 1e-9, "{share}");
        }
    }
}
