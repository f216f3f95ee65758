//! Where what happens is shown: in lines, or on the terminal as a screen.

use std::sync::{Arc, Mutex};

use truehinge_session::recording::{Control, Event};

use crate::lines;
use crate::screen::{Screen, State, change, locked};

/// Where what happens is shown. A screen is followed by lines for what is left to say.
#[derive(Clone)]
pub struct Front {
    json: bool,
    /// What the screen shows, as long as there is one.
    screen: Arc<Mutex<Option<Arc<Mutex<State>>>>>,
}

impl Front {
    /// A line for everything.
    pub fn lines(json: bool) -> Self {
        Self { json, screen: Arc::default() }
    }

    /// The terminal as a screen.
    pub fn screen() -> Self {
        Self { json: false, screen: Arc::new(Mutex::new(Some(Arc::default()))) }
    }

    /// Hears everything.
    pub fn listener(&self) -> impl FnMut(&Event) + Send + 'static + use<> {
        let front = self.clone();
        move |event| front.hear(event)
    }

    fn hear(&self, event: &Event) {
        let screen = locked(&self.screen).clone();
        match screen {
            // Said before the screen opens.
            Some(_) if matches!(event, Event::Unfinished { .. }) => lines::say(event, self.json),
            Some(state) => change(&state, |state| state.hears(event)),
            None => lines::say(event, self.json),
        }
    }

    /// Opens the screen, if it is to be one. Its keys do what they say by the control.
    pub fn open(&self, control: Control) -> Option<Screen> {
        locked(&self.screen).clone().map(|state| Screen::open(state, control))
    }

    /// Gives the terminal back; what is left to say is said in lines.
    pub fn close(&self, screen: Option<Screen>) {
        screen.into_iter().for_each(Screen::close);
        *locked(&self.screen) = None;
    }
}
