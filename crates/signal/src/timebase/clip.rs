//! Where a sensor's range ends, given or betrayed by the data: readings there are marked, because the true value is larger.

use truehinge_core::{DeviceInfo, InertialSample, STANDARD_GRAVITY, Vec3, frame::Frame, quantity::Quantity};

use crate::method::Clipping;

/// Where a sensor's range ends, SI; infinite if unknown.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ClipLimits {
    force: f64,
    rate: f64,
}

impl ClipLimits {
    /// The ranges as given, or else the largest reading, if one axis stayed on exactly that value for several samples.
    pub fn new(device: &DeviceInfo, samples: &[InertialSample], method: &Clipping) -> Self {
        let given = |range: Option<f64>| range.filter(|range| *range > 0.0).map(|range| method.near_end_share * range);
        let force = given(device.accelerometer_range);
        let rate = given(device.gyroscope_range);
        Self {
            force: force.unwrap_or_else(|| {
                plateau(samples, |s| s.specific_force.to_array(), method.least_force_g * STANDARD_GRAVITY, method)
            }),
            rate: rate.unwrap_or_else(|| {
                plateau(samples, |s| s.angular_rate.to_array(), method.least_rate_rad_per_s, method)
            }),
        }
    }

    /// Whether a component of the sample lies at the end of its range.
    pub fn clipped(&self, sample: &InertialSample) -> bool {
        at_end(sample.specific_force, self.force) || at_end(sample.angular_rate, self.rate)
    }
}

fn at_end<Q: Quantity, F: Frame>(vector: Vec3<Q, F>, limit: f64) -> bool {
    vector.to_array().iter().any(|component| component.abs() >= limit)
}

/// The largest magnitude, if it is about `least` or more and an axis stayed on it for some samples.
fn plateau(samples: &[InertialSample], axes: fn(&InertialSample) -> [f64; 3], least: f64, method: &Clipping) -> f64 {
    let largest = samples.iter().flat_map(axes).map(f64::abs).filter(|v| v.is_finite()).fold(0.0, f64::max);
    if largest < method.least_share * least {
        return f64::INFINITY;
    }
    let stays = |axis: usize| {
        let mut count = 0;
        samples.iter().any(|s| {
            count = if axes(s)[axis].abs() >= largest { count + 1 } else { 0 };
            count >= method.repeated_count
        })
    };
    if (0..3).any(stays) { largest } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Method;
    use truehinge_core::{AngularRate, DeviceTime, SpecificForce};

    fn limits(device: &DeviceInfo, samples: &[InertialSample]) -> ClipLimits {
        ClipLimits::new(device, samples, &Method::default().timebase.clip)
    }

    fn sample(force: [f64; 3], rate: [f64; 3]) -> InertialSample {
        let ([fx, fy, fz], [rx, ry, rz]) = (force, rate);
        InertialSample {
            device_time: DeviceTime::ZERO,
            arrival: None,
            specific_force: SpecificForce::new(fx, fy, fz),
            angular_rate: AngularRate::new(rx, ry, rz),
        }
    }

    #[test]
    fn a_range_that_is_given_ends_just_below_its_end_on_both_sides_of_every_axis() {
        let device =
            DeviceInfo { accelerometer_range: Some(40.0), gyroscope_range: Some(8.0), ..DeviceInfo::default() };
        let limits = limits(&device, &[]);
        for axis in 0..3 {
            for sign in [1.0, -1.0] {
                let on = |value: f64| std::array::from_fn(|i| if i == axis { sign * value } else { 0.1 });
                // 0.995 of 40 m/s² is 39.8, of 8 rad/s it is 7.96.
                assert!(limits.clipped(&sample(on(39.81), [0.0; 3])) && !limits.clipped(&sample(on(39.79), [0.0; 3])));
                assert!(limits.clipped(&sample([0.0; 3], on(7.97))) && !limits.clipped(&sample([0.0; 3], on(7.95))));
            }
        }
    }

    #[test]
    fn an_unknown_range_shows_only_in_an_extreme_that_lasts_and_that_a_sensor_may_end_at() {
        let readings = |held: usize, force: f64| -> Vec<InertialSample> {
            let hold = |i: usize| if (10..10 + held).contains(&i) { -force } else { 1.0 };
            (0..30).map(|i| sample([0.0, hold(i), 9.8], [0.0; 3])).collect()
        };
        let clipped = |held, force| {
            let samples = readings(held, force);
            let limits = limits(&DeviceInfo::default(), &samples);
            samples.iter().filter(|sample| limits.clipped(sample)).count()
        };
        assert_eq!([clipped(4, 30.0), clipped(3, 30.0)], [4, 0]);
        // As often, but not in a row.
        let now_and_then: Vec<InertialSample> =
            (0..30).map(|i| sample([if i % 3 == 0 { 30.0 } else { 1.0 }, 0.0, 9.8], [0.0; 3])).collect();
        assert!(!limits(&DeviceInfo::default(), &now_and_then).clipped(&now_and_then[0]));
        // No accelerometer ends below 2 g less 3 %, 19.03 m/s².
        assert_eq!([clipped(9, 19.1), clipped(9, 19.0)], [9, 0]);
    }

    #[test]
    fn the_ends_of_the_two_channels_are_found_apart() {
        let turning: Vec<InertialSample> = (0..20).map(|_| sample([0.0, 0.0, 9.8], [0.0, 4.363, 0.0])).collect();
        let found = limits(&DeviceInfo::default(), &turning);
        assert!(found.clipped(&turning[0]));
        assert!(!found.clipped(&sample([300.0, 0.0, 0.0], [0.0, 4.36, 0.0])));
        // 115 deg/s less 3 % is 1.94 rad/s.
        let slow: Vec<InertialSample> = (0..20).map(|_| sample([0.0; 3], [0.0, 0.0, 1.93])).collect();
        assert!(!limits(&DeviceInfo::default(), &slow).clipped(&slow[0]));
    }

    #[test]
    fn an_unknown_range_shows_in_repeated_extremes() {
        let reading = |k: u32| {
            let rate = (f64::from(k) * 0.05).sin() * 6.0;
            InertialSample {
                device_time: DeviceTime::from_seconds(f64::from(k) * 0.01),
                arrival: None,
                specific_force: SpecificForce::new(0.0, 0.0, 9.81),
                angular_rate: AngularRate::new(rate.clamp(-4.363, 4.363), 0.0, 0.0),
            }
        };
        let samples: Vec<InertialSample> = (0..400).map(reading).collect();
        let found = limits(&DeviceInfo::default(), &samples);
        let clipped = samples.iter().filter(|s| found.clipped(s)).count();
        let expected = (0..400).filter(|&k| ((f64::from(k) * 0.05).sin() * 6.0).abs() >= 4.363).count();
        assert_eq!(clipped, expected);
        assert!(expected > 100);
        let calm = &samples[..10];
        assert!(!calm.iter().any(|s| limits(&DeviceInfo::default(), calm).clipped(s)));
    }
}
