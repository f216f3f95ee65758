//! What an athlete hears during the set against what the report says afterwards.

use std::borrow::Cow;
use std::fmt::Write;

use rayon::prelude::*;
use truehinge_core::{HostTime, Recording, SessionAnalysis, Verdict};
use truehinge_signal::live::{LiveEvent, replay};

use truehinge_session::Judge;
use truehinge_session::statistics::share;

/// A recording to listen to, and what is said of it afterwards.
pub type Heard<'a> = (Cow<'a, Recording>, Cow<'a, SessionAnalysis>);

/// What happened in live sessions.
#[derive(Clone, Default)]
struct Listened {
    /// Repetitions of the report.
    reps: usize,
    /// Of those, told live.
    told: usize,
    /// From the 5 % point of the return to being told, s.
    delays: Vec<f64>,
    /// Listened with another verdict than the report's.
    changed: usize,
    /// Listened with a verdict on the other side.
    opposite: usize,
    /// Listened and taken back.
    withdrawn: usize,
}

impl Listened {
    fn add(mut self, other: &Self) -> Self {
        self.reps += other.reps;
        self.told += other.told;
        self.delays.extend(&other.delays);
        self.changed += other.changed;
        self.opposite += other.opposite;
        self.withdrawn += other.withdrawn;
        self
    }

    fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.delays.clone();
        sorted.sort_by(f64::total_cmp);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
        let index = (share * sorted.len().saturating_sub(1) as f64).round() as usize;
        sorted.get(index).copied().unwrap_or(f64::NAN)
    }
}

fn listen(judge: &Judge, recording: &Recording, analysis: &SessionAnalysis) -> Listened {
    let mut events: Vec<(HostTime, LiveEvent)> = Vec::new();
    let mut keep = |at, event| events.push((at, event));
    replay(recording, judge.method().clone(), analysis.provenance.protocol.clone(), &mut keep);
    let withdrawn = events.iter().filter(|(_, event)| matches!(event, LiveEvent::Withdrawn(_))).count();
    let mut heard = Listened { withdrawn, ..Listened::default() };
    for (_, rep) in analysis.reps() {
        heard.reps += 1;
        let first = events.iter().find_map(|(at, event)| match event {
            LiveEvent::Repetition(new) if new.rep.span.overlaps(rep.span) => Some((*at, new)),
            _ => None,
        });
        let Some((at, first)) = first else { continue };
        heard.told += 1;
        heard.delays.push(at.seconds() - rep.span.end.seconds());
        let (then, now) = (first.rep.judgement.verdict, rep.judgement.verdict);
        heard.changed += usize::from(then != now);
        heard.opposite += usize::from(then != now && ![then, now].contains(&Verdict::Indeterminate));
    }
    heard
}

/// Sessions to listen to.
pub type Played<'a> = (&'a str, Vec<Heard<'a>>);

/// The section of the page.
pub fn section(judge: &Judge, data: &[Played<'_>]) -> String {
    let mut text = String::from(
        "## Live\n\n\
         The recordings played sample by sample through the live session. Delay: from the moment a repetition is 95 % back to the moment its \
         verdict is told; it is told when the rest has lasted 0.3 s. The wide part is played as it is, with sets that nobody \
         marked, and once more as a recording session marks it.\n\n\
         | data | told live | delay, median, s | 95th percentile, s | verdict changed later | to the opposite | taken back |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for (name, sessions) in data {
        let heard = sessions
            .par_iter()
            .map(|(recording, analysis)| listen(judge, recording, analysis))
            .collect::<Vec<_>>()
            .iter()
            .fold(Listened::default(), Listened::add);
        let delay =
            |share| if heard.delays.is_empty() { "-".to_owned() } else { format!("{:.2}", heard.quantile(share)) };
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} | {} |",
            share(heard.told, heard.reps),
            delay(0.5),
            delay(0.95),
            heard.changed,
            heard.opposite,
            heard.withdrawn
        );
    }
    text.push('\n');
    text
}

/// Warnings of how sensors are worn, as columns.
const WARNINGS: [&str; 4] = ["sensors_swapped", "slipped", "loose", "turned"];

/// A warning that was told live and not taken back.
fn warned(judge: &Judge, recording: &Recording, analysis: &SessionAnalysis) -> [bool; 4] {
    let mut told: Vec<&str> = Vec::new();
    let protocol = analysis.provenance.protocol.clone();
    replay(recording, judge.method().clone(), protocol, &mut |_, event| match event {
        LiveEvent::Worn(issue) => told.push(issue.code()),
        LiveEvent::WornWell(issue) => told.retain(|code| *code != issue.code()),
        _ => {}
    });
    WARNINGS.map(|code| told.contains(&code))
}

/// The section of the page on warnings, for sessions by how their sensors are worn.
pub fn warnings(judge: &Judge, data: &[Played<'_>]) -> String {
    let mut text = String::from(
        "### Warnings of how the sensors are worn\n\n\
         Sessions in which a warning was told live and not taken back. Every warning in a session whose sensors are worn well is a \
         false alarm.\n\n\
         | sensors | sessions | exchanged | slipped | loose | worn another way |\n\
         |---|---|---|---|---|---|\n",
    );
    for (name, sessions) in data {
        let told: Vec<[bool; 4]> =
            sessions.par_iter().map(|(recording, analysis)| warned(judge, recording, analysis)).collect();
        let counts = [0, 1, 2, 3].map(|code| told.iter().filter(|told| told[code]).count().to_string());
        let _ = writeln!(text, "| {name} | {} | {} |", sessions.len(), counts.join(" | "));
    }
    text.push('\n');
    text
}
