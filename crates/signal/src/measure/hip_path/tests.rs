//! The path from sensors whose movement and whose errors are known.

use super::*;
use std::f64::consts::TAU;

use nalgebra::UnitQuaternion;
use truehinge_core::{Length, Measured, Stance};

use crate::body::leg::StanceLean;
use crate::measure::drawn::{Drawn, START, body, candidate};
use crate::measure::gaps::Hidden;

const G: f64 = 9.81;

/// A hinge in the x-z plane: the sensor tilts about y by up to `tilt` and moves along x by up to `size`, there and back.
struct Bell {
    size: f64,
    tilt: f64,
    stance: usize,
    moving: usize,
}

impl Bell {
    const DT: f64 = 0.01;

    fn shape(&self, i: usize) -> (f64, f64, f64) {
        let period = self.moving as f64 * Self::DT;
        let phase = (i as f64 - self.stance as f64) / self.moving as f64;
        if !(0.0..=1.0).contains(&phase) {
            return (0.0, 0.0, 0.0);
        }
        // s(u) = (1 - cos 2 pi u)^2 / 4 is smooth enough at both ends for its acceleration to start at zero.
        let (c, s) = ((TAU * phase).cos(), (TAU * phase).sin());
        let w = TAU / period;
        (0.25 * (1.0 - c).powi(2), 0.5 * (1.0 - c) * s * w, 0.5 * w * w * (s * s + (1.0 - c) * c))
    }

    fn stretch(&self, bias: Vector3<f64>, gain: f64) -> (Stretch, Vec<f64>) {
        let points = self.moving + 2 * self.stance;
        let (mut rates, mut forces, mut truth) = (Vec::new(), Vec::new(), Vec::new());
        for i in 0..points {
            let (shape, speed, acceleration) = self.shape(i);
            let attitude = UnitQuaternion::from_axis_angle(&Vector3::y_axis(), self.tilt * shape);
            rates.push(Vector3::new(0.0, (1.0 + gain) * self.tilt * speed, 0.0));
            forces.push(attitude.inverse() * Vector3::new(self.size * acceleration, 0.0, G) + bias);
            truth.push(self.size * shape);
        }
        let stretch = Stretch {
            angular_rate: rates,
            specific_force: forces,
            before: 0..self.stance,
            after: points - self.stance..points,
            dt: Self::DT,
            base: 0..self.stance,
            gap: None,
            postures: Vec::new(),
            from: 0,
        };
        (stretch, truth)
    }
}

fn worst(path: &Path, truth: &[f64]) -> f64 {
    path.sensor.iter().zip(truth).map(|(p, t)| (p.x - t).abs()).fold(0.0, f64::max)
}

fn method() -> method::HipPath {
    Method::default().measure.hip_path
}

/// No vertical in the bell's movement, so the chain is left out.
fn without_chain() -> method::HipPath {
    let mut method = method();
    method.leg.chain_m = 10.0;
    method
}

/// A sensor in the hip joint, with the axes of the pelvis.
fn wearer() -> Wearer {
    let leg = Leg::new(&Anthropometry::default(), Stance::OneLeg, &method());
    Wearer { to_pelvis: UnitQuaternion::identity(), lever: Vector3::zeros(), leg }
}

fn hinge(moving: usize) -> Bell {
    Bell { size: -0.06, tilt: 0.6, stance: 30, moving }
}

#[test]
fn a_clean_movement_is_recovered() {
    let (stretch, truth) = hinge(250).stretch(Vector3::zeros(), 0.0);
    let paths = paths(&[stretch], &wearer(), &method()).0;
    // Trapezoidal integration of the rate at 100 Hz is what remains.
    assert!(worst(&paths[0], &truth) < 1e-3, "{}", worst(&paths[0], &truth));
}

#[test]
fn an_accelerometer_bias_is_found_because_tilting_turns_it() {
    let bias = Vector3::new(0.2, 0.0, -0.3);
    let (stretch, truth) = hinge(250).stretch(bias, 0.0);
    // A person who stands like a statue: the stances leave no other explanation than the bias.
    let mut statue = method();
    (statue.rest.stance_speed_m_per_s, statue.rest.closure_m) = (0.003, 0.003);
    (statue.sensor.level_error_m_per_s2, statue.sensor.level_drift_m_per_s3) = (0.003, 0.002);
    let corrected = paths(&[stretch.clone(), stretch.clone()], &wearer(), &statue).0;
    let mut blind = method();
    blind.sensor.accelerometer_bias_m_per_s2 = 1e-9;
    let uncorrected = paths(&[stretch.clone(), stretch], &wearer(), &blind).0;
    assert!(worst(&uncorrected[0], &truth) > 0.02, "{}", worst(&uncorrected[0], &truth));
    assert!(worst(&corrected[0], &truth) < 0.008, "{}", worst(&corrected[0], &truth));
}

#[test]
fn what_a_gap_hid_is_found_again_at_the_end() {
    // Samples are missing while the hip brakes on its way back: a line through the gap loses a third of a second of it.
    let bell = hinge(250);
    let (mut stretch, truth) = bell.stretch(Vector3::zeros(), 0.0);
    let complete = stretch.clone();
    let gap = bell.stance + 60..bell.stance + 85;
    let (first, last) = (stretch.specific_force[gap.start], stretch.specific_force[gap.end]);
    let (turning, turned) = (stretch.angular_rate[gap.start], stretch.angular_rate[gap.end]);
    for i in gap.clone() {
        let share = (i - gap.start) as f64 / gap.len() as f64;
        stretch.specific_force[i] = first.lerp(&last, share);
        stretch.angular_rate[i] = turning.lerp(&turned, share);
    }
    let known = Hidden { middle: gap.start + gap.len() / 2, speed: 0.12, turn: 0.02 };
    let told = Stretch { gap: Some(known), ..stretch.clone() };
    let method = method();
    let path = |stretch: Stretch| paths(&[stretch], &wearer(), &method).0.remove(0);
    let (blind, told, complete) = (&path(stretch), &path(told), &path(complete));
    assert!(worst(told, &truth) < 0.7 * worst(blind, &truth), "{} {}", worst(told, &truth), worst(blind, &truth));
    let middle = bell.stance + bell.moving / 2;
    assert!(told.covariance[middle][(0, 0)] > complete.covariance[middle][(0, 0)]);
}

#[test]
fn a_wearer_who_does_not_come_to_rest_is_less_certain() {
    let bell = hinge(250);
    let stretch = bell.stretch(Vector3::zeros(), 0.0).0;
    let drifting = |speed: f64| {
        let mut stretch = stretch.clone();
        // Pushed in the middle, and still moving at the end.
        for force in &mut stretch.specific_force[bell.stance + 100..bell.stance + 120] {
            force.y += speed / 0.2;
        }
        stretch
    };
    let sigma = |speed: f64| {
        let stretches = [0.0, 1.0, -1.0].map(|sign| drifting(sign * speed));
        let path = &paths(&stretches, &wearer(), &method()).0[0];
        path.covariance[bell.stance + bell.moving / 2][(0, 0)].sqrt()
    };
    // Twenty times as fast as people sway.
    let fast = 20.0 * method().rest.stance_speed_m_per_s;
    assert!(sigma(fast) > 1.5 * sigma(0.0), "{} {}", sigma(fast), sigma(0.0));
}

#[test]
fn longer_rests_are_more_certain() {
    let sigma = |stance: usize| {
        let bell = Bell { stance, ..hinge(400) };
        let (stretch, _) = bell.stretch(Vector3::zeros(), 0.0);
        paths(&[stretch], &wearer(), &method()).0[0].covariance[stance + 200][(0, 0)].sqrt()
    };
    assert!(sigma(200) < 0.8 * sigma(30), "{} {}", sigma(200), sigma(30));
}

#[test]
fn longer_movements_are_less_certain() {
    let sigma = |moving: usize| {
        let (stretch, _) = hinge(moving).stretch(Vector3::zeros(), 0.0);
        paths(&[stretch], &wearer(), &method()).0[0].covariance[30 + moving / 2][(0, 0)].sqrt()
    };
    assert!(sigma(500) > sigma(250) && sigma(250) > sigma(150));
    assert!(sigma(250) > 1e-3 && sigma(250) < 0.05, "{}", sigma(250));
}

/// The hinge's stretch with what its leg did: a still shank, and a pelvis that leaned as balance wants or not.
fn on_a_leg(bell: &Bell, obeys: bool) -> (Stretch, Vec<f64>) {
    let (mut stretch, truth) = bell.stretch(Vector3::zeros(), 0.0);
    let leg = wearer().leg;
    let base = StanceLean { shank: 0.0, thigh: 0.0 };
    stretch.postures = [3, 5, 7]
        .iter()
        .map(|share| {
            let i = bell.stance + share * bell.moving / 10;
            // The lean at which the centre of mass stays where it was, found by halving.
            let (mut low, mut high) = (0.0, 1.2);
            for _ in 0..50 {
                let pelvis = 0.5 * (low + high);
                let posture = Posture { shank_change: 0.0, thigh_change: None, pelvis_before: 0.0, pelvis };
                if leg.mass_forward(-truth[i], leg.trunk.0, base, posture) < 0.0 {
                    low = pelvis;
                } else {
                    high = pelvis;
                }
            }
            (
                i,
                Posture {
                    shank_change: 0.0,
                    thigh_change: None,
                    pelvis_before: 0.0,
                    pelvis: if obeys { low } else { -low },
                },
            )
        })
        .collect();
    (stretch, truth)
}

#[test]
fn a_leg_and_balance_make_the_hip_more_certain_and_keep_it_right() {
    let method = without_chain();
    let bell = hinge(400);
    let (stretch, truth) = on_a_leg(&bell, true);
    let alone = Stretch { postures: Vec::new(), ..stretch.clone() };
    let middle = bell.stance + bell.moving / 2;
    let sigma = |path: &Path| path.covariance[middle][(0, 0)].sqrt();
    let (with, without) = (&paths(&[stretch], &wearer(), &method).0[0], &paths(&[alone], &wearer(), &method).0[0]);
    assert!(sigma(with) < 0.85 * sigma(without), "{} {}", sigma(with), sigma(without));
    let error = (with.joint[middle].x - truth[middle]).abs();
    assert!(error < 0.002, "{error}");
}

#[test]
fn an_outlier_of_balance_is_downweighted() {
    let bell = hinge(250);
    let (stretch, truth) = on_a_leg(&bell, false);
    let middle = bell.stance + bell.moving / 2;
    let path = &paths(&[stretch], &wearer(), &without_chain()).0[0];
    // Balance would have the hip 12 cm further forward; by the priors' plain weights it would come more than half-way.
    let error = (path.joint[middle].x - truth[middle]).abs();
    assert!(error < 0.04, "{error}");
}

#[test]
fn what_each_row_brings_adds_up_to_the_variance_at_knots_and_between_them() {
    let bell = hinge(250);
    let (stretch, _) = on_a_leg(&bell, true);
    let mut other = bell.stretch(Vector3::new(0.1, 0.0, 0.0), 0.0).0;
    other.gap = Some(Hidden { middle: bell.stance + 70, speed: 0.05, turn: 0.01 });
    let paths = paths(&[stretch, other], &wearer(), &method()).0;
    for (path, at) in paths.iter().flat_map(|path| [40, 155, 157, 200].map(|at| (path, at))) {
        for axis in [path.forward, Vector3::z()] {
            let (variance, parts) = (path.variance(at, axis), path.parts(at, axis));
            let sum: f64 = parts.iter().map(|(part, _)| part).sum();
            // Cholesky's inverse keeps about nine digits of these matrices.
            assert!((sum / variance - 1.0).abs() < 1e-7, "{at}: {sum} {variance}");
            let budget = path.budget(at, axis);
            let root = budget.terms().map(|(_, sigma)| sigma * sigma).sum::<f64>().sqrt();
            assert_eq!(budget.sigma().to_bits(), variance.sqrt().to_bits());
            assert!((root / budget.sigma() - 1.0).abs() < 1e-9);
        }
    }
    let (whole, gapped) = (paths[0].budget(155, Vector3::x()), paths[1].budget(155, Vector3::x()));
    assert!(gapped.sigma_of(ErrorSource::Gap) > 1e-3, "{gapped:?}");
    // The first has no gap, and the other's gap is not its own.
    assert!(whole.sigma_of(ErrorSource::Gap) < 0.2 * gapped.sigma_of(ErrorSource::Gap), "{whole:?}");
    assert!(whole.sigma_of(ErrorSource::BodyModel) > 1e-3 && gapped.sigma_of(ErrorSource::Zero) > 1e-3);
}

#[test]
fn what_is_known_without_error_brings_nothing_and_what_nobody_knows_brings_most() {
    let share = |change: fn(&mut method::HipPath), source: ErrorSource| {
        let bell = hinge(250);
        let stretch = bell.stretch(Vector3::zeros(), 0.0).0;
        let mut method = method();
        change(&mut method);
        paths(&[stretch], &wearer(), &method).0[0].budget(155, Vector3::x()).share(source)
    };
    let keep: fn(&mut method::HipPath) = |_| {};
    assert!(share(|m| m.sensor.lever_m = 0.2, ErrorSource::LeverArm) > 0.5);
    assert!(share(|m| m.sensor.lever_m = 1e-9, ErrorSource::LeverArm) < 1e-9);
    assert!(share(|m| m.sensor.gyroscope_gain_share = 1e-9, ErrorSource::Scale) < 1e-9);
    assert!(share(|m| m.sensor.gyroscope_gain_share = 0.2, ErrorSource::Scale) > share(keep, ErrorSource::Scale));
    assert!(share(keep, ErrorSource::Gap) < 1e-12 && share(keep, ErrorSource::SoftTissue) < 1e-12);
    assert!(share(|m| m.rest.closure_m = 1e-4, ErrorSource::Zero) < share(keep, ErrorSource::Zero));
}

#[test]
fn a_thigh_sensor_enters_by_its_own_sources() {
    let bell = hinge(250);
    let mut stretch = on_a_leg(&bell, true).0;
    let thigh = Budget::of(ErrorSource::SoftTissue, 0.012).and(Budget::of(ErrorSource::Axis, 0.009));
    let length = Anthropometry::default().thigh().value.metres();
    for (i, posture) in &mut stretch.postures {
        let back = 0.06 * bell.shape(*i).0;
        posture.thigh_change = Some((-back.atan2((length * length - back * back).sqrt()), thigh));
    }
    let mut method = method();
    method.leg.chain_m = 0.02;
    let path = &paths(&[stretch], &wearer(), &method).0[0];
    let budget = path.budget(155, Vector3::x());
    let (tissue, axis) = (budget.sigma_of(ErrorSource::SoftTissue), budget.sigma_of(ErrorSource::Axis));
    assert!(tissue > 1e-4 && (tissue / axis - 0.012 / 0.009).abs() < 1e-9, "{budget:?}");
    assert!((path.joint[155].x + 0.06).abs() < 0.002, "{}", path.joint[155].x);
}

#[test]
fn the_lever_arm_is_mirrored_with_the_leg_where_the_sensor_sits_to_a_side_of_the_hip() {
    let (method, body) = (Method::default().measure.lever_arm, Anthropometry::default());
    let arm = |mount, side| lever_arm(mount, side, &body, &method).to_array();
    let (left, right) = (Some(Side::Left), Some(Side::Right));
    // A sensor on the sacrum sits to the left of a right hip: z is to the person's right.
    assert_eq!(arm(Some(MountSite::Sacrum), right), [-0.12, 0.08, -0.085]);
    assert_eq!(arm(Some(MountSite::Sacrum), left), [-0.12, 0.08, 0.085]);
    assert_eq!(arm(Some(MountSite::Sacrum), None), [-0.12, 0.08, 0.0]);
    assert_eq!(arm(Some(MountSite::LateralHip), right), [-0.01, 0.08, 0.07]);
    assert_eq!(arm(Some(MountSite::LateralHip), left), [-0.01, 0.08, -0.07]);
    for side in [left, right, None] {
        assert_eq!(arm(None, side), [-0.06, 0.08, 0.0]);
        assert_eq!(arm(Some(MountSite::Unknown), side), [-0.06, 0.08, 0.0]);
    }
    let wide = Length::from_metres(0.20);
    let wide = Anthropometry { hip_width: Some(Measured::new(wide, Length::from_metres(0.01))), ..body };
    assert_eq!(lever_arm(Some(MountSite::Sacrum), right, &wide, &method).to_array(), [-0.12, 0.08, -0.1]);
}

#[test]
fn degrees_of_freedom_count_the_leg_where_it_is_observed() {
    let mut stretch = hinge(250).stretch(Vector3::zeros(), 0.0).0;
    let freedom = |stretch: &Stretch| Strapdown::new(stretch, &wearer()).freedom();
    let posture = Posture { shank_change: 0.0, thigh_change: None, pelvis_before: 0.0, pelvis: 0.0 };
    assert_eq!(freedom(&stretch), 9.0);
    stretch.postures = vec![(100, posture), (120, posture)];
    assert_eq!(freedom(&stretch), 11.0);
    stretch.postures[0].1.thigh_change = Some((0.0, Budget::default()));
    assert_eq!(freedom(&stretch), 12.0);
}

#[test]
fn pauses_reach_from_the_movement_before_to_the_one_after() {
    let at = |range: Range<usize>| Candidate { bottom: range.clone(), range, ..candidate() };
    let movements = [at(50..100), at(200..300), at(400..700), at(900..950), at(1000..1050)];
    assert_eq!(pauses(&movements[2], &movements, 1100), movements[1].whole().end..movements[3].whole().start);
    assert_eq!(pauses(&movements[2], &movements[2..3], 1100), 0..1100);
}

#[test]
fn a_stretch_knows_the_leg_at_its_moments_unless_a_gap_hides_it() {
    let gaps = |role| vec![(role, START + 120..START + 160)];
    let stretch_of = |drawn: Drawn| {
        let (grid, body) = (drawn.grid(), body());
        let mut motion = drawn.motion(&grid, &body);
        // Somebody who stands with a pelvis tilted by 0.1 rad.
        motion.pelvis.sagittal.iter_mut().for_each(|tilt| *tilt += 0.1);
        stretch(&motion, &candidate(), &[candidate()], &drawn.method)
    };
    let drawn = Drawn { shank_tilt: 5.0, pelvis_tilt: 20.0, thigh_tilt: Some(-12.0), ..Drawn::default() };
    let whole = stretch_of(drawn.clone());
    let rad = f64::to_radians;
    assert_eq!(whole.postures.len(), 5);
    let (at, posture) = whole.postures[2];
    // Half-way through 299 steps.
    assert_eq!(whole.from + at, START + 150);
    let (thigh, _) = posture.thigh_change.expect("a thigh sensor");
    for (value, expected) in [
        (posture.shank_change, rad(5.0)),
        (posture.pelvis_before, 0.1),
        (posture.pelvis, 0.1 + rad(20.0)),
        (thigh, rad(-12.0)),
    ] {
        assert!((value - expected).abs() < 1e-9, "{value} {expected}");
    }
    // Two seconds of rest before it, half as much after it, and the quarter second that is measured from.
    assert_eq!((whole.before.len(), whole.after.len(), whole.gap), (200, 100, None));
    assert_eq!(whole.base.start + whole.from, START - 25);
    let without_thigh = stretch_of(Drawn { gaps: gaps(SensorRole::Thigh), ..drawn.clone() });
    assert!(without_thigh.postures.iter().all(|(_, posture)| posture.thigh_change.is_none()));
    assert!(stretch_of(Drawn { gaps: gaps(SensorRole::Shank), ..drawn.clone() }).postures.is_empty());
    let gap = stretch_of(Drawn { gaps: gaps(SensorRole::Hip), ..drawn }).gap.expect("a gap");
    assert_eq!(whole.from + gap.middle, START + 140);
}

#[test]
fn a_gain_counts_in_the_variance_of_the_wearer_and_never_in_a_smaller_one() {
    let of = |misfit, reversed| Agreement { misfit, reversed, freedom: 20.0 }.gain_reversed(10.0);
    assert_eq!(of(18.0, 10.0), 8.0);
    assert_eq!(of(88.0, 80.0), 8.0 / 3.0, "neither holds");
    assert_eq!(of(10.0, 18.0), -8.0);
    let both = [Agreement { misfit: 9.0, reversed: 5.0, freedom: 10.0 }; 2].into_iter().sum::<Agreement>();
    assert_eq!(both, Agreement { misfit: 18.0, reversed: 10.0, freedom: 20.0 });
}
