//! How repetitions are called on a page: set and number, with the session's letter where several sessions are shown.

use truehinge_core::{Rep, SessionAnalysis, SetAnalysis, Side};

/// The letter of a session among those shown; nothing for one alone.
pub fn letter(index: usize, sessions: usize) -> String {
    let letter = u32::try_from(index).ok().and_then(|index| char::from_u32('A' as u32 + index % 26));
    if sessions > 1 { letter.map(String::from).unwrap_or_default() } else { String::new() }
}

/// A repetition where it belongs.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// Which of the sessions that are shown.
    pub session: usize,
    /// How many are shown.
    pub of: usize,
    /// Its set.
    pub set: &'a SetAnalysis,
    /// Itself.
    pub rep: &'a Rep,
}

impl Placed<'_> {
    /// `1.3`, or `B1.3` in the second of several sessions.
    pub fn name(&self) -> String {
        format!("{}{}.{}", letter(self.session, self.of), self.set.number, self.rep.number)
    }
}

/// All repetitions that are shown, in order of time.
pub fn all(sessions: &[SessionAnalysis]) -> Vec<Placed<'_>> {
    let of = sessions.len();
    sessions
        .iter()
        .enumerate()
        .flat_map(|(session, analysis)| analysis.reps().map(move |(set, rep)| Placed { session, of, set, rep }))
        .collect()
}

/// The repetitions of each leg that has any, left first.
pub fn by_leg<'a>(reps: &[Placed<'a>]) -> Vec<(Option<Side>, Vec<Placed<'a>>)> {
    [Some(Side::Left), Some(Side::Right), None]
        .into_iter()
        .map(|side| (side, reps.iter().copied().filter(|placed| placed.set.side == side).collect::<Vec<_>>()))
        .filter(|(_, reps)| !reps.is_empty())
        .collect()
}
