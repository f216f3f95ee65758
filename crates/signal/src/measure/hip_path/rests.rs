//! What the integrated data of a stretch hold in its two rests, where the person hardly moves.

use std::ops::Range;

use nalgebra::SVector;

use super::strapdown::{Integrated, Strapdown};
use super::unknowns::{INTEGRATED, PER_AXIS};

/// Position or velocity on all axes: what was measured, and what each unknown adds to it.
#[derive(Clone, Copy)]
pub(super) struct Reading(SVector<f64, LENGTH>);

/// Mathematics: the axes of space.
const AXES: usize = 3;
/// Mathematics: three axes of what was measured and of each shared unknown that is integrated.
const OF_AXES: usize = AXES + AXES * INTEGRATED;
/// Mathematics: then a repetition's own unknowns, which do the same on every axis.
const LENGTH: usize = OF_AXES + PER_AXIS;

impl Reading {
    /// At a point: position (`order` 0) or velocity (`order` 1).
    fn at(strapdown: &Strapdown, i: usize, order: usize) -> Self {
        let pick = |integrated: &Integrated| if order == 0 { integrated.twice[i] } else { integrated.once[i] };
        let mut reading = SVector::<f64, LENGTH>::zeros();
        reading.fixed_rows_mut::<AXES>(0).copy_from(&pick(&strapdown.measured));
        for (k, shared) in strapdown.shared.iter().enumerate() {
            reading.fixed_rows_mut::<AXES>(AXES + AXES * k).copy_from(&pick(shared));
        }
        reading.fixed_rows_mut::<PER_AXIS>(OF_AXES).copy_from_slice(&strapdown.own(i, order));
        Self(reading)
    }

    fn mean(strapdown: &Strapdown, range: &Range<usize>, order: usize) -> Self {
        let sum: SVector<f64, LENGTH> = range.clone().map(|i| Self::at(strapdown, i, order).0).sum();
        Self(sum / range.len() as f64)
    }

    /// What was measured on an axis.
    pub fn measured(&self, axis: usize) -> f64 {
        self.0[axis]
    }

    /// What the `k`-th shared unknown adds on an axis.
    pub fn shared(&self, k: usize, axis: usize) -> f64 {
        self.0[AXES + AXES * k + axis]
    }

    /// What the `k`-th of a repetition's own unknowns of an axis adds on it.
    pub fn own(&self, k: usize) -> f64 {
        self.0[OF_AXES + k]
    }
}

/// One rest.
pub(super) struct RestReading {
    pub seconds: f64,
    /// Mean velocity.
    pub speed: Reading,
    /// Change of velocity from the first point to the last.
    pub gained: Reading,
}

impl RestReading {
    fn of(strapdown: &Strapdown, rest: &Range<usize>) -> Self {
        let velocity = |i| Reading::at(strapdown, i, 1).0;
        Self {
            seconds: rest.len() as f64 * strapdown.dt,
            speed: Reading::mean(strapdown, rest, 1),
            gained: Reading(velocity(rest.end - 1) - velocity(rest.start)),
        }
    }
}

/// The rests before and after a movement.
pub(super) struct RestReadings {
    pub both: [RestReading; 2],
    /// Change of the mean position from the first to the second.
    pub moved: Reading,
}

impl RestReadings {
    pub fn of(strapdown: &Strapdown) -> Self {
        let (before, after) = (&strapdown.before, &strapdown.after);
        let place = |rest| Reading::mean(strapdown, rest, 0).0;
        Self {
            both: [before, after].map(|rest| RestReading::of(strapdown, rest)),
            moved: Reading(place(after) - place(before)),
        }
    }
}
