//! A sensor on a bone: the ideal measurement from the skeleton, and a real sensor's errors on top of it.
//!
//! ```text
//! ideal:  f = M^T R^T (a + g),   w = M^T R^T-vee(dR/dt)          a of the sensor's own point, R bone to world, M mounting
//! real:   (I + S) ideal + bias + walk + white noise, clipped and quantised
//! ```
//!
//! Soft tissue turns the sensor against the bone with the movement (a share of the joint's angle) and wobbles when the joint is
//! not in its standing posture; it acts before
//! the ideal measurement, so that specific force and angular rate stay consistent with each other.

use nalgebra::{Matrix3, Rotation3, UnitQuaternion, Vector3};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use truehinge_core::{
    AngularRate, DeviceInfo, DeviceTime, MountSite, STANDARD_GRAVITY, SampleRate, SensorRole, SessionTime,
    SpecificForce,
};

use crate::jet::{Jet, Matrix, Vector};
use crate::movement::{Coordinate, Plan, ramp};
use crate::skeleton::{Leg, Skeleton};
use crate::virtual_sensor::{VirtualSample, VirtualTrack};

/// Errors of a chip. `None` of them for [`Chip::perfect`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Chip {
    /// White noise of the specific force, m/s² per root hertz.
    pub force_noise: f64,
    /// White noise of the angular rate, rad/s per root hertz.
    pub rate_noise: f64,
    /// Standard deviation of the constant bias of each accelerometer axis, m/s².
    pub force_bias: f64,
    /// Standard deviation of the constant bias of each gyroscope axis, rad/s.
    pub rate_bias: f64,
    /// Random walk of the gyroscope's bias, rad/s per root second.
    pub rate_walk: f64,
    /// Standard deviation of scale and cross-axis errors, as a share.
    pub gain: f64,
    /// Full scale, m/s² and rad/s.
    pub range: (f64, f64),
}

impl Chip {
    /// Measures without any error.
    pub fn perfect() -> Self {
        Self {
            force_noise: 0.0,
            rate_noise: 0.0,
            force_bias: 0.0,
            rate_bias: 0.0,
            rate_walk: 0.0,
            gain: 0.0,
            range: (f64::INFINITY, f64::INFINITY),
        }
    }

    /// A good factory-calibrated sensor of the LSM6DSO class, data-sheet noise, residual offsets after calibration.
    pub fn calibrated() -> Self {
        Self {
            force_noise: 70e-6 * STANDARD_GRAVITY,
            rate_noise: 3.8e-3_f64.to_radians(),
            force_bias: 4e-3 * STANDARD_GRAVITY,
            rate_bias: 0.3_f64.to_radians(),
            rate_walk: 2e-3_f64.to_radians(),
            gain: 2e-3,
            range: (8.0 * STANDARD_GRAVITY, 1000.0_f64.to_radians()),
        }
    }

    /// A cheap sensor straight from the reel, BMI160 class.
    pub fn cheap() -> Self {
        Self {
            force_noise: 180e-6 * STANDARD_GRAVITY,
            rate_noise: 7e-3_f64.to_radians(),
            force_bias: 25e-3 * STANDARD_GRAVITY,
            rate_bias: 1.0_f64.to_radians(),
            rate_walk: 5e-3_f64.to_radians(),
            gain: 8e-3,
            range: (4.0 * STANDARD_GRAVITY, 500.0_f64.to_radians()),
        }
    }
}

/// The sensor's own clock.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DeviceClock {
    /// What it shows at true time zero, s.
    pub offset_s: f64,
    /// How much faster than true time it runs, parts per million.
    pub skew_ppm: f64,
    /// Resolution of its stamps, ns.
    pub resolution_ns: i64,
}

/// A sensor strapped to a bone.
#[derive(Clone, PartialEq, Debug)]
pub struct Mounting {
    /// Which bone.
    pub role: SensorRole,
    /// Where on it, as the person would say.
    pub site: MountSite,
    /// From the bone's origin (ankle, knee, hip joint) to the sensor, ISB axes, m.
    pub position: Vector3<f64>,
    /// Sensor axes to segment axes.
    pub rotation: UnitQuaternion<f64>,
    /// Soft tissue: share of the joint's angle that the sensor turns too much.
    pub tissue_share: f64,
    /// Soft tissue: root mean square of the wobble in movement, rad.
    pub wobble: f64,
    /// Slips on the skin: from when (s), and how much farther the sensor leans forward from then on (rad).
    pub slips: Vec<(f64, f64)>,
}

/// Case axes of a site before hands misplace it: x up, z outward (SCIENCE §8), as a rotation to segment axes.
pub fn nominal_rotation(site: MountSite, lateral: f64) -> UnitQuaternion<f64> {
    let medial = 37.0_f64.to_radians();
    let outward = match site {
        MountSite::Sacrum => -Vector3::x(),
        MountSite::LateralHip | MountSite::ShankLateral | MountSite::ThighLateral => Vector3::z() * lateral,
        MountSite::TibiaAnteromedial => Vector3::new(medial.cos(), 0.0, -lateral * medial.sin()),
        MountSite::Unknown => Vector3::x(),
    };
    let up = Vector3::y();
    let columns = Matrix3::from_columns(&[up, outward.cross(&up), outward]);
    UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(columns))
}

/// A sensor: where it is worn, how it errs, what its clock says.
#[derive(Clone, PartialEq, Debug)]
pub struct Imu {
    /// Where it is worn, from which true time on: sensors are moved between legs.
    pub worn: Vec<(f64, Leg, Mounting)>,
    /// Its errors.
    pub chip: Chip,
    /// Its clock.
    pub clock: DeviceClock,
    /// Its set rate.
    pub nominal: SampleRate,
    /// How much faster than set it samples, as a share.
    pub rate_error: f64,
    /// Model name.
    pub model: String,
}

/// Frequencies of soft-tissue wobble, Hz.
const WOBBLE_HZ: [f64; 3] = [1.7, 3.1, 5.3];

impl Imu {
    /// Everything the sensor measures over `duration` seconds.
    pub fn measure(&self, plan: &Plan, duration: f64, seed: u64) -> VirtualTrack {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut errors = Errors::new(&self.chip, self.nominal, &mut rng);
        let phases: [f64; 3] = std::array::from_fn(|_| rng.random::<f64>() * std::f64::consts::TAU);
        let period = self.nominal.period_seconds() / (1.0 + self.rate_error);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few minutes")]
        let count = (duration / period).floor() as usize;
        let samples = (0..count)
            .map(|i| {
                let t = i as f64 * period;
                let (force, rate) = self.ideal(plan, t, &phases);
                let (force, rate) = errors.apply(force, rate, &mut rng);
                VirtualSample {
                    true_time: SessionTime::from_seconds(t),
                    device_time: self.device_time(t),
                    specific_force: SpecificForce::from_vector(force),
                    angular_rate: AngularRate::from_vector(rate),
                }
            })
            .collect();
        let (first, role) = self.worn.first().map_or((MountSite::Unknown, SensorRole::Hip), |w| (w.2.site, w.2.role));
        let device = DeviceInfo {
            model: self.model.clone(),
            serial: format!("virtual-{role}"),
            nominal_rate: Some(self.nominal),
            accelerometer_range: self.chip.range.0.is_finite().then_some(self.chip.range.0),
            gyroscope_range: self.chip.range.1.is_finite().then_some(self.chip.range.1),
            mount: Some(first),
        };
        VirtualTrack { role, device, samples }
    }

    fn device_time(&self, t: f64) -> DeviceTime {
        let exact = DeviceTime::from_seconds(self.clock.offset_s + t * (1.0 + self.clock.skew_ppm * 1e-6)).nanos();
        let resolution = self.clock.resolution_ns.max(1);
        DeviceTime::from_nanos(exact.div_euclid(resolution) * resolution)
    }

    /// Specific force and angular rate without the chip's errors, sensor axes.
    fn ideal(&self, plan: &Plan, t: f64, phases: &[f64; 3]) -> (Vector3<f64>, Vector3<f64>) {
        let worn = self.worn.iter().rev().find(|(from, ..)| *from <= t).or(self.worn.first());
        let Some((_, leg, mounting)) = worn else { return (Vector3::zeros(), Vector3::zeros()) };
        let c = plan.coordinates(t);
        let bones = Skeleton::new(leg, &c);
        let (bone, joint) = match mounting.role {
            SensorRole::Shank => (bones.shank, c.of(Coordinate::Shank) + c.of(Coordinate::HeelUp) - bones.thigh_lean),
            SensorRole::Thigh => (bones.thigh, bones.thigh_lean),
            SensorRole::Hip => (bones.pelvis, c.of(Coordinate::PelvisTilt)),
            SensorRole::Trunk => (bones.trunk, c.of(Coordinate::SpineFlexion)),
        };
        let tissue = tissue_turn(mounting, joint, t, phases);
        let rotation = bone.rotation.after(tissue);
        let offset: Vector = [0, 1, 2].map(|i| Jet::constant(mounting.position[i]));
        let point = bone.rotation.apply(offset);
        let acceleration = Vector3::from_fn(|i, _| bone.origin[i].acceleration + point[i].acceleration);
        let force = acceleration + Vector3::new(0.0, 0.0, STANDARD_GRAVITY);
        let to_sensor = mounting.rotation.inverse();
        (to_sensor * (rotation.values().transpose() * force), to_sensor * rotation.body_rate())
    }
}

/// How long a slip takes, s.
const SLIP_S: f64 = 0.4;
/// Share of the wobble that remains while standing: muscles at rest hardly shake what is strapped on them.
const WOBBLE_AT_REST: f64 = 0.08;
/// Angle of the joint at which the wobble has half its size, rad.
const WOBBLE_ANGLE: f64 = 0.1;

/// Turn of the sensor against the bone about the segment's right axis.
fn tissue_turn(mounting: &Mounting, joint: Jet, t: f64, phases: &[f64; 3]) -> Matrix {
    let mut turn = joint * mounting.tissue_share;
    for (start, lean) in &mounting.slips {
        turn = turn + ramp((Jet::time(t) + Jet::constant(-start)) * SLIP_S.recip()) * *lean;
    }
    let square = joint * joint;
    let working =
        square * (square + Jet::constant(WOBBLE_ANGLE * WOBBLE_ANGLE)).recip() + Jet::constant(WOBBLE_AT_REST);
    for (frequency, phase) in WOBBLE_HZ.iter().zip(phases) {
        let wave = (Jet::time(t) * (std::f64::consts::TAU * frequency) + Jet::constant(*phase)).sin();
        turn = turn + wave * working * (mounting.wobble * (2.0 / WOBBLE_HZ.len() as f64).sqrt());
    }
    // About the segment's z axis; a positive turn here leans the sensor forward like its segment.
    Matrix::heading(-turn)
}

/// Errors of one specimen of a chip.
struct Errors {
    force_gain: Matrix3<f64>,
    rate_gain: Matrix3<f64>,
    force_bias: Vector3<f64>,
    rate_bias: Vector3<f64>,
    force_noise: f64,
    rate_noise: f64,
    walk: f64,
    range: (f64, f64),
}

impl Errors {
    fn new(chip: &Chip, rate: SampleRate, rng: &mut ChaCha8Rng) -> Self {
        let mut normal = |sigma: f64| sigma * rng.sample::<f64, _>(StandardNormal);
        // White noise of density n has standard deviation n * sqrt(bandwidth), half the sample rate wide.
        let bandwidth = (0.5 * rate.hertz()).sqrt();
        Self {
            force_gain: Matrix3::identity() + Matrix3::from_fn(|_, _| normal(chip.gain)),
            rate_gain: Matrix3::identity() + Matrix3::from_fn(|_, _| normal(chip.gain)),
            force_bias: Vector3::from_fn(|_, _| normal(chip.force_bias)),
            rate_bias: Vector3::from_fn(|_, _| normal(chip.rate_bias)),
            force_noise: chip.force_noise * bandwidth,
            rate_noise: chip.rate_noise * bandwidth,
            walk: chip.rate_walk * rate.period_seconds().sqrt(),
            range: chip.range,
        }
    }

    fn apply(&mut self, force: Vector3<f64>, rate: Vector3<f64>, rng: &mut ChaCha8Rng) -> (Vector3<f64>, Vector3<f64>) {
        let mut normal = |sigma: f64| Vector3::from_fn(|_, _| sigma * rng.sample::<f64, _>(StandardNormal));
        self.rate_bias += normal(self.walk);
        let force = self.force_gain * force + self.force_bias + normal(self.force_noise);
        let rate = self.rate_gain * rate + self.rate_bias + normal(self.rate_noise);
        let (f, r) = self.range;
        (force.map(|x| x.clamp(-f, f)), rate.map(|x| x.clamp(-r, r)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::Side;

    fn sensor(role: SensorRole, site: MountSite, plan_rate: f64) -> Imu {
        let leg = Leg { side: Side::Right, shank: 0.43, thigh: 0.42, half_hip_width: 0.085 };
        let mounting = Mounting {
            role,
            site,
            position: Vector3::new(-0.1, 0.05, 0.02),
            rotation: nominal_rotation(site, 1.0) * UnitQuaternion::from_euler_angles(0.1, -0.2, 0.3),
            tissue_share: 0.0,
            wobble: 0.0,
            slips: Vec::new(),
        };
        Imu {
            worn: vec![(0.0, leg, mounting)],
            chip: Chip::perfect(),
            clock: DeviceClock { offset_s: 5.0, skew_ppm: 100.0, resolution_ns: 1000 },
            nominal: SampleRate::from_hertz(plan_rate).expect("positive"),
            rate_error: 0.0,
            model: "test".to_owned(),
        }
    }

    #[test]
    fn at_rest_it_measures_gravity_upwards_and_no_rate() {
        for role in [SensorRole::Hip, SensorRole::Shank, SensorRole::Thigh] {
            let track = sensor(role, MountSite::ShankLateral, 100.0).measure(&Plan::standing(), 0.5, 1);
            for sample in &track.samples {
                assert!((sample.specific_force.norm() - STANDARD_GRAVITY).abs() < 1e-12);
                assert!(sample.angular_rate.norm() < 1e-12);
            }
        }
    }

    #[test]
    fn integrating_the_perfect_sensor_gives_back_the_movement() {
        use crate::movement::Excursion;
        let mut plan = Plan::standing();
        for (coordinate, amplitude) in
            [(Coordinate::PelvisTilt, 0.5), (Coordinate::HipForward, -0.06), (Coordinate::PelvisDrop, 0.1)]
        {
            plan.add(Excursion { coordinate, amplitude, start: 0.5, out: 1.0, hold: 0.2, back: 1.0, residue: 0.0 });
        }
        let imu = sensor(SensorRole::Hip, MountSite::Sacrum, 1000.0);
        let track = imu.measure(&plan, 3.2, 1);
        let leg = imu.worn[0].1;
        let bones = |t: f64| Skeleton::new(&leg, &plan.coordinates(t));
        let position = |t: f64| {
            let b = bones(t);
            let origin = Vector3::from_fn(|i, _| b.pelvis.origin[i].value);
            origin + b.pelvis.rotation.values() * imu.worn[0].2.position
        };
        let start = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(
            bones(0.0).pelvis.rotation.values(),
        ));
        let (mut attitude, mut velocity, mut moved) =
            (start * imu.worn[0].2.rotation, Vector3::zeros(), Vector3::zeros());
        let dt = 0.001;
        for pair in track.samples.windows(2) {
            let acceleration = |s: &VirtualSample, q: &UnitQuaternion<f64>| {
                q * s.specific_force.vector() - Vector3::new(0.0, 0.0, STANDARD_GRAVITY)
            };
            let a0 = acceleration(&pair[0], &attitude);
            let mean_rate = 0.5 * (pair[0].angular_rate.vector() + pair[1].angular_rate.vector());
            attitude *= UnitQuaternion::from_scaled_axis(mean_rate * dt);
            let next = velocity + 0.5 * dt * (a0 + acceleration(&pair[1], &attitude));
            moved += 0.5 * dt * (velocity + next);
            velocity = next;
        }
        let end = track.samples.len() as f64 * dt - dt;
        // Trapezoidal integration at 1 kHz over 3 s.
        assert!((moved - (position(end) - position(0.0))).norm() < 1e-4, "{moved}");
    }

    #[test]
    fn its_clock_runs_with_its_own_zero_and_rate() {
        let imu = sensor(SensorRole::Hip, MountSite::Sacrum, 100.0);
        assert_eq!(imu.device_time(0.0).nanos(), 5_000_000_000);
        assert_eq!(imu.device_time(10.0).nanos(), 15_001_000_000);
    }

    #[test]
    fn the_same_seed_gives_the_same_samples_and_another_does_not() {
        let mut imu = sensor(SensorRole::Hip, MountSite::Sacrum, 100.0);
        imu.chip = Chip::cheap();
        let run = |seed| imu.measure(&Plan::standing(), 0.5, seed);
        assert_eq!(run(3), run(3));
        assert_ne!(run(3), run(4));
    }
}
