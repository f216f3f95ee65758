//! The live screen of `record`: sensors, what to do, and a tile for every repetition.

mod draw;
mod state;
#[path = "../../../session/src/recording/tap.rs"]
mod tap;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use truehinge_ble::radio::HostClock;
use truehinge_core::Marker;

use state::Key;
pub use state::{SensorLine, State};

/// Between pictures.
const REFRESH: Duration = Duration::from_millis(100);

/// A screen that runs on a thread of its own until the recording ends.
pub struct Screen {
    state: Arc<Mutex<State>>,
    closed: CancellationToken,
    thread: JoinHandle<io::Result<()>>,
}

impl Screen {
    /// Takes over the terminal. Keys become markers, or end the recording.
    pub fn open(state: State, clock: HostClock, markers: mpsc::Sender<Marker>, stop: CancellationToken) -> Self {
        let state = Arc::new(Mutex::new(state));
        let closed = CancellationToken::new();
        let (shown, until) = (Arc::clone(&state), closed.clone());
        let thread = std::thread::spawn(move || {
            // Restores the terminal even after a panic.
            let mut terminal = ratatui::try_init()?;
            let result = show(&mut terminal, &shown, &until, &|key, state| {
                if key == Key::Quit {
                    stop.cancel();
                }
                for kind in state.key(key) {
                    // Where the recorder does not take it, it is ending.
                    let _ = markers.try_send(Marker { at: clock.now(), kind });
                }
            });
            ratatui::try_restore()?;
            // Without a screen nobody could end the recording.
            if result.is_err() {
                stop.cancel();
            }
            result
        });
        Self { state, closed, thread }
    }

    /// What it shows, to be changed.
    pub fn state(&self) -> Arc<Mutex<State>> {
        Arc::clone(&self.state)
    }

    /// Gives the terminal back.
    pub fn close(self) {
        self.closed.cancel();
        if let Ok(Err(error)) = self.thread.join() {
            eprintln!("the screen failed: {error}; the recording is whole");
        }
    }
}

/// Changes what a screen shows.
pub fn change(state: &Mutex<State>, change: impl FnOnce(&mut State)) {
    change(&mut state.lock().unwrap_or_else(PoisonError::into_inner));
}

fn show(
    terminal: &mut ratatui::DefaultTerminal,
    state: &Mutex<State>,
    closed: &CancellationToken,
    pressed: &dyn Fn(Key, &mut State),
) -> io::Result<()> {
    while !closed.is_cancelled() {
        {
            let state = state.lock().unwrap_or_else(PoisonError::into_inner);
            terminal.draw(|frame| draw::draw(frame, &state))?;
        }
        if !event::poll(REFRESH)? {
            continue;
        }
        if let Event::Key(event) = event::read()?
            && let Some(key) = meaning(event)
        {
            pressed(key, &mut state.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
    Ok(())
}

fn meaning(event: KeyEvent) -> Option<Key> {
    if event.kind != KeyEventKind::Press {
        return None;
    }
    match event.code {
        KeyCode::Char('c') if event.modifiers.contains(KeyModifiers::CONTROL) => Some(Key::Quit),
        KeyCode::Char('q') | KeyCode::Esc => Some(Key::Quit),
        KeyCode::Char('n') => Some(Key::NewSet),
        KeyCode::Char('s') => Some(Key::SwitchSide),
        KeyCode::Char('r') => Some(Key::Redo),
        KeyCode::Char('c') => Some(Key::Calibrate),
        KeyCode::Char('t') => Some(Key::Tap),
        KeyCode::Char('k') => Some(Key::Knock),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_c_ends_and_c_alone_calibrates() {
        let key = |code, modifiers| meaning(KeyEvent::new(code, modifiers));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Key::Quit));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::NONE), Some(Key::Calibrate));
        assert_eq!(key(KeyCode::Char('x'), KeyModifiers::NONE), None);
    }
}
