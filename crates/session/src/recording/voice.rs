//! What is said aloud of a session, and when: a browser and the system's speech say the same. Pure: no clock but that of the events.

use truehinge_core::words::{Args, Language};
use truehinge_core::{HostTime, Marker, MarkerKind, Metric, SensorRole, Side, Verdict};
use truehinge_signal::live::{LiveEvent, LiveRep};

use super::board::Board;
use super::event::Event;
use super::prompt::{Answer, Prompt};
use crate::coach::Subject;

/// What somebody wants to hear.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// Nothing.
    #[default]
    Off,
    /// How many there are, what could not be told, and what the session needs.
    Count,
    /// That, and a cue for a fault that comes again.
    Cue,
    /// The beat of the movement, and what the session needs.
    Tempo,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Off, Self::Count, Self::Cue, Self::Tempo];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Count => "count",
            Self::Cue => "cue",
            Self::Tempo => "tempo",
        }
    }

    /// Whether it is said in this mode. The first fault in a set is not, unless every one is asked for.
    pub fn says(self, said: &Utterance, every: bool) -> bool {
        match said.kind {
            Kind::Count => matches!(self, Self::Count | Self::Cue),
            Kind::Fault { again } => self == Self::Cue && (again || every),
            Kind::Need => self != Self::Off,
        }
    }
}

/// Words that a cue has: what to do, or what it feels like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CueSet {
    /// What to do.
    #[default]
    Action,
    /// What it feels like.
    Sensation,
}

impl CueSet {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Action, Self::Sensation];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Sensation => "sensation",
        }
    }
}

/// Something to say aloud.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Utterance {
    /// After what, s of the host's clock.
    pub at: HostTime,
    /// What sort of thing it is.
    pub kind: Kind,
    what: What,
}

/// What sort of thing is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A repetition ended.
    Count,
    /// The knee is too far forward.
    Fault {
        /// Not for the first time in this set.
        again: bool,
    },
    /// Something that the session needs: a sensor that is lost, a calibration, another leg.
    Need,
}

/// What is said.
#[derive(Clone, Copy, PartialEq, Debug)]
enum What {
    Repetition { number: u32, verdict: Verdict, last: bool },
    SetOver { set: u32, repetitions: usize },
    StanceUnseen,
    FormLost(Metric),
    Knee,
    Gesture(Answer),
    Lost(SensorRole),
    Set { set: u32, side: Option<Side> },
    Calibrate,
    Calibration { accepted: bool },
    Ended { repetitions: usize },
    NotAnalysed,
    EndedEarly,
}

impl Utterance {
    /// Its words.
    pub fn words(&self, language: Language, cues: CueSet) -> String {
        let args = Args::new(language);
        let (key, args) = match self.what {
            What::Repetition { number, verdict, last } => {
                let last = args.text("last", if last { "yes" } else { "no" });
                ("say-repetition", last.count("number", number.into()).text("verdict", verdict.name()))
            }
            What::SetOver { set, repetitions } => {
                ("say-set-over", args.count("set", set.into()).count("repetitions", repetitions as u64))
            }
            What::StanceUnseen => ("say-stance-unseen", args),
            What::FormLost(metric) => ("say-form-lost", args.text("metric", metric.name())),
            What::Knee => ("say-knee", args.text("cues", cues.name())),
            What::Gesture(answer) => ("say-gesture", answer.args(language)),
            What::Lost(role) => ("say-lost", args.text("sensor", language.worn(role))),
            What::Set { set, side } => {
                let side = side.map_or("unknown", Side::name);
                ("say-set", args.count("set", set.into()).text("side", side))
            }
            What::Calibrate => ("say-calibrate", args),
            What::Calibration { accepted } => {
                ("say-calibration", args.text("result", if accepted { "accepted" } else { "lacks" }))
            }
            What::NotAnalysed => ("say-not-analysed", args),
            What::EndedEarly => ("say-ended-early", args),
            What::Ended { repetitions } => ("say-ended", args.count("repetitions", repetitions as u64)),
        };
        language.say(key, &args)
    }
}

/// Decides what is said.
#[derive(Debug, Default)]
pub struct Voice {
    /// What was said last of the running calibration.
    calibration: Option<bool>,
}

impl Voice {
    /// What is said after an event that the board has heard.
    pub fn hears(&mut self, event: &Event, board: &Board) -> Option<Utterance> {
        let (kind, what) = match event {
            Event::Coach(message) => self.told(&message.subject, board)?,
            Event::Marker(marker) => self.marked(marker, board)?,
            Event::Gesture { asked, .. } => (Kind::Need, What::Gesture(Answer::to(*asked))),
            Event::Lost { role, .. } => (Kind::Need, What::Lost(*role)),
            Event::NotAnalysed { .. } => (Kind::Need, What::NotAnalysed),
            Event::EndedEarly => (Kind::Need, What::EndedEarly),
            // That it is over was said, and of a recording that is not analysed there is no count.
            Event::End { .. } if board.prompt == Prompt::NotAnalysed => return None,
            Event::End { .. } => (Kind::Need, What::Ended { repetitions: board.tiles().len() }),
            _ => return None,
        };
        Some(Utterance { at: board.now, kind, what })
    }

    fn told(&mut self, subject: &Subject, board: &Board) -> Option<(Kind, What)> {
        match subject {
            Subject::Movement(movement) => match &**movement {
                LiveEvent::KneeForward(_) if !board.calibrating => {
                    Some((Kind::Fault { again: has_drift(board) }, What::Knee))
                }
                LiveEvent::StanceUnseen => Some((Kind::Need, What::StanceUnseen)),
                LiveEvent::Repetition(told) => Some(counted(told, board)),
                _ => None,
            },
            Subject::FormLost(lost) => Some((Kind::Need, What::FormLost(lost.metric))),
            Subject::Calibration(lacks) if board.is_about_calibration() => {
                let accepted = lacks.is_empty();
                // While it goes on something is always lacking.
                if self.calibration == Some(accepted) || (board.calibrating && !accepted) {
                    return None;
                }
                self.calibration = Some(accepted);
                Some((Kind::Need, What::Calibration { accepted }))
            }
            _ => None,
        }
    }

    fn marked(&mut self, marker: &Marker, board: &Board) -> Option<(Kind, What)> {
        match marker.kind {
            MarkerKind::SetFound => match board.prompt {
                Prompt::SetOver { set, repetitions } => Some((Kind::Need, What::SetOver { set, repetitions })),
                _ => None,
            },
            MarkerKind::SetStart { .. } | MarkerKind::SearchStart { .. } => {
                *self = Self::default();
                // Who made a gesture for it has heard it.
                (!board.is_answered()).then(|| (Kind::Need, What::Set { set: board.set(), side: board.side() }))
            }
            MarkerKind::CalibrationStart => {
                self.calibration = None;
                Some((Kind::Need, What::Calibrate))
            }
            MarkerKind::CalibrationEnd if self.calibration.is_none() => {
                let accepted = board.calibration.as_ref()?.is_empty();
                self.calibration = Some(accepted);
                Some((Kind::Need, What::Calibration { accepted }))
            }
            _ => None,
        }
    }
}

/// Whether a repetition of this set was a drift. That a knee went forward while somebody put a sensor on is no fault.
fn has_drift(board: &Board) -> bool {
    board.of_this_set().iter().any(|told| told.rep.verdict() == Verdict::KneeForwardDrift)
}

/// The number that is shown: how many there are in this set. The last one of a set that is looked for is heard in every mode.
fn counted(told: &LiveRep, board: &Board) -> (Kind, What) {
    let number = u32::try_from(board.of_this_set().len()).unwrap_or(u32::MAX);
    let last = board.is_searching() && board.asked_for() == Some(number);
    let kind = if last { Kind::Need } else { Kind::Count };
    (kind, What::Repetition { number, verdict: told.rep.verdict(), last })
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_sim::Scenario;

    use crate::Judge;
    use crate::recording::Replay;

    /// What is said of a simulated session with a guided calibration, in a mode.
    fn spoken(mode: Mode, every: bool, language: Language) -> Vec<String> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("a.mcap");
        let recording = Scenario::demo().run().expect("a session").recording();
        truehinge_dataset::recording::write_recording(&path, &recording).expect("writes");
        let (mut board, mut voice, mut said) = (Board::default(), Voice::default(), Vec::new());
        let replay = Replay::of(&path, &Judge::default()).expect("reads");
        replay.run(f64::INFINITY, &|| true, &mut |event| {
            board.hears(event);
            said.extend(voice.hears(event, &board).filter(|said| mode.says(said, every)));
        });
        said.iter().map(|said| said.words(language, CueSet::Sensation)).collect()
    }

    #[test]
    fn a_session_that_ends_otherwise_is_not_told_to_be_done() {
        let end = Event::End { recording: "r.mcap".into(), sensors: std::collections::BTreeMap::new() };
        let said = |events: &[Event]| {
            let (mut board, mut voice) = (Board::default(), Voice::default());
            let hears = |event| {
                board.hears(event);
                Some(voice.hears(event, &board)?.words(Language::English, CueSet::Action))
            };
            events.iter().filter_map(hears).collect::<Vec<_>>()
        };
        let not_analysed = Event::NotAnalysed { error: std::sync::Arc::new(crate::Error::Defect) };
        assert_eq!(said(&[not_analysed, end]), ["Ended. It is recorded, but could not be analysed."]);
        assert_eq!(said(&[Event::EndedEarly]), ["Stop. It could not be stored any further."]);
    }

    #[test]
    fn a_session_is_counted_and_a_fault_is_told_when_it_comes_again() {
        let said = spoken(Mode::Count, false, Language::English);
        assert_eq!(
            said[..4],
            [
                "Set 1, left leg",
                "Stand still. Then three small knee bends. Then three bows.",
                "Calibration accepted",
                "1"
            ]
        );
        assert_eq!(said.last().map(String::as_str), Some("Done. 11 repetitions."));
        let counts: Vec<u32> = said.iter().filter_map(|said| said.split(',').next()?.parse().ok()).collect();
        assert_eq!(counts, [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6]);
        assert!(said.iter().any(|said| said == "2, not sure"), "{said:?}");
        // One drift in each set: none comes again.
        let cue = "Feel the wall behind you";
        assert!(!spoken(Mode::Cue, false, Language::English).contains(&cue.to_owned()));
        let every = spoken(Mode::Cue, true, Language::English);
        assert!(every.iter().filter(|said| *said == cue).count() >= 2, "{every:?}");
        assert_eq!(spoken(Mode::Off, true, Language::English), Vec::<String>::new());
        let german = spoken(Mode::Tempo, true, Language::German);
        assert_eq!(german.first().map(String::as_str), Some("Satz 1, linkes Bein"));
        assert!(!german.iter().any(|said| said.parse::<u32>().is_ok()), "{german:?}");
    }

    #[test]
    fn a_fault_that_comes_again_is_told() {
        let knee = |again| Utterance { at: HostTime::ZERO, kind: Kind::Fault { again }, what: What::Knee };
        assert!(Mode::Cue.says(&knee(true), false) && !Mode::Cue.says(&knee(false), false));
        assert!(Mode::Cue.says(&knee(false), true) && !Mode::Count.says(&knee(true), true));
        let lost = Utterance { at: HostTime::ZERO, kind: Kind::Need, what: What::Lost(SensorRole::Shank) };
        assert_eq!(Mode::ALL.map(|mode| mode.says(&lost, false)), [false, true, true, true]);
        assert_eq!(lost.words(Language::English, CueSet::Action), "The shin sensor is not heard");
    }
}
