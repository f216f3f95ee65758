//! Drawn sets: a movement whose every angle and travel is known, as the sensors would have it.

use std::ops::Range;

use nalgebra::{Rotation3, UnitQuaternion, Vector3};
use truehinge_core::{
    Angle, AngularRate, Anthropometry, Earth, Length, Measured, MountSite, Pelvis, Rotation, STANDARD_GRAVITY,
    SampleRate, Sensor, SensorRole, SessionTime, Side, SpecificForce, Stance,
};

use super::hip_path::lever_arm;
use super::{Measurement, measure_set};
use crate::body::alignment::{Mounted, SensorToSegment};
use crate::body::kinematics::leans;
use crate::body::motion::{SegmentMotion, SetMotion};
use crate::grid::{PoseGrid, PoseTrack};
use crate::method::Method;
use crate::repetitions::Candidate;
use crate::watch::settling::Remainder;

/// Points: four seconds of rest, a second out, a second there, a second back, four seconds of rest.
pub(super) const START: usize = 400;
pub(super) const END: usize = 700;
const LENGTH: usize = 1100;
const HZ: f64 = 100.0;

/// What the movement is at its largest, and what it starts from. Angles in degrees, lengths in metres.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub side: Option<Side>,
    pub mount: Option<MountSite>,
    pub shank_start: f64,
    pub shank_tilt: f64,
    /// To the person's left.
    pub shank_left_lean: f64,
    pub pelvis_tilt: f64,
    /// To the person's left.
    pub pelvic_left_lean: f64,
    pub heading_start: f64,
    pub turn: f64,
    pub hip_back: f64,
    pub hip_drop: f64,
    pub thigh_tilt: Option<f64>,
    pub trunk_tilt: Option<f64>,
    /// Jolt at the shank's sensor in the middle, m/s².
    pub jolt: f64,
    /// Of all segments' medio-lateral axes.
    pub axis_sigma: f64,
    /// Samples that a sensor has not.
    pub gaps: Vec<(SensorRole, Range<usize>)>,
    pub doubt: Remainder,
    pub method: Method,
}

impl Default for Drawn {
    fn default() -> Self {
        let mut method = Method::default();
        // At or above half the sample rate nothing is smoothed: answers are exact.
        method.measure.smoothing_hz = HZ;
        Self {
            side: Some(Side::Right),
            mount: Some(MountSite::Sacrum),
            shank_start: 0.0,
            shank_tilt: 0.0,
            shank_left_lean: 0.0,
            pelvis_tilt: 0.0,
            pelvic_left_lean: 0.0,
            heading_start: 0.0,
            turn: 0.0,
            hip_back: 0.0,
            hip_drop: 0.0,
            thigh_tilt: None,
            trunk_tilt: None,
            jolt: 0.0,
            axis_sigma: 0.0,
            gaps: Vec::new(),
            doubt: Remainder { shank: 0.0, pelvis: 0.0 },
            method,
        }
    }
}

/// Length of shank and thigh, m, and the standard uncertainty of either.
pub(super) const SHANK: f64 = 0.40;
pub(super) const THIGH: f64 = 0.42;
pub(super) const LENGTH_SIGMA: f64 = 0.004;

pub(super) fn body() -> Anthropometry {
    let length = |metres| Some(Measured::new(Length::from_metres(metres), Length::from_metres(LENGTH_SIGMA)));
    Anthropometry { shank_length: length(SHANK), thigh_length: length(THIGH), ..Anthropometry::default() }
}

/// How much of the movement has been made at a point: the smoothest way there and back.
pub(super) fn shape(i: usize) -> f64 {
    let ramp = |u: f64| {
        let u = u.clamp(0.0, 1.0);
        u.powi(3) * (10.0 - 15.0 * u + 6.0 * u * u)
    };
    let t = (i as f64 - START as f64) / HZ;
    ramp(t) - ramp(t - 2.0)
}

/// The counted movement: measured from the quarter second before it.
pub(super) fn candidate() -> Candidate {
    Candidate {
        range: START..END,
        bottom: START + 100..END - 100,
        stance: START - 25..START,
        lead_in: START - 75..START,
        excursion: 0.5,
        stance_lean: 0.0,
        apart_share: 0.0,
        rejection: None,
    }
}

impl Drawn {
    pub fn measure(&self) -> Measurement {
        self.measure_changed(|_, _| {})
    }

    /// With motion or candidate changed by hand.
    pub fn measure_changed(&self, change: impl Fn(&mut SetMotion<'_>, &mut Candidate)) -> Measurement {
        let (grid, body, mut candidate) = (self.grid(), body(), candidate());
        let mut motion = self.motion(&grid, &body);
        change(&mut motion, &mut candidate);
        let movements = [candidate.clone()];
        measure_set(&motion, &[&candidate], &movements, &[self.doubt], &self.method).0.remove(0)
    }

    pub fn motion<'a>(&self, grid: &'a PoseGrid, body: &'a Anthropometry) -> SetMotion<'a> {
        let hip = &grid.tracks[0];
        let poses: Vec<Rotation<Pelvis, Earth>> = (0..LENGTH).map(|i| pelvis_pose(self, shape(i))).collect();
        let (tilt, left): (Vec<Angle>, Vec<Angle>) = poses.iter().map(|pose| leans(*pose)).unzip();
        let radians = |angles: Vec<Angle>| angles.into_iter().map(Angle::radians).collect();
        let force = |i: usize| 9.81 + if i == usize::midpoint(START, END) { self.jolt } else { 0.0 };
        SetMotion {
            grid,
            hip,
            hip_alignment: self.alignment(hip),
            lift: vec![STANDARD_GRAVITY; LENGTH],
            pelvis: SegmentMotion { sagittal: radians(tilt), left_lean: radians(left), axis_sigma: self.axis() },
            shank: self.segment(self.shank_start, self.shank_tilt, self.shank_left_lean),
            thigh: self.thigh_tilt.map(|tilt| self.segment(0.0, tilt, 0.0)),
            trunk: self.trunk_tilt.map(|tilt| self.segment(0.0, tilt, 0.0)),
            shank_force: (0..LENGTH).map(force).collect(),
            side: self.side,
            body,
            hip_mount: self.mount,
            stance: Stance::OneLeg,
        }
    }

    fn axis(&self) -> Angle {
        Angle::from_degrees(self.axis_sigma)
    }

    /// A segment that leans forward from `start` by `tilt` and to the left by `left`, degrees.
    fn segment(&self, start: f64, tilt: f64, left: f64) -> SegmentMotion {
        let lean = |start: f64, size: f64| (0..LENGTH).map(|i| (start + size * shape(i)).to_radians()).collect();
        SegmentMotion { sagittal: lean(start, tilt), left_lean: lean(0.0, left), axis_sigma: self.axis() }
    }

    /// Exactly [`sensor_to_pelvis`] for the upright pelvis of the first second.
    fn alignment(&self, hip: &PoseTrack) -> SensorToSegment<Pelvis> {
        let worn = Mounted { track: hip, standing: &(0..100), mount: Some(MountSite::Sacrum), side: self.side };
        let aligned = worn.align(&[], &self.method.alignment);
        assert!(aligned.rotation().quaternion().angle_to(&sensor_to_pelvis()) < 1e-9);
        aligned
    }

    /// Where the hip's sensor is, m.
    fn sensor_position(&self, shape: f64) -> Vector3<f64> {
        let lever = lever_arm(self.mount, self.side, &body(), &self.method.measure.lever_arm).vector();
        let facing = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), self.heading_start.to_radians());
        let joint = facing * Vector3::new(-self.hip_back * shape, 0.0, -self.hip_drop * shape);
        joint + pelvis_pose(self, shape).quaternion() * lever
    }

    pub fn grid(&self) -> PoseGrid {
        let rate = SampleRate::from_hertz(HZ).expect("positive");
        let dt = rate.period_seconds();
        let pose = |i: usize| pelvis_pose(self, shape(i)).quaternion() * sensor_to_pelvis();
        let near = |i: usize| (i.max(1) - 1, i, i + 1);
        let rates = (0..LENGTH).map(near).map(|(a, _, c)| {
            let [x, y, z] = ((pose(a).inverse() * pose(c)).scaled_axis() / ((c - a) as f64 * dt)).into();
            AngularRate::<Sensor>::new(x, y, z)
        });
        let forces = (0..LENGTH).map(near).map(|(a, b, c)| {
            let position = |i: usize| self.sensor_position(shape(i));
            let acceleration = (position(c) - 2.0 * position(b) + position(a)) / (dt * dt);
            let up = Vector3::z() * STANDARD_GRAVITY;
            let [x, y, z] = (pose(b).inverse() * (acceleration + up)).into();
            SpecificForce::<Sensor>::new(x, y, z)
        });
        // CLAIM: sensor to pelvis, then pelvis to Earth.
        let poses = (0..LENGTH).map(|i| Rotation::assert_maps(pose(i)));
        let hip = PoseTrack {
            role: SensorRole::Hip,
            poses: poses.collect(),
            angular_rate: rates.collect(),
            specific_force: forces.collect(),
            valid: vec![true; LENGTH],
            measured: vec![true; LENGTH],
        };
        let roles = [SensorRole::Hip, SensorRole::Shank, SensorRole::Thigh, SensorRole::Trunk];
        let tracks = roles.map(|role| {
            let mut track = PoseTrack { role, ..hip.clone() };
            for (_, gap) in self.gaps.iter().filter(|(missing, _)| *missing == role) {
                track.valid[gap.clone()].fill(false);
                track.measured[gap.clone()].fill(false);
            }
            track
        });
        PoseGrid { start: SessionTime::from_seconds(0.0), rate, tracks: tracks.into() }
    }
}

/// A case on the sacrum: its z points backwards, its x to the right.
fn sensor_to_pelvis() -> UnitQuaternion<f64> {
    let axes = Rotation3::from_basis_unchecked(&[Vector3::z(), Vector3::y(), -Vector3::x()]);
    UnitQuaternion::from_rotation_matrix(&axes)
}

/// The pelvis when so much of the movement has been made.
fn pelvis_pose(drawn: &Drawn, shape: f64) -> Rotation<Pelvis, Earth> {
    let upright = Rotation3::from_basis_unchecked(&[Vector3::x(), Vector3::z(), -Vector3::y()]);
    let heading = (drawn.heading_start + drawn.turn * shape).to_radians();
    let turned = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), heading)
        * UnitQuaternion::from_rotation_matrix(&upright)
        * UnitQuaternion::from_axis_angle(&Vector3::z_axis(), -(drawn.pelvis_tilt * shape).to_radians())
        * UnitQuaternion::from_axis_angle(&Vector3::x_axis(), -(drawn.pelvic_left_lean * shape).to_radians());
    // CLAIM: built from where the pelvis' axes point in Earth.
    Rotation::assert_maps(turned)
}
