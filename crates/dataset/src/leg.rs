//! What it means for the sets of a recording that somebody names its supporting leg.

use truehinge_core::Side;

/// What becomes of the sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sets {
    /// None is marked: all of the recording is one, on the leg that is named now.
    AllIsOne,
    /// All were on the leg that the recording named before: they are on the one that is named now.
    Follow,
    /// They know better: their markers name other legs than the recording did.
    Stay,
}

/// Whoever names the leg has the recording in mind. `before` is the leg that it named until now, `marked` the legs of its sets.
pub(crate) fn sets_when_named(before: Option<Side>, marked: &[Option<Side>]) -> Sets {
    if marked.is_empty() {
        Sets::AllIsOne
    } else if before.is_some() && marked.iter().all(|side| *side == before) {
        Sets::Follow
    } else {
        Sets::Stay
    }
}
