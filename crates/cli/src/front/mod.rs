//! Where what happens in a session is shown, whether it is recorded or replayed: in lines or on the terminal as a screen, on a page, aloud.

pub mod page;
mod speech;

use std::io::IsTerminal;
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;
use truehinge_session::recording::{Board, Control, Event};
use truehinge_web::{Page, Showing};

use crate::args::FrontArgs;
use crate::lines;
use crate::screen::{Screen, change, locked};
use page::Served;
use speech::Speaker;

/// Where what happens is shown. A screen is followed by lines for what is left to say.
#[derive(Clone)]
pub struct Front {
    json: bool,
    showing: Showing,
    /// The terminal is to be a screen.
    wants_screen: bool,
    /// What the screen shows, as long as there is one.
    screen: Arc<Mutex<Option<Arc<Mutex<Board>>>>>,
    page: Option<Page>,
    /// Where it is.
    links: Vec<String>,
    speaker: Option<Arc<Mutex<Speaker>>>,
}

impl Front {
    /// A line for everything; or, if it is wanted and there is a terminal, a screen.
    pub fn new(showing: Showing, is_screen: bool, json: bool) -> Self {
        let is_screen = is_screen && !json && std::io::stdout().is_terminal();
        let screen = Arc::new(Mutex::new(is_screen.then(Arc::default)));
        Self { json, showing, wants_screen: is_screen, screen, page: None, links: Vec::new(), speaker: None }
    }

    /// Gets ready for another session after one was closed.
    pub fn renew(&self) {
        *locked(&self.screen) = self.wants_screen.then(Arc::default);
    }

    /// Whether the terminal is a screen.
    pub fn is_screen(&self) -> bool {
        locked(&self.screen).is_some()
    }

    /// Serves a page and speaks, as far as that is asked for, and says where the page is.
    ///
    /// # Errors
    /// The page cannot be served.
    pub fn with(mut self, args: &FrontArgs) -> Result<(Self, Option<Served>), truehinge_web::Error> {
        self.speaker = Speaker::of(args).map(|speaker| Arc::new(Mutex::new(speaker)));
        let served = Served::of(args, self.showing, self.json)?;
        self.page = served.as_ref().map(Served::page);
        self.links = served.as_ref().map(|served| served.links.clone()).unwrap_or_default();
        Ok((self, served))
    }

    /// Hears everything.
    pub fn listener(&self) -> impl FnMut(&Event) + Send + 'static + use<> {
        let front = self.clone();
        move |event| front.hear(event)
    }

    fn hear(&self, event: &Event) {
        if let Some(page) = &self.page {
            page.tell(event);
        }
        if let Some(speaker) = &self.speaker {
            locked(speaker).hear(event);
        }
        let screen = locked(&self.screen).clone();
        match screen {
            // Said before the screen opens.
            Some(_) if matches!(event, Event::Unfinished { .. }) => lines::say(event, self.json),
            Some(board) => change(&board, |board| board.hears(event)),
            None if self.showing == Showing::Session => lines::say(event, self.json),
            // What a recording keeps of the sensors is said by other commands.
            None if matches!(event, Event::Coach(_)) => lines::say(event, self.json),
            None => {}
        }
    }

    /// Opens the screen, if it is to be one. Its keys do what they say by the control; they end the session, or the replay, by `stop`.
    pub fn open(&self, stop: CancellationToken, control: Option<Control>) -> Option<Screen> {
        if let (Some(page), Some(control)) = (&self.page, &control) {
            page.operated_by(control.clone());
        }
        locked(&self.screen).clone().map(|board| Screen::open(board, self.links.clone(), stop, control))
    }

    /// Gives the terminal back; what is left to say is said in lines.
    pub fn close(&self, screen: Option<Screen>) {
        screen.into_iter().for_each(Screen::close);
        *locked(&self.screen) = None;
    }

    /// Waits until the last words are spoken.
    pub fn fall_silent(&self) {
        if let Some(speaker) = &self.speaker {
            locked(speaker).end();
        }
    }
}
