//! The unknowns of the adjustment, in their order: those that all repetitions share, then each repetition's own.
//!
//! Shared: accelerometer bias (3), gyroscope gain, lever arm (3), lean of shank and thigh in the stance, the trunk's moment, and
//! how the person habitually shifts the centre of mass. A repetition's own, on each axis: start velocity, constant and growing
//! error of the acceleration, and what missing samples hid: a change of velocity, and a turn, which lets gravity in from then on.

use nalgebra::{SMatrix, SVector};

/// Mathematics: number of shared unknowns.
pub(super) const SHARED: usize = 11;
/// Mathematics: place of the gyroscope's gain.
pub(super) const GAIN: usize = 3;
/// Mathematics: place of the first component of the lever arm.
pub(super) const LEVER: usize = 4;
/// Mathematics: place of the shank's lean in the stance.
pub(super) const SHANK_LEAN: usize = 7;
/// Mathematics: place of the thigh's lean in the stance.
pub(super) const THIGH_LEAN: usize = 8;
/// Mathematics: place of the trunk's moment.
pub(super) const TRUNK: usize = 9;
/// Mathematics: place of the habitual shift.
pub(super) const SHIFT: usize = 10;
/// Mathematics: number of shared unknowns, from the first on, that are errors of the sensor and are integrated.
pub(super) const INTEGRATED: usize = 4;
/// Mathematics: number of a repetition's own unknowns on one axis.
pub(super) const PER_AXIS: usize = 5;
/// Mathematics: number of a repetition's own unknowns.
pub(super) const OWN: usize = 3 * PER_AXIS;
/// Mathematics: the axis that points up.
pub(super) const VERTICAL: usize = 2;
/// Mathematics: number of the unknowns that enter one repetition.
pub(super) const ENTERING: usize = SHARED + OWN;

/// What each unknown that enters a repetition does to a position.
pub(super) type Effect = SMatrix<f64, 3, ENTERING>;
/// The unknowns that enter one repetition.
pub(super) type Part = SVector<f64, ENTERING>;
/// Their covariance.
pub(super) type PartCovariance = SMatrix<f64, ENTERING, ENTERING>;

/// Where the `k`-th unknown that enters repetition `r` stands among all.
pub(super) const fn place(r: usize, k: usize) -> usize {
    if k < SHARED { k } else { OWN * r + k }
}
