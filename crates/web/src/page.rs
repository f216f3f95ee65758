//! What is shown and who watches: every event of a session changes a board, and what changed of it is sent to everybody who watches.
//!
//! Nothing here waits for a viewer. Each has a queue of its own; who does not empty it loses the connection, comes back by itself and
//! gets the whole state. So memory stays flat, and no viewer ever holds up a recording.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::{self, Receiver, Sender};
use truehinge_core::words::Language;
use truehinge_session::coach::Subject;
use truehinge_session::recording::voice::{Utterance, Voice};
use truehinge_session::recording::{Board, Control, Event};

use crate::view::{Said, Section, Showing};

/// Messages that may wait for a viewer; it is twenty seconds' worth while somebody moves.
const QUEUE: usize = 512;
/// Pages that may be open at once.
const VIEWERS: usize = 64;

/// The page of a session. Clones are the same page.
#[derive(Clone)]
pub struct Page(Arc<Mutex<Inner>>);

struct Inner {
    showing: Showing,
    board: Board,
    voice: Voice,
    control: Option<Control>,
    channels: [Channel; Language::ALL.len()],
    /// Number of the last message.
    number: u64,
    /// Nothing more will come.
    over: bool,
}

/// Everybody who watches in one language.
struct Channel {
    language: Language,
    /// What they know of each section.
    known: [Value; Section::ALL.len()],
    viewers: Vec<Sender<Bytes>>,
}

impl Page {
    /// Of a session that has not begun.
    pub fn new(showing: Showing) -> Self {
        let channels =
            Language::ALL.map(|language| Channel { language, known: Default::default(), viewers: Vec::new() });
        let (board, voice) = (Board::default(), Voice::default());
        Self(Arc::new(Mutex::new(Inner { showing, board, voice, control: None, channels, number: 0, over: false })))
    }

    /// Something happened. Whatever goes wrong here stays here: the session goes on.
    pub fn tell(&self, event: &Event) {
        // Its message stands on standard error; a page that shows too little is better than a recording that ends.
        let _ = catch_unwind(AssertUnwindSafe(|| self.locked().tell(event)));
    }

    /// Lets those who may operate the session do so.
    pub fn operated_by(&self, control: Control) {
        self.locked().control = Some(control);
    }

    /// How many pages are open.
    pub fn viewers(&self) -> usize {
        self.locked().viewers()
    }

    pub(crate) fn control(&self) -> Option<Control> {
        self.locked().control.clone()
    }

    /// The whole state, then every change; `None` while too many pages are open. It ends when the page does.
    pub(crate) fn watch(&self, language: Language, may_operate: bool) -> Option<Receiver<Bytes>> {
        self.locked().watch(language, may_operate)
    }

    /// Nothing more will come: every stream ends when what waits in it is sent.
    pub(crate) fn end(&self) {
        let mut inner = self.locked();
        inner.over = true;
        inner.channels.iter_mut().for_each(|channel| channel.viewers.clear());
    }

    /// What a thread that panicked has left is still the best there is.
    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn tell(&mut self, event: &Event) {
        let stage = self.board.stage;
        self.board.hears(event);
        let changed: &[Section] = match event {
            // Hundreds a second; the rest of what they change is sent with the number of samples.
            Event::Packet { .. } | Event::Gap { .. } if stage == self.board.stage => return,
            Event::Samples { .. } => &[Section::Head, Section::Sensors],
            Event::Coach(message) if matches!(message.subject, Subject::Knee(_)) => &[Section::Knee],
            _ => &Section::ALL,
        };
        let said = self.voice.hears(event, &self.board);
        self.number += 1;
        let Self { showing, board, channels, number, .. } = self;
        for channel in channels.iter_mut().filter(|channel| !channel.viewers.is_empty()) {
            channel.change(changed, board, *showing, *number);
            if let Some(said) = &said {
                channel.say(said, *number);
            }
        }
    }

    fn viewers(&mut self) -> usize {
        for channel in &mut self.channels {
            channel.viewers.retain(|viewer| !viewer.is_closed());
        }
        self.channels.iter().map(|channel| channel.viewers.len()).sum()
    }

    fn watch(&mut self, language: Language, may_operate: bool) -> Option<Receiver<Bytes>> {
        if self.viewers() >= VIEWERS {
            return None;
        }
        let (viewer, queue) = mpsc::channel(QUEUE);
        let can_operate = may_operate && self.control.is_some();
        let Self { showing, board, channels, number, over, .. } = self;
        let channel = channels.iter_mut().find(|channel| channel.language == language)?;
        if channel.viewers.is_empty() {
            channel.look(board, *showing);
        }
        let mut state: Map<String, Value> = Section::ALL
            .iter()
            .zip(&channel.known)
            .map(|(section, shown)| (section.name().to_owned(), shown.clone()))
            .collect();
        state.insert("labels".to_owned(), json!(language.live_labels()));
        state.insert("language".to_owned(), json!(language.code()));
        state.insert("operate".to_owned(), json!(can_operate));
        // Its queue is new: there is room.
        let _ = viewer.try_send(message(*number, "state", &Value::Object(state)));
        if !*over {
            channel.viewers.push(viewer);
        }
        Some(queue)
    }
}

impl Channel {
    /// Brings what is known up to date without telling anybody.
    fn look(&mut self, board: &Board, showing: Showing) {
        self.known = Section::ALL.map(|section| section.of(board, showing, self.language));
    }

    /// Tells what changed of these sections.
    fn change(&mut self, sections: &[Section], board: &Board, showing: Showing, number: u64) {
        let mut changes = Map::new();
        for section in sections {
            let (shown, known) = (section.of(board, showing, self.language), &mut self.known[*section as usize]);
            if shown != *known {
                *known = shown;
                changes.insert(section.name().to_owned(), known.clone());
            }
        }
        if !changes.is_empty() {
            let is_passing = changes.len() == 1 && changes.get(Section::Knee.name()).is_some_and(Value::is_object);
            self.send(&message(number, "change", &Value::Object(changes)), is_passing);
        }
    }

    fn say(&mut self, said: &Utterance, number: u64) {
        self.send(&message(number, "say", &json!(Said::of(said, self.language))), false);
    }

    /// To everybody. Who has let a whole queue grow loses the connection; where the knee was a moment ago, nobody waits for.
    fn send(&mut self, message: &Bytes, is_passing: bool) {
        self.viewers.retain(|viewer| {
            (is_passing && viewer.capacity() < QUEUE / 2 && !viewer.is_closed())
                || viewer.try_send(message.clone()).is_ok()
        });
    }
}

/// A message of server-sent events.
fn message(number: u64, kind: &str, data: &Value) -> Bytes {
    Bytes::from(format!("id: {number}\nevent: {kind}\ndata: {data}\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_ble::LinkError;
    use truehinge_core::{HostTime, SensorRole};

    fn text(message: &Bytes) -> String {
        String::from_utf8_lossy(message).into_owned()
    }

    fn battery(percent: u8) -> Event {
        Event::Battery { role: SensorRole::Hip, percent }
    }

    #[test]
    fn a_viewer_gets_the_whole_state_and_then_what_changes() {
        let page = Page::new(Showing::Session);
        page.tell(&battery(80));
        let mut queue = page.watch(Language::English, true).expect("a place");
        let state = text(&queue.try_recv().expect("a state"));
        assert!(state.starts_with("id: 1\nevent: state\n") && state.contains("\"battery_pct\":80"), "{state}");
        assert!(state.contains("\"operate\":false"), "nobody can operate what has no control: {state}");
        page.tell(&battery(80));
        assert!(queue.try_recv().is_err(), "nothing changed");
        page.tell(&battery(79));
        let change = text(&queue.try_recv().expect("a change"));
        assert!(change.contains("event: change") && change.contains("\"battery_pct\":79"), "{change}");
        assert!(!change.contains("prompt"), "{change}");
        page.end();
        assert_eq!(queue.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
        let mut late = page.watch(Language::German, false).expect("a place");
        assert!(text(&late.try_recv().expect("the last state")).contains("79"));
        assert_eq!(late.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
    }

    #[test]
    fn who_does_not_listen_is_left_behind_and_nobody_waits() {
        let page = Page::new(Showing::Session);
        let mut asleep = page.watch(Language::English, false).expect("a place");
        let mut awake = page.watch(Language::English, false).expect("a place");
        let mut heard = 0;
        for round in 0..3 * QUEUE {
            page.tell(&battery(u8::try_from(round % 100).expect("small")));
            heard += std::iter::from_fn(|| awake.try_recv().ok()).count();
        }
        assert_eq!(heard, 3 * QUEUE + 1);
        assert_eq!(page.viewers(), 1);
        let waiting = std::iter::from_fn(|| asleep.try_recv().ok()).count();
        assert_eq!(waiting, QUEUE, "no more than its queue");
        drop(awake);
        assert_eq!(page.viewers(), 0);
    }

    #[test]
    fn there_is_an_end_to_how_many_may_watch() {
        let page = Page::new(Showing::Session);
        let open: Vec<_> = (0..VIEWERS).map(|_| page.watch(Language::English, false).expect("a place")).collect();
        assert!(page.watch(Language::German, false).is_none());
        drop(open);
        assert!(page.watch(Language::German, false).is_some());
    }

    #[test]
    fn what_is_said_goes_to_everybody_in_their_language() {
        let page = Page::new(Showing::Session);
        let mut queue = page.watch(Language::German, false).expect("a place");
        queue.try_recv().expect("a state");
        let cause = LinkError::Dropped;
        page.tell(&Event::Lost { at: HostTime::from_seconds(2.0), role: SensorRole::Shank, cause });
        let messages: Vec<String> =
            std::iter::from_fn(|| queue.try_recv().ok()).map(|message| text(&message)).collect();
        let said = messages.iter().find(|message| message.contains("event: say")).expect("said");
        assert!(said.contains("Nicht zu hören: Unterschenkelsensor"), "{said}");
        assert!(said.contains(r#""modes":["count","cue","tempo"]"#), "{said}");
    }
}
