//! Whether the calibration movements were good enough, and what to do again.
//!
//! In: a set as it was analysed. Out: what it lacks; nothing means accepted. The movements are 3 s of quiet stance, two or three
//! small knee bends (they turn the shank, which a hinge does not) and two bows (they turn the pelvis). The analysis runs without
//! them as well, on the mounting site and the repetitions alone, with the wider uncertainty that this costs.

use std::fmt;

use truehinge_core::{Angle, SensorRole, SetAnalysis};

/// Something a calibration lacks; says what to do again.
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
    },
    /// Every movement had an axis of its own.
    Unrepeatable {
        /// Which sensor.
        role: SensorRole,
        /// Standard error of the common axis.
        error: Angle,
    },
}

/// Quiet stance that is asked for, s: a second less than people are told.
const STILL_S: f64 = 2.0;
/// Movements that are asked for.
const MOVEMENTS: usize = 2;
/// Least ratio of rotation about the axis to rotation across it (SCIENCE §6).
const LEAST_RATIO: f64 = 5.0;
/// Largest standard error of the axis from the movements' own spread (SCIENCE §6).
const LARGEST_ERROR: f64 = 3.0 * std::f64::consts::PI / 180.0;

/// What the calibration of a set lacks, in the order in which it is done; empty when it is accepted.
pub fn lacks(set: &SetAnalysis) -> Vec<Lack> {
    let longest_s = set.quiet_stances.iter().map(|span| span.length().seconds()).fold(0.0, f64::max);
    let mut lacks = Vec::new();
    if longest_s < STILL_S {
        lacks.push(Lack::Stillness { longest_s });
    }
    for role in [SensorRole::Shank, SensorRole::Hip] {
        let axis = set.alignment.iter().find(|report| report.role == role).and_then(|report| report.functional);
        let Some(axis) = axis.filter(|axis| axis.movements >= MOVEMENTS) else {
            lacks.push(Lack::Movements { role, found: axis.map_or(0, |axis| axis.movements) });
            continue;
        };
        let error = axis.repeatability * (axis.movements as f64).sqrt().recip();
        if axis.ratio < LEAST_RATIO {
            lacks.push(Lack::Crooked { role, ratio: axis.ratio });
        } else if error.radians() > LARGEST_ERROR {
            lacks.push(Lack::Unrepeatable { role, error });
        }
    }
    lacks
}

/// The movements that turn a sensor.
const fn movements(role: SensorRole) -> &'static str {
    match role {
        SensorRole::Shank | SensorRole::Thigh => "small knee bends, straight over the toes",
        SensorRole::Hip | SensorRole::Trunk => "bows, straight ahead",
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stillness { longest_s } => {
                write!(f, "the longest quiet stance was {longest_s:.1} s: stand still for 3 s")
            }
            Self::Movements { role, found } => {
                write!(f, "{found} movements turned the {role} sensor enough: do three {}", movements(*role))
            }
            Self::Crooked { role, ratio } => write!(
                f,
                "the {role} sensor turned only {ratio:.1} times more about one axis than about the others (5 is asked for): \
                 do the {} again, slower",
                movements(*role)
            ),
            Self::Unrepeatable { role, error } => write!(
                f,
                "the {role} sensor turned about another axis each time (known to {:.0} degrees, 3 are asked for): check its \
                 strap, then do the {} again",
                error.degrees(),
                movements(*role)
            ),
        }
    }
}
