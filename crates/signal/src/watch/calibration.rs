//! Whether the calibration movements were good enough, and what they lack.
//!
//! In: a set as it was analysed. Out: what it lacks; nothing means accepted. The movements are 3 s of quiet stance, two or three
//! small knee bends (they turn the shank, which a hinge does not) and two bows (they turn the pelvis). The analysis runs without
//! them as well, on the mounting site and the repetitions alone, with the wider uncertainty that this costs.

use truehinge_core::{Angle, SensorRole, SetAnalysis};

use crate::method::Method;

/// Something a calibration lacks.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Lack {
    /// No quiet stance that is long enough.
    Stillness {
        /// The longest there was, s.
        longest_s: f64,
    },
    /// Too few movements that turned a sensor.
    Movements {
        /// Which sensor.
        role: SensorRole,
        /// How many did.
        found: usize,
    },
    /// The movements turned the sensor about several axes.
    Crooked {
        /// Which sensor.
        role: SensorRole,
        /// Rotation about the common axis over rotation across it.
        ratio: f64,
        /// The least that is asked for.
        least: f64,
    },
    /// Every movement had an axis of its own.
    Unrepeatable {
        /// Which sensor.
        role: SensorRole,
        /// Standard error of the common axis.
        error: Angle,
        /// The most that is allowed.
        most: Angle,
    },
}

/// What the calibration of a set lacks, in the order in which it is done; empty when it is accepted.
pub fn lacks(set: &SetAnalysis, method: &Method) -> Vec<Lack> {
    let asked = &method.watch.calibration;
    let most = Angle::from_degrees(asked.axis_error_deg);
    let longest_s = set.quiet_stances.iter().map(|span| span.length().seconds()).fold(0.0, f64::max);
    let mut lacks = Vec::new();
    if longest_s < method.stillness.calibration.least_s {
        lacks.push(Lack::Stillness { longest_s });
    }
    for role in [SensorRole::Shank, SensorRole::Hip] {
        let axis = set.alignment.iter().find(|report| report.role == role).and_then(|report| report.functional);
        let Some(axis) = axis.filter(|axis| axis.movements >= asked.movements_count) else {
            lacks.push(Lack::Movements { role, found: axis.map_or(0, |axis| axis.movements) });
            continue;
        };
        let error = axis.repeatability * (axis.movements as f64).sqrt().recip();
        if axis.ratio < asked.axis_ratio {
            lacks.push(Lack::Crooked { role, ratio: axis.ratio, least: asked.axis_ratio });
        } else if error > most {
            lacks.push(Lack::Unrepeatable { role, error, most });
        }
    }
    lacks
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{AlignmentMethod, AlignmentReport, FunctionalAxis, Span};

    fn axis(movements: usize, ratio: f64, repeatability_deg: f64) -> FunctionalAxis {
        FunctionalAxis { movements, ratio, repeatability: Angle::from_degrees(repeatability_deg) }
    }

    /// What a set lacks in which somebody stood so long at the longest, and each sensor was turned so (nobody else was).
    fn lacking(stood_s: f64, shank: Option<FunctionalAxis>, hip: Option<FunctionalAxis>) -> Vec<Lack> {
        let report = |role, functional| AlignmentReport {
            role,
            method: AlignmentMethod::FunctionalAndMount,
            axis_sigma: Angle::from_degrees(4.0),
            functional,
            sensor_to_segment: [1.0, 0.0, 0.0, 0.0],
            settling: None,
        };
        let set = SetAnalysis {
            number: 1,
            side: None,
            span: Span::from_seconds(0.0, 60.0),
            quiet_stances: vec![Span::from_seconds(5.0, 5.5), Span::from_seconds(20.0, 20.0 + stood_s)],
            alignment: vec![report(SensorRole::Hip, hip), report(SensorRole::Shank, shank)],
            reps: Vec::new(),
            rejected: Vec::new(),
        };
        lacks(&set, &Method::default())
    }

    /// As it is asked for.
    const GOOD: Option<FunctionalAxis> =
        Some(FunctionalAxis { movements: 4, ratio: 8.0, repeatability: Angle::from_degrees(2.0) });

    #[test]
    fn a_calibration_with_all_that_is_asked_for_lacks_nothing() {
        assert_eq!(lacking(2.0, GOOD, GOOD), []);
    }

    #[test]
    fn the_longest_quiet_stance_counts() {
        assert_eq!(lacking(1.99, GOOD, GOOD), [Lack::Stillness { longest_s: 1.99 }]);
        assert_eq!(lacking(0.2, GOOD, GOOD), [Lack::Stillness { longest_s: 0.5 }]);
    }

    #[test]
    fn each_sensor_must_have_been_turned_often_enough() {
        let some = |movements| Some(axis(movements, 8.0, 2.0));
        let lack = |role, found| vec![Lack::Movements { role, found }];
        assert_eq!(lacking(3.0, some(1), GOOD), lack(SensorRole::Shank, 1));
        assert_eq!(lacking(3.0, GOOD, some(1)), lack(SensorRole::Hip, 1));
        assert_eq!(lacking(3.0, None, GOOD), lack(SensorRole::Shank, 0));
        assert_eq!(lacking(3.0, some(2), some(2)), []);
    }

    #[test]
    fn the_movements_must_be_about_one_axis() {
        let lack = |role| vec![Lack::Crooked { role, ratio: 4.99, least: 5.0 }];
        assert_eq!(lacking(3.0, Some(axis(4, 4.99, 2.0)), GOOD), lack(SensorRole::Shank));
        assert_eq!(lacking(3.0, GOOD, Some(axis(4, 4.99, 2.0))), lack(SensorRole::Hip));
        assert_eq!(lacking(3.0, Some(axis(4, 5.0, 2.0)), Some(axis(4, 5.0, 2.0))), []);
    }

    #[test]
    fn the_axis_must_be_the_same_each_time_the_more_movements_the_less_so() {
        // The error of the mean of four axes is half of what single ones differ by.
        let lacks = lacking(3.0, Some(axis(4, 8.0, 6.1)), GOOD);
        let [Lack::Unrepeatable { role: SensorRole::Shank, error, most }] = lacks[..] else { panic!("{lacks:?}") };
        assert!((error.degrees() - 3.05).abs() < 1e-9 && (most.degrees() - 3.0).abs() < 1e-9);
        assert_eq!(lacking(3.0, Some(axis(4, 8.0, 5.9)), Some(axis(9, 8.0, 8.9))), []);
        assert_eq!(lacking(3.0, GOOD, Some(axis(9, 8.0, 9.1))).len(), 1);
    }

    #[test]
    fn what_is_lacking_is_told_in_the_order_in_which_it_is_done() {
        let lacks = lacking(1.0, Some(axis(4, 1.0, 2.0)), None);
        assert!(
            matches!(lacks[..], [Lack::Stillness { .. }, Lack::Crooked { .. }, Lack::Movements { .. }]),
            "{lacks:?}"
        );
    }
}
