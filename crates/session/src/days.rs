//! Which of a person's sessions a page shows: one day, both legs, one exercise.

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

/// Which of a person's sessions in order are the wanted day's and may stand on one page: same date, same exercise, same numbers behind the
/// verdict. A left and a right recording of one day are one page, also with another exercise between them; two exercises are two. `None` if
/// there is no such day; otherwise there is at least one, and the last is the latest.
pub fn day(sessions: &[SessionAnalysis], which: &Which) -> Option<Vec<usize>> {
    let last = match which {
        Which::Last => sessions.len().checked_sub(1)?,
        Which::Session(id) => {
            let index = sessions.iter().rposition(|session| session.info.session == *id)?;
            return Some(vec![index]);
        }
        Which::Date(date) => sessions.iter().rposition(|session| of_wall(session).as_deref() == Some(date))?,
    };
    let date = of_wall(&sessions[last]);
    let alike = |index: &usize| {
        let session = &sessions[*index];
        *index == last || date.is_some() && of_wall(session) == date && comparable(session, &sessions[last])
    };
    Some((0..=last).filter(alike).collect())
}

/// The sessions of the same date that are not on the page, because they are another exercise or were judged otherwise.
pub fn left_out<'a>(sessions: &'a [SessionAnalysis], shown: &[usize]) -> Vec<&'a SessionAnalysis> {
    let Some(date) = shown.first().and_then(|index| of_wall(sessions.get(*index)?)) else { return Vec::new() };
    let others = sessions.iter().enumerate().filter(|(index, _)| !shown.contains(index));
    others.map(|(_, session)| session).filter(|session| of_wall(session).as_ref() == Some(&date)).collect()
}

fn of_wall(session: &SessionAnalysis) -> Option<String> {
    session.info.local_start().map(|start| start.date())
}

#[cfg(test)]
mod tests {
    use truehinge_sim::Scenario;

    use super::*;
    use crate::Judge;

    #[test]
    fn a_day_is_one_page_also_around_another_exercise() {
        let recording = Scenario::typical(1).run().expect("a session").recording();
        let analysis = Judge::default().analyse_recording(&recording).expect("analyses");
        let session = |name: &str, hour: i64, config: &str| {
            let mut session = analysis.clone();
            session.info.session = name.to_owned().into();
            session.info.start_utc_ns = Some((1_767_225_600 + 3600 * hour) * 1_000_000_000);
            config.clone_into(&mut session.provenance.config_sha256);
            session
        };
        let all =
            [session("early", -30, "a"), session("left", 8, "a"), session("other", 9, "b"), session("right", 10, "a")];
        assert_eq!(day(&all, &Which::Last), Some(vec![1, 3]));
        let names =
            |shown: &[usize]| left_out(&all, shown).iter().map(|s| s.info.session.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&[1, 3]), ["other"]);
        assert_eq!(day(&all, &Which::Session("other".to_owned().into())), Some(vec![2]));
        assert_eq!(day(&all, &Which::Date("2025-12-30".to_owned())), Some(vec![0]));
        assert_eq!(day(&all, &Which::Date("2025-12-29".to_owned())), None);
        assert_eq!(day(&[], &Which::Last), None);
    }
}
