//! Rests: stretches in which a body-worn sensor hardly moves.

use nalgebra::Vector3;

use crate::math::points::nearest;
use crate::math::stats::{mean_and_spread, mean_vector};
use crate::method::SensorAtRest;
use crate::timebase::ImuSample;

/// A stretch without movement.
pub(super) struct Rest {
    /// Its length, s.
    seconds: f64,
    /// Mean specific force, m/s².
    force: Vector3<f64>,
    /// Mean measured rate, rad/s.
    rate: Vector3<f64>,
}

struct Window {
    force: Vector3<f64>,
    rate: Vector3<f64>,
    still: bool,
}

impl Window {
    fn new(samples: &[ImuSample], method: &SensorAtRest) -> Self {
        let (force, forces) = mean_and_spread(samples.iter().map(|s| s.specific_force.vector()));
        let (rate, rates) = mean_and_spread(samples.iter().map(|s| s.angular_rate.vector()));
        let still = rates < method.rate_scatter_rad_per_s
            && forces < method.force_scatter_m_per_s2
            && rate.norm() < method.mean_rate_rad_per_s;
        Self { force, rate, still }
    }

    fn goes_on(&self, next: &Self, method: &SensorAtRest) -> bool {
        self.still == next.still && (!self.still || (self.rate - next.rate).norm() < method.rate_step_rad_per_s)
    }
}

/// The rests of a run.
pub(super) fn rests(samples: &[ImuSample], period: f64, method: &SensorAtRest) -> Vec<Rest> {
    // Mathematics: one sample does not scatter.
    let length = nearest(method.window_s / period).max(2);
    let windows: Vec<Window> = samples.chunks_exact(length).map(|samples| Window::new(samples, method)).collect();
    windows
        .chunk_by(|window, next| window.goes_on(next, method))
        .filter(|stretch| stretch.len() >= method.least_windows_count && stretch[0].still)
        .map(|stretch| Rest {
            seconds: stretch.len() as f64 * length as f64 * period,
            force: mean_vector(stretch.iter().map(|w| w.force)),
            rate: mean_vector(stretch.iter().map(|w| w.rate)),
        })
        .collect()
}

/// Norm of the specific force at rest, m/s², longer rests counting more.
pub(super) fn gravity(rests: &[Rest]) -> Option<f64> {
    gravity_without(rests, Vector3::zeros())
}

/// The same after subtracting a bias.
pub(super) fn gravity_without(rests: &[Rest], bias: Vector3<f64>) -> Option<f64> {
    let total: f64 = rests.iter().map(|rest| rest.seconds).sum();
    let weighted: f64 = rests.iter().map(|rest| rest.seconds * (rest.force - bias).norm()).sum();
    (total > 0.0).then(|| weighted / total)
}

/// Bias of the gyroscope, rad/s, and its standard uncertainty per axis.
pub(super) fn gyroscope_bias(rests: &[Rest], method: &SensorAtRest) -> Option<(Vector3<f64>, f64)> {
    // Each rest shows the bias to sway / seconds: weights are the inverse squares.
    let total: f64 = rests.iter().map(|rest| rest.seconds.powi(2)).sum();
    let sum: Vector3<f64> = rests.iter().map(|rest| rest.rate * rest.seconds.powi(2)).sum();
    (total > 0.0).then(|| (sum / total, method.sway_rad / total.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Method;
    use nalgebra::UnitQuaternion;
    use truehinge_core::{AngularRate, SpecificForce};

    /// Samples at `hertz` whose rate and force leave their means by exactly this much, root mean square: to one side and the other in
    /// turn, along one axis.
    fn samples(hertz: f64, seconds: f64, mean_rate: f64, scatter: (f64, f64)) -> Vec<ImuSample> {
        let count = nearest(hertz * seconds);
        (0..count)
            .map(|i| {
                let side = if i % 2 == 0 { 1.0 } else { -1.0 };
                ImuSample {
                    angular_rate: AngularRate::new(mean_rate + side * scatter.0, 0.0, 0.0),
                    specific_force: SpecificForce::new(0.0, side * scatter.1, 9.7),
                }
            })
            .collect()
    }

    fn found(samples: &[ImuSample], hertz: f64) -> Vec<Rest> {
        rests(samples, hertz.recip(), &Method::default().stillness.sensor_at_rest)
    }

    fn rests_for(seconds: f64, mean_rate: f64, scatter: (f64, f64)) -> usize {
        found(&samples(100.0, seconds, mean_rate, scatter), 100.0).len()
    }

    #[test]
    fn a_sensor_rests_below_each_limit_and_not_above() {
        assert_eq!(rests_for(2.0, 0.0, (0.0, 0.0)), 1);
        assert_eq!([rests_for(2.0, 0.0, (0.034, 0.0)), rests_for(2.0, 0.0, (0.036, 0.0))], [1, 0]);
        assert_eq!([rests_for(2.0, 0.0, (0.0, 0.24)), rests_for(2.0, 0.0, (0.0, 0.26))], [1, 0]);
        for sign in [1.0, -1.0] {
            assert_eq!([rests_for(2.0, sign * 0.104, (0.0, 0.0)), rests_for(2.0, sign * 0.106, (0.0, 0.0))], [1, 0]);
        }
        // Two windows of half a second.
        assert_eq!([rests_for(1.0, 0.0, (0.0, 0.0)), rests_for(0.99, 0.0, (0.0, 0.0))], [1, 0]);
    }

    #[test]
    fn slow_turning_that_changes_its_rate_is_no_rest_but_two() {
        let speeds = |from: f64, to: f64| {
            let mut both = samples(100.0, 1.0, from, (0.0, 0.0));
            both.extend(samples(100.0, 1.0, to, (0.0, 0.0)));
            found(&both, 100.0)
        };
        assert_eq!([speeds(-0.017, 0.017).len(), speeds(-0.018, 0.018).len(), speeds(0.018, -0.018).len()], [1, 2, 2]);
    }

    #[test]
    fn rate_of_sampling_turn_of_the_case_and_movement_around_it_change_no_rest() {
        let turn = UnitQuaternion::from_euler_angles(0.7, -0.4, 2.1);
        for hertz in [50.0, 100.0, 200.0] {
            let mut all = samples(hertz, 1.0, 0.0, (1.0, 3.0));
            all.extend(samples(hertz, 3.0, 0.02, (0.01, 0.1)));
            all.extend(samples(hertz, 1.0, 0.0, (1.0, 3.0)));
            let turned: Vec<ImuSample> = all
                .iter()
                .map(|s| ImuSample {
                    specific_force: SpecificForce::from_vector(turn * s.specific_force.vector()),
                    angular_rate: AngularRate::from_vector(turn * s.angular_rate.vector()),
                })
                .collect();
            let ([rest], [other]) = (&found(&all, hertz)[..], &found(&turned, hertz)[..]) else {
                panic!("one rest at {hertz} Hz");
            };
            assert!((rest.seconds - 3.0).abs() < 1e-9 && (other.seconds - 3.0).abs() < 1e-9, "{hertz} Hz");
            assert!((rest.rate - Vector3::new(0.02, 0.0, 0.0)).norm() < 1e-3, "{}", rest.rate);
            assert!((turn * rest.rate - other.rate).norm() < 1e-12 && (turn * rest.force - other.force).norm() < 1e-12);
        }
    }

    fn rest(seconds: f64, force: f64, rate: f64) -> Rest {
        Rest { seconds, force: Vector3::new(0.0, force, 0.0), rate: Vector3::new(0.0, 0.0, rate) }
    }

    #[test]
    fn longer_rests_say_more_of_gravity_and_much_more_of_the_bias() {
        let at_rest = &Method::default().stillness.sensor_at_rest;
        let rests = [rest(1.0, 9.0, 0.05), rest(3.0, -10.0, 0.01)];
        assert!((gravity(&rests).expect("rests") - 9.75).abs() < 1e-12);
        let without = gravity_without(&rests, Vector3::new(0.0, -1.0, 0.0)).expect("rests");
        assert!((without - (10.0 + 27.0) / 4.0).abs() < 1e-12, "{without}");
        let (bias, sigma) = gyroscope_bias(&rests, at_rest).expect("rests");
        // Weights 1 and 9; a degree (0.017 rad) over the root of the sum of squared seconds.
        assert!((bias - Vector3::new(0.0, 0.0, 0.014)).norm() < 1e-12, "{bias}");
        assert!((sigma - 0.017 / 10.0_f64.sqrt()).abs() < 1e-12, "{sigma}");
        assert!(gravity(&[]).is_none() && gyroscope_bias(&[], at_rest).is_none());
    }
}
