//! What a session says while it runs, and again when it is replayed: one line for everything that happens, for people or as JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use truehinge_core::words::Language;
use truehinge_core::{Explained, HostTime, Metric, SensorRole, SessionAnalysis, Side};
use truehinge_session::Error;
use truehinge_session::coach::{Message, Subject, words::lack};
use truehinge_session::recording::{Answer, Event, Prompt, SyncStage};
use truehinge_signal::live::{LiveEvent, LiveRep};

use crate::failure::Failure;
use crate::json::{self, Output};
use crate::{Outcome, output, pipe, words};

/// Charge below which a sensor may not last, per cent.
const LOW: u8 = 20;

/// Says what happened on standard output.
pub fn say(event: &Event, json: bool) {
    match event {
        // Said to people alone.
        Event::CoachFailed => pipe::err(format_args!(
            "error: the live analysis failed; the recording is whole\nhint: analyse it afterwards (`truehinge analyze`)\n"
        )),
        event if event.is_detail() => {}
        // With the options that do something about it.
        Event::NotAnalysed { error } if json => {
            json::print(&Failed { event: "analysis", failed: not_analysed(error) });
        }
        event => speak(json, event, || in_words(event)),
    }
}

/// `Event::NotAnalysed` with the option that does something about it.
#[derive(Serialize)]
pub struct Failed {
    /// `analysis`.
    pub event: &'static str,
    /// Why, and what to do.
    pub failed: String,
}

impl Output for Failed {
    const SCHEMA: &'static str = "truehinge/event/1";
}

/// Says a line for programs or for people.
pub fn speak(json: bool, line: &impl Output, words: impl FnOnce() -> String) {
    // Who listened may have gone; the recording goes on.
    if json { json::print(line) } else { println!("{}", words()) }
}

fn in_words(event: &Event) -> String {
    let of_link = |at: &HostTime, role: &SensorRole, words: String| format!("{:7.1} s  {role}: {words}", at.seconds());
    match event {
        Event::DeviceSync(stage) => of_sync(stage),
        Event::Unfinished { recording } => {
            let path = recording.display();
            format!(
                "{path} was not ended; `truehinge recover {path}` brings it back (if no other program is writing it)"
            )
        }
        Event::Begin { recording, squad: Some(squad), .. } => format!(
            "turn of {}, {} of {}: recording to {}; Ctrl-C ends it",
            squad.athlete(),
            squad.now + 1,
            squad.athletes.len(),
            recording.display()
        ),
        Event::Begin { recording, .. } => format!("recording to {}; Ctrl-C ends it", recording.display()),
        Event::Connected { at, role, .. } => of_link(at, role, "connected".to_owned()),
        Event::Signal { at, role, dbm } => of_link(at, role, format!("heard with {dbm} dBm")),
        Event::Silent { at, role, seconds } => of_link(at, role, format!("connected, but no data for {seconds:.1} s")),
        Event::Lost { at, role, cause } => of_link(at, role, format!("lost: {}", cause.in_full())),
        Event::Trouble { at, role, cause } => of_link(at, role, cause.in_full()),
        Event::Battery { role, percent } => {
            let advice = if *percent < LOW { ": charge it before the next session" } else { "" };
            format!("{role}: battery {percent} %{advice}")
        }
        Event::Undecodable { role, cause } => format!("{role}: {}", cause.in_full()),
        Event::Samples { at, samples } => of_samples(*at, samples),
        Event::Coach(message) => of_coach(message),
        Event::Gesture { at, asked, .. } => {
            let answer = Prompt::Gesture(Answer::to(*asked)).words(Language::English);
            format!("{:7.1} s  gesture: {answer}", at.seconds())
        }
        Event::Analysed(analysis) => of_analysis(analysis),
        Event::NotAnalysed { error } => format!("not analysed: {}", not_analysed(error)),
        Event::End { recording, sensors } => {
            let line = |(role, t): (&SensorRole, &truehinge_ble::SensorTally)| {
                format!(
                    "{role}: {} samples, {} lost in transmission, link lost {} times\n",
                    t.received, t.lost, t.link_losses
                )
            };
            format!("{}recording  {}", sensors.iter().map(line).collect::<String>(), recording.display())
        }
        _ => String::new(),
    }
}

/// Why there is no analysis, with the option that does something about it.
fn not_analysed(error: &Error) -> String {
    Failure::of(Outcome::SomeFailed, error).in_full()
}

fn of_sync(stage: &SyncStage) -> String {
    match stage {
        SyncStage::Preparing { role } => format!("{role}: made ready to set its clock"),
        SyncStage::Alone { seconds } => format!("the sensors set their clocks, {seconds} s: leave them side by side"),
        SyncStage::Asking { role } => format!("{role}: asked how it went"),
        SyncStage::Done => "the sensors have set their clocks to one another's".to_owned(),
        SyncStage::Failed { cause } => {
            format!("the sensors' clocks were not synchronised: {}; they are fitted without", cause.in_full())
        }
    }
}

fn of_samples(at: HostTime, samples: &BTreeMap<SensorRole, u64>) -> String {
    let counts: Vec<String> = samples.iter().map(|(role, n)| format!("{role} {n}")).collect();
    format!("{:7.1} s  {} samples", at.seconds(), counts.join(", "))
}

fn of_analysis(analysis: &SessionAnalysis) -> String {
    format!("\n{}\n{}", output::repetitions(analysis), output::findings(analysis))
}

/// What the coach tells, for people.
pub fn of_coach(message: &Message) -> String {
    let said = match &message.subject {
        Subject::Movement(movement) => of_movement(movement),
        Subject::Calibration(lacks) if lacks.is_empty() => "calibration accepted".to_owned(),
        Subject::Calibration(lacks) => {
            format!("calibration: {}", lacks.iter().map(lack).collect::<Vec<_>>().join("; "))
        }
        Subject::FormLost(lost) => Prompt::FormLost { metric: lost.metric }.words(Language::English),
        // For who draws it.
        Subject::Knee(_) => String::new(),
    };
    format!("{:7.1} s  {said}", message.at.seconds())
}

fn of_movement(movement: &LiveEvent) -> String {
    match movement {
        LiveEvent::KneeForward(_) => "knee forward: push the hips back".to_owned(),
        LiveEvent::KneeBack(_) => "knee back in place".to_owned(),
        LiveEvent::Repetition(told) => of_rep(told),
        LiveEvent::Revised(told) => format!("corrected: {}", of_rep(told)),
        LiveEvent::Withdrawn(span) => format!("the movement at {:.1} s was no repetition", span.start.seconds()),
        LiveEvent::StanceUnseen => Prompt::StanceUnseen.words(Language::English),
        LiveEvent::SetOver(since) => format!("the set is over since {:.1} s", since.seconds()),
        LiveEvent::Worn(finding) => words::remark(finding),
        LiveEvent::WornWell(finding) => format!("cleared: {}", words::remark(finding)),
        _ => String::new(),
    }
}

fn of_rep(LiveRep { side: leg, rep }: &LiveRep) -> String {
    let of = |metric: Metric| output::reading(rep.metrics.reading(metric), metric);
    format!(
        "repetition {}, {}: {} (P {:.2}); knee {}, hips {} back; {}",
        rep.number,
        leg.map_or("?", Side::name),
        rep.judgement.verdict.title(),
        rep.judgement.probability,
        of(Metric::KneeForward),
        of(Metric::HipBack),
        output::reason(&rep.judgement)
    )
}
