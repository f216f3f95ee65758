//! Which of a person's sessions a page shows: one day, both legs, one exercise.

use std::ops::Range;

use truehinge_core::{SessionAnalysis, SessionId};

use crate::trend::comparable;

/// Which day is wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Which {
    /// The last one.
    #[default]
    Last,
    /// That of a session, and of it alone.
    Session(SessionId),
    /// A date on the clock on the wall, `2026-01-31`.
    Date(String),
}

/// Puts a person's sessions in order of time; those without a date come first.
pub fn in_order(sessions: &mut [SessionAnalysis]) {
    sessions.sort_by(|a, b| (a.info.start_utc_ns, &a.info.session).cmp(&(b.info.start_utc_ns, &b.info.session)));
}

/// The sessions of the wanted day that may stand on one page, as a part of all of them in order: same date, same exercise, same numbers
/// behind the verdict. A left and a right recording of one day are one page; two exercises are two. `None` if there is no such day.
pub fn day(sessions: &[SessionAnalysis], which: &Which) -> Option<Range<usize>> {
    let last = match which {
        Which::Last => sessions.len().checked_sub(1)?,
        Which::Session(id) => {
            let index = sessions.iter().rposition(|session| session.info.session == *id)?;
            return Some(index..index + 1);
        }
        Which::Date(date) => sessions.iter().rposition(|session| of_wall(session).as_deref() == Some(date))?,
    };
    let date = of_wall(&sessions[last]);
    let alike =
        |session: &SessionAnalysis| date.is_some() && of_wall(session) == date && comparable(session, &sessions[last]);
    let before = sessions[..last].iter().rev().take_while(|session| alike(session)).count();
    Some(last - before..last + 1)
}

/// The sessions of the same date that are not on the page, because they are another exercise or were judged otherwise.
pub fn left_out<'a>(sessions: &'a [SessionAnalysis], shown: &Range<usize>) -> Vec<&'a SessionAnalysis> {
    let Some(date) = sessions.get(shown.start).and_then(of_wall) else { return Vec::new() };
    let of_day = sessions.iter().enumerate().filter(|(index, _)| !shown.contains(index));
    of_day.map(|(_, session)| session).filter(|session| of_wall(session).as_ref() == Some(&date)).collect()
}

fn of_wall(session: &SessionAnalysis) -> Option<String> {
    session.info.local_start().map(|start| start.date())
}
