//! Gestures with the leg: three that mean something, everything else that does not, worn in any way, at any rate.

use nalgebra::{UnitQuaternion, Vector3};
use proptest::prelude::*;
use truehinge_core::{AngularRate, DeviceTime, HostTime, InertialSample, STANDARD_GRAVITY, SensorRole, SpecificForce};
use truehinge_signal::live::{Gesture, GestureFinder, Gestured};
use truehinge_signal::method::Method;

/// What the shin does for a while.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Rests, s.
    Rest(f64),
    /// Leans forward by so much and comes back, degrees; on the way for so long each, and there for so long, s.
    Lean(f64, f64, f64),
    /// The same about the vertical.
    Turn(f64, f64, f64),
}

use Act::{Lean, Rest, Turn};

const LIFT: Act = Lean(90.0, 0.5, 0.1);
const TOES: Act = Turn(35.0, 0.4, 0.1);
const PAUSE: Act = Rest(0.4);

impl Act {
    fn lasts(self) -> f64 {
        match self {
            Rest(seconds) => seconds,
            Lean(_, way, hold) | Turn(_, way, hold) => 2.0 * way + hold,
        }
    }

    /// Lean and turn so long after it began, degrees.
    fn at(self, t: f64) -> (f64, f64) {
        let smooth = |u: f64| {
            let u = u.clamp(0.0, 1.0);
            u * u * u * (10.0 + u * (-15.0 + u * 6.0))
        };
        match self {
            Rest(_) => (0.0, 0.0),
            Lean(size, way, hold) => (size * (smooth(t / way) - smooth((t - way - hold) / way)), 0.0),
            Turn(size, way, hold) => (0.0, size * (smooth(t / way) - smooth((t - way - hold) / way))),
        }
    }
}

/// How the sensors are worn and what the hips do.
#[derive(Clone, Debug)]
struct Worn {
    hertz: f64,
    mount: UnitQuaternion<f64>,
    /// deg/s about each axis.
    bias: f64,
    /// The hips lean by this share of the shin's lean, and are jerked up and down by so much, m/s².
    hips: (f64, f64),
    /// The hip sensor sends.
    heard: bool,
}

impl Default for Worn {
    fn default() -> Self {
        Self { hertz: 100.0, mount: UnitQuaternion::identity(), bias: 0.0, hips: (0.05, 0.0), heard: true }
    }
}

fn pose(acts: &[Act], t: f64, share: f64) -> UnitQuaternion<f64> {
    let mut begins = 0.0;
    let mut shin = (0.0, 0.0);
    for act in acts {
        if (begins..begins + act.lasts()).contains(&t) {
            shin = act.at(t - begins);
        }
        begins += act.lasts();
    }
    let about = |axis, degrees: f64| UnitQuaternion::from_axis_angle(&axis, (share * degrees).to_radians());
    about(Vector3::z_axis(), shin.1) * about(Vector3::y_axis(), shin.0)
}

/// Everything that is understood, or not, of what the shin does.
fn understood(acts: &[Act], worn: &Worn) -> Vec<Gestured> {
    let acts: Vec<Act> = [Rest(2.0)].into_iter().chain(acts.iter().copied()).chain([Rest(3.0)]).collect();
    let mut finder = GestureFinder::new(&Method::default());
    let lasts: f64 = acts.iter().map(|act| act.lasts()).sum();
    let mut understood = Vec::new();
    let mut number = 0.0;
    while number < lasts * worn.hertz {
        let t = number / worn.hertz;
        for (role, share) in [(SensorRole::Hip, worn.hips.0), (SensorRole::Shank, 1.0)] {
            if role == SensorRole::Hip && !worn.heard {
                continue;
            }
            let to_earth = |t| pose(&acts, t, share) * worn.mount;
            let step = 1.0 / worn.hertz;
            let turn = (to_earth(t - step).inverse() * to_earth(t)).scaled_axis() / step;
            let jerk = if role == SensorRole::Hip { worn.hips.1 * (12.0 * t).sin() } else { 0.0 };
            let force = to_earth(t).inverse() * Vector3::new(0.0, 0.0, STANDARD_GRAVITY + jerk);
            let sample = InertialSample {
                device_time: DeviceTime::from_seconds(77.0 + t),
                arrival: Some(HostTime::from_seconds(t)),
                specific_force: SpecificForce::from_vector(force),
                angular_rate: AngularRate::from_vector(turn.add_scalar(worn.bias.to_radians())),
            };
            understood.extend(finder.push(role, &sample));
        }
        number += 1.0;
    }
    understood
}

fn meanings(acts: &[Act], worn: &Worn) -> Vec<Option<Gesture>> {
    understood(acts, worn).iter().map(|made| made.gesture).collect()
}

#[test]
fn two_signs_mean_what_they_mean_and_began_when_the_leg_left_its_rest() {
    for (signs, meaning) in
        [([LIFT, LIFT], Gesture::Start), ([TOES, TOES], Gesture::End), ([LIFT, TOES], Gesture::Undo)]
    {
        let made = understood(&[Rest(1.0), signs[0], PAUSE, signs[1]], &Worn::default());
        let [Gestured { began, gesture, .. }] = made[..] else { panic!("{signs:?}: {made:?}") };
        assert_eq!(gesture, Some(meaning));
        // The leg leaves at 3 s, slowly at first.
        assert!((2.99..3.15).contains(&began.seconds()), "{signs:?}: {began:?}");
    }
}

#[test]
fn one_sign_missed_or_one_too_many_is_not_understood_and_never_another_gesture() {
    let not = [None];
    for signs in [[LIFT, LIFT], [TOES, TOES], [LIFT, TOES]] {
        for missed in [0, 1] {
            assert_eq!(meanings(&[signs[1 - missed]], &Worn::default()), not, "{signs:?} without {missed}");
        }
        for more in [LIFT, TOES] {
            for place in 0..3 {
                let mut acts = vec![signs[0], signs[1]];
                acts.insert(place, more);
                let acts = [acts[0], PAUSE, acts[1], PAUSE, acts[2]];
                assert_eq!(meanings(&acts, &Worn::default()), not, "{acts:?}");
            }
        }
        // The other way about, and one foot's toes in where they went out before.
        assert_eq!(meanings(&[TOES, PAUSE, LIFT], &Worn::default()), not);
        assert_eq!(meanings(&[TOES, PAUSE, Turn(-35.0, 0.4, 0.1)], &Worn::default()), not);
        // One of the two too small.
        for small in [Lean(40.0, 0.5, 0.1), Lean(25.0, 0.4, 0.0)] {
            assert_eq!(meanings(&[LIFT, PAUSE, small], &Worn::default()), not);
        }
    }
}

#[test]
fn what_is_no_sign_is_no_matter() {
    let worn = Worn::default();
    for acts in [
        // A hinge's drift, a knee bend, toes that hardly turn.
        &[Lean(12.0, 1.0, 0.2), PAUSE, Lean(12.0, 1.0, 0.2)][..],
        &[Lean(30.0, 1.0, 0.2), PAUSE, Lean(30.0, 1.0, 0.2)],
        &[Turn(12.0, 0.4, 0.1), PAUSE, Turn(12.0, 0.4, 0.1)],
        // Kneeling or sitting with the leg under the chair: the leg stays there.
        &[Lean(90.0, 0.8, 5.0)],
        // Kicks, one after the other, like walking.
        &[LIFT; 8],
        // The hind leg of slow lunges.
        &[Lean(80.0, 1.2, 0.5), PAUSE, Lean(80.0, 1.2, 0.5)],
    ] {
        assert_eq!(meanings(acts, &worn), [], "{acts:?}");
    }
}

#[test]
fn where_the_hips_move_along_or_are_not_heard_nobody_makes_signs() {
    let start = [LIFT, PAUSE, LIFT];
    for worn in [
        Worn { hips: (0.4, 0.0), ..Worn::default() },
        Worn { hips: (0.05, 3.0), ..Worn::default() },
        Worn { heard: false, ..Worn::default() },
    ] {
        assert_eq!(meanings(&start, &worn), [], "{worn:?}");
    }
    let turned = [TOES, PAUSE, TOES];
    assert_eq!(meanings(&turned, &Worn { hips: (1.0, 0.0), ..Worn::default() }), [], "the whole body turns");
}

#[test]
fn a_gap_or_what_is_no_number_makes_no_gesture_of_what_was_none() {
    let sample = |t: f64, force: f64| InertialSample {
        device_time: DeviceTime::from_seconds(t),
        arrival: Some(HostTime::from_seconds(t)),
        specific_force: SpecificForce::new(0.0, force, 0.0),
        angular_rate: AngularRate::new(force, 0.0, f64::NAN),
    };
    let mut finder = GestureFinder::new(&Method::default());
    for (t, force) in [(0.0, f64::NAN), (0.01, 0.0), (9.0, f64::INFINITY), (3.0, 9.81), (1e9, -1e300), (1e9, 1.0)] {
        for role in [SensorRole::Hip, SensorRole::Shank, SensorRole::Thigh] {
            assert_eq!(finder.push(role, &sample(t, force)), None);
            assert_eq!(finder.push(role, &InertialSample { arrival: None, ..sample(t, force) }), None);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Worn upside down, askew, on either leg, by any model: the same gestures, and the same mistakes.
    #[test]
    fn a_gesture_is_the_same_however_the_sensors_are_worn(
        axis in proptest::array::uniform3(-3.0..3.0_f64),
        hertz in 50.0..200.0_f64,
        bias in -4.0..4.0_f64,
        lift in 70.0..120.0_f64,
        turn in 30.0..55.0_f64,
        left in any::<bool>(),
        way in 0.3..0.7_f64,
        pause in 0.1..0.9_f64,
        which in 0..3_usize,
        mistake in 0..4_usize,
    ) {
        let mount = UnitQuaternion::from_scaled_axis(Vector3::from(axis));
        let worn = Worn { hertz, mount, bias, ..Worn::default() };
        let lift = Lean(lift, way, 0.1);
        let toes = Turn(if left { turn } else { -turn }, way, 0.1);
        let (signs, meaning) = [
            ([lift, toes], Gesture::Undo),
            ([lift, lift], Gesture::Start),
            ([toes, toes], Gesture::End),
        ][which];
        let [first, second] = signs;
        let pause = Rest(pause);
        let (acts, meant) = match mistake {
            0 => (vec![first, pause, second], Some(meaning)),
            1 => (vec![second], None),
            2 => (vec![first, pause, second, pause, lift], None),
            _ => (vec![toes, pause, first, pause, second], None),
        };
        prop_assert_eq!(meanings(&acts, &worn), [meant]);
    }

    /// Whatever comes, nothing panics.
    #[test]
    fn no_samples_are_too_strange(
        steps in proptest::collection::vec((-0.1..0.4_f64, proptest::array::uniform6(-40.0..40.0_f64), any::<bool>()), 0..300),
    ) {
        let mut finder = GestureFinder::new(&Method::default());
        let mut t = 0.0;
        for (step, [x, y, z, p, q, r], hip) in steps {
            t += step;
            let sample = InertialSample {
                device_time: DeviceTime::from_seconds(t),
                arrival: Some(HostTime::from_seconds(t)),
                specific_force: SpecificForce::new(x, y, z),
                angular_rate: AngularRate::new(p, q, r),
            };
            let role = if hip { SensorRole::Hip } else { SensorRole::Shank };
            prop_assert_eq!(finder.push(role, &sample).and_then(|made| made.gesture), None);
        }
    }
}
