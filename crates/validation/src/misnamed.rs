//! Sessions about which somebody said something wrong: what becomes of their verdicts.

use std::fmt::Write;

use truehinge_core::{MarkerKind, Recording, SensorRole, Side};
use truehinge_session::Judge;
use truehinge_session::statistics::share;

use crate::bench::{Kind, Part, Session, total};
use crate::summary::Verdicts;

/// What is said of a recording.
type Said = (&'static str, fn(&mut Recording));

const SAID: [Said; 3] = [("as it was", |_| ()), ("the other leg", other_leg), ("hip and shank exchanged", exchanged)];

/// The section, of sessions with hinges.
pub fn section(name: &str, part: &Part, judge: &Judge) -> String {
    let mut text = format!(
        "## What was said wrongly\n\nThe {name} part once more, with something wrong said of each session. Right, not sure and wrong side: of \
         movements outside the grey zone that were counted.\n\n\
         | said | sessions refused | counted | right | not sure | on the wrong side |\n|---|---|---|---|---|---|\n"
    );
    for (said, change) in SAID {
        let sessions = part.analyse_otherwise(judge, change);
        let sessions: Vec<&Session<'_>> = sessions.iter().filter(|session| session.of.kind == Kind::Hinge).collect();
        let refused = sessions.iter().filter(|session| session.refused.is_some()).count();
        let score = total(sessions.iter().copied());
        let verdicts = Verdicts::of(&score);
        let _ = writeln!(
            text,
            "| {said} | {refused} of {} | {} | {} | {} | {} |",
            sessions.len(),
            verdicts.found,
            verdicts.given - verdicts.wrong,
            verdicts.found - verdicts.given,
            share(verdicts.wrong, verdicts.given),
        );
    }
    text.push('\n');
    text
}

/// The supporting leg is taken for the other one.
fn other_leg(recording: &mut Recording) {
    recording.info.stance_side = recording.info.stance_side.map(Side::other);
    for marker in &mut recording.markers {
        if let MarkerKind::SetStart { side } = &mut marker.kind {
            *side = side.other();
        }
    }
}

/// Each of the two sensors is taken for the other one.
pub fn exchanged(recording: &mut Recording) {
    for track in &mut recording.tracks {
        track.role = match track.role {
            SensorRole::Hip => SensorRole::Shank,
            SensorRole::Shank => SensorRole::Hip,
            other => other,
        };
    }
}
