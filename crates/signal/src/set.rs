//! One set, from oriented sensors to judged repetitions: the second half of the pipeline.
//!
//! Two passes: the first aligns the sensors by their mounting site (or, without one, by all movement), finds the movements
//! and aligns again by them; the second finds the repetitions, measures and judges.

use std::ops::Range;

use truehinge_core::{
    AlignmentReport, Anthropometry, Cause, MountSite, Pelvis, Protocol, RejectedCandidate, Rejection, Rep, SensorRole,
    SessionTime, SetAnalysis, Settling, Shank, Side, Span, Thigh, Trunk, frame::Segment,
};

use crate::body::alignment::{AlignmentParams, Movement, SensorToSegment, align};
use crate::body::kinematics::leans;
use crate::body::motion::{SegmentMotion, SetMotion};
use crate::grid::{PoseGrid, PoseTrack};
use crate::judge::judge;
use crate::measure::measure_set;
use crate::method::Method;
use crate::repetitions::{Candidate, Motion, SegmentationParams, is_turned, segment};
use crate::stillness::{Stance, StanceParams, observe};
use crate::watch::settling::{Remainder, doubts, is_loose, settling};

/// What is known about the set beside the data.
#[derive(Clone, Debug)]
pub struct SetContext<'a> {
    /// Supporting leg.
    pub side: Option<Side>,
    /// Body measures.
    pub body: &'a Anthropometry,
    /// Where each sensor sits, as far as known.
    pub mounts: &'a [(SensorRole, Option<MountSite>)],
    /// The exercise.
    pub protocol: &'a Protocol,
    /// When the guided calibration was made, if it was.
    pub calibrations: &'a [Span],
}

impl SetContext<'_> {
    fn mount(&self, role: SensorRole) -> Option<MountSite> {
        self.mounts.iter().find(|(r, _)| *r == role).and_then(|(_, mount)| *mount)
    }

    /// Whether a sensor's front is known from where it sits.
    fn knows_mount(&self, role: SensorRole) -> bool {
        self.mount(role).is_some_and(|mount| mount != MountSite::Unknown)
    }
}

/// Longest pause between two repetitions of one set, s.
pub(crate) const SET_PAUSE_S: f64 = 8.0;

/// Analyses a stretch with one stance leg and one mounting. Gives the sets in it, numbered from `first_number`; at least one,
/// even when it holds no repetition. `None` without hip or shank data or without a second of stillness.
pub fn analyse(
    grid: &PoseGrid,
    context: &SetContext<'_>,
    method: &Method,
    first_number: u32,
) -> Option<Vec<SetAnalysis>> {
    let (hip, shank) = (grid.track(SensorRole::Hip)?, grid.track(SensorRole::Shank)?);
    let stance = observe(grid, &StanceParams::from(method))?;
    let first = Alignments::first(grid, hip, shank, &stance, context, method);
    let movements = movements(&find(grid, &first, hip, shank, &stance, context, method), &stance);
    let mut aligned = Alignments::new(grid, hip, shank, &stance, &Movements::same(&movements), context, method);
    let mut motion = aligned.motion(grid, hip, shank, context);
    let mut candidates = segment(&view(&motion, grid, &stance, context), &SegmentationParams::from(method));
    // Hinges may lean the shank backward only; where its sensor sits, or how its wearer stands, knows better.
    if !context.knows_mount(SensorRole::Shank) && is_turned(&candidates, &view(&motion, grid, &stance, context)) {
        aligned.shank = aligned.shank.reversed();
        motion = aligned.motion(grid, hip, shank, context);
        candidates = segment(&view(&motion, grid, &stance, context), &SegmentationParams::from(method));
    }
    Some(split_sets(grid, &candidates, first_number, |number, group| {
        let counted: Vec<&Candidate> = group.iter().filter(|candidate| candidate.rejection.is_none()).collect();
        let left: Vec<Remainder> = counted
            .iter()
            .map(|candidate| {
                let next = candidates.iter().map(|next| next.range.start).find(|start| *start >= candidate.range.end);
                Remainder::after(&motion, candidate, next.unwrap_or(grid.len()))
            })
            .collect();
        SetAnalysis {
            number,
            side: context.side,
            span: group_span(grid, group),
            quiet_stances: stance.quiet.iter().map(|range| grid.span(range.clone())).collect(),
            alignment: aligned.reports(&left),
            reps: repetitions(&motion, &counted, &candidates, &left, context, method),
            rejected: group.iter().filter_map(|candidate| rejected(grid, candidate)).collect(),
        }
    }))
}

/// The movements each sensor's functional axis is taken from.
struct Movements<'a> {
    hip: &'a [Movement],
    shank: &'a [Movement],
}

impl<'a> Movements<'a> {
    fn same(movements: &'a [Movement]) -> Self {
        Self { hip: movements, shank: movements }
    }
}

struct Alignments {
    pelvis: SensorToSegment<Pelvis>,
    shank: SensorToSegment<Shank>,
    thigh: Option<SensorToSegment<Thigh>>,
    trunk: Option<SensorToSegment<Trunk>>,
}

impl Alignments {
    fn first(
        grid: &PoseGrid,
        hip: &PoseTrack,
        shank: &PoseTrack,
        stance: &Stance,
        context: &SetContext<'_>,
        method: &Method,
    ) -> Self {
        // With a mounting site the first look needs no movement; without one it takes whatever movement there was.
        let any = any_movement(grid, stance);
        let of = |role: SensorRole| if context.knows_mount(role) { &any[..0] } else { &any[..] };
        let movements = Movements { hip: of(SensorRole::Hip), shank: of(SensorRole::Shank) };
        Self::new(grid, hip, shank, stance, &movements, context, method)
    }

    fn new(
        grid: &PoseGrid,
        hip: &PoseTrack,
        shank: &PoseTrack,
        stance: &Stance,
        movements: &Movements<'_>,
        context: &SetContext<'_>,
        method: &Method,
    ) -> Self {
        let standing = &stance.reference;
        let alignment = &AlignmentParams::from(method);
        let mount = |role| context.mount(role);
        Self {
            pelvis: align(hip, standing, movements.hip, mount(SensorRole::Hip), context.side, alignment),
            shank: align(shank, standing, movements.shank, mount(SensorRole::Shank), context.side, alignment),
            thigh: grid.track(SensorRole::Thigh).map(|thigh| {
                let site = mount(SensorRole::Thigh);
                let aligned = align(thigh, standing, movements.shank, site, context.side, alignment);
                // Bows, knee bends and hinges all bring the hip behind the knee: the largest turns lean the thigh backward.
                if context.knows_mount(SensorRole::Thigh) { aligned } else { aligned.reversed() }
            }),
            // The trunk turns with the pelvis, whatever the spine between them does.
            trunk: grid
                .track(SensorRole::Trunk)
                .map(|trunk| align(trunk, standing, movements.hip, mount(SensorRole::Trunk), context.side, alignment)),
        }
    }

    fn motion<'a>(
        &self,
        grid: &'a PoseGrid,
        hip: &'a PoseTrack,
        shank: &PoseTrack,
        context: &SetContext<'a>,
    ) -> SetMotion<'a> {
        SetMotion {
            grid,
            hip,
            hip_alignment: self.pelvis,
            shank_force: shank.specific_force.iter().map(|force| force.norm()).collect(),
            lift: hip.poses.iter().zip(&hip.specific_force).map(|(pose, force)| pose.apply(*force).up()).collect(),
            pelvis: segment_motion(&self.pelvis, hip),
            shank: segment_motion(&self.shank, shank),
            thigh: self
                .thigh
                .as_ref()
                .and_then(|alignment| Some(segment_motion(alignment, grid.track(SensorRole::Thigh)?))),
            trunk: self
                .trunk
                .as_ref()
                .and_then(|alignment| Some(segment_motion(alignment, grid.track(SensorRole::Trunk)?))),
            side: context.side,
            body: context.body,
            hip_mount: context.mount(SensorRole::Hip),
            stance: context.protocol.stance,
        }
    }

    fn reports(&self, left: &[Remainder]) -> Vec<AlignmentReport> {
        fn report<S: Segment>(
            role: SensorRole,
            alignment: &SensorToSegment<S>,
            settling: Option<Settling>,
        ) -> AlignmentReport {
            AlignmentReport {
                settling,
                role,
                method: alignment.method,
                axis_sigma: alignment.axis_sigma,
                functional: alignment.functional,
                sensor_to_segment: alignment.rotation().to_wxyz(),
            }
        }
        let hip = Some(settling(left.iter().map(|left| left.pelvis)));
        let shank = Some(settling(left.iter().map(|left| left.shank)));
        let mut reports =
            vec![report(SensorRole::Hip, &self.pelvis, hip), report(SensorRole::Shank, &self.shank, shank)];
        reports.extend(self.thigh.as_ref().map(|thigh| report(SensorRole::Thigh, thigh, None)));
        reports.extend(self.trunk.as_ref().map(|trunk| report(SensorRole::Trunk, trunk, None)));
        reports
    }
}

fn segment_motion<S: Segment>(alignment: &SensorToSegment<S>, track: &PoseTrack) -> SegmentMotion {
    let lean = |pose| {
        let (forward, left) = leans(alignment.apply(pose));
        (forward.radians(), left.radians())
    };
    let (sagittal, left_lean) = track.poses.iter().map(|pose| lean(*pose)).unzip();
    SegmentMotion { sagittal, left_lean, axis_sigma: alignment.axis_sigma }
}

fn view<'a>(motion: &'a SetMotion<'_>, grid: &PoseGrid, stance: &'a Stance, context: &SetContext<'_>) -> Motion<'a> {
    Motion {
        rate: grid.rate,
        pelvis: &motion.pelvis.sagittal,
        shank: &motion.shank.sagittal,
        shank_left_lean: &motion.shank.left_lean,
        lift: &motion.lift,
        side: context.side,
        stance,
        single_leg: context.protocol.is_single_leg(),
        calibrations: context.calibrations.iter().map(|span| grid.index(span.start)..grid.index(span.end)).collect(),
    }
}

fn find(
    grid: &PoseGrid,
    alignments: &Alignments,
    hip: &PoseTrack,
    shank: &PoseTrack,
    stance: &Stance,
    context: &SetContext<'_>,
    method: &Method,
) -> Vec<Candidate> {
    let motion = alignments.motion(grid, hip, shank, context);
    segment(&view(&motion, grid, stance, context), &SegmentationParams::from(method))
}

/// Movements good for a functional axis: real excursions with both feet planted, counted or not.
fn movements(candidates: &[Candidate], stance: &Stance) -> Vec<Movement> {
    candidates
        .iter()
        .filter(|c| {
            matches!(
                c.rejection,
                None | Some(Rejection::OutsideSet | Rejection::Aborted { .. } | Rejection::TooSmall { .. })
            )
        })
        .filter(|c| !stance.missing[c.range.clone()].iter().any(|&missing| missing))
        .map(|c| Movement { base: c.range.start.saturating_sub(1), points: c.range.clone() })
        .collect()
}

/// Half-second changes of pose wherever the feet were planted: a first idea of the axes when nothing else is known.
fn any_movement(grid: &PoseGrid, stance: &Stance) -> Vec<Movement> {
    let step = grid.points(0.1);
    let reach = grid.points(0.5);
    (reach..grid.len())
        .step_by(step)
        .filter(|&i| !stance.stepping[i - reach..=i].iter().chain(&stance.missing[i - reach..=i]).any(|&bad| bad))
        .map(|i| Movement { base: i - reach, points: i..i + 1 })
        .collect()
}

fn repetitions(
    motion: &SetMotion<'_>,
    counted: &[&Candidate],
    movements: &[Candidate],
    left: &[Remainder],
    context: &SetContext<'_>,
    method: &Method,
) -> Vec<Rep> {
    let (doubts, loose) = (doubts(left), is_loose(left));
    let measurements = measure_set(motion, counted, movements, &doubts, method);
    (1..)
        .zip(counted.iter().zip(measurements))
        .map(|(number, (candidate, measured))| {
            let descent_s = measured.phases.descent.length().seconds();
            let judgement = judge(&measured.metrics, descent_s, &context.protocol.criteria);
            Rep {
                number,
                span: motion.grid.span(candidate.range.clone()),
                turn: motion.grid.time_at(candidate.turn()),
                phases: measured.phases,
                judgement: if loose { judgement.withheld(Cause::SensorLoose) } else { judgement },
                metrics: measured.metrics,
                budgets: measured.budgets,
                curves: measured.curves,
            }
        })
        .collect()
}

fn rejected(grid: &PoseGrid, candidate: &Candidate) -> Option<RejectedCandidate> {
    let rejection = candidate.rejection?;
    Some(RejectedCandidate { span: grid.span(candidate.range.clone()), rejection })
}

fn group_span(grid: &PoseGrid, group: &[Candidate]) -> Span {
    let start = group.first().map_or(grid.start, |c| grid.time(c.range.start));
    let end = group.last().map_or_else(|| end_of(grid), |c| grid.time(c.range.end));
    Span::new(start, end)
}

fn end_of(grid: &PoseGrid) -> SessionTime {
    grid.time(grid.len())
}

/// Groups candidates into sets: a long pause between two counted repetitions ends a set. Rejected ones go with the set they
/// follow.
fn split_sets(
    grid: &PoseGrid,
    candidates: &[Candidate],
    first_number: u32,
    make: impl Fn(u32, &[Candidate]) -> SetAnalysis,
) -> Vec<SetAnalysis> {
    let pause = grid.points(SET_PAUSE_S);
    let mut borders = vec![0];
    let mut previous: Option<&Range<usize>> = None;
    for (i, candidate) in candidates.iter().enumerate().filter(|(_, c)| c.rejection.is_none()) {
        if previous.is_some_and(|range| candidate.range.start.saturating_sub(range.end) > pause) {
            borders.push(i);
        }
        previous = Some(&candidate.range);
    }
    borders.push(candidates.len());
    (first_number..).zip(borders.windows(2)).map(|(number, pair)| make(number, &candidates[pair[0]..pair[1]])).collect()
}
