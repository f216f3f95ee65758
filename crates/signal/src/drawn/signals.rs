//! Signals drawn by hand, for tests with exact answers.
//!
//! [`Signals`] draws the motion of a set, one piece after the other: `Signals::new().still(5.0).bell(30.0, 5.0, 4.0).still(5.0)`.
//! [`upright`] and [`track`] draw the poses of a sensor on a segment. Angles in degrees where a name or a doc says so.

use std::f64::consts::{PI, TAU};
use std::ops::Range;

use nalgebra::{Rotation3, UnitQuaternion, Vector3};
use truehinge_core::{
    AngularRate, Earth, Rotation, SampleRate, Sensor, SensorRole, Side, SpecificForce,
    frame::{Direction, Segment},
};

use crate::grid::PoseTrack;
use crate::repetitions::Motion;
use crate::stillness::Stance;

/// The motion of a set as it is drawn; starts with a body that stands upright on the left leg of a single-leg exercise.
#[derive(Clone, Debug)]
pub(crate) struct Signals {
    rate: SampleRate,
    /// Pelvic tilt, rad.
    pub pelvis: Vec<f64>,
    /// Shank inclination, rad.
    pub shank: Vec<f64>,
    left_lean: Vec<f64>,
    lift: Vec<f64>,
    stance: Stance,
    side: Option<Side>,
    single_leg: bool,
    marked: bool,
    pelvis_front_known: bool,
    calibrations: Vec<Range<usize>>,
    /// Where the next piece begins: pelvis and shank, degrees.
    posture: (f64, f64),
    outward_deg: f64,
}

impl Signals {
    /// At 100 Hz.
    pub fn new() -> Self {
        Self::at(100.0)
    }

    /// On a grid of this rate, Hz.
    pub fn at(hertz: f64) -> Self {
        let rate = SampleRate::from_hertz(hertz).expect("a positive rate");
        let stance = Stance { activity: vec![], stepping: vec![], missing: vec![], quiet: vec![], reference: 0..0 };
        let (side, single_leg) = (Some(Side::Left), true);
        let (pelvis, shank, left_lean, lift, calibrations) = (vec![], vec![], vec![], vec![], vec![]);
        let (posture, outward_deg) = ((0.0, 0.0), 0.0);
        Self {
            rate,
            pelvis,
            shank,
            left_lean,
            lift,
            stance,
            side,
            single_leg,
            marked: true,
            pelvis_front_known: true,
            calibrations,
            posture,
            outward_deg,
        }
    }

    /// On this leg, or on one that is not known; leans drawn from here on are to that side.
    pub fn on(mut self, side: Option<Side>) -> Self {
        self.side = side;
        self
    }

    /// Of an exercise that is done on both legs.
    pub fn two_legged(mut self) -> Self {
        self.single_leg = false;
        self
    }

    /// From here on the shank leans to the supporting side by so much, degrees.
    pub fn leaning(mut self, outward_deg: f64) -> Self {
        self.outward_deg = outward_deg;
        self
    }

    /// Nobody moves.
    pub fn still(self, seconds: f64) -> Self {
        self.draw(seconds, |_| (0.0, 0.0))
    }

    /// The point of the two angles circles around the posture, once in 3 s: pelvis and weighted shank by `radius_deg`.
    pub fn sway(self, radius_deg: f64, seconds: f64) -> Self {
        let weight = crate::Method::default().repetitions.shank_weight_ratio;
        self.draw(seconds, |t| {
            let (sin, cos) = (TAU * t / 3.0).sin_cos();
            (radius_deg * cos, radius_deg / weight * sin)
        })
    }

    /// There and back as a raised cosine: `size * (1 - cos(2 pi t / seconds)) / 2`, degrees.
    pub fn bell(self, pelvis_deg: f64, shank_deg: f64, seconds: f64) -> Self {
        self.draw(seconds, |t| {
            let share = 0.5 * (1.0 - (TAU * t / seconds).cos());
            (pelvis_deg * share, shank_deg * share)
        })
    }

    /// There as half a cosine, a hold, and back as the other half.
    pub fn held(self, pelvis_deg: f64, ramp_s: f64, hold_s: f64) -> Self {
        self.step(pelvis_deg, ramp_s).still(hold_s).step(-pelvis_deg, ramp_s)
    }

    /// To another posture of the pelvis as half a cosine, and there it stays.
    pub fn step(mut self, pelvis_deg: f64, seconds: f64) -> Self {
        self = self.draw(seconds, |t| (pelvis_deg * 0.5 * (1.0 - (PI * t / seconds).cos()), 0.0));
        self.posture.0 += pelvis_deg;
        self
    }

    /// Pelvis and shank shake all the time, by `size_deg` at `hertz`.
    pub fn shaking(mut self, size_deg: f64, hertz: f64) -> Self {
        for (i, (pelvis, shank)) in self.pelvis.iter_mut().zip(&mut self.shank).enumerate() {
            let shake = size_deg.to_radians() * (TAU * hertz * i as f64 * self.rate.period_seconds()).sin();
            *pelvis += shake;
            *shank += shake;
        }
        self
    }

    /// The accelerometer reads less the farther the pelvis tilts: by so much at a right angle, m/s².
    pub fn reading_less(mut self, at_right_angle: f64) -> Self {
        for (lift, pelvis) in self.lift.iter_mut().zip(&self.pelvis) {
            *lift -= at_right_angle * pelvis.sin();
        }
        self
    }

    /// The pelvis is tilted from here on, without any movement.
    pub fn bent(mut self, pelvis_deg: f64) -> Self {
        self.posture.0 += pelvis_deg;
        self
    }

    /// A quiet stance from `from` to `to`, s.
    pub fn quiet(mut self, from: f64, to: f64) -> Self {
        let range = self.range(from, to);
        self.stance.quiet.push(range);
        self
    }

    /// Nobody marked a set.
    pub fn unmarked(mut self) -> Self {
        self.marked = false;
        self
    }

    /// Nobody said where the hip's sensor sits.
    pub fn front_unknown(mut self) -> Self {
        self.pelvis_front_known = false;
        self
    }

    /// Data are missing from `from` to `to`, s.
    pub fn gap(mut self, from: f64, to: f64) -> Self {
        let range = self.range(from, to);
        self.stance.missing[range].fill(true);
        self
    }

    /// The feet move from `from` to `to`, s.
    pub fn stepping(mut self, from: f64, to: f64) -> Self {
        let range = self.range(from, to);
        self.stance.stepping[range].fill(true);
        self
    }

    /// A guided calibration is made from `from` to `to`, s.
    pub fn calibrating(mut self, from: f64, to: f64) -> Self {
        let range = self.range(from, to);
        self.calibrations.push(range);
        self
    }

    /// The first second is the reference posture.
    pub fn motion(&self) -> Motion<'_> {
        Motion {
            rate: self.rate,
            pelvis: &self.pelvis,
            pelvis_front_known: self.pelvis_front_known,
            shank: &self.shank,
            shank_left_lean: &self.left_lean,
            lift: &self.lift,
            side: self.side,
            stance: &self.stance,
            single_leg: self.single_leg,
            marked: self.marked,
            calibrations: self.calibrations.clone(),
        }
    }

    /// Points in so many seconds.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "tests draw a few seconds")]
    pub fn points(&self, seconds: f64) -> usize {
        (seconds * self.rate.hertz()).round() as usize
    }

    fn range(&self, from: f64, to: f64) -> Range<usize> {
        self.points(from)..self.points(to)
    }

    /// `change` gives pelvis and shank against the posture, degrees, at a time of this piece, s.
    fn draw(mut self, seconds: f64, change: impl Fn(f64) -> (f64, f64)) -> Self {
        let step = self.rate.period_seconds();
        // The pelvis sinks by as much as it tilts, either way, so it is pushed up where the tilt turns back.
        let height = |t: f64| -0.2 * change(t).0.to_radians().abs();
        let to_left = match self.side {
            Some(Side::Right) => -self.outward_deg,
            Some(Side::Left) | None => self.outward_deg,
        };
        for i in 0..self.points(seconds) {
            let t = i as f64 * step;
            let (pelvis, shank) = change(t);
            self.pelvis.push((self.posture.0 + pelvis).to_radians());
            self.shank.push((self.posture.1 + shank).to_radians());
            self.left_lean.push(to_left.to_radians());
            let push = (height(t + step) - 2.0 * height(t) + height(t - step)) / (step * step);
            self.lift.push(9.81 + push);
        }
        let length = self.pelvis.len();
        self.stance.activity.resize(length, 0.0);
        self.stance.stepping.resize(length, false);
        self.stance.missing.resize(length, false);
        self.stance.reference = 0..self.points(1.0).min(length);
        self
    }
}

/// A segment with its long axis upright, then leaned forward about its own right axis and to the person's left, rad.
pub(crate) fn upright<S: Segment>(heading: f64, forward: f64, to_left: f64) -> Rotation<S, Earth> {
    // Columns: where anterior, proximal and right point in Earth for an upright segment with zero heading.
    let standing = Rotation3::from_basis_unchecked(&[Vector3::x(), Vector3::z(), -Vector3::y()]);
    let turned = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), heading)
        * UnitQuaternion::from_rotation_matrix(&standing)
        * UnitQuaternion::from_axis_angle(&Vector3::z_axis(), -forward)
        * UnitQuaternion::from_axis_angle(&Vector3::x_axis(), -to_left);
    // CLAIM: built from where the segment's axes point in Earth.
    Rotation::assert_maps(turned)
}

/// A sensor that sits so on a segment, while the segment goes through these poses: nothing but gravity, nothing missing.
pub(crate) fn track<S: Segment>(
    role: SensorRole,
    mounting: Rotation<Sensor, S>,
    poses: impl IntoIterator<Item = Rotation<S, Earth>>,
) -> PoseTrack {
    let poses: Vec<Rotation<Sensor, Earth>> = poses.into_iter().map(|pose| mounting.then(pose)).collect();
    let gravity = |pose: &Rotation<Sensor, Earth>| {
        let up = pose.inverse().apply(Direction::<Earth>::new(0.0, 0.0, 1.0));
        SpecificForce::from_vector(up.vector() * 9.81)
    };
    PoseTrack {
        role,
        angular_rate: vec![AngularRate::new(0.0, 0.0, 0.0); poses.len()],
        specific_force: poses.iter().map(gravity).collect(),
        valid: vec![true; poses.len()],
        measured: vec![true; poses.len()],
        poses,
    }
}
