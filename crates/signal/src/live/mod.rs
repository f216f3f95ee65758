//! Live use: the batch analysis, run on what is there so far whenever the person comes to rest, and a cue for every sample.
//!
//! A repetition cannot be judged before it has ended: its displacement is anchored to the stance on both sides. So there are two
//! layers (decision 0009). Per sample, without look-ahead: the shank's lean and with it the knee's travel, for a cue during the
//! movement (`cue`). Whenever a movement may have ended (`due`): [`crate::analyse`], the same function that batch calls, on the
//! samples so far (`window`). What it says of a repetition may change while the set goes on (an attempt is small only beside
//! others); then it is told again as [`LiveEvent::Revised`] or taken back as [`LiveEvent::Withdrawn`] (`telling`). At the end
//! [`LiveSession::finish`] with the analysis of the stored recording leaves nothing told that batch does not say.

mod activity;
mod cue;
mod due;
mod gesture;
mod posture;
mod replay;
mod search;
mod session;
mod telling;
mod window;

use truehinge_core::{Finding, HostTime, Rep, SessionTime, Side, Span};

pub use cue::Cue;
pub use gesture::{Gesture, GestureFinder, Gestured};
pub use replay::{replay, replay_searching};
pub use session::LiveSession;

/// What a live session tells.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum LiveEvent {
    /// The knee has just gone forward beyond the fault limit.
    KneeForward(Cue),
    /// The knee has come back within the good limit.
    KneeBack(Cue),
    /// A repetition ended.
    Repetition(LiveRep),
    /// A repetition told before is now seen otherwise: another verdict, or a number that moved by more than its uncertainty lets
    /// one expect (`live.revised_sigmas` of the method).
    Revised(LiveRep),
    /// A movement told as a repetition is not counted after all.
    Withdrawn(Span),
    /// Sets are looked for, and the running one is over since then: [`truehinge_core::MarkerKind::SetFound`] is to be marked there.
    SetOver(HostTime),
    /// Sets are looked for, and somebody moves as in one, but was never seen to change from two legs to one: nothing counts until then.
    StanceUnseen,
    /// Something is wrong with how a sensor is worn.
    Worn(Finding),
    /// What was told of a sensor does not hold after all.
    WornWell(Finding),
}

/// A repetition of the running session.
#[derive(Clone, PartialEq, Debug)]
pub struct LiveRep {
    /// Supporting leg, if known.
    pub side: Option<Side>,
    /// As the analysis has it.
    pub rep: Rep,
}

/// Earlier than anything that can happen.
const BEFORE_ALL: SessionTime = SessionTime::from_nanos(i64::MIN);
/// Later than anything that can happen.
const AFTER_ALL: SessionTime = SessionTime::from_nanos(i64::MAX);
