//! The sensors aligned with their segments, and how these move.

use truehinge_core::{AlignmentReport, Pelvis, SensorRole, Settling, Shank, Thigh, Trunk, frame::Segment};

use super::Worn;
use crate::body::alignment::{Mounted, Movement, SensorToSegment};
use crate::body::kinematics::leans;
use crate::body::motion::{SegmentMotion, SetMotion};
use crate::grid::PoseTrack;
use crate::repetitions::Motion;
use crate::watch::settling::{Remainder, settling};

/// The sensors of a stretch, each aligned with its segment.
#[derive(Clone, Debug)]
pub struct Aligned<'a> {
    worn: &'a Worn<'a>,
    axes: Axes,
    motion: SetMotion<'a>,
}

impl<'a> Aligned<'a> {
    /// By the mounting site, which needs no movement, or without one by whatever movement there was.
    pub fn first(worn: &'a Worn<'a>) -> Self {
        let any = any_movement(worn);
        let of = |role: SensorRole| if worn.context.knows_mount(role) { &any[..0] } else { &any[..] };
        Self::new(worn, &Axes::new(worn, of(SensorRole::Hip), of(SensorRole::Shank)))
    }

    /// By the movements of a first look.
    pub fn by_movements(worn: &'a Worn<'a>, movements: &[Movement]) -> Self {
        Self::new(worn, &Axes::new(worn, movements, movements))
    }

    /// The same with the front of the shank's sensor taken for its back.
    #[must_use]
    pub fn with_shank_turned_round(self) -> Self {
        Self::new(self.worn, &Axes { shank: self.axes.shank.reversed(), ..self.axes })
    }

    fn new(worn: &'a Worn<'a>, axes: &Axes) -> Self {
        Self { worn, axes: *axes, motion: axes.motion(worn) }
    }

    /// The stretch.
    pub fn worn(&self) -> &'a Worn<'a> {
        self.worn
    }

    /// How the segments move.
    pub fn motion(&self) -> &SetMotion<'a> {
        &self.motion
    }

    /// What the search for movements looks at.
    pub(super) fn view(&self) -> Motion<'_> {
        let (worn, motion) = (self.worn, &self.motion);
        let calibrations = worn.context.calibrations.iter();
        Motion {
            rate: worn.grid.rate,
            pelvis: &motion.pelvis.sagittal,
            pelvis_front_known: worn.context.knows_mount(SensorRole::Hip),
            shank: &motion.shank.sagittal,
            shank_left_lean: &motion.shank.left_lean,
            lift: &motion.lift,
            side: worn.context.side,
            stance: &worn.stance,
            single_leg: worn.context.protocol.is_single_leg(),
            marked: worn.context.marked,
            calibrations: calibrations.map(|span| worn.grid.index(span.start)..worn.grid.index(span.end)).collect(),
        }
    }

    /// How each sensor was aligned, and whether those at hip and shank came back to their places.
    pub(super) fn reports(&self, left: &[Remainder]) -> Vec<AlignmentReport> {
        let limits = &self.worn.method.watch.settling;
        let hip = Some(settling(left.iter().map(|left| left.pelvis), limits));
        let shank = Some(settling(left.iter().map(|left| left.shank), limits));
        let axes = &self.axes;
        let mut reports =
            vec![report(SensorRole::Hip, &axes.pelvis, hip), report(SensorRole::Shank, &axes.shank, shank)];
        reports.extend(axes.thigh.as_ref().map(|thigh| report(SensorRole::Thigh, thigh, None)));
        reports.extend(axes.trunk.as_ref().map(|trunk| report(SensorRole::Trunk, trunk, None)));
        reports
    }
}

fn report<S: Segment>(role: SensorRole, alignment: &SensorToSegment<S>, settling: Option<Settling>) -> AlignmentReport {
    AlignmentReport {
        settling,
        role,
        method: alignment.method,
        axis_sigma: alignment.axis_sigma,
        functional: alignment.functional,
        sensor_to_segment: alignment.rotation().to_wxyz(),
    }
}

/// Each sensor's rotation to its segment.
#[derive(Clone, Copy, Debug)]
struct Axes {
    pelvis: SensorToSegment<Pelvis>,
    shank: SensorToSegment<Shank>,
    thigh: Option<SensorToSegment<Thigh>>,
    trunk: Option<SensorToSegment<Trunk>>,
}

impl Axes {
    /// By the movements that turned the pelvis and those that turned the shank.
    fn new(worn: &Worn<'_>, hip: &[Movement], shank: &[Movement]) -> Self {
        let grid = worn.grid;
        Self {
            pelvis: aligned(worn, worn.hip, hip),
            shank: aligned(worn, worn.shank, shank),
            thigh: grid.track(SensorRole::Thigh).map(|thigh| {
                let aligned = aligned(worn, thigh, shank);
                // Bows, knee bends and hinges all bring the hip behind the knee: the largest turns lean the thigh backward.
                if worn.context.knows_mount(SensorRole::Thigh) { aligned } else { aligned.reversed() }
            }),
            // The trunk turns with the pelvis, whatever the spine between them does.
            trunk: grid.track(SensorRole::Trunk).map(|trunk| aligned(worn, trunk, hip)),
        }
    }

    fn motion<'a>(&self, worn: &'a Worn<'a>) -> SetMotion<'a> {
        let Worn { grid, hip, shank, context, .. } = *worn;
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
}

fn aligned<S: Segment>(worn: &Worn<'_>, track: &PoseTrack, movements: &[Movement]) -> SensorToSegment<S> {
    let (mount, side) = (worn.context.mount(track.role), worn.context.side);
    Mounted { track, standing: &worn.stance.reference, mount, side }.align(movements, &worn.method.alignment)
}

fn segment_motion<S: Segment>(alignment: &SensorToSegment<S>, track: &PoseTrack) -> SegmentMotion {
    let lean = |pose| {
        let (forward, left) = leans(alignment.apply(pose));
        (forward.radians(), left.radians())
    };
    let (sagittal, left_lean) = track.poses.iter().map(|pose| lean(*pose)).unzip();
    SegmentMotion { sagittal, left_lean, axis_sigma: alignment.axis_sigma }
}

/// Short changes of pose wherever the feet were planted: a first idea of the axes when nothing else is known.
fn any_movement(worn: &Worn<'_>) -> Vec<Movement> {
    let (grid, stance) = (worn.grid, &worn.stance);
    let look = &worn.method.set.first_look;
    let (step, reach) = (grid.points(look.hop_s), grid.points(look.change_s));
    (reach..grid.len())
        .step_by(step)
        .filter(|&i| !stance.stepping[i - reach..=i].iter().chain(&stance.missing[i - reach..=i]).any(|&bad| bad))
        .map(|i| Movement { base: i - reach, points: i..i + 1 })
        .collect()
}
