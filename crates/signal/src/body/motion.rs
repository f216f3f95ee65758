//! The aligned motion of one set: what all later stages look at.

use truehinge_core::{Angle, Anthropometry, MountSite, Pelvis, Side, Stance};

use crate::body::alignment::SensorToSegment;
use crate::grid::{PoseGrid, PoseTrack};

/// One segment over a set: angles from its aligned sensor, rad.
#[derive(Clone, Debug)]
pub struct SegmentMotion {
    /// Forward lean.
    pub sagittal: Vec<f64>,
    /// Lean to the person's left.
    pub left_lean: Vec<f64>,
    /// Standard uncertainty of the medio-lateral axis.
    pub axis_sigma: Angle,
}

/// The aligned motion of one set.
#[derive(Clone, Debug)]
pub struct SetMotion<'a> {
    /// Poses and forces.
    pub grid: &'a PoseGrid,
    /// The pelvis sensor.
    pub hip: &'a PoseTrack,
    /// Its alignment with the pelvis.
    pub hip_alignment: SensorToSegment<Pelvis>,
    /// Its specific force along the vertical, m/s².
    pub lift: Vec<f64>,
    /// Pelvis angles.
    pub pelvis: SegmentMotion,
    /// Shank angles.
    pub shank: SegmentMotion,
    /// Thigh angles, if a thigh sensor is worn.
    pub thigh: Option<SegmentMotion>,
    /// Trunk angles, if a trunk sensor is worn.
    pub trunk: Option<SegmentMotion>,
    /// Norm of the shank sensor's specific force, m/s².
    pub shank_force: Vec<f64>,
    /// Supporting leg.
    pub side: Option<Side>,
    /// Body measures.
    pub body: &'a Anthropometry,
    /// Where the pelvis sensor sits.
    pub hip_mount: Option<MountSite>,
    /// On one leg or on both.
    pub stance: Stance,
}
