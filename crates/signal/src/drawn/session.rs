//! A drawn session: what sensors on a body of rigid bars say while it calibrates, makes a set of hinges and walks away.
//!
//! Everything is a smooth function of time, so that the same session can be sampled at any rate, later, on the other side of the body
//! and by sensors that are turned any way. Nothing is at random, and small sway keeps everything from being degenerate.

use std::f64::consts::TAU;

use nalgebra::{Rotation3, UnitQuaternion, Vector3};
use truehinge_core::{
    AngularRate, Anthropometry, AthleteId, ClockKind, DeviceInfo, DeviceTime, Earth, FreeAcceleration, HostTime,
    InertialSample, Length, Marker, MarkerKind, Measured, MountSite, OrientationSample, Recording, Rotation,
    STANDARD_GRAVITY, SampleRate, Sensor, SensorRole, SessionInfo, Side, Source, SpecificForce, Thigh, Track,
    TrackSamples, frame::Segment,
};

use super::signals::upright;
use crate::math::points::nearest;

/// Length of the session, s.
pub(crate) const LENGTH_S: f64 = 47.0;
/// Length of shank and thigh, m.
pub(crate) const SHANK_M: f64 = 0.42;
pub(crate) const THIGH_M: f64 = 0.44;
/// When each movement begins, s: knee bends and bows of the calibration, hinges, and one that is too short.
pub(crate) const KNEE_BENDS: [f64; 2] = [5.0, 9.0];
pub(crate) const BOWS: [f64; 2] = [13.0, 17.0];
pub(crate) const HINGES: [f64; 3] = [26.0, 30.0, 34.0];
/// The knee drifts forward in this one of the hinges.
pub(crate) const DRIFTING: usize = 1;
const BRIEF: f64 = 38.0;
/// How long a movement lasts, s.
pub(crate) const MOVEMENT_S: f64 = 2.4;
const BRIEF_S: f64 = 1.1;
/// Somebody goes from two legs to one here, and walks away here, s.
const ONE_LEG: f64 = 21.5;
const WALK: std::ops::Range<f64> = 42.0..45.5;

/// How a sensor is turned on its segment, against the usual way.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Turned {
    /// As usual.
    Not,
    /// About the case's outward axis.
    AboutOutward,
    /// Any way at all.
    Anyhow,
}

/// A sensor that turns on its segment, about the segment's right axis, in the middle of the drifting hinge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slide {
    pub role: SensorRole,
    pub degrees: f64,
}

/// How a session is recorded.
#[derive(Clone, Debug)]
pub(crate) struct Drawing {
    /// The supporting leg; the body is mirrored with it.
    pub side: Side,
    /// Samples of each sensor per second.
    pub hertz: f64,
    /// All clocks show so much more, s.
    pub later_s: f64,
    /// The sensors' own clocks show so much more on top of that, s.
    pub device_later_s: f64,
    pub turned: Turned,
    /// Whether it is known where the sensors sit.
    pub sites_known: bool,
    /// The sensors worn.
    pub roles: Vec<SensorRole>,
    pub clock: ClockKind,
    /// Bias of the hip's accelerometer (m/s²) and gyroscope (rad/s), in the axes of the pelvis of somebody on the left leg.
    pub bias: (Vector3<f64>, Vector3<f64>),
    pub slide: Option<Slide>,
}

impl Default for Drawing {
    fn default() -> Self {
        Self {
            side: Side::Left,
            hertz: 100.0,
            later_s: 0.0,
            device_later_s: 0.0,
            turned: Turned::Not,
            sites_known: true,
            roles: vec![SensorRole::Hip, SensorRole::Shank],
            clock: ClockKind::Device,
            bias: (Vector3::zeros(), Vector3::zeros()),
            slide: None,
        }
    }
}

impl Drawing {
    /// What sensors of the usual kind say.
    pub fn recording(&self) -> Recording {
        self.record(|role, times| {
            TrackSamples::Inertial(times.map(|(t, stamps)| self.inertial(role, t, stamps)).collect())
        })
    }

    /// What sensors say that give their orientations only.
    pub fn orientations(&self) -> Recording {
        self.record(|role, times| {
            let sample = |(t, (device_time, arrival))| OrientationSample {
                device_time,
                arrival: Some(arrival),
                rotation: self.pose(role, t),
                free_acceleration: Some(FreeAcceleration::from_vector(self.acceleration(role, t))),
            };
            TrackSamples::Orientation(times.map(sample).collect())
        })
    }

    /// +1 on the left leg, -1 on the right: what points or turns to the person's left there.
    pub fn mirror(&self) -> f64 {
        match self.side {
            Side::Left => 1.0,
            Side::Right => -1.0,
        }
    }

    /// A turn or a rate (an axial vector) in a segment's axes, as somebody on the left leg would have it.
    pub fn on_left([x, y, z]: [f64; 3], mirror: f64) -> [f64; 3] {
        [mirror * x, mirror * y, z]
    }

    /// How a sensor sits on its segment, before any slide.
    pub fn mounting<S: Segment>(&self, role: SensorRole) -> Rotation<Sensor, S> {
        let outward = match role {
            SensorRole::Hip | SensorRole::Trunk => -Vector3::x(),
            SensorRole::Shank | SensorRole::Thigh => -Vector3::z() * self.mirror(),
        };
        // Columns: where the case's axes point in the segment; x up and z outward is the usual way.
        let columns = Rotation3::from_basis_unchecked(&[Vector3::y(), outward.cross(&Vector3::y()), outward]);
        let number = role as usize as f64;
        let turn = match self.turned {
            Turned::Not => UnitQuaternion::identity(),
            Turned::AboutOutward => UnitQuaternion::from_axis_angle(&Vector3::z_axis(), 1.2 - 2.9 * number),
            Turned::Anyhow => UnitQuaternion::from_euler_angles(0.7 + number, -0.5 - 0.3 * number, 2.1 * number),
        };
        // CLAIM: the columns are the case's axes in segment coordinates, and the case is turned before.
        Rotation::assert_maps(UnitQuaternion::from_rotation_matrix(&columns) * turn)
    }

    /// Forward and outward lean of a sensor's segment, rad.
    pub fn leans(role: SensorRole, t: f64) -> (f64, f64) {
        let posture = Posture::at(t);
        match role {
            SensorRole::Hip => (posture.pelvis, posture.pelvis_outward),
            SensorRole::Shank => (posture.shank, posture.leg_outward),
            SensorRole::Thigh => (posture.thigh, posture.leg_outward),
            SensorRole::Trunk => (posture.trunk, posture.pelvis_outward),
        }
    }

    fn record(
        &self,
        samples: impl Fn(SensorRole, Box<dyn Iterator<Item = (f64, Stamps)>>) -> TrackSamples,
    ) -> Recording {
        let track = |&role: &SensorRole| {
            let device = DeviceInfo {
                nominal_rate: SampleRate::from_hertz(self.hertz),
                mount: Some(self.site(role)),
                ..DeviceInfo::default()
            };
            let samples = samples(role, Box::new(self.clone().times(role)));
            Track { role, device, clock: self.clock, samples, sequence_gaps: Vec::new() }
        };
        let marker = |(at, kind)| Marker { at: HostTime::from_seconds(at + self.later_s), kind };
        let markers = [
            (0.5, MarkerKind::SetStart { side: self.side }),
            (KNEE_BENDS[0] - 0.7, MarkerKind::CalibrationStart),
            (ONE_LEG - 0.7, MarkerKind::CalibrationEnd),
            (LENGTH_S - 0.5, MarkerKind::SetEnd),
        ];
        let tracks = self.roles.iter().map(track).collect();
        Recording { info: self.info(), tracks, markers: markers.map(marker).into() }
    }

    fn info(&self) -> SessionInfo {
        let length = |metres| Some(Measured::new(Length::from_metres(metres), Length::from_metres(0.005)));
        SessionInfo {
            session: truehinge_core::SessionId::from("drawn".to_owned()),
            athlete: AthleteId::new("P-1").expect("a pseudonym"),
            start_utc_ns: None,
            zone: truehinge_core::Zone::Unknown,
            stance_side: Some(self.side),
            protocol: String::new(),
            body: Anthropometry {
                shank_length: length(SHANK_M),
                thigh_length: length(THIGH_M),
                ..Anthropometry::default()
            },
            source: Source::default(),
        }
    }

    fn site(&self, role: SensorRole) -> MountSite {
        match role {
            _ if !self.sites_known => MountSite::Unknown,
            SensorRole::Hip => MountSite::Sacrum,
            SensorRole::Shank => MountSite::ShankLateral,
            SensorRole::Thigh => MountSite::ThighLateral,
            SensorRole::Trunk => MountSite::Unknown,
        }
    }

    /// When a sensor samples, s of the session, with its stamp and the arrival. The clocks run differently fast, and each sensor
    /// begins when it likes; a packet takes up to 6 ms, and every fifth none.
    fn times(self, role: SensorRole) -> impl Iterator<Item = (f64, Stamps)> {
        let number = role as usize as f64;
        let (begin, origin, skew) = (0.037 * number, 100.0 - 30.0 * number, 20e-6 - 35e-6 * number);
        (0..nearest(LENGTH_S * self.hertz)).map(move |i| {
            let t = begin + i as f64 / self.hertz;
            let wait = [0.000, 0.003, 0.001, 0.006, 0.002][i % 5];
            let own = if self.clock == ClockKind::Shared { t } else { origin + t * (1.0 - skew) };
            let device = self.later_s + self.device_later_s + own;
            (t, (DeviceTime::from_seconds(device), HostTime::from_seconds(self.later_s + t + wait)))
        })
    }

    fn inertial(&self, role: SensorRole, t: f64, (device_time, arrival): Stamps) -> InertialSample {
        let pose = |t| self.pose(role, t).quaternion();
        let rate = (pose(t - H).inverse() * pose(t + H)).scaled_axis() / (2.0 * H);
        let force = pose(t).inverse() * (self.acceleration(role, t) + Vector3::z() * STANDARD_GRAVITY);
        let (force_bias, rate_bias) = self.bias_on_case(role);
        InertialSample {
            device_time,
            arrival: Some(arrival),
            specific_force: SpecificForce::from_vector(force + force_bias),
            angular_rate: AngularRate::from_vector(rate + rate_bias),
        }
    }

    /// In the sensor's axes. A mirrored sensor has a mirrored bias.
    fn bias_on_case(&self, role: SensorRole) -> (Vector3<f64>, Vector3<f64>) {
        if role != SensorRole::Hip {
            return (Vector3::zeros(), Vector3::zeros());
        }
        let to_case = self.mounting::<truehinge_core::Pelvis>(role).quaternion().inverse();
        let (force, rate) = self.bias;
        let force = Vector3::new(force.x, force.y, self.mirror() * force.z);
        (to_case * force, to_case * Vector3::from(Self::on_left(rate.into(), self.mirror())))
    }

    fn pose(&self, role: SensorRole, t: f64) -> Rotation<Sensor, Earth> {
        let slid = match self.slide {
            Some(slide) if slide.role == role => slide.degrees.to_radians() * ramp((t - HINGES[DRIFTING]) / MOVEMENT_S),
            _ => 0.0,
        };
        let slid = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), slid);
        // CLAIM: the sensor on its segment, turned with its slide; the thigh stands for any segment.
        let on_segment = slid * self.mounting::<Thigh>(role).quaternion();
        Rotation::assert_maps(self.segment(role, t) * on_segment)
    }

    /// Where a segment's axes point in Earth.
    fn segment(&self, role: SensorRole, t: f64) -> UnitQuaternion<f64> {
        let (forward, outward) = Self::leans(role, t);
        let turn = if matches!(role, SensorRole::Hip | SensorRole::Trunk) { Posture::at(t).turn } else { 0.0 };
        upright::<Thigh>(self.mirror() * turn, forward, self.mirror() * outward).quaternion()
    }

    /// Where a sensor is, m.
    fn position(&self, role: SensorRole, t: f64) -> Vector3<f64> {
        let at = |role, [forward, up, inward]: [f64; 3]| {
            self.segment(role, t) * Vector3::new(forward, up, self.mirror() * inward)
        };
        let knee = || at(SensorRole::Shank, [0.0, SHANK_M, 0.0]);
        let hip = || knee() + at(SensorRole::Thigh, [0.0, THIGH_M, 0.0]);
        match role {
            SensorRole::Hip => hip() + at(role, [-0.12, 0.08, 0.085]),
            SensorRole::Shank => at(role, [0.0, 0.25, -0.05]),
            SensorRole::Thigh => knee() + at(role, [0.0, 0.2, -0.08]),
            SensorRole::Trunk => hip() + at(role, [-0.10, 0.4, 0.085]),
        }
    }

    fn acceleration(&self, role: SensorRole, t: f64) -> Vector3<f64> {
        let at = |t| self.position(role, t);
        (at(t + H) - 2.0 * at(t) + at(t - H)) / (H * H)
    }
}

/// Stamp and arrival of a sample.
type Stamps = (DeviceTime, HostTime);

/// Step of differences in time, s.
const H: f64 = 1e-3;

/// How the segments lean at one moment, rad, as somebody on either leg would say it.
struct Posture {
    shank: f64,
    thigh: f64,
    pelvis: f64,
    trunk: f64,
    leg_outward: f64,
    pelvis_outward: f64,
    /// Turn of the pelvis towards the supporting side.
    turn: f64,
}

impl Posture {
    fn at(t: f64) -> Self {
        let sum = |starts: &[f64]| starts.iter().map(|start| bell((t - start) / MOVEMENT_S)).sum::<f64>();
        let (bends, bows, hinges) = (sum(&KNEE_BENDS), sum(&BOWS), sum(&HINGES));
        let drift = bell((t - HINGES[DRIFTING]) / MOVEMENT_S);
        let brief = bell((t - BRIEF) / BRIEF_S);
        let stride = (TAU * t).sin() * ramp(t - WALK.start) * ramp(WALK.end + 1.0 - t);
        let sway = |degrees: f64, hertz: f64| calm(t) * degrees * (TAU * (hertz * t + 3.3 * hertz)).sin();
        let shank = (22.0 * bends - 2.0 * hinges + 12.0 * drift + 55.0 * stride + sway(0.25, 0.23)).to_radians();
        let back = 0.02 * bends + 0.05 * bows + 0.10 * hinges + 0.015 * brief;
        let back_thigh = (-back - SHANK_M * shank.sin()) / THIGH_M;
        let pelvis = (4.0 * bends + 35.0 * bows + 30.0 * hinges + 4.5 * brief + sway(0.3, 0.31)).to_radians();
        let one_leg = 5.0 * ramp((t - ONE_LEG) / 1.5) * ramp((WALK.start - t + 1.0) / 1.0);
        Self {
            shank,
            thigh: back_thigh.atan2((1.0 - back_thigh * back_thigh).sqrt()),
            pelvis,
            trunk: pelvis + (6.0 * hinges + 10.0 * bows + sway(0.2, 0.17)).to_radians(),
            leg_outward: (one_leg + 1.5 * hinges + sway(0.3, 0.27)).to_radians(),
            pelvis_outward: (-3.0 * hinges + 1.0 * bends + sway(0.2, 0.21)).to_radians(),
            turn: (4.0 * hinges + 8.0 * stride + sway(0.3, 0.19)).to_radians(),
        }
    }
}

/// Nobody stands as still as somebody who has just begun: one moment is the stillest.
fn calm(t: f64) -> f64 {
    1.0 - 0.8 * (-((t - 2.5) / 1.5).powi(2)).exp()
}

/// From 0 to 1 and back over 0 to 1, without a jump in the acceleration.
fn bell(u: f64) -> f64 {
    if (0.0..=1.0).contains(&u) { 0.25 * (1.0 - (TAU * u).cos()).powi(2) } else { 0.0 }
}

/// From 0 to 1 over 0 to 1, without a jump in the acceleration.
fn ramp(u: f64) -> f64 {
    let u = u.clamp(0.0, 1.0);
    u.powi(3) * (10.0 - 15.0 * u + 6.0 * u * u)
}
