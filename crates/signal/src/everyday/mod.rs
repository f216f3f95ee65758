//! What tells everyday movement from a repetition, beside its shape: while a repetition is done the foot stays where it is
//! (`planted_foot`), the body bends and does not turn about (`twist`), and no limb goes further than it can (`body`).
//!
//! In: the sensors on the grid and the points of a movement, or its numbers. Out: the [`Rejection`], if there is one. Nothing here knows
//! how sensors are aligned with segments: what is asked has the same answer however they sit.

pub mod body;
mod planted_foot;
mod twist;

use std::ops::Range;

use truehinge_core::{Rejection, SampleRate};

use crate::grid::PoseTrack;
use crate::method;
use planted_foot::Foot;

/// The two sensors that are asked.
#[derive(Clone, Debug)]
pub struct Everyday<'a> {
    hip: &'a PoseTrack,
    shank: &'a PoseTrack,
    foot: Foot<'a>,
    numbers: &'a method::Everyday,
}

impl<'a> Everyday<'a> {
    /// Of a stretch with one mounting.
    pub fn new(hip: &'a PoseTrack, shank: &'a PoseTrack, rate: SampleRate, numbers: &'a method::Everyday) -> Self {
        Self { hip, shank, foot: Foot { shank, rate, numbers: &numbers.planted_foot }, numbers }
    }

    /// Why a movement is no repetition, if it is none by these reasons.
    pub fn rejection(&self, movement: &Range<usize>) -> Option<Rejection> {
        let share = twist::horizontal_share(self.hip, movement).max(twist::horizontal_share(self.shank, movement));
        if share < self.numbers.twist.horizontal_share {
            return Some(Rejection::Twist { share });
        }
        self.foot.moved(movement)
    }
}
