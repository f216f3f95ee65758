//! One set, from oriented sensors to judged repetitions, as values that flow one way:
//!
//! ```text
//! Worn       hip and shank sensor over a stretch, with the stance in it
//!   -> Aligned    each sensor's rotation to its segment, and the segments' motion
//!   -> Found      movements, counted or rejected
//!   -> Measured   the numbers of one set's repetitions
//!   -> SetAnalysis   with a verdict each
//! ```
//!
//! Two looks: the first aligns the sensors by their mounting site (or, without one, by all movement) and finds the movements; the
//! second aligns by these movements and finds the repetitions.

mod aligned;
mod facing;
mod found;
mod measured;

use truehinge_core::{Anthropometry, MountSite, Protocol, SensorRole, SessionTime, SetAnalysis, Side, Span};

use crate::grid::{PoseGrid, PoseTrack};
use crate::method::Method;
use crate::stillness::{Stance, observe};

pub use aligned::Aligned;
pub use found::Found;
pub use measured::Measured;

/// What is known about the set beside the data.
#[derive(Clone, Debug)]
pub struct SetContext<'a> {
    /// Supporting leg.
    pub side: Option<Side>,
    /// Whether somebody marked the stretch as a set.
    pub marked: bool,
    /// Whether the sensors were put on anew after the leg was named, perhaps on the other one.
    pub put_on_anew: bool,
    /// Body measures.
    pub body: &'a Anthropometry,
    /// Where each sensor sits, as far as known.
    pub mounts: &'a [(SensorRole, Option<MountSite>)],
    /// The exercise.
    pub protocol: &'a Protocol,
    /// When the guided calibration was made, if it was.
    pub calibrations: &'a [Span],
    /// Where one set ends and another begins, beside pauses.
    pub borders: &'a [SessionTime],
}

impl SetContext<'_> {
    /// A marked set on the left leg, of which nothing else is known.
    #[cfg(test)]
    fn marked<'a>(body: &'a Anthropometry, protocol: &'a Protocol) -> SetContext<'a> {
        SetContext {
            side: Some(Side::Left),
            marked: true,
            put_on_anew: false,
            body,
            mounts: &[],
            protocol,
            calibrations: &[],
            borders: &[],
        }
    }

    fn mount(&self, role: SensorRole) -> Option<MountSite> {
        self.mounts.iter().find(|(r, _)| *r == role).and_then(|(_, mount)| *mount)
    }

    /// Whether a sensor's front is known from where it sits.
    fn knows_mount(&self, role: SensorRole) -> bool {
        self.mount(role).is_some_and(|mount| mount != MountSite::Unknown)
    }
}

/// The sensors of a stretch with one stance leg and one mounting.
#[derive(Clone, Debug)]
pub struct Worn<'a> {
    grid: &'a PoseGrid,
    hip: &'a PoseTrack,
    shank: &'a PoseTrack,
    stance: Stance,
    context: &'a SetContext<'a>,
    method: &'a Method,
}

impl<'a> Worn<'a> {
    /// `None` without hip or shank data or without a second of stillness.
    pub fn new(grid: &'a PoseGrid, context: &'a SetContext<'a>, method: &'a Method) -> Option<Self> {
        Self::standing(grid, observe(grid, method)?, context, method)
    }

    /// The same over a grid whose stance has been observed. `None` without hip or shank data.
    pub(crate) fn standing(
        grid: &'a PoseGrid,
        stance: Stance,
        context: &'a SetContext<'a>,
        method: &'a Method,
    ) -> Option<Self> {
        let (hip, shank) = (grid.track(SensorRole::Hip)?, grid.track(SensorRole::Shank)?);
        Some(Self { grid, hip, shank, stance, context, method })
    }

    /// The stretch's stillness and steps.
    pub fn stance(&self) -> &Stance {
        &self.stance
    }

    /// The sensors aligned as well as the stretch allows, and what they found.
    pub fn found(&self) -> Found<'_> {
        let first = Found::of(Aligned::first(self));
        let second = Found::again(Aligned::by_movements(self, &first.movements()), first.candidates());
        // Hinges may lean the shank backward only; where its sensor sits, or how its wearer stands, knows better.
        if !self.context.knows_mount(SensorRole::Shank) && second.is_turned() {
            second.with_shank_turned_round()
        } else {
            second
        }
    }
}

/// What a stretch with one stance leg and one mounting holds.
#[derive(Clone, Debug)]
pub struct Analysed {
    /// The sets in it; at least one, even when it holds no repetition.
    pub sets: Vec<SetAnalysis>,
    /// How many movements lean away from the leg that was named, if that is not the one that carried the body.
    pub leaning_away: Option<usize>,
    /// Whether a sensor's front was taken for its back.
    pub faces_back: bool,
}

/// Analyses a stretch with one stance leg and one mounting. Its sets are numbered from `first_number`.
pub fn analyse(worn: &Worn<'_>, first_number: u32) -> Analysed {
    let found = worn.found();
    let measured: Vec<Measured<'_>> = found.sets().into_iter().map(|group| Measured::of(&found, group)).collect();
    let faces_back = facing::faces_back(found.motion(), &measured, worn.method);
    let judged = |(number, set): (u32, Measured<'_>)| set.judged(number, faces_back);
    let sets = (first_number..).zip(measured).map(judged).collect();
    Analysed { sets, leaning_away: found.leaning_away(), faces_back }
}

#[cfg(test)]
mod tests;
