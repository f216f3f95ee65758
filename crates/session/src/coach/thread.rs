//! A coach on a thread of its own.

use std::sync::mpsc;
use std::thread::JoinHandle;

use truehinge_core::Stored;

use super::{Coach, Message};

/// A coach on a thread of its own: the recorder never waits for an analysis.
pub struct CoachThread {
    // Without a bound: it empties a hundred times faster than two sensors fill it.
    story: mpsc::Sender<Stored>,
    thread: JoinHandle<Coach>,
}

impl CoachThread {
    /// Starts it; `tell` is called on its thread.
    pub fn start(mut coach: Coach, mut tell: impl FnMut(Message) + Send + 'static) -> Self {
        let (story, heard) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            for stored in heard {
                coach.hear(&stored, &mut tell);
            }
            coach
        });
        Self { story, thread }
    }

    /// Passes something on.
    pub fn hear(&self, stored: Stored) {
        // Should the coach have failed, the recording goes on.
        let _ = self.story.send(stored);
    }

    /// Waits for what is still being analysed; `None` if the coach has failed.
    pub fn end(self) -> Option<Coach> {
        drop(self.story);
        self.thread.join().ok()
    }
}
