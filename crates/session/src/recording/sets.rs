//! The sets of a running session: what somebody asks for, and which markers say so. Pure: no clock but that of the events.

use serde::{Deserialize, Serialize};
use truehinge_core::{Dose, HostTime, Marker, MarkerKind, Side, Span};
use truehinge_signal::live::LiveEvent;

use crate::coach::{Message, Subject};

/// Who says where sets begin and end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Marking {
    /// People do.
    #[default]
    People,
    /// The set finder of the analysis; people still may.
    Finder {
        /// How many repetitions a set is asked for.
        asked: Dose,
        /// A set is over when its form is lost.
        end_on_form_loss: bool,
    },
}

impl Marking {
    /// Whether a set is over when its form is lost.
    pub(super) const fn ends_on_form_loss(self) -> bool {
        matches!(self, Self::Finder { end_on_form_loss: true, .. })
    }

    /// The marker with which a session begins, or goes on, on a leg.
    const fn begins(self, side: Side) -> MarkerKind {
        match self {
            Self::People => MarkerKind::SetStart { side },
            Self::Finder { asked: Dose { min_repetitions: least, max_repetitions: most }, .. } => {
                MarkerKind::SearchStart { side, least, most }
            }
        }
    }
}

/// What somebody may ask for during a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Command {
    /// A new set on the same leg.
    NewSet,
    /// A new set, on the other leg.
    OtherLeg,
    /// The last set does not count and is done again: the running one, or the one before while nothing was done in the running one.
    RedoSet,
    /// A set begins on the same leg; one that runs ends, or begins anew where nothing was done in it.
    StartSet,
    /// The running set ends, and none begins.
    EndSet,
    /// The last set does not count, as with [`Command::RedoSet`], and none begins.
    UndoSet,
    /// Begin or end the guided calibration.
    Calibration,
    /// The shin sensor is about to be tapped, to tell which one it is.
    TapCheck,
    /// Another athlete's turn, by the place in the squad, from zero: this recording ends, and that one's begins.
    Athlete(usize),
    /// The sensors are about to be knocked against each other, so that their clocks can be compared.
    ClockCheck,
}

/// What was asked for, and what holds since.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Asked {
    /// What was asked for.
    pub command: Command,
    /// Whether it was done; there may be no set to end, or to undo.
    pub done: bool,
    /// The running set, from one; where none runs the last one, or 0.
    pub set: u32,
    /// Its supporting leg.
    pub side: Side,
    /// The guided calibration is on.
    pub calibrating: bool,
    /// Repetitions that began from here on do not count, s.
    pub void_from_s: Option<f64>,
}

/// The sets so far.
#[derive(Clone, Debug)]
pub struct Sets {
    marking: Marking,
    number: u32,
    /// A set runs, or is looked for.
    runs: bool,
    side: Side,
    /// When the running set began, s.
    began: f64,
    /// Leg and beginning of the set before, s, as long as it can be made void.
    before: Option<(Side, f64)>,
    calibrating: bool,
    /// The repetitions that were told and count.
    repetitions: Vec<Span>,
    /// When the last thing happened.
    now: HostTime,
}

impl Sets {
    /// The first one, on this leg.
    pub const fn new(side: Side, marking: Marking) -> Self {
        Self {
            marking,
            number: 1,
            runs: true,
            side,
            began: 0.0,
            before: None,
            calibrating: false,
            repetitions: Vec::new(),
            now: HostTime::ZERO,
        }
    }

    /// The same, where none runs until somebody begins one. Sets that are looked for need nobody.
    #[must_use]
    pub fn begun_by_people(self) -> Self {
        match self.marking {
            Marking::People => Self { number: 0, runs: false, ..self },
            Marking::Finder { .. } => self,
        }
    }

    /// It is so late at least.
    pub fn at(&mut self, now: HostTime) {
        self.now = self.now.max(now);
    }

    /// The marker with which the session begins.
    pub const fn first(&self) -> Marker {
        // That what comes before the first set does not count.
        let kind = if self.runs { self.marking.begins(self.side) } else { MarkerKind::SetVoid };
        Marker { at: HostTime::ZERO, kind }
    }

    /// The coach has told something; what is to be marked for it.
    pub fn hear(&mut self, message: &Message) -> Option<Marker> {
        let Subject::Movement(event) = &message.subject else { return None };
        match &**event {
            LiveEvent::SetOver(at) => return self.found(*at),
            LiveEvent::Repetition(told) | LiveEvent::Revised(told) => {
                self.withdraw(told.rep.span);
                self.repetitions.push(told.rep.span);
            }
            LiveEvent::Withdrawn(span) => self.withdraw(*span),
            _ => {}
        }
        None
    }

    /// The set finder has seen that the running set is over, unless somebody has said something of it since.
    fn found(&mut self, at: HostTime) -> Option<Marker> {
        if at.seconds() <= self.began {
            return None;
        }
        self.before = Some((self.side, self.began));
        self.number += 1;
        self.began = at.seconds();
        Some(Marker { at, kind: MarkerKind::SetFound })
    }

    fn withdraw(&mut self, span: Span) {
        self.repetitions.retain(|told| told.end <= span.start || span.end <= told.start);
    }

    /// What is asked for: the markers that say so, and what holds then.
    pub fn ask(&mut self, command: Command) -> (Vec<MarkerKind>, Asked) {
        let mut void_from_s = None;
        let markers = match command {
            Command::NewSet => self.new_set(self.side),
            Command::OtherLeg => self.new_set(self.side.other()),
            Command::RedoSet => {
                let (markers, from) = self.redo();
                void_from_s = Some(from);
                markers
            }
            Command::Calibration => {
                self.calibrating = !self.calibrating;
                vec![if self.calibrating { MarkerKind::CalibrationStart } else { MarkerKind::CalibrationEnd }]
            }
            Command::StartSet => self.start_set(),
            Command::EndSet => self.end_set(),
            Command::UndoSet => {
                let (markers, from) = self.undo_set();
                void_from_s = from;
                markers
            }
            Command::ClockCheck => vec![MarkerKind::ClockCheck],
            Command::TapCheck | Command::Athlete(_) => Vec::new(),
        };
        let Self { number, side, calibrating, .. } = *self;
        let done = !markers.is_empty() || matches!(command, Command::TapCheck | Command::Athlete(_));
        (markers, Asked { command, done, set: number, side, calibrating, void_from_s })
    }

    fn new_set(&mut self, side: Side) -> Vec<MarkerKind> {
        let goes_on = self.marking != Marking::People && side == self.side;
        let ends = std::mem::replace(&mut self.runs, true);
        if ends {
            self.before = Some((self.side, self.began));
        }
        self.side = side;
        self.number += 1;
        self.begin();
        // A search goes on after the end of a set.
        let begins = (!goes_on).then(|| self.marking.begins(side));
        ends.then_some(MarkerKind::SetEnd).into_iter().chain(begins).collect()
    }

    /// Nothing was done in the running set.
    fn is_empty(&self) -> bool {
        self.repetitions.iter().all(|told| told.start.seconds() < self.began)
    }

    fn start_set(&mut self) -> Vec<MarkerKind> {
        match self.marking {
            // They begin by themselves.
            Marking::Finder { .. } => Vec::new(),
            Marking::People if self.runs && self.is_empty() => {
                self.begin();
                vec![MarkerKind::SetVoid, self.marking.begins(self.side)]
            }
            Marking::People => self.new_set(self.side),
        }
    }

    fn end_set(&mut self) -> Vec<MarkerKind> {
        match self.marking {
            // What was looked for and not found yet cannot end.
            Marking::Finder { .. } if self.is_empty() => Vec::new(),
            Marking::Finder { .. } => self.new_set(self.side),
            Marking::People if self.runs => {
                self.before = Some((self.side, self.began));
                (self.runs, self.calibrating) = (false, false);
                vec![MarkerKind::SetEnd]
            }
            Marking::People => Vec::new(),
        }
    }

    /// The markers, and from when on repetitions do not count, s.
    fn undo_set(&mut self) -> (Vec<MarkerKind>, Option<f64>) {
        let is_something = match self.marking {
            Marking::People => self.runs || self.before.is_some(),
            // Of what is only looked for there is nothing to undo.
            Marking::Finder { .. } => !self.is_empty() || self.before.is_some(),
        };
        if !is_something {
            return (Vec::new(), None);
        }
        let (markers, from) = match self.marking {
            // What is done again begins when somebody begins it.
            Marking::People => self.make_void(),
            Marking::Finder { .. } => self.redo(),
        };
        self.calibrating = false;
        (markers, Some(from))
    }

    fn begin(&mut self) {
        self.began = self.now.seconds();
        self.calibrating = false;
    }

    /// The last set does not count, and none runs: the markers, and from when on repetitions do not count, s.
    fn make_void(&mut self) -> (Vec<MarkerKind>, f64) {
        let ran = std::mem::replace(&mut self.runs, false);
        let is_nothing = !ran || self.is_empty();
        let mut began = self.began;
        let mut voids = u32::from(ran);
        if let Some((side, before)) = self.before.take().filter(|_| is_nothing) {
            (self.side, began) = (side, before);
            voids += 1;
        }
        self.number = self.number.saturating_sub(voids);
        self.repetitions.retain(|told| told.start.seconds() < began);
        ((0..voids).map(|_| MarkerKind::SetVoid).collect(), began)
    }

    /// The markers, and from when on repetitions do not count, s.
    fn redo(&mut self) -> (Vec<MarkerKind>, f64) {
        let running = self.side;
        let (mut markers, began) = self.make_void();
        self.number += 1;
        self.runs = true;
        self.begin();
        match self.marking {
            Marking::Finder { .. } if self.side == running => {}
            marking => markers.push(marking.begins(self.side)),
        }
        (markers, began)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::SessionTime;

    fn markers(sets: &mut Sets, command: Command) -> Vec<MarkerKind> {
        sets.ask(command).0
    }

    #[test]
    fn where_people_begin_sets_nothing_counts_before_and_what_cannot_be_done_is_said() {
        let mut sets = Sets::new(Side::Left, Marking::People).begun_by_people();
        let start = MarkerKind::SetStart { side: Side::Left };
        assert_eq!(sets.first().kind, MarkerKind::SetVoid);
        for nothing in [Command::EndSet, Command::UndoSet] {
            let (none, asked) = sets.ask(nothing);
            assert_eq!((none, asked.done, asked.set), (vec![], false, 0));
        }
        sets.at(HostTime::from_seconds(5.0));
        assert_eq!(markers(&mut sets, Command::StartSet), std::slice::from_ref(&start));
        sets.at(HostTime::from_seconds(8.0));
        // Begun twice, it is begun anew.
        let (anew, asked) = sets.ask(Command::StartSet);
        assert_eq!((anew, asked.set, asked.done), (vec![MarkerKind::SetVoid, start.clone()], 1, true));
        repetition(&mut sets, 10, 13);
        assert_eq!(markers(&mut sets, Command::EndSet), [MarkerKind::SetEnd]);
        assert_eq!(markers(&mut sets, Command::EndSet), []);
        sets.at(HostTime::from_seconds(20.0));
        // The one that has ended does not count, and none runs.
        let (void, asked) = sets.ask(Command::UndoSet);
        assert_eq!((void, asked.set, asked.void_from_s), (vec![MarkerKind::SetVoid], 0, Some(8.0)));
        assert_eq!(markers(&mut sets, Command::UndoSet), [], "only the last one");
        assert_eq!(markers(&mut sets, Command::StartSet), std::slice::from_ref(&start));
        repetition(&mut sets, 21, 24);
        // Who goes on without an end begins the next one all the same.
        sets.at(HostTime::from_seconds(30.0));
        let (next, asked) = sets.ask(Command::StartSet);
        assert_eq!((next, asked.set), (vec![MarkerKind::SetEnd, start.clone()], 2));
        // Nothing was done in it: the one before does not count either.
        let (void, asked) = sets.ask(Command::UndoSet);
        assert_eq!((void, asked.set), (vec![MarkerKind::SetVoid, MarkerKind::SetVoid], 0));
        // A key begins one as ever.
        assert_eq!(markers(&mut sets, Command::NewSet), [start]);
    }

    #[test]
    fn sets_that_are_looked_for_begin_by_themselves_and_end_and_are_undone_when_there_is_something() {
        let asked = Dose { min_repetitions: 3, max_repetitions: 5 };
        let marking = Marking::Finder { asked, end_on_form_loss: false };
        let mut sets = Sets::new(Side::Left, marking).begun_by_people();
        assert_eq!(sets.first().kind, MarkerKind::SearchStart { side: Side::Left, least: 3, most: 5 });
        for nothing in [Command::StartSet, Command::EndSet, Command::UndoSet] {
            assert_eq!(markers(&mut sets, nothing), []);
        }
        repetition(&mut sets, 1, 4);
        sets.at(HostTime::from_seconds(6.0));
        assert_eq!(markers(&mut sets, Command::EndSet), [MarkerKind::SetEnd]);
        repetition(&mut sets, 8, 11);
        assert_eq!(markers(&mut sets, Command::UndoSet), [MarkerKind::SetVoid]);
    }

    /// A repetition that began and ended then, s.
    fn repetition(sets: &mut Sets, from: i64, to: i64) {
        let at = |seconds: i64| SessionTime::from_nanos(seconds * 1_000_000_000);
        sets.repetitions.push(Span { start: at(from), end: at(to) });
    }

    #[test]
    fn commands_become_markers() {
        let mut sets = Sets::new(Side::Left, Marking::People);
        let start = MarkerKind::SetStart { side: Side::Right };
        assert_eq!(markers(&mut sets, Command::OtherLeg), [MarkerKind::SetEnd, start.clone()]);
        repetition(&mut sets, 0, 1);
        assert_eq!(markers(&mut sets, Command::RedoSet), [MarkerKind::SetVoid, start]);
        assert_eq!(markers(&mut sets, Command::Calibration), [MarkerKind::CalibrationStart]);
        assert_eq!(markers(&mut sets, Command::Calibration), [MarkerKind::CalibrationEnd]);
        assert_eq!(markers(&mut sets, Command::ClockCheck), [MarkerKind::ClockCheck]);
        let (none, asked) = sets.ask(Command::TapCheck);
        assert_eq!((none, asked.set, asked.side), (vec![], 2, Side::Right));
    }

    #[test]
    fn the_last_set_is_the_one_before_until_something_is_done() {
        let mut sets = Sets::new(Side::Left, Marking::People);
        sets.at(HostTime::from_seconds(5.0));
        repetition(&mut sets, 1, 4);
        sets.ask(Command::OtherLeg);
        sets.at(HostTime::from_seconds(9.0));
        // Nothing was done on the other leg yet: the set before does not count, on its own leg.
        let again = MarkerKind::SetStart { side: Side::Left };
        let (said, asked) = sets.ask(Command::RedoSet);
        assert_eq!(said, [MarkerKind::SetVoid, MarkerKind::SetVoid, again.clone()]);
        assert_eq!((asked.set, asked.side, asked.void_from_s), (1, Side::Left, Some(0.0)));
        // Asked twice, it does no more.
        assert_eq!(markers(&mut sets, Command::RedoSet), [MarkerKind::SetVoid, again.clone()]);
        repetition(&mut sets, 10, 13);
        sets.at(HostTime::from_seconds(14.0));
        sets.ask(Command::NewSet);
        repetition(&mut sets, 15, 18);
        sets.at(HostTime::from_seconds(19.0));
        let (said, asked) = sets.ask(Command::RedoSet);
        assert_eq!(said, [MarkerKind::SetVoid, again]);
        assert_eq!((asked.set, asked.void_from_s), (2, Some(14.0)), "the first set counts");
    }

    #[test]
    fn a_search_goes_on_and_what_is_found_is_marked() {
        let asked = Dose { min_repetitions: 3, max_repetitions: 5 };
        let marking = Marking::Finder { asked, end_on_form_loss: false };
        let mut sets = Sets::new(Side::Left, marking);
        let search = |side| MarkerKind::SearchStart { side, least: 3, most: 5 };
        assert_eq!(sets.first().kind, search(Side::Left));
        let over = |sets: &mut Sets, at: f64| {
            let at = HostTime::from_seconds(at);
            sets.hear(&Message { at, subject: Subject::Movement(Box::new(LiveEvent::SetOver(at))) })
        };
        repetition(&mut sets, 1, 4);
        let found = over(&mut sets, 12.0).expect("a marker");
        assert_eq!((found.at.seconds(), found.kind), (12.0, MarkerKind::SetFound));
        sets.at(HostTime::from_seconds(14.0));
        // Somebody takes it back, and then ends one by hand: the search goes on.
        let (said, asked) = sets.ask(Command::RedoSet);
        assert_eq!(said, [MarkerKind::SetVoid, MarkerKind::SetVoid]);
        assert_eq!((asked.set, asked.void_from_s), (1, Some(0.0)));
        assert_eq!(markers(&mut sets, Command::NewSet), [MarkerKind::SetEnd]);
        // What the finder says of a set that is over already comes too late.
        assert_eq!(over(&mut sets, 13.0), None);
        assert_eq!(markers(&mut sets, Command::OtherLeg), [MarkerKind::SetEnd, search(Side::Right)]);
        assert_eq!(
            markers(&mut sets, Command::RedoSet),
            [MarkerKind::SetVoid, MarkerKind::SetVoid, search(Side::Left)]
        );
    }
}
